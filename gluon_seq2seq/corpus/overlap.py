"""How much of what a model is measured on it was trained on."""

from typing import Iterable, NamedTuple, Tuple

from .examples import Example, pairs_of


class Overlap(NamedTuple):
    """How many distinct ``sources`` of ``of_sources``, and ``pairs`` of ``of_pairs``, stand in a
    training split."""

    sources: int
    of_sources: int
    pairs: int
    of_pairs: int

    def __str__(self):
        return (
            f"{self.sources:,} of {self.of_sources:,} sources and {self.pairs:,} of "
            f"{self.of_pairs:,} pairs"
        )


def overlap(pairs: Iterable[Tuple[str, str]], train: Iterable[Example]) -> Overlap:
    """The :class:`Overlap` of ``pairs``, ``(source, translation)`` each, with ``train``, a split of
    a corpus. Texts are compared as they are: normalise them first, as the corpus has."""
    given, known = set(pairs), set(pairs_of(train))
    sources, known_sources = ({source for source, _ in some} for some in (given, known))
    return Overlap(len(sources & known_sources), len(sources), len(given & known), len(given))
