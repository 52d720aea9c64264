"""The page of results: what ``python -m benchmarks`` measured, as Markdown."""

import statistics

BEGIN, END = "<!-- written by make bench -->", "<!-- end -->"
TITLES = {
    "training": "Training",
    "translation": "Translation",
    "bleu": "Time to BLEU",
    "roofline": "Roofline",
    "scaling": "Scaling",
    "busy": "Threads",
    "start": "Start",
}


def table(head, rows):
    """A Markdown table; the first column is text, the others are numbers, flush right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def spread(values, form=",.0f"):
    """The median of the rounds, and the least and the largest: "4,181 (4,007–4,240)"."""
    median, low, high = (
        f"{value:{form}}" for value in (statistics.median(values), min(values), max(values))
    )
    return median if len(values) == 1 else f"{median} ({low}–{high})"


def speeds(head, found, ratios, form=",.0f"):
    """Speeds as a table, and below it, where there are any, ratios found in each round anew."""
    page = table(head, [[label, spread(values, form)] for label, values in found.items()])
    if ratios:
        rows = [[label, spread(values, ".2f")] for label, values in ratios.items()]
        page += "\n\n" + table(["", "times as fast"], rows)
    return page


def training(found):
    head = "target tokens/s"
    return (
        f"Real target tokens per second, padding not counted; median and range of "
        f"{found['rounds']} rounds of {found['steps']} steps. Embeddings and states of 256, "
        "batches of 128 sentences.\n\n"
        + speeds(["256 units, batch 128", head], found["tokens_per_s"], found["ratios"])
        + "\n\nThe size of a classroom: mini, 128 units, batches of 32; dropout 0.4, JoeyNMT "
        "none.\n\n"
        + speeds(
            ["128 units, batch 32", head],
            found["classroom_tokens_per_s"],
            found["classroom_ratios"],
        )
    )


def translation(found):
    def both(one, form, values_of):
        rows = [
            [label, spread(values_of(values), form), f"{one['tokens_a_sentence'][label]:.1f}"]
            for label, values in one["sentences_per_s"].items()
        ]
        return rows, [[label, spread(values, ".2f")] for label, values in one["ratios"].items()]

    def milliseconds(speeds):
        return [1000 / speed for speed in speeds]

    rows, ratios = [], []
    for batch, one in found["batches"].items():
        speeds, times = both(one, ",.0f", list)
        rows += [[f"{label}, batches of {batch}", *rest] for label, *rest in speeds]
        ratios += [[f"{label}, batches of {batch}", *rest] for label, *rest in times]
    alone, alone_ratios = both(found["one_by_one"], ",.1f", milliseconds)
    medians = found["one_by_one"]["median_ms"]
    alone = [[*row, spread(medians[row[0]], ".1f") if row[0] in medians else "–"] for row in alone]
    faster = ["", "times as fast"]
    return (
        f"{found['sentences']:,} test sentences, by models after {found['steps']} steps of "
        "training. A translation ends after 1.5 times as many tokens as the source at the latest: "
        "JoeyNMT's rule, but that it takes the longest source of a batch.\n\n"
        + table(["translation", "sentences/s", "tokens a sentence"], rows)
        + ("\n\n" + table(faster, ratios) if ratios else "")
        + f"\n\nOne sentence at a time, the mean of the first {found['alone']}, and their median "
        "where sentences are timed one by one:\n\n"
        + table(["latency", "ms a sentence", "tokens a sentence", "median ms"], alone)
        + ("\n\n" + table(faster, alone_ratios) if alone_ratios else "")
    )


def busy(found):
    rows = [
        [
            label,
            spread(values),
            spread([value / alone for value, alone in zip(values, found["alone"])], ".2f"),
        ]
        for label, values in found.items()
    ]
    return (
        "luong2015, 256 units, batches of 128. The first two rows are what "
        "`gluon_seq2seq.runtime` sets: as many threads as cores, and idle ones soon sleep. "
        "MXNet's own are half the cores; idle threads that spin are libgomp's default.\n\n"
        + table(["training", "target tokens/s", "of alone"], rows)
    )


def roofline(found):
    best = found["roofline_gflops"]
    products = [
        ["({}, {}) × ({}, {})".format(*(f"{int(n):,}" for n in (m, k, k, n))), f"{speed:.0f}"]
        for (m, k, n), speed in (
            (shape.split(), speed) for shape, speed in found["products_gflops"].items()
        )
    ]
    steps = [
        [name, f"{speed:.0f}", f"{speed / best:.2f}"]
        for name, speed in found["steps_gflops"].items()
    ]
    phases = [
        [
            f"{name}, {phase}",
            f"{one['gflop']:.1f}" if one["gflop"] else "–",
            f"{one['forward_ms']:.1f}",
            f"{one['backward_ms']:.1f}" if one["backward_ms"] else "–",
            "–" if one["share"] is None else f"{one['share']:.2f}",
        ]
        for name, each in found["phases"].items()
        for phase, one in each.items()
    ]
    return (
        f"The roofline is {best:.0f} GFLOPS, the best of these matrix products "
        "(FullyConnected, float32):\n\n"
        + table(["product", "GFLOPS"], products)
        + "\n\nWhole training steps, batches included; FLOPs are those of the matrix products on "
        "real tokens (roofline.py has the formulas), forward once, backward twice that:\n\n"
        + table(["training", "GFLOPS", "of the roofline"], steps)
        + "\n\nOne batch of 128, each Block timed by itself, waited for before and after, and its "
        "neighbours' shares subtracted; the decoder of bahdanau2015 contains its attention.\n\n"
        + table(["phase", "GFLOP", "forward ms", "backward ms", "of the roofline"], phases)
    )


def scaling(found):
    preparation = [
        [f"{int(count):,}", f"{one['seconds']:.1f}", f"{one['peak_mb']:,.0f}"]
        for count, one in found["preparation"].items()
    ]
    small, large = list(found["preparation"])[-2:]
    (one, *_) = found["preparation"].values()
    return (
        "From a TSV file to the first batch, in a process of its own; imports alone take "
        f"{one['imports_mb']:,.0f} MB. The largest is recombined from halves of the others.\n\n"
        + table(["pairs", "seconds", "peak MB"], preparation)
        + f"\n\n{int(large):,} pairs take {found['ratio']:.1f} times as long as {int(small):,} "
        f"({int(large) / int(small):.1f} times as many). Training luong2015 for {found['steps']} "
        f"steps of 128 sentences: {found['training_mb']:,.0f} MB at the peak.\n\n"
        + table(
            ["luong2015, tokens a side; 1,280 a batch", "target tokens/s"],
            [[length, spread(values)] for length, values in found["lengths"].items()],
        )
    )


def start(found):
    rows = [[label, spread(values, ".2f")] for label, values in found.items()]
    return table(["", "seconds"], rows)


def bleu(found):
    rows = [
        [
            f"`{run['command']}`",
            run["minutes"],
            f"{run['bleu_greedy']:.1f}",
            f"{run['bleu_beam']:.1f}",
        ]
        for run in found
    ]
    return (
        "sacreBLEU on the 2,000 test sentences of fra-eng against the first reference, of earlier "
        "runs (`fra.json`):\n\n" + table(["command", "minutes", "greedy", "beam 5"], rows)
    )


def page(results):
    """The run, then a part for each section that was measured."""
    about = "\n".join(f"- {name}: {value}" for name, value in results["about"].items())
    parts = [f"{about}\n\nVariants took turns; figures are medians (and ranges) of rounds."]
    for name, title in TITLES.items():
        if results["sections"].get(name):
            parts.append(f"### {title}\n\n" + globals()[name](results["sections"][name]))
    return "\n\n".join(parts) + "\n"


def spliced(readme, page):
    """``readme`` with ``page`` in place of what stood between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{page}\n{END}{after}"
