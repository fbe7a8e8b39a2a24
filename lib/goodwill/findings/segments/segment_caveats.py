"""How to read rankings, movement and profiles: caveats, each with the number that makes it concrete."""

from __future__ import annotations

import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import TooLittle
from goodwill.findings.caveats import Caveat
from goodwill.findings.segments.segments_moving import HOLDS, REJECTED, tested
from goodwill.findings.words import worded
from goodwill.inference.uncertainty import normal_quantile
from goodwill.segments.evidence.ranking import top_share
from goodwill.segments.movement.migration import TestResult

REGRESSION = {
    "seen": "Regression to the mean: '{segment}' brought {before:,.3g} before, {at:,.3g} in the window that it was chosen by and "
    "{after:,.3g} after ({change:+.0%}), with no strategy at work.",
    "foretold": "Regression to the mean: '{segment}' brought {before:,.3g} before, {at:,.3g} in the window that it was chosen by and "
    "{after:,.3g} after ({change:+.0%}), with no strategy at work; the purchase model expected {expected:,.3g}. A strategy can be credited "
    "only with what goes beyond that.",
}
HINDSIGHT = {
    "top": "Hindsight: ranked by what they then spent, the top {top:.0%} hold {after:.0%}; ranked by what was known before, {before:.0%}. "
    "Only the second can be acted on.",
}
ORDER = {
    REJECTED: "Order: {test} Its forecasts and values are illustrations.",
    HOLDS: "Order: {test} That is no proof of it.",
    "sparse": " {share:.0%} of the cells expect fewer than 5 customers, so that p is rough.",
}
MANY = {
    "chance": "Many comparisons: {segments} segments make {pairs:,} comparisons, of which {expected:.2g} would show a difference by chance "
    "alone at {level:.0%}; to be sure of all of them together, take intervals {wide:.1f} times as wide.",
}


def regression_caveat(table: pd.DataFrame) -> Caveat:
    """How far the segment with the most extreme window fell back by itself; from `regression_to_mean`.

    The number is after / at - 1 of the segment with the highest `at`.
    """
    row = table.iloc[int(table["at"].argmax())]
    change = float(row["after"] / row["at"] - 1)
    numbers = {name: row[name] for name in ("segment", "before", "at", "after", "expected") if name in table}
    said = worded(REGRESSION, "foretold" if "expected" in table else "seen", change=change, **numbers)
    return Caveat("regression to the mean", change, said)


def hindsight_caveat(outcome: ArrayLike, score: ArrayLike, top: float = 0.2) -> Caveat:
    """How concentrated the outcome looks when customers are ranked by the outcome itself, against a ranking made before.

    The number is the share of the outcome held by the top of the ranking by the outcome.
    """
    after, before = top_share(outcome, outcome, top), top_share(score, outcome, top)
    return Caveat("hindsight concentration", after, worded(HINDSIGHT, "top", top=top, after=after, before=before))


def order_caveat(test: TestResult) -> Caveat:
    """Whether a Markov chain may be used for forecasts at all; the number is the p of `order_test`."""
    said = worded(ORDER, REJECTED if test.rejected else HOLDS, test=tested(test))
    if test.sparse > 0.2:
        said += worded(ORDER, "sparse", share=test.sparse)
    return Caveat("order of the chain", test.p, said)


def comparisons_caveat(segments: int, measures: int = 1, level: float = 0.95) -> Caveat:
    """How many differences between segments would look real by chance; the number is their expected count.

    >>> round(comparisons_caveat(10).number, 2)
    2.25
    """
    if segments < 2:
        raise TooLittle(f"{segments} segment cannot be compared with another.")
    pairs = segments * (segments - 1) // 2 * measures
    expected = pairs * (1 - level)
    wide = normal_quantile(1 - (1 - level) / pairs) / normal_quantile(level)
    numbers = {"segments": segments, "pairs": pairs, "expected": expected, "level": level, "wide": wide}
    return Caveat("many comparisons", expected, worded(MANY, "chance", **numbers))
