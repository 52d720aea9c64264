"""What a sentence says: all that English shows, nothing that only French does.

Two structures never give the same English sentence, so a distribution over the French sentences
of a structure is one over the translations of its English sentence.
"""

import operator
from functools import reduce
from typing import NamedTuple, Optional, Tuple, Union

from .lexicon import Adjective, Adverb, Noun, Preposition, Slot, Verb

TENSES = ("present", "present progressive", "past", "past progressive", "perfect", "future")


class NounPhrase(NamedTuple):
    """``determiner``: the a some this two three all (*likes milk*), my your …, or ``'s``."""

    noun: Noun
    plural: bool
    determiner: str
    adjectives: Tuple[Adjective, ...] = ()
    owner: Union["NounPhrase", "Name", None] = None


class Name(NamedTuple):
    name: str
    gender: str


class Pronoun(NamedTuple):
    """``word`` is the subject form, also of objects; ``antecedent`` what *it* or *they* means."""

    word: str
    antecedent: Optional[NounPhrase] = None


class Both(NamedTuple):
    """*Marie and Paul*."""

    first: Union[NounPhrase, Name]
    second: Union[NounPhrase, Name]


Referent = Union[NounPhrase, Name, Pronoun, Both]


class Action(NamedTuple):
    """A verb with what follows it; the object that a question asks for is ``None``."""

    verb: Verb
    objects: Tuple[Tuple[Slot, Optional[Referent]], ...] = ()


class Quality(NamedTuple):
    """*is tired*"""

    adjective: Adjective


class Place(NamedTuple):
    """*is in the garden*"""

    preposition: Preposition
    place: NounPhrase


class Identity(NamedTuple):
    """*This is my brother*; its clause has no subject of its own."""

    what: NounPhrase


class Clause(NamedTuple):
    subject: Optional[Referent]
    predicate: Union[Action, Quality, Place, Identity]
    tense: str
    negative: bool = False
    adverb: Optional[Adverb] = None
    adverb_first: bool = False


class Sentence(NamedTuple):
    """Clauses joined by ``links`` (and, but, because); ``question``: yes/no why when what where."""

    clauses: Tuple[Clause, ...]
    links: Tuple[str, ...] = ()
    question: str = ""


def referents(clause):
    """The phrases and pronouns of a clause, owners and parts included, in English order."""
    predicate = clause.predicate
    found = [] if clause.subject is None else [clause.subject]
    if isinstance(predicate, Action):
        found += [referent for _, referent in predicate.objects if referent is not None]
    elif isinstance(predicate, Place):
        found.append(predicate.place)
    elif isinstance(predicate, Identity):
        found.append(predicate.what)
    for referent in found:
        if isinstance(referent, NounPhrase):
            if referent.owner:
                found.append(referent.owner)
        elif isinstance(referent, Both):
            found += referent
    return found


def added(numbers):
    """Their sum, one after the other: ``sum`` rounds otherwise since Python 3.12."""
    return reduce(operator.add, numbers)
