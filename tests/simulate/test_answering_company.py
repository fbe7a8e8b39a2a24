"""The company whose truth answers: what is not touched stays, what is asked is answered, and each switch breaks what it says."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from goodwill.errors import DataError
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.simulate.answering_company import answering_company
from goodwill.simulate.levers import LEVERS
from goodwill.simulate.lives import first_weeks
from goodwill.simulate.mechanism import MECHANISMS, Mechanism, mechanism

# How far each lever is moved to see that it moves something.
MOVES = dict.fromkeys((name for name in LEVERS if name != "nothing"), -0.5)
MOVES |= {"voice": 1.0, "handling": 1.0, "recovery": 1.0, "satisfaction": 0.5, "leaving": 0.5, "answer time": 20.0}


@pytest.fixture(scope="module")
def full():
    return answering_company("full", customers=600, weeks=78, seed=1)


@pytest.fixture(scope="module")
def short():
    """Of fewer weeks, to move each lever in turn."""
    return answering_company("full", customers=600, weeks=36, seed=1)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("lever", LEVERS)
def test_an_amount_of_nothing_changes_exactly_nothing(short, lever):
    answer = short.truth.do(lever, 0.0)
    assert (answer.customers["change"] == 0).all()
    assert (answer.customers["purchases"] == answer.customers["purchases_moved"]).all()


@pytest.mark.slow
def test_doing_nothing_is_exactly_zero_whatever_the_amount(full):
    assert full.truth.do("nothing", 1.0).customers["change"].abs().max() == 0


@pytest.mark.sampled(2)
@pytest.mark.parametrize("lever", [*MOVES, "voucher", "call"])
def test_customers_whom_a_lever_does_not_touch_live_through_exactly_the_same(short, lever):
    touched = np.arange(1, 301)
    change = short.truth.do(lever, MOVES.get(lever, 1.0), touched).customers
    others = change[~change["touched"] & ~change["prospect"]]
    assert len(others) == 300
    assert (others["spend"] == others["spend_moved"]).all()
    assert (change["change"] != 0).any()


def test_without_words_nobody_else_is_moved_at_all():
    silent = answering_company("full", customers=400, weeks=60, seed=2, told=(0.0,) * 5)
    answer = silent.truth.do("problems", -1.0, np.ones(400, bool))
    assert answer.own > 0
    assert (answer.customers.loc[answer.customers["prospect"], "change"] == 0).all()


@pytest.mark.slow
def test_words_move_prospects_and_no_customer(full):
    bad, good = full.truth.do("bad words", -1.0), full.truth.do("good words", -1.0)
    assert bad.own == good.own == 0
    assert bad.word_of_mouth > 0 > good.word_of_mouth


@pytest.mark.slow
def test_watching_longer_leaves_the_past_as_it_was(full):
    longer = answering_company("full", customers=600, weeks=104, seed=1)
    until = pd.Timestamp(full.transactions["date"].max())
    seen = longer.transactions[longer.transactions["date"] < until].reset_index(drop=True)
    pd.testing.assert_frame_equal(seen, full.transactions[full.transactions["date"] < until].reset_index(drop=True))


@pytest.mark.slow
def test_a_lever_moved_from_a_week_on_leaves_the_weeks_before(full):
    late = full.truth.do("leaving", -2.0, since=60).total
    assert 0 < late < full.truth.do("leaving", -2.0).total


@pytest.mark.slow
def test_recovery_turns_only_dissatisfied_complaints_and_handling_all(full):
    everything, part, some = (full.truth.do(*lever).own for lever in (("handling", 1.0), ("recovery", 1.0), ("recovery", 0.5)))
    assert 0 < some < part < everything


@pytest.mark.slow
def test_levers_moved_together_leave_what_was_before_and_after_them(full):
    moves = {"leaving": -1.0, "recovery": 1.0}
    assert full.truth.together(moves, since=60).own > full.truth.do("leaving", -1.0, since=60).own
    assert full.truth.together({"leaving": -1.0}, since=60).total == full.truth.do("leaving", -1.0, since=60).total
    assert 0 < full.truth.together(moves, since=60, lasts=4).own < full.truth.together(moves, since=60).own
    assert full.truth.together(moves, since=60, lasts=0).total == 0
    with pytest.raises(DataError, match=r"^a strategy cannot be moved together with levers; ask for it alone\.$"):
        full.truth.together({"leaving": -1.0, "call": 1})


@pytest.mark.slow
def test_marginal_and_whole_effects_have_the_sign_of_what_the_lever_does(full):
    assert full.truth.marginal("problems", step=1.0) < 0
    assert full.truth.whole("problems") < 0
    assert full.truth.whole("harm") < 0
    assert full.truth.marginal("spend", step=0.2) == pytest.approx(full.transactions["amount"].sum(), rel=0.001)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model"), [("BG/NBD", BetaGeoNBD), ("MBG/NBD", ModifiedBetaGeoNBD), ("Pareto/NBD", ParetoNBD)])
def test_a_plain_company_follows_its_model_and_says_so(name, model):
    m = MECHANISMS[name]
    values = (m.r, m.alpha, m.s, m.beta) if name == "Pareto/NBD" else (m.r, m.alpha, m.a, m.b)
    company = answering_company(name, customers=20_000, weeks=51, seed=3, acquisition_weeks=1e-6)
    assert company.truth.satisfies == (name, "Gamma-Gamma")
    repeats = company.transactions.groupby("customer_id").size() - 1
    expected = model(*values).expected_purchases_new_customer(51.0)
    assert repeats.mean() == pytest.approx(float(expected), abs=4 * repeats.std() / np.sqrt(len(repeats)))
    zero = float(model(*values).probability_of_purchases(0, 51.0))
    assert (repeats == 0).mean() == pytest.approx(zero, abs=4 * np.sqrt(zero * (1 - zero) / len(repeats)))


@pytest.mark.slow
def test_futures_drawn_again_agree_on_the_mean_with_what_the_model_expects():
    company = answering_company("BG/NBD", customers=3_000, weeks=39, seed=4)
    m = MECHANISMS["BG/NBD"]
    dates = company.transactions.assign(day=(company.transactions["date"] - pd.Timestamp(m.start)).dt.days)
    seen = dates.groupby("customer_id")["day"].agg(["min", "max", "nunique"])
    history = (seen["nunique"] - 1, (seen["max"] - seen["min"]) / 7, 39 - seen["min"] / 7 - 1 / 14)
    expected = BetaGeoNBD(m.r, m.alpha, m.a, m.b).expected_purchases(26.0, *(np.asarray(x, float) for x in history)).sum()
    assert company.truth.future(26.0, futures=4)["purchases"].sum() == pytest.approx(expected, rel=0.06)


@pytest.mark.slow
def test_the_mean_over_futures_keeps_what_happened_before(full):
    answer = full.truth.do("rate", 0.5, since=60, futures=3)
    assert answer.total > 0
    known = full.customers.loc[full.customers["left"] < 60, "customer_id"]
    assert (answer.customers["purchases"].reindex(known).fillna(0.0) == 0).all()


@pytest.mark.slow
def test_who_complains_depends_on_satisfaction_and_past_purchases_where_the_switch_is_on():
    def slopes(**voice):
        orders = answering_company("full", customers=4_000, weeks=78, seed=5, **voice).truth.lived[0]
        problem = orders[orders["ended"] < 4]
        complains = (problem["ended"] < 3).astype(float)
        return np.corrcoef(complains, problem["before"])[0, 1], np.corrcoef(complains, problem["event"])[0, 1]

    assert slopes(voice_satisfaction=-1.0, voice_purchases=1.0)[0] < -0.2 < 0.2 < slopes(voice_satisfaction=-1.0, voice_purchases=1.0)[1]
    assert np.abs(slopes(voice_satisfaction=0.0, voice_purchases=0.0)).max() < 0.08


@pytest.mark.slow
def test_satisfaction_keeps_customers_and_with_a_lag_that_of_the_purchase_before_does():
    def stayed(**changed):
        orders = answering_company("full", customers=6_000, weeks=78, seed=6, mood_spread=1.0, mood_return=1.0, **changed).truth.lived[0]
        later = orders[orders["event"] == 1].set_index("person")
        first = orders[orders["event"] == 0].set_index("person").loc[later.index]
        stays = np.isinf(later["left"]).astype(float)
        today, before = (frame["mood"].to_numpy() for frame in (later, first))
        return np.corrcoef(stays, today)[0, 1], np.corrcoef(stays, before)[0, 1]

    quiet = {"problem_chance": 0.0, "satisfaction_dropout": -1.0}
    assert stayed(**quiet)[0] > 0.1 > abs(stayed(**quiet)[1])
    assert stayed(**quiet, lagging=True)[1] > 0.1 > abs(stayed(**quiet, lagging=True)[0])


@pytest.mark.slow
def test_a_complaint_can_be_the_moment_to_leave_and_leavers_can_be_silent():
    plain = {"outcome_dropout": (0.0,) * 3, "silent_dropout": 0.0, "satisfaction_dropout": 0.0, "trial_shares": ()}

    def company(**changed):
        return answering_company("full", customers=3_000, weeks=78, seed=12, dropout="never", prospects=0, **plain, **changed)

    assert np.isinf(company().customers["left"]).all()
    coin = company(complaint_dropout=(0.0, 0.0, 1.0))
    first = coin.complaints[coin.complaints["outcome"] == "dissatisfied"].groupby("customer_id")["opened"].min()
    last = coin.transactions.groupby("customer_id")["date"].max().reindex(first.index)
    assert len(first) > 100
    assert (last <= first).all()
    assert set(coin.customers.loc[np.isfinite(coin.customers["left"]), "customer_id"]) <= set(first.index)
    loud, silent = (
        answering_company("full", customers=3_000, weeks=78, seed=12, leavers_complain=speak).complaints for speak in (True, False)
    )
    assert set(silent["complaint_id"]) < set(loud["complaint_id"])


@pytest.mark.slow
def test_regular_buyers_seasons_and_correlated_spend_break_what_they_say():
    def gaps(**changed):
        orders = answering_company("nobody leaves", customers=300, weeks=260, seed=7, r=50.0, alpha=100.0, **changed).truth.lived[0]
        return orders.sort_values(["person", "week"]).groupby("person")["week"].diff().dropna(), orders

    plain, _ = gaps()
    regular, _ = gaps(regularity=4.0)
    assert plain.std() / plain.mean() == pytest.approx(1.0, abs=0.05)
    assert regular.std() / regular.mean() == pytest.approx(0.5, abs=0.05)
    _, orders = gaps(season=0.5, season_peak=26.0)
    of_year = orders["week"] % 52
    assert ((of_year > 13) & (of_year < 39)).mean() == pytest.approx(0.5 + 0.5 / np.pi, abs=0.02)
    spend = {rho: answering_company("BG/NBD", customers=4_000, seed=8, spend_with_rate=rho).customers for rho in (0.0, 0.6)}
    assert abs(spearmanr(spend[0.0]["rate"], spend[0.0]["mean_spend"]).statistic) < 0.05
    assert spearmanr(spend[0.6]["rate"], spend[0.6]["mean_spend"]).statistic == pytest.approx(0.58, abs=0.05)
    assert spend[0.6]["mean_spend"].median() == pytest.approx(spend[0.0]["mean_spend"].median(), rel=0.05)


@pytest.mark.parametrize(
    "broken", [{"season": 0.2}, {"regularity": 2.0}, {"rate_trend": 0.1}, {"satisfaction_dropout": -0.2}, {"first_purchase_dropout": 0.5}]
)
def test_a_company_that_breaks_the_model_does_not_claim_it(broken):
    assert mechanism("BG/NBD", **broken).satisfies == ("Gamma-Gamma",)
    assert mechanism("BG/NBD", spend_with_rate=0.3).satisfies == ("BG/NBD",)


@pytest.mark.slow
def test_the_trial_is_randomised_and_finds_the_effect_that_the_company_has():
    company = answering_company("full", customers=12_000, weeks=78, seed=9, problem_chance=0.0, satisfaction_dropout=0.0)
    tried = company.experiment
    assert tried["arm"].value_counts(normalize=True).loc["voucher"] == pytest.approx(0.3, abs=0.02)
    means = tried.groupby("arm")["outcome"].agg(["mean", "sem"])
    found = means.loc["call", "mean"] - means.loc["do_nothing", "mean"]
    untreated = answering_company("full", customers=12_000, weeks=78, seed=9, problem_chance=0.0, satisfaction_dropout=0.0, trial_shares=())
    truth = untreated.truth.do("call", 1, np.ones(12_000, bool), since=52).own / 12_000
    assert found == pytest.approx(truth, abs=3 * np.hypot(means.loc["call", "sem"], means.loc["do_nothing", "sem"]))
    assert truth > 0


@pytest.mark.slow
def test_where_nothing_works_nothing_that_a_report_could_recommend_changes_anything():
    company = answering_company("nothing works", customers=500, weeks=78, seed=10)
    for lever, amount in (("voice", 1.0), ("handling", 1.0), ("problems", -1.0), ("bad words", -1.0), ("voucher", 1), ("call", 1)):
        assert company.truth.do(lever, amount).customers["change"].abs().max() == 0


@pytest.mark.slow
def test_the_survey_may_prefer_the_satisfied_and_hides_what_it_cannot_measure():
    plain = answering_company("full", customers=5_000, seed=11, response_satisfaction=0.0, response_left=0.0)
    biased = answering_company("full", customers=5_000, seed=11, response_satisfaction=1.0, response_left=0.0)
    assert biased.survey["satisfaction"].mean() > plain.survey["satisfaction"].mean() + 0.3
    blurred = answering_company("full", customers=5_000, seed=11, satisfaction_loading=0.3)
    lasting = blurred.customers.set_index("customer_id")["satisfaction"]
    seen = {c: spearmanr(c.survey["satisfaction"], lasting.reindex(c.survey["respondent_id"])).statistic for c in (plain, blurred)}
    assert seen[blurred] < 0.5 * seen[plain]


def test_what_cannot_be_moved_is_refused_in_a_sentence(full):
    with pytest.raises(DataError, match="there is no lever 'luck'; there are: nothing, rate"):
        full.truth.do("luck", 1.0)
    with pytest.raises(DataError, match="an amount below -1 makes that negative"):
        full.truth.do("problems", -2.0)
    with pytest.raises(DataError, match="its amount is 0 or 1"):
        full.truth.do("call", 0.5)
    with pytest.raises(DataError, match="there is no company called 'Amazon'"):
        answering_company("Amazon")
    with pytest.raises(DataError, match="a company has no parameter 'luck'"):
        answering_company("full", luck=1.0)


def test_every_parameter_and_every_lever_stands_on_the_page_of_equations():
    page = (Path(__file__).parents[2] / "docs" / "simulated_company.md").read_text()
    assert [field.name for field in fields(Mechanism) if f"`{field.name}`" not in page] == []
    assert [lever for lever in LEVERS if f"*{lever}*" not in page and f'"{lever}"' not in page] == []
    assert [name for name in MECHANISMS if name not in page] == []


def test_customers_come_with_a_trend_and_a_season_where_they_are_asked_to():
    u = np.random.default_rng(1).random(40_000)
    even = Mechanism(acquisition_weeks=104.0)
    assert np.array_equal(first_weeks(even, u), 104.0 * u)
    grown = first_weeks(mechanism(even, acquisition_trend=0.4), u)
    assert (grown > 52).sum() / (grown <= 52).sum() == pytest.approx(np.exp(0.4), rel=0.05)
    wave = np.histogram(first_weeks(mechanism(even, acquisition_season=0.5, acquisition_peak=13.0), u) % 52, 4, (0, 52))[0]
    assert wave[0] == pytest.approx(wave[1], rel=0.05) and wave[:2].sum() / wave[2:].sum() == pytest.approx(
        (1 + 1 / np.pi) / (1 - 1 / np.pi), rel=0.05
    )
    with pytest.raises(DataError, match=r"acquisition_season is 1\.5; the amplitude of a wave in a number lies between 0 and 1"):
        mechanism(even, acquisition_season=1.5)
