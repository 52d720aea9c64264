"""Checks of notebook 7."""

from mxnet import nd

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions


@exercise("7.1")
def _(looks_at, *, target, source, forced):
    found = yield lambda: looks_at
    found = list(found)
    yield (
        len(found) == len(target),
        "a list, with a token for each row of alpha",
        "应当是一个列表，alpha 的每一行对应一个词",
    )
    yield (
        all(token in source for token in found),
        "source tokens: what do the columns of alpha stand for?",
        "应当是源词：alpha 的列代表什么？",
    )
    weights = forced.attention
    yield (
        all(weights[u, source.index(token)] == weights[u].max() for u, token in enumerate(found)),
        "some row has more weight in another column: along which axis do you search?",
        "某一行里还有更大的权重：你是沿哪个轴寻找的？",
    )


@exercise("7.2")
def _(contexts):
    found = yield lambda: contexts
    for N, steps, T, D in (2, 3, 5, 4), (3, 4, 4, 4):
        s_any, h_any = nd.random.normal(shape=(N, steps, D)), nd.random.normal(shape=(N, T, D))
        c_any, alpha_any = gs.Dot()(s_any, h_any, nd.full((N,), T, dtype="int32"))
        result = found(alpha_any, h_any)
        yield result is not None, "the function returns nothing yet", "函数还没有返回值"
        yield (
            getattr(result, "shape", None) == c_any.shape,
            "c has a vector of size D for each sentence and each target step",
            "每个句子、每个目标时间步对应一个大小为 D 的 c",
        )
        yield (
            close(result, c_any),
            "which axis of alpha and which of h are both called t? That one is summed over",
            "alpha 的哪个轴和 h 的哪个轴都记作 t？求和应当沿着它进行",
        )


@exercise("7.3")
def _(error_rate, *, test, corpus, translator, bahdanau):
    found = yield lambda: error_rate
    for example in (*test[:12], corpus.train[0]):
        (one,) = translator.force([example.source], [example.gold.references[0]])
        result = found(one.attention, example.gold.alignments[0])
        yield result is not None, "the function returns nothing yet", "函数还没有返回值"
        yield (
            0 <= result <= 1,
            "an error rate lies between 0 and 1: what is divided by what?",
            "错误率在 0 和 1 之间：是什么除以什么？",
        )
        expected = gs.alignment(bahdanau, [example])["aer"]
        yield (
            close(result, expected),
            f"not for {example.source!r}: is each pair (source, target)? And <eos>, its row "
            "and its column?",
            f"对 {example.source!r} 不对：每一对都是（源，目标）吗？<eos> 的行和列处理了吗？",
        )


@exercise("7.4")
def _(weights_of):
    found = yield lambda: weights_of
    for N, T in (3, 5), (2, 7):
        s_any, h_any = nd.random.normal(shape=(N, 4, 6)), nd.random.normal(shape=(N, T, 6))
        own = nd.array([T, 2, 1][:N], dtype="int32")
        result = found(nd.batch_dot(s_any, h_any, transpose_b=True), own)
        yield result is not None, "the function returns nothing yet", "函数还没有返回值"
        yield (
            getattr(result, "shape", None) == (N, 4, T),
            "alpha has the shape of e",
            "alpha 的形状与 e 相同",
        )
        yield (
            close(result[1, :, 2:], nd.zeros((4, T - 2))),
            "a sentence of two words still has weight on its padding",
            "只有两个词的句子在填充处仍有权重",
        )
        yield (
            close(result.sum(axis=2), nd.ones((N, 4))),
            "some row does not sum to 1: when did the padding leave, before the "
            "normalisation or after it?",
            "有的行之和不为 1：填充是在归一化之前还是之后去掉的？",
        )
        yield (
            close(result, gs.Dot()(s_any, h_any, own)[1]),
            "a distribution, but not softmax of these scores",
            "是概率分布，但不是这些分数的 softmax",
        )


@exercise("7.5")
def _(from_concat):
    found = yield lambda: from_concat
    for H, D, A in (3, 4, 5), (6, 2, 4):
        W_any, v_any = nd.random.normal(shape=(A, H + D)), nd.random.normal(shape=(1, A))
        s_any, h_any = nd.random.normal(shape=(1, 1, H)), nd.random.normal(shape=(1, 4, D))
        block = found(W_any, v_any, H)
        yield block is not None, "the function returns nothing yet", "函数还没有返回值"
        yield (
            isinstance(block, gs.Additive),
            "the function should return a gs.Additive",
            "函数应当返回 gs.Additive",
        )
        yield (
            block.w_s.weight.shape == (A, H) and block.w_h.weight.shape == (A, D),
            "which columns of W_a meet s, and which meet h?",
            "W_a 的哪些列与 s 相乘，哪些与 h 相乘？",
        )
        joined = nd.concat(s_any.tile((1, 4, 1)), h_any, dim=2)  # (1, 4, H + D)
        e_any = nd.dot(nd.tanh(nd.dot(joined[0], W_any.T)), v_any.T)  # (4, 1)
        result = block(s_any, h_any, nd.array([4], dtype="int32"))[1]
        yield (
            close(result[0, 0], nd.softmax(e_any.reshape(-1))),
            "it runs, but other weights come out: do all three layers have their numbers?",
            "能运行，但权重不同：三个层都赋值了吗？",
        )


@exercise("7.6")
def _(cosine):
    found = yield lambda: cosine
    block = type("Cosine", (gs.Attention,), {"a": lambda self, F, s, keys: found(F, s, keys)})()
    s_any, h_any = nd.random.normal(shape=(2, 3, 6)), nd.random.normal(shape=(2, 5, 6))
    own = nd.array([5, 2], dtype="int32")
    yield (
        found(nd, s_any, h_any) is not None,
        "the function returns nothing yet",
        "函数还没有返回值",
    )
    e_any = found(nd, s_any, h_any)
    yield (
        getattr(e_any, "shape", None) == (2, 3, 5),
        "a score for each target step and each source position",
        "每个目标时间步与每个源位置之间都有一个分数",
    )
    yield (
        close(found(nd, 3 * s_any, 7 * h_any), e_any, 1e-3),
        "longer vectors get other scores: the cosine does not know of lengths",
        "向量变长后分数也变了：余弦与长度无关",
    )
    own_angle = found(nd, h_any, h_any)[1, 3, 3].asscalar()
    yield (
        abs(own_angle - 5) < 1e-3,
        "h beside itself has an angle of 0: what is its score?",
        "h 与自身的夹角为 0：它的分数应当是多少？",
    )
    axes = found(nd, nd.eye(6).expand_dims(0).tile((2, 1, 1)), h_any)  # (2, 6, 5)
    yield (
        close((axes / 5).square().sum(axis=1), nd.ones((2, 5)), 1e-3),
        "the cosines of h with all the axes do not fit together: which length belongs to "
        "which position?",
        "h 与各坐标轴的余弦互相矛盾：哪个长度属于哪个位置？",
    )
    yield (
        close(found(nd, -s_any, h_any), -e_any, 1e-3),
        "the opposite direction has the opposite cosine",
        "方向相反时，余弦变号",
    )
    yield (
        close(block(s_any, nd.zeros((2, 5, 6)), own)[1].sum(axis=2), nd.ones((2, 3))),
        "NaN where h is zero: what is divided by what?",
        "h 为零时得到 NaN：是什么除以什么？",
    )
    eager = block(s_any, h_any, own)[1]
    block.hybridize()
    yield (
        close(block(s_any, h_any, own)[1], eager),
        "hybridized it gives other numbers",
        "调用 hybridize 之后结果不同",
    )


@exercise("7.7")
def _(context_part, *, bahdanau, c_t, h):
    found = yield lambda: context_part
    whole = bahdanau.decoder.g.layers[0].l0_i2h_weight.data()
    yield (
        getattr(found, "shape", None) == (384, 256),
        "three gates of 128 rows each, and a column for each number in c",
        "三个门各有 128 行，c 中的每个数对应一列",
    )
    for vector in c_t, h[:, 1], h[:, 3]:
        expected = nd.dot(nd.concat(nd.zeros((1, 128)), vector, dim=1), whole.T)
        yield (
            close(nd.dot(vector, nd.array(found).T), expected),
            "the size is right, the place is not: which comes first in [y; c]?",
            "大小对了，位置不对：[y; c] 中哪个在前？",
        )


questions(
    "7",
    "3dedffd0 a8b21fd7 97258b98 62f829b7 c64979e6",
    [
        ("which of the four has t' among its indices?", "四者之中，哪一个的下标里有 t'？"),
        (
            "look at the left picture of the section on padding: where did the weight go?",
            "看“落在填充上的注意力”一节的左图：权重到哪里去了？",
        ),
        ("which formula multiplies s and h number by number?", "哪个公式把 s 与 h 的数逐个相乘？"),
        (
            "compare the two rankings in the table of the trained models",
            "比较训练好的各模型在表中的两种排名",
        ),
        (
            "which s is the query at step 3, and which word has that s read last?",
            "第 3 步的查询是哪个 s？这个 s 最后读的是哪个词？",
        ),
    ],
)
