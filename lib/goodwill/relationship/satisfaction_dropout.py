"""Leaving that answers to satisfaction: purchases of all customers and answers of some of them, in one likelihood.

A customer has a lasting satisfaction S ~ N(0, 1), a rate of purchase ~ Gamma(r, alpha) and a chance p ~ Beta(a, b) to leave after each
purchase, the first included (MBG/NBD; Batislam, Denizel & Filiztekin 2007). Satisfaction multiplies the odds of p by exp(slope S); at
slope 0 this is MBG/NBD. Given S the likelihood of x repeat purchases, the last at t_x of T, is

    A E[(1 - p_S)^(x + 1)] + G E[p_S (1 - p_S)^x]    with A, G the chance of x purchases and none after T, or after t_x

and only the two expectations, by Gauss-Jacobi quadrature over p, depend on S and x: a small table, whatever the number of customers.

An answer shows S through error and through what has just happened: what is felt is sqrt(rho) S + sqrt(1 - rho) e + lately, cut into the
answers at points that their shares give; rho is the reliability, which is higher of what is felt than of the answers that it is cut into
(`cut_correlation`). So the slope is of what lasts, not of the answer: attenuation is undone in the likelihood, not afterwards. What has
just happened (purchases, complaints by outcome, faded) must stand there, because customers who are still there have had something happen
to them lately, and those who have left have not.

Where there is a complaint log, whoever stays at a purchase may still leave at its complaint, by a coin that satisfaction does not move
(`word_of_mouth.complaint_coin`): per purchase with the chance k p^lean, k by how many purchases came before, as who has bought more often
complains more often. It multiplies what stays; without it all leaving would seem to answer to satisfaction, and most of all that of the
best customers, who hardly leave otherwise.

Who has left answers less often. That enters as it is: an answer has the log odds c + `gone` if she has left. Those who did not answer
stay in the likelihood with their purchases, so that `gone` is estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.errors import DataError, FitError
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.relationship.answered_histories import AnsweredHistories
from goodwill.relationship.cut_answers import MOST_RELIABLE, TINY, answer_chances, felt_reliability

Floats = NDArray[np.float64]
SURVEY_NODES, CHANCE_NODES = 11, 24  # of the quadratures over S and over p
# Logarithms of r, alpha, a, b; the slope; log odds of answering; what having left adds to them; by how much those who answered feel better
# than all, in standard deviations of what is felt. Then what each kind of recent event moves it by.
BOUNDS = ((-6.0, 6.0), (-6.0, 9.0), (-4.0, 4.0), (-3.0, 6.0), (-3.0, 3.0), (-8.0, 8.0), (-8.0, 8.0), (-2.0, 2.0))
SLOPE, ANSWERS, GONE, AHEAD, RECENT = 4, 5, 6, 7, 8
HIGHEST = 0.9
NUMBERS = np.array([0, 1, 2, 4, 8, 16])  # purchases before, from which on a class of them begins


class Coined(NamedTuple):
    """Leaving at complaints, as a chance per purchase of those who stay at the purchase itself; 0 without a log.

    Attributes
    ----------
    chance : the mean, over complaints
    lean, level : how it goes with the customer's own chance p to leave at a purchase: chance x p^lean / level
    ratio : of the chance to its mean, by classes of how many purchases came before (`NUMBERS`); empty where it is always the same

    Examples
    --------
    >>> coined = Coined(chance=0.0018, lean=0.4, level=0.32)
    >>> p = 0.2  # chance to leave at a purchase of one customer
    >>> round(coined.chance * p**coined.lean / coined.level, 4)  # and at a complaint about it
    0.003
    """

    chance: float = 0.0
    lean: float = 0.0
    level: float = 1.0
    ratio: tuple[float, ...] = ()

    def at(self, odds: Floats, before: Any = 0) -> Floats:
        """At log odds of p, at purchases that so many came before, shape (purchases, chances) or that of one of them."""
        chance = self.chance * self.ratio_at(before)
        return np.clip(chance[..., None] * special.expit(odds) ** self.lean / self.level, 0.0, HIGHEST)

    def ratio_at(self, before: Any) -> Floats:
        """`ratio` at purchases that so many came before."""
        return np.asarray(self.ratio)[number_class(before)] if self.ratio else np.ones(np.shape(before))


NO_LOG = Coined()


def number_class(before: Any) -> Any:
    """Class of a number of purchases.

    >>> number_class([0, 3, 100]).tolist()
    [0, 2, 5]
    """
    return np.searchsorted(NUMBERS, before, "right") - 1


@lru_cache(maxsize=8)
def satisfaction_nodes(nodes: int = SURVEY_NODES) -> tuple[Floats, Floats]:
    """Points and weights that average over S ~ N(0, 1) (Gauss-Hermite).

    >>> points, weights = satisfaction_nodes()
    >>> round(float(weights @ points**2), 9)
    1.0
    """
    points, weights = special.roots_hermitenorm(nodes)
    return points, weights / weights.sum()


@lru_cache(maxsize=64)
def chance_nodes(a: float, b: float, nodes: int = CHANCE_NODES) -> tuple[Floats, Floats]:
    """Log odds and weights that average over p ~ Beta(a, b) (Gauss-Jacobi); exact for powers of p up to twice the nodes.

    >>> odds, weight = chance_nodes(0.7, 4.0)
    >>> round(float(weight @ special.expit(odds)), 6), round(0.7 / 4.7, 6)
    (0.148936, 0.148936)
    """
    points, weights = special.roots_jacobi(nodes, b - 1, a - 1)
    return np.log1p(points) - np.log1p(-points), weights / weights.sum()


def staying(a: float, b: float, slope: float, nodes: Floats, most: int, coined: Coined = NO_LOG) -> tuple[Floats, Floats]:
    """E[(1 - p)^(x + 1)] and E[p (1 - p)^x] at each number of repeat purchases up to `most` and each S, shape (most + 1, nodes); p with
    leaving at complaints in it."""
    odds, weight = chance_nodes(a, b)
    stay = np.exp(-np.logaddexp(0.0, odds[:, None] + slope * nodes))  # (chances, nodes)
    powers = np.cumprod(stay * (1 - coined.at(odds, np.arange(most + 1)))[:, :, None], axis=0)
    kept = np.einsum("c,xcn->xn", weight, powers)
    before = np.vstack([np.ones((1, len(nodes))), kept[:-1]])
    return kept, np.maximum(before - kept, 0.0)


class Parts(NamedTuple):
    """The likelihood of rows at each S, shape (rows, nodes), without the factor that its two parts share; and how it moves.

    `alive`, `gone` have the factor of the answer in them; `by` holds, for each parameter, what it adds to the logarithm of either part.
    """

    alive: Floats
    gone: Floats
    by: list[tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class SatisfactionDropout:
    """The fitted model.

    Attributes
    ----------
    data : what it was fitted to
    point : logarithms of r, alpha, a, b; the slope [log odds of leaving per standard deviation of lasting satisfaction]; log odds of
        answering, and what having left adds to them; by how much those who answered feel better; what each kind of recent event adds
    covariance : of the point, from the curvature
    reliability : share of the variance of the answers that is lasting satisfaction
    leaning : log odds of answering per standard deviation of satisfaction, as stated
    log_likelihood : at the maximum
    coined : leaving at complaints, which satisfaction does not move

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> r, alpha = np.exp(made.fit.point[:2])
    >>> round(float(r / alpha), 1), made.fit.slope.lower < 0 < made.fit.slope.upper  # purchases a week; the sign is not told
    (0.1, True)
    """

    data: AnsweredHistories
    point: Floats
    covariance: Floats
    reliability: float
    leaning: float
    log_likelihood: float
    coined: Coined = NO_LOG

    @property
    def slope(self) -> Interval:
        """Log odds of leaving per standard deviation of lasting satisfaction, with its 95 % interval; negative keeps."""
        return self._interval(SLOPE)

    @property
    def gone(self) -> Interval:
        """What having left adds to the log odds of answering."""
        return self._interval(GONE)

    @property
    def recent(self) -> dict[str, Interval]:
        """What each kind of recent event adds to the answer, just after it [points]."""
        found = {kind: self._interval(RECENT + place) for place, kind in enumerate(self.data.kinds)}
        return {kind: Interval(*(self.data.spread * end for end in each)) for kind, each in found.items()}

    @property
    def point_in_spreads(self) -> float:
        """One point of the answer in standard deviations of lasting satisfaction: what must be moved so that the mean answer rises by one.

        What a move adds to the mean answer is less than it adds to what is felt, as answers end with the scale; the reliability of the
        answers is lower in the same proportion.
        """
        return float(1 / (np.sqrt(min(self.reliability, MOST_RELIABLE)) * self.data.spread))

    def _interval(self, place: int) -> Interval:
        half = normal_quantile(0.95) * float(np.sqrt(self.covariance[place, place]))
        return Interval(float(self.point[place]), float(self.point[place]) - half, float(self.point[place]) + half)


def fit_satisfaction_dropout(
    data: AnsweredHistories,
    reliability: float,
    *,
    leaning: float = 0.0,
    start: Any = None,
    held: float | None = None,
    coined: Coined = NO_LOG,
) -> SatisfactionDropout:
    """The model of largest likelihood.

    Parameters
    ----------
    data : of `answered_histories`
    reliability : share of the variance of the answers that is lasting satisfaction, above 0
    leaning : log odds of answering per standard deviation of satisfaction; no record tells it, so it is stated (0: who answers does
        not depend on satisfaction, given who has left)
    start : a purchase model with r, alpha, a, b near the answer, or an earlier fit to the same data
    held : a value at which the slope is held, for tests of it; without any answers it is held at 0
    coined : leaving at complaints, as `complaint_counts.coined_of` has it; by default none is told from other leaving

    Raises
    ------
    FitError
        When the search finds no maximum.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> fit = fit_satisfaction_dropout(made.histories, reliability=0.66, start=made.buying.model)
    >>> fit.slope.lower < 0 < fit.slope.upper  # 357 answers do not tell whether the satisfied leave less
    True
    """
    from scipy.optimize import minimize

    if not 0 < reliability <= 1:
        raise DataError(f"the reliability is {reliability:g}; it is a share of variance, above 0 and at most 1")
    held = 0.0 if held is None and not data.answers else held
    value, total = log_likelihood(data, reliability, leaning, coined), float(len(data.T))
    slope = (held, held) if held is not None else BOUNDS[SLOPE]
    bounds = [*BOUNDS[:SLOPE], slope, *BOUNDS[ANSWERS:], *[(-3.0, 3.0)] * len(data.kinds)]
    at = np.clip(_start(data, start, held), *np.array(bounds).T)

    def negative(point: Floats) -> tuple[float, Floats]:
        found, slopes = value(point)
        return -found / total, -slopes / total

    best = minimize(negative, at, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500})
    if not np.isfinite(best.fun):
        raise FitError("satisfaction and leaving have no largest likelihood in these data")
    return SatisfactionDropout(
        data, best.x, _covariance(value, best.x, held is not None), reliability, leaning, float(-best.fun * total), coined
    )


def fit_base(data: AnsweredHistories, rho: Any, *, leaning: float = 0.0, start: Any = None, coined: Any = NO_LOG) -> SatisfactionDropout:
    """`fit_satisfaction_dropout`, or without answers the purchase model alone.

    Parameters
    ----------
    data : of `histories_of`
    rho : reliability with its range, of `reliability_of`; anything else stands for no survey
    leaning : as there
    start : the fit of a purchase model
    coined : leaving at complaints, of `complaint_counts.coined_of`; anything else stands for no log

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow")
    >>> fit = fit_base(gw.relationship.plain_histories(customers), None)  # nobody was asked: MBG/NBD
    >>> np.exp(fit.point[:4]).round(3), gw.ModifiedBetaGeoNBD.fit(customers).parameters.round(3)
    (array([0.525, 6.183, 0.891, 1.614]), array([0.525, 6.183, 0.891, 1.614]))
    """
    reliability = float(rho.estimate) if isinstance(rho, Interval) and data.answers else 1.0
    reliability = reliability if data.reliability is None else data.reliability
    found = coined if isinstance(coined, Coined) else NO_LOG
    return fit_satisfaction_dropout(data, reliability, leaning=leaning, start=getattr(start, "model", start), coined=found)


def _start(data: AnsweredHistories, start: Any, held: float | None) -> Floats:
    if isinstance(start, SatisfactionDropout):
        return start.point
    time = float(data.T.max())
    first = [start.r, start.alpha, start.a, start.b] if start is not None else [0.5, 0.15 * time, 0.7, 3.0]
    rate = np.clip(data.answers / max(int(data.asked.sum()), 1), 0.01, 0.99)
    return np.r_[np.log(first), held or 0.0, special.logit(rate), np.zeros(2 + len(data.kinds))]


def _covariance(value: Callable[[Floats], tuple[float, Floats]], at: Floats, held: bool) -> Floats:
    """Inverse curvature at the maximum; parameters that the data do not bound are left out and have no variance."""
    steps = np.eye(len(at)) * 1e-4
    curve = np.array([(value(at - step)[1] - value(at + step)[1]) / 2e-4 for step in steps])
    curve = (curve + curve.T) / 2
    free = np.arange(len(at)) != SLOPE if held else np.ones(len(at), bool)
    bound = np.flatnonzero((np.diag(curve) > 1e-6) & free)
    found = np.zeros_like(curve)
    found[np.ix_(bound, bound)] = np.linalg.pinv(curve[np.ix_(bound, bound)], hermitian=True)
    return found


def log_likelihood(
    data: AnsweredHistories, reliability: float, leaning: float = 0.0, coined: Coined = NO_LOG
) -> Callable[[Floats], tuple[float, Floats]]:
    """The log-likelihood and its slopes as a function of the point."""
    first, _, count = data.rows
    weight = satisfaction_nodes()[1]
    x, t_x = data.frequency[first], data.recency[first]

    def value(point: Floats) -> tuple[float, Floats]:
        parts = parts_of(data, point, reliability, leaning, coined)
        both = np.maximum((parts.alive + parts.gone) @ weight, TINY)
        alive, gone = (each * weight / both[:, None] for each in (parts.alive, parts.gone))
        slopes = np.array([count @ ((alive * there).sum(axis=1) + (gone * away).sum(axis=1)) for there, away in parts.by])
        r, alpha = np.exp(point[:2])
        total = special.gammaln(r + x) - special.gammaln(r) + r * point[1] - (r + x) * np.log(alpha + t_x) + np.log(both)
        slopes[0] += r * float(count @ (special.digamma(r + x) - special.digamma(r) + point[1] - np.log(alpha + t_x)))
        slopes[1] += float(count @ (r - (r + x) * alpha / (alpha + t_x)))
        return float(count @ total), slopes

    return value


def parts_of(data: AnsweredHistories, point: Floats, reliability: float, leaning: float, coined: Coined = NO_LOG) -> Parts:
    """The likelihood of the distinct rows with the customer still there, and with her gone, at each S."""
    rows, (nodes, _) = data.rows[0], satisfaction_nodes()
    r, alpha = np.exp(point[:2])
    x, t_x, T = data.frequency[rows].astype(int), data.recency[rows], data.T[rows]
    (kept, left), moves = _tables(point, nodes, int(x.max(initial=0)), coined)
    longer = np.log((alpha + t_x) / (alpha + T))
    there, away, seen, felt = _answers(data, point, reliability, leaning, nodes)
    alive = np.exp((r + x) * longer)[:, None] * kept[x] * there[0] * seen
    gone = left[x] * away[0] * seen
    later = (r + x) * alpha * (1 / (alpha + t_x) - 1 / (alpha + T))
    by: list[tuple[Any, Any]] = [(r * longer[:, None], 0.0), (later[:, None], 0.0)]
    by += [(one[x], other[x]) for one, other in moves]
    by += [(there[1], away[1]), (0.0, np.where(data.quiet_since[rows][:, None], away[1], 0.0)), (felt, felt)]
    by += [(-recent[:, None] * felt, -recent[:, None] * felt) for recent in data.recent[rows].T]
    return Parts(alive, gone, by)


def _tables(point: Floats, nodes: Floats, most: int, coined: Coined) -> tuple[tuple[Floats, Floats], list[tuple[Floats, Floats]]]:
    """The two expectations, and the slopes of their logarithms in log a, log b and the slope."""

    def at(three: Floats) -> tuple[Floats, Floats]:
        a, b = np.exp(three[:2])
        return staying(a, b, float(three[2]), nodes, most, coined)

    here, moves = at(point[2:5]), []
    for step in np.eye(3) * 1e-4:
        up, down = at(point[2:5] + step), at(point[2:5] - step)
        moves.append(tuple((one - other) / 2e-4 / np.maximum(each, TINY) for one, other, each in zip(up, down, here, strict=True)))
    return here, moves  # type: ignore[return-value]


def _answers(data: AnsweredHistories, point: Floats, reliability: float, leaning: float, nodes: Floats) -> tuple[Any, ...]:
    """What the answers add: the chance of one, or of none (and the slope of its logarithm) with the customer there and with her gone,
    the chance of what it says at each S, and the slope of that in what moves it."""
    rows = data.rows[0]
    said, asked = data.level[rows], data.asked[rows][:, None]
    answered = (said >= 0)[:, None]
    odds = point[ANSWERS] + leaning * nodes + np.zeros((len(rows), 1))
    chances = []
    for added in (np.zeros((len(rows), 1)), np.where(data.quiet_since[rows][:, None], point[GONE], 0.0)):
        p = special.expit(odds + added)
        chances.append((np.where(asked, np.where(answered, p, 1 - p), 1.0), np.where(asked, answered - p, 0.0)))
    seen, felt = np.ones((len(rows), len(nodes))), np.zeros((len(rows), len(nodes)))
    some = said >= 0
    moved = data.recent[rows][some] @ point[RECENT:] - point[AHEAD]
    seen[some], felt[some] = answer_chances(data.shares, felt_reliability(data, reliability), nodes, said[some], moved)
    return *chances, seen, felt
