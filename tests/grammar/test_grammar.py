"""The grammar: French written by hand against what it writes, and probabilities that add up."""

import math
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from gluon_seq2seq import DataError
from gluon_seq2seq.resources import data_folder
from gluon_seq2seq.text.tokenizer import Tokenizer
from tools.grammar import french, mini
from tools.grammar.hidden import outcomes
from tools.grammar.lexicon import load_lexicon
from tools.grammar.sampler import Sampler
from tools.grammar.structure import (
    Action,
    Both,
    Clause,
    Identity,
    Name,
    NounPhrase,
    Place,
    Pronoun,
    Quality,
    Sentence,
)
from tools.grammar.synchronous import translations

ENGLISH, FRENCH = Tokenizer("en"), Tokenizer("fr")
SEEN = ("train", "train-more")


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon()


@pytest.fixture(scope="module")
def words(lexicon):
    """``words("dog")``: the word of the lexicon."""

    def find(english, tables=("nouns", "adjectives", "verbs", "adverbs", "prepositions")):
        for table in tables:
            for word in getattr(lexicon, table):
                if english in (getattr(word, "singular", None), getattr(word, "english", None)):
                    return word
        raise KeyError(english)

    return find


def both_sides(sentence, lexicon):
    """The English text and ``{French text: probability}``."""
    tokens, references = translations(sentence, lexicon)
    return ENGLISH.detokenize(tokens), {
        FRENCH.detokenize(r.tokens): round(r.probability, 9) for r in references
    }


# French forms, against a grammar book's tables.

CONJUGATIONS = {
    ("eat", "present"): "mange manges mange mangeons mangez mangent",
    ("eat", "imparfait"): "mangeais mangeais mangeait mangions mangiez mangeaient",
    ("eat", "futur"): "mangerai mangeras mangera mangerons mangerez mangeront",
    ("laugh", "imparfait"): "riais riais riait riions riiez riaient",
    ("buy", "present"): "achète achètes achète achetons achetez achètent",
    ("buy", "imparfait"): "achetais achetais achetait achetions achetiez achetaient",
    ("buy", "futur"): "achèterai achèteras achètera achèterons achèterez achèteront",
    ("see", "imparfait"): "voyais voyais voyait voyions voyiez voyaient",
    ("see", "futur"): "verrai verras verra verrons verrez verront",
    ("go", "present"): "vais vas va allons allez vont",
    ("go", "imparfait"): "allais allais allait allions alliez allaient",
    ("go", "futur"): "irai iras ira irons irez iront",
    ("wait", "futur"): "attendrai attendras attendra attendrons attendrez attendront",
    ("prefer", "futur"): "préférerai préféreras préférera préférerons préférerez préféreront",
    (
        "know",
        "imparfait",
    ): "connaissais connaissais connaissait connaissions connaissiez connaissaient",
    ("have", "futur"): "aurai auras aura aurons aurez auront",
    ("run", "futur"): "courrai courras courra courrons courrez courront",
    ("come back", "futur"): "reviendrai reviendras reviendra reviendrons reviendrez reviendront",
    ("drink", "imparfait"): "buvais buvais buvait buvions buviez buvaient",
}


@pytest.mark.parametrize(("verb", "tense"), CONJUGATIONS)
def test_conjugation(verb, tense, words):
    forms = [french.conjugate(words(verb, ["verbs"]), tense, slot) for slot in range(6)]
    assert " ".join(forms) == CONJUGATIONS[verb, tense]


@pytest.mark.parametrize(
    ("verb", "forms"),
    {
        "leave": "parti partie partis parties",
        "understand": "compris comprise compris comprises",
        "open": "ouvert ouverte ouverts ouvertes",
        "go": "allé allée allés allées",
    }.items(),
)
def test_participles(verb, forms, words):
    verb = words(verb, ["verbs"])
    made = [french.past_participle(verb, g, plural) for plural in (False, True) for g in "mf"]
    assert " ".join(made) == forms


@pytest.mark.parametrize(
    ("apart", "met"),
    {
        "je aime": "j' aime",
        "le homme": "l' homme",
        "le héros": "le héros",
        "de le hôtel": "de l' hôtel",
        "de le hibou": "du hibou",
        "à les enfants": "aux enfants",
        "de les œufs": "des œufs",
        "ne habite": "n' habite",
        "est -ce que elle": "est -ce qu' elle",
        "ce est": "c' est",
        "ce sont": "ce sont",
        "je ne le ai": "je ne l' ai",
        "de la eau": "de l' eau",
        "de Anne": "d' Anne",
    }.items(),
)
def test_elision_and_contraction(apart, met, lexicon):
    tokens = [(word, (i,)) for i, word in enumerate(apart.split())]
    assert " ".join(word for word, _ in french.meet(tokens, lexicon.aspirated)) == met


# Whole sentences, with translations and probabilities by hand.


def test_the_seed_sentence(lexicon, words):
    sentence = Sentence((Clause(Pronoun("they"), Action(words("watch")), "present progressive"),))
    assert both_sides(sentence, lexicon) == (
        "They are watching.",
        {"Ils regardent.": 0.7, "Elles regardent.": 0.3},
    )
    _, (reference, _) = translations(sentence, lexicon)
    assert reference.alignment == ((0, 0), (1, 1), (2, 1), (3, 2))


def test_negation_surrounds_the_auxiliary_and_the_clitic(lexicon, words):
    she, them, see = Pronoun("she"), Pronoun("they"), words("see")
    (slot,) = see.frames[0]
    sentence = Sentence((Clause(she, Action(see, ((slot, them),)), "past", negative=True),))
    assert both_sides(sentence, lexicon) == (
        "She did not see them.",
        {"Elle ne les a pas vus.": 0.7, "Elle ne les a pas vues.": 0.3},
    )
    _, (reference, _) = translations(sentence, lexicon)
    # She=Elle, did=nothing, not=ne pas, see=a vus, them=les
    assert reference.alignment == ((0, 0), (2, 1), (2, 4), (3, 3), (3, 5), (4, 2), (5, 6))


def test_you_is_one_person_throughout(lexicon, words):
    have = words("have", ["verbs"])
    dog = NounPhrase(words("dog"), False, "your", (words("old", ["adjectives"]),))
    (slot,) = words("watch").frames[1]
    sentence = Sentence((Clause(Pronoun("you"), Action(words("watch"), ((slot, dog),)), "future"),))
    assert have.auxiliary == "avoir"
    assert both_sides(sentence, lexicon) == (
        "You will watch your old dog.",
        {"Tu regarderas ton vieux chien.": 0.6, "Vous regarderez votre vieux chien.": 0.4},
    )


def test_it_agrees_with_whichever_noun_is_meant(lexicon, words):
    bike = NounPhrase(words("bike"), False, "the")
    old, green = words("old", ["adjectives"]), words("green")
    sentence = Sentence(
        (
            Clause(bike, Quality(old), "present"),
            Clause(Pronoun("it", bike), Quality(green), "present", negative=True),
        ),
        ("but",),
    )
    assert both_sides(sentence, lexicon) == (
        "The bike is old but it is not green.",
        {
            "Le vélo est vieux mais il n'est pas vert.": 0.7,
            "La bicyclette est vieille mais elle n'est pas verte.": 0.3,
        },
    )


def test_mixed_company_is_masculine(lexicon, words):
    friend = NounPhrase(words("friend"), False, "my")
    pair = Both(Name("Marie", "f"), friend)
    sentence = Sentence((Clause(pair, Action(words("leave")), "past"),))
    assert both_sides(sentence, lexicon) == (
        "Marie and my friend left.",
        {"Marie et mon ami sont partis.": 0.6, "Marie et mon amie sont parties.": 0.4},
    )


def phrase_cases():
    """``(noun, plural, determiner, adjectives, negated) -> English, French``."""
    return [
        ("dog", False, "a", [], False, "a dog", "un chien"),
        ("dog", True, "some", [], False, "some dogs", "des chiens"),
        ("dog", True, "some", ["beautiful"], False, "some beautiful dogs", "de beaux chiens"),
        ("dog", True, "some", ["black"], False, "some black dogs", "des chiens noirs"),
        ("dog", False, "a", [], True, "a dog", "de chien"),
        ("bread", False, "some", [], False, "some bread", "du pain"),
        ("bread", False, "some", [], True, "any bread", "de pain"),
        ("water", False, "some", ["cold"], False, "some cold water", "de l'eau froide"),
        ("water", False, "some", [], True, "any water", "d'eau"),
        ("man", False, "this", ["old"], False, "this old man", "ce vieil homme"),
        ("man", False, "this", [], False, "this man", "cet homme"),
        ("hero", False, "this", [], False, "this hero", "ce héros"),
        ("axe", False, "my", [], False, "my axe", "ma hache"),
        ("scarf", False, "my", [], False, "my scarf", "mon écharpe"),
        ("scarf", False, "my", ["new"], False, "my new scarf", "ma nouvelle écharpe"),
        ("bird", False, "a", ["beautiful", "white"], False, "a beautiful white bird",
         "un bel oiseau blanc"),
        ("tree", True, "these", ["old"], False, "these old trees", "ces vieux arbres"),
        ("apple", True, "all", [], False, "apples", "les pommes"),
        ("apple", True, "two", ["green"], False, "two green apples", "deux pommes vertes"),
        ("egg", False, "a", [], False, "an egg", "un œuf"),
        ("actor", False, "the", ["honest"], False, "the honest actor", "l'acteur honnête"),
        ("actor", False, "a", ["honest"], False, "an honest actor", "un acteur honnête"),
    ]  # fmt: skip


@pytest.mark.parametrize("case", phrase_cases(), ids=lambda case: f"{case[5]}: {case[6]}")
def test_noun_phrases(case, lexicon, words):
    noun, plural, determiner, adjectives, negated, english, expected = case
    determiner = "this" if determiner == "these" else determiner
    adjectives = tuple(words(a, ["adjectives"]) for a in adjectives)
    phrase = NounPhrase(words(noun, ["nouns"]), plural, determiner, adjectives)
    see = words("see")
    (slot,) = see.frames[0]
    sentence = Sentence(
        (Clause(Name("Paul", "m"), Action(see, ((slot, phrase),)), "present", negated),)
    )
    text, references = both_sides(sentence, lexicon)
    verb = "does not see" if negated else "sees"
    assert text == f"Paul {verb} {english}."
    around = ("ne voit pas" if negated else "voit") + " " + expected
    assert references == {f"Paul {around}.": 1.0}


def test_after_etre_the_article_stays(lexicon, words):
    cats = NounPhrase(words("cat"), True, "some")
    sentence = Sentence((Clause(None, Identity(cats), "present", negative=True),))
    assert both_sides(sentence, lexicon) == (
        "These are not cats.",
        {"Ce ne sont pas des chats.": 1.0},
    )


def test_places_and_owners(lexicon, words):
    teacher = NounPhrase(words("doctor"), False, "the")
    house = NounPhrase(words("house"), False, "'s", (words("white"),), teacher)
    next_to = words("next to")
    sentence = Sentence((Clause(Pronoun("he"), Place(next_to, house), "past"),))
    assert both_sides(sentence, lexicon) == (
        "He was next to the doctor's white house.",
        {"Il était à côté de la maison blanche du médecin.": 1.0},
    )
    _, (reference,) = translations(sentence, lexicon)
    assert {(6, 8), (6, 5)} <= set(reference.alignment)  # 's = du, la


def test_questions_and_adverbs(lexicon, words):
    sentence = Sentence(
        (
            Clause(
                Pronoun("she"),
                Action(words("work")),
                "past",
                adverb=words("every day", ["adverbs"]),
            ),
        ),
        question="where",
    )
    assert both_sides(sentence, lexicon) == (
        "Where did she work every day?",
        {"Où est-ce qu'elle travaillait tous les jours ?": 1.0},
    )


# Probabilities.


def test_outcomes_walks_every_way_once():
    def render(choices):
        first = choices.choose("a", "coin", ((0, 0.25), (1, 0.75)))
        if first:
            return first, choices.choose("b", "die", (("x", 0.5), ("y", 0.3), ("z", 0.2)))
        return first, choices.choose("a", "coin", ((0, 0.25), (1, 0.75)))

    found = {result: choices.probability for choices, result in outcomes(render)}
    assert found == pytest.approx({(0, 0): 0.25, (1, "x"): 0.375, (1, "y"): 0.225, (1, "z"): 0.15})


def test_an_english_sentence_has_one_meaning(lexicon):
    """So that the probabilities given a structure are those given the sentence."""
    sampler, seen = Sampler(lexicon, "one meaning"), {}
    for _ in range(4000):
        tokens, references = translations(sampler.sentence(), lexicon)
        distribution = {r.tokens: round(r.probability, 9) for r in references}
        assert seen.setdefault(tokens, distribution) == distribution, tokens
        assert math.isclose(sum(distribution.values()), 1, abs_tol=1e-9)


@pytest.fixture(scope="module")
def sets():
    """The bundled corpus, written anew."""
    return mini.build()


@pytest.mark.slow
def test_a_count_model_reaches_the_entropy_floor(sets):
    """A model that knows which choices there are, but not how likely, learns that by counting.

    Expectation-maximisation on the 10,000 training pairs: a French sentence does not always show
    which way led to it. On the pairs of the other sets its cross-entropy is the stated entropy, or
    the stated probabilities are not those of the corpus. (Of unknown words it can know nothing.)
    """
    train = [pair for name, pairs in sets.items() if name in SEEN for pair in pairs]
    test = [
        pair for name, pairs in sets.items() if name not in (*SEEN, "unknown") for pair in pairs
    ]
    assert len(train) == 10_000 and len(test) > 3000
    options = defaultdict(set)
    for pair in train + test:
        for reference in pair.references:
            for way in reference.choices:
                for kind, option in way:
                    options[kind].add(option)
    p = {(kind, o): 1 / len(values) for kind, values in options.items() for o in values}

    def way_probability(way):
        return math.prod(p[choice] for choice in way)

    drawn = Counter(pair.drawn.choices for pair in train)
    for _ in range(15):
        counts = Counter(dict.fromkeys(p, 0.5))  # none is impossible
        for ways, times in drawn.items():
            weights = [way_probability(way) for way in ways]
            for way, weight in zip(ways, weights):
                for choice in way:
                    counts[choice] += times * weight / sum(weights)
        totals = Counter()
        for (kind, _), count in counts.items():
            totals[kind] += count
        p = {choice: counts[choice] / totals[choice[0]] for choice in p}

    loss = -sum(math.log(sum(map(way_probability, pair.drawn.choices))) for pair in test) / len(
        test
    )
    floor = sum(
        -r.probability * math.log(r.probability) for pair in test for r in pair.references
    ) / len(test)
    assert 0.1 < floor < 0.5
    assert abs(loss - floor) < 0.02
    assert p["they", options_of(options, "they", "m")] == pytest.approx(0.7, abs=0.03)


def options_of(options, kind, gender):
    (option,) = (o for o in options[kind] if o.gender == gender)
    return option


# The files.


@pytest.mark.slow
def test_the_same_bytes_again(sets, tmp_path):
    mini.write(sets, tmp_path)
    bundled = data_folder() / "mini"
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in bundled.iterdir()} - {"README.md"}
    for name in names:
        assert (tmp_path / name).read_bytes() == (bundled / name).read_bytes(), name


def test_another_seed_draws_other_sentences(lexicon):
    first, second, again = (Sampler(lexicon, seed).sentence() for seed in ("a", "b", "a"))
    assert first == again != second


LINES = {
    "nouns.tsv": [
        ("dog\tdogs\tchien\tchiens\tm\tx\t1\tanimal\t-", "h is 'x'"),
        ("owl\towls\thibou\thiboux\tm\t-\t1\tanimal\t-", "h is '-'"),
        ("dog\tdogs\tchien\tchiens\tn\t-\t1\tanimal\t-", "gender is 'n'"),
        ("dog\tdogs\tchien\tchiens\tm\t-\t0.7\tanimal\t-", "do not sum to 1"),
        ("dog\tdogs\tchien\tchiens\tm\t-\tmost\tanimal\t-", "share is not a number"),
        ("dog\tdogs\tchien\t-\tm\t-\t1\tanimal\t-", "plural in both"),
        ("dog\tdogs\tchien\tm\t-\t1\tanimal\t-", "needs 9 cells"),
        ("car\tcars\tauto\tautos\tf\t-\t0.5\tvehicle\t-", "differs from that of its first line"),
        ("cat\tcats\tchat\tchats\tm\t-\t1\tanimal\t-", "has a line already"),
    ],
    "verbs.tsv": [
        ("bark\tbarks\tbarked\tbarked\tbarking\taboyer\taboie\t-\t-\tavoir\t-\tactivity\tanimal\t-\t-",
         "six forms"),
        ("go\tgoes\twent\tgone\tgoing\taller\t-\tir\tallé\têtre\t-\tactivity\tperson\t-\t-",
         "six forms"),
        ("bark\tbarks\tbarked\tbarked\tbarking\thurler\t-\t-\t-\tavoir\t-\tactivity\tanimal\t-\t-",
         "h is '-'"),
        ("bark\tbarks\tbarked\tbarked\tbarking\taboyer\t-\t-\t-\tavoir\t-\tactivity\tdragon\t-\t-",
         "no noun is of kind dragon"),
        ("bark\tbarks\tbarked\tbarked\tbarking\taboyer\t-\t-\t-\tavoir\t-\tsound\tanimal\t-\t-",
         "aspect is 'sound'"),
    ],
    "adjectives.tsv": [
        ("odd\tétrange\tétrange\tétranges\tétrang\tafter\t-\tage\tanimal\t-", "before the noun"),
        ("odd\tétrange\tétrange\tétranges\t-\tbeside\t-\tage\tanimal\t-", "position is 'beside'"),
    ],
    "adverbs.tsv": [("soon\tbientôt\tnow\tend", "time is 'now'")],
    "prepositions.tsv": [("over\tau-dessus de\tanimal\tmoon", "no noun is of kind moon")],
    "names.tsv": [("Max\tx", "gender is 'x'")],
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "line", "complaint"),
    [(table, line, complaint) for table, cases in LINES.items() for line, complaint in cases],
)
def test_a_bad_line_is_refused_with_its_number(table, line, complaint, tmp_path):
    for path in (data_folder() / "lexicon").glob("*.tsv"):
        content = path.read_text("utf-8")
        if path.name == table:
            first = line.split("\t")[0]
            kept = [row for row in content.splitlines() if row.split("\t")[0] != first]
            if "already" in complaint or "differs" in complaint:
                kept = content.splitlines()
            content = "\n".join([*kept, line]) + "\n"
            number = len(kept) + 1
        Path(tmp_path, path.name).write_text(content, "utf-8")
    with pytest.raises(DataError) as error:
        load_lexicon(tmp_path)
    assert complaint in str(error.value)
    assert f"{table}, line {number}:" in str(error.value)


def test_a_missing_table(tmp_path):
    with pytest.raises(DataError, match=r"nouns\.tsv: cannot"):
        load_lexicon(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("kept")
    command = [sys.executable, "-m", "tools.grammar", "--out", str(tmp_path / "file")]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    message = done.stderr.decode("utf-8")
    assert done.returncode == 5 and message.count("\n") == 1
    assert f"cannot write {tmp_path / 'file'}" in message
    assert (tmp_path / "file").read_text() == "kept"
