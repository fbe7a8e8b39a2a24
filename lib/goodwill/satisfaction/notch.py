"""What one notch of satisfaction is worth: from loyalty to retention to lifetime value, with what must be assumed in plain view.

The data give the loyalty of those who answered 4 and of those who answered 5. That somebody moved from 4 to 5 would then stay as the fives
do is an assumption, `causal_share`; how long the move lasts is another one, `persistence`. Both matter as much as the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import quantile_interval
from goodwill.satisfaction.cells import LoyaltyCells

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Retention:
    """How a share of loyal answers becomes a chance to stay for one period.

    A behaviour (did they stay?) is its own retention: ``Retention()``. An intention is not: say what share of those who intend to stay does
    stay (`if_loyal`) and what share of the others stays all the same (`if_not`), and where that comes from.

    >>> round(float(Retention(if_loyal=0.8, if_not=0.3, source="panel of 2019").of(0.9)), 2)
    0.75
    """

    if_loyal: float = 1.0
    if_not: float = 0.0
    source: str = "the answer is the behaviour itself"

    def __post_init__(self) -> None:
        if not (0 <= self.if_not <= 1 and 0 <= self.if_loyal <= 1):
            raise DataError(f"retention of {self.if_loyal:g} if loyal and {self.if_not:g} if not: both must be shares between 0 and 1")

    def of(self, loyal_share: ArrayLike) -> FloatArray:
        """Retention at a share of loyal answers."""
        p = np.asarray(loyal_share, float)
        return p * self.if_loyal + (1 - p) * self.if_not


@dataclass(frozen=True)
class NotchTerms:
    """What turns a step in retention into money.

    Attributes
    ----------
    margin : profit of one period from a customer who stayed [money per period]
    discount_rate : per period
    causal_share : share of the difference in retention between two levels that a move from one to the other would bring, 0 to 1
    persistence : chance per period that a moved customer keeps the higher level, 0 to 1; 1 is a move for ever

    Examples
    --------
    Half of the difference is taken for effect, and who was moved stays moved from one period to the next with 80 %:

    >>> NotchTerms(margin=100.0, discount_rate=0.1, causal_share=0.5, persistence=0.8)
    NotchTerms(margin=100.0, discount_rate=0.1, causal_share=0.5, persistence=0.8)
    """

    margin: float
    discount_rate: float
    causal_share: float
    persistence: float

    def __post_init__(self) -> None:
        if not self.discount_rate > 0:
            raise DataError(
                f"the discount rate is {self.discount_rate:g} per period; it must be positive, or the value of a loyal customer has no end"
            )
        for name in ("causal_share", "persistence"):
            if not 0 <= getattr(self, name) <= 1:
                raise DataError(f"{name} is {getattr(self, name):g}; it must lie between 0 and 1")


class Money(NamedTuple):
    """What is needed to say what a notch is worth in money, all of it given by the user.

    Examples
    --------
    >>> from goodwill.satisfaction import money_terms
    >>> found = money_terms(60.0, 0.1, 0.8, kind="intention", if_loyal=0.7, if_not=0.4)
    >>> float(found.retention.of(1.0)), found.terms.persistence  # seven in ten of those who say that they stay do
    (0.7, 0.8)
    """

    terms: NotchTerms
    retention: Retention


def money_terms(
    margin: float,
    discount_rate: float,
    persistence: float,
    *,
    kind: str,
    if_loyal: float,
    if_not: float,
) -> Money:
    """The terms as if all of the association were effect, from what the user states; nothing is put in the place of what is not.

    Parameters
    ----------
    margin : profit of a period from a customer who stayed; zero where it is not known
    discount_rate : per period
    persistence : chance per period that a moved customer stays moved; below zero where it is not known
    kind : what the loyalty answer is, "intention" or "behaviour"; a behaviour is its own retention
    if_loyal, if_not : share of the loyal, and of the others, who stay; below zero where it is not known

    Raises
    ------
    TooLittle
        When something is not known.

    Examples
    --------
    >>> found = money_terms(100.0, 0.1, 1.0, kind="behaviour", if_loyal=-1, if_not=-1)
    >>> found.terms.margin, found.terms.causal_share
    (100.0, 1.0)
    """
    needed = {"the profit of a period (margin)": margin > 0, "how long a move lasts (persistence)": persistence >= 0}
    if kind != "behaviour":
        needed["which share of those who intend to stay does stay (retention_if_loyal)"] = if_loyal >= 0
        needed["which share of the others stays (retention_if_not)"] = if_not >= 0
    lacking = [what for what, known in needed.items() if not known]
    if lacking:
        raise TooLittle(f"No value in money is given, for nobody stated {'; '.join(lacking)}. A survey does not tell it.")
    stays = Retention() if kind == "behaviour" else Retention(if_loyal, if_not, "parameters of this report")
    return Money(NotchTerms(margin, discount_rate, 1.0, persistence), stays)


def retained_value(retention: ArrayLike, margin: float, discount_rate: float) -> FloatArray:
    """Lifetime value of a customer before the next period: m r / (1 + d - r), profit at the end of every period stayed.

    >>> [round(float(retained_value(r, 100, 0.1)), 6) for r in (0.6, 0.9)]
    [120.0, 450.0]
    """
    r = np.asarray(retention, float)
    if (r < 0).any() or (r > 1).any():
        raise DataError("a retention must lie between 0 and 1")
    return margin * r / (1 + discount_rate - r)


def moved_value(lower: ArrayLike, upper: ArrayLike, margin: float, discount_rate: float, persistence: float) -> FloatArray:
    """Gain of value when retention rises from `lower` to `upper` and, each period, falls back for good with chance 1 - persistence.

    With V the value at the lower retention, W of a moved customer: W = u (m + p W + (1 - p) V) / (1 + d), u the upper retention, p
    persistence.

    >>> [round(float(moved_value(0.6, 0.9, 100, 0.1, p)), 1) for p in (1.0, 0.5)]
    [330.0, 101.5]
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    stay = retained_value(low, margin, discount_rate)
    keep = high / (1 + discount_rate)
    retained_value(high, margin, discount_rate)  # checks the range
    moved = keep * (margin + (1 - persistence) * stay) / (1 - keep * persistence)
    return moved - stay


def notch_values(
    cells: LoyaltyCells, terms: NotchTerms, retention: Retention, *, moved: ArrayLike | None = None, draws: int = 4000, seed: int = 1
) -> pd.DataFrame:
    """Value of moving one customer by one answered level, for each step, from draws of the loyalty at each level.

    Parameters
    ----------
    cells : loyalty by level
    terms, retention : the assumptions
    moved : customers moved over each step; without it no total is given
    draws, seed : draws from Jeffreys' posterior Beta(x + 1/2, n - x + 1/2) at each level

    Returns
    -------
    DataFrame, one row per step: lower_level, upper_level, value (mean of the draws), lower, upper (95 %), negative (share of draws below
    zero), break_even (spend per moved customer up to which the move pays; the value, at least 0), and total with its interval when `moved`
    is given. Values are in the unit of `terms.margin`, times the causal share.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells, NotchTerms, Retention
    >>> cells = LoyaltyCells.of([1, 2], [600, 900], [1000, 1000])
    >>> found = notch_values(cells, NotchTerms(100.0, 0.1, causal_share=1.0, persistence=1.0), Retention(1.0, 0.0), draws=500)
    >>> found["value"].round(-1).tolist()  # what a customer is worth at 90 % retention, less that at 60 %
    [330.0]
    """
    import pandas as pd

    from goodwill.satisfaction.turning_points import pairs

    cells = cells.answered()
    value = terms.causal_share * step_draws(cells, terms, retention, draws, seed)
    mean = value.mean(0)
    interval = quantile_interval(mean, value)
    steps = pairs(cells.levels)
    table = pd.DataFrame(steps, columns=["lower_level", "upper_level"])
    table["value"], table["lower"], table["upper"] = mean, interval.lower, interval.upper
    table["negative"] = (value < 0).mean(0)
    table["break_even"] = np.maximum(mean, 0)
    if moved is not None:
        people = np.broadcast_to(np.asarray(moved, float), len(steps))
        table["moved"], table["total"] = people, people * mean
        table["total_lower"], table["total_upper"] = people * interval.lower, people * interval.upper
    return table


def step_draws(cells: LoyaltyCells, terms: NotchTerms, retention: Retention, draws: int, seed: int) -> FloatArray:
    """Draws of the value of each step as if all of the association were effect, shape (draws, steps).

    >>> from goodwill.satisfaction import LoyaltyCells, NotchTerms, Retention
    >>> cells = LoyaltyCells.of([1, 2, 3], [600, 800, 900], [1000, 1000, 1000])
    >>> step_draws(cells, NotchTerms(100.0, 0.1, causal_share=1.0, persistence=1.0), Retention(1.0, 0.0), 10, seed=1).shape
    (10, 2)
    """
    cells = cells.answered()
    rng = np.random.default_rng(seed)
    share = rng.beta(cells.loyal + 0.5, cells.n - cells.loyal + 0.5, (draws, len(cells.n)))
    r = retention.of(share)
    return moved_value(r[:, :-1], r[:, 1:], terms.margin, terms.discount_rate, terms.persistence)


def assumption_grid(
    cells: LoyaltyCells,
    step: tuple[float, float],
    terms: NotchTerms,
    retention: Retention,
    *,
    causal_shares: ArrayLike = (0, 0.25, 0.5, 0.75, 1),
    persistences: ArrayLike = (0, 0.25, 0.5, 0.75, 0.9, 1),
    draws: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """Mean value of one step over both assumptions: rows persistence, columns causal share.

    >>> from goodwill.satisfaction import LoyaltyCells, NotchTerms, Retention
    >>> cells, terms = LoyaltyCells.of([1, 2], [600, 900], [1000, 1000]), NotchTerms(100.0, 0.1, causal_share=1.0, persistence=1.0)
    >>> grid = assumption_grid(cells, (1, 2), terms, Retention(1.0, 0.0), causal_shares=(0, 1), persistences=(0, 1), draws=200)
    >>> grid.round(-1).to_numpy().tolist()
    [[0.0, 60.0], [0.0, 330.0]]
    """
    import pandas as pd

    from goodwill.satisfaction.turning_points import pairs

    at = pairs(cells.answered().levels).index(step)
    rows = {}
    for persistence in np.asarray(persistences, float):
        varied = NotchTerms(terms.margin, terms.discount_rate, 1.0, float(persistence))
        rows[float(persistence)] = step_draws(cells, varied, retention, draws, seed)[:, at].mean() * np.asarray(causal_shares, float)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[float(c) for c in np.asarray(causal_shares, float)])
    return table.rename_axis("persistence").rename_axis("causal_share", axis=1)
