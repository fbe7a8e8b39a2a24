"""Rows that stand there more than once: a file appended twice, and the total of an order on each of its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis

from goodwill.data.doubts.doubt import Doubt, Scope, told

ONCE = ("", "rows", "orders", "nothing")
MOST = 0.5  # of all rows have a copy: nobody sells like that
FEWEST_ROWS = 30  # below which nothing is said of copies
BLOCK = 20  # rows that stand again in the same order, this far on or farther, are a block that was appended again
ORDERS = 10  # with several lines, below which nothing is said of their totals
EQUAL = 0.98  # of these orders carry one amount on all their lines
VARIED = 0.5  # amounts differ between orders of a customer at least this often, or equal lines say nothing


@dataclass(frozen=True)
class Copies:
    """Rows equal in every column: those beyond the first, those that have a copy, and those that stand again in a block."""

    beyond: int
    twins: int
    in_block: int
    money: float | None


def count_copies(typed: Any, has_amount: bool) -> Copies:
    """Count rows equal in `same`, the fingerprint of all columns of the source."""
    row = {"first": typed.goodwill_row.min(), "last": typed.goodwill_row.max()} if "goodwill_row" in typed.columns else {}
    money = {"money": typed.amount.min()} if has_amount else {}
    groups = typed.group_by("same").aggregate(n=lambda t: t.count(), **row, **money)
    groups = groups.filter(groups.n > 1)
    copied = (groups.money.cast("float64") * (groups.n - 1)).sum() if has_amount else ibis.null("float64")
    total = groups.aggregate(beyond=(groups.n - 1).sum(), twins=groups.n.sum(), money=copied).to_pyarrow().to_pylist()[0]
    block = 0
    if row:
        pairs = groups.filter(groups.n == 2).mutate(step=lambda t: t.last - t.first)
        steps = pairs.filter(pairs.step >= BLOCK).group_by("step").aggregate(n=lambda t: t.count())
        block = int(steps.aggregate(most=steps.n.max()).to_pyarrow().to_pylist()[0]["most"] or 0)
    return Copies(int(total["beyond"] or 0), int(total["twins"] or 0), block, None if not has_amount else float(total["money"] or 0))


def judge_copies(copies: Copies, scope: Scope) -> Doubt | None:
    """The doubt that a file, or a block of it, stands there twice."""
    is_block = copies.in_block >= max(BLOCK, 0.01 * scope.rows)
    most = 1.0 if scope.money is None else MOST  # without money all that a row says is who came on a day, which may well repeat
    if scope.rows < FEWEST_ROWS or (copies.twins < most * scope.rows and not is_block):
        return None
    in_block = f", {copies.in_block:,} of them in one block and the same order" if is_block else ""
    money = f" with {copies.money:,.2f}" if copies.money is not None else ""
    what = (
        f"{scope.where} holds {copies.beyond:,} rows{money} that equal an earlier row in every column{in_block}: "
        "it may have been appended twice"
    )
    how = f"Pass {told('once', 'rows')} to count equal rows once, or {told('once', 'nothing')} if each is a purchase of its own"
    return Doubt("rows appended twice", what, how, {"once": "rows"}, copies.beyond, copies.money)


@dataclass(frozen=True)
class OrderTotals:
    """Orders of several lines, those with one amount on all lines, what the lines beyond the first add, and how amounts vary by order."""

    orders: int
    equal: int
    lines: int
    money: float
    varied: float


def order_totals(typed: Any, key: str) -> OrderTotals:
    """Compare the amounts of the lines of each order; `key` names the column of orders, else the moment of the purchase."""
    orders = typed.group_by(["customer_id", key]).aggregate(
        n=lambda t: t.count(), least=lambda t: t.amount.min(), most=lambda t: t.amount.max()
    )
    several = orders.filter((orders.n > 1) & (orders.most > ibis.literal(0).cast("decimal(18, 4)")))
    is_equal = several.least == several.most
    extra = (several.n - 1).sum(where=is_equal)
    money = (several.most.cast("float64") * (several.n - 1)).sum(where=is_equal)
    found = several.aggregate(orders=several.count(), equal=is_equal.sum(), lines=extra, money=money).to_pyarrow().to_pylist()[0]
    each = orders.group_by("customer_id").aggregate(orders=lambda t: t.count(), amounts=lambda t: t.most.nunique())
    each = each.filter(each.orders > 1)
    varied = each.aggregate(share=each.amounts.sum() / each.orders.sum().cast("float64").nullif(0)).to_pyarrow().to_pylist()[0]["share"]
    return OrderTotals(
        int(found["orders"]),
        int(found["equal"] or 0),
        int(found["lines"] or 0),
        float(found["money"] or 0),
        1.0 if varied is None else float(varied),
    )


def judge_totals(found: OrderTotals, amount: str, order: str, scope: Scope) -> Doubt | None:
    """The doubt that the total of an order stands on each of its lines."""
    if found.orders < ORDERS or found.equal < EQUAL * found.orders or found.varied < VARIED:
        return None
    of = f"by column {order!r}" if order else "of one customer at one time"
    what = (
        f"Column {amount!r} of {scope.where} holds one amount on all lines of an order in {found.equal:,} of {found.orders:,} orders of "
        f"several lines ({of}): it may be the total of the order, counted {found.lines:,} times too often, {found.money:,.2f} too much"
    )
    how = f"Pass {told('once', 'orders')} to count it once per order, or {told('once', 'nothing')} if each line has its own money"
    return Doubt("totals of orders", what, how, {"once": "orders"}, found.lines, found.money)


def without_copies(typed: Any, keys: list[str]) -> Any:
    """One row, the first, of those that are equal in some columns; where rows have no numbers, the earliest."""
    order = [typed.goodwill_row] if "goodwill_row" in typed.columns else [typed.date]
    numbered = typed.mutate(copy=ibis.row_number().over(group_by=[typed[k] for k in keys], order_by=order))
    return numbered.filter(numbered.copy == 0).drop("copy")
