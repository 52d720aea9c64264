"""``python -m tools.notebooks build | run | gallery | assignment``: see notebooks/README.md."""

import sys

import click

from . import assignment, build, gallery, run, times


@click.group()
def cli():
    """Build, run and show the notebooks."""


def _chosen(names):
    chosen = build.sources(names)
    if not chosen:
        raise click.UsageError(f"no notebook {' or '.join(names)}: use 07 or 07_attention")
    return chosen


@cli.command("build")
@click.option("--check", is_flag=True, help="Fail where something would change; change nothing.")
def _build(check):
    """Build notebooks/{en,zh,solutions} and the tables of run times from their sources."""
    built = {**build.files(), **times.files()}
    if not check:
        build.write(built)
        return
    stale = build.stale(built)
    for path in stale:
        click.echo(f"{path.relative_to(build.ROOT.parent)}: not as its source has it")
    if stale:
        sys.exit("run: make notebooks-build")


@cli.command("run")
@click.argument("names", nargs=-1)
@click.option(
    "--lang",
    "langs",
    multiple=True,
    type=click.Choice(build.LANGUAGES),
    help="Which languages to run.",
    show_default="both",
)
@click.option("--smoke", is_flag=True, help="Use the manifest's small parameters.")
@click.option("--set-np", is_flag=True, help="Begin each with npx.set_np().")
@click.option("--jobs", default=2, show_default=True, help="How many notebooks run at a time.")
@click.option("--record", is_flag=True, help="Keep the seconds taken in the manifest.")
def _run(names, langs, smoke, set_np, jobs, record):
    """Execute notebooks (07, 07_attention; default: all) in both languages or those given."""

    def report(result):
        verdict = f"{len(result.problems)} problem(s)" if result.problems else "passed"
        click.echo(
            f"{result.name:<24} {result.lang}  {result.seconds:6.1f} s  "
            f"{result.exercises:2} exercises and quizzes  {verdict}"
        )
        for problem in result.problems:
            click.echo("  " + problem.replace("\n", "\n  "))

    results = run.run_all(_chosen(names), langs or build.LANGUAGES, smoke, jobs, report, set_np)
    click.echo(f"{sum(result.seconds for result in results):.0f} s in all")
    if any(result.problems for result in results):
        sys.exit(1)
    if record:
        times.record(results)


@cli.command("gallery")
def _gallery():
    """Make web pages of what run has executed in full length."""
    click.echo(gallery.write().relative_to(build.ROOT.parent))


@cli.command("assignment")
@click.argument("names", nargs=-1)
@click.option(
    "--lang",
    default="en",
    show_default=True,
    type=click.Choice(build.LANGUAGES),
    help="Make the course in this language.",
)
def _assignment(names, lang):
    """Make a course for nbgrader of notebooks (07, 07_attention; default: all)."""
    click.echo(assignment.write(_chosen(names), lang).relative_to(build.ROOT.parent))


cli()
