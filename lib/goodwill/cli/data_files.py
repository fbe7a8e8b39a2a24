"""Data files: what one holds and what could be done with it, and a score of every customer of its orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from goodwill.cli.group import main
from goodwill.cli.shared import column_options, print_table
from goodwill.errors import UsageError

KINDS = ("transactions", "survey", "complaints", "experiment", "contracts")


@main.command()
@click.argument("file")
@click.option("--as", "kind", type=click.Choice(KINDS), default="transactions", show_default=True, help="What the file holds.")
@click.option("--suggest", is_flag=True, help="Print the parameters that answer every question about this file.")
@column_options
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
        print_table(found.audit)
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
@click.option("--covariates", metavar="NAMES", help="Columns that tell something of a customer when she is won, such as channel,region.")
@click.option("--covariate-table", "table", metavar="PLACE", help="A table of customers that holds them, where the orders do not.")
@click.option("--scheme", default="rfm", show_default=True, help="How customers are cut into segments.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day that counts; by default that of the orders.")
@column_options
@click.pass_context
def score(ctx: click.Context, orders: str, out: str, kept: Path | None, keep_fit: Path | None, before: str | None, **given: Any) -> None:
    """Write P(alive), expected purchases, value and segment of every customer, with ids as in the orders; no report is made."""
    from goodwill.data.purchases import summarize_purchases
    from goodwill.data.reading.addresses import shown
    from goodwill.data.reading.sources import read_transactions
    from goodwill.findings.purchases.covariates import covariate_lines
    from goodwill.lifetime_value.richer.told_customers import columns_of_orders, told_of_customers
    from goodwill.lifetime_value.score_places import check_place
    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.segments.scorer import Scorer, fit_scorer
    from goodwill.segments.scorer import score as write_scores

    settled = ("horizon", "margin", "discount_rate", "scheme")
    for name in (*settled, "covariates"):
        if kept and ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name.replace('_', '-')} is settled in {kept}; leave it out, or fit anew without --fit.")
    *told, scheme = (given.pop(name) for name in settled)
    as_of, level = given.pop("as_of"), 0.95 if given.pop("intervals") else None
    check_place(out)
    scorer = Scorer.from_json(_text_of(kept), str(kept)) if kept else None
    named, table = _covariates(scorer, given.pop("covariates")), given.pop("table")
    given["known"] = columns_of_orders(named, table)
    transactions = read_transactions(orders, **{name: value for name, value in given.items() if value})
    terms = scorer.terms if scorer else ValueTerms(told[0], told[1], told[2], "week")
    summary = summarize_purchases(transactions, unit=terms.unit, end=as_of.date() if as_of else None)
    by = told_of_customers(transactions, named, table) if named or table else None
    scorer = scorer or fit_scorer(summary, terms, scheme=scheme, told=by)
    done = write_scores(scorer, summary, out, level=level, before=before, told=by)
    if keep_fit:
        keep_fit.write_text(scorer.to_json(), "utf8")
    click.echo(f"{shown(out)}: {done.customers:,} customers, as of {summary.end}, for the next {terms.horizon:g} {terms.unit}s.")
    if before:
        click.echo(f"Beside {shown(before)}: {done.new:,} new, {done.moved:,} in another segment.")
    if scorer.older_until:
        click.echo(f"First purchases pile up at the start: customers first seen up to {scorer.older_until} have parameters of their own.")
    for line in () if done.by is None else covariate_lines(done.by, done.strange):
        click.echo(line)
    if scorer.note:
        click.echo(f"{'No value' if scorer.rules else 'No value and no segment'}: {scorer.note}.")
    for warning in (scorer.covariates or scorer.purchases).warnings:
        click.echo(f"The fit warns: {warning}.")


def _covariates(scorer: Any, given: str | None) -> list[str]:
    """The names of the covariates: those of a fit kept earlier, else those that are given."""
    if scorer is not None:
        return [coding.name for coding in scorer.covariates.told.design.codings] if scorer.covariates else []
    return [name.strip() for name in (given or "").split(",") if name.strip()]


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text'}).") from None
