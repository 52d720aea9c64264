"""What the command line reads and writes: files, standard input and output, TEXT."""

import codecs
import contextlib
import errno
import io
import os
import re
import select
import stat
import sys
from itertools import islice

import click

from ...errors import DataError, SystemProblem, UsageError
from ...files.atomic import whole
from ...text.sentences import MAX_CHARACTERS

STANDARD = "-"  # standard input or output, as a name of a file
LONGEST = 4 * (MAX_CHARACTERS + 1)  # bytes of a line; so many have too many characters
OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)
CLOSED, LEFT = "closed", "left"


# --- standard output and error ----------------------------------------------------------------


class Lasting(io.FileIO):
    """Standard output or error that outlives its reader: what nobody reads any more goes nowhere.

    ``gone``: ``"left"`` when the reader has left, ``"closed"`` where there never was one, or None.
    """

    gone = None

    def write(self, data):
        try:
            if self.gone is None:
                return super().write(data)
        except OSError as error:
            hung_up = error.errno == errno.EIO and stat.S_ISCHR(os.fstat(self.fileno()).st_mode)
            if not hung_up and not isinstance(error, ConnectionError):
                raise
            self.gone = LEFT
        return len(data)


@contextlib.contextmanager
def lasting_streams():
    """Let this process go on when the reader of its output has left, as ``head`` does, or where
    standard streams were closed when it began. What it writes is UTF-8."""
    before = sys.stdout, sys.stderr
    if None in (sys.stdin, *before):
        _fill_the_first_three()
    sys.stdout, sys.stderr = map(_lasting, before)
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _fill_the_first_three():
    """Open what is closed of the descriptors 0 to 2: a file that were opened there next would get
    what MXNet writes to standard error."""
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            return


def _lasting(stream):
    """``stream`` to write to as long as somebody reads; those of notebooks stay as they are."""
    settings = {"encoding": "utf-8", "errors": "backslashreplace", "line_buffering": True}
    if stream is None:
        raw = Lasting(os.devnull, "w")
        raw.gone = CLOSED
    elif isinstance(getattr(stream, "buffer", None), (io.BufferedWriter, io.FileIO)):
        stream.flush()
        raw = Lasting(stream.fileno(), "w", closefd=False)
    else:
        return stream
    return io.TextIOWrapper(io.BufferedWriter(raw), **settings)


def give_up_stdout():
    """Let what standard output still holds go nowhere: on a full disk it would fail once more."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, Lasting):
        raw.gone = LEFT


def _gone(stream):
    """What has become of the reader of standard output or error, or None."""
    return getattr(getattr(getattr(stream, "buffer", None), "raw", None), "gone", None)


def complain(message):
    """One line on standard error, whatever the message has in it."""
    text = "".join(c if c.isprintable() else " " for c in str(message))
    click.echo(f"gluon-seq2seq: {' '.join(text.split())}", err=True)


# --- files ------------------------------------------------------------------------------------


@contextlib.contextmanager
def writer(path):
    """A function that writes text, or bytes, to standard output, ``None`` or ``"-"``, at once, or
    to a file that appears when whole. It leaves quietly when the reader of a pipe has left."""
    if path in (None, STANDARD):
        if _gone(sys.stdout) == CLOSED:
            raise SystemProblem("standard output is closed: give --output FILE")
        yield _to_stdout
        return
    with whole(path) as stream:

        def write(text):
            try:
                stream.write(_bytes(text))
                stream.flush()
            except BrokenPipeError:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())  # for what is written when it is closed
                os.close(null)
                raise click.exceptions.Exit(0) from None

        yield write


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def _to_stdout(text):
    sys.stdout.buffer.write(_bytes(text))
    sys.stdout.buffer.flush()
    if _gone(sys.stdout):
        raise click.exceptions.Exit(0)


def check_apart(**files):
    """Raise :class:`UsageError` where two of ``files``, by the names of their options, None where
    one is not given, are one: of two files with one name the first would be lost."""
    seen = {}
    for name, path in files.items():
        if path is None or (path != STANDARD and os.path.exists(path) and not os.path.isfile(path)):
            continue  # /dev/null and pipes take both
        place = path if path == STANDARD else os.path.realpath(path)
        if place in seen:
            what = "standard output" if path == STANDARD else path
            raise UsageError(f"{what} has room for one of --{seen[place]} and --{name}")
        seen[place] = name


@contextlib.contextmanager
def reader(path):
    """Standard input, ``None`` or ``"-"``, or a file, as ``name, stream``, the stream of bytes.

    Raises :class:`DataError` where it cannot be read.
    """
    if path in (None, STANDARD):
        if sys.stdin is None:
            raise DataError("standard input is closed: give TEXT or --input FILE")
        yield "standard input", sys.stdin.buffer
        return
    try:
        with open(path, "rb") as stream:
            yield path, stream
    except OSError as error:
        if error.filename != path:
            raise
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def lines_that_came(stream, most, longest=LONGEST):
    """Lists of 1 to ``most`` lines of a stream of bytes, without their ends: those that are there.

    It waits for a line, but then for no other, so that a program that writes one and waits gets
    its answer. Of a line of more than ``longest`` bytes only the beginning is kept.
    """
    lines, rest, more = [], b"", True
    while more or lines:
        while (
            more and len(lines) < most and select.select([stream], [], [], 0 if lines else None)[0]
        ):
            data = stream.read1(1 << 16)
            more = bool(data)
            *ended, rest = (rest + data).split(b"\n")
            lines += [line[:longest] for line in ended]
            rest = rest[:longest]
            if not more and rest:
                lines.append(rest)
        if lines:
            yield lines[:most]
        del lines[:most]


def sentences_that_came(name, stream, most, longest=LONGEST):
    """Lists of ``(place, text, problem)`` of such lines; of text and problem one is None.

    Raises :class:`DataError` for UTF-16, which has no line that could be read, and where reading
    fails.
    """
    from ...corpus.readers import refuse_utf_16  # with all readers, which take long to load

    number = 0
    try:
        for lines in lines_that_came(stream, most, longest):
            if not number:
                refuse_utf_16(name, lines[0])
                lines[0] = lines[0][3:] if lines[0].startswith(codecs.BOM_UTF8) else lines[0]
            yield [
                (f"{name}, line {i}", *_decoded(line, longest))
                for i, line in enumerate(lines, number + 1)
            ]
            number += len(lines)
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror}") from None


def texts(words):
    """One list like those of :func:`sentences_that_came`, of TEXT of the command line."""
    return [(f"TEXT {i}", *_decoded(os.fsencode(word))) for i, word in enumerate(words, 1)]


def _decoded(line, longest=LONGEST):
    """``text, problem`` of the bytes of a line."""
    try:
        return line.decode("utf-8").rstrip("\r"), None
    except UnicodeDecodeError as error:
        if error.start > longest - 4 and error.end == len(line) == longest:  # cut here
            return line[: error.start].decode("utf-8"), None
        return None, f"not UTF-8 at byte {error.start + 1} of the line: save it as UTF-8"


# --- TEXT -------------------------------------------------------------------------------------


class TextCommand(click.Command):
    """A command whose TEXT may begin with a dash, as ``"-5 degrees outside."`` does.

    What has not the form of an option is TEXT. After ``--`` everything is.
    """

    def parse_args(self, ctx, args):
        takes_value = {
            name: not option.is_flag
            for option in self.params
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        words, options, text = iter(args), [], []
        for word in words:
            if word == "--":
                text += words
            elif OPTION.fullmatch(word):
                options.append(word)
                if takes_value.get(word):
                    value = list(islice(words, 1))
                    if not value:
                        return super().parse_args(ctx, args)  # which says what is missing
                    options += value
            else:
                text.append(word)
        try:
            return super().parse_args(ctx, [*options, "--", *text])
        except click.NoSuchOption as error:
            error.message = (
                error.message.rstrip(".") + "; put -- before a TEXT that begins with a dash"
            )
            raise
