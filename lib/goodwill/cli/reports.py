"""Reports: built from notebooks and recipes, rendered, rebuilt and compared; and how their forecasts have fared."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodwill.cli.group import FAILED, main
from goodwill.cli.shared import said
from goodwill.errors import GoodwillError, UsageError
from goodwill.shown import printable

if TYPE_CHECKING:
    from goodwill.reports.recording.parameters import Parameter
    from goodwill.reports.running.progress import Tell

SECONDS = click.FloatRange(min=0, min_open=True)


@main.command()
@click.argument("target", metavar="NOTEBOOK|RECIPE.yaml")
@click.option("-p", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE", help="A parameter of the notebook; may repeat.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder that becomes the report, or holds the reports of a recipe.")
@click.option("--jobs", type=click.IntRange(min=1), help="Reports of a recipe that run at the same time; one a core, up to 4.")
@click.option("--force", is_flag=True, help="Build the reports of a recipe even where nothing has changed.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Run as on that day: later data do not count.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS", help="How long all cells of a report may take.")
@click.option("--cell-timeout", type=SECONDS, metavar="SECONDS", help="How long one cell may take.")
@click.option("--pdf", is_flag=True, help="Also print each report as PDF, through an installed Chromium.")
@click.option(
    "--log", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For people, or one JSON object a line."
)
@click.pass_context
def run(ctx: click.Context, target: str, parameters: tuple[tuple[str, str], ...], out: Path | None, log: str, **how: Any) -> None:
    """Build one report from a notebook (a path or a short name), or a set of reports from a recipe.

    Exit status: 0 all is up to date, 1 a report failed, 2 wrong usage, 3 the data of a report are too old or too thin.
    """
    from goodwill.reports.running.progress import telling

    names = [name for name, _ in parameters]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"The parameter {name!r} is given twice; several values of a list go into one, with commas between them.")
    how["as_of"] = how["as_of"].date() if how["as_of"] else None
    is_recipe = target.endswith((".yaml", ".yml"))
    if is_recipe and parameters:
        raise UsageError("A recipe holds its own parameters; -p goes with a notebook.")
    with telling(log) as tell:
        try:
            status = _run_set(Path(target), out, tell, **how) if is_recipe else _run_single(target, dict(parameters), out, tell, **how)
        except GoodwillError as error:
            if log == "json":
                tell({"event": "error", "message": said(error, [target, *(value for _, value in parameters)])})
            raise
    ctx.exit(status)


@main.command("list")
@click.argument("name", required=False)
def list_(name: str | None) -> None:
    """The notebooks and their parameters."""
    from goodwill.reports.recording.notebooks import Notebook, find_notebook, list_notebooks

    notebooks = [find_notebook(name)] if name else [Notebook.read(path) for path in list_notebooks()]
    for notebook in notebooks:
        click.echo(f"{click.style(notebook.name, bold=True)}: {notebook.title}")
        width = max((len(_signature(p)) for p in notebook.parameters), default=0)
        for parameter in notebook.parameters:
            limits = ", ".join(filter(None, (parameter.unit, parameter.allowed)))
            click.echo(f"  {_signature(parameter):{min(width, 44)}}  {parameter.help}{f' [{limits}]' if limits else ''}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def notebooks(folder: Path) -> None:
    """Write the notebooks and recipes to a folder, to read and to change (for JupyterLab, a course, papermill)."""
    from goodwill.reports.recording.notebooks import write_notebooks

    for path in write_notebooks(folder):
        click.echo(str(path))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path), metavar="EXECUTED.ipynb")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Becomes the report; by default beside the notebook.")
@click.option("--title", default="", help="That of the page; by default the notebook's.")
@click.option("--pdf", is_flag=True, help="Also print the report as PDF, through an installed Chromium.")
@click.pass_context
def render(ctx: click.Context, notebook: Path, out: Path | None, title: str, pdf: bool) -> None:
    """Make the report of a notebook that papermill, JupyterLab or jupyter-scheduler ran; nothing is run again.

    Exit status: 0 made, 1 not made (a cell failed or was not run), 2 wrong usage, 3 made, but the data are too thin for a short answer.
    """
    from goodwill.reports.running.pdf import print_pdf
    from goodwill.reports.running.progress import short, tell_outcome
    from goodwill.reports.running.rendered import render as make_report
    from goodwill.reports.sets.batch import exit_status

    outcome = make_report(notebook, out, title=title)
    if outcome.status == "built":
        click.echo(f"Rendered {outcome.name}: {short(outcome.folder / 'report.html')}")
    else:
        tell_outcome(outcome)
    if pdf and outcome.failure is None and (problem := print_pdf(outcome.folder)):
        click.echo(problem, err=True)
    ctx.exit(exit_status([outcome]))


@main.command()
@click.argument("report", type=click.Path(path_type=Path), metavar="REPORT_DIR")
@click.option("-p", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE", help="In place of the kept parameter; may repeat.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the new report in this folder.")
@click.option("--base", type=click.Path(path_type=Path), help="Where relative data paths start, if not where they did.")
@click.option("--tolerance", type=click.FloatRange(min=0), default=0.0, show_default=True, help="Relative difference that counts as equal.")
@click.option("--trust", is_flag=True, help="Run the notebook inside the folder although it is not one of this project.")
@click.pass_context
def rebuild(ctx: click.Context, report: Path, parameters: tuple[tuple[str, str], ...], trust: bool, **how: Any) -> None:
    """Make a report again from what stands in its folder, and say whether the results are equal.

    A report's folder is code: the notebook inside runs with your rights. One that is not the project's own, as it is now, is run only
    with --trust, or when you say yes. The report itself is left as it is. Exit status: 0 equal, 1 different or not built, 2 wrong usage.
    """
    from goodwill.reports.running.rebuild import NotTrusted
    from goodwill.reports.running.rebuild import rebuild as make_again

    try:
        made = make_again(report, dict(parameters), trust=trust, **how)
    except NotTrusted as error:
        if not sys.stdin.isatty():
            raise
        click.echo(said(error, []), err=True)
        click.confirm("Run it?", abort=True, err=True)
        made = make_again(report, dict(parameters), trust=True, **how)
    click.echo(printable("\n".join(made.lines())))
    ctx.exit(0 if made.is_equal else FAILED)


@main.command()
@click.argument("one", metavar="REPORT")
@click.argument("other", metavar="OTHER")
@click.option("--out", type=click.Path(path_type=Path), metavar="PAGE", help="Write the comparison as one page too.")
def compare(one: str, other: str, out: Path | None) -> None:
    """What is not the same in two reports: data, parameters, versions, results.

    Each is a folder, or FOLDER@DATE for the build that stood on that day; OTHER may be a date alone, of the first folder.
    """
    from goodwill.reports.running.compare import compare as put_together

    found = put_together(one, other)
    click.echo(printable("\n".join(found.lines())))
    if out is not None:
        found.write(out)
        click.echo(f"As a page: {out}")


@main.command()
@click.argument("recipe", type=click.Path(path_type=Path), metavar="RECIPE.yaml")
@click.option("--out", type=click.Path(path_type=Path), help="The folder with the reports of the recipe, if they were built elsewhere.")
@click.option("--forecasts", is_flag=True, help="Also print every forecast with what came.")
def ledger(recipe: Path, out: Path | None, forecasts: bool) -> None:
    """How the forecasts of a recipe's reports have fared: how many came due and held, by how much they missed, whether they drift."""
    from goodwill.reports.sets.ledgers import ledger_lines

    folder = out or _build_folder() / recipe.stem
    click.echo(printable("\n".join(ledger_lines(folder, each=forecasts))))


def _run_single(target: str, parameters: dict[str, str], out: Path | None, tell: Tell, **how: Any) -> int:
    from goodwill.reports.recording.notebooks import find_notebook
    from goodwill.reports.sets.batch import Options, exit_status, run_single

    notebook = find_notebook(target)
    outcome = run_single(notebook, parameters, out or _build_folder() / "single" / notebook.name, _options(Options, how), on_event=tell)
    return exit_status([outcome])


def _run_set(path: Path, out: Path | None, tell: Tell, **how: Any) -> int:
    from goodwill.reports.sets.batch import Options, exit_status, run_recipe
    from goodwill.reports.sets.recipe import read_recipe

    recipe = read_recipe(path, how["as_of"])
    return exit_status(run_recipe(recipe, out or _build_folder() / path.stem, _options(Options, how), on_event=tell))


def _options(kind: Callable[..., Any], how: dict[str, Any]) -> Any:
    from goodwill.reports.recording.execution import Limits
    from goodwill.reports.running.workers import cores

    limits = Limits(how["timeout"], how["cell_timeout"])
    return kind(how["jobs"] or min(cores(), 4), how["force"], how["as_of"], limits, how["pdf"])


def _build_folder() -> Path:
    from goodwill.reports.recording.notebooks import project_root

    return (project_root() or Path.cwd()) / "reports" / "build"


def _signature(parameter: Parameter) -> str:
    from goodwill.reports.recording.secrets import visible

    return f"{parameter.name}: {parameter.type} = {visible(parameter.default)!r}"
