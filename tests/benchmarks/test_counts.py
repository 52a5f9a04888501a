"""What of the figures is a rule: counts, which no slow machine changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from markdown_stream import deltas
from stream_server import StreamServer, model_name
from widgets_of_kernel import Widgets

if TYPE_CHECKING:
    from kernels import StartKernel

_OUTPUTS = {"stream", "display_data", "update_display_data", "execute_result"}


@pytest.fixture
def server() -> Iterator[StreamServer]:
    """Streams what the model's name says."""
    with StreamServer() as running:
        yield running


def test_thousand_deltas_show_calmly_and_leave_one_entry(
    server: StreamServer, start_kernel: StartKernel
) -> None:
    """1,000 deltas at 2 ms are at most 14 messages a second and 2; one entry stays."""
    kernel = start_kernel(ROUTEWAY_BASE_URL=server.url, ROUTEWAY_API_KEY="sk-fake")
    kernel.run("%load_ext routeway_magic")
    model = model_name(1000, 2)
    result = kernel.run(f"%%claude --model {model}\nwrite something long")
    shown = [one for one in result.messages if one["msg_type"] in _OUTPUTS]
    assert len(shown) <= 14 * _seconds(shown) + 2
    assert result.status == "ok"
    (entry,) = result.outputs
    assert entry["data"]["text/plain"] == "".join(deltas(1000))


def _seconds(messages: list[Any]) -> float:
    begun, ended = (_moment(messages[at]["header"]["date"]) for at in (0, -1))
    return (ended - begun).total_seconds()


def _moment(date: datetime | str) -> datetime:
    # Where ipyparallel has been imported, clients get dates as they were sent.
    return datetime.fromisoformat(date) if isinstance(date, str) else date


def test_the_panel_sends_little(
    server: StreamServer, start_kernel: StartKernel
) -> None:
    """At 60 deltas a second, six bytes on the wire for each of the answer, at most."""
    key = {"ROUTEWAY_BASE_URL": server.url, "ROUTEWAY_API_KEY": "sk-fake"}
    widgets = Widgets(start_kernel(**key))
    widgets.run("from routeway_magic import Panel\nPanel()")
    widgets.set(widgets.panel, model=model_name(300, 16))
    widgets.say(widgets.panel, type="hello")
    widgets.answer("state")
    begun = len(widgets.sizes)
    widgets.say(widgets.panel, type="send", id="q", prompt="write something long")
    assert widgets.answer("end", id="q")["status"] == "complete"
    size = len("".join(deltas(300)).encode())
    assert sum(widgets.sizes[begun:]) <= 6 * size
