"""A complaint as a moment to leave: a known chance is found, under both answers to who complains."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.simulate import Company, CompanyTruth, company
from goodwill.word_of_mouth.complaint_coin import SAME, CoinFit, climbed, coin_data, fit_coin
from goodwill.word_of_mouth.complaint_likelihood import log_likelihood

NOBODY = {"pending_survived": np.zeros((0, 3)), "moments": np.zeros((0, 1)), "coins": np.zeros((0, 1), int)}
PLAIN = {"dropout_odds": (1.0, 1.0, 1.0), "satisfaction_dropout_odds": 1.0}


@cache
def sold(chance: float, leavers_complain: bool, seed: int = 1) -> Company:
    truth = CompanyTruth(leaving_at_complaint=(chance,) * 3, leavers_complain=leavers_complain, **PLAIN)  # type: ignore[arg-type]
    return company(3_000, 104, seed=seed, truth=truth)


@cache
def fitted(chance: float, really: bool, supposed: bool, seed: int = 1) -> CoinFit:
    one = sold(chance, really, seed)
    return fit_coin(coin_data(one.transactions, one.complaints, split="any"), leavers_complain=supposed, lean=SAME)


def histories(last: int = 70) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customer a buys on days 0, 14 and 28 and complains on days 7, 35 and 42; b buys on day 0 and on the last day; c only once."""
    first = pd.Timestamp("2024-01-01")
    bought = [("a", 0), ("a", 14), ("a", 28), ("b", 0), ("b", last), ("c", 0)]
    days = pd.DataFrame({"customer_id": [who for who, _ in bought], "date": [first + pd.Timedelta(days=day) for _, day in bought]})
    opened = [first + pd.Timedelta(days=day) for day in (7, 35, 42, 1, 900)]
    outcome = ["satisfied", "dissatisfied", None, "satisfied", "satisfied"]
    return days, pd.DataFrame({"customer_id": ["a", "a", "a", "nobody", "b"], "opened": opened, "outcome": outcome})


@pytest.mark.slow
@pytest.mark.parametrize(("chance", "low", "high"), [(0.0, -0.02, 0.02), (0.15, 0.13, 0.18), (0.40, 0.37, 0.43)])
@pytest.mark.parametrize("leavers_complain", [True, False])
def test_a_known_chance_is_found(chance: float, low: float, high: float, leavers_complain: bool) -> None:
    """Over seeds 1 to 6 the means are -.003, .152, .394 where leavers complain, and .000, .153, .392 where they do not."""
    found = fitted(chance, leavers_complain, leavers_complain).interval("any")
    assert low < found.estimate < high
    assert found.lower <= chance <= found.upper
    assert found.upper - found.lower < 0.09


@pytest.mark.slow
def test_the_wrong_answer_to_who_complains_is_seen_in_the_chance() -> None:
    """Which is why both are shown: .15 comes out as .09 or as .23, and 0 as -.06 or as .07."""
    assert 0.05 < fitted(0.15, False, True).chances["any"] < 0.13
    assert 0.19 < fitted(0.15, True, False).chances["any"] < 0.27
    assert fitted(0.0, False, True).chances["any"] < -0.03
    assert 0.03 < fitted(0.0, True, False).chances["any"] < 0.13


def test_where_only_stayers_complain_nobody_can_be_won_back() -> None:
    assert fitted(0.0, False, False).interval("any").lower == 0.0


def test_leaving_out_complaints_that_a_purchase_overtook_lifts_the_chance() -> None:
    one = sold(0.15, True)
    data = coin_data(one.transactions, one.complaints, split="any")
    assert data.survived[2].sum() > 400
    none = {"quiet_survived": 0 * data.quiet_survived, "pending_survived": 0 * data.pending_survived}
    without = replace(data, survived=(np.zeros(0, int), np.zeros(0), np.zeros(0)), **none)
    assert fit_coin(without, lean=SAME).chances["any"] > fitted(0.15, True, True).chances["any"] + 0.03


@pytest.mark.slow
def test_outcomes_have_coins_of_their_own_and_the_model_is_found_too() -> None:
    truth = CompanyTruth(leaving_at_complaint=(0.0, 0.1, 0.4), **PLAIN)  # type: ignore[arg-type]
    one = company(3_000, 104, seed=2, truth=truth)
    found = fit_coin(coin_data(one.transactions, one.complaints))
    assert list(found.chances) == ["satisfied", "acceptable", "dissatisfied"]
    for outcome, chance in zip(found.chances, truth.leaving_at_complaint, strict=True):
        interval = found.interval(outcome)
        assert interval.lower < chance < interval.upper
    assert found.model.r == pytest.approx(truth.r, abs=0.1)
    assert found.model.a / (found.model.a + found.model.b) == pytest.approx(0.7 / 4.7, abs=0.03)


@pytest.mark.slow
def test_handling_that_keeps_leavers_has_a_chance_below_zero() -> None:
    kept = company(4_000, 104, seed=3, truth=CompanyTruth(dropout_odds=(0.2, 1.0, 1.0), satisfaction_dropout_odds=1.0))
    found = fit_coin(coin_data(kept.transactions, kept.complaints))
    assert found.interval("satisfied").upper < 0


def test_complaints_are_sorted_by_whether_a_purchase_followed() -> None:
    data = coin_data(*histories())
    assert data.outcomes == ("satisfied", "dissatisfied", "unknown")
    assert [part.tolist() for part in data.survived] == [[0], [0.0], [1.0]]
    assert [float(column[0]) for column in data.pending] == [2.0, 4.0, 10.0]
    assert data.moments.tolist() == [[5.0, 6.0]]
    assert data.coins.tolist() == [[1, 2]]
    assert data.pending_survived.tolist() == [[1.0, 0.0, 0.0]]
    assert not data.quiet_survived.any()
    assert data.complaints.tolist() == [1.0, 1.0, 1.0]
    assert sorted(zip(*(column.tolist() for column in data.quiet), strict=True)) == [(0.0, 0.0, 10.0, 1.0), (1.0, 10.0, 10.0, 1.0)]
    assert data.voiced == pytest.approx(1 / 3)


@pytest.mark.parametrize("model", [BetaGeoNBD, ModifiedBetaGeoNBD])
@pytest.mark.parametrize("leavers_complain", [True, False])
def test_the_likelihood_is_that_of_the_story(model: type, leavers_complain: bool) -> None:
    """Against numerical integration over rates and chances to leave, for a customer with a complaint that a purchase followed and two
    after her last; b bought on the last day, c only once, and neither complained."""
    from scipy.stats import beta, gamma

    data, levels = coin_data(*histories()), (np.arange(2_000) + 0.5) / 2_000
    rate = gamma.ppf(levels, 0.8, scale=1 / 8.0)[:, None]
    leave = beta.ppf(levels, 0.7, 4.0)[None, :]
    stays = 2 if model is BetaGeoNBD else 3  # chances to leave at purchases: the first has none in BG/NBD

    def quiet(until: float) -> np.ndarray:
        return rate**2 * np.exp(-rate * until)

    at_the_last = (1 - 0.2) * (1 - 0.3) * quiet(10.0) + (1 - 0.2) * 0.3 * quiet(6.0)
    earlier = 0.2 * quiet(5.0) if leavers_complain else 0.0  # whoever left at the first complaint would not make the second
    story = (1 - leave) ** stays * (at_the_last + earlier)
    if leavers_complain:
        story = story + (1 - leave) ** (stays - 1) * leave * quiet(4.0)
    found = log_likelihood(data, model, leavers_complain, (0.0, 1.0))
    without = log_likelihood(
        replace(data, pending=tuple(column[:0] for column in data.pending), **NOBODY), model, leavers_complain, (0.0, 1.0)
    )
    at = np.r_[np.log([0.8, 8.0, 0.7, 4.0]), 0.1, 0.2, 0.3, 0.0]  # of satisfied, dissatisfied, unknown
    assert found(at)[0] - without(at)[0] == pytest.approx(np.log((1 - 0.1) * story.mean()), abs=2e-3)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("model", [BetaGeoNBD, ModifiedBetaGeoNBD])
def test_a_coin_that_goes_with_the_chance_to_leave_is_weighed_by_the_whole_history(model: type) -> None:
    """One complaint, after which she bought twice and is silent since: c p survived is (1 - c p) within the mean over p."""
    from scipy.stats import beta

    first = pd.Timestamp("2024-01-01")
    days = pd.DataFrame({"customer_id": ["a"] * 3, "date": [first + pd.Timedelta(days=day) for day in (0, 14, 28)]})
    log = pd.DataFrame({"customer_id": ["a"], "opened": [first + pd.Timedelta(days=7)], "outcome": ["satisfied"]})
    data = coin_data(days, log, end=first + pd.Timedelta(days=70))
    leave, chance = beta.ppf((np.arange(200_000) + 0.5) / 200_000, 0.7, 4.0), 0.2
    stays = 2 if model is BetaGeoNBD else 3
    purchases = model(r=0.8, alpha=8.0, a=0.7, b=4.0)
    odds = float(np.exp(purchases._log_odds_gone(2.0, 4.0, 10.0)))
    there, gone = (1 - leave) ** stays, (1 - leave) ** (stays - 1) * leave
    c = chance / _mean_power(leave, stays - 2)
    survived = (1 - c * leave) * (there + odds * there.mean() / gone.mean() * gone)
    at = np.r_[np.log([0.8, 8.0, 0.7, 4.0]), chance, 1.0]
    changed = log_likelihood(data, model, True, (1.0, 1.0))(at)[0] - purchases.log_likelihood(2.0, 4.0, 10.0)
    assert changed == pytest.approx(np.log(survived.mean() / ((1 + odds) * there.mean())), abs=1e-4)


def _mean_power(leave: np.ndarray, stays: int) -> float:
    """Of the chance to leave, of those who let so many chances go by."""
    return float((leave * (1 - leave) ** stays).mean() / ((1 - leave) ** stays).mean())


@pytest.mark.parametrize("model", [BetaGeoNBD, ModifiedBetaGeoNBD])
@pytest.mark.parametrize("leavers_complain", [True, False])
def test_the_gradient_is_that_of_the_likelihood(model: type, leavers_complain: bool) -> None:
    one = sold(0.15, True)
    function = log_likelihood(coin_data(one.transactions, one.complaints), model, leavers_complain, (0.5, 0.5))
    point, step = np.r_[np.log([0.8, 8.0, 0.7, 4.0]), 0.05, 0.1, 0.3, 0.4], 1e-5
    apart = [(function(point + step * way)[0] - function(point - step * way)[0]) / (2 * step) for way in np.eye(len(point))]
    assert function(point)[1] == pytest.approx(apart, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("leavers_complain", [True, False])
def test_chances_that_cannot_be_have_no_likelihood(leavers_complain: bool) -> None:
    function = log_likelihood(coin_data(*histories()), ModifiedBetaGeoNBD, leavers_complain, (0.5, 0.5))
    assert function(np.r_[np.log([0.8, 8.0, 0.7, 4.0]), 1.5, 1.5, 1.5, 0.0])[0] == -np.inf


def test_the_profile_falls_from_its_maximum_as_the_likelihood_does() -> None:
    found = fitted(0.15, True, True)
    best = found.chances["any"]
    assert found.profile("any", [best])[0] == pytest.approx(0.0, abs=1e-6)
    interval = found.interval("any")
    assert found.profile("any", list(interval[1:])) == pytest.approx([-1.9207, -1.9207], abs=0.01)


def test_too_little_is_said() -> None:
    days, log = histories()
    with pytest.raises(TooLittle, match="no column 'customer_id'"):
        coin_data(days, log.drop(columns="customer_id"))
    with pytest.raises(TooLittle, match="none of the complaints is by a customer who had bought before"):
        coin_data(days, log[log["customer_id"] == "nobody"])
    with pytest.raises(DataError, match="split by 'outcome', by another column of the log or not"):
        coin_data(days, log, split="cause")
    few = sold(0.15, True)
    found = fit_coin(coin_data(few.transactions, few.complaints.head(30)))
    with pytest.raises(TooLittle, match="an estimate needs at least 20"):
        found.interval("dissatisfied")
    with pytest.raises(TooLittle, match="has the outcome unknown"):
        found.interval("unknown")


def test_a_maximum_is_climbed_to_along_a_wall() -> None:
    """From a place at which the steepest way leads across: no chance can be there."""
    way = np.array([3.0, -1.0])

    def function(point: np.ndarray) -> tuple[float, np.ndarray]:
        if point.sum() >= 1:
            return -np.inf, np.zeros(2)
        away = point - np.array([0.5, 0.2])
        return float(-50 * away @ away - 30 * (way @ away) ** 2), -100 * away - 60 * (way @ away) * way

    start = np.array([0.0, 0.999])
    at, likelihood, information = climbed(function, start)
    assert at == pytest.approx([0.5, 0.2], abs=1e-3)
    assert likelihood == pytest.approx(0.0, abs=1e-3)
    assert information == pytest.approx(100 * np.eye(2) + 60 * np.outer(way, way), rel=1e-4)
