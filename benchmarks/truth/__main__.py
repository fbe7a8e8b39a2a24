"""Do headlines keep their word? (`python -m benchmarks.truth [--companies N] [--hours H] [--only STUDY]`; `make truth`)

Collects `study(companies, seed)` from every module of this folder, runs them in portions and prints, for each headline and truth, how
often its interval held the truth (the model's own, and the widened one that the headline shows), the mean interval score of both, how
much wider one is, and the bias; and for each headline the slope of its estimate on the truth, over the truths of the study.

Every portion is kept in reports/build/truth as soon as it is done: stopped and started again, the run goes on where it was. After
`--hours` no further portion is begun. The result is kept in benchmarks/results/truth.txt.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from goodwill.inference.track_record import interval_score

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "reports" / "build" / "truth"
RESULT = ROOT / "benchmarks" / "results" / "truth.txt"
COLUMNS = ["headline", "truth_name", "truth", "estimate", "lower", "upper"]
COMPANIES, PORTION, SEED, PROCESSES = 80, 5, 1, 2


def studies() -> list[str]:
    """The modules of this folder that hold a study, by name."""
    import benchmarks.truth as package

    return [found.name for found in pkgutil.iter_modules(package.__path__) if not found.name.startswith("_")]


def portion(name: str, companies: int, seed: int) -> str:
    """Run one portion of a study and keep it."""
    found = import_module(f"benchmarks.truth.{name}").study(companies, seed)
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise ValueError(f"the study {name} gives no column {', '.join(missing)}")
    PARTS.mkdir(parents=True, exist_ok=True)
    unfinished = part_of(name, companies, seed).with_suffix(".unfinished")
    found.to_csv(unfinished, index=False)
    unfinished.replace(part_of(name, companies, seed))
    return name


def part_of(name: str, companies: int, seed: int) -> Path:
    """Where a portion is kept."""
    return PARTS / f"{name}-{companies}-{seed}.csv"


def run(names: Iterable[str], companies: int, hours: float) -> list[Path]:
    """Run what is missing, all studies in turn, until the hours are over; the portions that are there."""
    portions = range(SEED, SEED + -(-companies // PORTION))
    jobs = [(name, PORTION, seed) for seed in portions for name in names]
    todo, started = [job for job in jobs if not part_of(*job).exists()], time.monotonic()
    print(f"{len(jobs) - len(todo)} of {len(jobs)} portions are there", file=sys.stderr)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        running: set[Future[str]] = set()
        while todo or running:
            while todo and len(running) < PROCESSES and time.monotonic() - started < hours * 3600:
                running.add(pool.submit(portion, *todo.pop(0)))
            if not running:
                print(f"{len(todo)} portions are left for the next run", file=sys.stderr)
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                print(f"{one.result()}: {time.monotonic() - started:.0f} s, {len(todo)} portions to go", file=sys.stderr)
    return [part_of(*job) for job in jobs if part_of(*job).exists()]


def summarised(results: pd.DataFrame) -> pd.DataFrame:
    """By headline and truth: companies, claimed (share with an interval), covered_model, covered (shares, in per cent, of all and of the
    claimed), wider (mean ratio of the widths), score_model and score (mean interval scores over the claimed, in per cent of the mean size
    of the truth), bias (mean of estimate - truth, in the same unit) and truth (its mean).

    Where every truth is 0 (a null), scores and bias are in the unit of the truth itself.
    """
    rows = []
    for (headline, name), part in results.groupby(["headline", "truth_name"], sort=False):
        size = part["truth"].abs().mean() / 100 or 1.0
        claims = part[part["lower"].notna() & part["upper"].notna()]
        row = {"headline": headline, "truth_name": name, "companies": len(part), "claimed": 100 * len(claims) / len(part)}
        row |= {"covered_model": np.nan, "covered": _held(claims, "lower", "upper"), "wider": np.nan, "score_model": np.nan}
        row["score"] = np.mean(interval_score(claims["lower"], claims["upper"], claims["truth"])) / size if len(claims) else np.nan
        if "lower_model" in part:
            row["covered_model"] = _held(part.dropna(subset=["lower_model", "upper_model"]), "lower_model", "upper_model")
        if "lower_model" in part and len(claims):
            model = (claims["lower_model"], claims["upper_model"])
            row["wider"] = float(((claims["upper"] - claims["lower"]) / (model[1] - model[0])).mean())
            row["score_model"] = float(np.mean(interval_score(*model, claims["truth"]))) / size
        rows.append(row | {"bias": float((part["estimate"] - part["truth"]).mean()) / size, "truth": float(part["truth"].mean())})
    return pd.DataFrame(rows)


def slopes(results: pd.DataFrame) -> pd.Series:
    """By headline: the slope of the mean estimate on the mean truth over the truths of its study; missing where these do not differ."""
    means = results.groupby(["headline", "truth_name"], sort=False)[["truth", "estimate"]].mean()
    return means.groupby("headline", sort=False).apply(lambda m: _slope(m["truth"].to_numpy(), m["estimate"].to_numpy()))


def _slope(truth: np.ndarray, estimate: np.ndarray) -> float:
    centred = truth - truth.mean()
    spread = float(centred @ centred)
    return float(centred @ estimate) / spread if spread > 0 else np.nan


def _held(part: pd.DataFrame, lower: str, upper: str) -> float:
    if part.empty:
        return np.nan
    return float(100 * ((part[lower] <= part["truth"]) & (part["truth"] <= part[upper])).mean())


def text(results: pd.DataFrame) -> str:
    """The result in words and columns."""
    table, slope = summarised(results), slopes(results)
    names = ["companies", "claimed", "covered_model", "covered", "wider", "score_model", "score", "bias", "truth"]
    out = [
        "Headlines on companies whose truth is known. claimed: share of companies where the headline has an interval; covered: share of",
        "those whose interval holds the truth (should be 95), _model: of all, by the model's own interval; wider: ratio of the two widths;",
        "score: mean interval score (lower is better) and bias: mean of estimate - truth, in per cent of the mean truth.",
        "",
    ]
    for headline, part in table.groupby("headline", sort=False):
        out += [f"{headline}: slope of estimate on truth {slope[headline]:.2f}", f"{'':<44}" + "".join(f"{name:>15}" for name in names)]
        for row in part.to_dict("records"):
            figures = "".join(f"{row[name]:>15,.{2 if name == 'wider' else 0 if name in ('companies', 'truth') else 1}f}" for name in names)
            out.append(f"{row['truth_name']:<44}" + figures.replace("nan", "  -"))
        out.append("")
    return "\n".join(line.rstrip() for line in out)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    parser.add_argument("--companies", type=int, default=COMPANIES, help="of each truth")
    parser.add_argument("--hours", type=float, default=2.0, help="after which no further portion is begun")
    parser.add_argument("--only", choices=studies(), action="append", help="one study; may be given again")
    given = parser.parse_args()
    parts = run(given.only or studies(), given.companies, given.hours)
    if not parts:
        print("nothing has been run yet", file=sys.stderr)
        return 1
    said = text(pd.concat([pd.read_csv(path) for path in parts], ignore_index=True))
    RESULT.write_text(said)
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
