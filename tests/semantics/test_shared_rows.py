"""Rows that are held once, beside the same rows held as often as they occur."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluon_seq2seq.semantics.shared_rows import SharedRows

RANDOM = np.random.default_rng(0)


@given(st.data(), st.integers(1, 5), st.integers(1, 3), st.booleans())
def test_any_of_them_multiply_as_if_each_had_its_own(data, S, Q, transposed):
    rows = RANDOM.normal(size=(S, 3, 4)).astype("float32")
    shared, plain = SharedRows(rows), rows
    for _ in range(3):
        assert shared.shape == plain.shape
        a = RANDOM.normal(size=(len(plain), Q, 4 if transposed else 3)).astype("float32")
        expected = [x @ (y.T if transposed else y) for x, y in zip(a, plain)]
        np.testing.assert_allclose(shared.dot(a, transposed), expected, rtol=1e-5, atol=1e-6)
        places = st.lists(st.integers(0, len(plain) - 1), min_size=1, max_size=9)
        places = np.array(data.draw(places), "int32")
        shared, plain = shared.take(places, axis=0), plain[places]


def test_what_nothing_is_of_is_let_go():
    rows = np.arange(24.0).reshape(4, 2, 3)
    few = SharedRows(rows).take(np.array([3, 1, 1]), axis=0)
    np.testing.assert_array_equal(few.rows, rows[[1, 3]])
    assert SharedRows(rows).take(np.array([0, 0, 1, 2, 3]), axis=0).rows is rows


@pytest.mark.parametrize("of", [None, np.arange(3)])
def test_one_of_each_is_not_copied(of, monkeypatch):
    rows = RANDOM.normal(size=(3, 2, 2)).astype("float32")
    shared, a = SharedRows(rows, of), RANDOM.normal(size=(3, 1, 2)).astype("float32")
    monkeypatch.setattr(np, "zeros", None)
    np.testing.assert_allclose(shared.dot(a, False), np.matmul(a, rows))
