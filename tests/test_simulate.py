"""The simulated company shows what its truth says, within four standard errors where chance is at work."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.simulate import OUTCOMES, TRIAL_SEGMENTS, Company, CompanyTruth, TrialTruth, company, trial

NEUTRAL = CompanyTruth(dropout_odds=(1.0, 1.0, 1.0), satisfaction_dropout_odds=1.0)
# Customers who are all alike: odds ratios of a mixture of customers would be pulled towards 1.
ALIKE = replace(NEUTRAL, a=2_000.0, b=8_000.0)


@pytest.fixture(scope="module")
def default() -> Company:
    return company(customers=8_000)


def close(estimate: float, truth: float, standard_error: float) -> bool:
    return abs(estimate - truth) < 4 * standard_error


def left_after_order(simulated: Company) -> pd.Series:
    """For every order, whether its customer left after it."""
    return simulated.transactions.order_id.isin(simulated.customers.left_after)


def log_odds_ratio_of_leaving(simulated: Company, outcome: str) -> tuple[float, float]:
    """Leaving after a complaint that ended so, against orders of the same number in a customer's life without a complaint.

    Mantel & Haenszel's odds ratio over order numbers, with the standard error of the pooled table.
    """
    orders = simulated.transactions.assign(
        left=left_after_order(simulated), number=simulated.transactions.groupby("customer_id").cumcount()
    )
    orders = orders.merge(simulated.complaints[["order_id", "outcome"]], how="left", on="order_id")
    orders = orders[orders.outcome.isna() | (orders.outcome == outcome)].assign(complained=lambda rows: rows.outcome.notna())
    table = orders.groupby(["number", "complained", "left"]).size().unstack(["complained", "left"], fill_value=0)
    c_left, c_stays, n_left, n_stays = (table[key].to_numpy(float) for key in ((True, True), (True, False), (False, True), (False, False)))
    total = c_left + c_stays + n_left + n_stays
    ratio = (c_left * n_stays / total).sum() / (c_stays * n_left / total).sum()
    return float(np.log(ratio)), float(np.sqrt(sum(1 / cell.sum() for cell in (c_left, c_stays, n_left, n_stays))))


def test_same_seed_gives_the_same_company_and_another_seed_another():
    first, again, other = company(300, seed=4), company(300, seed=4), company(300, seed=5)
    for name in ("transactions", "complaints", "survey", "customers"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    assert not first.transactions.amount.equals(other.transactions.amount)


def test_tables_have_the_canonical_columns(default):
    assert list(default.transactions) == ["customer_id", "date", "amount", "order_id"]
    assert list(default.complaints) == [
        *("complaint_id", "customer_id", "order_id", "opened", "answered", "closed", "outcome", "cause", "channel"),
    ]
    assert list(default.survey) == ["respondent_id", "quality", "service", "delivery", "price", "satisfaction", "loyalty", "segment"]
    assert set(default.complaints.outcome) == set(OUTCOMES)


def test_every_customer_buys_inside_the_window_and_every_table_names_only_customers(default):
    customers = set(default.customers.customer_id)
    assert set(default.transactions.customer_id) == customers
    assert set(default.complaints.customer_id) <= customers
    assert set(default.survey.respondent_id) <= customers
    assert default.survey.respondent_id.is_unique
    assert default.transactions.order_id.is_unique
    assert default.transactions.date.between(str(date(2024, 1, 1)), str(date(2024, 1, 1) + timedelta(weeks=78))).all()
    births = default.transactions.groupby("customer_id").date.min()
    assert births.max() < pd.Timestamp(2024, 1, 1) + pd.Timedelta(weeks=12)


def test_nobody_buys_after_leaving(default):
    last = default.transactions.groupby("customer_id").order_id.max()
    left = default.customers.set_index("customer_id").left_after.dropna()
    assert (last[left.index] == left).all()


def test_a_complaint_concerns_an_order_of_its_customer_and_runs_forward_in_time(default):
    cases = default.complaints.merge(default.transactions, on="order_id", suffixes=("", "_of_order"), validate="one_to_one")
    assert len(cases) == len(default.complaints)
    assert (cases.customer_id == cases.customer_id_of_order).all()
    assert (cases.date <= cases.opened).all()
    assert (cases.opened <= cases.answered).all()
    assert (cases.answered <= cases.closed).all()


def test_shares_of_complaints_and_outcomes_are_the_truth(default):
    orders, cases = len(default.transactions), len(default.complaints)
    assert close(cases / orders, 0.06, np.sqrt(0.06 * 0.94 / orders))
    for outcome, share in zip(OUTCOMES, default.truth.outcome_shares, strict=True):
        assert close((default.complaints.outcome == outcome).mean(), share, np.sqrt(share * (1 - share) / cases))


def test_mean_spend_over_customers_is_that_of_the_gamma_gamma(default):
    means = default.transactions.groupby("customer_id").amount.mean()
    truth = 6.25 * 15.44 / (3.74 - 1)  # Fader & Hardie 2013, note 025: p gamma / (q - 1)
    assert close(means.mean(), truth, means.std() / np.sqrt(len(means)))


@pytest.mark.slow
def test_purchases_without_effects_give_back_their_bg_nbd():
    truth = replace(NEUTRAL, first_purchase_dropout=0.0)
    simulated = company(20_000, weeks=104, truth=truth)
    fit = BetaGeoNBD.fit(summarize_purchases(read_transactions(simulated.transactions)))
    for name, row in fit.estimates.iterrows():
        assert close(row["estimate"], getattr(truth, name), row["standard_error"]), name


@pytest.mark.sampled(1)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_complaints_do_not_matter_when_every_odds_multiplier_is_one(outcome):
    log_ratio, standard_error = log_odds_ratio_of_leaving(company(20_000, truth=NEUTRAL), outcome)
    assert close(log_ratio, 0.0, standard_error)


@pytest.mark.parametrize(("outcome", "odds"), [("satisfied", 0.5), ("acceptable", 1.0), ("dissatisfied", 3.0)])
def test_matched_orders_give_back_the_odds_multiplier_of_a_complaint(outcome, odds):
    simulated = company(20_000, truth=replace(ALIKE, dropout_odds=(0.5, 1.0, 3.0)))
    log_ratio, standard_error = log_odds_ratio_of_leaving(simulated, outcome)
    assert close(log_ratio, np.log(odds), standard_error)
    assert standard_error < 0.15


@pytest.mark.parametrize("odds", [1.0, 0.8])
def test_satisfaction_moves_leaving_by_its_odds_per_standard_deviation(odds):
    simulated = company(20_000, truth=replace(ALIKE, satisfaction_dropout_odds=odds))
    orders = simulated.transactions.merge(simulated.customers[["customer_id", "satisfaction"]], on="customer_id")
    left = left_after_order(simulated).to_numpy()
    odds_of = {high: np.bincount(left[(orders.satisfaction > 0) == high], minlength=2) for high in (True, False)}
    log_ratio = np.log(odds_of[True][1] / odds_of[True][0]) - np.log(odds_of[False][1] / odds_of[False][0])
    standard_error = np.sqrt(sum((1 / counts).sum() for counts in odds_of.values()))
    if odds == 1.0:
        assert close(log_ratio, 0.0, standard_error)
    else:  # the halves of a normal population lie 1.6 standard deviations apart; those who leave early count less
        assert 1.2 * np.log(odds) > log_ratio > 2.0 * np.log(odds)


@pytest.mark.parametrize("points", [5, 10])
def test_survey_answers_lie_on_the_scale_and_follow_latent_satisfaction(points):
    simulated = company(5_000, truth=CompanyTruth(points=points, complaint_chance=0.0))
    answers = simulated.survey.drop(columns=["respondent_id", "segment"])
    assert answers.isin(range(1, points + 1)).all(axis=None)
    assert close(len(answers) / 5_000, 0.4, np.sqrt(0.24 / 5_000))
    latent = simulated.customers.set_index("customer_id").satisfaction[simulated.survey.respondent_id].to_numpy()
    truth = dict(simulated.truth.items) | {"satisfaction": 0.9, "loyalty": 0.6}
    for name, loading in truth.items():
        # Rounding to whole points costs a little of the correlation, more on the shorter scale.
        assert loading - 0.1 < np.corrcoef(latent, answers[name])[0, 1] < loading + 0.05, name


def test_badly_handled_complaints_show_in_the_survey(default):
    unhappy = default.complaints.customer_id[default.complaints.outcome == "dissatisfied"]
    answered = default.survey.set_index("respondent_id").satisfaction
    assert answered[answered.index.isin(unhappy)].mean() < answered[~answered.index.isin(default.complaints.customer_id)].mean() - 0.5


def test_a_company_without_complaints_has_an_empty_log_with_all_columns():
    assert list(company(50, truth=CompanyTruth(complaint_chance=0.0)).complaints) == list(company(50).complaints)
    assert company(50, truth=CompanyTruth(complaint_chance=0.0)).complaints.empty


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"outcome_shares": (0.5, 0.5, 0.5)}, "outcome_shares add up to 1.5"),
        ({"dropout_odds": (0.0, 1.0, 1.0)}, "must be positive"),
        ({"points": 7}, "5 or 10 points"),
    ],
)
def test_an_impossible_truth_is_refused(wrong, message):
    with pytest.raises(DataError, match=message):
        CompanyTruth(**wrong)


def test_a_window_too_short_for_its_customers_is_refused():
    with pytest.raises(DataError, match="more than 12 weeks"):
        company(10, weeks=12)


def test_a_trial_on_the_company_has_the_effects_of_its_truth(default):
    truth = TrialTruth(effects=((1.0,) * 6, (0.0,) * 6))
    tried = trial(default, weeks=52, truth=truth)
    frame, arms = tried.experiment, [name for name, _ in truth.arms]
    assert tried.truth["voucher"].to_numpy() == pytest.approx(2 * tried.truth["do_nothing"].to_numpy())
    for arm in arms:
        some = frame[frame.arm == arm]
        expected = tried.truth[arm][some.segment].mean()
        assert close(some.outcome.mean(), expected, some.outcome.std() / np.sqrt(len(some)))


def test_a_trial_is_randomised_whatever_the_customer_is_like(default):
    frame = trial(default).experiment
    assert list(frame) == ["customer_id", "segment", "past_spend", "arm", "propensity", "outcome"]
    assert set(frame.segment) == set(TRIAL_SEGMENTS) and frame.customer_id.is_unique
    for arm, share in TrialTruth().arms:
        got = frame[frame.arm == arm]
        assert (got.propensity == share).all() and close(len(got) / len(frame), share, np.sqrt(share * (1 - share) / len(frame)))
        assert close(got.past_spend.mean(), frame.past_spend.mean(), frame.past_spend.std() / np.sqrt(len(got)))


def test_whoever_left_before_the_trial_buys_nothing_in_it(default):
    frame = trial(default).experiment
    left = default.customers.left_after.notna().to_numpy()
    assert (frame.outcome[left] == 0).all() and (frame.outcome[~left] > 0).any()


@pytest.fixture(scope="module")
def tossing() -> Company:
    """Nobody leaves at purchases, and three in ten leave at a dissatisfied complaint."""
    never = replace(NEUTRAL, a=1e-6, b=1.0, leaving_at_complaint=(0.0, 0.0, 0.3))
    return company(2_000, 104, seed=6, truth=never)


def test_a_complaint_may_be_a_moment_to_leave(tossing):
    people = tossing.customers.set_index("customer_id")
    left = people.left_at_complaint.dropna()
    bad = tossing.complaints[tossing.complaints.outcome == "dissatisfied"]
    before = bad[bad.opened <= bad.customer_id.map(people.left_at_complaint).fillna(pd.Timestamp.max)]
    share = len(left) / len(before)
    assert close(share, 0.3, np.sqrt(0.3 * 0.7 / len(before)))
    assert left.index.isin(bad.customer_id).all()


def test_whoever_left_at_a_complaint_buys_nothing_more_and_complains_of_nothing_bought_later(tossing):
    left = tossing.customers.set_index("customer_id").left_at_complaint
    for table, day in ((tossing.transactions, "date"), (tossing.complaints.merge(tossing.transactions, on="order_id"), "date")):
        who = table["customer_id" if "customer_id" in table else "customer_id_x"]
        moment = who.map(left)
        assert (table[day][moment.notna()] <= moment.dropna()).all()


def test_without_the_coin_nothing_is_drawn_for_it():
    plain, coin = company(300, seed=4), company(300, seed=4, truth=CompanyTruth(leaving_at_complaint=(0.0, 0.0, 1e-12)))
    pd.testing.assert_frame_equal(plain.transactions, coin.transactions)
    assert "left_at_complaint" not in plain.customers


def test_where_leavers_are_silent_nobody_complains_after_leaving():
    silent = company(2_000, 104, seed=7, truth=replace(NEUTRAL, leavers_complain=False))
    orders = silent.transactions.set_index("order_id").date
    gone = silent.complaints.customer_id.map(silent.customers.set_index("customer_id").left_after).map(orders)
    assert not (gone <= silent.complaints.opened).any()
    assert len(silent.complaints) < len(company(2_000, 104, seed=7, truth=NEUTRAL).complaints)


def test_a_chance_of_leaving_is_a_share():
    with pytest.raises(DataError, match="chances lie between 0 and 1"):
        CompanyTruth(leaving_at_complaint=(0.0, 0.0, 1.5))
