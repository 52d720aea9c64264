"""Answers that other programs read: JSON lines, n-best lists, links, scores, hypotheses."""

import json
import os
import re
import subprocess
import sys

import pytest
from helpers import complaint, start

import gluon_seq2seq as gs
from gluon_seq2seq.corpus.examples import pairs_of

KNOWN = "They are watching."
ATTENTIVE = ["mini-bahdanau2015", "mini-luong2015"]


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def translate(run_cli):
    return lambda *more, **settings: run_cli(
        "translate", "--model", "mini-luong2015", *more, **settings
    )


@pytest.fixture(scope="module")
def luong():
    return gs.load_model("mini-luong2015", "cpu")


# translate.


def test_n_best_in_every_format(translate, luong, mini):
    sentences = [example.source for example in mini.test[:20]] + ["", KNOWN]
    stdin = "".join(f"{sentence}\n" for sentence in sentences)
    wanted = gs.Translator(luong, beam_size=4, alpha=0.5).n_best(sentences, 3)
    search = "--beam-size", 4, "--alpha", 0.5, "--n-best", 3

    def of(form, *more):
        done = translate(*search, "--format", form, *more, stdin=stdin)
        assert (done.code, done.stderr) == (0, "")
        return done.stdout

    lines = json_lines(of("jsonl", "--input-format", "text"))
    assert [line["id"] for line in lines] == list(range(1, len(sentences) + 1))
    for line, found in zip(lines, wanted):
        assert [(one["text"], tuple(one["tokens"])) for one in line["n_best"]] == [
            (one.text, one.tokens) for one in found
        ]
        for one, other in zip(line["n_best"], found):
            assert (one["score"], one["log_p"]) == pytest.approx((other.score, other.log_p))
        assert line["n_best"][0].items() <= line.items()
    moses, tsv = [], []
    for i, found in enumerate(wanted):
        for one in found:
            score, log_p = f"{one.score:.4f}", f"{one.log_p:.4f}"
            moses.append(f"{i} ||| {one.text} ||| LogP= {log_p} ||| {score}\n")
            tsv.append(f"{i + 1}\t{score}\t{log_p}\t{one.text}\n")
    assert of("moses") == "".join(moses)
    assert of("tsv") == "".join(tsv) == translate(*search, stdin=stdin).stdout
    assert of("text") == "".join(f"{one.text}\n" for found in wanted for one in found)


def test_ids_come_back_in_order(translate):
    lines = [
        '{"id": 3, "text": "They are watching."}',
        '{"text": "They are watching.", "id": "zwölf \\ud800", "more": 1}',
        '{"id": -0.5, "text": "Zork is \\u0074ired.\\n"}',
        '{"text": ""}',
        '{"id": null, "text": "  "}',
    ]
    done = translate("--format", "jsonl", stdin="\n".join(lines))
    answers = json_lines(done.stdout)
    assert [line["id"] for line in answers] == [3, "zwölf \ud800", -0.5, None, None]
    assert answers[0]["text"] == answers[1]["text"] == "Ils regardent."
    assert [line["unknown"] for line in answers] == [[], [], ["Zork"], [], []]
    assert (done.code, [line["text"] for line in answers[3:]]) == (0, ["", ""])
    assert "1 of 12 source words" in done.stderr
    plain = translate("--input-format", "jsonl", stdin=lines[0])
    assert plain == (0, "Ils regardent.\n", "")


def test_unknown_words_in_json(translate, luong):
    """Those of the source, and those that each of an n-best list has; said at the end in all."""
    questions = ["There are 17 cats.", "See t@x.example!", KNOWN]
    stdin = "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(questions))
    done = translate("--format", "jsonl", "--beam-size", 3, "--n-best", 3, stdin=stdin)
    wanted = gs.Translator(luong, beam_size=3).n_best(questions, 3)
    count = 0
    for line, found in zip(json_lines(done.stdout), wanted):
        assert [one["copied"] for one in line["n_best"]] == [[*one.copied] for one in found]
        assert set(line["copied"]) <= set(line["unknown"])
        assert all(word in line["text"] for word in line["copied"])
        count += len(line["copied"])
    assert "17" in json_lines(done.stdout)[0]["copied"]
    assert (done.code, done.stderr) == (
        0,
        f"gluon-seq2seq: 4 of 12 source words are not among the model's: it reads <unk> for them, "
        f"and {count} are copied; --verbose names them\n",
    )
    never = translate("--unknown", "never", "--format", "jsonl", "--n-best", 1, stdin=stdin)
    lines = json_lines(never.stdout)
    assert not any(line["copied"] for line in lines) and "are copied" not in never.stderr
    assert "17" in lines[0]["unknown"] and "17" not in lines[0]["text"]


def test_no_attention_to_copy_by(run_cli):
    done = run_cli("translate", "--model", "mini-book", "There are 17 cats.")
    assert done.code == 0 and done.stderr == (
        "gluon-seq2seq: 2 of 5 source words are not among the model's: it reads <unk> for them, "
        "and the model has no attention to copy them by; --verbose names them\n"
    )
    never = run_cli("translate", "--model", "mini-book", "--unknown", "never", "There are 17 cats.")
    assert never.stdout == done.stdout
    evaluate = "evaluate", "--model", "mini-book", "--data", "mini-unknown", "--show", 0
    assert "--unknown never: the model has no attention" in run_cli(*evaluate).stdout


def test_a_way_that_there_is_not(translate):
    assert "--unknown is 'keep': use copy, omit" in complaint(
        translate("--unknown", "keep", KNOWN), 2
    )


def test_phrases_are_learned_and_looked_up(run_cli, translate, tmp_path):
    learn = "phrases", "--data", "mini-unknown", "--split", "test", "--model"
    done = run_cli(*learn, "mini-luong2015", "--output", tmp_path / "table.tsv")
    rows = [line.split("\t") for line in (tmp_path / "table.tsv").read_text("utf-8").splitlines()]
    assert done.code == 0 and f"{len(rows)} words that the model does not know" in done.stderr
    assert ["fox", "renard"] in [row[:2] for row in rows] and all(len(row) == 3 for row in rows)
    assert [int(row[2]) for row in rows] == sorted((int(row[2]) for row in rows), reverse=True)
    found = translate("--phrase-table", tmp_path / "table.tsv", "The fox is old.").stdout
    assert "renard" in found and "fox" in translate("The fox is old.").stdout
    figures = run_cli(
        *("evaluate", "--model", "mini-luong2015", "--data", "mini-unknown", "--json", "-"),
        *("--phrase-table", tmp_path / "table.tsv"),
    )
    scores = json.loads(figures.stdout)
    assert scores["unknown"] == "copy" and scores["unknown_words"] == 250
    assert f"--unknown copy: {scores['copied_words']} of them copied" in figures.stderr
    assert scores["copied_words"] > 200 and scores["exact"] > 0.3
    assert "no attention" in complaint(run_cli(*learn, "mini-book"), 2)
    assert "'x' is not one of 'train', 'dev', 'test', 'all'" in complaint(
        run_cli(*learn, "mini-luong2015", "--split", "x"), 2
    )
    (tmp_path / "table.tsv").write_text("fox\n")
    bad = complaint(translate("--phrase-table", tmp_path / "table.tsv", KNOWN), 3)
    assert "table.tsv, line 1: no phrase" in bad
    assert complaint(translate("--phrase-table", tmp_path / "none.tsv", KNOWN), 3)


QUESTIONS = [  # that cannot be read, the id that comes back, and what is said
    (b"They are watching.", None, "no JSON at column 1"),
    (b"", None, "no JSON at column 1"),
    (b'{"id": 1, "text": "x"', None, "no JSON at column"),
    (b"[" * 100_000, None, "nested too deeply"),
    (b'{"id": %s, "text": "x"}' % (b"9" * 400), None, "a number of 400 digits"),
    (b'["x"]', None, "no JSON object"),
    (b'{"id": 5}', 5, "it has no text"),
    (b'{"id": 5, "text": ["x"]}', 5, "it has no text"),
    (b'{"id": [5], "text": "x"}', None, "its id is no text and no number"),
    (b'{"id": true, "text": "x"}', None, "its id is no text and no number"),
    (b'{"id": 1e999, "text": "x"}', None, "its id is no text and no number"),
    (b'{"id": 5, "text": "%s"}' % (b"x" * 10_001), 5, "more than 10,000 characters"),
    (b'{"id": 5, "text": "%s"}' % (b"they " * 600), 5, "601 tokens"),
    (b'{"id": 5, "text": "%s"}' % (b"x" * 200_000), None, "more than 185,536 bytes"),
    (b'{"id": 5, "text": "\xff"}', None, "not UTF-8 at byte 20"),
]


def test_questions_that_cannot_be_read(translate):
    good = json.dumps({"id": 1, "text": KNOWN}).encode()
    stdin = b"\n".join(line for bad, *_ in QUESTIONS for line in (bad, good))
    done = translate("--format", "jsonl", "--verbose", stdin=stdin)
    answers, warned = json_lines(done.stdout), done.stderr.splitlines()
    assert done.code == 3 and len(answers) == 2 * len(QUESTIONS) == 2 * len(warned)
    for i, (_, name, says) in enumerate(QUESTIONS):
        bad, after = answers[2 * i : 2 * i + 2]
        assert (after["id"], after["text"]) == (1, "Ils regardent.")
        assert bad.keys() == {"id", "text", "error"} and (bad["id"], bad["text"]) == (name, "")
        assert says in bad["error"] and says in warned[i]
        assert warned[i].startswith(f"gluon-seq2seq: standard input, line {2 * i + 1}: ")
        assert warned[i].endswith("; its answer says so")


def test_the_longest_text_that_json_can_say(translate, luong):
    text = "😀" * 10_000  # in two escapes of six bytes each
    line = json.dumps({"id": "x" * 1000, "text": text})
    (answer,) = json_lines(translate("--format", "jsonl", stdin=line).stdout)
    assert "more than 185,536" not in answer["error"] and "20,000 tokens" in answer["error"]


def test_a_question_that_is_cut(translate):
    line = json.dumps({"id": 1, "text": "they " * 600})
    (answer,) = json_lines(translate("--format", "jsonl", "--too-long", "cut", stdin=line).stdout)
    assert "601 tokens" in answer["error"] and answer["text"] and answer["log_p"] < 0


@pytest.mark.parametrize("alignment", ["pharaoh", "hard", "0.3", "soft"])
def test_links_in_every_format(alignment, translate):
    def of(form):
        done = translate("--format", form, "--alignment", alignment, KNOWN, "")
        assert done.code == 0
        return done.stdout

    (line, blank) = json_lines(of("jsonl"))
    wanted, ones = line["alignment"], line["words"]
    assert ones == ["Ils", "regardent", "."]
    assert line["source_words"] == ["They", "are", "watching", "."]
    if alignment == "soft":
        weights = [group.split(",") for group in wanted.split()]
        assert [len(group) for group in weights] == [4, 4, 4]
        assert all(0 <= float(weight) <= 1 for group in weights for weight in group)
    else:
        assert {"0-0", "2-1"} <= set(wanted.split())
    assert (blank["alignment"], blank["words"], blank["source_words"]) == ("", [], [])
    assert of("text") == f"Ils regardent. ||| {wanted}\n ||| \n"
    assert of("tsv").splitlines()[0].split("\t")[4] == wanted
    assert of("moses").splitlines()[0].split(" ||| ")[4] == wanted


def test_links_of_drawn_translations(translate):
    (line,) = json_lines(
        translate("--temperature", 1, "--format", "jsonl", "--alignment", "pharaoh", KNOWN).stdout
    )
    assert re.fullmatch(r"(\d-\d )*\d-\d", line["alignment"])


def test_links_of_a_model_that_does_not_attend(run_cli):
    for command in "translate", "score":
        done = run_cli(command, "--model", "mini-book", "--alignment", "soft", stdin="x\ty\n")
        assert "the model has no attention to show: train bahdanau2015" in complaint(done, 2)
    done = run_cli("translate", "--model", "mini-luong2015", "--alignment", "sharp", "x")
    assert "not pharaoh, soft, or a number from 0 to below 1" in complaint(done, 2)


@pytest.mark.slow
def test_a_program_that_asks_and_waits(luong, mini):
    """Ids in an order of their own; each answer is there before the next question."""
    sentences = [example.source for example in mini.test[:30]]
    wanted = gs.Translator(luong).translate(sentences)
    with start("translate", "--model", "mini-luong2015", "--format", "jsonl") as process:
        try:
            for i, (sentence, translation) in enumerate(zip(sentences, wanted)):
                question = {"id": f"q{-i}", "text": sentence}
                process.stdin.write(json.dumps(question).encode() + b"\n")
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
                assert (answer["id"], answer["text"]) == (question["id"], translation)
            process.stdin.close()
            assert process.wait(60) == 0
        finally:
            process.kill()


# score.


@pytest.mark.parametrize("model", ATTENTIVE)
def test_links_have_the_alignment_error_rate_of_evaluate(model, run_cli, mini, tmp_path):
    lines = [f"{e.source}\t{e.gold.references[0]}\n" for e in mini.test]
    (tmp_path / "gold.tsv").write_text("".join(lines), "utf-8")
    done = run_cli(
        *("score", "--model", model, "--input", tmp_path / "gold.tsv"),
        *("--alignment", "pharaoh", "--format", "tsv"),
    )
    assert done.code == 0
    both = found = sure = 0
    for line, example in zip(done.stdout.splitlines(), mini.test):
        links = {tuple(map(int, link.split("-"))) for link in line.split("\t")[5].split()}
        gold = set(example.gold.alignments[0])
        both, found, sure = both + len(links & gold), found + len(links), sure + len(gold)
    rate = 1 - 2 * both / (found + sure)
    file = tmp_path / "scores.json"
    assert run_cli("evaluate", "--model", model, "--data", "mini", "--json", file).code == 0
    assert json.loads(file.read_text())["aer"] == pytest.approx(rate, abs=1e-12) and rate < 0.5


@pytest.fixture(scope="module")
def lists(run_cli, mini, tmp_path_factory):
    """A folder with sources, an n-best list of them, and the same as JSON."""
    folder = tmp_path_factory.mktemp("lists")
    sources = "".join(f"{example.source}\n" for example in mini.test[:40])
    (folder / "src.txt").write_text(sources, "utf-8")
    for form in "moses", "jsonl":
        done = run_cli(
            *("translate", "--model", "mini-luong2015", "--input", folder / "src.txt"),
            *("--beam-size", 5, "--n-best", 5, "--format", form, "--input-format", "text"),
            *("--output", folder / form),
        )
        assert (done.code, done.stderr) == (0, "")
    return folder


def test_scores_are_those_of_the_search(run_cli, lists, tmp_path):
    """Forced through the model in one go, each of an n-best list has the log P of the search."""
    asked = json_lines((lists / "jsonl").read_text("utf-8"))
    sources = (lists / "src.txt").read_text("utf-8").splitlines()
    rows = [(s, one) for s, line in zip(sources, asked) for one in line["n_best"]]
    for name, lines in ("en", [s for s, _ in rows]), ("fr", [one["text"] for _, one in rows]):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    paths = "--input", tmp_path / "en", "--translations", tmp_path / "fr"
    score = "score", "--model", "mini-luong2015", *paths
    answers = json_lines(run_cli(*score, "--format", "jsonl").stdout)
    assert len(answers) == len(rows) == 200
    for answer, (_, one) in zip(answers, rows):
        assert answer["log_p"] == pytest.approx(one["log_p"], abs=1e-4)
        assert (answer["text"], answer["tokens"]) == (one["text"], one["tokens"])
        assert sum(answer["token_log_p"]) == pytest.approx(answer["log_p"], abs=1e-4)
        assert sum(answer["word_log_p"]) == pytest.approx(answer["log_p"], abs=1e-4)
        assert len(answer["word_log_p"]) == len(answer["words"]) + 1
    plain = run_cli(*score)
    assert plain.stdout.splitlines() == [f"{answer['log_p']:.4f}" for answer in answers]
    mean = sum(answer["log_p"] for answer in answers) / 200
    assert f"200 translations: log P is {mean:.3f} nats each" in plain.stderr
    assert "the model was trained on 0 of 40 sources and 0 of 200 pairs" in plain.stderr


def test_a_list_is_ranked_as_it_was_found(run_cli, lists):
    done = run_cli(
        *("score", "--model", "mini-luong2015", "--input", lists / "src.txt"),
        *("--n-best", lists / "moses"),
    )
    again, before = (text.splitlines() for text in (done.stdout, (lists / "moses").read_text()))
    for new, old in zip(again, before):
        *columns, feature, score = new.split(" ||| ")
        *wanted, own, own_score = old.split(" ||| ")
        assert columns == wanted
        assert float(score) == pytest.approx(float(own_score), abs=2e-4)
        assert float(feature.split()[1]) == pytest.approx(float(own.split()[1]), abs=2e-4)
    assert len(again) == len(before) and "another one is the best of 0 sources" in done.stderr


def test_a_list_of_another_is_ranked_anew(run_cli, luong, tmp_path):
    (tmp_path / "src").write_text(f"{KNOWN}\nHe is old.\n\n", "utf-8")
    listed = [
        "1 ||| Il est vieux. ||| LM0= -9 ||| -9",
        "0 ||| Vous regardez. ||| LM0= -1 LogP= -3 ||| -1",
        "0 ||| Ils regardent. ||| LM0= -2 ||| -2",
    ]
    (tmp_path / "list").write_text("\n".join(listed), "utf-8")

    def rank(*more):
        paths = "--input", tmp_path / "src", "--n-best", tmp_path / "list"
        return run_cli("score", "--model", "mini-luong2015", *paths, *more)

    texts = ["Ils regardent.", "Vous regardez.", "Il est vieux."]
    log_p = [one.log_p for one in gs.Translator(luong).force([KNOWN] * 2 + ["He is old."], texts)]
    features = "LM0= -2", "LM0= -1", "LM0= -9"
    wanted = [
        f"{i} ||| {text} ||| {other} LogP= {p:.4f} ||| {p / length**0.75:.4f}"
        for i, text, other, p, length in zip((0, 0, 1), texts, features, log_p, (4, 4, 5))
    ]
    done = rank()
    assert done.stdout.splitlines() == wanted
    assert "another one is the best of 1 sources" in done.stderr
    assert done.code == 3 and "line 3: " in done.stderr, "nothing is listed for the third"
    assert rank("--format", "text").stdout == "Ils regardent.\nIl est vieux.\n\n"
    lines = json_lines(rank("--format", "jsonl", "--alignment", "pharaoh").stdout)
    assert "has no translation of it" in lines[2]["error"] and lines[0]["words"][0] == "Ils"
    assert [one["text"] for one in lines[0]["n_best"]] == texts[:2]


def test_pairs_as_they_come(run_cli):
    """One of each kind that cannot be scored gives a line of its own."""
    lines = [
        f"{KNOWN}\tIls regardent.".encode(),
        b"no tab",
        b"one\ttwo\tthree",
        b"\xff\tx",
        ("they " * 600).encode() + b"\tx",
        b"x\t" + ("ils " * 600).encode(),
        b"x\t" + b"y" * 10_001,
        f"{KNOWN}\tIls regardent.".encode(),
    ]
    done = run_cli("score", "--model", "mini-luong2015", stdin=b"\n".join(lines))
    shown = done.stdout.splitlines()
    assert done.code == 3 and shown[1:7] == [""] * 6 and float(shown[0]) == float(shown[7]) < 0
    warned = done.stderr.splitlines()[:6]
    for number, (line, says) in enumerate(
        zip(
            warned,
            ["no source, tab", "no source, tab", "not UTF-8", "601 tokens", "601", "10,000"],
        ),
        2,
    ):
        assert f"standard input, line {number}: " in line and says in line
        assert line.endswith("; its line is left blank")
    assert "the translation: 601 tokens, at most 500 can be scored" in warned[4]
    nothing = run_cli("score", "--model", "mini-luong2015", stdin="")
    assert (nothing.code, nothing.stdout) == (0, "") and "nothing could be" in nothing.stderr


@pytest.mark.parametrize(
    "options, code, says",
    [
        (("--translations", "a", "--n-best", "b"), 2, "--translations or --n-best, not both"),
        (("--format", "moses"), 2, "--format moses is of n-best lists"),
        (("--translations", "-"), 2, "standard input has room for one"),
        (("--input", "-", "--n-best", "-"), 2, "standard input has room for one"),
        (("--alignment", "soft"), 2, "the model has no attention"),
        (("--output", "none/out.txt"), 5, "cannot write none/out.txt: No such file"),
        (("--translations", "none.txt"), 3, "none.txt: cannot be read"),
        (("--n-best", "none.txt"), 3, "none.txt: cannot be read"),
        (("--translations", "two.txt"), 3, "standard input has 1 lines but two.txt has 2"),
        (("--n-best", "two.txt"), 3, "two.txt, line 1: no line of an n-best list"),
        (("--n-best", "far.txt"), 3, "far.txt, line 2: source 1, counted from 0, but there are 1"),
        (("--n-best", "latin.txt"), 3, "latin.txt, line 1: not UTF-8 at byte 10"),
        (("--n-best", "long.txt"), 3, "long.txt, line 1: the translation: 601 tokens"),
    ],
)
def test_score_refuses(options, code, says, run_cli, tmp_path):
    (tmp_path / "two.txt").write_text("Oui.\nNon.\n")
    (tmp_path / "far.txt").write_text("0 ||| Oui. ||| 1\n1 ||| Non. ||| 1\n")
    (tmp_path / "latin.txt").write_bytes("0 ||| Caf\u00e9".encode("latin-1"))
    (tmp_path / "long.txt").write_text(f"0 ||| {'oui ' * 600}\n")
    done = run_cli("score", "--model", "mini-book", *options, stdin="Yes.\n", cwd=tmp_path)
    assert says in complaint(done, code) and done.stdout == ""


def test_a_model_of_nan_scores_nothing(run_cli, small_model, tmp_path):
    model = small_model()
    for parameter in model.decoder.collect_params().values():
        parameter.set_data(parameter.data() * float("nan"))
    gs.save_model(model, tmp_path / "model")
    done = run_cli("score", "--model", tmp_path / "model", stdin=f"{KNOWN}\tIls regardent.\n")
    assert "the model gives no probabilities, only NaN" in complaint(done, 4)


# What a model was trained on.


def test_overlap_is_reported(run_cli, saved, tiny, mini, tmp_path):
    pairs = pairs_of(tiny.train)[:3] + [("Quite new.", "Tout neuf.")] * 2
    (tmp_path / "pairs.tsv").write_text("".join("\t".join(pair) + "\n" for pair in pairs), "utf-8")
    sources = len({source for source, _ in pairs}) - 1
    wanted = f"{sources} of {sources + 1} sources and 3 of 4 pairs (tiny)"
    done = run_cli("score", "--model", saved, "--input", tmp_path / "pairs.tsv")
    assert f"the model was trained on {wanted}\n" in done.stderr
    known = pairs_of(mini.train)
    of_mini = {s for s, _ in pairs} & {s for s, _ in known}, set(pairs) & set(known)
    wanted = f"{len(of_mini[0])} of {sources + 1} sources and {len(of_mini[1])} of 4 pairs (mini)"
    path = tmp_path / "pairs.tsv"
    other = run_cli("score", "--model", saved, "--input", path, "--trained-on", "mini")
    assert f"the model was trained on {wanted}\n" in other.stderr
    for split, seen in ("test", 0), ("train", len(tiny.train)):
        file = tmp_path / f"{split}.json"
        shown = run_cli("evaluate", "--model", saved, "--split", split, "--json", file).stdout
        assert f"seen in training   {seen} of {len(getattr(tiny, split))} sources" in shown
        assert json.loads(file.read_text())["seen_in_training"]["sources"] == seen


def test_files_are_not_opened_to_find_an_overlap(run_cli, small_model, tiny, tmp_path):
    lines = ["\t".join(pair) for pair in pairs_of(tiny.train)]
    (tmp_path / "mine.tsv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "new.tsv").write_text("\n".join(lines), "utf-8")
    corpus = gs.load_corpus(tmp_path / "mine.tsv")
    gs.save_model(small_model(corpus), tmp_path / "model")
    evaluate = "evaluate", "--model", tmp_path / "model", "--show", 0, "--data"
    own = run_cli(*evaluate, tmp_path / "mine.tsv")
    assert f"seen in training   0 of {len(corpus.test)} sources" in own.stdout
    assert "(mine.tsv)" in own.stdout
    unknown = run_cli(*evaluate, tmp_path / "new.tsv")
    assert "--trained-on FILE would count" in unknown.stdout
    told = run_cli(*evaluate, tmp_path / "new.tsv", "--trained-on", tmp_path / "mine.tsv")
    assert re.search(r"seen in training   \d+ of", told.stdout)
    score = run_cli("score", "--model", tmp_path / "model", "--input", tmp_path / "new.tsv")
    assert "--trained-on FILE would count" in score.stderr


# evaluate.


@pytest.mark.parametrize("lowercase", [False, True])
def test_hypotheses_have_the_figure_of_sacrebleus_command_line(
    lowercase, run_cli, small_model, tmp_path
):
    model, data = "mini-luong2015", "mini"
    if lowercase:
        corpus = gs.load_corpus("tiny", lowercase=True)
        model, data = tmp_path / "model", "tiny"
        gs.save_model(small_model(corpus), model)
    done = run_cli(
        *("evaluate", "--model", model, "--data", data, "--show", 0, "--json", "scores.json"),
        *("--output", "hyp.txt", "--references", "ref.txt"),
        cwd=tmp_path,
    )
    assert done.code == 0
    scores = json.loads((tmp_path / "scores.json").read_text("utf-8"))
    (words,) = re.findall("sacrebleu (ref.txt --num-refs .*)", done.stdout)
    assert words.endswith(" -lc") == lowercase

    def figure(*words):
        found = subprocess.run(
            [sys.executable, "-m", "sacrebleu", *words, "-b", "-w", "6"],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return float(found.stdout)

    assert figure(*words.split()) == pytest.approx(scores["bleu"], abs=1e-6)
    lines = (tmp_path / "ref.txt").read_text("utf-8").splitlines()
    (tmp_path / "first.txt").write_text(
        "".join(f"{li.split(chr(9))[0]}\n" for li in lines), "utf-8"
    )
    first = figure("first.txt", "-i", "hyp.txt", *(["-lc"] if lowercase else []))
    assert first == pytest.approx(scores["bleu_first"], abs=1e-6)
    assert len((tmp_path / "hyp.txt").read_text("utf-8").split("\n")) == scores["sources"] + 1


def test_a_json_object_for_each_sentence(run_cli, mini, luong, tmp_path):
    from sacrebleu.metrics import BLEU

    evaluate = "evaluate", "--model", "mini-luong2015", "--data", "mini-unknown", "--show", 0
    done = run_cli(*evaluate, "--output", tmp_path / "hyp.jsonl")
    rows = json_lines((tmp_path / "hyp.jsonl").read_text("utf-8"))
    examples = gs.load_corpus("mini-unknown").test
    found = gs.Translator(luong).search([example.source for example in examples])
    metric = BLEU(effective_order=True)
    for row, example, one in zip(rows, examples, found):
        assert (row["source"], tuple(row["references"])) == (example.source, example.valid)
        assert row["hypothesis"] == one.text and row["log_p"] == pytest.approx(one.log_p, abs=1e-4)
        assert row["exact"] == (one.text in example.valid)
        assert row["bleu"] == metric.sentence_score(one.text, list(example.valid)).score
        assert len(row["unknown"]) == 1, "that is what the set is for"
    exact = sum(row["exact"] for row in rows) / len(rows)
    assert len(rows) == len(examples) and f"exact match        {exact:6.1%}" in done.stdout
    again = run_cli(*evaluate, "--output", "-", "--format", "jsonl")
    assert again.stdout == (tmp_path / "hyp.jsonl").read_text("utf-8")
    assert "sacreBLEU" in again.stderr


def test_two_outputs_in_one_file(run_cli, saved, tmp_path):
    """The first would be lost."""
    asked = {
        "attention": ("translate", "--model", saved, "Hi.", "--output", "a.svg"),
        "plot": ("data", "tiny", "--output", "a.svg"),
    }
    for name, words in asked.items():
        done = run_cli(*words, f"--{name}", "./a.svg", cwd=tmp_path)
        assert f"./a.svg has room for one of --output and --{name}" in complaint(done, 2)
        assert not (tmp_path / "a.svg").exists()


def test_evaluate_refuses(run_cli, saved, tmp_path):
    done = run_cli("evaluate", "--model", saved, "--format", "jsonl")
    assert "--format is that of --output" in complaint(done, 2)
    done = run_cli("evaluate", "--model", saved, "--output", "-", "--json", "-")
    assert "standard output has room for one of" in complaint(done, 2)
    for two in ("--json", "--references"), ("--output", "--references"):
        done = run_cli("evaluate", "--model", saved, two[0], "a", two[1], "./a", cwd=tmp_path)
        assert f"./a has room for one of {two[0]} and {two[1]}" in complaint(done, 2)
        assert not (tmp_path / "a").exists()
    done = run_cli("evaluate", "--model", saved, "--output", tmp_path / "none" / "hyp.txt")
    assert "No such file or directory" in complaint(done, 5)
