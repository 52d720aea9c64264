"""Which of the languages that a file has are wanted."""

import re
from typing import Iterable, List, Optional, Sequence, Tuple

from ....errors import DataError
from ....text.languages import code_of
from ..lines import Place, Wanted


def primary(tag: str) -> str:
    """The language of a tag of BCP 47 or POSIX, without region and script: zh_Hant, zh-TW -> zh."""
    return code_of(tag) or re.split("[-_@.]", tag.strip().lower())[0]


def best(tags: Sequence[str], language: str) -> Optional[int]:
    """Where in ``tags`` the language stands: as it is written, or else the first of its kind."""
    same = [i for i, tag in enumerate(tags) if tag.lower() == language.lower()]
    alike = [i for i, tag in enumerate(tags) if primary(tag) == primary(language)]
    return next(iter(same + alike), None)


Languages = Tuple[Optional[str], Optional[str]]  # of source and target, None where not known


def fitting(says: Languages, wanted: Languages) -> bool:
    """Whether languages that a file says are those wanted, as far as both are known."""
    return all(
        has is None or want is None or primary(has) == primary(want)
        for has, want in zip(says, wanted)
    )


def turned(languages: Languages, wanted: Wanted) -> Optional[bool]:
    """Whether a file of two ``languages``, None where it does not say, is wanted the other way;
    None where it has not the wanted languages."""
    asked = wanted.source_lang, wanted.target_lang
    if asked == (None, None):
        return wanted.turned
    if fitting(languages, asked):
        return False
    return True if fitting((languages[1], languages[0]), asked) else None


def missing(path: Place, has: Iterable[str], wanted: Wanted) -> str:
    """What to say where a file has not the wanted languages."""
    asked = " and ".join(filter(None, (wanted.source_lang, wanted.target_lang)))
    languages = ", ".join(sorted(set(has))) or "none that it names"
    return f"{path}: its languages are {languages}, not {asked}: give source_lang and target_lang"


def two_of(path: Place, has: List[str], first: Optional[str], wanted: Wanted) -> Tuple[str, str]:
    """The languages of source and target, tags of ``has``, in the order met, or as they were asked
    for; ``first``: the one that the file says it was written in.

    Raises :class:`DataError`, which names them, where it is not clear which two.
    """
    source, target = wanted.source_lang, wanted.target_lang
    if source is not None and target is not None:
        return source, target
    kinds = list(dict.fromkeys(map(primary, has)))
    if first is not None and primary(first) in kinds:
        kinds.sort(key=lambda kind: kind != primary(first))
    for side in (source, target):
        if side is not None and primary(side) not in kinds:
            raise DataError(missing(path, has, wanted))
    if len(kinds) != 2:
        listed = ", ".join(kinds) or "none"
        raise DataError(
            f"{path}: its languages are {listed}: say which two with source_lang and target_lang"
        )
    if source is None and target is None:
        return (kinds[1], kinds[0]) if wanted.turned else (kinds[0], kinds[1])
    known = primary(source or target or "")
    other = next(kind for kind in kinds if kind != known)
    return (source, other) if source is not None else (other, known)
