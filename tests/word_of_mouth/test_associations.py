"""Complainers of the American Customer Satisfaction Index 2015 (Morgeson, Hult, Sharma & Fornell 2023, Data in Brief 48:109123)."""

import pandas as pd
import pytest

from goodwill.data.survey import read_case
from goodwill.errors import DataError
from goodwill.word_of_mouth.associations import repurchase_by_handling, repurchase_gaps, weighted_mean

ANSWERS = read_case("acsi_2015_complaints_repurchase")


def test_the_gap_shrinks_at_one_mix_of_industries():
    gaps = repurchase_gaps(ANSWERS)
    assert [round(each, 2) for each in gaps["estimate"]] == [2.19, 1.92, 1.36]
    assert (gaps["lower"] < gaps["estimate"]).all()
    assert (gaps["upper"] > gaps["estimate"]).all()


def test_intention_without_a_complaint_with_one_and_well_handled():
    by_handling = repurchase_by_handling(ANSWERS).set_index("group")["estimate"]
    assert round(by_handling["no complaint"], 2) == 8.20
    assert round(by_handling["all complainers"], 2) == 6.01
    assert round(by_handling["handled 9-10"], 2) == 8.80


def test_a_gap_needs_both_kinds_in_every_group():
    only = pd.DataFrame({"industry": ["a", "a", "b"], "complained": ["yes", "no", "no"], "repurchase": [1, 2, 3], "count": [5, 5, 5]})
    with pytest.raises(DataError, match="some industry has no complainers"):
        repurchase_gaps(only)


def test_a_mean_needs_two_answers():
    with pytest.raises(DataError, match="at least two answers"):
        weighted_mean([3], [1])
