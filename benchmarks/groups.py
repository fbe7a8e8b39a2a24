"""Groups that borrow from each other, beside a fit for each and one for all.

    python -m benchmarks.groups [BG/NBD | MBG/NBD | Pareto/NBD] [alike | different | "one odd"] [seed=1] [sets=100] [--write]
    python -m benchmarks.groups times [--write]

Twelve groups of 20 to 1,000 customers, seen for 10 to 52 weeks; the next 26 are foretold. Three truths, fixed before anything was run:
*alike*; *different*: rates and odds (of Pareto/NBD: rates) of leaving with a standard deviation of .4 between groups, likeness in each of
.2, on the log scale; *one odd*: eleven alike and one of 100 customers at three times their rate. The same differences between groups for
every model. 100 sets of each truth, at three seeds, or as told. `times` takes instead how long a fit of groups needs beside the plain one.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks import keep_part
from goodwill.errors import DataError, FitError
from goodwill.inference.parameters import parameter_names
from goodwill.lifetime_value.richer.group_parameters import Coordinates

SETS, SEEDS, AHEAD, YEAR, SMALL = 100, (1, 2, 3), 26.0, 52.0, 100
SIZES = (20, 20, 50, 50, 100, 100, 200, 200, 400, 400, 1000, 1000)
BG, PARETO = (0.1, 0.8, 0.25, 4.0), (0.1, 0.8, 0.045, 0.6)  # rate, r, odds of leaving, a + b; rate, r, rate of leaving, s
MODELS: dict[
    str, tuple[Any, np.ndarray]
] = {  # with the logarithms of what is usual: of Pareto/NBD the same year of a new customer as BG/NBD
    "BG/NBD": (gw.BetaGeoNBD, np.log(BG)),
    "MBG/NBD": (gw.ModifiedBetaGeoNBD, np.log(BG)),
    "Pareto/NBD": (gw.ParetoNBD, np.log(PARETO)),
}
BETWEEN = np.array([0.4, 0.2, 0.4, 0.2])
ODD, FACTOR = 4, 3.0  # the group of the third truth, and by how much more often it buys
TRUTHS = ("alike", "different", "one odd")
RESULT = Path(__file__).parent / "results" / "groups.txt"
WAYS = ("own", "pooled", "shrunken")


def model_of(name: str, eta: np.ndarray) -> Any:
    """A model at the logarithms of the numbers in which groups differ."""
    model = MODELS[name][0]
    return model(*np.exp(Coordinates(parameter_names(model)).to_logs(eta)).tolist(), unit="week")


def company(name: str, truth: str, rng: np.random.Generator) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Customers of twelve groups with what they bought afterwards, and the true numbers of each group."""
    usual = MODELS[name][1]
    numbers = [usual + (rng.standard_normal(4) * BETWEEN if truth == "different" else 0.0) for _ in SIZES]
    if truth == "one odd":
        numbers[ODD] = usual + np.array([np.log(FACTOR), 0.0, 0.0, 0.0])
    parts = []
    for g, (eta, size) in enumerate(zip(numbers, SIZES, strict=True)):
        seen = np.round(rng.uniform(10, 52, size))
        parts.append(model_of(name, eta).simulate(seen, AHEAD, int(rng.integers(1 << 31))).assign(group=g))
    return pd.concat(parts, ignore_index=True), numbers


def one_set(name: str, truth: str, seed: int, number: int) -> pd.DataFrame:
    """A row for each group: log scores per customer, whether intervals held, and what was estimated."""
    model = MODELS[name][0]
    customers, numbers = company(name, truth, np.random.default_rng([seed, number, TRUTHS.index(truth)]))
    fits = gw.lifetime_value.fit_groups(customers, "group", model=model)
    coordinates = fits.coordinates
    rows = []
    for g, eta in enumerate(numbers):
        here = customers[customers["group"] == g]
        history = [here[each].to_numpy(float) for each in ("frequency", "recency", "T")]
        came = here["frequency_holdout"].to_numpy(float)
        try:
            own = model.fit(here[["frequency", "recency", "T"]])
        except (FitError, DataError):  # nobody came back: the group says nothing by itself
            own = fits.together
        ways = {"own": own, "pooled": fits.together, "shrunken": fits[g]}
        row = {"size": len(here), "converged": float(own.converged)}
        row |= _foretold(ways, came, history) | _new_customer(ways, float(model_of(name, eta).expected_purchases_new_customer(YEAR)))
        total = fits[g].predict_interval(here[["frequency", "recency", "T"]], AHEAD, draws=200).loc["total"]
        row["total held"] = float(total["lower"] <= came.sum() <= total["upper"])
        error = np.sqrt(np.diag(fits.drawn.spread[g]))
        away = np.abs(fits.pooling.at[g] - eta)
        row |= {f"{called} held": float(far <= 1.96 * wide) for called, far, wide in zip(coordinates.called, away, error, strict=True)}
        row |= {f"{called} between": tau for called, tau in zip(coordinates.called, fits.pooling.between, strict=True)}
        row |= {"settled": float(fits.pooling.converged), "odd": float(truth == "one odd" and g == ODD), "set": number}
        rows.append(row)
    return pd.DataFrame(rows)


def _foretold(ways: dict[str, Any], came: np.ndarray, history: list[np.ndarray]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for way, fit in ways.items():
        chance = fit.model.probability_of_future_purchases(came, AHEAD, *history)
        total = float(fit.model.expected_purchases(AHEAD, *history).sum())
        row |= {f"score {way}": float(np.log(np.maximum(chance, 1e-300)).mean()), f"miss {way}": abs(total - came.sum())}
        row[f"finite {way}"] = bool(np.isfinite(total) and total >= 0)
    return row


def _new_customer(ways: dict[str, Any], truth: float) -> dict[str, float]:
    row = {}
    for way, fit in ways.items():
        if fit.converged:
            year = fit.interval_of_mean(lambda model: model.expected_purchases_new_customer(YEAR), draws=200)
            row[f"year held {way}"] = float(year.lower <= truth <= year.upper)
            row[f"year width {way}"] = float(np.log(year.upper / year.lower))
    return row


def told(name: str, truth: str, seed: int, table: pd.DataFrame) -> list[str]:
    """What the sets say, in lines."""
    lines = [f"{name}, {truth}, seed {seed}, {table['set'].nunique()} sets; settled {table['settled'].mean():.1%}"]
    lines[0] += f"; forecasts that are no number or below nothing: {(~table['finite shrunken'].astype(bool)).sum()}"
    kinds = {"all groups": table, f"groups of at most {SMALL}": table[table["size"] <= SMALL], "groups of 20": table[table["size"] == 20]}
    if truth == "one odd":
        kinds["the odd one"] = table[table["odd"] > 0]
    for kind, some in kinds.items():
        for rival in ("own", "pooled"):
            gain = some.assign(gain=(some["score shrunken"] - some[f"score {rival}"]) * some["size"]).groupby("set")[["gain", "size"]].sum()
            each = gain["gain"] / gain["size"]
            error = each.std(ddof=1) / np.sqrt(len(each))
            lines.append(f"  log score per customer over {rival:<7} {each.mean():+.5f} (s.e. {error:.5f})  {kind}")
        misses = ", ".join(f"{name} {some[f'miss {name}'].mean():.1f}" for name in WAYS)
        lines.append(f"  mean miss of a group's total: {misses}  {kind}")
        held = []
        for name in WAYS:
            year, width = (some[f"{what} {name}"].mean() for what in ("year held", "year width"))
            held.append(f"{name} {100 * year:.1f} % (width {width:.2f})")
        lines.append(f"  95 % intervals of a new customer's year held: {', '.join(held)}  {kind}")
        lines.append(f"  shrunken 95 % intervals of a group's total held: {100 * some['total held'].mean():.1f} %  {kind}")
    numbers = [name.removesuffix(" between") for name in table.columns.astype(str) if name.endswith(" between")]
    lines.append(
        "  95 % intervals of a group's numbers held: " + ", ".join(f"{name} {100 * table[f'{name} held'].mean():.1f} %" for name in numbers)
    )
    by_set = table.groupby("set").first()
    found = (by_set[f"{name} between"] for name in numbers)
    lines.append(
        "  spread between groups, mean (none at all in): " + ", ".join(f"{s.mean():.2f} ({100 * (s == 0).mean():.0f} %)" for s in found)
    )
    lines.append(f"  a fit of its own is no fit (ridge or runaway) in {100 * (1 - table['converged'].mean()):.0f} % of groups")
    return lines


def study(keep: bool) -> None:
    """All models, truths and seeds, or those asked for; what each told is kept when it is known."""
    given = {part[0]: int(part[1]) for part in (each.split("=") for each in sys.argv if "=" in each)}
    models = [name for name in MODELS if name in sys.argv] or list(MODELS)
    seeds = [given["seed"]] if "seed" in given else SEEDS
    truths = [truth for truth in TRUTHS if truth in sys.argv] or TRUTHS
    for seed, name, truth in product(seeds, models, truths):
        sets = [one_set(name, truth, seed, number) for number in range(given.get("sets", SETS))]
        lines = told(name, truth, seed, pd.concat(sets, ignore_index=True))
        print("\n".join(lines), flush=True)
        if keep:
            keep_part(RESULT, f"{name}, {truth}, seed {seed},", lines)


def times() -> list[str]:
    """Seconds of a plain fit and of a fit of groups."""
    lines = ["times"]
    for groups, size in ((12, 300), (12, 20_000), (200, 500), (1000, 100)):
        rng = np.random.default_rng(groups)
        made = []
        for g in range(groups):
            model = model_of("BG/NBD", np.log(BG) + rng.standard_normal(4) * BETWEEN)
            made.append(model.simulate(np.round(rng.uniform(10, 52, size) * 7) / 7, seed=int(rng.integers(1 << 31))).assign(group=g))
        customers = pd.concat(made, ignore_index=True)
        began = time.process_time()
        gw.BetaGeoNBD.fit(customers)
        middle = time.process_time()
        gw.lifetime_value.fit_groups(customers, "group")
        plain, grouped = middle - began, time.process_time() - middle
        lines.append(f"{groups:,} groups of {size:,} customers: plain fit {plain:.2f} s of CPU, fit of groups {grouped:.2f} s")
        print(lines[-1], flush=True)
    return lines


def main() -> int:
    if "times" not in sys.argv:
        study("--write" in sys.argv)
    elif "--write" in sys.argv:
        keep_part(RESULT, "times", times())
    else:
        times()
    return 0


if __name__ == "__main__":
    sys.exit(main())
