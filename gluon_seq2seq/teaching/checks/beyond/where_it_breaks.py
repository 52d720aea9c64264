"""Checks of notebook 9."""

import math

import numpy as np

from ...exercise import close, exercise, questions


@exercise("9.1")
def _(tense_gap, *, found, sets):
    gap = yield lambda: tense_gap
    pair = [
        np.mean([f.text in e.valid for f, e in zip(found["mini-bahdanau2015", name], sets[name])])
        for name in ("verb-tense", "verb-tense-control")
    ]
    yield isinstance(gap, float), "one number: a difference of two shares", "一个数：两个比例之差"
    yield gap >= 0, "which of the two is the larger one? Look at the picture", "两者哪个更大？看图"
    yield (
        not close(gap, 1 - pair[0]),
        "compare with the control, not with perfection: the rest is not the fault of the new tense",
        "要与对照组比较，而不是与满分比较：其余的错误不能怪新时态",
    )
    yield (
        close(gap, pair[1] - pair[0]),
        "not the right pair of sets, or not the right model",
        "集合选得不对，或模型选得不对",
    )


@exercise("9.2")
def _(coverage, *, translators, cut_short, shortest):
    function = yield lambda: coverage
    alpha = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    forced = translators["mini-bahdanau2015"].force([cut_short.source], [shortest.text])
    yield function(alpha) is not None, "the function returns nothing yet", "函数还没有返回值"
    yield (
        not close(function(alpha), [1, 1]),
        "these are the sums of the rows, and they are always 1: why?",
        "这是各行之和，而它们总是 1：为什么？",
    )
    yield (
        np.shape(function(alpha)) == (3,),
        "one number for each source word",
        "源序列的每个词一个数",
    )
    for matrix in alpha, forced[0].attention:
        total = np.ones(len(matrix)) @ matrix
        yield (
            not close(function(matrix), total / len(matrix)),
            "a sum, not a mean",
            "是求和，不是求平均",
        )
        yield (
            close(function(matrix), total),
            "not the sum over the target words",
            "不是对目标序列的词求和",
        )


@exercise("9.3")
def _(my_sentence, *, corpus, tokenize_en):
    sentence = yield lambda: my_sentence
    yield isinstance(sentence, str), "a sentence is a text", "句子应当是一段文本"
    yield (
        sentence.startswith("They are watching"),
        "it is to begin with our running example",
        "要以本课程的例句开头",
    )
    tokens = corpus.src_vocab.to_tokens(corpus.src_vocab.encode(sentence))
    yield (
        len(tokenize_en(sentence)) >= 14,
        "too short: a full stop counts, <eos> does not",
        "太短：句号算一个词元，<eos> 不算",
    )
    yield (
        "<unk>" not in tokens,
        f"not all words are known: {' '.join(tokens)}",
        f"有不认识的词：{' '.join(tokens)}",
    )


@exercise("9.4")
def _(twin, *, tokenize_en, vocab):
    sentence = yield lambda: twin
    original = "The old woman is watching a fox."
    yield isinstance(sentence, str), "a sentence is a text", "句子应当是一段文本"
    yield (
        tokenize_en(sentence) != tokenize_en(original),
        "that is the same sentence",
        "这是同一个句子",
    )
    ids = vocab.encode(sentence)
    yield len(ids) == len(vocab.encode(original)), "it needs as many tokens", "词元个数要相同"
    yield (
        ids == vocab.encode(original),
        "the model can tell them apart: compare vocab.encode of both",
        "模型能区分它们：比较两者的 vocab.encode",
    )


@exercise("9.5")
def _(valid_mass, *, corpus, translators):
    function = yield lambda: valid_mass
    short = sorted(corpus.dev, key=lambda e: (len(e.valid) == 1, len(e.source)))
    for name, one in [*zip(translators, short), ("mini-book", corpus.train[0])]:
        log_p = [translators[name].force([one.source], [text])[0].log_p for text in one.valid]
        mass = function(translators[name], one)
        yield mass is not None, "the function returns nothing yet", "函数还没有返回值"
        yield (
            float(mass) > 0,
            "a probability is above 0: log_p is its logarithm",
            "概率大于 0：log_p 是它的对数",
        )
        yield (
            not close(mass, math.exp(sum(log_p))),
            "the sum of logarithms is the logarithm of a product",
            "对数之和是乘积的对数",
        )
        yield (
            not close(mass, math.exp(log_p[0])),
            "that is only the most probable one",
            "这只是最可能的那一个",
        )
        yield (
            close(mass, sum(np.exp(log_p)), 1e-4),
            "not the sum of the probabilities of all of example.valid",
            "不是 example.valid 中全部译文的概率之和",
        )


@exercise("9.6")
def _(overconfidence, *, models, found, sets, exact):
    function = yield lambda: overconfidence
    for model, name in [(m, s) for m in models for s in ("test", "verb-tense", "unknown")]:
        value = function(found[model, name], sets[name])
        yield value is not None, "the function returns nothing yet", "函数还没有返回值"
        log_p = np.array([f.log_p for f in found[model, name]])
        yield (
            not close(value, log_p.mean() - exact[model, name]),
            "log_p is a logarithm",
            "log_p 是对数",
        )
        yield (
            not close(value, math.exp(log_p.mean()) - exact[model, name]),
            "the mean of the probabilities, not the exponential of the mean",
            "要概率的平均值，不是平均值的指数",
        )
        yield (
            not close(value, exact[model, name] - np.exp(log_p).mean()),
            "the sign: who claims too much is above 0",
            "注意符号：夸大者应大于 0",
        )
        yield (
            close(value, np.exp(log_p).mean() - exact[model, name], 1e-4),
            "right means: among example.valid",
            "正确的意思是：属于 example.valid",
        )


questions(
    "9",
    "785007fc 1a69c444 e274eeca ae5bbaa4 b505cf9e",
    [
        (
            "what do a line of the set and its line of the control have in common?",
            "留出集的一行与对照组的对应行有什么共同点？",
        ),
        ("what does the model receive in place of letters?", "模型收到的不是字母，而是什么？"),
        ("compare with the bars of the grammar", "与语法的条形比较"),
        ("look at the picture with the eight nouns again", "再看一遍八个名词的那张图"),
        (
            "how many of its sentences can be translated exactly at all?",
            "其中有多少句是有可能完全译对的？",
        ),
    ],
)
