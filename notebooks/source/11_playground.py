# %% [markdown]
# # 11. Your own sentence
#
# Type a sentence, watch three models translate it, and find out where they stop knowing what they do. Everything of the course is on one page here: the words that the model knows, the search, the attention, the probabilities. *They are watching.* stands in the box already.
#
# **After this notebook you can**
#
# - read an attention map and a beam tree of a sentence that nobody prepared for you;
# - predict, before you press Enter, whether a sentence will come out well;
# - tell a mistake of the search from a mistake of the model;
# - drive such a page from code, and compute in a cell what it shows.
# <!-- zh -->
# # 11. 你自己的句子
#
# 输入一个句子，看三个模型怎样翻译它，并找出它们从哪里开始“不知道自己在做什么”。整门课的内容都汇集在这一页：模型认识的词、搜索、注意力和概率。输入框里已经写好了 *They are watching.*。
#
# **学完本篇，你能够**
#
# - 读懂任意一个句子的注意力图和束搜索树；
# - 在按下回车键之前，预测一个句子能否译好；
# - 区分搜索的错误和模型的错误；
# - 用代码操作这样的页面，并在单元格里算出它显示的内容。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$ | column P of the list | `Translation.log_p` | a number |
# | $\frac{1}{L^\alpha} \sum_{t'=1}^{L} \log P(y_{t'} \mid y_{<t'}, c)$ | column score | `Translation.score` | a number |
# | $\alpha_{t't}$ | attention weight | `Translation.attention` | `(T', T)` |
# | $\mathrm{argmax}_y$ over `beam_size` candidates | the beam tree | `translator.beam_tree` | a picture |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $P(y_1, \ldots, y_{T'} \mid x_1, \ldots, x_T)$ | 列表中的 P 一列 | `Translation.log_p` | 一个数 |
# | $\frac{1}{L^\alpha} \sum_{t'=1}^{L} \log P(y_{t'} \mid y_{<t'}, c)$ | “得分”一列 | `Translation.score` | 一个数 |
# | $\alpha_{t't}$ | 注意力权重 | `Translation.attention` | `(T', T)` |
# | 在 `beam_size` 个候选中求 $\mathrm{argmax}_y$ | 束搜索树 | `translator.beam_tree` | 一张图 |

# %% tags=["skip"]
import math

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, language, quiz, tr

lang = language(tr("en", "zh"))

# %% [markdown]
# ## The playground
#
# Press Enter after typing, or move a slider. `mini-book` is the chapter's own model, with one context $c$ for the whole sentence; `mini-bahdanau2015` and `mini-luong2015` have attention. All three were trained on the 10,000 sentences of `mini-10k` and know no other words; `data/models/README.md` says how to train them again.
# <!-- zh -->
# ## 演练场
#
# 输入后按回车键，或者拖动滑块。`mini-book` 就是书中的模型，整个句子只有一个背景向量 $c$；`mini-bahdanau2015` 和 `mini-luong2015` 带有注意力机制。三个模型都在 `mini-10k` 的一万个句子上训练，除此之外不认识别的词；重新训练的方法见 `data/models/README.md`。

# %%
playground = gs.Playground(lang=tr("en", "zh"))
playground

# %% [markdown] tags=["subslide"]
# **Things to try**, and what to watch for:
#
# - *They are watching.*: the list has two good translations. Does P tell them apart as French speakers would?
# - *The tired child did not watch the white dog.*: where do the two words of *ne … pas* look?
# - *You are tired.* with beam size 1, then 8: which translations appear?
# - *The sentinel is watching.*: one unknown word. Which of the French words still come out right?
# - *I know a story and you know a story and we know a story and they know a story.*: longer than anything in training.
# <!-- zh -->
# **可以试试这些句子**，并注意观察：
#
# - *They are watching.*：列表里有两个正确的译文。P 给它们的权重和法语使用者的感觉一致吗？
# - *The tired child did not watch the white dog.*：*ne … pas* 这两个词看向哪里？
# - *You are tired.*：束宽先取 1，再取 8，会多出哪些译文？
# - *The sentinel is watching.*：有一个未知词。其余的法语词里哪些仍然是对的？
# - *I know a story and you know a story and we know a story and they know a story.*：比训练中的任何句子都长。

# %% [markdown]
# ## The same without widgets
#
# The page computes nothing that you could not compute in a cell. Here is its list for the sentence of this course, and its attention map.
# <!-- zh -->
# ## 不用控件也一样
#
# 页面上的一切都可以在单元格里算出来。下面是本课那个句子的译文列表和注意力图。

# %%
model = gs.load_model("mini-bahdanau2015")
translator = gs.Translator(model, beam_size=3)

(best_three,) = translator.n_best(["They are watching."], 3)
for found in best_three:
    print(f"{found.text:<20} log P {found.log_p:6.2f}   score {found.score:6.2f}")
translator.attention_map("They are watching.", lang=lang)

# %% [markdown]
# And a sentence with a word that the model has never seen. Its id is that of `<unk>`, whatever the word.
# <!-- zh -->
# 再看一个含有未知词的句子。不管是什么词，它的索引都是 `<unk>` 的索引。

# %%
for sentence in "The sentinel is watching.", "The baker is watching.":
    ids = model.src_vocab.encode(sentence)
    print(sentence, ids, "->", translator.translate(sentence))

# %% [markdown]
# ## Search error or model error?
#
# When a translation is wrong, there are two suspects. Let the model *score* the translations that you know to be right (`translator.force`): if one of them is more probable to the model than the one that search came up with, search has missed it; otherwise the model is to blame, and no beam is wide enough to help. Here the model of the chapter, whose mistakes are more frequent; then what a beam of three keeps and prunes for one sentence.
# <!-- zh -->
# ## 是搜索的错，还是模型的错？
#
# 译文错了，有两个可能的原因。让模型给已知正确的各个译文“打分”（`translator.force`）：如果在模型看来其中有一个比搜索得到的更可能，那是搜索漏掉了它；否则错在模型，束宽再大也无济于事。这里用书中的模型来看，因为它错得更多；然后看束宽为 3 时一个句子的搜索保留了什么、舍弃了什么。

# %%
test = gs.load_corpus("mini").test[:100]
book = gs.Translator(gs.load_model("mini-book"))

written = book.search([example.source for example in test])
wrong = [(one, example) for one, example in zip(written, test) if one.text not in example.valid]
missed = 0
for one, example in wrong:
    right = book.force([example.source] * len(example.valid), example.valid)
    missed += max(known.log_p for known in right) > one.log_p
print(
    tr(
        f"{len(wrong)} of {len(test)} are wrong: {missed} by greedy search, {len(wrong) - missed} by the model",
        f"{len(test)} 句中有 {len(wrong)} 句错误：{missed} 句是贪婪搜索的错，{len(wrong) - missed} 句是模型的错",
    )
)

# %%
gs.Translator(book.model, beam_size=3).beam_tree(
    "The tired child did not watch the white dog.", lang=lang
)

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# ### Exercise 11.1
#
# Drive the playground from code: make it translate *We are tired.* with `mini-book`, by setting the values of its widgets (`playground.sentence.value = …`, `playground.model.value = …`), and look at it again above.
# <!-- zh -->
# ## 练习
#
# ### 练习 11.1
#
# 用代码操作演练场：设置控件的值（`playground.sentence.value = …`，`playground.model.value = …`），让它用 `mini-book` 翻译 *We are tired.*，然后再看看上面的页面。

# %% tags=["exercise"]
driven = ...
### BEGIN SOLUTION
playground.sentence.value = "We are tired."
playground.model.value = "mini-book"
### END SOLUTION
if playground.sentence.value != "They are watching.":
    driven = playground

# %% tags=["check"]
check("11.1", driven)

# %% [markdown] tags=["exercise"]
# ### Exercise 11.2
#
# Write `unknown_words(sentence)`: the list of the tokens of an English sentence that `model` does not know, in the order of the sentence. `model.src_vocab` is a vocabulary with a `tokenizer`; `vocab[token]` is an id.
# <!-- zh -->
# ### 练习 11.2
#
# 编写 `unknown_words(sentence)`：按顺序返回一个英语句子中 `model` 不认识的词元列表。`model.src_vocab` 是带有 `tokenizer` 的词典；`vocab[token]` 给出索引。


# %% tags=["exercise"]
def unknown_words(sentence):
    """The tokens of ``sentence`` that the model does not know."""
    ### BEGIN SOLUTION
    vocab = model.src_vocab
    return [token for token in vocab.tokenizer.tokenize(sentence) if vocab[token] == vocab["<unk>"]]
    ### END SOLUTION


# %% tags=["check"]
check("11.2", unknown_words)

# %% [markdown] tags=["exercise"]
# ### Exercise 11.3
#
# How much of the whole probability is in the n-best list? Write `share(sentence, n)`: the sum of the probabilities of the `n` best translations that a beam of width `n` finds, a number between 0 and 1.
# <!-- zh -->
# ### 练习 11.3
#
# n 个最佳译文占了多少概率？编写 `share(sentence, n)`：束宽为 `n` 的束搜索找到的 `n` 个最佳译文的概率之和，一个 0 到 1 之间的数。


# %% tags=["exercise"]
def share(sentence, n):
    """The probability of the n best translations together."""
    ### BEGIN SOLUTION
    (found,) = gs.Translator(model, beam_size=n).n_best([sentence], n)
    return sum(math.exp(one.log_p) for one in found)
    ### END SOLUTION


# %% tags=["check"]
check("11.3", share)

# %% [markdown] tags=["exercise"]
# ### Exercise 11.4
#
# Find an English sentence, all of whose words `model` knows, of at least five tokens, whose best translation (beam 3) has a probability below one half, although it is not longer than twelve tokens. What makes it hard: is it ambiguous, or is it strange?
# <!-- zh -->
# ### 练习 11.4
#
# 找一个英语句子：它的每个词 `model` 都认识，至少五个词元、至多十二个，而最佳译文（束宽 3）的概率低于二分之一。它难在哪里：是有歧义，还是不寻常？

# %% tags=["exercise"]
hard = ...
### BEGIN SOLUTION
hard = "You are tired now and they are happy."
### END SOLUTION

# %% tags=["check"]
check("11.4", hard)

# %% [markdown] tags=["exercise"]
# ### Exercise 11.5
#
# Which source token does `model` look at most while it writes token number `step` (counted from 0) of its own translation? Write `looks_at(sentence, step)`. `translator.search` gives the translation, `translator.force` its attention `(T', T)`; the last source token is `<eos>`.
# <!-- zh -->
# ### 练习 11.5
#
# `model` 写出自己译文的第 `step` 个词元（从 0 开始）时，最关注哪个源词元？编写 `looks_at(sentence, step)`。`translator.search` 给出译文，`translator.force` 给出它的注意力 `(T', T)`；最后一个源词元是 `<eos>`。


# %% tags=["exercise"]
def looks_at(sentence, step):
    """The source token with the largest attention weight at a step."""
    ### BEGIN SOLUTION
    text = translator.translate(sentence)
    (forced,) = translator.force([sentence], [text])
    tokens = [*model.src_vocab.tokenizer.tokenize(sentence), "<eos>"]
    return tokens[forced.attention[step].argmax()]
    ### END SOLUTION


# %% tags=["check"]
check("11.5", looks_at)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **A model never says "I do not know".** It always writes something, and fluently. Two things give it away: a probability that is spread thin, and words that it reads as `<unk>`. Neither is a proof.
# <!-- zh -->
# ## 书中没有明说的
#
# **模型从不说“我不知道”。** 它总会流利地写出点什么。有两个迹象会暴露它：概率很分散，以及有的词被读作 `<unk>`。但两者都不是证据。

# %%
for sentence in "They are watching.", "Watching they tired the.", "The sentinel is watching.":
    (found,) = translator.search([sentence])
    print(f"{sentence:<28} -> {found.text:<32} P = {math.exp(found.log_p):.3f}")

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. A translation is wrong, and the right one has a larger log P with this model. What is the first thing to try? (a) more training (b) a wider beam (c) attention (d) a smaller vocabulary
# 2. The sentence has one unknown word. What does the encoder see in its place? (a) nothing (b) its letters (c) the same vector as for any other unknown word (d) the most similar known word
# 3. A model gives *Ils regardent.* a P of 0.7 and *Elles regardent.* 0.3. Is it unsure because it is bad? (a) yes, a good model would have P near 1 (b) no, English leaves the gender open (c) yes, the beam is too narrow (d) no, the best P is always about 0.7
# 4. Alpha goes up from 0 to 2. Which translations rise in the list? (a) longer ones (b) shorter ones (c) more probable ones (d) none, alpha changes only the score's scale
# 5. `mini-book` shows no attention map. Why? (a) it is too small (b) its decoder gets the same c at every step (c) its attention is uniform (d) it was trained on other data
# <!-- zh -->
# ## 小测验
#
# 1. 译文是错的，而在这个模型看来正确译文的 log P 更大。首先应当尝试什么？(a) 多训练 (b) 增大束宽 (c) 注意力机制 (d) 缩小词典
# 2. 句子里有一个未知词。编码器在它的位置上看到什么？(a) 什么也没有 (b) 它的字母 (c) 与其他任何未知词相同的向量 (d) 最相似的已知词
# 3. 某个模型给 *Ils regardent.* 的 P 是 0.7，给 *Elles regardent.* 的是 0.3。它没有把握，是因为它不好吗？(a) 是，好模型的 P 应接近 1 (b) 不是，英语没有说明性别 (c) 是，束宽太小 (d) 不是，最大的 P 总是约 0.7
# 4. Alpha 从 0 增大到 2，哪些译文的排名会上升？(a) 较长的 (b) 较短的 (c) 概率较大的 (d) 都不变，alpha 只改变得分的尺度
# 5. `mini-book` 没有注意力图。为什么？(a) 它太小 (b) 它的解码器每一步得到同一个 c (c) 它的注意力是均匀的 (d) 它的训练数据不同

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "b", 2: "c", 3: "b", 4: "a", 5: "b"}
### END SOLUTION

# %% tags=["check"]
quiz(11, answers)

# %% [markdown]
# ## Where to go next
#
# - [12. Real data](12_real_data.ipynb): the same, trained on sentences that people wrote.
# - ipywidgets' documentation, *Using Interact*: a page like this one around your own function in one line.
# - Strobelt et al. 2019, *Seq2Seq-Vis*: what a tool for debugging such models can show beyond this page.
# - Stahlberg and Byrne 2019, *On NMT Search Errors and Model Errors*: the question of this notebook, asked of large models, with a surprising answer.
# <!-- zh -->
# ## 接下来
#
# - [12. 真实数据](12_real_data.ipynb)：在真人写的句子上训练，做同样的事。
# - ipywidgets 文档中的 *Using Interact*：用一行代码为自己的函数做一个这样的页面。
# - Strobelt 等 2019，*Seq2Seq-Vis*：调试这类模型的工具还能展示些什么。
# - Stahlberg 和 Byrne 2019，*On NMT Search Errors and Model Errors*：对大模型提出本篇的问题，答案出人意料。
