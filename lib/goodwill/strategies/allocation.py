"""Which strategy for which share of which segment: a linear programme for shares, an integer one where launches or whole segments count.

The plan maximises what strategies add minus what they cost, so that money that would bring back less than itself is left unspent. Solved
by HiGHS (Huangfu & Hall 2018) through scipy. The bad case can be weighted in by conditional value at risk (Rockafellar & Uryasev 2000).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError, FitError
from goodwill.shown import Shown
from goodwill.strategies.incremental_values import IncrementalValue

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
SCENARIOS = 300  # draws that the risk-weighted programme looks at
PATIENCE = 60  # seconds for the integer programme; a plan stopped by it says so in its name
ROUNDING = 1e-7  # shares below this are the solver's rounding


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Shown):
    """Shares of segments that get each strategy; whoever gets none is left alone.

    Attributes
    ----------
    name : how it was come by
    shares : shape (segments, strategies)
    values : what was planned with
    budget : what could be spent [currency]; inf without a limit
    shadow_price : what one more unit of budget would bring back, before its cost; 1 or less where the budget does not bind. None where
        nobody asked (simple plans).
    weight : how many average customers of the segment those who are treated are worth, shape (segments, strategies), where a plan picks
        single customers; None where it picks at random within a segment
    choice : number of the strategy of each customer in each exclusive group, -1 for none, shape (customers, groups); None likewise
    ranked_by : the column of the customers by which those treated were picked within a segment; empty where they are picked at random
    tested : what a trial says that the plan brings before its cost, in draws [currency], shape (draws,); it then takes the place of what
        the values claim (see `cross_fitting`). None where no trial was made of these strategies.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.strategies import IncrementalValue
    >>> values = IncrementalValue.stated({"best": 100}, gain={"call": {"best": 3.0}}, cost={"call": 2.0})
    >>> plan = Plan("every second one", np.array([[0.5]]), values, budget=120.0)
    >>> plan, plan.net
    (<Plan every second one, 50 treated, cost 100 of a budget of 120>, 50.0)
    """

    name: str
    shares: Floats
    values: IncrementalValue
    budget: float
    shadow_price: float | None = None
    weight: Floats | None = None
    choice: NDArray[np.int64] | None = None
    ranked_by: str = ""
    tested: Floats | None = None

    def _said(self) -> str:
        limit = f"of a budget of {self.budget:,.0f}" if np.isfinite(self.budget) else "without a budget"
        return f"{self.name}, {self.treated.sum():,.0f} treated, cost {self.cost:,.0f} {limit}"

    @cached_property
    def effort(self) -> Floats:
        """What gains are multiplied with: `weight`, or the customers treated."""
        return self.treated if self.weight is None else self.weight

    @cached_property
    def treated(self) -> Floats:
        """Customers per segment and strategy."""
        return self.shares * self.values.customers[:, None]

    @property
    def launched(self) -> NDArray[np.bool_]:
        return np.asarray(self.treated.sum(axis=0) > 0)

    @property
    def cost(self) -> float:
        """Unit costs and launches [currency]."""
        return float((self.treated * self.values.cost).sum() + self.values.fixed_cost @ self.launched)

    @property
    def claimed(self) -> float:
        """Expected incremental value before cost by the values that the plan was made of [currency]."""
        return float((self.effort * self.values.mean).sum())

    @property
    def gain(self) -> float:
        """Expected incremental value before cost [currency]: by the trial, where it was tested, else as claimed."""
        return self.claimed if self.tested is None else float(self.tested.mean())

    @property
    def net(self) -> float:
        return self.gain - self.cost

    def draws(self) -> Floats:
        """Net incremental value of the plan in each draw, shape (draws,)."""
        return (np.tensordot(self.values.gain, self.effort, axes=2) if self.tested is None else self.tested) - self.cost

    @property
    def chance_of_losing(self) -> float:
        """Share of the draws in which the plan costs more than it brings; 0 where it costs nothing."""
        return float((self.draws() < 0).mean()) if self.cost > 0 else 0.0

    def table(self) -> pd.DataFrame:
        """One row per pair in the plan: segment, strategy, share, customers, cost (with its part of the launch), gain, net, evidence.

        Gains are those claimed: a trial tests plans as a whole.
        """
        import pandas as pd

        rows = []
        for s, k in np.argwhere(self.shares > 0):
            treated = self.treated[s, k]
            launch = self.values.fixed_cost[k] * treated / self.treated[:, k].sum()
            cost, gain = treated * self.values.cost[s, k] + launch, self.effort[s, k] * self.values.mean[s, k]
            names = [self.values.segments[s], self.values.strategies[k]]
            rows.append([*names, self.shares[s, k], treated, cost, gain, gain - cost, str(self.values.grade[s, k])])
        return pd.DataFrame(rows, columns=["segment", "strategy", "share", "customers", "cost", "gain", "net", "evidence"])

    def service_table(self) -> pd.DataFrame:
        """What each segment gets: customers, the share that gets anything (at least), unit cost per customer, and the promised floor."""
        import pandas as pd

        served = [max(row[np.array(self.values.groups) == group].sum() for group in set(self.values.groups)) for row in self.shares]
        return pd.DataFrame(
            {
                "segment": self.values.segments,
                "customers": self.values.customers.astype(int),
                "share_served": np.minimum(served, 1.0),
                "cost_per_customer": (self.shares * self.values.cost).sum(axis=1),
                "floor": self.values.floor.max(axis=1, initial=0.0),
            }
        )


def allocate(
    values: IncrementalValue,
    budget: float,
    *,
    whole_segments: bool = False,
    risk_weight: float = 0.0,
    tail: float = 0.2,
    hurdle: float = 1.0,
    name: str = "optimised",
) -> Plan:
    """The plan of highest expected net value within the budget.

    Parameters
    ----------
    values : incremental values; shrink them first
    budget : most that may be spent, launches included [currency]; inf for no limit
    whole_segments : a segment gets a strategy as a whole or not at all
    risk_weight : weight of the mean of the worst `tail` of draws, against that of all draws; 0 to 1
    hurdle : what one unit of money must bring back to be spent

    Raises
    ------
    DataError
        A negative budget, or service floors that cannot be kept: which, and why.

    Examples
    --------
    >>> from goodwill.strategies.incremental_values import IncrementalValue
    >>> values = IncrementalValue.stated({"best": 100, "others": 50}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> plan = allocate(values, budget=100.0)
    >>> plan.shares.round(6).tolist(), round(plan.cost, 6), round(plan.net, 6)  # half of the best are called: the others do not pay
    ([[0.5], [0.0]], 100.0, 50.0)
    """
    if not budget >= 0:
        raise DataError(f"the budget is {budget}; it must not be negative")
    if not (0 <= risk_weight <= 1 and 0 < tail < 1):
        raise DataError(f"the risk weight is {risk_weight} and the tail {tail}; both lie between 0 and 1")
    _check_floors(values, budget, whole_segments)
    programme = _Programme.of(values, budget, risk_weight, tail, hurdle)
    launches = bool((values.fixed_cost > 0).any())
    solved = programme.solve_integer(whole_segments) if launches or whole_segments else programme.solve()
    shares, price = solved.shares, solved.price
    if launches and not whole_segments:  # prices exist for a linear programme only: the one with these launches
        price = programme.solve(launched=solved.launched).price
    name += f" (best found in {PATIENCE} s)" if solved.stopped else ""
    return Plan(name, shares, values, budget, None if whole_segments else hurdle + price)


@dataclass(frozen=True)
class _Solved:
    shares: Floats
    launched: NDArray[np.bool_]
    price: float
    stopped: bool = False


@dataclass(frozen=True, eq=False)
class _Programme:
    """Minimise `objective` x over: shares of eligible pairs, launches, and, with risk, the quantile and the shortfall of each draw."""

    values: IncrementalValue
    pairs: NDArray[np.int64]  # (cells, 2): segment, strategy
    objective: Floats
    matrix: Any  # sparse, rows <= limits; the first row is the budget
    limits: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, values: IncrementalValue, budget: float, risk_weight: float, tail: float, hurdle: float) -> _Programme:
        from scipy import sparse

        pairs = np.argwhere(values.eligible)
        s, k = pairs.T
        cells, launches = len(pairs), len(values.strategies)
        number = values.customers[s]
        cost = np.concatenate([number * values.cost[s, k], values.fixed_cost])
        gain = np.concatenate([number * values.mean[s, k], np.zeros(launches)])
        scale = max(float(np.abs(gain).max(initial=0)), float(cost.max(initial=0)), 1e-300)
        # A trace of the cost decides between plans of equal value: nothing is spent for nothing.
        objective = -(gain - (hurdle + 1e-9) * cost) / scale
        rows = [cost / scale]
        limits = [budget / scale if np.isfinite(budget) else float(cost.sum()) / scale + 1]
        groups = np.array(values.groups)[k]
        for segment in range(len(values.segments)):
            for group in dict.fromkeys(groups[s == segment]):
                rows.append(np.concatenate([((s == segment) & (groups == group)).astype(float), np.zeros(launches)]))
                limits.append(1.0)
        for strategy in np.flatnonzero(np.isfinite(values.capacity)):
            most = max(float(values.customers.sum()), 1.0)
            rows.append(np.concatenate([np.where(k == strategy, number, 0.0) / most, np.zeros(launches)]))
            limits.append(float(values.capacity[strategy]) / most)
        for cell in np.flatnonzero(values.fixed_cost[k] > 0):  # nobody gets what is not launched
            row = np.zeros(cells + launches)
            row[cell], row[cells + k[cell]] = 1.0, -1.0
            rows.append(row)
            limits.append(0.0)
        matrix = sparse.csr_array(np.array(rows))
        lower, upper = np.concatenate([values.floor[s, k], np.zeros(launches)]), np.ones(cells + launches)
        plain = cls(values, pairs, objective, matrix, np.array(limits), lower, upper)
        return plain if risk_weight == 0 else plain._with_risk(risk_weight, tail, hurdle, scale)

    def _with_risk(self, weight: float, tail: float, hurdle: float, scale: float) -> _Programme:
        """Add CVaR: maximise (1 - w) mean + w (q - mean shortfall below q / tail) over plans and q."""
        from scipy import sparse

        s, k = self.pairs.T
        draws = self.values.gain[:SCENARIOS]
        count, size = len(draws), len(self.objective)
        cost = hurdle * np.concatenate([self.values.customers[s] * self.values.cost[s, k], self.values.fixed_cost])
        net = np.zeros((count, size))
        net[:, : len(s)] = self.values.customers[s] * draws[:, s, k]
        net = (net - cost) / scale
        shortfall = sparse.hstack([-net, np.ones((count, 1)), -sparse.eye_array(count)])  # q - net - u <= 0
        matrix = sparse.vstack([sparse.hstack([self.matrix, sparse.csr_array((self.matrix.shape[0], 1 + count))]), shortfall]).tocsr()
        objective = np.concatenate([(1 - weight) * self.objective, [-weight], np.full(count, weight / (tail * count))])
        lower = np.concatenate([self.lower, [-np.inf], np.zeros(count)])
        upper = np.concatenate([self.upper, np.full(1 + count, np.inf)])
        return _Programme(self.values, self.pairs, objective, matrix, np.concatenate([self.limits, np.zeros(count)]), lower, upper)

    def solve(self, launched: NDArray[np.bool_] | None = None) -> _Solved:
        from scipy.optimize import linprog

        cells, strategies = len(self.pairs), len(self.values.strategies)
        lower, upper = self.lower.copy(), self.upper.copy()
        if launched is not None:
            lower[cells : cells + strategies] = upper[cells : cells + strategies] = launched.astype(float)
        bounds = np.column_stack([lower, upper])
        found = linprog(self.objective, A_ub=self.matrix, b_ub=self.limits, bounds=bounds, method="highs")
        if found.status != 0:
            raise FitError(f"no plan was found: {found.message}")
        return self._solved(found.x, -float(found.ineqlin.marginals[0]))

    def solve_integer(self, whole: bool) -> _Solved:
        from scipy.optimize import Bounds, LinearConstraint, milp

        cells, strategies = len(self.pairs), len(self.values.strategies)
        integer = np.zeros(len(self.objective))
        integer[cells : cells + strategies] = 1
        lower = self.lower.copy()
        if whole:
            integer[:cells] = 1
            lower[:cells] = np.ceil(lower[:cells])  # a floor on part of a segment holds for all of it
        found = milp(
            self.objective,
            constraints=LinearConstraint(self.matrix, -np.inf, self.limits),
            integrality=integer,
            bounds=Bounds(lower, self.upper),
            options={"mip_rel_gap": 1e-6, "time_limit": PATIENCE},
        )
        if found.x is None:
            raise FitError(f"no plan was found: {found.message}")
        return replace(self._solved(found.x, 0.0), stopped=found.status == 1)

    def _solved(self, x: Floats, price: float) -> _Solved:
        cells, strategies = len(self.pairs), len(self.values.strategies)
        shares = np.zeros(self.values.eligible.shape)
        share = np.clip(x[:cells], 0.0, 1.0)
        shares[tuple(self.pairs.T)] = np.where(share < ROUNDING, 0.0, share)
        return _Solved(shares, x[cells : cells + strategies] > 0.5, price)


def _check_floors(values: IncrementalValue, budget: float, whole: bool) -> None:
    """DataError naming the first service floor that cannot be kept, and the constraint it breaks."""
    floor = np.ceil(values.floor) if whole else values.floor
    groups = np.array(values.groups)
    for s, k in np.argwhere((floor > 0) & ~values.eligible):
        raise DataError(f"segment '{values.segments[s]}' is promised '{values.strategies[k]}', for which it is not eligible")
    for s, segment in enumerate(values.segments):
        for group in dict.fromkeys(values.groups):
            promised = float(floor[s, groups == group].sum())
            if promised > 1 + 1e-9:
                raise DataError(
                    f"service floors of segment '{segment}' add up to {promised:.0%} in the exclusive group '{group}'; a customer gets one "
                    "strategy of a group, so they must not exceed 100 %"
                )
    treated = floor * values.customers[:, None]
    for k, strategy in enumerate(values.strategies):
        if treated[:, k].sum() > values.capacity[k] * (1 + 1e-9):
            raise DataError(
                f"service floors promise '{strategy}' to {treated[:, k].sum():,.0f} customers; its capacity is {values.capacity[k]:,.0f}"
            )
    cost = float((treated * values.cost).sum() + values.fixed_cost @ (treated.sum(axis=0) > 0))
    if cost > budget * (1 + 1e-9):
        raise DataError(f"keeping the service floors costs {cost:,.2f}, and the budget is {budget:,.2f}: raise it or lower the floors")
