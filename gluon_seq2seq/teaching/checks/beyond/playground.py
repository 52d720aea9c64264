"""Checks of notebook 11."""

import math

from ...exercise import exercise, questions, seal


@exercise("11.1")
def _(driven):
    page = yield lambda: driven
    yield (
        page.sentence.value.strip() == "We are tired.",
        "the sentence in the box is another one, or not complete",
        "输入框里是另一个句子，或者句子不完整",
    )
    yield (
        page.model.value == "mini-book",
        "the sentence is right; now choose the model",
        "句子对了，现在选择模型",
    )


@exercise("11.2")
def _(unknown_words):
    found = yield lambda: unknown_words("The sentinel, a zebra, is watching.")
    yield isinstance(found, list), "make it a list of tokens", "应当返回词元的列表"
    yield (
        "is" not in found,
        "*is* is a word that the model knows: what is special about the id of an unknown one?",
        "模型认识 is：未知词的索引有什么特别？",
    )
    yield (
        found[:1] == ["sentinel"],
        "one unknown word is missing, or is not the first: do you cut with the tokenizer?",
        "漏了一个未知词，或者顺序不对：是用 tokenizer 切分的吗？",
    )
    yield (
        seal("11.2", " ".join(found)) == "08b5b0f1",
        "one unknown word is right: compare the id of every token with that of <unk>",
        "对了一个未知词：请把每个词元的索引都与 <unk> 的索引比较",
    )
    yield (
        unknown_words("They are watching.") == [],
        "a sentence without unknown words has an empty list",
        "没有未知词的句子应当得到空列表",
    )


@exercise("11.3")
def _(share, *, translator):
    shares = yield lambda: [share("They are watching.", n) for n in (1, 2, 5)]
    yield (
        all(0 < p <= 1 for p in shares),
        "probabilities are above 0 and at most 1: log P is no probability yet",
        "概率大于 0 且不超过 1：log P 还不是概率",
    )
    yield (
        shares[0] < shares[1] < shares[2],
        "more translations have more probability together",
        "译文越多，概率之和越大",
    )
    one, two = (
        translator.force(["They are watching."], [text])[0].log_p
        for text in ("Ils regardent.", "Elles regardent.")
    )
    yield (
        abs(shares[1] - math.exp(one) - math.exp(two)) < 1e-4,
        "for n = 2 these are Ils regardent. and Elles regardent.: add up P, not the score",
        "n = 2 时是 Ils regardent. 和 Elles regardent.：要加的是 P 而不是得分",
    )


@exercise("11.4")
def _(hard, *, model, translator):
    sentence = yield lambda: hard
    vocab = model.src_vocab
    tokens = vocab.tokenizer.tokenize(sentence)
    strange = [token for token in tokens if vocab[token] == vocab["<unk>"]]
    yield 5 <= len(tokens) <= 12, f"it has {len(tokens)} tokens", f"它有 {len(tokens)} 个词元"
    yield (
        not strange,
        f"the model does not know: {', '.join(strange)}",
        f"模型不认识：{'、'.join(strange)}",
    )
    yield (
        translator.search([sentence])[0].log_p < -0.6931,
        "the model is too sure of this one: what does English leave open that French must say?",
        "模型对这句太有把握了：哪些东西英语不说、法语却必须说出来？",
    )


@exercise("11.5")
def _(looks_at):
    tokens = yield lambda: [looks_at("They are watching.", step) for step in (1, 2)]
    yield (
        all(isinstance(token, str) for token in tokens),
        "a token is asked for, not its position",
        "要的是词元，而不是它的位置",
    )
    yield (
        seal("11.5", tokens[0]) == "bae20a71",
        "while it writes regardent it looks elsewhere: do you take a row of alpha, or a column?",
        "写 regardent 时它看向别处：取的是 alpha 的行还是列？",
    )
    yield (
        seal("11.5", " ".join(tokens)) == "b12cde8a",
        "right at step 1, not at step 2: is <eos> among your source tokens?",
        "第 1 步对了，第 2 步不对：源词元里有 <eos> 吗？",
    )


questions(
    "11",
    "30fc56c6 85819516 6de292c3 8790cbf6 370e5897",
    [
        ("whose fault is it, the model's or the search's?", "是模型的错，还是搜索的错？"),
        (
            "look at the ids that are printed for the sentinel and the baker",
            "看看 sentinel 和 baker 两句打印出来的索引",
        ),
        ("what would a French speaker ask back?", "法语使用者会反问什么？"),
        (
            "log P is negative: what does dividing it by a larger number do?",
            "log P 是负数：用更大的数去除它会怎样？",
        ),
        (
            "what does the page say below the list when you choose it?",
            "选择它时，页面在列表下方写了什么？",
        ),
    ],
)
