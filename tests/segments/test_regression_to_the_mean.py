"""Regression to the mean: CDNOW's quarters, and a simulation in which nothing was done and nothing must be found."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tests.segments.cdnow import models, valued

from goodwill.data.periods import customers_by_window, window_edges
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, TooLittle
from goodwill.findings.segments.segment_caveats import regression_caveat
from goodwill.segments.evidence.regression_to_the_mean import BUYERS, expected_without_intervention, fourths_of_buyers, regression_to_mean


@pytest.fixture(scope="module")
def quarters() -> pd.DataFrame:
    return customers_by_window(read_transactions("cdnow"), window_edges(date(1997, 1, 1), days=91, n=6))


def _by_quartile(spend: np.ndarray) -> pd.Categorical:
    cuts = np.quantile(spend[spend > 0], [0.25, 0.5, 0.75])
    return pd.Categorical.from_codes(np.where(spend <= 0, 0, 1 + np.searchsorted(cuts, spend)), ["none", "low", "second", "third", "top"])


def test_top_buyers_of_a_quarter_fall_back_and_non_buyers_rise(quarters: pd.DataFrame) -> None:
    found = regression_to_mean(quarters[1], quarters[2], quarters[3], _by_quartile(quarters[2].to_numpy())).set_index("segment")
    assert found.loc["top", ["before", "at", "after"]].to_numpy(float) == pytest.approx([109, 172, 97], abs=0.5)
    assert found.loc["low", ["at", "after"]].to_numpy(float) == pytest.approx([13.7, 15.3], abs=0.05)
    assert found.loc["none", ["at", "after"]].to_numpy(float) == pytest.approx([0, 5.9], abs=0.05)
    said = regression_caveat(found.reset_index()).sentence
    assert (
        said == "Regression to the mean: 'top' brought 109 before, 172 in the window that it was chosen by and 96.7 after (−44%), "
        "with no strategy at work."
    )


def test_the_change_of_a_group_has_an_interval() -> None:
    found = regression_to_mean([0.0] * 40, [1.0, 3.0] * 20, [0.0, 2.0] * 20, ["all"] * 40).iloc[0]
    assert (found["change"], found["change_lower"], found["change_upper"]) == pytest.approx((-1, -1, -1))


def test_fourths_of_buyers_have_equals_below_the_cut_and_need_a_buyer() -> None:
    found = fourths_of_buyers([0, 5, 5, 5, 5, 6, 7, 8])
    assert found.value_counts().to_dict() == dict(zip(BUYERS, (2, 1, 0, 4, 1), strict=True))
    with pytest.raises(TooLittle, match="nobody bought in the window that makes the groups"):
        fourths_of_buyers([0, 0])


def _simulated(effect: float, seed: int) -> pd.DataFrame:
    """Buyers with rates of their own in three windows; the heaviest buyers of the second are treated before the third."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.8, 1 / 0.5, 4000)
    before, at = rng.poisson(rate), rng.poisson(rate)
    segments = pd.cut(at, [-1, 0, 2, 1000], labels=["none", "some", "many"])
    after = rng.poisson(rate * (1 + effect * (segments == "many")))
    expected = (0.8 + before + at) / (0.5 + 2)  # of the gamma-Poisson model that made the data
    return regression_to_mean(before, at, after, segments, expected, draws=200, seed=seed).set_index("segment")


@pytest.mark.slow
def test_without_an_effect_none_is_found_although_the_segment_falls_back() -> None:
    found = [_simulated(0.0, seed) for seed in range(25)]
    assert all(table.loc["many", "change"] < -0.5 for table in found)
    missed = [(table["beyond_lower"] > 0) | (table["beyond_upper"] < 0) for table in found]
    assert np.mean(missed) < 0.12
    assert abs(np.mean([table.loc["many", "beyond"] for table in found])) < 0.03


def test_an_effect_is_found_although_the_segment_falls_back() -> None:
    found = _simulated(0.2, seed=1)
    assert found.loc["many", "change"] < 0
    assert found.loc["many", "beyond_lower"] > 0
    assert found.loc["none", "beyond_lower"] < 0 < found.loc["none", "beyond_upper"]


@pytest.mark.slow
def test_a_purchase_model_expects_the_fall_of_cdnows_top_buyers(quarters: pd.DataFrame) -> None:
    expected = expected_without_intervention(*models("cdnow"), valued("cdnow"), 13.0)
    segments = _by_quartile(quarters[2].to_numpy())
    found = regression_to_mean(quarters[1], quarters[2], quarters[3], segments, expected).set_index("segment")
    assert found.loc["top", "expected"] == pytest.approx(89.3, abs=0.5)
    assert found.loc["top", "beyond_lower"] < 0 < found.loc["top", "beyond_upper"]


def test_customers_who_came_later_must_be_left_out() -> None:
    with pytest.raises(DataError, match="leave out those who came later"):
        regression_to_mean([np.nan, 1], [1, 1], [1, 1], ["a", "a"])
