"""What a tokenizer and unknown words go by, as data: made of the Python rules themselves."""

import unicodedata
from functools import lru_cache, partial

from ...errors import UsageError
from ...text.rules import IS_UNSPACED, rules_of
from ...text.tokenizer import INVISIBLE, JOIN, SPACE, Tokenizer
from ...translation import unknown
from .patterns import EVERY, LETTERED, classes, javascript, runs

LONG_DASH = "——"  # two are one mark, of Chinese, which clings as one alone does not


def check_words(model):
    """Raise :class:`UsageError` unless the sentences of ``model`` can be cut outside Python."""
    for side, vocab in ("source", model.src_vocab), ("target", model.tgt_vocab):
        if type(vocab.tokenizer) is not Tokenizer:
            raise UsageError(
                f"the {side} is cut by {type(vocab.tokenizer).__name__}, which a page without a "
                "server has not: it knows words, no subwords; use a model trained without "
                "subwords, format='onnx', or gluon-seq2seq serve"
            )


def tokenizer_rules(tokenizer):
    """The rules of ``tokenizer``, patterns as JavaScript's, for JSON."""
    return {"lowercase": tokenizer.lowercase, **_of_language(tokenizer.language)}


@lru_cache(maxsize=None)
def _of_language(language):
    rules = rules_of(language)
    return {
        "invisible": javascript(INVISIBLE),
        "plain": {c: rules.plain(c) for c in rules.plain.func.__self__.findall(EVERY)},
        "composed": _substitution(rules.composed),
        "tokens": javascript(rules.tokens),
        "clings": _clinging(rules.clings),
        "quotes": sorted(rules.quotes),
    }


@lru_cache(maxsize=None)
def shared_rules():
    """What every tokenizer shares, and the rules for words that a model does not know."""
    cases = {"lower": str.islower, "upper": str.isupper, "title": _is_title}
    titles = {c: c.title() for c in LETTERED if c.title() != c.upper()}
    return {
        "classes": classes(),
        "cases": {name: runs(_joined(_numbers(test))) for name, test in cases.items()},
        "titles": titles,
        "join": JOIN,
        "space": SPACE,
        "whole": javascript(unknown.WHOLE),
        "stand_in": unknown.STAND_IN,
        "ends": sorted(unknown.ENDS),
        "longest_acronym": unknown.LONGEST_ACRONYM,
    }


def _is_title(one):
    return unicodedata.category(one) == "Lt"


def _numbers(test):
    return [i for i, one in enumerate(LETTERED) if test(one)]


def _substitution(function):
    """``function``, :class:`str` or ``partial(pattern.sub, text)``, as ``[pattern, text]``."""
    if function is str:
        return None
    return [javascript(function.func.__self__), function.args[0]]


def _clinging(clings):
    """Two patterns that match the beginning of a token where it clings: to the one before, to the
    one after."""
    if isinstance(clings, partial):
        return [javascript(pattern) for pattern in clings.args[0]]
    marks = [one for one in LETTERED if unicodedata.category(one)[0] in "PS"]
    others = IS_UNSPACED.findall(EVERY)  # and no other character clings
    alone = [(ord(one), clings(one)) for one in sorted({*marks, *others})]
    sources = []
    for side, long in enumerate(clings(LONG_DASH)):
        places = [number for number, does in alone if does[side]]
        sources.append(f"[{runs(_joined(places))}]" + f"|{LONG_DASH}" * long)
    return sources


def _joined(numbers):
    """Whole numbers, rising, as pairs of the first and last of each run."""
    starts = [i for i, before in zip(numbers, [-2, *numbers]) if i != before + 1]
    ends = [i for i, after in zip(numbers, [*numbers[1:], -1]) if i + 1 != after]
    return zip(starts, ends)
