"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest
from conftest import blocks

ROOT = Path(__file__).resolve().parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]


@pytest.mark.slow
def test_the_ten_lines_do_what_they_say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ((_, code),) = blocks(READMES[0], "python")
    assert len(code.splitlines()) <= 10
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[-1] == "Ils regardent."
    assert (tmp_path / "learning-curve.png").exists() and (tmp_path / "runs" / "mine").is_dir()


@pytest.mark.parametrize("language", ["python", "text", "ipython"])
def test_both_languages_show_the_same(language):
    english, chinese = (blocks(path, language) for path in READMES)
    assert english == chinese


def test_both_languages_give_the_same_commands():
    def commands(path):
        return [
            line.split("#")[0].rstrip()
            for _, block in blocks(path, "sh")
            for line in block.splitlines()
        ]

    assert commands(READMES[0]) == commands(READMES[1])


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8"))
    local = [link for link in links if not link.startswith("http")]
    assert len(local) > 10
    for link in local:
        assert (ROOT / link).exists(), link
