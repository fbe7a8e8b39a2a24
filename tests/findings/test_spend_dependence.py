"""Every wording on spend and frequency, reached from data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.spend_dependence import dependence_in_words, spend_models, spend_title, steady_prices
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence
from goodwill.lifetime_value.price_level import PriceDrift

CLASSES = pd.DataFrame(
    {
        "label": ["1", "2+"],
        "customers": 9,
        "actual": [32.4, 36.7],
        "lower": 30.0,
        "upper": 40.0,
        "independent": 35.2,
        "dependent": [31.2, 38],
    }
)
HELD = pd.DataFrame(
    {"label": ["0", "1", "all"], "purchases": [3.0, 6.0, 9.0], "actual": [35.0, 39.0, 37.71], "independent": 36.23, "dependent": 35.55}
)


def dependence(p: float = 0.0004, mean: tuple[float, float, float] = (1.088, 1.023, 1.157)) -> SpendDependence:
    estimates = pd.DataFrame({"estimate": [1.124], "lower": [1.08], "upper": [1.17]}, index=["lift"])
    nothing: Any = None
    fit: Any = SimpleNamespace(estimates=estimates)
    return SpendDependence(nothing, fit, 32.46, p, Interval(*mean))


def test_the_factor_the_figure_the_test_and_the_holdout_are_told() -> None:
    assert told(spend_models(dependence(), CLASSES, HELD, "USD")) == [
        "lift | Factor on spend per purchase for every doubling of repeat purchases | 1.124 [1.08, 1.17]",
        "spend_models | Spend per purchase rises by 9% with each doubling of repeat purchases | Mean spend per repeat purchase of the "
        "calibration by frequency, with 95 % intervals, and what both models have. | Mean spend by repeat purchases. 1: actual 32.4, "
        "independent 35.2, dependent 31.2; 2+: actual 36.7, independent 35.2, dependent 38.",
        "spend_holdout | Spend per purchase in the hold-out (USD), and what both models expected of it | label, purchases, actual, "
        "independent, dependent",
        "With every doubling of repeat purchases, spend per purchase changes by +12.4% [+8.0%, +17.0%] in the model that lets it, and its "
        "mean over customers by +8.8% [+2.3%, +15.7%]; independence is rejected (likelihood ratio 32.5, p &lt; .001). In the hold-out a "
        "purchase brought 37.71 USD; the independent model expected 36.23, the dependent one 35.55. One hold-out, so no interval, and "
        "neither is called better.",
    ]


def test_independence_is_rejected_below_one_in_twenty() -> None:
    said = (
        "With every doubling of repeat purchases, spend per purchase changes by +12.4% [+8.0%, +17.0%] in the model that lets it, and its "
        "mean over customers by +8.8% [+2.3%, +15.7%]; independence is not contradicted (likelihood ratio 32.5, p = 0.050)."
    )
    assert dependence_in_words(dependence(p=0.05)) == said
    assert "independence is rejected" in dependence_in_words(dependence(p=0.049))


@pytest.mark.parametrize(
    ("mean", "title"),
    [
        ((0.912, 0.85, 0.98), "Spend per purchase falls by 9% with each doubling of repeat purchases"),
        ((1.05, 1.0, 1.1), "Mean spend per purchase shows no trend with the number of repeat purchases"),
        ((0.95, 0.9, 1.0), "Mean spend per purchase shows no trend with the number of repeat purchases"),
    ],
)
def test_the_title_is_the_verdict_of_the_means(mean: tuple[float, float, float], title: str) -> None:
    assert spend_title(dependence(mean=mean)) == title


def test_without_money_there_is_a_reason() -> None:
    absent: Any = Absent("No money.")
    assert told(spend_models(absent, absent, absent, "USD")) == [
        "lift | Factor on spend per purchase for every doubling of repeat purchases | none: No money.",
        "absent: No money.",
    ]


RISES = "Within customers, the size of a purchase rises for everybody, by the factor {price_drift} a year."
UP, DOWN, NEITHER = (0.002, 0.001, 0.003), (-0.002, -0.003, -0.001), (0.0, -0.001, 0.001)


@pytest.mark.parametrize(
    ("p", "gain", "said"),
    [
        (
            0.0004,
            UP,
            "With this drift taken out, independence is rejected (p &lt; .001), and the dependent model comes nearer in the hold-out (gain "
            "{spend_gain}): let spend go with frequency.",
        ),
        (
            0.049,
            NEITHER,
            "With this drift taken out, independence is rejected (p = 0.049), and in the hold-out the two models are not told apart (gain "
            "{spend_gain}): let spend go with frequency.",
        ),
        (
            0.049,
            DOWN,
            "With this drift taken out, independence is rejected (p = 0.049), but the dependent model is farther off in the hold-out (gain "
            "{spend_gain}): take spend as independent of frequency.",
        ),
        (
            0.05,
            UP,
            "With this drift taken out, independence is not contradicted (p = 0.050), though the dependent model comes nearer in the "
            "hold-out (gain {spend_gain}): take spend as independent of frequency.",
        ),
        (
            0.05,
            NEITHER,
            "With this drift taken out, independence is not contradicted (p = 0.050), and in the hold-out the two models are not told "
            "apart (gain {spend_gain}): take spend as independent of frequency.",
        ),
        (
            0.05,
            DOWN,
            "With this drift taken out, independence is not contradicted (p = 0.050), and the dependent model is farther off in the "
            "hold-out (gain {spend_gain}): take spend as independent of frequency.",
        ),
    ],
)
def test_the_choice_of_a_spend_model_is_made_at_steady_prices(p: float, gain: tuple[float, float, float], said: str) -> None:
    drift = PriceDrift(Interval(1.05, 1.03, 1.07), pd.DataFrame(), 711)
    assert told(steady_prices(drift, dependence(p=p), Interval(*gain))) == [
        "price_drift | Common factor on the size of a purchase from one year to the next | 1.05 [1.03, 1.07]",
        f"spend_gain | Gain of the dependent spend model in the hold-out, per purchase, at steady prices | {gain[0]:.4g} "
        f"[{gain[1]:.4g}, {gain[2]:.4g}]",
        f"{RISES} {said}",
    ]


@pytest.mark.parametrize(
    ("yearly", "said"),
    [
        ((0.95, 0.93, 0.97), "Within customers, the size of a purchase falls for everybody, by the factor {price_drift} a year."),
        (
            (1.05, 0.97, 1.14),
            "Within customers, a common drift of the size of a purchase cannot be told from none: factor {price_drift} a year.",
        ),
    ],
)
def test_a_drift_is_told_by_its_interval(yearly: tuple[float, float, float], said: str) -> None:
    drift = PriceDrift(Interval(*yearly), pd.DataFrame(), 711)
    assert steady_prices(drift, dependence(), Interval(*UP)).text.startswith(said)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_without_a_drift_a_test_or_a_holdout_there_is_a_reason(at: int) -> None:
    given: list[Any] = [PriceDrift(Interval(1.05, 1.03, 1.07), pd.DataFrame(), 711), dependence(), Interval(*UP)]
    given[at] = Absent("Too few.")
    assert told(steady_prices(*given)) == [
        "price_drift | Common factor on the size of a purchase from one year to the next | none: Too few.",
        "spend_gain | Gain of the dependent spend model in the hold-out, per purchase, at steady prices | none: Too few.",
        "absent: Too few.",
    ]
