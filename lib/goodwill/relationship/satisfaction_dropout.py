"""Leaving that answers to satisfaction: purchases of all customers and answers of some of them, in one likelihood.

A customer has a lasting satisfaction S ~ N(0, 1), a rate of purchase ~ Gamma(r, alpha) and a chance p ~ Beta(a, b) to leave after each
purchase, the first included (MBG/NBD; Batislam, Denizel & Filiztekin 2007). Satisfaction multiplies the odds of p by exp(slope S); at
slope 0 this is MBG/NBD. Given S the likelihood of x repeat purchases, the last at t_x of T, is

    A E[(1 - p_S)^(x + 1)] + G E[p_S (1 - p_S)^x]    with A, G the chance of x purchases and none after T, or after t_x

and only the two expectations, by Gauss-Jacobi quadrature over p, depend on S and x: a small table, whatever the number of customers.

An answer shows S through error: answer = the class of sqrt(rho) S + sqrt(1 - rho) e, with the classes from the shares of the answers
and rho the reliability. So the slope is of what is lasting, not of the answer: attenuation is undone in the likelihood, not afterwards.

Who has left answers less often. That enters as it is: an answer has the log odds c + `gone` if she has left. Those who did not answer
stay in the likelihood with their purchases, so that `gone` is estimated (Bolton 1998 joins answers to durations without it).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
FEWEST = 50  # answers of customers who had bought, below which nothing is estimated
SURVEY_NODES, CHANCE_NODES = 11, 24  # of the quadratures over S and over p
MOST_RELIABLE = 0.95  # reliabilities above it are taken as this: the quadrature over S is no finer
# Four logarithms, the slope, two log odds of answering, and by how much those who answered are more satisfied than all.
NAMES = ("r", "alpha", "a", "b", "slope", "answers", "gone", "ahead")
BOUNDS = ((-6.0, 6.0), (-6.0, 9.0), (-4.0, 4.0), (-3.0, 6.0), (-3.0, 3.0), (-8.0, 8.0), (-8.0, 8.0), (-2.0, 2.0))
STEP = 1e-4


@dataclass(frozen=True, eq=False)
class AnsweredHistories:
    """Histories of customers and the answers of those who gave one; one row per customer.

    Attributes
    ----------
    frequency, recency, T : as in a purchase summary [unit]
    level : number of the answer among the levels of the scale, -1 where there is none, shape (customers,)
    asked : whether she had bought by the day of the survey, so that she could answer
    quiet_since : whether she has not bought since the survey, so that she may have left before it
    shares : of the answers, by level
    spread : standard deviation of the answers [points]
    unit : of the times
    """

    frequency: Floats
    recency: Floats
    T: Floats
    level: NDArray[np.int64]
    asked: NDArray[np.bool_]
    quiet_since: NDArray[np.bool_]
    shares: Floats
    spread: float
    unit: str

    @cached_property
    def rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """Places of the distinct rows, the distinct row of each customer, and how many customers each stands for."""
        table = np.column_stack([self.frequency, self.recency, self.T, self.level, self.asked, self.quiet_since])
        _, first, inverse, count = np.unique(table, axis=0, return_index=True, return_inverse=True, return_counts=True)
        return first, inverse.ravel(), count.astype(float)

    @property
    def answers(self) -> int:
        """Customers who answered."""
        return int((self.level >= 0).sum())


def answered_histories(customers: pd.DataFrame, answers: pd.Series, levels: Any, *, since_survey: float = 0.0, unit: str = "week") -> Any:
    """Join histories with answers.

    Parameters
    ----------
    customers : customer_id, frequency, recency, T (in the unit), as from `PurchaseSummary.to_pandas`
    answers : overall satisfaction by customer id; ids of nobody are left out, as `joined` has counted them
    levels : of the scale, in order
    since_survey : time from the survey to the end of the data [unit]
    unit : of the times

    Raises
    ------
    TooLittle
        Fewer than 50 answers of customers, or all the same.
    """
    places = np.asarray(levels, float)
    given = customers["customer_id"].astype(str).map(answers[~answers.index.duplicated()])
    known = given.notna().to_numpy()
    if known.sum() < FEWEST:
        raise TooLittle(f"{int(known.sum())} answers are of customers who had bought; to join satisfaction with leaving takes {FEWEST}.")
    said = given.to_numpy(float)
    level = np.where(known, np.searchsorted(places, np.where(known, said, places[0])), -1)
    shares = np.bincount(level[known], minlength=len(places)) / known.sum()
    if (shares > 0).sum() < 2:
        raise TooLittle("All answers are the same, so that nobody can be told apart by satisfaction.")
    x, t_x, T = (customers[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    return AnsweredHistories(
        x, t_x, T, level, since_survey <= T, T - t_x >= since_survey, shares, float(np.std(said[known], ddof=1)), unit
    )


def satisfaction_nodes(nodes: int = SURVEY_NODES) -> tuple[Floats, Floats]:
    """Points and weights that average over S ~ N(0, 1) (Gauss-Hermite)."""
    points, weights = special.roots_hermitenorm(nodes)
    return points, weights / weights.sum()


def chance_nodes(a: float, b: float, nodes: int = CHANCE_NODES) -> tuple[Floats, Floats]:
    """Log odds and weights that average over p ~ Beta(a, b) (Gauss-Jacobi); exact for powers of p up to twice the nodes.

    >>> odds, weight = chance_nodes(0.7, 4.0)
    >>> round(float(weight @ special.expit(odds)), 6), round(0.7 / 4.7, 6)
    (0.148936, 0.148936)
    """
    points, weights = special.roots_jacobi(nodes, b - 1, a - 1)
    # (1 + points) / (1 - points) are the odds; near the ends both keep their digits, because the points are roots of their own weight.
    return np.log1p(points) - np.log1p(-points), weights / weights.sum()


def answer_chances(shares: Floats, reliability: float, nodes: Floats, ahead: float = 0.0) -> Floats:
    """Chance of each answer at each S, shape (levels, nodes); an answer shows sqrt(rho) S with error.

    `ahead` is by how much those who answered feel better than all, in standard deviations of what is felt: the classes are cut from
    their answers.
    """
    rho = min(reliability, MOST_RELIABLE)
    ends = special.ndtri(np.clip(np.concatenate([[0.0], np.cumsum(shares)]), 0.0, 1.0)) + ahead
    below = special.ndtr((ends[:, None] - np.sqrt(rho) * nodes) / np.sqrt(1 - rho))
    return np.maximum(np.diff(below, axis=0), 1e-300)


def staying(model: Floats, nodes: Floats, most: int, shift: float = 0.0) -> tuple[Floats, Floats]:
    """E[(1 - p)^(x + 1)] and E[p (1 - p)^x] at each number of repeat purchases up to `most` and each S, shape (most + 1, nodes).

    `model` holds a, b and the slope.
    """
    a, b, slope = model
    odds, weight = chance_nodes(a, b)
    shifted = odds[:, None] + slope * nodes + shift
    stay = np.exp(-np.logaddexp(0.0, shifted))  # (chances, nodes)
    powers = stay[None] ** np.arange(most + 2)[:, None, None]
    kept = np.einsum("c,xcn->xn", weight, powers)
    return kept[1:], np.maximum(kept[:-1] - kept[1:], 0.0)


@dataclass(frozen=True, eq=False)
class SatisfactionDropout:
    """The fitted model.

    Attributes
    ----------
    data : what it was fitted to
    point : logarithms of r, alpha, a, b; the slope [log odds of leaving per standard deviation of lasting satisfaction]; log odds of
        answering; what having left adds to them
    covariance : of the point, from the curvature
    reliability : share of the variance of the answers that is lasting satisfaction
    leaning : log odds of answering per standard deviation of satisfaction, as stated
    log_likelihood : at the maximum
    """

    data: AnsweredHistories
    point: Floats
    covariance: Floats
    reliability: float
    leaning: float
    log_likelihood: float

    @property
    def slope(self) -> Interval:
        """Log odds of leaving per standard deviation of lasting satisfaction, with its 95 % interval; negative keeps."""
        return self._interval(4)

    @property
    def gone(self) -> Interval:
        """What having left adds to the log odds of answering."""
        return self._interval(6)

    @property
    def point_in_spreads(self) -> float:
        """One point of the answer in standard deviations of lasting satisfaction: what must be moved so that answers rise by one."""
        return float(1 / (np.sqrt(min(self.reliability, MOST_RELIABLE)) * self.data.spread))

    def _interval(self, place: int) -> Interval:
        half = normal_quantile(0.95) * float(np.sqrt(self.covariance[place, place]))
        return Interval(float(self.point[place]), float(self.point[place]) - half, float(self.point[place]) + half)


def fit_satisfaction_dropout(
    data: AnsweredHistories, reliability: float, *, leaning: float = 0.0, start: Any = None, held: float | None = None
) -> SatisfactionDropout:
    """The model of largest likelihood.

    Parameters
    ----------
    data : of `answered_histories`
    reliability : share of the variance of the answers that is lasting satisfaction, above 0
    leaning : log odds of answering per standard deviation of satisfaction; no record tells it, so it is stated (0: who answers does
        not depend on satisfaction, given who has left)
    start : a purchase model with r, alpha, a, b near the answer
    held : a value at which the slope is held, for tests of it

    Raises
    ------
    FitError
        When the search finds no maximum.
    """
    from scipy.optimize import minimize

    if not 0 < reliability <= 1:
        raise DataError(f"the reliability is {reliability:g}; it is a share of variance, above 0 and at most 1")
    value = _log_likelihood(data, reliability, leaning)
    total, time = float(len(data.T)), float(data.T.max())
    first = [start.r, start.alpha, start.a, start.b] if start is not None else [0.5, 0.15 * time, 0.7, 3.0]
    rate = np.clip(data.answers / max(int(data.asked.sum()), 1), 0.01, 0.99)
    at = np.r_[np.log(first), held or 0.0, special.logit(rate), 0.0, 0.0]
    bounds = list(BOUNDS) if held is None else [*BOUNDS[:4], (held, held), *BOUNDS[5:]]
    at = np.clip(at, *np.array(bounds).T)
    found = minimize(lambda p: _with_slopes(value, p, total), at, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12})
    if not np.isfinite(found.fun):
        raise FitError("satisfaction and leaving have no largest likelihood in these data")
    covariance = _covariance(value, found.x)
    return SatisfactionDropout(data, found.x, covariance, reliability, leaning, float(-found.fun * total))


def _with_slopes(value: Any, point: Floats, total: float) -> tuple[float, Floats]:
    """Minus the mean log-likelihood and its slopes, by central differences."""
    steps = np.eye(len(point)) * 1e-5
    slopes = np.array([value(point - step) - value(point + step) for step in steps]) / 2e-5
    return -value(point) / total, slopes / total


def _covariance(value: Any, at: Floats) -> Floats:
    """Inverse curvature at the maximum; parameters that the data do not bound are left out and have no variance."""
    size, here = len(at), value(at)
    steps = np.eye(size) * 1e-3
    curve = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            if i == j:
                curve[i, i] = (value(at + steps[i]) - 2 * here + value(at - steps[i])) / 1e-6
            else:
                corners = [value(at + one * steps[i] + other * steps[j]) * one * other for one in (1, -1) for other in (1, -1)]
                curve[i, j] = curve[j, i] = sum(corners) / 4e-6
    found = np.zeros((size, size))
    bound = np.flatnonzero(np.diag(curve) < -1e-6)
    inverse = np.linalg.pinv(-curve[np.ix_(bound, bound)], hermitian=True)
    found[np.ix_(bound, bound)] = inverse
    return found


def _log_likelihood(data: AnsweredHistories, reliability: float, leaning: float) -> Any:
    """The log-likelihood as a function of the point."""
    first, _, count = data.rows

    def value(point: Floats) -> float:
        alive, gone, _ = parts_of(data, point, reliability, leaning, first)
        _, weight = satisfaction_nodes()
        return float(count @ np.log(np.maximum((alive + gone) @ weight, 1e-300))) + float(count @ _scale(data, point, first))

    return value


def _scale(data: AnsweredHistories, point: Floats, rows: Any) -> Floats:
    """Logarithm of what both parts of a row share: the chance of x purchases, as if she had been watched to the last of them."""
    r, alpha = np.exp(point[:2])
    x, t_x = data.frequency[rows], data.recency[rows]
    return np.asarray(special.gammaln(r + x) - special.gammaln(r) + r * point[1] - (r + x) * np.log(alpha + t_x))


def parts_of(
    data: AnsweredHistories, point: Floats, reliability: float, leaning: float, rows: Any
) -> tuple[Floats, Floats, Floats]:
    """Likelihood of rows with the customer still there and with her gone, at each S, without the factor that both share; and the nodes.

    Returns
    -------
    alive, gone : shape (rows, nodes)
    nodes : shape (nodes,)
    """
    nodes, _ = satisfaction_nodes()
    r, alpha, a, b = np.exp(point[:4])
    x = data.frequency[rows].astype(int)
    kept, left = staying(np.array([a, b, point[4]]), nodes, int(x.max(initial=0)))
    longer = ((alpha + data.recency[rows]) / (alpha + data.T[rows])) ** (r + x)
    said, asked = data.level[rows], data.asked[rows]
    seen = np.vstack([answer_chances(data.shares, reliability, nodes, point[7]), np.ones(len(nodes))])[said]  # the last answers to -1
    odds = point[5] + leaning * nodes
    there, away = special.expit(odds), special.expit(odds + point[6])
    away = np.where(data.quiet_since[rows][:, None], away, there)
    answered = (said >= 0)[:, None]
    open_to = asked[:, None]
    chance_there = np.where(open_to, np.where(answered, there, 1 - there), 1.0)
    chance_away = np.where(open_to, np.where(answered, away, 1 - away), 1.0)
    return longer[:, None] * kept[x] * chance_there * seen, left[x] * chance_away * seen, nodes
