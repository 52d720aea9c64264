"""Sentence pairs and their splits: bundled, Tatoeba fra-eng, a file, or two parallel ones.

One line is one pair: ``source<TAB>target``; further columns (Tatoeba's attribution) are allowed.
What more is known of ``train.tsv`` may stand in ``train.jsonl`` (format: data/mini/README.md).
"""

import hashlib
import os
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Union,
)

from ..errors import DataError, UsageError, whole_number
from ..resources import data_folder
from ..text.languages import NAMES
from ..text.tokenizer import Tokenizer
from . import cleaning
from .beside_the_book import is_of_the_book, parts_of
from .cleaning import BLANK, SPLITS, CleaningReport
from .examples import Example, each_pair
from .origin import BUNDLED, FILES_OF, HELD_OUT, languages_of, settled, settled_columns
from .readers import (
    Columns,
    Line,
    Place,
    Table,
    Wanted,
    columns_of,
    read_given,
    read_parallel,
    read_splits,
)
from .tatoeba import download

if TYPE_CHECKING:  # loads MXNet, which sentences do without
    from ..text.vocabulary import Vocabulary


class Corpus:
    """Three splits of :class:`Example`, no source sentence in two of them, and vocabularies.

    ``train dev test``: sequences of :class:`Example`; ``src_vocab tgt_vocab``: made from ``train``
    alone, when first asked for; ``report``: the :class:`CleaningReport`; ``origin``: the arguments
    of :func:`load_corpus` that lead to the same splits again, with ``""`` as ``data`` where that
    was given as pairs.

    :func:`load_corpus` makes one, of ``splits``, a dict of three sequences, and the ``tokenizers``
    of the two sides.
    """

    def __init__(
        self,
        splits: Mapping[str, Sequence[Example]],
        tokenizers: List[Tokenizer],
        report: CleaningReport,
        origin: Dict[str, Any],
    ):
        self.train, self.dev, self.test = (splits[split] for split in SPLITS)
        self._tokenizers, self.report, self.origin = tokenizers, report, origin

    @property
    def source_lang(self) -> str:
        """The code of the language to translate from."""
        return self._tokenizers[0].language

    @property
    def target_lang(self) -> str:
        """The code of the language to translate to."""
        return self._tokenizers[1].language

    @property
    def src_vocab(self) -> "Vocabulary":
        return self._vocabs[0]

    @property
    def tgt_vocab(self) -> "Vocabulary":
        return self._vocabs[1]

    @cached_property
    def _vocabs(self):
        from ..text.vocabulary import Vocabulary

        sides, tokenizers = [_Side(self.train, 0), _Side(self.train, 1)], self._tokenizers
        limits = {"max_size": self.origin["max_vocab"], "min_freq": self.origin["min_freq"]}
        if limits["min_freq"] is None:
            pairs = sum(len(example.references) for example in self.train)
            limits["min_freq"] = 2 if pairs > 10_000 else 1
        if self.origin["subwords"] is not None:
            tokenizers, limits = self._cutting_words(sides), {}
        return [
            Vocabulary(
                Counter(token for text in side for token in tokenizer.cut(text)),
                tokenizer,
                **limits,
            )
            for side, tokenizer in zip(sides, tokenizers)
        ]

    def _cutting_words(self, sides):
        """Tokenizers into subwords, learned from each side, or from both together."""
        from ..text.subwords import SubwordTokenizer, learn  # words do without sentencepiece

        tokenizers, size = self._tokenizers, self.origin["subwords"]
        if self.origin["shared_subwords"]:
            models = 2 * [learn(sides, tokenizers, size)]
        else:
            models = [learn([side], [one], size) for side, one in zip(sides, tokenizers)]
        return [
            SubwordTokenizer(one.language, one.lowercase, model)
            for one, model in zip(tokenizers, models)
        ]

    def sha256(self) -> str:
        """A hash of what training reads: the sentences of train and dev, in their order."""
        digest = hashlib.sha256()
        for examples in self.train, self.dev:
            for pair in each_pair(examples):
                digest.update("\t".join(pair).encode("utf-8", "surrogatepass") + b"\n")
            digest.update(b"\f")
        return digest.hexdigest()

    def __repr__(self):
        data, sides = self.origin["data"], f"{self.source_lang}-{self.target_lang}"
        sources = ", ".join(f"{split} {len(getattr(self, split)):,}" for split in SPLITS)
        words = f"{len(self.src_vocab):,} and {len(self.tgt_vocab):,}"
        name = repr(data) if data else "pairs"
        return f"Corpus({name}, {sides}, sources: {sources}; vocabularies: {words} tokens)"


def load_corpus(
    data: Union[Place, Iterable[Sequence[str]], Table],
    target: Optional[Place] = None,
    *,
    source_lang: Optional[str] = None,
    target_lang: Optional[str] = None,
    direction: Optional[str] = None,
    columns: Optional[Columns] = None,
    lowercase: bool = False,
    max_length: int = 50,
    max_vocab: int = 8000,
    min_freq: Optional[int] = None,
    subwords: Optional[int] = None,
    shared_subwords: bool = False,
    strict: bool = False,
) -> Corpus:
    """Read, clean and split sentence pairs.

    ``data`` is bundled (``"tiny"``, ``"mini"``, ``"mini-10k"``; ``"mini-length"`` and its like
    are mini with a held-out set in place of test, see :data:`HELD_OUT`), ``"tatoeba"``
    (downloaded once, about 6 MB), a file of lines ``source<TAB>target`` or of
    another format of ``docs/formats.md``, packed or not, a folder with ``train.tsv dev.tsv
    test.tsv`` or other files of these names, or, with ``target``, one of two parallel files. It may
    also be pairs of texts, such as ``[("I see.", "Je vois."), ...]``, a pandas DataFrame, whose
    first two columns are read, or the book's ``d2l.MTFraEng``, whose case is lowered.

    ``source_lang`` and ``target_lang`` are the languages to translate from and to, codes of ISO
    639-1 such as ``"zh"`` and ``"en"``: English and French unless they are given.
    ``direction`` is a short way for these two: ``"en-fr"``, or ``"fr-en"``, which reads English in
    the first column and French in the second, and turns every pair round. What is known of the
    translations (:class:`Gold`) falls away where bundled pairs are turned. ``columns``: where the
    source stands in a table and where the target, such as ``(2, 4)``, or two names of its header.

    ``lowercase`` lowers the case of both sides. Pairs with a side
    of more than ``max_length`` tokens are dropped. Each vocabulary holds the ``max_vocab`` most
    frequent training tokens that occur ``min_freq`` times (``None``: twice if there are more than
    10,000 training pairs, else once). With ``subwords`` words are cut into pieces, at most so many
    on each side, and all of them are kept (:mod:`.subwords`); ``shared_subwords``: both sides have
    the same pieces.

    Lines that are no pair of sentences are dropped and counted in ``report``; with ``strict`` the
    first of them raises :class:`DataError`.

    Single files, and pairs, are split by distinct source sentence: 5 % dev and 5 % test, at most
    2,000 sources each, always the same ones. Raises :class:`DataError` for files that cannot be
    used, :class:`UsageError` for arguments that cannot, :class:`SystemProblem` when the download
    fails.
    """
    languages = languages_of(source_lang, target_lang, direction)
    columns = settled_columns(columns)
    if shared_subwords and subwords is None:
        raise UsageError("shared_subwords needs subwords=..., the number of them")
    max_length = whole_number("max_length", max_length, 1)
    max_vocab = whole_number("max_vocab", max_vocab, 1)
    min_freq = None if min_freq is None else whole_number("min_freq", min_freq, 1)
    subwords = None if subwords is None else whole_number("subwords", subwords, 1)
    known = data if isinstance(data, str) and data in (*BUNDLED, "tatoeba") else None
    if is_of_the_book(data):
        known, lowercase = "the book's data", True
    tokenizers = [Tokenizer(language, lowercase) for language in languages]
    report, turned = CleaningReport(strict), direction == "fr-en"
    table = isinstance(data, (str, os.PathLike)) or hasattr(data, "itertuples")
    report.chosen = columns is not None or not table
    if known is not None:
        if sorted(languages) != ["en", "fr"]:
            names = " and ".join(NAMES[language] for language in languages)
            raise UsageError(f"{known} is English and French, not {names}: give pairs of your own")
        turned, columns = languages[0] == "fr", None
    wanted = Wanted(*languages, columns, report.skip, turned, report.read_as)

    def clean(lines: Iterable[Line]) -> Sequence[Example]:
        return cleaning.clean(lines, tokenizers, max_length, report)

    origin = {
        **settled(data, target),
        "source_lang": languages[0],
        "target_lang": languages[1],
        "direction": direction or ("en-fr" if languages == ("en", "fr") else None),
        "columns": columns and list(columns),
        "lowercase": lowercase,
        "max_length": max_length,
        "max_vocab": max_vocab,
        "min_freq": min_freq,
        "subwords": subwords,
        "shared_subwords": shared_subwords,
    }
    if not isinstance(data, (str, os.PathLike)):
        if known is not None:
            of_the_book = parts_of(data, tokenizers, turned)
            splits = {split: clean(lines) for split, lines in of_the_book.items()}
            cleaning.drop_known(splits, report)
        else:
            splits = cleaning.split(clean(read_given(data, wanted)))
        return Corpus(_none_empty(splits, known or "pairs", report), tokenizers, report, origin)
    place, files = FILES_OF.get(data, (data, {}))
    folder = data_folder() / place if data in BUNDLED else Path(data)
    if target is not None:
        splits = cleaning.split(clean(read_parallel(data, target, wanted)))
    elif data == "tatoeba":
        lines = columns_of("fra.txt", download())
        splits = cleaning.split(clean((place, wanted.ordered(pair)) for place, pair in lines))
    elif any((folder / f"{split}.tsv").is_file() for split in SPLITS):
        splits = {}
        for split in SPLITS:
            paths = tuple(folder / f"{name}.tsv" for name in files.get(split, (split,)))
            if known is None:
                found = cleaning.clean_files(paths, tokenizers, max_length, wanted, report)
            else:
                found, own = cleaning.clean_bundled(
                    paths, languages, bool(lowercase), max_length, turned, strict
                )
                report.add(own)
            splits[split] = found[:]  # a list is the caller's to change
        if not turned:
            cleaning.check_disjoint(splits, folder)
        else:
            cleaning.drop_known(splits, report)
    else:
        parts = _parts_of(data, wanted)
        splits = {split: clean(lines) for split, lines in parts.items()}
        if len(splits) == 1:
            splits = cleaning.split(*splits.values())
        else:
            cleaning.drop_known(splits, report)
    return Corpus(_none_empty(splits, data, report), tokenizers, report, origin)


class _Side:
    """The texts of a side of ``examples``, 0 or 1, one after the other, as often as asked for."""

    def __init__(self, examples, side):
        self.examples, self.side = examples, side

    def __iter__(self):
        return (pair[self.side] for pair in each_pair(self.examples))


def _none_empty(splits, name, report):
    """``splits``, of the data that messages call ``name``, if each has a pair."""
    for split in SPLITS:
        if not splits[split]:
            columns = "; say which columns hold them with columns=..." * (report.dropped[BLANK] > 0)
            raise DataError(f"{name}: no pair is left for {split}; {_one_line(report)}{columns}")
    return splits


def _parts_of(data: Place, wanted: Wanted) -> Dict[str, Iterator[Line]]:
    """The lines of a file, or of each split; where there is none, say what ``data`` can be."""
    if not Path(data).exists():
        raise DataError(
            f"{data}: no such file; data takes tiny, mini, mini-10k, mini-length (or "
            f"{', '.join(name for name in HELD_OUT[:-1:2] if name != 'length')}, each with "
            "-control), tatoeba, a file or archive of sentence pairs (.tsv, .csv, .jsonl, .zip and "
            "others), or a folder with train.tsv dev.tsv test.tsv"
        )
    return read_splits(data, wanted)


def _one_line(message):
    return " ".join(str(message).split())
