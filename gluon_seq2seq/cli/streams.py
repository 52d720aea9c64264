"""What the command line reads and writes: files, standard input and output."""

import contextlib
import os
import sys

import click

from ..atomic import whole
from ..errors import DataError, SystemProblem


def open_input(path):
    """``path`` as a binary stream; :class:`DataError` where it cannot be read."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


@contextlib.contextmanager
def writer(path):
    """A function that writes text to standard output, or to a file that appears when whole."""
    if path is None:
        yield to_stdout
    else:
        with whole(path) as stream:
            yield lambda text: stream.write(text.encode("utf-8"))


def discard_stdout():
    """Send what Python still flushes when it ends to nowhere, or it would complain once more."""
    with contextlib.suppress(OSError, AttributeError):  # not a file, or closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def to_stdout(text):
    """Write ``text`` at once; leave quietly when the reader has left."""
    if sys.stdout is None:
        raise SystemProblem("standard output is closed: give --output FILE")
    try:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader has left, as `head` does
        discard_stdout()
        raise click.exceptions.Exit(0) from None
