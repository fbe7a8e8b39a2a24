"""Do fits hold over a wide range of truths? (python -m benchmarks.robustness, some twenty minutes)

Data sets are drawn from each purchase model in turn: 20 to 20,000 customers, 4 weeks to 10 years, purchases merged by day, times in
days or weeks. Every fit is questioned (was there an exception, did anything run away unnoticed, does another start find more, does
the time unit change a forecast), and lifetimes answers some of the same questions on the same data. Writes results/robustness.txt.
"""

from __future__ import annotations

import argparse
import time
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.errors import FitError
from goodwill.inference.fit import SMALL_GRADIENT, Fit
from goodwill.inference.search import RUNAWAY, optimum
from goodwill.lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

MODELS = (gw.BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, BetaGeoBetaBinom)
PEERS = ("BetaGeoFitter", "ModifiedBetaGeoFitter", "ParetoNBDFitter", "BetaGeoBetaBinomFitter")
BETTER = 0.01  # of the log-likelihood, that another start may not find without a warning
SAME = 1e-6  # relative change of a forecast with the unit
RESULTS = Path(__file__).parent / "results" / "robustness.txt"


@dataclass(frozen=True)
class Case:
    """One data set with its truth; times in days (opportunities for BG/BB)."""

    number: int
    truth: Any
    rows: pd.DataFrame
    in_weeks: bool

    @property
    def units(self) -> tuple[float, ...]:
        """Lengths of the day in the units to compare, the data set's own first: days, weeks, months."""
        if isinstance(self.truth, BetaGeoBetaBinom):
            return (1.0,)
        days = (1 / 7, 1.0) if self.in_weeks else (1.0, 1 / 7)
        return (*days, 1 / 30.4375)

    def rows_in(self, length: float) -> pd.DataFrame:
        return self.rows.assign(recency=self.rows["recency"] * length, T=self.rows["T"] * length)


def draw_case(number: int, seed: int, most: int = 20_000) -> Case:
    """The truth and the data of one number; draws again while nobody came back, which no model accepts."""
    rng = np.random.default_rng([seed, number])
    kind = MODELS[number % len(MODELS)]
    while True:
        customers = int(_between(rng, 20, most))
        if kind is BetaGeoBetaBinom:
            length = float(rng.integers(3, 61))
            truth: Any = kind(*_beta(rng, _between(rng, 0.05, 0.9)), *_beta(rng, _between(rng, 0.01, 0.6)))
            T = length - rng.integers(0, int(length / 2) + 1, customers) * rng.integers(0, 2)
            rows = truth.simulate(T, seed=int(rng.integers(2**31)))
        else:
            length = np.floor(_between(rng, 28, 3650))
            r = _between(rng, 0.1, 5)
            alpha = r * length / _between(rng, 0.3, 50)
            s = _between(rng, 0.2, 5)
            dropout = (s, s * length * _between(rng, 0.1, 10)) if kind is ParetoNBD else _beta(rng, _between(rng, 0.01, 0.7))
            truth = kind(r, alpha, *dropout)
            T = length - np.floor(rng.random(customers) * length * rng.choice([0.0, 0.3, 0.9]))
            rows = merged_by_day(truth.simulate_purchases(T, seed=int(rng.integers(2**31))), T)
        if len(rows) > 1 and rows["frequency"].any():
            return Case(number, truth, rows[["frequency", "recency", "T"]], bool(rng.integers(2)))


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform on the log scale."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _beta(rng: np.random.Generator, mean: float) -> tuple[float, float]:
    size = _between(rng, 0.3, 10)
    return mean * size, (1 - mean) * size


def merged_by_day(log: pd.DataFrame, T: np.ndarray) -> pd.DataFrame:
    """As records have it: purchases on one day are one, those on the day of the first belong to the first."""
    log = log.assign(time=np.minimum(np.ceil(log["time"]), T[log["customer"]])).drop_duplicates()
    counts = log.groupby("customer")["time"].agg(["size", "max"]).reindex(range(len(T)), fill_value=0)
    return pd.DataFrame({"frequency": counts["size"].to_numpy(), "recency": counts["max"].to_numpy(float), "T": T})


def forecast(fit: Fit, rows: pd.DataFrame) -> np.ndarray:
    """Purchases of each customer in half the observed time again."""
    half = np.ceil(rows["T"].max() / 2) if isinstance(fit.model, BetaGeoBetaBinom) else rows["T"].max() / 2
    return fit.model.expected_purchases(half, *(rows[name].to_numpy() for name in ("frequency", "recency", "T")))


def question(case: Case) -> dict[str, Any]:
    """What there is to say about the fit of one data set; an exception is an answer too."""
    kind, rows = type(case.truth), case.rows_in(case.units[0])
    answer: dict[str, Any] = {"number": case.number, "model": kind.__name__, "customers": len(rows), "exception": ""}
    started = time.process_time()
    try:
        fit = kind.fit(rows)
        answer["seconds"] = time.process_time() - started
        answer |= {"converged": fit.converged, "warnings": "; ".join(fit.warnings), "log_likelihood": fit.log_likelihood}
        answer["runaway"] = not fit.warnings and not sound(fit)
        answer["other_start_finds"] = other_starts(fit, case) - fit.log_likelihood
        answer["unit_changes_forecast"] = unit_change(case, fit)
    except (FitError, ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        answer["exception"] = f"{type(error).__name__}: {error}"
    return answer


def sound(fit: Fit) -> bool:
    """No parameter beyond 1e4 times its scale, a small gradient, a curvature that is positive definite."""
    assert fit.problem is not None
    _, gradient = fit.problem.objective()(fit.parameters)
    assert gradient is not None
    steep = np.abs(gradient * fit.parameters).max() / fit.n > SMALL_GRADIENT
    away = np.abs(np.log(fit.parameters) - fit.problem.centre).max() > RUNAWAY
    return bool(not steep and not away and np.all(np.linalg.eigvalsh(fit.covariance) > 0) and np.isfinite(fit.covariance).all())


def other_starts(fit: Fit, case: Case) -> float:
    """The highest log-likelihood from the truth and from a point drawn at random."""
    assert fit.problem is not None
    scaled = [case.units[0] if name in fit.problem.scale else 1.0 for name in fit.names]
    truth = np.log([getattr(case.truth, name) * scale for name, scale in zip(fit.names, scaled, strict=True)])
    drawn = fit.problem.centre + np.random.default_rng(case.number).normal(0, 1.5, len(truth))
    value = fit.problem.objective()
    return max(value(np.exp(optimum(fit.problem, start=start)))[0] for start in (truth, drawn))


def unit_change(case: Case, fit: Fit) -> float:
    """Largest relative change of a forecast (of a customer, where it is not below a millionth of the mean, and of the total)."""
    own = forecast(fit, case.rows_in(case.units[0]))
    largest = 0.0
    for length in case.units[1:]:
        rows = case.rows_in(length)
        other = forecast(type(fit.model).fit(rows), rows)
        change = np.abs(other - own) / np.maximum(own, 1e-6 * own.mean())
        largest = max(largest, float(change.max()), float(abs(other.sum() / own.sum() - 1)))
    return largest


def question_lifetimes(case: Case) -> dict[str, Any]:
    """lifetimes on the same data: its exceptions, the log-likelihood of what it returns, and whether that is a runaway."""
    import lifetimes

    kind, rows = type(case.truth), case.rows_in(case.units[0])
    fitter = getattr(lifetimes, PEERS[MODELS.index(kind)])()
    columns = [rows[name] for name in ("frequency", "recency", "T")]
    if kind is BetaGeoBetaBinom:  # wants grouped rows
        grouped = rows.groupby(["frequency", "recency", "T"], as_index=False).size()
        columns = [grouped[name].astype(int) for name in ("frequency", "recency", "T")] + [grouped["size"]]
    answer: dict[str, Any] = {"lifetimes_exception": ""}
    started = time.process_time()
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):  # it prints what failed
            warnings.simplefilter("ignore")
            fitter.fit(*columns)
    except Exception as error:  # whatever it raises is the answer
        answer["lifetimes_exception"] = type(error).__name__
    answer["lifetimes_seconds"] = time.process_time() - started
    if not answer["lifetimes_exception"]:
        found = {name: float(value) for name, value in fitter.params_.items()}
        scale = rows["T"].max() / 10
        sizes = [found[name] / (scale if kind is not BetaGeoBetaBinom and name in ("alpha", "beta") else 1) for name in found]
        usable = all(np.isfinite(value) and value > 0 for value in found.values())
        answer["lifetimes_runaway"] = not usable or bool(np.abs(np.log(sizes)).max() > RUNAWAY)
        answer["lifetimes_log_likelihood"] = (
            float(kind(**found).log_likelihood(*(rows[name].to_numpy() for name in ("frequency", "recency", "T"))).sum())
            if usable
            else np.nan
        )
    return answer


def study(size: int, seed: int = 1, beside: bool = False, most: int = 20_000) -> pd.DataFrame:
    """One row per data set, of 20 to `most` customers."""
    answers = []
    for number in range(size):
        case = draw_case(number, seed, most)
        answers.append(question(case) | (question_lifetimes(case) if beside else {}))
    return pd.DataFrame(answers)


def faults(answers: pd.DataFrame) -> pd.DataFrame:
    """What may not happen: the first three without a warning, the last in any case."""
    silent = answers["warnings"] == ""
    wrong = {
        "exception": answers["exception"] != "",
        "runaway": answers["runaway"] == True,  # noqa: E712 (missing after an exception)
        "another start finds more": silent & (answers["other_start_finds"] > BETTER),
        "unit changes forecast": answers["unit_changes_forecast"] > SAME,
    }
    if "lifetimes_log_likelihood" in answers:
        wrong["lifetimes finds more"] = silent & (answers["lifetimes_log_likelihood"] - answers["log_likelihood"] > BETTER)
    return pd.DataFrame(wrong)


def summary(answers: pd.DataFrame) -> pd.DataFrame:
    """Counts per model."""
    table = faults(answers).assign(model=answers["model"])
    warned = answers["warnings"].fillna("") != ""
    table["data sets"] = 1
    table["converged without a warning"] = ~warned
    table["converged, parameters loose (warned)"] = warned & (answers["converged"] == True)  # noqa: E712
    table["ridge or runaway (warned)"] = warned & (answers["converged"] == False)  # noqa: E712
    table["another start finds more (warned)"] = (answers["other_start_finds"] > BETTER) & warned
    table["CPU seconds"] = answers["seconds"]
    if "lifetimes_exception" in answers:
        worse = answers["log_likelihood"] - answers["lifetimes_log_likelihood"] > BETTER
        table["lifetimes: exception"] = answers["lifetimes_exception"] != ""
        table["lifetimes: runaway, silent"] = answers["lifetimes_runaway"] == True  # noqa: E712
        table["lifetimes: lower by .01, silent"] = worse
        table["lifetimes: higher by .01 (warned here)"] = warned & (
            answers["lifetimes_log_likelihood"] - answers["log_likelihood"] > BETTER
        )
        table["lifetimes: CPU seconds"] = answers["lifetimes_seconds"]
    totals = table.groupby("model", sort=False).sum()
    totals.loc["total"] = totals.sum()
    counts = [name for name in totals if "seconds" not in name]
    return totals.astype(dict.fromkeys(counts, "object")).T


def report(answers: pd.DataFrame, seed: int) -> str:
    table = summary(answers)
    lines = [f"{len(answers)} simulated data sets (seed {seed}); see the docstring of benchmarks/robustness.py", ""]
    lines += [table.to_string(float_format=lambda value: f"{value:.0f}" if value == round(value) else f"{value:.1f}"), ""]
    wrong = answers[faults(answers).any(axis=1)]
    lines += ["Faults:" if len(wrong) else "No faults: none of the first rows of the table happened without a warning."]
    lines += [f"  {row.to_dict()}" for _, row in wrong.iterrows()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="without lifetimes")
    given = parser.parse_args()
    text = report(study(given.size, given.seed, beside=not given.alone), given.seed)
    print(text)
    if given.size >= 500:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
