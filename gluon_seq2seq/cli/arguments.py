"""The library's messages in the command line's words: ``overwrite=True`` becomes --overwrite."""

import re

import click

# What arguments of Python look like in a message; other words of their letters are left alone.
FORMS = re.compile(
    r"""(?<![\w./='"-])(?:
        (?P<given>[a-z]\w*)=(?P<value>'[^']*'|[\w.]+)          # data='tiny', data=...
      | (?P<long>[a-z]+(?:_[a-z]+)+)(?![\w/='"-]|\.\w)          # batch_size
      | (?:(?<![^ ])(?<![^:;]\ )(?P<first>[a-z]+)(?=\ (?:is|takes|needs)\b))  # window is 0
    )""",
    re.VERBOSE,
)


def options_of(command, words):
    """``{argument: option}`` of the command, of ``command`` or below it, that ``words`` call."""
    for word in words:
        if not isinstance(command, click.Group) or word not in command.commands:
            break
        command = command.commands[word]
    named = (name for parameter in command.params for name in parameter.opts)
    return {name[2:].replace("-", "_"): name for name in named if name.startswith("--")}


def in_options(message, options):
    """``message`` with the options of a command, as :func:`options_of` has them, for arguments.

    Told by their form: ``batch_size``, ``data='tiny'``, ``data=...``, ``overwrite=True``, and
    where a clause begins ``window is 0``.
    """

    def option(found):
        name = found["given"] or found["long"] or found["first"]
        if name not in options:
            return found[0]
        value = (found["value"] or "...").strip("'")
        return options[name] if value in ("...", "True") else f"{options[name]} {value}"

    return FORMS.sub(option, message)
