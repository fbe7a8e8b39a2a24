"""Regression to the mean: what happens to a segment that was chosen for an extreme period, when nobody does anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError, TooLittle
from goodwill.inference.bootstrap import FloatArray, group_sums, mean_interval
from goodwill.inference.uncertainty import Interval
from goodwill.segments.profiles import groups_of

BUYERS = ("highest fourth of buyers", "second fourth", "third fourth", "lowest fourth of buyers", "bought nothing")


def regression_to_mean(
    before: ArrayLike,
    at: ArrayLike,
    after: ArrayLike,
    segments: Any,
    expected: ArrayLike | None = None,
    *,
    draws: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """The same customers before, at and after the window that put them into their segment.

    Parameters
    ----------
    before, at, after : (customers,) spend, or orders, in windows of the same length; the segments were cut by `at`
    segments : one per customer
    expected : (customers,), optional
        What a purchase model fitted up to the end of `at` expects for `after` with no intervention (see `expected_without_intervention`).

    Returns
    -------
    DataFrame
        segment, customers; before, at, after, each with lower and upper (bootstrap over customers); change, after - at, with lower and
        upper; and with `expected`: expected, and beyond = after - expected with lower and upper: what regression to the mean as the model
        sees it does not explain. Only `beyond` could be the work of a strategy, and it also holds whatever the model gets wrong, a season
        for example.

    Examples
    --------
    >>> import pandas as pd
    >>> found = regression_to_mean([10.0, 12.0], [30.0, 28.0], [11.0, 13.0], pd.Categorical(["high", "high"]))
    >>> found[["before", "at", "after", "change"]].to_dict("list")  # chosen for a high middle, they fall back
    {'before': [11.0], 'at': [29.0], 'after': [12.0], 'change': [-17.0]}
    """
    columns = {"before": before, "at": at, "after": after} | ({} if expected is None else {"expected": expected})
    values = np.column_stack([np.asarray(column, float) for column in columns.values()])
    if not np.isfinite(values).all():
        raise DataError("a customer needs a number in every window, 0 where nothing was bought; leave out those who came later")
    names, codes = groups_of(segments, len(values))
    sums, drawn = group_sums(np.column_stack([np.ones(len(values)), values]), codes, len(names), draws, seed)
    size, seen = sums[:, 0], drawn[..., 0]

    def mean(total: FloatArray, total_drawn: FloatArray) -> Interval:
        return mean_interval(total, size, total_drawn, seen, level)

    frame = pd.DataFrame({"segment": names, "customers": size.astype(int)})
    for k, name in enumerate(("before", "at", "after"), start=1):
        frame[name], frame[f"{name}_lower"], frame[f"{name}_upper"] = mean(sums[:, k], drawn[..., k])
    frame["change"], frame["change_lower"], frame["change_upper"] = mean(sums[:, 3] - sums[:, 2], drawn[..., 3] - drawn[..., 2])
    if expected is not None:
        frame["expected"] = mean(sums[:, 4], drawn[..., 4]).estimate
        apart = mean(sums[:, 3] - sums[:, 4], drawn[..., 3] - drawn[..., 4])
        frame["beyond"], frame["beyond_lower"], frame["beyond_upper"] = apart
    return frame


def fourths_of_buyers(spend: ArrayLike) -> pd.Categorical:
    """Customers in four equal groups of those who bought in a window, by spend, and those who did not; a cut belongs to the group below.

    >>> [str(name) for name in fourths_of_buyers([0, 1, 2, 3, 4])]
    ['bought nothing', 'lowest fourth of buyers', 'third fourth', 'second fourth', 'highest fourth of buyers']
    """
    spent = np.asarray(spend, float)
    if not (spent > 0).any():
        raise TooLittle("nobody bought in the window that makes the groups.")
    cuts = np.quantile(spent[spent > 0], [0.25, 0.5, 0.75])
    names: Any = list(BUYERS)
    return pd.Categorical.from_codes(np.where(spent > 0, 3 - np.searchsorted(cuts, spent), 4).astype(int), names)


def expected_without_intervention(purchase_model: Any, spend_model: Any, customers: pd.DataFrame, window: float) -> np.ndarray:
    """Spend that the models expect of each customer in the next `window` (in the unit of the model), if nothing is done.

    The models see all of a customer's past and not the extreme window alone, so that their expectation already regresses to the mean.

    Parameters
    ----------
    customers : frequency, recency, T and monetary_value at the end of the window that made the segments

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma
    >>> models = BetaGeoNBD(r=0.25, alpha=4.4, a=0.8, b=2.4, unit="week"), GammaGamma(p=6.25, q=3.74, gamma=15.4)
    >>> customers = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> expected_without_intervention(*models, customers, window=13.0).round(2).tolist()
    [13.87]
    """
    from goodwill.lifetime_value.value import ValueTerms, customer_value

    terms = ValueTerms(window, margin=1.0, annual_discount_rate=0.0, unit=purchase_model.unit)
    return customer_value(purchase_model, spend_model, customers, terms)["value"].to_numpy()
