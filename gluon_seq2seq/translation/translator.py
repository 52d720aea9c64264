"""Text in, text out: search over a trained model, n-best lists, force decoding, attention."""

import math
import os
from functools import partial
from typing import Any, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from ..errors import ModelError, TooLong, UsageError, whole_number
from ..model.checks import check_attention, check_model, check_translates
from ..settings import SearchSettings
from ..settings.fields import listed, signature_with, with_changes
from ..text.sentences import as_list, check_sentence
from ..text.tokenizer import BOS, EOS, MAX_CHARACTERS, MAX_TOKENS
from .ensemble import as_one
from .scoring import NO_PROBABILITIES, forced_in_order
from .search import beam, greedy, sample
from .side_by_side import settings_for, side_by_side
from .step import Translates, check_memory, step_of
from .tables.shortlist import check_all_words, restricted, shortlist_of
from .unknown import UnknownWords

TOO_LONG = "stop", "cut", "blank"


class Translation(NamedTuple):
    """The ``text`` of a translation, its ``tokens``, and its log probability ``log_p`` in nats,
    ``<eos>`` counted.

    ``score`` ranks it among others: see :func:`~.search.beam`; greedily found ones have ``log_p``.
    ``attention (T', T)``, where it was asked for: alpha, a row for each token and ``<eos>``, a
    column for each source token and ``<eos>``. ``token_log_p (T',)``, where it was forced: the log
    probability of each token and of ``<eos>``. ``copied``: the source words that the model does not
    know and that stand in it all the same, or their translations of a table.
    """

    text: str
    tokens: Tuple[str, ...]
    log_p: float
    score: float
    attention: Optional[np.ndarray] = None
    token_log_p: Optional[np.ndarray] = None
    copied: Tuple[str, ...] = ()


class Translator:
    r"""Translates with a trained ``model``, live or exported: what ``load_model`` gives; or with a
    list of several, the mean of their probabilities (:mod:`an ensemble <.ensemble>`).

    ``beam_size=1`` is greedy search; above that, beam search ranks by
    :math:`\frac{1}{L^\alpha} \log P`. A translation ends at ``<eos>``, at the latest after twice as
    many tokens as the source has, plus 10. ``<pad>`` and ``<bos>`` are never chosen: they are no
    words. What becomes of words that the model does not know, ``unknown`` says (:mod:`.unknown`);
    those of ``phrase_table``, a dict or the path of a file that
    :func:`~gluon_seq2seq.read_phrases` reads, are looked up where they would be copied.

    A sentence of more than 500 tokens or 10,000 characters raises :class:`TooLong`, or with
    ``too_long="cut"`` is translated up to there, with ``"blank"`` not at all. ``beam_size`` is at
    most 1,000: each hypothesis takes memory, and from a few dozen on translations become worse, not
    better (Koehn and Knowles 2017, section 3.6).

    Raises :class:`UsageError` for arguments out of range, for what is no model and for several
    that have not the same words,
    :class:`SystemProblem` where a batch cannot fit into memory, :class:`ModelError` for a model
    that computes NaN.

    With ``shortlist`` the words of :mod:`~.tables.shortlist` alone have a probability, which sums
    to 1 over them: ``log_p`` and ``score`` are a little higher than without. The words are those of
    a batch, so that what a sentence shares one with can change it. Raises :class:`UsageError` where
    the model has none, is exported, or its readout is no :class:`Readout`, :class:`ModelError`
    where it is damaged or of another vocabulary.

    >>> Translator(model).translate("They are watching.")
    'Ils regardent.'

    Takes these as keywords, or as ``settings`` a value that has them all, a
    :class:`SearchSettings`:
    """

    def __init__(
        self,
        model: Union[Translates, Sequence[Translates]],
        settings: Optional[SearchSettings] = None,
        *,
        too_long: str = "stop",
        phrase_table: Union[Mapping[str, str], str, "os.PathLike[str]", None] = None,
        **changes: Any,
    ) -> None:
        self.model: Translates = as_one(model)
        check_translates(self.model)
        if too_long not in TOO_LONG:
            raise UsageError(f"unknown too_long {too_long!r}: use {', '.join(TOO_LONG)}")
        self.too_long = too_long
        self.settings = with_changes("Translator", settings, SearchSettings(), changes)
        self.unknown = UnknownWords(self.model, self.settings.unknown, phrase_table)
        self.shortlist = shortlist_of(self.model) if self.settings.shortlist else None
        self._step = step_of(self.model, self.unknown.how != "never")

    def __getstate__(self):  # to be copied and pickled, as its model can
        return {name: value for name, value in vars(self).items() if name != "_step"}

    def __setstate__(self, state):
        vars(self).update(state)
        self._step = step_of(self.model, self.unknown.how != "never")

    def max_length(self, source_length):
        """After how many tokens the translation of ``source_length`` tokens ends at the latest."""
        return 2 * source_length + 10

    def tokens(self, sentence, too_long=None):
        """The tokens of ``sentence`` that are translated; ``too_long``: what to do instead of what
        the Translator does.

        Raises :class:`TooLong` where they are too many and it says ``"stop"``.
        """
        too_long = too_long or self.too_long
        try:
            tokens = self.unknown.read(sentence)
            if len(tokens) >= MAX_TOKENS:
                raise TooLong(
                    f"{len(tokens) + 1:,} tokens, at most {MAX_TOKENS} can be translated: cut it up"
                )
        except TooLong:
            if too_long == "stop":
                raise
            beginning = sentence[:MAX_CHARACTERS] if too_long == "cut" else ""
            tokens = self.unknown.read(beginning)[: MAX_TOKENS - 1]
        return tokens

    def translate(self, sentences):
        """The translation of ``sentences``, one text, or the list of those of a list of texts.

        Here and below raises :class:`UsageError` for what is no text.
        """
        texts, alone = as_list(sentences)
        found = [translation.text for translation in self.search(texts)]
        return found[0] if alone else found

    def search(self, sentences, attention=False):
        """A :class:`Translation` for each of ``sentences``, a list of texts, or the one of a single
        text; a blank one, of log P 0, for blanks.

        ``attention``: whether it has the attention that it was written with. Raises
        :class:`UsageError` for attention of a model without.
        """
        texts, alone = as_list(sentences)
        found = [best for (best, *_) in self.n_best(texts, 1, attention)]
        return found[0] if alone else found

    def n_best(self, sentences, n=1, attention=False):
        """The ``n`` best for each of ``sentences``, or for a single text, or as many as were found,
        best first; ``attention`` as in :meth:`search`.

        Raises :class:`UsageError` for n above the beam size, or attention of a model without.
        """
        size, alpha = self.settings.beam_size, self.settings.alpha
        n = whole_number("n", n, 1, size, ", the beam_size")
        if size == 1:
            return self._in_batches(
                sentences, lambda _, *t: [[best] for best in greedy(*t)], attention
            )
        return self._in_batches(sentences, lambda _, *t: beam(*t, size, alpha, n), attention)

    def sample(self, sentences, temperature=1.0, seed=0, attention=False):
        """A random :class:`Translation` for each of ``sentences``, or for a single text;
        ``temperature`` and ``seed`` are those of :func:`~.search.sample`, ``attention`` as in
        :meth:`search`."""
        texts, alone = as_list(sentences)
        seed = whole_number("seed", seed, 0, 2**31 - 1)

        def draw(batch, *task):
            seeds = [seed + i for i in batch]  # whatever shares the batch
            return [[one] for one in sample(*task, temperature, seeds)]

        found = [one for (one,) in self._in_batches(texts, draw, attention)]
        return found[0] if alone else found

    def force(self, sentences, translations):
        """Force decoding: ``translations`` of ``sentences``, two lists or two texts, as the model
        sees them, a :class:`Translation` each, with log P and attention.

        Raises :class:`UsageError` when there are not as many of each, and with ``shortlist``.
        """
        check_all_words(self.shortlist)
        return self._forced(sentences, translations)

    def _forced(self, sentences, translations):
        sentences, alone = as_list(sentences)
        translations, also_alone = as_list(translations, "translation")
        if len(sentences) != len(translations) or alone != also_alone:
            left = "one sentence" if alone else f"{len(sentences)} sentences"
            right = "one text" if also_alone else f"{len(translations)} translations"
            raise UsageError(f"{left}, but {right}: needs two lists of one length, or two texts")
        tokenizer, pairs = self.model.tgt_vocab.tokenizer, list(zip(sentences, translations))
        with self.model.lock:
            scored = forced_in_order(self.model, pairs, self.settings.batch_size)
        found = []
        for (_, text), (log_p, alpha) in zip(pairs, scored):
            text, total = tokenizer.normalize(text), float(log_p.sum())
            tokens = tuple(tokenizer.cut(text))
            found.append(Translation(text, tokens, total, total, alpha, log_p))
        return found[0] if alone else found

    def attention_map(self, sentence, translation=None, gold=None, lang="en", ax=None):
        """Picture of what the model attends to in ``sentence``, for its own ``translation`` or the
        one given.

        ``gold``: pairs (source position, target position); ``lang``: ``"en"`` or ``"zh"``; ``ax``:
        as in :func:`~gluon_seq2seq.attention_map`. Raises :class:`UsageError` for a model without
        attention.
        """
        check_attention(self.model)
        check_sentence(sentence)
        if translation is None:
            translation = self.translate(sentence)
        forced_one = self._forced(sentence, translation)
        source = [*self.model.src_vocab.tokenizer.tokenize(sentence), EOS]
        target = [*forced_one.tokens, EOS]
        from ..plots import attention_map

        return attention_map(forced_one.attention, source, target, gold, lang, ax)

    def beam_record(self, sentence):
        """What beam search looked at for ``sentence``: the record of :func:`~.search.beam`, a list
        of steps, each a list of :class:`~.search.Candidate`; none for a blank one."""
        steps, size, alpha = [], self.settings.beam_size, self.settings.alpha

        def search(_, step, *task):
            record = []
            found = beam(step, *task, size, alpha, 1, record)
            steps.extend(record[0] if self.shortlist is None else step.candidates(record[0]))
            return found

        self._in_batches([sentence], search)
        return steps

    def beam_tree(self, sentence, lang="en", ax=None):
        """Picture of the beam search for ``sentence``, labelled in ``lang``, ``"en"`` or ``"zh"``;
        ``ax``: as in :func:`~gluon_seq2seq.beam_tree`.

        Raises :class:`UsageError` for a blank one.
        """
        record = self.beam_record(sentence)
        if not record:
            raise UsageError("a blank sentence has no beam to show")
        from ..plots import beam_tree

        return beam_tree(record, self.model.tgt_vocab.to_tokens, lang, ax)

    def hidden_states(self, sentence, lang="en", ax=None):
        """Picture of the encoder's states of ``sentence``, of each direction that it has; ``lang``:
        ``"en"`` or ``"zh"``; ``ax``: as in :func:`~gluon_seq2seq.hidden_states`. Raises
        :class:`UsageError` for an exported model and an ensemble, which do not give them."""
        model = self.model
        check_model(model)
        with model.lock:
            h = self._step.states(model.src_vocab.encode(sentence))  # (T, D)
        tokens = [*model.src_vocab.tokenizer.tokenize(sentence), EOS]
        halves = np.split(h, 2, axis=1) if model.encoder.bidirectional else (h, None)
        from ..plots import hidden_states

        return hidden_states(halves[0], tokens, lang, halves[1], ax)

    def _in_batches(self, sentences, search, attention=False):
        """``search(positions, *task)`` over sentences of like length together; their lists of
        Translations, or that of a single text."""
        if attention:
            check_attention(self.model)
        texts, alone = as_list(sentences)
        model, read, sources = self.model, [], []
        for i, text in enumerate(texts):
            try:
                read.append(self.tokens(text))
            except TooLong as error:
                raise TooLong(error.problem, i) from None
            sources.append(model.src_vocab.to_indices([*read[-1], EOS]))
        found = [[Translation("", (), 0.0, 0.0)]] * len(sources)
        order = sorted(
            (i for i, ids in enumerate(sources) if len(ids) > 1), key=lambda i: len(sources[i])
        )
        size = self.settings.batch_size
        with model.lock:
            apart = len(order) > 1 and self._step.side_by_side(bool(self.shortlist))
        with settings_for(min(size, len(order)) if apart else 0):
            for start in range(0, len(order), size):
                batch = order[start : start + size]
                check_memory(model, len(batch), self.settings.beam_size)
                step = restricted(self._step, self.shortlist, [sources[i] for i in batch])
                search_part = partial(self._found, step, read, sources, search, attention)
                with model.lock:
                    results = side_by_side(search_part, batch) if apart else search_part(batch)
                for i, translations in zip(batch, results):
                    found[i] = translations
        return found[0] if alone else found

    def _found(self, step, read, sources, search, attention, part):
        """The Translations that ``search`` finds for the sentences ``part``, a list for each."""
        read, sources = [read[i] for i in part], [sources[i] for i in part]
        vocab, caps = self.model.tgt_vocab, [self.max_length(len(ids)) for ids in sources]
        results = search(part, step, step.first(sources), vocab[BOS], vocab[EOS], caps)
        if self.shortlist:
            results = step.hypotheses(results)
        for hypotheses in results:
            if not hypotheses or not math.isfinite(hypotheses[0].log_p):
                raise ModelError(NO_PROBABILITIES)
        found = [list(map(self._translation, hypotheses)) for hypotheses in results]
        return self.unknown.all_settled(found, read, sources, self._step, attention)

    def _translation(self, hypothesis):
        vocab, (ids, log_p, score) = self.model.tgt_vocab, hypothesis
        tokens, eos = vocab.idx_to_token, vocab[EOS]
        tokens = tuple(tokens[i] for i in ids if i != eos)
        return Translation(vocab.tokenizer.detokenize(tokens), tokens, log_p, score)


Translator.__init__.__signature__ = signature_with(  # type: ignore[attr-defined]
    Translator.__init__, SearchSettings()
)
Translator.__doc__ = listed(SearchSettings, Translator.__doc__)
