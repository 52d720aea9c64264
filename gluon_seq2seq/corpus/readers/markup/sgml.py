"""WMT's SGML: two files, ``srcset`` and ``refset``, of ``doc`` and ``seg`` (mteval, NIST).

It is no XML: ``&`` and ``<`` may stand for themselves, names be of upper case.
"""

import html
import re
from typing import Dict, Iterator, Optional, Tuple

from ....errors import DataError
from ..lines import Line, Place, Wanted, of_one_side
from .languages import primary
from .xml import beginning, decoded, encoding_of

NAME, ENDINGS = "WMT SGML", (".sgm", ".sgml")
read = of_one_side(NAME)
SETS = "srcset", "refset", "tstset"
TAG = re.compile(
    r"<(?P<set>srcset|refset|tstset)\b(?P<of_set>[^>]*)>|<doc\b(?P<of_doc>[^>]*)>"
    r"|<seg\b(?P<of_seg>[^>]*)>(?P<text>.*?)</seg\s*>|(?P<open><seg\b)",
    re.IGNORECASE | re.DOTALL,
)
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)
Segments = Dict[Tuple[str, str], Tuple[str, str]]  # ids of doc and seg -> place, text


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of WMT's SGML."""
    begins = rf"\s*(?:<[?!][^>]*>\s*|<mteval>\s*)*<(?:{'|'.join(SETS)})\b"
    return bool(re.match(begins, beginning(head), re.IGNORECASE))


def read_two(
    source: Tuple[Place, bytes], target: Tuple[Place, bytes], wanted: Wanted
) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for the segments that both files have, by their ids.

    Raises :class:`DataError` where a file says another language than the wanted one, and where
    the two have nothing in common.
    """
    sides = []
    path, target_path = source[0], target[0]
    for (name, data), language in ((source, wanted.source_lang), (target, wanted.target_lang)):
        says, segments = _segments(name, data, wanted)
        if language and says and primary(says) != primary(language):
            raise DataError(
                f"{name}: is in {says}, not {language}: give the two files the other way"
            )
        sides.append(segments)
    sources, targets = sides
    if sources and targets and not sources.keys() & targets.keys():
        raise DataError(
            f"{path} and {target_path}: have no doc and seg in common: give two files of one set"
        )
    for key, (place, text) in sources.items():
        if key not in targets:
            wanted.skipped(f"a seg that {target_path} has not", place)
        elif not text or not targets[key][1]:
            wanted.skipped("an empty side", place)
        else:
            yield place, (text, targets[key][1])
    for key, (place, _) in targets.items():
        if key not in sources:
            wanted.skipped(f"a seg that {path} has not", place)


def _segments(path: Place, content: bytes, wanted: Wanted) -> Tuple[Optional[str], Segments]:
    """The language that a file says it is in, and its segments."""
    text = "".join(decoded(path, content, encoding_of(content)))
    language, document, documents = None, "", 0
    found: Segments = {}
    line, passed = 1, 0
    for tag in TAG.finditer(text):
        line, passed = line + text.count("\n", passed, tag.start()), tag.start()
        place = f"{path}, line {line}"
        if tag["open"]:
            raise DataError(f"{place}: a <seg> without </seg>: the file is cut off or damaged")
        if tag["set"]:
            source = tag["set"].lower() == "srcset"
            language = _attribute(tag["of_set"], "srclang" if source else "trglang")
            language = None if (language or "any").lower() == "any" else language
        elif tag["of_doc"] is not None:
            documents += 1
            document = _attribute(tag["of_doc"], "docid") or str(documents)
        else:
            key = document, _attribute(tag["of_seg"], "id") or str(len(found))
            if key in found:
                wanted.skipped("a further translation of a seg", place)
                continue
            words = ENTITY.sub(lambda entity: html.unescape(entity[0]), tag["text"])
            found[key] = place, " ".join(re.split(r"[ \t\r\n]+", words)).strip()
    return language, found


def _attribute(tag: str, name: str) -> Optional[str]:
    found = re.search(rf"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", tag, re.IGNORECASE)
    return next((value for value in found.groups() if value is not None), None) if found else None
