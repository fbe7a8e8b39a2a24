"""Where the profit is: the whale curve when the cost to serve each customer is known, and else only how sales are concentrated."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError, TooLittle
from goodwill.inference.bootstrap import Blocks, FloatArray, deal
from goodwill.inference.gains import curve_draws, ordered
from goodwill.inference.uncertainty import quantile_interval
from goodwill.lifetime_value.concentration import TOPS, cumulated, lorenz_curve, share_of_top
from goodwill.shown import Shown

LEVELS = 20  # of the costs in a band: equally likely ones, since each needs the customers sorted again
GRID = 201  # points of a curve: half a per cent of customers apart


@dataclass(frozen=True, eq=False, repr=False)
class WhaleCurve(Shown):
    """Cumulative profit, the most profitable customers first.

    Attributes
    ----------
    curve : customers (share, 0 to 1), profit (cumulative money), lower, upper
    total : money of all customers; peak : the highest cumulative profit; peak_at : share of customers there
    losing : share of customers with a loss; loss : their money, zero or negative

    Examples
    --------
    >>> from goodwill.segments import whale_curve
    >>> found = whale_curve(margin=[100.0, 50.0, 30.0], cost=[20.0, 40.0, 60.0])
    >>> found
    <WhaleCurve curve (201 × 4), total 60, peak 90, peak_at 0.6667, losing 0.3333, loss -30>
    """

    curve: pd.DataFrame
    total: float
    peak: float
    peak_at: float
    losing: float
    loss: float


@dataclass(frozen=True, eq=False, repr=False)
class SalesCurve(Shown):
    """Lorenz curve: cumulative shares of sales, the largest customers first; of profit nothing is known.

    Attributes
    ----------
    curve : customers, share
    top : share of customers to the share that they hold

    Examples
    --------
    >>> from goodwill.segments import sales_curve
    >>> found = sales_curve([60.0, 20.0, 10.0, 10.0])
    >>> found
    <SalesCurve curve (201 × 2), top (5 named)>
    >>> found.curve.loc[found.curve["customers"] == 0.5, "share"].item()  # half of the customers, four fifths of the sales
    0.8
    """

    curve: pd.DataFrame
    top: dict[float, float]


class CostToServe(NamedTuple):
    """What serving each customer cost, free where the file says nothing; and of how many it says nothing."""

    cost: pd.Series
    unknown: int


def cost_to_serve(source: Any, customers: pd.DataFrame) -> CostToServe:
    """The cost to serve of each customer from a table with customer_id and cost; the costs of one customer add up.

    Raises
    ------
    TooLittle
        No table is given.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"customer_id": ["a", "b"]})
    >>> served = pd.DataFrame({"customer_id": ["a", "a"], "cost": [3.0, 4.0]})
    >>> found = cost_to_serve(served, customers)
    >>> found.cost.tolist(), found.unknown  # of b the table says nothing
    ([7.0, 0.0], 1)
    """
    from goodwill.data.side_tables import read_side_table

    if isinstance(source, str) and not source:
        raise TooLittle("The cost to serve each customer is not given, so profit per customer is unknown.")
    served = read_side_table(source, texts=["customer_id"], numbers=["cost"]).groupby("customer_id")["cost"].sum()
    known = customers["customer_id"].astype(str).map(served)
    return CostToServe(known.fillna(0.0), int(known.isna().sum()))


def concentration(customers: pd.DataFrame, *, margin_rate: float = 1.0, cost_error: float = 0.0) -> WhaleCurve | SalesCurve:
    """The whale curve when customers have `cost_to_serve`, else the Lorenz curve of what they spent.

    Parameters
    ----------
    customers : with `margin` (money), or `spend` of which `margin_rate` is margin; and `cost_to_serve` (money of the same period) or none
    cost_error : relative standard error of the level of costs, for the band

    Examples
    --------
    >>> import pandas as pd
    >>> found = concentration(pd.DataFrame({"spend": [60.0, 20.0, 10.0, 10.0]}))
    >>> type(found).__name__, found.top[0.5]  # without costs nothing is known of profit
    ('SalesCurve', 0.8)
    """
    if "cost_to_serve" not in customers:
        return sales_curve(customers["spend"])
    margin = customers["margin"] if "margin" in customers else customers["spend"] * margin_rate
    return whale_curve(margin, customers["cost_to_serve"], cost_error=cost_error)


def whale_curve(margin: ArrayLike, cost: ArrayLike, *, cost_error: float = 0.0, draws: int = 300, seed: int = 1) -> WhaleCurve:
    """Cumulative profit by customer with its peak and its loss tail (Kaplan & Narayanan 2001); there is no usual height of the peak.

    Parameters
    ----------
    margin, cost : (customers,) money of one period, before and for serving the customer
    cost_error : relative standard error of the level of all costs (how they were allocated); widens the band. Errors that differ from
        customer to customer are not for a band: they bend the curve itself, whose ends are then partly the worst measured customers.
    draws, seed : of the band, which has other customers and another level of costs in each draw

    Raises
    ------
    DataError
        When a cost is negative or missing, or the lengths differ.

    Examples
    --------
    >>> found = whale_curve([100.0, 50.0, 30.0], [20.0, 40.0, 60.0])
    >>> found.total, found.peak, found.loss, round(found.losing, 2)  # one of three customers loses 30 of the 90 that the others bring
    (60.0, 90.0, -30.0, 0.33)
    """
    earned, cost = np.asarray(margin, float), np.asarray(cost, float)
    if earned.shape != cost.shape or earned.ndim != 1 or not len(cost):
        raise DataError(f"there are {earned.size} margins and {cost.size} costs to serve; one each per customer is needed")
    if not (np.isfinite(earned).all() and np.all(cost >= 0)):
        bad = int((~(np.isfinite(earned) & (cost >= 0))).argmax())
        raise DataError(f"a cost to serve must be a number of 0 or more, and a margin a number (first: row {bad})")
    profit = earned - cost
    total, losing = float(profit.sum()), profit < 0
    grid = np.linspace(0, 1, GRID)
    point = np.interp(grid * len(profit), np.arange(len(profit) + 1), cumulated(profit))
    band = quantile_interval(point, _band(earned, cost, cost_error, grid, draws, seed))
    peak, loss = float(profit[~losing].sum()), float(profit[losing].sum())
    curve = pd.DataFrame({"customers": grid, "profit": point, "lower": band.lower, "upper": band.upper})
    return WhaleCurve(curve, total, peak, float(1 - losing.mean()), float(losing.mean()), loss)


def sales_curve(values: ArrayLike) -> SalesCurve:
    """Lorenz curve of sales, for when costs are not known; negative net sales count as they are.

    >>> round(sales_curve([60.0, 20.0, 10.0, 10.0]).top[0.2], 2)  # the largest fifth of four customers is 0.8 of the largest one
    0.48
    """
    held = np.asarray(values, float)
    customers, share = lorenz_curve(held)
    grid = np.linspace(0, 1, GRID)
    top = {t: share_of_top(held, t) for t in TOPS}
    return SalesCurve(pd.DataFrame({"customers": grid, "share": np.interp(grid, customers, share)}), top)


def _band(margin: FloatArray, cost: FloatArray, error: float, grid: FloatArray, draws: int, seed: int) -> FloatArray:
    """Cumulative profit per draw, scaled to the number of customers in the data, (draws, grid)."""
    blocks, n, curves = deal(len(margin), draws, seed), len(margin), []
    levels = [1.0] if not error else [max(0.0, NormalDist(1.0, error).inv_cdf((k + 0.5) / LEVELS)) for k in range(LEVELS)]
    for level, weights in zip(levels, np.array_split(blocks.weights, len(levels)), strict=True):
        profit = margin - level * cost
        drawn = curve_draws(ordered(profit), profit, Blocks(blocks.of, weights))
        curves += [np.interp(grid * count[-1], count, money) * n / count[-1] for count, money in zip(*drawn, strict=True)]
    return np.stack(curves)
