"""What the checks and the audit count of plain transactions, from the codes of their cells instead of queries on their rows."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from goodwill.data.doubts.nobody import Ids, look_among
from goodwill.data.doubts.outliers import LOOKED_AT, Amount
from goodwill.data.reading.quick import Plain, money

EXACT = 2**53  # ten-thousandths up to which sums of floats are sums of whole numbers
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Tally:
    """Counts of rows of which none lacks an id, a day or money.

    Attributes
    ----------
    rows : mapping
        What `audit.count_rows` counts.
    ids : pyarrow.Table
        What `nobody.ids_of` gives: `customer_id`, `n` and, with money, `money`.
    seen : Ids
        What there is among them.
    days : list of (date, int)
        The rows of each day.
    largest : list of Amount
        What `outliers.largest` gives.
    size : float
        The money of all rows without its sign.
    known : mapping
        For `audit.grouped_facts`: `rows`, `customers`, their `days`, `copies` (rows that equal an earlier one in every column) and
        `copied` (their money).
    repeated_days : int
        Days of a customer with several rows.
    """

    rows: Mapping[str, Any]
    ids: pa.Table
    seen: Ids
    days: list[tuple[date, int]]
    largest: list[Amount]
    size: float
    known: Mapping[str, Any]
    repeated_days: int


def tally(plain: Plain, same: np.ndarray) -> Tally | None:
    """Count plain transactions; None where a cell is missing, or the money is beyond what floats add up exactly.

    Parameters
    ----------
    plain : Plain
        The coded columns.
    same : array of uint64
        The fingerprint of all columns of a row.
    """
    parts = [part for part in (plain.ids, plain.dates, plain.amounts) if part is not None]
    units, amounts = plain.units, plain.amounts
    if any(part.empty >= 0 for part in parts):
        return None
    each, size = None, 0.0
    if units is not None and amounts is not None:
        if (size := float(np.abs(units).astype("float64") @ np.bincount(amounts.codes))) >= EXACT:
            return None
        each = units[amounts.codes]
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(_copies, same, each)
        again = beside.submit(_repeats, plain)
        ids = _ids(plain, each)
        seen = look_among(ids)
    (copies, copied), repeats = found.result(), again.result()
    count, customers = len(plain.ids.codes), len(plain.ids.texts)
    return Tally(
        rows=_rows(plain, count),
        ids=ids,
        seen=seen,
        days=[(_day(d), int(n)) for d, n in zip(plain.days, np.bincount(plain.dates.codes), strict=True)],
        largest=_largest(plain),
        size=float(_decimal(int(size))),
        known={"customers": customers, "copies": copies, "copied": copied, "rows": count, "days": count - int(repeats.sum())},
        repeated_days=int((np.diff(repeats.astype("int8"), prepend=0) == 1).sum()),
    )


def _ids(plain: Plain, each: np.ndarray | None) -> pa.Table:
    """Rows and money of each id."""
    customers = len(plain.ids.texts)
    ids = {"customer_id": plain.ids.texts, "n": pa.array(np.bincount(plain.ids.codes, minlength=customers))}
    if each is not None:
        ids["money"] = money(np.bincount(plain.ids.codes, weights=each, minlength=customers).astype("int64"))
    return pa.table(ids)


def _repeats(plain: Plain) -> np.ndarray:
    """Of all rows but one, by customer and day, whether the row before has the same customer and day."""
    of_day = plain.ids.codes.astype("int64") * len(plain.dates.texts)
    of_day += plain.dates.codes
    of_day.sort()
    return of_day[1:] == of_day[:-1]


def fingerprints(plain: Plain, others: np.ndarray | None) -> np.ndarray:
    """A number for each row that rows have in common where they are equal in all columns: in `plain` and in the `others`, hashed."""
    kinds = [part for part in (plain.dates, plain.amounts) if part is not None]
    found, size = plain.ids.codes.astype("uint64"), len(plain.ids.texts)
    for part in kinds:
        size *= len(part.texts)
        if size >= 2**64:
            found, size = _mixed(found), 1
        found *= np.uint64(len(part.texts))
        np.add(found, part.codes, out=found, casting="unsafe")  # codes are never negative
    return found if others is None else _mixed(_mixed(found) ^ others)


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Numbers scattered over 64 bits, one to one (the finalizer of SplitMix64)."""
    z = numbers.astype("uint64") + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _copies(same: np.ndarray, each: np.ndarray | None) -> tuple[int, Decimal]:
    """Rows that equal an earlier one, and their money."""
    ordered = np.sort(same)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again) or each is None:
        return len(again), Decimal(0)
    kinds, beyond = np.unique(again, return_counts=True)
    at = np.searchsorted(kinds, same)
    place = np.flatnonzero(kinds[np.minimum(at, len(kinds) - 1)] == same)
    of_kind = np.zeros(len(kinds), "int64")
    of_kind[at[place]] = each[place]
    return len(again), _decimal(int((of_kind * beyond).sum()))


def _rows(plain: Plain, count: int) -> dict[str, Any]:
    """As `count_rows`, for any `returns` but "drop"."""
    units, numbers = (np.zeros(1, "int64"), np.zeros(1, "int64"))
    if plain.units is not None and plain.amounts is not None:
        units, numbers = plain.units, np.bincount(plain.amounts.codes)
    total, negative = int((units * numbers).sum()), units < 0
    nothing = ("no_id", "no_id_money", "no_date", "no_date_money", "no_amount", "trimmed", "no_id_word", "from_float", "odd_id", "rounded",
               "odd_amount")  # fmt: skip
    return dict.fromkeys(nothing, 0) | {
        "rows": count,
        "zero": int(numbers[units == 0].sum()),
        "negative": int(numbers[negative].sum()),
        "negative_money": _decimal(int((units[negative] * numbers[negative]).sum())),
        "used": count,
        "used_money": _decimal(total),
        "money": _decimal(total),
        "first": _day(plain.days.min()),
        "last": _day(plain.days.max()),
    }


def _largest(plain: Plain) -> list[Amount]:
    """The amounts farthest from zero with the lines of their rows, the largest first, of equal ones the first."""
    if plain.units is None or plain.amounts is None:
        return []
    size, codes = np.abs(plain.units), plain.amounts.codes
    far = np.sort(size)[-LOOKED_AT - 1 :][0]
    places = np.flatnonzero((size >= far)[codes])
    chosen = places[np.argsort(-size[codes[places]], kind="stable")][: LOOKED_AT + 1]
    return [Amount(float(plain.units[codes[place]]) / 10_000, int(place) + 2) for place in chosen]


def _day(days: Any) -> date:
    return _EPOCH + timedelta(days=int(days))


def _decimal(units: int) -> Decimal:
    return Decimal(units).scaleb(-4)
