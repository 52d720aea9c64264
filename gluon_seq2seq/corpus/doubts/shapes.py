"""Columns and lines that hold no sentences: numbers, ids, addresses, time codes, tags, a header."""

import re
from collections import Counter
from typing import FrozenSet, Optional, Sequence, Tuple

from ...text.languages import NAMES
from ..readers.lines import SIDES

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
_END = re.compile(r"[.!?…。！？।؟።။។]\W*$")


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


LABELS = 5, 2  # lines of the same text in the mean; words
SHORT = 3  # words of a name of a column


def labels_in(texts: Sequence[str]) -> Optional[str]:
    """What ``texts`` are where they are a few short ones again and again, as the split or the genre
    that a column may say, else None."""
    different = Counter(texts)
    if len(different) * LABELS[0] > len(texts):
        return None
    if any(len(text.split()) > LABELS[1] or ended(text) for text in different):
        return None
    label = different.most_common(1)[0][0]
    return f"{len(different)} label{'s' * (len(different) > 1)} such as {label[:20]!r}"


def may_be_header(sides: Sequence[str], sources: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether ``sides``, those of the first line, are short and no sentences, and all others are
    sentences."""
    if len(sources) < 2 or any(ended(side) or len(side.split()) > SHORT for side in sides):
        return False
    return sum(map(ended, [*sources, *targets])) >= 0.95 * 2 * len(sources)


def ended(text: str) -> bool:
    """Whether ``text`` ends like a sentence."""
    return _END.search(text) is not None


def names_of_columns(languages: Sequence[str]) -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """What a table may call a column of sources, and one of targets, of these two ``languages``.

    Of languages only these two: "is" and "est" are codes, and words.
    """
    found = []
    for side, code in enumerate(languages):
        words = [code, NAMES[code], *(word for word, of in SIDES.items() if of == side)]
        found.append(frozenset(way(w) for w in words for way in (str.lower, str.title, str.upper)))
    return found[0], found[1]
