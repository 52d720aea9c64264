"""Tokenizer: examples, and what must hold for any text. Vocabulary: sentence <-> ids."""

import json
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mxnet import nd

import gluon_seq2seq as gs
from gluon_seq2seq import DataError, ModelError, Tokenizer, UsageError, Vocabulary
from gluon_seq2seq.corpus import readers
from gluon_seq2seq.text.tokenizer import BOS, EOS, PAD, SPECIALS, UNK
from gluon_seq2seq.text.words import Words

TOKENIZERS = [Tokenizer(language, lower) for language in ("en", "fr") for lower in (False, True)]
SEED = "They are watching."

NBSP, NARROW_NBSP = "\u00a0", "\u202f"
TROUBLE = [
    *SPECIALS,
    *"\"'-’‘ʼ“”«»„…!?;:.,()[]{}%$#_&<>|/\\aEstlmn19 éÉßİſΣΑœ½²٣",
    *(" ", "\t", "\x00", "\x0b", "\x1c", "\x85", NBSP, NARROW_NBSP, "\u2028", "\u200b", "\ufeff"),
    *("\u0301", "\u0327", "\u0308", "\u20e3", "\u200d", "\ufe0f", "\ud55c", "\u1100\u1161"),
    *("😀", "👩\u200d🚀", "🇫🇷", "日本", "שלום"),
    *("n't", "'s", "l'", "-t-il", "-je", "-le", "-moi", "aujourd'hui", "peut-être", "l’", "d'"),
    *("<join>", "<space>", "...", "1,5", "10:30", " ?", " !", "« ", " »"),
]
texts = st.one_of(st.text(), st.lists(st.sampled_from(TROUBLE), max_size=12).map("".join))


def tokens_of(sentence, language="en", **choice):
    return Tokenizer(language, **choice).tokenize(sentence)


@pytest.mark.parametrize(
    "sentence, tokens",
    [
        (SEED, "They are watching ."),
        ("I don't know.", "I do n't know ."),
        ("I CAN'T! can’t", "I CA N'T ! ca n't"),
        ("Tom's dog, it's they'll", "Tom 's dog , it 's they 'll"),
        ("A well-known x-ray", "A well-known x-ray"),
        ("3,000.50 at 10:30, in 1999.", "3,000.50 at 10:30 , in 1999 ."),
        ("$5 or 50%", "$ 5 or 50 %"),
        ("Wait... what?!", "Wait ... what ?!"),
        ("Wait… no", "Wait ... no"),
        ('He said "Hello!" (twice).', 'He said " Hello ! " ( twice ) .'),
        ("“Hi,” she said", '" Hi , " she said'),
        ("the boys' toys", "the boys <join> ' toys"),
        ("the '90s", "the <space> '90s"),
        ("and/or", "and <join> / <join> or"),
        ("snake_case", "snake <join> _ <join> case"),
        ("a<eos>", "a <join> < <join> eos <join> >"),
        ("Stop !", "Stop <space> !"),
        ("  two\t spaces \n", "two spaces"),
        (f"non{NBSP}breaking", "non breaking"),
        ("zero\u200bwidth, \ufeffBOM, NUL\x00", "zerowidth , BOM , NUL"),
        ("😀", "😀"),
        ("", ""),
        (" \t\n", ""),
    ],
)
def test_english_tokens(sentence, tokens):
    assert tokens_of(sentence) == tokens.split()


@pytest.mark.parametrize(
    "sentence, tokens",
    [
        ("Ils regardent.", "Ils regardent ."),
        ("L'homme n’a qu'une idée", "L' homme n' a qu' une idée"),
        ("Jusqu'à aujourd'hui", "Jusqu' à aujourd'hui"),
        ("A-t-il peut-être mangé ?", "A -t-il peut-être mangé ?"),
        ("Qu'est-ce que c'est?", "Qu' est -ce que c' est ?"),
        ("Est-ce qu'ils regardent ?", "Est -ce qu' ils regardent ?"),
        ("Donne-le-moi!", "Donne -le -moi !"),
        ("Va-t'en ! Allez-y !", "Va -t' en ! Allez -y !"),
        ("celui-là, moi-même, arc-en-ciel", "celui-là , moi-même , arc-en-ciel"),
        ("«Bonjour»", "« Bonjour »"),
        (f"«{NBSP}Où{NARROW_NBSP}?{NBSP}»", "« Où ? »"),
        ('"Oui", dit-il.', '" Oui " , dit -il .'),
        ("Oui ; non : 12,5 %", "Oui ; non : 12,5 %"),
        ("À 10:30", "À 10:30"),
        ("", ""),
    ],
)
def test_french_tokens(sentence, tokens):
    assert tokens_of(sentence, "fr") == tokens.split()


@pytest.mark.parametrize(
    "typed",
    ["Où ?", "Où?", f"Où{NBSP}?", f"Où{NARROW_NBSP}?", "Ou\u0300 ?", " Où  ? ", "\ufeffOù ?"],
)
def test_french_spacing_has_one_form(typed):
    assert Tokenizer("fr").normalize(typed) == "Où ?"


@pytest.mark.parametrize(
    "sentence, normal",
    [
        ("Oui!Non", "Oui!Non"),
        ("Oui!", "Oui !"),
        ("Quoi?!", "Quoi ?!"),
        ("«Oui;non»", "« Oui;non »"),
        ("http://x.fr : là", "http://x.fr : là"),
        ("« Quoi!»", "« Quoi ! »"),
    ],
)
def test_french_spaces_go_before_signs_that_end_a_word(sentence, normal):
    assert Tokenizer("fr").normalize(sentence) == normal


def test_english_gets_no_french_spaces():
    assert Tokenizer("en").normalize("Really?! «Yes»") == "Really?! «Yes»"


def test_one_kind_of_apostrophe_and_quote():
    assert Tokenizer("en").normalize("‘a’ ʼb “c” „d”") == '\'a\' \'b "c" "d"'


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_in_either_form_are_the_same_word(form):
    typed = unicodedata.normalize(form, "Été à Nîmes")
    assert tokens_of(typed, "fr") == ["Été", "à", "Nîmes"]


def test_lowercase():
    assert tokens_of("ÉTÉ, I CAN'T", lowercase=True) == ["été", ",", "i", "ca", "n't"]


def test_an_unknown_language_is_told_with_near_ones():
    for code, near in [
        ("german", r"use de \(German\)"),
        ("zh-CN", r"use zh \(Chinese\)"),
        ("jp", r"use ja \(Japanese\)"),
        ("fra", r"use fr \(French\)"),
        ("ces", r"use cs \(Czech\)"),
        ("slk", r"use sk \(Slovak\)"),
        ("ben", r"use bn \(Bangla\)"),
        ("español", r"use es \(Spanish\)"),
        ("norwegian", r"use no \(Norwegian\) or nb .* or nn "),
        ("q", "use two letters such as en, fr, zh or de"),
        (None, "use two letters"),
    ]:
        with pytest.raises(UsageError, match=f"language is {code!r}, .* ISO 639-1 code: {near}"):
            Tokenizer(code)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda t: f"{t.language}-{t.lowercase}")
@settings(max_examples=400, deadline=None)
@example("« Quoi!»")
@example('a " b "c" " d"')
@example("<join> <space> <eos><unk>")
@example("J\u030c")  # two characters, but one when lower: ǰ
@given(texts)
def test_any_text(tokenizer, text):
    normal = tokenizer.normalize(text)
    tokens = tokenizer.tokenize(text)
    assert tokenizer.detokenize(tokens) == normal
    assert tokenizer.normalize(normal) == normal
    assert unicodedata.normalize("NFC", normal) == normal
    assert set(SPECIALS).isdisjoint(tokens)
    assert all(token and not any(map(str.isspace, token)) for token in tokens)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(TROUBLE), max_size=12).map(" ".join))
def test_normalize_only_moves_spaces_and_look_alikes(text):
    """Checked against a definition that knows nothing of the tokenizer's expressions."""

    def bare(text):
        for sign, plain in zip("’‘ʼ“”„…", ["'", "'", "'", '"', '"', '"', "..."]):
            text = text.replace(sign, plain)
        kept = "".join(text.split())
        return unicodedata.normalize("NFC", "".join(c for c in kept if c.isprintable()))

    for tokenizer in TOKENIZERS[::2]:
        assert bare(tokenizer.normalize(text)) == bare(text)


@pytest.mark.slow
@pytest.mark.parametrize("side, language", [(0, "en"), (1, "fr")])
def test_all_of_tatoeba(side, language, fra_zip):
    tokenizer, lines, texts = Tokenizer(language), 0, {}
    for place, columns in readers.read(fra_zip):
        texts.setdefault(columns[side], place)
        lines += 1
    assert lines == 167_130 and len(texts) > 100_000
    for text, place in texts.items():
        normal = tokenizer.normalize(text)
        assert tokenizer.detokenize(tokenizer.tokenize(text)) == normal, place
        assert normal == text or tokenizer.normalize(normal) == normal, place


@pytest.fixture
def vocab():
    counter = Counter({"Ils": 1, "regardent": 5, ".": 9, "l'": 3, "homme": 3})
    return Vocabulary(counter, Tokenizer("fr"))


def test_special_ids_come_first(vocab):
    assert SPECIALS == (PAD, BOS, EOS, UNK) == ("<pad>", "<bos>", "<eos>", "<unk>")
    assert [vocab[token] for token in SPECIALS] == [0, 1, 2, 3]


def test_tokens_come_by_falling_frequency(vocab):
    assert vocab.idx_to_token[4:6] == [".", "regardent"]
    assert set(vocab.idx_to_token[6:8]) == {"l'", "homme"}
    assert vocab.idx_to_token[8:] == ["Ils"]


def test_min_freq_and_max_size():
    counter = Counter({"a": 5, "b": 3, "c": 2, "d": 1})

    def kept(**limits):
        return Vocabulary(counter, Tokenizer(), **limits).idx_to_token[4:]

    assert kept() == ["a", "b", "c", "d"]
    assert kept(min_freq=2) == ["a", "b", "c"]
    assert kept(max_size=2) == ["a", "b"]
    assert kept(max_size=3, min_freq=3) == ["a", "b"]


def test_encode_decode(vocab):
    ids = vocab.encode("Ils regardent l’homme.")
    assert vocab.to_tokens(ids) == ["Ils", "regardent", "l'", "homme", ".", "<eos>"]
    assert vocab.decode(ids) == vocab.decode(ids[:-1]) == "Ils regardent l'homme."
    assert vocab.decode([*ids, *ids]) == "Ils regardent l'homme.", "nothing after <eos>"


def test_unknown_words_are_unk(vocab):
    assert vocab.encode("Elles regardent !") == [3, vocab["regardent"], 3, 2]


def test_letters_of_specials_are_text(vocab):
    assert vocab.encode("<eos>") == [3] * 5 + [2]  # < <join> eos <join> >


@pytest.mark.parametrize("lowercase", [False, True])
def test_json_round_trip(lowercase, tiny):
    counter = Counter(tiny.tgt_vocab.idx_to_token[4:])
    vocab = Vocabulary(counter, Tokenizer("fr", lowercase))
    again = Vocabulary.from_json(vocab.to_json())
    assert again.idx_to_token == vocab.idx_to_token
    assert again.token_to_idx == vocab.token_to_idx
    assert (again.tokenizer.language, again.tokenizer.lowercase) == ("fr", lowercase)
    assert again.encode("Ils écoutent, eux !") == vocab.encode("Ils écoutent, eux !")


@given(text=texts)
def test_words_alone_are_the_vocabulary(tiny, text):
    """What an exported model reads, without GluonNLP."""
    vocab = tiny.src_vocab
    words = Words.from_json(vocab.to_json())
    assert list(words) == list(vocab) and len(words) == len(vocab)
    tokens = vocab.tokenizer.tokenize(text)
    assert words.encode(text) == vocab.encode(text)
    assert words.unknown(tokens) == vocab.unknown(tokens)
    assert words.decode(words.encode(text)) == vocab.decode(vocab.encode(text))
    for token in [*tokens, UNK]:
        assert words[token] == vocab[token] and (token in words) == (token in vocab)


def broken(**fields):
    tokenizer = {"language": "en", "lowercase": False}
    return json.dumps({"tokenizer": tokenizer, "tokens": [*SPECIALS, "a"], **fields})


def test_the_unbroken_form_is_read():
    assert Vocabulary.from_json(broken()).encode("a b") == [4, 3, 2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '"tokens"',
        "null",
        "{}",
        broken(tokenizer=None),
        broken(tokenizer={"language": "xx"}),
        broken(tokenizer={"tongue": "en"}),
        broken(tokenizer={"two\nlines": "en"}),
        broken(tokens=None),
        broken(tokens={}),
        broken(tokens="abcd"),
        broken(tokens=[]),
        broken(tokens=["a", *SPECIALS]),
        broken(tokens=[*SPECIALS, "a", "a"]),
        broken(tokens=[*SPECIALS, ["a"]]),
    ],
)
def test_bad_json_is_a_model_error(text):
    for kind in Vocabulary, Words:
        with pytest.raises(ModelError, match="not a vocabulary") as caught:
            kind.from_json(text)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "ids",
    [
        [4, 5],
        (4, 5),
        [np.int64(4), np.int32(5)],
        np.array([4, 5]),
        np.array([4.0, 5.0], "float32"),
        nd.array([4, 5]),
        nd.array([4, 5], dtype="int32"),
        list(nd.array([4, 5])),
    ],
    ids=lambda ids: f"{type(ids).__name__} of {type(ids[0]).__name__}",
)
def test_ids_of_every_kind(vocab, ids):
    assert vocab.to_tokens(ids) == [".", "regardent"]
    assert vocab.decode(ids) == ". regardent"


def test_one_id_of_every_kind(vocab):
    for i in 5, np.int64(5), np.int32(5), np.array(5):
        assert vocab.to_tokens(i) == "regardent"
    assert vocab.to_tokens([]) == [] and vocab.decode([]) == vocab.decode(iter([])) == ""


@pytest.mark.parametrize("wrong", [-1, 9, 4.5, "4", None, float("nan"), [4]])
def test_what_is_no_id(vocab, wrong):
    """GluonNLP gives the last token, the rarest, for -1."""
    for ids in [wrong], [4, wrong]:
        with pytest.raises(DataError, match="ids "):
            vocab.to_tokens(ids)
        with pytest.raises(DataError, match="ids "):
            vocab.decode(ids)
    if wrong != [4]:  # which is a list of one id
        with pytest.raises(DataError, match="ids "):
            vocab.to_tokens(wrong)


def test_tokens_in_a_text_are_cut_at_its_spaces():
    for tokenizer in Tokenizer("fr"), gs.load_corpus("tiny", subwords=100).tgt_vocab.tokenizer:
        tokens = tokenizer.tokenize("Qu'est-ce que c'est ?")
        assert tokenizer.detokenize(" ".join(tokens)) == tokenizer.detokenize(tokens)


def test_a_loop_over_the_tokens_ends(vocab):
    assert list(vocab) == vocab.idx_to_token and len(list(vocab)) == len(vocab) == 9
    assert [vocab[token] for token in vocab] == list(range(9)) and set(SPECIALS) < set(vocab)


@pytest.mark.parametrize("wrong", [None, float("nan"), b"They are.", 5, ["They"]])
def test_what_is_no_sentence(vocab, wrong):
    for function in vocab.encode, Tokenizer().tokenize, Tokenizer("fr").normalize:
        with pytest.raises(UsageError, match=r"a sentence is .*(use a str|decode)"):
            function(wrong)


STRANGE = [
    "tab\t",
    "line\n",
    "\r",
    "\x85",
    "\u2028",
    "a\u2029b",
    "\u202e",
    "\u2066",
    "\ud800",
    "",
    " ",
]
STRANGE += ["\x1b[2J", "\x00", "a b", "\xa0", "\u202f", "\u200b", "\xad"]


@pytest.mark.parametrize("token", STRANGE, ids=ascii)
def test_a_token_is_text_that_can_be_seen(token):
    with pytest.raises(ModelError, match=r"not a vocabulary: .*is no token") as caught:
        Vocabulary.from_json(broken(tokens=[*SPECIALS, token, "a"]))
    assert str(caught.value).isprintable()
    with pytest.raises(UsageError, match="is no token"):
        Vocabulary(Counter([token]), Tokenizer())


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda t: f"{t.language}-{t.lowercase}")
@given(texts, st.sampled_from(STRANGE))
def test_what_any_text_leaves_can_be_saved(tokenizer, text, strange):
    text = strange.join([text, "x", text])
    counter = Counter(tokenizer.tokenize(text))
    vocab = Vocabulary(counter, tokenizer)
    again = Vocabulary.from_json(vocab.to_json().encode("utf-8"))
    assert again.idx_to_token == vocab.idx_to_token


@pytest.mark.parametrize("lowercase", ["no", 1, None, [True]], ids=str)
def test_a_tokenizer_of_other_types(lowercase):
    with pytest.raises(ModelError, match="not a vocabulary: lowercase"):
        Vocabulary.from_json(broken(tokenizer={"language": "en", "lowercase": lowercase}))


@pytest.mark.parametrize("text", ["[" * 100_000, broken(tokens=[*SPECIALS, 10**500])])
def test_json_of_any_depth(text):
    with pytest.raises(ModelError, match="not a vocabulary"):
        Vocabulary.from_json(text)
