"""gluon-seq2seq train: begin a training run, or go on with one."""

import time
from dataclasses import replace
from inspect import signature

import click
from click.core import ParameterSource

from ..errors import ModelError, UsageError
from ..settings import PAPERS, SETTINGS
from ..settings.fields import settings_of
from .common.options import (
    DATA_HELP,
    DEVICE_HELP,
    EXIT_CODES,
    POSITIVE,
    STARTED,
    corpus_options,
    option,
)
from .common.words import naming_how_to_go_on

OF_LANGUAGES = "source_lang", "target_lang", "direction", "lowercase"  # the model's own
OF_WORDS = "max_vocab", "min_freq", "subwords", "shared_subwords"  # what makes vocabularies


class Command(click.Command):
    """A command with the options of all papers and of the class that SETTINGS has, which may be
    that of others."""

    def get_params(self, ctx):
        found = super().get_params(ctx)
        here = next(i for i, one in enumerate(found) if one.name == "device")
        settings = [*_of_models().values(), *_of_training().values()]
        return [*found[:here], *map(option, settings), *found[here:]]


def _of_models():
    """The settings of all papers, by name."""
    return {one.name: one for paper in PAPERS.values() for one in settings_of(type(paper))}


def _of_training():
    """The settings of training, by name."""
    return {one.name: one for one in settings_of(SETTINGS["training"])}


@click.command("train", cls=Command, epilog=EXIT_CODES)
@click.option("--data", metavar="SPEC", help=f"{DATA_HELP}  [required without --resume]")
@click.option("--out", required=True, metavar="DIR", help="Write the model into this folder.")
@click.option("--overwrite", is_flag=True, help="Replace the model that DIR holds.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the training that DIR holds, longer with a larger --epochs, --minutes or "
    "--patience; begin it where there is none.",
)
@click.option(
    "--init-from",
    metavar="MODEL",
    show_default="parameters drawn at random",
    help="Begin with the parameters, words and sizes of this model: a folder that train wrote, or "
    "mini-book, mini-bahdanau2015 or mini-luong2015, which come along.",
)
@corpus_options
@click.option(
    "--model",
    "name",
    default="book",
    show_default=True,
    help=f"Train this model: {', '.join(list(PAPERS)[:-1])} or {list(PAPERS)[-1]}.",
)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    help=f"{DEVICE_HELP[:-1]}; or on several at once: gpu:0,gpu:1.",
)
@click.option(
    "--kvstore",
    help="Add up gradients in this place: local, device, dist_sync or dist_device_sync.",
    show_default="device, within launch dist_sync",
)
@click.option(
    "--timeout",
    type=POSITIVE,
    default=600,
    show_default=True,
    help="Wait this many seconds at most for the other workers of dist_sync.",
)
@click.pass_context
def command(ctx, out, overwrite, resume, device, kvstore, timeout, **options):
    """Train a model on sentence pairs.

    \b
    Examples:
      gluon-seq2seq train --data mini --out runs/mini --minutes 3
      gluon-seq2seq train --data tatoeba --out runs/fra --model luong2015
      gluon-seq2seq train --data de.tsv --out de --source-lang de --target-lang en
      gluon-seq2seq train --resume --out runs/fra
      gluon-seq2seq train --resume --out runs/fra --epochs 40
      gluon-seq2seq train --init-from runs/fra --data mine.tsv --out runs/mine
    """
    from ..training import train_state
    from ..training.distributed import Workers, default_kvstore

    with Workers(kvstore or default_kvstore(), timeout) as workers:
        launch = f"launch -n {workers.count} " if workers.count > 1 else ""
        with naming_how_to_go_on(out, launch):
            source = ctx.get_parameter_source
            said = [name for name in options if source(name) is ParameterSource.COMMANDLINE]
            given = {name: options[name] for name in said}
            if resume and overwrite:
                raise UsageError("--resume goes on and --overwrite begins anew: give one of them")
            if resume and train_state.begun(out):
                history = _go_on(workers, out, device, given)
            else:
                how = {"overwrite": overwrite, "resume": resume}
                history = _begin(workers, out, how, device, given, options)
    if workers.rank:
        return
    best = history.best
    click.echo(
        f"{out}: model of epoch {best['epoch']}, dev loss {best['dev_loss']:.3f}, dev BLEU "
        f"{best['bleu']:.2f}; {time.monotonic() - STARTED:.0f} s in all"
    )


def _begin(workers, out, how, device, given, options):
    """A new model, or that of --init-from, trained; ``how``: with overwrite or resume; ``given``:
    those of ``options`` that stand on the command line."""
    if options["data"] is None:
        raise UsageError("Missing option '--data'; see gluon-seq2seq train --help")
    source = options["init_from"]
    of_model = None if source else _model_settings(options["name"], given)
    of_training = {name: given[name] for name in _of_training() if name in given}
    settings = SETTINGS["training"](**of_training)
    from .. import devices, load_corpus, runtime
    from .. import train as train_model
    from ..model.papers import MODELS
    from ..training import checkpoint

    if not workers.rank:
        checkpoint.prepare(out, how["overwrite"])
    devices.devices(device)
    if not workers.rank:
        devices.tell_why_cpu(device)
    model = _trained(source, device, given, options) if source else None
    corpus = load_corpus(**{name: options[name] for name in signature(load_corpus).parameters})
    if not workers.rank:
        click.echo(corpus.report)
        click.echo(f"Beginning with the model of {source} ..." if source else corpus)
    runtime.seed(settings.seed)
    if model is None:
        make = MODELS[options["name"]]
        model = make(corpus.src_vocab, corpus.tgt_vocab, device=device, settings=of_model)
    return train_model(model, corpus, settings, out=out, started=STARTED, workers=workers, **how)


def _trained(source, device, given, options):
    """The model of --init-from, to train on; languages and case of ``options`` become its own.

    ``given`` options of models have to be those that it has, but for --drop-prob.
    """
    from ..model.checks import check_model, languages_of
    from ..model.papers import MODELS
    from ..training.checkpoint import load_model

    model = load_model(source, device)
    check_model(model)
    for name in OF_WORDS:
        if name in given:
            raise UsageError(
                f"{source} has its words already: leave --{name.replace('_', '-')} out"
            )
    before = model.corpus_settings(options["data"])
    options.update({name: before[name] for name in OF_LANGUAGES})
    if "source_lang" in given or "direction" in given:
        options["direction"] = given.get("direction")
    languages = dict(zip(OF_LANGUAGES, languages_of(model)))
    own = {**model.recipe, **languages, "direction": "-".join(languages.values())}
    own["lowercase"] = before["lowercase"]
    for name, value in given.items():
        if name in own and name != "drop_prob" and value != own[name]:
            option = "model" if name == "name" else name.replace("_", "-")
            raise UsageError(f"--{option} is {value}, {source} has {own[name]}: leave it out")
        if name in _of_models() and name not in own:
            raise UsageError(f"{source} has no --{name.replace('_', '-')}: leave it out")
    if given.get("drop_prob", model.settings.drop_prob) == model.settings.drop_prob:
        return model
    settings = replace(model.settings, drop_prob=given["drop_prob"])
    vocabs = model.src_vocab, model.tgt_vocab
    made = MODELS[own["name"]](*vocabs, device=device, settings=settings)
    before = model._collect_params_with_prefix()
    for name, parameter in made._collect_params_with_prefix().items():
        parameter.set_data(before[name].list_data()[0])
    return made


def _go_on(workers, out, device, given):
    """The model of ``out``, trained to the end; ``given``: options, which have to be its own, but
    for those that say when it ends."""
    from .. import load_corpus
    from .. import train as train_model
    from ..training import checkpoint, train_state

    folder, state = train_state.find(out)
    model = checkpoint.read_model(folder, device)
    with checkpoint.blaming(folder):
        settings = train_state.stored_settings(folder, state)
        if model.origin is None:
            raise ModelError(f"{folder / 'config.json'}: does not say what it is trained on")
    strict = given.pop("strict", False)
    places = {name: given.pop(name) for name in train_state.PLACES if name in given}
    origin = train_state.origin_of(out, state, model.origin, places)
    later = {name: given.pop(name) for name in train_state.LIMITS if name in given}
    given.pop("init_from", None)  # where the run began
    train_state.changed(out, {**vars(settings), **model.recipe, **origin}, given)
    corpus = load_corpus(**origin, strict=strict)
    if not workers.rank:
        click.echo(corpus)
        click.echo(f"Going on after step {state['step']:,} ...")
    settings = replace(settings, **later)
    return train_model(
        model, corpus, settings, out=out, resume=True, started=STARTED, workers=workers
    )


def _model_settings(name, given):
    """The settings of a model: its paper's, with those that are ``given``."""
    if name not in PAPERS:
        raise UsageError(f"unknown model {name!r}: use {', '.join(PAPERS)}")
    changes = {field: given[field] for field in _of_models() if field in given}
    for field in changes:
        if not hasattr(PAPERS[name], field):
            raise UsageError(f"{name} has no --{field.replace('_', '-')}: leave it out")
    return replace(PAPERS[name], **changes)
