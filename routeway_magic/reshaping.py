"""Sliders that reshape a distribution while one moves them."""

from __future__ import annotations

from typing import Any

from ipywidgets import HTML, FloatSlider, IntSlider, VBox

from routeway_magic.likelihoods import bars_html, bars_text, described
from routeway_magic.sampling import Distribution

__all__ = ["Reshaping"]

_HOTTEST, _MOST = 2.0, 50  # the sliders' ends; a value beyond one moves it
_LABEL = {"description_width": "7.5em"}


class Reshaping(VBox):  # type: ignore[misc]
    """The likeliest next tokens, and sliders for temperature, top_k and top_p.

    Args:
        distribution: what may come next.
        top: how many tokens are shown.
        temperature: where its slider begins, 0 or more.
        top_k: where its slider begins; 0 keeps all tokens.
        top_p: where its slider begins, 0..1.
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
        self._distribution = distribution
        self._top = top
        self._sliders = {
            "temperature": FloatSlider(
                value=temperature,
                min=0.0,
                max=max(_HOTTEST, temperature),
                step=0.05,
                description="temperature",
                style=_LABEL,
            ),
            "top_k": IntSlider(
                value=top_k,
                min=0,
                max=max(_MOST, top_k),
                description="top_k",
                style=_LABEL,
            ),
            "top_p": FloatSlider(
                value=top_p,
                min=0.0,
                max=1.0,
                step=0.01,
                description="top_p",
                style=_LABEL,
            ),
        }
        self._bars = HTML()
        super().__init__([*self._sliders.values(), self._bars])
        for slider in self._sliders.values():
            slider.observe(self._draw, "value")
        self._draw()

    @property
    def values(self) -> dict[str, Any]:
        """What the sliders are at, by the settings' names."""
        return {name: slider.value for name, slider in self._sliders.items()}

    def _draw(self, _change: object = None) -> None:
        after = self._distribution.after(**self.values)
        self._bars.value = bars_html(
            self._distribution, after, top=self._top, title=described(**self.values)
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, with its bars as HTML and text for where it cannot be shown."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        after = self._distribution.after(**self.values)
        text = bars_text(
            self._distribution, after, top=self._top, title=described(**self.values)
        )
        return {**data, "text/html": self._bars.value, "text/plain": text}
