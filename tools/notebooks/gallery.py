"""Everything to see without running anything: the executed notebooks as HTML in build/gallery.

Each is a page and slides; neither loads anything, from the network or from a disk: formulas are
MathML, pictures and style stand in the page, widgets are shown as they were left.
"""

import re
import shutil
from copy import deepcopy
from functools import lru_cache
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
article { border: 1px solid #767676; padding: 1rem; }
article > a { color: inherit; text-decoration: none; }
article:hover, article:focus-within { border-color: #12395f; }
h2 { font-size: 1.1rem; margin: 0 0 0.5rem; color: #12395f; }
img { width: 100%; height: 10rem; object-fit: contain; margin-top: 0.5rem; }
"""
TITLES = {
    "en": ("The encoder–decoder chapter, walked end to end", "中文版"),
    "zh": ("“编码器—解码器”一节，从头到尾走一遍", "English"),
}
TRY = {
    "en": "Type a sentence of your own: a model that translates in this browser",
    "zh": "输入你自己的句子：一个就在这个浏览器里翻译的模型",
}
SLIDES_LINK = {"en": "slides", "zh": "幻灯片"}


class _Renderer(IPythonRenderer):
    """Formulas as MathML, which a browser shows without MathJax from the network."""

    def inline_math(self, body):
        return mathml(body, "inline")

    def block_math(self, body):
        return mathml(body, "block")


def mathml(formula, display):
    prime = r"<msup>(<mi>\w</mi>)<mi>&#x02032;</mi></msup>"  # raised already: twice is a dot
    return re.sub(prime, r"<mrow>\1<mo>&#x02032;</mo></mrow>", convert(formula, display=display))


# What loads scripts is left out.
OFFLINE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}<style>STYLE</style>{%- endblock -%}
"""
# Enough contrast, links that are not known by their colour alone, and nothing that scrolls by
# itself, which a keyboard could not reach: code breaks its lines in a narrow window.
PAGE_STYLE = """
body.jp-Notebook {
  --jp-cell-prompt-not-active-font-color: #595959; --jp-cell-inprompt-font-color: #24548f;
  --jp-cell-outprompt-font-color: #a3341b; --jp-mirror-editor-number-color: #006600;
  --jp-mirror-editor-comment-color: #2a6060; --jp-mirror-editor-operator-color: #7a14b8;
  --jp-mirror-editor-keyword-color: #006600; --jp-mirror-editor-builtin-color: #006600;
  --jp-mirror-editor-string-color: #a31919; --jp-mirror-editor-meta-color: #7a14b8;
}
.jp-InputPrompt, .jp-OutputPrompt { color: #595959 !important; opacity: 1 !important; }
.highlight .ow, .highlight .o { color: #7a14b8 !important; }
.jp-RenderedHTMLCommon a { color: #0b4a9e; text-decoration: underline !important; }
.jp-RenderedHTMLCommon, .jp-OutputArea-output, .highlight pre { overflow: visible !important; }
.jp-OutputArea-output pre, .highlight pre { white-space: pre-wrap !important; }
.jp-RenderedImage img, .jp-RenderedHTML img { max-width: 100%; height: auto; }
"""
# A slide fills the window; space, arrows and Page Down scroll to the next.
SLIDES = """
{%- block any_cell scoped -%}
{%- if cell.metadata.begins -%}<section class="slide">{%- endif -%}
{{ super() }}
{%- if cell.metadata.ends -%}</section>{%- endif -%}
{%- endblock -%}
{%- block footer_js -%}<script>KEYS</script>{%- endblock -%}
"""
SLIDES_STYLE = """
html { scroll-snap-type: y proximity; }
.slide { min-height: 100vh; box-sizing: border-box; padding: 2rem 4vw; scroll-snap-align: start; }
body.jp-Notebook { padding: 0; --jp-content-font-size1: 20px; --jp-code-font-size: 18px; }
"""
KEYS = """
addEventListener("keydown", event => {
  const way = {ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1}[event.key];
  if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
  const slides = [...document.querySelectorAll(".slide")];
  const now = slides.filter(slide => slide.getBoundingClientRect().top < 10).length - 1;
  const next = slides[Math.min(slides.length - 1, Math.max(0, now + way))];
  next.scrollIntoView();
  event.preventDefault();
});
"""


class _Page(HTMLExporter):
    @pass_context
    def markdown2html(self, context, source):
        return _html(source)


def page(notebook, lang, title, slides=False):
    """The executed ``notebook`` as the text of a web page, or of its slides."""
    notebook = _cut(notebook) if slides else notebook
    resources = {"metadata": {"name": title}}
    text, _ = _exporter(lang, slides).from_notebook_node(notebook, resources)
    return text.replace(' tabindex="0"', "")  # of every cell: the keyboard goes from link to link


@lru_cache(maxsize=None)
def _exporter(lang, slides):
    """The one for all pages, or slides, of a language: it takes longer to make than a page."""
    style = PAGE_STYLE + (SLIDES_STYLE if slides else "")
    template = OFFLINE.replace("STYLE", style) + (SLIDES.replace("KEYS", KEYS) if slides else "")
    return _Page(language_code=lang, raw_template=template)


def _cut(notebook):
    """A copy whose cells are those on slides, and know which of them begin and end one."""
    notebook = deepcopy(notebook)
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells]
    shown = [pair for pair in zip(notebook.cells, kinds) if pair[1] not in ("skip", "notes")]
    begins = [i == 0 or kind in ("slide", "subslide") for i, (_, kind) in enumerate(shown)]
    for (cell, _), begin, end in zip(shown, begins, [*begins[1:], True]):
        cell.metadata.update(begins=begin, ends=end)
    notebook.cells = [cell for cell, _ in shown]
    return notebook


def _html(markdown):
    return MarkdownWithMath(_Renderer(escape=False, anchor_link_text="")).render(markdown)


def write(langs=build.LANGUAGES):
    """The pages of all notebooks that ``run`` has left in full length, in ``langs``; returns the
    first index. They lead to the page in ``try/``, where :mod:`tools.try_page` has made it."""
    tried = (OUT / "try" / "index.html").exists()
    for lang in langs:
        shutil.rmtree(OUT / lang, ignore_errors=True)
        (OUT / lang).mkdir(parents=True)
        cards = [_page(source, lang) for source in build.sources()]
        title, other_name = TITLES[lang]
        other = "zh" if lang == "en" else "en"
        own = f'<p><a href="../try/index.html">{TRY[lang]}</a></p>' if tried else ""
        (OUT / lang / "index.html").write_text(
            f'<!doctype html><html lang="{lang}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
            f'<p><a href="../{other}/index.html">{other_name}</a></p>{own}'
            f"<main>{''.join(cards)}</main></html>",
            "utf-8",
        )
    return OUT / langs[0] / "index.html"


def _page(source, lang):
    """Write the page of a notebook; returns its card for the index."""
    notebook = nbformat.read(run.OUT / "full" / lang / f"{source.name}.ipynb", as_version=4)
    heading, intro = notebook.cells[0].source.split("\n\n")[:2]
    _still(notebook)
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", ())
    ]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"(\]\([\w/]+)\.ipynb\)", r"\1.html)", cell.source)
    title = heading.lstrip("# ")
    for slides, ending in (False, "html"), (True, "slides.html"):
        text = page(notebook, lang, title, slides)
        (OUT / lang / f"{source.name}.{ending}").write_text(text, "utf-8")
    picture = _image(pictures[0]) if pictures else ""
    intro = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", intro)  # no link within the card's own
    return (
        f'<article><a href="{source.name}.html"><h2>{escape(title)}</h2>{_html(intro)}{picture}</a>'
        f'<p><a href="{source.name}.slides.html">{SLIDES_LINK[lang]}</a></p></article>'
    )


def _image(output):
    alt = escape(output.metadata.get("image/png", {}).get("alt", ""))
    return f'<img alt="{alt}" src="data:image/png;base64,{output.data["image/png"].strip()}">'


def _still(notebook):
    """Widgets as HTML that shows how they were left; progress bars, which have vanished from the
    screen and stay in the file, are left out."""
    models = notebook.metadata.pop("widgets", {}).get(WIDGETS, {"state": {}})["state"]

    def shown(output):
        view = output.get("data", {}).get(VIEW)
        if view is None:
            return output
        html = _widget(view["model_id"], models)
        return html and nbformat.v4.new_output("display_data", {"text/html": html})

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in map(shown, cell.outputs) if one]


def _widget(name, models):
    """A widget and those in it as HTML, empty for a progress bar."""
    model = models.get(name)
    if model is None:
        return ""
    state = model["state"]
    inside = [child[len("IPY_MODEL_") :] for child in state.get("children", ())]
    if any(models[child]["model_name"] == "FloatProgressModel" for child in inside):
        return ""
    if inside:
        return "".join(_widget(child, models) for child in inside)
    if model["model_name"] == "HTMLModel":
        return state["value"]
    value = state.get("value", "")
    if "_options_labels" in state:
        value = state["_options_labels"][state["index"]]
    told = escape(f"{state.get('description', '')} {value}".strip())
    return f"<p>{told}</p>" if told else ""
