import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.data.survey import read_survey
from goodwill.errors import DataError, TooLittle
from goodwill.satisfaction.cells import effective_size
from goodwill.satisfaction.index import (
    acsi_score,
    cronbach_alpha,
    item_table,
    item_weights,
    net_promoters,
    response_funnel,
    satisfaction_index,
    share_with_bounds,
    survey_promoters,
)


def answers(n=93, items=6, seed=1):
    """Six 5-point questions about one satisfaction, answered by 5, 8, 17, 42 and 28 % and correlated by about .5."""
    rng = np.random.default_rng(seed)
    felt = rng.standard_normal(n)
    seen = 0.76 * felt[:, None] + 0.65 * rng.standard_normal((n, items))
    return pd.DataFrame(1 + np.searchsorted([-1.645, -1.126, -0.524, 0.583], seen), columns=[f"q{i + 1}" for i in range(items)])


def test_equal_weights_change_nothing():
    x = answers()
    index = satisfaction_index(x, dict.fromkeys(x, 1.0), scale=(1, 5), total=6)
    assert index.weighted.estimate == pytest.approx(index.simple.estimate)
    assert np.allclose(index.difference, 0)
    assert index.difference.lower <= 0 <= index.difference.upper


def test_the_order_of_items_changes_nothing():
    x = answers()
    weights = dict(zip(x, (0.3, 0.2, 0.2, 0.1, 0.1, 0.1), strict=True))
    turned = satisfaction_index(x[list(x)[::-1]], weights, scale=(1, 5))
    assert turned.weighted == pytest.approx(satisfaction_index(x, weights, scale=(1, 5)).weighted)


@given(st.lists(st.floats(0.01, 10), min_size=6, max_size=6), st.floats(0.1, 100))
def test_the_index_stays_on_its_scale_and_a_declared_total_only_sets_the_unit(weights, factor):
    x = answers()
    shares = dict(zip(x, np.array(weights) / sum(weights), strict=True))
    scaled = {item: share * factor for item, share in shares.items()}
    index = satisfaction_index(x, shares, scale=(1, 5))
    assert 1 <= index.weighted.estimate <= 5
    assert satisfaction_index(x, scaled, scale=(1, 5), total=factor).weighted == pytest.approx(index.weighted)


def test_the_difference_is_the_covariance_of_weights_and_item_means():
    x = answers()
    weights = np.array([0.3, 0.25, 0.2, 0.1, 0.1, 0.05])
    index = satisfaction_index(x, dict(zip(x, weights, strict=True)), scale=(1, 5))
    expected = 6 * np.cov(weights, x.mean().to_numpy(), ddof=0)[0, 1]
    assert index.difference.estimate == pytest.approx(expected)
    assert index.difference.upper - index.difference.lower < index.weighted.upper - index.weighted.lower  # paired


def test_weights_of_ten_points_are_fine_when_ten_is_declared():
    assert item_weights({"a": 3, "b": 2, "c": 5}, ["a", "b", "c"], total=10).tolist() == [0.3, 0.2, 0.5]


def test_weights_that_miss_their_total_are_an_error_and_never_rescaled():
    with pytest.raises(DataError, match=r"add up to 0.9, not to the declared total of 1"):
        item_weights(dict(zip("abcd", (0.25, 0.35, 0.15, 0.15), strict=True)), list("abcd"))


@pytest.mark.parametrize("weights", [{"a": 1.0}, {"a": 0.5, "b": 0.2, "c": 0.3}, {"a": -0.5, "b": 1.5}])
def test_weights_must_fit_the_items(weights):
    with pytest.raises(DataError):
        item_weights(weights, ["a", "b"])


def test_six_items_and_93_answers_give_an_index_to_within_a_sixth_of_a_point():
    """The simulated survey has the size of the JD survey of 2015."""
    halves = []
    for seed in range(40):
        index = satisfaction_index(answers(seed=seed), scale=(1, 5))
        halves.append((index.simple.upper - index.simple.lower) / 2)
    assert np.mean(halves) == pytest.approx(0.173, abs=0.008)


def test_the_index_covers_its_truth():
    truth = satisfaction_index(answers(200_000, seed=99), scale=(1, 5)).simple.estimate
    indices = [satisfaction_index(answers(seed=s), scale=(1, 5)).simple for s in range(300)]
    assert 0.92 <= np.mean([i.lower <= truth <= i.upper for i in indices]) <= 0.98


def test_counts_stand_for_people_and_weights_do_not():
    x = answers(50)
    twice = pd.concat([x, x], ignore_index=True)
    counted = satisfaction_index(x, scale=(1, 5), count=np.full(50, 2))
    assert counted.simple == pytest.approx(satisfaction_index(twice, scale=(1, 5)).simple)
    assert satisfaction_index(x, scale=(1, 5), weight=np.full(50, 2)).simple == pytest.approx(satisfaction_index(x, scale=(1, 5)).simple)


def test_unequal_weights_lower_the_effective_size():
    assert effective_size([1, 1, 1, 1]) == 4
    assert effective_size([3, 1, 1, 1]) == pytest.approx(3)
    x = answers(60)
    even = satisfaction_index(x, scale=(1, 5))
    uneven = satisfaction_index(x, scale=(1, 5), weight=np.r_[np.full(30, 5.0), np.ones(30)])
    assert uneven.n_effective < even.n_effective == 60


def test_a_finite_population_narrows_the_interval():
    x = answers()
    wide, narrow = satisfaction_index(x, scale=(1, 5)), satisfaction_index(x, scale=(1, 5), population=124)
    assert (narrow.simple.upper - narrow.simple.lower) / (wide.simple.upper - wide.simple.lower) == pytest.approx(np.sqrt(1 - 93 / 124))
    with pytest.raises(DataError, match="population"):
        satisfaction_index(x, scale=(1, 5), population=50)


def test_the_scaled_index_runs_from_0_to_100():
    x = pd.DataFrame({"a": [1, 5, 5, 5], "b": [1, 5, 5, 5]})
    index = satisfaction_index(x, scale=(1, 5))
    assert index.scaled(index.simple).estimate == pytest.approx(75)


def test_answers_outside_the_scale_are_an_error_with_their_row():
    x = answers()
    x.loc[7, "q2"] = 6
    with pytest.raises(DataError, match=r"item 'q2' holds 6 in row 7"):
        satisfaction_index(x, scale=(1, 5))


def test_the_american_index_has_its_published_ends_and_example():
    assert acsi_score([1, 1, 1]) == 0
    assert acsi_score([10, 10, 10]) == 100
    assert acsi_score([8, 7, 6]) == pytest.approx((8 + 7 + 6 - 3) / 27 * 100)
    assert acsi_score([8, 7, 6], (0.3885, 0.3190, 0.2925)) == pytest.approx(67.7333, abs=5e-5)
    with pytest.raises(DataError):
        acsi_score([8, 7, 6], (0.3, 0.3, 0.3))


@pytest.mark.parametrize(("k", "r"), [(2, 0.5), (4, 0.3), (6, 0.7)])
def test_alpha_of_parallel_items(k, r):
    x = parallel(k, r)
    assert cronbach_alpha(x).estimate == pytest.approx(k * r / (1 + (k - 1) * r))


def parallel(k, r, n=200):
    """Items of equal variance with every correlation exactly r."""
    z = np.random.default_rng(3).standard_normal((n, k))
    z -= z.mean(0)
    z = z @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T)).T)
    return z @ np.linalg.cholesky(np.full((k, k), r) + (1 - r) * np.eye(k)).T


def test_alpha_lies_in_its_interval_and_needs_people_who_differ():
    alpha = cronbach_alpha(answers().to_numpy())
    assert alpha.lower < alpha.estimate < alpha.upper < 1
    with pytest.raises(DataError):
        cronbach_alpha(np.ones((20, 3)))


def test_the_item_table_names_top_boxes_and_alpha_without():
    x = answers()
    table = item_table(x, (1, 5))
    assert table.loc["q1", "top_box"] == pytest.approx((x["q1"] == 5).mean())
    assert (table["top_two_box"] >= table["top_box"]).all()
    assert table.loc["q1", "alpha_without"] == pytest.approx(cronbach_alpha(x.drop(columns="q1").to_numpy()).estimate)


def test_net_promoters_belong_to_scales_that_end_at_ten():
    assert net_promoters([10] * 9 + [3] * 2).estimate == pytest.approx(50)
    with pytest.raises(DataError):
        net_promoters([5, 4], scale=(1, 5))


def test_the_funnel_of_the_jd_survey():
    funnel = response_funnel(250, 104, 93)
    assert funnel["of_sent"].round(3).tolist() == [1, 0.416, 0.372]
    assert funnel["of_stage_before"].round(3).tolist() == [1, 0.416, 0.894]
    with pytest.raises(DataError):
        response_funnel(100, 104, 93)


def test_worst_case_bounds_hold_every_possible_truth():
    table = share_with_bounds([0, 46, 93], 93, 250)
    assert ((table["least"] <= table["share"]) & (table["share"] <= table["most"])).all()
    assert (table["most"] - table["least"]).round(9).unique().tolist() == [round(157 / 250, 9)]


def test_alpha_with_unequal_weights_has_a_wider_interval():
    x = answers(200).to_numpy()
    plain, even = cronbach_alpha(x), cronbach_alpha(x, weight=np.full(200, 3.0))
    assert even == pytest.approx(plain)
    uneven = cronbach_alpha(x, weight=np.where(np.arange(200) < 100, 9.0, 1.0))
    assert uneven.upper - uneven.lower > plain.upper - plain.lower


class TestNetPromotersOfASurvey:
    def survey(self, scale=(1, 5), **columns):
        table = pd.DataFrame({"satisfaction": [1, 2, 3, 3], "loyalty": [1, 2, 3, 3], "count": [11, 4, 6, 3]} | columns)
        return read_survey(table, scale=(1, 3), loyalty_scale=scale, recommend="nps" if "nps" in columns else None)

    def test_the_score_is_that_of_the_question_on_recommending(self):
        found = survey_promoters(self.survey(nps=[9, 6, None, 7]))
        assert found.score == net_promoters([9] * 11 + [6] * 4 + [7] * 3)
        assert found.question == "recommend"

    def test_loyalty_stands_in_where_its_scale_ends_at_ten(self):
        assert survey_promoters(self.survey((0, 10))).score == net_promoters([1] * 11 + [2] * 4 + [3] * 9)
        with pytest.raises(TooLittle, match="this survey has none"):
            survey_promoters(self.survey())

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_two_surveys_of_one_truth_rarely_differ_by_the_change_that_is_told(self, seed):
        rng = np.random.default_rng(seed)
        chances = np.array([0.02] * 6 + [0.08, 0.2, 0.25, 0.2, 0.15])
        apart = []
        for _ in range(150):
            answers = [rng.choice(11, 300, p=chances) for _ in range(2)]
            first, second = (net_promoters(each) for each in answers)
            apart.append(abs(first.estimate - second.estimate) > np.sqrt(2) * (first.upper - first.lower) / 2)
        assert np.mean(apart) <= 0.1

    def test_the_change_is_that_of_two_independent_surveys(self):
        found = survey_promoters(self.survey(nps=[9, 6, 3, 7]))
        assert found.change == pytest.approx(np.sqrt(2) * (found.score.upper - found.score.lower) / 2)
