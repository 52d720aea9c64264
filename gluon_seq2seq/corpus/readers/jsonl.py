"""JSON: an object a line, or an array of them, with a text for each side.

``{"translation": {"en": "I see.", "fr": "Je vois."}}``, as Hugging Face writes pairs; the same
without the outer object, with codes or names of languages, or source and target; or arrays of two
texts. What else stands in an object is left out.
"""

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ...errors import DataError, UsageError
from ...files import foreign
from .lines import Line, Note, Place, Wanted, stream_of, text_lines

NAME = "JSON"
ENDINGS = (".jsonl", ".ndjson", ".json")
DEEPER = "translation", "translations"


def recognises(name: str, head: bytes) -> bool:
    """Whether the first line is an object or array, or the text begins as an array of them."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"{", b"[")):
        return False
    if start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"["):
        return True
    line = start.split(b"\n", 1)[0].strip()
    if line == b"{":
        return start[1:].lstrip().startswith(b'"')
    return _parsed(line) is not None


def read(path: Place, content: bytes, wanted: Wanted) -> Iterator[Line]:
    """Yield ``(place, (source, target))`` for each object; ``path`` is its name in messages.

    Raises :class:`DataError` where the keys of the first object do not say which text is which,
    :class:`UsageError` where it has not those asked for.
    """
    known: Dict[Tuple[str, ...], Optional[Tuple[int, int]]] = {}
    for place, record in _records(path, content, wanted):
        if isinstance(record, dict):
            inner = next((record[k] for k in DEEPER if isinstance(record.get(k), dict)), record)
            keys = tuple(inner)
            if keys not in known:
                try:
                    known[keys] = _sides(place, keys, inner, wanted)
                except (DataError, UsageError):
                    if not known:
                        raise
                    known[keys] = None
            found = known[keys]
            if found is None:
                wanted.skipped("other keys than in the objects before", place)
                continue
            sides = [inner[keys[i]] for i in found]
        elif isinstance(record, list) and len(record) > 1:
            source, target = wanted.pick(path)
            sides = [record[i] if i < len(record) else None for i in (source, target)]
        else:
            wanted.skipped("no object with two texts", place)
            continue
        if all(isinstance(side, str) for side in sides):
            yield place, sides
        else:
            wanted.skipped("a side that is no text", place)


def _sides(
    place: str, keys: Sequence[str], record: Dict[str, Any], wanted: Wanted
) -> Tuple[int, int]:
    """Where source and target stand among the keys of an object."""
    if wanted.columns is not None:
        chosen = wanted.pick(place, keys)
        if max(chosen) >= len(keys):
            raise UsageError(f"{place}: has {len(keys)} keys: give columns=... as names of two")
        return chosen
    found = wanted.sides(keys)
    texts = [i for i, key in enumerate(keys) if isinstance(record[key], str)]
    if not found and len(texts) == 2:  # beside numbers and the like
        inner = wanted.sides([keys[i] for i in texts])
        found = inner and (texts[inner[0]], texts[inner[1]])
    if found:
        return found
    languages = " and ".join(filter(None, (wanted.source_lang, wanted.target_lang)))
    raise DataError(
        f"{place}: its keys are {', '.join(map(repr, list(keys)[:8])) or 'none'}, of which none "
        f"says {languages or 'source and target'}: give columns=..., the names of two, or "
        "source_lang=... and target_lang=..."
    )


def _records(path: Place, content: bytes, wanted: Wanted) -> Iterator[Tuple[str, Any]]:
    """Yield ``(place, value)``: of lines, or of the one array that the text is, or has."""
    stream = stream_of(path, content)
    first = content.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].strip()
    value = _parsed(first)
    alone = isinstance(value, dict) and b"\n" not in content.strip()
    if value is None or _holds_records(value) or (alone and any(map(_is_long, value.values()))):
        whole = _whole(path, content)
        if whole is not None:
            for number, value in enumerate(whole, 1):
                yield f"{path}, record {number}", value
            return
    for place, line in text_lines(path, stream):
        if not line.strip():
            wanted.skipped(Note("a blank line"), place)
            continue
        value = _parsed(line)
        if value is None:
            wanted.skipped("no JSON", place)
        else:
            yield place, value


def _whole(path: Place, content: bytes) -> Optional[List[Any]]:
    """The array that a text is, or the only one that its object has; None where it is neither."""
    try:
        value = foreign.from_json(content.decode("utf-8-sig"))
    except ValueError:
        return None
    if isinstance(value, dict):
        arrays = [one for one in value.values() if _holds_records(one)]
        if not arrays and len(value) > 1 and all(map(_is_long, value.values())):
            raise DataError(
                f"{path}: is JSON by columns: write an object a pair, in pandas by "
                "to_json(..., orient='records')"
            )
        value = arrays[0] if len(arrays) == 1 else [value]
    if isinstance(value, list):
        return value
    raise DataError(f"{path}: is JSON without an array of pairs")


def _holds_records(value: Any) -> bool:
    """Whether a value is an array of objects or arrays."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], (dict, list))


def _is_long(value: Any) -> bool:
    """Whether a value is an array or an object of several values."""
    return isinstance(value, (list, dict)) and len(value) > 1


def _parsed(line: Any) -> Any:
    """The object or array of a text, or None."""
    try:
        value = foreign.from_json(line)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None
