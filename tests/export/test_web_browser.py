"""A page without a server, in Chromium, the network off; ``SCREENSHOTS=FOLDER`` for pictures."""

import http.server
import os
import threading
from functools import partial
from pathlib import Path

import pytest
from export.pages import onnxruntime_web, page_of
from export.test_web import sentences

import gluon_seq2seq as gs
from gluon_seq2seq import Translator

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: make browser")
pytestmark = pytest.mark.slow
ASK = """async ([sentences, beam_size]) => {
    const { translate } = await import("./static/api.js");
    const found = [];
    for (const one of sentences) {
        const asked = { sentences: [one], beam_size, alpha: 0.75 };
        found.push((await translate(asked)).results[0].n_best[0].text);
    }
    return found;
}"""
KEPT = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def model():
    return gs.load_model("mini-luong2015", "cpu")


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    return page_of(model, tmp_path_factory.mktemp("page"), onnxruntime_web())


@pytest.fixture
def server(folder):
    """A server of files over the folder's own folder: the page need not be at the root."""
    handler = partial(Quiet, directory=folder.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def visited(server, browser, request):
    """A page that was loaded once, and whose server has gone since."""
    context = browser.new_context(**getattr(request, "param", {}))
    page, said, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    context.on("request", lambda one: asked.append(one.url))
    page.goto(f"http://127.0.0.1:{server.server_port}/page/")
    shows(page, "Ils regardent.")
    page.wait_for_function(KEPT)
    context.set_offline(True)
    server.shutdown()
    server.server_close()
    page.reload()
    yield page
    context.close()
    assert not said
    assert all(url.startswith(f"http://127.0.0.1:{server.server_port}/page/") for url in asked)


def shows(page, text):
    sync_api.expect(page.locator("#best")).to_have_text(text, timeout=60_000)
    sync_api.expect(page.locator("#result[aria-busy]")).to_have_count(0)


def picture(page, name):
    if "SCREENSHOTS" in os.environ:
        page.screenshot(path=Path(os.environ["SCREENSHOTS"], f"{name}.png"), full_page=True)


def test_500_sentences_without_a_network(visited, model):
    texts = [text for text in sentences(500) if text.strip()]
    shows(visited, "Ils regardent.")
    for size in 1, 5:
        wanted = Translator(model, beam_size=size).translate(texts)
        assert visited.evaluate(ASK, [texts, size]) == wanted


@pytest.mark.parametrize(
    "visited",
    [{"viewport": {"width": width, "height": 900}} for width in (1200, 390)],
    indirect=True,
    ids=["wide", "phone"],
)
def test_the_page_itself(visited, model):
    page, width = visited, visited.viewport_size["width"]
    shows(page, "Ils regardent.")
    assert page.locator("footer a").count() == 0
    for lang, says in (
        ("zh", "不会离开你的设备"),
        ("en", "nothing that you type leaves your device"),
    ):
        page.locator(f"#languages [lang={lang}]").click()
        sync_api.expect(page.locator("footer")).to_contain_text(says)
        page.fill("#sentence", "The child is watchin.")
        page.keyboard.press("Enter")
        sync_api.expect(page.locator("mark")).to_have_text("watchin")
        sync_api.expect(page.locator("#result[aria-busy]")).to_have_count(0)
        best = Translator(model, beam_size=5).n_best("The child is watchin.", 5)
        rows = page.locator("tbody tr").all_inner_texts()
        assert [row.split("\t")[1] for row in rows] == [one.text for one in best]
        assert "watching" in page.locator(".warning").inner_text()
        assert page.locator("svg .finished:has(text)").count() >= 5
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.mouse.move(0, 0)
        picture(page, f"web-{width}-{lang}")
    page.fill("#sentence", "tired " * 101)
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#trouble")).to_contain_text("That is too long: at most 1000")
    page.fill("#sentence", "<img src=x onerror=document.title='hacked'>")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(".warning")).to_contain_text("onerror")
    assert "hacked" not in page.title() and page.locator("img").count() == 0


def test_what_is_said_when_it_cannot_be_loaded(server, browser, folder):
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.route("**/step.onnx", lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{server.server_port}/page/")
    sync_api.expect(page.locator("#trouble")).to_contain_text("The model could not be loaded.")
    sync_api.expect(page.locator("#translate")).to_have_text("Translate")
    page.goto((folder / "index.html").as_uri())
    sync_api.expect(page.locator("#trouble")).to_contain_text("python -m http.server")
    context.close()
