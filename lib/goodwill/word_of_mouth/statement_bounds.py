"""What statements allow without a curve: bounds by linear programme over stated families, with rounding and sampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    import pandas as pd

AT_MOST = 200  # people whom nobody exceeds
SHAPES = ("any", "decreasing")


class MeanStatement(NamedTuple):
    """A group of so many people whose mean lies in a range, such as "9-10 people".

    Examples
    --------
    >>> from goodwill.word_of_mouth import tail_bounds
    >>> satisfied = MeanStatement(2620, 4.0, 5.0)  # "four to five people"
    >>> [round(end, 3) for end in tail_bounds([satisfied], "decreasing")]  # who may tell twenty or more
    [0.0, 0.128]
    """

    people: int
    low: float
    high: float


def tail_bounds(groups: Sequence[MeanStatement], shape: str = "any", threshold: int = 20, at_most: int = AT_MOST) -> tuple[float, float]:
    """Least and greatest share of all groups together who may tell `threshold` or more.

    Parameters
    ----------
    groups : what is said of their means
    shape : "any" distribution on 0, 1, ..., `at_most`; or "decreasing": each number is at most as frequent as the one before
    threshold : people

    Notes
    -----
    A decreasing distribution is a mixture of uniform ones on 0..k, so that both families are linear programmes in their weights; with
    means alone each has an answer for each group by itself.

    Examples
    --------
    Means of 4.5, 6 and 9.5 in the case's three groups let at most 14.4 % tell twenty or more if the distributions decrease:

    >>> from goodwill.word_of_mouth import MeanStatement
    >>> case = [MeanStatement(2620, 4.5, 4.5), MeanStatement(1113, 6, 6), MeanStatement(633, 9.5, 9.5)]
    >>> [round(end, 3) for end in tail_bounds(case, "decreasing")]
    [0.0, 0.144]
    """
    if shape not in SHAPES:
        raise DataError(f"the shape is '{shape}'; use one of {', '.join(SHAPES)}")
    k = np.arange(at_most + 1)
    mean, tail = (
        (k.astype(float), (k >= threshold).astype(float)) if shape == "any" else (k / 2, np.maximum(k + 1 - threshold, 0) / (k + 1))
    )
    people = np.array([group.people for group in groups], float)
    ends = np.array([_ends(mean, tail, group) for group in groups])
    low, high = people @ ends / people.sum()
    return float(low), float(high)


def _ends(mean: Floats, tail: Floats, group: MeanStatement) -> tuple[float, float]:
    from scipy.optimize import linprog

    found = []
    for sign in (1, -1):
        result = linprog(
            sign * tail,
            A_ub=np.stack([mean, -mean]),
            b_ub=[group.high, -group.low],
            A_eq=np.ones((1, len(mean))),
            b_eq=[1.0],
            bounds=(0, 1),
        )
        if not result.success:
            raise DataError(f"no distribution has a mean of {group.low:g} to {group.high:g}")
        found.append(sign * result.fun)
    return max(found[0], 0.0), found[1]


def stated_range(share: float, people: int, rounded_to: float = 0.01) -> tuple[float, float]:
    """A published share with its rounding and its sampling: 95 % score interval from the ends of the rounding.

    >>> [round(end, 3) for end in stated_range(0.12, 633)]
    [0.092, 0.153]
    """
    low, high = share - rounded_to / 2, share + rounded_to / 2
    return float(wilson(low * people, people).lower), float(wilson(high * people, people).upper)


CASE = {  # 4-5, 6 and 9-10 people: the ends of what is said
    "all": [MeanStatement(2620, 4.0, 5.0), MeanStatement(1113, 5.5, 6.5), MeanStatement(633, 9.0, 10.0)],
    "dissatisfied": [MeanStatement(633, 9.0, 10.0)],
}


def case_bounds(share: float = 0.12) -> pd.DataFrame:
    """Whether the statements of the case, read as means, can hold together without any curve.

    Returns
    -------
    DataFrame with `base`, `family`, `at least`, `at most` (who may tell twenty or more), `said, low`, `said, high` and `possible`.

    Examples
    --------
    >>> case_bounds()["possible"].tolist()
    [True, True, True, True]
    """
    import pandas as pd

    rows = []
    for base, groups in CASE.items():
        low, high = stated_range(share, sum(group.people for group in groups))
        for shape, family in (("any", "any distribution"), ("decreasing", "each number at most as frequent as the one before")):
            least, most = tail_bounds(groups, shape)
            rows.append([base, family, least, most, low, high, least <= high and most >= low])
    return pd.DataFrame(rows, columns=["base", "family", "at least", "at most", "said, low", "said, high", "possible"])
