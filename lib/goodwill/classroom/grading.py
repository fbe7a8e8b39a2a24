"""Marks: what answers would cost on the student's own company, beside what the best answers cost there.

Each part earns its points by one number between 0 and 1:

- values: an offer of unknown cost goes to whoever is worth more than it. Where the cost is spread evenly, money is lost in proportion to
  the squared error of the value; the number is 1 less that error over the error of treating all customers alike.
- forecasts: quantiles of 10, 50 and 90 % are charged their pinball loss, in expectation over what comes under the true models. The number
  is 1 where the loss is the oracle's, and 0 from five times of it.
- decisions: money lost against the best choice, over what the best choice gains: on visits beyond visiting all or nobody, whichever is
  better; on strategies beyond the worst choice.
- parameters: distance from the truth in standard errors of records of this size: 1 up to one, 0 from five.

What is not answered earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from goodwill.classroom.answers import Answers
from goodwill.classroom.oracle import FORECASTS, Known, Oracle
from goodwill.classroom.students import NOTHING
from goodwill.inference.parameters import FloatArray

POINTS = {"values": 30.0, "forecasts": 20.0, "decisions": 30.0, "parameters": 20.0}
LEVELS = (0.1, 0.5, 0.9)
WORST_LOSS = 5.0  # times the oracle's, from which a forecast earns nothing
FULL, NOUGHT = 1.0, 5.0  # standard errors up to which a parameter earns all, and from which nothing
NOT_ANSWERED = "not answered"


@dataclass(frozen=True)
class Grade:
    """Points by part, and a reason for each.

    Attributes
    ----------
    points : by part, up to `POINTS`
    reasons : by part, one sentence

    Examples
    --------
    >>> given = Grade({"values": 28.0, "forecasts": 0.0}, {"values": "loses 6.7% of what can be won", "forecasts": "not answered"})
    >>> given.mark, given.reasons["values"]
    (28.0, 'loses 6.7% of what can be won')
    """

    points: dict[str, float]
    reasons: dict[str, str]

    @property
    def mark(self) -> float:
        """All points, 0 to 100."""
        return sum(self.points.values())


def grade(answers: Answers, oracle: Oracle) -> Grade:
    """Mark the answers of a student against the oracle of her company.

    Parameters
    ----------
    answers : of `read_answers`
    oracle : of `oracle_of`, for the same company

    Examples
    --------
    >>> from goodwill.classroom import Answers, oracle_of, student_company
    >>> oracle = oracle_of(student_company(b"secret", "Ann", customers=60, tried=100))
    >>> given = grade(Answers(values=oracle.values.to_dict()), oracle)  # values as the true models have them, and nothing else
    >>> given.points, given.reasons["values"]
    ({'values': 30.0, 'forecasts': 0.0, 'decisions': 0.0, 'parameters': 0.0}, 'loses 0.0% of what telling customers apart can win')
    """
    judged = {
        "values": _values(answers.values, oracle.values),
        "forecasts": _forecasts(answers.forecasts, oracle.futures),
        "decisions": _decisions(answers, oracle),
        "parameters": _parameters(answers.parameters, oracle.parameters),
    }
    return Grade({part: POINTS[part] * share for part, (share, _) in judged.items()}, {part: said for part, (_, said) in judged.items()})


def value_error(values: Mapping[int, float], truth: pd.Series) -> float:
    """Squared error of values over that of one value for all; who was left out counts as worth nothing."""
    told = pd.Series(values, dtype=float).reindex(truth.index, fill_value=0.0)
    return float(((told - truth) ** 2).mean() / truth.var(ddof=0))


def _values(values: Mapping[int, float], truth: pd.Series) -> tuple[float, str]:
    if not values:
        return 0.0, NOT_ANSWERED
    error, missing = value_error(values, truth), len(truth) - len(values)
    left_out = f"; {missing} customers left out" if missing else ""
    loses = f"loses {error:.1%} of what telling customers apart can win" if error < 1 else "loses more than treating all customers alike"
    return max(0.0, 1 - error), loses + left_out


def pinball(futures: FloatArray, quantiles: tuple[float, float, float]) -> float:
    """Expected pinball loss of the quantiles of 10, 50 and 90 %, their mean."""
    miss = [futures - quantile for quantile in quantiles]
    return float(np.mean([np.maximum(level * gap, (level - 1) * gap).mean() for level, gap in zip(LEVELS, miss, strict=True)]))


def _forecasts(told: Mapping[str, float], futures: Mapping[str, FloatArray]) -> tuple[float, str]:
    shares, said = [], []
    for name in FORECASTS:
        if name not in told:
            shares.append(0.0)
            said.append(f"{name} {NOT_ANSWERED}")
            continue
        quantiles = (told.get(f"{name}_low", told[name]), told[name], told.get(f"{name}_high", told[name]))
        low, middle, high = np.quantile(futures[name], LEVELS)
        times = pinball(futures[name], quantiles) / pinball(futures[name], (low, middle, high))
        shares.append(float(np.clip((WORST_LOSS - times) / (WORST_LOSS - 1), 0, 1)))
        alone = "" if f"{name}_low" in told and f"{name}_high" in told else ", no interval given"
        said.append(f"{name} costs {_times(times)} the best forecast{alone}")
    return float(np.mean(shares)), ", ".join(said) if told else NOT_ANSWERED


def _times(times: float) -> str:
    return f"{times:.1f} times" if times < 1_000 else "more than 1,000 times"


def _decisions(answers: Answers, oracle: Oracle) -> tuple[float, str]:
    visits, said_of_visits = _visits(answers.visits, oracle.visit_gains)
    strategies, said_of_strategies = _strategies(answers.decisions, oracle.strategy_gains)
    return (visits + strategies) / 2, f"{said_of_visits}, {said_of_strategies}"


def _visits(visits: Mapping[int, bool], gains: pd.Series) -> tuple[float, str]:
    if not visits:
        return 0.0, f"visits {NOT_ANSWERED}"
    chosen = pd.Series(visits, dtype=bool).reindex(gains.index, fill_value=False)
    best, plain = float(gains.clip(lower=0).sum()), max(float(gains.sum()), 0.0)
    lost = best - float(gains[chosen].sum())
    return _kept(lost, best - plain), f"visits lose {lost:,.0f} of {best:,.0f}"


def _strategies(decisions: Mapping[str, str], gains: pd.DataFrame) -> tuple[float, str]:
    if not decisions:
        return 0.0, f"strategies {NOT_ANSWERED}"
    best = float(gains.max(axis=1).sum())
    lost = best - float(sum(gains.loc[segment, decisions.get(segment, NOTHING)] for segment in gains.index))
    return _kept(lost, best - float(gains.min(axis=1).sum())), f"strategies lose {lost:,.0f} of {best:,.0f}"


def _kept(lost: float, at_stake: float) -> float:
    return max(0.0, 1 - lost / at_stake) if at_stake > 0 else float(lost <= 0)


def _parameters(told: Mapping[str, float], known: Mapping[str, Known]) -> tuple[float, str]:
    shares, said = [], []
    for name, true in known.items():
        if name not in told:
            shares.append(0.0)
            said.append(f"{name} {NOT_ANSWERED}")
            continue
        away = abs(told[name] - true.truth) / true.standard_error
        shares.append(float(np.clip((NOUGHT - away) / (NOUGHT - FULL), 0, 1)))
        said.append(f"{name} {away:.1f}" if away < 100 else f"{name} more than 100")
    return float(np.mean(shares)), "standard errors from the truth: " + ", ".join(said) if told else NOT_ANSWERED
