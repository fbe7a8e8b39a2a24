"""Rolling cut dates: where they lie, what intervals held there, and what the record does to later ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lifetime_value.logs import log_of

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import TooLittle
from goodwill.inference.track_record import PURCHASES_ELSEWHERE, Statement, widened
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.rolling import (
    RollingCoverage,
    automatic_rolling_horizon,
    count_statement,
    disjoint_holdouts,
    holdout_at,
    next_purchases,
    rolling_coverage,
    rolling_cuts,
    widened_count,
)


@pytest.fixture(scope="module")
def coverage() -> RollingCoverage:
    return rolling_coverage(read_transactions("cdnow_sample"), cuts=12, horizon=8, draws=200)


SAID = Interval(1000.0, 950.0, 1050.0)


def past(ratios: Sequence[float], weeks: int = 13, said: Interval = SAID) -> list[Statement]:
    """A forecast of 13 weeks every so many weeks, of which came these multiples of a thousand."""
    days = [date(2024, 1, 1) + timedelta(weeks=weeks * k) for k in range(len(ratios))]
    return [count_statement(day, day + timedelta(weeks=13), said, 1000.0 * ratio) for day, ratio in zip(days, ratios, strict=True)]


def widened_now(given: Interval, known: list[Statement]) -> tuple[int, float, float]:
    """The interval of a forecast made when all the others were over."""
    made = max((one.due for one in known), default=date(2024, 1, 1))
    return widened_count(count_statement(made, made + timedelta(weeks=13), given), known)


def test_cuts_leave_a_whole_holdout_and_a_quarter_to_learn_from() -> None:
    log = read_transactions("cdnow_sample")
    cuts = rolling_cuts(log, 12, automatic_rolling_horizon(log))
    assert len(set(cuts)) == 12
    assert (cuts[0] - log.first).days == 545 // 4
    assert (log.last - cuts[-1]).days == 19 * 7
    summary = holdout_at(log, cuts[-1], 19)
    assert summary.end == log.last
    with pytest.raises(TooLittle, match="take a shorter horizon"):
        rolling_cuts(log, 3, 80)


def test_a_date_on_which_too_little_was_known_is_named() -> None:
    log = pd.DataFrame({"customer_id": [1, 2, 1, 2], "date": ["2025-01-01", "2025-01-02", "2025-06-01", "2025-07-01"]})
    with pytest.raises(TooLittle, match="known on 2025-03-01 is not enough: 0 of 2 customers had come back, and a fit needs 10; take a"):
        rolling_coverage(read_transactions(log), cuts=[pd.Timestamp("2025-03-01").date()], horizon=8)


def test_holdouts_without_overlap_are_counted() -> None:
    assert disjoint_holdouts(["2025-01-06", "2025-02-03", "2025-04-07", "2025-04-14", "2025-07-07"], 13, "week") == 3
    assert disjoint_holdouts([], 13, "week") == 0


def test_a_record_of_two_or_more_holdouts_widens_and_one_does_not() -> None:
    assert widened_now(SAID, past([1.3])) == (1, 950.0, 1050.0)
    assert widened_now(SAID, past([])) == (0, 950.0, 1050.0)
    count, lower, upper = widened_now(SAID, past([1.2, 0.8, 1.2, 0.8]))
    assert count == 4 and lower < 800 and upper > 1200
    overlapping = widened_now(SAID, past([1.2, 0.8, 1.2, 0.8], weeks=4))
    assert overlapping == (1, 950.0, 1050.0), "four hold-outs of 13 weeks in 25 weeks are one"


def test_purchases_are_widened_by_the_one_rule_with_half_a_purchase_added() -> None:
    known = past([1.2, 0.8, 1.2])
    now = Statement(date(2025, 1, 1), date(2025, 4, 2), 1000.5, 950.5, 1050.5)
    wide = widened(now, known, prior=PURCHASES_ELSEWHERE)
    assert wide is not None and widened_now(SAID, known) == (3, wide.lower - 0.5, wide.upper - 0.5)


def test_no_purchase_at_all_can_be_expected_and_can_come() -> None:
    none = Interval(0.0, 0.0, 2.0)
    count, lower, upper = widened_now(none, past([0.0, 0.02], said=none))
    assert (count, lower) == (2, 0.0) and upper > 20


@given(st.lists(st.floats(0.2, 5), min_size=2, max_size=9), st.floats(0.02, 0.5))
def test_an_interval_is_never_narrowed(ratios: list[float], width: float) -> None:
    known = Interval(200.0, 200 * (1 - width), 200 * (1 + width))
    _, lower, upper = widened_now(known, past(ratios))
    assert 0 <= lower <= known.lower < known.upper <= upper


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("tau", "least", "most"), [(0.0, 0.95, 1.0), (PURCHASES_ELSEWHERE.tau, 0.93, 0.98), (0.15, 0.91, 0.96)])
def test_widened_intervals_hold_what_they_say_when_past_and_future_errors_are_alike(tau: float, least: float, most: float) -> None:
    """Six hold-outs without overlap behind. Who errs as forecasts elsewhere do is covered as said; who errs twice as much, nearly."""
    rng, held, bare = np.random.default_rng(5), 0, 0
    for _ in range(2000):
        errors = np.exp(rng.normal(0, np.hypot(tau, 0.0255), 7))
        _, lower, upper = widened_now(SAID, past(errors[:6].tolist()))
        held += lower <= 1000 * errors[6] <= upper
        bare += 950 <= 1000 * errors[6] <= 1050
    assert least <= held / 2000 <= most
    assert bare / 2000 < (0.5 if tau else 0.97)


@pytest.mark.slow
def test_only_holdouts_that_are_over_widen_a_forecast(coverage: RollingCoverage) -> None:
    total = coverage.record[coverage.record["group"] == "total"]
    for _, row in total.iterrows():
        over = total[total["end"] <= row["cut"]]
        assert row["past"] == disjoint_holdouts(over["cut"], 8, "week")
        if row["past"] < 2:
            assert (row["wide_lower"], row["wide_upper"]) == (row["lower"], row["upper"])


@pytest.mark.slow
def test_on_cdnow_the_models_intervals_hold_too_little_and_widened_ones_more(coverage: RollingCoverage) -> None:
    total = coverage.table.set_index("group").loc["total"]
    assert total["cuts"] == 12
    assert total["held"] < 0.8
    assert total["after"] >= total["before"]
    assert (total["cuts"], total["later_cuts"]) == (12, coverage.shares["later_cuts"])
    assert set(coverage.record["group"]) == {"total", "0", "1", "2", "3+"}


@pytest.mark.slow
def test_intervals_of_single_customers_hold_about_what_they_promise(coverage: RollingCoverage) -> None:
    each = coverage.customers
    assert (each["promised"] >= 0.95).all()
    np.testing.assert_allclose(each["held"], each["promised"], atol=0.02)


@pytest.mark.slow
def test_where_the_model_is_true_its_intervals_hold_what_comes() -> None:
    rng = np.random.default_rng(2)
    log = log_of(BetaGeoNBD(2.0, 8.0, 0.8, 4.0), rng.uniform(0, 12, 1000), until=104)
    found = rolling_coverage(read_transactions(log), cuts=6, horizon=13, draws=200)
    assert found.record["held"].mean() > 0.8
    np.testing.assert_allclose(found.customers["held"], found.customers["promised"], atol=0.02)


@pytest.mark.slow
def test_shares_of_dates_count_only_holdouts_that_do_not_overlap(coverage: RollingCoverage) -> None:
    """Twelve dates with hold-outs of 8 weeks in 18 months: the interval is that of as many cases as there are free of overlap."""
    shares = coverage.shares
    total = coverage.totals
    later = total[total["past"] >= 2]
    assert shares["disjoint"] == disjoint_holdouts(total["cut"], 8, "week") < 12
    assert shares["later_disjoint"] == disjoint_holdouts(later["cut"], 8, "week") < shares["later_cuts"]
    n, share, z = shares["later_disjoint"], shares["before"], 1.959964
    centre, half = (n * share + z**2 / 2) / (n + z**2), z / (n + z**2) * np.sqrt(n * share * (1 - share) + z**2 / 4)
    assert (shares["before_lower"], shares["before_upper"]) == (pytest.approx(centre - half), pytest.approx(centre + half))


@pytest.mark.slow
def test_without_a_record_shares_of_later_dates_are_missing() -> None:
    found = rolling_coverage(read_transactions("cdnow_sample"), cuts=2, horizon=8, draws=50)
    assert found.table[["before", "before_lower", "after_upper"]].isna().all().all()
    assert found.table["later_disjoint"].eq(0).all()


@pytest.mark.slow
def test_the_forecast_after_the_data_is_widened_by_the_record_of_its_own_class(coverage: RollingCoverage) -> None:
    soon = next_purchases(read_transactions("cdnow_sample"), coverage, draws=200).set_index("group")
    assert soon.index.tolist() == ["total", "0", "1", "2", "3+"]
    assert soon.loc["total", "customers"] == soon["customers"].iloc[1:].sum() == 2357
    assert soon["estimate"].iloc[1:].sum() == pytest.approx(soon.loc["total", "estimate"], rel=1e-9)
    assert (soon["wide_lower"] <= soon["lower"]).all() and (soon["wide_upper"] >= soon["upper"]).all()
    for name, row in soon.iterrows():
        own = coverage.record[coverage.record["group"] == name]
        days = zip(own["cut"].dt.date, own["end"].dt.date, own[["estimate", "lower", "upper"]].to_numpy(), own["actual"], strict=True)
        known = [count_statement(made, due, Interval(*said), came) for made, due, said, came in days]
        now = count_statement(date(1998, 6, 30), date(1998, 8, 25), Interval(row["estimate"], row["lower"], row["upper"]))
        assert (row["past"], row["wide_lower"], row["wide_upper"]) == widened_count(now, known)
