"""Is the interval of the number of newcomers as narrow as it can be? (`python -m benchmarks.newcomers [parts] [seed=1] [--write]`)

Arrivals alone are simulated, day by day, 182 weeks of records and the 52 that follow. Parts: *right*, the four truths of
`benchmarks.truth.customer_equity`, 200 companies of each; *believed*, 200 companies drawn from what `Arrivals` believes beforehand;
*wrong*, 100 of each of four truths that it does not know or expects rarely; and *broken*, 60 companies each with a growth that bends, a
season, steps and campaigns of its own, asked at dates whose windows of one horizon do not overlap.

Beside the forecast stand two who know more than any record tells: the *oracle*, who knows the mean number of every day and is unsure of
chance alone; and the *learner*, who knows the form (one growth that goes on for ever, nothing that wanders, the season's exact shape) and
learns level and growth from the same days. *No wandering* is the forecast by those cells of its grid in which nothing wanders and no
period has anything for itself; *model* is the model's own interval, *own record* this one widened by its past alone, *as money* begun with
the error of money elsewhere, *measured* with that of newcomers in broken companies of the two other seeds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks import run_parts
from benchmarks.tournament.headlines import prior_of, statements
from goodwill.inference.ledger import FOUR_WEEKS
from goodwill.inference.proportions import wilson
from goodwill.inference.track_record import FROM_OTHER_DATA, Prior, Statement, interval_score, widened
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.equity.arrivals import A_YEAR, GROWTH, HALF_LIVES, JUMP, NO_SEASON, PLACES, SEASONS, WANDER, Arrivals
from goodwill.lifetime_value.equity.newcomer_scores import newcomer_statements
from goodwill.lifetime_value.equity.newcomers import Newcomers

A_WEEK, WEEKS, HORIZON, PERIODS, DRAWS, SEEDS = 10.0, 182, 52, 13, 2000, (1, 2, 3)
COMPANIES = {"right": 200, "believed": 200, "wrong": 100}
RIGHT = {  # growth, season
    "as many come all the time": (0.0, 0.0),
    "a quarter more each year": (0.22, 0.0),
    "a quarter fewer each year": (-0.29, 0.0),
    "a season of 40 %": (0.0, 0.4),
}
WRONG = ("half as many from now on", "campaigns", "wanders by a tenth", "steps")
STEP, A_STEP = 0.3, 104  # of the logarithm, and weeks from one to the next in the mean
BROKEN, BROKEN_WEEKS, CUTS = 60, 208, {13: (52, 78, 104, 130, 156), 26: (52, 78, 104, 130, 156), 52: (52, 104, 156)}
FIRST = date(2020, 1, 1)
RESULT = Path(__file__).parent / "results" / "newcomers.txt"
WAYS = ("oracle", "learner", "no wandering", "model", "own record", "as money")


def wave(weeks: int, growth: float, season: float, peak: float = 48.0) -> np.ndarray:
    """Mean arrivals of each day, a week's being `A_WEEK` in the mean of all."""
    middle = (np.arange(7 * weeks) + 0.5) / 7
    mean = np.exp(growth * middle / 52) * (1 + season * np.cos(2 * np.pi * (middle - peak) / 52))
    return np.asarray(mean * A_WEEK * weeks / mean.sum())


def steps(weeks: int, rng: np.random.Generator) -> np.ndarray:
    """The factor of each day where the level jumps now and then."""
    days = np.sort(rng.integers(0, 7 * weeks, rng.poisson(weeks / A_STEP)))
    sizes = rng.normal(0, STEP, len(days))
    return np.asarray(np.exp((sizes[:, None] * (np.arange(7 * weeks) >= days[:, None])).sum(axis=0)))


def wrong_means(truth: str, rng: np.random.Generator) -> np.ndarray:
    """Mean arrivals of each day under a truth that the model does not know, or expects rarely."""
    weeks = WEEKS + HORIZON
    period = np.arange(7 * weeks) // FOUR_WEEKS
    number = int(period[-1]) + 1
    factor = {
        "half as many from now on": lambda: np.where(np.arange(7 * weeks) < 7 * WEEKS, 1.0, 0.5),
        "campaigns": lambda: (2.5 * np.minimum(np.exp(0.5 * rng.standard_normal(number) - 0.9), 1.0))[period],
        "wanders by a tenth": lambda: np.exp(0.1 * np.cumsum(rng.standard_normal(number)))[period],
        "steps": lambda: steps(weeks, rng),
    }[truth]()
    return np.asarray(wave(weeks, 0.0, 0.0) * factor)


def seen(arrived: np.ndarray) -> Newcomers:
    """What records of these days hold."""
    size, end = len(arrived) // FOUR_WEEKS, FIRST + timedelta(days=len(arrived) - 1)
    counts = arrived[len(arrived) - size * FOUR_WEEKS :].reshape(size, FOUR_WEEKS).sum(axis=1)
    ends = [end - timedelta(days=FOUR_WEEKS * (size - 1 - at)) for at in range(size)]
    starts = [day - timedelta(days=FOUR_WEEKS - 1) for day in ends]
    table = pd.DataFrame({"start": starts, "end": ends, "newcomers": counts.astype(int), "used": True})
    return Newcomers(table, end, "even", None, pd.Series(arrived, pd.date_range(FIRST, periods=len(arrived))))


def learned(arrived: np.ndarray, shape: np.ndarray, rng: np.random.Generator) -> Interval:
    """Of somebody who knows the season's shape and that one growth goes on for ever, and learns level and growth from the days alone."""
    known = shape.reshape(-1, 7).sum(axis=1)
    at = np.column_stack([np.ones(len(known)), (np.arange(len(known)) + 0.5 - WEEKS) / 52])
    came, past = arrived.reshape(-1, 7).sum(axis=1), at[:WEEKS]
    beta = np.array([np.log(came.sum() / known[:WEEKS].sum()), 0.0])
    for _ in range(25):  # iteratively reweighted least squares
        mean = known[:WEEKS] * np.exp(past @ beta)
        information = past.T @ (past * mean[:, None])
        beta = beta + np.linalg.solve(information, past.T @ (came - mean))
    drawn = rng.multivariate_normal(beta, np.linalg.inv(information), DRAWS)
    ahead = (known[WEEKS:] * np.exp(drawn @ at[WEEKS:].T)).sum(axis=1)
    return quantile_interval(float(ahead.mean()), rng.poisson(ahead))


def no_wandering(arrivals: Arrivals) -> Interval:
    """The forecast of the same model, told that nothing wanders and no period has anything for itself."""
    cells = [cell for cell in arrivals.cells if cell.wander == 0 and cell.jump == 0]
    whole = sum(cell.weight for cell in cells)
    told = Arrivals(arrivals.counts)
    told.__dict__["cells"] = tuple(cell._replace(weight=cell.weight / whole) for cell in cells)
    return told.interval(PERIODS, DRAWS) if cells else Interval(np.nan, np.nan, np.nan)


def one(mean: np.ndarray, shape: np.ndarray, knows: bool, seed: list[int]) -> dict[str, Any]:
    """What is said of one company, by everybody, beside what came."""
    rng = np.random.default_rng(seed)
    arrived = rng.poisson(mean)
    found, came = seen(arrived[: 7 * WEEKS]), float(arrived[7 * WEEKS :].sum())
    now, past = newcomer_statements(found, 7 * HORIZON)
    row: dict[str, Any] = {"came": came, "estimate": now.estimate, "wanders": sum(c.weight for c in found.arrivals.cells if c.wander > 0)}
    ahead = float(mean[7 * WEEKS :].sum())
    ends = {"oracle": quantile_interval(ahead, rng.poisson(ahead, DRAWS))}
    if knows:
        ends |= {"learner": learned(arrived[: 7 * WEEKS], shape, rng), "no wandering": no_wandering(found.arrivals)}
    ends |= {"model": Interval(now.estimate, now.lower, now.upper)}
    ends |= {"own record": _ends(now, past, None), "as money": _ends(now, past, FROM_OTHER_DATA)}
    for way, said in ends.items():
        row |= {f"held {way}": float(said.lower <= came <= said.upper), f"width {way}": said.upper - said.lower}
        row[f"score {way}"] = interval_score(said.lower, said.upper, came)
    return row


def _ends(now: Statement, past: list[Statement], prior: Prior | None) -> Interval:
    wide = widened(now, past, prior=prior)
    return wide or Interval(now.estimate, now.lower, now.upper)


def table(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """By truth and way: held, width and score over those of the oracle."""
    lines = []
    for truth, part in [*rows.groupby("truth", sort=False), ("all", rows)]:
        bias = 100 * (part["estimate"].sum() / part["came"].sum() - 1)
        lines.append(f"{truth}: {len(part)} companies, {part['came'].mean():.0f} came in the mean, {bias:+.1f} % expected beyond that; ")
        lines[-1] += f"posterior weight of arrivals that wander {part['wanders'].mean():.2f}"
        lines.append(f"  {'':<18} {'held %':>7} {'at least':>9} {'width':>7} {'score':>7}   width and score over those of the oracle")
        for way in names:
            held, width, score = (part[f"{what} {way}"] for what in ("held", "width", "score"))
            ratio = [float(each.mean() / part[f"{what} oracle"].mean()) for what, each in (("width", width), ("score", score))]
            least = float(wilson(held.sum(), len(held)).lower)
            lines.append(f"  {way:<18} {100 * held.mean():>7.1f} {100 * least:>9.1f} {ratio[0]:>7.2f} {ratio[1]:>7.2f}")
    return lines


def right(seed: int) -> list[str]:
    """The four truths that the model knows, and what two who know more say of them."""
    rows = []
    for at, (truth, (growth, season)) in enumerate(RIGHT.items()):
        mean, shape = wave(WEEKS + HORIZON, growth, season), wave(WEEKS + HORIZON, 0.0, season)
        rows += [{"truth": truth} | one(mean, shape, True, [seed, at, number]) for number in range(COMPANIES["right"])]
    return [f"right, seed {seed}", *table(pd.DataFrame(rows), list(WAYS))]


def believed_means(rng: np.random.Generator) -> np.ndarray:
    """Mean arrivals of each day, drawn from what `Arrivals` believes beforehand, but that the level now is known."""
    past, number = -(-WEEKS // 4), -(-WEEKS // 4) + HORIZON // 4
    at = np.arange(number)
    years, (wave_size, place) = (at - past + 1) / A_YEAR, _drawn({NO_SEASON: 1.0} | dict.fromkeys(SEASONS[1:], 1 / (len(SEASONS) - 1)), rng)
    alike = np.exp(-2 * np.sin(np.pi * (at[:, None] - at) / A_YEAR) ** 2)
    log = wave_size * np.linalg.cholesky(alike + 1e-9 * np.eye(number)) @ rng.standard_normal(number)
    log += place * rng.standard_normal(PLACES)[at % PLACES] + _drawn(WANDER, rng) * np.cumsum(rng.standard_normal(number))
    log += rng.choice(JUMP) * rng.standard_normal(number)
    half_life = rng.choice(HALF_LIVES)
    grown = np.where(years <= 0, years, half_life / np.log(2) * -np.expm1(-np.maximum(years, 0) * np.log(2) / half_life))
    log += GROWTH * rng.standard_normal() * grown
    mean = np.exp(log - log[past - 1]) * 4 * A_WEEK / FOUR_WEEKS
    return np.asarray(np.repeat(mean, FOUR_WEEKS)[-7 * (WEEKS + HORIZON) :])


def _drawn(weights: dict[Any, float], rng: np.random.Generator) -> Any:
    chances = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(chances), p=chances / chances.sum()))]


def believed(seed: int) -> list[str]:
    """Companies drawn from the model's belief."""
    few = [way for way in WAYS if way not in ("learner", "no wandering")]
    rows = []
    for number in range(COMPANIES["believed"]):
        mean = believed_means(np.random.default_rng([seed, 20, number, 1]))
        rows.append({"truth": "drawn from the belief"} | one(mean, mean, False, [seed, 20, number]))
    return [f"believed, seed {seed}", *table(pd.DataFrame(rows), few)[: 2 + len(few)]]


def wrong(seed: int) -> list[str]:
    """The truths that it does not."""
    rows = []
    for at, truth in enumerate(WRONG):
        for number in range(COMPANIES["wrong"]):
            mean = wrong_means(truth, np.random.default_rng([seed, 10 + at, number, 1]))
            rows.append({"truth": truth} | one(mean, mean, False, [seed, 10 + at, number]))
    return [f"wrong, seed {seed}", *table(pd.DataFrame(rows), [way for way in WAYS if way not in ("learner", "no wandering")])]


def broken_means(rng: np.random.Generator) -> tuple[str, np.ndarray]:
    """A company whose arrivals break the model in their own way, and how. The ranges are what is thought usual, and are invented."""
    week, season, peak = float(np.exp(rng.uniform(np.log(3), np.log(50)))), float(rng.uniform(0, 0.4)), float(rng.integers(52))
    growth, bends, campaigns = rng.normal(0, 0.2, 2), float(rng.uniform(0, BROKEN_WEEKS)), bool(rng.random() < 1 / 3)
    at = (np.arange(7 * BROKEN_WEEKS) + 0.5) / 7
    mean = wave(BROKEN_WEEKS, 0.0, season, peak) * week / A_WEEK * steps(BROKEN_WEEKS, rng)
    mean = mean * np.exp(growth[0] * np.minimum(at, bends) / 52 + growth[1] * np.maximum(at - bends, 0.0) / 52)
    if campaigns:
        mean = mean * np.exp(0.3 * rng.standard_normal(BROKEN_WEEKS // 4))[np.arange(7 * BROKEN_WEEKS) // FOUR_WEEKS]
    said = f"{week:.0f} a week, season {season:.2f}, growth {growth[0]:+.2f} until week {bends:.0f}, then {growth[1]:+.2f}"
    return said + (", campaigns" if campaigns else ""), mean


def errors_of(number: int, seed: int) -> pd.DataFrame:
    """A row for each date and horizon, windows of one horizon without overlap: what was said, and what came."""
    rng = np.random.default_rng([seed, number])
    arrived = rng.poisson(broken_means(rng)[1])
    rows = []
    for cut in sorted({cut for cuts in CUTS.values() for cut in cuts}):
        found = seen(arrived[: 7 * cut])
        for horizon in (each for each, cuts in CUTS.items() if cut in cuts):
            said = found.arrivals.interval(7 * horizon / FOUR_WEEKS, DRAWS)
            came = float(arrived[7 * cut : 7 * (cut + horizon)].sum())
            rows.append([f"{seed}, {number}, {horizon}", horizon, found.end, 7 * horizon, *said, came])
    return pd.DataFrame(rows, columns=["set", "horizon", "cut", "days", "expected", "lower", "upper", "came"])


@cache
def all_errors(seed: int) -> pd.DataFrame:
    """Of all broken companies of a seed."""
    return pd.concat([errors_of(number, seed) for number in range(BROKEN)], ignore_index=True)


def broken_held(rows: pd.DataFrame, prior: Prior) -> list[str]:
    """How often intervals held, once two windows of their length were behind them, and their widths and scores over those of the model."""
    ways: dict[str, Prior | None] = {"own record": None, "as money": FROM_OTHER_DATA, "measured": prior}
    found = []
    for _, part in rows.groupby("set", sort=False):
        said = statements(part)
        for at, one_said in enumerate(said[2:], 2):
            ends = {"model": Interval(one_said.estimate, one_said.lower, one_said.upper)}
            ends |= {way: _ends(one_said, said[:at], believed) for way, believed in ways.items()}
            came = one_said.came
            for way, end in ends.items():
                score, width = interval_score(end.lower, end.upper, came) / came, (end.upper - end.lower) / came
                found.append([part["horizon"].iloc[0], way, end.lower <= came <= end.upper, width, score])
    told = pd.DataFrame(found, columns=["horizon", "way", "held", "width", "score"])
    lines = []
    for horizon, part in [*told.groupby("horizon"), ("all", told)]:
        means = part.groupby("way", sort=False)[["held", "width", "score"]].mean()
        each = (f"{way} {100 * row.held:.1f} % ({row.width:.2f}; {row.score:.2f})" for way, row in means.iterrows())
        lines.append(f"  {horizon!s:>3} weeks, {len(part) // 4} statements, held (width; score, over what came): " + ", ".join(each))
    return lines


def broken(seed: int) -> list[str]:
    """How far forecasts miss beyond what they claim where arrivals break the model, and what widening does about it."""
    rows = all_errors(seed)
    lines = [f"broken, seed {seed}: {BROKEN} companies"]
    for horizon, part in [*rows.groupby("horizon"), ("all", rows)]:
        miss = np.log((part["came"] + 0.5) / (part["expected"] + 0.5))
        held = ((part["lower"] <= part["came"]) & (part["came"] <= part["upper"])).mean()
        found = prior_of(part)
        lines.append(
            f"  {horizon!s:>3} weeks: {len(part):>4} errors, root mean square {np.sqrt((miss**2).mean()):.3f}, held {100 * held:.0f} %, "
        )
        lines[-1] += f"tau {found.tau:.3f}, degrees {found.degrees:.1f}"
    others: list[pd.DataFrame] = [all_errors(other) for other in SEEDS if other != seed]
    measured = prior_of(pd.concat(others))
    lines.append(f"  measured on the two other seeds: tau {measured.tau:.3f}, degrees {measured.degrees:.1f}")
    return lines + broken_held(rows, measured)


def _said(part: Callable[[int], list[str]], seed: int) -> list[str]:
    lines = part(seed)
    print("\n".join(lines), flush=True)
    return lines


def main() -> int:
    given = [int(each.removeprefix("seed=")) for each in sys.argv if each.startswith("seed=")]
    parts: dict[str, Callable[[int], list[str]]] = {"right": right, "believed": believed, "wrong": wrong, "broken": broken}
    for seed in given or SEEDS:
        asked = {
            f"{name}, seed {seed}": partial(_said, part, seed) for name, part in parts.items() if name in sys.argv or len(sys.argv) == 1
        }
        run_parts(asked, RESULT, [each for each in sys.argv if each == "--write"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
