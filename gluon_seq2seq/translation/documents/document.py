"""What the formats of documents share."""

from typing import Callable, List, NamedTuple, Sequence

from ...corpus.readers.markup.languages import Languages, fitting
from ...errors import DataError
from .pieces import Piece, Unfit


class Unit(NamedTuple):
    """What is to be translated, or else left: ``place`` for messages and its ``texts``, more than
    one where it has plural forms; or ``unfit``, why it cannot be. ``take`` is called with their
    translations, and raises :class:`Unfit` for one that cannot be written."""

    place: str
    texts: Sequence[Sequence[Piece]] = ()
    unfit: str = ""
    take: Callable[[List[List[Piece]]], None] = lambda _: None


class Document(NamedTuple):
    """The ``units`` of a file that are to be translated, how many are ``kept``, and ``written``,
    which gives its bytes with the translations that were taken."""

    units: List[Unit]
    kept: int
    written: Callable[[], bytes]


def unit_of(
    place: str, texts: Callable[[], Sequence[Sequence[Piece]]], take: Callable[..., None]
) -> Unit:
    """A :class:`Unit` of what ``texts()`` gives, or of why it cannot, :class:`Unfit`."""
    try:
        return Unit(place, texts(), "", take)
    except Unfit as error:
        return Unit(place, (), str(error))


def check_languages(path: object, says: Languages, wanted: Languages) -> None:
    """Raise :class:`DataError` where a file is in other languages than the model."""
    if not fitting(says, wanted):
        file, model = (" to ".join(one or "?" for one in two) for two in (says, wanted))
        raise DataError(f"{path}: is from {file}, the model from {model}: use another model")


def plain(pieces: Sequence[Piece]) -> str:
    """Pieces as the text of a document that writes text as it is."""
    return "".join(piece if isinstance(piece, str) else piece.raw for piece in pieces)


def check_encoding(text: str, encoding: str) -> None:
    """Raise :class:`Unfit` where ``text`` cannot be written in ``encoding``."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        raise Unfit(
            f"its translation has {text[error.start]!r}, which {encoding} has not"
        ) from None
