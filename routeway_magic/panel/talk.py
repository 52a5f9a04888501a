"""What the parts of one panel have in common: whom they ask, and whom they tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routeway_magic.conversation import Conversation
from routeway_magic.panel.copies import cell_text
from routeway_magic.panel.offered import Offered
from routeway_magic.settings import RequestOptions
from routeway_magic.types import JSONObject

if TYPE_CHECKING:
    from routeway_magic.run.session import Session

__all__ = ["Talk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Whom the parts of one panel ask, and whom they tell.

    Args:
        session: the kernel's.
        shell: whose variables prompts may name; None where there is none.
        send: takes a message to the front end.
        conversation: gives the one to go on with.
        offered: finds the functions that may be called.
        tools: gives the names of those that may be now.
    """

    session: Session
    shell: Any
    send: Callable[[JSONObject], None]
    conversation: Callable[[], Conversation]
    offered: Offered
    tools: Callable[[], tuple[str, ...]]

    def tell_others(self) -> None:
        """Has all panels show where conversations go on now."""
        for follow in list(self.session.followers):
            follow()

    def cell(self, prompt: str, options: RequestOptions, tools: tuple[str, ...]) -> str:
        """The `%%claude` cell that asks this where the panel does.

        Args:
            prompt: as typed.
            options: what is set.
            tools: names of the functions that may be called.
        """
        name = self.conversation().name
        named = "" if name == self.session.current else name
        return cell_text(prompt, options, conversation=named, tools=tools)
