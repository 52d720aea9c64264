"""Ctrl-C, SIGTERM and SIGHUP while training: the step is finished and saved first, then it ends."""

import signal
import threading
from contextlib import ExitStack, contextmanager

SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP  # Ctrl-C, an end, a terminal that closed
GO_ON = "go on with resume=True"


class Interrupted(KeyboardInterrupt):
    """Training ended by a signal, after it was saved; ``history``, a :class:`History`, has the
    epochs before. Grading and serving have none. The command line exits with ``exit_code``."""

    def __init__(self, message, number, history=()):
        super().__init__(message)
        self.number, self.history = number, history
        self.exit_code = 128 + number  # 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP

    def __reduce__(self):
        return type(self), (*self.args, self.number, self.history)


def last_words(step, folder, history):
    """What a run of ``history`` says that a signal ended after ``step``; ``folder``: where it is
    saved, or None."""
    stopped = f"training stopped after step {step}"
    if folder is not None:
        return f"{stopped} and is saved; {GO_ON}"
    best = f"the model is that of epoch {history.best['epoch']}" if history else ""
    return f"{stopped}; {best or 'the model is as it is then'}, error.history has its figures"


class Stop(ExitStack):
    """Within ``with Stop() as stop`` a signal sets ``stop.signal``; a second one interrupts, unless
    it comes while an object is deleted, where Python could only print the exception.
    """

    def __init__(self):
        super().__init__()
        self.signal = None

    def __enter__(self):
        self.enter_context(handled_by(self._asked))
        return self

    def _asked(self, number, frame):
        if self.signal is None:
            self.signal = number
        elif not _deleting(frame):
            raise KeyboardInterrupt


def raised(message):
    """Within ``with raised(message)`` a signal raises :class:`Interrupted` at once, so that what is
    open is closed."""

    def stop(number, frame):
        raise Interrupted(message, number)

    return handled_by(stop)


@contextmanager
def handled_by(handler):
    """Within it those of :data:`SIGNALS` that are :func:`heard` call ``handler(number, frame)``.

    Outside the main thread signals are not ours to handle, and nothing is done.
    """
    own = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handler) for number in (heard() if own else ())}
    try:
        yield
    finally:
        for number, one in before.items():
            signal.signal(number, one)


def heard():
    """Those of :data:`SIGNALS` that are not to be ignored, as SIGHUP is under nohup."""
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _deleting(frame):
    """Whether ``frame`` runs within a ``__del__``, such as that of an NDArray."""
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None
