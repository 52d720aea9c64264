"""SubRip subtitles translated in place: each text as many lines as it was, at most; numbers, times
and tags stay."""

import re
import textwrap
from functools import partial
from typing import List

from ...corpus.readers.lines import Place
from ...corpus.readers.markup import srt as reader
from ...corpus.readers.markup.languages import Languages
from ...corpus.readers.markup.xml import encoding_of
from .document import Document, check_encoding, plain, unit_of
from .pieces import BREAK, Code, Piece, coded

NAME, ENDINGS, recognises = reader.NAME, reader.ENDINGS, reader.recognises
SPEAKER = re.compile(r"\s*[-–—]\s*")  # before what each of two people says


def opened(path: Place, content: bytes, languages: Languages) -> Document:
    """The subtitles ``path`` as a :class:`Document`; they say no language.

    Raises :class:`DataError` for what is none.
    """
    lines, encoding = reader.lines_of(path, content), encoding_of(content)
    cues = [cue for cue in reader.cues(path, lines) if reader.plain(cue)]
    units = [
        unit_of(
            f"{path}, line {cue.first + 1}",
            partial(_texts, cue),
            partial(_take, lines, encoding, cue),
        )
        for cue in cues
    ]
    return Document(units, 0, lambda: "".join(lines).encode(encoding))


def _take(lines: List[str], encoding: str, cue: reader.Cue, found: List[List[Piece]]) -> None:
    """Write the translation ``found`` of a subtitle."""
    end = "\r\n" if "\r\n" in lines[cue.line - 1] else "\n"
    last = re.search(r"[\r\n]*$", lines[cue.last - 1])
    paragraphs = re.split(r"((?:(?<![ \t])[ \t]*\r?\n)+)", plain(found[0]))
    for i, part in enumerate(_paragraphs(cue.text)[::2]):
        paragraphs[2 * i] = end.join(_wrapped(paragraphs[2 * i], len(part.split("\n"))))
    text = "".join(paragraphs) + (last[0] if last else "")
    check_encoding(text, encoding)
    lines[cue.first : cue.last] = [text] + [""] * (cue.last - cue.first - 1)


def _paragraphs(text: str) -> List[str]:
    """What is said together, and the line ends between: blank lines, and those before a dash where
    several lines begin with one."""
    text = text.rstrip("\r\n")
    speakers = sum(bool(SPEAKER.match(line)) for line in text.split("\n")) > 1
    turns = r"\r?\n(?=[-–—])|" if speakers else ""
    return re.split(rf"({turns}(?:(?<![ \t])[ \t]*\r?\n){{2,}})", text)


def _texts(cue: reader.Cue) -> List[List[Piece]]:
    pieces: List[Piece] = []
    for i, part in enumerate(_paragraphs(cue.text)):
        if i % 2:
            pieces.append(Code(part, BREAK))
            continue
        dash = SPEAKER.match(part)
        if dash:
            pieces.append(Code(dash[0], BREAK))
            part = part[dash.end() :]
        pieces += coded(" ".join(line.strip() for line in part.split("\n")))
    return [pieces]


def _wrapped(text: str, count: int) -> List[str]:
    """``text`` on at most ``count`` lines of like length; tags stay in one piece."""
    held = re.sub(r"<[^<>]*>", lambda tag: tag[0].replace(" ", "\0"), text)
    width = -(-len(held) // count)
    while True:
        lines = textwrap.wrap(held, max(width, 1), break_long_words=False, break_on_hyphens=False)
        if len(lines) <= count:
            return [line.replace("\0", " ") for line in lines]
        width += 1
