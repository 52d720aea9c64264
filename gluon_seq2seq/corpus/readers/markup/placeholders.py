"""What stands in a text of a program for something else: placeholders, and accelerator marks.

``%s %(name)s %1$s %-5.2f`` (C, Python), ``{0} {name!r:>5} {{ name }} ${name} $name`` (Python, Java,
templates), ``%1 %L1 %n`` (Qt), ``%@`` (Apple). ``100% sure`` has none: a space is a flag of C, too,
but no letter may follow ``% s`` then.
"""

import re
from collections import Counter
from typing import Counter as Counts
from typing import Optional, Tuple

PLACEHOLDER = re.compile(
    r"""%%
    | %(?:\(\w+\)|\d+\$)?[-+\#0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh?|ll?|[Lqjzt])?
      [diouxXeEfFgGaAcrspn@]
    | %\ [diouxXeEfFgGcrs](?![^\W_])
    | %L?\d+
    | \{\{[^{}]*\}\} | \$\{[^{}]*\} | \$[A-Za-z_]\w*
    | \{[\w.\[\]]*(?:![rsa])?(?::[^{}]*)?\}
    """,
    re.VERBOSE,
)
MARK = re.compile(r"\(([&_])([^\W_])\)|([&_])(?=[^\W_])")


def placeholders(text: str) -> Counts[str]:
    """How often each placeholder stands in ``text``."""
    return Counter(found[0] for found in PLACEHOLDER.finditer(text))


def accelerator(text: str) -> Optional[Tuple[str, str, str]]:
    """``(plain, mark, letter)`` of a label with an accelerator, ``&File``, ``E_xit`` or, as East
    Asian ones have it, ``文件(&F)``: the label without it, ``&`` or ``_``, and the letter that it
    marks; None where there is none, as in ``AT&T``, ``R & D``, ``%(user_name)s``, ``snake_case``,
    ``&amp;``, or where it is not clear.
    """
    spans = [found.span() for found in PLACEHOLDER.finditer(text)]
    found = [
        one
        for one in MARK.finditer(text)
        if not any(begin <= one.start() < end for begin, end in spans)
    ]
    if len(found) != 1 or "&&" in text or re.search(r"&#?\w+;", text) or "<" in text:
        return None
    (one,) = found
    before, after = text[: one.start()], text[one.end() :]
    if one[1]:
        return (before + after).strip(), one[1], one[2].upper()
    mark, letter = one[3], after[0]
    inside = before[-1:].isalnum() or before.endswith("_")
    if inside and (mark == "_" or letter.isupper()):
        return None
    if mark == "_" and (after[1:2] == "_" or "_" in before):
        return None
    return before + after, mark, letter.upper()
