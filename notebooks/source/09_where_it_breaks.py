# %% [markdown]
# # 9. Where it breaks
#
# *They are watching.* is no problem any more. But what about a longer sentence, a word that was never seen, a verb in a tense it never had, a *they* whose meaning stands a few words before it? This notebook asks one such question at a time, each with a control to compare with, and looks for the reason when the answer is bad.
#
# **After this notebook you can**
#
# - read a held-out set against its control, and say what the difference means;
# - show how a long sentence goes wrong, and see it in the attention weights;
# - explain why knowing *listened → écouté* does not help with *did not listen*;
# - compare a model's probabilities with those of the language, and its confidence with its accuracy;
# - name the remedy for each failure, and where to find it.
# <!-- zh -->
# # 9. 在哪里出错
#
# *They are watching.* 已经难不倒模型了。可是，句子更长呢？遇到从未见过的词呢？动词换成从未配过的时态呢？*they* 指谁，答案就在前面几个词的地方，模型知道吗？本篇一次只问一个这样的问题，每个问题都配一个用来比较的对照组；答得不好时，再去寻找原因。
#
# **学完本篇，你能够**
#
# - 把留出集与它的对照组放在一起读，并说出两者之差意味着什么；
# - 展示一个长句是怎样译错的，并在注意力权重中看到它；
# - 解释为什么知道 *listened → écouté* 对翻译 *did not listen* 没有帮助；
# - 比较模型的概率与语言本身的概率，比较模型的把握与它的正确率；
# - 说出每一类错误的对策，以及到哪里去找。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $\text{exact}(\text{control}) - \text{exact}(\text{held out})$ | the price of what is new | by hand, below | a number |
# | $Q(y \mid x) = \prod_{t'} Q(y_{t'} \mid y_{<t'}, x)$ | the model's probability of a given translation | `Translator.force` | `log_p`, nats |
# | $\sum_{y \text{ valid}} Q(y \mid x)$ | what the model gives to right answers | exercise 9.5 | 0 to 1 |
# | $\sum_{t'} \alpha_{t' t}$ | coverage: how much source word $t$ was looked at | exercise 9.2 | `(T,)` |
# | $\overline{Q(\hat y \mid x)} - \text{exact}$ | overconfidence | exercise 9.6 | −1 to 1 |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $\text{exact}(\text{对照组}) - \text{exact}(\text{留出集})$ | 新东西带来的损失 | 见下文，手工计算 | 一个数 |
# | $Q(y \mid x) = \prod_{t'} Q(y_{t'} \mid y_{<t'}, x)$ | 模型给某个译文的概率 | `Translator.force` | `log_p`，奈特 |
# | $\sum_{y \text{ 有效}} Q(y \mid x)$ | 模型给全部正确答案的概率 | 练习 9.5 | 0 到 1 |
# | $\sum_{t'} \alpha_{t' t}$ | 覆盖度：源序列的词 $t$ 总共被看了多少 | 练习 9.2 | `(T,)` |
# | $\overline{Q(\hat y \mid x)} - \text{exact}$ | 过度自信的程度 | 练习 9.6 | −1 到 1 |

# %%
import math

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr
from gluon_seq2seq.plots.style import drawing

import numpy as np

lang = language(tr("en", "zh"))

# %% tags=["parameters"]
sentences = 300  # of each set, at most

# %% [markdown]
# ## Six questions
#
# Each set has one thing that training never shows, and nothing else that is new; its control has the same number of tokens, line by line. So what the model loses from control to set, it loses to *what is new*, and not to length. Read a line of each and guess which will be hardest.
# <!-- zh -->
# ## 六个问题
#
# 每个*留出集*只有一样训练中从未出现的东西，此外没有别的新东西；对照组中每一行的词数与它相同。因此，模型在留出集上比在对照组上差的那部分，就差在*新东西*上，而不是差在长度上。从每个集合读一行，猜猜哪一个最难。

# %%
kinds = {
    "adjective-noun": label("new adjective + noun", "新的形容词+名词"),
    "verb-tense": label("new verb + tense", "新的动词+时态"),
    "negation": label("new negated verb", "新的动词否定式"),
    "pronoun": label("new antecedent", "新的先行词"),
    "length": label("longer", "更长的句子"),
    "unknown": label("unknown word", "未知词"),
}
names = [kind + control for kind in kinds for control in ("", "-control")]
sets = {name: gs.load_corpus(f"mini-{name}").test[:sentences] for name in names}
corpus = gs.load_corpus("mini-10k")  # what the models were trained on
sets["test"] = corpus.test[:sentences]

tokenize_en, tokenize_fr = corpus.src_vocab.tokenizer.tokenize, corpus.tgt_vocab.tokenizer.tokenize
for kind in kinds:
    for new, known in zip(sets[kind], sets[kind + "-control"]):
        assert len(tokenize_en(new.source)) == len(tokenize_en(known.source))
    print(f"{kind:<15}{new.source}\n{'control':>14} {known.source}")

# %% [markdown]
# ## Six answers
#
# The three models that come with the package translate all thirteen sets. A translation counts if it is *one of* the valid ones.
# <!-- zh -->
# ## 六个回答
#
# 让软件包自带的三个模型翻译全部十三个集合。译文只要是有效译文*之一*，就算正确。

# %%
models = {n: gs.load_model(n) for n in ("mini-book", "mini-bahdanau2015", "mini-luong2015")}
translators = {name: gs.Translator(model, unknown="never") for name, model in models.items()}
found, exact = {}, {}
sources = [example.source for examples in sets.values() for example in examples]
for model, translator in translators.items():
    results = iter(translator.search(sources))
    for name, examples in sets.items():
        found[model, name] = [next(results) for _ in examples]
        right = [f.text in e.valid for f, e in zip(found[model, name], examples)]
        exact[model, name] = np.mean(right)
    print(f"{model:<18} test {exact[model, 'test']:.1%}")

# %% tags=["subslide"]
with drawing(lang, 9, 4.8) as (figure, words):
    axes = figure.subplots()
    styles = zip((-0.22, 0, 0.22), "os^", ("#d95f02", "#12395f", "#1b9e77"))
    for model, (shift, marker, color) in zip(models, styles):
        for row, kind in enumerate(kinds):
            x, control = exact[model, kind], exact[model, kind + "-control"]
            axes.plot([x, control], [row + shift] * 2, color=color, linewidth=1)
            axes.plot(control, row + shift, marker, mec=color, mfc="white", markersize=8)
            axes.plot(x, row + shift, marker, color=color, markersize=8, label=model)
    handles = axes.get_legend_handles_labels()[0][:: len(kinds)]
    axes.set_yticks(range(len(kinds)), labels=list(kinds.values()))
    axes.set(xlabel=words["exact"], xlim=(-0.03, 1.03), ylim=(5.6, -0.6))
    axes.set_title(
        label("filled: held out; white: its control", "实心：留出集；空心：对照组"), fontsize=11
    )
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
figure

# %% [markdown]
# Look at the length of the lines, not at the place of the filled marks: a long line is a failure that has a *name*. Does one go the wrong way round? The control of the longer sentences is as long as they are, but joined from more clauses, each of which stands in training; so this one set is better compared with `test`, and its control shows which is worse, many words or many clauses.
# <!-- zh -->
# 要看的是线段的长短，而不是实心点的位置：一条长线段，就是一个*有名字*的错误。有没有哪一条方向相反？更长的句子，其对照组同样长，但由更多的小句连成，而每个小句都在训练中出现过；所以这一组更适合与 `test` 比较，而它的对照组则显示：词多和小句多，哪一样更难对付。

# %% [markdown] tags=["exercise"]
# ### Exercise 9.1
#
# What does a new tense cost `mini-bahdanau2015`? Compute from `exact` how much smaller its share of right translations is on `verb-tense` than on the control.
# <!-- zh -->
# ### 练习 9.1
#
# 新时态让 `mini-bahdanau2015` 付出多大代价？用 `exact` 计算：它在 `verb-tense` 上的正确率比在对照组上低多少。

# %% tags=["exercise"]
tense_gap = ...
### BEGIN SOLUTION
tense_gap = (
    exact["mini-bahdanau2015", "verb-tense-control"] - exact["mini-bahdanau2015", "verb-tense"]
)
### END SOLUTION

# %% tags=["check"]
check("9.1", tense_gap)

# %% [markdown]
# ## Length
#
# Training ends at 13 tokens. `test` has the lengths of training, `length` goes beyond. Here is `mini-bahdanau2015` on both; look for the place where training ends.
# <!-- zh -->
# ## 长度
#
# 训练中的句子最长 13 个词。`test` 的长度与训练相同，`length` 则超出了它。下图是 `mini-bahdanau2015` 在两者上的表现；找一找训练长度在哪里结束。

# %%
both = sets["test"] + sets["length"]
translations = found["mini-bahdanau2015", "test"] + found["mini-bahdanau2015", "length"]
correct = [f.text in e.valid for f, e in zip(translations, both)]
gs.accuracy_by_length([len(tokenize_en(e.source)) for e in both], correct, lang)

# %% [markdown] tags=["subslide"]
# Short test sentences have few clauses. So let us keep everything the same and only add clauses to the running example: *They are watching and they are working and they are sleeping …* How many of the verbs arrive?
# <!-- zh -->
# 短的测试句小句也少。那就让其他一切不变，只给本课程的例句添加小句：*They are watching and they are working and they are sleeping …* 有几个动词能译出来？

# %%
verbs = {
    "watching": "regardent",
    "working": "travaillent",
    "sleeping": "dorment",
    "eating": "mangent",
    "reading": "lisent",
    "singing": "chantent",
}
chains = [
    "They are " + " and they are ".join(list(verbs)[:clauses]) + "."
    for clauses in range(1, len(verbs) + 1)
]
arrived = {}
for name, translator in translators.items():
    texts = translator.translate(chains)
    arrived[name] = [len(set(tokenize_fr(text)) & set(verbs.values())) for text in texts]
    print(f"{name}\n    {texts[1]}\n    {texts[-1]}")

# %% tags=["subslide"]
with drawing(lang, 7, 3.6) as (figure, words):
    axes = figure.subplots()
    clauses = range(1, len(verbs) + 1)
    axes.plot(clauses, clauses, ":", color="0.4", label=label("all of them", "全部译出"))
    for (name, counts), line in zip(arrived.items(), ("o-", "s--", "^-.")):
        axes.plot(clauses, counts, line, label=name)
    axes.set(xlabel=label("clauses in the English sentence", "英语句子的小句数"))
    axes.set(ylabel=label("different verbs that arrive", "译出的不同动词数"))
    axes.grid(alpha=0.3)
    axes.legend()
figure

# %% [markdown]
# Nearly all training sentences have one clause or two, and none has more than three. Where do the curves level off? The decoder has learnt *when sentences end*, not to look whether there is something left. The next picture shows a sentence of the set `length`, the one of which `mini-bahdanau2015` left out most. Below the English stand the translation and a valid one. Which columns does no row look at but those of the first word and of the end?
# <!-- zh -->
# 训练句几乎都只有一两个小句，最多三个。曲线在哪里变平？解码器学会的是*句子通常什么时候结束*，而不是检查还有没有剩下的内容。下图取自 `length` 集合，是 `mini-bahdanau2015` 漏译最多的一句；英语下面依次是模型的译文和一个有效译文。除了第一个词和结尾的几行以外，哪几列是没有任何一行去看的？


# %%
def kept(pair):
    """Which part of the reference's length the translation has."""
    translation, example = pair
    return len(translation.tokens) / len(tokenize_fr(example.valid[0]))


shortest, cut_short = min(zip(found["mini-bahdanau2015", "length"], sets["length"]), key=kept)
print(cut_short.source, shortest.text, cut_short.valid[0], sep="\n")
translators["mini-bahdanau2015"].attention_map(cut_short.source, lang=lang)

# %% [markdown] tags=["exercise"]
# ### Exercise 9.2
#
# Make this measurable. The *coverage* of a source word is how much attention it got in all: $\sum_{t'} \alpha_{t' t}$. Write it for `alpha (T', T)`.
# <!-- zh -->
# ### 练习 9.2
#
# 把它变成可以测量的量。源序列一个词的*覆盖度*是它得到的全部注意力：$\sum_{t'} \alpha_{t' t}$。请对 `alpha (T', T)` 写出它。


# %% tags=["exercise"]
def coverage(alpha):
    """alpha (T', T) -> how much attention each source word got in all, (T,)."""
    ### BEGIN SOLUTION
    return alpha.sum(axis=0)
    ### END SOLUTION


# %% tags=["check"]
check("9.2", coverage)

# %% [markdown]
# Compare the words that were translated with those that were not. The skipped ones are not at 0: the weights of each row sum to 1, so those of the first word, whose query is $s_0$, of the full stop and of `<eos>` have to lie somewhere, too. (And what *the* or *are* says, its neighbour's state knows as well.)
# <!-- zh -->
# 比较译出的词与没有译出的词。被跳过的词并不是 0：每一行的权重之和为 1，所以第一个词（它的查询是 $s_0$）、句号和 `<eos>` 的权重也总得落在某处。（而 *the* 或 *are* 所说的，相邻词的隐藏状态同样知道。）

# %%
forced = translators["mini-bahdanau2015"].force([cut_short.source], [shortest.text])
total = forced[0].attention.sum(axis=0)  # (T,)
source = [*tokenize_en(cut_short.source), "<eos>"]
with drawing(lang, 9, 3.2) as (figure, words):
    axes = figure.subplots()
    axes.bar(range(len(source)), total, color="#9ecae1", edgecolor="#12395f")
    axes.set_xticks(
        range(len(source)), labels=source, rotation=45, ha="right", rotation_mode="anchor"
    )
    axes.set(ylabel=label("attention in all", "得到的全部注意力"))
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 9.3
#
# Write a test of your own: an English sentence that begins with *They are watching*, has at least 14 tokens, and contains only words that the models know (`corpus.src_vocab.encode` gives the id of `<unk>` to others; `corpus.src_vocab.to_tokens` turns ids back). Then translate it with all three.
# <!-- zh -->
# ### 练习 9.3
#
# 自己写一个测试：一个以 *They are watching* 开头的英语句子，至少 14 个词元，而且只含模型认识的词（对不认识的词，`corpus.src_vocab.encode` 给出 `<unk>` 的索引；`corpus.src_vocab.to_tokens` 把索引变回词）。然后让三个模型都翻译它。

# %% tags=["exercise"]
my_sentence = ...
### BEGIN SOLUTION
my_sentence = "They are watching the small dogs and the old cats in the garden every day."
for name, translator in translators.items():
    print(f"{name:<18} {translator.translate(my_sentence)}")
### END SOLUTION

# %% tags=["check"]
check("9.3", my_sentence)

# %% [markdown]
# ## Composition
#
# Look at the line of *new verb + tense*: every single word of that set, English and French, is in the training data. Why is it so hard all the same? Count: how often does a training pair contain the English form, how often the French one, how often both?
# <!-- zh -->
# ## 组合
#
# 看*新的动词+时态*这一行：它的每一个单词，无论英语还是法语，都在训练数据里。为什么会这么难？数一数：训练样本中含有这个英语形式的有多少，含有这个法语形式的有多少，两者都有的又有多少？

# %%
train = [(set(tokenize_en(e.source)), set(tokenize_fr(e.references[0]))) for e in corpus.train]
print(
    tr(
        "English      French         English French   both",
        "英语         法语              英语   法语   两者",
    )
)
for english, french in [
    ("listened", "écouté"),
    ("listen", "écouté"),
    ("waiting", "attendent"),
    ("waiting", "attendaient"),
    ("went", "allait"),
    ("went", "allé"),
]:
    has_en = [english in source for source, _ in train]
    has_fr = [french in target for _, target in train]
    together = np.logical_and(has_en, has_fr)
    print(f"{english:<12} {french:<14} {sum(has_en):>7} {sum(has_fr):>6} {sum(together):>6}")

# %% [markdown] tags=["subslide"]
# We see that *listen* and *listened* share six letters. The model sees two ids. To it, a word form is an atom: that *did … listen* wants *écouté* would have to be shown, pair by pair. What does it do instead? Look for the right verb in a wrong tense, and for the right tense of a wrong verb. (After the stroke: a valid translation.)
# <!-- zh -->
# 我们看到 *listen* 和 *listened* 有六个字母相同，模型看到的却是两个索引。对它来说，一个词形就是一个不可分的原子：*did … listen* 要译成 *écouté*，必须一对一对地教给它。那么它会怎么做？找一找哪些译文动词对而时态错，哪些时态对而动词错。（竖线之后是一个有效译文。）

# %%
wrong = [
    (e, f.text)
    for e, f in zip(sets["verb-tense"], found["mini-bahdanau2015", "verb-tense"])
    if f.text not in e.valid
]
for example, text in sorted(wrong, key=lambda pair: len(pair[0].source))[:8]:
    print(f"{example.source:<28} {text} | {example.valid[0]}")

# %% [markdown] tags=["subslide"]
# Has the model perhaps found out by itself that *watch*, *watched* and *watching* belong together? Similar use gives similar word vectors. Here are the nearest ones by the cosine of the angle; does the family come before strangers, and is it so for every verb?
# <!-- zh -->
# 模型会不会自己发现 *watch*、*watched* 和 *watching* 是一家？用法相似的词，词向量也相似。下面按夹角余弦列出最近的词；同族的词排在外人前面吗？每个动词都如此吗？

# %%
vocab = models["mini-bahdanau2015"].src_vocab
E = models["mini-bahdanau2015"].encoder.embedding.weight.data().asnumpy()  # (V, E)
E = E / np.linalg.norm(E, axis=1, keepdims=True)
for word in "watching", "watched", "listened", "went":
    cosine = E @ E[vocab[word]]  # (V,)
    nearest = np.argsort(-cosine)[1:7]
    print(f"{word:<10}", ", ".join(f"{vocab.idx_to_token[i]} {cosine[i]:.2f}" for i in nearest))

# %% [markdown]
# Attention alone is no remedy here: it says *where* to look, not how to compose what is seen there.
# <!-- zh -->
# 光靠注意力机制解决不了这个问题：它说明该看*哪里*，却不说明怎样把看到的东西组合起来。

# %% [markdown]
# ## Unknown words
#
# *foxes* and *bakers* are not in the vocabulary. Both become `<unk>`, so the model receives the same sentence twice. Nor is their French, *renards* and *boulangers*, in the other vocabulary: it cannot be right about either. And it does not say that it does not know; it takes a word that fits the place.
# <!-- zh -->
# ## 未知词
#
# *foxes* 和 *bakers* 不在词典里，都变成 `<unk>`，于是模型两次收到的是同一个句子。它们的法语 *renards* 和 *boulangers* 也不在另一个词典里，所以它哪个也译不对；而且它不会说自己不知道，只会挑一个放得进去的词。

# %%
foxes, bakers = "They are watching the foxes.", "They are watching the bakers."
print(vocab.to_tokens(vocab.encode(foxes)))
for name, model in models.items():
    guesses, same = gs.Translator(model, beam_size=5, unknown="never").n_best([foxes, bakers], 3)
    assert [g.text for g in guesses] == [g.text for g in same]
    print(name, *(f"{math.exp(g.log_p):.2f} {g.text}" for g in guesses), sep="\n    ")

# %% [markdown] tags=["exercise"]
# ### Exercise 9.4
#
# Find a twin of *The old woman is watching a fox.*: another English sentence, with another meaning, that no model of ours can tell from it.
# <!-- zh -->
# ### 练习 9.4
#
# 为 *The old woman is watching a fox.* 找一个孪生句：另一个意思不同的英语句子，而我们的任何模型都无法把它们区分开。

# %% tags=["exercise"]
twin = ...
### BEGIN SOLUTION
twin = "The old woman is watching a thunderstorm."
### END SOLUTION

# %% tags=["check"]
check("9.4", twin)

# %% [markdown]
# ## Ambiguity
#
# Now a case where nobody can *know* the answer. English does not say who *they* are, nor how many *you* are. The grammar gives each French sentence a probability. A good model should not find the one right answer, but these probabilities. `Translator.force` makes a model write a given translation and returns its $\log Q$.
# <!-- zh -->
# ## 歧义
#
# 现在看谁也*无法知道*答案的情形。英语没有说明 *they* 是男是女，也没有说明 *you* 是一个人还是几个人。语法给每个法语句子一个概率。好的模型不是要找出唯一正确的答案，而是要给出这些概率。`Translator.force` 让模型写出指定的译文，并返回它的 $\log Q$。

# %%
golds = {example.source: example.gold for example in corpus.train}
with drawing(lang, 9, 3.8) as (figure, words):
    sources = "They are watching.", "You are watching."
    for axes, source in zip(figure.subplots(1, 2, sharey=True), sources):
        gold = golds[source]
        x, bars = np.arange(2), {label("grammar", "语法"): gold.probabilities}
        for name, translator in translators.items():
            forced = translator.force([source] * 2, gold.references)
            bars[name] = np.exp([f.log_p for f in forced])
        for i, ((name, heights), hatch) in enumerate(zip(bars.items(), ("", "//", "..", "xx"))):
            axes.bar(x + 0.2 * i - 0.3, heights, 0.2, hatch=hatch, edgecolor="black", label=name)
        axes.set_xticks(x, labels=gold.references)
        axes.set_title(source, fontsize=11)
    figure.supylabel(label("probability", "概率"), fontsize=11)
    handles = axes.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=4, frameon=False)
figure

# %% [markdown] tags=["subslide"]
# One sentence may be luck. Here are all sentences of `test` with exactly two valid translations of probabilities 0.7 and 0.3: which share of its probability for the two does each model give to the first? A box has the middle half of the sentences, the bar in it is the median, the dashed line the grammar.
# <!-- zh -->
# 单独一句也许是碰巧。下面取 `test` 中恰有两个有效译文、概率为 0.7 和 0.3 的全部句子：在给这两个译文的概率中，各模型把多大一份给了第一个？箱子是居中的一半句子，其中的横线是中位数，虚线是语法的概率。

# %%
two = [e for e in corpus.test if len(e.valid) == 2 and close(e.gold.probabilities, [0.7, 0.3])]
shares = {}
for name, translator in translators.items():
    first, second = (
        translator.force([e.source for e in two], [e.valid[i] for e in two]) for i in (0, 1)
    )
    log_ratio = np.array([b.log_p - a.log_p for a, b in zip(first, second)])
    shares[name] = 1 / (1 + np.exp(log_ratio))  # Q(first) / (Q(first) + Q(second))
with drawing(lang, 7, 3.2) as (figure, words):
    axes = figure.subplots()
    axes.boxplot(
        list(shares.values()), widths=0.5, medianprops={"color": "#d95f02", "linewidth": 2}
    )
    axes.axhline(0.7, color="0.4", linestyle="--")
    axes.set_xticklabels(list(shares))
    axes.set(ylim=(0, 1.03), ylabel=label("share of the first", "第一个所占的份额"))
figure

# %% [markdown]
# **With an antecedent the ambiguity is gone.** In *The women are in the house and they are watching.* there is one right pronoun, *elles*; with *men* it is *ils*. So a model that has understood would put its points at 1 for the feminine nouns and at 0 for the masculine ones. *Predict* the picture, then look: do the points follow the noun? Stars are nouns that training never refers back to.
# <!-- zh -->
# **有了先行词，歧义就消失了**。在 *The women are in the house and they are watching.* 中只有一个代词正确，就是 *elles*；换成 *men* 就是 *ils*。模型如果真的理解了，阴性名词的点应在 1，阳性名词的点应在 0。先*猜一猜*图是什么样子，再看：这些点跟着名词走吗？星号表示训练中从未用代词回指过的名词。

# %%
feminine = {"girls": "filles", "sisters": "sœurs", "women*": "femmes"}
masculine = {"dogs": "chiens", "birds": "oiseaux", "men*": "hommes", "boys*": "garçons"}
nouns = {**feminine, **masculine, "cats*": "chats"}
sources = [f"The {noun.strip('*')} are in the house and they are watching." for noun in nouns]
log_Q = {}
for name, translator in translators.items():
    for pronoun in "ils", "elles":
        end = f"sont dans la maison et {pronoun} regardent."
        forced = translator.force(sources, [f"Les {noun} {end}" for noun in nouns.values()])
        log_Q[name, pronoun] = np.array([f.log_p for f in forced])

# %% tags=["subslide"]
with drawing(lang, 9, 3.6) as (figure, words):
    axes = figure.subplots()
    truth = [noun in feminine for noun in nouns]
    axes.plot(truth, "_", color="black", markersize=28, mew=3, label=label("right", "正确答案"))
    for name, marker in zip(translators, "os^"):
        elles = 1 / (1 + np.exp(log_Q[name, "ils"] - log_Q[name, "elles"]))
        axes.plot(elles, marker, markersize=8, alpha=0.8, label=name)
    axes.set_xticks(range(len(nouns)), labels=list(nouns))
    axes.set(ylim=(-0.06, 1.06), ylabel=label("share of elles", "elles 所占的份额"))
    axes.grid(axis="y", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
figure

# %% [markdown]
# Points that lie at one height for all nouns mean: this model has learnt how often *elles* stands after a conjunction, and not to look back. Where it is right about such a pronoun, it is right by luck. How rare are the examples it could have learnt from?
# <!-- zh -->
# 如果所有名词的点都在同一高度，就说明这个模型只学会了连词后面出现 *elles* 的频率，而没有学会回头看。这样的代词即使译对了，也只是碰巧。它本可以从中学习的样本有多少？

# %%
seen = [e for e in corpus.train if "they by antecedent" in e.gold.phenomena[0]]
elles = [e for e in seen if "elles" in tokenize_fr(e.references[0])]
print(tr("training pairs:", "训练样本："), len(corpus.train))
print(tr("of these with they and an antecedent:", "其中 they 带有先行词的："), len(seen))
print(
    tr("of these with elles:", "其中译成 elles 的："),
    f"{len(elles)} ({len(elles) / len(seen):.0%})",
)

# %% [markdown] tags=["exercise"]
# ### Exercise 9.5
#
# How much of its probability does a model give to right answers, whichever they are? Sum $Q(y \mid x)$ over all valid translations of an example (`example.valid`). `translator.force(sentences, translations)` takes two lists of the same length.
# <!-- zh -->
# ### 练习 9.5
#
# 模型把多少概率给了正确答案，不论是哪一个？对一个样本的全部有效译文（`example.valid`）求 $Q(y \mid x)$ 之和。`translator.force(sentences, translations)` 接受两个等长的列表。


# %% tags=["exercise"]
def valid_mass(translator, example):
    """The probability that the translator's model gives to all valid translations together."""
    ### BEGIN SOLUTION
    forced = translator.force([example.source] * len(example.valid), example.valid)
    return sum(math.exp(f.log_p) for f in forced)
    ### END SOLUTION


# %% tags=["check"]
check("9.5", valid_mass)

# %% [markdown]
# ## Does the model know when it is wrong?
#
# $Q(\hat y \mid x)$ of its own translation is the model's confidence. If it means anything, then of the translations with a confidence of about 0.7, some 70 % should be right: the points should lie on the diagonal. (Only sentences with *one* valid translation, so that ambiguity is no reason for a small $Q$.) Below the diagonal a model claims more than it can do, above it, less. For which set does `mini-bahdanau2015` know that it is guessing, and for which does it not?
# <!-- zh -->
# ## 模型知道自己错了吗？
#
# 模型给自己译文的概率 $Q(\hat y \mid x)$，就是它的把握。如果这个数有意义，那么把握在 0.7 左右的译文，应该有大约 70% 是正确的：点应当落在对角线上。（只取*一个*有效译文的句子，这样 $Q$ 小就不能归因于歧义。）点在对角线下方，说明模型夸大了自己的本事；在上方，则说明它过于谦虚。在哪个集合上 `mini-bahdanau2015` 知道自己是在猜，在哪个集合上不知道？

# %%
edges = np.linspace(0, 1, 6)
with drawing(lang, 9, 4.2) as (figure, words):
    for axes, model in zip(figure.subplots(1, 2, sharey=True), ("mini-book", "mini-bahdanau2015")):
        axes.plot([0, 1], [0, 1], ":", color="0.4")
        for name, line in ("test", "o-"), ("pronoun", "s--"), ("verb-tense", "^-."):
            pairs = [(f, e) for f, e in zip(found[model, name], sets[name]) if len(e.valid) == 1]
            Q = np.array([math.exp(f.log_p) for f, _ in pairs])
            right = np.array([f.text in e.valid for f, e in pairs])
            bins = [np.digitize(Q, edges) == place for place in range(1, len(edges))]
            bins = [inside for inside in bins if inside.sum() >= 5]  # fewer mean nothing
            x, y = ([values[inside].mean() for inside in bins] for values in (Q, right))
            axes.plot(x, y, line, label=kinds.get(name, name))
        axes.set_title(model, fontsize=11)
        axes.set(xlabel=label("confidence", "把握"), xlim=(0, 1.03), ylim=(-0.03, 1.05))
    figure.supylabel(words["exact"], fontsize=11)
    handles = axes.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3, frameon=False)
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 9.6
#
# Put it into one number: the mean of $Q(\hat y \mid x)$ minus the share of right translations. `translations` are what `Translator.search` returns (each has `.log_p` and `.text`), `examples` what they translate.
# <!-- zh -->
# ### 练习 9.6
#
# 用一个数来概括：$Q(\hat y \mid x)$ 的平均值减去正确译文的比例。`translations` 是 `Translator.search` 的返回值（每个都有 `.log_p` 和 `.text`），`examples` 是相应的样本。


# %% tags=["exercise"]
def overconfidence(translations, examples):
    """Mean confidence minus the share of exactly right translations."""
    ### BEGIN SOLUTION
    confidence = np.mean([math.exp(f.log_p) for f in translations])
    return confidence - np.mean([f.text in e.valid for f, e in zip(translations, examples)])
    ### END SOLUTION


# %% tags=["check"]
check("9.6", overconfidence)

# %% [markdown]
# ## Outside of the domain
#
# And if somebody types whatever comes to mind? Before each sentence stand two figures: how many of its words are unknown, and the geometric mean of the probabilities of the words that the model wrote. Is there a value below which you would rather not believe the translation? *Predict* first which sentences will come out right.
# <!-- zh -->
# ## 领域之外
#
# 如果有人随手输入一句话呢？每个句子前面有两个数：未知词的个数，以及模型所写各词概率的几何平均。有没有一个界限，低于它你就宁可不信这个译文？先*猜一猜*哪些句子能译对。

# %%
strange = [
    "They are watching.",
    "They are watching",
    "They're watching.",
    "they are watching.",
    "watching are They.",
    "They are watching. They are watching.",
    "They are watching the sea.",
    "The cat sat on the mat.",
    "Ils regardent.",
]
for source, f in zip(strange, translators["mini-bahdanau2015"].search(strange)):
    unknown = vocab.encode(source).count(vocab["<unk>"])
    per_word = math.exp(f.log_p / (len(f.tokens) + 1))  # and <eos>
    print(f"{unknown}  {per_word:.2f}   {source:<38} {f.text}")

# %% [markdown]
# It takes little to leave the domain: a full stop left out, *They're*, a small *t* at the beginning, French in place of English. The model has no way of saying that it has never seen such a thing. Somebody else has to notice; counting `<unk>` is a beginning, but the small *t* shows that it is not enough.
# <!-- zh -->
# 离开领域只需要一点点变化：漏掉句号、写成 *They're*、句首用小写的 *t*、把英语换成法语。模型没有办法说“这样的句子我从未见过”，只能由别人来发现；数一数 `<unk>` 是个开始，但小写的 *t* 说明这还不够。

# %% [markdown]
# ## What would help
#
# | what breaks | why | remedy | where |
# | --- | --- | --- | --- |
# | unknown words | one id for all of them | pieces of words as tokens; copying from the source | Sennrich et al. (2016); Gu et al. (2016) |
# | new tense of a verb | word forms are atoms | pieces of words; more data that shows the pattern; lemma and tense apart | Sennrich et al. (2016); Lake and Baroni (2018) |
# | long sentences | no state says what is done already | coverage; windows that move on (`gs.LocalMonotonic`); long sentences in training | Tu et al. (2016); [notebook 7](07_attention.ipynb) |
# | pronouns | too few examples, gender lost on the way | more such examples; more sentences of context | Bawden et al. (2018) |
# | overconfidence | trained to be sure | label smoothing, temperature, several models | Guo et al. (2017) |
# | other domains | never seen | real data, and much of it | [notebook 12](12_real_data.ipynb) |
#
# That attention alone is no remedy for all of them is what this notebook was to show; what it is good for beyond translation comes [next](10_beyond_translation.ipynb).
# <!-- zh -->
# ## 怎样改进
#
# | 哪里出错 | 为什么 | 对策 | 出处 |
# | --- | --- | --- | --- |
# | 未知词 | 全部共用一个索引 | 以子词为词元；从源序列复制 | Sennrich 等（2016）；Gu 等（2016） |
# | 动词的新时态 | 词形是不可分的原子 | 子词；更多体现这一规律的数据；把动词原形与时态分开 | Sennrich 等（2016）；Lake 和 Baroni（2018） |
# | 长句 | 没有状态记录哪些已经译过 | 覆盖度；向前移动的窗口（`gs.LocalMonotonic`）；训练中加入长句 | Tu 等（2016）；[第 7 篇](07_attention.ipynb) |
# | 代词 | 样本太少，名词的阴阳性在途中丢失 | 更多这样的样本；更长的上下文 | Bawden 等（2018） |
# | 过度自信 | 训练目标就是要有把握 | 标签平滑、温度、多个模型 | Guo 等（2017） |
# | 其他领域 | 从未见过 | 大量真实数据 | [第 12 篇](12_real_data.ipynb) |
#
# 注意力机制并非包治百病，这正是本篇想说明的；它在翻译之外有什么用，见[下一篇](10_beyond_translation.ipynb)。

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **A test sentence with `<unk>` is no test.** Whoever cuts the vocabulary and counts such sentences measures the vocabulary. Every valid translation of every sentence in `unknown` contains a word that the models cannot write: nobody gets one right. Yet BLEU gives points for the rest of the sentence, as if something had been translated.
# <!-- zh -->
# ## 书中没有明说的
#
# **含有 `<unk>` 的测试句不算测试**。谁把词典截短，又把这样的句子计入分数，谁测的就是词典。`unknown` 中每个句子的每个有效译文，都含有一个模型写不出来的词：谁也译不对。可是 BLEU 照样为句子的其余部分给分，仿佛真的译出了什么。

# %%
for example in sets["unknown"]:
    for text in example.valid:
        assert "<unk>" in corpus.tgt_vocab.to_tokens(corpus.tgt_vocab.encode(text))
for model in models:
    texts = [f.text for f in found[model, "unknown"]]
    scores = gs.score(texts, [e.valid for e in sets["unknown"]])
    print(f"{model:<18} exact {scores['exact']:.0%}   sacreBLEU {scores['bleu']:.1f}")

# %% [markdown] tags=["subslide"]
# **A mean hides what breaks.** One figure for each model, `test`, looks like a verdict. Set by set it may look different: is the best model of the first row the best of every row?
# <!-- zh -->
# **平均值掩盖了哪里出错**。每个模型一个数，即 `test` 一行，看上去像最终裁决。逐个集合来看，可能就不同了：第一行的冠军在每一行都是冠军吗？

# %%
print(f"{'':<16}", *(f"{model[5:]:>13}" for model in models))
for name in ["test", *kinds]:
    shares = [exact[model, name] for model in models]
    marks = [f"{share:.1%}{'*' if share == max(shares) > 0 else ' '}" for share in shares]
    print(f"{name:<16}", *(f"{mark:>13}" for mark in marks))

# %% [markdown] tags=["subslide"]
# **Composition is not learnt for free.** The loss rewards whatever foretells the training pairs, and a table of word forms foretells them as well as a rule does. All words of `verb-tense` are known, on both sides, so this gap is no matter of vocabulary; and it does not vanish with attention, either.
# <!-- zh -->
# **组合能力不会白白得来**。损失只奖励能预测训练样本的东西，而一张词形对照表预测得和一条规则一样好。`verb-tense` 中的所有词，两种语言都认识，所以这个差距不是词典的问题；有了注意力机制，它也不会消失。

# %%
for example in sets["verb-tense"]:
    assert "<unk>" not in corpus.src_vocab.to_tokens(corpus.src_vocab.encode(example.source))
    for text in example.valid:
        assert "<unk>" not in corpus.tgt_vocab.to_tokens(corpus.tgt_vocab.encode(text))
for model in models:
    new, known = exact[model, "verb-tense"], exact[model, "verb-tense-control"]
    print(f"{model:<18} {known:6.1%} -> {new:6.1%}")

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. What is the control of a held-out set for? (a) more test sentences (b) it shows what the model loses for other reasons than the new thing, such as length (c) it is easier, so that the mean rises (d) the model is trained on it
# 2. *listened → écouté* stands in training many times, *did … listen* never with *écouté*. Why does the former not help with the latter? (a) *listen* is an unknown word (b) *écouté* is too rare (c) attention looks at *did* (d) *listen* and *listened* are two ids, no more alike than any other two
# 3. For *They are watching.* a model gives *Ils* 0.98 and *Elles* 0.02. What is wrong? (a) not the translation, but the probabilities: the language has 0.7 and 0.3 (b) nothing (c) *Elles* is not valid (d) the two do not sum to the length
# 4. On a set, a model is right about half the time at *ils* or *elles* after an antecedent. Has it half understood? (a) yes (b) yes, for the frequent nouns (c) not necessarily: see whether its answer changes with the noun (d) no, it has understood nothing at all
# 5. A colleague's test set has one unknown word in every fourth sentence, and the best model gets 70 % exact. What should you say first? (a) a larger model is needed (b) at most about 75 % was possible (c) use beam search (d) BLEU would be fairer
# <!-- zh -->
# ## 小测验
#
# 1. 留出集的对照组有什么用？(a) 增加测试句 (b) 显示模型因新东西之外的原因（例如长度）丢了多少分 (c) 它更容易，可以提高平均分 (d) 用来训练模型
# 2. *listened → écouté* 在训练中出现多次，而 *did … listen* 从未与 *écouté* 一起出现。为什么前者帮不了后者？(a) *listen* 是未知词 (b) *écouté* 太少见 (c) 注意力看的是 *did* (d) *listen* 和 *listened* 是两个不同的索引，并不比任意两个词的索引更相近
# 3. 对 *They are watching.*，某模型给 *Ils* 0.98，给 *Elles* 0.02。哪里不对？(a) 译文没错，但概率不对：语言本身是 0.7 和 0.3 (b) 没有不对 (c) *Elles* 无效 (d) 两者之和不等于长度
# 4. 在某个集合上，模型对先行词之后的 *ils* 或 *elles* 约有一半答对。它算理解了一半吗？(a) 算 (b) 对常见名词算 (c) 不一定：要看它的回答是否随名词而变 (d) 不，它什么也没理解
# 5. 一位同事的测试集每四句就有一句含未知词，最好的模型有 70% 完全正确。你首先该说什么？(a) 需要更大的模型 (b) 最多也只能达到 75% 左右 (c) 用束搜索 (d) BLEU 更公平

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "d", 3: "a", 4: "c", 5: "b"}
### END SOLUTION

# %% tags=["check"]
quiz(9, answers)

# %% [markdown]
# ## Where to go next
#
# - [Notebook 10](10_beyond_translation.ipynb): the same models on other tasks than translation.
# - Koehn and Knowles (2017), *Six Challenges for Neural Machine Translation*: the same questions, asked of large systems.
# - Lake and Baroni (2018), *Generalization without Systematicity*: composition, with a grammar that one can see through.
# - Tu et al. (2016), *Modeling Coverage for Neural Machine Translation*: your Exercise 9.2 as a part of the model.
# - Sennrich, Haddow and Birch (2016), *Neural Machine Translation of Rare Words with Subword Units*: the end of `<unk>`.
# <!-- zh -->
# ## 接下来
#
# - [第 10 篇](10_beyond_translation.ipynb)：同样的模型，用于翻译之外的任务。
# - Koehn 和 Knowles（2017），*Six Challenges for Neural Machine Translation*：向大型系统提出同样的问题。
# - Lake 和 Baroni（2018），*Generalization without Systematicity*：用一部一目了然的语法研究组合能力。
# - Tu 等（2016），*Modeling Coverage for Neural Machine Translation*：把你的练习 9.2 变成模型的一部分。
# - Sennrich、Haddow 和 Birch（2016），*Neural Machine Translation of Rare Words with Subword Units*：告别 `<unk>`。
