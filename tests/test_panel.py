"""The panel's traits are the settings, both ways, and hold no secret."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from panels import Page
from shells import Shell

from routeway_magic.panel.controls import NAMES, controls, notes
from routeway_magic.panel.panel import Panel
from routeway_magic.panel.routing import keep_route, stop_note
from routeway_magic.run.session import begun, session
from routeway_magic.settings import ClaudeSettings, RequestOptions

KEY = "sk-test-0123456789abcdef"
VALUES = {
    "model": "claude-haiku-4-5",
    "temperature": 0.3,
    "top_p": 0.5,
    "top_k": 7,
    "max_tokens": 99,
    "thinking": "adaptive",
    "effort": "low",
    "stop": ["END"],
    "system": "Be brief.",
    "param": {"metadata": {"user_id": "a"}},
}

AMISS = [
    ("temperature", "hot"),
    ("temperature", True),
    ("top_k", 1.5),
    ("stop", [1]),
    ("thinking", "sometimes"),
    ("param", [1]),
    ("conversation", ""),
    ("conversation", 3),
    ("conversation", "two\nlines"),
]


@pytest.fixture
def page() -> Iterator[Page]:
    """A panel in a shell of its own."""
    with Page.opened() as opened:
        yield opened


def test_each_parameter_is_a_trait_and_has_a_control(page):
    """One synced trait and one control for each, of the setting's name."""
    assert set(NAMES) == set(ClaudeSettings.class_traits(parameter=True)) == set(VALUES)
    assert set(NAMES) <= set(page.panel.keys)
    names = [control["name"] for control in page.panel.controls]
    assert names == [*NAMES, "tools"]


def test_controls_are_the_traits_own(page):
    """Kind, help, words, the slider's ends and the default come from the settings."""
    by_name = {control["name"]: control for control in controls(session().settings)}
    kinds = {name: control["kind"] for name, control in by_name.items()}
    assert kinds == {
        "model": "model",
        "temperature": "number",
        "top_p": "number",
        "top_k": "integer",
        "max_tokens": "integer",
        "thinking": "thinking",
        "effort": "choice",
        "stop": "texts",
        "system": "longtext",
        "param": "json",
    }
    temperature = by_name["temperature"]
    assert (temperature["min"], temperature["max"]) == (0, 1)
    assert temperature["help"] == ClaudeSettings.temperature.help
    assert by_name["thinking"]["words"] == ["adaptive", "off"]
    assert by_name["top_k"]["max"] is None
    assert by_name["max_tokens"]["default"] == "4096"
    assert by_name["model"]["default"] == "claude-opus-4-5"


def test_set_on_the_page_the_magics_have_it(page):
    """What a control sets is the next request's, and taken back with null."""
    for name, value in VALUES.items():
        page.panel.set_state({name: value})
        assert getattr(session().settings, name) == value
        assert session().settings.snapshot().parameters == {name: value}
        page.panel.set_state({name: None})
        assert session().settings.snapshot().parameters == {}


def test_set_by_config_the_page_has_it(page):
    """`%config` moves the control; a panel made later begins with it."""
    for name, value in VALUES.items():
        page.shell.run(f"%config ClaudeSettings.{name} = {value!r}")
        assert getattr(page.panel, name) == value
        assert {name: value} in page.states
    later = Panel()
    assert {name: getattr(later, name) for name in VALUES} == VALUES


def test_a_value_is_not_shared(page):
    """What is changed in place on one side is not changed on the other."""
    page.panel.param = {"a": {"b": 1}}
    page.panel.param["a"]["b"] = 2
    assert session().settings.param == {"a": {"b": 1}}


def test_two_panels_and_observe(page):
    """All panels of a kernel show the same; `observe` is told as of any trait."""
    other, seen = Panel(), []
    other.observe(lambda change: seen.append(change.new), "temperature")
    page.panel.set_state({"temperature": 0.9})
    assert (other.temperature, seen) == (0.9, [0.9])


def test_two_panels_show_the_same_conversation(page):
    """What one asks the other shows at once; one that is closed or unseen hears nothing."""
    other, unseen = Page(page.shell), Page(page.shell)
    other.say("hello")
    other.sent.clear()
    turn = page.ask(prompt="emulate: echo\nfrom the first")["turn"]
    state = other.wait(lambda one: one["type"] == "state")
    assert [one["id"] for one in state["turns"]] == [turn]
    assert "from the first" in state["turns"][0]["question_html"]
    other.sent.clear()
    page.say("new")
    assert other.sent[-1]["turns"] == []
    other.panel.close()
    other.sent.clear()
    page.ask(prompt="emulate: echo\nonce more")
    assert other.sent == unseen.sent == []
    unseen.panel.close()


def test_threads_that_set_the_same_leave_one_value(page):
    """A cell and the page may do it at once: all faces agree in the end."""
    other = Panel()
    ways = [
        lambda n: page.panel.set_state({"top_k": n}),
        lambda n: setattr(other, "top_k", -n),
        lambda n: setattr(session().settings, "top_k", 1000 + n),
    ]

    def often(way):
        for number in range(60):
            way(number)

    threads = [threading.Thread(target=often, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert page.panel.top_k == other.top_k == session().settings.top_k


def test_what_an_observer_sets_goes_on(page):
    """A trait that is set because another was set is a setting as well."""
    page.panel.observe(lambda _: setattr(page.panel, "top_k", 9), "top_p")
    page.shell.run("%config ClaudeSettings.top_p = 0.5")
    assert session().settings.top_k == 9


def test_what_cannot_be_is_put_back(page):
    """It is said why, beside its control if there is one; the old value stays."""
    for name, value in AMISS:
        before = getattr(page.panel, name)
        page.panel.set_state({name: value})
        assert getattr(page.panel, name) == before
        told = {one["type"] for one in page.sent}
        assert page.panel.hints.pop(name, None) or "notice" in told
        page.sent.clear()
        assert {name: before} in page.states


def test_the_page_sets_only_what_has_a_control(page):
    """Nothing else of the widget can be set from there, whoever sends the message."""
    page.panel.set_state(
        {"controls": [], "_esm": "alert(1)", "hints": {"a": "b"}, "stop_note": "x"}
    )
    assert page.panel.controls
    assert "alert" not in str(page.panel.get_state()["_esm"])
    assert (page.panel.hints, page.panel.stop_note) == ({}, "")


def test_a_hint_goes_when_its_control_is_set(page):
    """It stays while other controls are set."""
    page.panel.set_state({"temperature": "hot"})
    page.panel.set_state({"top_k": 3})
    assert list(page.panel.hints) == ["temperature"]
    page.panel.set_state({"temperature": 0.5})
    assert page.panel.hints == {}


def test_a_value_with_the_key_is_never_synced(page, monkeypatch):
    """A setting may hold it (the request is refused then); the panel's state may not."""
    monkeypatch.setenv("ROUTEWAY_API_KEY", KEY)
    settings = session().settings
    settings.system = f"the key is {KEY}"
    assert page.panel.system is None
    assert "API key" in page.panel.hints["system"]
    assert KEY not in str(page.panel.get_state()) + str(page.states)
    page.panel.set_state({"stop": [KEY]})
    assert settings.stop is None
    assert KEY not in str(page.panel.get_state()) + str(page.states)
    assert settings.system == f"the key is {KEY}"  # hidden is not unset


def test_what_is_no_json_is_not_synced(page):
    """`%config` may set anything; the panel says so instead of failing."""
    session().settings.param = {"n": float("nan")}
    assert page.panel.param is None
    assert "JSON" in page.panel.hints["param"]


def test_notes_tell_what_a_model_refuses():
    """Sampling where it cannot be chosen; the others only if they are set amiss."""
    newest = {"model": "claude-opus-5-5"}
    refused = notes(RequestOptions(parameters=newest))
    assert list(refused) == ["temperature", "top_p", "top_k"]
    amiss = {"model": "claude-haiku-4-5", "effort": "low", "thinking": "adaptive"}
    told = notes(RequestOptions(parameters={**amiss, "max_tokens": 64_001}))
    assert list(told) == ["max_tokens", "thinking", "effort"]
    well = {"model": "claude-opus-4-5", "effort": "low", "thinking": 2000}
    assert notes(RequestOptions(parameters=well)) == {}
    assert notes(RequestOptions(parameters={"model": "unknown"})) == {}


def test_no_setting_is_lost_without_the_extension(monkeypatch, tmp_path):
    """A panel before `%load_ext` has the config file's values, and keeps its own after."""
    with Shell.opened() as shell:
        shell.ip.extension_manager.unload_extension("routeway_magic")
        begun.cache_clear()
        ClaudeSettings.clear_instance()
        shell.ip.config.ClaudeSettings.temperature = 0.1
        shell.ip.config.ClaudeSettings.top_k = 5
        try:
            panel = Panel()
            assert (panel.temperature, panel.top_k) == (0.1, 5)
            panel.temperature = 0.7
            shell.ip.extension_manager.load_extension("routeway_magic")
            assert (panel.temperature, panel.top_k) == (0.7, 5)
            assert session().settings.temperature == 0.7
            panel.close()
        finally:
            del shell.ip.config["ClaudeSettings"]


def test_loading_imports_no_widget():
    """`%load_ext` costs nothing of it; `Panel` is imported when it is named."""
    code = (
        "import sys, routeway_magic\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.instance().extension_manager.load_extension('routeway_magic')\n"
        "assert not {'ipywidgets', 'anywidget'} & set(sys.modules)\n"
        "routeway_magic.Panel\n"
        "assert 'anywidget' in sys.modules\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_closing_leaves_the_settings(page):
    """A closed panel follows nothing; what was set stays, and closing twice is once."""
    page.panel.temperature = 0.4
    page.panel.close()
    page.panel.close()
    session().settings.temperature = 0.8
    assert page.panel.temperature == 0.4


@pytest.mark.parametrize(
    ("version", "is_late"),
    [((6, 31, 0), True), ((7, 2, 9), True), ((7, 3, 0), False), ((8, 0), False)],
)
def test_old_kernels_are_told_of(monkeypatch, version, is_late):
    """Before ipykernel 7.3 Stop acts when the cell has ended, and the panel says so."""
    import ipykernel

    monkeypatch.setattr(ipykernel, "version_info", version)
    assert ("ended" in stop_note()) == is_late


def test_routes_are_the_front_ends():
    """Ipykernel 7.4 has no say in them any more; other objects are left alone."""

    class Comm:
        def _reply_subshell_for(self, data, default): ...

    comm, other = Comm(), object()
    keep_route(comm)
    assert comm._reply_subshell_for is None
    keep_route(other)
    keep_route(None)
