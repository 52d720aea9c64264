"""Draws sentences that make sense: who can do it, to what, and when."""

import random
from itertools import accumulate

from .structure import (
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
    referents,
)

POSSESSIVES = {
    "I": "my",
    "you": "your",
    "he": "his",
    "she": "her",
    "we": "our",
    "they": "their",
}


def _kinds_of(text):
    return frozenset(text.split())


PEOPLE, ADULTS, ANIMALS = _kinds_of("person"), _kinds_of("adult"), _kinds_of("animal")
PLACES, EDIBLE = _kinds_of("venue space"), _kinds_of("food drink")
THINGS = _kinds_of("animal goods clothing vehicle home text furniture")
SHOWN = _kinds_of("person animal food drink goods clothing text space")  # This is …
NEVER_OWNED = _kinds_of("venue show music food drink flora transport opening space")
HOUSEHOLD = _kinds_of("home furniture container")
PASSING = ("mood", "energy", "health", "access", "warmth", "dirt")  # goes with "today"
REASONED = ("buy", "want", "wash", "wear")  # because it is beautiful
STEEPNESS = 1.3


class Unfit(Exception):
    """A draw that leads to no sentence; the next one is tried."""


class Sampler:
    """``Sampler(lexicon, seed).sentence()`` draws a :class:`~.structure.Sentence`.

    Equal seeds give equal sentences on every machine: only ``random.Random.random`` is used,
    the one method whose results Python promises to keep. ``unknown`` is the probability that a
    noun, adjective or verb is one of those held out for the set of unknown words.
    """

    def __init__(self, lexicon, seed, unknown=0.0):
        self.lexicon, self.random = lexicon, random.Random(seed).random
        self.unknown = unknown

    # --- drawing

    def chance(self, probability):
        return self.random() < probability

    def one(self, options, weights=None):
        """One of ``options``, as likely as ``weights`` say."""
        options = list(options)
        if not options:
            raise Unfit
        if weights is None:
            return options[int(self.random() * len(options))]
        sums = list(accumulate(weights))
        point = self.random() * sums[-1]
        return next(option for option, end in zip(options, sums) if point < end)

    def of(self, weights):
        return self.one(weights, weights.values())

    def word(self, words):
        """A word of those known in training, or with the set probability of those held out.

        The tables list common words first: the n-th that fits is drawn in proportion to
        :math:`n^{-STEEPNESS}`, about as Zipf's law has it.
        """
        held_out = self.chance(self.unknown)
        words = list(words)
        wanted = [word for word in words if bool(word.held_out) == held_out]
        wanted = wanted or [word for word in words if not word.held_out]
        return self.one(wanted, [(rank + 1) ** -STEEPNESS for rank in range(len(wanted))])

    def a_noun(self, kinds):
        return self.word(noun for noun in self.lexicon.nouns if noun.kinds & kinds)

    # --- sentences

    def sentence(self):
        while True:
            try:
                shape = self.of({"one": 0.82, "this": 0.05, "antecedent": 0.1, "several": 0.03})
                sentence = getattr(self, f"_{shape}")()
            except Unfit:
                continue
            if makes_sense(sentence):
                return sentence

    def _one(self):
        question = self.of(
            {"": 0.76, "yes/no": 0.13, "what": 0.04, "where": 0.03, "why": 0.03, "when": 0.01}
        )
        if question in ("what", "where"):
            return Sentence((self.asked(question),), question=question)
        subject = self.subject(can_be_indefinite=question == "")
        if question and getattr(subject, "word", "") in ("I", "we") and self.chance(0.8):
            raise Unfit  # who asks what they are doing themselves?
        return Sentence((self.clause(subject, question),), question=question)

    def _this(self):
        noun = self.a_noun(SHOWN)
        plural = not noun.is_mass and self.chance(0.3)
        what = self.noun_phrase(noun, self.is_determiner(noun, plural), plural)
        question = "yes/no" if self.chance(0.15) else ""
        was = not question and not noun.kinds & PEOPLE and self.chance(0.2)
        tense = "past" if was else "present"
        negative = not question and self.chance(0.3)
        return Sentence((Clause(None, Identity(what), tense, negative),), question=question)

    def _several(self):
        """Clauses of one tense and kind of subject, side by side: a knob for length."""
        count = self.of({2: 0.7, 3: 0.3})
        tense = self.of({"present": 0.55, "past": 0.3, "future": 0.15})
        they = Pronoun("they")
        clauses = []
        for _ in range(count):
            subject = self.subject(people=True)
            if isinstance(subject, Pronoun) and subject.word == "they":
                subject = they
            clauses.append(self.clause(subject, tense=tense, adverb=False, pronouns=False))
        # A second "they" could mean whoever was named before it, so it may only follow itself.
        for i, clause in enumerate(clauses[1:], 1):
            if clause.subject is they and any(_names_others(c, they) for c in clauses[:i]):
                raise Unfit
        links = tuple(
            "but" if clauses[i].negative != clauses[i + 1].negative else "and"
            for i in range(count - 1)
        )
        return Sentence(tuple(clauses), links)

    def _antecedent(self):
        """*The house is old but it is beautiful*; *Marie bought an apple and she is eating it*."""
        return self.subject_again() if self.chance(0.55) else self.object_again()

    def subject_again(self):
        noun = self.a_noun(THINGS | PEOPLE)
        plural = bool(noun.kinds & PEOPLE) or self.chance(0.3)
        phrase = self.noun_phrase(noun, self.subject_determiner(noun, plural), plural)
        tense = self.of({"present": 0.8, "past": 0.2})
        pronoun = Pronoun("they" if plural else "it", phrase)
        first, second = (
            self.clause(subject, tense=tense, adverb=False, pronouns=False)
            for subject in (phrase, pronoun)
        )
        if any(
            isinstance(r, NounPhrase) for r in referents(first) if r not in (phrase, phrase.owner)
        ):
            raise Unfit  # the pronoun could mean that, too
        qualities = [c.predicate for c in (first, second) if isinstance(c.predicate, Quality)]
        if len({quality.adjective.scale for quality in qualities}) < len(qualities):
            raise Unfit  # red and red, or not old but young
        return Sentence((first, second), (self.link(first, second),))

    def object_again(self):
        words = [Pronoun(word) for word in ("I", "you", "he", "she", "we")]
        subject = self.one([*words, *self.names()])
        things = [
            (verb, frame[0])
            for verb in self.lexicon.verbs
            for frame in verb.frames
            if len(frame) == 1 and not frame[0].preposition and not frame[0].generic
            if not frame[0].kinds <= PEOPLE
        ]
        verb = self.word(dict(things))
        slot = dict(things)[verb]
        noun = self.a_noun(slot.kinds - PEOPLE)
        plural = not noun.is_mass and self.chance(0.3)
        determiner = self.object_determiner(noun, plural, verb)
        phrase = self.noun_phrase(noun, determiner, plural)
        tense = self.one(self.tenses(verb))
        real = determiner in ("a", "some") or self.chance(0.8)
        first = Clause(subject, Action(verb, ((slot, phrase),)), tense, not real)
        at_large = "past" if tense == "perfect" else tense.split()[0]
        if tense in ("past", "perfect") and real and self.chance(0.5):
            at_large = "present"  # she bought a car and it is red
        again = subject
        if isinstance(subject, Name):
            again = Pronoun("she" if subject.gender == "f" else "he")
        pronoun = Pronoun("they" if plural else "it", phrase)
        if self.chance(0.4):  # she has a dog and it is sleeping
            second = self.clause(pronoun, tense=at_large, adverb=False, pronouns=False)
        else:
            found = ("find",) if verb.english == "look" else ()  # nothing seen is found again
            verb = self.word(
                v
                for v, s in dict(things).items()
                if s.kinds & noun.kinds and v != verb and v.english != "buy"
                if v.aspect == "activity" or v.english in found
            )
            slot = dict(things)[verb]
            tense = self.one(
                t
                for t in self.tenses(verb)
                if (t == "past" if at_large == "past" else t.split()[0] == at_large)
            )
            if _is_ambiguous(verb, tense):
                raise Unfit
            second = Clause(again, Action(verb, ((slot, pronoun),)), tense, self.chance(0.25))
        return Sentence((first, second), (self.link(first, second),))

    def link(self, first, second):
        """But between yes and no; because where one may well be the reason of the other."""
        tired = isinstance(first.predicate, Quality) and first.predicate.adjective.scale == "energy"
        wanted = isinstance(first.predicate, Action) and first.predicate.verb.english in REASONED
        effort = isinstance(second.predicate, Action) and not second.predicate.objects
        if tired and effort and not second.negative:
            return self.of({"because": 0.7, "and": 0.3})
        if wanted and isinstance(second.predicate, Quality) and not first.negative:
            return self.of({"because": 0.7, "and": 0.3})
        return "but" if first.negative != second.negative else "and"

    # --- clauses

    def clause(self, subject, question="", tense=None, adverb=True, pronouns=True):
        """Something that ``subject`` does or is. ``tense``: present, past or future at large."""
        kinds = _kinds(subject)
        shape = self.of({"action": 0.72, "quality": 0.2, "place": 0.08})
        if shape == "action" and kinds & (PEOPLE | ANIMALS):
            clause = self.action(subject, kinds, tense, adverb, pronouns)
        else:
            predicate = self.place(kinds) if shape == "place" else self.quality(subject, kinds)
            passing = shape == "place" or predicate.adjective.scale in PASSING
            tense = tense or self.of({"present": 0.6, "past": 0.25, "future": 0.2 * passing})
            word = self.adverb(_times(tense, is_state=True)) if adverb and passing else None
            clause = Clause(subject, predicate, tense, False, word)
        negative = not question and self.chance(0.22)
        if _has_pair(clause) or (clause.adverb and clause.adverb.time == "perfect"):
            negative = False
        # "Every day, she …": only one clause, only in statements.
        first = adverb and not question and bool(clause.adverb) and self.chance(0.3)
        first = first and clause.adverb.position == "end"
        clause = clause._replace(negative=negative, adverb_first=first)
        if question == "when" and (clause.adverb or clause.tense not in ("past", "future")):
            raise Unfit
        if _has_indefinite_subject(clause) and (
            negative or not isinstance(clause.predicate, Action)
        ):
            raise Unfit
        return clause

    def action(self, subject, kinds, at_large, adverb, pronouns):
        verb = self.word(verb for verb in self.lexicon.verbs if verb.subjects & kinds)
        frame = self.one(verb.frames, [1 if frame == () else 3 for frame in verb.frames])
        pronouns = pronouns and len(frame) == 1
        objects = tuple((slot, self.object(verb, slot, subject, pronouns)) for slot in frame)
        tenses = self.tenses(verb)
        if at_large is None and verb.aspect == "activity":
            tenses = (*tenses, "habit", "habit")
        tense = self.one(t for t in tenses if not at_large or t.split()[0] == at_large)
        if tense == "habit":
            tense, word = self.of({"present": 0.6, "past": 0.4}), self.adverb(("habit",))
        elif adverb and verb.aspect != "state" and not (tense == "past" and self.chance(0.6)):
            word = self.adverb(_times(tense))
        else:
            word = None
        if _is_ambiguous(verb, tense):
            raise Unfit
        return Clause(subject, Action(verb, objects), tense, False, word)

    def tenses(self, verb):
        """What needs no adverb; more often the likelier."""
        return {
            "activity": ("present progressive",) * 4
            + ("past", "past", "past progressive", "perfect", "future", "future"),
            "event": ("past", "past", "perfect", "future"),
            "perception": ("present", "past", "perfect", "future"),
            "state": ("present", "present", "past"),
            "possession": ("present", "present", "past"),
        }[verb.aspect]

    def adverb(self, times):
        """An adverb of one of ``times``, or none, if that is as good."""
        if not times or (times not in (("habit",), ("past",)) and not self.chance(0.25)):
            return None
        return self.one(adverb for adverb in self.lexicon.adverbs if adverb.time in times)

    def quality(self, subject, kinds):
        taken = _scales(subject)
        if isinstance(subject, Pronoun) and subject.antecedent:
            taken |= _scales(subject.antecedent)
        adjective = self.word(
            a
            for a in self.lexicon.adjectives
            if a.kinds & kinds and a.scale not in taken and a.position != "before only"
        )
        return Quality(adjective)

    def place(self, kinds):
        preposition = self.one(p for p in self.lexicon.prepositions if p.subjects & kinds)
        noun = self.a_noun(preposition.places)
        return Place(preposition, self.noun_phrase(noun, self.place_determiner(noun), False))

    def asked(self, question):
        """A clause whose object, a thing or a place, is what the question asks for."""
        place = question == "where"
        verb, frame = self.one(
            (verb, frame)
            for verb in self.lexicon.verbs
            for frame in verb.frames
            if len(frame) == 1 and not verb.held_out and not frame[0].kinds & PEOPLE
            if (place and frame[0].particle and frame[0].preposition in ("à", "dans"))
            or not (place or frame[0].preposition)
        )
        tense = self.one(self.tenses(verb))
        if _is_ambiguous(verb, tense):
            raise Unfit
        word = self.adverb(_times(tense)) if tense == "future" else None
        return Clause(
            self.subject(people=True), Action(verb, ((frame[0], None),)), tense, False, word
        )

    # --- who and what

    def names(self):
        return [Name(name, gender) for name, gender in self.lexicon.names.items()]

    def subject(self, can_be_indefinite=False, people=False):
        things = 0 if people else 0.1
        shape = self.of(
            {"pronoun": 0.46, "name": 0.1, "person": 0.28, "thing": things, "both": 0.06}
        )
        if shape == "pronoun":
            return Pronoun(
                self.of({"I": 1.2, "you": 1.0, "he": 1.3, "she": 1.3, "we": 1.2, "they": 1.7})
            )
        if shape == "name":
            return self.one(self.names())
        if shape == "both":
            first, second = self.someone(), self.someone()
            if _noun(first) == _noun(second):
                raise Unfit
            return Both(first, second)
        kinds = PEOPLE if shape == "person" else THINGS | {"opening"}
        noun = self.a_noun(kinds)
        plural = not noun.is_mass and self.chance(0.35)
        determiner = self.subject_determiner(noun, plural)
        if can_be_indefinite and noun.kinds & PEOPLE and self.chance(0.08):
            determiner = "some" if plural else "a"
            if "relation" in noun.kinds and "role" not in noun.kinds:
                raise Unfit
        return self.noun_phrase(noun, determiner, plural)

    def someone(self):
        """One half of *Marie and my brother*."""
        if self.chance(0.5):
            return self.one(self.names())
        noun = self.a_noun(PEOPLE)
        return self.noun_phrase(noun, self.subject_determiner(noun, False, owners=False), False, 0)

    def object(self, verb, slot, subject, pronouns):
        kinds = slot.kinds
        can_be_pronoun = kinds & PEOPLE and (slot.dative or not slot.preposition)
        if pronouns and can_be_pronoun and self.chance(0.4):
            words = ("I", "you", "he", "she", "we", "they")
            return Pronoun(self.one(w for w in words if not _same_side(subject, w)))
        if kinds & PEOPLE and self.chance(0.25):
            return self.one(self.names())
        noun = self.a_noun(kinds)
        if slot.generic:
            return self.noun_phrase(noun, "all", not noun.is_mass)
        plural = not noun.is_mass and self.chance(0.3)
        plural = plural and not (slot.preposition and noun.kinds & PLACES)
        determiner = self.object_determiner(noun, plural, verb, slot)
        phrase = self.noun_phrase(noun, determiner, plural)
        if pronouns and kinds & EDIBLE and determiner in ("a", "some") and self.chance(0.15):
            other = self.a_noun(kinds)
            several = not other.is_mass and self.chance(0.3)
            indefinite = "some" if several or other.is_mass else "a"
            return Both(phrase, self.noun_phrase(other, indefinite, several))
        return phrase

    def noun_phrase(self, noun, determiner, plural, most=2):
        """A noun with up to ``most`` adjectives, one on each side, and the owner that 's needs."""
        owner = self.owner(noun) if determiner == "'s" else None
        count = 0 if determiner == "all" else min(most, self.of({0: 0.75, 1: 0.22, 2: 0.03}))
        fitting = [
            a for a in self.lexicon.adjectives if a.kinds & noun.kinds and a.position != "predicate"
        ]
        adjectives = []
        for position in ("before", "after"):
            here = [a for a in fitting if a.position.startswith(position)]
            if here and (count == 2 or (count == 1 and len(adjectives) == 0 and self.chance(0.55))):
                adjectives.append(self.word(here))
        return NounPhrase(noun, plural, determiner, tuple(adjectives), owner)

    def owner(self, owned):
        if self.chance(0.5):
            return self.one(self.names())
        noun = self.a_noun(ADULTS)
        if noun == owned:
            raise Unfit
        return NounPhrase(noun, False, self.subject_determiner(noun, False, owners=False))

    def a_possessive(self):
        return POSSESSIVES[self.of({"I": 2, "you": 1, "he": 1, "she": 1, "we": 1, "they": 1})]

    def subject_determiner(self, noun, plural, owners=True):
        if "relation" in noun.kinds:
            return "'s" if owners and self.chance(0.15) else self.a_possessive()
        can_own = not noun.kinds & NEVER_OWNED and (noun.kinds - PEOPLE - ADULTS)
        return self.of(
            {
                "the": 0.62,
                "this": 0.12,
                self.a_possessive(): 0.2 if can_own else 0,
                "'s": 0.08 if can_own and owners else 0,
            }
        )

    def object_determiner(self, noun, plural, verb, slot=None):
        indefinite = "some" if plural or noun.is_mass else "a"
        if slot and slot.preposition and indefinite == "some":
            indefinite = "the"
        relation = "relation" in noun.kinds
        if verb.aspect == "possession":
            number = {"two": 0.15, "three": 0.1} if plural else {}
            return self.of({indefinite: 0.7, "the": 0 if relation else 0.25, **number})
        if relation and ("role" not in noun.kinds or self.chance(0.6)):
            return "'s" if self.chance(0.15) else self.a_possessive()
        can_own = not relation and not noun.kinds & NEVER_OWNED and (noun.kinds - PEOPLE - ADULTS)
        weights = {
            "the": 0 if relation else 0.3,
            "this": 0 if relation else 0.08,
            self.a_possessive(): 0.15 if can_own else 0,
            "'s": 0.06 if can_own else 0,
        }
        weights[indefinite] = weights.get(indefinite, 0) + (0.04 if noun.kinds & PLACES else 0.36)
        if plural:
            weights.update(two=0.05, three=0.05)
        return self.of(weights)

    def place_determiner(self, noun):
        if noun.kinds & HOUSEHOLD and self.chance(0.3):
            return "'s" if self.chance(0.3) else self.a_possessive()
        return "this" if self.chance(0.08) else "the"

    def is_determiner(self, noun, plural):
        """For *This is …*."""
        relation = "relation" in noun.kinds and "role" not in noun.kinds
        can_own = not noun.kinds & NEVER_OWNED and (noun.kinds - PEOPLE - ADULTS)
        return self.of(
            {
                "some" if plural or noun.is_mass else "a": 0 if relation else 0.55,
                "the": 0 if relation else 0.1,
                self.a_possessive(): 0.3 if can_own else 0,
                "'s": 0.15 if can_own else 0,
            }
        )


def _kinds(subject):
    """What a subject can do: that of its noun, of people, of everybody."""
    if isinstance(subject, Pronoun) and subject.antecedent:
        subject = subject.antecedent
    return subject.noun.kinds if isinstance(subject, NounPhrase) else PEOPLE


def _noun(referent):
    return referent.noun if isinstance(referent, NounPhrase) else referent.name


def _parts(referent):
    return list(referent) if isinstance(referent, Both) else [referent]


def _scales(referent):
    return {a.scale for part in _parts(referent) for a in getattr(part, "adjectives", ())}


def _same_side(subject, word):
    """Whether ``word`` would mean (someone among) the subject: *I see us*."""
    if not isinstance(subject, Pronoun):
        return False
    return any({subject.word, word} <= side for side in ({"I", "we"}, {"you"}))


def _times(tense, is_state=False):
    """Times of adverbs that go with a tense."""
    times = {
        "present progressive": ("present",),
        "present": ("present", "habit") if is_state else (),
        "past": ("past",),
        "past progressive": (),
        "perfect": ("perfect",),
        "future": ("future",),
    }
    return times[tense]


def _is_ambiguous(verb, tense):
    """*They read*: today or yesterday?"""
    return verb.past == verb.english and tense == "past"


def _has_indefinite_subject(clause):
    return getattr(clause.subject, "determiner", "") in ("a", "some")


def _has_pair(clause):
    """*some bread and some milk*: with "not", English would want "or"."""
    return isinstance(clause.predicate, Action) and any(
        isinstance(referent, Both) for _, referent in clause.predicate.objects
    )


def _names_others(clause, they):
    """Whether a clause names anybody or anything that "they" could mean."""
    return any(
        r is not they and getattr(r, "word", "") not in ("I", "you", "we")
        for r in referents(clause)
    )


def makes_sense(sentence):
    """No noun twice, nobody their own owner, nothing said of itself."""
    nouns = [
        referent.noun.singular
        for clause in sentence.clauses
        for referent in referents(clause)
        if isinstance(referent, NounPhrase)
    ]
    names = [
        referent.name
        for clause in sentence.clauses
        for referent in referents(clause)
        if isinstance(referent, Name)
    ]
    return len(set(nouns)) == len(nouns) and len(set(names)) == len(names)
