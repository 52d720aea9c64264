# %% [markdown]
# # 7. Attention: Bahdanau, Luong, and the GRU question
#
# Until now one vector $\boldsymbol{c}$ had to carry the whole sentence. With attention the decoder looks again at all encoder states before each word, and decides by itself where. We compute every number of that for *They are watching.* → *Ils regardent.*, see where it looks in harder sentences, measure whether it looks at the right place, and answer two exercises of the chapter: which other attentions there are, and whether they need another GRU.
#
# **After this notebook you can**
#
# - compute $e$, $\alpha$ and $\boldsymbol{c}_{t'}$ by hand, and read an attention map without reading too much into it;
# - say what goes wrong without a mask, and why it is hard to notice;
# - write down Luong's scores, choose one by the sizes of $\boldsymbol{s}$ and $\boldsymbol{h}$, and add one of your own;
# - tell attention before $g$ from attention after $g$ by what the query has read;
# - prove that attention needs no new GRU.
# <!-- zh -->
# # 7. 注意力机制：Bahdanau、Luong 与门控循环单元之问
#
# 到目前为止，整个句子的信息都要装进一个背景向量 $\boldsymbol{c}$。有了注意力机制，解码器在写每个词之前都会重新查看编码器的全部隐藏状态，并自己决定看哪里。本篇用 *They are watching.* → *Ils regardent.* 算出其中的每一个数，观察它在更难的句子里看向何处，度量它是否看对了地方，并回答书中的两道练习：还有哪些注意力机制？为此需要重写门控循环单元吗？
#
# **学完本篇，你能够**
#
# - 手工算出 $e$、$\alpha$ 和 $\boldsymbol{c}_{t'}$，看懂注意力图而又不过度解读；
# - 说出没有掩码会出什么错，以及这种错为什么难以察觉；
# - 写出 Luong 等人的各种打分函数，根据 $\boldsymbol{s}$ 和 $\boldsymbol{h}$ 的大小作出选择，并添加一种自己的打分函数；
# - 根据查询读过什么，区分放在 $g$ 之前和放在 $g$ 之后的注意力；
# - 证明使用注意力机制不需要新的门控循环单元。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $e_{t't} = a(\boldsymbol{s}, \boldsymbol{h}_t)$ | score of source position $t$ at step $t'$ | `attention.a` | `(N, T', T)` |
# | $\alpha_{t't} = \exp(e_{t't}) / \sum_k \exp(e_{t'k})$ | attention weight | `attention.weights` | `(N, T', T)` |
# | $\boldsymbol{c}_{t'} = \sum_t \alpha_{t't} \boldsymbol{h}_t$ | context of step $t'$ | `attention(s, h, valid_length)` | `(N, T', D)` |
# | $a = \boldsymbol{v}^\top \tanh(\boldsymbol{W}_s \boldsymbol{s} + \boldsymbol{W}_h \boldsymbol{h})$ | Bahdanau; Luong's concat | `gs.Additive` | `v (1, A)` |
# | $a = \boldsymbol{s}^\top \boldsymbol{h}$, $\; \boldsymbol{s}^\top \boldsymbol{h} / \sqrt{D}$, $\; \boldsymbol{s}^\top \boldsymbol{W}_a \boldsymbol{h}$ | dot, scaled dot, general | `gs.Dot`, `gs.ScaledDot`, `gs.General` | `W_a (H, D)` |
# | $p_{t'} = t'$ or $S \cdot \sigma(\boldsymbol{v}_p^\top \tanh(\boldsymbol{W}_p \boldsymbol{s}_{t'}))$ | centre of a window | `gs.LocalMonotonic`, `gs.LocalPredictive` | `p (N, T', 1)` |
# | $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}_{t'}, \boldsymbol{s}_{t'-1})$ | attention before $g$ | `gs.Decoder(…, attention=…)` | `s (N, T', H)` |
# | $\tilde{\boldsymbol{s}}_{t'} = \tanh(\boldsymbol{W}_c [\boldsymbol{c}_{t'}; \boldsymbol{s}_{t'}])$ | attention after $g$ | `gs.LuongDecoder` | `(N, T', H)` |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $e_{t't} = a(\boldsymbol{s}, \boldsymbol{h}_t)$ | 时间步 $t'$ 对源位置 $t$ 的打分 | `attention.a` | `(N, T', T)` |
# | $\alpha_{t't} = \exp(e_{t't}) / \sum_k \exp(e_{t'k})$ | 注意力权重 | `attention.weights` | `(N, T', T)` |
# | $\boldsymbol{c}_{t'} = \sum_t \alpha_{t't} \boldsymbol{h}_t$ | 时间步 $t'$ 的背景向量 | `attention(s, h, valid_length)` | `(N, T', D)` |
# | $a = \boldsymbol{v}^\top \tanh(\boldsymbol{W}_s \boldsymbol{s} + \boldsymbol{W}_h \boldsymbol{h})$ | Bahdanau；即 Luong 的 concat | `gs.Additive` | `v (1, A)` |
# | $a = \boldsymbol{s}^\top \boldsymbol{h}$，$\; \boldsymbol{s}^\top \boldsymbol{h} / \sqrt{D}$，$\; \boldsymbol{s}^\top \boldsymbol{W}_a \boldsymbol{h}$ | 点积、缩放点积、general | `gs.Dot`、`gs.ScaledDot`、`gs.General` | `W_a (H, D)` |
# | $p_{t'} = t'$ 或 $S \cdot \sigma(\boldsymbol{v}_p^\top \tanh(\boldsymbol{W}_p \boldsymbol{s}_{t'}))$ | 窗口的中心 | `gs.LocalMonotonic`、`gs.LocalPredictive` | `p (N, T', 1)` |
# | $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{c}_{t'}, \boldsymbol{s}_{t'-1})$ | 注意力在 $g$ 之前 | `gs.Decoder(…, attention=…)` | `s (N, T', H)` |
# | $\tilde{\boldsymbol{s}}_{t'} = \tanh(\boldsymbol{W}_c [\boldsymbol{c}_{t'}; \boldsymbol{s}_{t'}])$ | 注意力在 $g$ 之后 | `gs.LuongDecoder` | `(N, T', H)` |

# %% tags=["skip"]

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, code_of, label, language, quiz, tr
from gluon_seq2seq.plots.style import drawing
from mxnet import init, nd
from mxnet.gluon import rnn

lang = language(tr("en", "zh"))

# %% tags=["parameters"]
sentences = 300  # how many of test are translated
dev_sentences = 100  # how many of dev, after each epoch
pairs = 3000  # how many are trained on, further down
epochs = 8

# %% [markdown]
# ## One c for all
#
# Three trained models come with the package. `mini-book` follows the chapter: whatever the sentence, its decoder gets one vector $\boldsymbol{c}$. `mini-bahdanau2015` and `mini-luong2015` have attention. Two sets of sentences: `test`, of the lengths that training had, and `mini-length`, longer than any sentence in training.
#
# **Before you run:** the short sentence and the long one below: how many numbers does $\boldsymbol{c}$ have for each? And $\boldsymbol{h}$?
# <!-- zh -->
# ## 所有时间步共用一个 c
#
# 软件包自带三个训练好的模型。`mini-book` 照书中的公式构造：无论句子长短，解码器只得到一个背景向量 $\boldsymbol{c}$。`mini-bahdanau2015` 和 `mini-luong2015` 带有注意力机制。用到的句子有两组：`test` 的句长与训练时相同；`mini-length` 里的句子比训练时见过的都长。
#
# **运行之前想一想：** 对下面的短句和长句，$\boldsymbol{c}$ 各有多少个数？$\boldsymbol{h}$ 呢？

# %%
corpus, longer = gs.load_corpus("mini"), gs.load_corpus("mini-length")
corpus.train, corpus.dev = corpus.train[:pairs], corpus.dev[:dev_sentences]
test = corpus.test[:sentences]
book, bahdanau, luong = (
    gs.load_model(f"mini-{name}") for name in ("book", "bahdanau2015", "luong2015")
)
for text in "They are watching.", longer.test[0].source:
    X = nd.array([book.src_vocab.encode(text)], dtype="int32")  # (1, T)
    h, _, c = book.encoder(X, nd.array([X.shape[1]], dtype="int32"))
    print(text)
    print("   h", h.shape, "  c", c.shape)

# %% [markdown] tags=["subslide"]
# A bar is the share of sentences of that length whose translation is exactly one of the valid ones. First one $\boldsymbol{c}$ for all, then one $\boldsymbol{c}_{t'}$ for each word. Look at where the bars begin to fall, and how steeply.
# <!-- zh -->
# 每根柱表示该长度的句子中，译文与某个标签序列完全一致的比例。先看所有时间步共用一个 $\boldsymbol{c}$，再看每个词各有一个 $\boldsymbol{c}_{t'}$。请留意柱从哪里开始下降、降得多陡。

# %%
examples = test + longer.test[:sentences]
sources = [example.source for example in examples]
lengths = [len(corpus.src_vocab.tokenizer.tokenize(source)) for source in sources]

found = gs.Translator(book).translate(sources)
right = [text in example.valid for text, example in zip(found, examples)]
gs.accuracy_by_length(lengths, right, lang)

# %%
found = gs.Translator(bahdanau).translate(sources)
right = [text in example.valid for text, example in zip(found, examples)]
gs.accuracy_by_length(lengths, right, lang)

# %% [markdown]
# ## e, alpha and c by hand
#
# At step $t'$ the decoder asks with its state $\boldsymbol{s}_{t'-1}$, the *query*. Each encoder state gets a score (what the score reads of it, here $\boldsymbol{W}_h \boldsymbol{h}_t$, is its *key*), softmax makes weights of the scores, and the context is the weighted mean of the encoder states:
#
# $$e_{t't} = \boldsymbol{v}^\top \tanh(\boldsymbol{W}_s \boldsymbol{s}_{t'-1} + \boldsymbol{W}_h \boldsymbol{h}_t), \qquad \alpha_{t't} = \frac{\exp(e_{t't})}{\sum_{k=1}^{T} \exp(e_{t'k})}, \qquad \boldsymbol{c}_{t'} = \sum_{t=1}^{T} \alpha_{t't} \boldsymbol{h}_t$$
#
# The trained model of Bahdanau gives us $\boldsymbol{h}$, $\boldsymbol{s}_0$ and the three parameters; the rest is three lines.
# <!-- zh -->
# ## 手工计算 e、alpha 和 c
#
# 在时间步 $t'$，解码器用自己的隐藏状态 $\boldsymbol{s}_{t'-1}$ 提问，它称为*查询*。编码器的每个隐藏状态得到一个分数（打分时从它读取的东西，这里是 $\boldsymbol{W}_h \boldsymbol{h}_t$，称为它的*键*），softmax 运算把分数变成权重，背景向量就是编码器隐藏状态的加权平均：
#
# $$e_{t't} = \boldsymbol{v}^\top \tanh(\boldsymbol{W}_s \boldsymbol{s}_{t'-1} + \boldsymbol{W}_h \boldsymbol{h}_t), \qquad \alpha_{t't} = \frac{\exp(e_{t't})}{\sum_{k=1}^{T} \exp(e_{t'k})}, \qquad \boldsymbol{c}_{t'} = \sum_{t=1}^{T} \alpha_{t't} \boldsymbol{h}_t$$
#
# 训练好的 Bahdanau 模型给出 $\boldsymbol{h}$、$\boldsymbol{s}_0$ 和三个参数，余下的只有三行。

# %%
pair = "They are watching.", "Ils regardent."
(batch,) = gs.Minibatches([pair], bahdanau.src_vocab, bahdanau.tgt_vocab, batch_size=1)
X, valid_length, Y_prev, Y, _ = batch  # (1, 5), (1,), (1, 4), (1, 4)
source = bahdanau.src_vocab.to_tokens(X[0].asnumpy().tolist())
target = bahdanau.tgt_vocab.to_tokens(Y[0].asnumpy().tolist())

h, _, c = bahdanau.encoder(X, valid_length)  # (1, 5, 256), (1, 256)
state = bahdanau.bridge(c)  # (2, 1, 128): s_0, and the number of steps taken
attention = bahdanau.decoder.attention
W_s, W_h, v = (layer.weight.data() for layer in (attention.w_s, attention.w_h, attention.v))
print(source, target)
print("W_s", W_s.shape, "  W_h", W_h.shape, "  v", v.shape)


# %%
def additive(s, h):  # one query (128,), one sentence (5, 256)
    e = [nd.dot(v, nd.tanh(nd.dot(W_s, s) + nd.dot(W_h, h_t))) for h_t in h]
    return nd.concat(*e, dim=0)  # (5,)


s = state[0, 0]  # (128,): s_0, the query of the first step
e = additive(s, h[0])  # (5,)
alpha = nd.softmax(e)  # (5,)
c_1 = nd.dot(alpha, h[0])  # (256,)

for token, e_t, alpha_t in zip(source, e.asnumpy(), alpha.asnumpy()):
    print(f"{token:<10} e = {e_t:6.2f}   alpha = {alpha_t:.3f}")
print(tr("sum of alpha:", "alpha 之和："), round(alpha.sum().asscalar(), 3))

# %% [markdown] tags=["subslide"]
# `gs.Additive` computes the same for all steps and all sentences of a batch at once. Its score, as the package has it:
# <!-- zh -->
# `gs.Additive` 一次就算出小批量中所有句子、所有时间步的结果。软件包里的打分函数是这样写的：

# %%
print(code_of(gs.Additive.keys) + code_of(gs.Additive.a))
c_block, alpha_block = attention(s.reshape((1, 1, -1)), h, valid_length)  # (1, 1, 256), (1, 1, 5)
assert close(alpha, alpha_block[0, 0]) and close(c_1, c_block[0, 0])

# %% [markdown] tags=["subslide"]
# For the other words the decoder has to walk: each $\boldsymbol{c}_{t'}$ makes the next $\boldsymbol{s}_{t'}$, which asks for the next $\boldsymbol{c}_{t'+1}$. We feed it the words of *Ils regardent.* one by one and compute $\alpha$ beside it. `Translator.force` does that walk for any sentence and translation.
# <!-- zh -->
# 要得到其余各词的权重，解码器必须逐步前进：每个 $\boldsymbol{c}_{t'}$ 参与算出下一个 $\boldsymbol{s}_{t'}$，而后者又去查询下一个 $\boldsymbol{c}_{t'+1}$。我们把 *Ils regardent.* 的词逐个喂给它，同时在旁边手工计算 $\alpha$。`Translator.force` 能对任意句子和译文完成这一过程。

# %%
rows = []
for t in range(len(target)):
    rows.append(nd.softmax(additive(state[0, 0], h[0])))  # (5,)
    logits, state, alpha_block = bahdanau.decoder(Y_prev[:, t : t + 1], state, h, c, valid_length)
    assert close(rows[-1], alpha_block[0, 0])

alpha = nd.stack(*rows)  # (4, 5)
forced = gs.Translator(bahdanau).force([pair[0]], [pair[1]])[0]
assert close(alpha, forced.attention)
print(alpha.asnumpy().round(2))

# %% [markdown] tags=["exercise"]
# ### Exercise 7.1
#
# For each of the four target tokens, which source token got the largest weight? Make a list of four source tokens from `alpha`, `source` and `target`.
# <!-- zh -->
# ### 练习 7.1
#
# 对四个目标词中的每一个，哪个源词的权重最大？用 `alpha`、`source` 和 `target` 得出由四个源词组成的列表。

# %% tags=["exercise"]
looks_at = ...
### BEGIN SOLUTION
looks_at = [source[int(t)] for t in alpha.argmax(axis=1).asnumpy()]
### END SOLUTION

# %% tags=["check"]
check("7.1", looks_at)

# %% [markdown] tags=["exercise"]
# ### Exercise 7.2
#
# Our sum took one sentence and one step. Write it for `alpha (N, T', T)` and `h (N, T, D)`, all sentences and steps at once, without a loop.
# <!-- zh -->
# ### 练习 7.2
#
# 上面的求和只处理一个句子、一个时间步。请对 `alpha (N, T', T)` 和 `h (N, T, D)` 写出它的小批量形式：不用循环，一次算出所有句子、所有时间步。


# %% tags=["exercise"]
def contexts(alpha, h):
    """c (N, T', D) of alpha (N, T', T) and h (N, T, D)."""
    ### BEGIN SOLUTION
    return nd.batch_dot(alpha, h)
    ### END SOLUTION


# %% tags=["check"]
check("7.2", contexts)

# %% [markdown]
# ## Where it looks
#
# The grammar that wrote the corpus knows which word says the same as which. That *gold alignment* is outlined. The model never saw it: training gave it pairs of sentences and nothing else.
#
# **Before you run:** *are watching* is two words, *regardent* one. Which column will row *regardent* choose? And where can the row of `<eos>` look?
# <!-- zh -->
# ## 它看向哪里
#
# 写出这份语料的语法知道哪个词对应哪个词，这就是用方框标出的*标准对齐*。模型从未见过它：训练时给出的只有成对的句子。
#
# **运行之前想一想：** *are watching* 是两个词，*regardent* 是一个词。*regardent* 这一行会选哪一列？`<eos>` 这一行又能看哪里？

# %%
translator = gs.Translator(bahdanau)
gold = corpus.train[0].gold  # of "They are watching."
translator.attention_map(*pair, gold.alignments[0], lang)

# %% [markdown] tags=["subslide"]
# Some rows may look elsewhere than the outlines, and the translation is right all the same. One reason: $\boldsymbol{h}_t$ is no word. An encoder that reads both ways has put the whole sentence into every $\boldsymbol{h}_t$, with more of the words nearby. We come back to this at the end.
#
# Now four sentences in which French does something else than English. For each, guess the shape before you look: where does it leave the diagonal?
# <!-- zh -->
# 有些行可能没有看向方框，译文却依然正确。原因之一是：$\boldsymbol{h}_t$ 并不是词。双向的编码器把整句话的信息都放进了每个 $\boldsymbol{h}_t$，只是附近的词占得多一些。本篇末尾会再谈这一点。
#
# 下面四个句子里，法语的做法与英语不同。看图之前请先猜一猜形状：它在哪里离开对角线？

# %% tags=["skip"]
known = {example.source: example for example in corpus.test}


def show(text):
    """Where the model looks in a sentence of test, while it writes the most probable reference."""
    gold = known[text].gold
    return translator.attention_map(text, gold.references[0], gold.alignments[0], lang)


# %% [markdown] tags=["subslide"]
# An adjective that crosses its noun: *intelligent friends* → *amis intelligents*; but *old friends* → *vieux amis*.
# <!-- zh -->
# 与名词交换位置的形容词：*intelligent friends* → *amis intelligents*；但 *old friends* → *vieux amis* 不交换。

# %%
show("These are her old intelligent friends.")

# %% [markdown] tags=["subslide"]
# One word to two, around a third: *not* → *n' … pas*, around the auxiliary.
# <!-- zh -->
# 一个词变成两个，还夹着第三个：*not* → *n' … pas*，分列助动词两边。

# %%
show("They have not slept in the small house.")

# %% [markdown] tags=["subslide"]
# A pronoun that moves to the left, before the verbs: *has seen us* → *nous a vus*.
# <!-- zh -->
# 移到动词左边的代词：*has seen us* → *nous a vus*。

# %%
show("The woman has seen us.")

# %% [markdown] tags=["subslide"]
# Words without a partner: *Do* has none in French, *Est-ce qu'* and the article of *le pain* none in English. A row has to spend its weight somewhere even then: softmax cannot say "nowhere".
# <!-- zh -->
# 没有对应词的词：*Do* 在法语里没有对应，*Est-ce qu'* 和 *le pain* 的冠词在英语里没有对应。即便如此，这些行也必须把权重分出去：softmax 运算无法表示“哪里都不看”。

# %%
show("Do they like bread?")

# %% [markdown]
# ## Does it look at the right place?
#
# Two measures. Of each target token take the source token with the largest weight: these links are $A$; the gold ones are $S$. The **alignment error rate** is
#
# $$\mathrm{AER} = 1 - \frac{2 \, |A \cap S|}{|A| + |S|}$$
#
# with no link for `<eos>`, neither its row nor its column. The **mass** is what the weights themselves put on the gold tokens, averaged over the aligned target tokens. The first asks only who is largest, the second by how much.
# <!-- zh -->
# ## 它看对地方了吗？
#
# 有两种度量。对每个目标词取权重最大的源词，这些连线的集合记作 $A$；标准对齐的连线集合记作 $S$。**对齐错误率**为
#
# $$\mathrm{AER} = 1 - \frac{2 \, |A \cap S|}{|A| + |S|}$$
#
# 其中 `<eos>` 的行和列都不算连线。**占比**（mass）则是权重本身落在标准对齐词上的部分占多大比例，对有对应词的目标词取平均。前者只问谁最大，后者还问大多少。


# %%
def figures(model):
    """The share of exact translations of test, the alignment error rate, and the mass."""
    found = gs.Translator(model).translate([example.source for example in test])
    exact = gs.score(found, [example.valid for example in test])["exact"]
    agrees = gs.alignment(model, test)
    return exact, agrees["aer"], agrees["mass"]


table = {"bahdanau2015": figures(bahdanau), "luong2015": figures(luong)}
print(tr("model            exact     AER    mass", "模型            正确率     AER    占比"))
for name, row in table.items():
    print(f"{name:<14}", *(f"{share:7.1%}" for share in row))

# %% [markdown] tags=["exercise"]
# ### Exercise 7.3
#
# Write the alignment error rate of one sentence. `alpha` is a NumPy array with `<eos>` as last row and last column, `gold` holds pairs (source position, target position). Sets make it short.
# <!-- zh -->
# ### 练习 7.3
#
# 写出一个句子的对齐错误率。`alpha` 是 NumPy 数组，最后一行和最后一列是 `<eos>`；`gold` 是若干（源位置，目标位置）对。用集合来写会很短。


# %% tags=["exercise"]
def error_rate(alpha, gold):
    """1 - 2 |A ∩ S| / (|A| + |S|) of alpha (T', T) and S = gold."""
    ### BEGIN SOLUTION
    eos = alpha.shape[1] - 1
    links = {(t, u) for u, t in enumerate(alpha[:-1].argmax(axis=1)) if t != eos}
    return 1 - 2 * len(links & set(gold)) / (len(links) + len(set(gold)))
    ### END SOLUTION


# %% tags=["check"]
check("7.3", error_rate)

# %% [markdown]
# ## Attention over padding
#
# In a batch short sentences are filled up with `<pad>`. Our encoder leaves $\boldsymbol{h}_t = 0$ there, so why mask? Because a score of a zero vector is a number like any other, $\boldsymbol{v}^\top \tanh(\boldsymbol{W}_s \boldsymbol{s})$, and softmax gives it a weight.
#
# Below *They are watching.* gets more and more padding. With the true `valid_length` nothing may change. Then we lie about it, which is the same as having no mask.
#
# **Before you run:** the zero vectors add nothing to $\sum_t \alpha_{t't} \boldsymbol{h}_t$. So what can go wrong?
# <!-- zh -->
# ## 落在填充上的注意力
#
# 在小批量中，短句要用 `<pad>` 补齐。我们的编码器在那些位置上给出 $\boldsymbol{h}_t = 0$，为什么还要掩码？因为零向量的分数 $\boldsymbol{v}^\top \tanh(\boldsymbol{W}_s \boldsymbol{s})$ 与别的分数一样是个普通的数，softmax 运算照样会分给它权重。
#
# 下面给 *They are watching.* 补上越来越多的填充。`valid_length` 正确时，一切都不应改变。然后我们谎报 `valid_length`，这等于没有掩码。
#
# **运行之前想一想：** 零向量对 $\sum_t \alpha_{t't} \boldsymbol{h}_t$ 没有任何贡献，那么还会出什么错？


# %%
def padded(count, masked):
    """The weight on padding, averaged over the steps, and log P of the translation."""
    pads = [bahdanau.src_vocab["<pad>"]] * count
    X_pad = nd.array([bahdanau.src_vocab.encode(pair[0]) + pads], dtype="int32")  # (1, 5 + count)
    h, _, c = bahdanau.encoder(X_pad, valid_length)  # (1, 5 + count, 256), zero from 5 on
    told = valid_length if masked else nd.array([X_pad.shape[1]], dtype="int32")
    logits, _, alpha = bahdanau.decoder(Y_prev, bahdanau.bridge(c), h, c, told)
    on_words = alpha[0].asnumpy()[:, :5].sum(axis=1).mean()
    return 1 - on_words, nd.log_softmax(logits).pick(Y).sum().asscalar()


counts = list(range(0, 41, 4))
with_mask, without = ([padded(count, masked) for count in counts] for masked in (True, False))

# %%
names = label("weight on padding", "落在填充上的权重"), "log P(Ils regardent .)"
with drawing(lang, 9, 3.4) as (figure, words):
    for i, axes in enumerate(figure.subplots(1, 2)):
        masked, unmasked = ([both[i] for both in curve] for curve in (with_mask, without))
        axes.plot(counts, masked, "o-", label=label("with mask", "有掩码"))
        axes.plot(counts, unmasked, "s--", label=label("without", "无掩码"))
        axes.set(xlabel=label("number of <pad>", "<pad> 的个数"), ylabel=names[i])
        axes.grid(alpha=0.3)
        axes.legend()
figure

# %% [markdown] tags=["subslide"]
# What the words lose, the padding gets. For the same query $\boldsymbol{c}_{t'}$ keeps its direction but shrinks towards zero, and the probability of a sentence depends on who its neighbours in the batch are. Nothing crashes, nothing is NaN; and look at how little log P minds the first few words of padding. That is why this mistake lives long.
#
# The package adds $-10^9$ to the scores of padding *before* softmax:
# <!-- zh -->
# 词失去的权重都给了填充。对同一个查询，$\boldsymbol{c}_{t'}$ 的方向不变，却向零收缩；于是一个句子的概率取决于小批量里的邻居是谁。程序不会报错，也不会出现 NaN；再看看最初几个填充对 log P 的影响有多小。所以这种错误往往能潜伏很久。
#
# 软件包的做法是：在 softmax 运算*之前*，给填充位置的分数加上 $-10^9$：

# %%
from gluon_seq2seq.model.attention import masked_softmax

print(code_of(masked_softmax))

# %% [markdown] tags=["exercise"]
# ### Exercise 7.4
#
# Write it yourself for a batch: scores `e (N, T', T)` and `valid_length (N,)`, int32. Any way is fine, as long as the result is right: each row a distribution over the sentence's own words, exactly 0 over padding. Beware of merely multiplying softmax by the mask.
# <!-- zh -->
# ### 练习 7.4
#
# 请自己写出小批量的版本：输入为分数 `e (N, T', T)` 和 int32 类型的 `valid_length (N,)`。做法不限，结果正确即可：每一行都是句子自身各词上的概率分布，填充处恰好为 0。小心不要只是把 softmax 的结果乘上掩码。


# %% tags=["exercise"]
def weights_of(e, valid_length):
    """alpha (N, T', T) of scores e (N, T', T)."""
    ### BEGIN SOLUTION
    positions = nd.arange(e.shape[2]).reshape((1, 1, -1))  # (1, 1, T)
    mask = positions < valid_length.astype("float32").reshape((-1, 1, 1))  # (N, 1, T)
    return nd.softmax(nd.broadcast_add(e, (mask - 1) * 1e9), axis=2)
    ### END SOLUTION


# %% tags=["check"]
check("7.4", weights_of)

# %% [markdown]
# ## The chapter's exercise: Luong's other attentions
#
# The chapter asks which other attention mechanisms Luong and others propose. They vary two things: the score, and how much of the source is scored at all.
#
# | name | formula | Block | parameters | needs |
# | --- | --- | --- | --- | --- |
# | dot | $\boldsymbol{s}^\top \boldsymbol{h}$ | `gs.Dot()` | none | $\boldsymbol{s}$ and $\boldsymbol{h}$ of one size |
# | scaled dot (Vaswani et al.) | $\boldsymbol{s}^\top \boldsymbol{h} / \sqrt{D}$ | `gs.ScaledDot(D)` | none | the same |
# | general | $\boldsymbol{s}^\top \boldsymbol{W}_a \boldsymbol{h}$ | `gs.General(H, D)` | $\boldsymbol{W}_a$ | – |
# | concat | $\boldsymbol{v}^\top \tanh(\boldsymbol{W}_a [\boldsymbol{s}; \boldsymbol{h}])$ | `gs.Additive(H, D, A)` | $\boldsymbol{W}_a = [\boldsymbol{W}_s, \boldsymbol{W}_h]$, $\boldsymbol{v}$ | memory for `(N, T', T, A)` |
# | local-m | any of these, $\lvert t - t' \rvert \le D_w$ only | `gs.LocalMonotonic(score, D_w)` | the score's | an order much the same in both languages |
# | local-p | the same around $p_{t'} = S \, \sigma(\boldsymbol{v}_p^\top \tanh(\boldsymbol{W}_p \boldsymbol{s}))$, times $\exp\left(-\frac{(t - p_{t'})^2}{2 (D_w / 2)^2}\right)$ | `gs.LocalPredictive(score, H, D_w)` | and $\boldsymbol{W}_p$, $\boldsymbol{v}_p$ | patience in training |
#
# $D_w$ is half the window's width, $S$ the last source position. *concat* is Bahdanau's score written with one matrix (exercise 7.5).
# <!-- zh -->
# ## 书中练习：Luong 的其他注意力机制
#
# 书中问：Luong 等人还提出了哪些注意力机制？他们改动了两处：打分函数，以及源序列中有多少位置参与打分。
#
# | 名称 | 公式 | Block | 参数 | 要求 |
# | --- | --- | --- | --- | --- |
# | 点积（dot） | $\boldsymbol{s}^\top \boldsymbol{h}$ | `gs.Dot()` | 无 | $\boldsymbol{s}$ 与 $\boldsymbol{h}$ 大小相同 |
# | 缩放点积（Vaswani 等） | $\boldsymbol{s}^\top \boldsymbol{h} / \sqrt{D}$ | `gs.ScaledDot(D)` | 无 | 同上 |
# | general | $\boldsymbol{s}^\top \boldsymbol{W}_a \boldsymbol{h}$ | `gs.General(H, D)` | $\boldsymbol{W}_a$ | – |
# | concat | $\boldsymbol{v}^\top \tanh(\boldsymbol{W}_a [\boldsymbol{s}; \boldsymbol{h}])$ | `gs.Additive(H, D, A)` | $\boldsymbol{W}_a = [\boldsymbol{W}_s, \boldsymbol{W}_h]$、$\boldsymbol{v}$ | 存放 `(N, T', T, A)` 的内存 |
# | local-m | 上述任一种，只限 $\lvert t - t' \rvert \le D_w$ | `gs.LocalMonotonic(score, D_w)` | 打分函数的参数 | 两种语言的语序大体一致 |
# | local-p | 同上，但以 $p_{t'} = S \, \sigma(\boldsymbol{v}_p^\top \tanh(\boldsymbol{W}_p \boldsymbol{s}))$ 为中心，再乘 $\exp\left(-\frac{(t - p_{t'})^2}{2 (D_w / 2)^2}\right)$ | `gs.LocalPredictive(score, H, D_w)` | 另加 $\boldsymbol{W}_p$、$\boldsymbol{v}_p$ | 训练时要有耐心 |
#
# $D_w$ 是窗口宽度的一半，$S$ 是源序列的最后一个位置。*concat* 就是用一个矩阵写出的 Bahdanau 打分函数（练习 7.5）。

# %% [markdown] tags=["subslide"]
# Three of them are trained now, on mini's 3,000 pairs and for a few epochs: too short to be good, long enough to see a difference. Read on while it runs.
#
# **Before you run:** dot has no parameters of its own, general has a whole matrix. Which will learn where to look sooner?
# <!-- zh -->
# 现在训练其中三种，只用 mini 的 3,000 对句子、几个迭代周期：要训练出好模型还太短，但足以看出差别。训练时可以先往下读。
#
# **运行之前想一想：** 点积没有自己的参数，general 有一整个矩阵。谁会更早学会看向何处？

# %%
trained, histories = {}, {}
for score in "dot", "general", "local-m":
    gs.seed(0)
    vocabs = corpus.src_vocab, corpus.tgt_vocab
    model = gs.luong2015(*vocabs, 64, 128, drop_prob=0.1, score=score, window=3)
    histories[score] = gs.train(
        model, corpus, epochs=epochs, batch_size=64, learning_rate=0.01, quiet=True
    )
    trained[score] = model

gs.training_comparison(histories, lang)

# %% [markdown]
# ## One h, one s, six attentions
#
# Now the formulas. The model with *dot* gives us $\boldsymbol{h}$ and all $\boldsymbol{s}_{t'}$ of *Ils regardent.*, both of size 128, so that every score fits. In Luong's decoder $\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{s}_{t'-1})$ waits for no $\boldsymbol{c}$: all steps come out of $g$ at once. (The ids are made anew: this model was trained on another part of the corpus, so it has other vocabularies.)
# <!-- zh -->
# ## 同样的 h 和 s，六种注意力
#
# 现在来看公式。使用*点积*的模型给出 $\boldsymbol{h}$ 和 *Ils regardent.* 的全部 $\boldsymbol{s}_{t'}$，两者大小都是 128，每种打分函数都能用。在 Luong 的解码器中，$\boldsymbol{s}_{t'} = g(y_{t'-1}, \boldsymbol{s}_{t'-1})$ 不必等待任何 $\boldsymbol{c}$：所有时间步可以从 $g$ 一次得到。（这里要重新把词变成索引：这个模型用语料的另一部分训练，词典也就不同。）

# %%
model = trained["dot"]
(ids,) = gs.Minibatches([pair], model.src_vocab, model.tgt_vocab, batch_size=1)
h, _, c = model.encoder(ids.X, ids.src_valid_length)  # (1, 5, 128), (1, 128)
s_0 = model.bridge(c)[:1]  # (1, 1, 128)
y_prev = model.decoder.embedding(ids.Y_prev)  # (1, 4, 64)
s, _ = model.decoder.g(y_prev.swapaxes(0, 1), s_0)  # (4, 1, 128)
s = s.swapaxes(0, 1)  # (1, 4, 128)

attentions = {
    "dot": gs.Dot(),
    "scaled dot": gs.ScaledDot(128),
    "general": gs.General(128, 128),
    "concat": gs.Additive(128, 128, 128),
    "local-m": gs.LocalMonotonic(gs.Dot(), window=1),
    "local-p": gs.LocalPredictive(gs.Dot(), 128, window=2),
}
gs.seed(0)
for attention in attentions.values():
    attention.initialize(init.Xavier())
alphas = {name: a(s, h, valid_length)[1][0] for name, a in attentions.items()}  # (4, 5) each
(forced_dot,) = gs.Translator(model).force([pair[0]], [pair[1]])
assert close(alphas["dot"], forced_dot.attention)

# %% [markdown] tags=["subslide"]
# By hand, as the paper writes them; `s[0]` has the four queries as rows, `h[0]` the five states.
# <!-- zh -->
# 按论文中的写法手工计算；`s[0]` 的各行是四个查询，`h[0]` 的各行是五个隐藏状态。

# %%
dots = nd.dot(s[0], h[0].T)  # (4, 5): s^T h of every pair
assert close(alphas["dot"], nd.softmax(dots))
assert close(alphas["scaled dot"], nd.softmax(dots / 128**0.5))

W_a = attentions["general"].w_a.weight.data()  # (128, 128)
assert close(alphas["general"], nd.softmax(nd.dot(nd.dot(s[0], W_a), h[0].T)))

concat = attentions["concat"]
W_a = nd.concat(concat.w_s.weight.data(), concat.w_h.weight.data(), dim=1)  # (128, 256)
for i, row in enumerate(alphas["concat"]):
    e = [
        nd.dot(concat.v.weight.data(), nd.tanh(nd.dot(W_a, nd.concat(s[0, i], h_t, dim=0))))
        for h_t in h[0]
    ]
    assert close(row, nd.softmax(nd.concat(*e, dim=0)))

# %% [markdown] tags=["subslide"]
# The local ones cut a window out before softmax; local-p lets $\boldsymbol{s}_{t'}$ choose its centre, and then damps what is far from it. Positions count from 0 here, so the first step looks at position 0.
# <!-- zh -->
# 局部注意力在 softmax 运算之前先截取一个窗口；local-p 由 $\boldsymbol{s}_{t'}$ 自己选择窗口中心，再削弱离中心远的位置。这里位置从 0 开始编号，所以第一步看的是位置 0。

# %%
positions = nd.arange(5).reshape((1, 5))  # (1, 5)


def in_window(centre, window):  # softmax of the dot products near centre (4, 1)
    near = nd.abs(positions - centre) <= window  # (4, 5)
    return nd.softmax(dots + (near - 1) * 1e9)


assert close(alphas["local-m"], in_window(nd.arange(4).reshape((4, 1)), 1))

W_p, v_p = (layer.weight.data() for layer in (attentions["local-p"].w_p, attentions["local-p"].v_p))
p = 4 * nd.sigmoid(nd.dot(nd.tanh(nd.dot(s[0], W_p.T)), v_p.T))  # (4, 1), S = 4
damped = in_window(p, 2) * nd.exp(-((positions - p) ** 2) / (2 * (2 / 2) ** 2))  # (4, 5)
assert close(alphas["local-p"], damped)
print("p:", p.reshape(-1).asnumpy().round(2))

# %% [markdown] tags=["subslide"]
# Side by side. *scaled dot* and *local-m* are functions of the same dot products, and sensible at once: one softer, one cut. *general*, *concat* and the centre of *local-p* have parameters that nobody has trained: a score's parameters mean something only together with the $\boldsymbol{s}$ and $\boldsymbol{h}$ that they learned with.
# <!-- zh -->
# 把它们并排放在一起。*缩放点积*和 *local-m* 是同一批点积的函数，马上就有意义：一个更平缓，一个被截断。*general*、*concat* 以及 *local-p* 的窗口中心则含有未经训练的参数：打分函数的参数只有与一同学习的 $\boldsymbol{s}$ 和 $\boldsymbol{h}$ 放在一起才有意义。


# %%
def side_by_side(alphas, source, target, columns):
    """A picture of each alpha (T', T) in a dict by name."""
    rows = -(-len(alphas) // columns)
    with drawing(lang, 10, 0.8 + 2.2 * rows * max(1, len(target) / 6)) as (figure, words):
        grid = figure.subplots(rows, columns, sharex=True, sharey=True).reshape(-1)
        for axes, (name, alpha) in zip(grid, alphas.items()):
            image = axes.imshow(alpha, cmap="Blues", vmin=0, vmax=1)
            axes.set_title(name)
            axes.set_xticks(range(len(source)), labels=source, rotation=45, ha="right")
            axes.set_yticks(range(len(target)), labels=target)
        figure.colorbar(image, ax=list(grid), label=words["attention"])
    return figure


side_by_side({name: a.asnumpy() for name, a in alphas.items()}, source, target, 3)

# %% [markdown] tags=["exercise"]
# ### Exercise 7.5
#
# Someone hands you the parameters of Luong's concat, $\boldsymbol{v}^\top \tanh(\boldsymbol{W}_a [\boldsymbol{s}; \boldsymbol{h}])$: `W_a (A, H + D)` and `v (1, A)`, with $\boldsymbol{s}$ of size `H`. Make a `gs.Additive` that computes the same. (`layer.weight.set_data(…)` gives a layer its numbers, after `initialize()`.)
# <!-- zh -->
# ### 练习 7.5
#
# 有人给了你 Luong 的 concat，即 $\boldsymbol{v}^\top \tanh(\boldsymbol{W}_a [\boldsymbol{s}; \boldsymbol{h}])$ 的参数：`W_a (A, H + D)` 和 `v (1, A)`，其中 $\boldsymbol{s}$ 的大小为 `H`。请构造一个 `gs.Additive`，让它算出同样的结果。（在 `initialize()` 之后用 `layer.weight.set_data(…)` 给一个层赋值。）


# %% tags=["exercise"]
def from_concat(W_a, v, H):
    """A gs.Additive with a(s, h) = v^T tanh(W_a [s; h])."""
    ### BEGIN SOLUTION
    A, both = W_a.shape
    block = gs.Additive(H, both - H, A)
    block.initialize()
    block.w_s.weight.set_data(W_a[:, :H])
    block.w_h.weight.set_data(W_a[:, H:])
    block.v.weight.set_data(v)
    return block
    ### END SOLUTION


# %% tags=["check"]
check("7.5", from_concat)

# %% [markdown]
# ## Good at looking, good at translating?
#
# The three just trained, beside the two that came with the package, which were trained on more sentences and for longer. Nobody expects the three to win at translating. But look at the other two columns.
#
# **Before you run:** will the order by *exact* be the order by *AER*?
# <!-- zh -->
# ## 看得准就译得好吗？
#
# 把刚刚训练的三个模型与软件包自带的两个放在一起；后者训练的句子更多、时间更长。没有人指望前者译得更好，但请看另外两列。
#
# **运行之前想一想：** 按*正确率*排出的次序，会与按 *AER* 排出的次序相同吗？

# %%
table.update({name: figures(model) for name, model in trained.items()})

print(tr("model            exact     AER    mass", "模型            正确率     AER    占比"))
for name, row in table.items():
    print(f"{name:<14}", *(f"{share:7.1%}" for share in row))
print(tr("translates best: ", "译得最好：") + max(table, key=lambda name: table[name][0]))
print(tr("aligns best: ", "对齐最好：") + min(table, key=lambda name: table[name][1]))

# %% [markdown] tags=["subslide"]
# The same sentence through the three, while each writes the reference. *general* has the formula of *dot* with a matrix between, and that matrix must first find out which direction of $\boldsymbol{h}$ answers which direction of $\boldsymbol{s}$; with *dot* the two share their directions from the start. Look at how much the rows of each differ from word to word, and for the crossing.
# <!-- zh -->
# 让三个模型各自写出同一个标签序列，看同一句话的权重。*general* 的公式只比*点积*多一个矩阵，而这个矩阵必须先弄清 $\boldsymbol{h}$ 的哪个方向回应 $\boldsymbol{s}$ 的哪个方向；使用*点积*时，两者从一开始就共用同样的方向。请看每个模型的各行随词变化多大，再找一找交叉的地方。

# %%
text = "These are her old intelligent friends."
example = known[text]
maps = {}
for score, model in trained.items():
    (one,) = gs.Translator(model).force([text], [example.gold.references[0]])
    maps[score] = one.attention  # (T', T)
columns = [*corpus.src_vocab.tokenizer.tokenize(text), "<eos>"]
side_by_side(maps, columns, [*one.tokens, "<eos>"], 3)

# %% [markdown] tags=["exercise"]
# ### Exercise 7.6
#
# A score of your own: the cosine of the angle between $\boldsymbol{s}$ and $\boldsymbol{h}$, times 5, so that a long $\boldsymbol{h}_t$ is not preferred for its length:
#
# $$a(\boldsymbol{s}, \boldsymbol{h}) = 5 \, \frac{\boldsymbol{s}^\top \boldsymbol{h}}{\lVert \boldsymbol{s} \rVert \, \lVert \boldsymbol{h} \rVert + 10^{-6}}$$
#
# Write it as the method `a` of a `gs.Attention` is written, only without `self`: `F` is `nd` (or `sym`, once hybridized), `s (N, T', D)`, `keys (N, T, D)`. The check makes a Block of it. (`F.norm(…, axis=…, keepdims=True)` and the broadcasting operators help; mind padding, where $\boldsymbol{h}$ is zero.)
# <!-- zh -->
# ### 练习 7.6
#
# 写一种自己的打分函数：$\boldsymbol{s}$ 与 $\boldsymbol{h}$ 夹角的余弦乘以 5，这样较长的 $\boldsymbol{h}_t$ 不会只因为长而占便宜：
#
# $$a(\boldsymbol{s}, \boldsymbol{h}) = 5 \, \frac{\boldsymbol{s}^\top \boldsymbol{h}}{\lVert \boldsymbol{s} \rVert \, \lVert \boldsymbol{h} \rVert + 10^{-6}}$$
#
# 请写成 `gs.Attention` 中方法 `a` 的样子，只是没有 `self`：`F` 是 `nd`（调用 `hybridize` 之后是 `sym`），`s (N, T', D)`，`keys (N, T, D)`。检查时会把它做成一个 Block。（可以用 `F.norm(…, axis=…, keepdims=True)` 和广播运算；注意填充处的 $\boldsymbol{h}$ 为零。）


# %% tags=["exercise"]
def cosine(F, s, keys):
    """The scores e (N, T', T)."""
    ### BEGIN SOLUTION
    length_s = F.norm(s, axis=2, keepdims=True)  # (N, T', 1)
    length_h = F.norm(keys, axis=2, keepdims=True)  # (N, T, 1)
    lengths = F.batch_dot(length_s, length_h, transpose_b=True)  # (N, T', T)
    return 5 * F.batch_dot(s, keys, transpose_b=True) / (lengths + 1e-6)
    ### END SOLUTION


# %% tags=["check"]
check("7.6", cosine)

# %% [markdown]
# ## Before g or after g
#
# Bahdanau and Luong also differ in *when* they look, and that changes the whole decoder. The thick orange arrow is the query, $p$ is the output layer.
# <!-- zh -->
# ## 在 g 之前还是之后
#
# Bahdanau 与 Luong 的另一差别是*何时*去看，这会改变整个解码器的结构。橙色粗箭头是查询，$p$ 是输出层。

# %% tags=["skip"]
places = {"s_prev": (0, 0), "y_prev": (0.7, -1), "s": (1.5, 0), "c": (1.5, 1), "h": (1.5, 2)}
texts = {
    "s_prev": "$s_{t'-1}$",
    "y_prev": "$y_{t'-1}$",
    "s": "$s_{t'}$",
    "c": "$c_{t'}$",
    "h": "$h_1 \\ldots h_T$",
    "p": "$p$",
    "tilde": "$\\tilde{s}_{t'}$",
}
arrows = ["h c", "c s", "s_prev s", "y_prev s"]
sides = {
    label("Bahdanau: before g", "Bahdanau：在 g 之前"): (
        {**places, "p": (2.9, 0)},
        "s_prev c",
        [*arrows, "s p", "c p", "y_prev p"],
    ),
    label("Luong: after g", "Luong：在 g 之后"): (
        {**places, "c": (2, 1), "h": (2, 2), "s": (1.2, 0), "tilde": (2, 0), "p": (2.9, 0)},
        "s c",
        ["h c", "s_prev s", "y_prev s", "s tilde", "c tilde", "tilde p"],
    ),
}

# %%
with drawing(lang, 10, 3.6) as (figure, words):
    for axes, (title, (at, query, others)) in zip(figure.subplots(1, 2), sides.items()):
        axes.set(title=title, xlim=(-0.4, 3.5), ylim=(-1.4, 2.4))
        axes.set_axis_off()
        for edge in [query, *others]:
            tail, tip = (at[name] for name in edge.split())
            style = {"color": "#d95f02", "linewidth": 3} if edge == query else {"color": "0.35"}
            arrow = {"arrowstyle": "->", "shrinkA": 14, "shrinkB": 16, **style}
            axes.annotate("", tip, tail, arrowprops=arrow)
        for name, (x, y) in at.items():
            box = {"boxstyle": "round", "facecolor": "#e8f1f8", "edgecolor": "#12395f"}
            axes.text(x, y, texts[name], ha="center", va="center", bbox=box, parse_math=True)
figure

# %% [markdown] tags=["subslide"]
# | | Bahdanau: before $g$ | Luong: after $g$ |
# | --- | --- | --- |
# | query | $\boldsymbol{s}_{t'-1}$: has not read $y_{t'-1}$ | $\boldsymbol{s}_{t'}$: has read it |
# | $\boldsymbol{c}_{t'}$ goes into | $g$, and $p$ | $p$ only, through $\tilde{\boldsymbol{s}}_{t'}$ |
# | is it remembered at $t'+1$? | yes, in $\boldsymbol{s}_{t'}$ | no (unless $\tilde{\boldsymbol{s}}_{t'}$ is fed back: `input_feeding=True`) |
# | training | one step after the other | all steps of $g$, then all of attention, at once |
#
# The whole difference in code: in `Decoder.attend` attention stands before `g.step`, inside the loop; in `LuongDecoder.attend` after `g`, and without input feeding there is no loop.
# <!-- zh -->
# | | Bahdanau：在 $g$ 之前 | Luong：在 $g$ 之后 |
# | --- | --- | --- |
# | 查询 | $\boldsymbol{s}_{t'-1}$：还没有读 $y_{t'-1}$ | $\boldsymbol{s}_{t'}$：已经读过 |
# | $\boldsymbol{c}_{t'}$ 进入 | $g$ 和 $p$ | 只进入 $p$，经由 $\tilde{\boldsymbol{s}}_{t'}$ |
# | 到 $t'+1$ 时还记得吗？ | 记得，在 $\boldsymbol{s}_{t'}$ 中 | 不记得（除非把 $\tilde{\boldsymbol{s}}_{t'}$ 送回去：`input_feeding=True`） |
# | 训练 | 逐个时间步进行 | 先一次算完 $g$ 的所有时间步，再一次算完注意力 |
#
# 代码中的全部区别在于：`Decoder.attend` 里注意力写在循环内、`g.step` 之前；`LuongDecoder.attend` 里它写在 `g` 之后，不用 input feeding 时也没有循环。

# %% tags=["skip"]
print(code_of(gs.Decoder.attend))
print(code_of(gs.LuongDecoder.attend))

# %% [markdown]
# ## The chapter's exercise: must the GRU be rewritten for attention?
#
# The book's section on attention (注意力机制) writes the decoder's GRU out, with a third matrix in each line, for the context:
#
# $$\begin{aligned} \boldsymbol{r}_{t'} &= \sigma(\boldsymbol{W}_{yr} \boldsymbol{y}_{t'-1} + \boldsymbol{W}_{sr} \boldsymbol{s}_{t'-1} + \boldsymbol{W}_{cr} \boldsymbol{c}_{t'} + \boldsymbol{b}_r) \\ \boldsymbol{z}_{t'} &= \sigma(\boldsymbol{W}_{yz} \boldsymbol{y}_{t'-1} + \boldsymbol{W}_{sz} \boldsymbol{s}_{t'-1} + \boldsymbol{W}_{cz} \boldsymbol{c}_{t'} + \boldsymbol{b}_z) \\ \tilde{\boldsymbol{s}}_{t'} &= \tanh(\boldsymbol{W}_{ys} \boldsymbol{y}_{t'-1} + \boldsymbol{W}_{ss} (\boldsymbol{s}_{t'-1} \odot \boldsymbol{r}_{t'}) + \boldsymbol{W}_{cs} \boldsymbol{c}_{t'} + \boldsymbol{b}_s) \\ \boldsymbol{s}_{t'} &= \boldsymbol{z}_{t'} \odot \boldsymbol{s}_{t'-1} + (1 - \boldsymbol{z}_{t'}) \odot \tilde{\boldsymbol{s}}_{t'} \end{aligned}$$
#
# (Here $\tilde{\boldsymbol{s}}_{t'}$ is the candidate hidden state, not Luong's vector of the same name.) It looks like a new kind of unit. Must we write one?
#
# **Before you run:** what is $[\boldsymbol{W}_y, \boldsymbol{W}_c]$ times $[\boldsymbol{y}; \boldsymbol{c}]$?
# <!-- zh -->
# ## 书中练习：为了使用注意力机制，需要重写门控循环单元吗？
#
# 教材“注意力机制”一节写出了解码器的门控循环单元，每一行都为背景向量多出第三个矩阵：
#
# $$\begin{aligned} \boldsymbol{r}_{t'} &= \sigma(\boldsymbol{W}_{yr} \boldsymbol{y}_{t'-1} + \boldsymbol{W}_{sr} \boldsymbol{s}_{t'-1} + \boldsymbol{W}_{cr} \boldsymbol{c}_{t'} + \boldsymbol{b}_r) \\ \boldsymbol{z}_{t'} &= \sigma(\boldsymbol{W}_{yz} \boldsymbol{y}_{t'-1} + \boldsymbol{W}_{sz} \boldsymbol{s}_{t'-1} + \boldsymbol{W}_{cz} \boldsymbol{c}_{t'} + \boldsymbol{b}_z) \\ \tilde{\boldsymbol{s}}_{t'} &= \tanh(\boldsymbol{W}_{ys} \boldsymbol{y}_{t'-1} + \boldsymbol{W}_{ss} (\boldsymbol{s}_{t'-1} \odot \boldsymbol{r}_{t'}) + \boldsymbol{W}_{cs} \boldsymbol{c}_{t'} + \boldsymbol{b}_s) \\ \boldsymbol{s}_{t'} &= \boldsymbol{z}_{t'} \odot \boldsymbol{s}_{t'-1} + (1 - \boldsymbol{z}_{t'}) \odot \tilde{\boldsymbol{s}}_{t'} \end{aligned}$$
#
# （这里的 $\tilde{\boldsymbol{s}}_{t'}$ 是候选隐藏状态，不是 Luong 的那个同名向量。）看起来像是一种新的单元。我们需要另写一个吗？
#
# **运行之前想一想：** $[\boldsymbol{W}_y, \boldsymbol{W}_c]$ 乘以 $[\boldsymbol{y}; \boldsymbol{c}]$ 等于什么？

# %% [markdown] tags=["subslide"]
# **No.** $[\boldsymbol{W}_y, \boldsymbol{W}_c][\boldsymbol{y}; \boldsymbol{c}] = \boldsymbol{W}_y \boldsymbol{y} + \boldsymbol{W}_c \boldsymbol{c}$: a matrix over the joined vector *is* two matrices over the parts. The proof: nine separate matrices, the four lines above by hand, with real $y_{t'-1}$, $\boldsymbol{c}_{t'}$ and $\boldsymbol{s}_{t'-1}$ of *They are watching.*; then the same numbers inside an ordinary GRU that reads $[\boldsymbol{y}; \boldsymbol{c}]$.
# <!-- zh -->
# **不需要。** $[\boldsymbol{W}_y, \boldsymbol{W}_c][\boldsymbol{y}; \boldsymbol{c}] = \boldsymbol{W}_y \boldsymbol{y} + \boldsymbol{W}_c \boldsymbol{c}$：作用在连结向量上的一个矩阵，*就是*分别作用在各部分上的两个矩阵。证明如下：取九个独立的矩阵，用 *They are watching.* 的真实 $y_{t'-1}$、$\boldsymbol{c}_{t'}$、$\boldsymbol{s}_{t'-1}$ 手工计算上面四行；再把同样的数放进一个读入 $[\boldsymbol{y}; \boldsymbol{c}]$ 的普通门控循环单元。

# %%
h, _, c = bahdanau.encoder(X, valid_length)  # (1, 5, 256), (1, 256)
s_prev = bahdanau.bridge(c)[0]  # (1, 128)
y = bahdanau.decoder.embedding(Y_prev[:, 0])  # (1, 128): <bos>
c_t = c_1.reshape((1, -1))  # (1, 256): attention's context of the first step, from above

gs.seed(0)
w_y, w_s, w_c, b = {}, {}, {}, {}
for gate in "rzs":
    w_y[gate] = nd.random.normal(scale=0.1, shape=(128, 128))
    w_s[gate] = nd.random.normal(scale=0.1, shape=(128, 128))
    w_c[gate] = nd.random.normal(scale=0.1, shape=(128, 256))
    b[gate] = nd.random.normal(scale=0.1, shape=(128,))


# %%
def line(gate, s):  # W_y y + W_s s + W_c c + b
    return nd.dot(y, w_y[gate].T) + nd.dot(s, w_s[gate].T) + nd.dot(c_t, w_c[gate].T) + b[gate]


r, z = nd.sigmoid(line("r", s_prev)), nd.sigmoid(line("z", s_prev))  # (1, 128) each
candidate = nd.tanh(line("s", s_prev * r))  # (1, 128)
s_book = z * s_prev + (1 - z) * candidate  # (1, 128)

cell = gs.TextbookGRUCell(128, 128 + 256)  # knows nothing of attention
cell.initialize()
joined = [nd.concat(w_y[gate], w_c[gate], dim=1) for gate in "rzs"]  # (128, 384) each
cell.w_x.weight.set_data(nd.concat(*joined, dim=0))  # (384, 384)
cell.w_x.bias.set_data(nd.concat(*(b[gate] for gate in "rzs"), dim=0))  # (384,)
cell.w_h.weight.set_data(nd.concat(w_s["r"], w_s["z"], dim=0))  # (256, 128)
cell.w_hh.weight.set_data(w_s["s"])  # (128, 128)

s_cell, _ = cell(nd.concat(y, c_t, dim=1), [s_prev])  # (1, 128)
assert close(s_book, s_cell)
print("max |difference|:", nd.abs(s_book - s_cell).max().asscalar())

# %% [markdown] tags=["subslide"]
# The one thing that does differ has nothing to do with attention. MXNet's GRU (and cuDNN's) resets *after* the recurrent product: $\boldsymbol{r} \odot (\boldsymbol{W}_{ss} \boldsymbol{s})$ where the book has $\boldsymbol{W}_{ss} (\boldsymbol{r} \odot \boldsymbol{s})$. Fill `rnn.GRUCell` with the same numbers (its second bias, $\boldsymbol{b}_{hh}$, stays at zero), and the result is another; hold the reset gate open, $\boldsymbol{r} = 1$, and both are the same again. Neither is better, but the parameters of one mean nothing to the other. `rnn="textbook-gru"` gives any model the book's.
# <!-- zh -->
# 唯一真正的差别与注意力无关：MXNet（以及 cuDNN）的门控循环单元在循环乘积*之后*重置，即用 $\boldsymbol{r} \odot (\boldsymbol{W}_{ss} \boldsymbol{s})$，而书中是 $\boldsymbol{W}_{ss} (\boldsymbol{r} \odot \boldsymbol{s})$。把同样的数放进 `rnn.GRUCell`（它的第二个偏差 $\boldsymbol{b}_{hh}$ 保持为零），结果就不同；让重置门一直打开，$\boldsymbol{r} = 1$，两者又相同。谈不上哪个更好，但一方的参数对另一方毫无意义。`rnn="textbook-gru"` 可以让任何模型使用书中的写法。

# %%
mxnet_cell = rnn.GRUCell(128, input_size=128 + 256)
mxnet_cell.initialize()
mxnet_cell.i2h_weight.set_data(cell.w_x.weight.data())
mxnet_cell.h2h_weight.set_data(nd.concat(cell.w_h.weight.data(), w_s["s"], dim=0))
for name, b_r in ("r", b["r"]), ("r = 1", b["r"] + 50):
    bias = nd.concat(b_r, b["z"], b["s"], dim=0)  # (384,)
    cell.w_x.bias.set_data(bias)
    mxnet_cell.i2h_bias.set_data(bias)
    s_1, s_2 = (one(nd.concat(y, c_t, dim=1), [s_prev])[0] for one in (cell, mxnet_cell))
    print(f"{name:<6} max |difference|: {nd.abs(s_1 - s_2).max().asscalar():.6f}")

# %% [markdown] tags=["exercise"]
# ### Exercise 7.7
#
# Back the other way. The trained decoder's $g$ is a plain `rnn.GRU` over $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}_{t'}]$, and below is its input matrix, the rows of its three gates on top of each other. Take out of it the part that multiplies $\boldsymbol{c}_{t'}$: the book's $\boldsymbol{W}_{cr}$, $\boldsymbol{W}_{cz}$ and $\boldsymbol{W}_{cs}$, one above the other.
# <!-- zh -->
# ### 练习 7.7
#
# 反过来做一次。训练好的解码器中，$g$ 就是一个读入 $[\boldsymbol{y}_{t'-1}; \boldsymbol{c}_{t'}]$ 的普通 `rnn.GRU`；下面是它的输入矩阵，三个门的行依次叠放。请从中取出与 $\boldsymbol{c}_{t'}$ 相乘的部分，即上下叠放的 $\boldsymbol{W}_{cr}$、$\boldsymbol{W}_{cz}$ 和 $\boldsymbol{W}_{cs}$。

# %% tags=["exercise"]
inputs = bahdanau.decoder.g.layers[0].l0_i2h_weight.data()  # (384, 384)
context_part = ...
### BEGIN SOLUTION
context_part = inputs[:, 128:]
### END SOLUTION

# %% tags=["check"]
check("7.7", context_part)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# ### alpha is not an explanation
#
# In the table above the order by *exact* and the order by *AER* are not the same: a much worse translator can be the better aligner. Here is a stronger sign: take one trained model, and multiply its $\boldsymbol{v}$ by a number. All scores grow or shrink, so that the weights become sharper or flatter; nothing is trained again. Look at how far the *mass* moves, and how far the share of exact translations.
# <!-- zh -->
# ## 书中没有明说的
#
# ### alpha 不是解释
#
# 在上面的表中，按*正确率*与按 *AER* 排出的次序并不相同：译得差得多的模型，对齐反而可能更好。这里还有一个更强的迹象：取一个训练好的模型，把它的 $\boldsymbol{v}$ 乘以一个数。所有分数随之变大或变小，权重变得更尖锐或更平缓，模型却没有重新训练。请看*占比*变动多大，译文受到的影响又有多小。

# %%
print(
    tr(
        "model           factor   exact     AER    mass",
        "模型              乘数  正确率     AER    占比",
    )
)
for name in "bahdanau2015", "luong2015":
    model = gs.load_model(f"mini-{name}")  # another copy, to be spoilt
    v_weight = model.decoder.attention.v.weight
    v_trained = v_weight.data().copy()
    for factor in 0.5, 1, 2:
        v_weight.set_data(v_trained * factor)
        print(f"{name:<14} {factor:7}", *(f"{share:7.1%}" for share in figures(model)))

# %% [markdown] tags=["subslide"]
# Why: $\boldsymbol{h}_t$ is not word $t$. It has read the whole sentence, and a neighbour of *watching* knows *watching*. A map shows which *states* were mixed; what was taken from them it does not show. And a detail for sharp eyes: Luong's AER does not move at all. Its $\boldsymbol{s}_{t'}$ never reads a $\boldsymbol{c}$, so the largest score stays the largest; Bahdanau's $\boldsymbol{s}_{t'}$ does.
# <!-- zh -->
# 原因在于 $\boldsymbol{h}_t$ 并不是第 $t$ 个词。它读过整个句子，*watching* 旁边的状态也知道 *watching*。注意力图只显示混合了哪些*状态*，却不显示从中取用了什么。眼尖的读者还会发现：Luong 的 AER 丝毫不动。它的 $\boldsymbol{s}_{t'}$ 从不读 $\boldsymbol{c}$，最大的分数始终最大；Bahdanau 的 $\boldsymbol{s}_{t'}$ 则不然。

# %% [markdown]
# ### What the query has read
#
# Bahdanau's query is $\boldsymbol{s}_{t'-1}$, Luong's $\boldsymbol{s}_{t'}$. So let us change one word that the decoder reads, *Ils* to *Elles*, and see from which row on $\alpha$ changes. **Before you run:** the changed word is $y_1$, read at step 2. Which row of each model is the first to notice?
# <!-- zh -->
# ### 查询读过什么
#
# Bahdanau 的查询是 $\boldsymbol{s}_{t'-1}$，Luong 的是 $\boldsymbol{s}_{t'}$。把解码器读入的一个词由 *Ils* 改为 *Elles*，看 $\alpha$ 从哪一行开始变化。**运行之前想一想：** 改动的词是 $y_1$，在第 2 步读入。两个模型各在哪一行首先察觉？

# %%
for name, model in ("bahdanau2015", bahdanau), ("luong2015", luong):
    h, _, c = model.encoder(X, valid_length)
    found = []
    for word in "Ils", "Elles":
        Y_other = Y_prev.copy()  # (1, 4): <bos> Ils regardent .
        Y_other[0, 1] = model.tgt_vocab[word]
        found.append(model.decoder(Y_other, model.bridge(c), h, c, valid_length)[2][0])  # (4, 5)
    changes = nd.abs(found[0] - found[1]).max(axis=1).asnumpy()  # (4,)
    print(f"{name:<14}", "  ".join(f"t'={t}: {change:.6f}" for t, change in enumerate(changes, 1)))

# %% [markdown]
# ### The keys are computed once
#
# $\boldsymbol{W}_h \boldsymbol{h}_t$ does not depend on $t'$. Computed inside the loop it would cost a matrix product for each source word *at every step*. Here a copy that is not hybridized, with a counter on each of its three layers:
# <!-- zh -->
# ### 键只算一次
#
# $\boldsymbol{W}_h \boldsymbol{h}_t$ 与 $t'$ 无关。如果放在循环里计算，*每个时间步*都要为每个源词做一次矩阵乘积。下面取一个没有调用 `hybridize` 的副本，在它的三个层上各装一个计数器：

# %%
eager = gs.load_model("mini-bahdanau2015")
eager.hybridize(False)
calls = {"w_h": 0, "w_s": 0, "v": 0}


def counted(name):
    def count(*_):
        calls[name] += 1

    return count


for name in calls:
    getattr(eager.decoder.attention, name).register_forward_hook(counted(name))
eager(X, valid_length, Y_prev)
print(len(target), tr("steps:", "个时间步："), calls)

# %% [markdown]
# ### local-p's weights do not sum to one
#
# The Gaussian factor comes after softmax, and nothing normalises again: the farther the centre from the words that matter, the smaller $\boldsymbol{c}_{t'}$ altogether. So $\alpha$ is no distribution there, and `gs.alignment` divides by the row's sum before it speaks of a share. local-m cuts *before* softmax; its rows do sum to one.
# <!-- zh -->
# ### local-p 的权重之和不为一
#
# 高斯因子乘在 softmax 运算之后，此后不再归一化：窗口中心离要紧的词越远，$\boldsymbol{c}_{t'}$ 整体就越小。因此那里的 $\alpha$ 不是概率分布，`gs.alignment` 在计算占比之前要先除以该行之和。local-m 在 softmax 运算*之前*截断，它的各行之和为一。

# %%
for name in "dot", "local-m", "local-p":
    print(f"{name:<8}", alphas[name].sum(axis=1).asnumpy().round(3))

# %% [markdown]
# ### c has not gone away
#
# Attention replaces $\boldsymbol{c}$ in $g$ and $p$, but the first query $\boldsymbol{s}_0 = \tanh(\boldsymbol{W} \boldsymbol{c} + \boldsymbol{b})$ is still made of it: before the first word something has to say what to look for. Without it, the first weights and the first word are a guess.
# <!-- zh -->
# ### c 并没有消失
#
# 注意力在 $g$ 和 $p$ 中取代了 $\boldsymbol{c}$，但第一个查询 $\boldsymbol{s}_0 = \tanh(\boldsymbol{W} \boldsymbol{c} + \boldsymbol{b})$ 仍由它得来：写第一个词之前，总得有谁说明要找什么。没有它，最初的权重和第一个词就只能靠猜。

# %%
h, _, c = bahdanau.encoder(X, valid_length)
for name, begin in ("s_0(c)", bahdanau.bridge(c)), ("s_0(0)", bahdanau.bridge(0 * c)):
    logits, _, _ = bahdanau.decoder(Y_prev, begin, h, c, valid_length)
    log_p = nd.log_softmax(logits).pick(Y)[0].asnumpy()  # (4,)
    print(name, "  log P:", "  ".join(f"{word} {p:.2f}" for word, p in zip(target, log_p)))

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. In Bahdanau's model, which of these is different at each step $t'$? (a) $\boldsymbol{h}_t$ (b) the keys $\boldsymbol{W}_h \boldsymbol{h}_t$ (c) $\alpha_{t't}$ (d) the mask
# 2. A sentence stands in a batch with much longer ones, $\boldsymbol{h}$ is zero over its padding, and the mask is forgotten. What happens to $\boldsymbol{c}_{t'}$? (a) nothing, zero vectors add nothing (b) it shrinks, for the real words share less than 1 (c) it becomes NaN (d) it grows, for the sum has more terms
# 3. $\boldsymbol{s}$ has 128 numbers, $\boldsymbol{h}_t$ has 256. Which score cannot be used as it is? (a) general (b) Bahdanau's (c) concat (d) dot
# 4. Model A has an AER of 15 % and translates 80 % exactly, model B has 30 % and 93 %. What follows? (a) A's largest weights meet the gold alignment more often, B translates better: two different questions (b) one of the figures must be wrong (c) A will overtake B when trained longer (d) B does not use its attention
# 5. Bahdanau's decoder is about to compute $\alpha_3$, the weights for the third word. Which is the latest target word that they can depend on? (a) $y_3$ (b) $y_2$ (c) $y_1$ (d) none
# <!-- zh -->
# ## 小测验
#
# 1. 在 Bahdanau 的模型中，下列哪一项在每个时间步 $t'$ 都不同？(a) $\boldsymbol{h}_t$ (b) 键 $\boldsymbol{W}_h \boldsymbol{h}_t$ (c) $\alpha_{t't}$ (d) 掩码
# 2. 一个句子与长得多的句子在同一个小批量中，填充处的 $\boldsymbol{h}$ 为零，而掩码被忘记了。$\boldsymbol{c}_{t'}$ 会怎样？(a) 不变，零向量没有任何贡献 (b) 变小，因为真实的词分到的权重之和小于 1 (c) 变成 NaN (d) 变大，因为求和的项更多
# 3. $\boldsymbol{s}$ 有 128 个数，$\boldsymbol{h}_t$ 有 256 个数。哪种打分函数不能直接使用？(a) general (b) Bahdanau 的 (c) concat (d) 点积
# 4. 模型 A 的 AER 为 15%，译文完全正确的占 80%；模型 B 分别为 30% 和 93%。由此可知什么？(a) A 的最大权重更常落在标准对齐上，B 译得更好：这是两个不同的问题 (b) 其中必有一个数字错了 (c) 训练更久之后 A 会超过 B (d) B 没有用到注意力
# 5. Bahdanau 的解码器正要计算 $\alpha_3$，即第三个词的权重。它所能依赖的最后一个目标词是哪个？(a) $y_3$ (b) $y_2$ (c) $y_1$ (d) 都不依赖

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "c", 2: "b", 3: "d", 4: "a", 5: "c"}
### END SOLUTION

# %% tags=["check"]
quiz(7, answers)

# %% [markdown]
# ## Where to go next
#
# - [8. Evaluation](08_evaluation.ipynb): how good is a translation, and how sure can one be?
# - Bahdanau, Cho, Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and Translate*: section 3.1 is this notebook's second section; figure 2 is our bars.
# - Luong, Pham, Manning 2015, *Effective Approaches to Attention-based Neural Machine Translation*: sections 3.1 to 3.3; try `input_feeding=True`.
# - Jain, Wallace 2019, *Attention is not Explanation*, and Wiegreffe, Pinter 2019, *Attention is not not Explanation*: what a map may be used for.
# - Vaswani et al. 2017, *Attention Is All You Need*, section 3.2.1: why the dot product is divided by $\sqrt{D}$, and what is left when $g$ is taken away.
# <!-- zh -->
# ## 接下来
#
# - [8. 评价](08_evaluation.ipynb)：译文有多好？我们又有多大把握？
# - Bahdanau、Cho、Bengio 2015，*Neural Machine Translation by Jointly Learning to Align and Translate*：3.1 节就是本篇的手工计算；图 2 对应我们的柱状图。
# - Luong、Pham、Manning 2015，*Effective Approaches to Attention-based Neural Machine Translation*：3.1 至 3.3 节；可以试试 `input_feeding=True`。
# - Jain、Wallace 2019，*Attention is not Explanation*，以及 Wiegreffe、Pinter 2019，*Attention is not not Explanation*：注意力图可以用来说明什么。
# - Vaswani 等 2017，*Attention Is All You Need*，3.2.1 节：点积为什么要除以 $\sqrt{D}$，以及去掉 $g$ 之后还剩下什么。
