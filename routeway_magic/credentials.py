"""Names that look like those of credentials, whose values are not sent unasked.

Only the name is judged. A credential's word has to be the last of the name but for
words such as `value`: `api_key`, `githubToken` and `db-password-hash` look like
credentials; `max_tokens`, `token_count`, `key` and `password_length` do not.
"""

from __future__ import annotations

import re

__all__ = ["looks_like_credential"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALONE = _words(
    "apikey apikeys apitoken accesskey accesstoken authorization authtoken bearer"
    " clientsecret credential credentials passphrase passwd password passwords"
    " privatekey pwd secret secretkey secrets token"
)
# The words before `key` or `keys` that make it one.
_KEYS = _words(
    "access api auth encryption license master private secret service session"
    " signing subscription"
)
_MORE_OF_IT = _words("b64 base64 bytes hash id pem str string text value")
# Tokens of a text, and questions about a credential instead of the thing itself.
_TEXT_TOKENS = _words(
    "all begin bos cls current end eos every fill first image last mask new next no"
    " num pad per prev previous sep special start stop text unk word"
)
_QUESTIONS = _words(
    "count has hide is max min needs no num requires show use uses without"
)


def looks_like_credential(name: str) -> bool:
    """Whether a name looks like that of a password, a token, a key or their like.

    Args:
        name: of a variable, attribute, key or header, in any of the usual cases.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and words[-1] in _MORE_OF_IT:
        words.pop()
    if not words or words[0] in _QUESTIONS:
        return False
    before, last = words[-2] if len(words) > 1 else "", words[-1]
    if last == "token":
        return before not in _TEXT_TOKENS
    return last in _ALONE or (last in ("key", "keys") and before in _KEYS)
