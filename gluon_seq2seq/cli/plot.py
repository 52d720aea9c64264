"""gluon-seq2seq plot: every picture of plots from the command line."""

import contextlib
from functools import wraps

import click

from ..errors import DataError, ModelError, UsageError
from ..settings import SearchSettings
from .common.options import (
    COUNT,
    DATA_HELP,
    EXIT_CODES,
    data_option,
    device_option,
    lang_option,
    language_options,
    model_option,
    settings_options,
    target_option,
)
from .common.streams import TextCommand


@click.group("plot", epilog=EXIT_CODES)
def command():
    """Draw a picture of a model, a translation or a corpus.

    \b
    Examples:
      gluon-seq2seq plot attention --model runs/demo "They are watching."
      gluon-seq2seq plot beam --model runs/demo "They are watching."
      gluon-seq2seq plot curve runs/demo runs/mine --out curves.svg
    """


def _draws(function):
    """Save the Figure that the command returns: adds --out and --lang."""

    @click.option(
        "--out",
        metavar="FILE",
        help="Write the picture into this .png, .svg or .pdf file.",
        show_default="the command's name.png",
    )
    @lang_option("Label the picture")
    @wraps(function)
    def command(out, **options):
        out = out or f"{click.get_current_context().info_name}.png"
        from ..plots.style import save_picture

        save_picture(function(**options), out)
        click.echo(out)

    return command


@command.command("attention", cls=TextCommand, epilog=EXIT_CODES)
@model_option
@click.argument("text")
@click.option(
    "--translation", help="Show this translation of TEXT.", show_default="the model's own"
)
@click.option("--gold", is_flag=True, help="Outline the alignment that is known for TEXT.")
@data_option
@settings_options(SearchSettings, "beam_size", "alpha", "unknown", "shortlist")
@device_option
@_draws
def _attention(folder, text, translation, gold, data, device, lang, **search):
    """Draw where the model looks in TEXT while it writes each word."""
    from .. import Translator, load_model

    model = load_model(folder, device, "null")
    translator = Translator(model, **search)
    links = None
    if gold:
        translation, links = _gold_of(model, text, translation, data)
    return translator.attention_map(text, translation, links, lang)


def _gold_of(model, text, translation, data):
    """The known ``translation`` of ``text``, the most probable one unless given, and its links."""
    from .. import load_corpus
    from ..corpus.annotations import check_links

    if not model.src_vocab.tokenizer.whole_words:
        raise UsageError("gold alignments are of words, and this model reads subwords: no --gold")
    corpus = load_corpus(**model.corpus_settings(data))
    text = model.src_vocab.tokenizer.normalize(text)
    for split in (corpus.train, corpus.dev, corpus.test):
        for example in split:
            if example.source == text and example.gold:
                wanted = model.tgt_vocab.tokenizer.normalize(translation or example.valid[0])
                if wanted in example.valid:
                    links = example.gold.alignments[example.valid.index(wanted)]
                    sides = (model.src_vocab, text), (model.tgt_vocab, wanted)
                    check_links(links, *(v.tokenizer.tokenize(side) for v, side in sides))
                    return wanted, links
    raise DataError(
        f"no gold alignment is known of {text!r}, so translated: leave --gold out, or take a "
        "sentence of mini, on which the model was trained"
    )


@command.command("beam", cls=TextCommand, epilog=EXIT_CODES)
@model_option
@click.argument("text")
@settings_options(SearchSettings, "beam_size", "alpha", "unknown", "shortlist", beam_size=3)
@device_option
@_draws
def _beam(folder, text, device, lang, **search):
    """Draw what beam search kept, finished and pruned for TEXT."""
    from .. import Translator, load_model

    return Translator(load_model(folder, device, "null"), **search).beam_tree(text, lang)


@command.command("states", cls=TextCommand, epilog=EXIT_CODES)
@model_option
@click.argument("text")
@device_option
@_draws
def _states(folder, text, device, lang):
    """Draw the encoder's hidden states of TEXT, word by word."""
    from .. import Translator, load_model

    return Translator(load_model(folder, device, "null")).hidden_states(text, lang)


@command.command("curve", epilog=EXIT_CODES)
@click.argument("runs", nargs=-1, required=True, metavar="DIR...")
@_draws
def _curve(runs, lang):
    """Draw the learning curve of a run, or of several in one picture."""
    from .. import plots

    histories = {run: _history(run) for run in runs}
    if len(histories) == 1:
        return plots.learning_curve(*histories.values(), lang)
    return plots.training_comparison(histories, lang)


def _history(run):
    from ..files import foreign
    from ..training import checkpoint
    from ..training.history import MEASURES, History, checked_rows

    path = f"{run}/history.json"
    try:
        history = History(checked_rows(foreign.from_json(foreign.content(path))))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; train writes it") from None
    except ValueError as error:
        raise DataError(f"{path}: not a history that train wrote: {str(error)[:200]}") from None
    folder = checkpoint.newest(run, "checkpoint")  # which says what the best model is the best by
    settings = None
    with contextlib.suppress(ModelError):
        settings = folder and checkpoint.read_json(folder / "state.json").get("settings")
    by = settings.get("keep_best") if isinstance(settings, dict) else None
    history.by = by if by in [*MEASURES] else "loss"
    return history


@command.command("lengths", epilog=EXIT_CODES)
@click.option("--data", required=True, metavar="SPEC", help=DATA_HELP)
@target_option
@language_options
@_draws
def _lengths(data, target, lang, **options):
    """Draw how many tokens the sentences of a corpus have."""
    from .. import load_corpus, plots
    from ..corpus.examples import pairs_of

    corpus = load_corpus(data, target, **options)
    pairs = pairs_of([*corpus.train, *corpus.dev, *corpus.test])
    tokenizers = corpus.src_vocab.tokenizer, corpus.tgt_vocab.tokenizer
    counts = [
        [len(tokenizer.tokenize(text)) for text in side]
        for tokenizer, side in zip(tokenizers, zip(*pairs))
    ]
    return plots.length_histogram(*counts, lang)


@command.command("bleu", cls=TextCommand, epilog=EXIT_CODES)
@click.argument("prediction")
@click.argument("reference")
@click.option(
    "--k",
    type=COUNT,
    default=2,
    show_default=True,
    help="Count n-grams of up to this many tokens.",
)
@click.option(
    "--target-lang",
    metavar="CODE",
    default="fr",
    show_default=True,
    help="Cut both texts as sentences of this language, a code of ISO 639-1.",
)
@_draws
def _bleu(prediction, reference, k, target_lang, lang):
    """Draw which n-grams of PREDICTION the book's BLEU counts.

    They are those that REFERENCE has, too.
    """
    from .. import Tokenizer, ngram_matches, plots

    tokens = [Tokenizer(target_lang).tokenize(text) for text in (prediction, reference)]
    return plots.ngram_grid(ngram_matches(*tokens, k), *tokens, lang)


@command.command("accuracy", epilog=EXIT_CODES)
@model_option
@data_option
@click.option(
    "--by",
    type=click.Choice(["length", "phenomenon"]),
    default="length",
    show_default=True,
    help="Group the sentences by this; phenomena are known of mini alone.",
)
@settings_options(SearchSettings, "beam_size", "alpha", "unknown", "shortlist")
@device_option
@_draws
def _accuracy(folder, data, by, device, lang, **search):
    """Draw how many test sentences are translated exactly."""
    from .. import Translator, by_phenomenon, load_corpus, load_model, plots

    model = load_model(folder, device, "null")
    examples = load_corpus(**model.corpus_settings(data)).test
    texts = Translator(model, **search, too_long="cut").translate([e.source for e in examples])
    if by == "phenomenon":
        return plots.accuracy_by_phenomenon(by_phenomenon(texts, examples), lang)
    lengths = [len(model.src_vocab.tokenizer.tokenize(e.source)) for e in examples]
    correct = [text in example.valid for text, example in zip(texts, examples)]
    return plots.accuracy_by_length(lengths, correct, lang)
