"""Sentence <-> tokens.

A sentence is normalised, then cut into words and punctuation. The way back is exact:
``detokenize(tokenize(s)) == normalize(s)`` for every ``s``. Tokens say by themselves where most
spaces go ("." clings to the word before it, "l'" to the word after it); only where a sentence
departs from those rules does a marker token, ``<join>`` or ``<space>``, say so.
"""

import re
import unicodedata
from functools import lru_cache

from ..errors import TooLong, UsageError
from .sentences import as_tokens, check_sentence

PAD, BOS, EOS, UNK = SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")  # ids 0, 1, 2, 3
# No text yields these six: the tokenizer cuts the letters "<eos>" into "<", "eos" and ">".
JOIN, SPACE = MARKERS = ("<join>", "<space>")
MAX_CHARACTERS = 10_000  # of a sentence; Unicode's NFC takes quadratic time of some
MAX_TOKENS = 500  # of a sentence that a model reads, <eos> counted; training has seen a tenth

_PLAIN = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
_LOOK_ALIKES = re.compile(f"[{''.join(_PLAIN)}]")
# Controls, what has no width, what turns the letters after it round, halves of a character.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff"
    "\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_FRENCH_SPACES = re.compile(r"""(?<=[\w)"'.»])(?=[!?;:]+(?:[\s»]|$))|(?<=«)(?=\S)|(?<=\S)(?=»)""")

_PRONOUN = r"(?:je|tu|ils?|elles?|on|nous|vous|ce|moi|toi|les?|la|lui|leur|y|en)\b"
_CLITIC = rf"-t-(?:ils?|elles?|on)\b|-[tml]'(?=\w)|-{_PRONOUN}(?!-(?!{_PRONOUN}))"
_WORDS = {
    # don't = do n't, Tom's = Tom 's, well-known
    "en": r"n't\b|'[^\W_]+|[^\W_]+?(?=n't\b)|[^\W_]+(?:-[^\W_]+)*",
    # l'homme = l' homme, a-t-il = a -t-il; whole: peut-être, arc-en-ciel, aujourd'hui
    "fr": rf"aujourd'hui\b|{_CLITIC}|[^\W_]+(?:(?!{_CLITIC})-[^\W_]+)*(?:'(?=\w))?",
}
_PIECES = {
    language: re.compile(rf"\d+(?:[.,:]\d+)+|{words}|\.\.\.|[!?]+|[^\w\s]|_", re.IGNORECASE)
    for language, words in _WORDS.items()
}
_CLINGS_TO_PREVIOUS = {
    "en": re.compile(r"[.,!?;:)\]}%]+$|'.|n't$", re.IGNORECASE),
    "fr": re.compile(r"[.,)\]}]+$|-."),
}
_CLINGS_TO_NEXT = {"en": re.compile(r"[(\[{$#]$"), "fr": re.compile(r"[(\[{]$|.+'$")}
_OFTEN = 30  # letters of the longest words to remember


@lru_cache(maxsize=100_000)
def _cut(language, word):
    """What stands between two spaces as ``(token, *_clings)``: no token reaches beyond them."""
    return [(token, *_clings(language, token)) for token in _PIECES[language].findall(word)]


def _clings(language, token):
    """Whether ``token`` clings to the one before it, and whether to the one after it."""
    patterns = _CLINGS_TO_PREVIOUS[language], _CLINGS_TO_NEXT[language]
    return tuple(bool(pattern.match(token)) for pattern in patterns)


class Tokenizer:
    """Cuts sentences of one ``language``, ``"en"`` or ``"fr"``, into tokens and back.

    ``lowercase``: whether to lower their case. Raises :class:`UsageError` for another language.

    >>> Tokenizer("fr").tokenize("Qu'est-ce que c'est ?")
    ["Qu'", 'est', '-ce', 'que', "c'", 'est', '?']

    Other languages with spaces between words pass through the English rules, as reversibly.
    """

    whole_words = True  # False where a token can be a part of a word

    def __init__(self, language="en", lowercase=False):
        if language not in _PIECES:
            raise UsageError(f"unknown language {language!r}: use one of {', '.join(_PIECES)}")
        self.language, self.lowercase = language, lowercase

    def normalize(self, sentence):
        """``sentence`` in Unicode NFC; one kind of apostrophe, quote, ellipsis and space; nothing
        invisible.

        French gets its space before ``! ? ; :`` and inside ``« »``. Case falls if ``lowercase``.
        Raises :class:`UsageError` for what is no str, :class:`TooLong` for more than 10,000
        characters.
        """
        check_sentence(sentence)
        if len(sentence) > MAX_CHARACTERS:
            raise TooLong(f"more than {MAX_CHARACTERS:,} characters are no sentence: cut it up")
        sentence = INVISIBLE.sub("", sentence)
        sentence = _LOOK_ALIKES.sub(lambda found: _PLAIN[found[0]], sentence)
        sentence = unicodedata.normalize("NFC", sentence)
        if self.lowercase:
            sentence = unicodedata.normalize("NFC", sentence.lower())
        if self.language == "fr":
            sentence = _FRENCH_SPACES.sub(" ", sentence)
        return " ".join(sentence.split())

    def tokenize(self, sentence):
        """Tokens of ``sentence``, after ``normalize`` and what it raises."""
        return self.cut(self.normalize(sentence))

    def cut(self, sentence):
        """Tokens of a ``sentence`` that is normalised already."""
        tokens, quoted, before = [], False, None
        for word in sentence.split(" "):
            spaced = True
            cut = _cut if len(word) <= _OFTEN else _cut.__wrapped__
            for piece in cut(self.language, word):
                if before and spaced != _spaced(before, piece, quoted):
                    tokens.append(SPACE if spaced else JOIN)
                token = piece[0]
                tokens.append(token)
                before, spaced, quoted = piece, False, quoted != (token == '"')
        return tokens

    def detokenize(self, tokens):
        """The normalised sentence that ``tokens`` were cut from; a text is cut at its spaces."""
        tokens = as_tokens(tokens)
        sentence, quoted, before, marker = [], False, None, None
        for token in tokens:
            if token in MARKERS:
                marker = token
                continue
            piece = (token, *_clings(self.language, token))
            if before and (marker == SPACE or (marker is None and _spaced(before, piece, quoted))):
                sentence.append(" ")
            sentence.append(token)
            before, marker, quoted = piece, None, quoted != (token == '"')
        return "".join(sentence)

    def words(self, tokens):
        """The words of ``tokens``, a list, without the markers: ``(word, positions)`` of each, the
        positions those of the tokens that it was cut into."""
        return [(token, [i]) for i, token in enumerate(tokens) if token not in MARKERS]

    def settings(self):
        """What a vocabulary's file says of it."""
        return {"language": self.language, "lowercase": self.lowercase}


def _spaced(before, piece, quoted):
    """Whether a space goes between two pieces when no marker says otherwise."""
    if quoted and (piece[0] == '"' or before[0] == '"'):
        return False
    return not (piece[1] or before[2])
