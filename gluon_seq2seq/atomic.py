"""Files that appear when they are whole, or not at all."""

import contextlib
import os

from .errors import SystemProblem


@contextlib.contextmanager
def whole(path):
    """A binary stream into a file that appears when whole.

    A pipe, a terminal and their like are written to as they are. Raises :class:`SystemProblem`
    where that cannot be done; the file that was there before then stays.
    """
    path = os.path.realpath(path)  # write through a symbolic link
    draft = f"{path}.{os.getpid()}.draft"
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe, a terminal, /dev/null
        draft = path
    try:
        try:
            with open(draft, "wb") as stream:
                yield stream
            if draft != path:
                os.replace(draft, path)
        except OSError as error:
            raise SystemProblem(f"cannot write {path}: {error.strerror}") from None
    finally:
        if draft != path:
            with contextlib.suppress(OSError):
                os.unlink(draft)
