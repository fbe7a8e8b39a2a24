"""Churn: what the word can mean with and without a contract, who churns, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.bootstrap import FloatArray
from goodwill.inference.proportions import wilson
from goodwill.inference.shrinkage import shrunken_rates
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.segments.movement.migration import conditional_independence

VITAL = 0.8  # the share of cases that the vital few causes make, after Juran's reading of Pareto


def contract_churn(survival: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Churn with a contract: of those asked to renew, the share that leaves, at each renewal and over all of them.

    Parameters
    ----------
    survival : cohort, time (0, 1, 2, …) and customers still under contract (`goodwill.read_survival(…).table`)

    Returns
    -------
    DataFrame
        cohort, renewal (1, 2, …, and "all"), asked, left, rate with lower and upper (Wilson)

    Raises
    ------
    DataError
        When a cohort grows.

    Examples
    --------
    >>> import pandas as pd
    >>> found = contract_churn(pd.DataFrame({"cohort": "2020", "time": [0, 1, 2], "customers": [100, 60, 45]}))
    >>> found[["renewal", "asked", "left", "rate"]].to_dict("list")
    {'renewal': [1, 2, 'all'], 'asked': [100.0, 60.0, 160.0], 'left': [40.0, 15.0, 55.0], 'rate': [0.4, 0.25, 0.34375]}
    """
    rows = []
    for cohort, table in survival.sort_values("time").groupby("cohort", sort=False):
        there = table["customers"].to_numpy(float)
        asked, left = there[:-1], there[:-1] - there[1:]
        if (left < 0).any():
            raise DataError(
                f"cohort '{cohort}' grows at time {table['time'].iloc[int((left < 0).argmax()) + 1]}; a survival table only falls"
            )
        if not asked.sum():
            raise DataError(f"cohort '{cohort}' has no renewal to count: it needs two times, and customers at the first")
        parts = [*zip(table["time"].iloc[1:], asked, left, strict=True), ("all", asked.sum(), left.sum())]
        rows += [(cohort, time, n, k, *wilson(k, n, level)) for time, n, k in parts if n]
    return pd.DataFrame(rows, columns=["cohort", "renewal", "asked", "left", "rate", "lower", "upper"])


def churn_meanings(customers: pd.DataFrame, *, hiatus: float, unit: str, level: float = 0.95) -> pd.DataFrame:
    """What churn can mean without a contract, where nobody says goodbye: the rate under each definition that the data allow.

    Parameters
    ----------
    customers : frequency, recency, T in `unit`; with probability_alive, and with frequency_holdout and duration_holdout where known
    hiatus : time without a purchase after which the hiatus rule calls a customer gone

    Returns
    -------
    DataFrame
        meaning (hiatus, probability, inactive), definition in a sentence, customers, churned, rate, lower, upper

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [1, 2], "recency": [5.0, 28.0], "T": [30.0, 30.0], "probability_alive": [0.2, 0.9]})
    >>> found = churn_meanings(customers, hiatus=13.0, unit="week")
    >>> found[["meaning", "churned"]].to_dict("list")
    {'meaning': ['hiatus', 'probability'], 'churned': [1.0, 0.9]}
    """
    n = len(customers)
    quiet = (customers["T"] - customers["recency"]).to_numpy(float)
    known = customers["T"].to_numpy(float) >= hiatus
    said = f"no purchase in the last {hiatus:g} {unit}s; customers won since then are not judged. A rule: some of them come back"
    rows = [("hiatus", said, int(known.sum()), float((quiet >= hiatus)[known].sum()), *_share((quiet >= hiatus)[known], level))]
    if "probability_alive" in customers:
        gone = 1 - customers["probability_alive"].to_numpy(float)
        mean, half = float(gone.mean()), normal_quantile(level) * float(np.sqrt((gone * (1 - gone)).sum())) / n
        said = "left for good, as a purchase model infers from the silence of each customer; never seen, so it cannot be checked"
        if (gone[customers["frequency"].to_numpy() == 0] == 0).any():
            said += ". This model calls every customer with one purchase alive, so the rate is too low"
        rows.append(("probability", said, n, float(gone.sum()), mean, max(0.0, mean - half), min(1.0, mean + half)))
    if "frequency_holdout" in customers:
        silent = customers["frequency_holdout"].to_numpy() == 0
        length = f"{customers['duration_holdout'].iloc[0]:g} {unit}s" if "duration_holdout" in customers else "window"
        said = f"no purchase in the next {length}; known only afterwards, and the longer the window, the fewer are called gone"
        rows.append(("inactive", said, n, float(silent.sum()), *_share(silent, level)))
    return pd.DataFrame(rows, columns=["meaning", "definition", "customers", "churned", "rate", "lower", "upper"])


def churn_by_group(churned: ArrayLike, group: Any, level: float = 0.95) -> pd.DataFrame:
    """Churn rates of groups as a distribution: the highest first, each with its interval and drawn towards the common rate.

    Parameters
    ----------
    churned : (customers,) booleans under one definition; missing (NaN) for customers who are not judged, who are left out
    group : one label per customer, such as a segment, a region, or the month of the first purchase

    Returns
    -------
    DataFrame
        group, customers, churned, rate with lower and upper (Wilson), shrunken with shrunken_lower and shrunken_upper, and
        difference to all other customers together with lower and upper (Agresti & Caffo 2000), not adjusted for the number of groups.
        `attrs`: overall (Interval), spread (standard deviation of true rates between groups), left_out, p (of equal rates).

    Raises
    ------
    DataError
        When lengths differ.
    TooLittle
        When fewer than two groups have customers.

    Examples
    --------
    >>> found = churn_by_group([True, True, False, False] * 20, ["a", "a", "a", "b"] * 20)
    >>> found[["group", "customers", "churned"]].to_dict("list")
    {'group': ['a', 'b'], 'customers': [60, 20], 'churned': [40, 0]}
    """
    from goodwill.satisfaction.intervals import share_difference

    gone = pd.to_numeric(pd.Series(np.asarray(churned)), errors="coerce").to_numpy(float)
    label = pd.Series(np.asarray(group, dtype=object))
    if len(gone) != len(label):
        raise DataError(f"there are {len(gone)} customers and {len(label)} groups; one each is needed")
    judged = np.isfinite(gone) & label.notna().to_numpy()
    counts = pd.DataFrame({"group": label[judged].astype(str), "churned": gone[judged]}).groupby("group")["churned"].agg(["size", "sum"])
    if len(counts) < 2:
        raise TooLittle("a distribution of churn rates needs two groups or more with customers who can be judged")
    n, k = counts["size"].to_numpy(float), counts["sum"].to_numpy(float)
    rate, common = wilson(k, n, level), shrunken_rates(k, n, level)
    apart = share_difference(k, n, k.sum() - k, n.sum() - n, level)
    frame = pd.DataFrame({"group": counts.index, "customers": n.astype(int), "churned": k.astype(int)})
    frame["rate"], frame["lower"], frame["upper"] = rate
    frame["shrunken"], frame["shrunken_lower"], frame["shrunken_upper"] = (common[c].to_numpy() for c in ("shrunken", "lower", "upper"))
    frame["difference"], frame["difference_lower"], frame["difference_upper"] = apart
    frame = frame.sort_values("rate", ascending=False, kind="stable", ignore_index=True)
    overall = wilson(k.sum(), n.sum(), level)
    p = _equal_rates(k, n)
    frame.attrs |= {"overall": overall, "spread": common.attrs["between"], "left_out": int((~judged).sum()), "p": p}
    return frame


def cause_pareto(log: pd.DataFrame, cause: str = "cause", *, draws: int = 2000, seed: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Pareto of causes from a coded log of complaints or departures: the most frequent first, shares and cumulative shares with intervals.

    Parameters
    ----------
    log : one row per complaint or departure, with its cause in the column `cause`; missing ones are counted and left out

    Returns
    -------
    DataFrame
        cause, cases, share with lower and upper (Wilson), cumulative with lower and upper (of this order, bootstrap over cases), and
        rank_lower, rank_upper (range of the rank). `attrs`: missing (cases without a cause), enough (the first so many causes make four
        fifths of the cases or more).

    Raises
    ------
    DataError
        When there is no such column or no row has a cause. A list of possible causes is no count of them.

    Examples
    --------
    >>> import pandas as pd
    >>> found = cause_pareto(pd.DataFrame({"cause": ["delivery"] * 6 + ["price"] * 3 + ["staff"] + [None]}), draws=50)
    >>> found[["cause", "share", "cumulative"]].to_dict("list"), found.attrs["missing"], found.attrs["enough"]
    ({'cause': ['delivery', 'price', 'staff'], 'share': [0.6, 0.3, 0.1], 'cumulative': [0.6, 0.9, 1.0]}, 1, 2)
    """
    if cause not in log:
        raise DataError(
            f"the log has no column '{cause}' (it has {', '.join(map(str, log.columns))}); without coded cases causes have no counts"
        )
    coded = log[cause].dropna().astype(str).str.strip()
    coded = coded[coded != ""]
    if not len(coded):
        raise DataError(f"no row of the log has a '{cause}'; causes cannot be counted")
    counts = coded.value_counts(sort=True).sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    n = counts.to_numpy(float)
    drawn = np.random.default_rng(seed).multinomial(int(n.sum()), n / n.sum(), size=draws)
    share = wilson(n, np.full(len(n), n.sum()), level)
    running = quantile_interval(np.cumsum(n) / n.sum(), np.cumsum(drawn, axis=1) / n.sum(), level)
    ranks = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
    ends = np.quantile(ranks, [0.5 - level / 2, 0.5 + level / 2], axis=0, method="nearest").astype(int)
    frame = pd.DataFrame({"cause": counts.index, "cases": n.astype(int)})
    frame["share"], frame["lower"], frame["upper"] = share
    frame["cumulative"], frame["cumulative_lower"], frame["cumulative_upper"] = running
    frame["rank_lower"], frame["rank_upper"] = ends
    frame.attrs |= {"missing": len(log) - len(coded), "enough": int((frame["cumulative"] < VITAL - 1e-12).sum()) + 1}
    return frame


def _share(called: NDArray[np.bool_], level: float) -> Interval:
    return wilson(called.sum(), len(called), level) if len(called) else Interval(np.nan, np.nan, np.nan)


def _equal_rates(k: FloatArray, n: FloatArray) -> float:
    try:
        return conditional_independence(np.column_stack([k, n - k])[None])[2]
    except DataError:  # nobody churned, or everybody: all rates are equal
        return 1.0
