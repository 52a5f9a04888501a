"""What a refusing server says becomes an error with a way out (API.md 5)."""

from __future__ import annotations

import json
import time
from typing import Any

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic import errors
from routeway_magic.envelope import read_refusal, read_stream_error, wait_in_words
from routeway_magic.errors import APIStatusError

CLASSES = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.PaymentRequiredError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    413: errors.ContentTooLargeError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
    500: errors.InternalServerError,
    502: errors.InternalServerError,
    503: errors.ServiceUnavailableError,
    504: errors.DeadlineExceededError,
    529: errors.OverloadedError,
}
ANTHROPIC = {
    "type": "error",
    "error": {"type": "some_error", "message": "the words"},
    "request_id": "req_1",
}
ROUTEWAY = {
    "error": {
        "message": "the words",
        "type": "some_error",
        "code": 401,
        "tip": "check the header",
        "trace_id": "req_1",
    }
}
LIMITS = {
    "error": {
        "message": "the words",
        "type": "some_error",
        "param": None,
        "code": "rate_limit_exceeded",
        "status_code": 429,
        "id": "req_1",
        "docs": "https://docs.test",
        "support": "https://chat.test",
    }
}
LEGACY = {
    "error": {"message": "the words", "type": "some_error", "tip": "pay", "code": 429}
}


def refusal(status: int, body: Any, **headers: str) -> APIStatusError:
    """The error for a JSON body, or a text."""
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_refusal(status, named, text, model="claude-x")


def shown(error: errors.ClaudeError) -> list[str]:
    """The lines in the cell: what happened, what to do, perhaps the trace id."""
    lines = error._render_traceback_()
    assert 2 <= len(lines) <= 3
    assert all(lines)
    return lines


def ancestors(kind: type) -> list[str]:
    """The names of an API error's classes, up to `APIError`."""
    names = [one.__name__ for one in kind.__mro__]
    return names[: names.index("APIError") + 1]


@pytest.mark.parametrize(
    "kind", [*CLASSES.values(), errors.APIConnectionError, errors.APITimeoutError]
)
def test_names_of_the_sdk(kind: type) -> None:
    """API errors have the names, and the ancestors, that the official SDK gives them."""
    theirs = getattr(anthropic, kind.__name__, None) or getattr(
        anthropic._exceptions, kind.__name__
    )
    # Not the class's own name: the SDK keeps DeadlineExceededError as an alias.
    assert ancestors(kind)[1:] == ancestors(theirs)[1:]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(599, errors.InternalServerError), (418, APIStatusError), (302, APIStatusError)],
)
def test_statuses_without_a_name(status: int, kind: type) -> None:
    """Any other status has the class of its hundred."""
    assert type(refusal(status, "")) is kind


@pytest.mark.parametrize("status", CLASSES)
@pytest.mark.parametrize(
    "body",
    [ANTHROPIC, ROUTEWAY, LIMITS, LEGACY],
    ids=["Anthropic", "Routeway", "Routeway limits", "Routeway legacy"],
)
def test_envelopes(status: int, body: dict[str, Any]) -> None:
    """Every status in every envelope: its class, the server's words, what to do."""
    error = refusal(status, body, request_id="req_1")
    assert type(error) is CLASSES[status]
    assert (error.status_code, error.type, error.message, error.request_id) == (
        status,
        "some_error",
        "the words",
        "req_1",
    )
    what, do, trace = shown(error)
    assert what.startswith(f"{CLASSES[status].__name__}: ")
    assert what.endswith(": the words")
    assert trace == "Trace id: req_1"
    assert body["error"].get("tip", "") in do


@pytest.mark.parametrize("status", CLASSES)
@pytest.mark.parametrize(
    "body", ["", " \n", "null", "[]", "{}", '{"error": null}', '{"error": {}}', "<p>"]
)
def test_bodies_that_say_nothing(status: int, body: str) -> None:
    """An empty or meaningless body still gives the class and what to do."""
    error = refusal(status, body)
    assert type(error) is CLASSES[status]
    assert len(shown(error)) == 2


PAGE = (
    "<!DOCTYPE html><html><head><TITLE lang='en'>Attention\n  Required &amp; more"
    "</TITLE></head><body><script>alert(1)</script>Sorry</body></html>"
)


@pytest.mark.parametrize("status", [403, 429, 502, 520])
def test_html(status: int) -> None:
    """Of a page only its title is shown, as text on one line."""
    what, *rest = shown(refusal(status, PAGE))
    assert what.endswith(": Attention Required & more")
    assert "<" not in "".join([what, *rest])


def test_plain_text() -> None:
    """A body of plain text is the message."""
    assert refusal(503, "upstream\n down\n").message == "upstream down"


@pytest.mark.parametrize("code", [401, "invalid_key", None])
def test_code_is_not_relied_on(code: object) -> None:
    """`code` may be a number, a text or missing: the HTTP status decides."""
    body = {"error": {"message": "m", "type": "invalid_request_error", "code": code}}
    assert type(refusal(401, body)) is errors.AuthenticationError


def test_error_as_a_text() -> None:
    """`error` may be a bare text."""
    assert refusal(400, {"error": "bad"}).message == "bad"


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ({"error": {"trace_id": "a", "id": "b"}, "request_id": "c"}, {}, "a"),
        ({"error": {"id": "b"}, "request_id": "c"}, {"request_id": "d"}, "b"),
        ({"error": {"id": 7}, "request_id": "c"}, {"request_id": "d"}, "c"),
        ({"error": {}}, {"request_id": "d", "x_request_id": "e"}, "d"),
        ("<html>", {"x_request_id": "e"}, "e"),
        ("", {}, ""),
    ],
)
def test_trace_id(body: Any, headers: dict[str, str], expected: str) -> None:
    """The trace id is the first of trace_id, id, request_id and the two headers."""
    assert refusal(500, body, **headers).request_id == expected


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ["%claude login", "ROUTEWAY_API_KEY"]),
        (402, ["credit", ":free"]),
        (403, ["%claude models", "key's owner"]),
        (404, ["%claude models"]),
        (413, ["less", "%claude new"]),
        (422, ["option", "%claude new"]),
        (429, ["Wait", "model"]),
        (500, ["again"]),
        (529, ["again", "model"]),
        (301, ["ROUTEWAY_BASE_URL"]),
        (408, ["again"]),
        (409, ["again"]),
        (418, ["ROUTEWAY_BASE_URL"]),
    ],
)
def test_what_to_do(status: int, words: list[str]) -> None:
    """Each refusal says what to do about it."""
    hint = shown(refusal(status, ""))[1]
    assert all(word in hint for word in words)


@pytest.mark.parametrize("status", [403, 404])
def test_model_is_named(status: int) -> None:
    """Where the model may be the reason it is named."""
    assert "(model `claude-x`)" in shown(refusal(status, ANTHROPIC))[0]


def test_wait_is_told() -> None:
    """A 429 says how long to wait, and until when."""
    error = refusal(429, ROUTEWAY, retry_after="30")
    assert error.retry_after == 30
    assert shown(error)[1].startswith("Try again in 30 s (until ")
    assert "Tip: check the header" in shown(error)[1]


@pytest.mark.parametrize("header", ["garbage", "", "nan"])
def test_unusable_wait(header: str) -> None:
    """A Retry-After that says nothing is as if it were missing."""
    assert refusal(429, "", retry_after=header).retry_after is None


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("This model does not support assistant message prefill.", "put in its mouth"),
        ('"thinking.type.enabled" is not supported', "--thinking adaptive"),
        ("adaptive thinking is not supported on this model", "--thinking 2048"),
        ("a block bound to a different conversation", "%claude new"),
        ("messages.0.content: Input should be a valid string", "Change the prompt"),
        ("`messages` must alternate", "Change the prompt"),
        ("temperature: range: 0..1", "Take back the option"),
    ],
)
def test_known_words(message: str, hint: str) -> None:
    """Words that are known from Anthropic's documents get a hint of their own."""
    assert hint in shown(refusal(400, {"error": {"message": message}}))[1]


def test_hostile_words() -> None:
    """Terminal escapes, line ends, direction marks and length are taken out."""
    message = "\x1b[31mred\x07\n\u202eeven\u2028more" + "x" * 5000
    error = refusal(400, {"error": {"message": message, "tip": message}})
    text = "".join(shown(error))
    assert text.isprintable()
    assert len(text) < 900


@pytest.mark.parametrize("body", ["<title>" * 10_000, "<title" * 11_000, "[" * 65_536])
def test_hostile_bodies_cost_no_time(body: str) -> None:
    """A body made to be slow to read is read at once."""
    started = time.process_time()
    shown(refusal(500, body))
    assert time.process_time() - started < 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "type", "tip", "trace_id", "id"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    status=st.integers(300, 599),
    body=st.text(max_size=200) | json_values.map(json.dumps),
    header=st.text(max_size=20) | st.floats().map(str),
)
def test_any_refusal(status: int, body: str, header: str) -> None:
    """Whatever a server says, two or three printable lines come of it."""
    error = refusal(status, body, retry_after=header)
    assert error.status_code == status
    assert all(line.isprintable() for line in shown(error))


@settings(deadline=None)
@given(json_values)
def test_any_stream_error(value: Any) -> None:
    """Whatever an error frame holds, two or three printable lines come of it."""
    error = read_stream_error({"error": value})
    assert all(line.isprintable() for line in shown(error))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "a moment"),
        (119, "119 s (until "),
        (120, "2 min (until "),
        (7200, "2 h"),
        (86400, "24 h"),
        (864000, "10 days"),
        (1e300, "1.16e+295 days"),
    ],
)
def test_wait_in_words(seconds: float, words: str) -> None:
    """A wait is told in the unit that people would use."""
    assert wait_in_words(seconds).startswith(words)
