"""Checks of notebook 4."""

import math

from mxnet import init, nd

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions


@exercise("4.1")
def _(size_of_g):
    _sizes = [(7, 0, 5), (7, 3, 5), (8, 3, 5), (128, 128, 128)]
    found = yield lambda: [size_of_g(*sizes) for sizes in _sizes]
    yield (
        found[1] > found[0] > 0,
        "c goes into g, too: where does its size count?",
        "c 也进入 g：它的大小应当算在哪里？",
    )
    yield (
        found[2] - found[1] == 3 * 5,
        "one more entry in y means one more column in w_x: how many rows has it?",
        "y 多一个元素，w_x 就多一列：这一列有多少行？",
    )
    _decoders = [gs.Decoder(11, E_, H_, D_) for E_, D_, H_ in _sizes]
    for one in _decoders:
        one.initialize()
    truth = [sum(q.data().size for q in one.g.collect_params().values()) for one in _decoders]
    yield (
        close(found, truth),
        "compare with the shapes above: are both biases there, and the matrix for s?",
        "请与上面的形状对照：两个偏差都算了吗？乘 s 的矩阵呢？",
    )


@exercise("4.2")
def _(log_probability, *, pair, product, factor, translator):
    _pairs = [
        pair,
        ("They are watching.", "Elles regardent."),
        ("We are not tired.", "Nous sommes fatigués."),
    ]
    found = yield lambda: [log_probability(*one) for one in _pairs]
    found = [float(one.asscalar() if hasattr(one, "asscalar") else one) for one in found]
    yield (
        len(found) == 3 and all(found),
        "a log probability for each pair, please",
        "每个句对应当得到一个对数概率",
    )
    yield (
        max(found) < 0,
        "a probability is at most 1: what sign has its logarithm?",
        "概率不超过 1：它的对数是正还是负？",
    )
    yield (
        not close(found[0], math.log(product / factor), 1e-4),
        "how many factors has P? The sentence has to end, too",
        "P 有几个因子？别忘了句子还必须结束",
    )
    truth = [one.log_p for one in translator.force(*zip(*_pairs))]
    yield (
        close(found, truth, 1e-4),
        "not yet: does each step start from the state that the last one left, and is "
        "each word of Y looked up after its own word of Y_prev?",
        "还不对：每一步都从上一步留下的状态出发吗？Y 的每个词都是在它自己的 Y_prev 之后查到的吗？",
    )


@exercise("4.3")
def _(beginning_found, *, vocab, after):
    found = yield lambda: beginning_found
    yield (
        isinstance(found, str) and found in vocab,
        "one word of the target vocabulary, as a text",
        "应当是目标语言词典中的一个词，写成字符串",
    )
    best = vocab.to_tokens(int(after("They are watching.", found).argmax(axis=0).asscalar()))
    yield (
        best == "regardez",
        f"after that the model says {best}: whom does the ending -ez go with?",
        f"在它之后模型说的是 {best}：词尾 -ez 与哪个人称搭配？",
    )


@exercise("4.4")
def _(second_word, *, vocab, steps, after):
    found = yield lambda: second_word
    found = found.asnumpy() if hasattr(found, "asnumpy") else found
    yield (
        found.shape == (len(vocab),),
        "one probability for each word: shape (V,)",
        "每个词一个概率：形状应为 (V,)",
    )
    yield (
        close(found.sum(), 1, 1e-3),
        "they are probabilities of one word: what is their sum?",
        "它们是同一个词的概率：总和应当是多少？",
    )
    first = steps[0]
    known = sum(first[vocab[w]] * after("They are watching.", w) for w in ("Ils", "Elles"))  # (V,)
    rest = (1 - first[vocab["Ils"]] - first[vocab["Elles"]]).asscalar()
    gap = found - known.asnumpy()
    yield (
        gap.min() > -1e-4,
        "Ils and Elles alone give some words more than that: is each line weighted by "
        "how probable its first word is?",
        "仅 Ils 和 Elles 两项就使某些词的概率超过你的结果：每一行按其第一个词的概率加权了吗？",
    )
    yield (
        gap.max() < rest + 1e-4,
        "some words have more than all first words together can give: is the sum over y_1?",
        "某些词的概率超过了所有第一个词加起来所能给的：是对 y_1 求和吗？",
    )


@exercise("4.5")
def _(maxout):
    gs.seed(0)
    _readout = gs.MaxoutReadout(9, 4, 3, 2)  # V, E, H, D
    _readout.initialize(init.Xavier())
    _y, _s, _c = (nd.random.normal(shape=(2, 3, size)) for size in (4, 3, 2))
    found = yield lambda: maxout(_readout.w_p(nd.concat(_y, _s, _c, dim=2)))
    yield (
        found.shape == (2, 3, 4),
        "half as many numbers at each step, and nothing else lost: (N, T', E)",
        "每个时间步的数减半，别的都不能少：(N, T', E)",
    )
    pairs = _readout.w_p(nd.concat(_y, _s, _c, dim=2))
    yield (
        not close(found, nd.maximum(pairs[:, :, :4], pairs[:, :, 4:])),
        "these are numbers half the vector apart: which two does the equation compare?",
        "你比较的两个数相隔半个向量：公式比较的是哪两个？",
    )
    yield (
        close(found, _readout.hidden(nd, _y, _s, _c)),
        "not the larger of each two neighbours yet",
        "还不是每两个相邻数中较大的一个",
    )


@exercise("4.6")
def _(ReadoutWithoutContext):
    def _logits_of(kind):
        """Logits for y, s, c and for each of them changed in turn."""
        gs.seed(0)
        block = kind(9, 4, 3, 2)  # V, E, H, D
        block.initialize(init.Xavier())
        inputs = [nd.random.normal(shape=(2, 3, size)) for size in (4, 3, 2)]
        changed = [[x + (i == j) for j, x in enumerate(inputs)] for i in range(3)]
        return block, [block(*given) for given in (inputs, *changed)]

    found = yield lambda: ReadoutWithoutContext
    yield (
        isinstance(found, type) and issubclass(found, gs.Readout),
        "a class made from gs.Readout",
        "应当是由 gs.Readout 派生的类",
    )
    block, (plain, y, s, c) = _logits_of(found)
    yield close(plain, c), "the logits still move with c", "c 一变，logits 还是跟着变"
    yield (
        not close(plain, y) and not close(plain, s),
        "the logits should move with y, and with s",
        "y 变或 s 变时，logits 应当跟着变",
    )
    yield (
        block.w_p.weight.shape == (4, 7),
        "w_p has columns that nothing uses, or too few",
        "w_p 有用不到的列，或者列数不够",
    )
    far = [nd.random.normal(scale=99, shape=(5, 5, size)) for size in (4, 3, 2)]
    least, most = (block.hidden(nd, *far).min().asscalar(), block.hidden(nd, *far).max().asscalar())
    yield -1 <= least < 0 < most <= 1, "the hidden layer lacks its tanh", "隐藏层少了 tanh"


questions(
    "4",
    "ecf642c5 1bb98abe b3d8d357 7646857c 6cf8ebe4",
    [
        ("what does search not know that training does?", "训练时知道、搜索时不知道的是什么？"),
        (
            "go along the arrows of the last of the four decoders",
            "沿着四种解码器中最后一种的箭头走一遍",
        ),
        (
            "which factors does the longer product have in addition, and how large can each be?",
            "较长的乘积多出哪些因子？每个因子最大是多少？",
        ),
        (
            "rows and columns of the last picture: which of them is a distribution?",
            "看最后一幅图的行与列：哪一个才是分布？",
        ),
        (
            "c is all that the bridge reads; and how many arrays does an LSTM hand on?",
            "桥只读入 c；而 LSTM 要传下去几个数组？",
        ),
    ],
)
