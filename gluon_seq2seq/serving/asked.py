"""What may be asked, in JSON: the fields of a request, their ranges, and what one may cost."""

import difflib
import json
from dataclasses import dataclass
from typing import Any, Collection, Dict, List, NamedTuple, Type, TypeVar

from ..errors import UsageError
from ..files import foreign
from ..settings.fields import Settings, described, setting, settings_of

NEAR = 4  # unknown words of a request that get the nearest known one: each is compared with all


class Limits(NamedTuple):
    """What a request may cost, whatever the page's sliders say.

    ``body``: bytes; ``sentences`` of a request; ``characters`` of a sentence, counted before
    Unicode normalises them; ``tokens`` of a sentence; ``attention``: translations of a request that
    come with it, each a matrix; ``waiting``: sentences in the queue; ``seconds``: from a request to
    its answer.
    """

    body: int = 262_144
    sentences: int = 64
    characters: int = 1_000
    tokens: int = 100
    attention: int = 64
    waiting: int = 2_048
    seconds: float = 30.0


@described
@dataclass(frozen=True)
class Search(Settings):
    """How to search, for a tree of hypotheses."""

    beam_size: int = setting(
        5, "Keep this many hypotheses at every step; 1 is greedy search.", min=1, max=20
    )
    alpha: float = setting(
        0.75,
        "Rank by log P / length ** alpha in beam search: a larger alpha favours length.",
        min=0,
        max=10,
    )


@described
@dataclass(frozen=True)
class Translate(Search):
    """How to search, and what to tell of each translation."""

    n_best: int = setting(1, "Give this many translations, beam_size at most.", min=1, max=20)
    attention: bool = setting(False, "Give the attention that each was written with.")


class Refused(Exception):
    """A request that is not answered: the HTTP ``status`` and the one line that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Asked(NamedTuple):
    """A request that may be answered: ``sentences``, the name of a ``model``, how to ``search``."""

    sentences: List[Any]
    model: str
    search: Any


S = TypeVar("S", bound=Search)


def read(body: bytes, kind: Type[S], models: Collection[str], limits: Limits) -> Asked:
    """The request that stands in ``body``, JSON; of a :class:`Translate` it is one of
    ``"sentences"``, a list, of a :class:`Search` of one ``"sentence"``. ``models``: the names of
    those that there are, the first for who names none.

    Raises :class:`Refused` for what it may not say.
    """
    try:
        fields = foreign.from_json(body)
    except ValueError as error:  # no UTF-8, no JSON
        raise Refused(400, f"the body is no JSON: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(fields, dict):
        raise Refused(400, f"the body is {shown(fields)}: use an object of JSON, {{...}}")
    text = "sentences" if kind is Translate else "sentence"
    known = [text, "model", *(one.name for one in settings_of(kind))]
    for name in fields:
        if name not in known:
            near = difflib.get_close_matches(name[:30], known, 1) or known
            raise Refused(400, f"unknown field {shown(name)}: use {' or '.join(near)}")
    given = fields.get(text)
    sentences = _sentences(given, limits) if text == "sentences" else [_text(text, given)]
    model = fields.get("model", next(iter(models)))
    if not isinstance(model, str) or model not in models:
        raise Refused(400, f"unknown model {shown(model)}: use {' or '.join(models)}")
    search = kind(**_checked(kind, fields))
    if isinstance(search, Translate):
        _check_sum(search, len(sentences), limits)
    return Asked(sentences, model, search)


def _sentences(given: Any, limits: Limits) -> List[str]:
    if not isinstance(given, list) or not given:
        raise Refused(400, f"sentences is {shown(given)}: use a list of texts, one or more")
    if len(given) > limits.sentences:
        raise Refused(400, f"{len(given):,} sentences, at most {limits.sentences}: ask again")
    return [_text(f"sentence {number}", text) for number, text in enumerate(given, 1)]


def _text(name: str, given: Any) -> str:
    if not isinstance(given, str):
        raise Refused(400, f"{name} is {shown(given)}: use a text")
    return given


def _checked(kind: Type[S], fields: Dict[str, Any]) -> Dict[str, Any]:
    """The settings among ``fields``."""
    checked = {}
    for one in settings_of(kind):
        if one.name in fields:
            value = fields[one.name]
            try:
                checked[one.name] = one.checked(value)
            except UsageError:  # whose words are Python's
                line = f"{one.name} is {shown(value)}: use {one.wanted.lower()}"
                raise Refused(400, line) from None
    return checked


def _check_sum(search: Translate, sentences: int, limits: Limits) -> None:
    """Raise :class:`Refused` where fields that are right alone ask too much together."""
    if search.n_best > search.beam_size:
        raise Refused(
            400, f"n_best is {search.n_best}: use {search.beam_size} or less, the beam_size"
        )
    matrices = sentences * search.n_best if search.attention else 0
    if matrices > limits.attention:
        raise Refused(
            400,
            f"attention of {matrices} translations, at most {limits.attention}: ask for fewer "
            "sentences, or a smaller n_best",
        )


def shown(value: Any) -> str:
    """``value`` as JSON writes it, its beginning: a message is one line."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
