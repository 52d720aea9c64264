"""The queue: what is translated together, who is dropped, and when it is full."""

import socket
import threading
from concurrent.futures import CancelledError

import pytest

import gluon_seq2seq as gs
from gluon_seq2seq.serving.asked import Limits
from gluon_seq2seq.serving.batching import TOGETHER, Full, Task, Worker, named
from serving.inprocess import serving, until

TASK = Task("mini-luong2015", 2, 0.75)


def first(worker, held):
    """Something for the queue to stand still at."""
    (future,) = worker.submit(TASK, ["I am tired."], [10], 1)
    until(lambda: held.batches)
    return future


def test_requests_are_translated_together(worker, held):
    first(worker, held)
    other = TASK._replace(beam_size=3)
    futures = [
        *worker.submit(TASK, ["They are watching.", "We are tired."], [10, 10], 1),
        *worker.submit(other, ["He is tired."], [10], 1),
        *worker.submit(TASK, ["You are watching."], [10], 2),
    ]
    held.release()
    found = [future.result(30) for future in futures]
    assert held.batches[1:] == [
        ["They are watching.", "We are tired.", "You are watching."],
        ["He is tired."],
    ]
    assert [len(best) for best in found] == [1, 1, 1, 2]
    assert [best[0].text for best in found[:1]] == ["Ils regardent."]


def test_a_batch_costs_no_more_than_it_may(worker, held):
    first(worker, held)
    costs = [TOGETHER, 1000, 1000, 1000]
    futures = worker.submit(TASK, ["a", "b", "c", "d"], costs, 1)
    held.release()
    for future in futures:
        future.result(30)
    assert held.batches[1:] == [["a"], ["b", "c"], ["d"]]


def test_the_costliest_sentence_fits_into_a_batch():
    from gluon_seq2seq.serving.asked import Search
    from gluon_seq2seq.settings.fields import settings_of

    (most,) = (one.limits["max"] for one in settings_of(Search) if one.name == "beam_size")
    assert most * Limits().tokens <= TOGETHER


def test_who_has_hung_up_is_dropped_and_takes_no_room(worker, held):
    first(worker, held)
    gone = worker.submit(TASK, ["gone"] * worker.most, [10] * worker.most, 1)
    with pytest.raises(Full):
        worker.submit(TASK, ["a"], [10], 1)
    for future in gone:
        future.cancel()
    (future,) = worker.submit(TASK, ["They are watching."], [10], 1)
    held.release()
    assert future.result(30)[0].text == "Ils regardent."
    assert held.batches[1:] == [["They are watching."]]


def test_200_connections_that_hang_up(worker, held):
    with serving(worker) as served:
        first(worker, held)
        body = b'{"sentences": ["They are watching."], "beam_size": 5}'
        head = (
            f"POST /api/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/json\r\n\r\n"
        ).encode()
        for i in range(200):
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.sendall(head + body if i % 4 else head[: 1 + i // 4])
        until(lambda: sum(" 499 " in line for line in served.log) == 150)
        held.release()
        results = served.translate("We are watching.", beam_size=5)
        assert results[0]["n_best"][0]["text"] == "Nous regardons."
        assert held.batches[1:] == [["We are watching."]]


def test_a_full_queue_and_one_that_is_late(worker, held):
    with serving(worker, Limits(seconds=0.2)) as served:
        first(worker, held)
        status, headers, text = served.raw("/api/translate", {"sentences": ["late"]})
        assert status == 503 and "no answer within 0.2 seconds" in text
        assert headers["retry-after"] == "5"
        waiting = worker.submit(TASK, ["a"] * worker.most, [10] * worker.most, 1)
        status, found = served.ask("/api/translate", {"sentences": ["b"]})
        assert status == 503 and "too many sentences are waiting" in found["error"]
        for future in waiting:
            future.cancel()


def test_who_is_late_leaves_the_queue_before_the_answer(worker, held):
    with serving(worker, Limits(seconds=0.01)) as served:
        first(worker, held)
        for _ in range(50):
            assert served.raw("/api/translate", {"sentences": ["late"] * 9})[0] == 503
            for future in worker.submit(TASK, ["a"] * worker.most, [10] * worker.most, 1):
                future.cancel()


def test_a_sentences_trouble_is_not_the_others(worker, monkeypatch):
    whole = worker._search

    def search(jobs):
        if any(job.text == "bad" for job in jobs):
            raise gs.ModelError("only NaN")
        return whole(jobs)

    monkeypatch.setattr(worker, "_search", search)
    with serving(worker) as served:
        found = served.translate("They are watching.", "bad", "We are watching.")
    assert found[1] == {"error": "only NaN"}
    assert [found[i]["n_best"][0]["text"] for i in (0, 2)] == ["Ils regardent.", "Nous regardons."]


def test_a_model_is_loaded_once_and_what_waits_at_the_end_is_cancelled(monkeypatch):
    from gluon_seq2seq.serving import batching

    loaded, load = [], batching.load_model

    def counted(name, **how):
        loaded.append(threading.get_ident())
        return load(name, **how)

    monkeypatch.setattr(batching, "load_model", counted)
    worker = Worker(["mini-book"], 10)
    worker.start()
    going, whole, began = threading.Event(), worker._search, threading.Event()
    monkeypatch.setattr(
        worker, "_search", lambda jobs: began.set() or (going.wait(30) and whole(jobs))
    )
    task = Task("mini-book", 1, 0.75)
    (under_way,) = worker.submit(task, ["They are watching."], [5], 1)
    assert began.wait(30)
    (waits,) = worker.submit(task, ["They are watching."], [5], 1)
    closing = threading.Thread(target=worker.close)
    closing.start()
    until(lambda: worker._closed)
    with pytest.raises(Full):
        worker.submit(task, ["late"], [5], 1)
    going.set()
    closing.join(30)
    assert under_way.result()[0].text == "Ils regardent."
    with pytest.raises(CancelledError):
        waits.result(5)
    assert loaded == [worker._thread.ident] and not worker.alive


def test_a_model_that_cannot_be_read():
    with pytest.raises(gs.ModelError, match="no/such/run"):
        Worker(["mini-book", "no/such/run"], 10).start()


def test_names_tell_no_path():
    folders = ["runs/fra", "/home/a/runs/sub/", "one/model", "two/model", "mini-book"]
    assert named(folders) == {
        "fra": "runs/fra",
        "sub": "/home/a/runs/sub/",
        "one/model": "one/model",
        "two/model": "two/model",
        "mini-book": "mini-book",
    }
