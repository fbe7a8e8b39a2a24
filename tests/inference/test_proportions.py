"""Wilson's interval of a share."""

from __future__ import annotations

import numpy as np
import pytest

from goodwill.inference.proportions import wilson


def test_wilson_interval_is_that_of_scipy() -> None:
    from scipy.stats import binomtest

    for k, n, level in [(0, 10, 0.95), (3, 10, 0.95), (81, 263, 0.9), (500, 500, 0.99)]:
        reference = binomtest(k, n).proportion_ci(level, method="wilson")
        assert list(wilson(k, n, level)) == pytest.approx([k / n, reference.low, reference.high], abs=1e-12)


def test_wilson_interval_is_vectorised() -> None:
    found = wilson([0, 3], [10, 10])
    assert found.lower[0] == 0
    np.testing.assert_allclose([found.estimate[1], found.lower[1], found.upper[1]], wilson(3, 10))
