"""The likeliest next tokens as bars: before and after the settings."""

from __future__ import annotations

from collections.abc import Sequence

from routeway_magic.columns import columns
from routeway_magic.markup import escape, printable
from routeway_magic.sampling import Distribution

__all__ = ["bars_html", "bars_text", "described"]

_WIDTH = 20  # characters of the longest bar
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bars_html(
    distribution: Distribution, after: Sequence[float], *, top: int, title: str
) -> str:
    """The likeliest tokens as a table that needs no script and no style.

    Args:
        distribution: what may come next.
        after: the likelihoods with which a token is drawn.
        top: how many tokens are shown.
        title: what was set.
    """
    rows = "".join(
        f"<tr><td><code>{escape(_shown(text))}</code></td>"
        f"<td>{_bar(before)}</td><td>{_percent(before)}</td>"
        f"<td>{_bar(drawn)}</td><td>{_percent(drawn)}</td></tr>"
        for text, before, drawn in _rows(distribution, after, top)
    )
    head = (
        '<tr><th scope="col">next token</th><th scope="col" colspan="2">the model</th>'
        f'<th scope="col" colspan="2">{escape(title)}</th></tr>'
    )
    prompt = escape(_shown(distribution.prompt))
    return (
        '<div class="rw tex2jax_ignore mathjax_ignore">'
        f"<p><code>{prompt}</code> …</p>"
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></div>"
    )


def bars_text(
    distribution: Distribution, after: Sequence[float], *, top: int, title: str
) -> str:
    """The same for terminals.

    Args:
        distribution: what may come next.
        after: the likelihoods with which a token is drawn.
        top: how many tokens are shown.
        title: what was set.
    """
    rows = [("next token", "", "the model", "", title)]
    rows += [
        (
            printable(_shown(text)),
            _bar(before),
            _percent(before),
            _bar(drawn),
            _percent(drawn),
        )
        for text, before, drawn in _rows(distribution, after, top)
    ]
    return "\n".join([printable(_shown(distribution.prompt)) + " …", *columns(rows)])


def described(*, temperature: float, top_k: int, top_p: float) -> str:
    """What was set, in a few words.

    Args:
        temperature: 1 is the model's own.
        top_k: 0 keeps all.
        top_p: 1 keeps all.
    """
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
