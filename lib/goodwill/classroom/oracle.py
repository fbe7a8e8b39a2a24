"""What the best answers to a student's task are, on her own company: by the true models, from the same records."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats

from goodwill.classroom.students import AHEAD, HORIZON, MARGIN, NOTHING, STRATEGIES, VISIT_GAIN, WEEKS, StudentCompany, extra_spend
from goodwill.errors import FitError, GoodwillError
from goodwill.inference.fit import Fit
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.gamma_gamma import GammaGamma

DRAWS, SEED = 2_000, 1
FORECASTS = ("orders", "spend", "buyers")
PARAMETERS = ("purchase_rate", "mean_spend", "complaints_per_order", "satisfied_share", "top_answers", "voucher_effect", "call_effect")


@dataclass(frozen=True)
class Known:
    """A true number, and the standard error with which records like these tell it."""

    truth: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class Oracle:
    """The best answers to one student's task.

    Attributes
    ----------
    values : expected spend of each customer in 52 weeks; index customer_id
    visit_gains : money that a visit to each customer brings beyond its cost
    futures : by forecast, draws of what comes in 26 weeks under the true models
    strategy_gains : money that a strategy for a segment brings beyond its cost; index segment, columns nothing, voucher, call
    parameters : truth and standard error by name

    Examples
    --------
    >>> from goodwill.classroom import oracle_of, student_company
    >>> oracle = oracle_of(student_company(b"secret", "Ann", customers=60, tried=100))
    >>> len(oracle.values), list(oracle.futures), oracle.strategy_gains.columns.tolist()
    (60, ['orders', 'spend', 'buyers'], ['nothing', 'voucher', 'call'])
    """

    values: pd.Series
    visit_gains: pd.Series
    futures: dict[str, FloatArray]
    strategy_gains: pd.DataFrame
    parameters: dict[str, Known]


def oracle_of(student: StudentCompany) -> Oracle:
    """The oracle of a student's company.

    Examples
    --------
    >>> from goodwill.classroom import student_company
    >>> oracle = oracle_of(student_company(b"secret", "Ann", customers=60, tried=100))
    >>> list(oracle.parameters)[:3], bool(oracle.parameters["mean_spend"].standard_error > 0)
    (['purchase_rate', 'mean_spend', 'complaints_per_order'], True)
    """
    values = pd.Series(student.expected_spend(AHEAD), index=student.history.index)
    return Oracle(
        values=values,
        visit_gains=VISIT_GAIN * MARGIN * values - student.visit_cost,
        futures=_futures(student),
        strategy_gains=_strategy_gains(student),
        parameters=_parameters(student),
    )


def _futures(student: StudentCompany) -> dict[str, FloatArray]:
    seen, rng = student.history, np.random.default_rng(SEED)
    wide = [np.broadcast_to(seen[name].to_numpy(), (DRAWS, len(seen))) for name in ("frequency", "recency", "T")]
    bought = student.purchases.draw_purchases(HORIZON, *wide, rng)
    spent = student.spend.draw_spend(bought, seen["amounts"].to_numpy(), seen["mean_amount"].to_numpy(), rng)
    totals = {"orders": bought.sum(axis=1), "spend": spent.sum(axis=1), "buyers": (bought > 0).sum(axis=1)}
    return {name: np.asarray(total, float) for name, total in totals.items()}


def _strategy_gains(student: StudentCompany) -> pd.DataFrame:
    segments, m = student.segments, student.mechanism
    gains = pd.DataFrame({NOTHING: 0.0}, index=pd.Index([name for name, _ in m.segments], name="segment"))
    for strategy in m.strategies:
        net = MARGIN * extra_spend(student.company, WEEKS, strategy.rate) - strategy.cost
        gains[strategy.name] = net.groupby(segments).sum().reindex(gains.index)
    return gains


def _parameters(student: StudentCompany) -> dict[str, Known]:
    m, complaints = student.mechanism, len(student.company.complaints)
    orders, satisfied = len(student.company.transactions), m.outcome_shares[0]
    complained, answered = m.problem_chance * m.voice, len(student.company.survey)
    top = _top_answers(student)
    return {
        "purchase_rate": Known(m.r / m.alpha, _error_of_rate(student)),
        "mean_spend": Known(m.p * m.gamma / (m.q - 1), _error_of_spend(student)),
        "complaints_per_order": Known(complained, sqrt(complained * (1 - complained) / orders)),
        "satisfied_share": Known(satisfied, sqrt(satisfied * (1 - satisfied) / max(complaints, 1))),
        "top_answers": Known(top, sqrt(top * (1 - top) / max(answered, 1))),
        **{f"{name}_effect": _effect(student, name) for name in STRATEGIES},
    }


def _top_answers(student: StudentCompany) -> float:
    """Chance of one of the two best answers: satisfaction is normal, and is rounded to the points of the scale."""
    m = student.mechanism
    border = (m.points - 1.5 - 1) / (m.points - 1)
    return float(stats.norm.sf((border - m.answer_centre) / m.answer_spread))


def _usable(fit: Fit, again: object) -> Fit:
    """The fit, or where it stands on a ridge the same with a weak prior, whose errors exist."""
    return fit if fit.converged else again()  # type: ignore[operator]


def _error_of_rate(student: StudentCompany) -> float:
    kind, seen = type(student.purchases), student.history
    fit = _usable(kind.fit(seen), lambda: kind.fit(seen, prior=1.5))
    r, alpha = fit.names.index("r"), fit.names.index("alpha")
    variance = fit.covariance[r, r] + fit.covariance[alpha, alpha] - 2 * fit.covariance[r, alpha]
    return student.mechanism.r / student.mechanism.alpha * sqrt(variance)


def _error_of_spend(student: StudentCompany) -> float:
    """Of the mean of customers' mean amounts, from repeat purchases alone, as most do; the robust width of draws that have a mean."""
    orders = student.company.transactions.sort_values(["customer_id", "order_id"])
    repeats = orders[orders.duplicated("customer_id")].groupby("customer_id")["amount"].agg(["size", "mean"])
    rows = repeats.set_axis(["frequency", "monetary_value"], axis=1)
    try:
        fit = _usable(GammaGamma.fit(rows), lambda: GammaGamma.fit(rows, prior=1.5))
        drawn = fit.draws(2_000, SEED)
    except (FitError, GoodwillError):
        return float(repeats["mean"].std() / sqrt(len(repeats)))
    low, high = np.quantile(np.where(drawn.q > 1, drawn.p * drawn.gamma / np.maximum(drawn.q - 1, 1e-9), np.inf), [0.1587, 0.8413])
    return float((high - low) / 2)


def _effect(student: StudentCompany, name: str) -> Known:
    """Of a strategy on the spend of a customer of the sister region within the trial, the mean of all."""
    strategy = next(each for each in student.mechanism.strategies if each.name == name)
    truth = float(extra_spend(student.sister, student.mechanism.trial_week, strategy.rate).mean())
    outcome = student.sister.experiment.groupby("arm")["outcome"].agg(["var", "size"])
    variance = (outcome["var"] / outcome["size"])[[name, "do_nothing"]].sum()
    return Known(truth, sqrt(float(variance)))
