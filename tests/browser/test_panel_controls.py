"""The panel's controls, prompt box and buttons, with a kernel that the test plays."""

from __future__ import annotations

from typing import Any

import pytest
from panel_page import CONTROLS, PanelPage
from playwright.sync_api import expect

from routeway_magic.panel.patches import units

TURN = {
    "id": "t1",
    "question_html": "<p>q</p>",
    "answer_html": "<p>a</p>",
    "footer_html": "",
    "status": "complete",
    "model": "m",
}


@pytest.fixture
def panel(panel_page: PanelPage) -> PanelPage:
    """A panel with one turn."""
    panel_page.show()
    panel_page.ready(TURN)
    return panel_page


def control(panel: PanelPage, name: str) -> Any:
    """The control of a setting."""
    return panel.root.locator(f".rwp-control[data-name={name}]")


def test_each_control_is_there_and_not_set(panel: PanelPage) -> None:
    """One labelled control for each setting; nothing is set, and nothing was said."""
    for spec in CONTROLS:
        label = panel.root.get_by_label(spec["label"], exact=True)
        expect(label).to_have_count(1)
        assert not control(panel, spec["name"]).get_attribute("data-set")
    assert panel.saved("model") is None
    field = panel.root.get_by_label("Max tokens", exact=True)
    expect(field).to_have_attribute("placeholder", "not set (4096)")


def test_slider_and_number(panel: PanelPage) -> None:
    """Both say the same; the number may go beyond the slider; × takes it back."""
    slider = panel.root.get_by_label("Temperature, slider")
    number = panel.root.get_by_label("Temperature", exact=True)
    expect(slider).to_have_attribute("aria-valuetext", "not set")
    slider.fill("0.3")
    expect(number).to_have_value("0.3")
    assert panel.saved("temperature") == 0.3
    number.fill("1.7")
    number.blur()
    assert panel.saved("temperature") == 1.7
    panel.root.get_by_label("Temperature: do not set").click()
    assert panel.saved("temperature") is None
    expect(number).to_have_value("")


def test_slider_follows_the_arrows(panel: PanelPage) -> None:
    """The keyboard moves it by its step, and each step is told."""
    slider = panel.root.get_by_label("Temperature, slider")
    slider.focus()
    panel.page.keyboard.press("ArrowRight")
    assert panel.saved("temperature") == 0.05


def test_kernel_sets(panel: PanelPage) -> None:
    """What is set in the notebook is shown, and not said back."""
    panel.set("temperature", 0.8)
    panel.set("effort", "xhigh")
    panel.set("thinking", 4000)
    panel.set("stop", ["END", "a\nb"])
    panel.set("param", {"top": [1]})
    panel.set("system", "Be terse.")
    expect(panel.root.get_by_label("Temperature", exact=True)).to_have_value("0.8")
    expect(panel.root.get_by_label("Effort", exact=True)).to_have_value("xhigh")
    expect(panel.root.get_by_label("Thinking budget")).to_have_value("4000")
    expect(control(panel, "stop").locator(".rwp-text")).to_have_text(["END ×", "a⏎b ×"])
    expect(panel.root.get_by_label("Further", exact=True)).to_have_value('{"top":[1]}')
    expect(panel.root.get_by_label("System prompt", exact=True)).to_have_value(
        "Be terse."
    )
    expect(panel.root.locator(".rwp-summary")).to_contain_text("temperature 0.8")
    assert panel.saved("temperature") is None  # nothing was said
    panel.set("thinking", None)
    expect(panel.root.get_by_label("Thinking budget")).to_be_hidden()


def test_words_texts_and_json(panel: PanelPage) -> None:
    """Each kind of value is told as what it is."""
    panel.root.get_by_label("Thinking", exact=True).select_option("budget")
    panel.root.get_by_label("Thinking budget").fill("2000")
    panel.root.get_by_label("Thinking budget").press("Enter")
    assert panel.saved("thinking") == 2000
    panel.root.get_by_label("Thinking", exact=True).select_option("adaptive")
    assert panel.saved("thinking") == "adaptive"
    panel.root.get_by_label("Effort", exact=True).select_option("")
    assert panel.saved("effort") is None
    stop = panel.root.get_by_label("Stop sequences", exact=True)
    for text in ("END", "STOP"):
        stop.fill(text)
        stop.press("Enter")
    assert panel.saved("stop") == ["END", "STOP"]
    panel.root.get_by_label("Remove END").click()
    assert panel.saved("stop") == ["STOP"]
    further = panel.root.get_by_label("Further", exact=True)
    further.fill('{"metadata": ')
    further.blur()
    expect(control(panel, "param")).to_contain_text("not JSON")
    assert panel.saved("param") is None
    further.fill('{"metadata": {}}')
    further.blur()
    assert panel.saved("param") == {"metadata": {}}
    panel.root.get_by_label("Model", exact=True).fill("some-model")
    panel.root.get_by_label("Model", exact=True).press("Enter")
    assert panel.saved("model") == "some-model"


def test_tools_are_functions_of_the_notebook(panel: PanelPage) -> None:
    """The field offers the functions that there are, and takes names one by one."""
    field = panel.root.get_by_label("Tools", exact=True)
    field.focus()
    asked = panel.asked("complete")
    assert asked["text"] == "{"
    kinds = {"weather": "function", "df": "DataFrame", "clock": "function"}
    items = [{"text": name, "kind": kind, "size": ""} for name, kind in kinds.items()]
    panel.say("completions", id=asked["id"], **{"from": 1}, items=items)
    offered = control(panel, "tools").locator("option")
    expect(offered).to_have_count(2)
    assert [one.get_attribute("value") for one in offered.all()] == ["weather", "clock"]
    for name in ("weather", "clock"):
        field.fill(name)
        field.press("Enter")
    assert panel.saved("tools") == ["weather", "clock"]
    panel.root.get_by_label("Remove weather").press("Enter")
    assert panel.saved("tools") == ["clock"]
    expect(field).to_be_focused()
    panel.root.get_by_label("Tools: do not set").click()
    assert panel.saved("tools") is None


def test_notes_and_hints_stand_by_their_control(panel: PanelPage) -> None:
    """What is known of the model, and what the server said, described by both."""
    panel.set("notes", {"temperature": "This model rejects it."})
    panel.root.get_by_role("button", name="Settings").click()
    expect(panel.root.locator(".rwp-settings")).to_be_hidden()
    panel.set("hints", {"top_k": "It must be at least 1."})
    field = panel.root.get_by_label("Top k", exact=True)
    expect(field).to_be_visible()  # a hint opens the settings
    expect(field).to_have_accessible_description(
        "Likeliest tokens. It must be at least 1."
    )
    expect(
        panel.root.get_by_label("Temperature", exact=True)
    ).to_have_accessible_description(
        "Randomness of the sampling, 0..1. This model rejects it."
    )
    panel.set("hints", {})
    expect(field).to_have_accessible_description("Likeliest tokens.")


def test_conversations(panel: PanelPage) -> None:
    """Choosing one sets it; the notebook's choice is shown; New starts afresh."""
    chosen = panel.root.get_by_label("Conversation", exact=True).first
    chosen.select_option("poems")
    assert panel.saved("conversation") == "poems"
    panel.set("conversation", "fresh")
    expect(chosen).to_have_value("fresh")
    panel.root.get_by_role("button", name="New").click()
    assert panel.asked("new") == {"type": "new"}


def test_a_conversation_is_begun_by_its_name(panel: PanelPage) -> None:
    """The list offers a new one: Enter takes the name, Escape leaves all as it was."""
    choice = panel.page.get_by_role("combobox", name="Conversation")
    for key, conversation in (("Escape", "main"), ("Enter", "odes")):
        choice.select_option("a new one …")
        name = panel.page.get_by_label("Name of the new conversation")
        expect(name).to_be_focused()
        name.fill(" odes ")
        name.press(key)
        expect(name).to_be_hidden()
        expect(choice).to_be_focused()
        expect(choice).to_have_value(conversation)
    assert panel.saved("conversation") == "odes"


def offer(panel: PanelPage, text: str, *names: str) -> None:
    """Type, and let the kernel answer with names."""
    panel.box.focus()
    panel.page.keyboard.type(text)
    asked = panel.asked("complete")
    items = [{"text": name, "kind": "int", "size": ""} for name in names]
    begun = units(asked["text"][: asked["text"].rindex("{") + 1])
    panel.say("completions", id=asked["id"], **{"from": begun}, items=items)


def test_completion_by_keyboard(panel: PanelPage) -> None:
    """A brace offers names: arrows choose, Enter takes and closes the brace."""
    offer(panel, "🎈 is {na", "name", "names")
    options = panel.root.locator(".rwp-options li")
    expect(options).to_have_count(2)
    panel.box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = options.nth(1).get_attribute("id")
    expect(panel.box).to_have_attribute("aria-activedescendant", str(active))
    panel.box.press("Enter")
    expect(panel.box).to_have_value("🎈 is {names}")
    expect(panel.root.get_by_role("listbox")).to_be_hidden()
    assert panel.sent("send") == []


def test_completion_goes_on_or_away(panel: PanelPage) -> None:
    """Tab takes the name and leaves the brace open; Escape leaves all as typed."""
    offer(panel, "{na", "name")
    expect(panel.root.locator(".rwp-options li")).to_have_count(1)
    panel.box.press("Tab")
    expect(panel.box).to_have_value("{name")
    panel.box.fill("")
    offer(panel, "{x", "xs")
    expect(panel.root.locator(".rwp-options li")).to_have_count(1)
    panel.box.press("Escape")
    expect(panel.root.get_by_role("listbox")).to_be_hidden()
    expect(panel.box).to_have_value("{x")
    panel.box.press("Enter")
    expect(panel.box).to_have_value("{x\n")


def test_chips(panel: PanelPage) -> None:
    """Each variable is a chip with its size; pressing it shows what would be sent."""
    panel.box.fill("Look at {df} and {a, b}")
    asked = panel.asked("chips")
    assert asked["prompt"] == "Look at {df} and {a, b}"
    item = {"name": "df", "label": "DataFrame", "size": "10 × 2", "tokens": 1234}
    items = [{**item, "preview_html": "<pre>x y</pre>"}]
    panel.say("chips", id=asked["id"], items=items, left=["{a, b}"])
    chip = panel.root.locator(".rwp-chip")
    expect(chip).to_have_text("dfDataFrame10 × 2about 1,234 tokens")
    expect(panel.root.locator(".rwp-left")).to_have_text("left as typed: {a, b}")
    chip.click()
    expect(panel.root.locator(".rwp-previewed pre")).to_have_text("x y")
    expect(chip).to_have_attribute("aria-expanded", "true")
    panel.root.get_by_label("Close the preview").click()
    expect(panel.root.locator(".rwp-previewed")).to_have_count(0)
    panel.box.fill("nothing")
    expect(chip).to_have_count(0)


def test_preview_of_the_request(panel: PanelPage) -> None:
    """It is the kernel's, and pressing again puts it away."""
    panel.box.fill("why?")
    preview = panel.root.get_by_role("button", name="Preview", exact=True)
    preview.click()
    asked = panel.asked("preview")
    assert asked["prompt"] == "why?"
    panel.say("preview", id=asked["id"], html="<pre>POST</pre>")
    expect(panel.root.locator(".rwp-previewed")).to_have_text("POST")
    preview.click()
    expect(panel.root.locator(".rwp-previewed")).to_have_count(0)
    assert panel.sent("send") == []


def test_copies(panel: PanelPage) -> None:
    """Each button asks for its form, and the text is on the clipboard."""
    names = {"cell": "cell", "httpx": "Python", "anthropic": "SDK", "curl": "curl"}
    for form, text in names.items():
        panel.root.locator(".rwp-actions button", has_text=text).click()
        asked = panel.asked("copy")
        assert (asked["as"], asked["turn"]) == (form, "t1")
        panel.say("copied", id=asked["id"], text=f"as {form}")
        expect(panel.root.get_by_role("status")).to_have_text("Copied.")
        assert panel.page.evaluate("navigator.clipboard.readText()") == f"as {form}"
    panel.box.fill("in the box")
    panel.root.get_by_role("button", name="Copy as cell", exact=True).click()
    asked = panel.asked("copy")
    assert (asked["turn"], asked["prompt"]) == (None, "in the box")


def test_copy_without_a_clipboard(panel: PanelPage) -> None:
    """Where the page may not copy, the text is there to be copied by hand."""
    panel.page.evaluate(
        "() => { navigator.clipboard.writeText = async () => { throw Error() } }"
    )
    panel.root.get_by_role("button", name="Insert below").click()
    panel.say("copied", id=panel.asked("copy")["id"], text="%%claude\nq")
    expect(panel.root.get_by_label("To be copied")).to_have_value("%%claude\nq")


def test_keep_and_again(panel: PanelPage) -> None:
    """Both name the turn."""
    panel.root.get_by_role("button", name="Keep").click()
    assert panel.asked("keep")["turn"] == "t1"
    panel.say("kept", turn="t1")
    expect(panel.root.get_by_role("status")).to_have_text("Kept below the panel.")
    panel.root.get_by_role("button", name="Ask again").click()
    assert panel.asked("again")["turn"] == "t1"
