"""The summary in days, as one would write it down in pandas, and random logs to compare it on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import strategies as st

START = date(2024, 1, 31)  # 2024 has a leap day, and summer time begins in New York on 10 March
_AMOUNTS = st.sampled_from([0.0, 0.0, 1.0, 2.5, 19.75, 100.25, -1.0, -2.5, -40.0])
_MINUTES = st.sampled_from([0, 0, 1, 150, 719, 1439])


def _rows(customers: str, longest: int) -> Any:
    """Rows of (customer, days after START, minutes after midnight, amount), in any order, equal ones among them."""
    row = st.tuples(st.sampled_from(customers), st.integers(0, 40), _MINUTES, _AMOUNTS)
    rows = st.lists(row, min_size=1, max_size=longest)
    return rows | rows.map(lambda some: [*some, *some[::2]])


LOGS, ONE_CUSTOMER = _rows("abcdef", 60), _rows("a", 12)


def log_of(rows: list[tuple[str, int, int, float]], zone: str | None = None) -> pd.DataFrame:
    """The rows as a table; in a zone, moments that its clock skips are an hour later."""
    moments = pd.to_datetime([START + timedelta(days=r[1]) for r in rows]) + pd.to_timedelta([r[2] for r in rows], unit="min")
    if zone:
        moments = moments.tz_localize(zone, nonexistent=timedelta(hours=1), ambiguous=True)
    return pd.DataFrame({"customer_id": [r[0] for r in rows], "date": moments.as_unit("us"), "amount": [r[3] for r in rows]})


def without_purchases(log: pd.DataFrame, returns: str) -> bool:
    """Whether nothing is left of a log."""
    return returns == "drop" and bool((log.amount < 0).all())


def definition(log: pd.DataFrame, returns: str, cut: date | None, end: date) -> pd.DataFrame:
    """The summary in days; `cut` is the last day of the calibration, `end` that of the observation."""
    log = log.assign(day=log.date.dt.date)
    netted = returns == "net" and bool((log.amount < 0).any())
    log = log[(log.day <= end) & ((log.amount >= 0) | (returns != "drop"))]
    stop, rows = cut or end, {}
    for who, own in log.groupby("customer_id"):
        days = own.groupby("day").amount.agg(["sum", "max"])
        bought = days.index[(days["max"] >= 0) | (returns == "keep")]
        known = [d for d in bought if d <= stop]
        if known:
            seen = days["sum"][(days.index >= known[0]) & (days.index <= stop)]
            mean = seen[seen.index >= known[1]].sum() / (len(known) - 1) if len(known) > 1 else 0  # before it, the first is given back
            held = [len(bought) - len(known), days["sum"][days.index > stop].sum()] if cut else []
            back = [-own.amount[(own.amount < 0) & (own.day <= stop)].sum()] if netted else []
            rows[who] = [len(known) - 1, (known[-1] - known[0]).days, (stop - known[0]).days, mean, seen.sum(), *back, *held]
    names = ["frequency", "recency", "T", "monetary_value", "spend", *(["returned"] if netted else [])]
    names += ["frequency_holdout", "spend_holdout"] if cut else []
    return pd.DataFrame.from_dict(rows, orient="index", columns=names, dtype=float)
