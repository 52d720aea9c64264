"""The JSON API, asked over HTTP."""

import json
import math
import threading

import numpy as np
import pytest

import gluon_seq2seq as gs
from gluon_seq2seq.serving.asked import Limits
from serving.inprocess import MODELS, serving

SENTENCES = ["They are watching.", "You are not tired.", "The old woman is not tired."]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("beam_size, alpha", [(1, 0.75), (5, 0.75), (4, 0.0)])
def test_translations_are_those_of_the_translator(served, model, beam_size, alpha):
    found = served.translate(
        *SENTENCES, model=model, beam_size=beam_size, alpha=alpha, n_best=min(beam_size, 3)
    )
    translator = gs.Translator(gs.load_model(model), beam_size=beam_size, alpha=alpha)
    expected = translator.n_best(SENTENCES, min(beam_size, 3))
    for result, best in zip(found, expected):
        assert [one["text"] for one in result["n_best"]] == [one.text for one in best]
        for one, other in zip(result["n_best"], best):
            assert one["tokens"] == list(other.tokens)
            assert one["log_p"] == pytest.approx(other.log_p, abs=1e-4)
            assert one["p"] == pytest.approx(math.exp(one["log_p"]))
            length = (len(one["tokens"]) + 1) ** (alpha if beam_size > 1 else 0)
            assert one["score"] == pytest.approx(one["log_p"] / length)
            assert "attention" not in one


def test_attention(served):
    fields = {"model": "mini-luong2015", "n_best": 2, "attention": True}
    (result,) = served.translate("They are watching.", **fields)
    assert result["source_tokens"] == ["They", "are", "watching", ".", "<eos>"]
    model = gs.load_model("mini-luong2015")
    for one in result["n_best"]:
        alpha = np.array(one["attention"])
        assert alpha.shape == (len(one["tokens"]) + 1, 5)
        np.testing.assert_allclose(alpha.sum(axis=1), 1, atol=5e-4)
        forced = gs.Translator(model).force("They are watching.", one["text"])
        np.testing.assert_allclose(alpha, forced.attention, atol=1e-4)


def test_what_is_not_given_has_defaults(served):
    (one,) = served.translate("We are watching.")
    (same,) = served.translate("We are watching.", model=MODELS[0], beam_size=5, n_best=1)
    assert one == same and len(one["n_best"]) == 1


def test_unknown_words(served):
    (result,) = served.translate("The qqqqqq is watchin qqqqqq.")
    assert result["unknown"] == [
        {"word": "qqqqqq", "positions": [1], "near": None},
        {"word": "watchin", "positions": [3], "near": "watching"},
        {"word": "qqqqqq", "positions": [4], "near": None},
    ]
    (known,) = served.translate("They are watching.")
    assert known["unknown"] == []


def test_near_words_are_found_for_a_few_only(served):
    """Each is compared with the whole vocabulary."""
    found = served.translate(*["watchin watchin watchin."] * 3)
    near = [word["near"] for result in found for word in result["unknown"]]
    assert near == ["watching"] * 4 + [None] * 5


def test_subwords(small_model, tmp_path):
    """A word is unknown when one of its pieces is; its positions are those of its pieces."""
    from gluon_seq2seq.serving.batching import Worker

    corpus = gs.load_corpus("tiny", subwords=120)
    gs.save_model(small_model(corpus), tmp_path)
    worker = Worker([str(tmp_path)], 10)
    worker.start()
    try:
        with serving(worker) as served:
            (result,) = served.translate("They are w猫ching.")
        tokens = result["source_tokens"]
        (unknown,) = result["unknown"]
        assert unknown["word"] == "w猫ching"
        pieces = "".join(tokens[i] for i in unknown["positions"])
        assert pieces.replace("▁", "") == "w猫ching" and len(unknown["positions"]) > 1
    finally:
        worker.close()


def test_the_tree_leads_to_the_translation(served):
    fields = {"beam_size": 3, "alpha": 0.75, "model": "mini-luong2015"}
    status, found = served.ask("/api/beam", {"sentence": "You are tired.", **fields})
    assert status == 200
    steps = found["steps"]
    ends = [
        (one["score"], t, one) for t, step in enumerate(steps) for one in step
        if one["fate"] == "finished"
    ]  # fmt: skip
    _, t, one = max(ends, key=lambda end: end[0])
    best, words = one, []
    while t >= 0:
        words.insert(0, one["token"])
        t, one = t - 1, steps[t - 1][one["parent"]] if t else None
    (result,) = served.translate("You are tired.", **fields)
    assert words == [*result["n_best"][0]["tokens"], "<eos>"]
    assert best["log_p"] == pytest.approx(result["n_best"][0]["log_p"], abs=1e-4)
    assert all(len(step) <= 6 for step in steps)
    assert sum(one["fate"] != "pruned" for one in steps[0]) == 3


def test_models_and_health(served):
    status, found = served.ask("/api/models")
    assert status == 200 and [one["name"] for one in found["models"]] == list(MODELS)
    assert [one["attention"] for one in found["models"]] == [True, True, False]
    assert {(one["source_language"], one["target_language"]) for one in found["models"]} == {
        ("en", "fr")
    }
    assert found["limits"] == Limits()._asdict()
    status, found = served.ask("/health")
    assert (status, found) == (200, {"status": "ok", "models": 3, "waiting": 0})


def test_a_queue_that_hangs_is_no_health(served, monkeypatch):
    monkeypatch.setattr(served.worker, "began", -1e9)
    status, found = served.ask("/health")
    assert status == 503 and found["status"] == "stuck"


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"sentences": ["a"], "beam_size": 3000}, "beam_size is 3000: use a whole number of 1 to"),
        ({"sentences": ["a"], "beam_size": 0}, "beam_size is 0: use a whole number of 1 to 20"),
        ({"sentences": ["a"], "beam_size": 2.5}, "beam_size is 2.5: use a whole number"),
        ({"sentences": ["a"], "beam_size": True}, "beam_size is true: use a whole number"),
        ({"sentences": ["a"], "beam_size": None}, "beam_size is null: use a whole number"),
        ({"sentences": ["a"], "n_best": 6}, "n_best is 6: use 5 or less, the beam_size"),
        ({"sentences": ["a"], "alpha": float("nan")}, "alpha is NaN: use 0 to 10"),
        ({"sentences": ["a"], "alpha": 1e9}, "alpha is 1000000000.0: use 0 to 10"),
        ({"sentences": ["a"], "attention": "yes"}, 'attention is "yes": use true or false'),
        ({"sentences": ["a"], "model": "../runs"}, 'unknown model "../runs": use mini-bahdanau'),
        ({"sentences": ["a"], "model": ["x"]}, 'unknown model ["x"]'),
        ({"sentences": ["a"], "beem_size": 3}, 'unknown field "beem_size": use beam_size'),
        ({"sentences": ["a"], "sentence": "a"}, 'unknown field "sentence": use sentences'),
        ({"sentences": ["a"] * 65}, "65 sentences, at most 64"),
        ({"sentences": ["a"] * 22, "n_best": 3, "attention": True}, "attention of 66 translations"),
        ({"sentences": []}, "sentences is []: use a list of texts"),
        ({"sentences": "a"}, 'sentences is "a": use a list of texts'),
        ({"sentences": ["a", 7]}, "sentence 2 is 7: use a text"),
        ({}, "sentences is null: use a list of texts"),
        (["a"], 'the body is ["a"]: use an object'),
        (
            {"sentences": ["a"], "model": "mini-book", "attention": True},
            "mini-book has no attention: leave out attention",
        ),
    ],
)
def test_forged_fields_are_refused(served, fields, told):
    status, found = served.ask("/api/translate", fields)
    assert status == 400 and list(found) == ["error"], found
    assert told in found["error"] and "\n" not in found["error"] and len(found["error"]) < 300


@pytest.mark.parametrize(
    "body, status, told",
    [
        ("{", 400, "the body is no JSON"),
        (b"\xff\xfe", 400, "the body is no JSON"),
        ("[" * 100_000, 400, "the body is no JSON: nested too deeply"),
        ('{"sentences": ["a"], "beam_size": ' + "9" * 5000 + "}", 400, "a number of 5,000 digits"),
        (json.dumps({"sentences": ["a" * 300_000]}), 413, "more than 262,144 bytes"),
        (iter([b"a" * 100_000] * 4), 413, "more than 262,144 bytes"),  # chunked, no length said
    ],
)
def test_bodies_that_are_none(served, body, status, told):
    found = served.ask("/api/translate", body=body)
    assert found[0] == status and told in found[1]["error"]


def test_other_requests_that_are_none(served):
    fields = {"sentences": ["a"]}
    status, found = served.ask("/api/translate", fields, Content_Type="text/plain")
    assert status == 415 and "application/json" in found["error"]
    fields = {"sentences": ["They are watching."]}
    told = "Application/JSON; charset=utf-8"  # in whatever case
    assert served.ask("/api/translate", fields, Content_Type=told)[0] == 200
    assert served.ask("/api/translate")[0] == 405
    assert served.ask("/api/nothing")[0] == served.ask("/static/../app.py")[0] == 404
    assert list(served.ask("/static/nothing")[1]) == ["error"]
    assert served.ask("/api/beam", {"sentence": ["a"]})[1]["error"] == (
        'sentence is ["a"]: use a text'
    )


def test_a_sentence_that_is_too_long_is_an_error_of_its_own(served):
    """Its characters are counted before Unicode normalises them, its tokens after."""
    long = ["e\u0301" * 501, "tired " * 100]
    last = "tired " * 99, "We are watching."
    found = served.translate("They are watching.", *long, *last, beam_size=1)
    assert [list(result) == ["error"] for result in found] == [False, True, True, False, False]
    assert found[1]["error"] == "1,002 characters, at most 1,000: cut it up"
    assert found[2]["error"] == "101 tokens, at most 100: cut it up"
    assert found[4]["n_best"][0]["text"] == "Nous regardons."
    status, alone = served.ask("/api/beam", {"sentence": long[1]})
    assert (status, alone) == (400, found[2])


@pytest.mark.parametrize("text", ["", " \t\n", "\x00\u200b", "\ud800"])
def test_blanks(served, text):
    (result,) = served.translate(text, attention=True)
    assert result["source_tokens"] == ["<eos>"]
    assert [one["text"] for one in result["n_best"]] == [""]
    assert served.ask("/api/beam", {"sentence": text})[1]["steps"] == []


def test_strange_texts_come_through(served):
    texts = ["<img src=x onerror=alert(1)>", "\u202eabc \x07", "猫 🙂 \ud83d", "a\u2028b"]
    for result in served.translate(*texts):
        assert "n_best" in result


# Many at once.


def test_thirty_visitors_at_once(served, mini):
    sources = [example.source for example in mini.test[:300]]
    expected = gs.Translator(gs.load_model(MODELS[0]), beam_size=5).translate(sources)
    found = [None] * 30

    def visit(i):
        found[i] = served.translate(*sources[10 * i : 10 * i + 10], beam_size=5)

    threads = [threading.Thread(target=visit, args=(i,)) for i in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = [one["n_best"][0]["text"] for results in found for one in results]
    assert texts == expected


def test_one_line_a_request_without_its_text(fresh):
    fresh.translate("They are watching.", "We are tired.")
    fresh.ask("/nothing/watching?watching=1", Watching="watching")
    fresh.ask("/api/translate", {"sentences": ["watching"], "beam_size": 3000})
    lines = fresh.logged(3)
    assert "watching" not in "".join(lines)
    assert "POST /api/translate  200" in lines[0] and "sentences: 2" in lines[0]
    assert "GET -  404" in lines[1] and "POST /api/translate  400" in lines[2]


def test_a_fault_of_ours_is_one_line(fresh, monkeypatch):
    def broken(jobs):
        raise RuntimeError("secret\nof the house")

    monkeypatch.setattr(fresh.worker, "_search", broken)
    status, found = fresh.ask("/api/translate", {"sentences": ["a"]})
    assert status == 500 and "secret" not in found["error"]
    assert "RuntimeError: secret of the house" in fresh.logged(1)[0]
    monkeypatch.undo()
    assert fresh.translate("They are watching.")[0]["n_best"]


def test_troubles_of_the_machine_are_no_fault_of_the_sentence(served, monkeypatch):
    def no_memory(jobs):
        raise gs.SystemProblem("no memory")

    monkeypatch.setattr(served.worker, "_search", no_memory)
    assert served.ask("/api/translate", {"sentences": ["a"]}) == (503, {"error": "no memory"})
