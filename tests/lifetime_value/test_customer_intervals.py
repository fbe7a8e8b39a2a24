"""Intervals of what single customers bring: against simulation, for three models, and on what came at CDNOW."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import FitError
from goodwill.lifetime_value.customer_intervals import customer_intervals, history_intervals
from goodwill.lifetime_value.richer.stacked import StackedModel

SEEN = pd.DataFrame(
    {"frequency": [0, 1, 2, 12, 40, 40], "recency": [0.0, 3.0, 30.43, 38.0, 38.8, 12.0], "T": [38.86, 38.86, 38.86, 38.86, 38.86, 38.86]}
)
MODELS = {
    "BG/NBD": gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426),
    "MBG/NBD": gw.ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614),
    "Pareto/NBD": gw.ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669),
}
SPEND = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)
DRAWS = 40_000


@pytest.mark.parametrize("name", MODELS)
def test_the_interval_of_purchases_is_the_smallest_that_holds_95_percent(name: str) -> None:
    model, rng = MODELS[name], np.random.default_rng(1)
    found = history_intervals(model, None, SEEN, 39.0)
    for row, history in enumerate(SEEN.itertuples(index=False)):
        drawn = model.draw_purchases(39.0, *(np.full(DRAWS, value, float) for value in history), rng)
        lower, upper = found.loc[row, ["purchases_lower", "purchases_upper"]]
        for at, bound in ((0.025, lower), (0.975, upper)):  # within four standard errors of the simulation
            slack = 4 * np.sqrt(at * (1 - at) / DRAWS)
            assert np.mean(drawn <= bound) >= at - slack
            assert np.mean(drawn <= bound - 1) <= at + slack


@pytest.mark.parametrize("name", MODELS)
def test_the_interval_of_money_has_its_quantiles_where_the_simulation_has_them(name: str) -> None:
    model, rng, mean = MODELS[name], np.random.default_rng(2), 30.0
    found = history_intervals(model, SPEND, SEEN, 39.0)
    for row, history in enumerate(SEEN.itertuples(index=False)):
        bought = model.draw_purchases(39.0, *(np.full(DRAWS, value, float) for value in history), rng)
        spent = SPEND.draw_spend(bought, np.full(DRAWS, history.frequency), mean, rng)
        expected = SPEND.expected_spend(history.frequency, mean)
        for at, name_ in ((0.025, "spends_lower"), (0.975, "spends_upper")):
            below = np.mean(spent <= found.loc[row, name_] * expected * (1 + 1e-9))
            if found.loc[row, name_] == 0:  # nothing at all is at least as probable
                assert below >= at - 4 * np.sqrt(at * (1 - at) / DRAWS)
            else:
                assert below == pytest.approx(at, abs=4 * np.sqrt(at * (1 - at) / DRAWS) + 5e-4)


def test_the_interval_of_stacked_models_is_that_of_their_mixture() -> None:
    """Customers of one frequency and T differ in which of the models they are alive by, and so in what the living do."""
    mixed = StackedModel(tuple(MODELS.values()), np.array([0.3, 0.2, 0.5]))
    twins = pd.concat([SEEN, SEEN.assign(recency=SEEN["recency"] * 0.6)], ignore_index=True)
    found, n = history_intervals(mixed, None, twins, 39.0), np.arange(400)
    for row, (frequency, recency, length) in enumerate(twins.itertuples(index=False)):
        upto = np.cumsum(mixed.probability_of_future_purchases(n, 39.0, frequency, recency, length))
        ends = [int(np.argmax(upto >= at)) for at in (0.025, 0.975)]
        assert found.loc[row, ["purchases_lower", "purchases_upper"]].to_list() == ends


def test_rows_keep_their_order_and_index_whatever_the_order_of_the_histories() -> None:
    shuffled = SEEN.sample(frac=1, random_state=3)
    found = history_intervals(MODELS["BG/NBD"], SPEND, SEEN, 52.0)
    pd.testing.assert_frame_equal(history_intervals(MODELS["BG/NBD"], SPEND, shuffled, 52.0).loc[SEEN.index], found)


def test_no_customer_has_an_interval_on_a_horizon_of_nothing() -> None:
    found = history_intervals(MODELS["BG/NBD"], SPEND, SEEN, 0.0)
    assert (found == 0).all(axis=None)


def test_money_has_no_interval_where_expected_spend_does_not_exist() -> None:
    found = history_intervals(MODELS["BG/NBD"], gw.GammaGamma(p=2.0, q=0.8, gamma=10.0), SEEN, 39.0)
    assert found["spends_upper"].isna().tolist() == [True, False, False, False, False, False]
    assert found["purchases_upper"].notna().all()


def test_a_model_without_the_chances_of_each_number_is_named() -> None:
    class Silent:
        """A model that only knows means."""

    model = Silent()
    with pytest.raises(FitError, match="Silent does not say how probable each number of purchases is; score without intervals"):
        history_intervals(model, None, SEEN, 39.0)


@pytest.mark.slow
def test_on_cdnow_nineteen_in_twenty_customers_bring_what_their_intervals_hold() -> None:
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    customers = summary.to_pandas().set_index("customer_id")
    paying = summary.spend_rows()
    terms = gw.ValueTerms(horizon=39, margin=1.0, annual_discount_rate=0.0, unit="week")
    spend = gw.GammaGamma.fit(paying[paying["monetary_value"] > 0])
    found = customer_intervals(gw.BetaGeoNBD.fit(summary), spend, customers, terms)
    came, spent = customers["frequency_holdout"], customers["spend_holdout"]
    assert (came.between(found["purchases_lower"], found["purchases_upper"])).mean() == pytest.approx(0.972, abs=0.001)
    held = spent.between(found["value_lower"], found["value_upper"] + 1e-9)
    assert held.mean() == pytest.approx(0.959, abs=0.003)
    # Nor only over all: the repeat buyers too.
    assert held[customers["frequency"] > 0].mean() > 0.93
    # And it says something: nine in ten one-time buyers are told that they will hardly buy more than twice.
    assert (found["purchases_upper"][customers["frequency"] == 0] <= 2).mean() > 0.9
