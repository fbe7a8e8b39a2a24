"""Pfeifer and Carraway's five states, whose numbers follow from their definition, and the chain against what CDNOW's customers did."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.segments.cdnow import models, valued

from goodwill.data.periods import customers_by_window, window_edges
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.segments.movement.markov import (
    beside_purchase_model,
    best_policy,
    contact_or_stop,
    markov_forecast,
    markov_holdout,
    markov_value,
    purchase_model_money,
    state_values,
)
from goodwill.segments.movement.migration import migration
from goodwill.segments.movement.paths import Paths, spend_states, state_paths

# Recency 1 to 4 and former customer; p = (.3, .2, .15, .05), income 40 per purchase, contact 4, discount .2 per period.
P = np.array([[0.3, 0.7, 0, 0, 0], [0.2, 0, 0.8, 0, 0], [0.15, 0, 0, 0.85, 0], [0.05, 0, 0, 0, 0.95], [0, 0, 0, 0, 1]])
R = np.array([36.0, -4, -4, -4, 0])
QUARTERS = window_edges(date(1997, 1, 1), days=91, n=6)
CUTS = [26.56, 59.93]  # terciles of second-quarter spend on CDNOW
INCOME = np.array([40.0, 0, 0, 0, 0])


@pytest.fixture(scope="module")
def cdnow() -> Paths:
    return state_paths(read_transactions("cdnow"), QUARTERS, CUTS)


def test_values_without_a_horizon_match_pfeifer_carraway_2000() -> None:
    assert state_values(P, R, 0.2) == pytest.approx([52.3196, 5.5538, 1.2508, -1.8200, 0], abs=1e-4)


def test_values_over_four_periods_match_pfeifer_carraway_2000() -> None:
    assert state_values(P, R, 0.2, horizon=4) == pytest.approx([50.1150, 4.2199, 0.5921, -1.9801, 0], abs=1e-4)


@pytest.mark.parametrize(
    ("contacted", "values"), [(3, [53.1494, 6.6207, 2.6437, 0, 0]), (2, [51.574, 4.596, 0, 0, 0]), (1, [48.0, 0, 0, 0, 0])]
)
def test_values_when_contact_stops_after_a_recency(contacted: int, values: list[float]) -> None:
    kept = np.arange(5) < contacted
    assert state_values(P * kept[:, None], np.where(kept, R, INCOME), 0.2) == pytest.approx(values, abs=5e-4)


def test_policy_iteration_contacts_recencies_one_to_three_and_stops_at_four() -> None:
    policy = contact_or_stop(P, INCOME, 4, 0.2)
    assert policy.actions == ("contact", "contact", "contact", "stop", "stop")
    assert policy.values == pytest.approx([53.1494, 6.6207, 2.6437, 0, 0], abs=1e-4)


def test_simulated_customers_bring_what_the_formula_says() -> None:
    rng, state, total = np.random.default_rng(5), np.zeros(40_000, int), np.zeros(40_000)
    for t in range(60):
        total += R[state] / 1.2**t
        bought = rng.random(len(state)) < P[state, 0]
        state = np.where(bought & (state < 4), 0, np.minimum(state + 1, 4))
    assert total.mean() == pytest.approx(52.3196, abs=3 * total.std() / 200)
    assert total.std() == pytest.approx(28.05, abs=0.5)


chances = st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4)


@settings(deadline=None, derandomize=True)
@given(chances, st.floats(0.5, 20), st.floats(0.02, 0.5))
def test_no_fixed_place_to_stop_beats_policy_iteration(p: list[float], cost: float, discount: float) -> None:
    chain = np.zeros((5, 5))
    chain[range(4), 0], chain[range(4), range(1, 5)], chain[4, 4] = p, 1 - np.array(p), 1
    best = contact_or_stop(chain, INCOME, cost, discount).values
    for contacted in range(5):
        kept = np.arange(5) < contacted
        assert np.all(best >= state_values(chain * kept[:, None], np.where(kept, INCOME - cost, INCOME), discount) - 1e-6)


def test_a_long_horizon_comes_to_the_value_without_one() -> None:
    assert state_values(P, R, 0.2, horizon=200) == pytest.approx(state_values(P, R, 0.2), abs=1e-9)


def test_the_chain_forecasts_the_total_of_cdnow_but_not_its_decline(cdnow: Paths) -> None:
    found = markov_holdout(cdnow, 2, 3, {"same as now": np.repeat(cdnow.spend[:, 2].sum(), 3)})
    assert found["window"].iloc[-1] == "all"
    assert found["actual"].round(-3).tolist() == [299_000, 264_000, 213_000, 777_000]
    assert found["Markov / actual"].iloc[-1] == pytest.approx(0.975, abs=0.005)
    assert found["Markov / actual"].iloc[:3].is_monotonic_increasing  # too low at first, too high at last: right by luck
    assert found["same as now"].iloc[-1] == pytest.approx(3 * 288_646.79)


def test_the_interval_of_a_value_widens_with_fewer_customers(cdnow: Paths) -> None:
    reward, error = cdnow.mean_spend(2)
    many = markov_value(migration(cdnow, 1), reward, 0.03, reward_error=error, horizon=4)
    few = Paths(cdnow.states, cdnow.codes, cdnow.customers / 10, cdnow.windows)
    wide = markov_value(migration(few, 1), reward, 0.03, reward_error=error * np.sqrt(10), horizon=4)
    assert (many["lower"] < many["value"]).all() and (many["value"] < many["upper"]).all()
    assert ((wide["upper"] - wide["lower"]) > 2.5 * (many["upper"] - many["lower"])).all()
    assert many["value"].is_monotonic_increasing


@pytest.mark.slow
def test_a_purchase_model_forecasts_less_than_came_and_stands_beside_the_chain(cdnow: Paths) -> None:
    customers = valued("cdnow")
    money = purchase_model_money(*models("cdnow"), customers, 13.0, 3)
    found = markov_holdout(cdnow, 2, 3, {"BG/NBD": money})
    assert found["BG/NBD / actual"].iloc[-1] == pytest.approx(0.83, abs=0.005)
    assert (np.diff(money) < 0).all()  # customers leave
    spend = customers_by_window(read_transactions("cdnow"), QUARTERS)[2]
    values = markov_value(migration(cdnow, 1), cdnow.mean_spend(2)[0], 0.03, horizon=3)
    beside = beside_purchase_model(values, spend_states(spend, CUTS), customers["value"])
    assert beside["customers"].tolist() == cdnow.counts(2).tolist()
    assert beside["ratio"].iloc[0] > 1 > beside["ratio"].iloc[-1]  # the chain forgets how long the quiet have been quiet


def test_forecast_of_nobody_is_nothing() -> None:
    assert markov_forecast(P, np.zeros(5), R, 2).tolist() == [0, 0]


def test_bad_input_gets_one_sentence(cdnow: Paths) -> None:
    with pytest.raises(DataError, match="above 0"):
        state_values(P, R, 0.0)
    with pytest.raises(DataError, match="probabilities"):
        state_values(2 * P, R, 0.2)
    with pytest.raises(DataError, match="do not fit"):
        state_values(P, R[:3], 0.2)
    with pytest.raises(DataError, match="rewards for stop"):
        best_policy({"contact": P}, {"stop": R}, 0.2)
    with pytest.raises(DataError, match="the chain needs one before it"):
        markov_holdout(cdnow, 3, 3)
    with pytest.raises(DataError, match="has 2 numbers for 3 windows"):
        markov_holdout(cdnow, 2, 3, {"short": [1, 2]})
