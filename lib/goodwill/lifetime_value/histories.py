"""What the purchase models share: checks, the rows to fit, and histories seen in a simulated log."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError
from goodwill.inference.fit import parameter_names
from goodwill.inference.rows import purchase_rows

FloatArray = NDArray[np.float64]


def check_parameters(model: Any) -> None:
    """Raise `FitError` unless all parameters of a model are positive."""
    for name in parameter_names(type(model)):
        if not np.all(np.asarray(getattr(model, name)) > 0):
            raise FitError(f"the parameter {name} of {type(model).__name__} must be positive, and is {getattr(model, name)}")


def as_floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(value, dtype=float) for value in values)


def check_horizon(horizon: FloatArray) -> None:
    if np.any(horizon < 0):
        raise FitError("a horizon cannot be negative")


def check_discounting(rate_per_unit: float, horizon: ArrayLike) -> None:
    if rate_per_unit < 0 or (rate_per_unit == 0 and np.any(np.isinf(horizon))):
        raise FitError("an infinite horizon needs a positive discount rate, and no rate may be negative")
    check_horizon(np.asarray(horizon))


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
