"""Checks of notebook 13, whose arrays are those of ``mx.np``."""

from mxnet import np

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions, seal


@exercise("13.1")
def _(own_last, *, theirs, X, valid_length):
    found = yield lambda: own_last(theirs(X)[0], valid_length)
    alone = [theirs(X[i : i + 1, : int(n)])[1][-1] for i, n in enumerate(valid_length)]
    wanted = np.concatenate(alone)  # (N, H): each sentence read without padding
    yield found.shape == wanted.shape, "a row for each sentence", "每个句子一行"
    yield (
        not close(found, theirs(X)[0][-1]),
        "that is the state after the padding",
        "那是读完填充之后的状态",
    )
    yield (
        close(found, wanted),
        "not the state at the sentence's own last token",
        "不是句子自己最后一个词元处的状态",
    )


@exercise("13.2")
def _(bridge_size):
    found = yield lambda: bridge_size
    yield (
        seal("13.2", f"{found:g}") != "2503aac6",
        "that is the matrix: what else does the formula have?",
        "那只是矩阵：公式里还有什么？",
    )
    yield (
        seal("13.2", f"{found:g}") == "c2249c6a",
        "64 numbers go in, 64 come out",
        "输入 64 个数，输出 64 个数",
    )


@exercise("13.3")
def _(masked_mean, *, each, held_out, pad, logits):
    Y = held_out[3]
    few = np.array([[1.0, 2.0, 7.0], [4.0, 7.0, 7.0]]), np.array([[5, 2, 3], [2, 3, 3]]), 3
    found = yield lambda: [float(masked_mean(*given)) for given in ((each, Y, pad), few)]
    yield len(found) == 2, "return one number", "请返回一个数"
    total, count = gs.SequenceLoss()(logits, Y, (pad != Y).sum(axis=1).astype("int32"))
    yield (
        not close(found[0], float(each.mean()), 1e-4),
        "padding is still counted",
        "填充仍被计入",
    )
    yield (
        close(found[0], float(total / count), 1e-4),
        "how many real tokens are there?",
        "真正的词元有多少个？",
    )
    yield close(found[1], 7 / 3), "wrong on another batch", "换一个小批量就错了"


@exercise("13.4")
def _(in_the_books_order, *, batch):
    found = yield lambda: list(in_the_books_order(batch))
    yield len(found) == 4, "four arrays", "四个数组"
    yield (
        close(found[2], batch.src_valid_length),
        "which array has the lengths?",
        "哪个数组是长度？",
    )
    yield close(found[0], batch.X), "the sources come first", "源句在最前面"
    yield (
        close(found[1], batch.Y_prev) and close(found[3], batch.Y),
        "what the decoder reads comes before what it is to write",
        "解码器读入的在前，要写出的在后",
    )


@exercise("13.5")
def _(short_bleu):
    found = yield lambda: short_bleu
    yield (
        not close(found, 1, 1e-4),
        "the n-grams are right, but the output is too short: what does that cost?",
        "n 元词组都对，但输出太短：要扣多少？",
    )
    yield (
        close(found, gs.bleu("ils regardent", "ils regardent .", 2), 1e-4),
        "how long are the two, and what is the first factor of the formula then?",
        "两者各有多长？公式的第一个因子这时是多少？",
    )


questions(
    "13",
    "904f435f 45e8cb01 a779c57d c9542dc2 07e25742",
    [
        ("does the encoder use the lengths?", "编码器用到长度了吗？"),
        ("what are the two means taken over?", "两个平均分别是对什么取的？"),
        ("how large is [forward; backward]?", "[正向; 反向] 有多大？"),
        ("read the paragraph below the table", "请重读表格下面的一段"),
        ("what went in?", "输入是哪一种？"),
    ],
)
