"""What one sees of a training run while it runs."""

import contextlib
import math
import sys
import time

from tqdm.auto import tqdm


class Progress:
    """A bar in a terminal or a notebook, rows of figures anywhere."""

    ROW = (
        "{epoch:>5}  {train_loss:>10.3f}  {dev_loss:>8.3f}  {perplexity:>10.2f}  {bleu:>8.2f}  "
        "{exact:>9.1%}  {tokens_per_s:>8,.0f}  {seconds:>6.0f} s"
    )
    HEAD = "epoch  train loss  dev loss  perplexity  dev BLEU  dev exact  tokens/s    time"

    def __init__(self, quiet):
        self.quiet, self.last_row, self.hidden = quiet, -math.inf, None
        # None hides the bar where standard error is a file; in a notebook it never is a terminal.
        closed = sys.stderr is None
        # Told by its name: importing tqdm.notebook to compare loads all of IPython.
        notebook = any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__)
        disable = quiet or closed or (False if notebook else None)
        self.bar = tqdm(
            total=1.0,
            disable=disable,
            leave=False,
            bar_format="{percentage:3.0f}%|{bar}| {elapsed} < {remaining}{postfix}",
        )
        self.say(self.HEAD)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.hidden:
            self.say(self.hidden)
        self.bar.close()

    def say(self, line):
        if not self.quiet and sys.stdout is not None:
            with contextlib.suppress(BrokenPipeError):  # a reader that leaves stops no training
                self.bar.write(line)

    def show(self, progress, epoch, epochs, loss, speed):
        of = f"/{epochs}" if epochs else ""
        self.bar.set_postfix_str(
            f"epoch {epoch}{of}, loss {loss:.2f}, {speed:,.0f} tokens/s", refresh=False
        )
        self.bar.update(progress - self.bar.n)

    def row(self, row, best):
        """Print a row, at most one a second; the last one always is."""
        line = self.ROW.format(**row) + ("  best" if best else "")
        if time.monotonic() - self.last_row >= 1:
            self.say(line)
            self.last_row, self.hidden = time.monotonic(), None
        else:
            self.hidden = line
