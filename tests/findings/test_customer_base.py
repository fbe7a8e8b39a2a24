"""The words of notebook 01 in `customer_base`, each reached from data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.findings.finding import Absent, Finding, Value
from goodwill.findings.purchases import customer_base as said
from goodwill.findings.purchases.purchase_records import gap_in_words, pile_in_words
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.seasons import season_gap
from goodwill.lifetime_value.evidence.windows import first_purchase_pile
from goodwill.lifetime_value.richer.run_in import RunIn


def summary() -> SimpleNamespace:
    audit = pd.DataFrame({"rule": ["kept", "none", "note"], "rows": [3.0, 0.0, np.nan]})
    return SimpleNamespace(
        audit=audit, counts={"customers": 20}, calibration_end=date(2024, 1, 14), end=date(2024, 2, 4), unit="week", source="a file"
    )


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


def test_a_model_that_was_told_the_calendar_is_said_to_know_it() -> None:
    pile, gap = records()
    told = said.limits(pile, gap, "BG/NBD", ["weeks", "Christmas"]).text.split("\n")[1]
    assert told == (
        "- **Season and promotions.** The model knows the weeks of the year, Christmas, the same every year for every customer, and no "
        f"other day. {gap_in_words(gap)}"
    )
    measured = replace(gap, ratio=Interval(1.25, 0.95, 1.5), warns=True)
    for calendar, is_told in (((), False), (["weeks"], True)):
        assert said.limits(pile, measured, "BG/NBD", calendar).text.split("\n")[1].endswith(gap_in_words(measured, is_told=is_told))
    assert gap_in_words(measured, is_told=True) != gap_in_words(measured)


def run_in_of(money: bool) -> RunIn:
    table = pd.DataFrame(
        {"purchases": [2710.0, 2565.0, 2610.0], "purchases_lower": [2550.0, 2390.0, 2460.0], "purchases_upper": [2840.0, 2730.0, 2770.0]},
        index=pd.Index(["one fit", "born inside", "apart"], name="way"),
    )
    if money:
        table[["value", "value_lower", "value_upper"]] = table.to_numpy() * 10
    newcomer = pd.DataFrame({"expected": [1.53, 1.29]}, index=["one fit", "born inside"])
    return RunIn(table, date(2023, 2, 26), 566, 2133, newcomer, 26.0, "week")


def test_older_customers_are_said_to_be_taken_apart_and_what_that_changes() -> None:
    kinds = (
        "**Old customers pile up at the start of the data.** The 566 customers first seen up to 2023-02-26 have parameters of their own "
        "here, and the 2,133 later ones theirs."
    )
    new = (
        "Of a new customer one fit for all expects 1.53 repeat purchases in 26 weeks, the fit of those born inside 1.29: slow old "
        "customers, who are discovered late, are still among these."
    )
    found = said.run_in(run_in_of(money=False), "EUR")
    assert found.text == (
        f"{kinds} Together they are expected to buy 2,610 [2,460, 2,770] times. One fit for all would say 2,710 [2,550, 2,840] (+4%), and "
        f"the fit of those born inside, with all others scored by it, 2,560 [2,390, 2,730]. {new}"
    )
    assert (
        found.parts["run_in"].caption == "What it changes to take customers apart who are older than the data; 95 % intervals of the model"
    )
    whole = "{:,.0f}"
    assert found.parts["run_in"].formats == {"purchases": whole, "purchases_lower": whole, "purchases_upper": whole}
    assert found.parts["run_in"].frame["way"].tolist() == [
        "one fit for all customers",
        "fitted to those born inside, all scored by it",
        "each by a fit of their own",
    ]
    assert said.run_in(run_in_of(money=True), "EUR").text == (
        f"{kinds} Together they are expected to bring 26,100 [24,600, 27,700] EUR. One fit for all would say 27,100 [25,500, 28,400] "
        f"(+4%), and the fit of those born inside, with all others scored by it, 25,600 [23,900, 27,300]. {new}"
    )
    sure = run_in_of(money=False)
    sure.table.loc["apart"] = [1000.4, 999.2, 1002.6]
    assert "expected to buy 1,000 [999, 1,003] times" in said.run_in(sure, "EUR").text
    assert said.run_in(Absent("No pile."), "EUR").text == "" and not said.run_in(Absent("No pile."), "EUR").parts
