"""Ctrl-C, SIGTERM and SIGHUP while training: the step is finished and saved first, then it ends."""

import signal
import threading

SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP  # Ctrl-C, an end, a terminal that closed
GO_ON = "go on with resume=True"


class Interrupted(KeyboardInterrupt):
    """Training ended by a signal, after it was saved; ``history``, a :class:`History`, has the
    epochs before. Or grading, which has none. The command line exits with ``exit_code``."""

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


class Stop:
    """Within ``with Stop() as stop`` a signal sets ``stop.signal``; a second one interrupts, unless
    it comes while an object is deleted, where Python could only print the exception.

    Outside the main thread signals are not ours to handle, and nothing is done.
    """

    def __init__(self):
        self.signal, self.before = None, {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in heard():
                self.before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _asked(self, number, frame):
        if self.signal is None:
            self.signal = number
        elif not _deleting(frame):
            raise KeyboardInterrupt


class AtOnce(Stop):
    """Within ``with AtOnce(message)`` a signal raises :class:`Interrupted` with it at once, so that
    what is open is closed."""

    def __init__(self, message):
        super().__init__()
        self.message = message

    def _asked(self, number, frame):
        raise Interrupted(self.message, number)


def heard():
    """Those of :data:`SIGNALS` that are not to be ignored, as SIGHUP is under nohup."""
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _deleting(frame):
    """Whether ``frame`` runs within a ``__del__``, such as that of an NDArray."""
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None
