"""gluon-seq2seq shortlist: which words are likely for each source word, kept with the model."""

from pathlib import Path

import click

from ...errors import UsageError
from ..common.options import EXIT_CODES, model_option, pairs_options
from ..common.streams import complain


@click.command("shortlist", epilog=EXIT_CODES)
@model_option
@pairs_options("Learn from", "train")
@click.option(
    "--size",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Keep this many likely words for each word of the source; with more there is less that "
    "cannot be written, and search takes longer.",
)
def command(folder, data, target, columns, split, size):
    """Learn which words are likely for each source word.

    The table is written into the folder of the model, as shortlist.params. With --shortlist
    translate, evaluate and plot then choose among the words likely for a batch and the most
    frequent thousand, which is faster than to choose among many thousands. It is learned from the
    pairs alone, in about as long as it takes to read them; a model that is trained anew on the same
    words can keep it.

    \b
    Example:
      gluon-seq2seq shortlist --model runs/fra
      gluon-seq2seq translate --model runs/fra --shortlist --input in.txt
    """
    from ... import learn_shortlist, load_corpus, load_model
    from ...corpus.corpus import SPLITS
    from ...corpus.examples import pairs_of
    from ...translation.tables.shortlist import FILE, check_can

    model = load_model(folder, "cpu", "null")
    check_can(model)
    if not Path(folder).is_dir():
        raise UsageError(
            f"{folder} comes with the package: make a shortlist of a model of your own"
        )
    corpus = load_corpus(**model.corpus_settings(data, target, columns))
    complain(str(corpus.report))
    chosen = SPLITS if split == "all" else (split,)
    pairs = [pair for name in chosen for pair in pairs_of(getattr(corpus, name))]
    path = Path(folder) / FILE
    learn_shortlist(model, pairs, size).save(path)
    complain(f"{path}: up to {size:,} words for each of the source, of {len(pairs):,} pairs")
