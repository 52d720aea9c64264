"""The English and French sentences of the book's own library, as ``d2l.MTFraEng`` has them.

*Dive into Deep Learning*, d2l 1.0.3, "Machine Translation and the Dataset". What it keeps are ids
and a vocabulary in which rare words are ``<unk>``: here its steps are taken once more, up to where
sentences are tokens. d2l is not imported: whoever has such an object has done so.
"""

from typing import Any, Dict, List

from ..text.tokenizer import Tokenizer
from .readers import Line

STEPS = "_download", "_preprocess", "_tokenize"


def is_of_the_book(data: Any) -> bool:
    """Whether ``data`` is a ``d2l.MTFraEng``, or a class of one's own derived from it."""
    return all(hasattr(data, name) for name in (*STEPS, "num_train", "num_val"))


def parts_of(data: Any, tokenizers: List[Tokenizer], turned: bool) -> Dict[str, List[Line]]:
    """The lines of each split of ``data``: training as the book has it, and every other one of the
    book's validation examples for dev and for test.

    ``tokenizers``: of both sides, which put the words together again, as whoever types a sentence
    for the model does; ``turned``: from French to English.
    """
    download, preprocess, tokenize = (getattr(data, name) for name in STEPS)
    sides = tokenize(preprocess(download()), data.num_train + data.num_val)
    lines: List[Line] = [
        (f"example {number}", [t.detokenize(tokens[:-1]) for t, tokens in zip(tokenizers, pair)])
        for number, pair in enumerate(zip(*(reversed(sides) if turned else sides)), 1)
    ]
    held_out = lines[data.num_train :]
    return {"train": lines[: data.num_train], "dev": held_out[::2], "test": held_out[1::2]}
