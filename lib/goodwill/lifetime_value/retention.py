"""Cohorts of contracts: fitted on their first periods, checked on the later ones, and valued."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from goodwill.errors import DataError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.lifetime_value.contracts import BetaDiscreteWeibull, ShiftedBetaGeo, contract_rows

MODELS: dict[str, Any] = {"sBG": ShiftedBetaGeo, "BdW": BetaDiscreteWeibull}


def fit_cohorts(survival: pd.DataFrame, periods: int, unit: str) -> dict[str, dict[str, Fit]]:
    """Both contract models for every cohort, from its first `periods` renewals.

    Parameters
    ----------
    survival : columns cohort, time (0, 1, 2, …) and customers (still under contract)
    periods : renewals that the fit may see
    unit : the contract period, such as "year"

    Raises
    ------
    DataError
        When fewer than two periods are asked for, or no cohort has them.
    FitError
        For an impossible table (see `contract_rows`).
    """
    if periods < 2:
        raise DataError(f"a fit to {periods} renewal(s) cannot tell people from time; use at least 2")
    if survival["time"].max() < periods:
        raise DataError(f"the longest cohort has {survival['time'].max()} renewals, so a fit to {periods} of them is not possible")
    return {
        str(cohort): {name: model.fit(table.loc[table["time"] <= periods, ["time", "customers"]], unit) for name, model in MODELS.items()}
        for cohort, table in survival.groupby("cohort", sort=False)
    }


def constant_retention(table: pd.DataFrame, periods: int) -> float:
    """The rule without a model: one retention rate for all renewals, the share of all who were asked who stayed."""
    rows = contract_rows(table.loc[table["time"] <= periods, ["time", "customers"]])
    weight = rows["weight"].to_numpy(float)
    asked, left = float(weight @ rows["time"].to_numpy(float)), float(weight @ rows["left"].to_numpy(float))
    return 1 - left / asked


def survival_forecasts(survival: pd.DataFrame, fits: dict[str, dict[str, Fit]], periods: int) -> pd.DataFrame:
    """Share still under contract, actual and forecast, for every cohort and time.

    Returns
    -------
    DataFrame
        cohort, time, held_out, actual, and per model its survival curve with lower and upper (see `range_of_share`: parameters and chance
        together, held-out times from the customers who were there when the fit ends), and constant (one retention rate for all renewals).
    """
    parts = []
    for cohort, table in survival.groupby("cohort", sort=False):
        time, size = table["time"].to_numpy(), float(table["customers"].iloc[0])
        part = pd.DataFrame(
            {"cohort": str(cohort), "time": time, "held_out": time > periods, "actual": table["customers"].to_numpy() / size}
        )
        for name, fit in fits[str(cohort)].items():
            part[name] = fit.model.survival(time)
            part[f"{name}_lower"], part[f"{name}_upper"] = range_of_share(fit, time, table[table["time"] <= periods])
        parts.append(part.assign(constant=constant_retention(table, periods) ** time))
    return pd.concat(parts, ignore_index=True)


def retention_rates(survival: pd.DataFrame, fits: dict[str, dict[str, Fit]]) -> pd.DataFrame:
    """Retention rate at each renewal of each cohort: cohort, time, asked, actual (of those asked, who stay) and expected (sBG)."""
    parts = []
    for cohort, table in survival.groupby("cohort", sort=False):
        there = table["customers"].to_numpy(float)
        asked = there[:-1] > 0
        time = table["time"].to_numpy()[1:][asked]
        expected = fits[str(cohort)]["sBG"].model.retention_rate(time)
        actual = there[1:][asked] / there[:-1][asked]
        parts.append(
            pd.DataFrame({"cohort": str(cohort), "time": time, "asked": there[:-1][asked], "actual": actual, "expected": expected})
        )
    return pd.concat(parts, ignore_index=True)


def holdout_misses(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Forecast survival at the last held-out time of each cohort, beside the actual: one row per cohort and forecast."""
    last = forecasts[forecasts["held_out"]].groupby("cohort", sort=False).tail(1)
    rows = [
        {
            "cohort": row["cohort"],
            "forecast": name,
            "time": row["time"],
            "actual": row["actual"],
            "predicted": row[name],
            "error": row[name] / row["actual"] - 1,
        }
        for _, row in last.iterrows()
        for name in (*MODELS, "constant")
    ]
    return pd.DataFrame(rows, columns=["cohort", "forecast", "time", "actual", "predicted", "error"])


def worst_misses(misses: pd.DataFrame) -> dict[str, float]:
    """The largest relative miss of each forecast over the cohorts, from `holdout_misses`.

    Raises
    ------
    TooLittle
        When nothing was held out, or nobody of a cohort was left at its end.
    """
    if misses.empty:
        raise TooLittle("The table ends with the fitted periods, so nothing was held out.")
    if not (misses["actual"] > 0).all():
        raise TooLittle("Nobody of a cohort was left at the end of the hold-out, so that no miss can be told in per cent.")
    largest = misses.assign(error=misses["error"].abs()).groupby("forecast")["error"].max()
    return {str(name): float(error) for name, error in largest.items()}


def miss_difference(survival: pd.DataFrame, forecasts: pd.DataFrame, *, draws: int = 4000, seed: int = 1) -> Interval:
    """The largest miss of sBG at the end of the hold-out minus that of one constant rate, with what chance leaves open (95 %).

    The customers who were there when the fits end are let decide again: of each cohort a binomial number is left at the end of the
    hold-out, with the share that was left. The forecasts stay as they are.

    Raises
    ------
    TooLittle
        As `worst_misses`.
    """
    worst = worst_misses(holdout_misses(forecasts))
    rng = np.random.default_rng(seed)
    largest = {name: np.zeros(draws) for name in ("sBG", "constant")}
    for cohort, part in forecasts[forecasts["held_out"]].groupby("cohort", sort=False):
        table = survival[survival["cohort"].astype(str) == cohort].sort_values("time")
        size, left = table["customers"].iloc[0], table["customers"].iloc[-1]
        there = table.loc[table["time"] < part["time"].min(), "customers"].iloc[-1]
        # half a customer where nobody stays: a miss in per cent of nothing does not exist
        actual = np.maximum(rng.binomial(there, left / there, draws), 0.5) / size
        for name, misses in largest.items():
            np.maximum(misses, np.abs(part[name].iloc[-1] / actual - 1), out=misses)
    return quantile_interval(worst["sBG"] - worst["constant"], largest["sBG"] - largest["constant"], 0.95)


def retention_rises(rates: pd.DataFrame) -> pd.DataFrame:
    """By how much the last retention rate of each cohort exceeds its first, from `retention_rates`: estimate, lower, upper (95 %)."""
    ends = rates.groupby("cohort", sort=False).agg({"actual": ["first", "last"], "asked": ["first", "last"]})
    first, last = (ends["actual", at] for at in ("first", "last"))
    variance = first * (1 - first) / ends["asked", "first"] + last * (1 - last) / ends["asked", "last"]
    half = normal_quantile(0.95) * np.sqrt(variance)
    return pd.DataFrame({"estimate": last - first, "lower": last - first - half, "upper": last - first + half})


def contract_value(fit: Fit, rate_per_unit: float, margin: float, horizon: int, renewals: int = 5) -> pd.DataFrame:
    """What a contract is worth: rows with estimate, lower, upper (the uncertainty of the parameters).

    `tenure`: expected periods within `horizon`; `new`: discounted margin of a customer about to be won; `after k`: discounted margin to
    come of a customer who has renewed k times and now decides on the next; `point k`: what one percentage point more of renewals at the
    k-th is worth per new customer.
    """
    wanted: dict[str, Any] = {
        "tenure": lambda m: m.expected_tenure(horizon),
        "new": lambda m: margin * m.discounted_expected_lifetime(rate_per_unit),
    }
    wanted |= {f"after {k}": partial(_residual, rate=rate_per_unit, margin=margin, k=k) for k in range(renewals)}
    wanted |= {f"point {k}": partial(_point, rate=rate_per_unit, margin=margin, k=k) for k in (1, 2, 5)}
    rows = {name: fit.interval_of_mean(value) for name, value in wanted.items()}
    return pd.DataFrame.from_dict({name: interval._asdict() for name, interval in rows.items()}, orient="index")


def _residual(model: Any, rate: float, margin: float, k: int) -> Any:
    return margin * model.discounted_expected_residual_lifetime(rate, k)


def _point(model: Any, rate: float, margin: float, k: int) -> Any:
    return margin * model.value_of_renewal_point(rate, k)


def range_of_share(fit: Fit, time: np.ndarray, seen: pd.DataFrame, draws: int = 2000) -> np.ndarray:
    """The central 95 % of the share of a cohort that is there at each time: parameters drawn, then the customers by chance.

    `seen` is the survival table up to the last renewal that the fit saw. Later shares start from the customers who were there then;
    earlier ones are what another cohort of this size would have shown.
    """
    last, size, there = float(seen["time"].iloc[-1]), float(seen["customers"].iloc[0]), float(seen["customers"].iloc[-1])
    model, rng = fit.prediction_draws(draws, seed=1), np.random.default_rng(1)
    later = time > last
    chance = np.clip(np.where(later, model.probability_alive_at(np.maximum(time - last, 0.0), last), model.survival(time)), 0, 1)
    shares = rng.binomial(np.where(later, round(there), round(size)), chance) / size
    return np.quantile(shares, [0.025, 0.975], axis=0)
