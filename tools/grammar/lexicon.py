"""The words, read from the tables in ``data/lexicon/`` and checked.

What the columns mean is written in ``data/lexicon/README.md``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, NamedTuple, Tuple

from gluon_seq2seq.corpus.readers import text_lines
from gluon_seq2seq.errors import DataError
from gluon_seq2seq.resources import data_folder

NONE = "-"  # an empty cell
ASPECTS = ("activity", "event", "perception", "state", "possession")
TIMES = ("habit", "present", "past", "perfect", "future")


class FrenchNoun(NamedTuple):
    """One French noun for an English one; ``share`` is the probability that it is meant."""

    singular: str
    plural: str
    gender: str
    share: float


class Noun(NamedTuple):
    """An English noun and the French ones that it may mean: *friend*, *ami* or *amie*."""

    singular: str
    plural: str  # empty: a mass noun, such as milk
    french: Tuple[FrenchNoun, ...]
    kinds: FrozenSet[str]
    held_out: str

    @property
    def is_mass(self):
        return not self.plural


class Adjective(NamedTuple):
    english: str
    masculine: str
    feminine: str
    plural: str
    before_vowel: str
    position: str  # before or after the noun; before only: not after "is"; predicate: only there
    scale: str  # nothing is both old and new
    kinds: FrozenSet[str]
    held_out: str


class Slot(NamedTuple):
    """What may follow a verb: *to* the teacher, *au* professeur."""

    particle: str
    preposition: str
    dative: bool  # its pronoun is lui, leur
    generic: bool  # likes milk, aime le lait
    kinds: FrozenSet[str]


class Verb(NamedTuple):
    english: str
    third: str
    past: str
    participle: str
    ing: str
    infinitive: str
    present: Tuple[str, ...]  # six forms; empty: regular
    future: str  # the stem; empty: regular
    participe: str
    auxiliary: str
    aspect: str
    subjects: FrozenSet[str]
    frames: Tuple[Tuple[Slot, ...], ...]
    held_out: str


class Adverb(NamedTuple):
    english: str
    french: str
    time: str
    position: str


class Preposition(NamedTuple):
    english: str
    french: str
    subjects: FrozenSet[str]
    places: FrozenSet[str]


@dataclass(frozen=True, eq=False)  # the key of caches: the same one, not an equal one
class Lexicon:
    """All tables. ``aspirated``: the French forms whose h lets no vowel before it go."""

    nouns: Tuple[Noun, ...]
    adjectives: Tuple[Adjective, ...]
    verbs: Tuple[Verb, ...]
    adverbs: Tuple[Adverb, ...]
    prepositions: Tuple[Preposition, ...]
    names: Dict[str, str]  # name -> gender
    aspirated: FrozenSet[str]


def load_lexicon(folder=None):
    """The :class:`Lexicon` of ``folder`` (the bundled one); :class:`DataError` names bad lines."""
    folder = Path(folder) if folder else data_folder() / "lexicon"
    aspirated = set()
    nouns = _nouns(folder, aspirated)
    kinds = frozenset().union(*(noun.kinds for noun in nouns))
    return Lexicon(
        nouns,
        tuple(_adjectives(folder, kinds, aspirated)),
        tuple(_verbs(folder, kinds, aspirated)),
        tuple(_adverbs(folder)),
        tuple(_prepositions(folder, kinds)),
        {row["name"]: _one_of(row, "gender", "mf") for row in _table(folder / "names.tsv", "name")},
        frozenset(aspirated),
    )


class _Row(dict):
    """The cells of one line by column; an empty cell is the empty string."""

    def fail(self, problem):
        raise DataError(f"{self.place}: {problem}")


def _table(path, *key):
    """The rows of a table; those with the same ``key`` are refused as duplicates."""
    try:
        with open(path, "rb") as stream:
            lines = [(place, line.split("\t")) for place, line in text_lines(path, stream) if line]
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    (_, columns), *lines = lines or [(path, [])]
    seen = set()
    for place, cells in lines:
        row = _Row(zip(columns, ("" if cell == NONE else cell for cell in cells)))
        row.place = place
        if len(cells) != len(columns) or not all(cells):
            row.fail(f"needs {len(columns)} cells, none blank ({NONE} for nothing)")
        name = tuple(row.get(column) for column in key)
        if None in name or name in seen:
            row.fail(f"{' '.join(str(n) for n in name)}: has a line already, or no name")
        seen.add(name)
        yield row


def _one_of(row, column, allowed):
    if row[column] not in allowed or not row[column]:
        row.fail(f"{column} is {row[column]!r}: use one of {' '.join(allowed)}")
    return row[column]


def _kinds(row, cell, known):
    kinds = frozenset(cell.split())
    if not kinds or kinds - known:
        row.fail(f"no noun is of kind {' '.join(sorted(kinds - known)) or NONE}")
    return kinds


def _h(row, aspirated, *forms):
    """Check the column h against ``forms``, and note those with an h aspiré."""
    starts_with_h = forms[0].startswith("h")
    if (row["h"] in ("muet", "aspiré")) != starts_with_h or (row["h"] and not starts_with_h):
        row.fail(
            f"{forms[0]}: h is {row['h'] or NONE!r}: words with h are muet or aspiré, no other"
        )
    if row["h"] == "aspiré":
        aspirated.update(forms)


def _nouns(folder, aspirated):
    grouped = {}
    for row in _table(folder / "nouns.tsv", "english", "french", "gender"):
        _h(row, aspirated, row["french"], row["pluriel"] or row["french"])
        _one_of(row, "gender", "mf")
        if bool(row["plural"]) != bool(row["pluriel"]):
            row.fail("needs a plural in both languages, or in none")
        grouped.setdefault(row["english"], []).append(row)
    nouns = []
    for english, rows in grouped.items():
        first = rows[0]
        for row in rows:
            for column in ("plural", "kinds", "held_out"):
                if row[column] != first[column]:
                    row.fail(f"{english}: {column} differs from that of its first line")
        try:
            french = tuple(
                FrenchNoun(row["french"], row["pluriel"], row["gender"], float(row["share"]))
                for row in rows
            )
        except ValueError:
            first.fail(f"{english}: share is not a number")
        if abs(sum(noun.share for noun in french) - 1) > 1e-9:
            first.fail(f"{english}: the shares of its lines do not sum to 1")
        kinds = frozenset(first["kinds"].split())
        nouns.append(Noun(english, first["plural"], french, kinds, first["held_out"]))
    return tuple(nouns)


def _adjectives(folder, kinds, aspirated):
    for row in _table(folder / "adjectives.tsv", "english"):
        row["kinds"] = _kinds(row, row["kinds"], kinds)
        _one_of(row, "position", ("before", "before only", "after", "predicate"))
        _h(row, aspirated, row["masculine"], row["feminine"], row["plural"], row["feminine"] + "s")
        if row["before_vowel"] and not row["position"].startswith("before"):
            row.fail("a form before a vowel is for adjectives before the noun")
        del row["h"]
        yield Adjective(**row)


def _verbs(folder, kinds, aspirated):
    for row in _table(folder / "verbs.tsv", "english"):
        _one_of(row, "aspect", ASPECTS)
        _one_of(row, "auxiliary", ("avoir", "être"))
        _h(row, aspirated, row["french"])
        present = tuple(row["present"].split())
        regular = row["french"].endswith("er") and row["french"] != "aller"
        if len(present) not in ((0, 6) if regular else (6,)):
            row.fail("present: needs six forms, or none for a regular verb in -er")
        if not regular and not row["participe"]:
            row.fail("participe: needed unless the verb is regular, in -er")
        subjects = _kinds(row, row.pop("subjects"), kinds)
        frames = tuple(
            tuple(_slot(row, part, kinds) for part in frame.split(" + ") if part)
            for frame in (
                f.strip().replace(NONE, "") for f in f"{row['frames'] or NONE}".split(";")
            )
        )
        yield Verb(
            *(row[c] for c in ("english", "third", "past", "participle", "ing", "french")),
            present,
            *(row[c] for c in ("future", "participe", "auxiliary", "aspect")),
            subjects,
            frames,
            row["held_out"],
        )


def _slot(row, text, kinds):
    """``to>à(lui): person`` -> Slot; ``_`` stands for no word, ``all`` for "in general"."""
    words, _, objects = text.rpartition(": ")
    particle, _, preposition = words.partition(">")
    dative = preposition.endswith("(lui)")
    preposition = preposition.replace("(lui)", "")
    generic = objects.startswith("all ")
    objects = _kinds(row, objects[4:] if generic else objects, kinds)
    return Slot(particle.replace("_", ""), preposition.replace("_", ""), dative, generic, objects)


def _adverbs(folder):
    for row in _table(folder / "adverbs.tsv", "english"):
        _one_of(row, "time", TIMES)
        _one_of(row, "position", ("end", "middle"))
        yield Adverb(**row)


def _prepositions(folder, kinds):
    for row in _table(folder / "prepositions.tsv", "english", "subjects"):
        row["subjects"] = _kinds(row, row["subjects"], kinds)
        row["places"] = _kinds(row, row["places"], kinds)
        yield Preposition(**row)
