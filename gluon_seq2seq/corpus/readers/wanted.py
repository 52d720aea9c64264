"""What is wanted of a file of sentence pairs."""

import os
import re
from typing import Callable, NamedTuple, Optional, Sequence, Tuple, Union

from ...errors import DataError, UsageError

Place = Union[str, "os.PathLike[str]"]
Line = Tuple[str, Sequence[str]]
Column = Union[int, str]


class Note(str):
    """A reason to skip something that costs no pair, such as a header."""


HEADER = Note("a header line")


def _unsaid(reason: str, place: str) -> None:
    """Forget what is skipped."""


def code_of(name: str) -> Optional[str]:
    """The ISO 639-1 code of a language that is called ``name``, with or without a region."""
    found = re.fullmatch(r"([a-z]{2})([-_].*)?", name.strip().lower())
    return found[1] if found else None


class Wanted(NamedTuple):
    """What a reader is asked for."""

    source_lang: Optional[str] = None
    target_lang: Optional[str] = None
    columns: Optional[Tuple[Column, Column]] = None
    skipped: Callable[[str, str], None] = _unsaid
    turned: bool = False

    def sides(self, names: Sequence[str]) -> Optional[Tuple[int, int]]:
        """Where source and target stand among ``names`` of columns, from 0."""
        told = [name.strip().lower() for name in names]
        if "source" in told and "target" in told:
            return told.index("source"), told.index("target")
        codes = [code_of(name) for name in names]
        if self.source_lang in codes and self.target_lang in codes and self.source_lang:
            return codes.index(self.source_lang), codes.index(self.target_lang)
        known = [i for i, code in enumerate(codes) if code]
        if len(known) < 2 or self.source_lang or self.target_lang:
            return None
        return (known[1], known[0]) if self.turned else (known[0], known[1])

    def pick(self, path: Place, names: Optional[Sequence[str]] = None) -> Tuple[int, int]:
        """The columns of source and target, from 0."""
        if self.columns is not None:
            listed = [name.strip().lower() for name in names or ()]
            found = []
            for column in self.columns:
                if isinstance(column, int):
                    found.append(column - 1)
                elif column.strip().lower() in listed:
                    found.append(listed.index(column.strip().lower()))
                else:
                    raise UsageError(f"{path}: has no column {column!r}, but {', '.join(listed)}")
            return found[0], found[1]
        if names is not None:
            two = self.sides(names)
            if two:
                return two
            known = [name.strip() for name in names if code_of(name)]
            if len(known) > 1:
                raise DataError(f"{path}: its columns are {', '.join(known)}")
        return (1, 0) if self.turned else (0, 1)
