"""What satisfaction goes with: stated weights beside derived importance, penalty and reward.

Derived importance splits R squared of a regression of satisfaction on the items. It describes association among these respondents; nothing
here says what would happen if an item were improved.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError, TooLittle
from goodwill.inference.uncertainty import normal_quantile
from goodwill.satisfaction.cells import effective_size
from goodwill.satisfaction.index import weighted_mean

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
_MOST_ITEMS = 14  # 2^14 regressions; more would be slow and their ranks meaningless


def correlations(x: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> tuple[FloatArray, FloatArray]:
    """Correlation matrix of the items (J, J) and their correlations with the outcome (J,), weighted.

    Raises
    ------
    FitError
        When an item or the outcome does not vary.

    Examples
    --------
    >>> among, outcome = correlations([[1, 1], [2, 3], [3, 2], [4, 4]], [1, 2, 3, 4])
    >>> among.round(2).tolist(), outcome.round(2).tolist()
    ([[1.0, 0.8], [0.8, 1.0]], [1.0, 0.8])
    """
    data = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), len(data))
    centred = data - np.average(data, axis=0, weights=w)
    covariance = (centred * w[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    if (spread <= 1e-12 * np.sqrt(w.sum())).any():
        raise FitError("an item or the outcome has the same answer everywhere; leave it out, it cannot go with anything")
    matrix = covariance / np.outer(spread, spread)
    return matrix[:-1, :-1], matrix[:-1, -1]


def shapley_shares(item_correlations: FloatArray, outcome_correlations: FloatArray) -> FloatArray:
    """R squared split by averaging over all orders of entry (LMG); the shares add up to R squared.

    Lindeman, Merenda & Gold (1980); Kruskal (1987), The American Statistician 41:6-10. All 2^J subsets are solved.

    >>> import numpy as np
    >>> shapley_shares(np.eye(2), np.array([0.6, 0.3])).round(2).tolist()  # items without anything in common: squares
    [0.36, 0.09]
    """
    j = len(outcome_correlations)
    if j > _MOST_ITEMS:
        raise FitError(f"{j} items; importance is shared out exactly up to {_MOST_ITEMS}, merge items that belong together")
    explained = np.zeros(2**j)
    for size in range(1, j + 1):
        for subset in combinations(range(j), size):
            r = outcome_correlations[list(subset)]
            explained[sum(1 << i for i in subset)] = r @ np.linalg.lstsq(item_correlations[np.ix_(subset, subset)], r, rcond=None)[0]
    code = np.arange(2**j)
    size_of = np.array([bin(c).count("1") for c in code])
    order_weight = np.array([factorial(s) * factorial(j - 1 - s) / factorial(j) if s < j else 0.0 for s in range(j + 1)])
    shares = np.empty(j)
    for i in range(j):
        without = code[(code >> i) & 1 == 0]
        shares[i] = order_weight[size_of[without]] @ (explained[without | (1 << i)] - explained[without])
    return shares


def johnson_shares(item_correlations: FloatArray, outcome_correlations: FloatArray) -> FloatArray:
    """Relative weights: R squared split through the closest orthogonal items; the shares add up to R squared.

    Johnson (2000), Multivariate Behavioral Research 35:1-19. Equal to `shapley_shares` for two items.

    Raises
    ------
    FitError
        When items are copies of each other, so that the closest orthogonal items do not exist.

    Examples
    --------
    >>> import numpy as np
    >>> johnson_shares(np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([0.6, 0.6])).round(2).tolist()  # alike, they share what they explain
    [0.24, 0.24]
    """
    values, vectors = np.linalg.eigh(item_correlations)
    if values.min() < 1e-10:
        raise FitError("some items are sums or copies of others, so relative weights do not exist; leave one of them out")
    root = vectors * np.sqrt(values) @ vectors.T
    beta = np.linalg.solve(root, outcome_correlations)
    return root**2 @ beta**2


def driver_importance(
    answers: pd.DataFrame,
    outcome: ArrayLike,
    stated: Mapping[str, float] | None = None,
    *,
    weight: ArrayLike | None = None,
    draws: int = 200,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Stated weights beside derived importance, with the ranks that a bootstrap of respondents leaves possible.

    Parameters
    ----------
    answers : items, one row per respondent; rows with a gap are left out
    outcome : overall satisfaction (or another outcome) of the same respondents
    stated : weights by item, any total; shown as shares
    weight : design weights
    draws, seed : bootstrap samples

    Returns
    -------
    DataFrame indexed by item, largest first: mean, stated (share, nan when not given), lmg and johnson (parts of R squared), share (johnson
    / R squared), lower, upper (of that share), rank, rank_lower, rank_upper.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"quality": [1, 2, 3, 4, 5, 4, 2, 5], "price": [3, 1, 2, 3, 1, 2, 3, 2]})
    >>> found = driver_importance(answers, [1, 2, 3, 4, 5, 4, 2, 5], draws=20)
    >>> found["share"].round(1).to_dict()  # satisfaction is quality
    {'quality': 0.9, 'price': 0.1}
    """
    import pandas as pd

    x, y = answers.to_numpy(float, na_value=np.nan), np.asarray(outcome, float)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), y.shape)
    keep = np.isfinite(x).all(1) & np.isfinite(y) & (w > 0)
    x, y, w = x[keep], y[keep], w[keep]
    if x.shape[1] < 2:
        raise TooLittle("One question has no others to be compared with, so importance is not shared out.")
    if len(y) < x.shape[1] + 3:
        raise TooLittle(f"{len(y)} complete answers to {x.shape[1]} items; derived importance needs at least {x.shape[1] + 3}")
    matrix, r = correlations(x, y, w)
    lmg, johnson = shapley_shares(matrix, r), johnson_shares(matrix, r)
    rng = np.random.default_rng(seed)
    sampled = []
    for _ in range(draws):
        rows = rng.integers(0, len(y), len(y))
        try:
            again = johnson_shares(*correlations(x[rows], y[rows], w[rows]))
        except FitError:  # a sample in which an item does not vary says nothing about ranks
            continue
        sampled.append(again / again.sum())
    shares = np.array(sampled)
    ranks = (-shares).argsort(1).argsort(1) + 1
    tails = [0.5 - level / 2, 0.5 + level / 2]
    given = np.array([float((stated or {}).get(item, np.nan)) for item in answers.columns])
    table = pd.DataFrame(
        {
            "mean": np.average(x, axis=0, weights=w),
            "stated": given / np.nansum(given) if np.isfinite(given).any() else given,
            "lmg": lmg,
            "johnson": johnson,
            "share": johnson / johnson.sum(),
            "lower": np.quantile(shares, tails[0], axis=0),
            "upper": np.quantile(shares, tails[1], axis=0),
            "rank": (-johnson).argsort().argsort() + 1,
            "rank_lower": np.quantile(ranks, tails[0], axis=0, method="lower"),
            "rank_upper": np.quantile(ranks, tails[1], axis=0, method="higher"),
        },
        index=pd.Index(answers.columns, name="item"),
    )
    return table.sort_values("rank")


def importance_performance(
    answers: pd.DataFrame, importance: pd.DataFrame, *, weight: ArrayLike | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Where each item lies against the average item: means with t intervals, importance with its bootstrap interval.

    Returns
    -------
    DataFrame indexed by item: mean, mean_lower, mean_upper, share, share_lower, share_upper, place. `place` is one of "keep up" (important
    and good), "look here first" (important and weak), "low priority", "possible overkill", or "undecided" when an interval crosses a
    crosshair.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.satisfaction import driver_importance
    >>> answers = pd.DataFrame({"quality": [1, 2, 3, 4, 5, 4, 2, 5] * 4, "price": [3, 1, 2, 3, 1, 2, 3, 2] * 4})
    >>> importance = driver_importance(answers, [1, 2, 3, 4, 5, 4, 2, 5] * 4, draws=20)
    >>> importance_performance(answers, importance)["place"].to_dict()
    {'quality': 'keep up', 'price': 'low priority'}
    """
    import pandas as pd

    rows = {}
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), len(answers))
    middle_mean, middle_share = float(importance["mean"].mean()), 1 / len(importance)
    for item, row in importance.iterrows():
        x = answers[str(item)].to_numpy(float, na_value=np.nan)
        known = np.isfinite(x)
        own = weighted_mean(x[known], w[known], np.ones(known.sum()), effective_size(w[known]), level)
        mean, half = own.estimate, own.estimate - own.lower
        share = float(row["share"]), float(row["lower"]), float(row["upper"])
        decided = abs(mean - middle_mean) > half and not share[1] <= middle_share <= share[2]
        good, important = mean > middle_mean, share[0] > middle_share
        names = {
            (True, True): "keep up",
            (False, True): "look here first",
            (False, False): "low priority",
            (True, False): "possible overkill",
        }
        rows[item] = (mean, mean - half, mean + half, *share, names[good, important] if decided else "undecided")
    columns = ["mean", "mean_lower", "mean_upper", "share", "share_lower", "share_upper", "place"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("item")


def penalty_reward(
    answers: pd.DataFrame, outcome: ArrayLike, *, weight: ArrayLike | None = None, tail: float = 0.2, level: float = 0.95
) -> pd.DataFrame:
    """How much lower satisfaction is where an item is among the worst, and how much higher where it is among the best.

    One regression on two indicators per item: at or below the `tail` quantile, at or above the 1 - `tail` quantile; standard errors allow
    for unequal spread (White 1980, HC1).

    Returns
    -------
    DataFrame indexed by item: penalty, penalty_error, reward, reward_error, contrast (|penalty| - |reward|) with lower,
    upper; kano: "basic" when the contrast is surely positive, "exciting" when surely negative, else "" (the data allow no label; an
    interval around zero does not prove a "performance" item either). Items whose worst and best answers overlap have nan.

    Notes
    -----
    Brandt (1987) penalty-reward contrast; labels after Kano (1984). Association only.

    Examples
    --------
    >>> import pandas as pd
    >>> import numpy as np
    >>> quality = np.array([1, 2, 3, 4, 5] * 20)
    >>> satisfaction = np.where(quality == 1, 1, 4) + np.tile([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], 10)
    >>> found = penalty_reward(pd.DataFrame({"quality": quality}), satisfaction)
    >>> found[["penalty", "reward"]].round(6).to_dict("index"), found["kano"].tolist()  # bad quality costs three points, good adds none
    ({'quality': {'penalty': -3.0, 'reward': 0.0}}, ['basic'])
    """
    import pandas as pd

    x, y = answers.to_numpy(float, na_value=np.nan), np.asarray(outcome, float)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), y.shape)
    keep = np.isfinite(x).all(1) & np.isfinite(y) & (w > 0)
    x, y, w = x[keep], y[keep], w[keep]
    low, high = np.quantile(x, tail, axis=0), np.quantile(x, 1 - tail, axis=0)
    split = low < high
    used = np.flatnonzero(split)
    if not len(used):
        raise TooLittle("no item has distinct low and high answers; penalty and reward cannot be told apart")
    design = np.column_stack([np.ones(len(y)), *[column for j in used for column in (x[:, j] <= low[j], x[:, j] >= high[j])]]).astype(float)
    if len(y) <= design.shape[1] + 1:
        raise TooLittle(f"{len(y)} complete answers are too few for penalty and reward of {len(used)} items")
    inverse = np.linalg.pinv((design * w[:, None]).T @ design)
    beta = inverse @ design.T @ (w * y)
    residual = w * (y - design @ beta)
    meat = (design * residual[:, None] ** 2).T @ design * len(y) / (len(y) - design.shape[1])
    covariance = inverse @ meat @ inverse
    z, rows = normal_quantile(level), {}
    for j, item in enumerate(answers.columns):
        if not split[j]:
            rows[item] = (*[np.nan] * 7, "")
            continue
        at = 1 + 2 * int(np.searchsorted(used, j))
        penalty, reward = beta[at], beta[at + 1]
        error = np.sqrt(np.diag(covariance)[at : at + 2])
        sign = np.sign([penalty, -reward])  # |penalty| - |reward| as a linear contrast
        contrast = float(sign @ (penalty, reward))
        half = z * float(np.sqrt(sign @ covariance[at : at + 2, at : at + 2] @ sign))
        label = "basic" if contrast - half > 0 and penalty < 0 else "exciting" if contrast + half < 0 and reward > 0 else ""
        rows[item] = (penalty, error[0], reward, error[1], contrast, contrast - half, contrast + half, label)
    columns = ["penalty", "penalty_error", "reward", "reward_error", "contrast", "lower", "upper", "kano"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("item")
