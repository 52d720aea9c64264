"""Options that several commands share, and when the program started."""

import time
from functools import partial

STARTED = time.monotonic()  # before the slow imports: --minutes counts everything

import click  # noqa: E402

from ...corpus import SPLITS  # noqa: E402
from ...settings import PAPERS, TrainingSettings  # noqa: E402
from ...settings.fields import settings_of  # noqa: E402
from .words import EXIT_CODES  # noqa: E402, F401  which each command shows with its options

DATA_HELP = (
    "Take the sentence pairs from here: mini, mini-10k, mini-length or another held-out set, tiny, "
    "tatoeba, a file of source<TAB>target lines, CSV, JSON, TMX, XLIFF, PO, Excel or another "
    "format of docs/formats.md, packed or not, or a folder with train.tsv, dev.tsv and test.tsv."
)
A_MODEL = (
    "a folder that train, demo or export wrote, or mini-book, mini-bahdanau2015 or "
    "mini-luong2015, which come along."
)
DEVICE_HELP = (
    "Compute on this device: auto (a GPU that MXNet can use, else the CPU), cpu, gpu or gpu:1."
)
COUNT = click.IntRange(min=1)
POSITIVE = click.FloatRange(min=0, min_open=True)


def option(one, default=None):
    """The option for a :class:`~.settings.fields.Setting`: its name, help, range and default.

    ``default``: another one, of the command. Where the papers differ in theirs, each is named.
    """
    name = f"--{one.name.replace('_', '-')}"
    if one.kind is bool:
        kind = {"is_flag": True}
        off = one.off or (one.default and f"no-{name[2:]}")
        name += f"/--{off}" if off else ""
    elif one.kind is str:
        kind = {}
    else:
        kind = {"type": {int: click.IntRange, float: click.FloatRange}[one.kind](**one.limits)}
    default = one.default if default is None else default
    shown = _of_papers(one) or one.shown or (one.kind is not bool or "/" in name)
    return click.Option([name], default=default, show_default=shown, help=one.help, **kind)


def _of_papers(one):
    """What the papers say of a setting, where they differ: "gru, for sutskever2014 lstm"."""
    own = {name: getattr(paper, one.name, one.default) for name, paper in PAPERS.items()}
    others = [name for name, value in own.items() if value != one.default]
    if not others:
        return None
    if one.kind is bool:
        return f"only for {' and '.join(others)}"
    return ", ".join([str(one.default), *(f"for {name} {own[name]}" for name in others)])


def settings_options(kind, *names, **defaults):
    """A decorator: an option for each field of the class ``kind``, or of those with ``names``.

    ``defaults``: the command's own ones.
    """

    def decorate(function):
        chosen = [one for one in settings_of(kind) if one.name in (names or [one.name])]
        options = [option(one, defaults.get(one.name)) for one in chosen]
        function.__click_params__ = [*getattr(function, "__click_params__", []), *options[::-1]]
        return function

    return decorate


def _pair(context, parameter, value):
    """``--columns 2,4`` as ``(2, 4)``; names stay names."""
    if value is None:
        return None
    names = [name.strip() for name in value.split(",")]
    return [int(name) if name.isascii() and name.isdigit() else name for name in names]


target_option = click.option(
    "--target",
    metavar="FILE",
    help="Take the translations from this file, if --data is one of source sentences alone.",
)
columns_option = click.option(
    "--columns",
    metavar="SOURCE,TARGET",
    callback=_pair,
    help="Take the sentences from these columns of a table: two numbers from 1, or two names of "
    "its header.",
    show_default="the first two, or what the format says",
)
LANGUAGE_OPTIONS = [
    click.option(
        f"--{side}-lang",
        metavar="CODE",
        help=f"Translate {way} this language, a code of ISO 639-1, such as zh or de.",
        show_default=default,
    )
    for side, way, default in (("source", "from", "en"), ("target", "to", "fr"))
] + [
    click.option(
        "--direction",
        metavar="en-fr|fr-en",
        help="Translate between English and French, in this direction; English is in the first "
        "column in both.",
        show_default="en-fr, where no languages are given",
    ),
]
CORPUS_OPTIONS = [
    target_option,
    *LANGUAGE_OPTIONS,
    columns_option,
    click.option("--lowercase", is_flag=True, help="Lower the case of both sides."),
    click.option(
        "--strict",
        is_flag=True,
        help="Stop at the first line that is no pair of sentences, where it would be left out or "
        "mended, and at what is doubtful, where it would be said.",
    ),
    click.option(
        "--max-length",
        type=COUNT,
        default=50,
        show_default=True,
        help="Leave out pairs with a side longer than this many tokens.",
    ),
    click.option(
        "--max-vocab",
        type=COUNT,
        default=8000,
        show_default=True,
        help="Keep this many words of each side at most, the most frequent ones.",
    ),
    click.option(
        "--min-freq",
        type=COUNT,
        help="Keep only words that occur this many times.",
        show_default="2, up to 10,000 pairs 1",
    ),
    click.option(
        "--subwords",
        type=COUNT,
        help="Cut the words of each side into this many different pieces at most.",
        show_default="whole words",
    ),
    click.option("--shared-subwords", is_flag=True, help="Cut both sides into the same pieces."),
]


def corpus_options(function):
    """A decorator: an option for each argument of ``load_corpus`` but ``data``."""
    return _with(CORPUS_OPTIONS, function)


def language_options(function):
    """A decorator: the options that say which languages are meant."""
    return _with(LANGUAGE_OPTIONS, function)


def _with(options, function):
    for one in reversed(options):
        function = one(function)
    return function


seed_option = settings_options(TrainingSettings, "seed")
device_option = click.option("--device", default="auto", show_default=True, help=DEVICE_HELP)
model_option = click.option(
    "--model",
    "folder",
    required=True,
    metavar="DIR",
    help=f"Use this model: {A_MODEL}",
)
data_option = click.option(
    "--data",
    metavar="SPEC",
    help=DATA_HELP,
    show_default="what the model was trained on, if not files",
)


def pairs_options(deed, split):
    """A decorator: the options that say which pairs a command takes, if none is given those of
    ``split``; ``deed``: what it does with them, "Learn from"."""
    which = click.option(
        "--split",
        default=split,
        show_default=True,
        type=click.Choice([*SPLITS, "all"]),
        help=f"{deed} this split, or all.",
    )
    return partial(_with, [data_option, target_option, columns_option, which])


def output_option(what):
    """The option for where a command writes ``what``, if not to standard output."""
    return click.option(
        "--output",
        metavar="FILE",
        help=f"Write the {what} to this file; - is standard output.",
        show_default="standard output",
    )


def lang_option(deed):
    """The option for the language that people read."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        default="en",
        show_default=True,
        help=f"{deed} in English or in Chinese.",
    )


pair_batch_option = click.option(
    "--batch-size",
    type=COUNT,
    default=64,
    show_default=True,
    help="Compute this many pairs at a time.",
)
verbose_option = click.option(
    "--verbose", is_flag=True, help="Show which source words of each line the model does not know."
)


class Alignment(click.ParamType):
    """pharaoh, which is also called hard, soft, or a number from 0 to below 1."""

    name = "KIND"

    def convert(self, value, param, ctx):
        if value in ("pharaoh", "hard", "soft"):
            return value.replace("hard", "pharaoh")
        try:
            if 0 <= float(value) < 1:
                return float(value)
        except ValueError:
            pass
        return self.fail(f"{value!r} is not pharaoh, soft, or a number from 0 to below 1")


alignment_option = click.option(
    "--alignment",
    type=Alignment(),
    help="Write which source word each word was written from, by attention: pharaoh, links i-j "
    "counted from 0 to the word with most of it; a number, to all words with more than that; "
    "soft, a weight for each word.",
    show_default="none",
)

phrase_table_option = click.option(
    "--phrase-table",
    metavar="FILE",
    help="Look up what would be copied in this file of lines SOURCE<TAB>TARGET, such as phrases "
    "writes.",
    show_default="none",
)
