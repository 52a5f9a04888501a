"""A sweep: its plan, its results, and the way to finish or repeat them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from routeway_magic.errors import ClaudeError, InputError, Interrupted
from routeway_magic.run.interrupts import one_interrupt
from routeway_magic.run.place import Place
from routeway_magic.run.sweeping.asking import Asker, Here
from routeway_magic.run.sweeping.crew import Crew
from routeway_magic.run.sweeping.functions import check, toolbox_here
from routeway_magic.run.sweeping.kept import (
    came_to,
    load,
    records_of_score,
    records_of_sweep,
    save,
)
from routeway_magic.run.sweeping.questions import Question
from routeway_magic.run.sweeping.shown import Shown
from routeway_magic.sweeps.best import Key, Setting, best_of
from routeway_magic.sweeps.frame import frame_of, records_of
from routeway_magic.sweeps.plan import Plan
from routeway_magic.sweeps.result import Result, Silent, Watcher
from routeway_magic.sweeps.score import scored
from routeway_magic.throttle import Throttle

if TYPE_CHECKING:
    from routeway_magic.run.session import Session
    from routeway_magic.tools.toolbox import Toolbox

__all__ = ["Sweep"]


class Sweep(Shown):
    """The results of a sweep, in the plan's order; more come while it runs.

    Args:
        session: asks.
        plan: what is varied.
        questions: what each variant asks.
        place: what all variants answer to; they are siblings beside its path.
        prompt: as the user typed it, for display.
        concurrency: how many run at the same time; None for the setting.
        id: unique; None for a new one.
        tools: what the model may call; what is allowed by name runs.
    """

    def __init__(
        self,
        session: Session,
        plan: Plan,
        questions: Sequence[Question],
        *,
        place: Place,
        prompt: str = "",
        concurrency: int | None = None,
        id: str | None = None,  # noqa: A002 - what it is
        tools: Toolbox | None = None,
    ) -> None:
        self.tools = tools
        self.calls: Collection[str] = tuple(tools.tools) if tools else ()
        self.id = id or uuid.uuid4().hex[:12]
        self._is_noted = False
        self.plan, self.prompt, self.place = plan, prompt, place
        self.questions = questions
        self.scores: dict[str, list[Any]] = {}
        self.seconds = 0.0
        self.stopped_by: ClaudeError | None = None
        self.session, self._concurrency = session, concurrency
        self._results = [Result(variant) for variant in plan.variants]
        self._crew: Crew | None = None
        self.throttle = Throttle()

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Result]: ...
    def __getitem__(self, index: int | slice) -> Result | Sequence[Result]:
        return self._results[index]

    def __len__(self) -> int:
        return len(self._results)

    @property
    def rest(self) -> list[int]:
        """The indices of the variants that are not complete."""
        return [r.variant.index for r in self._results if r.status != "complete"]

    @property
    def summary(self) -> str:
        """How far it came, in words, such as "12 of 64 complete, 2 failed"."""
        states = [result.status for result in self._results]
        told = [f"{states.count('complete')} of {len(states)} complete"]
        others = ("failed", "interrupted", "not sent")
        told += [f"{states.count(it)} {it}" for it in others if it in states]
        return ", ".join(told)

    def __repr__(self) -> str:
        axes = ", ".join(f"{a.name} × {len(a.values)}" for a in self.plan.axes)
        return f"<Sweep of {axes or self.plan.requests}: {self.summary}>"

    def resume(
        self,
        *,
        watch: Watcher | None = None,
        executor: Executor | None = None,
        tools: Sequence[Any] = (),
        allow: Sequence[Any] = (),
    ) -> Sweep:
        """Asks what is not complete, anew; what is, is not asked, nor paid, again.

        Args:
            watch: is told of what comes.
            executor: runs it elsewhere (see `sweep`).
            tools: a sweep that was loaded needs those that it was begun with.
            allow: those that run, or their names.

        Raises:
            InputError: if the executor is none, or functions are lacking.
            ClaudeError: if nothing at all could be asked.
            Interrupted: if the user stops it; what has come is kept.
        """
        from routeway_magic.run.sweeping.elsewhere import clear, take_up

        self.tools = toolbox_here(tools, allow, executor) or self.tools
        take_up(self)
        try:
            self.run(self.rest, watch=watch, executor=executor)
        finally:
            clear(self)
        return self

    def put(self, result: Result) -> None:
        """Takes what a variant came to in place of what it was."""
        self._results[result.variant.index] = result

    def keep(self, result: Result) -> None:
        """The same, and writes it into the journal; another answer has no score yet."""
        self.put(result)
        for found in self.scores.values():
            found[result.variant.index] = None
        self.session.recorder.note([came_to(self.id, result, self.scores)])

    def retry(self, index: int, *, watch: Watcher | None = None) -> Result:
        """Asks one variant again, whatever it came to.

        Args:
            index: its place in the plan.
            watch: is told of what comes.

        Raises:
            InputError: if there is no such variant.
            ClaudeError: if it could not be asked.
            Interrupted: if the user stops it.
        """
        if not 0 <= index < len(self):
            raise InputError(
                f"There is no variant {index}.", f"There are 0 to {len(self) - 1}."
            )
        self.run([index], watch=watch)
        return self[index]

    def save(self, path: str | Path) -> None:
        """Writes plan, questions, results and scores into a file, in the journal's format.

        Args:
            path: the file; one that is there is replaced if it holds this sweep.

        Raises:
            InputError: if it holds anything else, or it or a score cannot be written.
        """
        save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path, *, session: Session | None = None) -> Sweep:
        """The sweep in a file of `save`, or the last one in a kernel's journal.

        Its answers join the conversations of this kernel; `resume` asks the rest.

        Args:
            path: the file.
            session: where it goes on; None for the kernel's own.

        Raises:
            InputError: if there is none, or the file cannot be read.
        """
        from routeway_magic.run.session import session as own

        return load(Path(path), session or own())

    def to_frame(self) -> Any:
        """The results as a table: pandas or polars if imported, else dictionaries.

        A row for each variant: the axes' values ("unset" is missing), status, text,
        tokens, seconds, cost and whatever `score` has found.
        """
        return frame_of(records_of(self, self.scores))

    def best(self, key: Key = "score") -> Setting:
        """The setting whose answers are best by this, repeats by their mean.

        `.values` are its values, `.worth` the mean, `.answers` what was answered, the
        best first; that one is also `.answer`. Where some of its repeats failed, the
        mean is of the others.

        Args:
            key: a score's name: the greatest; one of seconds, first_token, cost,
                input_tokens, output_tokens: the least; a function of the `Result`: the
                greatest of what it gives. An answer for which it is None is left out.

        Raises:
            InputError: if there is no such key, nothing to choose from, or nothing
                that can be compared.
        """
        return best_of(self, key, self.scores)

    def score(
        self,
        fn: str | re.Pattern[str] | Callable[[Result], Any] | None = None,
        *,
        judge: str = "",
        name: str = "score",
        **options: Any,
    ) -> list[Any]:
        """What each complete answer is worth; kept in `scores`, None for the others.

        Args:
            fn: a text that the answer must be, a pattern that it must hold, or a
                function of the `Result`.
            judge: a prompt in place of it, asked of each answer in the same session;
                `{answer}` is the text, `{axis}` a value; the first number of what
                comes back is the score.
            name: what it is called.
            **options: settings for the judge, such as `model=`; `yes=True` for many.

        Raises:
            InputError: unless there is one of both.
            ClaudeError: if no judge could be asked.
            Interrupted: if the user stops it.
        """
        if bool(judge) == (fn is not None):
            raise InputError(
                "A score takes a function or a judge.", "`sweep.score(fn)`."
            )
        if fn is not None:
            self._keep_score(name, scored(self, fn))
            return self.scores[name]
        from routeway_magic.run.sweeping.judge import judged

        marks: list[Any] = [None for _ in self]
        try:
            judged(self.session, self, judge, marks=marks, **options)
        finally:
            if any(mark is not None for mark in marks):
                self._keep_score(name, marks)
        return marks

    def _keep_score(self, name: str, found: list[Any]) -> None:
        self.scores[name] = [*found]
        with suppress(InputError):  # what no file can hold stays in memory
            self.session.recorder.note([*records_of_score(self, name, found)])

    def cancel(self) -> None:
        """Stops it, from any thread; what has come is kept."""
        if self._crew:
            self._crew.stop()

    @one_interrupt()
    def run(
        self,
        indices: Sequence[int],
        *,
        watch: Watcher | None = None,
        executor: Executor | None = None,
    ) -> None:
        """Asks these variants, and keeps what comes of them.

        Args:
            indices: their places in the plan.
            watch: is told of what comes.
            executor: runs it elsewhere.

        Raises:
            ClaudeError: if nothing at all could be asked.
            Interrupted: if the user stops it; what has come is kept.
        """
        check(self.tools, self.calls, executor)
        watcher = watch or Silent()
        began = time.monotonic()
        self.session.last_sweep = self
        if not self._is_noted:
            self._is_noted = True
            came = [came_to(self.id, one) for one in self if one.turn]
            self.session.recorder.note([*records_of_sweep(self), *came])
        size = self._concurrency or self.session.settings.sweep_concurrency
        self.throttle.tell = watcher.waiting
        watcher.begin(self.plan, [r for r in self if r.variant.index not in indices])
        with self.session.sources.apart(self.throttle, size) as sources:
            client = sources.client()[0]
            asker: Asker = Here(
                self.session, sources, self.place, watcher, tools=self.tools
            )
            if executor is not None:
                from routeway_magic.run.sweeping.elsewhere import Elsewhere

                asker = Elsewhere(self, executor, sources, watcher, here=asker)
            crew = Crew(
                lambda index: self._ask(index, asker, watcher),
                size,
                client.cancel,
                lambda index: self.questions[index].model,
            )
            self._crew = crew
            try:
                crew.work(indices)
            except KeyboardInterrupt:
                raise Interrupted(
                    f"the sweep was stopped: {self.summary}. "
                    "`%claude sweep resume` asks the rest."
                ) from None
            finally:
                self._crew = None
                self.seconds += time.monotonic() - began
                self.stopped_by = crew.failure
                watcher.close(self)
        self._raise_if_nothing(crew.failure, indices)

    def _ask(self, index: int, asker: Asker, watcher: Watcher) -> None:
        if self._crew is None:
            raise AssertionError
        result = asker.ask(self.plan.variants[index], self.questions[index], self._crew)
        self.keep(result)
        watcher.ended(result)

    def _raise_if_nothing(
        self, failure: ClaudeError | None, indices: Sequence[int]
    ) -> None:
        turns = [self[index].turn for index in indices]
        came = any(turn is not None and turn.has_content for turn in turns)
        if failure and not came:
            raise failure
