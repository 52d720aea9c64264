"""How the site is made: make docs."""

import os
import sys

sys.path.insert(0, os.path.abspath(".."))
import gluon_seq2seq

project = "gluon_seq2seq"
author = "the authors of gluon_seq2seq"
copyright = f"2026, {author}"
release = gluon_seq2seq.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.viewcode", "myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["README.md"]
html_theme = "furo"
html_title = f"gluon_seq2seq {release}"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_inherit_docstrings = False  # those of Gluon and matplotlib are not ours
