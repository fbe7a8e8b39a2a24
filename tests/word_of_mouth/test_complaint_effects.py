"""What a complaint does to residual value: a landmark design, tried on companies whose truth is known."""

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.simulate import CompanyTruth, company
from goodwill.word_of_mouth.complaint_effects import complaint_effect


def known(model):
    """A fit of a model that is known without data."""
    return gw.Fit(model, np.zeros((4, 4)), log_likelihood=0.0, n=1.0, converged=True)


RATES = known(gw.BetaGeoNBD(r=0.8, alpha=8.0, a=0.7, b=4.0, unit="week"))  # of the simulated company
HARMLESS = CompanyTruth(dropout_odds=(1.0, 1.0, 1.0))
ALIKE = {"a": 60.0, "b": 340.0, "satisfaction_dropout_odds": 1.0}  # customers leave with nearly the same chance


def effect(sold, **told):
    return complaint_effect(sold.transactions, sold.complaints, RATES, **{"draws": 300} | told)


@pytest.fixture(scope="module")
def harmless():
    """A company in which complaints change nothing."""
    return company(2_500, 104, seed=3, truth=HARMLESS)


@pytest.fixture(scope="module")
def hurtful():
    """Customers alike in leaving; a dissatisfied complainer's odds of leaving are three times as high, a satisfied one's .7 times."""
    return company(3_000, 130, seed=2, truth=CompanyTruth(complaint_chance=0.1, **ALIKE))


@pytest.mark.slow
def test_where_complaints_change_nothing_nothing_is_found():
    """Ten companies without any effect: no bias, and intervals that hold no effect about as often as they say."""
    found = [effect(company(1_500, 78, seed=seed, truth=HARMLESS)) for seed in range(10)]
    differences = np.array([each.difference for each in found])
    assert abs(differences[:, 0].mean()) < 4 * differences[:, 0].std() / np.sqrt(10)
    assert sum(each.difference.lower < 0 < each.difference.upper for each in found) >= 8
    assert sum(each.odds_multiplier.lower < 1 < each.odds_multiplier.upper for each in found) >= 8
    assert sum(each.value_lost.lower < 0 < each.value_lost.upper for each in found) >= 8


def test_comparing_whole_histories_finds_an_effect_that_is_not_there(harmless):
    """Whoever buys more has more chances to complain: complainers look like the better customers."""
    bought = harmless.transactions.groupby("customer_id").size()
    complained = bought.index.isin(harmless.complaints.customer_id)
    assert bought[complained].mean() > 2 * bought[~complained].mean()


def test_a_known_multiplier_is_found_by_outcome(hurtful):
    worse = effect(hurtful, landmark="closed", outcome="dissatisfied", horizon=150)
    better = effect(hurtful, landmark="closed", outcome="satisfied", horizon=150)
    assert worse.odds_multiplier.lower < 3.0 < worse.odds_multiplier.upper
    assert worse.odds_multiplier.lower > 1.25
    assert better.odds_multiplier.lower < 0.7 < better.odds_multiplier.upper
    assert worse.value_lost.lower > 0.1
    assert worse.returned < worse.returned_matched


def test_the_same_data_and_seed_give_the_same_answer(harmless):
    assert effect(harmless, draws=50) == effect(harmless, draws=50)


def test_complaints_too_near_the_end_are_counted_and_left_out(harmless):
    near, far = effect(harmless, horizon=30, draws=20), effect(harmless, horizon=200, draws=20)
    assert far.too_late > near.too_late
    assert far.complaints < near.complaints


def test_complaints_of_strangers_are_left_out(harmless):
    stranger = pd.DataFrame({"customer_id": ["nobody"], "opened": [pd.Timestamp("2024-06-01")]})
    log = pd.concat([harmless.complaints, stranger])
    found = complaint_effect(harmless.transactions, log, RATES, draws=20)
    assert found.complaints == effect(harmless, draws=20).complaints


@pytest.mark.parametrize(
    ("told", "error", "message"),
    [
        ({"outcome": "dissatisfied"}, DataError, "not known when a complaint is opened"),
        ({"landmark": "answered soon"}, DataError, "landmark is 'opened' or 'closed'"),
        ({"horizon": 0}, DataError, "horizon is 0 days"),
        ({"horizon": 720}, TooLittle, "an estimate needs at least 20"),
    ],
)
def test_bad_questions_are_refused_in_words(harmless, told, error, message):
    with pytest.raises(error, match=message):
        effect(harmless, **told)


def test_the_unit_of_the_fit_does_not_matter(harmless):
    days = known(gw.BetaGeoNBD(r=0.8, alpha=56.0, a=0.7, b=4.0, unit="day"))
    of = {fit.unit: complaint_effect(harmless.transactions, harmless.complaints, fit, draws=20) for fit in (RATES, days)}
    assert of["week"] == of["day"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (gw.BetaGeoBetaBinom(1.0, 1.0, 1.0, 1.0, unit="week"), "BetaGeoBetaBinom has no gamma distribution of purchase rates; fit Mod"),
        (gw.BetaGeoNBD(0.8, 8.0, 0.7, 4.0), "the fit does not say its time unit; fit it to a purchase summary, which carries one"),
    ],
)
def test_a_fit_without_rates_or_a_unit_is_refused(harmless, model, message):
    with pytest.raises(FitError, match=message):
        complaint_effect(harmless.transactions, harmless.complaints, known(model))


def test_outcomes_need_a_column(harmless):
    with pytest.raises(TooLittle, match="no column 'outcome'"):
        complaint_effect(harmless.transactions, harmless.complaints.drop(columns="outcome"), RATES, landmark="closed", outcome="satisfied")
