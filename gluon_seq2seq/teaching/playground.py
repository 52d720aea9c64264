"""Your own sentence: translations, attention and beam search of the shipped models, live."""

import base64
import difflib
import math
from html import escape

import ipywidgets as widgets

from ..errors import Seq2SeqError
from ..plots import cjk_font
from ..text.languages import NAMES
from ..training.checkpoint import SHIPPED, load_model
from ..translation.translator import Translator

_WORDS = {
    "en": {
        "model": "Model",
        "beam": "Beam size",
        "alpha": "Alpha",
        "translate": "Translate",
        "empty": "Type a sentence of this language and press Enter: {}.",
        "long": "That has {} words and marks; use {} or fewer here.",
        "unknown": "Not among the words of this model: {}. It reads one and the same &lt;unk&gt; "
        "for all of them, so do not trust what it makes of them.",
        "near": "{} (did you mean {}?)",
        "translation": "translation",
        "score": "score",
        "attention": "Where the model looks while it writes each word",
        "blind": "This model has no attention: all of the sentence is one vector c to the decoder.",
        "search": "What beam search kept, finished and pruned",
    },
    "zh": {
        "model": "模型",
        "beam": "束宽",
        "alpha": "Alpha",
        "translate": "翻译",
        "empty": "输入一个{}句子，然后按回车键。",
        "long": "这个句子有 {} 个词和标点，这里最多 {} 个。",
        "unknown": "模型的词典里没有：{}。它们在模型看来都是同一个 &lt;unk&gt;，相应的译文不可信。",
        "near": "{}（是不是 {}？）",
        "translation": "译文",
        "score": "得分",
        "attention": "模型写出每个词时看向哪里",
        "blind": "这个模型没有注意力机制：整个句子以一个背景变量 c 传给解码器。",
        "search": "束搜索保留、完成和舍弃的候选",
    },
}
_CHINESE = {"en": "英语", "fr": "法语", "zh": "中文", "de": "德语", "ja": "日语", "ko": "韩语"}
_CHINESE.update(
    {"es": "西班牙语", "it": "意大利语", "pt": "葡萄牙语", "ru": "俄语", "ar": "阿拉伯语"}
)
SENTENCE = "They are watching."
LONGEST = 40  # tokens: longer pictures are not legible


class Playground(widgets.VBox):
    """Widgets around :class:`~.translator.Translator`; ``lang`` is ``"en"`` or ``"zh"``.

    Enter in ``sentence``, or a change of ``model``, ``beam_size`` or ``alpha``, fills ``output``:
    the n-best list, a warning of unknown words, the attention map and the beam tree. Text is shown
    as text, whatever it contains. Pictures are in English where no font is Chinese. ``sentence`` is
    named after the language that the model reads; the first of ``models`` is the one to begin with.
    """

    def __init__(self, lang="en", sentence=SENTENCE, models=SHIPPED):
        self.lang, self.words = lang, _WORDS[lang]
        self.picture_lang = lang if lang == "en" or cjk_font() else "en"
        self.loaded = {}
        wide = {"width": "95%", "max_width": "40em"}
        looks = {"style": {"description_width": "6em"}, "layout": wide}
        when_done = {**looks, "continuous_update": False}
        self.sentence = widgets.Text(sentence, **when_done)
        self.model = widgets.Dropdown(options=models, description=self.words["model"], **looks)
        self.beam_size = widgets.IntSlider(3, 1, 8, description=self.words["beam"], **when_done)
        self.alpha = widgets.FloatSlider(
            0.75, min=0, max=2, step=0.25, description=self.words["alpha"], **when_done
        )
        button = widgets.Button(description=self.words["translate"], button_style="primary")
        self.output = widgets.HTML()
        controls = [self.sentence, self.model, self.beam_size, self.alpha]
        super().__init__([*controls, button, self.output])
        for control in controls:
            control.observe(self.update, "value")
        button.on_click(self.update)
        self.update()

    def update(self, _=None):
        """Translate what stands in the widgets now."""
        try:
            self.output.value = self._page(self.sentence.value)
        except Seq2SeqError as error:
            self.output.value = f"<p><b>{escape(str(error))}</b></p>"

    def _page(self, sentence):
        words, name = self.words, self.model.value
        if name not in self.loaded:
            self.loaded[name] = load_model(name, grad_req="null")
        model = self.loaded[name]
        vocab = model.src_vocab
        language = vocab.tokenizer.language
        language = _CHINESE.get(language, language) if self.lang == "zh" else NAMES[language]
        self.sentence.description = language
        if not sentence.strip() or (sentence == SENTENCE and vocab.tokenizer.language != "en"):
            return f"<p>{words['empty'].format(language)}</p>"
        tokens = vocab.tokenizer.tokenize(sentence)
        if len(tokens) > LONGEST:
            return f"<p>{words['long'].format(len(tokens), LONGEST)}</p>"
        beam_size = self.beam_size.value
        translator = Translator(model, beam_size=beam_size, alpha=self.alpha.value)
        (found,) = translator.n_best([sentence], beam_size)
        parts = [f"<p style='font-size: 1.5em'>{escape(found[0].text)}</p>"]
        parts += self._warning(vocab, tokens)
        parts.append(_table(["", words["translation"], "log P", "P", words["score"]], found))
        if not model.attends:
            parts.append(f"<p>{words['blind']}</p>")
        else:
            figure = translator.attention_map(sentence, found[0].text, lang=self.picture_lang)
            parts.append(_picture(figure, words["attention"]))
        figure = translator.beam_tree(sentence, lang=self.picture_lang)
        parts.append(_picture(figure, words["search"]))
        return "".join(parts)

    def _warning(self, vocab, tokens):
        named = []
        for token in dict.fromkeys(vocab.unknown(tokens)):
            near = difflib.get_close_matches(token, vocab.idx_to_token, 1)
            text = self.words["near"].format(token, near[0]) if near else token
            named.append(f"<b>{escape(text)}</b>")
        if named:
            yield f"<p role='alert'>⚠ {self.words['unknown'].format(', '.join(named))}</p>"


def _table(head, translations):
    rows = [head]
    for rank, one in enumerate(translations, 1):
        figures = f"{one.log_p:.2f}", f"{math.exp(one.log_p):.3f}", f"{one.score:.2f}"
        rows.append([str(rank), escape(one.text), *(f.replace("-", "−") for f in figures)])
    rows = ["".join(f"<td style='padding-right: 1em'>{cell}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _picture(figure, title):
    png = base64.b64encode(figure._repr_png_()).decode()
    style = "max-width: 100%; height: auto"
    alt = escape(figure.alt)
    return f"<h3>{title}</h3><img alt='{alt}' style='{style}' src='data:image/png;base64,{png}'>"
