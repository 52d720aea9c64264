"""A class at ``gluon-seq2seq serve``: thirty visitors at once, and others that hang up.

``python tests/faults/visitors.py`` prints what that costs; ``make soak`` does it again and again
beside what else it does.
"""

import http.client
import json
import random
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import gluon_seq2seq as gs

RUN_MAIN = "from gluon_seq2seq.cli import main; main()"
VISITORS, SENTENCES, HANGING_UP = 30, 10, 200
MODEL, BEAM = "mini-bahdanau2015", 5
MEMORY = 450  # MB of all processes, at most


class Class:
    """A server of the models that come along and its visitors, who ask for ``sources``, whose
    translations are known."""

    def __init__(self, sources):
        self.sources = sources
        translator = gs.Translator(gs.load_model(MODEL), beam_size=BEAM)
        self.expected = translator.translate(sources)
        command = [sys.executable, "-c", RUN_MAIN, "serve", "--no-browser", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline())[1])
        threading.Thread(target=self.process.stdout.read, daemon=True).start()  # the log

    def close(self):
        """End it; how it ended."""
        self.process.terminate()
        return self.process.wait(60)

    def visit(self, draw):
        """All visitors at once; seconds of each request. None is refused, all translations are
        those of the Translator."""
        chosen = [draw.sample(range(len(self.sources)), SENTENCES) for _ in range(VISITORS)]
        found, seconds = [None] * VISITORS, [0.0] * VISITORS

        def ask(i):
            began = time.monotonic()
            found[i] = self._ask([self.sources[j] for j in chosen[i]])
            seconds[i] = time.monotonic() - began

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(VISITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for numbers, texts in zip(chosen, found):
            assert texts == [self.expected[j] for j in numbers], texts
        return sorted(seconds)

    def _ask(self, sentences):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = json.dumps({"sentences": sentences, "model": MODEL, "beam_size": BEAM})
        connection.request("POST", "/api/translate", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.load(response)
        connection.close()
        assert response.status == 200, answer
        return [result["n_best"][0]["text"] for result in answer["results"]]

    def hang_up(self, draw):
        """Connections that end after a part of a request, or right after it."""
        body = json.dumps({"sentences": self.sources[:SENTENCES], "beam_size": BEAM}).encode()
        head = f"POST /api/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        whole = f"{head}Content-Type: application/json\r\n\r\n".encode() + body
        for _ in range(HANGING_UP):
            sent = draw.choice([0, len(whole), draw.randrange(len(whole))])
            with socket.create_connection(("127.0.0.1", self.port)) as connection:
                connection.sendall(whole[:sent])

    def megabytes(self):
        """Resident memory of the server and of all its children."""
        found, family = 0, [self.process.pid]
        for pid in family:
            text = Path(f"/proc/{pid}/status").read_text()
            found += int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024
            for task in Path(f"/proc/{pid}/task").iterdir():
                family += map(int, (task / "children").read_text().split())
        assert found <= MEMORY, f"{found:.0f} MB, at most {MEMORY}"
        return found


def main():
    draw = random.Random(0)
    room = Class([example.source for example in gs.load_corpus("mini").test])
    try:
        print(f"at the start: {room.megabytes():.0f} MB")
        for when in "", f" after {HANGING_UP} connections that hung up":
            if when:
                room.hang_up(draw)
            seconds = room.visit(draw)
            print(
                f"{VISITORS} visitors at once, {SENTENCES} sentences each, beam {BEAM}{when}: none "
                f"refused; half have their answer in {1000 * seconds[VISITORS // 2]:.0f} ms, 95 % "
                f"in {1000 * seconds[int(0.95 * VISITORS)]:.0f} ms; {room.megabytes():.0f} MB"
            )
    finally:
        code = room.close()
    assert code == 143, code


if __name__ == "__main__":
    main()
