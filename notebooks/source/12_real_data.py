# %% [markdown]
# # 12. Real data: from a zip file to a translator
#
# So far a grammar wrote our sentences. Now people did: Tatoeba's English–French pairs, the file that the book uses, collected by volunteers. *They are watching.* → *Ils regardent.* is one of its lines too. We look at the data, clean it, split it, train a model with attention for a few minutes, measure it in more than one way, and look at where it fails.
#
# **After this notebook you can**
#
# - say what to look for in a file of sentence pairs before any training;
# - split it so that the test measures translation and not memory;
# - say how many words a vocabulary of 8,000 loses, and what becomes of them;
# - train by the clock, save the model and load it again, in Python and on the command line;
# - report BLEU so that somebody else can compare with it.
# <!-- zh -->
# # 12. 真实数据：从压缩包到翻译器
#
# 到目前为止，句子都是由一部语法写出来的。现在轮到人写的句子：Tatoeba 的英法句对，由志愿者收集，也是书中所用的文件。*They are watching.* → *Ils regardent.* 也是其中的一行。我们先看数据，清洗、划分，再花几分钟训练一个带注意力机制的模型，用不止一种方法评价它，最后看它在哪里失败。
#
# **学完本篇，你能够**
#
# - 说出训练之前应当在一份句对文件里检查什么；
# - 正确划分数据，使测试衡量的是翻译能力而不是记忆；
# - 说出大小为 8,000 的词典丢掉了多少词，以及这些词的下场；
# - 按时间训练，保存模型并重新载入，既会用 Python 也会用命令行；
# - 报告 BLEU，并让别人能够与之比较。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $\{(x, \{y^{(1)}, \ldots, y^{(r)}\})\}$ | a source and its $r$ references | `gs.Example(source, references)` | |
# | $\lvert V \rvert \le 8000$ | vocabulary: the most frequent words | `gs.load_corpus(…, max_vocab=8000)` | ids 0 to $\lvert V \rvert - 1$ |
# | $\mathrm{softmax}\left(s_{t'}^\top h_t / \sqrt{d}\right)$ | attention of the model trained here | `gs.luong2015(…, score="scaled-dot")` | `alpha (N, T', T)` |
# | $\exp(\text{loss})$ | perplexity | `history[i]["perplexity"]` | a number |
# | $100 \exp\left(\min(0, 1 - \frac{r}{c})\right) \prod_{n=1}^{4} p_n^{1/4}$ | sacreBLEU of a whole test set | `gs.score(…)["bleu"]` | 0 to 100 |
#
# In the last line, $c$ is the length of all translations together, $r$ that of the references closest to them in length, and $p_n$ the share of n-grams that a reference has too.
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $\{(x, \{y^{(1)}, \ldots, y^{(r)}\})\}$ | 源序列及其 $r$ 个参考译文 | `gs.Example(source, references)` | |
# | $\lvert V \rvert \le 8000$ | 词典：最常见的词 | `gs.load_corpus(…, max_vocab=8000)` | 索引从 0 到 $\lvert V \rvert - 1$ |
# | $\mathrm{softmax}\left(s_{t'}^\top h_t / \sqrt{d}\right)$ | 这里所训练模型的注意力 | `gs.luong2015(…, score="scaled-dot")` | `alpha (N, T', T)` |
# | $\exp(\text{损失})$ | 困惑度 | `history[i]["perplexity"]` | 一个数 |
# | $100 \exp\left(\min(0, 1 - \frac{r}{c})\right) \prod_{n=1}^{4} p_n^{1/4}$ | 整个测试集的 sacreBLEU | `gs.score(…)["bleu"]` | 0 到 100 |
#
# 最后一行中，$c$ 是所有译文的总长度，$r$ 是与各译文长度最接近的参考译文的总长度，$p_n$ 是译文的 n 元词组中参考译文也有的比例。

# %% [markdown] tags=["skip"]
# The order of the imports is not the usual one here: `mxnet` comes before `lesson`, which would keep it to one thread. This is the one model of the course that is large enough to gain from all cores.
# <!-- zh -->
# 这里的导入顺序与往常不同：`mxnet` 在 `lesson` 之前，否则后者会把它限制为一个线程。本课程中只有这一个模型大到能从多核中获益。

# %%
import gluon_seq2seq as gs
import mxnet

from gluon_seq2seq.teaching.lesson import check, label, language, quiz, tr
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.plots.style import drawing

import contextlib
import copy
import io
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

lang = language(tr("en", "zh"))

# %% tags=["parameters"]
data = "fra-eng"  # "tiny": look for no file and no network
minutes = 8  # of training
every = 3  # train on every third source, so that there is time for several epochs
embed_size = num_hiddens = 256
test_sentences = 1000

# %% [markdown]
# ## Where is the file?
#
# `fra-eng.zip` (or `fra.txt` from it) is looked for in the environment variable `FRA_ENG`, beside this notebook and in the folder `data` two levels up. Otherwise it is downloaded, once, and its hash compared. Without a file and without a network the notebook still runs, on bundled sentences as a stand-in; it says so.
# <!-- zh -->
# ## 文件在哪里？
#
# 先在环境变量 `FRA_ENG`、本笔记本所在文件夹、以及上两级的 `data` 文件夹中寻找 `fra-eng.zip`（或其中的 `fra.txt`）。找不到就下载一次，并核对哈希值。若既没有文件也没有网络，本篇仍可运行：用自带的句子代替，并会说明这一点。

# %%
places = [os.environ.get("FRA_ENG", "")]
places += [folder + name for folder in ("", "../../data/") for name in ("fra-eng.zip", "fra.txt")]
file = next((place for place in places if place and Path(place).is_file()), None)

corpus, stand_in = None, "tiny" if data == "tiny" else "mini-10k"
if data != "tiny":
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # the download's progress bar
            corpus = gs.load_corpus(file or "tatoeba")
    except gs.SystemProblem:
        print(
            tr(
                "No file and no network: put fra-eng.zip (from www.manythings.org/anki) beside this notebook and run it again.",
                "没有文件，也没有网络：请把 fra-eng.zip（来自 www.manythings.org/anki）放到本笔记本旁边，再重新运行。",
            )
        )
real = corpus is not None
if not real:
    print(
        tr(
            f"STAND-IN: everything below is about the bundled corpus {stand_in}, not about Tatoeba.",
            f"替代数据：以下所有结果都来自自带语料 {stand_in}，而不是 Tatoeba。",
        )
    )
    corpus, minutes, every = gs.load_corpus(stand_in), min(minutes, 2), 1
print(corpus)

# %% [markdown]
# ## What real data looks like
#
# First what was dropped in reading: the same pair twice, blank sides, sentences of more than 50 tokens. Then lines from all over the file. It is sorted by length, so looking at its first lines only would mislead.
# <!-- zh -->
# ## 真实数据是什么样子
#
# 先看读取时丢掉了什么：重复的句对、空白的一侧、超过 50 个词的句子。再从文件各处抽几行来看。文件按长度排序，所以只看开头几行会被误导。

# %%
print(corpus.report)
pairs = pairs_of(corpus.train)
print(
    tr(
        f"in training: {len(corpus.train):,} sources, {len(pairs):,} pairs",
        f"训练集：{len(corpus.train):,} 个源句，{len(pairs):,} 个句对",
    )
)
for source, target in pairs[:: max(1, len(pairs) // 8)]:
    print(f"  {source}  →  {target}")
print(tr("in training:", "训练集中："), [pair for pair in pairs if pair[0] == "They are watching."])

# %% [markdown]
# ### One source, many references
#
# English *you* alone is *tu* or *vous*, French adjectives take a gender, and people translate freely. So many sources come more than once. `load_corpus` gathers them: one `Example`, several `references`.
# <!-- zh -->
# ### 一个源句，多个参考译文
#
# 仅英语的 *you* 就可以是 *tu* 或 *vous*，法语形容词要分阴阳性，人们翻译起来也很自由。所以许多源句出现不止一次。`load_corpus` 把它们归到一起：一个 `Example`，多个 `references`。

# %%
counts = Counter(min(len(example.references), 5) for example in corpus.train)
for n, sources in sorted(counts.items()):
    print(f"{n}{'+' if n == 5 else ' '}  {sources:>7,}  {sources / len(corpus.train):6.1%}")
most = max(corpus.train, key=lambda example: len(example.references))
print(f"{most.source}  ({len(most.references)})")
for reference in most.references[:6]:
    print("   ", reference)

# %% [markdown] tags=["exercise"]
# ### Exercise 12.1
#
# Which share of the *sources* has more than one reference, and which share of the *pairs* belongs to such a source? Write `several(examples)`, which returns both.
# <!-- zh -->
# ### 练习 12.1
#
# 有不止一个参考译文的*源句*占多大比例？属于这种源句的*句对*又占多大比例？写出 `several(examples)`，返回这两个比例。


# %% tags=["exercise"]
def several(examples):
    """(share of sources with several references, share of pairs that belong to such a source)"""
    ### BEGIN SOLUTION
    counts = [len(example.references) for example in examples]
    many = [n for n in counts if n > 1]
    return len(many) / len(counts), sum(many) / sum(counts)
    ### END SOLUTION


# %% tags=["check"]
check("12.1", several)

# %% [markdown]
# ### Lengths
#
# How long are the sentences? A model learns best what it sees often; look at how little there is on the right.
# <!-- zh -->
# ### 长度
#
# 句子有多长？模型最熟悉的是它最常见到的；看看右边剩下的有多少。

# %%
cut_source, cut_target = corpus.src_vocab.tokenizer.tokenize, corpus.tgt_vocab.tokenizer.tokenize
tokens = [(cut_source(source), cut_target(target)) for source, target in pairs]
gs.length_histogram([len(x) for x, _ in tokens], [len(y) for _, y in tokens], lang)

# %% [markdown]
# ### Noise
#
# Nobody has checked all lines. Three simple questions find doubtful ones: does only one side ask a question? Is one side more than three times as long as the other? Does a side begin with a small letter? Not everything that they find is wrong: which of the lines below would you drop?
# <!-- zh -->
# ### 噪声
#
# 没有人检查过每一行。三个简单的问题就能找出可疑的行：是否只有一侧是问句？一侧的词数是否超过另一侧的三倍？是否有一侧以小写字母开头？找出来的不一定都错：下面哪些行你会丢掉？

# %%
doubts = {
    tr("one side asks", "只有一侧是问句"): [],
    tr("length", "长度悬殊"): [],
    tr("small letter", "小写开头"): [],
}
asks, length, small = doubts.values()
for pair, (x, y) in zip(pairs, tokens):
    if ("?" in pair[0]) != ("?" in pair[1]):
        asks.append(pair)
    if max(len(x), len(y)) > 3 * min(len(x), len(y)):
        length.append(pair)
    if pair[0][0].islower() or pair[1][0].islower():
        small.append(pair)
for doubt, found in doubts.items():
    print(tr(f"{doubt}: {len(found):,}", f"{doubt}：{len(found):,}"))
    for source, target in found[:: max(1, len(found) // 3)][:3]:
        print(f"    {source}  →  {target}")

# %% [markdown]
# ## The vocabulary, cut at 8,000
#
# Words are counted in the training set only. The few most frequent make up most of the text, and then comes a long tail. The picture says which share of all words in the text a vocabulary of a given size covers; the line stands where ours ends.
# <!-- zh -->
# ## 只留 8,000 个词的词典
#
# 只在训练集上统计词频。少数最常见的词就构成了大部分文本，后面拖着长长的尾巴。图中画出某个大小的词典能覆盖文本中多大比例的词；竖线是我们的词典的大小。

# %%
counters = [Counter(token for side in sides for token in side) for sides in zip(*tokens)]
with drawing(lang, 8, 3.4) as (figure, words):
    axes = figure.subplots()
    for counter, side, line in zip(counters, ("source", "target"), ("-", "--")):
        frequencies = np.sort(list(counter.values()))[::-1]  # (distinct words,)
        covered = frequencies.cumsum() / frequencies.sum()
        axes.plot(np.arange(1, len(covered) + 1), covered, line, linewidth=2, label=words[side])
    style = {"color": "black", "linestyle": ":", "label": label("our vocabulary", "我们的词典")}
    axes.axvline(len(corpus.tgt_vocab), **style)
    axes.set_xscale("log")
    axes.set_xticks([10**n for n in range(5)], labels=["1", "10", "100", "1,000", "10,000"])
    axes.set(
        xlabel=label("vocabulary size", "词典大小"),
        ylabel=label("share of the text", "覆盖文本的比例"),
    )
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
    axes.legend()
figure

# %% [markdown] tags=["subslide"]
# What is outside becomes `<unk>`. The share of words is small; the share of *sentences* that lose a word is what a user notices.
# <!-- zh -->
# 词典之外的词都变成 `<unk>`。这些词占的比例很小；而用户所感受到的，是有多大比例的*句子*丢了词。

# %%
sides = {
    tr("source", "源序列"): (corpus.src_vocab, [example.source for example in corpus.test]),
    tr("target", "目标序列"): (corpus.tgt_vocab, [example.valid[0] for example in corpus.test]),
}
for (name, (vocab, texts)), counter in zip(sides.items(), counters):
    unknown = [vocab.encode(text).count(vocab["<unk>"]) for text in texts]
    lengths = [len(vocab.encode(text)) - 1 for text in texts]
    kept = len(vocab) - 4  # without <pad>, <bos>, <eos>, <unk>
    line = tr(
        "{}: {:,} different words, {:,} kept; <unk> in test: {:.2%} of words, in {:.1%} of sentences",
        "{}：{:,} 个不同的词，留下 {:,} 个；测试集中的 <unk>：占词数的 {:.2%}，出现在 {:.1%} 的句子中",
    )
    shares = sum(unknown) / sum(lengths), np.mean(np.array(unknown) > 0)
    print(line.format(name, len(counter), kept, *shares))
print(
    tr("some lost words:", "丢掉的词，例如："),
    [w for w, n in counters[0].items() if w not in corpus.src_vocab][:12],
)

# %% [markdown] tags=["exercise"]
# ### Exercise 12.2
#
# How large must a vocabulary be? Write `size_for(counter, share)`: the smallest number of words, the most frequent ones taken first, that covers at least `share` of all occurrences. (Try it on `counters[0]` and `counters[1]`: what do 95 %, 98 % and 99 % cost?)
# <!-- zh -->
# ### 练习 12.2
#
# 词典要多大才够？写出 `size_for(counter, share)`：从最常见的词取起，最少取多少个词，才能覆盖全部出现次数的至少 `share`。（在 `counters[0]` 和 `counters[1]` 上试试：95%、98%、99% 各需要多少个词？）


# %% tags=["exercise"]
def size_for(counter, share):
    """How many of the most frequent words make up ``share`` of all occurrences."""
    ### BEGIN SOLUTION
    covered = 0
    for size, (_, count) in enumerate(counter.most_common(), 1):
        covered += count
        if covered >= share * sum(counter.values()):
            return size
    ### END SOLUTION


# %% tags=["check"]
check("12.2", size_for)

# %% [markdown] tags=["exercise"]
# ### Exercise 12.3
#
# Write `unk_share(texts, vocab)`: the share of the tokens of `texts` that are `<unk>` to `vocab`, `<eos>` not counted.
# <!-- zh -->
# ### 练习 12.3
#
# 写出 `unk_share(texts, vocab)`：`texts` 的所有词元中，对 `vocab` 来说是 `<unk>` 的比例，不计 `<eos>`。


# %% tags=["exercise"]
def unk_share(texts, vocab):
    """The share of tokens that ``vocab`` does not have."""
    ### BEGIN SOLUTION
    ids = [i for text in texts for i in vocab.encode(text)[:-1]]
    return ids.count(vocab["<unk>"]) / len(ids)
    ### END SOLUTION


# %% tags=["check"]
check("12.3", unk_share)

# %% [markdown]
# ## Train, dev, test: no source in two of them
#
# The split is dealt out by *source sentence*, with all its references, in the order of a hash of its text. So it is the same split on every machine, even if the file is in another order.
#
# What if one split the *pairs* at random, as is often done? Then most sources with several references would be on both sides, and the test would ask what the model has read.
# <!-- zh -->
# ## 训练集、验证集、测试集：没有源句出现在两处
#
# 划分以*源句*为单位，连同它的全部参考译文，次序由文本的哈希值决定。因此在任何机器上都得到相同的划分，即使文件的行序不同。
#
# 如果像许多人那样把*句对*随机划分，会怎样？那么有多个参考译文的源句大多会同时落在两边，测试问的就是模型读过的东西。

# %%
splits = {
    name: {example.source for example in getattr(corpus, name)} for name in ("train", "dev", "test")
}
assert not splits["train"] & splits["test"] and not splits["train"] & splits["dev"]
assert not splits["dev"] & splits["test"]
print({name: len(sources) for name, sources in splits.items()})

everything = pairs_of(corpus.train + corpus.dev + corpus.test)
order = np.random.RandomState(0).permutation(len(everything))
held_out, rest = order[: max(1, len(order) // 20)], order[max(1, len(order) // 20) :]
known = {everything[i][0] for i in rest}
leaked_share = np.mean([everything[i][0] in known for i in held_out])
print(
    tr(
        f"pairs split at random: {leaked_share:.1%} of the test sources are in train too",
        f"随机划分句对：测试集的源句有 {leaked_share:.1%} 也在训练集中",
    )
)

# %% [markdown] tags=["exercise"]
# ### Exercise 12.4
#
# A split by source still lets near-duplicates through: *No pain, no gain.* and *No pain no gain.* Write `near(train, test)`: the list of those texts of `test` that stand in `train` too if neither case nor anything but letters, digits and spaces counts. (How many are there in this corpus?)
# <!-- zh -->
# ### 练习 12.4
#
# 即使按源句划分，也会漏过几乎相同的句子：*No pain, no gain.* 与 *No pain no gain.*。写出 `near(train, test)`：返回 `test` 中这样的文本的列表：若不计大小写，也不计字母、数字和空格以外的字符，它就也在 `train` 中。（在这份语料里有多少？）


# %% tags=["exercise"]
def near(train, test):
    """The texts of ``test`` that are in ``train`` but for case and punctuation."""

    ### BEGIN SOLUTION
    def bare(text):
        return "".join(c for c in text.lower() if c.isalnum() or c == " ").strip()

    known = {bare(text) for text in train}
    return [text for text in test if bare(text) in known]
    ### END SOLUTION


# %% tags=["check"]
check("12.4", near)

# %% [markdown] tags=["exercise"]
# ### Exercise 12.5
#
# Write `in_test(source)`: `True` for about 5 % of all texts, decided by the text alone, the same today, tomorrow and on another machine.
# <!-- zh -->
# ### 练习 12.5
#
# 写出 `in_test(source)`：对大约 5% 的文本为 `True`，只由文本本身决定，今天、明天、换一台机器都不变。


# %% tags=["exercise"]
def in_test(source):
    """Whether a source sentence belongs to the test split."""
    ### BEGIN SOLUTION
    import hashlib

    return hashlib.sha256(source.encode()).digest()[0] < 13  # of 256
    ### END SOLUTION


# %% tags=["check"]
check("12.5", in_test)

# %% [markdown]
# ## Training by the clock
#
# A model with attention of moderate size. What is short in class is time, so we give `minutes` and not epochs: the learning rate falls along the clock, part of the time is kept for the last evaluation, and at the end the model has the parameters of its best epoch, the one with the smallest dev loss. A last epoch that is cut short is counted, too. We train on every third source (on the stand-in: on all), for minutes are few and a learning curve needs some points, and let the dev set shrink likewise; every third and not the first third, because the file is sorted by length (and counted so that *They are watching.* is among them).
# <!-- zh -->
# ## 按时间训练
#
# 一个中等大小、带注意力机制的模型。课堂上有限的是时间，所以我们给出 `minutes` 而不是迭代周期数：学习率随时间下降，留一部分时间给最后一次评价，结束时模型取验证集损失最小的那个迭代周期的参数。最后一个被截断的迭代周期也算在内。时间有限，而学习曲线需要几个点，所以每三个源句取一个来训练（用替代数据时全部都用），验证集也同样缩小；之所以不取前三分之一，是因为文件按长度排序（起点选得使 *They are watching.* 也在其中）。

# %%
train_sources = [example.source for example in corpus.train]
ours = "They are watching."
start = train_sources.index(ours) % every if ours in train_sources else 0
part = copy.copy(corpus)  # the same corpus, but fewer sources to train on
part.train, part.dev = corpus.train[start::every], corpus.dev[::every]
gs.seed(0)
model = gs.luong2015(
    corpus.src_vocab, corpus.tgt_vocab, embed_size, num_hiddens, drop_prob=0.1, score="scaled-dot"
)
parameters = sum(p.data().size for p in model.collect_params().values())
print(
    tr(
        f"{parameters:,} parameters, {minutes} minutes, MXNet {mxnet.__version__}",
        f"{parameters:,} 个参数，{minutes} 分钟，MXNet {mxnet.__version__}",
    )
)
history = gs.train(model, part, minutes=minutes, batch_size=128)
last = history[-1]
print(
    tr(
        f"{last['step']:,} steps, {last['tokens_per_s']:,.0f} target tokens a second",
        f"共 {last['step']:,} 步，每秒 {last['tokens_per_s']:,.0f} 个目标词",
    )
)

# %% tags=["subslide"]
history.plot(lang)

# %% [markdown] tags=["subslide"]
# Is it finished? Compare the two losses: as long as the dev loss still falls with every epoch, the clock has ended the training and not the model's ability. And has the training loss fallen below the dev loss? Then something else is short: data. Set `every = 1` and give it more minutes.
# <!-- zh -->
# 训练充分了吗？比较两个损失：只要验证集损失仍随迭代周期下降，结束训练的就是时钟，而不是模型的能力。训练损失是否已低于验证集损失？那么缺的就是另一样东西：数据。可以令 `every = 1`，并给它更多的时间。

# %% [markdown]
# ## Evaluation: all references, or one?
#
# The same translations, scored three ways. *One reference* is what most test sets have; where a source has several valid translations, it calls good ones bad. sacreBLEU's signature says how it was computed: a BLEU without it cannot be compared. Then beam search on the same sentences.
# <!-- zh -->
# ## 评价：用全部参考译文，还是只用一个？
#
# 同样的译文，三种评分。*一个参考译文*是大多数测试集的情形；当一个源句有多个正确译法时，它会把好的译文判为差的。sacreBLEU 的签名说明了计算方式：没有签名的 BLEU 无法比较。然后在同样的句子上使用束搜索。

# %%
test = corpus.test[:: max(1, len(corpus.test) // test_sentences)]
sources, references = [e.source for e in test], [e.valid for e in test]
print(
    tr(
        f"{len(test):,} sources, {sum(map(len, references)):,} references",
        f"{len(test):,} 个源句，{sum(map(len, references)):,} 个参考译文",
    )
)
for beam_size in 1, 4:
    translator = gs.Translator(model, beam_size=beam_size)
    texts = translator.translate(sources)
    scores = gs.score(texts, references)
    line = tr(
        "beam size {}: all references BLEU {:.1f}, chrF {:.1f}, exact {:.1%}; first alone BLEU {:.1f}",
        "束宽 {}：全部参考译文 BLEU {:.1f}，chrF {:.1f}，完全正确 {:.1%}；只用第一个 BLEU {:.1f}",
    )
    print(line.format(beam_size, *(scores[key] for key in ("bleu", "chrf", "exact", "bleu_first"))))
print(scores["signature"])
print(tr("perplexity:", "困惑度："), f"{np.exp(gs.cross_entropy(model, test)['loss']):.2f}")

# %% [markdown] tags=["subslide"]
# Now read. Scores do not replace reading twenty lines.
# <!-- zh -->
# 现在来读译文。分数代替不了读二十行。

# %%
for i in range(0, len(test), max(1, len(test) // 12)):
    mark = "=" if texts[i] in references[i] else "≠"
    print(f"{sources[i]}\n   {mark} {texts[i]}")
    if mark == "≠":
        print(f"     {references[i][0]}   ({len(references[i])})")

# %% [markdown] tags=["exercise"]
# ### Exercise 12.6
#
# A fair look at one translation that is not exact compares it with the *nearest* reference. Write `nearest(text, references, tokenize)`: the reference against which `gs.bleu`, the book's BLEU, is largest.
# <!-- zh -->
# ### 练习 12.6
#
# 要公平地看待一个不完全正确的译文，应与*最接近*的参考译文比较。写出 `nearest(text, references, tokenize)`：返回使书中的 BLEU（`gs.bleu`）最大的那个参考译文。


# %% tags=["exercise"]
def nearest(text, references, tokenize):
    """The reference for which ``text`` has the largest BLEU."""
    ### BEGIN SOLUTION
    return max(references, key=lambda reference: gs.bleu(tokenize(text), tokenize(reference)))
    ### END SOLUTION


# %% tags=["check"]
check("12.6", nearest)

# %% [markdown]
# ## *They are watching.*
#
# The sentence of the course, with a model that has read what people write. It is a training sentence, with *Ils regardent.* as its only reference: read a few times among tens of thousands of others. Does the model say it? Does it know *Elles*? Where does it look? Then a longer sentence of the test set.
# <!-- zh -->
# ## *They are watching.*
#
# 贯穿全课的句子，这次的模型读过人写的东西。它是训练句，唯一的参考译文是 *Ils regardent.*：夹在成千上万个别的句子中间，只读过几遍。模型会这样译吗？它知道 *Elles* 吗？它看向哪里？再看测试集中一个较长的句子。

# %%
translator = gs.Translator(model, beam_size=4)
for one in translator.n_best(["They are watching."], 4)[0]:
    print(f"P {np.exp(one.log_p):.5f}   {one.text}")
translator.attention_map("They are watching.", lang=lang)

# %%
middling = sorted(test, key=lambda example: len(cut_source(example.source)))[len(test) * 9 // 10]
print(middling.source, "→", translator.translate(middling.source))
print(tr("reference:", "参考译文："), middling.valid[0])
translator.attention_map(middling.source, lang=lang)

# %% [markdown]
# ## Where it fails
#
# Two suspects: length and unknown words. The bars show the share of exact translations by source length; an exact match is harder for a long sentence even for a person, because there are more ways to say it. So read the longest ones, too.
# <!-- zh -->
# ## 它在哪里失败
#
# 有两个嫌疑：长度和未知词。柱子是按源序列长度统计的完全正确率；句子越长，说法越多，即使是人也更难与参考译文完全一致。所以还要读一读最长的几句。

# %%
exact = np.array([text in valid for text, valid in zip(texts, references)])
gs.accuracy_by_length([len(cut_source(source)) for source in sources], exact, lang)

# %% tags=["subslide"]
unknown = np.array([corpus.src_vocab["<unk>"] in corpus.src_vocab.encode(s) for s in sources])
for name, chosen in (
    (tr("all words known", "全部认识"), ~unknown),
    (tr("with <unk>", "含 <unk>"), unknown),
):
    scores = [
        gs.bleu(cut_target(texts[i]), cut_target(references[i][0])) for i in np.flatnonzero(chosen)
    ]
    mean = f"{np.mean(scores):.2f}" if scores else "–"
    print(tr(f"{name}: {chosen.sum():,}", f"{name}：{chosen.sum():,}"), f"  BLEU (k = 2) {mean}")
longest = sorted(range(len(test)), key=lambda i: -len(sources[i]))
for i in [*longest[:3], *np.flatnonzero(unknown)[:3]]:
    print(f"\n{sources[i]}\n   {texts[i]}\n   {references[i][0]}")

# %% [markdown]
# ## Save it, load it, use it anywhere
#
# A model is a folder: parameters, both vocabularies, its settings, and the hash of each file. It is written whole or not at all. Loaded again it gives the same translations; the command line reads the same folder.
# <!-- zh -->
# ## 保存、载入、随处使用
#
# 一个模型就是一个文件夹：参数、两个词典、模型的设置，以及每个文件的哈希值。要么完整写入，要么什么也不写。重新载入后译文相同；命令行读的也是这个文件夹。

# %%
with tempfile.TemporaryDirectory() as folder:
    for path in sorted(gs.save_model(model, folder).iterdir()):
        print(f"{path.stat().st_size:>12,}  {path.name}")
    again = gs.load_model(folder)
    command = [sys.executable, "-c", "from gluon_seq2seq.cli import main; main()", "translate"]
    command += ["--model", folder, "--beam-size", "4", "They are watching."]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
assert gs.Translator(again, beam_size=4).translate(sources[:50]) == translator.translate(
    sources[:50]
)
print(tr("command line:", "命令行："), answer)
assert answer.strip() == translator.translate("They are watching.")

# %% [markdown] tags=["subslide"]
# All of this notebook in a terminal:
#
# ```sh
# gluon-seq2seq train --data tatoeba --out runs/fra --model luong2015 --score scaled-dot --drop-prob 0.1 --minutes 8
# gluon-seq2seq evaluate --model runs/fra --beam-size 4
# gluon-seq2seq translate --model runs/fra --beam-size 4 "They are watching."
# gluon-seq2seq translate --model runs/fra --attention attention.png "They are watching."
# ```
#
# The command line trains on all pairs. `--data` takes a `fra-eng.zip` of your own, or any file of lines English, tab, French.
# <!-- zh -->
# 在终端里完成本篇的全部工作：
#
# ```sh
# gluon-seq2seq train --data tatoeba --out runs/fra --model luong2015 --score scaled-dot --drop-prob 0.1 --minutes 8
# gluon-seq2seq evaluate --model runs/fra --beam-size 4
# gluon-seq2seq translate --model runs/fra --beam-size 4 "They are watching."
# gluon-seq2seq translate --model runs/fra --attention attention.png "They are watching."
# ```
#
# 命令行在全部句对上训练。`--data` 也可以是你自己的 `fra-eng.zip`，或任何由“英语、制表符、法语”的行组成的文件。

# %% [markdown]
# ## What the chapter leaves unsaid
#
# ### To the model, all unknown words are one word
#
# Two sentences, two different names that no vocabulary has. The encoder gets the same ids, so everything after is the same: the name is not badly translated, it is gone. And because `<unk>` is no word, `Translator` never writes it: it writes something else in its place.
# <!-- zh -->
# ## 书中没有明说的
#
# ### 对模型来说，所有未知词都是同一个词
#
# 两个句子，两个词典里都没有的名字。编码器得到的索引完全相同，所以之后的一切也都相同：名字不是译得不好，而是不见了。又因为 `<unk>` 不是词，`Translator` 从不写它，而会用别的词顶替。

# %%
unheard = ["Zilpha is watching.", "Quorbin is watching."]
ids = [corpus.src_vocab.encode(sentence) for sentence in unheard]
print(ids)
assert ids[0] == ids[1]
for sentence in unheard:
    print(sentence, "→", translator.translate(sentence))

# %% [markdown] tags=["subslide"]
# ### More references, higher score: a number that is not the model's
#
# BLEU with all references is usually well above BLEU with the first alone, and neither is "the" BLEU of the model. Here the limit on the references of a sentence is raised step by step; the translations stay the same.
# <!-- zh -->
# ### 参考译文越多，分数越高：这个数不只属于模型
#
# 用全部参考译文的 BLEU 通常远高于只用第一个，而两者都不是模型“本身”的 BLEU。下面逐步放宽每句参考译文的个数上限，译文保持不变。

# %%
for n in 1, 2, 3, 5, 10:
    scores = gs.score(texts, [valid[:n] for valid in references])
    print(
        tr(f"at most {n:>2} references:", f"最多 {n:>2} 个参考译文："),
        f"BLEU {scores['bleu']:.1f}",
        tr("  exact", "  完全正确"),
        f"{scores['exact']:.1%}",
    )

# %% [markdown] tags=["subslide"]
# ### The loss has a floor here too, but nobody knows it
#
# For mini, the entropy of the corpus was known. Here P of the references is not known; `gs.cross_entropy` says `None` (unless you see the stand-in, which a grammar wrote). That several references exist shows that the floor is above zero: a model that is certain of one of five valid translations *must* lose on the other four.
# <!-- zh -->
# ### 这里的损失也有下限，只是没有人知道
#
# mini 的熵是已知的；而这里参考译文的 P 未知，`gs.cross_entropy` 给出 `None`（除非你看到的是替代数据，它是由语法写的）。存在多个参考译文，就说明下限大于零：若模型只认定五个正确译文中的一个，它在其余四个上*必然*有损失。

# %%
print(gs.cross_entropy(model, test))

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. Why is the corpus split by source sentence and not by pair? (a) it is faster (b) with several references per source, a test source would often stand in training too (c) so that the test set is larger (d) because BLEU needs one reference
# 2. A vocabulary of 8,000 leaves 2 % of the words outside. Which share of ten-word sentences loses at least one word, if the unknown words fell anywhere? (a) 0.2 % (b) 2 % (c) 10 % (d) about 18 %
# 3. Two papers report BLEU 32.7 and 35.6 on the same test set. The second model is better… (a) only if both signatures and the references used are the same (b) always (c) only if both used beam search (d) if it has more parameters
# 4. The dev loss was still falling when the time was up. What is the first thing to try? (a) more dropout (b) a smaller vocabulary (c) more time (d) a larger beam
# 5. *Marika is sleeping.* comes out with another name. Why? (a) too small a beam (b) Marika is `<unk>` to the encoder, and the decoder writes a word it knows (c) attention looked at the wrong word (d) teacher forcing
# <!-- zh -->
# ## 小测验
#
# 1. 为什么按源句而不按句对划分语料？(a) 更快 (b) 一个源句有多个参考译文时，测试集的源句常常也会出现在训练集中 (c) 为了让测试集更大 (d) 因为 BLEU 只需要一个参考译文
# 2. 大小为 8,000 的词典漏掉 2% 的词。若未知词随机出现，十个词的句子有多大比例至少丢一个词？(a) 0.2% (b) 2% (c) 10% (d) 约 18%
# 3. 两篇论文在同一测试集上报告 BLEU 32.7 和 35.6。第二个模型更好……(a) 只有当签名和所用的参考译文都相同时才能这样说 (b) 总是如此 (c) 只有两者都用了束搜索时 (d) 如果它的参数更多
# 4. 时间到时，验证集损失仍在下降。首先应当尝试什么？(a) 更大的丢弃概率 (b) 更小的词典 (c) 更长的时间 (d) 更大的束宽
# 5. *Marika is sleeping.* 译出来换了一个名字。为什么？(a) 束宽太小 (b) Marika 对编码器是 `<unk>`，解码器写了一个它认识的词 (c) 注意力看错了词 (d) 强制教学

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "d", 3: "a", 4: "c", 5: "b"}
### END SOLUTION

# %% tags=["check"]
quiz(12, answers)

# %% [markdown]
# ## Where to go next
#
# [13. Beside the book](13_beside_the_book.ipynb) lays the book's present edition beside all this. [11. Your own sentence](11_playground.ipynb) shows a model of your own, too: `gs.Playground(models=["the/models/folder"])`; the command line trains on your own file.
#
# - Post 2018, *A Call for Clarity in Reporting BLEU Scores*: why a BLEU needs a signature.
# - Koehn and Knowles 2017, *Six Challenges for Neural Machine Translation*: rare words, long sentences, wide beams, measured.
# - Sennrich, Haddow and Birch 2016, *Neural Machine Translation of Rare Words with Subword Units*: how `<unk>` went away.
# - The sentences: tatoeba.org and manythings.org/anki, CC BY 2.0.
# <!-- zh -->
# ## 接下来
#
# [13. 与书并排](13_beside_the_book.ipynb)把书的现行版本与这一切并排放在一起。[11. 你自己的句子](11_playground.ipynb)中的页面也能用你自己的模型：`gs.Playground(models=["模型所在的文件夹"])`；命令行可以用你自己的文件训练。
#
# - Post，2018，*A Call for Clarity in Reporting BLEU Scores*：为什么 BLEU 需要签名。
# - Koehn、Knowles，2017，*Six Challenges for Neural Machine Translation*：罕见词、长句、过大的束宽，都有测量。
# - Sennrich、Haddow、Birch，2016，*Neural Machine Translation of Rare Words with Subword Units*：`<unk>` 是怎样消失的。
# - 句子来源：tatoeba.org 与 manythings.org/anki，CC BY 2.0。
