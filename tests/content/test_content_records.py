"""Records of other libraries, with the libraries themselves."""

from __future__ import annotations

import pytest

from routeway_magic.content import Limits, describe


def test_attrs_classes_are_told_by_their_fields() -> None:
    """Those kept out of the repr are not sent; credentials are withheld."""
    attrs = pytest.importorskip("attrs", reason="needs the extra [test-all]")

    @attrs.define
    class Account:
        name: str
        api_key: str
        notes: list[int] = attrs.field(factory=list, repr=False)

    described = describe(Account("me", "k-1", [7]))
    assert described.text == "Account(name='me', api_key=<left out>)"
    assert "`notes`, which the class keeps out of its repr" in described.left_out
    assert "`--allow-secret api_key` sends it" in described.left_out


def test_pydantic_models_are_told_by_their_fields() -> None:
    """Extra ones included; a SecretStr keeps its own secret."""
    pydantic = pytest.importorskip("pydantic", reason="needs the extra [test-all]")

    class Inner(pydantic.BaseModel):
        rate: float = 0.5

    class Config(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        name: str
        inner: Inner = Inner()
        code: pydantic.SecretStr = pydantic.SecretStr("hush")
        cache: int = pydantic.Field(default=0, repr=False)

    value = Config(name="fit", steps=3)
    described = describe(value)
    assert described.text == (
        "Config(name='fit', inner=Inner(rate=0.5), "
        "code=SecretStr('**********'), steps=3)"
    )
    assert "hush" not in describe(value, Limits(allowed=frozenset({"code"}))).text
    assert describe(Config).text.startswith("class Config(")


def test_msgspec_structs_are_told_by_their_fields() -> None:
    """By the mark that their class declares: the library itself is not needed."""

    class Struct:
        __struct_fields__ = ("x", "token")
        x = 1
        token = "t-1"

    assert describe(Struct()).text == "Struct(x=1, token=<left out>)"
