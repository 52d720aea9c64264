"""Files that others may have made: what is no regular file is not opened, what is no data an error.

Python alone follows a symbolic link to wherever it leads, waits for ever at a named pipe, and
leaves text that is nested too deeply with an error that is no ``ValueError``.
"""

import errno
import hashlib
import json
import os
import stat

LINK = "is a symbolic link, which is not followed"
DIGITS = 300  # of a whole number: as a float it is finite, and it is read at once


def opened(path):
    """A binary stream of the regular file ``path``; raises :class:`OSError` for a symbolic link and
    whatever else it is."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(_regular(path, flags), "rb")


def content(path):
    """The bytes of the regular file ``path``; raises as :func:`opened`."""
    with opened(path) as stream:
        return stream.read()


def sha256(path):
    """The SHA-256 of the regular file ``path``, in hexadecimal; raises as :func:`opened`."""
    digest, block = hashlib.sha256(), bytearray(2**20)
    with opened(path) as stream:
        while True:
            count = stream.readinto(block)
            if not count:
                return digest.hexdigest()
            digest.update(memoryview(block)[:count])


def kept(path):
    """A text stream to read and write the regular file ``path``, made where there is none; raises
    as :func:`opened`, and where the file has another name, too."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    stream = os.fdopen(_regular(path, flags), "r+", encoding="utf-8", errors="replace")
    if os.fstat(stream.fileno()).st_nlink > 1:
        stream.close()
        raise OSError(errno.EINVAL, "is a hard link to another file", str(path))
    return stream


def _regular(path, flags):
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise OSError(error.errno, LINK, str(path)) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    return descriptor


def from_json(text):
    """What a JSON ``text``, str or bytes, says; raises :class:`ValueError` where it is none."""
    try:
        return json.loads(text, parse_int=_whole)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _whole(digits):
    if len(digits) > DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)
