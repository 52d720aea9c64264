"""gluon-seq2seq evaluate: how good a model is."""

import contextlib
import json
import time
from functools import partial

import click

from ..errors import UsageError
from ..settings import SearchSettings
from ..translation.written.formats import evaluated, kept_words, reference_line
from .common.models import loaded, models_option
from .common.options import (
    EXIT_CODES,
    device_option,
    pairs_options,
    phrase_table_option,
    settings_options,
)
from .common.streams import STANDARD, check_apart, writer
from .common.training_data import NOT_KNOWN, overlap_with_training, trained_on_option


@click.command("evaluate", epilog=EXIT_CODES)
@models_option
@pairs_options("Score", "test")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Print this many of the translations.",
)
@click.option(
    "--by-phenomenon", is_flag=True, help="Count exact matches by what a pair shows, on mini."
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the figures to this file, too, as JSON; - is standard output, and all else then "
    "goes to standard error.",
)
@click.option(
    "--output",
    metavar="FILE",
    help="Write the translations to this file, one a line, or with its ending .jsonl a JSON object "
    "for each; - is standard output, and all else then goes to standard error.",
    show_default="nowhere",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl"]),
    help="Write --output as lines of text, or as jsonl: source, references, hypothesis, log P in "
    "nats, whether it is exact, its sacreBLEU, unknown source words.",
    show_default="by the ending of --output",
)
@click.option(
    "--references",
    metavar="FILE",
    help="Write the references to this file, as sacrebleu reads them: a line for each sentence, "
    "tabs between, as many in each, for the first is repeated.",
    show_default="nowhere",
)
@trained_on_option
@settings_options(SearchSettings)
@phrase_table_option
@device_option
def command(
    folders,
    data,
    target,
    columns,
    split,
    show,
    by_phenomenon,
    json_file,
    output,
    form,
    references,
    trained_on,
    device,
    phrase_table,
    **search,
):
    """Score a model: sacreBLEU, chrF, exact match, loss, perplexity.

    Of a single file the package splits off 5 % as its test split, as in training; --split all
    scores every sentence. Translations and references are compared as the tokenizer normalises
    them: Unicode NFC, plain apostrophes and spaces, the model's own choice of case. Of a sentence
    of more than 500 tokens the beginning is translated.

    The bundled mini knows every valid translation and its probability: all count as references,
    the loss is the expected one, and its floor, the entropy, stands beside it. It knows the
    alignment, too: a model with attention gets an alignment error rate.

    \b
    Examples:
      gluon-seq2seq evaluate --model runs/fra
      gluon-seq2seq evaluate --model runs/demo --data mini-length --by-phenomenon
      gluon-seq2seq evaluate --model runs/fra --data new.tsv --split all
      gluon-seq2seq evaluate --model runs/fra --output hyp.txt --references ref
    """
    from .. import Translator, load_corpus
    from ..corpus.corpus import SPLITS
    from ..translation import metrics

    if form and not output:
        raise UsageError("--format is that of --output: give it, too")
    check_apart(json=json_file, output=output, references=references)
    say = partial(click.echo, err=STANDARD in (json_file, output, references))
    form = form or ("jsonl" if str(output).endswith(".jsonl") else "text")
    model = loaded(folders, device)
    settings = model.corpus_settings(data, target, columns)
    with contextlib.ExitStack() as files:
        write_json, write_output, write_references = (
            files.enter_context(writer(name)) if name else None
            for name in (json_file, output, references)
        )
        corpus = load_corpus(**settings)
        say(corpus.report)
        chosen = SPLITS if split == "all" else (split,)
        examples = [example for name in chosen for example in getattr(corpus, name)]
        valid = [example.valid for example in examples]
        entropy = metrics.cross_entropy(model, examples, search["batch_size"])
        started = time.monotonic()
        translator = Translator(model, **search, too_long="cut", phrase_table=phrase_table)
        found = translator.search([example.source for example in examples])
        texts = [one.text for one in found]
        seconds = time.monotonic() - started
        unknown = [
            model.src_vocab.unknown(translator.tokens(example.source)) for example in examples
        ]
        side = model.tgt_vocab.tokenizer
        knows_gold = all(example.gold for example in examples)
        scores = {
            "data": str(settings["data"]),
            "split": split,
            "sources": len(examples),
            "references": sum(map(len, valid)),
            **metrics.score(texts, valid, side.lowercase, side.language),
            **entropy,
            "perplexity": metrics.perplexity(entropy["loss"]),
            "seconds": seconds,
            "beam_size": search["beam_size"],
            "shortlist": search["shortlist"],
            "unknown": translator.unknown.how,
            "unknown_words": sum(map(len, unknown)),
            "copied_words": sum(
                len(kept_words(words, one.copied)) for words, one in zip(unknown, found)
            ),
        }
        pairs = [(example.source, text) for example in examples for text in example.valid]
        seen, name = overlap_with_training(model, trained_on, pairs, corpus)
        scores["seen_in_training"] = seen and {"sources": seen.sources, "pairs": seen.pairs}
        if knows_gold:
            scores.update(metrics.alignment(model, examples, search["batch_size"]))
        if by_phenomenon:
            scores["phenomena"] = metrics.by_phenomenon(texts, examples)
        lines = [
            "{data}, {split}: {sources:,} sources, {references:,} references",
            "sacreBLEU          {bleu:6.2f}   all references, {signature}",
            "sacreBLEU, 1 ref   {bleu_first:6.2f}   the first reference alone",
            "chrF               {chrf:6.2f}   all references",
            "exact match        {exact:6.1%}   equal to any reference",
            "loss               {loss:6.3f}   nats per target token; perplexity {perplexity:.2f}",
            "its floor          {floor:6.3f}   the corpus's own entropy",
            "alignment error    {aer:6.1%}   rate; {mass:.1%} of attention on aligned words",
            "unknown words      {unknown_words:6,}   in the sources; {how}",
            "translated in      {seconds:6.1f} s",
        ]
        lines = [
            line
            for line in lines
            if ("{floor" not in line or scores["floor"] is not None)
            and ("{aer" not in line or scores.get("aer") is not None)
        ]
        lines.append(f"seen in training   {seen} ({name})" if seen else NOT_KNOWN)
        lines += filter(None, [metrics.many_unknown(model, examples, split)])
        say("\n".join(lines).format(**scores, how=_how(translator, scores["copied_words"])))
        for name, count, share in scores.get("phenomena", ()):
            say(f"  {name:<32}{count:>6,} sentences{share:>8.1%} exact")
        evenly = slice(None, None, max(1, len(texts) // max(1, show)))
        for example, text in list(zip(examples, texts))[evenly][:show]:
            say(f"  {example.source} -> {text}\n      reference: {example.valid[0]}")
        if output and form == "text":
            write_output("".join(f"{text}\n" for text in texts))
        elif output:
            bleus = metrics.sentence_bleu(texts, valid, side.lowercase, side.language)
            for example, one, bleu, words in zip(examples, found, bleus, unknown):
                write_output(evaluated(example, one, bleu, words))
        if references:
            most = max(map(len, valid))
            write_references("".join(reference_line(refs, most) for refs in valid))
            if output and form == "text":
                how = metrics.sacrebleu_tokenizer(side.language)
                how = " -lc" * side.lowercase + f" -tok {how}" * (how != "13a")
                again = f"{references} --num-refs {most} -i {output}{how}"
                say(f"the same sacreBLEU: sacrebleu {again}")
        if json_file:
            write_json(json.dumps(scores, indent=1, ensure_ascii=False) + "\n")


def _how(translator, copied):
    """What became of unknown words, of which so many were ``copied``."""
    if translator.unknown.blind:
        return f"--unknown never: {translator.unknown.blind}"
    count = f": {copied:,} of them copied" if translator.unknown.how == "copy" else ""
    return f"--unknown {translator.unknown.how}{count}"
