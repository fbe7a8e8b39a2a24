"""A weak prior: bounds what the data leave open, in a way that the time unit does not touch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value import golden

from goodwill.errors import FitError
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.contracts import ShiftedBetaGeo
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

MODELS = (BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD)
every_model = pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)


def few(n: int = 60) -> pd.DataFrame:
    """So few customers that the fit lies on a ridge or runs away."""
    return BetaGeoNBD(0.5, 5.0, 900.0, 3000.0).simulate(np.full(n, 30.0), seed=3)


@every_model
def test_days_weeks_and_months_give_the_same_forecast_with_a_prior(kind: type) -> None:
    rows = few()
    known = [rows[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    forecast = kind.fit(rows, prior=1.5).model.expected_purchases(26.0, *known)
    for factor in (7.0, 7 / 30.4375):
        other = kind.fit(rows.assign(recency=rows["recency"] * factor, T=rows["T"] * factor), prior=1.5).model
        again = other.expected_purchases(26.0 * factor, known[0], known[1] * factor, known[2] * factor)
        np.testing.assert_allclose(again, forecast, rtol=1e-6)


@every_model
def test_a_prior_bounds_what_the_data_leave_open(kind: type) -> None:
    free, bound = kind.fit(few()), kind.fit(few(), prior=1.0)
    assert not free.converged or kind is ParetoNBD  # which these data suffice to bound, loosely
    assert free.warnings
    assert bound.converged
    assert np.diag(bound.covariance).max() <= min(1.0 + 1e-9, np.diag(free.covariance).max())
    assert bound.log_likelihood < free.log_likelihood < bound.log_likelihood + 3


@pytest.mark.sampled(1)
@every_model
def test_a_prior_hardly_moves_what_many_customers_determine(kind: type) -> None:
    free, bound = kind.fit(golden.cdnow()), kind.fit(golden.cdnow(), prior=1.5)
    errors = np.sqrt(np.diag(free.covariance))
    assert np.all(np.abs(np.log(bound.parameters / free.parameters)) < 0.35 * errors)
    assert free.log_likelihood - 0.05 < bound.log_likelihood < free.log_likelihood


def test_contracts_take_one_too_and_a_width_must_be_positive() -> None:
    table = pd.DataFrame({"time": [0, 1, 2], "customers": [20, 15, 11]})
    assert ShiftedBetaGeo.fit(table, prior=1.0).converged
    with pytest.raises(FitError, match="the prior is 0"):
        ShiftedBetaGeo.fit(table, prior=0)
