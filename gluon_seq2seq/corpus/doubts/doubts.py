"""What is read may be no sentence pairs, or not those it should be: refused, mended, or said.

All lines are looked at for what costs next to nothing, a sample of them for the rest: 512 of the
first 4,096, then 32 of as many.
"""

from collections import Counter
from itertools import compress, islice
from operator import eq, itemgetter
from typing import Any, Iterable, Iterator, List, Optional, Sequence, Tuple

from ...errors import DataError
from ...text.languages import NAMES
from .mending import LEAST, Mending, Pair, exchanged
from .sample import Sample, Tally
from .shapes import labels_in, may_be_header
from .shifts import Lines
from .words import known

CHUNK, SAMPLES = 4096, (512, 32)  # lines; those of a chunk looked at closely, the first and later
ALL, MANY, SOME, FEW = 0.9, 0.5, 0.2, 0.05  # shares of the lines that tell
BOILERPLATE = 100, 0.002, 50_000  # sources, their share, and of how many examples it is counted
SIDES = "source", "target"
FEWEST = 3  # lines of which all have to tell, where there are fewer than LEAST
WORDS = 0.05, 1.0  # common words a line: a side with fewer has none, one with more has them
WHICH = "say which columns hold these, counted from 1, with columns=..., such as columns='2,4'"


class Doubts:
    """Looks at the pairs of a stream; ``languages``: the codes of source and target; ``report``:
    the :class:`CleaningReport`, which says what is doubtful."""

    def __init__(self, languages: Sequence[str], report: Any):
        self.languages, self.report, self.lines = languages, report, Lines()
        self.equal, self.untranslated, self.mending = Tally(), Tally(), Mending(languages, report)
        self.sample = Sample(languages)
        self.labels: List[Optional[str]] = [None, None]

    def watched(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """``pairs`` as they are mended. Raises :class:`DataError` for what cannot be pairs."""
        for number, chunk in enumerate(_chunks(pairs)):
            chunk, sources, targets = self.mending.mended(chunk)
            if not chunk:
                continue
            places = [place for place, _ in chunk]
            self.lines.add(places, sources, targets)
            for place, text in compress(zip(places, sources), map(eq, sources, targets)):
                self.equal.add(Tally(1, 1, place))
                if len(text.split()) > 2 or (len(text) > 8 and not text.isascii()):
                    self.untranslated.add(Tally(1, 1, place))
            self.sample.add(chunk, SAMPLES[bool(number)])
            if not number:
                different = dict.fromkeys(pair for _, pair in chunk)
                self.labels = [labels_in(side) for side in zip(*different)]
                if may_be_header(chunk[0][1], sources[1:], targets[1:]):
                    names = " and ".join(map(repr, chunk[0][1]))
                    self.report.doubt(f"{names} may name columns: take the line out", places[0])
            if self.sample.tally("pair").count >= LEAST:
                for problem in self._wrong(LEAST):
                    raise DataError(": ".join(problem))
            yield from chunk
        self._say()

    # What is refused.

    def _wrong(self, least: float) -> Iterator[Tuple[str, str]]:
        """Where what is seen so far cannot be pairs, why, and the way out: for ``least`` lines."""
        pairs = self.sample.tally("pair")
        for side, name in enumerate(SIDES):
            found, shape = self.sample.most("shape", side)
            if self.report.chosen:
                continue
            if found.weight >= ALL * pairs.weight:
                yield found.first, f"the {name}s are {shape}, no sentences: {WHICH}"
            elif self.labels[side]:
                yield self.lines.place(0), f"the {name}s are {self.labels[side]}: {WHICH}"
        found, form = self.sample.most("format")
        if found.count >= least / 2 and found.weight >= SOME * pairs.weight:
            yield (
                found.first,
                f"lines of {form}, no sentences: give the file under the ending of its format, or "
                "the texts alone, a sentence a line",
            )
        same = self.equal if least >= LEAST else self.untranslated
        if same.count >= max(least, 0.95 * self.lines.count) and not self.report.chosen:
            yield (
                same.first,
                f"both sides are the same, as in {same.count:,} of {self.lines.count:,} pairs: "
                "give the translations, or other columns with columns=...",
            )
        swapped, straight = self.sample.tally("swapped"), self.sample.tally("straight")
        if swapped.count >= least and swapped.weight >= ALL * (swapped.weight + straight.weight):
            yield swapped.first, self._way_out(swapped.count)

    def _way_out(self, count: int) -> str:
        """What to do about ``count`` lines that look swapped: each side may be in the language of
        the other, or only one of them, and the other in a third one, or in none."""
        names = [self._name(1), self._name(0)]
        silent = [side for side in (0, 1) if self.sample.swapped[side] < count / 4]
        if not silent:
            looks = f"the sources read as {names[0]}, the targets as {names[1]}"
            return exchanged(looks, self.languages)
        side, other = silent[0], 1 - silent[0]
        third = self.sample.most("other", side)[1]
        looks = f"the {SIDES[other]}s read as {names[other]}, the {SIDES[side]}s as "
        if third not in NAMES or third in self.languages:
            return f"{looks}no language: {WHICH}"
        codes = sorted([(side, third), (other, self.languages[side])])
        given = " and ".join(f"{SIDES[i]}_lang='{code}'" for i, code in codes)
        return f"{looks}{NAMES[third]}: give {given} if they are"

    # What is said.

    def _say(self) -> None:
        """Tell the report what is doubtful."""
        pairs, say = self.sample.tally("pair"), self.report.doubt
        if FEWEST <= pairs.count < 2 * LEAST:
            for place, problem in islice(self._wrong(max(2, pairs.count / 2)), 1):
                say(problem, place)
        for side, name in enumerate(SIDES):
            found, shape = self.sample.most("shape", side)
            if found.count >= LEAST and found.weight >= SOME * pairs.weight:
                say(f"{_about(found, pairs)} of the {name}s are {shape}, no sentences", found.first)
            found = self.sample.tally(("quoted", side))
            if found.count >= LEAST and found.weight >= MANY * pairs.weight:
                say(
                    f"{_about(found, pairs)} of the {name}s are in quotes: a quoted table is read "
                    "right as CSV, under the ending .csv; or take them off",
                    found.first,
                )
        if self.languages[0] != self.languages[1]:
            if self.untranslated.count >= max(LEAST, 0.1 * self.lines.count):
                say(
                    f"{self.untranslated.count:,} targets are the same as their sources, and no "
                    "names: are they untranslated?",
                    self.untranslated.first,
                )
            self._say_languages()
        shift, nothing = self.lines.judged()
        if nothing:
            say(
                "the two sides have nothing in common, neither lengths nor marks, digits or "
                "names: are they translations of each other?",
                self.lines.place(0),
            )
        elif shift:
            lines, way = abs(shift.by), "after" if shift.by > 0 else "before"
            say(
                f"{shift.end - shift.start + 1:,} translations stand {lines} "
                f"line{'s' * (lines > 1)} {way} their place, to about "
                f"{self.lines.place(shift.end)}: one side has lost lines or has too many there",
                f"about {self.lines.place(shift.start)}",
            )

    def _say_languages(self) -> None:
        swapped, straight = self.sample.tally("swapped"), self.sample.tally("straight")
        both = Tally(0, swapped.weight + straight.weight)
        exchanged = swapped.count >= LEAST and swapped.weight >= FEW * both.weight
        if exchanged or "swapped" in self.sample.blocks:
            first = swapped.first if exchanged else self.sample.blocks["swapped"].first
            self.report.doubt(
                f"{_about(swapped, both)} of the pairs look swapped, {self._name(1)} where "
                f"{self._name(0)} belongs: exchange their sides",
                first,
            )
            return
        for side, name in enumerate(SIDES):
            found, other = self.sample.most("other", side)
            all_of = Tally(0, found.weight + self.sample.tally(("fits", side)).weight)
            enough = found.count >= LEAST and found.weight >= 2 * FEW * all_of.weight
            block = self.sample.blocks.get(("other", side))
            own = self.sample.votes[side][known(self.languages[side]) or ""]
            if not enough and not block:
                self._say_no_words(side)
                continue
            best, votes = max(self.sample.votes[side].items(), key=itemgetter(1), default=("", 0))
            remedy = "mend them or take them out"
            if best != self.languages[side] and votes >= max(1.5 * own, found.count / 2):
                other, remedy = best, f"give {name}_lang='{best}' if they are"
            language = NAMES.get(other, f"{other} script")
            self.report.doubt(
                f"{_about(found, all_of)} of the {name}s look less like {self._name(side)} than "
                f"like {language}: {remedy}",
                found.first if enough or not block else block.first,
            )

    def _say_no_words(self, side: int) -> None:
        """Doubt a side without common words of its language, where the other has those of its."""
        count, code = self.sample.tally("pair").count, known(self.languages[side])
        others = max(self.sample.votes[1 - side].values(), default=0)
        few = code and self.sample.votes[side][code] < WORDS[0] * count
        if count >= LEAST and few and others > WORDS[1] * count:
            self.report.doubt(
                f"the {SIDES[side]}s have no words such as those of {self._name(side)}: are they "
                "sentences?",
                self.lines.place(0),
            )

    def repeated(self, examples: Sequence[Any]) -> None:
        """Tell the report of a target that very many sources have, of all ``examples``."""
        least, share, enough = BOILERPLATE
        step = -(-len(examples) // enough) or 1
        counts = Counter(t for example in examples[::step] for t in set(example.references))
        for target, count in counts.most_common(1):
            if count * step >= max(least, share * len(examples)) and count >= 2 * LEAST:
                self.report.doubt(
                    f"about {count * step:,} sources have the same target, {target[:60]!r}: is it "
                    "their translation?",
                    "",
                )

    def _name(self, side: int) -> str:
        return NAMES.get(self.languages[side], self.languages[side])


def _about(some: Tally, of: Tally) -> str:
    return f"about {some.weight / max(1, of.weight):.0%}"


def _chunks(pairs: Iterable[Pair]) -> Iterator[List[Pair]]:
    """Lists of pairs; what goes wrong in reading does so after the pairs before it."""
    pairs = iter(pairs)
    problem: Optional[Exception] = None
    while problem is None:
        chunk: List[Pair] = []
        try:
            chunk.extend(islice(pairs, CHUNK))
        except Exception as error:
            problem = error
        yield chunk
        if len(chunk) < CHUNK and problem is None:
            return
    raise problem
