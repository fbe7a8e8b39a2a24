"""How far the word of one complainer travels: the branching process of telling and retelling, with one kind of news.

The complainer tells K0 people. Each hearer retells with probability rho, to K people, and so on; the reach T counts all hearers,
not the complainer. With G0 and G the generating functions of K0 and K: H(s) = 1 - rho + rho G(s), U(s) = s H(U(s)),
G_T(s) = G0(U(s)); the reproduction number is R = rho E[K] (Harris 1963, The Theory of Branching Processes, chapter 1).
People who only heard of a problem tell fewer than those who were hurt, so the later generations have a distribution of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.word_of_mouth.telling import Floats, NegativeBinomialTelling, Telling

# Shoppers with a problem told 1.2 people on average, 69 % of them nobody (Wharton / Verde Group 2006, fitted to the published
# classes): a ceiling for people who merely heard of one.
HEARSAY = NegativeBinomialTelling(mean=1.1986, dispersion=0.1893)

LARGEST_REACH = 2**20
ROUNDS = 20_000
SMALLEST_GRID = 16_384
ALIASING = 1e-6  # what is left of the mass beyond the grid when it wraps around


@dataclass(frozen=True)
class TellingCascade:
    """The spread of one complaint.

    Attributes
    ----------
    first : how many people the complainer tells
    retell : probability that a hearer retells, 0..1
    onward : how many people a retelling hearer tells; by default far fewer than the complainer

    Examples
    --------
    >>> from goodwill.word_of_mouth import NegativeBinomialTelling
    >>> dissatisfied = NegativeBinomialTelling(9.5, 1.36311675)
    >>> cascade = TellingCascade(dissatisfied, retell=0.05, onward=dissatisfied)
    >>> cascade.reproduction, round(cascade.mean, 4), round(cascade.variance, 2)
    (0.47500000000000003, 18.0952, 804.64)
    >>> round(cascade.probability_of_lost_sale(0.02), 6)
    0.237988
    """

    first: Telling
    retell: float
    onward: Telling = HEARSAY

    def __post_init__(self) -> None:
        if not 0 <= self.retell <= 1:
            raise DataError(f"the probability of retelling is {self.retell}; it must lie between 0 and 1")

    @property
    def reproduction(self) -> float:
        """R: how many new tellers one teller makes on average."""
        return self.retell * self.onward.mean

    @property
    def critical_retelling(self) -> float:
        """The probability of retelling above which the word can run through the whole market; infinite when nobody tells enough."""
        return 1 / self.onward.mean if self.onward.mean >= 1 else inf

    @property
    def mean(self) -> float:
        """Expected reach, E[K0] / (1 - R); DataError at or above the threshold, where it is infinite."""
        self._require_subcritical("the expected reach")
        return self.first.mean / (1 - self.reproduction)

    @property
    def variance(self) -> float:
        """Variance of the reach; DataError at or above the threshold."""
        self._require_subcritical("the variance of the reach")
        r = self.reproduction
        per_hearer = self.retell * (self.onward.variance + self.onward.mean**2) - r**2
        return self.first.mean * per_hearer / (1 - r) ** 3 + self.first.variance / (1 - r) ** 2

    def mean_by_generation(self, generations: int) -> Floats:
        """Expected hearers in generation 1, 2, ...: E[K0] R^(g-1); finite also above the threshold."""
        return np.asarray(self.first.mean * self.reproduction ** np.arange(generations))

    def pgf(self, s: Any) -> Any:
        """E[s^T] for real or complex s inside the unit circle; mass at infinity counts as 0."""
        return self.first.pgf(_smallest_root(self._one_hearer, np.asarray(s)))

    def pmf(self, at_most: int) -> Floats:
        """P(T = 0), ..., P(T = at_most), exact but for rounding; what is missing to 1 is the mass beyond."""
        return coefficients(self.pgf, at_most)

    def tail(self, threshold: int) -> float:
        """P(T >= threshold)."""
        return 1.0 - float(self.pmf(threshold - 1).sum()) if threshold > 0 else 1.0

    def quantile(self, level: float) -> int:
        """The smallest reach that at least `level` of complaints do not exceed."""
        if not 0 < level < 1:
            raise DataError(f"the level is {level}; a quantile needs a share between 0 and 1")
        size = 256 if 1 - self.outbreak_probability > level else 2 * LARGEST_REACH
        while size <= LARGEST_REACH:
            cumulative = np.cumsum(self.pmf(size - 1))
            if cumulative[-1] >= level:
                return int(np.searchsorted(cumulative, level))
            size *= 4
        raise DataError(f"the {level:g} quantile of the reach lies beyond {LARGEST_REACH:,} people or is infinite")

    def probability_of_lost_sale(self, loss_per_hearing: ArrayLike) -> Any:
        """Probability that at least one hearer is lost, when each is with this probability: 1 - G_T(1 - phi)."""
        phi = np.asarray(loss_per_hearing, float)
        if not ((phi >= 0) & (phi <= 1)).all():
            raise DataError(f"the loss per hearing is {phi}; it must be a probability between 0 and 1")
        lost = 1 - self.pgf(1 - phi)
        return lost if phi.ndim else float(lost)

    @property
    def outbreak_probability(self) -> float:
        """Probability that the word of one complainer never dies out in an unlimited market; 0 up to the threshold."""
        if self.reproduction <= 1:
            return 0.0
        return 1 - float(self.first.pgf(_smallest_root(self._one_hearer, np.asarray(1.0))))

    @property
    def outbreak_probability_of_teller(self) -> float:
        """The same for somebody who is already retelling (not for any hearer: most never retell)."""
        if self.reproduction <= 1:
            return 0.0
        return 1 - float(self.onward.pgf(_smallest_root(self._one_hearer, np.asarray(1.0))))

    def simulate(self, complaints: int, seed: int = 1, at_most: int | None = None) -> NDArray[np.int64]:
        """Draw the reach of many complaints, generation by generation; a cascade stops growing once it exceeds `at_most`."""
        if at_most is None:
            self._require_subcritical("a simulation without `at_most`, whose time")
        rng = np.random.default_rng(seed)
        hearers = self.first.sample(complaints, rng)
        reach = hearers.copy()
        who = np.flatnonzero(hearers)
        hearers = hearers[who]
        while who.size:
            tellers = rng.binomial(hearers, self.retell)
            goes_on = tellers > 0 if at_most is None else (tellers > 0) & (reach[who] <= at_most)
            who, tellers = who[goes_on], tellers[goes_on]
            hearers = self.onward.sample_sums(tellers, rng)
            reach[who] += hearers
        return reach

    def _one_hearer(self, u: Any) -> Any:
        return 1 - self.retell + self.retell * self.onward.pgf(u)

    def _require_subcritical(self, what: str) -> None:
        if self.reproduction >= 1:
            raise DataError(
                f"{what} is infinite: one teller makes {self.reproduction:.3g} new tellers on average (retelling {self.retell:g} x "
                f"{self.onward.mean:.3g} people), and at 1 or more the word need not stop; ask for the outbreak probability instead"
            )


def _smallest_root(one_hearer: Any, s: NDArray[Any]) -> NDArray[Any]:
    """U(s) = s H(U(s)) by iteration from 0: starting at 1 would stay at 1, which always is a root for s = 1."""
    flat = np.atleast_1d(s).ravel()
    root = np.zeros_like(flat, dtype=complex if np.iscomplexobj(flat) else float)
    open_ = np.arange(flat.size)
    for _ in range(ROUNDS):
        new = flat[open_] * one_hearer(root[open_])
        moved = np.abs(new - root[open_]) > 1e-15
        root[open_] = new
        open_ = open_[moved]
        if not open_.size:
            break
    return root.reshape(np.shape(s))


def coefficients(pgf: Any, at_most: int) -> Floats:
    """The probabilities behind a generating function, read off a circle by the fast Fourier transform.

    On the unit circle the mass beyond the grid would wrap around, badly so near the threshold; on a smaller circle it is damped.
    Only the first half of the grid is used, so that undoing the damping magnifies rounding by less than the root of 1 / ALIASING.

    >>> coefficients(lambda s: 0.5 + 0.5 * s, at_most=2).round(6).tolist()  # nobody or one, with equal chances
    [0.5, 0.5, 0.0]
    """
    size = max(SMALLEST_GRID, 1 << int(np.ceil(np.log2(2 * (at_most + 1)))))
    radius = ALIASING ** (1 / size)
    values = pgf(radius * np.exp(2j * np.pi * np.arange(size // 2 + 1) / size))
    damped = np.fft.irfft(np.conj(values), size)[: at_most + 1]
    return np.maximum(damped / radius ** np.arange(at_most + 1), 0.0)


@dataclass(frozen=True)
class RetellingChains:
    """Sizes of chains of tellers, the first included, when each makes a negative binomial number of new tellers.

    The sizes of observed chains (retweets, forwarded reviews) identify R whatever the dispersion: R = 1 - 1 / mean size.

    Attributes
    ----------
    reproduction : R, new tellers per teller, below 1 for chains that all end
    dispersion : k of their number; infinite is Poisson

    Examples
    --------
    >>> import numpy as np
    >>> RetellingChains(0.475, 1.36311675).pmf(np.arange(1, 5)).round(6)
    array([0.665293, 0.155912, 0.06821 , 0.036934])
    """

    reproduction: float
    dispersion: float = inf

    def pmf(self, size: ArrayLike) -> Floats:
        """P(Y = size), size from 1 up (Dwass 1969, J. Applied Probability 6; Blumberg & Lloyd-Smith 2013, PLoS Comput. Biol. 9)."""
        from scipy import special

        n = np.asarray(size, float)
        r, k = self.reproduction, self.dispersion
        if isinf(k):
            return np.exp(special.xlogy(n - 1, r * n) - r * n - special.gammaln(n + 1))
        choose = -np.log(k * n + n - 1) - special.betaln(k * n, n) - np.log(n)
        return np.exp(choose + special.xlogy(n - 1, r / k) - (k * n + n - 1) * np.log1p(r / k))

    @classmethod
    def fit(cls, sizes: ArrayLike) -> RetellingChains:
        """Reproduction and dispersion of largest likelihood from complete chains.

        Raises DataError for sizes that are not whole numbers from 1 up. Chains that still grow bias R downwards: leave them out only
        together with all other chains of their age.
        """
        from scipy.optimize import minimize_scalar

        n = np.asarray(sizes, float).ravel()
        if not n.size or (n < 1).any() or (n != np.floor(n)).any():
            raise DataError("sizes of chains are whole numbers from 1 up (the first teller counts)")
        r = 1 - 1 / n.mean()
        if r == 0:
            return cls(0.0)
        distinct, count = np.unique(n, return_counts=True)

        def loss(log_k: float) -> float:
            return -float(count @ np.log(np.maximum(cls(r, float(np.exp(log_k))).pmf(distinct), 1e-300)))

        best = minimize_scalar(loss, bounds=(log(1e-3), log(1e4)), method="bounded", options={"xatol": 1e-9})
        poisson = -float(count @ np.log(np.maximum(cls(r).pmf(distinct), 1e-300)))
        return cls(float(r), inf if poisson <= best.fun + 1e-9 or best.x > log(5e3) else float(np.exp(best.x)))

    @staticmethod
    def reproduction_interval(sizes: ArrayLike, level: float = 0.95, draws: int = 2_000, seed: int = 1) -> tuple[float, float]:
        """Percentile bootstrap interval of R over chains."""
        n = np.asarray(sizes, float).ravel()
        means = np.random.default_rng(seed).multinomial(n.size, np.full(n.size, 1 / n.size), size=draws) @ n / n.size
        low, high = np.quantile(1 - 1 / means, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)
