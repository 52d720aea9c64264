"""Sentence <-> ids: the words of a language, and the four special ones."""

import json
import re
from collections import Counter

import gluonnlp
import numpy as np

from ..errors import DataError, ModelError, UsageError
from ..files import foreign
from .subwords import tokenizer_of
from .tokenizer import EOS, INVISIBLE, SPECIALS

UNPRINTABLE = re.compile(rf"{INVISIBLE.pattern}|\s")  # no tokenizer leaves it in a token


class Vocabulary(gluonnlp.Vocab):
    """A :class:`gluonnlp.Vocab` that knows its tokenizer: sentence <-> ids in one place.

    Ids 0 to 3 are ``<pad> <bos> <eos> <unk>``; then tokens by falling frequency.

    - ``counter``: how often each token occurs, a :class:`collections.Counter`;
    - ``tokenizer``: a :class:`Tokenizer`;
    - ``max_size``: at most so many tokens, beside the four (``None``: all);
    - ``min_freq``: those that occur so many times or more;
    - ``token_to_idx``: ids that are given, a dict.

    ``list(vocab)`` are its tokens, in the order of their ids. Raises :class:`UsageError` for a
    token that is empty, or has spaces or control characters.
    """

    def __init__(self, counter, tokenizer, max_size=None, min_freq=1, token_to_idx=None):
        super().__init__(
            counter,
            max_size=max_size,
            min_freq=min_freq,
            token_to_idx=token_to_idx or {token: i for i, token in enumerate(SPECIALS)},
        )
        for token in self.idx_to_token:
            if not isinstance(token, str) or not token or UNPRINTABLE.search(token):
                raise UsageError(
                    f"{ascii(token)[:40]} is no token: use text that can be seen, without spaces"
                )
        self.tokenizer = tokenizer

    def __iter__(self):  # GluonNLP has none: Python then counts up, and every number is a token
        return iter(self.idx_to_token)

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

    def to_json(self):
        """The tokenizer's settings and the tokens in the order of their ids."""
        fields = {"tokenizer": self.tokenizer.settings(), "tokens": self.idx_to_token}
        return json.dumps(fields, ensure_ascii=False)

    @classmethod
    def from_json(cls, json_str):
        """The inverse of ``to_json``; raises :class:`ModelError` where ``json_str`` is another."""
        try:
            fields = foreign.from_json(json_str)
            tokenizer, tokens = tokenizer_of(fields["tokenizer"]), fields["tokens"]
            if tuple(tokens[:4]) != SPECIALS or len(set(tokens)) != len(tokens):
                raise ValueError(f"needs {' '.join(SPECIALS)} first, and each token once")
            if not isinstance(tokenizer.lowercase, bool):
                raise ValueError("lowercase is true or false")
            indices = {token: i for i, token in enumerate(tokens)}
            return cls(Counter(tokens), tokenizer, token_to_idx=indices)
        except (ValueError, TypeError, KeyError) as error:
            raise ModelError(f"not a vocabulary: {' '.join(str(error).split())}") from None


def check_vocab(vocab, side):
    """Raise :class:`UsageError` unless ``vocab``, that of the ``side`` named, makes ids of text."""
    if not isinstance(vocab, Vocabulary):
        kind = f"{type(vocab).__module__.split('.')[0]}.{type(vocab).__name__}"
        raise UsageError(
            f"{side} is a {kind}, which makes no ids of a sentence: use a "
            "gluon_seq2seq.Vocabulary(counter, tokenizer)"
        )
