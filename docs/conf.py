"""How the site is made: make docs."""

import os
import re
import sys
from pathlib import Path

from docutils import nodes

sys.path.insert(0, os.path.abspath(".."))
import gluon_seq2seq
from tools.notebooks.gallery import mathml

project = "gluon_seq2seq"
author = "the authors of gluon_seq2seq"
copyright = f"2026, {author}"
release = gluon_seq2seq.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.viewcode", "myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["README.md"]
html_theme = "furo"
html_title = f"gluon_seq2seq {release}"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_default_options["exclude-members"] = "set"  # matplotlib writes one for every subclass
if Path("../build/docs/try/index.html").exists():  # which make docs makes where it can
    tags.add("try")  # noqa: F821  Sphinx's
autodoc_inherit_docstrings = False  # those of Gluon and matplotlib are not ours


# Formulas as MathML, as in the gallery: MathJax would need a network.
html_math_renderer = "mathml"


def inline(writer, node):
    writer.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def displayed(writer, node):
    formula = node.astext()
    if r"\\" in formula or "&" in formula:
        formula = rf"\begin{{aligned}}{formula}\end{{aligned}}"
    writer.body.append(f"<div>{mathml(formula, 'block')}</div>")
    raise nodes.SkipNode


def outward(app, name, source):
    """A file that is no page of the site is one to download: Sphinx 9 takes Markdown for a page
    wherever it lies, and misses it."""

    def as_path(link):
        target = os.path.normpath(os.path.join(app.srcdir, os.path.dirname(name), link[1]))
        inside = target.startswith(os.path.join(app.srcdir, ""))
        return link[0] if inside else f"](path:{link[1]})"

    source[0] = re.sub(r"\]\((\.\./[^)#\s]+)(?:#[^)\s]*)?\)", as_path, source[0])


def setup(app):
    app.connect("source-read", outward)
    app.add_html_math_renderer("mathml", (inline, None), (displayed, None))
