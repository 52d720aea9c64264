"""The playground of notebook 11 in a real browser, in JupyterLab."""

import shutil
from pathlib import Path

import pytest
from conftest import running

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: make browser")
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab over a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    for lang in "en", "zh":
        shutil.copytree(ROOT / "notebooks" / lang, folder / lang)

    def command(port):
        options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--no-browser"]
        return ["-m", "jupyter", "lab", *options, "--IdentityProvider.token=", "--allow-root"]

    with running(folder, command, "/api") as address:
        yield address


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "lang, warning", [("en", "Not among the words of this model"), ("zh", "模型的词典里没有")]
)
def test_the_playground_translates_what_is_typed(lab, browser, lang, warning):
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    page.goto(f"{lab}/lab/tree/{lang}/11_playground.ipynb?reset")
    page.locator(".jp-Notebook .jp-MarkdownOutput").first.wait_for(timeout=60_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)  # the kernel is ready
    page.locator(".lm-MenuBar-itemLabel:text-is('Run')").click()
    page.get_by_text("Run All Cells", exact=True).click()

    box = page.locator(".widget-text input").first
    box.wait_for(timeout=90_000)
    shown = (
        page.locator(".jupyter-widgets.widget-html-content, .widget-html")
        .filter(has=page.locator("table"))
        .first
    )
    sync_api.expect(shown).to_contain_text("Ils regardent.", timeout=60_000)
    sync_api.expect(shown.locator("img")).to_have_count(2)

    box.fill("We are not tired.")
    box.press("Enter")
    sync_api.expect(shown).to_contain_text("Nous ne sommes pas fatigués.", timeout=30_000)
    sizes = shown.locator("img").evaluate_all("images => images.map(i => i.naturalWidth)")
    assert len(sizes) == 2 and min(sizes) > 200

    box.fill("<img src=x onerror=document.title='hacked'>")
    box.press("Enter")
    sync_api.expect(shown).to_contain_text(warning, timeout=30_000)
    assert "hacked" not in page.title() and shown.locator("img[src='x']").count() == 0
    page.close()
