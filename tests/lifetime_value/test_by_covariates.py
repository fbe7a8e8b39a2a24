"""Purchase models that go with covariates where a plain one may stand: what is told is found by a customer's id, not by her place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.lifetime_value import spend_choice
from goodwill.lifetime_value.evidence.purchase_choice import Candidate
from goodwill.lifetime_value.histories import distinct_histories
from goodwill.lifetime_value.purchase_model import untold
from goodwill.lifetime_value.richer import by_covariates, covariates
from goodwill.lifetime_value.richer.by_covariates import ByCovariates, CovariatesFitted, model_by_covariates
from goodwill.lifetime_value.value import customer_value, profit_draws, value_over_time
from goodwill.lifetime_value.valued import value_customers
from goodwill.strategies.effects import segment_worth

TERMS, FIRST = gw.ValueTerms(26.0, 0.3, 0.15, "week"), date(2024, 1, 1)
SHOPS = {"north": gw.BetaGeoNBD(0.8, 3.0, 0.7, 5.0), "south": gw.BetaGeoNBD(0.8, 15.0, 1.4, 4.0)}
SPEND = gw.GammaGamma(6.0, 4.0, 15.0)


@pytest.fixture(scope="module", autouse=True)
def chosen() -> Iterator[None]:
    """Which ridge and which model are chosen is tested elsewhere; here it would cost many fits each time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(covariates, "chosen_ridge", lambda told, seed: 0.3)
        patched.setattr(spend_choice, "choose_spend", lambda data: SimpleNamespace(fit=spent(), name="independent"))
        patched.setattr(by_covariates, "choose_purchases", lambda data: Candidate("MBG/NBD", gw.ModifiedBetaGeoNBD.fit(data), 1.0))
        yield


@cache
def log() -> pd.DataFrame:
    """Orders of two shops, one of which sells more often to customers who stay; each customer's second order is in the other shop."""
    rows = []
    for place, (shop, model) in enumerate(SHOPS.items()):
        born = np.arange(200) % 90
        repeats = model.simulate_purchases((363.0 - born) / 7, seed=3 + place)
        first = pd.DataFrame({"customer": np.arange(200), "time": 0.0, "shop": shop})
        other = next(each for each in SHOPS if each != shop)
        every = pd.concat([first, repeats[["customer", "time"]].assign(shop=other)])
        days = [FIRST + timedelta(days=int(born[one] + 7 * week)) for one, week in zip(every["customer"], every["time"], strict=True)]
        ids = [f"c{2 * one + place}" for one in every["customer"]]
        rows.append(pd.DataFrame({"customer_id": ids, "date": days, "amount": 20.0 + 7 * (every["customer"] % 5), "shop": every["shop"]}))
    return pd.concat(rows, ignore_index=True)


@cache
def orders() -> Any:
    return gw.read_transactions(log(), known=["shop"])


@cache
def whole() -> Any:
    return gw.summarize_purchases(orders())


@cache
def spent() -> Any:
    return gw.GammaGamma.fit(whole())


@cache
def fitted() -> CovariatesFitted:
    return model_by_covariates("BG/NBD", orders(), ["shop"]).fit(whole())


def test_nothing_told_is_the_plain_model_or_the_likeliest() -> None:
    assert model_by_covariates("MBG/NBD", orders()) is gw.ModifiedBetaGeoNBD and model_by_covariates("", orders()) is None


@pytest.mark.slow
def test_values_are_those_of_the_fit_with_covariates_of_the_first_purchase() -> None:
    told = gw.lifetime_value.told_of_customers(orders(), ["shop"])
    expected = covariates.fit_with_covariates(whole(), told)
    values = customer_value(fitted(), SPEND, whole().to_pandas(), TERMS)["value"]
    assert values.tolist() == customer_value(expected, SPEND, whole().to_pandas(), TERMS)["value"].tolist()  # type: ignore[arg-type]
    assert (fitted().name, fitted().names) == ("BG/NBD", ("shop",))


@pytest.mark.slow
def test_a_customer_has_her_value_in_any_order_among_any_others_and_with_her_id_as_index() -> None:
    told = gw.lifetime_value.told_of_customers(orders(), ["shop"]).sample(frac=1, random_state=1)
    fit, customers = ByCovariates.of(gw.BetaGeoNBD, told).fit(whole()), whole().to_pandas().set_index("customer_id")
    every = customer_value(fit, SPEND, customers, TERMS)
    some = customers.sample(40, random_state=2)
    pd.testing.assert_frame_equal(customer_value(fit, SPEND, some.reset_index(), TERMS).set_axis(some.index), every.loc[some.index])
    pd.testing.assert_frame_equal(every, customer_value(fitted(), SPEND, whole(), TERMS))


def test_histories_pressed_together_keep_apart_of_whom_other_things_are_told() -> None:
    customers = whole().to_pandas()
    groups = distinct_histories(customers, purchases=fitted().model)
    assert groups["weight"].sum() == len(customers) and len(groups) > len(distinct_histories(customers))
    known = customers.set_index("customer_id").loc[groups["customer_id"], "frequency"]
    assert known.tolist() == groups["frequency"].tolist()
    each = customer_value(fitted(), SPEND, customers, TERMS)["value"]
    total = value_over_time(fitted(), SPEND, customers, TERMS, np.array([TERMS.horizon]))["value"]
    assert total.tolist() == pytest.approx([each.sum()], rel=1e-12)


def test_the_worth_of_a_segment_is_that_of_its_customers() -> None:
    customers = whole().to_pandas()
    segment = np.where(customers["frequency"] > 1, "often", "seldom")
    spend = spent()
    worth = segment_worth(fitted(), spend, customers, segment, ("often", "seldom"), TERMS, [0.25], draws=6)
    each = customer_value(fitted(), spend, customers, TERMS)["value"].groupby(segment).mean()
    assert worth.value[..., -1].mean(axis=0) == pytest.approx(each.to_numpy(), rel=0.15)
    plain = segment_worth(fitted().untold, spend, customers, segment, ("often", "seldom"), TERMS, [0.25], draws=6)
    assert (worth.alive < 1).all() and not np.allclose(worth.value, plain.value, rtol=1e-3)


def test_draws_of_a_customer_lie_around_her_own_value() -> None:
    customers, spend = whole().to_pandas(), spent()
    drawn = np.mean(list(profit_draws(fitted(), spend, customers, TERMS, 25, 1)), axis=0)
    by_shop = customers["customer_id"].map(log().drop_duplicates("customer_id").set_index("customer_id")["shop"])
    expected = customer_value(fitted(), spend, customers, TERMS)["value"].groupby(by_shop).sum()
    assert pd.Series(drawn).groupby(by_shop).sum().to_numpy() == pytest.approx(expected.to_numpy(), rel=0.15)


def test_purchases_to_come_are_those_of_all_cells_with_one_interval() -> None:
    found = fitted().predict_interval(whole(), 26.0, draws=100).loc["total"]
    assert found["estimate"] == pytest.approx(fitted().found.expected_purchases(26.0).sum())
    other = fitted().found.total_interval(26.0, draws=100)
    assert found["upper"] - found["lower"] == pytest.approx(other.upper - other.lower, rel=0.35)


def test_values_lie_nearer_the_truth_where_what_is_told_matters() -> None:
    """The mean value of a customer of each shop, whose model is known."""
    customers = whole().to_pandas()
    shop = customers["customer_id"].map(log().drop_duplicates("customer_id").set_index("customer_id")["shop"])
    truth = {name: customer_value(model, SPEND, customers[shop == name], TERMS)["value"].mean() for name, model in SHOPS.items()}
    missed = [
        sum(abs(customer_value(fit, SPEND, customers, TERMS)["value"].groupby(shop).mean() - pd.Series(truth)))
        for fit in (fitted(), fitted().untold)
    ]
    assert missed[0] < 0.5 * missed[1]


def test_what_is_told_by_chance_leaves_the_values() -> None:
    customers = whole().to_pandas()
    lots = customers[["customer_id"]].assign(lot=np.random.default_rng(1).choice(["a", "b"], len(customers)))
    found = ByCovariates.of(gw.BetaGeoNBD, lots).fit(whole())
    values, plain = (customer_value(each, SPEND, customers, TERMS)["value"] for each in (found, found.untold))
    assert values.sum() == pytest.approx(plain.sum(), rel=0.01) and values.to_numpy() == pytest.approx(plain.to_numpy(), rel=0.15)


def test_who_is_not_in_the_table_is_asked_of_the_model_without() -> None:
    stranger = whole().to_pandas().iloc[[5]].assign(customer_id="nobody knows")
    values = [customer_value(fit, SPEND, stranger, TERMS)["value"].iloc[0] for fit in (fitted(), fitted().untold)]
    assert values[0] == values[1]
    both = pd.concat([whole().to_pandas(), stranger], ignore_index=True)
    drawn = fitted().prediction_draws(7, 1).of_customers(both).expected_purchases(26.0, 1.0, 3.0, 10.0)
    assert drawn.shape == (7, len(both)) and len(np.unique(drawn[:, -1])) == 7
    assert fitted().prediction_draws(7, 1).selected(slice(2, 4)).of_customers(both).expected_purchases(26.0, 1.0, 3.0, 10.0).shape[0] == 2


@pytest.mark.slow
def test_on_a_day_on_which_nothing_had_differed_yet_the_fit_is_the_plain_one() -> None:
    told = log().drop_duplicates("customer_id")[["customer_id", "shop", "date"]]
    told = told.assign(region=np.where(told["date"] < date(2024, 3, 1), "old", "new")).drop(columns="date")
    then = gw.summarize_purchases(orders(), end="2024-02-20")
    assert type(model_by_covariates("", orders(), ["region"], told[["customer_id", "region"]]).fit(then)) is gw.Fit
    assert model_by_covariates("BG/NBD", orders(), ["region", "shop"], told).fit(then).names == ("shop",)


def test_one_fit_serves_all_who_ask_on_a_day() -> None:
    model = ByCovariates.of(gw.BetaGeoNBD, gw.lifetime_value.told_of_customers(orders(), ["shop"]))
    assert model.fit(whole()) is model.fit(gw.summarize_purchases(orders(), end=whole().end))


@pytest.mark.slow
def test_as_many_other_customers_on_the_same_day_have_a_fit_of_their_own() -> None:
    model = ByCovariates.of(gw.BetaGeoNBD, gw.lifetime_value.told_of_customers(orders(), ["shop"]))
    place = log()["customer_id"].str[1:].astype(int) // 2
    early, late = (gw.summarize_purchases(gw.read_transactions(log()[part]), end=whole().end) for part in (place < 100, place >= 100))
    assert early.counts["customers"] == late.counts["customers"] == 200
    assert model.fit(early).log_likelihood != model.fit(late).log_likelihood


def test_the_likeliest_model_is_chosen_without_covariates_and_named() -> None:
    model = model_by_covariates("", orders(), ["shop"])
    assert repr(model) == "<ByCovariates the likeliest model, going with shop>"
    valued = value_customers(whole(), model, TERMS)
    assert (valued.purchase_model, valued.chosen, type(untold(valued.purchases).model)) == ("MBG/NBD", True, gw.ModifiedBetaGeoNBD)


def test_lines_of_equal_value_are_those_of_the_model_without() -> None:
    customers, spend = whole().to_pandas(), gw.GammaGamma(6.0, 4.0, 15.0)
    made = [gw.lifetime_value.Valued(customers, fit, SimpleNamespace(model=spend), TERMS) for fit in (fitted(), fitted().untold)]  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(*(gw.lifetime_value.iso_value_grid(each, 2, 3) for each in made))


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    told = pd.DataFrame({"customer_id": ["x1", "x2"], "shop": ["north", "south"]})
    with pytest.raises(
        DataError, match=r"^no customer of the purchases \(such as 'c0'\) stands in the covariates \(such as 'x1'\); write ids"
    ):
        model_by_covariates("BG/NBD", orders(), table=told)
    same = whole().to_pandas()[["customer_id"]].assign(shop="north")
    with pytest.raises(DataError, match=r"^the covariate 'shop' is 'north' for every customer, so nothing can go with it; leave it out\.$"):
        model_by_covariates("BG/NBD", orders(), table=same).fit(whole())
    with pytest.raises(TooLittle, match=r"^Covariates go with BG/NBD, MBG/NBD, Pareto/NBD and the models of regular buyers, and with none"):
        ByCovariates.of(gw.lifetime_value.in_season(gw.BetaGeoNBD, ["weeks"]), same)
    with pytest.raises(FitError, match=r"^what is told of customers is found by their ids; give the customers a column customer_id\.$"):
        customer_value(fitted(), SPEND, whole().to_pandas().drop(columns="customer_id"), TERMS)
