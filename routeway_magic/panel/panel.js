// The panel's page side: one view of a `Panel`. What is done here is said to the kernel
// by messages, what the kernel says is shown. HTML comes from the kernel alone, which
// makes it safe; text of any kind goes in by `textContent`.

const TYPED = 60; // ms without a key before completions are asked for
const PAUSED = 300; // ms without a key before the chips are
const GREETING = 250; // ms between two messages to the Stop widget until it answers
const GREETINGS = 40; // so many at most
const PATIENCE = 1500; // ms after which the panel says that the kernel is not there
const NEAR_END = 40; // px from the end that still count as the end
const PART = 12; // pieces of an answer that are laid out, or left out, together
const FRAMES = 12; // in which turns that have come in above get their size
const READ_FOR = 6000; // ms that a passing remark stays
const REFERENCE = /\{[^\s{}][^{}]*$|\{$/; // before the caret: one that is being typed
const NOT_SET = "not set";
const WIDE = 720; // px from which the settings stand beside the conversation
const ENDINGS = { complete: "The answer is complete.", interrupted: "Stopped." };
const COPIES = [
  ["cell", "cell", "Copy as a %%claude cell"],
  ["httpx", "Python", "Copy as Python, with httpx"],
  ["anthropic", "SDK", "Copy as Python, with Anthropic's SDK"],
  ["curl", "curl", "Copy as a curl command"],
];

let counted = 0;
const chance = Math.random().toString(36).slice(2);
const unique = () => `${chance}-${Date.now().toString(36)}-${(counted += 1)}`;

function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

// Setting `hidden` to what it is already would still cost a look at all styles.
function showIf(isShown, node) {
  if (node.hidden === Boolean(isShown)) node.hidden = !isShown;
}

const button = (text, onclick, more = {}) =>
  h("button", { type: "button", class: "rwp-button", onclick, ...more }, text);

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function made(name, html, more = {}) {
  const node = h("div", { class: name, ...more });
  node.append(fragment(html));
  return node;
}

// Makes `node` what `fresh` is, touching only what differs: a selection, an opened
// thought and all that is laid out already stay.
function patch(node, fresh) {
  const now = [...node.childNodes];
  const next = [...fresh.childNodes];
  next.forEach((child, index) => {
    const old = now[index];
    if (old === undefined) node.append(child);
    else if (!alike(old, child)) old.replaceWith(child);
    else if (old.nodeType === Node.ELEMENT_NODE) patch(old, child);
    else if (old.data !== child.data) old.data = child.data;
  });
  now.slice(next.length).forEach((old) => old.remove());
}

function alike(one, other) {
  if (one.nodeName !== other.nodeName) return false;
  if (one.nodeType !== Node.ELEMENT_NODE) return true;
  const [mine, its] = [one, other].map((node) =>
    [...node.attributes].filter(({ name }) => !(name === "open" || name === "tabindex")),
  );
  return mine.length === its.length
    && mine.every(({ name, value }) => other.getAttribute(name) === value);
}

// ---------------------------------------------------------------- an answer as it comes

// Pieces: the last is made anew by each update, until it is finished and stays for good.
class Answer {
  constructor(panel, label) {
    this.panel = panel;
    this.parts = h("div");
    this.node = h("div", { class: "rwp-answer" }, label, this.parts);
    this.clear();
  }

  clear() {
    this.frozen = this.rest = "";
    this.parts.replaceChildren();
    this.last = this.piece();
  }

  // A thought that the reader has opened stays open, also when it is finished.
  update({ frozen, keep, tail }) {
    const opened = details(this.last).map((one) => one.open);
    const before = frozen ? details(this.freeze(frozen)) : [];
    this.rest = this.rest.slice(0, keep) + tail;
    patch(this.last, fragment(this.rest));
    const all = [...before, ...details(this.last)];
    opened.forEach((open, index) => open && all[index] && (all[index].open = true));
  }

  replace(html) {
    this.clear();
    if (html) this.freeze(html);
  }

  freeze(html) {
    const piece = this.last;
    patch(piece, fragment(html));
    this.frozen += html;
    this.panel.typeset(piece);
    this.last = this.piece();
    return piece;
  }

  // Pieces are kept in parts. One that is far up is laid out when it is looked at, and
  // costs nothing meanwhile.
  piece() {
    let part = this.parts.lastElementChild;
    if (!part || part.childElementCount === PART) {
      part?.previousElementSibling?.classList.add("rwp-past");
      part = h("div", { class: "rwp-part" });
      this.parts.append(part);
    }
    const piece = h("div", { class: "rwp-piece" });
    part.append(piece);
    return piece;
  }

  // What scrolls sideways can be scrolled with the keyboard as well.
  end() {
    requestAnimationFrame(() => {
      for (const wide of this.node.querySelectorAll("pre, table")) {
        if (wide.scrollWidth > wide.clientWidth + 1) wide.tabIndex = 0;
      }
    });
  }
}

const hidden = (text) => h("span", { class: "rwp-hidden" }, text);
const details = (node) => [...node.querySelectorAll("details")];

// ---------------------------------------------------------------- one turn

class Turn {
  constructor(panel, { id, question_html, model }) {
    this.panel = panel;
    this.id = id; // the request's while it runs, then the turn's
    this.seq = 0;
    this.answer = new Answer(panel, hidden("Answer: "));
    this.waiting = h("p", { class: "rwp-waiting", hidden: true });
    this.foot = h("div", { class: "rwp-foot" });
    const question = made("rwp-question", question_html);
    question.prepend(hidden("Question: "));
    this.node = h(
      "article",
      { class: "rwp-turn", "data-status": "running", "aria-label": `Turn, ${model}` },
      question,
      this.answer.node,
      this.waiting,
      this.foot,
    );
  }

  wait(reason) {
    if (this.waiting.textContent !== reason) this.waiting.textContent = reason;
    showIf(reason, this.waiting);
  }

  update({ seq, ...change }) {
    this.seq = seq;
    if (change.frozen || change.tail) this.wait("");
    this.answer.update(change);
  }

  // How it ended, complete or not; `answer_html` comes only if it is otherwise than
  // what was streamed, `html` in place of the footer if it failed.
  end({ turn, footer_html, html, status, answer_html }) {
    this.id = turn;
    this.wait("");
    if (answer_html !== undefined && answer_html !== null) this.answer.replace(answer_html);
    this.node.dataset.status = status;
    this.foot.replaceChildren(made("rwp-footer", html ?? footer_html), this.actions());
    this.answer.end();
  }

  actions() {
    const { panel } = this;
    const copies = COPIES.map(([as, text, title]) =>
      button(text, () => panel.copy({ turn: this.id, as }), { title, "aria-label": title }),
    );
    return h(
      "div",
      { class: "rwp-actions", role: "group", "aria-label": "This answer" },
      h("span", {}, "Copy as"),
      ...copies,
      button("Insert below", () => panel.insert(this.id), {
        title: "Put the %%claude cell below this one, without running it",
      }),
      button("Keep", () => panel.say("keep", { turn: this.id }), {
        title: "Show the answer below as an ordinary output, which needs no panel",
      }),
      button("Ask again", () => panel.again(this.id), {
        title: "Ask the same question again, from the same point",
      }),
    );
  }
}

// ---------------------------------------------------------------- all turns

class Transcript {
  constructor(panel) {
    this.panel = panel;
    this.turns = new Map(); // by id, in order
    this.follows = true;
    this.top = 0;
    this.empty = h("p", { class: "rwp-empty" }, "Ask something: the answer appears here.");
    this.list = h("div", { class: "rwp-list" });
    this.scroller = h(
      "div",
      { class: "rwp-scroller", tabindex: "0", role: "region", "aria-label": "Conversation" },
      this.empty,
      this.list,
    );
    this.earlier = button("", () => panel.say("earlier"), { hidden: true });
    this.list.before(this.earlier);
    this.jump = button("↓ Latest", () => this.follow(), { class: "rwp-jump", hidden: true });
    this.node = h("div", { class: "rwp-transcript" }, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => this.scrolled());
    // A cell that leaves the view loses its scroll position; the size tells of its return.
    this.observer = new ResizeObserver(() => this.settle());
    this.observer.observe(this.scroller);
    this.observer.observe(this.list);
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (clientHeight === 0) return;
    const isSame = scrollHeight === this.height && clientHeight === this.view;
    // Only the user's going up ends following, not what grows or is laid out anew.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.follows = true;
    else if (isSame && scrollTop < this.top) this.follows = false;
    this.top = scrollTop;
    showIf(!this.follows, this.jump);
  }

  settle() {
    const { scrollHeight, clientHeight } = this.scroller;
    if (clientHeight === 0) return;
    Object.assign(this, { height: scrollHeight, view: clientHeight });
    this.scroller.scrollTop = this.follows ? scrollHeight : this.top;
    // Of a full one the height is fixed: then what grows in it moves nothing around it.
    if (scrollHeight > clientHeight) this.node.classList.add("rwp-full");
  }

  follow() {
    this.follows = true;
    showIf(false, this.jump);
    this.settle();
  }

  get running() {
    return [...this.turns.values()].filter((turn) => turn.node.dataset.status === "running");
  }

  add(turn) {
    this.turns.set(turn.id, turn);
    this.list.append(turn.node);
    showIf(false, this.empty);
    return turn;
  }

  // Whether it has what the kernel takes for known, and so does not tell again.
  knows({ turns, running }) {
    const isThere = ({ id, status }) => this.turns.get(id)?.node.dataset.status === status;
    const isSeen = ({ id, seq }) => this.turns.get(id)?.seq >= seq;
    return turns.every((one) => one.answer_html !== undefined || isThere(one))
      && running.every((one) => one.frozen !== undefined || isSeen(one));
  }

  // What comes in above must not move what is being read.
  showAbove({ earlier, ...state }) {
    const first = this.list.firstElementChild;
    const before = first?.getBoundingClientRect().top;
    showIf(earlier, this.earlier);
    this.earlier.textContent = `↑ Earlier: ${earlier}`;
    this.show(state);
    if (first !== this.list.firstElementChild) this.hold(first, before, FRAMES);
  }

  // Keeps a turn where it stands on the screen, while those above it get their size.
  hold(node, top, frames) {
    if (!node?.isConnected || this.follows || frames === 0) return;
    this.top = this.scroller.scrollTop + node.getBoundingClientRect().top - top;
    this.settle();
    requestAnimationFrame(() => this.hold(node, top, frames - 1));
  }

  show({ turns, running }) {
    const told = new Set([...turns, ...running].map(({ id }) => id));
    for (const [id, turn] of this.turns) {
      if (!told.has(id)) this.drop(id, turn);
    }
    for (const one of turns) this.showEnded(one);
    for (const one of running) this.showRunning(one);
    [...turns, ...running].forEach(({ id }, index) => {
      const { node } = this.turns.get(id);
      if (this.list.children[index] !== node) {
        this.list.insertBefore(node, this.list.children[index] ?? null);
      }
    });
    showIf(this.turns.size === 0, this.empty);
    this.node.classList.remove("rwp-full");
    this.settle();
  }

  drop(id, turn) {
    turn.node.remove();
    this.turns.delete(id);
  }

  showEnded(one) {
    const known = this.turns.get(one.id);
    if (known?.node.dataset.status === one.status) return;
    if (known) this.drop(one.id, known);
    this.add(new Turn(this.panel, one)).end({ ...one, turn: one.id });
  }

  showRunning({ seq, frozen, tail, waiting, ...one }) {
    const known = this.turns.get(one.id);
    if (known && known.seq >= seq) return;
    if (known) this.drop(one.id, known);
    const turn = this.add(new Turn(this.panel, one));
    turn.update({ seq, frozen, keep: 0, tail });
    turn.wait(waiting || "");
  }

  delta(message) {
    const turn = this.turns.get(message.id);
    if (!turn || message.seq <= turn.seq) return;
    if (message.seq > turn.seq + 1) {
      this.panel.say("hello"); // one was missed: all of it, please
      return;
    }
    turn.update(message);
  }

  end(message) {
    const turn = this.turns.get(message.id);
    if (!turn) return;
    this.turns.delete(message.id);
    turn.end(message);
    this.turns.set(turn.id, turn);
  }
}

// ---------------------------------------------------------------- controls

// A control shows a value with `show` and tells of a new one with `put`; null is "not
// set", and not sent.
class Control {
  constructor(panel, spec) {
    this.panel = panel;
    this.spec = spec;
    this.id = `rwp-${unique()}`;
    this.unset = button("×", () => this.put(null), {
      class: "rwp-unset",
      title: "Not set: not sent",
      "aria-label": `${spec.label}: do not set`,
    });
    this.note = h("p", { class: "rwp-note", id: `${this.id}-note` });
    this.hint = h("p", { class: "rwp-hint", id: `${this.id}-hint`, "aria-live": "polite" });
    const label = h("label", { for: this.id, title: spec.help }, spec.label);
    const entry = h("div", { class: "rwp-entry" }, ...this.entry());
    const help = h("span", { class: "rwp-hidden", id: `${this.id}-help` }, spec.help);
    this.node = h(
      "div",
      { class: "rwp-control", "data-name": spec.name, "data-kind": spec.kind },
      h("div", { class: "rwp-head" }, label, this.unset),
      entry,
      help,
      this.note,
      this.hint,
    );
  }

  get describedBy() {
    return ["help", "note", "hint"].map((part) => `${this.id}-${part}`).join(" ");
  }

  field(tag, more = {}) {
    return h(tag, {
      id: this.id,
      placeholder: this.spec.default ? `${NOT_SET} (${this.spec.default})` : NOT_SET,
      "aria-describedby": this.describedBy,
      autocomplete: "off",
      spellcheck: "false",
      onchange: () => this.changed(),
      ...more,
    });
  }

  put(value) {
    this.tell("");
    this.panel.set(this.spec.name, value);
    this.show(value);
  }

  tell(text) {
    this.hint.textContent = text;
  }

  show(value) {
    const isSet = value !== null && value !== undefined;
    this.node.toggleAttribute("data-set", isSet);
    showIf(isSet, this.unset);
    this.display(isSet ? value : null);
  }
}

class TextControl extends Control {
  entry() {
    const long = this.spec.kind === "longtext";
    this.input = this.field(long ? "textarea" : "input", long ? { rows: 2 } : { type: "text" });
    return [this.input];
  }

  changed() {
    this.put(this.input.value === "" ? null : this.input.value);
  }

  display(value) {
    this.input.value = value ?? "";
  }
}

class ModelControl extends TextControl {
  entry() {
    this.list = h("datalist", { id: `${this.id}-list` });
    this.input = this.field("input", { type: "text", list: this.list.id });
    this.offer();
    return [this.input, this.list];
  }

  offer() {
    const known = this.panel.model.get("models") ?? [];
    this.list.replaceChildren(...known.map((id) => h("option", { value: id })));
  }
}

class NumberControl extends Control {
  entry() {
    const { min, max, step, label } = this.spec;
    this.input = this.field("input", { type: "number", step: "any" });
    if (min === undefined || min === null || max === undefined || max === null) {
      return [this.input];
    }
    this.slider = h("input", {
      type: "range",
      min,
      max,
      step: step ?? "any",
      "aria-label": `${label}, slider`,
      "aria-describedby": this.describedBy,
      oninput: () => this.slid(),
      onchange: () => this.put(this.slider.valueAsNumber),
    });
    return [this.slider, this.input];
  }

  slid() {
    this.node.toggleAttribute("data-set", true);
    this.input.value = this.slider.value;
    this.slider.removeAttribute("aria-valuetext");
  }

  changed() {
    if (this.input.validity.badInput) this.tell("This is not a number.");
    else this.put(this.input.value === "" ? null : this.input.valueAsNumber);
  }

  display(value) {
    this.input.value = value ?? "";
    if (!this.slider) return;
    this.slider.value = value ?? this.slider.min;
    if (value === null) this.slider.setAttribute("aria-valuetext", "not set");
    else this.slider.removeAttribute("aria-valuetext");
  }
}

// A choice among words; a value that is none of them, set elsewhere, is shown as well.
class ChoiceControl extends Control {
  entry() {
    this.select = h("select", {
      id: this.id,
      "aria-describedby": this.describedBy,
      onchange: () => this.changed(),
    });
    this.offer([]);
    return [this.select];
  }

  offer(further) {
    const words = [...new Set([...(this.spec.words ?? []), ...further])];
    this.select.replaceChildren(
      h("option", { value: "" }, NOT_SET),
      ...words.map((word) => h("option", { value: word }, word)),
    );
  }

  changed() {
    this.put(this.select.value || null);
  }

  display(value) {
    this.offer(value === null ? [] : [value]);
    this.select.value = value ?? "";
  }
}

class ThinkingControl extends ChoiceControl {
  entry() {
    this.budget = h("input", {
      type: "number",
      step: "1",
      placeholder: "tokens",
      "aria-label": "Thinking budget in tokens",
      "aria-describedby": this.describedBy,
      onchange: () => this.put(this.budget.value === "" ? null : this.budget.valueAsNumber),
    });
    return [...super.entry(), this.budget];
  }

  offer() {
    super.offer(["budget"]);
  }

  changed() {
    this.budget.hidden = this.select.value !== "budget";
    if (this.budget.hidden) super.changed();
    else this.budget.focus(); // it is set once there is a number
  }

  display(value) {
    const isBudget = typeof value === "number";
    super.display(isBudget ? "budget" : value);
    this.budget.hidden = !isBudget;
    this.budget.value = isBudget ? value : "";
  }
}

class TextsControl extends Control {
  entry() {
    this.values = [];
    this.chips = h("span", { class: "rwp-texts" });
    this.input = this.field("input", {
      type: "text",
      onkeydown: (event) => {
        if (event.key === "Enter") this.changed();
      },
    });
    return [this.chips, this.input];
  }

  changed() {
    if (this.input.value === "") return;
    this.put([...this.values, this.input.value]);
    this.input.value = "";
  }

  without(index) {
    const rest = this.values.filter((_, at) => at !== index);
    this.put(rest.length ? rest : null);
    this.input.focus();
  }

  display(value) {
    this.values = value ?? [];
    this.input.placeholder = this.values.length ? "one more" : NOT_SET;
    this.chips.replaceChildren(
      ...this.values.map((text, index) =>
        button(`${text.replaceAll("\n", "⏎")} ×`, () => this.without(index), {
          class: "rwp-text",
          "aria-label": `Remove ${text}`,
        }),
      ),
    );
  }
}

// Names of functions; those that there are now are offered.
class FunctionsControl extends TextsControl {
  entry() {
    this.list = h("datalist", { id: `${this.id}-list` });
    const fields = super.entry();
    this.input.setAttribute("list", this.list.id);
    this.input.addEventListener("focus", () => this.offer());
    return [...fields, this.list];
  }

  async offer() {
    const { items } = await this.panel.ask("complete", { text: "{" });
    const functions = items.filter(({ kind }) => kind === "function");
    this.list.replaceChildren(...functions.map(({ text }) => h("option", { value: text })));
  }
}

class JsonControl extends Control {
  entry() {
    this.input = this.field("textarea", { rows: 1 });
    return [this.input];
  }

  changed() {
    const text = this.input.value.trim();
    try {
      this.put(text === "" ? null : JSON.parse(text));
    } catch (error) {
      this.tell(`This is not JSON yet: ${error.message}`);
    }
  }

  display(value) {
    this.input.value = value === null ? "" : JSON.stringify(value);
  }
}

const CONTROLS = {
  number: NumberControl,
  integer: NumberControl,
  text: TextControl,
  longtext: TextControl,
  texts: TextsControl,
  functions: FunctionsControl,
  choice: ChoiceControl,
  thinking: ThinkingControl,
  json: JsonControl,
  model: ModelControl,
};

class Settings {
  constructor(panel) {
    this.panel = panel;
    this.controls = new Map();
    this.node = h("section", {
      class: "rwp-settings",
      id: `rwp-${unique()}`,
      "aria-label": "Settings of the next request",
    });
    this.toggle = button("Settings", () => this.open(this.node.hidden), {
      "aria-controls": this.node.id,
    });
    this.summary = h("span", { class: "rwp-summary" });
    this.open(false);
    this.build();
    panel.on("change:controls", () => this.build());
    panel.on("change:models", () => this.controls.get("model")?.offer());
    panel.on("change:notes", () => this.remark());
    panel.on("change:hints", () => this.remark());
  }

  open(isOpen) {
    this.node.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
  }

  build() {
    for (const spec of this.panel.model.get("controls") ?? []) {
      if (this.controls.has(spec.name)) continue;
      const control = new (CONTROLS[spec.kind] ?? TextControl)(this.panel, spec);
      this.controls.set(spec.name, control);
      this.node.append(control.node);
      this.panel.on(`change:${spec.name}`, () => this.show(spec.name));
      this.show(spec.name);
    }
    this.remark();
  }

  show(name) {
    this.controls.get(name).show(this.panel.model.get(name));
    this.summarize();
  }

  summarize() {
    const set = [...this.controls.keys()]
      .map((name) => [name, this.panel.model.get(name)])
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => `${name} ${shortened(value)}`);
    this.summary.textContent = set.join(" · ");
  }

  remark() {
    const notes = this.panel.model.get("notes") ?? {};
    const hints = this.panel.model.get("hints") ?? {};
    for (const [name, control] of this.controls) {
      control.note.textContent = notes[name] ?? "";
      control.tell(hints[name] ?? "");
    }
    if (this.isHinted) this.open(true);
  }

  get isHinted() {
    return Object.keys(this.panel.model.get("hints") ?? {}).some((name) => this.controls.has(name));
  }
}

function shortened(value) {
  const isPlain = typeof value === "string" || Array.isArray(value);
  const text = isPlain ? String(value) : JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}

// ---------------------------------------------------------------- the prompt box

class Prompt {
  constructor(panel) {
    this.panel = panel;
    this.id = `rwp-${unique()}`;
    this.box = h("textarea", {
      id: this.id,
      class: "rwp-box",
      rows: 3,
      placeholder: "Ask Claude… {name} stands for a variable",
      "aria-label": "Prompt",
      "aria-describedby": `${this.id}-keys`,
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-controls": `${this.id}-popup`,
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onblur: () => this.popup.close(),
    });
    this.popup = new Popup(this.box, `${this.id}-popup`, (item, closes) =>
      this.complete(item, closes),
    );
    this.chips = h("div", { class: "rwp-chips", "aria-label": "Variables", role: "group" });
    this.shown = h("div", { class: "rwp-preview", hidden: true });
    this.node = h(
      "div",
      { class: "rwp-prompt" },
      this.shown,
      this.chips,
      h("div", { class: "rwp-field" }, this.box, this.popup.node),
      h("span", { class: "rwp-hidden", id: `${this.id}-keys` },
        "Shift-Enter sends. A brace offers the notebook's variables: arrows choose, Enter takes, Escape closes."),
    );
    this.box.value = panel.draft;
    if (this.box.value) this.refresh();
  }

  get text() {
    return this.box.value;
  }

  set text(text) {
    this.box.value = text;
    this.typed();
  }

  typed() {
    this.panel.draft = this.text;
    clearTimeout(this.asking);
    clearTimeout(this.refreshing);
    this.popup.close();
    const before = this.text.slice(0, this.box.selectionEnd);
    if (document.activeElement === this.box && REFERENCE.test(before)) {
      this.asking = setTimeout(() => this.ask(before), TYPED);
    }
    this.refreshing = setTimeout(() => this.refresh(), PAUSED);
  }

  key(event) {
    if (this.popup.key(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.panel.submit();
    }
  }

  async ask(before) {
    const { from, items } = await this.panel.ask("complete", { text: before });
    const isStale = this.text.slice(0, this.box.selectionEnd) !== before;
    if (isStale || document.activeElement !== this.box) return;
    this.from = from;
    this.popup.open(items, this.from);
  }

  complete(item, closes) {
    const { box } = this;
    const ends = closes && box.value[box.selectionEnd] !== "}";
    box.setRangeText(item.text + (ends ? "}" : ""), this.from, box.selectionEnd, "end");
    this.typed();
    clearTimeout(this.asking);
  }

  async refresh() {
    const prompt = this.text;
    if (!prompt.includes("{")) {
      this.chip([], []);
      return;
    }
    const { items, left } = await this.panel.ask("chips", { prompt });
    if (prompt === this.text) this.chip(items, left ?? []);
  }

  chip(items, left) {
    const all = items.map((item) => {
      const tokens = item.tokens ? `about ${item.tokens.toLocaleString("en")} tokens` : "";
      const chip = button("", () => this.look(chip, item), {
        class: "rwp-chip",
        "aria-expanded": "false",
      });
      chip.append(
        h("b", {}, item.name),
        ...[item.label, item.size, tokens].filter(Boolean).map((text) => h("span", {}, text)),
      );
      return chip;
    });
    if (left.length) {
      all.push(h("span", { class: "rwp-left" }, `left as typed: ${left.join("  ")}`));
    }
    this.chips.replaceChildren(...all);
    if (this.shown.dataset.of === "chip") this.preview("");
  }

  look(chip, item) {
    const opens = chip.getAttribute("aria-expanded") === "false";
    this.preview(opens ? item.preview_html : "", "chip", item.name);
    this.expand(opens ? chip : null);
  }

  expand(chip) {
    for (const one of this.chips.querySelectorAll("[aria-expanded]")) {
      one.setAttribute("aria-expanded", String(one === chip));
    }
  }

  preview(html, of = "", title = "") {
    this.shown.hidden = !html;
    this.shown.dataset.of = of;
    if (!html) {
      this.shown.replaceChildren();
      return;
    }
    const close = button("×", () => this.close(), {
      class: "rwp-unset",
      "aria-label": "Close the preview",
    });
    const body = h("div", { class: "rwp-previewed", tabindex: "0", role: "region", "aria-label": title });
    body.append(fragment(html));
    this.shown.replaceChildren(h("div", { class: "rwp-head" }, h("b", {}, title), close), body);
    this.panel.sendButton.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.preview("");
    this.expand(null);
    this.box.focus();
  }
}

// The list of completions, above the line that is being typed.
class Popup {
  constructor(box, id, take) {
    this.box = box;
    this.take = take;
    this.items = [];
    this.options = h("ul", { class: "rwp-options", role: "listbox", id, "aria-label": "Variables" });
    this.node = h(
      "div",
      { class: "rwp-popup", hidden: true, onmousedown: (event) => event.preventDefault() },
      this.options,
      h("p", { class: "rwp-keys", "aria-hidden": "true" }, "Enter takes it · Tab goes on"),
    );
  }

  open(items, from) {
    this.items = items;
    if (items.length === 0) {
      this.close();
      return;
    }
    this.options.replaceChildren(
      ...items.map((item, index) =>
        h(
          "li",
          {
            role: "option",
            id: `${this.options.id}-${index}`,
            onclick: () => this.accept(index, true),
          },
          h("span", { class: "rwp-name" }, item.text),
          h("span", { class: "rwp-kind" }, [item.kind, item.size].filter(Boolean).join(" · ")),
        ),
      ),
    );
    this.node.hidden = false;
    this.place(from);
    this.choose(0);
  }

  close() {
    this.items = [];
    this.node.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  // A copy of the text, laid out as the box lays it out, says where the word begins.
  place(from) {
    const style = getComputedStyle(this.box);
    const copy = h("div", { class: "rwp-copy", "aria-hidden": "true" });
    for (const name of ["font", "padding", "border", "lineHeight", "letterSpacing", "tabSize"]) {
      copy.style[name] = style[name];
    }
    copy.style.width = `${this.box.offsetWidth}px`;
    const mark = h("span", {}, "\u200b");
    copy.append(this.box.value.slice(0, from), mark);
    this.node.before(copy);
    const top = mark.offsetTop - this.box.scrollTop;
    const left = Math.min(mark.offsetLeft, this.box.offsetWidth - this.node.offsetWidth);
    copy.remove();
    this.node.style.left = `${Math.max(left, 0)}px`;
    this.node.style.bottom = `${this.box.offsetHeight - Math.max(top, 0) + 4}px`;
  }

  choose(index) {
    this.chosen = (index + this.items.length) % this.items.length;
    [...this.options.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === this.chosen));
    });
    const option = this.options.children[this.chosen];
    this.box.setAttribute("aria-activedescendant", option.id);
    const { offsetTop, offsetHeight } = option;
    const { scrollTop, clientHeight } = this.options;
    if (offsetTop < scrollTop) this.options.scrollTop = offsetTop;
    const over = offsetTop + offsetHeight - clientHeight;
    if (over > scrollTop) this.options.scrollTop = over;
  }

  accept(index, closes) {
    const item = this.items[index];
    this.close();
    this.take(item, closes);
  }

  key({ key, shiftKey, ctrlKey, metaKey }) {
    if (this.items.length === 0 || shiftKey || ctrlKey || metaKey) return false;
    if (key === "ArrowDown") this.choose(this.chosen + 1);
    else if (key === "ArrowUp") this.choose(this.chosen - 1);
    else if (key === "Enter" || key === "Tab") this.accept(this.chosen, key === "Enter");
    else if (key === "Escape") this.close();
    else return false;
    return true;
  }
}

// ---------------------------------------------------------------- which conversation

class Conversations {
  constructor(panel) {
    this.panel = panel;
    this.list = h("select", { "aria-label": "Conversation", onchange: () => this.chosen() });
    this.naming = h("input", {
      type: "text",
      "aria-label": "Name of the new conversation",
      placeholder: "its name, then Enter",
      maxlength: 100,
      hidden: true,
      onkeydown: (event) => this.named(event),
      onblur: () => this.name(false),
    });
    for (const name of ["conversation", "conversations"]) {
      panel.on(`change:${name}`, () => this.offer());
    }
    this.offer();
  }

  offer() {
    const { model } = this.panel;
    const now = model.get("conversation") ?? "";
    const names = new Set([...(model.get("conversations") ?? []), now].filter(Boolean));
    this.list.replaceChildren(
      ...[...names].map((name) => h("option", { value: name }, name)),
      h("option", { value: "" }, "a new one …"), // no conversation has this name
    );
    this.list.value = now;
  }

  chosen() {
    if (this.list.value) this.panel.set("conversation", this.list.value);
    else this.name(true);
  }

  // Shows the field for a new conversation's name, or the list again.
  name(isAsked) {
    showIf(isAsked, this.naming);
    showIf(!isAsked, this.list);
    this.naming.value = "";
    if (isAsked) this.naming.focus();
    else this.offer();
  }

  named({ key }) {
    const name = this.naming.value.trim();
    if (key === "Enter" && name) this.panel.set("conversation", name);
    if ((key === "Enter" && name) || key === "Escape") {
      this.name(false);
      this.list.focus();
    }
  }
}

// ---------------------------------------------------------------- stopping

function stopId(model) {
  const given = model.get("control");
  return typeof given === "string" ? given.replace("IPY_MODEL_", "") : given?.model_id;
}

// Stop goes by a widget of its own: the kernel hears it while a cell runs, once it has
// answered on that way from beside the main thread. So it is greeted until it has.
class Stopper {
  constructor(panel) {
    this.panel = panel;
    this.isHeard = false;
    this.model = null;
  }

  // A page that is loaded anew gets its widgets one by one: one that is not there yet
  // is looked for again.
  reach() {
    this.model ??= this.find().catch(() => (this.model = null));
    return this.model;
  }

  async find() {
    const { model } = this.panel;
    const found = await model.widget_manager.get_model(stopId(model));
    this.listen = ({ type, thread }) => {
      if (type === "ack" && /subshell/i.test(thread)) this.isHeard = true;
    };
    found.on("msg:custom", this.listen);
    return found;
  }

  async greet() {
    this.isHeard = false;
    for (let round = 0; !this.isHeard && round < GREETINGS; round += 1) {
      if (this.panel.isClosed) return;
      (await this.reach())?.send({ type: "hello" });
      await new Promise((resolve) => setTimeout(resolve, GREETING));
    }
  }

  // Said again until the answer has ended: a message on the way may have to wait.
  async stop(id, isOver) {
    for (let round = 0; round < GREETINGS && !isOver(); round += 1) {
      (await this.reach())?.send({ type: "stop", id });
      await new Promise((resolve) => setTimeout(resolve, GREETING));
    }
  }

  async close() {
    (await this.model)?.off("msg:custom", this.listen);
  }
}

// ---------------------------------------------------------------- sweeps

const OTHER = "another field …"; // of the request, by its name
const EXAMPLES = {
  temperature: "0, 0.5, 1",
  top_p: "0.1:0.9:5",
  top_k: "5, 50",
  max_tokens: "100, 1000",
  effort: "low, medium, high",
  thinking: "off, adaptive",
  model: "ids, with commas",
};
const STATES = { waits: "waits for its turn", running: "", "not sent": "not sent" };

// One parameter of a sweep with its values, as they are typed.
class Axis {
  constructor(sweeps, name, values) {
    this.sweeps = sweeps;
    this.select = h("select", {
      "aria-label": "Parameter to vary",
      onfocus: () => this.offer(),
      onchange: () => this.chosen(),
    });
    this.other = h("input", {
      type: "text",
      "aria-label": "Name of the field",
      placeholder: "field",
      hidden: true,
      oninput: () => sweeps.changed(),
    });
    this.values = h("input", {
      type: "text",
      class: "rwp-values",
      "aria-label": "Values, with commas",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => sweeps.changed(),
    });
    this.values.value = values;
    const away = button("×", () => sweeps.without(this), {
      class: "rwp-unset",
      title: "Do not vary it",
      "aria-label": "Do not vary this parameter",
    });
    this.node = h(
      "div",
      { class: "rwp-axis", role: "group", "aria-label": "Varied" },
      this.select,
      this.other,
      h("span", { "aria-hidden": "true" }, "="),
      this.values,
      away,
    );
    this.offer(name);
  }

  // The settings, then what the prompt has in braces, then any other field.
  offer(name = this.select.value) {
    const { settings, prompt } = this.sweeps.panel;
    const braces = [...prompt.text.matchAll(/\{([A-Za-z_]\w*)\}/g)].map((found) => found[1]);
    const kinds = [...settings.controls].filter(([, { spec }]) => spec.kind !== "functions");
    const names = new Set([...kinds.map(([one]) => one), ...braces, name, OTHER]);
    this.select.replaceChildren(...[...names].map((one) => h("option", { value: one }, one)));
    this.select.value = name;
    this.values.placeholder = EXAMPLES[name] ?? "values, with commas";
  }

  chosen() {
    this.other.hidden = this.select.value !== OTHER;
    this.values.value = "";
    this.values.placeholder = EXAMPLES[this.select.value] ?? "values, with commas";
    (this.other.hidden ? this.values : this.other).focus();
    this.sweeps.changed();
  }

  get text() {
    const name = this.other.hidden ? this.select.value : this.other.value.trim();
    return `${name}=${this.values.value}`;
  }
}

// One answer of a sweep.
class Column {
  constructor(sweeps, { index, label }) {
    this.sweeps = sweeps;
    this.answer = new Answer(sweeps.panel);
    this.note = h("p", { class: "rwp-waiting" });
    this.foot = h("div", { class: "rwp-footer" });
    this.pin = button("Pin", () => sweeps.say("sweep_pin", { index }), {
      title: "Set this, and go on from this answer",
      "aria-label": `Pin ${label}`,
    });
    this.retry = button("Retry", () => sweeps.say("sweep_retry", { index }), {
      title: "Ask this one again",
      "aria-label": `Retry ${label}`,
    });
    this.node = h(
      "section",
      { class: "rwp-column", "aria-label": label },
      h("div", { class: "rwp-label" }, h("strong", {}, label), this.pin, this.retry),
      this.answer.node,
      this.note,
      this.foot,
    );
  }

  get length() {
    return this.answer.frozen.length + this.answer.rest.length;
  }

  // All that there is of it; what is there already is left alone, or not told again.
  show({ frozen, tail, length, ...state }) {
    const { answer } = this;
    if (length === 0) answer.clear();
    else if (length === undefined && answer.frozen + answer.rest !== frozen + tail) {
      answer.clear();
      answer.update({ frozen, keep: 0, tail });
    }
    this.tell(state);
  }

  update({ answer_html, tail, ...change }) {
    if (answer_html !== undefined) this.answer.replace(answer_html);
    if (tail !== undefined) this.answer.update({ tail, ...change });
  }

  tell({ status, note, footer_html }) {
    this.node.dataset.status = status;
    this.note.textContent = note || (STATES[status] ?? status);
    this.note.hidden = status === "complete" || this.note.textContent === "";
    this.foot.replaceChildren(fragment(footer_html));
    if (!["waits", "running"].includes(status)) this.answer.end();
  }

  refresh(isRunning, isPinned) {
    const { status } = this.node.dataset;
    this.node.toggleAttribute("data-pinned", isPinned);
    this.pin.hidden = status !== "complete";
    this.pin.textContent = isPinned ? "Pinned" : "Pin";
    this.pin.setAttribute("aria-pressed", String(isPinned));
    this.retry.hidden = isRunning || ["complete", "waits", "running"].includes(status);
  }
}

// The form of a sweep, and its answers side by side. It hears the kernel by itself: the
// rest of the panel knows nothing of it.
class Sweeps {
  constructor(panel) {
    this.panel = panel;
    this.axes = [];
    this.columns = new Map(); // by index
    this.id = ""; // of the sweep that is shown
    this.running = ""; // of the one that is under way
    this.meant = 0; // requests that the user was asked about
    this.build();
    this.add("temperature", EXAMPLES.temperature);
    panel.on("msg:custom", (message) => this.take(message));
    panel.prompt.box.addEventListener("input", () => this.changed());
    panel.root.querySelector(".rwp-transcript").after(this.node);
    panel.root.querySelector(".rwp-usage").before(this.toggle);
    this.open(false);
  }

  build() {
    const id = `rwp-${unique()}`;
    this.toggle = button("Sweep", () => this.open(this.node.hidden), {
      "aria-controls": id,
      title: "Ask the same under several settings, side by side",
    });
    this.rows = h("div", { class: "rwp-axes" });
    this.repeat = h("input", { type: "number", min: 1, step: 1, value: 1 });
    this.repeat.addEventListener("input", () => this.changed());
    this.size = h("p", { class: "rwp-size", role: "status" });
    this.runButton = button("Run", () => this.run(), { class: "rwp-button rwp-run" });
    this.stopButton = button("Stop sweep", () => this.stop(), { class: "rwp-stop" });
    this.resumeButton = button("", () => this.say("sweep_resume"));
    this.bar = h("progress", { "aria-label": "Answers that have ended", max: 1, value: 0 });
    this.line = h("span", { class: "rwp-line", "aria-live": "polite" });
    this.progress = h("div", { class: "rwp-progress", hidden: true }, this.bar, this.line);
    this.error = h("div");
    this.question = h("div", { class: "rwp-swept" });
    this.side = h("div", {
      class: "rwp-side",
      role: "region",
      tabindex: "0",
      "aria-label": "Answers side by side",
      hidden: true,
    });
    this.node = h(
      "section",
      { class: "rwp-sweep", id, "aria-label": "Sweep" },
      this.rows,
      h(
        "div",
        { class: "rwp-form" },
        button("+ Vary another", () => this.add("model", "").values.focus()),
        h("label", {}, "repeats ", this.repeat),
        this.size,
        this.resumeButton,
        this.stopButton,
        this.runButton,
      ),
      this.progress,
      this.error,
      this.question,
      this.side,
    );
  }

  open(isOpen) {
    this.node.hidden = !isOpen;
    this.node.parentElement.classList.toggle("rwp-sweeping", isOpen);
    this.toggle.setAttribute("aria-expanded", String(isOpen));
    this.refresh();
    if (isOpen) this.changed();
  }

  add(name, values) {
    const axis = new Axis(this, name, values);
    this.axes.push(axis);
    this.rows.append(axis.node);
    this.changed();
    return axis;
  }

  without(axis) {
    this.axes = this.axes.filter((one) => one !== axis);
    axis.node.remove();
    this.changed();
  }

  get form() {
    return {
      prompt: this.panel.prompt.text,
      axes: this.axes.map((axis) => axis.text),
      repeat: Math.max(1, Math.round(this.repeat.valueAsNumber) || 1),
    };
  }

  say(type, fields = {}) {
    this.panel.say(type, { id: this.id, ...fields });
  }

  // What is asked next is another sweep: its size is asked for, and nothing is meant yet.
  changed() {
    this.meant = 0;
    this.refresh();
    clearTimeout(this.pause);
    if (this.node.hidden || this.panel.prompt.text.trim() === "") {
      this.size.textContent = "The prompt in the box is what is asked.";
      return;
    }
    this.pause = setTimeout(() => this.measure(), PAUSED);
  }

  async measure() {
    if (this.panel.isClosed || this.panel.root.dataset.state !== "ready") return;
    const asked = (this.asked = unique());
    const { text, why } = await this.panel.ask("sweep_size", this.form);
    if (asked === this.asked && !this.meant) this.size.textContent = why || `${text}.`;
  }

  run() {
    if (this.panel.prompt.text.trim() === "") return;
    this.wanted = unique();
    this.panel.say("sweep", { id: this.wanted, ...this.form, yes: this.meant });
    this.meant = 0;
    this.refresh();
  }

  stop() {
    const { running } = this;
    this.panel.stopper.stop(running, () => this.running !== running);
  }

  take(message) {
    const { type, id } = message;
    if (type === "sweep_state") this.show(message);
    else if (type === "sweep_confirm" && id === this.wanted) this.confirm(message);
    else if (id !== this.id) return;
    else if (type === "sweep_delta") this.update(message);
    else if (type === "sweep_waiting") this.wait(message);
  }

  confirm({ requests, text }) {
    this.meant = requests;
    this.size.textContent = `${text}. Nothing was sent: press again to send them.`;
    this.refresh();
  }

  show({ id, running, seq, columns, ended, total, pinned, ...more }) {
    if (id !== this.id) this.clear();
    const has = (index) => this.columns.get(index)?.length ?? 0;
    if (columns.some(({ index, length }) => length && length !== has(index))) {
      this.panel.say("hello"); // something was missed: all of it, please
      return;
    }
    Object.assign(this, { id, running, seq, ended, total, pinned, rest: more.rest });
    if (id || running) this.open(true);
    for (const one of columns) {
      if (!this.columns.has(one.index)) this.place(new Column(this, one), one.index);
      this.columns.get(one.index).show(one);
    }
    this.summary = more.summary;
    this.question.replaceChildren(fragment(more.question_html));
    this.error.replaceChildren(fragment(more.error_html));
    this.wait(more);
    this.refresh();
  }

  clear() {
    this.columns.clear();
    this.side.replaceChildren();
  }

  place(column, index) {
    this.columns.set(index, column);
    this.side.append(column.node);
  }

  update({ seq, columns, ended }) {
    if (seq <= this.seq) return;
    if (seq > this.seq + 1) {
      this.panel.say("hello"); // one was missed: all of it, please
      return;
    }
    Object.assign(this, { seq, ended });
    for (const one of columns) {
      const column = this.columns.get(one.index);
      column?.update(one);
      column?.tell(one);
    }
    this.refresh();
  }

  // The seconds that are left are counted here.
  wait({ waiting, seconds }) {
    clearInterval(this.clock);
    this.waiting = waiting;
    this.until = seconds ? Date.now() + seconds * 1000 : 0;
    if (this.until) {
      this.clock = setInterval(() => {
        if (this.panel.isClosed || Date.now() >= this.until) clearInterval(this.clock);
        this.progressed();
      }, 1000);
    }
    this.progressed();
  }

  progressed() {
    const left = Math.round((this.until - Date.now()) / 1000);
    const told = [
      this.running ? `${this.ended ?? 0} of ${this.total || "…"} answers` : this.summary,
      this.waiting && (left > 0 ? `${this.waiting}, ${left} s left` : this.waiting),
    ];
    this.line.textContent = told.filter(Boolean).join(" · ");
    this.bar.max = this.total || 1;
    this.bar.value = this.ended ?? 0;
    this.bar.hidden = !this.running;
    this.progress.hidden = !this.line.textContent;
  }

  refresh() {
    const isRunning = Boolean(this.running);
    this.runButton.disabled = isRunning || this.panel.root.dataset.state === "away";
    this.runButton.textContent = this.meant ? `Send all ${this.meant}` : "Run";
    this.stopButton.hidden = !isRunning;
    this.resumeButton.hidden = isRunning || !this.id || !this.rest;
    this.resumeButton.textContent = `Ask the missing ${this.rest}`;
    this.side.hidden = this.columns.size === 0;
    for (const [index, column] of this.columns) {
      column.refresh(isRunning, index === this.pinned);
    }
    this.progressed();
  }
}

// ---------------------------------------------------------------- its twin

// Below the panel its output says the same once more, for a page that has no widget:
// here it is not seen, with all that it stands in, as long as the panel is.
class Twin {
  constructor(model) {
    const name = `.rw-twin-${stopId(model)}`;
    const output = `.jp-OutputArea-child:has(> .jp-OutputArea-output > ${name})`;
    this.style = h("style", {}, `${name}, ${output} { display: none }`);
  }

  hide() {
    if (!this.style.isConnected) document.head.append(this.style);
  }

  show() {
    this.style.remove();
  }
}

// ---------------------------------------------------------------- the panel

class Panel {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.heard = []; // what to take off the model at the end
    this.asked = new Map(); // promises of answers, by the id of the question
    this.sent = new Map(); // prompts that no turn holds yet, by the request's id
    this.key = `routeway_magic:${stopId(model)}`;
    this.twin = new Twin(model);
    this.transcript = new Transcript(this);
    this.settings = new Settings(this);
    this.prompt = new Prompt(this);
    this.stopper = new Stopper(this);
    this.build();
    this.sweeps = new Sweeps(this);
    this.on("msg:custom", (message) => this.take(message));
    this.on("comm_live_update", () => this.begin());
    this.keys = (event) => this.guard(event);
    window.addEventListener("keydown", this.keys, true);
    this.begin();
  }

  build() {
    this.notice = h("p", { class: "rwp-notice", role: "status" });
    this.spoken = h("p", { class: "rwp-hidden", "aria-live": "polite" });
    this.usage = h("span", { class: "rwp-usage" });
    this.sendButton = button("Send", () => this.submit(), {
      class: "rwp-send",
      title: "Shift-Enter or Ctrl-Enter",
    });
    this.stopButton = button("Stop", () => this.stop(), { class: "rwp-stop", hidden: true });
    const { transcript, settings, prompt, notice, spoken } = this;
    this.root.append(
      this.top(),
      h(
        "div",
        { class: "rwp-body" },
        settings.node,
        h(
          "div",
          { class: "rwp-main" },
          ...[transcript.node, prompt.node, notice, spoken, this.bottom()],
        ),
      ),
    );
    // How wide it is shows once it is on the page.
    this.sized = new ResizeObserver(() => this.firstSized());
    this.sized.observe(this.root);
  }

  top() {
    const { list, naming } = new Conversations(this);
    return h(
      "div",
      { class: "rwp-top" },
      list,
      naming,
      button("New", () => this.say("new"), { title: "Start this conversation afresh" }),
      this.settings.summary,
      this.settings.toggle,
    );
  }

  bottom() {
    return h(
      "div",
      { class: "rwp-bottom" },
      button("Preview", () => this.preview(), {
        title: "Show the request that would be sent; nothing is sent",
      }),
      button("Copy as cell", () => this.copy({ turn: null, as: "cell" })),
      this.usage,
      h("div", { class: "rwp-go" }, this.stopButton, this.sendButton),
    );
  }

  firstSized() {
    if (this.root.clientWidth === 0) return;
    this.sized.disconnect();
    this.settings.open(this.root.clientWidth >= WIDE || this.settings.isHinted);
  }

  on(name, callback) {
    this.model.on(name, callback);
    this.heard.push([name, callback]);
  }

  close() {
    this.isClosed = true;
    for (const [name, callback] of this.heard) this.model.off(name, callback);
    window.removeEventListener("keydown", this.keys, true);
    this.transcript.observer.disconnect();
    this.sized.disconnect();
    this.stopper.close();
    this.twin.show();
  }

  // JupyterLab's shortcuts stay out of the panel, where Shift-Enter sends and arrows
  // move sliders; saving stays what it is.
  guard(event) {
    if (!this.root.contains(event.target)) return;
    const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
    this.root.toggleAttribute("data-lm-suppress-shortcuts", !saves);
  }

  // What was typed outlives a reload of the page in this browser tab, and is nowhere else.
  get draft() {
    try {
      return sessionStorage.getItem(this.key) ?? "";
    } catch {
      return "";
    }
  }

  set draft(text) {
    try {
      if (text) sessionStorage.setItem(this.key, text);
      else sessionStorage.removeItem(this.key);
    } catch {
      // A browser that keeps nothing keeps no drafts.
    }
  }

  async begin() {
    clearTimeout(this.patience);
    this.root.dataset.state = "waiting";
    const control = await this.stopper.reach();
    if (this.isClosed) return;
    if (control?.comm_live === false) {
      this.root.dataset.state = "away";
      this.announce("This panel's kernel has ended. Run its cell to have it again.");
      this.refresh();
      return;
    }
    this.patience = setTimeout(
      () => this.announce("Waiting for the kernel. If it is a new one, run this cell."),
      PATIENCE,
    );
    this.say("hello");
    this.stopper.greet();
  }

  say(type, fields = {}) {
    this.model.send({ type, ...fields });
  }

  // The promise of the answer; a question that is refused or overtaken has none.
  ask(type, fields) {
    const id = unique();
    this.say(type, { id, ...fields });
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
    });
  }

  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  take(message) {
    const { type, id } = message;
    if (type === "state") this.show(message);
    else if (this.root.dataset.state !== "ready") return; // the state will hold it
    else if (type === "delta") this.transcript.delta(message);
    else this.hear(type, id, message);
    if (type !== "delta") this.refresh();
  }

  hear(type, id, message) {
    if (type === "begin") this.begun(message);
    else if (type === "waiting") this.transcript.turns.get(id)?.wait(message.reason);
    else if (type === "end" || type === "failed") this.ended(message);
    else if (type === "refused") this.refused(message);
    else if (type === "usage") this.usage.textContent = message.text;
    else if (type === "notice") this.announce(message.text);
    else if (type === "kept") this.remark("Kept below the panel.");
    else if (this.asked.has(id)) {
      this.asked.get(id)(message);
      this.asked.delete(id);
    }
  }

  show({ usage, ...state }) {
    if (!this.transcript.knows(state)) {
      this.say("hello"); // something was missed: all of it, please
      return;
    }
    clearTimeout(this.patience);
    if (this.root.dataset.state !== "ready") this.announce("");
    this.root.dataset.state = "ready";
    this.twin.hide();
    this.usage.textContent = usage ?? "";
    this.transcript.showAbove(state);
  }

  begun(message) {
    const prompt = this.sent.get(message.id);
    if (prompt !== undefined && this.prompt.text === prompt) this.prompt.text = "";
    this.prompt.preview("");
    this.announce("");
    if (!this.transcript.turns.has(message.id)) {
      this.transcript.add(new Turn(this, message));
    }
    this.transcript.follow();
  }

  ended(message) {
    this.transcript.end(message);
    if (message.turn === message.id) this.giveBack(message.id); // nothing was sent
    else this.sent.delete(message.id);
    this.spoken.textContent = ENDINGS[message.status] ?? "";
  }

  refused({ id, why }) {
    this.announce(why);
    this.asked.delete(id);
    this.giveBack(id);
  }

  // Nothing that was typed is lost: what was not answered is in the box again.
  giveBack(id) {
    const prompt = this.sent.get(id);
    this.sent.delete(id);
    if (prompt !== undefined && this.prompt.text === "") this.prompt.text = prompt;
  }

  refresh() {
    const isAway = this.root.dataset.state === "away";
    const runs = this.transcript.running.length > 0;
    showIf(runs && !isAway, this.stopButton);
    this.stopButton.title = this.model.get("stop_note") || "End the answer; what came is kept";
    if (this.sendButton.disabled !== (runs || isAway)) this.sendButton.disabled = runs || isAway;
  }

  submit() {
    const { text } = this.prompt;
    if (this.sendButton.disabled || text.trim() === "") return;
    const id = unique();
    this.sent.set(id, text);
    this.prompt.popup.close();
    this.say("send", { id, prompt: text });
  }

  stop() {
    const note = this.model.get("stop_note");
    if (note) this.announce(note);
    for (const turn of this.transcript.running) {
      this.stopper.stop(turn.id, () => turn.node.dataset.status !== "running");
    }
  }

  again(turn) {
    if (!this.sendButton.disabled) this.say("again", { id: unique(), turn });
  }

  async preview() {
    if (this.prompt.shown.dataset.of === "request") {
      this.prompt.preview("");
      return;
    }
    const { html } = await this.ask("preview", { prompt: this.prompt.text });
    this.prompt.preview(html, "request", "The request, not sent");
  }

  announce(text) {
    clearTimeout(this.passing);
    this.notice.textContent = text;
  }

  remark(text) {
    this.announce(text);
    this.passing = setTimeout(() => this.announce(""), READ_FOR);
  }

  typeset(node) {
    if (!node.querySelector(".mathjax_process")) return;
    const own = this.model.widget_manager?._rendermime?.latexTypesetter;
    if (own) own.typeset(node);
    else window.MathJax?.typesetPromise?.([node]);
  }

  async copy({ turn, as }) {
    const { text } = await this.cell({ turn, as });
    if (await written(text)) this.remark("Copied.");
    else this.offer(text);
  }

  cell({ turn, as }) {
    const fields = turn === null ? { prompt: this.prompt.text } : {};
    return this.ask("copy", { turn, as, ...fields });
  }

  offer(text) {
    const copy = h("textarea", { readonly: true, rows: 3, "aria-label": "To be copied" });
    copy.value = text;
    this.notice.replaceChildren("This page may not copy by itself: ", copy);
    copy.select();
  }

  async insert(turn) {
    const { text } = await this.cell({ turn, as: "cell" });
    const notebook = this.model.widget_manager?.context?.model?.sharedModel;
    const cell = this.root.closest(".jp-Cell");
    if (notebook?.insertCell && cell) {
      const index = Number(cell.dataset.windowedListIndex ?? siblingsBefore(cell));
      notebook.insertCell(index + 1, { cell_type: "code", source: text, metadata: {} });
      this.remark("The cell is below; it has not run.");
    } else if (await written(text)) {
      this.announce("From here no cell can be put in: it is copied, paste it.");
    } else {
      this.offer(text);
    }
  }
}

const siblingsBefore = (node) => [...node.parentElement.children].indexOf(node);

async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function render({ model, el }) {
  const root = h("div", { class: "rwp", "data-lm-suppress-shortcuts": true });
  el.classList.add("rwp-place"); // wide in a row of widgets, too
  el.append(root);
  const panel = new Panel(model, root);
  return () => panel.close();
}

export default { render };
