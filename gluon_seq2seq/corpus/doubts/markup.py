"""Entities and markup in a text: decoded, or dropped.

``&apos;`` and ``&#124;`` (as Moses escapes) are decoded, tags of HTML, TMX and XLIFF taken out;
"AT&T", "a < b", "<eos>" and "</s>" stay.
"""

import re
from html import unescape
from html.entities import html5
from typing import Tuple

_ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLOCKS = "br|p|div|li|ul|ol|tr|td|th|table|hr|h[1-6]"
_INLINE = (
    "a|abbr|b|big|bpt|bx|cite|code|del|em|ept|ex|font|g|hi|i|img|ins|it|mark|mrk|ph|q|rp|rt|ruby|"
    "small|span|strike|strong|sub|sup|tt|u|ut|x"
)
_ATTRIBUTE = r"""\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>/]+)"""
_TAG = re.compile(rf"</?(?:({_BLOCKS})|{_INLINE})(?:{_ATTRIBUTE})*\s*/?>", re.IGNORECASE)
PLAIN, CURLY = ('"', "'"), ("“”", "„“", "„”", "«»", "»«", "‘’", "「」", "『』")


def mended(text: str) -> Tuple[str, str]:
    """``text`` without entities and tags, and the first of what was mended, ``""`` if nothing.

    Of its own result it changes nothing.
    """
    first, before = "", ""
    while before != text:
        before = text
        for pattern, change in (_TAG, _untagged), (_ENTITY, _decoded):
            after = pattern.sub(change, text)
            if after != text and not first:
                first = next(one[0] for one in pattern.finditer(text) if change(one) != one[0])
            text = after
    return text, first


def _untagged(found: "re.Match[str]") -> str:
    return " " if found[1] else ""


def _decoded(found: "re.Match[str]") -> str:
    name = f"{found[1]};"
    return unescape(f"&{name}") if name[0] == "#" or name in html5 else f"&{name}"


def quoted(text: str) -> bool:
    """Whether ``text`` begins and ends with the same plain quote, as a field of a table may."""
    return len(text) > 1 and text[0] == text[-1] and text[0] in PLAIN


def in_quotes(text: str) -> bool:
    """Whether ``text`` begins and ends with quotes of any kind."""
    return quoted(text) or (len(text) > 1 and text[0] + text[-1] in CURLY)


def unquoted(text: str) -> str:
    """A field of a quoted table as it was before: ``"He said ""no""."`` -> ``He said "no".``"""
    return text[1:-1].replace(2 * text[0], text[0]) if quoted(text) else text
