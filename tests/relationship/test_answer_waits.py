"""What an hour of waiting adds to the chance of leaving at a complaint."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from benchmarks.truth import relationship_value as study
from benchmarks.truth._relationship_truth import coins

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.relationship.answer_waits import Lines, LinesFit, Waits, _classes, _profile, classes_of_wait, per_hour_of, slope_of
from goodwill.word_of_mouth.complaint_coin import curvature

HOURS = {"a 1": [1.0, 2.0, 3.0], "a 2": [10.0, 20.0, 60.0], "s 1": [0.0, 4.0], "s 2": [30.0, 50.0]}
ENDS = {"a 1": "acceptable", "a 2": "acceptable", "s 1": "satisfied", "s 2": "satisfied"}


def lines() -> Lines:
    """Of four classes, and a coin of complaints whose waits nobody knows."""
    waits = Waits(pd.DataFrame(), {name: np.array(hours) for name, hours in HOURS.items()}, ENDS)
    return Lines.of(waits, SimpleNamespace(outcomes=("a 1", "a 2", "dissatisfied", "s 1", "s 2")))  # type: ignore[arg-type]


@pytest.mark.parametrize(("slope", "share"), [(0.01, 1.0), (0.0, 1.0), (-0.002, 1.0), (0.014, 0.9)])
def test_chances_lie_on_lines_that_end_at_one(slope: float, share: float) -> None:
    """At .014 an hour the longest of the ten waits leaves for certain: 60 hours and a height of .2."""
    at = np.array([0.2, 0.05, 40 * slope, 0.3])  # of the slowest class, which waits 40 hours
    bent = lines().bent(at)
    design, border = bent.design
    means = [np.minimum(1.0, (0.2 if name[0] == "a" else 0.05) + slope * np.array(hours)).mean() for name, hours in HOURS.items()]
    assert border + design @ at == pytest.approx([*means[:2], 0.3, *means[2:]])  # one slope, a height each, and the coin beside them
    assert bent.share == pytest.approx(share)
    assert bent.same(lines()) == (share == 1)
    assert lines().longest == 40
    assert bent.through(border + design @ at) == pytest.approx(at)


def test_a_likelihood_of_lines_has_the_slopes_of_its_differences() -> None:
    bent, end = lines().bent(np.array([0.2, 0.05, 40 * 0.014, 0.3])), np.arange(10.0)

    def parabola(point: np.ndarray) -> tuple[float, np.ndarray]:
        return float(-(point - end) @ (point - end)), -2 * (point - end)

    function, at, step = bent.of_lines(parabola), np.linspace(0.1, 0.9, 9), 1e-5
    moved = [(function(at + way)[0] - function(at - way)[0]) / (2 * step) for way in step * np.eye(9)]
    assert function(at)[1] == pytest.approx(np.array(moved), abs=1e-6)


def test_an_interval_ends_where_the_profile_has_fallen_by_half_the_squared_quantile() -> None:
    """Of a likelihood that is no parabola: (m - e^slope)^2 with another parameter that goes with the slope."""

    def function(point: np.ndarray) -> tuple[float, np.ndarray]:
        height, slope = point[4:6]
        one, two = np.exp(3 * slope) - 1.2, height - slope
        back = np.r_[np.zeros(4), -two, two - 30 * one * 3 * np.exp(3 * slope), np.zeros(2)] - np.r_[point[:4], 0.0, 0.0, point[6:]]
        return -15 * one**2 - two**2 / 2 - (point[:4] @ point[:4] + point[6:] @ point[6:]) / 2, back

    three = Lines([np.ones(3)], [0], 1, [0], [1], [np.ones(3, bool)])
    best = np.r_[np.zeros(4), np.log(1.2) / 3, np.log(1.2) / 3, 0.0, 0.0]
    found = slope_of(LinesFit(three, function, best, 0.0, curvature(function, best)))
    far = 1.959964 / np.sqrt(30)
    assert np.array(found) == pytest.approx(np.log([1.2, 1.2 - far, 1.2 + far]) / 3, abs=1e-3)
    assert found.estimate - found.lower > 1.3 * (found.upper - found.estimate)  # an error of the curvature alone has two sides alike


def test_a_profile_starts_where_chances_can_be() -> None:
    """The curvature leads across a border: a slower class may leave at no less than -.02, and its chance falls with the slope."""
    waits = Waits(pd.DataFrame(), {"s 1": np.full(20, 0.0), "s 2": np.full(20, 240.0)}, {"s 1": "satisfied", "s 2": "satisfied"})
    two = Lines.of(waits, SimpleNamespace(outcomes=("s 1", "s 2")))  # type: ignore[arg-type]

    def chances(point: np.ndarray) -> tuple[float, np.ndarray]:
        low, high = point[4:6]
        if not high > -0.02:
            return -np.inf, np.zeros(7)
        slopes = np.r_[-point[:4], -1000 * low, -1000 * high + 1 / (high + 0.02) - 50, -point[6]]
        value = -500 * low**2 - 500 * high**2 + np.log(50 * (high + 0.02)) - 50 * high - (point[:4] @ point[:4] + point[6] ** 2) / 2
        return float(value), slopes

    function, best = two.of_lines(chances), np.zeros(7)
    fit = LinesFit(two, function, best, function(best)[0], curvature(function, best))
    tried = np.linspace(-0.0199, 0.2, 801)
    here = [max(chances(np.r_[np.zeros(4), high - slope, high, 0.0])[0] for high in tried) for slope in (-0.2, 0.1)]
    assert [_profile(fit, slope) for slope in (-0.2, 0.1)] == pytest.approx(here, abs=0.01)


def test_classes_have_twenty_complaints_each_and_no_more_than_three() -> None:
    assert np.bincount(_classes(np.arange(90.0))).tolist() == [30, 30, 30]
    assert np.bincount(_classes(np.arange(50.0))).tolist() == [25, 25]
    assert len(_classes(np.arange(39.0))) == 0
    days = np.repeat([0.0, 24.0, 48.0], [60, 25, 20])  # a log that knows days alone
    assert np.bincount(_classes(days)).tolist() == [60, 25, 20]
    assert np.bincount(_classes(np.repeat([0.0, 24.0, 48.0], [60, 25, 5]))).tolist() == [60, 30]
    assert len(_classes(np.repeat([5.0, 6.0], [80, 19]))) == 0
    assert len(_classes(np.full(100, 24.0))) == 0


def cases() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sixty customers with a purchase on 1 January and a complaint in February, answered within 0 to 59 hours; one who buys later."""
    who = [f"c{number}" for number in range(60)]
    days = pd.DataFrame({"customer_id": [*who, "late"], "date": [pd.Timestamp("2025-01-01")] * 60 + [pd.Timestamp("2025-06-01")]})
    opened = pd.Timestamp("2025-02-01 10:00")
    answered = opened + pd.to_timedelta(np.arange(60.0), unit="h")
    return days, pd.DataFrame({"customer_id": who, "opened": opened, "answered": answered, "outcome": "satisfied"})


def test_complaints_that_no_purchase_stands_behind_are_of_no_class() -> None:
    days, log = cases()
    log.loc[0, "customer_id"], log.loc[1, "customer_id"] = "stranger", "late"
    log.loc[2, "opened"], log.loc[3, "answered"], log.loc[4, "outcome"] = pd.Timestamp("2025-07-01"), pd.NaT, None
    found = classes_of_wait(days, log)
    assert {name: len(hours) for name, hours in found.hours.items()} == {"satisfied 1": 28, "satisfied 2": 27}
    assert found.outcome == {"satisfied 1": "satisfied", "satisfied 2": "satisfied"}
    assert len(found.log) == 55  # without the one that is answered at no known time, and the one that ended nobody knows how


def test_complaints_whose_wait_is_not_known_keep_a_coin_of_their_own_if_there_are_enough() -> None:
    days, log = cases()
    more = log.assign(answered=pd.NaT, outcome="acceptable").head(25)
    some = log.assign(outcome=None).head(22)
    found = classes_of_wait(days, pd.concat([log, more, some], ignore_index=True))
    classes = [f"satisfied {number}" for number in (1, 2, 3)]
    assert found.log["wait"].value_counts().to_dict() == dict.fromkeys(classes, 20) | {"acceptable": 25, "unknown": 22}
    assert list(found.hours) == classes


def test_too_little_to_value_waiting_is_said() -> None:
    days, log = cases()
    assert list(classes_of_wait(days, log).hours) == ["satisfied 1", "satisfied 2", "satisfied 3"]
    with pytest.raises(TooLittle, match=r"^No outcome has 20 complaints answered fast and 20 answered slowly, so that waiting cannot be"):
        classes_of_wait(days, log.assign(answered=log["opened"]))
    with pytest.raises(TooLittle, match=r"^The complaints have no moments of the first answer, or no outcomes, so that waiting cannot be"):
        classes_of_wait(days, log.drop(columns="outcome"))


def test_the_chance_to_leave_ends_at_one_in_the_truth_too() -> None:
    company = study.company_of("right: double", 2, 1)
    days = np.random.default_rng(1).exponential(np.array(company.truth.mechanism.days_to_answer), (400_000, 3))
    every = np.minimum(1.0, np.array(company.truth.mechanism.complaint_dropout) + 0.04 * days)
    chance, sooner = coins(company)
    assert chance == pytest.approx(every.mean(axis=0), abs=1e-3)
    assert sooner == pytest.approx(0.04 * (every < 1).mean(axis=0), abs=1e-4)
    assert sooner[2] < 0.95 * 0.04  # of the dissatisfied, who wait six days in the mean


@pytest.mark.slow
def test_an_hour_is_found_where_many_leave_for_certain() -> None:
    """Halves of fast and slow answers, with a straight line, gave nine tenths of it."""
    found, error = [], []
    for seed in (1, 2, 3):
        company = study.company_of("right: double", 5_000, seed)
        days = company.transactions[["customer_id", "date"]].drop_duplicates()
        log = company.complaints[company.complaints["opened"] <= days["date"].max()]
        start = gw.ModifiedBetaGeoNBD.fit(study.known_on(company.transactions, days["date"].max().date()))
        best, low, high = per_hour_of(days, log, start)
        found.append(best)
        error.append((high - low) / 3.92)
    true = float(np.array(company.truth.mechanism.outcome_shares) @ coins(company)[1]) / 24
    assert np.mean(found) == pytest.approx(true, abs=3 * np.mean(error) / np.sqrt(3))
    assert 0.08 * true < np.mean(error) < 0.2 * true
