"""Sentence <-> tokens.

A sentence is normalised, then cut into words and punctuation. The way back is exact:
``detokenize(tokenize(s)) == normalize(s)`` for every ``s``. Tokens say by themselves where most
spaces go ("." clings to the word before it, "l'" to the word after it); only where a sentence
departs from those rules does a marker token, ``<join>`` or ``<space>``, say so.
"""

import re
import unicodedata

from ..errors import TooLong, UsageError

PAD, BOS, EOS, UNK = SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")  # ids 0, 1, 2, 3
# No text yields these six: the tokenizer cuts the letters "<eos>" into "<", "eos" and ">".
JOIN, SPACE = "<join>", "<space>"
MAX_CHARACTERS = 10_000  # of a sentence; Unicode's NFC takes quadratic time of some

_LOOK_ALIKES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
)
INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff]")
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
        Raises :class:`TooLong` for more than 10,000 characters.
        """
        if len(sentence) > MAX_CHARACTERS:
            raise TooLong(f"more than {MAX_CHARACTERS:,} characters are no sentence: cut it up")
        sentence = INVISIBLE.sub("", sentence).translate(_LOOK_ALIKES)
        sentence = unicodedata.normalize("NFC", sentence)
        if self.lowercase:
            sentence = unicodedata.normalize("NFC", sentence.lower())
        if self.language == "fr":
            sentence = _FRENCH_SPACES.sub(" ", sentence)
        return " ".join(sentence.split())

    def tokenize(self, sentence):
        """Tokens of ``sentence``, after ``normalize``, which raises :class:`TooLong`."""
        tokens, previous, end, quoted = [], None, 0, False
        for piece in _PIECES[self.language].finditer(self.normalize(sentence)):
            token = piece.group()
            if previous is not None:
                spaced = piece.start() > end
                if spaced != self._spaced(previous, token, quoted):
                    tokens.append(SPACE if spaced else JOIN)
            tokens.append(token)
            previous, end, quoted = token, piece.end(), quoted != (token == '"')
        return tokens

    def detokenize(self, tokens):
        """The normalised sentence that ``tokens`` were cut from."""
        sentence, previous, marker, quoted = [], None, None, False
        for token in tokens:
            if token in (JOIN, SPACE):
                marker = token
                continue
            if previous is not None and (
                marker == SPACE or (marker is None and self._spaced(previous, token, quoted))
            ):
                sentence.append(" ")
            sentence.append(token)
            previous, marker, quoted = token, None, quoted != (token == '"')
        return "".join(sentence)

    def settings(self):
        """What a vocabulary's file says of it."""
        return {"language": self.language, "lowercase": self.lowercase}

    def _spaced(self, previous, token, quoted):
        """Whether a space goes between two tokens when no marker says otherwise."""
        if (quoted and token == '"') or (quoted and previous == '"'):
            return False
        return not (
            _CLINGS_TO_PREVIOUS[self.language].match(token)
            or _CLINGS_TO_NEXT[self.language].match(previous)
        )
