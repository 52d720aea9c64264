"""What a corpus was read from: bundled names and paths, as a model keeps them."""

import os
from typing import Any, Dict, Optional, Tuple

from ..errors import UsageError
from .readers import Place

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
    if target is not None or isinstance(data, (bytes, dict)) or not hasattr(data, "__iter__"):
        ways = "of both files" if target is not None else "of a file, pairs of texts or a DataFrame"
        raise UsageError(
            f"data is {' '.join(repr(data).split()):.60}: use a name, or the path {ways}"
        )
    return {"data": "", "target": None}


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
    return origin


_NONE = type(None)
_ORIGIN = {
    "data": (str,),
    "target": (str, _NONE),
    "direction": (str,),
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
