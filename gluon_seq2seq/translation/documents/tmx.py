"""TMX translated in place: units that have the model's source language and not yet its target."""

from functools import partial
from typing import Any, Dict, List

from ...corpus.readers.lines import Place
from ...corpus.readers.markup import tmx as reader
from ...corpus.readers.markup.inline import text_of
from ...corpus.readers.markup.languages import Languages, best
from ...errors import DataError, UsageError
from .document import Document, Unit, unit_of
from .pieces import Piece
from .splice import Inline, Source

NAME, ENDINGS, recognises = reader.NAME, reader.ENDINGS, reader.recognises
INLINE = Inline(frozenset(["ph", "ut"]), frozenset(["hi"]), frozenset(["sub"]))


def opened(path: Place, content: bytes, languages: Languages) -> Document:
    """The translation memory ``path`` as a :class:`Document`.

    Raises :class:`DataError` for what is none, and where no unit has the source language,
    :class:`UsageError` for a model that does not say its languages.
    """
    source_lang, target_lang = languages
    if source_lang is None or target_lang is None:
        raise UsageError(f"{path}: a TMX has many languages, and the model does not say its own")
    source = Source(path, content)
    units: List[Unit] = []
    seen: Dict[str, None] = {}
    kept = 0
    for record, _ in source.records(frozenset(["tu"])):
        variants: List[Any] = [one for one in record.findall("tuv") if one.find("seg") is not None]
        segments: List[Any] = [one.find("seg") for one in variants]
        tags = [one.get("xml:lang") or one.get("lang") or "" for one in variants]
        seen.update(dict.fromkeys(tags))
        here, there = best(tags, source_lang), best(tags, target_lang)
        if here is None:
            continue
        empty = None if there is None else segments[there]
        if not text_of(segments[here], reader.NATIVE)[0] or (
            empty is not None and (empty.text or len(empty))
        ):
            kept += 1
            continue
        take = partial(_take, source, target_lang, variants[here], variants[-1], empty)
        texts = partial(source.texts, segments[here], INLINE)
        units.append(unit_of(f"{path}, line {record.line}", texts, take))
    if seen and best(list(seen), source_lang) is None:
        raise DataError(
            f"{path}: its languages are {', '.join(sorted(seen))}, the model's is {source_lang}: "
            "use another model"
        )
    return Document(units, kept, source.written)


def _take(
    source: Source, language: str, variant: Any, last: Any, empty: Any, found: List[List[Piece]]
) -> None:
    """Write a ``tuv`` like ``variant`` after the ``last`` one, or the ``empty`` segment anew."""
    text = source.xml(variant.find("seg"), found)
    if empty is not None:
        source.change(empty.start, source.end(empty), f"{source.with_attribute(empty)}{text}</seg>")
        return
    name = "lang" if variant.get("xml:lang") is None else "xml:lang"
    end = source.end(last)
    new = f'<tuv {name}="{language}"><seg>{text}</seg></tuv>'
    source.change(end, end, source.indent(variant) + new)
