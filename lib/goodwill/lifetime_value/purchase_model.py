"""What purchase models share: what any of them must answer, and what follows for all of them in the same way.

All models here tell one story. Customers buy at rates of their own while they are "alive", and at some moment they leave for good without
saying so. Hence every answer is P(alive), which the history tells, times what the living do; and who is alive behaves as a new customer
whose distributions have been updated by the history. A model's own file holds the mathematics of these parts.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.errors import FitError
from goodwill.inference.fit import Fit, maximum_likelihood
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, check_parameters, parameter_names, some_draws
from goodwill.inference.rows import unit_of
from goodwill.lifetime_value.histories import history_rows, observe
from goodwill.lifetime_value.special import CACHED

AT_ONCE, MANY = 25, 500_000  # draws, and customers x draws, that are held at a time where a model differs by cell


def as_floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(value, dtype=float) for value in values)


def chosen(values: ArrayLike, which: NDArray[np.bool_]) -> FloatArray:
    """The values at chosen places of the shape that they broadcast to; a single one as it is."""
    values = np.asarray(values, dtype=float)
    if values.size == 1:
        return values.reshape(())
    if values.ndim == 1 and which.size == which.shape[-1]:  # of one draw: quicker by where they stand
        return values[np.flatnonzero(which)]
    return np.broadcast_to(values, which.shape)[which]


def check_horizon(horizon: FloatArray) -> None:
    if np.any(horizon < 0):
        raise FitError("a horizon cannot be negative")


def check_discounting(rate_per_unit: float, horizon: ArrayLike) -> None:
    if rate_per_unit < 0 or (rate_per_unit == 0 and np.any(np.isinf(horizon))):
        raise FitError("an infinite horizon needs a positive discount rate, and no rate may be negative")
    check_horizon(np.asarray(horizon))


def with_days(model: Any, summary: Any, customers: Any) -> Any:
    """What a model is fitted to: the frame of these customers, or the summary that it is from where a model asks for dates."""
    return summary if hasattr(model, "bound") or hasattr(model, "lenders") else customers


def by_birth(model: Any, T: ArrayLike) -> list[tuple[Any, Any]]:
    """Who is described by which model, by how long they are known: pairs of places in T and a model; nearly always one for all."""
    return model.by_birth(T) if hasattr(model, "by_birth") else [(slice(None), model)]


def of_customers(model: Any, customers: Any) -> Any:
    """The model asked about the customers of a frame: another one only where it goes with what is told of them, found by their ids."""
    return model.of_customers(customers) if hasattr(model, "of_customers") else model


def draws_at_once(draws: Any, customers: int) -> int:
    """Of how many draws a model is asked at a time: one, but where it differs by cell, which would be asked cells times draws times."""
    return max(1, min(AT_ONCE, MANY // max(customers, 1))) if getattr(draws, "is_drawn", False) else 1


def untold(fit: Any) -> Any:
    """The fit that knows nothing of a customer but her purchases, which nearly every fit is itself: for those of whom nothing is told."""
    return getattr(fit, "untold", fit)


def elapsed(model: Any, since: ArrayLike, until: ArrayLike) -> FloatArray:
    """Time between two moments as a model counts it; both are given in its time unit from the end of its data (before it: negative).

    Models that know the calendar count their own time, all others that of the calendar.
    """
    if hasattr(model, "elapsed"):
        return model.elapsed(since, until)
    since, until = as_floats(since, until)
    return until - since


@runtime_checkable
class PurchaseModel(Protocol):
    """The methods that comparison, value, segments and reports call.

    A model is a frozen dataclass of positive parameters and a last field `unit`. Its methods are pure and broadcast: over customers,
    and over parameters of shape (draws, 1), from which intervals are made. `weighted_log_likelihood`, a gradient, is optional.

    Examples
    --------
    The negative binomial model of customers who never leave, complete:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from scipy.special import gammaln
    >>> import goodwill as gw
    >>> from goodwill.inference.fit import maximum_likelihood
    >>> from goodwill.inference.likelihood import Likelihood
    >>> from goodwill.lifetime_value.histories import history_rows
    >>> @dataclass(frozen=True)
    ... class NBD:
    ...     r: object
    ...     alpha: object
    ...     unit: str | None = None
    ...
    ...     @classmethod
    ...     def fit(cls, data):
    ...         columns, weight = history_rows(data)
    ...         time = columns[2].max()
    ...         return maximum_likelihood(Likelihood(cls, columns, weight, ({"r": 1, "alpha": 1},), {"alpha": time}))
    ...
    ...     def log_likelihood(self, frequency, recency, T):
    ...         x, T = np.asarray(frequency), np.asarray(T)
    ...         return gammaln(self.r + x) - gammaln(self.r) - self.r * np.log1p(T / self.alpha) - x * np.log(self.alpha + T)
    ...
    ...     def probability_alive(self, frequency, recency, T):
    ...         return np.ones(np.broadcast_shapes(np.shape(self.r), np.shape(frequency)))
    ...
    ...     def expected_purchases(self, horizon, frequency, recency, T):
    ...         return horizon * (self.r + np.asarray(frequency)) / (self.alpha + np.asarray(T))
    ...
    ...     def expected_purchases_new_customer(self, horizon):
    ...         return np.asarray(horizon) * self.r / self.alpha
    ...
    ...     def discounted_expected_purchases(self, rate_per_unit, frequency, recency, T, horizon=np.inf):
    ...         return self.expected_purchases(-np.expm1(-rate_per_unit * horizon) / rate_per_unit, frequency, recency, T)
    ...
    ...     def probability_of_purchases(self, n, horizon):
    ...         ways = gammaln(self.r + n) - gammaln(self.r) - gammaln(np.asarray(n) + 1)
    ...         return np.exp(ways - self.r * np.log1p(horizon / self.alpha) - n * np.log1p(self.alpha / horizon))
    ...
    ...     def draw_purchases(self, horizon, frequency, recency, T, rng):
    ...         return rng.poisson(horizon * rng.gamma(self.r + np.asarray(frequency)) / (self.alpha + np.asarray(T)))

    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> fit = NBD.fit(summary)
    >>> isinstance(fit.model, PurchaseModel), round(fit.model.r, 4), round(fit.model.alpha, 3)
    (True, 0.3848, 12.072)
    >>> fit.predict_interval(summary, horizon=39).round(-1).loc["total"].to_list()  # 1,882 came: some customers do leave
    [2930.0, 2770.0, 3090.0]
    """

    unit: str | None

    @classmethod
    def fit(cls, data: Any) -> Fit:
        """From a `PurchaseSummary`, or a frame with frequency, recency, T and an optional weight."""
        ...

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Of each customer; comparisons of models need all terms that depend on the data."""
        ...

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """That a customer with this history has not left by T."""
        ...

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """In (T, T + horizon], of customers with this history."""
        ...

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases in the first `horizon` time units of a customer."""
        ...

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """In (T, T + horizon], each discounted to T by e^(-rate x time since T)."""
        ...

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Of n repeat purchases in the first `horizon` time units of a customer."""
        ...

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history."""
        ...


class BuyTillYouDie:
    """Base of the models here: all public answers, from the few parts that a model's own paper gives.

    A model is a frozen dataclass that adds its parameters, `starts`, `limits` and the methods that raise `NotImplementedError` here.
    In these, x is the frequency; the arguments broadcast.
    """

    unit: str | None
    starts: ClassVar[tuple[dict[str, float], ...]]
    limits: ClassVar[tuple[Limit, ...]]
    times: ClassVar[tuple[str, ...]] = ()  # parameters in time units

    def __post_init__(self) -> None:
        check_parameters(self)

    # Of the model

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Log-likelihood of each customer."""
        raise NotImplementedError

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer."""
        raise NotImplementedError

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase.

        Parameters
        ----------
        T : array, shape (customers,)
            How long each customer is observed.
        """
        raise NotImplementedError

    def _log_odds_gone(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Logarithm of P(gone) / P(alive) at T."""
        raise NotImplementedError

    def _stay(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer who is alive at T has not left by T + horizon."""
        raise NotImplementedError

    def _expected_if_alive(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon] of customers who are alive at T."""
        raise NotImplementedError

    def _discounted_if_alive(self, rate: float, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        """The same, each purchase discounted to T."""
        raise NotImplementedError

    def _living(self, x: FloatArray, T: FloatArray) -> Any:
        """The model of new customers that customers alive at T behave as."""
        raise NotImplementedError

    def _draw_new(self, horizon: float, rng: np.random.Generator) -> NDArray[np.int64]:
        """Random numbers of purchases of new customers in `horizon`, one for each element of the parameters (arrays of one shape)."""
        raise NotImplementedError

    # What follows

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """Maximum likelihood from a `PurchaseSummary`, or a frame with frequency, recency, T and an optional weight.

        Parameters
        ----------
        data : PurchaseSummary or pandas.DataFrame
        prior : float, optional
            Width of a weak prior on the logarithms of the parameters, such as 1.5, whose meaning does not depend on the time unit;
            see `goodwill.inference.likelihood.Likelihood`.

        Raises
        ------
        FitError
            For impossible rows, for a single customer, and when nobody ever came back.
        """
        columns, weight = cls._rows(data)
        scale = dict.fromkeys(cls.times, float(columns[2].max()) / 10)
        return maximum_likelihood(Likelihood(cls, columns, weight, cls.starts, scale, cls.limits, unit_of(data), prior))

    @classmethod
    def _rows(cls, data: Any) -> tuple[tuple[FloatArray, FloatArray, FloatArray], FloatArray]:
        return history_rows(data)

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T."""
        return special.expit(-self._log_odds_gone(frequency, recency, T))

    def probability_alive_at(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T + horizon."""
        return self.probability_alive(frequency, recency, T) * self._stay(horizon, frequency, T)

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon] of customers with this history."""
        return self.probability_alive(frequency, recency, T) * self._expected_if_alive(horizon, frequency, T)

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer."""
        return self._expected_if_alive(horizon, 0.0, 0.0)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T by e^(-rate x time since T); by default all to come.

        Parameters
        ----------
        rate_per_unit : float
            Continuous discount rate per time unit of the model: log(1.15) / 52 for 15 % a year when the unit is the week.
        horizon : float
            May be infinite when the rate is positive.
        """
        check_discounting(rate_per_unit, horizon)
        return self.probability_alive(frequency, recency, T) * self._discounted_if_alive(rate_per_unit, horizon, frequency, T)

    def probability_of_future_purchases(
        self, n: ArrayLike, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> FloatArray:
        """Probability of n purchases in (T, T + horizon] of customers with this history."""
        n, x, T = as_floats(n, frequency, T)
        alive = self.probability_alive(x, recency, T)
        return alive * self._living(x, T).probability_of_purchases(n, horizon) + np.where(n == 0, 1 - alive, 0.0)

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history; exact, without event paths."""
        x, T = as_floats(frequency, T)
        alive = self._alive_by_distinct_draw(x, recency, T)
        active = rng.random(alive.shape) < alive
        there = int(np.count_nonzero(active))
        model: Any = type(self)
        own = model(*(chosen(getattr(self, name), active) for name in parameter_names(model)))
        living = own._living(chosen(x, active), chosen(T, active))
        given = [np.broadcast_to(getattr(living, name), (there,)) for name in parameter_names(type(living))]
        drawn = np.zeros(alive.shape, dtype=np.int64)
        drawn[active] = type(living)(*given)._draw_new(horizon, rng)
        return drawn

    def _alive_by_distinct_draw(self, x: FloatArray, recency: ArrayLike, T: FloatArray) -> FloatArray:
        """`probability_alive`, computed once for each distinct draw of the parameters: of few refits there are many repetitions.

        And once for equal histories that stand together, or are repeated as a whole.
        """
        known = x, np.asarray(recency, float), T
        drawn = [np.asarray(getattr(self, name), float) for name in parameter_names(type(self))]
        repeated = all(each.ndim == 2 and each.shape == x.shape and each.strides[0] == 0 for each in known)
        if repeated and all(each.ndim < 2 for each in drawn):
            return np.broadcast_to(self.probability_alive(*(each[0] for each in known)), x.shape)
        if all(each.ndim == 1 and each.shape == x.shape for each in known) and x.size > 1:
            first = np.concatenate([[True], np.any([each[1:] != each[:-1] for each in known], axis=0)])
            if 2 * first.sum() < 1.5 * first.size:
                return self._alive_by_distinct_draw(*(each[first] for each in known))[..., np.cumsum(first) - 1]
        if not all(each.ndim == 2 and each.shape == (drawn[0].shape[0], 1) for each in drawn):
            return self.probability_alive(x, recency, T)
        distinct, which = np.unique(np.hstack(drawn), axis=0, return_inverse=True)
        if len(distinct) > len(which) / 2:
            return self._alive_in_parts(*known)
        return type(self)(*(column[:, None] for column in distinct.T))._alive_in_parts(*known)[which.ravel()]

    def _alive_in_parts(self, x: FloatArray, recency: FloatArray, T: FloatArray) -> FloatArray:
        """`probability_alive` of draws, of as many at a time as a processor's cache holds what is computed on the way of."""
        draws, step = len(getattr(self, parameter_names(type(self))[0])), max(1, CACHED // max(x.size, 1))
        parts = [some_draws(self, slice(at, at + step)) for at in range(0, draws, step)]
        return np.concatenate([part.probability_alive(x, recency, T) for part in parts])

    def simulate(self, T: ArrayLike, horizon: float = 0.0, seed: int = 1) -> pd.DataFrame:
        """Simulated customers: frequency, recency, T and what they buy in the next `horizon` (frequency_holdout)."""
        (T,) = as_floats(T)
        return observe(self.simulate_purchases(T + horizon, seed), T, horizon)
