"""Do intervals of single customers hold what they bring? (`python -m benchmarks.customer_intervals [--companies N]`)

For each purchase model: companies simulated from it (spend by Gamma-Gamma), fitted on 39 weeks, every customer's interval of purchases
and of spend in the next 39 held against what came. Purchases are whole numbers, so that an interval holds at least 95 %. Then the same on
CDNOW's hold-out, where no model is known to be right. The result is kept in benchmarks/results/customer_intervals.txt.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.lifetime_value.customer_intervals import customer_intervals

RESULT = Path(__file__).parent / "results" / "customer_intervals.txt"
MODELS = {
    "BG/NBD": gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"),
    "MBG/NBD": gw.ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week"),
    "Pareto/NBD": gw.ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week"),
}
SPEND = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)
TERMS = gw.ValueTerms(horizon=39, margin=1.0, annual_discount_rate=0.0, unit="week")
SIZES, LEAST = (200, 2_000), 0.94


def company(model: Any, customers: int, seed: int) -> pd.DataFrame:
    """Customers with a history of 27 to 39 weeks and what they buy and spend in the 39 after it."""
    rng = np.random.default_rng(seed)
    found = model.simulate(39.0 - rng.integers(0, 84, customers) / 7, horizon=39, seed=seed)
    x, later = found["frequency"].to_numpy(), found["frequency_holdout"].to_numpy()
    rate = rng.gamma(SPEND.q, 1 / SPEND.gamma, customers)
    spent, found["spend_holdout"] = (np.where(n > 0, rng.gamma(SPEND.p * np.maximum(n, 1)) / rate, 0.0) for n in (x, later))
    return found.assign(monetary_value=spent / np.maximum(x, 1))


def held(customers: pd.DataFrame, model: Any) -> pd.DataFrame:
    """By repeat purchases: customers, and how many of them brought what their intervals say."""
    repeat = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
    found = customer_intervals(type(model).fit(customers), gw.GammaGamma.fit(repeat), customers, TERMS)
    spent, slack = customers["spend_holdout"], 1e-9
    told = pd.DataFrame(
        {
            "customers": 1,
            "purchases": customers["frequency_holdout"].between(found["purchases_lower"], found["purchases_upper"]),
            "spend": spent.between(found["value_lower"] - slack, found["value_upper"] + slack),
        }
    )
    return told.groupby(customers["frequency"].clip(upper=3)).sum()


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.customer_intervals")
    asked.add_argument("--companies", type=int, default=40, help="of each model and size")
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    rows = {}
    for name, model in MODELS.items():
        for size in SIZES:
            seeds = range(told.seed, told.seed + told.companies)
            rows[name, f"{told.companies} companies of {size:,}"] = sum(held(company(model, size, seed), model) for seed in seeds)
    summary = gw.summarize_purchases(gw.read_transactions("cdnow"), calibration_end="1997-09-30")
    rows["BG/NBD", "CDNOW, all customers"] = held(summary.to_pandas(), MODELS["BG/NBD"])
    lines = ["Customers who brought what their 95 % intervals hold, in per cent, by repeat purchases seen (39 weeks ahead)."]
    lines.append(f"{'fitted model':12} {'whose customers':28} {'of':10} {'all':>7} {'0':>7} {'1':>7} {'2':>7} {'3+':>7}")
    worst = 1.0
    for (name, whose), counts in rows.items():
        for of in ("purchases", "spend"):
            shares = [counts[of].sum() / counts["customers"].sum(), *(counts[of] / counts["customers"])]
            worst = min(worst, shares[0])
            lines.append(f"{name:12} {whose:28} {of:10} " + " ".join(f"{100 * share:7.1f}" for share in shares))
    text = "\n".join(lines) + "\n"
    RESULT.write_text(text)
    print(text)
    return int(worst < LEAST)


if __name__ == "__main__":
    sys.exit(main())
