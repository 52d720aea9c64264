"""gettext's catalogues translated in place: entries that are new or fuzzy.

All other lines stay byte for byte, the header's too, but for a language and an encoding that a
template leaves open. The polib that reads them writes all lines anew.
"""

import re
from functools import partial
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Tuple

from ...corpus.readers.lines import Place
from ...corpus.readers.markup import po as reader
from ...corpus.readers.markup.languages import Languages
from ...corpus.readers.markup.placeholders import accelerator
from ...errors import DataError
from .document import Document, Unit, check_encoding, check_languages, plain, unit_of
from .labels import marked
from .pieces import Piece, coded

if TYPE_CHECKING:
    import polib

NAME, ENDINGS, recognises = reader.NAME, reader.ENDINGS, reader.recognises
KEYWORD = re.compile(r"\s*(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*\"")


class Block:
    """The lines of an entry, by their numbers from 0: ``comments`` above it, from ``msgctxt`` or
    ``msgid`` on ``first``, its ``msgstr`` on ``target``, and where it ends, ``last``."""

    def __init__(self, comments: int, first: int) -> None:
        self.comments, self.first, self.target, self.last = comments, first, first, first


def opened(path: Place, content: bytes, languages: Languages) -> Document:
    """The catalogue ``path`` as a :class:`Document`.

    Raises :class:`DataError` for what is none, and for one in other languages.
    """
    catalogue = reader.parsed(path, content)
    check_languages(path, reader.languages_of(catalogue), languages)
    lines = re.findall(r"[^\n]*\n|[^\n]+", reader.text_of(path, content))
    encoding = reader.encoding_of(content)
    blocks = list(_blocks(lines))
    entries = [entry for entry in catalogue if not entry.obsolete]
    headed = len(blocks) - len(entries)
    if headed not in (0, 1):
        raise DataError(f"{path}: {len(blocks)} entries, of which only {len(entries)} can be read")
    forms, problem = _forms(catalogue)
    units: List[Unit] = []
    for entry, block in zip(entries, blocks[headed:]):
        old = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if not entry.msgid or (all(old) and not entry.fuzzy):
            continue
        place = f"{path}, line {block.first + 1}"
        if entry.msgid_plural and problem:
            units.append(Unit(place, unfit=problem))
            continue
        label, names, sources = None, ["msgstr"], [entry.msgid]
        if entry.msgid_plural:
            names = [f"msgstr[{form}]" for form in forms]
            sources = [entry.msgid, entry.msgid_plural][-len(forms) :]
        else:
            label = accelerator(entry.msgid)
            sources = [label[0]] if label else sources

        take = partial(_take, lines, encoding, block, names, label)
        units.append(unit_of(place, partial(_texts, sources), take))

    def written() -> bytes:
        if headed:
            _complete(lines, blocks[0], languages)
        mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        return mark + "".join(lines).encode(encoding)

    return Document(units, len(entries) - len(units), written)


def _texts(sources: List[str]) -> List[List[Piece]]:
    return [coded(source) for source in sources]


def _take(
    lines: List[str],
    encoding: str,
    block: Block,
    names: List[str],
    label: Optional[Tuple[str, str, str]],
    found: List[List[Piece]],
) -> None:
    """Write the translations ``found`` as the ``names`` of an entry, with the mark of its label."""
    texts = [plain(text) for text in found]
    if label:
        texts = [marked(texts[0], *label[1:])]
    for text in texts:
        check_encoding(text, encoding)
    _replace(lines, block, dict(sorted(zip(names, texts))))


def _forms(catalogue: "polib.POFile") -> Tuple[List[int], str]:
    """The plural form of one and that of many, or the only one; or why they are not known: the
    model writes two at most."""
    if "Plural-Forms" not in catalogue.metadata:
        return [], "plural forms, but the header says no Plural-Forms"
    try:
        count, rule = reader.plural_forms(catalogue)
        forms = list(dict.fromkeys(reader.one_and_many(rule)))
    except (ValueError, ArithmeticError):
        return [], "plural forms, but the Plural-Forms of the header cannot be read"
    if count != len(forms) or sorted(forms) != list(range(count)):
        return [], f"{count} plural forms, of which the source tells two apart"
    return forms, ""


def _replace(lines: List[str], block: Block, named: Dict[str, str]) -> None:
    """Write ``named``, texts by keyword, as the translation of an entry that is no longer fuzzy."""
    import polib

    end = "\r\n" if lines[block.target].endswith("\r\n") else "\n"
    new = []
    for name, text in named.items():
        parts = re.findall(r"[^\n]*\n|[^\n]+", text)
        parts = parts if len(parts) < 2 else ["", *parts]
        new += [
            f'{name + " " if i == 0 else ""}"{polib.escape(part)}"{end}'
            for i, part in enumerate(parts or [""])
        ]
    lines[block.target] = "".join(new)
    for i in range(block.target + 1, block.last):
        lines[i] = ""
    for i in range(block.comments, block.first):
        if lines[i].startswith("#,"):
            flags = [flag.strip() for flag in lines[i][2:].split(",")]
            flags = [flag for flag in flags if flag and flag != "fuzzy"]
            lines[i] = f"#, {', '.join(flags)}{end}" if flags else ""
        elif lines[i].startswith("#|"):  # the source that the fuzzy one was of
            lines[i] = ""


def _complete(lines: List[str], header: Block, languages: Languages) -> None:
    """Fill in what the header of a template leaves open."""
    for i in range(header.first, header.last):
        lines[i] = lines[i].replace("charset=CHARSET", "charset=UTF-8")
        if languages[1]:
            lines[i] = re.sub(r'^("Language:) *\\n', rf"\1 {languages[1]}\\n", lines[i])


def _blocks(lines: List[str]) -> Iterator[Block]:
    """The entries, without obsolete ones, in their order."""
    block, comments = None, 0
    for i, line in enumerate(lines):
        found = KEYWORD.match(line)
        keyword = found[1] if found else None
        if found is None:  # a comment or a blank line
            if block is not None:
                yield block
                block = None
            if not line.strip():
                comments = i + 1
            continue
        if keyword == "msgctxt" or (
            keyword == "msgid" and (block is None or block.target > block.first)
        ):
            if block is not None:
                yield block
                comments = i
            block = Block(comments, i)
        if block is None:
            continue
        if keyword and keyword.startswith("msgstr") and block.target == block.first:
            block.target = i
        block.last = i + 1
        comments = i + 1
    if block is not None:
        yield block
