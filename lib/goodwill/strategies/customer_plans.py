"""Plans that pick single customers: the optimum within a budget with its launches.

A customer's gain is her segment's times her own expected value over the segment's mean (`effects grow with value`, an assumption where no
trial measured it). Strategies of different exclusive groups add up, so that a customer in a group is one row of `allocate_customers`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.strategies.allocation import Plan
from goodwill.strategies.launches import launches_of
from goodwill.strategies.per_customer import NOTHING, CustomerPlan, allocate_customers
from goodwill.strategies.single_customers import Customers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BY_CUSTOMER = "by customer"
TAIL, ROUNDS = 0.2, 8  # the worst draws that risk looks at, and how often a plan is made again with them


def allocate_by_customer(
    customers: Customers, budget: float, *, risk_weight: float = 0.0, hurdle: float = 1.0, name: str = BY_CUSTOMER
) -> Plan:
    """The plan of highest expected net value within the budget, launches included, that picks single customers.

    Which strategies are launched is chosen on bins of customers (see `Launches`); who gets what is then exact.

    Parameters
    ----------
    risk_weight : weight of the mean of the worst fifth of draws against that of all draws; the plan is then made again with gains weighted
        so, a few times, and the best is kept
    hurdle : what one unit of money must bring back to be spent

    Raises
    ------
    DataError
        A negative budget, or service floors that cannot be paid.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import IncrementalValue, customers_of
    >>> values = IncrementalValue.stated({"best": 2, "others": 1}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> customers = pd.DataFrame({"value": [12.0, 8.0, 5.0], "spend": [40.0, 60.0, 10.0]})
    >>> plan = allocate_by_customer(customers_of(values, ["best", "best", "others"], customers), budget=2.0)
    >>> plan.choice[:, 0].tolist(), round(plan.gain, 2), plan.cost  # money for one: the one who is worth most
    ([0, -1, -1], 3.6, 2.0)
    """
    if not budget >= 0:
        raise DataError(f"the budget is {budget}; it must not be negative")
    if not 0 <= risk_weight <= 1:
        raise DataError(f"the risk weight is {risk_weight}; it lies between 0 and 1")
    mean = customers.values.mean
    best = _within(customers, mean, budget, hurdle, name)
    if not risk_weight:
        return best
    plan = best
    for _ in range(ROUNDS):
        worst = plan.draws().argsort(kind="stable")[: max(1, int(TAIL * len(customers.values.gain)))]
        gain = (1 - risk_weight) * mean + risk_weight * customers.values.gain[worst].mean(axis=0)
        plan = _within(customers, gain, budget, hurdle, name)
        best = max(best, plan, key=lambda each: _with_risk(each, risk_weight))
    nobody = customers.plan(name, np.full(best_shape(customers), NOTHING), budget, best.shadow_price)
    return max(best, nobody, key=lambda each: _with_risk(each, risk_weight)) if not (customers.values.floor > 0).any() else best


def best_shape(customers: Customers) -> tuple[int, int]:
    """Customers and groups: the shape of a choice."""
    return len(customers.place), len(customers.groups)


def _with_risk(plan: Plan, weight: float) -> float:
    draws = np.sort(plan.draws())
    return float((1 - weight) * plan.net + weight * draws[: max(1, int(TAIL * len(draws)))].mean())


def _within(customers: Customers, gain: Floats, budget: float, hurdle: float, name: str) -> Plan:
    given, cost = promised(customers)
    if cost > budget * (1 + 1e-9):
        raise DataError(f"keeping the service floors costs {cost:,.2f}, and the budget is {budget:,.2f}: raise it or lower the floors")
    launched = launches_of(customers, gain, hurdle, launched_by(given, customers)).best(budget - cost)
    choice, found = _greedy(customers, gain, budget, hurdle, launched, given, cost)
    return customers.plan(name, choice, budget, max(found.shadow_price, hurdle))


def launched_by(choice: Ints, customers: Customers) -> NDArray[np.bool_]:
    """Whether each strategy is given to anybody."""
    launched = np.zeros(len(customers.values.strategies), dtype=bool)
    launched[choice[choice >= 0]] = True
    return launched


def promised(customers: Customers) -> tuple[Ints, float]:
    """Who gets what because it is promised to a share of her segment: the most valuable first; and what that costs, launches included."""
    values = customers.values
    choice = np.full(best_shape(customers), NOTHING)
    for s, k in np.argwhere(values.floor > 0):
        group = next(g for g, members in enumerate(customers.groups) if k in members)
        free = np.flatnonzero((customers.place == s) & (choice[:, group] == NOTHING))
        order = free[np.argsort(-customers.relative[free], kind="stable")]
        choice[order[: int(np.ceil(values.floor[s, k] * values.customers[s] - 1e-9))], group] = k
    return choice, customers.plan("", choice, 0.0).cost


def _rows(customers: Customers, group: int, gain: Floats, launched: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Gains and costs of the strategies of one group for every customer; of what she cannot get, nothing."""
    members, values = customers.groups[group], customers.values
    able = (values.eligible & launched)[:, members][customers.place]
    gains = np.where(able, gain[:, members][customers.place] * customers.relative[:, None], 0.0)
    for column, k in enumerate(members):
        if np.isfinite(values.capacity[k]) and able[:, column].sum() > values.capacity[k]:  # only those who gain most
            keep = np.argsort(-gains[:, column], kind="stable")[: int(values.capacity[k])]
            kept = np.zeros(len(gains), dtype=bool)
            kept[keep] = True
            gains[:, column] = np.where(kept, gains[:, column], 0.0)
    return gains, values.cost[:, members][customers.place]


def _greedy(
    customers: Customers, gain: Floats, budget: float, hurdle: float, launched: NDArray[np.bool_], promised: Ints, paid: float
) -> tuple[Ints, CustomerPlan]:
    """Who gets what, given what is launched; exact but for the one customer whom money leaves between two strategies."""
    values, width = customers.values, max(len(members) for members in customers.groups)
    gains, costs, free = [], [], []
    for group in range(len(customers.groups)):
        some, price = _rows(customers, group, gain, launched)
        open_ = promised[:, group] == NOTHING
        pad = ((0, 0), (0, width - some.shape[1]))
        gains.append(np.pad(some, pad)[open_])
        costs.append(np.pad(price, pad)[open_])
        free.append(open_)
    money = budget - paid - float(values.fixed_cost @ (launched & ~launched_by(promised, customers)))
    found = allocate_customers(np.concatenate(gains), np.concatenate(costs), max(money, 0.0), hurdle=hurdle)
    choice, start = promised.copy(), 0
    for group, open_ in enumerate(free):
        part = found.choice[start : start + int(open_.sum())]
        start += int(open_.sum())
        choice[open_, group] = np.where(part >= 0, customers.groups[group][np.maximum(part, 0)], NOTHING)
    return choice, found
