"""What the same four weeks of the year before say about a season that the purchase models do not know.

The models let nobody's rate depend on the date, so a shop in its season misses its forecasts every year and nothing has changed. Whether
forecasts drift is therefore asked of what they miss by beyond the season, as far as the log knows it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.inference.ledger import FOUR_WEEKS, YEAR
from goodwill.inference.rows import as_of
from goodwill.inference.shrinkage import empirical_bayes
from goodwill.lifetime_value.purchase_model import by_birth, elapsed

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary

WINDOWS = YEAR // FOUR_WEEKS
FEWEST_EXPECTED = 5.0  # repeat purchases in a window, below which its ratio says nothing
FEWEST_WINDOWS = 6  # from which the size of a season is learned
HALF = 0.5  # added to counts, so that none at all has a logarithm


class Season(NamedTuple):
    """By how much the window to come is above (positive) or below what a model without a season expects: logarithm of the ratio.

    `sd` is its standard deviation. `is_known` says whether the log holds the same window of the year before; where it does not, `shift` is
    zero and `sd` what the other windows vary by.
    """

    shift: float
    sd: float
    is_known: bool


def season_of(expected: ArrayLike, came: ArrayLike) -> Season | None:
    """The season of the window to come from the windows of the last year, the first of which is that one a year ago.

    Parameters
    ----------
    expected, came : repeat purchases per window, shape (windows,): as the model fits them, and as the log holds them

    Returns
    -------
    Season or None
        None where fewer than six windows have five purchases or more expected.

    Notes
    -----
    The logarithms of came over expected, each with the error of a count, are pulled towards their common mean by as much as they vary by
    chance alone (`goodwill.inference.shrinkage.empirical_bayes`). What they share is a misfit of the level, not a season.

    Examples
    --------
    A year in which the first window had half as much again:

    >>> found = season_of([100] * 13, [150, 100, 95, 105, 98, 102, 100, 97, 103, 101, 99, 60, 90])
    >>> round(found.shift, 2), round(found.sd, 2), found.is_known
    (0.31, 0.1, True)
    """
    mean, count = np.asarray(expected, float), np.asarray(came, float)
    usable = mean >= FEWEST_EXPECTED
    if usable.sum() < FEWEST_WINDOWS:
        return None
    ratios, errors = np.log((count + HALF) / (mean + HALF))[usable], 1 / np.sqrt(mean[usable] + HALF)
    found = empirical_bayes(ratios, errors)
    if usable[0]:
        return Season(float(found.mean[0] - found.prior_mean), float(found.sd[0]), True)
    return Season(0.0, float(found.prior_sd), False)


def season_before(model: Any, summary: PurchaseSummary) -> Season | None:
    """`season_of` the four weeks after a summary ends.

    Parameters
    ----------
    model : purchase model in the unit of the summary, fitted to it
    summary : without a hold-out
    """
    from goodwill.data.tracking import births, repeats_by_day

    known, repeats = births(summary), repeats_by_day(summary)
    starts = [summary.end - timedelta(days=YEAR - FOUR_WEEKS * place) for place in range(WINDOWS + 1)]
    length = DAYS_PER_UNIT[summary.unit]
    born, bought = known["date"].dt.date.to_numpy(), repeats["day"].to_numpy()
    first = np.array([(day - summary.end).days / length for day in born])
    times = np.array([(start - summary.end).days / length for start in starts])[:, None]
    ages = np.where(times >= first, elapsed(as_of(model, summary), first, np.maximum(times, first)), -1.0)
    customers, came = known["customers"].to_numpy(float), repeats["purchases"].to_numpy(float)
    parts = [
        windows_of(own, ages[:, which], customers[which], starts, bought, came) for which, own in by_birth(as_of(model, summary), -first)
    ]
    return season_of(np.sum([expected for expected, _ in parts], axis=0), parts[0][1])


def windows_of(model: Any, ages: Any, customers: Any, starts: Any, bought: Any, purchases: Any) -> tuple[np.ndarray, np.ndarray]:
    """Repeat purchases between each two of some dates, as the model expects them of customers by their age, and as they were bought.

    Parameters
    ----------
    ages : in units of the model, on each date of each group of customers, shape (dates, groups); negative before they were born
    customers : in each group, shape (groups,)
    starts : the dates (or numbers of days), shape (dates,)
    bought, purchases : dates and numbers of repeat purchases, shape (days,)
    """
    by_date = model.expected_purchases_new_customer(np.maximum(ages, 0.0)) @ customers
    place = np.searchsorted(np.asarray(starts), bought)  # of (start, next start]: a day that is a start belongs to what ends there
    within = (place > 0) & (place < len(starts))
    came = np.bincount(place[within] - 1, weights=np.asarray(purchases)[within], minlength=len(starts) - 1)
    return np.diff(by_date), came
