"""Files that appear when they are whole, or not at all."""

import contextlib
import os
import re
import stat
import threading

from ..errors import SystemProblem


@contextlib.contextmanager
def whole(path, follow=True):
    """A binary stream into a file that appears when whole, with the owner and the mode of the one
    that it replaces.

    What is no regular file is written to as it is: a pipe, a terminal, and ``/dev/stdout`` and its
    like, which go on where that stream stands; a symbolic link is followed. Unless ``follow`` is
    False: then the file takes their place. Raises :class:`SystemProblem` where the file cannot be
    written; one that was there before then stays.
    """
    try:
        descriptor = _descriptor(path) if follow else None
        if descriptor is not None:
            with open(os.dup(descriptor), "wb") as stream:
                yield stream
        elif follow and os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as stream:
                yield stream
        else:
            with _draft(os.path.realpath(path) if follow else os.path.abspath(path)) as stream:
                yield stream
    except OSError as error:
        raise SystemProblem(f"cannot write {path}: {error.strerror}") from None


@contextlib.contextmanager
def _draft(path):
    """A stream into a file beside ``path`` that takes its place at the end."""
    draft = f"{path}.{os.getpid()}-{threading.get_ident()}.draft"
    try:
        before = os.lstat(path)
    except FileNotFoundError:
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        before = None
    mode = 0o666 if before is None else 0o600
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft)  # of a process that was killed, or a link
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as stream:
            if before is not None:
                with contextlib.suppress(PermissionError):  # of another owner
                    os.fchown(stream.fileno(), before.st_uid, before.st_gid)
                os.fchmod(stream.fileno(), stat.S_IMODE(before.st_mode))
            yield stream
        os.replace(draft, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(draft)


def _descriptor(path):
    """The number of the open file of this process that ``path`` leads to, as ``/dev/stdout`` and
    ``/proc/self/fd/1`` to 1; else None."""
    own = rf"/dev/fd|/proc/{os.getpid()}(/task/[0-9]+)?/fd"
    for _ in range(40):  # as many links as the system follows
        folder, name = os.path.split(os.path.abspath(path))
        folder = os.path.realpath(folder)
        if name.isdigit() and re.fullmatch(own, folder):
            return int(name)
        path = os.path.join(folder, name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None
