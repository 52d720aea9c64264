"""Every rule writes both languages at once, so that it knows which word comes from which.

A word is ``(text, keys)``; words of the two sides that share a key are aligned.
"""

import itertools
from typing import NamedTuple, Tuple

from . import english, french
from .hidden import PRONOUNS, Person, outcomes
from .structure import Action, Both, Identity, Name, NounPhrase, Place, Pronoun, Quality


class Reference(NamedTuple):
    """A French sentence: its tokens, its probability given the English one, and more.

    ``alignment``: pairs (English position, French position), from 0; ``phenomena``: what it
    shows; ``choices``: per way to it, the ``(kind, option)`` pairs of what English left open.
    """

    tokens: Tuple[str, ...]
    probability: float
    alignment: Tuple[Tuple[int, int], ...]
    phenomena: Tuple[str, ...]
    choices: Tuple[Tuple[Tuple[str, object], ...], ...]


def translations(sentence, lexicon):
    """``(English tokens, (Reference, ...))``, the most probable reference first.

    The probabilities sum to 1: they are those of the answers to what the English leaves open.
    """
    found = {}
    for choices, (en, fr, phenomena) in outcomes(lambda c: _Rules(lexicon, c).sentence(sentence)):
        tokens = tuple(word for word, _ in fr)
        _, _, _, ways = found.setdefault(tokens, (en, fr, phenomena, []))
        ways.append(choices)
    references = [
        Reference(
            tokens,
            sum(way.probability for way in ways),
            _alignment(en, fr),
            tuple(sorted(phenomena)),
            tuple(tuple(way.made.values()) for way in ways),
        )
        for tokens, (en, fr, phenomena, ways) in found.items()
    ]
    references.sort(key=lambda reference: (-reference.probability, reference.tokens))
    return tuple(word for word, _ in en), tuple(references)


def _alignment(en, fr):
    return tuple(
        (i, j)
        for (i, (_, keys)), (j, (_, others)) in itertools.product(enumerate(en), enumerate(fr))
        if set(keys) & set(others)
    )


class _Phrase(NamedTuple):
    en: list
    fr: list
    person: Person


def _words(text, *keys):
    return [(word, keys) for word in text.split()]


class _Rules:
    """One reading of one sentence: ``choices`` answers what English leaves open."""

    def __init__(self, lexicon, choices):
        self.lexicon, self.choices = lexicon, choices
        self.phenomena, self.key = set(), itertools.count().__next__

    def tag(self, name, condition=True):
        if condition:
            self.phenomena.add(name)

    def vowel(self, word):
        return french.starts_with_vowel(word, self.lexicon.aspirated)

    # --- sentences

    def sentence(self, sentence):
        en, fr = [], []
        for i, clause in enumerate(sentence.clauses):
            if i:
                link = sentence.links[i - 1]
                k = self.key()
                en += _words(link, k)
                fr += _words({"and": "et", "but": "mais", "because": "parce que"}[link], k)
                self.tag("coordination")
            side_en, side_fr = self.clause(clause, sentence.question)
            en, fr = en + side_en, fr + side_fr
        k = self.key()
        sign = "?" if sentence.question else "."
        en, fr = [*en, (sign, (k,))], [*fr, (sign, (k,))]
        fr = french.meet(fr, self.lexicon.aspirated)
        self.look(fr)
        return _capitalised(en), _capitalised(fr), self.phenomena

    def look(self, fr):
        """Tag what shows only once the words have met."""
        for (word, _), (after, _) in zip(fr, fr[1:]):
            self.tag("elision", word.endswith("'"))
            self.tag("elided article", word == "l'")
            self.tag("h aspiré", after in self.lexicon.aspirated)
            self.tag("h muet", after[0] == "h" and word.endswith("'"))
        words = {word for word, _ in fr}
        self.tag("à + le, les", words & {"au", "aux"})

    def clause(self, clause, question):
        """Subject, verb and complements; questions keep one form: est-ce que."""
        predicate, tense = clause.predicate, clause.tense
        french_tense = self.french_tense(clause)
        a, v = self.key(), self.key()  # what the auxiliary says, what the verb says
        if isinstance(predicate, Identity):
            what = self.noun_phrase(predicate.what, after_be=True)
            dummy = "these" if predicate.what.plural else "this"
            k = self.key()
            subject = _Phrase(
                _words(dummy, k),
                _words("ce", k),
                Person(5 if what.person.plural else 2, "m", False),
            )
        else:
            subject = self.referent(clause.subject, subject=True)
        slot = subject.person.slot

        complement_en, complement_fr, clitic = [], [], None
        if isinstance(predicate, Action):
            aux, main = english.verb_group(
                predicate.verb, tense, self.agreement(clause.subject), clause.negative or question
            )
            complement_en, complement_fr, clitic = self.objects(clause, v)
        else:
            aux, main = "will" if tense == "future" else "", "be"
            if tense != "future":
                aux, main = english.be(tense, self.agreement(clause.subject, subject.person)), ""
            if isinstance(predicate, Quality):
                complement_en, complement_fr = self.quality(predicate.adjective, subject.person)
            elif isinstance(predicate, Place):
                complement_en, complement_fr = self.place(predicate)
            else:
                complement_en, complement_fr = what.en, what.fr

        # English: subject, auxiliary, not, adverb, verb
        helper = aux in ("do", "does", "did")
        aux_keys = () if helper else (a,)
        main_keys = (a, v) if helper or not aux else (v,)
        if not main:
            aux_keys = (a, v)
        n, g = self.key(), self.key()
        adverb_en, adverb_fr = [], []
        if clause.adverb:
            adverb_en, adverb_fr = _words(clause.adverb.english, g), _words(clause.adverb.french, g)
        middle = clause.adverb is not None and clause.adverb.position == "middle"
        aux_en = _words(aux, *aux_keys)
        subject_aux = aux_en + subject.en if question else subject.en + aux_en
        en = subject_aux + (_words("not", n) if clause.negative else [])
        en += (adverb_en if middle else []) + _words(main, *main_keys) + complement_en

        # French: subject, ne, clitic, verb or auxiliary, pas, adverb, participle
        if french_tense == "passé composé":
            auxiliary = predicate.verb.auxiliary
            forms = french.ETRE["present"] if auxiliary == "être" else french.AVOIR_PRESENT
            finite = _words(forms[slot], a)
            agrees = subject.person if auxiliary == "être" else clitic and clitic[1]
            gender, plural = (agrees.gender, agrees.plural) if agrees else ("m", False)
            participle = french.past_participle(predicate.verb, gender, plural)
            participle = _words(participle, v)
            self.tag("passé composé")
            self.tag("être participle", auxiliary == "être")
            self.tag("participle agrees with clitic", auxiliary == "avoir" and agrees)
        else:
            if isinstance(predicate, Action):
                form = french.conjugate(predicate.verb, french_tense, slot)
            else:
                form = french.ETRE[french_tense][slot]
            finite, participle = _words(form, a, v), []
            self.tag("imparfait", french_tense == "imparfait")
            self.tag("future", french_tense == "futur")
        fr = list(subject.fr)
        if clause.negative:
            fr += _words("ne", n)
        fr += clitic[0] if clitic else []
        fr += finite + (_words("pas", n) if clause.negative else [])
        fr += (adverb_fr if middle else []) + participle + complement_fr
        self.tag("negation", clause.negative)
        self.tag("negation around the auxiliary", clause.negative and participle)
        self.tag("do without a French word", helper)
        self.tag("two verbs to one", aux_en and main and not helper and not participle)
        self.tag("tense by adverb", tense == "past" and clause.adverb)

        if clause.adverb and not middle:
            if clause.adverb_first:
                k = self.key()
                en, fr = [*adverb_en, (",", (k,)), *en], [*adverb_fr, (",", (k,)), *fr]
            else:
                en, fr = en + adverb_en, fr + adverb_fr
        if question:
            self.tag("question")
            w = self.key()
            ask = {"yes/no": "", "why": "pourquoi", "when": "quand", "where": "où", "what": "que"}
            if question != "yes/no":
                en = _words(question, w) + en
            fr = _words(ask[question], w) + _words("est -ce que") + fr
        return en, fr

    def french_tense(self, clause):
        """The past is passé composé for events, imparfait for states, habits and what went on."""
        if clause.tense in ("present", "present progressive"):
            return "present"
        if clause.tense == "future":
            return "futur"
        if clause.tense == "past progressive":
            return "imparfait"
        action = isinstance(clause.predicate, Action)
        state = not action or clause.predicate.verb.aspect in ("state", "possession")
        habit = clause.adverb is not None and clause.adverb.time == "habit"
        if clause.tense == "past" and (state or habit):
            return "imparfait"
        return "passé composé"

    def agreement(self, subject, person=None):
        """How the English verb agrees: ``I``, ``one`` or ``many``."""
        if isinstance(subject, Pronoun):
            return {"I": "I", "you": "many", "we": "many", "they": "many"}.get(subject.word, "one")
        if subject is None:
            return "many" if person.slot == 5 else "one"
        return "many" if isinstance(subject, Both) or getattr(subject, "plural", False) else "one"

    # --- complements

    def objects(self, clause, v):
        """Complements of a verb on both sides, and the clitic that French moves before it."""
        en, fr, clitic = [], [], None
        for slot, referent in clause.predicate.objects:
            both = slot.particle and slot.preposition
            p = self.key() if both else v
            en += _words(slot.particle, p) if referent or not both else []
            if referent is None:
                continue
            if isinstance(referent, Pronoun):
                o = self.key()
                person = self.person(referent)
                en += _words(english.OBJECTS[referent.word], o)
                keys = (o, p) if both else (o,)
                if slot.dative:
                    clitic = _words(DATIVE[person.slot], *keys), None
                    self.tag("indirect clitic")
                else:
                    word = "la" if (person.slot, person.gender) == (2, "f") else DIRECT[person.slot]
                    clitic = _words(word, *keys), person
                    self.tag("clitic")
                continue
            phrase = self.referent(referent, negated=clause.negative and not slot.preposition)
            en += phrase.en
            if slot.preposition:
                fr += self.after_preposition(_words(slot.preposition, p), phrase.fr)
            else:
                fr += phrase.fr
            self.tag("preposition on one side", bool(slot.particle) != bool(slot.preposition))
        return en, fr, clitic

    def after_preposition(self, preposition, fr):
        self.tag("de + le, les", preposition[-1][0] == "de" and fr[0][0] in ("le", "les"))
        return preposition + fr

    def quality(self, adjective, person):
        k = self.key()
        self.tag("predicate adjective")
        self.tag("feminine adjective", person.gender == "f")
        self.tag("plural adjective", person.plural)
        form = french.inflect(adjective, person.gender, person.plural)
        return _words(adjective.english, k), _words(form, k)

    def place(self, predicate):
        k = self.key()
        phrase = self.referent(predicate.place)
        fr = self.after_preposition(_words(predicate.preposition.french, k), phrase.fr)
        return _words(predicate.preposition.english, k) + phrase.en, fr

    # --- who and what

    def referent(self, referent, subject=False, negated=False):
        if isinstance(referent, NounPhrase):
            return self.noun_phrase(referent, negated)
        if isinstance(referent, Name):
            k = self.key()
            person = Person(2, referent.gender, False)
            return _Phrase(_words(referent.name, k), _words(referent.name, k), person)
        if isinstance(referent, Both):
            return self.both(referent)
        k = self.key()
        person = self.person(referent)
        nominative = ("je", "tu", "il", "nous", "vous", "ils")[person.slot]
        if person.gender == "f" and person.slot in (2, 5):
            nominative = {2: "elle", 5: "elles"}[person.slot]
        return _Phrase(_words(referent.word, k), _words(nominative, k), person)

    def person(self, pronoun):
        """Who a pronoun is: that of its antecedent, or one of the options of PRONOUNS."""
        if pronoun.antecedent:
            noun = self.noun(pronoun.antecedent)
            plural = pronoun.antecedent.plural
            self.tag("they by antecedent" if plural else "it by antecedent")
            return Person(5 if plural else 2, noun.gender, plural)
        options = PRONOUNS[pronoun.word]
        self.tag(f"ambiguous {pronoun.word}", pronoun.word in ("you", "they"))
        # Everyone called "I", "we" or "you" is the same; "they" and "them" in one clause are not.
        referent = id(pronoun) if pronoun.word == "they" else pronoun.word
        return self.choices.choose(referent, pronoun.word, options)

    def both(self, pair):
        first, second = self.referent(pair.first), self.referent(pair.second)
        k = self.key()
        genders = {first.person.gender, second.person.gender}
        self.tag("mixed gender", len(genders) == 2)
        self.tag("coordination")
        person = Person(5, "f" if genders == {"f"} else "m", True)
        return _Phrase(
            first.en + _words("and", k) + second.en, first.fr + _words("et", k) + second.fr, person
        )

    def noun(self, phrase):
        """The French noun that is meant: *friend* may be *ami* or *amie*."""
        options = [(noun, noun.share) for noun in phrase.noun.french]
        self.tag("noun of open gender", len(options) > 1)
        return self.choices.choose(id(phrase), phrase.noun.singular, options)

    def noun_phrase(self, phrase, negated=False, after_be=False):
        noun, plural = self.noun(phrase), phrase.plural
        gender = noun.gender
        keys = [self.key() for _ in phrase.adjectives]
        n, d = self.key(), self.key()

        en = [
            word for a, k in zip(phrase.adjectives, keys) for word in _words(a.english, k)
        ] + _words(phrase.noun.plural if plural else phrase.noun.singular, n)

        fr = _words(noun.plural if plural else noun.singular, n)
        in_front = False
        for adjective, k in reversed(list(zip(phrase.adjectives, keys))):
            form = french.inflect(adjective, gender, plural)
            if adjective.position == "after":
                fr = fr + _words(form, k)
                self.tag("adjective after the noun")
            else:
                special = adjective.before_vowel and form == adjective.masculine and not plural
                if special and self.vowel(fr[0][0]):
                    form = adjective.before_vowel
                    self.tag("bel, nouvel, vieil")
                fr = _words(form, k) + fr
                in_front = True
                self.tag("adjective before the noun")
            self.tag("feminine adjective", gender == "f")
            self.tag("plural adjective", plural)

        en_det, fr_det, owner_en, owner_fr = self.determiner(
            phrase, gender, fr[0][0], in_front, negated, after_be, d
        )
        if en_det == "a":
            en_det = english.indefinite_article(en[0][0])
        return _Phrase(
            owner_en + _words(en_det, d) + en,
            fr_det + fr + owner_fr,
            Person(5 if plural else 2, gender, plural),
        )

    def determiner(self, phrase, gender, following, in_front, negated, after_be, d):
        """English and French determiner, and the owner's words on both sides."""
        det, plural = phrase.determiner, phrase.plural
        vowel = self.vowel(following)
        if det == "'s":
            owner = self.referent(phrase.owner)
            self.tag("owner after the owned")
            s = self.key()
            owner_fr = self.after_preposition(_words("de", s), owner.fr)
            fr = _words(french.article(gender, plural), s)
            return "", fr, owner.en + _words("'s", s), owner_fr
        if det in ("the", "all"):
            self.tag("article without an English word", det == "all")
            self.tag("le, la, les", det == "the")
            fr = _words(french.article(gender, plural), *([d] if det == "the" else []))
            return det if det == "the" else "", fr, [], []
        if det in ("a", "some"):
            self.tag("no de after être", after_be)
            bare = after_be and det == "some"  # These are apples.
            en = "" if bare else "any" if negated and det == "some" else det
            return (
                en,
                self.indefinite(phrase, gender, in_front, negated, () if bare else (d,)),
                [],
                [],
            )
        if det == "this":
            fr = french.demonstrative(gender, plural, vowel)
            self.tag("ce, cet, cette, ces")
            return "these" if plural else "this", _words(fr, d), [], []
        if det in french.NUMBERS:
            return det, _words(french.NUMBERS[det], d), [], []
        owner = det
        if det == "your":
            owner = "tu" if self.person(Pronoun("you")).slot == 1 else "vous"
        fr = french.possessive(owner, gender, plural, vowel)
        self.tag("possessive")
        feminine = french.POSSESSIVES[owner][:2]
        self.tag("mon amie", gender == "f" and fr == feminine[0] != feminine[1])
        return det, _words(fr, d), [], []

    def indefinite(self, phrase, gender, in_front, negated, keys):
        """un, une; du, de la, des; de after a negation, and before an adjective in front."""
        if negated:
            self.tag("de after negation")
            return _words("de", *keys)
        if phrase.noun.is_mass:
            self.tag("partitive")
            return _words("de " + french.article(gender, False), *keys)
        if phrase.plural:
            self.tag("de before an adjective", in_front)
            self.tag("un, une, des", not in_front)
            return _words("de" if in_front else "des", *keys)
        self.tag("un, une, des")
        return _words("un" if gender == "m" else "une", *keys)


DIRECT = ("me", "te", "le", "nous", "vous", "les")
DATIVE = ("me", "te", "lui", "nous", "vous", "leur")


def _capitalised(words):
    (first, keys), *rest = words
    return [(first[0].upper() + first[1:], keys), *rest]
