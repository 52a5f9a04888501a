"""`%%claude` and `%claude`: read the line, compose, run the loop."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from routeway_magic.errors import ClaudeError, InputError, Interrupted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from routeway_magic.cell_options import CellOptions
    from routeway_magic.conversation import Cell
    from routeway_magic.grammar import Line
    from routeway_magic.preview import Preview
    from routeway_magic.prompt import Filled
    from routeway_magic.run.reply import Reply
    from routeway_magic.run.session import Place, Session
    from routeway_magic.settings import RequestOptions
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["ClaudeMagics"]

_HOW = (
    "Write the prompt below the first line of the cell:\n"
    "  %%claude -t 0.2\n"
    "  Why is the sky blue?\n"
    "`%claude help` lists options and subcommands."
)


@magics_class
class ClaudeMagics(Magics):
    """The magics of this package."""

    shell: InteractiveShell
    undo: Sequence[Callable[[], None]] = ()
    failure: tuple[str, BaseException] | None = None
    _has_warned = False

    @no_var_expand
    @line_cell_magic
    def claude(self, line: str, cell: str | None = None) -> Any:
        """Asks Claude: `%%claude [options]` with the prompt below, or `%claude prompt`.

        `%claude help` lists options and subcommands.

        Args:
            line: what stands behind the magic's name.
            cell: the lines below; None for `%claude`.

        Raises:
            ClaudeError: if it cannot be asked; says what to do.
            Interrupted: if the user stops it.
        """
        from routeway_magic.grammar import OPTIONS, parse_line

        parsed = parse_line(line, OPTIONS)
        try:
            if cell is None:
                return self._line(parsed)
            prompt = _prompt_of_cell(parsed, cell)
            if hasattr(self.shell, "mainloop"):
                prompt = prompt.removesuffix("\n")  # a terminal's cell ends with one
            shown = self._ask(prompt, parsed)
            if parsed.values.get("dry_run"):
                self._show(shown)
        except Interrupted:
            raise
        except KeyboardInterrupt:
            raise Interrupted("the cell was stopped.") from None
        return None

    def note_failure(self, result: Any) -> None:
        """Remembers the last cell that failed, for `%claude fix`; not what is ours.

        Args:
            result: of a cell that IPython has run.
        """
        error = result.error_in_exec or result.error_before_exec
        if error is not None and not isinstance(error, (ClaudeError, Interrupted)):
            self.failure = (str(result.info.raw_cell), error)

    def _line(self, parsed: Line) -> Any:
        from routeway_magic import commands
        from routeway_magic.grammar import OPTIONS
        from routeway_magic.markup import printable
        from routeway_magic.prompt import Filled

        if parsed.plain and (not parsed.prompt or commands.names(parsed.prompt)):
            session = self._session()
            session.failure = self.failure
            try:
                given = commands.run(parsed.prompt or "help", session, OPTIONS)
            finally:
                session.failure = None  # its frames hold the user's data
            if isinstance(given, str):
                print(printable(given))  # noqa: T201 - the face's own output
            elif isinstance(given, Filled):
                return self._ask(given, parsed)
            else:
                self._show(given)
            return None
        if not parsed.prompt.strip():
            raise InputError("There is no prompt behind the options.", _HOW)
        return self._ask(parsed.prompt, parsed)

    def _ask(self, prompt: str | Filled, parsed: Line) -> Reply | Preview:
        overrides, here = _split(parsed.values)
        _check(here)
        session = self._session()
        options = session.settings.snapshot(**overrides)
        place = self._place(here)
        tools = self._tools(here)
        filled = (
            self._filled(prompt, here, options, place)
            if isinstance(prompt, str)
            else prompt
        )
        if here.dry_run:
            request = session.compose(
                filled.content, options=options, place=place, tools=tools
            )
            return session.preview(request, filled, count=here.count)
        reply = self._converse(filled, here, options, place, tools)
        if here.into:
            bound = reply
            if here.format in ("json", "code"):
                from routeway_magic.formats import format_value

                bound = format_value(here.format, reply.text)
            self.shell.push({here.into: bound})  # type: ignore[no-untyped-call]
        return reply

    def _place(self, here: CellOptions) -> Place:
        session = self._session()
        return session.place(
            session.conversation(here.conversation or None),
            cell=self._cell(),
            append=here.append,
            fresh=here.new,
            aside=here.no_history,
        )

    def _filled(
        self, prompt: str, here: CellOptions, options: RequestOptions, place: Place
    ) -> Filled:
        from routeway_magic.prompt import fill

        return fill(
            prompt,
            MappingProxyType(self.shell.user_ns),
            attached=here.attach,
            raw=here.raw,
            model=options.model,
            budget=self._session().budget(options, place, here.allow_secret),
        )

    def _tools(self, here: CellOptions) -> Toolbox | None:
        if not here.tools and not here.allow:
            return None
        from routeway_magic.tools.consent import ask_by_input
        from routeway_magic.tools.toolbox import toolbox_named

        variables = MappingProxyType(self.shell.user_ns)
        return toolbox_named(here.tools, variables, allow=here.allow, ask=ask_by_input)

    def _converse(
        self,
        filled: Filled,
        here: CellOptions,
        options: RequestOptions,
        place: Place,
        tools: Toolbox | None,
    ) -> Reply:
        from routeway_magic.render import choose

        session = self._session()
        try:
            reply = session.converse(
                filled.content,
                options=options,
                place=place,
                shown=choose(
                    self.shell,
                    quiet=options.quiet,
                    alone=self._is_alone(),
                    format=here.format,
                ),
                inserted=filled.summary,
                tools=tools,
            )
        finally:  # below the answer: what stands above it is replaced by it
            for warning in session.recorder.take_warnings():
                sys.stderr.write(f"routeway_magic: {warning}\n")
        self._warn_if_nobody_sees(reply)
        execution = self._execution()
        return replace(reply, already_shown=lambda: self._execution() == execution)

    def _show(self, preview: Any) -> None:
        from IPython.display import display

        display(preview)  # type: ignore[no-untyped-call]

    def _session(self) -> Session:
        from routeway_magic.run.session import session

        return session()

    def _cell(self) -> Cell:
        from routeway_magic.conversation import Cell

        # `execution_count` has moved on by now, or not, depending on IPython's version.
        number = len(self.shell.user_ns.get("In", ())) - 1
        return Cell(self._metadata().get("cellId"), self._execution(), number)

    def _execution(self) -> str:
        parent = self._parent()
        return str(parent.get("header", {}).get("msg_id") or self.shell.execution_count)

    def _metadata(self) -> dict[str, Any]:
        return dict(self._parent().get("metadata") or {})

    def _parent(self) -> dict[str, Any]:
        ask_parent = getattr(self.shell, "get_parent", None)
        return (ask_parent() if ask_parent else None) or {}

    def _is_alone(self) -> bool:
        """Whether this magic is the whole cell, so that it owns the outputs."""
        code = str((self._parent().get("content") or {}).get("code", "")).strip()
        is_line = code.startswith("%claude ") and "\n" not in code
        return is_line or code.startswith("%%claude")

    def _warn_if_nobody_sees(self, reply: Reply) -> None:
        """Without a front end, a reply of the emulator may pass for a real one."""
        is_watched = bool(self._metadata().get("cellId")) or sys.stdout.isatty()
        if reply.source == "emulator" and not is_watched and not self._has_warned:
            self._has_warned = True
            sys.stderr.write(
                "routeway_magic: no key is set, so the emulator answers; no model has "
                "read this. Set ROUTEWAY_API_KEY for real answers.\n"
            )


def _prompt_of_cell(parsed: Line, cell: str) -> str:
    if parsed.prompt:
        raise InputError(
            f"`{parsed.prompt}` stands behind the options of a `%%claude` cell.",
            "Move it below the first line, or quote it if it is an option's value.",
        )
    if not cell.strip():
        raise InputError("There is no prompt in this cell.", _HOW)
    return cell.removesuffix("\n")  # IPython adds it


def _split(values: dict[str, Any]) -> tuple[dict[str, Any], CellOptions]:
    from routeway_magic.cell_options import CellOptions

    own = frozenset(CellOptions.class_trait_names())
    overrides = {key: values[key] for key in values if key not in own}
    return overrides, CellOptions(**{key: values[key] for key in values if key in own})


def _check(here: CellOptions) -> None:
    """Refuses before anything is sent what could only fail afterwards."""
    name = here.into
    if here.count and not here.dry_run:
        raise InputError(
            "`--count` belongs to `--dry-run`.", "Write `--dry-run --count`."
        )
    if name and (not name.isidentifier() or keyword.iskeyword(name)):
        raise InputError(f"`{name}` is no name for a variable.", "Write `-o answer`.")
