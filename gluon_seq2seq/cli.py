"""The command line: gluon-seq2seq demo, train, translate, evaluate, plot, export, serve, doctor."""

import contextlib
import json
import os
import re
import sys
import time
from itertools import islice
from pathlib import Path

import click

from . import __version__
from .cli_plot import plot
from .cli_train import train
from .errors import (
    DataError,
    Seq2SeqError,
    SystemProblem,
    TooLong,
    UsageError,
    telling_what_to_install,
)
from .files import discard_stdout, open_input, save_picture, writer
from .launch import launch
from .memory import SMALLER
from .options import (
    COUNT,
    EXIT_CODES,
    POSITIVE,
    alpha_option,
    batch_size_option,
    beam_size_option,
    data_option,
    device_option,
    model_option,
    seed_option,
)
from .stop import Interrupted

DEMO_MODEL = {"embed_size": 256, "num_hiddens": 128, "bidirectional": True, "drop_prob": 0.4}
DEMO_TRAINING = {"epochs": 12, "minutes": 1.5, "batch_size": 32}
INTERRUPTED = 130
OUT_OF_MEMORY = re.compile("alloc|create a primitive|temporarily unavailable")
N_BEST = "{0}\t{4:.4f}\t{3:.4f}\t{1}\n"  # of the number and a Translation
CHUNK = 1024  # lines translated together when they do not come from a keyboard


def main():
    """Run the command line; turn every expected failure into one line and its exit code."""
    message = None
    try:
        with telling_what_to_install():
            code = cli.main(prog_name="gluon-seq2seq", standalone_mode=False)
    except click.UsageError as error:
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        message, code = error.format_message() + hint, error.exit_code
    except Seq2SeqError as error:
        message, code = error, error.exit_code
    except (click.Abort, KeyboardInterrupt):
        message, code = "interrupted; what was saved before is whole", INTERRUPTED
    except AttributeError as error:
        if "mxnet" in sys.modules:
            raise
        message, code = f"MXNet does not start: {error}", SystemProblem.exit_code
    except (ImportError, OSError) as error:  # a package or library missing, a full disk
        message, code = error, SystemProblem.exit_code
        discard_stdout()
    except MemoryError:
        message, code = f"out of memory: {SMALLER}", SystemProblem.exit_code
    except Exception as error:
        if type(error).__name__ != "MXNetError" or not OUT_OF_MEMORY.search(str(error)):
            raise
        complain(f"MXNet is out of memory: {SMALLER}")
        os._exit(SystemProblem.exit_code)  # its own end would fail once more, with a traceback
    if message is not None:
        if code == SystemProblem.exit_code and not isinstance(message, Seq2SeqError):
            message = f"{message}; gluon-seq2seq doctor checks this machine"
        complain(message)
    sys.exit(code or 0)


def complain(message):
    """One line on standard error, whatever the message has in it."""
    text = "".join(c if c.isprintable() else " " for c in str(message))
    click.echo(f"gluon-seq2seq: {' '.join(text.split())}", err=True)


class Commands(click.Group):
    """Commands whose Interrupted reaches :func:`main` as it is: click would take it for Ctrl-C."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except Interrupted as error:
            ended = Seq2SeqError(str(error))
            ended.exit_code = error.exit_code
            raise ended from None


@click.group(
    cls=Commands,
    epilog=EXIT_CODES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(version=__version__, prog_name="gluon-seq2seq")
@click.pass_context
def cli(ctx):
    """Train a translator as the encoder-decoder chapter describes it, and use it.

    \b
    Start here:
      gluon-seq2seq demo
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


cli.add_command(plot)
cli.add_command(train)
cli.add_command(launch)


@cli.command(epilog=EXIT_CODES)
@click.option("--out", default="runs/demo", show_default=True, metavar="DIR", help="Where to.")
@seed_option
def demo(out, seed):
    """Train on the bundled corpus mini for a minute or so, then translate and score.

    Leaves the model, its learning curve, and pictures of its attention and beam search in DIR.
    """
    from . import runtime

    runtime.use_one_thread()
    from . import Translator, bahdanau2015, bleu, checkpoint, load_corpus, metrics
    from . import train as train_model

    if checkpoint.has_model(out) and (checkpoint.load_model(out).origin or {}).get("data") not in (
        "mini",
        "tiny",
    ):
        raise UsageError(f"{out} holds a model that is not the demo's: choose another --out")
    corpus = load_corpus("mini")
    click.echo(f"Training bahdanau2015 on {len(corpus.train):,} bundled sentences ...")
    runtime.seed(seed)
    model = bahdanau2015(corpus.src_vocab, corpus.tgt_vocab, **DEMO_MODEL)
    history = train_model(model, corpus, **DEMO_TRAINING, seed=seed, out=out, overwrite=True)
    translator, first = Translator(model), corpus.train[0]
    text, gold = translator.translate(first.source), first.gold
    links = gold.alignments[gold.references.index(text)] if text in gold.references else None
    save_picture(translator.attention_map(first.source, gold=links), Path(out, "attention.png"))
    save_picture(Translator(model, beam_size=3).beam_tree(first.source), Path(out, "beam.png"))
    click.echo(
        f"Trained in {history[-1]['seconds']:.0f} s. In {out}: the model, learning-curve.png,\n"
        "attention.png (where it looks while it writes) and beam.png (what it weighs).\n\n"
        f"{first.source} -> {text}\n\nNever seen in training:"
    )
    texts = translator.translate([example.source for example in corpus.test])
    tokenize = corpus.tgt_vocab.tokenizer.tokenize
    for example, text in list(zip(corpus.test, texts))[:5]:
        points = max(bleu(tokenize(text), tokenize(reference)) for reference in example.valid)
        click.echo(f"  {example.source} -> {text}   the book's BLEU (k=2): {points:.2f}")
        more = f" / {len(example.valid) - 2} more" if len(example.valid) > 2 else ""
        click.echo(f"      valid: {' / '.join(example.valid[:2])}{more}")
    scores = metrics.score(texts, [example.valid for example in corpus.test])
    scores.update(metrics.cross_entropy(model, corpus.test))
    click.echo(
        "\nOf {:,} test sentences {exact:.1%} are exactly right, sacreBLEU {bleu:.1f}; loss "
        "{loss:.2f} nats a token,\nwith a floor of {floor:.2f}, because English does not say who "
        '"they" are.'.format(len(texts), **scores)
    )


@cli.command(epilog=EXIT_CODES)
@model_option
@click.argument("text", nargs=-1)
@click.option("--input", "source", metavar="FILE", help="Sentences, one a line.")
@click.option("--output", metavar="FILE", help="Their translations, one a line.")
@beam_size_option
@alpha_option
@click.option(
    "--n-best",
    type=COUNT,
    metavar="N",
    help="The N best of each sentence: lines of number, score, log P, translation; tabs between.",
)
@click.option("--temperature", type=POSITIVE, help="Draw a translation at random; below 1 less so.")
@seed_option
@click.option(
    "--attention", metavar="FILE", help="For one TEXT: picture of what is attended to (.png, ...)."
)
@batch_size_option
@device_option
def translate(
    folder,
    text,
    source,
    output,
    beam_size,
    alpha,
    n_best,
    temperature,
    seed,
    attention,
    batch_size,
    device,
):
    """Translate TEXT, the lines of a file, or standard input: one line out per line in.

    \b
    Examples:
      gluon-seq2seq translate --model runs/demo "They are watching."
      gluon-seq2seq translate --model runs/demo --input in.txt --output out.txt --beam-size 5
      gluon-seq2seq translate --model runs/demo "You are tired." --beam-size 5 --n-best 3
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if text and source:
        raise UsageError("give TEXT or --input, not both")
    if attention and len(text) != 1:
        raise UsageError("--attention draws one sentence: give it as TEXT, in quotes")
    if temperature and (n_best or beam_size > 1):
        raise UsageError("--temperature draws at random, without a beam: leave the other out")
    if n_best and n_best > beam_size:
        raise UsageError(f"--n-best {n_best} needs --beam-size {n_best} or more")
    from . import Translator, load_model
    from .reading import text_lines

    with contextlib.ExitStack() as files:
        if text:
            lines = ((f"TEXT {number}", line) for number, line in enumerate(text, 1))
        elif source:
            lines = text_lines(source, files.enter_context(open_input(source)))
        elif sys.stdin is None:
            raise DataError("standard input is closed: give TEXT or --input FILE")
        else:
            lines = text_lines("standard input", sys.stdin.buffer)
        translator = Translator(load_model(folder, device), batch_size, beam_size, alpha)
        if attention:
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


@cli.command(epilog=EXIT_CODES)
@model_option
@data_option
@click.option("--target", metavar="FILE", help="The French file, if --data is an English one.")
@click.option("--split", default="test", show_default=True, help="train, dev, test or all.")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Translations to print.",
)
@click.option("--by-phenomenon", is_flag=True, help="On mini: exact match by what a pair shows.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures there, too.")
@beam_size_option
@alpha_option
@batch_size_option
@device_option
def evaluate(
    folder,
    data,
    target,
    split,
    show,
    by_phenomenon,
    json_file,
    beam_size,
    alpha,
    batch_size,
    device,
):
    """Score a model: sacreBLEU, chrF, exact match, loss and perplexity.

    Of a single file the package splits off 5 % as its test split, as in training; --split all
    scores every sentence. Translations and references are compared as the tokenizer normalises
    them: Unicode NFC, plain apostrophes and spaces, the model's own choice of case.

    The bundled mini knows every valid translation and its probability: all count as references,
    the loss is the expected one, and its floor, the entropy, stands beside it. It knows the
    alignment, too: a model with attention gets an alignment error rate.

    \b
    Examples:
      gluon-seq2seq evaluate --model runs/fra
      gluon-seq2seq evaluate --model runs/demo --data mini-length --by-phenomenon
      gluon-seq2seq evaluate --model runs/fra --data new.tsv --split all --json new.json
    """
    from . import Translator, load_corpus, load_model, metrics
    from .corpus import SPLITS
    from .train import perplexity

    if split not in (*SPLITS, "all"):
        raise UsageError(f"unknown split {split!r}: use {', '.join(SPLITS)} or all")
    model = load_model(folder, device)
    settings = model.corpus_settings(data, target)
    with writer(json_file) if json_file else contextlib.nullcontext() as write_json:
        corpus = load_corpus(**settings)
        click.echo(corpus.report)
        chosen = SPLITS if split == "all" else (split,)
        examples = [example for name in chosen for example in getattr(corpus, name)]
        references = [example.valid for example in examples]
        entropy = metrics.cross_entropy(model, examples, batch_size)
        started = time.monotonic()
        translator = Translator(model, batch_size, beam_size, alpha)
        texts = translator.translate([example.source for example in examples])
        seconds = time.monotonic() - started
        knows_gold = all(example.gold for example in examples)
        scores = {
            "data": str(settings["data"]),
            "split": split,
            "sources": len(examples),
            "references": sum(map(len, references)),
            **metrics.score(texts, references),
            **entropy,
            "perplexity": perplexity(entropy["loss"]),
            "seconds": seconds,
            "beam_size": beam_size,
        }
        if knows_gold:
            scores.update(metrics.alignment(model, examples, batch_size))
        if by_phenomenon:
            scores["phenomena"] = metrics.by_phenomenon(texts, examples)
        lines = [
            "{data}, {split}: {sources:,} sources, {references:,} references",
            "sacreBLEU          {bleu:6.2f}   all references, {signature}",
            "sacreBLEU, 1 ref   {bleu_first:6.2f}   the first reference alone",
            "chrF               {chrf:6.2f}   all references",
            "exact match        {exact:6.1%}   equal to any reference",
            "loss               {loss:6.3f}   nats per target token; perplexity {perplexity:.2f}",
            "its floor          {floor:6.3f}   the corpus's own entropy",
            "alignment error    {aer:6.1%}   rate; {mass:.1%} of attention on aligned words",
            "translated in      {seconds:6.1f} s",
        ]
        lines = [
            line
            for line in lines
            if ("{floor" not in line or scores["floor"] is not None)
            and ("{aer" not in line or scores.get("aer") is not None)
        ]
        click.echo("\n".join(lines).format(**scores))
        for name, count, share in scores.get("phenomena", ()):
            click.echo(f"  {name:<32}{count:>6,} sentences{share:>8.1%} exact")
        evenly = slice(None, None, max(1, len(texts) // max(1, show)))
        for example, text in list(zip(examples, texts))[evenly][:show]:
            click.echo(f"  {example.source} -> {text}\n      reference: {example.valid[0]}")
        if json_file:
            write_json(json.dumps(scores, indent=1, ensure_ascii=False) + "\n")


@cli.command(epilog=EXIT_CODES)
@model_option
@click.option("--out", required=True, metavar="DIR", help="Where the graphs go.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["onnx", "symbol"]),
    default="onnx",
    show_default=True,
    help="For ONNX runtimes, or for MXNet's SymbolBlock.",
)
@click.option("--int8", is_flag=True, help="ONNX with weights of eight bits: smaller, less exact.")
@click.option("--overwrite", is_flag=True, help="Even if DIR holds an export.")
def export(folder, out, form, int8, overwrite):
    """Write a model as graphs that run without this package, with an example that translates.

    \b
    Example:
      gluon-seq2seq export --model runs/fra --out fra-onnx
      python fra-onnx/translate.py "They are watching."
    """
    from . import load_model
    from .export import export as write

    write(load_model(folder, "cpu"), out, form, int8, overwrite)
    click.echo(f'{out}: try: python {Path(out, "translate.py")} "They are watching."')


@cli.command(epilog=EXIT_CODES)
@click.option(
    "--model",
    "folders",
    multiple=True,
    metavar="DIR",
    help="What train or demo wrote; more than once for a choice.  [default: those that come along]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0: for everybody.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8866, show_default=True, help="Of the page."
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="What the page begins with.",
)
@click.option("--browser/--no-browser", default=True, help="Open a browser.")
def serve(folders, host, port, lang, browser):
    """A page on which one types a sentence and sees translations, attention and search.

    \b
    Example:
      gluon-seq2seq serve --model runs/fra
    """
    from .checkpoint import SHIPPED, load_model
    from .serve import serve as run

    for folder in folders:
        load_model(folder, "cpu")  # one that cannot be read is found before anybody waits
    run(folders or SHIPPED, host, port, lang, browser, click.echo)


@cli.command(epilog=EXIT_CODES)
def doctor():
    """Check this machine: Python, packages, threads, GPU, fonts; say what to do."""
    from .doctor import examine

    return 0 if examine() else SystemProblem.exit_code
