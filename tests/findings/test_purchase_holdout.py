"""The words of notebook 01 in `purchase_holdout`, each reached from data."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.drawn import title

from goodwill.data.date_grain import DateGrain
from goodwill.findings.finding import Absent, Finding, Value, missing
from goodwill.findings.purchases import purchase_holdout as said
from goodwill.inference.track_record import Statement, scored, track_record, why_not_widened, widened
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.by_period import PeriodForecast
from goodwill.lifetime_value.evidence.headline import Headline
from goodwill.lifetime_value.evidence.rivals import RulesOverDates

ABSENT = Absent("Nobody came back.")


def fit(*warnings: str) -> Any:
    estimates = pd.DataFrame({"estimate": [1.0]}, index=pd.Index(["r"], name="parameter"))
    return SimpleNamespace(estimates=estimates, warnings=warnings)


def summary() -> SimpleNamespace:
    audit = pd.DataFrame({"rule": ["kept", "none", "note"], "rows": [3.0, 0.0, np.nan]})
    return SimpleNamespace(
        audit=audit, counts={"customers": 20}, calibration_end=date(2024, 1, 14), end=date(2024, 2, 4), unit="week", source="a file"
    )


def classes(*actual: int) -> pd.DataFrame:
    fixed = {"expected": [50.0, 30.0, 20.0], "lower": [40.0, 20.0, 12.0], "upper": [60.0, 40.0, 28.0]}
    return pd.DataFrame({"label": ["0", "1", "2+"], "actual": actual, **fixed})


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("bought", "expected", "headline"),
    [
        (10, 8.0, "In the hold-out the model runs 20% below the purchases that were made"),
        (10, 12.0, "In the hold-out the model runs 20% above the purchases that were made"),
        (10, 10.0, "In the hold-out the model runs 0% above the purchases that were made"),
        (0, 1.25, "Nobody bought in the hold-out, of whom the model expected 2.5 purchases"),
    ],
)
def test_tracking_states_the_holdout_error_alone(bought: int, expected: float, headline: str) -> None:
    ends = pd.date_range("2024-01-07", periods=4, freq="7D")
    periods = pd.DataFrame({"end": ends, "repeat_purchases": [9, 9, bought, bought], "expected": [1.0, 1.0, expected, expected]})
    drawing = said.tracking(periods, summary()).parts["tracking"]
    assert title(drawing.figure) == headline
    assert drawing.caption == (
        "Repeat purchases of the customers known by the end of the calibration: cumulative (left) and per week (right). The figure has no "
        "band; the test below has one."
    )
    assert drawing.words == (
        "Repeat purchases per week, actual and expected. 2024-01-07: repeat purchases 9, expected 1; 2024-01-14: repeat purchases 9, "
        f"expected 1; 2024-01-21: repeat purchases {bought}, expected {expected:g}; 2024-01-28: repeat purchases {bought}, "
        f"expected {expected:g}."
    )


def test_tracking_tells_about_ten_periods_in_words() -> None:
    ends = pd.date_range("2024-01-07", periods=40, freq="7D")
    periods = pd.DataFrame({"end": ends, "repeat_purchases": 9, "expected": 9.0})
    assert said.tracking(periods, summary()).parts["tracking"].words.count(";") == 9


ERRORS = pd.DataFrame(
    {"total": [95.0, 140.0, 120.0], "bias": [-0.05, 0.4, 0.2], "MAE": [0.7, 0.9, 0.8]}, index=["BG/NBD", "same rate", "same number"]
)


def rivals(**differences: tuple[float, float, float]) -> pd.DataFrame:
    rows = {name.replace("_", " "): (0.7, 0.8, *difference) for name, difference in differences.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["model", "rule", "difference", "lower", "upper"]).rename_axis("forecast")


DATES = "foretold from 2 dates, 12 weeks ahead each"
DATE = "foretold from one date, 12 weeks ahead"


def over_dates(against: pd.DataFrame, dates: int) -> RulesOverDates:
    return RulesOverDates(against, pd.DataFrame(), (date(1997, 9, 30),) * dates, 12.0, None)


BEATS_ALL = rivals(same_number=(-0.1, -0.2, -0.05), same_rate=(-0.2, -0.3, -0.1))
LOSES_TO_ONE = rivals(same_number=(0.1, -0.1, 0.2), same_rate=(0.05, 0.01, 0.1))
LOSES = rivals(same_number=(0.1, 0.05, 0.2), same_rate=(0.05, 0.01, 0.1))
LOSES_TO_ONE_JUST = rivals(same_number=(0.1, 0.0, 0.2), same_rate=(0.05, 0.01, 0.1))
NOT_TOLD = rivals(same_number=(0.02, -0.03, 0.07), same_rate=(-0.2, -0.3, -0.1))


@pytest.mark.parametrize(
    ("against", "text"),
    [
        (
            BEATS_ALL,
            f"By mean absolute error of purchases, {DATES}, "
            f"**the model beats all 2 rules without a model**; the nearest is {{holdout_best_rule}} (the "
            "model less the rule: {holdout_gain}).",
        ),
        (
            LOSES_TO_ONE,
            f"By mean absolute error of purchases, {DATES}, "
            f"**a rule without a model does better**: same rate. The best is {{holdout_best_rule}} (the "
            "model less the rule: {holdout_gain}).",
        ),
        (
            LOSES_TO_ONE_JUST,
            f"By mean absolute error of purchases, {DATES}, "
            f"**a rule without a model does better**: same rate. The best is {{holdout_best_rule}} (the "
            "model less the rule: {holdout_gain}).",
        ),
        (
            LOSES,
            f"By mean absolute error of purchases, {DATES}, "
            f"**a rule without a model does better**: same number and same rate. The best is "
            "{holdout_best_rule} (the model less the rule: {holdout_gain}).",
        ),
        (
            NOT_TOLD,
            f"By mean absolute error of purchases, {DATES}, "
            f"the model and the best rule without a model, {{holdout_best_rule}}, **are not told apart** "
            "(the model less the rule: {holdout_gain}).",
        ),
    ],
)
def test_every_rule_without_a_model_is_a_rival(against: pd.DataFrame, text: str) -> None:
    finding = said.rivals(over_dates(against, 2), ERRORS, "week")
    assert finding.text == text
    first, rule, table = finding.parts.values()
    assert list(finding.parts) == ["holdout_gain", "holdout_best_rule", "holdout_rivals"]
    gain = Interval(*against.iloc[0][["difference", "lower", "upper"]])
    assert first == Value(gain, "Mean absolute error of the model minus that of the best rule", "purchases per customer")
    assert rule == Value("same number", "Best rule without a model, by mean absolute error")
    assert table.caption == (
        "The model against every rule, by mean absolute error: below zero the model is better. The intervals (95 %) carry what differs "
        "between customers and between dates, and hold for all rules at once"
    )
    assert table.frame["forecast"].to_list() == ["same number", "same rate"]


def test_the_errors_in_the_one_holdout_are_a_table() -> None:
    table = said.errors(ERRORS, 26.04, "week").parts["holdout_errors"]
    assert table.caption == "Errors in the 26.0 weeks of the hold-out alone"
    assert table.frame["forecast"].to_list() == ["BG/NBD", "same rate", "same number"]


def test_without_a_date_no_rule_is_judged() -> None:
    assert said.rivals(ABSENT, ERRORS, "week") == missing(
        ABSENT,
        without=("holdout_rivals",),
        holdout_gain=Value(None, "Mean absolute error of the model minus that of the best rule", "purchases per customer"),
        holdout_best_rule="Best rule without a model, by mean absolute error",
    )


@pytest.mark.parametrize(
    ("bias", "caveat"),
    [
        (-0.25, ""),
        (-0.48, " But the total that same number foretells is off by −48%: absolute errors reward who foretells too little."),
    ],
)
def test_a_rule_that_foretells_too_little_is_called_so(bias: float, caveat: str) -> None:
    assert said.rivals(over_dates(NOT_TOLD, 1), ERRORS.assign(bias=[-0.9, -0.9, bias]), "week").text == (
        f"By mean absolute error of purchases, {DATE}, "
        f"the model and the best rule without a model, {{holdout_best_rule}}, **are not told apart** (the "
        f"model less the rule: {{holdout_gain}}).{caveat}"
    )


@pytest.mark.parametrize(
    ("against", "text"),
    [
        (
            BEATS_ALL,
            "In money **the model beats all 2 rules without a model** as well: the nearest is {money_best_rule} (mean absolute error of "
            "the model less that of the rule: {money_gain}).",
        ),
        (
            LOSES,
            "In money **a rule without a model does better**: same number and same rate. The best is {money_best_rule} (mean absolute "
            "error of the model less that of the rule: {money_gain}).",
        ),
        (
            NOT_TOLD,
            "In money the model and the best rule without a model, {money_best_rule}, **are not told apart** (mean absolute error of the "
            "model less that of the rule: {money_gain}).",
        ),
    ],
)
def test_the_rules_are_rivals_in_money_too(against: pd.DataFrame, text: str) -> None:
    finding = said.money_rivals(against, "USD")
    assert finding.text == text
    gain, rule, table = finding.parts.values()
    assert list(finding.parts) == ["money_gain", "money_best_rule", "money_rivals"]
    interval = Interval(*against.iloc[0][["difference", "lower", "upper"]])
    assert gain == Value(interval, "Mean absolute error in money of the model minus that of the best rule", "USD per customer")
    assert rule == Value("same number", "Best rule without a model, by mean absolute error in money")
    assert table.caption == (
        "The same in money: expected purchases times expected spend, against each rule's purchases at the customer's own mean spend"
    )
    assert table.frame["forecast"].to_list() == ["same number", "same rate"]


def test_without_money_no_rule_is_judged_in_it() -> None:
    assert said.money_rivals(ABSENT, "USD") == missing(
        ABSENT,
        money_gain=Value(None, "Mean absolute error in money of the model minus that of the best rule", "USD per customer"),
        money_best_rule="Best rule without a model, by mean absolute error in money",
    )


@pytest.mark.parametrize(
    ("difference", "headline"),
    [
        (Interval(-0.1, -0.2, -0.05), "Customer by customer the model misses by less than the old rate"),
        (Interval(0.1, 0.05, 0.2), "Customer by customer the old rate misses by less than the model"),
        (Interval(0.1, -0.05, 0.2), "Customer by customer the model and the old rate are not told apart"),
    ],
)
def test_classes_of_the_holdout_are_judged_by_an_interval(difference: Interval, headline: str) -> None:
    table = pd.DataFrame(
        {"label": ["0", "1"], "actual": [0.2, 0.7], "expected": [0.25, 0.6], "naive": [0.0, 2.0], "lower": [0.1, 0.5], "upper": [0.3, 0.9]}
    )
    drawing = said.by_frequency(table.assign(customers=9), difference).parts["holdout_by_frequency"]
    assert title(drawing.figure) == headline
    assert drawing.caption == (
        "Mean purchases per customer in the hold-out by repeat purchases in the calibration; the band is the 95 % interval of the actual "
        "mean."
    )
    assert drawing.words == (
        "Hold-out purchases per customer by calibration frequency. 0: actual 0.2, expected 0.25, naive 0; "
        "1: actual 0.7, expected 0.6, naive 2."
    )


def held_by_class(*expected: float) -> Finding:
    """Three classes, of which 0.2 to 0.3, 0.6 to 0.9 and 1.5 to 2.5 purchases each came; 0.1 to 0.4 with four."""
    lower, upper = np.array([0.2, 0.6, 1.5, 0.1]), np.array([0.3, 0.9, 2.5, 0.4])
    table = pd.DataFrame({"label": ["0", "1", "2", "3+"], "actual": (lower + upper) / 2, "lower": lower, "upper": upper, "naive": 1.0})
    return said.by_frequency(table.assign(expected=expected), Interval(0, -1, 1))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            (0.1, 0.6, 2.5, 0.4),
            "Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is **too few**.",
        ),
        (
            (0.4, 0.5, 2.0, 0.2),
            "Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is **too many**. "
            "It expected too few of those with 1 repeat purchases.",
        ),
        (
            (0.3, 0.5, 2.6, 0.0),
            "Who had bought **once** then made {once_actual} each; the model expected {once_expected:value}, which is not told apart from "
            "that. It expected too few of those with 1 and 3+ repeat purchases. It expected too many of those with 2 repeat purchases.",
        ),
    ],
)
def test_the_holdout_says_of_each_class_whether_the_model_was_right(expected: tuple[float, ...], text: str) -> None:
    finding = held_by_class(*expected)
    assert finding.text == text
    once, model, _ = finding.parts.values()
    assert list(finding.parts) == ["once_actual", "once_expected", "holdout_by_frequency"]
    assert once == Value(Interval(0.25, 0.2, 0.3), "Purchases in the hold-out of a customer who had bought once", "purchases")
    assert model == Value(expected[0], "What the model expected of a customer who had bought once", "purchases")


FORECAST = pd.Series({"estimate": 95.0, "lower": 90.0, "upper": 110.0})
HOLDS = "The model expected {holdout_forecast}; {holdout_actual:value} were made. The interval holds them."
FAILS = (
    "The model expected {holdout_forecast}; {holdout_actual:value} were made. **The interval misses them**, although it carries the "
    "uncertainty of the parameters and of chance: what is wrong is the model, which no interval of its own can show. Where hold-outs "
    "miss, read the forecasts below as no more exact than here: off by {holdout_miss:value}."
)


@pytest.mark.parametrize(
    ("actual", "headline", "text"),
    [
        (90, "What came lies inside the interval that the model gave", HOLDS),
        (110, "What came lies inside the interval that the model gave", HOLDS),
        (111, "What came lies above the interval: the model is wrong here, not only unsure", FAILS),
        (50, "What came lies below the interval: the model is wrong here, not only unsure", FAILS),
    ],
)
def test_the_total_says_whether_the_interval_held(actual: int, headline: str, text: str) -> None:
    finding = said.total(FORECAST, actual, ERRORS, "BG/NBD")
    assert finding.text == text
    came, forecast, miss, drawing = finding.parts.values()
    assert list(finding.parts) == ["holdout_actual", "holdout_forecast", "holdout_miss", "holdout_total"]
    assert came == Value(actual, "Purchases in the hold-out", "purchases")
    assert forecast.value is FORECAST and forecast[1:3] == ("Forecast of the hold-out", "purchases")
    assert miss == Value(pytest.approx(95 / actual - 1), "Forecast against what was bought", "share")
    assert title(drawing.figure) == headline
    assert drawing.caption == (
        "Forecasts of the hold-out total. The bar is the model's 95 % interval, parameters and chance together; rules without a model have "
        "none."
    )
    assert drawing.words == (
        f"Forecasts of the hold-out total, actual {actual}. BG/NBD: total 95; same rate: total 140; same number: total 120."
    )
    assert [label.get_text() for label in drawing.figure.axes[0].get_yticklabels()][1:] == ["same rate", "same number"]


def test_a_holdout_without_purchases_has_no_miss_in_per_cent() -> None:
    miss = said.total(FORECAST, 0, ERRORS, "BG/NBD").parts["holdout_miss"]
    assert miss == Value(None, "Forecast against what was bought", "share", reason="nobody bought in the hold-out")


WHOLE = Interval(6000.0, 5000.4, 7000.0)
NOW = Statement(date(1998, 6, 30), date(1999, 1, 19), *WHOLE)


def headline(past: list[Statement]) -> Headline:
    record = track_record(past) if past else None
    return Headline(NOW, widened(NOW, past), why_not_widened(NOW, past), record, scored(past) if past else pd.DataFrame())


MONTHS, DAYS = DateGrain("month", "first", 0, 1.0, 18), DateGrain("day", "", 1, 1.0, 500)


@pytest.mark.parametrize(
    ("came", "text"),
    [
        (
            105,
            "Counted by the month, BG/NBD by period expected {period_forecast} with a purchase in the hold-out; {period_actual:value} "
            "came. Its interval holds them.",
        ),
        (
            111,
            "Counted by the month, BG/NBD by period expected {period_forecast} with a purchase in the hold-out; {period_actual:value} "
            "came. **Its interval misses them.**",
        ),
    ],
)
def test_where_dates_are_months_a_count_by_months_stands_beside(came: int, text: str) -> None:
    finding = said.by_period(PeriodForecast("month", fit(), 9, Interval(100.0, 90.0, 110.0), came), MONTHS)
    assert finding.text == text
    forecast, actual, table = finding.parts.values()
    assert list(finding.parts) == ["period_forecast", "period_actual", "period_model"]
    unit = "months of a customer"
    assert forecast == Value(Interval(100.0, 90.0, 110.0), "Forecast of the hold-out, counted by the month", unit)
    assert actual == Value(came, "The hold-out, counted by the month", unit)
    assert table.caption == "BG/NBD by period, fitted to the calibration (time in months)"


def test_where_dates_are_days_nothing_is_counted_by_period() -> None:
    assert said.by_period(ABSENT, DAYS) == Finding()
    assert said.by_period(ABSENT, MONTHS) == missing(ABSENT)
