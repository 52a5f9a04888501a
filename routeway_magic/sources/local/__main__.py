"""The process that runs the model: told what to do on its first line of input.

It says where it answers on its first line of output, and ends when its input does, or
when it has another parent. `--fetch` only downloads the weights and says where they are.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

__all__ = ["main"]

_LOOK_EVERY = 1.0
_SLOTS = 4  # how many are answered at the same time
_ERRORS_ONLY = 1


def main() -> None:
    """Serves until the input ends."""
    if sys.argv[1:] == ["--fetch"]:
        from routeway_magic.sources.local.weights import cached, fetch

        print(cached() or fetch())  # noqa: T201 - what was asked for
        return
    what = json.loads(sys.stdin.readline())
    threading.Thread(target=_watch, args=(what["parent"],), daemon=True).start()
    try:
        server = _serve(what)
    except (ImportError, OSError, RuntimeError) as error:
        is_llama = isinstance(error, RuntimeError)  # it has told its log why
        _say(error="" if is_llama else f"xllamacpp cannot be used: {error}")
        sys.exit(1)
    _say(base_url=server.listening_address)
    while sys.stdin.read(1):
        pass
    os._exit(0)  # an answer under way is not waited for


def _serve(what: dict[str, Any]) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = what["weights"]
    parameters.model_alias = {what["name"]}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = what["port"]
    parameters.api_keys = [what["key"]]
    parameters.n_ctx = 0  # as much as the model was trained for
    parameters.n_parallel = _SLOTS
    parameters.kv_unified = True  # which they share
    parameters.verbosity = _ERRORS_ONLY
    # Half of the processor, and no waiting in loops: threads that wait for each other
    # on a busy machine are twenty times slower.
    for threads in (parameters.cpuparams, parameters.cpuparams_batch):
        threads.n_threads = max(1, (os.cpu_count() or 1) // 2)
        threads.poll = 0
    # What the user does not set has no effect: the model's own likelihoods.
    parameters.sampling.temp = 1.0
    parameters.sampling.top_k = 0
    parameters.sampling.top_p = 1.0
    parameters.sampling.min_p = 0.0
    return xllamacpp.Server(parameters)


def _say(**what: str) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the parent reads it


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(0)


if __name__ == "__main__":
    main()
