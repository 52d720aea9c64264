"""A folder to break things in, and commands that are watched from outside."""

import hashlib
import os
import re
from pathlib import Path

import helpers
from helpers import run_cli

SMALL = ("--embed-size", 8, "--num-hiddens", 8, "--batch-size", 16)
KILLS = int(os.environ.get("FAULT_KILLS", 4))  # and ten times as many calls of each thread


def hashes(folder):
    """The hash of every file below ``folder``, but for what is hidden: drafts and locks."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


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

    def start(self, *arguments):
        """The command line as a process that has just begun."""
        return helpers.start(*arguments, cwd=self.folder)

    def run(self, *arguments, by=run_cli, **settings):
        """The command line, or a Python ``program``, to its end; ``by`` helpers.run_process where
        the case is about a process."""
        return by(*arguments, cwd=self.folder, **settings)

    def works(self, *arguments, **settings):
        """A command that must succeed."""
        done = self.run(*arguments, **settings)
        assert done.code == 0, done
        return done

    def fails(self, code, says, *arguments, **settings):
        """A command that must end with ``code`` and one line, which has each of ``says``; every
        file that was there has to be as it was."""
        before = hashes(self.folder)
        done = self.run(*arguments, **settings)
        assert done.code == code, done
        assert re.fullmatch(r"gluon-seq2seq: [^\n]+\n", done.stderr), done
        for words in says:
            assert words in done.stderr, done
        after = hashes(self.folder)
        assert {path: after.get(path) for path in before} == before, "a file was changed"
        return done

    def train(self, data, out, *more):
        return "train", "--data", data, "--out", self.folder / out, "--epochs", 1, *SMALL, *more
