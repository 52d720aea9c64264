"""Text with inline tags, as TMX and XLIFF have them: what of it is the sentence."""

import re
from typing import FrozenSet, Tuple
from xml.etree.ElementTree import Element

BREAKS = frozenset(["lb", "pb", "cb", "xlf:lb", "xlf:pb", "x-br"])  # of a line, page or column
BROKEN = re.compile(r"<br\b|^\s*(?:\\[nr]|\n)", re.IGNORECASE)


def text_of(element: Element, native: FrozenSet[str]) -> Tuple[str, bool]:
    """The sentence in ``element``, with single spaces, and whether it had tags.

    ``native``: names of the tags whose content is code of the original file, or a text of its own,
    such as a footnote: it is left out, as are tags of other namespaces. A line break is a space.
    """
    text = " ".join(re.split(r"[ \t\r\n]+", _flat(element, native))).strip()
    return text, len(element) > 0


def _flat(element: Element, native: FrozenSet[str]) -> str:
    parts = [element.text or ""]
    for child in element:
        if is_break(child):
            parts.append(" ")
        elif child.tag not in native and not child.tag.startswith("{"):
            parts.append(_flat(child, native))
        parts.append(child.tail or "")
    return "".join(parts)


def is_break(tag: Element) -> bool:
    """Whether an inline tag stands for the end of a line."""
    kinds = {tag.get(name) for name in ("type", "ctype", "subType")}
    return bool(kinds & BREAKS) or bool(BROKEN.search("".join(tag.itertext())))
