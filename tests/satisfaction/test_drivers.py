import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.satisfaction.published import SWISS

from goodwill.errors import FitError
from goodwill.satisfaction.drivers import (
    correlations,
    driver_importance,
    importance_performance,
    johnson_shares,
    penalty_reward,
    shapley_shares,
)


def swiss():
    return correlations(SWISS[:, 1:], SWISS[:, 0])


def test_shapley_shares_of_the_swiss_data_to_eight_digits():
    expected = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]
    assert np.allclose(shapley_shares(*swiss()), expected, atol=5e-9)


def test_johnson_weights_of_the_swiss_data():
    assert np.allclose(johnson_shares(*swiss()), [0.048417, 0.154708, 0.271964, 0.114680, 0.116966], atol=5e-7)


def test_both_ways_share_out_all_of_r_squared():
    matrix, r = swiss()
    explained = r @ np.linalg.solve(matrix, r)
    assert explained == pytest.approx(0.70673500, abs=5e-9)
    assert shapley_shares(matrix, r).sum() == pytest.approx(explained)
    assert johnson_shares(matrix, r).sum() == pytest.approx(explained)


@given(st.floats(-0.9, 0.9), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_for_two_drivers_both_ways_agree(r12, r1, r2):
    matrix, r = np.array([[1, r12], [r12, 1]]), np.array([r1, r2])
    assert np.allclose(shapley_shares(matrix, r), johnson_shares(matrix, r))


def test_drivers_without_correlation_have_their_squared_correlation():
    r = np.array([0.5, -0.3, 0.2])
    assert np.allclose(shapley_shares(np.eye(3), r), r**2)
    assert np.allclose(johnson_shares(np.eye(3), r), r**2)


def survey(n=400, seed=2):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.integers(1, 6, (n, 3)), columns=["strong", "weak", "none"])
    return x, 1.0 * x["strong"] + 0.3 * x["weak"] + rng.standard_normal(n)


def test_bootstrap_ranks_find_the_strong_driver_and_stated_weights_stand_beside():
    x, y = survey()
    table = driver_importance(x, y, {"strong": 1, "weak": 1, "none": 2}, draws=100)
    assert table.index[0] == "strong"
    assert tuple(table.loc["strong", ["rank_lower", "rank_upper"]]) == (1, 1)
    assert table.loc["none", "stated"] == 0.5
    assert table["share"].sum() == pytest.approx(1)
    again = driver_importance(x, y, draws=100)
    assert again["lower"].equals(table["lower"])  # the seed decides


def test_an_item_that_does_not_vary_is_refused():
    x, y = survey()
    with pytest.raises(FitError, match="same answer"):
        driver_importance(x.assign(none=3), y)


def test_copies_of_an_item_are_refused_by_relative_weights():
    x, y = survey()
    with pytest.raises(FitError, match="copies"):
        driver_importance(x.assign(copy=x["strong"]), y)


def test_places_on_the_map_are_undecided_unless_both_intervals_decide():
    x, y = survey()
    places = importance_performance(x, driver_importance(x, y, draws=100))["place"]
    assert set(places) <= {"keep up", "look here first", "low priority", "possible overkill", "undecided"}
    low = importance_performance(
        x.assign(strong=np.minimum(x["strong"], 3)), driver_importance(x.assign(strong=np.minimum(x["strong"], 3)), y, draws=100)
    )
    assert low.loc["strong", "place"] == "look here first"


def test_a_kano_label_needs_an_interval_that_excludes_zero():
    rng = np.random.default_rng(4)
    x = pd.DataFrame(rng.integers(1, 6, (1500, 3)), columns=["basic", "exciting", "even"])
    y = -2.0 * (x["basic"] == 1) + 2.0 * (x["exciting"] == 5) + 0.3 * x["even"] + rng.standard_normal(1500)
    table = penalty_reward(x, y)
    assert table["kano"].tolist() == ["basic", "exciting", ""]
    assert table.loc["basic", "penalty"] == pytest.approx(-2, abs=0.3)
    assert table.loc["even", "lower"] < 0 < table.loc["even", "upper"]


def test_an_item_that_goes_the_wrong_way_gets_no_label():
    rng = np.random.default_rng(5)
    x = pd.DataFrame(rng.integers(1, 6, (800, 2)), columns=["wrong", "even"])
    y = 2.0 * (x["wrong"] == 1) + rng.standard_normal(800)
    assert penalty_reward(x, y).loc["wrong", "kano"] == ""


def test_weights_of_any_unit_change_nothing_and_unequal_ones_widen_the_errors():
    x, y = survey()
    plain = penalty_reward(x, y)
    assert np.allclose(plain.drop(columns="kano"), penalty_reward(x, y, weight=np.full(400, 7.0)).drop(columns="kano"))
    uneven = np.where(np.arange(400) < 40, 20.0, 1.0)
    assert (penalty_reward(x, y, weight=uneven)["penalty_error"] > plain["penalty_error"]).all()
