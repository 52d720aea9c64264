# %% [markdown]
# # 2. The encoder by hand, then in Gluon
#
# The encoder turns a sequence of variable length into a vector of fixed length: it reads one word after the other and leaves the context $\boldsymbol{c}$ behind. Here you compute every number of it yourself, from the equations, for the five tokens of *They are watching.*; then you see that the package's Blocks compute the same numbers, and what they take care of that the equations do not mention.
#
# **After this notebook you can**
#
# - turn a sentence into the vectors $\boldsymbol{x}_1, \ldots, \boldsymbol{x}_T$, and say what the embedding has to do with one-hot vectors;
# - compute $\boldsymbol{h}_t = f(\boldsymbol{x}_t, \boldsymbol{h}_{t-1})$ for a GRU step by step, from the parameters of a Gluon Block;
# - write a $q$ of your own and give it to the encoder;
# - say what changes with several layers, with an LSTM, with a reversed source, with hybridization, and what does not;
# - name three places where a program has to decide something that the chapter leaves open.
# <!-- zh -->
# # 2. 编码器：先手算，再用 Gluon
#
# 编码器把不定长的序列变成定长的向量：它逐词读入句子，最后留下背景向量 $\boldsymbol{c}$。本篇先按照公式，为 *They are watching.* 的五个词元亲手算出其中的每一个数；然后验证软件包里的 Block 算出的是同样的数，并看看它们还处理了哪些公式没有提到的事情。
#
# **学完本篇，你能够**
#
# - 把句子变成向量 $\boldsymbol{x}_1, \ldots, \boldsymbol{x}_T$，并说明嵌入层与 one-hot 向量的关系；
# - 取出 Gluon Block 的参数，一步一步算出门控循环单元的 $\boldsymbol{h}_t = f(\boldsymbol{x}_t, \boldsymbol{h}_{t-1})$；
# - 写出自己的 $q$，并把它交给编码器；
# - 说明多层、LSTM、输入序列倒序、符号式执行（hybridize）分别改变了什么，没有改变什么；
# - 指出程序必须作出决定、而书中没有交代的三处地方。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$ | word vector of word t; $\boldsymbol{o}_t$ is its one-hot vector | `encoder.embedding(X)` | `(N, T)` → `(N, T, E)` |
# | $\boldsymbol{h}_t = f(\boldsymbol{x}_t, \boldsymbol{h}_{t-1})$ | hidden state after word t | `gs.RecurrentLayer`, `gs.TextbookGRU` | `h (N, T, H)` |
# | $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$ | context | `gs.LastState`, `gs.MeanState`, `gs.MaxState` | `c (N, H)` |
# | all three | the encoder | `h, state, c = gs.Encoder(…)(X, valid_length)` | `state (num_layers, N, H)` |
#
# `N` sentences in a batch, `T` tokens in the longest of them, word vectors of size `E`, hidden states of size `H`.
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$ | 第 t 个词的词向量；$\boldsymbol{o}_t$ 是它的 one-hot 向量 | `encoder.embedding(X)` | `(N, T)` → `(N, T, E)` |
# | $\boldsymbol{h}_t = f(\boldsymbol{x}_t, \boldsymbol{h}_{t-1})$ | 读完第 t 个词后的隐含层变量 | `gs.RecurrentLayer`、`gs.TextbookGRU` | `h (N, T, H)` |
# | $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$ | 背景向量 | `gs.LastState`、`gs.MeanState`、`gs.MaxState` | `c (N, H)` |
# | 以上三式 | 编码器 | `h, state, c = gs.Encoder(…)(X, valid_length)` | `state (num_layers, N, H)` |
#
# 小批量中有 `N` 个句子，其中最长的有 `T` 个词元；词向量大小为 `E`，隐含层变量大小为 `H`。

# %% tags=["skip"]
import time

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, code_of, label, language, quiz, tr
from gluon_seq2seq.model.recurrent import RNNS
from gluon_seq2seq.plots.style import drawing

import numpy as np
from mxnet import init, nd
from mxnet.gluon import HybridBlock, rnn

lang = language(tr("en", "zh"))

# %% [markdown]
# ## From words to vectors: $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$
#
# A sentence enters as ids, closed by `<eos>`. The one-hot vector $\boldsymbol{o}_t$ has a single 1, in the row of the word's id. Multiplied with the matrix $\boldsymbol{E}$ it picks out one row of it. Nobody multiplies: looking up the row is the same, and that is all that `nn.Embedding` does.
#
# To keep the numbers readable this encoder is tiny: word vectors of size 6, hidden states of size 4.
# <!-- zh -->
# ## 从词到向量：$\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$
#
# 句子以词的索引进入编码器，并以 `<eos>` 结尾。one-hot 向量 $\boldsymbol{o}_t$ 只在该词索引处为 1，与矩阵 $\boldsymbol{E}$ 相乘，就是取出 $\boldsymbol{E}$ 的一行。实际上没有人真的去做乘法：直接查出这一行，结果完全相同，`nn.Embedding` 做的就是这件事。
#
# 为了让数字便于阅读，这里的编码器很小：词向量大小为 6，隐含层变量大小为 4。

# %%
corpus = gs.load_corpus("mini")
vocab = corpus.src_vocab
sentence = "They are watching."
tokens = [*vocab.tokenizer.tokenize(sentence), "<eos>"]
X = nd.array([vocab.encode(sentence)], dtype="int32")  # (1, 5)
valid_length = nd.array([len(tokens)], dtype="int32")  # (1,)

gs.seed(0)
encoder = gs.Encoder(len(vocab), embed_size=6, num_hiddens=4)
encoder.initialize(init.Normal(0.7))
E = encoder.embedding.weight.data()  # (417, 6)
o = nd.one_hot(X[0], depth=len(vocab))  # (5, 417)
x = nd.dot(o, E)  # (5, 6)

assert close(x, encoder.embedding(X)[0])
for token, row in zip(tokens, x.asnumpy()):
    print(f"{token:>9}", row.round(2))

# %% [markdown] tags=["exercise"]
# ### Exercise 2.1
#
# Get $\boldsymbol{x}_2$, the word vector of *are*, from `E` without any multiplication. (The chapter counts from 1, Python from 0.)
# <!-- zh -->
# ### 练习 2.1
#
# 不做任何乘法，从 `E` 中得到 *are* 的词向量 $\boldsymbol{x}_2$。（书中从 1 数起，Python 从 0 数起。）

# %% tags=["exercise"]
x_2 = ...
### BEGIN SOLUTION
x_2 = E[vocab["are"]]
### END SOLUTION

# %% tags=["check"]
check("2.1", x_2)

# %% [markdown]
# ## One step of f, as the book writes it
#
# The chapter calls f a recurrent unit and leaves open which. The book's own GRU (its section 门控循环单元) has a reset gate $\boldsymbol{r}_t$, an update gate $\boldsymbol{z}_t$ and a candidate $\tilde{\boldsymbol{h}}_t$:
#
# $$\begin{aligned} \boldsymbol{r}_t &= \sigma(\boldsymbol{W}_{xr} \boldsymbol{x}_t + \boldsymbol{W}_{hr} \boldsymbol{h}_{t-1} + \boldsymbol{b}_r), \qquad \boldsymbol{z}_t = \sigma(\boldsymbol{W}_{xz} \boldsymbol{x}_t + \boldsymbol{W}_{hz} \boldsymbol{h}_{t-1} + \boldsymbol{b}_z), \\ \tilde{\boldsymbol{h}}_t &= \tanh(\boldsymbol{W}_{xh} \boldsymbol{x}_t + \boldsymbol{W}_{hh} (\boldsymbol{r}_t \odot \boldsymbol{h}_{t-1}) + \boldsymbol{b}_h), \qquad \boldsymbol{h}_t = \boldsymbol{z}_t \odot \boldsymbol{h}_{t-1} + (1 - \boldsymbol{z}_t) \odot \tilde{\boldsymbol{h}}_t. \end{aligned}$$
#
# The package has it as `gs.TextbookGRUCell`. We take its parameters, and nothing else, and write the four lines again.
# <!-- zh -->
# ## 照书上的写法，走一步 f
#
# 本章只说 f 是循环神经网络单元，没有限定是哪一种。教材“门控循环单元”一节的 GRU 有重置门 $\boldsymbol{r}_t$、更新门 $\boldsymbol{z}_t$ 和候选隐含状态 $\tilde{\boldsymbol{h}}_t$：
#
# $$\begin{aligned} \boldsymbol{r}_t &= \sigma(\boldsymbol{W}_{xr} \boldsymbol{x}_t + \boldsymbol{W}_{hr} \boldsymbol{h}_{t-1} + \boldsymbol{b}_r), \qquad \boldsymbol{z}_t = \sigma(\boldsymbol{W}_{xz} \boldsymbol{x}_t + \boldsymbol{W}_{hz} \boldsymbol{h}_{t-1} + \boldsymbol{b}_z), \\ \tilde{\boldsymbol{h}}_t &= \tanh(\boldsymbol{W}_{xh} \boldsymbol{x}_t + \boldsymbol{W}_{hh} (\boldsymbol{r}_t \odot \boldsymbol{h}_{t-1}) + \boldsymbol{b}_h), \qquad \boldsymbol{h}_t = \boldsymbol{z}_t \odot \boldsymbol{h}_{t-1} + (1 - \boldsymbol{z}_t) \odot \tilde{\boldsymbol{h}}_t. \end{aligned}$$
#
# 软件包中它叫 `gs.TextbookGRUCell`。我们只取它的参数，把这四行公式自己再写一遍。

# %%
book_gru = gs.TextbookGRU(4, input_size=6)
book_gru.initialize(init.Normal(0.7))
cell = book_gru.cell
cell.w_x.bias.set_data(nd.random.normal(shape=12))  # biases begin at 0: a test would miss them

W_xr, W_xz, W_xh = cell.w_x.weight.data().split(3, axis=0)  # (4, 6) each
b_r, b_z, b_h = cell.w_x.bias.data().split(3, axis=0)  # (4,) each
W_hr, W_hz = cell.w_h.weight.data().split(2, axis=0)  # (4, 4) each
W_hh = cell.w_hh.weight.data()  # (4, 4)


def f(x_t, h_prev):
    r_t = nd.sigmoid(nd.dot(W_xr, x_t) + nd.dot(W_hr, h_prev) + b_r)
    z_t = nd.sigmoid(nd.dot(W_xz, x_t) + nd.dot(W_hz, h_prev) + b_z)
    h_tilde = nd.tanh(nd.dot(W_xh, x_t) + nd.dot(W_hh, r_t * h_prev) + b_h)
    return z_t * h_prev + (1 - z_t) * h_tilde


# %% [markdown] tags=["subslide"]
# And now the recurrence: $\boldsymbol{h}_0 = 0$, then one step a word. The loop is the encoder; everything else makes it fast.
# <!-- zh -->
# 接着是循环本身：$\boldsymbol{h}_0 = 0$，然后每个词走一步。编码器就是这个循环，其余的一切只是让它更快。

# %%
h_t, by_hand = nd.zeros(4), []
for token, x_t in zip(tokens, x):
    h_t = f(x_t, h_t)  # (4,)
    by_hand.append(h_t)
    print(tr("after", "读完"), f"{token:>9}:", h_t.asnumpy().round(3))
by_hand = nd.stack(*by_hand)  # (5, 4)

with_block = book_gru(x.expand_dims(1))[:, 0]  # (T, N, E) -> (T, N, H)
assert close(by_hand, with_block)
print(tr("The Block says the same.", "与 Block 的结果一致。"))

# %% [markdown] tags=["subslide"]
# The same numbers as a picture, one column a token. Blue is negative, and carries a minus sign for prints without colour. Follow one row from left to right: where the update gate is near 1 the colour hardly changes, where it is near 0 the word writes a new value.
# <!-- zh -->
# 把同样的数画成图，每个词元一列。蓝色是负值，并带有减号，黑白打印时也能分辨。沿着一行从左往右看：更新门接近 1 的地方，颜色几乎不变；接近 0 的地方，新词写入了新的值。

# %%
gs.hidden_states(by_hand.asnumpy(), tokens, lang)

# %% [markdown]
# ## The same in Gluon: `rnn.GRU` inside `gs.RecurrentLayer`
#
# The models of the package use MXNet's own `rnn.GRU`, which computes a whole sequence in one call. It keeps the matrices of its three gates one above the other, in the order r, z, candidate, and has two biases, one on each side. One line of its equations differs from the book's; look for it before you read on.
# <!-- zh -->
# ## 换成 Gluon：`gs.RecurrentLayer` 里的 `rnn.GRU`
#
# 软件包里的模型用的是 MXNet 自带的 `rnn.GRU`，一次调用就算完整个序列。它把三个门的矩阵上下拼在一起，顺序是 r、z、候选；偏差有两个，输入一侧和状态一侧各一个。它的公式有一行与书中不同；请先找到它，再往下读。

# %%
layer = gs.RecurrentLayer(input_size=6, num_hiddens=4)
layer.initialize(init.Normal(0.7))
gru = layer.forwards  # the rnn.GRU inside
for bias in gru.l0_i2h_bias, gru.l0_h2h_bias:
    bias.set_data(nd.random.normal(shape=12))
W_x, W_h = gru.l0_i2h_weight.data(), gru.l0_h2h_weight.data()  # (12, 6), (12, 4)
b_x, b_h2h = gru.l0_i2h_bias.data(), gru.l0_h2h_bias.data()  # (12,), (12,)

h_t, by_hand = nd.zeros(4), []
for x_t in x:
    x_r, x_z, x_n = (nd.dot(W_x, x_t) + b_x).split(3, axis=0)  # (4,) each
    h_r, h_z, h_n = (nd.dot(W_h, h_t) + b_h2h).split(3, axis=0)  # (4,) each
    r_t, z_t = nd.sigmoid(x_r + h_r), nd.sigmoid(x_z + h_z)
    h_t = z_t * h_t + (1 - z_t) * nd.tanh(x_n + r_t * h_n)
    by_hand.append(h_t)

h, state = layer(x.expand_dims(0), valid_length)  # (1, 5, 4), (1, 4)
assert close(nd.stack(*by_hand), h[0]) and close(h_t, state[0])
print(tr("The last state by hand:", "手算的最后状态："), h_t.asnumpy().round(3))
print(tr("and of the Block:      ", "Block 的最后状态："), state[0].asnumpy().round(3))

# %% [markdown]
# It is the line of the candidate: $\boldsymbol{r}_t$ multiplies the product `h_n`, not $\boldsymbol{h}_{t-1}$ itself. Under *What the chapter leaves unsaid* you will measure what that does.
# <!-- zh -->
# 不同之处在候选隐含状态那一行：$\boldsymbol{r}_t$ 乘的是乘积 `h_n`，而不是 $\boldsymbol{h}_{t-1}$ 本身。在“书中没有明说的”一节，你会测出这有多大影响。

# %% [markdown]
# ## The whole encoder
#
# Embedding, recurrent layer, q: that is `hybrid_forward` of `gs.Encoder`. A loop goes over the layers; `dropout` matters in training only, and `reverse` has its turn further down.
# <!-- zh -->
# ## 完整的编码器
#
# 嵌入层、循环层、q，合起来就是 `gs.Encoder` 的 `hybrid_forward`。其中的循环逐层进行；`dropout` 只在训练时起作用，`reverse` 后面会讲到。

# %%
print(code_of(gs.Encoder.hybrid_forward))

# %%
h, state, c = encoder(X, valid_length)
print("h    ", h.shape)
print("state", state.shape)
print("c    ", c.shape)
assert close(c, h[:, -1]) and close(c, state[-1])  # one sentence, no padding: c = h_T

# %% [markdown]
# ## What a trained encoder writes down
#
# `mini-book` follows the chapter's formulas, with GRUs for f and g, trained on ten thousand sentences; its states have 128 numbers. Each row is one hidden unit, each column the state after one more word. Look for rows that change at one word and then keep their colour to the end: that is something about this word which the decoder will need.
# <!-- zh -->
# ## 训练好的编码器记下了什么
#
# `mini-book` 照书中的公式构造，f 和 g 都用 GRU，在一万个句子上训练过，隐含层变量有 128 个数。每一行是一个隐藏单元，每一列是又读完一个词之后的状态。请找这样的行：在某个词处变色，然后一直保持到最后。那就是关于这个词、解码器将要用到的信息。

# %%
translator = gs.Translator(gs.load_model("mini-book"))
translator.hidden_states(sentence, lang=lang)

# %% [markdown] tags=["subslide"]
# 128 rows are many. Here are the sixteen units that differ most between *They are watching.* and *We are watching.*, at the moment when each sentence has been read: the units that know who is watching. Follow one of them back to the column of *They*: has it got its value there, or later?
# <!-- zh -->
# 128 行太多了。下面只画十六个单元：读完整句时，它们在 *They are watching.* 与 *We are watching.* 之间差别最大，也就是说，它们知道是“谁”在看。请沿着其中一行往回看到 *They* 那一列：它的值是在那里得到的，还是在后面？

# %%
trained = translator.model.encoder
trained.hybridize(False)  # eager: below we call its parts by themselves
source_vocab = translator.model.src_vocab


def states_of(text):
    X = nd.array([source_vocab.encode(text)], dtype="int32")  # (1, T)
    return trained(X, nd.array([X.shape[1]], dtype="int32"))[0][0].asnumpy()  # (T, 128)


they, we = states_of("They are watching."), states_of("We are watching.")
who = np.sort(np.argsort(abs(they[-1] - we[-1]))[-16:])  # (16,)
gs.hidden_states(they[:, who], tokens, lang)

# %% [markdown] tags=["subslide"]
# ### A map of sentences
#
# Every sentence ends in one vector $\boldsymbol{c}$, so sentences have places and distances. Here are eighteen of them, brought from 128 dimensions to two (the two directions in which they differ most, as in figure 2 of Sutskever et al. 2014). Which is the larger difference for this encoder: another subject, another verb, or *not*?
# <!-- zh -->
# ### 句子的地图
#
# 每个句子最后都成为一个向量 $\boldsymbol{c}$，因此句子也有了位置和距离。下面把十八个句子从 128 维投影到二维（取差异最大的两个方向，做法与 Sutskever 等人 2014 年论文的图 2 相同）。对这个编码器来说，哪种差别更大：换主语、换动词，还是加上 *not*？

# %%
subjects, verbs = ["They are", "We are", "She is"], ["watching", "singing", "dancing"]
kinds = [(s, n, v) for s in subjects for n in (" ", " not ") for v in verbs]
contexts = np.array([states_of(s + n + v + ".")[-1] for s, n, v in kinds])  # (18, 128)
centred = contexts - contexts.mean(axis=0)
places = centred @ np.linalg.svd(centred)[2][:2].T  # (18, 2)

with drawing(lang, 8, 5.5) as (figure, _):
    axes = figure.subplots()
    for (subject, negation, verb), (right, up) in zip(kinds, places):
        color = f"C{subjects.index(subject)}"
        axes.plot(right, up, "s" if "not" in negation else "o", color=color)
        text = subject.split()[0] + negation + verb
        left = {"xytext": (-6, 4), "ha": "right"} if subject == "We are" else {"xytext": (6, -8)}
        axes.annotate(text, (right, up), textcoords="offset points", fontsize=9, **left)
    first, second = label("first", "第一"), label("second", "第二")
    direction = label(" principal direction of c", "主方向（c）")
    axes.set(xlabel=first + direction, ylabel=second + direction)
    axes.margins(0.22, 0.1)
figure

# %% [markdown]
# ## $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$
#
# A simple choice, says the chapter, is $\boldsymbol{c} = \boldsymbol{h}_T$. Nothing forces it: q, the **pooling**, may be any function of all the states. The package has three, each a Block without parameters. Before you run the cell: which of the three depends on the order of the states?
# <!-- zh -->
# ## $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$
#
# 书中举出的一个简单选择是 $\boldsymbol{c} = \boldsymbol{h}_T$。但并非只能如此：q 可以是全部隐含层变量的任意函数。软件包提供了三种，都是没有参数的 Block。运行之前先想一想：三者之中，哪一种与隐含层变量的先后次序有关？

# %%
q_last, q_mean, q_max = gs.LastState(), gs.MeanState(), gs.MaxState()
assert close(q_last(h, valid_length), h[:, -1])
assert close(q_mean(h, valid_length), h.mean(axis=1))
assert close(q_max(h, valid_length), h.max(axis=1))

for q in q_last, q_mean, q_max:
    same = close(q(h, valid_length), q(h.flip(axis=1), valid_length))
    order = tr("is the same", "不变") if same else tr("changes", "改变")
    print(f"{type(q).__name__:>9}", q(h, valid_length)[0].asnumpy().round(3), end="  ")
    print(tr("with the states in reverse order it ", "把隐藏状态倒序后，结果") + order)

# %% [markdown] tags=["subslide"]
# A q of your own is a `HybridBlock` that takes `h` and `valid_length`. This one is the sum of all states. It can be so short because `gs.RecurrentLayer` leaves zeros over padding, and a zero adds nothing.
# <!-- zh -->
# 自己的 q 就是一个接收 `h` 和 `valid_length` 的 `HybridBlock`。下面这个是所有隐含层变量之和。它之所以能这么短，是因为 `gs.RecurrentLayer` 在填充处留下的是 0，加上 0 没有影响。


# %%
class SumState(HybridBlock):
    def hybrid_forward(self, F, h, valid_length):
        return h.sum(axis=1)  # (N, H)


gs.seed(0)
summing = gs.Encoder(len(vocab), embed_size=6, num_hiddens=4, q=SumState())
summing.initialize(init.Normal(0.7))
h, _, c = summing(X, valid_length)
assert close(c, len(tokens) * q_mean(h, valid_length))
print("c =", c[0].asnumpy().round(3))

# %% [markdown] tags=["exercise"]
# ### Exercise 2.2
#
# Write `MinState`: $c_i = \min_t h_{t,i}$, over each sentence's own positions. In a batch, zeros stand over the padding: think of a hidden unit that is positive at every word. (`inspect.getsource(gs.MaxState)` is allowed reading.)
# <!-- zh -->
# ### 练习 2.2
#
# 写出 `MinState`：$c_i = \min_t h_{t,i}$，只在每个句子自己的位置上取最小值。注意小批量的填充处是 0：想一想，如果某个隐藏单元在每个词上都是正的会怎样？（可以参考 `inspect.getsource(gs.MaxState)`。）


# %% tags=["exercise"]
class MinState(HybridBlock):
    def hybrid_forward(self, F, h, valid_length):
        """h (N, T, D), valid_length (N,) -> c (N, D)"""
        ### BEGIN SOLUTION
        own = F.SequenceMask(h, valid_length, use_sequence_length=True, axis=1, value=1e9)
        return F.min(own, axis=1)
        ### END SOLUTION


# %% tags=["check"]
check("2.2", MinState)

# %% [markdown]
# ## Several layers
#
# Encoders and decoders usually have several layers, the chapter remarks at its end. With two layers, the states of the first are what the second reads in place of word vectors. `state` then has a row for each layer: $\boldsymbol{h}_T$, once for each layer. `c` looks at the top layer only.
# <!-- zh -->
# ## 多层循环神经网络
#
# 书中最后提到，编码器和解码器往往不止一层。有两层时，第一层的隐含层变量就是第二层的输入，代替了词向量。这时 `state` 每层有一行，每一行都是该层的 $\boldsymbol{h}_T$。`c` 只看最上面一层。

# %%
gs.seed(0)
deep = gs.Encoder(len(vocab), embed_size=6, num_hiddens=4, num_layers=2)
deep.initialize(init.Normal(0.7))
h, state, c = deep(X, valid_length)  # (1, 5, 4), (2, 1, 4), (1, 4)

first, second = deep.layers
h_1, last_1 = first(deep.embedding(X), valid_length)  # (1, 5, 4), (1, 4)
h_2, last_2 = second(h_1, valid_length)
assert close(h, h_2) and close(state, nd.stack(last_1, last_2)) and close(c, last_2)
print("h", h.shape, " state", state.shape, " c", c.shape)

# %% [markdown]
# ## Another f: LSTM, tanh RNN
#
# The chapter leaves f open, and so does the Block: `f` is a class. `RNNS` in `recurrent.py` has the four that the models know. They differ in how many products of the same two shapes they make in a step (the two GRUs only in their biases), and so in their number of parameters. An LSTM carries a second vector, its memory cell; it stays inside, and $\boldsymbol{h}_t$ has the same shape as ever.
# <!-- zh -->
# ## 换一个 f：LSTM、tanh 循环网络
#
# 书中没有限定 f，Block 也没有：`f` 是一个类。`recurrent.py` 中的 `RNNS` 列出了模型认识的四种。它们的区别在于每一步要做多少次同样形状的乘法（两种 GRU 之间只差在偏差上），因此参数个数不同。LSTM 另外带着一个向量，即记忆细胞；它留在内部，$\boldsymbol{h}_t$ 的形状一如既往。

# %%
for name, f_class in RNNS.items():
    gs.seed(0)
    other = gs.Encoder(len(vocab), embed_size=6, num_hiddens=4, f=f_class)
    other.initialize(init.Normal(0.7))
    h, state, c = other(X, valid_length)
    count = sum(p.data().size for p in other.layers.collect_params().values())
    parameters = tr("parameters of f:", "f 的参数个数：")
    print(f"{name:>12}  h {h.shape}  state {state.shape}  {parameters} {count:3}  c", end=" ")
    print(c[0].asnumpy().round(2))

# %% [markdown] tags=["exercise"]
# ### Exercise 2.3
#
# How many parameters does one layer of f have? Write it for MXNet's f of `gates` gates: 1 for the tanh RNN, 3 for the GRU, 4 for the LSTM. Above you saw how the GRU's four arrays are shaped.
# <!-- zh -->
# ### 练习 2.3
#
# 一层 f 有多少个参数？请为 MXNet 的 f 写出算式，`gates` 是门的个数：tanh 循环网络为 1，GRU 为 3，LSTM 为 4。前面你已经见过 GRU 的四个数组的形状。


# %% tags=["exercise"]
def parameters_of(gates, embed_size, num_hiddens):
    """How many numbers training may change in one layer of f"""
    ### BEGIN SOLUTION
    return gates * num_hiddens * (embed_size + num_hiddens + 2)
    ### END SOLUTION


# %% tags=["check"]
check("2.3", parameters_of)

# %% [markdown] tags=["exercise"]
# ### Exercise 2.4
#
# The simplest f is $\boldsymbol{h}_t = \tanh(\boldsymbol{W}_x \boldsymbol{x}_t + \boldsymbol{W}_h \boldsymbol{h}_{t-1} + \boldsymbol{b})$. Write the loop that returns $\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T$ as one array. Take the loop above as a pattern.
# <!-- zh -->
# ### 练习 2.4
#
# 最简单的 f 是 $\boldsymbol{h}_t = \tanh(\boldsymbol{W}_x \boldsymbol{x}_t + \boldsymbol{W}_h \boldsymbol{h}_{t-1} + \boldsymbol{b})$。请写出循环，把 $\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T$ 放在一个数组中返回。可以仿照上面的循环。


# %% tags=["exercise"]
def tanh_states(x, W_x, W_h, b):
    """x (T, E), W_x (H, E), W_h (H, H), b (H,) -> h (T, H)"""
    ### BEGIN SOLUTION
    h_t, states = nd.zeros(len(b)), []
    for x_t in x:
        h_t = nd.tanh(nd.dot(W_x, x_t) + nd.dot(W_h, h_t) + b)
        states.append(h_t)
    return nd.stack(*states)
    ### END SOLUTION


# %% tags=["check"]
check("2.4", tanh_states)

# %% [markdown]
# ## Eager or hybridized: the same numbers
#
# A Block runs line by line (eager) until `hybridize()` is called; then MXNet records the graph once and replays it. The numbers must not change; what is gained in time is a question for the clock. The cell measures it on this machine, for the book's GRU, which goes through the words in a loop, and for MXNet's, which takes the sequence in one call. Compare two things: the speed-up of each, and the milliseconds that are left.
# <!-- zh -->
# ## 命令式执行与符号式执行：数值相同
#
# Block 默认逐行执行（命令式）；调用 `hybridize()` 之后，MXNet 把计算图记录一次，以后反复执行（符号式）。数值不应改变；至于能快多少，要由时钟来回答。下面的单元格在这台机器上实测：书中的 GRU 逐词循环，MXNet 的 GRU 一次调用就算完整个序列。请比较两件事：各自的提速，以及最后还剩多少毫秒。


# %%
def milliseconds(block, *inputs):
    best = float("inf")
    for _ in range(10):
        began = time.perf_counter()
        block(*inputs)[0].wait_to_read()  # MXNet computes in the background: wait for the result
        best = min(best, time.perf_counter() - began)
    return 1000 * best


X_many = nd.random.randint(4, len(vocab), shape=(32, 15), dtype="int32")  # (32, 15)
n_many = nd.random.randint(5, 15, shape=32, dtype="int32")  # (32,)
for name in "textbook-gru", "gru":
    both = gs.Encoder(len(vocab), embed_size=64, num_hiddens=64, f=RNNS[name])
    both.initialize(init.Xavier())
    eager, slow = both(X_many, n_many), milliseconds(both, X_many, n_many)
    both.hybridize()
    hybrid, fast = both(X_many, n_many), milliseconds(both, X_many, n_many)
    assert all(close(*pair) for pair in zip(eager, hybrid))
    print(
        f"{name:>12}: {slow:6.2f} ms -> {fast:5.2f} ms",
        tr("speed-up", "提速"),
        f"{slow / fast:.1f}",
    )

# %% [markdown]
# ## Where this comes from: Cho 2014, Sutskever 2014
#
# | | Cho et al. 2014 | Sutskever et al. 2014 | the chapter |
# | --- | --- | --- | --- |
# | f | the GRU, invented in that paper | LSTM, four layers | open |
# | c | from $\boldsymbol{h}_T$ (through one more tanh layer) | the last states and memories of all layers | $q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$, for example $\boldsymbol{h}_T$ |
# | c reaches | every step of the decoder | only the decoder's first state | every step |
# | source read | from first word to last | from last word to first | forward, backward or both ([3](03_two_directions.ipynb)) |
# | code | `gs.cho2014` | `gs.sutskever2014` | none in the chapter; here `gs.book` |
#
# Reading from the last word to the first is Sutskever's trick: with `reverse=True` the encoder reads *. watching are They*, and then `<eos>`. The states are put back in the order of the sentence, so `h[:, 0]` is still the state at *They*; but it is now the state that has read nearly everything.
# <!-- zh -->
# ## 出处：Cho 2014 与 Sutskever 2014
#
# | | Cho 等 2014 | Sutskever 等 2014 | 书中这一节 |
# | --- | --- | --- | --- |
# | f | GRU，正是在该论文中提出 | LSTM，四层 | 不限 |
# | c | 由 $\boldsymbol{h}_T$ 得到（再经过一个 tanh 层） | 各层最后的隐含层变量和记忆细胞 | $q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$，例如 $\boldsymbol{h}_T$ |
# | c 进入 | 解码器的每一步 | 只有解码器的初始状态 | 每一步 |
# | 读输入序列 | 从第一个词到最后一个词 | 从最后一个词到第一个词 | 正向、反向或双向（[第 3 篇](03_two_directions.ipynb)） |
# | 代码 | `gs.cho2014` | `gs.sutskever2014` | 书中没有；这里是 `gs.book` |
#
# 倒着读是 Sutskever 等人的技巧：`reverse=True` 时，编码器读的是 *. watching are They*，然后是 `<eos>`。算出的隐含层变量会放回原句的次序，所以 `h[:, 0]` 仍是 *They* 处的状态；但此时它几乎已经读过了整句。

# %%
gs.seed(0)
turned = gs.Encoder(len(vocab), embed_size=6, num_hiddens=4, reverse=True)
turned.initialize(init.Normal(0.7))
h, _, c = turned(X, valid_length)

x_read = turned.embedding(X)[:, [3, 2, 1, 0, 4]]  # . watching are They <eos>
h_read, last = turned.layers[0](x_read, valid_length)  # in the order of reading
assert close(h, h_read[:, [3, 2, 1, 0, 4]]) and close(c, last)
print(gs.sutskever2014(vocab, corpus.tgt_vocab, 8, 8, num_layers=4, drop_prob=0).encoder)

# %% [markdown] tags=["exercise"]
# ### Exercise 2.5
#
# Why should that help? Count. The encoder makes T steps, the last of them on `<eos>`; then the decoder makes its steps. The *lag* of an aligned pair is the number of steps from reading source word t to writing target word t'. If the encoder reads word t in its step i, the lag is $(T - i) + t'$. Write the function for both ways of reading. `pairs` holds (t, t'), counted from 1; no pair contains `<eos>`.
# <!-- zh -->
# ### 练习 2.5
#
# 为什么倒着读会有帮助？数一数就知道。编码器走 T 步，最后一步读 `<eos>`；然后解码器开始走。对于一对互相对齐的词，从读入源词 t 到写出目标词 t' 所隔的步数叫“时滞”。如果编码器在第 i 步读到词 t，时滞就是 $(T - i) + t'$。请为两种读法写出这个函数。`pairs` 中是 (t, t')，从 1 数起；其中没有 `<eos>`。


# %% tags=["exercise"]
def lags(pairs, T, reverse):
    """The lag of every (t, t') of pairs, as a list; T counts <eos>"""
    ### BEGIN SOLUTION
    return [(T - (T - t if reverse else t)) + t_out for t, t_out in pairs]
    ### END SOLUTION


# %% tags=["check"]
check("2.5", lags)

# %% [markdown]
# If you have it: the first French word now has its partner close by, the last one far away. The average is what it was; but the beginning of the translation is learned early, and the rest builds on it (section 3.3 of the paper). Attention will make the question disappear.
# <!-- zh -->
# 做出来之后可以看到：第一个法语词与它对应的词挨得很近，最后一个却变远了。平均值和原来一样；但是译文的开头很早就能学会，后面的部分就有了依靠（论文第 3.3 节）。有了注意力机制，这个问题就不复存在。

# %% [markdown]
# ## What the chapter leaves unsaid
#
# ### $\boldsymbol{h}_T$ over padding is not $\boldsymbol{h}_T$
#
# The formula knows one sentence; a program reads a batch, and short sentences are filled up with `<pad>`. For `rnn.GRU` that is a token like any other, with a row of `E` of its own: it reads on. We put *They are watching.* beside a longer sentence and ask for its last state.
# <!-- zh -->
# ## 书中没有明说的
#
# ### 读过填充之后的 $\boldsymbol{h}_T$ 不是 $\boldsymbol{h}_T$
#
# 公式里只有一个句子；程序读的是小批量，短句要用 `<pad>` 补齐。对 `rnn.GRU` 来说，`<pad>` 和其他词元没有区别，在 `E` 中也有自己的一行：它会继续读下去。我们把 *They are watching.* 和一个更长的句子放在一起，再看它的最后状态。

# %%
two = [("They are watching.", "Ils regardent."), ("Why are you not watching the old cat?", "")]
batch = next(iter(gs.Minibatches(two, source_vocab, translator.model.tgt_vocab, batch_size=2)))
X_two, n_two_sentences = batch.X, batch.src_valid_length  # (2, 10), (2,)
row = int(n_two_sentences.argmin(axis=0).asscalar())  # where the short sentence is
layer = trained.layers[0]
x_two = trained.embedding(X_two)  # (2, 10, 128)

alone = states_of("They are watching.")[-1]  # (128,)
raw = layer.forwards(x_two.swapaxes(0, 1))[:, row].asnumpy()  # (10, 128)
h, state = layer(x_two, n_two_sentences)  # (2, 10, 128), (2, 128)
print(" ".join(source_vocab.to_tokens([int(i) for i in X_two[row].asnumpy()])))
print(tr("rnn.GRU:        off by", "rnn.GRU：        相差"), f"{abs(raw[-1] - alone).max():.4f}")
off = abs(state[row].asnumpy() - alone).max()
print(tr("RecurrentLayer: off by", "RecurrentLayer： 相差"), f"{off:.4f}")
assert close(state[row], alone)

# %% [markdown] tags=["subslide"]
# What the raw GRU does with the five `<pad>`, in the sixteen units from above that know who is watching: the columns after `<eos>` should not be there at all, and they go on changing. A sentence would mean something else next to a longer neighbour.
# <!-- zh -->
# 看看未加处理的 GRU 拿这五个 `<pad>` 做了什么。仍然是前面那十六个知道“谁在看”的单元：`<eos>` 之后的几列本来就不该有，而它们还在不断变化。同一个句子，与更长的句子放在一批，意思就变了。

# %%
gs.hidden_states(raw[:, who], tokens + ["<pad>"] * (len(raw) - len(tokens)), lang)

# %% [markdown] tags=["subslide"]
# `gs.RecurrentLayer` uses three operators against it: `SequenceLast` takes each sentence's own last state, `SequenceMask` writes zeros over padding, and, for the other direction, `SequenceReverse` turns each sentence round by itself. This is why `valid_length` is an argument of everything.
# <!-- zh -->
# `gs.RecurrentLayer` 用三个算子来应对：`SequenceLast` 取每个句子自己的最后状态，`SequenceMask` 在填充处写 0，而对于另一个方向，`SequenceReverse` 把每个句子各自倒转。这就是为什么处处都要传入 `valid_length`。

# %%
print(code_of(gs.RecurrentLayer.hybrid_forward))

# %% [markdown] tags=["slide"]
# ### MXNet's GRU is not the book's GRU
#
# The book resets the state first and multiplies then, $\boldsymbol{W}_{hh}(\boldsymbol{r}_t \odot \boldsymbol{h}_{t-1})$; MXNet, like cuDNN, multiplies first and resets then, $\boldsymbol{r}_t \odot (\boldsymbol{W}_{hh} \boldsymbol{h}_{t-1})$: so all products with $\boldsymbol{h}_{t-1}$ become one. Neither is the better model, but trained parameters of one mean nothing to the other. We give both the same weights. Before you run it: at which step can the first difference show?
# <!-- zh -->
# ### MXNet 的 GRU 不是书中的 GRU
#
# 书中先重置再相乘：$\boldsymbol{W}_{hh}(\boldsymbol{r}_t \odot \boldsymbol{h}_{t-1})$；MXNet 与 cuDNN 一样，先相乘再重置：$\boldsymbol{r}_t \odot (\boldsymbol{W}_{hh} \boldsymbol{h}_{t-1})$，这样与 $\boldsymbol{h}_{t-1}$ 的所有乘法可以合并成一次。两种模型不分优劣，但一种的训练参数对另一种毫无意义。下面给两者同样的权重。运行之前先想：差别最早会在哪一步出现？


# %%
def give_weights(gru, cell):
    """The weights of the book's cell, for MXNet's GRU"""
    gru.l0_i2h_weight.set_data(cell.w_x.weight.data())
    gru.l0_i2h_bias.set_data(cell.w_x.bias.data())
    gru.l0_h2h_weight.set_data(nd.concat(cell.w_h.weight.data(), cell.w_hh.weight.data(), dim=0))


mxnet_gru = rnn.GRU(4, input_size=6)
mxnet_gru.initialize()
give_weights(mxnet_gru, cell)
gap = abs(mxnet_gru(x.expand_dims(1)) - book_gru(x.expand_dims(1))).max(axis=(1, 2))  # (5,)
for token, difference in zip(tokens, gap.asnumpy()):
    print(f"{token:>9}  {difference:.4f}")
assert close(gap[:1], [0]) and not close(gap[1:2], [0])

# %% [markdown]
# At the first step there is nothing yet to reset, since $\boldsymbol{h}_0 = 0$; from the second on the two go different ways. The package has both: `rnn="gru"` and, where the book's equations are to be followed to the letter, `rnn="textbook-gru"`.
# <!-- zh -->
# 第一步还没有什么可重置的，因为 $\boldsymbol{h}_0 = 0$；从第二步起，两者就分道扬镳。软件包里两种都有：`rnn="gru"`，以及完全按照书中公式的 `rnn="textbook-gru"`。

# %% [markdown] tags=["exercise"]
# ### Exercise 2.6
#
# The two GRUs agree for some $\boldsymbol{W}_{hh}$, whatever $\boldsymbol{r}_t$ is. Give such a matrix, 4 by 4, with four different numbers in it that are not 0. When is $\boldsymbol{W}(\boldsymbol{r} \odot \boldsymbol{h}) = \boldsymbol{r} \odot (\boldsymbol{W} \boldsymbol{h})$ for all $\boldsymbol{r}$ and $\boldsymbol{h}$?
# <!-- zh -->
# ### 练习 2.6
#
# 对于某些 $\boldsymbol{W}_{hh}$，无论 $\boldsymbol{r}_t$ 是什么，两种 GRU 的结果都相同。请给出一个这样的 4×4 矩阵，其中有四个互不相同的非零数。什么时候 $\boldsymbol{W}(\boldsymbol{r} \odot \boldsymbol{h}) = \boldsymbol{r} \odot (\boldsymbol{W} \boldsymbol{h})$ 对所有的 $\boldsymbol{r}$ 和 $\boldsymbol{h}$ 都成立？

# %% tags=["exercise"]
W_agree = ...
### BEGIN SOLUTION
W_agree = nd.array([[1, 0, 0, 0], [0, -2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 0.5]])
### END SOLUTION

# %% tags=["check"]
check("2.6", W_agree)

# %% [markdown] tags=["slide"]
# ### $\boldsymbol{h}_0$ is never named
#
# $\boldsymbol{h}_1 = f(\boldsymbol{x}_1, \boldsymbol{h}_0)$, and the chapter does not say what $\boldsymbol{h}_0$ is. Zeros are the custom and what Gluon takes when nothing is given. It could as well be a parameter that is learned. Does it matter? We let the trained encoder begin with zeros and with two other states, and measure how far apart the states still are after each word.
# <!-- zh -->
# ### 始终没有交代的 $\boldsymbol{h}_0$
#
# $\boldsymbol{h}_1 = f(\boldsymbol{x}_1, \boldsymbol{h}_0)$，但书中没有说 $\boldsymbol{h}_0$ 是什么。习惯上取 0，不指定时 Gluon 也取 0；把它当作可以学习的参数也未尝不可。它重要吗？我们让训练好的编码器分别从 0 和另外两个状态开始，测量每读一个词之后，隐含层变量还相差多远。

# %%
long = "He ate an apple and it was small."
X_long = nd.array([source_vocab.encode(long)], dtype="int32")  # (1, 10)
x_long = trained.embedding(X_long).swapaxes(0, 1)  # (10, 1, 128)
zeros = nd.zeros((1, 1, 128))
assert close(layer.forwards(x_long), layer.forwards(x_long, [zeros])[0])

columns = [*source_vocab.tokenizer.tokenize(long), "<eos>"]
gs.seed(0)
starts = {"h_0 = 0.5": zeros + 0.5, "h_0 ~ U(-0.5, 0.5)": nd.random.uniform(-0.5, 0.5, zeros.shape)}
with drawing(lang, 8, 3.4) as (figure, _):
    axes = figure.subplots()
    for (name, start), style in zip(starts.items(), ("o-", "s--")):
        apart = layer.forwards(x_long, [start])[0] - layer.forwards(x_long)  # (10, 1, 128)
        axes.plot([start.norm().asscalar(), *apart.norm(axis=2)[:, 0].asnumpy()], style, label=name)
    axes.set_xticks(range(len(columns) + 1), ["$h_0$", *columns], parse_math=True)
    axes.set(xlabel=label("state after", "读完该词后的隐藏状态"), ylim=(0, None))
    axes.set_ylabel(label("distance from the run\nthat begins with zeros", "与从 0 开始时的距离"))
    axes.legend()
figure

# %% [markdown]
# See how fast the curves fall, and whether they reach zero. The gates forget the beginning word by word, not at once: so it matters that every sentence starts from the same $\boldsymbol{h}_0$, in training and later. A program that goes on with the state of the previous batch makes exactly this mistake.
# <!-- zh -->
# 看看曲线下降得有多快，最后有没有降到 0。门是随着一个个词慢慢忘掉起点的，而不是一下子忘掉：所以无论训练时还是使用时，每个句子都应从同样的 $\boldsymbol{h}_0$ 开始。如果程序接着用上一个小批量的状态，犯的正是这个错误。

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. Two sentences begin with the same three words and differ from the fourth on. In a unidirectional encoder, which of their states are equal? (a) none, since the sentences differ (b) $\boldsymbol{h}_1$ to $\boldsymbol{h}_3$ (c) $\boldsymbol{h}_1$ to $\boldsymbol{h}_4$ (d) all but $\boldsymbol{h}_T$
# 2. Why does `nn.Embedding` not multiply by a one-hot vector? (a) it would give other numbers (b) ids have no order (c) one-hot vectors cannot be trained (d) the product is one row of $\boldsymbol{E}$, which can be looked up
# 3. In the GRU, $\boldsymbol{z}_t$ is all ones at some step. What does the word at this step do? (a) nothing: $\boldsymbol{h}_t = \boldsymbol{h}_{t-1}$ (b) it replaces the state by the candidate (c) it sets the state to zero (d) it resets the gate
# 4. You replace `LastState` by `MeanState` in an untrained encoder. What changes? (a) `h`, `state` and `c` (b) `c` and `state` (c) only `c` (d) nothing before training
# 5. The same sentence is translated alone and in a batch with longer ones, and the translations differ. What do you suspect first? (a) the learning rate (b) `hybridize()` (c) the size of the vocabulary (d) a state that was read after the padding
# <!-- zh -->
# ## 小测验
#
# 1. 两个句子的前三个词相同，从第四个词起不同。在单向编码器中，它们的哪些隐含层变量相等？(a) 都不相等，因为句子不同 (b) $\boldsymbol{h}_1$ 到 $\boldsymbol{h}_3$ (c) $\boldsymbol{h}_1$ 到 $\boldsymbol{h}_4$ (d) 除 $\boldsymbol{h}_T$ 以外的全部
# 2. 为什么 `nn.Embedding` 不去乘 one-hot 向量？(a) 那样会得到别的数 (b) 索引没有次序 (c) one-hot 向量无法训练 (d) 乘积就是 $\boldsymbol{E}$ 的一行，可以直接查出
# 3. 在 GRU 中，某一步的 $\boldsymbol{z}_t$ 全为 1。这一步的词起了什么作用？(a) 没有作用：$\boldsymbol{h}_t = \boldsymbol{h}_{t-1}$ (b) 用候选隐含状态替换了隐含层变量 (c) 把隐含层变量置为 0 (d) 重置了门
# 4. 在未经训练的编码器中，把 `LastState` 换成 `MeanState`。什么会改变？(a) `h`、`state` 和 `c` (b) `c` 和 `state` (c) 只有 `c` (d) 训练之前什么都不变
# 5. 把同一个句子单独翻译一次，再与更长的句子放在一批翻译一次，两次的译文不同。你首先怀疑什么？(a) 学习率 (b) `hybridize()` (c) 词典大小 (d) 读过填充之后才取的隐含层变量

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "d", 3: "a", 4: "c", 5: "d"}
### END SOLUTION

# %% tags=["check"]
quiz(2, answers)

# %% [markdown]
# ## Where to go next
#
# [3. Two directions](03_two_directions.ipynb): the state at *They* knows nothing yet of *watching*; a second GRU that reads from the end will mend that.
#
# - Cho et al. 2014, [Learning Phrase Representations using RNN Encoder–Decoder](https://arxiv.org/abs/1406.1078), section 2: the encoder of this notebook, and the first GRU.
# - Sutskever et al. 2014, [Sequence to Sequence Learning with Neural Networks](https://arxiv.org/abs/1409.3215), sections 3.3 and 3.8: the reversed source, and a map of sentences.
# - Chung et al. 2014, [Empirical Evaluation of Gated Recurrent Neural Networks](https://arxiv.org/abs/1412.3555): GRU, LSTM and tanh side by side.
# <!-- zh -->
# ## 接下来
#
# [3. 双向编码器](03_two_directions.ipynb)：读到 *They* 时的隐含层变量对 *watching* 还一无所知；再加一个从句尾读起的 GRU，就能弥补。
#
# - Cho 等 2014，[Learning Phrase Representations using RNN Encoder–Decoder](https://arxiv.org/abs/1406.1078) 第 2 节：本篇的编码器，以及最早的 GRU。
# - Sutskever 等 2014，[Sequence to Sequence Learning with Neural Networks](https://arxiv.org/abs/1409.3215) 第 3.3 和 3.8 节：倒序的输入序列，以及句子的地图。
# - Chung 等 2014，[Empirical Evaluation of Gated Recurrent Neural Networks](https://arxiv.org/abs/1412.3555)：GRU、LSTM 与 tanh 循环网络的比较。
