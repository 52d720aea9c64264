"""gluon-seq2seq export: a model as graphs for other programs."""

from pathlib import Path

import click

from ..common.options import EXIT_CODES, model_option


@click.command("export", epilog=EXIT_CODES)
@model_option
@click.option("--out", required=True, metavar="DIR", help="Write the graphs into this folder.")
@click.option(
    "--format",
    "form",
    default="onnx",
    show_default=True,
    help="Write graphs for this: onnx runtimes, or symbol, for MXNet's SymbolBlock.",
)
@click.option("--int8", is_flag=True, help="Round ONNX weights to eight bits: smaller, less exact.")
@click.option("--overwrite", is_flag=True, help="Replace the export that DIR holds.")
def command(folder, out, form, int8, overwrite):
    """Write a model as graphs that run without this package.

    An example beside them, translate.py, translates with them. The folder is a model, too: other
    commands take it as --model, and then load no MXNet.

    \b
    Example:
      gluon-seq2seq export --model runs/fra --out fra-onnx
      python fra-onnx/translate.py "They are watching."
      gluon-seq2seq translate --model fra-onnx "They are watching."
    """
    from ... import load_model
    from ...export.export import export as write
    from ...text.languages import NAMES

    model = load_model(folder, "cpu")
    write(model, out, form, int8, overwrite)
    language = model.src_vocab.tokenizer.language
    text = "They are watching." if language == "en" else f"a sentence in {NAMES[language]}"
    click.echo(f'{out}: try: python {Path(out, "translate.py")} "{text}"')
