"""What cannot be sentence pairs is refused, markup is mended, what is doubtful is said."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gluon_seq2seq as gs
from gluon_seq2seq import DataError
from gluon_seq2seq.corpus import cleaning
from gluon_seq2seq.corpus.doubts import Doubts, markup, shapes, shifts, words
from gluon_seq2seq.corpus.examples import pairs_of


@pytest.fixture(scope="module")
def true_pairs():
    """Ten thousand pairs, English and French, in an order that is not that of their lengths."""
    return pairs_of(gs.load_corpus("mini-10k").train)


@pytest.fixture(scope="module")
def fra_pairs(fra):
    """All of fra-eng.zip, sorted by the lengths of the sources."""
    return sorted(pairs_of(fra.train + fra.dev + fra.test), key=lambda pair: len(pair[0]))


def written(path, rows):
    path.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    return path


def load(tmp_path, rows, **options):
    """The corpus of rows, as the columns of a file."""
    return gs.load_corpus(written(tmp_path / "pairs.tsv", rows), **options)


def report_of(pairs, languages=("en", "fr"), **options):
    """What is said of pairs."""
    report = cleaning.CleaningReport(**options)
    found = list(
        Doubts(languages, report).watched((f"line {n}", p) for n, p in enumerate(pairs, 1))
    )
    assert len(found) + sum((report.dropped + report.noted).values()) == len(pairs)
    return report


def doubts_of(pairs, languages=("en", "fr")):
    return report_of(pairs, languages).doubted


def line_in(place):
    return int(place.rpartition("line ")[2])


# What cannot be pairs is refused, with the file, the line, what it looks like and the way out.


INDEX = [[str(n), f"I see {n} dogs.", f"Je vois {n} chiens."] for n in range(40)]
REFUSED = {
    "an index": (INDEX, "line 1: the sources are numbers, no sentences.*columns="),
    "a score": ([[f"I see {n}.", f"0.{n}", "Je vois."] for n in range(40)], "the targets are numb"),
    "addresses": (
        [[f"I see {n}.", f"https://a.org/{n}"] for n in range(40)],
        "addresses of the we",
    ),
    "ids": ([[f"sent_{n}", f"I see {n}."] for n in range(40)], "the sources are ids"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_columns_without_sentences_are_refused(case, tmp_path):
    rows, message = REFUSED[case]
    with pytest.raises(DataError, match=message) as refused:
        load(tmp_path, rows)
    assert str(refused.value).startswith(f"{tmp_path / 'pairs.tsv'}, line 1: ")


def test_the_command_line_names_its_option(tmp_path, run_cli):
    path = written(tmp_path / "pairs.tsv", INDEX)
    done = run_cli("train", "--data", path, "--out", tmp_path / "run")
    assert done.code == 3 and "--columns 2," in done.stderr, done


def test_columns_that_were_chosen_are_said_alone(tmp_path):
    pairs = [(f"number {n}", str(n)) for n in range(100, 200)]
    report = gs.load_corpus(pairs).report
    assert list(report.doubted) == ["about 100% of the targets are numbers, no sentences"]
    assert "  doubtful: about 100% of the targets are numbers" in str(report)
    assert "(first: pair 1)" in str(report)
    with pytest.raises(DataError, match=r"pair 1: about 100%.*strict"):
        gs.load_corpus(pairs, strict=True)


def test_numbers_among_sentences_and_dates_are_no_doubt(true_pairs):
    years = [(str(n), str(n)) for n in range(1900, 1990)]
    assert not doubts_of(true_pairs[:300] + years)
    assert not doubts_of([(f"{n} May 2020", f"2020-05-{n:02}") for n in range(1, 31)] * 2)


FORMATS = {
    "SGML": ['<doc docid="1">', *[f'<seg id="{n}">Two {n}.</seg>' for n in range(30)], "</doc>"],
    "SubRip": [t for n in range(30) for t in (f"{n}", "00:00:01,000 --> 00:00:02,000", f"I {n}.")],
    "JSON": [f'{{"translation": {{"en": "I {n}."}}}}' for n in range(30)],
    "gettext": [t for n in range(30) for t in (f'msgid "I {n}."', f'msgstr "Je {n}."')],
}


@pytest.mark.parametrize("name", FORMATS)
def test_two_files_of_another_format_are_refused(name):
    lines = FORMATS[name]
    with pytest.raises(DataError, match=f"^line [123]: lines of .*{name}.*a sentence a line"):
        report_of([(line, line.replace("I", "Je")) for line in lines])


def test_the_same_text_on_both_sides(true_pairs):
    copies = [(source, source) for source, _ in true_pairs[:200]]
    with pytest.raises(DataError, match="line 1: both sides are the same, as in 200 of 200 pairs"):
        report_of(copies)
    some = report_of(copies[:40] + true_pairs[200:400]).doubted
    (said,) = [doubt for doubt in some if "untranslated" in doubt]
    assert said.startswith("40 targets are the same") and some[said] == "line 1"
    assert not doubts_of([("Tom", "Tom"), ("Rio", "Rio")] * 20 + true_pairs[:100])


# Languages.


def test_swapped_columns_are_refused(true_pairs, tmp_path):
    swapped = [pair[::-1] for pair in true_pairs[:200]]
    with pytest.raises(DataError, match="line 1: the sources read as French, the targets as Engl"):
        load(tmp_path, swapped)
    assert not load(tmp_path, swapped, source_lang="fr", target_lang="en").report.doubted


def test_two_files_in_the_wrong_order_are_refused(true_pairs, tmp_path):
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for path, side in zip(paths, (1, 0)):
        path.write_text("".join(pair[side] + "\n" for pair in true_pairs[:200]), "utf-8")
    with pytest.raises(DataError, match=r"one\.txt.*the two files the other way round"):
        gs.load_corpus(*paths)


@pytest.mark.parametrize("scattered", [True, False])
def test_a_quarter_of_the_lines_swapped(scattered, true_pairs):
    def turned(n):
        return n % 4 == 3 if scattered else 6000 <= n < 8500

    pairs = [pair[::-1] if turned(n) else pair for n, pair in enumerate(true_pairs)]
    (doubt,) = doubts = doubts_of(pairs)
    assert "of the pairs look swapped, French where English belongs" in doubt
    assert 15 <= int(doubt.split("%")[0].split()[-1]) <= 35
    assert scattered or 6001 <= line_in(doubts[doubt]) < 6300


GERMAN = [
    f"{who} {does} {what}."
    for who, does in (("Ich", "sehe nicht"), ("Wir", "haben auch"), ("Sie", "kennen noch"))
    for what in ("den Hund", "die alte Frau", "das rote Haus", "einen Apfel", "mit ihm das Lied")
]


def test_a_third_language(true_pairs):
    german = [(source, GERMAN[n % 15]) for n, (source, _) in enumerate(true_pairs[:300])]
    doubts = doubts_of(german)
    assert (
        "about 100% of the targets look less like French than like German: give target_lang='de' "
        "if they are" in doubts
    )
    assert not [doubt for doubt in doubts_of(german, ("en", "de")) if "look" in doubt]
    mixed = doubts_of(true_pairs[:600] + german[:200])
    (said,) = [doubt for doubt in mixed if "than like German: mend them" in doubt]
    assert line_in(mixed[said]) in range(601, 610)


def test_another_script(true_pairs):
    cyrillic = [(source, "Я не вижу собаку, и он её не видит.") for source, _ in true_pairs[:100]]
    doubts = doubts_of(cyrillic)
    assert any("than like Russian: give target_lang='ru'" in doubt for doubt in doubts)
    assert not any("look" in doubt for doubt in doubts_of(cyrillic, ("en", "ru")))
    thai = [(source, f"ฉันเห็นหมา{n}ตัว") for n, (source, _) in enumerate(true_pairs[:100])]
    assert any("than like Thai script: mend" in doubt for doubt in doubts_of(thai))
    assert not any("look" in doubt for doubt in doubts_of(thai, ("en", "th")))


OWN_WORDS = {
    "en": "I do not know what you have in the house.",
    "fr": "Je ne sais pas ce que vous avez dans la maison.",
    "de": "Ich weiß nicht, was du in dem Haus hast.",
    "es": "No sé lo que ella tiene en la casa, pero es de él.",
    "it": "Non so che cosa hai nella casa, ma è di lui.",
    "pt": "Não sei o que você tem em casa, mas é dela e não do seu pai.",
    "nl": "Ik weet niet wat je in het huis hebt, maar het is van hem.",
    "pl": "Nie wiem, co on ma w domu, ale to jest jego i tylko jego.",
    "ru": "Я не знаю, что у вас в доме, но это его.",
    "zh": "我不知道他在家里有什么。",
    "ja": "彼が家に何を持っているかは知りません。",
    "ko": "나는 그가 집에 무엇을 가지고 있는지 모른다.",
    "el": "Δεν ξέρω τι έχει στο σπίτι, αλλά είναι του φίλου μου.",
    "tr": "Bu evde ne var bilmiyorum ama o çok güzel ve bir de bahçe var.",
}


@pytest.mark.parametrize("code", OWN_WORDS)
def test_a_sentence_is_in_its_language_and_no_other(code):
    seen = words.Seen(OWN_WORDS[code])
    assert seen.other(code) == ""
    for other in OWN_WORDS:
        if other != code:
            assert seen.other(other) not in ("", None), other


@pytest.mark.parametrize(
    "text", ["Tom", "IBM", "1984", "3 + 4 = 7", "", "?", "Paris, Texas", "😀", "Go!", "H2O"]
)
def test_what_is_in_no_language_says_nothing(text):
    for code in "en", "fr", "de", "ru", "zh", "eo":
        assert words.Seen(text).other(code) in ("", None)


def test_a_language_without_words_is_not_judged():
    assert words.Seen(OWN_WORDS["fr"]).other("oc") is None
    assert words.Seen(OWN_WORDS["ru"]).other("oc") == "ru"
    assert words.Seen(OWN_WORDS["ru"]).other("kk") == ""


# Two files of which one has lost a line.


def shifted_pairs(pairs, lost_source, lost_target):
    sources, targets = map(list, zip(*pairs))
    del sources[lost_source : lost_source + 1], targets[lost_target : lost_target + 1]
    return list(zip(sources, targets))


@pytest.mark.parametrize("order", ["as written", "sorted"])
@pytest.mark.parametrize("first", ["source", "target"])
def test_a_line_lost_on_each_side(first, order, true_pairs):
    pairs = sorted(true_pairs, key=lambda p: len(p[0])) if order == "sorted" else true_pairs
    lost = (3333, 6666) if first == "source" else (6666, 3333)
    (doubt,) = doubts = doubts_of(shifted_pairs(pairs, *lost))
    assert f"stand 1 line {'after' if first == 'source' else 'before'} their place" in doubt
    assert abs(line_in(doubts[doubt]) - 3333) < 40
    assert abs(line_in(doubt.split(": one side")[0]) - 6666) < 40


def test_a_line_lost_on_each_side_of_real_sentences(fra_pairs):
    n = len(fra_pairs)
    assert not doubts_of(fra_pairs)
    (doubt,) = doubts = doubts_of(shifted_pairs(fra_pairs, n // 3, 2 * n // 3))
    assert abs(line_in(doubts[doubt]) - n // 3) < 60
    assert abs(line_in(doubt.split(": one side")[0]) - 2 * n // 3) < 60


def test_a_file_that_is_shifted_from_its_first_line(true_pairs):
    sources, targets = zip(*true_pairs[:2000])
    (doubt,) = doubts = doubts_of(list(zip(sources[2:], targets)))
    assert "stand 2 lines after" in doubt and line_in(doubts[doubt]) < 40


def test_two_files_that_have_nothing_to_do_with_each_other(true_pairs):
    sources, targets = map(list, zip(*true_pairs[:2000]))
    random.Random(1).shuffle(targets)
    assert list(doubts_of(list(zip(sources, targets)))) == [
        "the two sides have nothing in common, neither lengths nor marks, digits or names: are "
        "they translations of each other?"
    ]


def test_what_is_kept_of_a_line_by_hand():
    texts = ["", "Tom?", "Is Tom 42?", "is tom 42", "「四十二」！", "A 24 T", ""]
    marks, names, lengths = shifts._classes(texts)
    assert marks.tolist() == [0, 1, 1, 0, 4 + 2, 0, 0]
    assert names[0] == names[1] == names[4] == 0  # T of Tom is the first letter
    assert len({names[2], names[3], 0}) == 3 and names[2] == names[5]
    assert lengths.tolist() == [int(4 * np.log2(len(text) + 1)) for text in texts]


def test_mutual_information_by_hand():
    joint = np.zeros((1, 32, 32))
    joint[0, :2, :2] = [[30, 10], [20, 40]]
    p = joint[0] / 100
    expected = 100 * sum(
        p[a, b] * np.log(p[a, b] / (p[a].sum() * p[:, b].sum())) for a in (0, 1) for b in (0, 1)
    )
    assert shifts._information(joint) == pytest.approx(expected)


# No false alarm.


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3000),
    st.randoms(use_true_random=False),
    st.sampled_from(["drawn", "sorted", "by target", "as written"]),
    st.booleans(),
)
def test_true_pairs_raise_no_alarm(true_pairs, count, draw, order, turned):
    pairs = draw.sample(true_pairs, count) if order != "as written" else true_pairs[:count]
    if order != "drawn" and order != "as written":
        pairs.sort(key=lambda pair: pair[order == "by target"])
    languages = ("fr", "en") if turned else ("en", "fr")
    report = report_of([pair[::-1] for pair in pairs] if turned else pairs, languages, strict=True)
    assert not (report.doubted or report.mended or report.dropped)


def test_real_sentences_raise_no_alarm(fra):
    assert not fra.report.doubted and not fra.report.mended
    assert len(fra.report.dropped) == 2  # the same pair again, and too long


def test_a_couple_of_lines_say_nothing():
    for pairs in [("1", "I see.")] * 2, [("Je ne suis pas là.", "I am not there.")] * 2:
        assert not doubts_of(pairs)
    assert not doubts_of([("Tom", "Tom"), ("Rio", "Rio"), ("Ann", "Ann")])


FEW = {
    "numbers": (lambda en, fr: (str(len(en)), fr), "the sources are numbers"),
    "swapped": (
        lambda en, fr: (fr, en),
        "the sources read as French, the targets as English: exch",
    ),
    "no words": (
        lambda en, fr: (f"q{{{len(fr)}", en),
        "the targets read as English, the sources as no language: say which columns",
    ),
    "the same": (lambda en, fr: (en, en), "both sides are the same, as in"),
    "tags": (lambda en, fr: (f"<seg>{en}</seg>", f"<seg>{fr}</seg>"), "lines of XML or SGML"),
}


@pytest.mark.parametrize("case", FEW)
@pytest.mark.parametrize("count", [3, 5, 9, 12])
def test_few_lines_are_said(case, count):
    """Where a longer file would be refused; ``--strict`` stops there."""
    change, expected = FEW[case]
    pairs = [change(*pair) for pair in OWN_PAIRS[:count]]
    try:
        said = list(doubts_of(pairs))
    except DataError as error:
        assert count >= 10
        said = [str(error)]
    assert len(said) == 1 and expected in said[0]
    with pytest.raises(DataError):
        report_of(pairs, strict=True)


OWN_PAIRS = [
    ("Where is the key to this door?", "Où est la clé de cette porte ?"),
    ("I do not know what you have seen.", "Je ne sais pas ce que vous avez vu."),
    ("The boat is on the lake.", "Le bateau est sur le lac."),
    ("We have been here for an hour.", "Nous sommes ici depuis une heure."),
    ("She is not in the garden.", "Elle n'est pas dans le jardin."),
    ("You can read this in the evening.", "Tu peux lire ça dans la soirée."),
    ("They were at the station with us.", "Ils étaient à la gare avec nous."),
    ("He had a knife in his bag.", "Il avait un couteau dans son sac."),
    ("This is my brother and that is his son.", "C'est mon frère et lui est son fils."),
    ("I will be there if you are.", "Je serai là si vous y êtes."),
    ("What did she say to them?", "Qu'est-ce qu'elle leur a dit ?"),
    ("The cows are not on the road.", "Les vaches ne sont pas sur la route."),
]


LANGUAGES_MIXED = {
    "Chinese as French": (
        "zh",
        "en",
        ("en", "fr"),
        "the targets read as English, the sources as "
        "Chinese: give source_lang='zh' and target_lang='en' if they are",
    ),
    "Chinese as English": (
        "en",
        "zh",
        ("zh", "en"),
        "the sources read as English, the targets as Chinese: exchange the sides",
    ),
}


@pytest.mark.parametrize("case", LANGUAGES_MIXED)
def test_two_languages_neither_where_it_belongs(case):
    """Chinese pairs read as English and French are not said to be French and English."""
    source, target, languages, expected = LANGUAGES_MIXED[case]
    texts = {"zh": "我不知道他在第{}个家里有什么。", "en": "I do not know what he has in house {}."}
    pairs = [(texts[source].format(n), texts[target].format(n)) for n in range(30)]
    with pytest.raises(DataError, match=expected):
        report_of(pairs, languages)


def test_labels_are_no_sentences(true_pairs):
    """The split, the genre, a code of the language, or what a review was judged to be."""
    split = [("dev" if n % 9 == 0 else "train", en) for n, (en, _) in enumerate(true_pairs[:60])]
    with pytest.raises(DataError, match="the sources are 2 labels such as 'train': say which col"):
        report_of(split)
    with pytest.raises(DataError, match="the targets are 1 label such as 'fr': say which columns"):
        report_of([(fr, "fr") for _, fr in true_pairs[:60]])
    many = [("Yes.", fr) for _, fr in true_pairs[:60]]
    assert "look" not in str(report_of(many))


def test_a_side_without_words(true_pairs):
    ids = [(f"doc{n // 10}.{n}", fr) for n, (_, fr) in enumerate(true_pairs[:60])]
    assert list(doubts_of(ids)) == [
        "the sources have no words such as those of English: are they sentences?"
    ]


def test_a_first_line_that_may_be_a_header(true_pairs):
    said = doubts_of([("Satz A", "Satz B"), *true_pairs[:30]])
    assert said == {"'Satz A' and 'Satz B' may name columns: take the line out": "line 1"}
    words = [(en.split()[0], fr.split()[0]) for en, fr in true_pairs[:30]]
    assert not any("may name" in doubt for doubt in doubts_of([("Satz A", "Satz B"), *words]))


@pytest.mark.parametrize("marks", ['""', "''", "“”", "«»", "„“", "「」"])
def test_quotes_of_any_kind_at_both_ends(marks, true_pairs):
    pairs = [tuple(f"{marks[0]}{side}{marks[1]}" for side in pair) for pair in true_pairs[:60]]
    report = report_of(pairs)
    if marks[0] == marks[1]:
        assert report.mended == {"quotes around the fields of a table, taken off": 60}
    else:
        assert sum("100% of the" in doubt and "in quotes" in doubt for doubt in report.doubted) == 2


# Markup, quotes, headers.


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Don&apos;t say &quot;no&quot;.", 'Don\'t say "no".'),
        ("a &#124; b &#91; c &#x5D;", "a | b [ c ]"),
        ("&amp;apos; and &amp;amp;lt;", "' and <"),
        ("<b>Bold</b>, <i class='x' id=\"y\">thin</i>", "Bold, thin"),
        ("one<br/>two<BR>three", "one two three"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("H<sub>2</sub>O <ph x='1'/>", "H2O "),
        ("AT&T and R&B; a < b, b>c, I <3 you, x<y>z", None),
        ("<eos> </s> <unk> &foo; & ;", None),
        ("if a <b and c> d", None),
    ],
)
def test_entities_and_tags(text, expected):
    after, first = markup.mended(text)
    assert after == (text if expected is None else expected)
    assert bool(first) == (expected is not None) and first in text


@given(
    st.lists(
        st.sampled_from(
            ["&", "amp;", "lt;", "gt;", "#38;", "b", "<", ">", "/", " ", "br", "é", '"']
        )
    ).map("".join)
)
def test_what_was_mended_is_not_mended_again(text):
    after, _ = markup.mended(text)
    assert markup.mended(after) == (after, "")


def test_markup_is_counted_with_its_first_place(true_pairs, tmp_path):
    rows = [*true_pairs[:200], ("I don&apos;t <b>see</b>.", "Je ne vois <i>pas</i>.")]
    report = load(tmp_path, rows).report
    assert report.mended == {"markup, taken out": 2}
    assert report.first["markup, taken out"].endswith("line 201")
    sources = pairs_of(load(tmp_path, rows).train + load(tmp_path, rows).dev)
    assert not any("&" in text or "<" in text for pair in sources for text in pair)
    with pytest.raises(DataError, match=r"line 201: markup.*strict"):
        load(tmp_path, rows, strict=True)


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def test_a_quoted_table(true_pairs):
    pairs = [*true_pairs[:100], ('He says "no".', 'Il dit "non".')]
    table = [tuple(map(quoted, pair)) for pair in pairs]
    cut = ('"The first line.', "")
    report = cleaning.CleaningReport()
    places = ((f"line {n}", pair) for n, pair in enumerate([*table, cut], 1))
    assert [pair for _, pair in Doubts(("en", "fr"), report).watched(places)] == pairs
    assert report.mended == {"quotes around the fields of a table, taken off": 101}
    assert report.dropped == {"a field in quotes that goes on in the next line": 1}
    half = [pair if n % 3 else table[n] for n, pair in enumerate(true_pairs[:100])]
    assert not doubts_of(half)
    most = [table[n] if n % 3 else pair for n, pair in enumerate(true_pairs[:100])]
    assert any("of the targets are in quotes" in doubt for doubt in doubts_of(most))


@pytest.mark.parametrize(
    "header", [("English", "French"), ("source", "target"), ("en", "fr"), ("SRC", "TGT")]
)
def test_a_header_is_dropped_and_counted(header, true_pairs):
    for pairs in [header, *true_pairs[:30]], [*true_pairs[:30], header, *true_pairs[30:60]]:
        report = report_of(pairs)
        assert report.noted == {"a header line": 1} and not report.dropped
    with pytest.raises(DataError, match=f"line 1: the header names '{header[1]}' first"):
        report_of([header[::-1], *true_pairs[:3]])


def test_words_are_no_header():
    pairs = [("English", "anglais"), ("source", "origine"), ("French", "français"), ("on", "en")]
    assert not report_of(pairs).dropped
    assert shapes.names_of_columns(("en", "fr"))[0] >= {"en", "English", "SOURCE", "src"}


def test_a_target_of_very_many_sources(tmp_path):
    rows = [[f"I see {n} cats.", f"Je vois {n} chats."] for n in range(1000)]
    assert not load(tmp_path, rows).report.doubted
    rows[:200] = [[f"I see {n} cats.", "Cliquez ici."] for n in range(200)]
    (doubt,) = load(tmp_path, rows).report.doubted
    assert "200 sources have the same target, 'Cliquez ici.'" in doubt
    with pytest.raises(DataError, match="200 sources have the same target"):
        load(tmp_path, rows, strict=True)


def test_what_fails_in_reading_does_so_after_the_lines_before_it():
    def failing():
        yield "line 1", ("I see.", "Je vois.")
        raise DataError("line 2: not UTF-8")

    watched = Doubts(("en", "fr"), cleaning.CleaningReport()).watched(failing())
    assert next(watched)[0] == "line 1"
    with pytest.raises(DataError, match="line 2"):
        next(watched)


@pytest.mark.parametrize(
    "name, sha256",
    [
        ("tiny", "36c88d62981a92d96bf5ce444a49902517f94edcaefbaa1b2ea8d79bb90658a2"),
        ("mini", "8c44f2eca7a36ec38733ffe4674997dd755bb4cd9f1fd3e65a1203f92ad6c1d0"),
    ],
)
def test_nothing_else_is_changed(name, sha256):
    assert gs.load_corpus(name, strict=True).sha256() == sha256


def test_nothing_else_is_changed_in_real_sentences(fra):
    expected = "5d6bd74c954235d0c81c18e8a5d063025a4270af284d9d2e6035add4801d50df"
    assert fra.sha256() == expected
