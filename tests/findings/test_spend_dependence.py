"""Every wording on spend and frequency, reached from data."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.spend_dependence import dependence_in_words, spend_choice, spend_models, spend_title
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.gamma_gamma_by_frequency import SpendDependence
from goodwill.lifetime_value.price_level import PriceDrift
from goodwill.lifetime_value.spend_choice import SpendTest

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


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (
            {"independent": np.inf},
            "In the hold-out a purchase brought 37.71 USD; the dependent model expected 35.55. In the independent one spend has no mean (q "
            "is at most 1), so that it expects none.",
        ),
        (
            {"dependent": np.inf},
            "In the hold-out a purchase brought 37.71 USD; the independent model expected 36.23. In the dependent one spend has no mean (q "
            "is at most 1), so that it expects none.",
        ),
        (
            {"independent": np.nan, "dependent": np.inf},
            "In the hold-out a purchase brought 37.71 USD. In both models spend has no mean (q is at most 1), so that they expect none.",
        ),
    ],
)
def test_a_model_of_spend_without_a_mean_expects_none(without: dict[str, float], said: str) -> None:
    assert spend_models(dependence(), CLASSES, HELD.assign(**without), "USD").text.endswith("p &lt; .001). " + said)


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
UP, DOWN, NEITHER = Interval(0.002, 0.001, 0.003), Interval(-0.002, -0.003, -0.001), Interval(0.0, -0.001, 0.001)
RISE = PriceDrift(Interval(1.05, 1.03, 1.07), pd.DataFrame(), 711)
LABELS = {
    "price_drift": "Common factor on the size of a purchase from one year to the next",
    "spend_gain": "Gain of the dependent spend model in what came later, per purchase, at steady prices",
    "first_amount_gain": "Gain of the spend model with the first amount over that, per purchase, at steady prices",
}


def choice(p: float = 0.5, gain: Interval = NEITHER, first: Interval | None = None, drift: PriceDrift | None = RISE, how: str = "") -> Any:
    """As `choose_spend` makes it of such a comparison; or the model that was asked for."""
    test = SpendTest(date(1997, 9, 30), drift, p, gain, first)
    names = {"first amount nearer": "first amount", "goes with frequency": "by frequency"}
    if how:
        return SimpleNamespace(name=how, reason="given", test=None)
    return SimpleNamespace(name=names.get(test.reason, "independent"), reason=test.reason, test=test)


@pytest.mark.parametrize(
    ("p", "gain", "said"),
    [
        (
            0.0004,
            UP,
            "At steady prices, learned until 1997-09-30 and judged by what came later: independence is rejected (p &lt; .001), and the "
            "dependent model comes nearer (gain {spend_gain}). So spend is taken to **go with frequency**.",
        ),
        (
            0.049,
            NEITHER,
            "At steady prices, learned until 1997-09-30 and judged by what came later: independence is rejected (p = 0.049), and the two "
            "models are not told apart (gain {spend_gain}). So spend is taken to **go with frequency**.",
        ),
        (
            0.049,
            DOWN,
            "At steady prices, learned until 1997-09-30 and judged by what came later: independence is rejected (p = 0.049), but the "
            "dependent model is farther off (gain {spend_gain}). "
            "So spend is taken to be **independent** of frequency, although the test rejects that.",
        ),
        (
            0.05,
            UP,
            "At steady prices, learned until 1997-09-30 and judged by what came later: independence is not contradicted (p = 0.050), "
            "though the dependent model comes nearer (gain {spend_gain}). So spend is taken to be **independent** of frequency.",
        ),
        (
            0.05,
            NEITHER,
            "At steady prices, learned until 1997-09-30 and judged by what came later: independence is not contradicted (p = 0.050), and "
            "the two models are not told apart (gain {spend_gain}). So spend is taken to be **independent** of frequency.",
        ),
        (
            0.05,
            DOWN,
            "At steady prices, learned until 1997-09-30 and judged by what came later: independence is not contradicted (p = 0.050), and "
            "the dependent model is farther off (gain {spend_gain}). So spend is taken to be **independent** of frequency.",
        ),
    ],
)
def test_the_choice_of_a_spend_model_is_made_at_steady_prices(p: float, gain: Interval, said: str) -> None:
    assert told(spend_choice(choice(p, gain))) == [
        f"price_drift | {LABELS['price_drift']} | 1.05 [1.03, 1.07]",
        f"spend_gain | {LABELS['spend_gain']} | {gain.estimate:.4g} [{gain.lower:.4g}, {gain.upper:.4g}]",
        f"first_amount_gain | {LABELS['first_amount_gain']} | none: too few customers came back",
        f"{RISES} {said}",
    ]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (
            UP,
            "Who paid more at first pays more later: with the first amount forecasts come nearer (gain {first_amount_gain}). "
            "So spend is foretold **with the first amount**: who bought once is expected to spend by what that purchase brought.",
        ),
        (
            DOWN,
            "With the first amount forecasts are farther off (gain {first_amount_gain}). So spend is taken to be **independent** of "
            "frequency.",
        ),
        (
            NEITHER,
            "With the first amount forecasts are not told apart from those without it (gain {first_amount_gain}). So spend is taken to be "
            "**independent** of frequency.",
        ),
    ],
)
def test_the_first_amount_is_used_where_it_helps_out_of_sample(first: Interval, said: str) -> None:
    finding = spend_choice(choice(first=first))
    assert finding.text.endswith(f"(gain {{spend_gain}}). {said}")
    assert told(finding)[2] == (
        f"first_amount_gain | {LABELS['first_amount_gain']} | {first.estimate:.4g} [{first.lower:.4g}, {first.upper:.4g}]"
    )


@pytest.mark.parametrize(
    ("drift", "said"),
    [
        (Interval(0.95, 0.93, 0.97), "Within customers, the size of a purchase falls for everybody, by the factor {price_drift} a year."),
        (
            Interval(1.05, 0.97, 1.14),
            "Within customers, a common drift of the size of a purchase cannot be told from none: factor {price_drift} a year.",
        ),
        (None, "Too few customers came back in two months or more to measure a common drift of the size of a purchase."),
    ],
)
def test_a_drift_is_told_by_its_interval(drift: Interval | None, said: str) -> None:
    found = drift and PriceDrift(drift, pd.DataFrame(), 711)
    assert spend_choice(choice(drift=found)).text.startswith(f"{said} At steady prices, ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("independent", "Spend is taken to be independent of frequency, as asked for."),
        ("by frequency", "Spend is taken to go with frequency, as asked for."),
        ("first amount", "Spend is foretold with the first amount, as asked for."),
    ],
)
def test_a_spend_model_that_was_asked_for_is_not_compared(given: str, said: str) -> None:
    why = "none: the spend models were not compared"
    assert told(spend_choice(choice(how=given))) == [*(f"{name} | {label} | {why}" for name, label in LABELS.items()), said]


def test_too_few_to_compare_are_said() -> None:
    few = SimpleNamespace(name="independent", reason="not compared", test=None)
    assert spend_choice(few).text == "Too few came back to compare spend models, so spend is taken to be independent of frequency."


def test_the_spend_of_a_group_that_borrows_is_said_to() -> None:
    leaning = SimpleNamespace(name="independent", reason="borrowed", test=None)
    assert spend_choice(leaning).text == (
        "The spend of this group leans on the other groups as its purchases do: its level and how alike its customers are in it are drawn "
        "towards what is common to all groups, and spend is taken to be independent of frequency."
    )


def test_without_a_spend_model_there_is_a_reason() -> None:
    lines = [f"{name} | {label} | none: Too few." for name, label in LABELS.items()]
    assert told(spend_choice(Absent("Too few."))) == [*lines, "absent: Too few."]
