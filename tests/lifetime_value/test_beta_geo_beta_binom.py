"""BG/BB: the donations of Fader, Hardie & Shang (2010)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import FitError
from goodwill.lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom

# Fader, Hardie & Shang (2010), table 3: 1.204, .750, .657, 2.783, log-likelihood -33,225.6; to more digits BTYD 2.4.3 (R).
OPTIMUM = BetaGeoBetaBinom(alpha=1.203523, beta=0.749716, gamma=0.656718, delta=2.783442, unit="year")
# Table 6, probability of being alive in 2002: (frequency, recency) of six years
P_ALIVE = {
    (0, 0): 0.1081,
    (1, 1): 0.0695,
    (1, 2): 0.2547,
    (1, 3): 0.4814,
    (1, 4): 0.6804,
    (1, 5): 0.8281,
    (1, 6): 0.9304,
    (2, 2): 0.0664,
    (2, 3): 0.2989,
    (2, 4): 0.5897,
    (2, 5): 0.8046,
    (3, 3): 0.0950,
    (3, 4): 0.4396,
    (3, 5): 0.7668,
    (4, 4): 0.2002,
    (4, 5): 0.6968,
    (5, 5): 0.5220,
    (6, 6): 0.9304,
}
# BTYD's optimiser stops a little off, at the same log-likelihood to four digits; its further figures are reproduced to all digits here.
BTYD = BetaGeoBetaBinom(alpha=1.203507, beta=0.749766, gamma=0.656757, delta=2.783895)
# Discounted expected residual transactions at 10 % a year by frequency: recency 6, then 5, … down to the frequency (BTYD 2.4.3)
DERT = {
    6: [5.909805],
    5: [5.089399, 2.855240],
    4: [4.268992, 3.197058, 0.918518],
    3: [3.448585, 2.842191, 1.629355, 0.352167],
    2: [2.628179, 2.272614, 1.665607, 0.844337, 0.187622],
    1: [1.807772, 1.609030, 1.321947, 0.935257, 0.494908, 0.134978],
    0: [0.114767],
}


@pytest.fixture(scope="module")
def donations() -> pd.DataFrame:
    return gw.example("donations")


@pytest.fixture(scope="module")
def fit(donations: pd.DataFrame) -> Any:
    return BetaGeoBetaBinom.fit(donations)


def history(rows: pd.DataFrame) -> list[np.ndarray]:
    return [rows[name].to_numpy(float) for name in ("frequency", "recency", "T")]


def test_fit_gives_fader_hardie_shang_2010_table_3(fit: Any) -> None:
    np.testing.assert_allclose(fit.parameters, [1.203523, 0.749716, 0.656718, 2.783442], atol=2e-6)
    np.testing.assert_allclose(fit.parameters, [1.204, 0.750, 0.657, 2.783], atol=6e-4)
    assert fit.log_likelihood == pytest.approx(-33225.5813, abs=5e-5)
    assert (fit.n, fit.converged, fit.warnings) == (11104, True, ())


def test_p_alive_in_2002_is_that_of_table_6() -> None:
    x, t_x = np.array(list(P_ALIVE)).T
    np.testing.assert_allclose(OPTIMUM.probability_alive_at(1, x, t_x, 6), list(P_ALIVE.values()), atol=6e-5)


def test_expected_donations_are_those_of_the_paper(donations: pd.DataFrame) -> None:
    np.testing.assert_allclose(OPTIMUM.expected_purchases(5, [6, 0], [6, 0], 6), [3.7525, 0.0729], atol=6e-5)
    total = OPTIMUM.expected_purchases(5, *history(donations)) @ donations["weight"]
    assert total == pytest.approx(12884.14, abs=0.05)
    np.testing.assert_allclose(OPTIMUM.expected_purchases_new_customer([6, 11]), [2.22017, 3.38865], atol=1e-5)


def test_frequencies_in_the_sample_are_those_of_the_paper() -> None:
    counts = 11104 * BTYD.probability_of_purchases(np.arange(7), 6)
    np.testing.assert_allclose(counts, [3454.80, 1888.68, 1348.93, 1113.42, 1017.95, 1027.17, 1253.04], atol=0.01)
    np.testing.assert_allclose(11104 * OPTIMUM.probability_of_purchases(np.arange(7), 6), counts, rtol=1e-4)


def test_dert_is_that_of_btyd() -> None:
    for x, values in DERT.items():
        t_x = [0] if x == 0 else np.arange(6, x - 1, -1)
        np.testing.assert_allclose(BTYD.discounted_expected_purchases(np.log(1.1), x, t_x, 6), values, atol=3e-6)
        np.testing.assert_allclose(BTYD.discounted_expected_purchases(np.log(1.1), x, t_x, 6, horizon=600), values, atol=3e-6)
        np.testing.assert_allclose(OPTIMUM.discounted_expected_purchases(np.log(1.1), x, t_x, 6), values, rtol=2e-4)


def test_lifetimes_predicts_the_same_although_its_likelihood_is_unsafe(fit: Any, donations: pd.DataFrame) -> None:
    from lifetimes import BetaGeoBetaBinomFitter

    peer = BetaGeoBetaBinomFitter()
    peer.params_ = pd.Series({name: getattr(fit.model, name) for name in fit.names})
    rows = [donations[name] for name in ("frequency", "recency", "T")]
    theirs = peer.conditional_expected_number_of_purchases_up_to_time(5, *rows)
    np.testing.assert_allclose(fit.model.expected_purchases(5, *rows), theirs, rtol=1e-8)


def test_discounting_less_and_less_leads_to_the_plain_expectation() -> None:
    plain = OPTIMUM.expected_purchases(5, 3, 5, 6)
    assert OPTIMUM.discounted_expected_purchases(0.0, 3, 5, 6, horizon=5) == pytest.approx(plain)
    assert OPTIMUM.discounted_expected_purchases(1e-9, 3, 5, 6, horizon=5) == pytest.approx(plain, rel=1e-8)


def test_time_must_come_in_whole_opportunities() -> None:
    with pytest.raises(FitError, match="whole number"):
        OPTIMUM.expected_purchases(2.5, 3, 5, 6)
    with pytest.raises(FitError, match="whole numbers of opportunities"):
        BetaGeoBetaBinom.fit(pd.DataFrame({"frequency": [1, 0], "recency": [1.5, 0], "T": [6, 6]}))
    with pytest.raises(FitError, match="at most once per opportunity"):
        BetaGeoBetaBinom.fit(pd.DataFrame({"frequency": [3, 0], "recency": [2, 0], "T": [6, 6]}))
