"""Two files, a line of each a pair; and which two they are, in a folder or an archive.

The names are those of OPUS and Moses: ``X.en-fr.en`` and ``X.en-fr.fr``, ``train.en`` and
``train.fr``, ``europarl-v7.fr-en.en``; ``en.txt``, ``train_fr.txt`` and ``french.txt`` will do.
"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ...errors import DataError
from ...text.languages import CODES, code_of
from .compression import ENDINGS, Member
from .lines import Line, Note, Place, Wanted, stream_of, text_lines

LEFT_OUT = (".ids", ".xml", ".scores", ".md", ".html", ".log", ".pdf", ".png", ".sh", ".py")
PAPERS = {"readme", "license", "licence", "copying", "changes", "authors", "about", "copyright"}
OF_TEXT = {".txt", ".tok", ".lc", ".tc", ".true", ".clean", ".raw", ".norm", ".snt", ".text"}
OF_TEXT |= {".srt", ".sgm", ".sgml"}  # formats of one side
PAIR = re.compile("(?:^|[^a-z])([a-z]{2,3})[-_]([a-z]{2,3})$")  # zh_CN is none
SHOWN = 6  # names in a message
SAMPLE = 2**14  # bytes of a text that show whether it is a table
SPLITS = {"train": "train", "dev": "dev", "val": "dev", "valid": "dev", "validation": "dev"}
SPLITS["test"] = "test"


def side_of(name: str) -> Tuple[str, Optional[str]]:
    """``(what it has in common with its other side, language)`` of the name of a file: ``("train",
    "fr")`` of ``train.fr.gz``."""
    path = Path(name)
    while path.suffix.lower() in OF_TEXT or path.suffix.lower() in ENDINGS:
        path = path.with_suffix("")
    found = PAIR.search(path.name)
    if found and found[1] in CODES and found[2] in CODES:
        return path.name, None  # of two languages
    stem, _, last = path.name.rpartition(".")
    if not code_of(last):
        cut = re.match(r"(.*)[-_]([^-_]+)$", path.name)
        stem, last = (cut[1], cut[2]) if cut else ("", path.name)
    if not code_of(last):
        return path.name, None
    return re.sub("[-_.](src|ref)$", "", str(path.with_name(stem or "-"))), code_of(last)


def chosen(path: Place, files: Sequence[Member], wanted: Wanted) -> List[Member]:
    """The one or two of ``files``, packed in ``path`` or lying there, that hold the pairs.

    Two of which one is in the source language and one in the target language; else the only text.
    Raises :class:`DataError`, which names them, where that leaves a choice.
    """
    seen = [one for one in files if not any(p.startswith(("_", ".")) for p in _parts(one))]
    sides: Dict[str, Dict[str, Member]] = {}
    for one in seen:
        stem, code = side_of(one.name)
        if code and not one.name.lower().endswith(LEFT_OUT):
            sides.setdefault(stem, {}).setdefault(code, one)
    pairs = [found for found in (_pair(group, wanted) for group in sides.values()) if found]
    if len(pairs) > 1:
        names = ", ".join(one.name for pair in pairs[:SHOWN] for one in pair)
        raise DataError(
            f"{path}: holds {len(pairs)} pairs of files, {names}: {_unpack(path)}give two of them "
            "as data=... and target=..."
        )
    if pairs:
        return _said(path, pairs[0], seen, wanted)
    texts = [one for one in seen if _is_text(one)] or (seen if len(seen) == 1 else [])
    both = {wanted.source_lang, wanted.target_lang}
    named = [one for one in texts if both <= {code_of(part) for part in _words(one)}]
    if len(texts) != 1 and len(named) == 1:
        texts = named
    if len(texts) != 1:
        names = ": " + ", ".join(one.name for one in texts[:SHOWN]) if texts else ""
        languages = " and ".join(filter(None, (wanted.source_lang, wanted.target_lang)))
        raise DataError(
            f"{path}: holds {len(texts)} text files, needs exactly one, or one in each language"
            f"{', ' * bool(languages)}{languages}{names}: {_unpack(path)}give data=..., or "
            "data=... and target=..."
        )
    return _said(path, texts, seen, wanted)


def _unpack(path: Place) -> str:
    return "" if Path(path).is_dir() else "unpack it, and "


def splits(files: Sequence[Member]) -> Optional[Dict[str, List[Member]]]:
    """The files of train, dev and test, by how their names begin; None unless each has one."""
    found: Dict[str, List[Member]] = {"train": [], "dev": [], "test": []}
    for one in files:
        word = re.match("[a-z]*", Path(one.name).name.lower())
        split = SPLITS.get(word[0]) if word else None
        if split:
            found[split].append(one)
    return found if all(found.values()) else None


def _pair(group: Dict[str, Member], wanted: Wanted) -> Optional[List[Member]]:
    """Source and target among files that are called alike but for their language."""
    if wanted.source_lang is None or wanted.target_lang is None:
        return list(group.values())[:: -1 if wanted.turned else 1] if len(group) == 2 else None
    if wanted.source_lang in group and wanted.target_lang in group:
        return [group[wanted.source_lang], group[wanted.target_lang]]
    return None


def _said(path: Place, read: List[Member], files: Sequence[Member], wanted: Wanted) -> List[Member]:
    """``read``, once it is said which are not."""
    names = " and ".join(one.name for one in read)
    for one in files:
        if one not in read:
            wanted.skipped(Note(f"a file beside {names}, not read"), f"{path}, {one.name}")
    return read


def _parts(member: Member) -> Tuple[str, ...]:
    return tuple(part for part in Path(member.name).parts if part not in (".", ".."))


def _words(member: Member) -> List[str]:
    return re.findall("[^\\W\\d_]+", Path(member.name).name)


def _is_text(member: Member) -> bool:
    """Whether a file is more than what comes along with sentences."""
    name = Path(member.name).name.lower()
    return not name.endswith(LEFT_OUT) and name.partition(".")[0] not in PAPERS


def refuse_one_side(path: Place) -> None:
    """Raise :class:`DataError` where ``path``, in which no line has two sides, is called by its
    language, as one of two files is."""
    if side_of(str(path))[1]:
        raise DataError(
            f"{path}: is one side of two, by its name: give both, data=... and target=..."
        )


def order(source: Place, target: Place, wanted: Wanted) -> bool:
    """Whether ``source``, the first of two files, is the target: by the languages that end their
    names, or as ``wanted`` has it where they do not say.

    Raises :class:`DataError` where they are of other languages.
    """
    codes = [side_of(str(path))[1] for path in (source, target)]
    found = wanted.sides([code or "" for code in codes])
    if found:
        return found == (1, 0)
    if None not in codes and codes[0] != codes[1] and wanted.source_lang and wanted.target_lang:
        raise DataError(
            f"{source} and {target} are called {codes[0]} and {codes[1]}, not "
            f"{wanted.source_lang} and {wanted.target_lang}: give source_lang=... and "
            "target_lang=..., or rename them"
        )
    return wanted.turned


def pairs(source: Tuple[Place, bytes], target: Tuple[Place, bytes]) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` of two texts, ``(path, content)``, line by line. Raises
    :class:`DataError` unless they have as many lines, of one text."""
    counts = [_checked(path, content) for path, content in (source, target)]
    if counts[0] != counts[1]:
        raise DataError(
            f"{source[0]} has {counts[0]:,} lines but {target[0]} has {counts[1]:,}: parallel "
            "files need one translation a line"
        )
    sides = [text_lines(path, stream_of(path, content)) for path, content in (source, target)]
    for (place, src), (_, tgt) in zip(*sides):
        yield place, (src, tgt)


def _checked(path: Place, content: bytes) -> int:
    """How many lines a text has. Raises :class:`DataError` for a table, with tabs in most lines or,
    by its name CSV, with quotes around some: they would be taken for a part of the sentence."""
    sample = content[:SAMPLE].splitlines()
    if sum(b"\t" in line for line in sample) > len(sample) / 2:
        raise DataError(
            f"{path}: has tabs, as a table does, and is to hold a sentence a line: give it alone, "
            "or save its column of sentences as text"
        )
    if re.search(r"\.csv\b", str(path)) and b'\n"' in b"\n" + content:
        raise DataError(
            f"{path}: is CSV, with quotes around sentences, and is to hold a sentence a line: save "
            "both columns as one CSV, or each as text"
        )
    end = b"\n" if b"\n" in content else b"\r"  # as old Macs end lines
    return content.count(end) + (content[-1:] not in (b"", end))
