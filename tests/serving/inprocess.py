"""Servers in the tests' own process: uvicorn in a thread."""

import contextlib
import http.client
import json
import threading
import time

from gluon_seq2seq.serving.app import application, paths
from gluon_seq2seq.serving.guard import Guard
from gluon_seq2seq.serving.server import LIMITS, Server, configured, listen

MODELS = "mini-bahdanau2015", "mini-luong2015", "mini-book"


def until(condition):
    """Wait for it, not for ever."""
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to that")


class Served:
    """A server that answers; ``log``: its lines."""

    def __init__(self, worker, port, log):
        self.worker, self.port, self.log = worker, port, log
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, path, fields=None, method=None, body=None, **headers):
        """The status, and what the answer says in JSON or, where it is none, in text."""
        status, _, text = self.raw(path, fields, method, body, **headers)
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def raw(self, path, fields=None, method=None, body=None, **headers):
        """The status, headers and text of an answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if fields is not None:
            body = json.dumps(fields)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode("utf-8")

    def logged(self, count):
        """The first ``count`` lines of the log, which come after the answers."""
        until(lambda: len(self.log) >= count)
        return self.log[:count]

    def translate(self, *sentences, **fields):
        """The results for ``sentences``."""
        status, found = self.ask("/api/translate", {"sentences": sentences, **fields})
        assert status == 200, found
        return found["results"]


@contextlib.contextmanager
def serving(worker, limits=LIMITS, anyone=False, hosts=(), password=None, lang="en"):
    """A :class:`Served` over ``worker``, which has been started."""
    log, ready = [], threading.Event()
    inner = application(worker, limits, lang)
    app = Guard(inner, anyone, hosts, password, paths(inner), log.append)
    with listen("127.0.0.1", 0) as listening:
        server = Server(configured(app), listening, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        assert ready.wait(30)
        try:
            yield Served(worker, listening.getsockname()[1], log)
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()
