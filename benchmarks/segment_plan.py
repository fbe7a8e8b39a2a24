"""A plan for every customer: `python -m benchmarks.segment_plan` (half a minute; --large also solves the linear
programme of 100,000 customers, which takes minutes; --write keeps the table in README.md).

One million customers and five strategies under a budget by the convex-hull greedy, and the same problem at 10,000 (and 100,000) customers
beside HiGHS through scipy, which solves the linear programme without looking at its shape. The result shows the gain and, for ours, the
gap of whole customers to the bound.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks import HEADER, fastest, measured_with, rows, write_table  # first: it sets one BLAS thread
from goodwill.strategies.per_customer import allocate_customers

COST = np.array([0.5, 1.0, 2.0, 3.0, 6.0])
BUDGET = 0.5  # per customer
PATIENCE = 120  # seconds of its own clock that the linear programme may take


def population(customers: int) -> Any:
    """Gains: a value per customer, and an effect of each strategy on it, some negative; costs that customers differ in by a quarter."""
    rng = np.random.default_rng(1958)
    gain = rng.gamma(1.0, 10.0, (customers, 1)) * rng.normal(0.3, 0.3, (customers, len(COST)))
    return gain, COST * rng.uniform(0.75, 1.25, (customers, 1))


def greedy(gain: Any, cost: Any) -> str:
    plan = allocate_customers(gain, cost, BUDGET * len(gain), hurdle=0.0)
    return f"{plan.gain:,.2f}, bound {plan.bound:,.2f}, gap {plan.gap:.1e}"


def highs(gain: Any, cost: Any) -> str:
    from scipy import sparse
    from scipy.optimize import linprog

    customers, options = gain.shape
    each = sparse.kron(sparse.eye_array(customers), np.ones((1, options)))
    matrix = sparse.vstack([sparse.csr_array(cost.reshape(1, -1)), each]).tocsr()
    limits = np.concatenate([[BUDGET * customers], np.ones(customers)])
    options_ = {"time_limit": PATIENCE}
    found = linprog(-gain.ravel(), A_ub=matrix, b_ub=limits, bounds=(0, 1), method="highs", options=options_)
    return f"{-found.fun:,.2f}" if found.status == 0 else f"not finished in {PATIENCE} s"


def table(large: bool) -> list[str]:
    lines = []
    for customers in (10_000, 100_000) if large else (10_000,):
        gain, cost = population(customers)
        contenders = {"goodwill": lambda g=gain, c=cost: greedy(g, c), "HiGHS (scipy.optimize.linprog)": lambda g=gain, c=cost: highs(g, c)}
        lines += rows(f"plan for {customers:,} customers x 5 strategies", fastest(contenders, 1), str)  # type: ignore[arg-type]
    gain, cost = population(1_000_000)
    lines += rows("plan for 1,000,000 customers x 5 strategies", fastest({"goodwill": lambda: greedy(gain, cost)}, 3), str)
    return [*HEADER, *lines, "", measured_with("goodwill", "numpy", "scipy")]


def main(large: bool = False, write: bool = False) -> None:
    """Print the table, or write it into README.md."""
    lines = table(large)
    if write:
        write_table("segment_plan", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main(large="--large" in sys.argv, write="--write" in sys.argv)
