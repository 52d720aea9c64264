"""Unknown words: read, copied by attention, looked up; by hand, and with a model that learns to."""

import contextlib
import pickle
from types import SimpleNamespace

import mxnet as mx
import numpy as np
import polib
import pytest
from hypothesis import example as this_too
from hypothesis import given, settings
from hypothesis import strategies as st

import gluon_seq2seq as gs
from gluon_seq2seq import DataError, Tokenizer, Translator, UsageError, Vocabulary
from gluon_seq2seq.text.tokenizer import BOS, EOS, MARKERS, UNK
from gluon_seq2seq.translation.documents import translate_document
from gluon_seq2seq.translation.model_step import ModelStep
from gluon_seq2seq.translation.search import beam, greedy
from gluon_seq2seq.translation.tables import phrases
from gluon_seq2seq.translation.unknown import copied, omitted, read

FRENCH, SUBWORDS = Tokenizer("fr"), gs.load_corpus("tiny", subwords=120)


def vocabulary(text, language="en"):
    return Vocabulary(dict.fromkeys(text.split(), 1), Tokenizer(language))


KNOWN = vocabulary("I see the cats . , ! ? and / Paris are he loves it")


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence, tokens",
    [
        ("I see https://example.org/a?b=1&c=%20.", "I see https://example.org/a?b=1&c=%20 ."),
        ("see (www.example.org/x), cats", "see ( www.example.org/x ) , cats"),
        ("he loves a.b+c@mail.example.org!", "he loves a.b+c@mail.example.org !"),
        ("see 28/11/2026 and 2026-11-28", "see 28/11/2026 and 2026-11-28"),
        ("see zqxa and zqxbj.", "see zqxa and zqxbj ."),
        ("CATS are cats", "cats are cats"),
        ("Cats are paris", "cats are Paris"),
        ("The cats. The cats", "the cats . the cats"),
        ("I see The Cats", "I see The Cats"),
        ("I see IT", "I see IT"),
        ("I SEE IT AND CATS", "I see it and cats"),
        ("Zork sees PARIS", "Zork sees Paris"),
    ],
)
def test_what_is_read(sentence, tokens):
    assert read(KNOWN, sentence) == tokens.split()


def test_markers_stay_around_an_address():
    vocab = vocabulary("see")
    for sentence in "see/https://a.example/b , x", "(t@x.example)see", "see-https://x.example":
        found = read(vocab, sentence)
        assert vocab.tokenizer.detokenize(found) == sentence
        assert set(MARKERS) & set(found) or "https" in found


def test_an_address_beside_characters():
    tokenizer = Tokenizer("zh")
    vocab = Vocabulary({"看": 1}, tokenizer)
    found = read(vocab, "看https://x.example/a，看")
    assert (
        "https://x.example/a" in found
        and tokenizer.detokenize(found) == "看https://x.example/a，看"
    )


TEXTS = st.lists(
    st.sampled_from(
        [
            *"abZÉ看 ./-'@()!?",
            " ",
            "n't",
            "cats",
            "17",
            "zqxa",
            "https://x.example/a?b#c",
            "t@x.example",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize("subwords", [False, True])
@settings(deadline=None)
@given(TEXTS)
@this_too("zqxa@Éhttps://x.example/a?b#c")
def test_nothing_is_lost_in_reading(subwords, text):
    """What is read is the sentence, but for the case of words."""
    vocab = SUBWORDS.src_vocab if subwords else KNOWN
    sentence = vocab.tokenizer.detokenize(read(vocab, text))
    assert sentence.casefold() == vocab.tokenizer.normalize(text).casefold()


@pytest.mark.parametrize("kind", ["words", "subwords"])
def test_known_sentences_are_read_as_they_are(kind, tiny):
    vocab = (tiny if kind == "words" else SUBWORDS).src_vocab
    for example in tiny.train:
        assert read(vocab, example.source) == vocab.tokenizer.tokenize(example.source)


def test_an_address_is_one_unknown_piece():
    vocab = SUBWORDS.src_vocab
    found = read(vocab, "They see https://x.example/a.")
    assert "▁https://x.example/a" in found and vocab.unknown(found) == ["https://x.example/a"]


# --- what is written ----------------------------------------------------------------------------


def one_hot(places, columns, rest=0.0):
    """alpha with 1 at ``places[row]``, the last column that of <eos>."""
    alpha = np.full((len(places), columns), rest)
    alpha[range(len(places)), places] = 1
    return alpha


def test_each_unknown_word_once_by_hand():
    source = ["Zork", "and", "Blip", "see", "the", "cats"]
    alpha = np.array(
        [  # Zork and Blip see the cats <eos>
            [0.6, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.7, 0.0, 0.3, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.1, 0.9, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.9],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        ]
    )
    tokens = UNK, "et", UNK, "voient", UNK, UNK
    found = copied(tokens, alpha, source, KNOWN, FRENCH)
    assert found.tokens == ("Blip", "et", "Zork", "voient", "cats"), "the strongest link first"
    assert found.copied == ("Blip", "Zork", "cats")
    np.testing.assert_array_equal(found.attention, np.delete(alpha, 5, axis=0))
    table = {"cats": "chats gris", "zork": "Zorque"}
    found = copied(tokens, alpha, source, KNOWN, FRENCH, table)
    assert FRENCH.detokenize(found.tokens) == "Blip et Zorque voient chats gris"


def test_a_guess_is_written_over_by_hand():
    """17 is read as <unk>, and some number is written: the one with most attention to it."""
    source, tokens = ["I", "see", "17", "cats", "!"], ["Je", "vois", "deux", "trois", "chats", "."]
    alpha = one_hot([0, 1, 2, 2, 3, 4, 5], 6)
    alpha[2, 2:4] = 0.6, 0.4
    found = copied(tokens, alpha, source, KNOWN, FRENCH)
    assert found.tokens == ("Je", "vois", "deux", "17", "chats", ".") and found.copied == ("17",)
    elsewhere = one_hot([0, 1, 3, 3, 3, 4, 5], 6)
    assert copied(tokens, elsewhere, source, KNOWN, FRENCH).tokens == tuple(tokens)
    marks = ["I", "see", "…", "cats", "!"]
    assert copied(tokens, alpha, marks, KNOWN, FRENCH).copied == (), "a mark is no word"
    for word in "Je", "vois":
        first = one_hot([0, 0, 3, 3, 3, 4, 5], 6)
        assert word in copied(tokens, first, source, KNOWN, FRENCH).tokens, "a known word's stay"


def test_markers_and_pieces_by_hand():
    vocab, tokenizer = SUBWORDS.src_vocab, SUBWORDS.tgt_vocab.tokenizer
    source = read(vocab, "17/https://x.example.")
    assert [UNK if token not in vocab else token for token in source].count(UNK) >= 1
    address = source.index("▁https://x.example")
    tokens = ("▁Ils", "<join>", "▁chant", "aient", "<join>", "▁.")
    places = [len(source) - 1, 1, address, address, 1, len(source) - 1, len(source)]
    alpha = one_hot(places, len(source) + 1)
    found = copied(tokens, alpha, source, vocab, tokenizer)
    assert found.tokens == ("▁Ils", "<join>", "▁https://x.example", "<join>", "▁.")
    assert tokenizer.detokenize(found.tokens) == "Ilshttps://x.example."
    np.testing.assert_array_equal(found.attention, np.delete(alpha, 3, axis=0))
    hole = ("▁Ils", UNK, "▁.")
    found = copied(hole, alpha[[0, 2, 5, 6]], source, vocab, tokenizer)
    assert found.tokens == ("▁Ils", "▁https://x.example", "▁.")


def test_omitted_by_hand():
    alpha = np.eye(4)
    found = omitted(("Je", UNK, "vois"), alpha)
    assert found.tokens == ("Je", "vois") and found.copied == ()
    np.testing.assert_array_equal(found.attention, alpha[[0, 2, 3]])


# --- a translator -------------------------------------------------------------------------------

SENTENCES = ["They are watching.", "", "Zork sees 17 cats, https://x.example/a!", "I am hungry."]


@pytest.fixture(scope="module")
def attentive(tiny):
    """Untrained, with weights so large that its outputs differ, <unk> among them."""
    mx.random.seed(5)
    model = gs.luong2015(tiny.src_vocab, tiny.tgt_vocab, 12, 16, device="cpu")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    vocab = tiny.tgt_vocab
    bias = next(p for name, p in model.collect_params().items() if p.shape == (len(vocab),))
    bias.data()[vocab[UNK]] += 2
    return model


@pytest.mark.parametrize("size", [1, 3])
def test_never_is_search_without_the_word(attentive, size):
    """Bit for bit what the search finds where <unk> is forbidden; nothing is read otherwise."""
    sentences = [one for one in SENTENCES if one] + ["THEY ARE 5.", "see t@x.example"]
    found = Translator(attentive, unknown="never", beam_size=size).n_best(sentences, size)
    vocabs = attentive.src_vocab, attentive.tgt_vocab
    alone = Translator(attentive, unknown="never", beam_size=size, batch_size=1)
    for sentence, several in zip(sentences, found):
        step, source = ModelStep(attentive), vocabs[0].encode(sentence)
        task = step, step.first([source]), vocabs[1][BOS], vocabs[1][EOS], [2 * len(source) + 10]
        wanted = greedy(*task) if size == 1 else beam(*task, size, 0.75, size)[0]
        assert [one.text for one in several] == [vocabs[1].decode(one.ids) for one in wanted]
        assert [one.log_p for one in alone.n_best(sentence, size)] == [h.log_p for h in wanted]
        assert not any(UNK in one.tokens or one.copied for one in several)


def searches(model, how):
    translator = Translator(model, unknown=how, beam_size=3)
    yield [several[:1] for several in Translator(model, unknown=how).n_best(SENTENCES)]
    yield translator.n_best(SENTENCES, 3)
    yield [[one] for one in Translator(model, unknown=how).sample(SENTENCES, 0.7, seed=2)]


def test_settled_in_every_search(attentive):
    """copy, omit and mark are three readings of one hypothesis: the same log P, other words."""
    marks, copies, omits = (list(searches(attentive, how)) for how in ("mark", "copy", "omit"))
    assert any(UNK in one.tokens for found in marks for several in found for one in several)
    translator, tokenizer = Translator(attentive), attentive.tgt_vocab.tokenizer
    read_tokens = [translator.tokens(sentence) for sentence in SENTENCES]
    checked = 0
    for some in zip(marks, copies, omits):
        for source, *three in zip(read_tokens, *some):
            for marked, one, without in zip(*three):
                assert marked.log_p == one.log_p == without.log_p
                assert marked.score == one.score == without.score
                assert without.tokens == tuple(t for t in marked.tokens if t != UNK)
                assert UNK not in one.tokens and set(one.copied) <= set(source)
                assert marked.text.count(UNK) == marked.tokens.count(UNK)
                for each in marked, one, without:
                    assert each.text == tokenizer.detokenize(each.tokens)
                    assert each.attention is None
                checked += bool(one.copied)
    assert checked >= 5


def test_attention_of_what_was_settled(attentive):
    """A row for each token written and <eos>; equal for those that were left as they were."""
    for how in "copy", "omit", "mark":
        translator = Translator(attentive, unknown=how, beam_size=3)
        plain = Translator(attentive, unknown=how, beam_size=3).n_best(SENTENCES, 3)
        for sentence, several, same in zip(SENTENCES, translator.n_best(SENTENCES, 3, True), plain):
            for one, other in zip(several, same):
                assert one._replace(attention=None) == other
                if sentence:
                    shape = len(one.tokens) + 1, len(translator.tokens(sentence)) + 1
                    assert one.attention.shape == shape
                    np.testing.assert_allclose(one.attention.sum(axis=1), 1, atol=1e-5)


def test_a_model_without_attention_cannot_copy(tiny):
    mx.random.seed(5)
    model = gs.book(tiny.src_vocab, tiny.tgt_vocab, 12, 16, device="cpu")
    model.initialize(mx.init.Normal(0.6), force_reinit=True)
    blind = Translator(model)
    assert blind.unknown.how == "never" and "no attention to copy them by" in blind.unknown.blind
    assert blind.translate(SENTENCES) == Translator(model, unknown="never").translate(SENTENCES)
    other = Translator(model, unknown="mark").unknown
    assert other.how == "mark" and other.blind is None


def test_a_copy_of_a_translator_copies(attentive):
    translator = Translator(attentive, phrase_table={"17": "dix-sept"})
    again = pickle.loads(pickle.dumps(translator))
    assert again.translate(SENTENCES) == translator.translate(SENTENCES)
    assert again.unknown.model is again.model and again.unknown.phrases == {"17": "dix-sept"}


def test_what_is_no_way(attentive):
    with pytest.raises(UsageError, match=r"^unknown is 'keep': use copy, omit, mark, never$"):
        Translator(attentive, unknown="keep")


# --- a model that has learned to copy ------------------------------------------------------------

PATTERNS = [
    ("{} is here.", "{} est ici."),
    ("I see {}.", "Je vois {}."),
    ("Call {} now.", "Appelle {} maintenant."),
    ("We know {} well.", "Nous connaissons bien {}."),
    ("Where is {} today?", "Où est {} aujourd'hui ?"),
    ("You have {} messages.", "Tu as {} messages."),
]


@pytest.fixture(scope="module")
def copier():
    """Trained on names and numbers of one pair each, which are <unk> therefore."""
    draw, pairs = np.random.RandomState(0), []
    for i in range(240):
        source, target = PATTERNS[i % len(PATTERNS)]
        word = str(draw.randint(100, 10**6)) if i % 3 == 0 else _name(draw)
        pairs.append((source.format(word), target.format(word)))
    corpus = gs.load_corpus(pairs, min_freq=2)
    gs.seed(0)
    model = gs.luong2015(
        *(corpus.src_vocab, corpus.tgt_vocab, 32, 32), score="dot", drop_prob=0.1, device="cpu"
    )
    gs.train(model, corpus, epochs=25, batch_size=16, learning_rate=0.01, patience=25, quiet=True)
    return model


def _name(draw):
    return "".join(
        draw.choice(list("bdfgklmnprstvz")) + draw.choice(list("aeiou")) for _ in "123"
    ).title()


def test_new_words_are_copied(copier):
    words = ["Wuxopi", "4711", "https://example.org/a?b=1", "tom@example.org", "zork", "28/11/2026"]
    for size in 1, 4:
        translator = Translator(copier, beam_size=size)
        for source, target in PATTERNS:
            found = translator.search([source.format(word) for word in words])
            assert [one.text for one in found] == [target.format(word) for word in words]
            assert [one.copied for one in found] == [(word,) for word in words]
    lost = Translator(copier, unknown="never").translate("Call Wuxopi now.")
    assert "Wuxopi" not in lost
    assert Translator(copier, unknown="mark").translate("I see Wuxopi.") == "Je vois <unk>."
    assert Translator(copier, unknown="omit").translate("I see Wuxopi.") == "Je vois."


def test_placeholders_come_back(copier, tmp_path):
    """A catalogue whose placeholders stand within a sentence, translated by a real model."""
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": "fr"}
    texts = ["Call %(name)s now.", "You have {count} messages.", "We know %s well."]
    catalogue.extend(polib.POEntry(msgid=text) for text in texts)
    catalogue.save(tmp_path / "in.po")
    report = translate_document(Translator(copier), tmp_path / "in.po", tmp_path / "out.po")
    assert (report.translated, report.left) == (3, [])
    assert [entry.msgstr for entry in polib.pofile(str(tmp_path / "out.po"))] == [
        "Appelle %(name)s maintenant.",
        "Tu as {count} messages.",
        "Nous connaissons bien %s.",
    ]
    never = Translator(copier, unknown="never")
    assert translate_document(never, tmp_path / "in.po", tmp_path / "out.po").translated == 0


def test_a_table_by_hand(monkeypatch):
    """Of the unknown words, whose attention is said here; and of those that only the target has."""
    source = vocabulary("the cats see . a")
    target = vocabulary("les chats voient . un gros", "fr")
    pairs = [
        ("the zorks see.", "les gros zorques voient."),
        ("the zorks see.", "les zorquaux voient."),
        ("zorks see.", "gros zorques voient."),
        ("a blip.", "un gros chats."),
        ("a cats.", "un minou."),
        ("the cats see.", "les chats voient."),
    ]
    places = [[0, 1, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 0, 1, 2, 3], [0, 1, 1, 2, 3], [0, 1, 2, 3]]

    def forced(model, asked, batch_size):
        assert asked == pairs[:5], "the last has no unknown word"
        columns = [len(source.encode(one)) for one, _ in asked]
        yield range(5), None, [one_hot(at, n) for at, n in zip(places, columns)]

    monkeypatch.setattr(phrases, "forced", forced)
    decoder = SimpleNamespace(attention=True)
    model = SimpleNamespace(
        src_vocab=source, tgt_vocab=target, decoder=decoder, lock=contextlib.nullcontext()
    )
    found = gs.learn_phrases(model, pairs)
    assert found[0] == ("zorks", "zorques", 2)
    assert set(found[1:]) == {("blip", "gros chats", 1), ("cats", "minou", 1)}


def test_a_table_is_learned_and_looked_up(tmp_path):
    """Words that mini's training data lacks, from the half of a set, for the other half."""
    model = gs.load_model("mini-luong2015", "cpu")
    examples = gs.load_corpus("mini-unknown").test
    learned = gs.learn_phrases(model, [(one.source, one.valid[0]) for one in examples[:125]])
    table = {one.source: one.target for one in learned}
    assert {"fox": "renard", "church": "église", "pear": "poire"}.items() <= table.items()
    assert learned == sorted(learned, key=lambda one: -one.seen)
    (tmp_path / "table.tsv").write_text(
        "".join(f"{a}\t{b}\t9\n" for a, b in table.items()), "utf-8"
    )
    looked_up = Translator(model, phrase_table=tmp_path / "table.tsv")
    assert looked_up.unknown.phrases == table
    sources, valid = zip(*((one.source, one.valid) for one in examples[125:]))
    exact = [
        gs.score(one.translate(list(sources)), valid)["exact"]
        for one in (Translator(model), looked_up)
    ]
    assert exact[0] == 0 and exact[1] > 0.2
    found = looked_up.search("The fox is old.")
    assert found.copied == ("fox",) and "renard" in found.tokens


@pytest.mark.parametrize(
    "content, says",
    [
        ("cats\n", "line 1: no phrase: write SOURCE, a tab and TARGET"),
        ("a\tb\n\nthe\t \n", "line 3: no phrase"),
        ("the cats\tles chats\n", "line 1: 'the cats' is 2 words to the model"),
        ("a\tb\n" + "x" * 10_001 + "\tc\n", "line 2: more than 10,000 characters"),
        (b"a\tb\n\xe9\tc\n", "line 2: not UTF-8"),
        (None, "no such file"),
    ],
)
def test_what_is_no_table(content, says, tmp_path):
    path = tmp_path / "table.tsv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=says):
        gs.read_phrases(path, Tokenizer("en"))


def test_a_table_is_read(tmp_path):
    (tmp_path / "t.tsv").write_text("cats\tles  chats \t3\n\ncats\tminous\nC’est\tçà\r\n", "utf-8")
    with pytest.raises(DataError, match="line 4"):
        gs.read_phrases(tmp_path / "t.tsv", Tokenizer("fr"))
    (tmp_path / "t.tsv").write_text("cats\tles  chats \t3\n\ncats\tminous\r\n", "utf-8")
    assert gs.read_phrases(tmp_path / "t.tsv", Tokenizer("en")) == {"cats": "les chats"}


def test_no_table_of_a_model_without_attention(tiny):
    model = gs.book(tiny.src_vocab, tiny.tgt_vocab, 4, 4, device="cpu")
    with pytest.raises(UsageError, match="no attention"):
        gs.learn_phrases(model, [("Zork.", "Zork.")])


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_table_may_have_every_word_that_is_cut_off(lang, tmp_path):
    """Of a text, so also what stands before another word alone: French elision."""
    tokenizer = Tokenizer(lang)
    texts = ["Lorsqu'elle vint, qu'y avait-il ?", "Don't! He's 3.5 years old, e.g. in the U.S."]
    cut = [tokenizer.cut(tokenizer.normalize(text)) for text in texts]
    words = {word for tokens in cut for word, _ in tokenizer.words(tokens)}
    (tmp_path / "t.tsv").write_text("".join(f"{word}\tmot\n" for word in words), "utf-8")
    assert gs.read_phrases(tmp_path / "t.tsv", tokenizer) == dict.fromkeys(words, "mot")
