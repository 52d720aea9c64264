"""gluon-seq2seq serve: the playground as a page."""

import click

from .common.options import EXIT_CODES


@click.command("serve", epilog=EXIT_CODES)
@click.option(
    "--model",
    "folders",
    multiple=True,
    metavar="DIR",
    help="Offer this model; more than once for a choice.",
    show_default="those that come along",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Serve on this address; 0.0.0.0 lets other machines in.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8866,
    show_default=True,
    help="Serve on this port of the machine.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Begin the page in English or in Chinese.",
)
@click.option(
    "--browser/--no-browser",
    default=True,
    show_default=True,
    help="Open the page in a browser.",
)
def command(folders, host, port, lang, browser):
    """Serve a page that translates what one types.

    It shows translations, attention and search, and goes on until Ctrl-C.

    \b
    Example:
      gluon-seq2seq serve --model runs/fra
    """
    from ..teaching.page import serve as run
    from ..training.checkpoint import SHIPPED, load_model

    for folder in folders:
        load_model(folder, "cpu")  # one that cannot be read is found before anybody waits
    run(folders or SHIPPED, host, port, lang, browser, click.echo)
