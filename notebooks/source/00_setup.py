# %% [markdown]
# # 0. Set-up check
#
# Five minutes, before the chapter begins: is everything in place on this machine? At the end a trained model has answered *They are watching.* with *Ils regardent.*, and you know where everything else in this course comes from.
#
# **After this notebook you can**
#
# - tell whether this machine is ready, and what to do if it is not;
# - load a corpus and a trained model, and translate with it;
# - say which file of the package holds which formula of the chapter, and read it there;
# - do an exercise here: change the cell, run it, run its check.
# <!-- zh -->
# # 0. 环境检查
#
# 正式学习这一节之前，先花五分钟确认这台机器已经准备就绪。读完本篇，一个训练好的模型会把 *They are watching.* 译成 *Ils regardent.*，而你也会知道后面各篇所用的东西分别来自哪里。
#
# **学完本篇，你能够**
#
# - 判断这台机器是否可用，不可用时知道该怎么办；
# - 载入语料和训练好的模型，并用它翻译；
# - 说出书中每个公式写在软件包的哪个文件里，并在那里读懂它；
# - 知道怎样做这里的练习：改单元格、运行、再运行它的检查。

# %% [markdown]
# ## Formulas
#
# The chapter 编码器—解码器 (seq2seq) in one table, with beam search and attention (the last three rows), which the book treats in sections of their own: each line is a formula, the code that computes it, and the notebook that takes it apart.
#
# | formula | symbol | code | shape | notebook |
# | --- | --- | --- | --- | --- |
# | $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$ | word vector | `encoder.embedding` | `(N, T)` → `(N, T, E)` | 1 |
# | $\boldsymbol{h}_t = f(\boldsymbol{x}_t, \boldsymbol{h}_{t-1})$ | encoder state | `gs.RecurrentLayer` | `h (N, T, D)` | 2, 3 |
# | $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$ | context | `gs.LastState` | `c (N, D)` | 2, 3 |
# | $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}_{t'-1})$ | decoder state | `gs.Decoder` | `s (N, T', H)` | 4 |
# | $\mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c}) = p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c})$ | probability of the next word | `gs.Readout` | `logits (N, T', V)` | 4 |
# | $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ | loss | `gs.SequenceLoss` | a sum, a count | 5 |
# | $\frac{1}{L^\alpha} \sum_{t'} \log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | score of a hypothesis | `gs.beam` | a number | 6 |
# | $\alpha_{t't} = \mathrm{softmax}_t(a(\boldsymbol{s}_{t'-1}, \boldsymbol{h}_t))$ | attention weight | `gs.Additive` | `alpha (N, T', T)` | 7 |
# | $\boldsymbol{c}_{t'} = \sum_t \alpha_{t't} \boldsymbol{h}_t$ | context of step $t'$ | `gs.Attention` | `c (N, T', D)` | 7 |
#
# `N` is the number of sentences in a batch, `T` and `T'` are the longest lengths of source and target, `E`, `D`, `H` the sizes of word vectors and states, `V` is the size of the target vocabulary.
# <!-- zh -->
# ## 公式
#
# 一张表看完“编码器—解码器（seq2seq）”一章，最后三行（束搜索和注意力机制）在教材的其他章节：每一行是一个公式、计算它的代码，以及拆解它的那一篇笔记本。
#
# | 公式 | 含义 | 代码 | 形状 | 笔记本 |
# | --- | --- | --- | --- | --- |
# | $\boldsymbol{x}_t = \boldsymbol{o}_t^\top \boldsymbol{E}$ | 词向量 | `encoder.embedding` | `(N, T)` → `(N, T, E)` | 1 |
# | $\boldsymbol{h}_t = f(\boldsymbol{x}_t, \boldsymbol{h}_{t-1})$ | 编码器隐含层变量 | `gs.RecurrentLayer` | `h (N, T, D)` | 2、3 |
# | $\boldsymbol{c} = q(\boldsymbol{h}_1, \ldots, \boldsymbol{h}_T)$ | 背景向量 | `gs.LastState` | `c (N, D)` | 2、3 |
# | $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}, \boldsymbol{s}_{t'-1})$ | 解码器隐含层变量 | `gs.Decoder` | `s (N, T', H)` | 4 |
# | $\mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c}) = p(y_{t'-1}, \boldsymbol{s}_{t'}, \boldsymbol{c})$ | 下一个词的条件概率 | `gs.Readout` | `logits (N, T', V)` | 4 |
# | $-\log \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ | 损失 | `gs.SequenceLoss` | 一个和，一个计数 | 5 |
# | $\frac{1}{L^\alpha} \sum_{t'} \log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | 候选序列的得分 | `gs.beam` | 一个数 | 6 |
# | $\alpha_{t't} = \mathrm{softmax}_t(a(\boldsymbol{s}_{t'-1}, \boldsymbol{h}_t))$ | 注意力权重 | `gs.Additive` | `alpha (N, T', T)` | 7 |
# | $\boldsymbol{c}_{t'} = \sum_t \alpha_{t't} \boldsymbol{h}_t$ | 时间步 $t'$ 的背景向量 | `gs.Attention` | `c (N, T', D)` | 7 |
#
# `N` 是一批中的句子数，`T` 和 `T'` 分别是输入序列和输出序列的最大长度，`E`、`D`、`H` 是词向量和隐含层变量的大小，`V` 是目标语言词典的大小。

# %% [markdown]
# ## Is this machine ready?
#
# `gluon_seq2seq` is imported first, before `mxnet`: it sets MXNet's threads, and that only counts before MXNet is loaded. `lesson` is what these notebooks need for themselves: their language (`tr`, `label`, `lang`) and the exercises.
# <!-- zh -->
# ## 这台机器准备好了吗？
#
# 要先导入 `gluon_seq2seq`，再导入 `mxnet`：前者设置 MXNet 的线程数，而这一设置只在 MXNet 载入之前有效。`lesson` 是这些笔记本自己要用的工具：语言（`tr`、`label`、`lang`）和练习的检查。

# %%
import gluon_seq2seq as gs
from gluon_seq2seq.cli import doctor
from gluon_seq2seq.teaching.lesson import check, close, code_of, language, quiz, tr

lang = language(tr("en", "zh"))

ready = doctor.examine()
print()
print(
    tr("Ready.", "准备就绪。")
    if ready
    else tr("Not ready: do what the arrows say.", "尚未就绪：请按箭头的提示处理。")
)

# %% [markdown]
# **`FAIL`** needs mending: do what the arrow says, restart the kernel, run this cell again. **`note`** can stay. One thread is meant so: the models of these notebooks are small, and a class shares its cores.
# <!-- zh -->
# 出现 **`FAIL`** 就需要处理：按箭头的提示做，重启内核，再运行这个单元格。**`note`** 可以不管。只用一个线程是有意为之：这些笔记本中的模型很小，而全班要共用处理器的核。

# %% [markdown]
# ## Threads and time
#
# On a hub, thirty notebooks may share a few cores. Two settings make that bearable: one thread a notebook, and threads that soon fall asleep while they wait (`PASSIVE`) in place of spinning on a core that somebody else needs. The package has made both, unless you had set them yourself.
# <!-- zh -->
# ## 线程与时间
#
# 在共享的服务器上，三十个笔记本可能共用几个核。有两项设置让大家都能顺畅运行：每个笔记本一个线程；线程等待时很快就休眠（`PASSIVE`），而不是空转着占住别人要用的核。软件包已经设好了这两项，除非你自己另有设置。

# %%
import os

from gluon_seq2seq import runtime

print(tr("cores for this notebook:", "本笔记本可用的核："), runtime.cores())
print(tr("threads of MXNet:       ", "MXNet 的线程数：  "), os.environ["OMP_NUM_THREADS"])
print(tr("threads that wait:      ", "等待时的线程：    "), os.environ["OMP_WAIT_POLICY"])

# %% [markdown]
# How fast is this machine just now? Train a model of the size that the notebooks use, for a few seconds, and see what an epoch would take. If that is long, come back to this cell when the hub is quiet, or make the numbers smaller: each notebook that trains keeps its sizes together in one cell, like this one.
# <!-- zh -->
# 这台机器此刻有多快？用各篇常用的模型大小训练几秒钟，看看一个迭代周期要多久。如果太久，可以等服务器空闲时再来，或者把数字改小：凡是要训练的笔记本，都把这些大小集中放在一个单元格里，就像下面这个。

# %% tags=["parameters"]
minutes = 0.05

# %%
corpus = gs.load_corpus("mini")
gs.seed(0)
model = gs.book(corpus.src_vocab, corpus.tgt_vocab, embed_size=128, num_hiddens=128, drop_prob=0)
history = gs.train(model, corpus, minutes=minutes, quiet=True)
speed = history[-1]["tokens_per_s"]
tokens = sum(len(corpus.tgt_vocab.encode(example.references[0])) for example in corpus.train)
print(
    tr(
        f"{speed:,.0f} French tokens a second, {tokens:,} in mini:",
        f"每秒 {speed:,.0f} 个法语词，mini 共有 {tokens:,} 个：",
    )
)
print(
    tr(
        f"10 epochs of this model take about {10 * tokens / speed:.0f} s on this machine, now.",
        f"这个模型训练 10 个迭代周期，此刻在这台机器上约需 {10 * tokens / speed:.0f} 秒。",
    )
)

# %% [markdown]
# ## The corpus
#
# `mini` is a small English–French corpus that a grammar wrote for this course. It is part of the package: nothing is downloaded. Each example has its source, the translation to learn from, and, because a grammar wrote it, all that is known of it.
# <!-- zh -->
# ## 语料
#
# `mini` 是由一部语法专门为本课程写出的小型英法语料。它是软件包的一部分，不需要下载。每个样本有源句、供学习的译文；又因为出自语法，关于它的一切都是已知的。

# %%
print(corpus)
example = corpus.train[0]
print(example.source, "->", example.references[0])
print(tr("every right translation:", "所有正确的译文："), example.gold.references)

# %% [markdown]
# ## The trained models
#
# Three small models come with the package, trained on more sentences of the same grammar. `book` is the chapter's, without attention; the other two have it.
#
# **Predict:** all three know the running example. As the sentence grows, which of them go wrong, and do they go wrong in the same way?
# <!-- zh -->
# ## 训练好的模型
#
# 软件包自带三个小模型，都用同一部语法写出的更多句子训练而成。`book` 是书中的模型，没有注意力机制；另外两个有。
#
# **先猜一猜**：三个模型都会译贯穿全课的例句。句子变长时，哪些会出错？错法一样吗？

# %%
sentences = [
    "They are watching.",
    "They are watching the small dogs.",
    "They are watching the small dogs of our old neighbor but we are not watching the birds.",
]
names = "mini-book", "mini-luong2015", "mini-bahdanau2015"
translators = {name: gs.Translator(gs.load_model(name)) for name in names}
for name, translator in translators.items():
    print(name)
    for sentence, translation in zip(sentences, translator.translate(sentences)):
        print("   ", sentence, "->", translation)

# %% [markdown]
# Compare the long translations with their source word by word, and not only by ear: what is missing, what comes too often? A fluent sentence can still have lost a part of its source. Notebook 9 is about just this.
# <!-- zh -->
# 请把长句的译文与原文逐词对照，而不要只凭语感：漏了什么？什么重复太多？读来通顺的句子，也可能丢掉了原文的一部分。第 9 篇专门讨论这个问题。

# %% [markdown]
# ## Pictures
#
# One picture, to see that pictures work: where the last of these models (`translator`) looks in the English sentence (columns) while it writes each French word (rows). Notebook 7 explains it.
# <!-- zh -->
# ## 图
#
# 画一张图，确认绘图正常：上面最后一个模型（`translator`）写出每个法语词（行）时，在英语句子（列）中看向哪里。第 7 篇会讲解它。

# %%
from gluon_seq2seq.plots import cjk_font

print(tr("font for Chinese labels:", "中文标注所用的字体："), cjk_font())
translator.attention_map("They are watching.", lang=lang)

# %% [markdown]
# Where no font has Chinese characters, the Chinese notebooks label their pictures in English and say so; nothing else changes. On Debian and Ubuntu `sudo apt-get install fonts-noto-cjk` brings one; restart the kernel afterwards.
# <!-- zh -->
# 如果没有含汉字的字体，中文笔记本会改用英文标注图片，并给出提示，其他一切照常。在 Debian 和 Ubuntu 上，`sudo apt-get install fonts-noto-cjk` 可以装上一种；装好后请重启内核。

# %% [markdown]
# ## Where each formula lives
#
# The files of the package follow the chapter: one concept, one file. Python itself tells where a name comes from, and shows the code.
# <!-- zh -->
# ## 每个公式写在哪里
#
# 软件包的文件按书中的概念划分：一个概念，一个文件。一个名称来自哪里，Python 自己就能告诉你，还能把代码显示出来。

# %%

blocks = (
    gs.Minibatches,
    gs.RecurrentLayer,
    gs.LastState,
    gs.Encoder,
    gs.Attention,
    gs.Additive,
    gs.Decoder,
    gs.Readout,
    gs.EncoderDecoder,
    gs.SequenceLoss,
    gs.beam,
    gs.bleu,
)
for block in blocks:
    print(f"gs.{block.__name__:<16} {block.__module__.replace('.', '/')}.py")

# %% [markdown]
# Here is the simplest of them all, $\boldsymbol{c} = \boldsymbol{h}_T$ in the two-directional form, the way the package has it. Read the comments on the right: each line says which shape it makes.
# <!-- zh -->
# 下面是其中最简单的一个：$\boldsymbol{c} = \boldsymbol{h}_T$（也包括双向的情形），与软件包中的代码一字不差。请看右侧的注释：每一行都写明了它得到的形状。

# %%
print(code_of(gs.LastState.hybrid_forward))

# %% [markdown]
# ## Exercises
#
# Put your answer in place of `...`, run the cell, then run the check below it. A check says what is wrong; it never tells the answer. *Run All* is safe: an exercise that is not done yet says so and the notebook goes on.
# <!-- zh -->
# ## 练习
#
# 用你的答案替换 `...`，运行该单元格，再运行下面的检查。检查会告诉你哪里不对，但不会泄露答案。可以放心地“全部运行”：没做完的练习只会提示一句，不会中断。

# %% [markdown] tags=["exercise"]
# ### Exercise 0.1
#
# Translate *We are watching.* with `translator`.
# <!-- zh -->
# ### 练习 0.1
#
# 用 `translator` 翻译 *We are watching.*。

# %% tags=["exercise"]
we_watch = ...
### BEGIN SOLUTION
we_watch = translator.translate("We are watching.")
### END SOLUTION

# %% tags=["check"]
check("0.1", we_watch)

# %% [markdown] tags=["exercise"]
# ### Exercise 0.2
#
# There is a still smaller corpus, `"tiny"`. Load it and take the French sentence of the second training example. The section on the corpus shows how to get at the first.
# <!-- zh -->
# ### 练习 0.2
#
# 还有一个更小的语料 `"tiny"`。载入它，取出第二个训练样本的法语句子。“语料”一节演示了怎样取第一个。

# %% tags=["exercise"]
second_french = ...
### BEGIN SOLUTION
second_french = gs.load_corpus("tiny").train[1].references[0]
### END SOLUTION

# %% tags=["check"]
check("0.2", second_french)

# %% [markdown] tags=["exercise"]
# ### Exercise 0.3
#
# Write an English sentence of your own that the model can read but has never been trained on: of words that its vocabulary knows, and not in the corpus `"mini-10k"`. Then look at what `translator` makes of it.
# <!-- zh -->
# ### 练习 0.3
#
# 自己写一个英语句子，要求模型读得懂却从未在训练中见过：每个词都在它的词典里，而句子不在语料 `"mini-10k"` 中。再看看 `translator` 怎样翻译它。

# %% tags=["exercise"]
my_sentence = ...
### BEGIN SOLUTION
my_sentence = "They are watching the small dog and the small dog is watching the bird."
print(translator.translate(my_sentence))
### END SOLUTION

# %% tags=["check"]
check("0.3", my_sentence)

# %% [markdown] tags=["exercise"]
# ### Exercise 0.4
#
# Write a function that asks all three models; `translators` has them by name. It returns a dict: `{"mini-book": "...", ...}`.
# <!-- zh -->
# ### 练习 0.4
#
# 写一个函数，让三个模型都来翻译；`translators` 按名称存放着它们。用字典返回结果：`{"mini-book": "...", ...}`。


# %% tags=["exercise"]
def ask_all(sentence):
    """{name of the model: its translation} for the three shipped models."""
    ### BEGIN SOLUTION
    return {name: translator.translate(sentence) for name, translator in translators.items()}
    ### END SOLUTION


# %% tags=["check"]
check("0.4", ask_all)

# %% [markdown] tags=["exercise"]
# ### Exercise 0.5
#
# Draw where the model looks in *They are not watching.*, with labels in the language of this notebook. Which French words look at *not*?
# <!-- zh -->
# ### 练习 0.5
#
# 画出模型翻译 *They are not watching.* 时看向哪里，标注用本笔记本的语言。哪些法语词看向 *not*？

# %% tags=["exercise"]
picture = ...
### BEGIN SOLUTION
picture = translator.attention_map("They are not watching.", lang=lang)
### END SOLUTION
picture

# %% tags=["check"]
check("0.5", picture)

# %% [markdown] tags=["exercise"]
# ### Exercise 0.6
#
# The package has its own errors; each says in one line what is wrong, and what to do. Provoke one: ask for a `gs.Translator` with a beam of 0. Which class of error is raised?
# <!-- zh -->
# ### 练习 0.6
#
# 软件包有自己的错误类型，每个错误都用一行说明哪里不对、该怎么办。引发一个试试：创建束宽为 0 的 `gs.Translator`。抛出的错误属于哪个类？

# %% tags=["exercise"]
error_class = ...  # such as ValueError
### BEGIN SOLUTION
try:
    gs.Translator(translator.model, beam_size=0)
except gs.Seq2SeqError as error:
    error_class = type(error)
    print(error)
### END SOLUTION

# %% tags=["check"]
check("0.6", error_class)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **Versions.** The chapter was written in 2018, when MXNet was young. MXNet has been retired since: 1.9.1, of 2022, is its last release, and nobody will adapt it to what came later. NumPy has removed names that MXNet asks for when it is imported (`np.bool` first, in 1.24), and Python a package (`distutils`, in 3.12). `gluon_seq2seq` hands what is missing to MXNet's files, and to no others; your NumPy stays as it is. *MXNet gets* above says what that is here.
# <!-- zh -->
# ## 书中没有明说的
#
# **版本。** 这一节写于 2018 年，那时 MXNet 还很年轻。如今 MXNet 已经停止维护：2022 年的 1.9.1 是最后一个版本，不会再有人让它适应后来的变化。MXNet 导入时要用的一些名称，后来被 NumPy 去掉了（最早是 1.24 去掉的 `np.bool`）；Python 也去掉了一个包（3.12 去掉的 `distutils`）。`gluon_seq2seq` 把缺少的东西补给 MXNet 的文件，而且只补给它们，你用的 NumPy 保持原样。上面的 *MXNet gets* 一行写明在这里补了什么。

# %%
import platform
from importlib.metadata import version

print("python", platform.python_version())
for package in "mxnet", "gluonnlp", "d2l", "numpy":
    print(package, version(package))

# %% [markdown] tags=["subslide"]
# **Special tokens.** At first the chapter named only `<eos>`; later editions add `<bos>`. A program needs four, and they are the first of every vocabulary here: `<pad>` fills up short sentences, `<bos>` stands before the first French word, `<eos>` behind the last, `<unk>` for a word that training never showed. Notebook 1 shows all four at work.
# <!-- zh -->
# **特殊字符。** 书中起初只提到 `<eos>`，后来的版本又加上了 `<bos>`。程序却需要四个，它们排在这里每个词典的最前面：`<pad>` 填充较短的句子，`<bos>` 放在第一个法语词之前，`<eos>` 放在最后一个词之后，`<unk>` 代表训练中从未出现的词。第 1 篇会演示这四个符号各自的用处。

# %%
print(corpus.src_vocab.idx_to_token[:4], corpus.tgt_vocab.idx_to_token[:4])

# %% [markdown] tags=["subslide"]
# **Chance.** A new model starts from random numbers. `gs.seed` makes them the same each time, so that you see here what your neighbour sees.
# <!-- zh -->
# **随机性。** 新模型从随机数开始。`gs.seed` 使这些数每次都相同，于是你看到的和邻座看到的一样。

# %%
first_rows = []
for seed in 0, 0, 1:
    gs.seed(seed)
    model = gs.book(corpus.src_vocab, corpus.tgt_vocab, embed_size=4, num_hiddens=4)
    first_rows.append(model.encoder.embedding.weight.data()[0])  # (E,)
    print(seed, first_rows[-1].asnumpy().round(3))
assert close(first_rows[0], first_rows[1]) and not close(first_rows[0], first_rows[2])

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. A friend imports `mxnet` first and `gluon_seq2seq` second, and is warned. What does the friend lose?
#
#    (a) nothing, the order is a matter of taste (b) the Chinese labels (c) the same numbers on every run (d) speed: the threads can no longer be set
# 2. The doctor prints a line that begins with `note`. What do you do?
#
#    (a) install MXNet anew (b) read it and go on (c) restart the kernel until it is gone (d) choose another machine
# 3. You do not know which formula `gs.Additive` computes. What is the shortest way to find out?
#
#    (a) train it and look at the loss (b) read its source or docstring: a Block here is hardly longer than its formula (c) print its parameters (d) search the web
# 4. You choose *Run All* although no exercise is done. What happens?
#
#    (a) the first open exercise stops the notebook (b) later sections fail, because they use your answers (c) every check says that nothing is there yet, and all else runs (d) the solutions are filled in
# 5. NumPy no longer has `np.bool` and other names that MXNet asks for. How can MXNet be imported here all the same?
#
#    (a) its files, and no others, are given what they miss (b) the names are put back into NumPy, for every program (c) a second NumPy, an old one, is installed beside it (d) MXNet has been written anew
# <!-- zh -->
# ## 小测验
#
# 1. 一位同学先导入 `mxnet`，再导入 `gluon_seq2seq`，于是看到一条警告。他损失了什么？
#
#    (a) 什么也没有，顺序只是习惯 (b) 中文标注 (c) 每次运行结果相同 (d) 速度：线程已经无法再设置
# 2. 检查时出现一行以 `note` 开头的文字。你该怎么办？
#
#    (a) 重新安装 MXNet (b) 读一读，继续往下 (c) 反复重启内核直到它消失 (d) 换一台机器
# 3. 你不知道 `gs.Additive` 计算的是哪个公式。最快的办法是什么？
#
#    (a) 训练它，看损失 (b) 读它的源代码或文档字符串：这里的 Block 比公式长不了多少 (c) 打印它的参数 (d) 上网搜索
# 4. 一个练习都没做就选择“全部运行”，会怎样？
#
#    (a) 在第一个没做的练习处停下 (b) 后面的小节会出错，因为要用到你的答案 (c) 每个检查都提示还没有答案，其余照常运行 (d) 自动填入答案
# 5. `np.bool` 等 MXNet 要用的名称，NumPy 里已经没有了。为什么在这里仍然可以导入 MXNet？
#
#    (a) 缺少的东西只补给 MXNet 的文件 (b) 这些名称被放回 NumPy，对所有程序都有效 (c) 另外装了一个旧的 NumPy (d) MXNet 已经重写

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "d", 2: "b", 3: "b", 4: "c", 5: "a"}
### END SOLUTION

# %% tags=["check"]
quiz(0, answers)

# %% [markdown]
# ## Where to go next
#
# [Notebook 1](01_sentences_to_tensors.ipynb) takes *They are watching.* apart, down to the numbers that the encoder reads. To try sentences of your own right now, open the [playground](11_playground.ipynb).
#
# - Zhang, Li, Lipton and Smola, *Dive into Deep Learning* ([zh.d2l.ai](https://zh.d2l.ai)): the book; keep the chapter open beside these notebooks.
# - Sutskever, Vinyals and Le, *Sequence to Sequence Learning with Neural Networks* (2014): short, and the idea of the chapter in full.
# <!-- zh -->
# ## 接下来
#
# [第 1 篇](01_sentences_to_tensors.ipynb)把 *They are watching.* 一直拆解到编码器读入的数。想马上试试自己的句子，请打开[演练场](11_playground.ipynb)。
#
# - 阿斯顿·张、李沐、Lipton、Smola，《动手学深度学习》（[zh.d2l.ai](https://zh.d2l.ai)）：请把这一节打开，与笔记本对照着看。
# - Sutskever、Vinyals、Le，*Sequence to Sequence Learning with Neural Networks*（2014）：篇幅不长，完整讲述了本节的思想。
