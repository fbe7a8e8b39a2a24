"""Are steady companies left alone, and changed ones marked? (python -m benchmarks.drift, some ten minutes)

Years of nights at the level of the library's functions: customers come every day, buy and leave as BG/NBD has it (or Pareto/NBD, which
the fitted model is not), and on the first night of each window of four weeks the model is fitted to what was seen until then and foretells
the purchases of the customers known. In a steady company nothing ever changes; in the others all rates halve on a random day between the
13th and the 39th week of the year of nights. `goodwill.inference.ledger.drift` is asked after each window, as the reports ask it, at half
of 5 % because reports ask it of purchases and of money. Writes results/drift.txt.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from goodwill.inference.ledger import FOUR_WEEKS, YEAR, Forecast, drift
from goodwill.inference.proportions import wilson
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD

RESULTS = Path(__file__).parent / "results" / "drift.txt"
BEFORE = YEAR  # days of records before the first night
PROMPT = 91  # days within which a change is to be marked
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}  # Fader, Hardie & Lee (2005), table 2; per week
START = date(2024, 1, 1)
ALPHA = 0.025
DRAWS = 100
OTHERS = 4  # of the companies after the first, a quarter as many years


@dataclass(frozen=True)
class World:
    """How customers buy: how many come in two years, by which law they leave, and from which day on all rates are halved."""

    customers: int = 3000
    leaves: str = "after a purchase"
    halved_on: float = np.inf


def purchases(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """All purchases of two years: customer, day (whole days from the start), each once."""
    days, n = BEFORE + YEAR + FOUR_WEEKS, world.customers
    born = np.floor(rng.uniform(0, days, n))
    rate = rng.gamma(CDNOW["r"], 1 / CDNOW["alpha"], n) / 7
    dropout = rng.beta(CDNOW["a"], CDNOW["b"], n)
    life = rng.exponential(1 / rng.gamma(0.6, 1 / 80.0, n)) if world.leaves == "any day" else np.full(n, np.inf)
    customer, day = [np.arange(n)], [born]
    alive, busy = np.arange(n), _busy(born, world.halved_on)
    while len(alive):
        if world.leaves == "after a purchase":
            alive = alive[rng.random(len(alive)) >= dropout[alive]]
        busy[alive] += rng.exponential(1 / rate[alive])
        now = _by_calendar(busy[alive], world.halved_on)
        alive = alive[(now < days) & (now - born[alive] < life[alive])]
        customer.append(alive)
        day.append(np.floor(_by_calendar(busy[alive], world.halved_on)))
    return pd.DataFrame({"customer": np.concatenate(customer), "day": np.concatenate(day)}).drop_duplicates()


def _busy(day: np.ndarray, halved_on: float) -> np.ndarray:
    """Time as it counts for purchases: half as fast from the day of the change on."""
    return np.where(day > halved_on, halved_on + (day - halved_on) / 2, day) if np.isfinite(halved_on) else day.copy()


def _by_calendar(busy: np.ndarray, halved_on: float) -> np.ndarray:
    return np.where(busy > halved_on, halved_on + (busy - halved_on) * 2, busy) if np.isfinite(halved_on) else busy


def forecasts(log: pd.DataFrame, seed: int) -> Iterator[Forecast]:
    """The forecast of each window of a year, with what came."""
    for made in range(BEFORE, BEFORE + YEAR - FOUR_WEEKS + 1, FOUR_WEEKS):
        seen = log[log["day"] <= made].groupby("customer")["day"].agg(["count", "min", "max"])
        rows = pd.DataFrame({"frequency": seen["count"] - 1, "recency": (seen["max"] - seen["min"]) / 7, "T": (made - seen["min"]) / 7})
        fit = BetaGeoNBD.fit(rows)
        draws = fit.prediction_draws(DRAWS, seed)
        said = _interval(fit.model, draws, rows, seed)
        later = log[(log["day"] > made) & (log["day"] <= made + FOUR_WEEKS) & log["customer"].isin(seen.index)]
        day = START + timedelta(days=made)
        yield Forecast("purchases", day, day + timedelta(days=FOUR_WEEKS), *said, unit="purchases", came=float(len(later)))


def _interval(model: BetaGeoNBD, draws: BetaGeoNBD, rows: pd.DataFrame, seed: int) -> tuple[float, float, float]:
    from goodwill.inference.prediction import ask, interval_of_totals

    row = interval_of_totals(ask(None, rows, 4.0, None), model, draws, 0.95, seed, known=True).loc["total"]
    return float(row["estimate"]), float(row["lower"]), float(row["upper"])


def marked_on(found: list[Forecast]) -> date | None:
    """The day on which the first mark would stand on the page: that on which the window that gave it was over."""
    for count in range(1, len(found) + 1):
        if drift(found[:count], alpha=ALPHA).is_more_than_chance:
            return found[count - 1].due
    return None


def year(world: World, number: int, *, halves: bool) -> tuple[bool, bool]:
    """Whether a year was marked where nothing had changed, and whether a change was marked within 13 weeks."""
    rng = np.random.default_rng([number, halves])
    changed = float(BEFORE + rng.integers(91, 274)) if halves else np.inf
    found = list(forecasts(purchases(replace(world, halved_on=changed), rng), number))
    day = marked_on(found)
    if not halves:
        return day is not None, False
    change = START + timedelta(days=changed)
    return day is not None and day < change, day is not None and change <= day <= change + timedelta(days=PROMPT)


def study(years: int) -> str:
    lines = ["Are steady companies left alone, and changed ones marked? (python -m benchmarks.drift)"]
    lines += [f"years of nights; four weeks ahead; alpha {ALPHA} for purchases alone; 95 % intervals (Wilson)", ""]
    lines.append(f"{'company':<48}{'marked although steady':<32}{'change marked within 13 weeks'}")
    few = max(years // OTHERS, 1)
    for name, world, count in (
        ("3,000 customers, the model is right", World(), years),
        ("1,000 customers, the model is right", World(1000), few),
        ("3,000 customers, who leave on any day", World(leaves="any day"), few),
    ):
        began = time.perf_counter()
        steady = sum(year(world, number, halves=False)[0] for number in range(count))
        changed = [year(world, number, halves=True) for number in range(count)]
        early, prompt = sum(pair[0] for pair in changed), sum(pair[1] for pair in changed)
        lines.append(f"{name:<48}{_share(steady, count):<32}{_share(prompt, count)}   (before the change: {early})")
        print(lines[-1], f"{time.perf_counter() - began:.0f} s", flush=True)
    return "\n".join(lines) + "\n"


def _share(count: int, of: int) -> str:
    found = wilson(count, of)
    return f"{count} of {of} ({found.lower:.1%} to {found.upper:.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    text = study(given.years)
    if not given.print:
        RESULTS.write_text(text, "utf8")


if __name__ == "__main__":
    main()
