"""TMX, translation memory exchange: https://www.gala-global.org/tmx-14b (1.1 to 1.4).

A ``tu`` has a ``tuv`` for each language. Of its inline tags ``hi`` alone holds text of the
sentence: ``bpt ept it ph ut`` hold code of the original file, ``sub`` a text of its own.
"""

from typing import Dict, Iterator, List, Optional, Tuple
from xml.etree.ElementTree import Element

from ....errors import DataError
from ..lines import Line, Note, Place, Wanted
from .inline import text_of
from .languages import best, missing, two_of
from .xml import records, root_of

NAME, ENDINGS = "TMX", (".tmx",)
NATIVE = frozenset(["bpt", "ept", "it", "ph", "ut", "sub"])
RECORDS = frozenset(["header", "tu"])
TAGS_GONE = Note("inline tags left out of a sentence")


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of a TMX."""
    return root_of(head) == "tmx"


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for each unit of a TMX that has both languages.

    Raises :class:`DataError` where it has not the wanted ones.
    """
    if root_of(content[: 2**16]) != "tmx":
        raise DataError(f"{path}: is no TMX, which begins with <tmx>")
    if wanted.source_lang is None or wanted.target_lang is None:
        two = two_of(path, *_languages(path, content), wanted)
    else:
        two = wanted.source_lang, wanted.target_lang
    seen: Dict[str, None] = {}
    units = 0
    for unit, _ in records(path, content, RECORDS):
        if unit.tag == "header":
            continue
        place, units = f"{path}, line {unit.line}", units + 1
        found = variants(unit)
        tags = [tag for tag, _ in found]
        seen.update(dict.fromkeys(tags))
        sides = [best(tags, language) for language in two]
        if None in sides:
            lacks = two[sides.index(None)]
            wanted.skipped(f"a unit without {lacks}", place)
            continue
        for language in two:
            alike = [tag for tag in tags if best([tag], language) is not None]
            if len(alike) > 1:
                wanted.skipped(Note(f"a further variant in {language}"), place)
        texts = [text_of(found[side][1], NATIVE) for side in sides if side is not None]
        if not all(text for text, _ in texts):
            wanted.skipped("an empty side", place)
            continue
        if any(tagged for _, tagged in texts):
            wanted.skipped(TAGS_GONE, place)
        yield place, (texts[0][0], texts[1][0])
    if units and any(best(list(seen), language) is None for language in two):
        asked = wanted._replace(source_lang=two[0], target_lang=two[1])
        raise DataError(missing(path, seen, asked))


def variants(unit: Element) -> List[Tuple[str, Element]]:
    """The language and the ``seg`` of each ``tuv`` of a unit; TMX 1.1 calls it ``lang``."""
    found = []
    for tuv in unit.findall("tuv"):
        segment = tuv.find("seg")
        if segment is not None:
            found.append((tuv.get("xml:lang") or tuv.get("lang") or "", segment))
    return found


def _languages(path: Place, content: bytes) -> Tuple[List[str], Optional[str]]:
    """The languages of the units in the order met, and the source that the header says."""
    found: Dict[str, None] = {}
    first = None
    for unit, _ in records(path, content, RECORDS):
        if unit.tag == "header":
            first = unit.get("srclang")
        found.update(dict.fromkeys(tag for tag, _ in variants(unit) if tag))
    return list(found), None if first in (None, "*all*") else first
