# %% [markdown]
# # 13. Beside the book
#
# The book's present edition has moved on: NumPy's arrays in place of `nd`, a library of its own, `d2l`, and a chapter of its own on seq2seq. This notebook lays it beside these Blocks: its data in our models, its models in our loop, ours in its Trainer, with the numbers side by side, and then what differs and why. *They are watching.* is in its data, too.
#
# **After this notebook you can**
#
# - use arrays of `mx.np` and of `mx.nd` with the same Block, under `npx.set_np()` or not;
# - give the book's data set to these models, and these models to the book's `d2l.Trainer`;
# - say what padding does to the book's context, to its attention and to its loss;
# - name what the two decoders start from, and which BLEU is which.
# <!-- zh -->
# # 13. 与书并排
#
# 这本书的现行版本又往前走了：用 NumPy 式的数组代替 `nd`，有自己的库 `d2l`，也有自己的 seq2seq 一节。本篇把它和这里的 Block 并排放在一起：它的数据用于我们的模型，它的模型用我们的循环训练，我们的模型用它的 Trainer 训练，结果放在同一张表里；然后说明哪里不同、为什么不同。它的数据里同样有 *They are watching.*。
#
# **学完本篇，你能够**
#
# - 在调用或不调用 `npx.set_np()` 时，把 `mx.np` 和 `mx.nd` 的数组交给同一个 Block；
# - 把书中的数据集交给这里的模型，把这里的模型交给书中的 `d2l.Trainer`；
# - 说明填充对书中的背景变量、注意力和损失有什么影响；
# - 说出两种解码器各从什么状态开始，以及哪个 BLEU 是哪一个。

# %% [markdown]
# ## Formulas
#
# | formula | code of the book's library | code here | shape |
# | --- | --- | --- | --- |
# | $c = q(h_1, \ldots, h_T)$ | the last state of `d2l.Seq2SeqEncoder`, padding read | `gs.Encoder`, each sentence's own $h_T$ | `(N, H)` |
# | $s_0$ | $s_0 = h_T$ of each layer | $s_0 = \tanh(W_s c + b_s)$, `gs.Bridge` | `(rows, N, H)` |
# | $-\frac{1}{n} \sum \log P(y_{t'} \mid y_{<t'}, c)$ | `d2l.Seq2Seq.loss`, n counts padding | `gs.SequenceLoss`, n tokens | a number |
# | $\alpha = \mathrm{softmax}(s^\top h_t / \sqrt{D})$ | `d2l.DotProductAttention` | `gs.ScaledDot` | `(N, T', T)` |
# | $\exp(\min(0, 1 - len_{label} / len_{pred})) \prod_n p_n^{1/2^n}$ | `d2l.bleu` | `gs.bleu` | 0 to 1 |
# <!-- zh -->
# ## 公式
#
# | 公式 | 书中的库 code | 这里的 code | 形状 shape |
# | --- | --- | --- | --- |
# | $c = q(h_1, \ldots, h_T)$ | `d2l.Seq2SeqEncoder` 的最后状态，填充也被读入 | `gs.Encoder`，每个句子自己的 $h_T$ | `(N, H)` |
# | $s_0$ | 每一层 $s_0 = h_T$ | $s_0 = \tanh(W_s c + b_s)$，`gs.Bridge` | `(rows, N, H)` |
# | $-\frac{1}{n} \sum \log P(y_{t'} \mid y_{<t'}, c)$ | `d2l.Seq2Seq.loss`，n 把填充也算在内 | `gs.SequenceLoss`，n 为词元数 | 一个数 |
# | $\alpha = \mathrm{softmax}(s^\top h_t / \sqrt{D})$ | `d2l.DotProductAttention` | `gs.ScaledDot` | `(N, T', T)` |
# | $\exp(\min(0, 1 - len_{label} / len_{pred})) \prod_n p_n^{1/2^n}$ | `d2l.bleu` | `gs.bleu` | 0 到 1 |

# %% tags=["skip"]
import time

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr
from gluon_seq2seq.plots.style import borrowed
from gluon_seq2seq.training.train_step import Step

import mxnet as mx
from d2l import mxnet as d2l
from mxnet import init, npx
from mxnet.gluon import nn

lang = language(tr("en", "zh"))
npx.set_np()  # the second line of every chapter of the present edition

# %% tags=["parameters"]
examples = 768
epochs = 16

# %% [markdown]
# ## Its data
#
# `d2l.MTFraEng` downloads the sentences of Tatoeba. A class room may have no network, so here it is given those of `mini` instead, the short ones: one method of a subclass, and nothing else of it changes. What you see is therefore the book's data set with sentences that are not the book's.
# <!-- zh -->
# ## 书中的数据
#
# `d2l.MTFraEng` 要从网上下载 Tatoeba 的句子。教室里未必有网络，所以这里改用 `mini` 中较短的句子：只在子类里换掉一个方法，其余都不变。因此你看到的是书中的数据集类，句子却不是书中的句子。

# %%
pairs = [(e.source, e.references[0]) for e in gs.load_corpus("mini").train]
short = [pair for pair in pairs if len(" ".join(pair).split()) <= 11]
short = [("They are watching.", "Ils regardent."), *short]


class Bundled(d2l.MTFraEng):
    """The book's data set, of sentences that are here already."""

    def _download(self):
        return "\n".join("\t".join(pair) for pair in short)


data = Bundled(batch_size=64, num_train=examples, num_val=128)
X, Y_prev, valid_length, Y = next(iter(data.train_dataloader()))
print(type(X).__module__, X.shape, Y_prev.shape, valid_length.shape, Y.shape)
V, W, pad = len(data.src_vocab), len(data.tgt_vocab), data.tgt_vocab["<pad>"]
print(V, W, data.src_vocab.idx_to_token[:6], data.src_vocab.to_tokens(X[0]))

# %% [markdown]
# Its arrays are those of `mx.np`, its ids are floats, and every sentence has `num_steps` = 9 positions, cut or filled up. These Blocks take them as they are, and give arrays of the same kind; the same numbers as `mx.nd` arrays give `mx.nd` arrays.
# <!-- zh -->
# 它的数组是 `mx.np` 的，编号是浮点数，每个句子都有 `num_steps` = 9 个位置，长了截断，短了填充。这里的 Block 直接接受它们，并给出同一种数组；换成 `mx.nd` 的数组，得到的就是 `mx.nd` 的数组。

# %%
gs.seed(0)
encoder = gs.Encoder(V, 16, 32)
encoder.initialize()
h, _, c = encoder(X, valid_length)  # (N, T, D), (N, D)
h_nd, _, c_nd = encoder(X.as_nd_ndarray(), valid_length.as_nd_ndarray())
print(type(c).__module__, type(c_nd).__module__, npx.is_np_array())
assert close(c, c_nd)

# %% [markdown]
# `gs.load_corpus` takes the same object, goes back to its sentences (lower-cased, as the book does it) and cuts them into words by its own rules: there *j'ai* is two words, in the book's vocabulary one.
# <!-- zh -->
# `gs.load_corpus` 也接受这个对象：它回到原来的句子（像书中一样转为小写），再按自己的规则切分。在这里 *j'ai* 是两个词，在书中的词典里是一个。

# %%
corpus = gs.load_corpus(data)
print(corpus)
print([token for token in data.tgt_vocab.idx_to_token if "'" in token][:5])

# %% [markdown]
# ## Its model
#
# `d2l` brings the encoder and the class that joins it to a decoder; the decoder stands in the chapter alone. Here is one built as that one is: it starts from the encoder's last states, and reads the top one, $c$, beside every word.
# <!-- zh -->
# ## 书中的模型
#
# `d2l` 里有编码器，也有把它与解码器连起来的类；解码器只写在那一节里。下面照它的样子写一个：从编码器的最后状态开始，每一步除了前一个词还读最上层的状态 $c$。


# %%
class BookDecoder(d2l.Decoder):
    """s_0 = h_T of the encoder; g reads [y; c] with c the encoder's last state."""

    def __init__(self, vocab_size, embed_size, num_hiddens):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = d2l.GRU(num_hiddens, 1)
        self.dense = nn.Dense(vocab_size, flatten=False)
        self.initialize(init.Xavier())

    def init_state(self, encoded, *_):
        outputs, state = encoded
        return outputs[-1], state  # c (N, H), s_0 (1, N, H)

    def forward(self, Y_prev, state):
        c, s = state
        y = self.embedding(Y_prev.T)  # (T', N, E)
        every_step = mx.np.tile(c, (len(y), 1, 1))  # (T', N, H)
        outputs, s = self.rnn(mx.np.concatenate([y, every_step], -1), s)
        return self.dense(outputs).swapaxes(0, 1), (c, s)  # (N, T', V)


def books():
    """The book's model."""
    return d2l.Seq2Seq(d2l.Seq2SeqEncoder(V, 32, 64, 1), BookDecoder(W, 32, 64), pad, lr)


# %% [markdown]
# And ours, made to be one of the book's: it takes the same batch in the same order.
# <!-- zh -->
# 再把我们的模型做成书中的一种模型：以同样的顺序接受同样的小批量。


# %%
class Ours(d2l.Seq2Seq):
    """These Blocks, as d2l.Trainer wants a model."""

    def __init__(self):
        super().__init__(gs.Encoder(V, 32, 64), gs.Decoder(W, 32, 64, 64), pad, lr)
        self.bridge = gs.Bridge(64, 64, 1)
        self.initialize(init.Xavier())
        self.hybridize()

    def forward(self, X, Y_prev, valid_length):
        h, _, c = self.encoder(X, valid_length)
        return self.decoder(Y_prev, self.bridge(c), h, c, valid_length)[0]  # (N, T', V)


lr = 0.008
device = d2l.try_gpu()
for make in books, Ours:
    gs.seed(0)
    print(make.__name__, make()(X, Y_prev, valid_length).shape, device)

# %% [markdown]
# ## Two models, two loops
#
# The book's loop is `d2l.Trainer`. Ours is a `Step` for each batch, the one that `gs.train` takes: Adam and a clipped gradient in both, but ours sums $-\log P$ over real tokens, and theirs averages over all positions. `gs.train` itself would ask the book's model to search, which it cannot. The book's Blocks are written with `mx.np`, and a Block inside our loop is given `mx.nd` arrays: the class below puts the flags on for it, as these Blocks put them off for themselves.
# <!-- zh -->
# ## 两种模型，两种循环
#
# 书中的循环是 `d2l.Trainer`。我们的循环对每个小批量用一次 `Step`，`gs.train` 用的也是它：两者都是 Adam 加梯度裁剪，但我们对真正的词元求 $-\log P$ 之和，书中对所有位置取平均。`gs.train` 本身还会让模型做搜索，书中的模型不会。书中的 Block 用 `mx.np` 写成，而我们的循环里 Block 收到的是 `mx.nd` 的数组：下面的类替它打开标志，正像这里的 Block 替自己关上标志。


# %%
class InOurLoop(nn.Block):
    """A model of the book's, as Step calls one: model(X, valid_length, Y_prev) -> logits, alpha."""

    def __init__(self, net):
        super().__init__()
        self.net, self.devices = net, [device]

    def forward(self, X, valid_length, Y_prev):
        with mx.util.np_shape(), mx.util.np_array():
            X, valid_length, Y_prev = (a.as_np_ndarray() for a in (X, valid_length, Y_prev))
            return self.net(X, Y_prev, valid_length).as_nd_ndarray(), None


def by_the_book(net):
    net.board.display = False
    d2l.Trainer(epochs, gradient_clip_val=1).fit(net, data)


def by_our_loop(net):
    net(X, Y_prev, valid_length)  # the book's parameters have no sizes before
    step = Step(InOurLoop(net))
    for _ in range(epochs):
        for batch in data.train_dataloader():
            source, y_prev, length, y = (array.astype("int32") for array in batch)
            step(gs.Batch(source, length, y_prev, y, (y != pad).sum(axis=1).astype("int32")), lr)


# %% [markdown] tags=["subslide"]
# All four are judged alike, on the book's validation examples: the loss over real tokens, and what each writes, word by word, always the likeliest.
# <!-- zh -->
# 四个结果用同样的办法、在书中的验证样本上评价：真正词元上的损失，以及逐词取最可能的词写出的译文。

# %%
held_out = [array[data.num_train :] for array in data.arrays]


def words(ids):
    tokens = [data.tgt_vocab.idx_to_token[int(i)] for i in ids.asnumpy()]
    return " ".join(tokens[: tokens.index("<eos>")] if "<eos>" in tokens else tokens)


def written(net, X, Y_prev, valid_length, _):
    ids = Y_prev[:, :1]  # <bos>
    for _ in range(data.num_steps):
        best = net(X, ids, valid_length)[:, -1:].argmax(axis=2)  # (N, 1)
        ids = mx.np.concatenate([ids, best.astype(ids.dtype)], 1)
    return [words(row) for row in ids[:, 1:]]


def measures(net):
    logits = net(*held_out[:3])
    lengths = (held_out[3] != pad).sum(axis=1).astype("int32")
    total, count = gs.SequenceLoss()(logits, held_out[3], lengths)
    labels, texts = [words(row) for row in held_out[3]], written(net, *held_out)
    both = list(zip(texts, labels))
    joined = corpus.tgt_vocab.tokenizer.detokenize
    return {
        tr("loss", "损失"): float(total / count),
        tr("d2l's", "d2l 的"): float(net.loss(logits, held_out[3])),
        "d2l.bleu": sum(d2l.bleu(*one, k=2) for one in both) / len(both),
        "gs.bleu": sum(gs.bleu(*one, k=2) for one in both) / len(both),
        "sacreBLEU": gs.score(*([joined(t.split()) for t in side] for side in (texts, labels)))[
            "bleu"
        ],
    }


nets, rows = {}, {}
for make in books, Ours:
    for loop in by_the_book, by_our_loop:
        gs.seed(0)
        net, began = make(), time.monotonic()
        loop(net)
        nets[make, loop] = net
        spent = {tr("seconds", "秒"): time.monotonic() - began}
        rows[f"{make.__name__} {loop.__name__}"] = {**spent, **measures(net)}

for number, (name, row) in enumerate(rows.items()):
    if not number:
        print(" " * 18, *(f"{column:>9}" for column in row))
    print(f"{name:18}", *(f"{value:9.3f}" for value in row.values()))
assert all(close(row["d2l.bleu"], row["gs.bleu"]) for row in rows.values())  # one formula

# %% [markdown]
# The last three columns are of the same translations. `d2l.bleu` and `gs.bleu` are one formula, with n-grams up to k = 2, a mean over sentences; sacreBLEU has n-grams up to 4, counted over all sentences at once, from 0 to 100. None can be compared with another. With so few sentences and seconds no model is good, and the book's is ahead here. It starts from the encoder's own state and has no bridge and nothing hidden before the output; whether that is the reason this table cannot tell. Look at the two columns of the loss: what one loop lowers is not what the other lowers.
# <!-- zh -->
# 最后三列评价的是同样的译文。`d2l.bleu` 和 `gs.bleu` 是同一个公式，n 元词组到 k = 2 为止，再对句子取平均；sacreBLEU 的 n 到 4，在所有句子上一起计数，范围 0 到 100。它们互相不能比较。句子和时间都这么少，哪个模型都不会好，而书中的模型在这里领先。它直接从编码器的状态开始，没有 bridge，输出之前没有隐藏层；这是不是原因，这张表说明不了。请看损失的两列：一种循环降低的，不是另一种循环降低的。

# %% [markdown]
# ## What differs: padding in the summary
#
# `d2l.Seq2SeqEncoder` takes the lengths and does not read them: its GRU goes on over `<pad>`, so the last state, which is $c$ and $s_0$, depends on how long the sentence's neighbours are. Here each sentence stops at its own `<eos>`.
# <!-- zh -->
# ## 不同之处：填充进入了背景变量
#
# `d2l.Seq2SeqEncoder` 收下长度却不使用：它的 GRU 在 `<pad>` 上继续读下去，于是最后的状态（它既是 $c$ 又是 $s_0$）取决于同一批中的句子有多长。在这里，每个句子停在自己的 `<eos>`。

# %%
one = data.build(["they are watching ."], ["ils regardent ."])
x, n = one[0], int(one[2][0])
own, longer = x[:, :n], mx.np.concatenate([x, mx.np.full_like(x, data.src_vocab["<pad>"])], 1)
length = mx.np.array([n], dtype="int32")
theirs, ours = nets[books, by_the_book].encoder, nets[Ours, by_our_loop].encoder
for name, of in (
    ("d2l.Seq2SeqEncoder", lambda x: theirs(x)[1][-1]),
    ("gs.Encoder", lambda x: ours(x, length)[2]),
):
    away = [float(abs(of(padded) - of(own)).max()) for padded in (x, longer)]
    print(
        tr(
            f"{name:20} |c - c alone|: {away[0]:.4f} with 9 positions, {away[1]:.4f} with 18",
            f"{name:20} |c - 单独时的 c|：9 个位置 {away[0]:.4f}，18 个位置 {away[1]:.4f}",
        )
    )
assert close(ours(longer, length)[2], ours(own, length)[2])

# %% [markdown] tags=["exercise"]
# ### Exercise 13.1
#
# The book's encoder returns all states, time first: `outputs (T, N, H)`. Write the context that does not know of padding: for each sentence the state at its own last token.
# <!-- zh -->
# ### 练习 13.1
#
# 书中的编码器返回所有状态，时间在前：`outputs (T, N, H)`。请写出不受填充影响的背景变量：取每个句子自己最后一个词元处的状态。


# %% tags=["exercise"]
def own_last(outputs, valid_length):
    """c (N, H) of outputs (T, N, H) and valid_length (N,), arrays of mx.np."""
    ### BEGIN SOLUTION
    rows = [outputs[int(n) - 1, i] for i, n in enumerate(valid_length.asnumpy())]
    return mx.np.stack(rows)
    ### END SOLUTION


# %% tags=["check"]
check("13.1", own_last)

# %% [markdown]
# ## What differs: the start state
#
# The book hands the encoder's last state of each layer to the layer of the decoder beside it: both sides have to have as many layers, of one size, in one direction. Here $s_0 = \tanh(W_s c + b_s)$, one matrix more, and the two sides are free.
# <!-- zh -->
# ## 不同之处：初始状态
#
# 书中把编码器每一层的最后状态交给解码器的同一层：两边层数要相同，大小要相同，而且只能是单向的。这里 $s_0 = \tanh(W_s c + b_s)$，多一个矩阵，两边就自由了。

# %%
wide = gs.Encoder(V, 8, 24, num_layers=3, bidirectional=True)
bridge = gs.Bridge(wide.output_size, 16, rows=1)
for made in wide, bridge:
    made.initialize()
print(wide(X, valid_length)[2].shape, "->", bridge(wide(X, valid_length)[2]).shape)

# %% [markdown] tags=["exercise"]
# ### Exercise 13.2
#
# How many numbers does the bridge of the model `Ours` above have, $W_s$ and $b_s$ together?
# <!-- zh -->
# ### 练习 13.2
#
# 上面的模型 `Ours` 中，bridge 共有多少个数（$W_s$ 和 $b_s$ 一起）？

# %% tags=["exercise"]
bridge_size = ...
### BEGIN SOLUTION
bridge_size = 64 * 64 + 64
### END SOLUTION


# %% tags=["check"]
check("13.2", bridge_size)

# %% [markdown]
# ## What differs: the mask of the loss
#
# The installed `d2l.Seq2Seq` has the loss of a classifier: a mean over all positions, those of padding too. Three in ten are padding here, and "after `<eos>` comes `<pad>`" is soon learnt, to a loss of next to 0: the mean is lower by as much. A model that never learnt it, as by our loop, has a high one.
# <!-- zh -->
# ## 不同之处：损失的掩码
#
# 所安装的 `d2l.Seq2Seq` 用的是分类器的损失：对所有位置取平均，填充也算在内。这里十分之三的位置是填充，而“`<eos>` 之后是 `<pad>`”很快就学会了，损失接近 0，平均值也就低了这么多。从没学过这一点的模型（比如用我们的循环训练的）这个数就很高。

# %%
net = nets[books, by_the_book]
logits = net(*held_out[:3])  # (N, T', V)
each = net.loss(logits, held_out[3], averaged=False).reshape(held_out[3].shape)  # (N, T')
real = held_out[3] != pad
print(tr("padding, share of positions:", "填充占位置的比例："), round(float(1 - real.mean()), 3))
for name, where in (tr("tokens", "词元"), real), (tr("padding", "填充"), ~real):
    print(name, round(float((each * where).sum() / where.sum()), 3))

# %% [markdown] tags=["exercise"]
# ### Exercise 13.3
#
# Mend the book's loss: the mean of $-\log P$ over real tokens alone. `each (N, T')` is what a loss without averaging gives; `Y (N, T')` are the ids and `pad` is that of `<pad>`.
# <!-- zh -->
# ### 练习 13.3
#
# 改好书中的损失：只在真正的词元上对 $-\log P$ 取平均。`each (N, T')` 是不取平均的损失；`Y (N, T')` 是编号，`pad` 是 `<pad>` 的编号。


# %% tags=["exercise"]
def masked_mean(each, Y, pad):
    """The mean of each (N, T') over the positions of Y (N, T') that are not pad."""
    ### BEGIN SOLUTION
    mask = (pad != Y).astype("float32")
    return (each * mask).sum() / mask.sum()
    ### END SOLUTION


# %% tags=["check"]
check("13.3", masked_mean)

# %% [markdown]
# ## What differs: padding in attention
#
# Nothing, where lengths are right: `d2l.DotProductAttention` is `gs.ScaledDot`, number by number. The book adds $-10^6$ to a score and these Blocks $-10^9$; both round to a weight of 0. At a length of 0 the book's weights are all alike, padding or not; here it is refused.
# <!-- zh -->
# ## 不同之处：注意力中的填充
#
# 只要长度正确就没有不同：`d2l.DotProductAttention` 与 `gs.ScaledDot` 每个数都相同。书中把填充处的得分换成 $-10^6$，这里加上 $-10^9$，两者的权重都舍入为 0。长度为 0 时，书中的权重处处相同，填充也有份；这里则拒绝。

# %%
s = mx.np.random.normal(size=(2, 3, 8))  # queries (N, T', H)
h = mx.np.random.normal(size=(2, 5, 8))  # keys and values (N, T, H)
lengths = mx.np.array([5, 2], dtype="int32")
book_attention = d2l.DotProductAttention(0)
c_book = book_attention(s, h, h, lengths)
c, alpha = gs.ScaledDot(8)(s, h, lengths)
assert close(c, c_book) and close(alpha, book_attention.attention_weights)
try:
    gs.ScaledDot(8)(s, h, lengths * 0)
except gs.DataError as error:
    print(error)
book_attention(s, h, h, lengths * 0)
print(book_attention.attention_weights[0, 0])

# %% [markdown] tags=["exercise"]
# ### Exercise 13.4
#
# `gs.Minibatches` gives batches of the corpus above in our order: `X, src_valid_length, Y_prev, Y, tgt_valid_length`. Make of one the four arrays in the order of the book.
# <!-- zh -->
# ### 练习 13.4
#
# `gs.Minibatches` 以我们的顺序给出上面语料的小批量：`X, src_valid_length, Y_prev, Y, tgt_valid_length`。请把其中一个改成书中顺序的四个数组。

# %%
first = [(e.source, e.references[0]) for e in corpus.train[:4]]
(batch,) = gs.Minibatches(first, corpus.src_vocab, corpus.tgt_vocab, batch_size=4)
print(type(batch.X).__module__, batch._fields)


# %% tags=["exercise"]
def in_the_books_order(batch):
    """The four arrays of ``batch`` as the book's loader gives them."""
    ### BEGIN SOLUTION
    return batch.X, batch.Y_prev, batch.src_valid_length, batch.Y
    ### END SOLUTION


# %% tags=["check"]
check("13.4", in_the_books_order)

# %% [markdown]
# ## Pictures
#
# The book's `show_heatmaps` and `Animator` beside ours. Theirs draw any matrix and any curve; ours know the words, the two directions and the languages.
# <!-- zh -->
# ## 图
#
# 书中的 `show_heatmaps` 和 `Animator` 与我们的图并排。书中的能画任何矩阵和曲线；我们的图认得词、两个方向和语言。

# %%
translator = gs.Translator(gs.load_model("mini-bahdanau2015"))
found = translator.search("They are watching.", attention=True)
matrices = mx.np.array(found.attention)[None, None]  # (1, 1, T', T)
with borrowed(lang) as terms:  # fonts, and alternative text
    d2l.show_heatmaps(matrices, terms["source"], terms["target"])

# %%
source = [*translator.tokens("They are watching."), "<eos>"]
gs.attention_map(found.attention, source, [*found.tokens, "<eos>"], lang=lang)

# %%
boards = {name: nets[make, by_the_book].board.data for name, make in (("d2l", books), ("gs", Ours))}
with borrowed(lang) as terms:
    animator = d2l.Animator(
        terms["time"],
        label("d2l's loss, validation", "d2l 的损失，验证集"),
        legend=list(boards),
        xlim=[1, max(2, epochs)],
    )
    for points in zip(*(board["val_loss"] for board in boards.values())):
        animator.add(points[0].x, [point.y for point in points])

# %% [markdown]
# ## What differs: the BLEU of an ending
#
# The book's formula forgives a short output less than a wrong one. Compute before you run.
# <!-- zh -->
# ## 不同之处：结尾的 BLEU
#
# 书中的公式对过短的输出也有惩罚。请先算，再运行。

# %% [markdown] tags=["exercise"]
# ### Exercise 13.5
#
# What is `d2l.bleu("ils regardent", "ils regardent .", 2)`? Two of three words, all n-grams right, so that only the factor for the length is left. Four decimals will do.
# <!-- zh -->
# ### 练习 13.5
#
# `d2l.bleu("ils regardent", "ils regardent .", 2)` 是多少？三个词中的两个，所有 n 元词组都对，只剩下长度的因子。四位小数即可。

# %% tags=["exercise"]
short_bleu = ...
### BEGIN SOLUTION
short_bleu = 0.6065
### END SOLUTION


# %% tags=["check"]
check("13.5", short_bleu)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **Two kinds of arrays.** MXNet has `mx.nd` and `mx.np`, and neither's functions take the other's arrays: `as_np_ndarray()` and `as_nd_ndarray()` change one into the other without a copy, and gradients pass. These Blocks do it for you, both ways, and leave `npx.set_np()` as you have it. Parameters are shown in the kind that you work with.
# <!-- zh -->
# ## 书中没有明说的
#
# **两种数组。** MXNet 有 `mx.nd` 和 `mx.np`，一种的函数不接受另一种的数组：`as_np_ndarray()` 和 `as_nd_ndarray()` 不复制就把一种变成另一种，梯度也能通过。这里的 Block 替你来回转换，`npx.set_np()` 保持你设的样子。参数以你正在用的那种数组给出。

# %%
weight = ours.embedding.weight
print(type(weight.data()).__module__)
with mx.util.np_array(False):
    print(type(weight.data()).__module__)
assert npx.is_np_array()

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. The same sentence, alone and in a batch with a longer one, has two different contexts $c$ in the book's encoder. Why? (a) dropout (b) its GRU reads the padding (c) the ids are floats (d) the batch is shuffled
# 2. Of the same outputs `d2l.Seq2Seq.loss` is 1.4 and `gs.SequenceLoss` 2.0 a token. What explains it? (a) another logarithm (b) a higher learning rate (c) padding is counted, which is easy to foresee (d) the clipping
# 3. Why can the book's decoder not follow a bidirectional encoder of its size as it is? (a) its start state is the encoder's last state, which is then twice as large (b) GRUs have one direction only (c) attention is needed (d) the vocabulary is too large
# 4. One model, one set of translations: `d2l.bleu` 0.62, sacreBLEU 41. Which is better? (a) the first (b) the second (c) neither, if the second is doubled (d) there is nothing to compare: n-grams, averaging and range differ
# 5. A Block here is given `mx.np` arrays while `npx.set_np()` is off. What comes out? (a) an error (b) `mx.nd` arrays (c) `mx.np` arrays (d) NumPy's arrays
# <!-- zh -->
# ## 小测验
#
# 1. 同一个句子，单独一个和与更长的句子同批，在书中的编码器里得到两个不同的背景变量 $c$。为什么？(a) 丢弃法 (b) 它的 GRU 读了填充 (c) 编号是浮点数 (d) 批内打乱了顺序
# 2. 同样的输出，`d2l.Seq2Seq.loss` 是 1.4，`gs.SequenceLoss` 每个词元是 2.0。怎么解释？(a) 对数的底不同 (b) 学习率更大 (c) 填充也算在内，而填充很容易预测 (d) 梯度裁剪
# 3. 为什么书中的解码器不能直接接在同样大小的双向编码器后面？(a) 它的初始状态就是编码器的最后状态，那时会大一倍 (b) GRU 只有一个方向 (c) 需要注意力 (d) 词典太大
# 4. 同一个模型、同一批译文：`d2l.bleu` 为 0.62，sacreBLEU 为 41。哪个更好？(a) 前者 (b) 后者 (c) 后者加倍之后一样 (d) 无从比较：n 元词组、平均方式和范围都不同
# 5. `npx.set_np()` 没有打开时，把 `mx.np` 的数组交给这里的 Block，得到什么？(a) 错误 (b) `mx.nd` 的数组 (c) `mx.np` 的数组 (d) NumPy 的数组

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "c", 3: "a", 4: "d", 5: "c"}
### END SOLUTION

# %% tags=["check"]
quiz(13, answers)

# %% [markdown]
# ## Where to go next
#
# This is the last notebook. [11. Your own sentence](11_playground.ipynb) translates what you type; [12. Real data](12_real_data.ipynb) trains on the book's own sentences.
#
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning* ([d2l.ai](https://d2l.ai)): the present edition, of which `d2l` is the library.
# - Post 2018, *A Call for Clarity in Reporting BLEU Scores*: what else a BLEU can mean.
# <!-- zh -->
# ## 接下来
#
# 这是最后一篇。[11. 你自己的句子](11_playground.ipynb)翻译你输入的句子；[12. 真实数据](12_real_data.ipynb)用书中自己的句子训练。
#
# - Zhang、Lipton、Li、Smola，*Dive into Deep Learning*（[d2l.ai](https://d2l.ai)）：现行版本，`d2l` 是它的库。
# - Post，2018，*A Call for Clarity in Reporting BLEU Scores*：BLEU 还可能是什么意思。
