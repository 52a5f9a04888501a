"""One settings object; magic options, `%config` and the docs are made from it.

A parameter is sent only if the user has set it. `None` (in a cell: `unset`) takes
it back. Types are checked here, ranges are the server's to judge.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from traitlets import Bool, Dict, Enum, HasTraits, Int, TraitError, Unicode
from traitlets.config import Config, SingletonConfigurable

from routeway_magic.errors import InputError
from routeway_magic.spelling import near
from routeway_magic.traits import Number, Texts, Thinking, WholeNumber, parameter

__all__ = ["UNSET", "ClaudeSettings", "RequestOptions", "quoted"]

DEFAULT_BASE_URL = "https://api.routeway.ai"
DEFAULT_MODEL = "claude-opus-4-5"
DEFAULT_MAX_TOKENS = 4096
UNSET = "unset"
EFFORTS = ("low", "medium", "high", "xhigh", "max")

# What the line grammar reads back as it stands: no quote, no blank, not like an option.
_PLAIN_WORD = re.compile(r"(?:-?\d|[\w@%+=:,./])[\w@%+=:,./-]*")
_WIRE_NAMES = {"stop": "stop_sequences"}


class ClaudeSettings(SingletonConfigurable):
    """What holds for every request of this kernel.

    Set one with `%config ClaudeSettings.temperature = 0.2`, for good with
    `c.ClaudeSettings.temperature = 0.2` in `ipython_config.py`.
    """

    model = parameter(
        Unicode, "-m", "--model", help=f"Model id; default {DEFAULT_MODEL}."
    )
    temperature = parameter(
        Number,
        "-t",
        "--temperature",
        help="Randomness of the sampling, 0..1.",
        slider=(0.0, 1.0),
    )
    top_p = parameter(
        Number, "--top-p", help="Nucleus sampling, 0..1.", slider=(0.0, 1.0)
    )
    top_k = parameter(
        WholeNumber, "--top-k", help="Sample from the K likeliest tokens."
    )
    max_tokens = parameter(
        WholeNumber,
        "--max-tokens",
        help=f"Most tokens of an answer; default {DEFAULT_MAX_TOKENS} "
        "(with --thinking N: N more).",
    )
    thinking = parameter(
        Thinking,
        "--thinking",
        help="Extended thinking: adaptive, off or a budget N.",
        words=Thinking.words,
    )
    effort = parameter(
        Unicode,
        "--effort",
        help=f"How hard to work: {', '.join(EFFORTS)}.",
        words=EFFORTS,
    )
    stop = parameter(
        Texts, "--stop", trait=Unicode(), help="Text that ends the answer; repeatable."
    )
    system = parameter(Unicode, "-s", "--system", help="System prompt.", lines=True)
    param = parameter(
        Dict, "--param", help="Any other field as KEY=JSON; repeatable; KEY=unset."
    )
    stream = Bool(True, help="Show the answer while it is written.").tag(
        config=True,
        flags=("--no-stream",),
        const=False,
        flag_help="Ask for the whole answer at once, and show it when it is complete.",
    )
    quiet = Bool(help="Show neither the status line nor the footer.").tag(
        config=True, flags=("--quiet",), const=True
    )

    value_budget = Int(
        4000,
        min=1,
        help="Most tokens (estimated) of one value of the notebook in a prompt.",
    ).tag(config=True)
    request_budget = Int(
        20_000,
        min=1,
        help="Most tokens (estimated) of all values of the notebook in a prompt.",
    ).tag(config=True)

    check_context = Bool(
        True,
        help="Hold back what is clearly longer than its model reads, before it is sent.",
    ).tag(config=True)
    max_session_tokens = Int(
        None,
        allow_none=True,
        min=1,
        help="Most tokens, input and output, of this kernel's requests together.",
    ).tag(config=True)
    max_session_cost = Number(
        None,
        allow_none=True,
        min=0.0,
        help="Most US dollars of this kernel's requests together, as far as the "
        "server lists prices.",
    ).tag(config=True)

    max_turns = Int(
        20,
        min=1,
        help="Most requests of one answer: tools are called, and a paused answer goes "
        "on, until then.",
    ).tag(config=True)
    concurrent_calls = Bool(
        help="Run the calls that a model asks for together at the same time, each in a "
        "thread; one that is stopped is left to end by itself."
    ).tag(config=True)

    sweep_concurrency = Int(
        8, min=1, max=256, help="Requests of a sweep that run at the same time."
    ).tag(config=True)
    sweep_confirm_above = Int(
        100,
        min=0,
        help="Requests of a sweep beyond which --yes (in Python `yes=True`) is needed.",
    ).tag(config=True)

    base_url = Unicode(
        None,
        allow_none=True,
        help="Server; else ROUTEWAY_BASE_URL, else https://api.routeway.ai.",
    ).tag(config=True)
    source = Enum(
        ["auto", "live", "emulator"],
        None,
        allow_none=True,
        help="Who answers; else ROUTEWAY_SOURCE, else auto: the emulator answers "
        "only when neither a key nor a base URL is set.",
    ).tag(config=True)
    anthropic_version = Unicode("2023-06-01", help="The anthropic-version header.").tag(
        config=True
    )
    connect_timeout = Number(
        10.0, min=0.01, max=86400, help="Seconds to wait for a connection."
    ).tag(config=True)
    read_timeout = Number(
        600.0,
        min=0.01,
        max=86400,
        help="Seconds to wait for the next byte of an answer.",
    ).tag(config=True)
    max_retries = Int(
        2, min=0, help="Further tries when a request fails before an answer begins."
    ).tag(config=True)
    allow_http = Bool(
        help="Allow plain http:// to hosts other than this machine; the key "
        "then crosses the network unencrypted."
    ).tag(config=True)

    reuse = Bool(
        help="Give again what this notebook was answered before, in place of asking: "
        "Run All is free. What is asked the same way is then answered the same way.",
    ).tag(config=True)

    journal = Bool(
        True,
        help="Keep what is asked and answered on disk, for this user alone; see "
        "`%claude journal path`.",
    ).tag(config=True)
    journal_days = Number(
        30.0, min=0, help="Days after which journals of other kernels are deleted."
    ).tag(config=True)
    journal_megabytes = Number(
        500.0,
        min=0,
        help="Megabytes of all journals; beyond, the oldest of other kernels are "
        "deleted.",
    ).tag(config=True)

    def update_config(self, config: Config) -> None:
        """Takes settings from `%config` or a config file.

        Raises:
            InputError: if there is no setting of that name (traitlets would only
                tell the log).
            TraitError: if a value has the wrong type.
        """
        known = self.trait_names(config=True)
        for name in config.get(type(self).__name__, {}):
            if name not in known:
                raise _no_such_option(name, known)
        super().update_config(config)

    def take_defaults(self, config: Config) -> None:
        """Takes from a config what is not set otherwise, as it may be by a panel.

        Raises:
            InputError: if there is no setting of that name.
            TraitError: if a value has the wrong type.
        """
        kept = {
            name: value
            for name, trait in self.traits(config=True).items()
            if (value := getattr(self, name)) != trait.default(self)
        }
        self.update_config(config)
        for name, value in kept.items():
            setattr(self, name, value)

    def snapshot(self, **overrides: Any) -> RequestOptions:
        """The options of one request: the settings now, with these in their place.

        Later changes to the settings, or to a value given here, do not reach it.

        Args:
            **overrides: settings by name; None or "unset" takes one back; `param`
                is merged into the setting's, member by member.

        Raises:
            InputError: if there is no such setting, or a value has the wrong type.
        """
        traits = self.traits(parameter=True)
        values = {name: getattr(self, name) for name in traits}
        shown = {"stream": self.stream, "quiet": self.quiet}
        for name, value in overrides.items():
            if name in shown:
                shown[name] = _checked(self, name, value)
            elif name in traits:
                values[name] = self._merged(name, value)
            else:
                raise _no_such_option(name, [*traits, *shown])
        chosen = {
            key: value for key, value in values.items() if value not in (None, [], {})
        }
        return RequestOptions(
            parameters=deepcopy(chosen),
            default_model=os.environ.get("ROUTEWAY_MODEL") or DEFAULT_MODEL,
            **shown,
        )

    def _merged(self, name: str, value: Any) -> Any:
        if value is None or value == UNSET:
            return None
        checked = _checked(self, name, value)
        if name != "param":
            return checked
        merged = {**(self.param or {}), **checked}
        return {key: item for key, item in merged.items() if item != UNSET}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOptions:
    """The settings of one request, read once when it starts.

    Args:
        parameters: what the user set, by the setting's name.
        default_model: the model to ask if the user set none.
        stream: whether the answer is streamed.
        quiet: whether status line and footer are left out.
    """

    parameters: Mapping[str, Any]
    default_model: str = DEFAULT_MODEL
    stream: bool = True
    quiet: bool = False

    @property
    def model(self) -> str:
        """The model to ask: the setting, else ROUTEWAY_MODEL, else the default."""
        return str(self.parameters.get("model") or self.default_model)

    @property
    def max_tokens(self) -> int:
        """The limit to send; a thinking budget comes on top of the default."""
        thinking = self.parameters.get("thinking")
        extra = thinking if isinstance(thinking, int) else 0
        return int(self.parameters.get("max_tokens", DEFAULT_MAX_TOKENS + extra))

    def as_line(self) -> str:
        """These options as a `%%claude` line that sets them again.

        Text that no quotes can hold on a line (a line break, or both kinds of quote)
        is written as `--param` with the request's own name: the request is the same.
        """
        words = ["%%claude"]
        param = dict(self.parameters.get("param") or {})
        for name, value in self.parameters.items():
            if name == "param":
                continue
            values = value if isinstance(value, list) else [value]
            written = [quoted(str(item)) for item in values]
            if None in written:
                param.setdefault(_WIRE_NAMES.get(name, name), value)
            else:
                words += [f"{_flag(name)} {item}" for item in written]
        words += [f"--param {key}={json.dumps(param[key])}" for key in param]
        words += ["--no-stream"] * (not self.stream) + ["--quiet"] * self.quiet
        return " ".join(words)


def _flag(name: str) -> str:
    return str(ClaudeSettings.class_traits()[name].metadata["flags"][-1])


def quoted(word: str) -> str | None:
    """The word as the line grammar reads it back, None if no quotes can hold it."""
    if _PLAIN_WORD.fullmatch(word):
        return word
    quote = "'" if '"' in word else '"'
    fits = quote not in word and word.isprintable()
    return f"{quote}{word}{quote}" if fits else None


def _checked(settings: HasTraits, name: str, value: Any) -> Any:
    trait = settings.traits()[name]
    try:
        return trait._validate(settings, value)  # noqa: SLF001 - traitlets' only way to check without setting
    except TraitError as error:
        raise InputError(
            f"`{name}` cannot be {value!r}.", f"It takes {trait.info()}. {trait.help}"
        ) from error


def _no_such_option(name: str, known: list[str]) -> InputError:
    hint = near(name, known) or f"There are {', '.join(known)}."
    return InputError(
        f"There is no option `{name}`.", f"{hint} Any other field goes through `param`."
    )
