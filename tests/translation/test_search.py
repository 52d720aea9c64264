"""Search over step functions given as tables, where the right answer can be listed."""

import itertools
import math
import random
from collections import Counter

import mxnet as mx
import numpy as np
import pytest
from gluonnlp.model import BeamSearchSampler, BeamSearchScorer
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import nd

from gluon_seq2seq.errors import UsageError
from gluon_seq2seq.translation.search import beam, exhaustive, greedy, sample

BOS, EOS = 0, 1
# Rows: the previous word; columns: the next.
TABLE = np.log(
    [
        [0.0 + 1e-9, 0.1, 0.5, 0.4],
        [0.25, 0.25, 0.25, 0.25],
        [1e-9, 0.2, 0.2, 0.6],
        [1e-9, 0.7, 0.2, 0.1],
    ]
)
SENTENCES, CAPS = [3, 14, 15, 92, 65], [4, 1, 0, 6, 3]


def table_step(y_prev, state):
    return nd.array(TABLE[y_prev.asnumpy()]), state


class Language:
    """P(y | prefix) at random: a hash of the sentence's number and all words so far picks a row.

    ``state (M,)`` is that hash; ``batches`` has the M of each step. Some words are impossible.
    """

    def __init__(self, seed, V, ties=False, forbidden=0.2):
        random = np.random.RandomState(seed)
        shape = (499, V)
        weight = random.randint(1, 4, shape) if ties else random.random_sample(shape) ** 2 + 1e-3
        weight = weight * (random.random_sample(shape) >= forbidden)
        weight[np.arange(499), random.randint(0, V, 499)] += 1
        with np.errstate(divide="ignore"):
            table = np.log(weight / weight.sum(axis=1, keepdims=True))
        self.V, self.table, self.batches = V, table.astype("float32"), []

    def start(self, sentences):
        return nd.array(sentences, dtype="int32")

    def step(self, y_prev, state):
        assert y_prev.dtype == np.int32 and y_prev.shape == state.shape
        self.batches.append(len(state))
        state = (state * 31 + y_prev + 1) % 99991
        return nd.array(self.table[state.asnumpy() % 499]), state

    def next(self, sentence, ids):
        for y in (BOS, *ids):
            sentence = (sentence * 31 + y + 1) % 99991
        return self.table[sentence % 499].astype("float64")  # (V,)

    def log_p(self, sentence, ids):
        return sum(self.next(sentence, ids[:t])[y] for t, y in enumerate(ids))

    def outputs(self, sentence, cap):
        """All possible outputs and their log P, from the product of the words."""
        words = itertools.product(range(self.V), repeat=cap)
        ids = {y[: y.index(EOS) + 1] if EOS in y else y for y in words}
        log_p = {y: self.log_p(sentence, y) for y in ids}
        return {y: p for y, p in log_p.items() if p > -math.inf}


languages = st.builds(Language, st.integers(0, 10**6), st.integers(2, 4), st.booleans())
alphas = st.sampled_from([0, 0.3, 0.75, 1, 2])


def plain_beam(language, sentence, cap, beam_size, alpha):
    """Beam search to the bitter end, in lists: all finished ``(ids, log_p)``, and all it saw."""
    live, finished, steps = [((), 0.0)], [], []
    for length in range(1, cap + 1):
        options = [
            ((*ids, y), total + p)
            for ids, total in live
            for y, p in enumerate(language.next(sentence, ids))
            if p > -math.inf
        ]
        options.sort(key=lambda option: -option[1])
        steps.append(options)
        ends = [o[0][-1] == EOS or length == cap for o in options[:beam_size]]
        finished += [o for o, end in zip(options, ends) if end]
        live = [o for o, end in zip(options, ends) if not end]
        if not live:
            break
    return sorted(finished, key=lambda f: -f[1] / len(f[0]) ** alpha), steps


class OnNumPy:
    """The same language as a step that takes NumPy's arrays."""

    on_numpy = True

    def __init__(self, language):
        self.language = language

    def __call__(self, y_prev, state):
        assert type(y_prev) is type(state) is np.ndarray and y_prev.dtype == np.int32
        state = (state.astype("int64") * 31 + y_prev + 1) % 99991
        return self.language.table[state % 499], state


def ids_of(hypotheses):
    return [hypothesis.ids for hypothesis in hypotheses]


def test_greedy_takes_the_best_word_until_eos():
    for found in greedy(table_step, nd.zeros(2), BOS, EOS, [10, 10]):
        assert found.ids == (2, 3, EOS)
        np.testing.assert_allclose(found.log_p, np.log(0.5 * 0.6 * 0.7), rtol=1e-6)
        assert found.score == found.log_p


def test_cap_is_each_sentences_own():
    found = greedy(table_step, nd.zeros(3), BOS, EOS, [1, 5, 0])
    assert ids_of(found) == [(2,), (2, 3, EOS), ()]
    log_p = [h.log_p for h in found]
    np.testing.assert_allclose(log_p, [np.log(0.5), np.log(0.21), 0], rtol=1e-6, atol=1e-9)

    for i, found in enumerate(beam(table_step, nd.zeros(3), BOS, EOS, [1, 5, 0], 4, n_best=4)):
        assert max(map(len, ids_of(found))) <= [1, 5, 0][i]
        assert all(EOS in h.ids or len(h.ids) == [1, 5, 0][i] for h in found)
    assert found == [((), 0.0, 0.0)]


def test_greedy_stops_as_soon_as_all_are_finished():
    calls = []

    def counting(y_prev, state):
        calls.append(y_prev.asnumpy().tolist())
        return table_step(y_prev, state)

    greedy(counting, nd.zeros(1), BOS, EOS, [50])
    assert calls == [[BOS], [2], [3]]


A, B, C = 2, 3, 4
FIGURES = {  # the book's figures of greedy search: <bos>, <eos>, A, B, C after each prefix
    (): [0, 0.1, 0.5, 0.2, 0.2],
    (A,): [0, 0.2, 0.1, 0.4, 0.3],
    (A, B): [0, 0.2, 0.2, 0.2, 0.4],
    (A, B, C): [0, 0.6, 0.0, 0.2, 0.2],
    (A, C): [0, 0.1, 0.1, 0.6, 0.2],
    (A, C, B): [0, 0.6, 0.1, 0.2, 0.1],
}


def figures_step(y_prev, prefix):
    prefix = nd.concat(prefix, y_prev.astype("float32").expand_dims(1), dim=1)
    after = [tuple(row[2:]) for row in prefix.asnumpy().astype(int)]
    return nd.log(nd.array([FIGURES.get(y, [0] + [0.25] * 4) for y in after])), prefix


def test_the_books_figures_of_greedy_and_better():
    arguments = figures_step, nd.zeros((1, 1)), BOS, EOS
    found = greedy(*arguments, [4])[0]
    assert found.ids == (A, B, C, EOS)
    assert math.exp(found.log_p) == pytest.approx(0.048)

    for found in (beam(*arguments, [4], 2)[0][0], exhaustive(*arguments, 4)[0]):
        assert found.ids == (A, C, B, EOS)
        assert math.exp(found.log_p) == pytest.approx(0.054)
        assert found.score == pytest.approx(math.log(0.054) / 4**0.75)

    # The figures compare outputs of four words. By P alone shorter ones come first.
    shortest = exhaustive(*arguments, 4, alpha=0)[:2]
    assert set(ids_of(shortest)) == {(EOS,), (A, EOS)}
    assert [math.exp(h.score) for h in shortest] == pytest.approx([0.1, 0.1])


def test_alpha_favours_long_outputs():
    language = Language(1, 4)
    for n in range(10):
        found = [
            beam(language.step, language.start([n]), BOS, EOS, [6], 8, alpha)[0][0]
            for alpha in (0, 0.5, 1, 2, 8)
        ]
        lengths = [len(h.ids) for h in found]
        assert lengths == sorted(lengths)
        for h, alpha in zip(found, (0, 0.5, 1, 2, 8)):
            assert h.score == pytest.approx(h.log_p / len(h.ids) ** alpha)


@settings(max_examples=60, deadline=None)
@given(languages, st.lists(st.integers(0, 6), min_size=1, max_size=4))
def test_a_beam_of_one_is_greedy(language, caps):
    sentences = range(len(caps))
    found = greedy(language.step, language.start(sentences), BOS, EOS, caps)
    beams = beam(language.step, language.start(sentences), BOS, EOS, caps, 1, alpha=0)
    assert beams == [[h] for h in found]
    for i, h in enumerate(found):
        assert h.log_p == pytest.approx(language.log_p(i, h.ids))


@settings(max_examples=60, deadline=None)
@given(languages, st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(1, 4), alphas)
def test_steps_on_numpy_are_searched_alike(language, caps, size, alpha):
    mxnet = language.step, language.start(range(len(caps))), BOS, EOS
    numpy = OnNumPy(language), np.arange(len(caps)), BOS, EOS
    assert greedy(*numpy, caps) == greedy(*mxnet, caps)
    assert sample(*numpy, caps, seed=5) == sample(*mxnet, caps, seed=5)
    assert beam(*numpy, caps, size, alpha, size) == beam(*mxnet, caps, size, alpha, size)
    alone = OnNumPy(language), np.array([7]), BOS, EOS
    assert exhaustive(*alone, 3) == exhaustive(language.step, language.start([7]), BOS, EOS, 3)


@settings(max_examples=60, deadline=None)
@given(languages, st.integers(0, 99), st.integers(0, 4), alphas)
def test_exhaustive_is_every_output(language, sentence, cap, alpha):
    found = exhaustive(language.step, language.start([sentence]), BOS, EOS, cap, alpha)
    truth = language.outputs(sentence, cap)
    assert len(found) == len(truth) == len(set(ids_of(found)))
    for h in found:
        assert h.log_p == pytest.approx(truth[h.ids])
        assert h.score == pytest.approx(h.log_p / max(1, len(h.ids)) ** alpha)
    scores = [h.score for h in found]
    assert scores == sorted(scores, reverse=True)


@settings(max_examples=60, deadline=None)
@given(languages, st.integers(0, 99), st.integers(1, 4), alphas, st.data())
def test_a_beam_that_holds_everything_is_exhaustive(language, sentence, cap, alpha, data):
    size = language.V ** (cap - 1) + data.draw(st.integers(0, 3))
    n_best = data.draw(st.integers(1, size))
    arguments = language.step, language.start([sentence]), BOS, EOS
    truth = exhaustive(*arguments, cap, alpha)[:n_best]
    (found,) = beam(*arguments, [cap], size, alpha, n_best)
    assert [h.score for h in found] == pytest.approx([h.score for h in truth])
    outputs = language.outputs(sentence, cap)  # of equal scores, either may be found
    assert all(h.log_p == pytest.approx(outputs[h.ids]) for h in found)
    assert len(set(ids_of(found))) == len(found)


@settings(max_examples=150, deadline=None)
@given(languages, st.integers(0, 7), st.integers(1, 7), alphas, st.booleans(), st.data())
def test_early_stop_changes_no_result(language, cap, size, alpha, recorded, data):
    n_best = data.draw(st.integers(1, size))
    record = [] if recorded else None
    sentences, caps = [7, 8], [cap, 5]
    found = beam(
        language.step, language.start(sentences), BOS, EOS, caps, size, alpha, n_best, record
    )
    for i, hypotheses in enumerate(found):
        truth, steps = plain_beam(language, sentences[i], caps[i], size, alpha)
        if caps[i] == 0:
            truth = [((), 0.0)]
        assert [(h.ids, h.log_p) for h in hypotheses] == truth[:n_best]
        if recorded:
            assert len(record[i]) <= len(steps)
            for candidates, options in zip(record[i], steps):
                assert [(c.token, c.log_p) for c in candidates] == [
                    (ids[-1], log_p) for ids, log_p in options[: 2 * size]
                ]


def test_early_stop_saves_steps():
    table = np.log([[0.01, 0.9, 0.05, 0.04]] * 4)

    def steps(n_best, alpha):
        language = Language(0, 4)
        language.table[:] = table[0]
        beam(language.step, language.start([0]), BOS, EOS, [9], 2, alpha, n_best)
        return len(language.batches)

    assert steps(n_best=1, alpha=0) == 1
    assert steps(n_best=2, alpha=0) == 2
    # log 0.9 = -0.105 against log 0.05 / 9 = -0.333 at first: alpha = 3 lets longer ones hope
    assert steps(n_best=1, alpha=1) == 1
    assert steps(n_best=1, alpha=3) == 9


@pytest.mark.parametrize("alpha", [0, 0.75, 1.5])
@pytest.mark.parametrize(
    ("cap", "size", "with_eos"), [(1, 5, True), (2, 5, True), (6, 1, True), (6, 5, False)]
)
def test_gluonnlp_finds_the_same(alpha, cap, size, with_eos):
    # In gluonnlp finished hypotheses keep their place in the beam, so that the two agree where
    # none is pushed out by them: of two words, of beam size 1, or all of the same length.
    V, sentences = 5, [1, 2, 3, 4]
    language = Language(5, V, forbidden=0)
    if not with_eos:
        language.table[:, EOS] = -np.inf
    sampler = BeamSearchSampler(
        size, language.step, EOS, BeamSearchScorer(alpha=alpha, K=0), max_length=cap
    )
    ids, scores, lengths = sampler(nd.array([BOS] * 4, dtype="int32"), language.start(sentences))
    lengths = np.minimum(lengths.asnumpy() - 1, cap)  # without <bos>, or an <eos> beyond the cap
    found = beam(
        language.step, language.start(sentences), BOS, EOS, [cap] * 4, size, alpha, n_best=size
    )
    for i, hypotheses in enumerate(found):
        theirs = [tuple(ids[i, j].asnumpy()[1 : 1 + lengths[i, j]]) for j in range(size)]
        assert ids_of(hypotheses) == theirs
        np.testing.assert_allclose(
            [h.score for h in hypotheses], scores[i].asnumpy(), rtol=1e-5, atol=1e-6
        )


def test_a_beam_wider_than_the_vocabulary():
    (found,) = beam(table_step, nd.zeros(1), BOS, EOS, [2], beam_size=1000, n_best=1000)
    assert len(found) == len(set(ids_of(found))) == 3 * 4 + 1


def test_impossible_words_never_appear():
    language = Language(11, 6, forbidden=0.7)
    sentences = range(200)
    arguments = language.step, language.start(sentences), BOS, EOS, [8] * 200
    found = zip(
        greedy(*arguments),
        sample(*arguments, temperature=50),
        sample(*arguments, temperature=0.01),
        *zip(*beam(*arguments, 3)),
    )
    for i, hypotheses in enumerate(found):
        for h in hypotheses:
            assert language.log_p(i, h.ids) == pytest.approx(h.log_p) and h.log_p > -math.inf


def test_where_nothing_more_is_possible_beam_returns_fewer():
    table = np.full((4, 4), -np.inf)
    table[BOS, 2:], table[2, EOS] = np.log(0.5), 0.0  # after word 3 there is nothing

    def step(y_prev, state):
        return nd.array(table[y_prev.asnumpy()]), state

    (found,) = beam(step, nd.zeros(1), BOS, EOS, [5], beam_size=4, n_best=4)
    assert ids_of(found) == [(2, EOS)]
    assert ids_of(exhaustive(step, nd.zeros(1), BOS, EOS, 5)) == [(2, EOS)]


@pytest.mark.parametrize(
    "search",
    [greedy, lambda *a: beam(*a, 3, n_best=3), lambda *a: beam(*a, 3, n_best=1)],
    ids=["greedy", "beam", "one best"],
)
def test_company_changes_nothing(search):
    language = Language(2, 5)
    together = search(language.step, language.start(SENTENCES), BOS, EOS, CAPS)
    for i, found in enumerate(together):
        alone = search(language.step, language.start(SENTENCES[i : i + 1]), BOS, EOS, [CAPS[i]])
        assert alone == [found]


def test_rows_of_finished_sentences_are_dropped():
    language = Language(4, 5)
    for search in (greedy, sample):
        language.batches.clear()
        found = search(language.step, language.start(SENTENCES), BOS, EOS, CAPS)
        lengths = [len(h.ids) for h in found]
        assert len(set(lengths)) > 2
        assert language.batches == [sum(n > t for n in lengths) for t in range(max(lengths))]


def test_rows_of_finished_hypotheses_are_dropped():
    language, record = Language(4, 5), []
    beam(language.step, language.start(SENTENCES), BOS, EOS, CAPS, 3, record=record)
    assert language.batches[0] == 4  # one row a sentence, none for the one capped at 0
    for t, M in enumerate(language.batches[1:]):
        kept = [
            sum(candidate.fate == "kept" for candidate in steps[t])
            for steps in record
            if len(steps) > t + 1
        ]
        assert sum(kept) == M
    assert len(set(language.batches)) > 2


@pytest.mark.parametrize("kind", [np.array, nd.array])
def test_state_may_be_an_array_of_any_shape(kind):
    def step(y_prev, state):
        words = kind(y_prev.asnumpy()[:, np.newaxis].astype("float32"))
        assert state.shape[:2] == (len(words), 2)
        both = [state[:, 0] * 2 + words, state[:, 1] + words]
        state = np.stack(both, 1) if kind is np.array else nd.stack(*both, axis=1)
        total = state.sum(axis=(1, 2))
        total = total if kind is np.array else total.asnumpy()
        return nd.array(TABLE[total.astype(int) % 4]), state

    state = np.arange(12, dtype="float32").reshape(3, 2, 2)
    found = beam(step, kind(state), BOS, EOS, [4, 5, 6], 3, n_best=3)
    for i, hypotheses in enumerate(found):
        alone = beam(step, kind(state[i : i + 1]), BOS, EOS, [4 + i], 3, n_best=3)
        assert alone == [hypotheses]
    assert greedy(step, kind(state), BOS, EOS, [4, 5, 6]) == [
        h for (h,) in beam(step, kind(state), BOS, EOS, [4, 5, 6], 1, alpha=0)
    ]


def test_the_steps_arrays_are_left_as_they_are():
    same = nd.array(TABLE[[0]])
    (found,) = beam(lambda y, state: (same, state), nd.zeros(1), BOS, EOS, [1], 4, n_best=4)
    assert ids_of(found) == [(2,), (3,), (EOS,), (0,)]
    np.testing.assert_array_equal(same.asnumpy(), TABLE[[0]].astype("float32"))


@settings(max_examples=60, deadline=None)
@given(languages, st.integers(1, 5), alphas, st.data())
def test_record_is_the_tree_of_the_search(language, size, alpha, data):
    n_best, record = data.draw(st.integers(1, size)), ["as it was"]
    arguments = language.step, language.start(SENTENCES), BOS, EOS, CAPS, size, alpha, n_best
    found = beam(*arguments, record=record)
    assert found == beam(*arguments)
    assert record.pop(0) == "as it was" and len(record) == len(SENTENCES)
    for sentence, cap, steps, hypotheses in zip(SENTENCES, CAPS, record, found):
        finished, before = set(), [()]
        for t, candidates in enumerate(steps):
            fates = Counter(c.fate for c in candidates)
            assert 1 <= fates["kept"] + fates["finished"] <= size and fates["pruned"] <= size
            log_p = [c.log_p for c in candidates]
            assert log_p == sorted(log_p, reverse=True)
            assert [c.fate == "pruned" for c in candidates] == [
                place >= size for place in range(len(candidates))
            ]
            prefixes = []
            for c in candidates:
                assert c.parent == -1 if t == 0 else steps[t - 1][c.parent].fate == "kept"
                ids = (*before[c.parent], c.token)
                assert c.log_p == pytest.approx(language.log_p(sentence, ids))
                assert c.score == pytest.approx(c.log_p / len(ids) ** alpha)
                if c.fate != "pruned":
                    assert (c.fate == "finished") == (c.token == EOS or len(ids) == cap)
                if c.fate == "finished":
                    finished.add((ids, c.log_p, c.score))
                prefixes.append(ids)
            assert len(set(prefixes)) == len(prefixes)
            before = prefixes
        assert (cap == 0) == (not steps)
        assert {*hypotheses} <= (finished if cap else {((), 0.0, 0.0)})


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_sample_draws_in_proportion(temperature):
    language, n, cap = Language(8, 4), 8000, 3
    start = language.start([7] * n)
    found = sample(language.step, start, BOS, EOS, [cap] * n, temperature, seed=5)
    drawn, chi_square, kinds = Counter(ids_of(found)), 0, 0
    log_ps = {(h.ids, h.log_p) for h in found}
    for ids, log_p in language.outputs(7, cap).items():
        expected = n
        for t, y in enumerate(ids):
            weight = np.exp(language.next(7, ids[:t]) / temperature)
            expected *= weight[y] / weight.sum()
        observed = drawn.pop(ids, 0)
        if expected >= 5:
            chi_square += (observed - expected) ** 2 / expected
            kinds += 1
        else:
            assert observed <= expected + 5 * math.sqrt(expected) + 2
        assert all(other == pytest.approx(log_p) for i, other in log_ps if i == ids)
    assert not drawn and kinds > 5
    assert abs(chi_square - kinds) < 4 * math.sqrt(2 * kinds)


def test_same_seed_same_sample_and_no_other_generator_is_touched():
    language = Language(9, 6)

    def draw(seed, temperature=1.0):
        start = language.start(SENTENCES)
        return sample(language.step, start, BOS, EOS, [9] * 5, temperature, seed)

    mx.random.seed(3)
    untouched = nd.random.uniform(shape=3).asnumpy()
    mx.random.seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist()
    assert draw(1) == draw(1) != draw(2)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())
    np.testing.assert_array_equal(nd.random.uniform(shape=3).asnumpy(), untouched)
    assert draw(1, 1e-6) == greedy(language.step, language.start(SENTENCES), BOS, EOS, [9] * 5)


def search_with(search=beam, **options):
    return search(table_step, nd.zeros(1), BOS, EOS, **{"max_length": [3], **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam_size": 0}, "beam_size is 0: use a whole number of 1 or more"),
        (
            {"beam_size": 3, "n_best": 4},
            "n_best is 4: use a whole number from 1 to 3, the beam_size",
        ),
        (
            {"beam_size": 3, "n_best": 0},
            "n_best is 0: use a whole number from 1 to 3, the beam_size",
        ),
        ({"beam_size": 3, "alpha": -1}, "alpha is -1: use a finite number, 0 or more"),
        ({"beam_size": 3, "alpha": math.nan}, "alpha is nan: use"),
        ({"search": exhaustive, "alpha": math.inf}, "alpha is inf: use"),
        ({"search": sample, "temperature": 0}, "temperature is 0: .* or greedy for 0"),
        ({"search": sample, "temperature": -1.0}, "temperature is -1.0: use"),
        ({"search": sample, "temperature": math.inf}, "temperature is inf: use"),
        ({"search": sample, "temperature": math.nan}, "temperature is nan: use"),
        ({"search": exhaustive, "max_length": 9}, r"score 4 \*\* 9 outputs, about 10\^5.4: use"),
        (
            {"search": exhaustive, "max_length": 10**6},
            r"4 \*\* 1000000 outputs, about 10\^602060.0: use",
        ),
    ],
)
def test_what_cannot_be_used(options, message):
    with pytest.raises(UsageError, match=message):
        search_with(**options)


def test_exhaustive_refuses_before_the_work():
    language = Language(0, 10)
    with pytest.raises(UsageError, match=r"10 \*\* 6 outputs, about 10\^6.0: use"):
        exhaustive(language.step, language.start([0]), BOS, EOS, 6)
    assert language.batches == [1]


def test_no_sentences():
    assert greedy(table_step, nd.zeros(1), BOS, EOS, []) == []
    assert beam(table_step, nd.zeros(1), BOS, EOS, [], 2) == []


@pytest.mark.parametrize("wrong", [None, "2", 2.5, float("nan"), True, 0])
def test_sizes_that_are_no_whole_numbers(wrong):
    for size, best, name in (wrong, 1, "beam_size"), (3, wrong, "n_best"):
        with pytest.raises(UsageError, match=f"{name}.* is .*: use a whole number"):
            beam(None, None, 1, 2, [5], size, n_best=best)


@pytest.mark.parametrize("wrong", [None, "2", float("nan"), float("inf"), -1, [1]])
def test_what_is_no_alpha_and_no_temperature(wrong):
    for function in (
        lambda: beam(None, None, 1, 2, [5], 3, wrong),
        lambda: exhaustive(None, None, 1, 2, 5, wrong),
        lambda: sample(None, None, 1, 2, [5], wrong),
    ):
        with pytest.raises(UsageError, match=r"is .*: use a finite number"):
            function()
