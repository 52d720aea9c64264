"""A model as its recipe, the name and the settings that make it, and a file of its parameters.

A recipe may come from anyone and ask for anything: it is compared with the arrays, which its file
did hold, before so much as a Block is made that they could not fill.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from mxnet import nd

from ..errors import ModelError, UsageError
from ..files import arrays
from ..semantics.kinds import legacy
from ..settings import PAPERS
from .papers import MODELS, NOWHERE, placed

LARGEST = 2**31 - 1  # of a setting: what MXNet takes


def save_parameters(model, path):
    """Write the parameters of ``model`` to the file ``path``; raises :class:`OSError` unless every
    byte was taken."""
    parameters = model._collect_params_with_prefix().items()
    arrays.write(path, {name: p.list_data()[0].asnumpy() for name, p in parameters})


def load_parameters(model, path):
    """Give ``model`` the parameters in the file ``path``, all of them or, with
    :class:`ModelError`, none."""
    found = read_arrays(path)
    check_fit(model, found, path)
    _give(model, found)


def build(recipe, vocabs, path, device, grad_req):
    """The model of a ``recipe``, as a file says it, on ``device``, with the parameters in the file
    ``path`` and Gluon's ``grad_req``; ``vocabs``: those of both sides.

    Raises :class:`ModelError` where they do not fit together, :class:`ValueError` where the recipe
    is none.
    """
    found = read_arrays(path)
    try:
        name, settings = _settings(dict(recipe), most_layers=len(found))
        model = MODELS[name](*vocabs, settings=settings, device=NOWHERE)
    except (KeyError, TypeError, UsageError) as error:
        raise ValueError(f"its recipe: {error}") from None
    check_fit(model, found, path)
    model.collect_params().setattr("grad_req", grad_req)
    return placed(model, device, partial(_give, model, found))


def _settings(recipe, most_layers):
    """The name in ``recipe`` and its settings, no more than a file of so many arrays can hold."""
    name = recipe.pop("name")
    settings = replace(PAPERS[name], **recipe)
    for field, value in recipe.items():
        if isinstance(value, int) and value > LARGEST:
            raise ValueError(f"{field} is {str(value)[:40]}")
    if settings.num_layers > most_layers:
        raise ValueError(f"num_layers is {settings.num_layers}, but the arrays are {most_layers}")
    return name, settings


def check_fit(model, found, path):
    """Raise :class:`ModelError` unless ``found``, the arrays of the file ``path``, are those of the
    parameters of ``model``: by name, shape and type, and equal where the model has one for two."""
    parameters, first = model._collect_params_with_prefix(), {}
    if set(found) != set(parameters):
        names = ", ".join(sorted(set(found) ^ set(parameters))[:3])
        raise ModelError(f"{path}: does not fit the model: {names}")
    for name, parameter in parameters.items():
        check_array(found[name], parameter, name, path)
        other = first.setdefault(id(parameter), name)
        if found[other].tobytes() != found[name].tobytes():
            raise ModelError(
                f"{path}: does not fit the model, which is tied: {other} and {name} differ"
            )


def check_array(array, parameter, name, path):
    """Raise :class:`ModelError` unless ``array``, called ``name`` in the file ``path``, has the
    shape and the type of ``parameter``."""
    shape, dtype = parameter.shape, np.dtype(parameter.dtype)
    for what, has, needs in ("shape", array.shape, shape), ("type", array.dtype, dtype):
        if has != needs:
            raise ModelError(
                f"{path}: does not fit the model: {name} has {what} {has}, needs {needs}"
            )


def read_arrays(path):
    """The named arrays of a file; :class:`ModelError` where it is none."""
    try:
        return arrays.read(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"{path}: does not hold parameters: {reason}") from None


@legacy()
def _give(model, found, contexts=None):
    """Set the parameters of ``model`` to arrays that fit, on ``contexts`` where it has none yet."""
    for name, parameter in model._collect_params_with_prefix().items():
        array = nd.array(found[name], dtype=found[name].dtype)
        parameter._load_init(array, contexts)  # as Block.load_parameters, which takes a file
