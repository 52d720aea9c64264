"""A vocabulary, made of the tokens of a corpus."""

import json
from collections import Counter

import gluonnlp

from ..errors import UsageError
from .tokenizer import SPECIALS
from .words import Words, check_tokens


class Vocabulary(Words, gluonnlp.Vocab):
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
        gluonnlp.Vocab.__init__(
            self,
            counter,
            max_size=max_size,
            min_freq=min_freq,
            token_to_idx=token_to_idx or {token: i for i, token in enumerate(SPECIALS)},
        )
        check_tokens(self.idx_to_token)
        self.tokenizer = tokenizer

    def to_json(self):
        """The tokenizer's settings and the tokens in the order of their ids."""
        fields = {"tokenizer": self.tokenizer.settings(), "tokens": self.idx_to_token}
        return json.dumps(fields, ensure_ascii=False)

    @classmethod
    def _of(cls, tokens, tokenizer):
        ids = {token: i for i, token in enumerate(tokens)}
        return cls(Counter(tokens), tokenizer, token_to_idx=ids)


def check_vocab(vocab, side):
    """Raise :class:`UsageError` unless ``vocab``, that of the ``side`` named, makes ids of text."""
    if not isinstance(vocab, Vocabulary):
        kind = f"{type(vocab).__module__.split('.')[0]}.{type(vocab).__name__}"
        raise UsageError(
            f"{side} is a {kind}, which makes no ids of a sentence: use a "
            "gluon_seq2seq.Vocabulary(counter, tokenizer)"
        )
