"""What docs/serving.md shows does what it says."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from conftest import blocks

from gluon_seq2seq.cli.serve import command
from gluon_seq2seq.serving import app, batching, guard, server
from gluon_seq2seq.serving.asked import Limits, Translate
from gluon_seq2seq.settings.fields import settings_of
from serving.inprocess import serving

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"
TEXT = " ".join(PAGE.read_text("utf-8").split())
ADDRESS = "http://127.0.0.1:8866"
PASSWORD = "they are watching"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_of_curl(worker):
    lines = (
        "".join(code for _, code in blocks(PAGE, "sh")).replace("\ncurl", "\n\0curl").split("\0")
    )
    asked = [one for one in lines if one.startswith("curl")]
    assert len(asked) == 6
    with serving(worker) as free, serving(worker, password=PASSWORD) as closed:
        found = []
        for one in asked:
            served = closed if "PASSWORD" in one else free
            one = one.replace(ADDRESS, served.address).replace("curl", "curl -s --fail")
            done = subprocess.run(
                ["bash", "-euc", one],
                capture_output=True,
                env={**os.environ, "GLUON_SEQ2SEQ_PASSWORD": PASSWORD},
                timeout=60,
                check=True,
            )
            found.append(json.loads(done.stdout))
    translated, searched, models, health, *behind = found
    first, second = translated["results"]
    assert first["n_best"][0]["text"] == "Ils regardent." and len(first["n_best"]) == 3
    assert [one["word"] for one in second["unknown"]] == ["sentinel"]
    for field in {*first, *first["n_best"][0], *second["unknown"][0]}:
        assert f"`{field}`" in TEXT
    assert searched["steps"] and health["status"] == "ok" and behind == [models, models]


def test_the_program(served, capsys):
    ((_, code),) = blocks(PAGE, "python")
    exec(code.replace(ADDRESS, served.address), {})
    assert capsys.readouterr().out == "Ils regardent.\nIl est vieux.\n"


def test_the_options_exist():
    said = {option for _, code in blocks(PAGE, "sh") for option in re.findall(r" (--[\w-]+)", code)}
    known = {option for one in command.params for option in one.opts}
    assert said and said <= known
    (password,) = (one for one in command.params if one.name == "password")
    assert isinstance(password, click.Option) and f"export {password.envvar}=" in PAGE.read_text()


def test_the_limits_are_those_that_are_kept():
    limits = Limits()
    beam, alpha = (one.limits for one in settings_of(Translate)[:2])
    for said in (
        f"beam {beam['min']} to {beam['max']}, n_best up to the beam, alpha {alpha['min']} to "
        f"{alpha['max']}",
        f"more than {limits.sentences} sentences; attention of more than {limits.attention} tr",
        f"took more than {app.BODY_SECONDS:g} seconds, has more than {limits.body:,} bytes",
        f"more than {limits.waiting:,} sentences wait, no answer within {limits.seconds:g} seconds",
        f"more than {limits.characters:,} characters",
        f"of more than {limits.tokens} tokens",
        f"within {server.SILENT:g} seconds is closed, and there are {server.CONNECTIONS} at most",
    ):
        assert said in TEXT, said
    assert round(1 / guard.WRONG) == 3 and server.SHORTEST == 8 and batching.MOMENT < 0.01
