"""Docstrings of public names mention every parameter, and what is raised."""

import inspect
import re
from dataclasses import is_dataclass

import pytest

import gluon_seq2seq as gs
from gluon_seq2seq import errors

CALLS = "forward", "hybrid_forward"  # a Block's docstring says how it is called
ERRORS = [name for name, value in vars(errors).items() if inspect.isclass(value)]


def public_callables(value, name):
    """``(label, function, docstring)`` of a public name, and of its methods where it has some."""
    if not inspect.isclass(value):
        yield name, value, inspect.getdoc(value)
        return
    ours = [cls for cls in value.__mro__ if cls.__module__.startswith("gluon_seq2seq.")]
    others = set().union(*(vars(cls) for cls in value.__mro__ if cls not in ours))
    if "__init__" in vars(value):
        yield name, value if is_dataclass(value) else value.__init__, value.__doc__
    for method, function in vars(value).items():
        function = getattr(function, "__func__", function)
        if method in CALLS:
            yield f"{name}.{method}", function, "\n".join(cls.__doc__ or "" for cls in ours)
        elif inspect.isfunction(function) and method[0] != "_" and method not in others:
            yield f"{name}.{method}", function, inspect.getdoc(getattr(value, method))


EVERY = {
    label: (function, doc or "")
    for name in gs.__all__
    for label, function, doc in public_callables(getattr(gs, name), name)
}
FIELDS = {name: getattr(gs, name) for name in gs.__all__ if hasattr(getattr(gs, name), "_fields")}


def mentions(doc, name):
    """Whether ``doc`` has ``name`` as code, alone or with others: ``name``, ``name (N, T)``."""
    return any(
        re.search(rf"(?<![\w.]){name}\b", code) for code in re.findall("``(.+?)``", doc, re.S)
    )


@pytest.mark.parametrize("label", EVERY)
def test_every_parameter_is_mentioned(label):
    function, doc = EVERY[label]
    parameters = inspect.signature(function).parameters.values()
    names = [p.name for p in parameters if p.kind != p.VAR_KEYWORD and p.name[0] != "_"]
    missing = [
        name for name in names if name not in ("self", "cls", "F") and not mentions(doc, name)
    ]
    assert not missing


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_mentioned(name):
    missing = [field for field in FIELDS[name]._fields if not mentions(FIELDS[name].__doc__, field)]
    assert not missing


@pytest.mark.parametrize("label", EVERY)
def test_what_is_raised_is_said(label):
    function, doc = EVERY[label]
    source = inspect.getsource(inspect.unwrap(function))
    raised = set(re.findall(r"raise (\w+)\(", source)) & set(ERRORS)
    raised |= {"UsageError"} if re.search(r"\brequire\(", source) else set()
    assert not {error for error in raised if f":class:`{error}`" not in doc}


def test_every_public_name_has_a_docstring():
    assert not [name for name in gs.__all__ if not inspect.getdoc(getattr(gs, name))]


def test_what_is_no_mention():
    doc = "The size, ``T``, of ``x (N,\nT)`` and ``batch.size``."
    assert mentions(doc, "T") and mentions(doc, "x")
    assert not (mentions(doc, "size") or mentions(doc, "y") or mentions("size", "size"))
