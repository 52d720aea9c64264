"""MXNet's operators, each made when something first asks for it.

MXNet 1.9.1 writes, compiles and documents a Python function for each of its operators, for arrays
and for symbols, at every import: 2,556 functions, half of the import's time or more, of which a
program uses a few dozen. Here MXNet's own registration runs as it is (:func:`lazily`), with an
:class:`Operator` in place of each function; the module that the operator belongs to becomes a
:class:`Namespace`, which has MXNet make the function when its name is first looked up. Names,
signatures, docstrings, ``dir()``, ``vars()``, identity, ``import *`` stay what they were.

Python looks names up in a module in one more way: its own code reads its globals past
``__getattr__``. No file of MXNet 1.9.1 has an operator among those (tests/test_operators.py).

Loaded by :mod:`gluon_seq2seq.compat` right after ``mxnet.base``; imports nothing of the package.
MXNet has no switch for this, and ``importlib.util.LazyLoader`` delays whole modules only.

Source: MXNet 1.9.1, base.py (_init_op_module, _init_np_op_module); data model, "Customizing module
attribute access".
"""

import functools
import importlib
import inspect
import sys
from types import ModuleType, SimpleNamespace
from weakref import WeakKeyDictionary

WAITING = WeakKeyDictionary()  # type: ignore[var-annotated, unused-ignore]
"""The operators of each Namespace that nobody has asked for yet: ``{module: {name: Operator}}``."""

_namespace_of = vars(ModuleType)["__dict__"].__get__


class Operator:
    """Takes the place of an operator's function while MXNet registers it, and has it made once.

    MXNet's registration sets ``__module__`` and, for NumPy's operators, ``__doc__``: either
    another one, or the function's own with NDArray written as ndarray.
    """

    OWN, OWN_OF_NUMPY = "NDArray", "ndarray"

    def __init__(self, make, handle, name, func_name):
        self._arguments = make, handle, name, func_name
        self.__name__, self.__doc__ = func_name, self.OWN

    def function(self):
        """The operator's function, the same one each time."""
        if "made" not in vars(self):
            make, *arguments = self._arguments
            made = make(*arguments)
            made.__module__ = self.__module__
            if self.__doc__ == self.OWN_OF_NUMPY:
                made.__doc__ = made.__doc__.replace(self.OWN, self.OWN_OF_NUMPY)
            elif self.__doc__ != self.OWN:
                made.__doc__ = self.__doc__
            vars(self).setdefault("made", made)  # of two threads, one is first
        return vars(self)["made"]


class Namespace(ModuleType):
    """A module some of whose functions are made when they are looked up."""

    __getattribute__ = object.__getattribute__  # quicker than a module's own, which words errors

    def __getattr__(self, name):
        operator = WAITING[self].get(name)
        if operator is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = _namespace_of(self).setdefault(name, operator.function())
        WAITING[self].pop(name, None)
        return found

    def __dir__(self):
        return sorted({*_namespace_of(self), *WAITING[self]})

    @property
    def __dict__(self):
        for name in list(WAITING[self]):
            getattr(self, name)
        return _namespace_of(self)

    def __reduce__(self):
        return importlib.import_module, (self.__name__,)


def lazily(register):
    """``register``, a function of mxnet.base that makes operators, so that it makes them later."""
    signature = inspect.signature(register)

    @functools.wraps(register)
    def registered(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        make = bound.arguments["make_op_func"]
        bound.arguments["make_op_func"] = functools.partial(Operator, make)
        register(*bound.args, **bound.kwargs)
        for name, module in list(sys.modules.items()):
            if name.startswith("mxnet.") and hasattr(module, "__all__"):
                space = _namespace_of(module)
                wait(module, {n: v for n, v in space.items() if type(v) is Operator})

    return registered


def wait(module, operators):
    """Put ``operators``, by their names, into ``module``, to be made when they are looked up."""
    if not operators:
        return
    module.__class__ = Namespace
    space, waiting = _namespace_of(module), WAITING.setdefault(module, {})
    for name, operator in operators.items():
        space.pop(name, None)
        waiting[name] = operator


def star(module, importer):
    """What ``from module import *`` in a file of MXNet named ``importer`` is to read.

    Operators that wait in ``module`` go on waiting, in both.
    """
    waiting = WAITING.get(module, {})
    if not waiting:
        return module
    later = {name: waiting[name] for name in module.__all__ if name in waiting}
    wait(sys.modules[importer], later)
    rest = [name for name in module.__all__ if name not in later]
    return SimpleNamespace(__all__=rest, **{name: getattr(module, name) for name in rest})
