"""BG/NBD seen through periods: probabilities add up, agree with integrals and with simulated logs, and forecasts hold what comes."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy import special
from tests.lifetime_value.logs import log_of

from goodwill.data.date_grain import purchase_opportunities
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import FitError
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.beta_geo_nbd_by_period import BetaGeoNBDByPeriod

MODEL = BetaGeoNBDByPeriod(r=0.9, alpha=1.3, a=0.8, b=2.5)


@pytest.mark.parametrize("model", [MODEL, BetaGeoNBDByPeriod(0.25, 1.0, 1.7, 6.0), BetaGeoNBDByPeriod(3.0, 6.0, 0.3, 4.0)])
def test_all_histories_of_five_periods_have_probability_one(model: BetaGeoNBDByPeriod) -> None:
    """A history (x, t_x) stands for the patterns of x - 1 purchases before t_x."""
    cases = [(0, 0, 1)] + [(x, t, comb(t - 1, x - 1)) for t in range(1, 6) for x in range(1, t + 1)]
    x, t_x, ways = np.array(cases, float).T
    assert ways @ np.exp(model.log_likelihood(x, t_x, 5.0)) == pytest.approx(1, abs=2e-5)


@pytest.mark.parametrize(("x", "t_x", "n"), [(0, 0, 8), (1, 3, 8), (4, 8, 8), (6, 7, 20)])
def test_the_likelihood_is_the_integral_of_what_a_customer_does(x: int, t_x: int, n: int) -> None:
    rate, by_rate = special.roots_genlaguerre(80, 0.9 - 1)
    u, by_u = special.roots_jacobi(80, 2.5 - 1, 0.8 - 1)  # weight (1 - u)^(b - 1) (1 + u)^(a - 1)
    rate, p = np.meshgrid(rate / 1.3, (1 + u) / 2, indexing="ij")
    weight = np.outer(by_rate / by_rate.sum(), by_u / by_u.sum())
    stays, leaves, first = np.exp(-rate * p) - np.exp(-rate), -np.expm1(-rate * p), -np.expm1(-rate * p) / (rate * p)
    alive = stays**x * np.exp(-rate * (n - x)) * first
    gone = stays ** (x - 1) * np.exp(-rate * (t_x - x)) * leaves * first if x else 1 - first
    assert float(np.exp(MODEL.log_likelihood(x, t_x, n))) == pytest.approx(float((weight * (alive + gone)).sum()), rel=1e-4)


@pytest.mark.slow
def test_simulated_logs_have_these_frequencies_and_expectations() -> None:
    """Customers of BG/NBD, first purchases at uniform moments of a week; seen by weeks."""
    truth, n = BetaGeoNBD(0.9, 1.3, 0.8, 2.5, unit="week"), 20_000
    log = log_of(truth, np.random.default_rng(1).uniform(0, 1, n), until=11)
    seen = purchase_opportunities(read_transactions(log), "week", calibration_end="2023-02-19")  # seven weeks, the first one included
    never = (seen["frequency"] == 0).mean()
    assert never == pytest.approx(float(np.exp(MODEL.log_likelihood(0, 0, 6.0))), abs=4 * np.sqrt(0.25 / n))
    history = [seen[name].to_numpy() for name in ("frequency", "recency", "T")]
    expected, came = MODEL.expected_purchases(4.0, *history), seen["frequency_holdout"].to_numpy()
    for part in (history[0] == 0, history[0] == 2, history[0] >= 5):
        error = 4 * came[part].std() / np.sqrt(part.sum())
        assert expected[part].mean() == pytest.approx(came[part].mean(), abs=error)
    assert seen["frequency"].mean() == pytest.approx(float(MODEL.expected_purchases_new_customer(6.0)), abs=0.05)
    assert MODEL.expected_purchases_new_customer([0.0, 3.0]) == pytest.approx([0.0, float(MODEL.expected_purchases_new_customer(3.0))])


def test_draws_have_the_expected_mean_for_each_parameter() -> None:
    x, t_x, n = (np.repeat(column, 4000) for column in ([0.0, 2.0, 5.0], [0.0, 3.0, 6.0], [6.0, 6.0, 6.0]))
    both = BetaGeoNBDByPeriod(*(np.array([[value], [1.5 * value]]) for value in (0.9, 1.3, 0.8, 2.5)))
    drawn = both.draw_purchases(4.0, x, t_x, n, np.random.default_rng(2)).reshape(2, 3, 4000)
    expected = both.expected_purchases(4.0, [0, 2, 5], [0, 3, 6], [6, 6, 6])
    assert expected.shape == (2, 3)
    np.testing.assert_allclose(drawn.mean(axis=2), expected, atol=0.09)
    np.testing.assert_allclose(expected[0], MODEL.expected_purchases(4.0, [0, 2, 5], [0, 3, 6], [6, 6, 6]))
    assert drawn.max() == 4


def test_who_just_bought_may_have_left_and_who_never_came_back_too() -> None:
    alive = MODEL.probability_alive([0, 3, 3], [0, 6, 3], [6, 6, 6])
    assert (alive > 0).all() and (alive < 1).all() and alive[1] > alive[2]


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "most"), [((2,), 0.07), pytest.param((2, 3, 4), 0.04, marks=pytest.mark.slow)])
def test_where_dates_are_months_the_model_of_days_foretells_too_much_and_this_one_does_not(seeds: tuple[int, ...], most: float) -> None:
    """Shops of BG/NBD whose dates are the first of a month; five months foretold. One shop alone may be off by the root of three more."""
    truth, held, off, naive = BetaGeoNBD(1.5, 3.0, 0.8, 4.0, unit="week"), 0, [], []
    for seed in seeds:
        log = log_of(truth, np.random.default_rng(seed).uniform(0, 26, 800), until=78, seed=seed)
        log["date"] = log["date"].dt.to_period("M").dt.to_timestamp()
        shop = read_transactions(log[log["date"] < "2024-06-01"], once="nothing")
        months = purchase_opportunities(shop, "month", calibration_end="2023-12-31")
        came = months["frequency_holdout"].sum()
        row = BetaGeoNBDByPeriod.fit(months).predict_interval(months, 5, draws=40).loc["total"]
        held += row["lower"] <= came <= row["upper"]
        off.append(row["estimate"] / came - 1)
        days = summarize_purchases(shop, calibration_end="2023-12-31", end="2024-05-31").to_pandas()
        history = [days[name].to_numpy() for name in ("frequency", "recency", "T")]
        naive.append(BetaGeoNBD.fit(days).model.expected_purchases(152 / 7, *history).sum() / came - 1)
    assert held >= len(seeds) - 1 and held > 0
    assert abs(np.mean(off)) < most and np.mean(naive) > 0.06


def test_more_purchases_than_periods_are_refused() -> None:
    with pytest.raises(FitError, match="at most once per opportunity"):
        BetaGeoNBDByPeriod.fit(pd.DataFrame({"frequency": [3, 1], "recency": [2, 1], "T": [4, 4]}))
