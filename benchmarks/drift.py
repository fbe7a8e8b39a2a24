"""Are steady companies left alone, and changed ones marked? (python -m benchmarks.drift, an hour or two; --kinds small for one of them)

Years of nights at the level of the library's functions: customers come every day, buy and leave as BG/NBD has it (or Pareto/NBD, which
the fitted model is not), and on the first night of each window of four weeks the model is fitted to what was seen until then and foretells
the purchases of the customers known, as `goodwill.lifetime_value.forecasts` does but with times in whole weeks, with the season of the year
before. In a steady company nothing ever changes but the season; in the others all rates halve on a random day between the 13th and the 39th
week of the year of nights. Where a company is too small for a halving to be told from chance, the report says the smallest fall that could
be: companies whose rates fall by just that are run too. `goodwill.inference.ledger.drift` is asked after each window, as the reports ask
it, at half of 5 % because reports ask it of purchases and of money. Writes results/drift.txt.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from goodwill.inference.ledger import FOUR_WEEKS, PROMPT, YEAR, Forecast, drift, smallest_drop
from goodwill.inference.proportions import wilson
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.season_before import WINDOWS, season_of, windows_of

RESULTS = Path(__file__).parent / "results" / "drift.txt"
BEFORE = YEAR  # days of records before the first night, where a company has no more
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}  # Fader, Hardie & Lee (2005), table 2; per week
START = date(2024, 1, 1)
ALPHA = 0.025
SOON = timedelta(days=PROMPT)
DRAWS = 60
HALF = 0.5
WIDTHS = (46, 26, 30, 12, 30)


@dataclass(frozen=True)
class World:
    """How customers buy.

    Attributes
    ----------
    customers : that come until the last night
    leaves : by which law they leave
    pace : how fast they buy, as a multiple of CDNOW's customers
    season : by which share rates are higher at the height of the year than on average, and lower half a year later
    doubles_in : days in which the number of newcomers a day doubles
    before : days of records before the first night
    changed_on, falls : the day from which on all rates are lower by a share
    """

    customers: int = 3000
    leaves: str = "after a purchase"
    pace: float = 1.0
    season: float = 0.0
    doubles_in: float = np.inf
    before: int = BEFORE
    changed_on: float = np.inf
    falls: float = HALF

    @property
    def days(self) -> int:
        return self.before + YEAR + FOUR_WEEKS


KINDS = {
    "small": ("200 customers", World(200)),
    "middle": ("1,000 customers", World(1000)),
    "large": ("3,000 customers", World(3000)),
    "few": ("3,000 customers who buy two fifths as often", World(3000, pace=0.4)),
    "seasonal": ("3,000, rates 30 % up and down over the year", World(3000, season=0.3, before=2 * YEAR)),
    "seasonal young": ("the same, a year of records before", World(3000, season=0.3)),
    "growing": ("3,000, newcomers double in half a year", World(3000, doubles_in=YEAR / 2)),
    "other law": ("3,000 customers, who leave on any day", World(3000, leaves="any day")),
}


class Marked(NamedTuple):
    """Whether a year was marked before anything had changed, a change within 13 weeks after it, and which fall could be seen."""

    falsely: bool
    promptly: bool
    visible: float | None


def purchases(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """All purchases until the last night: customer, day (whole days from the start), each once."""
    days, n = world.days, world.customers
    share = rng.uniform(0, 1, n)
    grown = np.expm1(np.log(2) * days / world.doubles_in)
    born = np.floor(days * share if grown == 0 else np.log1p(share * grown) / np.log(2) * world.doubles_in)
    rate = world.pace * rng.gamma(CDNOW["r"], 1 / CDNOW["alpha"], n) / 7
    dropout = rng.beta(CDNOW["a"], CDNOW["b"], n)
    life = rng.exponential(1 / rng.gamma(0.6, 1 / 80.0, n)) if world.leaves == "any day" else np.full(n, np.inf)
    calendar, busy_until = _clock(world)
    customer, day = [np.arange(n)], [born]
    alive, busy = np.arange(n), np.interp(born, calendar, busy_until)
    while len(alive):
        if world.leaves == "after a purchase":
            alive = alive[rng.random(len(alive)) >= dropout[alive]]
        busy[alive] += rng.exponential(1 / rate[alive])
        alive = alive[busy[alive] < busy_until[-1]]
        now = np.interp(busy[alive], busy_until, calendar)
        alive, now = (each[now - born[alive] < life[alive]] for each in (alive, now))
        customer.append(alive)
        day.append(np.floor(now))
    return pd.DataFrame({"customer": np.concatenate(customer), "day": np.concatenate(day)}).drop_duplicates()


def _clock(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Time as it counts for purchases until each day: it runs faster in the season, and slower after a change."""
    calendar = np.arange(world.days + 1, dtype=float)
    middle = calendar[:-1] + 0.5
    pace = (1 + world.season * np.sin(2 * np.pi * middle / YEAR)) * np.where(middle > world.changed_on, 1 - world.falls, 1.0)
    return calendar, np.concatenate([[0.0], np.cumsum(pace)])


def forecasts(log: pd.DataFrame, before: int, seed: int) -> Iterator[Forecast]:
    """The forecast of each window of a year, with what came."""
    repeats = log[log["day"] > log.groupby("customer")["day"].transform("min")]["day"].to_numpy()
    for made in range(before, before + YEAR - FOUR_WEEKS + 1, FOUR_WEEKS):
        seen = log[log["day"] <= made].groupby("customer")["day"].agg(["count", "min", "max"])
        rows = _in_weeks(seen, made)
        fit = BetaGeoNBD.fit(rows)
        said = _interval(fit.model, fit.prediction_draws(DRAWS, seed), rows, seed)
        starts = made - YEAR + FOUR_WEEKS * np.arange(WINDOWS + 1)
        born, customers = np.unique(seen["min"], return_counts=True)
        bought = np.unique(repeats[repeats <= made], return_counts=True)
        of_year = windows_of(fit.model, (starts[:, None] - born) / 7, customers, starts, *bought)
        season = season_of(*of_year)
        later = log[(log["day"] > made) & (log["day"] <= made + FOUR_WEEKS) & log["customer"].isin(seen.index)]
        day = START + timedelta(days=made)
        one = Forecast("purchases", day, day + timedelta(days=FOUR_WEEKS), *said, unit="purchases", came=float(len(later)))
        yield replace(one, season=season.shift, season_sd=season.sd) if season else one


def _in_weeks(seen: pd.DataFrame, made: int) -> pd.DataFrame:
    """The distinct histories with their number of customers; times in whole weeks, so that they are few."""
    age = np.ceil((made - seen["min"]) / 7).clip(lower=1)
    recency = np.ceil((seen["max"] - seen["min"]) / 7)
    rows = pd.DataFrame({"frequency": seen["count"] - 1, "recency": np.minimum(recency, age), "T": age})
    return rows.groupby(list(rows), as_index=False).size().rename(columns={"size": "weight"})


def _interval(model: BetaGeoNBD, draws: BetaGeoNBD, rows: pd.DataFrame, seed: int) -> tuple[float, float, float]:
    from goodwill.inference.prediction import ask, interval_of_totals

    row = interval_of_totals(ask(None, rows, 4.0, None), model, draws, 0.95, seed, known=True).loc["total"]
    return float(row["estimate"]), float(row["lower"]), float(row["upper"])


def year(world: World, number: int, falls: float = 0.0) -> Marked:
    """A year of nights, until the first mark; where rates fall by a share, on a random day, and until no mark could be in time any more.

    The mark stands on the page from the day on which the window that gave it was over. The visible fall is that of the last forecast before
    the change; in a steady year of one in the middle of it.
    """
    rng = np.random.default_rng([number, bool(falls)])
    changed = float(world.before + rng.integers(91, 274)) if falls else np.inf
    change = START + timedelta(days=changed if falls else world.days)
    found: list[Forecast] = []
    day = None
    for one in forecasts(purchases(replace(world, changed_on=changed, falls=falls), rng), world.before, number):
        found.append(one)
        if drift(found, alpha=ALPHA).is_more_than_chance:
            day = one.due
            break
        if falls and one.due > change + SOON:
            break
    said = [one for one in found if one.made <= change]
    visible = smallest_drop(said[-1] if falls else said[min(len(said) - 1, WINDOWS // 2)], alpha=ALPHA)
    return Marked(day is not None and day < change, day is not None and change <= day <= change + SOON, visible)


def study(kinds: list[str], years: int, changed: int, *, write: bool) -> None:
    """One row for each kind of company; rows of other kinds that the file holds stay."""
    head = ["Are steady companies left alone, and changed ones marked? (python -m benchmarks.drift)"]
    head.append(f"years of nights; four weeks ahead; alpha {ALPHA} for purchases alone; 95 % intervals (Wilson)")
    head.append("visible: the smallest fall that the report says would be marked within 13 weeks in four of five cases (median)")
    names = ("company", "marked although steady", "halved, marked in 13 weeks", "visible", "that fall, marked in 13 weeks")
    head += ["", _row(names)]
    for kind in kinds:
        began = time.perf_counter()
        row = _row(row_of(kind, years, changed))
        print(row, f"{time.perf_counter() - began:.0f} s", flush=True)
        if write:
            known = RESULTS.read_text("utf8").splitlines() if RESULTS.exists() else []
            rows = {name: next((line for line in known if line.startswith(name + "  ")), "") for name, _ in KINDS.values()}
            rows[KINDS[kind][0]] = row
            RESULTS.write_text("\n".join([*head, *filter(None, rows.values())]) + "\n", "utf8")


def row_of(kind: str, years: int, changed: int) -> list[str]:
    name, world = KINDS[kind]
    steady = [year(world, number) for number in range(years)]
    halved = [year(world, number, HALF) for number in range(changed)]
    falls = [each.visible for each in steady if each.visible is not None]
    fall = float(np.median(falls)) if len(falls) > years / 2 else None
    cells = [name, _share([each.falsely for each in steady]), _share([each.promptly for each in halved])]
    if fall is None:
        return [*cells, "none"]
    if fall <= HALF:
        return [*cells, f"{fall:.0%}", "(less than the half)"]
    return [*cells, f"{fall:.0%}", _share([year(world, number, fall).promptly for number in range(changed)])]


def _row(cells: Iterable[str]) -> str:
    return "".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=False)).rstrip()


def _share(found: list[bool]) -> str:
    count, of = sum(found), len(found)
    ends = wilson(count, of)
    return f"{count} of {of} ({ends.lower:.1%}-{ends.upper:.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--changed", type=int, default=100, help="years in which rates fall, of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    study(given.kinds, given.years, given.changed, write=not given.print)


if __name__ == "__main__":
    main()
