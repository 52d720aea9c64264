"""Sentence <-> ids: the words of a language, and the four special ones."""

import json
import re
from collections import Counter

import gluonnlp

from .. import foreign
from ..errors import ModelError, UsageError
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

    Raises :class:`UsageError` for a token that is empty, or has spaces or control characters.
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

    def encode(self, sentence):
        """``sentence``, such as ``"They are watching."`` -> ids of its tokens and of ``<eos>``."""
        return self.to_indices([*self.tokenizer.tokenize(sentence), EOS])

    def decode(self, ids):
        """``ids`` up to the first ``<eos>`` -> sentence."""
        tokens = self.to_tokens([int(i) for i in ids])
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
