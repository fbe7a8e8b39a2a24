"""Did sorting customers work: gains on the hold-out, ties shared, beside the trivial rules and with paired intervals of the difference.

This tests a ranking and nothing else: that the best customers are found does not say that treating them pays.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.bootstrap import FloatArray, deal
from goodwill.inference.gains import Curve, area, curve, curve_draws, ordered, shares_at
from goodwill.inference.uncertainty import quantile_interval

ORACLE = "oracle"
RANDOM = "random"


def trivial_scores(customers: pd.DataFrame) -> dict[str, FloatArray]:
    """The rules that any model has to beat: recency, frequency, spend, the sum of R, F and M fifths, and random.

    Equal customers get equal scores; `random` is the same score for all, which ties shared make exactly the expectation of a random order.

    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [0, 4], "recency": [0.0, 28.0], "T": [30.0, 30.0], "spend": [10.0, 90.0]})
    >>> {name: score.tolist() for name, score in trivial_scores(customers).items()}
    {'recency': [-30.0, -2.0], 'frequency': [0.0, 4.0], 'spend': [10.0, 90.0], 'RFM sum': [3.0, 15.0], 'random': [0.0, 0.0]}
    """
    quiet = customers["T"].to_numpy(float) - customers["recency"].to_numpy(float)
    scores = {"recency": -quiet, "frequency": customers["frequency"].to_numpy(float), "spend": customers["spend"].to_numpy(float)}
    return {**scores, "RFM sum": np.sum([_fifth(score) for score in scores.values()], axis=0), RANDOM: np.zeros(len(customers))}


def scores_to_compare(customers: pd.DataFrame) -> dict[str, FloatArray]:
    """Expected value, the trivial rules, and P(alive) where a purchase model gave one; what `ranking_table` compares.

    >>> import pandas as pd
    >>> one = {"frequency": 0, "recency": 0.0, "T": 30.0, "spend": 10.0, "value": 5.0, "probability_alive": 1.0}
    >>> customers = pd.DataFrame([one])
    >>> list(scores_to_compare(customers))
    ['value', 'recency', 'frequency', 'spend', 'RFM sum', 'random', 'P(alive)']
    """
    scores = {"value": customers["value"].to_numpy(float)} | trivial_scores(customers)
    return scores | {f"P({name[12:]})": customers[name].to_numpy(float) for name in customers.columns if name == "probability_alive"}


def gains_curve(score: ArrayLike, outcome: ArrayLike) -> pd.DataFrame:
    """Cumulative shares of customers and of the outcome, highest score first; both start at 0.

    Customers with equal scores share what they bring: within a tie the curve is straight, as if their order were random.

    >>> gains_curve([2, 1, 1], [6, 3, 1])["outcome"].tolist()
    [0.0, 0.6, 1.0]
    """
    order = ordered(score)
    found = curve(order, _outcome(outcome, len(order.order)))
    return pd.DataFrame({"customers": found.customers[0] / found.customers[0, -1], "outcome": found.outcome[0] / found.outcome[0, -1]})


def gains(scores: Mapping[str, ArrayLike], outcome: ArrayLike, points: int = 101) -> pd.DataFrame:
    """Gains curves on a common grid, long: score, customers, outcome; the oracle (ranked by the outcome itself) added.

    >>> found = gains({"spend": [3, 2, 1]}, [6, 1, 3], points=4)
    >>> found.pivot(index="customers", columns="score", values="outcome").round(2).to_dict("list")
    {'oracle': [0.0, 0.6, 0.9, 1.0], 'spend': [0.0, 0.6, 0.7, 1.0]}
    """
    grid = np.linspace(0, 1, points)
    parts = []
    for name, score in {**scores, ORACLE: outcome}.items():
        one = gains_curve(score, outcome)
        parts.append(pd.DataFrame({"score": name, "customers": grid, "outcome": np.interp(grid, one["customers"], one["outcome"])}))
    return pd.concat(parts, ignore_index=True)


def top_share(score: ArrayLike, outcome: ArrayLike, top: float) -> float:
    """Share of the outcome that the top share of customers holds.

    >>> top_share([2, 1, 1, 0], [6, 3, 1, 0], 0.5)
    0.8
    """
    one = gains_curve(score, outcome)
    return float(np.interp(top, one["customers"], one["outcome"]))


def ranking_table(
    scores: Mapping[str, ArrayLike],
    outcome: ArrayLike,
    *,
    reference: str = "value",
    top: float = 0.1,
    second: float = 0.2,
    draws: int = 300,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """How much of the outcome each ranking puts on top, and how it differs from the reference ranking.

    Parameters
    ----------
    scores : by name, one number per customer, high is good; computed from the calibration only
    outcome : (customers,), of the hold-out, such as spend; not negative in sum
    reference : the score that the others are compared with
    top, second : shares of customers
    draws : bootstrap samples of customers, the same ones for every score, so that differences are paired

    Returns
    -------
    DataFrame, index score, the highest `top` share first, the oracle on top of it
        `top` with lower and upper; `lift`, top share over share of customers; `difference` to the reference with lower and upper and
        whether it is `distinguishable` from none; `second`; `gini` (the oracle's is 1) with lower and upper. `attrs` hold top, second,
        reference, customers and draws.

    Raises
    ------
    DataError
        When the reference is no score, lengths differ, or the outcome adds up to nothing.

    Examples
    --------
    >>> scores = {"value": [4, 3, 2, 1], "random": [0, 0, 0, 0]}
    >>> found = ranking_table(scores, [60, 20, 10, 10], top=0.25, second=0.5, draws=20)
    >>> found.loc[["value", "random"], ["top", "second", "difference"]].to_dict("index")
    {'value': {'top': 0.6, 'second': 0.8, 'difference': 0.0}, 'random': {'top': 0.25, 'second': 0.5, 'difference': -0.35}}
    """
    if reference not in scores:
        raise DataError(f"the reference '{reference}' is none of the scores ({', '.join(scores)})")
    if not 0 < top < second < 1:
        raise DataError(f"the shares of customers are {top} and {second}; they must lie between 0 and 1, the smaller one first")
    own = np.asarray(outcome, float)
    y = _outcome(own, len(own))
    orders = {name: ordered(score) for name, score in {**scores, ORACLE: own}.items()}
    for name, found in orders.items():
        if len(found.order) != len(y):
            raise DataError(f"the score '{name}' has {len(found.order)} numbers for {len(y)} customers")
    blocks, tops = deal(len(y), draws, seed), (top, second)
    point = {name: _measures(curve(found, y), tops) for name, found in orders.items()}
    drawn = {name: _measures(curve_draws(found, y, blocks), tops) for name, found in orders.items()}
    rows = {
        name: _row(point[name], drawn[name], point[ORACLE], drawn[ORACLE], point[reference], drawn[reference], level) for name in orders
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("score")
    table["lift"] = table["top"] / top
    table["distinguishable"] = ((table["difference_lower"] > 0) | (table["difference_upper"] < 0)) & (table.index != reference)
    table = table.sort_values("top", ascending=False, kind="stable")
    table.attrs |= {"top": top, "second": second, "reference": reference, "customers": len(y), "draws": draws, "level": level}
    return table


def gains_difference(
    first: ArrayLike, second: ArrayLike, outcome: ArrayLike, *, points: int = 51, draws: int = 300, seed: int = 1
) -> pd.DataFrame:
    """Gains of the first score less those of the second at each share of customers, with a paired 95 % band (point by point).

    Returns
    -------
    DataFrame
        customers, difference, lower, upper

    Examples
    --------
    >>> found = gains_difference([4, 3, 2, 1], [0, 0, 0, 0], [60, 20, 10, 10], points=3, draws=20)
    >>> found["difference"].round(2).tolist()  # against a random order
    [0.0, 0.3, 0.0]
    """
    grid = np.linspace(0, 1, points)
    pair = [ordered(first), ordered(second)]
    y = _outcome(outcome, len(pair[0].order))
    blocks = deal(len(y), draws, seed)
    point = [shares_at(curve(found, y), grid)[0] for found in pair]
    drawn = [shares_at(curve_draws(found, y, blocks), grid) for found in pair]
    interval = quantile_interval(point[0] - point[1], drawn[0] - drawn[1])
    return pd.DataFrame({"customers": grid, "difference": interval.estimate, "lower": interval.lower, "upper": interval.upper})


def _measures(one: Curve, tops: tuple[float, float]) -> FloatArray:
    """(3, draws): shares of the two tops, and twice the area between the curve and the diagonal."""
    return np.vstack([shares_at(one, tops).T, area(one)])


def _row(
    point: FloatArray, drawn: FloatArray, best: FloatArray, best_drawn: FloatArray, ref: FloatArray, ref_drawn: FloatArray, level: float
) -> dict[str, float]:
    share = quantile_interval(point[0, 0], drawn[0], level)
    difference = quantile_interval(point[0, 0] - ref[0, 0], drawn[0] - ref_drawn[0], level)
    with np.errstate(divide="ignore", invalid="ignore"):  # where all customers bring the same no ranking can be good
        gini = quantile_interval(point[2, 0] / best[2, 0], drawn[2] / best_drawn[2], level)
    return {
        "top": share.estimate,
        "lower": share.lower,
        "upper": share.upper,
        "lift": np.nan,
        "difference": difference.estimate,
        "difference_lower": difference.lower,
        "difference_upper": difference.upper,
        "distinguishable": False,
        "second": point[1, 0],
        "gini": gini.estimate,
        "gini_lower": gini.lower,
        "gini_upper": gini.upper,
    }


def _outcome(outcome: ArrayLike, n: int) -> FloatArray:
    y = np.asarray(outcome, float)
    if y.shape != (n,):
        raise DataError(f"the outcome has {y.size} numbers for {n} customers")
    if not y.sum() > 0:
        raise DataError("the outcome adds up to nothing, so shares of it do not exist; choose a longer hold-out")
    return y


def _fifth(score: FloatArray) -> FloatArray:
    """1 to 5; equal scores get equal fifths (right-closed quantile edges), also where rounding parts them."""
    level = np.round(score / max(float(np.abs(score).max()), np.finfo(float).tiny), 9)
    return np.searchsorted(np.quantile(level, [0.2, 0.4, 0.6, 0.8]), level, side="left").astype(float) + 1
