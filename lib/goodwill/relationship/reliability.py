"""How much of an answer is lasting satisfaction: its error from the items beside it, and what share of what is felt lasts."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.satisfaction.drivers import correlations

Floats = NDArray[np.float64]
DRAWS, FEWEST = 200, 50


def answer_reliability(items: Any, overall: Any, *, seed: int = 1) -> Interval:
    """Share of the variance of one overall answer that is what was felt, from items that show the same feeling with errors of their own.

    With one feeling behind all answers, the correlations of the overall answer y with two items i, j and of these with each other give
    its reliability as r_yi r_yj / r_ij (Spearman's tetrad); it is averaged over the pairs. What the items share beyond the feeling (the
    mood of the day) counts as felt: see `lasting_reliability`.

    Parameters
    ----------
    items : answers to at least two items, shape (respondents, items); rows with a gap are left out
    overall : the overall answers
    seed : of the bootstrap

    Raises
    ------
    TooLittle
        Fewer than two items or 50 whole rows, or items that do not go together.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> felt = rng.standard_normal(50_000)
    >>> shown = [0.9 * felt + 0.19**0.5 * rng.standard_normal(50_000)]
    >>> shown += [0.7 * felt + 0.51**0.5 * rng.standard_normal(50_000) for _ in range(3)]
    >>> round(answer_reliability(np.column_stack(shown[1:]), shown[0]).estimate, 2)  # .9 squared
    0.81
    """
    table = np.column_stack([np.asarray(items, float), np.asarray(overall, float)])
    table = table[np.isfinite(table).all(axis=1)]
    if table.shape[1] < 3 or len(table) < FEWEST:
        raise TooLittle(
            f"{len(table)} whole answers to {table.shape[1] - 1} items: the reliability of an answer takes two items and {FEWEST} answers."
        )
    found = _tetrads(table)
    if not found > 0:
        raise TooLittle("The items do not go together with overall satisfaction, so that its reliability cannot be told from them.")
    rng = np.random.default_rng(seed)
    drawn = [_tetrads(table[rng.integers(0, len(table), len(table))]) for _ in range(DRAWS)]
    return Interval(*(float(np.clip(end, 0.05, 1.0)) for end in quantile_interval(found, drawn)))


def _tetrads(table: Floats) -> float:
    matrix, outcome = correlations(table[:, :-1], table[:, -1])
    pairs = [outcome[i] * outcome[j] / matrix[i, j] for i, j in combinations(range(len(outcome)), 2) if matrix[i, j] > 0.05]
    return float(np.mean(pairs)) if pairs else 0.0


def reliability_of(survey: Any, stated: float, lasting: float, within: float = 0.2) -> Interval:
    """`lasting_reliability` of the answers of a survey: from its items where there are two, else from a stated reliability.

    Parameters
    ----------
    survey : of `read_answers`
    stated : reliability where the items do not tell it
    lasting, within : share of what is felt that lasts, and how far the truth may lie from it

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> [round(end, 2) for end in reliability_of(made.survey, stated=0.85, lasting=0.8)]
    [0.66, 0.48, 0.84]
    """
    try:
        measured = answer_reliability(survey.answers[list(survey.items)], survey.answers["satisfaction"])
    except (TooLittle, FitError):
        measured = Interval(stated, stated, stated)
    return lasting_reliability(measured, lasting, within)


def lasting_reliability(measured: Interval, lasting: float, within: float = 0.2) -> Interval:
    """Share of the variance of an answer that is lasting satisfaction: its reliability times the share of what is felt that lasts.

    Parameters
    ----------
    measured : of `answer_reliability`, or stated
    lasting : share of the variance of what is felt on a day that is still there a year later; one survey does not tell it
    within : how far the truth may lie from it

    Raises
    ------
    DataError
        When the share that lasts is not above 0, or above 1.

    Examples
    --------
    >>> from goodwill.inference import Interval
    >>> [round(end, 3) for end in lasting_reliability(Interval(0.8, 0.8, 0.8), 0.8)]
    [0.64, 0.48, 0.8]
    """
    if not 0 < lasting <= 1:
        raise DataError(f"the share of satisfaction that lasts is {lasting:g}; it lies above 0 and not above 1")
    low, high = max(lasting - within, 0.05), min(lasting + within, 1.0)
    best = measured.estimate * lasting
    down = np.hypot(best - measured.lower * lasting, best - measured.estimate * low)
    up = np.hypot(measured.upper * lasting - best, measured.estimate * high - best)
    return Interval(best, float(max(best - down, 0.05)), float(min(best + up, 1.0)))
