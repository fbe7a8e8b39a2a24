"""A plan for every single customer, at any number of them: the convex-hull greedy, exact for the linear programme.

Each customer takes at most one option (a multiple-choice knapsack; Sinha & Zoltners 1979). Only options on the upper hull of (cost, gain)
can be in a solution; moving along it, each step has a slope, gain per cost. Steps of all customers in the order of their slopes, until the
budget is spent, are the optimum, with at most one customer in between two options.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.incremental_values import IncrementalValue

Floats = NDArray[np.float64]
NOTHING = -1


class Fraction(NamedTuple):
    """The one customer whom the linear programme leaves between two options.

    Examples
    --------
    >>> from goodwill.strategies import allocate_customers
    >>> allocate_customers([[5.0], [4.0]], [2.0], budget=3).fractional  # after the first, there is money for half of the second
    Fraction(customer=1, start=-1, end=0, share=0.5)
    """

    customer: int
    start: int  # option she has; -1 for none
    end: int  # option she would have
    share: float


@dataclass(frozen=True, eq=False, repr=False)
class CustomerPlan(Shown):
    """An option for each customer.

    Attributes
    ----------
    choice : number of the option, -1 for none, shape (customers,)
    fractional : the customer between two options, whom `choice` leaves at the cheaper one; None where the budget comes out even
    gain, cost : of `choice` [currency]
    bound : no plan within the budget gains more: the dual bound, which is the optimum of the linear programme [currency]
    shadow_price : gain of the next unit of budget; 0 where all useful steps are taken
    budgets, gains : the whole frontier, step by step (thinned by `curve`)

    Examples
    --------
    >>> from goodwill.strategies import allocate_customers
    >>> plan = allocate_customers([[5.0, 8.0], [3.0, 3.5]], [1.0, 3.0], budget=3)
    >>> plan.choice.tolist(), plan.gain, plan.bound  # money is left with which nobody can be raised to the dearer option
    ([0, 0], 8.0, 9.5)
    """

    choice: NDArray[np.int64]
    fractional: Fraction | None
    gain: float
    cost: float
    bound: float
    shadow_price: float
    budgets: Floats
    gains: Floats

    @property
    def gap(self) -> float:
        """What whole customers lose against the linear programme, as a share of it."""
        return (self.bound - self.gain) / self.bound if self.bound > 0 else 0.0

    def curve(self, points: int = 200) -> pd.DataFrame:
        """The frontier at some of its corners: budget, gain, shadow_price (of the step before)."""
        import pandas as pd

        at = np.unique(np.linspace(0, len(self.budgets) - 1, points).astype(int))
        budget, gain = self.budgets[at], self.gains[at]
        slope = np.divide(np.diff(gain), np.diff(budget), out=np.zeros(len(at) - 1), where=np.diff(budget) > 0)
        return pd.DataFrame({"budget": budget, "gain": gain, "shadow_price": np.append(slope, 0.0) if len(slope) else [0.0]})


def allocate_customers(gain: ArrayLike, cost: ArrayLike, budget: float, *, hurdle: float = 1.0) -> CustomerPlan:
    """The best option for each customer within a budget.

    Parameters
    ----------
    gain : expected incremental value of each option before its cost, shape (customers, options) [currency]
    cost : of each option, shape (options,) or (customers, options) [currency]
    budget : most that may be spent; inf for no limit
    hurdle : what one unit must bring back to be spent; 0 spends whatever brings anything

    Raises
    ------
    DataError
        A negative budget or cost, gains that are no numbers, or shapes that do not fit.

    Examples
    --------
    >>> plan = allocate_customers([[5.0, 8.0], [3.0, 3.5]], [1.0, 3.0], budget=4)
    >>> plan.choice.tolist(), plan.gain, plan.bound
    ([1, 0], 11.0, 11.0)
    """
    gains = np.asarray(gain, float)
    if gains.ndim != 2 or not np.isfinite(gains).all():
        raise DataError(f"gain must hold finite numbers in the shape (customers, options), and has the shape {gains.shape}")
    costs = np.asarray(cost, float)
    if costs.shape not in ((gains.shape[1],), gains.shape) or not (costs >= 0).all():
        raise DataError(f"cost must not be negative and have the shape {gains.shape[1:]} or {gains.shape}, and has {costs.shape}")
    if not budget >= 0:
        raise DataError(f"the budget is {budget}; it must not be negative")
    steps = _hull(gains, costs, max(float(hurdle), 0.0))
    order = np.argsort(-steps.slope, kind="stable")  # stable: a customer's own steps stay in their order
    spent = np.cumsum(steps.cost[order])
    whole = int(np.searchsorted(spent, budget * (1 + 1e-12), side="right"))
    taken = order[:whole]
    choice = steps.free.copy()
    choice[steps.customer[taken]] = steps.option[taken]  # of one customer's steps the last one written is the furthest
    base, total_cost = steps.free_gain, float(spent[whole - 1]) if whole else 0.0
    total = base + float(steps.gain[taken].sum())
    fractional, price, bound = None, 0.0, total
    if whole < len(order):
        step = order[whole]
        who = int(steps.customer[step])
        price = float(steps.slope[step])
        bound = total + price * (budget - total_cost)
        if budget > total_cost:
            share = (budget - total_cost) / float(steps.cost[step])
            fractional = Fraction(who, int(choice[who]), int(steps.option[step]), share)
    budgets = np.concatenate([[0.0], spent])
    curve = base + np.concatenate([[0.0], np.cumsum(steps.gain[order])])
    return CustomerPlan(choice, fractional, total, total_cost, bound, price, budgets, curve)


def places_and_relative_value(values: IncrementalValue, segment: Any, value: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    """The number of each customer's segment, and her value over the mean of its customers (1 where that is 0).

    Parameters
    ----------
    segment : one label per customer
    value : expected lifetime value per customer [currency]
    """
    labels, worth = np.asarray(segment, dtype=object).astype(str), np.asarray(value, float)
    names = np.array(values.segments)
    order = np.argsort(names)
    code = order[np.minimum(np.searchsorted(names[order], labels), len(names) - 1)]
    strange = names[code] != labels
    if len(labels) != len(worth) or strange.any() or not (worth >= 0).all():
        raise DataError(
            f"{len(worth)} values for {len(labels)} customers, {int(strange.sum())} of them in no segment; need one label and one "
            "value each, not negative"
        )
    total, number = np.bincount(code, worth, len(names)), np.bincount(code, minlength=len(names))
    mean = np.where(total > 0, total / np.maximum(number, 1), 1.0)
    return code.astype(np.int64), np.where(total[code] > 0, worth / mean[code], 1.0)


class _Steps(NamedTuple):
    """Steps along the hulls: who, to which option, what it adds and costs; and where everybody starts at no cost."""

    customer: NDArray[np.int64]
    option: NDArray[np.int64]
    gain: Floats
    cost: Floats
    slope: Floats
    free: NDArray[np.int64]
    free_gain: float


def _hull(gains: Floats, costs: Floats, hurdle: float) -> _Steps:
    """All steps with a slope above `hurdle`, each customer's in falling order."""
    customers, options = gains.shape
    # One contiguous column per option: the rounds below read columns at some rows, and memory is what they wait for.
    gain, cost = np.ascontiguousarray(gains.T), np.ascontiguousarray(np.broadcast_to(costs, gains.shape).T)
    at_gain, at_cost = np.zeros(customers), np.zeros(customers)
    free = np.full(customers, NOTHING, dtype=np.int64)
    for option in range(options):  # what costs nothing and helps is taken before any money is spent
        better = (cost[option] == 0) & (gain[option] > at_gain)
        at_gain[better], free[better] = gain[option][better], option
    free_gain = float(at_gain.sum())
    who, found = np.arange(customers), []
    for _ in range(options):
        slope = np.full(len(who), hurdle)
        chosen = np.full(len(who), NOTHING, dtype=np.int64)
        now_gain, now_cost = at_gain[who], at_cost[who]
        for option in range(options):
            more = cost[option][who] - now_cost
            with np.errstate(divide="ignore", invalid="ignore"):
                new = np.where(more > 0, (gain[option][who] - now_gain) / more, -np.inf)
            better = new > slope
            slope[better], chosen[better] = new[better], option
        moves = chosen >= 0
        who, chosen, slope = who[moves], chosen[moves], slope[moves]
        if not len(who):
            break
        new_gain, new_cost = gain[chosen, who], cost[chosen, who]
        found.append((who, chosen, new_gain - at_gain[who], new_cost - at_cost[who], slope))
        at_gain[who], at_cost[who] = new_gain, new_cost
    if not found:
        nobody = np.zeros(0, dtype=np.int64)
        return _Steps(nobody, nobody, np.zeros(0), np.zeros(0), np.zeros(0), free, free_gain)
    steps = [np.concatenate(column) for column in zip(*found, strict=True)]
    return _Steps(steps[0], steps[1], steps[2], steps[3], steps[4], free, free_gain)
