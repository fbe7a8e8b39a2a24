"""Fits by cohort of first purchase: what differs, what chance explains, and which foretells better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import log_of

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.cohorts import CohortFits, fit_by_cohort

TRUTH = BetaGeoNBD(r=1.0, alpha=8.0, a=0.8, b=3.0, unit="week")
FASTER = BetaGeoNBD(r=1.0, alpha=4.0, a=0.8, b=3.0, unit="week")
WEEKS = 60


def shop(*truths: BetaGeoNBD, seed: int = 1) -> CohortFits:
    """600 customers a month from the first day of logs, each month with its own truth; observed for 60 weeks, 30 of them held out."""
    logs = []
    for month, truth in enumerate(truths):
        born = np.random.default_rng([seed, month]).uniform(4.3 * month, 4.3 * month + 3.6, 600)
        log = log_of(truth, born, until=WEEKS, seed=10 * seed + month)
        logs.append(log.assign(customer_id=log["customer_id"] + 10_000 * month))
    read = read_transactions(pd.concat(logs, ignore_index=True))
    return fit_by_cohort(summarize_purchases(read, calibration_end=str(read.first + pd.Timedelta(weeks=30))[:10]))


@pytest.fixture(scope="module")
def cdnow() -> CohortFits:
    return fit_by_cohort(summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30"))


def test_on_cdnow_chance_explains_the_cohorts_and_fits_of_their_own_foretell_no_better(cdnow: CohortFits) -> None:
    assert cdnow.table["cohort"].tolist() == ["1997-01", "1997-02", "1997-03"]
    assert cdnow.table["actual"].sum() == 1882, "the hold-out of Fader, Hardie & Lee (2005)"
    assert (cdnow.degrees, cdnow.p_value > 0.5) == (8, True)
    off = (cdnow.table["own"] - cdnow.table["actual"]).abs().sum() / 1882
    assert cdnow.misses["own"] == pytest.approx(off)
    assert cdnow.misses["own"] > cdnow.misses["together"]


def test_all_together_are_the_fit_for_everybody(cdnow: CohortFits) -> None:
    assert cdnow.together.log_likelihood == pytest.approx(-9582.4292, abs=1e-3)
    assert sum(fit.log_likelihood for fit in cdnow.fits.values()) > cdnow.together.log_likelihood


@pytest.mark.slow
def test_customers_who_buy_twice_as_often_are_found() -> None:
    found = shop(TRUTH, FASTER)
    assert found.p_value < 0.001
    first, second = found.table.itertuples()
    truth = [float(t.expected_purchases_new_customer(found.horizon)) for t in (TRUTH, FASTER)]
    assert first.lower < truth[0] < first.upper < second.lower < truth[1] < second.upper
    assert abs(second.own - second.actual) < abs(second.together - second.actual)
    assert found.misses["own"] < found.misses["together"]


@pytest.mark.slow
def test_equal_customers_are_called_different_about_as_often_as_promised() -> None:
    values = [shop(TRUTH, TRUTH, seed=seed).p_value for seed in range(1, 13)]
    assert sum(value < 0.05 for value in values) <= 3, "one in twenty; more than three of twelve have a chance of 0.2 %"


def test_cohorts_without_customers_who_came_back_are_too_little() -> None:
    with pytest.raises(TooLittle, match="Cohorts are not compared: 1 of 1 by year have the 50 customers who came back that a fit needs"):
        fit_by_cohort(summarize_purchases(read_transactions("cdnow_sample")), by="year")
    with pytest.raises(DataError, match="formed by month, quarter, year"):
        fit_by_cohort(summarize_purchases(read_transactions("cdnow_sample")), by="week")
