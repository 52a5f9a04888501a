"""Sweeps on disk: in the journal while they run, and in files of their own."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeway_magic import records
from routeway_magic.errors import InputError
from routeway_magic.run import archive
from routeway_magic.run.place import Place
from routeway_magic.run.sweeping.keyless import plan_without_key
from routeway_magic.run.sweeping.questions import Question
from routeway_magic.settings import RequestOptions
from routeway_magic.sweeps.plan import Plan
from routeway_magic.sweeps.result import Result
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import JSONObject

if TYPE_CHECKING:
    from routeway_magic.conversation import Conversation
    from routeway_magic.run.session import Session
    from routeway_magic.run.sweeping.sweep import Sweep

__all__ = ["came_to", "load", "records_of_score", "records_of_sweep", "save"]

_SCORE = "score "  # what stands before the name of one, among a variant's members


def records_of_sweep(sweep: Sweep) -> Iterator[JSONObject]:
    """What is to be asked, before anything of it is.

    Args:
        sweep: the sweep.
    """
    yield {
        "kind": "sweep",
        "sweep": sweep.id,
        "conversation": sweep.place.conversation.name,
        "parent": sweep.place.parent,
        "prompt": sweep.prompt,
        "axes": [[axis.name, list(axis.values)] for axis in sweep.plan.axes],
        "repeat": sweep.plan.repeat,
        "format": sweep.format,
        "tools": list(sweep.calls),
    }
    for index, question in enumerate(sweep.questions):
        yield {
            "kind": "variant",
            "sweep": sweep.id,
            "index": index,
            "content": question.content,
            "parameters": dict(question.options.parameters),
            "default_model": question.options.default_model,
            "stream": question.options.stream,
        }


def came_to(sweep: str, result: Result, unscored: Iterable[str] = ()) -> JSONObject:
    """What one variant came to.

    Args:
        sweep: the sweep's id.
        result: of the variant.
        unscored: the names of scores that it does not have any more.
    """
    return {
        "kind": "variant",
        "sweep": sweep,
        "index": result.variant.index,
        "turn": result.turn.id if result.turn else None,
        "before": [turn.id for turn in result.before],
        "status": result.status,
        "error": result.error,
        "seconds": result.seconds,
        "first_token": result.first_token,
        "cost": result.cost,
        **{_SCORE + name: None for name in unscored},
    }


def records_of_score(
    sweep: Sweep, name: str, found: Sequence[Any]
) -> Iterator[JSONObject]:
    """What the answers are worth.

    Args:
        sweep: the sweep.
        name: of the score.
        found: one for each result.

    Raises:
        InputError: if one is nothing that a file can hold.
    """
    for index, value in enumerate(found):
        plain = value.item() if hasattr(value, "item") else value  # a number of numpy's
        try:
            json.dumps(plain, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"The score `{name}` cannot be written: {error}.",
                f"Score by numbers, or leave it out: `del sweep.scores[{name!r}]`.",
            ) from None
        yield {
            "kind": "variant",
            "sweep": sweep.id,
            "index": index,
            _SCORE + name: plain,
        }


def save(sweep: Sweep, path: Path) -> None:
    """Writes a sweep, with the turns that it goes on from; all or nothing.

    Args:
        sweep: the sweep.
        path: the file; one that is there is replaced if it holds this sweep.

    Raises:
        InputError: if it holds anything else, or it or a score cannot be written.
    """
    if path.exists() and set(archive.read_file(path).sweeps) != {sweep.id}:
        raise InputError(
            f"`{path}` is there already and does not hold this sweep.",
            "Choose another name.",
        )
    redact, blobs = sweep.session.sources.redact, records.Blobs()
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with part.open("xb") as file:
            for record in _lines(sweep):
                for each in blobs.apart(record):
                    file.write(redact(records.encode(each)).encode() + b"\n")
        part.replace(path)
    except OSError as error:
        raise InputError(f"`{path}` cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def load(path: Path, session: Session) -> Sweep:
    """The last sweep that a file holds; its turns join the session's conversations.

    Args:
        path: a file of `save`, or a journal.
        session: where it goes on.

    Raises:
        InputError: if there is none, or the file cannot be read.
    """
    from routeway_magic.run.sweeping.sweep import Sweep

    recovered = archive.read_file(path)
    if not recovered.sweeps:
        raise InputError(f"`{path}` holds no sweep.", "`sweep.save(path)` writes one.")
    told = list(recovered.sweeps.values())[-1]
    joined = {one.name: one for one in archive.load(recovered, session.conversations)}
    for one in joined.values():
        if one.is_new:
            session.recorder.note_loaded(one.conversation)
    found = joined.get(told["conversation"])
    kept = found.conversation if found else session.conversation(told["conversation"])
    planned, variants = _plan(session, told), told["variants"]
    if set(variants) != set(range(planned.requests)):
        raise InputError(f"`{path}` has lost a part of its sweep.")
    loaded = Sweep(
        session,
        planned,
        [_question(variants[index]) for index in range(planned.requests)],
        place=_place(session, kept, told["parent"]),
        prompt=told["prompt"],
        id=told["sweep"],
    )
    turns = {turn.id: turn for turn in kept.turns}
    for variant in planned.variants:
        if "status" in variants[variant.index]:
            loaded.put(_result(loaded, variants[variant.index], turns))
    loaded.scores |= _scores(variants)
    loaded.format = told.get("format", loaded.format)
    loaded.calls = told.get("tools", ())
    session.last_sweep = loaded
    return loaded


def _lines(sweep: Sweep) -> Iterator[JSONObject]:
    yield records.journal(kernel=0, host="", notebook=None, started=time.time())
    conversation = sweep.place.conversation
    for turn in conversation.path(sweep.place.parent):
        yield from records.whole_turn(turn, conversation=conversation.name)
    for result in sweep:
        for turn in result.turns:
            yield from records.whole_turn(
                turn, conversation=conversation.name, aside=True
            )
    yield from records_of_sweep(sweep)
    for result in sweep:
        yield came_to(sweep.id, result)
    for name, found in sweep.scores.items():
        yield from records_of_score(sweep, name, found)


def _plan(session: Session, told: JSONObject) -> Plan:
    grid = {name: [*values] for name, values in told["axes"]}
    return plan_without_key(session.sources, grid, told["repeat"])


def _place(session: Session, conversation: Conversation, parent: Any) -> Place:
    history = session.sendable(conversation.path(parent))
    return Place(conversation, parent, history, Cell(), aside=True)


def _question(told: JSONObject) -> Question:
    options = RequestOptions(
        parameters=told["parameters"],
        default_model=told["default_model"],
        stream=told["stream"],
    )
    return Question(told["content"], options)


def _scores(variants: Mapping[int, JSONObject]) -> dict[str, list[Any]]:
    """The scores by name, in the order in which they were made."""
    names = dict.fromkeys(
        key.removeprefix(_SCORE)
        for told in variants.values()
        for key in told
        if key.startswith(_SCORE)
    )
    return {
        name: [variants[index].get(_SCORE + name) for index in sorted(variants)]
        for name in names
    }


def _result(sweep: Sweep, told: JSONObject, turns: dict[str, Turn]) -> Result:
    turn, before = turns.get(told["turn"] or ""), told.get("before", ())
    is_whole = turn is not None or told["status"] != "complete"
    return Result(
        variant=sweep.plan.variants[told["index"]],
        turn=turn,
        status=told["status"] if is_whole else "not sent",
        error=told["error"],
        seconds=told["seconds"],
        first_token=told["first_token"],
        cost=told["cost"],
        before=[turns[id_] for id_ in before if id_ in turns] if turn else (),
    )
