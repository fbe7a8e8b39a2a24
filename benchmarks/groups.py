"""Groups that borrow from each other, beside a fit for each and one for all. (`python -m benchmarks.groups [times] [seed=1] [--write]`)

Twelve groups of 20 to 1,000 customers, BG/NBD, seen for 10 to 52 weeks; the next 26 are foretold. Three truths, fixed before anything was
run: *alike*; *different*: rates and odds of leaving with a standard deviation of .4 between groups, likeness in each of .2, on the log
scale; *one odd*: eleven alike and one of 100 customers at three times their rate. 100 sets of each, at three seeds, or at one. `times`
takes instead how long a fit of groups needs beside the plain one.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks import keep_part
from goodwill.errors import DataError, FitError

SETS, SEEDS, AHEAD, YEAR, SMALL = 100, (1, 2, 3), 26.0, 52.0, 100
SIZES = (20, 20, 50, 50, 100, 100, 200, 200, 400, 400, 1000, 1000)
USUAL = np.array([np.log(0.1), np.log(0.8), np.log(0.25), np.log(4.0)])  # rate, r, odds of leaving, a + b
BETWEEN = np.array([0.4, 0.2, 0.4, 0.2])
ODD, FACTOR = 4, 3.0  # the group of the third truth, and by how much more often it buys
TRUTHS = ("alike", "different", "one odd")
RESULT = Path(__file__).parent / "results" / "groups.txt"
WAYS = ("own", "pooled", "shrunken")


def model_of(eta: np.ndarray) -> gw.BetaGeoNBD:
    """BG/NBD at the logarithms of r / alpha, r, a / b and a + b."""
    rate, r, odds, alike = np.exp(eta)
    return gw.BetaGeoNBD(r, r / rate, alike * odds / (1 + odds), alike / (1 + odds), unit="week")


def company(truth: str, rng: np.random.Generator) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Customers of twelve groups with what they bought afterwards, and the true numbers of each group."""
    numbers = [USUAL + (rng.standard_normal(4) * BETWEEN if truth == "different" else 0.0) for _ in SIZES]
    if truth == "one odd":
        numbers[ODD] = USUAL + np.array([np.log(FACTOR), 0.0, 0.0, 0.0])
    parts = []
    for g, (eta, size) in enumerate(zip(numbers, SIZES, strict=True)):
        seen = np.round(rng.uniform(10, 52, size))
        parts.append(model_of(eta).simulate(seen, AHEAD, int(rng.integers(1 << 31))).assign(group=g))
    return pd.concat(parts, ignore_index=True), numbers


def one_set(truth: str, seed: int, number: int) -> pd.DataFrame:
    """A row for each group: log scores per customer, whether intervals held, and what was estimated."""
    rng = np.random.default_rng([seed, number, TRUTHS.index(truth)])
    customers, numbers = company(truth, rng)
    fits = gw.lifetime_value.fit_groups(customers, "group")
    coordinates = fits.coordinates
    rows = []
    for g, eta in enumerate(numbers):
        here = customers[customers["group"] == g]
        history = [here[name].to_numpy(float) for name in ("frequency", "recency", "T")]
        came = here["frequency_holdout"].to_numpy(float)
        try:
            own = gw.BetaGeoNBD.fit(here[["frequency", "recency", "T"]])
        except (FitError, DataError):  # nobody came back: the group says nothing by itself
            own = fits.together
        fit, row = fits[g], {"size": len(here), "converged": fit_converged(own)}
        for name, each in (("own", own), ("pooled", fits.together), ("shrunken", fit)):
            chance = each.model.probability_of_future_purchases(came, AHEAD, *history)
            total = float(each.model.expected_purchases(AHEAD, *history).sum())
            row |= {f"score {name}": float(np.log(np.maximum(chance, 1e-300)).mean()), f"miss {name}": abs(total - came.sum())}
            row[f"finite {name}"] = bool(np.isfinite(total) and total >= 0)
        true_year = float(model_of(eta).expected_purchases_new_customer(YEAR))
        for name, each in (("own", own), ("pooled", fits.together), ("shrunken", fit)):
            if each.converged:
                year = each.interval_of_mean(lambda model: model.expected_purchases_new_customer(YEAR), draws=200)
                row[f"year held {name}"] = float(year.lower <= true_year <= year.upper)
                row[f"year width {name}"] = float(np.log(year.upper / year.lower))
        total = fit.predict_interval(here[["frequency", "recency", "T"]], AHEAD, draws=200).loc["total"]
        row["total held"] = float(total["lower"] <= came.sum() <= total["upper"])
        error = np.sqrt(np.diag(fits.drawn.spread[g]))
        away = np.abs(fits.pooling.at[g] - eta)
        row |= {f"{called} held": float(far <= 1.96 * wide) for called, far, wide in zip(coordinates.called, away, error, strict=True)}
        row |= {f"{called} between": tau for called, tau in zip(coordinates.called, fits.pooling.between, strict=True)}
        row |= {"settled": float(fits.pooling.converged), "odd": float(truth == "one odd" and g == ODD), "set": number}
        rows.append(row)
    return pd.DataFrame(rows)


def fit_converged(fit: gw.Fit) -> float:
    """Whether a fit is one: a number, so that shares are means."""
    return float(fit.converged)


def told(truth: str, seed: int, table: pd.DataFrame) -> list[str]:
    """What a hundred sets say, in lines."""
    lines = [f"{truth}, seed {seed}, {table['set'].nunique()} sets; settled {table['settled'].mean():.1%}"]
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
    """All truths and seeds; what each told is kept when it is known."""
    seeds = [int(each.removeprefix("seed=")) for each in sys.argv if each.startswith("seed=")] or SEEDS
    for seed in seeds:
        for truth in TRUTHS:
            lines = told(truth, seed, pd.concat([one_set(truth, seed, number) for number in range(SETS)], ignore_index=True))
            print("\n".join(lines), flush=True)
            if keep:
                keep_part(RESULT, lines[0].split(",")[0] + f", seed {seed},", lines)


def times() -> list[str]:
    """Seconds of a plain fit and of a fit of groups."""
    lines = ["times"]
    for groups, size in ((12, 300), (12, 20_000), (200, 500), (1000, 100)):
        rng = np.random.default_rng(groups)
        made = []
        for g in range(groups):
            model = model_of(USUAL + rng.standard_normal(4) * BETWEEN)
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
