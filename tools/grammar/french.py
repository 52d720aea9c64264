"""French forms, and what happens where words meet: elision and contraction."""

import unicodedata

SIMPLE_ENDINGS = {
    "present": ("e", "es", "e", "ons", "ez", "ent"),
    "imparfait": ("ais", "ais", "ait", "ions", "iez", "aient"),
    "futur": ("ai", "as", "a", "ons", "ez", "ont"),
}
ETRE = {
    "present": ("suis", "es", "est", "sommes", "êtes", "sont"),
    "imparfait": ("étais", "étais", "était", "étions", "étiez", "étaient"),
    "futur": ("serai", "seras", "sera", "serons", "serez", "seront"),
}
AVOIR_PRESENT = ("ai", "as", "a", "avons", "avez", "ont")
ELIDED = {w: w[:-1] + "'" for w in ("je", "me", "te", "le", "la", "ne", "de", "que", "ce")}
CONTRACTED = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
POSSESSIVES = {
    "my": ("mon", "ma", "mes"),
    "tu": ("ton", "ta", "tes"),
    "vous": ("votre", "votre", "vos"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "our": ("notre", "notre", "nos"),
    "their": ("leur", "leur", "leurs"),
}
NUMBERS = {"two": "deux", "three": "trois"}


def starts_with_vowel(word, aspirated):
    """Whether a word lets the vowel before it go: *école*, *homme*, but not *héros*."""
    first = unicodedata.normalize("NFD", word.lower())[0]
    return first in "aeiouœ" or (first == "h" and word.lower() not in aspirated)


def conjugate(verb, tense, slot):
    """Form of a :class:`~.lexicon.Verb`; ``slot`` counts je tu il nous vous ils from 0."""
    stem = verb.infinitive[:-2]
    if tense == "present":
        return verb.present[slot] if verb.present else _join(stem, SIMPLE_ENDINGS[tense][slot])
    if tense == "imparfait":  # the stem of nous regard-ons
        stem = verb.present[3][: -len("ons")] if verb.present else stem
        return _join(stem, SIMPLE_ENDINGS[tense][slot])
    stem = verb.future or verb.infinitive.rstrip("e")  # regarder-ai, vendr-ai
    return stem + SIMPLE_ENDINGS["futur"][slot]


def _join(stem, ending):
    """nager: nageons, nagions."""
    if stem.endswith("g") and ending[0] in "ao":
        stem += "e"
    return stem + ending


def past_participle(verb, gender, plural):
    """*parti, partie, partis, parties*."""
    participle = verb.participe or verb.infinitive[:-2] + "é"
    ending = ("e" if gender == "f" else "") + ("s" if plural else "")
    return participle + (ending[1:] if participle.endswith("s") and ending == "s" else ending)


def inflect(adjective, gender, plural):
    """Form of an :class:`~.lexicon.Adjective`: *petit, petite, petits, petites*."""
    if gender == "f":
        return adjective.feminine + ("s" if plural else "")
    return adjective.plural if plural else adjective.masculine


def article(gender, plural):
    """*le, la, les*; elision and contraction come later."""
    return "les" if plural else {"m": "le", "f": "la"}[gender]


def possessive(owner, gender, plural, vowel_follows):
    """*mon, ma, mes*; before a vowel *mon amie*."""
    masculine, feminine, several = POSSESSIVES[owner]
    if plural:
        return several
    return feminine if gender == "f" and not vowel_follows else masculine


def demonstrative(gender, plural, vowel_follows):
    """*ce, cet, cette, ces*."""
    if plural:
        return "ces"
    return "cette" if gender == "f" else "cet" if vowel_follows else "ce"


def meet(tokens, aspirated):
    """Elide and contract ``(word, keys)`` pairs: *le homme*, *à le parc* -> *l'homme*, *au parc*.

    A contracted word keeps the keys of both.
    """
    elided = [
        (ELIDED[word], keys)
        if word in ELIDED and i + 1 < len(tokens) and starts_with_vowel(tokens[i + 1][0], aspirated)
        else (word, keys)
        for i, (word, keys) in enumerate(tokens)
    ]
    met = []
    for word, keys in elided:
        pair = (met[-1][0], word) if met else None
        if pair in CONTRACTED:
            met[-1] = (CONTRACTED[pair], met[-1][1] + keys)
        else:
            met.append((word, keys))
    return met
