"""Told-counts and binned answers, and the distributions fitted to them."""

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.answers import (
    BinnedAnswers,
    fit_negative_binomial,
    fit_poisson_lognormal,
    fit_zero_inflated,
    told_counts,
)
from goodwill.word_of_mouth.telling import NegativeBinomialTelling, PoissonLognormalTelling

# Shoppers with a problem, by how many people they told (Wharton / Verde Group 2006): 69 % nobody.
VERDE = BinnedAnswers.from_text({"0": 0.69, "1": 0.08, "2": 0.08, "3-5": 0.09, "6+": 0.06})


def test_negative_binomial_of_the_verde_shoppers():
    fit = fit_negative_binomial(VERDE)
    assert (fit.model.mean, fit.model.dispersion) == pytest.approx((1.1986, 0.1893), abs=5e-5)


def test_zero_inflation_describes_the_verde_shoppers_better():
    fit = fit_zero_inflated(VERDE)
    assert fit.model.silent_share == pytest.approx(0.574, abs=5e-4)
    assert (fit.model.talkers.mean, fit.model.talkers.dispersion) == pytest.approx((2.554, 1.066), abs=6e-4)
    assert fit.model.mean == pytest.approx(1.087, abs=5e-4)
    assert fit.log_likelihood > fit_negative_binomial(VERDE).log_likelihood
    assert fit.warnings == ()


def test_as_many_parameters_as_different_answers_are_not_told_apart():
    three = fit_zero_inflated([0] * 69 + [3] * 24 + [9] * 7)
    assert three.warnings == ("3 different answers cannot tell 3 parameters apart: other distributions of this family fit as well",)
    assert fit_zero_inflated([0] * 69 + [3] * 20 + [4] * 4 + [9] * 7).warnings == ()


def test_a_large_sample_gives_its_parameters_back():
    truth = NegativeBinomialTelling(9.5, 1.363)
    counts = truth.sample(40_000, np.random.default_rng(5))
    fitted = fit_negative_binomial(counts).model
    assert fitted.mean == pytest.approx(counts.mean(), rel=1e-5)  # the maximum likelihood mean is the sample mean
    assert fitted.dispersion == pytest.approx(1.363, rel=0.04)


def test_poisson_lognormal_gives_its_parameters_back():
    counts = PoissonLognormalTelling(5.0, 0.8).sample(10_000, np.random.default_rng(6))
    fitted = fit_poisson_lognormal(counts).model
    assert (fitted.mean, fitted.sigma) == pytest.approx((5.0, 0.8), rel=0.05)


def test_weights_count_like_repeated_answers():
    once = fit_negative_binomial([0, 1, 4, 9], [5, 3, 2, 1])
    repeated = fit_negative_binomial([0] * 5 + [1] * 3 + [4] * 2 + [9])
    assert once.model.dispersion == pytest.approx(repeated.model.dispersion, rel=1e-6)
    assert once.aic == pytest.approx(repeated.aic)


def test_counts_without_overdispersion_give_a_poisson_and_a_warning():
    fit = fit_negative_binomial([2, 3, 3, 2, 3, 2, 3])
    assert fit.model.dispersion == np.inf
    assert "unbounded" in fit.warnings[0]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([3, -1, 2], r"1 of 3 told-counts are below zero \(first: answer 2, -1\)"),
        ([3, 2.5], r"1 of 2 told-counts are not whole \(first: answer 2, 2\.5\)"),
        ([3, np.nan], "1 of 2 told-counts are missing"),
        ([], "0 told-counts"),
        ([0, 0], "nobody told anybody"),
    ],
)
def test_bad_told_counts_are_refused_in_words(counts, message):
    with pytest.raises(DataError, match=message):
        fit_negative_binomial(counts)


def test_negative_weights_are_refused():
    with pytest.raises(DataError, match="weights"):
        told_counts([1, 2], [1, -1])


@pytest.mark.parametrize("labels", [["0", "2"], ["1", "2"], ["0-3", "2+"]])
def test_classes_with_gaps_or_overlaps_are_refused(labels):
    with pytest.raises(DataError, match="without gap or overlap"):
        BinnedAnswers.from_text(dict.fromkeys(labels, 0.5))


def test_unreadable_classes_are_refused():
    with pytest.raises(DataError, match="'many' of a told-count cannot be read"):
        BinnedAnswers.from_text({"0": 0.5, "many": 0.5})
