"""Records of an XML file, such as the units of a TMX: elements that know where they stand.

They are elements of ElementTree, made by expat itself: ElementTree's ``iterparse`` says no lines,
keeps what it has passed, and lets a file declare entities, which can grow to any size. Here one
record at a time is held, and no file may declare entities. Names of the root's namespace are
without it: ``seg``; others are as in ElementTree: ``{urn:x}seg``.
"""

import codecs
import re
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Tuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ....errors import DataError
from ..lines import Place

Outer = List[Tuple[str, Dict[str, str]]]  # name and attributes of what a record stands in
AT_ONCE = 2**16  # bytes
DEEPEST = 200  # elements in one another
XML = "http://www.w3.org/XML/1998/namespace}"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
SAVE_AGAIN = "open it in the program that wrote it, and save it again"


class Node(Element):
    """An element with the ``line`` that it begins in, and the bytes of the text, as UTF-8, where
    its first tag begins, ``start``, and its last one, ``close``; an empty tag ends at ``close``."""

    line = start = close = 0


def root_of(head: bytes) -> str:
    """The name of the first element of a file that begins with ``head``, without a prefix; ``""``
    where it is no XML."""
    text, at = beginning(head), 0
    while text.startswith(("<?", "<!"), at):
        close = {"<?": "?>", "<!": ">"}[text[at : at + 2]]
        if text.startswith("<!--", at):
            close = "-->"
        elif text.startswith("<!DOCTYPE", at) and -1 < text.find("[", at) < text.find(">", at):
            close = "]"
        end = text.find(close, at)
        if end < 0:
            return ""
        at = end + len(close)
        at = len(text) - len(text[at:].lstrip("> \t\r\n" if close == "]" else " \t\r\n"))
    found = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]").match(text, at)
    return found[1] if found else ""


def beginning(head: bytes) -> str:
    """The text of the first bytes of a file, whatever they are."""
    try:
        return head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n")
    except (LookupError, UnicodeError):
        return head.decode("latin-1")


def encoding_of(content: bytes) -> str:
    """The name of the encoding that a byte order mark or an XML declaration says, or UTF-8."""
    for mark, name in BOMS:
        if content.startswith(mark):
            return name
    declared = re.match(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""", content[:1000])
    return declared[1].decode("ascii", "replace") if declared else "utf-8"


def decoded(path: Place, content: bytes, encoding: str) -> Iterator[str]:
    """``content`` as parts of text; raises :class:`DataError` where it is not of ``encoding``."""
    try:
        b"".decode(encoding)  # what is no encoding of text, such as "hex", is an error here
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, UnicodeError):
        raise DataError(f"{path}: has the encoding {encoding!r}: save it as UTF-8") from None
    for start in range(0, len(content), AT_ONCE):
        part = content[start : start + AT_ONCE]
        try:
            yield decoder.decode(part, start + AT_ONCE >= len(content))
        except UnicodeError:
            line = _line_of_damage(content, encoding)
            raise DataError(
                f"{path}, line {line}: is not {encoding.upper()}, as it says: save it as UTF-8"
            ) from None


def _line_of_damage(content: bytes, encoding: str) -> int:
    """The number of the line that cannot be decoded."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content[: error.start].decode(encoding, "replace").count("\n") + 1
    return 1


def records(
    path: Place, content: bytes, names: FrozenSet[str], encoding: Optional[str] = None
) -> Iterator[Tuple[Node, Outer]]:
    """Yield ``(element, outer)`` for each element of ``content`` that has one of ``names`` and is
    in no other such; ``outer`` is what it stands in, the root first. ``encoding``: that of
    ``content``, where it is not the one that it says.

    Raises :class:`DataError`, which names ``path`` and the line, for what is no XML and for
    declarations of entities.
    """
    reader, text = _Reader(path, names), decoded(path, content, encoding or encoding_of(content))
    try:
        for part in text:
            reader.parser.Parse(part.encode("utf-8", "surrogatepass"), False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
        yield from reader.taken()
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise DataError(
            f"{path}, line {error.lineno}: no XML from here on ({reason}): {SAVE_AGAIN}"
        ) from None


class _Reader:
    """expat's callbacks, which make elements of the records."""

    def __init__(self, path: Place, names: FrozenSet[str]) -> None:
        self.path, self.names = path, names
        self.parser = parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data
        parser.EntityDeclHandler = self.refuse_entity
        parser.SkippedEntityHandler = self.refuse_reference
        self.open: Outer = []
        self.inner: List[Node] = []  # the record that is open, and what is open in it
        self.builder: Optional[TreeBuilder] = None
        self.done: List[Tuple[Node, Outer]] = []
        self.namespace = ""

    def taken(self) -> List[Tuple[Node, Outer]]:
        """The records that have ended since it was last asked."""
        done, self.done = self.done, []
        return done

    def start(self, full: str, attributes: Dict[str, str]) -> None:
        if not self.open and not self.inner:
            self.namespace = full.rpartition("}")[0]
        name = self.local(full)
        attributes = {key.replace(XML, "xml:"): value for key, value in attributes.items()}
        if len(self.open) + len(self.inner) >= DEEPEST:
            raise DataError(f"{self.here()}: elements nested too deeply: {SAVE_AGAIN}")
        if self.builder is None and name in self.names:
            self.builder = TreeBuilder(element_factory=Node)
        if self.builder is None:
            self.open.append((name, attributes))
            return
        node: Any = self.builder.start(name, attributes)
        node.line, node.start = self.parser.CurrentLineNumber, self.parser.CurrentByteIndex
        self.inner.append(node)

    def data(self, text: str) -> None:
        if self.builder is not None:
            self.builder.data(text)

    def end(self, full: str) -> None:
        if self.builder is None:
            self.open.pop()
            return
        self.builder.end(self.local(full))
        self.inner[-1].close = self.parser.CurrentByteIndex
        node = self.inner.pop()
        if not self.inner:
            self.done.append((node, list(self.open)))
            self.builder = None

    def local(self, full: str) -> str:
        namespace, _, name = full.rpartition("}")
        return name if namespace in (self.namespace, "") else f"{{{namespace}}}{name}"

    def here(self) -> str:
        return f"{self.path}, line {self.parser.CurrentLineNumber}"

    def refuse_entity(self, name: str, *_: Any) -> None:
        raise DataError(
            f"{self.here()}: declares an entity, {name}, which can let a file grow without end: "
            "write the text itself for it"
        )

    def refuse_reference(self, name: str, *_: Any) -> None:
        raise DataError(f"{self.here()}: &{name}; is not declared: write the character itself")
