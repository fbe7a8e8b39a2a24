"""Loyalty by level of satisfaction, as counts: the sufficient statistics of everything that follows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey

FloatArray = NDArray[np.float64]


FEWEST = 5  # respondents; a sentence about fewer would be one about persons


@dataclass(frozen=True, eq=False, repr=False)
class LoyaltyCells(Shown):
    """How many answered at each level of satisfaction, and how many of those are loyal.

    Attributes
    ----------
    levels : levels of satisfaction in rising order; a level that nobody chose has n = 0
    n : effective number of answers at each level (the number itself without design weights)
    loyal : effective number of loyal ones; loyal / n is the weighted share
    respondents : people behind each level, for display
    """

    levels: FloatArray
    n: FloatArray
    loyal: FloatArray
    respondents: FloatArray

    def __post_init__(self) -> None:
        for name in ("levels", "n", "loyal", "respondents"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))
        if not len(self.levels) == len(self.n) == len(self.loyal) == len(self.respondents):
            raise DataError("levels, answers and loyal answers must have the same length")
        if (np.diff(self.levels) <= 0).any():
            raise DataError("the levels of satisfaction must rise, each once; put answers of one level into one row")
        if (self.n < 0).any() or (self.loyal < 0).any() or (self.loyal > self.n * (1 + 1e-9)).any():
            raise DataError("loyal answers must lie between 0 and the number of answers at every level")
        if not (self.n > 0).any():
            raise TooLittle("nobody answered both satisfaction and loyalty, so there is no relation to look at; check the columns")
        if (self.n > 0).sum() < 2:
            raise TooLittle("all answers lie at one level of satisfaction; a relation with loyalty needs at least two levels")

    def _said(self) -> str:
        share = self.loyal.sum() / self.n.sum()
        return f"levels {self.levels[0]:g} to {self.levels[-1]:g}, {self.respondents.sum():,.0f} answers, {share:.0%} loyal"

    def _frame(self) -> pd.DataFrame:
        return self.to_frame()

    @classmethod
    def of(cls, levels: ArrayLike, loyal: ArrayLike, n: ArrayLike) -> LoyaltyCells:
        """From plain counts.

        >>> LoyaltyCells.of([1, 2, 3], [2, 5, 9], [10, 10, 10]).share.tolist()
        [0.2, 0.5, 0.9]
        """
        return cls(np.asarray(levels, float), np.asarray(n, float), np.asarray(loyal, float), np.asarray(n, float))

    @property
    def share(self) -> FloatArray:
        """Share of loyal answers at each level; nan where nobody answered."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.n > 0, self.loyal / self.n, np.nan)

    @property
    def total(self) -> float:
        """All effective answers."""
        return float(self.n.sum())

    @property
    def overall(self) -> Interval:
        """Share of loyal answers at all levels together, with its Wilson interval."""
        return wilson(self.loyal.sum(), self.total)

    @property
    def top_share(self) -> float:
        """Share of those who gave the highest answer of the scale."""
        return float(self.n[-1] / self.total)

    def answered(self, fewest: float = 0) -> LoyaltyCells:
        """Only the levels that somebody chose, and at least `fewest` respondents."""
        keep = (self.n > 0) & (self.respondents >= fewest)
        return LoyaltyCells(self.levels[keep], self.n[keep], self.loyal[keep], self.respondents[keep])

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row per level: respondents, n_effective, loyal_share with its Wilson interval (nan, 0, 1 where nobody answered)."""
        import pandas as pd

        some = self.n > 0
        lower, upper = np.zeros(len(self.n)), np.ones(len(self.n))
        _, lower[some], upper[some] = wilson(self.loyal[some], self.n[some], level)
        return pd.DataFrame(
            {
                "satisfaction": self.levels,
                "respondents": self.respondents,
                "n_effective": self.n,
                "loyal_share": self.share,
                "lower": lower,
                "upper": upper,
            }
        )


def top_two(cells: LoyaltyCells) -> tuple[float, float]:
    """The two highest levels that at least five respondents chose, the higher one first.

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> top_two(LoyaltyCells.of([1, 2, 3, 4], [5, 9, 9, 1], [20, 20, 20, 1]))
    (3.0, 2.0)

    Raises
    ------
    TooLittle
        When there are no two such levels.
    """
    told = cells.levels[(cells.n > 0) & (cells.respondents >= FEWEST)]
    if len(told) < 2:
        raise TooLittle(f"No two levels were chosen by at least {FEWEST} respondents, so levels are not compared with each other.")
    return float(told[-1]), float(told[-2])


def effective_size(
    weight: ArrayLike | None = None, count: ArrayLike | None = None, *, n: int | None = None, population: float | None = None
) -> float:
    """How many answers of a simple random sample carry as much information: (sum w)^2 / sum w^2 (Kish 1965, section 11.7).

    Parameters
    ----------
    weight : design weight of each row; any scale, never a count
    count : respondents that each row stands for
    n : number of rows when neither is given
    population : size of a finite population that the sample was drawn from; the share already asked is certain,
        so the size is divided by 1 - sampling share

    >>> effective_size([1, 1, 2, 4])
    2.909090909090909
    """
    if weight is None and count is None:
        if n is None:
            raise DataError("give weights, counts or the number of answers")
        size = people = float(n)
    else:
        w = np.asarray(weight if weight is not None else 1.0, float)
        c = np.asarray(count if count is not None else 1.0, float)
        w, c = np.broadcast_arrays(w, c)
        squares = float((c * w**2).sum())
        people = float(c.sum())
        size = float((c * w).sum()) ** 2 / squares if squares > 0 else 0.0
    return size / _unsampled(people, population)


def loyalty_cells(
    satisfaction: ArrayLike,
    loyal: ArrayLike,
    *,
    levels: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    count: ArrayLike | None = None,
    population: float | None = None,
) -> LoyaltyCells:
    """Count loyal answers by level of satisfaction; rows where either is missing are left out.

    Parameters
    ----------
    satisfaction, loyal : one value per row; `loyal` is True/False or 1/0
    levels : all levels of the scale (default: those that occur); an answer outside is an error
    weight : design weights; they change shares and, level by level, the effective number of answers
    count : respondents per row
    population : see `effective_size`

    Examples
    --------
    >>> cells = loyalty_cells([5, 5, 4, 4, 3], [1, 1, 1, 0, 0])
    >>> cells.levels.tolist(), cells.n.tolist(), cells.loyal.tolist()
    ([3.0, 4.0, 5.0], [1.0, 2.0, 2.0], [0.0, 1.0, 2.0])
    """
    s, y = np.asarray(satisfaction, float), np.asarray(loyal, float)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), s.shape)
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), s.shape)
    keep = np.isfinite(s) & np.isfinite(y) & (w > 0) & (c > 0)
    s, y, w, c = s[keep], y[keep], w[keep], c[keep]
    if not np.isin(y, (0, 1)).all():
        raise DataError("'loyal' must be 0 or 1 here; state from which answer on somebody counts as loyal")
    scale = np.unique(s) if levels is None else np.asarray(levels, float)
    if not np.isin(s, scale).all():
        raise DataError(f"satisfaction holds {s[~np.isin(s, scale)][0]:g}, which is no level of the scale {scale[0]:g} to {scale[-1]:g}")
    at = np.searchsorted(scale, s)

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(at, values, minlength=len(scale)).astype(float)

    weights, squares, people = total(c * w), total(c * w**2), total(c)
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(squares > 0, weights**2 / squares, 0.0) / _unsampled(people.sum(), population)
        share = np.where(weights > 0, total(c * w * y) / weights, 0.0)
    return LoyaltyCells(scale, n, share * n, people)


def survey_cells(survey: Survey, loyal_from: float, *, population: float | None = None) -> LoyaltyCells:
    """The cells of a survey, over all levels of its scale.

    >>> import goodwill as gw
    >>> cells = survey_cells(gw.read_survey("acsi_2015"), loyal_from=9)
    >>> round(float(cells.loyal[-1] / cells.n[-1]), 3)  # of those who answered 10
    0.941
    """
    answers = survey.answers
    return loyalty_cells(
        answers["satisfaction"],
        survey.loyal(loyal_from),
        levels=survey.levels,
        weight=answers["weight"],
        count=answers["count"],
        population=population,
    )


def segment_cells(survey: Survey, loyal_from: float) -> dict[str, LoyaltyCells]:
    """The cells of every segment in which at least two levels were answered, by name; empty without segments.

    >>> import goodwill as gw
    >>> list(segment_cells(gw.read_survey("acsi_2015"), loyal_from=9))
    ['commercial airlines', 'commercial banks', 'internet service providers', 'processed food']
    """
    if "segment" not in survey.answers:
        return {}
    loyal, cells = survey.loyal(loyal_from), {}
    known = np.isfinite(loyal) & survey.answers["satisfaction"].notna().to_numpy()
    for name, rows in survey.answers.groupby("segment", sort=True).indices.items():
        rows = rows[known[rows]]
        part = survey.answers.iloc[rows]
        if part["satisfaction"].nunique() > 1:
            cells[str(name)] = loyalty_cells(
                part["satisfaction"], loyal[rows], levels=survey.levels, weight=part["weight"], count=part["count"]
            )
    return cells


def first_loyal_answer(scale: tuple[float, float]) -> int:
    """First answer that counts as loyal unless told: 9 of 10, 5 of 5, yes of yes and no.

    >>> [first_loyal_answer(scale) for scale in [(1, 10), (0, 10), (1, 7), (1, 5), (0, 1)]]
    [9, 9, 7, 5, 1]
    """
    return ceil(scale[0] + 0.85 * (scale[1] - scale[0]) - 1e-9)


def _unsampled(people: float, population: float | None) -> float:
    """Share of the population not asked; 1 for a large or unknown one (none given, or zero)."""
    if not population:
        return 1.0
    if population < people:
        raise DataError(f"{people:g} answers came from a population said to be {population:g}; correct the population")
    # Somebody who was asked may still err: a census keeps a thousandth of the uncertainty rather than none, which would divide by zero.
    return max(1 - people / population, 1e-3)
