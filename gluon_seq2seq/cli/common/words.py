"""The words of the command line: its exit codes, and its options in the library's messages."""

import re
import shlex
from contextlib import contextmanager

import click

from ...training.signals import GO_ON, Interrupted

EXIT_CODES = """\b
Exit codes:
  0 ok   2 usage   3 data   4 model   5 environment (packages, device,
  disk, network)   6 training diverged   130 interrupted   143 terminated
  129 hung up"""
# What arguments of Python look like in a message; other words of their letters are left alone.
FORMS = re.compile(
    r"""(?<![\w./='"-])(?:
        (?P<given>[a-z]\w*)=(?P<value>'[^']*'|[\w.]+)          # data='tiny', data=...
      | (?P<long>[a-z]+(?:_[a-z]+)+)(?![\w/='"-]|\.\w)          # batch_size
      | (?:(?<![^ ])(?<![^:;]\ )(?P<first>[a-z]+)(?=\ (?:is|takes|needs)\b))  # window is 0
    )""",
    re.VERBOSE,
)


@contextmanager
def naming_how_to_go_on(out, launch=""):
    """Let an :class:`Interrupted` of the training in ``out`` name the command that goes on with it;
    ``launch``: the words before ``train``, where several processes do it."""
    try:
        yield
    except Interrupted as stopped:
        command = resuming(out, launch)
        stopped.args = (str(stopped).replace(GO_ON, f"go on with: {command}"),)
        raise


def resuming(out, launch=""):
    """The command that goes on with the training in ``out``, for a shell."""
    return f"gluon-seq2seq {launch}train --resume --out {shlex.quote(str(out))}"


def options_of(command, words):
    """``{argument: option}`` of the command, of ``command`` or below it, that ``words`` call."""
    context = click.Context(command, **command.context_settings)
    for word in words:
        if not isinstance(command, click.Group) or word not in command.commands:
            break
        command = command.commands[word]
        context = click.Context(command, context, **command.context_settings)
    parameters = command.get_params(context)
    named = (name for one in parameters for name in one.opts)
    return {
        **{one.name: one.metavar for one in parameters if isinstance(one, click.Argument)},
        **{name[2:].replace("-", "_"): name for name in named if name.startswith("--")},
    }


def in_options(message, options):
    """The library's ``message`` in the command line's words: --overwrite for ``overwrite=True``.

    ``options``: what :func:`options_of` has found. Arguments are told by their form:
    ``batch_size``, ``data='tiny'``, ``data=...``, ``overwrite=True``, and where a clause begins
    ``window is 0``.
    """

    def option(found):
        name = found["given"] or found["long"] or found["first"]
        if name not in options:
            return found[0]
        value = (found["value"] or "...").strip("'")
        return options[name] if value in ("...", "True") else f"{options[name]} {value}"

    return FORMS.sub(option, message)
