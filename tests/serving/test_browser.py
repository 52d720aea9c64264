"""The page in a real browser. With ``SCREENSHOTS=FOLDER`` it leaves pictures, those of the README
among them."""

import os
from pathlib import Path

import pytest

from serving.inprocess import serving

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: make browser")
pytestmark = pytest.mark.slow
PHONE = {"width": 375, "height": 800}
ASK = """async (address) => {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ sentences: ["They are watching."] });
    const ways = [{ method: "POST", headers, body }, { method: "POST", mode: "no-cors", body }, {}];
    const asked = (how) => fetch(`${address}/api/translate`, how);
    const ask = (how) => asked(how).then((got) => got.type, () => "refused");
    return Promise.all(ways.map(ask));
}"""


@pytest.fixture
def visit(served, browser):
    """``visit(address)``: a page there, that of ``served`` unless given. Whatever a script says on
    the console, as it does of an error, fails the test."""
    contexts, said = [], []

    def visit(address=served.address, **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        return page

    visit.said = said
    yield visit
    for context in contexts:
        context.close()
    assert not said


def shows(page, text, timeout=20_000):
    sync_api.expect(page.locator("#best")).to_have_text(text, timeout=timeout)
    sync_api.expect(page.locator("#result[aria-busy]")).to_have_count(0)


def picture(page, name, **how):
    if "SCREENSHOTS" in os.environ:
        page.screenshot(path=Path(os.environ["SCREENSHOTS"], f"{name}.png"), **how)


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.textContent")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_it_shows(served, visit, scheme):
    page = visit(viewport={"width": 1000, "height": 800}, color_scheme=scheme)
    shows(page, "Ils regardent.")
    page.fill("#sentence", "The child is watchin.")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("mark")).to_have_text("watchin")
    sync_api.expect(page.locator(".warning")).to_contain_text("did you mean watching?")
    (result,) = served.translate("The child is watchin.", n_best=5, attention=True)
    rows = page.locator("tbody tr")
    sync_api.expect(rows).to_have_count(5)
    assert [row.split("\t")[1] for row in rows.all_inner_texts()] == [
        one["text"] for one in result["n_best"]
    ]
    shown = rows.first.inner_text().split("\t")[3]
    assert shown == f"{result['n_best'][0]['p']:.3f}"
    for rank in 0, 1:
        page.locator("tbody button").nth(rank).click()
        weights = result["n_best"][rank]["attention"]
        found = page.locator("svg .value").all_text_contents()
        assert found == [f"{weight:.2f}" for row in weights for weight in row]
    finished = page.locator("svg .finished:has(text)")
    sync_api.expect(finished).to_have_count(5)
    assert page.locator("svg .edge.winner").count() == len(result["n_best"][0]["tokens"]) + 2
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    assert dark == (scheme == "dark")
    picture(page, f"page-{scheme}", full_page=True)


def test_the_page_with_keys_alone(visit):
    page = visit(viewport={"width": 1000, "height": 800})
    shows(page, "Ils regardent.")
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(focused(page))
    assert order == ["English", "中文", "sentence", "translate", "model", "Beam size", "beam_size",
                     "Alpha"]  # fmt: skip
    tip = page.locator("#tip")
    sync_api.expect(tip).to_contain_text("divided by length to the power of alpha")
    page.keyboard.press("Escape")
    sync_api.expect(tip).to_be_hidden()

    page.locator("#sentence").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("We are not tired.")
    page.keyboard.press("Enter")
    shows(page, "Nous ne sommes pas fatigués.")
    page.locator("#beam_size").focus()
    page.keyboard.press("Home")
    sync_api.expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    sync_api.expect(page.locator("tbody tr")).to_have_count(2)

    # The words, the list, the attention and the tree: a stop of Tab each, arrows within.
    page.locator("#alpha").focus()
    page.keyboard.press("Tab")
    sync_api.expect(tip).to_have_text("“We”: word 1 of 6 that the model reads")
    page.keyboard.press("ArrowRight")
    sync_api.expect(tip).to_contain_text("“are”")
    for expected in "natural logarithm", "e to the power of log P", "ranked by it":
        page.keyboard.press("Tab")
        sync_api.expect(tip).to_contain_text(expected)
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second translation
    sync_api.expect(page.locator("tbody tr.chosen td").nth(1)).to_have_text(
        "Nous ne sommes pas fatiguées."
    )
    page.keyboard.press("Tab")
    sync_api.expect(tip).to_contain_text("While it writes “Nous”")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    sync_api.expect(tip).to_contain_text("While it writes “ne”")
    sync_api.expect(tip).to_contain_text("is on “not”.")
    page.keyboard.press("Tab")
    sync_api.expect(tip).to_have_text("<bos>: every hypothesis begins here")
    page.keyboard.press("ArrowRight")
    sync_api.expect(tip).to_contain_text("“Nous”")
    sync_api.expect(tip).to_contain_text("kept. log P −0.0")
    page.keyboard.press("ArrowRight")
    sync_api.expect(tip).to_contain_text("“Nous n")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    sync_api.expect(tip).to_contain_text("<bos>")


def test_a_phone_in_chinese(visit):
    page = visit(viewport=PHONE, has_touch=True)
    shows(page, "Ils regardent.")
    page.get_by_role("button", name="中文").tap()
    sync_api.expect(page.locator("#translate")).to_have_text("翻译")
    sync_api.expect(page.locator("#sentence-label")).to_have_text("英语句子")
    page.fill("#sentence", "The sentinel is watching.")
    page.locator("#translate").tap()
    sync_api.expect(page.locator(".warning")).to_contain_text("模型的词典里没有：sentinel")
    page.locator("mark").tap()
    sync_api.expect(page.locator("#tip")).to_contain_text("它读到的是 <unk>")
    text = page.inner_text("body")
    assert not [word for word in ("Translate", "Beam", "score", "pruned", "kept") if word in text]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    boxes = page.locator("button, input, select, table").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    assert all(left >= 0 and right <= PHONE["width"] for left, right in boxes)
    picture(page, "page-phone", full_page=True)
    page.locator("#model").select_option("mini-book")
    sync_api.expect(page.locator("#result")).to_contain_text("没有注意力")
    assert page.evaluate("document.documentElement.lang") == "zh"
    page.reload()
    sync_api.expect(page.locator("#translate")).to_have_text("翻译")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_of_the_readme(visit, lang):
    page = visit(viewport={"width": 980, "height": 800})
    shows(page, "Ils regardent.")
    page.locator(f"#languages [lang={lang}]").click()
    page.fill("#sentence", "The sentinel is not tired.")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("mark")).to_have_text("sentinel")
    sync_api.expect(page.locator("#result[aria-busy]")).to_have_count(0)
    page.locator("#beam_size").fill("3")
    sync_api.expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("#beam_size").blur()
    picture(page, "playground" if lang == "en" else "playground.zh", full_page=True)


def test_text_is_text(visit):
    page = visit()
    shows(page, "Ils regardent.")
    hostile = "<img src=x onerror=document.title='hacked'>"
    page.fill("#sentence", hostile)
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(".warning")).to_contain_text("onerror")
    marks = page.locator("mark")
    for i in range(marks.count()):
        marks.nth(i).hover()
    assert "hacked" not in page.title() and page.locator("img").count() == 0
    # What the server sends is not markup, either.
    answer = {"error": f"no {hostile}"}
    page.route("**/api/translate", lambda route: route.fulfill(status=418, json=answer))
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#trouble")).to_have_text(f"no {hostile}")
    assert page.locator("img").count() == 0
    visit.said.clear()  # Chromium says that there was a 418


def test_what_cannot_be_translated_is_said(visit):
    page = visit()
    shows(page, "Ils regardent.")
    for text, told in (
        ("  ", "Type a sentence in English and press Enter."),
        ("tired " * 101, "That is too long: at most 1000 characters and 100 words"),
    ):
        page.fill("#sentence", text)
        page.keyboard.press("Enter")
        sync_api.expect(page.locator("#trouble")).to_contain_text(told)
        sync_api.expect(page.locator("#result")).to_be_hidden()
    page.fill("#sentence", "a" * 1001)  # no more can be typed
    assert len(page.input_value("#sentence")) <= 1001
    page.route("**/api/translate", lambda route: route.abort())
    page.fill("#sentence", "They are watching.")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#trouble")).to_contain_text("The server does not answer.")
    visit.said.clear()


def test_a_forged_slider_is_refused(visit):
    page = visit()
    shows(page, "Ils regardent.")
    page.locator("#beam_size").evaluate(
        "one => { one.max = 3000; one.value = 3000; one.dispatchEvent(new Event('change')) }"
    )
    sync_api.expect(page.locator("#trouble")).to_have_text(
        "beam_size is 3000: use a whole number of 1 to 20"
    )
    visit.said.clear()


def test_a_page_of_another_site_gets_nothing(worker, fresh, visit):
    with serving(worker) as other:  # another port is another site
        page = visit(f"{other.address}/health", bypass_csp=True)
        fetched = page.evaluate(ASK, fresh.address)
    assert fetched == ["refused", "opaque", "refused"]
    lines = [line for line in fresh.logged(3) if "/api/translate" in line]
    assert len(lines) == 3 and all("  403  " in line for line in lines)
    visit.said.clear()


def test_the_password(worker, visit):
    with serving(worker, password="of good news") as served:
        right = {"username": "anybody", "password": "of good news"}
        page = visit(served.address, http_credentials=right)
        shows(page, "Ils regardent.")
        wrong = {"username": "anybody", "password": "of bad news"}
        page = visit(served.address, http_credentials=wrong)
        assert "that is not the password" in page.inner_text("body")
        assert page.locator("#sentence").count() == 0
        visit.said.clear()


def test_the_api_page(served, visit):
    page = visit(f"{served.address}/api", viewport=PHONE)
    sync_api.expect(page.get_by_role("heading", name="POST /api/translate")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(page, "page-api")
