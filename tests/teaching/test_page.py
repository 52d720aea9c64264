"""The page of ``serve``, but for what only a browser shows (test_browser.py)."""

import json
import os
import socket
import sys
import types

import pytest

from gluon_seq2seq import SystemProblem, runtime
from gluon_seq2seq.teaching import page


def test_the_language_can_be_changed_and_the_rest_stays():
    box = page.page(["mini-book", "mini-luong2015"])
    choice, playground = box.children
    playground.sentence.value = "We are not tired."
    playground.model.value = "mini-luong2015"
    choice.value = "zh"
    playground = box.children[1]
    assert playground.sentence.value == "We are not tired."
    assert playground.model.value == "mini-luong2015" and playground.words["translate"] == "翻译"
    assert "Nous ne sommes pas fatigués." in playground.output.value


def test_the_notebook_shows_the_page(monkeypatch):
    calls = []
    monkeypatch.setattr(page, "page", lambda *arguments: calls.append(arguments))
    notebook = json.loads(json.dumps(page._notebook(["mini-book", "a'b"], "zh")))
    (cell,) = notebook["cells"]
    exec(cell["source"], {})
    assert calls == [(["mini-book", "a'b"], "zh")]


def test_without_voila(monkeypatch):
    monkeypatch.setitem(sys.modules, "voila", None)
    monkeypatch.setitem(sys.modules, "voila.app", None)
    with pytest.raises(SystemProblem, match=r"pip install 'gluon-seq2seq\[serve\]'"):
        page.serve()


class Voila:
    """Stands in for Voilà's application, whose visitors inherit the environment."""

    @classmethod
    def instance(cls, config):
        return cls()

    def initialize(self, arguments):
        pass

    def start(self):
        type(self).threads = os.environ["OMP_NUM_THREADS"]


@pytest.mark.parametrize("users_own, expected", [(False, "1"), (True, "7")])
def test_threads_of_visitors(users_own, expected, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setattr(runtime, "users_own_threads", users_own)
    monkeypatch.setitem(sys.modules, "voila", types.ModuleType("voila"))
    monkeypatch.setitem(sys.modules, "voila.app", types.SimpleNamespace(Voila=Voila))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page.serve(port=port)
    assert Voila.threads == expected


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemProblem, match=f"port {port}: .*choose another port"):
            page._check_port("127.0.0.1", port)
    with pytest.raises(SystemProblem, match=r"cannot serve on no\.such\.host"):
        page._check_port("no.such.host", port)


def test_a_model_that_is_not_there(run_cli):
    done = run_cli("serve", "--model", "no/such/run")
    assert done.code == 4 and "no/such/run" in done.stderr and len(done.stderr.splitlines()) == 1
