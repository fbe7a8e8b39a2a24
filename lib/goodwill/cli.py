"""The command line, one command a function; `goodwill --help` lists them. Heavy imports wait until needed."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodwill.errors import GoodwillError, UsageError
from goodwill.shown import printable

if TYPE_CHECKING:
    from goodwill.reports.recording.parameters import Parameter
    from goodwill.reports.running.progress import Tell

FAILED, WRONG_USAGE = 1, 2  # 0 for up to date and 3 for data that are too old come from the run itself
SECONDS = click.FloatRange(min=0, min_open=True)
COLUMNS = ("customer_id", "date", "amount", "quantity", "refunded", "order_id")
READING = {
    "once": "what counts once: equal rows, or the total of orders on each of their lines (rows, orders, nothing)",
    "date_format": "how dates are written, such as %d.%m.%Y",
    "decimal": "the decimal sign",
    "thousands": "the sign between thousands",
    "amount_unit": "the unit of amounts, such as 万元",
    "encoding": "the encoding of the text; found out when not given",
}


KINDS = ("transactions", "survey", "complaints", "experiment", "contracts")


class _Commands(click.Group):
    """Commands whose errors reach the user as one paragraph."""

    def invoke(self, ctx: click.Context) -> Any:
        given = [text for argument in ctx.args for text in (argument, argument.partition("=")[2])]
        try:
            return super().invoke(ctx)
        except GoodwillError as error:
            click.echo(f"Error: {_in_options(ctx, _said(error, given))}", err=True)
            ctx.exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED)
        except click.ClickException as error:
            vars(error)["message"] = _said(error.message, given) + _as_parameter(error)
            raise


def _as_parameter(error: click.ClickException) -> str:
    """How a parameter of a notebook is written, for who wrote it as an option or with an equals sign."""
    context = getattr(error, "ctx", None)
    if context is None or context.command.name != "run":
        return ""
    name, value = "", "VALUE"
    if isinstance(error, click.NoSuchOption):
        name = error.option_name.lstrip("-").replace("-", "_")
    elif found := re.search(r"unexpected extra arguments? \((\w+)=(.*?)\)", error.message):
        name, value = found.groups()
    return f" (a parameter of the notebook is given as: -p {name} {value})" if name else ""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="goodwill")
def main() -> None:
    """What customer relationships are worth and what to do about them: reports from notebooks."""


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
                tell({"event": "error", "message": _said(error, [target, *(value for _, value in parameters)])})
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


def _column_options(command: Callable[..., None]) -> Callable[..., None]:
    texts = {name: f"the column with the {name.replace('_', ' ')}" for name in COLUMNS} | READING
    command = click.option("--missing", multiple=True, metavar="TEXT", help="A text that stands for a missing value; may repeat.")(command)
    command = click.option(
        "--keep", multiple=True, metavar="CONDITION", help="Rows that are meant, such as 'status=completed|shipped'; may repeat."
    )(command)
    for name, text in reversed(texts.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="TEXT", help=f"{text[0].upper()}{text[1:]}.")(command)
    return command


@main.command()
@click.argument("file")
@click.option("--as", "kind", type=click.Choice(KINDS), default="transactions", show_default=True, help="What the file holds.")
@click.option("--suggest", is_flag=True, help="Print the parameters that answer every question about this file.")
@_column_options
@click.option("--returns", type=click.Choice(["net", "drop", "keep"]), help="What to do with negative amounts; net by default.")
@click.option("-p", "further", type=(str, str), multiple=True, metavar="NAME VALUE", help="A parameter of another reader; may repeat.")
def check(file: str, kind: str, suggest: bool, further: tuple[tuple[str, str], ...], **columns: Any) -> None:
    """Read a data file (or a built-in set) and print what was found, and what each notebook could do with it, without a report."""
    from goodwill.checks import check as read
    from goodwill.data.reading.addresses import shown
    from goodwill.errors import Unclear

    given: dict[str, Any] = {name: value for name, value in columns.items() if value} | dict(further)
    try:
        found = read(file, kind, **given)
    except Unclear as question:
        if not suggest:
            raise
        return _suggest(file, kind, given, question.answers)
    click.echo(f"{shown(file)}: {found.said}.")
    if suggest:
        return click.echo("Nothing is unclear about it; no parameter is needed beyond those given.")
    if found.audit is not None:
        _print_table(found.audit)
    return click.echo("\n".join(("What the notebooks could do with it:", *(f"  {line}" for line in found.notebooks))))


def _suggest(file: str, kind: str, given: dict[str, Any], answers: dict[str, Any]) -> None:
    """Print the answers for the command line and for a recipe, after trying them on the file."""
    from goodwill.checks import check as read
    from goodwill.data.doubts.answers import as_options, as_recipe, with_answers
    from goodwill.data.reading.addresses import shown

    read(file, kind, **with_answers(given, answers))
    click.echo(f"{shown(file)} is readable as {kind} with the likeliest answers; look at each before you take it.")
    click.echo(f"On the command line:\n  {as_options(answers)}")
    click.echo("\n".join(("Under `parameters:` of a recipe:", *(f"  {line}" for line in as_recipe(answers)))))


@main.command()
@click.argument("orders")
@click.option("--out", required=True, metavar="PLACE", help="A .csv or .parquet file, or DATABASE::TABLE; replaces earlier scores.")
@click.option("--fit", "kept", type=click.Path(path_type=Path), metavar="FILE", help="A fit kept earlier; nothing is fitted.")
@click.option("--keep-fit", type=click.Path(path_type=Path), metavar="FILE", help="Keep the fit, for later nights.")
@click.option("--before", metavar="PLACE", help="Earlier scores, set beside as value_before and the like.")
@click.option("--intervals/--no-intervals", default=True, show_default=True, help="A 95 % interval of what each customer brings.")
@click.option("--horizon", type=click.FloatRange(0, min_open=True), default=52.0, show_default=True, help="Weeks ahead.")
@click.option("--margin", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="Profit per unit of spend.")
@click.option("--discount-rate", type=click.FloatRange(min=0), default=0.15, show_default=True, help="What waiting a year costs.")
@click.option("--scheme", default="rfm", show_default=True, help="How customers are cut into segments.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day that counts; by default that of the orders.")
@_column_options
@click.pass_context
def score(ctx: click.Context, orders: str, out: str, kept: Path | None, keep_fit: Path | None, before: str | None, **given: Any) -> None:
    """Write P(alive), expected purchases, value and segment of every customer, with ids as in the orders; no report is made."""
    from goodwill.data.purchases import summarize_purchases
    from goodwill.data.reading.addresses import shown
    from goodwill.data.reading.sources import read_transactions
    from goodwill.lifetime_value.score_places import check_place
    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.segments.scorer import Scorer, fit_scorer
    from goodwill.segments.scorer import score as write_scores

    settled = ("horizon", "margin", "discount_rate", "scheme")
    for name in settled:
        if kept and ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name.replace('_', '-')} is settled in {kept}; leave it out, or fit anew without --fit.")
    *told, scheme = (given.pop(name) for name in settled)
    as_of, level = given.pop("as_of"), 0.95 if given.pop("intervals") else None
    check_place(out)
    scorer = Scorer.from_json(_text_of(kept), str(kept)) if kept else None
    transactions = read_transactions(orders, **{name: value for name, value in given.items() if value})
    terms = scorer.terms if scorer else ValueTerms(told[0], told[1], told[2], "week")
    summary = summarize_purchases(transactions, unit=terms.unit, end=as_of.date() if as_of else None)
    scorer = scorer or fit_scorer(summary, terms, scheme=scheme)
    done = write_scores(scorer, summary, out, level=level, before=before)
    if keep_fit:
        keep_fit.write_text(scorer.to_json(), "utf8")
    click.echo(f"{shown(out)}: {done.customers:,} customers, as of {summary.end}, for the next {terms.horizon:g} {terms.unit}s.")
    if before:
        click.echo(f"Beside {shown(before)}: {done.new:,} new, {done.moved:,} in another segment.")
    if scorer.older_until:
        click.echo(f"First purchases pile up at the start: customers first seen up to {scorer.older_until} have parameters of their own.")
    if scorer.note:
        click.echo(f"{'No value' if scorer.rules else 'No value and no segment'}: {scorer.note}.")
    for warning in scorer.purchases.warnings:
        click.echo(f"The fit warns: {warning}.")


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text'}).") from None


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
        click.echo(_said(error, []), err=True)
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


@main.command()
@click.argument("orders")
@click.option("--plan", required=True, metavar="FILE", help="Who gets what: a CSV with segment, strategy and share, or YAML.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where the lots go, a CSV.")
@click.option("--holdout", type=float, default=0.1, show_default=True, help="Share of each planned segment that is left alone by lot.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the draw; stands in the file.")
@click.option("--before", multiple=True, metavar="LOTS", help="Earlier lots, whose control group is not held out again; may repeat.")
@click.option("--same-control", is_flag=True, help="Hold the control group of the earlier lots out again.")
@click.option("--scheme", default="rfm", show_default=True, help="How customers are cut into segments.")
@click.option("--rules", metavar="FILE", help="Rules of segments kept as text, in place of a scheme learned from these orders.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day that counts; by default that of the orders.")
@_column_options
def draw(orders: str, plan: str, out: Path, as_of: Any, **given: Any) -> None:
    """Draw by lot who of a plan gets what, and who is left alone to compare with."""
    from goodwill.data.reading.sources import read_transactions
    from goodwill.strategies.lots import draw_from_orders, read_lots
    from goodwill.strategies.plan_file import read_plan

    options = {name: given.pop(name) for name in ("holdout", "seed", "same_control", "scheme", "rules")}
    before = [read_lots(path) for path in given.pop("before")]
    if options["same_control"] and not before:
        raise UsageError("--same-control keeps the control group of earlier lots; name them with --before.")
    transactions = read_transactions(orders, **{name: value for name, value in given.items() if value})
    day = as_of.date() if as_of else transactions.last
    lots = draw_from_orders(transactions, read_plan(plan), drawn=day, before=before, **options)
    lots.to_csv(out)
    click.echo(f"{out}: {len(lots.table):,} customers, {lots.held_out:,} of them held out by lot (seed {lots.seed}, orders until {day}).")
    _print_table(lots.summary())


@main.command()
@click.argument("lots")
@click.argument("orders")
@click.option("--margin", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Profit per unit of spend.")
@click.option("--cost", "costs", type=(str, float), multiple=True, metavar="STRATEGY MONEY", help="Per treated customer; may repeat.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day that counts; by default that of the orders.")
@click.option("--catalogue", metavar="FILE", help="Strategies whose assumed effects give way to what was measured.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the catalogue with measured effects goes, YAML.")
@_column_options
def outcomes(lots: str, orders: str, costs: tuple[tuple[str, float], ...], until: Any, **given: Any) -> None:
    """Read what customers ordered after lots were drawn, and what the strategies did more than nothing."""
    from goodwill.data.reading.sources import read_transactions
    from goodwill.strategies.lots import lot_outcomes, read_catalogue_of, read_lots

    margin, catalogue, out = (given.pop(name) for name in ("margin", "catalogue", "out"))
    if out and not catalogue:
        raise UsageError("--out writes the catalogue with what was measured; name the one to start from with --catalogue.")
    drawn = read_lots(lots)
    transactions = read_transactions(orders, **{name: value for name, value in given.items() if value})
    found = lot_outcomes(drawn, transactions, margin=margin, costs=dict(costs), until=until.date() if until else None)
    arms = found.arms()
    click.echo(f"{found.first} to {found.last}, {found.days} days. On {found.left_out:,} customers no lot decided; they are not compared.")
    click.echo(
        f"Lots give sizes as far off as these in {arms.sample_ratio_p:.0%} of draws. Effects are margin per customer, 95 % intervals."
    )
    _print_table(arms.table)
    if catalogue:
        measured, table = found.measured(read_catalogue_of(drawn, catalogue))
        _print_table(table)
        if out:
            out.write_text(measured.to_text(), "utf8")
            click.echo(f"{out}: measured where at least 20 customers were in each arm; the rest is as it was assumed.")


@main.command("class")
@click.option("--students", type=click.IntRange(1, 1_000), help="How many; they are called student_01 and so on.")
@click.option("--names", type=click.Path(path_type=Path), metavar="FILE", help="Names of the students in place of a number, one a line.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A new folder; it gets one folder per student.")
@click.option(
    "--secret", type=click.Path(path_type=Path), metavar="FILE", help="What companies are made from; DIR.secret beside DIR if not given."
)
@click.option("--customers", type=int, default=400, show_default=True, help="Of each company.")
@click.option("--tried", type=int, default=4_000, show_default=True, help="Customers of the trial in the sister region.")
def class_(students: int | None, names: Path | None, out: Path, secret: Path | None, customers: int, tried: int) -> None:
    """Make a company of known truth for each student of a class, with a task and an empty sheet for the answers."""
    from goodwill.classroom.folders import read_names, secret_place, student_names, write_class

    if (students is None) == (names is None):
        raise UsageError("Say how many students there are with --students, or name them with --names FILE.")
    called = read_names(names) if names else student_names(students or 0)
    write_class(called, out, secret, customers, tried)
    click.echo(
        f"{out}: {len(called):,} companies, one folder each. The secret {secret_place(out, secret)} stays with the teacher: keep it."
    )
    click.echo(f"When the answers are in: goodwill grade {out}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--secret", type=click.Path(path_type=Path), metavar="FILE", help="What the class was made from; DIR.secret beside DIR if not given."
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="The table of marks, a CSV; DIR.marks.csv if not given.")
def grade(folder: Path, secret: Path | None, out: Path | None) -> None:
    """Mark the answers of a class, with reasons; in a student's own folder: say whether the answers can be read.

    Answers are data files; nothing in a student's folder is run.
    """
    from goodwill.classroom.folders import check_answers, grade_class, is_student_folder, write_marks

    if is_student_folder(folder):
        return click.echo(check_answers(folder))
    marks = grade_class(folder, secret)
    place = out or folder.resolve().with_name(f"{folder.resolve().name}.marks.csv")
    write_marks(marks, place)
    _print_table(marks.table.drop(columns="reasons").round(1))
    for flag in marks.flagged:
        click.echo(f"{flag.student} and {flag.other}: {flag.why}.")
    return click.echo(f"{place}: {len(marks.table):,} marks with reasons; {len(marks.flagged)} flagged as copied.")


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


def _in_options(ctx: click.Context, message: str) -> str:
    """A message in which the parameters of a reader are the options of the command that was typed."""
    from goodwill.data.doubts.answers import on_the_command_line

    command = main.get_command(ctx, ctx.invoked_subcommand or "")
    names = [option.name for option in command.params if isinstance(option, click.Option) and option.name] if command else []
    if ctx.invoked_subcommand == "run":
        return on_the_command_line(message, (*COLUMNS, *READING, "keep", "missing"), "-p {name} {value}")
    return on_the_command_line(message, names)


def _said(error: GoodwillError | str, given: Sequence[str]) -> str:
    """The message without the secrets of what was typed, and without any others that it shows."""
    from goodwill.reports.recording.secrets import safe_message

    return printable(safe_message(str(error), given))


def _signature(parameter: Parameter) -> str:
    from goodwill.reports.recording.secrets import visible

    return f"{parameter.name}: {parameter.type} = {visible(parameter.default)!r}"


def _print_table(frame: Any) -> None:
    """A data frame as a text table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from goodwill.reports.recording.tables import column_texts, is_numeric

    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [frame[name].tolist() for name in frame.columns]
    for name, values in zip(frame.columns, columns, strict=True):
        table.add_column(escape(str(name)), justify="right" if is_numeric(values) else "left", overflow="fold")
    texts = [column_texts(values, str(name)) for name, values in zip(frame.columns, columns, strict=True)]
    for row in zip(*texts, strict=True):
        table.add_row(*map(escape, row))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
