"""Sentence <-> tokens.

A sentence is normalised, then cut into words and punctuation. The way back is exact:
``detokenize(tokenize(s)) == normalize(s)`` for every ``s``. Tokens say by themselves where most
spaces go ("." clings to the word before it, "l'" to the word after it); only where a sentence
departs from those rules does a marker token, ``<join>`` or ``<space>``, say so.
"""

import re
import unicodedata
from functools import lru_cache

from ..errors import TooLong
from .languages import check_language
from .rules import rules_of
from .sentences import MAX_CHARACTERS, as_tokens, check_sentence

PAD, BOS, EOS, UNK = SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")  # ids 0, 1, 2, 3
# No text yields these six: the tokenizer cuts the letters "<eos>" into "<", "eos" and ">".
JOIN, SPACE = MARKERS = ("<join>", "<space>")
MAX_TOKENS = 500  # of a sentence that a model reads, <eos> counted; training has seen a tenth

# Controls, what has no width, what turns the letters after it round, halves of a character.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff"
    "\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_OFTEN = 30  # letters of the longest words to remember


@lru_cache(maxsize=200_000)
def _cut(language, word, runs):
    """The pieces of what stands between two spaces: no token reaches beyond them. ``runs``: whether
    letters of scripts without spaces stay together."""
    rules = rules_of(language)
    found = (rules.runs if runs else rules.tokens).findall(word)
    return [_piece.__wrapped__(language, token) for token in found]


@lru_cache(maxsize=50_000)
def _piece(language, token):
    """``(token, whether it clings to the one before, to the one after, whether it is a quote)``."""
    rules = rules_of(language)
    return (token, *rules.clings(token), token in rules.quotes)


class Tokenizer:
    """Cuts sentences of one ``language``, a code of ISO 639-1, into tokens and back.

    ``lowercase``: whether to lower their case. Raises :class:`UsageError` for another code.

    >>> Tokenizer("fr").tokenize("Qu'est-ce que c'est ?")
    ["Qu'", 'est', '-ce', 'que', "c'", 'est', '?']

    English and French have rules of their own; other languages are cut into words where their
    script has spaces, and else into characters (:mod:`.rules`).

    >>> Tokenizer("zh").tokenize("我用 Python 3。")
    ['我', '用', '<space>', 'Python', '3', '。']
    """

    whole_words = True  # False where a token can be a part of a word

    def __init__(self, language="en", lowercase=False):
        check_language(language)
        self.language, self.lowercase = language, lowercase
        self._rules = rules_of(language)

    def __getstate__(self):  # rules have functions, which cannot be pickled
        return {name: value for name, value in vars(self).items() if name != "_rules"}

    def __setstate__(self, state):
        vars(self).update(state, _rules=rules_of(state["language"]))

    def normalize(self, sentence):
        """``sentence`` in Unicode NFC; one kind of apostrophe and space; nothing invisible.

        English and French get one kind of quote and ellipsis, too, and French its space before
        ``! ? ; :`` and inside ``« »``. Case falls if ``lowercase``. Raises :class:`UsageError` for
        what is no str, :class:`TooLong` for more than 10,000 characters.
        """
        check_sentence(sentence)
        if len(sentence) > MAX_CHARACTERS:
            raise TooLong(f"more than {MAX_CHARACTERS:,} characters are no sentence: cut it up")
        sentence = INVISIBLE.sub("", sentence)
        sentence = unicodedata.normalize("NFC", self._rules.plain(sentence))
        if self.lowercase:
            sentence = unicodedata.normalize("NFC", sentence.lower())
        return " ".join(self._rules.composed(sentence).split())

    def tokenize(self, sentence):
        """Tokens of ``sentence``, after ``normalize`` and what it raises."""
        return self.cut(self.normalize(sentence))

    def cut(self, sentence, runs=False):
        """Tokens of a ``sentence`` that is normalised already; with ``runs`` letters of a script
        without spaces stay together, for subwords."""
        tokens, quoted, before = [], False, None
        for word in sentence.split(" "):
            spaced = True
            cut = _cut if len(word) <= _OFTEN else _cut.__wrapped__
            for piece in cut(self.language, word, runs):
                if before and spaced != _spaced(before, piece, quoted):
                    tokens.append(SPACE if spaced else JOIN)
                tokens.append(piece[0])
                before, spaced, quoted = piece, False, quoted != piece[3]
        return tokens

    def detokenize(self, tokens):
        """The normalised sentence that ``tokens`` were cut from; a text is cut at its spaces."""
        tokens = as_tokens(tokens)
        sentence, quoted, before, marker = [], False, None, None
        for token in tokens:
            if token in MARKERS:
                marker = token
                continue
            known = _piece if len(token) <= _OFTEN else _piece.__wrapped__
            piece = known(self.language, token)
            if before and (marker == SPACE or (marker is None and _spaced(before, piece, quoted))):
                sentence.append(" ")
            sentence.append(token)
            before, marker, quoted = piece, None, quoted != piece[3]
        return "".join(sentence)

    def words(self, tokens):
        """The words of ``tokens``, a list, without the markers: ``(word, positions)`` of each, the
        positions those of the tokens that it was cut into."""
        return [(token, [i]) for i, token in enumerate(tokens) if token not in MARKERS]

    def whole(self, word):
        """The token of a ``word`` that is not cut up, whatever it has in it."""
        return word

    def settings(self):
        """What a vocabulary's file says of it."""
        return {"language": self.language, "lowercase": self.lowercase}


def _spaced(before, piece, quoted):
    """Whether a space goes between two pieces when no marker says otherwise."""
    if quoted and (piece[3] or before[3]):
        return False
    return not (piece[1] or before[2])
