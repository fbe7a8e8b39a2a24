"""The command line: `goodwill run`, `list` and `check`. Heavy imports wait until a command needs them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodwill.errors import GoodwillError, UsageError

if TYPE_CHECKING:
    from goodwill.reports.parameters import Parameter
    from goodwill.reports.run import Outcome

BUILT, FAILED, WRONG_USAGE = 0, 1, 2  # 3 is kept for reports whose data are too old
COLUMNS = ("customer_id", "date", "amount", "quantity", "order_id")
READING = {
    "date_format": "how dates are written, such as %d.%m.%Y",
    "decimal": "the decimal sign",
    "thousands": "the sign between thousands",
    "amount_unit": "the unit of amounts, such as 万元",
    "encoding": "the encoding of the text; found out when not given",
}


class _Commands(click.Group):
    """Commands whose errors reach the user as one paragraph."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GoodwillError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="goodwill")
def main() -> None:
    """What customer relationships are worth and what to do about them: reports from notebooks."""


@main.command()
@click.argument("target", metavar="NOTEBOOK|RECIPE.yaml")
@click.option("-p", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE", help="A parameter of the notebook; may repeat.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder that becomes the report, or holds the reports of a recipe.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Reports of a recipe that run at the same time.")
@click.pass_context
def run(ctx: click.Context, target: str, parameters: tuple[tuple[str, str], ...], out: Path | None, jobs: int) -> None:
    """Build one report from a notebook (a path or a short name), or a set of reports from a recipe."""
    names = [name for name, _ in parameters]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"The parameter {name!r} is given twice.")
    if target.endswith((".yaml", ".yml")):
        if parameters:
            raise UsageError("A recipe holds its own parameters; -p goes with a notebook.")
        ctx.exit(_run_set(Path(target), out, jobs))
    ctx.exit(_run_single(target, dict(parameters), out))


@main.command("list")
@click.argument("name", required=False)
def list_(name: str | None) -> None:
    """The notebooks and their parameters."""
    from goodwill.reports.notebooks import Notebook, find_notebook, list_notebooks

    notebooks = [find_notebook(name)] if name else [Notebook.read(path) for path in list_notebooks()]
    for notebook in notebooks:
        click.echo(f"{click.style(notebook.name, bold=True)}: {notebook.title}")
        width = max((len(_signature(p)) for p in notebook.parameters), default=0)
        for parameter in notebook.parameters:
            limits = ", ".join(filter(None, (parameter.unit, parameter.allowed)))
            click.echo(f"  {_signature(parameter):{min(width, 44)}}  {parameter.help}{f' [{limits}]' if limits else ''}")


def _column_options(command: Callable[..., None]) -> Callable[..., None]:
    texts = {name: f"the column with the {name.replace('_', ' ')}" for name in COLUMNS} | READING
    for name, text in reversed(texts.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="TEXT", help=f"{text[0].upper()}{text[1:]}.")(command)
    return command


@main.command()
@click.argument("file")
@click.option("--as", "kind", type=click.Choice(["transactions"]), default="transactions", show_default=True, help="What the file holds.")
@_column_options
@click.option("--missing", multiple=True, metavar="TEXT", help="A text that stands for a missing value; may repeat.")
@click.option(
    "--returns", type=click.Choice(["net", "drop", "keep"]), default="net", show_default=True, help="What to do with negative amounts."
)
def check(file: str, kind: str, missing: tuple[str, ...], returns: str, **columns: str | None) -> None:
    """Read a data file (or a built-in set) and print what was found, without a report."""
    from goodwill.data.sources import read_transactions

    given: dict[str, Any] = {name: value for name, value in columns.items() if value}
    transactions = read_transactions(file, missing=missing, returns=returns, **given)
    click.echo(f"{file}: readable as {kind}, {transactions.first} to {transactions.last}.")
    _print_table(transactions.audit)


def _run_single(target: str, parameters: dict[str, str], out: Path | None) -> int:
    from goodwill.reports.notebooks import find_notebook
    from goodwill.reports.run import run_notebook

    notebook = find_notebook(target)
    with _progress() as on_cell:
        outcome = run_notebook(notebook, parameters, out or _build_folder() / "single" / notebook.name, on_cell=on_cell(notebook.name))
    _tell(outcome)
    return FAILED if outcome.failure else BUILT


def _run_set(path: Path, out: Path | None, jobs: int) -> int:
    from goodwill.reports.batch import run_recipe
    from goodwill.reports.recipe import read_recipe

    recipe = read_recipe(path)
    folder = (out or _build_folder() / path.stem).resolve()
    with _progress() as on_cell:
        outcomes = run_recipe(recipe, folder, jobs=jobs, on_done=_tell, on_cell=on_cell)
    click.echo(f"Index: {_short(folder / 'index.html')}")
    return FAILED if any(outcome.failure for outcome in outcomes) else BUILT


def _build_folder() -> Path:
    from goodwill.reports.notebooks import project_root

    return (project_root() or Path.cwd()) / "reports" / "build"


def _tell(outcome: Outcome) -> None:
    from goodwill.reports.run import failure_file

    if outcome.failure is None:
        click.echo(f"Built {outcome.name} in {outcome.seconds:.0f} s: {_short(outcome.folder / 'report.html')}")
        return
    click.echo(f"Error: {outcome.name}: {outcome.failure.message}", err=True)
    if not outcome.failure.ours and failure_file(outcome.folder, "html").is_file():
        click.echo(f"The cell and its traceback: {_short(failure_file(outcome.folder, 'html'))}", err=True)


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Gives, by name, what to tell about finished cells: a bar in a terminal, one line a report in a log."""
    if not sys.stderr.isatty():
        yield _log_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def on_cell(name: str) -> Callable[[int, int], None]:
            task = bars.add_task(name, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield on_cell


def _log_line(name: str) -> Callable[[int, int], None]:
    def on_cell(done: int, total: int) -> None:
        if done == 1:
            click.echo(f"Running {name}: {total} cells", err=True)

    return on_cell


def _signature(parameter: Parameter) -> str:
    return f"{parameter.name}: {parameter.type} = {parameter.default!r}"


def _print_table(frame: Any) -> None:
    """A data frame as a text table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from goodwill.reports.tables import column_texts, is_numeric

    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [frame[name].tolist() for name in frame.columns]
    for name, values in zip(frame.columns, columns, strict=True):
        table.add_column(escape(str(name)), justify="right" if is_numeric(values) else "left", overflow="fold")
    texts = [column_texts(values, str(name)) for name, values in zip(frame.columns, columns, strict=True)]
    for row in zip(*texts, strict=True):
        table.add_row(*map(escape, row))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
