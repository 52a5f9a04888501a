"""The calls of one answer: each is allowed or not, runs, and gives its result."""

from __future__ import annotations

import base64
import contextvars
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from routeway_magic.content import Limits
from routeway_magic.events import Event, ToolResult, Waiting
from routeway_magic.sources import Sources
from routeway_magic.tools.calling import Call, denied, run, stopped, unfit, unknown
from routeway_magic.tools.consent import Consent, Verdict
from routeway_magic.tools.toolbox import Toolbox
from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["Calls"]

_HOLDS_KEY = "The result holds the user's API key, so it is not told."

Show = Callable[[Event], None]


class Calls:
    """Answers the calls of one message, in the order in which they were asked for.

    Args:
        toolbox: what may be called.
        consent: what the user has allowed for good.
        limits: how much of a result may be sent.
        sources: know the keys that no result may hold.
        show: takes what is going on.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        *,
        consent: Consent,
        limits: Limits,
        sources: Sources,
        show: Show,
    ) -> None:
        self._toolbox, self._consent = toolbox, consent
        self._limits, self._sources, self._show = limits, sources, show
        self._asked = False  # a question stands in the cell, below the answer

    def results(
        self, calls: Sequence[Call], *, concurrent: bool = False
    ) -> list[ToolResult]:
        """What came of each; those that the user has stopped, and the rest, say so.

        Args:
            calls: of one answer.
            concurrent: run them at the same time, each in a thread, if the toolbox
                does not have them wait for one another.
        """
        found: dict[str, ToolResult] = {}
        try:
            if concurrent and len(calls) > 1 and not self._toolbox.in_turn:
                self._at_once(calls, found)
            else:
                self._in_turn(calls, found)
        except KeyboardInterrupt:
            pass  # the calls without a result tell of it
        for call in calls:
            if call.id not in found:
                self._note(stopped(call), found)
        return [found[call.id] for call in calls]

    def _in_turn(self, calls: Sequence[Call], found: dict[str, ToolResult]) -> None:
        for call in calls:
            result = self._refused(call)
            if result is None:
                self._show(Waiting(f"running {call.name}", here=True))
                result = self._toolbox.run_on(self._task(call))
            self._note(result, found)
            if result.state == "stopped":
                return

    def _at_once(self, calls: Sequence[Call], found: dict[str, ToolResult]) -> None:
        refused = {call.id: self._refused(call) for call in calls}
        for call in calls:
            if result := refused[call.id]:
                self._note(result, found)
        running = [call for call in calls if call.id not in found]
        done: dict[str, ToolResult] = {}
        threads = [self._thread(call, done) for call in running]
        if running:
            names = ", ".join(dict.fromkeys(call.name for call in running))
            self._show(Waiting(f"running {names}", here=True))
        try:
            for thread in threads:
                thread.join()
        finally:
            for call in running:
                if call.id in done:
                    self._note(done[call.id], found)

    def _thread(self, call: Call, done: dict[str, ToolResult]) -> threading.Thread:
        task = self._task(call)

        def work() -> None:
            done[call.id] = task()

        run_it = contextvars.copy_context().run  # what it prints lands in its cell
        thread = threading.Thread(target=run_it, args=(work,), daemon=True)
        thread.start()
        return thread

    def _task(self, call: Call) -> Callable[[], ToolResult]:
        tool = self._toolbox.tools[call.name]
        return lambda: run(call, tool, self._limits)

    def _refused(self, call: Call) -> ToolResult | None:
        """Why a call does not run; None if it does."""
        tool = self._toolbox.tools.get(call.name)
        if tool is None or tool.function is None:
            return unknown(call, list(self._toolbox.tools))
        if call.name in self._toolbox.allowed or self._consent.covers(tool.function):
            return None
        if wrong := unfit(call, tool):
            return wrong  # nobody is asked about what cannot run
        verdict = self._verdict(call, tool.function)
        if verdict in ("once", "always"):
            return None
        return denied(call, by_user=verdict == "denied")

    def _verdict(self, call: Call, function: Callable[..., Any]) -> Verdict:
        if self._toolbox.ask is None:
            return "unasked"
        self._show(Waiting(f"{call.name} waits for your word", here=True))
        self._asked = True
        verdict = self._toolbox.ask(call.name, call.input)
        if verdict == "always":
            self._consent.always.append(function)
        self._asked = verdict != "unasked"
        return verdict

    def _note(self, result: ToolResult, found: dict[str, ToolResult]) -> None:
        result = _without_keys(result, self._sources)
        found[str(result.block["tool_use_id"])] = result
        self._show(replace(result, apart=self._asked))
        self._asked = False


def _without_keys(result: ToolResult, sources: Sources) -> ToolResult:
    """The result with no API key in it, neither for the model nor for the output."""
    block = json.loads(sources.redact(json.dumps(result.block)))
    if block != result.block and _has_file(block):  # cut, it would be a file no more
        block |= {"content": _HOLDS_KEY, "is_error": True}
        result = replace(result, state="failed")
    return replace(
        result,
        block=block,
        details=sources.redact(result.details),
        pictures=tuple(one for one in result.pictures if not _has_key(one, sources)),
    )


def _has_key(picture: JSONObject, sources: Sources) -> bool:
    """Whether a key stands in a picture, as it may in a drawing's text."""
    text = base64.b64decode(str(picture["data"])).decode("utf-8", "replace")
    return sources.redact(text) != text


def _has_file(block: ContentBlock) -> bool:
    content = block.get("content")
    return isinstance(content, list) and any(it.get("type") != "text" for it in content)
