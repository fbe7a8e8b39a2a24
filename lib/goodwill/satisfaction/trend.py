"""Whether loyalty rises with satisfaction at all, and which shapes two outcomes of the same answers have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from goodwill.errors import FitError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.satisfaction.cells import FEWEST, LoyaltyCells
from goodwill.satisfaction.curve import isotonic
from goodwill.satisfaction.markets import upper_half_share
from goodwill.satisfaction.turning_points import Step, adjacent_steps

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["rises", "falls", "not shown"]


class End(NamedTuple):
    """One end of the scale: the answers from `first` to `last`, how many gave them, and the loyal share of those.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells, relation
    >>> low, high = relation(LoyaltyCells.of([1, 2, 3], [4, 20, 36], [40, 40, 40])).ends
    >>> low  # of forty who answered 1 a tenth is loyal
    End(first=1.0, last=1.0, respondents=40.0, loyal_share=0.1)
    """

    first: float
    last: float
    respondents: float
    loyal_share: float


@dataclass(frozen=True)
class Relation:
    """What is shown of the relation of loyalty to satisfaction.

    Attributes
    ----------
    direction : "rises", "falls" or "not shown"
    ends : the lowest and the highest answers, each with as many levels as it takes for 30 respondents (a third of them in a small survey,
        five at least); None where the two would meet
    flat : whether the best curve that never falls is a flat one
    falls_at : steps between neighbouring levels at which loyalty surely falls, though it rises in all

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells, relation
    >>> found = relation(LoyaltyCells.of([1, 2, 3, 4], [20, 80, 40, 90], [100] * 4))
    >>> found.direction, found.falls_at  # up in all, and surely down from 2 to 3
    ('rises', ((2.0, 3.0),))
    """

    direction: Direction
    ends: tuple[End, End] | None
    flat: bool
    falls_at: tuple[Step, ...]


def direction(cells: LoyaltyCells, level: float = 0.95) -> Direction:
    """The sign of a trend of loyalty over levels, if its test at `level` finds one.

    Cochran (1954), Biometrics 10:417-451; Armitage (1955), Biometrics 11:375-386.

    >>> from goodwill.satisfaction import LoyaltyCells
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

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> relation(LoyaltyCells.of([1, 2, 3], [2, 5, 9], [10, 10, 10])).direction
    'rises'
    """
    _, fitted = isotonic(cells)
    steps = adjacent_steps(cells)
    down = steps[steps["upper"] < 0]
    falls = tuple((float(low), float(high)) for low, high in zip(down["lower_level"], down["upper_level"], strict=True))
    return Relation(direction(cells), _ends(cells.answered()), flat=len(np.unique(fitted)) == 1, falls_at=falls)


def _ends(cells: LoyaltyCells) -> tuple[End, End] | None:
    enough = max(min(30.0, cells.respondents.sum() / 3), FEWEST)
    low = int(np.argmax(cells.respondents.cumsum() >= enough))
    high = len(cells.levels) - 1 - int(np.argmax(cells.respondents[::-1].cumsum() >= enough))
    if low >= high or cells.respondents.sum() < 2 * FEWEST:
        return None
    return _end(cells, slice(0, low + 1)), _end(cells, slice(high, None))


def _end(cells: LoyaltyCells, part: slice) -> End:
    levels, people, n, loyal = (values[part] for values in (cells.levels, cells.respondents, cells.n, cells.loyal))
    return End(float(levels[0]), float(levels[-1]), float(people.sum()), float(loyal.sum() / n.sum()))


class Shapes(NamedTuple):
    """The share of the rise that lies in the upper half of the scale, of two outcomes; and what can be said of both together.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.satisfaction import compare_shapes
    >>> straight = pd.DataFrame({"satisfaction": [1.0, 2.0, 3.0], "respondents": 100, "mean": [0.2, 0.5, 0.8], "error": 0.02})
    >>> found = compare_shapes(straight, straight)
    >>> round(found.mean.estimate, 2), found.told  # half of the rise lies in the upper half of the scale, of both
    (0.5, 'not told apart')
    """

    mean: Interval | None
    share: Interval | None
    told: Literal["depends on the outcome", "not told apart", "too few", "no rise"]


def compare_shapes(mean: pd.DataFrame, share: pd.DataFrame) -> Shapes:
    """Where on the scale two outcomes rise (tables of `outcome_by_level`): the shape is that of the outcome chosen.

    >>> import pandas as pd
    >>> straight = pd.DataFrame({"satisfaction": [1.0, 2.0, 3.0], "respondents": 100, "mean": [1.0, 2.0, 3.0], "error": 0.05})
    >>> compare_shapes(straight, straight.assign(mean=[0.0, 0.1, 0.9], error=0.02)).told
    'depends on the outcome'
    """
    try:
        first, second = (upper_half_share(table) for table in (mean, share))
    except TooLittle:
        return Shapes(None, None, "too few")
    except FitError:
        return Shapes(None, None, "no rise")
    if max(rise.upper - rise.lower for rise in (first, second)) > 1:
        return Shapes(first, second, "too few")
    alike = first.lower <= second.upper and second.lower <= first.upper
    return Shapes(first, second, "not told apart" if alike else "depends on the outcome")
