r"""A lexical shortlist: search chooses among the words that are likely for what it reads.

The output layer takes most of a step of search, and most of its words have nothing to do with the
sentence. For each batch it is left with the words

.. math:: Y = \text{marks} \cup \text{the 1,000 most frequent words} \cup
    \bigcup_{x \text{ in the sources}} \text{the } k \text{ words } y \text{ of the largest } t(y
    \mid x)

so that :math:`\sum_{y \in Y} P(y \mid y_{<t'}, c) = 1`: of :math:`W_o` and :math:`b_o` the rows of
Y alone are multiplied. (Jean et al. 2015, "On using very large target vocabulary for neural machine
translation", on decoding; Junczys-Dowmunt et al. 2018, "Marian: cost-effective high-quality neural
machine translation in C++".)

t is that of Model 1 of Brown et al. 1993, five rounds of expectation maximisation over pairs of
sentences, with ``<eos>`` of the source for the empty word:

.. math:: n(x, y) = \sum_{\text{pairs}} \sum_{x, y} \frac{t(y \mid x)}{\sum_{x'} t(y \mid x')},
    \qquad t(y \mid x) = \frac{n(x, y)}{\sum_{y'} n(x, y')}
"""

import hashlib
import os
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from ...corpus.examples import two_texts
from ...errors import ModelError, UsageError, whole_number
from ...files import arrays, atomic
from ...model.checks import check_translates
from ...text.tokenizer import EOS, SPECIALS
from ..search import Candidate, Hypothesis
from ..step import Reads

FILE = "shortlist.params"  # beside the model's own folders
ANEW = "make it anew with: gluon-seq2seq shortlist"
NAMES = "likely", "sizes", "vocabularies", "content"  # the arrays of the file
FREQUENT = 1000  # target words that are always there
FILL = 256  # of which K is a multiple: for each new size oneDNN makes new kernels
ROUNDS = 5
LINKS = 2**21  # of source and target words that are counted at a time: some 100 MB


class Shortlist:
    """Which words a translation may have.

    - ``likely (S, k)``: ids, int32, for each of the S words of the source the most likely first,
      ``<eos>`` where they are fewer;
    - ``always``: how many are always there, those of the lowest ids: the marks and the most
      frequent;
    - ``V``: how many the target vocabulary has;
    - ``vocabularies``: the :func:`digest` of the model that they are for.

    :func:`learn_shortlist` makes one. As ``model.shortlist`` it is what a :class:`Translator` with
    ``shortlist=True`` takes, and so is the path of its file.
    """

    def __init__(self, likely: np.ndarray, always: int, V: int, vocabularies: bytes) -> None:
        self.likely, self.always, self.V, self.vocabularies = likely, always, V, vocabularies

    def words(self, sources: Sequence[Sequence[int]]) -> np.ndarray:
        """Y, the ids ``(K,)`` of the words for ``sources``, the ids of each, rising. Each mark has
        the place that is its id, since those are the lowest. K is filled up with the next frequent
        words."""
        chosen = np.arange(self.V) < self.always
        chosen[self.likely[np.unique(np.concatenate(sources))]] = True
        chosen[np.flatnonzero(~chosen)[: -chosen.sum() % FILL]] = True
        return np.flatnonzero(chosen)

    def check(self, model: Any) -> None:
        """Raise :class:`ModelError` unless it was learned for the words of ``model``."""
        S, V = len(model.src_vocab), len(model.tgt_vocab)
        fits = (len(self.likely), self.V) == (S, V) and self.likely.max() < V
        if not fits or self.vocabularies != digest(model):
            raise ModelError(f"the shortlist is of other words than the model's: {ANEW}")

    def save(self, path: "Union[str, os.PathLike[str]]") -> None:
        """Write it to the file ``path``, whole or not at all; ``shortlist.params`` in the model's
        directory is where ``load_model`` looks. Raises :class:`SystemProblem` where it cannot be
        written."""
        sizes = np.array([self.always, self.V], "int32")
        told = self.vocabularies, _content(self.likely, sizes)
        with atomic.whole(path) as stream:
            digests = (np.frombuffer(value, "uint8") for value in told)
            arrays.write_to(stream, dict(zip(NAMES, (self.likely, sizes, *digests))))

    @classmethod
    def read(cls, path: "Union[str, os.PathLike[str]]") -> "Shortlist":
        """What :meth:`save` wrote to the file ``path``. Raises :class:`ModelError`, which names it,
        where it cannot be read or is not as it was written."""
        try:
            found = arrays.read(path)
            if set(found) != set(NAMES):
                raise ValueError("it holds other arrays")
            likely, sizes, vocabularies, content = (found[name] for name in NAMES)
            if sizes.shape != (2,) or likely.ndim != 2 or likely.min() < 0:
                raise ValueError("it holds no table of ids")
            if likely.dtype != np.int32 or content.tobytes() != _content(likely, sizes):
                raise ValueError("its content was changed")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ModelError(f"{path}: is no shortlist: {reason}; {ANEW}") from None
        always, V = sizes.tolist()
        return cls(likely, always, V, vocabularies.tobytes())


def learn_shortlist(model: Any, pairs: Sequence[Tuple[str, str]], size: int = 20) -> Shortlist:
    """The :class:`Shortlist` of ``model``, from its vocabularies and ``pairs`` of texts such
    as it was trained on, with ``size`` likely words for each word of the source.

    Raises :class:`UsageError` for what is no model, for no pairs, and for a size that is no whole
    number of 1 to 1,000.
    """
    check_translates(model)
    size = whole_number("size", size, 1, 1000)
    if not pairs:
        raise UsageError("a shortlist is learned from pairs of sentences: give some")
    vocabs, texts = (model.src_vocab, model.tgt_vocab), zip(*map(two_texts, pairs))
    S, V = map(len, vocabs)
    x, y = (_Side.of(vocab, some) for vocab, some in zip(vocabs, texts))
    links, t = translations(x, y.without(len(SPECIALS)), V)  # the marks are always there
    order = np.lexsort((-t, links // V))  # by source word, then the most likely first
    word, likely = np.divmod(links[order], V)
    rank = np.arange(len(word)) - np.searchsorted(word, word)
    chosen = rank < size
    table = np.full((S, size), model.tgt_vocab[EOS], "int32")
    table[word[chosen], rank[chosen]] = likely[chosen]
    return Shortlist(table, len(SPECIALS) + FREQUENT, V, digest(model))


class _Side(NamedTuple):
    """One side of N pairs: the ``ids`` of all, end to end, and where each begins, ``starts (N +
    1,)``, the end of the last among them."""

    ids: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, vocab, texts):
        found = [np.array(vocab.encode(text), "int64") for text in texts]
        return cls(np.concatenate(found), np.cumsum([0, *map(len, found)]))

    def without(self, marks):
        """The same without the ids below ``marks``; a pair may be left with none."""
        kept = self.ids >= marks
        return _Side(self.ids[kept], np.concatenate([[0], np.cumsum(kept)])[self.starts])


def translations(x: _Side, y: _Side, V: int) -> Tuple[np.ndarray, np.ndarray]:
    """The links ``x V + y`` of words that stand in one pair, rising, and t(y | x) of each."""
    links = np.zeros(0, "int64")
    for some, _ in _links(x, y, V):
        links = np.union1d(links, some)
    t = np.ones(len(links))
    for _ in range(ROUNDS):
        n = np.zeros(len(links))
        for some, sizes in _links(x, y, V):
            at = np.searchsorted(links, some)
            sums = np.add.reduceat(t[at], np.cumsum(sizes) - sizes)  # over x', for each y
            n += np.bincount(at, t[at] / np.repeat(sums, sizes), len(links))
        t = n / np.bincount(links // V, n)[links // V]
    return links, t


def _links(x: _Side, y: _Side, V: int) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
    """``x V + y (L,)`` of each word y of a pair with all x of it, one y after the other, and how
    many each y has; pairs are taken together until L is some :data:`LINKS`."""
    lengths, counts = np.diff(x.starts), np.diff(y.starts)  # (N,)
    ends = np.cumsum(lengths * counts)
    edges = np.searchsorted(ends, np.arange(LINKS, ends[-1], LINKS)).tolist()
    for first, last in zip([0, *edges], [*edges, len(ends)]):
        some = slice(first, last)
        own = y.ids[y.starts[first] : y.starts[last]]  # (Y,)
        sizes = np.repeat(lengths[some], counts[some])  # (Y,)
        begins = np.repeat(x.starts[:-1][some], counts[some])  # (Y,) where the source of each is
        if len(own):
            within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # (L,)
            yield x.ids[np.repeat(begins, sizes) + within] * V + np.repeat(own, sizes), sizes


def digest(model: Any) -> bytes:
    """The SHA-256 of both vocabularies of ``model``."""
    sides = model.src_vocab.to_json(), model.tgt_vocab.to_json()
    return hashlib.sha256("\n".join(sides).encode()).digest()


def _content(*tables):
    told = (repr(table.shape).encode() + table.tobytes() for table in tables)
    return hashlib.sha256(b"".join(told)).digest()


def beside(model: Any, directory: Path) -> Any:
    """``model``, with the shortlist that its ``directory`` has."""
    if (directory / FILE).exists():
        model.shortlist = os.path.abspath(directory / FILE)  # wherever it is read from
    return model


def shortlist_of(model: Any) -> Shortlist:
    """The :class:`Shortlist` that ``model`` has, an ensemble that of the first model with one.

    Raises :class:`UsageError` for none, for an exported model and for a readout that cannot do with
    some of its words, :class:`ModelError` for one of other words, or a file that is damaged.
    """
    models = list(_each(model))
    for one in models:
        check_can(one)
    found = next((one.shortlist for one in models if one.shortlist is not None), None)
    if found is None:
        raise UsageError(
            "the model has no shortlist: make one with: gluon-seq2seq shortlist, or leave "
            "shortlist=True out"
        )
    found = found if isinstance(found, Shortlist) else Shortlist.read(found)
    found.check(model)
    return found


def _each(model):
    """``model``, or those of an ensemble."""
    for one in getattr(model, "models", ()):
        yield from _each(one)
    if not hasattr(model, "models"):
        yield model


def check_can(model: Any) -> None:
    """Raise :class:`UsageError` unless ``model``, a single one, can do with some of its words."""
    if not hasattr(model, "decoder"):
        raise UsageError(
            "an exported model has all words in its graph, and takes no shortlist: use the model "
            "that it was exported from"
        )
    from ...model.output import has_among  # it loads MXNet

    if not has_among(model.decoder.p):
        raise UsageError(
            f"a shortlist would pass over what {type(model.decoder.p).__name__}, the model's p, "
            "does: translate without one"
        )


def check_all_words(shortlist: Optional[Shortlist]) -> None:
    """Raise :class:`UsageError` for a Translator with a ``shortlist``, which leaves words out."""
    if shortlist is not None:
        raise UsageError(
            "force decoding asks for the probability of any word, a shortlist leaves words out: "
            "use a Translator without shortlist=True"
        )


def restricted(step: Reads, shortlist: Optional[Shortlist], sources: Sequence[Any]) -> Any:
    """``step`` for a batch of ``sources``, the ids of each: with a ``shortlist`` that of its words
    for them alone."""
    return Restricted(step, shortlist.words(sources)) if shortlist is not None else step


class Restricted:
    """``step``, that of a live model, for a search that chooses among ``words (K,)`` alone: a
    :class:`~.step.Step` of K words, word j of which is ``words[j]``."""

    on_numpy = True

    def __init__(self, step: Reads, words: np.ndarray) -> None:
        self.step, self.words = step, words

    def first(self, sources: Sequence[Sequence[int]]) -> Any:
        """The state before the first word of each of ``sources``, ids."""
        return self.step.first(sources, self.words)

    def __call__(self, y_prev: np.ndarray, state: Any) -> Tuple[np.ndarray, Any]:
        """``log_p (M, K)`` after ``y_prev (M,)``, places among the words, and the state after."""
        return self.step(self.words[y_prev], state)

    def hypotheses(self, found: List[List[Hypothesis]]) -> List[List[Hypothesis]]:
        """What a search ``found``, with the model's ids."""
        ids = self.words.tolist()
        return [[one._replace(ids=tuple(ids[j] for j in one.ids)) for one in s] for s in found]

    def candidates(self, steps: List[List[Candidate]]) -> List[List[Candidate]]:
        """The ``steps`` of a record of beam search, with the model's ids."""
        ids = self.words.tolist()
        return [[one._replace(token=ids[one.token]) for one in step] for step in steps]
