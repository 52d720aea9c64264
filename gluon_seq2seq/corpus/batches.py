"""Sentence pairs -> padded minibatches of sentences of about the same length."""

from array import array
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np
from gluonnlp.data import SortedBucketSampler
from mxnet import cpu, nd

from ..semantics.kinds import like
from ..text.tokenizer import BOS, PAD
from ..text.vocabulary import check_vocab
from .examples import two_texts


class Batch(NamedTuple):
    """One minibatch; ids and lengths are int32, ``<eos>`` closes both sides.

    ``X (N, T)``, ``Y_prev (N, T')`` and ``Y (N, T')`` are ids, ``src_valid_length (N,)`` and
    ``tgt_valid_length (N,)`` how many of a row are no padding.

    For "They are watching ." -> "Ils regardent ." the rows are

    ======== ===================================
    X        ``They are watching . <eos>``
    Y_prev   ``<bos> Ils regardent .``
    Y        ``Ils regardent . <eos>``
    ======== ===================================
    """

    X: nd.NDArray  # (N, T)
    src_valid_length: nd.NDArray  # (N,)
    Y_prev: nd.NDArray  # (N, T')
    Y: nd.NDArray  # (N, T')
    tgt_valid_length: nd.NDArray  # (N,)


LOGITS = 12 * 2**20  # at once, where nothing is trained: 50 MB, which are held twice


def in_pieces(batch, vocab_size):
    """``batch``, a :class:`Batch`, so many sentences at a time that the logits of ``vocab_size``
    words are :data:`LOGITS` at most, or a sentence's."""
    rows = max(1, LOGITS // (batch.Y.shape[1] * vocab_size))
    for start in range(0, len(batch.Y), rows):
        yield Batch(*(array[start : start + rows] for array in batch))


class Minibatches:
    """Iterates over ``pairs`` of sentences in batches of ``batch_size``, anew each time.

    ``src_vocab`` and ``tgt_vocab`` make ids of them, on the device ``ctx`` (``None``: the CPU):
    NDArrays, or under ``npx.set_np()`` ndarrays.

    Pools of 100 batches are sorted by length, cut into batches, and (with ``shuffle``) dealt in
    random order, from NumPy's generator; so hardly any position is padding.

    Of several ``workers``, number ``rank`` takes every so many-th sentence of a batch, which has
    ``batch_size`` for each; a last batch of fewer than ``least`` sentences is left out. Raises
    :class:`UsageError` for what is no pair of texts, and for a vocabulary that makes no ids of
    text, such as GluonNLP's own.
    """

    def __init__(
        self,
        pairs,
        src_vocab,
        tgt_vocab,
        batch_size,
        ctx=None,
        shuffle=False,
        rank=0,
        workers=1,
        least=1,
    ):
        check_vocab(src_vocab, "src_vocab")
        check_vocab(tgt_vocab, "tgt_vocab")
        self.ctx, self.batch_size = ctx or cpu(), batch_size
        self.rank, self.workers, self.least = rank, workers, least
        self.X, self.Y = _Rows(len(src_vocab)), _Rows(len(tgt_vocab))  # Y's begin with <bos>
        for pair in pairs:
            source, target = two_texts(pair)
            self.X.append(src_vocab.encode(source))
            self.Y.append([tgt_vocab[BOS], *tgt_vocab.encode(target)])
        by_target_then_source = self.Y.lengths() * 2**32 + self.X.lengths()
        self.tokens = int((self.Y.lengths() - 1).sum())  # of all targets, <eos> counted
        self.sampler = SortedBucketSampler(
            array("q", by_target_then_source.tobytes()),
            batch_size * workers,
            mult=100,
            shuffle=shuffle,
        )
        self.pads = src_vocab[PAD], tgt_vocab[PAD]

    def __len__(self):
        last = len(self.X) % (self.batch_size * self.workers)
        return len(self.sampler) - (0 < last < self.least)

    def __iter__(self):
        return self.after(0)

    def after(self, batches):
        """All but the first, ``batches`` of them."""
        with ThreadPoolExecutor(1) as thread:  # the next batch is padded while this one is used
            following = None
            enough = [array("i", ids) for ids in self.sampler if len(ids) >= self.least]
            for ids in islice(enough, batches, None):
                own = ids[self.rank :: self.workers]
                batch, following = following, thread.submit(self._batch, own)
                if batch is not None:
                    yield like(None, batch.result())
            if following is not None:
                yield like(None, following.result())

    def most_tokens(self):
        """Target positions, padding counted, of the largest batch that there can be."""
        longest = np.sort(self.Y.lengths() - 1)[-self.batch_size :]
        return int(longest[-1]) * len(longest)

    def _batch(self, ids):
        rows, (src_pad, tgt_pad) = [self.Y[i] for i in ids], self.pads
        X, src_valid_length = padded([self.X[i] for i in ids], src_pad)
        Y_prev, _ = padded([row[:-1] for row in rows], tgt_pad)
        Y, tgt_valid_length = padded([row[1:] for row in rows], tgt_pad)
        arrays = X, src_valid_length, Y_prev, Y, tgt_valid_length
        return Batch(*(nd.array(array, self.ctx, "int32") for array in arrays))


class _Rows:
    """Rows of ids of any length, end to end: a list of arrays takes more memory.

    ``size``: that of the vocabulary; up to 65,536 an id takes two bytes.
    """

    def __init__(self, size):
        self.ids, self.offsets = array("H" if size <= 2**16 else "i"), array("q", [0])

    def append(self, row):
        self.ids.extend(row)
        self.offsets.append(len(self.ids))

    def __len__(self):
        return len(self.offsets) - 1

    def __getitem__(self, i):
        return np.array(self.ids[self.offsets[i] : self.offsets[i + 1]], "int32")

    def lengths(self):
        return np.diff(np.frombuffer(self.offsets, "int64"))


def padded(rows, pad):
    """Arrays of ids -> ``(N, T)``, with ``pad`` after their ends, and their lengths ``(N,)``, both
    int32 (GluonNLP's ``batchify.Pad`` does so row by row, in twice the time)."""
    lengths = np.array([len(row) for row in rows], "int32")
    found = np.full((len(rows), lengths.max()), pad, "int32")
    found[np.arange(found.shape[1]) < lengths[:, None]] = np.concatenate(rows)
    return found, lengths


def pad_sources(sources, src_vocab, ctx):
    """Lists of ids -> ``X (N, T)`` and ``valid_length (N,)``, both int32."""
    return tuple(nd.array(array, ctx, "int32") for array in padded(sources, src_vocab[PAD]))
