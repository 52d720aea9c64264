"""gluon-seq2seq train: begin a training run, or go on with one."""

import time
from inspect import signature

import click
from click.core import ParameterSource

from ..errors import ModelError, UsageError
from ..training.signals import GO_ON, Interrupted
from .options import (
    COUNT,
    DATA_HELP,
    DEVICE_HELP,
    EXIT_CODES,
    POSITIVE,
    STARTED,
    TARGET_HELP,
    seed_option,
)


@click.command("train", epilog=EXIT_CODES)
@click.option("--data", metavar="SPEC", help=f"{DATA_HELP}  [required without --resume]")
@click.option("--target", metavar="FILE", help=TARGET_HELP)
@click.option("--out", required=True, metavar="DIR", help="Where the model is written.")
@click.option("--overwrite", is_flag=True, help="Replace the model that DIR holds.")
@click.option("--resume", is_flag=True, help="Go on with the training that DIR holds.")
@click.option(
    "--direction",
    default="en-fr",
    show_default=True,
    help="Which way to translate: en-fr or fr-en.",
)
@click.option("--lowercase", is_flag=True, help="Lower the case of both sides.")
@click.option(
    "--strict",
    is_flag=True,
    help="Stop at the first line that is no pair of sentences, where it would be left out.",
)
@click.option(
    "--max-length",
    type=COUNT,
    default=50,
    show_default=True,
    help="How many tokens a sentence may have; longer pairs are left out.",
)
@click.option(
    "--max-vocab",
    type=COUNT,
    default=8000,
    show_default=True,
    help="How many words a vocabulary holds at most, the most frequent ones.",
)
@click.option(
    "--min-freq",
    type=COUNT,
    help="How often a word has to occur to be among them.",
    show_default="2, up to 10,000 pairs 1",
)
@click.option(
    "--subwords",
    type=COUNT,
    help="How many pieces, at most, the words of each side are cut into.",
    show_default="whole words",
)
@click.option("--shared-subwords", is_flag=True, help="Cut both sides into the same pieces.")
@click.option(
    "--model",
    "name",
    default="book",
    show_default=True,
    help="Which model to train: book, cho2014, sutskever2014, bahdanau2015 or luong2015.",
)
@click.option(
    "--embed-size", type=COUNT, help="How many numbers a word vector has.", show_default="256"
)
@click.option(
    "--num-hiddens",
    type=COUNT,
    help="How many hidden units a recurrent layer has.",
    show_default="256",
)
@click.option(
    "--num-layers", type=COUNT, help="How many recurrent layers each side has.", show_default="1"
)
@click.option(
    "--bidirectional/--unidirectional",
    default=None,
    help="Whether the encoder reads both ways.",
    show_default="only for bahdanau2015 and luong2015",
)
@click.option(
    "--rnn",
    help="Which recurrent network to use: gru, lstm, tanh or textbook-gru.",
    show_default="gru, for sutskever2014 lstm",
)
@click.option(
    "--q", help="How pooling makes c of the states: last, mean or max.", show_default="last"
)
@click.option(
    "--reverse/--in-order",
    default=None,
    help="Whether the encoder reads the source from its end.",
    show_default="only for sutskever2014",
)
@click.option(
    "--tied",
    is_flag=True,
    default=None,
    help="Tie the weights of the output layer to the target embedding.",
)
@click.option(
    "--score",
    help="Which score attention uses, for luong2015: dot, scaled-dot, general, concat, local-m or "
    "local-p.",
    show_default="general",
)
@click.option(
    "--input-feeding",
    is_flag=True,
    default=None,
    help="Feed what a step attended to into the next step, for luong2015.",
)
@click.option(
    "--window",
    type=COUNT,
    help="How many positions to either side local-m and local-p see.",
    show_default="10",
)
@click.option(
    "--drop-prob",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="How likely dropout is to leave a number out.",
)
@click.option(
    "--teacher-forcing",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="How likely the decoder is to read the reference (teacher forcing), and not its own words "
    "(scheduled sampling).",
)
@click.option(
    "--label-smoothing",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="How much of a target's probability is spread over all words alike.",
)
@click.option(
    "--epochs",
    type=COUNT,
    help="How many epochs to train at most.",
    show_default="20, with --minutes no limit",
)
@click.option(
    "--minutes",
    type=POSITIVE,
    help="How many minutes the command may take, all included.",
    show_default="no limit",
)
@click.option(
    "--patience",
    type=COUNT,
    default=5,
    show_default=True,
    help="How many epochs without a lower dev loss end the training.",
)
@click.option(
    "--batch-size",
    type=COUNT,
    default=128,
    show_default=True,
    help="How many sentence pairs a step takes, of each worker.",
)
@click.option(
    "--learning-rate",
    type=POSITIVE,
    default=4e-3,
    show_default=True,
    help="How large Adam's learning rate is at its height.",
)
@seed_option
@click.option(
    "--device",
    default="auto",
    show_default=True,
    help=f"{DEVICE_HELP[:-1]}; several at once: gpu:0,gpu:1.",
)
@click.option(
    "--kvstore",
    help="Where gradients are added up: local, device, dist_sync or dist_device_sync.",
    show_default="device, within launch dist_sync",
)
@click.option(
    "--timeout",
    type=POSITIVE,
    default=600,
    show_default=True,
    help="How many seconds to wait for the other workers of dist_sync.",
)
@click.pass_context
def command(ctx, out, overwrite, resume, device, kvstore, timeout, **options):
    """Train a model on sentence pairs.

    \b
    Examples:
      gluon-seq2seq train --data mini --out runs/mini --minutes 3
      gluon-seq2seq train --data tatoeba --out runs/fra --model luong2015
      gluon-seq2seq train --data mine.tsv --out runs/mine --direction fr-en
      gluon-seq2seq train --resume --out runs/fra
    """
    from ..training.distributed import Workers, default_kvstore

    with Workers(kvstore or default_kvstore(), timeout) as workers:
        try:
            if resume:
                source = ctx.get_parameter_source
                given = {name for name in options if source(name) is ParameterSource.COMMANDLINE}
                given = {name: options[name] for name in given}
                history = _go_on(workers, out, overwrite, device, given)
            else:
                history = _begin(workers, out, overwrite, device, **options)
        except Interrupted as stopped:
            launch = f"launch -n {workers.count} " if workers.count > 1 else ""
            command = f"gluon-seq2seq {launch}train --resume --out {out}"
            stopped.args = (str(stopped).replace(GO_ON, f"go on with: {command}"),)
            raise
    if workers.rank:
        return
    best = history.best
    click.echo(
        f"{out}: model of epoch {best['epoch']}, dev loss {best['dev_loss']:.3f}, dev BLEU "
        f"{best['bleu']:.2f}; {time.monotonic() - STARTED:.0f} s in all"
    )


def _begin(workers, out, overwrite, device, name, seed, **options):
    """A new model, trained."""
    if options["data"] is None:
        raise UsageError("Missing option '--data'; see gluon-seq2seq train --help")
    from .. import load_corpus, runtime
    from .. import train as train_model
    from ..training import checkpoint

    corpus_settings = {k: options.pop(k) for k in signature(load_corpus).parameters}
    make, settings = _model_function(name, options)
    if not workers.rank:
        checkpoint.prepare(out, overwrite)
    runtime.devices(device)
    corpus = load_corpus(**corpus_settings)
    if not workers.rank:
        click.echo(corpus.report)
        click.echo(corpus)
    runtime.seed(seed)
    model = make(corpus.src_vocab, corpus.tgt_vocab, **settings, device=device)
    return train_model(
        model,
        corpus,
        seed=seed,
        out=out,
        overwrite=overwrite,
        started=STARTED,
        workers=workers,
        **options,
    )


def _go_on(workers, out, overwrite, device, given):
    """The model of ``out``, trained to the end; ``given``: options, which have to be its own."""
    if overwrite:
        raise UsageError("--resume goes on and --overwrite begins anew: give one of them")
    from .. import load_corpus
    from .. import train as train_model
    from ..corpus.corpus import settled
    from ..training import checkpoint, train_state

    folder, state = train_state.find(out)
    settings = {k: v for k, v in state["settings"].items() if k != "workers"}
    model = checkpoint.read_model(folder, device)
    with checkpoint.blaming(folder):
        train_state.check_settings(folder, settings, signature(train_model).parameters)
        if model.origin is None:
            raise ModelError(f"{folder / 'config.json'}: does not say what it is trained on")
    strict = given.pop("strict", False)
    if "data" in given or "target" in given:
        given = {**model.origin, **given}
        given.update(settled(given["data"], given["target"]))
    before = {**state["settings"], **model.recipe, **model.origin}
    train_state.changed(out, before, given)
    corpus = load_corpus(**model.origin, strict=strict)
    if not workers.rank:
        click.echo(corpus)
        click.echo(f"Going on after step {state['step']:,} ...")
    return train_model(
        model, corpus, **settings, out=out, resume=True, started=STARTED, workers=workers
    )


def _model_function(name, options):
    """A function of model.py, and those of ``options``, taken out of them, that are its own."""
    from ..model.papers import MODELS

    if name not in MODELS:
        raise UsageError(f"unknown model {name!r}: use {', '.join(MODELS)}")
    known = {option for make in MODELS.values() for option in signature(make).parameters}
    settings = {option: options.pop(option) for option in known & set(options)}
    settings = {option: value for option, value in settings.items() if value is not None}
    for option in settings:
        if option not in signature(MODELS[name]).parameters:
            raise UsageError(f"{name} has no --{option.replace('_', '-')}: leave it out")
    return MODELS[name], settings
