"""Names that look like those of credentials, and names that do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.credentials import looks_like_credential

YES = """
password PASSWORD passwd pwd db_password userPassword user-password password1 Password
password_hash passphrase secret SECRET client_secret clientSecret secret_key secretKey
django_secret_key secrets token auth_token authToken access_token refresh_token
github_token githubToken HF_TOKEN csrf-token id_token token_value bearer_token
api_key apikey apiKey API_KEY ApiKey APIKey api-key X-API-Key x-api-key api_keys
OPENAI_API_KEY openai_api_key ROUTEWAY_API_KEY access_key accessKey AWS_ACCESS_KEY_ID
AWS_SECRET_ACCESS_KEY private_key privateKey private_key_pem ssh_private_key
encryption_key signing_key credential credentials db_credentials Authorization
authorization Proxy-Authorization bearer _password __token
"""

NO = """
tokens token_count max_tokens n_tokens num_tokens total_tokens token_ids token_type
tokenizer tokenize tokenized token_embedding eos_token bos_token pad_token mask_token
next_token last_token per_token stop_token key keys primary_key foreign_key sort_key
key_name keyword keyboard monkey turkey passenger passed bypass pass_rate compass
password_length password_field has_password is_secret requires_token use_token
secretary secret_name public_key author authors authorized authorization_url
credential_type df x data name user username email host port url api access
"""


@pytest.mark.parametrize("name", YES.split())
def test_a_credentials_name_is_recognised(name: str) -> None:
    """In snake, camel, kebab and header case, with a prefix or a number."""
    assert looks_like_credential(name)


@pytest.mark.parametrize("name", [*NO.split(), "", "_", "1", "日本", "a b"])
def test_an_ordinary_name_is_not(name: str) -> None:
    """Tokens of a text, keys of a table and questions about a password are none."""
    assert not looks_like_credential(name)


@settings(deadline=None)
@given(st.text())
def test_any_name_is_judged_without_case_of_its_separators(name: str) -> None:
    """Whatever the name: it is judged, and hyphens are as good as underscores."""
    kebab = name.replace("_", "-")
    assert looks_like_credential(name) == looks_like_credential(kebab)
