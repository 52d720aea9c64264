"""Checks of notebook 12."""

from collections import Counter

import numpy as np

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions


@exercise("12.1")
def _(several):
    one, two, five = (
        gs.Example("a", ("b",)),
        gs.Example("c", ("d", "e")),
        gs.Example("f", tuple("ghijk")),
    )
    found = yield lambda: (
        [several([one, two]), several([one, one, one]), several([two, one, five, one, one])]
    )
    yield (
        all(len(shares) == 2 for shares in found) and len(found) == 3,
        "return two shares",
        "请返回两个比例",
    )
    yield (
        close([shares[0] for shares in found], [1 / 2, 0, 2 / 5]),
        "the first one: divide by the number of sources",
        "第一个：要除以源句的个数",
    )
    yield (
        close([shares[1] for shares in found], [2 / 3, 0, 7 / 10]),
        "the second one: each reference makes a pair",
        "第二个：每个参考译文构成一个句对",
    )


@exercise("12.2")
def _(size_for):
    letters = Counter("they are watching ils regardent nous regardons".replace(" ", ""))
    cases = [
        (Counter(a=6, b=3, c=1), 0.6),
        (Counter(a=6, b=3, c=1), 0.61),
        (letters, 0.5),
        (letters, 1.0),
    ]
    found = yield lambda: [size_for(counter, share) for counter, share in cases]
    yield len(found) == len(cases), "return a number of words", "请返回词的个数"
    yield (
        found[:2] == [1, 2],
        "six a, three b, one c: how many words cover 60 %, and how many 61 %?",
        "六个 a、三个 b、一个 c：覆盖 60% 要几个词？61% 呢？",
    )
    yield (
        found[3] == len(letters),
        "to cover everything takes all words",
        "要覆盖全部，就需要所有的词",
    )
    top = sum(sorted(letters.values())[-found[2] :]) / sum(letters.values())
    less = sum(sorted(letters.values())[-found[2] + 1 :]) / sum(letters.values())
    yield (
        top >= 0.5 > less,
        "the most frequent first, and no more than needed",
        "先取最常见的，而且不多取",
    )


@exercise("12.3")
def _(unk_share):
    few = gs.Vocabulary(
        Counter(["they", "are", "watching", "."]), gs.Tokenizer("en", lowercase=True)
    )
    cases = [["They are watching."], ["They are singing.", "They sing"], ["Nobody knows"]]
    found = yield lambda: [unk_share(texts, few) for texts in cases]
    yield (
        np.shape(found) == (3,),
        "return one share, over all texts together",
        "请返回一个比例，对全部文本合起来计算",
    )
    yield close(found[0], 0), "no word is unknown in the first text", "第一个文本里没有未知词"
    yield (
        close(found[1], 2 / 6),
        "is <eos> counted? and is the share one over all tokens, not the mean over texts?",
        "是否计入了 <eos>？比例是对全部词元计算的，还是对各文本取了平均？",
    )
    yield (
        close(found[2], 1),
        "every word of the last text is unknown",
        "最后一个文本里每个词都是未知词",
    )


@exercise("12.4")
def _(near):
    cases = [
        (
            ["They are watching.", "No pain no gain."],
            ["They are watching!", "No pain, no gain.", "They are eating."],
        ),
        (["Il regarde"], ["il regarde.", "Ils regardent."]),
        (["Room 12."], ["Room 13.", "Room, 12"]),
    ]
    found = yield lambda: [near(train, test) for train, test in cases]
    yield (
        len(found) == 3 and all(isinstance(texts, list) for texts in found),
        "return a list of texts",
        "请返回文本的列表",
    )
    yield (
        "They are eating." not in found[0],
        "a text that is not in train is no near-duplicate",
        "不在训练集中的文本不是近似重复",
    )
    yield (
        found[0] == cases[0][1][:2],
        "punctuation at the end, and within",
        "句末的标点，还有句中的标点",
    )
    yield found[1] == cases[1][1][:1], "Il and il are the same here", "这里 Il 与 il 视为相同"
    yield found[2] == cases[2][1][1:], "digits count", "数字要算"


@exercise("12.5")
def _(in_test):
    numbered = [f"They are watching {number} birds." for number in range(4000)]
    found = yield lambda: [in_test(text) for text in numbered]
    yield (
        len(found) == len(numbered) and set(found) == {True, False},
        "True for some texts, False for the others",
        "对有些文本为 True，对其余为 False",
    )
    yield 0.03 < np.mean(found) < 0.08, "about 5 % of many texts", "在大量文本中应约占 5%"
    yield (
        found == [in_test(text) for text in numbered],
        "the same text must get the same answer every time: no random numbers",
        "同一文本每次都应得到相同结果：不要用随机数",
    )
    remainders = {
        n: {hash(text) % n for text, yes in zip(numbered, found) if yes}
        for n in (16, 18, 19, 20, 21, 22, 25, 32, 40, 50, 64, 100, 128, 256, 1000)
    }
    yield (
        all(len(ones) > min(n, sum(found)) / 3 for n, ones in remainders.items()),
        "Python's hash() of a text is another one in each process: which function is not?",
        "Python 的 hash() 对文本的结果在每个进程中都不同：哪个函数不会？",
    )
    halves = [
        np.mean(found[:2000]),
        np.mean(found[2000:]),
        np.mean(found[::2]),
        np.mean(found[1::2]),
    ]
    yield (
        min(halves) > 0.02,
        "not by the length or the last words: then the test would be of one kind",
        "不要按长度或末尾的词决定：那样测试集会只有一类句子",
    )


@exercise("12.6")
def _(nearest, *, cut_target):
    refs = ("Elles regardent un film ce soir.", "Ils regardent un film.", "On regarde le film.")
    guesses = [
        "Elles regardent un film.",
        "Ils regardent.",
        "On regarde un chien.",
        "Elles chantent ce soir.",
    ]
    found = yield lambda: [nearest(text, refs, cut_target) for text in guesses]
    yield (
        all(text in refs for text in found) and len(found) == len(guesses),
        "return one of the references, as it is",
        "请原样返回其中一个参考译文",
    )
    for text, one in zip(guesses, found):
        points = [gs.bleu(cut_target(text), cut_target(reference)) for reference in refs]
        yield (
            close(points[refs.index(one)], sorted(points)[-1]),
            f"another reference is nearer to: {text} (what is the order of gs.bleu's "
            "arguments? are they tokens?)",
            f"另有一个参考译文更接近：{text}（gs.bleu 的参数顺序是什么？传的是词元吗？）",
        )


questions(
    "12",
    "0d51a685 e49874e4 777016aa 7255a35c 744e37ac",
    [
        ("look at what a random split of the pairs did", "看看随机划分句对的结果"),
        ("compute the probability that all ten words are known", "计算十个词全都认识的概率"),
        ("what does the number of references do to BLEU?", "参考译文的个数对 BLEU 有什么影响？"),
        ("what ended the training?", "是什么结束了训练？"),
        (
            "what does the encoder see in place of an unknown word?",
            "编码器在未知词的位置看到的是什么？",
        ),
    ],
)
