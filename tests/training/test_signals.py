"""What signals do while training runs."""

import signal
import threading

import pytest

from gluon_seq2seq.training.signals import Interrupted, Stop, raised


def press():
    signal.raise_signal(signal.SIGINT)


def test_the_first_is_noted_and_the_second_interrupts():
    with Stop() as stop:
        press()
        assert stop.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            press()


def test_a_second_one_while_an_object_is_deleted_prints_nothing(monkeypatch):
    """MXNet's arrays are deleted at any time, and Python can only print what __del__ raises."""
    printed = []
    monkeypatch.setattr("sys.unraisablehook", printed.append)

    class Array:
        def __del__(self):
            press()

    with Stop() as stop:
        press()
        array = Array()
        del array
        assert stop.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            press()
    assert not printed


def test_what_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stop() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.signal is None
            press()
            assert stop.signal == signal.SIGINT
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_given_back():
    before = signal.getsignal(signal.SIGINT)
    for listening in Stop(), raised("stopped"):
        with listening:
            assert signal.getsignal(signal.SIGINT) != before
        assert signal.getsignal(signal.SIGINT) == before
    with pytest.raises(Interrupted, match=r"^stopped$") as caught, raised("stopped"):
        press()
    assert signal.getsignal(signal.SIGINT) == before and caught.value.exit_code == 130


def test_another_thread_leaves_signals_alone():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        for listening in Stop(), raised("stopped"):
            with listening:
                seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before, before]
