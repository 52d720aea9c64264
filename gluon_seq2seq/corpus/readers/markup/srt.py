"""SubRip: subtitles as a number, two times and lines of text, a blank line after each.

Read here and by no library: subtitles translated in place keep all other bytes, and pysubs2 and
srt pass over what they cannot read without a word.
"""

import bisect
import itertools
import re
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from ....errors import DataError
from ..lines import Line, Place, Wanted, of_one_side
from .xml import beginning, decoded, encoding_of

NAME, ENDINGS = "SubRip", (".srt",)
read = of_one_side(NAME)
TIME = r"(\d{1,3}):(\d\d):(\d\d)[,.](\d{1,3})"
TIMES = re.compile(rf"[ \t]*{TIME}[ \t]*-->[ \t]*{TIME}(?:[ \t].*)?")
TAGS = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}")
SHARE = 0.5  # of the shorter one's time that two cues have in common to be one
MOST = 4  # cues of a side that are joined
FEW = 0.5  # of the cues: with fewer in common the two files are of different films


class Cue(NamedTuple):
    """A subtitle: the line of its time, begin and end in ms, and its lines of text, which are
    ``lines[first:last]`` of the file's."""

    line: int
    begin: int
    end: int
    first: int
    last: int
    text: str


def recognises(name: str, head: bytes) -> bool:
    """Whether ``head``, how the file called ``name`` begins, is that of a SubRip file."""
    number, _, rest = beginning(head).partition("\n")
    return number.strip().isdigit() and bool(TIMES.match(rest))


def read_two(
    source: Tuple[Place, bytes], target: Tuple[Place, bytes], wanted: Wanted
) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for the subtitles that are shown at one time: those that
    share half of the shorter one's time; several of them are joined.

    Raises :class:`DataError` where fewer than half have such a partner.
    """
    path, target_path = source[0], target[0]
    sides = [cues(name, lines_of(name, data)) for name, data in (source, target)]
    groups = list(_groups(sides[0], sides[1]))
    pairs = [group for group in groups if all(0 < len(side) <= MOST for side in group)]
    joined = sum(len(side) for group in pairs for side in group)
    if joined < FEW * sum(map(len, sides)):
        raise DataError(
            f"{path} and {target_path}: only {joined:,} of {sum(map(len, sides)):,} subtitles are "
            "shown at the same time: use two files of one version of the film"
        )
    for sources, targets in groups:
        first = (path, sources[0]) if sources else (target_path, targets[0])
        place = f"{first[0]}, line {first[1].line}"
        if not (sources and targets):
            wanted.skipped("a subtitle without one at its time in the other file", place)
        elif max(len(sources), len(targets)) > MOST:
            wanted.skipped(f"more than {MOST} subtitles that run into one another", place)
        else:
            pair = tuple(" ".join(filter(None, map(plain, side))) for side in (sources, targets))
            if all(pair):
                yield place, pair
            else:
                wanted.skipped("a subtitle without text", place)


def plain(cue: Cue) -> str:
    """The text of a subtitle on one line, without tags."""
    return " ".join(TAGS.sub("", cue.text).split())


def lines_of(path: Place, content: bytes) -> List[str]:
    """The lines of a file with their ends."""
    text = "".join(decoded(path, content, encoding_of(content)))
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def cues(path: Place, lines: List[str]) -> List[Cue]:
    """The subtitles among the lines of a file; their text may have blank lines.

    Raises :class:`DataError` for a time that cannot be read, and for text before the first.
    """
    times = []
    for i, line in enumerate(lines):
        if "-->" in line:
            found = TIMES.fullmatch(line.strip("\ufeff \t\r\n"))
            if found is None:
                raise DataError(
                    f"{path}, line {i + 1}: no times of a subtitle, such as "
                    "00:00:01,000 --> 00:00:02,500: mend the line"
                )
            times.append((i, *(_ms(found.groups()[k : k + 4]) for k in (0, 4))))
    _, before = _trimmed(lines, 0, times[0][0] if times else len(lines))
    if before > 0 or (lines and not times):
        raise DataError(f"{path}, line {before}: text without a time: is it a SubRip file?")
    ends = [i for i, _, _ in times[1:]] + [len(lines) + 1]
    return [
        Cue(i + 1, begin, end, first, last, "".join(lines[first:last]))
        for (i, begin, end), stop in zip(times, ends)
        for first, last in [_trimmed(lines, i + 1, stop)]
    ]


def _trimmed(lines: List[str], first: int, stop: int) -> Tuple[int, int]:
    """``first``, and where the text ends that stands from there to the time in line ``stop``:
    before that one's number and blank lines."""
    last = min(stop, len(lines))
    if stop <= len(lines) and last > first and lines[last - 1].strip("\ufeff \t\r\n").isdigit():
        last -= 1
    while last > first and not lines[last - 1].strip("\ufeff \t\r\n"):
        last -= 1
    return first, last


def _ms(time: Sequence[str]) -> int:
    hours, minutes, seconds, fraction = time
    return (
        (60 * int(hours) + int(minutes)) * 60000 + int(seconds) * 1000 + int(fraction.ljust(3, "0"))
    )


def _groups(sources: List[Cue], targets: List[Cue]) -> Iterator[Tuple[List[Cue], List[Cue]]]:
    """Sources and targets that belong together, in time; one without a partner is alone."""
    sources, targets = (sorted(side, key=lambda cue: cue.begin) for side in (sources, targets))
    begins = [cue.begin for cue in targets]
    latest = list(itertools.accumulate((cue.end for cue in targets), max))
    group = list(range(len(sources) + len(targets)))  # of each cue, by one of its members

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, source in enumerate(sources):
        for j in range(
            bisect.bisect_right(latest, source.begin), bisect.bisect_left(begins, source.end)
        ):
            target = targets[j]
            shared = min(source.end, target.end) - max(source.begin, target.begin)
            shorter = min(source.end - source.begin, target.end - target.begin)
            if shared > 0 and shared >= SHARE * shorter:
                group[root(len(sources) + j)] = root(i)
    found: Dict[int, Tuple[List[Cue], List[Cue]]] = {}
    for i, cue in enumerate([*sources, *targets]):
        found.setdefault(root(i), ([], []))[i >= len(sources)].append(cue)
    yield from sorted(found.values(), key=lambda sides: (sides[0] or sides[1])[0].begin)
