"""The studies of this folder, run in portions that are kept, so that a run goes on where it was stopped."""

from __future__ import annotations

import pkgutil
import sys
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from benchmarks.truth._table import COLUMNS

PARTS = Path(__file__).resolve().parents[2] / "reports" / "build" / "truth"
COMPANIES, PORTION, SEED, PROCESSES = 80, 5, 1, 2  # companies of a truth, where a study asks for no other number


SMALL = {"relationship_value": 1, "relationship_wrong": 1}  # portions of studies whose companies take long


def studies() -> list[str]:
    """The modules of this folder that hold a study, by name."""
    import benchmarks.truth as package

    return [found.name for found in pkgutil.iter_modules(package.__path__) if not found.name.startswith("_")]


def companies_of(name: str) -> int:
    """How many companies of each truth a study asks for."""
    return int(getattr(import_module(f"benchmarks.truth.{name}"), "COMPANIES", COMPANIES))


def seed_of(name: str) -> int:
    """The number of a study's first company; 1 where it states none."""
    return int(getattr(import_module(f"benchmarks.truth.{name}"), "SEED", SEED))


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


def run(names: Iterable[str], companies: int | None, hours: float, processes: int = PROCESSES, first: int | None = None) -> list[Path]:
    """Run what is missing, all studies in turn, until the hours are over; the portions that are there.

    Parameters
    ----------
    names : of studies
    companies : of each truth; None takes what each study asks for
    first : number of the first company; None takes that of each study
    """
    # Studies number their companies from the seed on: portions stand as far apart as they hold companies.
    jobs = []
    for name in names:
        start, size = seed_of(name) if first is None else first, SMALL.get(name, PORTION)
        jobs += [(name, size, start + done) for done in range(0, companies or companies_of(name), size)]
    jobs.sort(key=lambda job: job[2])
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
