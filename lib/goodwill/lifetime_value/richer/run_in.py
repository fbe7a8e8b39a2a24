"""What it changes to take customers who are older than the log apart from those born inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from goodwill.calendar import UNITS_PER_YEAR
from goodwill.errors import TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.richer.older import FEWEST, OLDER, WithOlder
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.lifetime_value.value import ValueTerms


@dataclass(frozen=True, repr=False)
class RunIn(Shown):
    """What `run_in_cost` found.

    Attributes
    ----------
    table : DataFrame
        A row for each way: `one fit` for all customers; `born inside`: fitted to those born inside, all scored by it; `apart`: a fit of
        each kind. Columns purchases with purchases_lower and purchases_upper (in the horizon, of all customers) and, with money, value
        with value_lower and value_upper, and came (with a hold-out).
    until : date
        Last day of the run-in.
    older, inside : int
        Customers first seen in it, and later.
    newcomer : DataFrame
        expected, lower, upper: repeat purchases of a new customer in the horizon, by `one fit` and by `born inside`.
    horizon : float
    unit : str

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> january = gw.lifetime_value.older_apart(gw.BetaGeoNBD, "1997-01-31")  # as if its customers were older
    >>> gw.lifetime_value.run_in_cost(summary, january, horizon=26, draws=20).newcomer.index.tolist()
    ['one fit', 'born inside']
    """

    table: pd.DataFrame
    until: date
    older: int
    inside: int
    newcomer: pd.DataFrame
    horizon: float
    unit: str


def run_in_cost(
    summary: PurchaseSummary,
    kind: type[WithOlder],
    spend: Fit | None = None,
    terms: ValueTerms | None = None,
    *,
    horizon: float = 0.0,
    draws: int = 200,
    seed: int = 1,
) -> RunIn:
    """What it changes to take customers who are older than the log apart from those born inside.

    Parameters
    ----------
    summary : with or without a hold-out
    kind : class of `older_apart`
    spend, terms : a fitted model of spend and the terms of value, where money is wanted
    horizon : in units; by default that of the terms, or a year

    Raises
    ------
    TooLittle
        When fewer than 50 of either kind came back, or a fit under a calendar does not converge.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> january = gw.lifetime_value.older_apart(gw.BetaGeoNBD, "1997-01-31")  # as if its customers were older
    >>> found = gw.lifetime_value.run_in_cost(summary, january, horizon=26, draws=20)
    >>> found.older, found.inside
    (781, 1576)
    """
    from goodwill.lifetime_value.value import total_value_interval

    if not isinstance(kind, type) or not issubclass(kind, WithOlder):
        raise TooLittle("No pile of first purchases at the start of the data: customers are not taken apart.")
    apart = kind.fit(summary)
    if not isinstance(apart.model, WithOlder):
        raise TooLittle(f"Fewer than {FEWEST} customers first seen up to {kind.until}, or after it, came back: they are not taken apart.")
    horizon = horizon or (terms.horizon if terms else UNITS_PER_YEAR[summary.unit])
    frame = summary.to_pandas()
    older = apart.model.is_older(frame["T"])
    fits = {"one fit": kind.plain.fit(summary), "born inside": _born_inside(kind, summary, apart), "apart": apart}
    rows, new = {}, {}
    for name, fit in fits.items():
        told = fit.predict_interval(frame, horizon, draws=draws, seed=seed).loc["total"]
        row = {"purchases": told["estimate"], "purchases_lower": told["lower"], "purchases_upper": told["upper"]}
        if spend is not None and terms is not None:
            value = total_value_interval(fit, spend, frame, terms, draws=draws, seed=seed)
            row |= {"value": value.estimate, "value_lower": value.lower, "value_upper": value.upper}
        if "frequency_holdout" in frame:
            row["came"] = float(frame["frequency_holdout"].sum())
        rows[name] = row
        if name != "apart":
            found: Interval = fit.interval_of_mean(lambda model: model.expected_purchases_new_customer(horizon), draws=draws, seed=seed)
            new[name] = dict(zip(("expected", "lower", "upper"), map(float, map(np.squeeze, found)), strict=True))
    table, newcomer = (pd.DataFrame.from_dict(each, orient="index").rename_axis("way") for each in (rows, new))
    return RunIn(table, kind.until, int(older.sum()), int((~older).sum()), newcomer, horizon, summary.unit)


def _born_inside(kind: type[WithOlder], summary: PurchaseSummary, apart: Fit) -> Fit:
    """The fit of customers first seen after the run-in; under a calendar with the factors of all, for which they alone may be too short."""
    if kind.calendar is None:
        frame = summary.to_pandas()
        return kind.plain.fit(frame[~apart.model.is_older(frame["T"])][["frequency", "recency", "T"]])
    if not apart.converged:
        raise TooLittle(f"What taking customers apart changes is not told under this calendar, because {apart.warnings[0]}.")
    own = [place for place, name in enumerate(apart.names) if not name.startswith(OLDER)]
    (model,) = (each for _, each in apart.model.by_birth(np.zeros(1)))
    return replace(apart, model=model, covariance=apart.covariance[np.ix_(own, own)], problem=None)
