"""gluon-seq2seq demo: train on the bundled sentences, and show what came of it."""

from dataclasses import replace
from pathlib import Path

import click

from ..errors import UsageError
from ..settings import PAPERS, TrainingSettings
from .common.options import EXIT_CODES, seed_option

DEMO_MODEL = replace(PAPERS["bahdanau2015"], num_hiddens=128, drop_prob=0.4)
DEMO_TRAINING = TrainingSettings(epochs=12, minutes=1.5, batch_size=32)


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
    """Train on the bundled mini for two minutes, then translate.

    Leaves the model, its learning curve, and pictures of its attention and beam search in DIR.
    """
    from .. import devices, runtime

    runtime.use_one_thread()
    from .. import Translator, bahdanau2015, bleu, load_corpus
    from .. import train as train_model
    from ..plots.style import save_picture
    from ..training import checkpoint
    from ..translation import metrics

    if checkpoint.has_model(out) and (checkpoint.load_model(out).origin or {}).get("data") not in (
        "mini",
        "tiny",
    ):
        raise UsageError(f"{out} holds a model that is not the demo's: choose another --out")
    devices.tell_why_cpu()
    corpus = load_corpus("mini")
    click.echo(f"Training bahdanau2015 on {len(corpus.train):,} bundled sentences ...")
    runtime.seed(seed)
    model = bahdanau2015(corpus.src_vocab, corpus.tgt_vocab, settings=DEMO_MODEL)
    history = train_model(model, corpus, DEMO_TRAINING, seed=seed, out=out, overwrite=True)
    translator, first = Translator(model), corpus.train[0]
    text, gold = translator.translate(first.source), first.gold
    links = gold.alignments[gold.references.index(text)] if text in gold.references else None
    save_picture(translator.attention_map(first.source, gold=links), Path(out, "attention.png"))
    save_picture(Translator(model, beam_size=3).beam_tree(first.source), Path(out, "beam.png"))
    click.echo(
        f"Trained in {history[-1]['seconds']:.0f} s. In {out}: the model, learning-curve.png,\n"
        "attention.png (where it looks while it writes) and beam.png (what it weighs).\n\n"
        f"{first.source} -> {text}\n\nNever seen in training:"
    )
    texts = translator.translate([example.source for example in corpus.test])
    tokenize = corpus.tgt_vocab.tokenizer.tokenize
    for example, text in list(zip(corpus.test, texts))[:5]:
        points = max(bleu(tokenize(text), tokenize(reference)) for reference in example.valid)
        click.echo(f"  {example.source} -> {text}   the book's BLEU (k=2): {points:.2f}")
        more = f" / {len(example.valid) - 2} more" if len(example.valid) > 2 else ""
        click.echo(f"      valid: {' / '.join(example.valid[:2])}{more}")
    scores = metrics.score(texts, [example.valid for example in corpus.test])
    scores.update(metrics.cross_entropy(model, corpus.test))
    click.echo(
        "\nOf {:,} test sentences {exact:.1%} are exactly right, sacreBLEU {bleu:.1f}; loss "
        "{loss:.2f} nats a token,\nwith a floor of {floor:.2f}, because English does not say who "
        '"they" are.'.format(len(texts), **scores)
    )
