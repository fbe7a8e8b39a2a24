"""Word of mouth among people who know each other: percolation on random graphs of up to millions, and telling at random.

Two pictures with known limits. On a configuration-model graph every acquaintance passes the news on with probability T, once: the
reach of a complaint is the cluster of the complainer after all other ties are cut (Newman 2002, Physical Review E 66, 016128).
With telling at random, each teller picks people from the whole market; in a large one this is the branching process of `cascade`.
Cluster sizes count the complainer; the reach of a cascade does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.word_of_mouth.telling import NegativeBinomialTelling, Telling

Ints = NDArray[np.int64]
People = NDArray[Any]  # numbers of people, as narrow integers as they fit in


@dataclass(frozen=True, eq=False)
class Ties:
    """An undirected graph as pairs of people; `people` of them, numbered from 0.

    Examples
    --------
    >>> import numpy as np
    >>> ties = Ties(people=4, one=np.array([0, 1]), other=np.array([1, 2]))  # 0 knows 1, 1 knows 2, and 3 knows nobody
    >>> ties.people, list(zip(ties.one.tolist(), ties.other.tolist()))
    (4, [(0, 1), (1, 2)])
    """

    people: int
    one: People
    other: People


def configuration_graph(acquaintances: Telling, people: int, seed: int = 1) -> Ties:
    """A random graph with these numbers of acquaintances: everybody's loose ends are paired at random.

    A few double ties and ties to oneself remain, a share of the order of 1 / people.

    >>> from goodwill.word_of_mouth import NegativeBinomialTelling
    >>> ties = configuration_graph(NegativeBinomialTelling(9.5, 1.363), people=1_000)
    >>> ties.people, len(ties.one) == len(ties.other)
    (1000, True)
    """
    if people < 2:
        raise DataError(f"a graph of {people} people has no ties; need at least 2")
    rng = np.random.default_rng(seed)
    degrees = acquaintances.sample(people, rng)
    # Pairing needs an even number of loose ends: one person at random gets one more.
    degrees[rng.integers(people)] += degrees.sum() % 2
    kind = np.int32 if people < 2**31 else np.int64
    ends: People = np.repeat(np.arange(people, dtype=kind), degrees)
    rng.shuffle(ends)
    half = len(ends) // 2
    return Ties(people, ends[:half], ends[half:])


def clusters(ties: Ties, passing: float, seed: int = 1) -> tuple[Ints, Ints]:
    """Cut every tie with probability 1 - `passing`; returns the cluster number of each person and the size of each cluster.

    >>> import numpy as np
    >>> from goodwill.word_of_mouth import Ties
    >>> ties = Ties(4, np.array([0, 1]), np.array([1, 2]))  # three in a chain, and one who knows nobody
    >>> of, sizes = clusters(ties, passing=1.0)
    >>> sorted(sizes.tolist())
    [1, 3]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not 0 <= passing <= 1:
        raise DataError(f"the probability of passing on is {passing}; it must lie between 0 and 1")
    kept = np.random.default_rng(seed).random(len(ties.one), dtype=np.float32) < passing
    one, other = ties.one[kept], ties.other[kept]
    # Only the kept ties become a matrix; building it from all of them would take most of the time.
    matrix = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(ties.people, ties.people)).tocsr()
    _, label = connected_components(matrix, directed=False)
    return label, np.bincount(label)


def reach_of_complaints(ties: Ties, passing: float, complainers: Any, seed: int = 1) -> Ints:
    """How many others hear of each complaint when all of them share one pattern of passing on (cluster size less one).

    >>> import numpy as np
    >>> from goodwill.word_of_mouth import Ties
    >>> ties = Ties(4, np.array([0, 1]), np.array([1, 2]))  # three in a chain, and one who knows nobody
    >>> reach_of_complaints(ties, 1.0, [0, 3]).tolist()
    [2, 0]
    """
    label, size = clusters(ties, passing, seed)
    return size[label[np.asarray(complainers)]] - 1


@dataclass(frozen=True)
class AcquaintanceNetwork:
    """The limit of percolation on a large configuration-model graph with negative binomial numbers of acquaintances.

    Attributes
    ----------
    acquaintances : distribution of how many people one knows (and would tell, if telling happens)
    passing : probability that a tie is used

    Examples
    --------
    >>> from goodwill.word_of_mouth import NegativeBinomialTelling
    >>> network = AcquaintanceNetwork(NegativeBinomialTelling(9.5, 1.36312), passing=0.12)
    >>> round(network.threshold, 6), round(network.large_cluster, 6)
    (0.060719, 0.440094)
    """

    acquaintances: NegativeBinomialTelling
    passing: float

    def __post_init__(self) -> None:
        if not 0 <= self.passing <= 1:
            raise DataError(f"the probability of passing on is {self.passing}; it must lie between 0 and 1")

    @property
    def mean_excess(self) -> float:
        """How many others a friend knows on average, m (k + 1) / k: friends have more friends than people have."""
        return self.acquaintances.mean * (1 + 1 / self.acquaintances.dispersion)

    @property
    def threshold(self) -> float:
        """Passing on above which one complaint can reach a share of the whole market."""
        return 1 / self.mean_excess

    @property
    def mean_cluster(self) -> float:
        """Mean number of people in the cluster of a complainer, herself included; DataError at or above the threshold."""
        if self.passing >= self.threshold:
            raise DataError(
                f"passing on {self.passing:g} is not below the threshold {self.threshold:.4f}: the mean cluster grows with the market"
            )
        return 1 + self.passing * self.acquaintances.mean / (1 - self.passing * self.mean_excess)

    @property
    def large_cluster(self) -> float:
        """Share of the market in the one large cluster, 0 up to the threshold; also the chance that a complainer is in it."""
        if self.passing <= self.threshold:
            return 0.0
        return 1 - float(self.acquaintances.pgf(1 - self.passing + self.passing * self._not_connected))

    @property
    def _not_connected(self) -> float:
        """u: probability that a tie does not lead to the large cluster, iterated from 0 because 1 always is a root."""
        m, k = self.acquaintances.mean, self.acquaintances.dispersion
        excess = NegativeBinomialTelling(self.mean_excess, inf if k == inf else k + 1) if m else self.acquaintances
        u = 0.0
        for _ in range(100_000):
            new = float(excess.pgf(1 - self.passing + self.passing * u))
            if abs(new - u) < 1e-15:
                break
            u = new
        return u


def tell_at_random(people: int, told: Telling, retell: float, seed: int = 1, rounds: int = 10_000) -> int:
    """One complaint in a market where every teller picks people at random; returns how many distinct others heard.

    Each hearer retells at most once, with probability `retell`, when first told; `told` serves all generations.

    Examples
    --------
    >>> from goodwill.word_of_mouth import NegativeBinomialTelling
    >>> told = NegativeBinomialTelling(9.5, 1.363)
    >>> tell_at_random(10_000, told, retell=0.0, seed=2), tell_at_random(10_000, told, retell=0.3, seed=2)  # it runs through the market
    (6, 9215)
    """
    if people < 2 or not 0 <= retell <= 1:
        raise DataError(f"{people} people and a probability of retelling of {retell}; need at least 2 people and a probability")
    rng = np.random.default_rng(seed)
    heard = np.zeros(people, dtype=bool)
    heard[0] = True
    tellers = 1
    for _ in range(rounds):
        chosen = rng.integers(people, size=int(told.sample_sums(np.array([tellers]), rng)[0]))
        new = np.unique(chosen[~heard[chosen]])
        heard[new] = True
        tellers = int(rng.binomial(len(new), retell))
        if not tellers:
            break
    return int(heard.sum()) - 1


def share_reached_at_random(reproduction: float) -> float:
    """Share z of a large market that ends up hearing when telling at random takes off: z = 1 - exp(-R z), whatever the dispersion.

    Heavy tails of telling make an outbreak rarer, not smaller. 0 up to R = 1.

    >>> [round(share_reached_at_random(r), 6) for r in (1.14, 1.425, 1.9)]
    [0.235123, 0.530323, 0.767244]
    """
    from scipy.optimize import brentq

    if reproduction <= 1:
        return 0.0
    return float(brentq(lambda z: 1 - np.exp(-reproduction * z) - z, 1e-9, 1.0, xtol=1e-14))
