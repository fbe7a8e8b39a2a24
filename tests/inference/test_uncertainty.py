"""Intervals from draws of which some are infinite: a mean that some draws do not have."""

from __future__ import annotations

import numpy as np
import pytest

import goodwill as gw
from goodwill.inference.uncertainty import quantile_interval


@pytest.mark.filterwarnings("error")
def test_an_end_among_infinite_draws_is_infinite_and_the_other_stays() -> None:
    draws = np.arange(100.0)
    finite = quantile_interval(50.0, draws)
    draws[90:] = np.inf
    assert quantile_interval(50.0, draws) == (50.0, finite.lower, np.inf)
    assert quantile_interval(50.0, -draws) == (50.0, -np.inf, pytest.approx(-finite.lower))
    columns = quantile_interval(np.array([50.0, 1.0]), np.column_stack([draws, np.ones(100)]))
    assert columns.upper.tolist() == [np.inf, 1.0] and columns.lower.tolist() == [finite.lower, 1.0]


@pytest.mark.filterwarnings("error")
def test_a_new_customers_spend_that_may_have_no_mean_has_no_upper_end() -> None:
    """With q near 1 some draws of it are below: the mean over customers is infinite there, the lower end is not."""
    sold = gw.GammaGamma(2.0, 1.3, 10.0).simulate(np.full(60, 2), seed=3)
    fit = gw.GammaGamma.fit(sold)
    found = fit.interval_of_mean(lambda model: model.expected_spend(0.0, 0.0), draws=400)
    assert fit.model.q > 1 and 0 < found.lower < found.estimate < np.inf and found.upper == np.inf
