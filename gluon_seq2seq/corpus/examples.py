"""A source sentence, its translations, and what is known of them."""

from typing import NamedTuple, Optional, Tuple

from ..errors import UsageError
from .annotations import Gold


class Example(NamedTuple):
    """A ``source`` sentence and ``references``, the translations to train on, normalised; ``gold``
    where known."""

    source: str
    references: Tuple[str, ...]
    gold: Optional[Gold] = None

    @property
    def valid(self):
        """Every translation that counts as right."""
        return self.gold.references if self.gold else self.references


def two_texts(pair):
    """The two of ``pair``; raises :class:`UsageError` where they are not two, and for a single
    text, of two letters."""
    try:
        source, target = () if isinstance(pair, (str, bytes)) else pair
    except (TypeError, ValueError):
        raise UsageError(f"a pair is {pair!r}: use two texts, (source, target)") from None
    return source, target


def pairs_of(examples):
    """Every ``(source, reference)`` of ``examples``."""
    return list(each_pair(examples))


def each_pair(examples):
    """Yields what :func:`pairs_of` lists, which takes memory for millions."""
    for example in examples:
        for reference in example.references:
            yield example.source, reference
