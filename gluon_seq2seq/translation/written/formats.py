"""Translations as lines of text that other programs read, and n-best lists back again."""

import json
import re
from collections import Counter
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

from ...errors import DataError

if TYPE_CHECKING:  # they load MXNet, and all readers
    from ...corpus.examples import Example
    from ..translator import Translation

SEPARATOR = " ||| "  # of the columns of Moses' n-best lists
BAR, ESCAPED_BARS = "|||", "&#124;" * 3  # within a text of such a list; Moses has &#124; for |
OWN_FEATURE = re.compile(r"(?:^|\s+)LogP=\s+\S+")
HALF = re.compile("[\ud800-\udfff]")  # of a character: JSON can say it, UTF-8 cannot


class Answer(NamedTuple):
    """What there is to say of one sentence.

    ``number``: its line, from 1; ``text``: what was translated; ``found``: its translations, best
    first, one or more; ``id``: what the asker calls it; ``unknown``: its words that the model does
    not know; ``alignments``: the line of :func:`~.alignments.pharaoh` of each of ``found``, and
    ``words``: the words that they count, of the source and of each of ``found``; ``listed``:
    whether an n-best list was asked for; ``features``: what a list that was read says of each of
    ``found``; ``problem``: why it was not translated, or cut.
    """

    number: int
    text: str = ""
    found: Sequence["Translation"] = ()
    id: Union[str, int, float, None] = None
    unknown: Sequence[str] = ()
    alignments: Optional[Sequence[str]] = None
    words: Sequence[Sequence[str]] = ()
    listed: bool = False
    features: Sequence[str] = ()
    problem: Optional[str] = None


def kept_words(unknown: Sequence[str], copied: Sequence[str]) -> List[str]:
    """Those of the ``unknown`` words that are among the ``copied``, each as often as in both."""
    return list((Counter(unknown) & Counter(copied)).elements())


def to_json(fields: Dict[str, Any]) -> str:
    """A line of JSON, its letters as they are."""
    line = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    return HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", line) + "\n"


def text(answer: Answer) -> str:
    """``TEXT``, or with alignments ``TEXT ||| 0-0 1-1``, a line for each translation; a blank one
    where there is none."""
    if not answer.found:
        return "\n"
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
    numbers from 0. ``|||`` in a text becomes ``&#124;&#124;&#124;``. Features of a list that was
    read stay, before ours."""
    rows = []
    for i, one in enumerate(answer.found):
        rows.append([str(answer.number - 1), one.text.replace(BAR, ESCAPED_BARS)])
        others = OWN_FEATURE.sub("", answer.features[i]) if answer.features else ""
        rows[-1] += [f"{others} LogP= {one.log_p:.4f}".strip(), f"{one.score:.4f}"]
        rows[-1] += [] if answer.alignments is None else [answer.alignments[i]]
    return "".join(SEPARATOR.join(row) + "\n" for row in rows)


def jsonl(answer: Answer) -> str:
    """One JSON object for each sentence: its ``id``, ``text``, ``score``, ``log_p`` and ``tokens``
    of the best translation, the source words that were ``copied`` to it, those that are
    ``unknown``, and ``n_best``, a list of objects, where one was asked for.

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
        rows[-1].update(tokens=one.tokens, copied=one.copied)
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


def evaluated(example: "Example", found: "Translation", bleu: float, unknown: Sequence[str]) -> str:
    """One JSON object for what a model made of ``example``: ``source``, ``references``,
    ``hypothesis``, ``log_p``, whether it is ``exact``, one of the references, its sacreBLEU,
    ``bleu``, the source words that are ``unknown`` and those that were ``copied``."""
    return to_json(
        {
            "source": example.source,
            "references": example.valid,
            "hypothesis": found.text,
            "log_p": float(found.log_p),
            "exact": found.text in example.valid,
            "bleu": bleu,
            "unknown": unknown,
            "copied": found.copied,
        }
    )


def reference_line(references: Sequence[str], most: int) -> str:
    """A line of a file that ``sacrebleu --num-refs`` reads, ``most`` references, with tabs between:
    where there are fewer, the first is repeated, which changes no score."""
    first, *_ = references
    return "\t".join([*references, *[first] * (most - len(references))]) + "\n"


class Scored(NamedTuple):
    """What there is to say of a given translation.

    ``answer``: with it, as forced, as the only one of ``found``; ``words``: its words; ``log_p``:
    of each of them and of ``<eos>``; ``unknown``: those that the model does not know.
    """

    answer: Answer
    words: Sequence[str] = ()
    log_p: Sequence[float] = ()
    unknown: Sequence[str] = ()


def score_text(scored: Scored) -> str:
    """``LOG-P [||| ALIGNMENT]``, in nats, or a blank line where there is a problem."""
    columns = [f"{one.log_p:.4f}" for one in scored.answer.found]
    columns += scored.answer.alignments or []
    return SEPARATOR.join(columns) + "\n"


def score_tsv(scored: Scored) -> str:
    """``NUMBER LOG-P LOG-P-A-TOKEN LOG-P-OF-WORDS TEXT [ALIGNMENT]`` with tabs between, spaces
    between the words' and ``<eos>``'s; the number alone, from 1, where there is a problem."""
    columns = [str(scored.answer.number)]
    for one in scored.answer.found:
        each = one.log_p / (len(one.tokens) + 1)
        columns += [f"{one.log_p:.4f}", f"{each:.4f}"]
        columns += [" ".join(f"{log_p:.4f}" for log_p in scored.log_p), one.text]
    columns += scored.answer.alignments or []
    return "\t".join(columns) + "\n"


def score_jsonl(scored: Scored) -> str:
    """One JSON object for each pair: its number as ``id``, ``text``, ``log_p``, ``tokens`` and
    ``words`` with ``token_log_p`` and ``word_log_p``, which have one more, of ``<eos>``; the source
    words that are ``unknown``, and those of the translation, ``unknown_target``; ``alignment``,
    ``source_words`` and ``error`` as :func:`jsonl`."""
    answer = scored.answer
    if answer.problem is not None:
        return to_json({"id": answer.id, "error": answer.problem, "text": ""})
    (one,) = answer.found
    fields: Dict[str, Any] = {"id": answer.id, "text": one.text, "log_p": one.log_p}
    fields["tokens"] = one.tokens
    fields["token_log_p"] = [] if one.token_log_p is None else one.token_log_p.tolist()
    fields.update(words=scored.words, word_log_p=scored.log_p)
    fields.update(unknown=answer.unknown, unknown_target=scored.unknown)
    if answer.alignments is not None:
        fields.update(alignment=answer.alignments[0], source_words=answer.words[0])
    return to_json(fields)


SCORE_FORMATS: Dict[str, Callable[[Scored], str]] = {
    "text": score_text,
    "tsv": score_tsv,
    "jsonl": score_jsonl,
}
"""How a :class:`Scored` is written: a line."""


class Entry(NamedTuple):
    """A line of an n-best list: its ``place``, for messages, the ``text``, and its ``features`` as
    they stand there."""

    place: str
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
        found[int(number)].append(Entry(place, content, features))
    return found
