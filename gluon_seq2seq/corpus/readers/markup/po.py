"""gettext's catalogues, PO: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html

An entry with plural forms gives two pairs: ``msgid`` with the form of one, ``msgid_plural`` with
the form that most numbers have, each where both sides have the same placeholders.
"""

import gettext
import re
from collections import Counter
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Tuple

from ....errors import DataError, SystemProblem
from ..lines import Line, Note, Place, Wanted
from .languages import missing, turned
from .placeholders import accelerator, placeholders
from .xml import decoded

if TYPE_CHECKING:
    import polib

NAME, ENDINGS = "gettext PO", (".po", ".pot")
STRING = r'"(?:[^"\\]|\\.)*"'
LINE = re.compile(
    rf"\s*(?:#.*|(?:#~\s*)?(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s*)?{STRING}|)\s*"
)
KEYWORD = rb"^[ \t]*(?:#~ ?)?msgid[ \t]+"
ENTRY = re.compile(
    KEYWORD + rb'".*"[ \t]*\n(?:[ \t]*".*"[ \t]*\n)*[ \t]*(?:#~ ?)?msg(?:str|id_plural)\b',
    re.MULTILINE,
)
MARK_GONE = Note("accelerator marks left out of a pair")


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of a catalogue."""
    return bool(ENTRY.search(head.replace(b"\r\n", b"\n")))


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for each entry of a catalogue that is translated.

    Raises :class:`DataError` where it is in another language than the wanted ones.
    """
    catalogue = parsed(path, content)
    languages = languages_of(catalogue)
    other = turned(languages, wanted)
    if other is None:
        raise DataError(missing(path, filter(None, languages), wanted))
    if catalogue.metadata:
        wanted.skipped(Note("the header"), f"{path}, line 1")
    for entry in catalogue:
        place = f"{path}, line {entry.linenum}"
        if entry.obsolete or entry.fuzzy:
            wanted.skipped("obsolete" if entry.obsolete else "fuzzy: to be reviewed", place)
            continue
        for source, target in _pairs(catalogue, entry, place, wanted):
            texts = [" ".join(text.split()) for text in (source, target)]
            if not all(texts):
                wanted.skipped("untranslated" if texts[0] else "an empty source", place)
                continue
            marks = [accelerator(text) for text in texts]
            if marks[0] and marks[1]:
                texts = [marks[0][0], marks[1][0]]
                wanted.skipped(MARK_GONE, place)
            pair = texts[0], texts[1]
            yield place, pair[::-1] if other else pair


def parsed(path: Place, content: bytes) -> "polib.POFile":
    """A catalogue as polib reads it; raises :class:`DataError` for what it cannot read, or passes
    over without a word, and :class:`SystemProblem` where it is not installed."""
    try:
        import polib
    except ModuleNotFoundError:
        raise SystemProblem(
            "polib is not installed, which reads .po files: pip install 'gluon-seq2seq[formats]'"
        ) from None
    text = text_of(path, content)
    for number, line in enumerate(text.split("\n"), 1):
        if not LINE.fullmatch(line):
            raise DataError(f"{path}, line {number}: no line of a catalogue: is a quote missing?")
    try:
        return polib.pofile(text + "\n")
    except OSError as error:
        found = re.search(r"line (\d+)", str(error))
        where = f", line {found[1]}" if found else ""
        raise DataError(f"{path}{where}: no catalogue of gettext: mend the line") from None
    except (ValueError, IndexError, AttributeError) as error:
        raise DataError(
            f"{path}: no catalogue of gettext: {' '.join(str(error).split())}"
        ) from None


def encoding_of(content: bytes) -> str:
    """The encoding that the header of a catalogue says."""
    found = re.search(rb"charset=([\w.-]+)", content[:20000])
    name = found[1].decode("ascii") if found else "utf-8"
    return "utf-8" if name == "CHARSET" else name


def text_of(path: Place, content: bytes) -> str:
    """The text of a catalogue, without a byte order mark; raises :class:`DataError`."""
    return "".join(decoded(path, content, encoding_of(content))).lstrip("\ufeff")


def languages_of(catalogue: "polib.POFile") -> Tuple[Optional[str], Optional[str]]:
    """The languages of ``msgid`` and ``msgstr`` that the header says."""
    metadata = {name.lower(): value.strip() for name, value in catalogue.metadata.items()}
    return metadata.get("x-source-language") or None, metadata.get("language") or None


def plural_forms(catalogue: "polib.POFile") -> Tuple[int, Callable[[int], int]]:
    """How many forms the header says, and which of them a number has; as in English where it does
    not say. Raises :class:`ValueError` where it cannot be read."""
    says = catalogue.metadata.get("Plural-Forms") or "nplurals=2; plural=n != 1;"
    found = re.fullmatch(r"\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([^;]+);?\s*", says)
    if found is None:
        raise ValueError(f"Plural-Forms: {says}")
    try:
        rule = gettext.c2py(found[2])
        rule(1)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"Plural-Forms: {says}") from error
    return int(found[1]), rule


def one_and_many(rule: Callable[[int], int]) -> Tuple[int, int]:
    """The form of 1, and the one that most numbers from 2 have."""
    return rule(1), Counter(map(rule, range(2, 200))).most_common(1)[0][0]


def _pairs(
    catalogue: "polib.POFile", entry: "polib.POEntry", place: str, wanted: Wanted
) -> Iterator[Tuple[str, str]]:
    """Source and target of an entry, or of its singular and plural."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
        return
    try:
        _, rule = plural_forms(catalogue)
        one, many = one_and_many(rule)
    except (ValueError, ArithmeticError):
        wanted.skipped("plural forms of which the header says nothing that can be read", place)
        return
    forms = entry.msgstr_plural
    for source, form in ((entry.msgid, one), (entry.msgid_plural, many)):
        target = forms.get(form, "")
        if target and placeholders(source) != placeholders(target):
            wanted.skipped("a plural form with other placeholders than its source", place)
        else:
            yield source, target
    if any(text for form, text in forms.items() if form not in (one, many)):
        wanted.skipped(Note("plural forms beyond two"), place)
