"""Pairs of other languages: ``python -m benchmarks.languages`` prints a Markdown table.

Each row is a model that ``gluon-seq2seq train`` makes of the same 2,000 meanings of
:mod:`benchmarks.grammar`, with the same settings, and sacreBLEU of the tokenizer that fits the
target, on 200 others. "Spaces by hand": what one had to do before scripts without spaces were cut,
a space between any two characters, which English rules then take for words; "by English rules": the
same without the spaces. What is finished stands in runs/languages/; begun again, the command goes
on from there.
"""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.grammar import sentences

TRAIN, HELD_OUT = 2000, 200
SETTINGS = "--model bahdanau2015 --embed-size 64 --num-hiddens 64 --batch-size 32 --epochs 6"
RESULTS = Path("runs/languages")
ROWS = {  # what it is: languages, what the command line is told, more options
    "Chinese–English": ("zh", "en", ("zh", "en"), ""),
    "Chinese–English, spaces by hand": ("zh", "en", ("en", "en"), ""),
    "Chinese–English, by English rules": ("zh", "en", ("en", "en"), ""),
    "Chinese–English, 400 subwords": ("zh", "en", ("zh", "en"), "--subwords 400"),
    "English–Chinese": ("en", "zh", ("en", "zh"), ""),
    "English–Chinese, spaces by hand": ("en", "zh", ("en", "en"), ""),
    "English–Chinese, by English rules": ("en", "zh", ("en", "en"), ""),
    "German–English": ("de", "en", ("de", "en"), ""),
    "Japanese–English": ("ja", "en", ("ja", "en"), ""),
    "English–Japanese": ("en", "ja", ("en", "ja"), ""),
}


def spaced(text):
    return " ".join(text.replace(" ", ""))


def write(folder, source, target, by_hand):
    """``train.tsv dev.tsv test.tsv`` of the two languages in ``folder``."""
    meanings = sentences(TRAIN + 2 * HELD_OUT)
    folder.mkdir(parents=True, exist_ok=True)
    for split, size in (("train", TRAIN), ("dev", HELD_OUT), ("test", HELD_OUT)):
        chosen, meanings = meanings[:size], meanings[size:]
        with open(folder / f"{split}.tsv", "w", encoding="utf-8", newline="") as file:
            for meaning in chosen:
                sides = [
                    spaced(meaning[one]) if by_hand and one == "zh" else meaning[one]
                    for one in (source, target)
                ]
                file.write("\t".join(sides) + "\n")


def run(name):
    """The scores of a row, as ``evaluate --json`` writes them, and its target as it is written."""
    from gluon_seq2seq import Translator, load_corpus, load_model, score

    source, target, told, more = ROWS[name]
    folder = RESULTS / name.replace(" ", "-").replace(",", "")
    if not (folder / "scores.json").exists():
        by_hand = name.endswith("by hand")
        write(folder / "data", source, target, by_hand)
        languages = f"--source-lang {told[0]} --target-lang {told[1]}"
        options = f"{SETTINGS} {more} {languages}".split()
        command = [sys.executable, "-m", "gluon_seq2seq", "train", "--data", folder / "data"]
        subprocess.run([*command, "--out", folder / "model", "--overwrite", *options], check=True)
        model = load_model(folder / "model")
        settings = model.corpus_settings(folder / "data")
        examples = load_corpus(**settings).test
        texts = Translator(model).translate([example.source for example in examples])
        references = [example.valid for example in examples]
        if by_hand and target == "zh":  # the reader wants none of them
            texts = [text.replace(" ", "") for text in texts]
            references = [[text.replace(" ", "") for text in valid] for valid in references]
        history = json.loads((folder / "model" / "history.json").read_text("utf-8"))
        found = {
            **score(texts, references, language=target),
            "seconds": history[-1]["seconds"],
            "shown": [examples[0].source, texts[0]],
        }
        (folder / "scores.json").write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return json.loads((folder / "scores.json").read_text("utf-8"))


def main():
    print("| pair | sacreBLEU | tokenizer | exact | chrF | seconds |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for name in ROWS:
        found = run(name)
        tokenizer = found["signature"].partition("tok:")[2].partition("|")[0]
        print(
            f"| {name} | {found['bleu']:.1f} | `{tokenizer}` | {found['exact']:.1%} "
            f"| {found['chrf']:.1f} | {found['seconds']:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
