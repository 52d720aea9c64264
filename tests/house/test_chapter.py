"""docs/chapter.md: a row for every formula of the chapter, and nothing in a row that is not there.

The chapter itself is not ours to hand on. Where it lies beside the checkout, as it does for CI, the
pages are compared with it.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS, SOURCES = ROOT / "docs", ROOT / "notebooks" / "source"
CHAPTER = ROOT.parent / "shared" / "chapter" / "seq2seq-2018.zh.md"
PAGES = {"en": DOCS / "chapter.md", "zh": DOCS / "chapter.zh.md"}
DISPLAYED = re.compile(r"\$\$(.+?)\$\$|\\begin\{(equation|align)\}(.+?)\\end\{\2\}", re.S)
LINK = re.compile(r"\[([^\]]*)\]\(([^)]+)\)")
# What the chapter calls otherwise; notebook 1 explains these words, the others do without.
NOT_ITS_WORDS = re.compile("隐藏状态|背景变量|特殊符号|词嵌入|源序列|目标序列|特殊词元|上下文向量")
every_page = pytest.mark.parametrize("lang", PAGES)


def normal(latex):
    """A formula without what does not show: spaces, spellings of a prime, braces round a letter."""
    latex = re.sub(r"\\tag\{[^}]*\}|\\label\{[^}]*\}|\\[,;:! ]", "", latex)
    latex = re.sub(r"\^(\\prime|\{\\prime\})", "'", latex)
    latex = re.sub(r"\\(boldsymbol|mathbb)\s+(\w)", r"\\\1{\2}", latex)
    return re.sub(r"([_^])\{(\w)\}", r"\1\2", re.sub(r"\s", "", latex)).strip(".,")


def displayed(text):
    return [normal(formula or other) for formula, _, other in DISPLAYED.findall(text)]


def inline(text):
    return [normal(formula) for formula in re.findall(r"\$([^$]+)\$", DISPLAYED.sub("", text))]


def tables(page, columns):
    """The rows of all tables of so many columns, each a list of cells, without their heads."""
    lines = [line[2:-2].split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [
        cells
        for cells, following in zip(lines, [*lines[1:], [""]])
        if len(cells) == columns and not {cells[0][:3], following[0][:3]} & {"---"}
    ]


def without_row(chapter, page):
    """Formulas of the chapter that the page has not: displayed ones in their order, any others."""
    rows = tables(page, 5)
    stated = [formula for cells in rows for formula in inline(cells[0])]
    everywhere = " ".join(formula for cells in rows for cell in cells for formula in inline(cell))
    missing, begin = [], 0
    for formula in displayed(chapter):
        if formula in stated[begin:]:
            begin = stated.index(formula, begin) + 1
        else:
            missing.append(formula)
    return missing + [formula for formula in inline(chapter) if formula not in everywhere]


@pytest.fixture
def chapter():
    if not CHAPTER.exists():
        pytest.skip(f"needs {CHAPTER}")
    return CHAPTER.read_text("utf-8")


@every_page
def test_every_formula_of_the_chapter_has_a_row_in_its_order(chapter, lang):
    assert len(displayed(chapter)) >= 8 and len(inline(chapter)) > 20
    assert without_row(chapter, PAGES[lang].read_text("utf-8")) == []


@every_page
def test_a_formula_without_a_row_is_found(lang):
    page = PAGES[lang].read_text("utf-8")
    c = r"$$\boldsymbol c=q(\boldsymbol h_{1},\ldots, \boldsymbol{h}_T) \tag{1}$$"
    g = r"$$\boldsymbol{s}_{t^\prime} = g(y_{t'-1}, \boldsymbol c, \boldsymbol s_{t^{\prime}-1})$$"
    assert without_row(c + g + r" and $y_{t^\prime}$", page) == []
    assert without_row("$$e = mc^2$$ and $e = 3$", page) == ["e=mc^2", "e=3"]
    assert without_row(g + c, page) == displayed(c)  # each has a row, in the other order
    row = next(line for line in page.splitlines() if "= q(" in line)
    assert without_row(c, page.replace(row, "")) == displayed(c)


def defined(path):
    """The functions and classes of a file, and their methods as ``Class.method``."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
            found |= {f"{node.name}.{inner.name}" for inner in node.body if hasattr(inner, "name")}
    return found


@every_page
def test_every_notebook_block_and_test_of_a_row_exists(lang):
    page, notebooks = PAGES[lang].read_text("utf-8"), set()
    rows = tables(page, 5)
    assert len(rows) >= 30
    for said, notebook, code, test, _ in rows:
        for number, link in LINK.findall(notebook):
            assert re.match(rf"\.\./notebooks/{lang}/0*{number}_", link), link
            notebooks.add(int(number))
        assert LINK.search(notebook), said
        for cell, place in (code, "../gluon_seq2seq/"), (test, "../tests/"):
            assert LINK.search(cell) or cell == "–", said
            for name, link in LINK.findall(cell):
                assert link.startswith(place) and name in defined(DOCS / link), (name, link)
    assert notebooks == {1, 2, 3, 4, 5, 6, 7, 10}
    for _, link in LINK.findall(page):
        assert (DOCS / link).exists(), link


def test_both_pages_have_the_same_rows():
    english, chinese = (tables(PAGES[lang].read_text("utf-8"), 5) for lang in PAGES)
    assert len(english) == len(chinese)
    for en, zh in zip(english, chinese):
        assert set(inline(en[0])) == set(inline(zh[0]))
        assert [cell.replace("notebooks/en", "notebooks/zh") for cell in en[1:4]] == zh[1:4]
        assert (en[4] == "–") == (zh[4] == "–")


@every_page
def test_a_notebook_of_a_formulas_row_has_the_formula(lang):
    """As the chapter writes it, or as the last column does."""
    compared = 0
    for said, notebook, _, _, departure in tables(PAGES[lang].read_text("utf-8"), 5):
        formulas = [f for f in inline(said) if ("=" in f and "(" in f) or "\\log" in f]
        if formulas:
            names = [Path(link).stem for _, link in LINK.findall(notebook)]
            texts = [normal((SOURCES / f"{name}.py").read_text("utf-8")) for name in names]
            assert any(f in text for f in formulas + inline(departure) for text in texts), said
            compared += 1
    assert compared >= 8


@every_page
def test_the_words_of_the_glossary_are_the_chapters(chapter, lang):
    glossary = tables(PAGES[lang].read_text("utf-8"), 3)
    assert len(glossary) >= 15
    for words, here, english in glossary:
        assert here and re.search("[a-z]", english)
        for word in re.sub("（.*?）", "", words).split("、"):
            assert word in chapter, word


def test_the_chinese_notebooks_use_the_chapters_words():
    text = ""
    for source in sorted(SOURCES.glob("0[0-5]_*.py")):
        for cell in source.read_text("utf-8").split("\n# %%"):
            chinese = cell.partition("# <!-- zh -->")[2]
            if "# ## 用词" not in chinese:
                assert not NOT_ITS_WORDS.search(chinese), chinese
                text += chinese
    for word in ("隐含层变量", "背景向量", "特殊字符", "嵌入层", "不定长", "联合概率", "小结"):
        assert word in text, word
    for notation in r"\boldsymbol{h}_t", r"\mathbb{R}^{x \times h}", r"\mathbb{P}(y_1":
        assert notation in text, notation


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_lists_the_exercises_of_the_chapter(chapter, readme):
    asked = re.findall(r"^\* ", re.search(r"^## 练习\n(.*?)^## ", chapter, re.S | re.M)[1], re.M)
    heading = "## (?:The chapter's exercises|书中的练习)"
    text = (ROOT / readme).read_text("utf-8")
    listed = re.search(rf"^{heading}\n(.*?)^## ", text, re.S | re.M)[1]
    assert len(tables(listed, 2)) == len(asked) == 4


def test_what_we_call_unsaid_the_chapter_does_not_say(chapter):
    for word in ("bos", "pad", "unk", "tanh", "softmax", "_0", "teacher", "强制", "填充", "```"):
        assert word not in chapter, word


def test_none_of_the_chapters_sentences_is_handed_on(chapter):
    texts = [*ROOT.glob("README*.md"), *DOCS.rglob("*.md"), *SOURCES.glob("*.py")]
    ours = re.sub(r"[\s#*]", "", "".join(path.read_text("utf-8") for path in texts))
    clauses = re.split(r"[，。：；\n]", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", chapter))
    long = [clause for clause in clauses if len(re.findall("[\u4e00-\u9fff]", clause)) >= 12]
    assert len(long) >= 20
    for clause in long:
        assert re.sub(r"[\s#*]", "", clause) not in ours, clause
