"""The words of notebook 01 in `spend_in_use`, each reached from data."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.drawn import title
from tests.findings.fitted import fit

from goodwill.findings.finding import Absent, Finding, Value, missing
from goodwill.findings.purchases import spend_in_use as said
from goodwill.inference.uncertainty import Interval

ABSENT = Absent("Nobody came back.")


BY_CLASS = pd.DataFrame(
    {
        "label": ["1", "2"],
        "actual": [30.0, 33.0],
        "lower": [29.0, 31.0],
        "upper": [31.0, 35.0],
        "independent": [31.0, 31.0],
        "dependent": [30.0, 32.0],
    }
)


@cache
def dependence() -> Any:
    lift = pd.DataFrame({"estimate": [1.1], "lower": [1.09], "upper": [1.11]}, index=["lift"])
    dependent = SimpleNamespace(estimates=lift, model=SimpleNamespace(lift=1.1))
    return SimpleNamespace(dependent=dependent, statistic=374.1, p_value=1e-9, mean_lift=Interval(1.05, 1.04, 1.07))


def test_spend_that_goes_with_frequency_is_said_and_drawn() -> None:
    correlation = pd.Series({"estimate": 0.2, "lower": 0.1, "upper": 0.3})
    first, second = said.independence(correlation, dependence(), BY_CLASS, "USD")
    assert first.text == "The rank correlation is {spend_frequency}."
    assert first.parts["spend_frequency"].value is correlation
    assert first.parts["spend_frequency"].label == "Rank correlation of frequency and spend per purchase"
    assert second.text == said.dependence_in_words(dependence())
    drawing = second.parts["spend_by_frequency"]
    assert title(drawing.figure) == "Spend per purchase rises by 5% with each doubling of repeat purchases"
    assert drawing.caption == (
        "Mean spend per repeat purchase of customers, by how often they bought again, with 95 % intervals, and what two models have."
    )
    assert drawing.words == (
        "Mean spend per purchase by repeat purchases. 1: actual 30, independent 31, dependent 30; "
        "2: actual 33, independent 31, dependent 32."
    )
    assert drawing.figure.axes[0].get_ylabel() == "spend per purchase, USD"


@pytest.mark.parametrize("absent", [(ABSENT, ABSENT), (dependence(), ABSENT)])
def test_too_few_who_came_back_are_said_once_each(absent: tuple[Any, Any]) -> None:
    assert said.independence(ABSENT, *absent, "USD") == (
        missing(ABSENT, spend_frequency="Rank correlation of frequency and spend per purchase"),
        missing(ABSENT),
    )


def choice(name: str, *warnings: str) -> Any:
    return SimpleNamespace(name=name, left_out=3, fit=fit(*warnings), mean_of_new=Interval(36.0, 35.0, 37.0))


ONCE = "Spend per purchase expected of a customer who bought once"


@pytest.mark.parametrize(
    ("name", "caption", "label"),
    [
        (
            "independent",
            "Spend model in use (independent), fitted to repeat buyers with a positive mean spend (3 without one left out)",
            ONCE,
        ),
        (
            "by frequency",
            "Spend model in use (by frequency), fitted to repeat buyers with a positive mean spend (3 without one left out)",
            ONCE,
        ),
        (
            "first amount",
            "Spend model in use (with the first amount), fitted to first amounts and to repeat buyers with a positive mean spend "
            "(3 without one left out)",
            "Spend per purchase expected of a customer of whom no amount is known",
        ),
    ],
)
def test_the_spend_model_in_use_is_named_with_what_it_expects(name: str, caption: str, label: str) -> None:
    finding = said.spend(choice(name), "USD")
    assert finding.text == "Of a customer about whose spend nothing is known yet, the model expects {mean_spend} per purchase."
    table, mean = finding.parts.values()
    assert list(finding.parts) == ["spend_model", "mean_spend"]
    assert table.caption == caption
    assert list(table.frame.columns) == ["parameter", "estimate"]
    assert mean == Value(Interval(36.0, 35.0, 37.0), label, "USD")


def test_a_spend_model_with_a_warning_says_so() -> None:
    finding = said.spend(choice("independent", "q ran away", "and more"), "USD")
    assert finding.text == "**Mind the spend model**: q ran away and more."


def test_without_spend_there_is_none_to_expect() -> None:
    label = "Spend per purchase expected of a customer who bought once"
    assert said.spend(ABSENT, "USD") == missing(ABSENT, mean_spend=Value(None, label, "USD"))


def test_the_distribution_of_spend_names_peak_and_mean() -> None:
    reach = np.linspace(1, 80, 80)
    finding = said.spend_shape(pd.Series([10.0, 20, 30, 60]), reach, np.exp(-((reach - 20) ** 2) / 50), "USD")
    assert isinstance(finding, Finding)
    drawing = finding.parts["spend_distribution"]
    assert title(drawing.figure) == "The density peaks near 20; the mean is 30 USD"
    assert (
        drawing.caption
        == "Mean spend per repeat purchase, data and model; the highest hundredth of customers is cut off in the figure only."
    )
    assert drawing.words == (
        "Histogram of the mean spend per repeat purchase of repeat buyers with the density of the fitted model; quantiles: "
        "10% 13.00; 25% 17.50; 50% 25.00; 75% 37.50; 90% 51.00"
    )
    assert said.spend_shape(pd.Series([1.0]), reach, ABSENT, "USD") is ABSENT
