r"""Words that a model does not know: read so that they can be told apart, and written as they are.

A model reads one and the same ``<unk>`` for all of them, and may write it where it has read it.
Which word is meant its attention says (Luong et al. 2015, "Addressing the rare word problem in
neural machine translation", section 3; Jean et al. 2015, section 4.1): the source word, or what a
table of phrases has for it.
"""

import os
import re
from itertools import count
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from ..errors import UsageError
from ..model.checks import why_blind
from ..text.sentences import check_sentence
from ..text.tokenizer import UNK, Tokenizer
from ..text.words import Words
from .scoring import attention_of, word_attention

UNKNOWN = "copy", "omit", "mark", "never"
NO_COPY = "the model has no attention to copy them by"
STAND_IN = "zqx"  # begins a word that no language has
LETTERS = str.maketrans("0123456789", "abcdefghij")
# What stays as it is in every language, though a tokenizer cuts it up; and stand-ins of documents.
WHOLE = re.compile(
    r"(?<![A-Za-z0-9_.%+-])(?:"
    r"(?:https?://|ftp://|www\.)[!#-;=?-~]*[A-Za-z0-9/]"  # an address
    r"|[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"  # of e-mail
    r"|\d+(?:[/-]\d+){2,}"  # a date
    rf"|{STAND_IN}[a-j]+"
    r")(?![A-Za-z0-9_@])"
)
ENDS = set(".!?…。！？")  # a sentence
LONGEST_ACRONYM = 3  # letters


class UnknownWords:
    """What a :class:`Translator` of ``model`` does with unknown words; ``how``: one of
    :data:`UNKNOWN`, of a model without attention ``never`` in place of ``copy``, and ``blind`` says
    why; ``phrase_table``: translations of words, or the path of a file that
    :func:`~.tables.phrases.read_phrases` reads.

    Raises :class:`UsageError` for another ``how``, :class:`DataError` where there is no such table.
    """

    def __init__(self, model, how="copy", phrase_table=None):
        if how not in UNKNOWN:
            raise UsageError(f"unknown is {how!r}: use {', '.join(UNKNOWN)}")
        self.blind = why_blind(model, NO_COPY) if how == "copy" else None
        self.how = "never" if self.blind else how
        self.model = model  # a tokenizer alone cannot be pickled
        if isinstance(phrase_table, (str, os.PathLike)):
            from .tables.phrases import read_phrases  # and the readers of packed files

            phrase_table = read_phrases(phrase_table, model.src_vocab.tokenizer)
        self.phrases = dict(phrase_table or {})

    def read(self, sentence):
        """The tokens of ``sentence``: with ``never`` those of the tokenizer, else those of
        :func:`read`."""
        vocab = self.model.src_vocab
        return vocab.tokenizer.tokenize(sentence) if self.how == "never" else read(vocab, sentence)

    def among(self, source, found):
        """Whether there is something to settle in the translations ``found`` of the tokens
        ``source``."""
        if self.how in ("never", "mark"):
            return False
        asked = self.how == "copy" and any(token not in self.model.src_vocab for token in source)
        return asked or any(UNK in one.tokens for one in found)

    def all_settled(self, found, read, sources, step, attention=False):
        """``found``, a list of translations for each of ``sources``, ids of the tokens ``read``,
        settled. Where ``attention`` is asked for, they have that with which they were written by
        ``step``."""
        seen = [i for i, some in enumerate(found) if attention or self.among(read[i], some)]
        ids = self.model.tgt_vocab.to_indices
        pairs = [(sources[i], ids(one.tokens)) for i in seen for one in found[i]]
        alphas = attention_of(self.model, pairs, step=step)
        for i in seen:
            some = [self.settled(one._replace(attention=next(alphas)), read[i]) for one in found[i]]
            found[i] = some if attention else [one._replace(attention=None) for one in some]
        return found

    def settled(self, one, source):
        """The translation ``one``, with its attention, of the tokens ``source``, settled."""
        vocab, tokenizer = self.model.src_vocab, self.model.tgt_vocab.tokenizer
        if self.how == "omit":
            written = omitted(one.tokens, one.attention)
        elif self.how == "copy":
            written = copied(one.tokens, one.attention, source, vocab, tokenizer, self.phrases)
        else:
            return one
        return one._replace(text=tokenizer.detokenize(written.tokens), **written._asdict())


def stand_ins(text: str) -> Iterator[str]:
    """Words that are in no vocabulary, and not in ``text``, without end; a tokenizer of words
    leaves them whole, and :func:`read` does."""
    numbered = (STAND_IN + str(i).translate(LETTERS) for i in count())
    return (word for word in numbered if word not in text.lower())


def read(vocab: Words, sentence: str) -> List[str]:
    """The tokens of a ``sentence`` for a model with the source vocabulary ``vocab``.

    Addresses, of the web and of e-mail, and dates in numbers are a token each. A word that is
    unknown, but known in another case, is read in that one: *CATS* as *cats*, *paris* as *Paris*,
    *Cats* as *cats* where a sentence begins; elsewhere a capital is that of a name, and a word of
    three capitals or fewer is an acronym, unless all of the sentence is in capitals.
    """
    check_sentence(sentence)
    tokenizer, whole = vocab.tokenizer, WHOLE.findall(sentence)
    names = dict(zip(stand_ins(sentence), whole))
    numbers = iter(names)
    tokens = tokenizer.tokenize(WHOLE.sub(lambda _: next(numbers), sentence))
    if not names and all(token in vocab for token in tokens):
        return tokens
    words = tokenizer.words(tokens)
    if [word for word, _ in words if word in names] != list(names):  # something clings to one
        tokens, names = tokenizer.tokenize(sentence), {}
        words = tokenizer.words(tokens)
    loud = sum(word.isupper() for word, _ in words) > 1
    loud = loud and not any(word.upper() != word for word, _ in words if word not in names)
    found, last, begins = [], 0, True
    for word, (first, *more) in words:
        found += tokens[last:first]  # a marker
        last = (more or [first])[-1] + 1
        if word in names:
            found.append(tokenizer.whole(names[word]))
        else:
            pieces = tokens[first:last]
            if any(piece not in vocab for piece in pieces):
                pieces = _in_a_known_case(vocab, word, begins, loud) or pieces
            found += pieces
        begins = word in ENDS or (begins and not any(map(str.isalnum, word)))
    return found + tokens[last:]


def _in_a_known_case(vocab, word, begins, loud):
    """The tokens of ``word`` in another case, where ``vocab`` has all of them, or None."""
    forms = []
    if word.islower():
        forms = [word.capitalize(), word.upper()]
    elif word.isupper() and len(word) > 1:
        forms = [word.lower(), word.capitalize()] if loud or len(word) > LONGEST_ACRONYM else []
    elif begins and word[1:].islower():
        forms = [word.lower()]
    for form in forms:
        pieces = vocab.tokenizer.cut(form)
        if all(piece in vocab for piece in pieces):
            return pieces
    return None


class Written(NamedTuple):
    """A translation whose unknown words are settled: its ``tokens (T')``, ``attention``, a row for
    each and for ``<eos>``, and the source words that were ``copied``, or looked up."""

    tokens: Tuple[str, ...]
    attention: np.ndarray
    copied: Tuple[str, ...] = ()


def omitted(tokens: Sequence[str], alpha: np.ndarray) -> Written:
    """``tokens (T')`` with ``alpha (T' + 1, T)`` without each ``<unk>``."""
    rows = [i for i, token in enumerate(tokens) if token != UNK]
    return Written(tuple(tokens[i] for i in rows), alpha[[*rows, *range(len(tokens), len(alpha))]])


def copied(
    tokens: Sequence[str],
    alpha: np.ndarray,
    source: Sequence[str],
    vocab: Words,
    tokenizer: Tokenizer,
    phrases: Optional[Mapping[str, str]] = None,
) -> Written:
    r"""A translation with words of its source in it that the model does not know.

    ``tokens``, those of the translation, may have ``<unk>``; ``alpha (T', T)`` is the attention
    that they were written with, a row for each and perhaps one for ``<eos>``; ``source``: the
    tokens that were read, of which ``vocab`` knows some; ``tokenizer``: that of the translation;
    ``phrases``: translations of source words.

    With a the attention between words (:func:`word_attention`), an unknown source word i is written
    once, the one with the most attention first:

    - for the ``<unk>`` of the largest :math:`a_{ji}`;
    - where none is left, and i is no mere mark, in place of the word :math:`\arg\max_j a_{ji}` of
      those with :math:`i = \arg\max_k a_{jk}`: written from an unknown word, it is a guess.

    An ``<unk>`` that is left then has the source word :math:`\arg\max_i a_{ji}`, as in the papers,
    and none where that is ``<eos>``.
    """
    phrases = phrases or {}
    words, targets = vocab.tokenizer.words(source), tokenizer.words(tokens)
    attention = word_attention(alpha, words, targets)  # (U, W + 1)
    best = attention.argmax(axis=1)
    unknown = [i for i, (_, at) in enumerate(words) if any(source[k] not in vocab for k in at)]
    holes = [j for j, (_, at) in enumerate(targets) if any(tokens[k] == UNK for k in at)]
    guesses = [j for j, (word, _) in enumerate(targets) if any(map(str.isalnum, word))]
    links = [(j, i) for j in holes for i in unknown if attention[j, i]]
    said = {i for i in unknown if any(map(str.isalnum, words[i][0]))}
    instead = [(j, best[j]) for j in guesses if j not in holes and best[j] in said]
    chosen: Dict[int, int] = {}  # target word -> source word
    for some in links, instead:
        for j, i in sorted(some, key=lambda link: -attention[link]):
            if j not in chosen and i not in chosen.values():
                chosen[j] = i
    chosen = {**{j: best[j] for j in holes}, **chosen}
    names = {j: words[i][0] for j, i in sorted(chosen.items()) if i < len(words)}
    begins = {targets[j][1][0]: j for j in chosen}
    within = {k for j in chosen for k in targets[j][1]}
    found, rows = [], []
    for k in range(len(alpha)):
        if begins.get(k) in names:
            name = names[begins[k]]
            name = phrases.get(name) or phrases.get(name.lower()) or name
            found.append(tokenizer.whole(name))
            rows.append(alpha[targets[begins[k]][1]].mean(axis=0))
        elif k not in within:
            found += tokens[k : k + 1]
            rows.append(alpha[k])
    return Written(tuple(found), np.array(rows).reshape(-1, len(alpha[0])), tuple(names.values()))
