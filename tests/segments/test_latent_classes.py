import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, FitError
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.segments import Rules, class_probabilities, mixture
from goodwill.segments.schemes.latent_classes import _distinct, _fit, _log_likelihood

RARE, KEEN = BetaGeoNBD(2.0, 60.0, 1.0, 2.0), BetaGeoNBD(8.0, 16.0, 0.5, 6.0)


@pytest.fixture(scope="module")
def two_kinds():
    rare, keen = RARE.simulate(np.full(700, 30.0), seed=1), KEEN.simulate(np.full(300, 30.0), seed=2)
    return pd.concat([rare.assign(kind=0), keen.assign(kind=1)], ignore_index=True)


@pytest.fixture(scope="module")
def rules(two_kinds):
    return mixture(two_kinds, most=2, bootstraps=4)


def test_one_class_is_the_purchase_model_itself(sample):
    """Fader, Hardie & Lee (2005): log-likelihood -9582.4."""
    rows = _distinct(sample)
    found = _fit(rows, 1, seed=1)
    assert float(rows.weight @ _log_likelihood(found, rows)) == pytest.approx(-9582.429, abs=0.001)
    assert np.exp(found.phi[0]) == pytest.approx([0.243, 4.414, 0.793, 2.426], rel=0.003)


def test_the_likelihood_of_a_class_and_its_gradient_are_those_of_the_model(sample):
    rows = _distinct(sample.iloc[:200])
    phi = np.log([0.3, 5.0, 0.7, 2.0])
    value, gradient = rows.log_likelihood(phi)
    assert value == pytest.approx(BetaGeoNBD(*np.exp(phi)).log_likelihood(rows.x, rows.t_x, rows.T), abs=1e-10)
    for k, step in enumerate(1e-5 * np.eye(4)):
        slope = (rows.log_likelihood(phi + step)[0] - rows.log_likelihood(phi - step)[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, abs=1e-6)


@pytest.mark.slow
def test_on_the_cdnow_sample_one_class_is_enough(sample):
    """A second class gains 10 points of log-likelihood in sample, and nothing on customers left out."""
    with pytest.raises(FitError, match=r"one class is enough.*a class 2 changes the left-out log-likelihood by -\d"):
        mixture(sample)


def test_two_kinds_of_customers_are_told_apart(two_kinds, rules):
    assert rules.segments == ("class 1", "class 2")
    assert (rules.assign(two_kinds) == np.where(two_kinds["kind"] == 1, "class 1", "class 2")).mean() > 0.9
    assert rules.settings["stability"]["mean"] > 0.8
    assert "adjusted Rand index" in rules.notes[2]


def test_probabilities_of_classes_sum_to_one_and_agree_with_the_segments(two_kinds, rules):
    chance = class_probabilities(rules, two_kinds)
    assert chance.sum(axis=1).to_numpy() == pytest.approx(1)
    assert (chance.idxmax(axis=1) == np.asarray(rules.assign(two_kinds))).all()


@pytest.mark.slow
def test_order_and_text_change_nothing(two_kinds, rules):
    shuffled = two_kinds.sample(frac=1, random_state=3)
    assert mixture(shuffled, most=2, bootstraps=4).settings["parameters"] == rules.settings["parameters"]
    again = Rules.from_text(rules.to_text())
    assert again == rules
    assert list(again.assign(two_kinds)) == list(rules.assign(two_kinds))


def test_too_few_customers_and_bad_options_are_refused(two_kinds):
    with pytest.raises(FitError, match="12 customers are too few to look for classes"):
        mixture(two_kinds.head(12))
    with pytest.raises(DataError, match="must all be 2 or more"):
        mixture(two_kinds, most=1)


def test_tampered_parameters_are_refused(rules):
    told = dict(rules.settings) | {"shares": (0.5, 0.6)}
    with pytest.raises(DataError, match="shares that sum to 1"):
        Rules("mixture", rules.segments, told)
