"""Words hidden on both sides: by a loop over the words, and what is left alone."""

import mxnet as mx
import pytest

import gluon_seq2seq as gs
from gluon_seq2seq import Minibatches, UsageError
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.corpus.hidden_words import HiddenWords
from gluon_seq2seq.text.tokenizer import UNK


@pytest.fixture(scope="module")
def batches(mini):
    return list(Minibatches(pairs_of(mini.train)[:400], mini.src_vocab, mini.tgt_vocab, 64))


def hidden_in(vocab, before, after):
    """Rows of words of which some were replaced by <unk>, and nothing else."""
    for row, other in zip(before.asnumpy(), after.asnumpy()):
        pairs = list(zip(vocab.to_tokens(row), vocab.to_tokens(other)))
        assert all(two in (one, UNK) for one, two in pairs)
        yield [one for one, two in pairs if one != two], [one for one, two in pairs if one == two]


def test_on_both_sides_or_neither(mini, batches):
    mx.random.seed(1)
    hide, seen = HiddenWords(mini.src_vocab, mini.tgt_vocab, 0.5), set()
    for batch in batches:
        new = hide(batch)
        assert [one.dtype for one in new] == [one.dtype for one in batch]
        sides = [
            hidden_in(mini.src_vocab, batch.X, new.X),
            hidden_in(mini.tgt_vocab, batch.Y, new.Y),
            hidden_in(mini.tgt_vocab, batch.Y_prev, new.Y_prev),
        ]
        chosen = set()
        for (read, left), (written, kept), (before, _) in zip(*sides):
            assert set(read) == set(written) and written == before
            assert not set(read) & {*left, *kept}, "each time that it stands there"
            chosen |= set(read)
            seen |= set(left) & set(kept)
        assert chosen
        for (_, left), (_, kept), _ in zip(
            hidden_in(mini.src_vocab, batch.X, new.X),
            hidden_in(mini.tgt_vocab, batch.Y, new.Y),
            new.Y,
        ):
            assert not chosen & set(left) & set(kept), "in every pair of the batch"
    assert "." in seen and "Marie" in seen


def test_with_its_probability_and_by_the_seed(mini, batches):
    hide = HiddenWords(mini.src_vocab, mini.tgt_vocab, 0.2)

    def drawn(seed):
        mx.random.seed(seed)
        return [hide(batch) for batch in batches * 20]

    one, again = drawn(3), drawn(3)
    for some, others in zip(one, again):
        assert all((a == b).min().asscalar() for a, b in zip(some, others))
    marie = mini.src_vocab["Marie"]
    with_her = [batch.X.asnumpy() == marie for batch in batches * 20]
    hidden = [
        (new.X.asnumpy()[her] == mini.src_vocab[UNK]).all()
        for new, her in zip(one, with_her)
        if her.any()
    ]
    assert len(hidden) > 100 and 0.1 < sum(hidden) / len(hidden) < 0.3


def test_what_is_shared(mini):
    hide = HiddenWords(mini.src_vocab, mini.tgt_vocab, 0.2)
    shared = [mini.src_vocab.to_tokens(i) for i, twin in enumerate(hide.twins) if twin >= 0]
    assert {"Marie", "Paul", "table"} <= set(shared)
    both = set(mini.src_vocab) & set(mini.tgt_vocab)
    assert {"a", "on", ".", "<unk>", "<eos>"} & both and not {"a", "on", ".", "<unk>"} & set(shared)
    for i, twin in enumerate(hide.twins):
        assert twin < 0 or mini.tgt_vocab.to_tokens(twin) == mini.src_vocab.to_tokens(i)


def test_nothing_to_hide():
    subwords = gs.load_corpus("tiny", subwords=120)
    with pytest.raises(UsageError, match="subwords know every word"):
        HiddenWords(subwords.src_vocab, subwords.tgt_vocab, 0.1)
    pairs = [("a b", "x y"), ("a", "x"), ("b", "y")] * 40
    corpus = gs.load_corpus([(f"{a} {n}", b) for n, (a, b) in enumerate(pairs)])
    with pytest.raises(UsageError, match="these share none"):
        HiddenWords(corpus.src_vocab, corpus.tgt_vocab, 0.1)
