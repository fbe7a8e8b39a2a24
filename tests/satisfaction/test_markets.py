import numpy as np
import pytest

from goodwill.data.survey import read_survey
from goodwill.errors import DataError, FitError
from goodwill.satisfaction.cells import LoyaltyCells, loyalty_cells
from goodwill.satisfaction.curve import LoyaltyCurve
from goodwill.satisfaction.markets import MISRATING_WARNING, fit_market, misrated, outcome_by_level, pool_segments, upper_half_share


@pytest.fixture(scope="module")
def acsi():
    return read_survey("acsi_2015")


def cells_of(survey, segment, loyal_from=9):
    rows = (survey.answers["segment"] == segment).to_numpy()
    answers = survey.answers[rows]
    return loyalty_cells(answers["satisfaction"], survey.loyal(loyal_from)[rows], levels=survey.levels, count=answers["count"])


def test_acsi_2015_mean_repurchase_by_satisfaction(acsi):
    table = outcome_by_level(acsi.answers["satisfaction"], acsi.answers["loyalty"], levels=acsi.levels, count=acsi.answers["count"])
    assert table["mean"].round(2).iloc[[0, -1]].tolist() == [1.37, 9.74]
    assert table["respondents"].sum() == 7822


def test_acsi_2015_banks(acsi):
    assert cells_of(acsi, "commercial banks").share[6:].round(2).tolist() == [0.22, 0.45, 0.82, 0.96]


def test_acsi_2015_share_of_nine_and_ten_at_eight(acsi):
    industries = ["commercial airlines", "commercial banks", "internet service providers", "processed food"]
    assert [round(float(cells_of(acsi, name).share[7]), 2) for name in industries] == [0.43, 0.45, 0.27, 0.42]


def test_the_mean_is_nearly_straight_and_the_top_share_convex(acsi):
    columns = acsi.answers["satisfaction"], acsi.levels, acsi.answers["count"]
    mean = outcome_by_level(columns[0], acsi.answers["loyalty"], levels=columns[1], count=columns[2])
    top = outcome_by_level(columns[0], acsi.loyal(9), levels=columns[1], count=columns[2])
    straight, convex = upper_half_share(mean), upper_half_share(top)
    assert 0.45 < straight.estimate < 0.55
    assert convex.lower > 0.9


def test_a_straight_line_rises_by_half_in_its_upper_half():
    s = np.repeat(np.arange(1, 6), 200)
    y = s + np.random.default_rng(1).standard_normal(len(s))
    rise = upper_half_share(outcome_by_level(s, y, levels=range(1, 6)))
    assert rise.lower < 0.5 < rise.upper
    with pytest.raises(FitError, match="does not rise"):
        upper_half_share(outcome_by_level(s, -y, levels=range(1, 6)))


@pytest.mark.slow
def test_the_market_curve_finds_floor_ceiling_and_threshold_again():
    truth = LoyaltyCurve("market", (0.2, 0.1, 1.5, 7.0), 1, 10)
    s, n = np.arange(1, 11), np.full(10, 3000)
    found = fit_market(LoyaltyCells.of(s, np.round(truth.probability(s) * n), n))
    assert found.floor.lower < 0.2 < found.floor.upper
    assert found.ceiling_gap.lower < 0.1 < found.ceiling_gap.upper
    assert found.threshold == pytest.approx(7, abs=0.1)
    assert found.warnings == (MISRATING_WARNING,)


@pytest.mark.slow
def test_floor_and_gap_intervals_cover():
    truth, s, n = LoyaltyCurve("market", (0.15, 0.1, 1.5, 6.0), 1, 10), np.arange(1, 11), np.full(10, 150)
    rng = np.random.default_rng(7)
    held = []
    for _ in range(5):
        found = fit_market(LoyaltyCells.of(s, rng.binomial(n, truth.probability(s)), n))
        held += [found.floor.lower <= 0.15 <= found.floor.upper, found.ceiling_gap.lower <= 0.1 <= found.ceiling_gap.upper]
    assert np.mean(held) >= 0.8


def test_five_levels_are_said_to_prove_nothing_and_four_are_too_few():
    cells = LoyaltyCells.of(range(1, 6), (10, 12, 20, 60, 80), [100] * 5)
    assert any("proves nothing" in note for note in fit_market(cells).warnings)
    with pytest.raises(FitError, match="at least 5"):
        fit_market(LoyaltyCells.of(range(1, 5), (10, 20, 60, 80), [100] * 4))


def test_falling_loyalty_has_no_floor_or_ceiling():
    found = fit_market(LoyaltyCells.of(range(1, 7), (90, 80, 60, 40, 20, 10), [100] * 6))
    assert any("does not rise" in note for note in found.warnings)


class TestPooling:
    def segments(self):
        large = LoyaltyCells.of(range(1, 6), (20, 80, 160, 280, 360), [400] * 5)
        small = LoyaltyCells.of(range(1, 6), (0, 0, 2, 1, 3), (2, 0, 3, 4, 3))
        other = LoyaltyCells.of(range(1, 6), (30, 90, 180, 260, 350), [400] * 5)
        return {"large": large, "other": other, "small": small}

    def test_small_segments_borrow_and_large_ones_keep_their_own(self):
        table = pool_segments(self.segments()).set_index(["segment", "satisfaction"])
        assert (table.loc["large"]["pooled"] - table.loc["large"]["loyal_share"]).abs().max() < 0.03
        assert 0.4 < table.loc[("small", 5.0), "pooled"] < 1
        assert 10 * table.loc[("small", 5.0), "own_weight"] < table.loc[("large", 5.0), "own_weight"]

    def test_a_level_without_answers_takes_the_others_level_with_a_wide_interval(self):
        row = pool_segments(self.segments()).set_index(["segment", "satisfaction"]).loc[("small", 2.0)]
        assert np.isnan(row["loyal_share"])
        assert row["lower"] < 0.2 < row["upper"]

    @pytest.mark.slow
    def test_pooling_covers_the_truths_of_segments_that_resemble_each_other(self):
        rng = np.random.default_rng(3)
        held = []
        for _ in range(25):
            truth = rng.beta(20 * np.array([0.1, 0.4, 0.8]), 20 * np.array([0.9, 0.6, 0.2]), (5, 3))
            segments = {str(g): LoyaltyCells.of((1, 2, 3), rng.binomial(15, truth[g]), [15] * 3) for g in range(5)}
            table = pool_segments(segments, draws=600)
            held.append(((table["lower"] <= truth.ravel()) & (truth.ravel() <= table["upper"])).mean())
        assert 0.9 <= np.mean(held) <= 0.99

    def test_one_segment_or_different_scales_cannot_be_pooled(self):
        with pytest.raises(DataError, match="does not name two segments"):
            pool_segments({"a": self.segments()["large"]})
        with pytest.raises(DataError, match="same levels"):
            pool_segments({"a": self.segments()["large"], "b": LoyaltyCells.of((1, 2), (1, 2), (3, 3))})


@pytest.mark.parametrize(("error", "ratio"), [(0.0, 6.0), (0.05, 4.99), (0.1, 4.22), (0.2, 3.13)])
def test_misrating_hides_a_ratio_of_six(error, ratio):
    seen = misrated([0.02, 0.04, 0.07, 0.12, 0.72], [0.05, 0.08, 0.17, 0.42, 0.28], error)
    assert seen[4] / seen[3] == pytest.approx(ratio, abs=0.005)


def test_misrating_makes_a_floor_and_a_ceiling_gap_out_of_nothing():
    seen = misrated([0, 0, 0, 1, 1], [0.2] * 5, 0.2)
    assert seen[2] > 0
    assert seen[3] < 1
