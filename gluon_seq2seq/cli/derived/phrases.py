"""gluon-seq2seq phrases: a table of translations of words that a model does not know."""

import click

from ..common.options import (
    EXIT_CODES,
    device_option,
    model_option,
    output_option,
    pair_batch_option,
    pairs_options,
)
from ..common.streams import complain, writer


@click.command("phrases", epilog=EXIT_CODES)
@model_option
@pairs_options("Learn from", "train")
@output_option("table")
@pair_batch_option
@device_option
def command(folder, data, target, columns, split, output, batch_size, device):
    """Learn translations of words that a model does not know.

    A model of words lacks those that are rare in its training data. Which word of the translation
    such a word became is read off the model's attention; each line of the table has a word, its
    most frequent translation, and how often it was seen. translate --phrase-table looks words up
    there that it would copy. The table may be edited, or written by hand.

    \b
    Example:
      gluon-seq2seq phrases --model runs/fra --output table.tsv
      gluon-seq2seq translate --model runs/fra --phrase-table table.tsv "Hi."
    """
    from ... import learn_phrases, load_corpus, load_model
    from ...corpus.corpus import SPLITS
    from ...corpus.examples import pairs_of
    from ...model.checks import check_attention

    model = load_model(folder, device, "null")
    check_attention(model)
    with writer(output) as write:
        corpus = load_corpus(**model.corpus_settings(data, target, columns))
        complain(str(corpus.report))
        chosen = SPLITS if split == "all" else (split,)
        pairs = [pair for name in chosen for pair in pairs_of(getattr(corpus, name))]
        found = learn_phrases(model, pairs, batch_size)
        write("".join("\t".join(map(str, phrase)) + "\n" for phrase in found))
    complain(f"{len(found):,} words that the model does not know, of {len(pairs):,} pairs")
