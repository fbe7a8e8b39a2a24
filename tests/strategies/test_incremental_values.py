"""Shrinkage gives back what luck gave, and leaves what is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.segments.plan_values import plan_values

from goodwill.errors import DataError
from goodwill.inference.shrinkage import empirical_bayes
from goodwill.strategies.incremental_values import IncrementalValue, best_claim, shrink


def test_known_prior_weighs_prior_and_estimate_by_their_precision():
    shrunken = empirical_bayes([3.0, -1.0], [2.0, 0.5], prior=(1.0, 1.0))
    assert shrunken.mean == pytest.approx([1 + 2 / 5, 1 - 2 / 1.25])
    assert shrunken.sd == pytest.approx([np.sqrt(4 / 5), np.sqrt(0.25 / 1.25)])


def test_estimates_that_differ_by_no_more_than_chance_are_all_but_pooled():
    shrunken = empirical_bayes([1.0, 1.1, 0.9, 1.05], [0.5] * 4)
    assert shrunken.mean == pytest.approx([1.0125] * 4, abs=0.02)
    assert (shrunken.sd < 0.3).all()  # 0.5 alone, 0.25 when all are one


def test_precise_estimates_are_left_alone():
    estimates = np.array([1.0, 5.0, -3.0])
    assert empirical_bayes(estimates, [1e-6] * 3).mean == pytest.approx(estimates, abs=1e-6)


def test_learned_prior_finds_the_truth_in_many_segments():
    rng = np.random.default_rng(1)
    truth = rng.normal(0.5, 0.8, 2_000)
    error = rng.uniform(0.5, 1.5, 2_000)
    shrunken = empirical_bayes(truth + error * rng.standard_normal(2_000), error)
    assert (shrunken.prior_mean, shrunken.prior_sd) == pytest.approx((0.5, 0.8), abs=0.08)
    assert np.mean(((shrunken.mean - truth) / shrunken.sd) ** 2) == pytest.approx(1.0, abs=0.1)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12), st.floats(0.01, 50))
def test_shrunken_estimates_lie_between_the_estimates_and_keep_their_order(estimates, error):
    shrunken = empirical_bayes(estimates, [error] * len(estimates))
    assert shrunken.mean.min() >= min(estimates) - 1e-6 and shrunken.mean.max() <= max(estimates) + 1e-6
    order = np.argsort(estimates, kind="stable")
    assert (np.diff(shrunken.mean[order]) >= -1e-6).all()


@given(st.floats(0.01, 1000))
def test_shrinking_knows_no_currency(factor):
    estimates, errors = np.array([1.0, 3.0, -2.0, 5.0]), np.array([1.0, 2.0, 1.5, 1.0])
    assert empirical_bayes(factor * estimates, factor * errors).mean == pytest.approx(
        factor * empirical_bayes(estimates, errors).mean, rel=1e-6
    )


def test_measured_gains_are_shrunken_and_the_claim_before_and_after_is_told():
    rng = np.random.default_rng(2)
    noisy = rng.normal(0.0, 2.0, (10, 1)) + 2.0 * rng.standard_normal((400, 10, 1))
    values = plan_values(noisy, [0.1], [100] * 10, measured=np.ones((10, 1), bool))
    shrunken = shrink(values)
    assert best_claim(shrunken) < best_claim(values)
    assert f"{best_claim(values):,.0f} before and {best_claim(shrunken):,.0f} after" in shrunken.notes[-1]
    assert np.ptp(shrunken.mean) < np.ptp(values.mean)


def test_effects_are_shrunken_in_proportion_to_what_segments_bring():
    rng, baseline = np.random.default_rng(5), np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    gain = 0.2 * baseline[:, None] + 0.02 * baseline[:, None] * rng.standard_normal((400, 6, 1))
    values = plan_values(gain, [0.1], [100] * 6, measured=np.ones((6, 1), bool))
    found = shrink(replace(values, baseline=baseline)).mean[:, 0]
    assert found / baseline == pytest.approx(np.full(6, 0.2), rel=0.05)  # in money, the largest would be drawn to the smallest


def test_stated_effects_are_beliefs_and_stay_as_they_are():
    values = plan_values(np.random.default_rng(3).normal(1, 1, (50, 4, 2)), [0.1, 0.2], [10] * 4)
    shrunken = shrink(values)
    assert (shrunken.gain == values.gain).all() and "Nothing was measured" in shrunken.notes[-1]


def test_a_known_prior_is_used_for_all():
    values = plan_values(np.random.default_rng(3).normal(1, 1, (500, 4, 1)), [0.1], [10] * 4)
    assert shrink(values, prior=(0.0, 0.1)).mean.max() < 0.05


def test_table_has_one_row_per_eligible_pair():
    values = plan_values(
        np.random.default_rng(4).normal(1, 1, (99, 2, 2)), [0.5, 2.0], [10, 20], eligible=np.array([[True, False], [True, True]])
    )
    table = values.table()
    assert len(table) == 3
    assert (table["lower"] < table["gain"]).all() and (table["gain"] < table["upper"]).all()
    assert table["net"].to_numpy() == pytest.approx((table["gain"] - table["cost"]).to_numpy())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost": np.array([[-1.0]])}, "a cost is negative"),
        ({"fixed_cost": np.array([-1.0])}, "a fixed cost is negative"),
        ({"cost": np.zeros((2, 2))}, "shape"),
        ({"gain": np.full((1, 1, 1), np.inf)}, "not finite"),
    ],
)
def test_values_that_cannot_be_are_refused(changes, message):
    values = plan_values([[1.0]], [1.0], [10])
    with pytest.raises(DataError, match=message):
        replace(values, **changes)


def test_errors_that_do_not_fit_are_refused():
    for errors in ([1.0], [-1.0, 1.0]):
        with pytest.raises(DataError, match="one standard error each"):
            empirical_bayes([1.0, 2.0], errors)


def test_values_are_stated_in_numbers_or_draws_and_where_nothing_is_stated_nothing_may_be_done() -> None:
    gain = {"call": {"best": [2.0, 4.0], "rest": 1.0}, "mail": {"rest": 0.5}}
    values = IncrementalValue.stated({"best": 10, "rest": 30}, gain, {"call": 2.0, "mail": 0.1}, fixed_cost={"mail": 7.0})
    assert values.gain.tolist() == [[[2.0, 0.0], [1.0, 0.5]], [[4.0, 0.0], [1.0, 0.5]]]
    assert values.eligible.tolist() == [[True, False], [True, True]]
    assert (values.cost[0].tolist(), values.fixed_cost.tolist(), values.customers.tolist()) == ([2.0, 0.1], [0.0, 7.0], [10.0, 30.0])
    assert not values.measured.any()
    assert set(values.grade.ravel()) == {"D"}


@pytest.mark.parametrize(
    ("gain", "cost", "message"),
    [
        ({"call": {"best": 1.0}}, {}, "strategy 'call' has a gain and no cost; costs are given of none"),
        ({"call": {"new": 1.0}}, {"call": 1.0}, "strategy 'call' has a gain in 'new', where no customers are given, only in best"),
        ({"call": {"best": [1, 2]}, "mail": {"best": [1, 2, 3]}}, {"call": 1.0, "mail": 1.0}, "gains are given in 2 and 3 draws; "),
    ],
)
def test_stated_values_that_do_not_fit_together_are_refused(gain: dict, cost: dict, message: str) -> None:
    with pytest.raises(DataError, match="^" + message):
        IncrementalValue.stated({"best": 10}, gain, cost)
