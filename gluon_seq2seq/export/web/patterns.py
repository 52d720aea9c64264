"""Regular expressions of Python as those of JavaScript, which find the same.

The two agree in how they look for a match, and differ in what ``\\w``, ``\\b`` and the case of
letters mean, so that every class of characters is spelled out here, by this Python's Unicode.
Ours: js-regex, of PyPI, leaves ``\\w`` and ``\\b`` to ASCII.
"""

import re
import sys
from importlib import import_module

from ...errors import UsageError

sre = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
EVERY = "".join(map(chr, range(0x110000)))  # the character i at place i
LETTERED = EVERY[:0x20000]  # what has a case, or is punctuation, in any Unicode so far
CLASSES = {
    sre.CATEGORY_WORD: "w",
    sre.CATEGORY_NOT_WORD: "W",
    sre.CATEGORY_DIGIT: "d",
    sre.CATEGORY_NOT_DIGIT: "D",
    sre.CATEGORY_SPACE: "s",
    sre.CATEGORY_NOT_SPACE: "S",
}
_BOUNDARY = "(?:(?<=[@w])(?![@w])|(?<![@w])(?=[@w]))"
_PLACES = {
    sre.AT_BEGINNING: "^",
    sre.AT_BEGINNING_STRING: "^",
    sre.AT_END: r"(?=\n?$)",
    sre.AT_END_STRING: "$",
    sre.AT_BOUNDARY: _BOUNDARY,
}
_ASSERTIONS = {
    (sre.ASSERT, 1): "(?=",
    (sre.ASSERT, -1): "(?<=",
    (sre.ASSERT_NOT, 1): "(?!",
    (sre.ASSERT_NOT, -1): "(?<!",
}


def classes():
    """``{name: ranges}`` of what :data:`CLASSES` names, as they stand within brackets."""
    return {name: ranges(rf"\{name}") for name in CLASSES.values()}


def ranges(one):
    """The characters that the pattern ``one`` matches, as they stand within brackets."""
    return runs((m.start(), m.end() - 1) for m in re.finditer(f"(?:{one})+", EVERY))


def runs(bounds):
    """The characters from a to b, of each pair of ``bounds``, as they stand within brackets."""
    return "".join(_code(a) if a == b else f"{_code(a)}-{_code(b)}" for a, b in bounds)


def javascript(pattern):
    """The source of a JavaScript ``RegExp``, of the flag u, that finds what ``pattern``, compiled,
    finds; ``@w`` and so on stand for the ranges of :func:`classes`.

    Raises :class:`UsageError` for what is not known of both languages.
    """
    ignorecase = bool(pattern.flags & re.IGNORECASE)
    if pattern.flags & (re.ASCII | re.MULTILINE | re.DOTALL) or pattern.groups:
        raise _unknown(pattern.pattern)
    return _sequence(sre.parse(pattern.pattern, pattern.flags), ignorecase)


def _unknown(what):
    return UsageError(f"JavaScript has no counterpart known to the pattern {str(what)[:60]!r}")


def _code(number):
    return rf"\u{{{number:x}}}"


def _sequence(items, ignorecase):
    return "".join(_item(op, value, ignorecase) for op, value in items)


def _item(op, value, ignorecase):
    if op == sre.LITERAL:
        found = _cases(value, ignorecase)
        return found if len(found) == len(_code(value)) else f"[{found}]"
    if op == sre.NOT_LITERAL:
        return f"[^{_cases(value, ignorecase)}]"
    if op == sre.ANY:
        return r"[^\n]"
    if op == sre.IN:
        return _class(value, ignorecase)
    if op == sre.AT and value in _PLACES:
        return _PLACES[value]
    if op == sre.BRANCH:
        return f"(?:{'|'.join(_sequence(one, ignorecase) for one in value[1])})"
    if op == sre.SUBPATTERN and not any(value[:3]):
        return f"(?:{_sequence(value[3], ignorecase)})"
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        least, most, inner = value
        most = "" if most == sre.MAXREPEAT else most
        lazy = "?" if op == sre.MIN_REPEAT else ""
        return f"(?:{_sequence(inner, ignorecase)}){{{least},{most}}}{lazy}"
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return f"{_ASSERTIONS[op, value[0]]}{_sequence(value[1], ignorecase)})"
    raise _unknown(op)


def _class(items, ignorecase):
    found = ""
    for op, value in items:
        if op == sre.NEGATE:
            found += "^"
        elif op == sre.LITERAL:
            found += _cases(value, ignorecase)
        elif op == sre.RANGE and not ignorecase:
            found += runs([value])
        elif op == sre.CATEGORY and value in CLASSES:
            found += f"@{CLASSES[value]}"
        else:
            raise _unknown(op)
    return f"[{found}]"


def _cases(number, ignorecase):
    """The character ``number``, and those that Python takes for it where case is ignored."""
    found = {chr(number)}
    if ignorecase:
        found.update(re.findall(re.escape(chr(number)), _CASED, re.IGNORECASE))
    return "".join(_code(ord(one)) for one in sorted(found))


_CASED = "".join(one for one in LETTERED if one.lower() != one or one.upper() != one)
