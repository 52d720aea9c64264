"""English forms."""

SUBJECTS = ("I", "you", "he", "she", "it", "we", "they")
OBJECTS = dict(zip(SUBJECTS, ("me", "you", "him", "her", "it", "us", "them")))
AN_BEFORE_CONSONANT = ("honest",)  # the h is silent


def indefinite_article(word):
    """*a* or *an*."""
    return "an" if word[0] in "aeiou" or word in AN_BEFORE_CONSONANT else "a"


def be(tense, agreement):
    """*am, is, are, was, were*; ``agreement`` is ``I``, ``one`` or ``many``."""
    if tense == "present":
        return {"I": "am", "one": "is", "many": "are"}[agreement]
    return "were" if agreement == "many" else "was"


def verb_group(verb, tense, agreement, emphatic):
    """``(auxiliary, main)`` words of a verb; ``emphatic``: do stands in where nothing else does.

    Negation and questions need an auxiliary: *watches*, but *does* not *watch*.
    """
    if tense == "present progressive":
        return be("present", agreement), verb.ing
    if tense == "past progressive":
        return be("past", agreement), verb.ing
    if tense == "perfect":
        return "has" if agreement == "one" else "have", verb.participle
    if tense == "future":
        return "will", verb.english
    third = tense == "present" and agreement == "one"
    if emphatic:
        return {"present": "does" if third else "do", "past": "did"}[tense], verb.english
    return "", verb.past if tense == "past" else verb.third if third else verb.english
