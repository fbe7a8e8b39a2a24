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
from goodwill.lifetime_value.returns import chance_of_keeping


def history(customers: pd.DataFrame) -> list[FloatArray]:
    """Frequency, recency and T: what a purchase model is asked about."""
    return [customers[name].to_numpy(float) for name in ("frequency", "recency", "T")]


LITTLE = 1e-6  # of a chance, below which it is none
NOTHING = 0.005  # of money: half a cent
SPENT = ("spend_frequency", "spend", "first_amount")


def first_amount(customers: pd.DataFrame) -> FloatArray:
    """What the first purchase brought, what was given back of it being taken off: all spend less that of the repeat purchases."""
    repeats = customers["frequency"] * customers["monetary_value"].fillna(0.0)
    return (customers["spend"] - repeats).to_numpy(float).round(6)  # of two sums of floats


def spend_history(customers: pd.DataFrame, model: Any = None) -> tuple[FloatArray, ...]:
    """What a spend model is asked about: frequency and mean spend, and the first amount where the model `uses_first`.

    Only who never came back, or whose money is not known, is like the average customer. Whose repeat purchases net to nothing has bought so
    often for nothing, and is expected to bring little. Who gave back all that was ever bought (`returned`, and no spend left) is expected
    to bring what the average customer does times the chance that the next purchase is kept (`chance_of_keeping`): told to the model as so
    many purchases for nothing as make it expect that.
    """
    mean = customers["monetary_value"].to_numpy(float)
    x = np.where(np.isnan(mean), 0.0, customers["frequency"].to_numpy(float))
    m = np.where(x > 0, np.maximum(np.nan_to_num(mean), 0.0), 0.0)
    nothing = np.zeros(len(customers), bool)
    if "returned" in customers and "spend" in customers:
        nothing = ((customers["returned"] > 0) & (customers["spend"] < NOTHING)).to_numpy()
    if nothing.any():
        x, m = np.where(nothing, bought_for_nothing(x + 1, nothing, model), x), np.where(nothing, 0.0, m)
    if not getattr(model, "uses_first", False):
        return x, m
    return x, m, np.where(nothing, 0.0, np.maximum(first_amount(customers), 0.0))


def bought_for_nothing(purchases: FloatArray, nothing: NDArray[np.bool_], model: Any, weight: ArrayLike = 1.0) -> FloatArray:
    """How many purchases for nothing make a gamma-gamma model expect the chance of keeping times its mean; all of them without a model."""
    if model is None or not np.all(np.asarray(model.q) > 1):
        return purchases
    kept = np.maximum(chance_of_keeping(purchases, nothing, weight), LITTLE)
    return (model.q - 1) * (1 / kept - 1) / model.p


def told_spend(groups: pd.DataFrame) -> list[FloatArray]:
    """Of `distinct_histories`, what their spend model is asked about."""
    return [groups[name].to_numpy(float) for name in SPENT if name in groups]


def ids_of(customers: pd.DataFrame) -> pd.Series:
    """The id of each customer of a frame, as text: its column customer_id, or its index of that name.

    Raises
    ------
    FitError
        When there are no ids, by which what is told of customers is found.
    """
    if "customer_id" in customers:
        return customers["customer_id"].astype(str)
    if customers.index.name == "customer_id":
        return customers.index.to_series().astype(str)
    raise FitError("what is told of customers is found by their ids; give the customers a column customer_id.")


def distinct_histories(customers: pd.DataFrame, group: ArrayLike | None = None, model: Any = None, purchases: Any = None) -> pd.DataFrame:
    """Distinct histories with the mean of their spend: expected spend is linear in it, so totals stay exact.

    Parameters
    ----------
    customers : one row each with frequency, recency, T and monetary_value
    group : one label per row, whose histories are kept apart
    model : the spend model, where it may use first amounts
    purchases : the purchase model; where it goes with what is told of customers, those of whom different things are told are kept apart

    Returns
    -------
    DataFrame
        frequency, recency, T, spend_frequency, group (when asked for), spend (their mean), first_amount (likewise, where the model uses
        it; of histories that tell nothing of it zero), weight (how many customers), and customer_id (of one of them) where it matters.
    """
    frame = customers[["frequency", "recency", "T"]].astype(float).reset_index(drop=True)
    told = dict(zip(SPENT, spend_history(customers, model), strict=False))
    frame, keys = frame.assign(**told), ["frequency", "recency", "T", "spend_frequency"]
    if group is not None:
        frame["group"], keys = np.asarray(group), [*keys, "group"]
    if "first_amount" in told:
        frame["first_told"], keys = told["first_amount"] > 0, [*keys, "first_told"]
    kept = {name: (name, "mean") for name in SPENT[1:] if name in told}
    if hasattr(purchases, "cells"):
        frame["cell"], keys = purchases.cells(customers), [*keys, "cell"]
        frame["customer_id"], kept["customer_id"] = ids_of(customers).to_numpy(), ("customer_id", "first")
    rows = frame.groupby(keys, sort=True).agg(**kept, weight=("spend", "size")).reset_index()
    return rows.drop(columns=["first_told", "cell"], errors="ignore")


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
