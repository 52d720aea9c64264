"""Checks of notebook 0."""

import gluon_seq2seq as gs

from ...exercise import exercise, questions, seal


@exercise("0.1")
def _(we_watch, *, translator):
    text = yield lambda: we_watch
    yield (
        isinstance(text, str),
        "translate one sentence, not a list: the answer is a text",
        "请翻译一个句子而不是列表：答案应当是一段文本",
    )
    yield (
        text == translator.translate("We are watching."),
        "that is not what the translator says: did you write the full stop?",
        "这不是翻译器给出的结果：句号写了吗？",
    )


@exercise("0.2")
def _(second_french):
    text = yield lambda: second_french
    yield (
        not isinstance(text, tuple),
        "an example has a tuple of references: take one of them",
        "一个样本的译文是元组：请取出其中一个",
    )
    yield isinstance(text, str), "the answer is a text", "答案应当是一段文本"
    yield (
        text not in [example.source for example in gs.load_corpus("tiny").train],
        "that is the English side",
        "这是英语一侧",
    )
    yield (
        seal("0.2", text) == "52812a9e",
        "the right corpus, the right split, counted from 0?",
        "语料对吗？数据集对吗？是从 0 数起的吗？",
    )


@exercise("0.3")
def _(my_sentence, *, translator):
    text = yield lambda: my_sentence
    yield isinstance(text, str), "the answer is a text", "答案应当是一段文本"
    vocab = translator.model.src_vocab
    tokens = vocab.tokenizer.tokenize(text)
    yield (
        len(tokens) > 2 and tokens[-1] in (".", "?"),
        "a sentence has words, and ends like one",
        "句子要有几个词，并且像句子那样结尾",
    )
    strange = [token for token in tokens if token not in vocab.token_to_idx]
    yield not strange, f"the model does not know {strange}", f"模型不认识 {strange}"
    seen = {example.source for example in gs.load_corpus("mini-10k").train}
    yield (
        vocab.tokenizer.normalize(text) not in seen,
        "it has been trained on this very sentence",
        "模型训练时见过这个句子",
    )


@exercise("0.4")
def _(ask_all, *, sentences, translators):
    found = yield lambda: [ask_all(sentence) for sentence in sentences[1:]]
    yield all(isinstance(answer, dict) for answer in found), "return a dict", "请返回字典"
    for answer, sentence in zip(found, sentences[1:]):
        yield len(answer) == 3, "three models, three answers", "三个模型，三个答案"
        yield set(answer) == set(translators), "the names of the models?", "模型的名称对吗？"
        for name in translators:
            own = translators[name].translate(sentence)
            yield answer[name] == own, f"{name} translates otherwise", f"{name} 的译文不是这样"
    yield len(found) == 2, "an answer for each sentence", "每个句子一个答案"


@exercise("0.5")
def _(picture, *, translator, lang):
    figure = yield lambda: picture
    yield hasattr(figure, "axes"), "that is no picture", "这不是一张图"
    axes = figure.axes[0]
    words = [tick.get_text() for tick in axes.get_xticklabels()]
    yield "not" in words, f"the columns of this picture are {words}", f"这张图的各列是 {words}"
    yield words[:4] == ["They", "are", "not", "watching"], "another sentence", "不是这个句子"
    own = translator.attention_map("They are watching.", lang=lang).axes[0]
    yield axes.get_xlabel() == own.get_xlabel(), "lang=...?", "lang=……？"


@exercise("0.6")
def _(error_class, *, translator):
    found = yield lambda: error_class
    yield (
        isinstance(found, type),
        "the class itself, without quotes or brackets",
        "写类本身，不要引号和括号",
    )
    yield (
        issubclass(found, gs.Seq2SeqError),
        "that is not one of the package's own errors: look at the last line of the message",
        "这不是软件包自己的错误类型：请看错误信息的最后一行",
    )
    try:
        gs.Translator(translator.model, beam_size=0)
    except gs.Seq2SeqError as error:
        yield type(error) is found, "another one is raised", "抛出的不是这一个"


questions(
    "0",
    "aed4b07f 977c45c4 0e89f6fa 8e2609d8 998632e9",
    [
        (
            "what does gluon_seq2seq set, and until when does it count?",
            "gluon_seq2seq 设置了什么？到什么时候为止有效？",
        ),
        ("read again what stands below the doctor's lines", "请重读检查结果下面的说明"),
        ("what did `inspect.getsource` print?", "`inspect.getsource` 打印了什么？"),
        ("what does the section *Exercises* say at its beginning?", "“练习”一节开头是怎么说的？"),
        ("read *Versions* again: what stays as it is?", "请重读“版本”一段：什么保持原样？"),
    ],
)
