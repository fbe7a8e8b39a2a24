"""Whether loyalty rises with satisfaction at all, and which shapes two outcomes of the same answers have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from goodwill.errors import FitError
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.curve import isotonic
from goodwill.satisfaction.markets import upper_half_share
from goodwill.satisfaction.turning_points import Step, adjacent_steps

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["rises", "falls", "not shown"]


class End(NamedTuple):
    """One end of the scale: the answer and the loyal share of those who gave it."""

    satisfaction: float
    loyal_share: float


@dataclass(frozen=True)
class Relation:
    """What is shown of the relation of loyalty to satisfaction.

    Attributes
    ----------
    direction : "rises", "falls" or "not shown"
    lowest, highest : the ends of the answered scale
    flat : whether the best curve that never falls is a flat one
    falls_at : steps between neighbouring levels at which loyalty surely falls, though it rises in all
    """

    direction: Direction
    lowest: End
    highest: End
    flat: bool
    falls_at: tuple[Step, ...]


def direction(cells: LoyaltyCells, level: float = 0.95) -> Direction:
    """The sign of a trend of loyalty over levels, if its test at `level` finds one.

    Cochran (1954), Biometrics 10:417-451; Armitage (1955), Biometrics 11:375-386.

    >>> direction(LoyaltyCells.of([1, 2, 3], [9, 5, 2], [10, 10, 10]))
    'falls'
    """
    cells = cells.answered()
    overall = cells.loyal.sum() / cells.total
    centred = cells.levels - cells.n @ cells.levels / cells.total
    spread = overall * (1 - overall) * (cells.n @ centred**2)
    z = centred @ cells.loyal / np.sqrt(spread) if spread > 0 else 0.0
    limit = normal_quantile(level)
    return "rises" if z > limit else "falls" if z < -limit else "not shown"


def relation(cells: LoyaltyCells) -> Relation:
    """Whether loyalty rises with satisfaction, and where it surely does not.

    >>> relation(LoyaltyCells.of([1, 2, 3], [2, 5, 9], [10, 10, 10])).direction
    'rises'
    """
    answered = cells.answered()
    lowest, highest = (End(float(answered.levels[at]), float(answered.share[at])) for at in (0, -1))
    _, fitted = isotonic(cells)
    steps = adjacent_steps(cells)
    down = steps[steps["upper"] < 0]
    falls = tuple((float(low), float(high)) for low, high in zip(down["lower_level"], down["upper_level"], strict=True))
    return Relation(direction(cells), lowest, highest, flat=len(np.unique(fitted)) == 1, falls_at=falls)


class Shapes(NamedTuple):
    """The share of the rise that lies in the upper half of the scale, of two outcomes; and what can be said of both together."""

    mean: Interval | None
    share: Interval | None
    told: Literal["depends on the outcome", "not told apart", "too few", "no rise"]


def compare_shapes(mean: pd.DataFrame, share: pd.DataFrame) -> Shapes:
    """Where on the scale two outcomes rise (tables of `outcome_by_level`): the shape is that of the outcome chosen."""
    try:
        first, second = (upper_half_share(table) for table in (mean, share))
    except FitError:
        return Shapes(None, None, "no rise")
    if max(rise.upper - rise.lower for rise in (first, second)) > 1:
        return Shapes(first, second, "too few")
    alike = first.lower <= second.upper and second.lower <= first.upper
    return Shapes(first, second, "not told apart" if alike else "depends on the outcome")
