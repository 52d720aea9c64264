"""Checks of notebook 1."""

import numpy as np
from mxnet import autograd, nd

import gluon_seq2seq as gs

from ...exercise import close, exercise, questions, seal


@exercise("1.1")
def _(two_more, *, longer):
    found = yield lambda: two_more
    yield isinstance(found, (int, np.integer)), "a count is a whole number", "计数应当是整数"
    yield (
        found <= longer,
        "more than there are pairs with a longer French side at all",
        "比法语更长的句子总数还多",
    )
    yield seal("1.1", found) != "243ccc44", "two tokens more count, too", "恰好多两个词的也算"
    yield seal("1.1", found) == "bbd42716", "which side minus which?", "是哪一侧减哪一侧？"


@exercise("1.2")
def _(to_ids, *, src_vocab, tgt_vocab, x):
    found = yield lambda: (
        [
            to_ids(*task)
            for task in (
                ("They are watching.", src_vocab),
                ("Ils regardent.", tgt_vocab),
                ("The bakers watch!", src_vocab),
            )
        ]
    )
    yield all(isinstance(ids, list) for ids in found), "return a list", "请返回列表"
    yield len(found[0]) != len(x) - 1, "is the sentence closed?", "句子结束了吗？"
    yield len(found[0]) == len(x), "count tokens, not letters", "要数的是词，不是字母"
    yield (
        list(found[0]) == list(x),
        "look at vocab[token] for each token",
        "对每个词查 vocab[token]",
    )
    yield (
        found[1] == tgt_vocab.encode("Ils regardent."),
        "use the vocabulary that is given, with its own tokenizer",
        "请用参数给出的词典及其分词器",
    )
    yield found[2] == src_vocab.encode("The bakers watch!"), "unknown words?", "词典里没有的词呢？"


@exercise("1.3")
def _(decoder_input, *, y, tgt_vocab, pairs, src_vocab):
    found = yield lambda: (
        [decoder_input(list(y), tgt_vocab["<bos>"]), decoder_input([9, 8, 5, 2], 7)]
    )
    first, second = [list(row) for row in found]
    yield (
        len(first) == len(y),
        "as many steps to read as to answer: what does the last step read?",
        "读入的步数与输出的步数相同：最后一步读入什么？",
    )
    yield (
        tgt_vocab["<eos>"] not in first,
        "who would read <eos>, and when?",
        "谁会读入 <eos>？何时？",
    )
    (own,) = gs.Minibatches(pairs[:1], src_vocab, tgt_vocab, batch_size=1)
    yield close(first, own.Y_prev[0]), "what stands at the very first step?", "第一步是什么？"
    yield second[0] == 7, "use the bos that is given", "请用参数给出的 bos"
    yield sorted(second) == [5, 7, 8, 9] and second[-1] == 5, "the order?", "顺序对吗？"


@exercise("1.4")
def _(mask, *, valid_length, T):
    lengths_1_4 = [(valid_length, T), (nd.array([1, 4, 2, 4], dtype="int32"), 4)]
    found = yield lambda: [mask(*task) for task in lengths_1_4]
    yield len(found) == 2, "a mask for each batch", "每个小批量一个掩码"
    for m, (lengths, width) in zip(found, lengths_1_4):
        yield m.shape == (len(lengths), width), "needs a row for each sentence", "每个句子应有一行"
        yield (
            close(nd.array(m).sum(axis=1), lengths),
            "count the ones of each row: how many?",
            "数一数每行有几个 1，应有几个？",
        )
        own = nd.SequenceMask(nd.ones((len(lengths), width)), lengths, True, axis=1)
        yield close(m, own), "where does padding stand: before or behind?", "填充在前面还是后面？"


@exercise("1.5")
def _(padding_share, *, src_vocab, tgt_vocab, pad):
    batches_1_5 = [[5, 5], [5, 10, 7], [1, 4, 2, 4], [9]]
    found = yield lambda: [padding_share(list(lengths)) for lengths in batches_1_5]
    yield len(found) == len(batches_1_5), "a share for each batch", "每个小批量一个比例"
    for share, lengths in zip(found, batches_1_5):
        (made,) = gs.Minibatches([("a " * (n - 1), "b") for n in lengths], src_vocab, tgt_vocab, 9)
        yield 0 <= share < 1, "a share is between 0 and 1", "比例应在 0 与 1 之间"
        yield (
            len(set(lengths)) > 1 or share == 0,
            "equal lengths need no padding at all",
            "长度都相同时根本不需要填充",
        )
        yield (
            close(share, (made.X.asnumpy() == pad).mean()),
            f"draw the batch of {lengths}: how many cells has it, and how many are empty?",
            f"画出 {lengths} 的小批量：共几格？空几格？",
        )


@exercise("1.6")
def _(deal, *, source_lengths, src_vocab, tgt_vocab):
    tasks_1_6 = [([3, 9, 3, 9], 2), ([7, 2, 8, 2, 7, 2], 3), ([5, 1, 4], 2), (source_lengths, 60)]
    found = yield lambda: [deal(list(lengths), size) for lengths, size in tasks_1_6]
    yield len(found) == len(tasks_1_6), "an answer for each task", "每组长度一个答案"
    for batches, (lengths, most) in zip(found, tasks_1_6):
        everyone = sorted(i for batch in batches for i in batch)
        yield (
            everyone == list(range(len(lengths))),
            "each position once: none lost, none twice",
            "每个位置恰好一次：不遗漏，不重复",
        )
        yield max(map(len, batches)) <= most, "a batch is too large", "有的小批量太大"
        yield len(batches) == -(-len(lengths) // most), "too many batches", "小批量太多"
        drawn = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
        texts = [("a " * (n - 1), "b") for n in lengths]
        own = sum(b.X.size for b in gs.Minibatches(texts, src_vocab, tgt_vocab, most))
        yield (
            len(lengths) % most or drawn <= own,
            "too much padding: who sits next to whom?",
            "填充太多：谁该和谁放在一起？",
        )


@exercise("1.7")
def _(rows_touched, *, X, valid_length, pad, encoder, src_vocab, touched):
    X_1_7 = nd.array([[9, 5, 2, 0, 0], [8, 9, 7, 6, 2]], dtype="int32")
    lengths_1_7 = nd.array([3, 5], dtype="int32")
    found = yield lambda: [rows_touched(X, valid_length), rows_touched(X_1_7, lengths_1_7)]
    first, second = [[int(i) for i in rows] for rows in found]
    yield len(set(first)) == len(first), "each row once", "每行只写一次"
    yield pad not in first, "does the encoder look at padding?", "编码器会看填充吗？"
    yield src_vocab["<eos>"] in first, "is <eos> not read?", "<eos> 没有被读入吗？"
    yield sorted(first) == touched.tolist(), "compare with `touched`", "请与 `touched` 比较"
    yield first == sorted(first), "in rising order", "请按升序排列"
    with autograd.record():
        total = encoder(X_1_7, lengths_1_7)[2].sum()
    total.backward()
    own = np.flatnonzero(abs(encoder.embedding.weight.grad()).sum(axis=1).asnumpy())
    yield second == own.tolist(), "another batch, other rows", "换一个小批量，行也不同"


questions(
    "1",
    "f15ee347 e2bbad4d b0efc0a5 043e8b85 f8313566",
    [
        (
            "count the tokens of each side, and what `encode` adds; a batch has rows, even "
            "if only one",
            "数一数每一侧的词，再加上 `encode` 添加的；小批量的每一行是一个句子，"
            "只有一句时也有一行",
        ),
        (
            "what would a recurrent layer that reads word by word otherwise not notice?",
            "循环层逐词读入，否则它察觉不到什么？",
        ),
        ("draw both batches and count the empty cells", "画出两个小批量，数一数空格"),
        (
            "what did the last hundred updates of each epoch see?",
            "每个迭代周期最后一百次更新看到的是什么？",
        ),
        ("can the same word stand at two positions?", "同一个词能出现在两个位置吗？"),
    ],
)
