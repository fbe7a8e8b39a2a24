"""The case and what is taken from it."""

import pytest

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.assumptions import at_means, ranged
from goodwill.word_of_mouth.coca_cola import LABELS, readings, recovery, recovery_assumptions, told_means, year_of_problems
from goodwill.word_of_mouth.worth import Worth

WORTH = Worth(Interval(300.0, 250.0, 350.0), Interval(10.0, 9.0, 11.0), Interval(300.0, 200.0, 400.0))


@pytest.mark.slow
def test_readings_say_which_cannot_hold_together():
    table = readings().set_index(["statistic", "base", "family"])["verdict"]
    assert table["mean", "dissatisfied", "negative binomial"] == "feasible"
    assert table["mean", "dissatisfied", "Poisson-lognormal"] == (
        "feasible within rounding and sampling: at most 11.9% can tell that many, 12.0% is stated, 9.2% to 15.3% with rounding and sampling"
    )
    assert table["mean", "all", "negative binomial"] == (
        "infeasible under this curve: at most 8.5% can tell that many, 12.0% is stated, 10.6% to 13.5% with rounding and sampling"
    )
    assert table["median", "all", "negative binomial"] == "feasible"


@pytest.mark.slow
def test_told_means_carry_the_band_that_no_family_narrows():
    dissatisfied, satisfied = told_means("mean", "dissatisfied")
    assert dissatisfied == pytest.approx((9.5, 5.82, 18.22))
    assert satisfied.lower <= satisfied.estimate <= satisfied.upper
    assert told_means("median", "all")[0].estimate == pytest.approx(14.6965, abs=1e-3)


def test_an_infeasible_reading_has_no_means():
    with pytest.raises(DataError, match=r"cannot hold together \(infeasible under this curve: at most 8"):
        told_means("mean", "all")
    with pytest.raises(DataError, match="use mean or median"):
        told_means("mode", "all")


def test_every_input_of_the_value_of_recovery_has_range_source_grade_and_label():
    inputs = recovery_assumptions(*told_means("mean", "dissatisfied"), WORTH)
    value = ranged(lambda at: recovery(at).total, inputs)
    assert 0 < value.lower < value.estimate < value.upper
    assert {each.name for each in inputs} == set(LABELS)
    assert all(each.source and each.grade for each in inputs)


def test_a_log_brings_its_own_rate_and_leaves_the_silent_as_many() -> None:
    """165 complaints a year per 1,000 customers, where six per thousand are assumed; more problems than customers are no contradiction."""
    stake = Worth(Interval(30.0, 20.0, 40.0), Interval(4.0, 3.0, 5.0), Interval(30.0, 20.0, 40.0))
    at = at_means(recovery_assumptions(Interval(9.5, 6.0, 18.0), Interval(4.5, 4.0, 7.0), stake))
    shares = {"dissatisfied": 0.25, "acceptable": 0.25, "satisfied": 0.5}
    year = {"problems": 0.1, "voice": 0.06, "causal_voice": 0.5}
    assumed, own, many = (year_of_problems(at, shares, **year, own_rate=rate).by_group["people"] for rate in (None, 0.165, 1.2))
    assert assumed.tolist() == pytest.approx([94.0, 1.5, 1.5, 3.0])
    assert own.tolist() == pytest.approx([94.0, 41.25, 41.25, 82.5])
    assert many.tolist() == pytest.approx([94.0, 300.0, 300.0, 600.0])
