"""XML in which some elements are written anew and all other bytes stay."""

import re
from typing import Any, FrozenSet, Iterator, List, NamedTuple, Optional, Tuple
from xml.sax.saxutils import escape as escaped

from ...corpus.readers.lines import Place
from ...corpus.readers.markup.inline import is_break
from ...corpus.readers.markup.placeholders import accelerator
from ...corpus.readers.markup.xml import Node, Outer, decoded, encoding_of, records
from .document import plain
from .labels import marked
from .pieces import BREAK, MARK, WORD, Code, Piece, Unfit, coded

TAG = re.compile(rb"""<(?:"[^"]*"|'[^']*'|[^"'>])*>""")


class Inline(NamedTuple):
    """The inline tags of a format that stand for a ``word``, those whose content is ``text`` to
    translate, and texts of their own, ``inner``; the rest are marks, with all that is in them."""

    word: FrozenSet[str]
    text: FrozenSet[str]
    inner: FrozenSet[str]


class Source:
    """An XML file ``path`` as UTF-8, ``text``, and the changes to it."""

    def __init__(self, path: Place, content: bytes) -> None:
        self.path, self.encoding = path, encoding_of(content)
        text = "".join(decoded(path, content, self.encoding))
        self.text = text.encode("utf-8", "surrogatepass")
        self.changes: List[Tuple[int, int, bytes]] = []

    def records(self, names: FrozenSet[str]) -> Iterator[Tuple[Node, Outer]]:
        """Elements with ``names``, as :func:`..xml.records`, with offsets into ``text``."""
        return records(self.path, self.text, names, "utf-8")

    def tag(self, start: int) -> bytes:
        """The tag at ``start``."""
        found = TAG.match(self.text, start)
        return found[0] if found else b""

    def end(self, node: Any) -> int:
        """Where an element ends."""
        closing = self.text.startswith(b"</", node.close) and not self.empty(node)
        return node.close + len(self.tag(node.close)) if closing else node.close

    def empty(self, node: Any) -> bool:
        """Whether an element is a single tag."""
        tag = self.tag(node.start)
        return tag.endswith(b"/>") and node.start + len(tag) == node.close

    def raw(self, node: Any) -> str:
        """An element as it is written."""
        return self.text[node.start : self.end(node)].decode("utf-8")

    def change(self, start: int, end: int, new: str) -> None:
        """Write ``new`` for the bytes from ``start`` to ``end``."""
        self.changes.append((start, end, new.encode("utf-8")))

    def with_attribute(self, node: Any, **attributes: str) -> str:
        """The first tag of an element with other ``attributes``, not empty."""
        tag = self.tag(node.start)[:-1].decode("utf-8")
        tag = (tag[:-1] if tag.endswith("/") else tag).rstrip()
        for name, value in attributes.items():
            name = name.replace("_", "-")  # state-qualifier is no name in Python
            written = f' {name}="{escaped(value)}"'
            old = rf"""\s{name}\s*=\s*(?:"[^"]*"|'[^']*')"""
            tag = re.sub(old, written, tag) if re.search(old, tag) else tag + written
        return tag + ">"

    def indent(self, node: Any) -> str:
        """The white space before an element."""
        found = re.search(rb"[ \t\r\n]*$", self.text[max(0, node.start - 200) : node.start])
        return found[0].decode("utf-8") if found else ""

    def written(self) -> bytes:
        """The file with its changes; characters that its encoding has not become references."""
        parts, last = [], 0
        for start, end, new in sorted(self.changes):
            parts += [self.text[last:start], new]
            last = end
        text = b"".join([*parts, self.text[last:]]).decode("utf-8", "surrogatepass")
        return text.encode(self.encoding, "xmlcharrefreplace")

    def label(self, node: Any) -> Optional[Tuple[str, str, str]]:
        """What :func:`accelerator` says of an element without inline tags."""
        return None if len(node) else accelerator(node.text or "")

    def texts(self, node: Any, inline: Inline) -> List[List[Piece]]:
        """The text of an element to translate, for a :class:`Unit`."""
        label = self.label(node)
        return [coded(label[0]) if label else self.pieces(node, inline)]

    def xml(self, node: Any, found: List[List[Piece]]) -> str:
        """The translation of what :meth:`texts` gave, as XML."""
        label = self.label(node)
        if label:
            return escaped(marked(plain(found[0]), *label[1:]))
        return "".join(escaped(one) if isinstance(one, str) else one.raw for one in found[0])

    def pieces(self, node: Any, inline: Inline) -> List[Piece]:
        """The text in an element, with its inline tags as codes; raises :class:`Unfit`."""
        pieces = coded(node.text or "", escaped)
        for child in node:
            if any(one.tag in inline.inner for one in child.iter()):
                raise Unfit("a text within the code of a tag")
            segment = child.tag == "mrk" and child.get("mtype") == "seg"
            protected = child.get("translate") == "no" or child.get("mtype") == "protected"
            if child.tag in inline.text and not protected and not self.empty(child):
                kind = BREAK if segment else MARK
                first, last = self.tag(child.start), self.tag(child.close)
                pieces.append(Code(first.decode("utf-8"), kind))
                pieces += self.pieces(child, inline)
                pieces.append(Code(last.decode("utf-8"), kind))
            else:
                word = protected or (child.tag in inline.word and not is_break(child))
                formats = child.tag == "x" and child.get("ctype") is not None
                pieces.append(Code(self.raw(child), WORD if word and not formats else MARK))
            pieces += coded(child.tail or "", escaped)
        return pieces
