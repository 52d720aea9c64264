"""Text in, text out."""

from typing import NamedTuple, Tuple

import numpy as np
from mxnet import nd

from .batches import pad_sources
from .errors import UsageError
from .search import greedy
from .text import BOS, EOS, PAD, UNK

# Smaller batches are filled up to this: below it the matrix products take other kernels, whose
# rounding lets a sentence's log P alone differ from that in company, by up to 2e-5.
SMALLEST_BATCH = 16


class Translation(NamedTuple):
    """A translation, its tokens and its log probability in nats, ``<eos>`` counted."""

    text: str
    tokens: Tuple[str, ...]
    log_p: float


class Translator:
    """Translates with a trained model, greedily, ``batch_size`` sentences at a time.

    A translation ends at ``<eos>``, at the latest after twice as many tokens as the source has,
    plus 10. ``<pad>``, ``<bos>`` and ``<unk>`` are never chosen: they are not words.

    >>> Translator(model).translate("They are watching.")
    'Ils regardent.'
    """

    def __init__(self, model, batch_size=64):
        if batch_size < 1:
            raise UsageError(f"batch_size is {batch_size}: use 1 or more")
        self.model, self.batch_size = model, batch_size
        forbidden = np.zeros((1, len(model.tgt_vocab)), dtype="float32")
        forbidden[0, [model.tgt_vocab[token] for token in (PAD, BOS, UNK)]] = -np.inf
        self._forbidden = nd.array(forbidden, ctx=model.ctx)

    def translate(self, sentences):
        """The translation of a sentence, or the list of those of a list, in its order."""
        if isinstance(sentences, str):
            return self.search([sentences])[0].text
        return [translation.text for translation in self.search(sentences)]

    def search(self, sentences):
        """A :class:`Translation` for each sentence; a blank one gets a blank one, of log P 0."""
        model = self.model
        sources = [model.src_vocab.encode(sentence) for sentence in sentences]
        found = [Translation("", (), 0.0)] * len(sources)
        order = sorted(
            (i for i, ids in enumerate(sources) if len(ids) > 1), key=lambda i: len(sources[i])
        )
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            rows = [sources[i] for i in batch]
            rows += rows[-1:] * (SMALLEST_BATCH - len(rows))
            with model.lock:
                outputs, log_p = self._greedy(rows)
            for i, ids, total in zip(batch, outputs, log_p):
                tokens = tuple(t for t in model.tgt_vocab.to_tokens(ids) if t != EOS)
                found[i] = Translation(model.tgt_vocab.decode(ids), tokens, float(total))
        return found

    def _greedy(self, sources):
        encoder, decoder, vocab = self.model.encoder, self.model.decoder, self.model.tgt_vocab
        X, valid_length = pad_sources(sources, self.model.src_vocab, self.model.ctx)
        h, _, c = encoder(X, valid_length)

        def step(y_prev, state):
            logits, state, _ = decoder(y_prev.expand_dims(1), state, h, c, valid_length)
            return nd.log_softmax(logits[:, 0]) + self._forbidden, state  # (N, V)

        caps = [2 * len(ids) + 10 for ids in sources]
        return greedy(step, self.model.bridge(c), vocab[BOS], vocab[EOS], caps, self.model.ctx)
