"""Checks of notebook 2."""

import numpy as np
from mxnet import init, nd
from mxnet.gluon import rnn

import gluon_seq2seq as gs

from ....model.recurrent import RNNS
from ...exercise import close, exercise, questions, seal


@exercise("2.1")
def _(x_2, *, E, encoder, X):
    found = yield lambda: x_2
    yield (
        found.shape != (1, 6),
        "nearly: one word vector has one axis, yours has two",
        "差一点：一个词向量只有一个轴，你的有两个",
    )
    yield (
        found.shape == (6,),
        "a word vector has six numbers: which axis of E is the vocabulary?",
        "词向量有六个数：E 的哪个轴对应词典？",
    )
    yield (
        not close(found, encoder.embedding(X)[0, 2]),
        "that is the word vector of the third word: where does Python begin to count?",
        "这是第三个词的词向量：Python 从几数起？",
    )
    yield (
        not close(found, E[1]) and not close(found, E[2]),
        "which row of E belongs to a word is said by its id, not by its place in the sentence",
        "词对应 E 的哪一行由词的索引决定，而不是由它在句中的位置决定",
    )
    yield (
        close(found, encoder.embedding(X)[0, 1]),
        "that is not the row of *are*: what id does the vocabulary give it?",
        "这不是 are 的那一行：词典给它的索引是多少？",
    )


@exercise("2.2")
def _(MinState):
    h_two = nd.array([[[3, -2], [1, -5], [2, -1]], [[4, -3], [5, 1], [0, 0]]])  # (2, 3, 2)
    n_two = nd.array([3, 2], dtype="int32")  # the second sentence ends after two tokens
    found = yield lambda: MinState()(h_two, n_two)
    yield (
        found.shape == (2, 2),
        "c needs one row a sentence and one column a hidden unit",
        "c 的每一行对应一个句子，每一列对应一个隐藏单元",
    )
    yield (
        close(found[0], h_two[0].min(axis=0)),
        "even the sentence without padding is wrong: over which axis do you take the minimum?",
        "连没有填充的句子也不对：你是沿哪个轴取最小值的？",
    )
    yield (
        float(found[1, 0].asscalar()) != 0,
        "a unit of the second sentence is 4, then 5: where does your 0 come from?",
        "第二个句子的一个单元先是 4 后是 5：你的 0 是从哪里来的？",
    )
    yield (
        close(found[1], h_two[1, :2].min(axis=0)),
        "the second sentence, which has padding, is wrong",
        "带填充的第二个句子不对",
    )
    hybrid = MinState()
    hybrid.hybridize()
    h_long = nd.random.uniform(2000, 3000, shape=(2, 7, 5))
    wanted = nd.stack(h_long[0, :6].min(axis=0), h_long[1, :1].min(axis=0))
    yield (
        close(hybrid(h_long, nd.array([6, 1], dtype="int32")), wanted),
        "wrong on another batch, hybridized: is there a number in your code that belongs "
        "to one batch only?",
        "换一个小批量并 hybridize 之后不对：代码里有没有只适用于某一个小批量的数？",
    )


@exercise("2.3")
def _(parameters_of):
    found = yield lambda: (
        [parameters_of(1, 6, 4), parameters_of(3, 64, 128), parameters_of(4, 5, 9)]
    )

    def count(f_class, embed_size, num_hiddens):
        layer = f_class(num_hiddens, input_size=embed_size)
        layer.initialize()
        return sum(p.data().size for p in layer.collect_params().values())

    small, middle, large = found
    wanted = count(RNNS["tanh"], 6, 4)
    yield (
        small not in (wanted - 8, wanted - 4),
        "nearly: how many biases did you find in the GRU?",
        "差一点：你在 GRU 中见到几个偏差？",
    )
    yield (
        small == wanted,
        "wrong for the tanh RNN with E = 6, H = 4: write down the shapes of its arrays",
        "E = 6、H = 4 的 tanh 循环网络不对：写出它各个数组的形状",
    )
    yield (
        middle == count(RNNS["gru"], 64, 128),
        "wrong for the GRU with E = 64, H = 128",
        "E = 64、H = 128 的 GRU 不对",
    )
    yield (
        large == count(RNNS["lstm"], 5, 9),
        "wrong for the LSTM with E = 5, H = 9",
        "E = 5、H = 9 的 LSTM 不对",
    )


@exercise("2.4")
def _(tanh_states, *, x):
    plain = RNNS["tanh"](4, input_size=6)
    plain.initialize(init.Normal(0.7))
    plain.l0_i2h_bias.set_data(nd.array([0.5, -1, 1, -0.5]))
    arrays = [p.data() for p in (plain.l0_i2h_weight, plain.l0_h2h_weight, plain.l0_i2h_bias)]
    found = yield lambda: [tanh_states(x, *arrays), tanh_states(x[:2] * 3, *arrays)]
    one, two = found
    yield (
        one.shape != (4,),
        "all the states are asked for, not only the last",
        "要返回全部隐藏状态，而不只是最后一个",
    )
    yield (
        one.shape == (5, 4) and two.shape == (2, 4),
        "h needs one row a word and one column a hidden unit",
        "h 的每一行对应一个词，每一列对应一个隐藏单元",
    )
    expected = plain(x.expand_dims(1))[:, 0]
    yield (
        close(one[0], expected[0]),
        "h_1 is wrong already: is every term of the formula there? what is h_0?",
        "h_1 就不对：公式的每一项都有吗？h_0 是什么？",
    )
    yield (
        close(one, expected),
        "h_1 is right, a later state is not: what does step 2 get for h_prev?",
        "h_1 正确，后面的不对：第 2 步得到的 h_{t-1} 是什么？",
    )
    yield (
        close(two, plain(3 * x[:2].expand_dims(1))[:, 0]),
        "right for five words, wrong for two",
        "五个词时正确，两个词时不对",
    )


@exercise("2.5")
def _(lags):
    pairs = [(1, 1), (2, 2), (3, 2), (4, 3)]  # They-Ils, are-regardent, watching-regardent, .-.
    found = yield lambda: (
        [lags(pairs, 5, False), lags(pairs, 5, True), lags([(1, 1), (2, 3)], 3, True)]
    )
    plain, turned, crossed = found
    yield (
        len(plain) == len(turned) == 4,
        "one lag for each pair, in a list",
        "每一对词一个时滞，放在列表里",
    )
    yield (
        seal("2.5a", [int(n) for n in plain]) == "e174d56d",
        "reading from first to last is wrong: in which step is word t read?",
        "正着读时不对：词 t 是在第几步读到的？",
    )
    yield (
        min(turned) != 1,
        "a lag of 1 would mean that a word is read in the very last step: what is read there?",
        "时滞为 1 意味着在最后一步才读到这个词：最后一步读的是什么？",
    )
    yield (
        seal("2.5b", [int(n) for n in turned]) == "ac75ddf7",
        "reading from last to first is wrong: <eos> keeps its place",
        "倒着读时不对：<eos> 的位置不变",
    )
    yield (
        seal("2.5c", [int(n) for n in crossed]) == "bfbcc015",
        "wrong for a sentence of two words",
        "换成两个词的句子时不对",
    )


@exercise("2.6")
def _(W_agree, *, give_weights, x):
    found = yield lambda: W_agree
    yield (
        np.shape(found) == (4, 4),
        "W_hh goes from four hidden units to four",
        "W_hh 把四个隐藏单元变为四个隐藏单元",
    )
    found = nd.array(found)
    yield (
        len({w for w in found.asnumpy().ravel() if w}) >= 4,
        "use four different numbers that are not 0",
        "请使用四个互不相同的非零数",
    )
    pair = gs.TextbookGRU(4, input_size=6), rnn.GRU(4, input_size=6)
    for one in pair:
        one.initialize(init.Normal(0.7))
    pair[0].cell.w_hh.weight.set_data(found)
    give_weights(pair[1], pair[0].cell)
    results = [one(3 * x.expand_dims(1)) for one in pair]
    yield (
        close(*results, tolerance=1e-4),
        "they still differ: write row i of both sides as a sum; which r does each term carry?",
        "仍然不同：把两边的第 i 行写成求和，每一项里各是哪一个 r？",
    )


questions(
    "2",
    "35ac5afa 245311ef 89c29f67 f9f25fad b0f0a7e0",
    [
        ("which words has h_t read?", "h_t 读过哪些词？"),
        (
            "run the first cell of the section on word vectors again: what did the assert compare?",
            "再运行词向量一节的单元格：assert 比较的是什么？",
        ),
        ("put z_t = 1 into the last line of the equations", "把 z_t = 1 代入最后一行公式"),
        (
            "follow c through the code of the encoder: who reads it there?",
            "在编码器的代码中找到 c：那里有谁读它？",
        ),
        (
            "what do the neighbours of a sentence change in its row of X?",
            "同一批中的其他句子会改变它在 X 中那一行的什么？",
        ),
    ],
)
