"""XLIFF 1.2 and 2.0 translated in place: units without a translation, or with one to review."""

import re
from functools import partial
from typing import Any, List

from ...corpus.readers.lines import Place
from ...corpus.readers.markup import xliff as reader
from ...corpus.readers.markup.inline import text_of
from ...corpus.readers.markup.languages import Languages, fitting
from ...corpus.readers.markup.xml import Outer
from .document import Document, Unit, check_languages, unit_of
from .pieces import Piece
from .splice import Inline, Source

NAME, ENDINGS, recognises = reader.NAME, reader.ENDINGS, reader.recognises
INLINE = Inline(frozenset(["x", "ph", "cp"]), frozenset(["g", "mrk", "pc"]), frozenset(["sub"]))


def opened(path: Place, content: bytes, languages: Languages) -> Document:
    """The XLIFF ``path`` as a :class:`Document`.

    Raises :class:`DataError` for what is none, and where no file in it has the model's languages.
    """
    source = Source(path, content)
    units: List[Unit] = []
    kept = fits = 0
    others = None
    for record, outer in source.records(reader.UNITS):
        says = reader.languages_of(record, outer)
        if not fitting(says, languages):
            others = says
            continue
        fits += 1
        holders: List[Any] = [record] if record.tag != "unit" else record.findall("segment")
        for holder in holders:
            if _stays(record, holder, outer):
                kept += 1
                continue
            units.append(_unit(source, record, holder))
    if others is not None and not fits:
        check_languages(path, others, languages)

    def written() -> bytes:
        if source.changes and languages[1]:
            _say_target(source, languages)
        return source.written()

    return Document(units, kept, written)


def _stays(record: Any, holder: Any, outer: Outer) -> bool:
    """Whether a text is not to be translated: it says so, is empty, or is translated already."""
    said = [attributes.get("translate") for _, attributes in outer] + [record.get("translate")]
    if [one for one in said if one][-1:] == ["no"]:
        return True
    source, target = holder.find("source"), holder.find("target")
    if source is None or not text_of(source, reader.NATIVE)[0]:
        return True
    if target is None or not ("".join(target.itertext()).strip() or len(target)):
        return False
    state = (holder if record.tag == "unit" else target).get("state")
    return state not in reader.UNTRANSLATED and state not in reader.FUZZY


def _unit(source: Source, record: Any, holder: Any) -> Unit:
    """The :class:`Unit` of a ``trans-unit`` or a ``segment``, whose source may be cut already."""
    cut = holder.find("seg-source")
    last = holder.find("source") if cut is None else cut
    number = record.get("id")
    place = f"{source.path}, line {record.line}" + (f", unit {number}" if number else "")
    return unit_of(place, partial(source.texts, last, INLINE), partial(_take, source, holder, last))


def _take(source: Source, holder: Any, last: Any, found: List[List[Piece]]) -> None:
    """Write the ``target`` of a ``trans-unit`` or ``segment``, after its ``last`` source if new."""
    text, target = source.xml(last, found), holder.find("target")
    state = {"state": "translated", "state_qualifier": "leveraged-mt"}
    if holder.tag == "segment":
        end = holder.start + len(source.tag(holder.start))
        source.change(holder.start, end, source.with_attribute(holder, state="translated"))
        state = {}
    if target is not None:
        first, end = source.with_attribute(target, **state), source.end(target)
        source.change(target.start, end, f"{first}{text}</{first[1:].split()[0].rstrip('>')}>")
        return
    original, end = holder.find("source"), source.end(last)
    prefix = re.match(r"<((?:[\w.-]+:)?)", source.tag(original.start).decode("utf-8"))
    name = (prefix[1] if prefix else "") + "target"
    more = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in state.items())
    source.change(end, end, f"{source.indent(original)}<{name}{more}>{text}</{name}>")


def _say_target(source: Source, languages: Languages) -> None:
    """Name the target language where the file does not: XLIFF 2 requires it with a target."""
    opening = rb"<(?:[\w.-]+:)?(?:xliff|file)\b(?:\"[^\"]*\"|'[^']*'|[^\"'>])*>"
    for found in re.finditer(opening, source.text):
        tag = found[0].decode("utf-8")
        for has, lacks in (("source-language", "target-language"), ("srcLang", "trgLang")):
            says = re.search(rf"""\s{has}\s*=\s*["']([^"']*)""", tag)
            if (
                says
                and fitting((says[1], None), languages)
                and not re.search(rf"\s{lacks}\s*=", tag)
            ):
                source.change(found.end() - 1, found.end(), f' {lacks}="{languages[1]}">')
