"""Everything to see without running anything: the executed notebooks as HTML in build/gallery."""

import re
import shutil
from html import escape

import nbformat
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from . import build, run

OUT = build.ROOT.parent / "build" / "gallery"
VIEW = "application/vnd.jupyter.widget-view+json"
WIDGETS = "application/vnd.jupyter.widget-state+json"
STYLE = """
body { font-family: sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
main { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); }
main a { color: inherit; text-decoration: none; border: 1px solid #bbb; padding: 1rem; }
main a:hover, main a:focus { border-color: #12395f; }
h2 { font-size: 1.1rem; margin: 0 0 0.5rem; color: #12395f; }
img { width: 100%; height: 10rem; object-fit: contain; margin-top: 0.5rem; }
"""
TITLES = {
    "en": ("The encoder–decoder chapter, walked end to end", "中文版"),
    "zh": ("“编码器—解码器”一节，从头到尾走一遍", "English"),
}


class _Renderer(IPythonRenderer):
    """Formulas as MathML, which a browser shows without MathJax from the network."""

    def inline_math(self, body):
        return mathml(body, "inline")

    def block_math(self, body):
        return mathml(body, "block")


def mathml(formula, display):
    prime = r"<msup>(<mi>\w</mi>)<mi>&#x02032;</mi></msup>"  # raised already: twice is a dot
    return re.sub(prime, r"<mrow>\1<mo>&#x02032;</mo></mrow>", convert(formula, display=display))


class _Page(HTMLExporter):
    @pass_context
    def markdown2html(self, context, source):
        return _html(source)


def _html(markdown):
    return MarkdownWithMath(_Renderer(escape=False, anchor_link_text="")).render(markdown)


def write():
    """The pages of all notebooks that ``run`` has left in full length; returns the index."""
    shutil.rmtree(OUT, ignore_errors=True)
    for lang in build.LANGUAGES:
        (OUT / lang).mkdir(parents=True)
        cards = [_page(source, lang) for source in build.sources()]
        title, other_name = TITLES[lang]
        other = next(name for name in build.LANGUAGES if name != lang)
        (OUT / lang / "index.html").write_text(
            f'<!doctype html><html lang="{lang}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
            f'<p><a href="../{other}/index.html">{other_name}</a></p>'
            f"<main>{''.join(cards)}</main></html>",
            "utf-8",
        )
    return OUT / "en" / "index.html"


def _page(source, lang):
    """Write the page of a notebook; returns its card for the index."""
    notebook = nbformat.read(run.OUT / "full" / lang / f"{source.name}.ipynb", as_version=4)
    heading, intro = notebook.cells[0].source.split("\n\n")[:2]
    _drop_progress_bars(notebook)
    pictures = [
        output.data["image/png"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", ())
    ]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"(\]\([\w/]+)\.ipynb\)", r"\1.html)", cell.source)
    exporter = _Page(language_code=lang)
    resources = {"metadata": {"name": heading.lstrip("# ")}}
    page, _ = exporter.from_notebook_node(notebook, resources)
    (OUT / lang / f"{source.name}.html").write_text(page, "utf-8")
    picture = f'<img alt="" src="data:image/png;base64,{pictures[0].strip()}">' if pictures else ""
    intro = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", intro)  # no link within the card's own
    title = escape(heading.lstrip("# "))
    return f'<a href="{source.name}.html"><h2>{title}</h2>{_html(intro)}{picture}</a>'


def _drop_progress_bars(notebook):
    """Leave out the bars that have vanished from the screen; the file still has their widgets."""
    widgets = notebook.metadata.get("widgets", {}).get(WIDGETS, {"state": {}})["state"]

    def is_bar(output):
        view = output.get("data", {}).get(VIEW, {"model_id": None})["model_id"]
        children = widgets.get(view, {"state": {}})["state"].get("children", ())
        models = (widgets[child[len("IPY_MODEL_") :]] for child in children)
        return any(model["model_name"] == "FloatProgressModel" for model in models)

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_bar(output)]
