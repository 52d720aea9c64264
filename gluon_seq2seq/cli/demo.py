"""gluon-seq2seq demo: train on the bundled sentences, and show what came of it."""

import contextlib
from pathlib import Path

import click

from ..errors import ModelError, UsageError
from ..settings import LuongSettings, TrainingSettings
from .common.options import EXIT_CODES, seed_option
from .common.words import naming_how_to_go_on, resuming

DATA = "mini-10k"
DEMO_MODEL = LuongSettings(
    bidirectional=True,
    score="scaled-dot",
    embed_size=160,
    num_hiddens=160,
    drop_prob=0.3,
    tied=True,
)
DEMO_TRAINING = TrainingSettings(
    epochs=10, minutes=10, batch_size=64, learning_rate=8e-3, patience=10
)
AIM = 0.95  # of dev exactly right
PLANNED = 90  # seconds of training on a core that does nothing else
ENOUGH = 180  # seconds after which one right answer is enough


@click.command("demo", epilog=EXIT_CODES)
@click.option(
    "--out",
    default="runs/demo",
    show_default=True,
    metavar="DIR",
    help="Write the model and its pictures into this folder.",
)
@seed_option
def command(out, seed):
    """Train on 10,000 bundled sentences, and translate.

    Training ends when its model is good, after about two minutes; a slow machine takes longer, but
    no longer than ten. If "They are watching." is wrong even then, the exit code is 4.

    Leaves the model, its learning curve, and pictures of its attention and beam search in DIR.
    """
    from .. import devices, runtime

    runtime.use_one_thread()
    from .. import Translator, bleu, load_corpus, luong2015
    from .. import train as train_model
    from ..plots.style import save_picture
    from ..training import checkpoint
    from ..translation import metrics

    if checkpoint.has_model(out) and (checkpoint.load_model(out).origin or {}).get("data") not in (
        DATA,
        "mini",
        "tiny",
    ):
        raise UsageError(f"{out} holds a model that is not the demo's: choose another --out")
    devices.tell_why_cpu()
    corpus = load_corpus(DATA)
    first, epochs = corpus.train[0], DEMO_TRAINING.epochs
    click.echo(
        f"Training luong2015 on {len(corpus.train):,} bundled sentences: {epochs} epochs, about "
        f"{PLANNED} s,\nor fewer if {AIM:.0%} of the {len(corpus.dev)} dev sentences are exactly "
        "right before ..."
    )
    runtime.seed(seed)
    model = luong2015(corpus.src_vocab, corpus.tgt_vocab, settings=DEMO_MODEL)
    translator = Translator(model)
    ending = Ending(lambda: translator.translate(first.source) in first.valid, first.source)
    with naming_how_to_go_on(out):
        history = train_model(
            model, corpus, DEMO_TRAINING, seed=seed, out=out, overwrite=True, until=ending
        )
    text, gold = translator.translate(first.source), first.gold
    links = gold.alignments[gold.references.index(text)] if text in gold.references else None
    save_picture(translator.attention_map(first.source, gold=links), Path(out, "attention.png"))
    save_picture(Translator(model, beam_size=3).beam_tree(first.source), Path(out, "beam.png"))
    seconds = history[-1]["seconds"]
    click.echo(
        f"Trained in {seconds:.0f} s; {history.best['exact']:.1%} of the dev sentences are exactly "
        f"right.\nIn {out}: the model, learning-curve.png, attention.png (where it looks while it\n"
        f"writes) and beam.png (what it weighs).\n\n{first.source} -> {text}\n\n"
        "Never seen in training:"
    )
    texts = translator.translate([example.source for example in corpus.test])
    tokenize = corpus.tgt_vocab.tokenizer.tokenize
    for example, answer in list(zip(corpus.test, texts))[:5]:
        points = max(bleu(tokenize(answer), tokenize(reference)) for reference in example.valid)
        click.echo(f"  {example.source} -> {answer}   the book's BLEU (k=2): {points:.2f}")
        more = f" / {len(example.valid) - 2} more" if len(example.valid) > 2 else ""
        click.echo(f"      valid: {' / '.join(example.valid[:2])}{more}")
    scores = metrics.score(texts, [example.valid for example in corpus.test])
    scores.update(metrics.cross_entropy(model, corpus.test))
    click.echo(
        "\nOf {:,} test sentences {exact:.1%} are exactly right, sacreBLEU {bleu:.1f}; loss "
        "{loss:.2f} nats a token,\nwith a floor of {floor:.2f}, because English does not say who "
        '"they" are.'.format(len(texts), **scores)
    )
    if text not in first.valid:
        raise ModelError(
            f"{first.source!r} is wrong after {seconds / 60:.1f} minutes and {len(history)} of "
            f"{epochs} epochs: go on with {resuming(out)} --minutes {3 * DEMO_TRAINING.minutes:g} "
            f"--epochs {2 * epochs}, or take mini-luong2015, a model that is trained"
        )


class Ending:
    """Whether the model is good enough, asked with the row of each epoch that is the best so far.

    It is if :data:`AIM` of dev are exactly right and ``right()``, and after :data:`ENOUGH` seconds
    if ``right()`` alone: whether it translates ``source``. Says once where that is to be expected.
    """

    def __init__(self, right, source):
        self.right, self.source, self.told = right, source, False

    def __call__(self, row):
        expected = row["seconds"] / row["epoch"] * DEMO_TRAINING.epochs
        if expected > 1.5 * PLANNED and not self.told:
            self.told = True
            say(
                f"This machine is slower than planned: all epochs take about {expected / 60:.1f} "
                f"minutes here. After\n{ENOUGH / 60:g} minutes a right answer to {self.source!r} "
                f"is enough; the limit is {DEMO_TRAINING.minutes:g} minutes."
            )
        return (row["exact"] >= AIM or row["seconds"] > ENOUGH) and self.right()


def say(lines):
    """Print ``lines`` above the bar of the training that goes on."""
    from tqdm.auto import tqdm

    with contextlib.suppress(BrokenPipeError):  # a reader that leaves stops no training
        tqdm.write(lines)
