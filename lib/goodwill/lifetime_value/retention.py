"""Cohorts of contracts: fitted on their first periods, checked on the later ones, and valued."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from goodwill.data.survival import in_order
from goodwill.errors import DataError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.parameters import parameter_names
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.lifetime_value.contracts import BetaDiscreteWeibull, ShiftedBetaGeo, contract_rows

WHOLE = "all cohorts"
MODELS: dict[str, Any] = {"sBG": ShiftedBetaGeo, "BdW": BetaDiscreteWeibull}


def fit_cohorts(survival: pd.DataFrame, periods: int, unit: str) -> dict[str, dict[str, Fit]]:
    """The contract models for every cohort, from its first `periods` renewals, as far as these determine them.

    Parameters
    ----------
    survival : columns cohort, time (0, 1, 2, …) and customers (still under contract), rows in any order
    periods : renewals that the fit may see; of a table with no more, all are seen and nothing is held out
    unit : the contract period, such as "year"

    Returns
    -------
    dict
        By cohort, the fits by model. A model of k parameters needs k renewals (sBG 2, BdW 3) and somebody who left; a cohort for which no
        model has them is left out.

    Raises
    ------
    DataError
        When fewer than two periods are asked for.
    TooLittle
        When no cohort can be fitted.
    FitError
        For an impossible table (see `contract_rows`).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2, 3], "customers": [1000, 600, 450, 370]})
    >>> fits = fit_cohorts(table, periods=3, unit="year")
    >>> list(fits["2020"]), round(float(fits["2020"]["sBG"].model.retention_rate(1)), 2)  # of 1,000 600 stayed the first time
    (['sBG', 'BdW'], 0.6)
    """
    if periods < 2:
        raise DataError(f"a fit to {periods} renewal(s) cannot tell people from time; use at least 2")
    fits = {}
    for cohort, table in in_order(survival).groupby("cohort", sort=False):
        seen = table.loc[table["time"] <= periods, ["time", "customers"]]
        enough = {name: model for name, model in MODELS.items() if seen["time"].max() >= len(parameter_names(model))}
        if enough and contract_rows(seen)["left"].any():
            fits[str(cohort)] = {name: model.fit(seen, unit) for name, model in enough.items()}
    if not fits:
        raise TooLittle("No cohort has two renewals in which somebody left, so nothing is learned about who stays.")
    return fits


def fits_in_use(fits: Mapping[str, Mapping[str, Fit]], how: str = "better") -> dict[str, tuple[str, Fit]]:
    """The model by which each cohort is foretold and valued: name and fit.

    Parameters
    ----------
    fits : of `fit_cohorts`
    how : "better" takes that of the lower AIC in the fitted renewals, which has not seen the hold-out; "sBG" or "BdW" that model,
        and leaves out cohorts too short for it

    Raises
    ------
    TooLittle
        When every cohort is too short for the model that is asked for.
    DataError
        For another `how`.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import fit_cohorts
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2], "customers": [1000, 600, 450]})
    >>> name, fit = fits_in_use(fit_cohorts(table, periods=2, unit="year"))["2020"]
    >>> name  # two renewals determine no more
    'sBG'
    """
    if how not in ("better", *MODELS):
        raise DataError(f"model={how!r}; use one of better, {', '.join(MODELS)}.")
    chosen = {}
    for cohort, both in fits.items():
        name = min(both, key=lambda each: both[each].aic) if how == "better" else how
        if name in both:
            chosen[cohort] = (name, both[name])
    if not chosen:
        raise TooLittle(f"Every cohort has fewer renewals than {how} has parameters.")
    return chosen


def constant_retention(table: pd.DataFrame, periods: int) -> float:
    """The rule without a model: one retention rate for all renewals, the share of all who were asked who stayed.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"time": [0, 1, 2], "customers": [100, 60, 45]})
    >>> round(constant_retention(table, periods=2), 4)  # 105 of 160 who were asked stayed
    0.6562
    """
    rows = contract_rows(table.loc[table["time"] <= periods, ["time", "customers"]])
    weight = rows["weight"].to_numpy(float)
    asked, left = float(weight @ rows["time"].to_numpy(float)), float(weight @ rows["left"].to_numpy(float))
    return 1 - left / asked


def survival_forecasts(
    survival: pd.DataFrame, fits: Mapping[str, Mapping[str, Fit]], in_use: Mapping[str, tuple[str, Fit]], periods: int
) -> pd.DataFrame:
    """Share still under contract, actual and forecast, for every time of the cohorts in use.

    Parameters
    ----------
    survival : DataFrame
        cohort, time and customers, the hold-out included.
    fits : of `fit_cohorts`
    in_use : of `fits_in_use`
    periods : renewals that the fits have seen

    Returns
    -------
    DataFrame
        cohort, time, held_out, actual, model (the name of that in use); forecast, lower, upper of that model (see `range_of_share`:
        parameters and chance together, held-out times from the customers who were there when the fit ends); the survival curve of each
        model (missing where a cohort is too short for it); and constant (one retention rate for all renewals).

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import fit_cohorts, fits_in_use
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2, 3], "customers": [1000, 600, 450, 370]})
    >>> fits = fit_cohorts(table, periods=2, unit="year")
    >>> found = survival_forecasts(table, fits, fits_in_use(fits), periods=2)
    >>> found[["time", "held_out", "actual", "forecast"]].round(2).tail(1).to_dict("list")
    {'time': [3], 'held_out': [True], 'actual': [0.37], 'forecast': [0.37]}
    """
    parts = []
    for cohort, table in in_order(survival).groupby("cohort", sort=False):
        if str(cohort) not in in_use:
            continue
        name, fit = in_use[str(cohort)]
        time, size = table["time"].to_numpy(), float(table["customers"].iloc[0])
        actual = table["customers"].to_numpy() / size
        part = pd.DataFrame({"cohort": str(cohort), "time": time, "held_out": time > periods, "actual": actual, "model": name})
        part["forecast"] = fit.model.survival(time)
        part["lower"], part["upper"] = range_of_share(fit, time, table[table["time"] <= periods])
        for each in MODELS:
            found = fits[str(cohort)].get(each)
            part[each] = np.nan if found is None else found.model.survival(time)
        parts.append(part.assign(constant=constant_retention(table, periods) ** time))
    return pd.concat(parts, ignore_index=True)


def retention_rates(survival: pd.DataFrame, in_use: Mapping[str, tuple[str, Fit]]) -> pd.DataFrame:
    """Retention rate at each renewal of each cohort: cohort, time, asked, actual (of those asked, who stay) and expected (model in use).

    Parameters
    ----------
    survival : DataFrame
        cohort, time and customers.
    in_use : of `fits_in_use`

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import fit_cohorts, fits_in_use
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2], "customers": [100, 60, 45]})
    >>> in_use = fits_in_use(fit_cohorts(table, periods=2, unit="year"))
    >>> retention_rates(table, in_use)[["time", "asked", "actual"]].to_dict("list")
    {'time': [1, 2], 'asked': [100.0, 60.0], 'actual': [0.6, 0.75]}
    """
    parts = []
    for cohort, table in in_order(survival).groupby("cohort", sort=False):
        if str(cohort) in in_use:
            there = table["customers"].to_numpy(float)
            asked = there[:-1] > 0
            time = table["time"].to_numpy()[1:][asked]
            expected = in_use[str(cohort)][1].model.retention_rate(time)
            actual = there[1:][asked] / there[:-1][asked]
            part = {"cohort": str(cohort), "time": time, "asked": there[:-1][asked], "actual": actual, "expected": expected}
            parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def holdout_misses(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Forecast survival at the last held-out time of each cohort, beside the actual: one row per cohort and forecast.

    `in_use` marks the forecast of the model that is used for the cohort.

    Parameters
    ----------
    forecasts : of `survival_forecasts`

    Returns
    -------
    DataFrame
        cohort, forecast, in_use, time, actual, predicted, error (predicted / actual - 1; missing where nobody is left).

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import fit_cohorts, fits_in_use, survival_forecasts
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2, 3], "customers": [1000, 600, 450, 370]})
    >>> fits = fit_cohorts(table, periods=2, unit="year")
    >>> misses = holdout_misses(survival_forecasts(table, fits, fits_in_use(fits), periods=2))
    >>> misses[["forecast", "in_use", "actual", "error"]].round(3).to_dict("list")
    {'forecast': ['sBG', 'constant'], 'in_use': [True, False], 'actual': [0.37, 0.37], 'error': [-0.005, -0.236]}
    """
    last = forecasts[forecasts["held_out"]].groupby("cohort", sort=False).tail(1)
    rows = [
        {
            "cohort": row["cohort"],
            "forecast": name,
            "in_use": name == row["model"],
            "time": row["time"],
            "actual": row["actual"],
            "predicted": row[name],
            "error": row[name] / row["actual"] - 1 if row["actual"] else np.nan,
        }
        for _, row in last.iterrows()
        for name in (*MODELS, "constant")
        if np.isfinite(row[name])
    ]
    return pd.DataFrame(rows, columns=["cohort", "forecast", "in_use", "time", "actual", "predicted", "error"])


def worst_misses(misses: pd.DataFrame) -> dict[str, float]:
    """The largest relative miss over the cohorts of the `model` in use and of the `constant` rate, from `holdout_misses`.

    Raises
    ------
    TooLittle
        When nothing was held out, or nobody of a cohort was left at its end.

    Examples
    --------
    >>> import pandas as pd
    >>> misses = pd.DataFrame({"forecast": ["sBG", "constant"], "in_use": [True, False], "actual": 0.37, "error": [0.02, -0.24]})
    >>> worst_misses(misses)
    {'model': 0.02, 'constant': 0.24}
    """
    if misses.empty:
        raise TooLittle("The table ends with the fitted periods, so nothing was held out.")
    if not (misses["actual"] > 0).all():
        raise TooLittle("Nobody of a cohort was left at the end of the hold-out, so that no miss can be told in per cent.")
    size = misses["error"].abs()
    return {"model": float(size[misses["in_use"]].max()), "constant": float(size[misses["forecast"] == "constant"].max())}


def miss_difference(survival: pd.DataFrame, forecasts: pd.DataFrame, *, draws: int = 4000, seed: int = 1) -> Interval:
    """The largest miss of the model in use at the end of the hold-out minus that of one constant rate, with what chance leaves open (95 %).

    The customers who were there when the fits end are let decide again: of each cohort a binomial number is left at the end of the
    hold-out, with the share that was left. The forecasts stay as they are.

    Parameters
    ----------
    survival : DataFrame
        cohort, time and customers, the hold-out included.
    forecasts : of `survival_forecasts`
    draws, seed : of the customers who decide again

    Raises
    ------
    TooLittle
        As `worst_misses`.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import fit_cohorts, fits_in_use, survival_forecasts
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2, 3], "customers": [1000, 600, 450, 370]})
    >>> fits = fit_cohorts(table, periods=2, unit="year")
    >>> found = miss_difference(table, survival_forecasts(table, fits, fits_in_use(fits), periods=2))
    >>> found.upper < 0  # the model misses by less, by more than chance
    True
    """
    worst = worst_misses(holdout_misses(forecasts))
    rng = np.random.default_rng(seed)
    largest = {name: np.zeros(draws) for name in ("forecast", "constant")}
    for cohort, part in forecasts[forecasts["held_out"]].groupby("cohort", sort=False):
        table = survival[survival["cohort"].astype(str) == cohort].sort_values("time")
        size, left = table["customers"].iloc[0], table["customers"].iloc[-1]
        there = table.loc[table["time"] < part["time"].min(), "customers"].iloc[-1]
        # half a customer where nobody stays: a miss in per cent of nothing does not exist
        actual = np.maximum(rng.binomial(there, left / there, draws), 0.5) / size
        for name, misses in largest.items():
            np.maximum(misses, np.abs(part[name].iloc[-1] / actual - 1), out=misses)
    return quantile_interval(worst["model"] - worst["constant"], largest["forecast"] - largest["constant"], 0.95)


def retention_rises(rates: pd.DataFrame) -> pd.DataFrame:
    """By how much the last retention rate of each cohort exceeds its first, from `retention_rates`: estimate, lower, upper (95 %).

    >>> import pandas as pd
    >>> rates = pd.DataFrame({"cohort": "2020", "asked": [100.0, 60.0], "actual": [0.6, 0.75]})
    >>> retention_rises(rates).round(2).to_dict("index")
    {'2020': {'estimate': 0.15, 'lower': 0.0, 'upper': 0.3}}
    """
    ends = rates.groupby("cohort", sort=False).agg({"actual": ["first", "last"], "asked": ["first", "last"]})
    first, last = (ends["actual", at] for at in ("first", "last"))
    variance = first * (1 - first) / ends["asked", "first"] + last * (1 - last) / ends["asked", "last"]
    half = normal_quantile(0.95) * np.sqrt(variance)
    return pd.DataFrame({"estimate": last - first, "lower": last - first - half, "upper": last - first + half})


def contract_value(fit: Fit, rate_per_unit: float, margin: float, horizon: int, renewals: int = 5) -> pd.DataFrame:
    """What a contract is worth: rows with estimate, lower, upper (the uncertainty of the parameters).

    `tenure`: expected periods within `horizon`; `new`: discounted margin of a customer about to be won; `after k`: discounted margin to
    come of a customer who has renewed k times and now decides on the next; `rise`: the last of these less the first; `point k`: what one
    percentage point more of renewals at the k-th is worth per new customer.

    Parameters
    ----------
    fit : of a contract model
    rate_per_unit : continuous discount rate per contract period (`discount_rate_per_unit`)
    margin : per customer and period [currency]
    horizon : periods in which the tenure is counted
    renewals : for how many renewals the residual value is told

    Returns
    -------
    DataFrame
        The index names the rows above; `new`, `after k`, `rise` and `point k` are money, `tenure` is periods.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> fit = gw.ShiftedBetaGeo.fit(pd.DataFrame({"time": [0, 1, 2, 3], "customers": [1000, 600, 450, 370]}), unit="year")
    >>> found = contract_value(fit, gw.lifetime_value.discount_rate_per_unit(0.1, "year"), margin=100.0, horizon=5)
    >>> found.loc[["tenure", "new", "after 0", "after 4"]].round(1)
             estimate  lower  upper
    tenure        2.7    2.6    2.9
    new         360.6  331.3  393.9
    after 0     286.7  254.4  323.3
    after 4     604.9  533.5  679.3
    """
    wanted: dict[str, Any] = {
        "tenure": lambda m: m.expected_tenure(horizon),
        "new": lambda m: margin * m.discounted_expected_lifetime(rate_per_unit),
    }
    wanted |= {f"after {k}": partial(_residual, rate=rate_per_unit, margin=margin, k=k) for k in range(renewals)}
    wanted["rise"] = lambda m: _residual(m, rate_per_unit, margin, renewals - 1) - _residual(m, rate_per_unit, margin, 0)
    wanted |= {f"point {k}": partial(_point, rate=rate_per_unit, margin=margin, k=k) for k in (1, 2, 5)}
    rows = {name: fit.interval_of_mean(value) for name, value in wanted.items()}
    return pd.DataFrame.from_dict({name: interval._asdict() for name, interval in rows.items()}, orient="index")


def cohort_values(
    survival: pd.DataFrame, in_use: Mapping[str, tuple[str, Fit]], rate_per_unit: float, margin: float, horizon: int
) -> dict[str, pd.DataFrame]:
    """`contract_value` of every cohort, and of `all cohorts` together where there are several.

    All together are the cohorts weighted by their customers: those who started, and for `after k` those with k renewals (counted where
    the table says, expected where it does not). Their parameters are estimated apart, so that the distances of their estimates to the
    ends of their intervals add up in squares.

    Parameters
    ----------
    survival : DataFrame
        cohort, time and customers.
    in_use : of `fits_in_use`
    rate_per_unit : continuous discount rate per contract period (`discount_rate_per_unit`)
    margin : per customer and period [currency]
    horizon : periods in which the tenure is counted

    Returns
    -------
    dict of str to DataFrame
        By cohort, the rows of `contract_value`.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> table = pd.DataFrame({"cohort": ["2020"] * 3 + ["2021"] * 3, "time": [0, 1, 2] * 2, "customers": [1000, 600, 450, 800, 560, 460]})
    >>> in_use = gw.lifetime_value.fits_in_use(gw.lifetime_value.fit_cohorts(table, periods=2, unit="year"))
    >>> found = cohort_values(table, in_use, gw.lifetime_value.discount_rate_per_unit(0.1, "year"), margin=100.0, horizon=5)
    >>> {cohort: round(rows.loc["new", "estimate"]) for cohort, rows in found.items()}
    {'all cohorts': 414, '2020': 358, '2021': 483}
    """
    values = {cohort: contract_value(fit, rate_per_unit, margin, horizon) for cohort, (_, fit) in in_use.items()}
    if len(values) < 2:
        return values
    size = survival[survival["time"] == 0].set_index("cohort")["customers"]
    counted = survival.set_index(["cohort", "time"])["customers"]
    rows = {}
    for name in next(iter(values.values())).index:
        renewals = int(name.split()[1]) if name.startswith("after") else 0
        weights = np.array([_renewed(counted, size, cohort, fit, renewals) for cohort, (_, fit) in in_use.items()], float)
        share = weights / weights.sum()
        ends = np.array([table.loc[name].to_numpy(float) for table in values.values()])
        rows[name] = _together(share, *ends.T)
    whole = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "lower", "upper"])
    return {WHOLE: whole, **values}


def _renewed(counted: pd.Series, size: pd.Series, cohort: str, fit: Fit, renewals: int) -> float:
    known = counted.to_dict().get((cohort, renewals))
    return float(known) if known is not None else float(size[cohort] * fit.model.survival(renewals))


def _together(share: np.ndarray, estimate: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[float, float, float]:
    """A weighted mean of independent estimates, whose distances to their ends add up in squares."""
    mean = float(share @ estimate)
    return mean, mean - float(np.hypot.reduce(share * (estimate - lower))), mean + float(np.hypot.reduce(share * (upper - estimate)))


def _residual(model: Any, rate: float, margin: float, k: int) -> Any:
    return margin * model.discounted_expected_residual_lifetime(rate, k)


def _point(model: Any, rate: float, margin: float, k: int) -> Any:
    return margin * model.value_of_renewal_point(rate, k)


def range_of_share(fit: Fit, time: np.ndarray, seen: pd.DataFrame, draws: int = 2000) -> np.ndarray:
    """The central 95 % of the share of a cohort that is there at each time: parameters drawn, then the customers by chance.

    `seen` is the survival table up to the last renewal that the fit saw. Later shares start from the customers who were there then;
    earlier ones are what another cohort of this size would have shown.

    Parameters
    ----------
    fit : of a contract model
    time : array, shape (times,)
        In contract periods.
    seen : DataFrame
        time and customers.
    draws : of parameters and customers

    Returns
    -------
    array, shape (2, times)
        Lower and upper ends.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import ShiftedBetaGeo
    >>> table = pd.DataFrame({"time": [0, 1, 2], "customers": [1000, 600, 450]})
    >>> range_of_share(ShiftedBetaGeo.fit(table, "year"), np.array([1.0, 3.0]), table).round(2).tolist()  # lower and upper ends
    [[0.56, 0.34], [0.64, 0.39]]
    """
    last, size, there = float(seen["time"].iloc[-1]), float(seen["customers"].iloc[0]), float(seen["customers"].iloc[-1])
    model, rng = fit.prediction_draws(draws, seed=1), np.random.default_rng(1)
    later = time > last
    chance = np.clip(np.where(later, model.probability_alive_at(np.maximum(time - last, 0.0), last), model.survival(time)), 0, 1)
    shares = rng.binomial(np.where(later, round(there), round(size)), chance) / size
    return np.quantile(shares, [0.025, 0.975], axis=0)
