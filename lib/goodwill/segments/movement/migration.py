"""Who moves where: migration between two windows with intervals, and tests of what a Markov chain assumes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import quantile_interval
from goodwill.segments.movement.paths import GONE, FloatArray, IntArray, Paths
from goodwill.shown import Shown

NEW = "new"
PRIOR = 0.5  # of each possible cell: Jeffreys' Dirichlet(1/2)
FOR_EVER = "if this matrix stayed for ever and no one entered"


@dataclass(frozen=True, eq=False, repr=False)
class Migration(Shown):
    """Moves between two windows; made by `migration`.

    Attributes
    ----------
    states : names
    counts : (from, to) customers
    possible : (from, to) whether the definition of the states allows the move
    entry : (to,) customers who were new in the second window, by their state there
    window : what the two windows are called
    level : of the intervals

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import migration
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> moves = migration(segment_paths(pd.DataFrame({"2024": ["low"] * 8 + ["high"] * 2, "2025": ["low"] * 6 + ["high"] * 4})))
    >>> moves.table().round(2)
       from    to  customers  probability  lower  upper
    0   low   low        6.0         0.75   0.41   0.94
    1   low  high        2.0         0.25   0.06   0.59
    2  high   low        0.0         0.00   0.00   0.67
    3  high  high        2.0         1.00   0.33   1.00
    """

    states: tuple[str, ...]
    counts: FloatArray
    possible: NDArray[np.bool_]
    entry: FloatArray
    window: tuple[str, str]
    level: float = 0.95

    @property
    def probabilities(self) -> FloatArray:
        """(from, to) shares of the customers; rows sum to 1, and are missing where nobody was in the state."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.divide(self.counts, total, out=np.full_like(self.counts, np.nan), where=total > 0)

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """(from, to) lower and upper ends: central intervals of the posterior under Dirichlet(1/2) over the possible moves."""
        from scipy.stats import beta

        own = np.where(self.possible, self.counts + PRIOR, 0)
        rest = own.sum(axis=1, keepdims=True) - own
        free = self.possible & (rest > 0)
        ends = []
        for tail in (0.5 - self.level / 2, 0.5 + self.level / 2):
            found = np.where(self.possible, 1.0, 0.0)  # a state with one possible move makes it for certain
            found[free] = beta.ppf(tail, own[free], rest[free])
            ends.append(found)
        return ends[0], ends[1]

    def draws(self, n: int, seed: int = 1) -> FloatArray:
        """(n, from, to) matrices from the posterior."""
        alpha = np.where(self.possible, self.counts + PRIOR, 0)
        drawn = np.random.default_rng(seed).standard_gamma(alpha, size=(n, *alpha.shape))
        return drawn / drawn.sum(axis=2, keepdims=True)

    def table(self) -> pd.DataFrame:
        """Long: from, to, customers, probability, lower, upper; the new customers first, moves that cannot be left out."""
        own = replace(self, counts=np.vstack([self.entry, self.counts]), possible=np.vstack([self._enterable, self.possible]))
        shares, (lower, upper) = own.probabilities, own.bounds
        rows = [
            (start, end, own.counts[i, j], shares[i, j], lower[i, j], upper[i, j])
            for i, start in enumerate((NEW, *self.states))
            for j, end in enumerate(self.states)
            if own.possible[i, j] and not (start == NEW and not self.entry.sum())
        ]
        return pd.DataFrame(rows, columns=["from", "to", "customers", "probability", "lower", "upper"])

    @property
    def stayed(self) -> float:
        """Share of the customers of the first window who are in the same state in the second."""
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def left(self) -> float | None:
        """Customers who were counted as gone in the second window; None where the states hold no exit."""
        return float(self.counts[:-1, -1].sum()) if GONE in self.states else None

    @property
    def _enterable(self) -> NDArray[np.bool_]:
        return np.array([name != GONE for name in self.states])


def migration(paths: Paths, at: int = 0, *, level: float = 0.95) -> Migration:
    """Moves from window `at` to the next.

    Raises TooLittle when there is no next window, or nobody is there in the first.

    >>> import pandas as pd
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> moves = migration(segment_paths(pd.DataFrame({"2024": ["low", "low", "high", None], "2025": ["low", "high", "high", "low"]})))
    >>> round(moves.stayed, 2), moves.counts.tolist()  # two of the three who were there; the fourth came later
    (0.67, [[1.0, 1.0], [0.0, 1.0]])
    """
    now, then = paths.codes[:, paths.window(at)], paths.codes[:, paths.window(at + 1)]
    counts, entry = _tabulate(paths, (now, then)), np.zeros(len(paths.states))
    if not counts.sum():
        raise TooLittle(f"nobody is there in window {at} ({paths.windows[at]}), so that nobody can move")
    fresh = (now < 0) & (then >= 0)
    np.add.at(entry, then[fresh], paths.customers[fresh])
    return Migration(paths.states, counts, _possible(paths), entry, (paths.windows[at], paths.windows[at + 1]), level)


@dataclass(frozen=True)
class TestResult:
    """A likelihood ratio test: the statistic, its degrees of freedom, p, and the share of cells with fewer than 5 expected.

    `compared` names the two windows whose moves are compared, where there are two.

    Examples
    --------
    >>> TestResult("order 1 against 2", statistic=9.2, df=4, p=0.056, sparse=0.1).rejected
    False
    """

    __test__ = False  # for pytest: this is no test class

    name: str
    statistic: float
    df: int
    p: float
    sparse: float
    compared: tuple[str, ...] = ()

    @property
    def rejected(self) -> bool:
        """Whether the hypothesis is rejected at the 5 % level."""
        return self.p < 0.05


def homogeneity_test(paths: Paths, first: int, second: int) -> TestResult:
    """Whether customers move alike from window `first` to the next and from window `second` to the next (Anderson & Goodman 1957, G2).

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> before, after = ["low"] * 20 + ["high"] * 20, ["low"] * 16 + ["high"] * 4 + ["low"] * 4 + ["high"] * 16
    >>> paths = segment_paths(pd.DataFrame({"2023": before, "2024": after, "2025": after}))
    >>> found = homogeneity_test(paths, 0, 1)
    >>> found.compared, round(found.p, 4), found.rejected  # first a fifth moves, then nobody
    (('2023', '2024'), 0.0025, True)
    """
    tables = np.stack([migration(paths, first).counts, migration(paths, second).counts], axis=1)  # (from, time, to)
    return TestResult("homogeneity", *conditional_independence(tables), (paths.windows[first], paths.windows[second]))


def order_test(paths: Paths, at: int) -> TestResult:
    """Whether the state of window `at` still matters for window at + 2 when that of at + 1 is known (order 2 against 1, G2).

    A Markov chain of order 1 says no. Where the test rejects, forecasts and values of the chain are illustrations.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> rows = ["low low low"] * 9 + ["low low high"] * 1 + ["high low low"] * 2 + ["high low high"] * 8
    >>> paths = segment_paths(pd.DataFrame([row.split() for row in rows], columns=["2023", "2024", "2025"]))
    >>> order_test(paths, 0).rejected  # who came from high goes back there
    True
    """
    codes = [paths.codes[:, paths.window(at + k)] for k in range(3)]
    tables = _tabulate(paths, (codes[1], codes[0], codes[2]))  # (now, before, next)
    return TestResult("order 1 against 2", *conditional_independence(tables))


def expected_time(moves: Migration, horizon: int, *, draws: int = 1000, seed: int = 1) -> pd.DataFrame:
    """How long customers stay: one row per state they are in now.

    Returns
    -------
    DataFrame
        `stay`, windows in a row in this state, the present one counted, 1 / (1 - p) with `stay_lower` and `stay_upper`; and
        one column per state, `in <state>`: windows spent there among the next `horizon` ones. Both if the matrix stays as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import migration
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> moves = migration(segment_paths(pd.DataFrame({"2024": ["low"] * 4 + ["high"] * 4, "2025": ["low"] * 3 + ["high"] * 4 + ["low"]})))
    >>> expected_time(moves, horizon=1, draws=50)[["state", "stay"]].to_dict("list")  # left by one in four: four windows
    {'state': ['low', 'high'], 'stay': [4.0, 4.0]}
    """
    transition = filled(moves)
    drawn = moves.draws(draws, seed)
    keep = np.diagonal(transition)
    stay = quantile_interval(_stay(keep), _stay(np.diagonal(drawn, axis1=1, axis2=2)), moves.level)
    power, total = np.eye(len(keep)), np.zeros_like(transition)
    for _ in range(horizon):
        power = power @ transition
        total += power
    frame = pd.DataFrame({"state": moves.states, "stay": stay.estimate, "stay_lower": stay.lower, "stay_upper": stay.upper})
    return frame.assign(**{f"in {name}": total[:, j] for j, name in enumerate(moves.states)})


def steady_state(moves: Migration, *, draws: int = 1000, seed: int = 1) -> pd.DataFrame:
    """Shares of the states if this matrix stayed for ever and no one entered; never a forecast.

    Returns
    -------
    DataFrame
        state, now (share of the second window), share, lower, upper; `attrs["label"]` says the condition, which belongs on every figure.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import migration
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> moves = migration(segment_paths(pd.DataFrame({"2024": ["low"] * 4 + ["high"] * 4, "2025": ["low"] * 3 + ["high"] * 4 + ["low"]})))
    >>> steady_state(moves, draws=50)["share"].round(2).tolist()  # one in four goes either way
    [0.5, 0.5]
    """
    now = moves.counts.sum(axis=0) + moves.entry
    share = quantile_interval(_stationary(filled(moves)), _stationary(moves.draws(draws, seed)), moves.level)
    frame = pd.DataFrame(
        {"state": moves.states, "now": now / now.sum(), "share": share.estimate, "lower": share.lower, "upper": share.upper}
    )
    frame.attrs["label"] = FOR_EVER
    return frame


def stayers(paths: Paths, start: int = 0) -> pd.DataFrame:
    """Hint at movers and stayers: who is in one state in every window from `start` on, beside what a chain expects.

    The chain multiplies the shares that stay from each window to the next, so that a change of the matrix over time is no hint. A `ratio`
    well above 1 says that some customers hardly move (Blumen, Kogan & McCarthy 1955): one matrix for all then understates who stays.

    Returns
    -------
    DataFrame
        state, customers (in the window `start`), stayed with lower and upper (Wilson), expected, ratio

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> rows = ["low low low"] * 8 + ["low high low"] * 4 + ["high low high"] * 4 + ["high high high"] * 8
    >>> found = stayers(segment_paths(pd.DataFrame([row.split() for row in rows], columns=["2023", "2024", "2025"])))
    >>> found[["state", "stayed", "expected", "ratio"]].round(2).to_dict("list")  # some never move
    {'state': ['low', 'high'], 'stayed': [0.67, 0.67], 'expected': [0.44, 0.44], 'ratio': [1.5, 1.5]}
    """
    from goodwill.inference.proportions import wilson

    codes = paths.codes[:, paths.window(start) :]
    if codes.shape[1] < 3:
        raise DataError(f"a hint at stayers needs three windows, and there are {codes.shape[1]} from window {start} on")
    chain = np.prod([np.diagonal(filled(migration(paths, k))) for k in range(start, len(paths.windows) - 1)], axis=0)
    rows = []
    for state, name in enumerate(paths.states):
        n = paths.customers[codes[:, 0] == state].sum()
        if n:
            kept = wilson(paths.customers[(codes == state).all(axis=1)].sum(), n)
            rows.append((name, n, *kept, chain[state], kept.estimate / chain[state] if chain[state] > 0 else np.nan))
    return pd.DataFrame(rows, columns=["state", "customers", "stayed", "lower", "upper", "expected", "ratio"])


def _possible(paths: Paths) -> NDArray[np.bool_]:
    """Moves that the definition of `gone` allows: only the quiet go, who is gone comes back by buying, and nobody is quiet too long."""
    k = len(paths.states)
    possible = np.ones((k, k), bool)
    if paths.exit_after is not None:
        possible[1:-1, -1] = False
        possible[-1, 0] = False
        possible[0, 0] = paths.exit_after > 2
    return possible


def _tabulate(paths: Paths, codes: tuple[IntArray, ...]) -> FloatArray:
    """Customers by their states in some windows; those not there in one of them are left out."""
    table = np.zeros((len(paths.states),) * len(codes))
    there = np.all([c >= 0 for c in codes], axis=0)
    np.add.at(table, tuple(c[there] for c in codes), paths.customers[there])
    return table


def conditional_independence(tables: FloatArray) -> tuple[float, int, float, float]:
    """G2 of independence of rows and columns within each of the tables (strata, rows, columns): statistic, df, p, share of sparse cells.

    >>> import numpy as np
    >>> alike = np.array([[[30.0, 10.0], [60.0, 20.0]]])
    >>> [round(each, 6) for each in conditional_independence(alike)[:3]]  # both rows move alike
    [0.0, 1, 1.0]
    """
    from scipy.stats import chi2

    statistic, df, sparse, cells = 0.0, 0, 0, 0
    for table in tables:
        seen = table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)]
        if min(seen.shape) < 2:
            continue
        expected = seen.sum(axis=1, keepdims=True) * seen.sum(axis=0) / seen.sum()
        some = seen > 0
        statistic += 2 * float((seen[some] * np.log(seen[some] / expected[some])).sum())
        df += (seen.shape[0] - 1) * (seen.shape[1] - 1)
        sparse, cells = sparse + int((expected < 5).sum()), cells + expected.size
    if not df:
        raise TooLittle("there is nothing to compare: in every state all customers move alike, or nobody is there")
    return statistic, df, float(chi2.sf(statistic, df)), sparse / cells


def filled(moves: Migration) -> FloatArray:
    """The matrix; a state that nobody was in takes the prior mean.

    >>> import pandas as pd
    >>> from goodwill.segments import migration
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> filled(migration(segment_paths(pd.DataFrame({"2024": ["low", "low"], "2025": ["low", "high"]})))).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    mean = np.where(moves.possible, 1.0, 0.0)
    shares = moves.probabilities
    return np.asarray(np.where(np.isnan(shares), mean / mean.sum(axis=1, keepdims=True), shares), float)


def _stay(keep: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (1 - keep))


def _stationary(transition: FloatArray) -> FloatArray:
    """Stationary shares of one matrix or of many, (…, k); solves (I - P' + 1) pi = 1, which holds for one closed class of states."""
    k = transition.shape[-1]
    system = np.eye(k) - np.swapaxes(transition, -1, -2) + 1.0
    try:
        return np.asarray(np.linalg.solve(system, np.ones((*transition.shape[:-1], 1)))[..., 0], float)
    except np.linalg.LinAlgError:
        raise DataError("the matrix has several groups of states that are never left, so where it ends depends on the start") from None
