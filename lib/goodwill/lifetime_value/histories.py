"""Customers' histories: the rows to fit, the distinct ones among many customers, and those seen in a simulated log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError
from goodwill.inference.parameters import FloatArray
from goodwill.inference.rows import purchase_rows


def history(customers: pd.DataFrame) -> list[FloatArray]:
    """Frequency, recency and T: what a purchase model is asked about."""
    return [customers[name].to_numpy(float) for name in ("frequency", "recency", "T")]


def spend_history(customers: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Frequency and mean spend for the spend model, which knows nothing of a customer whose mean spend is not positive.

    Who returned everything is like the average customer.
    """
    spend = customers["monetary_value"].fillna(0.0).to_numpy(float)
    return np.where(spend > 0, customers["frequency"].to_numpy(float), 0.0), np.where(spend > 0, spend, 0.0)


def distinct_histories(customers: pd.DataFrame, group: ArrayLike | None = None) -> pd.DataFrame:
    """Distinct histories with the mean of their spend: expected spend is linear in it, so totals stay exact.

    Parameters
    ----------
    customers : one row each with frequency, recency, T and monetary_value
    group : one label per row, whose histories are kept apart

    Returns
    -------
    DataFrame
        frequency, recency, T, spend_frequency, group (when asked for), spend (their mean) and weight (how many customers).
    """
    frame = customers[["frequency", "recency", "T"]].astype(float).reset_index(drop=True)
    frame["spend_frequency"], frame["spend"] = spend_history(customers)
    keys = ["frequency", "recency", "T", "spend_frequency"]
    if group is not None:
        frame["group"], keys = np.asarray(group), [*keys, "group"]
    return frame.groupby(keys, sort=True)["spend"].agg(["mean", "size"]).reset_index().rename(columns={"mean": "spend", "size": "weight"})


def per_distinct(f: Callable[..., FloatArray], horizon: ArrayLike, frequency: ArrayLike, T: ArrayLike) -> FloatArray:
    """f(horizon, x, T), computed once per distinct (x, T): customers who differ in recency only share it."""
    t, x, T = (np.asarray(value, dtype=float) for value in (horizon, frequency, T))
    if t.ndim > 0 or x.ndim != 1 or T.ndim > 1:
        return f(t, x, T)
    counts, x_at = np.unique(x, return_inverse=True)
    ends, T_at = np.unique(T, return_inverse=True)
    pairs, at = np.unique(x_at * len(ends) + T_at.ravel(), return_inverse=True)
    return f(t, counts[pairs // len(ends)], ends[pairs % len(ends)])[..., at]


def history_rows(data: Any) -> tuple[tuple[FloatArray, FloatArray, FloatArray], FloatArray]:
    """Distinct (frequency, recency, T) and their weight, of data from which customers' differences can be learned.

    Raises
    ------
    FitError
        For impossible rows, for a single customer, and when nobody ever came back.
    """
    rows = purchase_rows(data)
    x, t_x, T, weight = (rows[name].to_numpy() for name in ("frequency", "recency", "T", "weight"))
    if weight.sum() < 2:
        raise FitError("there is only one customer; a model of how customers differ needs more (some hundreds, to be useful)")
    if not x.any():
        raise FitError("no customer has a repeat purchase (all frequencies are 0), so there is nothing to learn about coming back")
    return (x, t_x, T), weight


def observe(log: pd.DataFrame, T: FloatArray, horizon: float) -> pd.DataFrame:
    """From a log of repeat purchases (customer, time) to frequency, recency, T and frequency_holdout in (T, T + horizon]."""
    customer, time = log["customer"].to_numpy(), log["time"].to_numpy()
    seen = time <= T[customer]
    recency = np.zeros(T.size)
    np.maximum.at(recency, customer[seen], time[seen])
    counts = {"frequency": np.bincount(customer[seen], minlength=T.size), "recency": recency, "T": T}
    return pd.DataFrame({**counts, "frequency_holdout": np.bincount(customer[~seen], minlength=T.size)})


def uniform_log(rng: np.random.Generator, counts: NDArray[np.int64], length: FloatArray) -> pd.DataFrame:
    """A log with these numbers of purchases, uniform in time over each customer's `length`, in order."""
    customer = np.repeat(np.arange(counts.size), counts)
    log = pd.DataFrame({"customer": customer, "time": rng.random(len(customer)) * np.repeat(length, counts)})
    return log.sort_values(["customer", "time"], ignore_index=True)
