"""Single rows on which an answer hangs: an amount far above all others, the sum of all others, a date years from all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from goodwill.data.doubts.doubt import Doubt, Scope, condition, told

LOOKED_AT = 8  # amounts, the largest
RATIO = 50  # the smallest of a few large amounts over the next smaller one
SHARE = 0.1  # of all money that they are
FEW = 0.01  # of the rows, and two at least, may lie far off
FEWEST_ROWS = 30
GAP_DAYS = 365
PLACEHOLDERS = frozenset(
    [date(1, 1, 1), date(1753, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1901, 1, 1), date(1969, 12, 31),
     date(1970, 1, 1), date(1980, 1, 1), date(2079, 6, 6), date(2099, 12, 31), date(2100, 1, 1), date(2100, 12, 31)]
)  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """One amount, with the number of its row where rows have numbers."""

    value: float
    row: int | None


def largest(typed: Any) -> list[Amount]:
    """The amounts farthest from zero, the largest first, of equal ones the first."""
    has_row = "goodwill_row" in typed.columns
    amount = typed.amount.cast("float64")
    chosen = typed.select(amount=amount, size=amount.abs(), **({"row": typed.goodwill_row} if has_row else {}))
    top = chosen.order_by(ibis.desc("size"), *(["row"] if has_row else [])).limit(LOOKED_AT + 1).to_pyarrow().to_pylist()
    return [Amount(r["amount"], r.get("row")) for r in top]


def judge_amounts(top: Sequence[Amount], size: float, money: float, name: str, scope: Scope) -> Doubt | None:
    """The doubt that a few amounts are slips of the hand, or that one is the sum of all others.

    Examples
    --------
    >>> few = [Amount(500_000.0, 302), Amount(450.0, 7), Amount(400.0, 8)]
    >>> judge_amounts(few, 526_000.0, 526_000.0, "paid", Scope(591, 526_000.0, "f.csv")).answers
    {'keep': ['paid<=450']}
    """
    if scope.rows < FEWEST_ROWS or not top:
        return None
    if top[0].value > 0 and abs(money - 2 * top[0].value) <= 0.005 * scope.rows**0.5 and len(top) > 2:
        return _doubt(top, 1, name, scope, "is the sum of all other rows, so that all money would count twice", size)
    for k in range(1, min(len(top), LOOKED_AT, max(2, int(FEW * scope.rows)) + 1)):
        here, following = abs(top[k - 1].value), abs(top[k].value)
        if here >= RATIO * max(following, 1e-9) and sum(abs(a.value) for a in top[:k]) >= SHARE * size:
            return _doubt(
                top, k, name, scope, f"{'is' if k == 1 else 'are'} {here / max(following, 0.01):,.0f} times the next smaller one", size
            )
    return None


def _doubt(top: Sequence[Amount], k: int, name: str, scope: Scope, what: str, size: float) -> Doubt:
    limit = f"{abs(top[k].value):.4f}".rstrip("0").rstrip(".")
    keep = condition(name, "<=", limit) if min(a.value for a in top[:k]) > 0 else condition(name, ">=", f"-{limit}")
    shown = ", ".join(f"{a.value:,.2f}" + (f" in row {a.row:,}" if a.row is not None else "") for a in top[:k])
    share = sum(abs(a.value) for a in top[:k]) / size
    text = f"Column {name!r} of {scope.where} holds {shown}, which {what}, {share:.0%} of all money"
    how = f"Correct the file, pass {told('keep', keep)} to leave it out, or {told('keep', condition(name, '=', '*'))} if it is right"
    return Doubt("amounts far from all others", text, how, {"keep": [keep]}, k, sum(a.value for a in top[:k]), asks=True)


def judge_dates(days: Sequence[tuple[date, int]], name: str, scope: Scope) -> list[tuple[str, date, int]]:
    """The ends of the dates that lie far from all others: "early" or "late", the first or last date of the others, and the rows cut off.

    A few rows are far when a gap of a year or more parts them, and of more than half the time that all others span; a date that stands for
    "no date" (1900-01-01, 1970-01-01) is far whatever its rows.

    Examples
    --------
    >>> from datetime import timedelta
    >>> days = [(date(2023, 1, 4) + timedelta(days=k), 2) for k in range(300)]
    >>> judge_dates([*days, (date(2029, 6, 1), 1)], "date", Scope(601, None, "f.csv"))
    [('late', datetime.date(2023, 10, 30), 1)]
    """
    if scope.rows < FEWEST_ROWS:
        return []
    found = []
    for side, ordered in (("early", sorted(days)), ("late", sorted(days, reverse=True))):
        cut = _cut(ordered, scope.rows)
        if cut:
            found.append((side, ordered[cut][0], sum(n for _, n in ordered[:cut])))
    return found


def _cut(ordered: Sequence[tuple[date, int]], rows: int) -> int:
    """How many dates of one end are far from the others; 0 for none."""
    few, seen, best = max(2, int(FEW * rows)), 0, 0
    last = ordered[-1][0]
    for k in range(1, len(ordered)):
        seen += ordered[k - 1][1]
        gap, span = abs((ordered[k][0] - ordered[k - 1][0]).days), abs((last - ordered[k][0]).days)
        is_placeholder = all(day in PLACEHOLDERS for day, _ in ordered[:k])
        if seen > few and not is_placeholder:
            break
        if gap >= GAP_DAYS and (is_placeholder or gap > span / 2):
            best = k
    return best


def date_doubt(side: str, edge: date, rows: int, shown: str, name: str, scope: Scope) -> Doubt:
    """The doubt that the rows beyond an edge are no dates of purchases."""
    is_early, one = side == "early", rows == 1
    keep = condition(name, ">=" if is_early else "<=", edge.isoformat())
    what = (
        f"Column {name!r} of {scope.where} holds {shown}, a year and more {'before' if is_early else 'after'} all other rows, "
        f"which {'begin' if is_early else 'end'} on {edge}"
    )
    how = (
        f"Correct the file, pass {told('keep', keep)} to leave {'it' if one else 'them'} out, "
        f"or {told('keep', condition(name, '=', '*'))} if {'it is' if one else 'they are'} right"
    )
    return Doubt("dates far from all others", what, how, {"keep": [keep]}, rows, None, asks=True)
