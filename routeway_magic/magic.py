"""`%%claude` and `%claude`: read the line, compose, run the loop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from routeway_magic.errors import ClaudeError, InputError, Interrupted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from routeway_magic.cell_options import CellOptions
    from routeway_magic.commands import Output
    from routeway_magic.execution import Execution
    from routeway_magic.grammar import Line
    from routeway_magic.next_cell import NextCell
    from routeway_magic.preview import Preview
    from routeway_magic.prompt import Filled
    from routeway_magic.render import Renderer
    from routeway_magic.run.reply import Reply
    from routeway_magic.run.session import Place, Session
    from routeway_magic.run.sweeping.sweep import Sweep
    from routeway_magic.settings import RequestOptions
    from routeway_magic.tools.toolbox import Toolbox
    from routeway_magic.wanted import Wanted

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
                self._tell(shown)
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

        if parsed.plain and (not parsed.prompt or commands.names(parsed.prompt)):
            from routeway_magic.prompt import Filled
            from routeway_magic.run.sweeping.sweep import Sweep

            session = self._session()
            session.failure = self.failure
            try:
                given = commands.run(parsed.prompt or "help", session, OPTIONS)
            finally:
                session.failure = None  # its frames hold the user's data
            if isinstance(given, Filled):
                return self._ask(given, parsed)
            if isinstance(given, Sweep):
                return self._run_sweep(given)
            if isinstance(given, commands.NextCode):
                return self._put_below(given.code, note=given.note)
            return self._tell(given)
        if not parsed.prompt.strip():
            raise InputError("There is no prompt behind the options.", _HOW)
        return self._ask(parsed.prompt, parsed)

    def _ask(
        self, prompt: str | Filled, parsed: Line
    ) -> Reply | Preview | Sweep | Output:
        from routeway_magic.cell_options import parted

        overrides, here = parted(parsed.values)
        here.check()
        if isinstance(prompt, str) and (here.sweep or here.repeat > 1):
            return self._sweep(prompt, here, overrides)
        session = self._session()
        options = session.settings.snapshot(**overrides)
        place = self._place(here)
        tools, wanted = self._tools(here), self._wanted(here)
        filled = (
            self._filled(prompt, here, options, place)
            if isinstance(prompt, str)
            else prompt
        )
        if wanted:
            options = wanted.options(options, filled.content, tools=bool(tools))
        if here.dry_run:
            request = session.compose(
                filled.content, options=options, place=place, tools=tools
            )
            return session.preview(request, filled, count=here.count)
        reply = self._converse(
            filled, here, options, place=place, tools=tools, wanted=wanted
        )
        self._hand_over(reply, here, is_value=wanted is not None)
        return reply

    def _hand_over(self, reply: Reply, here: CellOptions, *, is_value: bool) -> None:
        """Binds what the answer is to a name, and puts its code into a new cell."""
        from routeway_magic.fences import first_fence

        if here.into:
            code = first_fence(reply.text) if here.format == "code" else None
            bound = reply.value if is_value else reply if code is None else code
            self.shell.push({here.into: bound})  # type: ignore[no-untyped-call]
        if here.next_cell:
            self._put_below(first_fence(reply.text))

    def _put_below(self, code: str, *, note: str = "") -> None:
        told = self._next_cell.put(code, cell_id=self._execution.cell.id)
        for line in filter(None, (told, note)):
            print(line)  # noqa: T201 - the face's own output

    @cached_property
    def _next_cell(self) -> NextCell:
        from routeway_magic.next_cell import NextCell

        return NextCell(self.shell)

    def _wanted(self, here: CellOptions) -> Wanted | None:
        if here.as_:
            from routeway_magic.answer_types import answer_type
            from routeway_magic.type_names import read_type
            from routeway_magic.wanted import TypeWanted

            variables = MappingProxyType(self.shell.user_ns)
            return TypeWanted(answer_type(read_type(here.as_, variables)))
        if here.format == "json" and here.into:
            from routeway_magic.wanted import ObjectWanted

            return ObjectWanted()
        return None

    def _place(self, here: CellOptions) -> Place:
        session = self._session()
        return session.place(
            session.conversation(here.conversation or None),
            cell=self._execution.cell,
            append=here.append,
            fresh=here.new,
            aside=here.no_history,
        )

    def _sweep(
        self, prompt: str, here: CellOptions, overrides: dict[str, Any]
    ) -> Sweep | Output:
        from routeway_magic.magic_sweep import preview_of, sweep_of

        session, place = self._session(), self._place(here)
        sweep = sweep_of(
            session,
            prompt,
            here,
            overrides,
            place=place,
            fill=lambda values, options: self._filled(
                prompt, here, options, place, values
            ),
            tools=self._tools(here),
        )
        if here.dry_run:
            return preview_of(session, sweep)
        if here.into:  # what has come is there also if it is stopped
            self.shell.push({here.into: sweep})  # type: ignore[no-untyped-call]
        return self._run_sweep(sweep)

    def _run_sweep(self, sweep: Sweep) -> Sweep:
        from routeway_magic.magic_sweep import run

        session = self._session()
        try:
            run(session, sweep, self.shell, alone=self._execution.is_alone)
        finally:
            self._write_warnings()
        self._warn_if_nobody_sees(session.sources.client()[1])
        sweep.already_shown = self._execution.still()
        return sweep

    def _filled(
        self,
        prompt: str,
        here: CellOptions,
        options: RequestOptions,
        place: Place,
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> Filled:
        from routeway_magic.prompt import fill

        known = MappingProxyType(self.shell.user_ns)
        return fill(
            prompt,
            {**known, **more} if more else known,
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
        *,
        place: Place,
        tools: Toolbox | None,
        wanted: Wanted | None,
    ) -> Reply:
        from routeway_magic.run.answering import converse_for

        session = self._session()
        try:
            reply = converse_for(
                wanted,
                session,
                filled.content,
                options=options,
                place=place,
                shown=self._renderer(here, options),
                inserted=filled.summary,
                tools=tools,
            )
        finally:  # below the answer: what stands above it is replaced by it
            self._write_warnings()
        self._warn_if_nobody_sees(reply.source)
        return replace(reply, already_shown=self._execution.still())

    def _renderer(self, here: CellOptions, options: RequestOptions) -> Renderer:
        from routeway_magic.render import choose

        return choose(
            self.shell,
            quiet=options.quiet,
            alone=self._execution.is_alone,
            format="json" if here.as_ else here.format,
        )

    def _write_warnings(self) -> None:
        for warning in self._session().recorder.take_warnings():
            sys.stderr.write(f"routeway_magic: {warning}\n")

    def _tell(self, told: Any) -> None:
        from IPython.display import display

        from routeway_magic.markup import printable

        if isinstance(told, str):
            print(printable(told))  # noqa: T201 - the face's own output
        else:
            display(told)  # type: ignore[no-untyped-call]

    def _session(self) -> Session:
        from routeway_magic.run.session import session

        return session()

    @cached_property
    def _execution(self) -> Execution:
        from routeway_magic.execution import Execution

        return Execution(self.shell)

    def _warn_if_nobody_sees(self, source: str) -> None:
        """Without a front end, a reply of the emulator may pass for a real one."""
        from routeway_magic.origin import EMULATOR

        is_watched = self._execution.is_watched
        if source == EMULATOR and not is_watched and not self._has_warned:
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
