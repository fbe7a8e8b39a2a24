"""A common drift of amounts is found within customers and taken out; the choice of a spend model then follows the customers."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import START, log_of

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.errors import TooLittle
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma_by_frequency import positive_spend, spend_dependence
from goodwill.lifetime_value.price_level import PriceDrift, at_steady_prices, price_drift
from goodwill.lifetime_value.spend_choice import goes_with_frequency
from goodwill.lifetime_value.spend_gain import spend_gain

END = str(START + pd.Timedelta(weeks=52))[:10]


@cache
def shop(lift: float, drift: float, seed: int) -> Transactions:
    """Two years of 1,500 customers whose spend goes with frequency (or not), at prices that drift for everybody."""
    rng = np.random.default_rng([seed, 7])
    log = log_of(BetaGeoNBD(1.2, 6.0, 0.5, 4.0, unit="week"), rng.uniform(0, 26, 1500), until=104, seed=seed)
    years = (log["date"] - START).dt.days / 365.25
    repeats = log.groupby("customer_id")["date"].transform("size") - 1
    rate = rng.gamma(3.74, 1 / 15.4, 1500)[log["customer_id"]]
    log["amount"] = rng.gamma(6.25, 1, len(log)) / rate * lift ** np.log2(np.maximum(repeats, 1)) * drift**years
    return read_transactions(log)


@cache
def drift_of(lift: float, drift: float, seed: int) -> PriceDrift:
    return price_drift(shop(lift, drift, seed))


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.95, 1.0, 1.05])
def test_the_drift_is_found_whether_or_not_spend_goes_with_frequency(truth: float) -> None:
    for lift in (1.0, 1.10):
        found = drift_of(lift, truth, 1)
        assert found.yearly.lower < truth < found.yearly.upper
        assert found.yearly.upper - found.yearly.lower < 0.06
        path = np.log(found.levels["level"].to_numpy()[2:])
        assert np.polyfit(np.arange(path.size) / 12, path, 1)[0] == pytest.approx(np.log(truth), abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("drift", [0.95, 1.05])
@pytest.mark.parametrize("seed", [1, 2])
def test_at_steady_prices_the_choice_follows_the_customers(drift: float, seed: int) -> None:
    """By the nearer total, which followed the drift, a lift of 1.10 was found in 1 of 25 sets at +5 % a year, and in 25 of 25 at -5 %."""
    for lift in (1.10, 1.0):
        steady = at_steady_prices(shop(lift, drift, seed), drift_of(lift, drift, seed))
        summary = summarize_purchases(steady, calibration_end=END)
        found = spend_dependence(positive_spend(summary))
        gain = spend_gain(found.dependent.model, found.independent.model, summary.to_pandas())
        assert goes_with_frequency(found.p_value, gain) == (lift > 1)
        assert found.dependent.model.lift == pytest.approx(lift, abs=0.03)


@pytest.mark.slow
def test_steady_prices_have_no_drift_and_keep_all_rows_and_the_money_of_repeat_purchases() -> None:
    log, drift = shop(1.0, 1.05, 1), drift_of(1.0, 1.05, 1)
    steady = at_steady_prices(log, drift)
    again = price_drift(steady)
    assert again.yearly.estimate == pytest.approx(1, abs=0.003)
    np.testing.assert_allclose(again.levels["level"][again.levels["purchases"] > 20], 1, atol=0.002)
    before, after = log.to_pandas(), steady.to_pandas()
    assert len(before) == len(after) and steady.table.columns == log.table.columns
    assert after["amount"].sum() == pytest.approx(before["amount"].sum(), rel=0.03)


def test_levels_found_by_hand() -> None:
    """Sixty customers buy again in February and in March; in March each pays twice as much."""
    rows = [(c, day, paid * (1 + c % 3)) for c in range(60) for day, paid in (("2025-01-05", 9), ("2025-02-05", 10), ("2025-03-05", 20))]
    found = price_drift(read_transactions(pd.DataFrame(rows, columns=["customer_id", "date", "amount"])))
    assert found.levels["purchases"].tolist() == [0, 60, 60]
    np.testing.assert_allclose(found.levels["level"][1:], [2 / 3, 4 / 3])
    assert found.yearly.estimate == pytest.approx(2**12)
    assert found.customers == 60


def test_without_money_or_customers_there_is_no_drift() -> None:
    few = pd.DataFrame({"customer_id": [1, 1, 1, 2], "date": ["2025-01-01", "2025-02-01", "2025-03-01", "2025-01-02"], "amount": 5.0})
    with pytest.raises(TooLittle, match="needs 50 customers who bought again in two months or more; here are 1"):
        price_drift(read_transactions(few))
    with pytest.raises(TooLittle, match="has no money"):
        price_drift(read_transactions(few.drop(columns="amount")))


def test_on_cdnow_no_drift_is_told_and_the_dependent_model_is_farther_off() -> None:
    log = read_transactions("cdnow_sample")
    drift = price_drift(log)
    assert drift.yearly == (pytest.approx(1.053, abs=0.001), pytest.approx(0.973, abs=0.001), pytest.approx(1.140, abs=0.001))
    summary = summarize_purchases(at_steady_prices(log, drift), calibration_end="1997-09-30")
    found = spend_dependence(positive_spend(summary))
    gain = spend_gain(found.dependent.model, found.independent.model, summary.to_pandas())
    assert gain == (pytest.approx(-0.0109, abs=2e-4), pytest.approx(-0.0158, abs=2e-4), pytest.approx(-0.0061, abs=2e-4))


def test_a_gain_needs_two_customers() -> None:
    log = read_transactions("cdnow_sample")
    summary = summarize_purchases(log, calibration_end="1997-09-30")
    found = spend_dependence(positive_spend(summary))
    with pytest.raises(TooLittle, match="1 customers left money in the hold-out"):
        spend_gain(found.dependent.model, found.independent.model, summary.to_pandas().query("spend_holdout > 0").head(1))
