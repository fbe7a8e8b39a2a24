"""What somebody would say of a simulated survey who knows all of its truth but what a headline asks for.

- Loyal share, the two ratios of the top levels and the notch are made of nothing but the shares asked for: the oracle knows how far they
  err.
- Net promoter score: the oracle knows how many are neither promoters nor detractors.
- Importance: it knows how the items hang together, and how far the rest errs.
- Turning point: it knows both slopes and the height of the curve.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bend_size import kinked
from goodwill import satisfaction as sat
from goodwill.inference.uncertainty import normal_quantile

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
Ends = tuple[float, float]
Z = normal_quantile(0.95)


def of_shares(function: Callable[[FloatArray], float], seen: FloatArray, true: FloatArray, n: FloatArray, *, log: bool = False) -> Ends:
    """A function of shares, around what was seen, by the standard error that the true shares give (delta method)."""
    scale = np.log if log else float
    step = 1e-5
    slopes = np.array([(scale(function(true + step * way)) - scale(function(true - step * way))) / (2 * step) for way in np.eye(len(true))])
    far = Z * float(np.sqrt(slopes**2 @ (true * (1 - true) / n)))
    at = function(seen)
    return (at * np.exp(-far), at * np.exp(far)) if log else (at - far, at + far)


def of_promoters(recommend: FloatArray, true: tuple[float, float]) -> Ends:
    """The net promoter score in points; `true` are the shares of promoters and of detractors."""
    up, down = float((recommend >= 9).sum()), float((recommend <= 6).sum())
    decided, share = sum(true), true[0] / sum(true)
    at, far = 2 * up / (up + down) - 1, 2 * Z * np.sqrt(share * (1 - share) / (up + down))
    return 100 * decided * (at - far), 100 * decided * (at + far)


def of_importance(items: pd.DataFrame, satisfaction: Any, matrix: FloatArray, error: float) -> Ends:
    """Share of the first item in what the items explain, when the correlations among the items are known."""
    at = share_of_first(matrix, sat.correlations(items, satisfaction)[1])
    return at - Z * error, at + Z * error


def share_of_first(matrix: FloatArray, outcome: FloatArray) -> float:
    parts = sat.johnson_shares(matrix, outcome)
    return float(parts[0] / parts.sum())


def error_of_importance(people: pd.DataFrame, items: list[str], matrix: FloatArray, size: int) -> float:
    """Standard deviation of that share over disjoint surveys of so many people."""
    pieces = [people.iloc[start : start + size] for start in range(0, len(people) - size + 1, size)]
    return float(np.std([share_of_first(matrix, sat.correlations(each[items], each["satisfaction"])[1]) for each in pieces]))


def of_kink(loyal: FloatArray, n: FloatArray) -> Ends:
    """The places of the kink on levels 1 to 10 that the answers do not rule out, the rest of the curve of `kinked` being known."""
    places, p = _kinked_curves()
    likelihood = np.log(p) @ loyal + np.log1p(-p) @ (n - loyal)
    held = places[2 * (likelihood.max() - likelihood) <= Z**2]
    return float(held.min()), float(held.max())


@cache
def _kinked_curves() -> tuple[FloatArray, FloatArray]:
    places = np.linspace(1, 10, 1801)
    return places, np.array([kinked((place - 1) / 9)((np.arange(1.0, 11) - 1) / 9) for place in places])
