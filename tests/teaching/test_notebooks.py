"""The notebooks: built from their sources, alike in both languages, and run from end to end.

A run is the student's path: every exercise is first left as it is, and its check has to complain;
then it is solved, and the check has to agree; then the check is given nonsense.
"""

import ast
import inspect
import io
import json
import re
import textwrap
import tokenize
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("jupytext", reason="needs jupytext: pip install -e '.[notebooks]'")

from markdown_it import MarkdownIt  # noqa: E402

import gluon_seq2seq as gs  # noqa: E402
from gluon_seq2seq.model import attention, loss  # noqa: E402
from gluon_seq2seq.teaching import checks, sources  # noqa: E402
from gluon_seq2seq.teaching.exercise import EXERCISES  # noqa: E402
from gluon_seq2seq.training import train_step  # noqa: E402
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


class Wordless(ast.NodeTransformer):
    """Code without its texts, and without what the Chinese notebooks do to those of pictures."""

    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        return ast.Constant("")

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "label":
            return ast.Constant("")
        return self.generic_visit(node)

    def visit_ImportFrom(self, node):
        node.names = [name for name in node.names if name.name != "label"]
        return node


def shape(source):
    return ast.dump(Wordless().visit(ast.parse(source)))


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
            assert shape(en.source) == shape(zh.source)
            assert not CHINESE.search(en.source), en.source
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
    exercises = re.findall(rf'^check\("{number}\.(\d+)"', codes, re.MULTILINE)
    assert exercises == [str(i) for i in range(1, len(exercises) + 1)] and len(exercises) >= 5
    assert len(re.findall(rf"### Exercise {number}\.\d+", text)) == len(exercises)
    questions = text.split("## Quiz")[1].split("\n## ")[0]
    assert re.findall(r"^(\d)\. ", questions, re.MULTILINE) == list("12345")
    assert len(re.findall(r"\(a\).*\(b\).*\(c\)", questions)) == 5
    if number < 13:
        assert f"({NAMES[number + 1]}.ipynb)" in text.split("## Where to go next")[1]


def test_code_of_the_package_is_shown_in_chinese():
    """No sentence of English is left in what the Chinese notebooks print of it."""
    shown = {
        function
        for name in NAMES
        for cell in code(read(FOLDERS[0], "zh", name))
        for function in re.findall(r"[ (]code_of\(([\w.]+)\)", cell)
    }
    assert len(shown) >= 15
    names = {"gs": gs, "Step": train_step.Step, "backward": train_step.backward}
    names.update(clipped=train_step.clipped, log_probabilities=loss.log_probabilities)
    names["masked_softmax"] = attention.masked_softmax
    for function in shown:
        text = textwrap.dedent(sources.code_of(eval(function, names), "zh"))
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        said = [token.string for token in tokens if token.type == tokenize.COMMENT]
        said.append(ast.get_docstring(ast.parse(text).body[0]) or "")
        plain = [re.sub(r"``.*?``|:math:`.*?`|“.*?”", "", one) for one in said]
        assert not [one for one in plain if re.search(r"[A-Za-z]{2,} [a-z]{2,}", one)], function
        english = sources.code_of(eval(function, names), "en")
        assert english == inspect.getsource(eval(function, names))


ANSWERS = re.compile(
    r"@|lambda|yield|seal|close\(|asnumpy|\b(?:gs|nd|np|math|lesson|model)\.|[=%/]"
)


@pytest.mark.parametrize("folder", FOLDERS, ids=["students", "solutions"])
@pytest.mark.parametrize("name", NAMES)
def test_a_check_is_one_call_and_tells_nothing(folder, name):
    """Nothing beside the number and names that the exercise above has given to the student."""
    asked, count = set(), 0
    for cell in read(folder, "en", name).cells:
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags and cell.cell_type == "code":
            asked |= {word for word in re.findall(r"\w+", cell.source)}
        elif "check" in tags:
            (statement,) = ast.parse(cell.source).body
            number, *answers = statement.value.args
            assert statement.value.func.id in ("check", "quiz") and not statement.value.keywords
            assert isinstance(number, ast.Constant)
            assert answers and {answer.id for answer in answers} <= asked
            assert not ANSWERS.search(cell.source), cell.source
            asked, count = set(), count + 1
    assert count >= 6


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_its_exercise(name):
    """The package has the checks of the notebooks, and no others."""
    checks.of_quiz(int(name[:2]))
    numbers = [n for n in EXERCISES if n.partition(".")[0] == str(int(name[:2]))]
    asked = re.findall(r'^check\("([\d.]+)"', "\n".join(code(read(FOLDERS[0], "zh", name))), re.M)
    assert asked == numbers


@pytest.mark.parametrize("folder", FOLDERS, ids=["students", "solutions"])
def test_nothing_stands_in_two_languages(folder):
    for name in NAMES:
        for lang in build.LANGUAGES:
            for cell in code(read(folder, lang, name)):
                calls = [n.func for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.Call)]
                names = {func.id for func in calls if isinstance(func, ast.Name)}
                assert "tr" not in names and (lang == "zh" or "label" not in names), cell


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
def test_links_of_the_readme_lead_somewhere(readme):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "notebooks" / readme).read_text("utf-8"))
    assert len(links) > len(NAMES)
    for link in links:
        assert (ROOT / "notebooks" / link).exists(), link


@pytest.fixture
def own(tmp_path, monkeypatch):
    """``own(text)``: the only source of a folder of notebooks of its own."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "LABELS", tmp_path / "labels.py")
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
PRINTING = EXERCISE + 'print("✓ done" if double(1) == 2 else "✗ not yet")'
ADMITTING = """
# %%
from gluon_seq2seq.teaching.exercise import exercise
from gluon_seq2seq.teaching.lesson import check
@exercise("0.99")
def _(double):
    found = yield lambda: double(1)
    yield found != 2.5, "", ""
"""


def test_building(own):
    source = own("# %% [markdown]\n# ## A\n#\n# text\n# <!-- zh -->\n# ## 甲\n#\n# 文\n" + PRINTING)
    student, solved = build.build(source, "en"), build.build(source, "zh", solutions=True)
    assert student.cells[0].source == "## A\n\ntext" and solved.cells[0].source == "## 甲\n\n文"
    assert student.cells[1].source == f"def double(x):\n    ...  # {build.STUB}"
    assert solved.cells[1].source == "def double(x):\n    y = x\n\n    return y + x"
    slides = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in student.cells]
    assert slides == ["slide", "skip", "skip"]


@pytest.mark.parametrize("text", ["only English", "<!-- zh -->\n# 文", "a\n# <!-- zh -->\n# "])
def test_a_cell_without_both_languages_is_refused(own, text):
    with pytest.raises(ValueError, match="00_own: needs English"):
        build.build(own(f"# %% [markdown]\n# {text}\n"), "en")


def test_a_solution_stands_in_an_exercise(own):
    """Where nbgrader takes it out; elsewhere nbgrader refuses it."""
    with pytest.raises(ValueError, match="00_own: a solution in no exercise"):
        build.build(own(PRINTING.replace("exercise", "fragment")), "en")


DRAWING = """
# %%
import matplotlib.pyplot as plt
from gluon_seq2seq.plots.style import borrowed
# %%
"""
TWO = """\
# %%
from gluon_seq2seq.teaching.lesson import check, label, tr
x = 1  # the first number
axes.set(xlabel=label("the x", "这个 x"))
print(
    tr(
        f"there are {x}",
        f"有 {x} 个",
    ),
)
"""


def test_code_in_one_language(own, tmp_path):
    source = own(TWO)
    (tmp_path / "source" / "zh.json").write_text('{"the first number": "第一个数"}', "utf-8")
    english, chinese = (build.build(source, lang).cells[0].source for lang in build.LANGUAGES)
    assert english.splitlines() == [
        "from gluon_seq2seq.teaching.lesson import check",
        "x = 1  # the first number",
        'axes.set(xlabel="the x")',
        'print(f"there are {x}")',
    ]
    assert chinese.splitlines() == [
        "from gluon_seq2seq.teaching.lesson import check, label",
        "x = 1  # 第一个数",
        'axes.set(xlabel=label("这个 x"))',
        'print(f"有 {x} 个")',
    ]
    assert '"这个 x": "the x"' in build.labels([source])


def test_a_comment_without_chinese_is_refused(own):
    with pytest.raises(ValueError, match="no Chinese for 'the first number'"):
        build.build(own(TWO), "zh")


def test_a_text_inside_an_f_string_is_refused(own):
    """Before Python 3.12 nobody knows where it stands."""
    with pytest.raises(ValueError, match=r"tr\(\) in an f-string"):
        build.build(own("# %%\nprint(f\"{tr('one', '一')} {x}\")"), "en")


def test_a_label_has_one_english(own):
    source = own(TWO + "print(label('another x', '这个 x'))")
    with pytest.raises(ValueError, match="00_own: '这个 x' is 'the x' and 'another x'"):
        build.labels([source])


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
        (EXERCISE + "pass", "does not fail"),
        (PRINTING + "\n# %%\nimport warnings; warnings.warn('old')", "on stderr"),
        (PRINTING + DRAWING + "plt.plot([1, 2])", "a picture without alternative text"),
        (PRINTING + DRAWING + "with borrowed('en'): plt.plot([1, 2])", None),
        (PRINTING + "\n# %%\n1 / 0", "ZeroDivisionError"),
        (PRINTING + "\n# %%\nimport os; os._exit(1)", "Kernel died"),
        (ADMITTING + EXERCISE + 'check("0.99", double)', "AssertionError"),
    ],
)
def test_what_a_run_finds(own, text, problem):
    result = run.run(own(text), "en")
    assert any(problem in found for found in result.problems) if problem else not result.problems


@pytest.mark.slow
def test_a_notebook_that_takes_too_long(own):
    result = run.run(own("# %%\nimport time; time.sleep(60)", limit=1), "en")
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
        "# %%\nimport gluon_seq2seq as gs\ngs.attention_map([[1.0]], ['moon'], ['lune'])\n"
        "# %%\nimport ipywidgets\nipywidgets.VBox([ipywidgets.Text('typed')])\n"
    )
    for lang in build.LANGUAGES:
        run.run(source, lang)
    index = gallery.write().read_text("utf-8")
    assert (
        "0. A &lt;b&gt;" in index
        and "<mi>c</mi>" in index
        and index.count("<a ") == 3
        and 'href="00_own.html"' in index
    )
    page = (gallery.OUT / "en" / "00_own.html").read_text("utf-8")
    assert "two 2" in page and 'href="00_own.html"' in page
    assert "<p>typed</p>" in page and "FloatProgress" not in page and "model_id" not in page
    assert 'alt="Map of 1 rows and 1 columns; columns: source moon' in page
    assert "<msub><mi>c</mi>" in page and "<mi>t</mi><mo>′</mo>" in page
    for file in gallery.OUT.rglob("*.html"):  # nothing is loaded
        html = file.read_text("utf-8")
        loaded = re.findall(
            r"<(?:script|img|link|iframe)[^>]*(?:src|href)=[\"'](?!data:)[^>]*", html
        )
        assert loaded == [] and not re.search(r"@import|url\([\"']?https?:|import\(", html), file
        assert "No description" not in html
    slides = (gallery.OUT / "zh" / "00_own.slides.html").read_text("utf-8")
    assert "<mi>c</mi>" not in slides and slides.count('class="slide"') == 1
    assert "引言" in (gallery.OUT / "zh" / "index.html").read_text("utf-8")
    assert "../try" not in index
    (gallery.OUT / "try").mkdir()
    (gallery.OUT / "try" / "index.html").write_text("a page")
    gallery.write()
    for lang in build.LANGUAGES:
        assert '"../try/index.html"' in (gallery.OUT / lang / "index.html").read_text("utf-8")


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
