// The panel in its plainest form: a box to write in, and the answers.
function render({ model, el }) {
  el.classList.add("rw-panel");
  const list = document.createElement("div");
  const box = document.createElement("textarea");
  const send = document.createElement("button");
  send.textContent = "Send";
  el.append(list, box, send);
  const shown = new Map();
  const entry = ({ id, question_html, answer_html = "", footer_html = "", error_html = "" }) => {
    const parts = ["question", "finished", "tail", "footer"].map(() => document.createElement("div"));
    [question_html, answer_html, "", footer_html + error_html].forEach((html, i) => (parts[i].innerHTML = html));
    list.append(...parts);
    shown.set(id, { finished: parts[1], tail: parts[2], footer: parts[3], html: "" });
    return shown.get(id);
  };
  const on = {
    state({ turns, running }) {
      list.replaceChildren();
      shown.clear();
      turns.forEach(entry);
      for (const one of running) {
        const begun = entry({ ...one, answer_html: one.frozen });
        begun.tail.innerHTML = begun.html = one.tail;
      }
    },
    begin: entry,
    waiting({ id, reason }) { shown.get(id).footer.textContent = reason; },
    delta({ id, frozen, keep, tail }) {
      const one = shown.get(id);
      one.finished.insertAdjacentHTML("beforeend", frozen);
      one.tail.innerHTML = one.html = one.html.slice(0, keep) + tail;
      one.footer.textContent = "";
    },
    end({ id, answer_html, footer_html }) {
      const one = shown.get(id);
      if (answer_html !== undefined) one.finished.innerHTML = answer_html;
      one.footer.innerHTML = footer_html;
    },
    failed({ id, error_html, footer_html }) { shown.get(id).footer.innerHTML = error_html + footer_html; },
  };
  model.on("msg:custom", (message) => on[message.type]?.(message));
  send.addEventListener("click", () => model.send({ type: "send", id: crypto.randomUUID(), prompt: box.value }));
  model.send({ type: "hello" });
}

export default { render };
