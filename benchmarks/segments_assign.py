"""How long does it take to place a million customers by every scheme of rules? (`python -m benchmarks.segments_assign`)

The summary is in memory; each scheme learns its rules and assigns all customers. Peers score recency, frequency and money in quintiles as
is commonly done: with pandas' `qcut` on ranks, and with NTILE in DuckDB. Both part equal values by their place in the table, which is
counted: customers who share their frequency with somebody of another score. The package `rfm` fails on pandas 3.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import HEADER, fastest, measured_with, rows, write_table
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.segments import learn, rfm, rfm_scores

CUSTOMERS = 1_000_000
ROUNDS = 3
# Fader, Hardie & Lee (2005), table 2.
BUYING = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
TARGET = 5.0  # [s], all schemes


def summary(customers: int = CUSTOMERS, seed: int = 1) -> pd.DataFrame:
    """Customers like CDNOW's, with prices from a list (so that spends tie), and everything else that a scheme asks for, made up."""
    rng = np.random.default_rng(seed)
    bought = BUYING.simulate(np.full(customers, 39.0) - rng.integers(0, 84, customers) / 7, seed=seed)
    orders = bought["frequency"].to_numpy() + 1
    return bought.assign(
        customer_id=[f"{number:07d}" for number in range(customers)],
        spend=np.round(orders * rng.choice([8.99, 11.77, 14.96, 19.99, 29.33, 49.68], customers), 2),
        value=lambda frame: frame["spend"] * rng.gamma(1.0, 1.0, customers),
        growth_value=lambda frame: frame["spend"],
        discount_share=rng.binomial(orders, rng.beta(0.6, 1.4, customers)) / orders,
        satisfaction=rng.integers(1, 11, customers).astype(float),
        loyal=rng.random(customers) < 0.6,
        recommends=rng.random(customers) < 0.3,
        region=rng.choice(["East", "North", "Northwest", "Centre", "Southwest"], customers),
        industry=rng.choice(["hotels", "laundries", "hospitals", "railways", "colleges"], customers),
        size=rng.choice(["large", "small"], customers),
        payment_record=rng.choice(["good", "bad"], customers),
        reputation=rng.integers(0, 101, customers),
        share=rng.integers(0, 101, customers),
    )


def schemes(customers: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Options of every scheme of rules."""
    return {
        "rfm": {},
        "sales_decile": {},
        "count_decile": {},
        "target_groups": {},
        "abc": {},
        "abc_list": {"lists": {"A": customers["customer_id"].head(100).tolist(), "B": customers["customer_id"].tail(1000).tolist()}},
        "pyramid": {},
        "loyalty_tier": {"thresholds": (10, 50, 100, 500)},
        "loyalty_role": {"scale": (1, 10)},
        "relationship": {},
        "region_industry": {},
        "hiatus": {"h": 13},
        "scorecard": {"weights": {"reputation": 4, "share": 6}, "grades": {"key": 80, "main": 50, "other": 0}},
        "payment_record": {},
    }


def by_qcut(customers: pd.DataFrame) -> pd.DataFrame:
    """Quintiles by pandas, ties broken by the order of the rows so that `qcut` finds its five bins."""
    columns = {"R": customers["recency"] - customers["T"], "F": customers["frequency"], "M": customers["spend"]}
    return pd.DataFrame({name: pd.qcut(values.rank(method="first"), 5, labels=False) + 1 for name, values in columns.items()})


def by_ntile(customers: pd.DataFrame) -> pd.DataFrame:
    """Quintiles by NTILE, in the database."""
    import duckdb

    return duckdb.sql(
        'SELECT customer_id, ntile(5) OVER (ORDER BY recency - "T") AS R, ntile(5) OVER (ORDER BY frequency) AS F, '
        "ntile(5) OVER (ORDER BY spend) AS M FROM customers ORDER BY customer_id"
    ).df()


def parted(scores: pd.DataFrame, customers: pd.DataFrame) -> int:
    """Customers whose frequency is that of somebody with another score of it."""
    return int((scores["F"].groupby(customers["frequency"].to_numpy()).transform("nunique") > 1).sum())


def main(write: bool = False) -> None:
    """Print, or write into README.md, the two tables."""
    customers = summary()
    lines = [measured_with("numpy", "pandas", "duckdb"), "", *HEADER]
    contenders: dict[str, Callable[[], Any]] = {
        "Goodwill `rfm_scores`": lambda: rfm_scores(rfm(customers), customers),
        "pandas `qcut` on ranks": lambda: by_qcut(customers),
        "DuckDB `NTILE`": lambda: by_ntile(customers),
    }
    lines += rows(
        "R, F, M scores", fastest(contenders, ROUNDS), lambda scores: f"{parted(scores, customers):,} customers parted from equals"
    )
    placed: dict[str, Callable[[], Any]] = {
        name: lambda name=name, chosen=chosen: learn(name, customers, **chosen).assign(customers)  # type: ignore[misc]
        for name, chosen in schemes(customers).items()
    }
    timings = fastest(placed, ROUNDS)
    lines += ["", "| scheme, learned and assigned | wall, s | CPU, s | segments |", "|---|--:|--:|--:|"]
    lines += [f"| `{name}` | {took.wall:.3f} | {took.cpu:.3f} | {len(took.result.categories)} |" for name, took in timings.items()]
    wall, cpu = (sum(getattr(took, kind) for took in timings.values()) for kind in ("wall", "cpu"))
    lines.append(f"| **all** ({'under' if wall < TARGET else 'over'} {TARGET:g} s) | **{wall:.3f}** | {cpu:.3f} | |")
    if write:
        write_table("segments", lines)
    else:
        print("\n".join(lines))


if __name__ == "__main__":
    main(write="--write" in sys.argv[1:])
