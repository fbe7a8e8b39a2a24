"""The headline of a customer base: the money to come, as far ahead as its own record reaches, widened by that record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT, UNITS_PER_YEAR
from goodwill.errors import DataError, FitError
from goodwill.inference.track_record import Statement, TrackRecord, scored, track_record, why_not_widened, widened
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.past_statements import due_date, money_statement
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit

FIRST = 0.25  # of the observed time goes by before the first statement is made
STEPS = 3  # statements on dates half a window apart: windows 1 and 3 do not overlap
DRAWS = 200


@dataclass(frozen=True, repr=False)
class Headline(Shown):
    """What `headline` found.

    Attributes
    ----------
    now : Statement
        Made on the last day of the data, with the interval that would hold if the model were right.
    interval : Interval or None
        That interval widened by the record; None where fewer than two disjoint windows have finished.
    why : str or None
        Why no interval is claimed.
    record : TrackRecord or None
        How the statements of the past have fared; None where none has come due.
    past : DataFrame
        The statements beside what came; see `scored`.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> now = gw.inference.Statement(date(1998, 6, 30), date(1999, 6, 30), 20_000.0, 18_000.0, 22_000.0)
    >>> found = Headline(now, interval=None, why="Only 1 statement without overlap lies behind it.", record=None, past=pd.DataFrame())
    >>> found.now.estimate, found.interval, found.why  # no interval is claimed that no record backs
    (20000.0, None, 'Only 1 statement without overlap lies behind it.')
    """

    now: Statement
    interval: Interval | None
    why: str | None
    record: TrackRecord | None
    past: pd.DataFrame


def recorded_horizon(observed: float, unit: str) -> float:
    """How far ahead a headline may look: two windows without overlap fit behind the first quarter of the data; at most a year.

    Parameters
    ----------
    observed : length of the data, in units
    unit : day, week, month or year

    Returns
    -------
    float
        In units.

    Examples
    --------
    >>> round(recorded_horizon(78.0, "week"), 2)  # 18 months of data: 29 weeks
    29.0
    """
    return max(min(UNITS_PER_YEAR[unit], float(np.floor(observed * (1 - FIRST) / 2))), min(1.0, observed))


def headline(
    transactions: Transactions, whole: PurchaseSummary, total: Interval, terms: ValueTerms, model: Any, spend: str, *, seed: int = 1
) -> Headline:
    """The expected total, held against the same statement on earlier dates of the same data.

    Parameters
    ----------
    transactions, whole : the records, and their summary up to the last day that counts
    total : the expected total within `terms.horizon` of that day, with the interval of the model (`total_value_interval`)
    model, spend : class of the purchase model, and how the spend model is chosen on each date (`choose_spend`)

    Notes
    -----
    Statements are made half a window apart, back to the first quarter of the data; a date on which too little was known is left out. Only
    windows that do not overlap widen the interval (`goodwill.inference.track_record`).

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> total = gw.inference.Interval(19_000.0, 17_000.0, 21_000.0)  # of `total_value_interval`
    >>> found = headline(log, gw.summarize_purchases(log), total, terms, gw.BetaGeoNBD, "independent")
    >>> found.past[["made", "estimate", "came"]].round(-2).to_dict("list")  # said a year earlier
    {'made': [datetime.date(1997, 7, 1)], 'estimate': [22300.0], 'came': [27500.0]}
    >>> found.why
    'Only 1 statement without overlap that looks 52 weeks ahead had come due by 1998-06-30; an interval needs 2 of them.'
    """
    said = [*_past(transactions, whole, terms, model, spend, seed)]
    now = Statement(whole.end, due_date(whole.end, terms.horizon, terms.unit), total.estimate, total.lower, total.upper)
    wide, why = widened(now, said), why_not_widened(now, said)
    return Headline(now, wide, why, track_record(said) if said else None, scored(said) if said else pd.DataFrame())


def _past(transactions: Transactions, whole: PurchaseSummary, terms: ValueTerms, model: Any, spend: str, seed: int) -> list[Statement]:
    days = terms.horizon * DAYS_PER_UNIT[terms.unit]
    known = whole.length * DAYS_PER_UNIT[whole.unit]
    options: dict[str, Any] = {
        "unit": terms.unit,
        "grain": whole.grain,
        "margin": terms.margin,
        "annual_discount_rate": terms.annual_discount_rate,
    }
    said = []
    for step in range(STEPS):
        before = days * (1 + step / 2)
        if before <= known * (1 - FIRST) + 1:
            made = whole.end - timedelta(days=int(np.ceil(before)))
            try:
                one = money_statement(transactions, made, terms.horizon, model, spend, draws=DRAWS, seed=seed, **options)
            except (FitError, DataError):  # too little was known on that day
                continue
            if one.came and one.estimate > 0:
                said.append(one)
    return said


def scenarios(fits: dict[str, Fit], spend: Fit, customers: pd.DataFrame, terms: ValueTerms) -> pd.DataFrame:
    """The total by purchase model within the horizon, within a year, and without end: what no record reaches is a range over models.

    Parameters
    ----------
    fits : mapping of name to Fit
        Of purchase models.
    spend : Fit
        Of a spend model.
    customers : DataFrame
        frequency, recency, T and monetary_value of those valued, in the unit of the fits.
    terms : horizon, margin and discount rate

    Returns
    -------
    DataFrame
        Rows by model; columns horizon, year, unlimited (missing without discounting).

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, ValueTerms
    >>> data = pd.DataFrame({"frequency": [0, 1, 2, 6], "recency": [0.0, 8.0, 15.0, 27.0], "T": 30.0, "weight": [60, 20, 12, 8]})
    >>> data["monetary_value"] = [0.0, 20.0, 35.0, 28.0]
    >>> terms = ValueTerms(horizon=26, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> found = scenarios({"BG/NBD": BetaGeoNBD.fit(data)}, GammaGamma.fit(data), data, terms)
    >>> found.round().to_dict("list")  # the further ahead, the more
    {'horizon': [46.0], 'year': [86.0], 'unlimited': [544.0]}
    """
    year = ValueTerms(UNITS_PER_YEAR[terms.unit], terms.margin, terms.annual_discount_rate, terms.unit)
    rows = {}
    for name, fit in fits.items():
        value = customer_value(fit.model, spend.model, customers, terms)[["value", "value_unlimited"]].sum()
        within = float(customer_value(fit.model, spend.model, customers, year)["value"].sum())
        rows[name] = (value["value"], within, value["value_unlimited"] if terms.rate > 0 else np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["horizon", "year", "unlimited"]).rename_axis("model")
