"""Notebook 11 in JupyterLab in a real browser, as a student sees it.

Skipped without Playwright and Chromium: ``make browser`` installs the first, and looks for
``chromium`` or ``google-chrome`` on the PATH. With ``SCREENSHOTS=FOLDER`` it leaves pictures.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: make browser")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ROOT = Path(__file__).resolve().parent.parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab over a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    for lang in "en", "zh":
        shutil.copytree(ROOT / "notebooks" / lang, folder / lang)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--no-browser"]
    options += ["--IdentityProvider.token=", "--allow-root"]
    command = [sys.executable, "-m", "jupyter", "lab", *options]
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api").read()
                break
            except OSError:
                assert server.poll() is None, (folder / "lab.log").read_text()
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


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
    if "SCREENSHOTS" in os.environ:
        box.scroll_into_view_if_needed()
        page.screenshot(path=f"{os.environ['SCREENSHOTS']}/playground-{lang}.png")

    box.fill("<img src=x onerror=document.title='hacked'>")
    box.press("Enter")
    sync_api.expect(shown).to_contain_text(warning, timeout=30_000)
    assert "hacked" not in page.title() and shown.locator("img[src='x']").count() == 0
    page.close()
