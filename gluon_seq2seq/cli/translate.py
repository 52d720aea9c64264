"""gluon-seq2seq translate: sentences in, translations out."""

import contextlib
import os
import stat

import click

from ..errors import DataError, TooLong, UsageError
from ..settings import SearchSettings
from .common.documents import in_place, is_document
from .common.options import (
    COUNT,
    EXIT_CODES,
    POSITIVE,
    device_option,
    model_option,
    seed_option,
    settings_options,
)
from .common.streams import TextCommand, complain, reader, sentences_that_came, texts, writer

N_BEST = "{0}\t{4:.4f}\t{3:.4f}\t{1}\n"  # of the number and a Translation
CHUNK = 1024  # lines of a file translated together: those of like length share a batch
SHOWN = 10  # lines that cannot be translated are told one by one, up to this many


@click.command("translate", cls=TextCommand, epilog=EXIT_CODES)
@model_option
@click.argument("text", nargs=-1)
@click.option(
    "--input",
    "source",
    metavar="FILE",
    help="Read the sentences from this file, one a line, or translate a .tmx, .xlf, .po or .srt "
    "file in place; - is standard input.",
    show_default="standard input",
)
@click.option(
    "--output",
    metavar="FILE",
    help="Write the translations to this file, one a line; - is standard output.",
    show_default="standard output",
)
@settings_options(SearchSettings)
@click.option(
    "--n-best",
    type=COUNT,
    metavar="N",
    help="Write the N best translations of each sentence: lines of its number, score, log P in "
    "nats and text, with tabs between.",
    show_default="the best, text alone",
)
@click.option(
    "--temperature",
    type=POSITIVE,
    help="Draw each word at random at this temperature; 1 is the model's own distribution.",
    show_default="no drawing, but search",
)
@seed_option
@click.option(
    "--attention",
    metavar="FILE",
    help="Draw what the model looks at in one TEXT into this .png, .svg or .pdf file.",
)
@click.option(
    "--too-long",
    type=click.Choice(["blank", "cut", "stop"]),
    default="blank",
    show_default=True,
    help="Leave the line of a sentence of more than 500 tokens blank, cut the sentence there, or "
    "stop the program.",
)
@click.option(
    "--verbose", is_flag=True, help="Show which words of each line the model does not know."
)
@device_option
def command(
    folder,
    text,
    source,
    output,
    n_best,
    temperature,
    seed,
    attention,
    too_long,
    verbose,
    device,
    **search,
):
    """Translate TEXT, a file or standard input, line by line.

    A line gives a line. One that cannot be translated, as it is too long or no UTF-8, gives a
    blank one and a warning; the exit code is then 3. Lines of a pipe are translated as they come.

    \b
    Examples:
      gluon-seq2seq translate --model runs/demo "They are watching."
      gluon-seq2seq translate --model runs/demo --input in.txt --output out.txt
      gluon-seq2seq translate --model runs/demo "Hi." --beam-size 5 --n-best 3
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if text and source:
        raise UsageError("give TEXT or --input, not both")
    if not text and is_document(source):
        if n_best or temperature or attention:
            raise UsageError(
                f"{source} is translated in place: leave --n-best, --temperature, --attention out"
            )
        return in_place(source, output, verbose, folder, device, **search, too_long=too_long)
    if attention and len(text) != 1:
        raise UsageError("--attention draws one sentence: give it as TEXT, in quotes")
    beam_size = search["beam_size"]
    if temperature and (n_best or beam_size > 1):
        raise UsageError("--temperature draws at random, without a beam: leave the other out")
    if n_best and n_best > beam_size:
        raise UsageError(f"--n-best {n_best} needs --beam-size {n_best} or more")
    from .. import Translator, load_model

    with contextlib.ExitStack() as files:
        if not text:
            name, stream = files.enter_context(reader(source))
        translator = Translator(load_model(folder, device), **search, too_long=too_long)
        if attention:
            from ..plots.style import save_picture

            save_picture(translator.attention_map(text[0]), attention)
        write = files.enter_context(writer(output))
        if text:
            chunks = iter([texts(text)])
        else:
            whole_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            chunks = sentences_that_came(
                name, stream, CHUNK if whole_file else min(CHUNK, search["batch_size"])
            )
        lines, done = _Lines(translator, verbose), 0
        for chunk in chunks:
            chunk = lines.taken(chunk)
            if n_best:
                for number, found in enumerate(translator.n_best(chunk, n_best), done + 1):
                    write("".join(N_BEST.format(number, *one) for one in found))
            elif temperature:
                drawn = translator.sample(chunk, temperature, seed + done)
                write("".join(f"{one.text}\n" for one in drawn))
            else:
                write("".join(f"{line}\n" for line in translator.translate(chunk)))
            done += len(chunk)
            if lines.stop:
                raise lines.stop
    return lines.code()


class _Lines:
    """What is done with lines that cannot be translated, or not well, and what is said of them."""

    def __init__(self, translator, verbose):
        self.translator, self.verbose = translator, verbose
        self.words, self.unknown, self.bad, self.stop = 0, 0, 0, None

    def taken(self, chunk):
        """The texts of ``chunk``, ``(place, text, problem)`` each, as they are to be translated; up
        to the one that is to stop it."""
        found = []
        for place, text, problem in chunk:
            tokens = []
            try:
                if problem is None:
                    tokens = self.translator.tokens(text, "stop")
            except TooLong as error:
                if self.translator.too_long == "stop":
                    self.stop = DataError(f"{place}: {error}")
                    break
                problem, tokens = error, self.translator.tokens(text)
            if problem:
                self._warn(f"{place}: {problem}; its line is {'cut' if tokens else 'left blank'}")
            found.append(text if tokens else "")
            self._count(place, tokens)
        return found

    def _count(self, place, tokens):
        """Count the tokens, and those that the model does not know."""
        unknown = self.translator.model.src_vocab.unknown(tokens)
        self.words += len(tokens)
        self.unknown += len(unknown)
        if unknown and self.verbose:
            complain(f"{place}: not among the model's words: {' '.join(dict.fromkeys(unknown))}")

    def _warn(self, problem):
        self.bad += 1
        if self.bad <= SHOWN or self.verbose:
            complain(problem)

    def code(self):
        """Say how much of it could not be translated well; returns the exit code."""
        if self.bad > SHOWN and not self.verbose:
            complain(f"{self.bad:,} lines in all could not be translated; --verbose names each")
        if self.unknown:
            complain(
                f"{self.unknown:,} of {self.words:,} source words are not among the model's: it "
                f"reads <unk> for them{'' if self.verbose else '; --verbose names them'}"
            )
        return DataError.exit_code if self.bad else 0
