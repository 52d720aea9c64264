"""The command line: gluon-seq2seq demo | train | translate | evaluate | doctor."""

import time

STARTED = time.monotonic()  # before the slow imports: --minutes counts everything

import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from itertools import islice  # noqa: E402
from pathlib import Path  # noqa: E402

import click  # noqa: E402

from . import __version__  # noqa: E402
from .errors import DataError, Seq2SeqError, SystemProblem, UsageError  # noqa: E402

EXIT_CODES = """\b
Exit codes:
  0 ok   2 usage   3 data   4 model   5 environment (packages, device,
  disk, network)   6 training diverged   130 interrupted"""
DATA_HELP = (
    "mini, mini-10k, mini-length and other held-out sets, tiny, tatoeba, a .tsv/.txt/.zip file of "
    "English<TAB>French lines, or a folder with train.tsv dev.tsv test.tsv."
)
DEVICE_HELP = "auto, cpu, gpu or gpu:1."
DEMO_MODEL = {"embed_size": 256, "num_hiddens": 128, "bidirectional": True, "drop_prob": 0.4}
DEMO_TRAINING = {"epochs": 12, "minutes": 1.5, "batch_size": 32}
INTERRUPTED = 130
COUNT = click.IntRange(min=1)
POSITIVE = click.FloatRange(min=0, min_open=True)
CHUNK = 1024  # lines translated together when they do not come from a keyboard


def main():
    """Run the command line; turn every expected failure into one line and its exit code."""
    message = None
    try:
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
        _discard_stdout()
    if message is not None:
        if code == SystemProblem.exit_code and not isinstance(message, Seq2SeqError):
            message = f"{message}; gluon-seq2seq doctor checks this machine"
        click.echo(f"gluon-seq2seq: {' '.join(str(message).split())}", err=True)
    sys.exit(code or 0)


@click.group(
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


seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="For weights, dropout and shuffling.",
)
device_option = click.option("--device", default="auto", show_default=True, help=DEVICE_HELP)
model_option = click.option(
    "--model", "folder", required=True, metavar="DIR", help="What train or demo wrote."
)


@cli.command(epilog=EXIT_CODES)
@click.option("--out", default="runs/demo", show_default=True, metavar="DIR", help="Where to.")
@seed_option
def demo(out, seed):
    """Train on the bundled corpus mini for a minute or so, then translate and score.

    Leaves the model and its learning curve in DIR.
    """
    from . import Translator, bleu, book, checkpoint, cross_entropy, load_corpus, runtime, score
    from . import train as train_model

    if checkpoint.has_model(out) and (checkpoint.load_model(out).origin or {}).get("data") not in (
        "mini",
        "tiny",
    ):
        raise UsageError(f"{out} holds a model that is not the demo's: choose another --out")
    corpus = load_corpus("mini")
    click.echo(f"Training the chapter's model on {len(corpus.train):,} bundled sentences ...")
    runtime.seed(seed)
    model = book(corpus.src_vocab, corpus.tgt_vocab, **DEMO_MODEL)
    history = train_model(model, corpus, **DEMO_TRAINING, seed=seed, out=out, overwrite=True)
    click.echo(f"Trained in {history[-1]['seconds']:.0f} s; the model and its picture,")
    click.echo(f"{Path(out, 'learning-curve.png')}, are in {out}.\n")
    translator, first = Translator(model), corpus.train[0].source
    click.echo(f"{first} -> {translator.translate(first)}\n\nNever seen in training:")
    texts = translator.translate([example.source for example in corpus.test])
    tokenize = corpus.tgt_vocab.tokenizer.tokenize
    for example, text in list(zip(corpus.test, texts))[:5]:
        points = max(bleu(tokenize(text), tokenize(reference)) for reference in example.valid)
        click.echo(f"  {example.source} -> {text}   the book's BLEU (k=2): {points:.2f}")
        more = f" / {len(example.valid) - 2} more" if len(example.valid) > 2 else ""
        click.echo(f"      valid: {' / '.join(example.valid[:2])}{more}")
    scores = score(texts, [example.valid for example in corpus.test])
    scores.update(cross_entropy(model, corpus.test))
    click.echo(
        "\nOf {:,} test sentences {exact:.1%} are exactly right, sacreBLEU {bleu:.1f}; loss "
        "{loss:.2f} nats a token,\nwith a floor of {floor:.2f}, because English does not say who "
        '"they" are.'.format(len(texts), **scores)
    )


@cli.command(epilog=EXIT_CODES)
@click.option("--data", required=True, metavar="SPEC", help=DATA_HELP)
@click.option("--target", metavar="FILE", help="The French file, if --data is an English one.")
@click.option("--out", required=True, metavar="DIR", help="Where the model goes.")
@click.option("--overwrite", is_flag=True, help="Even if DIR holds a model.")
@click.option("--direction", default="en-fr", show_default=True, help="en-fr or fr-en.")
@click.option("--lowercase", is_flag=True, help="Lower the case of both sides.")
@click.option(
    "--max-length", type=COUNT, default=50, show_default=True, help="Drop pairs with more tokens."
)
@click.option(
    "--max-vocab", type=COUNT, default=8000, show_default=True, help="Words in a vocabulary."
)
@click.option(
    "--min-freq", type=COUNT, help="Least count of such a word.  [default: 2; small corpora: 1]"
)
@click.option("--model", "name", default="book", show_default=True, help="Which model: book.")
@click.option(
    "--embed-size", type=COUNT, default=256, show_default=True, help="Size of a word vector."
)
@click.option(
    "--num-hiddens", type=COUNT, default=256, show_default=True, help="Size of a GRU's state."
)
@click.option(
    "--num-layers", type=COUNT, default=1, show_default=True, help="GRU layers on each side."
)
@click.option("--bidirectional", is_flag=True, help="Let the encoder read both ways.")
@click.option(
    "--drop-prob",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="Dropout.",
)
@click.option("--epochs", type=COUNT, help="Stop after so many.  [default: 20, or --minutes]")
@click.option("--minutes", type=POSITIVE, help="Stop after this time at the latest, all included.")
@click.option(
    "--patience", type=COUNT, default=5, show_default=True, help="Epochs without lower dev loss."
)
@click.option(
    "--batch-size", type=COUNT, default=128, show_default=True, help="Sentence pairs a step."
)
@click.option(
    "--learning-rate", type=POSITIVE, default=4e-3, show_default=True, help="Adam's, at its height."
)
@seed_option
@device_option
def train(
    data,
    target,
    out,
    overwrite,
    direction,
    lowercase,
    max_length,
    max_vocab,
    min_freq,
    name,
    seed,
    device,
    **options,
):
    """Train a model on sentence pairs.

    \b
    Examples:
      gluon-seq2seq train --data mini --out runs/mini --minutes 3 --bidirectional
      gluon-seq2seq train --data tatoeba --out runs/fra --minutes 15
      gluon-seq2seq train --data mine.tsv --out runs/mine --direction fr-en
    """
    from . import checkpoint, load_corpus, runtime
    from . import train as train_model
    from .model import MODELS

    if name not in MODELS:
        raise UsageError(f"unknown model {name!r}: use {', '.join(MODELS)}")
    checkpoint.prepare(out, overwrite)
    runtime.device(device)
    corpus = load_corpus(
        data,
        target,
        direction=direction,
        lowercase=lowercase,
        max_length=max_length,
        max_vocab=max_vocab,
        min_freq=min_freq,
    )
    click.echo(corpus.report)
    click.echo(corpus)
    runtime.seed(seed)
    sizes = ("embed_size", "num_hiddens", "num_layers", "bidirectional", "drop_prob")
    model = MODELS[name](
        corpus.src_vocab,
        corpus.tgt_vocab,
        **{size: options.pop(size) for size in sizes},
        device=device,
    )
    history = train_model(
        model, corpus, seed=seed, out=out, overwrite=overwrite, started=STARTED, **options
    )
    best = history.best
    click.echo(
        f"{out}: model of epoch {best['epoch']}, dev loss {best['dev_loss']:.3f}, dev BLEU "
        f"{best['bleu']:.2f}; {time.monotonic() - STARTED:.0f} s in all"
    )


@cli.command(epilog=EXIT_CODES)
@model_option
@click.argument("text", nargs=-1)
@click.option("--input", "source", metavar="FILE", help="Sentences, one a line.")
@click.option("--output", metavar="FILE", help="Their translations, one a line.")
@click.option(
    "--batch-size", type=COUNT, default=64, show_default=True, help="Sentences at a time."
)
@device_option
def translate(folder, text, source, output, batch_size, device):
    """Translate TEXT, the lines of a file, or standard input: one line out per line in.

    \b
    Examples:
      gluon-seq2seq translate --model runs/demo "They are watching."
      gluon-seq2seq translate --model runs/demo --input in.txt --output out.txt
      echo "They are watching." | gluon-seq2seq translate --model runs/demo
    """
    if text and source:
        raise UsageError("give TEXT or --input, not both")
    from . import Translator, load_model
    from .corpus import text_lines

    with contextlib.ExitStack() as files:
        if text:
            lines = enumerate(text)
        elif source:
            lines = text_lines(source, files.enter_context(_open(source)))
        elif sys.stdin is None:
            raise DataError("standard input is closed: give TEXT or --input FILE")
        else:
            lines = text_lines("standard input", sys.stdin.buffer)
        translator = Translator(load_model(folder, device), batch_size)
        by_hand = not text and not source and sys.stdin.isatty()
        write = files.enter_context(_writer(output))
        while True:
            chunk = [line for _, line in islice(lines, 1 if by_hand else CHUNK)]
            if not chunk:
                break
            write("".join(f"{line}\n" for line in translator.translate(chunk)))


@cli.command(epilog=EXIT_CODES)
@model_option
@click.option("--data", metavar="SPEC", help=f"{DATA_HELP}  [default: what it was trained on]")
@click.option("--target", metavar="FILE", help="The French file, if --data is an English one.")
@click.option("--split", default="test", show_default=True, help="train, dev, test or all.")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Translations to print.",
)
@click.option("--json", "json_file", metavar="FILE", help="Write the figures there, too.")
@click.option(
    "--batch-size", type=COUNT, default=64, show_default=True, help="Sentences at a time."
)
@device_option
def evaluate(folder, data, target, split, show, json_file, batch_size, device):
    """Score a model: sacreBLEU, chrF, exact match, loss and perplexity.

    Of a single file the package splits off 5 % as its test split, as in training; --split all
    scores every sentence. Translations and references are compared as the tokenizer normalises
    them: Unicode NFC, plain apostrophes and spaces, the model's own choice of case.

    The bundled mini knows every valid translation and its probability: all count as references,
    the loss is the expected one, and its floor, the entropy, stands beside it.

    \b
    Examples:
      gluon-seq2seq evaluate --model runs/fra
      gluon-seq2seq evaluate --model runs/demo --data mini-length
      gluon-seq2seq evaluate --model runs/fra --data new.tsv --split all --json new.json
    """
    from . import Translator, load_corpus, load_model, metrics
    from .corpus import SPLITS
    from .train import perplexity

    if split not in (*SPLITS, "all"):
        raise UsageError(f"unknown split {split!r}: use {', '.join(SPLITS)} or all")
    model = load_model(folder, device)
    if not data and not model.origin:
        raise UsageError(f"{folder} does not say what it was trained on: give --data")
    vocabs = model.src_vocab, model.tgt_vocab
    origin = dict(model.origin or {})
    origin["direction"] = "-".join(vocab.tokenizer.language for vocab in vocabs)
    origin["lowercase"] = model.src_vocab.tokenizer.lowercase
    if data:
        origin.update(data=data, target=target)
    with _writer(json_file) if json_file else contextlib.nullcontext() as write_json:
        corpus = load_corpus(**origin)
        click.echo(corpus.report)
        chosen = SPLITS if split == "all" else (split,)
        examples = [example for name in chosen for example in getattr(corpus, name)]
        references = [example.valid for example in examples]
        entropy = metrics.cross_entropy(model, examples, batch_size)
        started = time.monotonic()
        texts = Translator(model, batch_size).translate([example.source for example in examples])
        scores = {
            "data": str(origin["data"]),
            "split": split,
            "sources": len(examples),
            "references": sum(map(len, references)),
            **metrics.score(texts, references),
            **entropy,
            "perplexity": perplexity(entropy["loss"]),
            "seconds": time.monotonic() - started,
        }
        lines = [
            "{data}, {split}: {sources:,} sources, {references:,} references",
            "sacreBLEU          {bleu:6.2f}   all references, {signature}",
            "sacreBLEU, 1 ref   {bleu_first:6.2f}   the first reference alone",
            "chrF               {chrf:6.2f}   all references",
            "exact match        {exact:6.1%}   equal to any reference",
            "loss               {loss:6.3f}   nats per target token; perplexity {perplexity:.2f}",
            "its floor          {floor:6.3f}   the corpus's own entropy",
            "translated in      {seconds:6.1f} s",
        ]
        if scores["floor"] is None:
            lines = [line for line in lines if "{floor" not in line]
        click.echo("\n".join(lines).format(**scores))
        evenly = slice(None, None, max(1, len(texts) // max(1, show)))
        for example, text in list(zip(examples, texts))[evenly][:show]:
            click.echo(f"  {example.source} -> {text}\n      reference: {example.valid[0]}")
        if json_file:
            write_json(json.dumps(scores, indent=1, ensure_ascii=False) + "\n")


@cli.command(epilog=EXIT_CODES)
def doctor():
    """Check this machine: Python, packages, threads, GPU, fonts; say what to do."""
    from .doctor import examine

    return 0 if examine() else SystemProblem.exit_code


def _open(path):
    try:
        return open(path, "rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


@contextlib.contextmanager
def _writer(path):
    """A function that writes text to standard output, or to a file that appears when whole."""
    if path is None:
        yield _to_stdout
        return
    path = os.path.realpath(path)  # write through a symbolic link
    draft = f"{path}.{os.getpid()}.draft"
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe, a terminal, /dev/null
        draft = path
    try:
        try:
            with open(draft, "w", encoding="utf-8", newline="\n") as stream:
                yield stream.write
            if draft != path:
                os.replace(draft, path)
        except OSError as error:
            raise SystemProblem(f"cannot write {path}: {error.strerror}") from None
    finally:
        if draft != path:
            with contextlib.suppress(OSError):
                os.unlink(draft)


def _discard_stdout():
    """Send what Python still flushes when it ends to nowhere, or it would complain once more."""
    with contextlib.suppress(OSError, AttributeError):  # not a file, or closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _to_stdout(text):
    if sys.stdout is None:
        raise SystemProblem("standard output is closed: give --output FILE")
    try:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader has left, as `head` does
        _discard_stdout()
        raise click.exceptions.Exit(0) from None
