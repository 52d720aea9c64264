"""Options that several commands share, their names in messages, and when the program started."""

import re
import time

STARTED = time.monotonic()  # before the slow imports: --minutes counts everything

import click  # noqa: E402

EXIT_CODES = """\b
Exit codes:
  0 ok   2 usage   3 data   4 model   5 environment (packages, device,
  disk, network)   6 training diverged   130 interrupted   143 terminated"""
DATA_HELP = (
    "Where the sentence pairs are: mini, mini-10k, mini-length or another held-out set, tiny, "
    "tatoeba, a .tsv, .txt, .gz or .zip file of English<TAB>French lines, or a folder with "
    "train.tsv, dev.tsv and test.tsv."
)
TARGET_HELP = "Which file has the French lines, if --data is a file of English ones."
DEVICE_HELP = "Where to compute: auto (a GPU if there is one), cpu, gpu or gpu:1."
COUNT = click.IntRange(min=1)
POSITIVE = click.FloatRange(min=0, min_open=True)

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Which random numbers are drawn: the same seed gives the same result.",
)
device_option = click.option("--device", default="auto", show_default=True, help=DEVICE_HELP)
model_option = click.option(
    "--model",
    "folder",
    required=True,
    metavar="DIR",
    help="Which model to use: a folder that train or demo wrote, or mini-book, "
    "mini-bahdanau2015 or mini-luong2015, which come along.",
)
beam_size_option = click.option(
    "--beam-size",
    type=COUNT,
    default=1,
    show_default=True,
    help="Keep so many hypotheses at every step of beam search, at most 1,000; 1 is greedy search.",
)
alpha_option = click.option(
    "--alpha",
    type=click.FloatRange(min=0),
    default=0.75,
    show_default=True,
    help="How much beam search favours length: it ranks by log P / length ** alpha.",
)
batch_size_option = click.option(
    "--batch-size",
    type=COUNT,
    default=256,
    show_default=True,
    help="How many sentences are translated at a time.",
)
data_option = click.option(
    "--data", metavar="SPEC", help=DATA_HELP, show_default="what the model was trained on"
)

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
