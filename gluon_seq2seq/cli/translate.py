"""gluon-seq2seq translate: sentences in, translations out."""

import contextlib
import os
import stat

import click

from ..errors import UsageError
from ..settings import SearchSettings
from ..translation.written.formats import FORMATS
from .common.documents import in_place, is_document
from .common.lines import LONGEST_JSON, Lines
from .common.models import loaded, models_option
from .common.options import (
    COUNT,
    EXIT_CODES,
    POSITIVE,
    alignment_option,
    device_option,
    output_option,
    phrase_table_option,
    seed_option,
    settings_options,
    verbose_option,
)
from .common.streams import (
    LONGEST,
    TextCommand,
    check_apart,
    reader,
    sentences_that_came,
    texts,
    writer,
)

CHUNK = 1024  # lines of a file translated together: those of like length share a batch


@click.command("translate", cls=TextCommand, epilog=EXIT_CODES)
@models_option
@click.argument("text", nargs=-1)
@click.option(
    "--input",
    "source",
    metavar="FILE",
    help="Read the sentences from this file, one a line, or translate a .tmx, .xlf, .po or .srt "
    "file in place; - is standard input.",
    show_default="standard input",
)
@output_option("translations, one a line,")
@settings_options(SearchSettings)
@phrase_table_option
@click.option(
    "--n-best",
    type=COUNT,
    metavar="N",
    help="Write the N best translations of each sentence, at most as many as --beam-size.",
    show_default="the best alone",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS]),
    help="Write lines of text; tsv: of number, score, log P in nats and text, with tabs between; "
    "moses: the same as Moses' n-best lists; or jsonl: a JSON object for each sentence.",
    show_default="text, with --n-best tsv",
)
@click.option(
    "--input-format",
    type=click.Choice(["text", "jsonl"]),
    help='Read lines of text, or jsonl: of JSON such as {"id": 1, "text": "Hi."}; the id comes '
    "back with the translation.",
    show_default="jsonl with --format jsonl, else text",
)
@alignment_option
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
@verbose_option
@device_option
def command(
    folders,
    text,
    source,
    output,
    n_best,
    form,
    input_format,
    alignment,
    temperature,
    seed,
    attention,
    too_long,
    verbose,
    device,
    phrase_table,
    **search,
):
    """Translate TEXT, a file or standard input, line by line.

    A line gives a line. One that cannot be translated, as it is too long or no UTF-8, gives a
    blank one and a warning, with jsonl one that says the error; the exit code is then 3. Lines of
    a pipe are translated as they come, so that a program can ask, wait and ask again.

    Words that the model does not know, numbers, names and addresses among them, are copied from the
    source, if it has attention; --unknown says otherwise. What came of them is said at the end.

    \b
    Examples:
      gluon-seq2seq translate --model runs/demo "They are watching."
      gluon-seq2seq translate --model runs/demo --input in.txt --output out.txt
      gluon-seq2seq translate --model runs/demo "Hi." --beam-size 5 --n-best 3
      gluon-seq2seq translate --model runs/demo --input in.jsonl --format jsonl
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if text and source:
        raise UsageError("give TEXT or --input, not both")
    if not text and is_document(source):
        of_lines = {
            "--n-best": n_best,
            "--temperature": temperature,
            "--attention": attention,
            "--alignment": alignment,
            "--format": form,
            "--input-format": input_format,
        }
        given = [name for name, value in of_lines.items() if value is not None]
        if given:
            raise UsageError(f"{source} is translated in place: leave {', '.join(given)} out")
        search.update(too_long=too_long, phrase_table=phrase_table)
        return in_place(source, output, verbose, folders, device, **search)
    if attention and len(text) != 1:
        raise UsageError("--attention draws one sentence: give it as TEXT, in quotes")
    check_apart(output=output, attention=attention)
    beam_size = search["beam_size"]
    if temperature and (n_best or beam_size > 1):
        raise UsageError("--temperature draws at random, without a beam: leave the other out")
    if n_best and n_best > beam_size:
        raise UsageError(f"--n-best {n_best} needs --beam-size {n_best} or more")
    form = form or ("tsv" if n_best else "text")
    as_json = not text and (input_format or form) == "jsonl"
    from .. import Translator
    from ..model.checks import check_attention
    from ..translation.written.alignments import with_alignments

    with contextlib.ExitStack() as files:
        if not text:
            name, stream = files.enter_context(reader(source))
        model = loaded(folders, device)
        translator = Translator(model, **search, too_long=too_long, phrase_table=phrase_table)
        if alignment is not None:
            check_attention(translator.model)
        if attention:
            from ..plots.style import save_picture

            save_picture(translator.attention_map(text[0]), attention)
        write = files.enter_context(writer(output))
        if text:
            chunks = iter([texts(text)])
        else:
            whole_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            most = CHUNK if whole_file else min(CHUNK, search["batch_size"])
            longest = LONGEST_JSON if as_json else LONGEST
            chunks = sentences_that_came(name, stream, most, longest)
        left = "its answer says so" if form == "jsonl" else "its line is left blank"
        lines, done = Lines(translator, verbose, as_json, left), 0
        for chunk in chunks:
            answers = lines.taken(chunk)
            sources, aligned = [answer.text for answer in answers], alignment is not None
            if temperature:
                drawn = translator.sample(sources, temperature, seed + done, aligned)
                translations = [[one] for one in drawn]
            else:
                translations = translator.n_best(sources, n_best or 1, aligned)
            answers = [
                answer._replace(found=found, listed=bool(n_best))
                for answer, found in zip(answers, translations)
            ]
            if aligned:
                answers = [with_alignments(answer, translator, alignment) for answer in answers]
            write("".join(map(FORMATS[form], answers)))
            lines.answered(answers)
            done += len(chunk)
            if lines.stop:
                raise lines.stop
    return lines.code()
