"""Says what is wrong in a corpus of English sentences and their French translations.

It shares nothing with the grammar that writes the corpus but the tables of words in
``data/lexicon``: it reads finished sentences from left to right, conjugates from the tables, and
complains of

- French: a gender or number that disagrees (determiner, adjective, noun; predicate or être
  participle and subject; participle and the clitic before avoir), mon amie, cet, bel; a verb that
  disagrees with its subject; the wrong auxiliary; elision and contraction left out or out of
  place; ne without pas, pas elsewhere than after the finite verb; un or du for de after a
  negation, des for de before an adjective; an adjective on the wrong side of its noun; a verb
  without the object or the preposition that it always has;
- English: subject and verb, determiner and noun, the verb's form after an auxiliary, a and an;
- both: spaces, apostrophes, capitals, the closing mark, NFC, an unknown word, a word said twice,
  words that it cannot read in this order, a tokenizer that does not lead back to the sentence;
- the pair: alignment out of range, said twice, or missing at a word with content; probabilities;
- the files: sets that share a source, TSV and JSONL apart, rare phenomena, and words of the
  other sets, but unknown, that training does not have.

What it cannot see (``CANNOT`` in ``test_linter.py`` has examples):

- whether French says what English says: a wrong word, tense, person, number, a negation left out,
  an alignment between the wrong words;
- what fits together: a verb and the kind of its object, à or dans before a place, le or lui before
  a verb, a tense and its adverb, the pluperfect, which this corpus does not use;
- what a pronoun stands for: the gender of il or elle for "it", who is tu and who is vous;
- what no letter shows: a gender behind l', les or je, the number behind vous, of héros and heureux;
- in English, the object or the preposition of a verb, and the order of adjectives;
- whether a phenomenon's tag is true of the sentence, whether probabilities are plausible.

Any construction beyond this corpus's (relative clauses, infinitives, inversion, reflexives, y and
en) is called unreadable, right or wrong.
"""

import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import FrozenSet, NamedTuple

from gluon_seq2seq.resources import data_folder
from gluon_seq2seq.text.tokenizer import JOIN, SPACE, Tokenizer

PHENOMENA = ("adjective-noun", "verb-tense", "negation", "pronoun", "length", "unknown")
SPLITS = ("train", "train-more", "dev", "test")
SETS = (*SPLITS, *(name + end for name in PHENOMENA for end in ("", "-control")))
ENGLISH, FRENCH = Tokenizer("en"), Tokenizer("fr")


@lru_cache(maxsize=50_000)  # a corpus has each of its sentences looked at from many sides
def tokens_of(tokenizer, sentence):
    """The tokens of a sentence."""
    return tuple(tokenizer.tokenize(sentence))


def cells(text):
    """``"ms fs"`` -> the set of genders and numbers that a form may stand for."""
    return frozenset(text.split())


ANY = cells("ms fs mp fp")
DETERMINERS = {
    **dict.fromkeys(("le", "un", "du", "au", "ce", "cet"), cells("ms")),
    **dict.fromkeys(("la", "une", "ma", "ta", "sa", "cette", "de la"), cells("fs")),
    **dict.fromkeys(("l'", "de l'", "mon", "ton", "son"), cells("ms fs")),
    **dict.fromkeys(("notre", "votre", "leur"), cells("ms fs")),
    **dict.fromkeys(("les", "des", "aux", "mes", "tes", "ses"), cells("mp fp")),
    **dict.fromkeys(("nos", "vos", "leurs", "ces"), cells("mp fp")),
    **dict.fromkeys(("de", "d'"), ANY),
}
NUMBERS = ("deux", "trois")
INDEFINITE = ("un", "une", "du", "de la", "de l'", "des")
BEFORE_VOWEL = {"ma": "mon", "ta": "ton", "sa": "son", "ce": "cet", "du": "de l'", "au": "à l'"}
BEFORE_CONSONANT = {"cet": "ce"}
ELIDABLE = ("je", "me", "te", "le", "la", "ne", "de", "que", "ce")
ELIDED = ("j'", "m'", "t'", "l'", "n'", "d'", "qu'", "c'")
CONTRACTED = {("de", "le"): "du", ("de", "les"): "des", ("à", "le"): "au", ("à", "les"): "aux"}

# Persons are counted from je = 0 to ils = 5, in both languages.
PERSONS = frozenset(range(6))
SUBJECTS = {
    "je": ({0}, "ms fs"),
    "j'": ({0}, "ms fs"),
    "tu": ({1}, "ms fs"),
    "il": ({2}, "ms"),
    "elle": ({2}, "fs"),
    "nous": ({3}, "mp fp"),
    "vous": ({4}, "ms fs mp fp"),
    "ils": ({5}, "mp"),
    "elles": ({5}, "fp"),
    "ce": ({2, 5}, "ms mp"),
    "c'": ({2, 5}, "ms mp"),
}
CLITICS = {
    **dict.fromkeys(("me", "m'", "te", "t'", "l'"), cells("ms fs")),
    "le": cells("ms"),
    "la": cells("fs"),
    "les": cells("mp fp"),
    "nous": cells("mp fp"),
    "vous": ANY,
    **dict.fromkeys(("lui", "leur"), frozenset()),
}
EITHER_OBJECT = ("me", "m'", "te", "t'", "nous", "vous")
OTHER_FRENCH = cells("est -ce que qu' parce et mais pourquoi où quand comment pas n' ne , . ?")

ENDINGS = {
    "imparfait": ("ais", "ais", "ait", "ions", "iez", "aient"),
    "future": ("ai", "as", "a", "ons", "ez", "ont"),
    "er": ("e", "es", "e", "ons", "ez", "ent"),
}
BY_HAND = {
    "être": ("suis es est sommes êtes sont", "ét", "ser"),
    "avoir": ("ai as a avons avez ont", "av", "aur"),
}

BE = {"am": {0}, "is": {2}, "are": {1, 3, 4, 5}, "was": {0, 2}, "were": {1, 3, 4, 5}}
HAVE = {"has": {2}, "have": PERSONS - {2}, "had": PERSONS}
DO = {"does": {2}, "do": PERSONS - {2}, "did": PERSONS, "will": PERSONS}
AUXILIARIES = {**BE, **HAVE, **DO}
ENGLISH_SUBJECTS = {"i": {0}, "you": {1, 4}, "he": {2}, "she": {2}, "it": {2}}
ENGLISH_SUBJECTS.update({"we": {3}, "they": {5}, "this": {2}, "these": {5}})
ENGLISH_OBJECTS = ("me", "you", "him", "her", "it", "us", "them")
ANY_NUMBER = cells("s p m")  # singular, plural, what cannot be counted
ENGLISH_DETERMINERS = {
    **dict.fromkeys(("a", "an"), cells("s")),
    "this": cells("s m"),
    **dict.fromkeys(("these", "two", "three"), cells("p")),
    **dict.fromkeys(("some", "any"), cells("p m")),
    **dict.fromkeys(("the", "my", "your", "his", "her", "our", "their"), ANY_NUMBER),
}
ENGLISH_PREPOSITIONS = ("to", "from", "about", "for", "at", "in")
OTHER_ENGLISH = cells("i who what where when why how and but because not be 's , . ?")
SILENT_H = ("honest", "hour", "honor", "heir")


# The tables of words.


class Form(NamedTuple):
    """A finite form of a French verb: the verb and the person."""

    verb: str
    person: int


class Participle(NamedTuple):
    """A past participle: the verb, and the genders and numbers it may show."""

    verb: str
    cells: FrozenSet[str]


class Verb(NamedTuple):
    """What a French verb goes with: auxiliary, a receiver after à, a topic or place after de,
    a direct object; ``alone``: it may also do without all of them."""

    auxiliary: str
    with_a: bool
    with_de: bool
    direct: bool
    alone: bool


class Adjective(NamedTuple):
    """A French adjective's form; ``before``: True like bel, False like beau, None elsewhere."""

    cells: FrozenSet[str]
    position: str
    before: object


class Words:
    """Surface forms of both languages and what they may be, from the tables in ``folder``."""

    def __init__(self, folder=None):
        self.folder = Path(folder) if folder else data_folder() / "lexicon"
        self.mute_h = {}  # word with an initial h -> whether a vowel is heard
        self.nouns, self.english_nouns = defaultdict(frozenset), defaultdict(set)
        self.adjectives, self.english_adjectives = {}, set()
        self.verbs, self.forms, self.participles = {}, defaultdict(set), defaultdict(set)
        self.english_verbs, self.particles = defaultdict(set), set()
        self.names = {row["name"]: cells(row["gender"] + "s") for row in self._rows("names")}
        self._read_nouns()
        self._read_adjectives()
        self._read_verbs()
        self.middle_adverbs = self._phrases("adverbs", "middle")
        self.end_adverbs = self._phrases("adverbs", "end")
        prepositions, self.english_prepositions = self._phrases("prepositions").values()
        # "près de" is read as "près" and then de, du or des.
        self.prepositions = [p[:-1] if p[-1] == "de" else p for p in prepositions]
        self.with_de = [p[:-1] for p in prepositions if p[-1] == "de"]
        self.french, self.english = self._all_words()

    def _rows(self, table):
        """The rows of a table as dicts, an empty cell as ``""``."""
        header, *lines = (self.folder / f"{table}.tsv").read_text("utf-8").splitlines()
        for line in lines:
            row = zip(header.split("\t"), line.split("\t"))
            yield {column: "" if cell == "-" else cell for column, cell in row}

    def _phrases(self, table, position=None):
        """The phrases of a table as tuples of tokens, by language, long ones first."""
        phrases = {"fr": set(), "en": set()}
        for row in self._rows(table):
            if position in (None, row.get("position")):
                phrases["fr"].add(tuple(FRENCH.tokenize(row["french"])))
                phrases["en"].add(tuple(ENGLISH.tokenize(row["english"].lower())))
        return {
            language: sorted(found, key=len, reverse=True) for language, found in phrases.items()
        }

    def _note_h(self, word, row):
        if word.startswith("h"):
            self.mute_h[word] = row["h"] == "muet"

    def _read_nouns(self):
        for row in self._rows("nouns"):
            for column, number in ("french", "s"), ("pluriel", "p"):
                if row[column]:
                    self.nouns[row[column]] |= {row["gender"] + number}
                    self._note_h(row[column], row)
            self.english_nouns[row["english"]].add("s" if row["plural"] else "m")
            if row["plural"]:
                self.english_nouns[row["plural"]].add("p")

    def _read_adjectives(self):
        for row in self._rows("adjectives"):
            forms = {
                "ms": row["masculine"],
                "fs": row["feminine"],
                "mp": row["plural"],
                "fp": row["feminine"] + "s",
            }
            special = row["before_vowel"]
            for form in {*forms.values(), special} - {""}:
                found = cells("ms" if form == special else "").union(
                    cell for cell, text in forms.items() if text == form
                )
                before = None
                if special and "ms" in found:
                    before = form == special
                self.adjectives[form] = Adjective(found, row["position"], before)
                self._note_h(form, row)
            self.english_adjectives.add(row["english"])

    def _read_verbs(self):
        for row in self._rows("verbs"):
            self._conjugate(row)
            for column in "english", "third", "past", "participle", "ing":
                word, *particle = row[column].split()
                self.english_verbs[word].add("base" if column == "english" else column)
                self.particles.update(particle)
        for verb, (present, past, future) in BY_HAND.items():
            self._add_forms(verb, present.split(), past, future)
        self.verbs["être"] = Verb("avoir", False, False, True, False)

    def _conjugate(self, row):
        """All forms of a French verb; one in -er that the table leaves empty is regular."""
        verb, stem = row["french"], row["french"][:-2]
        present = row["present"].split() or [stem + ending for ending in ENDINGS["er"]]
        if not row["present"] and stem.endswith("g"):
            present[3] = stem + "eons"
        future = row["future"] or (verb[:-1] if verb.endswith("e") else verb)
        self._add_forms(verb, present, present[3][: -len("ons")], future)
        participle = row["participe"] or stem + "é"
        same = participle.endswith("s")
        for form, cell in (
            (participle, "ms mp" if same else "ms"),
            (participle + "e", "fs"),
            (participle if same else participle + "s", "ms mp" if same else "mp"),
            (participle + "es", "fp"),
        ):
            self.participles[form].add(Participle(verb, cells(cell)))
        frames = row["frames"] or "-"
        self.verbs[verb] = Verb(
            row["auxiliary"],
            with_a="(lui)" in frames or "+ to>à" in frames,
            with_de=">de:" in frames,
            direct=bool(re.search(r"(^|; )\w+( |$)|>_", frames)),
            alone=frames.startswith("-"),
        )
        for form in (*self.forms, *self.participles):
            if form.startswith(stem):
                self._note_h(form, row)

    def _add_forms(self, verb, present, past, future):
        imparfait = [past + ending for ending in ENDINGS["imparfait"]]
        if past.endswith("ge"):
            imparfait[3:5] = past[:-1] + "ions", past[:-1] + "iez"
        for forms in present, imparfait, [future + ending for ending in ENDINGS["future"]]:
            for person, form in enumerate(forms):
                self.forms[form].add(Form(verb, person))

    def _all_words(self):
        """Every word that the tables, or the lists above, know, in small letters."""
        names = [name.lower() for name in self.names]
        french = {*self.nouns, *self.adjectives, *self.forms, *self.participles, *names}
        french.update(*self.prepositions, *map(str.split, DETERMINERS))
        french.update(*self.middle_adverbs["fr"], *self.end_adverbs["fr"])
        french |= {*NUMBERS, *SUBJECTS, *CLITICS, *OTHER_FRENCH, "à"}
        english = {*self.english_nouns, *self.english_adjectives, *self.english_verbs, *names}
        english.update(*self.english_prepositions, self.particles)
        english.update(*self.middle_adverbs["en"], *self.end_adverbs["en"])
        english |= {*AUXILIARIES, *ENGLISH_SUBJECTS, *ENGLISH_OBJECTS, *ENGLISH_DETERMINERS}
        return french, english | {*ENGLISH_PREPOSITIONS, *OTHER_ENGLISH}

    def vowel_sound(self, word):
        """Whether a French word begins with a vowel to the ear; None where nobody can tell."""
        first = unicodedata.normalize("NFD", word)[:1].lower()
        if first == "h":
            return self.mute_h.get(word)
        return first in tuple("aeiouœæ")


# One sentence.


class Unreadable(Exception):
    """The reader meets a word that no construction it knows goes on with."""


class Phrase(NamedTuple):
    """A noun phrase or a subject: its words, what it may agree with, how it begins."""

    text: str
    cells: FrozenSet[str]
    persons: FrozenSet[int]
    determiner: str = ""
    adjective_first: bool = False


class Reader:
    """Reads tokens from left to right, notes complaints and the places of content words.

    Of the places of "and", those in ``joins`` join two objects; the others join clauses.
    """

    tokenizer, conjunctions = ENGLISH, ()

    def __init__(self, sentence, words, joins=()):
        self.words, self.complaints, self.content, self.at = words, [], set(), 0
        self.joins, self.asked, self.question = joins, False, False
        self.stuck = None  # the word that it could not read on from
        tokens = tokens_of(self.tokenizer, sentence)
        self.places = [i for i, token in enumerate(tokens) if token not in (JOIN, SPACE)]
        self.tokens = [tokens[i] for i in self.places]
        self.lower = [token.lower() for token in self.tokens]

    def read(self):
        """Reads the whole sentence, or as far as it is readable."""
        try:
            self.sentence()
        except Unreadable:
            self.stuck = self.tokens[self.at] if self.at < len(self.tokens) else "the end"
        return self

    @property
    def faults(self):
        return self.stuck is not None, len(self.complaints)

    def complain(self, text, complaint):
        self.complaints.append(f"{text}: {complaint}")

    @property
    def word(self):
        """The word to be read next, in small letters; empty at the end."""
        return self.peek(0)

    def peek(self, ahead=1):
        at = self.at + ahead
        return self.lower[at] if at < len(self.lower) else ""

    def take(self, *choices):
        """Steps over the next word if it is one of ``choices``."""
        found = self.word in choices
        self.at += found
        return found

    def expect(self, *choices):
        if not self.take(*choices):
            raise Unreadable

    def mark(self, length=1):
        """Steps over words with content."""
        self.content.update(self.places[self.at : self.at + length])
        self.at += length

    def phrase(self, phrases):
        """Steps over the first of ``phrases`` that comes next, and returns it."""
        first = self.word
        for phrase in phrases:
            if phrase[0] == first and tuple(self.lower[self.at :][: len(phrase)]) == phrase:
                self.mark(len(phrase))
                return phrase
        return ()

    def since(self, start):
        """The words read since ``start``, as text."""
        return self.tokenizer.detokenize(self.tokens[start : self.at])

    def sentence(self):
        """Clauses, the first one perhaps after an adverb or with question words."""
        if self.phrase(self.words.end_adverbs[self.tokenizer.language]):
            self.expect(",")
        self.question_words()
        self.clause()
        while self.conjunction():
            self.clause()
        if not self.take("?" if self.question else ".") and self.word in (".", "?"):
            self.complain(self.word, "not the mark that closes a question or a statement")
            self.at += 1
        if self.at < len(self.tokens):
            raise Unreadable

    def middle_adverbs(self):
        """Steps over souvent, toujours or déjà, often, always or already."""
        while self.phrase(self.words.middle_adverbs[self.tokenizer.language]):
            pass

    def closing_adverb(self):
        """Steps over an adverb of time, which closes its clause."""
        found = self.phrase(self.words.end_adverbs[self.tokenizer.language])
        if found and not self.at_end_of_clause():
            raise Unreadable
        return found

    def objects(self):
        """One or more noun phrases as objects."""
        found = [self.noun_phrase()]
        while self.at in self.joins:
            self.at += 1
            found.append(self.noun_phrase())
        return found

    def at_end_of_clause(self):
        return self.word in ("", ".", "?", *self.conjunctions)


class French(Reader):
    """Reads a French sentence."""

    tokenizer, conjunctions = FRENCH, ("et", "mais", "parce")

    def conjunction(self):
        """Steps over et, mais, parce que."""
        if self.take("parce"):
            self.expect("que", "qu'")
            return True
        return self.take("et", "mais")

    def question_words(self):
        """Est-ce que, with or without a question word before it."""
        self.asked = self.take("pourquoi", "où", "quand", "comment", "qu'")
        self.question = self.word == "est" and self.peek() == "-ce"
        if self.question:
            self.at += 2
            self.expect("que", "qu'")
        elif self.asked:
            raise Unreadable

    def clause(self):
        subject = self.subject()
        self.verb(subject)

    # Subjects and other noun phrases.

    def subject(self):
        """A pronoun, or one or more noun phrases; plural and masculine where they are mixed."""
        ce_alone = self.word != "ce" or self.peek() in ("ne", "n'") or self._is_being(self.peek())
        if self.word in SUBJECTS and ce_alone:
            persons, agreeing = SUBJECTS[self.word]
            self.at += 1
            return Phrase(self.tokens[self.at - 1], cells(agreeing), frozenset(persons))
        start = self.at
        parts = [self.noun_phrase()]
        while self.take("et"):
            parts.append(self.noun_phrase())
        for part in parts:
            self._check_indefinite(part, negated=False)
        if len(parts) == 1:
            return parts[0]
        genders = [{cell[0] for cell in part.cells} for part in parts]
        together = {"fp"} if all("f" in found for found in genders) else set()
        if any("m" in found for found in genders):
            together.add("mp")
        return Phrase(self.since(start), frozenset(together), frozenset({5}))

    def _is_being(self, word):
        return any(form.verb == "être" for form in self.words.forms.get(word, ()))

    def noun_phrase(self):
        """A name, or determiner, adjectives, noun, adjectives and perhaps an owner."""
        start = self.at
        if self.at < len(self.tokens) and self.tokens[self.at] in self.words.names:
            self.mark()
            agreeing = self.words.names[self.tokens[self.at - 1]]
            return Phrase(self.since(start), agreeing, frozenset({2}))
        determiner, agreeing = self.determiner()
        features = [agreeing]
        adjectives_before = self.adjectives("before", features)
        if self.word not in self.words.nouns:
            raise Unreadable
        if not determiner:
            self.complain(self.word, "a determiner is missing")
        features.append(self.words.nouns[self.word])
        self.mark()
        self.adjectives("after", features)
        text, common = self.since(start), frozenset.intersection(*features)
        if not common:
            self.complain(text, "gender or number of determiner, adjective and noun disagree")
            common = ANY
        self._check_before_vowel(adjectives_before, common)
        if self.word in ("de", "d'", "du", "des"):
            self.de_phrase()
        persons = frozenset({"s": 2, "p": 5}[cell[1]] for cell in common)
        return Phrase(text, common, persons, determiner, bool(adjectives_before))

    def determiner(self):
        """The determiner's words (de la is one), and what it agrees with before the next word."""
        start = self.at
        if self.word == "de" and self.peek() in ("la", "l'"):
            self.at += 2
        elif self.word in DETERMINERS:
            self.at += 1
        found = " ".join(self.lower[start : self.at])
        agreeing = DETERMINERS.get(found, ANY)
        vowel = self.words.vowel_sound(self.word)
        if vowel and found in BEFORE_VOWEL:
            better = BEFORE_VOWEL[found]
            self.complain(f"{found} {self.word}", f"{better} is due before a vowel sound")
        elif vowel is False and found in BEFORE_CONSONANT:
            better = BEFORE_CONSONANT[found]
            self.complain(f"{found} {self.word}", f"{better} is due before a consonant")
        elif vowel is False and found in ("mon", "ton", "son"):
            agreeing = cells("ms")
        if self.word in NUMBERS:
            found = found or self.word
            self.at += 1
            agreeing &= cells("mp fp")
        return found, agreeing

    def adjectives(self, side, features):
        """Steps over adjectives on one side of a noun; returns their places."""
        found = []
        while self.word in self.words.adjectives:
            adjective = self.words.adjectives[self.word]
            if not adjective.position.startswith(side):
                self.complain(self.word, "this adjective stands on the other side of the noun")
            features.append(adjective.cells)
            found.append(self.at)
            self.mark()
        return found

    def _check_before_vowel(self, adjectives, common):
        """Bel before a vowel sound, beau elsewhere."""
        for at in adjectives:
            adjective, following = self.lower[at], self.lower[at + 1]
            before = self.words.adjectives[adjective].before
            vowel = self.words.vowel_sound(following)
            text = f"{adjective} {following}"
            if before and vowel is False:
                self.complain(text, "this form is for a vowel sound only")
            elif before is False and vowel and common == cells("ms"):
                self.complain(text, "another form is due before a vowel sound")

    def _check_indefinite(self, phrase, negated):
        """Des and de: which of them stands before an adjective, and de only there or negated."""
        of = phrase.determiner in ("de", "d'")
        if phrase.determiner == "des" and phrase.adjective_first:
            self.complain(phrase.text, "de is due before an adjective")
        elif of and not negated and not (phrase.adjective_first and 5 in phrase.persons):
            self.complain(phrase.text, "de needs a negation or an adjective before a plural")
        elif negated and phrase.determiner in INDEFINITE:
            self.complain(phrase.text, "de is due after a negation")

    def de_phrase(self):
        """De, du or des as a preposition, and what follows."""
        if self.take("de", "d'"):
            if self.word in ("de", "d'", "du", "des"):
                raise Unreadable
        elif self.word not in ("du", "des"):
            raise Unreadable
        self.noun_phrase()

    def place_or_receiver(self):
        """A preposition and its noun phrase, if one comes next."""
        preposition = self.phrase(self.words.prepositions)
        if preposition in self.words.with_de:
            self.de_phrase()
        elif preposition or self.word in ("au", "aux"):
            if not preposition:
                self.content.add(self.places[self.at])
            self._check_indefinite(self.noun_phrase(), negated=False)
        else:
            return False
        return True

    # The verb and what comes after it.

    def verb(self, subject):
        """Ne, clitics, finite verb, pas, adverbs, participle, complements."""
        negated = self.take("ne", "n'")
        clitics = []
        while self.word in CLITICS:
            clitics.append(self.word)
            self.at += 1
        pas_first = self.take("pas")
        if self.word not in self.words.forms:
            raise Unreadable
        finite, forms = self.at, self.words.forms[self.word]
        self.at += 1
        verbs = {form.verb for form in forms if form.person in subject.persons}
        if not verbs:
            verbs = {form.verb for form in forms}
            text = f"{subject.text} … {self.tokens[finite]}"
            self.complain(text, "verb and subject disagree in person or number")
        pas = self.take("pas")
        self.middle_adverbs()
        if verbs & {"avoir", "être"} and self._is_participle(verbs):
            content, verbs = self.at, self.participle(subject, verbs, clitics)
        else:
            content = finite
        self.content.add(self.places[content])
        pas_last = self.take("pas")
        self._check_negation(negated, pas, pas_first or pas_last, self.tokens[finite])
        found = self.complements(subject, verbs, negated, self.tokens[finite])
        takes = [self.words.verbs[verb] for verb in verbs]
        if not (found or clitics or self.asked or any(verb.alone for verb in takes)):
            self.complain(self.tokens[content], "nothing follows this verb")

    def _is_participle(self, verbs):
        """Whether a participle comes next, rather than an adjective like ouvert after être."""
        predicate = "être" in verbs and self.word in self.words.adjectives
        return self.word in self.words.participles and not predicate

    def _check_negation(self, negated, pas, pas_elsewhere, finite):
        if pas_elsewhere:
            self.complain(finite, "pas stands elsewhere than after the finite verb")
        elif negated and not pas:
            self.complain(finite, "ne without pas")
        elif pas and not negated:
            self.complain(finite, "pas without ne")

    def participle(self, subject, auxiliaries, clitics):
        """Steps over a participle; returns the verbs it may belong to."""
        word, readings = self.word, self.words.participles[self.word]
        self.at += 1
        verbs = {reading.verb for reading in readings}
        fitting = [r for r in readings if self.words.verbs[r.verb].auxiliary in auxiliaries]
        if not fitting:
            self.complain(word, "the other auxiliary is due: avoir or être")
        elif "être" in auxiliaries:
            if not any(reading.cells & subject.cells for reading in fitting):
                self.complain(f"{subject.text} … {word}", "participle and subject disagree")
        elif not any(r.cells & self._direct_object(r.verb, clitics) for r in fitting):
            before = " ".join(clitics) or "no object"
            self.complain(f"{before} … {word}", "participle and the object before it disagree")
        return verbs

    def _direct_object(self, verb, clitics):
        """What a participle after avoir agrees with: a direct object before it, or nothing."""
        for clitic in clitics:
            indirect = clitic in EITHER_OBJECT and self.words.verbs[verb].with_a
            if CLITICS[clitic] and not indirect:
                return CLITICS[clitic]
        return cells("ms")

    def complements(self, subject, verbs, negated, finite):
        """All the rest of a clause; returns whether there is more than an adverb."""
        takes_de = any(self.words.verbs[verb].with_de for verb in verbs)
        found = complete = False
        while not (self.at_end_of_clause() or self.closing_adverb()):
            found = True
            if self.take("ne", "n'", "pas"):
                self.complain(finite, "ne and pas are not around the finite verb")
            elif takes_de and self.word in ("de", "d'", "du", "des"):
                self.de_phrase()
            elif not self.place_or_receiver():
                if complete:
                    raise Unreadable
                complete = True
                self.object_or_predicate(subject, verbs, negated, finite)
        return found

    def object_or_predicate(self, subject, verbs, negated, finite):
        """What follows a verb without a preposition."""
        being = "être" in verbs
        if being and self.word in self.words.adjectives:
            self.predicate(subject)
            return
        if not any(self.words.verbs[verb].direct for verb in verbs):
            self.complain(finite, "a preposition is missing after this verb")
        for phrase in self.objects():
            self._check_indefinite(phrase, negated and not being)
            if being and subject.text.lower() in ("ce", "c'"):
                self._check_presented(phrase, finite)

    def predicate(self, subject):
        """An adjective after être."""
        word, adjective = self.word, self.words.adjectives[self.word]
        self.mark()
        if not adjective.cells & subject.cells:
            self.complain(f"{subject.text} … {word}", "predicate and subject disagree")
        if adjective.before or adjective.position == "before only":
            self.complain(word, "this adjective stands only before a noun")

    def _check_presented(self, phrase, finite):
        """C'est un, ce sont des."""
        if not phrase.persons & {form.person for form in self.words.forms[finite.lower()]}:
            self.complain(f"{finite} {phrase.text}", "verb and noun after ce disagree")


class English(Reader):
    """Reads an English sentence."""

    tokenizer, conjunctions = ENGLISH, ("and", "but", "because")

    def conjunction(self):
        return self.take(*self.conjunctions)

    def question_words(self):
        self.asked = self.take("what", "where", "when", "why", "how")
        self.asking = self.question = self.asked or self.word in AUXILIARIES

    def clause(self):
        """A statement, or a question with its auxiliary first."""
        asking, self.asking = self.asking, False
        auxiliary = self.at
        if asking:
            self.expect(*AUXILIARIES)
        subject = self.subject()
        start = self.at
        self.middle_adverbs()
        if not asking:
            auxiliary = self.at
            if self.word not in AUXILIARIES:
                self.finite(subject)
                self.complements("", subject)
                return
            if self.at > start:
                raise Unreadable
            self.at += 1
        self.complements(self.after_auxiliary(subject, auxiliary, asking), subject)

    def after_auxiliary(self, subject, place, asking):
        """Not, adverbs and the verb after an auxiliary; returns "be" or "have" if it is that."""
        auxiliary = self.lower[place]
        if not subject.persons & AUXILIARIES[auxiliary]:
            self.complain(f"{subject.text} … {auxiliary}", "verb and subject disagree")
        negated = self.take("not")
        self.middle_adverbs()
        kinds = self.words.english_verbs.get(self.word, frozenset())
        if auxiliary in DO:
            if not (asking or negated or auxiliary == "will"):
                self.complain(auxiliary, "do belongs to questions and negations")
            return self._base(auxiliary, kinds)
        if ("ing" if auxiliary in BE else "participle") in kinds:
            self.mark()
            return ""
        self.content.add(self.places[place])
        if kinds and self.word not in self.words.english_adjectives:
            self.complain(f"{auxiliary} {self.word}", "another form of the verb is due")
            self.mark()
            return ""
        return "be" if auxiliary in BE else "have"

    def _base(self, auxiliary, kinds):
        """Steps over a verb after do or will; returns it if it is be or have."""
        verb = self.word
        if not kinds and verb not in AUXILIARIES and verb != "be":
            raise Unreadable
        if "base" not in kinds and verb != "be":
            self.complain(f"{auxiliary} {verb}", "the verb's base form is due")
        self.mark()
        return verb if verb in ("be", "have") else ""

    def finite(self, subject):
        """A main verb in the present or past."""
        kinds = self.words.english_verbs.get(self.word, frozenset())
        if not kinds:
            raise Unreadable
        persons = PERSONS if "past" in kinds else frozenset()
        persons |= (PERSONS - {2}) if "base" in kinds else set()
        persons |= {2} if "third" in kinds else set()
        if not persons:
            self.complain(f"{subject.text} {self.word}", "an auxiliary is missing")
        elif not subject.persons & persons:
            self.complain(f"{subject.text} … {self.word}", "verb and subject disagree")
        self.mark()

    def subject(self):
        if self.word in ENGLISH_SUBJECTS and not self._is_determiner():
            self.at += 1
            persons = frozenset(ENGLISH_SUBJECTS[self.lower[self.at - 1]])
            return Phrase(self.tokens[self.at - 1], ANY, persons)
        start = self.at
        phrase = self.noun_phrase()
        if self.word != "and":
            return phrase
        while self.take("and"):
            self.noun_phrase()
        return Phrase(self.since(start), ANY, frozenset({5}))

    def _is_determiner(self):
        """Whether "this", "these" or "her" goes on with a noun."""
        follows = self.peek()
        known = follows in self.words.english_nouns or follows in self.words.english_adjectives
        return known and self.word in ENGLISH_DETERMINERS

    def noun_phrase(self):
        """A name, or determiner, adjectives and noun; either may own what follows."""
        start = self.at
        if self.at < len(self.tokens) and self.tokens[self.at] in self.words.names:
            self.mark()
            numbers = {"s"}
        else:
            determiner = self.word if self.word in ENGLISH_DETERMINERS else ""
            self.at += bool(determiner)
            numbers = self.noun(start, determiner)
        while self.take("'s"):
            numbers = self.noun(start, "'s")
        persons = frozenset(5 if number == "p" else 2 for number in numbers)
        return Phrase(self.since(start), ANY, persons)

    def noun(self, start, determiner):
        """Adjectives and a noun; returns its numbers."""
        while self.word in self.words.english_adjectives:
            self.mark()
        if self.word not in self.words.english_nouns:
            raise Unreadable
        numbers = self.words.english_nouns[self.word]
        self.mark()
        if not determiner and numbers == {"s"}:
            self.complain(self.since(start), "a determiner is missing")
        elif not numbers & ENGLISH_DETERMINERS.get(determiner, numbers):
            self.complain(self.since(start), "determiner and noun disagree")
            numbers = ANY_NUMBER
        return numbers

    def complements(self, verb, subject):
        """All the rest of a clause, which ``verb``, be or have, cannot do without."""
        found = complete = False
        while not (self.at_end_of_clause() or self.closing_adverb()):
            first, found = not found, True
            if self.word in self.words.particles:
                self.mark()
            elif self.phrase(self.words.english_prepositions) or self.take(*ENGLISH_PREPOSITIONS):
                if not (self.asked and self.at_end_of_clause()):
                    self.object()
            elif complete:
                raise Unreadable
            elif first and verb == "be" and self._at_predicate():
                self.mark()
                complete = True
            else:
                persons, complete = self.object(), True
                shown = verb == "be" and subject.text.lower() in ("this", "these")
                if shown and not persons & subject.persons:
                    self.complain(self.tokens[self.at - 1], "another number than this or these")
        # "Are these apples?" reads like "Are these apples good?".
        shown = self.question and subject.text.lower().startswith(("this ", "these "))
        if verb and not (found or self.asked or shown):
            self.complain(self.tokens[self.at - 1], "nothing follows this verb")

    def object(self):
        """A pronoun or noun phrases; returns the persons that it may be."""
        if not self._is_determiner() and self.take(*ENGLISH_OBJECTS):
            return PERSONS
        return self.objects()[0].persons

    def _at_predicate(self):
        """Whether adjectives come next without the noun of "good apples"."""
        ahead = 0
        while self.peek(ahead) in self.words.english_adjectives:
            ahead += 1
        return ahead > 0 and self.peek(ahead) not in self.words.english_nouns


@lru_cache(maxsize=1000)
def reading(reader, sentence, words):
    """The sentence as ``French`` or ``English`` reads it with the fewest complaints."""
    best = reader(sentence, words).read()
    places = [at for at, word in enumerate(best.lower) if word in ("et", "and")]
    for number in range(1, len(places) + 1):
        for joins in combinations(places, number):
            if best.faults > (False, 0):
                best = min(best, reader(sentence, words, joins).read(), key=lambda r: r.faults)
    return best


def lint_french(sentence, words):
    """What is wrong in a French sentence."""
    complaints = lint_spelling(sentence, FRENCH, words)
    read = reading(French, sentence, words)
    complaints += _said_twice(read)
    for word, following in zip(read.lower, read.lower[1:]):
        vowel = words.vowel_sound(following)
        cet = word == "ce" and following in (*words.nouns, *words.adjectives)
        if word in ELIDABLE and vowel and not cet:
            complaints.append(f"{word} {following}: elision is missing")
        elif word in ELIDED and vowel is False:
            complaints.append(f"{word}{following}: elision before a consonant")
        if (word, following) in CONTRACTED:
            contracted = CONTRACTED[word, following]
            complaints.append(f"{word} {following}: contraction is missing, {contracted}")
    return complaints + _complaints_of(read, words.french)


def lint_english(sentence, words):
    """What is wrong in an English sentence."""
    complaints = lint_spelling(sentence, ENGLISH, words)
    read = reading(English, sentence, words)
    complaints += _said_twice(read)
    for article, following in zip(read.lower, read.lower[1:]):
        vowel = following.startswith((*"aeiou", *SILENT_H))
        if article in ("a", "an") and vowel != (article == "an"):
            better = "an" if vowel else "a"
            complaints.append(f"{article} {following}: {better} is due before this sound")
    return complaints + _complaints_of(read, words.english)


def _said_twice(read):
    pairs = zip(read.tokens, read.lower, read.lower[1:])
    return [
        f"{token}: said twice"
        for token, lower, after in pairs
        if lower == after and lower not in ("this", "these")  # Is this this man's hat?
    ]


def _complaints_of(read, known):
    """A reader's complaints; that it got stuck only where a word is not at fault."""
    unknown = [token for token, lower in zip(read.tokens, read.lower) if lower not in known]
    complaints = [f"{token}: unknown word" for token in unknown] + read.complaints
    if read.stuck and not complaints:
        complaints.append(f"{read.stuck}: the sentence cannot be read on from here")
    return complaints


def lint_spelling(sentence, tokenizer, words):
    """Unicode, spaces, apostrophes, capitals, the closing mark, the way back from tokens."""
    complaints = []

    def check(right, complaint):
        if not right:
            complaints.append(f"{sentence}: {complaint}")

    composed = unicodedata.normalize("NFC", sentence)
    check(composed == sentence, "not in NFC")
    for strange in re.findall(r"[^\w '.,?!:;-]|[\d_]", composed):
        check(False, f"strange character {strange!r}")
    check("  " not in sentence, "doubled space")
    check(sentence == sentence.strip(), "space at an end")
    check(not re.search(r" [.,]|,(?! )|' | '", sentence), "a space too many or too few")
    if tokenizer is FRENCH:
        check(not re.search(r"(?<! )[?!:;]", sentence), "a space is missing before ? ! : ;")
    else:
        check(not re.search(r" [?!:;]", sentence), "no space before ? ! : ; in English")
    check(sentence[:1].isupper(), "no capital at the start")
    for word in re.findall(r"(?<!^)\b[^\W\d_]+", composed):
        allowed = word in words.names or (tokenizer is ENGLISH and word in ("I", "Sundays"))
        check(word.islower() or allowed, f"capital in {word}")
    check(re.fullmatch(r"[^.?!]*[^.?!]+[.?]", sentence), "one . or ? is due, at the end")
    back = tokenizer.detokenize(tokens_of(tokenizer, sentence))
    check(complaints or back == sentence, f"the tokenizer makes it {back!r}")
    return complaints


# One pair, one source with its references.


def lint_pair(source, french, alignment, words):
    """What is wrong between an English sentence and a French one, aligned like "0-0 1-2"."""
    complaints = []
    if source[-1:] != french[-1:]:
        complaints.append(f"{french}: another closing mark than in English")
    if not re.fullmatch(r"\d+-\d+( \d+-\d+)*", alignment):
        return [*complaints, f"{alignment!r}: not an alignment"]
    pairs = alignment.split(" ")
    complaints += [f"{pair}: aligned twice" for pair, times in Counter(pairs).items() if times > 1]
    for side, reader, sentence in (0, English, source), (1, French, french):
        aligned = {int(pair.split("-")[side]) for pair in pairs}
        tokens = tokens_of(reader.tokenizer, sentence)
        for place in sorted(aligned - set(range(len(tokens)))):
            complaints.append(f"{sentence}: alignment {place} out of range")
        for place in sorted(reading(reader, sentence, words).content - aligned):
            complaints.append(f"{sentence}: {tokens[place]} is not aligned")
    return complaints


def lint_references(references):
    """What is wrong with the probabilities and the texts of one source's references."""
    complaints = []
    for reference in references:
        if not 0 < reference["p"] <= 1:
            complaints.append(f"{reference['text']}: p is {reference['p']}")
    total = sum(reference["p"] for reference in references)
    if abs(total - 1) > 1e-9:
        complaints.append(f"p of the references sum to {total}")
    for text, times in Counter(reference["text"] for reference in references).items():
        if times > 1:
            complaints.append(f"{text}: reference twice")
    return complaints


# The files.


class Example(NamedTuple):
    """One line of a set's two files."""

    number: int
    source: str
    french: str
    entry: dict


def lint(folder, least_pairs=60, least_phenomena=30, words=None):
    """Everything that is wrong in the corpus in ``folder``, a line for each complaint."""
    words, complaints, sets = words or Words(), [], {}
    for name in SETS:
        sets[name] = _read_set(Path(folder), name, complaints)
        for example in sets[name]:
            for french, complaint in _lint_example(example, words):
                kind = "tsv" if french in (None, example.french) else "jsonl"
                complaints.append(f"{name}.{kind}, line {example.number}: {complaint}")
    complaints += _lint_sources(sets)
    complaints += _lint_phenomena(sets["train"], least_pairs, least_phenomena)
    english = {word for one in sets["train"] for word in tokens_of(ENGLISH, one.source)}
    french = {word for one in sets["train"] for word in tokens_of(FRENCH, one.french)}
    for name in SETS:
        if name not in ("train", "train-more", "unknown"):
            complaints += _lint_words(name, sets[name], english, french)
    return complaints


def _read_set(folder, name, complaints):
    """The examples of a set's two files, as far as they can be read."""
    lines = {}
    for kind in "tsv", "jsonl":
        try:
            text = (folder / f"{name}.{kind}").read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            complaints.append(f"{name}.{kind}: cannot be read, {error}")
            return []
        *lines[kind], rest = text.split("\n")
        if rest or not lines[kind]:
            complaints.append(f"{name}.{kind}: empty, or without an end of line at the end")
    if len(lines["tsv"]) != len(lines["jsonl"]):
        counts = f"{len(lines['tsv'])} lines, {name}.jsonl {len(lines['jsonl'])}"
        complaints.append(f"{name}.tsv: {counts}")
    examples = []
    for number, (row, text) in enumerate(zip(lines["tsv"], lines["jsonl"]), 1):
        columns, entry = row.split("\t"), _entry(text)
        if len(columns) != 2:
            complaints.append(f"{name}.tsv, line {number}: {len(columns)} columns")
        elif entry is None:
            complaints.append(f"{name}.jsonl, line {number}: not an entry of the right form")
        else:
            examples.append(Example(number, *columns, entry))
    return examples


def _entry(text):
    """A line of JSONL as a dict, None if it is not one of the right form."""
    try:
        entry = json.loads(text)
        right = isinstance(entry["source"], str) and _are_strings(entry["phenomena"])
        for reference in entry["references"]:
            right &= isinstance(reference["text"], str) and isinstance(reference["alignment"], str)
            right &= isinstance(reference["p"], (int, float))
            right &= _are_strings(reference.get("phenomena", []))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return entry if right and entry["references"] else None


def _are_strings(values):
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _lint_example(example, words):
    """Yield ``(French sentence or None, complaint)`` for one line of a set."""
    source, references = example.entry["source"], example.entry["references"]
    if source != example.source:
        yield None, f"{example.source}: the JSONL has {source}"
    if example.french not in [reference["text"] for reference in references]:
        yield None, f"{example.french}: not one of the references"
    for complaint in lint_english(source, words) + lint_references(references):
        yield None, complaint
    for reference in references:
        french = reference["text"]
        pair = lint_pair(source, french, reference["alignment"], words)
        for complaint in lint_french(french, words) + pair:
            yield french, complaint


def _lint_sources(sets):
    """No source twice, in one set or in two."""
    places, complaints = {}, []
    for name, examples in sets.items():
        for example in examples:
            place = f"{name}.tsv, line {example.number}"
            if example.source in places:
                first = places[example.source]
                complaints.append(f"{place}: {example.source}: this source is in {first} too")
            places.setdefault(example.source, place)
    return complaints


def _lint_phenomena(train, least_pairs, least_phenomena):
    """Every phenomenon often enough in the references drawn for training."""
    counts = Counter()
    for example in train:
        tags = set(example.entry["phenomena"])
        for reference in example.entry["references"]:
            own = reference.get("phenomena", [])
            counts.update(dict.fromkeys(own, 0))
            if reference["text"] == example.french:
                tags.update(own)
        counts.update(tags)
    complaints = [
        f"train.jsonl: {tag}: in {times} pairs, fewer than {least_pairs}"
        for tag, times in sorted(counts.items())
        if times < least_pairs
    ]
    if len(counts) < least_phenomena:
        complaints.append(f"train.jsonl: {len(counts)} phenomena, fewer than {least_phenomena}")
    return complaints


def _lint_words(name, examples, english, french):
    """Every word of ``examples``, of all references, is among those of the pairs drawn for
    training, ``english`` and ``french``."""
    for example in examples:
        texts = [reference["text"] for reference in example.entry["references"]]
        unseen = set(tokens_of(ENGLISH, example.source)) - english
        for text in texts:
            unseen.update(set(tokens_of(FRENCH, text)) - french)
        for word in sorted(unseen):
            yield f"{name}.tsv, line {example.number}: {word}: not a word of train.tsv"


if __name__ == "__main__":
    found = lint(sys.argv[1])
    print(*found, f"{len(found)} complaints", sep="\n")
