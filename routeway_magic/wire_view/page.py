"""The wire view as safe HTML, and the same for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from routeway_magic.columns import columns
from routeway_magic.events import Event, Responded, Waiting, to_data
from routeway_magic.markup import STYLE, escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.preview import bytes_named
from routeway_magic.pricing import money
from routeway_magic.usage import counts_of
from routeway_magic.wire_view.drawing import image
from routeway_magic.wire_view.json_tree import json_text, tree
from routeway_magic.wire_view.lines import timeline_lines
from routeway_magic.wire_view.timeline import (
    Timeline,
    duration,
    timeline_of,
    tokens_per_second,
)
from routeway_magic.wire_view.wire import Wire

__all__ = ["as_html", "as_text", "events_text"]

_MOST_EVENTS = 300  # in a notebook, whose file keeps what is shown
_LONGEST_EVENT = 240
_MOST_JSON = 20_000

_Row = tuple[str, str]


def as_html(wire: Wire) -> str:
    """The wire view; all but facts and drawing is folded.

    Args:
        wire: what is known.
    """
    timeline = _timeline(wire)
    facts = _table(_facts(wire, timeline)) + _table(_usage(wire))
    parts = [f"<p>{_shown(_heading(wire))}</p>"]
    if timeline:
        parts.append(f"<p>{image(timeline, words=_in_words(wire, timeline))}</p>")
    elif wire.why_no_events:
        parts.append(f"<p>{_shown(wire.why_no_events)}</p>")
    parts += [
        facts,
        _folded(_request_line(wire), _request_html(wire)),
        *_response_html(wire),
        _folded("answer", _json_html(wire.turn.message)) if wire.turn.message else "",
        _events_html(wire),
    ]
    return STYLE + wrapped("".join(parts))


def as_text(wire: Wire) -> str:
    """The same for terminals, and for what the notebook keeps besides.

    Args:
        wire: what is known.
    """
    timeline = _timeline(wire)
    lines = [_heading(wire), ""]
    if timeline:
        lines += [*timeline_lines(timeline), ""]
    elif wire.why_no_events:
        lines += [wire.why_no_events, ""]
    lines += columns([*_facts(wire, timeline), *_usage(wire)])
    lines += ["", _request_line(wire), *_headers(_sent(wire)), wire.exactness]
    lines += [_pretty(wire.request.body)]
    if wire.responded:
        status = f"HTTP {wire.responded.status}"
        lines += ["", f"response: {status}", *_headers(wire.responded.headers)]
    if wire.events:
        lines += ["", f"`%claude inspect {wire.turn.short} events` prints what came."]
    return printable("\n".join(lines))


def events_text(wire: Wire) -> str:
    """All events, one a line, each after its time.

    Args:
        wire: what is known.
    """
    if not wire.events:
        return wire.why_no_events
    return printable("\n".join(_event_line(ms, event) for ms, event in wire.events))


def _timeline(wire: Wire) -> Timeline | None:
    seconds = 0.0 if wire.is_under_way else wire.turn.seconds
    return timeline_of(wire.events, seconds=seconds) if wire.events else None


def _heading(wire: Wire) -> str:
    turn = wire.turn
    model = (turn.message or {}).get("model") or turn.parameters.get("model")
    parts = [f"{turn.short} {turn.cell.label}".rstrip(), str(model)]
    return " · ".join([*parts, turn.source, wire.state])


def _facts(wire: Wire, timeline: Timeline | None) -> list[_Row]:
    found: list[_Row] = []
    if timeline:
        found += list(_times(wire, timeline))
    elif wire.turn.seconds:
        found.append(("in all", duration(wire.turn.seconds * 1000)))
    if wire.turn.error:
        found.append(("error", wire.turn.error))
    return found


def _times(wire: Wire, timeline: Timeline) -> Iterable[_Row]:
    for ms, status in timeline.responses:
        waits = [seconds for begun, seconds in timeline.waits if begun >= ms]
        again = f", retry in {waits[0]:.1f} s" if waits else ""
        yield f"HTTP {status}", f"after {duration(ms)}{again}"
    if timeline.first_token is not None:
        yield "first token", f"after {duration(timeline.first_token)}"
    yield ("so far" if wire.is_under_way else "in all"), duration(timeline.end)
    rate = tokens_per_second(timeline, wire.turn.usage)
    if rate is not None and not wire.is_under_way:  # the count comes at the end
        yield "tokens per second", f"{rate:,.0f}, from the first piece to the last"
    pings = f", {len(timeline.pings)} of them pings" if timeline.pings else ""
    yield "events", f"{_heard(wire):,}{pings}"
    if timeline.silences:
        longest = timeline.silences[0]
        told = duration(longest[1] - longest[0])
        yield "longest silence", f"{told}, from {duration(longest[0])} on"


def _heard(wire: Wire) -> int:
    return sum(not isinstance(one, (Responded, Waiting)) for _, one in wire.events)


def _usage(wire: Wire) -> list[_Row]:
    """The counts by kind, and what they come to; nothing where none came."""
    usage = wire.turn.usage
    if not usage:
        return [("usage", "not told yet" if wire.is_under_way else "not told")]
    counts = counts_of(usage)
    details = usage.get("output_tokens_details")
    thought = details.get("thinking_tokens") if isinstance(details, dict) else None
    rows: list[tuple[str, Any]] = [
        ("input tokens", counts.input),
        ("read from a cache", counts.cache_read),
        ("written to a cache, 5 minutes", counts.cache_write),
        ("written to a cache, 1 hour", counts.cache_write_1h),
        ("output tokens", counts.output),
        ("of them thinking", thought),
    ]
    always = {"input tokens", "output tokens"}
    found = [(name, f"{n:,}") for name, n in rows if n or (name in always)]
    if wire.fill:
        found.append(("of the context", f"{wire.fill:.1%}"))
    return found + ([("cost", money(wire.cost))] if wire.cost is not None else [])


def _in_words(wire: Wire, timeline: Timeline) -> str:
    lanes = [
        f"{lane.label}, {lane.pieces} events from {duration(lane.times[0])} "
        f"to {duration(lane.times[-1])}"
        for lane in timeline.lanes
    ]
    facts = [f"{name} {value}" for name, value in _times(wire, timeline)]
    return printable("Timeline: " + "; ".join([*facts, *lanes]))


def _sent(wire: Wire) -> dict[str, Any]:
    headers = wire.responded.request.get("headers") if wire.responded else None
    return headers if isinstance(headers, dict) else {}


def _request_line(wire: Wire) -> str:
    if wire.recording:
        return f"request: not sent, replayed from {wire.recording}"
    sent = wire.responded.request if wire.responded else {}
    return f"request: POST {sent.get('url') or '/v1/messages'}"


def _request_html(wire: Wire) -> str:
    headers = _table(list(_sent(wire).items()))
    return f"<p>{_shown(wire.exactness)}</p>{headers}{_json_html(wire.request.body)}"


def _response_html(wire: Wire) -> list[str]:
    told = wire.responded
    if told is None:
        return []
    return [
        _folded(f"response: HTTP {told.status}", _table(list(told.headers.items())))
    ]


def _json_html(value: Any) -> str:
    raw = _folded("as JSON", f"<pre>{_shown(_pretty(value))}</pre>")
    return tree(bytes_named(value)) + raw


def _events_html(wire: Wire) -> str:
    if not wire.events:
        return ""
    shown = list(wire.events[:_MOST_EVENTS])
    lines = [_event_line(ms, event)[:_LONGEST_EVENT] for ms, event in shown]
    more = len(wire.events) - len(shown)
    if more:
        lines.append(
            f"… {more:,} more: `%claude inspect {wire.turn.short} events` prints all"
        )
    text = _shown("\n".join(lines))
    return _folded(f"events: {len(wire.events):,} as they came", f"<pre>{text}</pre>")


def _event_line(ms: int, event: Event) -> str:
    if isinstance(event, Responded):
        return f"{ms:>7,} ms  HTTP {event.status}"
    if isinstance(event, Waiting):
        return f"{ms:>7,} ms  (waiting {event.seconds:.1f} s: {event.reason})"
    return f"{ms:>7,} ms  {json_text(to_data(event))}"


def _headers(headers: dict[str, Any]) -> list[str]:
    return [f"  {name}: {value}" for name, value in headers.items()]


def _table(rows: Sequence[tuple[str, Any]]) -> str:
    inner = "".join(
        f"<tr><td>{_shown(name)}</td><td>{_shown(str(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table><tbody>{inner}</tbody></table>" if rows else ""


def _folded(title: str, inner: str) -> str:
    return f"<details><summary>{_shown(title)}</summary>{inner}</details>"


def _pretty(value: Any) -> str:
    text = json.dumps(bytes_named(value), ensure_ascii=False, indent=2)
    if len(text) <= _MOST_JSON:
        return text
    return f"{text[:_MOST_JSON]}\n… {len(text) - _MOST_JSON:,} more characters"


def _shown(text: str) -> str:
    return escape(printable(text))
