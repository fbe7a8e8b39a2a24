"""Who will come, what one is worth, and customer equity: against exact values, simulation and what customer_value says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill import lifetime_value as life
from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.equity.arrivals import A_YEAR, Arrivals, Planned, exposures, planned
from goodwill.lifetime_value.equity.customer_equity import Known
from goodwill.lifetime_value.equity.newcomers import Newcomers
from goodwill.simulate import answering_company

TERMS = life.ValueTerms(52, 0.3, 0.15, "week")
CERTAIN = np.eye(4) * 1e-12


@cache
def shop() -> life.Shop:
    return life.example_shop()


@cache
def records() -> gw.data.tables.Transactions:
    return gw.read_transactions(shop().transactions)


@cache
def now() -> Known:
    found = life.count_newcomers(records())
    return life.known_on(records(), life.brought_by_birth(records()), Arrivals(found.counts), life.BetaGeoNBD, "independent")


def some_known(arrivals: Arrivals | Planned, model: object | None = None) -> Known:
    """Known parameters, so that what is expected can be computed by hand."""
    bought = model or life.BetaGeoNBD(0.243, 4.414, 0.793, 2.426, "week")
    customers = pd.DataFrame({"frequency": [0, 4], "recency": [0.0, 20.0], "T": [30.0, 30.0], "monetary_value": [0.0, 40.0]})
    known = life.known_from(bought, life.GammaGamma(6.25, 3.74, 15.44), customers, 30.0, arrivals)
    return replace(known, first_variance=100.0)


# --- how many come ----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_value_of_the_known_is_that_of_customer_value_and_of_the_first_report() -> None:
    known = now()
    value = gw.customer_value(known.purchases, known.spend, known.customers, TERMS)["value"].sum()
    assert life.expected_equity(known, TERMS).known == pytest.approx(value, rel=1e-12)
    total = life.total_value_interval(known.purchases, known.spend, known.customers, TERMS, draws=200, seed=1)
    drawn = life.drawn_equity(known, TERMS, draws=200, seed=1).known
    assert np.quantile(drawn, [0.025, 0.975], method="weibull").tolist() == pytest.approx([total.lower, total.upper])


@pytest.mark.slow
def test_periods_count_every_first_purchase_once() -> None:
    found = life.count_newcomers(records())
    born = shop().transactions.groupby("customer_id")["date"].min()
    ends = [pd.Timestamp(end) for end in found.periods["end"]]
    for end, count in zip(ends, found.periods["newcomers"], strict=True):
        assert count == ((born > end - pd.Timedelta(days=28)) & (born <= end)).sum()
    assert found.end == shop().last
    earlier = found.end - timedelta(days=100)
    counted = found.until_day(earlier)
    assert counted[-1] == ((born > pd.Timestamp(earlier) - pd.Timedelta(days=28)) & (born <= pd.Timestamp(earlier))).sum()
    with pytest.raises(TooLittle, match="0 whole periods of four weeks until 2023-12-01 are too few"):
        found.until_day(date(2023, 12, 1))


def test_a_file_of_one_cohort_says_nothing_of_newcomers() -> None:
    log = gw.read_transactions("cdnow_sample")
    with pytest.raises(TooLittle) as refused:
        life.count_newcomers(log)
    assert str(refused.value) == (
        "All first purchases lie between 1997-01-01 and 1997-03-25, and the records go on to 1998-06-30: the customers of this file were "
        "chosen by when they first bought, so it says nothing of who comes later. Pass complete=true if it holds everybody who ever "
        "bought, or newcomers= with a number of your own."
    )
    nobody = Arrivals(life.count_newcomers(log, complete=True).counts).interval(13)
    assert nobody.estimate < 10  # said to be complete, it says that hardly anybody comes


@pytest.mark.slow
def test_old_customers_discovered_at_the_beginning_are_no_newcomers() -> None:
    company = answering_company("nobody leaves", customers=4_000, weeks=156, seed=3, acquisition_weeks=155.0)
    log = company.transactions[company.transactions["date"] > "2025-06-30"]
    found = life.count_newcomers(gw.read_transactions(log[["customer_id", "date", "amount"]]))
    assert found.kind == "piled"
    assert found.until is not None and found.since > found.until
    assert found.periods["newcomers"].iloc[0] > 1.25 * found.counts.mean()


def test_too_few_newcomers_are_refused_in_one_sentence() -> None:
    days = pd.date_range("2025-01-01", "2025-04-30", freq="D")
    log = pd.DataFrame({"customer_id": range(len(days)), "date": days.astype(str), "amount": 10})
    with pytest.raises(TooLittle, match=r"^112 first purchases in 4 whole periods of four weeks are too few to say how many"):
        life.count_newcomers(gw.read_transactions(log))


@pytest.mark.slow
def test_a_level_a_trend_and_a_season_are_followed() -> None:
    rng = np.random.default_rng(5)
    flat = Arrivals(rng.poisson(100, 39)).interval(13)
    assert flat.lower < 1300 < flat.upper and flat.upper / flat.lower < 1.6
    at = np.arange(52)
    grown = Arrivals(rng.poisson(100 * np.exp(0.3 * at[:39] / 13)))
    assert grown.growth.lower < np.expm1(0.3) < grown.growth.upper
    assert grown.interval(13).lower < 100 * np.exp(0.3 * at[39:] / 13).sum() < grown.interval(13).upper
    stops, dies, goes_on = (grown.interval(39, trend=trend).estimate for trend in ("stops", "dies out", "goes on"))
    assert stops < dies < goes_on
    wave = 1 + 0.5 * np.cos(2 * np.pi * (at + 0.5) / A_YEAR)
    seasonal = Arrivals(rng.poisson(100 * wave[:39]))
    assert seasonal.season > 0.95 > flat.estimate / 1e6
    ahead = seasonal.rates(13, 2000).mean(axis=0)
    assert np.corrcoef(ahead, wave[39:])[0, 1] > 0.95
    assert not Arrivals(rng.poisson(100, 25)).knows_season


def test_chance_is_wider_where_counts_jump_than_where_they_do_not() -> None:
    rng = np.random.default_rng(6)
    even, campaigns = (Arrivals(rng.poisson(100 * np.exp(spread * rng.standard_normal(39)))) for spread in (0.0, 0.4))
    one, other = even.interval(1), campaigns.interval(1)
    assert (other.upper - other.lower) > 2 * (one.upper - one.lower)
    assert 1.9 < (one.upper - one.lower) / (2 * np.sqrt(100)) < 3.2  # 3.92 standard errors of a count over two of them


def test_nobody_comes_where_nobody_came_for_long() -> None:
    ended = Arrivals(np.concatenate([np.full(9, 60.0), np.zeros(17)])).interval(13)
    assert ended.estimate < 6 and ended.lower == 0


@pytest.mark.parametrize("counts", [[5.0], [5.0, -1.0], [5.0, np.nan]])
def test_counts_that_are_none_are_refused(counts: list[float]) -> None:
    with pytest.raises(DataError, match="newcomers are counted in at least two periods, and no count is negative"):
        Arrivals(np.array(counts))


def test_bad_questions_are_refused_in_one_sentence() -> None:
    found = Arrivals(np.full(13, 50.0))
    with pytest.raises(DataError, match=r"^trend='up'; use one of dies out, stops, goes on\.$"):
        found.rates(3, trend="up")
    with pytest.raises(DataError, match=r"^the time ahead is 0 periods of four weeks; it must be positive\.$"):
        exposures(0)
    with pytest.raises(DataError, match=r"^acquisition_cost is -1; what it costs to win one newcomer is 0 or more\.$"):
        life.expected_equity(some_known(Planned(10.0)), TERMS, -1)
    with pytest.raises(DataError, match=r"^newcomers is -3; give how many customers will come in a year, 0 or more\.$"):
        planned(-3)
    assert planned(365.25).each == pytest.approx(28)


@pytest.mark.slow
def test_rules_are_scored_on_windows_that_do_not_overlap() -> None:
    counts = np.random.default_rng(1).poisson(60 * np.exp(0.5 * np.arange(45) / 13)).astype(int)
    ends = [date(2025, 6, 29) - timedelta(days=28 * (44 - at)) for at in range(45)]
    table = pd.DataFrame({"start": [end - timedelta(days=27) for end in ends], "end": ends, "newcomers": counts, "used": True})
    scores = life.rules_scored(Newcomers(table, ends[-1], "even", None, pd.Series(counts, pd.DatetimeIndex(ends))))
    windows = scores.windows
    assert (windows["made"].iloc[1:].to_numpy() == windows["due"].iloc[:-1].to_numpy()).all()
    at = next(place for place, end in enumerate(ends) if end == windows["made"].iloc[0])
    assert windows["came"].iloc[0] == counts[at + 1 : at + 4].sum()
    assert windows["as many as in the last four weeks"].iloc[0] == 3 * counts[at]
    assert windows["as many as in the same weeks a year ago"].iloc[0] == counts[at - 12 : at - 9].sum()
    rules = scores.table.set_index("rule")
    assert rules.loc["as many as on average so far", "lower"] > 0  # a mean does not grow
    short = Newcomers(table.iloc[-12:], ends[-1], "even", None, pd.Series(counts[-12:], pd.DatetimeIndex(ends[-12:])))
    with pytest.raises(TooLittle, match="12 periods of four weeks leave 2 windows of twelve weeks to foretell from what came before"):
        life.rules_scored(short)


@pytest.mark.slow
def test_the_number_to_come_is_held_against_its_own_past() -> None:
    found = life.count_newcomers(records())
    ahead = life.newcomers_ahead(found, 364)
    assert ahead.interval is not None and ahead.record is not None and ahead.record.disjoint >= 2
    assert ahead.interval.lower <= ahead.now.lower and ahead.interval.upper >= ahead.now.upper
    came = life.true_equity(shop(), TERMS, 0.0, [52.0])["number"].iloc[0]
    assert ahead.interval.lower < came < ahead.interval.upper
    born = shop().transactions.groupby("customer_id")["date"].min()
    row = ahead.past.iloc[-1]
    assert row["came"] == ((born > pd.Timestamp(row["made"])) & (born <= pd.Timestamp(row["due"]))).sum()
    further = life.newcomers_ahead(found, 3 * 365)
    assert further.interval is None and "had come due" in str(further.why)


def test_who_learns_level_and_growth_has_the_interval_that_theory_gives() -> None:
    """Against somebody who knows the mean: the root of 1 + n (1 / N + 12 d^2 / (N w^2)), N counts in w weeks, n to come, d weeks away."""
    from benchmarks.newcomers import HORIZON, WEEKS, learned, wave

    mean, rng = wave(WEEKS + HORIZON, 0.0, 0.0), np.random.default_rng(1)
    N, n, away = mean[: 7 * WEEKS].sum(), mean[7 * WEEKS :].sum(), (WEEKS + HORIZON) / 2
    said = learned(mean[: 7 * WEEKS], mean, rng)
    wider = np.sqrt(1 + n * (1 / N + 12 * away**2 / (N * WEEKS**2)))
    assert said.estimate == pytest.approx(n, rel=0.01)
    assert (said.upper - said.lower) / (2 * 1.96 * np.sqrt(n)) == pytest.approx(wider, rel=0.06)


# --- what one is worth, and all together ------------------------------------------------------------------------------------------------


def test_newcomers_bring_numbers_times_worth_by_the_time_they_have() -> None:
    known = some_known(Planned(10.0))
    terms = life.ValueTerms(8, 0.3, 0.0, "week")
    model, mean = known.purchases.model, 6.25 * 15.44 / 2.74
    by_hand = sum(10 * 0.3 * (30 + mean * float(model.expected_purchases_new_customer(rest))) for rest in (6.0, 2.0))
    found = life.expected_equity(known, terms, 4.0)
    assert found.number == 20 and found.brought == pytest.approx(by_hand) and found.cost == 80
    assert found.net == pytest.approx(found.known + by_hand - 80)
    assert life.affordable_cost(known, terms) == pytest.approx(by_hand / 20)
    later = life.expected_equity(known, life.ValueTerms(8, 0.3, 0.5, "week"), 4.0)
    assert later.cost == pytest.approx(4 * 10 * sum(1.5 ** (-weeks * 7 / 365.25) for weeks in (2, 6)))
    assert later.brought < found.brought
    dear = life.ValueTerms(8, 0.3, 0.5, "week")
    assert life.expected_equity(known, dear, life.affordable_cost(known, dear)).net == pytest.approx(later.known)


def test_worth_is_the_first_purchase_and_what_follows() -> None:
    known, terms = some_known(Planned(1.0)), life.ValueTerms(52, 0.3, 0.0, "week")
    mean = 6.25 * 15.44 / 2.74
    exact = 0.3 * (30 + mean * float(known.purchases.model.expected_purchases_new_customer(52)))
    assert life.newcomer_worth(known, terms).estimate == pytest.approx(exact)
    assert life.newcomer_worth(known, replace(terms, annual_discount_rate=0.2)).estimate < exact


def test_where_spend_goes_with_frequency_newcomers_spend_so() -> None:
    plain = some_known(Planned(1.0))
    model = life.GammaGammaByFrequency(6.25, 3.74, 15.44, 1.3)
    rising = replace(plain, spend=replace(plain.spend, model=model, covariance=CERTAIN))
    assert life.newcomer_worth(rising, TERMS, draws=10).estimate > life.newcomer_worth(plain, TERMS, draws=10).estimate


@pytest.mark.slow
def test_draws_have_the_mean_that_is_expected_and_the_spread_of_simulated_newcomers() -> None:
    known, terms = some_known(Planned(40.0)), life.ValueTerms(52, 1.0, 0.0, "week")
    drawn, said = life.drawn_equity(known, terms, draws=2000, seed=4), life.expected_equity(known, terms)
    assert drawn.brought.mean() == pytest.approx(said.brought, rel=0.02)
    rng, model = np.random.default_rng(8), known.purchases.model
    totals = []
    for _ in range(300):
        count = rng.poisson(40 * 13)
        rests = rng.integers(0, 13, count) * 4 + 2.0
        nobody = np.zeros(count)
        bought = np.zeros(count)
        for rest in np.unique(rests):
            mine = rests == rest
            bought[mine] = model.draw_purchases(float(rest), nobody[mine], nobody[mine], nobody[mine], rng)
        spent = known.spend.model.draw_spend(bought, nobody, nobody, rng)
        totals.append(spent.sum() + 30 * count + rng.normal(0, 10, count).sum())
    assert drawn.brought.std() == pytest.approx(np.std(totals), rel=0.15)


def test_a_common_error_of_the_models_moves_both_parts_together() -> None:
    known = some_known(Planned(400.0))
    customers = pd.DataFrame({"frequency": [0] * 2000, "recency": 0.0, "T": 30.0, "monetary_value": 0.0})
    unsure = replace(known.spend, covariance=np.diag([1e-12, 1e-12, 0.09]))  # of the level of spend, which both parts share
    drawn = life.drawn_equity(replace(known, customers=customers, spend=unsure), TERMS, draws=200, seed=2)
    assert np.corrcoef(drawn.known, drawn.brought)[0, 1] > 0.8


@pytest.mark.slow
def test_equity_is_claimed_where_its_record_reaches_and_a_range_further_ahead() -> None:
    log, known = records(), now()
    brought, found = life.brought_by_birth(log), life.count_newcomers(log)
    said = life.customer_equity(log, brought, found, known, TERMS, life.BetaGeoNBD, "independent", cost=6.0, draws=100)
    true = life.true_equity(shop(), TERMS, 6.0, [52.0]).iloc[0]
    assert said.interval is not None and said.interval.lower < true["equity"] < said.interval.upper
    assert said.interval.lower <= said.total.lower and said.interval.upper >= said.total.upper
    assert said.record.record is not None and said.record.record.disjoint == 2
    assert said.worth.interval is not None
    row, made = said.record.past.iloc[0], said.record.past["made"].iloc[0]
    came = brought.between(made, row["due"], TERMS)
    assert row["came"] == pytest.approx(came.known + came.brought)
    far = life.customer_equity(log, brought, found, known, replace(TERMS, horizon=120), life.BetaGeoNBD, "independent", draws=100)
    assert far.interval is None and far.worth.interval is None
    assert far.why == (
        "Only 1 statement without overlap that looks 120 weeks ahead had come due by 2027-06-27; an interval needs 2 of them."
    )
    given = life.customer_equity(log, brought, Planned(80.0), replace(known, arrivals=Planned(80.0)), TERMS, life.BetaGeoNBD, draws=100)
    assert given.why == "The number of newcomers is given and not foretold, so that no record tells how far it can be trusted."


@pytest.mark.slow
def test_years_beyond_the_record_are_scenarios() -> None:
    years = life.by_years({"BG/NBD": now()}, TERMS, 6.0, record=52.18)
    assert years["scenario"].tolist() == [False, True, True]
    assert (years["low"] < years["equity"]).all() and (years["equity"] < years["high"]).all()
    assert years["equity"].is_monotonic_increasing
    assert ((years["high"] - years["low"]) / years["equity"]).is_monotonic_increasing
    with pytest.raises(TooLittle, match="No purchase model could be fitted"):
        life.by_years({}, TERMS)


@pytest.mark.parametrize(
    "model",
    [
        life.BetaGeoNBD(0.243, 4.414, 0.793, 2.426, "week"),
        life.ModifiedBetaGeoNBD(0.525, 6.183, 0.891, 1.614, "week"),
        life.ParetoNBD(0.553, 10.578, 0.606, 11.669, "week"),
    ],
)
def test_leaving_changes_what_comes_and_not_who_is_there(model: object) -> None:
    known = some_known(Planned(10.0), model)
    same = life.with_leaving(known, 1.0)
    assert life.expected_equity(same, TERMS).net == pytest.approx(life.expected_equity(known, TERMS).net)
    often, seldom = (life.expected_equity(life.with_leaving(known, factor), TERMS) for factor in (1.2, 0.8))
    assert often.known < seldom.known and often.brought < seldom.brought
    history = [np.array([4.0]), np.array([20.0]), np.array([30.0])]
    assert life.with_leaving(known, 1.2).purchases.model.probability_alive(*history) == known.purchases.model.probability_alive(*history)


def test_all_cannot_leave_more_often_than_always() -> None:
    with pytest.raises(DataError, match="a chance to leave 5 times as large as now would be 123%; it lies between 0 and 1"):
        life.with_leaving(some_known(Planned(10.0)), 5.0)


def test_sensitivity_moves_one_assumption_at_a_time() -> None:
    known = some_known(Planned(10.0))
    base, table = life.expected_equity(known, TERMS, 5.0), life.sensitivity(known, TERMS, 5.0, newest=0.8).set_index("what")
    assert table.loc["cost of winning a newcomer", "at_low"] == pytest.approx(base.net + 0.2 * base.cost)
    assert table.loc["margin", "at_high"] == pytest.approx(life.expected_equity(known, replace(TERMS, margin=0.36), 5.0).net)
    assert table.loc["how many come", "at_low"] == pytest.approx(life.expected_equity(some_known(Planned(8.0)), TERMS, 5.0).net)
    assert table.loc["newcomers are like", "at_low"] == pytest.approx(base.net - 0.2 * base.brought)
    assert table["apart"].is_monotonic_decreasing
    assert "the trend of arrivals" not in table.index  # a plan has none
    assert table.loc["leaving", "at_low"] > base.net > table.loc["leaving", "at_high"]
    free = life.sensitivity(known, TERMS).set_index("what").loc["cost of winning a newcomer"]
    assert free["at_low"] - free["at_high"] == pytest.approx(0.1 * base.brought)


def test_nobody_to_win_has_no_break_even() -> None:
    with pytest.raises(TooLittle, match="Nobody is expected to come, so that there is nobody to win"):
        life.affordable_cost(some_known(Planned(0.0)), TERMS)


# --- what the records say of newcomers ----------------------------------------------------------------------------------------------------


def small() -> life.Brought:
    rows = [("a", "2025-01-01", 10.0), ("a", "2025-01-08", 20.0), ("b", "2025-01-08", 40.0), ("b", "2025-02-05", 5.0)]
    return life.brought_by_birth(gw.read_transactions(pd.DataFrame(rows, columns=["customer_id", "date", "amount"])))


@pytest.mark.slow
def test_what_came_is_told_apart_by_who_was_known() -> None:
    terms = life.ValueTerms(10, 0.5, 0.0, "week")
    came = small().between(date(2025, 1, 5), date(2025, 2, 5), terms)
    assert came == (10.0, 1.0, 22.5)
    discounted = small().between(date(2025, 1, 1), date(2025, 2, 5), life.ValueTerms(10, 1.0, 0.2, "week"))
    assert discounted.brought == pytest.approx(40 * 1.2 ** (-7 / 365.25) + 5 * 1.2 ** (-35 / 365.25))
    assert small().cost(date(2025, 1, 1), date(2025, 2, 5), life.ValueTerms(10, 1.0, 0.2, "week"), 3.0) == pytest.approx(
        3 * 1.2 ** (-7 / 365.25)
    )


@pytest.mark.slow
def test_too_few_first_amounts_and_cohorts_are_refused() -> None:
    with pytest.raises(TooLittle, match="2 first purchases until 2025-02-05 are too few to say what one brings; 10 are needed"):
        small().first_amount(date(2025, 2, 5))
    with pytest.raises(TooLittle, match="1 cohorts of four weeks are as old as 1 weeks; 3 are needed"):
        small().by_age(life.ValueTerms(1, 1.0, 0.0, "week"))


def test_what_customers_brought_by_an_age_is_their_mean() -> None:
    brought, terms = life.brought_by_birth(records()), life.ValueTerms(26, 0.3, 0.0, "week")
    log = shop().transactions
    born = log.groupby("customer_id")["date"].transform("min")
    old = log[born <= pd.Timestamp(shop().last) - pd.Timedelta(days=182)]
    age = (old["date"] - born[old.index]).dt.days
    mean = 0.3 * old.loc[age <= 182, "amount"].sum() / old["customer_id"].nunique()
    found = brought.by_age(terms)
    assert found.estimate == pytest.approx(mean)
    assert found.lower < life.newcomer_worth(now(), terms).estimate < found.upper


def test_records_without_money_are_refused() -> None:
    log = gw.read_transactions(pd.DataFrame({"customer_id": ["a", "b"], "date": ["2025-01-01", "2025-01-02"]}))
    with pytest.raises(TooLittle, match="has no money: read it with amount= to say what customers are worth"):
        life.brought_by_birth(log)


def test_what_comes_is_not_known_of_ones_own_company() -> None:
    with pytest.raises(TooLittle, match="What comes is not known, as it never is of a company of one's own"):
        life.true_equity(None, TERMS, 0.0, [52.0])


@pytest.mark.slow
def test_forecasts_of_newcomers_are_held_against_who_came() -> None:
    found = life.count_newcomers(records())
    ahead = life.newcomers_ahead(found, 364)
    said = life.equity_forecasts(found, ahead, records().first)
    assert [one.days for one in said] == [28, 364]
    assert said[1].headline == "newcomers_ahead" and said[1].estimate == ahead.now.estimate
    with pytest.raises(TooLittle, match="The shop is a simulated one: nothing more comes of it"):
        life.equity_forecasts(found, ahead, records().first, simulated=True)
    with pytest.raises(TooLittle, match="The number of newcomers is given and not foretold"):
        life.equity_forecasts(planned(100), ahead, records().first)
    later = life.came_of(gw.read_transactions(shop().everything), said)
    born = shop().everything.groupby("customer_id")["date"].min()
    ended = pd.Timestamp(found.end)
    assert [one.came for one in later] == [((born > ended) & (born <= ended + pd.Timedelta(days=days))).sum() for days in (28, 364)]


def test_of_a_number_that_is_given_no_periods_are_foretold() -> None:
    with pytest.raises(TooLittle, match=r"^The number of newcomers is given and not foretold"):
        life.coming_periods(planned(1000.0), 203)
