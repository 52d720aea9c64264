"""What can go wrong, one exception a cause; the command line exits with its ``exit_code``.

===== ============= =====================================================
code  exception     meaning
===== ============= =====================================================
2     UsageError    an option or argument that cannot be used
3     DataError     sentences, files of sentences, ids or lengths
4     ModelError    a model directory that cannot be read or does not fit
5     SystemProblem Python packages, device, disk, network
6     Diverged      the loss is no longer a finite number
===== ============= =====================================================
"""

import operator
from contextlib import contextmanager

NEEDED = (
    "mxnet",
    "gluonnlp",
    "d2l",
    "numpy",
    "matplotlib",
    "click",
    "tqdm",
    "pooch",
    "sacrebleu",
    "sentencepiece",
    "threadpoolctl",
    "ipywidgets",
)
"""What setup.cfg requires, by the names that are imported."""


class Seq2SeqError(Exception):
    """Base of all errors that a user can mend; its text is one line and names the remedy."""

    exit_code = 1


class UsageError(Seq2SeqError, ValueError):
    """An option or argument that cannot be used."""

    exit_code = 2


class DataError(Seq2SeqError, ValueError):
    """Sentences, files of sentences, ids or lengths that cannot be used."""

    exit_code = 3


class TooLong(DataError):
    """A sentence of more characters or tokens than can be read; ``index``: where it stands in its
    list, where it is in one."""

    def __init__(self, problem, index=None):
        super().__init__(problem if index is None else f"sentence {index + 1}: {problem}")
        self.problem, self.index = problem, index

    def __reduce__(self):
        return type(self), (self.problem, self.index)


class ModelError(Seq2SeqError):
    """A model directory that cannot be read, or does not fit what is asked of it."""

    exit_code = 4


class SystemProblem(Seq2SeqError, RuntimeError):
    """The machine lacks something: a package, a device, room on the disk, a network."""

    exit_code = 5


class Diverged(Seq2SeqError, ArithmeticError):
    """The loss became infinite or not a number."""

    exit_code = 6


def whole_number(name, value, least=None, most=None, why=""):
    """``value`` as an int, where it is a whole number of Python's or NumPy's from ``least`` to
    ``most`` (``None``: no limit), or :class:`UsageError`, which names it and ends in ``why``."""
    limits = "" if least is None else f" of {least} or more"
    if most is not None:
        limits = f" from {least} to {most}"
    try:
        number = operator.index(None if isinstance(value, bool) else value)
    except TypeError:
        number = None
    low, high = number if least is None else least, number if most is None else most
    if number is None or not low <= number <= high:
        raise UsageError(f"{name} is {value!r}: use a whole number{limits}{why}")
    return number


@contextmanager
def telling_what_to_install():
    """Turn a missing one of :data:`NEEDED` into a :class:`SystemProblem` that says the command."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        raise SystemProblem(
            f"{error.name} is not installed in this Python: type python -m gluon_seq2seq.wheels"
        ) from None
