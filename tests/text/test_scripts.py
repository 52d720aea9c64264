"""Languages beside English and French: how their scripts are cut, and what must hold for any."""

import hashlib
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gluon_seq2seq import Tokenizer, load_corpus
from gluon_seq2seq.text.languages import NAMES
from gluon_seq2seq.text.subwords import SubwordTokenizer, learn
from gluon_seq2seq.text.tokenizer import JOIN, SPACE, SPECIALS

TEXTS = {  # a sentence, cut
    "zh": "我 在 学 校 里 用 <space> Python3 <space> 。",
    "ja": "『 本 』 を 3 冊 、 コ ー ヒ ー が 好 き だ っ た 。",
    "th": "น้ำ เ ย็ น กี่ แ ก้ ว",
    "lo": "ຂ້ ອ ຍ ກິ ນ ນ້ຳ",
    "km": "ខ្ញុំ ស្រ ឡា ញ់ ភា សា ខ្មែ រ ។",
    "my": "မ န္တ လေး မြို့ ။",
    "bo": "བོད་ སྐད་ ཡིག །",
    "jv": "ꦲ ꦏ꧀ ꦱ ꦫ",
    "de": "Sie sagte : „ Das ist's “ , und aß 3,5 kg E-Mail .",
    "hi": "मैं हिन्दी बोलता हूँ ।",
    "ar": "قال : مرحبا ، كيف حالك ؟",
    "he": "צה״ל אמר .",
    "uk": "П'ять м'ячів — це добре .",
    "es": "¿ Qué ? ¡ No !",
    "ko": "나는 학교에 간다 .",
    "ru": "« Да » , — сказал он …",
    "am": "ሰላም ነው ።",
    "el": "Τι κάνεις ;",
}
SENTENCES = {  # the same, and more, as they are written
    "zh": [
        "我在学校里用 Python3 。",
        "他说：“你好，世界！”（笑）……走了——真的。",
        "我用 Python 3。",
    ],
    "ja": ["『本』を3冊、コーヒーが好きだった。", "ガラスの仮面"],
    "th": ["น้ำเย็นกี่แก้ว", "เขามา เธอไป"],
    "lo": ["ຂ້ອຍກິນນ້ຳ"],
    "km": ["ខ្ញុំស្រឡាញ់ភាសាខ្មែរ។"],
    "my": ["မန္တလေးမြို့။"],
    "bo": ["བོད་སྐད་ཡིག།"],
    "jv": ["ꦲꦏ꧀ꦱꦫ"],
    "de": ["Sie sagte: „Das ist's“, und aß 3,5 kg E-Mail.", "Und/oder 50 %? Ja!"],
    "hi": ["मैं हिन्दी बोलता हूँ।"],
    "ar": ["قال: مرحبا، كيف حالك؟"],
    "he": ["צה״ל אמר."],
    "uk": ["П’ять м'ячів — це добре."],
    "es": ["¿Qué? ¡No!"],
    "ko": ["나는 학교에 간다."],
    "ru": ["«Да», — сказал он…"],
    "am": ["ሰላም ነው።"],
    "el": ["Τι κάνεις;"],
}
WITHOUT_SPACES = "zh", "ja", "th", "lo", "km", "my"
LETTERS = "".join(text for texts in SENTENCES.values() for text in texts)
texts = st.one_of(
    st.text(),
    st.text(
        LETTERS + " \t\u3000\u200b\u200d\u200f'’\"“”«»._-3é\u0301\u093f\u17d2\u3099", max_size=30
    ),
)


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_cut(language):
    assert " ".join(Tokenizer(language).tokenize(SENTENCES[language][0])) == TEXTS[language]


@pytest.mark.parametrize("language", SENTENCES)
def test_characters_are_not_changed(language):
    """But for apostrophes between letters: quotes, ellipses and wide punctuation stay."""
    for text in SENTENCES[language]:
        assert Tokenizer(language).normalize(text) == text.replace("П’я", "П'я")


@pytest.mark.parametrize("language", WITHOUT_SPACES)
def test_a_script_without_spaces_is_cut_into_characters(language):
    """No token has two letters that are not stacked, by Unicode's own categories."""
    for token in Tokenizer(language).tokenize("".join(SENTENCES[language])):
        if not token.isascii() and token not in "——……":
            bare = [
                c for c in token if unicodedata.category(c)[0] != "M" and c not in "\u0e33\u0eb3"
            ]
            stacked = sum(token.count(sign) for sign in "\u1039\u17d2")
            assert len(bare) == 1 + stacked, token


def test_wide_punctuation_needs_no_marker():
    tokens = Tokenizer("zh").tokenize(SENTENCES["zh"][1])
    assert JOIN not in tokens and SPACE not in tokens
    assert {"：", "“", "，", "！", "”", "（", "）", "……", "——", "。"} < set(tokens)


@pytest.mark.parametrize("language", ["zh", "th", "km", "bo", "de", "hi"])
@settings(max_examples=150, deadline=None)
@example("我用 Python 3。")
@example("他说“‘好’了”。«» „a“ b")
@example("a’b’c d\u200f’e \u0301\u0301x")
@given(texts)
def test_any_text_comes_back(language, text):
    for lowercase in (False, True):
        tokenizer = Tokenizer(language, lowercase)
        normal = tokenizer.normalize(text)
        assert tokenizer.normalize(normal) == normal
        for tokens in tokenizer.cut(normal), tokenizer.cut(normal, runs=True):
            assert tokenizer.detokenize(tokens) == normal
            assert set(SPECIALS).isdisjoint(tokens)
            assert all(token and not any(map(str.isspace, token)) for token in tokens)


@pytest.fixture(scope="module")
def subwords():
    """A tokenizer into subwords of Chinese."""
    lines = [
        f"{who}在{where}里{what}。"
        for who in ("我们", "他们", "老师", "学生")
        for where in ("学校", "图书馆")
        for what in ("喝茶", "看书", "用 Python3")
    ]
    return SubwordTokenizer("zh", False, learn([lines], [Tokenizer("zh")], 60))


def test_a_piece_may_have_several_characters(subwords):
    tokens = subwords.tokenize("我们在图书馆里看书。")
    assert subwords.detokenize(tokens) == "我们在图书馆里看书。"
    assert len(tokens) <= 7 and max(map(len, tokens)) >= 3


@settings(max_examples=150, deadline=None)
@given(texts)
def test_any_text_comes_back_from_subwords(subwords, text):
    assert subwords.detokenize(subwords.tokenize(text)) == subwords.normalize(text)


def test_english_and_french_are_cut_as_ever():
    """Saved models have vocabularies of these tokens: also where another script is within."""
    corpus = load_corpus("tiny")
    texts = [text for example in corpus.train for text in (example.source, *example.references)]
    texts += [text for sentences in SENTENCES.values() for text in sentences]
    digest = hashlib.sha256()
    for language in "en", "fr":
        for text in texts:
            digest.update(" ".join(Tokenizer(language).tokenize(text)).encode() + b"\n")
    assert digest.hexdigest() == "89e98e75c474175d32041f172b520bf81bec61632733679e409ea143bf612222"
    assert Tokenizer("en").tokenize("我们在 here") == ["我们在", "here"]


def test_every_code_has_a_tokenizer():
    assert len(NAMES) == 183 and {len(code) for code in NAMES} == {2}
    for code in NAMES:
        assert Tokenizer(code).tokenize("Abc.") == ["Abc", "."]
