"""Models fitted with lifetimes become ours and predict the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value import golden

import goodwill as gw
from goodwill.errors import FitError
from goodwill.lifetime_value.evidence.peers import from_lifetimes


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return golden.cdnow().to_pandas()


@pytest.mark.slow
def test_each_fitted_model_becomes_ours(customers: pd.DataFrame) -> None:
    import lifetimes

    history = [customers[name] for name in ("frequency", "recency", "T")]
    few = [column[::50] for column in history]
    for fitter in (lifetimes.BetaGeoFitter(), lifetimes.ModifiedBetaGeoFitter(), lifetimes.ParetoNBDFitter()):
        model = from_lifetimes(fitter.fit(*history), unit="week")
        assert model.unit == "week"
        theirs = fitter.conditional_expected_number_of_purchases_up_to_time(39, *few)
        np.testing.assert_allclose(model.expected_purchases(39, *few), theirs, rtol=1e-8)


def test_donors_and_spenders_too(customers: pd.DataFrame) -> None:
    import lifetimes

    donations = gw.example("donations")
    rows = [donations[name] for name in ("frequency", "recency", "T")]
    fitter = lifetimes.BetaGeoBetaBinomFitter().fit(*rows, donations["weight"])
    theirs = fitter.conditional_expected_number_of_purchases_up_to_time(5, *rows)
    np.testing.assert_allclose(from_lifetimes(fitter).expected_purchases(5, *rows), theirs, rtol=1e-8)
    repeaters = customers[customers["frequency"] > 0]
    spend = lifetimes.GammaGammaFitter().fit(repeaters["frequency"], repeaters["monetary_value"])
    theirs = spend.conditional_expected_average_profit(repeaters["frequency"], repeaters["monetary_value"])
    ours = from_lifetimes(spend).expected_spend(repeaters["frequency"], repeaters["monetary_value"])
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_what_is_not_a_fitted_lifetimes_model_is_refused() -> None:
    import lifetimes

    with pytest.raises(FitError, match="has not been fitted"):
        from_lifetimes(lifetimes.BetaGeoFitter())
    with pytest.raises(FitError, match="a dict has no counterpart"):
        from_lifetimes({"r": 1})
