"""Whether what a model is measured on stands in what it was trained on."""

import click

from ...corpus.origin import BUNDLED

NOT_KNOWN = "--trained-on FILE would count how many of them the model was trained on"

trained_on_option = click.option(
    "--trained-on",
    metavar="SPEC",
    help="Count what of it stands in the training split of this data, which the model was trained "
    "on; like --data of train, but no two files.",
    show_default="what the model was trained on, if it comes along",
)


def overlap_with_training(model, trained_on, pairs, corpus=None):
    """The :class:`Overlap` of ``pairs``, normalised, with what ``model`` was trained on, or None
    where that is not known.

    That is ``trained_on``, where it is given, else what the model says. Files are not opened
    unasked: they count where ``corpus``, which has been read already, was made of them.
    """
    from ... import load_corpus
    from ...corpus.overlap import overlap

    origin = model.origin or {}
    if trained_on is not None:
        corpus = load_corpus(**model.corpus_settings(trained_on))
    elif corpus is None or _place(corpus.origin) != _place(origin):
        if origin.get("data") not in BUNDLED:
            return None
        corpus = load_corpus(**model.corpus_settings())
    return overlap(pairs, corpus.train)


def _place(origin):
    return origin.get("data"), origin.get("target")
