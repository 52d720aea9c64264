"""WMT's XML since 2021: a ``dataset`` of ``doc``, with ``src``, ``ref`` and ``hyp`` of ``seg``."""

from typing import Dict, FrozenSet, Iterator
from xml.etree.ElementTree import Element

from ....errors import DataError
from ..lines import Line, Note, Place, Wanted
from .inline import text_of
from .languages import missing, turned
from .xml import Node, records, root_of

NAME, ENDINGS = "WMT XML", ()
DOCUMENTS: FrozenSet[str] = frozenset(["doc"])
NOTHING: FrozenSet[str] = frozenset()


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of WMT's XML."""
    return root_of(head) == "dataset" and b"<doc" in head.replace(b"\0", b"")


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for the segments of each document and its first reference
    in the wanted language.

    Raises :class:`DataError` where no document has the wanted languages.
    """
    seen: Dict[str, None] = {}
    fits = 0
    for document, _ in records(path, content, DOCUMENTS):
        place = f"{path}, line {document.line}"
        source, references = document.find("src"), document.findall("ref")
        languages = [one.get("lang") for one in ([] if source is None else [source, *references])]
        seen.update(dict.fromkeys(filter(None, languages)))
        if source is None or not references:
            wanted.skipped("a document without src or ref", place)
            continue
        ways = [(one, turned((languages[0], one.get("lang")), wanted)) for one in references]
        fitting = [(one, way) for one, way in ways if way is not None]
        if not fitting:
            wanted.skipped("a document in other languages", place)
            continue
        fits += 1
        reference, other = fitting[0]
        if len(references) > 1:
            wanted.skipped(Note("a further reference of a document"), place)
        sources, targets = (_segments(path, side, wanted) for side in (source, reference))
        for name, segment in sources.items():
            place = f"{path}, line {segment.line}"
            if name not in targets:
                wanted.skipped("a seg without a reference", place)
                continue
            pair = text_of(segment, NOTHING)[0], text_of(targets[name], NOTHING)[0]
            if all(pair):
                yield place, pair[::-1] if other else pair
            else:
                wanted.skipped("an empty side", place)
        for name in targets.keys() - sources.keys():
            wanted.skipped("a seg without a source", f"{path}, line {targets[name].line}")
    if seen and not fits:
        raise DataError(missing(path, seen, wanted))


def _segments(path: Place, side: Element, wanted: Wanted) -> Dict[str, Node]:
    """The segments of a side of a document by their id, the first of each."""
    found: Dict[str, Node] = {}
    for i, segment in enumerate(side.iter("seg")):
        assert isinstance(segment, Node)
        name = segment.get("id") or str(i)
        if found.setdefault(name, segment) is not segment:
            wanted.skipped(f"a further seg with the id {name}", f"{path}, line {segment.line}")
    return found
