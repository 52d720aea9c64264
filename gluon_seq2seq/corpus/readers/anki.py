"""Anki's flash cards: notes as text, or a package (``.apkg``, ``.colpkg``).

The text says in its first lines what it is: ``#separator:tab``, ``#html:true``, ``#guid column:1``,
``#notetype column:2``, ``#deck column:3``, ``#tags column:6``, and ``#columns:Front<TAB>Back``. Its
quotes are those of RFC 4180. A package is a zip file with a database: ``collection.anki21b``,
packed by Zstandard, of Anki 2.1.50 and later, ``collection.anki21``, or ``collection.anki2``, which
beside the others holds one note that asks for a newer Anki. In the table ``notes`` a note's fields
stand in ``flds``, U+001F between them. HTML, sounds and pictures are taken out.
"""

import html
import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ...errors import DataError
from ...files import foreign
from .compression import members
from .delimited import Dialect, rows
from .lines import HEADER, Line, Note, Place, Wanted, stream_of

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
KEYS = "separator|html|columns|tags column|guid column|deck column|notetype column"
KEY = re.compile(rf"#(?:{KEYS}|notetype|deck|tags|if matches|match scope):")
DATABASES = "collection.anki21b", "collection.anki21", "collection.anki2"  # the newest first
BLOCK = re.compile(r"<(?:br|/?div|/?p|/?li|/?ul|/?ol|/?tr|/?td)\b[^>]*>", re.IGNORECASE)
HIDDEN = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
SOUND = re.compile(r"\[(?:sound:|anki:)[^\]]*\]")
CLOZE = re.compile(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", re.DOTALL)


def plain(field: str) -> str:
    """The text of a field of HTML, without its sounds, and with what a gap hides filled in."""
    text = TAG.sub("", BLOCK.sub(" ", HIDDEN.sub("", SOUND.sub("", field))))
    return " ".join(CLOZE.sub(r"\1", html.unescape(text)).split())


class Text:
    """Notes as Anki's "Notes in Plain Text" and "Cards in Plain Text" export them."""

    NAME = "Anki text"
    ENDINGS: Tuple[str, ...] = ()

    @staticmethod
    def recognises(name: str, head: bytes) -> bool:
        """Whether the first line is one of Anki's."""
        return KEY.match(head[:40].decode("utf-8-sig", "replace")) is not None

    @staticmethod
    def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
        """Yield ``(place, (source, target))`` for each note; what names it, its deck, its type and
        its tags are no fields."""
        said = {}
        for number, line in enumerate(stream_of(path, content), 1):
            text = line.decode("utf-8-sig", "replace").strip("\r\n")
            if not KEY.match(text):
                break
            key, _, value = text[1:].partition(":")
            said[key] = value
            wanted.skipped(HEADER, f"{path}, line {number}")
        separator = said.get("separator") or "tab"
        separator = SEPARATORS.get(separator.lower(), separator[:1])
        others = [value for key, value in said.items() if key.endswith(" column")]
        names = said["columns"].split(separator) if "columns" in said else None
        dialect = Dialect(separator, True, len(said), 0)
        for place, row in rows(path, content, dialect, wanted):
            fields = [i for i in range(len(row)) if str(i + 1) not in others]
            if wanted.columns is not None:
                chosen = wanted.pick(path, names)
            elif len(fields) < 2:
                wanted.skipped("a note of one field" if row else Note("a blank line"), place)
                continue
            else:
                called = names and [names[i] if i < len(names) else "" for i in fields]
                source, target = wanted.pick(path, called)
                chosen = fields[source], fields[target]
            if max(chosen) >= len(row):
                wanted.skipped(f"no column {max(chosen) + 1}", place)
                continue
            sides = [row[i] for i in chosen]
            yield place, [plain(one) for one in sides] if said.get("html") == "true" else sides


class Package:
    """Decks, or a whole collection, as Anki exports them with their media."""

    NAME = "Anki package"
    ENDINGS: Tuple[str, ...] = (".apkg", ".colpkg")

    @staticmethod
    def recognises(name: str, head: bytes) -> bool:
        """Whether it is a zip file with a collection."""
        named = name.lower().endswith(Package.ENDINGS)
        return head.startswith(b"PK") and (named or b"collection.anki2" in head)

    @staticmethod
    def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
        """Yield ``(place, (source, target))`` for each note.

        Its fields are the columns, with the names that its type gives them. Raises
        :class:`DataError` for a database that cannot be read, :class:`SystemProblem` where a
        package for Zstandard is needed.
        """
        packed = {one.name: one for one in members(path, Path(path).name, content) or ()}
        name = next((name for name in DATABASES if name in packed), None)
        if name is None:
            raise DataError(f"{path}: is no package of Anki: it holds no {DATABASES[-1]}")
        database = packed[name].content()
        for inner in members(path, name, database) or ():  # of Zstandard
            database = inner.content()
        try:
            names, notes = _notes(database)
        except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise DataError(f"{path}: its {name} cannot be read: {reason}") from None
        chosen: Dict[int, Optional[Tuple[int, int]]] = {}
        for number, kind, text in notes:
            place = f"{path}, note {number}"
            fields = text.split("\x1f") if isinstance(text, str) else []
            if kind not in chosen:
                chosen[kind] = _sides(path, names.get(kind), wanted)
            sides = chosen[kind]
            if sides is None:
                wanted.skipped("a note whose fields are in other languages", place)
            elif max(sides) >= len(fields):
                wanted.skipped(f"a note without field {max(sides) + 1}", place)
            else:
                yield place, [plain(fields[i]) for i in sides]


def _sides(
    path: Place, names: Optional[Sequence[str]], wanted: Wanted
) -> Optional[Tuple[int, int]]:
    """Which fields of a type of note are source and target; None where they are others."""
    try:
        return wanted.pick(path, names)
    except DataError:
        return None


def _notes(database: bytes) -> Tuple[Dict[int, List[str]], List[Tuple[int, int, str]]]:
    """``({type: names of its fields}, [(number, type, fields)])`` of the bytes of a database, which
    is opened to read alone."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "collection")
        copy.write_bytes(database)
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
            opened.execute("pragma trusted_schema = off")
            tables = [name for (name,) in opened.execute(TABLES)]
            if "notes" not in tables:
                raise LookupError("it has no notes")
            if "fields" in tables:  # Anki 2.1.28 and later
                names: Dict[int, List[str]] = {}
                for kind, _, field in sorted(opened.execute("select ntid, ord, name from fields")):
                    names.setdefault(kind, []).append(str(field))
            else:
                (models,) = opened.execute("select models from col").fetchone()
                names = {
                    int(kind): [str(field["name"]) for field in model["flds"]]
                    for kind, model in foreign.from_json(models).items()
                }
            return names, opened.execute("select id, mid, flds from notes order by id").fetchall()


TABLES = "select name from sqlite_master where type = 'table'"
TEXT, PACKAGE = Text(), Package()
