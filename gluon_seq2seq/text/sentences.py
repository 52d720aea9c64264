"""What callers may hand over as a sentence, as several, and as tokens.

A string is a sequence of letters, too, so that a loop over it goes on without a word.
"""

from ..errors import UsageError

MAX_CHARACTERS = 10_000  # of a sentence; Unicode's NFC takes quadratic time of some


def check_sentence(sentence, name="a sentence"):
    """Raise :class:`UsageError`, which names it, unless ``sentence`` is a str."""
    if isinstance(sentence, (bytes, bytearray)):
        raise UsageError(f"{name} is bytes: decode them first, e.g. with .decode('utf-8')")
    if not isinstance(sentence, str):
        raise UsageError(f"{name} is {sentence!r}: use a str")


def as_list(sentences, name="sentence"):
    """``sentences`` as a list of str, and whether it was a single one.

    Raises :class:`UsageError`, which says which, where one of them is no str.
    """
    alone = isinstance(sentences, (str, bytes, bytearray))
    if not alone and not hasattr(sentences, "__iter__"):
        raise UsageError(f"{name}s are {sentences!r}: use a str or a list of them")
    texts = [sentences] if alone else list(sentences)
    for number, text in enumerate(texts, 1):
        check_sentence(text, f"{name} {number}")
    return texts, alone


def as_tokens(tokens):
    """``tokens`` as a list; a text is cut at its spaces, as ``d2l.bleu`` does."""
    return tokens.split() if isinstance(tokens, str) else list(tokens)
