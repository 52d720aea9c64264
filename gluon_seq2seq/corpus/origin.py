"""What a corpus was read from: bundled names and paths, as a model keeps them."""

import os
from typing import Any, Dict, Optional, Tuple

from ..errors import UsageError
from ..text.languages import check_language
from .beside_the_book import is_of_the_book
from .readers import Columns, Place

HELD_OUT = tuple(
    name + control
    for name in ("adjective-noun", "verb-tense", "negation", "pronoun", "length", "unknown")
    for control in ("", "-control")
)
# Name -> folder in data/, and the files of each split that are not named like it.
FILES_OF: Dict[Place, Tuple[Place, Dict[str, Tuple[str, ...]]]] = {
    "tiny": ("tiny", {}),
    "mini": ("mini", {}),
    "mini-10k": ("mini", {"train": ("train", "train-more")}),
    **{f"mini-{name}": ("mini", {"test": (name,)}) for name in HELD_OUT},
}
BUNDLED = tuple(FILES_OF)
DIRECTIONS = {"en-fr": ("en", "fr"), "fr-en": ("fr", "en")}


def settled(data: Any, target: Optional[Place]) -> Dict[str, Optional[str]]:
    """``data`` and ``target`` of :func:`load_corpus` as they can be used from any folder.

    Raises :class:`UsageError` where there is nothing to read.
    """
    if isinstance(data, (str, os.PathLike)):
        if not str(data):
            raise UsageError("data is empty: give the name, path or pairs that it was trained on")
        known = data in (*BUNDLED, "tatoeba")
        return {
            "data": str(data) if known else os.path.abspath(data),
            "target": None if target is None else os.path.abspath(target),
        }
    readable = hasattr(data, "__iter__") or is_of_the_book(data)
    if target is not None or isinstance(data, (bytes, dict)) or not readable:
        ways = "of both files" if target is not None else "of a file, pairs of texts or a DataFrame"
        raise UsageError(
            f"data is {' '.join(repr(data).split()):.60}: use a name, or the path {ways}"
        )
    return {"data": "", "target": None}


def languages_of(
    source_lang: Optional[str], target_lang: Optional[str], direction: Optional[str]
) -> Tuple[str, str]:
    """The two codes that these arguments of :func:`load_corpus` mean.

    Raises :class:`UsageError` for codes or directions that are none, one code without the other,
    and codes that are not those of ``direction``.
    """
    if direction not in (None, *DIRECTIONS):
        raise UsageError(
            f"unknown direction {direction!r}: use {' or '.join(DIRECTIONS)}, or source_lang=... "
            "and target_lang=... for other languages"
        )
    given = {"source_lang": source_lang, "target_lang": target_lang}
    for name, code in given.items():
        if code is not None:
            check_language(code, name)
    missing = [name for name, code in given.items() if code is None]
    if len(missing) == 1:
        raise UsageError(f"{missing[0]}=... is missing: give both languages, or neither")
    if missing:
        return DIRECTIONS[direction or "en-fr"]
    languages = (str(source_lang), str(target_lang))
    if direction is not None and DIRECTIONS[direction] != languages:
        raise UsageError(
            f"direction is {direction!r}, but the languages are {languages[0]} and {languages[1]}: "
            "leave it out"
        )
    return languages


def settings_of(
    model: Any, data: Any = None, target: Optional[Place] = None, columns: Optional[Columns] = None
) -> Dict[str, Any]:
    """The arguments of ``load_corpus`` for ``data``, or for what ``model`` was trained on.

    ``target``: the second file, where ``data`` is one of two parallel ones; ``columns``: as in
    ``load_corpus``, of ``data``; those of the file that the model was trained on, where ``data``
    is called like it. Languages and case are those of the model. Raises :class:`UsageError` where
    neither is known, and where it was trained on files: a path that a model names may lead
    anywhere, and is not opened unasked.
    """
    settings = dict(model.origin or {})
    trained_on = settings.get("data")
    if not data and not trained_on:
        raise UsageError("the model does not say what it was trained on: give data=...")
    if not data and trained_on not in (*BUNDLED, "tatoeba"):
        raise UsageError(
            f"the model was trained on {trained_on}, which is not opened unasked: give data=..."
        )
    tokenizers = model.src_vocab.tokenizer, model.tgt_vocab.tokenizer
    own = tuple(tokenizer.language for tokenizer in tokenizers)
    short = next((name for name, both in DIRECTIONS.items() if both == own), None)
    settings["direction"] = short and settings.get("direction", short) and short
    settings["source_lang"], settings["target_lang"] = own
    settings["lowercase"] = tokenizers[0].lowercase
    if data:
        known = os.path.basename(trained_on or "")
        if isinstance(data, (str, os.PathLike)) and os.path.basename(data) == known:
            columns = columns or settings.get("columns")
        settings.update(data=data, target=target, columns=columns)
    return settings


def settled_columns(columns: Any) -> Optional[Columns]:
    """``columns`` of :func:`load_corpus`, a pair of numbers from 1 or names.

    Raises :class:`UsageError` for another.
    """
    if columns is None:
        return None
    pair = tuple(columns) if isinstance(columns, (list, tuple)) else ()
    fine = [bool(one) if type(one) is str else type(one) is int and one > 0 for one in pair]
    if len(pair) != 2 or not all(fine) or pair[0] == pair[1]:
        raise UsageError(
            f"columns is {columns!r:.60}: use two numbers from 1, such as (2, 4), or two names of "
            "the header, those of source and target"
        )
    return pair


def checked_origin(origin: Any) -> Optional[Dict[str, Any]]:
    """``origin`` of a :class:`Corpus`, read from a file, which may say anything; None where it says
    none. Raises :class:`ValueError` unless :func:`load_corpus` can be called so."""
    if origin is None:
        return None
    if not isinstance(origin, dict):
        raise ValueError("its origin is not an object")
    if "data" not in origin:
        raise ValueError("its origin names no data")
    for name, value in origin.items():
        if type(value) not in _ORIGIN.get(name, ()) or (type(value) is int and value < 1):
            raise ValueError(f"its origin has {str(name)[:40]!r}: {str(value)[:40]!r}")
    languages = languages_of(*map(origin.get, ("source_lang", "target_lang", "direction")))
    columns = settled_columns(origin.get("columns"))
    return {
        "direction": "en-fr" if languages == ("en", "fr") else None,
        **origin,
        "source_lang": languages[0],
        "target_lang": languages[1],
        "columns": columns and list(columns),
    }


_NONE = type(None)
_ORIGIN = {
    "data": (str,),
    "target": (str, _NONE),
    "source_lang": (str,),
    "target_lang": (str,),
    "direction": (str, _NONE),
    "columns": (list, _NONE),
    "lowercase": (bool,),
    "max_length": (int,),
    "max_vocab": (int,),
    "min_freq": (int, _NONE),
    "subwords": (int, _NONE),
    "shared_subwords": (bool,),
}
"""What an origin may have, and of which types."""


def without_folders(origin: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """``origin`` of a :class:`Corpus` to be shared: its files are their names alone, for a path may
    name a user, and leads nowhere on another machine."""
    return origin and {**origin, **_places(origin, os.path.basename)}


def seen_from(folder: Place, origin: Dict[str, Any]) -> Dict[str, Any]:
    """``data`` and ``target`` of ``origin``, files by their way from ``folder``, so that both can
    move together."""

    def way(path):
        return os.path.join(os.curdir, os.path.relpath(os.path.realpath(path), base))

    base = os.path.realpath(folder)
    return _places(origin, way)


def found_from(folder: Place, places: Dict[str, Any]) -> Dict[str, Any]:
    """The inverse of :func:`seen_from`."""
    base = os.path.realpath(folder)
    return _places(places, lambda way: os.path.normpath(os.path.join(base, way)))


def _places(origin, change):
    """``data`` and ``target`` of ``origin``, ``change``d where they are files."""
    data, target = origin["data"], origin.get("target")
    return {
        "data": data if data in ("", *BUNDLED, "tatoeba") else change(data),
        "target": target and change(target),
    }
