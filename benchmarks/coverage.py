"""How often do intervals hold the truth? (`make coverage`; some minutes on two cores)

At each named truth 500 data sets are simulated like CDNOW: first purchases on the days of 12 weeks, a calibration that ends with week
39, a hold-out of 39 more. BG/NBD is fitted to each; counted are the 95 % intervals that hold the true parameters (of the fits without a
warning) and the 95 % predictive intervals that hold the simulated number of purchases in the hold-out (of all fits, ridges included).
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD

# Fader, Hardie & Lee (2005), table 2, with the digits of our fit.
TRUTH = BetaGeoNBD(r=0.242594, alpha=4.413602, a=0.792922, b=2.425907, unit="week")
CUSTOMERS = (500, 2357)
SEEDS = (2005, 2006, 2007)
DATA_SETS = 500
DRAWS = 400
HORIZON = 39.0
PROCESSES = 2
RESULT = Path(__file__).parent / "results" / "coverage_bg_nbd.txt"
QUANTITIES = ("r", "alpha", "a", "b", "holdout total")


def data_set(customers: int, seed: int, number: int) -> pd.DataFrame:
    """One simulated base: births on the days of 12 weeks, observed to the end of week 39, with its hold-out."""
    rng = np.random.default_rng([seed, customers, number])
    born = rng.integers(0, 84, customers)
    return TRUTH.simulate((272 - born) / 7, horizon=HORIZON, seed=int(rng.integers(2**31)))


def holds(customers: int, seed: int, number: int, draws: int = DRAWS) -> dict[str, float]:
    """Whether each interval of one data set holds the truth; missing for the parameters when the fit warns."""
    base = data_set(customers, seed, number)
    fit = BetaGeoNBD.fit(base)
    table = fit.estimates
    truth = np.array([getattr(TRUTH, name) for name in fit.names])
    inside = (table["lower"].to_numpy() <= truth) & (truth <= table["upper"].to_numpy())
    total, actual = fit.predict_interval(base, HORIZON, draws=draws).loc["total"], base["frequency_holdout"].sum()
    found = {name: np.nan if fit.warnings else float(hit) for name, hit in zip(fit.names, inside, strict=True)}
    return found | {
        "holdout total": float(total["lower"] <= actual <= total["upper"]),
        "warned": float(bool(fit.warnings)),
        "not converged": float(not fit.converged),
    }


def study(seed: int) -> tuple[list[str], bool]:
    """Lines of the table of one seed, and whether every quantity passed."""
    lines, passed = [], True
    with get_context("spawn").Pool(PROCESSES) as pool:
        for customers in CUSTOMERS:
            results = pd.DataFrame(pool.map(partial(holds, customers, seed), range(DATA_SETS), chunksize=10))
            for name in QUANTITIES:
                hits = results[name].dropna()
                share = hits.mean()
                error = np.sqrt(share * (1 - share) / len(hits))
                good = abs(share - 0.95) <= 0.03 if name == "holdout total" else share >= 0.90
                passed &= good
                figures = f"{len(hits):>9} {100 * share:>9.1f} {100 * error:>6.1f}"
                lines.append(f"{seed:>5} {customers:>10,} {name:<14} {figures}   {'pass' if good else 'FAIL'}")
            warned, lost = results["warned"].mean(), results["not converged"].mean()
            lines.append(f"{'':16} fits with a warning {100 * warned:.1f} %, of them ridges or runaways {100 * lost:.1f} % of all")
    return lines, passed


def main() -> int:
    started = time.perf_counter()
    lines = [
        "Coverage of 95 % intervals, BG/NBD, simulated like CDNOW (calibration 39 weeks, hold-out 39 weeks)",
        f"Truth: r {TRUTH.r}, alpha {TRUTH.alpha}, a {TRUTH.a}, b {TRUTH.b}; {DATA_SETS} data sets a line; {DRAWS} draws an interval.",
        "Parameters: at least 90 % of the fits without a warning. Hold-out total: within 3 points of 95 %, all fits.",
        "",
        f"{'seed':>5} {'customers':>10} {'quantity':<14} {'data sets':>9} {'covered %':>9} {'± s.e.':>6}   verdict",
    ]
    verdicts = []
    for seed in SEEDS:
        table, passed = study(seed)
        verdicts.append(passed)
        lines += [*table, f"{'':16} seed {seed}: {'pass' if passed else 'FAIL'}", ""]
    lines.append(f"Verdict: {'every seed passes' if all(verdicts) else 'not every seed passes'}.")
    text = "\n".join(lines) + "\n"
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text)
    print(text + f"({time.perf_counter() - started:.0f} s; written to {RESULT.name})")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
