"""Minibatches: what a row holds, what is padding, and which batches a model refuses."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import cpu, nd

from gluon_seq2seq import DataError, UsageError, runtime
from gluon_seq2seq.corpus import batches
from gluon_seq2seq.corpus.batches import Minibatches, in_pieces, pad_sources
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.model.checks import check_ids, check_lengths

PAD = 0


def check_batch(ids, valid_length, vocab_size):
    check_ids(ids, vocab_size)
    check_lengths(valid_length, ids.shape)


@pytest.fixture(scope="module")
def minibatches(tiny):
    """``minibatches(batch_size)`` over the training pairs of ``tiny``."""

    def make(batch_size=8, pairs=None, **settings):
        pairs = pairs or pairs_of(tiny.train)
        return Minibatches(pairs, tiny.src_vocab, tiny.tgt_vocab, batch_size, **settings)

    return make


def rows(batches):
    """Each row of each batch as ``(source ids, target ids)``, padding cut off."""
    return [
        (tuple(x[:n]), tuple(y[:m]))
        for batch in batches
        for x, n, _, y, m in zip(*(array.asnumpy().tolist() for array in batch))
    ]


@pytest.mark.parametrize(
    "most, pieces", [(0, 7), (99, 7), (4 * 59, 7), (4 * 59 * 3, 3), (10**6, 1)]
)
def test_pieces_of_a_batch(minibatches, tiny, monkeypatch, most, pieces):
    """Four target positions, and 59 words: so many sentences as have ``most`` logits, or one."""
    monkeypatch.setattr(batches, "LOGITS", most)
    (batch,) = minibatches(7, pairs_of(tiny.train)[:7])
    assert len(tiny.tgt_vocab) == 59 and batch.Y.shape == (7, 4)
    found = list(in_pieces(batch, 59))
    assert [len(piece.Y) for piece in found] == {7: [1] * 7, 3: [3, 3, 1], 1: [7]}[pieces]
    for whole, *parts in zip(batch, *found):
        np.testing.assert_array_equal(whole.asnumpy(), nd.concat(*parts, dim=0).asnumpy())
        assert {part.dtype for part in parts} == {whole.dtype}


def test_row_of_the_seed_sentence(minibatches, tiny):
    (batch,) = minibatches(1, [("They are watching.", "Ils regardent.")])

    def tokens(vocab, ids):
        return " ".join(vocab.to_tokens(ids[0].asnumpy().tolist()))

    assert tokens(tiny.src_vocab, batch.X) == "They are watching . <eos>"
    assert tokens(tiny.tgt_vocab, batch.Y_prev) == "<bos> Ils regardent ."
    assert tokens(tiny.tgt_vocab, batch.Y) == "Ils regardent . <eos>"
    assert batch.src_valid_length.asscalar() == 5
    assert batch.tgt_valid_length.asscalar() == 4


def test_all_arrays_are_int32(minibatches):
    assert {array.dtype for batch in minibatches() for array in batch} == {np.int32}


def test_ids_beyond_the_valid_length_are_pad_and_none_within(minibatches):
    padded = 0
    for batch in minibatches(16):
        for ids, length in (
            (batch.X, batch.src_valid_length),
            (batch.Y_prev, batch.tgt_valid_length),
            (batch.Y, batch.tgt_valid_length),
        ):
            ids, length = ids.asnumpy(), length.asnumpy()
            beyond = np.arange(ids.shape[1]) >= length[:, None]
            assert ((ids == PAD) == beyond).all()
            assert length.max() == ids.shape[1], "no column of padding alone"
            padded += beyond.sum()
    assert padded, "the sentences have different lengths"


def test_y_prev_is_y_one_position_late(minibatches, tiny):
    for batch in minibatches():
        Y, Y_prev = batch.Y.asnumpy(), batch.Y_prev.asnumpy()
        for y, y_prev, n in zip(Y, Y_prev, batch.tgt_valid_length.asnumpy()):
            assert y_prev[0] == tiny.tgt_vocab["<bos>"]
            assert (y_prev[1:n] == y[: n - 1]).all()
            assert y[n - 1] == tiny.tgt_vocab["<eos>"]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 8, 50, 1000])
def test_every_pair_once_an_epoch(batch_size, shuffle, minibatches, tiny):
    batches = minibatches(batch_size, shuffle=shuffle)
    expected = Counter(
        (tuple(tiny.src_vocab.encode(source)), tuple(tiny.tgt_vocab.encode(target)))
        for source, target in pairs_of(tiny.train)
    )
    for _ in range(2):
        found = list(batches)
        assert len(found) == len(batches) == -(-len(pairs_of(tiny.train)) // batch_size)
        assert max(len(batch.X) for batch in found) <= batch_size
        assert Counter(rows(found)) == expected


def test_shuffling_differs_between_epochs_and_follows_the_seed(minibatches):
    batches = minibatches(4, shuffle=True)

    def two_epochs(seed):
        runtime.seed(seed)
        return rows(batches), rows(batches)

    first, second = two_epochs(1)
    assert first != second
    assert (first, second) == two_epochs(1)
    assert (first, second) != two_epochs(2)


def test_without_shuffling_the_order_stays(minibatches):
    batches = minibatches(4)
    assert rows(batches) == rows(batches)


@pytest.mark.slow
def test_little_padding_on_tatoeba(fra):
    pairs = pairs_of(fra.train)[::3]  # more than four of the pools that are sorted
    batches = Minibatches(pairs, fra.src_vocab, fra.tgt_vocab, 128, shuffle=True)
    runtime.seed(0)
    positions = tokens = 0
    for batch in batches:
        positions += batch.Y.size
        tokens += int(batch.tgt_valid_length.asnumpy().sum())
    assert tokens == batches.tokens
    assert 1 - tokens / positions < 0.10


def test_pad_sources(tiny):
    X, valid_length = pad_sources([[5, 6, 2], [7, 2]], tiny.src_vocab, cpu())
    assert X.asnumpy().tolist() == [[5, 6, 2], [7, 2, PAD]]
    assert valid_length.asnumpy().tolist() == [3, 2]


V = 10
matrices = st.integers(1, 4).flatmap(
    lambda t: st.lists(st.lists(st.integers(-3, V + 2), min_size=t, max_size=t), min_size=1)
)


@settings(max_examples=200, deadline=None)
@given(matrices, st.data())
def test_ids_and_lengths_in_range_and_no_others_pass(ids, data):
    lengths = data.draw(st.lists(st.integers(-1, 6), min_size=len(ids), max_size=len(ids)))
    good = all(0 <= i < V for row in ids for i in row) and all(
        1 <= length <= len(ids[0]) for length in lengths
    )
    arrays = nd.array(ids, dtype="int32"), nd.array(lengths, dtype="int32")
    if good:
        check_batch(*arrays, V)
    else:
        with pytest.raises(DataError, match="needs whole numbers from"):
            check_batch(*arrays, V)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_every_good_batch_passes(n, t, data):
    row = st.lists(st.integers(0, V - 1), min_size=t, max_size=t)
    ids = data.draw(st.lists(row, min_size=n, max_size=n))
    lengths = data.draw(st.lists(st.integers(1, t), min_size=n, max_size=n))
    for dtype in ("int32", "float32"):
        check_batch(nd.array(ids, dtype=dtype), nd.array(lengths, dtype=dtype), V)


@pytest.mark.parametrize(
    "ids, lengths, complaint",
    [
        ([1, 2], [1, 1], r"ids have shape \(2,\): needs \(N, T\)"),
        ([[[1]]], [1], r"ids have shape \(1, 1, 1\)"),
        ([[1, 2]], [1, 1], r"valid_length has shape \(2,\): needs \(1,\)"),
        ([[1, 2]], [[1]], r"valid_length has shape \(1, 1\): needs \(1,\)"),
        ([[1, 10]], [2], "ids go from 1 to 10: needs whole numbers from 0 to 9"),
        ([[-1, 1]], [2], "ids go from -1 to 1"),
        ([[1.5, 2]], [2], "ids go from 1.5 to 2"),
        ([[float("nan"), 2]], [2], "ids go from nan"),
        ([[1, 2]], [0], "valid_length goes from 0 to 0: needs whole numbers from 1 to 2"),
        ([[1, 2]], [3], "valid_length goes from 3 to 3"),
        ([[1, 2]], [1.5], "valid_length goes from 1.5"),
        ([[1, 2]], [float("nan")], "valid_length goes from nan"),
        ([[1, 2]], [float("inf")], "valid_length goes from inf"),
    ],
)
def test_bad_batches_are_named(ids, lengths, complaint):
    with pytest.raises(DataError, match=complaint):
        check_batch(nd.array(ids), nd.array(lengths), V)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_batches_are_named(shape):
    class Empty:  # MXNet cannot make an empty array outside its NumPy mode
        def asnumpy(self):
            return np.zeros(shape)

    with pytest.raises(DataError, match="ids have shape"):
        check_ids(Empty(), V)


@pytest.mark.parametrize("wrong", ["ab", b"ab", (None, "b"), ("a", 5)])
def test_what_is_no_pair(tiny, wrong):
    """A str of two letters would be one."""
    with pytest.raises(UsageError, match=r"a (pair|sentence) is"):
        Minibatches([("I see.", "Je vois."), wrong], tiny.src_vocab, tiny.tgt_vocab, 1)
