"""Every rule writes both languages at once, so that it knows which word comes from which.

A word is ``(text, keys)``; words of the two sides that share a key are aligned.
"""

from collections import defaultdict
from typing import NamedTuple, Tuple

from . import english, french
from .hidden import Person, outcomes
from .naming import NounRules, Phrase, words
from .structure import Action, Both, Identity, Place, Pronoun, Quality, added


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
    tokens, references = begun(sentence, lexicon)
    return tokens, references()


def begun(sentence, lexicon):
    """The English tokens, which no choice changes, and a function that finds, once, all French."""
    ways = outcomes(lambda c: _Rules(lexicon, c).sentence(sentence))
    first = next(ways)
    en = first[1][0]
    return tuple(word for word, _ in en), lambda: _references([first, *ways])


def _references(rendered):
    found = {}
    for choices, (en, fr, phenomena) in rendered:
        tokens = tuple(word for word, _ in fr)
        _, _, _, ways = found.setdefault(tokens, (en, fr, phenomena, []))
        ways.append(choices)
    references = [
        Reference(
            tokens,
            added(way.probability for way in ways),
            _alignment(en, fr),
            tuple(sorted(phenomena)),
            tuple(tuple(way.made.values()) for way in ways),
        )
        for tokens, (en, fr, phenomena, ways) in found.items()
    ]
    references.sort(key=lambda reference: (-reference.probability, reference.tokens))
    return tuple(references)


def _alignment(en, fr):
    places = defaultdict(set)  # in French, by key
    for j, (_, keys) in enumerate(fr):
        for key in keys:
            places[key].add(j)
    return tuple(
        (i, j)
        for i, (_, keys) in enumerate(en)
        for j in sorted(set().union(*(places[key] for key in keys)))
    )


class _Rules(NounRules):
    """Sentences and clauses, of the phrases of :class:`~.naming.NounRules`."""

    # --- sentences

    def sentence(self, sentence):
        en, fr = [], []
        for i, clause in enumerate(sentence.clauses):
            if i:
                link = sentence.links[i - 1]
                k = self.key()
                en += words(link, k)
                fr += words({"and": "et", "but": "mais", "because": "parce que"}[link], k)
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
            self.tag("elided le, la", word == "l'")
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
            subject = Phrase(
                words(dummy, k),
                words("ce", k),
                Person(5 if what.person.plural else 2, "m", False),
            )
        else:
            subject = self.referent(clause.subject)
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
            adverb_en, adverb_fr = words(clause.adverb.english, g), words(clause.adverb.french, g)
        middle = clause.adverb is not None and clause.adverb.position == "middle"
        aux_en = words(aux, *aux_keys)
        subject_aux = aux_en + subject.en if question else subject.en + aux_en
        en = subject_aux + (words("not", n) if clause.negative else [])
        en += (adverb_en if middle else []) + words(main, *main_keys) + complement_en

        # French: subject, ne, clitic, verb or auxiliary, pas, adverb, participle
        if french_tense == "passé composé":
            auxiliary = predicate.verb.auxiliary
            forms = french.ETRE["present"] if auxiliary == "être" else french.AVOIR_PRESENT
            finite = words(forms[slot], a)
            agrees = subject.person if auxiliary == "être" else clitic and clitic[1]
            gender, plural = (agrees.gender, agrees.plural) if agrees else ("m", False)
            participle = french.past_participle(predicate.verb, gender, plural)
            participle = words(participle, v)
            self.tag("passé composé")
            self.tag("être participle", auxiliary == "être")
            self.tag("participle agrees with clitic", auxiliary == "avoir" and agrees)
        else:
            if isinstance(predicate, Action):
                form = french.conjugate(predicate.verb, french_tense, slot)
            else:
                form = french.ETRE[french_tense][slot]
            finite, participle = words(form, a, v), []
            self.tag("imparfait", french_tense == "imparfait")
            self.tag("future", french_tense == "futur")
        fr = list(subject.fr)
        if clause.negative:
            fr += words("ne", n)
        fr += clitic[0] if clitic else []
        fr += finite + (words("pas", n) if clause.negative else [])
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
                en = words(question, w) + en
            fr = words(ask[question], w) + words("est -ce que") + fr
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
            en += words(slot.particle, p) if referent or not both else []
            if referent is None:
                continue
            if isinstance(referent, Pronoun):
                o = self.key()
                person = self.person(referent)
                en += words(english.OBJECTS[referent.word], o)
                keys = (o, p) if both else (o,)
                if slot.dative:
                    clitic = words(DATIVE[person.slot], *keys), None
                    self.tag("indirect clitic")
                else:
                    word = "la" if (person.slot, person.gender) == (2, "f") else DIRECT[person.slot]
                    clitic = words(word, *keys), person
                    self.tag("clitic")
                continue
            phrase = self.referent(referent, negated=clause.negative and not slot.preposition)
            en += phrase.en
            if slot.preposition:
                fr += self.after_preposition(words(slot.preposition, p), phrase.fr)
            else:
                fr += phrase.fr
            self.tag("preposition on one side", bool(slot.particle) != bool(slot.preposition))
        return en, fr, clitic

    def quality(self, adjective, person):
        k = self.key()
        self.tag("predicate adjective")
        self.tag("feminine adjective", person.gender == "f")
        self.tag("plural adjective", person.plural)
        form = french.inflect(adjective, person.gender, person.plural)
        return words(adjective.english, k), words(form, k)

    def place(self, predicate):
        k = self.key()
        phrase = self.referent(predicate.place)
        fr = self.after_preposition(words(predicate.preposition.french, k), phrase.fr)
        return words(predicate.preposition.english, k) + phrase.en, fr


DIRECT = ("me", "te", "le", "nous", "vous", "les")
DATIVE = ("me", "te", "lui", "nous", "vous", "leur")


def _capitalised(words):
    (first, keys), *rest = words
    return [(first[0].upper() + first[1:], keys), *rest]
