"""Money: the identities that a value must obey, and published totals."""

from __future__ import annotations

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import goodwill as gw
from goodwill.errors import DataError
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.value import (
    ValueTerms,
    _near_normal,
    automatic_horizon,
    customer_value,
    discount_rate_per_unit,
    profit_totals,
    total_value_interval,
    value_over_time,
)

PURCHASES = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
SPEND = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)
CUSTOMERS = pd.DataFrame(
    {
        "frequency": [0, 1, 4, 26],
        "recency": [0.0, 30.0, 20.0, 30.86],
        "T": [38.9, 38.9, 30.0, 31.0],
        "monetary_value": [0.0, 20.0, 35.0, 12.0],
    }
)
YEAR = ValueTerms(horizon=52.0, margin=0.3, annual_discount_rate=0.15, unit="week")


def test_annual_rate_is_converted_once_and_the_same_in_every_unit() -> None:
    assert 52 * discount_rate_per_unit(0.15, "week") * 365.25 / 364 == pytest.approx(log(1.15))
    for unit, per_year in (("day", 365.25), ("month", 12), ("year", 1)):
        assert discount_rate_per_unit(0.15, unit) * per_year == pytest.approx(log(1.15))


def test_value_is_margin_times_spend_times_discounted_purchases() -> None:
    value = customer_value(PURCHASES, SPEND, CUSTOMERS, YEAR)
    history = [CUSTOMERS[name].to_numpy() for name in ("frequency", "recency", "T")]
    expected = 0.3 * value["expected_spend"] * PURCHASES.discounted_expected_purchases(YEAR.rate, *history, horizon=52.0)
    np.testing.assert_allclose(value["value"], expected)


def test_a_longer_horizon_and_no_horizon_are_worth_more() -> None:
    grown = value_over_time(PURCHASES, SPEND, CUSTOMERS, YEAR, np.array([1.0, 52.0, 520.0, 20_000.0]))["value"].to_numpy()
    assert np.all(np.diff(grown) > 0)
    unlimited = customer_value(PURCHASES, SPEND, CUSTOMERS, YEAR)["value_unlimited"].sum()
    assert grown[-1] == pytest.approx(unlimited, rel=1e-4)


def test_without_discount_the_value_within_a_horizon_is_that_of_expected_purchases() -> None:
    value = customer_value(PURCHASES, SPEND, CUSTOMERS, ValueTerms(52.0, 1.0, 0.0, "week"))
    np.testing.assert_allclose(value["value"], value["expected_purchases"] * value["expected_spend"], rtol=1e-6)
    assert np.isinf(value["value_unlimited"]).all()


def test_a_customer_who_returned_everything_is_expected_to_bring_little_and_an_unknown_one_the_average() -> None:
    returned = CUSTOMERS.assign(monetary_value=[0.0, -5.0, 0.0, np.nan])
    value = customer_value(PURCHASES, SPEND, returned, YEAR)
    average, once, four_times = SPEND.expected_spend([0, 1, 4], 0.0)
    np.testing.assert_allclose(value["expected_spend"], [average, once, four_times, average])
    assert average > once > four_times > 0


def test_customers_who_return_everything_lower_the_value_of_all() -> None:
    """Three in ten of those who came back return all that they bought then; taken as average customers they would raise the value."""
    customers = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30").to_pandas()
    returning = customers["frequency"].gt(0) & (np.arange(len(customers)) % 10 < 3)
    values = []
    for frame in (customers, customers.assign(monetary_value=customers["monetary_value"].mask(returning, 0.0))):
        spend = gw.GammaGamma.fit(frame[(frame["frequency"] > 0) & (frame["monetary_value"] > 0)])
        values.append(customer_value(PURCHASES, spend, frame, YEAR)["value"].sum())
    assert 0.65 < values[1] / values[0] < 0.85


@pytest.mark.slow
def test_three_in_ten_who_return_everything_are_worth_next_to_nothing() -> None:
    """Three days after each purchase they give it back, the first one and an only one as well: what is left is the value of the others."""
    log = gw.read_transactions("cdnow_sample").to_pandas().query("amount > 0")
    returning = log[log["customer_id"].str[-1].isin(["3", "6", "9"]) & (log["date"] < pd.Timestamp("1998-06-27"))]
    back = returning.assign(date=pd.to_datetime(returning["date"]) + pd.Timedelta(days=3), amount=-returning["amount"])
    kept, given_back = (gw.summarize_purchases(gw.read_transactions(each)) for each in (log, pd.concat([log, back])))
    values = []
    for summary in (kept, given_back):
        base = summary.to_pandas()
        spend = gw.GammaGamma.fit(base[(base["frequency"] > 0) & (base["monetary_value"] > 0)])
        values.append(customer_value(PURCHASES, spend, summary, YEAR)["value"])
    whole, left = values
    others = ~whole.index.str[-1].isin(["3", "6", "9"])
    assert left[~others].sum() / whole[~others].sum() < 0.02
    assert left.sum() / whole.sum() == pytest.approx(whole[others].sum() / whole.sum(), abs=0.02)


@pytest.mark.slow
def test_what_others_are_worth_moves_only_with_the_spend_model_that_is_learned_from_those_who_keep_something() -> None:
    """By the spend model of the base file the others are worth what they were, .777 of it, and those who return everything .002.

    Learned anew the model knows only what is kept, and the 84 who keep something spend more than the 36 others did: .797. To learn it from
    what was given back too would teach what is kept from what was not.
    """
    files = Path(__file__).resolve().parents[1] / "data" / "files" / "transactions"
    summaries = [gw.summarize_purchases(gw.read_transactions(files / f)) for f in ("00_plain.csv", "28_three_in_ten_return_everything.csv")]
    bases = [summary.to_pandas() for summary in summaries]
    purchases = [gw.BetaGeoNBD.fit(summary).model for summary in summaries]
    spends = [gw.GammaGamma.fit(base[(base["frequency"] > 0) & (base["monetary_value"] > 0)]).model for base in bases]
    assert purchases[0] == purchases[1]  # a return is no purchase
    whole, left, anew = (
        customer_value(purchases[0], spends[place], summary, YEAR)["value"]
        for place, summary in ((0, summaries[0]), (0, summaries[1]), (1, summaries[1]))
    )
    others = ~whole.index.str[-1].isin(["3", "6", "9"])
    np.testing.assert_allclose(left[others], whole[others], rtol=1e-12)
    assert whole[others].sum() / whole.sum() == pytest.approx(0.777, abs=5e-4)
    assert left[~others].sum() / whole.sum() == pytest.approx(0.002, abs=5e-4)
    assert anew.sum() / whole.sum() == pytest.approx(0.797, abs=5e-4)
    means = [bases[0].set_index("customer_id")["monetary_value"][mask] for mask in (others, ~others)]
    assert means[0][means[0] > 0].mean() > means[1][means[1] > 0].mean()


@given(st.floats(0.01, 1), st.floats(0.5, 3))
def test_value_is_proportional_to_the_margin_and_to_the_currency(margin: float, rate: float) -> None:
    once = customer_value(PURCHASES, SPEND, CUSTOMERS, YEAR)["value"]
    terms = ValueTerms(52.0, margin, 0.15, "week")
    abroad = customer_value(
        PURCHASES,
        gw.GammaGamma(SPEND.p, SPEND.q, SPEND.gamma * rate),
        CUSTOMERS.assign(monetary_value=CUSTOMERS["monetary_value"] * rate),
        terms,
    )["value"]
    np.testing.assert_allclose(abroad, once * rate * margin / 0.3)


@pytest.mark.slow
def test_total_interval_holds_its_estimate_and_widens_with_the_level() -> None:
    customers = pd.concat([CUSTOMERS] * 50, ignore_index=True)
    simulated = PURCHASES.simulate(np.full(800, 39.0), seed=1)
    spend = SPEND.simulate(simulated["frequency"].to_numpy(), seed=2)
    fits = gw.BetaGeoNBD.fit(simulated), gw.GammaGamma.fit(spend)
    narrow = total_value_interval(*fits, customers, YEAR, level=0.5, draws=200)
    wide = total_value_interval(*fits, customers, YEAR, level=0.95, draws=200)
    assert wide.lower < narrow.lower < wide.estimate < narrow.upper < wide.upper
    assert wide.estimate == pytest.approx(customer_value(fits[0].model, fits[1].model, customers, YEAR)["value"].sum())


def test_horizon_is_a_year_but_no_further_than_the_data_look_back() -> None:
    assert automatic_horizon(200.0, "week") == pytest.approx(365.25 / 7)
    assert automatic_horizon(5.0, "month") == 5.0


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ((0.0, 0.3, 0.1, "week"), "horizon"),
        ((52.0, 1.3, 0.1, "week"), "margin"),
        ((52.0, 0.3, -1.0, "week"), "discount rate"),
        ((52.0, 0.3, 0.1, "fortnight"), "fortnight"),
    ],
)
def test_impossible_terms_are_refused_by_name(terms: tuple, message: str) -> None:
    with pytest.raises(DataError, match=message):
        ValueTerms(*terms)


@pytest.mark.slow
def test_value_takes_fits_and_a_summary_and_comes_back_by_customer_id() -> None:
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    fits = gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    terms, frame = ValueTerms(52.0, 0.3, 0.15, "week"), summary.to_pandas()
    value = customer_value(*fits, summary, terms)
    assert list(value.index) == list(frame["customer_id"])
    assert np.array_equal(value, customer_value(fits[0].model, fits[1].model, frame, terms))
    assert total_value_interval(*fits, summary, terms, draws=100).estimate == pytest.approx(value["value"].sum())
    assert value_over_time(*fits, summary, terms, np.array([52.0]))["value"].item() == pytest.approx(value["value"].sum())


def test_weeks_are_never_valued_as_days() -> None:
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    purchases, spend = gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    for customers in (summary, summary.to_pandas()):
        with pytest.raises(DataError, match="the terms count in days and the Fit in weeks; give both in one unit"):
            customer_value(purchases, spend, customers, ValueTerms(52.0, 0.3, 0.15, "day"))
    typed_in = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    with pytest.raises(DataError, match="the terms count in days and the PurchaseSummary in weeks"):
        customer_value(typed_in, spend.model, summary, ValueTerms(52.0, 0.3, 0.15, "day"))


@pytest.mark.parametrize("margin", [0.0, -0.1, 30.0])
def test_a_margin_of_nothing_values_nobody_and_is_refused(margin: float) -> None:
    with pytest.raises(DataError, match=rf"^the margin is {margin}; it must be a share of spend above 0, up to 1$"):
        ValueTerms(52.0, margin, 0.15, "week")


def _even_spend(customers: pd.DataFrame) -> Fit:
    """A fit of customers who spend more alike than those of CDNOW do."""
    return replace(gw.GammaGamma.fit(customers), model=gw.GammaGamma(p=6.25, q=6.0, gamma=28.0))


@pytest.mark.slow
def test_sums_of_many_customers_are_approximated_by_what_would_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    customers, terms = gw.example("cdnow"), gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    fits, group = (gw.BetaGeoNBD.fit(customers), _even_spend(customers)), np.minimum(customers["frequency"], 2)
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 10**9)
    drawn = profit_totals(*fits, customers, terms, 400, 1, group)
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 0)
    near = profit_totals(*fits, customers, terms, 400, 1, group)
    assert near.shape == drawn.shape == (400, 3)
    np.testing.assert_allclose(near.mean(axis=0), drawn.mean(axis=0), rtol=0.03)
    np.testing.assert_allclose(near.std(axis=0), drawn.std(axis=0), rtol=0.15)
    np.testing.assert_allclose(np.corrcoef(near.T)[0], np.corrcoef(drawn.T)[0], atol=0.15)  # one draw of the parameters moves all groups


@pytest.mark.slow
def test_the_smallest_group_is_drawn_customer_by_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    customers, terms = gw.example("cdnow"), gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    fits, group = (gw.BetaGeoNBD.fit(customers), _even_spend(customers)), np.where(np.arange(len(customers)) < 5, 1, 0)
    monkeypatch.setattr("goodwill.inference.prediction.MANY", 5 * 100)
    crowd, five = profit_totals(*fits, customers, terms, 100, 1, group).T
    assert (five == 0).any() and (crowd > 0).all()  # five may bring nothing


def test_money_without_a_fourth_moment_and_parameters_on_a_ridge_are_drawn() -> None:
    customers = gw.example("cdnow")
    bought, spent = gw.BetaGeoNBD.fit(customers), _even_spend(customers)
    assert _near_normal(bought, spent)
    assert not _near_normal(bought, gw.GammaGamma.fit(customers))  # q = 3.7
    assert not _near_normal(replace(bought, converged=False), spent)
