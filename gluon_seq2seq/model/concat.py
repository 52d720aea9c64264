"""[a; b], the formulas' way to put vectors end to end, as fast as MXNet can be made to do it.

``F.concat`` along the last axis copies number by number (benchmarks/README.md, "What made it
fast"), and at each gradient of a concat of two or four axes MXNet 1.9.1 loses some KB for good.
"""

from functools import reduce
from math import gcd


def concatenated(F, sizes, *arrays):
    """``arrays (A, B, ·)``, whose last axes have ``sizes``, end to end: ``(A, B, sum(sizes))``.

    A size of 0 may be left without an array. Copies as many numbers at once as divide all sizes.
    """
    size = reduce(gcd, sizes)
    groups = (a.reshape((0, 0, 1, -1, size)) for a in arrays)  # five axes lose no memory
    return F.concat(*groups, dim=3).reshape((0, 0, -1))  # (A, B, sum(sizes))


def paired(F, a, b, axis):
    """``[a; b]`` along ``axis``, the last one, of two arrays of one shape."""
    return F.stack(a, b, axis=axis).reshape((0,) * axis + (-1,))  # (..., 2, H) -> (..., 2H)


def flattened(F, parameters, sizes):
    """The numbers of all ``parameters`` in one axis; each of them has as many as some multiple of
    what divides all ``sizes``."""
    size = reduce(gcd, sizes)
    rows = (p.reshape((-1, 1, size)) for p in parameters)
    return F.concat(*rows, dim=0).reshape((-1,))  # (rows, 1, size) -> (rows * size,)
