from datetime import date, timedelta

import numpy as np
import pytest

from goodwill.errors import DataError, TooLittle
from goodwill.inference.track_record import (
    Prior,
    Statement,
    disjoint,
    error,
    excess,
    interval_score,
    known_by,
    scored,
    tau_squared,
    track_record,
    why_not_widened,
    widen_by,
    widened,
)
from goodwill.reports.recording.values import TRACK_RECORD

START = date(2020, 1, 1)
PRIOR = Prior(tau=0.1, degrees=4.0, source="made up")


def said(week: int, weeks: int = 8, ratio: float | None = 1.0, half: float = 0.02) -> Statement:
    """A statement of 1,000 made in a week, whose interval reaches `half` on the log scale; of it came `ratio` times as much."""
    made = START + timedelta(weeks=week)
    came = None if ratio is None else 1000.0 * ratio
    return Statement(made, made + timedelta(weeks=weeks), 1000.0, 1000.0 * np.exp(-half), 1000.0 * np.exp(half), came)


def test_of_overlapping_windows_the_most_that_do_not_overlap_are_counted():
    every_week = [said(week) for week in range(17)]
    assert [s.made for s in disjoint(every_week)] == [START, START + timedelta(weeks=8), START + timedelta(weeks=16)]


def test_a_statement_is_widened_only_by_errors_that_were_due_when_it_was_made():
    now = said(16)
    known = [said(0, ratio=1.2), said(8, ratio=1.2)]
    later = [said(9, ratio=9.0), said(16, ratio=9.0), said(24, ratio=9.0)]
    assert widened(now, known + later) == widened(now, known)
    assert known_by(now, later) == []


def test_statements_that_look_further_or_less_far_ahead_widen_nothing():
    assert widened(said(40, weeks=13), [said(0), said(8), said(16)]) is None
    assert widened(said(40), [said(0), said(8), said(16)]) is not None


def test_with_fewer_than_two_disjoint_finished_windows_nothing_is_claimed_and_a_sentence_says_why():
    overlapping = [said(0), said(1), said(2)]
    assert widened(said(10), overlapping) is None
    assert why_not_widened(said(10), overlapping) == (
        "Only 1 statement without overlap that looks 8 weeks ahead had come due by 2020-03-11; an interval needs 2 of them."
    )
    assert why_not_widened(said(16), [said(0), said(8)]) is None


def test_without_an_interval_of_the_model_the_widened_one_is_a_t_of_the_prior_and_the_errors():
    counted = [said(0, ratio=np.exp(0.2), half=0.0), said(8, ratio=np.exp(-0.1), half=0.0)]
    tau2, degrees = tau_squared([excess(s) for s in counted], PRIOR)
    assert (tau2, degrees) == (pytest.approx((4 * 0.1**2 + 0.2**2 + 0.1**2) / 6), 6)
    wide = widen_by(said(16, half=0.0), (tau2, degrees))
    # 2.446912 is the .975 quantile of Student's t with 6 degrees of freedom (printed tables: 2.447).
    assert np.log(wide.upper / 1000) == pytest.approx(2.446912 * np.sqrt(tau2), rel=1e-6)
    assert np.log(wide.lower / 1000) == pytest.approx(-2.446912 * np.sqrt(tau2), rel=1e-6)


def test_the_share_of_an_error_that_the_model_claims_is_not_counted_twice():
    s = 0.1
    counted = [said(0, ratio=np.exp(0.1), half=1.959964 * s), said(8, ratio=np.exp(-0.1), half=1.959964 * s)]
    assert tau_squared([excess(s) for s in counted], None)[0] == pytest.approx(0.0, abs=1e-9)
    assert tau_squared([excess(s) for s in counted], PRIOR)[0] == pytest.approx(4 * 0.1**2 / 6)


def test_a_widened_interval_is_never_narrower_than_the_one_given():
    exact = [said(week, ratio=1.0, half=0.5) for week in (0, 8, 16)]
    assert widened(said(24, half=0.5), exact)[1:] == pytest.approx((1000 * np.exp(-0.5), 1000 * np.exp(0.5)))


def test_widened_intervals_hold_95_percent_when_the_own_error_is_as_in_other_data():
    """Companies whose tau is drawn from the prior, each with three past windows: the t holds what it promises."""
    rng, hits, companies = np.random.default_rng(1), 0, 1500
    for _ in range(companies):
        tau = np.sqrt(4 * 0.1**2 / rng.chisquare(4))
        errors = rng.normal(0, np.hypot(tau, 0.05), 4)
        past = [said(8 * k, ratio=np.exp(e), half=1.959964 * 0.05) for k, e in enumerate(errors)]
        wide = widened(past[3], past[:3], prior=PRIOR)
        hits += wide.lower <= past[3].came <= wide.upper
    assert hits / companies == pytest.approx(0.95, abs=0.02)


def test_a_record_counts_all_statements_and_what_the_claimed_ones_held():
    ratios = [1.2, 1.2, 1.2, 1.01]
    record = track_record([said(8 * k, ratio=ratio) for k, ratio in enumerate(ratios)] + [said(32, ratio=None)], prior=PRIOR)
    assert (record.statements, record.disjoint, record.claimed, record.held, record.held_model) == (4, 4, 2, 2, 1)
    assert record.bias == pytest.approx(np.mean(np.log(ratios)))
    assert record.horizon == "8 weeks"
    told = record.as_record()
    assert (told["statements"], told["disjoint"], told["held"], told["held_model"]) == (2, 2, 2, 1)
    assert set(told) <= set(TRACK_RECORD)


def test_a_record_where_nothing_was_claimed_says_what_the_model_held_of_all():
    told = track_record([said(0, ratio=1.5), said(1, ratio=1.0)]).as_record()
    assert (told["statements"], told["disjoint"], told["held_model"]) == (2, 1, 1)
    assert "held" not in told


def test_the_table_shows_overlapping_statements_and_marks_the_counted_ones():
    table = scored([said(week, ratio=1.1) for week in range(0, 20, 4)] + [said(20, ratio=None)])
    assert table["disjoint"].tolist() == [True, False, True, False, True, False]
    assert table["past"].tolist() == [0, 0, 1, 1, 2, 2]
    assert table["held"].tolist() == [None, None, None, None, True, None]
    assert table["wide_lower"].notna().tolist() == [False, False, False, False, True, True]


def test_shares_are_scored_in_points():
    one = Statement(START, date(2020, 4, 1), 0.60, 0.58, 0.62, 0.52)
    assert error(one, "points") == pytest.approx(-0.08)
    prior = Prior(0.05, 3.0, "made up")
    past = [one, Statement(date(2020, 4, 1), date(2020, 7, 1), 0.60, 0.58, 0.62, 0.55)]
    wide = widened(Statement(date(2020, 7, 1), date(2020, 10, 1), 0.60, 0.58, 0.62), past, scale="points", prior=prior)
    assert wide.lower + wide.upper == pytest.approx(1.2)
    assert wide.upper - 0.60 > 0.08


def test_the_interval_score_is_the_width_and_forty_times_what_lies_outside():
    assert interval_score(1.0, 2.0, 1.5) == 1.0
    assert interval_score([1.0, 1.0], [2.0, 2.0], [0.9, 2.2]).tolist() == pytest.approx([5.0, 9.0])


def test_what_has_no_ratio_is_refused_with_a_way_out():
    with pytest.raises(DataError, match=r"has no ratio \(1000 was expected and 0 came\); use scale='points'"):
        error(said(0, ratio=0.0))
    with pytest.raises(TooLittle, match="no statement has come due"):
        track_record([said(0, ratio=None)])
    with pytest.raises(DataError, match="look 28 to 56 days ahead; a track record is of one length"):
        track_record([said(0, weeks=4), said(0)])
    with pytest.raises(DataError, match="the interval must hold the estimate"):
        Statement(START, date(2020, 4, 1), 3.0, 1.0, 2.0)
