"""Checks of notebook 3."""

import numpy as np
from mxnet import nd

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions


@exercise("3.1")
def _(another, *, source_vocab, read, h_they, H):
    found = yield lambda: another
    yield isinstance(found, str), "write a sentence, in quotes", "请写一个句子，放在引号里"
    ids = source_vocab.encode(found)
    yield (
        len(ids) == 5,
        "it must have as many tokens as *They are watching.*, the full stop counted",
        "词元数必须与 They are watching. 相同，句号也算",
    )
    yield (
        source_vocab["<unk>"] not in ids,
        "one of its words is not in the vocabulary",
        "其中有词不在词典里",
    )
    same = abs(read(ids) - h_they) < 1e-6  # (5, 256)
    forward, backward = same[:, :H].all(axis=1), same[:, H:].all(axis=1)
    yield (
        forward[:2].all(),
        "the forward states at the first two words are not the same: which words have they read?",
        "前两个词处的正向隐藏状态不同：它们读过哪些词？",
    )
    yield (
        not forward[2:].any(),
        "the forward states still agree at the third word",
        "第三个词处的正向隐藏状态仍然相同",
    )
    yield (
        backward[3:].all(),
        "the backward states at the full stop and <eos> are not the same: which words "
        "have they read?",
        "句号和 <eos> 处的反向隐藏状态不同：它们读过哪些词？",
    )
    yield (
        not backward[:3].any(),
        "the backward states agree at one of the first three words",
        "前三个词中有一处的反向隐藏状态相同",
    )


@exercise("3.2")
def _(changed, *, maps):
    cases = [(5, k, way) for way in ("forward", "backward", "both") for k in (1, 2, 3, 4)]
    found = yield lambda: [changed(*case) for case in cases] + [changed(9, 9, "forward")]
    yield (
        len(found) == 13 and all(isinstance(one, (list, range)) for one in found),
        "return a list of positions",
        "请返回由位置组成的列表",
    )
    yield all(0 not in one for one in found), "positions count from 1 here", "这里的位置从 1 数起"
    for (T, k, way), own in zip(cases, found):
        measured = list(maps.values())[["forward", "backward", "both"].index(way)][k - 1]
        wanted = [t + 1 for t in range(T) if measured[t] > 1e-6]
        yield (
            sorted(own) == wanted,
            f"not what was measured for k = {k}, {way}: look at row {k} of that panel",
            f"k = {k}、{way} 时与测量不符：请看那张图的第 {k} 行",
        )
    yield (
        len(found[-1]) == 1 and 9 in found[-1],
        "right for 5 tokens, wrong for 9",
        "5 个词元时正确，9 个时不对",
    )


@exercise("3.3")
def _(reverse_each, *, batch):
    ids_many = batch.X.asnumpy().tolist()
    lengths_many = batch.src_valid_length.asnumpy().tolist()
    found = yield lambda: (
        [
            reverse_each(ids_many, lengths_many),
            reverse_each([[5, 6, 2], [7, 2, 0], [2, 0, 0]], [3, 2, 1]),
        ]
    )
    yield (
        all(isinstance(one, (list, np.ndarray, nd.NDArray)) for one in found),
        "return a list of lists, or an array",
        "请返回嵌套列表或数组",
    )
    many, three = (nd.array(one).asnumpy() for one in found)
    yield (
        many.shape == batch.X.shape and three.shape == (3, 3),
        "as many sentences, as many ids in each: what was put in must come out",
        "句子数和每句的索引数都不应改变：放进去多少，就要出来多少",
    )
    yield (
        not (three[:, 0] == 0).any(),
        "a sentence now begins with padding: that is what f would read first",
        "有的句子现在以填充开头：f 会最先读到它",
    )
    wanted = nd.SequenceReverse(batch.X.T, batch.src_valid_length, use_sequence_length=True).T
    yield (
        close(three[0], [2, 6, 5]),
        "the sentence without padding is not reversed",
        "没有填充的句子没有倒过来",
    )
    yield (
        close(three[1:, 0], [2, 2]) and close(three[1:, 2], [0, 0]),
        "<eos> must come first, padding stay last",
        "<eos> 应在最前，填充仍在最后",
    )
    yield close(many, wanted), "wrong for the batch above", "对上面的小批量不正确"


@exercise("3.4")
def _(summary, *, batch, h):
    h_small = nd.random.normal(shape=(2, 3, 8))  # (2, 3, 8)
    own_lengths = batch.src_valid_length.asnumpy().tolist()
    found = yield lambda: [summary(h, own_lengths), summary(h_small, [3, 1])]
    many, small = found
    yield (
        many.shape == (4, 256) and small.shape == (2, 8),
        "c needs a row for each sentence, as wide as h",
        "c 的每一行对应一个句子，宽度与 h 相同",
    )
    yield (
        not close(small[0], h_small[0, 2]),
        "that is the state at the last word: how much has its backward half read?",
        "这是最后一个词处的隐藏状态：它反向的一半读过多少？",
    )
    yield (
        close(small[0, :4], h_small[0, 2, :4]),
        "the forward half is wrong: where has it read everything?",
        "正向的一半不对：它在哪里读完了整句？",
    )
    yield (
        close(small[1, :4], h_small[1, 0, :4]),
        "the second sentence has one token only: its last word is not the last column",
        "第二个句子只有一个词元：它的最后一个词不在最后一列",
    )
    yield (
        close(small[:, 4:], h_small[:, 0, 4:]),
        "the backward half is wrong: where has it read everything?",
        "反向的一半不对：它在哪里读完了整句？",
    )
    yield (
        close(many, gs.LastState(True)(h, batch.src_valid_length)),
        "wrong for the batch above: is a size in your code that belongs to one batch only?",
        "对上面的小批量不正确：代码里有没有只适用于某一个小批量的大小？",
    )


@exercise("3.5")
def _(fair):
    found = yield lambda: fair

    def count(num_hiddens, bidirectional):
        layer = gs.RecurrentLayer(64, num_hiddens, bidirectional)
        layer.initialize()
        return sum(p.data().size for p in layer.collect_params().values())

    yield (
        isinstance(found, (int, np.integer)) and found > 0,
        "the answer is a whole number above 0",
        "答案是大于 0 的整数",
    )
    yield (
        found != 64,
        "half the units have less than half the parameters: which term is not linear in H?",
        "单元减半，参数减少得不止一半：哪一项不是 H 的一次式？",
    )
    yield (
        found < 128 and count(found, True) <= count(128, False),
        "with so many units both directions together have more parameters",
        "这么多单元，两个方向合起来的参数就多了",
    )
    yield (
        count(found + 1, True) > count(128, False),
        "one unit more would still fit",
        "再多一个单元也还放得下",
    )


questions(
    "3",
    "10c19673 6255b60e ad1efb22 96c6b440 6643ecb1",
    [
        ("in which order does it come to position 8?", "它是按什么次序来到位置 8 的？"),
        ("look at the two panels of twenty sentences again", "再看看那两张二十个句子的图"),
        (
            "turn the batch of exercise 3.3 round as a whole: where does a short row begin?",
            "把练习 3.3 的小批量整个倒过来：短句那一行从哪里开始？",
        ),
        (
            "what has the state of the first layer at T read? and who reads that state?",
            "第一层在 T 处的状态读过什么？又有谁读了这个状态？",
        ),
        (
            "look at the column *Ils* in the right-hand picture of the section on the decoder",
            "看解码器那一节右图中 Ils 那一列",
        ),
    ],
)
