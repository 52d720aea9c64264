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
    """The two texts of ``pair``; raises :class:`UsageError` for a single one, of two letters."""
    if isinstance(pair, (str, bytes)):
        raise UsageError(f"a pair is {pair!r}: use two texts, (source, target)")
    source, target = pair
    return source, target


def pairs_of(examples):
    """Every ``(source, reference)`` of ``examples``."""
    return list(each_pair(examples))


def each_pair(examples):
    """Yields what :func:`pairs_of` lists, which takes memory for millions."""
    for example in examples:
        for reference in example.references:
            yield example.source, reference
