"""In a real browser: notebook 11 in JupyterLab, and the gallery."""

import os
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


@pytest.fixture(scope="module", params=["en", "zh"])
def gallery_of_attention(request, tmp_path_factory):
    """The folder of a gallery that has notebook 7 alone, run with small sizes, and its language."""
    from tools.notebooks import build, gallery, run

    (source,) = build.sources(["07"])
    folder = tmp_path_factory.mktemp("gallery")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "OUT", folder / "run")
        patch.setattr(gallery, "OUT", folder / "pages")
        patch.setattr(build, "sources", lambda: [source])
        assert run.run(source, request.param, smoke=True).problems == ()
        (folder / "run" / "smoke").rename(folder / "run" / "full")
        gallery.write([request.param])
    return folder / "pages" / request.param


@pytest.mark.timeout(280)
def test_the_gallery_is_for_everybody_and_needs_no_network(gallery_of_attention, browser):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    files = sorted(gallery_of_attention.glob("*.html"))
    assert len(files) == 3  # the index, the page, the slides
    for file in files:
        for width in 1200, 390:
            page = browser.new_page(viewport={"width": width, "height": 900})
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(file.as_uri())
            grave = [
                (found["id"], node["html"])
                for found in axe.run(page).response["violations"]
                for node in found["nodes"]
                if found["impact"] in ("serious", "critical")
            ]
            assert grave == [], file.name
            assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
            assert "No description" not in page.content()
            assert page.locator("img:not([alt]), img[alt='']").count() == 0
            _picture(page, f"{file.stem}-{file.parent.name}-{width}")
            page.close()


def test_the_keyboard_goes_through_the_gallery_in_reading_order(gallery_of_attention, browser):
    for file in sorted(gallery_of_attention.glob("*.html")):
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.goto(file.as_uri())
        links = page.locator("a[href]:visible").evaluate_all("all => all.map(one => one.outerHTML)")
        reached = []
        for _ in links:
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.outerHTML"))
        assert reached == links and links, file.name
        if file.name.endswith("slides.html"):
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            tops = "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
            for number in range(1, 4):
                page.keyboard.press("ArrowRight")
                page.wait_for_timeout(300)
                assert abs(page.locator(".slide").evaluate_all(tops)[number]) < 10
            page.keyboard.press("ArrowLeft")
            page.wait_for_timeout(300)
            assert abs(page.locator(".slide").evaluate_all(tops)[2]) < 10
        page.close()


def _picture(page, name):
    if "SCREENSHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SCREENSHOTS']}/{name}.png", full_page=True)
