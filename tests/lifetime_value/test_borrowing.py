"""One group's model that borrows from the others: of the same date, and of nothing later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import log_of

import goodwill as gw
from goodwill.data.purchases import PurchaseSummary, summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.richer import borrowing
from goodwill.lifetime_value.richer.borrowing import BorrowedSpend, Borrowing, leaning, lenders, spend_model_for
from goodwill.lifetime_value.richer.model_of_log import model_for
from goodwill.lifetime_value.spend_choice import choose_spend

USUAL = BetaGeoNBD(r=1.0, alpha=8.0, a=0.8, b=3.0, unit="week")
SHOPS = {"north": 300, "south": 300, "west": 300, "new": 15}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    parts = []
    for k, (shop, size) in enumerate(SHOPS.items()):
        born = np.random.default_rng(k).uniform(0, 30, size)
        part = log_of(USUAL, born, until=60, seed=k)
        parts.append(part.assign(shop=shop, customer_id=part["customer_id"].astype(str)))
    return pd.concat(parts, ignore_index=True)


def summary_of(log: pd.DataFrame, shop: str, calibration_end: str | None = None) -> PurchaseSummary:
    last = str(log["date"].max())[:10]
    return summarize_purchases(read_transactions(log[log["shop"] == shop]), calibration_end=calibration_end, end=last)


@pytest.fixture(scope="module")
def model(log: pd.DataFrame) -> Borrowing:
    found = lenders(log, "shop=new")
    assert found is not None
    return Borrowing(BetaGeoNBD, found)


@pytest.mark.slow
def test_the_fit_is_that_of_all_groups_at_once(log: pd.DataFrame, model: Borrowing) -> None:
    parts = [summary_of(log, shop).to_pandas()[["frequency", "recency", "T"]].assign(shop=shop) for shop in SHOPS]
    together = gw.lifetime_value.fit_groups(pd.concat(parts, ignore_index=True), "shop")
    fit = model.fit(summary_of(log, "new"))
    assert fit.parameters == pytest.approx(together["new"].parameters, rel=1e-6)
    assert (fit.n, fit.unit) == (15, "week")


@pytest.mark.slow
def test_nothing_is_borrowed_of_what_came_after_the_calibration(log: pd.DataFrame, model: Borrowing) -> None:
    cut = str(log["date"].min() + pd.Timedelta(weeks=35))[:10]
    before = log[log["date"] <= cut]
    known = lenders(before, "shop=new")
    assert known is not None
    ours = model.fit(summary_of(log, "new", cut))
    theirs = Borrowing(BetaGeoNBD, known).fit(summarize_purchases(read_transactions(before[before["shop"] == "new"]), end=cut))
    assert ours.parameters == pytest.approx(theirs.parameters, rel=1e-8)


@pytest.mark.slow
def test_a_small_group_says_how_far_it_leans(log: pd.DataFrame, model: Borrowing) -> None:
    found = leaning(model, summary_of(log, "new"))
    assert found is not None
    assert (found.customers, found.groups) == (15, 3)
    assert found.own < 0.5
    assert found.expected.lower < float(USUAL.expected_purchases_new_customer(365.25 / 7)) < found.expected.upper
    assert leaning(BetaGeoNBD, summary_of(log, "new")) is None


@pytest.mark.slow
def test_of_many_groups_some_of_all_sizes_are_taken(log: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrowing, "MOST", 2)
    lent = lenders(log, "shop=new")
    assert lent is not None
    some = Borrowing(BetaGeoNBD, lent).groups(summary_of(log, "new"))
    assert len(some.fits) == 3 < len(SHOPS)


def test_the_model_of_a_log_borrows_where_lenders_are_told(log: pd.DataFrame, model: Borrowing) -> None:
    transactions = read_transactions(log[log["shop"] == "new"])
    found = model_for(transactions, BetaGeoNBD, lenders=model.lenders)
    assert (found.plain, found.lenders, found.__name__) == (BetaGeoNBD, model.lenders, "BetaGeoNBD")
    with pytest.raises(
        FitError,
        match="a group borrows under BG/NBD, MBG/NBD or Pareto/NBD without a calendar; leave out borrow_from=, or name one of these",
    ):
        model_for(transactions, BetaGeoNBD, ["Christmas x2"], lenders=model.lenders)


@pytest.mark.slow
def test_past_statements_and_dates_take_it_like_a_class(log: pd.DataFrame, model: Borrowing) -> None:
    transactions = read_transactions(log[log["shop"] == "new"].assign(amount=10.0))
    made = (transactions.first + pd.Timedelta(weeks=30)).date() if hasattr(transactions.first, "date") else transactions.first
    cut = pd.Timestamp(made) + pd.Timedelta(weeks=30)
    fit = gw.lifetime_value.fit_at(model, gw.lifetime_value.holdout_at(transactions, cut.date(), horizon=13))
    assert fit.converged, "though fewer came back than a fit of its own needs"


@pytest.fixture(scope="module")
def paid(log: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    level = pd.Series(30 * 3 / rng.gamma(4.0, size=len(log)), log.index).groupby([log["shop"], log["customer_id"]]).transform("first")
    return log.assign(amount=(level * rng.gamma(6.0, size=len(log)) / 6).round(2) + 0.01)


@pytest.mark.slow
def test_spend_borrows_too_unless_another_model_is_asked_for(paid: pd.DataFrame) -> None:
    lent = lenders(paid, "shop=new")
    spend = spend_model_for("automatic", lent)
    assert isinstance(spend, BorrowedSpend)
    assert (spend_model_for("by frequency", lent), spend_model_for("independent", None)) == ("by frequency", "independent")
    choice = choose_spend(summary_of(paid, "new"), spend)
    assert (choice.name, choice.reason, choice.fit.converged) == ("independent", "borrowed", True)
    own = choose_spend(summary_of(paid, "new"), "independent").fit
    assert np.sqrt(choice.fit.covariance[1, 1]) < np.sqrt(own.covariance[1, 1]), "how alike customers are is known by the others"
    mean = choice.mean_of_new
    assert mean.lower < 30.0 < mean.upper
    with pytest.raises(TooLittle, match="The spend of a group that leans on others is told by one model"):
        _ = choice.other


@pytest.mark.slow
def test_a_group_in_which_nobody_came_back_is_expected_to_spend_as_is_common(paid: pd.DataFrame) -> None:
    firsts = paid[paid["shop"] == "new"].sort_values("date").groupby("customer_id").head(1)
    every = pd.concat([paid[paid["shop"] != "new"], firsts])
    spend = spend_model_for("automatic", lenders(every, "shop=new"))
    choice = choose_spend(summary_of(every, "new"), spend)
    assert choice.mean_of_new.lower < 30.0 < choice.mean_of_new.upper


@pytest.mark.slow
def test_past_statements_of_money_borrow_as_of_their_date(paid: pd.DataFrame) -> None:
    lent = lenders(paid, "shop=new")
    assert lent is not None
    transactions = read_transactions(paid[paid["shop"] == "new"])
    made = (pd.Timestamp(transactions.first) + pd.Timedelta(weeks=35)).date()
    said = gw.lifetime_value.money_statement(
        transactions, made, 13.0, Borrowing(BetaGeoNBD, lent), spend_model_for("automatic", lent), draws=50
    )
    assert 0 < said.lower < said.estimate < said.upper
    whole = summary_of(paid, "new")
    found = gw.lifetime_value.rules_over_dates(transactions, whole, Borrowing(BetaGeoNBD, lent), spend_model_for("automatic", lent))
    assert found.money is not None and np.isfinite(found.money[["model", "rule"]].to_numpy()).all()


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("source", "group", "said"),
    [
        ("", "shop=new", r"group='shop=new' says which group the data are, but not where all of them are; pass borrow_from= too"),
        ("log", "new", "group='new': say which group the data are as column=value, such as region=north"),
        ("log", "shop=nwe", "column 'shop' of DataFrame has no group 'nwe'; it holds new, north, south, west"),
    ],
)
def test_a_group_that_is_not_told_or_not_there_is_refused(source: str, group: str, said: str, log: pd.DataFrame) -> None:
    given: Any = log if source else ""
    with pytest.raises(DataError, match=said):
        lenders(given, group)


def test_histories_without_dates_cannot_borrow(model: Borrowing, log: pd.DataFrame) -> None:
    frame: Any = summary_of(log, "new").to_pandas()
    with pytest.raises(FitError, match="known by dates, which a frame does not tell; pass a PurchaseSummary"):
        model.fit(frame)
