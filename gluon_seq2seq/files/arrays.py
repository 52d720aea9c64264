"""Named arrays in MXNet's own format, written and read without MXNet.

``mxnet.nd.save`` ignores an error of its last write, so that a file cut short by a full disk looks
saved; ``mxnet.nd.load`` believes the sizes that a file names, and what follows the last name.

=============== =========================================================================
a file          ``uint64`` 0x112, 0, n; n arrays; ``uint64`` n; n names
a name          ``uint64`` its bytes, in UTF-8
an array        ``uint32`` 0xF993FAC9, or with NumPy shapes 0xF993FACA; ``int32`` storage, 0:
                dense; ``int32`` d; d sizes, ``int64``; ``int32`` device 1, 0, the CPU;
                ``int32`` kind of number; the numbers, row by row
=============== =========================================================================

All little-endian (MXNet 1.9.1, ``src/ndarray/ndarray.cc``, ``NDArray::Save``).
"""

import math
import os
import struct

import numpy as np

from . import foreign

FILE, ARRAY, NUMPY_ARRAY = 0x112, 0xF993FAC9, 0xF993FACA
DENSE, CPU = 0, (1, 0)
KINDS = ("f4", "f8", "f2", "u1", "i4", "i1", "i8")  # number 0, 1, ...
MOST_SIZES = 32  # as in NumPy and MXNet


def write(path, arrays):
    """Write ``arrays``, ``{name: numpy array}``, to the file ``path``; ``nd.load`` reads it, too.

    Raises :class:`OSError` unless every byte was taken.
    """
    with open(path, "wb") as stream:
        write_to(stream, arrays)


def write_to(stream, arrays):
    """The same into a binary ``stream``."""
    stream.write(struct.pack("<3Q", FILE, 0, len(arrays)))
    for array in arrays.values():
        code = array.dtype.str[1:]
        head = ARRAY, DENSE, array.ndim, *array.shape, *CPU, KINDS.index(code)
        stream.write(struct.pack(f"<Iii{array.ndim}q3i", *head))
        stream.write(array.astype(f"<{code}", copy=False).tobytes())
    stream.write(struct.pack("<Q", len(arrays)))
    for name in map(str.encode, arrays):
        stream.write(struct.pack("<Q", len(name)) + name)


def read(path):
    """``{name: numpy array}`` of such a file.

    Raises :class:`ValueError` for other bytes, and for arrays that are not dense, :class:`OSError`
    where it cannot be read or is no regular file.
    """
    with foreign.opened(path) as stream:
        left = os.fstat(stream.fileno()).st_size

        def take(count):
            nonlocal left
            left -= count
            if left < 0:
                raise ValueError("it ends too soon")
            return stream.read(count)

        def numbers(form):
            return struct.unpack(f"<{form}", take(struct.calcsize(f"<{form}")))

        if numbers("Q") != (FILE,):
            raise ValueError("it is not a file of MXNet's arrays")
        _, count = numbers("2Q")
        arrays = [_array(numbers, take) for _ in range(count)]
        names = [take(*numbers("Q")).decode() for _ in range(*numbers("Q"))]
        if left:
            raise ValueError(f"{left:,} bytes follow its end")
    named = dict(zip(names, arrays))
    if len(names) != count or len(named) != count:
        raise ValueError("it does not name each array once")
    return named


def _array(numbers, take):
    magic, storage, ndim = numbers("Iii")
    if magic not in (ARRAY, NUMPY_ARRAY):
        raise ValueError("it is not as MXNet 1.9 writes it")
    if storage != DENSE:
        raise ValueError("it holds a sparse array: save it dense")
    if not 0 < ndim <= MOST_SIZES:
        raise ValueError(f"it holds an array of {ndim} dimensions")
    shape = numbers(f"{ndim}q")
    *_, kind = numbers("3i")
    if min(shape) < 1 or kind not in range(len(KINDS)):
        raise ValueError("it holds an array without numbers, or of unknown ones")
    dtype = np.dtype(f"<{KINDS[kind]}")
    return np.frombuffer(take(math.prod(shape) * dtype.itemsize), dtype).reshape(shape)
