# %% [markdown]
# # 4. The decoder and its probability
#
# The encoder has turned *They are watching.* into one vector $\boldsymbol{c}$. The decoder turns $\boldsymbol{c}$ into *Ils regardent.*, one word at a time, and says at each step how probable every word of its vocabulary would be. Here you compute one such step by hand, with the parameters of a trained model; then you multiply the steps' probabilities into the probability of the whole translation, and look at everything on which it depends.
#
# **After this notebook you can**
#
# - compute $\boldsymbol{s}_0$, $\boldsymbol{s}_1$ and $\mathbb{P}(y_1 \mid \boldsymbol{c})$ with nothing but matrix products, sigmoid, tanh and softmax;
# - say why $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ is a product, and get it in four ways that agree;
# - explain why one decoder serves both training (all steps at once) and search (one step at a time);
# - join an encoder and a decoder of different depth and size;
# - tell the decoders of the chapter, of Cho et al. 2014 and of Sutskever et al. 2014 apart by what their g and p read.
# <!-- zh -->
# # 4. 解码器与它的概率
#
# 编码器已经把 *They are watching.* 变成了一个向量 $\boldsymbol{c}$。解码器再把 $\boldsymbol{c}$ 变成 *Ils regardent.*：每次一个词，并且在每个时刻给出词典中每个词的条件概率。本篇用一个训练好的模型的参数，亲手算出这样的一步；然后把各步的概率连乘成整个译文的概率，并逐一查看这个概率依赖于什么。
#
# **学完本篇，你能够**
#
# - 只用矩阵乘法、sigmoid、tanh 和 softmax 算出 $\boldsymbol{s}_0$、$\boldsymbol{s}_1$ 和 $\mathbb{P}(y_1 \mid \boldsymbol{c})$；
# - 说明 $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ 为什么是一个连乘积，并用四种相互一致的方法得到它；
# - 解释为什么同一个解码器既能用于训练（所有时间步一起算），又能用于搜索（一次算一步）；
# - 把深度和大小都不同的编码器与解码器连接起来；
# - 根据 g 和 p 各读入什么，区分书中的、Cho 等人（2014）的和 Sutskever 等人（2014）的解码器。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \prod_{t'=1}^{T'} \mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c})$ | joint probability of the output sequence | `translator.force(…)` | `exp(log_p)` |
# | $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ | loss | `gs.SequenceLoss` | a sum, a count |
# | $\mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c}) = p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c})$ | probability of one word | `decoder.p` | `logits (N, T', V)` |
# | $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}_{t'-1})$ | hidden state of the decoder | `decoder.g` over $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$ | `s (T', N, H)` |
# | $p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}) = \mathrm{softmax}(\boldsymbol{W}_o \tanh(\boldsymbol{W}_p [\boldsymbol{y}_{t'-1}; \boldsymbol{s}_{t'}; \boldsymbol{c}] + \boldsymbol{b}_p) + \boldsymbol{b}_o)$ | output layer, ours | `gs.Readout` | `logits (N, T', V)` |
# | $\boldsymbol{s}_0 = \tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$ | first state, ours | `model.bridge` | `(N, D)` → `(1, N, H)` |
# | $\boldsymbol{y}_{t'-1} = \boldsymbol{o}_{t'-1}^\top \boldsymbol{E}$ | vector of the previous word | `decoder.embedding` | `(N, T')` → `(N, T', E)` |
#
# The first four rows are the chapter's, in its order; the others fill in what it leaves open. $y_{<t'}$ is short for $y_1, \ldots, y_{t'-1}$.
#
# `N`: sentences; `T'`: target length; `D`, `H`, `E`: sizes of $\boldsymbol{c}$, of $\boldsymbol{s}$ and of a word vector; `V`: target vocabulary. $\boldsymbol{o}_{t'-1}$ is the previous word as a one-hot vector, the matrix $\boldsymbol{E}$ `(V, E)` has the vectors of all words. $[\boldsymbol{a}; \boldsymbol{b}]$ is $\boldsymbol{a}$ followed by $\boldsymbol{b}$ in one longer vector.
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \prod_{t'=1}^{T'} \mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c})$ | 输出序列的联合概率 | `translator.force(…)` | `exp(log_p)` |
# | $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ | 损失函数 | `gs.SequenceLoss` | 一个和，一个计数 |
# | $\mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c}) = p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c})$ | 单个词的概率 | `decoder.p` | `logits (N, T', V)` |
# | $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}_{t'-1})$ | 解码器的隐含层变量 | `decoder.g`，输入为 $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$ | `s (T', N, H)` |
# | $p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}) = \mathrm{softmax}(\boldsymbol{W}_o \tanh(\boldsymbol{W}_p [\boldsymbol{y}_{t'-1}; \boldsymbol{s}_{t'}; \boldsymbol{c}] + \boldsymbol{b}_p) + \boldsymbol{b}_o)$ | 输出层，本软件包的选择 | `gs.Readout` | `logits (N, T', V)` |
# | $\boldsymbol{s}_0 = \tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$ | 初始隐含层变量，本软件包的选择 | `model.bridge` | `(N, D)` → `(1, N, H)` |
# | $\boldsymbol{y}_{t'-1} = \boldsymbol{o}_{t'-1}^\top \boldsymbol{E}$ | 上一个词的词向量 | `decoder.embedding` | `(N, T')` → `(N, T', E)` |
#
# 前四行是书中的公式，次序也与书中相同；其余几行补上书中没有限定的部分。$y_{<t'}$ 是 $y_1, \ldots, y_{t'-1}$ 的简写。
#
# `N` 是句子数，`T'` 是输出序列的长度，`D`、`H`、`E` 分别是 $\boldsymbol{c}$、$\boldsymbol{s}$ 和词向量的大小，`V` 是目标语言词典的大小。$\boldsymbol{o}_{t'-1}$ 是上一个词的 one-hot 向量，矩阵 $\boldsymbol{E}$ `(V, E)` 存有所有词的词向量。$[\boldsymbol{a}; \boldsymbol{b}]$ 表示把 $\boldsymbol{a}$ 和 $\boldsymbol{b}$ 首尾连结成一个更长的向量。

# %%
import math

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, code_of, label, language, quiz, tr
from gluon_seq2seq.plots.style import DARK, LIGHT, ORANGE, SMALL, drawing
from mxnet import init, nd
from mxnet.gluon import nn, rnn

lang = language(tr("en", "zh"))

# %% [markdown]
# ## What the decoder is given
#
# The model follows the chapter's formulas, with a GRU for g; it was trained on 10,000 sentence pairs and comes with the package. A batch of one pair is enough here. The decoder reads `Y_prev` and is to say `Y`: the same words, one step apart. From the encoder it gets $\boldsymbol{c}$.
# <!-- zh -->
# ## 解码器得到什么
#
# 这个模型照书中的公式构造，g 用 GRU，在一万个句对上训练好，随软件包提供。这里只要一个句对组成的小批量。解码器读入 `Y_prev`，应当说出 `Y`：同样的词，错开一步。它从编码器那里得到 $\boldsymbol{c}$。

# %%
model = gs.load_model("mini-book")
decoder, vocab = model.decoder, model.tgt_vocab

pair = ("They are watching.", "Ils regardent.")
(batch,) = gs.Minibatches([pair], model.src_vocab, vocab, batch_size=1)
X, valid_length, Y_prev, Y, tgt_valid_length = batch
h, _, c = model.encoder(X, valid_length)  # (1, 5, 128), (1, 128)

print("t'      ", *(f"{t:>10}" for t in (1, 2, 3, 4)))
print("Y_prev  ", *(f"{token:>10}" for token in vocab.to_tokens(Y_prev[0].asnumpy().tolist())))
print("Y       ", *(f"{token:>10}" for token in vocab.to_tokens(Y[0].asnumpy().tolist())))
print("c       ", c.shape)

# %% [markdown]
# ## Four formulas, from the whole to its parts
#
# The chapter begins with what is wanted, and asks at each step what that needs.
#
# 1. **Joint probability.** Training looks for parameters that make the output sequences of the data probable. What happens one after the other has as its probability a product of conditional ones, exactly: $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \prod_{t'=1}^{T'} \mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c})$.
# 2. **Loss.** Instead of making the product large, make $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ small ([notebook 5](05_training.ipynb)).
# 3. **p.** How is one factor computed? By a function of three things: $\mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c}) = p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c})$. Only the last of the words before is named; all the others have to come in through $\boldsymbol{s}_{t'}$.
# 4. **g.** And $\boldsymbol{s}_{t'}$, the hidden state of the decoder? By a recurrent unit, $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}_{t'-1})$: so it has read every word before.
#
# A program goes the other way, from the parts to the whole: $\boldsymbol{s}_{t'}$, then p, then the product and the loss. We follow it. On the way it needs three things that the formulas leave open: $\boldsymbol{s}_0$, $y_0$, and what p is inside.
# <!-- zh -->
# ## 四个公式：从整体到部分
#
# 书中从想要的东西说起，再一步步问：为此还需要什么？
#
# 1. **联合概率。** 训练要找的参数，应使数据中的输出序列有较大的概率。先后发生的事情，概率恰好是条件概率的乘积：$\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \prod_{t'=1}^{T'} \mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c})$。
# 2. **损失函数。** 不去增大这个乘积，而是减小 $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$（[第 5 篇](05_training.ipynb)）。
# 3. **p。** 其中一个因子怎样计算？用一个三元函数：$\mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c}) = p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c})$。前面的词中只有最后一个直接出现，其余的都得通过 $\boldsymbol{s}_{t'}$ 进来。
# 4. **g。** 解码器的隐含层变量 $\boldsymbol{s}_{t'}$ 又怎样计算？用循环神经网络单元，$\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}_{t'-1})$：所以它读过前面的每一个词。
#
# 程序走的方向相反，从部分到整体：先算 $\boldsymbol{s}_{t'}$，再算 p，然后是乘积和损失。下面就这样做。途中还需要公式没有限定的三样东西：$\boldsymbol{s}_0$、$y_0$，以及 p 的内部。

# %% [markdown]
# ## Where the state starts
#
# $\boldsymbol{s}_1 = g(y_0, \boldsymbol{c}, \boldsymbol{s}_0)$ needs an $\boldsymbol{s}_0$. The chapter's formulas do not say which; this package follows Cho et al. 2014: $\boldsymbol{s}_0 = \tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$. The Block is called a bridge because it leads from the encoder's side to the decoder's. Here is its code, and then the same by hand.
# <!-- zh -->
# ## 隐含层变量从哪里开始
#
# $\boldsymbol{s}_1 = g(y_0, \boldsymbol{c}, \boldsymbol{s}_0)$ 需要一个 $\boldsymbol{s}_0$。书中的公式没有说它是什么；本软件包采用 Cho 等人（2014）的做法：$\boldsymbol{s}_0 = \tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$。这个 Block 从编码器一侧通向解码器一侧，所以叫“桥”（Bridge）。下面是它的代码，然后亲手算一遍。

# %%
print(code_of(gs.Bridge.hybrid_forward))

w_s, b_s = model.bridge.w_s.weight.data(), model.bridge.w_s.bias.data()  # (128, 128), (128,)
s_0 = nd.tanh(nd.dot(c, w_s.T) + b_s)  # (1, 128)

assert close(s_0, model.bridge(c)[0])  # the bridge's first axis: one row for each layer
print(s_0.shape, model.bridge(c).shape)

# %% [markdown]
# ## One step by hand
#
# **The previous word, as a vector.** $y_0$ is the word `<bos>`. What enters g is a row of the embedding matrix.
#
# **g.** The chapter asks for a recurrent unit; here it is a GRU whose input is $\boldsymbol{x} = [\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$:
#
# $$\boldsymbol{r} = \sigma(\boldsymbol{W}_{xr} \boldsymbol{x} + \boldsymbol{b}_{xr} + \boldsymbol{W}_{hr} \boldsymbol{s}_{t'-1} + \boldsymbol{b}_{hr}), \qquad \boldsymbol{z} = \sigma(\boldsymbol{W}_{xz} \boldsymbol{x} + \boldsymbol{b}_{xz} + \boldsymbol{W}_{hz} \boldsymbol{s}_{t'-1} + \boldsymbol{b}_{hz})$$
#
# $$\tilde{\boldsymbol{s}} = \tanh(\boldsymbol{W}_{xh} \boldsymbol{x} + \boldsymbol{b}_{xh} + \boldsymbol{r} \odot (\boldsymbol{W}_{hh} \boldsymbol{s}_{t'-1} + \boldsymbol{b}_{hh})), \qquad \boldsymbol{s}_{t'} = \boldsymbol{z} \odot \boldsymbol{s}_{t'-1} + (1 - \boldsymbol{z}) \odot \tilde{\boldsymbol{s}}$$
#
# MXNet keeps the three matrices of each kind as one, in the order r, z, h. (The book's section on GRUs multiplies $\boldsymbol{r}$ into $\boldsymbol{s}_{t'-1}$ before the product with $\boldsymbol{W}_{hh}$; `gs.TextbookGRU` does.) Before you run the cell: what is the second dimension of `w_x`?
# <!-- zh -->
# ## 亲手算一步
#
# **上一个词，作为向量。** $y_0$ 是 `<bos>`。进入 g 的是词向量矩阵的一行。
#
# **g。** 书中只要求是循环神经网络单元；这里用门控循环单元，输入为 $\boldsymbol{x} = [\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$：
#
# $$\boldsymbol{r} = \sigma(\boldsymbol{W}_{xr} \boldsymbol{x} + \boldsymbol{b}_{xr} + \boldsymbol{W}_{hr} \boldsymbol{s}_{t'-1} + \boldsymbol{b}_{hr}), \qquad \boldsymbol{z} = \sigma(\boldsymbol{W}_{xz} \boldsymbol{x} + \boldsymbol{b}_{xz} + \boldsymbol{W}_{hz} \boldsymbol{s}_{t'-1} + \boldsymbol{b}_{hz})$$
#
# $$\tilde{\boldsymbol{s}} = \tanh(\boldsymbol{W}_{xh} \boldsymbol{x} + \boldsymbol{b}_{xh} + \boldsymbol{r} \odot (\boldsymbol{W}_{hh} \boldsymbol{s}_{t'-1} + \boldsymbol{b}_{hh})), \qquad \boldsymbol{s}_{t'} = \boldsymbol{z} \odot \boldsymbol{s}_{t'-1} + (1 - \boldsymbol{z}) \odot \tilde{\boldsymbol{s}}$$
#
# MXNet 把同类的三个矩阵存成一个，顺序是 r、z、h。（教材“门控循环单元”一节先把 $\boldsymbol{r}$ 乘到 $\boldsymbol{s}_{t'-1}$ 上，再乘 $\boldsymbol{W}_{hh}$；那一种是 `gs.TextbookGRU`。）运行之前先想一想：`w_x` 的第二维是多少？

# %% tags=["subslide"]
E = decoder.embedding.weight.data()  # (V, E)
gru = decoder.g.layers[0]
w_x, b_x = gru.l0_i2h_weight.data(), gru.l0_i2h_bias.data()  # (3H, E + D), (3H,)
w_h, b_h = gru.l0_h2h_weight.data(), gru.l0_h2h_bias.data()  # (3H, H), (3H,)


def g(y_prev, c, s_prev):
    x = nd.concat(y_prev, c, dim=1)  # (1, E + D)
    x_r, x_z, x_h = nd.split(nd.dot(x, w_x.T) + b_x, num_outputs=3, axis=1)  # (1, H) each
    h_r, h_z, h_h = nd.split(nd.dot(s_prev, w_h.T) + b_h, num_outputs=3, axis=1)
    r, z = nd.sigmoid(x_r + h_r), nd.sigmoid(x_z + h_z)
    return z * s_prev + (1 - z) * nd.tanh(x_h + r * h_h)  # (1, H)


y_0 = E[vocab["<bos>"]].expand_dims(0)  # (1, E)
s_1 = g(y_0, c, s_0)  # (1, H)

x = nd.concat(y_0, c, dim=1).expand_dims(0)  # (T' = 1, 1, E + D)
assert close(s_1, decoder.g(x, model.bridge(c))[0][0])
print("w_x", w_x.shape, " s_1", s_1.shape)

# %% [markdown] tags=["subslide"]
# **p.** The chapter names what p reads, and not what it is. Our output layer reads all three, $y_{t'-1}$, $\boldsymbol{s}_{t'}$ and $\boldsymbol{c}$: one hidden layer, then a number for each word of the vocabulary. These numbers are *logits*; only softmax makes probabilities of them.
# <!-- zh -->
# **p。** 书中只说 p 读入什么，没有说它是什么样的函数。我们的输出层读入全部三者：$y_{t'-1}$、$\boldsymbol{s}_{t'}$ 和 $\boldsymbol{c}$。先是一个隐含层，然后为词典中的每个词给出一个数。这些数叫 *logits*，经过 softmax 才成为概率。

# %%
w_p, b_p = decoder.p.w_p.weight.data(), decoder.p.w_p.bias.data()  # (E, E + H + D), (E,)
w_o, b_o = decoder.p.w_o.weight.data(), decoder.p.w_o.bias.data()  # (V, E), (V,)


def p(y_prev, s, c):
    hidden = nd.tanh(nd.dot(nd.concat(y_prev, s, c, dim=1), w_p.T) + b_p)  # (1, E)
    logits = nd.dot(hidden, w_o.T) + b_o  # (1, V)
    return hidden, logits, nd.softmax(logits)


hidden, logits, probability = p(y_0, s_1, c)

y, s = y_0.expand_dims(1), s_1.expand_dims(1)  # (1, T' = 1, ·): Blocks take all steps at once
assert close(hidden, decoder.p.hidden(nd, y, s, c.expand_dims(1))[0])
assert close(logits, decoder.p(y, s, c.expand_dims(1))[0], 1e-4)
step, _, _ = decoder(Y_prev[:, :1], model.bridge(c), h, c, valid_length)  # the whole decoder
assert close(probability, nd.softmax(step)[0])
text = tr("the probabilities of {} words sum to {:.4f}", "{} 个词的概率之和：{:.4f}")
print(text.format(probability.size, probability.sum().asscalar()))

# %% [markdown] tags=["exercise"]
# ### Exercise 4.1
#
# How many numbers does training have to find in g? Write the function for a GRU that reads $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$: all entries of `w_x`, `b_x`, `w_h` and `b_h`, for any three sizes.
# <!-- zh -->
# ### 练习 4.1
#
# g 中有多少个数要由训练确定？请为读入 $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$ 的门控循环单元写出这个函数：`w_x`、`b_x`、`w_h` 和 `b_h` 的元素总数，对任意三个大小都成立。


# %% tags=["exercise"]
def size_of_g(embed_size, context_size, num_hiddens):
    """The number of parameters of a GRU over [y; c]."""
    ### BEGIN SOLUTION
    return 3 * num_hiddens * (embed_size + context_size + num_hiddens + 2)
    ### END SOLUTION


# %% tags=["check"]
check("4.1", size_of_g)

# %% [markdown]
# ## Back to the whole: the joint probability
#
# Written out, the chapter's product is
#
# $$\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \mathbb{P}(y_1 \mid \boldsymbol{c}) \, \mathbb{P}(y_2 \mid y_1, \boldsymbol{c}) \cdots \mathbb{P}(y_{T'} \mid y_1, \ldots, y_{T'-1}, \boldsymbol{c})$$
#
# There is no approximation in it. What is the model's own is how each factor is computed. The two functions above give all four.
# <!-- zh -->
# ## 回到整体：联合概率
#
# 把书中的乘积展开，就是
#
# $$\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \mathbb{P}(y_1 \mid \boldsymbol{c}) \, \mathbb{P}(y_2 \mid y_1, \boldsymbol{c}) \cdots \mathbb{P}(y_{T'} \mid y_1, \ldots, y_{T'-1}, \boldsymbol{c})$$
#
# 这里没有任何近似。由模型决定的，只是每个因子怎样计算。用上面两个函数就能算出全部四个因子。

# %%
s, product, steps = s_0, 1.0, []
print("t'  y_(t'-1)    y_t'        P(y_t' | ...)   " + tr("product", "乘积"))
for t, (before, now) in enumerate(zip(Y_prev[0].asnumpy(), Y[0].asnumpy()), 1):
    y_prev = E[int(before)].expand_dims(0)  # (1, E)
    s = g(y_prev, c, s)  # (1, H)
    _, _, probability = p(y_prev, s, c)  # (1, V)
    factor = probability[0, int(now)].asscalar()
    product *= factor
    steps.append(probability[0])
    names = [f"{token:<11}" for token in vocab.to_tokens([int(before), int(now)])]
    print(t, "", *names, f"{factor:<15.4f}", f"{product:.4f}")

# %% [markdown] tags=["subslide"]
# The same number in three other ways. The loss is what training makes small: $-\log \mathbb{P}$, a sum where the probability is a product. `force` (**force decoding**) gives the `log_p` of any translation that you hand it.
# <!-- zh -->
# 同一个数，再用三种方法得到。损失是训练要减小的量：$-\log \mathbb{P}$；概率是连乘，损失就是求和。`force` 给出任意指定译文的 `log_p`。

# %%
translator = gs.Translator(model)

logits, _ = model(X, valid_length, Y_prev)  # (1, 4, V)
loss, tokens = gs.SequenceLoss()(logits, Y, tgt_valid_length)  # (1,), (1,)
(forced,) = translator.force(["They are watching."], ["Ils regardent."])
(found,) = translator.search(["They are watching."])

ways = {"by hand": product, "SequenceLoss": math.exp(-loss.asscalar())}
ways.update({"force": math.exp(forced.log_p), "search": math.exp(found.log_p)})
for name, P in ways.items():
    assert close(P, product, 1e-4)
    print(f"{name:<14} P = {P:.4f}")
print(f"loss           {loss.asscalar():.4f} = -log {product:.4f}")

# %% [markdown] tags=["subslide"]
# ### What else it might have said
#
# The five most probable words at each step; the bar of the word that comes next in *Ils regardent.* is dark. Look for the one step at which the model is in real doubt. English does not say whether *they* are men or women; the rest of the sentence leaves hardly any choice.
# <!-- zh -->
# ### 它还可能说什么
#
# 下图是每个时间步概率最大的五个词；*Ils regardent.* 中的下一个词用深色条表示。请找出模型真正拿不定主意的那一步。英语的 *they* 不分男女；而句子的其余部分几乎没有选择的余地。


# %% tags=["subslide"]
def next_words(contexts, distributions, chosen=(), best=5):
    """Bars of the most probable words, for each context its P (V,)."""
    with drawing(lang, 9, 2.7) as (figure, _):
        panels = figure.subplots(1, len(contexts))
        for axes, context, P in zip(panels, contexts, distributions):
            P = P.asnumpy()
            ids = P.argsort()[::-1][:best]
            names = vocab.to_tokens(ids.tolist())
            colors = [DARK if name in chosen else LIGHT for name in names]
            axes.barh(range(best), P[ids], color=colors, edgecolor=DARK)
            for place, value in enumerate(P[ids]):
                text = f"{value:.4f}" if value > 0.001 else f"{value:.0e}"
                axes.text(value + 0.04, place, text, va="center", fontsize=SMALL)
            axes.set_yticks(range(best), labels=names, fontsize=SMALL)
            axes.set(xlim=(0, 1.6), ylim=(best - 0.4, -0.6), xticks=[0, 0.5, 1])
            axes.set_title(label("after {}", "{} 之后").format(context), fontsize=10)
        figure.supxlabel(label("probability of the next word", "下一个词的概率"), fontsize=10)
    return figure


next_words(["<bos>", "Ils", "regardent", "."], steps, ["Ils", "regardent", ".", "<eos>"])

# %% [markdown]
# ## One step or all at once
#
# In search the decoder does not know the next word before it has chosen it: it is called with one word at a time, `T' = 1`, and hands its state on. In training the reference is known, so every $y_{t'-1}$ is known before the first step, and one call takes them all. Both calls go through the same code: nothing in it asks how large `T'` is. So do they give the same logits?
# <!-- zh -->
# ## 一步一步算，还是一次全算
#
# 搜索时，解码器在选出下一个词之前并不知道它：每次只读一个词，即 `T' = 1`，并把隐含层变量传下去。训练时标签序列是已知的，第一步之前就知道每一个 $y_{t'-1}$，于是一次调用就读入全部。两种调用走的是同一段代码：其中没有一处要问 `T'` 有多大。那么，它们给出的 logits 相同吗？

# %% tags=["subslide"]
print(code_of(gs.Decoder.read_whole))

state, rows = model.bridge(c), []
for t in range(4):
    one, state, _ = decoder(Y_prev[:, t : t + 1], state, h, c, valid_length)  # (1, 1, V)
    rows.append(one)
stepwise = nd.concat(*rows, dim=1)  # (1, 4, V)

at_once, last, alpha = decoder(Y_prev, model.bridge(c), h, c, valid_length)  # (1, 4, V)

assert close(stepwise, at_once, 1e-4) and close(state, last)
print(tr("largest difference:", "最大差别："), f"{(stepwise - at_once).abs().max().asscalar():.1e}")

# %% [markdown] tags=["subslide"]
# `T'` steps at once does not mean that the steps do not wait for each other: inside g, $\boldsymbol{s}_2$ still needs $\boldsymbol{s}_1$. But the embeddings are looked up, and p with its matrix $\boldsymbol{W}_o$ as large as the vocabulary is computed, for all steps and all sentences of the batch together.
#
# `alpha` is the third result because a decoder with attention has weights to show. This one has none: its `alpha` is all zero.
# <!-- zh -->
# 一次算 `T'` 步，并不意味着各步互不等待：在 g 的内部，$\boldsymbol{s}_2$ 仍然需要 $\boldsymbol{s}_1$。但是词向量的查找，以及 p 的计算（它的矩阵 $\boldsymbol{W}_o$ 与词典一样大），可以对所有时间步、小批量中的所有句子一起完成。
#
# 第三个返回值 `alpha` 是给带注意力机制的解码器准备的。这里没有注意力，所以 `alpha` 全为零。

# %% [markdown] tags=["exercise"]
# ### Exercise 4.2
#
# Write $\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ as search sees it: a loop in which the decoder reads one word, `T' = 1`, and its state goes from step to step. Work with logarithms from the start, and do not use `force` or `SequenceLoss`. The first two lines are given; `Y_prev` and `Y` have shape `(1, T')`, a word as the decoder wants it `(1, 1)`.
# <!-- zh -->
# ### 练习 4.2
#
# 像搜索那样写出 $\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$：在循环中，解码器每次读一个词，即 `T' = 1`，隐含层变量一步步传下去。从一开始就用对数计算，不要用 `force` 或 `SequenceLoss`。头两行已经给出；`Y_prev` 和 `Y` 的形状是 `(1, T')`，而解码器要读入的一个词，形状是 `(1, 1)`。


# %% tags=["exercise"]
def log_probability(sentence, translation):
    """log P(translation | sentence) in nats, <eos> counted, one step at a time."""
    (batch,) = gs.Minibatches([(sentence, translation)], model.src_vocab, vocab, 1)
    h, _, c = model.encoder(batch.X, batch.src_valid_length)
    ### BEGIN SOLUTION
    state, total = model.bridge(c), 0.0
    for y_prev, y in zip(batch.Y_prev[0], batch.Y[0]):
        logits, state, _ = decoder(y_prev.reshape((1, 1)), state, h, c, batch.src_valid_length)
        total += nd.log_softmax(logits[0, 0])[int(y.asscalar())].asscalar()
    return total
    ### END SOLUTION


# %% tags=["check"]
check("4.2", log_probability)

# %% [markdown]
# ## It ends with a word
#
# Nothing in the formulas stops the decoder: $\boldsymbol{s}_{t'}$ can always be computed once more. `<eos>` is a word like any other to p, with a probability at each step, and the loop outside stops when it is chosen. Predict: what does the decoder say when we let it go on?
# <!-- zh -->
# ## 它以一个词结束
#
# 公式里没有任何东西让解码器停下：$\boldsymbol{s}_{t'}$ 总可以再算一步。对 p 来说，`<eos>` 和别的词没有区别，每一步都有一个概率；是外面的循环在选中它时停下来。请预测：如果让解码器继续说下去，它会说什么？

# %%
bos, eos = vocab["<bos>"], vocab["<eos>"]
y, state, written = bos, model.bridge(c), []
while y != eos and len(written) < 20:
    logits, state, _ = decoder(nd.array([[y]], dtype="int32"), state, h, c, valid_length)
    y = int(logits[0, 0].argmax(axis=0).asscalar())  # the most probable word
    written.append(y)

assert vocab.decode(written) == translator.translate("They are watching.")
print(*vocab.to_tokens(written))

for _ in range(6):  # on, where nobody ever taught it anything
    logits, state, _ = decoder(nd.array([[y]], dtype="int32"), state, h, c, valid_length)
    y = int(logits[0, 0].argmax(axis=0).asscalar())
    written.append(y)
print(*vocab.to_tokens(written))

# %% [markdown] tags=["subslide"]
# No training sentence goes on after `<eos>`, so what comes there means nothing. But `<eos>` has a purpose beyond stopping: because it is one of the choices at each step, sentences of all lengths compete for one and the same probability of 1. How much of it do the ten most probable ones take?
# <!-- zh -->
# 训练集中没有一个句子在 `<eos>` 之后还有内容，所以后面出现的东西没有任何意义。但 `<eos>` 的用处不只是停止：因为它在每一步都是一个选项，所有长度的句子才共同分享同一个总和 1。概率最大的十个句子占去了其中的多少？

# %%
(ten,) = gs.Translator(model, beam_size=10, alpha=0).n_best(["They are watching."], 10)
for one in ten[:5]:
    print(f"{math.exp(one.log_p):.4f}  {one.text}")
print(f"{sum(math.exp(one.log_p) for one in ten):.4f} ", tr("all ten together", "十句合计"))

# %% [markdown]
# ## Given another beginning
#
# $\mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ is defined for every beginning, also for one the model would never write. `after` asks for it: the last of the distributions that the model gives when it is made to read a beginning. *You are watching.* may be *Tu regardes.* or *Vous regardez.* Same source, same $\boldsymbol{c}$: does the verb follow the pronoun? And *Nous*, which is wrong here?
# <!-- zh -->
# ## 换一个开头
#
# $\mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ 对任何开头都有定义，包括模型自己绝不会写出的开头。`after` 就来问它：让模型读入一个开头，取它给出的最后一个分布。*You are watching.* 可以译作 *Tu regardes.*，也可以译作 *Vous regardez.* 源句相同，$\boldsymbol{c}$ 也相同：动词会跟着代词变吗？如果开头是这里不该用的 *Nous* 呢？


# %%
def after(sentence, beginning):
    """P(. | beginning, c), (V,): the probability of each word to come next."""
    (batch,) = gs.Minibatches([(sentence, beginning)], model.src_vocab, vocab, 1)
    logits, _ = model(batch.X, batch.src_valid_length, batch.Y_prev)  # (1, T', V)
    return nd.softmax(logits[0, -1])


assert close(after("They are watching.", "Ils"), steps[1])

beginnings = ["Tu", "Vous", "Nous"]
next_words(beginnings, [after("You are watching.", beginning) for beginning in beginnings])

# %% [markdown] tags=["subslide"]
# A decoder believes its beginning, even a wrong one. That is why a wrong first word can spoil a translation (notebook 6), and why it matters whose words the decoder reads in training (notebook 5).
#
# *Tu* is the word right before the verb: p and g read it directly. In *Elles sont fatiguées.* the adjective has to agree with a word two steps back, and only $\boldsymbol{s}$ can have kept it. Compare the two lines: does *fatiguées* become probable after *Elles*? If it hardly does, the formulas allow for the agreement, but this model has not learned it: they always say how the words *may* depend on each other, never that they do.
# <!-- zh -->
# 解码器相信自己的开头，哪怕开头是错的。所以第一个词错了，整个译文都可能受损（第 6 篇）；所以训练时让解码器读入谁的词，也很要紧（第 5 篇）。
#
# *Tu* 就在动词前面，p 和 g 都直接读入它。而在 *Elles sont fatiguées.* 中，形容词要与两步之前的词一致，这时只有 $\boldsymbol{s}$ 可能记得它。请比较下面两行：在 *Elles* 之后，*fatiguées* 变得更可能了吗？如果几乎没有变化，那就是说：公式允许这种一致关系，但这个模型没有学会。公式只说明词与词*可以*怎样相互依赖，从不保证它们真的如此。

# %%
for beginning in "Ils sont", "Elles sont":
    P = after("They are tired.", beginning)
    values = [f"P({word}) = {P[vocab[word]].asscalar():.3f}" for word in ("fatigués", "fatiguées")]
    print(f"{beginning:<11}", *values, sep="  ")

# %% [markdown] tags=["exercise"]
# ### Exercise 4.3
#
# Make the model say something else. The source stays *They are watching.* Find a beginning of one word after which *regardez* is the most probable next word.
# <!-- zh -->
# ### 练习 4.3
#
# 让模型改口。源句仍是 *They are watching.* 请找出一个词作为开头，使得它之后概率最大的词是 *regardez*。

# %% tags=["exercise"]
beginning_found = ...
### BEGIN SOLUTION
beginning_found = "Vous"
### END SOLUTION

# %% tags=["check"]
check("4.3", beginning_found)

# %% [markdown] tags=["exercise"]
# ### Exercise 4.4
#
# How probable is each word as the *second* one, whatever the first? $\mathbb{P}(y_2 \mid \boldsymbol{c}) = \sum_{y_1} \mathbb{P}(y_1 \mid \boldsymbol{c}) \, \mathbb{P}(y_2 \mid y_1, \boldsymbol{c})$: an array `(V,)`. The model has to be asked about every first word; a batch of `V` rows does it in one call: `Y_prev (V, 2)`, and `V` equal copies of the source. (`nd.repeat(X, V, axis=0)` copies; ids are int32. Give your arrays names of their own: later cells need `X`, `Y_prev`, `h` and `c` as they are.)
# <!-- zh -->
# ### 练习 4.4
#
# 不论第一个词是什么，每个词作为*第二个*词的概率是多少？$\mathbb{P}(y_2 \mid \boldsymbol{c}) = \sum_{y_1} \mathbb{P}(y_1 \mid \boldsymbol{c}) \, \mathbb{P}(y_2 \mid y_1, \boldsymbol{c})$，是一个形状为 `(V,)` 的数组。必须就每个可能的第一个词去问模型；一个有 `V` 行的小批量一次就能问完：`Y_prev` 的形状为 `(V, 2)`，源句复制 `V` 份。（`nd.repeat(X, V, axis=0)` 用来复制；索引的类型是 int32。请为你的数组另取名字：后面的单元格还要用到原来的 `X`、`Y_prev`、`h` 和 `c`。）

# %% tags=["exercise"]
V = len(vocab)
second_word = ...
### BEGIN SOLUTION
every_word = nd.arange(V, dtype="int32").reshape((V, 1))
every_start = nd.concat(nd.full((V, 1), bos, dtype="int32"), every_word, dim=1)  # (V, 2)
copies = [nd.repeat(one, V, axis=0) for one in (X, valid_length)]
every_logits, _ = model(*copies, every_start)  # (V, 2, V)
every_P = nd.softmax(every_logits)
second_word = nd.dot(every_P[0, 0], every_P[:, 1])  # (V,)
### END SOLUTION

# %% tags=["check"]
check("4.4", second_word)

# %% [markdown]
# ## Two sides of different depth and size
#
# The decoder, too, may have several layers, as the chapter says at its end. Layer 1 reads $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$, each further layer the state below it, and p the state on top:
#
# $$\boldsymbol{s}^{(1)}_{t'} = g_1(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}^{(1)}_{t'-1}), \qquad \boldsymbol{s}^{(2)}_{t'} = g_2(\boldsymbol{s}^{(1)}_{t'}, \boldsymbol{s}^{(2)}_{t'-1}), \qquad \mathbb{P} = p(y_{t'-1}, \boldsymbol{s}^{(2)}_{t'}, \boldsymbol{c})$$
#
# If $\boldsymbol{s}_0$ were a copy of the encoder's last states, both sides would need as many layers, of one size, and one direction. The bridge asks for nothing of the kind: one matrix makes from $\boldsymbol{c}$ a first state for each layer.
# <!-- zh -->
# ## 深度和大小都不同的两侧
#
# 书中最后说，解码器也可以有多层。第 1 层读入 $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}]$，以上各层读入下面一层的隐含层变量，p 读入最上层的隐含层变量：
#
# $$\boldsymbol{s}^{(1)}_{t'} = g_1(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}^{(1)}_{t'-1}), \qquad \boldsymbol{s}^{(2)}_{t'} = g_2(\boldsymbol{s}^{(1)}_{t'}, \boldsymbol{s}^{(2)}_{t'-1}), \qquad \mathbb{P} = p(y_{t'-1}, \boldsymbol{s}^{(2)}_{t'}, \boldsymbol{c})$$
#
# 如果 $\boldsymbol{s}_0$ 只是照抄编码器最后的隐含层变量，两侧就必须层数相同、大小相同，并且都是单向的。有了桥就没有这些限制：一个矩阵从 $\boldsymbol{c}$ 算出每一层的初始隐含层变量。

# %%
gs.seed(0)
one_layer = gs.Encoder(len(model.src_vocab), 32, 96, num_layers=1, bidirectional=True)
two_layers = gs.Decoder(len(vocab), 48, 64, context_size=one_layer.output_size, num_layers=2)
joined = gs.EncoderDecoder(one_layer, two_layers, model.src_vocab, vocab)
joined.initialize(init.Xavier())

far_h, far_state, far_c = one_layer(X, valid_length)
start = joined.bridge(far_c)
far_logits, end, _ = two_layers(Y_prev, start, far_h, far_c, valid_length)
print(tr("encoder: last state", "编码器：最后的隐藏状态"), far_state.shape, " c", far_c.shape)
print(tr("bridge: s_0", "桥：s_0"), start.shape)
print(tr("decoder: last state", "解码器：最后的隐藏状态"), end.shape, " logits", far_logits.shape)

# %% [markdown] tags=["subslide"]
# Layer by layer, with the Block's own layers, to see who reads what:
# <!-- zh -->
# 用这个 Block 自己的各层，一层一层地算，看看谁读入什么：

# %%
y = two_layers.embedding(Y_prev)  # (1, 4, 48)
every_c = nd.repeat(far_c.expand_dims(1), 4, axis=1)  # (1, 4, 192)
inputs = nd.concat(y, every_c, dim=2).swapaxes(0, 1)  # (4, 1, 240): time first inside g

s_low, (end_low,) = two_layers.g.layers[0](inputs, [start[0:1]])  # (4, 1, 64)
s_top, (end_top,) = two_layers.g.layers[1](s_low, [start[1:2]])  # (4, 1, 64)

assert close(two_layers.p(y, s_top.swapaxes(0, 1), every_c), far_logits)
assert close(nd.concat(end_low, end_top, dim=0), end)

lstm = gs.Decoder(len(vocab), 48, 64, context_size=192, num_layers=2, g=rnn.LSTM)
print(tr("rows of s_0 that two layers of LSTM need:", "两层 LSTM 需要的 s_0 行数："), lstm.g.rows)

# %% [markdown]
# ## Two other decoders
#
# **Cho et al. 2014**, where the chapter's decoder comes from, has the same g, and $\boldsymbol{s}_0$ as we have it from there. Its p has *maxout* in place of our tanh: twice as many numbers, and of each two neighbours the larger one.
#
# $$\tilde{\boldsymbol{t}} = \boldsymbol{W}_p [\boldsymbol{y}_{t'-1}; \boldsymbol{s}_{t'}; \boldsymbol{c}] + \boldsymbol{b}_p, \qquad t_j = \max(\tilde t_{2j-1}, \tilde t_{2j}), \qquad \mathbb{P} = \mathrm{softmax}(\boldsymbol{W}_o \boldsymbol{t} + \boldsymbol{b}_o)$$
#
# **Sutskever et al. 2014** has LSTMs, and uses $\boldsymbol{c}$ once: the decoder starts from it. Neither g nor p reads it again.
#
# $$\boldsymbol{s}_0 \text{ from } \boldsymbol{c}, \qquad \boldsymbol{s}_{t'} = \mathrm{LSTM}(y_{t'-1}, \boldsymbol{s}_{t'-1}), \qquad \mathbb{P} = \mathrm{softmax}(\boldsymbol{W}_o \boldsymbol{s}_{t'} + \boldsymbol{b}_o)$$
#
# | decoder | $\boldsymbol{s}_0$ | g reads, beside $\boldsymbol{s}_{t'-1}$ | p reads | before the softmax |
# | --- | --- | --- | --- | --- |
# | the chapter | not said | $y_{t'-1}, \boldsymbol{c}$ | $y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}$ | not said |
# | the same, `gs.book` | $\tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$ | $y_{t'-1}, \boldsymbol{c}$ | $y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}$ | tanh layer |
# | Cho, `gs.cho2014` | $\tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$ | $y_{t'-1}, \boldsymbol{c}$ | $y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}$ | maxout layer |
# | Sutskever, `gs.sutskever2014` | the only place of $\boldsymbol{c}$ | $y_{t'-1}$ | $\boldsymbol{s}_{t'}$ | nothing |
# <!-- zh -->
# ## 另外两种解码器
#
# **Cho 等人（2014）** 是书中解码器的出处，g 与书中相同，我们的 $\boldsymbol{s}_0$ 也取自那里。它的 p 用 *maxout* 代替我们的 tanh：先算出两倍的数，再从每两个相邻的数中取较大的一个。
#
# $$\tilde{\boldsymbol{t}} = \boldsymbol{W}_p [\boldsymbol{y}_{t'-1}; \boldsymbol{s}_{t'}; \boldsymbol{c}] + \boldsymbol{b}_p, \qquad t_j = \max(\tilde t_{2j-1}, \tilde t_{2j}), \qquad \mathbb{P} = \mathrm{softmax}(\boldsymbol{W}_o \boldsymbol{t} + \boldsymbol{b}_o)$$
#
# **Sutskever 等人（2014）** 使用 LSTM，并且只用一次 $\boldsymbol{c}$：解码器从它出发。此后 g 和 p 都不再读入它。
#
# $$\boldsymbol{s}_0 \text{ 由 } \boldsymbol{c} \text{ 得到}, \qquad \boldsymbol{s}_{t'} = \mathrm{LSTM}(y_{t'-1}, \boldsymbol{s}_{t'-1}), \qquad \mathbb{P} = \mathrm{softmax}(\boldsymbol{W}_o \boldsymbol{s}_{t'} + \boldsymbol{b}_o)$$
#
# | 解码器 | $\boldsymbol{s}_0$ | g 读入（除 $\boldsymbol{s}_{t'-1}$ 外） | p 读入 | softmax 之前 |
# | --- | --- | --- | --- | --- |
# | 书中 | 没有说明 | $y_{t'-1}, \boldsymbol{c}$ | $y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}$ | 没有说明 |
# | 同上，`gs.book` | $\tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$ | $y_{t'-1}, \boldsymbol{c}$ | $y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}$ | tanh 层 |
# | Cho，`gs.cho2014` | $\tanh(\boldsymbol{W}_s \boldsymbol{c} + \boldsymbol{b}_s)$ | $y_{t'-1}, \boldsymbol{c}$ | $y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c}$ | maxout 层 |
# | Sutskever，`gs.sutskever2014` | $\boldsymbol{c}$ 唯一出现的地方 | $y_{t'-1}$ | $\boldsymbol{s}_{t'}$ | 无 |

# %% [markdown] tags=["subslide"]
# An experiment tells them apart without a look inside: keep $\boldsymbol{s}_0$, change $\boldsymbol{c}$. Whose logits move?
# <!-- zh -->
# 不看内部，用一个实验就能区分它们：保持 $\boldsymbol{s}_0$ 不变，只改变 $\boldsymbol{c}$。谁的 logits 会变？

# %%
for make in gs.book, gs.cho2014, gs.sutskever2014:
    gs.seed(0)
    other = make(model.src_vocab, vocab, embed_size=32, num_hiddens=64)
    own_h, _, own_c = other.encoder(X, valid_length)  # (1, 5, 64), (1, 64)
    start = other.bridge(own_c)  # one row a layer; for the LSTM two
    before, _, _ = other.decoder(Y_prev, start, own_h, own_c, valid_length)  # (1, 4, V)
    moved, _, _ = other.decoder(Y_prev, start, own_h, own_c + 1, valid_length)
    change = (moved - before).abs().max().asscalar()
    name = type(other.decoder.p).__name__
    print(f"{make.__name__:<14} p = {name:<14} s_0 {start.shape}  {change:.3f}")

# %% [markdown] tags=["exercise"]
# ### Exercise 4.5
#
# Write the maxout of Cho et al. for a whole batch: `(N, T', 2E)` → `(N, T', E)`. The equation above says which two numbers compete for each place.
# <!-- zh -->
# ### 练习 4.5
#
# 为整个小批量写出 Cho 等人的 maxout：`(N, T', 2E)` → `(N, T', E)`。上面的公式说明了每个位置由哪两个数竞争。


# %% tags=["exercise"]
def maxout(t):
    """Of each two neighbours along the last axis the larger one."""
    ### BEGIN SOLUTION
    return t.reshape((0, 0, -1, 2)).max(axis=3)  # (N, T', E)
    ### END SOLUTION


# %% tags=["check"]
check("4.5", maxout)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# 1. The formulas name neither $\boldsymbol{s}_0$ nor $y_0$, though the first step needs both.
# 2. $y_{t'-1}$ means two things: a word in $\mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$, a vector in $g$ and $p$.
# 3. $\boldsymbol{s}_{t'}$ has already seen $y_{t'-1}$ and $\boldsymbol{c}$. Why does p get them again?
# 4. $\mathbb{P}(y_1, \ldots, y_{T'})$, in the joint probability and the loss, lacks its condition: it is $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$.
# <!-- zh -->
# ## 书中没有明说的
#
# 1. 公式既没有说 $\boldsymbol{s}_0$ 是什么，也没有说 $y_0$ 是什么，可是第一步两者都需要。
# 2. $y_{t'-1}$ 有两种含义：在 $\mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ 中是一个词，在 $g$ 和 $p$ 中是一个向量。
# 3. $\boldsymbol{s}_{t'}$ 已经读过 $y_{t'-1}$ 和 $\boldsymbol{c}$，为什么还要再把它们交给 p？
# 4. 联合概率和损失中的 $\mathbb{P}(y_1, \ldots, y_{T'})$ 少写了条件，应是 $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$。

# %% [markdown] tags=["subslide"]
# ### 1. How it starts
#
# Both are choices, and a trained model is used to the ones it was trained with. Here is the first word under other ones: $\boldsymbol{s}_0$ of zeros (another common choice), $\boldsymbol{s}_0$ of another sentence with this sentence's $\boldsymbol{c}$, and another word in the place of `<bos>`. In every line $\boldsymbol{c}$ still enters g and p as before. Which matters more to this model? (`<bos>` itself is never said: search forbids it, and no `Y` has it.)
# <!-- zh -->
# ### 1. 怎样开始
#
# 两者都是人为的选择，而训练好的模型习惯了训练时的那一种。下面看看换成别的会得到怎样的第一个词：$\boldsymbol{s}_0$ 全为零（另一种常见的选择），$\boldsymbol{s}_0$ 来自另一个句子而 $\boldsymbol{c}$ 仍属于本句，以及用别的词代替 `<bos>`。每一行中，$\boldsymbol{c}$ 都照旧进入 g 和 p。哪一个对这个模型更要紧？（`<bos>` 本身从不会被说出：搜索禁止它，也没有哪个 `Y` 含有它。）

# %%
(she,) = gs.Minibatches([("She is watching.", "")], model.src_vocab, vocab, 1)
_, _, she_c = model.encoder(she.X, she.src_valid_length)

own = model.bridge(c)  # (1, 1, 128)
starts = [(own, "<bos>", tr("s_0 of this sentence", "本句的 s_0"))]
starts += [(nd.zeros_like(own), "<bos>", "s_0 = 0")]
starts += [(model.bridge(she_c), "<bos>", tr("s_0 of She is watching.", "She is watching. 的 s_0"))]
starts += [
    (own, word, tr(f"{word} for <bos>", f"用 {word} 代替 <bos>")) for word in ("<eos>", "<pad>")
]
for start, word, what in starts:
    y_0 = nd.array([[vocab[word]]], dtype="int32")  # (1, 1)
    logits, _, _ = decoder(y_0, start, h, c, valid_length)  # (1, 1, V)
    P = nd.softmax(logits[0, 0]).asnumpy()
    best = P.argsort()[::-1][:3].tolist()
    print(*(f"{vocab.to_tokens(i):>8} {P[i]:.3f}" for i in best), "  ", what)

# %% [markdown] tags=["subslide"]
# ### 2. A word, and its vector
#
# $\mathbb{P}(\cdot \mid y_{<t'}, \boldsymbol{c})$ is a statement about words. g and p are functions of vectors, and work on vectors that belong to no word: here one halfway between *Ils* and *Elles*. Out comes a distribution all the same, but there is no event that it would be conditional on.
# <!-- zh -->
# ### 2. 词与词向量
#
# $\mathbb{P}(\cdot \mid y_{<t'}, \boldsymbol{c})$ 说的是词。g 和 p 则是向量的函数，对不属于任何词的向量同样能算：下面就用 *Ils* 和 *Elles* 的中点。算出来的照样是一个分布，只是没有哪个事件可以作为它的条件。

# %%
id_of_ils = vocab["Ils"]
print(tr("a word:", "词："), id_of_ils, tr("  its vector:", "  它的向量："), E[id_of_ils].shape)

halfway = (E[vocab["Ils"]] + E[vocab["Elles"]]).expand_dims(0) / 2  # (1, E)
_, _, P = p(halfway, g(halfway, c, s_1), c)  # (1, V)
best = P[0].asnumpy().argsort()[::-1][:3].tolist()
print([(vocab.to_tokens(i), round(P[0, i].asscalar().item(), 4)) for i in best])

# %% [markdown] tags=["subslide"]
# ### 3. Why p reads y and c again
#
# Everything that p needs could be in $\boldsymbol{s}_{t'}$: $\boldsymbol{s}_{t'}$ is computed from $y_{t'-1}$ and $\boldsymbol{c}$. The arrows from $y_{t'-1}$ and $\boldsymbol{c}$ to p (orange below) are shortcuts (*skip connections*), and so is the arrow from $\boldsymbol{c}$ to g at every step: with $\boldsymbol{s}_0$ made from $\boldsymbol{c}$, g could carry the source along by itself. Four decoders, with and without them; dashed is the way through $\boldsymbol{s}_0$, which is there once, before the first step.
# <!-- zh -->
# ### 3. 为什么 p 还要再读 y 和 c
#
# p 需要的一切本来都可以在 $\boldsymbol{s}_{t'}$ 里：$\boldsymbol{s}_{t'}$ 就是由 $y_{t'-1}$ 和 $\boldsymbol{c}$ 算出来的。从 $y_{t'-1}$ 和 $\boldsymbol{c}$ 到 p 的箭头（下图橙色）是捷径，即跳跃连接（skip connection）；每一步从 $\boldsymbol{c}$ 到 g 的箭头也是：$\boldsymbol{s}_0$ 既然由 $\boldsymbol{c}$ 得到，g 本可以自己把源句的信息一路带下去。下面是有和没有这些捷径的四种解码器；虚线是经过 $\boldsymbol{s}_0$ 的路，只在第一步之前走一次。

# %%
sizes = {"embed_size": 128, "num_hiddens": 128}
decoders = {  # context_size: what g reads of c; p
    "g(y, c, s)  p(y, s, c)": (128, gs.Readout),
    "g(y, c, s)  p(s)": (128, gs.StateReadout),
    "g(y, s)  p(y, s)": (0, gs.Readout),
    "g(y, s)  p(s)": (0, gs.StateReadout),
}

# %% tags=["subslide"]
places = {"c": (0, 0), "y": (3, 0), "s_prev": (0, 1), "s": (1.5, 1), "p": (1.5, 2)}
names = {"c": "$c$", "y": "$y_{t'-1}$", "s_prev": "$s_{t'-1}$", "s": "$s_{t'}$", "p": "$P(y_{t'})$"}
with drawing(lang, 9, 2.8) as (figure, _):
    for axes, (title, (context_size, readout)) in zip(figure.subplots(1, 4), decoders.items()):
        arrows = [("y", "s", 0), ("s_prev", "s", 0), ("s", "p", 0), ("c", "s_prev", 0)]
        shortcuts = [("c", "s", 0)] if context_size else []
        if readout is gs.Readout:
            shortcuts += [("y", "p", 0.2), *([("c", "p", -0.75)] if context_size else [])]
        for a, b, bend in arrows + shortcuts:
            style = {"arrowstyle": "->", "shrinkA": 14, "shrinkB": 14, "lw": 1.5}
            style["color"] = ORANGE if (a, b, bend) in shortcuts else "black"
            style.update(connectionstyle=f"arc3,rad={bend}", ls="--" if b == "s_prev" else "-")
            axes.annotate("", places[b], places[a], arrowprops=style)
        for name, (left, up) in places.items():
            axes.text(left, up, names[name], ha="center", va="center", parse_math=True)
        axes.set(xlim=(-1.1, 3.5), ylim=(-0.3, 2.3))
        axes.set_title(title, fontsize=10)
        axes.set_axis_off()
figure

# %% [markdown] tags=["subslide"]
# Now train the four, from scratch, each for the same few epochs on mini. Guess the order first.
# <!-- zh -->
# 现在从头训练这四个模型，各用 mini 训练同样少的几个迭代周期。请先猜一猜名次。

# %% tags=["parameters"]
epochs = 6
sentences = 3000

# %%
corpus = gs.load_corpus("mini")
corpus.train, corpus.dev = corpus.train[:sentences], corpus.dev[:sentences]

histories, parameters = {}, {}
for name, (context_size, readout) in decoders.items():
    gs.seed(0)
    one = gs.EncoderDecoder(
        gs.Encoder(len(corpus.src_vocab), **sizes, drop_prob=0.2),
        gs.Decoder(
            len(corpus.tgt_vocab), **sizes, context_size=context_size, drop_prob=0.2, p=readout
        ),
        corpus.src_vocab,
        corpus.tgt_vocab,
    )
    one.initialize(init.Xavier())
    one.hybridize()
    histories[name] = gs.train(one, corpus, epochs=epochs, batch_size=64, quiet=True)
    parameters[name] = sum(q.data().size for q in one.collect_params().values())

# %% tags=["subslide"]
print(tr("dev loss, nats per target token", "验证集损失，每个目标词的奈特数"))
print(" " * 24 + tr("  parameters  ", "        参数个数  "), tr("epoch by epoch", "逐个迭代周期"))
for name, history in histories.items():
    losses = "  ".join(f"{row['dev_loss']:.2f}" for row in history)
    print(f"{name:<24}{parameters[name]:>12,}   {losses}")

with drawing(lang, 7, 3.4) as (figure, words):
    axes = figure.subplots()
    for (name, history), style in zip(histories.items(), ("o-", "s--", "^-.", "D:")):
        done = [row["epoch"] for row in history]
        axes.plot(done, [row["dev_loss"] for row in history], style, label=name)
    axes.set(xlabel=words["time"], ylabel=words["dev_loss"], xticks=range(1, epochs + 1))
    axes.grid(alpha=0.3)
    axes.legend()
figure

# %% [markdown] tags=["subslide"]
# Read the table with care. It is one run of each, cut off long before any of them has finished learning; another seed moves each figure, by about as much as some of these lines lie apart, the four do not have the same number of parameters, and p(s) has no hidden layer either. Two questions that such a table can answer: is the chapter's decoder ahead in the end by more than the others differ among themselves? And was it ahead from the first epoch, or do the lines cross? A shortcut adds nothing that $\boldsymbol{s}_{t'}$ could not carry. What it saves is learning to carry it.
#
# Where $\boldsymbol{s}_0$ is the only way in, `EncoderDecoder` starts the bridge with larger weights: from faint ones training stalls, because a decoder that hears nothing of its source learns to do without it.
# <!-- zh -->
# 读这张表要小心。每种只训练了一次，而且远没有训练完；换一个随机种子，每个数都会变，变化的幅度与其中某些行之间的差距相当；四者的参数个数也不相同，而且 p(s) 还少了一个隐含层。这样的表能回答两个问题：到最后，书中的解码器领先的幅度是否超过其余几种彼此之间的差别？它是从第一个迭代周期起就领先，还是几条曲线有交叉？捷径并没有提供 $\boldsymbol{s}_{t'}$ 携带不了的东西，它省去的是学会携带的过程。
#
# 当 $\boldsymbol{s}_0$ 是唯一的入口时，`EncoderDecoder` 会用较大的权重初始化桥：如果权重太小，训练就会停滞，因为听不到源句的解码器会学着不去理会它。

# %% [markdown] tags=["exercise"]
# ### Exercise 4.6
#
# The table lacks a decoder: c in g, but p of y and s alone. Write this p as a class. An output layer calls `make_hidden` once, when it is made, to set `self.w_p`, and `hidden` at each use; `gs.Readout` has both (print them with `inspect.getsource`). Change what has to be changed.
#
# If you like, train it: `gs.Decoder(…, context_size=128, p=ReadoutWithoutContext)`.
# <!-- zh -->
# ### 练习 4.6
#
# 表中还缺一种解码器：g 读入 c，而 p 只读入 y 和 s。请把这样的 p 写成一个类。构造时调用一次 `make_hidden` 来建立 `self.w_p`，每次计算时调用 `hidden`；`gs.Readout` 两个都有（用 `inspect.getsource` 打印出来看）。改掉必须改的地方。
#
# 有兴趣的话可以训练它：`gs.Decoder(…, context_size=128, p=ReadoutWithoutContext)`。


# %% tags=["exercise"]
class ReadoutWithoutContext(gs.Readout):
    """p(y, s) = softmax(W_o tanh(W_p [y; s] + b_p) + b_o)."""

    ### BEGIN SOLUTION
    def make_hidden(self, units, embed_size, num_hiddens, context_size):
        inputs = embed_size + num_hiddens
        self.w_p = nn.Dense(units, activation="tanh", flatten=False, in_units=inputs)

    def hidden(self, F, y_prev, s, c):
        return self.w_p(F.concat(y_prev, s, dim=2))  # (N, T', E)

    ### END SOLUTION


# %% tags=["check"]
check("4.6", ReadoutWithoutContext)

# %% [markdown] tags=["subslide"]
# ### 4. Given c
#
# The loss is often written $-\log \mathbb{P}(y_1, \ldots, y_{T'})$. But no sentence has a probability by itself here: it is that of $y$ *given* $\boldsymbol{c}$, and $\boldsymbol{c}$ is computed from $x$, so given $x$. The same six French sentences under four English ones. A row belongs to one distribution over all French sentences, so that six of them sum to at most 1. What may a column sum to?
# <!-- zh -->
# ### 4. 以 c 为条件
#
# 损失常写成 $-\log \mathbb{P}(y_1, \ldots, y_{T'})$。但在这里，没有哪个句子自己就有一个概率：这是 $y$ *在给定* $\boldsymbol{c}$ 时的概率，而 $\boldsymbol{c}$ 由 $x$ 算出，所以也就是给定 $x$ 时的概率。下面是同样六个法语句子在四个英语句子之下的概率。一行取自所有法语句子上的同一个分布，所以这六个数之和不超过 1。那么一列之和可以是多少？

# %%
english = [f"{who} watching." for who in ("They are", "We are", "You are", "She is")]
french = ["Ils regardent.", "Elles regardent.", "Nous regardons."]
french += ["Tu regardes.", "Vous regardez.", "Elle regarde."]

table = [[math.exp(one.log_p) for one in translator.force([x] * 6, french)] for x in english]

with drawing(lang, 9, 3) as (figure, _):
    axes = figure.subplots()
    middle = {"ha": "center", "va": "center"}
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i, row in enumerate(table):
        for j, P in enumerate(row):
            color = "white" if P > 0.55 else "black"
            axes.text(j, i, f"{P:.3f}" if P >= 0.0005 else f"{P:.0e}", color=color, **middle)
    axes.set_xticks(range(6), labels=french, fontsize=SMALL)
    sums = [f"{x}   Σ = {sum(row):.3f}" for x, row in zip(english, table)]
    axes.set_yticks(range(4), labels=sums, fontsize=SMALL)
    axes.set(xlabel=label("y, the translation", "译文 y"), ylabel=label("x, the source", "源句 x"))
figure

# %% [markdown] tags=["subslide"]
# The colour of a column says nothing about how good French the sentence is; all six are faultless. And if two sources had the same $\boldsymbol{c}$, they would have the same row: all that the decoder ever learns of $x$ is $\boldsymbol{c}$. How much fits into it is a question for notebook 7.
# <!-- zh -->
# 一列颜色的深浅与这个句子的法语好不好无关：六个句子都毫无问题。而如果两个源句的 $\boldsymbol{c}$ 相同，它们的两行也会相同：解码器对 $x$ 的全部了解就是 $\boldsymbol{c}$。它能装下多少，是第 7 篇的问题。

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. In training, one call computes all `T'` steps of the decoder. What makes this possible? (a) $\boldsymbol{s}_{t'}$ does not depend on $\boldsymbol{s}_{t'-1}$ (b) every $y_{t'-1}$ is known beforehand, from the reference (c) $\boldsymbol{c}$ is the same at every step (d) softmax is applied to all steps together
# 2. A decoder has `context_size=0` and `p=StateReadout`. What does it know of the source at its third step? (a) nothing (b) $\boldsymbol{c}$, which p reads (c) what is left of $\boldsymbol{s}_0$ in its state (d) $\boldsymbol{h}_3$
# 3. Which is always true, for the same $\boldsymbol{c}$? (a) `P(Ils) ≥ P(Ils regardent . <eos>)` (b) `P(Ils) = P(Ils regardent . <eos>)` (c) the longer a sentence that ends in `<eos>`, the less probable it is (d) the probability of `<eos>` grows from step to step
# 4. $\mathbb{P}(\textit{Ils regardent.} \mid x)$ is summed over all English sentences $x$. The sum is (a) 1 (b) at most 1 (c) the probability of *Ils regardent.* in French (d) any positive number: this is no distribution over $x$
# 5. An encoder has 3 layers and $\boldsymbol{c}$ `(N, 200)`; the decoder has one layer of LSTM with `num_hiddens=64`. What does the bridge return? (a) `(3, N, 200)` (b) `(2, N, 64)` (c) `(1, N, 64)` (d) nothing: the sizes do not fit
# <!-- zh -->
# ## 小测验
#
# 1. 训练时，一次调用就算完解码器的全部 `T'` 步。是什么使这成为可能？(a) $\boldsymbol{s}_{t'}$ 不依赖于 $\boldsymbol{s}_{t'-1}$ (b) 每个 $y_{t'-1}$ 都事先由标签序列给出 (c) $\boldsymbol{c}$ 在每一步都相同 (d) softmax 对所有时间步一起做
# 2. 某解码器的 `context_size=0`，`p=StateReadout`。到第三步时，它对源句知道些什么？(a) 一无所知 (b) p 读入的 $\boldsymbol{c}$ (c) 隐含层变量中还留着的 $\boldsymbol{s}_0$ 的信息 (d) $\boldsymbol{h}_3$
# 3. 对同一个 $\boldsymbol{c}$，哪一项总是成立？(a) `P(Ils) ≥ P(Ils regardent . <eos>)` (b) `P(Ils) = P(Ils regardent . <eos>)` (c) 以 `<eos>` 结尾的句子越长，概率就越小 (d) `<eos>` 的概率随时间步增大
# 4. 把 $\mathbb{P}(\textit{Ils regardent.} \mid x)$ 对所有英语句子 $x$ 求和，结果是 (a) 1 (b) 不超过 1 (c) *Ils regardent.* 在法语中的概率 (d) 可以是任何正数：它不是 $x$ 上的分布
# 5. 编码器有 3 层，$\boldsymbol{c}$ 的形状为 `(N, 200)`；解码器是一层 `num_hiddens=64` 的 LSTM。桥返回什么？(a) `(3, N, 200)` (b) `(2, N, 64)` (c) `(1, N, 64)` (d) 无法返回：大小不匹配

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "c", 3: "a", 4: "d", 5: "b"}
### END SOLUTION

# %% tags=["check"]
quiz(4, answers)

# %% [markdown]
# ## Where to go next
#
# Next: [Training](05_training.ipynb), where $-\log \mathbb{P}$ is made small. Then [Search](06_search.ipynb), where the most probable translation has to be found.
#
# - Cho et al. 2014, [Learning Phrase Representations using RNN Encoder–Decoder](https://arxiv.org/abs/1406.1078), section 2.2 and appendix A.1: where the chapter's g and p come from; $\boldsymbol{s}_0$ and maxout are in the appendix.
# - Sutskever, Vinyals and Le 2014, [Sequence to Sequence Learning with Neural Networks](https://arxiv.org/abs/1409.3215), section 2: $\boldsymbol{c}$ as the first state and nothing else.
# - Pascanu et al. 2014, [How to Construct Deep Recurrent Neural Networks](https://arxiv.org/abs/1312.6026): hidden layers between state and output, and shortcuts around them.
# <!-- zh -->
# ## 接下来
#
# 下一篇：[训练](05_training.ipynb)，在那里减小 $-\log \mathbb{P}$。再下一篇：[搜索](06_search.ipynb)，在那里要找出概率最大的译文。
#
# - Cho 等人（2014），[Learning Phrase Representations using RNN Encoder–Decoder](https://arxiv.org/abs/1406.1078)，第 2.2 节和附录 A.1：书中 g 和 p 的出处；$\boldsymbol{s}_0$ 和 maxout 见附录。
# - Sutskever、Vinyals 和 Le（2014），[Sequence to Sequence Learning with Neural Networks](https://arxiv.org/abs/1409.3215)，第 2 节：只把 $\boldsymbol{c}$ 用作初始状态。
# - Pascanu 等人（2014），[How to Construct Deep Recurrent Neural Networks](https://arxiv.org/abs/1312.6026)：隐含层变量与输出之间的隐藏层，以及绕过它们的捷径。
