"""Sentence <-> ids: the words of a language, and the four special ones."""

import json
from collections import Counter

import gluonnlp

from ..errors import ModelError
from .subwords import tokenizer_of
from .tokenizer import EOS, INVISIBLE, JOIN, SPACE, SPECIALS


class Vocabulary(gluonnlp.Vocab):
    """A :class:`gluonnlp.Vocab` that knows its tokenizer: sentence <-> ids in one place.

    Ids 0 to 3 are ``<pad> <bos> <eos> <unk>``; then tokens by falling frequency.

    - ``counter``: how often each token occurs, a :class:`collections.Counter`;
    - ``tokenizer``: a :class:`Tokenizer`;
    - ``max_size``: at most so many tokens, beside the four (``None``: all);
    - ``min_freq``: those that occur so many times or more;
    - ``token_to_idx``: ids that are given, a dict.
    """

    def __init__(self, counter, tokenizer, max_size=None, min_freq=1, token_to_idx=None):
        super().__init__(
            counter,
            max_size=max_size,
            min_freq=min_freq,
            token_to_idx=token_to_idx or {token: i for i, token in enumerate(SPECIALS)},
        )
        self.tokenizer = tokenizer

    def encode(self, sentence):
        """``sentence``, such as ``"They are watching."`` -> ids of its tokens and of ``<eos>``."""
        return self.to_indices([*self.tokenizer.tokenize(sentence), EOS])

    def unknown(self, tokens):
        """Those of ``tokens``, a list, that it reads as ``<unk>``, but for markers of spaces."""
        return [token for token in tokens if token not in self and token not in (JOIN, SPACE)]

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
            fields = json.loads(json_str)
            tokenizer, tokens = tokenizer_of(fields["tokenizer"]), fields["tokens"]
            indices = {token: i for i, token in enumerate(tokens)}
            well_formed = tuple(tokens[:4]) == SPECIALS and len(indices) == len(tokens)
            well_formed = well_formed and all(isinstance(token, str) for token in tokens)
            well_formed = well_formed and not any(map(INVISIBLE.search, tokens))
        except (ValueError, TypeError, KeyError) as error:
            raise ModelError(f"not a vocabulary: {' '.join(str(error).split())}") from None
        if not well_formed:
            raise ModelError(
                f"not a vocabulary: needs {' '.join(SPECIALS)} first, each token once, and only "
                "what can be seen"
            )
        return cls(Counter(indices.keys()), tokenizer, token_to_idx=indices)
