"""python -m tools.grammar --out data/mini: writes the bundled corpus anew."""

import sys
from pathlib import Path

import click

from gluon_seq2seq.errors import Seq2SeqError, SystemProblem

from . import mini


@click.command()
@click.option("--out", required=True, metavar="DIR", help="Where the files are written.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Which random numbers are drawn: the same seed gives the same bytes.",
)
def main(out, seed):
    """Write the corpus mini anew, sentences and all that is known of them."""
    try:
        Path(out).mkdir(parents=True, exist_ok=True)  # before the work, not after it
        sets = mini.build(seed)
        mini.write(sets, Path(out))
    except Seq2SeqError as error:
        _fail(error, error.exit_code)
    except OSError as error:
        _fail(f"cannot write {out}: {error.strerror}", SystemProblem.exit_code)
    total = sum(map(len, sets.values()))
    click.echo(f"{total:,} pairs in {len(sets)} sets written to {out}")


def _fail(message, code):
    click.echo(f"tools.grammar: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main(prog_name="python -m tools.grammar")
