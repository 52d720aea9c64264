"""How good translations are: the book's BLEU, and sacreBLEU, chrF and exact match."""

import math
from collections import Counter

from .errors import DataError


def bleu(pred_tokens, label_tokens, k=2):
    r"""The book's BLEU of one sentence, between 0 and 1.

    .. math::
        \exp\left(\min\left(0, 1 - \frac{len_{label}}{len_{pred}}\right)\right)
        \prod_{n=1}^{k} p_n^{1/2^n}

    :math:`p_n` is the share of the prediction's n-grams that the label has too, each as often as
    the label has it (d2l-zh 2018, "机器翻译", "评价翻译结果"). A prediction shorter than k counts
    n-grams up to its own length; an empty one scores 0.
    """
    if not pred_tokens:
        return 0.0
    score = math.exp(min(0, 1 - len(label_tokens) / len(pred_tokens)))
    for n in range(1, min(k, len(pred_tokens)) + 1):
        predicted, labelled = (
            Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
            for tokens in (pred_tokens, label_tokens)
        )
        p_n = sum((predicted & labelled).values()) / sum(predicted.values())
        score *= p_n ** (0.5**n)
    return score


def score(translations, references):
    """Corpus scores of ``translations`` against ``references``, one tuple of texts for each.

    Returns ``bleu`` and ``chrf`` (sacreBLEU's, 0 to 100, with all references), ``bleu_first``
    (with the first reference alone, as most papers have it), ``exact`` (the share equal to any
    reference) and ``signature``, which says how sacreBLEU computed ``bleu``. Raises
    :class:`DataError` when the two do not match.
    """
    from sacrebleu.metrics import BLEU, CHRF

    references = [(refs,) if isinstance(refs, str) else tuple(refs) for refs in references]
    if len(translations) != len(references) or not all(references) or not references:
        raise DataError(
            f"{len(translations)} translations, {len(references)} tuples of references: needs as "
            "many of each, one or more, and no tuple empty"
        )
    most = max(map(len, references))
    streams = [[refs[i] if i < len(refs) else None for refs in references] for i in range(most)]
    metric = BLEU()
    return {
        "bleu": metric.corpus_score(translations, streams).score,
        "bleu_first": BLEU().corpus_score(translations, streams[:1]).score,
        "chrf": CHRF().corpus_score(translations, streams).score,
        "exact": sum(t in refs for t, refs in zip(translations, references)) / len(references),
        "signature": str(metric.get_signature()),
    }
