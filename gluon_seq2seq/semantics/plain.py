"""Arrays of NumPy's, of whatever kind of array there is: loads no MXNet."""

import numpy as np


def as_numpy(value):
    """``value``, an array of MXNet's or what NumPy makes one of, as an array of NumPy's."""
    return np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)
