"""The bundled corpus has no complaint; the linter finds planted errors, and says what it cannot."""

import json
import re
import unicodedata

import pytest

from gluon_seq2seq.resources import data_folder
from tools.grammar import linter

WORDS = linter.Words()


@pytest.mark.slow
def test_the_bundled_corpus_has_no_complaint():
    assert linter.lint(data_folder() / "mini") == []


# Sentences.

DISAGREE, PERSON = "adjective and noun disagree", "disagree in person or number"
PREDICATE, PARTICIPLE = "predicate and subject disagree", "participle and subject disagree"
CLITIC = "participle and the object before it disagree"
PAS = "pas stands elsewhere than after the finite verb"
UNREADABLE = "the sentence cannot be read on from here"

FRENCH = [  # a right sentence, a wrong one, what it is accused of
    # Determiner, adjective, noun.
    ("Les hommes regardent.", "Les homme regardent.", f"Les homme: .*{DISAGREE}"),
    ("La fille chante.", "Le fille chante.", f"Le fille: .*{DISAGREE}"),
    ("Ma fille chante.", "Mon fille chante.", f"Mon fille: .*{DISAGREE}"),
    ("Nos amies chantent.", "Notre amies chantent.", f"Notre amies: .*{DISAGREE}"),
    ("Il a deux chats.", "Il a deux chat.", f"deux chat: .*{DISAGREE}"),
    ("Elle va à la gare.", "Elle va au gare.", f"au gare: .*{DISAGREE}"),
    ("Elle lave la robe verte.", "Elle lave la robe vert.", f"la robe vert: .*{DISAGREE}"),
    ("Les jeunes filles rient.", "Les jeune filles rient.", f"Les jeune filles: .*{DISAGREE}"),
    ("Le chat de ma sœur dort.", "Le chat de mes sœur dort.", f"mes sœur: .*{DISAGREE}"),
    ("Il lave le vélo rouge.", "Il lave le rouge vélo.", "rouge: .* other side of the noun"),
    ("Il mange une pomme.", "Il mange pomme.", "pomme: a determiner is missing"),
    # Forms before a vowel sound.
    ("Mon amie chante.", "Ma amie chante.", "ma amie: mon is due"),
    ("Cet homme chante.", "Ce homme chante.", "ce homme: cet is due"),
    ("Ce hibou dort.", "Cet hibou dort.", "cet hibou: ce is due"),
    ("Un bel homme chante.", "Un beau homme chante.", "beau homme: another form is due"),
    ("Un vieil ami dort.", "Un vieux ami dort.", "vieux ami: another form is due"),
    ("Un nouveau héros dort.", "Un nouvel héros dort.", "nouvel héros: .* for a vowel sound only"),
    ("Elle va à l'hôtel.", "Elle va au hôtel.", "au hôtel: à l' is due"),
    # Predicates and participles.
    ("Les filles sont tristes.", "Les filles sont triste.", f"filles … triste: {PREDICATE}"),
    ("Anne et Paul sont grands.", "Anne et Paul sont grandes.", f"Paul … grandes: {PREDICATE}"),
    ("Anne et Julie sont belles.", "Anne et Julie sont beaux.", f"Julie … beaux: {PREDICATE}"),
    ("La porte était ouverte.", "La porte était ouvert.", f"porte … ouvert: {PREDICATE}"),
    ("Les filles sont arrivées.", "Les filles sont arrivés.", f"filles … arrivés: {PARTICIPLE}"),
    ("Elle n'est pas partie.", "Elle n'est pas parti.", f"Elle … parti: {PARTICIPLE}"),
    ("Paul et Anne sont sortis.", "Paul et Anne sont sorties.", f"Anne … sorties: {PARTICIPLE}"),
    ("Nous sommes venues.", "Nous sommes venue.", f"Nous … venue: {PARTICIPLE}"),
    ("Elle les a vus.", "Elle les a vu.", f"les … vu: {CLITIC}"),
    ("Elle vous a aidés.", "Elle leur a aidés.", f"leur … aidés: {CLITIC}"),
    ("Elle a vu les filles.", "Elle a vues les filles.", f"no object … vues: {CLITIC}"),
    ("Elle nous a téléphoné.", "Elle nous a téléphonés.", f"nous … téléphonés: {CLITIC}"),
    ("Elle est arrivée.", "Elle a arrivé.", "arrivé: the other auxiliary is due"),
    ("Elle a mangé.", "Elle est mangée.", "mangée: the other auxiliary is due"),
    # Verbs.
    ("Les garçons mangent.", "Les garçons mange.", f"Les garçons … mange: .*{PERSON}"),
    ("Tu regardes le film.", "Tu regarde le film.", f"Tu … regarde: .*{PERSON}"),
    ("Marie et Paul chantent.", "Marie et Paul chante.", f"Marie et Paul … chante: .*{PERSON}"),
    ("Nous étions fatigués.", "Nous étaient fatigués.", f"Nous … étaient: .*{PERSON}"),
    ("Vous verrez le chat.", "Vous verrons le chat.", f"Vous … verrons: .*{PERSON}"),
    ("Le chat des filles dort.", "Le chat des filles dorment.", f"chat … dorment: .*{PERSON}"),
    ("Il dort mais nous rions.", "Il dort mais nous rit.", f"nous … rit: .*{PERSON}"),
    ("Ils n'ont pas dansé.", "Ils n'a pas dansé.", f"Ils … a: .*{PERSON}"),
    ("Ce sont des chats.", "C'est des chats.", "est des chats: verb and noun after ce"),
    ("Nous nageons.", "Nous nagons.", "nagons: unknown word"),
    ("Ils écrivent une lettre.", "Ils écrirent une lettre.", "écrirent: unknown word"),
    ("Elle cherche Paul.", "Elle cherche.", "cherche: nothing follows this verb"),
    ("Il répond à la fille.", "Il répond la fille.", "répond: a preposition is missing"),
    # Elision and contraction.
    ("J'aime le lait.", "Je aime le lait.", "je aime: elision is missing"),
    ("L'horloge est belle.", "La horloge est belle.", "la horloge: elision is missing"),
    ("Il n'aime pas le lait.", "Il ne aime pas le lait.", "ne aime: elision is missing"),
    ("Est-ce qu'il dort ?", "Est-ce que il dort ?", "que il: elision is missing"),
    ("C'est un chat.", "Ce est un chat.", "ce est: elision is missing"),
    ("Le héros dort.", "L'héros dort.", "l'héros: elision before a consonant"),
    ("Elle a la hache.", "Elle a l'hache.", "l'hache: elision before a consonant"),
    ("Je dors.", "J'dors.", "j'dors: elision before a consonant"),
    ("Elle va au musée.", "Elle va à le musée.", "à le: contraction is missing, au"),
    ("Il parle aux filles.", "Il parle à les filles.", "à les: contraction is missing, aux"),
    ("Elle vient du musée.", "Elle vient de le musée.", "de le: contraction is missing, du"),
    # Negation and articles.
    ("Il ne mange pas.", "Il ne mange.", "mange: ne without pas"),
    ("Il ne mange pas.", "Il mange pas.", "mange: pas without ne"),
    ("Il ne mange pas.", "Il ne pas mange.", f"mange: {PAS}"),
    ("Il n'a pas mangé.", "Il n'a mangé pas.", f"a: {PAS}"),
    ("Il n'a pas de pomme.", "Il n'a pas une pomme.", "une pomme: de is due after a negation"),
    ("Il ne mange pas de pain.", "Il ne mange pas du pain.", "du pain: de is due after a negation"),
    ("Elle a de petits chats.", "Elle a des petits chats.", "des petits chats: de is due before"),
    ("Il mange du pain.", "Il mange de pain.", "de pain: de needs a negation"),
    # Order.
    ("Il lui a répondu.", "Il a lui répondu.", f"lui: {UNREADABLE}"),
    ("Il a déjà mangé.", "Il a mangé déjà.", f"déjà: {UNREADABLE}"),
    ("Elle les voit.", "Elle les les voit.", "les: said twice"),
    # Letters, spaces and marks.
    ("Est-ce qu'il dort ?", "Est-ce qu'il dort?", "a space is missing before"),
    ("Il boit de l'eau.", "Il  boit de l'eau.", "doubled space"),
    ("Hier, il dormait.", "Hier , il dormait.", "a space too many or too few"),
    ("Il boit de l'eau.", "Il boit de l’eau.", "strange character '’'"),
    ("Il boit de l'eau.", "il boit de l'eau.", "no capital at the start"),
    ("Il voit Marie.", "Il voit marie.", "cannot be read|a determiner is missing"),
    ("Il dort.", "Il dort", "one . or \\? is due, at the end"),
    ("Il dort.", "Il dort ?", "not the mark that closes"),
    ("Il a un café.", unicodedata.normalize("NFD", "Il a un café."), "not in NFC"),
    ("Il a un café.", "Il a un cafe.", "cafe: unknown word"),
]

ENGLISH = [
    ("The boys are sleeping.", "The boys is sleeping.", "The boys … is: verb and subject disagree"),
    ("They were sleeping.", "They was sleeping.", "They … was: verb and subject disagree"),
    ("She sees a cat.", "She see a cat.", "She … see: verb and subject disagree"),
    ("Paul and Anne sing.", "Paul and Anne sings.", "Anne … sings: verb and subject disagree"),
    ("Has he slept?", "Have he slept?", "he … have: verb and subject disagree"),
    ("He does not sleep.", "He do not sleep.", "He … do: verb and subject disagree"),
    ("He does not sleep.", "He does not sleeps.", "does sleeps: the verb's base form"),
    ("He is sleeping.", "He is sleep.", "is sleep: another form of the verb"),
    ("He sleeps.", "He sleeping.", "He sleeping: an auxiliary is missing"),
    ("These boys sleep.", "These boy sleep.", "These boy: determiner and noun disagree"),
    ("She has an axe.", "She has a axe.", "a axe: an is due"),
    ("She has a house.", "She has an house.", "an house: a is due"),
    ("An honest boy sleeps.", "A honest boy sleeps.", "a honest: an is due"),
    ("He has a dog.", "He has dog.", "dog: a determiner is missing"),
    ("Where is he going?", "Where he is going?", f"he: {UNREADABLE}"),
    ("Where is he?", "Where is he ?", "no space before"),
    ("He sees the cat.", "He sees the Cat.", "capital in Cat"),
]

ALL = [(linter.lint_french, *case) for case in FRENCH]
ALL += [(linter.lint_english, *case) for case in ENGLISH]


@pytest.mark.parametrize("lint, right, wrong, complaint", ALL)
def test_a_planted_error_is_the_only_complaint(lint, right, wrong, complaint):
    assert lint(right, WORDS) == []
    found = lint(wrong, WORDS)
    assert len(found) == 1 and re.search(complaint, found[0]), found


@pytest.mark.parametrize(
    "sentence",
    [
        "Nous mangions les œufs et vous préfériez la soupe.",
        "Elle ne parle pas des filles de la gare.",
        "Il n'est pas venu de la gare de l'hôpital.",
        "Ce ne sont pas de vieilles voitures.",
        "De vieux héros dorment.",
        "Nous voulons du lait et de la soupe et la vieille robe est sale.",
        "Elle a bu de l'eau et du café ce matin.",
        "Je suis arrivée parce que tu es parti.",
        "Vous êtes tristes mais vous étiez heureuse.",
        "L'enfant est malade et l'enfant est heureuse.",
        "Hier, l'enfant du médecin ne l'avait pas.",
        "Elle est toujours à côté du vélo de l'étudiante.",
        "Je suis le chien et je ne suis pas un chien.",
        "La porte est ouverte mais Marie l'a ouverte.",
        "Pourquoi est-ce que la table est près de l'armoire ?",
    ],
)
def test_a_right_sentence_of_some_difficulty_has_no_complaint(sentence):
    assert linter.lint_french(sentence, WORDS) == []


# Pairs.

SOURCE, TARGET = "She often sleeps.", "Elle dort souvent."
PAIR = "0-0 1-2 2-1 3-3"


@pytest.mark.parametrize(
    "target, alignment, complaints",
    [
        (TARGET, PAIR, []),
        (TARGET, "0-0 1-2 2-1 3-4", [f"{TARGET}: alignment 4 out of range"]),
        (TARGET, "0-0 1-2 2-1 4-3", [f"{SOURCE}: alignment 4 out of range"]),
        (TARGET, "0-0 1-2 1-2 2-1", ["1-2: aligned twice"]),
        (TARGET, "0-0 1-2 1-1", [f"{SOURCE}: sleeps is not aligned"]),
        (TARGET, "0-0 1-2 2-0", [f"{TARGET}: dort is not aligned"]),
        (TARGET, "0-0 1-2 2-", ["'0-0 1-2 2-': not an alignment"]),
        (TARGET, "", ["'': not an alignment"]),
        (
            "Elle dort souvent ?",
            PAIR,
            ["Elle dort souvent ?: another closing mark than in English"],
        ),
    ],
)
def test_an_alignment_is_in_range_and_reaches_every_word_with_content(
    target, alignment, complaints
):
    assert linter.lint_pair(SOURCE, target, alignment, WORDS) == complaints


def test_articles_and_auxiliaries_need_no_alignment_and_all_else_does():
    source = "Why did the happy girl not speak to Marie near the big station yesterday?"
    target = (
        "Pourquoi est-ce que la fille heureuse n'a pas parlé à Marie près de la grande gare hier ?"
    )
    unaligned = [
        complaint[len(sentence) + 2 :].split()[0]
        for sentence in (source, target)
        for complaint in linter.lint_pair(source, target, "0-0", WORDS)
        if complaint.startswith(sentence)
    ]
    english = "happy girl speak Marie near big station yesterday"
    french = "fille heureuse parlé à Marie près grande gare hier"
    assert unaligned == f"{english} {french}".split()


@pytest.mark.parametrize(
    "references, complaints",
    [
        ([(0.7, "Ils rient."), (0.3, "Elles rient.")], []),
        ([(0.5, "Ils rient."), (0.25, "Elles rient.")], ["sum to 0.75"]),
        ([(0.7, "Ils rient."), (0.3 + 2e-9, "Elles rient.")], ["sum to 1.000000002"]),
        ([(1.5, "Ils rient."), (-0.5, "Elles rient.")], ["rient.: p is 1.5", "rient.: p is -0.5"]),
        ([(1, "Ils rient."), (0.0, "Elles rient.")], ["Elles rient.: p is 0.0"]),
        ([(0.7, "Ils rient."), (0.3, "Ils rient.")], ["Ils rient.: reference twice"]),
    ],
)
def test_probabilities_sum_to_one_over_different_texts(references, complaints):
    found = linter.lint_references([{"p": p, "text": text} for p, text in references])
    assert len(found) == len(complaints)
    assert all(map(str.count, found, complaints)), found


# A whole corpus, of 20 sentences.

NAMES = ("Marie", "Paul", "Anne", "Marc", "Julie")
VERBS = {"sleeping": "dort", "dancing": "danse", "singing": "chante", "laughing": "rit"}
TAG = "two verbs to one"


def pair(name, ing):
    """``(line of TSV, line of JSONL)`` of a sentence such as "Marie is sleeping."."""
    english, french = f"{name} is {ing}.", f"{name} {VERBS[ing]}."
    found = {"source": english, "phenomena": [TAG], "references": [reference(french)]}
    return f"{english}\t{french}", found


def reference(text="Marie dort.", p=1.0, alignment="0-0 1-1 2-1 3-2", **tags):
    """A reference, if nothing else is said of the first sentence of train."""
    return {"text": text, "p": p, "alignment": alignment, **tags}


@pytest.fixture
def small():
    """``{set: pairs}``: five in train, with every word, and one in each other set."""
    train = [pair(*both) for both in zip(NAMES, [*VERBS, "sleeping"])]
    others = [pair(name, ing) for ing in VERBS for name in NAMES]
    others = [found for found in others if found not in train]
    return {"train": train, **{name: [found] for name, found in zip(linter.SETS[1:], others)}}


def written(folder, corpus):
    """The folder, with the files of ``corpus`` in it."""
    for name, lines in corpus.items():
        for kind, texts in (
            ("tsv", [row for row, _ in lines]),
            ("jsonl", [json.dumps(found, ensure_ascii=False) for _, found in lines]),
        ):
            text = "".join(f"{text}\n" for text in texts)
            (folder / f"{name}.{kind}").write_bytes(text.encode("utf-8"))
    return folder


def lint(folder):
    """The linter's complaints, with thresholds for five pairs in train."""
    return linter.lint(folder, least_pairs=5, least_phenomena=1, words=WORDS)


def replace(corpus, name, row=None, **changes):
    """Changes the first line of a set: its row of TSV, or parts of its object."""
    old_row, old = corpus[name][0]
    corpus[name][0] = (row or old_row, {**old, **changes})


def refer(corpus, name, *references):
    """Gives the first line of a set other references, of which the TSV has the first."""
    source = corpus[name][0][1]["source"]
    replace(corpus, name, f"{source}\t{references[0]['text']}", references=list(references))


def test_a_right_corpus_has_no_complaint(tmp_path, small):
    assert lint(written(tmp_path, small)) == []


PLANTED = {
    "a source in two sets": (
        lambda c: c["dev"].append(c["train"][1]),
        "dev.tsv, line 2: Paul is dancing.: this source is in train.tsv, line 2 too",
    ),
    "a source of train in train-more": (
        lambda c: c["train-more"].append(c["train"][4]),
        "train-more.tsv, line 2: Julie is sleeping.: this source is in train.tsv, line 5 too",
    ),
    "a source twice in a set": (
        lambda c: c["length"].append(c["length"][0]),
        "length.tsv, line 2: Marie is laughing.: this source is in length.tsv, line 1 too",
    ),
    "another source in TSV": (
        lambda c: replace(c, "train", "Marie was sleeping.\tMarie dort."),
        "train.tsv, line 1: Marie was sleeping.: the JSONL has Marie is sleeping.",
    ),
    "French in TSV that is no reference": (
        lambda c: replace(c, "train", "Marie is sleeping.\tMarie dormait."),
        "train.tsv, line 1: Marie dormait.: not one of the references",
    ),
    "a column too many": (
        lambda c: replace(c, "length", "Paul is dancing.\tPaul danse.\t1"),
        "length.tsv, line 1: 3 columns",
    ),
    "no references": (
        lambda c: replace(c, "length", references=[]),
        "length.jsonl, line 1: not an entry of the right form",
    ),
    "an error in English": (
        lambda c: replace(
            c, "train", "Marie are sleeping.\tMarie dort.", source="Marie are sleeping."
        ),
        "train.tsv, line 1: Marie … are: verb and subject disagree",
    ),
    "an error in the reference drawn": (
        lambda c: refer(c, "train", reference("Marie dors.")),
        "train.tsv, line 1: Marie … dors: verb and subject disagree in person or number",
    ),
    "an error in another reference": (
        lambda c: refer(c, "train", reference(p=0.5), reference("Marie dormez.", 0.5)),
        "train.jsonl, line 1: Marie … dormez: verb and subject disagree in person or number",
    ),
    "p that do not sum to 1": (
        lambda c: refer(c, "train", reference(p=0.75)),
        "train.tsv, line 1: p of the references sum to 0.75",
    ),
    "a reference twice": (
        lambda c: refer(c, "train", reference(p=0.5), reference(p=0.5)),
        "train.tsv, line 1: Marie dort.: reference twice",
    ),
    "an alignment out of range": (
        lambda c: refer(c, "train", reference(alignment="0-0 2-1 3-3")),
        "train.tsv, line 1: Marie dort.: alignment 3 out of range",
    ),
    "a phenomenon of references that were not drawn": (
        lambda c: refer(
            c, "train", reference(p=0.5), reference("Marie dormait.", 0.5, phenomena=["x"])
        ),
        "train.jsonl: x: in 0 pairs, fewer than 5",
    ),
    "a phenomenon in too few pairs": (
        lambda c: replace(c, "train", phenomena=[TAG, "question"]),
        "train.jsonl: question: in 1 pairs, fewer than 5",
    ),
    "a word of dev that training lacks": (
        lambda c: replace(c, "dev", "Anne is crying.\tAnne dort.", source="Anne is crying."),
        "dev.tsv, line 1: crying: not a word of train.tsv",
    ),
    "a word of test's second reference that training lacks": (
        lambda c: refer(c, "test", reference("Paul rit.", 0.5), reference("Paul riait.", 0.5)),
        "test.tsv, line 1: riait: not a word of train.tsv",
    ),
}


@pytest.mark.parametrize("plant, complaint", PLANTED.values(), ids=PLANTED)
def test_an_error_planted_in_a_corpus_is_the_only_complaint(tmp_path, small, plant, complaint):
    plant(small)
    assert lint(written(tmp_path, small)) == [complaint]


def test_a_line_that_only_one_of_two_files_has_is_found(tmp_path, small):
    path = written(tmp_path, small) / "train.tsv"
    path.write_bytes(path.read_bytes() + b"Paul is crying.\tPaul pleure.\n")
    assert lint(tmp_path) == ["train.tsv: 6 lines, train.jsonl 5"]


def test_lines_in_another_order_are_found(tmp_path, small):
    path = written(tmp_path, small) / "train.tsv"
    first, second, *others = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([second, first, *others]), "utf-8")
    assert [complaint for complaint in lint(tmp_path) if "the JSONL has" in complaint] == [
        "train.tsv, line 1: Paul is dancing.: the JSONL has Marie is sleeping.",
        "train.tsv, line 2: Marie is sleeping.: the JSONL has Paul is dancing.",
    ]


def test_a_file_that_is_missing_empty_or_not_json_is_found(tmp_path, small):
    written(tmp_path, small)
    (tmp_path / "length.jsonl").unlink()
    (tmp_path / "negation.tsv").write_bytes(b"")
    (tmp_path / "pronoun.jsonl").write_bytes(b"{]\n")
    missing, *others = sorted(lint(tmp_path))
    assert missing.startswith("length.jsonl: cannot be read")
    assert others == [
        "negation.tsv: 0 lines, negation.jsonl 1",
        "negation.tsv: empty, or without an end of line at the end",
        "pronoun.jsonl, line 1: not an entry of the right form",
    ]


def test_sixty_pairs_of_thirty_phenomena_are_asked_for(tmp_path, small):
    assert linter.lint(written(tmp_path, small), words=WORDS) == [
        f"train.jsonl: {TAG}: in 5 pairs, fewer than 60",
        "train.jsonl: 1 phenomena, fewer than 30",
    ]


# What it cannot see, as its docstring says. A linter that learns to may move a line from here.

CANNOT = {
    "another word": ("She sees a dog.", "Elle voit un chat.", "0-0 1-1 2-2 3-3 4-4"),
    "another tense": ("She sings.", "Elle chantait.", "0-0 1-1 2-2"),
    "another person": ("She sings.", "Nous chantons.", "0-0 1-1 2-2"),
    "another number": ("She sees the dogs.", "Elle voit le chien.", "0-0 1-1 2-2 3-3 4-4"),
    "no negation": ("She does not sing.", "Elle chante.", "0-0 3-1 4-2"),
    "words aligned that mean something else": ("Paul sees Anne.", "Paul voit Anne.", "0-2 1-1 2-0"),
    "a verb and its object": ("He eats the house.", "Il mange la maison.", "0-0 1-1 2-2 3-3 4-4"),
    "a verb and its place": (
        "He lives in the house.",
        "Il habite à la maison.",
        "0-0 1-1 2-2 3-3 4-4 5-5",
    ),
    "le for lui": ("He phones her.", "Il la téléphone.", "0-0 1-2 2-1 3-3"),
    "a tense and its adverb": (
        "He will sing yesterday.",
        "Il chantera hier.",
        "0-0 1-1 2-1 3-2 4-3",
    ),
    "the pluperfect": ("He has slept.", "Il avait dormi.", "0-0 1-1 2-2 3-3"),
    "the gender of it": (
        "The car is old and it is small.",
        "La voiture est vieille et il est petit.",
        "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8",
    ),
    "tu who is vous": (
        "You sing and you dance.",
        "Tu chantes et vous dansez.",
        "0-0 1-1 2-2 3-3 4-4 5-5",
    ),
    "the gender behind l'": (
        "She has a car but she has not seen it.",
        "Elle a une voiture mais elle ne l'a pas vu.",
        "0-0 1-1 2-2 3-3 4-4 5-5 6-8 7-9 8-10 9-7",
    ),
    "the number behind vous": (
        "You are happy and you are big.",
        "Vous êtes heureuse et vous êtes grands.",
        "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7",
    ),
    "an English verb and its object": ("He closes.", "Il ferme la porte.", "0-0 1-1 1-3 2-4"),
    "English adjectives out of order": (
        "The happy old man sings.",
        "Le vieil homme heureux chante.",
        "0-0 1-3 2-1 3-2 4-4 5-5",
    ),
}


@pytest.mark.parametrize("source, target, alignment", CANNOT.values(), ids=CANNOT)
def test_what_the_linter_cannot_see_has_no_complaint(source, target, alignment):
    assert linter.lint_english(source, WORDS) == []
    assert linter.lint_french(target, WORDS) == []
    assert linter.lint_pair(source, target, alignment, WORDS) == []


def test_neither_a_wrong_tag_nor_an_implausible_probability_is_seen(tmp_path, small):
    for _, found in small["train"]:
        found["phenomena"] = ["negation"]
    rare = [reference(p=0.001), reference("Marie dormait.", 0.999)]
    refer(small, "train", *rare)
    assert lint(written(tmp_path, small)) == []
