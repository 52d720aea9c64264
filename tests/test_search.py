"""Search over a step function given as a table, where the right answer can be listed by hand."""

import numpy as np
from mxnet import nd

from gluon_seq2seq import greedy

BOS, EOS = 0, 1
# Rows: the previous word; columns: the next. The book's example has its greedy trap here too.
TABLE = np.log(
    [
        [0.0 + 1e-9, 0.1, 0.5, 0.4],
        [0.25, 0.25, 0.25, 0.25],
        [1e-9, 0.2, 0.2, 0.6],
        [1e-9, 0.7, 0.2, 0.1],
    ]
)


def step(y_prev, count):
    return nd.array(TABLE[y_prev.asnumpy()]), count + 1


def test_takes_the_best_word_until_eos():
    outputs, log_p = greedy(step, 0, BOS, EOS, [10, 10])
    assert outputs == [[2, 3, EOS]] * 2
    np.testing.assert_allclose(log_p, np.log(0.5 * 0.6 * 0.7), rtol=1e-6)


def test_cap_is_each_sentences_own():
    outputs, log_p = greedy(step, 0, BOS, EOS, [1, 5, 0])
    assert outputs == [[2], [2, 3, EOS], []]
    np.testing.assert_allclose(log_p, [np.log(0.5), np.log(0.21), 0], rtol=1e-6, atol=1e-9)


def test_stops_as_soon_as_all_are_finished():
    calls = []

    def counting(y_prev, state):
        calls.append(y_prev.asnumpy().tolist())
        return step(y_prev, state)

    greedy(counting, 0, BOS, EOS, [50])
    assert calls == [[BOS], [2], [3]]
