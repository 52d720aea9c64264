"""Checks of notebook 6."""

import numpy as np
from mxnet import nd

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions, seal


@exercise("6.1")
def _(times_as_many, digits):
    found = yield lambda: ((times_as_many, digits))
    yield len(found) == 2, "two whole numbers are asked for", "需要两个整数"
    yield (
        seal("6.1a", f"{found[0]:g}") == "e4bde0a0",
        "divide one bound of the chapter by the other: what is left?",
        "把书中的两个上界相除，还剩下什么？",
    )
    yield (
        seal("6.1b", f"{found[1]:g}") == "84b6224a",
        "Python's whole numbers have no limit: write the number out and count",
        "Python 的整数没有上限：把这个数写出来，数一数位数",
    )


@exercise("6.2")
def _(my_greedy, *, step_of, table, start, bos, eos):
    random = np.random.RandomState(6)
    cases = [(step_of(table), 4), (step_of(table), 2)]
    cases += [(step_of(random.dirichlet([0.5] * 4, 5)), length) for length in (1, 3, 6, 6, 6, 6)]
    found = yield lambda: [my_greedy(one, start, bos, eos, length) for one, length in cases]
    yield (
        len(found) == len(cases) and all(isinstance(ids, list) for ids in found),
        "return a list of ids",
        "请返回 id 的列表",
    )
    right = [list(gs.greedy(one, start, bos, eos, [length])[0].ids) for one, length in cases]
    yield (
        [ids[:1] for ids in found] == [ids[:1] for ids in right],
        "look at the first word: what is y_prev before there is a word?",
        "看第一个词：还没有词的时候，y_prev 是什么？",
    )
    yield (
        found[1] == right[1],
        "at max_length the search is over, with or without <eos>",
        "到达 max_length 时，无论有没有 <eos>，搜索都要结束",
    )
    yield (
        [list(map(int, ids)) for ids in found] == right,
        "when does the loop stop, and is <eos> in the list?",
        "循环何时停止？<eos> 在列表里吗？",
    )


@exercise("6.3")
def _(repaired, *, table, B, step_of, start, bos, eos):
    found = yield lambda: repaired
    rows = np.array(found, dtype="float64")
    yield rows.shape == (5, 4), "as many rows and columns as table has", "行数和列数要与 table 相同"
    yield (
        close(np.delete(rows, B, 0), np.delete(np.array(table), B, 0)),
        "only the row after B may change",
        "只能改动“B 之后”的一行",
    )
    yield (
        not close(rows, table),
        "that is `table` as it stands: if you have changed `table` itself, run its cell "
        "again, and make a new list",
        "这就是现在的 `table`：如果改动了 `table` 本身，请重新运行定义它的单元格，再另建一个列表",
    )
    yield (
        (rows >= 0).all() and close(rows.sum(axis=1), np.ones(5)),
        "each row is a distribution: what must it sum to?",
        "每一行都是一个概率分布：各项之和应为多少？",
    )
    (first,) = gs.greedy(step_of(rows), start, bos, eos, [4])
    optimum = gs.exhaustive(step_of(rows), start, bos, eos, 4, alpha=0)[0]
    yield (
        close(first.log_p, optimum.log_p),
        "greedy search still misses the best output: what must be the most probable after A B?",
        "贪婪搜索仍然错过最好的输出：A B 之后，什么应当最可能？",
    )


@exercise("6.4")
def _(my_beam, *, table, bos, eos, step_of, start):
    random = np.random.RandomState(64)
    tables = [np.array(table), *(random.dirichlet([1.0] * 4, 5) for _ in range(12))]
    found = yield lambda: (
        [my_beam(np.log(one), bos, eos, 4, k) for one in tables for k in (1, 2, 3)]
    )
    yield (
        len(found) == 3 * len(tables) and all(isinstance(ids, tuple) for ids in found),
        "return the ids as a tuple",
        "请以元组形式返回 ids",
    )
    yield (
        all(1 <= len(ids) <= 4 for ids in found),
        "no output is longer than max_length",
        "输出不能比 max_length 更长",
    )
    right = [
        gs.beam(step_of(one), start, bos, eos, [4], k, 0)[0][0].ids
        for one in tables
        for k in (1, 2, 3)
    ]
    yield (
        found[::3] == right[::3],
        "with k = 1 it should be greedy search",
        "k = 1 时应当就是贪婪搜索",
    )
    yield (
        found[1] == right[1],
        "a finished hypothesis is not continued; and it uses up one of the k places of its step",
        "已完成的候选不再延续；它还占用这一步 k 个名额中的一个",
    )
    yield (
        found == right,
        "which of the finished ones is returned: the first, the last, or the most probable?",
        "返回的是哪一个已完成的候选：最先的、最后的，还是概率最大的？",
    )


@exercise("6.5")
def _(tau_95):
    tau = yield lambda: tau_95
    tau = float(tau)
    yield (
        0 < tau < 100,
        "the temperature is a number above 0",
        "温度是一个大于 0 的数",
    )
    P = nd.softmax(nd.array([0.7, 0.3]).log() / tau).asnumpy()  # (2,)
    yield (
        P[0] > 0.7,
        "this temperature flattens: must it be below or above 1?",
        "这个温度使分布更平：它应当小于 1 还是大于 1？",
    )
    yield (
        close(P[0], 0.95, 1e-3),
        "look at the ratio of the two probabilities: what does the power 1/τ make of it?",
        "看两个概率之比：1/τ 次方把它变成什么？",
    )


@exercise("6.6")
def _(turning_point):
    pairs = [(-2.0, 3, -2.5, 5), (-4.0, 9, -3.0, 4), (-1.0, 2, -6.0, 8)]
    found = yield lambda: [turning_point(*pair) for pair in pairs]
    yield (
        len(found) == len(pairs) and all(isinstance(alpha, float) for alpha in found),
        "return one number",
        "请返回一个数",
    )
    for alpha, (S_1, L_1, S_2, L_2) in zip(found, pairs):
        yield (
            alpha > 0,
            "for these outputs it is above 0: is a quotient upside down?",
            "对这些输出它应当大于 0：是不是有个商写反了？",
        )
        yield (
            close(S_1 * L_1**-alpha, S_2 * L_2**-alpha, 1e-4),
            "put your alpha into both scores: they differ. Set them equal and take logs",
            "把你的 alpha 代入两个得分：它们不相等。令两者相等，再取对数",
        )


questions(
    "6",
    "7029763d 4b26a401 b90b2fcb 287b35e7 0429835d",
    [
        (
            "P of the output is a product: follow the table after each word",
            "输出的 P 是一个乘积：看看表中每个词之后的情况",
        ),
        ("compute both scores for alpha 0 and alpha 1", "分别取 alpha 为 0 和 1，算出两个得分"),
        ("is it an error of the search or of the model?", "这是搜索的错误还是模型的错误？"),
        (
            "whose probabilities does sampling follow at temperature 1?",
            "温度为 1 时，采样按照谁的概率？",
        ),
        (
            "look at the record: two kept candidates can have the same parent",
            "看搜索的记录：两个被保留的候选可以有同一个父候选",
        ),
    ],
)
