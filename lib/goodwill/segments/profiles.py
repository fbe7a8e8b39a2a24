"""What each segment is like: size, orders, sales, value and what comes next, every number with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.bootstrap import FloatArray, IntArray, group_sums, mean_interval
from goodwill.inference.gains import top_share_draws
from goodwill.inference.proportions import wilson
from goodwill.inference.shrinkage import shrunken_means, shrunken_rates
from goodwill.inference.uncertainty import normal_quantile, quantile_interval

FEWEST = 30  # customers under which an interval from a bootstrap is itself uncertain
LARGEST = 0.01  # whose share of a segment's value is shown

# Measure of a profile: the column of the customers it comes from, and whether its share of the total is shown too.
_MEANS = {
    "orders": ("orders", False),
    "sales": ("spend", True),
    "margin": ("margin", True),
    "cost": ("cost_to_serve", True),
    "value": ("value", True),
    "next_spend": ("spend_holdout", True),
}


class Groups(NamedTuple):
    """Segments as names and places.

    Examples
    --------
    >>> from goodwill.segments import groups_of
    >>> groups_of(["lost", "new", "lost"], customers=3)
    Groups(names=('lost', 'new'), codes=array([0, 1, 0]))
    """

    names: tuple[str, ...]
    codes: IntArray


def groups_of(segments: Any, customers: int) -> Groups:
    """Names, in the order of the categories, and place of each customer.

    Raises DataError when lengths differ or a customer has no segment.

    >>> import pandas as pd
    >>> groups_of(pd.Categorical(["new", "lost", "new"], ["lost", "new"]), 3).codes.tolist()
    [1, 0, 1]
    """
    labels: Any = pd.Categorical(segments)
    codes = np.asarray(labels.codes, np.int64)
    if len(codes) != customers:
        raise DataError(f"there are {len(codes)} segments for {customers} customers; one each is needed")
    if (codes < 0).any():
        raise DataError(f"{int((codes < 0).sum())} of {customers} customers have no segment (first: row {int((codes < 0).argmax())})")
    return Groups(tuple(map(str, labels.categories)), codes)


def segment_profile(
    customers: pd.DataFrame, segments: Any, *, value_draws: ArrayLike | None = None, draws: int = 500, seed: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Profile of every segment, those without customers too.

    Parameters
    ----------
    customers : one row each, with frequency and, where known, spend, margin (money), cost_to_serve, value, frequency_holdout, spend_holdout
    segments : Categorical or Series, one per customer, in the same order
    value_draws : (draws, customers), optional
        Draws of each customer's lifetime value. Then the interval of `value` is theirs; else it says how the mean would vary with other
        customers, each with the value that the model expects.
    draws, seed, level : of the bootstrap over customers

    Returns
    -------
    DataFrame, index segment, in the order of the categories
        customers; customer_share (Wilson); per customer, each with `_lower` and `_upper`: orders, sales, margin, cost, value, next_spend
        and their shares of the total (`sales_share`, …); `sales_largest` and `value_largest`, the share of the segment's money that its
        1 % largest customers hold; active, the share that buys in the hold-out (Wilson); `next_spend_shrunken` and `active_shrunken`, the
        same drawn towards the other segments' where few customers carry them; small, under 30 customers. Columns whose source is absent
        are absent; entries of empty segments are missing.

    Raises
    ------
    DataError
        When a customer has no segment, a number is missing, or lengths differ.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [0, 1, 3, 5], "spend": [10.0, 20.0, 60.0, 110.0]})
    >>> profile = segment_profile(customers, pd.Categorical(["low", "low", "high", "high"]))
    >>> profile[["customers", "orders", "sales_share"]].to_dict("index")
    {'high': {'customers': 2, 'orders': 5.0, 'sales_share': 0.85}, 'low': {'customers': 2, 'orders': 1.5, 'sales_share': 0.15}}
    """
    names, codes = groups_of(segments, len(customers))
    size = np.bincount(codes, minlength=len(names)).astype(float)
    frame = pd.DataFrame({"customers": size.astype(int)}, index=pd.Index(names, name="segment"))
    _add(frame, "customer_share", *wilson(size, size.sum(), level))
    known = customers.assign(orders=customers["frequency"] + 1)
    known = known.loc[:, [source for source, _ in _MEANS.values() if source in known]].astype(float)
    _refuse_missing(known)
    sums, drawn = group_sums(np.column_stack([np.ones(len(known)), known.to_numpy()]), codes, len(names), draws, seed)
    for name, (source, shared) in _MEANS.items():
        if source in known:
            at = 1 + list(known.columns).index(source)
            _add(frame, name, *mean_interval(sums[:, at], size, drawn[..., at], drawn[..., 0], level))
            if shared:
                totals = drawn[..., at].sum(axis=1, keepdims=True)
                _add(
                    frame,
                    f"{name}_share",
                    *quantile_interval(_ratio(sums[:, at], sums[:, at].sum()), _ratio(drawn[..., at], totals), level),
                )
    if value_draws is not None:
        _add(frame, "value", *_from_draws(customers, np.asarray(value_draws, float), codes, size, level))
    for name, source in (("sales_largest", "spend"), ("value_largest", "value")):
        if source in known:
            _add(frame, name, *_largest(known[source].to_numpy(), codes, len(names), draws, seed, level))
    if "frequency_holdout" in customers:
        bought = np.bincount(codes, customers["frequency_holdout"].to_numpy() > 0, len(names))
        active = wilson(bought, np.maximum(size, 1), level)
        _add(frame, "active", *(np.where(size > 0, end, np.nan) for end in active))
    for name in ("next_spend", "active"):
        if name in frame:
            _add_shrunken(frame, name, level)
    return frame.assign(small=size < FEWEST)


def _refuse_missing(known: pd.DataFrame) -> None:
    for name, column in known.items():
        if column.isna().any():
            raise DataError(
                f"column '{name}' is missing for {int(column.isna().sum())} of {len(column)} customers (first: row "
                f"{int(column.isna().to_numpy().argmax())}); fill it or leave the column or these customers out"
            )


def _add_shrunken(frame: pd.DataFrame, name: str, level: float) -> None:
    """Beside a number, the same drawn towards the common one where few customers carry it; missing for empty segments."""
    full = frame.index[frame["customers"] > 0]
    if name == "active":
        n = frame.loc[full, "customers"].to_numpy(float)
        found = shrunken_rates(frame.loc[full, "active"].to_numpy(float) * n, n, level) if len(full) > 1 else None
    else:
        error = (frame.loc[full, f"{name}_upper"] - frame.loc[full, f"{name}_lower"]).to_numpy(float) / (2 * normal_quantile(level))
        # A segment whose customers all bring the same has no spread to judge by (one customer, or nobody who buys).
        full, error = full[error > 0], error[error > 0]
        found = shrunken_means(frame.loc[full, name], error, level) if len(full) > 1 else None
    frame[f"{name}_shrunken"] = np.nan
    if found is not None:
        frame.loc[full, f"{name}_shrunken"] = found["shrunken"].to_numpy()


def _from_draws(customers: pd.DataFrame, drawn: FloatArray, codes: IntArray, size: FloatArray, level: float) -> Sequence[FloatArray]:
    if drawn.ndim != 2 or drawn.shape[1] != len(customers):
        raise DataError(
            f"the draws of value have shape {drawn.shape}; one row per draw and one column for each of {len(customers)} customers"
        )
    means = np.stack([_ratio(np.bincount(codes, row, len(size)).astype(float), size) for row in drawn])
    point = np.bincount(codes, customers["value"], len(size)) / np.maximum(size, 1) if "value" in customers else means.mean(axis=0)
    return quantile_interval(np.where(size > 0, point, np.nan), means, level)


def _largest(values: FloatArray, codes: IntArray, groups: int, draws: int, seed: int, level: float) -> tuple[FloatArray, ...]:
    found = [quantile_interval(*top_share_draws(values[codes == g], LARGEST, draws, seed + g), level) for g in range(groups)]
    return tuple(np.array(end) for end in zip(*found, strict=True))


def _ratio(part: FloatArray, whole: FloatArray | float) -> FloatArray:
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)


def _add(frame: pd.DataFrame, name: str, estimate: FloatArray, lower: FloatArray, upper: FloatArray) -> None:
    frame[name], frame[f"{name}_lower"], frame[f"{name}_upper"] = estimate, lower, upper
