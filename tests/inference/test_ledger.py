"""Forecasts held to account: disjoint chains, a record, and a test of drift that may be asked every night."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import DataError
from goodwill.inference.ledger import (
    ALPHA,
    FOUR_WEEKS,
    Forecast,
    as_plain,
    by_kind,
    chain,
    drift,
    misses,
    read_forecast,
    record_of,
    smallest_drop,
)
from goodwill.inference.track_record import FROM_OTHER_DATA

DAY = date(2025, 1, 1)


def forecast(night: int, came: float | None = None, estimate: float = 200.0, days: int = FOUR_WEEKS, **more: Any) -> Forecast:
    """Made so many days after the first night, with an interval of a fifth either way."""
    made = DAY + timedelta(days=night)
    about = {"unit": "purchases"} | more
    return Forecast("purchases", made, made + timedelta(days=days), estimate, estimate * 0.8, estimate * 1.2, came=came, **about)


def months(*came: float, estimate: float = 200.0) -> list[Forecast]:
    return [forecast(FOUR_WEEKS * place, each, estimate) for place, each in enumerate(came)]


@given(st.lists(st.integers(0, 400), max_size=60), st.integers(1, 60))
def test_no_two_links_of_a_chain_share_a_day_and_later_nights_change_no_link(nights: list[int], days: int):
    made = [forecast(night, days=days) for night in nights]
    links = chain(made)
    assert all(later.made >= one.due for one, later in pairwise(links))
    assert not made or links[0].made == min(one.made for one in made)
    later = [forecast(max(nights, default=0) + 1 + more, days=days) for more in range(40)]
    assert chain([*made, *later])[: len(links)] == links


def test_only_what_lies_within_a_chain_counts_as_evidence():
    steady = months(200, 195, 210)
    between = [forecast(night, 20.0) for night in range(1, 27)]
    assert drift([*steady, *between]) == drift(steady)


@pytest.mark.slow
def test_an_e_process_of_misses_by_chance_is_twenty_or_more_in_at_most_one_year_of_twenty():
    rng, tau, alarms, years = np.random.default_rng(1), FROM_OTHER_DATA.tau, 0, 2000
    claimed = np.log(1.2) / 1.959964
    for _ in range(years):
        z = rng.standard_normal(13)
        # Intervals are even on the scale of the ratio, so that misses are standard normal to the last digit.
        came = 1000 * np.exp(z * np.sqrt(claimed**2 + tau**2))
        even = replace(forecast(0, estimate=1000.0, unit="USD"), lower=1000 / 1.2)
        days = [timedelta(days=FOUR_WEEKS * k) for k in range(13)]
        said = [replace(even, made=even.made + day, due=even.due + day, came=money) for day, money in zip(days, came, strict=True)]
        assert misses(said) == pytest.approx(z)
        alarms += drift(said).is_more_than_chance
    assert 0 < alarms <= ALPHA * years


@pytest.mark.parametrize("steady", [1, 6, 10])
def test_a_half_is_found_within_two_windows_whenever_it_comes(steady: int):
    found = drift(months(*[200] * steady, 105, 100))
    assert found.is_more_than_chance
    assert (found.since, found.windows, round(found.ratio, 2)) == (DAY + timedelta(days=FOUR_WEEKS * steady), 2, 0.51)


def test_twice_as_much_is_a_drift_too_and_a_tenth_less_is_none():
    assert drift(months(200, 400, 410)).ratio == pytest.approx(2.02, abs=0.01)
    assert not drift(months(*[180] * 13)).is_more_than_chance


def test_a_new_year_of_the_chain_begins_anew():
    bad = months(200, 90, 95)
    assert drift(bad).is_more_than_chance
    assert drift([*bad, *(forecast(FOUR_WEEKS * k, 200.0) for k in range(3, 13))]).since == DAY + timedelta(days=FOUR_WEEKS)
    assert not drift([*bad, *(forecast(FOUR_WEEKS * k, 200.0) for k in range(3, 14))]).is_more_than_chance


def test_nothing_that_came_due_is_no_evidence_and_nothing_that_came_is():
    assert drift([]).evidence == drift([forecast(0)]).evidence == 1.0
    assert drift(months(200, 0, 0)).is_more_than_chance
    assert np.isfinite(drift(months(0, 0, estimate=0.0)).evidence)
    refunds = [replace(one, unit="USD", lower=-5.0) for one in months(-50.0, 200.0)]
    assert np.isfinite(misses(refunds)).all()


def test_the_record_counts_what_came_due_and_what_of_it_does_not_overlap():
    nightly = [forecast(night, 200.0 if night % 2 else 300.0) for night in range(60)] + [forecast(90)]
    record = record_of(nightly)
    assert record is not None
    assert (record.statements, record.held, record.disjoint, record.source, record.horizon) == (60, 30, 3, "nights", "4 weeks")
    assert record.mean_absolute_miss == pytest.approx(np.log(1.5) / 2)
    assert record.as_record()["held"] == 30
    assert record_of([forecast(0)]) is record_of([]) is None


def test_the_record_is_of_forecasts_that_look_as_far_as_the_latest():
    growing = [forecast(0, 100.0, days=56), forecast(100, 200.0, days=140), forecast(300, days=150)]
    record = record_of(growing)
    assert record is not None
    assert record.statements == 1


def test_what_is_no_ratio_is_recorded_in_points():
    record = record_of(months(0, 200))
    assert record is not None
    assert (record.scale, record.bias) == ("points", -100.0)


def test_kinds_are_told_apart_by_name_and_by_length():
    money = replace(forecast(0), name="value")
    kinds = by_kind([forecast(5), forecast(0, days=200), money, forecast(0)])
    assert {key: len(made) for key, made in kinds.items()} == {
        ("purchases", "", True): 2,
        ("value", "", True): 1,
        ("purchases", "", False): 1,
    }


def test_a_forecast_survives_json_and_anything_else_is_none():
    one = replace(forecast(3), first=DAY, label="Purchases", headline="total_value", margin=0.3)
    plain = json.loads(json.dumps(as_plain(one)))
    assert read_forecast(plain) == one
    for wrong in (None, [], {}, plain | {"made": 5}, plain | {"due": plain["made"]}, plain | {"estimate": "many"}, plain | {"label": 5}):
        assert read_forecast(wrong) is None
    for name in ("name", "lower", "margin"):
        assert read_forecast({key: value for key, value in plain.items() if key != name}) is None


@pytest.mark.parametrize("wrong", [{"days": 0}, {"estimate": float("nan")}, {"level": 1.0}])
def test_an_impossible_forecast_is_refused(wrong: dict[str, Any]):
    with pytest.raises(DataError, match="'purchases' made on 2025-01-01 must be due later, and be of finite numbers"):
        forecast(0, **wrong)


def test_a_season_that_was_known_is_no_drift_and_one_that_was_not_is():
    season = [0.0, 0.4, 0.5, 0.4, 0.0, -0.4, -0.5, -0.4, 0.0]
    came = months(*(200 * np.exp(each) for each in season))
    assert drift(came).is_more_than_chance
    known = [replace(one, season=each, season_sd=0.05) for one, each in zip(came, season, strict=True)]
    assert not drift(known).is_more_than_chance
    assert misses(known) == pytest.approx(0.0, abs=0.02)
    doubtful = [replace(one, season_sd=0.5) for one in came]
    assert abs(misses(doubtful)).max() < abs(misses(came)).max() / 2


@pytest.mark.sampled(1)
@pytest.mark.parametrize("reach", [1.05, 1.2, 1.5])
def test_the_smallest_drop_that_is_said_to_be_seen_is_seen_four_times_in_five(reach: float):
    rng, tau, years, marked = np.random.default_rng(1), FROM_OTHER_DATA.tau, 500, 0  # a standard error of .018
    even = replace(forecast(0, estimate=1e6, unit="USD"), lower=1e6 / reach, upper=1e6 * reach)
    drop = smallest_drop(even)
    assert drop is not None
    spread = np.sqrt((np.log(reach) / 1.959964) ** 2 + tau**2)
    for _ in range(years):
        z = rng.standard_normal(9)
        # The change comes at a random day of the fifth window; 13 weeks later three or two more windows are over.
        day = rng.uniform(0, FOUR_WEEKS)
        left = np.r_[np.ones(4), 1 - drop * (1 - day / FOUR_WEEKS), np.full(4, 1 - drop)]
        over = 4 + int((day + 91) // FOUR_WEEKS)
        when = [timedelta(days=FOUR_WEEKS * k) for k in range(over)]
        came = 1e6 * left * np.exp(z * spread)
        said = [replace(even, made=even.made + one, due=even.due + one, came=float(money)) for one, money in zip(when, came, strict=False)]
        marked += drift(said).is_more_than_chance
    assert 0.72 < marked / years < 0.9


def test_a_ledger_of_before_there_were_seasons_and_parts_is_read():
    plain = as_plain(forecast(3))
    for name in ("which", "season", "season_sd", "terms"):
        del plain[name]
    assert read_forecast(plain) == forecast(3)
    assert read_forecast(as_plain(forecast(3)) | {"season_sd": "much"}) is None
    assert read_forecast(as_plain(forecast(3)) | {"which": 5}) is None


def test_renewals_are_a_clock_of_their_own():
    one = Forecast("survivors", 8, 11, 300.0, 280.0, 320.0, which="a", came=290.0)
    assert (one.days, one.ahead, one.is_short, one.statement.held) == (3, "3 renewals", False, True)
    assert read_forecast(as_plain(one)) == replace(one, came=None)
    steps = [replace(one, made=made, due=made + 3) for made in range(9)]
    assert [each.made for each in chain(steps)] == [0, 3, 6]
    record = record_of(steps)
    assert record is not None
    assert (record.horizon, record.disjoint) == ("3 renewals", 3)
    with pytest.raises(DataError, match="must be due later"):
        replace(one, due=8)
    for wrong in (
        {"due": "2025-01-01"},
        {"due": 10**30},
        {"made": -1},
        {"made": True},
        {"season": float("inf")},
        {"season_sd": float("nan")},
    ):
        assert read_forecast(as_plain(one) | wrong) is None
