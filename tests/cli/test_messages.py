"""What the command line says: helps are sentences, and errors name its own options."""

import ast
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from helpers import complaint

import gluon_seq2seq as gs
from gluon_seq2seq import limits
from gluon_seq2seq.cli import cli
from gluon_seq2seq.cli.common.words import in_options, options_of

# Of imperatives: a clause such as "How many words" says nothing of what is done.
VERBS = re.findall(
    r"\w+",
    """
    Add Begin Check Compute Count Cut Draw Evaluate Feed Give Go Grade Group Hide
    Keep Label Learn Leave Let Look Lower Offer Open Outline Pool Print Rank Read
    Replace Round Score Serve Show Spread Stack Start Stop Take Tie Train Translate Use Wait Write
    """,
)


def commands(command=cli, words=()):
    """``(words, command)`` of the command line, its commands and theirs."""
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


def options(command):
    """The options of a command, those of its settings among them."""
    found = command.get_params(click.Context(command, **cli.context_settings))
    return [one for one in found if isinstance(one, click.Option) and "--help" not in one.opts]


EVERY = dict(commands())
every_command = pytest.mark.parametrize("words", EVERY, ids=" ".join)


def is_sentence(text):
    """Whether ``text`` begins with a verb and has words up to a full stop, a bracket at its end
    aside."""
    text = re.sub(r"  \[[^]]*\]$", "", text)
    words = text.split()
    return (
        words[0] in VERBS and len(words) > 3 and re.fullmatch(r"[^.!?].*[^.]\.", text) is not None
    )


@every_command
def test_every_help_is_a_sentence(words):
    command = EVERY[words]
    first = command.help.split("\n\n")[0].replace("\n", " ")
    assert is_sentence(first), first
    for option in options(command):
        assert is_sentence(option.help), f"{option.opts[0]}: {option.help}"


@pytest.mark.parametrize(
    "text",
    [
        *("Where the graphs are written.", "How many tokens a sentence may have."),
        *("Which file to translate.", "Whether the encoder reads both ways.", "What to group by."),
        *(
            "Of the page.",
            "1 is greedy search, more is beam search.",
            "Dropout.",
            "Train it.",
            "How",
        ),
    ],
)
def test_what_is_no_sentence(text):
    assert not is_sentence(text)


@every_command
def test_every_help_fits_into_a_terminal(words):
    shown = CliRunner().invoke(cli, [*words, "--help"], terminal_width=78)  # of a terminal of 80
    assert shown.exit_code == 0
    assert not [line for line in shown.output.splitlines() if len(line) > 80]
    assert "..." not in shown.output.partition("\nCommands:")[2], "a command is cut short"


@every_command
def test_every_default_is_said(words):
    for option in options(EVERY[words]):
        if not option.is_flag or option.secondary_opts:
            nothing = option.name in ("target", "json_file", "attention")  # is done without it
            said = option.show_default or option.required or option.help.endswith("]")
            assert said or nothing, option.opts[0]


# Errors.


def test_the_library_names_no_options():
    """But for template.py, which is exported as a program with options of its own."""
    names = {name for command in EVERY.values() for one in options(command) for name in one.opts}
    folder = Path(gs.__file__).parent
    for path in folder.rglob("*.py"):
        if "cli" in path.relative_to(folder).parts or path.name == "template.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = names & set(re.findall(r"--[a-z][a-z-]*", node.value))
                assert not found, f"{path.relative_to(folder)}: {node.value}"


@pytest.mark.parametrize(
    "command, message, said",
    [
        ("train", "batch_size is 0: use 1 or more", "--batch-size is 0: use 1 or more"),
        ("train", "window is 0: use 1 or more", "--window is 0: use 1 or more"),
        ("train", "x: batch_size is 4; seed is 9", "x: --batch-size is 4; --seed is 9"),
        (
            "train",
            "choose another folder, or overwrite=True",
            "choose another folder, or --overwrite",
        ),
        ("train", "leave out strict=True", "leave out --strict"),
        ("train", "use data='tiny', or data=PATH of it", "use --data tiny, or --data PATH of it"),
        ("train", "a.tsv: no such file; data takes tiny", "a.tsv: no such file; --data takes tiny"),
        ("train", "shared_subwords needs subwords=...", "--shared-subwords needs --subwords"),
        ("evaluate", "give data=...", "give --data"),
        ("export", "use format='symbol'", "use --format symbol"),
        ("serve", "choose another port=...", "choose another --port"),
        ("plot beam", "beam_size is 0", "--beam-size is 0"),
        # Of another command, in a name, in quotes, or a word like others.
        ("translate", "max_length is 0", "max_length is 0"),
        ("train", "a/batch_size.tsv, my_batch_size", "a/batch_size.tsv, my_batch_size"),
        ("train", "unknown rnn 'max_length'", "unknown rnn 'max_length'"),
        ("train", "the window is out of reach", "the window is out of reach"),
    ],
)
def test_the_command_line_names_its_options(command, message, said):
    assert in_options(message, options_of(cli, command.split())) == said


def test_errors_as_they_are_said(run_cli, small_model, tmp_path):
    model = small_model()
    gs.save_model(model, tmp_path / "model")
    (tmp_path / "bad.tsv").write_text("I see.\tJe vois.\nalone\n")
    train = ("train", "--embed-size", 8, "--num-hiddens", 8, "--out")
    new = tmp_path / "new"
    for code, said, *arguments in (
        (2, "or --overwrite", *train, tmp_path / "model", "--data", "tiny"),
        (3, "leave out --strict", *train, new, "--data", tmp_path / "bad.tsv", "--strict"),
        (3, "--data takes tiny, mini", *train, new, "--data", tmp_path / "none.tsv"),
        (2, "needs --subwords, the number", *train, new, "--data", "tiny", "--shared-subwords"),
    ):
        assert said in complaint(run_cli(*arguments), code)


def test_out_of_memory(run_cli, small_model, tmp_path, monkeypatch):
    def no_memory(*_):
        raise MemoryError

    gs.save_model(small_model(), tmp_path / "model")
    monkeypatch.setattr(gs.Translator, "n_best", no_memory)
    done = run_cli("translate", "--model", tmp_path / "model", "Hello.")
    assert "out of memory: use a smaller --batch-size; " in complaint(done, 5)
    monkeypatch.setattr(limits, "memory", lambda: 0)
    sizes = "--batch-size, --max-length, --num-hiddens, --embed-size or --max-vocab"
    done = run_cli("train", "--data", "tiny", "--out", tmp_path / "new")
    assert f"use a smaller {sizes}" in complaint(done, 5)
