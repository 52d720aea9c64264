"""The process: its port, its password, and how signals end it."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from helpers import complaint, fresh

import gluon_seq2seq as gs
from gluon_seq2seq.serving import server
from gluon_seq2seq.serving.batching import Worker
from gluon_seq2seq.training.signals import Interrupted
from serving.inprocess import Served, serving, until


@pytest.fixture
def hears_signals():
    """Also where the tests run in the background, or under nohup."""
    before = {one: signal.signal(one, signal.SIG_DFL) for one in server.ENDED}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def run(at_start, **settings):
    """``serve`` until a signal comes; its lines. ``at_start(port, lines)`` runs beside it."""
    lines, threads = [], []

    def say(line):
        lines.append(line)
        if line.startswith("http://"):
            port = int(line.split("/")[2].rpartition(":")[2])
            threads.append(threading.Thread(target=at_start, args=(port, lines)))
            threads[0].start()

    settings = {"models": ["mini-book"], "port": 0, "browser": False, **settings}
    with pytest.raises(Interrupted) as ended:
        server.serve(say=say, **settings)
    threads[0].join(30)
    return ended.value, lines


@pytest.mark.parametrize("number", list(server.ENDED), ids=lambda number: number.name)
def test_a_signal_ends_it_after_the_requests_under_way(number, hears_signals, monkeypatch):
    found, whole, before = [], Worker._search, threading.enumerate()

    def search(self, jobs):
        os.kill(os.getpid(), number)
        return whole(self, jobs)

    def ask(port, lines):
        found.append(Served(None, port, lines).ask("/api/translate", {"sentences": ["Hello."]}))

    monkeypatch.setattr(Worker, "_search", search)
    ended, lines = run(ask)
    ((status, answer),) = found
    assert status == 200 and answer["results"][0]["n_best"]
    assert ended.exit_code == 128 + number and "requests under way were answered" in str(ended)
    assert "POST /api/translate  200" in lines[-1]
    assert signal.getsignal(number) is signal.SIG_DFL
    left = set(threading.enumerate()) - set(before)
    assert not [one for one in left if one.name == "translating"]


def test_a_second_signal_drops_the_requests_under_way(hears_signals, monkeypatch):
    ended, asked, times = threading.Event(), threading.Event(), []
    search, close = Worker._search, Worker.close

    def searching(self, jobs):
        asked.set()
        assert ended.wait(30)
        return search(self, jobs)

    def closing(self):
        times.append(time.monotonic())
        ended.set()
        close(self)

    def ask(port, lines):
        def wait():
            with contextlib.suppress(OSError, http.client.HTTPException):
                Served(None, port, lines).ask("/api/translate", {"sentences": ["Hello."]})

        threading.Thread(target=wait, daemon=True).start()
        assert asked.wait(30)
        times.append(time.monotonic())
        for number in signal.SIGINT, signal.SIGTERM:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(Worker, "_search", searching)
    monkeypatch.setattr(Worker, "close", closing)
    ended_by, _ = run(ask)
    assert "requests under way were dropped" in str(ended_by)
    assert times[1] - times[0] < server.LAST_WORDS / 2, "at once"


def test_where_others_can_ask_a_password_is_drawn(hears_signals):
    found = []

    def ask(port, lines):
        until(lambda: len(lines) > 1)
        password = lines[1].split()[1]
        served = Served(None, port, lines)
        found.append(served.ask("/api/models", Host="lab-7")[0])
        found.append(served.ask("/api/models", Host="lab-7", Authorization=f"Bearer {password}")[0])
        os.kill(os.getpid(), signal.SIGTERM)

    _, lines = run(ask, host="0.0.0.0")
    assert found == [401, 200] and lines[1].startswith("password: ")
    assert len(lines[1].split()[1]) >= 16
    assert lines[1] != run(ask, host="0.0.0.0")[1][1]


def test_the_password_that_is_given_is_not_printed(hears_signals):
    found = []

    def ask(port, lines):
        served = Served(None, port, lines)
        found.append(served.ask("/api/models", Authorization="Bearer of good news")[0])
        os.kill(os.getpid(), signal.SIGTERM)

    _, lines = run(ask, password="of good news", lang="zh")
    assert found == [200] and "news" not in "".join(lines)


def test_the_page_begins_in_the_language_that_is_asked_for(worker):
    with serving(worker, lang="zh") as served:
        page = served.raw("/")[2]
    assert '<html lang="zh">' in page and '<button type="button" lang="en" value="en">' in page


def test_the_browser_is_opened(hears_signals, monkeypatch):
    opened = []

    def ask(port, lines):
        until(lambda: opened)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(server.webbrowser, "open", opened.append)
    _, lines = run(ask, browser=True)
    assert opened == [lines[0].split()[0]]


@pytest.mark.slow
def test_a_terminated_process_says_one_line():
    command = [sys.executable, "-m", "gluon_seq2seq", "serve", "--no-browser", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--model", "mini-book"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.terminate()
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 143 and out == ""
    assert error == "gluon-seq2seq: terminated; requests under way were answered\n"


# Connections.


def test_a_connection_that_asks_for_nothing_is_closed(worker, monkeypatch):
    monkeypatch.setattr(server, "SILENT", 0.1)
    with serving(worker) as served:
        for sent in b"", b"POST /api/translate HT":
            with socket.create_connection(("127.0.0.1", served.port), timeout=30) as silent:
                silent.sendall(sent)
                assert silent.recv(100) == b""
        talking = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        with contextlib.closing(talking):
            for _ in range(2):
                talking.request("GET", "/health")
                assert b"ok" in talking.getresponse().read()
                own = talking.sock
                time.sleep(0.3)
            assert own is talking.sock, "it was closed in between"


def test_a_body_that_does_not_come(worker, monkeypatch):
    from gluon_seq2seq.serving import app

    monkeypatch.setattr(app, "BODY_SECONDS", 0.1)
    with serving(worker) as served, socket.create_connection(("127.0.0.1", served.port)) as slow:
        slow.sendall(
            b"POST /api/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
            b"Content-Type: application/json\r\n\r\n{"
        )
        slow.settimeout(30)
        assert b"408" in slow.recv(1000)


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(gs.SystemProblem, match=f"port {port}: .*choose another port"):
            server.serve(port=port)


@pytest.mark.parametrize("host", ["no.such.host", "é..a", "ü" * 70, "\udcff"])
def test_a_name_of_no_host(host):
    told = f"cannot serve on {re.escape(host)}, port 0: [^():]+: choose another port"
    with pytest.raises(gs.SystemProblem, match=told):
        server.listen(host, 0)


def test_arguments_that_are_none():
    with pytest.raises(gs.UsageError, match="models is empty: give one"):
        server.serve([])
    with pytest.raises(gs.UsageError, match="lang is 'fr': use en or zh"):
        server.serve(lang="fr")
    for port in -1, 65536:
        with pytest.raises(gs.UsageError, match=f"port is {port}: use 0 to 65535"):
            server.serve(port=port)


# The command.


def test_what_cannot_be_served(run_cli):
    done = run_cli("serve", "--port", 0, "--no-browser", "--model", "no/such/run")
    assert "no/such/run" in complaint(done, 4)
    done = run_cli("serve", "--host", "é..a", "--no-browser")
    assert "no name of a host: choose another --port or --host" in complaint(done, 5)
    done = run_cli("serve", "--port", 0, "--no-browser", "--password", "secret")
    said = complaint(done, 2)
    assert "--password is too short: use 8 characters or more" in said and "secret" not in said


def test_without_the_extra(run_cli, monkeypatch):
    monkeypatch.delitem(sys.modules, "gluon_seq2seq.serving.server")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = run_cli("serve", "--port", 0)
    assert "uvicorn is not installed: pip install 'gluon-seq2seq[serve]'" in complaint(done, 5)


def test_it_loads_no_pictures():
    """Each takes memory in a process that never ends."""
    code = "import sys, gluon_seq2seq.serving.server; print(*sys.modules)"
    loaded = fresh(code).split()
    assert not {"matplotlib", "d2l", "IPython", "pandas"} & set(loaded)
