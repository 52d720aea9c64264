# %% [markdown]
# # 10. Beyond translation
#
# Nothing in the encoder–decoder knows that *They are watching.* is English. It maps one sequence of tokens to another, of another length, and the pairs decide what that means. Here the same package turns French back into English, writes dates, spells backwards and reads aloud; then attention leaves seq2seq altogether: it sorts sentences by tense, draws a curve through points, and lets a sentence look at itself.
#
# **After this notebook you can**
#
# - say of a problem whether it is a seq2seq problem, and what its tokens should be;
# - turn any list of pairs into a corpus, train a model on it, and measure it on what it has not seen;
# - explain why Sutskever reversed his source, and when that hurts;
# - use attention as a pooling layer, as a regression, and as self-attention;
# - look for the place where a model that is right every time stops being right.
# <!-- zh -->
# # 10. 翻译之外
#
# 编码器—解码器并不知道 *They are watching.* 是英语。它只是把一个词元序列变成另一个长度可以不同的词元序列，至于这意味着什么，由数据决定。本篇用同一个软件包把法语译回英语、改写日期、倒着拼写、把拼写读成发音；然后让注意力机制离开 seq2seq：判断句子的时态、穿过数据点画曲线、让句子看它自己。
#
# **学完本篇，你能够**
#
# - 判断一个问题是不是 seq2seq 问题，它的词元应当是什么；
# - 把任意一组序列对变成语料，在上面训练模型，并在没见过的样本上度量它；
# - 解释 Sutskever 等人为什么要把源序列倒过来，以及何时这样做反而有害；
# - 把注意力机制用作池化层、用作回归、用作自注意力；
# - 为一个“每次都对”的模型找出它开始出错的地方。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$ | any sequence given any other | `gs.luong2015`, `gs.sutskever2014`, `gs.book` | `X (N, T)`, `Y (N, T')` |
# | $\frac{1}{n} \sum_i [\hat y^{(i)} = y^{(i)}]$ | exact match: every token right | `gs.score(…)["exact"]` | between 0 and 1 |
# | $c = \sum_t \alpha_t h_t, \; \alpha = \mathrm{softmax}(a(s, h_t))$ | attention pooling, the query $s$ is learnt | `AttentionPool` below | `c (N, D)` |
# | $\hat y(x) = \sum_i \mathrm{softmax}_i\left(-\frac{(x - x_i)^2}{2 w^2}\right) y_i$ | kernel regression (Nadaraya, Watson) | `Gaussian` below | `(N, T', 1)` |
# | $h'_t = \sum_k \mathrm{softmax}_k\left(\frac{h_t^\top h_k}{\sqrt{D}}\right) h_k$ | self-attention | `gs.ScaledDot(D)(h, h, valid_length)` | `(N, T, D)` |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$ | 给定任意序列，另一任意序列的条件概率 | `gs.luong2015`、`gs.sutskever2014`、`gs.book` | `X (N, T)`、`Y (N, T')` |
# | $\frac{1}{n} \sum_i [\hat y^{(i)} = y^{(i)}]$ | 完全正确率：每个词元都对 | `gs.score(…)["exact"]` | 0 到 1 之间 |
# | $c = \sum_t \alpha_t h_t, \; \alpha = \mathrm{softmax}(a(s, h_t))$ | 注意力池化，查询 $s$ 由学习得到 | 下文的 `AttentionPool` | `c (N, D)` |
# | $\hat y(x) = \sum_i \mathrm{softmax}_i\left(-\frac{(x - x_i)^2}{2 w^2}\right) y_i$ | 核回归（Nadaraya、Watson） | 下文的 `Gaussian` | `(N, T', 1)` |
# | $h'_t = \sum_k \mathrm{softmax}_k\left(\frac{h_t^\top h_k}{\sqrt{D}}\right) h_k$ | 自注意力 | `gs.ScaledDot(D)(h, h, valid_length)` | `(N, T, D)` |

# %% [markdown] tags=["subslide"]
# ### The chapter's exercises, and where they are answered
#
# | exercise | answered in |
# | --- | --- |
# | Besides translation, what else can seq2seq do? | here: French to English, dates, letters backwards, spelling to sound |
# | What else can attention do? | here: pooling, regression, self-attention |
# | Does the decoder's GRU have to be rewritten for attention? | [notebook 7](07_attention.ipynb): no, and a cell proves it |
# | Which other attentions does Luong's paper have? | [notebook 7](07_attention.ipynb): all of them |
# <!-- zh -->
# ### 书中的练习在哪里解答
#
# | 练习 | 解答 |
# | --- | --- |
# | 除了机器翻译，seq2seq 还能做什么？ | 本篇：法语到英语、日期、倒写字母、由拼写到发音 |
# | 注意力机制还能用在哪里？ | 本篇：池化、回归、自注意力 |
# | 使用注意力机制时，需要改写解码器的门控循环单元吗？ | [第 7 篇](07_attention.ipynb)：不需要，并有单元格为证 |
# | Luong 等人的论文里还有哪些注意力机制？ | [第 7 篇](07_attention.ipynb)：全部都有 |

# %% tags=["skip"]
import random
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr
from gluon_seq2seq.plots.style import drawing

import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import HybridBlock, nn

lang = language(tr("en", "zh"))

# %% tags=["parameters"]
sentences = 3000  # of mini, for French -> English and for the tenses
pairs = 3000  # of each other task
turned_epochs = 6
date_epochs = 5
letter_epochs = 6
sound_epochs = 6
tense_epochs = 5

# %% [markdown]
# ## The other direction
#
# The shipped model writes French. For the way back, one argument turns every pair of `mini` round: source and target change places, and with them the vocabularies. Before you run it: how many English sentences can *Elles regardent.* have, and how many French ones *They are watching.*?
# <!-- zh -->
# ## 换个方向
#
# 随软件包附带的模型写的是法语。要译回来，只需一个参数就能把 `mini` 的每一对句子倒过来：源和目标互换，词典也随之互换。运行之前先想一想：*Elles regardent.* 可以有几种英语译文？*They are watching.* 又可以有几种法语译文？

# %%
turned = gs.load_corpus("mini", direction="fr-en")
turned.train, turned.dev = turned.train[:sentences], turned.dev[:sentences]
gs.seed(0)
turned_model = gs.luong2015(turned.src_vocab, turned.tgt_vocab, 64, 128, drop_prob=0.1)
gs.train(turned_model, turned, epochs=turned_epochs, batch_size=32, quiet=True)

to_french = gs.Translator(gs.load_model("mini-bahdanau2015"))
to_english = gs.Translator(turned_model)
for text in "They are watching.", "We are watching a bird.", "I am not tired.":
    french = to_french.translate(text)
    print(text, "->", french, "->", to_english.translate(french))
print("Elles regardent. ->", to_english.translate("Elles regardent."))

# %% [markdown]
# A round trip is a cheap test, but a forgiving one. *Ils* and *Elles* both come back as *They*: what one direction must guess, the other throws away, and no round trip that starts in English shows it.
# <!-- zh -->
# 往返翻译是一种便宜但宽松的检验。*Ils* 和 *Elles* 译回来都是 *They*：一个方向必须猜测的信息，另一个方向把它丢掉了，而从英语出发的往返翻译看不出来。

# %% [markdown]
# ## Any pairs will do
#
# | task | $x$ | $y$ | where |
# | --- | --- | --- | --- |
# | translation | a sentence | a sentence | notebooks 1 to 9 |
# | dates | *November 23, 2026* | *2026-11-23* | below |
# | reversing, copying, adding | letters, digits | letters, digits | below; Zaremba and Sutskever 2014 run whole programs |
# | spelling to sound | *regardent* | *ʁ ə g a ʁ d* | below; Yao and Zweig 2015 |
# | parsing | a sentence | its tree, written with brackets | Vinyals et al. 2015 |
# | summaries, dialogue | a text | a shorter one, an answer | Rush et al. 2015; Vinyals and Le 2015 |
# | speech recognition, captions | sound, an image: not tokens, so another encoder | a sentence | Chan et al. 2016; Xu et al. 2015 |
# <!-- zh -->
# ## 只要有序列对就行
#
# | 任务 | $x$ | $y$ | 出处 |
# | --- | --- | --- | --- |
# | 机器翻译 | 句子 | 句子 | 第 1 至 9 篇 |
# | 日期 | *November 23, 2026* | *2026-11-23* | 下文 |
# | 倒序、复制、加法 | 字母、数字 | 字母、数字 | 下文；Zaremba 和 Sutskever 2014 甚至执行整段程序 |
# | 由拼写到发音 | *regardent* | *ʁ ə g a ʁ d* | 下文；Yao 和 Zweig 2015 |
# | 句法分析 | 句子 | 用括号写出的句法树 | Vinyals 等 2015 |
# | 摘要、对话 | 文本 | 更短的文本、回答 | Rush 等 2015；Vinyals 和 Le 2015 |
# | 语音识别、图像描述 | 声音、图像：不是词元，要换编码器 | 句子 | Chan 等 2016；Xu 等 2015 |

# %% [markdown] tags=["subslide"]
# Each task below has the same five steps: pairs, a file of them, `gs.load_corpus` (which keeps 5 % of the sources for dev and 5 % for test), a model, `gs.train`. The tokenizer cuts at spaces, so a sequence of characters is written with spaces between them.
# <!-- zh -->
# 下面每个任务都是同样的五步：序列对、写成文件、`gs.load_corpus`（留出 5% 的源序列作验证集、5% 作测试集）、模型、`gs.train`。分词器在空格处切分，所以字符序列写成以空格隔开的字符。

# %%
folder = TemporaryDirectory()
rng = random.Random(10)
spaced = " ".join


def corpus_of(name, examples):
    """The pairs as a file, one ``source<TAB>target`` a line, read back as a Corpus."""
    path = Path(folder.name, name + ".tsv")
    path.write_text("".join(f"{x}\t{y}\n" for x, y in examples), "utf-8")
    return gs.load_corpus(path, columns=(1, 2))


def exact(model, corpus):
    """The share of unseen sources whose output is right from the first token to the last."""
    outputs = gs.Translator(model).translate([example.source for example in corpus.test])
    return gs.score(outputs, [example.references for example in corpus.test])["exact"]


# %% [markdown]
# ## Dates
#
# People write a day in many ways, computers want one: `2026-11-23`. The year moves to the front, a month is looked up (*November* → `1 1`), digits are copied, and some get a zero before them.
# <!-- zh -->
# ## 日期
#
# 人写日期有许多写法，计算机只要一种：`2026-11-23`。年份要移到最前面，月份要查出来（*November* → `1 1`），数字照抄，有的还要在前面补零。


# %%
def written(day, cut=spaced):
    """A day as people write it, its numbers cut into tokens by ``cut``."""
    y, m, d = (cut(str(number)) for number in (day.year, day.month, day.day))
    american = f"{day:%B} {d}, {y}"  # November 2 3, 2 0 2 6
    return rng.choice([american, f"{day:%A}, {american}", f"{d} {day:%B} {y}", f"{m} / {d} / {y}"])


century = [date(1950, 1, 1) + timedelta(n) for n in range(36525)]
days = rng.sample(century, pairs)
dates = corpus_of("dates", [(written(day), spaced(day.isoformat())) for day in days])
print(dates)
for example in dates.test[:4]:
    print(f"{example.source:<36} -> {example.references[0]}")

# %% [markdown] tags=["exercise"]
# ### Exercise 10.1
#
# The source is *1 April 2 0 3 0*. Write the `target` that the training file must have beside it.
# <!-- zh -->
# ### 练习 10.1
#
# 源序列是 *1 April 2 0 3 0*。写出训练文件中与之配对的 `target`。

# %% tags=["exercise"]
target = ...
### BEGIN SOLUTION
target = "2 0 3 0 - 0 4 - 0 1"
### END SOLUTION

# %% tags=["check"]
check("10.1", target)

# %% [markdown] tags=["subslide"]
# Digits are copied from places that depend on the way of writing: a task made for attention. `luong2015` has it after $g$, so that all steps of a training batch are computed at once; that makes it faster than `bahdanau2015`.
# <!-- zh -->
# 数字要从不同的位置抄来，位置取决于写法：这正是注意力机制的用武之地。`luong2015` 的注意力放在 $g$ 之后，训练时各时间步可以一起计算，因此比 `bahdanau2015` 快。

# %%
gs.seed(0)
date_model = gs.luong2015(
    dates.src_vocab, dates.tgt_vocab, embed_size=32, num_hiddens=64, drop_prob=0
)
history = gs.train(date_model, dates, epochs=date_epochs, batch_size=32, quiet=True)
print(f"{exact(date_model, dates):.1%}", tr("exact on unseen days", "未见过的日期完全正确"))
history.plot(lang)

# %% [markdown] tags=["subslide"]
# Predict the picture: four steps through the year, two looks at *November*, two at the day. And where would you look to write a hyphen?
# <!-- zh -->
# 先预测这张图：四步走过年份，两次看 *November*，两次看日。那么写连字符时应该看哪里呢？

# %%
date_writer = gs.Translator(date_model)
date_writer.attention_map("November 2 3, 2 0 2 6", lang=lang)

# %% [markdown] tags=["subslide"]
# Is attention needed? The chapter's own model has to press the whole date into $c$. The same size, data and epochs:
# <!-- zh -->
# 注意力机制是必需的吗？书中的模型必须把整个日期压进 $c$。同样的大小、数据和迭代周期数：

# %%
gs.seed(0)
no_attention = gs.book(dates.src_vocab, dates.tgt_vocab, embed_size=32, num_hiddens=64, drop_prob=0)
gs.train(no_attention, dates, epochs=date_epochs, batch_size=32, quiet=True)
for name, model in ("luong2015", date_model), ("book", no_attention):
    print(f"{name:<10} {exact(model, dates):6.1%}")

# %% [markdown] tags=["subslide"]
# Now ask for what training did not show: a day that does not exist, the order that computers use, an abbreviation, words around the date, a year of five digits. $P$ is the probability that the model itself gives to its whole answer.
# <!-- zh -->
# 现在问它训练中没有的东西：不存在的日子、计算机的顺序、缩写、日期前后的词、五位数的年份。$P$ 是模型自己给整个答案的概率。

# %%
for text in (
    "November 2 3, 2 0 2 6",
    "February 3 0, 2 0 2 1",
    "2 0 2 6 / 1 1 / 2 3",
    "2 3 Nov 2 0 2 6",
    "the 2 3 of November 2 0 2 6",
    "November 2 3, 3 1 4 1 5",
):
    answer = date_writer.search([text])[0]
    print(f"{text:<28} -> {answer.text}   P = {np.exp(answer.log_p):.2f}")

# %% [markdown]
# The first is right. The 30th of February is written without a blink: the model has learnt to rewrite, not the calendar. The others get an answer in perfect form, and usually the wrong one: no output says *I have never seen this*. $P$ is a warning, but compare the two lines with the largest $P$ after the first: it tells what is unusual, not what is wrong.
# <!-- zh -->
# 第一个是对的。2 月 30 日也照写不误：模型学会的是改写，而不是历法。其余的答案格式完美，却往往是错的：没有哪个输出会说：“这个我没见过。”$P$ 是一种警告，但请比较除第一行外 $P$ 最大的两行：它说明什么不寻常，而不是什么错了。

# %% [markdown]
# ## Backwards
#
# Letters of *They are watching*, four to eight at a time, to be written from last to first. Two tasks from the same sources: reversing, and for comparison copying.
# <!-- zh -->
# ## 倒着写
#
# 从 *They are watching* 的字母中每次取四到八个，从后往前写出来。同一批源序列做成两个任务：倒序，以及作为对照的复制。

# %%
alphabet = sorted(set("theyarewatching"))
words = sorted({spaced(rng.choices(alphabet, k=rng.randint(4, 8))) for _ in range(pairs)})
backwards = corpus_of("backwards", [(word, word[::-1]) for word in words])
copies = corpus_of("copies", [(word, word) for word in words])

gs.seed(0)
reverser = gs.luong2015(backwards.src_vocab, backwards.tgt_vocab, 32, 64, drop_prob=0)
gs.train(reverser, backwards, epochs=letter_epochs, batch_size=32, quiet=True)
print(f"{exact(reverser, backwards):.1%}", tr("exact on unseen words", "未见过的词完全正确"))
letter_writer = gs.Translator(reverser)
letter_writer.attention_map(spaced("watching"), lang=lang)

# %% [markdown]
# The other diagonal: nobody told the model that the order is reversed, and attention drew it. It also shows how little this task is: each letter depends on one letter.
# <!-- zh -->
# 另一条对角线：没有人告诉模型顺序是反的，注意力自己画了出来。它也说明这个任务有多简单：每个字母只取决于一个字母。

# %% [markdown] tags=["subslide"]
# ### Exact up to a point
#
# Training had four to eight letters. Guess the picture before you draw it: forty words of each length from 2 to 14.
# <!-- zh -->
# ### 对到哪里为止
#
# 训练时有四到八个字母。画图之前先猜一猜：2 到 14 的每种长度各四十个词。

# %%
lengths = [length for length in range(2, 15) for _ in range(40)]
probes = [spaced(rng.choices(alphabet, k=length)) for length in lengths]
right = [y == x[::-1] for x, y in zip(probes, letter_writer.translate(probes))]
print("w e a r e w a t c h i n g ->", letter_writer.translate("w e a r e w a t c h i n g"))
gs.accuracy_by_length(lengths, right, lang)

# %% [markdown]
# A rule would not care. The model has learnt what to do with words of four to eight letters, and its states have never counted further: all tests within the training distribution would have called it perfect. [Notebook 9](09_where_it_breaks.ipynb) finds the same in translation.
# <!-- zh -->
# 真正的规则不在乎长度。模型学会的是处理四到八个字母的词，它的隐藏状态从来没有数到更远处：只在训练分布之内测试，它就是完美的。[第 9 篇](09_where_it_breaks.ipynb)在翻译中发现了同样的事。

# %% [markdown] tags=["subslide"]
# ### Why Sutskever reversed the source
#
# Without attention everything passes through $s_0$. Say the encoder reads one token per tick, then the decoder writes one per tick; leave `<eos>` aside. For copying $T$ tokens in the order of reading, token $t$ is read at tick $t$ and written at tick $T + t$: it must be remembered for $T$ ticks, whichever it is.
# <!-- zh -->
# ### Sutskever 等人为什么把源序列倒过来
#
# 没有注意力时，一切都要经过 $s_0$。设编码器每个时刻读一个词元，随后解码器每个时刻写一个；`<eos>` 不计。要复制按顺序读入的 $T$ 个词元，词元 $t$ 在时刻 $t$ 被读入，在时刻 $T + t$ 被写出：无论哪一个，都要记住 $T$ 个时刻。

# %% [markdown] tags=["exercise"]
# ### Exercise 10.2
#
# Now let the encoder read from last to first (`reverse=True`), the output is still a copy of $x_1, \ldots, x_T$. Write `lags(T, reverse)`: the list of the $T$ numbers of ticks that tokens 1 to $T$ must be remembered. Before you run it: does the mean change? The smallest?
# <!-- zh -->
# ### 练习 10.2
#
# 现在让编码器从后往前读（`reverse=True`），输出仍是 $x_1, \ldots, x_T$ 的复制。写出 `lags(T, reverse)`：一个列表，依次为词元 1 到 $T$ 各需要记住多少个时刻。运行之前先想：平均值会变吗？最小值呢？


# %% tags=["exercise"]
def lags(T, reverse):
    """How long tokens 1 to T wait from being read to being written, a list of T whole numbers."""
    ### BEGIN SOLUTION
    read = [T + 1 - t if reverse else t for t in range(1, T + 1)]
    return [T + t - read[t - 1] for t in range(1, T + 1)]
    ### END SOLUTION


# %% tags=["check"]
check("10.2", lags)

# %% [markdown] tags=["subslide"]
# Sutskever et al. say it so (section 3.3): the mean lag stays, but the first words are now close, and training gets a foothold there. Then reversing is no magic, and must **hurt** where the output runs the other way. Four models, two tasks, two ways of reading: which two win?
# <!-- zh -->
# Sutskever 等人正是这样说的（3.3 节）：平均滞后不变，但开头几个词离得近了，训练便有了立足点。既然如此，倒序就不是魔法：输出方向相反时它必定**有害**。四个模型、两个任务、两种读法：哪两个会赢？

# %%
shares = {}
for task, corpus in ("copies", copies), ("backwards", backwards):
    for reverse in False, True:
        gs.seed(0)
        model = gs.sutskever2014(
            corpus.src_vocab, corpus.tgt_vocab, 32, 128, reverse=reverse, drop_prob=0
        )
        gs.train(model, corpus, epochs=letter_epochs, batch_size=32, quiet=True)
        shares[task, reverse] = exact(model, corpus)

# %%
with drawing(lang, 7, 3.4) as (figure, _):
    axes = figure.subplots()
    for reverse, color, hatch in (False, "#9ecae1", ""), (True, "#12395f", "//"):
        heights = [shares[task, reverse] for task in ("copies", "backwards")]
        places = np.arange(2) + (0.2 if reverse else -0.2)
        bars = axes.bar(places, heights, 0.38, color=color, hatch=hatch, edgecolor="white")
        axes.bar_label(bars, [f"{height:.0%}" for height in heights])
    axes.set_xticks([0, 1], labels=[label("copying", "复制"), label("writing backwards", "倒写")])
    axes.set(ylim=(0, 1.15), ylabel=label("exact on unseen words", "未见过的词，完全正确率"))
    ways = [label("read first to last", "从前往后读"), label("read last to first", "从后往前读")]
    axes.legend(axes.containers, ways, ncols=2, loc="upper center")
figure

# %% [markdown]
# Each task prefers the reading that ends where its output begins. English and French run roughly in the same order, so Sutskever's translator is on the left-hand side of this picture. With attention the question disappears: every state is one step away.
# <!-- zh -->
# 每个任务都更喜欢在“输出开始之处”结束的那种读法。英语和法语的语序大致相同，所以 Sutskever 等人的翻译模型属于图中左边的情形。有了注意力机制，这个问题就不存在了：每个隐藏状态都只有一步之遥。

# %% [markdown] tags=["exercise"]
# ### Exercise 10.3
#
# In a sum, the carry travels from the units to the left, but a decoder writes from left to right: it would have to know the first digit before it has added the last ones. So let it write the **units first**. Write `sum_pair(a, b)`: the source `"3 4 5 + 6 7"` for 345 + 67, and the target with one digit a token, units first.
# <!-- zh -->
# ### 练习 10.3
#
# 做加法时，进位从个位向左传，而解码器从左往右写：末位还没加，就得知道首位。所以让它**先写个位**。写出 `sum_pair(a, b)`：对 345 + 67，源序列是 `"3 4 5 + 6 7"`，目标序列每个词元一位数字，先写个位。


# %% tags=["exercise"]
def sum_pair(a, b):
    """``(source, target)`` of the sum of two whole numbers, digit by digit."""
    ### BEGIN SOLUTION
    return f"{spaced(str(a))} + {spaced(str(b))}", spaced(reversed(str(a + b)))
    ### END SOLUTION


# %% tags=["check"]
check("10.3", sum_pair)

# %% [markdown]
# ## From spelling to sound
#
# *Ils regardent.* is written with more letters than it has sounds: the ending *-ent* of a verb is silent. In a noun it is heard: *ils couvent* (they brood) ends in [v], *le couvent* (the convent) in [ã], and only the word before tells. A dictionary of sounds is a seq2seq corpus; so that all of it is known, rules write ours.
# <!-- zh -->
# ## 由拼写到发音
#
# *Ils regardent.* 写出来的字母比读出来的音多：动词词尾 *-ent* 不发音。在名词里却要发音：*ils couvent*（它们孵蛋）以 [v] 结尾，*le couvent*（修道院）以 [ã] 结尾，只有前面的词能区分。发音词典就是一份 seq2seq 语料；为了一切都可知，我们的词典由规则写成。

# %%
V = "[aeiouéè]"
rules = [
    ("eau|au", "o"), ("oi", "w a"), ("ou", "u"), ("eu", "ø"), ("ai|è", "ɛ"),
    (f"[ae][nm](?!{V}|[nm])", "ã"), (f"i[nm](?!{V}|[nm])", "ẽ"), (f"o[nm](?!{V}|[nm])", "õ"),
    ("ch", "ʃ"), ("gn", "ɲ"), ("qu", "k"), ("ss|c(?=[eéèi])", "s"), (f"(?<={V})s(?={V})", "z"),
    ("j|g(?=[eéèi])", "ʒ"), ("é", "e"), ("e", "ə"), ("u", "y"), ("r", "ʁ"), ("c", "k"),
]  # fmt: skip
rules += [(letter, letter) for letter in "abdfgiklmnopstvwxz"]
spoken = {"ils": "i l ", "le": "l ə "}


def sounds(phrase):
    """How "ils ..." with a verb, or "le ..." with a noun, sounds: the first rule that fits."""
    who, word = phrase.split()
    table = [("ent$" if who == "ils" else "e?[dpstxz]+$|e$", ""), *rules]
    pattern = "|".join(f"({spelling})" for spelling, _ in table)
    text = re.sub(pattern, lambda found: table[found.lastindex - 1][1] + " ", word)
    return spaced((spoken[who] + text).split())


for phrase in "ils regardent", "ils couvent", "le couvent", "le regard":
    print(f"{phrase:<14} {sounds(phrase)}")

# %% [markdown] tags=["subslide"]
# These are a simplification, and not French phonetics: one *o*, one *e* muet that is always heard inside a word, no liaison, no exceptions; `ã õ ẽ` are the nasal vowels. The words are invented, syllable by syllable, and the real words of the test are kept out of them. `_` stands for the space between the words.
# <!-- zh -->
# 这些规则是简化，不是完整的法语语音学：只有一个 *o*，词中的 *e* 一律发音，没有联诵，没有例外；`ã õ ẽ` 是鼻化元音。训练用的词由音节随机拼成，并排除了用来测试的真实词。`_` 表示两个词之间的空格。

# %%
onsets = ["b", "c", "ch", "d", "f", "g", "gn", "j", "l", "m", "n", "p", "qu", "r", "s", "ss"]
onsets += ["t", "v", "br", "pr", "tr", "pl", "rd", "rt"]
vowels = ["a", "é", "e", "i", "o", "u", "ou", "oi", "eu", "ai", "an", "en", "in", "on"]
endings = ["ent", "ent", "ent", "on", "in", "eau", "et", "age", "é", "e"]
real = ["ils regardent", "ils chantent", "ils mangent", "ils couvent"]
real = [*real, "le couvent", "le moment", "le jardin", "le poisson", "le bateau"]


def invented():
    stem = "".join(rng.choice(onsets) + rng.choice(vowels) for _ in range(rng.randint(1, 2)))
    who = rng.choice(["ils", "le"])
    return f"{who} {stem}{rng.choice(onsets)}{'ent' if who == 'ils' else rng.choice(endings)}"


phrases = [phrase for phrase in (invented() for _ in range(pairs)) if phrase not in real]
spelt = {phrase: spaced(phrase.replace(" ", "_")) for phrase in phrases + real}
voices = corpus_of("sounds", [(spelt[phrase], sounds(phrase)) for phrase in phrases])
print(voices.train[0].source, "->", voices.train[0].references[0])

# %%
gs.seed(0)
reader = gs.luong2015(voices.src_vocab, voices.tgt_vocab, 32, 64, drop_prob=0)
gs.train(reader, voices, epochs=sound_epochs, batch_size=16, quiet=True)
print(f"{exact(reader, voices):.1%}", tr("exact on unseen words", "未见过的词完全正确"))
aloud = gs.Translator(reader)
for phrase, text in zip(real, aloud.translate([spelt[phrase] for phrase in real])):
    print("✓" if text == sounds(phrase) else "✗", f"{phrase:<14} {text}")

# %% tags=["subslide"]
aloud.attention_map(spelt["ils regardent"], lang=lang)

# %% tags=["subslide"]
aloud.attention_map(spelt["le couvent"], lang=lang)

# %% [markdown]
# An almost straight way down: spelling and sound run in the same order, with jumps over silent letters. Now the subtle part: does any row look back at `i l s` or `l e` before it leaves *-ent* silent or says [ã]? It need not. The encoder's states have already read the whole phrase, in both directions, and the decoder has itself just said *i l* or *l ə*. A map shows where the model looks, not all that it knows.
# <!-- zh -->
# 一条几乎笔直向下的路：拼写与发音顺序相同，遇到不发音的字母就跳过去。微妙之处在于：决定 *-ent* 不发音还是读 [ã] 之前，有哪一行回头看了 `i l s` 或 `l e` 吗？不必。编码器的隐藏状态已经从两个方向读过整个短语，解码器自己也刚刚读出了 *i l* 或 *l ə*。注意力图显示模型看向哪里，而不是它知道的一切。

# %% [markdown] tags=["subslide"]
# And where it fails: at words whose spelling follows no rule of ours, and at a letter that no training word has.
# <!-- zh -->
# 它会在哪里失败？拼写不遵循我们规则的词，以及训练中从未出现过的字母。

# %%
print(tr("phrase; model; rules; French", "短语；模型；规则；法语"))
for phrase, french in {
    "le monsieur": "l ə m ə s j ø",
    "le fils": "l ə f i s",
    "le wagon": "l ə v a g õ",
}.items():
    heard = aloud.translate(spaced(phrase.replace(" ", "_")))
    print(f"{phrase:<14} {heard:<16} {sounds(phrase):<16} {french}")
print(voices.src_vocab.to_tokens(voices.src_vocab.encode("l e _ w a g o n")))

# %% [markdown]
# ## Attention without a decoder: pooling
#
# In the chapter $c = q(h_1, \ldots, h_T)$, and $q$ is ours to choose. Attention whose query is not a decoder's state but a parameter, learnt like any weight, is one more $q$ beside `gs.LastState`, `gs.MeanState` and `gs.MaxState`: $c = \sum_t \alpha_t h_t$ (Lin et al. 2017, Yang et al. 2016). The package does not have it, so here it is.
# <!-- zh -->
# ## 没有解码器的注意力：池化
#
# 书中 $c = q(h_1, \ldots, h_T)$，而 $q$ 由我们选择。如果注意力的查询不是解码器的隐藏状态，而是像权重一样学习得到的参数，它就是 `gs.LastState`、`gs.MeanState`、`gs.MaxState` 之外的又一种 $q$：$c = \sum_t \alpha_t h_t$（Lin 等 2017，Yang 等 2016）。软件包里没有它，所以在这里写出来。


# %%
class AttentionPool(HybridBlock):
    """q with attention: ``h (N, T, D)``, ``valid_length (N,)`` -> ``c (N, D)``."""

    def __init__(self, size, attention, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.query = self.params.get("query", shape=(1, 1, size))
            self.attention = attention

    def hybrid_forward(self, F, h, valid_length, query):
        s = F.broadcast_like(query, h, lhs_axes=(0,), rhs_axes=(0,))  # (N, 1, D)
        c, _ = self.attention(s, h, valid_length)  # (N, 1, D)
        return c.reshape((0, -1))  # (N, D)


encoder = gs.Encoder(vocab_size=20, embed_size=4, num_hiddens=6, q=AttentionPool(6, gs.Dot()))
encoder.initialize(init.Xavier())
h, state, c = encoder(nd.array([[5, 6, 7, 2]], dtype="int32"), nd.array([4], dtype="int32"))
print(h.shape, c.shape)

# %% [markdown] tags=["subslide"]
# A task for it: which tense will the **French** translation have? `mini` knows. English *watched* leaves it open: *They watched* is a passé composé, *They often watched* an imparfait. One word of the sentence decides, or two, among up to thirteen; a mean gives every word the same weight.
# <!-- zh -->
# 给它一个任务：**法语**译文会用什么时态？`mini` 知道答案。英语的 *watched* 并不能决定：*They watched* 译成 passé composé（复合过去时），*They often watched* 译成 imparfait（未完成过去时）。句中最多十三个词元，起决定作用的只有一两个词；而平均值给每个词同样的权重。

# %%
tenses = {"future": "future", "imparfait": "imparfait", "passé composé": "passé-composé"}


def labelled(examples):
    """Pairs (sentence, tense) of those that have one tense only."""
    found = [[tenses[p] for p in e.gold.phenomena[0] if p in tenses] for e in examples]
    return [
        (e.source, (names or ["present"])[0]) for e, names in zip(examples, found) if len(names) < 2
    ]


mini = gs.load_corpus("mini")
train_tenses, test_tenses = labelled(mini.train[:sentences]), labelled(mini.test)
names = Counter(name for _, name in train_tenses)
tense_vocab = gs.Vocabulary(names, gs.Tokenizer())
print(names)
print(train_tenses[0], len(test_tenses))

# %% [markdown] tags=["subslide"]
# A label is a target sequence of one token, so that `gs.Minibatches` does the batching, and the label is `Y[:, 0]`. Word vectors, a $q$, one dense layer: no recurrent network, to let the weights speak about words and nothing else. Three models, which differ in $q$ alone: the mean, attention with the simplest score, and attention with Bahdanau's.
# <!-- zh -->
# 类别就是只有一个词元的目标序列，所以小批量仍由 `gs.Minibatches` 生成，标签是 `Y[:, 0]`。词向量、一个 $q$、一个全连接层：不用循环神经网络，让权重只说明词本身。三个模型只有 $q$ 不同：平均池化、用最简单打分函数的注意力池化，以及用 Bahdanau 打分函数的注意力池化。


# %%
class TenseClassifier(HybridBlock):
    def __init__(self, q, size=32, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(
                len(mini.src_vocab), size, weight_initializer=init.Uniform(0.3)
            )
            self.q = q
            self.output = nn.Dense(len(tense_vocab), in_units=size)

    def hybrid_forward(self, F, X, valid_length):
        return self.output(self.q(self.embedding(X), valid_length))  # (N, classes)


def accuracy(model, examples):
    right = 0
    for X, valid_length, _, Y, _ in gs.Minibatches(examples, mini.src_vocab, tense_vocab, 64):
        right += (
            (model(X, valid_length).argmax(axis=1) == Y[:, 0].astype("float32")).sum().asscalar()
        )
    return right / len(examples)


# %% tags=["skip"]
curves, classifiers = {}, {}
loss = gluon.loss.SoftmaxCrossEntropyLoss()
pools = {
    "mean": gs.MeanState(),
    "dot": AttentionPool(32, gs.Dot()),
    "additive": AttentionPool(32, gs.Additive(32, 32, 32)),
}
for name, q in pools.items():
    gs.seed(0)
    model = classifiers[name] = TenseClassifier(q)
    model.initialize(init.Xavier())
    model.hybridize()
    trainer = gluon.Trainer(model.collect_params(), "adam", {"learning_rate": 5e-3})
    batches = gs.Minibatches(train_tenses, mini.src_vocab, tense_vocab, 32, shuffle=True)
    curves[name] = [accuracy(model, test_tenses)]
    for _ in range(tense_epochs):
        for X, valid_length, _, Y, _ in batches:
            with autograd.record():
                mean = loss(model(X, valid_length), Y[:, 0]).mean()
            mean.backward()
            trainer.step(1)
        curves[name].append(accuracy(model, test_tenses))

# %% tags=["subslide"]
with drawing(lang, 7, 3.6) as (figure, _):
    axes = figure.subplots()
    for (name, shares_of), line in zip(curves.items(), ("s--", "o-", "^:")):
        axes.plot(shares_of, line, label=name)
        print(f"{name:<10}", " ".join(f"{share:6.1%}" for share in shares_of))
    axes.set(xlabel=label("epoch", "迭代周期"), ylim=(0, 1.02))
    axes.set_ylabel(label("right tenses (test)", "时态正确率（测试集）"))
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
figure

# %% [markdown] tags=["subslide"]
# The dot score gets there first. But attention is not better by itself: Bahdanau's, with more parameters, falls behind the plain mean. What does it get wrong? Count pairs (right tense, predicted tense), then look for them in the picture below.
# <!-- zh -->
# 点积打分最先到达。但注意力并非天然更好：参数更多的 Bahdanau 打分反而落在简单的平均之后。它错在哪里？数一数（正确时态，预测时态）的组合，再到下图中寻找原因。


# %%
def tense_of(model, sentence):
    X = nd.array([mini.src_vocab.encode(sentence)], dtype="int32")  # (1, T)
    logits = model(X, nd.array(X.shape[1:], dtype="int32"))
    return tense_vocab.idx_to_token[int(logits.argmax(axis=1).asscalar())]


for name in classifiers:
    pairs_of_tenses = [(tense, tense_of(classifiers[name], x)) for x, tense in test_tenses]
    wrong = Counter(" -> ".join(pair) for pair in pairs_of_tenses if pair[0] != pair[1])
    print(f"{name:<10}", "; ".join(f"{n} x {pair}" for pair, n in wrong.most_common(3)))

# %% tags=["subslide"]
texts = ["They are watching.", "They will watch the birds.", "They watched the birds."]
texts += ["They often watched the birds.", "Was the old man tired this morning?"]
with drawing(lang, 10, 4.6) as (figure, _):
    panels = figure.subplots(2, 1)
    for axes, name in zip(panels, ("dot", "additive")):
        model = classifiers[name]
        for row, text in enumerate(texts):
            tokens = [*mini.src_vocab.tokenizer.tokenize(text), "<eos>"]
            length = nd.array([len(tokens)], dtype="int32")
            h = model.embedding(nd.array([mini.src_vocab.encode(text)], dtype="int32"))
            _, alpha = model.q.attention(model.q.query.data(), h, length)  # (1, 1, T)
            place = (0, len(tokens), row + 0.45, row - 0.45)
            image = axes.imshow(alpha[0].asnumpy(), "Blues", vmin=0, vmax=1, extent=place)
            for t, token in enumerate(tokens):
                style = {"color": "white" if alpha[0, 0, t].asscalar() > 0.55 else "black"}
                axes.text(t + 0.5, row, token, ha="center", va="center", fontsize=9, **style)
        axes.set(xlim=(0, 9), ylim=(4.5, -0.5), aspect="auto", xticks=[], title=name)
        axes.set_yticks(range(5), labels=[tense_of(model, text) for text in texts])
    figure.colorbar(image, ax=list(panels), label=label("attention weight", "注意力权重"))
figure

# %% [markdown]
# Where one word decides, all weight on it is right. *Often watched* needs two, and a pool that has learnt early to take one word whole cannot let the second have its say. The mean hears every word; its word vectors must then do alone what weights would do. What attention gives on top is a trace that can be read: one weight a word.
# <!-- zh -->
# 如果一个词就能决定，把权重全放在它上面是对的。*often watched* 却需要两个词，而过早学会只取一个词的池化层无法让第二个词发声。平均池化听得到每个词，但本可由权重完成的事，只能全由词向量承担。注意力另外给出了可读的痕迹：每个词一个权重。

# %% [markdown]
# ## Attention is older than neural networks
#
# To estimate $y$ at a new $x$, average the known $y_i$, those of near $x_i$ with more weight (Nadaraya 1964, Watson 1964). Query $x$, keys $x_i$, values $y_i$, score $a(x, x_i) = -(x - x_i)^2 / (2 w^2)$: attention, with nothing to learn. In the package a new score is one method.
# <!-- zh -->
# ## 注意力比神经网络更古老
#
# 要估计新的 $x$ 处的 $y$，就对已知的 $y_i$ 作加权平均，离得近的 $x_i$ 权重大（Nadaraya 1964，Watson 1964）。查询是 $x$，键是 $x_i$，值是 $y_i$，打分函数 $a(x, x_i) = -(x - x_i)^2 / (2 w^2)$：这就是没有任何参数要学的注意力。在软件包里，新的打分函数只需写一个方法。


# %%
class Gaussian(gs.Attention):
    """a(s, h) = -(s - h)^2 / (2 w^2) for ``s (N, T', 1)`` and keys ``(N, T, 1)``."""

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width

    def a(self, F, s, keys):
        distance = F.broadcast_sub(s, keys.swapaxes(1, 2))  # (N, T', T)
        return -F.square(distance) / (2 * self.width**2)


gs.seed(0)
x_i = nd.sort(nd.random.uniform(0, 6, (1, 30, 1)), axis=1)  # keys
y_i = nd.sin(x_i) + nd.random.normal(0, 0.2, x_i.shape)  # values
x = nd.arange(0, 6.05, 0.1).reshape((1, -1, 1))  # queries (1, 61, 1)
curve, alpha = {}, {}
for width in 0.05, 0.4, 3.0:
    curve[width], alpha[width] = Gaussian(width).attend(nd, x, x_i, y_i, nd.ones((1, 1, 30)), None)
print(curve[0.4].shape, alpha[0.4].shape)

# %% tags=["subslide"]
with drawing(lang, 10, 3.8) as (figure, _):
    left, right_axes = figure.subplots(1, 2)
    left.scatter(
        x_i.asnumpy().ravel(),
        y_i.asnumpy().ravel(),
        18,
        "black",
        label=label("known points", "已知的点"),
    )
    for width, line in (0.05, ":"), (0.4, "-"), (3.0, "--"):
        left.plot(x[0, :, 0].asnumpy(), curve[width][0, :, 0].asnumpy(), line, label=f"w = {width}")
    left.set(xlabel="x", ylabel="y", ylim=(-1.6, 2.4))
    left.legend(ncols=2, loc="upper right", fontsize=9)
    image = right_axes.imshow(
        alpha[0.4][0].asnumpy(), "Blues", aspect="auto", extent=(0.5, 30.5, 6, 0)
    )
    right_axes.set(
        xlabel=label("known point i (key)", "已知的点 i（键）"), ylabel=label("query x", "查询 x")
    )
    figure.colorbar(image, label=label("attention weight, w = 0.4", "注意力权重，w = 0.4"))
figure

# %% [markdown]
# On the right, an attention map like any other: a soft alignment of queries with keys. Small $w$: nearly all weight on the nearest point, and every error of measurement is believed. Large $w$: all points weigh nearly alike, and the curve flattens towards their mean. In a translator this width is learnt: the size of the scores decides how sharp $\alpha$ is.
# <!-- zh -->
# 右边是一张普通的注意力图：查询与键的软对齐。$w$ 小：权重几乎全在最近的点上，每个测量误差都被当真。$w$ 大：所有的点权重几乎相同，曲线被压平，趋向它们的平均值。在翻译模型里，这个宽度是学出来的：打分的大小决定 $\alpha$ 有多尖锐。

# %% [markdown] tags=["exercise"]
# ### Exercise 10.4
#
# Without any Block: write `kernel_regression(x, x_i, y_i, width)` for one query, a number, and two NumPy arrays of known points. It returns a number.
# <!-- zh -->
# ### 练习 10.4
#
# 不用任何 Block：写出 `kernel_regression(x, x_i, y_i, width)`，其中查询 `x` 是一个数，已知的点是两个 NumPy 数组。返回一个数。


# %% tags=["exercise"]
def kernel_regression(x, x_i, y_i, width):
    """The estimate of y at x: the mean of y_i, weighted by how near x_i is."""
    ### BEGIN SOLUTION
    e = -((x - x_i) ** 2) / (2 * width**2)
    alpha = np.exp(e) / np.exp(e).sum()
    return (alpha * y_i).sum()
    ### END SOLUTION


# %% tags=["check"]
check("10.4", kernel_regression)

# %% [markdown]
# ## Self-attention
#
# Let the states of a sentence be queries, keys and values at once: every word looks at every word, in one step, however far apart. That is the Transformer's step (Vaswani et al. 2017), where learnt matrices first make three different vectors of each $h_t$. The package's `gs.ScaledDot` does it as it is.
# <!-- zh -->
# ## 自注意力
#
# 让同一个句子的隐藏状态同时充当查询、键和值：每个词一步就能看到每个词，无论相距多远。这就是 Transformer 的那一步（Vaswani 等 2017），只不过在那里，学习得到的矩阵先把每个 $h_t$ 变成三个不同的向量。软件包的 `gs.ScaledDot` 不加修改就能做到。

# %%
shipped = to_french.model
text = "They are watching the birds and the children are tired."
tokens = [*shipped.src_vocab.tokenizer.tokenize(text), "<eos>"]
valid_length = nd.array([len(tokens)], dtype="int32")
X = nd.array([shipped.src_vocab.encode(text)], dtype="int32")  # (1, T)
word_vectors = shipped.encoder.embedding(X)  # (1, T, E)
h, _, _ = shipped.encoder(X, valid_length)  # (1, T, D)
_, by_words = gs.ScaledDot(word_vectors.shape[2])(word_vectors, word_vectors, valid_length)
_, by_states = gs.ScaledDot(h.shape[2])(h, h, valid_length)  # (1, T, T)
gs.attention_map(by_states[0].asnumpy(), tokens, tokens, lang=lang)

# %% [markdown] tags=["subslide"]
# Rows are queries, columns are keys. The states come from a recurrent network, so neighbours resemble each other, and each word still looks most at itself. Now the plain word vectors instead of states. *the* and *are* each stand there twice. What must be true of the two rows?
# <!-- zh -->
# 每行是一个查询，每列是一个键。隐藏状态来自循环神经网络，所以相邻的词彼此相似，而每个词仍然最关注自己。现在把隐藏状态换成单纯的词向量。*the* 和 *are* 各出现两次。它们的两行必定有什么关系？

# %%
first, second = (i for i, token in enumerate(tokens) if token == "are")
same = tr("both rows of 'are' are the same", "“are”的两行相同")
print(close(by_words[0, first], by_words[0, second]), same, tr("(word vectors)", "（词向量）"))
print(close(by_states[0, first], by_states[0, second]), same, tr("(states)", "（隐藏状态）"))

order = nd.array(list(reversed(range(len(tokens)))), dtype="int32")
turned_round = word_vectors.take(order, axis=1)  # the sentence backwards, (1, T, E)
look = gs.ScaledDot(word_vectors.shape[2])
c, _ = look(word_vectors, word_vectors, valid_length)
c_round, _ = look(turned_round, turned_round, valid_length)
print(
    close(c.take(order, axis=1), c_round),
    tr("the same vectors, backwards", "同样的向量，顺序倒过来"),
)

# %% [markdown]
# Self-attention does not know order: *the cat sees the dog* and *the dog sees the cat* are the same bag to it. A recurrent network reads order for free; a Transformer has to be given it, as position vectors that are added to the words.
# <!-- zh -->
# 自注意力不知道顺序：对它来说，*the cat sees the dog* 和 *the dog sees the cat* 是同一袋词。循环神经网络读入时自然带着顺序；Transformer 则必须另外得到它，即加在词向量上的位置编码。

# %% [markdown] tags=["exercise"]
# ### Exercise 10.5
#
# Write `self_attention(h)` from the formula at the top, for one sentence without padding: `h (T, D)` in, `(T, D)` out. `nd.dot` and `nd.softmax` are enough.
# <!-- zh -->
# ### 练习 10.5
#
# 按本篇开头的公式写出 `self_attention(h)`，只考虑一个没有填充的句子：输入 `h (T, D)`，输出 `(T, D)`。用 `nd.dot` 和 `nd.softmax` 就够了。


# %% tags=["exercise"]
def self_attention(h):
    """h'_t for every t: ``(T, D)`` -> ``(T, D)``."""
    ### BEGIN SOLUTION
    e = nd.dot(h, h.T) / h.shape[1] ** 0.5  # (T, T)
    return nd.dot(nd.softmax(e, axis=1), h)  # (T, D)
    ### END SOLUTION


# %% tags=["check"]
check("10.5", self_attention)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# ### What kind of problem this is
#
# Input and output are sequences of **discrete** tokens; their lengths may differ, and are not known before. How do the tasks above differ among themselves? Two numbers tell: how much output there is for each source token, and whether attention only walks forwards, as the share of steps at which the strongest weight does not move back.
# <!-- zh -->
# ## 书中没有明说的
#
# ### 这是一类什么样的问题
#
# 输入和输出都是**离散**词元的序列；长度可以不同，输出长度事先不知道。上面几个任务彼此有何不同？看两点：平均每个源词元对应多少输出，以及注意力是否只向前走，即最大权重的位置没有后退的时间步所占的比例。


# %%
def forwards(model, examples):
    """The share of steps at which the strongest weight moves on or stays."""
    sources, targets = zip(*((e.source, e.references[0]) for e in examples))
    found = gs.Translator(model).force(sources, targets)
    paths = [translation.attention[:-1].argmax(axis=1) for translation in found]
    moves = np.concatenate([np.diff(path) for path in paths])
    length = sum(len(path) for path in paths) / sum(t.attention.shape[1] - 1 for t in found)
    return length, np.mean(moves >= 0)


print(
    tr("output per source token; steps forwards; task", "每个源词元的输出词元数；向前的步数；任务")
)
for name, model, corpus in (
    (tr("spelling to sound", "由拼写到发音"), reader, voices),
    (tr("French to English", "由法语到英语"), turned_model, turned),
    (tr("dates", "日期"), date_model, dates),
    (tr("backwards", "倒写"), reverser, backwards),
):
    length, share = forwards(model, corpus.test)
    print(f"{length:.2f}  {share:4.0%}  {name}")

# %% [markdown] tags=["subslide"]
# Where nearly all steps go forwards, as in spelling and in speech, one may build that in and gain from it; `gs.LocalMonotonic` is a simple form of it ([notebook 7](07_attention.ipynb)). Where one side has no order at all, a set, seq2seq must still write it in some order, and which one matters (Vinyals et al. 2016, below). And where the output is a **number** and not a token, as tomorrow's temperature, a regression is the better question.
# <!-- zh -->
# 如果几乎每步都向前，例如拼写和语音，就可以把这一点做进模型并从中得益；`gs.LocalMonotonic` 是它的一种简单形式（[第 7 篇](07_attention.ipynb)）。如果某一边根本没有顺序，即一个集合，seq2seq 也只能按某种顺序写出它，而用哪种顺序是有影响的（见文末 Vinyals 等 2016）。而如果输出是一个**数值**而不是词元，例如明天的气温，那么它更应当是一个回归问题。

# %% [markdown] tags=["subslide"]
# ### Exact match is a hard measure
#
# A date with one wrong digit is a wrong date, so for dates it is the right measure. But it hides how near a model is. The model without attention again: how many of its characters are right at each of the ten places, and how many of its dates? If the places failed independently, the product of their shares would be the share of right dates.
# <!-- zh -->
# ### 完全正确是苛刻的度量
#
# 错一位数字的日期就是错的日期，所以对日期来说这个度量是恰当的。但它掩盖了模型离正确有多近。再看没有注意力的模型：十个位置上各写对了多少字符，又写对了多少日期？假如各个位置独立地出错，各位置正确率的乘积就应当是日期的正确率。

# %%
outputs = gs.Translator(no_attention).translate([example.source for example in dates.test])
found = [(y.split(), example.references[0].split()) for y, example in zip(outputs, dates.test)]
places = [np.mean([y[t : t + 1] == right[t : t + 1] for y, right in found]) for t in range(10)]
print(" ".join(f"{place:>3}" for place in "yyyy-mm-dd"))
print(" ".join(f"{100 * share:3.0f}" for share in places), tr("% right", "% 正确"))
print(f"{np.mean(places):6.1%}", tr("mean of the ten", "十个位置的平均"))
print(f"{np.prod(places):6.1%}", tr("product of the ten", "十个位置的乘积"))
print(f"{exact(no_attention, dates):6.1%}", tr("dates wholly right", "完全正确的日期"))

# %% [markdown] tags=["skip"]
# The hyphens cost nothing, the later digits of a number the most. Where more dates are right than the product says, errors come together: a date that is hard is hard in several places. Translation is harsher still, for exact match there needs to know **all** right answers; `mini` knows them, your own data will not. Hence BLEU ([notebook 8](08_evaluation.ipynb)).
# <!-- zh -->
# 连字符不费力气，一个数里靠后的数字最难。如果正确的日期比乘积所说的多，说明错误是一起出现的：难写的日期往往同时难在好几处。翻译更苛刻，因为那里的完全正确率需要知道**所有**正确答案；`mini` 知道，你自己的数据却不会知道。因此才有 BLEU（[第 8 篇](08_evaluation.ipynb)）。

# %% [markdown] tags=["exercise"]
# ### Exercise 10.6
#
# A model gets every token right with probability 0.99, independently. What is the `longest` output, in tokens, of which it still gets at least half wholly right?
# <!-- zh -->
# ### 练习 10.6
#
# 一个模型写对每个词元的概率都是 0.99，且相互独立。输出最长（`longest`）为多少个词元时，它仍能把至少一半的输出写得完全正确？

# %% tags=["exercise"]
longest = ...
### BEGIN SOLUTION
longest = int(np.log(0.5) / np.log(0.99))
### END SOLUTION

# %% tags=["check"]
check("10.6", longest)

# %% [markdown] tags=["subslide"]
# ### The tokens are part of the model
#
# A number can be cut into digits, as so far, or stay one token: the year `2 0 2 6`, or `2026`. The days, the model and the epochs are the same. Then both write days from 2050 on, of which training had none.
# <!-- zh -->
# ### 词元是模型的一部分
#
# 一个数可以像前面那样切成数字，也可以整个作为一个词元：年份 `2 0 2 6`，或者 `2026`。日子、模型和迭代周期数都相同。然后让两者写 2050 年以后的日期，训练中一个也没有。

# %%
whole = corpus_of("whole", [(written(day, str), spaced(day.isoformat())) for day in days])
gs.seed(0)
whole_model = gs.luong2015(whole.src_vocab, whole.tgt_vocab, 32, 64, drop_prob=0)
gs.train(whole_model, whole, epochs=date_epochs, batch_size=32, quiet=True)

later = [date(2050, 1, 1) + timedelta(rng.randrange(18262)) for _ in range(100)]
answers_later = [(spaced(day.isoformat()),) for day in later]
for name, model, corpus, cut in (
    ("2 0 2 6", date_model, dates, spaced),
    ("2026", whole_model, whole, str),
):
    outputs = gs.Translator(model).translate([written(day, cut) for day in later])
    share = gs.score(outputs, answers_later)["exact"]
    line = tr(
        "{}: {} source tokens; until 2049 {:.0%} exact, from 2050 {:.0%}",
        "{}：源词典 {} 个词元；2049 年以前完全正确 {:.0%}，2050 年起 {:.0%}",
    )
    print(line.format(f"{name:<7}", len(corpus.src_vocab), exact(model, corpus), share))
print(whole.src_vocab.to_tokens(whole.src_vocab.encode("November 23, 2053")))

# %% [markdown]
# `<unk>` has no digits that could be copied. And why is the second model behind even before 2050? Each year is a word of its own there, to be learnt from its own few examples. Cut into characters, what is new is made of what is known; the price is longer sequences, more steps, and longer ways for memory. Between the two lie the subwords of today's systems (Sennrich et al. 2016). No search and no attention repairs what the tokens have thrown away.
# <!-- zh -->
# `<unk>` 里没有可以照抄的数字。而第二个模型为什么在 2050 年以前也落后？因为在它那里每个年份都是单独的词，只能从自己的几个样本中学习。切成字符之后，新的东西由已知的东西组成；代价是序列更长、步数更多、要记忆的距离更远。介于两者之间的是今天各种系统所用的子词（Sennrich 等 2016）。词元丢掉的信息，任何搜索和注意力都补不回来。

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. Which of these is **not** a problem for the chapter's seq2seq as it stands? (a) a program's text to what it prints (b) a sentence to its parse, with brackets (c) a word to its letters in alphabetical order (d) a day's temperatures to tomorrow's temperature in degrees
# 2. A model writes each of ten characters right with probability 0.99, independently. Of 100 outputs, about how many are exact? (a) 99 (b) 90 (c) 50 (d) 10
# 3. Years are whole tokens; the training data ends in 2049. What does the model know of the source year 2053? (a) only that there is a word that it does not know (b) that it begins with 20 (c) that it comes after 2049 (d) nothing, it stops with an error
# 4. Reading the source from last to first helps copying without attention. Why? (a) the mean distance between reading and writing falls (b) the encoder has fewer steps (c) the first tokens to be written have only just been read (d) `<eos>` comes first
# 5. Self-attention over word vectors, without positions: you swap two words of the sentence. What happens to the output vectors? (a) all change (b) the two change places, nothing else changes (c) nothing at all changes, no vector moves (d) only those of the words in between change
# <!-- zh -->
# ## 小测验
#
# 1. 下面哪个问题**不适合**直接用书中的 seq2seq？(a) 由程序文本到它打印的内容 (b) 由句子到带括号的句法树 (c) 由单词到按字母表顺序排列的字母 (d) 由一天的气温到明天气温的度数
# 2. 一个模型写对十个字符中每一个的概率都是 0.99，且相互独立。100 个输出中大约有多少个完全正确？(a) 99 (b) 90 (c) 50 (d) 10
# 3. 年份是整个词元，训练数据到 2049 年为止。模型对源序列中的年份 2053 知道什么？(a) 只知道那里有一个不认识的词 (b) 知道它以 20 开头 (c) 知道它在 2049 之后 (d) 什么也不知道，会报错停止
# 4. 没有注意力时，从后往前读源序列有助于复制。为什么？(a) 从读到写的平均距离变小 (b) 编码器的步数变少 (c) 最先要写的词元刚刚读过 (d) `<eos>` 排在最前面
# 5. 对词向量做自注意力，没有位置信息。交换句中的两个词，输出向量会怎样？(a) 全都改变 (b) 这两个互换位置，其余不变 (c) 完全不变，没有向量移动 (d) 只有中间那些词的改变

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "d", 2: "b", 3: "a", 4: "c", 5: "b"}
### END SOLUTION

# %% tags=["check"]
quiz(10, answers)

# %% [markdown]
# ## Where to go next
#
# - [Notebook 11](11_playground.ipynb): play with trained models, sentence by sentence.
# - [Notebook 12](12_real_data.ipynb): the step from generated pairs to what people have really written.
# - Zaremba and Sutskever 2014, *Learning to Execute*: seq2seq adds numbers and runs programs; what order to show the examples in.
# - Yao and Zweig 2015, *Sequence-to-Sequence Neural Net Models for Grapheme-to-Phoneme Conversion*: spelling to sound, with a real dictionary.
# - Vinyals, Bengio and Kudlur 2016, *Order Matters: Sequence to Sequence for Sets*: what to do where input or output has no order.
# - Vaswani et al. 2017, *Attention Is All You Need*: the whole model out of the last section's step.
# <!-- zh -->
# ## 接下来
#
# - [第 11 篇](11_playground.ipynb)：逐句试玩训练好的模型。
# - [第 12 篇](12_real_data.ipynb)：从生成的序列对走向人们真正写下的句子。
# - Zaremba 和 Sutskever 2014，*Learning to Execute*：用 seq2seq 做加法、执行程序；以及样本该按什么顺序出现。
# - Yao 和 Zweig 2015，*Sequence-to-Sequence Neural Net Models for Grapheme-to-Phoneme Conversion*：用真正的词典由拼写到发音。
# - Vinyals、Bengio 和 Kudlur 2016，*Order Matters: Sequence to Sequence for Sets*：输入或输出没有顺序时怎么办。
# - Vaswani 等 2017，*Attention Is All You Need*：用最后一节的那一步搭出整个模型。
