"""Words that a model does not know: ``python -m benchmarks.unknown`` prints Markdown tables.

Of the models of mini that come along, and of luong2015 trained with ``unknown_words`` and three
seeds; with ``--model DIR --data FILE`` of another model, on the sentences of its test split that
have an unknown word and on the others. Sets of mini: *unknown*, a word that is translated; its
control, without one; *names*, sentences of test, dev and the control with their only name, or
*two* and *three*, replaced by one that the model does not know, in source and references alike. A
table is learned from other sentences: of *unknown* from each half for the other, else from training
pairs. *Kept* is the share of the names and numbers of a source (words with a digit, or a capital
past the beginning) that a reference has too and that the translation has.
"""

import argparse
import re
import statistics
import sys
from pathlib import Path

NAMES = {  # a name of mini -> another that elides, or does not, as it does
    **{"Marie": "Brunhilde", "Julie": "Griselda", "Paul": "Zoltan", "Marc": "Ruprecht"},
    "Anne": "Ottilie",
}
NUMBERS = {"two": "17", "three": "1984", "deux": "17", "trois": "1984"}
HOWS = "never", "mark", "omit", "copy", "copy, table"
SEEDS = 0, 1, 2
SIZES = {"embed_size": 256, "num_hiddens": 128, "drop_prob": 0.3, "score": "concat"}
TRAINING = {"epochs": 8, "batch_size": 64, "unknown_words": 0.15, "quiet": True}


def replaced(text, names):
    """``text`` with each word that ``names`` has replaced."""
    return re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[0]], text)


def with_unknown_names(examples):
    """``(source, references)`` of examples that have just one of the names, or a number."""
    found = []
    for example in examples:
        for names in NAMES, NUMBERS:
            words = re.findall(rf"\b({'|'.join(names)})\b", example.source)
            counts = [len(re.findall(rf"\b({'|'.join(names)})\b", r)) for r in example.valid]
            if len(words) == 1 and set(counts) == {1}:
                valid = [replaced(reference, names) for reference in example.valid]
                found.append((replaced(example.source, names), valid))
    return found


def kept(source, valid, text, tokenizers):
    """``(how many names and numbers of source a reference has, how many of them text has)``."""
    read, write = tokenizers
    first, *others = [word for word, _ in read.words(read.tokenize(source))]
    names = [word for word in others if word[0].isupper()]
    names += [word for word in (first, *others) if any(map(str.isdigit, word))]
    names = [name for name in names if any(name in write.tokenize(one) for one in valid)]
    return len(names), sum(name in text for name in names)


def scored(texts, rows, tokenizers):
    """BLEU, chrF, exact % and kept % of ``texts`` for ``rows``."""
    import gluon_seq2seq as gs

    scores = gs.score(texts, [valid for _, valid in rows])
    counts = [kept(*row, text, tokenizers) for row, text in zip(rows, texts)]
    names, found = map(sum, zip(*counts))
    share = 100 * found / names if names else None
    return scores["bleu"], scores["chrf"], 100 * scores["exact"], share


def measure(model, rows, sets, parts):
    """``{set: {how: scores}}`` of ``rows``, ``(source, references)``; ``sets``: ``{name: numbers of
    its rows}``; ``parts``: ``(numbers of rows, their table)``."""
    import gluon_seq2seq as gs

    tokenizers = model.src_vocab.tokenizer, model.tgt_vocab.tokenizer
    results = {name: {} for name in sets}
    for how in HOWS:
        texts = {}
        for numbers, table in parts:
            table = table if "table" in how else None
            translator = gs.Translator(model, unknown=how.split(",")[0], phrase_table=table)
            found = translator.translate([rows[i][0] for i in numbers])
            texts.update(zip(numbers, found))
        for name, numbers in sets.items():
            chosen = [rows[i] for i in numbers]
            results[name][how] = scored([texts[i] for i in numbers], chosen, tokenizers)
            print(name, len(chosen), how, results[name][how], file=sys.stderr)
    return results


def table_of(model, pairs):
    import gluon_seq2seq as gs

    return {one.source: one.target for one in gs.learn_phrases(model, pairs)}


def of_mini(model):
    """:func:`measure` of a model of mini."""
    import gluon_seq2seq as gs

    unknown, control = (
        gs.load_corpus(name).test for name in ("mini-unknown", "mini-unknown-control")
    )
    known = gs.load_corpus("mini")
    rows, sets = [], {}
    for name, some in {
        "unknown": [(one.source, one.valid) for one in unknown],
        "its control": [(one.source, one.valid) for one in control],
        "names": with_unknown_names(known.test + known.dev + control),
    }.items():
        sets[name] = range(len(rows), len(rows) + len(some))
        rows += some
    half = len(unknown) // 2
    first, second, others = range(half), range(half, len(unknown)), range(len(unknown), len(rows))
    learned = [
        table_of(model, [(rows[i][0], rows[i][1][0]) for i in part]) for part in (first, second)
    ]
    return measure(model, rows, sets, [(first, learned[1]), (second, learned[0]), (others, {})])


def of_data(model, data):
    """:func:`measure` of the test split of ``data``."""
    import gluon_seq2seq as gs
    from gluon_seq2seq.corpus.examples import pairs_of

    corpus = gs.load_corpus(**model.corpus_settings(data, None, None))
    rows, vocab = [(one.source, one.valid) for one in corpus.test], model.src_vocab
    sets = {"with an unknown word": [], "the others": []}
    for i, (source, _) in enumerate(rows):
        unknown = vocab.unknown(vocab.tokenizer.tokenize(source))
        sets["with an unknown word" if unknown else "the others"].append(i)
    sets["all"] = range(len(rows))
    table = table_of(model, pairs_of(corpus.train))
    print(f"{len(table):,} words in the table", file=sys.stderr)
    return measure(model, rows, sets, [(range(len(rows)), table)])


def trained(seed):
    """A model of mini-10k that has learned to copy."""
    import gluon_seq2seq as gs

    corpus = gs.load_corpus("mini-10k")
    gs.seed(seed)
    model = gs.luong2015(corpus.src_vocab, corpus.tgt_vocab, **SIZES, device="cpu")
    gs.train(model, corpus, seed=seed, **TRAINING)
    return model


def cell(values):
    """The mean of a figure over seeds, and half its range where there are several."""
    if values[0] is None:
        return "–"
    mean, spread = statistics.mean(values), (max(values) - min(values)) / 2
    return f"{mean:.1f} ±{spread:.1f}" if len(values) > 1 else f"{mean:.1f}"


def show(label, results):
    """Rows of a table of several runs of :func:`measure`."""
    for name in results[0]:
        for how in results[0][name]:
            runs = zip(*(result[name][how] for result in results))
            print(f"| {label} | {name} | {how} | {' | '.join(map(cell, runs))} |", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unknown")
    parser.add_argument("--model", type=Path, help="Measure this model, not those of mini.")
    parser.add_argument("--data", help="Take the sentences from here, as evaluate does.")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="Train so many models (3).")
    args = parser.parse_args()
    import gluon_seq2seq as gs

    print("| model | sentences | --unknown | sacreBLEU | chrF | exact % | kept % |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: |")
    if args.model:
        show(args.model.name, [of_data(gs.load_model(args.model, "cpu"), args.data)])
        return
    for name in "mini-luong2015", "mini-bahdanau2015":
        show(name, [of_mini(gs.load_model(name, "cpu"))])
    models = [trained(seed) for seed in SEEDS[: args.seeds]]
    if models:
        show("luong2015, unknown_words 0.15", list(map(of_mini, models)))


if __name__ == "__main__":
    main()
