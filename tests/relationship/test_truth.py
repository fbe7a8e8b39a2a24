"""`make truth` of the levers in small, and the estimator where its truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from benchmarks.truth import relationship_value as study
from benchmarks.truth._relationship_truth import right_truth
from benchmarks.truth._table import COLUMNS

import goodwill as gw
from goodwill.relationship import fit_satisfaction_dropout, histories_of, joined_survey, lasting_events, read_answers, survey_day
from goodwill.relationship.known_truth import lever_truth
from goodwill.simulate import answering_company


@pytest.mark.slow
def test_the_study_gives_each_headline_with_its_truth():
    found = study.study(1, 4, customers=900, large=900, truths=("right: default",))
    assert set(COLUMNS) <= set(found)
    shown = found.set_index("headline")
    names = ["satisfaction: worth of one unit", "recovery: worth of one unit", "retention: worth of one unit"]
    names += ["recovery: in total, per customer", "answer time: worth of one unit", "answers a day faster, per customer"]
    assert set(names) <= set(shown.index)
    assert (shown.loc[names, "lower_oracle"] < shown.loc[names, "upper_oracle"]).all()
    assert {f"told by one recovered, {kind} (90 %)" for kind in ("conversions known", "all as stated")} <= set(shown.index)
    assert "told by one recovered, mean of what is stated" in shown.index
    assert "satisfaction: worth of one unit, what lasts stated" in shown.index
    parts = found[found["headline"].str.startswith("part of")]
    together = found.set_index("headline").loc["all three together, per customer"]
    assert parts["estimate"].sum() == pytest.approx(together["estimate"])
    assert parts["truth"].sum() == pytest.approx(together["truth"])
    assert (found["lower"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["upper"]).all()


def fitted(seed: int, **changed: object):
    company = answering_company("full", customers=20_000, weeks=104, seed=seed, prospects=0, trial_shares=(), survey_week=78.0, **changed)
    purchases = gw.read_transactions(company.transactions)
    said = joined_survey(purchases, read_answers(company.survey, scale="1-10"), survey_day(purchases, "2025-06-30"))
    summary = gw.summarize_purchases(purchases, unit="week")
    events = lasting_events(purchases, gw.read_complaints(company.complaints).cases)
    data = histories_of(summary.to_pandas(), said, events, 70.0)
    return fit_satisfaction_dropout(data, 0.674, start=gw.ModifiedBetaGeoNBD.fit(summary).model)


@pytest.mark.slow
@pytest.mark.parametrize("slope", [0.0, -0.3, -0.8])
def test_the_slope_of_leaving_on_satisfaction_is_found(slope):
    found = [fitted(seed, satisfaction_dropout=slope).slope for seed in (1, 2)]
    error = (found[0].upper - found[0].lower) / 3.92
    assert np.mean([each.estimate for each in found]) == pytest.approx(slope, abs=3 * error / np.sqrt(2) + 0.05)


@pytest.mark.slow
def test_a_dirty_log_of_the_company_is_read_with_the_counts_that_were_put_there(tmp_path):
    company = answering_company("full", customers=300, weeks=60, seed=1, prospects=0, trial_shares=())
    table = company.transactions[["customer_id", "date", "amount"]].astype({"customer_id": object, "amount": object})
    days = ["2024-03-01", None, "2024-03-01", "2024-03-01"]
    dirt = pd.DataFrame({"customer_id": [None, 7, 7, 7], "date": days, "amount": [5, 5, None, -2]})
    path = tmp_path / "dirty.csv"
    pd.concat([table, dirt], ignore_index=True).to_csv(path, index=False)
    found = gw.read_transactions(path).audit.set_index("rule")["rows"]
    expected = {"rows read": len(table) + 4, "missing id": 1, "missing date": 1, "missing amount": 1, "negative amounts": 1}
    assert found[list(expected)].to_dict() == expected
    assert found["rows used"] == len(table) + 1


@pytest.mark.long
def test_the_expected_truth_is_what_simulated_customers_bring():
    """Without chance and with it: a company of 40,000, whose complaints toss coins."""
    company = study.company_of("right: default", 40_000, 3)
    said, lived = right_truth(company).levers, lever_truth(company)
    assert said.total["satisfaction"] == pytest.approx(lived.total["satisfaction"], rel=0.15)
    assert said.total["recovery"] == pytest.approx(lived.total["recovery"], rel=0.15)
    assert said.worth["retention"] == pytest.approx(lived.worth["retention"], rel=0.1)
    assert said.together == pytest.approx(lived.together, rel=0.15)


@pytest.mark.slow
def test_somebody_who_knows_all_parameters_expects_what_the_customers_truly_bring():
    """Without an error of estimates: at the true parameters, and the true effects, histories of 20,000 customers tell what levers bring."""
    company = study.company_of("right: double", 20_000, 777)
    m, last = company.truth.mechanism, company.transactions["date"].max()
    log, days = company.complaints[company.complaints["opened"] <= last], company.transactions[["customer_id", "date"]].drop_duplicates()
    customers = study.known_on(company.transactions, last.date())
    data, _ = study.histories(company, customers)
    before, known = study.known_before(company.transactions, log), study.true_of("right: double", 20_000)
    oracle, true = study.Oracle(known, company, data, customers, days, log, before), right_truth(company).levers
    error = oracle.base.unknown_errors
    point, kept, _ = oracle.base.units[0] / oracle.base.brought(0.0)[0].there
    assert point == pytest.approx(study.MARGIN * true.worth["satisfaction"], rel=3 * error[0])
    assert kept == pytest.approx(study.MARGIN * true.worth["retention"], rel=3 * error[1])
    low, high = oracle._spared(m.outcome_shares[2], oracle.gap, 1e-9)
    assert low - 0.5 * (high - low) < study.MARGIN * true.total["recovery"] < high + 0.5 * (high - low)


@pytest.mark.slow
def test_a_truth_is_of_the_companys_own_customers():
    """Twice the spend of everybody is twice the worth, and another set of customers has another truth."""
    one, other = (right_truth(study.company_of("right: default", 2_000, seed)).levers for seed in (5, 6))
    assert one.worth["retention"] != pytest.approx(other.worth["retention"], rel=1e-3)
    company = study.company_of("right: default", 2_000, 5)
    people = company.truth.persons
    people.mean_spend[:] = 2 * people.mean_spend
    assert right_truth(company).levers.worth["recovery"] == pytest.approx(2 * one.worth["recovery"])
    assert sum(one.parts.values()) == pytest.approx(one.together)


@pytest.mark.slow
def test_how_much_of_a_feeling_lasts_is_drawn_from_the_range_that_is_stated():
    spread = [study.company_of("right: default", 2, seed).truth.mechanism.mood_spread for seed in range(200)]
    share = 1 / (1 + np.square(spread))
    assert study.LEAST <= share.min() < share.max() <= study.MOST
    assert share.mean() == pytest.approx(0.8, abs=0.02)
    assert share.std() == pytest.approx(0.1, abs=0.02)


def test_a_truth_that_is_not_of_the_model_is_not_taken_for_one():
    with pytest.raises(ValueError, match=r"^the mechanism of this company is not that of the model; take its truth from `lever_truth`$"):
        right_truth(study.company_of("odds: default", 300, 5))


def test_under_a_null_nothing_is_worth_anything_but_keeping_customers():
    found = right_truth(study.company_of("right: nothing moves leaving", 2_000, 5)).levers
    assert found.worth["satisfaction"] == found.worth["recovery"] == found.worth["answer time"] == 0
    assert found.worth["retention"] > 0
    assert sum(found.parts.values()) == pytest.approx(found.together)
