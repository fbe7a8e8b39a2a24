"""How a new product spreads, first purchases only: the Bass model, its fit to yearly adoptions, and the value of a lost adopter."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from goodwill.errors import DataError, FitError
from goodwill.word_of_mouth.telling import Floats

FEWEST_PERIODS = 5  # three parameters, and two periods to judge them by
STARTS = [(p, q) for p in (0.003, 0.02) for q in (0.1, 0.4, 0.8)]

# United States, thousands of units a year from the launch on (data of Mahajan, Mason & Srinivasan 1986).
DURABLES = {
    "room air conditioners 1949-61": (96, 195, 238, 380, 1045, 1230, 1267, 1828, 1586, 1673, 1800, 1580, 1500),
    "colour television 1963-70": (747, 1480, 2646, 5118, 5777, 5982, 5962, 4631),
    "clothes dryers 1949-61": (106, 319, 492, 635, 737, 890, 1397, 1523, 1294, 1240, 1425, 1260, 1236),
}


@dataclass(frozen=True)
class BassDiffusion:
    """First adoptions of a new product (Bass 1969, Management Science 15(5)): the hazard of adoption is p + q F(t).

    Attributes
    ----------
    p : coefficient of innovation, per period
    q : coefficient of imitation, per period
    market : people who will adopt in the end

    Examples
    --------
    >>> bass = BassDiffusion(p=0.03, q=0.38)
    >>> round(float(bass.share(10)), 4), round(bass.peak_time, 2)
    (0.8128, 6.19)
    """

    p: float
    q: float
    market: float = 1.0

    def __post_init__(self) -> None:
        if not (self.p > 0 and self.q >= 0 and self.market > 0):
            raise DataError(f"p is {self.p}, q {self.q}, the market {self.market}; p and the market must be positive, q at least 0")

    def share(self, time: ArrayLike) -> Floats:
        """F(t): share of the market that has adopted by then."""
        gone = np.exp(-(self.p + self.q) * np.asarray(time, float))
        return (1 - gone) / (1 + self.q / self.p * gone)

    def adoptions(self, periods: int) -> Floats:
        """Adoptions in periods 1, 2, ...: market x (F(t) - F(t - 1)), not the density at t, which is biased."""
        return self.market * np.diff(self.share(np.arange(periods + 1)))

    @property
    def peak_time(self) -> float:
        """When adoptions are most frequent; 0 when they fall from the start."""
        return log(self.q / self.p) / (self.p + self.q) if self.q > self.p else 0.0

    def value_of_lost_adopter(self, time: ArrayLike, rate: float) -> Floats:
        """What the market loses by a disadopter at `time`, who stops talking: later adoptions of others, in units of one margin.

        Discounted continuously to `time` at `rate` per period; the direct loss of 1 margin is not included. A defector, who buys from
        a competitor but goes on talking for the product, costs nothing here. Without discounting the value is 0: everybody adopts in
        the end, and all of it is delay. (After Hogan, Lemon & Libai 2003, J. Service Research 5(3); first order in 1 / market.)

        >>> BassDiffusion(0.03, 0.38).value_of_lost_adopter([1, 4, 10], rate=0.10).round(3)
        array([1.057, 0.35 , 0.033])
        """
        from scipy.integrate import quad

        p, q, speed = self.p, self.q, self.p + self.q

        def missing(u: float, t: float) -> float:
            """Adopters missing at u because one stopped talking at t: f(u) times the integral of q / (p + q F) from t to u."""
            gone = exp(-speed * u)
            density = speed**2 / p * gone / (1 + q / p * gone) ** 2
            return density * q / speed * (u - t + q / p * (exp(-speed * t) - gone) / speed)

        def value(t: float) -> float:
            return rate * float(quad(lambda u: exp(-rate * (u - t)) * missing(u, t), t, t + 60 / speed, limit=200)[0])

        return np.vectorize(value, otypes=[float])(np.asarray(time, float))


@dataclass(frozen=True)
class BassFit:
    """A Bass model fitted to adoptions per period.

    `form` names the estimator. The market size of `model` is a number for forecasting within the data only: what may be reported
    is `market_size`, which refuses before the peak.

    Examples
    --------
    Colour television, 1963 to 1970, sales in thousands, whose peak lies in the data:

    >>> from goodwill.word_of_mouth import DURABLES, fit_bass
    >>> found = fit_bass(DURABLES["colour television 1963-70"])
    >>> found.past_peak, round(found.market_size, -3), [round(end, -3) for end in found.market_interval()]
    (True, 40000.0, [34000.0, 46000.0])
    """

    model: BassDiffusion
    form: str
    adopters: tuple[float, ...]
    standard_errors: tuple[float, float, float]  # of p, q, market; Wald
    residual_error: float
    r_squared: float

    @property
    def past_peak(self) -> bool:
        """Whether the peak lies at least one period before the end of the data, in the model and in the data themselves.

        The model alone is not enough: from six years of rising sales a fit may well place the peak in the fifth.
        """
        last = len(self.adopters) - 1
        return self.model.peak_time <= last and int(np.argmax(self.adopters)) < last

    @property
    def periods_past_peak(self) -> float:
        """Periods between the fitted peak and the end of the data."""
        return len(self.adopters) - self.model.peak_time

    @property
    def market_size(self) -> float:
        """The market size, from data that have passed their peak; FitError before it."""
        if not self.past_peak:
            raise FitError(
                f"the {len(self.adopters)} periods of the data do not show the peak (fitted: {self.model.peak_time:.1f}): "
                "a market size cannot be learnt before the peak; give it from elsewhere or wait"
            )
        return self.model.market

    def market_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Profile interval of the market size: all sizes at which the best p and q fit not significantly worse.

        The upper end is infinite when the data do not bound the market. FitError before the peak.

        Measured coverage of 95 % intervals with 8 % noise (`python -m benchmarks.word_of_mouth`): 95 to 96 % from four periods past
        the true peak on; of the series that are not refused, 89 % two periods past it and 81 % one period past it, because a series
        that seems to have peaked too early has a market that seems too small. Wald intervals: 93, 85 and 66 %.
        """
        from scipy.optimize import brentq
        from scipy.stats import f as f_distribution

        best = self.market_size
        adopters = np.array(self.adopters)
        degrees = len(adopters) - 3
        allowed = (self.residual_error**2 * degrees) * (1 + f_distribution.ppf(level, 1, degrees) / degrees)
        near = np.log([self.model.p, self.model.q])

        def excess(log_market: float) -> float:
            return _least_squares(adopters, exp(log_market), near).cost * 2 - allowed

        ends = []
        for step in (-0.02, 0.02):
            at = log(best)
            while excess(at + step) < 0 and abs(at + step - log(best)) < log(1e3):
                at, step = at + step, step * 1.6
            ends.append(exp(brentq(excess, at, at + step)) if excess(at + step) > 0 else inf if step > 0 else 0.0)
        return ends[0], ends[1]


def fit_bass(adopters: ArrayLike) -> BassFit:
    """Fit the Bass model to adoptions per period by interval least squares (Srinivasan & Mason 1986, Marketing Science 5(2)).

    Adoptions of a period are compared with market x (F(t) - F(t - 1)). Fitting the density f(t) instead biases p downwards.

    Parameters
    ----------
    adopters : first adoptions in period 1, 2, ... from the launch on

    Raises
    ------
    DataError
        Fewer than 5 periods, negative or missing numbers.

    Examples
    --------
    >>> from goodwill.word_of_mouth import DURABLES
    >>> found = fit_bass(DURABLES["room air conditioners 1949-61"])
    >>> round(found.model.p, 3), round(found.model.q, 2), round(found.model.peak_time, 1)
    (0.009, 0.37, 9.6)
    """
    y = _checked(adopters)
    fits = [_least_squares(y, None, np.log(start)) for start in STARTS]
    best = min(fits, key=lambda each: each.cost)
    p, q = np.exp(best.x)
    steps = BassDiffusion(p, q).adoptions(len(y))
    market = float(y @ steps / (steps @ steps))
    if not market > 0:
        raise FitError("no Bass model fits: the adoptions do not rise and fall from a launch in period 1")
    residual = float(np.sqrt(2 * best.cost / (len(y) - 3)))
    errors = residual * np.sqrt(np.diag(_information_inverse(p, q, market, len(y))))
    explained = 1 - 2 * best.cost / float(((y - y.mean()) ** 2).sum())
    model = BassDiffusion(float(p), float(q), market)
    return BassFit(model, "interval least squares", tuple(y.tolist()), tuple(errors.tolist()), residual, float(explained))


def fit_bass_by_likelihood(adopters: ArrayLike) -> BassFit:
    """Fit the Bass model by maximum likelihood (Schmittlein & Mahajan 1982, Marketing Science 1(1)), given who adopted at all.

    Standard errors take every adopter as an independent person and are far too small when the unit is thousands or when years differ
    for other reasons; `residual_error` says how far the years really are from the model.

    Examples
    --------
    >>> from goodwill.word_of_mouth import DURABLES
    >>> found = fit_bass_by_likelihood(DURABLES["clothes dryers 1949-61"])
    >>> round(found.model.p, 3), round(found.model.q, 2), found.past_peak
    (0.012, 0.35, True)
    """
    from scipy.optimize import minimize

    y = _checked(adopters)

    def loss(x: Any) -> float:
        steps = BassDiffusion(exp(x[0]), exp(x[1])).adoptions(len(y))
        return -float(y @ np.log(np.maximum(steps, 1e-300) / steps.sum()) / y.sum())

    options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 4_000}
    found = [minimize(loss, np.log(start), method="Nelder-Mead", bounds=[(-18, 1), (-10, 2)], options=options) for start in STARTS[:4]]
    p, q = np.exp(min(found, key=lambda each: each.fun).x)
    market = float(y.sum() / BassDiffusion(p, q).share(len(y)))
    model = BassDiffusion(float(p), float(q), market)
    expected = model.adoptions(len(y))
    residual = float(np.sqrt(((y - expected) ** 2).sum() / (len(y) - 3)))
    errors = np.sqrt(np.diag(_information_inverse(p, q, market, len(y), weight=1 / expected)))
    explained = 1 - float(((y - expected) ** 2).sum() / ((y - y.mean()) ** 2).sum())
    return BassFit(model, "maximum likelihood", tuple(y.tolist()), tuple(errors.tolist()), residual, explained)


def _checked(adopters: ArrayLike) -> Floats:
    y = np.asarray(adopters, float).ravel()
    if len(y) < FEWEST_PERIODS:
        raise DataError(f"the series of adoptions has {len(y)} periods; three unknowns need at least {FEWEST_PERIODS}")
    if not np.isfinite(y).all() or (y < 0).any() or not y.any():
        raise DataError("adoptions per period must be numbers from 0 up, none missing and not all 0")
    return y


def _least_squares(y: Floats, market: float | None, start: Floats) -> Any:
    """Least squares over log p and log q; the market is given, or, as it enters linearly, the best for each p and q."""
    from scipy.optimize import least_squares

    scale = float(np.abs(y).max())

    def residuals(x: Floats) -> Floats:
        steps = BassDiffusion(exp(x[0]), exp(x[1])).adoptions(len(y))
        best = market if market is not None else float(y @ steps) / (float(steps @ steps) or 1e-300)
        return (best * steps - y) / scale

    found = least_squares(residuals, start, bounds=([-18.0, -10.0], [1.0, 2.0]), xtol=1e-12, ftol=1e-13, gtol=1e-13, x_scale=1.0)
    found.cost *= scale**2
    return found


def _information_inverse(p: float, q: float, market: float, periods: int, weight: Floats | None = None) -> Floats:
    """(J' W J)^-1 of the expected adoptions in p, q and market."""

    def expected(theta: Floats) -> Floats:
        return BassDiffusion(*theta).adoptions(periods)

    at = np.array([p, q, market])
    columns = []
    for i, size in enumerate(1e-5 * at):
        step = np.zeros(3)
        step[i] = size
        columns.append((expected(at + step) - expected(at - step)) / (2 * size))
    jacobian = np.array(columns).T
    return np.asarray(np.linalg.inv(jacobian.T @ (jacobian * (np.ones(periods) if weight is None else weight)[:, None])))
