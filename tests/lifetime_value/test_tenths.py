"""Predicted value against what came, by tenth; a recalibration learned at one date, applied at a second, scored at a third."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.lifetime_value.evidence.tenths import _line, _share_of, value_tenths
from goodwill.lifetime_value.value import ValueTerms

SAMPLE = gw.read_transactions("cdnow_sample")


@cache
def found() -> Any:
    return value_tenths(SAMPLE, gw.summarize_purchases(SAMPLE), ValueTerms(29.0, 0.3, 0.15, "week"), gw.BetaGeoNBD, "independent")


@pytest.mark.slow
def test_the_top_tenth_of_the_cdnow_sample_brought_less_than_predicted() -> None:
    """A share of expectations is no floor: 61.4 % was predicted, 52.7 % came."""
    assert (found().made, found().due) == (date(1997, 12, 9), date(1998, 6, 30))
    assert found().top_predicted == pytest.approx(0.614, abs=1e-3)
    assert tuple(found().top_came) == pytest.approx((0.527, 0.464, 0.590), abs=2e-3)


@pytest.mark.slow
def test_tenths_hold_all_customers_and_add_up() -> None:
    table = found().table
    assert table["tenth"].to_list() == list(range(1, 11))
    assert table["customers"].sum() == 2357
    assert (np.diff(table["predicted"]) < 0).all()
    assert table["ratio"].round(2).to_list()[:4] == [0.85, 0.92, 1.65, 1.41]
    assert float(table["customers"] @ table["came"]) == pytest.approx(13999.6, abs=0.5)  # what came of the statement on that day


def test_the_recalibration_is_a_line_learned_from_the_window_before() -> None:
    assert found().slope == pytest.approx(0.825, abs=2e-3)
    assert _line(np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0])) == pytest.approx((2.0, 1.0))
    assert _line(np.ones(3), np.array([3.0, 5.0, 7.0])) == pytest.approx((0.0, 5.0))


def test_the_share_of_some_customers_has_an_interval_that_holds_it() -> None:
    share = _share_of(np.array([8.0, 1.0, 1.0, 0.0]), np.array([True, False, False, False]))
    assert share.estimate == 0.8 and share.lower < 0.8 < share.upper <= 1


def test_two_windows_must_fit_into_the_data() -> None:
    with pytest.raises(TooLittle, match="learn at one date what is applied at a second and scored at a third"):
        value_tenths(SAMPLE, gw.summarize_purchases(SAMPLE), ValueTerms(35.0, 0.3, 0.15, "week"), gw.BetaGeoNBD, "independent")
