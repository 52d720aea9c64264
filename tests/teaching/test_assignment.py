"""The course for nbgrader: what marks its cells have. test_nbgrader.py lets nbgrader take it."""

import re

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("jupytext", reason="needs jupytext: pip install -e '.[notebooks]'")

from gluon_seq2seq.teaching import checks  # noqa: E402
from tools.notebooks import assignment, build  # noqa: E402

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n", re.S)


@pytest.mark.parametrize("source", build.sources(), ids=lambda source: source.name)
def test_every_cell_has_its_marks(source):
    lang = build.LANGUAGES[int(source.number) % 2]
    notebook = assignment.assignment(source, lang)
    given = nbformat.read(build.ROOT / lang / f"{source.name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    names, points, answers = [], 0, 0
    for cell, ours in zip(notebook.cells, given.cells):
        released = HIDDEN.sub("", build.stubbed(cell.source))
        if cell.cell_type == "markdown":
            assert "nbgrader" not in cell.metadata
            assert released.replace("../", "") == re.sub(
                r"\]\((\d\d_\w+)\.ipynb", r"](\1/\1.ipynb", ours.source
            )
            continue
        stub = build.STUB if lang == "en" else build.CHINESE_STUB
        assert released.replace(build.STUB, stub) == ours.source
        marks = dict(cell.metadata["nbgrader"])
        grade, solution = marks.pop("grade"), marks.pop("solution")
        assert (marks.pop("schema_version"), marks.pop("task")) == (3, False)
        assert marks.pop("locked") != solution and not (grade and solution)
        assert (
            grade == bool(HIDDEN.search(cell.source)) == ("check" in cell.metadata.get("tags", ()))
        )
        assert solution == ("### BEGIN SOLUTION" in cell.source)
        name = marks.pop("grade_id")
        assert re.fullmatch(r"[a-zA-Z0-9_\-]+", name)  # as nbgrader's schema has it
        names.append(name)
        points += marks.pop("points") if grade else 0
        answers += solution
        assert marks == {}
    number = int(source.number)
    quiz = len(checks.of_quiz(number))
    assert len(set(names)) == len(names)
    assert points == 2 * sum(name.count("-") == 2 for name in names if name[0] == "e") + quiz
    assert answers >= 6


def test_the_course(tmp_path):
    (source,) = build.sources(["11"])
    (tmp_path / "gradebook.db").write_text("kept")
    for lang, stub in ("en", build.STUB), ("zh", build.CHINESE_STUB):  # one language a release
        assert assignment.write([source], lang, tmp_path) == tmp_path
        (file,) = (tmp_path / "source").rglob("*.ipynb")
        assert file.parent.name == file.stem == "11_playground"
        notebook = nbformat.read(file, as_version=4)
        assert any(f'language("{lang}")' in cell.source for cell in notebook.cells)
        config = (tmp_path / "nbgrader_config.py").read_text("utf-8")
        compile(config, "nbgrader_config.py", "exec")
        assert stub in config
    assert (tmp_path / "gradebook.db").read_text() == "kept"
