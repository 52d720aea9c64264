"""What tatoeba.org/downloads gives: sentence pairs, or sentences and the links between them.

Pairs have four columns, ``id text id text``. The weekly exports are ``sentences.csv`` (``id lang
text``; ``sentences_detailed.csv`` has three more) and ``links.csv`` (``id id``), or of a language
each ``eng_sentences.tsv`` and ``eng-fra_links.tsv``: tabs between the columns, no quotes, languages
by their codes of ISO 639-3. Sentences and links lie in one folder or archive, packed or not.
"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ...errors import DataError
from ...text.languages import code_of
from .compression import Member
from .lines import Line, Place, Wanted, stream_of, text_lines

NAME = "Tatoeba"
ENDINGS = ()
ID, LANG, TEXT = rb"\d{1,10}", rb"(?:[a-z]{3}|\\N|)", rb"[^\t\r\n]*[^\t\r\n\d][^\t\r\n]*"
PAIRS = re.compile(rb"%b\t%b\t%b\t%b" % (ID, TEXT, ID, TEXT))
SENTENCES = re.compile(rb"%b\t%b\t%b(?:\t[^\t\n]*)*" % (ID, LANG, TEXT))
LINKS = re.compile(rb"%b\t%b" % (ID, ID))
LINES = 20  # of the beginning that have to look so
Files = Sequence[Tuple[str, bytes]]


def recognises(name: str, head: bytes) -> bool:
    """Whether the first lines are of one of the exports."""
    return any(_looks(head, pattern) for pattern in (PAIRS, SENTENCES, LINKS))


def _looks(head: bytes, pattern: "re.Pattern[bytes]") -> bool:
    lines = [line.strip(b"\r") for line in head[:HEAD].split(b"\n")[:LINES]]
    lines = lines[: -1 if len(lines) < LINES else None] if len(lines) > 1 else lines
    lines[0] = lines[0][3:] if lines[0].startswith(b"\xef\xbb\xbf") else lines[0]
    return all(pattern.fullmatch(line) for line in lines)


HEAD = 2**14  # bytes to look at


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` of pairs, whose second and fourth columns are read.

    Raises :class:`DataError` for sentences alone, which have no translations, and links alone.
    """
    if _looks(content[:HEAD], LINKS):
        raise DataError(
            f"{path}: is Tatoeba's list of links between numbers of sentences: give the folder "
            "that holds it beside sentences.csv"
        )
    if not _looks(content[:HEAD], PAIRS):
        raise DataError(
            f"{path}: is Tatoeba's list of sentences, which does not say what translates what: put "
            "links.csv beside it, and give the folder of both; or download sentence pairs from "
            "tatoeba.org/downloads"
        )
    numbers = wanted.pick(path) if wanted.columns else ((3, 1) if wanted.turned else (1, 3))
    for place, line in text_lines(path, stream_of(path, content)):
        columns = line.split("\t")
        if len(columns) > max(numbers):
            yield place, (columns[numbers[0]], columns[numbers[1]])
        else:
            wanted.skipped(f"{len(columns)} columns of id, text, id, text", place)


def read_two(
    source: Tuple[Place, bytes], target: Tuple[Place, bytes], wanted: Wanted
) -> Iterator[Line]:
    """The same of sentences and the links between them, ``(path, content)``, in any order.

    Raises :class:`DataError` for two other files.
    """
    files = [(Path(path).name, content) for path, content in (source, target)]
    links = [one for one in files if _looks(one[1], LINKS)]
    sentences = [one for one in files if _looks(one[1], SENTENCES)]
    if len(links) != 1 or len(sentences) != 1:
        raise DataError(
            f"{source[0]}: is of Tatoeba, and needs sentences.csv and links.csv, or pairs alone"
        )
    return read_files(Path(source[0]).parent, sentences, links, wanted)


def among(files: Sequence[Member]) -> Optional[Tuple[List[Member], List[Member]]]:
    """The files of sentences and those of links, by their names, or None where not both are."""
    names = [(Path(one.name).name.lower(), one) for one in files]
    links = [one for name, one in names if re.match(r"(\w+-\w+_)?links\b", name)]
    named = [
        one
        for name, one in names
        if re.match(r"(\w+_)?sentences(_detailed)?(?!\w)", name) and one not in links
    ]
    if any("detailed" in Path(one.name).name for one in named):
        plain = [one for one in named if "detailed" not in Path(one.name).name]
        named = plain or named  # both hold the same sentences
    return (named, links) if named and links else None


def read_files(path: Place, sentences: Files, links: Files, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for each link from a sentence in the source language to
    one in the target language; ``sentences`` and ``links`` are ``(name, content)``.

    Raises :class:`DataError` where the languages are not said, or have no sentences.
    """
    if wanted.source_lang is None or wanted.target_lang is None:
        raise DataError(
            f"{path}: is an export of Tatoeba, of many languages: give source_lang=... and "
            "target_lang=..."
        )
    sides: Dict[str, Dict[str, str]] = {wanted.source_lang: {}, wanted.target_lang: {}}
    for name, content in sentences:
        _take(f"{path}, {name}", content, sides, wanted)
    for language, texts in sides.items():
        if not texts:
            raise DataError(f"{path}: has no sentence in the language {language}")
    source, target = sides[wanted.source_lang], sides[wanted.target_lang]
    seen = set()
    for name, content in links:
        for place, line in text_lines(f"{path}, {name}", stream_of(path, content)):
            one, _, two = line.partition("\t")
            two = two.partition("\t")[0]
            for pair in (one, two), (two, one):  # links of two languages may lead one way alone
                if pair[0] in source and pair[1] in target and pair not in seen:
                    seen.add(pair)
                    yield place, (source[pair[0]], target[pair[1]])


def _take(path: str, content: bytes, sides: Dict[str, Dict[str, str]], wanted: Wanted) -> None:
    """Put the sentences of a file into their language's dict, by number."""
    for place, line in text_lines(path, stream_of(path, content)):
        columns = line.split("\t")
        if len(columns) < 3:
            wanted.skipped(f"{len(columns)} columns of id, language, text", place)
            continue
        texts = sides.get(code_of(columns[1]) or "")
        if texts is not None:
            texts[columns[0]] = columns[2]
