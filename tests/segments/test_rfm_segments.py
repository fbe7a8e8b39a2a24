import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.segments import Rules, default_segments, rfm, rfm_coverage, rfm_cuts, rfm_scores


def test_who_bought_last_has_the_best_recency_score():
    customers = pd.DataFrame({"frequency": 1, "recency": [1.0, 5.0, 9.0], "T": 10.0, "spend": 10.0})
    assert rfm_scores(rfm(customers, bins=3), customers)["R"].tolist() == [1, 2, 3]


def test_more_purchases_and_more_money_have_better_scores():
    customers = pd.DataFrame({"frequency": [0, 1, 2], "recency": [0.0, 1, 1], "T": 10.0, "spend": [5.0, 6.0, 7.0]})
    scores = rfm_scores(rfm(customers, bins=3), customers)
    assert scores["F"].tolist() == scores["M"].tolist() == [1, 2, 3]


def test_equal_values_have_equal_scores_on_cdnow(cdnow):
    """Three in five bought once; dividing them by tie-break would give them three different scores."""
    scores = rfm_scores(rfm(cdnow), cdnow)
    for letter, value in (("F", cdnow["frequency"]), ("M", cdnow["spend"].round(2))):
        assert scores[letter].groupby(value.to_numpy()).nunique().max() == 1
    assert (cdnow["frequency"] == 0).mean() == pytest.approx(0.6, abs=0.01)


def test_scores_that_ties_leave_unused_are_told(cdnow):
    rules = rfm(cdnow, bins=4)
    assert rules.settings["edges"]["F"] == (0, 0, 1)
    assert rules.notes[0] == "F: ties leave score 2 of 4 without customers"
    assert "nobody here is in 'new', though one could be" in rules.notes[-1]


def test_a_segment_that_no_value_can_reach_is_left_out_and_named():
    customers = pd.DataFrame({"frequency": [0, 0, 0, 0, 9], "recency": [0.0, 0, 0, 0, 3], "T": [1.0, 2, 3, 4, 5], "spend": 1.0})
    named = {"middle": {"F": 2}, "rest": [{"F": 1}, {"F": 3}]}
    rules = rfm(customers, bins=3, segments=named)
    assert rules.segments == ("rest",)
    assert "with these cuts nobody can be in 'middle': left out of the segments" in rules.notes


@pytest.mark.parametrize("bins", range(3, 13))
def test_the_default_names_partition_the_cube(bins):
    cells = [(name, box) for name, boxes in default_segments(bins).items() for box in boxes]
    claims = np.zeros((bins, bins, bins), int)
    for _, box in cells:
        r, f, m = (slice(box.get(letter, (1, bins))[0] - 1, box.get(letter, (1, bins))[1]) for letter in "RFM")
        claims[r, f, m] += 1
    assert (claims == 1).all()


def test_overlapping_names_are_refused_with_their_cells(cdnow):
    with pytest.raises(
        DataError, match=r"overlap in 5 of 27 cells: 3 1 1, .*the first lies in 'recent' and 'few'|overlap in 3 of 27 cells: 3 1 1"
    ):
        rfm(cdnow, bins=3, segments={"recent": {"R": 3}, "few": {"F": 1}, "rest": {"R": [1, 2], "F": [2, 3]}})


def test_names_that_leave_gaps_are_refused_with_their_cells(cdnow):
    with pytest.raises(DataError, match=r"leave 9 of 27 cells: 2 1 1, 2 1 2, 2 1 3, 2 2 1, 2 2 2, 2 2 3, … \(R F M\) without a name"):
        rfm(cdnow, bins=3, segments={"recent": {"R": 3}, "gone": {"R": 1}})


def test_a_tampered_text_is_checked_when_it_is_read(cdnow):
    text = rfm(cdnow, bins=3, segments={"recent": {"R": 3}, "others": {"R": [1, 2]}}).to_text()
    tampered = text.replace("- R: [1, 2]\n", "- R: [1, 1]\n", 1)
    assert tampered != text
    with pytest.raises(DataError, match="leave 9 of 27 cells"):
        Rules.from_text(tampered)


@pytest.mark.parametrize(
    ("box", "told"),
    [({"Q": 1}, "speaks of 'Q'"), ({"R": [0, 3]}, "asks for R from 0 to 3"), ({"F": [3, 2]}, "asks for F from 3 to 2")],
)
def test_a_box_outside_the_cube_is_refused(cdnow, box, told):
    with pytest.raises(DataError, match=told):
        rfm(cdnow, bins=3, segments={"odd": box})


def test_own_cuts_are_closed_on_the_right_and_visible(cdnow):
    rules = rfm(cdnow, bins=3, cuts={"F": [0, 2], "R": [13, 26]})
    scores = rfm_scores(rules, cdnow)
    assert scores["F"].groupby(cdnow["frequency"]).first().loc[[0, 1, 2, 3]].tolist() == [1, 2, 2, 3]
    days = np.round(7 * (cdnow["T"] - cdnow["recency"]))
    assert (scores["R"] == np.where(days <= 91, 3, np.where(days <= 182, 2, 1))).all()
    shown = rfm_cuts(rules).set_index(["letter", "score"])
    assert shown.loc[("F", 2), ["above", "up_to"]].tolist() == [0, 2]
    assert shown.loc[("R", 3), ["above", "up_to"]].tolist() == [-np.inf, 13]


@pytest.mark.parametrize("cuts", [[2, 1], [1], [1, np.nan]])
def test_cuts_that_do_not_rise_are_refused(cdnow, cuts):
    with pytest.raises(DataError, match="the cuts of F must be 2 rising numbers for 3 scores"):
        rfm(cdnow, bins=3, cuts={"F": cuts})


def test_the_coverage_matrix_holds_every_cell_and_every_customer(cdnow):
    rules = rfm(cdnow)
    table = rfm_coverage(rules, cdnow)
    assert len(table) == 125
    assert table["customers"].sum() == 23_570
    assert table["share"].sum() == pytest.approx(1)
    assert not table.loc[~table["reachable"], "customers"].any()
    assert (~table["reachable"]).sum() == 25  # a score of F is unused
    counted = table.groupby("segment")["customers"].sum()
    assert all(counted[name] == n for name, n in rules.assign(cdnow).value_counts().items())


def test_values_outside_the_learned_range_have_the_end_scores(cdnow):
    later = pd.DataFrame({"frequency": [999, 0], "recency": [0.0, 0.0], "T": [0.0, 999.0], "spend": [1e9, -1e9]})
    assert rfm_scores(rfm(cdnow), later).to_numpy().tolist() == [[5, 5, 5], [1, 1, 1]]


def test_scores_belong_to_rfm_only():
    with pytest.raises(DataError, match="has no scores of recency"):
        rfm_scores(Rules("abc", ("A",), {"column": "spend", "lowest": []}), pd.DataFrame({"spend": [1.0]}))
