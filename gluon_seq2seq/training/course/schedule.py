"""How far a run is, and the learning rate that goes with it."""

import time

WARM_UP = 100  # steps over which the learning rate rises to its full value


class Clock:
    """How far a run is, from 0 to 1: by steps, and by time where there is a limit.

    A time limit covers everything since ``started``; ``reserve`` seconds of it are kept for
    the evaluation that ends the run.
    """

    def __init__(self, total_steps, minutes, started):
        self.total_steps, self.step, self.reserve = total_steps, 0, 0.0
        self.began = time.monotonic()
        self.deadline = None if minutes is None else (started or self.began) + 60 * minutes

    def elapsed(self):
        """Seconds of training so far."""
        return time.monotonic() - self.began

    def go_on_after(self, elapsed):
        """Count on from ``elapsed`` seconds."""
        gone = elapsed - self.elapsed()
        self.began -= gone
        if self.deadline is not None:
            self.deadline -= gone

    def progress(self):
        progress = self.step / self.total_steps if self.total_steps else 0.0
        if self.deadline is not None:
            now, end = time.monotonic(), self.deadline - self.reserve
            progress = max(progress, (now - self.began) / max(end - self.began, 1e-9))
        return min(1.0, progress)


def schedule(step, progress):
    """The share of the full learning rate at a step, counted from 0, of a run at ``progress``.

    It rises over :data:`WARM_UP` steps, then falls in a straight line to a twentieth.
    """
    return min((step + 1) / WARM_UP, max(0.05, 1.0 - progress))
