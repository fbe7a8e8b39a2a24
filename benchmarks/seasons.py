"""Seasons in the forecast: truth recovered, Christmas shops foretold, and time. (`python -m benchmarks.seasons PART [--write]`)

truth: customers won over three years, at three truths (no season; a yearly wave; a wave with a Double 11 of three times the rate), of
BG/NBD and MBG/NBD; how often 95 % intervals hold the parameters, the factors of weeks and of the named day, and the purchases of the next
half year.
shops: at each of three seeds, shops with a Christmas of their own height and a wave of their own, known for two years to 30 November; how
often the 95 % interval of the purchases in December holds what came, of the model with a calendar (weeks) and of the plain one.
time: fits of the same customers with a calendar and without, one core, from the summary on.

Days are simulated as the log has them: purchases of one customer on one day are one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.lifetime_value.richer.seasonal_fit import calendar_factors, fit_with_calendar

SEED, SETS, CUSTOMERS, YEARS = 1900, 100, 2_000, 3
SEEDS, SHOPS, KNOWN = (1901, 1902, 1903), 100, 1_500
SIZES = (100_000, 1_000_000)
RESULT = Path(__file__).parent / "results" / "seasons.txt"
PLAIN = (0.6, 10.0, 0.7, 4.0)
END, AHEAD = date(2024, 12, 31), 26 * 7
LATE_NOVEMBER = date(2024, 11, 30)
MODELS: dict[str, Any] = {"BG/NBD": gw.BetaGeoNBD, "MBG/NBD": gw.ModifiedBetaGeoNBD}
TRUTHS = {"no season": (0.0, 1.0), "wave": (0.4, 1.0), "wave and Double 11": (0.4, 3.0)}

Factor = Callable[[date], float]


def log_of(plain: Any, factor: Factor, age: np.ndarray, end: date, ahead: int, seed: int) -> pd.DataFrame:
    """A log of customers won so many days before the end, until `ahead` days after it, whose rates move with the factor of a day."""
    oldest = int(age.max())
    days = [end + timedelta(days=k) for k in range(1 - oldest, ahead + 1)]
    clock = np.concatenate([[0.0], np.cumsum([factor(day) for day in days])])
    born = clock[oldest - age]
    log = plain.simulate_purchases((clock[-1] - born) / 7, seed)
    who = log["customer"].to_numpy()
    at = np.interp(born[who] + log["time"].to_numpy() * 7, clock, np.arange(len(clock)))
    first = np.datetime64(end) - oldest
    dates = np.concatenate([first + (oldest - age), first + np.ceil(at - 1e-9).astype(int)])
    return pd.DataFrame({"customer_id": np.concatenate([np.arange(len(age)), who]).astype(str), "date": dates})


def summary_of(log: pd.DataFrame, end: date) -> Any:
    return gw.summarize_purchases(gw.read_transactions(log), calibration_end=end)


def wave(amplitude: float, peak: float, height: float = 1.0) -> Factor:
    """A yearly wave by weeks, and a factor of 8 to 13 November; with the mean 1 over the year."""

    def raw(day: date) -> float:
        place = (date(2001, day.month, min(day.day, 28) if day.month == 2 else day.day) - date(2001, 1, 1)).days
        week = min(place // 7, 51)
        festival = height if day.month == 11 and 8 <= day.day <= 13 else 1.0
        return float(np.exp(amplitude * np.cos(2 * np.pi * (week - peak) / 52)) * festival)

    mean = np.mean([raw(date(2001, 1, 1) + timedelta(days=k)) for k in range(1461)])
    return lambda day: raw(day) / float(mean)


def christmas(amplitude: float, peak: float, height: float) -> Factor:
    """A wave by days, and purchases that rise from 25 November to a plateau from 12 to 22 December; no week begins or ends with them."""

    def factor(day: date) -> float:
        angle = 2 * np.pi * (day.timetuple().tm_yday - peak) / 365.25
        near = 1 - min(max((date(day.year, 12, 12) - day).days, 0), 17) / 17 if day <= date(day.year, 12, 22) else 0.0
        return float(np.exp(amplitude * np.cos(angle)) * (1 + (height - 1) * near))

    return factor


def holds(name: str, truth: str, number: int) -> dict[str, float]:
    """Whether the intervals of one data set hold what is true of it."""
    amplitude, height = TRUTHS[truth]
    rng = np.random.default_rng([SEED, number, list(TRUTHS).index(truth)])
    age = rng.integers(1, YEARS * 365, CUSTOMERS)
    age[0] = YEARS * 365
    factor = wave(amplitude, 20.0, height)
    log = log_of(MODELS[name](*PLAIN), factor, age, END, AHEAD, int(rng.integers(2**31)))
    summary = summary_of(log, END)
    fit = fit_with_calendar(summary, ["weeks", "Double 11: 11-08..11-13"], model=MODELS[name])
    table = fit.estimates
    found = {p: float(table["lower"][p] <= v <= table["upper"][p]) for p, v in zip(table.index[:4], PLAIN, strict=True)}
    factors = calendar_factors(fit)
    weeks = factors.iloc[:-1]
    true = np.array([factor(date(2001, *map(int, first.split("-")))) for first in weeks["first"]])
    plain = ~weeks["first"].between("11-05", "11-13").to_numpy()  # a week that begins within the named days has no plain day to tell
    held = ((weeks["lower"] <= true) & (true <= weeks["upper"])).to_numpy()
    found["factors of weeks"] = float(held[plain].mean())
    festival = float(np.mean([factor(date(2001, 11, day)) for day in range(8, 14)]))
    found["factor of Double 11"] = float(factors["lower"].iloc[-1] <= festival <= factors["upper"].iloc[-1])
    customers = summary.to_pandas()
    came = customers["frequency_holdout"].sum()
    total = fit.predict_interval(customers, AHEAD / 7, draws=200, seed=number).loc["total"]
    found["purchases to come"] = float(total["lower"] <= came <= total["upper"])
    return found | {"converged": float(fit.converged), "width of the prior": float(np.median(fit.problem.believed.width[:52]))}  # type: ignore[union-attr]


def december(seed: int, number: int) -> dict[str, float]:
    """What the two intervals of December's purchases held in one shop, and their bias."""
    rng = np.random.default_rng([seed, number])
    own = gw.BetaGeoNBD(rng.uniform(0.5, 1.0), rng.uniform(8.0, 14.0), rng.uniform(0.5, 0.9), rng.uniform(2.0, 5.0))
    factor = christmas(rng.uniform(0.0, 0.3), rng.uniform(0.0, 365.0), rng.uniform(1.5, 3.0))
    age = rng.integers(31, 2 * 365, KNOWN)
    age[0] = 2 * 365
    summary = summary_of(log_of(own, factor, age, LATE_NOVEMBER, 31, int(rng.integers(2**31))), LATE_NOVEMBER)
    customers, found = summary.to_pandas(), {}
    came = float(customers["frequency_holdout"].sum())
    for name, fit in {"calendar": fit_with_calendar(summary, ["weeks"]), "plain": gw.BetaGeoNBD.fit(summary)}.items():
        row = fit.predict_interval(customers, 31 / 7, draws=400, seed=number).loc["total"]
        found[name] = float(row["lower"] <= came <= row["upper"])
        found[f"bias of {name}"] = row["estimate"] / came - 1
        found[f"width of {name}"] = (row["upper"] - row["lower"]) / came
    return found


def truths() -> list[str]:
    lines = [f"95 % intervals that hold, in % of {SETS} data sets of {CUSTOMERS:,} customers in {YEARS} years; seed {SEED}"]
    for name in MODELS:
        for truth in TRUTHS:
            rows = pd.DataFrame([holds(name, truth, number) for number in range(SETS)])
            mean = rows.mean()
            said = ", ".join(f"{what} {100 * mean[what]:.0f}" for what in rows.columns[:-2])
            lines.append(f"{name}, {truth}: {said}; converged {100 * mean['converged']:.0f}; median width of the steps {mean.iloc[-1]:.3f}")
            print(lines[-1], flush=True)
    return lines


def shops() -> list[str]:
    lines = [
        f"December foretold on 30 November, {SHOPS} Christmas shops of {KNOWN:,} customers known for two years, at each of three seeds"
    ]
    for seed in SEEDS:
        mean = pd.DataFrame([december(seed, number) for number in range(SHOPS)]).mean()
        lines.append(
            f"seed {seed}: with a calendar {100 * mean['calendar']:.0f} % held, bias {100 * mean['bias of calendar']:+.1f} %, width "
            f"{100 * mean['width of calendar']:.0f} %; plain {100 * mean['plain']:.0f} % held, bias {100 * mean['bias of plain']:+.1f} %, "
            f"width {100 * mean['width of plain']:.0f} %"
        )
        print(lines[-1], flush=True)
    return lines


def times() -> list[str]:
    lines = ["CPU seconds of a fit from the summary on (which counts the log again), BG/NBD, three years of days, best of two"]
    for size in SIZES:
        rng = np.random.default_rng(SEED)
        age = rng.integers(1, YEARS * 365, size)
        log = log_of(gw.BetaGeoNBD(*PLAIN), wave(0.4, 20.0), age, END, 0, 1)
        summary = gw.summarize_purchases(gw.read_transactions(log), end=END)
        seconds = {}
        for name, fit in {"plain": gw.BetaGeoNBD.fit, "weeks": fit_with_calendar}.items():
            taken = []
            for _ in range(2):
                start = time.process_time()
                fit(summary)
                taken.append(time.process_time() - start)
            seconds[name] = min(taken)
        ratio = seconds["weeks"] / seconds["plain"]
        lines.append(
            f"{size:,} customers, {len(log):,} purchases: plain {seconds['plain']:.2f}, weeks {seconds['weeks']:.2f}: {ratio:.2f} x"
        )
        print(lines[-1], flush=True)
    return lines


PARTS = {"truth": truths, "shops": shops, "time": times}


def main() -> int:
    chosen = [name for name in PARTS if name in sys.argv[1:]] or list(PARTS)
    found = {name: PARTS[name]() for name in chosen}
    if "--write" in sys.argv:
        known = RESULT.read_text(encoding="utf-8").split("\n\n") if RESULT.exists() else []
        kept = {part.split("\n")[0]: part for part in known if part.strip()}
        for name, lines in found.items():
            kept = {first: part for first, part in kept.items() if not first.startswith(f"{name}: ")}
            kept[f"{name}: {lines[0]}"] = "\n".join([f"{name}: {lines[0]}", *lines[1:]])
        RESULT.write_text("\n\n".join(part.strip() for part in kept.values()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
