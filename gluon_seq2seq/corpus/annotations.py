"""What is known of a sentence whose writer is a grammar: all its translations, and how probable."""

import math
import re
from functools import lru_cache
from typing import Dict, Iterable, NamedTuple, Tuple

from ..errors import DataError
from ..files import foreign
from ..text.tokenizer import Tokenizer

LINK = re.compile("([0-9]{1,6})-([0-9]{1,6})")


class Gold(NamedTuple):
    """What the grammar that wrote a source sentence knows of it.

    ``references``: all valid ones, the most probable first; ``probabilities``: of each, given
    the source; ``alignments``: of each, pairs (source position, reference position) of aligned
    tokens, from 0; ``phenomena``: of each, what it shows, such as ``"elision"``.
    """

    references: Tuple[str, ...]
    probabilities: Tuple[float, ...]
    alignments: Tuple[Tuple[Tuple[int, int], ...], ...]
    phenomena: Tuple[Tuple[str, ...], ...]

    @property
    def entropy(self):
        r""":math:`-\sum_y P(y \mid x) \log P(y \mid x)` in nats: no model's loss is less."""
        return -sum(p * math.log(p) for p in self.probabilities)


def read_gold(
    lines: Iterable[Tuple[str, str]], source_side: Tokenizer, target_side: Tokenizer
) -> Dict[str, Gold]:
    """``{source: Gold}`` of ``(place, line)`` as data/mini/README.md describes them.

    The two sides are the tokenizers, which normalise. Raises :class:`DataError`.
    """
    gold = {}
    for place, line in lines:
        try:
            record = foreign.from_json(line)
            references, shared = record["references"], _texts(record["phenomena"])
            known = Gold(
                tuple(target_side.normalize(r["text"]) for r in references),
                tuple(float(r["p"]) for r in references),
                tuple(_alignment(r["alignment"]) for r in references),
                tuple(tuple(sorted(shared + _texts(r.get("phenomena", [])))) for r in references),
            )
            gold[source_side.normalize(record["source"])] = known
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise DataError(
                f"{place}: not a line as data/mini/README.md describes it: mend it, or move the "
                "file away"
            ) from None
        positive = all(p > 0 for p in known.probabilities)
        if not (positive and abs(sum(known.probabilities) - 1) <= 1e-6):  # NaN fails too
            raise DataError(f"{place}: the probabilities of its references do not sum to 1")
    return gold


def check_links(links, source, target):
    """Raise :class:`DataError` where one of ``links``, pairs (source position, target position),
    leads out of the tokens ``source`` and ``target``."""
    for t, u in links:
        if t >= len(source) or u >= len(target):
            raise DataError(
                f"the alignment {t}-{u} leads out of {' '.join(source)[:200]!r}, of {len(source)} "
                f"tokens, or its translation, of {len(target)}: mend it in the .jsonl file"
            )


def _texts(values):
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError
    return values


@lru_cache(maxsize=50_000)  # short sentences have few
def _alignment(text):
    pairs = [LINK.fullmatch(pair) for pair in text.split()]
    if None in pairs:
        raise ValueError
    return tuple((int(pair[1]), int(pair[2])) for pair in pairs)
