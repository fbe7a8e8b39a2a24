"""Do headlines keep their word? (`python -m benchmarks.truth [--companies N] [--hours H] [--processes P] [--only STUDY]`; `make truth`)

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

from goodwill.inference.proportions import wilson
from goodwill.inference.track_record import interval_score

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "reports" / "build" / "truth"
RESULT = ROOT / "benchmarks" / "results" / "truth.txt"
COLUMNS = ["headline", "truth_name", "truth", "estimate", "lower", "upper"]
SHOWN = ["companies", "claimed", "covered_model", "covered", "at_least", "wider", "score_model", "score", "score_oracle", "bias", "truth"]
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


def run(names: Iterable[str], companies: int, hours: float, processes: int = PROCESSES) -> list[Path]:
    """Run what is missing, all studies in turn, until the hours are over; the portions that are there."""
    portions = range(SEED, SEED + -(-companies // PORTION))
    jobs = [(name, PORTION, seed) for seed in portions for name in names]
    todo, started = [job for job in jobs if not part_of(*job).exists()], time.monotonic()
    print(f"{len(jobs) - len(todo)} of {len(jobs)} portions are there", file=sys.stderr)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running: set[Future[str]] = set()
        while todo or running:
            while todo and len(running) < processes and time.monotonic() - started < hours * 3600:
                running.add(pool.submit(portion, *todo.pop(0)))
            if not running:
                print(f"{len(todo)} portions are left for the next run", file=sys.stderr)
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                print(f"{one.result()}: {time.monotonic() - started:.0f} s, {len(todo)} portions to go", file=sys.stderr)
    return [part_of(*job) for job in jobs if part_of(*job).exists()]


def summarised(results: pd.DataFrame) -> pd.DataFrame:
    """By headline and truth, in per cent unless said:

    companies (a number), claimed (share that has an interval), covered_model (held by the model's own interval, of all), covered (held by
    the headline's, of the claimed), at_least (lower end of the 95 % interval of covered), wider (mean ratio of the two widths),
    score_model, score and score_oracle (mean interval scores over the claimed, of the mean size of the truth), bias (mean of estimate -
    truth, of the same) and truth (its mean). Where every truth is 0 (a null), scores and bias are in the unit of the truth itself.
    """
    groups = results.groupby(["headline", "truth_name"], sort=False)
    return pd.DataFrame([{"headline": headline, "truth_name": name, **_figures(part)} for (headline, name), part in groups])


def _figures(part: pd.DataFrame) -> dict[str, float]:
    size = part["truth"].abs().mean() / 100 or 1.0
    claims = part[part["lower"].notna() & part["upper"].notna()]
    held = _held(claims, "")
    row = {"companies": len(part), "claimed": 100 * len(claims) / len(part)}
    row |= {"covered_model": 100 * float(_held(part, "_model").mean()), "covered": 100 * float(held.mean())}
    row["at_least"] = 100 * float(wilson(held.sum(), len(held)).lower) if len(held) else np.nan
    row["wider"] = float((_width(claims, "") / _width(claims, "_model")).mean())
    row |= {name: _score(claims, ends) / size for name, ends in (("score_model", "_model"), ("score", ""), ("score_oracle", "_oracle"))}
    return row | {"bias": float((part["estimate"] - part["truth"]).mean()) / size, "truth": float(part["truth"].mean())}


def _width(part: pd.DataFrame, which: str) -> pd.Series:
    """Of the intervals `lower…`, `upper…`; missing where a study does not give them."""
    if f"lower{which}" not in part:
        return pd.Series(np.nan, index=part.index)
    return part[f"upper{which}"] - part[f"lower{which}"]


def _held(part: pd.DataFrame, which: str) -> pd.Series:
    """Which intervals hold the truth, of those that are there."""
    there = part[_width(part, which).notna()]
    if there.empty:
        return pd.Series(dtype=float)
    return ((there[f"lower{which}"] <= there["truth"]) & (there["truth"] <= there[f"upper{which}"])).astype(float)


def _score(part: pd.DataFrame, which: str) -> float:
    there = part[_width(part, which).notna()]
    return float(np.mean(interval_score(there[f"lower{which}"], there[f"upper{which}"], there["truth"]))) if len(there) else np.nan


def pooled(results: pd.DataFrame) -> pd.DataFrame:
    """`summarised` over all truths whose names begin alike ("right: …", "wrong: …"), where there are several; scores and bias are then in
    per cent of the mean of all of them."""
    kind = results["truth_name"].str.partition(":")[0]
    several = kind.map(results.groupby(kind)["truth_name"].nunique()) > 1
    return summarised(results.assign(truth_name="all " + kind)[several])


def slopes(results: pd.DataFrame) -> pd.Series:
    """By headline and kind of truth ("right", "wrong", …; "all" for all of them): the slope of the mean estimate on the mean truth.

    Missing where the truths do not differ.
    """
    both = pd.concat([results.assign(kind=results["truth_name"].str.partition(":")[0]), results.assign(kind="all")])
    means = both.groupby(["headline", "kind", "truth_name"], sort=False)[["truth", "estimate"]].mean()
    grouped = means.groupby(["headline", "kind"], sort=False)
    return pd.Series({key: _slope(part["truth"].to_numpy(), part["estimate"].to_numpy()) for key, part in grouped})


def _slope(truth: np.ndarray, estimate: np.ndarray) -> float:
    centred = truth - truth.mean()
    spread = float(centred @ centred)
    return float(centred @ estimate) / spread if spread > 0 else np.nan


def text(results: pd.DataFrame) -> str:
    """The result in words and columns."""
    tables = pd.concat([summarised(results), pooled(results)]) if results["truth_name"].nunique() > 1 else summarised(results)
    slope = slopes(results)
    out = [
        "Headlines on companies whose truth is known. claimed: share of companies where the headline has an interval; covered: share",
        "of those whose interval holds the truth (should be 95), at_least: its 95 % bound; covered_model: of all, by the model's own;",
        "wider: ratio of the two widths; score: mean interval score (lower is better) and bias: mean of estimate - truth, in per cent of",
        "the mean truth; oracle: of an interval by somebody who knows every parameter but the one asked for.",
        "",
    ]
    head = _line("", dict(zip(SHOWN, SHOWN, strict=True)))
    for headline, part in tables.groupby("headline", sort=False):
        found = "; ".join(f"{kind} {value:.2f}" for kind, value in slope[headline].items() if np.isfinite(value))
        out += [f"{headline}. Slope of the mean estimate on the mean truth: {found or 'one truth only'}.", head]
        out += [_line(row["truth_name"], {name: _shown(name, row[name]) for name in SHOWN}) for row in part.to_dict("records")] + [""]
    return "\n".join(line.rstrip() for line in out)


def _shown(name: str, value: float) -> str:
    digits = 2 if name == "wider" else 0 if name in ("companies", "truth") else 1
    return "-" if not np.isfinite(value) else f"{value:,.{digits}f}"


def _line(name: str, figures: dict[str, str]) -> str:
    return f"{name:<40}" + "".join(f"{figure:>14}" for figure in figures.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    parser.add_argument("--companies", type=int, default=COMPANIES, help="of each truth")
    parser.add_argument("--hours", type=float, default=2.0, help="after which no further portion is begun")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="at a time")
    parser.add_argument("--only", choices=studies(), action="append", help="one study; may be given again")
    given = parser.parse_args()
    parts = run(given.only or studies(), given.companies, given.hours, given.processes)
    if not parts:
        print("nothing has been run yet", file=sys.stderr)
        return 1
    said = text(pd.concat([pd.read_csv(path) for path in parts], ignore_index=True))
    RESULT.write_text(said)
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
