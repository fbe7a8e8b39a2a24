"""Small versions of benchmarks/satisfaction_coverage.py: they guard against "simplifying" a set to a Wald interval."""

import numpy as np
import pytest
from benchmarks.satisfaction_coverage import RATIO_CELLS, kink_coverage, ratio_coverage


@pytest.mark.parametrize("cell", RATIO_CELLS)
def test_score_ratio_intervals_cover_at_n_200(cell):
    found = ratio_coverage(RATIO_CELLS[cell], n=200, sets=1000, boot_sets=50, rng=np.random.default_rng(1))
    assert 0.93 <= found["score"] <= 0.975


def test_a_ratio_read_off_a_smooth_curve_fails():
    found = ratio_coverage(RATIO_CELLS["Xerox .12/.72"], n=2000, sets=300, boot_sets=20, rng=np.random.default_rng(2))
    assert found["logistic curve"] < 0.2


@pytest.mark.slow
def test_the_profile_set_covers_a_kink_between_four_and_five_where_wald_and_bootstrap_fail():
    found = kink_coverage(4.5, n=500, sets=200, boot_sets=10, rng=np.random.default_rng(3), resamples=60)
    assert found["profile 6.63"] >= 0.93
    assert found["Wald"] < 0.5
    assert found["bootstrap"] < 0.5
