"""What a front end keeps of a kernel's messages: a cell's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["CellResult", "Displays", "OutputArea"]

Output = dict[str, Any]
Message = Mapping[str, Any]


class Displays:
    """Which outputs of all cells show which display id."""

    def __init__(self) -> None:
        self._shown: dict[str, list[Output]] = {}

    def show(self, display_id: str, output: Output) -> None:
        """Remember that this output belongs to the display id."""
        self._shown.setdefault(display_id, []).append(output)

    def update(self, content: Mapping[str, Any]) -> None:
        """Give every output of the message's display id its new data."""
        display_id = content["transient"]["display_id"]
        for output in self._shown.get(display_id, []):
            output["data"] = content["data"]
            output["metadata"] = content["metadata"]

    def forget(self, outputs: list[Output]) -> None:
        """Cleared outputs are never updated again (NOTEBOOK C1)."""
        gone = {id(output) for output in outputs}
        for display_id, shown in self._shown.items():
            self._shown[display_id] = [one for one in shown if id(one) not in gone]


class OutputArea:
    """Folds one cell's messages into nbformat outputs, as JupyterLab does.

    Args:
        displays: the notebook's display ids, shared by all its cells.
    """

    def __init__(self, displays: Displays) -> None:
        self.outputs: list[Output] = []
        self.messages: list[Message] = []
        self._displays = displays
        self._clear_before_next = False

    def feed(self, message: Message) -> None:
        """Take one iopub message.

        Args:
            message: as received.
        """
        self.messages.append(message)
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._clear(wait=content["wait"])
        elif kind == "update_display_data":
            self._displays.update(content)
        elif kind == "stream":
            self._write(content["name"], content["text"])
        elif kind in {"display_data", "execute_result", "error"}:
            self._add(kind, content)

    def _clear(self, *, wait: bool) -> None:
        self._clear_before_next = wait
        if not wait:
            self._displays.forget(self.outputs)
            self.outputs.clear()

    def _append(self, output: Output) -> None:
        if self._clear_before_next:
            self._clear(wait=False)
        self.outputs.append(output)

    def _write(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name and not self._clear_before_next:
            last["text"] += text
        else:
            self._append({"output_type": "stream", "name": name, "text": text})

    def _add(self, kind: str, content: Mapping[str, Any]) -> None:
        fields = {key: value for key, value in content.items() if key != "transient"}
        output = {"output_type": kind, **fields}
        self._append(output)
        display_id = (content.get("transient") or {}).get("display_id")
        if display_id:
            self._displays.show(display_id, output)


@dataclass(frozen=True, slots=True)
class CellResult:
    """How one execution ended and what it shows.

    Args:
        reply: the content of the kernel's execute_reply.
        outputs: nbformat outputs; later display updates still change them.
        messages: the iopub messages in the order of their arrival.
        seconds: from the request until the kernel was idle again.
    """

    reply: Mapping[str, Any]
    outputs: list[Output]
    messages: list[Message]
    seconds: float

    @property
    def status(self) -> str:
        """ok, error or aborted."""
        return str(self.reply["status"])

    @property
    def stdout(self) -> str:
        """What stands in the cell as standard output."""
        return self._text_of("stdout")

    @property
    def stderr(self) -> str:
        """What stands in the cell as standard error."""
        return self._text_of("stderr")

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The error that ended the cell: ename, evalue, traceback."""
        return self.reply if self.status == "error" else None

    @property
    def displayed(self) -> list[Output]:
        """The outputs that hold mime bundles."""
        return [output for output in self.outputs if "data" in output]

    def data(self, mime: str) -> list[str]:
        """What each displayed output holds under one mime type.

        Args:
            mime: for example text/html.
        """
        bundles = [output["data"] for output in self.displayed]
        return [bundle[mime] for bundle in bundles if mime in bundle]

    def _text_of(self, name: str) -> str:
        return "".join(
            output["text"] for output in self.outputs if output.get("name") == name
        )
