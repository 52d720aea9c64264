"""Options that several commands share, and when the program started."""

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
    help="How many hypotheses beam search keeps at every step; 1 is greedy search.",
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
