"""Caveats carry the number that makes them concrete, and say it in full."""

import numpy as np
import pandas as pd
import pytest
from tests.segments.cdnow import valued

from goodwill.errors import TooLittle
from goodwill.findings.segments.segment_caveats import (
    comparisons_caveat,
    hindsight_caveat,
    order_caveat,
    regression_caveat,
)
from goodwill.segments.movement.migration import TestResult


@pytest.mark.slow
def test_hindsight_looks_far_more_concentrated_than_foresight() -> None:
    customers = valued("cdnow")
    found = hindsight_caveat(customers["spend_holdout"], customers["spend"])
    assert (found.name, round(found.number or 0, 3)) == ("hindsight concentration", 0.939)
    assert found.sentence == (
        "Hindsight: ranked by what they then spent, the top 20% hold 94%; ranked by what was known before, 66%. "
        "Only the second can be acted on."
    )


def test_a_rejected_order_makes_forecasts_illustrations_and_sparse_tables_are_said() -> None:
    rejected = order_caveat(TestResult("order 1 against 2", 1259.0, 36, 0.0, 0.5))
    assert (rejected.name, rejected.number) == ("order of the chain", 0.0)
    assert rejected.sentence == (
        "Order: G2 = 1,259 with 36 degrees of freedom, p &lt; .0001: where customers come from still matters once it is known where "
        "they are, so a chain of order 1 is rejected. Its forecasts and values are illustrations. "
        "50% of the cells expect fewer than 5 customers, so that p is rough."
    )
    assert order_caveat(TestResult("order 1 against 2", 30.0, 36, 0.7, 0.3)).sentence.endswith(
        " 30% of the cells expect fewer than 5 customers, so that p is rough."
    )
    assert order_caveat(TestResult("order 1 against 2", 30.0, 36, 0.7, 0.2)).sentence == (
        "Order: G2 = 30 with 36 degrees of freedom, p = .7000: nothing speaks against a chain of order 1. That is no proof of it."
    )


def test_the_group_with_the_most_extreme_window_falls_back() -> None:
    table = pd.DataFrame({"segment": ["low", "top"], "before": [5.0, 108.66], "at": [1.0, 172.34], "after": [6.0, 96.66]})
    found = regression_caveat(table)
    assert (found.name, found.number) == ("regression to the mean", pytest.approx(96.66 / 172.34 - 1))
    assert found.sentence == (
        "Regression to the mean: 'top' brought 109 before, 172 in the window that it was chosen by and 96.7 after (\N{MINUS SIGN}44%), "
        "with no strategy at work."
    )
    assert regression_caveat(table.assign(expected=[1.0, 83.24])).sentence == (
        "Regression to the mean: 'top' brought 109 before, 172 in the window that it was chosen by and 96.7 after (\N{MINUS SIGN}44%), "
        "with no strategy at work; the purchase model expected 83.2. A strategy can be credited only with what goes beyond that."
    )


def test_ten_segments_make_forty_five_comparisons() -> None:
    found = comparisons_caveat(10)
    assert found.name == "many comparisons" and np.isclose(found.number or 0, 2.25)
    assert found.sentence == (
        "Many comparisons: 10 segments make 45 comparisons, of which 2.3 would show a difference by chance alone at 95%; "
        "to be sure of all of them together, take intervals 1.7 times as wide."
    )
    assert comparisons_caveat(2).number == pytest.approx(0.05)
    assert comparisons_caveat(10, measures=2).number == pytest.approx(4.5)
    with pytest.raises(TooLittle, match=r"^1 segment cannot be compared with another\.$"):
        comparisons_caveat(1)
