"""Columns that say what a row is: a status, a currency, an event, money given back, a number of pieces beside the price of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill.data.doubts import vocabulary as words
from goodwill.data.doubts.doubt import Doubt, condition, told
from goodwill.data.doubts.vocabulary import header, is_named, plain

MOST_VALUES = 60  # a column of more different values is no status, no currency and no kind of event
SHOWN = 8


@dataclass(frozen=True)
class Tally:
    """One value of a column: the rows that would count as purchases (no negative amounts), and their money."""

    value: str
    rows: int
    money: float | None = None


@dataclass(frozen=True)
class Column:
    """A column with the tallies of its values."""

    name: str
    where: str
    tallies: tuple[Tally, ...]

    def listed(self) -> str:
        """The values with their rows, the most frequent first."""
        ordered = sorted(self.tallies, key=lambda tally: (-tally.rows, tally.value))
        shown = ", ".join(f"{_shown(t.value)} {t.rows:,}" for t in ordered[:SHOWN])
        return shown + (f" and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else "")

    def doubt(self, what: str, meant: Sequence[str], marked: Sequence[Tally], otherwise: str) -> Doubt:
        """The doubt that some tallies are not what they are counted as."""
        money = None if any(t.money is None for t in marked) else sum(t.money or 0.0 for t in marked)
        rows = sum(t.rows for t in marked)
        keep = condition(self.name, "=", *(_shown(v) for v in meant))
        text = f"Column {self.name!r} of {self.where} {what} (rows: {self.listed()})"
        how = f"Pass {told('keep', keep)}, or {told('keep', condition(self.name, '=', '*'))} {otherwise}"
        return Doubt(f"column {self.name}", text, how, {"keep": [keep]}, rows, money)


def kinds_by_name(columns: Sequence[str]) -> dict[str, str]:
    """Which columns may qualify rows by their names: column to kind.

    Examples
    --------
    >>> kinds_by_name(["Email", "Financial Status", "Currency", "Refunded Amount", "Qty", "behavior_type", "Cancelled at"])
    {'Financial Status': 'status', 'Currency': 'currency', 'Refunded Amount': 'refund', 'behavior_type': 'event', 'Cancelled at': 'flag'}
    """
    return {name: kind for name in columns if (kind := _kind_by_name(name))}


def _kind_by_name(name: str) -> str | None:
    bare = header(name)
    if is_named(name, words.CURRENCY, ends=True):
        return "currency"
    if is_named(name, words.STATUS, ends=True) and not re.search("country|province|region|州", bare):
        return "status"
    if any(word in bare for word in words.REFUND.split()) and re.search(
        "amount|betrag|total|sum|montant|monto|importe|valor|value|金额|額|额", bare
    ):
        return "refund"
    if is_named(name, words.EVENT) or is_named(name, words.KIND):
        return "event"
    if re.search(words.NOT_SOLD, plain(name)) and not re.search("reason|note|comment|policy|by$|window|days|grund|原因", bare):
        return "flag"  # or money given back, which its cells tell
    return None


def kind_by_content(values: Sequence[str]) -> str | None:
    """What a column of texts says by its different values, whatever its name.

    Examples
    --------
    >>> kind_by_content(["paid", "cancelled"]), kind_by_content(["EUR", "USD"]), kind_by_content(["buy", "pv"])
    ('status', 'currency', 'event')
    >>> kind_by_content(["red", "blue"])
    """
    texts = [plain(v) for v in values if v.strip()]
    if not 2 <= len(texts) <= MOST_VALUES:
        return None
    if all(v.strip().upper() in words.CURRENCIES for v in values if v.strip()):
        return "currency"
    if any(_is_unsold(t) for t in texts) and any(re.search(words.SOLD, t) and not _is_unsold(t) for t in texts):
        return "status"
    if any(re.search(words.BOUGHT, t) for t in texts) and any(re.search(words.NOT_BOUGHT, t) for t in texts):
        return "event"
    return None


def _is_unsold(text: str) -> bool:
    return bool(re.search(words.NOT_SOLD, text)) and not re.search(words.STILL_SOLD, text)


def judge(kind: str, column: Column) -> Doubt | None:
    """The doubt that the values of a column raise; None when they raise none."""
    return _JUDGES[kind](column)


def _judge_status(column: Column) -> Doubt | None:
    marked = [t for t in column.tallies if _is_unsold(plain(t.value))]
    if not marked:
        return None
    meant = [t.value for t in _most_first(column.tallies) if t not in marked]
    sold = [v for v in meant if v.strip() and re.search(words.SOLD, plain(v))]
    shown = ", ".join(_shown(t.value) for t in _most_first(marked)[:SHOWN])
    return column.doubt(f"holds rows that by it are no sales: {shown}", meant or sold, marked, "if all rows are sales")


def _judge_event(column: Column) -> Doubt | None:
    bought = [t for t in column.tallies if re.search(words.BOUGHT, plain(t.value))]
    other = [t for t in column.tallies if t not in bought and (re.search(words.NOT_BOUGHT, plain(t.value)) or _is_unsold(plain(t.value)))]
    if is_named(column.name, words.EVENT) and bought:
        other = [t for t in column.tallies if t not in bought]
    if not other:
        return None
    meant = [t.value for t in _most_first(bought)] or [t.value for t in _most_first(column.tallies) if t not in other]
    shown = ", ".join(_shown(t.value) for t in _most_first(other)[:SHOWN])
    return column.doubt(f"holds rows that by it are no purchases: {shown}", meant, other, "if all rows are purchases")


def may_be_money_back(name: str) -> bool:
    """Whether a header names money given back, or whether it was, such as "Refunded".

    Examples
    --------
    >>> may_be_money_back("Refunded"), may_be_money_back("Cancelled at")
    (True, False)
    """
    return any(word in header(name) for word in words.REFUND.split())


def _judge_currency(column: Column) -> Doubt | None:
    named = [t for t in column.tallies if t.value.strip()]
    if len({t.value.strip().upper() for t in named}) < 2 or any(re.search(r"\d", t.value) for t in named):  # a rate is no currency
        return None
    first = _most_first(named)[0]
    other = [t for t in named if t.value.strip().upper() != first.value.strip().upper()]
    what = "holds several currencies, whose amounts cannot be added up"
    return column.doubt(what, [first.value], other, "if all amounts are in one currency already")


def _judge_flag(column: Column) -> Doubt | None:
    values = {plain(t.value) for t in column.tallies}
    if values <= {*words.YES, *words.NO}:
        marked = [t for t in column.tallies if plain(t.value) in words.YES]
    elif "" in values and all(re.search(r"\d", v) for v in values - {""}):  # a day on which it was cancelled
        marked = [t for t in column.tallies if t.value.strip()]
    else:
        return _judge_status(column)
    if not marked:
        return None
    meant = [t.value for t in column.tallies if t not in marked]
    return column.doubt("says of rows that they are no sales", meant or [""], marked, "if all rows are sales")


_JUDGES = {"status": _judge_status, "event": _judge_event, "currency": _judge_currency, "flag": _judge_flag}


def judge_refund(name: str, where: str, rows: int, refunded: float, money: float | None) -> Doubt | None:
    """The doubt that a column of money given back is not taken off the sales."""
    if not rows or not refunded:
        return None
    share = f", {refunded / money:.1%} of the sales" if money else ""
    what = f"Column {name!r} of {where} holds money given back, {refunded:,.2f} in {rows:,} rows{share}, which the amounts may still hold"
    how = (
        f"Pass {told('refunded', name)} to take it off, or {told('keep', condition(name, '=', '*'))} if the amounts are without it already"
    )
    return Doubt(f"column {name}", what, how, {"refunded": name}, 0 if money else rows, refunded)


def judge_pieces(price: str, quantity: str, where: str, alone: float, product: float, rows: int) -> Doubt | None:
    """The doubt that the price of one piece is taken for the money of a row."""
    if abs(product - alone) <= 0.01 * abs(product):
        return None
    what = (
        f"Column {price!r} of {where} is by its name the price of one piece: alone it adds up to {alone:,.2f}, "
        f"times {quantity!r} to {product:,.2f}"
    )
    how = (
        f"Pass {told('amount', price)} and {told('quantity', quantity)} for the product, "
        f"or {told('keep', condition(quantity, '=', '*'))} too if {price!r} is the money of the row"
    )
    return Doubt(f"column {price}", what, how, {"amount": price, "quantity": quantity}, rows, None, asks=True)


def _most_first(tallies: Sequence[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: (-tally.rows, tally.value))


def _shown(value: str) -> str:
    return value.strip() or "(blank)"


def tallies_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Tally, ...]:
    """Tallies of the rows of a query with `value`, `n` and `money`."""
    return tuple(Tally(str(r["value"] or ""), int(r["n"]), None if r.get("money") is None else float(r["money"])) for r in rows)
