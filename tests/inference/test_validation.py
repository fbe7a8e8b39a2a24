"""Errors of forecasts, with the published figures of rules that need no model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value import golden

from goodwill.inference.validation import holdout_errors, naive_forecasts


def test_naive_rules_on_cdnow_have_the_known_errors() -> None:
    customers = golden.cdnow().to_pandas()
    errors = holdout_errors(customers["frequency_holdout"], naive_forecasts(customers, 39))
    known = {"same rate": [2930.10, 0.557, 1.023669, 2.211918, 0.583944], "same number": [2457, 0.306, 0.897327, 1.971046, 0.577230]}
    for rule, values in known.items():
        found = errors.loc[rule, ["total", "bias", "MAE", "RMSE", "correlation"]]
        np.testing.assert_allclose(found.to_numpy(float), values, rtol=2e-5, atol=5e-4)


def test_a_weight_is_a_repeated_customer() -> None:
    actual, forecast, weight = np.array([0.0, 2.0, 5.0]), np.array([0.5, 1.0, 4.0]), np.array([3, 1, 2])
    weighted = holdout_errors(actual, {"f": forecast}, weight)
    plain = holdout_errors(np.repeat(actual, weight), {"f": np.repeat(forecast, weight)})
    pd.testing.assert_frame_equal(weighted, plain)


def test_a_perfect_forecast_has_no_error() -> None:
    row = holdout_errors([1.0, 2.0, 4.0], {"f": [1.0, 2.0, 4.0]}).loc["f"]
    assert row[["bias", "MAE", "RMSE", "MSLE"]].to_list() == [0, 0, 0, 0]
    assert row["correlation"] == pytest.approx(1)
