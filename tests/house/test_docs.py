"""Every block of the guide runs, in its order and but for sizes; the site's pages exist."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from conftest import blocks, run_shell, with_fonts_at_hand

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# What is long in the guide for the sake of a model that is not looked at here.
SHORTER = {
    "epochs=30, batch_size=8, out": "epochs=4, batch_size=8, out",
    "--data mini --model luong2015": "--data tiny --model luong2015",
    "--data mini --out runs/large": "--data tiny --out runs/large",
    "--data mini --subwords 300 --out": "--data tiny --subwords 300 --out",
    "--out runs/a --epochs 2": "--out runs/a --epochs 2 --embed-size 16 --num-hiddens 16",
    "--out runs/b --epochs 2": "--out runs/b --epochs 2 --embed-size 16 --num-hiddens 16",
}


@pytest.mark.slow
def test_the_guide(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code_blocks = blocks(DOCS / "guide.md", "python|sh")
    assert len(code_blocks) >= 10
    namespace, printed = {}, []
    unused = dict(SHORTER)
    for language, code in code_blocks:
        code = with_fonts_at_hand(code)
        for old, new in SHORTER.items():
            if old in code:
                code = code.replace(old, new)
                unused.pop(old, None)
        if language == "python":
            exec(compile(code, "guide.md", "exec"), namespace)
            printed.append(capsys.readouterr().out)
        else:
            printed.append(run_shell(code, tmp_path))
    plt.close("all")
    assert not unused
    assert sum("Ils regardent." in text for text in printed) >= 3
    for name in "curve", "attention", "beam", "alpha", "curves":
        assert (tmp_path / f"{name}.png").stat().st_size > 5000
    assert "['They', 'are'] \n[0.4 0.5 0.6]" in "".join(printed)
    assert any("we drink tea.\n" in text and "they read.\n" in text for text in printed)
    assert "(1, 32)" in printed[-2] and "Nous chantions." in "".join(printed)


@pytest.mark.parametrize("folder", [DOCS, DOCS / "decisions"], ids=lambda folder: folder.name)
def test_every_page_is_in_the_contents(folder):
    contents = re.search(r"```{toctree}.*?\n\n(.*?)\n```", (folder / "index.md").read_text(), re.S)
    listed = {f"{name}.md" for name in contents[1].split()}
    pages = {path.relative_to(folder).as_posix() for path in folder.glob("*.md")}
    pages |= {path.relative_to(folder).as_posix() for path in folder.glob("*/index.md")}
    assert listed | {"index.md"} == pages


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        place, _, anchor = link.partition("#")
        if not place.startswith(("https://", "http://")):
            target = page.parent / place if place else page
            assert target.exists(), link
            if anchor:
                headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
                slugs = [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]
                assert anchor in slugs, link


CHINESE = sorted(
    path for place in (".", "docs", "notebooks") for path in (ROOT / place).glob("*.zh.md")
)


def test_the_chinese_edition_has_its_pages():
    assert {page.name for page in CHINESE} >= {
        "guide.zh.md",
        "troubleshooting.zh.md",
        "errata.zh.md",
    }


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_chinese_page_has_what_the_english_one_has(page):
    """The same code but for comments of shell, links, headings and rows, so that the one says no
    less than the other; and a link leads to the Chinese page where there is one."""
    english = page.with_name(page.name.replace(".zh", ""))

    def form(path):
        text = path.read_text("utf-8")
        plain = re.sub(r"```.*?```", "", text, flags=re.S)
        links = re.findall(r"\]\(([^)#\s]+)", plain)
        return {
            "code": [
                re.sub(r"  +#.*", "", block) if block.startswith("```sh") else block
                for block in re.findall(r"```.*?```", text, re.S)
            ],
            "links": sorted(re.sub(r"\.zh\b|\b(en|zh)(?=/|$)", "", link) for link in links),
            "headings": re.findall(r"^#+(?= )", plain, re.M),
            "rows": len(re.findall(r"^\|", plain, re.M)),
        }

    assert form(page) == form(english)
    for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        target = (page.parent / link).resolve()
        assert target == english or not target.with_suffix(".zh.md").exists(), link
    assert len(re.findall("[\u4e00-\u9fff]", page.read_text("utf-8"))) > 300


def test_every_decision_has_the_same_form():
    for page in (DOCS / "decisions").glob("*.md"):
        if page.name != "index.md":
            title, *text = page.read_text("utf-8").splitlines()
            assert title.startswith("# ") and title.endswith("?")
            parts = re.findall(r"^\*\*(.*?)\.\*\*", "\n".join(text), re.M)
            assert parts == [
                "Answer",
                "What it costs",
                "What would change our mind",
                "Where it is tested",
            ]


def test_every_module_is_in_the_reference():
    package = DOCS.parent / "gluon_seq2seq"
    shown = re.findall(r"automodule:: gluon_seq2seq\.([\w.]+)", (DOCS / "reference.md").read_text())
    for name in shown:
        place = package / name.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__init__.py").exists()
    from gluon_seq2seq import _HOME

    assert set(_HOME.values()) <= set(shown)
