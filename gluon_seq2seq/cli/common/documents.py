"""Documents on the command line: translated in place, what is left untranslated is listed."""

import os

from ...errors import DataError
from .models import loaded
from .streams import STANDARD, complain, writer

SHOWN = 10  # units that are left untranslated are told one by one, up to this many


def is_document(source):
    """Whether the file ``source``, of --input, is one that is translated in place, by how it begins
    or its ending."""
    from ...translation.documents import format_of

    if source in (None, STANDARD) or not os.path.isfile(source):
        return False
    try:
        with open(source, "rb") as stream:
            return format_of(source, stream.read(2**16)) is not None
    except OSError:  # which is told where the file is read
        return False


def in_place(source, output, verbose, folders, device, **settings):
    """Translate the document ``source`` into ``output`` with the models of ``folders``, by a
    Translator of these ``settings``; returns the exit code."""
    from ... import Translator
    from ...translation.documents import translated

    try:
        with open(source, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise DataError(f"{source}: cannot be read: {error.strerror}") from None
    translator = Translator(loaded(folders, device), **settings)
    new, report = translated(translator, source, content)
    with writer(output) as write:
        write(new)
    for left in report.left[: None if verbose else SHOWN]:
        complain(f"{left.place}: {left.reason}; left untranslated")
    if len(report.left) > SHOWN and not verbose:
        complain(f"{len(report.left):,} texts in all left untranslated; --verbose names each")
    if report.unknown:
        complain(
            f"{report.unknown:,} of {report.words:,} source words are not among the model's: it "
            "reads <unk> for them"
        )
    return DataError.exit_code if report.left else 0
