"""Documents translated in place: what is translated already, tags, placeholders and times stay."""

from pathlib import Path
from types import ModuleType
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ...corpus.readers.lines import Place
from ...corpus.readers.markup.languages import Languages
from ...errors import DataError, TooLong
from ...files.atomic import whole
from ..translator import Translator
from . import po, srt, tmx, xliff
from .document import Unit
from .pieces import Piece, Run, Unfit, runs_of

DOCUMENTS: Dict[str, ModuleType] = {one.NAME: one for one in (tmx, xliff, po, srt)}
"""Name of a format -> a module with ``NAME ENDINGS recognises`` and ``opened(path, content,
languages)``, which gives a :class:`~.document.Document`."""
AT_ONCE = 1024  # texts


class Left(NamedTuple):
    """A unit that stays untranslated: its ``place`` and the ``reason``."""

    place: str
    reason: str


class Report(NamedTuple):
    """What became of a document: its ``format``, how many units were ``translated`` and how many
    ``kept`` as they were translated already, those ``left``; of the ``words`` of their sources,
    how many are ``unknown`` to the model."""

    format: str
    translated: int
    kept: int
    left: List[Left]
    words: int
    unknown: int


def format_of(name: str, head: bytes) -> Optional[ModuleType]:
    """The one of :data:`DOCUMENTS` that a file is in which is called ``name`` and begins with
    ``head``, or None."""
    for one in DOCUMENTS.values():
        if one.recognises(name, head):
            return one
    ending = Path(name).suffix.lower()
    return next((one for one in DOCUMENTS.values() if ending in one.ENDINGS), None)


def translate_document(translator: Translator, path: Place, output: Place) -> Report:
    """Translate the document ``path`` with ``translator`` into the file ``output``, which may be
    the same; returns a :class:`Report`.

    Raises :class:`DataError` where ``path`` cannot be read, is in none of :data:`DOCUMENTS` or in
    other languages than the model, and for a text that is too long, unless the translator leaves
    those out; :class:`SystemProblem` where ``output`` cannot be written.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    new, report = translated(translator, path, content)
    with whole(output) as stream:
        stream.write(new)
    return report


def translated(translator: Translator, path: Place, content: bytes) -> Tuple[bytes, Report]:
    """The bytes of a document translated by ``translator``, and a :class:`Report`; ``path`` is its
    name in messages, ``content`` its bytes.

    Raises what :func:`translate_document` does of what it reads.
    """
    format: Any = format_of(str(path), content[: 2**16])
    if format is None:
        raise DataError(f"{path}: is no document of {', '.join(DOCUMENTS)}")
    document = format.opened(path, content, _languages(translator))
    asked = _Asked(translator)
    for number, unit in enumerate(document.units):
        asked.add(number, unit)
    done = 0
    for number, texts in asked.answers():
        try:
            document.units[number].take(texts)
            done += 1
        except Unfit as error:
            asked.left[number] = str(error)
    left = [Left(document.units[i].place, asked.left[i]) for i in sorted(asked.left)]
    new = document.written() if done else content
    return new, Report(format.NAME, done, document.kept, left, asked.words, asked.unknown)


def _languages(translator: Translator) -> Languages:
    """The languages of a model, where its tokenizers say them."""
    model = translator.model
    source, target = (vocab.tokenizer for vocab in (model.src_vocab, model.tgt_vocab))
    return getattr(source, "language", None), getattr(target, "language", None)


class _Asked:
    """What the translator is asked of all units, together."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self.units: Dict[int, List[List[Run]]] = {}
        self.left: Dict[int, str] = {}
        self.texts: Dict[str, str] = {}
        self.words = self.unknown = 0

    def add(self, number: int, unit: Unit) -> None:
        """Note the texts of a unit; one that cannot be translated is left."""
        if unit.unfit:
            self.left[number] = unit.unfit
            return
        try:
            runs = [runs_of(text) for text in unit.texts]
            for run in (run for text in runs for run in text if run.text):
                tokens = self.translator.tokens(run.text, "stop")
                unknown = self.translator.model.src_vocab.unknown(tokens)
                if any(unknown.count(word) != 1 for word in run.words):
                    raise Unfit("a placeholder within a sentence, which the model cuts up")
                self.words += len(tokens) - len(run.words)
                self.unknown += len(unknown) - len(run.words)
                self.texts[run.text] = ""
            self.units[number] = runs
        except Unfit as error:
            self.left[number] = str(error)
        except TooLong as error:
            if self.translator.too_long == "stop":
                raise DataError(f"{unit.place}: {error}") from None
            self.left[number] = str(error)

    def answers(self) -> Iterator[Tuple[int, List[List[Piece]]]]:
        """The translations of each unit that can be kept whole."""
        texts = list(self.texts)
        for start in range(0, len(texts), AT_ONCE):
            chunk = texts[start : start + AT_ONCE]
            self.texts.update(zip(chunk, self.translator.translate(chunk)))
        for number, unit in self.units.items():
            try:
                yield (
                    number,
                    [
                        [
                            piece
                            for run in runs
                            for piece in run.filled(self.texts.get(run.text, ""))
                        ]
                        for runs in unit
                    ],
                )
            except Unfit as error:
                self.left[number] = str(error)
