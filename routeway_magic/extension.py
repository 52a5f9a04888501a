"""Loading and unloading: the only place that touches the shell."""

from __future__ import annotations

import tokenize
from collections.abc import Callable
from typing import Any

from IPython.core.inputtransformer2 import TokenTransformBase
from traitlets import TraitError

from routeway_magic.errors import ConfigurationError
from routeway_magic.magic import ClaudeMagics
from routeway_magic.settings import ClaudeSettings

__all__ = ["load", "unload"]

_NAME = "ClaudeMagics"


def load(shell: Any) -> None:
    """Adds magics, settings and input rules; loading twice is loading once.

    Raises:
        ClaudeError: if a setting in `ipython_config.py` has no such name or type.
    """
    if _NAME in shell.magics_manager.registry:
        return
    settings = _configured(shell)
    manager = shell.magics_manager
    magics = ClaudeMagics(shell)  # adds itself to the shell's configurables
    magics.undo = [
        _putting_back(manager.magics["line"], "claude"),
        _putting_back(manager.magics["cell"], "claude"),
        _putting_back(manager.registry, _NAME),
        _removing(shell.configurables, magics),
        _adding(shell.configurables, settings),
        _adding(shell.input_transformers_cleanup, explain_empty_cell),
        _adding(shell.input_transformer_manager.token_transformers, PromptWithQuestion),
        _listening(shell.events, "post_run_cell", magics.note_failure),
        _adding(shell.Completer.custom_matchers, matcher_of(shell)),
    ]
    shell.register_magics(magics)


def _configured(shell: Any) -> ClaudeSettings:
    try:
        settings = ClaudeSettings.instance(parent=shell)
        settings.take_defaults(shell.config)
    except TraitError as error:
        raise ConfigurationError(
            f"A setting cannot be used: {error}",
            "Correct it in `ipython_config.py` and restart the kernel.",
        ) from None
    return settings


def unload(shell: Any) -> None:
    """Takes everything back and closes connections; conversations are kept."""
    magics = shell.magics_manager.registry.get(_NAME)
    if magics is None:
        return
    for undo in magics.undo:
        undo()
    from routeway_magic.run.session import begun

    if begun.cache_info().currsize:
        begun().close()


def explain_empty_cell(lines: list[str]) -> list[str]:
    """Gives an empty `%%claude` cell a blank body, so that the magic can explain itself.

    IPython refuses a cell magic without a body before it is called.
    """
    first = lines[0].split() if lines else []
    if first[:1] == ["%%claude"] and not "".join(lines[1:]).strip():
        return [lines[0].rstrip("\n") + "\n", "\n"]
    return lines


# So that IPython does not call it to see whether a cell that is being typed in a
# terminal is complete: `%%claude` and Enter is not.
explain_empty_cell.has_side_effects = True  # type: ignore[attr-defined]


def matcher_of(shell: Any) -> Callable[[Any], Any]:
    """What completes our lines and cells; its code is imported at the first Tab."""

    def match(context: Any) -> Any:
        from routeway_magic.completion import complete

        return complete(context, shell)

    marked: Any = match
    marked.matcher_api_version = 2
    marked.matcher_identifier = "routeway_magic"
    marked.matcher_priority = 100  # asked before those that it may suppress
    return match


class PromptWithQuestion(TokenTransformBase):
    """`%claude … ?` is a prompt that ends in a question mark, no request for help."""

    priority = 1  # before IPython's HelpEnd, which takes the same lines

    @classmethod
    def find(cls, tokens_by_line: list[list[Any]]) -> PromptWithQuestion | None:
        """Finds the first such line, bare or assigned to a name."""
        for line in tokens_by_line:
            words = [token for token in line if token.type not in _LAYOUT]
            at = next((i for i, word in enumerate(words) if word.string == "%"), None)
            if at is None or [word.string for word in words[at : at + 2]] != _MAGIC:
                continue
            is_assigned = at > 1 and words[at - 1].string == "="
            if (
                words[-1].string == "?"
                and len(words) > at + 3
                and (not at or is_assigned)
            ):
                return cls(words[0].start, words[at].start)
        return None

    def __init__(self, start: tuple[int, int], percent: tuple[int, int]) -> None:
        super().__init__(start)  # type: ignore[no-untyped-call]
        self._row, self._column = percent[0] - 1, percent[1]

    def transform(self, lines: list[str]) -> list[str]:
        """Writes the call that IPython makes of any other magic line."""
        line = lines[self._row]
        before, prompt = line[: self._column], line[self._column :].strip()
        arguments = prompt.removeprefix("%claude").strip()
        call = f"{before}get_ipython().run_line_magic('claude', {arguments!r})\n"
        return [*lines[: self._row], call, *lines[self._row + 1 :]]


_MAGIC = ["%", "claude"]
_LAYOUT = frozenset(
    {
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.NEWLINE,
        tokenize.NL,
        tokenize.COMMENT,
        tokenize.ENDMARKER,
    }
)


def _adding(to: list[Any], item: Any) -> Callable[[], None]:
    to.append(item)
    return _removing(to, item)


def _removing(from_: list[Any], item: Any) -> Callable[[], None]:
    def undo() -> None:
        if item in from_:
            from_.remove(item)

    return undo


def _listening(
    events: Any, name: str, listener: Callable[..., None]
) -> Callable[[], None]:
    events.register(name, listener)
    return lambda: events.unregister(name, listener)


def _putting_back(names: dict[str, Any], name: str) -> Callable[[], None]:
    """Undoes what will be registered under this name."""
    missing = name not in names
    before = names.get(name)

    def undo() -> None:
        if missing:
            names.pop(name, None)
        else:
            names[name] = before

    return undo
