"""What the command line reads and writes: streams, files that appear when whole, pictures."""

import contextlib
import io
import os
import sys

import click

from .errors import DataError, SystemProblem, UsageError


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
        with _whole(path) as stream:
            yield lambda text: stream.write(text.encode("utf-8"))


@contextlib.contextmanager
def _whole(path):
    """A binary stream into a file that appears when whole."""
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


def save_picture(figure, path):
    """Write a matplotlib Figure; the ending of ``path`` says the format.

    Raises :class:`UsageError` for an ending that matplotlib does not know.
    """
    content, ending = io.BytesIO(), os.path.splitext(path)[1][1:]
    try:
        figure.savefig(content, format=ending, dpi=150)
    except ValueError as error:  # says which endings there are
        raise UsageError(f"{path}: {error}") from None
    with _whole(path) as stream:
        stream.write(content.getvalue())
