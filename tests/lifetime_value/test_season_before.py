"""A season of the year before is expected again; what chance alone makes of a steady year is none."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.inference.ledger import FOUR_WEEKS, YEAR
from goodwill.lifetime_value.evidence.forecasts import forecasts
from goodwill.lifetime_value.evidence.season_before import WINDOWS, season_before, season_of, windows_of


def test_a_season_of_the_year_before_is_found_as_large_as_it_was():
    rng = np.random.default_rng(1)
    true = 0.3 * np.sin(2 * np.pi * np.arange(WINDOWS) / WINDOWS + 1.5)
    found = [season_of(np.full(WINDOWS, 200.0), rng.poisson(200 * np.exp(true))) for _ in range(200)]
    shifts, spreads = np.array([one.shift for one in found]), np.array([one.sd for one in found])
    assert np.mean(shifts) == pytest.approx(true[0] - true.mean(), abs=0.03)
    assert np.mean(np.abs(shifts - (true[0] - true.mean())) < 2 * spreads) > 0.9


def test_a_steady_year_makes_no_season_and_little_doubt():
    rng = np.random.default_rng(1)
    found = [season_of(np.full(WINDOWS, 200.0), rng.poisson(200.0, WINDOWS)) for _ in range(200)]
    assert np.sqrt(np.mean([one.shift**2 for one in found])) < 0.5 / np.sqrt(200)
    assert max(one.sd for one in found) < 1.5 / np.sqrt(200)


def test_without_the_same_window_nothing_is_shifted_and_the_doubt_is_what_the_others_vary_by():
    expected = np.r_[0.0, np.full(WINDOWS - 1, 200.0)]
    wild = season_of(expected, np.r_[0, [100, 300] * 6])
    assert wild is not None
    assert (wild.shift, wild.is_known) == (0.0, False)
    assert wild.sd == pytest.approx(np.std(np.log([0.5, 1.5] * 6)), rel=0.3)
    assert season_of(np.full(WINDOWS, 1.0), np.ones(WINDOWS)) is None
    assert season_of(np.r_[np.full(8, 1.0), np.full(5, 50.0)], np.full(WINDOWS, 50.0)) is None


def test_windows_count_days_after_their_start_up_to_the_next():
    starts = [date(2025, 1, 1) + timedelta(days=FOUR_WEEKS * place) for place in range(3)]
    model = SimpleNamespace(expected_purchases_new_customer=lambda age: 2.0 * age)
    ages = np.array([[-1.0, 0.0], [3.0, 4.0], [7.0, 8.0]])
    bought = [starts[0], starts[0] + timedelta(days=1), starts[1], starts[2], starts[2] + timedelta(days=1)]
    expected, came = windows_of(model, ages, np.array([1.0, 10.0]), starts, np.array(bought), np.array([1, 2, 4, 8, 16]))
    assert expected.tolist() == [86.0, 88.0]
    assert came.tolist() == [6.0, 8.0]


@pytest.mark.slow
def test_of_a_log_the_windows_of_its_last_year_are_taken_and_forecasts_over_four_weeks_carry_them():
    log = gw.read_transactions("cdnow_sample")
    summary = gw.summarize_purchases(log, end="1998-06-30")
    fit = gw.BetaGeoNBD.fit(summary)
    days = log.to_pandas()[["customer_id", "date"]].drop_duplicates()
    days["date"] = pd.to_datetime(days["date"]).dt.date
    first = days.groupby("customer_id")["date"].min()
    repeats = days[days["date"] > days["customer_id"].map(first)]["date"]
    starts = [date(1998, 6, 30) - timedelta(days=YEAR - FOUR_WEEKS * place) for place in range(WINDOWS + 1)]
    came = [sum(one < day <= other for day in repeats) for one, other in pairwise(starts)]
    at = [[max((start - day).days, 0) / 7 for day in first] for start in starts]
    expected = np.diff(fit.model.expected_purchases_new_customer(np.array(at)).sum(axis=1))
    assert season_before(fit.model, summary) == pytest.approx(season_of(expected, came))
    spend = gw.GammaGamma.fit(summary)
    said = forecasts(fit, SimpleNamespace(fit=spend), summary, gw.ValueTerms(13.0, 0.3, 0.15, "week"), None)
    season = season_of(expected, came)
    assert [(one.days, one.season_sd is None) for one in said] == [(28, False), (28, False), (91, True), (91, True)]
    assert said[0].season == pytest.approx(season.shift)
