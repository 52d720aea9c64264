"""The notebooks: built from their sources, alike in both languages, and run from end to end.

A run is the student's path: every exercise is first left as it is, and its check has to complain;
then it is solved, and the check has to agree; then the check is given nonsense.
"""

import json
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("jupytext", reason="needs jupytext: pip install -e '.[notebooks]'")

from markdown_it import MarkdownIt  # noqa: E402

from tools.notebooks import build, gallery, run, times  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SOURCES = build.sources()
NAMES = [source.name for source in SOURCES]
CHINESE = re.compile("[\u4e00-\u9fff]")
FOLDERS = [ROOT / "notebooks" / folder for folder in ("", "solutions")]


def read(folder, lang, name):
    return nbformat.read(folder / lang / f"{name}.ipynb", as_version=4)


def code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.slow
def test_what_is_committed_is_what_the_sources_say():
    assert build.stale({**build.files(), **times.files()}) == []


def test_there_are_fourteen():
    assert [int(name[:2]) for name in NAMES] == list(range(14))


@pytest.mark.parametrize("folder", FOLDERS, ids=["students", "solutions"])
@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_cells(folder, name):
    english, chinese = (read(folder, lang, name) for lang in build.LANGUAGES)
    for en, zh in zip(english.cells, chinese.cells):
        assert (en.id, en.cell_type, en.metadata) == (zh.id, zh.cell_type, zh.metadata)
        if en.cell_type == "code":
            assert en.source == zh.source
            assert (
                (en.outputs, en.execution_count) == (zh.outputs, zh.execution_count) == ([], None)
            )
    assert len(english.cells) == len(chinese.cells)
    assert len({cell.id for cell in english.cells}) == len(english.cells)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_it_in_the_same_form(name):
    def form(text):
        return {
            "headings": re.findall(r"^(#+) ", text, re.MULTILINE),
            "rows": len(re.findall(r"^\|", text, re.MULTILINE)),
            "items": len(re.findall(r"^(?:- |\d\. )", text, re.MULTILINE)),
            "links": re.findall(r"\]\(([^)]*)\)", text),
        }

    english, chinese = (read(FOLDERS[0], lang, name) for lang in build.LANGUAGES)
    for en, zh in zip(english.cells, chinese.cells):
        if en.cell_type == "markdown":
            assert form(en.source) == form(zh.source)
            assert len(CHINESE.findall(en.source)) <= len(en.source) / 10, en.source  # names
            assert CHINESE.search(zh.source), zh.source


@pytest.mark.parametrize("name", NAMES)
def test_it_has_what_every_notebook_has(name):
    notebook = read(FOLDERS[0], "en", name)
    text, codes = prose(notebook), "\n".join(code(notebook))
    number = int(name[:2])
    assert re.match(rf"# {number}\. ", text)
    for part in (
        "**After this notebook you can**",
        "They are watching",
        "## What the chapter leaves unsaid",
        "## Quiz",
        "## Where to go next",
    ):
        assert part in text, part
    assert re.search(r"\| formula .*\| code .*\| shape", text)
    exercises = re.findall(rf'@exercise\(\s*"{number}\.(\d+)"', codes)
    assert exercises == [str(i) for i in range(1, len(exercises) + 1)] and len(exercises) >= 5
    assert len(re.findall(rf"### Exercise {number}\.\d+", text)) == len(exercises)
    questions = text.split("## Quiz")[1].split("\n## ")[0]
    assert re.findall(r"^(\d)\. ", questions, re.MULTILINE) == list("12345")
    assert len(re.findall(r"\(a\).*\(b\).*\(c\)", questions)) == 5
    if number < 13:
        assert f"({NAMES[number + 1]}.ipynb)" in text.split("## Where to go next")[1]


@pytest.mark.parametrize("lang", build.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_bold_is_bold(name, lang):
    """Stars next to a full-width mark stay stars."""
    for block in MarkdownIt().parse(prose(read(FOLDERS[0], lang, name))):
        plain = [token.content for token in block.children or () if token.type == "text"]
        assert not any("**" in text for text in plain), block.content


@pytest.mark.parametrize("name", NAMES)
def test_students_get_no_solutions(name):
    students, solved = (code(read(folder, "en", name)) for folder in FOLDERS)
    assert any(build.STUB in cell for cell in students)
    assert not any("SOLUTION" in cell for cell in students + solved)
    assert not any(build.STUB in cell for cell in solved)


@pytest.mark.parametrize("lang", build.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name, lang):
    for link in re.findall(r"\]\(([^)#\s]+)\)", prose(read(FOLDERS[0], lang, name))):
        assert link.startswith("https://") or (FOLDERS[0] / lang / link).exists(), link


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number, source", list(enumerate(SOURCES)), ids=NAMES)
def test_runs(number, source):
    lang = build.LANGUAGES[number % 2]  # their cells are the same; make notebooks runs both
    result = run.run(source, lang, smoke=True)
    assert result.problems == ()
    assert result.exercises >= 6  # the quiz is one


def test_the_manifest_grants_every_notebook_its_time():
    limits = {name: entry["limit"] for name, entry in run.manifest().items()}
    assert list(limits) == NAMES
    assert all(limit <= 300 for name, limit in limits.items() if name != NAMES[12])
    for name, source in zip(NAMES, SOURCES):
        parameters = [
            cell for cell in source.cells if "parameters" in cell.metadata.get("tags", [])
        ]
        smoke = run.manifest()[name]["smoke"]
        assert len(parameters) == bool(smoke)
        for key in smoke:
            assert re.search(rf"^(?:\w+ = )*{key} = ", parameters[0].source, re.MULTILINE), key


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_table_of_formulas_names_tests_and_notebooks_that_exist(readme):
    text = (ROOT / "notebooks" / readme).read_text("utf-8")
    tests = {p.name: p.read_text("utf-8") for p in (ROOT / "tests").rglob("test_*.py")}
    named = re.findall(r"`(?:tests/\w+/(test_\w+\.py)::)?(test_\w+)`", text)
    assert len(named) >= 17
    for file, name in named:
        places = [tests[file]] if file else tests.values()
        assert any(f"def {name}(" in place for place in places), name
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / "notebooks" / link).exists(), link
    rows = [re.search(r"\((?:en|zh)/(\d+)_", line) for line in text.splitlines() if "`test" in line]
    assert {int(row[1]) for row in rows} >= {1, 2, 3, 4, 5, 6, 7, 10}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """``own(text)``: the only source of a folder of notebooks of its own."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(run, "OUT", tmp_path / "out")
    monkeypatch.setattr(run, "MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setattr(gallery, "OUT", tmp_path / "gallery")

    def own(text, limit=60, smoke=None):
        entry = {"limit": limit, "smoke": smoke or {}}
        run.MANIFEST.write_text(json.dumps({"00_own": entry}), "utf-8")
        (tmp_path / "source").mkdir(exist_ok=True)
        (tmp_path / "source" / "00_own.py").write_text(text, "utf-8")
        (source,) = build.sources()
        return source

    return own


EXERCISE = """
# %% tags=["exercise"]
def double(x):
    ### BEGIN SOLUTION
    y = x

    return y + x
    ### END SOLUTION

# %% tags=["check"]
"""
PRINTING = EXERCISE + 'print("✓ done" if double(1) == 2 else "✗ not yet")\ncheck = []'


def test_building(own):
    source = own("# %% [markdown]\n# ## A\n#\n# text\n# <!-- zh -->\n# ## 甲\n#\n# 文\n" + PRINTING)
    student, solved = build.build(source, "en"), build.build(source, "zh", solutions=True)
    assert student.cells[0].source == "## A\n\ntext" and solved.cells[0].source == "## 甲\n\n文"
    assert student.cells[1].source == f"def double(x):\n    {build.STUB}"
    assert solved.cells[1].source == "def double(x):\n    y = x\n\n    return y + x"
    slides = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in student.cells]
    assert slides == ["slide", "skip", "skip"]


@pytest.mark.parametrize("text", ["only English", "<!-- zh -->\n# 文", "a\n# <!-- zh -->\n# "])
def test_a_cell_without_both_languages_is_refused(own, text):
    with pytest.raises(ValueError, match="00_own: needs English"):
        build.build(own(f"# %% [markdown]\n# {text}\n"), "en")


def test_a_change_of_the_source_makes_it_stale_and_building_mends_it(own):
    own(PRINTING)
    build.write(build.files())
    assert build.stale(build.files()) == []
    own(PRINTING + "  # changed")
    left_over = build.ROOT / "en" / "09_gone.ipynb"
    left_over.write_text("{}")
    assert len(build.stale(build.files())) == 5  # two languages, with and without solutions
    build.write(build.files())
    assert build.stale(build.files()) == [] and not left_over.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text, problem",
    [
        (PRINTING, None),
        (PRINTING.replace("y + x", "y"), "the solution does not pass"),
        (PRINTING.replace("double(1) == 2", "True"), "the untouched stub does not fail"),
        (EXERCISE + "check = []", "does not fail"),
        (PRINTING + "\n# %%\nimport warnings; warnings.warn('old')", "on stderr"),
        (PRINTING + "\n# %%\n1 / 0", "ZeroDivisionError"),
        (PRINTING + "\n# %%\nimport os; os._exit(1)", "Kernel died"),
        (
            EXERCISE + "from gluon_seq2seq.teaching.lesson import exercise\n"
            '@exercise("1", lambda: double(1))\ndef check(found):\n    yield found != 2.5, "", ""',
            "AssertionError",
        ),
    ],
)
def test_what_a_run_finds(own, text, problem):
    result = run.run(own(text), "en")
    assert any(problem in found for found in result.problems) if problem else not result.problems


@pytest.mark.slow
def test_a_notebook_that_takes_too_long(own):
    result = run.run(own("# %%\nimport time; time.sleep(60)", limit=3), "en")
    assert any("timed out" in problem for problem in result.problems)


@pytest.mark.slow
def test_smoke_values_take_the_place_of_the_parameters(own):
    source = own('# %% tags=["parameters"]\nepochs = 8\n# %%\nprint(epochs)', smoke={"epochs": 1})
    for smoke, expected in (True, "1"), (False, "8"):
        run.run(source, "zh", smoke)
        folder = run.OUT / ("smoke" if smoke else "full")
        notebook = nbformat.read(folder / "zh" / "00_own.ipynb", as_version=4)
        assert notebook.cells[-1].outputs[0].text.strip() == expected


@pytest.mark.slow
def test_a_notebook_that_begins_with_set_np(own):
    """Its cells are written with mx.nd; the lesson says that it turns the flags off for them."""
    source = own(
        "# %%\nfrom gluon_seq2seq.teaching.lesson import close\nfrom mxnet import nd, npx\n"
        "from mxnet.gluon import nn\n"
        "dense = nn.Dense(1, in_units=1)\ndense.initialize()\n"
        "print(dense(nd.ones((1, 1))).shape, npx.is_np_array())"
    )
    for set_np in False, True:
        assert run.run(source, "en", set_np=set_np).problems == ()
        notebook = nbformat.read(run.OUT / "full" / "en" / "00_own.ipynb", as_version=4)
        text = notebook.cells[-1].outputs[0].text
        assert text.endswith("(1, 1) False\n")
        assert ("npx.set_np() was on" in text) == set_np


@pytest.mark.slow
def test_the_gallery_shows_what_was_run(own):
    source = own(
        "# %% [markdown]\n# # 0. A <b>\n#\n# Intro $c_{t'}$ [next](00_own.ipynb)\n"
        "# <!-- zh -->\n# # 0. 甲\n#\n# 引言\n# %%\nprint('two', 1 + 1)\n"
        "# %%\nfrom tqdm.auto import tqdm\nn = sum(tqdm(range(3), leave=False))\n"
        "# %%\nimport ipywidgets\nipywidgets.VBox([ipywidgets.Text('typed')])\n"
    )
    for lang in build.LANGUAGES:
        run.run(source, lang)
    index = gallery.write().read_text("utf-8")
    assert (
        "0. A &lt;b&gt;" in index
        and "<mi>c</mi>" in index
        and index.count("<a ") == 2
        and 'href="00_own.html"' in index
    )
    page = (gallery.OUT / "en" / "00_own.html").read_text("utf-8")
    assert "two 2" in page and 'href="00_own.html"' in page
    assert page.count('"model_id"') == 1  # the text box, not the progress bar
    assert "<msub><mi>c</mi>" in page and "<mi>t</mi><mo>′</mo>" in page
    assert "引言" in (gallery.OUT / "zh" / "index.html").read_text("utf-8")


def test_recorded_times_are_in_the_tables(own, tmp_path):
    own("# %% [markdown]\n# # 0. A\n# <!-- zh -->\n# # 0. 甲\n")
    for name in "README.md", "README.zh.md":
        (tmp_path / name).write_text("before\n" + "".join(times.MARKS) + "\nafter\n", "utf-8")
    times.record([run.Result("00_own", lang, s, (), 6) for lang, s in (("en", 3.2), ("zh", 2.0))])
    for path, text in times.files().items():
        path.write_text(text, "utf-8")
    assert "| [0. A](en/00_own.ipynb) | 4 s | 60 s |" in (tmp_path / "README.md").read_text("utf-8")
    assert "| [0. 甲](zh/00_own.ipynb) | 4 s |" in (tmp_path / "README.zh.md").read_text("utf-8")
    assert times.files()[tmp_path / "README.md"] == (tmp_path / "README.md").read_text("utf-8")
