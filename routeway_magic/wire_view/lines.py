"""The timeline in a terminal's characters."""

from __future__ import annotations

from routeway_magic.wire_view.timeline import Timeline, duration

__all__ = ["timeline_lines"]

_COLUMNS = 56
_LABEL = 16
_MOST_LANES = 20


def timeline_lines(timeline: Timeline) -> list[str]:
    """A row for the request, for each block and for pings; `#` where something came.

    Args:
        timeline: when what came.
    """
    until = [ms for ms, _ in timeline.responses] or [timeline.first_event or 0]
    rows = [("waiting", _between(timeline, 0, until[-1], "."))]
    for lane in timeline.lanes[:_MOST_LANES]:
        row = _between(timeline, lane.times[0], lane.times[-1], "-")
        rows.append((lane.label, _marked(timeline, row, lane.times, "#")))
    if timeline.pings:
        row = " " * _COLUMNS
        rows.append(("ping", _marked(timeline, row, timeline.pings, "'")))
    end = duration(timeline.end)
    scale = " " * (_LABEL + 2) + "0" + end.rjust(_COLUMNS - 1)
    return [scale, *(f"{label[:_LABEL]:>{_LABEL}} |{row}|" for label, row in rows)]


def _between(timeline: Timeline, begin: int, end: int, mark: str) -> str:
    first, last = _column(timeline, begin), _column(timeline, end)
    return " " * first + mark * (last - first + 1) + " " * (_COLUMNS - last - 1)


def _marked(timeline: Timeline, row: str, times: list[int], mark: str) -> str:
    columns = {_column(timeline, ms) for ms in times}
    return "".join(mark if at in columns else one for at, one in enumerate(row))


def _column(timeline: Timeline, ms: int) -> int:
    return min(ms * _COLUMNS // timeline.end, _COLUMNS - 1)
