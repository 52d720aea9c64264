"""How good a model is: the book's BLEU, sacreBLEU, chrF, exact match, by phenomenon; alignment
error rate; cross-entropy and floor."""

import contextlib
import math
from collections import Counter
from itertools import chain

import numpy as np

from ..corpus.annotations import check_links
from ..corpus.examples import pairs_of
from ..errors import DataError, whole_number
from ..model.checks import check_translates
from ..text.sentences import as_list, as_tokens
from ..text.tokenizer import UNK
from .scoring import forced, sentence_losses

BY_CHARACTER = "th", "lo", "km", "my", "bo", "dz", "ii"  # with zh and ja
MANY = 0.1  # a share of unknown tokens that is worth a line


def bleu(pred_tokens, label_tokens, k=2):
    r"""The book's BLEU of one sentence, between 0 and 1: ``pred_tokens`` against ``label_tokens``,
    both lists of tokens, or texts to be cut at their spaces, with n-grams of up to ``k``.

    .. math::
        \exp\left(\min\left(0, 1 - \frac{len_{label}}{len_{pred}}\right)\right)
        \prod_{n=1}^{k} p_n^{1/2^n}

    :math:`p_n` is the share of the prediction's n-grams that the label has too, each as often as
    the label has it (d2l-zh 2018, "机器翻译", "评价翻译结果"). A prediction shorter than k counts
    n-grams up to its own length; an empty one scores 0. Raises :class:`UsageError` for a ``k`` that
    is no whole number of 1 or more.
    """
    pred_tokens, label_tokens = as_tokens(pred_tokens), as_tokens(label_tokens)
    if not pred_tokens:
        return 0.0
    score = math.exp(min(0, 1 - len(label_tokens) / len(pred_tokens)))
    for n, matches in enumerate(ngram_matches(pred_tokens, label_tokens, k), 1):
        p_n = sum(counted for _, counted in matches) / len(matches)
        score *= p_n ** (0.5**n)
    return score


def ngram_matches(pred_tokens, label_tokens, k=2):
    """What :func:`bleu` counts: for each n from 1 to ``k``, ``(start, counted)`` of every n-gram of
    ``pred_tokens``, against ``label_tokens``, lists or texts as there.

    ``start`` is its place in the prediction, ``counted`` whether the label has it too, and has it
    as often as the prediction up to there. Raises :class:`UsageError` as :func:`bleu` does.
    """
    pred_tokens, label_tokens = as_tokens(pred_tokens), as_tokens(label_tokens)
    k, matches = whole_number("k", k, 1), []
    for n in range(1, min(k, len(pred_tokens)) + 1):
        left = Counter(tuple(label_tokens[i : i + n]) for i in range(len(label_tokens) - n + 1))
        matches.append([])
        for start in range(len(pred_tokens) - n + 1):
            ngram = tuple(pred_tokens[start : start + n])
            matches[-1].append((start, left[ngram] > 0))
            left[ngram] -= 1
    return matches


def score(translations, references, lowercase=False, language=None):
    """Corpus scores of ``translations`` against ``references``, for each one text or several.

    A single text as ``translations`` has its references, or its only one, as ``references``. A
    blank reference is left out: to sacreBLEU it is the closest in length to whatever is too short.
    ``lowercase``: whether sacreBLEU lowers the case of both, and says so in its signature: for the
    texts of a model of lower case, too. ``language``: its code, for the tokenizer that fits it
    (:func:`sacrebleu_tokenizer`). Returns ``bleu`` and ``chrf`` (sacreBLEU's, 0 to 100, with all
    references), ``bleu_first`` (with the first reference alone, as most papers have it), ``exact``
    (the share equal to any reference) and ``signature``, which says how sacreBLEU computed
    ``bleu``. Raises :class:`DataError` when the two do not match, or a translation has no
    reference that is not blank, :class:`UsageError` for what is no text.
    """
    from sacrebleu.metrics import BLEU, CHRF

    translations, alone = as_list(translations, "translation")
    references = [references] if alone else references
    if isinstance(references, str):
        raise DataError("the references are one text, the translations a list: needs two lists")
    references = [
        [text for text in as_list(refs, "reference")[0] if text.strip()] for refs in references
    ]
    if len(translations) != len(references) or not all(references) or not references:
        raise DataError(
            f"{len(translations)} translations, {len(references)} tuples of references: needs as "
            "many of each, one or more, and in each tuple a text that is not blank"
        )
    most = max(map(len, references))
    streams = [[refs[i] if i < len(refs) else None for refs in references] for i in range(most)]
    how = {"lowercase": lowercase, "tokenize": sacrebleu_tokenizer(language)}
    metric = BLEU(**how)
    return {
        "bleu": metric.corpus_score(translations, streams).score,
        "bleu_first": BLEU(**how).corpus_score(translations, streams[:1]).score,
        "chrf": CHRF(lowercase=lowercase).corpus_score(translations, streams).score,
        "exact": sum(t in refs for t, refs in zip(translations, references)) / len(references),
        "signature": str(metric.get_signature()),
    }


def sacrebleu_tokenizer(language=None):
    """The name of sacreBLEU's tokenizer for a ``language``, by its code; ``None`` is any with
    spaces.

    ``zh`` for Chinese; ``ja-mecab`` and ``ko-mecab`` for Japanese and Korean where MeCab is
    installed (``pip install 'sacrebleu[ja]'``, ``'sacrebleu[ko]'``), else ``char``, as for the
    other languages without spaces; ``13a`` for all others, as most papers have it. Scores of
    different tokenizers cannot be compared.
    """
    from sacrebleu.metrics import BLEU

    if language in ("ja", "ko"):
        with contextlib.suppress(ImportError, RuntimeError):
            BLEU(tokenize=f"{language}-mecab")
            return f"{language}-mecab"
        return "char"
    if language == "zh":
        return "zh"
    return "char" if language in BY_CHARACTER else "13a"


def sentence_bleu(translations, references, lowercase=False, language=None):
    """sacreBLEU's BLEU of each of ``translations``, 0 to 100, against its ``references``, several
    texts each; ``lowercase`` and ``language`` as in :func:`score`.

    Its n-grams go up to the translation's own length (effective order), or a translation of three
    words would have none of four; a score of 0 for want of matches is smoothed.
    """
    from sacrebleu.metrics import BLEU

    how = {"lowercase": lowercase, "tokenize": sacrebleu_tokenizer(language)}
    metric = BLEU(**how, effective_order=True)
    return [metric.sentence_score(t, list(refs)).score for t, refs in zip(translations, references)]


def by_phenomenon(translations, examples):
    """``[(phenomenon, sentences, share that is exactly right), ...]`` by name.

    ``translations``: a text for each of ``examples``, which are :class:`Example`. A sentence counts
    for what its most probable translation shows. Raises :class:`DataError` where a corpus does not
    know, or there are not as many of each.
    """
    right, (translations, _) = {}, as_list(translations, "translation")
    if len(translations) != len(examples):
        raise DataError(f"{len(translations)} translations, but {len(examples)} examples")
    for text, example in zip(translations, _with_gold(examples)):
        for phenomenon in example.gold.phenomena[0]:
            right.setdefault(phenomenon, []).append(text in example.valid)
    return [(name, len(found), sum(found) / len(found)) for name, found in sorted(right.items())]


def alignment(model, examples, batch_size=64):
    r"""How well the attention of ``model`` agrees with the gold alignment of each most probable
    translation of ``examples``, ``batch_size`` at a time.

    The model is made to write that translation (force decoding). A is the set of links of each of
    its tokens to the source token with the largest :math:`\alpha_{t't}` (none where that is
    ``<eos>``), S the gold one. Returns ``aer``, the alignment error rate

    .. math:: 1 - \frac{2 |A \cap S|}{|A| + |S|}

    (Och and Ney 2003, all links sure), and ``mass``, the mean over aligned tokens of the share of
    :math:`\alpha_{t'}` on the tokens that they are aligned to. Raises :class:`DataError` where a
    corpus has no alignments; both are ``None`` for a model without attention, or of subwords.
    Raises :class:`DataError` where an alignment leads out of its sentence, :class:`UsageError` for
    what is no model.
    """
    check_translates(model)
    gold = [example.gold for example in _with_gold(examples)]
    vocabs = model.src_vocab, model.tgt_vocab
    words = all(vocab.tokenizer.whole_words for vocab in vocabs)
    if not model.attends or not words:
        return {"aer": None, "mass": None}
    pairs = [(example.source, example.gold.references[0]) for example in examples]
    both = either = 0
    masses = []
    for ids, _, alphas in forced(model, pairs, batch_size):
        for i, alpha in zip(ids, alphas):
            sides = zip(vocabs, pairs[i])
            check_links(gold[i].alignments[0], *(v.tokenizer.tokenize(text) for v, text in sides))
            eos = alpha.shape[1] - 1
            found = {(t, u) for u, t in enumerate(alpha[:-1].argmax(axis=1).tolist()) if t != eos}
            sure = set(gold[i].alignments[0])
            both, either = both + len(found & sure), either + len(found) + len(sure)
            for u in {u for _, u in sure}:
                aligned = [t for t, v in sure if v == u]
                masses.append(alpha[u, aligned].sum() / alpha[u].sum())
    return {"aer": 1 - 2 * both / either, "mass": float(np.mean(masses))}


def _with_gold(examples):
    if not all(example.gold for example in examples):
        raise DataError(
            "phenomena and alignments are known of mini, mini-10k and its held-out sets alone, "
            "from English to French"
        )
    return examples


def cross_entropy(model, examples, batch_size=64):
    r"""How well ``model`` foresees the translations of ``examples``, in nats per target token;
    ``batch_size`` pairs are computed at a time.

    .. math::
        \frac{-\sum_x \sum_y P(y \mid x) \log Q(y \mid x)}{\sum_x \sum_y P(y \mid x)\, T'_y}
        \ge
        \frac{-\sum_x \sum_y P(y \mid x) \log P(y \mid x)}{\sum_x \sum_y P(y \mid x)\, T'_y}

    with Q the model's probability and P the corpus's. Returns the left side, ``loss``, and the
    right one, ``floor``, which no model can undercut (their difference is a Kullback–Leibler
    divergence). Where a corpus does not know P, all its references weigh alike and ``floor`` is
    ``None``. Raises :class:`UsageError` for what is no model.
    """
    check_translates(model)
    pairs, weights = zip(*(pair for example in examples for pair in _weighted(example)))
    losses, tokens = sentence_losses(model, pairs, batch_size)
    return {
        "loss": np.dot(weights, losses) / np.dot(weights, tokens),
        "floor": entropy_floor(examples, model.tgt_vocab),
    }


def entropy_floor(examples, tgt_vocab):
    """The ``floor`` of :func:`cross_entropy`, for which no model is needed, or ``None``."""
    if not all(example.gold for example in examples):
        return None
    tokens = sum(
        p * len(tgt_vocab.encode(reference))
        for example in examples
        for (_, reference), p in _weighted(example)
    )
    return sum(example.gold.entropy for example in examples) / tokens


def _weighted(example):
    """``((source, reference), probability)`` of each valid reference; 1 where it is not known."""
    weights = example.gold.probabilities if example.gold else [1.0] * len(example.valid)
    return [((example.source, text), p) for text, p in zip(example.valid, weights)]


def unknown(vocab, sentences):
    """The share of the tokens of ``sentences`` that ``vocab`` reads as ``<unk>``."""
    ids = [i for sentence in sentences for i in vocab.encode(sentence)[:-1]]
    return ids.count(vocab[UNK]) / max(1, len(ids))


def many_unknown(model, examples, split):
    """A line for a ``split`` of which more than :data:`MANY` of a side is ``<unk>``, or None."""
    sides = zip(("source", "target"), (model.src_vocab, model.tgt_vocab), zip(*pairs_of(examples)))
    shares = [(side, unknown(vocab, set(sentences))) for side, vocab, sentences in sides]
    found = [f"{share:.0%} of its {side} tokens" for side, share in shares if share > MANY]
    if not found:
        return None
    return (
        f"{split}: {' and '.join(found)} are <unk> to the model: a larger vocabulary, or subwords, "
        "would know more"
    )


def mean_loss(model, batches):
    r""":math:`-\log P(y_{t'} \mid y_{<t'}, c)` in nats, averaged over the tokens of ``batches``."""
    from mxnet import autograd  # what is above does without MXNet

    from ..corpus.batches import Batch, in_pieces
    from ..model.loss import SequenceLoss

    loss, total, tokens = SequenceLoss(), 0.0, 0.0
    pieces = (in_pieces(Batch(*batch), len(model.tgt_vocab)) for batch in batches)
    for X, src_valid_length, Y_prev, *targets in chain.from_iterable(pieces):
        with autograd.pause():
            logits, _ = model(X, src_valid_length, Y_prev)  # (N, T', V)
        for_piece, count = loss(logits, *targets)
        total += for_piece.asnumpy().item()
        tokens += count.asnumpy().item()
    return total / tokens


def perplexity(loss):
    """exp of a mean loss: among how many equally likely words the model seems to choose."""
    return math.exp(min(loss, 700.0))  # beyond that a float overflows
