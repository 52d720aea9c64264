"""Checks of notebook 10."""

import numpy as np
from mxnet import nd

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions, seal


@exercise("10.1")
def _(target):
    text = yield lambda: target
    characters = "".join(text.split())
    yield isinstance(text, str) and text, "a text is asked for", "应当是一段文本"
    yield (
        len(characters) == 10,
        "every date here has ten characters: look at the days and months below ten",
        "这里每个日期都有十个字符：请看小于十的日和月",
    )
    yield (
        text == " ".join(characters),
        "each character must be a token of its own",
        "每个字符都必须是单独的词元",
    )
    yield (
        seal("10.1", text) == "811c39e3",
        "another day: year first, then month, then day",
        "日期不对：先年，再月，再日",
    )


@exercise("10.2")
def _(lags):
    found = yield lambda: [lags(5, False), lags(5, True), lags(8, True)]
    plain, turned_five, turned_eight = (list(map(int, one)) for one in found)
    yield (
        (len(plain), len(turned_five), len(turned_eight)) == (5, 5, 8),
        "one number for each of the T tokens",
        "T 个词元，每个对应一个数",
    )
    yield (
        seal("10.2", plain) == "f870674e",
        "forwards: the paragraph above says how long",
        "正着读：上面一段已经说了要多久",
    )
    yield (
        min(turned_five) > 0,
        "a token cannot be written before it is read",
        "词元不可能在读入之前写出",
    )
    yield (
        seal("10.2", [turned_five, turned_eight]) == "03d9d131",
        "at which tick is token 1 read now, at which is it still written?",
        "词元 1 现在在哪个时刻被读入？仍在哪个时刻被写出？",
    )


@exercise("10.3")
def _(sum_pair):
    sums = [(345, 67), (8, 7), (120, 380)]
    found = yield lambda: [sum_pair(a, b) for a, b in sums]
    sources, targets = zip(*found)
    digits = [target.split() for target in targets]
    yield (
        len(found) == 3 and sources[0] == "3 4 5 + 6 7",
        "the source of 345 and 67 is not as the text has it",
        "345 和 67 的源序列与题目所写的不同",
    )
    yield (
        all(len(digit) == 1 for row in digits for digit in row),
        "one digit, one token",
        "一位数字一个词元",
    )
    yield (
        [int(row[0]) for row in digits] == [(a + b) % 10 for a, b in sums],
        "the first token must be the units",
        "第一个词元必须是个位",
    )
    yield (
        seal("10.3", [tuple(pair) for pair in found]) == "55dad2a8",
        "look at the sum that ends in zeros, and at the one with a single digit on each side",
        "请检查末尾有零的和，以及两边都只有一位数的和",
    )


@exercise("10.4")
def _(kernel_regression, *, Gaussian):
    tries = [(1.0, 0.5), (4.5, 0.5), (2.0, 1.5)]
    points = np.array([0.0, 1.5, 2.0, 5.0]), np.array([1.0, -2.0, 3.0, 4.0])
    found = yield lambda: [kernel_regression(x, *points, w) for x, w in tries]
    keys, values = (nd.array(side).reshape((1, -1, 1)) for side in points)
    ones = nd.ones((1, 1, 4))
    queries = [nd.full((1, 1, 1), x) for x, _ in tries]
    outputs = [
        Gaussian(w).attend(nd, q, keys, values, ones, None) for q, (_, w) in zip(queries, tries)
    ]
    expected = [c[0, 0, 0].asscalar() for c, _ in outputs]
    yield np.shape(found) == (3,), "one number for one query", "一个查询，一个数"
    yield (
        all(-2 <= value <= 4 for value in found),
        "a weighted mean cannot leave the range of the values: do the weights sum to one?",
        "加权平均不会超出各个值的范围：权重之和是一吗？",
    )
    yield (
        abs(found[1] - expected[1]) < 0.5,
        "the nearest point must weigh most: look at the sign",
        "最近的点权重应当最大：请检查符号",
    )
    yield (
        close(found, expected, 1e-4),
        "nearly: look at the exponent again, its square and where w stands",
        "差一点：再看一看指数，它的平方，以及 w 的位置",
    )


@exercise("10.5")
def _(self_attention):
    gs.seed(5)
    own_states = [2 * nd.random.normal(shape=shape) for shape in ((5, 9), (3, 4))]
    found = yield lambda: [self_attention(h) for h in own_states]
    expected = [
        gs.ScaledDot(h.shape[1])(*[h.expand_dims(0)] * 2, nd.array([len(h)], dtype="int32"))[0][0]
        for h in own_states
    ]
    unscaled = [
        gs.Dot()(*[h.expand_dims(0)] * 2, nd.array([len(h)], dtype="int32"))[0][0]
        for h in own_states
    ]
    yield (
        [one.shape for one in found] == [(5, 9), (3, 4)],
        "the result has the shape of h",
        "结果应与 h 形状相同",
    )
    yield (
        not close(found[0], unscaled[0]),
        "the scores are too large: what is under the square root?",
        "打分太大：根号下是什么？",
    )
    yield (
        close(found[0], expected[0]),
        "over which axis must the weights sum to one, and which size is under the square root?",
        "权重应当沿哪个轴求和为一？根号下是哪个大小？",
    )
    yield (
        close(found[1], expected[1]),
        "right for D = 9 only: is a size written into the code?",
        "只在 D = 9 时对：代码里写死了某个大小吗？",
    )


@exercise("10.6")
def _(longest):
    length = yield lambda: longest
    yield (
        np.ndim(length) == 0 and int(length) == length > 0,
        "a whole number of tokens",
        "词元数应是正整数",
    )
    yield (
        seal("10.6", int(length)) != "95f525a1",
        "errors do not add up: what multiplies?",
        "错误不是相加的：什么在相乘？",
    )
    yield (
        seal("10.6", int(length)) != "745576a0",
        "one token too many: is it still at least half?",
        "多了一个词元：还有至少一半吗？",
    )
    yield (
        seal("10.6", int(length)) == "fccb19ef",
        "multiply 0.99 by itself until it falls below one half",
        "让 0.99 不断自乘，直到低于二分之一",
    )


questions(
    "10",
    "dcf8924c d0f49233 e96e81ef d9ae457e 40b57129",
    [
        (
            "which output is not made of tokens from a finite vocabulary?",
            "哪个输出不是由有限词典中的词元组成的？",
        ),
        ("all ten must be right at once: multiply", "十个要同时都对：请用乘法"),
        ("print what the vocabulary makes of 2053", "把词典对 2053 的处理打印出来看看"),
        ("compare the mean and the minimum in exercise 10.2", "比较练习 10.2 中的平均值和最小值"),
        ("remember the sentence that was turned round", "回想那个被倒过来的句子"),
    ],
)
