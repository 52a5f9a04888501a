"""Loading and unloading leave the shell as they found it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from shells import Shell
from traitlets.config import Config

from routeway_magic.errors import ClaudeError
from routeway_magic.run.session import session
from routeway_magic.settings import ClaudeSettings


def state(ip: InteractiveShell) -> dict[str, object]:
    """Everything in a shell that an extension may touch."""
    manager = ip.magics_manager
    return {
        "line": dict(manager.magics["line"]),
        "cell": dict(manager.magics["cell"]),
        "registry": dict(manager.registry),
        "configurables": list(ip.configurables),
        "cleanup": list(ip.input_transformers_cleanup),
        "token": list(ip.input_transformer_manager.token_transformers),
        "names": set(ip.user_ns),
        "matchers": list(getattr(ip.Completer, "custom_matchers", [])),
    }


def test_unload_leaves_the_shell_as_it_was():
    """Magics, settings, input rules and names are those from before."""
    with Shell.opened() as shell:
        shell.ip.extension_manager.unload_extension("routeway_magic")
        before = state(shell.ip)
        shell.ip.extension_manager.load_extension("routeway_magic")
        assert state(shell.ip) != before
        shell.ip.extension_manager.unload_extension("routeway_magic")
        assert state(shell.ip) == before


def test_a_magic_of_the_same_name_comes_back():
    """A `%claude` that the user had is there again after unloading."""
    with Shell.opened() as shell:
        shell.ip.extension_manager.unload_extension("routeway_magic")
        shell.ip.register_magic_function(lambda line: "mine", "line", "claude")
        shell.ip.extension_manager.load_extension("routeway_magic")
        shell.ip.extension_manager.unload_extension("routeway_magic")
        assert shell.run("%claude hi").value == "mine"


def test_reload_keeps_the_conversation():
    """`%reload_ext` loses nothing that was said."""
    with Shell.opened() as shell:
        shell.run("%%claude\nfirst")
        shell.run("%reload_ext routeway_magic")
        shell.run("%%claude\nsecond")
        assert len(session().conversation().path(session().conversation().head)) == 2


def test_loading_imports_nothing_heavy():
    """The network, Markdown and widgets are imported when first needed, not at Tab."""
    heavy = [
        "httpx",
        "markdown_it",
        "pygments.lexers",
        "ipywidgets",
        "anywidget",
        "http.server",
    ]
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell as S\n"
        "ip = S.instance(); before = set(sys.modules)\n"
        "ip.extension_manager.load_extension('routeway_magic')\n"
        "assert 'routeway_magic.completion' not in sys.modules\n"
        "assert 'status' in ip.complete('', '%claude st', 10)[1]\n"
        f"print([m for m in {heavy} if m in set(sys.modules) - before])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("cell", "prompt"),
    [
        ("%claude what?", "what?"),
        ("%claude really??", "really??"),
        ("r = %claude is it?", "is it?"),
        ("if True:\n    %claude nested, is it?", "nested, is it?"),
        ("%claude don't you think?", "don't you think?"),
        ('%claude "quoted" said she?', '"quoted" said she?'),
    ],
)
def test_a_question_mark_belongs_to_the_prompt(cell, prompt):
    """IPython's help does not take a prompt away."""
    with Shell.opened() as shell:
        transformed = shell.ip.transform_cell(cell)
        assert f"run_line_magic('claude', {prompt!r})" in transformed


@pytest.mark.parametrize(
    "cell", ["%claude?\n", "%timeit?\n", "s = '''\n%claude what?\n'''\n", "x?\n"]
)
def test_what_is_no_prompt_is_left_alone(cell):
    """Help on the magic, other magics and text in strings mean what they meant."""
    with Shell.opened() as shell:
        with_it = shell.ip.transform_cell(cell)
        shell.ip.extension_manager.unload_extension("routeway_magic")
        assert shell.ip.transform_cell(cell) == with_it


def test_config_magic_sets_and_takes_back():
    """`%config ClaudeSettings.x = y` is felt by the next cell."""
    with Shell.opened() as shell:
        shell.run("%config ClaudeSettings.temperature = 0.25")
        shell.run("%%claude\nhello")
        assert session().turns[-1].parameters["temperature"] == 0.25
        shell.run("%config ClaudeSettings.temperature = None")
        shell.run("%%claude\nhello")
        assert "temperature" not in session().turns[-1].parameters


def test_config_file_is_read(tmp_path, monkeypatch):
    """`c.ClaudeSettings…` in ipython_config.py holds from the start."""
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text(
        "c.ClaudeSettings.top_k = 7\n"
        "c.InteractiveShellApp.extensions = ['routeway_magic']\n"
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    code = "%claude hello\nfrom routeway_magic import session\nprint(session().turns[-1].parameters['top_k'])"
    script = tmp_path / "script.ipy"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "IPython", str(script)], capture_output=True, text=True
    )
    assert done.stdout.strip().endswith("7"), done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("temperature", "hot", "not the str 'hot'"),
        ("temprature", 0.2, "Did you mean `temperature`?"),
    ],
)
def test_mistake_in_a_config_file(name, value, said):
    """A wrong setting in `ipython_config.py` is a short error when loading."""
    config = Config()
    config.ClaudeSettings[name] = value
    shell = InteractiveShell(config=config)
    with pytest.raises(ClaudeError) as raised:
        shell.extension_manager.load_extension("routeway_magic")
    assert said in str(raised.value)
    assert len(raised.value._render_traceback_()) == 2
    assert "claude" not in shell.magics_manager.magics["line"]
    shell.history_manager.end_session()
    ClaudeSettings.clear_instance()


def test_a_name_that_does_not_exist_is_refused_by_the_config_magic(caplog):
    """`%config` with a misspelt setting says so in the cell, and sets nothing."""
    with Shell.opened() as shell:
        shell.run("%config ClaudeSettings.temprature = 0.2")
        assert "Did you mean `temperature`?" in caplog.text
        assert not hasattr(session().settings, "temprature")
