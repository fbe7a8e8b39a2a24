"""`make truth` in small: the study of lifetime value, what the summary counts, and that a stopped run goes on."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from benchmarks.truth import _portions as portions
from benchmarks.truth import _table as truth
from benchmarks.truth import complaint_word_of_mouth, customer_equity, lifetime_value, segment_strategies, segment_values, trial_outcomes
from benchmarks.truth._histories import known_before, known_on

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.lifetime_value.evidence.past_statements import money_statement
from goodwill.segments.evidence.value_statements import value_statements
from goodwill.simulate import company
from goodwill.simulate.answering_company import answering_company
from goodwill.simulate.lives import first_weeks
from goodwill.simulate.mechanism import mechanism
from goodwill.word_of_mouth.complaint_values import complainers_before


def made_up(lower: float, upper: float) -> pd.DataFrame:
    """Ten companies of two truths with estimates that move half as far as the truth."""
    rows = [("money", f"truth {true:g}", true, 50 + true / 2, lower, upper, 99.0, 101.0) for true in (100.0, 200.0) for _ in range(5)]
    return pd.DataFrame(rows, columns=[*truth.COLUMNS, "lower_model", "upper_model"])


def test_the_summary_counts_what_each_interval_held_and_how_much_wider_it_was():
    table = truth.summarised(made_up(90.0, 110.0)).set_index("truth_name")
    assert table["covered"].tolist() == table["covered_model"].tolist() == [100.0, 0.0]
    assert table["wider"].tolist() == [10.0, 10.0]
    # At 200 the interval misses by 90: its width of 20 and 40 times 90, in per cent of 200.
    assert table["score"].tolist() == pytest.approx([20.0, (20 + 40 * 90) / 2])
    assert table["bias"].tolist() == [0.0, -25.0]


def test_the_slope_of_estimates_on_truths_is_that_of_their_means():
    assert truth.slopes(made_up(0.0, 1.0))["money", "all"] == pytest.approx(0.5)
    same = made_up(0.0, 1.0).assign(truth=100.0)
    assert np.isnan(truth.slopes(same)["money", "all"])


def test_truths_whose_names_begin_alike_are_also_pooled():
    results = made_up(90.0, 110.0)
    results["truth_name"] = results["truth_name"].map({"truth 100": "right: a", "truth 200": "right: b"})
    (row,) = truth.pooled(results).to_dict("records")
    assert (row["truth_name"], row["companies"], row["covered"]) == ("all right", 10, 50.0)
    assert row["at_least"] == pytest.approx(23.66, abs=0.01)  # Wilson's interval of 5 in 10
    assert "all right" in truth.text(results) and "right 0.50" in truth.text(results)


def test_an_oracle_is_scored_where_a_study_brings_one():
    table = truth.summarised(made_up(90.0, 110.0).assign(lower_oracle=95.0, upper_oracle=105.0)).set_index("truth_name")
    assert table.loc["truth 100", "score_oracle"] == pytest.approx(10.0)
    assert truth.summarised(made_up(90.0, 110.0))["score_oracle"].isna().all()


def test_an_oracle_is_compared_over_the_companies_that_it_speaks_of():
    results = made_up(90.0, 110.0).assign(lower_oracle=95.0, upper_oracle=105.0)
    results.loc[results["truth"] == 200, ["lower_oracle", "upper_oracle"]] = np.nan
    table = truth.summarised(results.assign(truth_name="both"))
    assert table["to_oracle"].tolist() == [2.0]  # 20 wide against 10, and both hold 100


def test_intervals_without_zero_are_counted():
    assert truth.summarised(made_up(90.0, 110.0))["not_zero"].tolist() == [100.0, 100.0]
    assert truth.summarised(made_up(-1.0, 110.0))["not_zero"].tolist() == [0.0, 0.0]


def test_a_headline_that_claims_no_interval_is_not_counted_as_covered():
    table = truth.summarised(made_up(np.nan, np.nan))
    assert table["claimed"].tolist() == [0.0, 0.0]
    assert table["covered"].isna().all()
    assert "-" in truth.text(made_up(np.nan, np.nan))


def test_a_run_takes_up_where_it_was_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(portions, "PARTS", tmp_path)
    for seed in (1, 1 + portions.PORTION):
        made_up(90.0, 110.0).to_csv(portions.part_of("made_up", portions.PORTION, seed), index=False)
    assert len(portions.run(["made_up"], 2 * portions.PORTION, hours=0.0, first=1)) == 2  # nothing to run, and no time to run it
    assert len(portions.run(["made_up"], 3 * portions.PORTION, hours=0.0, first=1)) == 2


def test_a_study_says_how_many_companies_it_asks_for():
    assert [portions.companies_of(name) for name in ("complaint_word_of_mouth", "satisfaction_loyalty", "lifetime_value")] == [400, 400, 80]


def test_a_study_says_which_company_is_its_first(tmp_path, monkeypatch):
    assert [portions.seed_of(name) for name in ("segment_strategies", "segment_values", "lifetime_value")] == [4_501, 3_001, 1]
    monkeypatch.setattr(portions, "PARTS", tmp_path)
    made_up(90.0, 110.0).to_csv(portions.part_of("segment_values", portions.PORTION, 3_001), index=False)
    made_up(90.0, 110.0).to_csv(portions.part_of("segment_values", portions.PORTION, 9_001), index=False)
    here, there = (portions.run(["segment_values"], portions.PORTION, hours=0.0, first=first) for first in (None, 9_001))
    assert [path.name for path in (*here, *there)] == ["segment_values-5-3001.csv", "segment_values-5-9001.csv"]


def test_every_study_of_the_folder_is_found():
    assert "lifetime_value" in portions.studies()
    assert not any(name.startswith("_") for name in portions.studies())


@pytest.mark.slow
def test_customers_known_on_a_date_are_those_of_the_purchase_summary():
    transactions = answering_company("full", customers=200, weeks=60, seed=1).transactions[["customer_id", "date", "amount"]]
    made, due = date(2024, 9, 30), date(2024, 12, 30)
    log = read_transactions(transactions)
    ours = known_on(transactions, made, due)
    theirs = summarize_purchases(log, calibration_end=made, end=due).to_pandas().astype({"customer_id": int})
    theirs = theirs.sort_values("customer_id", ignore_index=True)
    for name in ("customer_id", "frequency", "recency", "T", "monetary_value", "spend_holdout"):
        assert np.allclose(ours[name], theirs[name]), name


def test_complainers_known_before_their_complaints_are_those_of_the_engine():
    sold = company(300, 60, seed=4)
    last = sold.transactions["date"].max()
    log = sold.complaints[sold.complaints["opened"] <= last]
    ours = known_before(sold.transactions, log)
    theirs = complainers_before(read_transactions(sold.transactions), log, "week")
    assert list(ours.columns) == list(theirs.columns)
    assert (ours["outcome"] == theirs["outcome"]).all() and (ours["customer_id"].astype(str) == theirs["customer_id"]).all()
    for name in ("frequency", "recency", "T", "ahead", "spend", "first_amount"):
        assert np.allclose(ours[name], theirs[name]), name


@pytest.mark.slow
def test_the_complaint_headlines_move_with_the_truth_in_small():
    """Three companies of each truth for which the model is right, the null among them."""
    results = complaint_word_of_mouth.study(3, 1, customers=2_000, truths=tuple(complaint_word_of_mouth.TRUTHS)[:3])
    slopes = truth.slopes(results)
    for headline in ("02 cost of one dissatisfied complaint", "02 cost of a year's complaints", "02 most that an attempt may cost"):
        assert 0.7 < slopes[headline, "right"] < 1.3
    table = truth.pooled(results).set_index("headline")
    assert (table["covered"] >= 7 / 9 * 100).all()
    # Of nine companies a score hangs on one miss; widths do not.
    wide = (results["upper"] - results["lower"]) / (results["upper_oracle"] - results["lower_oracle"])
    assert (wide.groupby(results["headline"]).mean() < 1.6).all()


@pytest.mark.slow
def test_the_study_says_what_the_library_says_of_the_same_company():
    company = answering_company("BG/NBD", customers=400, weeks=lifetime_value.WEEKS, seed=5)
    said = lifetime_value.headline(company)
    log = read_transactions(company.transactions[["customer_id", "date", "amount"]])
    made = company.truth.mechanism.start + timedelta(days=7 * lifetime_value.WEEKS - 1)
    library = money_statement(log, made, lifetime_value.HORIZON, draws=100)
    assert (said["estimate"], said["lower_model"]) == pytest.approx((library.estimate, library.lower), rel=1e-4)
    assert said["lower"] <= said["lower_model"] and said["upper_model"] <= said["upper"]


@pytest.mark.slow
@pytest.mark.parametrize("step", [2, 1])
def test_the_money_headline_moves_with_the_truth_in_small(step):
    """One company of each truth for which the model is right, or of every second of them: as on CDNOW, they leave more, nobody leaves."""
    rows = []
    for name, (base, changed) in list(lifetime_value.RIGHT.items())[::step]:
        company = answering_company(base, customers=400, weeks=lifetime_value.WEEKS, seed=1, **changed)
        said = lifetime_value.headline(company, past=(39, 52), draws=40)
        rows.append({"headline": "money", "truth_name": name, **said})
    results = pd.DataFrame(rows)
    assert 0.8 < truth.slopes(results)["money", "right"] < 1.25
    assert ((results["lower"] <= results["truth"]) & (results["truth"] <= results["upper"])).sum() >= len(results) - 1


@pytest.mark.slow
def test_strategies_that_do_nothing_have_a_truth_of_nothing_and_a_plan_that_loses_its_cost(monkeypatch):
    monkeypatch.setattr(segment_strategies, "CUSTOMERS", 400)
    found = segment_strategies.study(1, 3, ("right: nothing works",)).set_index("headline")
    effects = found.loc[["04 effect of the voucher", "04 effect of the call"]]
    assert (effects["truth"] == 0).all() and (effects["lower"] < effects["estimate"]).all()
    assert found.loc["04 delivered by the trial's plans", "truth"] <= 0 and found.loc["04 net of the plan", "truth"] <= 0
    assert found.loc["04 somebody's plan", "truth"] == 0


@pytest.mark.slow
def test_strategies_at_full_strength_add_margin_and_the_oracle_holds_it(monkeypatch):
    monkeypatch.setattr(segment_strategies, "CUSTOMERS", 800)
    found = segment_strategies.study(1, 4, ("right: full strength",)).set_index("headline")
    assert list(found) == ["truth_name", "truth", "estimate", "lower", "upper", "lower_oracle", "upper_oracle"]
    call = found.loc["04 effect of the call"]
    assert call["truth"] > 1 and call["lower_oracle"] < call["truth"] < call["upper_oracle"]
    assert found.loc["04 somebody's plan", "truth"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("truth_name", ["wrong: effects not with value", "wrong: control group not kept", "wrong: Pareto/NBD"])
def test_where_the_page_is_wrong_about_a_trial_there_is_no_oracle(monkeypatch, truth_name):
    monkeypatch.setattr(segment_strategies, "CUSTOMERS", 400)
    found = segment_strategies.study(1, 3, (truth_name,)).set_index("headline")
    assert found["lower_oracle"].isna().all()
    assert found.loc["04 effect of the call", "truth"] > 0


@pytest.mark.slow
def test_flat_effects_add_the_same_to_everybody_and_a_control_group_that_is_not_kept_hides_the_voucher(monkeypatch):
    monkeypatch.setattr(segment_strategies, "CUSTOMERS", 2_000)
    flat = segment_strategies.Tried.of(segment_strategies.TRUTHS["wrong: effects not with value"], 3)
    more = flat.more[:, 2].astype(float)
    assert abs(np.corrcoef(more, flat.value)[0, 1]) < 0.1 and more.mean() == pytest.approx(flat.gains[0, 2], rel=0.15)
    arms = [segment_strategies._got(segment_strategies.Made(1.0, kept=kept), pd.Series(["do_nothing"] * 4_000), 1) for kept in (1.0, 0.85)]
    assert (arms[0] == 0).all() and (arms[1] == 1).mean() == pytest.approx(0.15, abs=0.02)


@pytest.mark.slow
def test_the_value_after_a_trial_counts_what_lasts(monkeypatch):
    """One company of 1,000: the call works on for as long as the outcome looks ahead."""
    monkeypatch.setattr(trial_outcomes, "CUSTOMERS", 1_000)
    (found,) = trial_outcomes.study(1, 5, ("right: works on, in full",)).to_dict("records")
    (nothing,) = trial_outcomes.study(1, 5, ("right: the call does nothing",)).to_dict("records")
    assert nothing["truth"] == 0 < found["truth"]
    assert found["upper"] - found["lower"] > found["upper_model"] - found["lower_model"]  # more is counted, and not as surely
    assert found["lower"] < found["truth"] < found["upper"]


@pytest.mark.slow
def test_the_study_of_segments_says_what_the_library_says_of_the_same_company(monkeypatch):
    monkeypatch.setattr(segment_values, "CUSTOMERS", 400)
    company = answering_company("BG/NBD", customers=400, weeks=91, seed=6)
    ours = segment_values.statements(company)
    log = read_transactions(company.transactions[["customer_id", "date", "amount"]])
    cuts = [segment_values._cut(company, week) for week in segment_values.MADE[-1:]]
    log = replace(log, last=cuts[-1].due)
    how = {"margin": segment_values.MARGIN, "draws": segment_values.DRAWS}
    theirs = value_statements(log, segment_values._classes, cuts, **how)
    last = ours[ours["made"] == cuts[-1].made].reset_index(drop=True)
    for name in ("customers", "expected", "lower", "upper", "came"):
        assert last[name].to_numpy() == pytest.approx(theirs[name].to_numpy(), rel=1e-3), name


@pytest.mark.slow
def test_the_value_of_segments_is_widened_by_its_record_and_judged_by_what_comes(monkeypatch):
    monkeypatch.setattr(segment_values, "CUSTOMERS", 400)
    found = segment_values.study(1, 1, ("right: they buy twice as often",))
    assert found["headline"].str[-7:].tolist() == ["class A", "class B", "class C"]
    assert (found["lower"] <= found["lower_model"]).all() and (found["upper_model"] <= found["upper"]).all()
    assert (found["lower_oracle"] < found["estimate"]).all() and found["truth"].is_monotonic_decreasing


def test_the_mean_numbers_of_newcomers_are_those_that_come():
    name, (base, changed) = "right: a season of 40 %", customer_equity.RIGHT["right: a season of 40 %"]
    weeks, m = customer_equity.WEEKS + customer_equity.HORIZON, mechanism(base, **changed)
    u = np.random.default_rng(4).random(200_000)
    born = first_weeks(mechanism(m, acquisition_weeks=float(weeks)), u)
    came = np.histogram(born, np.arange(customer_equity.WEEKS, weeks + 1, 4))[0] * customer_equity.A_WEEK * weeks / 200_000
    expected = customer_equity._true_rates(name, m, customer_equity.HORIZON // 4)
    assert came == pytest.approx(expected, rel=0.05)
    assert customer_equity._true_rates("right: nobody new comes (null)", m, 3).tolist() == [0, 0, 0]


@pytest.mark.slow
def test_customer_equity_is_held_against_what_comes(monkeypatch):
    monkeypatch.setattr(customer_equity, "A_WEEK", 5.0)
    rows = pd.DataFrame(customer_equity.headlines("right: as many come all the time", "BG/NBD", {}, 3)).set_index("headline")
    assert list(rows.index) == [customer_equity.NUMBER, customer_equity.WORTH, customer_equity.EQUITY]
    assert (rows["lower"] <= rows["lower_model"]).all() and (rows["upper"] >= rows["upper_model"]).all()
    oracle = rows.loc[[customer_equity.NUMBER, customer_equity.EQUITY]]
    assert (oracle["upper_oracle"] - oracle["lower_oracle"] < oracle["upper"] - oracle["lower"]).all()
    _, orders = customer_equity.lived("right: nobody new comes (null)", "BG/NBD", {}, 3)
    first = orders.groupby("customer_id")["date"].min()
    assert (first < pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=customer_equity.STOPPED)).all()
