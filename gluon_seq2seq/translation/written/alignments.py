r"""Attention as links between words, in the formats that other programs read."""

from typing import Union

import numpy as np

from ...errors import UsageError
from ...semantics.plain import as_numpy
from ..scoring import word_attention
from ..translator import Translator
from .formats import Answer

KINDS = "pharaoh", "soft"


def pharaoh(attention: np.ndarray, kind: Union[str, float] = "pharaoh") -> str:
    """One line for ``attention (U, W + 1)`` of words, such as :func:`word_attention` gives.

    ``kind``: ``"pharaoh"`` links each target word j to the source word i that it attends to most,
    none where that is ``<eos>``, and writes ``i-j``, counted from 0; a number links j to every i
    with more attention than that. ``"soft"`` writes the attention itself as Marian and fairseq do:
    a group for each target word, spaces between them, in each the weights of all source words with
    commas between. ``<eos>`` is left out. Raises :class:`UsageError` for another ``kind``.
    """
    attention = as_numpy(attention)
    words = attention[:, :-1]  # (U, W)
    if kind == "soft":
        return " ".join(",".join(f"{weight:.4f}" for weight in row) for row in words)
    if kind == "pharaoh":
        best = attention.argmax(axis=1)
        linked = best[:, np.newaxis] == np.arange(words.shape[1])
    elif not isinstance(kind, str) and 0 <= kind < 1:
        linked = words > kind
    else:
        raise UsageError(f"unknown alignment {kind!r}: use {', '.join(KINDS)} or 0 to below 1")
    return " ".join(f"{i}-{j}" for i, j in np.argwhere(linked.T))


def with_alignments(answer: Answer, translator: Translator, kind: Union[str, float]) -> Answer:
    """``answer``, whose translations ``translator`` has written and have their attention, with the
    lines of :func:`pharaoh` of this ``kind``, and the words that they count."""
    vocabs = translator.model.src_vocab, translator.model.tgt_vocab
    source = vocabs[0].tokenizer.words(translator.tokens(answer.text))
    targets = [vocabs[1].tokenizer.words(one.tokens) for one in answer.found]
    lines = [
        ""
        if one.attention is None
        else pharaoh(word_attention(one.attention, source, target), kind)
        for one, target in zip(answer.found, targets)
    ]
    words = [[word for word, _ in side] for side in (source, *targets)]
    return answer._replace(alignments=lines, words=words)
