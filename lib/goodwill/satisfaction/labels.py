"""How sure a label is: answers waver, so that some of those who look like a mercenary are none.

Classical test theory: an answer is a true score and an error, and the reliability is the share of its variance that is not error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.satisfaction.cells import FEWEST
from goodwill.satisfaction.roles import QUADRANTS, Borders, quadrant_table, quadrants

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
    """Chance that a respondent's true answers lie in each quadrant, given that both questions are answered with error.

    Parameters
    ----------
    satisfaction, loyalty : answers on their scales; rows with a gap are left out
    satisfied, loyal : first level that counts as satisfied, as loyal; the border lies half a level below
    reliability : share of the variance of satisfaction and of loyalty that is not error (Cronbach's alpha is a lower bound)
    count : respondents per row (or weights)

    Returns
    -------
    DataFrame, one row per distinct pair of answers: satisfaction, loyalty, count, quadrant (observed), and the four probabilities by name.

    Notes
    -----
    Classical test theory with normal true scores: the posterior of the true pair is bivariate normal with the mean shrunk towards the mean
    of all.
    """
    import pandas as pd
    from scipy.stats import multivariate_normal

    for value in reliability:
        if not 0 < value <= 1:
            raise DataError(f"a reliability is {value:g}; it must lie above 0 and not above 1")
    x = np.column_stack([np.asarray(satisfaction, float), np.asarray(loyalty, float)])
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), len(x))
    known = np.isfinite(x).all(1) & (c > 0)
    pairs = pd.DataFrame({"satisfaction": x[known, 0], "loyalty": x[known, 1], "count": c[known]})
    pairs = pairs.groupby(["satisfaction", "loyalty"])["count"].sum().reset_index()
    x, c = pairs[["satisfaction", "loyalty"]].to_numpy(), pairs["count"].to_numpy()
    centre = np.average(x, axis=0, weights=c)
    observed = np.cov(x.T, aweights=c, ddof=0)
    if (np.diag(observed) <= 0).any():
        raise TooLittle("Satisfaction or loyalty is the same for everybody, so its error cannot be told from its truth.")
    error = np.diag(np.diag(observed) * (1 - np.array(reliability)))
    true = observed - error
    if np.linalg.eigvalsh(true).min() < -1e-9 * np.trace(observed):  # no answers can be less reliable than their correlation
        raise DataError("satisfaction and loyalty go together more closely than these reliabilities allow; raise the reliabilities")
    shrink = true @ np.linalg.pinv(observed)
    mean, covariance = centre + (x - centre) @ shrink.T, true - shrink @ true
    border = np.array([satisfied - 0.5, loyal - 0.5])
    spread = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    z = (border - mean) / spread
    correlation = float(np.clip(covariance[0, 1] / spread.prod(), -0.999999, 0.999999))
    both_below = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(z)
    below = np.column_stack([_normal_cdf(z[:, 0]), _normal_cdf(z[:, 1])])
    pairs["quadrant"] = quadrants(x[:, 0], x[:, 1] >= loyal, satisfied)
    pairs["loyal"] = 1 - below[:, 0] - below[:, 1] + both_below
    pairs["mercenary"] = below[:, 1] - both_below
    pairs["hostage-like"] = below[:, 0] - both_below
    pairs["defector"] = both_below
    pairs[list(QUADRANTS)] = pairs[list(QUADRANTS)].clip(0, 1)
    return pairs


def quadrant_reliability(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Per quadrant: share seen there, share truly there under the error assumed, chance that one seen there belongs there.

    The last row, "all", holds the overall chance of a right label.
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


@dataclass(frozen=True, eq=False)
class Labels:
    """How far the quadrants of single respondents can be trusted.

    Attributes
    ----------
    pairs : as `quadrant_probabilities` gives
    table : a row per quadrant: respondents, share, lower, upper; true (share truly there), right (chance that a label is right)
    right : chance that a label is right, over all quadrants
    mercenaries_right : the same for mercenaries; None where fewer than five look like one, and where reliabilities were raised
    reliability : of satisfaction and of loyalty, as these answers have it (`effective_reliability`, raised where it must be)
    raised : whether the answers go together more closely than the stated reliabilities allow, so that these were raised to the least
        that does; satisfaction and loyalty are then one and the same, and nobody is truly a mercenary
    """

    pairs: pd.DataFrame
    table: pd.DataFrame
    right: float
    mercenaries_right: float | None
    reliability: tuple[float, float]
    raised: bool = False


def quadrant_labels(survey: Survey, at: Borders, reliability: tuple[float, float]) -> Labels:
    """Quadrants of a survey's respondents, and how many of these labels are right when answers waver as much as is stated.

    Parameters
    ----------
    reliability : share of the variance of what people feel on the day that is not error, of satisfaction and of loyalty, before it is
        cut to whole answers; an answer of yes or no is taken as free of error
    """
    answers = survey.answers
    loyal = survey.loyal(at.role_loyal)
    people: dict[str, Any] = {"weight": answers["weight"], "count": answers["count"]}
    table = quadrant_table(answers["satisfaction"], loyal, at.satisfied, **people)
    count = answers["weight"] * answers["count"]
    used, raised = _allowed(answers, survey.loyalty_scale == (0, 1), reliability, count)
    pairs = quadrant_probabilities(
        answers["satisfaction"], answers["loyalty"], used, satisfied=at.satisfied, loyal=at.role_loyal, count=count
    )
    trust = quadrant_reliability(pairs)
    right = trust["right"].to_dict()
    told = table["respondents"].to_dict()["mercenary"] >= FEWEST and not raised
    mercenaries = float(right["mercenary"]) if told else None
    return Labels(pairs, table.join(trust[["true", "right"]]), float(right["all"]), mercenaries, used, raised)


def effective_reliability(answers: ArrayLike, stated: float, *, count: ArrayLike | None = None) -> float:
    """Reliability of whole answers whose underlying feeling has the stated one: cutting it to a few levels adds error.

    Parameters
    ----------
    answers : on any scale of whole answers; gaps are left out
    stated : share of the variance of the underlying feeling that is not error
    count : respondents per row (or weights)

    Notes
    -----
    With a normal feeling z that is cut into answers y at thresholds t_k, cov(z, y) is the sum of the steps of y times the density at t_k
    (Olsson, Drasgow & Dorans 1982, Psychometrika 47:337-347), so that the squared correlation of answer and truth is
    stated x cov(z, y)^2 / var(y).

    >>> round(effective_reliability([1, 2, 3, 4, 5], 0.85), 2), round(effective_reliability(range(1, 101), 0.85), 2)
    (0.76, 0.81)
    """
    from scipy.special import ndtri

    y = np.asarray(answers, float)
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), y.shape)
    known = np.isfinite(y) & (c > 0)
    levels, at = np.unique(y[known], return_inverse=True)
    share = np.bincount(at, c[known]) / c[known].sum()
    variance = float(share @ (levels - share @ levels) ** 2)
    if variance <= 0:
        raise TooLittle("Satisfaction or loyalty is the same for everybody, so its error cannot be told from its truth.")
    density = np.exp(-(ndtri(share.cumsum()[:-1]) ** 2) / 2) / np.sqrt(2 * np.pi)
    return stated * min(float(density @ np.diff(levels)) ** 2 / variance, 1.0)


def _allowed(answers: pd.DataFrame, yes_or_no: bool, stated: tuple[float, float], count: pd.Series) -> tuple[tuple[float, float], bool]:
    """The effective reliabilities, raised alike to the least that the correlation of the two answers allows where they fall below it."""
    first = effective_reliability(answers["satisfaction"], stated[0], count=count)
    second = 1.0 if yes_or_no else effective_reliability(answers["loyalty"], stated[1], count=count)
    known = answers[["satisfaction", "loyalty"]].notna().all(axis=1) & (count > 0)
    both = np.cov(answers.loc[known, ["satisfaction", "loyalty"]].to_numpy(float).T, aweights=count[known])
    squared = float(both[0, 1] ** 2 / (both[0, 0] * both[1, 1])) if both[0, 0] * both[1, 1] > 0 else 0.0
    if squared <= first * second:
        return (first, second), False
    power = np.log(min(squared, 1 - 1e-12)) / np.log(first * second)
    return (float(first**power), float(second**power)), True


def asked_again(survey: Survey, level: float, reliability: float) -> float:
    """Mean satisfaction of those who answered `level`, if they were asked again with nothing changed: closer to the mean of all."""
    known = survey.answers.dropna(subset=["satisfaction"])
    average = float(np.average(known["satisfaction"], weights=known["weight"] * known["count"]))
    return average + reliability * (level - average)


def _normal_cdf(z: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(z))
