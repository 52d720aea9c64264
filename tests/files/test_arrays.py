"""MXNet's file format: its own bytes, read and written without it, and nothing else."""

import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mxnet import nd

from gluon_seq2seq.files import arrays

SAMPLES = {
    "a": np.arange(6, dtype="float32").reshape(2, 3),
    "b.c-é": np.array([7], dtype="int32"),
    "d": np.array([[[1.5]]], dtype="float64"),
    "e": np.arange(4, dtype="uint8"),
    "f": -np.arange(4, dtype="int8"),
    "g": np.arange(3, dtype="int64"),
    "h": np.array([0.5], dtype="float16"),
}


@pytest.fixture
def by_mxnet(tmp_path):
    path = tmp_path / "by-mxnet"
    nd.save(str(path), {name: nd.array(a, dtype=a.dtype) for name, a in SAMPLES.items()})
    return path


def test_the_bytes_are_those_of_mxnet(by_mxnet, tmp_path):
    arrays.write(tmp_path / "ours", SAMPLES)
    assert (tmp_path / "ours").read_bytes() == by_mxnet.read_bytes()


def test_what_mxnet_wrote_is_read_and_the_other_way_round(by_mxnet, tmp_path):
    arrays.write(tmp_path / "ours", {name: a[::-1][::-1] for name, a in SAMPLES.items()})
    read = {name: a.asnumpy() for name, a in nd.load(str(tmp_path / "ours")).items()}
    for found in arrays.read(by_mxnet), read:
        assert list(found) == list(SAMPLES)
        for name, array in SAMPLES.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            np.testing.assert_array_equal(found[name], array)


def test_arrays_with_numpy_shapes_are_read(by_mxnet):
    content = by_mxnet.read_bytes()
    old, new = (struct.pack("<I", magic) for magic in (arrays.ARRAY, arrays.NUMPY_ARRAY))
    by_mxnet.write_bytes(content.replace(old, new))
    np.testing.assert_array_equal(arrays.read(by_mxnet)["a"], SAMPLES["a"])


def test_every_cut_and_what_follows_is_refused(by_mxnet, tmp_path):
    content = by_mxnet.read_bytes()
    for cut in (*(content[:n] for n in range(len(content))), content + b"\0"):
        (tmp_path / "cut").write_bytes(cut)
        with pytest.raises(ValueError):
            arrays.read(tmp_path / "cut")


def test_sparse_arrays_are_refused(tmp_path):
    nd.save(str(tmp_path / "sparse"), {"a": nd.ones((2, 3)).tostype("row_sparse")})
    with pytest.raises(ValueError, match="sparse"):
        arrays.read(tmp_path / "sparse")


def file(*parts):
    """Bytes of ``(form, numbers...)``, little-endian."""
    return b"".join(struct.pack(f"<{form}", *numbers) for form, *numbers in parts)


ONE = ("3Q", arrays.FILE, 0, 1)


@pytest.mark.parametrize(
    "content",
    [
        file(("3Q", arrays.FILE, 0, 2**63)),
        file(ONE, ("Iii4q3i", arrays.ARRAY, 0, 4, *[2**62] * 4, 1, 0, 0)),
        file(ONE, ("Iii1q3i", arrays.ARRAY, 0, 1, -1, 1, 0, 0)),
        file(ONE, ("Iii1q3i", arrays.ARRAY, 0, 1, 0, 1, 0, 0), ("2Q", 1, 0)),
        file(ONE, ("Iii", arrays.ARRAY, 0, 2**31 - 1)),
        file(ONE, ("Iii1q3i", arrays.ARRAY, 0, 1, 1, 1, 0, 99), ("f", 1), ("2Q", 1, 0)),
        file(ONE, ("Iii1q3i", arrays.ARRAY, 0, 1, 1, 1, 0, 0), ("f", 1), ("2Q", 1, 2**63)),
        file(ONE, ("Iii1q3i", arrays.ARRAY, 0, 1, 1, 1, 0, 0), ("f", 1), ("Q", 0)),
        file(("4Q", arrays.FILE, 0, 0, 2**63)),
    ],
    ids=["count", "sizes", "negative", "zero", "ndim", "kind", "length", "nameless", "names"],
)
def test_sizes_are_not_believed(tmp_path, content):
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(ValueError):
        arrays.read(tmp_path / "odd")


@settings(max_examples=200, deadline=None)
@example(b"")
@given(st.binary(max_size=64).map(lambda tail: file(ONE) + tail) | st.binary(max_size=64))
def test_any_bytes_are_arrays_or_a_value_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        assert isinstance(arrays.read(path), dict)
    except ValueError as error:
        assert "\n" not in str(error)
