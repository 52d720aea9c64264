"""gluon-seq2seq data: what is in a file of sentence pairs, as training will see it."""

import contextlib
from collections import Counter
from functools import partial
from inspect import signature

import click
from click.core import ParameterSource

from ..errors import UsageError
from .common.options import A_MODEL, EXIT_CODES, corpus_options
from .common.streams import STANDARD, check_apart, writer
from .common.training_data import overlap_with_training, trained_on_option

SHOWN, ROWS, WIDEST = 10, 10, 24  # pairs, rows of lengths, characters of a bar
PLACES = "data", "target", "columns"
FREE = "strict", "max_length"  # what a model does not settle either


@click.command("data", epilog=EXIT_CODES)
@click.argument("data", metavar="FILE")
@corpus_options
@click.option(
    "--model",
    "folder",
    metavar="DIR",
    help="Read FILE as this model does, show what its vocabularies cover, and count what it has "
    f"been trained on: {A_MODEL}",
    show_default="none",
)
@trained_on_option
@click.option(
    "--output",
    metavar="FILE",
    help="Write the cleaned pairs into this file of source<TAB>target lines; - is standard "
    "output, and all else then goes to standard error.",
    show_default="nowhere",
)
@click.option(
    "--plot",
    metavar="FILE",
    help="Draw the lengths into this .png, .svg or .pdf file, too.",
    show_default="nowhere",
)
@click.pass_context
def command(ctx, folder, trained_on, output, plot, **options):
    """Show what training will see of sentence pairs, and doubts.

    FILE is anything that --data of train takes. Prints what was dropped, mended or is doubtful, ten
    pairs as they are trained on, what the vocabularies cover, and the lengths.

    \b
    Examples:
      gluon-seq2seq data mine.tsv
      gluon-seq2seq data mine.en --target mine.fr --strict
      gluon-seq2seq data new.tsv --model runs/mine --trained-on mine.tsv
    """
    from .. import load_corpus, load_model

    names = signature(load_corpus).parameters
    settings, model = {name: options[name] for name in names}, None
    if trained_on and not folder:
        raise UsageError("--trained-on needs --model, which says how to read: give both")
    check_apart(output=output, plot=plot)
    if folder:
        model = load_model(folder, "cpu", "null")
        _check_own(ctx, folder, names)
        free = {name: settings[name] for name in FREE}
        settings = {**model.corpus_settings(*(settings[name] for name in PLACES)), **free}
    say = partial(click.echo, err=output == STANDARD)
    with writer(output) if output else contextlib.nullcontext() as write:
        corpus = load_corpus(**settings)
        if write:
            turned = corpus.origin.get("direction") == "fr-en"  # then, too, English stands first
            for pair in _pairs(corpus):
                write("\t".join(pair[::-1] if turned else pair) + "\n")
        read_as = f"{options['data']}: read as {corpus.report.format}\n"
        say((read_as if corpus.report.format else "") + str(corpus.report))
        splits = {name: getattr(corpus, name) for name in ("train", "dev", "test")}
        say(", ".join(f"{name} {len(found):,}" for name, found in splits.items()) + " sources\n")
        owner = model or corpus
        vocabs = owner.src_vocab, owner.tgt_vocab
        _show_pairs(corpus.train, vocabs, say)
        lengths = _show_vocabularies(splits, vocabs, say)
        _show_lengths(lengths, say)
        if plot:
            from ..plots.counts import length_histogram
            from ..plots.style import save_picture

            save_picture(length_histogram(*(list(side.elements()) for side in lengths)), plot)
            say(plot)
        if model:
            _show_overlap(corpus, model, trained_on, say)
        if output not in (None, STANDARD):
            say(f"{output}: {sum(1 for _ in _pairs(corpus)):,} pairs")


def _check_own(ctx, folder, names):
    """Raise :class:`UsageError` where an option is given that a model settles."""
    for name in names:
        said = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if said and name not in (*PLACES, *FREE):
            raise UsageError(f"{folder} has its own --{name.replace('_', '-')}: leave it out")


def _pairs(corpus):
    """All pairs, each split in reading order: from a file of them the same splits come again."""
    from ..corpus.examples import pairs_of

    return pairs_of([*corpus.train, *corpus.dev, *corpus.test])


def _show_pairs(examples, vocabs, say):
    """Print some of them, from the first on, as tokens and as text."""
    say("As they are trained on:")
    shown = min(SHOWN, len(examples))
    for example in (examples[i * len(examples) // shown] for i in range(shown)):
        texts = example.source, example.references[0]
        tokens = [
            [
                token if token in vocab else vocab.unknown_token
                for token in vocab.tokenizer.cut(text)
            ]
            for vocab, text in zip(vocabs, texts)
        ]
        say("  " + " -> ".join(map(" ".join, tokens)))
        say("      " + " -> ".join(texts))
    say("")


def _show_vocabularies(splits, vocabs, say):
    """Print what the vocabularies cover; returns how many sentences of each side have how many
    tokens, two Counters."""
    from ..corpus.examples import pairs_of

    lengths, pairs = (
        [Counter(), Counter()],
        {name: pairs_of(found) for name, found in splits.items()},
    )
    for side, (name, vocab) in enumerate(zip(("source", "target"), vocabs)):
        unknown, counts = {}, {}
        for split, found in pairs.items():
            counts[split] = Counter()
            for pair in found:
                tokens = vocab.tokenizer.cut(pair[side])
                lengths[side][len(tokens)] += 1
                counts[split].update(tokens)
            missing = sum(counts[split][token] for token in vocab.unknown(list(counts[split])))
            unknown[split] = missing / max(1, sum(counts[split].values()))
        types = len(counts["train"])
        kept = types - len(vocab.unknown(list(counts["train"])))
        say(
            f"{name} vocabulary: {len(vocab):,} tokens; of {types:,} types in train {kept:,} are "
            f"known, {1 - unknown['train']:.1%} of the tokens; <unk>: {unknown['dev']:.1%} of dev, "
            f"{unknown['test']:.1%} of test"
        )
    return lengths


def _show_lengths(lengths, say):
    """Print how many sentences have how many tokens, as bars."""
    longest = max(max(side) for side in lengths)
    step = -(-longest // ROWS)
    rows = [
        [sum(side[n] for n in range(start, start + step)) for side in lengths]
        for start in range(1, longest + 1, step)
    ]
    most = max(max(row) for row in rows)
    say(f"\n{'tokens':>9}  {'sources':<{WIDEST + 8}}  targets")
    for i, row in enumerate(rows):
        name = f"{i * step + 1}-{(i + 1) * step}" if step > 1 else f"{i + 1}"
        bars = [f"{'#' * -(-WIDEST * count // most)} {count:,}".strip() for count in row]
        say(f"{name:>9}  {bars[0]:<{WIDEST + 8}}  {bars[1]}")
    say("")


def _show_overlap(corpus, model, trained_on, say):
    """Print how much of a corpus a model has been trained on."""
    from ..corpus.origin import without_folders

    pairs = _pairs(corpus)
    seen, name = overlap_with_training(model, trained_on, pairs, corpus)
    if seen is None:
        before = (without_folders(model.origin) or {}).get("data")
        what = f"{before}, which is not opened unasked" if before else "what it does not say"
        say(f"The model was trained on {what}: give --trained-on to count what of FILE is in it.")
    else:
        say(f"The model was trained on {seen} ({name}).")
