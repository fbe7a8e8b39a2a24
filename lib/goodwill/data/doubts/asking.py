"""All doubts about a table of transactions, in one order: what columns say of rows, ids, rows that repeat, single rows that decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis

from goodwill.data.doubts import nobody, outliers, qualifiers, repeats
from goodwill.data.doubts.doubt import SMALL, Doubt, Scope, settle
from goodwill.data.doubts.keep import Condition, meets
from goodwill.data.doubts.vocabulary import UNIT_PRICE, is_named
from goodwill.data.reading.files import Fact, view_on
from goodwill.data.tally import Tally

ZERO = ibis.literal(0).cast("decimal(18, 4)")
SAMPLE = 2_000  # rows whose texts say what a column of no telling name is about
SHOWN_ROWS = 5


@dataclass(frozen=True)
class Meant:
    """What the caller said about which rows are meant, and the columns that may say so.

    Attributes
    ----------
    where : name of the source
    names : canonical name to the column of the source
    extras : column of the source to its name in the typed table
    known : columns of the source that are carried along under their own names, since they say something of the customer
    kinds : column of the source to what it may say (see `qualifiers`)
    conditions : conditions of `keep`
    once : "", "rows", "orders" or "nothing"
    order : name of the column of orders in the typed table; "" without one
    pieces : column with the number of pieces beside the price of one; "" without one
    has_more : whether the source has columns beside those with a role
    is_sure : whether nothing is asked, as of built-in sets
    """

    where: str
    names: Mapping[str, str]
    extras: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    once: str = ""
    order: str = ""
    pieces: str = ""
    has_more: bool = False
    is_sure: bool = False

    @property
    def as_written(self) -> frozenset[str]:
        """Columns about which nothing is asked."""
        return frozenset(c.column for c in self.conditions)

    @property
    def has_amount(self) -> bool:
        """Whether there is money."""
        return "amount" in self.names

    def place(self, column: str) -> str:
        """The name in the typed table of a column of the source."""
        roles = {name: role for role, name in self.names.items()}
        return roles.get(column) or self.extras[column]


def only_meant(typed: Any, meant: Meant) -> tuple[Any, list[Fact]]:
    """The rows that meet the conditions, each equal row or order once where that is told, and what was left out."""
    facts = []
    for condition in meant.conditions:
        if condition.is_as_written:
            continue
        is_kept = meets(condition, typed[meant.place(condition.column)])
        facts.append(_left_out(typed.filter(~is_kept), meant, f"not kept: {condition.text}", "left out, as told"))
        typed = typed.filter(is_kept)
    if meant.once in ("rows", "orders"):
        keys = ["same"] if meant.once == "rows" else ["customer_id", meant.order or "moment", "amount"]
        once = repeats.without_copies(typed, [k for k in keys if k in typed.columns])
        before, after = (_counted(each, meant) for each in (typed, once))
        money = before[1] - after[1] if meant.has_amount else None
        facts.append(
            Fact(
                f"{'equal rows' if meant.once == 'rows' else 'lines of an order'} beyond the first",
                before[0] - after[0],
                "left out, as told",
                money,
            )
        )
        typed = once
    return typed, facts


def _counted(table: Any, meant: Meant) -> tuple[int, float]:
    money = {"money": table.amount.sum()} if meant.has_amount else {}
    found = table.aggregate(n=table.count(), **money).to_pyarrow().to_pylist()[0]
    return int(found["n"]), float(found.get("money") or 0)


def _left_out(table: Any, meant: Meant, rule: str, done: str) -> Fact:
    rows, money = _counted(table, meant)
    return Fact(rule, rows, done, money if meant.has_amount else None)


@dataclass(frozen=True)
class Asked:
    """What is left of a table about which all was asked: the table, small doubts, and what was counted on the way (for the audit)."""

    table: Any
    facts: tuple[Fact, ...]
    known: Mapping[str, Any]


def ask(typed: Any, meant: Meant, n: Mapping[str, Any], counted: Tally | None = None) -> Asked:
    """The table with what needs no asking set right (letters of e-mails), and the facts of small doubts.

    Parameters
    ----------
    n : mapping
        What `audit.count_rows` counted.
    counted : Tally, optional
        What is counted already of all these rows, so that it is not asked of them again.

    Raises
    ------
    Unclear
        For the first doubt that is not small.
    DataError
        For ids that cannot be told apart.
    """
    missing = n["no_id"] + n["no_date"] + n["no_amount"] * meant.has_amount
    rows = typed.filter(_usable(typed, meant)) if missing else typed
    money = float(n["money"] - n["no_id_money"] - n["no_date_money"]) if meant.has_amount else None
    scope = Scope(n["rows"] - missing, money, meant.where)
    facts = _settled(_of_pieces(rows, meant), scope)
    for column, kind in meant.kinds.items():
        if column not in meant.as_written:
            facts += _settled(_of_column(rows, column, kind, meant, scope), scope)
    typed, found, customers = _of_ids(typed, rows, meant, scope, counted)
    copies = counted.known["copies"] if counted else _copies(rows)
    if not meant.once:
        facts += _settled(_of_repeats(rows, copies or 0, meant, scope, counted), scope)
    of_cells = [*_of_dates(rows, meant, scope, counted), *_of_amounts(rows, meant, scope, n["negative"] > 0, counted)]
    facts += found + _settled(of_cells, scope)
    known = {"copies": copies, "customers": customers}
    if counted and customers is not None:  # where letters of e-mails are set right, days of a customer may fall together
        known = dict(counted.known)
    return Asked(typed, tuple(facts), {key: value for key, value in known.items() if value is not None})


def _usable(typed: Any, meant: Meant) -> Any:
    usable = typed.customer_id.notnull() & typed.date.notnull()
    return usable & typed.amount.notnull() if meant.has_amount else usable


def _settled(doubts: Sequence[Doubt | None], scope: Scope) -> list[Fact]:
    return settle([doubt for doubt in doubts if doubt is not None], scope)


def _of_pieces(rows: Any, meant: Meant) -> list[Doubt | None]:
    if not meant.has_amount or not meant.pieces or meant.pieces in meant.as_written or not is_named(meant.names["amount"], UNIT_PRICE):
        return []
    number = as_number(rows[meant.extras[meant.pieces]])
    price = rows.amount.cast("float64")
    found = rows.aggregate(alone=price.sum(), product=(price * number).sum(), n=number.count()).to_pyarrow().to_pylist()[0]
    if not found["n"]:
        return []
    return [
        qualifiers.judge_pieces(
            meant.names["amount"], meant.pieces, meant.where, float(found["alone"] or 0), float(found["product"] or 0), int(found["n"])
        )
    ]


def as_number(value: Any) -> Any:
    """A column as numbers, missing where it holds none; texts with a decimal comma too."""
    if not value.type().is_string():
        return value.cast("float64")
    bare = value.strip()
    text = bare.contains(".").ifelse(bare.replace(",", ""), bare.replace(",", ".")).re_replace(r"[^0-9eE.+-]", "")
    return text.nullif("").try_cast("float64") if value.get_backend().name == "duckdb" else text.nullif("").cast("float64")


def _of_column(rows: Any, column: str, kind: str, meant: Meant, scope: Scope) -> list[Doubt | None]:
    value = rows[meant.extras[column]]
    counted = rows.filter(rows.amount >= ZERO) if meant.has_amount else rows
    if kind == "refund" or (kind == "flag" and qualifiers.may_be_money_back(column) and _holds_money(rows, value)):
        return [_refunded(rows, value, column, scope)]
    value = counted[meant.extras[column]].cast("string").fill_null("").strip()
    money = {"money": counted.amount.sum()} if meant.has_amount else {}
    grouped = counted.group_by(value=value).aggregate(n=lambda t: t.count(), **money)
    tallies = qualifiers.tallies_of(grouped.order_by(ibis.desc("n"), "value").limit(qualifiers.MOST_VALUES + 1).to_pyarrow().to_pylist())
    if len(tallies) > qualifiers.MOST_VALUES and kind != "flag":
        return []
    return [qualifiers.judge(kind, qualifiers.Column(column, scope.where, tallies))]


def _holds_money(rows: Any, value: Any) -> bool:
    """Whether a column holds numbers of more than two sizes, so that it is no yes or no."""
    if value.type().is_boolean() or value.type().is_temporal():
        return False
    number = as_number(value)
    filled = value.notnull() & (value.cast("string").strip() != "")
    found = rows.aggregate(sizes=number.nunique(), numbers=number.count(), filled=filled.sum()).to_pyarrow().to_pylist()[0]
    return found["sizes"] > 2 and found["numbers"] == found["filled"]


def _refunded(rows: Any, value: Any, column: str, scope: Scope) -> Doubt | None:
    number = as_number(value).abs()
    found = rows.aggregate(n=(number > 0).sum(), money=number.sum()).to_pyarrow().to_pylist()[0]
    return qualifiers.judge_refund(column, scope.where, int(found["n"] or 0), float(found["money"] or 0), scope.money)


def _of_ids(typed: Any, rows: Any, meant: Meant, scope: Scope, counted: Tally | None) -> tuple[Any, list[Fact], int | None]:
    """The table with one customer for each e-mail address, the facts, and the number of customers where that is known."""
    name = meant.names["customer_id"]
    if name in meant.as_written:
        return typed, [], None
    ids = None if counted else nobody.ids_of(rows, meant.has_amount)
    seen = counted.seen if counted else nobody.look_at(ids)
    facts = settle(nobody.judge_ids(seen.odd, seen.busiest, name, scope), scope) if seen.odd else []
    if counted and seen.capitals:
        ids = view_on(rows.get_backend(), counted.ids, "ids")
    written, alike = nobody.without_case(ids) if seen.capitals else (0, 0)
    if alike == written:
        return typed, facts, seen.count
    lower = typed.customer_id.contains("@").ifelse(typed.customer_id.lower(), typed.customer_id)
    changed = int(typed.aggregate(n=(lower != typed.customer_id).sum()).to_pyarrow().to_pylist()[0]["n"] or 0)
    return typed.mutate(customer_id=lower), [*facts, nobody.case_fact(written, alike, changed)], None


def _copies(rows: Any) -> int | None:
    """Rows that equal an earlier one in every column; None where the engine has no fingerprint of them."""
    if "same" not in rows.columns:
        return None
    found = rows.aggregate(rows=rows.count(), same=rows.same.nunique()).to_pyarrow().to_pylist()[0]
    return int(found["rows"] - found["same"])


def _of_repeats(rows: Any, copies: int, meant: Meant, scope: Scope, counted: Tally | None) -> list[Doubt | None]:
    if copies > SMALL * scope.rows:
        doubt = repeats.judge_copies(repeats.count_copies(rows, meant.has_amount), scope)
        if doubt is not None:
            return [doubt]
    if not meant.has_amount or not meant.has_more or "same" not in rows.columns:
        return []
    if counted and not meant.order and counted.repeated_days < repeats.ORDERS:
        return []
    shown = next((name for name, place in meant.extras.items() if place == meant.order), meant.names.get("order_id", ""))
    totals = repeats.order_totals(rows, meant.order or "moment")
    return [repeats.judge_totals(totals, meant.names["amount"], shown, scope)]


def _of_dates(rows: Any, meant: Meant, scope: Scope, counted: Tally | None) -> list[Doubt | None]:
    name = meant.names["date"]
    if name in meant.as_written:
        return []
    days = counted.days if counted else _days(rows)
    doubts: list[Doubt | None] = []
    for side, edge, n in outliers.judge_dates(days, name, scope):
        far = rows.filter(rows.date < ibis.literal(edge) if side == "early" else rows.date > ibis.literal(edge))
        doubts.append(outliers.date_doubt(side, edge, n, _dates_shown(far, n), name, scope))
    return doubts


def _days(rows: Any) -> list[tuple[date, int]]:
    found = rows.group_by("date").aggregate(n=lambda t: t.count()).to_pyarrow().to_pylist()
    return [(r["date"], int(r["n"])) for r in found]


def _dates_shown(far: Any, n: int) -> str:
    """Dates with the numbers of their rows, such as "1900-01-01 in rows 7 and 11"."""
    if "goodwill_row" not in far.columns:
        days = sorted({str(r["date"]) for r in far.select("date").limit(1000).to_pyarrow().to_pylist()})
        return f"{', '.join(days[:SHOWN_ROWS])} in {n:,} row{'s' if n > 1 else ''}"
    found = far.select("date", row=far.goodwill_row).order_by("row").limit(SHOWN_ROWS + 1).to_pyarrow().to_pylist()
    by_day: dict[str, list[str]] = {}
    for r in found[:SHOWN_ROWS]:
        by_day.setdefault(str(r["date"]), []).append(f"{r['row']:,}")
    each = [f"{day} in row{'s' if len(at) > 1 else ''} {_joined(at)}" for day, at in by_day.items()]
    return ", ".join(each) + (f" and {n - SHOWN_ROWS:,} rows more" if n > SHOWN_ROWS else "")


def _joined(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


def _of_amounts(rows: Any, meant: Meant, scope: Scope, has_negative: bool, counted: Tally | None) -> list[Doubt | None]:
    if not meant.has_amount or meant.names["amount"] in meant.as_written:
        return []
    size = float(scope.money or 0)
    if counted:
        size = counted.size
    elif has_negative:
        size = float(rows.aggregate(size=rows.amount.abs().sum()).to_pyarrow().to_pylist()[0]["size"] or 0)
    return [
        outliers.judge_amounts(
            counted.largest if counted else outliers.largest(rows), size, float(scope.money or 0), meant.names["amount"], scope
        )
    ]
