"""The case and what is taken from it."""

import pytest

from goodwill.errors import DataError
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth.assumptions import ranged
from goodwill.word_of_mouth.coca_cola import LABELS, readings, recovery, recovery_assumptions, told_means
from goodwill.word_of_mouth.worth import Worth

WORTH = Worth(Interval(300.0, 250.0, 350.0), Interval(10.0, 9.0, 11.0), Interval(300.0, 200.0, 400.0))


def test_readings_say_which_cannot_hold_together():
    table = readings().set_index(["statistic", "base", "family"])["verdict"]
    assert table["mean", "dissatisfied", "negative binomial"] == "feasible"
    assert table["mean", "dissatisfied", "Poisson-lognormal"].startswith("infeasible")
    assert table["mean", "all", "negative binomial"].startswith("infeasible: at most 8.5%")
    assert table["median", "all", "negative binomial"] == "feasible"


def test_told_means_carry_the_band_that_no_family_narrows():
    dissatisfied, satisfied = told_means("mean", "dissatisfied")
    assert dissatisfied == pytest.approx((9.5, 5.82, 18.22))
    assert satisfied.lower <= satisfied.estimate <= satisfied.upper
    assert told_means("median", "all")[0].estimate == pytest.approx(14.6965, abs=1e-3)


def test_an_infeasible_reading_has_no_means():
    with pytest.raises(DataError, match=r"cannot hold together \(infeasible: at most 8"):
        told_means("mean", "all")
    with pytest.raises(DataError, match="use mean or median"):
        told_means("mode", "all")


def test_every_input_of_the_value_of_recovery_has_range_source_grade_and_label():
    inputs = recovery_assumptions(*told_means("mean", "dissatisfied"), WORTH)
    value = ranged(lambda at: recovery(at).total, inputs)
    assert 0 < value.lower < value.estimate < value.upper
    assert {each.name for each in inputs} == set(LABELS)
    assert all(each.source and each.grade for each in inputs)
