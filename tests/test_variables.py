"""The notebook's variables in cells: filled, attached, refused, asked about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from shells import Shell

from routeway_magic import ask
from routeway_magic.errors import InputError
from routeway_magic.run.session import session


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with the extension loaded and no key: the emulator answers."""
    with Shell.opened() as opened:
        yield opened


def asked() -> list[str]:
    """The texts of the last question."""
    return [block["text"] for block in session().turns[-1].content]


def test_cells_and_lines_are_filled(shell):
    """Both magics put values in place."""
    shell.run("city = 'Oslo'")
    assert shell.run("%%claude\nWhere is {city}?").ok
    assert asked() == ["Where is Oslo?"]
    assert shell.run("%claude and {city.lower()}?").ok
    assert asked() == ["and oslo?"]


def test_raw_and_doubled_braces_are_sent_as_typed(shell):
    """`--raw` for all of it, `{{name}}` for one."""
    shell.run("city = 'Oslo'")
    shell.run("%%claude --raw\n{city} {{city}}")
    assert asked() == ["{city} {{city}}"]
    shell.run("%%claude\n{city} {{city}}")
    assert asked() == ["Oslo {city}"]


def test_variables_are_attached_without_a_word(shell):
    """`--with a,b` puts labelled values before the prompt."""
    shell.run("table = [list(range(50))] * 50\nn = 5")
    assert shell.run("%%claude --with table,n\nSum it up.").ok
    assert asked()[0].startswith("[table: list")
    assert asked()[-1].endswith("Sum it up.")


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%%claude\nhi {citty}", "`city`"),
        ("%%claude --with citty\nhi", "`city`"),
        ("%%claude\n{1/0} {city.nothing}", "AttributeError"),
        ("%%claude\n{my_api_key}", "--allow-secret my_api_key"),
    ],
)
def test_nothing_is_sent_when_a_reference_fails(shell, cell, told):
    """The cell fails with a sentence, and no turn comes of it."""
    shell.run("city = 'Oslo'\nmy_api_key = 'x'")
    ran = shell.run(cell)
    assert isinstance(ran.error, InputError)
    assert told in str(ran.error)
    assert session().turns == []


def test_a_credential_is_sent_where_it_is_allowed(shell):
    """`--allow-secret NAME` is a decision for one cell."""
    shell.run("my_api_key = 'public'")
    shell.run("%%claude --allow-secret my_api_key\n{my_api_key}")
    assert asked() == ["public"]


def test_the_footer_tells_what_went_in(shell):
    """What was inserted, and braces that were left, stand under the answer."""
    shell.run("city = 'Oslo'")
    assert (
        "with city · left as typed: {a.b}" in shell.run("%%claude\n{city} {a.b}").stdout
    )


def test_ask_never_evaluates_braces(shell):
    """From Python, a prompt is what it is."""
    ask("{city}")
    assert asked() == ["{city}"]


def test_the_prompt_changes_nothing_in_the_notebook(shell):
    """Names that an expression binds stay within it."""
    shell.run("f = len\nxs = [1, 2]\n")
    shell.run("%%claude\n{f([y for y in xs])}")
    assert asked() == ["2"]
    assert "y" not in shell.ip.user_ns


def test_the_budgets_are_settings(shell):
    """Both are read when the cell runs."""
    shell.run("book = 'word ' * 10_000")
    shell.run("%config ClaudeSettings.value_budget = 50")
    shell.run("%%claude\n{book}")
    assert len("".join(asked())) < 400
    shell.run("%config ClaudeSettings.value_budget = 4000")
    shell.run("%config ClaudeSettings.request_budget = 60")
    shell.run("%%claude\n{book}")
    assert len("".join(asked())) < 400


def test_fix_asks_about_the_last_cell_that_failed(shell):
    """The source, the line and the error are sent; the answer is an ordinary turn."""
    shell.run("values = {}\nanswer = values['total'] / 2")
    shell.run("%claude -x this is our own error, and not to be fixed")
    ran = shell.run("%claude fix")
    assert ran.ok
    sent = "\n".join(asked())
    assert "answer = values['total'] / 2" in sent
    assert "KeyError: 'total'" in sent


def test_fix_needs_something_to_fix(shell):
    """Before anything failed, there is nothing to ask."""
    assert isinstance(shell.run("%claude fix").error, InputError)
