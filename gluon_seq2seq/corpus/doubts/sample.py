"""What a sample of the lines shows: how many are of which kind, and where the first is."""

from collections import Counter
from random import Random
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from .markup import in_quotes
from .mending import LEAST, Pair
from .shapes import format_of, shape_of
from .words import Seen


class Tally:
    """How many lines of a sample are of a kind, for how many they stand, and where the first is."""

    def __init__(self, count: int = 0, weight: float = 0, first: str = ""):
        self.count, self.weight, self.first = count, weight, first

    def add(self, other: "Tally") -> None:
        """Count the lines of ``other``, too, which come after these."""
        self.count, self.weight = self.count + other.count, self.weight + other.weight
        self.first = self.first or other.first


class Sample:
    """Looks closely at some pairs of a stream; ``languages``: the codes of source and target."""

    def __init__(self, languages: Sequence[str]):
        self.languages, self.draw = languages, Random(0)
        self.votes: List[Dict[str, int]] = [Counter(), Counter()]  # common words of languages
        self.kinds: Dict[Any, Tally] = {}  # of all lines
        self.blocks: Dict[Any, Tally] = {}  # of a chunk that they fill by half
        self.swapped = [0, 0]  # what of swapped lines speaks for that, on either side

    def add(self, chunk: List[Pair], most: int) -> None:
        """Tally at most ``most`` lines of the chunk."""
        step = -(-len(chunk) // most)
        places = (start + self.draw.randrange(step) for start in range(0, len(chunk), step))
        here: Dict[Any, Tally] = {}
        for place, sides in (chunk[i] for i in places if i < len(chunk)):
            if sides[0].strip() and sides[1].strip():
                for kind in self._kinds(*sides):
                    here.setdefault(kind, Tally()).add(Tally(1, step, place))
        for kind, tally in here.items():
            self.kinds.setdefault(kind, Tally()).add(tally)
        for kind, right in (
            ("swapped", "straight"),
            *((("other", i), ("fits", i)) for i in (0, 1)),
        ):
            found = [tally for one, tally in here.items() if one == kind or one[:2] == kind]
            if sum(tally.count for tally in found) >= max(LEAST, here.get(right, Tally()).count):
                self.blocks.setdefault(kind, found[0])

    def _kinds(self, source: str, target: str) -> Iterator[Any]:
        """What a pair is: a name, or (name, side, …)."""
        yield "pair"
        texts = source, target
        for side, text in enumerate(texts):
            shape = shape_of(text) if source != target else None
            if shape:
                yield "shape", side, shape
            if in_quotes(text.strip()):
                yield "quoted", side
        form = format_of(source) or format_of(target)
        if form:
            yield "format", form
        if self.languages[0] == self.languages[1]:
            return
        seen = Seen(source), Seen(target)
        right = sum(one.fit(code) for one, code in zip(seen, self.languages))
        wrong = sum(one.fit(code) for one, code in zip(seen, self.languages[::-1]))
        if wrong >= right + 2:
            yield "swapped"
            for side, one in enumerate(seen):
                self.swapped[side] += one.fit(self.languages[1 - side]) - one.fit(
                    self.languages[side]
                )
        elif right >= wrong + 2:
            yield "straight"
        for side, one in enumerate(seen):
            for code, count in one.votes.items():
                self.votes[side][code] += count
            other = one.other(self.languages[side])
            if other is not None:
                yield ("other", side, other) if other else ("fits", side)

    def tally(self, kind: Any) -> Tally:
        """All lines of a kind."""
        return self.kinds.get(kind, Tally())

    def most(self, *kind: Any) -> Tuple[Tally, str]:
        """All lines of a kind that has a name at its end, and the name that most of them have."""
        found = {k[-1]: tally for k, tally in self.kinds.items() if k[:-1] == kind}
        total = Tally()
        for tally in found.values():
            total.add(tally)
        return total, max(found, key=lambda name: found[name].weight, default="")
