# %% [markdown]
# # 8. Evaluation
#
# *They are watching.* went in, *Ils regardent.* came out. How good is that, in a number? This notebook computes the book's BLEU by hand, sets it beside the scores that papers report, and asks of every score what it sees, what it does not see, and how far it can be trusted.
#
# **After this notebook you can**
#
# - compute the book's BLEU with pencil and paper, and say what each factor is for;
# - read a line of sacreBLEU, chrF, exact match and perplexity, and say why they need not agree;
# - tell a wrong translation from one that only differs from the reference;
# - find out which phenomena a model masters, instead of looking at one mean;
# - say how many test sentences a difference needs before it means anything.
# <!-- zh -->
# # 8. 评价
#
# 输入 *They are watching.*，输出 *Ils regardent.*。如果要用一个数来衡量，这个译文有多好？本篇先手工计算书中的 BLEU，再与论文中常用的分数对照，并对每一种分数追问：它看得到什么，看不到什么，又有多可信。
#
# **学完本篇，你能够**
#
# - 用纸笔算出书中的 BLEU，并说出每个因子的作用；
# - 读懂 sacreBLEU、chrF、完全匹配率和困惑度，并说明它们为什么可能不一致；
# - 分清“译错了”和“只是与参考译文不同”；
# - 查明模型掌握了哪些语言现象，而不是只看一个平均值；
# - 说出要多少测试句，一个差距才算数。

# %% [markdown]
# ## Formulas
#
# | formula | symbol | code | shape |
# | --- | --- | --- | --- |
# | $p_n$ | share of the prediction's n-grams that the label has too | `gs.ngram_matches` | a list for each $n$ |
# | $\exp\left(\min\left(0, 1 - \frac{len_{\text{label}}}{len_{\text{pred}}}\right)\right)$ | brevity penalty | in `gs.bleu` | a number up to 1 |
# | $\text{penalty} \cdot \prod_{n=1}^{k} p_n^{1/2^n}$ | the book's BLEU of one sentence | `gs.bleu(pred, label, k)` | 0 to 1 |
# | sacreBLEU, chrF, exact match | scores of a whole test set | `gs.score` | 0 to 100; exact 0 to 1 |
# | $-\frac{1}{T'} \sum_y P(y \mid x) \log Q(y \mid x)$ | cross-entropy of the model $Q$ | `gs.cross_entropy` | nats a token |
# | $\exp(\text{cross-entropy})$ | perplexity | `math.exp` | 1 or more |
# | $\hat p \pm 1.96 \sqrt{\hat p (1 - \hat p) / n}$ | 95 % interval of a share | by hand, below | two numbers |
# <!-- zh -->
# ## 公式
#
# | 公式 | 含义 | 代码 | 形状 |
# | --- | --- | --- | --- |
# | $p_n$ | 预测序列中词数为 $n$ 的子序列的精度 | `gs.ngram_matches` | 每个 $n$ 一个列表 |
# | $\exp\left(\min\left(0, 1 - \frac{len_{\text{label}}}{len_{\text{pred}}}\right)\right)$ | 对过短输出的惩罚 | 在 `gs.bleu` 之内 | 不超过 1 的数 |
# | $\text{惩罚} \cdot \prod_{n=1}^{k} p_n^{1/2^n}$ | 书中一个句子的 BLEU | `gs.bleu(pred, label, k)` | 0 到 1 |
# | sacreBLEU、chrF、完全匹配率 | 整个测试集的分数 | `gs.score` | 0 到 100；完全匹配率 0 到 1 |
# | $-\frac{1}{T'} \sum_y P(y \mid x) \log Q(y \mid x)$ | 模型 $Q$ 的交叉熵 | `gs.cross_entropy` | 每个词的奈特数 |
# | $\exp(\text{交叉熵})$ | 困惑度 | `math.exp` | 不小于 1 |
# | $\hat p \pm 1.96 \sqrt{\hat p (1 - \hat p) / n}$ | 比例的 95% 置信区间 | 见下文，手工计算 | 两个数 |

# %%
import math
from collections import Counter

import gluon_seq2seq as gs
from gluon_seq2seq.teaching.lesson import check, close, label, language, quiz, tr
from gluon_seq2seq.plots.style import drawing

import numpy as np

lang = language(tr("en", "zh"))

# %% tags=["parameters"]
test_sentences = 300  # all of mini's test
resamples = 2000  # of the bootstrap

# %% [markdown]
# ## The book's BLEU, by hand
#
# The label is what the corpus says, the prediction is what the model wrote. Go through the n-grams of the *prediction*, for $n = 1, \ldots, k$; each one counts if the label has it and has not been used up yet. Here is the formula, nearly letter by letter.
# <!-- zh -->
# ## 手工计算书中的 BLEU
#
# 标签序列是语料给出的译文，预测序列是模型写出的译文。对 $n = 1, \ldots, k$，逐个检查*预测序列*的子序列：标签序列中也有、而且还没有用完，才算匹配。下面几乎是逐字照写公式。


# %%
def bleu_by_hand(pred_tokens, label_tokens, k):
    len_pred, len_label = len(pred_tokens), len(label_tokens)
    score = math.exp(min(0, 1 - len_label / len_pred))
    for n in range(1, k + 1):
        left = Counter(tuple(label_tokens[i : i + n]) for i in range(len_label - n + 1))
        matched = 0
        for i in range(len_pred - n + 1):
            ngram = tuple(pred_tokens[i : i + n])
            matched += left[ngram] > 0
            left[ngram] -= 1
        p_n = matched / (len_pred - n + 1)
        score *= p_n ** (0.5**n)
    return score


tokenize = gs.Tokenizer("fr").tokenize
prediction, reference = tokenize("Elles regardent."), tokenize("Ils regardent.")
by_hand = bleu_by_hand(prediction, reference, k=2)
assert close(by_hand, gs.bleu(prediction, reference, k=2))
print(prediction, reference, f"BLEU {by_hand:.3f}")

# %% [markdown]
# Suppose the model had written *Elles regardent.*, and the label is *Ils regardent.* Before you look at the picture: how many single words match, and how many pairs of neighbours?
# <!-- zh -->
# 假设模型写出的是 *Elles regardent.*，而标签是 *Ils regardent.*。看图之前先想一想：有几个单词匹配？有几个相邻的词对匹配？

# %%
gs.ngram_grid(gs.ngram_matches(prediction, reference), prediction, reference, lang)

# %% [markdown] tags=["subslide"]
# Letters in place of words make every case visible. The prediction below says B twice, the label has it once, so the second B does not count. *Predict:* what becomes of the whole product at $k = 4$?
# <!-- zh -->
# 用字母代替单词，各种情形便一目了然。下面的预测序列中 B 出现两次，而标签序列只有一个 B，所以第二个 B 不算匹配。*猜一猜*：当 $k = 4$ 时，整个乘积会变成多少？

# %%
letters, goal = list("ABBCD"), list("ABCDEF")
for k in 1, 2, 3, 4:
    assert close(bleu_by_hand(letters, goal, k), gs.bleu(letters, goal, k))
    print(f"k = {k}: BLEU {gs.bleu(letters, goal, k):.3f}")
gs.ngram_grid(gs.ngram_matches(letters, goal, k=4), letters, goal, lang)

# %% [markdown]
# One $p_n = 0$ makes the whole score 0, however good the rest is. That is why the book stops at a small $k$ for its short sentences.
# <!-- zh -->
# 只要有一个 $p_n = 0$，无论其他部分多好，分数都是 0。所以书中的句子较短，取的 $k$ 也小。

# %% [markdown] tags=["exercise"]
# ### Exercise 8.1
#
# By hand: $p_1$ and $p_2$ of the prediction *Ils ne regardent pas maintenant.* for the label *Ils regardent maintenant.* Write a tuple of two numbers (the full stop is a token).
# <!-- zh -->
# ### 练习 8.1
#
# 手工计算：标签为 *Ils regardent maintenant.* 时，预测 *Ils ne regardent pas maintenant.* 的 $p_1$ 和 $p_2$。写成两个数组成的元组（句号也是一个词）。

# %% tags=["exercise"]
precisions = ...
### BEGIN SOLUTION
precisions = (4 / 6, 1 / 5)
### END SOLUTION

# %% tags=["check"]
check("8.1", precisions)

# %% [markdown]
# ## What the two factors are for
#
# **Brevity.** $p_n$ only asks whether what *was* said is right; who says one sure word gets $p_1 = 1$. The penalty is the answer to that. If the prediction is simply the beginning of the label, all $p_n$ are 1, and BLEU *is* the penalty (left picture, left part). Too long a prediction is not penalised as such: there $p_n$ falls (right part).
#
# **The exponents.** $p_n^{1/2^n}$ lifts the precision of long n-grams, which is hard to have: a share of one half is worth more for pairs than for words (right picture).
# <!-- zh -->
# ## 两个因子的作用
#
# **惩罚过短的输出。** $p_n$ 只问*说出来的*对不对；只说一个最有把握的词，就有 $p_1 = 1$。惩罚项正是为此而设。如果预测序列恰好是标签序列的开头，那么所有 $p_n$ 都是 1，BLEU *就是*惩罚项（左图的左半部分）。过长的预测不会因为长而直接受罚：这时下降的是 $p_n$（左图的右半部分）。
#
# **指数。** 长的子序列更难匹配，$p_n^{1/2^n}$ 便抬高它们的精度：同样匹配一半，词对比单词得分更高（右图）。

# %%
spoken = list("ABCDEFuvwxyz")  # right for six tokens, then too long
lengths, p = range(1, len(spoken) + 1), np.linspace(0, 1, 101)
with drawing(lang, 10, 3.8) as (figure, words):
    left, right = figure.subplots(1, 2)
    for k, line in (1, "o-"), (2, "s--"):
        scores = [gs.bleu(spoken[:length], goal, k) for length in lengths]
        left.plot(lengths, scores, line, label=f"k = {k}")
    left.axvline(len(goal), color="0.4", linestyle=":", label=label("length of label", "标签长度"))
    left.set(xlabel=label("length of prediction", "预测序列的长度"), ylabel="BLEU", ylim=(0, 1.05))
    for n, line in zip((1, 2, 3, 4), ("-", "--", "-.", ":")):
        right.plot(p, p ** (0.5**n), line, label=f"n = {n}")
    right.set(
        xlabel=label("precision p", "精度 p"), ylabel=label("p to the 1 / 2^n", "p 的 1/2^n 次方")
    )
    for axes in left, right:
        axes.legend()
        axes.grid(alpha=0.3)
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 8.2
#
# Write the brevity penalty as a function of the two lengths, $len_{\text{pred}} \ge 1$.
# <!-- zh -->
# ### 练习 8.2
#
# 把对过短输出的惩罚写成两个长度的函数，$len_{\text{pred}} \ge 1$。


# %% tags=["exercise"]
def brevity_penalty(len_pred, len_label):
    """The first factor of the book's BLEU."""
    ### BEGIN SOLUTION
    return math.exp(min(0, 1 - len_label / len_pred))
    ### END SOLUTION


# %% tags=["check"]
check("8.2", brevity_penalty)

# %% [markdown]
# ## A whole test set
#
# One sentence says little. Here are the three trained models on the test set of `mini`; none of these sentences is in their training data. `gs.score` calls [sacreBLEU](https://github.com/mjpost/sacrebleu), the program that papers use so that their figures can be compared:
#
# - `bleu`: sacreBLEU's BLEU, 0 to 100, with all valid references; `bleu_first` with the first one alone;
# - `chrf`: the same idea with n-grams of *letters*, so that *fatigué* for *fatiguée* is nearly right;
# - `exact`: the share of translations that equal a reference, letter by letter;
# - `signature`: how `bleu` was computed. A BLEU without it cannot be compared with anything.
# <!-- zh -->
# ## 整个测试集
#
# 单独一个句子说明不了什么。下面让三个训练好的模型翻译 `mini` 的测试集；其中没有一个句子在它们的训练数据里出现过。`gs.score` 调用的是 [sacreBLEU](https://github.com/mjpost/sacrebleu)：论文都用这个程序，数字才能互相比较。
#
# - `bleu`：sacreBLEU 的 BLEU，0 到 100，使用全部有效的参考译文；`bleu_first` 只用第一个；
# - `chrf`：同样的想法，但子序列由*字母*组成，所以把 *fatiguée* 写成 *fatigué* 只算差一点；
# - `exact`：与某个参考译文一字不差的译文所占的比例；
# - `signature`：`bleu` 是怎样计算的。没有它的 BLEU 无法与任何数字比较。

# %%
corpus = gs.load_corpus("mini")
examples = corpus.test[:test_sentences]
models = {n: gs.load_model(n) for n in ("mini-book", "mini-bahdanau2015", "mini-luong2015")}
translations = {
    name: gs.Translator(model).translate([example.source for example in examples])
    for name, model in models.items()
}
print(f"{'':<18}  bleu  bleu_first  chrf   exact")
for name, texts in translations.items():
    scores = gs.score(texts, [example.valid for example in examples])
    print(
        f"{name:<18} {scores['bleu']:5.1f}  {scores['bleu_first']:10.1f} {scores['chrf']:5.1f}",
        end="",
    )
    print(f"  {scores['exact']:6.1%}")
print(scores["signature"])

# %% [markdown] tags=["subslide"]
# Read the signature from left to right: `nrefs`, how many references (`var`: not the same number for each sentence); `case:mixed`, capitals count; `eff:no`, 4-grams count even where a sentence is too short to have any; `tok:13a`, sacreBLEU cuts the text itself, in its own way; `smooth:exp`, what happens when some $p_n$ is 0.
#
# The book has a score for a sentence, sacreBLEU one for a corpus: it first adds up the matches of *all* sentences, then divides. *Predict* what comes out when sacreBLEU is asked for one sentence, the most perfect one of this course.
# <!-- zh -->
# 从左到右读这个签名：`nrefs` 是参考译文的个数（`var` 表示各句不同）；`case:mixed` 区分大小写；`eff:no` 即使句子太短、没有 4 个词的子序列，也照样计入；`tok:13a` 由 sacreBLEU 按自己的规则切词；`smooth:exp` 说明某个 $p_n$ 为 0 时怎么办。
#
# 书中的 BLEU 属于一个句子，sacreBLEU 的 BLEU 属于整个语料：它先把*所有*句子的匹配数加起来，再相除。*猜一猜*：如果只让 sacreBLEU 给一个句子打分，而且是本课程中译得最完美的那一句，会得到多少？

# %%
pairs = [
    ("Ils regardent.", "Ils regardent."),
    ("Elles regardent.", "Ils regardent."),
    ("Elles ne regardent pas.", "Ils ne regardent pas."),
    ("Ils ne regardent pas maintenant.", "Ils regardent toujours maintenant."),
    ("Ils sont dans la maison de Paul.", "Ils sont dans la maison de Julie."),
]
print(
    tr(
        "the book's  sacreBLEU  chrF   prediction | label",
        "书中的 BLEU  sacreBLEU  chrF   预测 | 标签",
    )
)
for text, truth in pairs:
    scores, book_score = gs.score([text], [truth]), gs.bleu(tokenize(text), tokenize(truth))
    print(f"{book_score:10.2f} {scores['bleu']:10.1f} {scores['chrf']:5.1f}   {text} | {truth}")

# %% [markdown]
# The perfect *Ils regardent.* has three tokens, hence no 4-gram, hence nothing from sacreBLEU. It is a score for corpora; of a sentence it says little. And no score in the table knows that *ne … pas* turns the meaning round, or that Paul is not Julie: n-grams see words, not what is meant.
#
# *Which of two translations is better?* Even that can come out differently. The cell looks for test sentences where two of our models are both wrong and the two scores prefer different ones.
# <!-- zh -->
# 完美的 *Ils regardent.* 只有三个词，没有 4 个词的子序列，于是 sacreBLEU 一分不给。它是为语料设计的分数，对单个句子说明不了多少。另外，表中没有一种分数知道 *ne … pas* 把意思颠倒了，也不知道 Paul 不是 Julie：子序列只看词，不看意思。
#
# *两个译文，哪个更好*？连这个问题的答案也可能不同。下面的单元格在测试集中寻找这样的句子：两个模型都译错了，而两种分数偏爱的译文不同。

# %%
found = 0
for example, one, two in zip(examples, translations["mini-book"], translations["mini-luong2015"]):
    if one == two or one in example.valid or two in example.valid:
        continue
    truth = example.valid[0]
    books = [gs.bleu(tokenize(text), tokenize(truth)) for text in (one, two)]
    sacres = [gs.score([text], [truth])["bleu"] for text in (one, two)]
    if (books[0] - books[1]) * (sacres[0] - sacres[1]) < 0 and found < 4:
        found += 1
        print(tr("label: ", "标签：") + truth)
        for text, b, s in zip((one, two), books, sacres):
            print(f"    {b:.2f} {s:5.1f}   {text}")
print(
    tr(f"{found} shown (the book's BLEU, sacreBLEU)", f"列出 {found} 句（书中的 BLEU，sacreBLEU）")
)

# %% [markdown] tags=["subslide"]
# A frequent reason is the way of cutting words. sacreBLEU's `13a` was made for English news: *d'amis* is one word to it, two to our French tokenizer. Whoever tokenises differently counts different n-grams.
# <!-- zh -->
# 一个常见的原因是切词方式不同。sacreBLEU 的 `13a` 是为英语新闻设计的：在它看来 *d'amis* 是一个词，而在我们的法语分词器看来是两个词。切法不同，数出来的子序列就不同。

# %%
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

sentence = "Ils n'ont pas d'amis."
print(tr("ours:", "本课程："), tokenize(sentence))
print("13a: ", Tokenizer13a()(sentence).split())
print(tr("spaces:", "按空格："), sentence.split())

# %% [markdown] tags=["exercise"]
# ### Exercise 8.3
#
# Turn the book's BLEU into the one of Papineni et al. (2002), which sacreBLEU computes: $k = 4$, and every $p_n$ has the same exponent, $1/4$. The brevity penalty stays. `gs.ngram_matches(pred, label, 4)` has, for each $n$, a list of `(start, counted)`. (No smoothing: your function is checked where all $p_n > 0$.)
# <!-- zh -->
# ### 练习 8.3
#
# 把书中的 BLEU 改成 Papineni 等人（2002）的 BLEU，也就是 sacreBLEU 计算的那一种：$k = 4$，每个 $p_n$ 的指数都是 $1/4$，惩罚项不变。`gs.ngram_matches(pred, label, 4)` 对每个 $n$ 给出一个 `(start, counted)` 的列表。（不需要平滑：检查时所有 $p_n > 0$。）


# %% tags=["exercise"]
def standard_bleu(pred_tokens, label_tokens):
    """BLEU of one sentence with k = 4 and equal weights, between 0 and 1."""
    ### BEGIN SOLUTION
    score = math.exp(min(0, 1 - len(label_tokens) / len(pred_tokens)))
    for matches in gs.ngram_matches(pred_tokens, label_tokens, 4):
        score *= np.mean([counted for _, counted in matches]) ** (1 / 4)
    return score
    ### END SOLUTION


# %% tags=["check"]
check("8.3", standard_bleu)

# %% [markdown]
# ## More than one right answer
#
# English does not say who *they* are. The grammar that wrote `mini` knows this, lists all valid translations, and how probable each is:
# <!-- zh -->
# ## 正确答案不止一个
#
# 英语没有说明 *they* 是男是女。写出 `mini` 的语法知道这一点，它列出所有有效的译文，以及每一个的概率：

# %%
running = corpus.train[0]
for text, p in zip(running.gold.references, running.gold.probabilities):
    print(f"{running.source} -> {text:<18} P = {p:.1f}")
texts = ["Ils regardent.", "Elles regardent."]
one_reference = gs.score(texts, [running.references] * 2)
all_references = gs.score(texts, [running.valid] * 2)
print(tr("exact, one reference: ", "完全匹配率，一个参考译文："), one_reference["exact"])
print(tr("exact, all references:", "完全匹配率，全部参考译文："), all_references["exact"])

# %% [markdown] tags=["subslide"]
# Real test sets have one reference: what one translator happened to write. Let us count what that costs. The French side of the corpus was drawn by these probabilities, one for each English sentence, just as if one translator had written it (`example.references`). The last pair of bars is not a model: it is somebody who knows the grammar by heart and always gives the most probable valid translation.
# <!-- zh -->
# 真实的测试集只有一个参考译文：某位译者碰巧写下的那个。我们来数一数这要付出多大代价。语料的法语一侧正是按这些概率抽取的，每个英语句子抽一个，就像出自一位译者之手（`example.references`）。最后一对条形不是模型，而是一个把语法背得滚瓜烂熟、总是给出最可能的有效译文的人。

# %%
best_guess = [example.valid[0] for example in examples]
people = {**translations, label("knows the grammar", "精通语法"): best_guess}
drawn_reference = [example.references for example in examples]
with drawing(lang, 8.5, 3.8) as (figure, words):
    axes = figure.subplots()
    for shift, color, hatch, kind, references in (
        (
            -0.2,
            "#9ecae1",
            "//",
            label("one reference, drawn", "抽取的一个参考译文"),
            drawn_reference,
        ),
        (0.2, "#12395f", "", label("all valid ones", "全部有效译文"), [e.valid for e in examples]),
    ):
        exact = [gs.score(texts, references)["exact"] for texts in people.values()]
        style = {"color": color, "hatch": hatch, "edgecolor": "black", "label": kind}
        bars = axes.bar(np.arange(len(people)) + shift, exact, 0.38, **style)
        axes.bar_label(bars, [f"{share:.1%}" for share in exact], padding=2)
    axes.set_xticks(range(len(people)), labels=list(people))
    axes.set(ylabel=words["exact"], ylim=(0, 1.1))
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
figure

# %% [markdown]
# All that keeps this person from 100 % is punishment for right answers; whoever gets more against one reference was lucky. A good model pays more than a bad one, for only right answers can be punished so. One reference therefore makes models look more alike than they are. How much do ours pay?
# <!-- zh -->
# 这个人与 100% 之间的差距，全是对正确答案的惩罚；面对一个参考译文，谁要是得分更高，那只是运气好。好模型比差模型吃亏更多，因为只有正确的答案才会受到这种惩罚。所以，只用一个参考译文时，各个模型看上去比实际更接近。我们的模型各吃了多少亏？

# %%
for name, texts in translations.items():
    right = [(text, e) for text, e in zip(texts, examples) if text in e.valid]
    blamed = [(text, e) for text, e in right if text not in e.references]
    print(
        tr(
            f"{name:<18} {len(right):>3} right, of these wrong by the one reference: {len(blamed)}",
            f"{name:<18} {len(right):>3} 句正确，其中被唯一的参考译文判错：{len(blamed)}",
        )
    )
for text, example in blamed[:3]:
    print(f"    {example.source} -> {text} | {example.references[0]}")

# %% [markdown] tags=["exercise"]
# ### Exercise 8.4
#
# What share does the all-knowing one *expect* against one drawn reference, before it is drawn? Compute the mean over `examples`; `example.gold.probabilities` has the probabilities of the valid translations.
# <!-- zh -->
# ### 练习 8.4
#
# 在参考译文抽出来*之前*，那个无所不知的人预期能有多大比例与之相同？请在 `examples` 上求平均；`example.gold.probabilities` 是各个有效译文的概率。

# %% tags=["exercise"]
expected_share = ...
### BEGIN SOLUTION
expected_share = np.mean([max(example.gold.probabilities) for example in examples])
### END SOLUTION

# %% tags=["check"]
check("8.4", expected_share)

# %% [markdown] tags=["exercise"]
# ### Exercise 8.5
#
# Write exact match yourself: the share of `texts` that are among the valid translations of their example.
# <!-- zh -->
# ### 练习 8.5
#
# 自己写一个完全匹配率：`texts` 中有多大比例属于相应样本的有效译文。


# %% tags=["exercise"]
def exact_match(texts, examples):
    """The share of texts that equal a valid translation of their example."""
    ### BEGIN SOLUTION
    return sum(text in example.valid for text, example in zip(texts, examples)) / len(texts)
    ### END SOLUTION


# %% tags=["check"]
check("8.5", exact_match)

# %% [markdown]
# ## By phenomenon
#
# A mean over the test set hides what a model can do. The grammar knows what each sentence shows: negation, elision, a feminine adjective … `gs.by_phenomenon` counts the exactly right ones of each. First the model without attention, then the one with it; only phenomena with enough sentences to mean something.
# <!-- zh -->
# ## 按语言现象评价
#
# 测试集上的平均值掩盖了模型会什么、不会什么。语法知道每个句子体现了哪些现象：否定、省音、阴性形容词……`gs.by_phenomenon` 分别统计其中完全正确的比例。先看没有注意力机制的模型，再看有注意力机制的；只列出句数足够多的现象。图中用现象的中文名称；在代码和语料里，它们的名称是英文，例如并列句是 coordination，省音是 elision。

# %%
rows = {name: gs.by_phenomenon(texts, examples) for name, texts in translations.items()}
enough = len(examples) / 15
gs.accuracy_by_phenomenon([row for row in rows["mini-book"] if row[1] >= enough], lang)

# %% tags=["subslide"]
gs.accuracy_by_phenomenon([row for row in rows["mini-bahdanau2015"] if row[1] >= enough], lang)

# %% [markdown] tags=["subslide"]
# Where is the difference largest? Look for what the names in each half of the list have in common: is it the phenomenon itself that is hard, or are its sentences simply the long ones? (Notebook 9 answers such questions properly, with controls.)
# <!-- zh -->
# 差别最大的是哪些？看看列表上下两半的名称各有什么共同点：是这种现象本身难，还是体现它的句子恰好较长？（第 9 篇用对照组来认真回答这类问题。）

# %%
gains = [
    (better - worse, count, name)
    for (name, count, worse), (_, _, better) in zip(rows["mini-book"], rows["mini-bahdanau2015"])
    if count >= enough
]
gains.sort(reverse=True)
for gain, count, name in [*gains[:4], *gains[-4:]]:
    print(f"{gain:+7.1%}   n = {count:<3}  {name}")

# %% [markdown]
# ## Loss, perplexity, and the floor
#
# BLEU looks at one output. The loss looks at the probability that the model gives to right ones. For $P$, the probabilities of the grammar, and $Q$, those of the model, the mean loss is the cross-entropy, and it can never be less than the entropy of $P$, the *floor*. By hand for the running example; $T'$ counts `<eos>`:
# <!-- zh -->
# ## 损失、困惑度和下限
#
# BLEU 只看一个输出，损失看的是模型给正确输出的概率。设 $P$ 是语法的概率，$Q$ 是模型的概率，平均损失就是交叉熵，它不可能小于 $P$ 的熵，即*下限*。先对本课程的例句手工计算；$T'$ 把 `<eos>` 也算在内：

# %%
model = models["mini-bahdanau2015"]
P = np.array(running.gold.probabilities)
forced = gs.Translator(model).force([running.source] * len(P), running.valid)
log_Q = np.array([translation.log_p for translation in forced])
tokens = np.array([len(translation.tokens) + 1 for translation in forced])  # and <eos>
loss = -(P @ log_Q) / (P @ tokens)
floor = -(P @ np.log(P)) / (P @ tokens)

expected = gs.cross_entropy(model, [running])
assert close(loss, expected["loss"]) and close(floor, expected["floor"])
print(f"P {P.round(3)}   Q {np.exp(log_Q).round(3)}   loss {loss:.4f}   floor {floor:.4f}")

# %% [markdown] tags=["subslide"]
# And for all test sentences. Perplexity is $\exp(\text{loss})$: among how many equally probable words the model would have to choose at each step to be as uncertain as it is. Compare the order of the models with that by exact match above: need it be the same?
# <!-- zh -->
# 再看全部测试句。困惑度是 $\exp(\text{损失})$：模型每一步的不确定程度，相当于在多少个等可能的词中选一个。与上文按完全匹配率的排名对比一下：两个排名一定相同吗？

# %%
for name, model in models.items():
    entropy = gs.cross_entropy(model, examples)
    print(f"{name:<18} loss {entropy['loss']:.3f}   perplexity {math.exp(entropy['loss']):.3f}")
floor = entropy["floor"]
print(
    tr(
        f"{'floor':<18} loss {floor:.3f}   perplexity {math.exp(floor):.3f}",
        f"{'下限':<16} loss {floor:.3f}   perplexity {math.exp(floor):.3f}",
    )
)

# %% [markdown] tags=["exercise"]
# ### Exercise 8.6
#
# A model that hardly knows *elles* gives *Ils regardent.* the probability 0.98 and *Elles regardent.* 0.02. It translates *They are watching.* just as well as before: *Ils regardent.* What is its loss for this sentence, in nats a token, with the grammar's $P$ of 0.7 and 0.3?
# <!-- zh -->
# ### 练习 8.6
#
# 有一个模型几乎不知道 *elles*：它给 *Ils regardent.* 的概率是 0.98，给 *Elles regardent.* 的概率是 0.02。它对 *They are watching.* 的翻译和以前一样好，仍是 *Ils regardent.*。语法的概率 $P$ 为 0.7 和 0.3 时，它在这个句子上的损失是每个词多少奈特？

# %% tags=["exercise"]
stubborn_loss = ...
### BEGIN SOLUTION
stubborn_loss = -(0.7 * math.log(0.98) + 0.3 * math.log(0.02)) / 4
### END SOLUTION

# %% tags=["check"]
check("8.6", stubborn_loss)

# %% [markdown]
# Same translation, same BLEU, much larger loss: greedy search shows only which answer is first, the loss shows what the model believes. Both are worth knowing.
# <!-- zh -->
# 译文相同，BLEU 相同，损失却大得多：贪婪搜索只显示哪个答案排第一，损失则显示模型心里相信什么。两者都值得知道。

# %% [markdown]
# ## How sure is that number?
#
# Had other sentences been drawn for the test set, all figures above would be a little different. How different? The *bootstrap* finds out without new sentences: draw as many sentences from the test set, with repetition, and compute the score again, many times. Here with the *difference* between two models on the same drawn sentences, which is what one wants to know.
# <!-- zh -->
# ## 这个数有多可靠？
#
# 如果测试集抽到的是另一些句子，上面的数字都会略有不同。会差多少？*自助法*（bootstrap）不需要新句子就能回答：从测试集中有放回地抽取同样多的句子，重新计算分数，重复许多次。这里计算的是两个模型在同一批抽取的句子上的*差*，这正是我们想知道的。

# %%
right = {
    name: np.array([text in e.valid for text, e in zip(texts, examples)])
    for name, texts in translations.items()
}
n = len(examples)
drawn = np.random.RandomState(0).randint(0, n, (resamples, n))  # (resamples, n)
shares = {name: hits[drawn].mean(axis=1) for name, hits in right.items()}  # (resamples,) each
for name, hits in right.items():
    p_hat = hits.mean()
    half = 1.96 * math.sqrt(p_hat * (1 - p_hat) / n)
    low, high = np.percentile(shares[name], [2.5, 97.5])
    print(f"{name:<18} {p_hat:.1%}   bootstrap {low:.1%}–{high:.1%}   ", end="")
    print(tr("formula", "公式") + f" {p_hat - half:.1%}–{p_hat + half:.1%}")

# %% tags=["subslide"]
best = shares["mini-bahdanau2015"]
with drawing(lang, 9, 3.6) as (figure, words):
    axes = figure.subplots()
    for other, color in ("mini-book", "#9ecae1"), ("mini-luong2015", "#12395f"):
        difference = best - shares[other]
        low, high = np.percentile(difference, [2.5, 97.5])
        name = f"bahdanau2015 − {other[5:]}: {low:+.1%} … {high:+.1%}"
        sentences, counts = np.unique(np.round(difference * n), return_counts=True)
        axes.bar(sentences / n, counts, 1 / n, color=color, label=name)
    axes.axvline(0, color="#d95f02", linestyle="--", linewidth=2)
    axes.xaxis.set_major_formatter("{x:+.0%}")
    axes.set(xlabel=label("difference in exact translations", "完全正确比例之差"))
    axes.set(ylabel=label("resamples", "重抽样次数"))
    axes.legend()
figure

# %% [markdown]
# Where the dashed line at 0 lies well outside of a histogram, one model is better. Where it runs through it, this test set cannot tell: another one might well turn the order round.
#
# The interval shrinks with $\sqrt n$ only: to halve it takes four times as many sentences.
# <!-- zh -->
# 如果 0 处的虚线远在直方图之外，就可以说一个模型更好。如果虚线从直方图中间穿过，这个测试集就分不出高下：换一个测试集，名次可能就颠倒了。
#
# 区间只随 $\sqrt n$ 缩小：要缩小一半，就需要四倍的句子。

# %%
sizes = np.logspace(1, 5, 50)
with drawing(lang, 8, 3.6) as (figure, words):
    axes = figure.subplots()
    for share, line in (0.5, "-"), (0.9, "--"), (0.98, ":"):
        half = 1.96 * np.sqrt(share * (1 - share) / sizes)
        axes.loglog(sizes, half, line, linewidth=2, label=f"p = {share:.0%}")
    axes.axvline(n, color="0.4", linewidth=1, label=label("here: n = {}", "本篇：n = {}").format(n))
    axes.set_xticks(
        [10, 100, 1000, 10000, 100000], labels=["10", "100", "1,000", "10,000", "100,000"]
    )
    axes.set_yticks([0.001, 0.01, 0.1], labels=["±0.1%", "±1%", "±10%"])
    axes.set(xlabel=label("test sentences n", "测试句数 n"))
    axes.set(ylabel=label("half of the 95% interval", "95% 置信区间的一半"))
    axes.grid(alpha=0.3)
    axes.legend()
figure

# %% [markdown] tags=["exercise"]
# ### Exercise 8.7
#
# A model translates 90 % exactly. What is the smallest number of test sentences for which $1.96\sqrt{\hat p (1 - \hat p)/n}$ is at most 0.01?
# <!-- zh -->
# ### 练习 8.7
#
# 某个模型有 90% 的译文完全正确。要使 $1.96\sqrt{\hat p (1 - \hat p)/n}$ 不超过 0.01，最少需要多少个测试句？

# %% tags=["exercise"]
sentences_needed = ...
### BEGIN SOLUTION
sentences_needed = math.ceil(1.96**2 * 0.9 * 0.1 / 0.01**2)
### END SOLUTION

# %% tags=["check"]
check("8.7", sentences_needed)

# %% [markdown]
# ## What the chapter leaves unsaid
#
# **The book's BLEU is not the BLEU of papers.** Same name, other score:
#
# | | the book | Papineni 2002, sacreBLEU |
# | --- | --- | --- |
# | unit | one sentence | the counts of the whole corpus |
# | longest n-gram | $k$, here 2 | 4 |
# | exponent of $p_n$ | $1/2^n$, they do not sum to 1 | $1/4$, they do |
# | references | one | several |
# | some $p_n = 0$ | 0 | smoothed |
# | tokens | whatever you cut | fixed, in the signature |
#
# And exponents that fall with $n$ are a weaker demand for long matches, too: in $\log \text{BLEU} = \ldots + \sum_n \frac{1}{2^n} \log p_n$ a doubling of $p_1$ is worth twice as much as a doubling of $p_2$. The next cell shows how far apart the two are for the same translations, and what a mean of sentence scores makes of sacreBLEU.
# <!-- zh -->
# ## 书中没有明说的
#
# **书中的 BLEU 不是论文里的 BLEU**。名字相同，分数不同：
#
# | | 书中 | Papineni 2002、sacreBLEU |
# | --- | --- | --- |
# | 单位 | 一个句子 | 整个语料的计数 |
# | 最长的子序列 | $k$，这里取 2 | 4 |
# | $p_n$ 的指数 | $1/2^n$，其和不为 1 | $1/4$，其和为 1 |
# | 参考译文 | 一个 | 可以有几个 |
# | 某个 $p_n = 0$ | 0 | 平滑 |
# | 词元 | 随你怎么切 | 固定，写在签名里 |
#
# 另外，随 $n$ 减小的指数也意味着对长匹配的要求更松：在 $\log \text{BLEU} = \ldots + \sum_n \frac{1}{2^n} \log p_n$ 中，$p_1$ 翻一倍的作用是 $p_2$ 翻一倍的两倍。下面的单元格显示，同样的译文用两种分数会差多少，以及对 sacreBLEU 逐句取平均又会得到什么。

# %%
for name, texts in translations.items():
    firsts = [example.valid[0] for example in examples]
    book_mean = np.mean([gs.bleu(tokenize(t), tokenize(f)) for t, f in zip(texts, firsts)])
    sacre_mean = np.mean([gs.score([t], [f])["bleu"] for t, f in zip(texts, firsts)])
    corpus_bleu = gs.score(texts, firsts)["bleu"]
    print(
        tr(
            f"{name:<18} the book's, mean x 100: {100 * book_mean:.1f}   "
            f"sacreBLEU, mean of sentences: {sacre_mean:.1f}   of the corpus: {corpus_bleu:.1f}",
            f"{name:<18} 书中的 BLEU，平均 × 100：{100 * book_mean:.1f}   "
            f"sacreBLEU，逐句平均：{sacre_mean:.1f}   整个语料：{corpus_bleu:.1f}",
        )
    )

# %% [markdown] tags=["subslide"]
# **It divides by zero** on an empty prediction, and on one shorter than $k$, which has no n-gram of length $k$ at all. A model at the beginning of its training may well say nothing. The package counts n-grams up to the prediction's own length, and gives an empty one 0.
# <!-- zh -->
# **它会除以零**：预测序列为空时如此；预测序列比 $k$ 短、根本没有词数为 $k$ 的子序列时也如此。刚开始训练的模型确实可能什么都不说。软件包只数到预测序列自身的长度，空序列得 0。

# %%
for short in [], ["Ils"]:
    try:
        bleu_by_hand(short, reference, k=2)
    except ZeroDivisionError as error:
        print(
            f"{short}: ZeroDivisionError: {error};   gs.bleu: {gs.bleu(short, reference, k=2):.3f}"
        )

# %% [markdown] tags=["subslide"]
# **The tokens decide.** Cut at spaces, *regardent.* and *regardent* are different words; without capitals, *Ils* at the beginning equals *ils*. One and the same pair of sentences:
# <!-- zh -->
# **怎样切词决定分数**。只按空格切，*regardent.* 与 *regardent* 就是两个不同的词；不分大小写，句首的 *Ils* 就等于 *ils*。同一对句子：

# %%
text, truth = "Maintenant, ils regardent.", "Ils regardent maintenant."
ways = {
    tr("our tokenizer", "本课程的分词器"): tokenize,
    tr("spaces", "按空格"): str.split,
    tr("lower case", "全部小写"): gs.Tokenizer("fr", lowercase=True).tokenize,
}
for way, cut in ways.items():
    print(f"{gs.bleu(cut(text), cut(truth)):.3f}", way, cut(text))

# %% [markdown] tags=["subslide"]
# **A test sentence with `<unk>` is no test.** Scores computed on ids, as is often done, compare ids; and all words outside of the vocabulary have the same one. *The sea* then is *the moon*. So `gs.score` compares texts, and `gs.Translator` never writes `<unk>`.
# <!-- zh -->
# **含有 `<unk>` 的测试句不算测试**。常有人用索引计算分数，而词典之外的词索引全都相同，于是*大海*等于*月亮*。所以 `gs.score` 比较的是文本，`gs.Translator` 也从不写出 `<unk>`。

# %%
vocab = corpus.tgt_vocab
sea, moon = "Ils regardent la mer.", "Ils regardent la lune."
sea_ids, moon_ids = vocab.encode(sea), vocab.encode(moon)
print(vocab.to_tokens(moon_ids))
print(tr("book's BLEU of the ids:", "按索引计算的 BLEU："), gs.bleu(moon_ids, sea_ids))
print(
    tr("book's BLEU of the words:", "按单词计算的 BLEU："),
    round(gs.bleu(tokenize(moon), tokenize(sea)), 3),
)

# %% [markdown] tags=["quiz"]
# ## Quiz
#
# 1. The prediction consists of the first two tokens of a label of four. What lowers its BLEU? (a) $p_1$ (b) $p_2$ (c) only the brevity penalty (d) nothing
# 2. Model A translates *They are watching.* as *Elles regardent.*; the only reference is *Ils regardent.* What follows? (a) nothing against A: the answer is valid (b) A is wrong (c) the book's BLEU gives A 0 (d) A's loss is larger than that of a model that says *Ils*
# 3. Why does sacreBLEU give 0 to a perfect translation of three tokens, taken by itself? (a) it is too frequent (b) capitals count (c) the brevity penalty (d) it has no 4-grams, and they count all the same
# 4. Two models have 89 % and 90 % exact on 300 sentences. What can be said? (a) the second is better (b) this test set cannot tell them apart (c) they are the same model (d) the first has the larger loss
# 5. Model B gives the same translations as model A, but a larger loss. How can that be? (a) it cannot (b) B's translations are longer (c) B's first choices are the same, but it gives less probability to what is right (d) B has a larger vocabulary
# <!-- zh -->
# ## 小测验
#
# 1. 标签有四个词，预测序列恰好是它的前两个词。是什么降低了它的 BLEU？(a) $p_1$ (b) $p_2$ (c) 只有对过短输出的惩罚 (d) 没有降低
# 2. 模型 A 把 *They are watching.* 译成 *Elles regardent.*，而唯一的参考译文是 *Ils regardent.*。由此可知什么？(a) 不能说 A 有什么不好：这个答案是有效的 (b) A 译错了 (c) 书中的 BLEU 给 A 打 0 分 (d) A 的损失大于译成 *Ils* 的模型
# 3. 一个只有三个词的完美译文，单独计算时 sacreBLEU 为什么给 0 分？(a) 它太常见 (b) 区分大小写 (c) 对过短输出的惩罚 (d) 它没有 4 个词的子序列，而这一项照样计入
# 4. 两个模型在 300 个句子上分别有 89% 和 90% 完全正确。能说什么？(a) 第二个更好 (b) 这个测试集分不出它们的高下 (c) 它们是同一个模型 (d) 第一个的损失更大
# 5. 模型 B 与模型 A 的译文完全相同，损失却更大。这怎么可能？(a) 不可能 (b) B 的译文更长 (c) 两者的首选相同，但 B 给正确译文的概率更小 (d) B 的词典更大

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ...}
### BEGIN SOLUTION
answers = {1: "c", 2: "a", 3: "d", 4: "b", 5: "c"}
### END SOLUTION

# %% tags=["check"]
quiz(8, answers)

# %% [markdown]
# ## Where to go next
#
# - [Notebook 9](09_where_it_breaks.ipynb) uses these scores to find out *where* the models break.
# - Papineni et al. (2002), *BLEU: a Method for Automatic Evaluation of Machine Translation*: section 2 has the reasons for clipping and the brevity penalty.
# - Post (2018), *A Call for Clarity in Reporting BLEU Scores*: why the signature.
# - Koehn (2004), *Statistical Significance Tests for Machine Translation Evaluation*: the bootstrap for BLEU.
# - Popović (2015), *chrF: character n-gram F-score for automatic MT evaluation*: for languages with many word forms.
# <!-- zh -->
# ## 接下来
#
# - [第 9 篇](09_where_it_breaks.ipynb)用这些分数查明模型在*哪里*出错。
# - Papineni 等（2002），*BLEU: a Method for Automatic Evaluation of Machine Translation*：第 2 节说明为什么要截断计数，为什么要惩罚过短的输出。
# - Post（2018），*A Call for Clarity in Reporting BLEU Scores*：为什么需要签名。
# - Koehn（2004），*Statistical Significance Tests for Machine Translation Evaluation*：用自助法检验 BLEU 的差别。
# - Popović（2015），*chrF: character n-gram F-score for automatic MT evaluation*：适合词形丰富的语言。
