"""The small version of `python -m benchmarks.coverage`: at least 33 of 40 intervals of 95 % hold the truth."""

from __future__ import annotations

import pandas as pd
import pytest
from benchmarks.coverage import QUANTITIES, holds


@pytest.mark.slow
def test_intervals_hold_the_truth_in_simulated_data() -> None:
    results = pd.DataFrame([holds(500, seed=1, number=number, draws=100) for number in range(60)])
    without_warning = results[results["warned"] == 0].head(40)
    assert len(without_warning) == 40
    for name in QUANTITIES:
        assert without_warning[name].sum() >= 33, name
    assert results["holdout total"].head(40).sum() >= 33
