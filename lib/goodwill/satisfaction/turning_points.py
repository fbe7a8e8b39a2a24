"""Steps, the largest step, zones and levels reached: what the answers at a few levels can show, each as a set that is honest about size.

Everything here speaks of levels that somebody chose; a level without answers is passed over, and a step then spans it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.inference.uncertainty import normal_quantile
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.intervals import share_difference
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
Step = tuple[float, float]


def adjacent_steps(cells: LoyaltyCells, level: float = 0.95) -> pd.DataFrame:
    """Differences in loyalty between neighbouring levels with intervals that hold all together.

    Returns
    -------
    DataFrame, one row per step: lower_level, upper_level, difference, lower, upper.

    Notes
    -----
    Agresti-Caffo intervals at level 1 - (1 - level)/steps (Bonferroni).

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> adjacent_steps(LoyaltyCells.of([1, 2, 3], [10, 20, 60], [100, 100, 100]))[["difference"]].round(2).to_dict("list")
    {'difference': [0.1, 0.4]}
    """
    import pandas as pd

    cells = cells.answered()
    steps = len(cells.levels) - 1
    difference, lower, upper = share_difference(cells.loyal[1:], cells.n[1:], cells.loyal[:-1], cells.n[:-1], 1 - (1 - level) / steps)
    return pd.DataFrame(
        {"lower_level": cells.levels[:-1], "upper_level": cells.levels[1:], "difference": difference, "lower": lower, "upper": upper}
    )


def largest_step_set(cells: LoyaltyCells, level: float = 0.95) -> tuple[Step, ...]:
    """The steps between neighbouring levels that may be the largest one; the true largest is among them with at least `level`.

    A step leaves the set when some other step is larger by a one-sided test at (1 - level)/(steps - 1). Shares are taken with one success
    and one failure added, so that a level with all or no loyal answers keeps an uncertainty.

    Returns
    -------
    Pairs (lower level, upper level), in rising order.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> largest_step_set(LoyaltyCells.of([1, 2, 3], [10, 20, 80], [100, 100, 100]))  # surely from 2 to 3
    ((2.0, 3.0),)
    """
    cells = cells.answered()
    inside = largest_steps(cells.loyal, cells.n, level)
    return tuple(step for step, keep in zip(pairs(cells.levels), inside, strict=True) if keep)


def largest_steps(loyal: FloatArray, n: FloatArray, level: float = 0.95) -> NDArray[np.bool_]:
    """The same for arrays of counts, shape (..., K); returns (..., K - 1) flags.

    >>> import numpy as np
    >>> largest_steps(np.array([10.0, 20.0, 80.0]), np.array([100.0, 100.0, 100.0])).tolist()
    [False, True]
    """
    p = (loyal + 1) / (n + 2)
    variance = p * (1 - p) / (n + 2)
    step = np.diff(p, axis=-1)
    count = step.shape[-1]
    if count < 2:
        return np.ones(step.shape, bool)
    z = normal_quantile(1 - 2 * (1 - level) / (count - 1))  # one-sided
    keep = np.ones(step.shape, bool)
    for i, j in product(range(count), repeat=2):
        if i == j:
            continue
        weights = np.zeros(count + 1)  # of step j minus step i; a level that both share counts twice
        weights[[j + 1, j]] += (1, -1)
        weights[[i + 1, i]] -= (1, -1)
        contrast, spread = p @ weights, np.sqrt(variance @ weights**2)
        keep[..., i] &= contrast - z * spread <= 0
    return keep


def pairs(levels: FloatArray) -> list[Step]:
    """Neighbouring levels.

    >>> import numpy as np
    >>> pairs(np.array([1, 2, 4]))
    [(1.0, 2.0), (2.0, 4.0)]
    """
    return [(float(a), float(b)) for a, b in pairwise(levels)]


@dataclass(frozen=True, eq=False, repr=False)
class Zones(Shown):
    """Exact posterior over the ways to cut the answered levels into zones of equal loyalty.

    Attributes
    ----------
    table : one row per partition, likeliest first: zones (such as "1-3 | 4 | 5"), number, probability
    cut_probability : probability that a border lies between each pair of neighbouring levels, (lower level, upper level) -> probability

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells, zone_posterior
    >>> found = zone_posterior(LoyaltyCells.of([1, 2, 3], [10, 11, 80], [100, 100, 100]))
    >>> found.credible(0.95)["zones"].tolist()  # how many zones, and which levels go together
    ['1-2 | 3', '1 | 2 | 3']
    """

    table: pd.DataFrame
    cut_probability: dict[Step, float]

    def credible(self, level: float = 0.95) -> pd.DataFrame:
        """The likeliest partitions that together hold `level`."""
        before = self.table["probability"].cumsum() - self.table["probability"]
        return self.table[before < level]

    @property
    def number_probability(self) -> dict[int, float]:
        """Probability of each number of zones."""
        grouped = self.table.groupby("number")["probability"].sum()
        return {int(str(k)): float(v) for k, v in grouped.items()}


def zone_posterior(cells: LoyaltyCells) -> Zones:
    """Which neighbouring levels share one loyalty, over all 2^(K-1) partitions (16 for five levels, 1,024 for eleven).

    Notes
    -----
    Uniform prior on the number of zones, then on the partitions with that number; Beta(1, 1) on the loyalty of each zone, which integrates
    to B(1 + x, 1 + n - x) exactly (a product partition model, Barry & Hartigan 1992, Annals of Statistics 20:260-279).

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> found = zone_posterior(LoyaltyCells.of([1, 2, 3], [10, 11, 80], [100, 100, 100]))
    >>> found.table["zones"].iloc[0], {step: round(chance, 2) for step, chance in found.cut_probability.items()}
    ('1-2 | 3', {(1.0, 2.0): 0.18, (2.0, 3.0): 1.0})
    """
    import pandas as pd

    cells = cells.answered()
    cuts = partitions(len(cells.levels))
    probability = partition_probabilities(cells.loyal[None], cells.n[None])[0]
    order = np.argsort(-probability, kind="stable")
    names = [_zone_name(cells.levels, cuts[i]) for i in order]
    table = pd.DataFrame({"zones": names, "number": cuts[order].sum(1) + 1, "probability": probability[order]})
    at_step = probability @ cuts
    return Zones(table, dict(zip(pairs(cells.levels), (float(v) for v in at_step), strict=True)))


def partitions(levels: int) -> NDArray[np.int_]:
    """All (2^(K-1), K-1) border patterns: 1 where a border lies.

    >>> partitions(3)
    array([[0, 0],
           [0, 1],
           [1, 0],
           [1, 1]])
    """
    return np.array(list(product((0, 1), repeat=levels - 1)), int).reshape(2 ** (levels - 1), levels - 1)


def partition_probabilities(loyal: FloatArray, n: FloatArray) -> FloatArray:
    """Posterior of every partition for (D, K) counts of D data sets; shape (D, 2^(K-1)), in the order of `partitions`.

    >>> import numpy as np
    >>> found = partition_probabilities(np.array([[10.0, 11.0, 80.0]]), np.array([[100.0, 100.0, 100.0]]))
    >>> found.round(2).tolist()  # in the order of `partitions`: a border after the second level alone
    [[0.0, 0.82, 0.0, 0.18]]
    """
    from scipy.special import betaln, comb, logsumexp

    k = n.shape[-1]
    zero = np.zeros((*n.shape[:-1], 1))
    x, m = np.concatenate([zero, np.cumsum(loyal, -1)], -1), np.concatenate([zero, np.cumsum(n, -1)], -1)
    y = m - x
    inside = {(i, j): betaln(1 + x[..., j] - x[..., i], 1 + y[..., j] - y[..., i]) for i in range(k) for j in range(i + 1, k + 1)}
    logs = []
    for pattern in partitions(k):
        borders = [0, *(np.flatnonzero(pattern) + 1), k]
        prior = -np.log(k) - np.log(comb(k - 1, len(borders) - 2))
        logs.append(prior + sum(inside[i, j] for i, j in pairwise(borders)))
    stacked = np.stack(logs, -1)
    return np.exp(stacked - logsumexp(stacked, axis=-1, keepdims=True))


def _zone_name(levels: FloatArray, cuts: NDArray[np.int_]) -> str:
    borders = [0, *(np.flatnonzero(cuts) + 1), len(levels)]
    groups = [levels[i:j] for i, j in pairwise(borders)]
    return " | ".join(f"{g[0]:g}" if len(g) == 1 else f"{g[0]:g}-{g[-1]:g}" for g in groups)
