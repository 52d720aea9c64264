"""Whether what a model is measured on stands in what it was trained on."""

import click

NOT_KNOWN = "--trained-on FILE would count how many of them the model was trained on"

trained_on_option = click.option(
    "--trained-on",
    metavar="SPEC",
    help="Count what of it stands in the training split of this data, which the model was trained "
    "on; like --data of train, but no two files.",
    show_default="what the model was trained on, if it comes along",
)


def overlap_with_training(model, trained_on, pairs, corpus=None):
    """The :class:`Overlap` of ``pairs``, normalised, with what ``model`` was trained on, and the
    name of that; or None where it is not known.

    That is ``trained_on``, where it is given, else what the model says. It names files without
    their folders, and they are not opened unasked: they count where ``corpus``, which has been read
    already, was made of files of these names.
    """
    from ... import load_corpus
    from ...corpus.origin import BUNDLED, without_folders
    from ...corpus.overlap import overlap

    own = without_folders(model.origin) or {}
    if trained_on is not None:
        corpus = load_corpus(**model.corpus_settings(trained_on))
    elif corpus is None or _places(without_folders(corpus.origin)) != _places(own):
        if own.get("data") not in BUNDLED:
            return None, None
        corpus = load_corpus(**model.corpus_settings())
    return overlap(pairs, corpus.train), without_folders(corpus.origin)["data"]


def _places(origin):
    return origin.get("data"), origin.get("target")
