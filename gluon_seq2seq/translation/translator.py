"""Text in, text out: search over a trained model, n-best lists, force decoding, attention."""

import math
from typing import Any, List, NamedTuple, Optional, Tuple

import numpy as np
from mxnet import Context

from ..corpus.batches import pad_sources
from ..errors import ModelError, TooLong, UsageError
from ..fields import listed, signature_with, with_changes
from ..model.encoder_decoder import EncoderDecoder
from ..settings import SearchSettings
from ..text.tokenizer import BOS, EOS
from .model_step import ModelStep, StepState
from .scoring import forced
from .search import beam, greedy, sample
from .step import Step

MAX_TOKENS = 500  # of a source; training has seen a tenth of that


class Translation(NamedTuple):
    """The ``text`` of a translation, its ``tokens``, and its log probability ``log_p`` in nats,
    ``<eos>`` counted.

    ``score`` ranks it among others: see :func:`~.search.beam`; greedily found ones have ``log_p``.
    ``attention (T', T)``, where it was asked for: alpha, a row for each token and ``<eos>``, a
    column for each source token and ``<eos>``.
    """

    text: str
    tokens: Tuple[str, ...]
    log_p: float
    score: float
    attention: Optional[np.ndarray] = None


class Translator:
    r"""Translates with a trained ``model``.

    ``beam_size=1`` is greedy search; above that, beam search ranks by
    :math:`\frac{1}{L^\alpha} \log P`. A translation ends at ``<eos>``, at the latest after twice as
    many tokens as the source has, plus 10. ``<pad>``, ``<bos>`` and ``<unk>`` are never chosen:
    they are not words. Raises :class:`UsageError` for sizes out of range, :class:`TooLong` for a
    sentence of more than 500 tokens, :class:`ModelError` for a model that computes NaN.

    >>> Translator(model).translate("They are watching.")
    'Ils regardent.'

    Takes these as keywords, or as ``settings`` a value that has them all, a
    :class:`SearchSettings`:
    """

    def __init__(
        self, model: EncoderDecoder, settings: Optional[SearchSettings] = None, **changes: Any
    ) -> None:
        self.model = model
        self.settings = with_changes("Translator", settings, SearchSettings(), changes)
        self._step = ModelStep(model)

    def max_length(self, source_length):
        """After how many tokens the translation of ``source_length`` tokens ends at the latest."""
        return 2 * source_length + 10

    def translate(self, sentences):
        """The translation of ``sentences``, one text, or the list of those of a list of texts."""
        if isinstance(sentences, str):
            return self.search([sentences])[0].text
        return [translation.text for translation in self.search(sentences)]

    def search(self, sentences):
        """A :class:`Translation` for each of ``sentences``; a blank one, of log P 0, for blanks."""
        return [best for (best, *_) in self.n_best(sentences)]

    def n_best(self, sentences, n=1):
        """The ``n`` best for each of ``sentences``, or as many as were found, best first.

        Raises :class:`UsageError` for n above the beam size.
        """
        size, alpha = self.settings.beam_size, self.settings.alpha
        if not 1 <= n <= size:
            raise UsageError(f"n is {n}: use 1 to {size}, the beam_size")
        if size == 1:
            return self._in_batches(sentences, lambda *task: [[best] for best in greedy(*task)])
        return self._in_batches(
            sentences, lambda *task: beam(*task[:-1], size, alpha, n, None, task[-1])
        )

    def sample(self, sentences, temperature=1.0, seed=0):
        """A random :class:`Translation` for each of ``sentences``; ``temperature`` and ``seed`` are
        those of :func:`~.search.sample`."""
        seeds = iter(range(seed, seed + len(sentences)))  # another one for each batch

        def draw(*task):
            return [[one] for one in sample(*task[:-1], temperature, next(seeds), task[-1])]

        return [one for (one,) in self._in_batches(sentences, draw)]

    def force(self, sentences, translations):
        """Force decoding: ``translations`` of ``sentences`` as the model sees them, a
        :class:`Translation` each, with log P and attention.

        Raises :class:`UsageError` when there are not as many of each.
        """
        if len(sentences) != len(translations):
            raise UsageError(f"{len(sentences)} sentences, but {len(translations)} translations")
        vocab, pairs = self.model.tgt_vocab, list(zip(sentences, translations))
        found = [None] * len(pairs)
        with self.model.lock:
            for ids, log_p, alpha in forced(self.model, pairs, self.settings.batch_size):
                for i, log_p_i, alpha_i in zip(ids, log_p, alpha):
                    total = float(log_p_i.sum())
                    text = vocab.tokenizer.normalize(pairs[i][1])
                    tokens = tuple(vocab.tokenizer.tokenize(text))
                    found[i] = Translation(text, tokens, total, total, alpha_i)
        return found

    def attention_map(self, sentence, translation=None, gold=None, lang="en"):
        """Picture of what the model attends to in ``sentence``, for its own ``translation`` or the
        one given.

        ``gold``: pairs (source position, target position); ``lang``: ``"en"`` or ``"zh"``. Raises
        :class:`UsageError` for a model without attention.
        """
        if self.model.decoder.attention is None:
            raise UsageError("the model has no attention to show: train bahdanau2015 or luong2015")
        if translation is None:
            translation = self.translate(sentence)
        (forced_one,) = self.force([sentence], [translation])
        source = [*self.model.src_vocab.tokenizer.tokenize(sentence), EOS]
        target = [*forced_one.tokens, EOS]
        from ..plots import attention_map

        return attention_map(forced_one.attention, source, target, gold, lang)

    def beam_tree(self, sentence, lang="en"):
        """Picture of the beam search for ``sentence``, labelled in ``lang``, ``"en"`` or ``"zh"``.

        Raises :class:`UsageError` for a blank one.
        """
        record, size, alpha = [], self.settings.beam_size, self.settings.alpha
        self._in_batches([sentence], lambda *t: beam(*t[:-1], size, alpha, 1, record, t[-1]))
        if not record:
            raise UsageError("a blank sentence has no beam to show")
        from ..plots import beam_tree

        return beam_tree(record[0], self.model.tgt_vocab.idx_to_token.__getitem__, lang)

    def hidden_states(self, sentence, lang="en"):
        """Picture of the encoder's states of ``sentence``, of each direction that it has; ``lang``:
        ``"en"`` or ``"zh"``."""
        model = self.model
        X, valid_length = pad_sources(
            [model.src_vocab.encode(sentence)], model.src_vocab, model.ctx
        )
        with model.lock:
            h = model.encoder(X, valid_length)[0][0].asnumpy()  # (T, D)
        tokens = [*model.src_vocab.tokenizer.tokenize(sentence), EOS]
        halves = np.split(h, 2, axis=1) if model.encoder.bidirectional else (h, None)
        from ..plots import hidden_states

        return hidden_states(halves[0], tokens, lang, halves[1])

    def _in_batches(self, sentences, search):
        """``search`` over sentences of like length together; their lists of Translations."""
        model = self.model
        sources = [model.src_vocab.encode(sentence) for sentence in sentences]
        for i, ids in enumerate(sources):
            if len(ids) > MAX_TOKENS:
                raise TooLong(
                    i, f"{len(ids):,} tokens, at most {MAX_TOKENS} can be translated: cut it up"
                )
        found = [[Translation("", (), 0.0, 0.0)]] * len(sources)
        order = sorted(
            (i for i, ids in enumerate(sources) if len(ids) > 1), key=lambda i: len(sources[i])
        )
        size = self.settings.batch_size
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            with model.lock:
                results = search(*self._task([sources[i] for i in batch]))
            for i, hypotheses in zip(batch, results):
                if not hypotheses or math.isnan(hypotheses[0].log_p):
                    raise ModelError(
                        "the model gives no probabilities, only NaN: train it again, with a lower "
                        "learning rate"
                    )
                found[i] = [self._translation(hypothesis) for hypothesis in hypotheses]
        return found

    def _task(
        self, sources: List[List[int]]
    ) -> Tuple[Step[StepState], StepState, int, int, List[int], Context]:
        """The arguments of a search: step, first state, bos, eos, max_length; and the device."""
        vocab, caps = self.model.tgt_vocab, [self.max_length(len(ids)) for ids in sources]
        return self._step, self._step.first(sources), vocab[BOS], vocab[EOS], caps, self.model.ctx

    def _translation(self, hypothesis):
        vocab = self.model.tgt_vocab
        tokens = tuple(token for token in vocab.to_tokens(list(hypothesis.ids)) if token != EOS)
        return Translation(vocab.decode(hypothesis.ids), tokens, hypothesis.log_p, hypothesis.score)


Translator.__init__.__signature__ = signature_with(  # type: ignore[attr-defined]
    Translator.__init__, SearchSettings()
)
Translator.__doc__ = listed(SearchSettings, Translator.__doc__)
