"""gluon-seq2seq translate: sentences in, translations out."""

import contextlib
import sys
from itertools import islice

import click

from ..errors import DataError, TooLong, UsageError
from ..settings import SearchSettings
from .options import (
    COUNT,
    EXIT_CODES,
    POSITIVE,
    device_option,
    model_option,
    seed_option,
    settings_options,
)
from .streams import open_input, writer

N_BEST = "{0}\t{4:.4f}\t{3:.4f}\t{1}\n"  # of the number and a Translation
CHUNK = 1024  # lines translated together when they do not come from a keyboard


@click.command("translate", epilog=EXIT_CODES)
@model_option
@click.argument("text", nargs=-1)
@click.option(
    "--input",
    "source",
    metavar="FILE",
    help="Translate this file, one sentence a line.",
    show_default="standard input",
)
@click.option(
    "--output",
    metavar="FILE",
    help="Write the translations into this file, one a line.",
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
@device_option
def command(folder, text, source, output, n_best, temperature, seed, attention, device, **search):
    """Translate TEXT, a file or standard input, line by line.

    \b
    Examples:
      gluon-seq2seq translate --model runs/demo "They are watching."
      gluon-seq2seq translate --model runs/demo --input in.txt --output out.txt
      gluon-seq2seq translate --model runs/demo "Hi." --beam-size 5 --n-best 3
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if text and source:
        raise UsageError("give TEXT or --input, not both")
    if attention and len(text) != 1:
        raise UsageError("--attention draws one sentence: give it as TEXT, in quotes")
    beam_size = search["beam_size"]
    if temperature and (n_best or beam_size > 1):
        raise UsageError("--temperature draws at random, without a beam: leave the other out")
    if n_best and n_best > beam_size:
        raise UsageError(f"--n-best {n_best} needs --beam-size {n_best} or more")
    from .. import Translator, load_model
    from ..corpus.readers import text_lines

    with contextlib.ExitStack() as files:
        if text:
            lines = ((f"TEXT {number}", line) for number, line in enumerate(text, 1))
        elif source:
            lines = text_lines(source, files.enter_context(open_input(source)))
        elif sys.stdin is None:
            raise DataError("standard input is closed: give TEXT or --input FILE")
        else:
            lines = text_lines("standard input", sys.stdin.buffer)
        translator = Translator(load_model(folder, device), **search)
        if attention:
            from ..plots.style import save_picture

            save_picture(translator.attention_map(text[0]), attention)
        by_hand = not text and not source and sys.stdin.isatty()
        write = files.enter_context(writer(output))
        done = 0
        while True:
            taken = list(islice(lines, 1 if by_hand else CHUNK))
            if not taken:
                break
            places, chunk = zip(*taken)
            try:
                if n_best:
                    for number, found in enumerate(translator.n_best(chunk, n_best), done + 1):
                        write("".join(N_BEST.format(number, *one) for one in found))
                elif temperature:
                    drawn = translator.sample(chunk, temperature, seed + done)
                    write("".join(f"{one.text}\n" for one in drawn))
                else:
                    write("".join(f"{line}\n" for line in translator.translate(chunk)))
            except TooLong as error:
                raise DataError(f"{places[error.index]}: {error.problem}") from None
            done += len(chunk)
