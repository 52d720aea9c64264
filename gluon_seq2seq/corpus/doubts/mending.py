"""What is mended in pairs before they are looked at: quotes of a table, entities, tags, headers."""

from typing import Any, List, Sequence, Tuple

from ...errors import DataError
from ..readers import HEADER
from .markup import PLAIN, mended, quoted, unquoted
from .shapes import names_of_columns

Pair = Tuple[str, Tuple[str, str]]  # where it stands, its sides
LEAST = 10  # lines that tell, fewer say nothing


class Mending:
    """Mends the pairs of a stream; ``languages``: the codes of source and target; ``report``: the
    :class:`CleaningReport`, which counts what is mended."""

    def __init__(self, languages: Sequence[str], report: Any):
        self.languages, self.report = languages, report
        self.names, self.quotes = names_of_columns(languages), -1

    def mended(self, chunk: List[Pair]) -> Tuple[List[Pair], List[str], List[str]]:
        """The next pairs of the stream, mended, without those that are none; and their sides."""
        if self.quotes < 0:
            self._find_quotes(chunk)
        if self.quotes:
            chunk = self._unquoted(chunk)
        sources, targets = sides_of(chunk)
        text = "".join([*sources, *targets])
        if "&" in text or "<" in text:
            chunk = self._mended(chunk)
            sources, targets = sides_of(chunk)
        if not (self.names[0] | self.names[1]).isdisjoint(sources):
            chunk = self._without_headers(chunk)
            sources, targets = sides_of(chunk)
        return chunk, sources, targets

    def _find_quotes(self, chunk: List[Pair]) -> None:
        """Whether all fields are in quotes, and in how many: a quoted table, read as it stands."""
        self.quotes = 0
        fields = [side.strip() for _, sides in chunk for side in sides if side.strip()]
        while len(fields) >= 2 * LEAST and sum(map(quoted, fields)) >= 0.95 * len(fields):
            self.quotes += 1
            fields = [field for field in map(unquoted, fields) if field]

    def _unquoted(self, chunk: List[Pair]) -> List[Pair]:
        after = chunk
        for _ in range(self.quotes):
            before, after = after, []
            for place, sides in before:
                source, target = (side.strip() for side in sides)
                opens = (side for side in (source, target) if side.startswith(PLAIN))
                if not all(map(quoted, opens)):
                    self.report.drop("a field in quotes that goes on in the next line", place)
                    continue
                if quoted(source) or quoted(target):
                    self.report.mend("quotes around the fields of a table, taken off", place)
                after.append((place, (unquoted(source), unquoted(target))))
        return after

    def _mended(self, chunk: List[Pair]) -> List[Pair]:
        """Without entities and tags."""
        after = []
        for place, sides in chunk:
            if any("&" in side or "<" in side for side in sides):
                (source, one), (target, two) = map(mended, sides)
                for first in filter(None, (one, two)):
                    kind = "markup, taken out" if first[0] == "<" else "an entity, decoded"
                    self.report.mend(kind, place)
                sides = source, target
            after.append((place, sides))
        return after

    def _without_headers(self, chunk: List[Pair]) -> List[Pair]:
        """Without lines that name the columns, of tables that were put one after the other, too."""
        one, two = self.names
        after = []
        for place, (source, target) in chunk:
            if source in two and target in one and source not in one:
                problem = f"{place}: the header names {source!r} first"
                raise DataError(exchanged(problem, self.languages))
            if source in one and target in two:
                self.report.read -= 1
                self.report.skip(HEADER, place)
            else:
                after.append((place, (source, target)))
        return after


def exchanged(problem: str, languages: Sequence[str]) -> str:
    """The ``problem`` of sides that are swapped, with the way out."""
    source, target = languages
    return (
        f"{problem}: exchange the sides, the column of the sources first in columns=..., or the "
        f"two files the other way round; to translate that way, give source_lang='{target}' and "
        f"target_lang='{source}'"
    )


def sides_of(chunk: List[Pair]) -> Tuple[List[str], List[str]]:
    """Sources and targets of pairs."""
    return [source for _, (source, _) in chunk], [target for _, (_, target) in chunk]
