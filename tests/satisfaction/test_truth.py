import numpy as np
import pandas as pd
import pytest
from benchmarks.truth.satisfaction_loyalty import TRUTHS, study, truths


@pytest.fixture(scope="module")
def frame():
    return study(1, seed=3)


def test_a_study_states_every_headline_beside_its_truth(frame):
    assert list(frame.columns) == ["headline", "truth_name", "truth", "estimate", "lower", "upper"]
    assert set(frame["truth_name"]) == {truth.name for truth in TRUTHS}
    assert set(frame["headline"]) >= {"loyal share", "top ratio", "net promoter score", "importance", "labels right", "notch at most"}
    ends = frame.dropna(subset=["lower", "estimate"])
    assert ((ends["lower"] <= ends["estimate"]) & (ends["estimate"] <= ends["upper"])).all()


def test_a_study_is_the_same_for_the_same_seed(frame):
    pd.testing.assert_frame_equal(frame, study(1, seed=3))


def test_under_the_first_truth_nothing_goes_with_satisfaction():
    nothing = truths(TRUTHS[0])
    assert (nothing["top ratio"], nothing["top defection"], nothing["notch at most"], nothing["bend told apart"]) == (1, 1, 0, 0)
    assert nothing["importance"] == pytest.approx(1 / 3, abs=0.01)


def test_every_headline_has_truths_far_enough_apart_for_a_slope(frame):
    for name, rows in frame.groupby("headline"):
        assert name == "turning point" or np.ptp(rows["truth"]) > 0.1
