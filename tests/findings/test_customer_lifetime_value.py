"""The words of notebook 01, each reached from data."""

from __future__ import annotations

from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from goodwill.data.reading.sources import read_transactions
from goodwill.findings.finding import Absent, Finding, Value, missing
from goodwill.findings.purchases import customer_lifetime_value as said
from goodwill.findings.purchases.purchase_records import gap_in_words, pile_in_words
from goodwill.inference.track_record import Statement, scored, track_record, why_not_widened, widened
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.checks import ClassTest
from goodwill.lifetime_value.evidence.headline import Headline
from goodwill.lifetime_value.evidence.seasons import season_gap
from goodwill.lifetime_value.evidence.tenths import Tenths
from goodwill.lifetime_value.evidence.windows import first_purchase_pile
from goodwill.lifetime_value.value import ValueTerms

ABSENT = Absent("Nobody came back.")
TERMS = ValueTerms(52.0, 0.3, 0.15, "week")


def title(figure: Figure) -> str:
    figure.draw_without_rendering()
    return " ".join(figure.get_suptitle().split())


def fit(*warnings: str) -> SimpleNamespace:
    estimates = pd.DataFrame({"estimate": [1.0]}, index=pd.Index(["r"], name="parameter"))
    return SimpleNamespace(estimates=estimates, warnings=warnings)


def summary() -> SimpleNamespace:
    audit = pd.DataFrame({"rule": ["kept", "none", "note"], "rows": [3.0, 0.0, np.nan]})
    return SimpleNamespace(
        audit=audit, counts={"customers": 20}, calibration_end=date(2024, 1, 14), end=date(2024, 2, 4), unit="week", source="a file"
    )


# --- records ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acquired", "born_after", "caption"),
    [
        (True, "2024-01-31", "What it costs to keep only customers won after 2024-01-31"),
        (True, "", "What it costs to keep only customers won after the day before the data begin"),
        (False, "2024-01-31", "What it costs to keep only customers first seen after 2024-01-31"),
    ],
)
def test_a_burn_in_has_a_price(acquired: bool, born_after: str, caption: str) -> None:
    finding = said.burn_in(pd.DataFrame({"all": [5.0]}, index=["customers"]), acquired, born_after)
    assert (list(finding.parts), finding.text) == (["burn_in"], "")
    assert finding.parts["burn_in"].caption == caption
    assert finding.parts["burn_in"].frame.to_dict("records") == [{"what": "customers", "all": 5.0}]


def test_without_a_burn_in_nothing_is_said() -> None:
    assert said.burn_in(pd.DataFrame(), False, "") == Finding()


def test_the_audit_shows_the_rules_that_found_a_case_and_counts_the_others() -> None:
    finding = said.audit(summary())
    table, others = finding.parts.values()
    assert list(finding.parts) == ["audit", "rules_without_a_case"]
    assert table.frame["rule"].to_list() == ["kept", "note"]
    assert list(table.frame.columns) == ["rule", "rows"]
    assert (table.caption, table.max_rows) == ("What the reading found and did", 40)
    assert others == Value(1, "Further rules that found no case")
    assert finding.text == "{rules_without_a_case} further rules found no case: `goodwill check` lists them all."


def test_customers_are_counted() -> None:
    back = Interval(0.5, 0.4, 0.6)
    assert said.counts(summary(), summary(), back) == Finding(
        {
            "customers": Value(20, "Customers in the data", "customers"),
            "repeat_buyers": Value(back, "Customers who came back at least once", "share"),
        },
        "The calibration ends on 2024-01-14, the data on 2024-02-04. Of {customers}, {repeat_buyers} came back at least once.",
    )


def test_published_values_are_counted() -> None:
    finding = said.published(pd.DataFrame({"agrees": [True, False, True]}))
    assert finding.parts["published"].caption == "CDNOW sample: printed values and what this library finds"
    assert finding.parts["published_agree"] == Value("2 of 3", "Published values found again")
    assert finding.text == "{published_agree} printed values are found again, to one unit of the last digit printed."


# --- the purchase model -----------------------------------------------------------------------------------------------------------------

BG_NBD = (
    "The model is BG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each repeat purchase leaves for "
    "good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape $r$ and rate "
    "$\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history $(x, t_x, T)$ "
    "the likelihood is\n\n"
    "$$L = \\frac{B(a, b+x)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+T)^{r+x}} + [x>0]\\,"
    "\\frac{B(a+1,b+x-1)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+t_x)^{r+x}}.$$"
)
MBG_NBD = (
    "The model is MBG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each purchase, the first "
    "included, leaves for good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape "
    "$r$ and rate $\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history "
    "$(x, t_x, T)$ the likelihood is\n\n"
    "$$L = \\frac{B(a, b+x+1)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+T)^{r+x}} + "
    "\\frac{B(a+1,b+x)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+t_x)^{r+x}}.$$"
)
PARETO_NBD = (
    "The model is Pareto/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and leaves for good at a random time, "
    "at a rate $\\mu$ of their own that purchases have no part in. Both rates differ between customers by gamma distributions, with "
    "shapes $r$, $s$ and rates $\\alpha$, $\\beta$. For a customer with history $(x, t_x, T)$ the likelihood is the average over "
    "these of\n\n"
    "$$\\frac{\\lambda^x \\mu}{\\lambda+\\mu}\\, e^{-(\\lambda+\\mu)t_x} + "
    "\\frac{\\lambda^{x+1}}{\\lambda+\\mu}\\, e^{-(\\lambda+\\mu)T}.$$"
)


@pytest.mark.parametrize(("model", "text"), [("BG/NBD", BG_NBD), ("MBG/NBD", MBG_NBD), ("Pareto/NBD", PARETO_NBD)])
def test_a_page_tells_the_story_of_its_own_model(model: str, text: str) -> None:
    assert said.story(model).text.replace("{{", "{").replace("}}", "}") == text


@pytest.mark.parametrize(
    ("warnings", "text"),
    [
        ((), "The likelihood has one clear maximum: no ridge, no parameter at a boundary."),
        (("a ran away", "b too"), "**Mind the fit**: a ran away b too."),
    ],
)
def test_a_fit_says_what_is_wrong_with_it(warnings: tuple[str, ...], text: str) -> None:
    finding = said.fitted(fit(*warnings), "MBG/NBD", "month")
    assert finding.text == text
    assert finding.parts["purchase_model"].caption == "MBG/NBD, fitted to the calibration (time in months)"
    assert list(finding.parts["purchase_model"].frame.columns) == ["parameter", "estimate"]


def classes(*actual: int) -> pd.DataFrame:
    fixed = {"expected": [50.0, 30.0, 20.0], "lower": [40.0, 20.0, 12.0], "upper": [60.0, 40.0, 28.0]}
    return pd.DataFrame({"label": ["0", "1", "2+"], "actual": actual, **fixed})


@pytest.mark.parametrize(
    ("actual", "p", "headline", "text"),
    [
        (
            (60, 20, 19),
            0.051,
            "The model reproduces how many customers come back how often",
            "The chi-square test over 3 classes does not contradict the model ({frequency_p_value:value} of simulated sets that follow it "
            "fit no better). With 2,357 customers, a misfit like the largest here, −0.9% of them with 2+ repeat purchases, may be chance. "
            "This is the period that the model was fitted to, so it is the easy test.",
        ),
        (
            (61, 29, 11),
            0.05,
            "The model places too many or too few customers at 0 and 2+ repeat purchases",
            "The chi-square test over 3 classes **rejects the model** ({frequency_p_value:value} of simulated sets that follow it fit no "
            "better). How much that matters is another question: the largest misfit is −0.9% of 2,357 customers, with 2+ repeat purchases. "
            "This is the period that the model was fitted to, so it is the easy test.",
        ),
    ],
)
def test_frequency_classes_name_those_that_misfit(actual: tuple[int, ...], p: float, headline: str, text: str) -> None:
    drawn, tested = said.classes(classes(*actual), ClassTest(3.0, 3, p, 2357, "2+", -0.009))
    assert (drawn.text, tested.text) == ("", text)
    assert tested.parts == {"frequency_p_value": Value(p, "Chance of a misfit this large if the model were true", "share")}
    assert list(drawn.parts) == ["frequency_classes"]
    drawing = drawn.parts["frequency_classes"]
    assert title(drawing.figure) == headline
    assert drawing.caption == (
        "Customers by repeat purchases in the calibration; dots are what the fitted model expects, bars their 95 % range by chance alone."
    )
    assert drawing.words == (
        f"Customers by number of repeat purchases. 0: actual {actual[0]}, expected 50; 1: actual {actual[1]}, expected 30; "
        f"2+: actual {actual[2]}, expected 20."
    )


def test_classes_that_cannot_be_tested_are_drawn_all_the_same() -> None:
    drawn, tested = said.classes(classes(60, 20, 19), ABSENT)
    assert list(drawn.parts) == ["frequency_classes"]
    assert tested == missing(ABSENT, frequency_p_value=Value(None, "Chance of a misfit this large if the model were true", "share"))


# --- the hold-out -----------------------------------------------------------------------------------------------------------------------


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
        "Repeat purchases per week, actual and expected. 2024-01-07: repeat_purchases 9, expected 1; 2024-01-14: repeat_purchases 9, "
        f"expected 1; 2024-01-21: repeat_purchases {bought}, expected {expected:g}; 2024-01-28: repeat_purchases {bought}, "
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
            "By mean absolute error of purchases **the model beats all 2 rules without a model**; the nearest is {holdout_best_rule} (the "
            "model less the rule: {holdout_gain}).",
        ),
        (
            LOSES_TO_ONE,
            "By mean absolute error of purchases **a rule without a model does better**: same rate. The best is {holdout_best_rule} (the "
            "model less the rule: {holdout_gain}).",
        ),
        (
            LOSES_TO_ONE_JUST,
            "By mean absolute error of purchases **a rule without a model does better**: same rate. The best is {holdout_best_rule} (the "
            "model less the rule: {holdout_gain}).",
        ),
        (
            LOSES,
            "By mean absolute error of purchases **a rule without a model does better**: same number and same rate. The best is "
            "{holdout_best_rule} (the model less the rule: {holdout_gain}).",
        ),
        (
            NOT_TOLD,
            "By mean absolute error of purchases the model and the best rule without a model, {holdout_best_rule}, **are not told apart** "
            "(the model less the rule: {holdout_gain}).",
        ),
    ],
)
def test_every_rule_without_a_model_is_a_rival(against: pd.DataFrame, text: str) -> None:
    finding = said.rivals(ERRORS, against, 26.04, "week")
    assert finding.text == text
    first, rule, errors, table = finding.parts.values()
    assert list(finding.parts) == ["holdout_gain", "holdout_best_rule", "holdout_errors", "holdout_rivals"]
    gain = Interval(*against.iloc[0][["difference", "lower", "upper"]])
    assert first == Value(gain, "Mean absolute error of the model minus that of the best rule", "purchases per customer")
    assert rule == Value("same number", "Best rule without a model, by mean absolute error")
    assert errors.caption == "Errors in the 26.0 weeks of the hold-out alone"
    assert errors.frame["forecast"].to_list() == ["BG/NBD", "same rate", "same number"]
    assert table.caption == (
        "The model against every rule, by mean absolute error: below zero the model is better. The intervals (95 %, over customers) hold "
        "for all rules at once"
    )
    assert table.frame["forecast"].to_list() == ["same number", "same rate"]


@pytest.mark.parametrize(
    ("bias", "caveat"),
    [
        (-0.25, ""),
        (-0.48, " But the total that same number foretells is off by −48%: absolute errors reward who foretells too little."),
    ],
)
def test_a_rule_that_foretells_too_little_is_called_so(bias: float, caveat: str) -> None:
    assert said.rivals(ERRORS.assign(bias=[-0.9, -0.9, bias]), NOT_TOLD, 26.0, "week").text == (
        "By mean absolute error of purchases the model and the best rule without a model, {holdout_best_rule}, **are not told apart** (the "
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
    "miss, read the forecasts below as no more exact than {holdout_miss:value} here."
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


# --- who is still a customer --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (
            "BG/NBD",
            "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. Of {one_time_buyers} who bought once it "
            "cannot say: BG/NBD lets customers leave only after a repeat purchase, so that their P(alive) is 1 by construction. It is left "
            "blank below.",
        ),
        (
            "Pareto/NBD",
            "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. That leaves {one_time_buyers} who "
            "bought once, whom the model judges as well.",
        ),
    ],
)
def test_who_is_alive_depends_on_the_model(model: str, text: str) -> None:
    silence, frequency = np.linspace(0, 30, 24), np.arange(1, 16)
    grid = pd.DataFrame(np.exp(-silence[:, None] * frequency / 30), index=silence, columns=frequency)
    finding = said.alive(Interval(0.6, 0.5, 0.7), 12, grid, model, "month")
    assert finding.text == text
    once, share, drawing = finding.parts.values()
    assert list(finding.parts) == ["one_time_buyers", "alive_repeat_buyers", "alive"]
    assert once == Value(12, "Bought once", "customers")
    assert share == Value(Interval(0.6, 0.5, 0.7), "Repeat buyers who are still customers", "share")
    assert title(drawing.figure) == "The more often somebody used to buy, the sooner silence means that they are gone"
    assert drawing.caption == (
        "P(alive) of a customer first seen at the start of the data, by repeat purchases and months of silence. Point estimates."
    )
    assert drawing.words == (
        "P(alive) by months of silence and repeat purchases. 0: 1 1, 5 1, 15 1; 15.65: 1 0.5935, 5 0.07363, 15 0.0003992."
    )


# --- spend ------------------------------------------------------------------------------------------------------------------------------

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


def choice(name: str = "independent", reason: str = "not rejected", *, held: bool = True, warnings: tuple[str, ...] = ()) -> Any:
    came = pd.Series({"label": "all", "purchases": 9, "actual": 39.474, "independent": 38.57, "dependent": 1237.9}) if held else None
    return SimpleNamespace(
        name=name, reason=reason, held=came, left_out=3, fit=fit(*warnings), mean_of_new=Interval(36.0, 35.0, 37.0), p_value=0.012
    )


HELD = "In the hold-out a purchase brought 39.47 USD; the independent model expected 38.57, the dependent one 1,237.90. "
KNOWN = " Of a customer about whose spend nothing is known yet, the model expects {mean_spend} per purchase."


@pytest.mark.parametrize(
    ("name", "reason", "text"),
    [
        ("by frequency", "given", "The dependent one is used, as asked for."),
        ("by frequency", "foretold nearer", "The dependent one is used."),
        ("independent", "given", "The independent one is used, as asked for."),
        ("independent", "not rejected", "The independent one is used."),
        (
            "independent",
            "foretold no nearer",
            "The independent one is used, because the other foretells no better although the test prefers it.",
        ),
    ],
)
def test_the_spend_model_in_use_is_named_with_its_reason(name: str, reason: str, text: str) -> None:
    finding = said.spend(choice(name, reason), "USD")
    assert finding.text == f"{HELD}{text}{KNOWN}"
    table, mean = finding.parts.values()
    assert list(finding.parts) == ["spend_model", "mean_spend"]
    captions = {
        "independent": "Spend model in use (independent), fitted to repeat buyers with a positive mean spend (3 without one left out)",
        "by frequency": ("Spend model in use (by frequency), fitted to repeat buyers with a positive mean spend (3 without one left out)"),
    }
    assert table.caption == captions[name]
    assert list(table.frame.columns) == ["parameter", "estimate"]
    assert mean == Value(Interval(36.0, 35.0, 37.0), "Spend per purchase expected of a customer who bought once", "USD")


def test_a_spend_model_without_a_rival_and_with_a_warning_says_so() -> None:
    finding = said.spend(choice("independent", "not compared", held=False, warnings=("q ran away", "and more")), "USD")
    assert finding.text == (
        "Too few came back to learn whether spend goes with frequency, so it is taken to be independent of it. "
        "**Mind the spend model**: q ran away and more."
    )


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


# --- value ------------------------------------------------------------------------------------------------------------------------------

VALUE = pd.DataFrame({"value": [2.0, 4.0]})
WHOLE = Interval(6000.0, 5000.4, 7000.0)
NOW = Statement(date(1998, 6, 30), date(1999, 1, 19), *WHOLE)
PAST = [
    Statement(date(1997, 5, 20), date(1997, 12, 9), 5000.0, 4500.0, 5500.0, 6000.0),
    Statement(date(1997, 12, 9), date(1998, 6, 30), 5000.0, 4500.0, 5500.0, 5100.0),
]


def headline(past: list[Statement]) -> Headline:
    record = track_record(past) if past else None
    return Headline(NOW, widened(NOW, past), why_not_widened(NOW, past), record, scored(past) if past else pd.DataFrame())


CLAIMED = (
    "All customers together are expected to bring {total_value}. The same statement was made on 2 earlier dates; the model's own interval, "
    "now 5,000 to 7,000, held what came on 1 of them, and the interval given is widened by these misses."
)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("independent", "The same total with the dependent spend model"),
        ("by frequency", "The same total with the independent spend model"),
    ],
)
def test_worth_is_widened_by_its_record_and_stands_beside_that_of_the_other_spend_model(name: str, label: str) -> None:
    found = headline(PAST)
    finding = said.worth(VALUE, found, 5.5, choice(name), TERMS, "USD", True)
    assert finding.text == f"{CLAIMED} With the other spend model the total would be {{value_other_spend}}."
    whole, other, each, table = finding.parts.values()
    assert list(finding.parts) == ["total_value", "value_other_spend", "value_per_customer", "past_statements"]
    assert found.interval is not None and found.record is not None
    assert whole == Value(
        6000.0,
        "Expected profit of all customers in the next 52 weeks",
        "USD",
        interval=found.interval[1:],
        model_interval=(5000.4, 7000.0),
        grade="published",
        weakest="margin",
        track_record=found.record.as_record(),
    )
    assert found.interval.lower < 5000.4 and found.interval.upper > 7000.0
    assert other == Value(5.5, label, "USD")
    assert each == Value(3.0, "Per customer", "USD")
    assert table.caption == (
        "The same statement on earlier dates and what came; error: logarithm of what came over what was expected (money in USD)"
    )
    assert len(table.frame) == 2


def test_worth_without_a_record_claims_no_interval() -> None:
    finding = said.worth(VALUE, headline([]), ABSENT, choice(), TERMS, "USD")
    assert finding.text == (
        "All customers together are expected to bring {total_value:value}. **No interval is claimed.** No statement that looks 29 weeks "
        "ahead had come due by 1998-06-30; an interval needs 2 of them without overlap. If the model were right, it "
        "would be 5,000 to 7,000."
    )
    assert list(finding.parts) == ["total_value", "value_other_spend", "value_per_customer"]
    whole = finding.parts["total_value"]
    assert (whole.value, whole.interval, whole.model_interval, whole.grade, whole.track_record) == (6000.0, None, NOW_ENDS, "assumed", None)
    other = Value(None, "The same total with the dependent spend model", "USD", reason="Nobody came back.")
    assert finding.parts["value_other_spend"] == other


NOW_ENDS = (5000.4, 7000.0)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_without_spend_nobody_has_a_worth(place: int) -> None:
    given: list[Any] = [VALUE, headline(PAST), 5.5, choice()]
    given[place] = ABSENT
    assert said.worth(*given, TERMS, "USD") == missing(
        ABSENT,
        total_value=Value(None, "Expected profit of all customers in the next 52 weeks", "USD"),
        value_other_spend=Value(None, "The same total with the other spend model", "USD"),
        value_per_customer=Value(None, "Per customer", "USD"),
    )


@pytest.mark.parametrize(
    ("unlimited", "text"),
    [
        (
            [90.0, 104.0],
            "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year 20 to 21 "
            "USD, without end 90 to "
            "104 USD, depending on the model.",
        ),
        (
            [np.nan, np.nan],
            "Further ahead no record reaches, and the models part: a **scenario**, no forecast. Within a year 20 to 21 "
            "USD, depending on the "
            "model.",
        ),
    ],
)
def test_what_no_record_reaches_is_a_range_over_models(unlimited: list[float], text: str) -> None:
    table = pd.DataFrame({"horizon": [12.0, 12.5], "year": [20.0, 21.0], "unlimited": unlimited}, index=["BG/NBD", "MBG/NBD"])
    finding = said.scenarios(table.rename_axis("model"), "USD")
    assert isinstance(finding, Finding)
    assert finding.text == text
    assert finding.parts["scenarios"].caption == (
        "The same total by purchase model: within the horizon, within a year, and without end (USD)"
    )
    assert list(finding.parts["scenarios"].frame.columns) == ["model", "horizon", "year", "unlimited"]
    assert said.scenarios(ABSENT, "USD") is ABSENT


FOUND = pd.DataFrame({"estimate": [1000.0, 0.7], "lower": [900.0, 0.69], "upper": [1100.0, 0.71]}, index=["unlimited", "beyond"])


def test_what_lies_beyond_experience_is_called_an_extrapolation() -> None:
    finding = said.beyond(FOUND, "USD")
    assert finding.text == (
        "Without a horizon the same customers would be worth {value_unlimited} by this model, of which {value_beyond_experience} lies "
        "further ahead than the data look back: an extrapolation that nothing here has tested."
    )
    unlimited, share = finding.parts.values()
    assert list(finding.parts) == ["value_unlimited", "value_beyond_experience"]
    assert unlimited == Value(1000.0, "Expected profit without a horizon", "USD", model_interval=(900.0, 1100.0))
    label = "Share of the value without a horizon that lies further ahead than the data look back"
    assert share == Value(0.7, label, "share", model_interval=(0.69, 0.71))
    assert said.beyond(ABSENT, "USD") == missing(
        ABSENT,
        value_unlimited=Value(None, "Expected profit without a horizon", "USD"),
        value_beyond_experience=Value(None, label, "share"),
    )


def test_value_by_horizon_states_the_share_beyond_experience() -> None:
    over_time = pd.DataFrame({"horizon": np.linspace(0, 100, 9), "value": np.linspace(0, 800, 9)})
    finding = said.horizons(over_time, FOUND, WHOLE, 50.0, TERMS, "USD")
    assert isinstance(finding, Finding)
    drawing = finding.parts["value_by_horizon"]
    assert title(drawing.figure) == "70% of the value without a horizon lies further ahead than the data look back"
    assert drawing.caption == (
        "Expected discounted profit of today's customers within a growing horizon; the dot is the horizon of this report. Point estimates."
    )
    assert drawing.words == "Expected profit by horizon. 0: value 0; 100: value 800."
    assert drawing.figure.axes[0].get_ylabel() == "expected discounted profit, USD"
    assert drawing.figure.axes[0].texts[-1].get_text() == "6,000"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_value_by_horizon_needs_all_that_it_draws(place: int) -> None:
    given: list[Any] = [pd.DataFrame(), FOUND, WHOLE]
    given[place] = ABSENT
    assert said.horizons(*given, 50.0, TERMS, "USD") is ABSENT


HELD_BY = pd.DataFrame({"customers": ["top 10%"], "expected value": [0.62], "past spend": [0.7]})
CURVE = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.62, 1.0]))
SPENT = (np.array([0.0, 0.1, 1.0]), np.array([0.0, 0.7, 1.0]))


def test_the_top_tenth_holds_a_share() -> None:
    finding = said.holders(0.62, HELD_BY, (CURVE, SPENT))
    assert finding.text == (
        "The top tenth hold {top_decile_share} of the expected value. That is a share of expectations; below stands how such a share fared."
    )
    share, drawing = finding.parts.values()
    assert list(finding.parts) == ["top_decile_share", "concentration"]
    assert share == Value(0.62, "Share of the expected value with the top tenth of customers", "share")
    assert title(drawing.figure) == "The top 10% of customers hold 62% of the expected value"
    assert (
        drawing.caption == "Cumulative share of expected value, and of past spend on repeat purchases, each sorted from the highest down."
    )
    assert drawing.words == "Share held by the top customers. top 10%: expected value 0.62, past spend 0.7."
    drawn = {line.get_label(): line.get_xydata()[1].tolist() for line in drawing.figure.axes[0].get_lines()[:2]}
    assert drawn == {"expected value": [0.1, 0.62], "past spend": [0.1, 0.7]}
    assert drawing.figure.axes[0].get_lines()[3].get_xydata().tolist() == [[0.1, 0.0], [0.1, 0.62], [0.0, 0.62]]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_without_value_nobody_holds_it(place: int) -> None:
    given: list[Any] = [0.62, HELD_BY, (CURVE, CURVE)]
    given[place] = ABSENT
    label = "Share of the expected value with the top tenth of customers"
    assert said.holders(*given) == missing(ABSENT, top_decile_share=Value(None, label, "share"))


def tenths(came: Interval, gain: Interval) -> Tenths:
    return Tenths(pd.DataFrame({"tenth": [1]}), date(1997, 12, 9), date(1998, 6, 30), 0.614, came, 0.83, 2.3, gain)


@pytest.mark.parametrize(
    ("came", "gain", "text"),
    [
        (
            Interval(0.527, 0.464, 0.59),
            Interval(0.05, 0.01, 0.09),
            "On 1997-12-09 the tenth then expected to be the most valuable was to hold 61.4% of the value; of what came "
            "until 1998-06-30 it "
            "brought {top_decile_came}: **less** than predicted. A recalibration learned on the window before (slope 0.83) would have "
            "brought the prediction **nearer** to what came.",
        ),
        (
            Interval(0.7, 0.65, 0.75),
            Interval(-0.05, -0.09, -0.01),
            "On 1997-12-09 the tenth then expected to be the most valuable was to hold 61.4% of the value; of what came "
            "until 1998-06-30 it "
            "brought {top_decile_came}: **more** than predicted. A recalibration learned on the window before (slope 0.83) would have "
            "taken the prediction **further** from what came.",
        ),
        (
            Interval(0.6, 0.5, 0.7),
            Interval(0.0, -0.01, 0.01),
            "On 1997-12-09 the tenth then expected to be the most valuable was to hold 61.4% of the value; of what came "
            "until 1998-06-30 it "
            "brought {top_decile_came}, which is not told apart from that. A recalibration learned on the window before (slope 0.83) would "
            "have made no difference that can be told.",
        ),
    ],
)
def test_tenths_of_predicted_value_are_held_against_what_came(came: Interval, gain: Interval, text: str) -> None:
    finding = said.tenths(tenths(came, gain), "USD")
    assert finding.text == text
    top, table = finding.parts.values()
    assert list(finding.parts) == ["top_decile_came", "value_tenths"]
    assert top == Value(came, "Share of what came with the tenth that was expected to be the most valuable", "share")
    assert table.caption == "Foretold on 1997-12-09 and come by 1998-06-30, per customer, by tenth of predicted value (USD)"


def test_without_two_windows_no_tenths_are_told() -> None:
    label = "Share of what came with the tenth that was expected to be the most valuable"
    assert said.tenths(ABSENT, "USD") == missing(ABSENT, top_decile_came=Value(None, label, "share"))


def test_the_best_customers_are_listed() -> None:
    finding = said.best_customers(VALUE, 2, TERMS, "USD")
    assert isinstance(finding, Finding)
    table = finding.parts["top_customers"]
    assert (table.caption, table.max_rows) == ("The 2 most valuable customers in the next 52 weeks (money in USD, time in weeks)", 2)
    assert said.best_customers(ABSENT, 2, TERMS, "USD") is ABSENT


# --- in short, assumptions, limits --------------------------------------------------------------------------------------------------------

RECORDED = (
    "All customers together are expected to bring {total_value} in the next 52 weeks, at the margin and the discount rate that are given. "
    "Made on 2 earlier dates, the model's own interval held what came on 1 of them; the interval given is widened by that record."
)
UNRECORDED = (
    "All customers together are expected to bring {total_value:value} in the next 52 weeks, at the margin and the discount rate that are "
    "given. **No interval is claimed**, because too few such statements have come due in these data."
)
BETTER = "Customer by customer the model foretold purchases better than every rule without a model."
WORSE = "Customer by customer **a rule without a model** ({holdout_best_rule}) foretold purchases better: use it for ranking."
UNTOLD = "Customer by customer the model and the best rule without a model ({holdout_best_rule}) are not told apart in purchases."
MONEY_BETTER = "In money the model beat every such rule."
MONEY_WORSE = "In money such a rule ({money_best_rule}) did better."
MONEY_UNTOLD = "In money it is not told apart from such a rule ({money_best_rule}) either way."
TOP = "The top tenth of customers hold {top_decile_share} of the expected value."


@pytest.mark.parametrize(
    ("past", "against", "top", "sentences"),
    [
        (PAST, (BEATS_ALL, BEATS_ALL), 0.6, [RECORDED, BETTER, MONEY_BETTER, TOP]),
        (PAST, (LOSES_TO_ONE, LOSES), 0.6, [RECORDED, WORSE, MONEY_WORSE, TOP]),
        (PAST[:1], (NOT_TOLD, NOT_TOLD), ABSENT, [UNRECORDED, UNTOLD, MONEY_UNTOLD]),
        ([], (NOT_TOLD, ABSENT), ABSENT, [UNRECORDED, UNTOLD]),
    ],
)
def test_in_short_says_worth_record_rivals_and_who(past: Any, against: Any, top: Any, sentences: list[str]) -> None:
    assert said.in_short(headline(past), against, top, TERMS) == Finding(text=" ".join(sentences))


def test_in_short_is_absent_when_nobody_has_a_worth() -> None:
    assert said.in_short(ABSENT, (NOT_TOLD, ABSENT), ABSENT, TERMS) == missing(ABSENT)


SETTINGS = {"built_in": True, "horizon_given": True, "calibration_end": date(2024, 1, 14), "returns": "net"}


def test_assumptions_of_a_published_case() -> None:
    assert said.assumptions("BG/NBD", choice(), TERMS, SETTINGS) == [
        ("customers buy at random times, at a rate of their own", "BG/NBD", "Fader, Hardie & Lee (2005a); see the hold-out", "assumed"),
        ("customers leave right after a repeat purchase", "BG/NBD", "the model; nobody tells when they leave", "assumed"),
        ("spend per purchase", "does not depend on frequency", "test (p 0.012) and hold-out of this report", "measured"),
        ("spend does not grow or shrink over time", "no trend", "not checked here", "assumed"),
        ("margin", "30% of spend", "Fader, Hardie & Lee (2005b) for CDNOW", "published"),
        ("discount rate", "15.0% a year, continuous", "Fader, Hardie & Lee (2005b) for CDNOW", "published"),
        ("horizon", "52.0 weeks", "given", "assumed"),
        ("end of the calibration", "2024-01-14", "half of the observed time unless given", "assumed"),
        ("purchase occasion", "all rows of a customer on a day; returns: net", "data rules of this report", "assumed"),
    ]


@pytest.mark.parametrize(
    ("model", "leaving"),
    [("MBG/NBD", "customers leave right after a purchase"), ("Pareto/NBD", "customers leave at any time")],
)
def test_assumptions_of_ones_own_data_are_assumed(model: str, leaving: str) -> None:
    rows = {row[0]: row for row in said.assumptions(model, choice(), TERMS, SETTINGS | {"built_in": False, "horizon_given": False})}
    assert leaving in rows
    assert rows["margin"][3] == rows["discount rate"][3] == "assumed"
    assert rows["horizon"][2] == "two such windows have finished in these data; at most a year"


def test_spend_is_measured_only_where_it_was_tested() -> None:
    def taken(given: Any) -> list[tuple[str, ...]]:
        return [row for row in said.assumptions("BG/NBD", given, TERMS, SETTINGS) if row[0] == "spend per purchase"]

    assert taken(choice("by frequency", "given")) == [("spend per purchase", "goes with frequency", "given", "assumed")]
    untested = choice("independent", "not compared")
    untested.p_value = None
    assert taken(untested) == [("spend per purchase", "does not depend on frequency", "too little to test", "assumed")]
    assert taken(ABSENT) == []
    sure = choice()
    sure.p_value = 0.0
    assert taken(sure)[0][2:] == ("test (p 0) and hold-out of this report", "measured")


@cache
def records() -> tuple[Any, Any]:
    sample = read_transactions("cdnow_sample")
    return first_purchase_pile(sample), season_gap(sample, date(1997, 9, 30))


@pytest.mark.parametrize(
    ("model", "once"),
    [
        ("BG/NBD", "- **Who among the one-time buyers is gone.** BG/NBD calls all of them customers, and only time will tell."),
        (
            "Pareto/NBD",
            "- **Who among the one-time buyers is gone.** The model judges them by the time since their only purchase, and by no more.",
        ),
    ],
)
def test_limits_are_those_of_the_records_and_of_the_model(model: str, once: str) -> None:
    pile, gap = records()
    assert said.limits(pile, gap, model).text == (
        f"- **Customers from before the data begin.** {pile_in_words(pile)}\n"
        f"- **Season and promotions.** The model knows no calendar. {gap_in_words(gap)}\n{once}"
    )
