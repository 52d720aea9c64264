"""Translations as lines of text that other programs read, and n-best lists back again."""

import json
import re
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Union,
)

from ..errors import DataError

if TYPE_CHECKING:  # it loads MXNet
    from .translator import Translation

SEPARATOR = " ||| "  # of the columns of Moses' n-best lists
BAR, ESCAPED_BARS = "|||", "&#124;" * 3  # within a text of such a list; Moses has &#124; for |
HALF = re.compile("[\ud800-\udfff]")  # of a character: JSON can say it, UTF-8 cannot


class Answer(NamedTuple):
    """What there is to say of one sentence.

    ``number``: its line, from 1; ``text``: what was translated; ``found``: its translations, best
    first, one or more; ``id``: what the asker calls it; ``unknown``: its words that the model does
    not know; ``alignments``: the line of :func:`~.alignments.pharaoh` of each of ``found``, and
    ``words``: the words that they count, of the source and of each of ``found``; ``listed``: whether
    an n-best list was asked for; ``problem``: why it was not translated, or cut.
    """

    number: int
    text: str = ""
    found: Sequence["Translation"] = ()
    id: Union[str, int, float, None] = None
    unknown: Sequence[str] = ()
    alignments: Optional[Sequence[str]] = None
    words: Sequence[Sequence[str]] = ()
    listed: bool = False
    problem: Optional[str] = None


def to_json(fields: Dict[str, Any]) -> str:
    """A line of JSON, its letters as they are."""
    line = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    return HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", line) + "\n"


def text(answer: Answer) -> str:
    """``TEXT``, or with alignments ``TEXT ||| 0-0 1-1``, a line for each translation."""
    aligned = answer.alignments
    ends = ("" for _ in answer.found) if aligned is None else (SEPARATOR + line for line in aligned)
    return "".join(f"{one.text}{end}\n" for one, end in zip(answer.found, ends))


def tsv(answer: Answer) -> str:
    """``NUMBER SCORE LOG-P TEXT [ALIGNMENT]`` with tabs between, a line for each translation;
    numbers from 1, log P in nats."""
    rows = []
    for i, one in enumerate(answer.found):
        rows.append([str(answer.number), f"{one.score:.4f}", f"{one.log_p:.4f}", one.text])
        rows[-1] += [] if answer.alignments is None else [answer.alignments[i]]
    return "".join("\t".join(row) + "\n" for row in rows)


def moses(answer: Answer) -> str:
    """``NUMBER ||| TEXT ||| LogP= LOG-P ||| SCORE [||| ALIGNMENT]``, a line for each translation;
    numbers from 0. ``|||`` in a text becomes ``&#124;&#124;&#124;``."""
    rows = []
    for i, one in enumerate(answer.found):
        rows.append([str(answer.number - 1), one.text.replace(BAR, ESCAPED_BARS)])
        rows[-1] += [f"LogP= {one.log_p:.4f}", f"{one.score:.4f}"]
        rows[-1] += [] if answer.alignments is None else [answer.alignments[i]]
    return "".join(SEPARATOR.join(row) + "\n" for row in rows)


def jsonl(answer: Answer) -> str:
    """One JSON object for each sentence: its ``id``, ``text``, ``score``, ``log_p`` and ``tokens``
    of the best translation, the source words that are ``unknown``, and ``n_best``, a list of
    objects, where one was asked for.

    With alignments also ``alignment``, ``words`` and ``source_words``, which it counts. Where there
    is a problem, ``error`` says it, beside an empty ``text`` or the translation of a beginning.
    """
    fields: Dict[str, Any] = {"id": answer.id}
    if answer.problem is not None:
        fields["error"] = answer.problem
        if not answer.text:
            return to_json({**fields, "text": ""})
    rows: List[Dict[str, Any]] = []
    for i, one in enumerate(answer.found):
        rows.append({"text": one.text, "score": float(one.score), "log_p": float(one.log_p)})
        rows[-1]["tokens"] = one.tokens
        if answer.alignments is not None:
            rows[-1].update(alignment=answer.alignments[i], words=answer.words[1 + i])
    fields.update(rows[0], unknown=answer.unknown)
    if answer.alignments is not None:
        fields["source_words"] = answer.words[0]
    if answer.listed:
        fields["n_best"] = rows
    return to_json(fields)


FORMATS: Dict[str, Callable[[Answer], str]] = {
    "text": text,
    "jsonl": jsonl,
    "tsv": tsv,
    "moses": moses,
}
"""How an :class:`Answer` is written: whole lines."""


class Entry(NamedTuple):
    """A line of an n-best list: the ``number`` of its source, from 0, the ``text``, and its
    ``features`` as they stand there."""

    number: int
    text: str
    features: str


def read_moses(lines: Iterable[Tuple[str, str]], sources: int) -> List[List[Entry]]:
    """The entries of each of so many ``sources``, from ``(place, line)`` of an n-best list.

    Reads what :func:`moses`, Moses and Marian write: a number and a text first, features in the
    first column after them that has a ``NAME=``. Raises :class:`DataError`, which names the place,
    for another line, and for a number that no source has.
    """
    found: List[List[Entry]] = [[] for _ in range(sources)]
    for place, line in lines:
        number, *columns = (column.strip() for column in line.split("|||"))
        if not re.fullmatch("[0-9]{1,9}", number) or not columns:
            raise DataError(
                f"{place}: no line of an n-best list, such as 0 ||| a translation ||| LogP= -1.5 "
                "||| -1.5"
            )
        if int(number) >= sources:
            raise DataError(
                f"{place}: source {number}, counted from 0, but there are {sources:,} sources"
            )
        features = next((column for column in columns[1:] if "= " in column), "")
        content = columns[0].replace(ESCAPED_BARS, BAR)
        found[int(number)].append(Entry(int(number), content, features))
    return found
