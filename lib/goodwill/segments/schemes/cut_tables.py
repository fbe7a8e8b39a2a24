"""The tables that go with schemes: what each part holds now, what it brings later, and where it is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.bootstrap import group_sums
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import FloatArray, quantile_interval
from goodwill.segments.schemes.cuts import IntArray, numbers
from goodwill.segments.schemes.rfm_segments import LETTERS
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd


def cuts_of(rules: Rules) -> pd.DataFrame:
    """Where these rules cut, one row per score or segment.

    Raises
    ------
    TooLittle
        The rules of this scheme cut no single column.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import learn
    >>> cuts_of(learn("abc", pd.DataFrame({"spend": [80.0, 10.0, 5.0, 3.0, 2.0]})))
      segment column  from  below
    0       A  spend  80.0    inf
    1       B  spend   5.0   80.0
    2       C  spend  -inf    5.0
    """
    if rules.scheme == "rfm":
        return rfm_cuts(rules)
    if "lowest" not in rules.settings:
        raise TooLittle(f"The rules of '{rules.scheme}' have no table of cuts: they stand in the text of the rules.")
    return cut_table(rules).reset_index()


def decile_table(customers: pd.DataFrame, rules: Rules, *, level: float = 0.95, draws: int = 300, seed: int = 1) -> pd.DataFrame:
    """What each segment holds, and, with a hold-out, what it brought afterwards.

    Parameters
    ----------
    customers : DataFrame; the hold-out columns are made when it has `spend_holdout`
    rules : of any scheme; those that cut one column show that column, others `spend`
    level : of the intervals
    draws, seed : of the bootstrap over customers, the same as those of `sales_tenths`: where no customers are equal at the cut, the first
        tenth of sales has one interval

    Returns
    -------
    DataFrame, one row per segment: customers, share (of customers), from_spend (lowest), mean_spend, share_of_sales; holdout_mean with
    holdout_lower and holdout_upper, active (share who bought) with active_lower and active_upper (Wilson), share_of_holdout with
    share_of_holdout_lower and share_of_holdout_upper. What an empty segment holds is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import learn
    >>> customers = pd.DataFrame({"spend": [80.0, 10.0, 5.0, 3.0, 2.0]})
    >>> decile_table(customers, learn("abc", customers))[["customers", "share_of_sales"]].to_dict("list")
    {'customers': [1, 2, 2], 'share_of_sales': [0.8, 0.15, 0.05]}
    """
    import pandas as pd

    place = np.asarray(rules.assign(customers).codes, dtype=np.int64)
    parts = len(rules.segments)
    spend = numbers(customers, rules.settings.get("column", "spend"), "decile_table")
    count = np.bincount(place, minlength=parts).astype(float)
    total = np.bincount(place, weights=spend, minlength=parts)
    lowest = np.full(parts, np.inf)
    np.minimum.at(lowest, place, spend)
    table = pd.DataFrame({"customers": count.astype(int), "share": count / len(place)}, index=pd.Index(rules.segments, name="segment"))
    with np.errstate(invalid="ignore", divide="ignore"):
        table["from_spend"] = np.where(count > 0, lowest, np.nan)
        table["mean_spend"] = total / count
        table["share_of_sales"] = total / total.sum()
    if "spend_holdout" not in customers:
        return table
    later = numbers(customers, "spend_holdout", "decile_table")
    bought = customers["frequency_holdout"].to_numpy(dtype=float) if "frequency_holdout" in customers else later
    after = _afterwards(place, count, later, bought > 0, level, draws, seed)
    return pd.concat([table, after.set_axis(table.index)], axis=1)


def cut_table(rules: Rules) -> pd.DataFrame:
    """Where a scheme that cuts one column cuts it: column, from, below; a row per segment.

    >>> from goodwill.segments import Rules
    >>> rules = Rules("abc", ("A", "B"), {"column": "spend", "lowest": [50.0]})
    >>> cut_table(rules)["from"].tolist()
    [50.0, -inf]
    """
    import pandas as pd

    if rules.relative or "lowest" not in rules.settings or "column" not in rules.settings:
        what = "cuts anew whatever it is given" if rules.relative else "does not cut one column"
        raise DataError(f"'{rules.scheme}' {what}, so there are no cut points to show.")
    lowest = [float(value) for value in rules.settings["lowest"]]
    cut = rules.segments[: len(lowest) + 1]
    columns = {"column": rules.settings["column"], "from": [*lowest, -np.inf], "below": [np.inf, *lowest]}
    return pd.DataFrame(columns, index=pd.Index(cut, name="segment"))


def rfm_cuts(rules: Rules) -> pd.DataFrame:
    """The values that get each score: letter, score (highest is best), column, above, up_to; scores that ties leave unused are absent.

    >>> import pandas as pd
    >>> from goodwill.segments import learn
    >>> customers = pd.DataFrame({"frequency": [0, 1, 4], "recency": [0, 5, 30], "T": [30, 30, 30], "spend": [10.0, 20.0, 90.0]})
    >>> found = rfm_cuts(learn("rfm", customers, bins=3))
    >>> found[found["letter"] == "M"][["score", "above", "up_to"]].to_dict("list")
    {'score': [1, 2, 3], 'above': [-inf, 10.0, 20.0], 'up_to': [10.0, 20.0, inf]}
    """
    import pandas as pd

    if rules.scheme != "rfm" or rules.relative:
        raise DataError("only rules of 'rfm' that were learned once have scores with fixed cuts.")
    bins, rows = rules.settings["bins"], []
    for letter in LETTERS:
        edges = [-np.inf, *rules.settings["edges"][letter], np.inf]
        for k in range(bins):
            if edges[k + 1] > edges[k]:
                score = bins - k if letter == "R" else k + 1
                rows.append((letter, score, rules.settings["columns"][letter], edges[k], edges[k + 1]))
    return pd.DataFrame(rows, columns=["letter", "score", "column", "above", "up_to"])


def _afterwards(
    place: IntArray, count: FloatArray, later: FloatArray, bought: NDArray[np.bool_], level: float, draws: int, seed: int
) -> pd.DataFrame:
    """Means, activity and shares of the hold-out per segment, with intervals from a bootstrap over all customers."""
    import pandas as pd

    parts = len(count)
    sums, drawn_sums = group_sums(np.column_stack([np.ones(len(later)), later]), place, parts, draws, seed)
    money, total = sums[:, 1], drawn_sums[..., 1].sum(axis=1, keepdims=True)
    active = np.bincount(place, weights=bought, minlength=parts)
    columns: dict[str, FloatArray] = {}
    held = count > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        means, shares = drawn_sums[..., 1] / drawn_sums[..., 0], drawn_sums[..., 1] / total
        for name, estimate, drawn in (("holdout", money / count, means), ("share_of_holdout", money / money.sum(), shares)):
            found = quantile_interval(estimate, np.where(np.isfinite(drawn), drawn, np.nan_to_num(estimate)), level)
            columns["holdout_mean" if name == "holdout" else name] = estimate
            columns[f"{name}_lower"], columns[f"{name}_upper"] = np.where(held, found.lower, np.nan), np.where(held, found.upper, np.nan)
        share, lower, upper = wilson(active, np.maximum(count, 1), level)
    for name, values in (("active", share), ("active_lower", lower), ("active_upper", upper)):
        columns[name] = np.where(held, values, np.nan)
    order = ["holdout_mean", "holdout_lower", "holdout_upper", "active", "active_lower", "active_upper"]
    order += ["share_of_holdout", "share_of_holdout_lower", "share_of_holdout_upper"]
    return pd.DataFrame({name: columns[name] for name in order})
