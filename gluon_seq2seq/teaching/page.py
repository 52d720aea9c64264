"""The playground as a page: gluon-seq2seq serve, by Voilà.

Every visitor has a process of their own, some 300 MB, that ends with the page. Voilà lets a browser
move the widgets and run no code, and refuses requests for other hosts than the one it serves.
"""

import json
import os
import socket
import tempfile
from pathlib import Path

import ipywidgets as widgets

from .. import runtime
from ..errors import SystemProblem
from ..training.checkpoint import SHIPPED
from .playground import Playground

LOCAL = ("127.0.0.1", "localhost", "::1")
LANGUAGES = {"English": "en", "中文": "zh"}


def page(models=SHIPPED, lang="en"):
    """The playground under a choice of its language, a widget."""
    choice = widgets.ToggleButtons(options=LANGUAGES, value=lang)
    choice.style.button_width = "6em"
    box = widgets.VBox([choice, Playground(lang, models=models)])

    def change(event):
        before = box.children[1]
        after = Playground(event["new"], before.sentence.value, models, before.model.value)
        box.children = [choice, after]

    choice.observe(change, "value")
    return box


def serve(models=SHIPPED, host="127.0.0.1", port=8866, lang="en", browser=True, say=print):
    """Serve :func:`page` until it is interrupted.

    Raises :class:`SystemProblem` when Voilà is not installed or the port is taken.
    """
    try:
        from traitlets.config import Config
        from voila.app import Voila
    except ImportError as error:
        raise SystemProblem(
            f"{error.name} is not installed: pip install 'gluon-seq2seq[serve]'"
        ) from None
    _check_port(host, port)
    models = [str(Path(name).resolve()) if Path(name).exists() else name for name in models]
    config = Config()
    config.Voila.ip, config.Voila.port, config.Voila.port_retries = host, port, 0
    config.Voila.open_browser, config.Voila.log_level = browser, "ERROR"
    config.KernelManager.transport = "ipc"  # not to be read by others on this machine
    # Or another site, whose name is pointed at this machine, could talk to it.
    config.Voila.tornado_settings = {
        "allow_remote_access": host not in LOCAL,
        "local_hostnames": list(LOCAL),
    }
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.file_allowlist = ["^$"]  # of the folder nothing
    if not runtime.users_own_threads:
        os.environ["OMP_NUM_THREADS"] = "1"  # visitors share the cores
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gluon_seq2seq.ipynb")
        path.write_text(json.dumps(_notebook(models, lang)), "utf-8")
        app = Voila.instance(config=config)
        app.initialize([str(path)])
        say(f"http://{host}:{port}/  (Ctrl-C ends it)")
        app.start()


def _check_port(host, port):
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise SystemProblem(
            f"cannot serve on {host}, port {port}: {error.strerror}: choose another port=..."
        ) from None


def _notebook(models, lang):
    code = f"from gluon_seq2seq.teaching.page import page\npage({models!r}, {lang!r})"
    cell = {"cell_type": "code", "source": code, "outputs": [], "metadata": {}}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": [{**cell, "execution_count": None, "id": "page"}],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
