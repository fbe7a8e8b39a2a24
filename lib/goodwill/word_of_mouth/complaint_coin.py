"""A complaint as a moment to leave of its own: its chance by outcome, from purchases and a complaint log.

The BG/NBD and MBG/NBD models let customers leave at purchases. Here a complaint has a coin of its own as well: whoever is still there
leaves at it with the chance q of its outcome. The likelihood stays closed. A complaint that was followed by a purchase was survived, a
factor 1 - q. One at t after the last purchase, at t_x, puts

    (1 - q) (alpha + T)^-(r + x) + q (alpha + t)^-(r + x)    in the place of    (alpha + T)^-(r + x).

The term of having left at the last purchase stays where leavers complain too. There q may lie below zero: then it is the share whom
handling keeps beyond those who would have stayed anyway. Where only those complain who are still there, a complaint proves that the
customer had not left: that term goes, q is at least zero, and silence makes it a little likelier that she has left (staying is 1 - c
times as likely, with c the share of times between purchases in which somebody complains). The log cannot tell which of the two is so;
both are shown.

The coin may be the same for all, or heavier for those who are likelier to leave anyway: it goes with the customer's own chance to leave at
a purchase to the power of `lean` (0: the same for all; 1: in proportion), of which her history tells, and is scaled so that q is the mean
over complaints. It matters for money, because those who are likely to leave would have brought little. `lean` is learned with all else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.complaints import OUTCOMES
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.parameters import parameters_of
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.shown import Shown
from goodwill.word_of_mouth.complaint_effects import FAR, known_complaints, spells_of
from goodwill.word_of_mouth.complaint_likelihood import CoinData, Counted, Objective, log_likelihood, weights
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 20  # complaints of an outcome below which its chance is not estimated
LEANS = (-1.0, 2.0)  # values of `lean` that are tried
WIDEST, MOST = 0.4, 4  # steps between them, and steps to either side
KNOWN = 1e-3  # steps so small that `lean` is as good as known
UNKNOWN = "unknown"  # complaints whose outcome the log does not say
LOWEST, HIGHEST = -3.0, 0.999  # chances that are tried
ROUGH = 0.05  # a step in chances where the curvature gives none
# Beliefs of how the chance goes with the customer's own chance to leave. The first lies between the two ways in which a complaint may work:
# the same chance for all (0), and odds, which come out at about 1. A wider one takes noise for knowledge where complaints change little:
# with a spread of 1 the cost of a satisfied complaint was held in 43 of 55 logs without an effect, with a half in 50.
LEARNED, SAME = (0.5, 0.5), (0.0, 1e-3)
BORDER = 12.0  # of the logarithms of the model's parameters that are tried
STEP = 1e-4  # of numerical derivatives
FLAT = "these purchases and complaints fit other chances of leaving as well, so that none can be told"
CLIMBS, HALVES, SETTLED = 20, 10, 1e-3  # Newton steps, halvings of each, and by how much the last one raises the log-likelihood
VERY_FAR = 1e4  # below the maximum, in twice the log-likelihood: where chances cannot be


def coin_data(days: pd.DataFrame, log: pd.DataFrame, *, end: Any = None, unit: str = "week", split: str = "outcome") -> CoinData:
    """Sort complaints into those that a purchase overtook and those after which none came.

    Parameters
    ----------
    days : customer_id and date, as from `purchase_days`
    log : checked cases with customer_id, opened and, for coins by outcome, outcome
    end : last day of the data; default the last purchase
    unit : of the times, such as "week"
    split : "outcome" for a coin each, "any" for one coin, or another column of the log whose values have a coin each

    Raises
    ------
    TooLittle
        The log has no customers, or none of its complaints is by somebody who had bought.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": pd.to_datetime(["2025-01-01", "2025-03-01", "2025-01-05"])})
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "opened": pd.to_datetime(["2025-02-01", "2025-02-01"]), "outcome": "satisfied"})
    >>> data = coin_data(days, log, end="2025-06-30")
    >>> data.complaints.tolist(), len(data.pending[0])  # two complaints; after that of b no purchase came
    ([2.0], 1)
    """
    if split not in ("outcome", "any", *log.columns):
        raise DataError(f"coins are split by 'outcome', by another column of the log or not ('any'); the log has no column '{split}'")
    if "customer_id" not in log:
        raise TooLittle("the complaints have no column 'customer_id', so they cannot be joined with purchases")
    spells = spells_of(days, end)
    cases = known_complaints(spells, log, "opened", kept=split)
    cases = cases[cases["opened"] <= spells.last_day].sort_values(["customer", "opened"], kind="stable")
    if cases.empty:
        raise TooLittle("none of the complaints is by a customer who had bought before")
    known = OUTCOMES if split == "outcome" else tuple(sorted(cases[split].dropna().unique())) if split in cases else ()
    names = cases[split].where(cases[split].isin(known), UNKNOWN) if split in cases else None
    outcomes = tuple(name for name in (*known, UNKNOWN) if (names == name).any()) if names is not None else ("any",)
    coin = np.zeros(len(cases), int) if names is None else names.map({name: i for i, name in enumerate(outcomes)}).to_numpy()
    spell = cases["spell"].to_numpy()
    waits = spells.following[spell] >= FAR
    scale = DAYS_PER_UNIT[unit]
    last = np.flatnonzero(spells.following >= FAR)
    history = np.stack(
        [spells.frequency[last], (spells.start - spells.first)[last] / scale, (spells.last_day - spells.first[last]) / scale]
    )
    moments, coins = _padded(spell[waits], (cases["opened"].to_numpy() - spells.first[spell])[waits] / scale, coin[waits], last)
    some = (coins >= 0).any(axis=1)
    overtaken, number = np.unique(np.stack([coin[~waits], spells.frequency[spell[~waits]]]), axis=1, return_counts=True)
    earlier = np.zeros((len(last), len(outcomes)))
    np.add.at(earlier, (np.searchsorted(last, spell[~waits]), coin[~waits]), 1.0)
    rows, weight = np.unique(np.vstack([history, earlier.T])[:, ~some], axis=1, return_counts=True)
    return CoinData(
        outcomes,
        (*rows[:3], weight.astype(float)),
        rows[3:].T,
        tuple(history[:, some]),
        earlier[some],
        moments[some],
        coins[some],
        (overtaken[0], overtaken[1].astype(float), number.astype(float)),
        np.bincount(coin, minlength=len(outcomes)).astype(float),
        len(np.unique(spell[~waits])) / max(int((spells.following < FAR).sum()), 1),
        unit,
    )


def _padded(spell: Any, moment: Any, coin: Any, last: Any) -> tuple[Any, Any]:
    """Moments and coins with one row for each last spell, filled from the left."""
    place = np.searchsorted(last, spell)
    new = np.r_[True, place[1:] != place[:-1]] if len(place) else np.zeros(0, bool)
    start = np.flatnonzero(new)
    rank = np.arange(len(place)) - start[np.cumsum(new) - 1] if len(place) else np.zeros(0, int)
    width = int(rank.max(initial=0)) + 1
    moments, coins = np.zeros((len(last), width)), np.full((len(last), width), -1)
    moments[place, rank], coins[place, rank] = moment, coin
    return moments, coins


class Leanings(NamedTuple):
    """What is known of the chances at several values of `lean`, and how likely each of these is.

    Attributes
    ----------
    values, weights : of `lean`, and what the data and the belief together give them; the weights add up to 1
    chances, models : most likely at each value, (values, outcomes); a purchase model each
    covariance : of the chances when `lean` is known
    buying : covariance of the logarithms of the model's parameters with each other and with the chances, (4, 4 + outcomes)
    """

    values: Floats
    weights: Floats
    chances: Floats
    models: tuple[Any, ...]
    covariance: Floats
    buying: Floats


@dataclass(frozen=True, eq=False, repr=False)
class CoinFit(Shown):
    """Chances of leaving at a complaint, fitted together with a purchase model.

    Attributes
    ----------
    data, model : histories, and the purchase model that fits them best
    chances : by outcome, the mean over complaints
    lean : how the chance goes with the customer's own chance to leave
    leavers_complain : whether those who left at a purchase complain too
    log_likelihood : at the maximum
    prior : mean and standard deviation of what is believed of `lean`
    information : curvature in the logarithms of the model's parameters, the chances and `lean`

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import coin_data, fit_coin
    >>> made = gw.company(600, 104, seed=1)
    >>> coin = fit_coin(coin_data(made.transactions, made.complaints))
    >>> coin.interval("dissatisfied").lower > 0, coin.interval("satisfied").lower > 0  # at which complaints some are seen to leave
    (True, False)
    """

    data: CoinData
    model: Any
    chances: dict[str, float]
    lean: float
    leavers_complain: bool
    prior: tuple[float, float]
    log_likelihood: float
    information: Floats

    @property
    def point(self) -> Floats:
        """Logarithms of the model's parameters, then the chances, then `lean`."""
        return np.r_[np.log(parameters_of(self.model)), list(self.chances.values()), self.lean]

    def weights(self, frequency: Any) -> Floats:
        """By what the mean chance is multiplied for a customer with so many repeat purchases before the complaint."""
        return weights(self.data, self.model, self.lean).there(Counted.of(frequency))[0]

    def standard_error(self, outcome: str) -> float:
        """Of the chance of an outcome, from the curvature."""
        place = 4 + list(self.chances).index(outcome)
        variance = float(inverse(self.information)[place, place])
        return float(np.sqrt(variance)) if variance > 0 else ROUGH  # at the border of what can be, the curvature may be none

    @property
    def lean_error(self) -> float:
        """Standard error of `lean`, from the curvature; what was believed of it counts."""
        variance = float(inverse(self.information)[-1, -1])
        return float(np.sqrt(variance)) if variance > 0 else self.prior[1]

    @cached_property
    def leanings(self) -> Leanings:
        """The fit at values of `lean` across all that data and belief leave open, the most likely one among them.

        Where complaints change little, `lean` is hardly known, and its most likely value fits noise: costs are taken over all of them.
        All else follows by Newton steps from where the curvature puts it.
        """
        others = np.arange(len(self.point) - 1)
        inner = inverse(self.information[np.ix_(others, others)])
        slope = -inner @ self.information[others, -1]
        function = log_likelihood(self.data, type(self.model), self.leavers_complain, self.prior)
        step = min(1.5 * self.lean_error, WIDEST)
        values = self.lean + step * np.arange(-MOST, MOST + 1) if step > KNOWN else np.array([self.lean])
        values = values[(values >= LEANS[0]) & (values <= LEANS[1]) | (values == self.lean)]
        likelihoods, found_at = [], []
        for value in values:
            at = self._possible(np.r_[self.point[:-1] + slope * (value - self.lean), value])
            found, gradient = function(at)
            for _ in range(2):
                moved = at.copy()
                moved[:-1] += np.clip(inner @ gradient[:-1], -0.5, 0.5)
                moved = self._possible(moved)
                there = function(moved)
                if not there[0] > found:
                    break
                at, (found, gradient) = moved, there
            likelihoods.append(found)
            found_at.append(at)
        if not np.isfinite(np.max(likelihoods)):
            raise TooLittle(FLAT)
        weights = np.exp(np.array(likelihoods) - np.max(likelihoods))
        covariance = inner[4:, 4:]
        if not (np.diag(covariance) > 0).all():  # at the border of what can be, the curvature may be none
            covariance = np.diag(np.where(np.diag(covariance) > 0, np.diag(covariance), ROUGH**2))
        models = tuple(type(self.model)(*np.exp(at[:4]).tolist(), unit=self.data.unit) for at in found_at)
        return Leanings(values, weights / weights.sum(), np.array(found_at)[:, 4:-1], models, np.asarray(covariance, float), inner[:4])

    def _possible(self, point: Floats) -> Floats:
        """The nearest point that the search may try: where the likelihood is nearly flat, its curvature points far beyond."""
        found = point.copy()
        found[:4] = np.clip(found[:4], -BORDER, BORDER)
        found[4:-1] = np.clip(found[4:-1], lowest(self.leavers_complain), HIGHEST)
        return found

    def profile(self, outcome: str, values: Sequence[float] | Floats) -> Floats:
        """Largest log-likelihood with the chance of an outcome held at each value, less the maximum.

        All else follows by one Newton step from where the curvature puts it, which near the maximum is exact to the third order.
        """
        place = 4 + list(self.chances).index(outcome)
        others = np.delete(np.arange(len(self.point)), place)
        inner = inverse(self.information[np.ix_(others, others)])
        slope = -inner @ self.information[others, place]
        function = log_likelihood(self.data, type(self.model), self.leavers_complain, self.prior)
        found = []
        for value in values:
            at = self.point.copy()
            at[others] += slope * (value - at[place])
            at[place] = value
            at[:4] = np.clip(at[:4], -BORDER, BORDER)
            start, gradient = function(at)
            if np.isfinite(gradient).all():
                step = at.copy()
                step[others] += np.clip(inner @ gradient[others], -1.0, 1.0)
                step[:4] = np.clip(step[:4], -BORDER, BORDER)
                start = max(start, function(step)[0])
            found.append(start - self.log_likelihood)
        return np.array(found)

    def require(self, outcome: str) -> None:
        """Raise TooLittle where fewer than 20 complaints have this outcome."""
        if outcome not in self.chances:
            raise TooLittle(f"no complaint of customers who bought has the outcome {outcome}")
        count = int(self.data.complaints[list(self.chances).index(outcome)])
        if count < FEWEST:
            raise TooLittle(f"{count} with the outcome {outcome} are by customers who bought; an estimate needs at least {FEWEST}")

    def interval(self, outcome: str, level: float = 0.95) -> Interval:
        """Chance of leaving at a complaint of this outcome, with its profile interval; raises as `require` does."""
        self.require(outcome)
        if (outcome, level) not in self._known:
            best, error, far = self.chances[outcome], self.standard_error(outcome), normal_quantile(level)
            borders = (lowest(self.leavers_complain), HIGHEST)

            def room(value: float) -> float:  # nearly a straight line on either side, which is soon followed to zero
                return far - float(np.sqrt(np.clip(-2 * self.profile(outcome, [value])[0], 0.0, VERY_FAR)))

            ends = [_crossing(room, best, step, border) for step, border in zip((-2 * error, 2 * error), borders, strict=True)]
            self._known[outcome, level] = Interval(best, *ends)
        return self._known[outcome, level]

    @cached_property
    def _known(self) -> dict[tuple[str, float], Interval]:
        """Intervals that have been asked for: each takes tens of evaluations of the likelihood."""
        return {}


def inverse(information: Floats) -> Floats:
    """The covariance that belongs to a curvature; TooLittle where the likelihood is flat in some direction."""
    try:
        if np.isfinite(information).all() and np.isfinite(found := np.linalg.inv(information)).all():
            return np.asarray(found, float)
    except np.linalg.LinAlgError:
        pass
    raise TooLittle(FLAT)


def lowest(leavers_complain: bool) -> float:
    """The lowest chance that can be: below zero only where handling may keep somebody who was leaving."""
    return LOWEST if leavers_complain else 0.0


def _crossing(above: Callable[[float], float], best: float, step: float, border: float) -> float:
    """Where a function that is positive at `best` falls to zero, going in steps; the border of what is tried where it does not."""
    from scipy.optimize import brentq

    near = best
    for _ in range(12):
        far = min(near + step, border) if step > 0 else max(near + step, border)
        if far == near:
            return border
        there = above(far)
        if there <= 0:
            return float(brentq(above, near, far, xtol=abs(step) / 300))
        if far == border:
            return border
        near = far
    return near


def fit_coin(
    data: CoinData,
    model_class: type = ModifiedBetaGeoNBD,
    *,
    leavers_complain: bool = True,
    lean: tuple[float, float] = LEARNED,
    start: Any = None,
) -> CoinFit:
    """Purchase model and chances of leaving at a complaint, of largest likelihood together.

    Parameters
    ----------
    data : of `coin_data`
    model_class : `ModifiedBetaGeoNBD` or `BetaGeoNBD`
    leavers_complain : whether those who left at a purchase complain too; the log cannot tell, so show both
    lean : mean and standard deviation of what is believed of how the chance goes with the customer's own; `SAME` holds it at 0
    start : a model of that class near the answer, which saves time

    Raises
    ------
    FitError
        When the search finds no maximum.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import coin_data
    >>> made = gw.company(600, 104, seed=1)
    >>> coin = fit_coin(coin_data(made.transactions, made.complaints))
    >>> {outcome: round(chance, 1) for outcome, chance in coin.chances.items()}
    {'satisfied': 0.0, 'acceptable': 0.0, 'dissatisfied': 0.2}
    """
    function = log_likelihood(data, model_class, leavers_complain, lean)
    chances_at, borders = np.full(len(data.outcomes), 0.05), [(lowest(leavers_complain), HIGHEST)] * len(data.outcomes)
    best, likelihood = most_likely(function, data, chances_at, borders, lean[0], start)
    information = curvature(function, best)
    chances = dict(zip(data.outcomes, (float(each) for each in best[4:-1]), strict=True))
    model = model_class(*np.exp(best[:4]).tolist(), unit=data.unit)
    return CoinFit(data, model, chances, float(best[-1]), leavers_complain, lean, likelihood, information)


def most_likely(
    function: Objective, data: CoinData, chances: Floats, borders: list[tuple[float, float]], lean: float, start: Any
) -> tuple[Floats, float]:
    """The point of largest log-likelihood, and that.

    Parameters
    ----------
    function : of the logarithms of the model's parameters, of whatever the chances hang on, and of `lean`
    chances, borders : where the search for the second begins, and what it tries
    lean : where that for the last begins
    start : a purchase model near the answer, or None

    Raises
    ------
    FitError
        When the search finds no maximum.
    """
    from scipy.optimize import minimize

    total = float(data.quiet[3].sum() + len(data.pending[0]))
    time = float(max(column.max(initial=0.0) for column in (data.quiet[2], data.pending[2])))
    first = parameters_of(start) if start is not None else np.array([0.5, 0.15 * time, 0.7, 3.0])
    at = np.r_[np.log(first), chances, lean]

    def negative(point: Floats) -> tuple[float, Floats]:
        value, gradient = function(point)
        return (-value / total, -gradient / total) if np.isfinite(value) else (1e6, np.zeros_like(point))

    bounds = [(-BORDER, BORDER)] * 4 + borders + [LEANS]
    found = minimize(negative, at, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8})
    if not np.isfinite(found.fun) or found.fun >= 1e6:
        raise FitError("the chance of leaving at a complaint has no largest likelihood in these data")
    return found.x, float(-found.fun * total)


def climbed(function: Objective, at: Floats) -> tuple[Floats, float, Floats]:
    """Newton steps to the maximum, halved until the log-likelihood rises: the point, the log-likelihood there, and the curvature.

    `most_likely` may stop where a chance reaches one for somebody likely to leave, beyond which there is no likelihood.
    """
    best, gradient = function(at)
    for _ in range(CLIMBS):
        information = curvature(function, at)
        sizes, ways = np.linalg.eigh(information)
        step = np.clip(ways @ ((ways.T @ gradient) / np.maximum(np.abs(sizes), 1.0)), -1.0, 1.0)
        for _ in range(HALVES):
            found, slopes = function(at + step)
            if found > best:
                break
            step = step / 2
        else:
            break
        gain, at, best, gradient = found - best, at + step, found, slopes
        if gain < SETTLED:
            break
    return at, best, information


def curvature(function: Objective, at: Floats) -> Floats:
    """Minus the second derivatives, from the gradient."""
    rows = []
    for i in range(len(at)):
        step = np.zeros_like(at)
        step[i] = STEP
        rows.append((function(at - step)[1] - function(at + step)[1]) / (2 * STEP))
    found = np.array(rows)
    return (found + found.T) / 2
