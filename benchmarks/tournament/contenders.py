"""The forecasts that are made here: models of this library alone and stacked, the package lifetimes, and rules without a model."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks.tournament.data_sets import DataSet
from benchmarks.tournament.peers import bought, leave_task
from benchmarks.tournament.scores import Said
from goodwill.errors import FitError, TooLittle
from goodwill.inference.prediction import ask, interval_of_totals
from goodwill.inference.stacking import stacked_log_scores
from goodwill.lifetime_value.evidence.rivals import rule_forecasts
from goodwill.lifetime_value.evidence.rolling import fit_at, holdout_at
from goodwill.lifetime_value.evidence.stacking import STACKED, StackedModels, log_chances
from goodwill.lifetime_value.histories import history, spend_history
from goodwill.lifetime_value.richer.covariates import fit_with_covariates
from goodwill.lifetime_value.richer.model_of_log import model_for
from goodwill.lifetime_value.richer.regularity import choose_regularity, models_to_compare
from goodwill.lifetime_value.richer.season_estimates import YEARS
from goodwill.lifetime_value.richer.seasonal import in_season

SEED, DRAWS, REFITS = 1907, 300, 4  # refits where a fit lies on a ridge


def timed(what: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, float]:
    """The answer, and the processor's seconds that it took."""
    began = time.process_time()
    return what(*given, **options), time.process_time() - began


def answers(fit: Any, customers: pd.DataFrame, length: float) -> tuple[np.ndarray, tuple[float, float]]:
    """What a fit expects of each customer, and the 95 % interval of the total."""
    drawn = fit.prediction_draws(DRAWS, SEED, REFITS)
    asked = ask(None, customers[["frequency", "recency", "T"]], length, None)
    total = interval_of_totals(asked, fit.model, drawn, 0.95, SEED, known=fit.converged).loc["total"]
    return fit.model.expected_purchases(length, *history(customers)), (float(total["lower"]), float(total["upper"]))


def by_model(model: Any, summary: Any, customers: pd.DataFrame, each_time: Any) -> tuple[Any, Said]:
    """The fit of one model, and what it says."""
    length = float(customers["duration_holdout"].iloc[0])
    fit, spent = timed(fit_at, model, summary)
    (expected, ends), more = timed(answers, fit, customers, length)
    return fit, Said(expected, spent + more, log_chances(fit.model, customers, length)[1], ends, expected * each_time)


def by_models(summary: Any, customers: pd.DataFrame, stacked: StackedModels, each_time: Any) -> dict[str, Said]:
    """The single models, and all of them stacked, which takes as long as all together."""
    both = {name: by_model(model, summary, customers, each_time) for name, model in stacked.models.items()}
    said = {name: one for name, (_, one) in both.items()}
    length = float(customers["duration_holdout"].iloc[0])
    fit, learning = timed(stacked.weighed, {name: fit for name, (fit, _) in both.items()}, summary.calibration_end)
    (expected, ends), more = timed(answers, fit, customers, length)
    seen = np.column_stack([one.log_score for one in said.values()])
    spent = sum(one.seconds for one in said.values()) + learning + more
    stacked.add(summary.calibration_end, summary.end, customers["customer_id"], seen)
    return said | {STACKED: Said(expected, spent, stacked_log_scores(seen, fit.weights.to_numpy()), ends, expected * each_time)}


def richer(data: DataSet, summary: Any, customers: pd.DataFrame, regular: Any, each_time: Any) -> dict[str, Said]:
    """Models that know more, where the date tells it: the calendar of two years, who is older than the log, regular MBG/NBD buyers."""
    cut, found = summary.calibration_end, {}
    models: dict[str, Any] = {}
    if (cut - data.transactions.first).days >= YEARS:
        models |= {f"{name}, calendar": in_season(gw.PURCHASE_MODELS[name], ["weeks"]) for name in ("BG/NBD", "MBG/NBD")}
    apart = model_for(data.transactions, gw.BetaGeoNBD, end=cut)
    if apart is not gw.BetaGeoNBD:
        models["BG/NBD, older apart"] = apart
    if regular.k > 1:
        models[f"MBG/CNBD-{regular.k}"] = type(regular.fit.model)
    for name, model in models.items():
        with suppress(FitError, TooLittle):
            found[name] = by_model(model, summary, customers, each_time)[1]
    return found


def with_covariates(data: DataSet, summary: Any, customers: pd.DataFrame, each_time: Any) -> dict[str, Said]:
    """BG/NBD with what is told of customers, where it is."""
    if data.told is None:
        return {}
    length, y = float(customers["duration_holdout"].iloc[0]), customers["frequency_holdout"].to_numpy(float)
    fit, spent = timed(fit_with_covariates, summary, data.told)
    interval, more = timed(fit.total_interval, length, draws=DRAWS, seed=SEED, refits=REFITS)
    chance = fit.ask(lambda model, n, *known: model.probability_of_future_purchases(n, length, *known), y, *fit.told.history)
    expected, scores = fit.expected_purchases(length), np.log(np.maximum(chance, 1e-300))
    return {"BG/NBD, told": Said(expected, spent + more, scores, (interval.lower, interval.upper), expected * each_time)}


def by_lifetimes(summary: Any, customers: pd.DataFrame, each_time: Any) -> dict[str, Said]:
    """BG/NBD as lifetimes fits it; nothing where it finds no fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes

        rows, length = summary.purchase_rows(), float(customers["duration_holdout"].iloc[0])
        columns = [rows[name] for name in ("frequency", "recency", "T")]
        try:
            fitted, spent = timed(lifetimes.BetaGeoFitter().fit, *columns, weights=rows["weight"])
        except lifetimes.utils.ConvergenceError:
            return {}
    model = gw.lifetime_value.from_lifetimes(fitted, summary.unit)
    expected = model.expected_purchases(length, *history(customers))
    return {"lifetimes BG/NBD": Said(expected, spent, log_chances(model, customers, length)[1], None, expected * each_time)}


def by_rules(data: DataSet, summary: Any, customers: pd.DataFrame, log: pd.DataFrame, mean: Any) -> dict[str, Said]:
    """Rules without a model: those of the library, and what was bought in a window of the same length just before, or a year before."""
    cut, days = summary.calibration_end, round(data.horizon * 7)
    rules, spent = timed(rule_forecasts, data.transactions, summary)
    last = bought(log, customers, cut - timedelta(days=days), cut)
    rules |= {"last window": last, "mean of last window": np.full(len(customers), last.mean()), "nobody buys": np.zeros(len(customers))}
    if cut - timedelta(days=364) >= data.transactions.first:
        year = cut - timedelta(days=364)
        rules["a year ago"] = bought(log, customers, year, year + timedelta(days=days))
    return {name: Said(expected, spent / len(rules), money=expected * mean) for name, expected in rules.items()}


class Date:
    """What is known, and what came, of a data set at one of its dates."""

    def __init__(self, data: DataSet, number: int) -> None:
        self.number, self.cut = number, data.cuts[number]
        self.summary = holdout_at(data.transactions, self.cut, data.horizon)
        self.customers = self.summary.to_pandas()
        self.mean = self.customers["monetary_value"].fillna(0.0).clip(lower=0).to_numpy(float)
        paying = self.customers[(self.customers["frequency"] > 0) & (self.customers["monetary_value"] > 0)]
        spend = gw.GammaGamma.fit(paying).model
        self.each_time = spend.expected_spend(*spend_history(self.customers, spend))
        self.came, self.spent = (self.customers[name].fillna(0.0).to_numpy(float) for name in ("frequency_holdout", "spend_holdout"))


def entered(data: DataSet, folder: str) -> Iterator[tuple[Date, dict[str, Said], dict[str, Any]]]:
    """Each date of a data set, what all forecasts made here say on it, and what is told of it; what peers need is left in the folder."""
    log = data.transactions.to_pandas()
    log = log.assign(date=pd.to_datetime(log["date"]).dt.normalize(), amount=log["amount"].astype(float))
    log = log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    log["repeat"] = log["date"] > log.groupby("customer_id")["date"].transform("min")
    stacked: Any = None
    for number in range(len(data.cuts)):
        now = Date(data, number)
        summary, customers = now.summary, now.customers
        if stacked is None:
            regular = choose_regularity(summary)
            stacked = StackedModels(models_to_compare(gw.PURCHASE_MODELS, regular))
            regular = choose_regularity(summary, leave_at_first=True) if regular.k > 1 else regular
        said = by_models(summary, customers, stacked, now.each_time) | richer(data, summary, customers, regular, now.each_time)
        said |= with_covariates(data, summary, customers, now.each_time) | by_lifetimes(summary, customers, now.each_time)
        said |= by_rules(data, summary, customers, log, now.mean)
        weights, dates = stacked.weights_on(now.cut)
        known = {"set": data.name, "family": data.family, "kind": data.kind, "cut": now.cut, "customers": len(customers), "dates": dates}
        known |= {"days": round(data.horizon * 7), "weights": " ".join(f"{name} {weight:.2f}" for name, weight in weights.items())}
        leave_task(folder, number, now.cut, data.horizon, customers, log)
        yield now, said, known
