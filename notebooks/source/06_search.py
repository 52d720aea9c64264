# %% [markdown]
# # 6. Search: greedy, exhaustive, beam
#
# The decoder gives probabilities; a translation is words. In between stands a search, and it is not part of the model (the chapter says only that the output ends with `<eos>`; the book has a section of its own on the rest, 束搜索): the same trained network gives different sentences under different searches. We take searching apart on a language of three words, where every output can be looked at, and then turn to the trained models and to *They are watching.*, which has two right answers.
#
# **After this notebook you can**
#
# - carry out greedy, exhaustive and beam search by hand, and say what each of them costs;
# - read a beam tree: what was kept, what was pruned, what was finished;
# - say what $\alpha$ in $\frac{1}{L^\alpha} \log \mathbb{P}$ does, and in which direction;
# - draw translations at random, and say what the temperature does to them;
# - tell an error of the search from an error of the model.
# <!-- zh -->
# # 6. 搜索：贪婪、穷举与束搜索
#
# 解码器给出的是概率，而译文是词。两者之间还隔着一步搜索，它不属于模型（本章只说输出到 `<eos>` 为止，其余在教材的“束搜索”一节）：同一个训练好的网络，用不同的方法搜索，会写出不同的句子。我们先在一种只有三个词的语言里把搜索拆开来看，那里的每一个输出都数得清；然后再来看训练好的模型，以及有两个正确译文的 *They are watching.*。
#
# **学完本篇，你能够**
#
# - 手工完成贪婪搜索、穷举搜索和束搜索，并说出各自的计算开销；
# - 读懂束搜索的树：哪些候选被保留，哪些被舍弃，哪些已经完成；
# - 说出 $\frac{1}{L^\alpha} \log \mathbb{P}$ 中 $\alpha$ 的作用及其方向；
# - 随机抽取译文，并说明温度的作用；
# - 区分搜索的错误和模型的错误。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape or cost |
# | --- | --- | --- | --- |
# | $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \prod_{t'} \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | what is to be largest | `Hypothesis.log_p`, the sum of the logs | a number |
# | $\mathbb{P}(\cdot \mid y_{<t'}, \boldsymbol{c})$ | one step of the decoder | `step(y_prev, state)` | `(M,)` → `log_p (M, V)` |
# | $y_{t'} = \mathrm{argmax}_y \mathbb{P}(y \mid y_{<t'}, \boldsymbol{c})$ | greedy search | `gs.greedy` | $\lvert Y \rvert T'$ probabilities |
# | $\mathrm{argmax}_{y_1, \ldots, y_{T'}} \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ | exhaustive search | `gs.exhaustive` | $\lvert Y \rvert^{T'}$ outputs |
# | the $k$ best of $k \lvert Y \rvert$ at each step | beam search | `gs.beam` | $k \lvert Y \rvert T'$ probabilities |
# | $\frac{1}{L^\alpha} \sum_{t'=1}^{L} \log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | score of a finished output | `Hypothesis.score` | a number |
# | $y_{t'} \sim \mathbb{P}(y \mid y_{<t'}, \boldsymbol{c})^{1/\tau}$, renormalised | sampling at temperature $\tau$ | `gs.sample` | |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状或开销 |
# | --- | --- | --- | --- |
# | $\mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c}) = \prod_{t'} \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | 要最大化的量 | `Hypothesis.log_p`，即各项对数之和 | 一个数 |
# | $\mathbb{P}(\cdot \mid y_{<t'}, \boldsymbol{c})$ | 解码器的一个时间步 | `step(y_prev, state)` | `(M,)` → `log_p (M, V)` |
# | $y_{t'} = \mathrm{argmax}_y \mathbb{P}(y \mid y_{<t'}, \boldsymbol{c})$ | 贪婪搜索 | `gs.greedy` | $\lvert Y \rvert T'$ 个概率 |
# | $\mathrm{argmax}_{y_1, \ldots, y_{T'}} \mathbb{P}(y_1, \ldots, y_{T'} \mid \boldsymbol{c})$ | 穷举搜索 | `gs.exhaustive` | $\lvert Y \rvert^{T'}$ 个输出序列 |
# | 每个时间步在 $k \lvert Y \rvert$ 个候选中取 $k$ 个最好的 | 束搜索 | `gs.beam` | $k \lvert Y \rvert T'$ 个概率 |
# | $\frac{1}{L^\alpha} \sum_{t'=1}^{L} \log \mathbb{P}(y_{t'} \mid y_{<t'}, \boldsymbol{c})$ | 已完成的输出序列的得分 | `Hypothesis.score` | 一个数 |
# | $y_{t'} \sim \mathbb{P}(y \mid y_{<t'}, \boldsymbol{c})^{1/\tau}$，再归一化 | 温度为 $\tau$ 的采样 | `gs.sample` | |

# %%
import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr
from gluon_seq2seq.plots.style import drawing

import math
from itertools import product

import numpy as np
from IPython.display import display
from mxnet import nd

lang = language(tr("en", "zh"))

# %% tags=["parameters"]
sentences = 300  # of mini's test set, to compare beam sizes
long_sentences = 100  # of the set of longer sentences, to compare values of alpha
samples = 600  # of They are watching., at each temperature

# %% [markdown]
# ## A search sees only a step
#
# A search does not know what an encoder is. It asks one question, over and over: *after this word, in this state, how probable is each next word?* That question is a function, `step(y_prev, state) -> (log_p, state)`, and whatever answers it can be searched.
#
# So we begin with a step that is no network at all but a table: three words A, B and C, and `<eos>`. The row says which word came before, the column which comes next. (The real decoder also looks at its state; the table needs none, so its state is a zero.)
# <!-- zh -->
# ## 搜索只看得见“一步”
#
# 搜索并不知道什么是编码器。它只是一遍又一遍地问同一个问题：*在这个词之后、在这个状态下，下一个词是各个词的概率是多少？* 这个问题就是函数 `step(y_prev, state) -> (log_p, state)`；凡是能回答它的，都可以拿来搜索。
#
# 因此我们先不用网络，而用一张表：三个词 A、B、C，再加上 `<eos>`。行是上一个词，列是下一个词。（真正的解码器还要看隐藏状态；这张表不需要状态，所以状态就是一个零。）

# %%
words = ["A", "B", "C", "<eos>", "<bos>"]
A, B, C, eos, bos = range(5)
table = [  # P(next word | previous word): columns A, B, C, <eos>
    [0.05, 0.70, 0.10, 0.15],  # after A
    [0.10, 0.30, 0.35, 0.25],  # after B
    [0.25, 0.05, 0.10, 0.60],  # after C
    [0.25, 0.25, 0.25, 0.25],  # after <eos>: never asked
    [0.65, 0.20, 0.10, 0.05],  # after <bos>
]


def step_of(table):
    log_table = nd.array(table).log()  # (5, 4)
    return lambda y_prev, state: (log_table.take(y_prev), state)  # (M, 4), (M, 1)


step, start = step_of(table), nd.zeros((1, 1))
log_p, _ = step(nd.array([bos], dtype="int32"), start)  # (1, 4)
print({word: round(p, 2) for word, p in zip(words, log_p.exp()[0].asnumpy().tolist())})

# %% [markdown]
# ## Greedy search
#
# Take the most probable word, then the most probable word after it, until `<eos>`. Before you run the cell, do it on the table with a finger. Then the same with `gs.greedy`, which takes sentences in batches, so that `max_length` is a list.
# <!-- zh -->
# ## 贪婪搜索
#
# 每次都取概率最大的词，再取其后概率最大的词，直到 `<eos>`。运行单元格之前，先用手指在表上走一遍。然后用 `gs.greedy` 再做一次：它按批处理句子，所以 `max_length` 是一个列表。

# %%
ys, P = [bos], 1.0
while ys[-1] != eos and len(ys) <= 4:
    y_t = int(np.argmax(table[ys[-1]]))
    P *= table[ys[-1]][y_t]
    print(f"P({words[y_t]} | {words[ys[-1]]}) = {table[ys[-1]][y_t]:.2f}")
    ys.append(y_t)

(found,) = gs.greedy(step, start, bos, eos, [4])
assert found.ids == tuple(ys[1:]) and close(found.log_p, math.log(P))
print(f"{' '.join(words[y] for y in found.ids)}   P = {math.exp(found.log_p):.4f}")

# %% [markdown]
# ## Exhaustive search
#
# Is that the most probable output? With four steps at most we can write all outputs down: those that end in `<eos>`, and those that are cut off after four words. Their probabilities sum to 1, because a table of probabilities shares out everything and loses nothing.
# <!-- zh -->
# ## 穷举搜索
#
# 这是概率最大的输出吗？最多只有四步，我们可以把所有输出序列都列出来：以 `<eos>` 结束的，以及写满四个词而被截断的。它们的概率之和为 1，因为概率表把全部概率分完，一点不剩。

# %%
outputs = [(*ys, eos) for length in range(4) for ys in product((A, B, C), repeat=length)]
outputs += product((A, B, C), repeat=4)
P_of = {ys: math.prod(table[prev][y] for prev, y in zip((bos, *ys), ys)) for ys in outputs}
best = max(outputs, key=P_of.get)

ranked = gs.exhaustive(step, start, bos, eos, 4, alpha=0)  # alpha = 0: by P alone
assert len(ranked) == len(outputs) and close(sum(P_of.values()), 1)
assert ranked[0].ids == best and close(math.exp(ranked[0].log_p), P_of[best])
print(tr("outputs:", "输出序列的个数："), len(ranked))
for place, one in enumerate(ranked[:4], 1):
    print(f"{place}. {' '.join(words[y] for y in one.ids):<12} P = {math.exp(one.log_p):.4f}")

# %% [markdown] tags=["subslide"]
# Greedy search came third. At every single step it was right, and the whole was not the best: after A B, the word C is more probable than `<eos>`, but then one more factor has to be paid.
# <!-- zh -->
# 贪婪搜索的结果只排在第三。它每一步都选对了，合起来却不是最好的：在 A B 之后，C 的概率大于 `<eos>`，但选了 C 就还要再乘一个因子。

# %% [markdown]
# ## What it costs
#
# Let the step count how many probabilities it is asked for. The figures of the book's section on beam search are bounds, $\lvert Y \rvert T'$, $k \lvert Y \rvert T'$ and $\lvert Y \rvert^{T'}$, with $\lvert Y \rvert$ words (`<eos>` among them) and $T'$ steps; real searches never exceed them, because what has reached `<eos>` is not continued. Then the same formulas for 8,000 words and 10 steps.
# <!-- zh -->
# ## 计算开销
#
# 让 step 数一数它一共被问了多少个概率。教材“束搜索”一节给出的是上界：$\lvert Y \rvert T'$、$k \lvert Y \rvert T'$ 和 $\lvert Y \rvert^{T'}$，其中 $\lvert Y \rvert$ 是词数（含 `<eos>`），$T'$ 是步数。实际的搜索不会超过它，因为已经到达 `<eos>` 的序列不再继续。随后把同样的公式用到 8,000 个词、10 步上。

# %%
asked = {}
for name in "greedy", "beam", "exhaustive":

    def counting(y_prev, state, name=name):
        log_p, state = step(y_prev, state)
        asked[name] = asked.get(name, 0) + log_p.size
        return log_p, state

    options = {"beam_size": 2} if name == "beam" else {}
    getattr(gs, name)(counting, start, bos, eos, 4 if name == "exhaustive" else [4], **options)

print(tr("asked for", "实际询问："), asked)
print(tr("bounds", "上界："), {"greedy": 4 * 4, "beam": 2 * 4 * 4, "exhaustive": 4**4})
for name, cost in ("greedy", 8000 * 10), ("beam, k = 5", 5 * 8000 * 10), ("exhaustive", 8000**10):
    print(f"{name:<12} {cost:.0e}")

# %% [markdown] tags=["exercise"]
# ### Exercise 6.1
#
# A vocabulary of 32,000 words, outputs of up to 20 words. How many times as many probabilities as greedy search does a beam of 6 ask for at most, and how many decimal digits has the number of outputs $\lvert Y \rvert^{T'}$? Answer with two whole numbers.
# <!-- zh -->
# ### 练习 6.1
#
# 词典有 32,000 个词，输出最长 20 个词。束宽为 6 的束搜索所问的概率个数最多是贪婪搜索的多少倍？输出序列的个数 $\lvert Y \rvert^{T'}$ 有多少位十进制数字？请用两个整数回答。

# %% tags=["exercise"]
times_as_many, digits = ..., ...
### BEGIN SOLUTION
times_as_many, digits = 6, len(str(32000**20))
### END SOLUTION

# %% tags=["check"]
check("6.1", times_as_many, digits)

# %% [markdown] tags=["exercise"]
# ### Exercise 6.2
#
# Write greedy search for one sentence and for any step. `start` has one row; what comes back is the list of ids, with `<eos>` where it was reached.
# <!-- zh -->
# ### 练习 6.2
#
# 为单个句子、任意的 step 写出贪婪搜索。`start` 只有一行；返回 id 的列表，若到达 `<eos>` 则包含它。


# %% tags=["exercise"]
def my_greedy(step, start, bos, eos, max_length):
    """The ids that greedy search finds, at most ``max_length`` of them."""
    ### BEGIN SOLUTION
    ids, y_prev, state = [], bos, start
    while len(ids) < max_length and y_prev != eos:
        log_p, state = step(nd.array([y_prev], dtype="int32"), state)  # (1, V)
        y_prev = int(log_p[0].argmax(axis=0).asscalar())
        ids.append(y_prev)
    return ids
    ### END SOLUTION


# %% tags=["check"]
check("6.2", my_greedy)

# %% [markdown]
# ## Beam search
#
# Between one hypothesis and all of them: keep the $k$ most probable at every step ($k$ is the beam size). `gs.beam` keeps a record of what it looked at. Here it is drawn as it grows, for $k = 2$: time runs to the right, below each word stands log P of everything up to there. A box with a thin border lives on, a dashed one was pruned, a thick one has reached `<eos>` (or the last step) and leaves the beam.
# <!-- zh -->
# ## 束搜索
#
# 介于“只留一个”与“全都留下”之间：每个时间步保留 $k$ 个概率最大的候选（$k$ 称为束宽）。`gs.beam` 会把它看过的候选记录下来。下面把 $k = 2$ 时的搜索一步一步画出来：时间从左到右，每个词下方是到此为止的 log P。细框的候选继续生长，虚线框的被舍弃，粗框的已到达 `<eos>`（或最后一步），离开束。

# %%
record = []
gs.beam(step, start, bos, eos, [4], beam_size=2, alpha=0, record=record)
(steps,) = record
for t in 1, 2:
    display(gs.beam_tree(steps[:t], words.__getitem__, lang))

# %% tags=["subslide"]
for t in 3, 4:
    display(gs.beam_tree(steps[:t], words.__getitem__, lang))

# %% [markdown] tags=["subslide"]
# One step of it by hand. Two hypotheses live after the first step; each has four continuations. Add log P of the way so far to log P of the next word, and of these eight numbers keep the two largest. The record holds, for each candidate, its parent, its word and its log P.
# <!-- zh -->
# 手工做其中的一步。第一步之后有两个候选活着，每个有四种延续。把此前的 log P 与下一个词的 log P 相加，再从这八个数中留下最大的两个。记录中存有每个候选的父候选、词和 log P。

# %%
live = [candidate for candidate in steps[0] if candidate.fate == "kept"]
log_p_live = np.array([candidate.log_p for candidate in live])  # (k,)
log_p = np.log(np.array([table[candidate.token] for candidate in live]))  # (k, V)
total = log_p_live[:, np.newaxis] + log_p  # (k, V)
top = np.argsort(-total, axis=None)[:2]  # (k,) places in total, flattened
parents, tokens = np.unravel_index(top, total.shape)  # (k,), (k,)

for parent, token in zip(parents, tokens):
    P = math.exp(total[parent, token])
    print(f"{words[live[parent].token]} {words[token]:<6} P = {P:.4f}")
kept = [candidate for candidate in steps[1] if candidate.fate != "pruned"]
assert [(one.parent, one.token) for one in kept] == list(zip(parents, tokens))
assert close([one.log_p for one in kept], total[parents, tokens])

# %% [markdown] tags=["subslide"]
# Now with beams of 1, 2, 3 and 4. Three answers for one table: beam size 1 is greedy search; with 2 we find something better; with 3 the best of all. Follow the tree above to see what 2 missed: the candidate A B `<eos>` was there at the third step, and two longer ones pushed it out.
# <!-- zh -->
# 再取束宽 1、2、3、4。同一张表，三种答案：束宽为 1 就是贪婪搜索；束宽为 2 找到了更好的；束宽为 3 找到了最好的。沿着上面的树看看束宽 2 错过了什么：候选 A B `<eos>` 在第三步出现过，却被两个更长的候选挤了出去。

# %%
for k in 1, 2, 3, 4:
    ((one,),) = gs.beam(step, start, bos, eos, [4], beam_size=k, alpha=0)
    print(f"k = {k}: {' '.join(words[y] for y in one.ids):<12} P = {math.exp(one.log_p):.4f}")
    assert one.ids == ranked[0].ids or k < 3

# %% [markdown] tags=["exercise"]
# ### Exercise 6.3
#
# Change the row *after B*, and only that one, so that greedy search finds the most probable of all outputs. `repaired` is a list of five rows, as `table` is; leave `table` itself unchanged.
# <!-- zh -->
# ### 练习 6.3
#
# 只改动“B 之后”的那一行，使贪婪搜索恰好找到所有输出序列中概率最大的那一个。`repaired` 和 `table` 一样，是五行的列表；`table` 本身不要改动。

# %% tags=["exercise"]
repaired = ...
### BEGIN SOLUTION
repaired = [*table[:B], [0.10, 0.20, 0.20, 0.50], *table[B + 1 :]]
### END SOLUTION

# %% tags=["check"]
check("6.3", repaired)

# %% [markdown] tags=["exercise"]
# ### Exercise 6.4
#
# Write beam search itself, for a table and $\alpha = 0$. Live hypotheses are pairs (ids, log P), beginning with the empty one. At each step continue all of them with all words, keep the `k` best; those that end in `<eos>`, or are `max_length` long, are finished. Return the ids of the best finished one as a tuple.
# <!-- zh -->
# ### 练习 6.4
#
# 针对一张表和 $\alpha = 0$，写出束搜索本身。活着的候选是二元组（ids，log P），从空序列开始。每一步用所有的词延续所有的候选，保留最好的 `k` 个；其中以 `<eos>` 结尾或长度已达 `max_length` 的就完成了。以元组形式返回最好的已完成候选的 ids。


# %% tags=["exercise"]
def my_beam(log_table, bos, eos, max_length, k):
    """The ids that beam search finds; ``log_table[y_prev][y]`` is log P(y | y_prev)."""
    ### BEGIN SOLUTION
    live, finished = [((), 0.0)], []
    while live:
        candidates = [
            ((*ids, y), so_far + log_p)
            for ids, so_far in live
            for y, log_p in enumerate(log_table[(bos, *ids)[-1]])
        ]
        live = []
        for ids, log_p in sorted(candidates, key=lambda one: -one[1])[:k]:
            over = ids[-1] == eos or len(ids) == max_length
            (finished if over else live).append((ids, log_p))
    return max(finished, key=lambda one: one[1])[0]
    ### END SOLUTION


# %% tags=["check"]
check("6.4", my_beam)

# %% [markdown]
# ## From the toy to the trained decoder
#
# The real step is just as short. The encoder runs once; `bridge` makes $\boldsymbol{s}_0$ from $\boldsymbol{c}$; then the decoder is called with one word for each of the M hypotheses. The state has to come in rows, `(M, 1, H)`, because a search picks rows: those of the survivors. (One vector each, $\boldsymbol{s}$; with several layers there are as many.)
#
# (`gs.Translator` does the same and a little more: it never chooses `<unk>`, `<pad>` or `<bos>`.)
# <!-- zh -->
# ## 从玩具到训练好的解码器
#
# 真正的 step 同样简短。编码器只运行一次；`bridge` 由 $\boldsymbol{c}$ 得到 $\boldsymbol{s}_0$；随后每一步把 M 个候选各自的上一个词交给解码器。状态要按行排列，形状为 `(M, 1, H)`，因为搜索会按行挑选：只留下幸存者的那些行。（每行一个向量 $\boldsymbol{s}$；有几层，就有几个。）
#
# （`gs.Translator` 做的是同样的事，只是多一点：它从不选择 `<unk>`、`<pad>` 和 `<bos>`。）

# %%
sentence = "They are watching."
model = gs.load_model("mini-bahdanau2015")
source, target = model.src_vocab, model.tgt_vocab
X = nd.array([source.encode(sentence)], dtype="int32")  # (1, T)
valid_length = nd.array([X.shape[1]], dtype="int32")  # (1,)
h, _, c = model.encoder(X, valid_length)  # (1, T, D), (1, D)
s_0 = model.bridge(c).swapaxes(0, 1)  # (1, 1, H)


def decoder_step(y_prev, s):  # (M,), (M, 1, H)
    rows = [array.repeat(len(y_prev), axis=0) for array in (h, c, valid_length)]
    logits, s, _ = model.decoder(y_prev.expand_dims(1), s.swapaxes(0, 1), *rows)
    return nd.log_softmax(logits[:, 0]), s.swapaxes(0, 1)  # (M, V), (M, 1, H)


(found,) = gs.greedy(decoder_step, s_0, target["<bos>"], target["<eos>"], [20])
print(target.to_tokens(list(found.ids)), f"log P = {found.log_p:.3f}")
assert close(found.log_p, gs.Translator(model).search([sentence])[0].log_p, 1e-3)

# %% [markdown] tags=["subslide"]
# Exhaustive search is refused here, before it starts.
# <!-- zh -->
# 在这里，穷举搜索还没开始就被拒绝了。

# %%
try:
    gs.exhaustive(decoder_step, s_0, target["<bos>"], target["<eos>"], 20)
except gs.UsageError as error:
    print(error)

# %% [markdown]
# ## The beam tree of *They are watching.*
#
# Beams of 1, 2 and 4. With one hypothesis, *Elles* is thrown away at the first word and never comes back. With two, both live to the end. With four, look at what fills the places that are left: how far below the two good ones are they? (log P is a natural logarithm: a difference of 2.3 is a factor of 10.)
# <!-- zh -->
# ## *They are watching.* 的束搜索树
#
# 束宽分别为 1、2、4。只有一个候选时，*Elles* 在第一个词就被丢掉，再也回不来；有两个时，二者都能活到最后；有四个时，看看剩下的位置被什么填满：它们比那两个好的低多少？（log P 是自然对数：相差 2.3 就是 10 倍。）

# %%
for k in 1, 2:
    display(gs.Translator(model, beam_size=k).beam_tree(sentence, lang))

# %% tags=["subslide"]
gs.Translator(model, beam_size=4).beam_tree(sentence, lang)

# %% [markdown]
# ## The list of the n best
#
# English does not say who *they* are. The grammar that wrote the corpus says *ils* in 70 % and *elles* in 30 % of such sentences, so here, for once, the true probabilities are known. A beam gives a list, and the model's P stands beside the corpus's.
# <!-- zh -->
# ## n 个最佳译文
#
# 英语没有说明 *they* 是谁。写出这份语料的语法规定：这样的句子 70 % 用 *ils*，30 % 用 *elles*。所以这里难得地知道真实的概率。束搜索给出一个列表，我们把模型的 P 与语料的 P 并排列出。

# %%
corpus = gs.load_corpus("mini")
gold = corpus.train[0].gold
true_P = dict(zip(gold.references, gold.probabilities))
print(corpus.train[0].source)
for name in "mini-bahdanau2015", "mini-book":
    translator = gs.Translator(gs.load_model(name), beam_size=4)
    print(name)
    for one in translator.n_best([sentence], 4)[0]:
        in_corpus = tr("corpus", "语料") + f" {true_P.get(one.text, 0):.1f}"
        print(f"  {one.text:<22} P {math.exp(one.log_p):.5f}   {in_corpus}")

# %% [markdown]
# ## Drawing instead of searching
#
# Greedy search says *Ils* every time. Drawing each word by its probability says *Elles* now and then: as often as the model believes in it. The temperature $\tau$ divides log P before the softmax: below 1 the probable becomes more probable, above 1 less so.
#
# The bars show the shares of what was drawn; the orange lines are what $\mathbb{P}^{1/\tau}$, renormalised, leads us to expect for the first word.
# <!-- zh -->
# ## 不搜索，而是抽取
#
# 贪婪搜索每次都写 *Ils*。若按概率抽取每个词，则偶尔会写 *Elles*：模型认为有多大可能，就有多频繁。温度 $\tau$ 的作用是在 softmax 之前把 log P 除以 $\tau$：小于 1 时，大的概率更大；大于 1 时则更平均。
#
# 柱子是抽取结果中各占的比例；橙色的线是按 $\mathbb{P}^{1/\tau}$ 归一化后对第一个词的期望。

# %%
log_p, _ = decoder_step(nd.array([target["<bos>"]], dtype="int32"), s_0)  # (1, V)
first, temperatures = ["Ils", "Elles"], [0.25, 0.5, 1.0, 2.0]
translator, counted, expected = gs.Translator(model, batch_size=samples), [], []
for tau in temperatures:
    drawn = translator.sample([sentence] * samples, temperature=tau, seed=6)
    counted.append([np.mean([one.tokens[0] == word for one in drawn]) for word in first])
    P = nd.softmax(log_p[0] / tau)  # (V,)
    expected.append([P[target[word]].asscalar() for word in first])
    others = len({one.text for one in drawn} - set(true_P))
    print(
        f"τ = {tau:<4}  Ils {counted[-1][0]:.3f} (P {expected[-1][0]:.3f})   "
        f"Elles {counted[-1][1]:.3f} (P {expected[-1][1]:.3f})   "
        + tr(f"different other sentences: {others}", f"其他不同的句子：{others} 个")
    )

# %% tags=["subslide"]
with drawing(lang, 8, 3.2) as (figure, _):
    axes = figure.subplots()
    for j, (word, color, hatch) in enumerate(zip(first, ("#12395f", "#9ecae1"), ("", "//"))):
        x = np.arange(len(temperatures)) + 0.36 * (j - 0.5)
        style = {"color": color, "hatch": hatch, "edgecolor": "#12395f"}
        axes.bar(x, [row[j] for row in counted], 0.34, label=word, **style)
        P = [row[j] for row in expected]
        lines = axes.hlines(P, x - 0.17, x + 0.17, color="#d95f02", linewidth=3)
    lines.set_label(label("expected", "期望值"))
    axes.set_xticks(range(len(temperatures)), labels=[f"τ = {tau}" for tau in temperatures])
    axes.set(
        xlabel=label("temperature", "温度"), ylabel=label("share of the samples", "在样本中的比例")
    )
    axes.set_ylim(0, 1.05)
    figure.legend(loc="outside right center", frameon=False)
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 6.5
#
# Suppose a model knows just two translations, with P = 0.7 and P = 0.3. At which temperature does sampling give the first one in 95 of 100 cases? Solve for $\tau$; do not try values.
# <!-- zh -->
# ### 练习 6.5
#
# 假设模型只知道两个译文，P 分别为 0.7 和 0.3。温度为多少时，采样在 100 次中有 95 次给出第一个？请解出 $\tau$，不要靠试。

# %% tags=["exercise"]
tau_95 = ...
### BEGIN SOLUTION
tau_95 = math.log(0.7 / 0.3) / math.log(0.95 / 0.05)
### END SOLUTION

# %% tags=["check"]
check("6.5", tau_95)

# %% [markdown]
# ## Does a larger beam translate better?
#
# A larger beam finds outputs of larger log P, or should. Whether they are better translations is another question, and mini answers it, because it knows all valid translations of every sentence. Two models, $\alpha = 0$, so that the search looks for exactly what the left picture shows: a larger log P than that of greedy search.
#
# Before you run it: which model gains more from a beam, the good one or the poor one?
# <!-- zh -->
# ## 束宽越大，译得越好吗？
#
# 束宽越大，找到的输出序列的 log P 应当越大。它们是不是更好的译文，则是另一个问题。mini 可以回答，因为它知道每个句子的全部正确译文。这里用两个模型，取 $\alpha = 0$，这样搜索所追求的正是左图所画的量：log P 相对于贪婪搜索的增量。
#
# 运行之前先想一想：好的模型和差的模型，谁从束搜索中获益更多？

# %%
examples = corpus.test[:sentences]
sources = [example.source for example in examples]
beam_sizes, names = [1, 2, 4, 8], ["mini-book", "mini-bahdanau2015"]
found_by = {}
for name in names:
    one_model = gs.load_model(name)
    for k in beam_sizes:
        found_by[name, k] = gs.Translator(one_model, beam_size=k, alpha=0).search(sources)


def right(found, examples):
    return np.array([one.text in example.valid for one, example in zip(found, examples)])


log_P = {key: np.mean([one.log_p for one in found]) for key, found in found_by.items()}
exact = {key: right(found, examples).mean() for key, found in found_by.items()}
for name, k in found_by:
    print(f"{name:<18} k = {k}   log P {log_P[name, k]:.4f}   exact {exact[name, k]:.1%}")

# %% tags=["subslide"]
with drawing(lang, 9, 3.2) as (figure, _):
    left, right_axes = figure.subplots(1, 2)
    for name, line in zip(names, ("o-", "s--")):
        gains = [[of[name, k] - of[name, 1] for k in beam_sizes] for of in (log_P, exact)]
        left.plot(beam_sizes, gains[0], line, label=name)
        right_axes.plot(beam_sizes, [100 * gain for gain in gains[1]], line)
    left.set_ylabel(label("gain in mean log P", "平均 log P 的增量"))
    right_axes.set_ylabel(label("gain in exact (points)", "完全正确率的增量（百分点）"))
    for axes in left, right_axes:
        axes.set_xscale("log", base=2)
        axes.set_xticks(beam_sizes, labels=map(str, beam_sizes))
        axes.set_xlabel(label("beam size k", "束宽 k"))
        axes.grid(alpha=0.3)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
figure

# %% [markdown] tags=["subslide"]
# Now sentence by sentence, greedy against the largest beam. A higher log P is what we hope for, a lower one is possible but rare: a beam is no guarantee. And of the sentences that change, some become right and some become wrong.
# <!-- zh -->
# 再逐句比较贪婪搜索与最大的束宽。我们希望 log P 变大；变小也有可能，但很少见：束搜索不作保证。而在发生变化的句子中，有的由错变对，也有的由对变错。

# %%
for name in names:
    before, after = found_by[name, 1], found_by[name, beam_sizes[-1]]
    gain = np.array([b.log_p - a.log_p for a, b in zip(before, after)])
    was, now = right(before, examples), right(after, examples)
    print(
        f"{name:<18}",
        tr("log P higher:", "log P 变大："), (gain > 1e-3).sum(), "",
        tr("lower:", "变小："), (gain < -1e-3).sum(), "",
        tr("wrong → right:", "错 → 对："), (~was & now).sum(), "",
        tr("right → wrong:", "对 → 错："), (was & ~now).sum(),
    )  # fmt: skip

# %% [markdown]
# ## What alpha does to the length
#
# Each further word multiplies P by something below 1, so log P alone prefers short outputs. Beam search therefore ranks finished outputs by $\frac{1}{L^\alpha} \log \mathbb{P}$. Here are sentences longer than any in training, where the models are unsure, with growing $\alpha$: the mean length of the outputs, beside that of the references.
# <!-- zh -->
# ## alpha 如何影响长度
#
# 每多一个词，P 就再乘一个小于 1 的数，所以单看 log P 会偏爱短的输出。因此束搜索按 $\frac{1}{L^\alpha} \log \mathbb{P}$ 给已完成的输出排序。下面取一些比训练集中任何句子都长的句子，模型对它们没有把握。随着 $\alpha$ 增大，看输出的平均长度，并与参考译文的长度比较。

# %%
longer = gs.load_corpus("mini-length").test[:long_sentences]
valid = [example.valid for example in longer]
alphas, lengths, bleu = [0, 0.75, 1.5, 2, 3, 4, 8], {}, {}
reference = np.mean([len(target.tokenizer.tokenize(refs[0])) for refs in valid])
print(tr(f"references: {reference:.1f} tokens", f"参考译文：{reference:.1f} 个词"))
for name in names:
    one_model = gs.load_model(name)
    for alpha in alphas:
        translator = gs.Translator(one_model, beam_size=4, alpha=alpha)
        found = translator.search([example.source for example in longer])
        lengths[name, alpha] = np.mean([len(one.tokens) for one in found])
        bleu[name, alpha] = gs.score([one.text for one in found], valid)["bleu"]
        print(
            f"{name:<18} alpha {alpha:<4}  {lengths[name, alpha]:5.1f} "
            + tr("tokens", "个词") + f"   BLEU {bleu[name, alpha]:.1f}"
        )  # fmt: skip

# %% tags=["subslide"]
with drawing(lang, 9, 3.2) as (figure, _):
    left, right_axes = figure.subplots(1, 2)
    for name, line in zip(names, ("o-", "s--")):
        left.plot(alphas, [lengths[name, alpha] for alpha in alphas], line, label=name)
        right_axes.plot(alphas, [bleu[name, alpha] for alpha in alphas], line)
    style = {"color": "black", "linestyle": ":", "label": label("references", "参考译文")}
    left.axhline(reference, **style)
    left.set_ylabel(label("mean number of tokens", "平均词数"))
    right_axes.set_ylabel("BLEU")
    for axes in left, right_axes:
        axes.set_xlabel("α")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
figure

# %% [markdown] tags=["subslide"]
# A moderate $\alpha$ repairs what log P does wrong; a large one does worse than none, because then length counts for more than sense. An example at both ends:
# <!-- zh -->
# 适中的 $\alpha$ 能弥补 log P 的偏差；过大的 $\alpha$ 则比没有更糟，因为那时长度比意思还重要。两端各看一个例子：

# %%
for alpha in 0, 8:
    translator = gs.Translator(gs.load_model("mini-book"), beam_size=4, alpha=alpha)
    (one,) = translator.search([longer[0].source])
    print(f"alpha = {alpha}: {one.text}\n   log P {one.log_p:.2f}, score {one.score:.1e}")
print(tr("valid:", "正确译文："), longer[0].valid[0])

# %% [markdown]
# ## What the chapter leaves unsaid
#
# ### Alpha does not punish long outputs
#
# One easily reads the formula so: $L^\alpha$ stands below the line, so it makes long outputs smaller. But log P is negative. Dividing a negative number by a larger one brings it *nearer to zero*: long outputs score *higher*. With $\alpha = 0$ the long one loses; every increase of $\alpha$ helps it.
# <!-- zh -->
# ## 书中没有明说的
#
# ### alpha 并不惩罚长的输出
#
# 这个公式很容易被读成：$L^\alpha$ 在分母上，所以让长的输出得分变小。但 log P 是负数。负数除以更大的数，会*更接近零*：长的输出得分反而*更高*。$\alpha = 0$ 时长的落败；$\alpha$ 每增大一点，都对它有利。

# %%
contenders = [one for one in ranked if one.ids in ((A, eos), (A, B, eos), (A, B, C, eos))]
with drawing(lang, 7, 3.2) as (figure, _):
    axes, line = figure.subplots(), np.linspace(0, 2, 41)
    for one, style in zip(contenders, ("-", "--", ":")):
        name = " ".join(words[y] for y in one.ids)
        axes.plot(line, one.log_p / len(one.ids) ** line, style, linewidth=2, label=name)
    axes.set(xlabel="α", ylabel=label("score: log P / L^α", "得分：log P / L^α"))
    axes.grid(alpha=0.3)
    axes.legend()
for alpha in 0, 0.75:
    best = gs.exhaustive(step, start, bos, eos, 4, alpha)[0]
    print(f"alpha = {alpha}: {' '.join(words[y] for y in best.ids)}   score {best.score:.3f}")
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 6.6
#
# Two outputs have log P $S_1$ and $S_2$ (both negative) and lengths $L_1 \ne L_2$. At which $\alpha$ do they score the same? That is the point where two lines of the picture cross.
# <!-- zh -->
# ### 练习 6.6
#
# 两个输出序列的 log P 为 $S_1$ 和 $S_2$（都是负数），长度 $L_1 \ne L_2$。$\alpha$ 为多少时两者得分相同？这就是图中两条线的交点。


# %% tags=["exercise"]
def turning_point(S_1, L_1, S_2, L_2):
    """The alpha at which log P S_1 at length L_1 scores as S_2 at length L_2 does."""
    ### BEGIN SOLUTION
    return math.log(S_2 / S_1) / math.log(L_2 / L_1)
    ### END SOLUTION


# %% tags=["check"]
check("6.6", turning_point)

# %% [markdown]
# ### Does L count `<eos>`?
#
# The section on beam search does not say whether L counts `<eos>`; here it does, because the sum counts log P of `<eos>` too. With short outputs this decides: below, the same two outputs, ranked by either convention.
# <!-- zh -->
# ### L 算不算 `<eos>`？
#
# “束搜索”一节没有说明 L 是否包括 `<eos>`；这里包括，因为求和时也算了 `<eos>` 的 log P。输出较短时，这会影响结果：下面同样的两个输出，按两种约定排序。

# %%
((one,),) = gs.beam(step, start, bos, eos, [4], beam_size=3, alpha=0.75)
assert one.ids[-1] == eos and close(one.score, one.log_p / len(one.ids) ** 0.75)

short, long = (-1.0, 1), (-2.0, 3)  # log P, and the number of words before <eos>
for with_eos in 1, 0:
    scores = [log_p / (L + with_eos) ** 0.75 for log_p, L in (short, long)]
    winner = tr("the short one", "短的") if scores[0] > scores[1] else tr("the long one", "长的")
    counted = tr("counting <eos>", "计入 <eos>") if with_eos else tr("without it", "不计入")
    print(f"{counted}: {scores[0]:.3f}, {scores[1]:.3f} → {winner}")

# %% [markdown] tags=["subslide"]
# ### When does it stop?
#
# At `<eos>`, and at the latest at `max_length`: a decoder may never say `<eos>`. `Translator` allows twice the length of the source (with its `<eos>`) plus 10. An output that was cut off has no `<eos>`; it is ranked with the rest all the same. Here is a step that never ends, and then the model from above, whose $\alpha$ makes length pay:
# <!-- zh -->
# ### 什么时候停止？
#
# 遇到 `<eos>` 就停，最迟停在 `max_length`：解码器有可能永远不写 `<eos>`。`Translator` 允许的长度是源序列长度（含 `<eos>`）的两倍再加 10。被截断的输出没有 `<eos>`，但照样参加排序。下面先是一个永不结束的 step，然后是前面的模型：过大的 $\alpha$ 让它越长越划算。

# %%
endless = step_of([[0.1, 0.8, 0.1, 0.0], [0.8, 0.1, 0.1, 0.0], *table[2:]])
((one,),) = gs.beam(endless, start, bos, eos, [9], beam_size=3)
print(" ".join(words[y] for y in one.ids), f"   <eos>: {one.ids[-1] == eos}")

texts = [example.source for example in longer]
caps = [2 * len(source.encode(text)) + 10 for text in texts]
for alpha in 0, 8:
    found = gs.Translator(gs.load_model("mini-book"), beam_size=4, alpha=alpha).search(texts)
    cut = sum(len(one.tokens) == cap for one, cap in zip(found, caps))
    print(
        f"mini-book, alpha = {alpha}:",
        tr(f"{cut} of {len(texts)} cut off", f"{len(texts)} 句中有 {cut} 句被截断"),
    )

# %% [markdown] tags=["subslide"]
# ### An error of the search or of the model?
#
# When a translation is wrong, ask the model for log P of the valid ones. If one of them is *more* probable than what was found, the model knew better and the search missed it: a search error. Otherwise the model prefers its wrong output, and no search will help: a model error.
# <!-- zh -->
# ### 是搜索的错，还是模型的错？
#
# 译文有误时，可以问模型：正确译文的 log P 是多少？如果其中有一个比找到的*更可能*，那么模型本来知道，是搜索错过了它：这是搜索错误。否则就是模型更喜欢那个错误的输出，再好的搜索也无济于事：这是模型错误。

# %%
pairs = [(i, text) for i, example in enumerate(examples) for text in example.valid]
texts = [text for _, text in pairs]
for name in names:
    forced = gs.Translator(gs.load_model(name)).force([sources[i] for i, _ in pairs], texts)
    best_valid = np.full(len(examples), -np.inf)
    np.maximum.at(best_valid, [i for i, _ in pairs], [one.log_p for one in forced])
    for k in beam_sizes:
        found = found_by[name, k]
        wrong = ~right(found, examples)
        missed = wrong & (best_valid > np.array([one.log_p for one in found]) + 1e-3)
        print(
            f"{name:<18} k = {k}  ", tr("wrong:", "错误："), wrong.sum(), "",
            tr("by the search:", "搜索错误："), missed.sum(), "",
            tr("by the model:", "模型错误："), wrong.sum() - missed.sum(),
        )  # fmt: skip

# %% [markdown] tags=["subslide"]
# A small beam is enough to do away with nearly all search errors; what remains are errors of the model, and those need more data, attention or training, not a larger beam.
#
# ### Beam size 1 is greedy search, beam size 2 no guarantee
#
# Not nearly: exactly, whatever $\alpha$ is, since with one hypothesis there is nothing to rank. We try it on a hundred random tables. And beam size 2 is no guarantee of anything better: on the table called `trap`, the path that greedy search takes is pushed out by two others that look better for a while and end badly.
# <!-- zh -->
# 很小的束宽就足以消除几乎全部搜索错误；剩下的是模型错误，需要的是更多的数据、注意力机制或训练，而不是更大的束宽。
#
# ### 束宽为 1 就是贪婪搜索，束宽为 2 并无保证
#
# 不是近似，而是完全相同，无论 $\alpha$ 取何值：只有一个候选时，没有什么可排序的。下面在一百张随机的表上验证。而束宽为 2 并不保证更好：在名为 `trap` 的表上，贪婪搜索所走的路被另外两条挤掉了，它们一时看好，结局却很差。

# %%
random = np.random.RandomState(0)
for _ in range(100):
    one_step = step_of(random.dirichlet([0.7] * 4, 5))
    (by_greedy,) = gs.greedy(one_step, start, bos, eos, [6])
    ((by_beam,),) = gs.beam(one_step, start, bos, eos, [6], beam_size=1, alpha=2)
    assert by_beam.ids == by_greedy.ids and by_beam.log_p == by_greedy.log_p

trap = [[0.40, 0.05, 0.45, 0.10], [0.15, 0.25, 0.55, 0.05], [0.25, 0.15, 0.25, 0.35]]
trap += [table[eos], [0.50, 0.20, 0.25, 0.05]]  # after <eos>, after <bos>
for k in 1, 2, 3:
    ((one,),) = gs.beam(step_of(trap), start, bos, eos, [4], beam_size=k, alpha=0)
    print(f"k = {k}: {' '.join(words[y] for y in one.ids):<12} P = {math.exp(one.log_p):.4f}")

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. Greedy search takes the most probable word at every step. Why can the whole output still be improbable? (a) rounding adds up (b) the model was not trained long enough (c) a good word can lead to where only poor words follow (d) it stops too early
# 2. Two outputs have log P −3 and −4; the first has 3 tokens, the second 6. What does a larger $\alpha$ do? (a) helps the second (b) helps the first (c) helps neither, they keep their order (d) lowers both scores
# 3. A beam of 4 and a beam of 40 give the same wrong translation, and its log P is above that of every valid one. What helps? (a) a beam of 400 (b) a better model (c) $\alpha = 0$ (d) a lower temperature
# 4. A model gives *Ils regardent.* the probability 0.77, in the corpus it is 0.7. What does sampling at temperature 1 give? (a) always *Ils regardent.* (b) *Ils regardent.* in 70 of 100 cases, as in the corpus (c) each valid translation as often (d) *Ils regardent.* in about 77 of 100 cases
# 5. Why does `gs.beam` ask for rows of the state (`state.take(rows)`)? (a) to save the losses (b) because $\alpha$ needs it (c) to sort by length (d) because survivors continue different hypotheses, and each needs its own state
# <!-- zh -->
# ## 小测验
#
# 1. 贪婪搜索每一步都取概率最大的词，为什么整个输出序列的概率仍可能很小？(a) 舍入误差累积 (b) 模型训练得不够久 (c) 一个好词之后可能只剩下差的词 (d) 它停得太早
# 2. 两个输出的 log P 为 −3 和 −4，前者 3 个词，后者 6 个词。增大 $\alpha$ 会怎样？(a) 对后者有利 (b) 对前者有利 (c) 对谁都没有影响，顺序不变 (d) 使两个得分都降低
# 3. 束宽为 4 和 40 时得到同一个错误译文，并且它的 log P 高于所有正确译文。什么会有帮助？(a) 束宽 400 (b) 更好的模型 (c) $\alpha = 0$ (d) 更低的温度
# 4. 某模型给 *Ils regardent.* 的概率是 0.77，而在语料中是 0.7。温度为 1 时，采样会得到什么？(a) 总是 *Ils regardent.* (b) 100 次中有 70 次是 *Ils regardent.*，与语料一致 (c) 每个正确译文次数相同 (d) 100 次中约有 77 次是 *Ils regardent.*
# 5. `gs.beam` 为什么要按行取状态（`state.take(rows)`）？(a) 为了保存损失 (b) 因为 $\alpha$ 需要 (c) 为了按长度排序 (d) 因为幸存者延续的是不同的候选，各自需要自己的状态

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "c", 2: "a", 3: "b", 4: "d", 5: "d"}
### END SOLUTION

# %% tags=["check"]
quiz(6, answers)

# %% [markdown]
# ## Where to go next
#
# Next: [7. Attention](07_attention.ipynb), which is what made the good model of this notebook good.
#
# - The book's section on beam search (束搜索), with the formula of the score.
# - Ott, Auli, Grangier and Ranzato 2018, *Analyzing Uncertainty in Neural Machine Translation*: why larger beams can translate worse.
# - Stahlberg and Byrne 2019, *On NMT Search Errors and Model Errors: Cat Got Your Tongue?*: exact search over a real model often finds the empty output.
# - Holtzman, Buys, Du, Forbes and Choi 2020, *The Curious Case of Neural Text Degeneration*: when drawing beats searching.
# <!-- zh -->
# ## 接下来
#
# 下一篇：[7. 注意力机制](07_attention.ipynb)，本篇中那个好模型之所以好，正在于此。
#
# - 教材的“束搜索”一节，包括得分的公式。
# - Ott、Auli、Grangier、Ranzato，2018，*Analyzing Uncertainty in Neural Machine Translation*：为什么束宽更大反而可能译得更差。
# - Stahlberg、Byrne，2019，*On NMT Search Errors and Model Errors: Cat Got Your Tongue?*：对真实模型做精确搜索，常常得到空的输出。
# - Holtzman、Buys、Du、Forbes、Choi，2020，*The Curious Case of Neural Text Degeneration*：什么时候抽取胜过搜索。
