"""The programs: Python with httpx, a shell with curl, Anthropic's SDK."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

from routeway_magic.endpoint import Endpoint
from routeway_magic.export.attachments import attached_name, without_bytes
from routeway_magic.export.literals import literal, quoted
from routeway_magic.types import JSONObject, Request

__all__ = ["Code", "anthropic_code", "curl_code", "httpx_code"]

# What every version of the SDK takes; other fields go through `extra_body`. Since 1.0
# it has no temperature, top_p and top_k (API.md 1).
_ARGUMENTS = (
    "model",
    "max_tokens",
    "messages",
    "system",
    "stop_sequences",
    "tools",
    "tool_choice",
    "metadata",
    "thinking",
)

_FROM_FILE = """

def from_file(name):
    return base64.b64encode(Path(name).read_bytes()).decode()

"""

_HTTPX = Template("""\
# needs: pip install $needs
$imports
$from_file
url = $url
key = os.environ["ROUTEWAY_API_KEY"]
headers = {
    "authorization": f"Bearer {key}",
    "x-api-key": key,
    "anthropic-version": $version,
    "content-type": "application/json",
}
body = $body

$call""")

_HTTPX_STREAM = Template("""\
with (
    httpx.Client(timeout=$timeout) as client,
    connect_sse(
        client, "POST", url, headers=headers, content=json.dumps(body)
    ) as answer,
):
    if answer.response.is_error:
        raise RuntimeError(answer.response.read().decode())
    for frame in answer.iter_sse():
        if not frame.data.startswith("{"):
            continue
        event = json.loads(frame.data)  # print(event) shows all that comes
        if event.get("error"):
            raise RuntimeError(event["error"])
        print((event.get("delta") or {}).get("text") or "", end="", flush=True)
""")

_HTTPX_WHOLE = Template("""\
answer = httpx.post(
    url, headers=headers, content=json.dumps(body), timeout=$timeout
)
if answer.is_error:
    raise RuntimeError(answer.text)
message = answer.json()
for block in message["content"]:
    print(block.get("text") or block)
""")

_ANTHROPIC = Template("""\
# needs: pip install anthropic
$imports
$from_file
client = anthropic.Anthropic(
    api_key=os.environ["ROUTEWAY_API_KEY"],
    base_url=$base_url,
    default_headers={"anthropic-version": $version},
    timeout=$timeout,
)
$call""")

_ANTHROPIC_STREAM = Template("""\
with client.messages.stream(
$arguments) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
    message = stream.get_final_message()
""")

_ANTHROPIC_WHOLE = Template("""\
message = client.messages.create(
$arguments)
for block in message.content:
    print(getattr(block, "text", block))
""")

# printf is bash's own: the key is in the arguments of no program, which others can list.
_CURL = Template("""\
: "$${ROUTEWAY_API_KEY:?is not set}" &&
curl --silent --show-error$stream $url \\
  --header @<(printf '%s: %s\\n' authorization "Bearer $$ROUTEWAY_API_KEY" \\
    x-api-key "$$ROUTEWAY_API_KEY") \\
  --header $version \\
  --header "content-type: application/json" \\
  --data-binary $data
""")


@dataclass(frozen=True, slots=True)
class Code:
    """A program.

    Args:
        text: its source.
        files: what it reads from the folder that it runs in, by name: images and
            other bytes that are too long to stand in it.
    """

    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def httpx_code(request: Request, endpoint: Endpoint) -> Code:
    """Python with httpx, as little as sends the request.

    Args:
        request: what to send.
        endpoint: where to.
    """
    body, files = without_bytes(_plain(request.body))
    call = _HTTPX_STREAM if request.stream else _HTTPX_WHOLE
    modules = ["httpx"] + ["from httpx_sse import connect_sse"] * request.stream
    text = _HTTPX.substitute(
        needs="httpx httpx-sse" if request.stream else "httpx",
        imports=_imports(["json", "os"], modules, has_files=bool(files)),
        from_file=_FROM_FILE if files else "",
        version=quoted(endpoint.anthropic_version),
        body=literal(body),
        url=quoted(_url(endpoint)),
        call=call.substitute(timeout=_seconds(endpoint)),
    )
    return Code(text, files)


def anthropic_code(request: Request, endpoint: Endpoint) -> Code:
    """Python with Anthropic's SDK, any version of it.

    Args:
        request: what to send.
        endpoint: where to.
    """
    body, files = without_bytes(_plain(request.body))
    is_stream = body.get("stream") is True
    if is_stream:
        del body["stream"]
    arguments = _arguments(body)
    call = _ANTHROPIC_STREAM if is_stream else _ANTHROPIC_WHOLE
    own = ["os"] + ["json"] * ("json.loads(" in arguments)
    text = _ANTHROPIC.substitute(
        imports=_imports(own, ["anthropic"], has_files=bool(files)),
        from_file=_FROM_FILE if files else "",
        base_url=quoted(endpoint.base_url),
        version=quoted(endpoint.anthropic_version),
        timeout=_seconds(endpoint),
        call=call.substitute(arguments=arguments),
    )
    return Code(text, files)


def curl_code(request: Request, endpoint: Endpoint) -> Code:
    """A command of bash with curl; a request with long base64 is a file beside it.

    Args:
        request: what to send.
        endpoint: where to.
    """
    text = _json(request.body)
    files: dict[str, bytes] = {}
    if without_bytes(request.body)[1]:
        content = request.encode()
        name = attached_name(content, "json")
        files, data = {name: content}, f"@{name}"
    else:  # no line of JSON is BODY: those in a text are written as \n
        data = f"@- <<'BODY'\n{text}\nBODY"
    version = f"anthropic-version: {endpoint.anthropic_version}"
    command = _CURL.substitute(
        stream=" --no-buffer" * request.stream,
        url=shlex.quote(_url(endpoint)),
        version=shlex.quote(version),
        data=data,
    )
    return Code(command, files)


def _plain(body: JSONObject) -> JSONObject:
    """The body as a server reads it: tuples are lists, keys are texts."""
    plain: JSONObject = json.loads(json.dumps(body))
    return plain


def _json(body: JSONObject) -> str:
    """The body as JSON to read; what cannot be seen in it is written as an escape."""
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return "".join(
        one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1]
        for one in text
    )


def _imports(own: list[str], others: list[str], *, has_files: bool) -> str:
    lines = [f"import {name}" for name in sorted([*own, *["base64"] * has_files])]
    lines += ["from pathlib import Path"] * has_files
    others = [name if " " in name else f"import {name}" for name in others]
    return "\n".join([*lines, "", *others])


def _arguments(body: JSONObject) -> str:
    named: dict[str, Any] = {key: body[key] for key in _ARGUMENTS if key in body}
    rest = {key: value for key, value in body.items() if key not in named}
    if rest:
        named["extra_body"] = rest
    return "".join(
        f"    {name}={literal(value, indent='    ')},\n"
        for name, value in named.items()
    )


def _url(endpoint: Endpoint) -> str:
    return f"{endpoint.base_url}/v1/messages"


def _seconds(endpoint: Endpoint) -> str:
    return f"{endpoint.read_timeout:g}"
