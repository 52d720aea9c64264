"""Draws words, and phrases that say who and what."""

import random
from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from typing import Any, List, NamedTuple, Tuple

from .structure import Both, Name, NounPhrase, Pronoun


def kinds_of(text):
    return frozenset(text.split())


PEOPLE, ADULTS, ANIMALS = kinds_of("person"), kinds_of("adult"), kinds_of("animal")
PLACES, EDIBLE = kinds_of("venue space"), kinds_of("food drink")
THINGS = kinds_of("animal goods clothing vehicle home text furniture")
NEVER_OWNED = kinds_of("venue show music food drink flora transport opening space")
HOUSEHOLD = kinds_of("home furniture container")
STEEPNESS = 1.3


class Odds(NamedTuple):
    """What may be drawn, and how likely: the running sums of the weights."""

    options: Tuple[Any, ...]
    sums: List[float]


def odds(weights):
    """The :class:`Odds` of ``{option: weight}``; made once, for most draws are of few kinds."""
    return Odds(tuple(weights), list(accumulate(weights.values())))


PRONOUNS = odds({"I": 1.2, "you": 1.0, "he": 1.3, "she": 1.3, "we": 1.2, "they": 1.7})
OWNERS = odds({"my": 2, "your": 1, "his": 1, "her": 1, "our": 1, "their": 1})
ADJECTIVES = odds({0: 0.75, 1: 0.22, 2: 0.03})


class Unfit(Exception):
    """A draw that leads to no sentence; the next one is tried."""


class Phrases:
    """``Phrases(lexicon, seed)`` draws noun phrases, pronouns and names.

    Equal seeds give equal phrases on every machine: only ``random.Random.random`` is used,
    the one method whose results Python promises to keep. ``unknown`` is the probability that a
    noun, adjective or verb is one of those held out for the set of unknown words.
    """

    def __init__(self, lexicon, seed, unknown=0.0):
        self.lexicon, self.random = lexicon, random.Random(seed).random
        self.unknown = unknown
        self.names = [Name(name, gender) for name, gender in lexicon.names.items()]

    # --- drawing

    def chance(self, probability):
        return self.random() < probability

    def one(self, options):
        """One of ``options``, each as likely as the others."""
        if not options:
            raise Unfit
        return options[int(self.random() * len(options))]

    def of(self, odds):
        """One of the options, as likely as its weight says."""
        options, sums = odds
        return options[bisect(sums, self.random() * sums[-1])]

    def word(self, words):
        """A word of those known in training, or with the set probability of those held out.

        The tables list common words first: the n-th that fits is drawn in proportion to
        :math:`n^{-STEEPNESS}`, about as Zipf's law has it.
        """
        return self.one_of_these(*known_and_held_out(words))

    def one_of_these(self, known, held_out):
        """What :meth:`word` says, of words that are sorted already."""
        wanted = (held_out if self.random() < self.unknown else known) or known
        if not wanted:
            raise Unfit
        sums = _sums_of_zipf(len(wanted))
        return wanted[bisect(sums, self.random() * sums[-1])]

    def a_noun(self, kinds):
        return self.one_of_these(*_nouns(self.lexicon, kinds))

    # --- who and what

    def subject(self, can_be_indefinite=False, people=False):
        shape = self.of(_subjects(0 if people else 0.1))
        if shape == "pronoun":
            return Pronoun(self.of(PRONOUNS))
        if shape == "name":
            return self.one(self.names)
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
            return self.one(self.names)
        noun = self.a_noun(PEOPLE)
        return self.noun_phrase(noun, self.subject_determiner(noun, False, owners=False), False, 0)

    def object(self, verb, slot, subject, pronouns):
        kinds = slot.kinds
        can_be_pronoun = kinds & PEOPLE and (slot.dative or not slot.preposition)
        if pronouns and can_be_pronoun and self.chance(0.4):
            words = ("I", "you", "he", "she", "we", "they")
            return Pronoun(self.one([w for w in words if not _same_side(subject, w)]))
        if kinds & PEOPLE and self.chance(0.25):
            return self.one(self.names)
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
        count = 0 if determiner == "all" else min(most, self.of(ADJECTIVES))
        adjectives = []
        for position in ("before", "after") if count else ():
            here = _adjectives(self.lexicon, noun.kinds, position)
            if any(here) and (
                count == 2 or (count == 1 and len(adjectives) == 0 and self.chance(0.55))
            ):
                adjectives.append(self.one_of_these(*here))
        return NounPhrase(noun, plural, determiner, tuple(adjectives), owner)

    def owner(self, owned):
        if self.chance(0.5):
            return self.one(self.names)
        noun = self.a_noun(ADULTS)
        if noun == owned:
            raise Unfit
        return NounPhrase(noun, False, self.subject_determiner(noun, False, owners=False))

    def a_possessive(self):
        return self.of(OWNERS)

    def subject_determiner(self, noun, plural, owners=True):
        if "relation" in noun.kinds:
            return "'s" if owners and self.chance(0.15) else self.a_possessive()
        return self.of(_before_subject(self.a_possessive(), _can_be_owned(noun), owners))

    def object_determiner(self, noun, plural, verb, slot=None):
        indefinite = "some" if plural or noun.is_mass else "a"
        if slot and slot.preposition and indefinite == "some":
            indefinite = "the"
        relation = "relation" in noun.kinds
        if verb.aspect == "possession":
            return self.of(_before_possession(indefinite, relation, bool(plural)))
        if relation and ("role" not in noun.kinds or self.chance(0.6)):
            return "'s" if self.chance(0.15) else self.a_possessive()
        can_own = not relation and _can_be_owned(noun)
        at_a_place = bool(slot and slot.preposition and noun.kinds & PLACES)
        possessive = self.a_possessive()
        return self.of(
            _before_object(possessive, indefinite, relation, can_own, at_a_place, bool(plural))
        )

    def place_determiner(self, noun):
        if noun.kinds & HOUSEHOLD and self.chance(0.3):
            return "'s" if self.chance(0.3) else self.a_possessive()
        return "this" if self.chance(0.08) else "the"

    def is_determiner(self, noun, plural):
        """For *This is …*."""
        relation = "relation" in noun.kinds and "role" not in noun.kinds
        indefinite = "some" if plural or noun.is_mass else "a"
        return self.of(_after_be(self.a_possessive(), indefinite, relation, _can_be_owned(noun)))


@lru_cache(maxsize=None)
def _subjects(things):
    return odds({"pronoun": 0.46, "name": 0.1, "person": 0.28, "thing": things, "both": 0.06})


@lru_cache(maxsize=None)
def _before_subject(possessive, can_own, owners):
    return odds(
        {
            "the": 0.62,
            "this": 0.12,
            possessive: 0.2 if can_own else 0,
            "'s": 0.08 if can_own and owners else 0,
        }
    )


@lru_cache(maxsize=None)
def _before_possession(indefinite, relation, plural):
    number = {"two": 0.15, "three": 0.1} if plural else {}
    return odds({indefinite: 0.7, "the": 0 if relation else 0.25, **number})


@lru_cache(maxsize=None)
def _before_object(possessive, indefinite, relation, can_own, at_a_place, plural):
    weights = {
        "the": 0 if relation else 0.3,
        "this": 0 if relation else 0.08,
        possessive: 0.15 if can_own else 0,
        "'s": 0.06 if can_own else 0,
    }
    # not *à un hôpital*
    weights[indefinite] = weights.get(indefinite, 0) + (0 if at_a_place else 0.36)
    return odds({**weights, "two": 0.05, "three": 0.05} if plural else weights)


@lru_cache(maxsize=None)
def _after_be(possessive, indefinite, relation, can_own):
    return odds(
        {
            indefinite: 0 if relation else 0.55,
            "the": 0 if relation else 0.1,
            possessive: 0.3 if can_own else 0,
            "'s": 0.15 if can_own else 0,
        }
    )


@lru_cache(maxsize=None)
def _sums_of_zipf(count):
    return list(accumulate((rank + 1) ** -STEEPNESS for rank in range(count)))


def known_and_held_out(words):
    sides = [], []
    for word in words:
        sides[bool(word.held_out)].append(word)
    return sides


@lru_cache(maxsize=None)
def _nouns(lexicon, kinds):
    return known_and_held_out(noun for noun in lexicon.nouns if noun.kinds & kinds)


@lru_cache(maxsize=None)
def _adjectives(lexicon, kinds, position):
    """Those that go with a noun of these kinds, ``before`` or ``after`` it."""
    return known_and_held_out(
        adjective
        for adjective in lexicon.adjectives
        if adjective.kinds & kinds and adjective.position.startswith(position)
    )


def _noun(referent):
    return referent.noun if isinstance(referent, NounPhrase) else referent.name


def _same_side(subject, word):
    """Whether ``word`` would mean (someone among) the subject: *I see us*."""
    if not isinstance(subject, Pronoun):
        return False
    return any({subject.word, word} <= side for side in ({"I", "we"}, {"you"}))


def _can_be_owned(noun):
    return not noun.kinds & NEVER_OWNED and bool(noun.kinds - PEOPLE - ADULTS)
