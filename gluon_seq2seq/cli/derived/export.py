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
    help="Write graphs for this: onnx runtimes, symbol, for MXNet's SymbolBlock, or web, a page "
    "that translates in a browser, without a server.",
)
@click.option("--int8", is_flag=True, help="Round ONNX weights to eight bits: smaller, less exact.")
@click.option(
    "--onnxruntime-web",
    metavar="FOLDER",
    show_default="node_modules here or above",
    help="Take onnxruntime-web, which runs the page's graphs, from this folder of npm's.",
)
@click.option("--overwrite", is_flag=True, help="Replace the export that DIR holds.")
def command(folder, out, form, int8, onnxruntime_web, overwrite):
    """Write a model as graphs that run without this package.

    An example beside them, translate.py, translates with them. The folder is a model, too: other
    commands take it as --model, and then load no MXNet.

    \b
    Example:
      gluon-seq2seq export --model runs/fra --out fra-onnx
      python fra-onnx/translate.py "They are watching."
      gluon-seq2seq translate --model fra-onnx "They are watching."
      gluon-seq2seq export --model runs/fra --format web --out fra-page
    """
    from ... import load_model
    from ...export.export import export as write
    from ...text.languages import NAMES

    model = load_model(folder, "cpu", "null")
    runtime = write(model, out, form, int8, overwrite, onnxruntime_web)
    if form == "web":
        size = sum(path.stat().st_size for path in Path(out).rglob("*") if path.is_file())
        click.echo(f"{out}: {size / 1e6:.1f} MB, with onnxruntime-web of {runtime}")
        click.echo(f"try: python -m http.server -d {out}, then open http://localhost:8000/")
        return
    language = model.src_vocab.tokenizer.language
    text = "They are watching." if language == "en" else f"a sentence in {NAMES[language]}"
    click.echo(f'{out}: try: python {Path(out, "translate.py")} "{text}"')
