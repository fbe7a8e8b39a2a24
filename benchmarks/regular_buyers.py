"""Regular buyers: coverage at further truths, and time. (`python -m benchmarks.regular_buyers [coverage | time] [--write]`)

coverage: BG/CNBD-2 and MBG/CNBD-3 at two truths beside the CDNOW optimum of `benchmarks.coverage_models`: customers who buy often and stay,
and customers half of whom soon leave. How often 95 % intervals hold the parameters (of fits without a warning), and what the hold-out of
39 weeks brought.
time: fits of one million customers, beside BG/NBD on the same ones, in seconds of one core.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks import run_parts
from benchmarks.coverage_models import shopping
from goodwill.lifetime_value.richer.regular_buyers import regular_buyers

SEED, SETS, CUSTOMERS, PROCESSES, LARGE = 2030, 100, 2357, 2, 1_000_000
RESULT = Path(__file__).parent / "results" / "regular_buyers.txt"
MODELS: dict[str, Any] = {"BG/CNBD-2": regular_buyers(2), "MBG/CNBD-3": regular_buyers(3, leave_at_first=True)}
TRUTHS = {  # r, alpha (of stages), a, b
    ("BG/CNBD-2", "often, and stay"): (0.8, 3.0, 0.6, 6.0),
    ("BG/CNBD-2", "half soon leave"): (0.6, 2.0, 1.5, 2.5),
    ("MBG/CNBD-3", "often, and stay"): (0.8, 2.0, 0.6, 6.0),
    ("MBG/CNBD-3", "half soon leave"): (0.6, 1.5, 1.5, 2.5),
}


def holds(name: str, truth: tuple[float, ...], number: int) -> dict[str, float]:
    """Whether each interval of one data set holds the truth; missing for the parameters when the fit warns."""
    seed = int(np.random.default_rng([SEED, number]).integers(2**31))
    fit, held = shopping(MODELS[name](*truth), CUSTOMERS, seed)
    table = fit.estimates
    inside = (table["lower"].to_numpy() <= truth) & (np.array(truth) <= table["upper"].to_numpy())
    found = {each: np.nan if fit.warnings else float(hit) for each, hit in zip(fit.names, inside, strict=True)}
    return found | {"hold-out total": float(held["hold-out total"]), "warned": float(bool(fit.warnings))}


def coverage() -> list[str]:
    """A line per model and truth."""
    lines = [f"Coverage of 95 % intervals, {SETS} data sets of {CUSTOMERS:,} customers, seed {SEED}; per cent"]
    for (name, said), truth in TRUTHS.items():
        with get_context("spawn").Pool(PROCESSES) as pool:
            found = pd.DataFrame(pool.map(partial(holds, name, truth), range(SETS), chunksize=5)).mean()
        lines.append(f"{name:<11} {said:<16} " + ", ".join(f"{each} {100 * found[each]:.0f}" for each in found.index))
        print(lines[-1], flush=True)
    return lines


def times() -> list[str]:
    """Seconds of one core."""
    lines = [f"Time of a fit of {LARGE:,} customers, seconds of one core, best of two"]
    T = (272 - np.random.default_rng(SEED).integers(0, 84, LARGE)) / 7
    for name, model in MODELS.items():
        base = model(*TRUTHS[name, "half soon leave"]).simulate(T, seed=SEED)[["frequency", "recency", "T"]]
        base["recency"] = np.minimum(np.ceil(base["recency"] * 7) / 7, base["T"])  # days, as in a log
        plain, own = (min(_seconds(partial(each.fit, base)) for _ in range(2)) for each in (gw.BetaGeoNBD, model))
        lines.append(f"{name:<11} {own:.2f}, BG/NBD {plain:.2f}: {own / plain:.1f} x")
        print(lines[-1], flush=True)
    return lines


def _seconds(fit: Callable[[], Any]) -> float:
    started = time.process_time()
    fit()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(run_parts({"Coverage": coverage, "Time": times}, RESULT, sys.argv[1:]))
