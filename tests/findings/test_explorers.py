"""Numbers to be moved: every setting holds what the function of the report gives there, in full sentences and with its interval."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle, UsageError
from goodwill.findings.explorer import MOST, between, explore, explorer
from goodwill.findings.finding import Absent, Explorer, Finding
from goodwill.findings.purchases.customer_lifetime_value import value_explored
from goodwill.findings.relationship.relationship_plans import plans, share_explored
from goodwill.findings.satisfaction import satisfaction_value
from goodwill.findings.segments.segment_plans import budget_explored

TERMS = gw.ValueTerms(52, 0.3, 0.15, "week")


@pytest.fixture(scope="module")
def models() -> tuple[Any, Any, Any]:
    customers = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    return gw.BetaGeoNBD.fit(customers), gw.GammaGamma.fit(customers), customers


@pytest.fixture(scope="module")
def grid(models: tuple[Any, Any, Any]) -> pd.DataFrame:
    return gw.lifetime_value.value_grid(*models, TERMS, margins=[0.1, 0.6], rates=[0.0], spans=[0.5, 2.0])


def test_the_grid_holds_what_customer_value_gives_at_each_setting(models: tuple[Any, Any, Any], grid: pd.DataFrame) -> None:
    assert len(grid) == 3 * 2 * 3
    for _, row in grid.iloc[::5].iterrows():
        terms = gw.ValueTerms(row["horizon"], row["margin"], row["annual_discount_rate"], "week")
        value = gw.customer_value(*models, terms)["value"]
        assert row["value"] == pytest.approx(value.sum(), rel=1e-9)
        assert row["each"] == pytest.approx(value.mean(), rel=1e-9)


def test_value_can_be_moved_from_the_terms_of_the_report(grid: pd.DataFrame) -> None:
    found = value_explored(grid, 77.86, TERMS, "USD")
    assert found.caption == (
        "What would today’s customers be worth under other terms? Point estimates of the model; further ahead than 78 weeks nothing has "
        "tested them."
    )
    assert [dial.label for dial in found.dials] == ["Profit per unit of sales", "What waiting a year costs", "How far ahead"]
    assert [dial.shown for dial in found.dials] == [("10%", "30%", "60%"), ("0%", "15%"), ("26 weeks", "52 weeks", "104 weeks")]
    own = grid[(grid["margin"] == 0.3) & (grid["annual_discount_rate"] == 0.15) & (grid["horizon"] == 52)].iloc[0]
    assert found.at(*(dial.start for dial in found.dials)) == {
        "Expected profit of all customers": f"{own['value']:,.0f} USD",
        "Expected profit per customer": f"{own['each']:,.2f} USD",
    }


def test_a_horizon_of_a_fraction_is_written_with_three_digits(grid: pd.DataFrame) -> None:
    finer = grid.assign(horizon=grid["horizon"].replace({26.0: 26.0714}))
    assert value_explored(finer, 77.86, TERMS, "USD").dials[2].shown[0] == "26.1 weeks"


def test_a_budget_can_be_moved_and_its_band_is_said() -> None:
    table = pd.DataFrame(
        {
            "budget": [0.0, 500.0, 1000.0],
            "spent": [0.0, 480.0, 980.0],
            "gain": [0.0, 2400.0, 2600.0],
            "lower": [0.0, -1200.0, -1300.0],
            "upper": [0.0, 6000.0, 6600.0],
            "net": [0.0, 1920.0, -20.0],
            "shadow_price": [9.0, 3.0, 0.5],
        }
    )
    found = budget_explored(SimpleNamespace(table=table, worthwhile_budget=490.0), "USD")  # type: ignore[arg-type]
    assert found.caption == (
        "What would another budget buy? The best plan for each; added value with the band that holds 80 % of the draws."
    )
    assert found.dials[0] == ("Budget", ("0 USD", "500 USD", "1,000 USD"), 1)
    assert found.at(1) == {
        "The plan spends": "480 USD",
        "Added value before cost": "2,400 USD (−1,200 to 6,000)",
        "Added value after cost": "1,920 USD",
        "The next unit of money brings back": "3.00 USD",
    }
    assert found.at(2)["Added value after cost"] == "−20 USD"


def test_the_share_that_is_effect_can_be_moved_in_a_plan_of_levers() -> None:
    finer = pd.DataFrame(
        {
            "share": [0.0, 0.5, 1.0],
            "recovery": [0.0, 100.0, 300.0],
            "cost": [0.0, 100.0, 300.0],
            "gain": [0.0, 90.0, 700.0],
            "net": [0.0, -10.0, 400.0],
            "loses": [np.nan, 0.52, 0.1],
        }
    )
    found = share_explored(finer, "USD")
    assert found.caption == "How much of every association is effect? The best plan of the budget at each share."
    assert found.dials[0] == ("Share that is effect", ("0%", "50%", "100%"), 2)
    assert found.at(1) == {
        "Spent on recovery": "100 USD",
        "Gain before cost": "90 USD",
        "Net gain": "−10 USD",
        "Chance that the plan loses money": "52%",
    }
    assert found.answers == ("Spent on recovery", "Gain before cost", "Net gain", "Chance that the plan loses money")
    assert found.at(0)["Chance that the plan loses money"] == "–"
    assert "share_explored" in plans(finer, "USD", finer).parts
    assert "share_explored" not in plans(finer, "USD", Absent("There are no costs.")).parts


def test_the_share_that_is_effect_scales_the_top_notch_with_its_interval() -> None:
    found = satisfaction_value.share_explored((100.0, -20.0, 180.0), 0.25, (10.0, 9.0), "USD")
    assert found.caption == ("How much of the association is effect? What moving one customer up the top notch, 9 to 10, would be worth.")
    assert found.dials[0].shown[found.dials[0].start] == "25%"
    assert len(found.dials[0].shown) == 12
    label = "Worth per moved customer, and the most to spend on it"
    assert found.at(found.dials[0].start) == {label: "25.0 USD (−5.0 to 45.0)"}
    assert found.at(0) == {label: "0.0 USD (0.0 to 0.0)"}


def test_the_last_dial_turns_fastest() -> None:
    frame = pd.DataFrame([(a, b, 10 * a + b) for a in (1, 2) for b in (3, 4, 5)], columns=["a", "b", "sum"])
    found = explorer(frame.sample(frac=1, random_state=1), "Sum?", {"a": ("A", "{}", 2), "b": ("B", "{}", 3)}, {"sum": ("Sum", "{}")})
    assert found.cells == (("13",), ("14",), ("15",), ("23",), ("24",), ("25",))
    assert found.at(1, 2) == {"Sum": "25"}


def test_a_grid_with_holes_or_doubles_or_without_the_own_setting_or_too_large_is_refused() -> None:
    frame = pd.DataFrame([(a, b, a) for a in (1, 2) for b in (3, 4)], columns=["a", "b", "x"])
    dials, answers = {"a": ("A", "{}", 1), "b": ("B", "{}", 3)}, {"x": ("X", "{}")}
    for wrong in (frame.iloc[1:], pd.concat([frame, frame.iloc[:1]])):
        with pytest.raises(UsageError, match="one row for every setting of a, b"):
            explorer(wrong, "X?", dials, answers)
    with pytest.raises(UsageError, match="9, which the report uses, is not among the values of a"):
        explorer(frame, "X?", dials | {"a": ("A", "{}", 9)}, answers)
    many = pd.DataFrame({"a": range(MOST + 1), "x": 0})
    assert len(explorer(many.iloc[:MOST], "X?", {"a": ("A", "{}", 0)}, answers).cells) == MOST
    with pytest.raises(UsageError, match="too large for a page"):
        explorer(many, "X?", {"a": ("A", "{}", 0)}, answers)


def test_an_interval_is_written_with_real_minus_signs() -> None:
    assert between("a", "b", "c", "USD", 1)({"a": -1.25, "b": -2, "c": 3}) == "−1.2 USD (−2.0 to 3.0)"


def test_sliders_answer_as_the_page_does() -> None:
    pytest.importorskip("ipywidgets")
    frame = pd.DataFrame({"margin": [0.1, 0.2, 0.3], "value": [5, 10, 15], "twice": [10, 20, 30]})
    answered = {"value": ("Value", "{} USD"), "twice": ("Twice it", "{} &c")}
    made = explorer(frame, "What <if>?", {"margin": ("Margin", "{:.0%}", 0.2)}, answered)
    box = explore(Finding({"x": made}))
    question, dial, answers = box.children
    assert question.value == "<p>What &lt;if&gt;?</p>"
    assert (dial.description, dial.value, dial.options) == ("Margin", "20%", ("10%", "20%", "30%"))
    assert (dial.style.description_width, dial.layout.width) == ("14em", "36em")  # else a label of several words is cut
    assert answers.value == "<p>Value: <b>10 USD</b></p><p>Twice it: <b>20 &amp;c</b></p>"
    dial.value = "30%"
    assert answers.value == "<p>Value: <b>15 USD</b></p><p>Twice it: <b>30 &amp;c</b></p>"


def test_without_anything_to_move_or_without_ipywidgets_sliders_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no number to be moved"):
        explore(Finding())
    with pytest.raises(TooLittle, match=r"Too few\."):
        explore(Absent("Too few."))
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    with pytest.raises(UsageError, match=r"pip install 'goodwill\[widgets\]'"):
        explore(Explorer("X?", (), (), ((),)))
