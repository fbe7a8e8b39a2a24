"""Every wording on what is told of customers, reached from what was found."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.covariates import covariate_lines, effects, value
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.richer.covariate_uses import CovariateTest, ValueByCovariates
from goodwill.lifetime_value.richer.design import NOT_STATED

ASKED = [f"{name}{end}" for name in ("rate", "year", "staying", "lifetime") for end in ("", "_lower", "_upper")]


def fitted(stated: float = 1.0, ridge: float | None = 0.3, south: float = 4.0, warnings: tuple[str, ...] = ()) -> Any:
    rows = [
        ["shop", "north", 600, 0.1, 0.09, 0.11, 2.0, 1.8, 2.2, 0.7, 0.6, 0.8, 150.0, 140.0, 160.0],
        ["shop", "south", 400, 0.2, 0.18, 0.22, south, south - 0.3, south + 0.3, 0.8, 0.7, 0.9, 170.0, 160.0, 180.0],
    ]
    design = SimpleNamespace(stated={"shop": stated}, codings=(SimpleNamespace(name="shop"),))
    table = pd.DataFrame(rows, columns=["covariate", "level", "customers", *ASKED])
    return SimpleNamespace(effects=table, told=SimpleNamespace(design=design), ridge=ridge, warnings=warnings)


def held_out(gain: tuple[float, float, float], fit: Any) -> CovariateTest:
    columns = ["without", "with_covariates", "gain", "lower", "upper"]
    rows = [[-1.3, -1.3 + gain[0], *gain], [1.2, 1.1, 0.1, 0.0, 0.2]]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(["log score", "absolute error"], name="measure"))
    return CovariateTest(fit, table, 39.0)


def test_levels_that_differ_and_foretell_are_told_with_what_is_missing_and_drawn() -> None:
    shown = effects(held_out((0.02, 0.01, 0.03), fitted(stated=0.9)), "week")
    assert shown.text == (
        "**Forecasts that know shop are better**: on the hold-out the log score is higher by 0.0200 [0.0100, 0.0300] a customer than "
        "without. Of new customers alike in all else, those with shop = south buy most often again in their first year, 4.00 [3.70, 4.30] "
        "times, and those with north least often, 2.00 [1.80, 2.20]. shop is not stated of 10% of the customers, who form a level of their "
        "own. The ratios are drawn towards 1 by a normal prior of their logarithms of width 0.3, chosen by customers left out."
    )
    parts = told(shown)
    assert parts[0] == (
        "covariate_gain | Gain of the forecast that knows what is told of customers: log score a customer | 0.02 [0.01, 0.03]"
    )
    assert shown.parts["covariate_effects"].caption == (
        "New customers alike in all else: rate is purchases per week while a customer, year the expected repeat purchases of the first "
        "year, staying the share still customers after it, lifetime the expected weeks as a customer within five years; 95 % intervals"
    )
    assert shown.parts["covariates_added"].caption == "What covariates add on the hold-out, per customer; a gain above zero is better"
    formats = shown.parts["covariate_effects"].formats
    assert {formats[name] for name in ASKED[:3]} == {"{:.3f}"} and formats["customers"] == "{:,.0f}"
    assert {formats[name] for name in ASKED[3:9]} == {"{:.2f}"} and {formats[name] for name in ASKED[9:]} == {"{:.0f}"}


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (
            (-0.02, -0.03, -0.01),
            "**Forecasts that know shop are worse**: on the hold-out the log score is lower by 0.0200 [0.0100, 0.0300] a customer than "
            "without.",
        ),
        (
            (0.001, -0.002, 0.004),
            "**Whether forecasts gain by knowing shop is not told apart**: on the hold-out the log score changes by +0.0010 [−0.0020, "
            "+0.0040] a customer.",
        ),
    ],
)
def test_a_loss_and_what_is_not_told_apart_are_said(gain: tuple[float, float, float], said: str) -> None:
    shown = effects(held_out(gain, fitted(south=2.1, ridge=None, warnings=("r ran away",))), "week")
    assert shown.text == (
        f"{said} By shop the intervals of the repeat purchases of a first year overlap, from 2.00 of north to 2.10 of south. No prior "
        "draws the ratios towards 1: customers left out were likeliest without one. The fit with covariates warns: r ran away."
    )


def test_of_three_levels_the_most_and_the_least_are_named_and_all_are_shown() -> None:
    fit = fitted()
    between = fit.effects.iloc[[0]].assign(level="west", year=3.0, year_lower=2.9, year_upper=3.1)
    fit.effects = pd.concat([fit.effects, between])
    shown = effects(held_out((0.02, 0.01, 0.03), fit), "week")
    assert "those with shop = south buy most often again in their first year, 4.00 [3.70, 4.30] times, and those with north" in shown.text
    assert shown.parts["covariate_effects"].max_rows == 80  # four covariates of twenty levels
    assert shown.parts["covariates_added"].formats == dict.fromkeys(["without", "with_covariates", "gain", "lower", "upper"], "{:.4f}")


def test_levels_whose_intervals_touch_are_not_apart() -> None:
    assert "overlap" in effects(held_out((0.02, 0.01, 0.03), fitted(south=2.5)), "week").text
    assert "overlap" not in effects(held_out((0.02, 0.01, 0.03), fitted(south=2.51)), "week").text


def valued(older: bool = False, warnings: tuple[str, ...] = ()) -> ValueByCovariates:
    rows = [("shop", "north", 600, 20.0, 25.0), ("shop", "south", 1, 60.0, 40.0)]
    table = pd.DataFrame(rows, columns=["covariate", "level", "customers", "value", "without"])
    return ValueByCovariates(
        fitted(warnings=warnings), Interval(36000.0, 33000.0, 39000.0), Interval(31000.0, 29000.0, 33000.0), table, older
    )


def test_value_is_told_with_and_without_what_is_known() -> None:
    shown = value(valued(), "USD")
    assert shown.text == (
        "When rates and leaving go with shop, the model expects {value_by_covariates} of all customers together, and 31,000 [29,000, "
        "33,000] without. The largest difference is that of shop = south: 60.00 a customer with, 40.00 without (1 customer)."
    )
    assert told(shown)[0] == (
        "value_by_covariates | Value of all customers, by a model that knows what is told of them | 3.6e+04 [3.3e+04, 3.9e+04] USD"
    )
    assert shown.parts["values_by_level"].caption == "Mean value of a customer by level, with covariates and without (USD)"
    assert shown.parts["values_by_level"].formats == {"customers": "{:,.0f}", "value": "{:,.2f}", "without": "{:,.2f}"}


def test_the_largest_difference_is_one_of_parts_and_may_be_a_loss() -> None:
    rows = [("shop", "new", 5, 3.0, 0.0), ("shop", "north", 600, 0.2, 0.8), ("shop", "south", 1, 50.0, 40.0)]
    shown = value(replace(valued(), table=pd.DataFrame(rows, columns=valued().table.columns)), "USD")
    assert shown.text.endswith("that of shop = north: 0.20 a customer with, 0.80 without (600 customers).")
    assert shown.parts["values_by_level"].max_rows == 80


def test_older_customers_and_warnings_are_said_with_the_value() -> None:
    text = value(valued(older=True, warnings=("b lies on a ridge",)), "USD").text
    assert text.endswith(
        "without (1 customer). Customers older than the log are not taken apart in it. The fit with covariates warns: b lies on a ridge."
    )


def test_nothing_told_is_said_in_place_of_both() -> None:
    absent = Absent("No covariates are named.")
    assert effects(absent, "week").parts["covariate_gain"].reason == "No covariates are named."
    assert value(absent, "USD").parts["value_by_covariates"].reason == "No covariates are named."


def test_a_scoring_says_what_it_goes_by_and_what_it_does_not_know() -> None:
    strange = pd.DataFrame([("shop", "moon", 2), ("shop", NOT_STATED, 1)], columns=["covariate", "level", "customers"])
    assert covariate_lines(fitted(stated=0.9), strange) == [
        "Rates and leaving go with shop.",
        "2 customers with shop = 'moon', a level that the fit does not know: scored without covariates.",
        "1 customer of whom shop is not stated, as of nobody in the fit: scored without covariates.",
    ]
    assert covariate_lines(fitted(stated=0.9), strange[:1])[1] == (
        "shop is not stated of 10% of the customers, who form a level of their own."
    )
    assert covariate_lines(fitted(), None) == ["Rates and leaving go with shop."]
