# %% [markdown]
# # 1. From sentences to tensors
#
# A recurrent language model reads text of any length, but what it answers always has one size, say one prediction of the next word: its input is of *variable length*, its output of *fixed length*. In translation both vary. *They are watching.* has five tokens, its closing `<eos>` among them, *Ils regardent.* has four, and neither number follows from the other. That is the problem of this chapter, and the encoder–decoder, or seq2seq, is its answer, from two papers of 2014 (Cho et al., Sutskever et al.): one recurrent network, the encoder, reads the input sequence; another one, the decoder, writes the output sequence.
#
# Networks compute with arrays of numbers, and a sentence is a piece of text. This notebook goes the whole way from one to the other: text, tokens, ids, a padded minibatch with its lengths, word vectors.
#
# **After this notebook you can**
#
# - say what is of fixed and what of variable length in a language model and in a translator, and why a sentence pair needs two lengths;
# - turn a sentence into ids and back, and say what happens to a word that the vocabulary does not have;
# - write down, for any sentence pair, what the encoder reads, what the decoder reads and what it should answer;
# - make a padded minibatch by hand, and say how much of it is padding and how to have less;
# - show that $\boldsymbol{o}_t^\top \boldsymbol{E}$ is nothing but looking up a row of $\boldsymbol{E}$.
# <!-- zh -->
# # 1. 从句子到张量
#
# 循环神经网络的语言模型能读任意长度的文字，回答的大小却总是一样，比如对下一个词的一次预测：输入*不定长*，输出*定长*。翻译则两边都不定长：*They are watching.* 连同句末的 `<eos>` 有五个词，*Ils regardent.* 有四个，由一个数推不出另一个。这就是本章要解决的问题。编码器—解码器（也叫 seq2seq）是它的答案，出自 2014 年的两篇论文（Cho 等；Sutskever 等）：一个循环神经网络作编码器，读输入序列；另一个作解码器，写输出序列。
#
# 神经网络计算的是数值数组，而句子是一段文本。本篇从头到尾走完两者之间的路：文本、词、词的索引、带有长度的填充小批量、词向量。
#
# **学完本篇，你能够**
#
# - 说出在语言模型和翻译中什么是定长的、什么是不定长的，以及为什么一对句子需要两个长度；
# - 把句子变成索引，再变回来，并说出词典里没有的词会怎样；
# - 对任意一对句子，写出编码器读什么、解码器读什么、解码器应当输出什么；
# - 亲手构造填充后的小批量，说出其中有多少是填充，以及怎样减少填充；
# - 说明 $\boldsymbol{o}_t^\top \boldsymbol{E}$ 不过是取出 $\boldsymbol{E}$ 的一行。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $x_1, \ldots, x_T$ | the source, with $x_T$ = `<eos>` | `src_vocab.encode(text)`, `batch.X` | `(T,)`, `(N, T)` |
# | $y_1, \ldots, y_{T'}$ | the target, with $y_{T'}$ = `<eos>` | `tgt_vocab.encode(text)`, `batch.Y` | `(T',)`, `(N, T')` |
# | $y_0, \ldots, y_{T'-1}$ | what the decoder reads, with $y_0$ = `<bos>` | `batch.Y_prev` | `(N, T')` |
# | $T$ and $T'$ of each sentence | lengths, `<eos>` counted | `batch.src_valid_length`, `batch.tgt_valid_length` | `(N,)` |
# | $\boldsymbol{o}_t$ | one-hot vector of a word | `nd.one_hot(X, V)` | `(N, T, V)` |
# | $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$ | word vector | `encoder.embedding(X)` | `(N, T, E)` |
#
# `N` is the number of sentences in a batch, `T` and `T'` its greatest lengths, `V` the size of the vocabulary; in shapes, `E` is the length of a word vector. Light $x_t$ is a word, in code its id; bold $\boldsymbol{x}_t$ is its vector: the chapter keeps the two apart, and so do we. It writes $\boldsymbol{o} \in \mathbb{R}^x$ and $\boldsymbol{E} \in \mathbb{R}^{x \times h}$, for $x$ words in the vocabulary and $h$ numbers in a word vector: `V` and `E` in our shapes.
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $x_1, \ldots, x_T$ | 输入序列，其中 $x_T$ = `<eos>` | `src_vocab.encode(text)`、`batch.X` | `(T,)`、`(N, T)` |
# | $y_1, \ldots, y_{T'}$ | 输出序列，其中 $y_{T'}$ = `<eos>` | `tgt_vocab.encode(text)`、`batch.Y` | `(T',)`、`(N, T')` |
# | $y_0, \ldots, y_{T'-1}$ | 解码器读入的序列，其中 $y_0$ = `<bos>` | `batch.Y_prev` | `(N, T')` |
# | 每个句子的 $T$ 和 $T'$ | 长度，`<eos>` 计算在内 | `batch.src_valid_length`、`batch.tgt_valid_length` | `(N,)` |
# | $\boldsymbol{o}_t$ | 词的 one-hot 向量 | `nd.one_hot(X, V)` | `(N, T, V)` |
# | $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$ | 词向量 | `encoder.embedding(X)` | `(N, T, E)` |
#
# `N` 是小批量中的句子数，`T` 和 `T'` 是其中的最大长度，`V` 是词典大小；在形状里，`E` 表示词向量的长度。不加粗的 $x_t$ 是词，在代码里是它的索引；加粗的 $\boldsymbol{x}_t$ 是它的向量：书中区分两者，这里也一样。书中写作 $\boldsymbol{o} \in \mathbb{R}^x$ 和 $\boldsymbol{E} \in \mathbb{R}^{x \times h}$，其中 $x$ 是词典大小，$h$ 是词向量的长度，也就是我们的形状里的 `V` 和 `E`。

# %% [markdown]
# ## Words
#
# Notebooks 0 to 5 use the chapter's words and letters. Where another word is more common today, this table is the key: on the left what the Chinese chapter says, in the middle what you will read here. `docs/chapter.md` has the whole list, and a row for each statement and formula of the chapter.
#
# | the chapter | here | what it is |
# | --- | --- | --- |
# | 不定长 | of variable length | a sentence has as many words as it has; its opposite is of fixed length |
# | 输入序列、输出序列 | source, target | the sentence that is read, and the one that is written |
# | 词语 | word, token | punctuation and `<eos>` are tokens, too |
# | 特殊字符 | special token | `<eos>` and its like: one entry of the vocabulary each, and no spelling |
# | 嵌入层 | embedding | the layer that holds $\boldsymbol{E}$ and turns ids into word vectors |
# | 隐含层变量 | hidden state | $\boldsymbol{h}_t$ in the encoder, $\boldsymbol{s}_{t'}$ in the decoder |
# | 背景向量 | context, or context vector | $\boldsymbol{c}$, the one vector that the encoder hands to the decoder |
# | 时刻 | step, or time step | $t$ counts those of the encoder, $t'$ those of the decoder |
# <!-- zh -->
# ## 用词
#
# 第 0 到 5 篇用书中的词和记号。有的词今天多用另一种说法，对照如下：左边是书中的词，这几篇也用它；中间是今天更常见的词，第 6 篇起和代码的提示里会遇到；右边是英文。完整的对照，以及书中每句话、每个公式的去处，见 `docs/chapter.zh.md`。
#
# | 书中，第 0 到 5 篇 | 今天更常见 | 英文 |
# | --- | --- | --- |
# | 不定长、定长 | 变长、定长 | variable length, fixed length |
# | 输入序列、输出序列 | 源序列、目标序列 | source, target |
# | 词语 | 词、词元 | word, token：标点和 `<eos>` 也算 |
# | 特殊字符 | 特殊词元 | special token：词典中的一项，不是一种拼写 |
# | 嵌入层 | 嵌入层、词嵌入 | embedding |
# | 隐含层变量 | 隐藏状态 | hidden state：编码器的 $\boldsymbol{h}_t$，解码器的 $\boldsymbol{s}_{t'}$ |
# | 背景向量 | 上下文向量 | context vector：$\boldsymbol{c}$ |
# | 时刻 | 时间步 | time step：编码器用 $t$，解码器用 $t'$ |

# %% tags=["skip"]
import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr

lang = language(tr("en", "zh"))

corpus = gs.load_corpus("mini")
src_vocab, tgt_vocab = corpus.src_vocab, corpus.tgt_vocab
english, french = src_vocab.tokenizer, tgt_vocab.tokenizer
pairs = [(example.source, example.references[0]) for example in corpus.train]
print(corpus)
print(pairs[0])

# %% tags=["skip"]
from collections import Counter

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from mxnet import autograd, nd
from mxnet.gluon import nn

from gluon_seq2seq.plots.style import CENTRED, DARK, LIGHT, ORANGE, SMALL, drawing

# %% [markdown]
# ## Input and output are both of variable length
#
# A program that sorts sentences into kinds gives one answer of fixed size; one that names the part of speech of each word gives as many answers as it reads words. A translator can do neither: how long its output is varies, and the length of the input does not decide it. Count the tokens, the full stop among them.
# <!-- zh -->
# ## 输入和输出都不定长
#
# 给句子分类，答案是定长的；给每个词标词性，有几个词就有几个答案。翻译两样都不行：它的输出不定长，也不由输入的长度决定。数一数两边的词，句号也算一个。

# %%
source, target = pairs[0]
print(len(english.tokenize(source)), english.tokenize(source))
print(len(french.tokenize(target)), french.tokenize(target))

# %% [markdown]
# **Predict.** Over the whole corpus, which is the most frequent: a French side that is shorter, as here, longer, or of the same length? Decide before you run the next cell.
# <!-- zh -->
# **先猜一猜。** 就整个语料而言，哪种情况最多：法语一侧更短（如上例）、更长，还是一样长？想好了再运行下一个单元格。

# %% tags=["subslide"]
source_lengths = [len(english.tokenize(source)) for source, target in pairs]
target_lengths = [len(french.tokenize(target)) for source, target in pairs]
longer = sum(t > s for s, t in zip(source_lengths, target_lengths))
shorter = sum(t < s for s, t in zip(source_lengths, target_lengths))
print(
    tr(
        f"French is shorter in {shorter}, longer in {longer} of {len(pairs)} pairs.",
        f"共 {len(pairs)} 对句子，法语更短的有 {shorter} 对，更长的有 {longer} 对。",
    )
)
gs.length_histogram(source_lengths, target_lengths, lang=lang)

# %% [markdown] tags=["skip"]
# Look at the whole shape and not only at the medians: French spreads further to the right. Neither length follows from the other, so the model must find out by itself when the translation is complete. That is what `<eos>` will be for.
# <!-- zh -->
# 不要只看中位数，要看整个分布：法语一侧向右延伸得更远。两个长度互不决定，模型必须自己判断译文何时结束。`<eos>` 就是为此而设的。

# %% [markdown] tags=["exercise"]
# ### Exercise 1.1
#
# In how many pairs of `pairs` is the French side longer than the English by two tokens or more? `source_lengths` and `target_lengths` have what you need.
# <!-- zh -->
# ### 练习 1.1
#
# `pairs` 中有多少对句子，法语一侧至少比英语一侧多两个词？所需的数都在 `source_lengths` 和 `target_lengths` 里。

# %% tags=["exercise"]
two_more = ...
### BEGIN SOLUTION
two_more = sum(t - s >= 2 for s, t in zip(source_lengths, target_lengths))
### END SOLUTION

# %% tags=["check"]
check("1.1", two_more)

# %% [markdown]
# ## Why the lengths differ
#
# `mini` was written by a grammar, so it knows of every pair which token says the same as which: its **gold alignment**. Three pairs as a picture, with a line for each aligned pair of tokens.
# <!-- zh -->
# ## 为什么长度不同
#
# `mini` 是由一部语法写出来的，因此它知道每对句子中哪个词对应哪个词，这就是**标准对齐**。下图画出三对句子，每条线连接一对互相对齐的词。

# %% tags=["subslide"]
chosen = ["They are watching.", "They did not watch.", "You have a tired sister."]
examples = {example.source: example for example in corpus.train}
with drawing(lang, 8, 5.4) as (figure, words):
    for axes, sentence in zip(figure.subplots(3), chosen):
        gold = examples[sentence].gold
        sides = [(english.tokenize(sentence), 1), (french.tokenize(gold.references[0]), 0)]
        for tokens, height in sides:
            for t, token in enumerate(tokens):
                box = {"facecolor": LIGHT, "edgecolor": DARK, "boxstyle": "round,pad=0.3"}
                axes.text(t - len(tokens) / 2, height, token, bbox=box, fontsize=12, **CENTRED)
        for s, t in gold.alignments[0]:
            ends = s - len(sides[0][0]) / 2, t - len(sides[1][0]) / 2
            axes.plot(ends, (0.8, 0.2), color=ORANGE, linewidth=2)
        axes.set(xlim=(-3.5, 2.5), ylim=(-0.3, 1.3))
        axes.set_axis_off()
figure

# %% [markdown] tags=["skip"]
# Two lines that meet below: *are watching* is one French word. Two lines that leave one word: *not* is *n' … pas*, around the auxiliary, and *watch* is *ont regardé*. No line: *did* has no French word. Lines that cross: the adjective *tired* goes behind its noun. No rule of the kind "word t becomes word t" can do this, so the encoder reads the whole sentence before the decoder writes its first word.
#
# Such phenomena have names in the corpus, and every example carries its own. Notebook 8 measures a model phenomenon by phenomenon.
# <!-- zh -->
# 两条线在下方汇合：*are watching* 对应一个法语词。两条线从一个词出发：*not* 对应 *n' … pas*，夹住助动词；*watch* 对应 *ont regardé*。没有线：*did* 没有对应的法语词。线相交：形容词 *tired* 移到名词之后。“第 t 个词译成第 t 个词”这类规则做不到这些，所以编码器要先读完整个句子，解码器才写出第一个词。
#
# 这些现象在语料中都有（英文）名称，每个样本都带着自己的现象。第 8 篇会按现象逐一评价模型。

# %% tags=["subslide"]
counts = Counter(name for example in corpus.train for name in example.gold.phenomena[0])
for name, count in counts.most_common(8):
    example = min(
        (e for e in corpus.train if name in e.gold.phenomena[0]), key=lambda e: len(e.source)
    )
    print(f"{count:5}  {name:<22} {example.source} -> {example.references[0]}")

# %% [markdown] tags=["skip"]
# A sentence may also have several right translations. English does not say who *they* are, so French has two answers, and the grammar knows how probable each is. The training file has just one of them, but nobody who writes the other is wrong.
# <!-- zh -->
# 一个句子还可能有几个正确的译文。英语没有说 *they* 是谁，法语就有两种译法，而语法知道每一种的概率。训练文件里只有其中一种，但写出另一种也不算错。

# %%
gold = examples["They are watching."].gold
for reference, p in zip(gold.references, gold.probabilities):
    print(f"{p:.1f}  {reference}")

# %% [markdown]
# ## A sentence becomes tokens, and tokens a sentence
#
# The tokenizer cuts a sentence into words and punctuation. Each language has its own rules: *n't* is a token of its own, *l'* another.
#
# **Predict** how many tokens each line has.
# <!-- zh -->
# ## 句子变成词，词变回句子
#
# 分词器把句子切成词和标点。每种语言有自己的规则：*n't* 单独成词，*l'* 也单独成词。
#
# **先猜一猜**每一行会切成几个词。

# %%
for tokenizer, text in [
    (english, "Tom's friend doesn't watch."),
    (french, "L’amie de Tom ne regarde pas l'écran."),
    (french, "Qu'est-ce que tu regardes?"),
]:
    tokens = tokenizer.tokenize(text)
    print(len(tokens), tokens)
    print("  ", tokenizer.detokenize(tokens))

# %% [markdown] tags=["skip"]
# Compare the French sentences with what went in: the curly apostrophe of *L’amie* has become a straight one, and French puts a space before its question mark. That is `normalize`, which comes first and sees to it that one word is not spelt in two ways. After it nothing is lost: the way back gives the normalised sentence, letter for letter. Is that so for every sentence of the corpus?
# <!-- zh -->
# 把两个法语句子与输入比较：*L’amie* 的弯撇号变成了直撇号；法语在问号前有一个空格。这是最先执行的 `normalize`，它保证同一个词不会有两种写法。此后什么也不会丢失：变回来的就是规范化后的句子，一字不差。语料中的每个句子都是这样吗？

# %%
for source, target in pairs:
    assert english.detokenize(english.tokenize(source)) == english.normalize(source)
    assert french.detokenize(french.tokenize(target)) == french.normalize(target)
print(tr(f"{2 * len(pairs):,} sentences there and back.", f"{2 * len(pairs):,} 个句子，往返无误。"))

# %% [markdown]
# ## Tokens become ids
#
# A `Vocabulary` numbers the tokens of the training sentences. The first four numbers belong to special tokens, each of them one entry and no spelling; then come the words, the most frequent first.
# <!-- zh -->
# ## 词变成索引
#
# `Vocabulary`（词典）给训练集中的词编号。前四个号留给特殊字符（每个都是词典中的一项，并不真是一个字符），然后是词，出现次数多的在前。

# %%
print(len(src_vocab), src_vocab.idx_to_token[:12])
print(len(tgt_vocab), tgt_vocab.idx_to_token[:12])
print(src_vocab["watching"], src_vocab["<eos>"], src_vocab.to_tokens([4, 2]))

# %% [markdown]
# `encode` takes all steps at once and closes the sentence with `<eos>`, on both sides as in the chapter: the encoder learns where the input ends, and the decoder learns to say that it has finished. `decode` goes back, up to the first `<eos>`.
# <!-- zh -->
# `encode` 一次做完所有步骤，并和书中一样，在两侧的句末都加上 `<eos>`：编码器由此知道输入到哪里结束，解码器由此学会说“译完了”。`decode` 则反过来，遇到第一个 `<eos>` 为止。

# %%
x, y = src_vocab.encode("They are watching."), tgt_vocab.encode("Ils regardent.")
for vocab, ids in (src_vocab, x), (tgt_vocab, y):
    print(len(ids), ids, vocab.to_tokens(ids), "->", vocab.decode(ids))

# %% [markdown]
# Which words does the vocabulary not know? Those that no training sentence has. The set `mini-unknown` was made for this question: each of its sentences has exactly one such word.
# <!-- zh -->
# 词典不认识哪些词？训练集中没有出现过的词。语料 `mini-unknown` 就是为这个问题准备的：它的每个句子恰好有一个这样的词。

# %%
unknown = gs.load_corpus("mini-unknown")
for example in unknown.test[:3]:
    tokens = src_vocab.to_tokens(src_vocab.encode(example.source))
    print(example.source, "->", " ".join(tokens))

# %% [markdown] tags=["exercise"]
# ### Exercise 1.2
#
# Write `encode` yourself, from the tokenizer and the vocabulary's `vocab[token]`.
# <!-- zh -->
# ### 练习 1.2
#
# 只用分词器和 `vocab[token]`，自己写出 `encode`。


# %% tags=["exercise"]
def to_ids(sentence, vocab):
    """The ids of the tokens of ``sentence``, then that of <eos>: a list of whole numbers."""
    ### BEGIN SOLUTION
    tokens = vocab.tokenizer.tokenize(sentence)
    return [vocab[token] for token in tokens] + [vocab["<eos>"]]
    ### END SOLUTION


# %% tags=["check"]
check("1.2", to_ids)

# %% [markdown]
# ## What the encoder reads, what the decoder reads, what it should answer
#
# Of each pair, `Minibatches` makes three rows. `X` is the source. `Y` is the right answer. `Y_prev` is the same answer one step late: at step $t'$ the decoder reads $y_{t'-1}$ and should say $y_{t'}$. At the first step there is no word before, so it reads `<bos>`.
# <!-- zh -->
# ## 编码器读什么，解码器读什么，应当输出什么
#
# `Minibatches` 把每对句子变成三行。`X` 是输入序列，`Y` 是标签（正确答案），`Y_prev` 是推迟一步的标签：在时刻 $t'$，解码器读入 $y_{t'-1}$，应当输出 $y_{t'}$。第一步之前没有词，于是读入 `<bos>`。

# %%
(batch,) = gs.Minibatches(pairs[:1], src_vocab, tgt_vocab, batch_size=1)
for name, vocab in ("X", src_vocab), ("Y_prev", tgt_vocab), ("Y", tgt_vocab):
    array = getattr(batch, name)
    tokens = vocab.to_tokens(array[0].asnumpy().tolist())
    print(name, array.shape, " ".join(f"{token:<9}" for token in tokens), sep="\t")

# %% [markdown] tags=["exercise"]
# ### Exercise 1.3
#
# Given the ids of an answer, `<eos>` last, make what the decoder reads.
# <!-- zh -->
# ### 练习 1.3
#
# 给定标签的索引（以 `<eos>` 结尾），写出解码器读入的序列。


# %% tags=["exercise"]
def decoder_input(y, bos):
    """y_0, ..., y_{T'-1} as a list, for y_1, ..., y_{T'} as a list and the id of <bos>."""
    ### BEGIN SOLUTION
    return [bos, *y[:-1]]
    ### END SOLUTION


# %% tags=["check"]
check("1.3", decoder_input)

# %% [markdown]
# ## Padding
#
# A tensor has straight edges, and sentences have not. Shorter ones are filled up with `<pad>`, and `valid_length` says how much of each row is real. By hand, for three sources:
# <!-- zh -->
# ## 填充
#
# 张量的边是齐的，句子的长度却不一。较短的句子用 `<pad>` 补齐，`valid_length` 记录每一行有多少是真实的。先亲手对三个输入序列做一遍：

# %%
three = pairs[0], pairs[1], pairs[3]
rows = [src_vocab.encode(source) for source, target in three]
valid_length = nd.array([len(ids) for ids in rows], dtype="int32")  # (N,)
T = max(len(ids) for ids in rows)
pad = src_vocab["<pad>"]
X = nd.array([ids + [pad] * (T - len(ids)) for ids in rows], dtype="int32")  # (N, T)
print(X)
print(valid_length)

# %% [markdown]
# The package makes the same, with its rows in an order of its own. So compare them as sets of rows.
# <!-- zh -->
# 软件包得到的结果相同，只是行的顺序由它自己决定，所以按行的集合来比较。

# %%
(batch,) = gs.Minibatches(three, src_vocab, tgt_vocab, batch_size=3)
own_rows = sorted(X.asnumpy().tolist())
assert sorted(batch.X.asnumpy().tolist()) == own_rows
assert sorted(batch.src_valid_length.asnumpy()) == sorted(valid_length.asnumpy())
print(batch._fields)

# %% [markdown] tags=["subslide"]
# Here is a whole batch, every cell an id: words, `<eos>`, and padding up to the longest sentence.
# <!-- zh -->
# 下面是一个完整的小批量，每一格是一个索引：词、`<eos>`，以及补到最长句子为止的填充。

# %%
(batch,) = gs.Minibatches(pairs[:7], src_vocab, tgt_vocab, batch_size=7)
ids = batch.X.asnumpy()  # (N, T)
with drawing(lang, 10, 3.2) as (figure, words):
    axes = figure.subplots()
    shade = np.select([ids == pad, ids == src_vocab["<eos>"]], [0, 2], 1)  # (N, T)
    axes.pcolormesh(shade, cmap=ListedColormap(["0.95", LIGHT, ORANGE]), edgecolors="white")
    for (n, t), i in np.ndenumerate(ids):
        text = src_vocab.to_tokens(int(i))
        axes.text(t + 0.5, n + 0.5, text, color="0.45" if i == pad else "black", **CENTRED)
    axes.set(xlabel=label("position t", "位置 t"), ylabel=label("sentence", "句子"))
    axes.set_xticks(np.arange(ids.shape[1]) + 0.5, labels=range(1, ids.shape[1] + 1))
    axes.set_yticks(np.arange(len(ids)) + 0.5, labels=range(1, len(ids) + 1))
    axes.invert_yaxis()
figure

# %% [markdown]
# Why is `valid_length` needed, when `<pad>` can be seen? Because the recurrent layer computes on regardless. **Predict:** is the context of *They are watching.* the same alone and in this company? And if `valid_length` says that the padding is part of the sentence?
# <!-- zh -->
# 既然看得出 `<pad>`，为什么还要 `valid_length`？因为循环层并不理会填充，会一直算下去。**先猜一猜**：单独编码 *They are watching.*，与它在这个小批量里，得到的背景向量是否相同？如果 `valid_length` 把填充也算作句子的一部分呢？

# %%
gs.seed(0)
encoder = gs.book(src_vocab, tgt_vocab, embed_size=4, num_hiddens=6).encoder
alone = nd.array([x], dtype="int32")  # (1, T)
_, _, c = encoder(alone, nd.array([len(x)], dtype="int32"))  # (1, D)
_, _, c_batch = encoder(X, valid_length)  # (N, D)
_, _, c_wrong = encoder(X, nd.array([T, T, T], dtype="int32"))  # (N, D)
print(c[0].asnumpy().round(3), tr("alone", "单独"))
print(c_batch[0].asnumpy().round(3), tr("in company", "在小批量中"))
print(c_wrong[0].asnumpy().round(3), tr("with padding taken for words", "把填充当作词"))
assert close(c[0], c_batch[0]) and not close(c[0], c_wrong[0])

# %% [markdown] tags=["exercise"]
# ### Exercise 1.4
#
# Make the mask: 1 where a position is real, 0 where it is padding.
# <!-- zh -->
# ### 练习 1.4
#
# 写出掩码：真实的位置为 1，填充的位置为 0。


# %% tags=["exercise"]
def mask(valid_length, T):
    """For valid_length (N,) and a number T, an NDArray (N, T) of ones and zeros."""
    ### BEGIN SOLUTION
    return nd.array([[float(t < n) for t in range(T)] for n in valid_length.asnumpy()])
    ### END SOLUTION


# %% tags=["check"]
check("1.4", mask)

# %% [markdown]
# ## Minibatches of like length
#
# Every `<pad>` is a position for which the network computes and whose result is thrown away. How many are there? It depends on who shares a batch. First take the pairs as they come in the file, 64 at a time; then let `Minibatches` have all of them, so that it can put sentences of about the same length together.
#
# **Predict:** which share of all positions is padding, in the first way and in the second? Is it the same on both sides?
# <!-- zh -->
# ## 把长度相近的句子放在一起
#
# 每个 `<pad>` 都占一个位置：网络照样计算，结果却被丢弃。这样的位置有多少？取决于哪些句子同在一个小批量里。先按文件中的顺序，每次取 64 对；再把全部句子交给 `Minibatches`，让它把长度相近的放在一起。
#
# **先猜一猜**：两种做法中，填充各占全部位置的多大比例？两侧一样吗？

# %%
size = 64
in_order = [
    batch
    for i in range(0, len(pairs), size)
    for batch in gs.Minibatches(pairs[i : i + size], src_vocab, tgt_vocab, size)
]
by_length = list(gs.Minibatches(pairs, src_vocab, tgt_vocab, size))
orders = {tr("as in the file", "按文件顺序"): in_order, tr("by length", "按长度"): by_length}
for name, batches in orders.items():
    for side, lengths in ("X", "src_valid_length"), ("Y", "tgt_valid_length"):
        positions = sum(getattr(batch, side).size for batch in batches)
        tokens = sum(int(getattr(batch, lengths).sum().asscalar()) for batch in batches)
        empty = tr("padding", "填充")
        print(
            f"{side} {positions:7,} = {tokens:,} + {positions - tokens:6,} {empty} "
            f"({1 - tokens / positions:5.1%})  {name}"
        )

# %% [markdown] tags=["subslide"]
# The English side of a whole epoch at a glance: every row is a sentence, in the order in which it comes; white was never computed.
# <!-- zh -->
# 一个迭代周期中英语一侧的全貌：每一行是一个句子，按出现的先后排列；白色的地方没有参与计算。

# %%
titles = label("as in the file", "按文件顺序"), label("by length", "按长度")
with drawing(lang, 9, 4) as (figure, words):
    grid = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, title, batches in zip(grid, titles, (in_order, by_length)):
        image = np.full((len(pairs), max(batch.X.shape[1] for batch in batches)), np.nan)
        end = 0
        for batch in batches:
            N, width = batch.X.shape
            end += N
            image[end - N : end, :width] = batch.X.asnumpy() != pad
        axes.imshow(
            image,
            ListedColormap([ORANGE, DARK]),
            aspect="auto",
            interpolation="nearest",
            extent=(0.5, image.shape[1] + 0.5, len(pairs), 0),
        )
        axes.set(title=title, xlabel=label("position t", "位置 t"))
    grid[0].set_ylabel(label("sentences of one epoch", "一个迭代周期的句子"))
    kinds = (DARK, label("token", "词")), (ORANGE, label("padding", "填充"))
    figure.legend(
        handles=[Patch(color=color, label=name) for color, name in kinds],
        loc="outside lower center",
        ncols=2,
        frameon=False,
    )
figure

# %% [markdown] tags=["skip"]
# On the right the steps are batches, and orange has nearly gone. Most of what is left stands on the English side: sentences are sorted by their French length first, then by their English one, because a position of the decoder is the dearer one (it has to weigh the whole target vocabulary).
#
# In training the batches come in random order (`shuffle=True`), or an epoch would go from long sentences to short ones. The sentences of a batch, though, stay together because they are alike: a small price.
# <!-- zh -->
# 右图中的台阶就是小批量，橙色几乎消失。剩下的填充大多在英语一侧：排序先看法语长度，再看英语长度，因为解码器的一个位置代价更高（要给目标语言词典中的每个词打分）。
#
# 训练时小批量以随机顺序出现（`shuffle=True`），否则每个迭代周期都会从长句走到短句。不过，同一小批量里的句子仍因长度相近而聚在一起，这是一点小小的代价。

# %% [markdown] tags=["exercise"]
# ### Exercise 1.5
#
# Write the share of padding in one batch, given the lengths of its sentences.
# <!-- zh -->
# ### 练习 1.5
#
# 给定一个小批量中各句的长度，计算填充所占的比例。


# %% tags=["exercise"]
def padding_share(lengths):
    """Which share (0 to 1) of a batch's N x T positions is padding; lengths is a list."""
    ### BEGIN SOLUTION
    return 1 - sum(lengths) / (len(lengths) * max(lengths))
    ### END SOLUTION


# %% tags=["check"]
check("1.5", padding_share)

# %% [markdown] tags=["exercise"]
# ### Exercise 1.6
#
# Deal out sentences yourself: at most `size` to a batch, no more batches than that takes, and as little padding as you can manage.
# <!-- zh -->
# ### 练习 1.6
#
# 自己来分小批量：每批至多 `size` 个句子，小批量的个数不要多于所需，填充尽可能少。


# %% tags=["exercise"]
def deal(lengths, size):
    """A list of lists of positions in ``lengths``: the batches, each sentence in one of them."""
    ### BEGIN SOLUTION
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    return [order[i : i + size] for i in range(0, len(order), size)]
    ### END SOLUTION


# %% tags=["check"]
check("1.6", deal)

# %% [markdown]
# ## $\boldsymbol{o}_t^\top \boldsymbol{E}$ is a lookup
#
# The chapter's example of an embedding: $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$, with $\boldsymbol{o}_t$ the one-hot vector of the word, as long as the vocabulary, one 1, all else 0. (Strictly this product is a row, $1 \times h$; f takes it as a vector.) By hand, for our sentence:
# <!-- zh -->
# ## $\boldsymbol{o}_t^\top \boldsymbol{E}$ 就是查表
#
# 书中这样举例说明嵌入层：$\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$，其中 $\boldsymbol{o}_t$ 是该词的 one-hot 向量，长度等于词典大小，一个 1，其余为 0。（严格说来，这个乘积是 $1 \times h$ 的一行；f 把它当作向量读入。）对我们的句子亲手算一遍：

# %%
V = len(src_vocab)
E = encoder.embedding.weight.data()  # (V, E)
o = nd.one_hot(nd.array(x), V)  # (T, V)
by_hand = nd.dot(o, E)  # (T, E)
print(o.shape, E.shape, by_hand.shape)
print(tr("ones in each row: ", "每行中 1 的个数："), o.sum(axis=1).asnumpy())
print(tr("and where:        ", "它们的位置：    "), o.argmax(axis=1).asnumpy(), x)

# %% [markdown] tags=["subslide"]
# The same as a picture, cut off after the first 24 words of the vocabulary: follow each 1 up to its column, and find the row of $\boldsymbol{E}$ with that number.
# <!-- zh -->
# 画成图（只取词典的前 24 个词）：顺着每个 1 找到它的列号，再到 $\boldsymbol{E}$ 中找同一编号的行。

# %%
shown = 24  # of V
matrices = o[:, :shown].asnumpy(), E[:shown].asnumpy(), by_hand.asnumpy()
titles = f"o (T, V)[:, :{shown}]", f"E (V, E)[:{shown}]", "x = o E (T, E)"
columns = label("id", "索引"), label("component", "分量"), label("component", "分量")
tokens = src_vocab.to_tokens(x)
rows = tokens, range(shown), tokens
with drawing(lang, 11, 5) as (figure, words):
    grid = figure.subplots(1, 3, width_ratios=(24, 10, 10))
    for axes, matrix, title, column, names in zip(grid, matrices, titles, columns, rows):
        axes.imshow(matrix, "RdBu_r", aspect="auto", vmin=-1.5, vmax=1.5)
        for (i, j), value in np.ndenumerate(matrix):
            number = f"{value:g}" if axes is grid[0] else f"{value:.2f}"
            axes.text(j, i, number, fontsize=SMALL, **CENTRED)
        axes.set(title=title, xlabel=column)
        axes.set_xticks(range(matrix.shape[1]), labels=range(matrix.shape[1]), fontsize=SMALL)
        axes.set_yticks(range(len(names)), labels=names, fontsize=SMALL)
figure

# %% [markdown]
# A product with a row that has a single 1 picks the row of $\boldsymbol{E}$ at that place and adds zeros. Then nobody needs to multiply: `Embedding` takes row $i$ of $\boldsymbol{E}$ for id $i$. The same numbers, for the sentence and for the whole batch:
# <!-- zh -->
# 只有一个 1 的行去乘 $\boldsymbol{E}$，就是取出 $\boldsymbol{E}$ 在该位置的一行，再加上许多零。那么根本不必做乘法：`Embedding` 对索引 $i$ 直接取 $\boldsymbol{E}$ 的第 $i$ 行。对一个句子、对整个小批量，得到的数都相同：

# %%
assert close(by_hand, encoder.embedding(nd.array(x)))
assert close(by_hand, E[nd.array(x)])
o = nd.one_hot(X, V)  # (N, T, V)
assert close(nd.dot(o, E), encoder.embedding(X))  # (N, T, E)
print(encoder.embedding(X).shape)
print(
    tr(
        f"multiplications: {o.size * E.shape[1]:,} with o, 0 by looking up",
        f"乘法次数：用 o 需要 {o.size * E.shape[1]:,} 次，查表 0 次",
    )
)

# %% [markdown] tags=["skip"]
# What training changes follows from this, too: a row of $\boldsymbol{E}$ that the batch never looks up has gradient 0. So a word is learnt from the batches in which it occurs, and a rare word slowly.
# <!-- zh -->
# 由此也能知道训练会改变什么：小批量没有查到的那些行，梯度为 0。所以一个词只从它出现的小批量中学习，罕见的词学得就慢。

# %%
with autograd.record():
    h, _, c = encoder(X, valid_length)
    total = c.sum()
total.backward()
gradient = encoder.embedding.weight.grad()  # (V, E)
touched = np.flatnonzero(abs(gradient).sum(axis=1).asnumpy())
print(
    tr(f"{len(touched)} of {V} rows:", f"{V} 行中的 {len(touched)} 行："),
    src_vocab.to_tokens(touched.tolist()),
)

# %% [markdown] tags=["exercise"]
# ### Exercise 1.7
#
# One id of `X` does not appear in that list although it is looked up more often than most. Which is it, and how does the encoder achieve that? Write a function that says in advance which rows will be touched.
# <!-- zh -->
# ### 练习 1.7
#
# `X` 中有一个索引被查到的次数比大多数都多，却不在这个列表里。是哪一个？编码器是怎样做到的？写一个函数，事先说出哪些行的梯度不为 0。


# %% tags=["exercise"]
def rows_touched(X, valid_length):
    """The rows of E that get a gradient from X (N, T) and valid_length (N,), in rising order."""
    ### BEGIN SOLUTION
    real = [row[:n] for row, n in zip(X.asnumpy(), valid_length.asnumpy())]
    return sorted(set(np.concatenate(real).tolist()))
    ### END SOLUTION


# %% tags=["check"]
check("1.7", rows_touched)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **`<bos>`.** The chapter does not mention it. But the decoder computes $\boldsymbol{s}_1 = g(y_0, \boldsymbol{c}, \boldsymbol{s}_0)$, and something must stand for $y_0$: the same token for every sentence.
# <!-- zh -->
# ## 书中没有明说的
#
# **`<bos>`。** 书中没有提到它。但解码器要计算 $\boldsymbol{s}_1 = g(y_0, \boldsymbol{c}, \boldsymbol{s}_0)$，总得有个符号充当 $y_0$：它对每个句子都一样。

# %%
first_words = {i for batch in by_length for i in batch.Y_prev[:, 0].asnumpy().tolist()}
print(tgt_vocab.to_tokens(sorted(first_words)))

# %% [markdown] tags=["subslide"]
# **`<pad>`.** The chapter's formulas know one sentence at a time. In a batch there is padding, and it has a word vector like any other, not zeros. It does no harm only because every Block here is told `valid_length`.
# <!-- zh -->
# **`<pad>`。** 书中的公式一次只看一个句子。小批量里却有填充，而且它和别的词一样有词向量，并不是零。它之所以无害，只因为这里的每个 Block 都知道 `valid_length`。

# %%
h, state, c = encoder(X, valid_length)  # (N, T, D), (1, N, D), (N, D)
n = valid_length[0].asscalar()
print(tr("vector of <pad>:    ", "<pad> 的词向量：   "), E[pad].asnumpy().round(2))
print(
    tr("largest |h| behind the end of sentence 1:", "第 1 句结尾之后最大的 |h|："),
    abs(h[0, n:]).max().asscalar(),
)

# %% [markdown] tags=["subslide"]
# **`<unk>`.** All unknown words share one id, and so one vector: to the encoder these two sentences are the same sentence. No amount of training can tell them apart.
# <!-- zh -->
# **`<unk>`。** 所有未知词共用一个索引，也就共用一个向量：在编码器看来，下面两句是同一个句子。怎样训练也无法把它们分开。

# %%
one, other = src_vocab.encode("I see a zebra."), src_vocab.encode("I see a sausage.")
print(one, one == other, src_vocab.decode(one))

# %% [markdown] tags=["subslide"]
# **Lengths.** MXNet's `SequenceLast` and its like do not look whether a length lies between 1 and T; they read and write whatever memory is there, and the numbers come out wrong, or the kernel dies. The package looks first, and says what is wrong.
# <!-- zh -->
# **长度。** MXNet 的 `SequenceLast` 等运算并不检查长度是否在 1 到 T 之间；超出时会读写别处的内存，结果或是数值错误，或是内核崩溃。软件包事先检查，并说明错在哪里。

# %%
for wrong in ([0, 5, 5], [5, 99, 5], [5, 5]):
    try:
        encoder(X, nd.array(wrong, dtype="int32"))
    except gs.DataError as error:
        print(type(error).__name__, "-", error)

# %% [markdown] tags=["subslide"]
# **Ids.** MXNet's `Embedding` takes an id outside the vocabulary for the nearest one inside, silently: with the wrong vocabulary you get wrong words and no message. The encoder refuses.
# <!-- zh -->
# **索引。** 遇到词典范围之外的索引，MXNet 的 `Embedding` 会默默地取最接近的那个：用错了词典，只会得到错误的词，而没有任何提示。这里的编码器则会拒绝。

# %%
gs.seed(0)
embedding = nn.Embedding(5, 2)  # ids 0 to 4
embedding.initialize()
for i in (4, 5, 99, 0, -7):
    print(f"{i:3}", embedding(nd.array([i]))[0].asnumpy().round(3))
try:
    encoder(nd.array([[len(tgt_vocab)]]), nd.array([1]))
except gs.DataError as error:
    print(type(error).__name__, "-", error)

# %% [markdown] tags=["subslide"]
# **A text that contains the letters `<eos>`.** The special tokens are tokens, not spellings. The tokenizer cuts the letters `<eos>` like any text, so that a sentence cannot end itself in the middle. Cutting at spaces would let it.
# <!-- zh -->
# **含有字母 `<eos>` 的文本。** 特殊字符是记号，不是拼写。分词器把字母 `<eos>` 当作普通文本切开，所以一个句子不会在中途自行结束。若只按空格切分，就会出这种事。

# %%
text = "They are watching <eos> and we are watching."
print(english.tokenize(text))
print(english.detokenize(english.tokenize(text)) == text)
end = src_vocab["<eos>"]
print(
    tr("<eos> at:", "<eos> 的位置："), [t for t, i in enumerate(src_vocab.encode(text)) if i == end]
)
print(tr("cut at spaces:", "按空格切分："), src_vocab.decode(src_vocab.to_indices(text.split())))

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. A batch holds *They are watching.* and nothing else. What are the shapes of `X` and of `Y`, when the target is *Ils regardent.*?
#
#    (a) `(1, 4)` and `(1, 3)` (b) `(4,)` and `(3,)` (c) `(1, 5)` and `(1, 5)` (d) `(1, 5)` and `(1, 4)`
# 2. Why does the source, too, end in `<eos>`?
#
#    (a) so that both sides are equally long (b) so that the encoder knows that it has read the last word (c) so that padding can be recognised (d) because the decoder reads it as its first input
# 3. A batch has sentences of 4, 4, 4 and 12 tokens. You leave the longest one out. How does the share of padding change?
#
#    (a) it falls to zero (b) it stays the same (c) it falls, but not to zero (d) it rises
# 4. Someone sorts all sentences by length once and trains on the batches in that order, short ones first, in every epoch. What is the trouble?
#
#    (a) there is more padding than in random order (b) long sentences get no gradient (c) every epoch ends with long sentences only, and the model drifts towards them (d) the padding mask becomes wrong
# 5. The vocabulary has 8,000 words and a word vector 256 numbers. A batch has 64 × 10 positions. How many rows of $\boldsymbol{E}$ can get a gradient other than 0 from this batch?
#
#    (a) at most 640 (b) exactly 640 (c) 8,000 (d) 256
# <!-- zh -->
# ## 小测验
#
# 1. 一个小批量里只有 *They are watching.*，输出序列是 *Ils regardent.*。`X` 和 `Y` 的形状各是什么？
#
#    (a) `(1, 4)` 和 `(1, 3)` (b) `(4,)` 和 `(3,)` (c) `(1, 5)` 和 `(1, 5)` (d) `(1, 5)` 和 `(1, 4)`
# 2. 为什么输入序列也以 `<eos>` 结尾？
#
#    (a) 为了让两侧一样长 (b) 为了让编码器知道已经读完最后一个词 (c) 为了能认出填充 (d) 因为解码器第一步读入的就是它
# 3. 一个小批量有 4、4、4、12 个词的四个句子。去掉最长的一句，填充的比例怎样变化？
#
#    (a) 降为零 (b) 不变 (c) 降低，但不为零 (d) 升高
# 4. 有人把所有句子按长度排好，每个迭代周期都按这个顺序从短到长训练。问题在哪里？
#
#    (a) 填充比随机顺序时更多 (b) 长句得不到梯度 (c) 每个迭代周期都只以长句收尾，模型会偏向它们 (d) 掩码会出错
# 5. 词典有 8,000 个词，每个词向量有 256 个数。一个小批量有 64 × 10 个位置。这个小批量能使 $\boldsymbol{E}$ 的多少行得到非 0 的梯度？
#
#    (a) 至多 640 行 (b) 恰好 640 行 (c) 8,000 行 (d) 256 行

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "d", 2: "b", 3: "a", 4: "c", 5: "a"}
### END SOLUTION

# %% tags=["check"]
quiz(1, answers)

# %% [markdown]
# ## Where to go next
#
# *They are watching.* is now `X (1, 5)`, and its word vectors are `(1, 5, E)`. [Notebook 2](02_encoder.ipynb) lets the encoder read them.
#
# - Mikolov, Sutskever, Chen, Corrado and Dean, *Distributed Representations of Words and Phrases and their Compositionality* (2013): what the rows of $\boldsymbol{E}$ come to mean.
# - Sennrich, Haddow and Birch, *Neural Machine Translation of Rare Words with Subword Units* (2016): cut rare words into pieces, and `<unk>` is hardly needed.
# - Khomenko and others, *Accelerating recurrent neural network training using sequence bucketing and multi-GPU data parallelization* (2016): batches of like length, measured.
# <!-- zh -->
# ## 接下来
#
# *They are watching.* 现在是 `X (1, 5)`，它的词向量是 `(1, 5, E)`。[第 2 篇](02_encoder.ipynb)让编码器来读它们。
#
# - Mikolov、Sutskever、Chen、Corrado、Dean，*Distributed Representations of Words and Phrases and their Compositionality*（2013）：$\boldsymbol{E}$ 的各行会获得怎样的含义。
# - Sennrich、Haddow、Birch，*Neural Machine Translation of Rare Words with Subword Units*（2016）：把罕见的词切成小块，就几乎用不着 `<unk>`。
# - Khomenko 等，*Accelerating recurrent neural network training using sequence bucketing and multi-GPU data parallelization*（2016）：长度相近的小批量，实测效果如何。
