import numpy as np
import pandas as pd
import pytest
from benchmarks.bend_size import kinked
from benchmarks.truth import _survey_oracles as oracles
from benchmarks.truth.satisfaction_loyalty import ITEMS, TRUTHS, simulate, statements, study, survey_of, truths

from goodwill.data.survey import read_survey


@pytest.fixture(scope="module")
def frame():
    return study(1, seed=3)


def hold_headlines(frame):
    """Every headline is there, within its ends."""
    stated = {"loyal share", "top ratio", "net promoter score", "importance", "labels right", "notch at most"}
    assert set(frame["headline"]) >= {f"03 {name}" for name in stated}
    ends = frame.dropna(subset=["lower", "estimate"])
    assert ((ends["lower"] <= ends["estimate"]) & (ends["estimate"] <= ends["upper"])).all()


@pytest.mark.slow
def test_every_headline_is_stated_beside_one_truth():
    columns = ["headline", "truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]
    found = pd.DataFrame(statements(TRUTHS[2], 3), columns=columns)
    hold_headlines(found)
    assert found["truth"].notna().all() and found["estimate"].notna().mean() > 0.8
    assert found.dropna(subset=["lower", "upper", "estimate"])[["lower_oracle", "upper_oracle"]].notna().all(axis=None)


@pytest.mark.slow
def test_a_study_states_every_headline_beside_its_truth(frame):
    ends = ["lower", "upper", "lower_oracle", "upper_oracle"]
    assert list(frame.columns) == ["headline", "truth_name", "truth", "estimate", *ends]
    assert set(frame["truth_name"]) == {truth.name for truth in TRUTHS}
    hold_headlines(frame)


@pytest.mark.slow
def test_a_study_is_the_same_for_the_same_seed(frame):
    pd.testing.assert_frame_equal(frame, study(1, seed=3))


def test_a_survey_of_the_study_is_what_reading_its_answers_gives():
    people = simulate(TRUTHS[2], 50, np.random.default_rng(1))
    ours, asked = survey_of(people), people.drop(columns=["feeling", "liking"])
    options = {"items": [*ITEMS, "intends"], "recommend": "recommend", "loyalty_scale": (0, 1), "loyalty_kind": "behaviour"}
    theirs = read_survey(asked, **options)
    pd.testing.assert_frame_equal(ours.answers, theirs.answers, check_like=True)
    for name in ("items", "scale", "loyalty_scale", "loyalty_kind"):
        assert getattr(ours, name) == getattr(theirs, name)


def test_under_the_first_truth_nothing_goes_with_satisfaction():
    nothing = truths(TRUTHS[0])
    stated = ["top ratio", "top defection", "notch at most", "bend told apart"]
    assert [nothing[name] for name in stated] == pytest.approx([1, 1, 0, 0], abs=1e-9)
    assert nothing["importance"] == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.slow
def test_every_headline_has_truths_far_enough_apart_for_a_slope(frame):
    for name, rows in frame.groupby("headline"):
        assert name == "03 turning point" or np.ptp(rows["truth"]) > 0.1


@pytest.mark.slow
def test_an_oracle_stands_beside_every_interval_and_is_no_wider(frame):
    there = frame.dropna(subset=["lower_oracle", "upper_oracle"])
    stated = frame.dropna(subset=["lower", "upper", "estimate"])
    assert len(there) >= len(stated)
    width = {
        which: there.groupby("headline")[[f"lower{which}", f"upper{which}"]].mean().diff(axis=1).iloc[:, -1] for which in ("", "_oracle")
    }
    assert (width["_oracle"] < 1.15 * width[""]).all()  # a score interval may be a little shorter than one by the true standard error


def test_an_oracle_that_knows_the_rest_is_centred_on_the_truth():
    """A kink, given 200,000 answers as the curve has them; promoters, given just the true shares."""
    levels = np.arange(1.0, 11)
    n = np.full(10, 20_000.0)
    low, high = oracles.of_kink(n * kinked(2 / 3)((levels - 1) / 9), n)
    assert low < 7 < high < low + 0.2
    answers = np.r_[np.full(500, 10.0), np.full(300, 8.0), np.full(200, 3.0)]
    low, high = oracles.of_promoters(answers, (0.5, 0.2))
    assert (low + high) / 2 == pytest.approx(30.0)
    assert (high - low) / 2 == pytest.approx(1.96 * 100 * 0.7 * 2 * np.sqrt(5 / 7 * 2 / 7 / 700), rel=1e-4)
