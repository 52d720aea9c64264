r""":math:`x W^\top + b` by NumPy, and of embedded words, each of which is multiplied once."""

import numpy as np

MANY = 32  # rows, of which it pays to look for the same ones


def affine(x, weight, *bias):
    r""":math:`x W^\top + b`, ``x (..., I)``, ``W (O, I)``, ``b (O,)`` -> ``(..., O)``."""
    found = x.reshape(-1, weight.shape[1]) @ weight.T
    if bias:
        found += bias[0]
    return found.reshape(*x.shape[:-1], len(weight))


def affine_of_rows(ids, table, weight, *bias):
    """:func:`affine` of the rows ``ids (...)`` of ``table (V, I)``: once for each that occurs,
    where ids are many, as the same words stand in many sentences."""
    if ids.size < MANY:
        return affine(table[ids], weight, *bias)
    rows, places = np.unique(ids, return_inverse=True)
    return affine(table[rows], weight, *bias)[places.reshape(ids.shape)]


def fully_connected(num_hidden, no_bias=False, flatten=True):
    """:func:`affine`; ``flatten``: all but the first axis are one."""
    return lambda x, *given: affine(x.reshape(len(x), -1) if flatten else x, *given)


def fully_connected_of_rows(num_hidden, no_bias=False, flatten=True):
    """The same of the rows ``ids`` of ``table``."""

    def function(ids, table, *given):
        if flatten and ids.ndim > 1:
            return affine(table[ids].reshape(len(ids), -1), *given)
        return affine_of_rows(ids, table, *given)

    return function
