"""The command line: lines in and out, exit codes, and one line for each thing that fails."""

import json
import os
import random
import re
import shutil
import signal
import sys
import time
from importlib import metadata
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest
import sacrebleu
from helpers import complaint, start, weights

import gluon_seq2seq as gs
from gluon_seq2seq import compat
from gluon_seq2seq.cli import cli
from gluon_seq2seq.corpus import tatoeba
from gluon_seq2seq.training.train_step import Step

SMALL = ("--embed-size", 8, "--num-hiddens", 8, "--device", "cpu")
TRAIN = ("train", "--data", "tiny", *SMALL)


# Help.


@pytest.mark.parametrize("command", [[], *([name] for name in sorted(cli.commands))])
def test_help_names_the_exit_codes(command, run_cli):
    done = run_cli(*command, "--help")
    assert done.code == 0
    assert "0 ok   2 usage   3 data   4 model   5 environment" in done.stdout
    assert "6 training diverged   130 interrupted" in done.stdout


@pytest.mark.parametrize("command", ["train", "translate", "evaluate", "score"])
def test_help_shows_examples_that_parse(command, run_cli):
    shown = run_cli(command, "--help").stdout
    lines = shown[shown.index("Examples:") :].splitlines()[1:]
    examples = [line.split() for line in lines if "gluon-seq2seq" in line]
    assert len(examples) >= 2
    for words in examples:
        words = words[words.index("gluon-seq2seq") + 2 :]
        cli.commands[command].make_context(command, words)


def test_help_lists_the_commands(run_cli):
    done = run_cli("--help")
    assert done.code == 0
    listed = [line.split() for line in done.stdout.split("Commands:")[1].splitlines()]
    names = [words[0] for words in listed if len(words) > 3]
    assert names[:6] == ["data", "demo", "doctor", "evaluate", "export", "grade"]
    assert names[6:11] == ["launch", "phrases", "plot", "score", "serve"]
    assert names[11:14] == ["shortlist", "train", "translate"]


# Usage errors: exit code 2.


@pytest.mark.parametrize(
    "options",
    [
        ("--epochs", 0),
        ("--minutes", 0),
        ("--minutes", "nan"),
        ("--patience", 0),
        ("--batch-size", 0),
        ("--learning-rate", 0),
        ("--learning-rate", "nan"),
        ("--direction", "fr-de"),
        ("--model", "transformer"),
        ("--device", "tpu"),
        ("--max-length", 0),
        ("--max-vocab", 0),
        ("--max-vocab", -1),
        ("--min-freq", 0),
        ("--num-layers", 0),
        ("--num-hiddens", 0),
        ("--num-hiddens", -1),
        ("--embed-size", 0),
        ("--drop-prob", 1),
        ("--drop-prob", 2),
        ("--drop-prob", -0.1),
        ("--rnn", "transformer"),
        ("--q", "sum"),
        ("--score", "dot"),  # book has none
        ("--model", "luong2015", "--score", "cosine"),
        ("--model", "luong2015", "--window", 0),
        ("--model", "luong2015", "--score", "dot", "--num-hiddens", 7),
        ("--model", "sutskever2014", "--tied", "--embed-size", 4),
        ("--teacher-forcing", 1.5),
    ],
    ids=lambda options: "".join(map(str, options)),
)
def test_train_refuses(options, run_cli, tmp_path):
    complaint(run_cli(*TRAIN, "--out", tmp_path / "model", *options), 2)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("translate", "--batch-size", 0, "Hello."),
        ("translate", "--input", "in.txt", "Hello."),
        ("translate", "--device", "tpu", "Hello."),
        ("translate", "--beam-size", 0, "Hello."),
        ("translate", "--n-best", 3, "--beam-size", 2, "Hello."),
        ("translate", "--temperature", 0, "Hello."),
        ("translate", "--temperature", 1, "--beam-size", 2, "Hello."),
        ("translate", "--attention", "alpha.png", "Hello.", "Bye."),
        ("translate", "--attention", "alpha.png", "Hello."),  # the book's model has none
        ("evaluate", "--split", "validation"),
        ("evaluate", "--batch-size", 0),
        ("evaluate", "--device", "tpu"),
    ],
    ids=lambda arguments: " ".join(map(str, arguments)),
)
def test_translate_and_evaluate_refuse(arguments, run_cli, saved):
    complaint(run_cli(*arguments, "--model", saved), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["train", "--out", "model"],
        ["train", "--data", "tiny"],
        ["train", "--data", "tiny", "--out", "model", "--epochs", "few"],
        ["translate", "Hello."],
        ["evaluate", "--nonsense"],
    ],
    ids=" ".join,
)
def test_click_explains_its_own_usage_errors(arguments, run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--help" in complaint(run_cli(*arguments), 2)


# Data errors: exit code 3.


def test_train_without_data(run_cli, tmp_path):
    done = run_cli("train", "--data", tmp_path / "none.tsv", "--out", tmp_path / "model", *SMALL)
    assert "none.tsv: no such file" in complaint(done, 3)


def test_train_on_latin1(run_cli, tmp_path):
    (tmp_path / "latin1.tsv").write_bytes(b"Hello.\tBonjour.\nSummer.\t\xc9t\xe9.\n")
    done = run_cli("train", "--data", tmp_path / "latin1.tsv", "--out", tmp_path / "model", *SMALL)
    assert "latin1.tsv, line 2: not UTF-8" in complaint(done, 3)


def test_train_on_unequal_parallel_files(run_cli, tmp_path):
    (tmp_path / "a.en").write_text("One.\nTwo.\n", "utf-8")
    (tmp_path / "a.fr").write_text("Un.\n", "utf-8")
    files = ("--data", tmp_path / "a.en", "--target", tmp_path / "a.fr")
    done = run_cli("train", *files, "--out", tmp_path / "model", *SMALL)
    assert "has 2 lines but" in complaint(done, 3)


@pytest.mark.parametrize("name", ["none.txt", "."])
def test_translate_input_that_cannot_be_read(name, run_cli, saved, tmp_path):
    done = run_cli("translate", "--model", saved, "--input", tmp_path / name)
    assert f"{tmp_path / name}: cannot be read" in complaint(done, 3)


def test_translate_of_latin1_names_the_line(run_cli, saved):
    done = run_cli("translate", "--model", saved, stdin=b"Hello.\n\xe9t\xe9\n")
    assert "standard input, line 2: not UTF-8 at byte 1" in complaint(done, 3)


def test_evaluate_on_data_that_is_gone(run_cli, saved, tmp_path):
    done = run_cli("evaluate", "--model", saved, "--data", tmp_path / "gone.tsv")
    assert "gone.tsv: no such file" in complaint(done, 3)


# Model errors: exit code 4.


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [flip_a_bit, truncate, empty, Path.unlink])
@pytest.mark.parametrize(
    "name", ["model.params", "config.json", "src_vocab.json", "tgt_vocab.json", "manifest.json"]
)
def test_damaged_model_names_the_file(name, harm, run_cli, saved, tmp_path):
    copy = Path(shutil.copytree(str(saved), str(tmp_path / "copy")))
    harm(copy / "model-0001" / name)
    if (name, harm) == ("manifest.json", flip_a_bit):
        name = ""  # the changed hash is another file's
    done = run_cli("translate", "--model", copy, "Hello.")
    assert f"{copy / 'model-0001' / name}" in complaint(done, 4)


@pytest.mark.parametrize("manifest", ["[]", "{}", '{"format": 1}', '{"format": 1, "sha256": []}'])
def test_manifest_of_another_form(manifest, run_cli, saved, tmp_path):
    copy = Path(shutil.copytree(str(saved), str(tmp_path / "copy")))
    (copy / "model-0001" / "manifest.json").write_text(manifest)
    complaint(run_cli("translate", "--model", copy, "Hello."), 4)


@pytest.mark.parametrize("name", ["none", "."])
def test_directory_without_a_model(name, run_cli, tmp_path):
    done = run_cli("evaluate", "--model", tmp_path / name)
    assert "holds no model; make one with: gluon-seq2seq train" in complaint(done, 4)


# Environment: exit code 5.


@pytest.mark.skipif(mx.runtime.Features().is_enabled("CUDA"), reason="this MXNet has CUDA")
@pytest.mark.parametrize("command", ["train", "translate", "evaluate"])
def test_gpu_that_this_mxnet_has_not(command, run_cli, saved, tmp_path):
    options = {
        "train": (*TRAIN, "--out", tmp_path / "model"),
        "translate": ("translate", "--model", saved, "Hello."),
        "evaluate": ("evaluate", "--model", saved),
    }
    assert "use --device cpu" in complaint(run_cli(*options[command], "--device", "gpu"), 5)


def test_output_into_a_missing_directory(run_cli, saved, tmp_path):
    done = run_cli("translate", "--model", saved, "--output", tmp_path / "no" / "out.txt", "Hello.")
    assert f"cannot write {tmp_path / 'no' / 'out.txt'}: No such file" in complaint(done, 5)


def test_json_into_a_missing_directory(run_cli, saved, tmp_path):
    done = run_cli("evaluate", "--model", saved, "--json", tmp_path / "no" / "scores.json")
    assert f"cannot write {tmp_path / 'no' / 'scores.json'}" in complaint(done, 5)


def test_model_into_a_place_that_cannot_be_a_directory(run_cli, tmp_path):
    (tmp_path / "file").write_text("")
    done = run_cli(*TRAIN, "--epochs", 1, "--out", tmp_path / "file" / "model")
    assert f"cannot write to {tmp_path / 'file' / 'model'}" in complaint(done, 5)


def test_tatoeba_without_a_network(run_cli, tmp_path, monkeypatch):
    import pooch

    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache")
    monkeypatch.setattr(tatoeba, "URL", "http://127.0.0.1:9/fra-eng.zip")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    done = run_cli("train", "--data", "tatoeba", "--out", tmp_path / "model", *SMALL)
    assert "use --data tiny" in complaint(done, 5)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", [("translate", "Hello."), ("evaluate",)], ids=" ".join)
def test_full_disk_behind_standard_output(command, run_process, saved):
    with open("/dev/full", "w") as full:
        complaint(run_process(*command, "--model", saved, stdout=full), 5)


# train.


def test_train_leaves_a_model_that_translates(run_cli, tmp_path):
    out = tmp_path / "runs" / "model"
    done = run_cli(*TRAIN, "--out", out, "--epochs", 2, "--batch-size", 16, "--direction", "fr-en")
    assert (done.code, done.stderr) == (0, "")
    assert "65 pairs read, 65 kept" in done.stdout
    assert {"history.json", "learning-curve.png"} < {path.name for path in out.iterdir()}
    assert [row["epoch"] for row in json.loads((out / "history.json").read_text())] == [1, 2]
    model = gs.load_model(out, "cpu")
    assert model.origin["data"] == "tiny" and model.src_vocab.tokenizer.language == "fr"
    assert run_cli("translate", "--model", out, "Ils regardent.").stdout.count("\n") == 1
    assert "\ntiny, test: 6 sources" in run_cli("evaluate", "--model", out).stdout

    before = gs.load_model(out, "cpu").encoder.embedding.weight.data().asnumpy()
    assert "--overwrite" in complaint(run_cli(*TRAIN, "--out", out, "--epochs", 1), 2)
    assert (gs.load_model(out, "cpu").encoder.embedding.weight.data().asnumpy() == before).all()
    done = run_cli(*TRAIN, "--out", out, "--epochs", 1, "--overwrite")
    assert done.code == 0
    assert gs.load_model(out, "cpu").src_vocab.tokenizer.language == "en"


def test_one_command_begins_goes_on_and_trains_longer(run_cli, tmp_path):
    command = *TRAIN, "--out", tmp_path / "new", "--resume", "--model", "luong2015"
    begins = run_cli(*command, "--epochs", 1)
    assert (begins.code, begins.stderr) == (0, "")
    assert begins.stdout.count("no training was begun there, so it begins") == 1
    longer = run_cli(*command, "--epochs", 3)
    assert (longer.code, longer.stderr) == (0, "")
    rows = json.loads((tmp_path / "new" / "history.json").read_text())
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    ended = run_cli("train", "--resume", "--out", tmp_path / "new")
    assert (ended.code, ended.stderr) == (0, "")
    assert "training is finished there, after 3 epochs: give more epochs" in ended.stdout
    assert "--data" in complaint(run_cli("train", "--resume", "--out", tmp_path / "none"), 2)


def test_training_begins_with_the_parameters_of_a_model(run_cli, saved, tmp_path, monkeypatch):
    seen, call = [], Step.__call__

    def stepping(self, batch, rate):
        seen.append((weights(self.model), self.model.recipe))
        return call(self, batch, rate)

    monkeypatch.setattr(Step, "__call__", stepping)
    lines = [f"They see {i} cats.\tIls voient {i} chats.\n" for i in range(40)]
    (tmp_path / "mine.tsv").write_text("".join(lines), "utf-8")
    command = "train", "--data", tmp_path / "mine.tsv", "--epochs", 1, "--init-from", saved
    before = gs.load_model(saved, "cpu")
    for more, drop_prob in ((), 0.0), (("--drop-prob", 0.25), 0.25):
        done = run_cli(*command, "--out", tmp_path / str(drop_prob), *more)
        assert (done.code, done.stderr) == (0, "")
        first, recipe = seen[0]
        assert recipe == {**before.recipe, "drop_prob": drop_prob}
        for name, value in weights(before).items():
            np.testing.assert_array_equal(first[name], value)
        seen.clear()
        after = gs.load_model(tmp_path / str(drop_prob), "cpu")
        assert after.src_vocab.idx_to_token == before.src_vocab.idx_to_token
    again = run_cli(*command, "--out", tmp_path / "0.0", "--resume")  # the same job once more
    assert "training is finished there" in again.stdout


@pytest.mark.parametrize(
    "option, says",
    [
        (("--num-hiddens", 9), "--num-hiddens is 9, "),
        (("--model", "luong2015"), "--model is luong2015, "),
        (("--direction", "fr-en"), "--direction is fr-en, "),
        (("--subwords", 100), "has its words already: leave --subwords out"),
        (("--window", 3), "has no --window: leave it out"),
    ],
    ids=str,
)
def test_what_a_model_to_begin_with_has_cannot_be_another(run_cli, saved, tmp_path, option, says):
    command = *TRAIN, "--init-from", saved, "--out", tmp_path / "out", *option
    assert says in complaint(run_cli(*command), 2)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_minutes_count_everything(run_process, tmp_path):
    began = time.monotonic()
    done = run_process(*TRAIN, "--out", tmp_path / "model", "--minutes", 0.05, "--patience", 10**6)
    assert done.code == 0
    assert 2.5 < time.monotonic() - began < 3 + 10, "3 seconds, and a little to stop"
    gs.load_model(tmp_path / "model", "cpu")


def test_minutes_too_few_to_begin(run_cli, tmp_path):
    done = run_cli(*TRAIN, "--out", tmp_path / "model", "--minutes", 0.0001)
    assert done.code == 0
    gs.load_model(tmp_path / "model", "cpu")


def test_diverged(run_cli, tmp_path):
    out = tmp_path / "model"
    done = run_cli(*TRAIN, "--out", out, "--epochs", 9, "--batch-size", 8, "--learning-rate", 1e38)
    assert "lower learning rate" in complaint(done, 6)


@pytest.mark.slow
def test_interrupted(tmp_path):
    arguments = [*TRAIN, "--out", tmp_path / "model", "--minutes", 1, "--patience", 10**6]
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with start(*arguments, text=True, env=unbuffered) as process:
        try:
            while not process.stdout.readline().endswith("best\n"):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert re.fullmatch(r"gluon-seq2seq: training stopped after step \d+ and is saved.*\n", err)
    gs.load_model(tmp_path / "model", "cpu")


# translate: one line out per line in.


def test_text_file_and_standard_input_say_the_same(run_cli, saved, translator, tmp_path):
    texts = ["They are watching.", "", "She is late."]
    expected = "".join(f"{line}\n" for line in translator.translate(texts))
    assert expected.split("\n")[1] == ""
    (tmp_path / "in.txt").write_text("\n".join(texts), "utf-8")
    output = tmp_path / "out.txt"
    model = ("translate", "--model", saved)
    assert run_cli(*model, stdin="\n".join(texts)) == (0, expected, "")
    assert run_cli(*model, *texts).stdout == expected
    done = run_cli(*model, "--input", tmp_path / "in.txt", "--output", output)
    assert done == (0, "", "")
    assert output.read_bytes().decode("utf-8") == expected


def test_three_thousand_lines_in_order(run_cli, saved, translator, tiny):
    random.seed(0)
    words = tiny.src_vocab.idx_to_token[4:]
    lines = [" ".join(random.choices(words, k=random.randrange(12))) for _ in range(3000)]
    done = run_cli("translate", "--model", saved, stdin="\n".join(lines) + "\n")
    found = done.stdout.split("\n")
    assert found.pop() == ""
    assert len(found) == 3000
    assert len(set(found)) > 100, "different sentences have different translations"
    assert [not line for line in lines] == [not line for line in found]
    for i in random.sample(range(3000), 60):
        assert found[i] == translator.translate(lines[i]), lines[i]


STRANGE = [
    *(f"They are{sign}watching." for sign in "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\x00\r\t"),
    *("\u2028", "\x0b", "\x85", "\x00", " ", "\t", "\u200b"),
    *("😀", "👩\u200d🚀 is late.", "日本語", "e\u0301\u0301\u0301", "\u0301", "\U0010ffff"),
    *("<unk>", "<pad> <bos> <eos>", "<eos>", "<join>", "xyzzy plugh", "...", "'", "-"),
    *("a" * 100_000, "-".join("ab" * 500), "'" * 100, "!" * 300, "9" * 50_000),
    " ".join(["watching"] * 300),
    "They are watching.",
]


def test_strange_lines_stay_one_line_each(run_cli, saved, translator):
    done = run_cli("translate", "--model", saved, stdin="\n".join(STRANGE).encode("utf-8"))
    long = [i for i, line in enumerate(STRANGE, 1) if len(line) > 10_000]
    *told, unknown = done.stderr.splitlines()
    assert done.code == 3 and "source words are not among the model's" in unknown
    for i, line in zip(long, told):
        assert f"standard input, line {i}: more than 10,000 characters" in line
    assert len(told) == len(long) == 2
    found = done.stdout.split("\n")
    assert found.pop() == ""
    assert len(found) == len(STRANGE)
    assert found[-1] == translator.translate("They are watching.")
    for line, translation in zip(STRANGE, found):
        blank = len(line) > 10_000 or not translator.model.src_vocab.tokenizer.tokenize(line)
        assert (translation == "") == blank, line[:40]
        assert translation.split() == translation.split(" ") or blank, "plain spaces only"
        assert not {"<pad>", "<bos>", "<eos>", "<unk>"} & set(translation.split())


def test_text_with_a_line_break_is_one_sentence(run_cli, saved, translator):
    done = run_cli("translate", "--model", saved, "They are\nwatching.", "")
    assert done.stdout == f"{translator.translate('They are watching.')}\n\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_line_ends_and_bom_make_no_difference(end, run_cli, saved, translator):
    content = f"\ufeffThey are watching.{end}".encode()
    done = run_cli("translate", "--model", saved, stdin=content)
    assert done.stdout == f"{translator.translate('They are watching.')}\n"


def test_nothing_in_nothing_out(run_cli, saved):
    assert run_cli("translate", "--model", saved) == (0, "", "")


@pytest.mark.slow
def test_reader_that_leaves(saved, tmp_path):
    (tmp_path / "in.txt").write_text("They are watching.\n" * 5000)
    arguments = ["translate", "--model", saved, "--input", tmp_path / "in.txt"]
    with start(*arguments) as process:
        try:
            assert process.stdout.readline().endswith(b"\n")
            process.stdout.close()
            err = process.stderr.read()
            code = process.wait(timeout=60)
        finally:
            process.kill()
    assert (code, err) == (0, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    "descriptor, text, code", [(0, (), 3), (1, ("Hello.",), 5)], ids=["stdin", "stdout"]
)
def test_closed_standard_stream(descriptor, text, code, run_process, saved):
    arguments = ("translate", "--model", saved, *text)
    done = run_process(*arguments, stdin=None, preexec_fn=lambda: os.close(descriptor))
    complaint(done, code)


LONG = b"They are watching.\n" + b"word " * 600 + b"\nHelp me!\n"


def test_failure_leaves_the_old_output(run_cli, saved, tmp_path):
    output = tmp_path / "out.txt"
    output.write_text("old\n")
    done = run_cli(
        "translate", "--model", saved, "--output", output, "--too-long", "stop", stdin=LONG
    )
    assert "standard input, line 2: 601 tokens" in complaint(done, 3)
    assert output.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [output], "no draft stays behind"


# evaluate and doctor.


@pytest.mark.parametrize("split", ["test", "dev"])
def test_evaluate_agrees_with_sacrebleu(split, run_cli, saved, translator, tiny, tmp_path):
    file = tmp_path / "scores.json"
    done = run_cli("evaluate", "--model", saved, "--split", split, "--json", file)
    assert (done.code, done.stderr) == (0, "")
    scores = json.loads(file.read_text("utf-8"))
    examples = getattr(tiny, split)
    assert (scores["data"], scores["split"], scores["sources"]) == ("tiny", split, len(examples))
    texts = translator.translate([example.source for example in examples])
    references = [example.references[0] for example in examples]
    assert scores["bleu"] == pytest.approx(sacrebleu.corpus_bleu(texts, [references]).score)
    assert scores["chrf"] == pytest.approx(sacrebleu.corpus_chrf(texts, [references]).score)
    assert f"sacreBLEU          {scores['bleu']:6.2f}" in done.stdout


@pytest.mark.parametrize("data", [(), ("--data", "tiny")], ids=["own data", "data given"])
def test_evaluate_a_model_that_was_never_trained(data, run_cli, small_model, tmp_path):
    model = small_model()
    model.origin = None
    gs.save_model(model, tmp_path)
    done = run_cli("evaluate", "--model", tmp_path, *data)
    if data:
        assert (done.code, done.stderr) == (0, "")
    else:
        assert "--data" in complaint(done, 2)


@pytest.mark.slow
def test_doctor(run_process):
    done = run_process("doctor", env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert (done.code, done.stderr) == (0, "")
    assert "ok    mxnet         1.9.1" in done.stdout
    assert "FAIL" not in done.stdout
    assert ("unset OMP_NUM_THREADS" in done.stdout) == (gs.runtime.cores() > 1)


@pytest.mark.parametrize(
    "name, version, remedy",
    [
        ("numpy", "1.23.4", "pip install 'numpy>=1.23.5'"),
        ("numpy", "2.5.5", None),
        ("mxnet", "1.9.1+np2", None),
        ("mxnet", "1.8.0.post0", "python -m gluon_seq2seq.wheels"),
        ("d2l", "0.16.6", None),
        ("d2l", "1.0.4", "python -m gluon_seq2seq.wheels"),
        ("matplotlib", "3.10.0rc1", None),
    ],
)
def test_doctor_judges_versions(name, version, remedy, run_cli, monkeypatch):
    really = metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda asked: version if asked == name else really(asked)
    )
    done = run_cli("doctor")
    assert done.code == (5 if remedy else 0)
    assert f"{'FAIL' if remedy else 'ok  '}  {name:<14}{version}" in done.stdout
    assert remedy is None or remedy in done.stdout


def test_doctor_says_what_mxnet_is_given(run_cli, monkeypatch):
    monkeypatch.setattr(compat, "mended", lambda: ("distutils",))
    monkeypatch.setattr(compat, "installed", lambda: False)
    shown = run_cli("doctor").stdout
    assert "MXNet gets    distutils" in shown and "python -m gluon_seq2seq.compat, once" in shown
    monkeypatch.setattr(compat, "mended", lambda: ())
    assert "MXNet gets    nothing" in run_cli("doctor").stdout


@pytest.mark.parametrize("name", ["mxnet", "gluonnlp", "d2l"])
def test_a_library_that_is_not_installed(name, tmp_path, run_process):
    missing = f"raise ModuleNotFoundError('No module named {name}', name={name!r})\n"
    (tmp_path / f"{name}.py").write_text(missing)
    root = os.path.dirname(os.path.dirname(gs.__file__))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])}
    if name != "d2l":
        done = run_process("train", "--data", "tiny", "--out", tmp_path / "model", env=environment)
        wanted = f"{name} is not installed in this Python: type python -m gluon_seq2seq.wheels"
        assert wanted in complaint(done, 5)
    done = run_process("doctor", env=environment)
    assert done.code == 5 and "python -m gluon_seq2seq.wheels installs it" in done.stdout


def test_evaluate_on_a_held_out_set(run_cli, small_model, mini, tmp_path):
    gs.save_model(small_model(mini), tmp_path / "model")
    done = run_cli("evaluate", "--model", tmp_path / "model", "--data", "mini-length", "--show", 0)
    examples = gs.load_corpus("mini-length").test
    valid = sum(len(example.valid) for example in examples)
    assert f"mini-length, test: 250 sources, {valid} references" in done.stdout
    floor = gs.cross_entropy(small_model(mini), examples)["floor"]
    assert f"its floor           {floor:.3f}" in done.stdout


@pytest.mark.parametrize("name", ["cho2014", "sutskever2014", "bahdanau2015", "luong2015"])
def test_every_model_is_trained_saved_and_loaded(name, run_cli, tmp_path):
    own = ("--score", "local-p", "--input-feeding") if name == "luong2015" else ("--tied",)
    out = tmp_path / name
    done = run_cli(*TRAIN, "--out", out, "--model", name, *own, "--epochs", 1, "--drop-prob", 0)
    assert done.code == 0, done
    model = gs.load_model(out, "cpu")
    assert model.recipe["name"] == name and model.recipe["drop_prob"] == 0
    assert model.recipe["rnn"] == ("lstm" if name == "sutskever2014" else "gru")
    done = run_cli("translate", "--model", out, "--beam-size", 2, "They are watching.")
    assert (done.code, done.stdout.count("\n")) == (0, 1)


def test_an_option_of_another_model_is_named(run_cli, tmp_path):
    done = run_cli(*TRAIN, "--out", tmp_path, "--model", "bahdanau2015", "--input-feeding")
    assert "bahdanau2015 has no --input-feeding" in complaint(done, 2)


def test_n_best_lists(run_cli, saved):
    sentences = ["They are watching.", "", "I am hungry."]
    done = run_cli(
        "translate", "--model", saved, "--beam-size", 4, "--n-best", 3, "--alpha", 0.5, *sentences
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    translator = gs.Translator(gs.load_model(saved, "cpu"), beam_size=4, alpha=0.5)
    expected = [
        [str(i), f"{one.score:.4f}", f"{one.log_p:.4f}", one.text]
        for i, found in enumerate(translator.n_best(sentences, 3), 1)
        for one in found
    ]
    assert rows == expected and [row[0] for row in rows] == ["1"] * 3 + ["2"] + ["3"] * 3


def test_drawn_at_random(run_cli, saved):
    def draw(*options):
        return run_cli(
            "translate", "--model", saved, "--temperature", 2, *options, "Help me!"
        ).stdout

    assert draw() == draw() != draw("--seed", 1)


def test_evaluate_by_phenomenon(run_cli, mini, tmp_path):
    gs.save_model(gs.luong2015(mini.src_vocab, mini.tgt_vocab, 4, 4, device="cpu"), tmp_path)
    file = tmp_path / "scores.json"
    done = run_cli(
        *("evaluate", "--model", tmp_path, "--data", "mini", "--by-phenomenon"),
        *("--json", file, "--show", 0, "--device", "cpu"),
    )
    assert "  negation                            47 sentences    0.0% exact\n" in done.stdout
    scores = json.loads(file.read_text("utf-8"))
    assert ["negation", 47, 0.0] in scores["phenomena"] and 0 < scores["mass"] < 1
    assert f"alignment error    {scores['aer']:6.1%}   rate" in done.stdout


def test_by_phenomenon_on_a_corpus_that_knows_none(run_cli, saved):
    done = run_cli("evaluate", "--model", saved, "--by-phenomenon")
    assert "mini" in complaint(done, 3)


def test_output_through_a_symbolic_link(run_cli, saved, tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    assert (
        run_cli("translate", "--model", saved, "--output", tmp_path / "link.txt", "Hi.").code == 0
    )
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text("utf-8").count("\n") == 1


def test_output_into_a_pipe_leaves_it_a_pipe(run_cli, saved, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    assert run_cli("translate", "--model", saved, "--output", fifo, "Hello.").code == 0
    assert os.read(reader, 10_000).endswith(b"\n") and fifo.is_fifo()
    os.close(reader)


def test_evaluate_all_of_a_file_that_was_never_seen(run_cli, saved, tmp_path):
    lines = [f"They are {i}.\tIls sont {i}." for i in range(30)]
    (tmp_path / "new.tsv").write_text("\n".join([*lines, lines[0], "alone"]), "utf-8")
    options = ("--model", saved, "--data", tmp_path / "new.tsv", "--show", 3)
    everything = run_cli("evaluate", *options, "--split", "all").stdout
    assert "32 pairs read, 30 kept" in everything and "all: 30 sources" in everything
    assert everything.count(" -> ") == 3
    assert "test: 1 sources" in run_cli("evaluate", *options).stdout


def test_evaluate_takes_the_direction_from_the_model(run_cli, tmp_path):
    corpus = gs.load_corpus("tiny", direction="fr-en", lowercase=True)
    model = gs.book(corpus.src_vocab, corpus.tgt_vocab, 8, 8, device="cpu")
    gs.save_model(model, tmp_path / "model")
    shown = run_cli("evaluate", "--model", tmp_path / "model", "--data", "tiny").stdout
    assert "il parle. -> " in shown and "reference: he is speaking." in shown
    assert "case:lc" in shown and "case:mixed" not in shown


@pytest.mark.parametrize("missing", ["sacrebleu", "matplotlib"])
def test_a_missing_package(missing, run_cli, saved, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    done = run_cli("doctor")
    assert done.code == 5 and f"pip install '{missing}>=" in done.stdout
    if missing == "sacrebleu":
        assert "sacrebleu" in complaint(run_cli("evaluate", "--model", saved, "--data", "tiny"), 5)


@pytest.mark.parametrize(
    "error", ["AttributeError(\"no attribute 'bool'\")", "OSError('libquadmath.so.0: not found')"]
)
def test_an_mxnet_that_does_not_start(error, run_process, tmp_path):
    (tmp_path / "mxnet.py").write_text(f"raise {error}\n")
    root = os.path.dirname(os.path.dirname(gs.__file__))
    path = os.pathsep.join([str(tmp_path), root])
    done = run_process(
        "train",
        "--data",
        "tiny",
        "--out",
        tmp_path / "model",
        env={**os.environ, "PYTHONPATH": path},
    )
    assert "doctor" in complaint(done, 5)
    assert run_process("doctor", env={**os.environ, "PYTHONPATH": path}).code == 5
