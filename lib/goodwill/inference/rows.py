"""From a purchase summary or a data frame to checked, weighted, distinct rows: all that a likelihood needs to see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.errors import FitError, TooLittle

FloatArray = NDArray[np.float64]


def unit_of(data: Any) -> str | None:
    """The time unit that a purchase summary carries; a plain data frame carries none."""
    return getattr(data, "unit", None)


def as_of(model: Any, data: Any) -> Any:
    """The model asked about customers whose histories end when these data do: another one only where a model knows the calendar.

    A frame of histories does not say when they end; then they end when the data of the fit did.
    """
    end = getattr(data, "calibration_end", None) or getattr(data, "end", None)
    if end is None or not hasattr(model, "as_of"):
        return model
    return model.as_of(end)


def check_unit(model_unit: str | None, data: Any) -> None:
    """Raise `FitError` when a model of one time unit meets data of another."""
    unit = unit_of(data)
    if model_unit and unit and model_unit != unit:
        raise FitError(
            f"the model counts time in {model_unit}s and the data in {unit}s; summarise the purchases with unit='{model_unit}' or fit again"
        )


def purchase_rows(data: Any, group: Any = None) -> pd.DataFrame:
    """Distinct (frequency, recency, T) with their weight, checked.

    Parameters
    ----------
    data : PurchaseSummary or pandas.DataFrame
        One row per customer, or distinct rows with a column `weight`.
    group : str or array-like, optional
        A column of the data, or one label per row; adds a column `group` and keeps its rows apart.

    Returns
    -------
    pandas.DataFrame
        Columns frequency, recency, T, weight (all float) and, when asked for, group.

    Raises
    ------
    FitError
        With the first row and the column in which something is impossible.

    Examples
    --------
    >>> import pandas as pd
    >>> same = pd.DataFrame({"frequency": [0, 2, 0], "recency": [0.0, 5.0, 0.0], "T": [8.0, 8.0, 8.0]})
    >>> purchase_rows(same).to_dict("list")  # two customers are alike
    {'frequency': [0.0, 2.0], 'recency': [0.0, 5.0], 'T': [8.0, 8.0], 'weight': [2.0, 1.0]}
    """
    frame = _frame(data, "purchase_rows" if group is None else "to_pandas")
    table = _numbers(frame, ("frequency", "recency", "T"))
    x, t_x, T = (table[name].to_numpy() for name in ("frequency", "recency", "T"))
    _refuse(frame, (x < 0) | (x != np.floor(x)), "frequency", x, "it counts repeat purchases, so it must be 0, 1, 2, …")
    _refuse(frame, T < 0, "T", T, "it is the time from the first purchase to the end, so it cannot be negative")
    _refuse(frame, t_x < 0, "recency", t_x, "it is the time from the first to the last purchase, so it cannot be negative")
    # A unit such as the month makes recency and T quotients: equal days may differ in the last bit.
    _refuse(frame, t_x > T * (1 + 1e-12), "recency", t_x, "the last purchase cannot be later than the end of the observation (T)")
    _refuse(frame, (x == 0) & (t_x > 0), "recency", t_x, "a customer without a repeat purchase (frequency 0) has recency 0")
    _refuse(frame, (x > 0) & (T == 0), "T", T, "a customer who came back was observed for some time")
    table["recency"] = np.minimum(t_x, T)
    if group is not None:
        table["group"] = frame[group].to_numpy() if isinstance(group, str) else np.asarray(group)
        _refuse(frame, table["group"].isna().to_numpy(), "group", table["group"].to_numpy(), "every customer needs a group")
    return _distinct(table)


def spend_rows(data: Any) -> pd.DataFrame:
    """Distinct (frequency, monetary_value) of the customers with a repeat purchase, with their weight, checked.

    Parameters
    ----------
    data : PurchaseSummary or DataFrame
        frequency, monetary_value and an optional weight.

    Raises
    ------
    FitError
        When a mean spend is not positive (it says how many), or anything is missing or impossible.
    TooLittle
        When the summary has no money.

    Examples
    --------
    >>> import pandas as pd
    >>> spend_rows(pd.DataFrame({"frequency": [0, 2, 1], "monetary_value": [0.0, 30.0, 12.5]})).to_dict("list")
    {'frequency': [1.0, 2.0], 'monetary_value': [12.5, 30.0], 'weight': [1.0, 1.0]}
    """
    frame = _frame(data, "spend_rows")
    if "frequency" in frame:
        frame = frame[frame["frequency"] != 0]  # who never came back has no repeat spend: often blank
        if len(frame) == 0:
            raise TooLittle("no customer has a repeat purchase, so there is no repeat spend to learn from")
    table = _numbers(frame, ("frequency", "monetary_value"))
    x, m = table["frequency"].to_numpy(), table["monetary_value"].to_numpy()
    _refuse(frame, (x < 0) | (x != np.floor(x)), "frequency", x, "it counts repeat purchases, so it must be 0, 1, 2, …")
    if (m <= 0).any():
        count = round(float(table["weight"].to_numpy()[m <= 0].sum()))
        first = frame.index[int(np.argmax(m <= 0))]
        raise FitError(
            f"column 'monetary_value' is zero or negative for {count} customer(s) with a repeat purchase (first: row {first}); "
            "the spend model needs positive means: leave these customers out and say so"
        )
    return _distinct(table)


def _frame(data: Any, method: str) -> pd.DataFrame:
    if not isinstance(data, pd.DataFrame) and not hasattr(data, method):
        raise FitError(
            f"a fit takes a summary of purchases, or a DataFrame with a row per customer, and not {type(data).__name__}; "
            "pass gw.summarize_purchases(transactions)"
        )
    frame = data if isinstance(data, pd.DataFrame) else getattr(data, method)()
    if len(frame) == 0:
        raise FitError("there are no rows to work on; check the filter or the dates that selected the customers")
    return frame


def _numbers(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    missing = [name for name in names if name not in frame]
    if missing:
        raise FitError(f"column '{missing[0]}' is missing; the columns needed are {', '.join(names)} and, optionally, weight")
    columns = {}
    for name in (*names, "weight"):
        values = frame[name] if name in frame else pd.Series(1.0, index=frame.index)
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        _refuse(frame, ~np.isfinite(numbers), name, values.to_numpy(), "a finite number is needed; leave the row out or fill it in")
        columns[name] = numbers
    _refuse(frame, columns["weight"] < 0, "weight", columns["weight"], "a weight cannot be negative")
    return pd.DataFrame(columns)


def _refuse(frame: pd.DataFrame, bad: NDArray[np.bool_], column: str, values: Any, why: str) -> None:
    if bad.any():
        first = int(np.argmax(bad))
        rows = "row" if bad.sum() == 1 else "rows"
        raise FitError(
            f"column '{column}' holds {values[first]} in row {frame.index[first]} ({int(bad.sum())} such {rows} of {len(frame)}): {why}"
        )


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in table if name != "weight"]
    if (table["weight"] > 0).all() and _in_order([table[name].to_numpy() for name in keys]):  # as a summary gives them
        return table
    rows = table.groupby(keys, sort=True, dropna=False, observed=True)["weight"].sum().reset_index()
    rows = rows[rows["weight"] > 0].reset_index(drop=True)
    if len(rows) == 0:
        raise FitError("all weights are zero; there is nothing to work on")
    return rows


def _in_order(columns: list[NDArray[Any]]) -> bool:
    """Whether rows of numbers are different and sorted, by the first column and then by those after it."""
    if any(column.dtype != np.float64 for column in columns):
        return False
    later, equal = np.zeros(len(columns[0]) - 1, bool), np.ones(len(columns[0]) - 1, bool)
    for column in columns:
        later |= equal & (column[1:] > column[:-1])
        equal &= column[1:] == column[:-1]
    return bool(later.all())
