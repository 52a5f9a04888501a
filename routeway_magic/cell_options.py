"""The options that are no settings: what holds for one cell only."""

from __future__ import annotations

import keyword
from typing import Any

from traitlets import Bool, Enum, HasTraits, Int, Unicode

from routeway_magic.errors import InputError
from routeway_magic.traits import Axes, Names

__all__ = ["CellOptions", "parted"]


class CellOptions(HasTraits):
    """What holds for one cell only."""

    into = Unicode(
        help="Bind the reply to this name; with --as or -f json the object, with "
        "-f code the code; of a --sweep the Sweep."
    ).tag(flags=("-o", "--into"))
    format = Enum(
        ["markdown", "text", "code", "json", "html", "math", "image"],
        "markdown",
        help="Show the answer as this: markdown, text, code (the first fence), json, "
        "html or image (in a sandbox), math.",
    ).tag(flags=("-f", "--format"))
    next_cell = Bool(
        help="With -f code: put the code into a new cell below, to look at and run."
    ).tag(flags=("--next-cell",), const=True)
    as_ = Unicode(
        help="Have the answer as an object of this type, such as Person, list[str] or "
        '\'Literal["yes", "no"]\', or of a JSON Schema; -o NAME binds the object.'
    ).tag(flags=("--as",))
    conversation = Unicode(
        help="Ask in the conversation of this name, begun if there is none."
    ).tag(flags=("-c", "--conversation"))
    new = Bool(help="Start afresh, without what was said before.").tag(
        flags=("--new",), const=True
    )
    append = Bool(
        help="Go on from the last answer, also when this cell has run before."
    ).tag(flags=("--append",), const=True)
    no_history = Bool(
        help="A single question: nothing said before is sent, and nothing is kept "
        "for the next one."
    ).tag(flags=("--no-history",), const=True)
    attach = Names(
        help="Send these variables without mentioning them: NAME[,NAME]; repeatable."
    ).tag(flags=("-w", "--with"))
    raw = Bool(help="Braces mean nothing: send the prompt as typed.").tag(
        flags=("--raw",), const=True
    )
    tools = Names(
        help="Functions of the notebook that the model may call, each call allowed by "
        "you, in a --sweep by --allow: NAME[,NAME]; repeatable."
    ).tag(flags=("--tools",))
    allow = Names(help="Tools that run without asking: NAME[,NAME]; repeatable.").tag(
        flags=("--allow",)
    )
    allow_secret = Names(
        help="Send the value of NAME although it looks like a credential; repeatable."
    ).tag(flags=("--allow-secret",))
    dry_run = Bool(help="Show the request with its tokens, and send nothing.").tag(
        flags=("--dry-run",), const=True
    )
    count = Bool(
        help="With --dry-run: ask the server how many tokens the request has."
    ).tag(flags=("--count",), const=True)
    sweep = Axes(
        help="Ask with each of these values, side by side: KEY=VALUES, such as "
        "temperature=0,0.5,1 or top_p=0.1:0.9:5; repeatable."
    ).tag(flags=("--sweep",))
    repeat = Int(1, min=1, help="Ask so often with the same values.").tag(
        flags=("--repeat",)
    )
    yes = Bool(
        help="Send a sweep also if it is more requests than `sweep_confirm_above`, "
        "without asking."
    ).tag(flags=("--yes",), const=True)

    def check(self) -> None:
        """Refuses before anything is sent what could only fail afterwards.

        Raises:
            InputError: if two options do not go together, or a name is none.
        """
        name = self.into
        if self.count and not self.dry_run:
            raise InputError(
                "`--count` belongs to `--dry-run`.", "Write `--dry-run --count`."
            )
        if self.yes and not (self.sweep or self.repeat > 1):
            raise InputError(
                "`--yes` belongs to `--sweep`.", "Write `--sweep KEY=VALUES`."
            )
        if self.next_cell and self.format != "code":
            raise InputError(
                "`--next-cell` belongs to `-f code`.", "Write `-f code --next-cell`."
            )
        if self.as_ and self.format not in ("markdown", "json"):
            raise InputError(
                f"`--as {self.as_}` and `-f {self.format}` are two forms of an answer.",
                "An object is shown as JSON: leave out `-f`.",
            )
        if name and (not name.isidentifier() or keyword.iskeyword(name)):
            raise InputError(
                f"`{name}` is no name for a variable.", "Write `-o answer`."
            )


def parted(values: dict[str, Any]) -> tuple[dict[str, Any], CellOptions]:
    """The settings among the values of a line, and the options that are none.

    Args:
        values: by name.
    """
    own = frozenset(CellOptions.class_trait_names())
    overrides = {key: values[key] for key in values if key not in own}
    return overrides, CellOptions(**{key: values[key] for key in values if key in own})
