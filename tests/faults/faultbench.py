"""A folder to break things in, and commands that are watched from outside."""

import hashlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from conftest import RUN_MAIN, Finished

SMALL = ("--embed-size", 8, "--num-hiddens", 8, "--batch-size", 16)
LIMIT = 120  # seconds
KILLS = int(os.environ.get("FAULT_KILLS", 4))  # and ten times as many calls of each thread


def hashes(folder):
    """The hash of every file below ``folder``, but for what is hidden: drafts and locks."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


def hear_ctrl_c():
    """Also where the tests run in the background, whose processes ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Bench:
    """A folder to break things in, ``bench.folder``, and commands that are watched."""

    def __init__(self, folder):
        self.folder = folder

    def __truediv__(self, name):
        return self.folder / name

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def start(self, *arguments, **kwargs):
        command = [sys.executable, "-c", RUN_MAIN, *map(str, arguments)]
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        return subprocess.Popen(
            command, cwd=self.folder, preexec_fn=hear_ctrl_c, **{**pipes, **kwargs}
        )

    def run(self, *arguments, stdin=b"", python=None, **kwargs):
        """The command line, or a Python program, to its end."""
        command = [sys.executable, "-c", python or RUN_MAIN, *map(str, arguments)]
        kwargs = {"capture_output": True, "timeout": LIMIT, "cwd": self.folder, **kwargs}
        done = subprocess.run(command, input=stdin, check=False, **kwargs)
        out, err = ((stream or b"").decode("utf-8") for stream in (done.stdout, done.stderr))
        assert done.returncode >= 0, f"died of signal {-done.returncode}: {err}"
        assert done.returncode not in (134, 139), err
        return Finished(done.returncode, out, err)

    def works(self, *arguments, **kwargs):
        """A command that must succeed."""
        done = self.run(*arguments, **kwargs)
        assert done.code == 0, done
        assert "Traceback" not in done.stderr
        return done

    def fails(self, code, says, *arguments, **kwargs):
        """A command that must end with ``code`` and one line, which has each of ``says``; every
        file that was there has to be as it was."""
        before = hashes(self.folder)
        done = self.run(*arguments, **kwargs)
        assert done.code == code, done
        assert re.fullmatch(r"gluon-seq2seq: [^\n]+\n", done.stderr), done
        for words in says:
            assert words in done.stderr, done
        after = hashes(self.folder)
        assert {path: after.get(path) for path in before} == before, "a file was changed"
        return done

    def train(self, data, out, *more):
        return "train", "--data", data, "--out", self.folder / out, "--epochs", 1, *SMALL, *more
