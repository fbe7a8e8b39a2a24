"""Spend of groups that borrow from each other, beside a fit for each and one for all. (`python -m benchmarks.group_spend [seed=1] [sets=50]
[--write]`)

Twelve groups of 20 to 1,000 customers who all buy alike (BG/NBD of `benchmarks.groups`), seen for 10 to 52 weeks, whose spend is that of
Gamma-Gamma: *alike*; *different*, their level of spend with a standard deviation of .4 between groups and both likenesses of .2, on the log
scale; *one odd*, eleven alike and one of 100 customers at three times their level. What a purchase of a new customer brings, and the money
of the group's customers in the next 26 weeks, their purchases foretold by one fit of all. 50 sets of each truth, at two seeds, or as told.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks import keep_part
from benchmarks.groups import AHEAD, BG, FACTOR, ODD, SIZES, SMALL, TRUTHS, WAYS, model_of
from goodwill.errors import DataError, FitError
from goodwill.inference.uncertainty import quantile_interval
from goodwill.lifetime_value.richer.group_parameters import Coordinates
from goodwill.lifetime_value.value import profit_draws

SETS, SEEDS, DRAWS = 50, (1, 2), 200
USUAL, BETWEEN = np.log([30.0, 6.0, 4.0]), np.array([0.4, 0.2, 0.2])  # level of spend, evenness of purchases, likeness in level
COORDINATES, TERMS = Coordinates(("p", "q", "gamma")), gw.ValueTerms(AHEAD, 1.0, 0.0, "week")
RESULT = Path(__file__).parent / "results" / "group_spend.txt"


def spend_of(eta: np.ndarray) -> gw.GammaGamma:
    """Gamma-Gamma at the logarithms of the numbers in which groups differ."""
    return gw.GammaGamma(*np.exp(COORDINATES.to_logs(eta)).tolist())


def company(truth: str, rng: np.random.Generator) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Customers of twelve groups with the money they brought afterwards, and the true numbers of each group."""
    numbers = [USUAL + (rng.standard_normal(3) * BETWEEN if truth == "different" else 0.0) for _ in SIZES]
    if truth == "one odd":
        numbers[ODD] = USUAL + np.array([np.log(FACTOR), 0.0, 0.0])
    parts, bought = [], model_of("BG/NBD", np.log(BG))
    for g, (eta, size) in enumerate(zip(numbers, SIZES, strict=True)):
        spend = spend_of(eta)
        part = bought.simulate(np.round(rng.uniform(10, 52, size)), AHEAD, int(rng.integers(1 << 31))).assign(group=g)
        rate = rng.gamma(spend.q, 1 / spend.gamma, size)
        x, later = part["frequency"].to_numpy(float), part["frequency_holdout"].to_numpy(float)
        part["monetary_value"] = rng.gamma(spend.p * np.maximum(x, 1)) / rate / np.maximum(x, 1) * (x > 0)
        part["came"] = np.where(later > 0, rng.gamma(spend.p * np.maximum(later, 1)) / rate, 0.0)
        parts.append(part)
    return pd.concat(parts, ignore_index=True), numbers


def one_set(truth: str, seed: int, number: int) -> pd.DataFrame:
    """A row for each group: whether intervals held, and how far estimates missed."""
    customers, numbers = company(truth, np.random.default_rng([seed, number, TRUTHS.index(truth)]))
    fits = gw.lifetime_value.fit_groups(customers, "group", model=gw.GammaGamma, names=range(len(SIZES)))
    bought = gw.BetaGeoNBD.fit(customers[["frequency", "recency", "T"]])
    bought = replace(bought, model=replace(bought.model, unit="week"))
    rows = []
    for g, eta in enumerate(numbers):
        here = customers[customers["group"] == g].reset_index(drop=True)
        try:
            own = gw.GammaGamma.fit(here[here["frequency"] > 0])
        except (FitError, DataError):
            own = fits.together
        row: dict[str, Any] = {"size": len(here), "converged": float(own.converged and own.model.q > 1)}
        truly = float(spend_of(eta).expected_spend(0.0, 0.0))
        for way, fit in {"own": own, "pooled": fits.together, "shrunken": fits[g]}.items():
            if not fit.converged or fit.model.q <= 1:
                continue
            mean = fit.interval_of_mean(lambda model: model.expected_spend(0.0, 0.0), draws=DRAWS)
            row |= {f"mean held {way}": float(mean.lower <= truly <= mean.upper), f"mean width {way}": np.log(mean.upper / mean.lower)}
            value = gw.customer_value(bought, fit, here, TERMS)["value"].sum()
            row |= {f"miss {way}": abs(value - here["came"].sum()), f"finite {way}": bool(np.isfinite(value) and value >= 0)}
        money = quantile_interval(0.0, [float(each.sum()) for each in profit_draws(bought, fits[g], here, TERMS, DRAWS, 1)])
        row["money held"] = float(money.lower <= here["came"].sum() <= money.upper)
        error = np.sqrt(np.diag(fits.drawn.spread[g]))
        far = np.abs(fits.pooling.at[g] - eta)
        row |= {f"{called} held": float(off <= 1.96 * wide) for called, off, wide in zip(COORDINATES.called, far, error, strict=True)}
        row |= {f"{called} between": tau for called, tau in zip(COORDINATES.called, fits.pooling.between, strict=True)}
        rows.append(row | {"settled": float(fits.pooling.converged), "odd": float(truth == "one odd" and g == ODD), "set": number})
    return pd.DataFrame(rows)


def told(truth: str, seed: int, table: pd.DataFrame) -> list[str]:
    """What the sets say, in lines."""
    lines = [f"{truth}, seed {seed}, {table['set'].nunique()} sets; settled {table['settled'].mean():.1%}"]
    lines[0] += f"; forecasts that are no number or below nothing: {int((table['finite shrunken'] == False).sum())}"  # noqa: E712
    kinds = {"all groups": table, f"groups of at most {SMALL}": table[table["size"] <= SMALL], "groups of 20": table[table["size"] == 20]}
    if truth == "one odd":
        kinds["the odd one"] = table[table["odd"] > 0]
    for kind, some in kinds.items():
        means = [(way, 100 * some[f"mean held {way}"].mean(), some[f"mean width {way}"].mean()) for way in WAYS]
        held = ", ".join(f"{way} {share:.1f} % (width {width:.2f})" for way, share, width in means)
        misses = ", ".join(f"{way} {some[f'miss {way}'].mean():,.0f}" for way in WAYS)
        lines.append(f"  95 % intervals of what a purchase brings held: {held}  {kind}")
        lines.append(
            f"  mean miss of a group's money: {misses}; shrunken 95 % intervals held {100 * some['money held'].mean():.1f} %  {kind}"
        )
    held = ", ".join(f"{name} {100 * table[f'{name} held'].mean():.1f} %" for name in COORDINATES.called)
    found = (table.groupby("set")[f"{name} between"].first() for name in COORDINATES.called)
    between = ", ".join(f"{each.mean():.2f} ({100 * (each == 0).mean():.0f} %)" for each in found)
    lines += [f"  95 % intervals of a group's numbers held: {held}", f"  spread between groups, mean (none at all in): {between}"]
    return [*lines, f"  a fit of its own is no fit, or has no mean, in {100 * (1 - table['converged'].mean()):.0f} % of groups"]


def main() -> int:
    given = {part[0]: int(part[1]) for part in (each.split("=") for each in sys.argv if "=" in each)}
    for seed, truth in product([given["seed"]] if "seed" in given else SEEDS, TRUTHS):
        sets = [one_set(truth, seed, number) for number in range(given.get("sets", SETS))]
        lines = told(truth, seed, pd.concat(sets, ignore_index=True))
        print("\n".join(lines), flush=True)
        if "--write" in sys.argv:
            keep_part(RESULT, f"{truth}, seed {seed},", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
