"""Which purchase model foretells best, and is it better than a rule that costs nothing? Judged from several dates of the same data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import PurchaseSummary
from goodwill.data.tables import Transactions
from goodwill.inference.fit import Fit
from goodwill.inference.stacking import stacked_log_scores
from goodwill.inference.uncertainty import normal_quantile
from goodwill.inference.validation import holdout_errors, naive_forecasts
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.checks import track_purchases
from goodwill.lifetime_value.evidence.rolling import automatic_rolling_horizon, disjoint_holdouts, fit_at, holdout_at, rolling_cuts
from goodwill.lifetime_value.evidence.stacking import STACKED, StackedModels, log_chances
from goodwill.lifetime_value.histories import history
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.shown import Shown

FloatArray = NDArray[np.float64]

PURCHASE_MODELS: Mapping[str, Any] = {"BG/NBD": BetaGeoNBD, "MBG/NBD": ModifiedBetaGeoNBD, "Pareto/NBD": ParetoNBD}
# By customer; what of it is better, more (+1) or less (-1).
MEASURES = {"log_score": 1, "MAE": -1, "RMSE": -1, "active_correct": 1}


@dataclass(frozen=True, repr=False)
class ModelComparison(Shown):
    """What `compare_purchase_models` found.

    Attributes
    ----------
    table : DataFrame
        One row per forecast, models first, the best log score at the top, then all of them stacked: log_score (mean log-probability of
        what each customer bought; missing for rules, which give no probabilities), MAE, RMSE, bias (of the total, as a share of what
        came), active_correct (share of customers of whom it was rightly said whether they buy at all), each with `_lower` and `_upper`:
        intervals over customers, a customer's cuts kept together; calibration (purchases expected of the wrong tenth of customers, as a
        share of all, see Notes of `compare_purchase_models`); lowest_bias and highest_bias over the cuts.
    by_cut : DataFrame
        One row per cut and forecast: customers, what `holdout_errors` gives, log_score, active_correct, calibration, and warnings.
    differences : DataFrame
        How much better `forecast` is than `against`, positive always being better: the best model by log score against everything else,
        and every other model, and all stacked, against the best rule. Columns forecast, against, measure, gain with lower and upper (over
        customers, paired), cuts, cuts_better, and cuts_lower, cuts_upper: the interval over cuts, counting only as many as have hold-outs
        without overlap (missing below three). The intervals hold for all pairs of a model with another forecast at once (Bonferroni),
        since the best ones are picked where they are judged.
    hiatus : Series
        The limit of the hiatus rule learned at each cut, in units.
    models : tuple of str
        Names of the single models; all other forecasts but `stacked` are rules.
    weights : DataFrame
        What each model counted in the stacked forecast: a row per cut, as known then, and one at the end, with the date of its last day
        (that of the forecast after the data); columns by model, and dates (of which hold-outs the weights were learned). Empty where one
        model stands alone.
    stacked : StackedModels or None
        That has seen all hold-outs, to forecast with.
    disjoint : int
        Hold-outs that do not overlap.
    horizon, unit, level : as given

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> found = gw.lifetime_value.compare_purchase_models(log, [gw.BetaGeoNBD], cuts=["1997-09-30"])
    >>> found.best, found.best_rule, found.table["MAE"].round(2).to_dict()
    ('BG/NBD', 'hiatus', {'BG/NBD': 0.79, 'same rate': 1.02, 'same number': 0.9, 'hiatus': 0.76, 'nobody buys': 0.8})
    """

    table: pd.DataFrame
    by_cut: pd.DataFrame
    differences: pd.DataFrame
    hiatus: pd.Series
    models: tuple[str, ...]
    disjoint: int
    horizon: float
    unit: str
    level: float
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    stacked: StackedModels | None = None

    @property
    def forecast(self) -> str:
        """The name of the forecast to go by: all models stacked, or the model that stands alone."""
        return STACKED if STACKED in self.table.index else self.best

    def in_use(self, models: Mapping[str, Any]) -> Any:
        """What forecasts under that name: the stacked models, or of those compared the one that stands alone."""
        return models[self.best] if self.stacked is None else self.stacked

    @property
    def best(self) -> str:
        """The model with the highest log score."""
        return str(self.table.index[0])

    @property
    def best_rule(self) -> str:
        """The rule with the least mean absolute error."""
        return str(self.table.drop(index=[*self.models, STACKED], errors="ignore")["MAE"].idxmin())

    @property
    def next_model(self) -> str | None:
        """The model with the next log score; None where one model stands alone."""
        return str(self.table.index[1]) if len(self.models) > 1 else None

    def lead(self, measure: str, against: str, forecast: str | None = None) -> pd.Series:
        """The row of `differences` of a forecast (by default the best model) over another."""
        rows = self.differences
        found = rows[(rows["forecast"] == (forecast or self.best)) & (rows["against"] == against) & (rows["measure"] == measure)]
        return found.iloc[0]

    def best_rival(self, measure: str) -> pd.Series:
        """The row of `differences` of the best model over the rule that is best in a measure."""
        rules = self.differences[(self.differences["forecast"] == self.best) & (self.differences["measure"] == measure)]
        rules = rules[~rules["against"].isin([*self.models, STACKED])]
        return rules.sort_values("gain").iloc[0]


def compare_purchase_models(
    transactions: Transactions,
    models: Mapping[str, Any] | Sequence[Any] = tuple(PURCHASE_MODELS.values()),
    *,
    cuts: int | list[date] | list[str] = 6,
    horizon: float | None = None,
    unit: str = "week",
    grain: str = "day",
    level: float = 0.95,
    seed: int = 1,
) -> ModelComparison:
    """Fit models at several dates, and judge what they foretold of the time after each, beside rules without a model.

    Parameters
    ----------
    transactions : Transactions
    models : classes that meet `PurchaseModel`, or a mapping of names to such classes
    cuts : how many dates (evenly over the data), or the dates themselves
    horizon : length of each hold-out, in units; by default a quarter of the observed time, or, where dates are given, what follows the
        last of them
    unit, grain : as in `summarize_purchases`
    seed : of the draws that stand in for a missing `probability_of_future_purchases`, and of the bootstrap behind the weights

    Notes
    -----
    Two models or more are also *stacked*: a mixture whose weights are learned at each date from the hold-outs of earlier dates that were
    over by then (`StackedModels`), and are equal where none was.

    The rules: *same number* (as many as before), *same rate* (frequency / T goes on), *hiatus* (who bought within the last c units goes on
    at the same rate, the others have left; c is learned inside the calibration, where it tells best who buys in its last part; after
    Wuebben & von Wangenheim 2008, Journal of Marketing 72(3)), and *nobody buys*, which is hard to beat by absolute errors when most
    customers buy nothing, since these reward the median, not the mean.

    The log score is that of the fitted parameters, from the exact probability where the model has one, else from 1,000 to 21,000 draws
    with half a case added, which spares a model that called nearly impossible what happened (on CDNOW by .003). Calibration: customers
    are sorted by forecast into at most ten classes of equal forecasts or size; what is summed is the absolute difference of expected and
    actual purchases of the classes. Chance alone keeps it above zero.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> from goodwill.lifetime_value import BetaGeoNBD
    >>> found = compare_purchase_models(read_transactions("cdnow_sample"), [BetaGeoNBD], cuts=["1997-09-30"])
    >>> found.by_cut[["forecast", "total", "MAE"]].round(3).head(2).to_numpy().tolist()
    [['BG/NBD', 1653.409, 0.785], ['same rate', 2930.101, 1.024]]
    """
    named = dict(models) if isinstance(models, Mapping) else {model_name(model): model for model in models}
    dates, ahead = _dates(transactions, cuts, horizon, unit)
    stacked = StackedModels(named, seed) if len(named) > 1 else None
    long, by_cut, limits, weights = [], [], {}, []
    for cut in dates:
        summary = holdout_at(transactions, cut, ahead, unit, grain)
        customers = summary.to_pandas()
        length = float(customers["duration_holdout"].iloc[0])
        limits[pd.Timestamp(cut)] = limit = learned_hiatus(transactions, cut, ahead, unit, grain)
        forecasts = {name: _forecast(fit_at(model, summary), customers, length, seed) for name, model in named.items()}
        if stacked is not None:
            weights.append(stacked.weights_on(cut))
            forecasts[STACKED] = _mixture(forecasts, weights[-1][0])
            seen = np.column_stack([forecasts[name].log_score for name in named])
            stacked.add(cut, summary.end, customers["customer_id"], seen)
        forecasts |= _rules(customers, length, limit)
        part, rows = _scores(customers, forecasts)
        long.append(part)
        by_cut.append(rows.assign(cut=pd.Timestamp(cut), customers=len(customers)))
    scores, each = pd.concat(long, ignore_index=True), pd.concat(by_cut, ignore_index=True)
    each = each[["cut", "forecast", "customers", *[c for c in each if c not in ("cut", "forecast", "customers")]]]
    table = _table(scores, each, list(named), level)
    disjoint = disjoint_holdouts(dates, ahead, unit)
    differences = _differences(scores, each, table, list(named), disjoint, level)
    limit_at = pd.Series(limits, name="limit")
    weighed = _weights(stacked, [*dates, transactions.last], weights)
    return ModelComparison(table, each, differences, limit_at, tuple(named), disjoint, ahead, unit, level, weighed, stacked)


def learned_hiatus(transactions: Transactions, cut: date, horizon: float, unit: str = "week", grain: str = "day") -> float:
    """The limit c of "who bought within the last c units will buy again", learned before the cut: where it is right most often.

    The calibration is cut once more, `horizon` before its end (or in its middle, where it is shorter than two horizons). Minus one when
    it is best to call everybody gone.

    Parameters
    ----------
    transactions : Transactions
    cut : the last day of the calibration
    horizon : how far ahead it is asked who buys, in units
    unit, grain : as in `summarize_purchases`

    Returns
    -------
    float
        In units.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> round(learned_hiatus(gw.read_transactions("cdnow_sample"), date(1997, 9, 30), horizon=13), 2)  # weeks
    4.14
    """
    days = min(round(horizon * DAYS_PER_UNIT[unit]), (cut - transactions.first).days // 2)
    inner = holdout_at(transactions, cut - timedelta(days=days), days / DAYS_PER_UNIT[unit], unit, grain).to_pandas()
    hiatus = (inner["T"] - inner["recency"]).to_numpy(float)
    bought = inner["frequency_holdout"].to_numpy() > 0
    order = np.argsort(hiatus, kind="stable")
    right = (~bought).sum() + np.cumsum(np.where(bought[order], 1, -1))  # with all up to here called active
    last = np.append(np.diff(hiatus[order]) > 0, True)  # customers with the same hiatus go together
    best = int(np.argmax(np.where(last, right, -1)))
    return float(hiatus[order][best]) if right[best] > (~bought).sum() else -1.0


def holdout_views(fits: Mapping[str, Fit], summary: PurchaseSummary) -> pd.DataFrame:
    """The error of the total, as a share of what came, in the three ways in which it is told.

    Parameters
    ----------
    fits : mapping of name to Fit
        Of purchase models, to the calibration.
    summary : PurchaseSummary
        With a hold-out.

    Returns
    -------
    DataFrame, one row per fit
        cumulative: all repeat purchases since the first date of the data, the calibration included: the view of Fader, Hardie & Lee
        (2005), whose 2 % (Pareto/NBD) and 4 % (BG/NBD) it gives on CDNOW; holdout_new: the hold-out alone, as expected from the dates
        of first purchase only; holdout: the hold-out alone, given each customer's history: the forecast that one would have made.

    Examples
    --------
    The 4 % of BG/NBD in the paper of 2005 include the calibration; what was foretold of the hold-out misses by more:

    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30")
    >>> holdout_views({"BG/NBD": gw.BetaGeoNBD.fit(summary)}, summary).round(2).T["BG/NBD"].to_dict()
    {'cumulative': -0.04, 'holdout_new': -0.11, 'holdout': -0.12}
    """
    customers = summary.to_pandas()
    length, actual = float(customers["duration_holdout"].iloc[0]), float(customers["frequency_holdout"].sum())
    rows = {}
    for name, fit in fits.items():
        periods = track_purchases(fit.model, summary)
        held = periods[pd.to_datetime(periods["end"]) > pd.Timestamp(str(summary.calibration_end))]
        rows[name] = {
            "cumulative": periods["expected"].sum() / periods["repeat_purchases"].sum() - 1,
            "holdout_new": held["expected"].sum() / held["repeat_purchases"].sum() - 1,
            "holdout": fit.model.expected_purchases(length, *history(customers)).sum() / actual - 1,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


@dataclass(frozen=True)
class _Forecast:
    expected: FloatArray
    active: NDArray[np.bool_]
    log_score: FloatArray
    warnings: str = ""
    none: FloatArray | None = None  # the probability of no purchase


def model_name(model: Any) -> str:
    """What a purchase model is called: its name in `PURCHASE_MODELS`, or that of its class."""
    return next((name for name, known in PURCHASE_MODELS.items() if known is model), model.__name__)


def _dates(transactions: Transactions, cuts: Any, horizon: float | None, unit: str) -> tuple[list[date], float]:
    if isinstance(cuts, int):
        ahead = horizon or automatic_rolling_horizon(transactions, unit)
        return rolling_cuts(transactions, cuts, ahead, unit), ahead
    dates = sorted(pd.Timestamp(cut).date() for cut in cuts)
    return dates, horizon or (transactions.last - dates[-1]).days / DAYS_PER_UNIT[unit]


def _forecast(fit: Fit, customers: pd.DataFrame, horizon: float, seed: int) -> _Forecast:
    """What a fitted model says of each customer: the mean, whether they buy at all, and the log-probability of what they bought."""
    none, score = log_chances(fit.model, customers, horizon, seed)
    expected = fit.model.expected_purchases(horizon, *history(customers))
    return _Forecast(expected, none < 0.5, score, "; ".join(fit.warnings), none)


def _mixture(forecasts: Mapping[str, _Forecast], weights: pd.Series) -> _Forecast:
    """What the models say together, by their weights."""
    each, w = list(forecasts.values()), weights.to_numpy(float)
    expected = np.column_stack([f.expected for f in each]) @ w
    none = np.column_stack([f.none for f in each if f.none is not None]) @ w
    score = stacked_log_scores(np.column_stack([f.log_score for f in each]), w)
    warnings = "; ".join(f"{name}: {f.warnings}" for name, f in forecasts.items() if f.warnings)
    return _Forecast(expected, none < 0.5, score, warnings, none)


def _weights(stacked: StackedModels | None, days: list[date], known: list[tuple[pd.Series, int]]) -> pd.DataFrame:
    """The weights as they were known on each date, and on the last day."""
    if stacked is None:
        return pd.DataFrame()
    rows = [*known, stacked.weights_on(days[-1])]
    index = pd.Index(pd.to_datetime(days), name="cut")
    return pd.DataFrame([{**weights.to_dict(), "dates": dates} for weights, dates in rows], index=index)


def _rules(customers: pd.DataFrame, horizon: float, limit: float) -> dict[str, _Forecast]:
    naive = naive_forecasts(customers, horizon)
    recent = (customers["T"] - customers["recency"]).to_numpy(float) <= limit
    unknown = np.full(len(customers), np.nan)
    rules = {name: _Forecast(expected, np.round(expected) > 0, unknown) for name, expected in naive.items()}
    rules["hiatus"] = _Forecast(np.where(recent, naive["same rate"], 0.0), recent, unknown)
    rules["nobody buys"] = _Forecast(np.zeros(len(customers)), np.zeros(len(customers), bool), unknown)
    return rules


def _scores(customers: pd.DataFrame, forecasts: dict[str, _Forecast]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of every customer, in long form, and their summary at this cut."""
    y = customers["frequency_holdout"].to_numpy(float)
    parts, errors = [], holdout_errors(y, {name: f.expected for name, f in forecasts.items()})
    for name, f in forecasts.items():
        columns = {"log_score": f.log_score, "MAE": np.abs(f.expected - y), "RMSE": (f.expected - y) ** 2}
        columns |= {"active_correct": (f.active == (y > 0)).astype(float), "expected": f.expected, "actual": y}
        parts.append(pd.DataFrame({"forecast": name, "customer_id": customers["customer_id"].to_numpy(), **columns}))
        errors.loc[name, "log_score"] = f.log_score.mean()
        errors.loc[name, "active_correct"] = columns["active_correct"].mean()
        errors.loc[name, "calibration"] = _misplaced(f.expected, y)
    errors["warnings"] = [f.warnings for f in forecasts.values()]
    return pd.concat(parts, ignore_index=True), errors.rename_axis("forecast").reset_index()


def _misplaced(expected: FloatArray, y: FloatArray) -> float:
    edges = np.unique(np.quantile(expected, np.linspace(0, 1, 11)[1:-1]))
    at = np.searchsorted(edges, expected, side="right")
    return float(np.abs(np.bincount(at, expected) - np.bincount(at, y)).sum() / y.sum()) if y.sum() else np.nan


def _clustered(values: FloatArray, customer: NDArray, level: float) -> tuple[float, float, float]:
    """Mean and its interval, all rows of a customer taken together (a ratio of sums over customers)."""
    total, size = np.bincount(customer, values), np.bincount(customer)
    mean, n = total.sum() / size.sum(), np.count_nonzero(size)
    half = normal_quantile(level) * np.sqrt(((total - mean * size) ** 2).sum() * n / max(n - 1, 1)) / size.sum()
    return mean, mean - half, mean + half


def _table(scores: pd.DataFrame, by_cut: pd.DataFrame, models: list[str], level: float) -> pd.DataFrame:
    rows = {}
    for name in scores["forecast"].unique():
        part = scores[scores["forecast"] == name]
        customer = pd.factorize(part["customer_id"])[0]
        row: dict[str, float] = {}
        for measure in MEASURES:
            found = np.array(_clustered(part[measure].to_numpy(), customer, level))
            found = np.sqrt(np.maximum(found, 0)) if measure == "RMSE" else found
            row |= dict(zip((measure, f"{measure}_lower", f"{measure}_upper"), found.tolist(), strict=True))
        came = part["actual"].sum()
        ratio = part["expected"].sum() / came if came else np.nan
        off = part["expected"].to_numpy() - ratio * part["actual"].to_numpy()
        told = came and part["expected"].any()  # that nobody buys is off by all that came, with certainty
        _, low, high = np.array(_clustered(off, customer, level)) * len(part) / came if told else (np.nan, np.nan, np.nan)
        row |= {"bias": ratio - 1, "bias_lower": ratio - 1 + low, "bias_upper": ratio - 1 + high}
        own = by_cut[by_cut["forecast"] == name]
        row |= {"lowest_bias": own["bias"].min(), "highest_bias": own["bias"].max(), "calibration": own["calibration"].mean()}
        rows[name] = row
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("forecast")
    order = table.loc[models, "log_score"].sort_values(ascending=False).index.to_list()
    order += [STACKED] if STACKED in table.index else []
    return table.loc[order + table.index.drop(order).to_list()]


def _differences(
    scores: pd.DataFrame, by_cut: pd.DataFrame, table: pd.DataFrame, models: list[str], disjoint: int, level: float
) -> pd.DataFrame:
    """The model at the top against everything else, and every other model and all stacked against the best rule by each measure."""
    models = [name for name in table.index if name in (*models, STACKED)]
    rules, top = table.index.drop(models), table.index[0]
    rows = []
    for measure, sign in MEASURES.items():
        pairs = [(top, name) for name in table.index if name != top and not np.isnan(table.loc[name, measure])]
        if not table.loc[rules, measure].isna().all():
            best = (sign * table.loc[rules, measure]).idxmax()
            pairs += [(name, best) for name in models if name != top]
        each = 1 - (1 - level) / _rivalries(table[measure], models)
        for name, against in pairs:
            first, second = (scores[scores["forecast"] == f].reset_index(drop=True) for f in (name, against))
            gain = sign * (first[measure] - second[measure]).to_numpy()
            mean, low, high = _clustered(gain, pd.factorize(first["customer_id"])[0], each)
            shown = by_cut.pivot(index="cut", columns="forecast", values=measure) ** (2 if measure == "RMSE" else 1)
            steps = sign * (shown[name] - shown[against]).to_numpy()
            ends = _over_cuts(steps, disjoint, each)
            rows.append((name, against, measure, mean, low, high, len(steps), int((steps > 0).sum()), *ends))
    names = ["forecast", "against", "measure", "gain", "lower", "upper", "cuts", "cuts_better", "cuts_lower", "cuts_upper"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(measure=table["measure"].replace("RMSE", "MSE"))


def _rivalries(measured: pd.Series, models: list[str]) -> int:
    """Pairs of a model with another forecast that can be compared in a measure."""
    m, others = len(models), int(measured.drop(models).notna().sum())
    return max(m * (m - 1) // 2 + m * others, 1)


def _over_cuts(steps: FloatArray, disjoint: int, level: float) -> tuple[float, float]:
    from scipy.special import stdtrit

    if disjoint < 3:
        return np.nan, np.nan
    half = stdtrit(disjoint - 1, 0.5 + level / 2) * steps.std(ddof=1) / np.sqrt(disjoint)
    return steps.mean() - half, steps.mean() + half
