"""Lots: drawn for a plan, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from goodwill.cli.group import main
from goodwill.cli.shared import column_options, print_table
from goodwill.errors import UsageError


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
@column_options
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
    print_table(lots.summary())


@main.command()
@click.argument("lots")
@click.argument("orders")
@click.option("--margin", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Profit per unit of spend.")
@click.option("--cost", "costs", type=(str, float), multiple=True, metavar="STRATEGY MONEY", help="Per treated customer; may repeat.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day that counts; by default that of the orders.")
@click.option("--catalogue", metavar="FILE", help="Strategies whose assumed effects give way to what was measured.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the catalogue with measured effects goes, YAML.")
@column_options
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
    print_table(arms.table)
    if catalogue:
        measured, table = found.measured(read_catalogue_of(drawn, catalogue))
        print_table(table)
        if out:
            out.write_text(measured.to_text(), "utf8")
            click.echo(f"{out}: measured where at least 20 customers were in each arm; the rest is as it was assumed.")
