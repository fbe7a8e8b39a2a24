"""Fits under a calendar, and the factors that they give the days of the year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from goodwill.data.purchases import automatic_calibration_end, observed_window
from goodwill.errors import FitError, TooLittle
from goodwill.inference.parameters import log_draws
from goodwill.inference.uncertainty import quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.richer.calendars import day_kinds
from goodwill.lifetime_value.richer.season_estimates import YEARS
from goodwill.lifetime_value.richer.seasonal import in_season

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit

SHORTEST = 4  # weeks of a hold-out


def fit_with_calendar(summary: PurchaseSummary, calendar: Any = ("weeks",), *, model: Any = BetaGeoNBD) -> Fit:
    """Fit BG/NBD or MBG/NBD whose customers buy more on some days of the year than on others.

    Parameters
    ----------
    summary : PurchaseSummary
        Of days (`grain="day"`). Only its calibration is used.
    calendar : what `calendar_of` reads
        `["weeks"]`, names of days, days of one's own; with factors where they are known.
    model : BetaGeoNBD or ModifiedBetaGeoNBD, or a class of `older_apart` of these: the factors are the same for both kinds of customers

    Returns
    -------
    Fit
        Its model answers in the time of the calendar (see `Seasonal`), so that forecasts, intervals and values know the season. The
        log-likelihood is that of the data, without the penalty, and with the Jacobian: it stands beside the plain model's.

    Raises
    ------
    TooLittle
        When factors have to be estimated from less than two years, or of days that the data do not hold.
    FitError
        For another model, a frame without dates, or purchases merged by week.

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> summary = summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> fit_with_calendar(summary, ["Valentine's Day x1"]).parameters.round(3)  # a day like any other: the plain model
    array([0.243, 4.414, 0.793, 2.426])
    """
    return in_season(model, calendar).fit(summary)


def calibration_for(model: Any, transactions: Transactions, *, end: date | str | None = None) -> date:
    """The date that halves the observed window, or, for a model whose calendar is estimated, leaves it two years where it can.

    Raises
    ------
    TooLittle
        When no hold-out would be left behind the two years.

    Examples
    --------
    >>> import goodwill as gw
    >>> calibration_for(gw.BetaGeoNBD, gw.read_transactions("cdnow_sample")).isoformat()
    '1997-09-30'
    """
    half = automatic_calibration_end(transactions, end=end)
    calendar = getattr(model, "calendar", None)
    if calendar is None or not calendar.is_estimated:
        return half
    needed, last = transactions.first + timedelta(days=YEARS), observed_window(transactions, None, end)[1]
    if (min(last, transactions.last) - needed).days < 7 * SHORTEST:
        raise TooLittle(
            f"A calendar ({calendar}) is estimated from two years, and tested on four weeks or more after them; these data run from "
            f"{transactions.first} to {min(last, transactions.last)}. Give its factors, such as 'Christmas x2.5', or forecast without."
        )
    return max(half, needed)


def calendar_factors(fit: Fit, *, level: float = 0.95, draws: int = 1000, seed: int = 1) -> pd.DataFrame:
    """How much busier than a mean day of the year the days of a fitted calendar are.

    Returns
    -------
    DataFrame
        A row per week and per named day: name, first, last (its days as month-day; empty where they move), estimated (False where it was
        given), factor, lower, upper: of the rate of purchase on these days over its mean over the year. Weeks without the named days.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> fit = gw.lifetime_value.fit_with_calendar(summary, ["sale: 03-01..03-07 x2"])
    >>> gw.lifetime_value.calendar_factors(fit)[["name", "first", "last", "estimated", "factor"]]
       name  first   last  estimated    factor
    0  sale  03-01  03-07      False  1.962391
    """
    model = fit.model
    calendar: Any = getattr(model, "calendar", None)
    if calendar is None:
        raise FitError("this fit has no calendar; fit one with fit_with_calendar")
    kinds = day_kinds(calendar, date(2001, 1, 1), 365)
    weeks = len(calendar.fields) - len(calendar.estimated)
    size = len(fit.parameters) - len(calendar.fields)
    logs = np.log(fit.parameters[size:])
    drawn = log_draws(fit.prediction_draws(draws, seed))[:, size:] if calendar.is_estimated else np.zeros((draws, 0))
    rows = []
    own = kinds.log_factors(logs)
    spread = kinds.log_factors(drawn)
    plain = ~(kinds.design[:, weeks:].any(axis=1) | (kinds.offset != 0))
    for k in range(weeks):
        at = int(np.flatnonzero((kinds.design[:, k] > 0) & plain)[0]) if ((kinds.design[:, k] > 0) & plain).any() else None
        start = date(2001, 1, 1) + timedelta(days=7 * k)
        stop = date(2001, 12, 31) if k == weeks - 1 else start + timedelta(days=6)
        if at is not None:
            found = quantile_interval(float(np.exp(own[at])), np.exp(spread[:, at]), level)
            rows.append((f"week {k + 1}", f"{start:%m-%d}", f"{stop:%m-%d}", True, *found))
    for each in calendar.days:
        held = each.holds(np.arange(np.datetime64("2001-01-01"), np.datetime64("2002-01-01")))
        spans = [f"{month:02}-{day:02}" for span in each.yearly[:1] for month, day in span] or ["", ""]
        share = np.bincount(kinds.kind[held], minlength=len(kinds.share)) if held.any() else None
        if share is None:  # days of a year of their own: over an ordinary day
            place = [other.name for other in calendar.estimated].index(each.name) + weeks if each.factor is None else -1
            middle, ends = (logs[place], drawn[:, place]) if place >= 0 else (np.log(each.factor or 1.0), np.zeros(draws))
            found = quantile_interval(float(np.exp(middle)), np.exp(ends if place >= 0 else ends + middle), level)
        else:
            found = quantile_interval(float(np.exp(own) @ share / share.sum()), np.exp(spread) @ share / share.sum(), level)
        rows.append((each.name, *spans, each.factor is None, *found))
    return pd.DataFrame(rows, columns=["name", "first", "last", "estimated", "factor", "lower", "upper"])
