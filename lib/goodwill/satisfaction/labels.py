"""How sure a label is: answers waver, so that some of those who look like a mercenary are none.

What is felt on the day is a true feeling and an error, and the reliability is the share of its variance that is not error; on a scale of
whole answers it is cut at thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.satisfaction.cells import FEWEST
from goodwill.satisfaction.roles import QUADRANTS, Borders, quadrant_table, quadrants
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey

FloatArray = NDArray[np.float64]


def quadrant_probabilities(
    satisfaction: ArrayLike,
    loyalty: ArrayLike,
    reliability: tuple[float, float],
    *,
    satisfied: float,
    loyal: float,
    count: ArrayLike | None = None,
) -> pd.DataFrame:
    """Chance that what a respondent truly feels lies in each quadrant, given that both questions are answered with error.

    Parameters
    ----------
    satisfaction, loyalty : answers on their scales; rows with a gap are left out
    satisfied, loyal : first level that counts as satisfied, as loyal
    reliability : share of the variance of what is felt on the day that is not error, of satisfaction and of loyalty, before it is cut to
        whole answers
    count : respondents per row (or weights)

    Returns
    -------
    DataFrame, one row per distinct pair of answers: satisfaction, loyalty, count, quadrant (observed), and the four probabilities by name.

    Notes
    -----
    What is felt on the day is bivariate normal and cut into answers at the normal scores of their shares (Olsson 1979, Psychometrika
    44:443-460); what is truly felt goes with it as the reliabilities say. Each pair of answers is averaged over the cell that it comes
    from, by eight nodes each way.

    Examples
    --------
    >>> found = quadrant_probabilities([9, 9, 3, 3], [9, 3, 9, 3], (1.0, 1.0), satisfied=8, loyal=8, count=[40, 10, 10, 40])
    >>> found[["quadrant", "loyal"]].to_dict("list")  # answers without error are what is felt
    {'quadrant': ['defector', 'hostage-like', 'mercenary', 'loyal'], 'loyal': [0.0, 0.0, 0.0, 1.0]}
    """
    import pandas as pd

    for value in reliability:
        if not 0 < value <= 1:
            raise DataError(f"a reliability is {value:g}; it must lie above 0 and not above 1")
    x = np.column_stack([np.asarray(satisfaction, float), np.asarray(loyalty, float)])
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), len(x))
    known = np.isfinite(x).all(1) & (c > 0)
    pairs = pd.DataFrame({"satisfaction": x[known, 0], "loyalty": x[known, 1], "count": c[known]})
    pairs = pairs.groupby(["satisfaction", "loyalty"])["count"].sum().reset_index()
    x, c = pairs[["satisfaction", "loyalty"]].to_numpy(), pairs["count"].to_numpy()
    scales = [_Scale.of(x[:, k], c) for k in (0, 1)]
    rho = _felt_correlation(x, c, scales)
    if rho**2 > reliability[0] * reliability[1] * (1 + 1e-9):  # no answers can be less reliable than their correlation
        raise DataError("satisfaction and loyalty go together more closely than these reliabilities allow; raise the reliabilities")
    z, weight = _nodes(x, scales, rho)
    borders = np.array([scale.border(first) for scale, first in zip(scales, (satisfied, loyal), strict=True)])
    below_both, below = _truly_below(z, rho, np.sqrt(reliability), borders)
    both, first, second = (np.average(part, axis=1, weights=weight) for part in (below_both, below[..., 0], below[..., 1]))
    pairs["quadrant"] = quadrants(x[:, 0], x[:, 1] >= loyal, satisfied)
    chances = np.column_stack([1 - first - second + both, second - both, first - both, both]).clip(0, 1)
    pairs[list(QUADRANTS)] = chances / chances.sum(axis=1, keepdims=True)
    return pairs


@dataclass(frozen=True, eq=False)
class _Scale:
    """The answered levels of one question, and the normal scores at which they are cut."""

    levels: FloatArray
    below: FloatArray  # share below each level, and at last 1
    correlation: float  # of an answer with what was felt when it was given

    @classmethod
    def of(cls, answers: FloatArray, count: FloatArray) -> _Scale:
        from scipy.special import ndtri

        levels, at = np.unique(answers, return_inverse=True)
        share = np.bincount(at, count) / count.sum()
        variance = float(share @ (levels - share @ levels) ** 2)
        if variance <= 0:
            raise TooLittle("Satisfaction or loyalty is the same for everybody, so its error cannot be told from its truth.")
        below = np.concatenate([[0.0], share.cumsum()])
        below[-1] = 1.0
        density = np.exp(-(ndtri(below[1:-1]) ** 2) / 2) / np.sqrt(2 * np.pi)
        return cls(levels, below, min(float(density @ np.diff(levels) / np.sqrt(variance)), 1.0))

    def border(self, first: float) -> float:
        """The normal score below which the answers lie that are lower than `first`."""
        from scipy.special import ndtri

        return float(ndtri(self.below[np.searchsorted(self.levels, first)]))


def _felt_correlation(x: FloatArray, count: FloatArray, scales: list[_Scale]) -> float:
    """Correlation of what was felt, of which that of the answers is a blurred one."""
    both = np.cov(x.T, aweights=count, ddof=0)
    seen = both[0, 1] / np.sqrt(both[0, 0] * both[1, 1])
    return float(np.clip(seen / (scales[0].correlation * scales[1].correlation), -1 + 1e-6, 1 - 1e-6))


def _nodes(x: FloatArray, scales: list[_Scale], rho: float, points: int = 8) -> tuple[FloatArray, FloatArray]:
    """For each pair of answers, feelings that lead to it (pairs, points^2, 2) and their weights (pairs, points^2)."""
    from scipy.special import ndtri

    inside = (np.arange(points) + 0.5) / points
    sides = []
    for scale, answers in zip(scales, x.T, strict=True):
        at = np.searchsorted(scale.levels, answers)
        low, high = scale.below[at], scale.below[at + 1]
        sides.append(ndtri(low[:, None] + (high - low)[:, None] * inside))
    first, second = (side.reshape(len(x), -1) for side in np.broadcast_arrays(sides[0][:, :, None], sides[1][:, None, :]))
    exponent = (2 * rho * first * second - rho**2 * (first**2 + second**2)) / (2 * (1 - rho**2))
    return np.stack([first, second], -1), np.exp(exponent - exponent.max(axis=1, keepdims=True))


def _truly_below(z: FloatArray, rho: float, root: FloatArray, borders: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chance that both true feelings lie below their borders, and that each does, given what was felt; `root` of the reliabilities."""
    from scipy.special import ndtr

    felt = np.array([[1.0, rho], [rho, 1.0]])
    across = np.array([[root[0], rho / root[0]], [rho / root[1], root[1]]])  # of true with felt
    true = np.array([[1.0, rho / root.prod()], [rho / root.prod(), 1.0]])
    shrink = across @ np.linalg.inv(felt)
    covariance = true - shrink @ across.T
    spread = np.sqrt(np.maximum(np.diag(covariance), 1e-14))
    distance = (borders / root - z @ shrink.T) / spread
    correlation = float(np.clip(covariance[0, 1] / spread.prod(), -0.999999, 0.999999))
    return _both_below(distance[..., 0], distance[..., 1], correlation), ndtr(distance)


def _both_below(h: FloatArray, k: FloatArray, rho: float) -> FloatArray:
    """The bivariate normal distribution function by Owen's T (Owen 1956, Annals of Mathematical Statistics 27:1075-1090)."""
    from scipy.special import ndtr, owens_t

    h, k = (np.where(side == 0, 1e-12, np.clip(side, -38, 38)) for side in (h, k))
    root = np.sqrt(1 - rho**2)
    parts = owens_t(h, (k / h - rho) / root) + owens_t(k, (h / k - rho) / root)
    return np.clip((ndtr(h) + ndtr(k)) / 2 - parts - np.where(h * k < 0, 0.5, 0.0), 0, 1)


def quadrant_reliability(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Per quadrant: share seen there, share truly there under the error assumed, chance that one seen there belongs there.

    The last row, "all", holds the overall chance of a right label.

    >>> import pandas as pd
    >>> from goodwill.satisfaction import quadrant_probabilities
    >>> sure = quadrant_probabilities([9, 9, 3, 3], [9, 3, 9, 3], (1.0, 1.0), satisfied=8, loyal=8, count=[40, 10, 10, 40])
    >>> quadrant_reliability(sure).loc["mercenary"].round(2).to_dict()
    {'seen': 0.1, 'true': 0.1, 'right': 1.0}
    """
    import pandas as pd

    c = probabilities["count"] / probabilities["count"].sum()
    rows = {}
    for name in QUADRANTS:
        seen = c[probabilities["quadrant"] == name].sum()
        both = (c * probabilities[name])[probabilities["quadrant"] == name].sum()
        rows[name] = (seen, (c * probabilities[name]).sum(), both / seen if seen > 0 else np.nan)
    right = sum((c * probabilities[name])[probabilities["quadrant"] == name].sum() for name in QUADRANTS)
    rows["all"] = (1.0, 1.0, right)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["seen", "true", "right"]).rename_axis("quadrant")


@dataclass(frozen=True, eq=False, repr=False)
class Labels(Shown):
    """How far the quadrants of single respondents can be trusted.

    Attributes
    ----------
    pairs : as `quadrant_probabilities` gives
    table : a row per quadrant: respondents, share, lower, upper; true (share truly there), right (chance that a label is right)
    right : chance that a label is right, over all quadrants; None where the two answers are so nearly alike that errors cannot be told
        from truth in them
    mercenaries_right : the same for mercenaries; None where fewer than five look like one, and where reliabilities were raised
    reliability : of satisfaction and of loyalty, as these answers have it, raised where it must be
    raised : whether the answers go together more closely than the stated reliabilities allow, so that these were raised to the least
        that does; satisfaction and loyalty are then one and the same, and nobody is truly a mercenary

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import quadrant_labels
    >>> from goodwill.satisfaction.roles import Borders
    >>> found = quadrant_labels(gw.read_survey("acsi_2015"), Borders(loyal=9, satisfied=8, role_loyal=8), (0.95, 0.95))
    >>> found.table.loc["loyal", ["share", "true", "right"]].round(2).to_dict(), found.raised
    ({'share': 0.58, 'true': 0.65, 'right': 0.99}, True)
    """

    pairs: pd.DataFrame
    table: pd.DataFrame
    right: float | None
    mercenaries_right: float | None
    reliability: tuple[float, float]
    raised: bool = False


def quadrant_labels(survey: Survey, at: Borders, reliability: tuple[float, float]) -> Labels:
    """Quadrants of a survey's respondents, and how many of these labels are right when answers waver as much as is stated.

    Parameters
    ----------
    reliability : share of the variance of what people feel on the day that is not error, of satisfaction and of loyalty, before it is
        cut to whole answers; an answer of yes or no is taken as free of error

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction.roles import Borders
    >>> found = quadrant_labels(gw.read_survey("acsi_2015"), Borders(loyal=9, satisfied=8, role_loyal=8), (0.8, 0.8))
    >>> found.raised, round(found.right, 2)  # these two answers go together more closely than such reliabilities allow
    (True, 0.84)
    """
    answers = survey.answers
    loyal = survey.loyal(at.role_loyal)
    people: dict[str, Any] = {"weight": answers["weight"], "count": answers["count"]}
    table = quadrant_table(answers["satisfaction"], loyal, at.satisfied, **people)
    count = answers["weight"] * answers["count"]
    felt, used, raised = _allowed(answers, survey.loyalty_scale == (0, 1), reliability, count)
    pairs = quadrant_probabilities(
        answers["satisfaction"], answers["loyalty"], felt, satisfied=at.satisfied, loyal=at.role_loyal, count=count
    )
    trust = quadrant_reliability(pairs)
    right = trust["right"].to_dict()
    told = table["respondents"].to_dict()["mercenary"] >= FEWEST and not raised
    mercenaries = float(right["mercenary"]) if told else None
    alike = raised and min(felt) > 1 - 1e-3
    return Labels(pairs, table.join(trust[["true", "right"]]), None if alike else float(right["all"]), mercenaries, used, raised)


def _allowed(
    answers: pd.DataFrame, yes_or_no: bool, stated: tuple[float, float], count: pd.Series
) -> tuple[tuple[float, float], tuple[float, float], bool]:
    """The reliabilities of what is felt, raised alike to the least that the two answers allow; those of the whole answers; if raised."""
    known = answers[["satisfaction", "loyalty"]].notna().all(axis=1) & (count > 0)
    x, c = answers.loc[known, ["satisfaction", "loyalty"]].to_numpy(float), count[known].to_numpy(float)
    scales = [_Scale.of(x[:, k], c) for k in (0, 1)]
    first, second = stated[0], 1.0 if yes_or_no else stated[1]
    squared = _felt_correlation(x, c, scales) ** 2
    raised = squared > first * second
    if raised:
        power = np.log(squared) / np.log(first * second)
        first, second = float(first**power), float(second**power)
    whole = [1.0 if yes_or_no and k else scale.correlation**2 for k, scale in enumerate(scales)]
    return (first, second), (first * whole[0], second * whole[1]), raised


def asked_again(survey: Survey, level: float, reliability: float) -> float:
    """Mean satisfaction of those who answered `level`, if they were asked again with nothing changed: closer to the mean of all.

    >>> import goodwill as gw
    >>> round(asked_again(gw.read_survey("acsi_2015"), level=10, reliability=0.8), 1)  # an answer at the top has luck in it
    9.6
    """
    known = survey.answers.dropna(subset=["satisfaction"])
    average = float(np.average(known["satisfaction"], weights=known["weight"] * known["count"]))
    return average + reliability * (level - average)
