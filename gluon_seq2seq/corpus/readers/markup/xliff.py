"""XLIFF 1.2 and 2.0, which translators' tools exchange: http://docs.oasis-open.org/xliff/

1.2 has a ``trans-unit`` for each text, cut into sentences by ``mrk mtype="seg"`` or not, 2.0 a
``unit`` of one ``segment`` or several. Candidates (``alt-trans``, the module ``mtc``) are no pairs.
"""

from typing import Dict, Iterator, List, Optional, Tuple
from xml.etree.ElementTree import Element

from ....errors import DataError
from ..lines import Line, Place, Wanted
from .inline import text_of
from .languages import missing, turned
from .tmx import TAGS_GONE
from .xml import Outer, records, root_of

NAME, ENDINGS = "XLIFF", (".xlf", ".xliff", ".sdlxliff", ".mqxliff")
UNITS = frozenset(["trans-unit", "unit"])
# Code of the original file, or a text of its own; empty ones (x bx ex, sc ec cp) hold nothing.
NATIVE = frozenset(["bpt", "ept", "it", "ph", "sub", "x", "bx", "ex", "sc", "ec", "cp", "sm", "em"])
UNTRANSLATED = frozenset(["new", "needs-translation", "initial"])
FUZZY = frozenset(
    f"needs-{what}"
    for what in ("adaptation", "l10n", "review-adaptation", "review-l10n", "review-translation")
)


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of an XLIFF."""
    return root_of(head) == "xliff"


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for each translated sentence of an XLIFF.

    Raises :class:`DataError` where no file in it has the wanted languages.
    """
    if root_of(content[: 2**16]) != "xliff":
        raise DataError(f"{path}: is no XLIFF, which begins with <xliff>")
    seen: Dict[str, None] = {}
    fits = units = 0
    for unit, outer in records(path, content, UNITS):
        place, units = f"{path}, line {unit.line}", units + 1
        languages = languages_of(unit, outer)
        other = turned(languages, wanted)
        if other is None:
            seen.update(dict.fromkeys(filter(None, languages)))
            wanted.skipped("a unit in other languages", place)
            continue
        fits += 1
        for source, target, reason in _segments(unit):
            texts = [text_of(side, NATIVE) for side in (source, target) if side is not None]
            if reason is None and not all(text for text, _ in texts):
                reason = "an empty source" if texts[-1][0] else "untranslated"
            if reason is not None:
                wanted.skipped(reason, place)
                continue
            if any(tagged for _, tagged in texts):
                wanted.skipped(TAGS_GONE, place)
            pair = texts[0][0], texts[1][0]
            yield place, pair[::-1] if other else pair
    if units and not fits:
        raise DataError(missing(path, seen, wanted))


def languages_of(unit: Element, outer: Outer) -> Tuple[Optional[str], Optional[str]]:
    """The languages of source and target of a unit, as its file says them."""
    found: List[Optional[str]] = [None, None]
    for _, attributes in outer:
        for side, names in enumerate(
            (("source-language", "srcLang"), ("target-language", "trgLang"))
        ):
            found[side] = next((attributes[n] for n in names if n in attributes), found[side])
    if found[1] is None:
        target = unit.find("target")
        found[1] = None if target is None else target.get("xml:lang")
    return found[0], found[1]


Segment = Tuple[Element, Optional[Element], Optional[str]]  # source, target, why it is no pair


def _segments(unit: Element) -> Iterator[Segment]:
    """The sentences of a unit, each as ``(source, target, reason)``."""
    if unit.tag == "unit":
        for segment in unit.findall("segment"):
            source, target = segment.find("source"), segment.find("target")
            if source is not None:
                yield source, target, _reason(target, segment.get("state"))
        return
    source, target = unit.find("source"), unit.find("target")
    if source is None:
        return
    reason = _reason(target, None if target is None else target.get("state"))
    cut = unit.find("seg-source")
    sources = {} if cut is None else _marked(cut)
    targets = {} if target is None else _marked(target)
    if reason is None and sources and list(sources) == list(targets):
        for name, segment in sources.items():
            yield segment, targets[name], None
    else:
        yield source, target, reason


def _marked(element: Element) -> Dict[Optional[str], Element]:
    """The sentences that ``mrk`` of the kind ``seg`` marks in an element, by their ``mid``; none
    where these are not different."""
    marks = [mark for mark in element.iter("mrk") if mark.get("mtype") == "seg"]
    found = {mark.get("mid"): mark for mark in marks}
    return found if len(found) == len(marks) else {}


def _reason(target: Optional[Element], state: Optional[str]) -> Optional[str]:
    """Why a target is no translation to learn from, or None."""
    if target is None or state in UNTRANSLATED:
        return "untranslated"
    return "fuzzy: to be reviewed" if state in FUZZY else None
