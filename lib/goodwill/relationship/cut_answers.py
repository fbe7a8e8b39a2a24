"""What is felt, cut into the levels of a scale: how much less an answer says of it, and how likely each answer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

if TYPE_CHECKING:
    from goodwill.relationship.answered_histories import AnsweredHistories

Floats = NDArray[np.float64]
MOST_RELIABLE = 0.95  # reliabilities above it are taken as this: the quadrature over satisfaction is no finer
TINY = 1e-300


def felt_reliability(data: AnsweredHistories, reliability: float) -> float:
    """Share of the variance of what is felt, before it is cut into answers, that is lasting satisfaction, from that share of the answers.

    Of groups it is known as it is, and of nobody it does not matter.
    """
    if data.reliability is not None or len(data.shares) < 2:
        return reliability
    return min(reliability / cut_correlation(data.shares), 1.0)


def cut_correlation(shares: Floats) -> float:
    """Squared correlation of a normal variable with the number of the class that it is cut into.

    It says by how much less reliable answers on a few levels are than what is felt: rounding, and the ends of the scale, take the rest.

    >>> round(cut_correlation(np.array([0.5, 0.5])), 4), round(cut_correlation(np.full(10, 0.1)), 4)  # 2 / pi
    (0.6366, 0.9354)
    """
    number, ends = np.arange(len(shares)), special.ndtri(np.clip(np.concatenate([[0.0], np.cumsum(shares)]), 0.0, 1.0))
    density = np.exp(-0.5 * ends**2) / np.sqrt(2 * np.pi)
    spread = float(shares @ (number - shares @ number) ** 2)
    return float(number @ (density[:-1] - density[1:])) ** 2 / max(spread, TINY)


def answer_chances(shares: Floats, reliability: float, nodes: Floats, level: Any, moved: Floats) -> tuple[Floats, Floats]:
    """Chance of given answers at each S, and minus the slope of its logarithm in `moved`, shape (answers, nodes) each.

    Parameters
    ----------
    shares : of the answers, by level: they cut what is felt into classes
    level : number of each answer among the levels
    moved : what moves each answer but lasting satisfaction, in standard deviations of what is felt
    """
    rho = min(reliability, MOST_RELIABLE)
    ends = special.ndtri(np.clip(np.concatenate([[0.0], np.cumsum(shares)]), 0.0, 1.0))
    low, high = (((ends[level + way] - moved)[:, None] - np.sqrt(rho) * nodes) / np.sqrt(1 - rho) for way in (0, 1))
    chance = np.maximum(special.ndtr(high) - special.ndtr(low), TINY)
    density = (np.exp(-0.5 * high**2) - np.exp(-0.5 * low**2)) / np.sqrt(2 * np.pi * (1 - rho))
    return chance, density / chance
