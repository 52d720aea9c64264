"""``gluon-seq2seq`` and ``python -m gluon_seq2seq``: the command line, or what to type for it."""

import sys

from .errors import SystemProblem, telling_what_to_install


def main():
    """Run :func:`gluon_seq2seq.cli.main`; without the package that it is made of, say so."""
    try:
        with telling_what_to_install():
            from .cli import main as run
    except SystemProblem as problem:
        print(f"gluon-seq2seq: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
    run()


if __name__ == "__main__":
    main()
