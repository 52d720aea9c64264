"""docs/formats.md: its table is that of the readers, and its examples are read."""

import json
import re
import shlex
from pathlib import Path

import pytest
from test_packed import ANKI, EXPORT, anki  # noqa: F401
from test_readers import PAIRS, found, made, table, turned

from gluon_seq2seq.corpus import readers

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
ROWS = {
    cells[0]: cells
    for cells in ([cell.strip() for cell in row.split("|")[1:-1]] for row in PAGE.splitlines())
    if len(cells) == 5 and cells[0] not in ("format", "---")
}


def test_the_table_is_that_of_the_readers():
    assert list(ROWS) == [name for name in ROWS if name in readers.READERS]
    assert set(ROWS) == set(readers.READERS)
    for name, reader in readers.READERS.items():
        assert name == reader.NAME
        assert set(reader.ENDINGS) <= set(re.findall(r"`(\.\w+)`", ROWS[name][1])), name


def test_no_two_readers_have_an_ending():
    endings = [ending for reader in readers.READERS.values() for ending in reader.ENDINGS]
    assert len(endings) == len(set(endings))


def example(row, path_of):
    """The arguments of :func:`found` that the example of a row stands for."""
    words = shlex.split(ROWS[row][4].strip("`"))
    options = dict(zip(words[::2], words[1::2]))
    columns = options.get("--columns")
    columns = columns and [int(one) if one.isdigit() else one for one in columns.split(",")]
    return path_of(options["--data"]), columns


CONTENTS = {
    "TSV": table([(i, en, 0.5, fr) for i, (en, fr) in enumerate(PAIRS)], "\t"),
    "CSV": table([("English", "French"), *PAIRS], ";"),
    "JSON": "".join(json.dumps({"translation": {"en": a, "fr": b}}) + "\n" for a, b in PAIRS),
    "Anki text": ANKI + table([("a", "Basic", "Deck", *pair, "") for pair in PAIRS], "\t"),
}


@pytest.mark.parametrize("row", CONTENTS)
def test_its_examples(row, tmp_path):
    path, columns = example(row, lambda name: made(tmp_path, name, CONTENTS[row]))
    assert found(path, columns=columns) == (turned(PAIRS) if row == "CSV" else PAIRS)


def test_its_example_of_tatoeba(tmp_path):
    path, columns = example("Tatoeba", lambda name: tmp_path / name)
    path.mkdir()
    for name, content in EXPORT.items():
        made(path, name, content)
    assert found(path, columns=columns) == PAIRS


def test_its_example_of_anki(anki):  # noqa: F811
    notes = [(i, 7, f"{en}\x1f{fr}") for i, (en, fr) in enumerate(PAIRS)]
    made_of = lambda name: anki("anki21", {7: ["Front", "Back"]}, notes, name)  # noqa: E731
    path, columns = example("Anki package", made_of)
    assert found(path, columns=columns) == PAIRS
