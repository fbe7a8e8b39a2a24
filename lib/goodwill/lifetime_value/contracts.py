"""How long customers keep a contract that they renew, or not, at fixed points: retention and its value.

Fader & Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1), 76-90 (the shifted-beta-geometric
model); Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to Project Customer Retention" Revisited, ibid. 43, 1-16 (beta-discrete-
Weibull); Fader & Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1), 85-93 (residual value).

Each customer has a propensity theta ~ Beta(alpha, beta) and is still there after t periods with probability (1 - theta)^(t^c). In the
shifted-beta-geometric model c = 1: the same chance of leaving at every renewal. Retention rates rise with time in both because
the customers with a high theta leave first; with c > 1 a customer's own chance of leaving grows as well, with c < 1 it falls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from goodwill.errors import FitError
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, check_parameters
from goodwill.lifetime_value.purchase_model import as_floats, check_discounting, check_horizon
from goodwill.lifetime_value.special import log_gamma_ratio

HUGE = 230.0  # logarithm of an exposure that still has a square
SMALL = 1e-6  # of a fall, below which it is computed from the slope
REMAINS = 40.0  # a discounted sum ends where e^-40 of a unit is left


def contract_rows(data: pd.DataFrame) -> pd.DataFrame:
    """Who left when, from survival tables.

    Parameters
    ----------
    data : pandas.DataFrame
        Columns `time` (0, 1, 2, … periods since the start) and `customers` (how many are still under contract then, never rising);
        with several cohorts also `cohort`, whose tables may end at different times. Percentages are not counts: multiply them by the
        number who started.

    Returns
    -------
    pandas.DataFrame
        time, left (1: left at the renewal that ended this period; 0: still there when the table ended) and weight.

    Raises
    ------
    FitError
        For a column that is missing, a table with holes, or customers that rise or are negative.
    """
    for column in ("time", "customers"):
        if column not in data:
            raise FitError(f"column '{column}' is missing; a survival table has time (0, 1, 2, …) and customers (still there)")
    groups = data.groupby("cohort") if "cohort" in data else [("", data)]
    rows = []
    for cohort, table in groups:
        name = f" of cohort {cohort}" if "cohort" in data else ""
        table = table.sort_values("time")
        time, customers = (pd.to_numeric(table[column], errors="coerce").to_numpy(float) for column in ("time", "customers"))
        if not np.array_equal(time, np.arange(len(time))) or len(time) < 2:
            raise FitError(f"the times{name} are {time.tolist()[:6]}…; they must be 0, 1, 2, … without holes, at least up to 1")
        if not (np.all(np.isfinite(customers)) and np.all(customers >= 0) and np.all(np.diff(customers) <= 0)):
            raise FitError(f"the customers{name} must be numbers that never rise with time, since who has left stays away")
        rows.append(pd.DataFrame({"time": time[1:], "left": 1.0, "weight": -np.diff(customers)}))
        rows.append(pd.DataFrame({"time": time[-1:], "left": 0.0, "weight": customers[-1:]}))
    found = pd.concat(rows).groupby(["time", "left"], as_index=False)["weight"].sum()
    return found[found["weight"] > 0].reset_index(drop=True)


class Contract:
    """What both models share; `_log_exposure(t)` is the logarithm of the power of 1 - theta at time t, which no number may hold.

    Examples
    --------
    Both models are fitted alike, here to the high-end customers of Fader and Hardie (2007), seven years of 1,000 contracts:

    >>> import pandas as pd
    >>> import goodwill as gw
    >>> there = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> fit = gw.ShiftedBetaGeo.fit(pd.DataFrame({"time": range(8), "customers": there}), unit="year")
    >>> fit.parameters.round(3), isinstance(fit.model, Contract)
    (array([0.668, 3.806]), True)
    """

    alpha: Any
    beta: Any
    unit: str | None
    starts: ClassVar[tuple[dict[str, float], ...]]
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(("alpha", "beta"), 1, "all customers seem to leave with the same probability, so only alpha/(alpha+beta) is known"),
        Limit(("alpha", "beta"), -1, "some customers seem to leave at once and the others never"),
        Limit(("alpha",), -1, "nobody seems to leave"),
        Limit(("beta",), 1, "nobody seems to leave"),
    )

    def __post_init__(self) -> None:
        check_parameters(self)

    def _log_exposure(self, time: FloatArray) -> FloatArray:
        raise NotImplementedError

    def _log_share(self, log_exposure: FloatArray) -> FloatArray:
        """Logarithm of E[(1 - theta)^exposure] = B(alpha, beta + exposure) / B(alpha, beta).

        An exposure beyond e^230 enters by its limit, exposure^-alpha, which no longer differs in any digit.
        """
        within, beyond = np.exp(np.minimum(log_exposure, HUGE)), np.maximum(log_exposure - HUGE, 0.0)
        return log_gamma_ratio(self.beta, self.alpha) - log_gamma_ratio(self.beta + within, self.alpha) - self.alpha * beyond

    def _log_survival(self, time: FloatArray) -> FloatArray:
        return self._log_share(self._log_exposure(time))

    @classmethod
    def fit(cls, data: pd.DataFrame, unit: str | None = None, prior: float | None = None) -> Fit:
        """Maximum likelihood from survival tables (see `contract_rows`): columns time, customers and, for several, cohort.

        Parameters
        ----------
        data : pandas.DataFrame
        unit : str, optional
            The contract period, such as "year".
        prior : float, optional
            Width of a weak prior on the logarithms of the parameters, such as 1.5; see `goodwill.inference.likelihood.Likelihood`.

        Raises
        ------
        FitError
            For an impossible table, and when nobody left.
        """
        rows = contract_rows(data)
        if not rows["left"].any():
            raise FitError("no customer left, so there is nothing to learn about leaving")
        columns = rows["time"].to_numpy(), rows["left"].to_numpy()
        weight = rows["weight"].to_numpy()
        return maximum_likelihood(Likelihood(cls, columns, weight, cls.starts, limits=cls.limits, unit=unit, prior=prior))

    def log_likelihood(self, time: ArrayLike, left: ArrayLike) -> FloatArray:
        """Log-probability of leaving at renewal `time` (left = 1), or of being there still after it (left = 0)."""
        time, left = as_floats(time, left)
        before = np.maximum(time, 1) - 1
        leaves = self._log_survival(before) + np.log(-np.expm1(-self._fall(before + 1)))
        return np.where(left > 0, leaves, self._log_survival(time))

    def _fall(self, time: FloatArray) -> FloatArray:
        """By how much the logarithm of survival falls at renewal `time`; never nothing, however little it is."""
        before, after = self._log_exposure(time - 1), self._log_exposure(time)
        fall = self._log_share(before) - self._log_share(after)
        # Where the difference of two logarithms has lost its digits: the step in exposure times the slope there.
        start, step = np.exp(np.minimum(before, HUGE)), -np.expm1(before - after) * np.exp(np.minimum(after, HUGE))
        small = step * _slope(self.alpha, self.beta + start + step / 2)
        return np.maximum(np.where(fall < SMALL, small, fall), 1e-300)

    def survival(self, time: ArrayLike) -> FloatArray:
        """Share of customers still under contract after `time` periods."""
        (time,) = as_floats(time)
        check_horizon(time)
        return np.exp(self._log_survival(time))

    def retention_rate(self, time: ArrayLike) -> FloatArray:
        """Share of the customers asked at renewal `time` (1, 2, …) who stay."""
        (time,) = as_floats(time)
        return np.exp(self._log_survival(time) - self._log_survival(time - 1))

    def probability_of_leaving(self, time: ArrayLike) -> FloatArray:
        """Probability that a new customer leaves at renewal `time` (1, 2, …)."""
        (time,) = as_floats(time)
        return self.survival(time - 1) * (1 - self.retention_rate(time))

    def probability_alive_at(self, horizon: ArrayLike, renewals: ArrayLike) -> FloatArray:
        """Probability that a customer who has renewed so many times is still there `horizon` periods later."""
        t, n = as_floats(horizon, renewals)
        check_horizon(t)
        return np.exp(self._log_survival(n + t) - self._log_survival(n))

    def expected_tenure(self, horizon: int) -> FloatArray:
        """Expected number of periods, of the first `horizon`, in which a new customer holds the contract.

        The first counts in full. Over an unlimited time many fitted models have no mean: a horizon is part of the question.
        """
        return self.survival(np.arange(int(horizon))).sum(axis=-1)

    def discounted_expected_lifetime(self, rate_per_unit: float) -> FloatArray:
        """Discounted number of contract periods of a customer about to be won, each paid at its start (DEL).

        Parameters
        ----------
        rate_per_unit : float
            Continuous discount rate per period: log(1.1) for 10 % a year when the contract runs for a year.
        """
        t = _periods(rate_per_unit)
        return (self.survival(t) * np.exp(-rate_per_unit * t)).sum(axis=-1)

    def discounted_expected_residual_lifetime(self, rate_per_unit: float, renewals: ArrayLike) -> FloatArray:
        """Discounted number of contract periods to come of a customer about to decide on the next renewal (DERL).

        Parameters
        ----------
        rate_per_unit : float
        renewals : array, shape (n,)
            How many renewals the customer has made. The period that is now decided on counts in full, if it comes about.
        """
        t = _periods(rate_per_unit)
        each = [self.probability_alive_at(t + 1, n) @ np.exp(-rate_per_unit * t) for n in np.ravel(renewals)]
        return np.stack(each, axis=-1).reshape((*np.shape(each[0]), *np.shape(renewals)))

    def value_of_renewal_point(self, rate_per_unit: float, renewal: int, points: float = 1.0) -> FloatArray:
        """Discounted contract periods that a new customer brings more when every customer's chance to renew at `renewal` rises.

        Parameters
        ----------
        rate_per_unit : float
        renewal : int
            1 for the first renewal.
        points : float
            Percentage points by which the chance of each customer who is asked rises.

        Notes
        -----
        Who is kept by the rise is an average of those asked, not of those who stay anyway, and so leaves sooner than these:
        with k the renewal and e(t) = t^c, E[(1-theta)^e(k-1) times the sum over t >= k of e^(-rate t) (1-theta)^(e(t) - e(k))].
        Times the margin of a period, this is what a point of retention is worth at the start of a contract.
        """
        t = renewal + _periods(rate_per_unit)
        asked, there, later = (self._log_exposure(np.asarray(time, float)) for time in (renewal - 1, renewal, t))
        with np.errstate(divide="ignore"):  # at t = k nothing has been added yet
            kept = later + np.log(-np.expm1(there - later))
        return points / 100 * np.exp(self._log_share(np.logaddexp(asked, kept)) - rate_per_unit * t).sum(axis=-1)

    def simulate(self, customers: int, horizon: int, seed: int = 1) -> pd.DataFrame:
        """A simulated survival table: time 0 … horizon, and customers still under contract then."""
        rng = np.random.default_rng(seed)
        theta = rng.beta(self.alpha, self.beta, size=customers)
        # Still there at t when the exposure for which the customer would stay, an exponential variable, exceeds e(t).
        stay = rng.standard_exponential(customers) / np.maximum(-np.log1p(-theta), 1e-300)
        time = np.arange(horizon + 1)
        return pd.DataFrame({"time": time, "customers": (np.log(stay[:, None]) > self._log_exposure(time.astype(float))).sum(axis=0)})


@dataclass(frozen=True)
class ShiftedBetaGeo(Contract):
    """The shifted-beta-geometric model: every customer has a constant chance theta ~ Beta(alpha, beta) of leaving at each renewal.

    Parameters
    ----------
    alpha, beta : float
    unit : str, optional
        The contract period, such as "year".

    Examples
    --------
    The published fit of the high-end customers, 1,000 at the start (Fader & Hardie 2007), and its forecast for year 12:

    >>> model = ShiftedBetaGeo(alpha=0.668, beta=3.806, unit="year")
    >>> round(float(model.survival(12)), 3)
    0.378
    """

    alpha: Any
    beta: Any
    unit: str | None = None

    starts: ClassVar[tuple[dict[str, float], ...]] = ({"alpha": 1.0, "beta": 1.0}, {"alpha": 0.5, "beta": 3.0})

    def _log_exposure(self, time: FloatArray) -> FloatArray:
        return _log(time)

    def retention_rate(self, time: ArrayLike) -> FloatArray:
        """Share of the customers asked at renewal `time` (1, 2, …) who stay (eq. 8)."""
        (time,) = as_floats(time)
        return (self.beta + time - 1) / (self.alpha + self.beta + time - 1)

    def probability_of_leaving(self, time: ArrayLike) -> FloatArray:
        """Probability that a new customer leaves at renewal `time` (1, 2, …) (eq. 5)."""
        (time,) = as_floats(time)
        return self.survival(time - 1) * self.alpha / (self.alpha + self.beta + time - 1)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (alpha, beta)."""
        time, left = columns
        kept = time - left  # renewals made
        gone, n = weight @ left, weight.sum()
        psi = special.psi

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            alpha, beta = theta
            both = psi(alpha + beta) - (weight @ psi(alpha + beta + time)) / n
            value = weight @ special.betaln(alpha + left, beta + kept) - n * special.betaln(alpha, beta)
            return float(value), np.array([gone / alpha + n * both, weight @ psi(beta + kept) + n * (both - psi(beta))])

        return value_and_gradient


@dataclass(frozen=True)
class BetaDiscreteWeibull(Contract):
    """The beta-discrete-Weibull model: the chance of leaving also changes with the age of the contract.

    Parameters
    ----------
    alpha, beta : float
    c : float
        Above 1 each customer's chance of leaving grows from renewal to renewal, below 1 it falls.
    unit : str, optional
        The contract period, such as "year".

    Examples
    --------
    >>> model = BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724, unit="year")
    >>> model.survival([1, 7, 12]).round(3)
    array([0.87 , 0.491, 0.404])
    """

    alpha: Any
    beta: Any
    c: Any
    unit: str | None = None

    starts: ClassVar[tuple[dict[str, float], ...]] = ({"alpha": 1.0, "beta": 1.0, "c": 1.0}, {"alpha": 0.3, "beta": 2.0, "c": 1.5})
    limits: ClassVar[tuple[Limit, ...]] = (
        *Contract.limits,
        Limit(("c",), -1, "only the first renewal seems to matter"),
        Limit(("c",), 1, "after the first renewals everybody seems to leave or to stay at once"),
    )

    def _log_exposure(self, time: FloatArray) -> FloatArray:
        return self.c * _log(time)

    @staticmethod
    def weighted_log_likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted sum of `log_likelihood` and its gradient, as a function of (alpha, beta, c)."""
        time, left = columns
        gone, stayed = weight * left, weight * (1 - left)
        before = np.maximum(time, 1) - 1

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            model = BetaDiscreteWeibull(*theta)
            fall = model._fall(before + 1)
            value = gone @ (model._log_survival(before) + np.log(-np.expm1(-fall))) + stayed @ model._log_survival(time)
            first, last, end = (model._slopes(each) for each in (before, before + 1, time))
            with np.errstate(over="ignore"):
                share = 1 / np.expm1(fall)  # those who stay over those who leave
            return float(value), (first + (first - last) * share) @ gone + end @ stayed

        return value_and_gradient

    def _slopes(self, time: FloatArray) -> FloatArray:
        """Derivatives of the logarithm of survival by alpha, beta and c, shape (3, n)."""
        alpha, beta, psi = self.alpha, self.beta, special.psi
        log_exposure = self._log_exposure(time)
        exposure, beyond = np.exp(np.minimum(log_exposure, HUGE)), np.maximum(log_exposure - HUGE, 0.0)
        by_exposure = -_slope(alpha, beta + exposure)
        by_alpha = psi(alpha + beta) - psi(alpha + beta + exposure) - beyond
        by_beta = _slope(alpha, np.full_like(exposure, beta)) + by_exposure
        return np.stack([by_alpha, by_beta, by_exposure * exposure * np.log(np.maximum(time, 1))])


def _slope(alpha: FloatArray, at: FloatArray) -> FloatArray:
    """psi(at + alpha) - psi(at), also where at is so large, or alpha so small, that the two agree in most digits."""
    middle = at + alpha / 2
    near = alpha * (1 / middle + 1 / (2 * middle**2) + 1 / (6 * middle**3))  # Euler and Maclaurin's, of psi'
    far = special.psi(at + alpha) - special.psi(at)
    close = alpha * special.polygamma(1, np.minimum(middle, 1e6))
    return np.where(at > 1e4, np.where(alpha < at / 10, near, far), np.where(alpha < 1e-5 * at, close, far))


def _log(time: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.log(time)


def _periods(rate: float) -> FloatArray:
    """0, 1, 2, … up to where nothing is left of a unit of money."""
    check_discounting(rate, np.inf)
    return np.arange(np.ceil(REMAINS / rate) + 1)
