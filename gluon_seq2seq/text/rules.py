"""Where a sentence is cut and which tokens cling: rules of English, French and all other languages.

English and French have rules of their own. The others share one set, which knows no language but
Unicode: a word is its letters with their marks, joined by hyphens and apostrophes; a script that
writes no spaces between words is cut into characters, what stands below or above one included.
"""

import re
import unicodedata
from functools import lru_cache, partial
from typing import Callable, FrozenSet, NamedTuple, Pattern, Tuple

_PLAIN = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
_LOOK_ALIKES = re.compile(f"[{''.join(_PLAIN)}]")
_FRENCH_SPACES = re.compile(r"""(?<=[\w)"'.»])(?=[!?;:]+(?:[\s»]|$))|(?<=«)(?=\S)|(?<=\S)(?=»)""")

_PRONOUN = r"(?:je|tu|ils?|elles?|on|nous|vous|ce|moi|toi|les?|la|lui|leur|y|en)\b"
_CLITIC = rf"-t-(?:ils?|elles?|on)\b|-[tml]'(?=\w)|-{_PRONOUN}(?!-(?!{_PRONOUN}))"
_WORDS = {
    # don't = do n't, Tom's = Tom 's, well-known
    "en": r"n't\b|'[^\W_]+|[^\W_]+?(?=n't\b)|[^\W_]+(?:-[^\W_]+)*",
    # l'homme = l' homme, a-t-il = a -t-il; whole: peut-être, arc-en-ciel, aujourd'hui
    "fr": rf"aujourd'hui\b|{_CLITIC}|[^\W_]+(?:(?!{_CLITIC})-[^\W_]+)*(?:'(?=\w))?",
}
_CLINGS_TO_PREVIOUS = {
    "en": re.compile(r"[.,!?;:)\]}%]+$|'.|n't$", re.IGNORECASE),
    "fr": re.compile(r"[.,)\]}]+$|-."),
}
_CLINGS_TO_NEXT = {"en": re.compile(r"[(\[{$#]$"), "fr": re.compile(r"[(\[{]$|.+'$")}

# Letters of scripts without spaces between words: Unicode's LineBreak classes ID and SA without
# symbols and digits, and Javanese and Balinese, of class AK.
UNSPACED = (
    "\u2e80-\u2fd5\u3005-\u3007\u3021-\u3029\u3038-\u303c\u3400-\u4dbf\u4e00-\u9fff"  # Han
    "\uf900-\ufaff\U00020000-\U000323af\u3105-\u312f\u31a0-\u31bf"  # and Bopomofo
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f"  # kana
    "\ua000-\ua48c\U00017000-\U00018d8f\U0001b170-\U0001b2fb"  # Yi, Tangut, Khitan, Nüshu
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"  # Thai, Lao
    "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f"  # Burmese
    "\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u197f\u1980-\u19cf\u1a20-\u1a7f\u1aa7\uaa80-\uaadf"
    "\ua980-\ua9c0\ua9cf\u1b05-\u1b4c"  # before: Khmer and scripts of the Tai; here: see above
)
_TIBETAN, _TSHEG = "\u0f40-\u0f6c\u0f88-\u0f8c", "\u0f0b\u0f0c"  # a dot ends every syllable
_STACKS = "\u1039\u17d2\u1a60"  # the next letter stands below: Burmese, Khmer, Tai Tham
IS_UNSPACED = re.compile(f"[{UNSPACED}{_TIBETAN}]")
_APOSTROPHE = re.compile(rf"(?<=[^\W\d_{UNSPACED}])[’ʼ](?=[^\W\d_{UNSPACED}])")
_MARKS_OF_DIRECTION = re.compile("[\u061c\u200e\u200f]")
_QUOTES = frozenset('"“”„‟«»')
_ALONE = "&@*#\\'¿¡§¶†‡•·"  # punctuation that does not cling to the word before it


class Rules(NamedTuple):
    """``tokens`` finds them in what stands between two spaces; so does ``runs``, which leaves
    together letters of scripts without spaces. ``clings(token)``: whether one clings to the token
    before it, and whether to the one after it; ``quotes``: tokens that open and close in turn, and
    cling to what is between. A sentence passes through ``plain``, then Unicode NFC, then
    ``composed``."""

    tokens: Pattern[str]
    runs: Pattern[str]
    clings: Callable[[str], Tuple[bool, bool]]
    quotes: FrozenSet[str]
    plain: Callable[[str], str]
    composed: Callable[[str], str]


@lru_cache(maxsize=None)
def rules_of(language: str) -> Rules:
    """The rules of a language, by its code."""
    return _own(language) if language in _WORDS else _neutral()


def _own(language):
    tokens = rf"\d+(?:[.,:]\d+)+|{_WORDS[language]}|\.\.\.|[!?]+|[^\w\s]|_"
    patterns = _CLINGS_TO_PREVIOUS[language], _CLINGS_TO_NEXT[language]
    return Rules(
        *2 * (re.compile(tokens, re.IGNORECASE),),
        partial(_matched, patterns),
        frozenset('"'),
        partial(_LOOK_ALIKES.sub, lambda found: _PLAIN[found[0]]),
        partial(_FRENCH_SPACES.sub, " ") if language == "fr" else str,
    )


def _matched(patterns, token):
    return tuple(bool(pattern.match(token)) for pattern in patterns)


@lru_cache(maxsize=None)
def _neutral():
    marks = _marks()
    character = rf"(?=\w)[{UNSPACED}](?:[{_STACKS}](?=\w)[{UNSPACED}]|[{marks}])*"
    syllable = rf"(?:[{_TIBETAN}][{marks}]*)+[{_TSHEG}]?"
    run = rf"(?:(?=\w)[{UNSPACED}{_TIBETAN}][{marks}{_TSHEG}]*)+"
    letters = rf"(?:[^\W_{UNSPACED}{_TIBETAN}][{marks}]*)+"
    others = rf"{letters}(?:[-'·׳״]{letters})*|\.\.\.|…+|——+|[!?]+|[^\w\s][{marks}]*|_"
    tokens, runs = (
        re.compile(rf"\d+(?:[.,:٫٬]\d+)+|{unspaced}|{others}")
        for unspaced in (f"{character}|{syllable}", run)
    )
    return Rules(
        tokens,
        runs,
        _clings,
        _QUOTES,
        partial(_MARKS_OF_DIRECTION.sub, ""),
        partial(_APOSTROPHE.sub, "'"),
    )


def _marks():
    """Unicode's combining marks, joiners and the am of Thai and Lao, as they stand within the
    brackets of a pattern."""
    every = [*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)]
    others = 0x200C, 0x200D, 0x0E33, 0x0EB3
    found = [i for i in every if unicodedata.category(chr(i))[0] == "M" or i in others]
    starts = [i for i, before in zip(found, [0, *found]) if i != before + 1]
    ends = [i for i, after in zip(found, [*found[1:], 0]) if i + 1 != after]
    return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in zip(starts, ends))


def _clings(token):
    first = token[0]
    if IS_UNSPACED.match(token):
        return True, True
    kind = unicodedata.category(first)
    wide = unicodedata.east_asian_width(first) in "WF" or token.startswith(("/", "——"))
    if kind[0] == "P" and wide:
        return True, True
    if first in _QUOTES:
        return False, False
    return (
        kind in ("Pe", "Pf") or (kind == "Po" and first not in _ALONE),
        kind in ("Ps", "Pi") or first in "¿¡#$£¥₹",
    )
