"""How often do the intervals of every model hold the truth? (`python -m benchmarks.coverage_models`; half an hour on two cores)

Names of models behind the command run only those, and keep the rows of the others.

At each named truth, the published optimum of the model, data sets are simulated and fitted. Counted are the 95 % intervals that hold the
true parameters (of the fits without a warning), and the 95 % predictive intervals that hold what the simulated hold-out brought (of all
fits): in total, and in the segments of customers with 0, 1 to 2, and 3 or more purchases in the calibration. For contracts what is
foretold is the share still there five renewals after those that the model has seen.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.retention import range_of_share
from goodwill.lifetime_value.richer.regular_buyers import regular_buyers

SEED = 2010
DRAWS = 300
PROCESSES = 2
RESULT = Path(__file__).parent / "results" / "coverage_models.txt"

HEADER = (
    f"Coverage of 95 % intervals at published optima; seed {SEED}, {DRAWS} draws an interval.",
    "Parameters: at least 90 % of the fits without a warning. Everything foretold: within 3 points of 95 %, all fits.",
    "",
    f"{'model':<12} {'quantity':<16} {'data sets':>9} {'covered %':>9} {'± s.e.':>6}   verdict",
)


@dataclass(frozen=True)
class Case:
    """A named truth: the model, where its parameters were published, how many customers, how many data sets, and how one is judged."""

    truth: Any
    source: str
    customers: int
    data_sets: int
    judge: Callable[[Any, int, int], tuple[Fit, dict[str, bool]]]


def shopping(truth: Any, customers: int, seed: int) -> tuple[Fit, dict[str, bool]]:
    """CDNOW-like: births on the days of 12 weeks, observed to the end of week 39, 39 weeks of hold-out."""
    born = np.random.default_rng(seed).integers(0, 84, customers)
    return _foretold(truth, truth.simulate((272 - born) / 7, horizon=39.0, seed=seed), 39.0)


def giving(truth: Any, customers: int, seed: int) -> tuple[Fit, dict[str, bool]]:
    """Donor-like: six opportunities seen, five to come."""
    return _foretold(truth, truth.simulate(np.full(customers, 6), horizon=5, seed=seed), 5)


def _foretold(truth: Any, base: pd.DataFrame, horizon: float) -> tuple[Fit, dict[str, bool]]:
    fit = type(truth).fit(base)
    base = base.assign(segment=np.select([base["frequency"] == 0, base["frequency"] <= 2], ["0", "1-2"], "3+"))
    held = {}
    for by in (None, "segment"):
        labels = base[by] if by else pd.Series("total", index=base.index)
        actual = base["frequency_holdout"].groupby(labels).sum()
        for name, row in fit.predict_interval(base, horizon, by=by, draws=DRAWS).iterrows():
            held["hold-out total" if by is None else f"segment {name}"] = bool(row["lower"] <= actual[name] <= row["upper"])
    return fit, held


def renewing(truth: Any, customers: int, seed: int) -> tuple[Fit, dict[str, bool]]:
    """A cohort of contracts: seven renewals seen, five to come."""
    table = truth.simulate(customers, 12, seed=seed)
    seen = table[table["time"] <= 7]
    fit = type(truth).fit(seen)
    low, high = range_of_share(fit, np.array([12]), seen)[:, 0]
    return fit, {"share after 12": bool(low <= table["customers"].iloc[12] / customers <= high)}


def spending(truth: Any, customers: int, seed: int) -> tuple[Fit, dict[str, bool]]:
    """The mean spend of customers with the repeat purchases of a CDNOW-like base; the interval of the population mean."""
    born = np.random.default_rng(seed).integers(0, 84, customers)
    frequency = SHOPPERS.simulate((272 - born) / 7, seed=seed)["frequency"].to_numpy()
    fit = type(truth).fit(truth.simulate(frequency, seed=seed))
    mean = fit.interval_of_mean(lambda m: m.expected_spend(0, 0), draws=DRAWS)
    return fit, {"population mean": bool(mean.lower <= float(truth.expected_spend(0, 0)) <= mean.upper)}


SHOPPERS = gw.BetaGeoNBD(r=0.242594, alpha=4.413602, a=0.792922, b=2.425907)
CASES = {
    "BG/NBD": Case(SHOPPERS, "Fader, Hardie & Lee (2005a), CDNOW", 2357, 1000, shopping),
    "MBG/NBD": Case(gw.ModifiedBetaGeoNBD(0.524843, 6.183084, 0.891359, 1.614002), "optimum for CDNOW", 2357, 1000, shopping),
    "BG/CNBD-2": Case(regular_buyers(2)(0.226917, 1.462920, 0.944002, 2.074329), "optimum for CDNOW", 2357, 200, shopping),
    "MBG/CNBD-3": Case(
        regular_buyers(3, leave_at_first=True)(0.532968, 1.258196, 1.288664, 1.845209), "optimum for CDNOW", 2357, 200, shopping
    ),
    "Pareto/NBD": Case(gw.ParetoNBD(0.553270, 10.577801, 0.606020, 11.663915), "Fader, Hardie & Lee (2005a), CDNOW", 2357, 500, shopping),
    "BG/BB": Case(
        gw.BetaGeoBetaBinom(1.203523, 0.749716, 0.656718, 2.783442), "Fader, Hardie & Shang (2010), donations", 4000, 500, giving
    ),
    "sBG": Case(gw.ShiftedBetaGeo(0.668088, 3.806095), "Fader & Hardie (2007), High End", 1000, 1000, renewing),
    "BdW": Case(gw.BetaDiscreteWeibull(0.214253, 1.426575, 1.723565), "same cohort, beta-discrete-Weibull", 1000, 1000, renewing),
    "Gamma-Gamma": Case(gw.GammaGamma(6.249349, 3.744256, 15.444307), "Fader & Hardie (2013), CDNOW", 2357, 1000, spending),
}


def holds(name: str, number: int, seed: int = SEED) -> dict[str, float]:
    """Whether each interval of one data set holds the truth; missing for the parameters when the fit warns."""
    case = CASES[name]
    one = int(np.random.default_rng([seed, number]).integers(2**31))
    fit, held = case.judge(case.truth, case.customers, one)
    table = fit.estimates
    truth = np.array([getattr(case.truth, parameter) for parameter in fit.names])
    inside = (table["lower"].to_numpy() <= truth) & (truth <= table["upper"].to_numpy())
    found = {parameter: np.nan if fit.warnings else float(hit) for parameter, hit in zip(fit.names, inside, strict=True)}
    return found | {key: float(hit) for key, hit in held.items()} | {"warned": float(bool(fit.warnings))}


def lines_of(name: str, results: pd.DataFrame) -> tuple[list[str], bool]:
    """The rows of the table for one model, and whether all pass."""
    lines, passed = [], True
    parameters = set(results.columns[: results.columns.get_loc("warned")]) & set(vars(CASES[name].truth))
    for quantity in results.columns.drop("warned"):
        hits = results[quantity].dropna()
        share = hits.mean()
        error = np.sqrt(share * (1 - share) / len(hits))
        good = share >= 0.90 if quantity in parameters else abs(share - 0.95) <= 0.03 + 1e-12
        passed &= good
        lines.append(f"{name:<12} {quantity:<16} {len(hits):>9} {100 * share:>9.1f} {100 * error:>6.1f}   {'pass' if good else 'FAIL'}")
    lines.append(
        f"{'':12} {CASES[name].source}; {CASES[name].customers:,} customers; fits with a warning {100 * results['warned'].mean():.1f} %"
    )
    return lines, passed


def merged(blocks: dict[str, list[str]]) -> str:
    """The text of the result: these models' rows, and those of the others as they stand in the file."""
    known = RESULT.read_text().splitlines() if RESULT.exists() else []
    for name in CASES:
        rows = [at for at, line in enumerate(known) if line.startswith(f"{name:<12} ")]
        if rows and name not in blocks:
            blocks[name] = known[rows[0] : rows[-1] + 2]  # and the line below with the source
    lines = [line for name in CASES for line in blocks.get(name, [])]
    missing = [name for name in CASES if name not in blocks]
    verdict = "not every model passes" if any("FAIL" in line for line in lines) else "every model passes"
    return "\n".join([*HEADER, *lines, "", f"Verdict: {verdict}{f'; not run: {chr(44).join(missing)}' if missing else ''}.", ""])


def main(names: list[str]) -> int:
    started = time.perf_counter()
    passed = True
    for name in names or CASES:
        with get_context("spawn").Pool(PROCESSES) as pool:
            results = pd.DataFrame(pool.map(partial(holds, name), range(CASES[name].data_sets), chunksize=10))
        rows, good = lines_of(name, results)
        print("\n".join(rows), flush=True)
        RESULT.write_text(merged({name: rows}))
        passed &= good
    print(f"({time.perf_counter() - started:.0f} s)")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
