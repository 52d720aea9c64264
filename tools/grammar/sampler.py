"""Draws sentences that make sense: who can do it, to what, and when."""

from functools import lru_cache

from .phrases import (
    ANIMALS,
    PEOPLE,
    THINGS,
    Phrases,
    Unfit,
    kinds_of,
    known_and_held_out,
    odds,
)
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

SHOWN = kinds_of("person animal food drink goods clothing text space")  # This is …
SINGULAR = ("I", "you", "we", "he", "she")  # whom a later he or she may follow
PASSING = ("mood", "energy", "health", "access", "warmth", "dirt")  # goes with "today"
FIRST_OF_ALL = ("buy", "write", "look")  # nothing eaten is bought, nothing seen looked for
REASONED = ("buy", "want", "wash", "wear")  # because it is beautiful
SHAPES = odds({"one": 0.82, "this": 0.05, "antecedent": 0.1, "several": 0.03})
QUESTIONS = odds({"": 0.76, "yes/no": 0.13, "what": 0.04, "where": 0.03, "why": 0.03, "when": 0.01})
PREDICATES = odds({"action": 0.72, "quality": 0.2, "place": 0.08})
SEVERAL = odds({2: 0.7, 3: 0.3})
REASONS = odds({"because": 0.7, "and": 0.3})
TENSES_OF_SEVERAL = odds({"present": 0.55, "past": 0.3, "future": 0.15})
TENSES_OF_TWO = odds({"present": 0.8, "past": 0.2})
TENSES_OF_HABITS = odds({"present": 0.6, "past": 0.4})
TENSES_OF_STATES = {
    passing: odds({"present": 0.6, "past": 0.25, "future": 0.2 * passing})
    for passing in (False, True)
}
TIMES = {
    "present progressive": ("present",),
    "present": (),
    "past": ("past",),
    "past progressive": (),
    "perfect": ("perfect",),
    "future": ("future",),
}
# What needs no adverb; more often the likelier.
TENSES = {
    "activity": ("present progressive",) * 4
    + ("past", "past", "past progressive", "perfect", "perfect", "future", "future"),
    "event": ("past", "past", "perfect", "future"),
    "perception": ("present", "past", "perfect", "future"),
    "state": ("present", "present", "past"),
    "possession": ("present", "present", "past"),
}


class Sampler(Phrases):
    """``Sampler(lexicon, seed).sentence()`` draws a :class:`~.structure.Sentence`."""

    # --- sentences

    def sentence(self):
        while True:
            try:
                shape = self.of(SHAPES)
                sentence = getattr(self, f"_{shape}")()
            except Unfit:
                continue
            if makes_sense(sentence):
                return sentence

    def _one(self):
        question = self.of(QUESTIONS)
        if question in ("what", "where"):
            return Sentence((self.asked(question),), question=question)
        subject = self.subject(can_be_indefinite=question == "")
        if question and _is_speaker(subject) and self.chance(0.8):
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
        count = self.of(SEVERAL)
        tense = self.of(TENSES_OF_SEVERAL)
        they = Pronoun("they")
        clauses = []
        for _ in range(count):
            subject = self.subject(people=True)
            if isinstance(subject, Pronoun) and subject.word == "they":
                subject = they
            clauses.append(self.clause(subject, tense=tense, adverb=False, pronouns=False))
        # A later "they", "he" or "she" must not seem to mean somebody named before.
        for i, clause in enumerate(clauses[1:], 1):
            if any(_could_mean(clause.subject, earlier) for earlier in clauses[:i]):
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
        tense = self.of(TENSES_OF_TWO)
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
        subject = self.one([*words, *self.names])
        things = _things(self.lexicon)
        verb = self.word(things)
        slot = things[verb]
        noun = self.a_noun(slot.kinds - PEOPLE)
        if noun.kinds & PEOPLE:
            raise Unfit  # a brother is no "it"
        plural = not noun.is_mass and self.chance(0.3)
        determiner = self.object_determiner(noun, plural, verb)
        phrase = self.noun_phrase(noun, determiner, plural)
        tense = self.one(TENSES[verb.aspect])
        affirmative = determiner in ("a", "some") or self.chance(0.8)
        first = Clause(subject, Action(verb, ((slot, phrase),)), tense, not affirmative)
        at_large = "past" if tense == "perfect" else tense.split()[0]
        if tense in ("past", "perfect") and affirmative and self.chance(0.5):
            at_large = "present"  # she bought a car and it is red
        again = subject
        if isinstance(subject, Name):
            again = Pronoun("she" if subject.gender == "f" else "he")
        pronoun = Pronoun("they" if plural else "it", phrase)
        if self.chance(0.4):  # she has a dog and it is sleeping
            second = self.clause(pronoun, tense=at_large, adverb=False, pronouns=False)
            if isinstance(second.predicate, Place):
                raise Unfit  # she ate the cake and it was in the box
        else:
            found = ("find",) if verb.english == "look" else ()  # nothing seen is found again
            verb = self.word(
                v
                for v, s in things.items()
                if s.kinds & noun.kinds and v != verb and v.english not in FIRST_OF_ALL
                if v.aspect == "activity" or v.english in found
            )
            slot = things[verb]
            tense = self.one(
                [
                    t
                    for t in TENSES[verb.aspect]
                    if (t == "past" if at_large == "past" else t.split()[0] == at_large)
                ]
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
            return self.of(REASONS)
        if wanted and isinstance(second.predicate, Quality) and not first.negative:
            return self.of(REASONS)
        return "but" if first.negative != second.negative else "and"

    # --- clauses

    def clause(self, subject, question="", tense=None, adverb=True, pronouns=True):
        """Something that ``subject`` does or is. ``tense``: present, past or future at large."""
        kinds = _kinds(subject)
        shape = self.of(PREDICATES)
        if shape == "action" and kinds & (PEOPLE | ANIMALS):
            clause = self.action(subject, kinds, tense, adverb, pronouns)
        else:
            predicate = self.place(kinds) if shape == "place" else self.quality(subject, kinds)
            passing = shape == "place" or predicate.adjective.scale in PASSING
            tense = tense or self.of(TENSES_OF_STATES[passing])
            if tense == "future" and not passing:
                raise Unfit  # she will not be young
            word = self.adverb(_times(tense, is_state=True)) if adverb and passing else None
            clause = Clause(subject, predicate, tense, False, word)
        negative = not question and self.chance(0.22)
        if _has_pair(clause) or (clause.adverb and clause.adverb.time == "perfect"):
            negative = False
        # "Every day, she …": only one clause, only in statements.
        first = adverb and not question and bool(clause.adverb) and self.chance(0.3)
        first = first and clause.adverb.position == "end"
        clause = Clause(subject, clause.predicate, clause.tense, negative, clause.adverb, first)
        event = isinstance(clause.predicate, Action) and clause.tense in ("past", "future")
        if question == "when" and (clause.adverb or not event):
            raise Unfit
        if _has_indefinite_subject(clause) and (
            negative or not isinstance(clause.predicate, Action)
        ):
            raise Unfit
        return clause

    def action(self, subject, kinds, at_large, adverb, pronouns):
        verb = self.one_of_these(*_verbs(self.lexicon, kinds))
        frame = self.of(_frames(verb.frames))
        pronouns = pronouns and len(frame) == 1
        objects = tuple((slot, self.object(verb, slot, subject, pronouns)) for slot in frame)
        tense = self.one(_tenses(verb.aspect, at_large))
        if tense == "habit":
            tense, word = self.of(TENSES_OF_HABITS), self.adverb(("habit",))
        elif adverb and verb.aspect != "state" and not (tense == "past" and self.chance(0.6)):
            word = self.adverb(_times(tense))
        else:
            word = None
        if _is_ambiguous(verb, tense):
            raise Unfit
        return Clause(subject, Action(verb, objects), tense, False, word)

    def adverb(self, times):
        """An adverb of one of ``times``, or none, if that is as good."""
        if not times or (times not in (("habit",), ("past",)) and not self.chance(0.25)):
            return None
        return self.one(_adverbs(self.lexicon, times))

    def quality(self, subject, kinds):
        taken = _scales(subject)
        if isinstance(subject, Pronoun) and subject.antecedent:
            taken |= _scales(subject.antecedent)
        adjective = self.one_of_these(*_qualities(self.lexicon, kinds, frozenset(taken)))
        return Quality(adjective)

    def place(self, kinds):
        preposition = self.one([p for p in self.lexicon.prepositions if p.subjects & kinds])
        noun = self.a_noun(preposition.places)
        return Place(preposition, self.noun_phrase(noun, self.place_determiner(noun), False))

    def asked(self, question):
        """A clause whose object, a thing or a place, is what the question asks for."""
        verb, frame = self.one(_askable(self.lexicon, question))
        tense = self.one(TENSES[verb.aspect])
        if _is_ambiguous(verb, tense):
            raise Unfit
        subject = self.subject(people=True)
        if _is_speaker(subject) and self.chance(0.8):
            raise Unfit
        word = self.adverb(_times(tense)) if tense == "future" else None
        return Clause(subject, Action(verb, ((frame[0], None),)), tense, False, word)


@lru_cache(maxsize=None)
def _verbs(lexicon, kinds):
    return known_and_held_out(verb for verb in lexicon.verbs if verb.subjects & kinds)


@lru_cache(maxsize=None)
def _frames(frames):
    """Which of a verb's frames follows it: more often one with an object."""
    return odds({frame: 3 if frame else 1 for frame in frames})


@lru_cache(maxsize=None)
def _tenses(aspect, at_large):
    """The tenses of ``at_large``, present, past or future, or of no matter which (None)."""
    habit = ("habit",) * 3 if at_large is None and aspect == "activity" else ()
    return [t for t in (*TENSES[aspect], *habit) if not at_large or t.split()[0] == at_large]


@lru_cache(maxsize=None)
def _adverbs(lexicon, times):
    return [adverb for adverb in lexicon.adverbs if adverb.time in times]


@lru_cache(maxsize=None)
def _things(lexicon):
    """The verbs that are done to a thing, and what follows each of them."""
    return {
        verb: frame[0]
        for verb in lexicon.verbs
        for frame in verb.frames
        if len(frame) == 1 and not frame[0].preposition and not frame[0].generic
        if not frame[0].kinds <= PEOPLE
    }


@lru_cache(maxsize=None)
def _askable(lexicon, question):
    """The verbs and frames whose object, a thing or a place, is what a question can ask for."""
    place = question == "where"
    return [
        (verb, frame)
        for verb in lexicon.verbs
        for frame in verb.frames
        if len(frame) == 1 and not verb.held_out and not frame[0].kinds & PEOPLE
        if (place and frame[0].particle and frame[0].preposition in ("à", "dans"))
        or not (place or frame[0].preposition)
        if (place, verb.english) != (True, "stay")  # that would be loger, not rester
    ]


@lru_cache(maxsize=None)
def _qualities(lexicon, kinds, taken):
    """The adjectives that may be said of a subject of these kinds, but for the scales taken."""
    return known_and_held_out(
        adjective
        for adjective in lexicon.adjectives
        if adjective.kinds & kinds
        if adjective.scale not in taken and adjective.position != "before only"
    )


def _kinds(subject):
    """What a subject can do: that of its noun, of people, of everybody."""
    if isinstance(subject, Pronoun) and subject.antecedent:
        subject = subject.antecedent
    return subject.noun.kinds if isinstance(subject, NounPhrase) else PEOPLE


def _parts(referent):
    return list(referent) if isinstance(referent, Both) else [referent]


def _scales(referent):
    return {a.scale for part in _parts(referent) for a in getattr(part, "adjectives", ())}


def _times(tense, is_state=False):
    """Times of adverbs that go with a tense."""
    return ("present", "habit") if tense == "present" and is_state else TIMES[tense]


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


def _is_speaker(subject):
    return getattr(subject, "word", "") in ("I", "we")


def _could_mean(subject, clause):
    """Whether *they*, *he* or *she* would seem to mean somebody or something in ``clause``."""
    word = getattr(subject, "word", "")
    harmless = {"they": ("I", "you", "we"), "he": SINGULAR, "she": SINGULAR}
    return word in harmless and any(
        r is not subject and getattr(r, "word", "") not in harmless[word] for r in referents(clause)
    )


def makes_sense(sentence):
    """Whether no noun, name or verb comes twice: *the cat of the cat*, *eats but does not eat*."""
    words = []
    for clause in sentence.clauses:
        for referent in referents(clause):
            if isinstance(referent, NounPhrase):
                words.append(referent.noun.singular)
            elif isinstance(referent, Name):
                words.append(referent.name)
        if isinstance(clause.predicate, Action):
            words.append(clause.predicate.verb.infinitive)
    return len(set(words)) == len(words)
