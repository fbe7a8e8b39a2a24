"""Would other customers have given the same segments, and do the segments say anything about what comes next?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.inference.bootstrap import FloatArray, IntArray, block_sums, deal
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.segments.profiles import groups_of
from goodwill.shown import Shown

WINSOR = 0.995  # of next-period spend: a handful of huge orders would decide any comparison of squared errors
STABLE = 0.75  # Hennig (2007): from a mean Jaccard of .75 on a cluster is a valid, stable one; under .6 it should not be trusted
DOUBTFUL = 0.6


def adjusted_rand(first: Any, second: Any) -> float:
    """Agreement of two partitions of the same customers, 1 for the same, 0 for chance (Hubert & Arabie 1985).

    >>> adjusted_rand(["a", "a", "b", "b"], ["x", "x", "y", "y"]), round(adjusted_rand([0, 0, 1, 1], [0, 1, 0, 1]), 2)
    (1.0, -0.5)
    """
    a, b = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (first, second))
    if a.shape != b.shape:
        raise DataError(f"the partitions have {a.size} and {b.size} customers; they must be the same customers")
    table = _crossed(a, b)
    together, rows, columns = (float((n * (n - 1)).sum() / 2) for n in (table, table.sum(axis=1), table.sum(axis=0)))
    expected = rows * columns / (len(a) * (len(a) - 1) / 2) if len(a) > 1 else 0.0
    most = (rows + columns) / 2
    # Both are one segment, or both one customer per segment: they agree, and chance could not do otherwise.
    return 1.0 if most == expected else (together - expected) / (most - expected)


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Shown):
    """How well a scheme's segments come back; made by `bootstrap_stability`.

    Attributes
    ----------
    table : segment, customers, same_name with lower and upper (Jaccard with the segment of this name), best_match with lower and upper
        (with the most similar one: Hennig's index), verdict (stable, doubtful, unstable)
    adjusted_rand : of the whole partition, with the range over the draws

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import bootstrap_stability
    >>> from goodwill.segments.schemes.rules import learn
    >>> customers = pd.DataFrame({"spend": [100.0] * 10 + [20.0] * 20 + [1.0] * 30})
    >>> found = bootstrap_stability(customers, lambda some: learn("abc", some), draws=10)
    >>> found.weak, found.table["verdict"].tolist()
    ([], ['stable', 'stable'])
    """

    table: pd.DataFrame
    adjusted_rand: Interval
    draws: int

    @property
    def weak(self) -> list[str]:
        """Segments whose name does not hold: doubtful or unstable ones."""
        return list(self.table.loc[self.table["verdict"].isin(["doubtful", "unstable"]), "segment"])


def bootstrap_stability(
    customers: pd.DataFrame, learn: Callable[[pd.DataFrame], Any], *, draws: int = 50, seed: int = 1, level: float = 0.95
) -> Stability:
    """Learn the rules again on bootstrap samples of the customers, and compare what they make of all customers (Hennig 2007).

    A plan speaks of segments by name, so what counts for it is `same_name`: would the same customers be called this again.

    Parameters
    ----------
    customers : the customers frame
    learn : from customers to rules, an object with `assign(customers) -> Categorical`
    draws : samples; each learns once and assigns all customers

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments.schemes.rules import learn
    >>> customers = pd.DataFrame({"spend": [100.0] * 10 + [20.0] * 20 + [1.0] * 30})
    >>> found = bootstrap_stability(customers, lambda some: learn("abc", some), draws=20)
    >>> found.table.set_index("segment")[["customers", "same_name"]].round(2).to_dict("index")
    {'A': {'customers': 30, 'same_name': 0.93}, 'C': {'customers': 30, 'same_name': 1.0}}
    """
    if draws < 2:
        raise DataError(f"{draws} draw(s) show no range; take at least 2")
    names, codes = groups_of(learn(customers).assign(customers), len(customers))
    rng, agreed, same, best = np.random.default_rng(seed), [], [], []
    for _ in range(draws):
        taken = customers.iloc[rng.integers(len(customers), size=len(customers))].reset_index(drop=True)
        again = groups_of(learn(taken).assign(customers), len(customers))
        agreed.append(adjusted_rand(codes, again.codes))
        jaccard = _jaccard(codes, again.codes, len(names), len(again.names))
        same.append([jaccard[k, again.names.index(name)] if name in again.names else 0.0 for k, name in enumerate(names)])
        best.append(jaccard.max(axis=1))
    size = np.bincount(codes, minlength=len(names))
    table = pd.DataFrame({"segment": names, "customers": size})
    for column, drawn in (("same_name", np.array(same)), ("best_match", np.array(best))):
        found = quantile_interval(drawn.mean(axis=0), drawn, level)
        table[column], table[f"{column}_lower"], table[f"{column}_upper"] = found
    mean = table["same_name"].to_numpy()
    table["verdict"] = np.select([size == 0, mean >= STABLE, mean >= DOUBTFUL], ["empty", "stable", "doubtful"], "unstable")
    agreement = quantile_interval(float(np.mean(agreed)), np.array(agreed), level)
    return Stability(table, agreement, draws)


def usefulness(
    schemes: Mapping[str, Any],
    outcome: ArrayLike,
    *,
    trivial: Iterable[str] = (),
    splits: int = 50,
    draws: int = 200,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """How much of next-period spend the segments explain out of sample.

    Segment means are learned on one half of the customers and scored on the other: R2 = 1 - squared errors / squared deviations.

    Parameters
    ----------
    schemes : segments (one per customer) by name of the scheme; learned on the calibration, which has not seen the outcome
    outcome : (customers,), winsorised at its 99.5 % quantile before anything else
    trivial : names of the schemes that count as trivial (such as a cut by past spend); the best of them is what others are compared with
    splits : random halves for the estimate
    draws : bootstrap samples of the customers, each split once, for the intervals; a customer taken twice stays in one half

    Returns
    -------
    DataFrame, index scheme, the most useful first
        segments (with customers), r2 with lower and upper; difference to the best trivial scheme with lower and upper, and whether it is
        distinguishable. `attrs["baseline"]` names the scheme compared with.

    Raises
    ------
    DataError
        When lengths differ, a trivial scheme is unknown, or the outcome is the same for all.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> spend = np.tile([0.0, 0.0, 10.0, 12.0], 25)
    >>> found = usefulness({"by spend": np.where(spend > 5, "high", "low"), "none": ["all"] * 100}, spend, splits=5, draws=5)
    >>> round(float(found["r2"]["by spend"]), 1)  # who spent before spends again
    1.0
    """
    y = np.asarray(outcome, float)
    y = np.minimum(y, np.quantile(y, WINSOR))
    if not np.ptp(y) > 0:
        raise DataError("the outcome is the same for all customers; there is nothing to explain")
    unknown = [name for name in trivial if name not in schemes]
    if unknown:
        raise DataError(f"{', '.join(unknown)}: named as trivial, but not among the schemes ({', '.join(schemes)})")
    if len(y) < 20:
        raise DataError(f"{len(y)} customers are too few to learn on one half and score on the other; it takes at least 20")
    groups = {name: groups_of(segments, len(y)) for name, segments in schemes.items()}
    blocks = deal(len(y), draws, seed)
    columns = np.column_stack([np.ones(len(y)), y, y**2])
    sums = {name: block_sums(columns, found.codes, len(found.names), blocks) for name, found in groups.items()}
    rng = np.random.default_rng(seed + 1)
    estimate = _r2_of_halves(sums, np.ones((splits, blocks.weights.shape[1])), rng).mean(axis=0)
    drawn = _r2_of_halves(sums, blocks.weights, rng)
    found = quantile_interval(estimate, drawn, level)
    names = list(schemes)
    sizes = [len(np.unique(groups[name].codes)) for name in names]
    table = pd.DataFrame({"segments": sizes, "r2": found.estimate, "r2_lower": found.lower, "r2_upper": found.upper}, index=names)
    basis = [names.index(name) for name in trivial]
    if basis:
        at = max(basis, key=lambda k: estimate[k])
        apart = quantile_interval(estimate - estimate[at], drawn - drawn[:, [at]], level)
        table["difference"], table["difference_lower"], table["difference_upper"] = apart
        table["distinguishable"] = ((apart.lower > 0) | (apart.upper < 0)) & (np.arange(len(names)) != at)
        table.attrs["baseline"] = names[at]
    return table.rename_axis("scheme").sort_values("r2", ascending=False, kind="stable")


def _r2_of_halves(sums: Mapping[str, FloatArray], weights: FloatArray, rng: np.random.Generator) -> FloatArray:
    """One row per sample of customers, one column per scheme; all schemes see the same random halves of the blocks."""
    half = np.broadcast_to(np.arange(weights.shape[1]) < weights.shape[1] / 2, weights.shape)
    learning = rng.permuted(half, axis=1)
    found = [_r2(np.tensordot(weights * learning, one, 1), np.tensordot(weights * ~learning, one, 1)) for one in sums.values()]
    return np.stack(found, axis=1)


def _r2(learn: FloatArray, score: FloatArray) -> FloatArray:
    """R2 per sample from the sums of ones, y and y squared by segment, each (samples, segments, 3)."""
    overall, own = (half[..., 1].sum(axis=1) / half[..., 0].sum(axis=1) for half in (learn, score))
    # A segment without customers in the learning half is expected to be like everybody.
    everybody = np.repeat(overall[:, None], learn.shape[1], axis=1)
    mean = np.divide(learn[..., 1], learn[..., 0], out=everybody, where=learn[..., 0] > 0)
    n, y, squares = np.moveaxis(score, -1, 0)
    errors = (squares - 2 * mean * y + mean**2 * n).sum(axis=1)
    return np.asarray(1 - errors / (squares.sum(axis=1) - own**2 * n.sum(axis=1)), float)


def _crossed(a: IntArray, b: IntArray) -> FloatArray:
    table = np.zeros((int(a.max(initial=-1)) + 1, int(b.max(initial=-1)) + 1))
    np.add.at(table, (a, b), 1)
    return table


def _jaccard(a: IntArray, b: IntArray, rows: int, columns: int) -> FloatArray:
    """Customers in both over customers in either, for each pair of segments; 0 where both are empty."""
    both = np.zeros((rows, columns))
    np.add.at(both, (a, b), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)
