"""Sentence <-> ids, of tokens in a given order: what a model needs of a vocabulary to translate."""

import re

import numpy as np

from ..errors import DataError, ModelError, UsageError
from ..files import foreign
from .subwords import tokenizer_of
from .tokenizer import EOS, INVISIBLE, SPECIALS, UNK

UNPRINTABLE = re.compile(rf"{INVISIBLE.pattern}|\s")  # no tokenizer leaves it in a token


class Words:
    """``tokens``, a list, each at the place that is its id, and the ``tokenizer`` that cuts them.

    Ids 0 to 3 are ``<pad> <bos> <eos> <unk>``. ``list(words)`` are the tokens; ``words[token]`` is
    an id, that of ``<unk>`` for others. A :class:`~.vocabulary.Vocabulary` is one, too. Raises
    :class:`UsageError` for a token that is empty, or has spaces or control characters.
    """

    def __init__(self, tokens, tokenizer):
        check_tokens(tokens)
        self.idx_to_token, self.tokenizer = tokens, tokenizer
        self.token_to_idx = {token: i for i, token in enumerate(tokens)}

    def __len__(self):
        return len(self.idx_to_token)

    def __iter__(self):
        return iter(self.idx_to_token)

    def __contains__(self, token):
        return token in self.token_to_idx

    def __getitem__(self, tokens):
        """The id of a token, or the ids of a list of them."""
        known, unknown = self.token_to_idx, self.token_to_idx[UNK]
        if isinstance(tokens, (list, tuple)):
            return [known.get(token, unknown) for token in tokens]
        return known.get(tokens, unknown)

    def to_indices(self, tokens):
        """The id of a token, or the ids of a list of them, that of ``<unk>`` for others."""
        return self[tokens]

    def to_tokens(self, indices):
        """The token of an id, or the tokens of several: ``indices`` is a whole number of Python's
        or NumPy's, or a list or array of them. Raises :class:`DataError` for others, and for ids
        that no token has."""
        ids = self._checked(indices).tolist()
        one = self.idx_to_token.__getitem__
        return [one(i) for i in ids] if isinstance(ids, list) else one(ids)

    def _checked(self, indices):
        """An id, or several, as a NumPy array of whole numbers, whatever holds them."""
        try:
            if hasattr(indices, "__iter__") and not hasattr(indices, "shape"):
                indices = [i.asnumpy().item() if hasattr(i, "asnumpy") else i for i in indices]
            ids = np.asarray(getattr(indices, "asnumpy", lambda: indices)())
        except ValueError:  # lists or arrays within the list
            ids = np.zeros((0, 0))
        if not ids.size and ids.ndim == 1:
            return ids.astype("int64")
        if ids.ndim > 1 or ids.dtype.kind not in "iuf" or (ids % 1).any():
            raise DataError(f"ids are {indices!r}: needs a whole number, or a list of them")
        if not (ids.min() >= 0 and ids.max() < len(self)):
            raise DataError(
                f"ids go from {ids.min():g} to {ids.max():g}: needs 0 to {len(self) - 1}"
            )
        return ids.astype("int64")

    def encode(self, sentence):
        """``sentence``, such as ``"They are watching."`` -> ids of its tokens and of ``<eos>``.

        Raises :class:`UsageError` for what is no str.
        """
        return self.to_indices([*self.tokenizer.tokenize(sentence), EOS])

    def unknown(self, tokens):
        """The words of ``tokens``, a list, that it reads as ``<unk>``, or of which it reads a piece
        so."""
        words = self.tokenizer.words(tokens)
        return [word for word, at in words if any(tokens[i] not in self for i in at)]

    def decode(self, ids):
        """``ids`` up to the first ``<eos>`` -> sentence; raises as :meth:`to_tokens`."""
        tokens = self.to_tokens(np.atleast_1d(self._checked(ids)))
        if EOS in tokens:
            tokens = tokens[: tokens.index(EOS)]
        return self.tokenizer.detokenize(tokens)

    @classmethod
    def from_json(cls, json_str):
        """What :meth:`.Vocabulary.to_json` has written, ``json_str``, str or bytes; raises
        :class:`ModelError` where it is something else."""
        try:
            fields = foreign.from_json(json_str)
            tokenizer, tokens = tokenizer_of(fields["tokenizer"]), fields["tokens"]
            if tuple(tokens[:4]) != SPECIALS or len(set(tokens)) != len(tokens):
                raise ValueError(f"needs {' '.join(SPECIALS)} first, and each token once")
            if not isinstance(tokenizer.lowercase, bool):
                raise ValueError("lowercase is true or false")
            return cls._of(tokens, tokenizer)
        except (ValueError, TypeError, KeyError) as error:
            raise ModelError(f"not a vocabulary: {' '.join(str(error).split())}") from None

    @classmethod
    def _of(cls, tokens, tokenizer):
        return cls(tokens, tokenizer)


def check_tokens(tokens):
    """Raise :class:`UsageError` unless each of ``tokens`` is a text that can be seen."""
    for token in tokens:
        if not isinstance(token, str) or not token or UNPRINTABLE.search(token):
            raise UsageError(
                f"{ascii(token)[:40]} is no token: use text that can be seen, without spaces"
            )
