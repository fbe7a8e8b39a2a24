"""A hold-out counted by weeks, months or longer periods, for logs whose dates are no days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goodwill.data.date_grain import purchase_opportunities
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.beta_geo_nbd_by_period import BetaGeoNBDByPeriod

if TYPE_CHECKING:
    from goodwill.data.date_grain import DateGrain
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit

DRAWS = 100
PRIOR = 1.5  # width of the weak prior that bounds what small data leave open, so that no ridge has to be explored by refits


@dataclass(frozen=True)
class PeriodForecast:
    """What `forecast_by_period` found.

    Attributes
    ----------
    period : the period by which purchases are counted
    fit : Fit
        `BetaGeoNBDByPeriod` of the calibration, with a weak prior.
    periods : how many the hold-out has
    forecast : Interval
        Periods with a purchase in the hold-out, summed over customers; parameters and chance together.
    came : how many there were

    Examples
    --------
    >>> import goodwill as gw
    >>> found = PeriodForecast("month", fit=None, periods=9, forecast=gw.inference.Interval(1170.0, 1060.0, 1290.0), came=1478)
    >>> found.held  # more came than the interval allows
    False
    """

    period: str
    fit: Fit
    periods: int
    forecast: Interval
    came: int

    @property
    def held(self) -> bool:
        """Whether the interval held what came."""
        return self.forecast.lower <= self.came <= self.forecast.upper


def forecast_by_period(tested: PurchaseSummary, grain: DateGrain, period: str = "automatic", *, seed: int = 1) -> PeriodForecast:
    """The hold-out foretold by the model that knows only periods, of which each tells whether a customer bought.

    Parameters
    ----------
    tested : a summary with a hold-out, whose log and dates are used
    grain : what the dates stand for (`goodwill.data.date_grain`)
    period : "week", "month", "quarter" or "year"; "automatic" takes what the dates stand for

    Raises
    ------
    TooLittle
        When dates are known to the day, or lie in a rhythm that is no period of the calendar, and no period is asked for.
    FitError
        For a single customer, and when nobody ever came back.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> tested = gw.summarize_purchases(log, calibration_end="1997-09-30")
    >>> found = forecast_by_period(tested, gw.data.date_grain(log), "month")
    >>> found.periods, found.came, round(found.forecast.estimate, -1)
    (9, 1478, 1170.0)
    """
    every = grain.period if period == "automatic" else period
    if every is None:
        why = f"lie {grain.step} days apart, which is no period of the calendar" if grain.is_coarse else "are known to the day"
        raise TooLittle(f"Dates {why}, so nothing is counted by period.")
    counted = purchase_opportunities(tested.transactions, every, calibration_end=tested.calibration_end, end=tested.end)
    fit, periods = BetaGeoNBDByPeriod.fit(counted, PRIOR), int(counted["duration_holdout"].iloc[0])
    found = fit.predict_interval(counted, periods, draws=DRAWS, seed=seed)
    forecast = Interval(*found[["estimate", "lower", "upper"]].to_numpy(float)[0].tolist())
    return PeriodForecast(every, fit, periods, forecast, int(counted["frequency_holdout"].sum()))
