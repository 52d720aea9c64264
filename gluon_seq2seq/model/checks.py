"""What MXNet would take as it is, and go wrong without a word: ids, lengths, a loop's flags; no
models."""

import os

from ..errors import DataError, UsageError

PARTS = "encoder", "decoder", "src_vocab", "tgt_vocab"


def check_translates(model):
    """Raise :class:`UsageError` unless ``model`` translates: an :class:`EncoderDecoder`, one that
    was exported, or an ensemble."""
    if not hasattr(model, "attends"):
        check_model(model)


def check_model(model):
    """Raise :class:`UsageError` unless ``model`` has the parts of an :class:`EncoderDecoder`."""
    if isinstance(model, (str, os.PathLike)):
        raise UsageError(f"{str(model)!r} is the name of a model: use load_model({str(model)!r})")
    if hasattr(model, "attends") and not hasattr(model, "encoder"):
        which, other = "an exported model", "the model that it was exported from"
        if hasattr(model, "models"):
            which, other = "an ensemble", "one of its models"
        raise UsageError(f"{which} translates and scores, and has no Blocks for more: use {other}")
    if not all(hasattr(model, part) for part in PARTS):
        raise UsageError(
            f"a {type(model).__name__} is no model: use one of load_model, or of book, "
            "bahdanau2015 and their like"
        )


def check_attention(model):
    """Raise :class:`UsageError` unless ``model`` attends to its source, and shows it."""
    why = why_blind(model, "the model has no attention to show: train bahdanau2015 or luong2015")
    if why:
        raise UsageError(why)


def why_blind(model, reason):
    """Why ``model`` shows no attention: what an exported one says itself, else ``reason``; None
    where it shows it."""
    # Made by hand of parts, it may say so by its decoder alone.
    shows = model.attends if hasattr(model, "attends") else model.decoder.attention is not None
    return None if shows else getattr(model, "why_blind", None) or reason


def check_ids(ids, vocab_size):
    """Raise :class:`DataError` unless ``ids (N, T)`` are of a vocabulary of ``vocab_size`` words.

    MXNet itself takes a wrong id for the nearest right one.
    """
    ids = ids.asnumpy()
    if ids.ndim != 2 or 0 in ids.shape:
        raise DataError(f"ids have shape {ids.shape}: needs (N, T), N and T of 1 or more")
    if not (ids.min() >= 0 and ids.max() < vocab_size) or (ids % 1).any():
        raise DataError(
            f"ids go from {ids.min():g} to {ids.max():g}: needs whole numbers from 0 to "
            f"{vocab_size - 1}"
        )


def check_lengths(valid_length, shape):
    """Raise :class:`DataError` unless ``valid_length (N,)`` fits sentences of ``shape`` (N, T).

    MXNet itself corrupts memory at a length that is not in 1..T.
    """
    lengths = valid_length.asnumpy()
    if lengths.shape != shape[:1]:
        raise DataError(f"valid_length has shape {lengths.shape}: needs {shape[:1]}")
    if not (lengths.min() >= 1 and lengths.max() <= shape[1]) or (lengths % 1).any():
        raise DataError(
            f"valid_length goes from {lengths.min():g} to {lengths.max():g}: needs whole numbers "
            f"from 1 to {shape[1]}"
        )


def check_loop(block):
    """Raise :class:`UsageError` where ``block``, which has a ``foreach``, was hybridized with
    ``static_shape``.

    MXNet then pushes the whole loop to its engine as one operator and each step as another, behind
    the operators that read what the loop writes: they read memory that nobody has written yet
    (findings/static_shape_foreach.sh).
    """
    if block._active and ("static_shape", True) in block._flags:
        raise UsageError(
            f"{type(block).__name__} is a loop, which MXNet 1.9.1 computes wrong with "
            "static_shape=True: call hybridize() again, without static_shape"
        )


def languages_of(model):
    """The codes of the languages that ``model`` reads and writes."""
    return tuple(vocab.tokenizer.language for vocab in (model.src_vocab, model.tgt_vocab))


def check_languages(model, corpus):
    """Raise :class:`UsageError` unless ``model`` reads and writes the languages of ``corpus``, the
    first with ``src_vocab`` and the second with ``tgt_vocab``."""
    own, languages = languages_of(model), (corpus.source_lang, corpus.target_lang)
    if own != languages:
        raise UsageError(
            f"the vocabularies of the model are {'-'.join(own)}, the sentences "
            f"{'-'.join(languages)}: give the model src_vocab first and then tgt_vocab, of this "
            "corpus"
        )
