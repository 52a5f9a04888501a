"""The likeliest next tokens as bars: before and after the settings."""

from __future__ import annotations

from collections.abc import Sequence

from routeway_magic.columns import columns
from routeway_magic.markup import escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.sampling import Distribution

__all__ = ["Bars"]

_WIDTH = 20  # characters of the longest bar
_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Bars:
    """The likeliest next tokens, before and after the settings.

    Args:
        distribution: what may come next.
        top: how many tokens are shown.
        temperature: 0 or more; 1 is the model's own.
        top_k: how many tokens are kept; 0 keeps all.
        top_p: 0..1; 1 keeps all.
    """

    def __init__(
        self,
        distribution: Distribution,
        *,
        top: int = 8,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> None:
        after = distribution.after(temperature=temperature, top_k=top_k, top_p=top_p)
        self._rows = _rows(distribution, after, top)
        self._prompt = _shown(distribution.prompt)
        self._title = _described(temperature=temperature, top_k=top_k, top_p=top_p)

    @property
    def html(self) -> str:
        """A table that needs no script and no style."""
        rows = "".join(
            f"<tr><td><code>{escape(_shown(text))}</code></td>"
            f"<td>{_bar(before)}</td><td>{_percent(before)}</td>"
            f"<td>{_bar(drawn)}</td><td>{_percent(drawn)}</td></tr>"
            for text, before, drawn in self._rows
        )
        head = (
            '<tr><th scope="col">next token</th>'
            '<th scope="col" colspan="2">the model</th>'
            f'<th scope="col" colspan="2">{escape(self._title)}</th></tr>'
        )
        return wrapped(
            f"<p><code>{escape(self._prompt)}</code> …</p>"
            f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
        )

    @property
    def text(self) -> str:
        """The same for terminals."""
        rows = [("next token", "", "the model", "", self._title)]
        for text, before, drawn in self._rows:
            shown = printable(_shown(text)), _bar(before), _percent(before)
            rows.append((*shown, _bar(drawn), _percent(drawn)))
        return "\n".join([f"{printable(self._prompt)} …", *columns(rows)])


def _described(*, temperature: float, top_k: int, top_p: float) -> str:
    """What was set, in a few words."""
    parts = [f"top_k {top_k}"] if top_k else []
    parts += [f"top_p {top_p:g}"] if top_p < 1 else []
    return ", ".join([*parts, f"temperature {temperature:g}"])


def _rows(
    distribution: Distribution, after: Sequence[float], top: int
) -> list[tuple[str, float, float]]:
    before = distribution.before()
    rows = [
        (token.text, before[index], after[index])
        for index, token in enumerate(distribution.tokens[:top])
    ]
    left = len(distribution.tokens) - top
    if left > 0:
        rows.append((f"{left:,} others", sum(before[top:]), sum(after[top:])))
    return rows


def _bar(share: float) -> str:
    eighths = round(share * _WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _percent(share: float) -> str:
    return f"{share:.1%}" if share else "–"


def _shown(text: str) -> str:
    """A token as one sees it: blanks and line ends are marked."""
    return text.replace("\n", "↵").replace("\t", "⇥").replace(" ", "␣")
