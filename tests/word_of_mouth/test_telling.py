"""Distributions of how many people one complainer tells."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import DataError
from goodwill.word_of_mouth.telling import MaximumEntropyTelling, NegativeBinomialTelling, PoissonLognormalTelling, ZeroInflatedTelling

FAMILIES = [
    NegativeBinomialTelling(9.5, 1.36311675),
    NegativeBinomialTelling(1.2, 0.19),
    NegativeBinomialTelling(4.5),
    PoissonLognormalTelling(4.0, 0.6),
    ZeroInflatedTelling(0.57, NegativeBinomialTelling(2.55, 1.07)),
    MaximumEntropyTelling.from_mean(9.5),
]


@pytest.mark.parametrize("telling", FAMILIES, ids=lambda each: type(each).__name__)
class TestEveryFamily:
    def test_probabilities_add_up_to_one_and_give_mean_and_variance(self, telling):
        n = np.arange(4_000)
        pmf = telling.pmf(n)
        assert pmf.sum() == pytest.approx(1, abs=1e-9)
        assert pmf @ n == pytest.approx(telling.mean, rel=1e-7)
        assert pmf @ n**2 - telling.mean**2 == pytest.approx(telling.variance, rel=1e-5)

    def test_the_generating_function_is_that_of_the_probabilities(self, telling):
        n = np.arange(2_000)
        for s in (0.0, 0.3, 0.9, 0.5 + 0.6j):
            assert telling.pgf(s) == pytest.approx(np.sum(telling.pmf(n) * np.asarray(s) ** n), abs=1e-9)

    def test_quantile_is_the_smallest_count_reaching_the_level(self, telling):
        for level in (0.05, 0.5, 0.95, 0.99):
            at = telling.quantile(level)
            assert telling.cdf(at) >= level
            assert at == 0 or telling.cdf(at - 1) < level

    def test_draws_have_the_mean(self, telling):
        drawn = telling.sample(20_000, np.random.default_rng(1))
        assert abs(drawn.mean() - telling.mean) < 4 * np.sqrt(telling.variance / 20_000)

    def test_sums_over_tellers_have_the_mean_and_nobody_tells_nobody(self, telling):
        tellers = np.tile([0, 1, 3], 5_000)
        sums = telling.sample_sums(tellers, np.random.default_rng(2))
        assert not sums[tellers == 0].any()
        assert abs(sums.sum() - 20_000 * telling.mean) < 4 * np.sqrt(20_000 * telling.variance)


@given(mean=st.floats(0.01, 50), dispersion=st.floats(0.05, 100), share=st.floats(0.01, 1), s=st.floats(0, 1))
def test_a_thinned_negative_binomial_keeps_its_dispersion(mean, dispersion, share, s):
    telling = NegativeBinomialTelling(mean, dispersion)
    assert telling.thinned(share).pgf(s) == pytest.approx(telling.pgf(1 - share + share * s), rel=1e-9, abs=1e-12)


def test_infinite_dispersion_is_poisson():
    n = np.arange(40)
    assert NegativeBinomialTelling(3.0, inf).pmf(n) == pytest.approx(NegativeBinomialTelling(3.0, 1e9).pmf(n), abs=1e-8)


def test_bad_parameters_are_refused_in_words():
    with pytest.raises(DataError, match="mean number of people told is -1"):
        NegativeBinomialTelling(-1, 1)
    with pytest.raises(DataError, match="dispersion is 0"):
        NegativeBinomialTelling(1, 0)
    with pytest.raises(DataError, match=r"share who never tell is 1\.2"):
        ZeroInflatedTelling(1.2, NegativeBinomialTelling(1, 1))
    with pytest.raises(DataError, match=r"already means 2\.4 people"):
        MaximumEntropyTelling.from_mean(2.0)
    with pytest.raises(DataError, match="share between 0 and 1"):
        NegativeBinomialTelling(1, 1).quantile(1.5)
