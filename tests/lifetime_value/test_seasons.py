"""The calendar in repeat purchases: weekdays, promotion days and seasons put in by hand are found again."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.evidence.seasons import CalendarProfile, calendar_profile, occasion_of, season_gap

SEASON = np.array([0.9, 0.8, 0.9, 0.9, 1.0, 1.1, 0.9, 0.9, 1.0, 1.0, 1.5, 1.3])
SEASON = SEASON / SEASON.mean()
WEEKEND = 1.3
PROMOTIONS = {(6, 18): 4.0, (11, 11): 6.0}
# By day: Double 11 adds five days to the thirty of November, 618 three to those of June.
LIFTED = SEASON * np.where(np.arange(12) == 10, 1 + 5 / 30, np.where(np.arange(12) == 5, 1 + 3 / 30, 1))


def shop(years: int, season: bool = True, seed: int = 1) -> Transactions:
    """A growing shop: every day each known customer buys with a probability that has a weekday, a season and promotions."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2022-01-01", periods=365 * years + years // 4, freq="D")
    factor = SEASON[days.month - 1] if season else np.ones(len(days))
    factor = factor * np.where(days.weekday >= 5, WEEKEND, 1.0)
    factor = factor * np.array([PROMOTIONS.get((day.month, day.day), 1.0) if season else 1.0 for day in days])
    born = rng.integers(0, len(days), 2000)
    chance = 0.03 * rng.gamma(2, 0.5, born.size)
    rows = [(np.arange(born.size), born)]
    for day in range(len(days)):
        buys = np.flatnonzero((born < day) & (rng.random(born.size) < np.minimum(chance * factor[day], 1)))
        rows.append((buys, np.full(buys.size, day)))
    customer, day = (np.concatenate(column) for column in zip(*rows, strict=True))
    return read_transactions(pd.DataFrame({"customer_id": customer, "date": days[day]}))


@pytest.fixture(scope="module")
def three_years() -> Transactions:
    return shop(3)


@pytest.fixture(scope="module")
def profile(three_years: Transactions) -> CalendarProfile:
    return calendar_profile(three_years)


def test_seasons_are_found_within_their_intervals(profile: CalendarProfile) -> None:
    assert profile.seasons is not None
    truth = LIFTED / LIFTED.mean()
    assert ((profile.seasons["lower"] <= truth) & (truth <= profile.seasons["upper"])).sum() >= 10
    np.testing.assert_allclose(profile.seasons["ratio"], truth, rtol=0.1)
    assert profile.seasons["ratio"].mean() == pytest.approx(1)
    assert profile.seasons["ratio"].idxmax() == 10


def test_weekends_are_found(profile: CalendarProfile) -> None:
    ratio = profile.weekdays["ratio"].to_numpy()
    assert ratio[5:].mean() / ratio[:5].mean() == pytest.approx(WEEKEND, rel=0.04)
    assert (profile.weekdays["lower"] <= ratio).all() and (ratio <= profile.weekdays["upper"]).all()


def test_promotion_days_stick_out_with_their_names(profile: CalendarProfile) -> None:
    found = profile.peaks.set_index(profile.peaks["date"].dt.strftime("%m-%d"))["occasion"]
    assert len(profile.peaks) <= 7
    assert (profile.peaks["date"].dt.strftime("%m-%d") == "11-11").sum() == 3
    assert set(found["11-11"]) == {"Double 11"}
    assert set(found["06-18"]) == {"618"}
    assert profile.peaks["occasion"].iloc[0] == "Double 11"


def test_where_the_calendar_is_flat_hardly_anything_sticks_out() -> None:
    flat = calendar_profile(shop(2, season=False, seed=3))
    assert len(flat.peaks) <= 1 and flat.weeks["sticks_out"].sum() <= 1
    assert flat.seasons is not None
    assert ((flat.seasons["lower"] <= 1) & (flat.seasons["upper"] >= 1)).sum() >= 10


def test_names_of_days() -> None:
    assert occasion_of(date(2024, 11, 29)) == "Black Friday"
    assert occasion_of(date(2024, 12, 2)) == "Cyber Monday"
    assert occasion_of(date(2026, 1, 1)) == "New Year"
    assert occasion_of(date(2025, 12, 31)) == "New Year"
    assert occasion_of(date(2025, 4, 7)) == ""


def test_a_difference_in_season_between_calibration_and_holdout_is_measured(three_years: Transactions) -> None:
    """Calibration to the end of September of the third year, hold-out the Christmas quarter."""
    gap = season_gap(three_years, "2024-09-30")
    weights = gap.coverage[["calibration", "holdout"]].to_numpy().T
    truth = weights[1] @ LIFTED / (weights[0] @ LIFTED)
    assert gap.warns and gap.ratio is not None
    assert gap.ratio.lower < truth < gap.ratio.upper
    assert gap.ratio.estimate == pytest.approx(truth, rel=0.06)


def test_whole_years_on_both_sides_are_no_cause_for_warning(three_years: Transactions) -> None:
    gap = season_gap(three_years, "2023-12-31")
    assert not gap.warns and gap.overlap > 0.98


def test_cdnow_is_too_short_to_measure_its_season() -> None:
    gap = season_gap(read_transactions("cdnow_sample"), "1997-09-30")
    assert gap.warns and gap.ratio is None
    only = gap.coverage.loc[(gap.coverage["calibration"] == 0) & (gap.coverage["holdout"] > 0), "name"]
    assert only.to_list() == ["October", "November", "December"]
    assert gap.months == pytest.approx(17.94, abs=0.01)


@pytest.mark.slow
def test_cdnow_has_days_that_chance_does_not_explain_and_no_known_occasion() -> None:
    found = calendar_profile(read_transactions("cdnow"))
    assert found.seasons is None
    assert {"1997-07-26", "1997-06-24"} <= set(found.peaks["date"].dt.strftime("%Y-%m-%d"))
    assert found.weekdays["purchases"].sum() == found.months["purchases"].sum()


def test_too_little_has_no_profile() -> None:
    log = pd.DataFrame({"customer_id": [1, 1], "date": ["2025-01-01", "2025-02-01"]})
    with pytest.raises(TooLittle, match="needs eight weeks"):
        calendar_profile(read_transactions(log))
    with pytest.raises(DataError, match="leaves no calibration"):
        season_gap(read_transactions("cdnow_sample"), "1999-01-01")
