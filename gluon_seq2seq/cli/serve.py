"""gluon-seq2seq serve: the playground as a page."""

import click

from .options import (
    EXIT_CODES,
)


@click.command("serve", epilog=EXIT_CODES)
@click.option(
    "--model",
    "folders",
    multiple=True,
    metavar="DIR",
    help="What train or demo wrote; more than once for a choice.  [default: those that come along]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0: for everybody.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8866, show_default=True, help="Of the page."
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="What the page begins with.",
)
@click.option("--browser/--no-browser", default=True, help="Open a browser.")
def command(folders, host, port, lang, browser):
    """A page on which one types a sentence and sees translations, attention and search.

    \b
    Example:
      gluon-seq2seq serve --model runs/fra
    """
    from ..teaching.page import serve as run
    from ..training.checkpoint import SHIPPED, load_model

    for folder in folders:
        load_model(folder, "cpu")  # one that cannot be read is found before anybody waits
    run(folders or SHIPPED, host, port, lang, browser, click.echo)
