"""What a field of a settings class is: its default, its range and its help, in one place.

Python and the command line read them there (the room itself has the classes). Values are checked
when they are made, and stay as they are: :func:`dataclasses.replace` makes others.
"""

import difflib
import sys
import textwrap
from dataclasses import dataclass, field, fields, replace
from inspect import Parameter, Signature, cleandoc, signature
from typing import (
    Any,
    Callable,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Type,
    TypeVar,
    get_args,
    get_type_hints,
)

from ..errors import UsageError


class Setting(NamedTuple):
    """A field of a settings class: what :func:`setting` says of it, ``name`` and ``type``."""

    name: str
    type: Any
    default: Any
    help: str
    off: Optional[str]
    shown: Optional[str]
    limits: Mapping[str, Any]

    @property
    def kind(self) -> Any:
        """``int``, ``float``, ``bool`` or ``str``."""
        return (get_args(self.type) or (self.type,))[0]  # the int of Optional[int]

    @property
    def wanted(self) -> str:
        """What the field takes, in words."""
        low, high = self.limits.get("min"), self.limits.get("max")
        if "choices" in self.limits:
            return " or ".join(self.limits["choices"])
        if self.kind in (bool, str):
            return "True or False" if self.kind is bool else "a name"
        if low is not None and high is not None and not self.limits.get("max_open"):
            text = f"{low} to {high}"
        else:
            text = f"more than {low}" if self.limits.get("min_open") else f"{low} or more"
            text += "" if high is None else f" and less than {high}"
        return f"a whole number of {text}" if self.kind is int else text

    def checked(self, value: Any) -> Any:
        """``value`` as an ``int``, ``float``, ``bool`` or ``str`` of Python's, numbers of NumPy's
        included. Raises :class:`UsageError` for another, or one out of range."""
        if value is None and type(None) in get_args(self.type):
            return None
        if getattr(value, "shape", None) == ():
            value = value.item()  # a number of NumPy's
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if self.kind is bool and (isinstance(value, bool) or (number and value in (0, 1))):
            return bool(value)
        names = self.limits.get("choices", (value,))
        if self.kind is str and isinstance(value, str) and value in names:
            return value
        whole = self.kind is float or isinstance(value, int)
        if self.kind in (int, float) and number and whole and self._within(value):
            return self.kind(value)
        raise UsageError(f"{self.name} is {value!r}: use {self.wanted}")

    def _within(self, value: float) -> bool:
        most = sys.float_info.max  # nan is not below it, either
        low, high = self.limits.get("min", -most), self.limits.get("max", most)
        return (
            abs(value) <= most
            and (low < value if self.limits.get("min_open") else low <= value)
            and (value < high if self.limits.get("max_open") else value <= high)
        )


def setting(
    default: Any,
    help: str,
    off: Optional[str] = None,
    shown: Optional[str] = None,
    **limits: Any,
) -> Any:
    """A field of a settings class. ``help`` is a sentence that begins with a verb.

    ``limits``: ``min``, ``max``, ``min_open``, ``max_open``, as in click; ``choices``, the names
    that it takes, where a table of no other file has them. ``off``: the command
    line's word for False, where that is worth one. ``shown``: what it says in place of ``default``.
    """
    return field(default=default, metadata={"help": help, "off": off, "shown": shown, **limits})


@dataclass(frozen=True)
class Settings:
    """The base of all settings: checks every field. Raises :class:`UsageError`, naming it."""

    def __post_init__(self) -> None:
        for one in settings_of(type(self)):
            object.__setattr__(self, one.name, one.checked(getattr(self, one.name)))


S = TypeVar("S", bound=Settings)


def settings_of(kind: Type[Settings]) -> List[Setting]:
    """The fields of a settings class, those of its bases first."""
    types, found = get_type_hints(kind), []
    for one in fields(kind):
        limits = dict(one.metadata)
        words = limits.pop("help"), limits.pop("off"), limits.pop("shown")
        found.append(Setting(one.name, types[one.name], one.default, *words, limits))
    return found


def listed(kind: Type[Settings], doc: Optional[str]) -> str:
    """The docstring ``doc`` with the settings of ``kind`` below it."""
    lines = [cleandoc(doc or ""), ""]
    for one in settings_of(kind):
        takes = "" if one.kind is str else f"; {one.wanted}"
        line = f"- ``{one.name}``: {one.help[:-1]}{takes}."
        lines.append(textwrap.fill(line, 95, subsequent_indent="  "))
    return "\n".join([*lines, ""])


def described(kind: Type[S]) -> Type[S]:
    """A class decorator: the docstring lists the fields."""
    kind.__doc__ = listed(kind, kind.__doc__)
    return kind


def parameters(settings: Settings, how: Any) -> List[Parameter]:
    """The fields as parameters of a function, by ``how`` (a kind of ``inspect.Parameter``), whose
    defaults are the values of ``settings``."""
    return [
        Parameter(one.name, how, default=getattr(settings, one.name), annotation=one.type)
        for one in settings_of(type(settings))
    ]


def signature_with(function: Callable[..., Any], settings: Settings) -> Signature:
    """The signature of ``function`` with the fields of ``settings`` in place of its ``**changes``,
    before its other keywords."""
    known = list(signature(function).parameters.values())[:-1]
    first = sum(one.kind is not Parameter.KEYWORD_ONLY for one in known)
    return signature(function).replace(
        parameters=[*known[:first], *parameters(settings, Parameter.KEYWORD_ONLY), *known[first:]]
    )


def check_names(function: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raise ``TypeError``, as Python does, unless ``function`` knows all of the keywords ``names``;
    a similar one is named."""
    known = list(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")


def with_changes(function: str, settings: Any, default: S, changes: Mapping[str, Any]) -> S:
    """``settings``, or where it is None ``default``, with ``changes``, for ``function``.

    Raises ``TypeError`` for names that are no fields, :class:`UsageError` for values out of range
    or for ``settings`` of another class.
    """
    known = [one.name for one in settings_of(type(default))]
    if settings is not None and type(settings) is not type(default):
        raise UsageError(
            f"{function} takes settings={type(default).__name__}(...), or keywords such as "
            f"{known[0]}: {settings!r} is neither"
        )
    check_names(function, changes, known)
    return replace(default if settings is None else settings, **changes)
