"""Cohorts of contracts: the published cohorts of Fader & Hardie (2007), read, fitted, checked and valued."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.lifetime_value.retention import (
    constant_retention,
    fit_cohorts,
    holdout_misses,
    miss_difference,
    retention_rates,
    retention_rises,
    survival_forecasts,
    worst_misses,
)

SURVIVAL = gw.read_survival("fader_hardie_2007").table


@pytest.fixture(scope="module")
def fits() -> dict:
    return fit_cohorts(SURVIVAL, 7, "year")


def test_fits_of_both_cohorts_match_fader_hardie_2007(fits: dict) -> None:
    high, regular = fits["High End"]["sBG"], fits["Regular"]["sBG"]
    assert (high.model.alpha, high.model.beta) == (pytest.approx(0.668, abs=5e-4), pytest.approx(3.806, abs=5e-4))
    assert (regular.model.alpha, regular.model.beta) == (pytest.approx(0.704, abs=5e-4), pytest.approx(1.182, abs=5e-4))
    assert high.log_likelihood == pytest.approx(-1611.158, abs=1e-3)


def test_year_twelve_is_missed_by_four_per_cent_and_by_a_constant_rate_much_more(fits: dict) -> None:
    misses = holdout_misses(survival_forecasts(SURVIVAL, fits, 7)).set_index(["cohort", "forecast"])["error"]
    assert misses["High End", "sBG"] == pytest.approx(0.378 / 0.394 - 1, abs=1e-3)
    assert misses["Regular", "sBG"] == pytest.approx(0.17004 / 0.173 - 1, abs=1e-3)
    assert misses["High End", "constant"] < -0.3


def test_ranges_hold_the_heldout_years(fits: dict) -> None:
    later = survival_forecasts(SURVIVAL, fits, 7).query("held_out")
    assert ((later["sBG_lower"] < later["actual"]) & (later["actual"] < later["sBG_upper"])).all()


def test_constant_retention_is_the_share_of_those_asked_who_stayed() -> None:
    table = pd.DataFrame({"time": [0, 1, 2], "customers": [100, 50, 30]})
    assert constant_retention(table, 2) == pytest.approx((50 + 30) / (100 + 50))


def test_retention_rates_rise_in_both_cohorts(fits: dict) -> None:
    rates = retention_rates(SURVIVAL, fits)
    assert rates.groupby("cohort")["expected"].apply(lambda rate: bool((np.diff(rate) > 0).all())).all()
    assert rates["actual"].between(0, 1).all()


def test_values_match_the_sums_for_the_published_cohorts(fits: dict) -> None:
    value = gw.lifetime_value.contract_value(fits["High End"]["sBG"], math.log(1.1), 1.0, 12)
    assert value.loc["new", "estimate"] == pytest.approx(5.922254, abs=2e-6)
    after = [value.loc[f"after {k}", "estimate"] for k in range(5)]
    np.testing.assert_allclose(after, [5.414479, 5.901378, 6.293892, 6.619920, 6.896707], atol=5e-6)
    assert (value["lower"] < value["estimate"]).all() and (value["estimate"] < value["upper"]).all()


def test_a_table_of_ones_own_is_read_with_its_column_names(tmp_path: Path) -> None:
    SURVIVAL.rename(columns={"cohort": "plan", "time": "renewals", "customers": "left"}).to_csv(tmp_path / "plans.csv", index=False)
    read = gw.read_survival(tmp_path / "plans.csv", cohort="plan", time="renewals", customers="left")
    pd.testing.assert_frame_equal(read.table, SURVIVAL, check_dtype=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,there\n0,10\n", "no column 'customers'"),
        ("time,customers\n0,100\n1,63.1\n", r"no whole number in 1 of 2 rows \(first: row 3, '63.1'\)"),
        ("time,customers\n0,x\n", "holds no whole number"),
    ],
)
def test_bad_tables_are_refused_by_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        gw.read_survival(tmp_path / "bad.csv")


def test_missing_files_and_short_tables_are_refused() -> None:
    with pytest.raises(DataError, match="There is no file"):
        gw.read_survival("nowhere.csv")
    with pytest.raises(DataError, match="longest cohort has 12"):
        fit_cohorts(SURVIVAL, 13, "year")
    with pytest.raises(FitError, match="never rise"):
        fit_cohorts(SURVIVAL.assign(customers=SURVIVAL["customers"].to_numpy()[::-1]), 7, "year")


def test_the_largest_misses_of_the_published_cohorts(fits: dict) -> None:
    worst = worst_misses(holdout_misses(survival_forecasts(SURVIVAL, fits, 7)))
    assert (worst["sBG"], worst["constant"]) == (pytest.approx(0.0406, abs=1e-4), pytest.approx(0.7329, abs=1e-4))


def test_nothing_held_out_has_no_miss(fits: dict) -> None:
    seen = SURVIVAL[SURVIVAL["time"] <= 7]
    with pytest.raises(TooLittle, match="so nothing was held out"):
        worst_misses(holdout_misses(survival_forecasts(seen, fits, 7)))


def test_the_difference_of_the_misses_carries_the_chance_of_who_stayed(fits: dict) -> None:
    difference = miss_difference(SURVIVAL, survival_forecasts(SURVIVAL, fits, 7))
    assert difference.estimate == pytest.approx(0.0406 - 0.7329, abs=1e-4)
    assert difference.lower < difference.estimate < difference.upper < -0.5
    few = SURVIVAL.assign(customers=SURVIVAL["customers"] // 20)
    wide = miss_difference(few, survival_forecasts(few, fit_cohorts(few, 7, "year"), 7))
    assert wide.upper - wide.lower > 3 * (difference.upper - difference.lower)


def test_the_rise_of_retention_has_the_interval_of_two_shares() -> None:
    rates = pd.DataFrame({"cohort": ["A"] * 2, "time": [1, 2], "asked": [1000, 600], "actual": [0.6, 0.75], "expected": 0.7})
    rise = retention_rises(rates).loc["A"]
    half = 1.959964 * math.sqrt(0.6 * 0.4 / 1000 + 0.75 * 0.25 / 600)
    assert tuple(rise) == pytest.approx((0.15, 0.15 - half, 0.15 + half), abs=1e-6)
