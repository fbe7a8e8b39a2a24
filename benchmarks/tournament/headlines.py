"""Intervals of totals as models claim them, and as headlines: widened by the record of the same data and a belief from all other data.

The rule is that of `goodwill.inference.track_record`. What it begins with, how far such forecasts err beyond what they claim (tau, and the
degrees of freedom that this is worth), is learned here from the errors of other data sets: never from the set that is scored, nor from one
of its family (the same truth; CDNOW and its sample), and never from CDNOW at all, whose reports are to be widened by the kept prior.
Chosen are the tau and the degrees under which that very rule, going from date to date of each data set, gives the errors that came the
highest probability.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from goodwill.inference.track_record import Prior, Statement, error, excess, interval_score, tau_squared, widen_by
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.rolling import HALF, count_statement

FEWEST_OWN = 2  # hold-outs of one's own from which on a report claims the headline's interval
NEVER = "cdnow"  # the family whose errors are in no prior
BOUNDS = [(-7.0, 1.0), (float(np.log(2)), 4.0)]  # of the logarithms of tau and degrees: at least as much as the prior of money is worth


class _Errors(NamedTuple):
    """The errors of one set, date by date: error, variance claimed on its side, and excess."""

    error: np.ndarray
    claimed: np.ndarray
    excess: np.ndarray


def statements(part: pd.DataFrame) -> list[Statement]:
    """The forecasts of one data set with intervals, in the order of their dates."""
    said = []
    for row in part.sort_values("cut").itertuples():
        made: date = row.cut
        interval = Interval(row.expected, row.lower, row.upper)
        said.append(count_statement(made, made + timedelta(days=int(row.days)), interval, row.came))
    return said


def _errors(part: pd.DataFrame) -> _Errors:
    said = statements(part)
    found, beyond = np.array([error(one) for one in said]), np.array([excess(one) for one in said])
    return _Errors(found, found**2 - beyond, beyond)


def prior_of(rows: pd.DataFrame, source: str = "") -> Prior:
    """The belief about errors beyond what is claimed that foretells best the errors of these rows, which are of one forecast."""
    from scipy.optimize import minimize

    sets = [_errors(part) for _, part in rows.groupby("set", sort=False)]
    e, claimed = (np.concatenate([getattr(one, name) for one in sets]) for name in ("error", "claimed"))
    before = np.concatenate([np.concatenate([[0.0], np.cumsum(one.excess)[:-1]]) for one in sets])
    count = np.concatenate([np.arange(len(one.error)) for one in sets])

    def cost(parameters: np.ndarray) -> float:
        tau, degrees = np.exp(parameters)
        tau2 = np.maximum((degrees * tau**2 + before) / (degrees + count), 0.0)
        total = claimed + tau2
        with np.errstate(divide="ignore", over="ignore"):
            freedom = np.minimum((degrees + count) * (total / tau2) ** 2, 1e9)
        return -float(_log_density(e, freedom, total).sum())

    starts = [np.log([tau, 3.0]) for tau in (0.03, 0.12)]
    found = min((minimize(cost, start, method="Nelder-Mead", bounds=BOUNDS) for start in starts), key=lambda each: each.fun)
    tau, degrees = np.exp(found.x)
    return Prior(float(tau), float(degrees), source)


def _log_density(e: np.ndarray, freedom: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """Of a t with the location 0 and these degrees of freedom and squared scales."""
    from scipy.special import gammaln

    half = (freedom + 1) / 2
    constant = np.where(freedom < 1e8, gammaln(half) - gammaln(freedom / 2) - np.log(freedom / 2) / 2, 0.0)
    return constant - np.log(2 * np.pi * squared) / 2 - half * np.log1p(e**2 / (freedom * squared))


def priors(rows: pd.DataFrame, leave: str | None = None) -> dict[str, Prior]:
    """By forecast with intervals, the prior from all data but CDNOW and a family that is left out."""
    kept = rows[rows["held"].notna() & ~rows["family"].isin([NEVER, leave])]
    return {str(name): prior_of(part) for name, part in kept.groupby("forecast", sort=False)}


def with_headlines(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with intervals; added: past (hold-outs of the same set that were over), wide_lower, wide_upper, wide_held, wide_score."""
    told = rows[rows["held"].notna()]
    found = []
    for family, of_family in told.groupby("family", sort=False):
        believed = priors(rows, str(family))
        for (_, name), part in of_family.groupby(["set", "forecast"], sort=False):
            prior = believed.get(str(name))
            if prior is None:  # a forecast that no other data know
                continue
            part = part.sort_values("cut")
            said = statements(part)
            beyond = [excess(one) for one in said]
            ends = [widen_by(one, tau_squared(beyond[:k], prior)) for k, one in enumerate(said)]
            wide = part.assign(past=range(len(part)), wide_lower=[max(one.lower - HALF, 0.0) for one in ends])
            wide["wide_upper"] = [one.upper - HALF for one in ends]
            wide["wide_held"] = wide["came"].between(wide["wide_lower"], wide["wide_upper"]).astype(float)
            wide["wide_score"] = interval_score(wide["wide_lower"], wide["wide_upper"], wide["came"]) / wide["came"]
            found.append(wide)
    return pd.concat(found, ignore_index=True)
