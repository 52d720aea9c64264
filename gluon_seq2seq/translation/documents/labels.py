"""Accelerators of labels: ``&File`` -> ``&Fichier``, ``文件(&F)``."""

import re

from .pieces import Unfit

# Scripts whose letters have no key of their own.
NO_KEYS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def marked(label: str, mark: str, letter: str) -> str:
    """``label`` with ``mark`` before ``letter``, best where a word begins with it, or where it has
    it not at all before its first letter; at the end, ``(&F)``, where its script has no keys.

    Raises :class:`Unfit` where the label has such a mark already.
    """
    if mark in label:
        raise Unfit(f"the translation has {mark}, the mark of an accelerator")
    if NO_KEYS.search(label):
        end = re.search(r"(?:\.\.\.|…|[:：])?\s*$", label)
        at = end.start() if end else len(label)
        return f"{label[:at]}({mark}{letter}){label[at:]}"
    key = re.escape(letter)
    for pattern in (rf"(?<!\w){key}", key, r"[^\W\d_]", r"\w"):
        found = re.search(pattern, label, re.IGNORECASE)
        if found:
            return f"{label[: found.start()]}{mark}{label[found.start() :]}"
    raise Unfit("the translation has no letter for an accelerator")
