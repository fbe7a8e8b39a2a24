"""Does a forecast that knows the season foretell better, and on which dates? The plain model beside the same under a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import summarize_purchases
from goodwill.errors import TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.inference.validation import mean_difference
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.rolling import disjoint_holdouts, fit_at, holdout_at, rolling_cuts
from goodwill.lifetime_value.histories import history
from goodwill.lifetime_value.richer.calendars import calendar_of
from goodwill.lifetime_value.richer.season_estimates import YEARS
from goodwill.lifetime_value.richer.seasonal import in_season
from goodwill.lifetime_value.richer.seasonal_fit import SHORTEST, calendar_factors
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions

QUARTER = 13  # weeks of one where nothing else is asked for and the data allow it
DRAWS = 200


@dataclass(frozen=True, repr=False)
class SeasonGain(Shown):
    """What `season_gain` found.

    Attributes
    ----------
    by_date : DataFrame
        A row per date: date, until (last day of the hold-out), came (purchases), and of both models plain, plain_lower, plain_upper,
        season, season_lower, season_upper (the total with its 95 % predictive interval); gain, lower, upper: mean log score of the
        customers under the calendar less that of the plain model (above zero the calendar is better).
    gain : Interval
        Mean gain over customers and dates, all dates of a customer taken together.
    factors : DataFrame
        Of `calendar_factors`, from all data.
    fit : Fit
        Under the calendar, of all data.
    calendar : str
    horizon : float
    unit : str
    disjoint : int
        Hold-outs that do not overlap.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.lifetime_value.season_gain(gw.read_transactions("cdnow_sample"), ["sale: 03-01..03-07 x2"], dates=1, horizon=13)
    >>> found.calendar, found.factors["name"].tolist()
    ('sale', ['sale'])
    """

    by_date: pd.DataFrame
    gain: Interval
    factors: pd.DataFrame
    fit: Fit
    calendar: str
    horizon: float
    unit: str
    disjoint: int

    def held(self, which: str) -> int:
        """On how many dates the interval of `plain` or `season` held what came."""
        low, high = (self.by_date[f"{which}_{end}"] for end in ("lower", "upper"))
        return int(self.by_date["came"].between(low, high).sum())

    def missed(self, which: str) -> float:
        """Mean absolute error of the total of `plain` or `season`, as a share of what came."""
        return float((self.by_date[which] - self.by_date["came"]).abs().sum() / self.by_date["came"].sum())


def season_gain(
    transactions: Transactions,
    calendar: Any = ("weeks",),
    *,
    model: Any = BetaGeoNBD,
    dates: int = 6,
    horizon: float = 0.0,
    unit: str = "week",
    seed: int = 1,
) -> SeasonGain:
    """Fit a model with and without a calendar at several dates, each with two years or more behind it, and judge what both foretold.

    Parameters
    ----------
    calendar : what `calendar_of` reads
    model : BetaGeoNBD or ModifiedBetaGeoNBD
    dates : how many, evenly from two years after the first day on
    horizon : length of each hold-out, in units; 0 takes a quarter of a year, or half of what lies behind the first date if that is less

    Raises
    ------
    TooLittle
        When the data hold less than two years and four weeks.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.lifetime_value.season_gain(gw.read_transactions("cdnow_sample"), ["sale: 03-01..03-07 x2"], dates=1, horizon=13)
    >>> found.by_date[["came", "plain", "season"]].round(-1)
        came  plain  season
    0  500.0  620.0   600.0
    """
    read = calendar_of(calendar)
    kind = in_season(model, read)
    first = transactions.first + timedelta(days=YEARS if kind.calendar.is_estimated else (transactions.last - transactions.first).days // 4)
    left = (transactions.last - first).days
    if left < 7 * SHORTEST:
        raise TooLittle(
            f"What a calendar ({read}) adds to a forecast is seen from two years and four weeks of data on; "
            f"these run from {transactions.first} to {transactions.last}."
        )
    ahead = horizon or min(QUARTER, max(SHORTEST, left // 14)) * 7 / DAYS_PER_UNIT[unit]
    cuts = rolling_cuts(transactions, dates, ahead, unit, first)
    rows, gains, whose = [], [], []
    for cut in cuts:
        summary = holdout_at(transactions, cut, ahead, unit)
        customers = summary.to_pandas()
        y, length = customers["frequency_holdout"].to_numpy(float), float(customers["duration_holdout"].iloc[0])
        row: dict[str, Any] = {"date": pd.Timestamp(cut), "until": pd.Timestamp(summary.end), "came": y.sum()}
        scores = []
        for name, each in (("plain", model), ("season", kind)):
            fit = fit_at(each, summary)
            told = fit.predict_interval(summary, length, draws=DRAWS, seed=seed).loc["total"]
            row |= {name: told["estimate"], f"{name}_lower": told["lower"], f"{name}_upper": told["upper"]}
            chance = fit.model.probability_of_future_purchases(y, length, *history(customers))
            scores.append(np.log(np.maximum(chance, 1e-300)))
        gain = mean_difference(scores[1], scores[0])
        rows.append(row | {"gain": gain.estimate, "lower": gain.lower, "upper": gain.upper})
        gains.append(scores[1] - scores[0])
        whose.append(customers["customer_id"].to_numpy())
    whole = fit_at(kind, summarize_purchases(transactions, unit=unit))
    by_date = pd.DataFrame(rows)
    overall = _over_customers(np.concatenate(gains), pd.factorize(np.concatenate(whose))[0])
    disjoint = disjoint_holdouts(cuts, ahead, unit)
    return SeasonGain(by_date, overall, calendar_factors(whole, seed=seed), whole, str(read), ahead, unit, disjoint)


def _over_customers(gains: np.ndarray, whose: np.ndarray) -> Interval:
    """Mean with its 95 % interval, the dates of a customer taken together."""
    total, size = np.bincount(whose, gains), np.bincount(whose)
    mean, n = float(total.sum() / size.sum()), len(size)
    half = float(normal_quantile(0.95) * np.sqrt(((total - mean * size) ** 2).sum() * n / max(n - 1, 1)) / size.sum())
    return Interval(mean, mean - half, mean + half)
