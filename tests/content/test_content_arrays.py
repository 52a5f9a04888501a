"""NumPy's arrays, and whatever else has a shape and a dtype."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from routeway_magic.content import Described, Limits, describe
from routeway_magic.content.arrays import describe_array_like


def told(value: object, tokens: int = 4000) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def test_a_small_array_is_whole():
    """An array that fits is given whole, as Python would write it."""
    described = told(np.array([[1, 2], [3, 4]]))
    assert described.label("a") == "[a: NumPy array, 2 × 2, int64]"
    assert described.text == "1 … 4, mean 2.5 ± 1.12\n[[1, 2],\n[3, 4]]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            np.array([1.5, np.nan, np.inf]),
            "always 1.5, 1 infinite; 1 NaN\n[1.5, nan, inf]",
        ),
        (np.array([True, False]), "True 50%\n[True, False]"),
        (np.array([1 + 1j]), "absolute always 1.41421\n[(1+1j)]"),
        (np.array(["a", "b", "a"]), "2 distinct: a (67%), b (33%)\n['a', 'b', 'a']"),
        (np.array([b"x"]), "1 distinct: b'x' (100%)\n[b'x']"),
        (
            np.array([None, "x"], object),
            "1 distinct: x (100%); 1 None or NaN\n[None, 'x']",
        ),
        (
            np.ma.array([1, 2], mask=[0, 1]),
            "always 1; 1 masked (shown as None)\n[1, None]",
        ),
        (np.zeros((0, 3)), "[]"),
        (
            np.array(["2024-01-01", "NaT"], "datetime64[D]"),
            "always 2024-01-01; 1 NaT\n[2024-01-01, None]",
        ),
        (np.array([0, 0, 1] * 2), "2 distinct: 0 (67%), 1 (33%)\n[0, 0, 1, 0, 0, 1]"),
    ],
)
def test_kinds(value, text):
    """Each kind of value has its own facts: range, missing values, the commonest."""
    assert told(value).text == text


def test_a_corner_of_a_large_array():
    """Of a large array a corner is shown, and the label says which."""
    described = told(np.arange(24_000.0).reshape(2, 100, 120), 300)
    assert described.left_out == "all values but the first 6 × 10 at [0]"
    assert "at [0]: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …]," in described.text
    line = told(np.arange(100_000))
    assert line.text.endswith("19, …, 99995, 99996, 99997, 99998, 99999]")
    assert line.left_out == "all values but the first 20 and last 5"


def test_fifty_tokens():
    """In little space there is still the range and some values."""
    described = told(np.arange(10_000.0).reshape(100, 100), 50)
    assert described.text.startswith("0 … 9999, mean 5000 ± 2.89e+03\n[[0, 1")


@pytest.mark.parametrize(
    "value",
    [
        np.broadcast_to(1.5, (250_000_000,)),
        np.broadcast_to(1.5, (2, 50_000, 2_500)),
        np.broadcast_to(1.5, (2_500, 50_000, 2)).T[:, ::2],
        np.zeros(499_000),
    ],
)
def test_huge_arrays_take_little_memory(value):
    """Two gigabytes are told of a sample, in less than 10 MB."""
    told(value[:1])
    tracemalloc.start()
    described = told(value)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ("evenly spaced" in described.text) == (value.size > 1_000_000)
    assert peak < 10e6


def test_a_file_of_two_gigabytes(tmp_path):
    """A mapped file is read in a few runs."""
    mapped = np.memmap(tmp_path / "big", np.float64, "w+", shape=(250_000_000,))
    mapped[-1] = 7
    described = told(mapped)
    assert described.kind == "NumPy memmap"
    assert described.text.startswith("0 … 7, ")
    assert "of 10,000 values" in described.text


def test_records_are_a_table():
    """A structured array is told as the table that it is."""
    value = np.array([("a", 1), ("b", 2)], dtype=[("name", "U3"), ("n", "i4")])
    assert told(value).text.splitlines()[1:] == [
        "name | <U3 | 0 | all distinct",
        "n | int32 | 0 | 1 … 2, mean 1.5 ± 0.5",
        "all rows:",
        "name,n",
        "a,1",
        "b,2",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.int64(7), "7"),
        (np.float32(0.1), "0.1"),
        (np.True_, "True"),
        (np.datetime64("2024-01-01"), "2024-01-01"),
        (np.array(3.5), "3.5"),
    ],
)
def test_numbers_are_words(value, text):
    """A single number stands in the sentence as it is."""
    assert told(value).as_blocks() == [{"type": "text", "text": text}]


def test_huge_texts_are_cut():
    """A text of a hundred megabytes in an array is cut."""
    described = told(np.array(["x" * 100_000_000, {"a": [1]}], dtype=object))
    assert described.text.endswith("…', {'a': [1]}]")
    assert len(described.text) < 200


class Device(str):
    """One as torch has it: its repr is longer than its name."""

    __slots__ = ()

    def __repr__(self):
        return f"device(type={str(self)!r})"


class Tensor:
    """A tensor as torch has them: known by its shape, dtype and device."""

    def __init__(self, values, device="cpu", **more):
        self.values = np.asarray(values)
        self.shape = self.values.shape
        self.dtype = f"torch.{self.values.dtype}"
        self.device = Device(device)
        vars(self).update(more)

    def __getitem__(self, at):
        if self.device != "cpu":
            raise AssertionError("read from another device")
        return Tensor(self.values[at])

    def tolist(self):
        """As torch has it."""
        return self.values.tolist()

    __len__ = None


class Shared(Tensor):
    """One whose memory NumPy can look at, as torch's and JAX's."""

    def detach(self):
        """The same without its gradient."""
        return self.values

    def __getitem__(self, at):
        raise AssertionError("sliced, though NumPy can see it in place")


def test_tensors():
    """A tensor tells device and gradient; its memory is looked at in place."""
    described = told(Shared([[1.0, 2.0]], requires_grad=True))
    assert described.label() == "[test_content_arrays Shared, 1 × 2, torch.float64]"
    assert described.text.splitlines()[0] == "device cpu; requires_grad"
    assert described.text.splitlines()[1:] == ["1 … 2, mean 1.5 ± 0.5", "[[1, 2]]"]


def test_a_corner_by_slicing():
    """Where NumPy cannot look, a corner is read by slicing."""
    assert told(Tensor([[1, 2], [3, 4]])).text == "device cpu\n[[1, 2],\n[3, 4]]"


@pytest.mark.parametrize("more", [{"device": "cuda:0"}, {"chunks": ((1, 1),)}])
def test_values_elsewhere_are_not_read(more):
    """From another device, or a lazy array, no value is fetched."""
    described = told(Shared([1, 2], **more))
    assert described.size == "2 values, torch.int64"
    assert described.left_out == "values (not read)"


@pytest.mark.parametrize(
    "value",
    [
        type("Odd", (), {"shape": "round", "dtype": "x"})(),
        type("Odd", (), {"shape": (1, -2), "dtype": "x"})(),
        type("Odd", (), {"shape": property(lambda _: 1 / 0), "dtype": "x"})(),
        np.ndarray,
        "text",
    ],
)
def test_what_is_no_array(value):
    """A shape that is none, or cannot be read, is no array."""
    assert describe_array_like(value, Limits()) is None


def test_shapes_that_are_not_known():
    """An axis of unknown length is shown as such, and nothing is read."""
    symbol = type("Symbol", (), {"shape": (None, 3), "dtype": "float32"})()
    assert told(symbol).size == "? × 3, float32"


def test_sparse_matrices():
    """A sparse matrix tells how much it stores, and some of that."""
    sparse = pytest.importorskip("scipy.sparse", reason="needs the extra [test-all]")
    described = told(sparse.csr_array(np.eye(4)))
    assert described.text.splitlines() == [
        "nnz 4; format csr",
        "sparse, 25.00% stored:",
        "always 1",
        "[1, 1, 1, 1]",
    ]


def test_nothing_is_imported_for_an_array_like():
    """Telling of a foreign array imports no library, NumPy included."""
    code = (
        "import sys; from routeway_magic.content import describe\n"
        "A = type('A', (), {'shape': (2, 2), 'dtype': 'f4', 'device': 'cpu'})\n"
        "before = set(sys.modules); print(describe(A()).label())\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.splitlines()[1:] == ["['routeway_magic']"], ran.stderr


@settings(deadline=None, max_examples=80)
@given(
    arrays.arrays(
        arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, min_side=0, max_dims=4)
    ),
    st.integers(0, 300),
)
def test_any_array_within_any_limit(value, tokens):
    """Whatever an array holds, its text fits the limit, and is the same each time."""
    assert told(value, tokens) == told(value, tokens)
