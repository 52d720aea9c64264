"""gluon-seq2seq serve: one process that translates, a page for people and an API for programs."""

import click

from .common.options import EXIT_CODES, lang_option


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
    type=click.IntRange(0, 65535),
    default=8866,
    show_default=True,
    help="Serve on this port of the machine; 0 takes any that is free.",
)
@lang_option("Begin the page")
@click.option(
    "--password",
    envvar="GLUON_SEQ2SEQ_PASSWORD",
    metavar="TEXT",
    help="Let in only who knows this, of 8 characters or more; other users of this machine see the "
    "command line, but not the variable GLUON_SEQ2SEQ_PASSWORD.",
    show_default="none; where other machines can ask, one is drawn and printed",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Let requests ask for this name, that of a proxy in front; more than once for several.",
    show_default="those of this machine",
)
@click.option(
    "--browser/--no-browser",
    default=True,
    show_default=True,
    help="Open the page in a browser.",
)
def command(folders, host, port, lang, password, allowed_hosts, browser):
    """Serve a page that translates what one types, and a JSON API.

    Both show translations, attention and search; /api says how programs ask. All visitors share one
    process, which writes a line for each request, without its text, and goes on until Ctrl-C.

    \b
    Example:
      gluon-seq2seq serve --model runs/fra
    """
    from ..serving.server import serve
    from ..training.checkpoint import SHIPPED

    serve(
        folders or SHIPPED,
        host,
        port,
        lang,
        browser,
        password,
        allowed_hosts,
        say=lambda line: click.echo(line),
    )
