"""Intervals at a boundary: what the likelihood does not rule out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import FitError
from goodwill.inference.profile import profile_interval


@cache
def sample() -> Any:
    return gw.BetaGeoNBD.fit(gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30"))


@cache
def stayers() -> tuple[Any, pd.DataFrame]:
    """Twelve customers of whom none seems to have left."""
    rows = pd.DataFrame({"frequency": [0, 0, 1, 1, 2, 3], "recency": [0, 0, 20, 21, 22, 24], "T": 25.0, "weight": 2.0})
    return gw.BetaGeoNBD.fit(rows), rows


def test_where_the_likelihood_is_regular_it_is_the_normal_interval() -> None:
    found = profile_interval(sample(), lambda model: model.r, tries=200)
    assert found.estimate == pytest.approx(0.2426, abs=1e-4)
    assert [found.lower, found.upper] == pytest.approx(sample().estimates.loc["r", ["lower", "upper"]].to_list(), abs=5e-4)


def test_its_ends_lie_where_the_likelihood_has_fallen_by_half_a_quantile_of_chi_square() -> None:
    """Of a share of 0 in 20 the upper end solves 20 log(1 - p) = -1.92: the textbook's 9.16 %; sBG without differences is that share."""
    fit = gw.ShiftedBetaGeo.fit(pd.DataFrame({"time": [0, 1], "customers": [20, 10]}))
    found = profile_interval(fit, lambda model: model.survival(1))
    ends = [p for p in np.linspace(0.01, 0.99, 9801) if 10 * np.log(p / 0.5) + 10 * np.log((1 - p) / 0.5) >= -1.9207]
    assert [found.lower, found.upper] == pytest.approx([ends[0], ends[-1]], abs=2e-3)


def test_at_a_boundary_the_interval_has_a_width_and_holds_its_estimate() -> None:
    fit, rows = stayers()
    assert not fit.converged
    alive = gw.lifetime_value.share_alive(fit, rows)
    assert alive.estimate == pytest.approx(1.0, abs=1e-6)
    assert 0.3 < alive.lower < 0.95
    assert alive.lower <= alive.estimate <= alive.upper <= 1


def test_a_fit_without_its_data_has_no_profile() -> None:
    with pytest.raises(FitError, match="the data are not stored with this fit"):
        profile_interval(replace(sample(), problem=None), lambda model: model.r)
