"""Checks of notebook 8."""

import math

import numpy as np

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions


@exercise("8.1")
def _(precisions, *, tokenize):
    found = yield lambda: precisions
    pair = tokenize("Ils ne regardent pas maintenant."), tokenize("Ils regardent maintenant.")
    p = [np.mean([counted for _, counted in grams]) for grams in gs.ngram_matches(*pair)]
    swapped = [np.mean([ok for _, ok in grams]) for grams in gs.ngram_matches(*pair[::-1])]
    yield len(found) == 2, "two numbers, p_1 and p_2", "需要两个数：p_1 和 p_2"
    yield (
        not close(found, swapped),
        "whose n-grams are in the denominator: the label's or the prediction's?",
        "分母数的是谁的子序列：标签序列的，还是预测序列的？",
    )
    yield (
        close(found[0], p[0], 0.01),
        "p_1: how many words has the prediction, full stop included?",
        "p_1：算上句号，预测序列一共有几个词？",
    )
    yield (
        close(found[1], p[1], 0.01),
        "p_2: write down all pairs of neighbours of the prediction, then look for each "
        "in the label",
        "p_2：写出预测序列的所有相邻词对，再到标签序列里逐个寻找",
    )


@exercise("8.2")
def _(brevity_penalty):
    penalty = yield lambda: brevity_penalty
    yield penalty(3, 6) is not None, "the function returns nothing yet", "函数还没有返回值"
    yield (
        close(penalty(6, 6), 1),
        "a prediction as long as the label is not penalised",
        "与标签一样长的预测不受惩罚",
    )
    yield (
        close(penalty(9, 6), 1),
        "no reward for a long prediction: where is the min?",
        "预测过长没有奖励：min 在哪里？",
    )
    for n, m in (3, 6), (1, 2), (4, 5):
        yield (
            close(penalty(n, m), gs.bleu([1] * n, [1] * m)),
            "not right for a short prediction: which length is divided by which?",
            "预测过短时不对：是哪个长度除以哪个长度？",
        )


@exercise("8.3")
def _(standard_bleu):
    found = yield lambda: standard_bleu
    texts = [
        ("a b c d e f", "a b c d e g"),
        ("a b c d e x", "a b c d e f g h"),
        ("a a b c d e e", "a b c d e"),
    ]
    yield (
        found(list("abcd"), list("abcd")) is not None,
        "the function returns nothing yet",
        "函数还没有返回值",
    )
    yield (
        close(found(list("abcde"), list("abcde")), 1),
        "a perfect prediction has 1: take a product, not a sum",
        "完美的预测应得 1：要相乘，不是相加",
    )
    for text, truth in texts:
        value, pair = found(text.split(), truth.split()), (text.split(), truth.split())
        yield (
            not close(value, gs.bleu(*pair, 4)),
            "these are still the book's exponents",
            "指数仍是书中的",
        )
        yield not close(value, gs.bleu(*pair, 2)), "k is still 2", "k 仍然是 2"
        yield (
            close(value, gs.score([text], [truth])["bleu"] / 100),
            "not what sacreBLEU says: is the brevity penalty there, and the same exponent at "
            "every n?",
            "与 sacreBLEU 不一致：惩罚项写了吗？每个 n 的指数都相同吗？",
        )


@exercise("8.4")
def _(expected_share, *, examples):
    share = yield lambda: expected_share
    gold = [example.gold.probabilities for example in examples]
    yield 0 < float(share) <= 1, "a share lies between 0 and 1", "比例在 0 与 1 之间"
    yield (
        not close(share, sum(sum(p * p for p in ps) for ps in gold) / len(gold)),
        "that is for somebody who guesses by drawing, too; this one always gives the same answer",
        "那是同样靠抽取来猜的人；这里的人总是给出同一个答案",
    )
    yield (
        not close(share, sum(1 / len(ps) for ps in gold) / len(gold)),
        "the valid translations are not equally probable",
        "各个有效译文的概率并不相等",
    )
    yield (
        close(share, np.mean([ps[0] for ps in gold]), 1e-6),
        "of one sentence: with what probability is the drawn reference the one that was guessed?",
        "先看一个句子：抽出的参考译文恰好是所猜的那个，概率是多少？",
    )


@exercise("8.5")
def _(exact_match, *, running, translations, examples):
    found = yield lambda: exact_match
    yield (
        found(["Ils regardent."], [running]) is not None,
        "the function returns nothing yet",
        "函数还没有返回值",
    )
    yield (
        close(found(["Elles regardent."], [running]), 1),
        "Elles regardent. is valid, too: example.valid has all of them",
        "Elles regardent. 同样有效：全部有效译文在 example.valid 里",
    )
    yield (
        close(found(["regardent."], [running]), 0),
        "a part of a valid translation is not a valid translation",
        "有效译文的一部分并不是有效译文",
    )
    for texts in translations.values():
        yield (
            close(found(texts, examples), gs.score(texts, [e.valid for e in examples])["exact"]),
            "not what gs.score says for a model's translations: is it a share, not a count?",
            "与 gs.score 对模型译文给出的不同：是比例而不是个数吗？",
        )


@exercise("8.6")
def _(stubborn_loss, *, corpus, running):
    value = yield lambda: stubborn_loss
    length = len(corpus.tgt_vocab.encode("Ils regardent."))
    nats = -float(np.dot(running.gold.probabilities, np.log([0.98, 0.02])))
    yield (
        float(value) > 0,
        "a loss is minus a logarithm of a probability: above 0",
        "损失是概率的对数取负：大于 0",
    )
    yield (
        not close(value, nats, 0.005),
        "that is for the whole sentence: how many tokens does it have?",
        "那是整个句子的：它有几个词？",
    )
    yield (
        not close(value, nats / (length - 1), 0.005),
        "one token is missing: which one does the model have to write, too?",
        "少算了一个词：模型还必须写出哪一个？",
    )
    yield (
        not close(value, running.gold.entropy / length, 0.005),
        "that is the floor: the logarithm is of the model's probability, not the grammar's",
        "那是下限：取对数的应是模型的概率，不是语法的",
    )
    yield (
        close(value, nats / length, 0.002),
        "weigh -log Q of each translation with its P, then divide by the tokens",
        "用 P 对各译文的 -log Q 加权，再除以词数",
    )


@exercise("8.7")
def _(sentences_needed):
    count = yield lambda: sentences_needed

    def half(sentences):
        return 1.96 * math.sqrt(0.9 * (1 - 0.9) / sentences)

    yield (
        isinstance(count, (int, float, np.number)) and count == int(count) > 0,
        "a whole number of sentences",
        "句数是正整数",
    )
    yield (
        half(count) <= 0.01,
        "with so few the interval is still too wide",
        "这么少的话，区间仍然太宽",
    )
    yield half(count - 1) > 0.01, "one sentence less would do, too", "再少一句也够"


questions(
    "8",
    "fef11117 4b3dc601 c5c3a63b 5993a4c8 92e3a991",
    [
        (
            "compute both precisions: are the predicted words in the label?",
            "算一算两个精度：预测的词都在标签里吗？",
        ),
        ("what does English say about who they are?", "英语说了 they 是谁吗？"),
        ("read the signature again: eff:no", "再读一遍签名：eff:no"),
        ("look at the interval for 300 sentences", "看看 300 个句子的置信区间有多宽"),
        ("Exercise 8.6 is such a model", "练习 8.6 正是这样的模型"),
    ],
)
