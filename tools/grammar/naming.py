"""Who and what, in both languages: noun phrases, names and pronouns.

A word is ``(text, keys)``; words of the two sides that share a key are aligned.
"""

import itertools
from typing import NamedTuple

from . import english, french
from .hidden import PRONOUNS, Person
from .structure import Both, Name, NounPhrase, Pronoun, added


class Phrase(NamedTuple):
    en: list
    fr: list
    person: Person


def words(text, *keys):
    return [(word, keys) for word in text.split()]


class NounRules:
    """One reading of one sentence: ``choices`` answers what English leaves open."""

    def __init__(self, lexicon, choices):
        self.lexicon, self.choices = lexicon, choices
        self.phenomena, self.key = set(), itertools.count().__next__

    def tag(self, name, condition=True):
        if condition:
            self.phenomena.add(name)

    def vowel(self, word):
        return french.starts_with_vowel(word, self.lexicon.aspirated)

    def referent(self, referent, negated=False):
        if isinstance(referent, NounPhrase):
            return self.noun_phrase(referent, negated)
        if isinstance(referent, Name):
            k = self.key()
            person = Person(2, referent.gender, False)
            return Phrase(words(referent.name, k), words(referent.name, k), person)
        if isinstance(referent, Both):
            return self.both(referent)
        k = self.key()
        person = self.person(referent)
        nominative = ("je", "tu", "il", "nous", "vous", "ils")[person.slot]
        if person.gender == "f" and person.slot in (2, 5):
            nominative = {2: "elle", 5: "elles"}[person.slot]
        return Phrase(words(referent.word, k), words(nominative, k), person)

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
        return Phrase(
            first.en + words("and", k) + second.en, first.fr + words("et", k) + second.fr, person
        )

    def noun(self, phrase):
        """The French noun that is meant: *friend* may be *ami* or *amie*.

        Mixed company is masculine: of several people, women alone have 3/4 of the share of one.
        """
        noun, kind = phrase.noun, phrase.noun.plural if phrase.plural else phrase.noun.singular
        shares = {f: f.share for f in noun.french}
        if phrase.plural and "person" in noun.kinds and len(shares) > 1:
            shares = {f: f.share * 0.75 for f in shares if f.gender == "f"}
            (masculine,) = (f for f in noun.french if f.gender == "m")
            shares = {masculine: 1 - added(shares.values()), **shares}
        self.tag("noun of open gender", len(shares) > 1)
        return self.choices.choose(id(phrase), kind, tuple(shares.items()))

    def noun_phrase(self, phrase, negated=False, after_be=False):
        noun, plural = self.noun(phrase), phrase.plural
        gender = noun.gender
        keys = [self.key() for _ in phrase.adjectives]
        n, d = self.key(), self.key()

        en = [
            word for a, k in zip(phrase.adjectives, keys) for word in words(a.english, k)
        ] + words(phrase.noun.plural if plural else phrase.noun.singular, n)

        fr = words(noun.plural if plural else noun.singular, n)
        in_front = False
        for adjective, k in reversed(list(zip(phrase.adjectives, keys))):
            form = french.inflect(adjective, gender, plural)
            if adjective.position == "after":
                fr = fr + words(form, k)
                self.tag("adjective after the noun")
            else:
                special = adjective.before_vowel and form == adjective.masculine and not plural
                if special and self.vowel(fr[0][0]):
                    form = adjective.before_vowel
                    self.tag("bel, nouvel, vieil")
                fr = words(form, k) + fr
                in_front = True
                self.tag("adjective before the noun")
            self.tag("feminine adjective", gender == "f")
            self.tag("plural adjective", plural)

        en_det, fr_det, owner_en, owner_fr = self.determiner(
            phrase, gender, fr[0][0], in_front, negated, after_be, d
        )
        if en_det == "a":
            en_det = english.indefinite_article(en[0][0])
        return Phrase(
            owner_en + words(en_det, d) + en,
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
            owner_fr = self.after_preposition(words("de", s), owner.fr)
            fr = words(french.article(gender, plural), s)
            return "", fr, owner.en + words("'s", s), owner_fr
        if det in ("the", "all"):
            self.tag("article without an English word", det == "all")
            self.tag("le, la, les", det == "the")
            fr = words(french.article(gender, plural), *([d] if det == "the" else []))
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
            return "these" if plural else "this", words(fr, d), [], []
        if det in french.NUMBERS:
            return det, words(french.NUMBERS[det], d), [], []
        owner = det
        if det == "your":
            owner = "tu" if self.person(Pronoun("you")).slot == 1 else "vous"
        fr = french.possessive(owner, gender, plural, vowel)
        self.tag("possessive")
        feminine = french.POSSESSIVES[owner][:2]
        self.tag("mon amie", gender == "f" and fr == feminine[0] != feminine[1])
        return det, words(fr, d), [], []

    def indefinite(self, phrase, gender, in_front, negated, keys):
        """un, une; du, de la, des; de after a negation, and before an adjective in front."""
        if negated:
            self.tag("de after negation")
            return words("de", *keys)
        if phrase.noun.is_mass:
            self.tag("partitive")
            return words("de " + french.article(gender, False), *keys)
        if phrase.plural:
            self.tag("de before an adjective", in_front)
            self.tag("un, une, des", not in_front)
            return words("de" if in_front else "des", *keys)
        self.tag("un, une, des")
        return words("un" if gender == "m" else "une", *keys)

    def after_preposition(self, preposition, fr):
        self.tag("de + le, les", preposition[-1][0] == "de" and fr[0][0] in ("le", "les"))
        return preposition + fr
