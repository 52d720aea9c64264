"""Checks of notebook 5."""

import numpy as np
from mxnet import nd
from mxnet.gluon.utils import clip_global_norm

import gluon_seq2seq as gs

from ....corpus.examples import pairs_of
from ....training.scheduled_sampling import mixed_inputs
from ....translation.metrics import entropy_floor, mean_loss, perplexity
from ....translation.scoring import sentence_losses
from ...exercise import close, exercise, questions


@exercise("5.1")
def _(shifted, *, batch, corpus, src_vocab, tgt_vocab):
    found = yield lambda: None if shifted(batch.Y, 1) is None else shifted
    some = next(iter(gs.Minibatches(pairs_of(corpus.dev), src_vocab, tgt_vocab, batch_size=4)))
    bos, eos = tgt_vocab["<bos>"], tgt_vocab["<eos>"]
    for Y, Y_prev, lengths in (
        (batch.Y, batch.Y_prev, [4]),
        (some.Y, some.Y_prev, some.tgt_valid_length.asnumpy()),
    ):
        ids = found(Y, bos)
        ids = ids.asnumpy() if hasattr(ids, "asnumpy") else np.array(ids)
        yield (
            ids.shape == Y.shape,
            "as many positions as Y has: something goes in, so what falls out?",
            "位置数应与 Y 相同：放进了一个，那么去掉哪一个？",
        )
        yield (
            (ids[:, 0] == bos).all(),
            "what does the decoder read at the first position?",
            "解码器在第一个位置读入什么？",
        )
        rows = list(zip(ids, Y_prev.asnumpy(), lengths))
        yield (
            not any(row[n - 1] == eos for row, _, n in rows),
            "at its last position a sentence must not read <eos>: that is what it has to say",
            "句子的最后一个位置不应读入 <eos>：那正是它要说出的词",
        )
        yield (
            all((row[:n] == expected[:n]).all() for row, expected, n in rows),
            "the words are not those of the reference, one position late",
            "这些词不是标签序列后移一位的结果",
        )


@exercise("5.2")
def _(elles_loss, *, model):
    found = yield lambda: elles_loss
    found = found.asnumpy().squeeze() if hasattr(found, "asnumpy") else found
    yield (
        np.ndim(found) == 0 and not isinstance(found, str),
        "one number for the whole sentence",
        "整个句子只对应一个数",
    )
    yield (
        found > 0,
        "a probability is below 1: which sign has its logarithm, and which the loss?",
        "概率小于 1：它的对数是正是负？损失呢？",
    )
    (elles,) = gs.Translator(model).force(["They are watching."], ["Elles regardent."])
    yield (
        close(found, -elles.log_p, 1e-3),
        "is it the sum over all four tokens, <eos> too, and of the trained model?",
        "是全部四个词（包括 <eos>）之和吗？用的是训练好的模型吗？",
    )


@exercise("5.3")
def _(losses_of, *, model, batch3):
    o3, _ = model(batch3.X, batch3.src_valid_length, batch3.Y_prev)
    given3 = o3, batch3.Y, batch3.tgt_valid_length
    found = yield lambda: None if losses_of(*given3) is None else losses_of
    cut = nd.array([3, 7], dtype="int32")
    for o, y, lengths in (
        given3,
        (2 * o3[:2, :9], batch3.Y[:2, :9], cut),
    ):
        losses = found(o, y, lengths)
        losses = losses.asnumpy() if hasattr(losses, "asnumpy") else np.array(losses)
        alone = [
            gs.SequenceLoss()(o[n : n + 1], y[n : n + 1], lengths[n : n + 1])[0].asscalar()
            for n in range(len(y))
        ]
        yield (
            losses.shape == (len(y),),
            "one number for each sentence: over which axis is the sum?",
            "每个句子一个数：应沿哪个轴求和？",
        )
        yield (
            (losses > 0).all(),
            "look at the sign: a loss is what one wants less of",
            "注意符号：损失应当越小越好",
        )
        yield (
            losses.sum() < 1.001 * sum(alone),
            "too large: does padding count?",
            "太大了：填充也算进去了吗？",
        )
        yield (
            close(losses, alone, 1e-3),
            "each sentence should have the loss that SequenceLoss gives it when it is alone",
            "每个句子的损失应与它单独送入 SequenceLoss 时相同",
        )


@exercise("5.4")
def _(corpus_perplexity, *, model, fresh, corpus, dev_batches):
    found = (
        yield lambda: (
            None if corpus_perplexity(np.ones(2), np.ones(2)) is None else corpus_perplexity
        )
    )
    yield (
        np.ndim(found(np.ones(2), np.ones(2))) == 0,
        "one number for the corpus, not one for each sentence",
        "整个语料一个数，而不是每个句子一个数",
    )
    for one in (model, fresh):
        losses, tokens = sentence_losses(one, pairs_of(corpus.dev))
        value = found(losses, tokens)
        yield (
            value >= 1,
            "a perplexity is at least 1: where does exp come in?",
            "困惑度至少为 1：exp 用在哪里？",
        )
        yield (
            not close(value, np.mean(np.exp(losses / tokens)), 1e-3),
            "that is the mean of the sentences' perplexities: what comes first, the mean "
            "over the corpus or exp?",
            "这是各句困惑度的平均：先对整个语料取平均，还是先取 exp？",
        )
        expected = perplexity(mean_loss(one, dev_batches))
        yield (
            close(value / expected, 1, 1e-3),
            "does a long sentence weigh more than a short one, as its tokens do?",
            "长句的权重是否像它的词数那样比短句大？",
        )


@exercise("5.5")
def _(clipped):
    found = yield lambda: None if clipped([nd.ones(2)], 1.0) is None else clipped
    for values, limit in (
        ([[3.0, 0.0], [[4.0]]], 1.0),
        ([[0.1, -0.2], [[0.2]]], 1.0),
        ([[-6.0, 2.0], [[9.0]]], 5.5),
    ):
        given, expected = [nd.array(v) for v in values], [nd.array(v) for v in values]
        clip_global_norm(expected, limit)
        got = found(given, limit)
        yield (
            len(got) == 2 and all(g.shape == e.shape for g, e in zip(got, expected)),
            "as many gradients as before, of the same shapes",
            "梯度的个数和形状都不应改变",
        )
        yield (
            all(close(g, v) for g, v in zip(given, values)),
            "leave the arguments as they are: return new arrays",
            "不要改动参数：请返回新的数组",
        )
        small = np.sqrt(sum((np.array(v) ** 2).sum() for v in values)) <= limit
        yield (
            not small or all(close(g, v) for g, v in zip(got, values)),
            "a small gradient stays as it is: only cut, never stretch",
            "小的梯度应保持不变：只缩短，不拉长",
        )
        yield (
            all(close(g, e, 1e-4) for g, e in zip(got, expected)),
            "one norm for all gradients together, one factor for all: is the direction kept?",
            "所有梯度合起来求一个范数，共用一个系数：方向保持了吗？",
        )


@exercise("5.6")
def _(floor_of, *, example, tgt_vocab, corpus):
    found = yield lambda: None if floor_of([example], tgt_vocab) is None else floor_of
    unsure = [e for e in corpus.test if e.gold.entropy > 0.5][:20]
    for examples in (
        [example],
        [e for e in corpus.test if e.gold.entropy == 0][:3],
        unsure,
        corpus.test,
    ):
        value = found(examples, tgt_vocab)
        expected = entropy_floor(examples, tgt_vocab)
        yield (
            np.ndim(value) == 0 and value >= 0,
            "one number, not negative: look at the sign of p log p",
            "一个数，且不为负：注意 p log p 的符号",
        )
        yield (
            value <= 1.0001 * expected
            or not close(value, sum(e.gold.entropy for e in examples) / len(examples), 1e-6),
            "that is per sentence: per token is asked for",
            "这是每个句子的：要求的是每个词的",
        )
        yield (
            close(value, expected, 1e-6),
            "sum of all nats over sum of all expected tokens: does each translation count by "
            "its probability, and is the division done once?",
            "所有奈特数之和除以期望词数之和：每个译文按概率计入了吗？是否只除了一次？",
        )


@exercise("5.7")
def _(own_words, *, batch, model, shipped, watching, pair):
    X_1 = batch.X, batch.src_valid_length
    found = yield lambda: None if own_words(model, *X_1, 2) is None else own_words
    for one, length in (model, 4), (shipped["mini-bahdanau2015"], 9), (model, 1):
        some = next(iter(gs.Minibatches([watching, pair], one.src_vocab, one.tgt_vocab, 2)))
        read = found(one, some.X, some.src_valid_length, length)
        yield (
            read.shape == (2, length),
            "a row for each sentence, `length` words in each, <bos> counted",
            "每个句子一行，每行 `length` 个词，<bos> 也算在内",
        )
        expected = mixed_inputs(one, some.X, some.src_valid_length, some.Y_prev[:, :length], 0.0)
        yield close(read[:, :1], expected[:, :1]), "the first word is <bos>", "第一个词应当是 <bos>"
        yield (
            close(read[:, :2], expected[:, :2]),
            "the second word: the largest logit over which axis?",
            "第二个词：应沿哪个轴取最大的 logit？",
        )
        yield (
            close(read, expected),
            "the words go wrong later: does each step start from the state that the step "
            "before returned?",
            "后面的词不对：每一步是否从上一步返回的状态出发？",
        )


questions(
    "5",
    "b24d0630 a0b62281 0d26c227 eecf8fab 71bb36b6",
    [
        (
            "what is log 1000, and what would make a loss larger than that of a blind guess?",
            "log 1000 是多少？什么会使损失比瞎猜还大？",
        ),
        ("when is each of the two losses taken?", "这两个损失分别是在什么时候计算的？"),
        ("per token: of what?", "每个词元：什么的词元？"),
        (
            "three times in ten Elles is drawn: what is its loss then?",
            "十次中有三次抽到 Elles：那时损失是多少？",
        ),
        (
            "over what is the floor a mean, and over what the train loss?",
            "下限是对什么取平均？训练损失又是对什么取平均？",
        ),
    ],
)
