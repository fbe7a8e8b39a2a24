"""How many customers will come: a level that wanders, a trend that dies out, a season where two years are there, and chance.

The count of a period is Poisson with the mean exp(m + f). f is Gaussian with the covariance (of periods s, t, in years from now)

    9 + .5² s t + wave² exp(-2 sin²(pi (s - t))) + place² [same place of the year] + wander² min(s, t) + jump² [s = t]

that is a level, a growth per year, a smooth wave with the period of a year (MacKay 1998), or instead thirteen effects of the year's periods
(a Christmas), a random walk from period to period, and what one period has for itself (a campaign). How large these are is known by their
posterior over a grid, large wandering being less expected; given these, f is found by Laplace's approximation (Rasmussen & Williams 2006,
Gaussian Processes for Machine Learning, algorithm 3.1). Nothing but counts is needed.

A trend seen in a few years does not go on for ever. Ahead it halves again and again (the damped trend of Gardner & McKenzie 1985); after
how long cannot be learned from one record, so that half-lives of a quarter to four years are drawn with equal chances. `trend` asks what
would come if it stopped today, or went on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.special import gammaln

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import DataError
from goodwill.inference.ledger import FOUR_WEEKS, YEAR
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.shown import Shown

FloatArray = NDArray[np.float64]
A_YEAR = DAYS_PER_UNIT["year"] / FOUR_WEEKS  # periods
PLACES = YEAR // FOUR_WEEKS  # of the year
LEVEL, GROWTH = 3.0, 0.5  # standard deviations before anything is seen: of the level, and of the growth per year (logarithms)
WANDER = {0.0: 0.3, 0.02: 0.3, 0.05: 0.25, 0.1: 0.1, 0.2: 0.05}  # per period, with the weight before anything is seen
JUMP = (0.0, 0.05, 0.1, 0.2, 0.4)
NO_SEASON = (0.0, 0.0)
SEASONS = (NO_SEASON, (0.1, 0.0), (0.3, 0.0), (0.0, 0.1), (0.0, 0.3))  # wave, place
HALF_LIVES = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the trend ahead [years]
TRENDS: dict[str, tuple[float, ...]] = {"dies out": HALF_LIVES, "stops": (0.0,), "goes on": (np.inf,)}
MOST = 130  # periods that are looked at: ten years
LITTLE = 1e-3  # posterior weight below which a point of the grid is left out
STEPS = 50


class Cell(NamedTuple):
    """A point of the grid, its posterior weight, and what Laplace's approximation found there."""

    wander: float
    jump: float
    season: tuple[float, float]
    weight: float
    slope: FloatArray  # derivative of the log-likelihood at the mode, shape (periods,)
    half: FloatArray  # root of the curvature, shape (periods,)
    factor: FloatArray  # lower Cholesky factor of 1 + half K half


@dataclass(frozen=True, eq=False, repr=False)
class Arrivals(Shown):
    """What past counts say of coming ones.

    Parameters
    ----------
    counts : array, shape (periods,)
        Newcomers of periods of four weeks, the last of which ends now.

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.lifetime_value import Arrivals
    >>> ahead = Arrivals(np.full(13, 100.0)).interval(periods=1.0)
    >>> 95 < ahead.estimate < 105, ahead.lower > 60, ahead.upper < 140
    (True, True, True)
    """

    counts: FloatArray

    def __post_init__(self) -> None:
        given = np.asarray(self.counts, float)[-MOST:]
        if given.size < 2 or not np.isfinite(given).all() or (given < 0).any():
            raise DataError("newcomers are counted in at least two periods, and no count is negative.")
        object.__setattr__(self, "counts", given)

    @property
    def knows_season(self) -> bool:
        """Whether two years are there, below which a season cannot be told from a trend."""
        return len(self.counts) >= 2 * PLACES

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The points of the grid with their posterior weights, without those that hardly have any."""
        seasons = SEASONS if self.knows_season else (NO_SEASON,)
        found = [(point, *self._mode(self._past(*point))) for point in product(WANDER, JUMP, seasons)]
        # A season is as much expected as none, however many kinds of it are tried.
        expected = [WANDER[wander] / (1 if season == NO_SEASON else len(SEASONS) - 1) for (wander, _, season), *_ in found]
        evidence = np.array([each[1] for each in found]) + np.log(expected)
        weight = np.exp(evidence - evidence.max())
        weight /= weight.sum()
        kept = [Cell(*point, w, *rest) for (point, _, *rest), w in zip(found, weight, strict=True) if w > LITTLE]
        whole = sum(cell.weight for cell in kept)
        return tuple(cell._replace(weight=cell.weight / whole) for cell in kept)

    @property
    def season(self) -> float:
        """Posterior probability that the year's periods differ."""
        return sum(cell.weight for cell in self.cells if cell.season != NO_SEASON)

    @cached_property
    def growth(self) -> Interval:
        """Growth per year seen in the record (0.1: a tenth more each year), with its 95 % interval."""
        rng = np.random.default_rng(1)
        back = np.arange(len(self.counts)) - (len(self.counts) - 1)
        draws = []
        for cell, number in self._shares(4000):
            known = GROWTH**2 * back / A_YEAR
            whitened = solve_triangular(cell.factor, cell.half * known, lower=True)
            mean, variance = float(known @ cell.slope), GROWTH**2 - float(whitened @ whitened)
            draws.append(rng.normal(mean, np.sqrt(max(variance, 0.0)), number))
        drawn = np.expm1(np.concatenate(draws))
        return quantile_interval(float(np.median(drawn)), drawn)

    def rates(self, periods: int, draws: int = 1000, seed: int = 1, trend: str = "dies out") -> FloatArray:
        """Drawn mean counts of the periods to come, shape (draws, periods).

        Parameters
        ----------
        trend : "dies out" (half-lives of a quarter to four years, drawn), "stops" (today) or "goes on"
        """
        if trend not in TRENDS:
            raise DataError(f"trend={trend!r}; use one of {', '.join(TRENDS)}.")
        rng = np.random.default_rng(seed)
        parts = []
        for cell, number in self._shares(draws):
            shares = np.array_split(np.arange(number), len(TRENDS[trend]))
            for half_life, share in zip(TRENDS[trend], shares, strict=True):
                if len(share):
                    mean, covariance = self._ahead(cell, periods, half_life)
                    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(periods))
                    parts.append(mean + rng.standard_normal((len(share), periods)) @ root.T)
        drawn = np.exp(np.minimum(self._centre + np.concatenate(parts), 30.0))
        return rng.permutation(drawn)  # so that a draw's number says nothing of its cell

    def interval(self, periods: float, draws: int = 2000, seed: int = 1, trend: str = "dies out", level: float = 0.95) -> Interval:
        """How many will come within so many periods, a part of one counting in proportion; chance included."""
        exposure = exposures(periods)
        mean = self.rates(len(exposure), draws, seed, trend) @ exposure
        drawn = np.random.default_rng(seed).poisson(np.minimum(mean, 1e15))
        return quantile_interval(float(mean.mean()), drawn, level)

    @property
    def _centre(self) -> float:
        return float(np.log(self.counts.mean() + 0.1))

    def _shares(self, draws: int) -> Iterator[tuple[Cell, int]]:
        """So many draws of each cell, in proportion to its weight."""
        ends = np.round(np.cumsum([cell.weight for cell in self.cells]) * draws).astype(int)
        for cell, number in zip(self.cells, np.diff(np.concatenate([[0], ends])), strict=True):
            if number:
                yield cell, int(number)

    def _past(self, wander: float, jump: float, season: tuple[float, float]) -> FloatArray:
        n = len(self.counts)
        return _covariance(np.arange(n), np.arange(n), _grown(np.arange(n), n), _grown(np.arange(n), n), wander, season) + jump**2 * np.eye(
            n
        )

    def _mode(self, K: FloatArray) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Logarithm of the evidence, slope and root of the curvature at the mode, and the Cholesky factor there."""
        y, n = self.counts, len(self.counts)
        f = np.log((y + 0.5) / (y.mean() + 0.5))
        for _ in range(STEPS):
            mu = np.exp(np.minimum(self._centre + f, 30.0))
            half = np.sqrt(mu)
            factor = cholesky(np.eye(n) + half[:, None] * K * half, lower=True)
            b = mu * f + y - mu
            inner = solve_triangular(factor, half * (K @ b), lower=True)
            a = b - half * solve_triangular(factor, inner, lower=True, trans="T")
            step = K @ a - f
            f = f + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
            if np.abs(step).max() < 1e-8:
                break
        mu = np.exp(np.minimum(self._centre + f, 30.0))
        half = np.sqrt(mu)
        factor = cholesky(np.eye(n) + half[:, None] * K * half, lower=True)
        evidence = -0.5 * float(a @ f) + float((y * (self._centre + f) - mu - gammaln(y + 1)).sum()) - float(np.log(np.diag(factor)).sum())
        return evidence, y - mu, half, factor

    def _ahead(self, cell: Cell, periods: int, half_life: float) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance of the logarithms of the coming means, less the centre."""
        n = len(self.counts)
        past, future = np.arange(n), np.arange(n, n + periods)
        grown = _grown(past, n), _damped((future - n + 1) / A_YEAR, half_life)
        between = _covariance(past, future, *grown, cell.wander, cell.season)
        own = _covariance(future, future, grown[1], grown[1], cell.wander, cell.season) + cell.jump**2 * np.eye(periods)
        whitened = solve_triangular(cell.factor, cell.half[:, None] * between, lower=True)
        return between.T @ cell.slope, own - whitened.T @ whitened


PLANNED = "The number of newcomers is given and not foretold, so that no record tells how far it can be trusted."


class Planned(NamedTuple):
    """A number of newcomers that is given, the same in each period of four weeks; stands in place of `Arrivals`.

    Examples
    --------
    >>> from goodwill.lifetime_value import Planned
    >>> Planned(10.0).rates(3, draws=1).tolist()
    [[10.0, 10.0, 10.0]]
    """

    each: float

    @property
    def arrivals(self) -> Planned:
        """Itself, where counts have a forecast."""
        return self

    def rates(self, periods: int, draws: int = 1000, seed: int = 1, trend: str = "dies out") -> FloatArray:
        """As of `Arrivals`."""
        return np.full((draws, periods), self.each)

    def interval(self, periods: float, draws: int = 2000, seed: int = 1, trend: str = "dies out", level: float = 0.95) -> Interval:
        """As of `Arrivals`; chance alone."""
        mean = self.each * periods
        return quantile_interval(mean, np.random.default_rng(seed).poisson(mean, draws), level)


def planned(newcomers_a_year: float) -> Planned:
    """A number of newcomers of one's own, spread evenly over the year.

    Raises DataError for a number that is none.
    """
    if not (np.isfinite(newcomers_a_year) and newcomers_a_year >= 0):
        raise DataError(f"newcomers is {newcomers_a_year}; give how many customers will come in a year, 0 or more.")
    return Planned(newcomers_a_year / A_YEAR)


def exposures(periods: float) -> FloatArray:
    """Which part of each coming period counts: 2.5 periods are two whole ones and a half.

    >>> exposures(2.5).tolist()
    [1.0, 1.0, 0.5]
    """
    if not (np.isfinite(periods) and periods > 0):
        raise DataError(f"the time ahead is {periods} periods of four weeks; it must be positive.")
    whole = int(np.floor(periods + 1e-9))
    rest = periods - whole
    return np.array([1.0] * whole + ([rest] if rest > 1e-9 else []))


def _grown(at: NDArray[Any], n: int) -> FloatArray:
    """Years from now of past periods."""
    return (np.asarray(at, float) - (n - 1)) / A_YEAR


def _damped(years: FloatArray, half_life: float) -> FloatArray:
    """Years for which a trend of this half-life has been at work after so many years."""
    if half_life == 0:
        return np.zeros_like(years)
    if np.isinf(half_life):
        return years
    return half_life / np.log(2) * -np.expm1(-years * np.log(2) / half_life)


def _covariance(
    one: NDArray[Any], other: NDArray[Any], one_grown: FloatArray, other_grown: FloatArray, wander: float, season: tuple[float, float]
) -> FloatArray:
    apart, (wave, place) = one[:, None] - other, season
    yearly = wave**2 * np.exp(-2 * np.sin(np.pi * apart / A_YEAR) ** 2) + place**2 * (apart % PLACES == 0)
    walked = np.minimum(one[:, None], other) + 1
    return LEVEL**2 + GROWTH**2 * np.outer(one_grown, other_grown) + yearly + wander**2 * walked
