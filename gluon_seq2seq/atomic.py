"""Files that appear when they are whole, or not at all."""

import contextlib
import os

from .errors import SystemProblem


@contextlib.contextmanager
def whole(path, follow=True):
    """A binary stream into a file that appears when whole.

    A pipe, a terminal and their like are written to as they are, a symbolic link is followed,
    unless ``follow`` is False: then the file takes their place. Raises :class:`SystemProblem`
    where that cannot be done; the file that was there before then stays.
    """
    path = os.path.realpath(path) if follow else os.path.abspath(path)
    draft = f"{path}.{os.getpid()}.draft"
    if follow and os.path.exists(path) and not os.path.isfile(path):  # a pipe, a terminal
        draft = path
    try:
        try:
            if draft != path:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(draft)  # of a process that was killed, or a link
            with open(draft, "wb" if draft == path else "xb") as stream:
                yield stream
            if draft != path:
                os.replace(draft, path)
        except OSError as error:
            raise SystemProblem(f"cannot write {path}: {error.strerror}") from None
    finally:
        if draft != path:
            with contextlib.suppress(OSError):
                os.unlink(draft)
