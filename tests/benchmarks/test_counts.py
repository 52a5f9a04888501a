"""What of the figures is a rule: counts, which no slow machine changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from markdown_stream import deltas
from stream_server import StreamServer, model_name

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
    begun: datetime = messages[0]["header"]["date"]
    ended: datetime = messages[-1]["header"]["date"]
    return (ended - begun).total_seconds()
