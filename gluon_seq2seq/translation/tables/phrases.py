r"""A table of phrases for words that a model does not know: read, or learned from its attention.

Luong et al. 2015, "Addressing the rare word problem in neural machine translation", section 3, look
up in such a table what they would copy; theirs is of an unsupervised aligner, ours of the model's
own attention to the training pairs.
"""

import os
from collections import Counter
from typing import Dict, List, NamedTuple, Sequence, Tuple, Union

from ...corpus.readers.compression import content_of
from ...corpus.readers.lines import columns_of
from ...errors import DataError, TooLong
from ...model.checks import check_attention
from ...text.tokenizer import UNK, Tokenizer
from ..scoring import forced, word_attention
from ..step import Translates

LEAST = 0.3  # of the attention of a target word is on its source word, or it is no translation
LONGEST = 3  # target words of a phrase


class Phrase(NamedTuple):
    """A ``source`` word, its translation ``target``, and how often it was ``seen``."""

    source: str
    target: str
    seen: int


def read_phrases(path: Union[str, "os.PathLike[str]"], tokenizer: Tokenizer) -> Dict[str, str]:
    """The table of ``path``, a file of UTF-8 lines ``SOURCE<TAB>TARGET``; further columns are left
    out, of two lines with one source the first counts.

    ``tokenizer``: that of the source. Raises :class:`DataError`, which names the line, where the
    file cannot be read, a side is blank, or a source is more than one word.
    """
    found: Dict[str, str] = {}
    for place, columns in columns_of(path, content_of(path)):
        if not any(column.strip() for column in columns):
            continue
        if len(columns) < 2 or not all(column.strip() for column in columns[:2]):
            raise DataError(f"{place}: no phrase: write SOURCE, a tab and TARGET")
        try:
            source = tokenizer.normalize(columns[0])
        except TooLong as error:
            raise DataError(f"{place}: {error}") from None
        words = tokenizer.words(tokenizer.cut(source))
        before_another, _ = tokenizer.words(tokenizer.cut(source + "a"))[0]  # l' is one word then
        if len(words) != 1 and before_another != source:
            raise DataError(
                f"{place}: {source[:40]!r} is {len(words)} words to the model, which are looked up "
                "one by one: leave the line out"
            )
        found.setdefault(source, " ".join(columns[1].split()))
    return found


def learn_phrases(
    model: Translates, pairs: Sequence[Tuple[str, str]], batch_size: int = 64
) -> List[Phrase]:
    """What ``model``, one with attention, finds in ``pairs`` of texts for words that one of its
    vocabularies lacks, ``batch_size`` pairs at a time: a :class:`Phrase` for each source word, the
    most frequent first.

    Only pairs with such a word are looked at. A target word belongs to the source word with most of
    its attention, where that is 0.3 or more. An unknown source word has the unknown ones of its
    target words, or if there are none those that stand together with the one that attends to it
    most, up to three; a known one has an unknown target word. Of several phrases the most frequent
    counts, of equal ones that of more attention. Raises :class:`UsageError` for a model without
    attention.
    """
    check_attention(model)
    vocabs = model.src_vocab, model.tgt_vocab
    pairs = [
        pair
        for pair in pairs
        if any(vocab[UNK] in vocab.encode(text) for vocab, text in zip(vocabs, pair))
    ]
    counts: Counter = Counter()
    weights: Counter = Counter()
    with model.lock:
        for ids, _, alphas in forced(model, pairs, batch_size):
            for i, alpha in zip(ids, alphas):
                sides = [vocab.tokenizer.tokenize(text) for vocab, text in zip(vocabs, pairs[i])]
                for link, weight in _links(alpha, sides, vocabs):
                    counts[link] += 1
                    weights[link] += weight
    best: Dict[str, Phrase] = {}
    for (source, target), count in sorted(counts.items(), key=lambda n: (-n[1], -weights[n[0]])):
        best.setdefault(source, Phrase(source, target, count))
    return list(best.values())


def _links(alpha, sides, vocabs):
    """``((word, phrase), attention)`` of a pair of tokens, as :func:`learn_phrases` has them."""
    (source, target), (src_vocab, tgt_vocab) = sides, vocabs
    words, targets = src_vocab.tokenizer.words(source), tgt_vocab.tokenizer.words(target)
    attention = word_attention(alpha, words, targets)  # (U, W + 1)
    best = attention.argmax(axis=1)
    new = [word for word, at in targets if any(target[k] not in tgt_vocab for k in at)]
    for i, (word, at) in enumerate(words):
        own = [
            j
            for j, (said, _) in enumerate(targets)
            if best[j] == i and attention[j, i] >= LEAST and any(map(str.isalnum, said))
        ]
        unknown = any(source[k] not in src_vocab for k in at)
        pool = [j for j in own if targets[j][0] in new] or (own if unknown else [])
        if not pool or not any(map(str.isalnum, word)):
            continue
        first = last = max(pool, key=lambda j: attention[j, i])
        while first - 1 in pool and last - first + 1 < LONGEST:
            first -= 1
        while last + 1 in pool and last - first + 1 < LONGEST:
            last += 1
        tokens = target[targets[first][1][0] : targets[last][1][-1] + 1]
        weight = attention[first : last + 1, i].mean()
        yield (word, tgt_vocab.tokenizer.detokenize(tokens)), weight
