"""pip, told so that a student can follow: what comes, how large it is, how far it has got.

By itself pip writes three lines for each of a hundred packages, or, with ``--quiet``, none for
minutes. Here a line stands for each step and each large package, one for all small ones together,
and a bar that moves where they are read in a terminal; elsewhere a line tells every
:data:`PATIENCE` seconds that it goes on. Sizes and progress are pip's own.

    python gluon_seq2seq/installing.py install --editable .      what pip takes, and its exit code

The file runs by itself: nothing is installed yet.
"""

import os
import re
import selectors
import subprocess
import sys
import sysconfig
import time

LARGE = 5e6  # bytes of a package that has a line of its own
PATIENCE = 20  # seconds without a line where there is no terminal
CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
UNITS = {"bytes": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
FILE = re.compile(
    r"(?:Downloading|Using cached) (?:\S*/)?([\w.]+?)-(\d[^-/]*?)"
    r"(?:-[^-/]+-[^-/]+-[^-/]+\.whl|\.tar\.gz|\.zip) \(([\d.]+) ([kMG]?B|bytes)\)$"
)
BAR = re.compile(r"([\d.]+)/([\d.]+) ([kMG]?B|bytes)")


def main(arguments):
    """Run pip of this Python with ``arguments``; returns its exit code."""
    try:
        return run([sys.executable, "-m", "pip", *arguments], sys.stderr)
    except KeyboardInterrupt:
        return 130


def run(command, out):
    """Run ``command``, a list of words that call pip, and tell of it on ``out``, a text stream.

    What it writes to standard error is left as it is. Returns its exit code.
    """
    teller = Teller(out)
    settings = {"PIP_PROGRESS_BAR": "on" if teller.terminal else "off", "PYTHONUNBUFFERED": "1"}
    if teller.terminal:  # else its bar would not move in a pipe
        settings.update(FORCE_COLOR="1", NO_COLOR="1", COLUMNS="100")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, **settings}
    ) as process, selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        rest = ""
        while True:
            heard = waiting.select(timeout=1)
            if not heard or teller.overdue():
                teller.wait()
            if not heard:
                continue
            part = os.read(process.stdout.fileno(), 2**16)
            *lines, rest = re.split(r"[\r\n]+", rest + part.decode("utf-8", "replace"))
            for line in lines if part else [*lines, rest]:
                teller.hear(CONTROL.sub("", line).strip())
            if not part:
                break
    teller.sum_up()
    return process.returncode


class Teller:
    """Makes of pip's lines, handed to :meth:`hear`, those that are shown on ``out``."""

    def __init__(self, out):
        self.out = out
        self.terminal = out.isatty() and os.environ.get("TERM") != "dumb"
        self.doing = "getting ready"
        self.began = self.last = time.monotonic()
        self.small = []  # name and version, bytes
        self.to_come = self.before = 0  # packages being installed, and there before

    def hear(self, line):
        """A line of pip's, without colours, or what stands of its bar."""
        bar = BAR.search(line)
        file = FILE.match(line)
        if file:
            name, version, number, unit = file.groups()
            size = float(number) * UNITS[unit]
            self.doing = f"{name} {version}"
            if size >= LARGE:
                self._say(f"  {name} {version}, {in_words(size)}")
            else:
                self.small.append((self.doing, size))
        elif bar:
            done, of, unit = bar.groups()
            self._draw(float(done) / (float(of) or 1), f"{done} of {of} {unit}")
        elif line.startswith("Collecting "):
            self.doing = f"looking for {line.split()[1]}"
        elif line.startswith("Building wheel for "):
            self._step(f"Building {line.split()[3]} ...")
        elif line.startswith("Installing collected packages: "):
            self.to_come, self.before = line.count(",") + 1, _there()
            self._step(f"Installing {self.to_come} packages ...")

    def _step(self, text):
        self.sum_up()
        if self.doing != text:
            self.doing = text
            self._say(text)

    def sum_up(self):
        """Say what the small packages come to."""
        if self.small:
            (first, _), count = self.small[0], len(self.small)
            ones = first if count == 1 else f"{count} smaller packages"
            self._say(f"  {ones}, {in_words(sum(size for _, size in self.small))}")
        self._erase()
        self.small = []

    def overdue(self):
        """Whether nothing was said for too long, where nothing else shows that it goes on."""
        return not self.terminal and time.monotonic() - self.last >= PATIENCE

    def wait(self):
        """Show that it goes on, though there is no step to tell of."""
        text = f"{time.monotonic() - self.began:.0f} s: {self.doing.rstrip(' .')}"
        if self.to_come:
            there = min(max(_there() - self.before, 0), self.to_come)
            self._draw(there / self.to_come, f"{there} of {self.to_come} packages")
            text += f", {there} are there"
        else:
            self._show(f"  {text}")
        if self.overdue():
            self._say(f"  ... {text}")

    def _draw(self, part, text):
        filled = int(20 * min(part, 1))
        name = "" if self.to_come else f"{self.doing:30} "
        self._show(f"  {name}[{'#' * filled}{'-' * (20 - filled)}] {text}")

    def _show(self, text):
        """A line that the next one takes the place of; in a terminal alone."""
        if self.terminal:
            self._erase()
            print(text[:78], end="", flush=True, file=self.out)

    def _erase(self):
        if self.terminal:
            print("\r\x1b[2K", end="", flush=True, file=self.out)

    def _say(self, text):
        self._erase()
        self.last = time.monotonic()
        print(text, flush=True, file=self.out)


def _there():
    """How many packages this Python's environment has."""
    return sum(name.endswith(".dist-info") for name in os.listdir(sysconfig.get_path("purelib")))


def in_words(size):
    """``49.1 MB`` of a number of bytes."""
    for unit in "MB", "kB":
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:.{0 if size >= 100 * UNITS[unit] else 1}f} {unit}"
    return f"{size:.0f} bytes"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
