"""Checks of a fitted model against the CDNOW sample: the published and recomputed figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare

import goodwill as gw
from goodwill.data.purchases import PurchaseSummary
from goodwill.errors import TooLittle
from goodwill.lifetime_value.evidence.checks import class_test, frequency_classes, pooled


@pytest.fixture(scope="module")
def sample() -> PurchaseSummary:
    return gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def fitted(sample: PurchaseSummary) -> gw.BetaGeoNBD:
    return gw.BetaGeoNBD.fit(sample).model


def of_the_textbook(classes: pd.DataFrame, parameters: int) -> tuple[float, float]:
    """Pearson's statistic and its p-value, which takes the parameters to be estimated from the classes: too small (Chernoff & Lehmann)."""
    found = chisquare(classes["actual"], classes["expected"], ddof=parameters)
    return float(found.statistic), float(found.pvalue)


def test_frequency_classes_match_the_chi_square_of_fader_hardie_lee_2005(sample: PurchaseSummary, fitted: gw.BetaGeoNBD) -> None:
    classes = gw.lifetime_value.frequency_classes(fitted, sample.purchase_rows())
    assert classes["actual"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert classes["expected"].sum() == pytest.approx(2357)
    statistic, p_value = of_the_textbook(classes, parameters=4)
    assert statistic == pytest.approx(4.82, abs=0.005)
    assert p_value == pytest.approx(0.19, abs=0.005)


def test_holdout_means_by_frequency_match_the_btyd_walkthrough(sample: PurchaseSummary) -> None:
    customers = sample.to_pandas()
    rounded = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    forecast = rounded.expected_purchases(39, customers["frequency"], customers["recency"], customers["T"])
    table = gw.lifetime_value.holdout_classes(customers, forecast, forecast)
    assert table["customers"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    np.testing.assert_allclose(table["actual"], [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359], atol=5e-4)
    printed = [0.2250893, 0.5231364, 1.044126, 1.520256, 2.163824, 2.653789, 3.503957, 6.157036]
    np.testing.assert_allclose(table["expected"], printed, rtol=2e-3)  # they used the optimum, this the rounded parameters


def test_cumulative_error_at_week_78_is_the_published_four_per_cent(sample: PurchaseSummary, fitted: gw.BetaGeoNBD) -> None:
    weeks = gw.lifetime_value.track_purchases(fitted, sample)
    assert len(weeks) == 78 - (not weeks["complete"].all())
    total = weeks[["repeat_purchases", "expected"]].sum()
    assert total["expected"] / total["repeat_purchases"] - 1 == pytest.approx(-0.0411, abs=0.002)


def test_errors_of_the_holdout_alone_match_the_recomputed_table(sample: PurchaseSummary, fitted: gw.BetaGeoNBD) -> None:
    customers = sample.to_pandas()
    forecast = fitted.expected_purchases(39, customers["frequency"], customers["recency"], customers["T"])
    errors = gw.inference.holdout_errors(customers["frequency_holdout"], {"BG/NBD": forecast} | gw.inference.naive_forecasts(customers, 39))
    assert (errors["actual_total"] == 1882).all()
    expected = pd.DataFrame(
        {
            "total": [1653.39, 2930.10, 2457],
            "bias": [-0.121, 0.557, 0.306],
            "MAE": [0.785454, 1.023669, 0.897327],
            "RMSE": [1.607982, 2.211918, 1.971046],
            "MSLE": [0.234268, 0.400950, 0.349059],
            "correlation": [0.625647, 0.583944, 0.577230],
        },
        index=["BG/NBD", "same rate", "same number"],
    )
    for column, tolerance in {"total": 0.02, "bias": 5e-4, "MAE": 2e-5, "RMSE": 2e-5, "MSLE": 2e-5, "correlation": 2e-5}.items():
        np.testing.assert_allclose(errors[column], expected[column], atol=tolerance, err_msg=column)


@pytest.mark.slow
def test_predictive_interval_misses_the_cdnow_holdout(sample: PurchaseSummary) -> None:
    interval = gw.BetaGeoNBD.fit(sample).predict_interval(sample, 39, seed=1).loc["total"]
    assert interval["lower"] == pytest.approx(1456, abs=25)
    assert interval["upper"] == pytest.approx(1863, abs=25)
    assert interval["upper"] < 1882 + 25


def test_alive_grid_falls_with_silence(fitted: gw.BetaGeoNBD) -> None:
    grid = gw.lifetime_value.alive_grid(fitted, np.arange(1, 10), np.linspace(0, 39, 14), 39.0)
    assert grid.shape == (14, 9)
    assert (grid.diff().iloc[1:] < 0).all().all()


def test_spend_density_integrates_to_one(sample: PurchaseSummary) -> None:
    rows = sample.spend_rows()
    grid = np.linspace(0.01, 2000, 40_001)
    density = gw.lifetime_value.spend_density(gw.GammaGamma.fit(rows).model, rows, grid)
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)


def test_share_alive_is_a_share_with_an_interval(sample: PurchaseSummary) -> None:
    share = gw.lifetime_value.share_alive(gw.BetaGeoNBD.fit(sample), sample.purchase_rows())
    assert 0 < share.lower < share.estimate < share.upper < 1


def test_published_values_are_found_again(sample: PurchaseSummary) -> None:
    assert gw.lifetime_value.compare_with_published(gw.BetaGeoNBD.fit(sample), gw.GammaGamma.fit(sample))["agrees"].all()


def test_classes_on_top_are_joined_until_each_is_expected_to_hold_five() -> None:
    table = pd.DataFrame({"label": ["0", "1", "2", "3+"], "actual": [50, 9, 2, 1], "expected": [48.0, 9.0, 3.0, 2.0]})
    assert pooled(table).to_dict("list") == {"label": ["0", "1", "2+"], "actual": [50, 9, 3], "expected": [48.0, 9.0, 5.0]}
    assert pooled(table, least=5.1).to_dict("list") == {"label": ["0", "1+"], "actual": [50, 12], "expected": [48.0, 14.0]}
    assert len(pooled(table, least=1000.0)) == 1


@pytest.mark.slow
def test_the_p_value_of_the_classes_knows_that_parameters_come_from_every_history() -> None:
    """On the CDNOW sample the textbook says .185, where .35 of simulated sets fit no better."""
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    fit, rows = gw.BetaGeoNBD.fit(summary), summary.purchase_rows()
    found = class_test(fit, rows)
    statistic, textbook = of_the_textbook(frequency_classes(fit.model, rows), parameters=4)
    assert (found.statistic, found.classes, found.customers) == (pytest.approx(statistic), 8, 2357)
    assert textbook == pytest.approx(0.1854, abs=1e-4)
    assert found.p_value == pytest.approx(0.35, abs=0.15) and found.p_value > textbook
    assert (found.label, found.misfit) == ("2", pytest.approx(0.00914, abs=1e-4))


@pytest.mark.slow
def test_true_data_are_rejected_no_more_often_than_the_level_says() -> None:
    """Forty sets of 60 customers that follow BG/NBD: the textbook rejects 6, the bootstrap 2."""
    truth, rejected, textbook = gw.BetaGeoNBD(0.243, 4.414, 0.793, 2.426), 0, 0
    for seed in range(40):
        sample = truth.simulate(np.random.default_rng(seed).uniform(27, 39, 60), seed=seed).assign(weight=1.0)
        fit = gw.BetaGeoNBD.fit(sample)
        rejected += class_test(fit, sample, draws=39, seed=seed).p_value <= 0.05
        textbook += of_the_textbook(frequency_classes(fit.model, sample), parameters=4)[1] <= 0.05
    assert rejected <= 4 < textbook


def test_one_class_cannot_be_tested() -> None:
    rows = pd.DataFrame({"frequency": [0.0, 1.0], "recency": [0.0, 3.0], "T": [10.0, 10.0], "weight": [3.0, 1.0]})
    with pytest.raises(TooLittle, match="So few customers came back"):
        class_test(gw.BetaGeoNBD.fit(rows), rows)


def test_a_class_without_spread_has_an_interval_all_the_same() -> None:
    """One customer who bought twice, and three who bought nothing: Poisson counts, exact (Garwood 1936)."""
    customers = pd.DataFrame({"frequency": [0, 0, 0, 1], "frequency_holdout": [0, 0, 0, 2]})
    table = gw.lifetime_value.holdout_classes(customers, np.ones(4), np.ones(4)).set_index("label")
    assert table.loc["0", ["lower", "upper"]].to_list() == [0.0, pytest.approx(3.6889 / 3, abs=1e-4)]
    assert table.loc["1", ["lower", "upper"]].to_list() == [pytest.approx(0.2422, abs=1e-4), pytest.approx(7.2247, abs=1e-4)]
