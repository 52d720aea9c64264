# %% [markdown]
# # 5. Training: teacher forcing, masks, the loss and its floor
#
# The decoder gives a probability to every word of the vocabulary. Training adjusts its parameters until the words of the reference get a high one. This notebook takes the chapter's one formula for that, $-\log \mathbb{P}(y_1, \ldots, y_{T'})$, and writes out what it is conditional on: $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$. It follows it on *They are watching.* → *Ils regardent.* down to single numbers, trains with the formula, and finds out how low it can go: not to zero.
#
# **After this notebook you can**
#
# - compute the loss of a translation by hand, from logits, with padding left out;
# - say what the sum, the mean and the perplexity of a corpus are, and what they must be before training;
# - write a training loop in fifteen lines and explain each of them;
# - name the floor under the loss, compute it, and tell a model that has learnt from one that has memorised;
# - explain what teacher forcing hides from a model, and measure it.
# <!-- zh -->
# # 5. 训练：强制教学、掩码、损失及其下限
#
# 解码器为词典中的每个词给出一个概率。训练就是调整参数，让标签序列中的词得到较高的概率。本篇从书中为此给出的唯一一个公式 $-\log \mathbb{P}(y_1, \ldots, y_{T'})$ 出发，补上它所省略的条件，即 $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$，以 *They are watching.* → *Ils regardent.* 为例一直算到每个具体的数，用它来训练，并弄清它最低能降到哪里：并不是零。
#
# **学完本篇，你能够**
#
# - 从 logits 出发，手工计算一个译文的损失，并排除填充；
# - 说出整个语料的损失之和、平均损失与困惑度是什么，以及训练之前它们应当是多少；
# - 用十五行代码写出一个训练循环，并解释每一行；
# - 说出损失的下限、算出它，并分清模型是学会了还是背下来了；
# - 解释强制教学向模型隐瞒了什么，并测量它的影响。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $\mathbb{P}(y_1, \ldots, y_{T'} \mid x) = \prod_{t'} \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | joint probability | `gs.forced` (its logarithm, token by token) | `(T',)` for each sentence |
# | $-\sum_{t'} \log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | loss of a sentence | `gs.SequenceLoss` | `(1,)`, and a token count `(1,)` |
# | $\log \mathbb{P}(y_{t'} \mid \cdot) = o_{y_{t'}} - \log \sum_v e^{o_v}$ | log softmax of the logits $o_v$ (no one-hot vector here) | `nd.log_softmax`, `nd.pick` | `(N, T', V)` → `(N, T')` |
# | $y_0, y_1, \ldots, y_{T'-1}$ | what the decoder reads | `Batch.Y_prev`, `mixed_inputs` | `(N, T')` |
# | $\boldsymbol{g} \leftarrow \boldsymbol{g} \cdot \min(1, \theta / \lVert \boldsymbol{g} \rVert)$ | gradient clipping | `clip_global_norm` | all gradients together |
# | $\frac{-\sum_y P(y \mid x) \log P(y \mid x)}{\sum_y P(y \mid x)\, T'_y}$ | floor of the loss, for one source | `gs.cross_entropy(…)["floor"]` | a number |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $\mathbb{P}(y_1, \ldots, y_{T'} \mid x) = \prod_{t'} \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | 联合概率 | `gs.forced`（逐词给出它的对数） | 每个句子 `(T',)` |
# | $-\sum_{t'} \log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | 一个句子的损失 | `gs.SequenceLoss` | `(1,)`，以及词数 `(1,)` |
# | $\log \mathbb{P}(y_{t'} \mid \cdot) = o_{y_{t'}} - \log \sum_v e^{o_v}$ | logits $o_v$ 的 log softmax（不是 one-hot 向量） | `nd.log_softmax`、`nd.pick` | `(N, T', V)` → `(N, T')` |
# | $y_0, y_1, \ldots, y_{T'-1}$ | 解码器读入的词 | `Batch.Y_prev`、`mixed_inputs` | `(N, T')` |
# | $\boldsymbol{g} \leftarrow \boldsymbol{g} \cdot \min(1, \theta / \lVert \boldsymbol{g} \rVert)$ | 梯度裁剪 | `clip_global_norm` | 所有梯度合在一起 |
# | $\frac{-\sum_y P(y \mid x) \log P(y \mid x)}{\sum_y P(y \mid x)\, T'_y}$ | 损失的下限（对一个源句） | `gs.cross_entropy(…)["floor"]` | 一个数 |

# %% tags=["skip"]
import copy

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, code_of, label, language, quiz, tr

import numpy as np
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.training.scheduled_sampling import mixed_inputs
from gluon_seq2seq.model.loss import log_probabilities
from gluon_seq2seq.translation.scoring import sentence_losses
from gluon_seq2seq.translation.metrics import entropy_floor
from gluon_seq2seq.plots.style import DARK, GREY, ORANGE, drawing
from gluon_seq2seq.training.train_step import Step, backward, clipped
from gluon_seq2seq.translation.metrics import mean_loss, perplexity
from gluon_seq2seq.training.loop import schedule
from mxnet import autograd, nd
from mxnet.gluon import Trainer
from mxnet.gluon.loss import SoftmaxCrossEntropyLoss
from mxnet.gluon.utils import clip_global_norm

lang = language(tr("en", "zh"))

# %% [markdown] tags=["skip"]
# How long the trainings of this notebook take is decided here, and only here.
# <!-- zh -->
# 本篇各次训练的规模都在这里设定，也只在这里设定。

# %% tags=["parameters"]
epochs = 10  # of the main run
sentences = 3000  # to train on in the main run; a tenth as many in dev
loop_sentences = 1000  # for the loop written out
tiny_epochs = 60
memory_epochs = 80

# %% [markdown]
# ## One sentence, position by position
#
# What goes into training is a `Batch` of five arrays. Here it holds one pair. Compare the rows `Y_prev` and `Y`: the same words, one position apart. At each position the decoder reads the word of the *reference* that comes before and is asked for the one that comes next, whatever it would have said itself. That is **teacher forcing**: the chapter's product over the training data means it, without the name.
# <!-- zh -->
# ## 一个句子，逐个位置看
#
# 送入训练的是由五个数组组成的 `Batch`，这里它只含一对句子。比较 `Y_prev` 和 `Y` 两行：词相同，只错开一个位置。在每个位置上，解码器读入*标签序列*中的前一个词，并被要求给出下一个词，而不管它自己本来会说什么。这就是**强制教学**（teacher forcing）：书中对训练数据写出的连乘积就是这个意思，只是没有用这个名称。

# %%
corpus = gs.load_corpus("mini")
model = gs.load_model("mini-book")  # the chapter's model, trained
src_vocab, tgt_vocab = model.src_vocab, model.tgt_vocab
watching = ("They are watching.", "Ils regardent.")

batch = next(iter(gs.Minibatches([watching], src_vocab, tgt_vocab, batch_size=1)))
for name, vocab in ("X", src_vocab), ("Y_prev", tgt_vocab), ("Y", tgt_vocab):
    row = getattr(batch, name)[0].asnumpy().tolist()
    print(f"{name:7}{getattr(batch, name).shape}  {' '.join(vocab.to_tokens(row)):32}{row}")
print(
    f"src_valid_length {batch.src_valid_length.asnumpy()}, "
    f"tgt_valid_length {batch.tgt_valid_length.asnumpy()}"
)

# %% [markdown] tags=["subslide"]
# The probability of the whole translation is the product of four conditional ones. `gs.forced` lets a model write a given translation (**force decoding**) and says how probable it found each token. Predict, before you run the cell: what does a model think that has never been trained? Its vocabulary is `V` words long.
# <!-- zh -->
# 整个译文的概率是四个条件概率的乘积。`gs.forced` 让模型写出指定的译文，并给出每个词的概率的对数。运行之前先猜一猜：一个从未训练过的模型会怎么看？它的词典有 `V` 个词。

# %%
gs.seed(0)
fresh = gs.book(src_vocab, tgt_vocab, embed_size=128, num_hiddens=128)  # not trained

print(f"V = {len(tgt_vocab)}, 1/V = {1 / len(tgt_vocab):.5f}\n")
print(f"{'y_prev':12}{'y':12}" + tr("  P, fresh  P, trained", "  P，训练前   P，训练后"))
_, (log_p_fresh,), _ = next(gs.forced(fresh, [watching]))  # (T',)
_, (log_p,), _ = next(gs.forced(model, [watching]))  # (T',)
rows = (tgt_vocab.to_tokens(ids[0].asnumpy().tolist()) for ids in (batch.Y_prev, batch.Y))
for y_prev, y, before, after in zip(*rows, np.exp(log_p_fresh), np.exp(log_p)):
    print(f"{y_prev:12}{y:12}{before:10.5f}{after:12.5f}")
joint = np.exp(log_p_fresh).prod(), np.exp(log_p).prod()
print(f"{'P(y_1..y_4 | x)':24}{joint[0]:10.2g}{joint[1]:12.5f}")
print(f"{'-log P(y_1..y_4 | x)':24}{-np.log(joint[0]):10.3f}{-np.log(joint[1]):12.3f}")

(found,) = gs.Translator(model).force([watching[0]], [watching[1]])
assert close(np.log(joint[1]), found.log_p, 1e-4)

# %% [markdown] tags=["subslide"]
# The same as a picture, for both valid translations. Look at the trained model's bars (right): nearly all of its loss sits on the first word. English does not say who "they" are, and once *Ils* or *Elles* is written nothing is left to guess.
# <!-- zh -->
# 把它画成图，两个正确的译文都画上。看训练后的模型（右图）：损失几乎全部落在第一个词上。英语没有说 “they” 是谁；而一旦写下 *Ils* 或 *Elles*，就再没有什么需要猜的了。

# %%
with drawing(lang, 9, 3.4) as (figure, words):
    for axes, one in zip(figure.subplots(1, 2), (fresh, model)):
        for text, place, colour in (
            ("Ils regardent.", -0.2, DARK),
            ("Elles regardent.", 0.2, ORANGE),
        ):
            _, (row,), _ = next(gs.forced(one, [(watching[0], text)]))
            axes.bar(np.arange(len(row)) + place, -row, 0.4, color=colour, label=text)
        axes.set_xticks(range(4), ["Ils / Elles", "regardent", ".", "<eos>"])
        before = label("before training", "训练前")
        axes.set_title(before if one is fresh else label("trained", "训练后"))
        axes.set_ylabel(label("-log P of the token (nats)", "该词的 -log P（奈特）"))
    axes.legend()
figure

# %% [markdown]
# ## Why the logarithm
#
# Training looks for the parameters that make the joint probability of the references as large as possible. The logarithm rises with its argument, so whatever maximises $\mathbb{P}$ maximises $\log \mathbb{P}$ and minimises $-\log \mathbb{P}$: nothing is changed by taking it, for one sentence or for the product over all sentences of a corpus. But much is gained. A product of many small numbers leaves the range of what a computer can hold. The smallest positive 32-bit number is about $10^{-45}$; a sentence of twenty tokens under a model that has learnt nothing is beyond that, and $\log 0$ ends the training. The sum of logarithms has no such trouble, and its gradient is simple: a sum of one term for each token.
# <!-- zh -->
# ## 为什么要取对数
#
# 训练要找的是使标签序列的联合概率尽可能大的参数。对数是增函数，所以使 $\mathbb{P}$ 最大的参数也使 $\log \mathbb{P}$ 最大、使 $-\log \mathbb{P}$ 最小：无论对一个句子，还是对语料中所有句子的乘积，取对数都不改变解。但好处很大。许多小数连乘会超出计算机能表示的范围。32 位浮点数中最小的正数约为 $10^{-45}$；对一个什么都没学到的模型来说，一个二十来个词的句子的概率已小于它，而 $\log 0$ 会使训练无法进行。对数之和没有这个麻烦，梯度也很简单：每个词一项，相加即可。

# %%
longest = max(gs.load_corpus("mini-length").test, key=lambda e: len(tgt_vocab.encode(e.valid[0])))
_, (long_log_p,), _ = next(gs.forced(fresh, [(longest.source, longest.valid[0])]))  # (T',)
long_log_p = nd.array(long_log_p)  # float32, as in training
product = long_log_p.exp().prod()

print(longest.source, "->", longest.valid[0])
print(tr("tokens:", "词数："), len(long_log_p))
print(tr("product of P:", "P 的乘积："), product.asscalar(), "  -log:", -product.log().asscalar())
print(tr("sum of -log P:", "-log P 之和："), -long_log_p.sum().asscalar())

# %% [markdown] tags=["exercise"]
# ### Exercise 5.1
#
# Make $y_0, \ldots, y_{T'-1}$ from $y_1, \ldots, y_{T'}$: every row of `Y` moved one position to the right, with `bos` in front. What happens to the last column? (What stands over padding is of no importance; why?)
# <!-- zh -->
# ### 练习 5.1
#
# 由 $y_1, \ldots, y_{T'}$ 得到 $y_0, \ldots, y_{T'-1}$：把 `Y` 的每一行右移一个位置，最前面放上 `bos`。最后一列怎么办？（填充处是什么无关紧要，为什么？）


# %% tags=["exercise"]
def shifted(Y, bos):
    """Y (N, T'), int32 -> what the decoder reads, (N, T'), int32."""
    ### BEGIN SOLUTION
    return nd.concat(nd.full((Y.shape[0], 1), bos, dtype=Y.dtype), Y[:, :-1], dim=1)
    ### END SOLUTION


# %% tags=["check"]
check("5.1", shifted)

# %% [markdown] tags=["exercise"]
# ### Exercise 5.2
#
# What is the loss of *Elles regardent.*, as a translation of *They are watching.*, for the trained `model`? One number, in nats.
# <!-- zh -->
# ### 练习 5.2
#
# 对训练好的 `model` 来说，把 *They are watching.* 译成 *Elles regardent.* 的损失是多少？一个数，以奈特为单位。

# %% tags=["exercise"]
elles_loss = ...
### BEGIN SOLUTION
_, (elles_log_p,), _ = next(gs.forced(model, [("They are watching.", "Elles regardent.")]))
elles_loss = float(-elles_log_p.sum())
### END SOLUTION

# %% tags=["check"]
check("5.2", elles_loss)

# %% [markdown]
# ## From logits to the loss, by hand
#
# Sentences of a batch differ in length. The short ones are padded, and padding must not count: nobody wants a model that is praised for saying `<pad>`. So there are three steps: log softmax, pick the log probability of the right word, multiply by a mask that is 1 where a word is and 0 over padding.
#
# $$\log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c}) = o_{t', y_{t'}} - \log \sum_{v} e^{o_{t', v}}, \qquad \text{loss} = -\sum_{n} \sum_{t'} m_{n t'} \log \mathbb{P}(y_{n t'} \mid \cdot)$$
# <!-- zh -->
# ## 从 logits 到损失，手工计算
#
# 一个小批量中的句子长短不一。短的要填充，而填充不能计入损失：谁也不想要一个因为会说 `<pad>` 而受表扬的模型。于是分三步：log softmax；取出正确的词的对数概率；乘上掩码，有词处为 1，填充处为 0。
#
# $$\log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c}) = o_{t', y_{t'}} - \log \sum_{v} e^{o_{t', v}}, \qquad \text{loss} = -\sum_{n} \sum_{t'} m_{n t'} \log \mathbb{P}(y_{n t'} \mid \cdot)$$

# %%
three = [watching, *((e.source, e.valid[0]) for e in (corpus.test[0], longest))]
batch3 = next(iter(gs.Minibatches(three, src_vocab, tgt_vocab, batch_size=3)))
X, src_valid_length, Y_prev, Y, tgt_valid_length = batch3
for row in Y.asnumpy().tolist():
    print(" ".join(tgt_vocab.to_tokens(row)))

logits, _ = model(X, src_valid_length, Y_prev)  # (N, T', V)
log_p3 = nd.pick(logits, Y, axis=2) - logits.exp().sum(axis=2).log()  # (N, T')
steps = nd.arange(Y.shape[1]).reshape((1, -1))  # (1, T')
mask = steps < tgt_valid_length.astype("float32").reshape((-1, 1))  # (N, T')
by_hand, count = -(log_p3 * mask).sum(), mask.sum()

total, tokens = gs.SequenceLoss()(logits, Y, tgt_valid_length)
assert close(by_hand, total, 1e-3) and close(count, tokens)
print(tr("\nloss", "\n损失"), total.asscalar(), tr("over tokens:", "词数："), tokens.asscalar())

# %% [markdown] tags=["subslide"]
# The package does it in three operators; here is all of it.
# <!-- zh -->
# 软件包用三个算子完成它，全部代码如下。

# %%
print(code_of(gs.SequenceLoss.hybrid_forward))
print(code_of(log_probabilities))

# %% [markdown] tags=["subslide"]
# ### And without the mask?
#
# MXNet's `SoftmaxCrossEntropyLoss` returns a mean for each sentence. Without weights it scores the model on padding, too: a model trained that way spends part of its effort on learning to say `<pad>` after `<eos>`. With the mask as weights padding adds zero, but the mean is still taken over *all* positions: the loss of a sentence shrinks by the share of padding in its row. Predict for *They are watching.*, the shortest of the three: which of the columns is too large, which too small?
# <!-- zh -->
# ### 不用掩码会怎样？
#
# MXNet 的 `SoftmaxCrossEntropyLoss` 为每个句子返回一个平均值。不加权重时，模型在填充处的输出也被计分：这样训练的模型会把一部分力气花在学会在 `<eos>` 之后说 `<pad>` 上。把掩码作为权重传入时，填充处为零，但仍然对*全部*位置取平均：一个句子的损失会按它那一行中填充的比例缩小。对三句中最短的 *They are watching.* 猜一猜：哪一列偏大，哪一列偏小？

# %%
mxnet_loss = SoftmaxCrossEntropyLoss()
true_mean = -(log_p3 * mask).sum(axis=1) / mask.sum(axis=1)  # (N,)
unweighted = mxnet_loss(logits, Y)  # (N,)
weighted = mxnet_loss(logits, Y, mask.expand_dims(2))  # (N,)

header = tr(
    "words positions   true mean  no mask weighted",
    " 词数    位置数      真平均   无掩码     加权",
)
print(header)
for n, *values in zip(*(a.asnumpy() for a in (mask.sum(axis=1), true_mean, unweighted, weighted))):
    print(f"{n:5.0f}{Y.shape[1]:10}" + "{:12.4f}{:9.4f}{:9.4f}".format(*values))
assert close(weighted, true_mean * mask.sum(axis=1) / Y.shape[1], 1e-4)

# %% [markdown] tags=["exercise"]
# ### Exercise 5.3
#
# `SequenceLoss` adds up the whole batch. Write the loss of each sentence by itself, $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid x)$, as an array `(N,)`.
# <!-- zh -->
# ### 练习 5.3
#
# `SequenceLoss` 把整个小批量加在一起。请写出每个句子各自的损失 $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid x)$，结果为形状 `(N,)` 的数组。


# %% tags=["exercise"]
def losses_of(logits, Y, valid_length):
    """logits (N, T', V), Y (N, T'), valid_length (N,) -> the loss of each sentence, (N,)."""
    ### BEGIN SOLUTION
    right = nd.log_softmax(logits, axis=2).pick(Y, axis=2)  # (N, T')
    return -nd.SequenceMask(right, valid_length, use_sequence_length=True, axis=1).sum(axis=1)
    ### END SOLUTION


# %% tags=["check"]
check("5.3", losses_of)

# %% [markdown]
# ## Sum, mean, perplexity
#
# `SequenceLoss` returns a sum and a token count, and leaves the division to whoever asks. For a corpus, add all sums, add all counts, divide *once*: nats per token. Its exponential is the **perplexity**: among how many equally likely words the model seems to choose at each position.
#
# This gives a first test of any training program. A model with fresh parameters finds all words about equally likely, so its loss has to be about $\log V$, and its perplexity about $V$. If yours starts far above, something is wrong before training has begun.
# <!-- zh -->
# ## 和、平均、困惑度
#
# `SequenceLoss` 返回一个和与一个词数，除法留给使用者。对整个语料，应当把所有的和相加、所有的词数相加，然后*只除一次*：得到每个词的奈特数。它的指数就是**困惑度**：模型在每个位置上好像是在多少个等可能的词中挑选。
#
# 由此可以对任何训练程序做第一项检验。参数刚刚初始化的模型认为所有的词差不多等可能，所以它的损失应当约为 $\log V$，困惑度约为 $V$。如果一开始就远高于它，那么训练还没开始就已经有地方出错了。

# %%
dev_batches = gs.Minibatches(pairs_of(corpus.dev), src_vocab, tgt_vocab, batch_size=64)
start, trained = mean_loss(fresh, dev_batches), mean_loss(model, dev_batches)

print(f"log V    {np.log(len(tgt_vocab)):8.4f}   V          {len(tgt_vocab):8}")
print(f"fresh    {start:8.4f}   perplexity {perplexity(start):8.1f}")
print(f"trained  {trained:8.4f}   perplexity {perplexity(trained):8.2f}")
assert abs(start - np.log(len(tgt_vocab))) < 0.1

# %% [markdown] tags=["exercise"]
# ### Exercise 5.4
#
# `sentence_losses(model, pairs)` returns two NumPy arrays: the loss of each sentence and its number of tokens. Compute the perplexity of the corpus from them.
# <!-- zh -->
# ### 练习 5.4
#
# `sentence_losses(model, pairs)` 返回两个 NumPy 数组：每个句子的损失和词数。由它们计算整个语料的困惑度。


# %% tags=["exercise"]
def corpus_perplexity(losses, tokens):
    """losses (n,) in nats, tokens (n,) -> the perplexity, a number."""
    ### BEGIN SOLUTION
    return np.exp(losses.sum() / tokens.sum())
    ### END SOLUTION


# %% tags=["check"]
check("5.4", corpus_perplexity)

# %% [markdown]
# ## A training loop in fifteen lines
#
# Everything is at hand now. For each batch: read the reference, compute the loss, go backward, cut the gradient, set the learning rate, step. Two lines deserve a second look. `total / tokens` is the mean over the tokens of the batch, so the step does not depend on how many there are; that is why `trainer.step(1)` divides by nothing more. And the learning rate is set anew at every step, which the next section explains.
# <!-- zh -->
# ## 十五行代码的训练循环
#
# 现在一切都齐备了。对每个小批量：读入标签序列、计算损失、反向传播、裁剪梯度、设定学习率、迭代一步。有两行值得再看一眼。`total / tokens` 是对小批量中所有词的平均，因此步长与词数无关；也正因如此，`trainer.step(1)` 不再除以别的数。另外，学习率在每一步都重新设定，下一节会解释。

# %%
few = copy.copy(corpus)
few.train, few.dev = corpus.train[:loop_sentences], corpus.dev[:30]
batches = gs.Minibatches(pairs_of(few.train), few.src_vocab, few.tgt_vocab, 16, shuffle=True)
sequence_loss = gs.SequenceLoss()

# %%
gs.seed(0)
student = gs.book(few.src_vocab, few.tgt_vocab, embed_size=64, num_hiddens=64, drop_prob=0)
trainer, log = Trainer(student.collect_params(), "adam"), []
gs.seed(0)  # gs.train does so, too: the batches come in the same order
for step, (X, src_valid_length, Y_prev, Y, tgt_valid_length) in enumerate(batches):
    with autograd.record():
        logits, _ = student(X, src_valid_length, Y_prev)  # (N, T', V)
        total, tokens = sequence_loss(logits, Y, tgt_valid_length)
        mean = total / tokens
    mean.backward()
    norm = clip_global_norm([p.grad() for p in student.collect_params().values()], 1.0)
    rate = 4e-3 * schedule(step, step / len(batches))
    trainer.set_learning_rate(rate)
    trainer.step(1)
    log.append((total.asscalar(), tokens.asscalar(), norm))

totals, counts, norms = np.array(log).T
epoch_mean = totals.sum() / counts.sum()
print(tr("steps:", "步数："), len(log))
print(tr("mean loss of the epoch:", "整个迭代周期的平均损失："), epoch_mean)
print(tr("first and last batch:", "第一个和最后一个小批量："), (totals / counts)[[0, -1]].round(3))

# %% [markdown] tags=["subslide"]
# Is that really what `gs.train` does? The same model, the same seed, the same sentences: the mean loss of the epoch has to be the same number. `gs.train` adds what a long run needs: the loss on dev, the best model kept, a progress line, a time limit, a check that the loss is finite. Its step, printed below, can share a batch among several GPUs and machines, and takes two short cuts to the same numbers: `loss_and_gradient` writes the gradient down as softmax minus one-hot in place of deriving it, and `trainer.step` divides by the number of tokens and cuts the norm in one go.
# <!-- zh -->
# `gs.train` 真的就是这么做的吗？同样的模型、同样的种子、同样的句子，那么整个迭代周期的平均损失必须是同一个数。`gs.train` 另外加上了长时间训练所需的东西：验证集上的损失、保留最佳模型、进度显示、时间限制，以及检查损失是否有限。下面打印出的训练步可以把一个小批量分给几块 GPU、几台机器，又走了两条捷径，得到的数相同：`loss_and_gradient` 不经自动求导，直接写出梯度，即 softmax 减去 one-hot；`trainer.step` 一次完成除以词元数和裁剪范数。

# %%
gs.seed(0)
twin = gs.book(few.src_vocab, few.tgt_vocab, embed_size=64, num_hiddens=64, drop_prob=0)
history = gs.train(twin, few, epochs=1, batch_size=16, quiet=True)

print("gs.train", history[0]["train_loss"], tr("  by hand", "  手写"), epoch_mean)
assert close(history[0]["train_loss"], epoch_mean, 1e-4)
print()
print(code_of(backward))
print(code_of(Step.__call__))
print(code_of(clipped))  # of GRADIENTS

# %% [markdown]
# ## Warm-up and clipping
#
# **Warm-up.** Adam divides each gradient by an average of its own size, and after three steps that average is built from three gradients. Full steps in that state can go anywhere. So the learning rate climbs over the first steps and falls in a straight line afterwards, ever smaller steps as the valley gets narrow.
#
# **Clipping.** A recurrent network multiplies through time, and now and then a gradient comes out many times larger than its neighbours. If the norm $\lVert \boldsymbol{g} \rVert$ of all gradients together is above $\theta$, all are scaled by $\theta / \lVert \boldsymbol{g} \rVert$: the direction stays, only the length is cut.
#
# Left: the learning rate of the run in the next section. Right: the norms that the loop above has met, before they were cut; look for the steps above the dashed line.
# <!-- zh -->
# ## 学习率预热与梯度裁剪
#
# **预热。** Adam 把每个梯度除以它自身大小的滑动平均，而迭代三步之后，这个平均只来自三个梯度。这时就迈大步，会走到哪里很难说。因此学习率在最初若干步逐渐升高，之后沿直线下降：谷底越窄，步子越小。
#
# **裁剪。** 循环神经网络沿时间连乘，偶尔会出现比前后大许多倍的梯度。如果所有梯度合在一起的范数 $\lVert \boldsymbol{g} \rVert$ 超过 $\theta$，就全部乘以 $\theta / \lVert \boldsymbol{g} \rVert$：方向不变，只缩短长度。
#
# 左图是下一节那次训练的学习率；右图是上面的循环中裁剪之前的梯度范数，请找出位于虚线之上的那些步。

# %%
all_steps = epochs * -(-sentences // 64)  # of the main run below, 64 sentences a batch
with drawing(lang, 9, 3.2) as (figure, words):
    left, right = figure.subplots(1, 2)
    rates = [4e-3 * schedule(i, i / all_steps) for i in range(all_steps)]
    left.plot(rates, color=DARK)
    left.set(
        xlabel=label("step", "迭代步"), ylabel=label("learning rate", "学习率"), ylim=(0, None)
    )
    right.plot(range(1, len(norms) + 1), norms, "o-", color=DARK, markersize=3)
    right.axhline(1.0, color=ORANGE, linestyle="--", label=label("clipped above", "超过即裁剪"))
    right.set(xlabel=label("step", "迭代步"), ylabel=label("norm of the gradient", "梯度的范数"))
    right.set_ylim(bottom=0)
    right.legend(loc="upper left")
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 5.5
#
# Write clipping yourself: return the gradients, scaled by one common factor so that the norm of all of them together is at most `limit`.
# <!-- zh -->
# ### 练习 5.5
#
# 自己写出梯度裁剪：返回乘以同一个系数之后的各个梯度，使它们合在一起的范数不超过 `limit`。


# %% tags=["exercise"]
def clipped(gradients, limit):
    """A list of NDArrays of any shapes -> the list of the clipped ones; changes no argument."""
    ### BEGIN SOLUTION
    norm = sum((g**2).sum().asscalar() for g in gradients) ** 0.5
    return [g * min(1.0, limit / norm) for g in gradients]
    ### END SOLUTION


# %% tags=["check"]
check("5.5", clipped)

# %% [markdown]
# ## A real run
#
# The chapter's model, on mini. Before you run it: where will the curve begin (you know `V`), and can the first point of *train* lie above that of *dev*?
# <!-- zh -->
# ## 真正训练一次
#
# 用 mini 训练书中的模型。运行之前想一想：曲线会从哪里开始（你知道 `V`）？*训练集*的第一个点会不会高于*验证集*的？

# %%
part = copy.copy(corpus)
part.train, part.dev = corpus.train[:sentences], corpus.dev[: sentences // 10]
gs.seed(0)
own = gs.book(part.src_vocab, part.tgt_vocab, embed_size=128, num_hiddens=128, drop_prob=0)
history = gs.train(own, part, epochs=epochs, batch_size=64)
print("They are watching. ->", gs.Translator(own).translate("They are watching."))

# %% tags=["subslide"]
history.plot(lang)

# %% [markdown] tags=["subslide"]
# Even the first points lie below $\log V$: they come after an epoch, or from all of it, and the model learns from the first step on. The first point of *train* can lie above that of *dev*, and nothing is wrong: the train loss is the mean over an epoch *during* which the model got better, the dev loss is taken at its end. Later the two curves change places. From there on a growing part of what the model learns is about these sentences, not about French. The line at the bottom is the subject of the next section.
#
# The perplexity of this model is far from that of the shipped one, which saw more than three times as many sentences.
# <!-- zh -->
# 连第一个点也低于 $\log V$：它取自第一个迭代周期的整个过程或结束之时，而模型从第一步起就在学习。*训练集*的第一个点可以高于*验证集*的，这没有什么不对：训练损失是一个迭代周期*之中*的平均，而模型在这期间一直在变好；验证损失则在迭代周期结束时计算。之后两条曲线会交换位置。从那里开始，模型所学的东西中有越来越多只关乎这些句子，而不是法语。图中最下面的那条线是下一节的主题。
#
# 这个模型的困惑度比软件包自带的高得多：后者见过的句子是它的三倍还多。

# %% [markdown]
# ## The floor
#
# *They are watching.* has two valid translations. A grammar wrote mini, and it drew *Ils* with probability 0.7 and *Elles* with 0.3, so nobody can know which one stands in the corpus. Call the corpus's distribution $P$, and what the model says, the $\mathbb{P}$ of before, $Q$. A model that says $Q(\textit{Ils}) = q$ has, on average over the draws, the loss
#
# $$H(P, Q) = -0.7 \log q - 0.3 \log (1 - q).$$
#
# Where is its minimum, and is it zero? The general answer: $H(P, Q) = H(P) + \mathrm{KL}(P \,\|\, Q)$. The second term is never negative, and zero only for $Q = P$. The first has no $Q$ in it: the **entropy** of the translations is a floor that no model can undercut, and the best model is the one that is as unsure as the world is.
# <!-- zh -->
# ## 损失的下限
#
# *They are watching.* 有两个正确的译文。mini 是由一部语法写出的，它以 0.7 的概率选 *Ils*，以 0.3 的概率选 *Elles*，所以谁也无法知道语料中会是哪一个。语料的分布记作 $P$，模型给出的（即前面的 $\mathbb{P}$）记作 $Q$。若模型给出 $Q(\textit{Ils}) = q$，那么对抽取取平均，它的损失是
#
# $$H(P, Q) = -0.7 \log q - 0.3 \log (1 - q).$$
#
# 它的最小值在哪里？是零吗？一般的答案是：$H(P, Q) = H(P) + \mathrm{KL}(P \,\|\, Q)$。第二项不会为负，只有 $Q = P$ 时才为零。第一项与 $Q$ 无关：译文的**熵**是任何模型都无法突破的下限，而最好的模型恰恰与世界本身一样拿不定主意。

# %%
example = corpus.train[0]
p, lengths = np.array(example.gold.probabilities), [len(tgt_vocab.encode(y)) for y in example.valid]
print(dict(zip(example.valid, example.gold.probabilities)), tr("tokens:", "词数："), lengths)

entropy = -(p * np.log(p)).sum()  # nats a sentence
floor = entropy / (p * lengths).sum()  # nats a token
known = gs.cross_entropy(model, [example])

assert close(entropy, example.gold.entropy) and close(floor, known["floor"])
print(f"{floor:.4f} ", tr("floor", "下限"))
print(f"{known['loss']:.4f} ", tr("the trained model", "训练好的模型"))

# %% [markdown] tags=["subslide"]
# The curve of $H(P, Q)$, with our own model and those that come with the package: how sure are they of *Ils*? Nobody told them 0.7. They have only seen many sentences with *they*, each with one translation. A mark that lies above the curve belongs to a model that spends probability on other, wrong translations.
# <!-- zh -->
# 下图是 $H(P, Q)$ 的曲线，并标出我们自己训练的模型和软件包自带的几个模型：它们有多确信是 *Ils*？没有人告诉过它们 0.7。它们只见过许多含有 *they* 的句子，每句只配一个译文。若标记位于曲线之上，说明该模型还把一部分概率给了别的、错误的译文。

# %%
names = "mini-book", "mini-luong2015", "mini-bahdanau2015"
shipped = {name: gs.load_model(name) for name in names}
q = np.linspace(0.01, 0.99, 99)
hollow = {"color": ORANGE, "markersize": 9, "markerfacecolor": "none", "markeredgewidth": 2}
with drawing(lang, 9, 3.6) as (figure, words):
    axes = figure.subplots()
    axes.plot(q, -0.7 * np.log(q) - 0.3 * np.log(1 - q), color=DARK, label="H(P, Q)")
    axes.axhline(entropy, color="C2", linestyle="-.", label=label("floor H(P)", "下限 H(P)"))
    axes.axvline(0.7, color=GREY, linestyle=":", label="q = 0.7")
    for (name, one), mark in zip({"own": own, **shipped}.items(), "Do^s"):
        losses, _ = sentence_losses(one, [(example.source, y) for y in example.valid])
        axes.plot(np.exp(-losses[0]), (p * losses).sum(), mark, label=name, **hollow)
    axes.set(xlabel="q = Q(Ils regardent. | They are watching.)", ylim=(0, 2.5))
    axes.set_ylabel(label("mean loss (nats a sentence)", "平均损失（奈特/句）"))
    figure.legend(loc="outside right center")
figure

# %% [markdown] tags=["subslide"]
# For the whole test set, `gs.cross_entropy` weighs every valid translation with its probability, so the comparison with the floor is exact. What is above the floor is the Kullback–Leibler divergence: all that a model can still learn, and all that is its own fault.
# <!-- zh -->
# 对整个测试集，`gs.cross_entropy` 按概率对每个正确的译文加权，所以与下限的比较是精确的。高出下限的部分就是 KL 散度：它是模型还能学到的全部，也是该由模型自己负责的全部。

# %%
header = tr("    loss   floor      KL  perplexity", "    损失    下限      KL      困惑度")
print(" " * 20 + header)
for name, one in {"fresh": fresh, "own": own, **shipped}.items():
    found = gs.cross_entropy(one, corpus.test)
    assert found["loss"] >= found["floor"]
    values = found["loss"], found["floor"], found["loss"] - found["floor"]
    print(f"{name:20}{'{:8.3f}{:8.3f}{:8.3f}'.format(*values)}{perplexity(found['loss']):12.2f}")

# %% [markdown] tags=["exercise"]
# ### Exercise 5.6
#
# Compute the floor of several examples together, in nats per token. An example has `gold.probabilities` and, in the same order, `valid` translations; `vocab.encode(text)` gives their tokens, `<eos>` included. Take care how a mean over tokens is made of sums over sentences.
# <!-- zh -->
# ### 练习 5.6
#
# 计算若干样本合在一起的下限，单位是每个词的奈特数。每个样本有 `gold.probabilities`，以及次序相同的正确译文 `valid`；`vocab.encode(text)` 给出它们的词，包括 `<eos>`。注意怎样由各句之和得到对词的平均。


# %% tags=["exercise"]
def floor_of(examples, vocab):
    """A list of examples that have gold -> the least mean loss that is possible, a number."""
    ### BEGIN SOLUTION
    nats = tokens = 0.0
    for one in examples:
        for probability, text in zip(one.gold.probabilities, one.valid):
            nats -= probability * np.log(probability)
            tokens += probability * len(vocab.encode(text))
    return nats / tokens
    ### END SOLUTION


# %% tags=["check"]
check("5.6", floor_of)

# %% [markdown]
# ## Memorising and generalising
#
# `tiny` has about fifty pairs, far fewer than the model has parameters. What will the two curves do?
# <!-- zh -->
# ## 死记硬背与泛化
#
# `tiny` 只有五十来对句子，远少于模型的参数。两条曲线会怎样变化？

# %%
tiny = gs.load_corpus("tiny")
gs.seed(0)
reader = gs.book(tiny.src_vocab, tiny.tgt_vocab, embed_size=64, num_hiddens=64, drop_prob=0)
tiny_run = {"batch_size": 8, "patience": 99, "quiet": True}
tiny_history = gs.train(reader, tiny, epochs=tiny_epochs, **tiny_run)
tiny_history.plot(lang)

# %% [markdown] tags=["subslide"]
# The train loss goes on falling when the dev loss has stopped. Of `tiny` nobody knows the floor, because no grammar wrote it. So take from mini the thirty training sentences that leave the most open, train on nothing else, and, against all rules, look at the same sentences as "dev". Then the floor in the picture is the floor of the very sentences that are trained on. Call this model the parrot. Can its curve fall below a line that "no model can undercut"?
# <!-- zh -->
# 验证损失不再下降之后，训练损失还在继续下降。`tiny` 不是由语法写出的，没有人知道它的下限。因此从 mini 中取出译法最不确定的三十个训练样本，只用它们训练，并且违反一切规矩，把这些句子同时当作“验证集”。这样，图中的下限正是所训练的这些句子自己的下限。把这个模型叫作鹦鹉模型。它的曲线会不会降到“任何模型都无法突破”的那条线以下？

# %%
same = copy.copy(corpus)
same.train = sorted(corpus.train, key=lambda e: e.gold.entropy)[-30:]
same.dev = same.train
for one in same.train[-3:]:
    probability = dict(zip(*one.gold[:2]))[one.references[0]]
    print(one.source, "->", one.references[0], f"(P = {probability})")

gs.seed(0)
parrot = gs.book(corpus.src_vocab, corpus.tgt_vocab, embed_size=64, num_hiddens=128, drop_prob=0)
by_heart = {"batch_size": 6, "learning_rate": 1e-2, "patience": 99, "quiet": True}
memory = gs.train(parrot, same, epochs=memory_epochs, **by_heart)
figure = memory.plot(lang)
figure.axes[0].set_ylim(0, 1)  # the part near the floor
figure

# %% [markdown] tags=["subslide"]
# It can. The floor is a bound on the *expected* loss, over all translations that might have been drawn. The training file holds one draw of each, and whoever has seen the draw can learn it by heart. Four numbers about the same thirty sentences tell it all:
# <!-- zh -->
# 会的。下限约束的是*期望*损失，即对所有可能被抽到的译文取平均。而训练文件中每句只有一次抽取的结果，见过这个结果的人可以把它背下来。关于这同样三十个句子的四个数说明了一切：

# %%
drawn = [dict(zip(*e.gold[:2]))[e.references[0]] for e in same.train]  # P of the one in the file
losses, tokens = sentence_losses(parrot, pairs_of(same.train))
exact = gs.cross_entropy(parrot, same.train)

in_file, of_all = (
    tr("the translations in the file", "文件中的译文"),
    tr("all that could be drawn", "所有可能的抽取"),
)
knows, is_parrot = tr("one who knows P, on ", "知道 P 的人，"), tr("the parrot, on ", "鹦鹉模型，")
print(f"{losses.sum() / tokens.sum():.4f}  {is_parrot}{in_file}")
print(f"{-np.log(drawn).sum() / tokens.sum():.4f}  {knows}{in_file}")
print(f"{exact['floor']:.4f}  {knows}{of_all}", tr("(the floor)", "（下限）"))
print(f"{exact['loss']:.4f}  {is_parrot}{of_all}")
assert exact["loss"] >= exact["floor"]

# %% [markdown] tags=["subslide"]
# | | can it be below the floor? | why |
# | --- | --- | --- |
# | train loss | yes, down to 0 | the model has seen which translation was drawn |
# | loss on a finite dev set | by luck, a little | the draws may happen to be the probable ones |
# | expected loss, `gs.cross_entropy` | never | $\mathrm{KL}(P \,\|\, Q) \ge 0$ |
#
# The parrot pays for it: on *all that could be drawn* its loss is far above the floor, because it is sure of what nobody can be sure of. Compare the first two lines: on the translations in the file it beats one who knows $P$ itself. That is not skill, for nothing in the English tells which translation was drawn; it is memory, and only a corpus whose probabilities are known can show it so plainly. (The two figures of the one who knows $P$ differ, if at all, only by the luck of the draw.)
# <!-- zh -->
# | | 会低于下限吗？ | 为什么 |
# | --- | --- | --- |
# | 训练损失 | 会，最低到 0 | 模型见过抽到的是哪个译文 |
# | 有限的验证集上的损失 | 碰巧会，但只低一点 | 抽到的可能恰好是概率大的 |
# | 期望损失 `gs.cross_entropy` | 不会 | $\mathrm{KL}(P \,\|\, Q) \ge 0$ |
#
# 鹦鹉模型为此付出了代价：对*所有可能的抽取*，它的损失远高于下限，因为它对谁也无法确定的事深信不疑。比较前两行：在文件中的译文上，它胜过了知道 $P$ 本身的人。这并不是本领，因为英语句子里没有任何信息说明抽到的是哪个译文；这是记忆，而且只有概率已知的语料才能把它显示得如此清楚。（知道 $P$ 的人的那两个数若有差别，也只是抽取的运气所致。）

# %% [markdown]
# ## Teacher forcing and free running
#
# In training the decoder reads the reference. In use there is none: it reads its own words, mistakes included, and a mistake brings it where it never was in training (**exposure bias**). `mixed_inputs` makes what the decoder reads: each word is the reference's with probability `teacher_forcing`, else the model's own.
# <!-- zh -->
# ## 强制教学与自由运行
#
# 训练时解码器读入的是标签序列。使用时并没有标签：它读入自己写的词，连同其中的错误，而一个错误会把它带到训练中从未到过的地方（**曝光偏差**，exposure bias）。`mixed_inputs` 生成解码器读入的词：每个词以 `teacher_forcing` 的概率取自标签序列，否则取模型自己的词。

# %%
pair = (longest.source, longest.valid[0])
for chosen in (watching[0], "Elles regardent."), pair:
    X, src_valid_length, Y_prev, Y, _ = next(
        iter(gs.Minibatches([chosen], src_vocab, tgt_vocab, 1))
    )
    print(tr("wanted ", "目标   "), " ".join(tgt_vocab.to_tokens(Y[0].asnumpy().tolist())))
    for share in 1.0, 0.5, 0.0:
        gs.seed(0)
        read = mixed_inputs(model, X, src_valid_length, Y_prev, share)  # (1, T')
        print(f"{share:7}", " ".join(tgt_vocab.to_tokens(read[0].asnumpy().tolist())))
    print()

# %% [markdown] tags=["subslide"]
# How much does it cost? The shipped models on the test set, position by position: once they read the reference, once their own words. At the first position both read `<bos>`, so the lines must begin at the same point. Predict: where do they go from there, and for which model is it worse?
# <!-- zh -->
# 代价有多大？让自带的模型在测试集上逐个位置计算损失：一次读入标签序列，一次读入自己的词。在第一个位置，两者读入的都是 `<bos>`，因此两条线一定从同一点出发。猜一猜：之后它们各往哪里走？哪个模型更糟？

# %%
test_pairs = [(e.source, e.valid[0]) for e in corpus.test]


def loss_by_position(model, teacher_forcing):
    """The mean loss at each position that 40 or more sentences have, (positions,)."""
    losses, present = np.zeros((2, 100))  # (100,) each
    batches = gs.Minibatches(test_pairs, model.src_vocab, model.tgt_vocab, batch_size=64)
    for X, src_valid_length, Y_prev, Y, tgt_valid_length in batches:
        read = mixed_inputs(model, X, src_valid_length, Y_prev, teacher_forcing)  # (N, T')
        logits, _ = model(X, src_valid_length, read)
        log_p = log_probabilities(nd, logits, Y, tgt_valid_length).asnumpy()  # (N, T')
        losses[: Y.shape[1]] -= log_p.sum(axis=0)
        own = tgt_valid_length.asnumpy() > np.arange(Y.shape[1])[:, None]  # (T', N)
        present[: Y.shape[1]] += own.sum(axis=1)
    enough = present >= 40
    return losses[enough] / present[enough]


# %%
with drawing(lang, 9, 3.6) as (figure, words):
    for axes, name in zip(figure.subplots(1, 2, sharey=True), ("mini-book", "mini-bahdanau2015")):
        teacher, free = (loss_by_position(shipped[name], share) for share in (1.0, 0.0))
        positions = range(1, len(teacher) + 1)
        axes.plot(
            positions, free, "s--", color=ORANGE, label=label("reads its own words", "读入自己的词")
        )
        axes.plot(
            positions, teacher, "o-", color=DARK, label=label("reads the reference", "读入标签序列")
        )
        axes.set(title=name, xlabel=label("position t'", "位置 t'"), ylim=(0, None))
        axes.legend(loc="upper left")
        axes.grid(alpha=0.3)
        assert close(teacher[0], free[0], 1e-4)
    figure.axes[0].set_ylabel(label("loss (nats per token)", "损失（每个词的奈特数）"))
figure

# %% [markdown] tags=["subslide"]
# Read the picture with care. It exaggerates: after one word too many all later words are compared with the wrong position, though they may be right. What counts in the end is the translation, and notebook 8 measures that. But the direction is true, and it is one reason why long sentences fail first.
#
# Would it help to train as one translates? `teacher_forcing=0.5` lets the decoder read its own words at half of the positions on average (**scheduled sampling**). The comparison below is on `tiny`, so a handful of dev sentences decide it; look at the time first, then at the right picture. (The dev *loss* is always taken with the reference, so the left picture is no fair judge.)
# <!-- zh -->
# 读这张图要谨慎。它有所夸大：只要多写一个词，之后的词就都与错位的标签比较，尽管它们可能是对的。归根结底要看译文，第 8 篇会来评价它。但这个趋势是真实的，这也是长句最先出错的原因之一。
#
# 像翻译时那样训练，会有帮助吗？`teacher_forcing=0.5` 让解码器平均在一半的位置上读入自己的词（计划采样，scheduled sampling）。下面在 `tiny` 上比较，只由验证集的寥寥几句决定；请先看时间，再看右图。（验证集的*损失*总是在读入标签序列时计算的，所以左图并不是公正的裁判。）

# %%
gs.seed(0)
mixed = gs.book(tiny.src_vocab, tiny.tgt_vocab, embed_size=64, num_hiddens=64, drop_prob=0)
mixed_history = gs.train(mixed, tiny, epochs=tiny_epochs, teacher_forcing=0.5, **tiny_run)
both = {"teacher_forcing=1.0": tiny_history, "teacher_forcing=0.5": mixed_history}
gs.training_comparison(both, lang)

# %% [markdown] tags=["exercise"]
# ### Exercise 5.7
#
# Write what the decoder reads when nobody helps it: `<bos>`, then at each position the most probable word after those before. You need `model.encoder`, `model.bridge` and `model.decoder`; the lines that start are given.
# <!-- zh -->
# ### 练习 5.7
#
# 写出没有人帮助时解码器读入的词：先是 `<bos>`，之后每个位置是接在前面各词之后概率最大的词。需要用到 `model.encoder`、`model.bridge` 和 `model.decoder`；开头几行已经给出。


# %% tags=["exercise"]
def own_words(model, X, valid_length, length):
    """X (N, T), valid_length (N,) -> ids that the decoder reads, (N, length), int32."""
    h, _, c = model.encoder(X, valid_length)
    state = model.bridge(c)
    columns = [nd.full((len(X), 1), model.tgt_vocab["<bos>"], dtype="int32")]  # (N, 1) each
    ### BEGIN SOLUTION
    while len(columns) < length:
        logits, state, _ = model.decoder(columns[-1], state, h, c, valid_length)  # (N, 1, V)
        columns.append(logits.argmax(axis=2).astype("int32"))
    return nd.concat(*columns, dim=1)
    ### END SOLUTION


# %% tags=["check"]
check("5.7", own_words)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **1. Probable given what?** The chapter writes the loss as $-\log \mathbb{P}(y_1, \ldots, y_{T'})$. It means $\mathbb{P}(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$; through $\boldsymbol{c}$ the source is in every factor. The same French words under three English sentences:
# <!-- zh -->
# ## 书中没有明说的
#
# **1. 以什么为条件的概率？** 书中把损失写作 $-\log \mathbb{P}(y_1, \ldots, y_{T'})$，意思是 $\mathbb{P}(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$；通过 $\boldsymbol{c}$，每个因子都依赖于输入序列。同样的法语词，配上三个英语句子：

# %%
sources = ["They are watching.", "We are watching.", "They are tired."]
for source, found in zip(sources, gs.Translator(model).force(sources, ["Ils regardent."] * 3)):
    print(f"-log P(Ils regardent. | {source:18}) = {-found.log_p:8.3f}")

# %% [markdown] tags=["subslide"]
# **2. A sum in the book, a mean in training.** The chapter's loss is a sum over one sentence; training minimises a mean over the tokens of a batch. Over a whole corpus the two differ by a constant factor and have the same optimum: in both, a long sentence counts for more than a short one, because it has more terms. A mean of the *means* of the sentences gives each of them the same weight: that is another loss, with another optimum. Compare the first two figures below; neither is wrong, but one has to say which one is reported.
# <!-- zh -->
# **2. 书中是和，训练中是平均。** 书中的损失是一个句子上的和；训练时最小化的是对小批量中所有词的平均。就整个语料而言，两者只差一个常数因子，最优解相同：长句的项数多，所以都比短句更有分量。若先求各句的*平均值*，再取平均，每个句子的权重就都一样：那是另一个损失，最优解也不同。比较下面的前两个数；哪个都没错，但报告时必须说明是哪一个。

# %%
losses, tokens = sentence_losses(model, pairs_of(corpus.dev))
long = tokens >= np.median(tokens)
print(f"{losses.sum() / tokens.sum():.4f} ", tr("mean over tokens", "对词取平均"))
print(f"{(losses / tokens).mean():.4f} ", tr("mean of the means of sentences", "各句平均值的平均"))
print(f"{losses.mean():.4f} ", tr("mean of the sums of sentences", "各句损失之和的平均"))
print(
    tr(
        "those of median length or longer have this share of sentences, tokens, loss:",
        "词数不少于中位数的句子，在句数、词数、损失中所占的比例：",
    )
)
print([f"{a[long].sum() / a.sum():.0%}" for a in (np.ones(len(tokens)), tokens, losses)])

# %% [markdown] tags=["subslide"]
# **3. Padding.** The chapter's formula knows no padding, but every batch has some. With the mean that counts padding, the weight of *They are watching.* depends on the company it keeps. With `SequenceLoss` its loss is the same in any batch.
# <!-- zh -->
# **3. 填充。** 书中的公式里没有填充，但每个小批量里都有。若取平均时把填充也算上，*They are watching.* 的权重就取决于它与谁同在一个小批量里。用 `SequenceLoss` 时，它的损失在任何小批量中都一样。

# %%
alone, _ = sentence_losses(model, [watching])  # (1,)
for company in [watching], [watching, three[1]], [watching, pair]:
    data = gs.Minibatches(company, src_vocab, tgt_vocab, batch_size=2)
    X, src_valid_length, Y_prev, Y, tgt_valid_length = next(iter(data))
    n = int(tgt_valid_length.asnumpy().argmin())  # the row of our sentence
    logits, _ = model(X, src_valid_length, Y_prev)
    mask = nd.arange(Y.shape[1]).reshape((1, -1)) < tgt_valid_length.astype("float32").reshape(
        (-1, 1)
    )
    diluted = mxnet_loss(logits, Y, mask.expand_dims(2))[n].asscalar()
    kept, _ = gs.SequenceLoss()(logits[n : n + 1], Y[n : n + 1], tgt_valid_length[n : n + 1])
    print(f"T' = {Y.shape[1]:2}   MXNet {diluted:.4f}   SequenceLoss {kept.asscalar():.4f}")
    assert close(kept, alone, 1e-3)

# %% [markdown] tags=["subslide"]
# **4. The floor is not zero.** *The loss is minimised* sounds as if zero were the goal. How much of mini is open?
# <!-- zh -->
# **4. 下限不是零。** “最小化损失”听上去好像目标是零。mini 中有多少句子是不确定的？

# %%
for name, examples in ("train", corpus.train), ("dev", corpus.dev), ("test", corpus.test):
    unsure = sum(e.gold.entropy > 0 for e in examples) / len(examples)
    print(
        f"{name:6}" + tr("sentences with several translations:", "有多个译文的句子："),
        f"{unsure:.0%}  ",
        tr("floor", "下限"),
        f"{entropy_floor(examples, corpus.tgt_vocab):.4f}",
    )

# %% [markdown] tags=["subslide"]
# **5. Teacher forcing makes training differ from use.** The chapter does not mention it. Its factors are conditional on the words of the training data; that a translator has to put its own words there is left unsaid. The same model, the same sentences, the same references, only other words to read:
# <!-- zh -->
# **5. 强制教学使训练与使用不一致。** 书中没有提到。它的各个因子以训练数据中的词为条件，而翻译时只能代之以模型自己的词，这一点没有说。同一个模型、同样的句子、同样的标签，只是读入的词不同：

# %%
for share in 1.0, 0.5, 0.0:
    gs.seed(0)
    total = count = 0.0
    for X, src_valid_length, Y_prev, Y, tgt_valid_length in dev_batches:
        read = mixed_inputs(model, X, src_valid_length, Y_prev, share)
        loss, n = gs.SequenceLoss()(model(X, src_valid_length, read)[0], Y, tgt_valid_length)
        total, count = total + loss.asscalar(), count + n.asscalar()
    print(f"teacher_forcing {share}: {total / count:.3f}", tr("nats per token", "奈特/词"))

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. A new program starts training with `V` = 1000 and reports a loss of 11 nats per token for the very first batch. What is the likeliest explanation? (a) That is $\log V$, all is well. (b) The learning rate is too high. (c) The first logits are large: the model is confidently wrong about most words before it has learnt anything. (d) The batch has too few sentences.
# 2. After the first epoch the train loss is higher than the dev loss. Why is that no cause for concern? (a) The train loss is a mean over the epoch, most of it from when the model was worse; the dev loss is from its end. (b) Dev sentences are in the training set. (c) Padding lowers the dev loss. (d) The floor of dev is zero.
# 3. Model A reads words and reaches 0.9 nats per token; model B reads single characters and reaches 0.4. Which one translates better? (a) A (b) B (c) They are equal. (d) That cannot be told: a token is not the same thing in both.
# 4. A model gives *Ils* the probability 1 after *They*, and *Elles* therefore 0. What is its expected loss on *They are watching.*? (a) 0 (b) infinite (c) the floor (d) −0.3 log 0.7
# 5. On fifty sentences a model's train loss is far below the floor of those sentences. What follows? (a) The floor was computed wrongly. (b) It has found out how the grammar decides between *Ils* and *Elles*. (c) It knows which translations were drawn; averaged over new draws for the same sentences, its loss would be above the floor. (d) It will undercut the floor on dev, too, if it is trained longer.
# <!-- zh -->
# ## 小测验
#
# 1. 一个新写的程序开始训练，`V` = 1000，第一个小批量的损失就是每个词 11 奈特。最可能的解释是什么？(a) 这就是 $\log V$，一切正常。(b) 学习率太大。(c) 最初的 logits 很大：模型还什么都没学到，就已十分自信地把大多数词判断错。(d) 小批量中的句子太少。
# 2. 第一个迭代周期之后，训练损失高于验证损失。为什么不必担心？(a) 训练损失是整个迭代周期的平均，其中大部分来自模型还较差的时候；验证损失则在迭代周期结束时计算。(b) 验证集的句子也在训练集中。(c) 填充使验证损失变低。(d) 验证集的下限是零。
# 3. 模型 A 以词为词元，达到每个词元 0.9 奈特；模型 B 以字符为词元，达到 0.4。哪个翻译得更好？(a) A (b) B (c) 一样好。(d) 无法判断：两者的词元不是一回事。
# 4. 某模型在 *They* 之后给 *Ils* 的概率是 1，因此给 *Elles* 的是 0。它在 *They are watching.* 上的期望损失是多少？(a) 0 (b) 无穷大 (c) 下限 (d) −0.3 log 0.7
# 5. 在五十个句子上，某模型的训练损失远低于这些句子的下限。由此可知什么？(a) 下限算错了。(b) 它弄清了语法怎样在 *Ils* 与 *Elles* 之间选择。(c) 它知道抽到的是哪些译文；若对同样的句子重新抽取，平均来看它的损失会高于下限。(d) 再训练久一些，它在验证集上也会低于下限。

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "c", 2: "a", 3: "d", 4: "b", 5: "c"}
### END SOLUTION

# %% tags=["check"]
quiz(5, answers)

# %% [markdown]
# ## The chapter's summary
#
# The chapter sums itself up in one line: a seq2seq model takes sequences of variable length, and gives sequences of variable length. Five notebooks in the same spirit:
#
# - [1](01_sentences_to_tensors.ipynb): two lengths for each pair, `<eos>` to end both.
# - [2](02_encoder.ipynb): from variable length to fixed length, $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$.
# - [3](03_two_directions.ipynb): the same from both ends of the sentence.
# - [4](04_decoder.ipynb): from fixed length back to variable length, joint probability, loss, p and $\boldsymbol{s}_{t'}$.
# - 5: the loss made small.
#
# Its four exercises ask for other attentions and about the decoder's GRU ([notebook 7](07_attention.ipynb)), and for other uses of seq2seq and of attention ([notebook 10](10_beyond_translation.ipynb)).
# <!-- zh -->
# ## 书中的小结
#
# 书中只用一句话作结：seq2seq 两端的序列都允许不定长。用同样的眼光看这五篇：
#
# - [1](01_sentences_to_tensors.ipynb)：每对句子有两个长度，两边都以 `<eos>` 结束。
# - [2](02_encoder.ipynb)：由不定长到定长，$\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$。
# - [3](03_two_directions.ipynb)：同样的事，从句子的两端做起。
# - [4](04_decoder.ipynb)：由定长回到不定长，联合概率、损失、p 和 $\boldsymbol{s}_{t'}$。
# - 5：使损失变小。
#
# 书中的四道练习，问的是其他注意力机制和解码器的 GRU（[第 7 篇](07_attention.ipynb)），以及 seq2seq 与注意力机制的其他应用（[第 10 篇](10_beyond_translation.ipynb)）。

# %% [markdown]
# ## Where to go next
#
# - [06_search.ipynb](06_search.ipynb): the model gives probabilities; how does one get a sentence out of them?
# - [08_evaluation.ipynb](08_evaluation.ipynb): what a low loss is worth, measured on translations.
# - Williams and Zipser 1989, *A Learning Algorithm for Continually Running Fully Recurrent Neural Networks*: where teacher forcing got its name.
# - Bengio et al. 2015, *Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks*: reading one's own words in training, more and more often.
# - Ranzato et al. 2016, *Sequence Level Training with Recurrent Neural Networks*: exposure bias, and a loss on whole translations.
# - Pascanu et al. 2013, *On the Difficulty of Training Recurrent Neural Networks*: why gradients explode, and clipping.
# <!-- zh -->
# ## 接下来
#
# - [06_search.ipynb](06_search.ipynb)：模型给出了概率，怎样由此得到一个句子？
# - [08_evaluation.ipynb](08_evaluation.ipynb)：低损失究竟值多少？在译文上来评价。
# - Williams 与 Zipser 1989，*A Learning Algorithm for Continually Running Fully Recurrent Neural Networks*：强制教学这一名称的出处。
# - Bengio 等 2015，*Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks*：训练中越来越多地读入自己的词。
# - Ranzato 等 2016，*Sequence Level Training with Recurrent Neural Networks*：曝光偏差，以及以整个译文为对象的损失。
# - Pascanu 等 2013，*On the Difficulty of Training Recurrent Neural Networks*：梯度为什么会爆炸，以及梯度裁剪。
