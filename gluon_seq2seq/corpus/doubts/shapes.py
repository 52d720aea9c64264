"""Columns and lines that hold no sentences: numbers, ids, addresses, time codes, tags, a header."""

import re
from typing import FrozenSet, Optional, Sequence, Tuple

from ...text.languages import NAMES

_SHAPES = {
    "numbers": re.compile(r"[-+#]?[0-9]+(?:[.,][0-9]+)*(?:[eE][-+]?[0-9]+)?%?"),
    "addresses of the web": re.compile(r"(?:https?://|www\.)\S+"),
    "ids": re.compile(
        r"[A-Za-z]+[_:/#-][0-9]+|(?=\S*[0-9])(?=\S*[a-fA-F])[0-9a-fA-F]{6,}(?:[_:-][0-9a-fA-F]+)*"
    ),
}
_FORMATS = {
    "subtitles (SubRip)": re.compile(r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}[,.][0-9]{1,3} *-->.*"),
    "XML or SGML": re.compile(r"\s*<(?:[?!/]?[A-Za-z][\w:-]*)(?:\s[^<>]*)?>.*|\s*<!--.*"),
    "JSON": re.compile(r'\s*[{\[]\s*["{].*'),
    "a gettext catalogue": re.compile(r'(?:msgid|msgstr|msgctxt|msgid_plural)(?:\[[0-9]\])?\s+".*'),
}


def shape_of(text: str) -> Optional[str]:
    """What ``text`` is where it is a number or its like and no sentence, else None."""
    text = text.strip()
    if " " in text:
        return None
    for name, pattern in _SHAPES.items():
        if pattern.fullmatch(text):
            return name
    return None


def format_of(text: str) -> Optional[str]:
    """The format of which ``text`` is a line rather than a sentence, else None."""
    if text.lstrip()[:1] not in "<{[m0123456789":
        return None
    for name, pattern in _FORMATS.items():
        if pattern.fullmatch(text):
            return name
    return None


_SIDES = "source src input front original", "target tgt trg output back translation"


def names_of_columns(languages: Sequence[str]) -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """What a table may call a column of sources, and one of targets, of these two ``languages``.

    Of languages only these two: "is" and "est" are codes, and words.
    """
    found = []
    for code, names in zip(languages, _SIDES):
        words = [code, NAMES[code], *names.split()]
        found.append(frozenset(way(w) for w in words for way in (str.lower, str.title, str.upper)))
    return found[0], found[1]
