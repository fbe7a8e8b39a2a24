"""Every input is a value with a range, a source and a grade: what the answer hangs on, and what to learn next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    import pandas as pd

Model = Callable[[Mapping[str, Any]], Any]  # named values (numbers or arrays of one shape) -> the answer, of that shape
REMOVED = 0.9  # share of the variance that a proposed study is to remove


@dataclass(frozen=True)
class Assumption:
    """One input of an answer.

    Attributes
    ----------
    name : how the model calls it
    value : the most plausible value
    low, high : the range that is still plausible; between them the belief is a triangle with its peak at `value`; its mean is `mean`
    unit : "share", "people", "currency", ...
    source : who says so, or why it was set so
    grade : measured (from these data), published (by others, elsewhere) or assumed (by us)
    study : how it could be learnt: "a survey question", "a randomised trial", "own records"; empty when it is not in doubt
    answer_variance : variance of one answer to that study (p (1 - p) for yes or no; twice that per customer in each arm of a trial)

    Examples
    --------
    >>> told = Assumption("told", 9.5, 5.0, 15.0, "people", "TARP 1981", "published", study="a survey question", answer_variance=76.0)
    >>> round(told.variance, 2), [round(float(told.ppf(level)), 1) for level in (0.05, 0.5, 0.95)]
    (4.18, [6.5, 9.8, 13.3])
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    grade: Literal["measured", "published", "assumed"]
    study: str = ""
    answer_variance: float = 0.0

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise DataError(f"'{self.name}': the value {self.value:g} does not lie in its range, {self.low:g} to {self.high:g}")
        if self.grade not in ("measured", "published", "assumed"):
            raise DataError(f"'{self.name}': the grade is '{self.grade}'; use measured, published or assumed")
        if self.unit == "share" and not (self.low >= 0 and self.high <= 1):
            raise DataError(f"'{self.name}' is a share, but its range goes from {self.low:g} to {self.high:g}; shares lie between 0 and 1")

    @property
    def mean(self) -> float:
        """Mean of the triangular belief: above the most plausible value where the range reaches further up than down."""
        return self.value if self.high == self.low else (self.low + self.value + self.high) / 3

    @property
    def variance(self) -> float:
        """Variance of the triangular belief."""
        a, c, b = self.low, self.value, self.high
        return (a * a + b * b + c * c - a * b - a * c - b * c) / 18

    def ppf(self, level: Any) -> Any:
        """The value that the belief puts at this level, 0..1."""
        a, c, b = self.low, self.value, self.high
        if a == b:
            return np.full_like(np.asarray(level, float), a)
        peak = (c - a) / (b - a)
        below = a + np.sqrt(np.asarray(level) * (b - a) * (c - a))
        above = b - np.sqrt((1 - np.asarray(level)) * (b - a) * (b - c))
        return np.where(np.asarray(level) < peak, below, above)


def at_means(assumptions: Sequence[Assumption]) -> dict[str, float]:
    """The means of what is believed, by name: an answer that is linear in each input has its own mean there.

    >>> from goodwill.word_of_mouth import Assumption
    >>> given = [Assumption("told", 9.5, 5.0, 15.5, "people", "TARP 1981", "published")]
    >>> at_means(given)
    {'told': 10.0}
    """
    return {each.name: each.mean for each in assumptions}


def uncertain_answers(model: Model, assumptions: Sequence[Assumption], draws: int = 4_096, seed: int = 1) -> Floats:
    """The answer over the ranges: quasi-random draws (Sobol points, scrambled) of all inputs at once.

    >>> from goodwill.word_of_mouth import Assumption
    >>> given = [Assumption("told", 9.5, 5.0, 15.0, "people", "TARP 1981", "published")]
    >>> answers = uncertain_answers(lambda at: 2 * at["told"], given, draws=64)
    >>> answers.shape, bool(answers.min() >= 10 and answers.max() <= 30)
    ((64,), True)
    """
    from scipy.stats import qmc

    points = qmc.Sobol(len(assumptions), rng=seed).random(draws)
    drawn = {each.name: each.ppf(points[:, i]) for i, each in enumerate(assumptions)}
    return np.broadcast_to(np.asarray(model(drawn), float), draws)


def ranged(model: Model, assumptions: Sequence[Assumption], level: float = 0.9, seed: int = 1) -> Interval:
    """The mean of the answers when all inputs vary in their ranges, with the range that holds `level` of them.

    The answer at the most plausible values is another number: where ranges reach further up than down, it is too low to be expected.

    >>> from goodwill.word_of_mouth import Assumption
    >>> given = [Assumption("told", 9.5, 5.0, 15.5, "people", "TARP 1981", "published")]
    >>> found = ranged(lambda at: 2 * at["told"], given)
    >>> round(found.estimate, 2), 10 < found.lower < found.upper < 31
    (20.0, True)
    """
    answers = uncertain_answers(model, assumptions, seed=seed)
    mean, (low, high) = float(answers.mean()), np.quantile(answers, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(mean, min(float(low), mean), max(float(high), mean))


def tornado(model: Model, assumptions: Sequence[Assumption]) -> pd.DataFrame:
    """The answer with one input at a time at the ends of its range, the others at their means; the widest swing first.

    Examples
    --------
    >>> from goodwill.word_of_mouth import Assumption
    >>> inputs = [Assumption("x", 2, 1, 3, "", "", "assumed"), Assumption("y", 5, 4, 6, "", "", "assumed")]
    >>> tornado(lambda at: at["x"] * at["y"], inputs)[["name", "at_low", "at_high", "swing"]].values.tolist()
    [['x', 5.0, 15.0, 10.0], ['y', 8.0, 12.0, 4.0]]
    """
    import pandas as pd

    base = at_means(assumptions)
    rows = []
    for each in assumptions:
        ends = [float(model(base | {each.name: end})) for end in (each.low, each.high)]
        rows.append([each.name, each.low, each.high, *ends, abs(ends[1] - ends[0]), each.grade])
    table = pd.DataFrame(rows, columns=["name", "low", "high", "at_low", "at_high", "swing", "grade"])
    return table.sort_values("swing", ascending=False, ignore_index=True)


def sensitivity(model: Model, assumptions: Sequence[Assumption], draws: int = 4_096, seed: int = 1) -> pd.DataFrame:
    """Which unknown drives the answer: Sobol's first-order and total shares of its variance (Saltelli et al. 2010).

    `first_order` is the share of the variance that would go if this input alone were known; `total` counts its interplay with others.
    Inputs without a range get 0.

    >>> from goodwill.word_of_mouth import Assumption
    >>> given = [Assumption(name, 0.5, 0.0, 1.0, "share", "a guess", "assumed") for name in ("much", "little")]
    >>> shares = sensitivity(lambda at: 10 * at["much"] + at["little"], given, draws=256)
    >>> shares["first_order"].round(1).tolist()  # 100 of 101 parts of the variance
    [1.0, 0.0]
    """
    import pandas as pd
    from scipy.stats import sobol_indices

    known, unknown = at_means(assumptions), [each for each in assumptions if each.high > each.low]
    if not unknown:
        raise DataError("no input has a range, so there is nothing to be sensitive to")

    def function(points: Floats) -> Floats:
        drawn = {each.name: points[i] for i, each in enumerate(unknown)}
        return np.array(np.broadcast_to(model(known | drawn), points.shape[1]), float)  # a copy: scipy centres it in place

    names = [each.name for each in unknown]
    if len(unknown) == 1:  # scipy takes no fewer than two; where one thing is unknown, all that varies comes from it
        alone = np.array([float(np.ptp(uncertain_answers(model, assumptions, draws, seed)) > 0)])
        shares = {"first_order": alone, "total": alone}
    else:
        indices = sobol_indices(func=function, n=draws, dists=unknown, rng=np.random.default_rng(seed))
        shares = {"first_order": np.clip(indices.first_order, 0, 1).ravel(), "total": np.clip(indices.total_order, 0, 1).ravel()}
    table = pd.DataFrame(shares, index=names).reindex([each.name for each in assumptions], fill_value=0.0)
    return table.rename_axis("name").reset_index().sort_values("total", ascending=False, ignore_index=True)


def learn_next(assumptions: Sequence[Assumption], shares: pd.DataFrame, affordable: int = 400) -> pd.DataFrame:
    """Which study would narrow the answer most, and how many answers it needs.

    Parameters
    ----------
    assumptions : the inputs; those with a `study` can be learnt
    shares : what `sensitivity` returned
    affordable : answers (or customers per arm) at which the studies are compared

    Returns
    -------
    DataFrame, best first: name, study, narrowing (share of the answer's variance that `affordable` answers would remove),
    answers_needed (to remove 90 % of what this input contributes), grade. Beliefs and answers are taken as normal: an input of
    variance v and n answers of variance w leave v (w / n) / (v + w / n).

    Examples
    --------
    >>> from goodwill.word_of_mouth import Assumption, sensitivity
    >>> given = [Assumption("told", 9.5, 5.0, 15.0, "people", "TARP 1981", "published", study="a survey", answer_variance=100.0)]
    >>> found = learn_next(given, sensitivity(lambda at: at["told"], given, draws=64))
    >>> found[["name", "study"]].to_dict("list")
    {'name': ['told'], 'study': ['a survey']}
    """
    import pandas as pd

    first = shares.set_index("name")["first_order"]
    rows = []
    for each in assumptions:
        if each.study and each.variance > 0:
            learnt = each.variance / (each.variance + each.answer_variance / affordable)
            needed = int(np.ceil(REMOVED / (1 - REMOVED) * each.answer_variance / each.variance))
            rows.append([each.name, each.study, float(first[each.name]) * learnt, max(needed, 1), each.grade])
    table = pd.DataFrame(rows, columns=["name", "study", "narrowing", "answers_needed", "grade"])
    return table.sort_values("narrowing", ascending=False, ignore_index=True)
