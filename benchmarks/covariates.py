"""Fits with covariates: coverage of what they say, values of segments, and time. (`python -m benchmarks.covariates [segments] [--write]`)

Coverage: companies of three shops with two covariates (shop, age), at three truths (no effect, moderate, strong), of BG/NBD, MBG/NBD and
Pareto/NBD; how often the 95 % intervals of the ratios and of the purchases to come hold. No ridge, which would pull the ratios to 1.
Segments: companies of three channels whose truth can be asked (`goodwill.simulate`); the values that reports 04 and 08 give to segments, to
channels, and to lots of one segment and channel, by BG/NBD without covariates and with the channel, against the mean of eight futures.
Time: one million customers with three covariates of five levels each, against the plain fit of the same rows.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks import run_parts
from goodwill.lifetime_value.richer.covariates import fit_with_covariates

SEED, SETS, CUSTOMERS, PROCESSES, LARGE = 1100, 100, 2_000, 2, 1_000_000
SEEDS, COMPANIES, WEEKS, AHEAD, FUTURES, FEWEST = (1100, 1101, 1102), 10, 78, 52, 8, 20
CHANNELS = {"a": 500, "b": 300, "c": 200}  # customers of a company
RESULT = Path(__file__).parent / "results" / "covariates.txt"
TRUTHS = {"no effect": 0.0, "moderate": 0.5, "strong": 1.0}
RATE, DROPOUT, AGE = np.array([0.0, 0.6, -0.6]), np.array([0.0, -0.8, 0.8]), (0.3, -0.3)
MODELS: dict[str, tuple[Any, tuple[float, ...]]] = {
    "BG/NBD": (gw.BetaGeoNBD, (0.8, 8.0, 0.7, 4.0)),
    "MBG/NBD": (gw.ModifiedBetaGeoNBD, (0.8, 8.0, 0.7, 4.0)),
    "Pareto/NBD": (gw.ParetoNBD, (0.8, 8.0, 0.7, 20.0)),
}


def sold(model: Any, plain: tuple[float, ...], log_rate: np.ndarray, log_odds: np.ndarray, seed: int) -> pd.DataFrame:
    """Customers each with her own parameters, watched for 52 weeks, and what they buy in 26 more."""
    one, alpha, third, fourth = plain
    rng = np.random.default_rng(seed)
    found = pd.DataFrame(index=range(len(log_rate)), columns=["frequency", "recency", "T", "frequency_holdout"], dtype=float)
    cells, cell = np.unique(np.stack([log_rate, log_odds], axis=1), axis=0, return_inverse=True)
    for c, (faster, looser) in enumerate(cells):
        here = np.flatnonzero(cell.ravel() == c)
        if model is gw.ParetoNBD:
            own = third, fourth * np.exp(-looser)
        else:
            odds, precision = third / fourth * np.exp(looser), third + fourth
            own = precision * odds / (1 + odds), precision / (1 + odds)
        made = model(one, alpha * np.exp(-faster), *own).simulate(np.full(len(here), 52.0), horizon=26.0, seed=int(rng.integers(2**31)))
        found.iloc[here] = made[list(found)].to_numpy()
    return found


def holds(name: str, strength: float, number: int) -> dict[str, float]:
    """Whether each interval of one company holds the truth."""
    model, plain = MODELS[name]
    rng = np.random.default_rng([SEED, number, list(TRUTHS.values()).index(strength)])
    shop, age = rng.choice(3, CUSTOMERS, p=[0.5, 0.3, 0.2]), rng.integers(0, 5, CUSTOMERS).astype(float)
    scaled = (age - age.mean()) / age.std()
    log_rate, log_odds = (strength * (each[shop] + by * scaled) for each, by in ((RATE, AGE[0]), (DROPOUT, AGE[1])))
    made = sold(model, plain, log_rate, log_odds, int(rng.integers(2**31))).assign(shop=np.array(["a", "b", "c"])[shop], age=age)
    fit = fit_with_covariates(made, ["shop", "age"], model=model, ridge=None)
    table = fit.fit.estimates
    truth = {"rate_1": RATE[1], "rate_2": RATE[2], "rate_3": AGE[0], "dropout_1": DROPOUT[1], "dropout_2": DROPOUT[2], "dropout_3": AGE[1]}
    found = {}
    for each, log_ratio in truth.items():
        inside = table.loc[each, "lower"] <= np.exp(strength * log_ratio) <= table.loc[each, "upper"]
        found[each] = float("nan") if fit.warnings else float(inside)
    total = fit.total_interval(26.0, draws=200)
    return found | {
        "hold-out total": float(total.lower <= made["frequency_holdout"].sum() <= total.upper),
        "warned": float(bool(fit.warnings)),
    }


def coverage() -> list[str]:
    """A line per model and truth."""
    lines = [f"Coverage of 95 % intervals, {SETS} companies of {CUSTOMERS:,} customers each, seed {SEED}; per cent."]
    columns = ["rate_1", "rate_2", "rate_3", "dropout_1", "dropout_2", "dropout_3", "hold-out total", "warned"]
    lines.append(f"{'':24}" + "".join(f"{each:>15}" for each in columns))
    for name in MODELS:
        for truth, strength in TRUTHS.items():
            with get_context("spawn").Pool(PROCESSES) as pool:
                found = pd.DataFrame(pool.map(partial(holds, name, strength), range(SETS), chunksize=5)).mean()
            lines.append(f"{name:<12}{truth:<12}" + "".join(f"{100 * found[each]:>15.0f}" for each in columns))
            print(lines[-1], flush=True)
    return lines


def missed(strength: float, seed: int, number: int) -> dict[str, float]:
    """How far the values of one company's customers lie from the truth, by how they are put together, as shares of all that they bring."""
    one, alpha, a, b = MODELS["BG/NBD"][1]
    logs, truth = [], []
    for place, (channel, customers) in enumerate(CHANNELS.items()):
        odds = a / b * np.exp(strength * DROPOUT[place])
        own = {"r": one, "alpha": alpha * np.exp(-strength * RATE[place]), "a": (a + b) * odds / (1 + odds), "b": (a + b) / (1 + odds)}
        made = gw.simulate.answering_company(
            "BG/NBD", customers=customers, weeks=WEEKS, seed=seed + 1_000 * (3 * number + place), acquisition_weeks=39.0, **own
        )
        logs.append(made.transactions.assign(customer_id=channel + made.transactions["customer_id"].astype(str), channel=channel))
        brings = made.truth.future(AHEAD, futures=FUTURES)["spend"]
        truth.append(brings.set_axis(channel + brings.index.astype(str)))
    orders = gw.read_transactions(pd.concat(logs, ignore_index=True), known=["channel"])
    end = gw.simulate.mechanism("BG/NBD").start + timedelta(weeks=WEEKS) - timedelta(days=1)
    found: dict[str, float] = {}
    for name, covariates in {"plain": [], "told": ["channel"]}.items():
        model = gw.lifetime_value.model_by_covariates("BG/NBD", orders, covariates)
        base = gw.segments.customer_base(orders, model, end=end, horizon=AHEAD, margin=1.0, discount_rate=0.0)
        people = base.today.customers.assign(segment=gw.segments.learn("rfm", base.customers).assign(base.today_for_rules))
        people = people.assign(true=pd.concat(truth).reindex(people["customer_id"]).to_numpy(), channel=people["customer_id"].str[0])
        all_of_it = people["true"].sum()
        for what, keys in {"lots": ["segment", "channel"], "segments": ["segment"], "channels": ["channel"]}.items():
            each = people.groupby(keys, observed=True).agg(value=("value", "sum"), true=("true", "sum"), customers=("true", "size"))
            each = each[each["customers"] >= FEWEST]
            found[f"{what} {name}"] = float((each["value"] - each["true"]).abs().sum() / all_of_it)
        found[f"all {name}"] = float(abs(people["value"].sum() / all_of_it - 1))
    return found


def segments() -> list[str]:
    """Lines per truth and seed: errors without and with the channel, and by how much knowing it is nearer."""
    lines = [
        f"Segments: error of what customers bring in {AHEAD} weeks, summed over groups, in per cent of the truth: by BG/NBD without",
        f"covariates, with the channel, and in brackets by how much the latter is nearer, with 95 % ends. {COMPANIES} companies of "
        f"{sum(CHANNELS.values()):,} customers at each",
        f"seed. Lots are the customers of one rfm segment and one channel; groups of fewer than {FEWEST} customers are left out.",
    ]
    for truth, strength in TRUTHS.items():
        for seed in SEEDS:
            with get_context("spawn").Pool(PROCESSES) as pool:
                found = pd.DataFrame(pool.map(partial(missed, strength, seed), range(COMPANIES), chunksize=1))
            said = []
            for what in ("lots", "segments", "channels", "all"):
                plain, told = (100 * found[f"{what} {name}"] for name in ("plain", "told"))
                gain, reach = (plain - told).mean(), 1.96 * (plain - told).std(ddof=1) / np.sqrt(COMPANIES)
                said.append(f"{what} {plain.mean():4.1f} {told.mean():4.1f} ({gain:+4.1f}, {gain - reach:+4.1f} to {gain + reach:+4.1f})")
            lines.append(f"{truth:<10} seed {seed}   " + "   ".join(said))
            print(lines[-1], flush=True)
    return lines


def timed() -> list[str]:
    """Seconds of the plain fits and of those with covariates, of a million customers."""
    rng = np.random.default_rng(SEED)
    levels = [rng.integers(0, 5, LARGE) for _ in range(3)]
    effect = np.linspace(-0.4, 0.4, 5)
    log_rate = sum(effect[each] for each in levels)
    T = rng.integers(26 * 7, 52 * 7, LARGE) / 7
    alpha = 8.0 * np.exp(-np.asarray(log_rate))
    rate, p = rng.gamma(0.8, 1 / alpha), rng.beta(0.7, 4.0, LARGE)
    count = np.minimum(rng.poisson(rate * T), rng.geometric(np.maximum(p, 1e-15)))
    recency = np.where(count > 0, np.ceil(T * rng.beta(np.maximum(count, 1), 1.5) * 7) / 7, 0.0)
    table = {name: each.astype(str) for name, each in zip(("region", "channel", "age"), levels, strict=True)}
    made = pd.DataFrame({"frequency": count.astype(float), "recency": np.minimum(recency, T), "T": T} | table)
    lines = [f"Time on {LARGE:,} customers with three covariates of five levels, in seconds of one core."]
    for name, (model, _) in MODELS.items():
        seconds = []
        for fit in (
            lambda model=model: model.fit(made[["frequency", "recency", "T"]]),
            lambda model=model: fit_with_covariates(made, ["region", "channel", "age"], model=model, ridge=None),
            lambda model=model: fit_with_covariates(made, ["region", "channel", "age"], model=model),
        ):
            started = time.process_time()
            fit()
            seconds.append(time.process_time() - started)
        lines.append(f"{name:<12} plain {seconds[0]:6.2f}   with covariates {seconds[1]:6.1f}   the ridge chosen too {seconds[2]:6.1f}")
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    sys.exit(run_parts({"Coverage": coverage, "Segments": segments, "Time": timed}, RESULT, sys.argv[1:]))
