"""How many people one complainer tells: distributions of the told-count.

Means are over everybody, those who tell nobody included. `answers` fits these distributions to counts and to binned answers,
`statements` to summary statements such as "half of them tell nine or ten".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError

Floats = NDArray[np.float64]
LARGEST_QUANTILE_SEARCH = 2**40


class Telling(Protocol):
    """What a distribution of told-counts offers; `variance` may be infinite.

    Examples
    --------
    >>> from goodwill.word_of_mouth import NegativeBinomialTelling, PoissonLognormalTelling
    >>> def expected_tail(told: Telling) -> float:  # any of the four families will do
    ...     return 1 - float(told.cdf(19))
    >>> [round(expected_tail(told), 2) for told in (NegativeBinomialTelling(9.5, 1.363), PoissonLognormalTelling(9.5, 0.8))]
    [0.12, 0.11]
    """

    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def cdf(self, count: ArrayLike) -> Floats: ...
    def pgf(self, s: Any) -> Any: ...
    def sample(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]: ...
    def sample_sums(self, tellers: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]: ...


class _ToldCounts:
    """What follows from the distribution function alone; shared by the four families."""

    def pmf(self: Telling, count: ArrayLike) -> Floats:
        """P(X = count)."""
        n = np.asarray(count, float)
        return self.cdf(n) - np.where(n > 0, self.cdf(np.maximum(n - 1, 0)), 0.0)

    def tail(self: Telling, threshold: int) -> float:
        """P(X >= threshold)."""
        return 1.0 - float(self.cdf(threshold - 1)) if threshold > 0 else 1.0

    def quantile(self: Telling, level: float) -> int:
        """The smallest count that at least `level` of people do not exceed."""
        if not 0 < level < 1:
            raise DataError(f"the level is {level}; a quantile needs a share between 0 and 1")
        high = 1
        while self.cdf(high) < level:
            high *= 2
            if high > LARGEST_QUANTILE_SEARCH:
                raise DataError(
                    f"the {level:g} quantile lies beyond {LARGEST_QUANTILE_SEARCH:,} people; the distribution is too heavy-tailed"
                )
        low = -1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.cdf(middle) >= level else (middle, high)
        return high

    def sample_sums(self: Telling, tellers: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """People told by each group of `tellers` people together."""
        drawn = self.sample(int(tellers.sum()), rng)
        ends = np.cumsum(tellers)
        running = np.concatenate([[0], np.cumsum(drawn)])
        return running[ends] - running[ends - tellers]


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise DataError(f"{name} is {value}; it must be positive")


@dataclass(frozen=True)
class NegativeBinomialTelling(_ToldCounts):
    """Told-counts with variance mean + mean² / dispersion; infinite dispersion is the Poisson distribution.

    Examples
    --------
    >>> dissatisfied = NegativeBinomialTelling(mean=9.5, dispersion=1.36311675)
    >>> round(dissatisfied.tail(20), 6), dissatisfied.quantile(0.5)
    (0.12, 7)
    """

    mean: float
    dispersion: float = inf

    def __post_init__(self) -> None:
        if not (self.mean >= 0 and not isinf(self.mean)):
            raise DataError(f"the mean number of people told is {self.mean}; it must be a number from 0 up")
        _require_positive(dispersion=self.dispersion)

    @property
    def variance(self) -> float:
        """Variance of the number of people told."""
        return self.mean + self.mean**2 / self.dispersion

    def cdf(self, count: ArrayLike) -> Floats:
        """P(X <= count)."""
        from scipy import special

        n = np.floor(np.asarray(count, float))
        if self.mean == 0:
            return np.ones_like(n)
        if isinf(self.dispersion):
            return np.asarray(special.pdtr(n, self.mean))
        return np.asarray(special.betainc(self.dispersion, n + 1, self.dispersion / (self.dispersion + self.mean)))

    def pmf(self, count: ArrayLike) -> Floats:
        """P(X = count), without cancellation in the tail."""
        from scipy import special

        n = np.asarray(count, float)
        if self.mean == 0:
            return np.asarray((n == 0).astype(float))
        if isinf(self.dispersion):
            return np.exp(special.xlogy(n, self.mean) - self.mean - special.gammaln(n + 1))
        k, m = self.dispersion, self.mean
        choose = -np.log(k + n) - special.betaln(k, n + 1)
        return np.exp(choose - k * np.log1p(m / k) + special.xlogy(n, m / (k + m)))

    def pgf(self, s: Any) -> Any:
        """E[s^X] for real or complex s with |s| <= 1."""
        if isinf(self.dispersion):
            return np.exp(self.mean * (s - 1))
        return (1 + self.mean / self.dispersion * (1 - s)) ** -self.dispersion

    def thinned(self, share: float) -> NegativeBinomialTelling:
        """The distribution when each hearer counts with probability `share` only: the same dispersion, a smaller mean."""
        return NegativeBinomialTelling(self.mean * share, self.dispersion)

    def sample(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw `size` told-counts."""
        return self.sample_sums(np.ones(size, dtype=np.int64), rng)

    def sample_sums(self, tellers: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """People told by groups of tellers: a sum of negative binomials is one, so each group costs one draw (0 tellers tell nobody)."""
        told = np.zeros(len(tellers), dtype=np.int64)
        some = tellers > 0
        if self.mean > 0:
            if isinf(self.dispersion):
                told[some] = rng.poisson(self.mean * tellers[some])
            else:
                told[some] = rng.negative_binomial(self.dispersion * tellers[some], self.dispersion / (self.dispersion + self.mean))
        return told


@dataclass(frozen=True)
class PoissonLognormalTelling(_ToldCounts):
    """Poisson counts whose rate is lognormal over people; `sigma` is the spread of the log rate. A heavier far tail.

    Examples
    --------
    >>> told = PoissonLognormalTelling(mean=9.5, sigma=0.8)
    >>> round(told.tail(20), 3), round(told.tail(60), 4)
    (0.106, 0.0039)
    """

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        _require_positive(mean=self.mean, sigma=self.sigma)

    @property
    def variance(self) -> float:
        """Variance of the number of people told."""
        return self.mean + self.mean**2 * float(np.expm1(self.sigma**2))

    def _rates(self, largest: float) -> tuple[Floats, Floats]:
        """Rates and weights of a trapezoid rule in the log rate, fine enough for counts up to `largest`."""
        step = min(0.1, 0.4 / (self.sigma * np.sqrt(largest + 1)))
        z = np.arange(-9.0, 9.0 + step, step)
        weight = np.exp(-(z**2) / 2)
        return self.mean * np.exp(self.sigma * z - self.sigma**2 / 2), weight / weight.sum()

    def cdf(self, count: ArrayLike) -> Floats:
        """P(X <= count)."""
        from scipy import special

        n = np.floor(np.asarray(count, float))
        rate, weight = self._rates(float(n.max(initial=0)))
        return np.asarray(special.pdtr(n[..., None], rate) @ weight)

    def pmf(self, count: ArrayLike) -> Floats:
        """P(X = count)."""
        from scipy import special

        n = np.asarray(count, float)
        rate, weight = self._rates(float(n.max(initial=0)))
        return np.asarray(np.exp(special.xlogy(n[..., None], rate) - rate - special.gammaln(n[..., None] + 1)) @ weight)

    def pgf(self, s: Any) -> Any:
        """E[s^X] for real or complex s with |s| <= 1."""
        rate, weight = self._rates(100.0)
        return np.exp(rate * (np.asarray(s)[..., None] - 1)) @ weight

    def sample(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw `size` told-counts."""
        return rng.poisson(self.mean * np.exp(self.sigma * rng.standard_normal(size) - self.sigma**2 / 2))


@dataclass(frozen=True)
class ZeroInflatedTelling(_ToldCounts):
    """A share of people never tells anybody; the others follow a negative binomial (or, by default, a Poisson) distribution.

    Examples
    --------
    >>> from goodwill.word_of_mouth import NegativeBinomialTelling
    >>> told = ZeroInflatedTelling(silent_share=0.69, talkers=NegativeBinomialTelling(4.0, 1.0))
    >>> round(told.mean, 2), round(float(told.cdf(0)), 3)  # also talkers may have told nobody
    (1.24, 0.752)
    """

    silent_share: float
    talkers: NegativeBinomialTelling

    def __post_init__(self) -> None:
        if not 0 <= self.silent_share < 1:
            raise DataError(f"the share who never tell is {self.silent_share}; it must be at least 0 and below 1")

    @property
    def mean(self) -> float:
        """People told on average over everybody, the silent included."""
        return (1 - self.silent_share) * self.talkers.mean

    @property
    def variance(self) -> float:
        """Variance over everybody."""
        second = (1 - self.silent_share) * (self.talkers.variance + self.talkers.mean**2)
        return second - self.mean**2

    def cdf(self, count: ArrayLike) -> Floats:
        """P(X <= count)."""
        return self.silent_share + (1 - self.silent_share) * self.talkers.cdf(count)

    def pmf(self, count: ArrayLike) -> Floats:
        """P(X = count)."""
        return self.silent_share * (np.asarray(count) == 0) + (1 - self.silent_share) * self.talkers.pmf(count)

    def pgf(self, s: Any) -> Any:
        """E[s^X]."""
        return self.silent_share + (1 - self.silent_share) * self.talkers.pgf(s)

    def sample(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw `size` told-counts."""
        return np.where(rng.random(size) < self.silent_share, 0, self.talkers.sample(size, rng))


@dataclass(frozen=True)
class MaximumEntropyTelling(_ToldCounts):
    """The flattest distribution with a given mean and a given share at or above a threshold: geometric on both sides, a kink between.

    P(n) is proportional to ratio^n below `threshold` (together 1 - tail_share) and from it on (together tail_share).

    Examples
    --------
    >>> told = MaximumEntropyTelling.from_mean(9.5, threshold=20, tail_share=0.12)
    >>> round(told.tail(20), 6), told.quantile(0.5)
    (0.12, 7)
    """

    ratio: float
    threshold: int
    tail_share: float

    def __post_init__(self) -> None:
        if not (0 < self.ratio < 1 and 0 <= self.tail_share < 1 and self.threshold > 0):
            raise DataError(f"no such distribution: ratio {self.ratio}, threshold {self.threshold}, tail share {self.tail_share}")

    @classmethod
    def from_mean(cls, mean: float, *, threshold: int = 20, tail_share: float = 0.12) -> MaximumEntropyTelling:
        """The one with this mean; DataError where tail and mean contradict each other for every distribution."""
        from scipy.optimize import brentq

        if not tail_share * threshold < mean:
            least = tail_share * threshold
            raise DataError(
                f"a share of {tail_share:g} telling {threshold} or more already means {least:g} people on average, not {mean:g}"
            )
        ratio = brentq(lambda r: cls(r, threshold, tail_share).mean - mean, 1e-9, 1 - 1e-9, xtol=1e-14)
        return cls(float(ratio), threshold, tail_share)

    @property
    def _low_end(self) -> Floats:
        weight = self.ratio ** np.arange(self.threshold)
        return (1 - self.tail_share) * weight / weight.sum()

    @property
    def mean(self) -> float:
        """People told on average."""
        high = self.threshold + self.ratio / (1 - self.ratio)
        return float(self._low_end @ np.arange(self.threshold)) + self.tail_share * high

    @property
    def variance(self) -> float:
        """Variance of the number of people told."""
        high, spread = self.threshold + self.ratio / (1 - self.ratio), self.ratio / (1 - self.ratio) ** 2
        second = float(self._low_end @ np.arange(self.threshold) ** 2) + self.tail_share * (spread + high**2)
        return second - self.mean**2

    def cdf(self, count: ArrayLike) -> Floats:
        """P(X <= count)."""
        n = np.floor(np.asarray(count, float))
        low = np.cumsum(self._low_end)[np.clip(n, 0, self.threshold - 1).astype(int)]
        return np.where(n < self.threshold, low, 1 - self.tail_share * self.ratio ** np.maximum(n - self.threshold + 1, 0))

    def pgf(self, s: Any) -> Any:
        """E[s^X]."""
        powers = np.asarray(s)[..., None] ** np.arange(self.threshold)
        return powers @ self._low_end + self.tail_share * np.asarray(s) ** self.threshold * (1 - self.ratio) / (
            1 - self.ratio * np.asarray(s)
        )

    def sample(self, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw `size` told-counts."""
        low = rng.choice(self.threshold, size, p=self._low_end / (1 - self.tail_share))
        high = self.threshold - 1 + rng.geometric(1 - self.ratio, size)
        return np.where(rng.random(size) < self.tail_share, high, low)
