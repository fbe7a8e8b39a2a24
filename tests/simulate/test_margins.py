"""The simulated company looks like companies that are published, and its dirty records are read with the counts that were put there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.relationship import read_answers
from goodwill.simulate import answering_company
from goodwill.simulate.mechanism import MECHANISMS


@pytest.mark.slow
@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD", "Pareto/NBD"])
def test_repeat_rates_are_those_of_cdnow(name):
    """CDNOW: 2,357 customers in 39 weeks, and in the 39 weeks after them (Fader, Hardie & Lee 2005)."""
    real = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), unit="week", calibration_end="1997-09-30").to_pandas()
    sold = answering_company(name, customers=len(real), weeks=78, seed=2)
    day = sold.transactions["date"].min() + pd.Timedelta(weeks=39)
    found = gw.summarize_purchases(gw.read_transactions(sold.transactions), unit="week", calibration_end=day.date()).to_pandas()
    share = [(each["frequency"] > 0).mean() for each in (real, found)]
    error = np.sqrt(share[0] * (1 - share[0]) * 2 / len(real))
    assert share[1] == pytest.approx(share[0], abs=3 * error)
    mean = [each["frequency"].mean() for each in (real, found)]
    spread = np.sqrt((real["frequency"].var() + found["frequency"].var()) / len(real))
    assert mean[1] == pytest.approx(mean[0], abs=3 * spread)
    later = [each["frequency_holdout"].mean() for each in (real, found)]
    spread = np.sqrt((real["frequency_holdout"].var() + found["frequency_holdout"].var()) / len(real))
    assert later[1] == pytest.approx(later[0], abs=3 * spread)


def test_the_mean_purchase_of_a_customer_is_about_that_of_cdnow():
    real = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), unit="week", calibration_end="1997-09-30")
    fit = gw.GammaGamma.fit(real).model
    assert MECHANISMS["BG/NBD"].p == pytest.approx(fit.p, rel=0.02)
    assert MECHANISMS["BG/NBD"].q == pytest.approx(fit.q, rel=0.02)
    assert MECHANISMS["BG/NBD"].gamma == pytest.approx(fit.gamma, rel=0.02)


def test_bad_words_reach_more_than_good_ones_as_in_the_case():
    """Coca-Cola 1981: the dissatisfied told 9 to 10 people, the satisfied 4 to 5: about twice as many. Here it is three times."""
    satisfied, _, dissatisfied, _, _ = MECHANISMS["full"].told
    assert 2 <= dissatisfied / satisfied <= 3


@pytest.mark.slow
def test_most_complaints_end_well_and_a_quarter_does_not():
    sold = answering_company("full", customers=6_000, weeks=104, seed=3, prospects=0, trial_shares=())
    shares = sold.complaints["outcome"].value_counts(normalize=True)
    assert shares[["satisfied", "acceptable", "dissatisfied"]].tolist() == pytest.approx([0.45, 0.30, 0.25], abs=0.03)


@pytest.mark.slow
def test_who_stays_rises_with_satisfaction_and_most_at_the_bottom_of_the_scale():
    """The chance to leave falls with satisfaction by odds: a convex curve, steepest where satisfaction is low."""
    sold = answering_company("full", customers=20_000, weeks=104, seed=4, prospects=0, trial_shares=(), satisfaction_dropout=-0.8)
    people = sold.customers[~sold.customers["prospect"]]
    gone = np.isfinite(people["left"]).groupby(pd.qcut(people["satisfaction"], 5, labels=False)).mean().to_numpy()
    assert (np.diff(gone) < 0).all()
    orders, _ = sold.truth.lived
    felt = pd.cut(sold.truth.persons.satisfaction[orders["person"].to_numpy(int)], [-9.0, -1.5, -0.5, 0.5, 1.5, 9.0], labels=False)
    leaves = np.isfinite(orders["left"]).groupby(felt).mean().to_numpy()  # after a purchase, by levels of equal width
    assert (np.diff(leaves) < 0).all()
    assert (np.diff(leaves, 2) > 0).all()


@pytest.mark.slow
def test_dirt_in_all_three_tables_is_read_with_the_counts_that_were_put_there(tmp_path):
    sold = answering_company("full", customers=600, weeks=80, seed=1, prospects=0, trial_shares=(), survey_week=70.0)
    survey = sold.survey.astype(object)
    survey.loc[survey.index[:3], "satisfaction"] = None
    survey.loc[survey.index[3:5], "satisfaction"] = 77
    survey.to_csv(tmp_path / "survey.csv", index=False)
    with pytest.raises(gw.errors.DataError, match="77"):
        read_answers(tmp_path / "survey.csv", scale="1-10")
    survey.loc[survey.index[3:5], "satisfaction"] = 7
    survey.to_csv(tmp_path / "survey.csv", index=False)
    read = read_answers(tmp_path / "survey.csv", scale="1-10")
    assert read.answers["satisfaction"].notna().sum() == len(sold.survey) - 3
    log = sold.complaints.astype(object)
    extra = log.head(4).copy()
    extra["opened"], extra["complaint_id"] = None, [f"late {number}" for number in range(4)]
    dirty = pd.concat([log, extra], ignore_index=True)
    dirty.to_csv(tmp_path / "complaints.csv", index=False)
    found = gw.read_complaints(tmp_path / "complaints.csv")
    assert len(found.cases) == len(log)
    assert found.audit.set_index("rule")["rows"]["no day of opening"] == 4
