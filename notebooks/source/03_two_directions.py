# %% [markdown]
# # 3. Two directions
#
# At the word *are* in *They are watching.*, a unidirectional encoder has read *They are* and nothing more. It cannot know whether *are* will become *sont*, or vanish in *regardent*. A second recurrent network that reads from the end knows exactly that. Here you put the two together, measure what each position knows, and find the one place where many programs get it wrong.
#
# **After this notebook you can**
#
# - build $\boldsymbol{h}_t = [\overrightarrow{\boldsymbol{h}}_t ; \overleftarrow{\boldsymbol{h}}_t]$ from two unidirectional passes;
# - say, and measure, on which words each half of each state depends;
# - say where the summary of each direction stands, and take it from a padded batch;
# - compare a unidirectional and a bidirectional model fairly;
# - explain why the decoder reads in one direction only.
# <!-- zh -->
# # 3. 双向编码器
#
# 读到 *They are watching.* 中的 *are* 时，单向编码器只读过 *They are*，后面一无所知。它无法知道 *are* 会译成 *sont*，还是会融进 *regardent* 里。再加一个从句尾读起的循环神经网络，知道的正是这些。本篇把两者合在一起，测量每个位置知道什么，并找到许多程序都会弄错的一个地方。
#
# **学完本篇，你能够**
#
# - 用两次单向计算得到 $\boldsymbol{h}_t = [\overrightarrow{\boldsymbol{h}}_t ; \overleftarrow{\boldsymbol{h}}_t]$；
# - 说出并测出每个隐含层变量的每一半取决于哪些词；
# - 说出每个方向的总结位于何处，并从带填充的小批量中取出；
# - 公平地比较单向模型与双向模型；
# - 解释为什么解码器只能朝一个方向读。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $\overrightarrow{\boldsymbol{h}}_t = f(\boldsymbol{x}_t, \overrightarrow{\boldsymbol{h}}_{t-1})$ | forward state: has read $x_1, \ldots, x_t$ | `layer.forwards` | `h[:, :, :H]` |
# | $\overleftarrow{\boldsymbol{h}}_t = f(\boldsymbol{x}_t, \overleftarrow{\boldsymbol{h}}_{t+1})$ | backward state: has read $x_T, \ldots, x_t$ | `layer.backwards` | `h[:, :, H:]` |
# | $\boldsymbol{h}_t = [\overrightarrow{\boldsymbol{h}}_t ; \overleftarrow{\boldsymbol{h}}_t]$ | state of word t, seen from both sides | `gs.RecurrentLayer(…, bidirectional=True)` | `h (N, T, D)`, D = 2H |
# | $\boldsymbol{c} = [\overrightarrow{\boldsymbol{h}}_T ; \overleftarrow{\boldsymbol{h}}_1]$ | context: each direction where it has read everything | `gs.LastState(bidirectional=True)` | `c (N, D)` |
#
# The chapter lets the encoder read the source forward or backward, and calls a network that does both a bidirectional recurrent network. It writes one letter f for both directions; here the two f are of one kind but have parameters of their own. $\overrightarrow{\boldsymbol{h}}_0 = \overleftarrow{\boldsymbol{h}}_{T+1} = 0$.
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $\overrightarrow{\boldsymbol{h}}_t = f(\boldsymbol{x}_t, \overrightarrow{\boldsymbol{h}}_{t-1})$ | 正向隐含层变量：读过 $x_1, \ldots, x_t$ | `layer.forwards` | `h[:, :, :H]` |
# | $\overleftarrow{\boldsymbol{h}}_t = f(\boldsymbol{x}_t, \overleftarrow{\boldsymbol{h}}_{t+1})$ | 反向隐含层变量：读过 $x_T, \ldots, x_t$ | `layer.backwards` | `h[:, :, H:]` |
# | $\boldsymbol{h}_t = [\overrightarrow{\boldsymbol{h}}_t ; \overleftarrow{\boldsymbol{h}}_t]$ | 从两边看到的第 t 个词的状态 | `gs.RecurrentLayer(…, bidirectional=True)` | `h (N, T, D)`，D = 2H |
# | $\boldsymbol{c} = [\overrightarrow{\boldsymbol{h}}_T ; \overleftarrow{\boldsymbol{h}}_1]$ | 背景向量：每个方向都取读完整句之处 | `gs.LastState(bidirectional=True)` | `c (N, D)` |
#
# 书中的编码器可以正向传递，也可以反向传递；两个方向都要时，就是双向循环神经网络。书中两个方向用同一个字母 f；这里的两个 f 种类相同，参数各自独立。$\overrightarrow{\boldsymbol{h}}_0 = \overleftarrow{\boldsymbol{h}}_{T+1} = 0$。

# %% tags=["skip"]
import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr
from gluon_seq2seq.plots.style import drawing

import numpy as np
from mxnet import init, nd
from mxnet.gluon import rnn

lang = language(tr("en", "zh"))

# %% tags=["skip", "parameters"]
epochs = 6
sentences = 3000  # of the training set, for the comparison of one direction and both

# %% [markdown]
# ## By hand: two passes, one of them over the reversed sentence
#
# The backward direction needs no new recurrent network: reverse the sentence, run f over it, and reverse the states, so that each stands at its own word again. Then the two are laid side by side. Predict the shape of `h`, for states of size 4.
# <!-- zh -->
# ## 亲手计算：两次单向计算，其中一次读倒过来的句子
#
# 反向并不需要新的循环神经网络：把句子倒过来，用 f 读一遍，再把得到的隐含层变量倒回去，让每个状态回到自己的词上。然后把两者并排连结。隐含层变量大小为 4 时，先预测一下 `h` 的形状。

# %%
corpus = gs.load_corpus("mini")
vocab = corpus.src_vocab
sentence = "They are watching."
tokens = [*vocab.tokenizer.tokenize(sentence), "<eos>"]
X = nd.array([vocab.encode(sentence)], dtype="int32")  # (1, 5)
valid_length = nd.array([len(tokens)], dtype="int32")  # (1,)

gs.seed(0)
encoder = gs.Encoder(len(vocab), embed_size=6, num_hiddens=4, bidirectional=True)
encoder.initialize(init.Normal(0.7))
layer = encoder.layers[0]

x = encoder.embedding(X).swapaxes(0, 1)  # (5, 1, 6): rnn.GRU wants time first
forward = layer.forwards(x)  # (5, 1, 4)
backward = layer.backwards(x.flip(axis=0)).flip(axis=0)  # (5, 1, 4)
by_hand = nd.concat(forward, backward, dim=2)[:, 0]  # (5, 8)

h, state = layer(encoder.embedding(X), valid_length)  # (1, 5, 8), (1, 8)
assert close(by_hand, h[0])
print("h", h.shape, " state", state.shape)

# %% [markdown] tags=["subslide"]
# The upper panel is filled from left to right, the lower one from right to left: follow the arrows. Each column is one $\boldsymbol{h}_t$.
# <!-- zh -->
# 上半图从左往右填写，下半图从右往左填写，请看箭头。每一列合起来就是一个 $\boldsymbol{h}_t$。

# %%
gs.hidden_states(forward[:, 0].asnumpy(), tokens, lang, backward=backward[:, 0].asnumpy())

# %% [markdown]
# ## Both directions of a trained encoder
#
# `mini-bahdanau2015` has such an encoder, with 128 units each way. Compare the columns of *They*: the forward half has read one word there, the backward half the whole sentence. And the columns of `<eos>`: there it is the other way round.
# <!-- zh -->
# ## 训练好的双向编码器
#
# `mini-bahdanau2015` 就有这样的编码器，每个方向 128 个单元。请比较 *They* 那一列：正向的一半在这里只读过一个词，反向的一半已经读完整句。再看 `<eos>` 那一列：正好相反。

# %%
translator = gs.Translator(gs.load_model("mini-bahdanau2015"))
translator.hidden_states(sentence, lang=lang)

# %% [markdown] tags=["subslide"]
# `read` gives the states of this trained encoder for a list of ids; we use it from here on.
# <!-- zh -->
# `read` 返回这个训练好的编码器对一列索引算出的隐含层变量，后面一直会用到。

# %%
trained = translator.model.encoder
trained.hybridize(False)  # eager: below we call its parts by themselves
source_vocab, H = translator.model.src_vocab, 128


def read(ids):
    X = nd.array([ids], dtype="int32")  # (1, T)
    return trained(X, nd.array([len(ids)], dtype="int32"))[0][0].asnumpy()  # (T, 256)


h_they, h_we = (read(source_vocab.encode(text)) for text in (sentence, "We are watching."))
apart = abs(h_they - h_we)  # (5, 256)
forwards, backwards = tr("forward", "正向"), tr("backward", "反向")
print(tr("They / We: largest difference", "They / We：最大的差别"))
for token, forward_t, backward_t in zip(tokens, apart[:, :H].max(1), apart[:, H:].max(1)):
    print(f"{token:>9}  {forwards} {forward_t:.3f}  {backwards} {backward_t:.3f}")

# %% [markdown] tags=["exercise"]
# ### Exercise 3.1
#
# Above, the first word was changed. Write a sentence of the same length whose forward states agree with those of *They are watching.* at the first two words and at no other, and whose backward states differ at the first three words and at no other. All its words must be in the vocabulary of this model.
# <!-- zh -->
# ### 练习 3.1
#
# 上面换掉的是第一个词。请写一个同样长度的句子：它的正向隐含层变量只在前两个词处与 *They are watching.* 相同，反向隐含层变量只在前三个词处与之不同。所有的词都要在这个模型的词典中。

# %% tags=["exercise"]
another = ...
### BEGIN SOLUTION
another = "They are singing."
### END SOLUTION

# %% tags=["check"]
check("3.1", another)

# %% [markdown]
# ## What each position knows: an experiment
#
# Replace one word, and see which states move. A state that does not move at all has not read that word: this is the *receptive field*, and it can be measured without knowing how the network is made.
#
# Rows: the word that was replaced. Columns: the states. Before you go on, draw the three pictures on paper: forward half, backward half, both. Where are the zeros?
# <!-- zh -->
# ## 每个位置知道什么：一个实验
#
# 换掉一个词，看哪些隐含层变量会动。完全不动的状态没有读过这个词：这就是“感受野”，不必了解网络的构造也能测出来。
#
# 行是被换掉的词，列是隐含层变量。往下看之前，请先在纸上画出三张图：正向的一半、反向的一半、两者合起来。哪里是 0？


# %%
def influence(read, ids, others):
    """How far every state moves, as a share of its length, when a word gives way to another"""
    before, rows = read(ids), []  # (T, D)
    for k, other in enumerate(others):
        after = read([*ids[:k], other, *ids[k + 1 :]])  # (T, D)
        rows.append(np.linalg.norm(after - before, axis=1) / np.linalg.norm(before, axis=1))
    return np.array(rows)  # (words, T)


# %% tags=["skip"]
def draw(maps, rows, columns, xlabel):
    with drawing(lang, 1 + 3.4 * len(maps), 3.3) as (figure, _):
        grid = figure.subplots(1, len(maps), squeeze=False, sharey=True)[0]
        for axes, (title, moved) in zip(grid, maps.items()):
            image = axes.imshow(moved, "Blues", vmin=0, vmax=1.2, aspect="auto")
            for (k, t), value in np.ndenumerate(moved):
                text, color = (
                    f"{value:.2f}" if value > 1e-6 else "0",
                    "white" if value > 0.7 else "0.2",
                )
                axes.text(t, k, text, color=color, fontsize=9, ha="center", va="center")
            axes.set_xticks(range(len(columns)), columns, rotation=30, ha="right", fontsize=9)
            axes.set(title=title, xlabel=xlabel, yticks=range(len(rows)), yticklabels=rows)
        grid[0].set_ylabel(label("word replaced", "被换掉的词"))
        figure.colorbar(
            image, ax=list(grid), extend="max", label=label("how far it moves", "移动的幅度")
        )
    return figure


# %% tags=["subslide"]
ids = source_vocab.encode(sentence)
others = [source_vocab[word] for word in ("We", "were", "singing", "?")]
rows = ["They → We", "are → were", "watching → singing", ". → ?"]
maps = {
    label("forward", "正向"): influence(lambda ids: read(ids)[:, :H], ids, others),
    label("backward", "反向"): influence(lambda ids: read(ids)[:, H:], ids, others),
    label("both", "两个方向"): influence(read, ids, others),
}
draw(maps, rows, tokens, label("state at", "隐藏状态所在的词"))

# %% [markdown]
# A zero here is an exact zero: the state does not contain the word. The forward half is a triangle, the backward half the other one, and only both together leave no gap. See, too, where each row is darkest, and how it fades from there: a state knows its own word best. That is what makes $\boldsymbol{h}_t$ *the state of word t*, and what attention will rely on.
# <!-- zh -->
# 这里的 0 是精确的 0：隐含层变量里没有这个词。正向的一半是一个三角形，反向的一半是另一个三角形，合在一起才没有空缺。再看看每一行在哪里颜色最深，又怎样由此向外变浅：隐含层变量对自己的词知道得最清楚。正因如此，$\boldsymbol{h}_t$ 才称得上“第 t 个词的状态”，注意力机制依靠的也正是这一点。

# %% [markdown] tags=["exercise"]
# ### Exercise 3.2
#
# Put the picture into a function: in a sentence of T tokens the word at position k is replaced; at which positions does $\boldsymbol{h}_t$ change? Positions count from 1; `way` is `"forward"`, `"backward"` or `"both"`.
# <!-- zh -->
# ### 练习 3.2
#
# 把这张图写成函数：在有 T 个词元的句子里，换掉第 k 个词，哪些位置的 $\boldsymbol{h}_t$ 会改变？位置从 1 数起；`way` 是 `"forward"`、`"backward"` 或 `"both"`。


# %% tags=["exercise"]
def changed(T, k, way):
    """The positions t, from 1 to T, at which h_t changes, as a list in order"""
    ### BEGIN SOLUTION
    first, last = {"forward": (k, T), "backward": (1, k), "both": (1, T)}[way]
    return list(range(first, last + 1))
    ### END SOLUTION


# %% tags=["check"]
check("3.2", changed)

# %% [markdown]
# ## What it is good for: *le*, *la*, *l'* or *les*?
#
# Many sentences of the corpus begin with *The*. Which French article it becomes depends on the noun, which comes later. So take $\boldsymbol{h}_1$, the state at *The*, and let the simplest of all classifiers, a linear one fitted by least squares, guess the article from it: once from the forward half, once from the backward half. It is fitted on the training set and judged on sentences that were not in it.
#
# Predict both results before you run the cell. (What do the forward halves of all these sentences have in common?)
# <!-- zh -->
# ## 它有什么用：*le*、*la*、*l'* 还是 *les*？
#
# 语料中许多句子以 *The* 开头。它译成哪个法语冠词，取决于后面才出现的名词。我们取 *The* 处的隐含层变量 $\boldsymbol{h}_1$，让最简单的分类器，也就是用最小二乘法拟合的线性分类器，从中猜出冠词：一次只用正向的一半，一次只用反向的一半。它在训练集上拟合，用训练集以外的句子评判。
#
# 运行之前先预测两个结果。（这些句子的 $\boldsymbol{h}_1$，正向的一半有什么共同之处？）


# %%
def first_states(examples):
    """h_1 (sentences, 256) of all that begin with The, and the first word of each translation"""
    pairs = [(e.source, e.references[0]) for e in examples if e.source.startswith("The ")]
    found = []
    for batch in gs.Minibatches(pairs, source_vocab, translator.model.tgt_vocab, 64):
        h = trained(batch.X, batch.src_valid_length)[0]  # (N, T, 256)
        found += zip(h[:, 0].asnumpy(), batch.Y[:, 0].asnumpy())
    h_1, articles = zip(*found)
    return np.array(h_1), np.array(articles)


h_1, articles = first_states(corpus.train)
h_new, wanted = first_states(corpus.dev + corpus.test)
kinds = np.unique(articles)  # the ids of Le, La, L', Les
print(translator.model.tgt_vocab.to_tokens(kinds.tolist()), len(articles), len(wanted))
for half, own in (forwards, slice(0, H)), (backwards, slice(H, None)):
    with_one = [np.insert(h[:, own], 0, 1, axis=1) for h in (h_1, h_new)]  # 1 for the bias
    W = np.linalg.lstsq(with_one[0], 1.0 * (articles[:, None] == kinds), rcond=None)[0]
    guesses = kinds[(with_one[1] @ W).argmax(axis=1)]
    print(f"{half:>8}: {np.mean(guesses == wanted):.0%}", tr("right", "猜对"))

# %% [markdown]
# The forward half has read *The* and nothing else: it is one and the same vector in all these sentences, and the best that one can do with it is to say the most frequent article every time. The backward half arrives from the end of the sentence and brings the noun along.
# <!-- zh -->
# 正向的一半只读过 *The*：在所有这些句子里，它是同一个向量，最好的办法也只能是每次都猜最常见的冠词。反向的一半从句尾走来，把名词带在身上。

# %% [markdown]
# ## The summary: $\boldsymbol{c} = [\overrightarrow{\boldsymbol{h}}_T ; \overleftarrow{\boldsymbol{h}}_1]$
#
# The chapter joins the two directions at every step, and does not say what $\boldsymbol{c}$ is then. Each direction is summed up where it stops: the forward one at the last word, the backward one at the first. In a batch, "the last word" is another column for each sentence, and the first is the first for all.
# <!-- zh -->
# ## 总结：$\boldsymbol{c} = [\overrightarrow{\boldsymbol{h}}_T ; \overleftarrow{\boldsymbol{h}}_1]$
#
# 书中在每个时刻连结两个方向，却没有说这时 $\boldsymbol{c}$ 是什么。每个方向都在它停下的地方得到总结：正向在最后一个词，反向在第一个词。在小批量中，“最后一个词”对每个句子来说是不同的列，而第一个词都在第一列。

# %%
pairs = [(e.source, e.references[0]) for e in corpus.test[:3]] + [(sentence, "Ils regardent.")]
batch = next(iter(gs.Minibatches(pairs, source_vocab, translator.model.tgt_vocab, batch_size=4)))
h, _, c = trained(batch.X, batch.src_valid_length)  # (4, T, 256), (4, 256)

for h_i, n, c_i in zip(h, batch.src_valid_length.asnumpy(), c):
    forward_last, backward_first = h_i[n - 1, :H], h_i[0, H:]  # (128,), (128,)
    assert close(nd.concat(forward_last, backward_first, dim=0), c_i)
assert close(gs.LastState(bidirectional=True)(h, batch.src_valid_length), c)
print("h", h.shape, " c", c.shape, " valid_length", batch.src_valid_length.asnumpy())

# %% [markdown] tags=["exercise"]
# ### Exercise 3.3
#
# Before f can read a batch backwards, each sentence must be turned round *by itself*: its padding stays at the end. Write that for ids, as a list of lists or an array, in plain Python if you like. Example: lengths 3 and 2 make `[[5, 6, 2], [7, 2, 0]]` into `[[2, 6, 5], [2, 7, 0]]`.
# <!-- zh -->
# ### 练习 3.3
#
# 让 f 倒着读一个小批量之前，每个句子必须*各自*倒转：填充仍留在末尾。请对索引写出这一步，返回嵌套列表或数组均可，用普通的 Python 就行。例如长度为 3 和 2 时，`[[5, 6, 2], [7, 2, 0]]` 变为 `[[2, 6, 5], [2, 7, 0]]`。


# %% tags=["exercise"]
def reverse_each(ids, lengths):
    """ids: a list of T ids for each sentence; lengths: how many of them are not padding"""
    ### BEGIN SOLUTION
    return [[*row[:n][::-1], *row[n:]] for row, n in zip(ids, lengths)]
    ### END SOLUTION


# %% tags=["check"]
check("3.3", reverse_each)

# %% [markdown] tags=["exercise"]
# ### Exercise 3.4
#
# Now the summary. Write it for a batch `h (N, T, 2H)`: each sentence has its own length.
# <!-- zh -->
# ### 练习 3.4
#
# 然后是总结。请对小批量 `h (N, T, 2H)` 写出它：每个句子有自己的长度。


# %% tags=["exercise"]
def summary(h, lengths):
    """h (N, T, 2H), lengths: a list of N numbers -> c (N, 2H)"""
    ### BEGIN SOLUTION
    size = h.shape[2] // 2
    rows = [nd.concat(h_i[n - 1, :size], h_i[0, size:], dim=0) for h_i, n in zip(h, lengths)]
    return nd.stack(*rows)
    ### END SOLUTION


# %% tags=["check"]
check("3.4", summary)

# %% [markdown]
# ## Does it help? Unidirectional or bidirectional
#
# The same small `gs.book` twice: reading forward only, and reading both ways. Same corpus, seed and epochs. A few epochs do not make a good translator, but they give a first impression. Compare twice: point by point, which is epoch by epoch, and at the same second, for two passes cost more than one (if nothing else keeps the machine busy meanwhile).
#
# A warning before you conclude anything: the second model has more parameters, too, and a c twice as long. Look at the numbers first.
# <!-- zh -->
# ## 有帮助吗？单向与双向
#
# 把同一个小的 `gs.book` 训练两次：一次只正着读，一次两个方向都读。语料、随机种子和迭代周期数都相同。几个迭代周期训练不出好的翻译器，但可以得到初步印象。请比较两次：一次逐点比，即按迭代周期比；一次在同一时刻比，因为算两遍比算一遍费时（前提是机器没有同时在忙别的事）。
#
# 下结论之前要当心：第二个模型的参数也更多，c 的长度是原来的两倍。请先看这些数字。

# %%
small = gs.load_corpus("mini")
small.train = small.train[:sentences]
histories = {}
for bidirectional in False, True:
    name = label("bidirectional", "双向") if bidirectional else label("unidirectional", "单向")
    gs.seed(0)
    model = gs.book(
        small.src_vocab, small.tgt_vocab, 64, 96, bidirectional=bidirectional, drop_prob=0.1
    )
    histories[name] = gs.train(model, small, epochs=epochs, batch_size=32, quiet=True)
    count = sum(p.data().size for p in model.collect_params().values())
    loss = histories[name].best["dev_loss"]
    numbers = tr(
        f"{count:,} parameters, dev loss {loss:.2f}", f"{count:,} 个参数，验证集损失 {loss:.2f}"
    )
    print(f"{name}: {numbers}, c ({model.encoder.output_size},)")

# %% tags=["subslide"]
gs.training_comparison(histories, lang)

# %% [markdown]
# One seed and a few epochs are an impression, not a result. The package's README has the same comparison on more data, trained to the end, as means of three seeds; look there for *book* and *book, bidirectional*, and for a cheap rival, *book, reversed*, which also ends its reading at the first word.
# <!-- zh -->
# 一个随机种子、几个迭代周期，只能算一种印象，还不是结论。软件包的 README 里有同样的比较：数据更多，训练充分，取三个随机种子的平均值；请在那里找“book”和“book，双向”两行；还有一个代价很小的对手“book，倒序”，它也是在第一个词处结束阅读的。

# %% [markdown] tags=["exercise"]
# ### Exercise 3.5
#
# A fairer comparison keeps the number of parameters. A unidirectional GRU layer reads word vectors of size 64 and has 128 hidden units. What is the largest `num_hiddens` with which the same layer in *both* directions has no more parameters? (The unidirectional layer has $3H(E + H + 2)$ of them.)
# <!-- zh -->
# ### 练习 3.5
#
# 更公平的比较应保持参数个数不变。一个单向 GRU 层读入大小为 64 的词向量，有 128 个隐藏单元。换成*双向*的同类层，在参数不多于它的前提下，`num_hiddens` 最大可以是多少？（单向层有 $3H(E + H + 2)$ 个参数。）

# %% tags=["exercise"]
fair = ...
### BEGIN SOLUTION
fair = max(H for H in range(1, 129) if 2 * 3 * H * (64 + H + 2) <= 3 * 128 * (64 + 128 + 2))
### END SOLUTION

# %% tags=["check"]
check("3.5", fair)

# %% [markdown]
# ## Why the decoder cannot read both ways
#
# While the decoder translates, $y_{t'+1}$ does not exist yet: there is nothing to read backwards. In training the whole reference is there, and one could be tempted. Measure what would happen. On the left the decoder of the package: `Y_prev` is `<bos> Ils regardent .`, one French word is replaced, and we look which outputs move. On the right a bidirectional layer over the same `Y_prev`.
# <!-- zh -->
# ## 为什么解码器不能双向读
#
# 翻译的时候，$y_{t'+1}$ 还不存在：没有东西可以倒着读。训练时整个标签序列都在，似乎可以一试。我们来测一测会发生什么。左图是软件包的解码器：`Y_prev` 是 `<bos> Ils regardent .`，换掉一个法语词，看哪些输出会动。右图是在同样的 `Y_prev` 上的一个双向层。

# %%
target_vocab = translator.model.tgt_vocab
y = target_vocab.encode("Ils regardent.")  # Ils regardent . <eos>
y_prev = [target_vocab["<bos>"], *y[:-1]]
X_they = nd.array([ids], dtype="int32")  # (1, 5), in the ids of this model's own vocabulary
instead = [y_prev[0], *(target_vocab[word] for word in ("Elles", "chantent", "?"))]

gs.seed(0)
cheat = gs.Encoder(len(target_vocab), 16, 16, bidirectional=True)
cheat.initialize(init.Normal(0.7))
four = nd.array([4], dtype="int32")
moved = {
    label("decoder: logits", "解码器：logits"): influence(
        lambda prev: translator.model(X_they, valid_length, nd.array([prev]))[0][0].asnumpy(),
        y_prev,
        instead,
    )[1:],
    label("bidirectional: states", "双向层：隐藏状态"): influence(
        lambda prev: cheat(nd.array([prev]), four)[0][0].asnumpy(), y_prev, instead
    )[1:],
}
rows = ["Ils → Elles", "regardent → chantent", ". → ?"]
draw(moved, rows, target_vocab.to_tokens(y), label("step that is to say", "该步要说出的词"))

# %% [markdown]
# Look at the column *Ils*, the step that has to find *Ils*. The decoder's output there does not depend on the French sentence at all, as $\mathbb{P}(y_1 \mid \boldsymbol{c})$ demands. The bidirectional layer's state moves when *Ils* is replaced: the answer is in its input, one place to the right. Such a network needs only to copy; its training loss would fall splendidly, and at translation time, without a reference, it would have learned nothing. The product $\prod_{t'} \mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c})$ is unidirectional by nature. The source sentence is known from the start: the encoder may read it as it likes.
# <!-- zh -->
# 看 *Ils* 这一列，即要说出 *Ils* 的那一步。解码器在这里的输出与法语句子完全无关，正如 $\mathbb{P}(y_1 \mid \boldsymbol{c})$ 所要求的。而双向层的隐含层变量在 *Ils* 被换掉时会动：答案就在它的输入里，往右一格。这样的网络只要照抄就行，训练损失会降得非常漂亮，可是到了翻译的时候没有标签序列，它什么也没学会。乘积 $\prod_{t'} \mathbb{P}(y_{t'} \mid y_1, \ldots, y_{t'-1}, \boldsymbol{c})$ 本来就是单向的。输入序列则从一开始就全部已知：编码器想怎么读都可以。

# %% [markdown]
# ## What the chapter leaves unsaid
#
# ### The last state of both directions is not $[\overrightarrow{\boldsymbol{h}}_T ; \overleftarrow{\boldsymbol{h}}_T]$
#
# "Take the last state" is one line of code, `h[:, -1]`, and with both directions it is wrong. At position T the backward half has read one token, and that token is always `<eos>`. We collect it from every sentence of the test set, and beside it the right half, at position 1.
# <!-- zh -->
# ## 书中没有明说的
#
# ### 双向的“最后状态”不是 $[\overrightarrow{\boldsymbol{h}}_T ; \overleftarrow{\boldsymbol{h}}_T]$
#
# “取最后一个状态”只要一行代码 `h[:, -1]`，但对双向编码器来说是错的。在位置 T，反向的一半只读过一个词元，而这个词元总是 `<eos>`。我们从测试集的每个句子中取出它，旁边放上正确的那一半，即位置 1 处的。

# %%
pairs = [(e.source, e.references[0]) for e in corpus.test]
at_T, at_1 = [], []
for one in gs.Minibatches(pairs, source_vocab, target_vocab, batch_size=50):
    h_all = trained(one.X, one.src_valid_length)[0]  # (N, T, 256)
    last = nd.SequenceLast(h_all.swapaxes(0, 1), one.src_valid_length, use_sequence_length=True)
    at_T.append(last[:, H:].asnumpy())  # (N, 128)
    at_1.append(h_all[:, 0, H:].asnumpy())  # (N, 128)
at_T, at_1 = np.concatenate(at_T), np.concatenate(at_1)  # (300, 128) each
for name, states in ("T", at_T), ("1", at_1):
    spread = np.ptp(states, axis=0).max()  # largest minus smallest, over the sentences
    print(
        tr(
            f"backward state at {name}: differs by up to",
            f"位置 {name} 的反向状态：句子之间最多相差",
        ),
        f"{spread:.3f}",
    )
assert close(at_T, at_T[:1].repeat(len(at_T), axis=0))

# %% [markdown] tags=["subslide"]
# The first forty units, for twenty sentences. A row is a sentence. On the left nothing distinguishes one sentence from another: half of such a c is a constant. Nothing fails and no shape is wrong; the model is only worse than it should be.
# <!-- zh -->
# 画出二十个句子的前四十个单元，每行是一个句子。左图中，句子之间毫无区别：这样的 c 有一半是常数。程序不会报错，形状也都对，只是模型比应有的水平差。

# %%
with drawing(lang, 9, 3.6) as (figure, words):
    grid = figure.subplots(1, 2, sharey=True)
    titles = (
        label("backward state at T: wrong", "位置 T 的反向状态：错"),
        label("at 1: right", "位置 1：对"),
    )
    for axes, states, title in zip(grid, (at_T, at_1), titles):
        image = axes.imshow(states[::15, :40], "RdBu_r", vmin=-1, vmax=1, aspect="auto")
        axes.set(title=title, xlabel=words["unit"])
    grid[0].set_ylabel(label("sentence", "句子"))
    grid[0].set_yticks([])
    figure.colorbar(image, ax=list(grid), label=words["state"])
figure

# %% [markdown] tags=["slide"]
# ### Gluon's own `bidirectional=True` reads the padding first
#
# `rnn.GRU(…, bidirectional=True)` looks like all that is needed. We give it the weights of the tiny encoder from the beginning. Alone, the sentence gets the same states; with five `<pad>` behind it, the backward half starts in the padding and carries it into every word.
# <!-- zh -->
# ### Gluon 自带的 `bidirectional=True` 会先读填充
#
# `rnn.GRU(…, bidirectional=True)` 看上去正是所需要的。我们把开头那个小编码器的权重交给它。单独一个句子时，得到的隐含层变量相同；后面加上五个 `<pad>`，反向的一半就从填充开始读，并把它带进每一个词里。

# %%
fused = rnn.GRU(4, input_size=6, bidirectional=True)
fused.initialize()
for side, gru in ("l0", layer.forwards), ("r0", layer.backwards):
    for name in "i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias":
        getattr(fused, f"{side}_{name}").set_data(getattr(gru, f"l0_{name}").data())

padded = nd.concat(X, nd.zeros((1, 5), dtype="int32"), dim=1)  # (1, 10), <pad> is id 0
x_padded = encoder.embedding(padded)  # (1, 10, 6)
alone = layer(encoder.embedding(X), valid_length)[0][0]  # (5, 8)
ours = layer(x_padded, valid_length)[0][0, :5]  # (5, 8)
theirs = fused(x_padded.swapaxes(0, 1))[:5, 0]  # (5, 8)

assert close(fused(x)[:, 0], alone) and close(ours, alone)
for name, states in ("RecurrentLayer", ours), ("rnn.GRU", theirs):
    off = abs(states - alone)
    forward_off, backward_off = off[:, :4].max().asscalar(), off[:, 4:].max().asscalar()
    print(f"{name:>15}:", tr("off by", "相差"), end=" ")
    print(f"{forwards} {forward_off:.4f}  {backwards} {backward_off:.4f}")

# %% [markdown] tags=["subslide"]
# There is an argument that promises a cure, `use_sequence_length=True`. On a CPU, MXNet 1.9.1 accepts the lengths and does not use them, without a word. So measure before you trust: a sentence must have the same states alone and in company.
# <!-- zh -->
# 有一个参数似乎能解决问题：`use_sequence_length=True`。但在 CPU 上，MXNet 1.9.1 接收了长度却并不使用，也不作任何提示。所以先测量、再信任：一个句子单独计算与放在小批量中计算，隐含层变量必须相同。

# %%
sharing = {"prefix": fused.prefix, "params": fused.params}  # the same weights as fused
promised = rnn.GRU(4, input_size=6, bidirectional=True, use_sequence_length=True, **sharing)
lengths = nd.array([5])
with_lengths = promised(x_padded.swapaxes(0, 1), promised.begin_state(1), lengths)[0][:5, 0]
same = tr("the lengths changed nothing", "长度没有起任何作用")
other = tr("here the lengths count", "在这里长度起了作用")
print(same if close(with_lengths, theirs) else other)

# %% [markdown] tags=["slide"]
# ### With a second layer, "forward" no longer means "has not seen the future"
#
# The second layer reads $[\overrightarrow{\boldsymbol{h}}_t ; \overleftarrow{\boldsymbol{h}}_t]$ of the first, and the backward half of that has come from the end. So from the second layer on both halves know every word, and each layer reads vectors of size 2H. The same experiment, on an untrained encoder of two layers, for the *forward* half of each:
# <!-- zh -->
# ### 有了第二层，“正向”就不再意味着“没有见过后文”
#
# 第二层读的是第一层的 $[\overrightarrow{\boldsymbol{h}}_t ; \overleftarrow{\boldsymbol{h}}_t]$，而其中反向的一半是从句尾来的。所以从第二层起，两半都知道每一个词，而且每层读入的向量大小是 2H。对一个未经训练的两层编码器做同样的实验，每层只看*正向*的一半：

# %%
gs.seed(0)
deep = gs.Encoder(len(source_vocab), 16, 16, num_layers=2, bidirectional=True)
deep.initialize(init.Normal(0.7))


def forward_half(ids, depth):
    h, n = deep.embedding(nd.array([ids], dtype="int32")), nd.array([len(ids)], dtype="int32")
    for layer_i in list(deep.layers)[:depth]:
        h, _ = layer_i(h, n)  # (1, T, 32)
    return h[0, :, :16].asnumpy()  # (T, 16)


rows = ["They → We", "are → were", "watching → singing", ". → ?"]
titles = (
    label("layer 1, forward half", "第 1 层，正向"),
    label("layer 2, forward half", "第 2 层，正向"),
)
moved = {
    title: influence(lambda ids, depth=depth: forward_half(ids, depth), ids, others)
    for depth, title in enumerate(titles, 1)
}
draw(moved, rows, tokens, label("state at", "隐藏状态所在的词"))

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. A sentence has ten tokens. Which of them has the backward state $\overleftarrow{\boldsymbol{h}}_8$ read? (a) 1 to 8 (b) 8, 9, 10 (c) 9 and 10 (d) all ten
# 2. Why does $\boldsymbol{c}$ take the backward half at position 1? (a) the first word is the most important one (b) at position T the padding would be in it (c) only there has it read the whole sentence (d) it has the right shape there
# 3. A bidirectional encoder is called with `X[:, ::-1]`, the whole padded batch turned round, to get the backward states. What goes wrong? (a) short sentences are read after their padding (b) the longest sentence gets wrong states (c) the forward states are lost (d) nothing, if the result is turned round again
# 4. One layer reads forward; a second one reads, backward, the states of the first. Nothing is concatenated. Which words does the state of the second layer at word t depend on? (a) t to T (b) 1 to t (c) t alone (d) all of them
# 5. Someone makes the decoder bidirectional; the training loss falls to nearly 0, and the translations are nonsense. Why? (a) the learning rate is too high (b) the model overfits for lack of data (c) in training it read the word that it had to predict (d) beam search needs one direction
# <!-- zh -->
# ## 小测验
#
# 1. 一个句子有十个词元。反向隐含层变量 $\overleftarrow{\boldsymbol{h}}_8$ 读过其中哪些？(a) 1 到 8 (b) 8、9、10 (c) 9 和 10 (d) 全部十个
# 2. 为什么 $\boldsymbol{c}$ 取位置 1 处的反向一半？(a) 第一个词最重要 (b) 在位置 T 会混入填充 (c) 只有在那里它读完了整句 (d) 在那里形状才对
# 3. 有人为了得到反向隐含层变量，用 `X[:, ::-1]` 把整个带填充的小批量倒过来交给编码器。会出什么问题？(a) 短句会在读过填充之后才被读到 (b) 最长的句子得到错误的状态 (c) 正向隐含层变量会丢失 (d) 只要把结果再倒回来就没有问题
# 4. 一层正向读；第二层反向读第一层的隐含层变量，不作连结。第二层在第 t 个词处的隐含层变量取决于哪些词？(a) t 到 T (b) 1 到 t (c) 只有 t (d) 全部
# 5. 有人把解码器做成双向的；训练损失降到接近 0，译文却不知所云。为什么？(a) 学习率太大 (b) 数据太少，过拟合 (c) 训练时它读到了要预测的那个词 (d) 束搜索需要单向

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "c", 3: "a", 4: "d", 5: "c"}
### END SOLUTION

# %% tags=["check"]
quiz(3, answers)

# %% [markdown]
# ## Where to go next
#
# [4. The decoder](04_decoder.ipynb): c is there. Now it has to become French, one word at a time.
#
# - Schuster and Paliwal 1997, *Bidirectional Recurrent Neural Networks*: where the idea comes from.
# - Bahdanau et al. 2015, [Neural Machine Translation by Jointly Learning to Align and Translate](https://arxiv.org/abs/1409.0473), section 3.2: why annotations of words need both directions.
# - Wu et al. 2016, [Google's Neural Machine Translation System](https://arxiv.org/abs/1609.08144), section 3.2: only the bottom layer reads both ways, so that the others can run at the same time.
# <!-- zh -->
# ## 接下来
#
# [4. 解码器](04_decoder.ipynb)：有了 c，接下来要把它一个词一个词地变成法语。
#
# - Schuster 和 Paliwal 1997，*Bidirectional Recurrent Neural Networks*：这一想法的出处。
# - Bahdanau 等 2015，[Neural Machine Translation by Jointly Learning to Align and Translate](https://arxiv.org/abs/1409.0473) 第 3.2 节：为什么词的标注需要两个方向。
# - Wu 等 2016，[Google's Neural Machine Translation System](https://arxiv.org/abs/1609.08144) 第 3.2 节：只有最底层双向读，其余各层因此可以同时计算。
