"""Caveats carry the number that makes them concrete."""

import numpy as np
from tests.segments.cdnow import valued

from goodwill.findings.segment_caveats import comparisons_caveat, hindsight_caveat, inactivity_caveat, order_caveat
from goodwill.segments.movement.migration import TestResult


def test_hindsight_looks_far_more_concentrated_than_foresight() -> None:
    customers = valued("cdnow")
    found = hindsight_caveat(customers["spend_holdout"], customers["spend"])
    assert round(found.number or 0, 3) == 0.939
    assert "the top 20% hold 94%; ranked by what was known before, 66%" in found.sentence


def test_p_alive_of_bg_nbd_knows_nothing_of_one_time_buyers() -> None:
    customers = valued("cdnow_sample")
    found = inactivity_caveat(customers["probability_alive"], customers["frequency"])
    assert round(found.number or 0, 4) == round(1411 / 2357, 4)
    assert inactivity_caveat([0.4, 0.9], [0, 0]).number == 0


def test_a_rejected_order_makes_forecasts_illustrations_and_sparse_tables_are_said() -> None:
    rejected = order_caveat(TestResult("order 1 against 2", 1259.0, 36, 0.0, 0.5, "G2 = 1,259."))
    assert "illustrations" in rejected.sentence and "50% of the cells" in rejected.sentence
    assert "no proof" in order_caveat(TestResult("order 1 against 2", 30.0, 36, 0.7, 0.0, "G2 = 30.")).sentence


def test_ten_segments_make_forty_five_comparisons() -> None:
    found = comparisons_caveat(10)
    assert np.isclose(found.number or 0, 2.25)
    assert "1.7 times as wide" in found.sentence
