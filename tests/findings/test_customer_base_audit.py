"""The words of notebook 09, each reached from data."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from tests.lifetime_value.test_lenses import ROWS, base

from goodwill.findings.finding import Absent, Finding
from goodwill.findings.purchases import customer_base_audit as said
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value import lenses
from goodwill.lifetime_value.lenses import Drift

NO_AGE = Absent("Less than two cohorts of 30 customers are old enough to be compared at one age.")


@cache
def audit(money: bool = True) -> lenses.BaseAudit:
    found = base(ROWS)
    return found if money else replace(found, has_money=False, cells=found.cells.assign(money=float("nan")))


def changed(lower: float, upper: float, money: bool = True, **other: object) -> Finding:
    found = lenses.change(audit(money))
    moved = Interval(found.difference.estimate, lower, upper)
    return said.changed(audit(money), found._replace(difference=moved, **other), "EUR")


def test_periods_are_told() -> None:
    found = said.periods(audit(), lenses.by_period(audit()))
    assert found.text == ("The records hold 3 whole months, 2023-01 to 2023-03. Left out, because only a part of them is there: 2023-04.")
    whole = replace(audit(), partial=())
    assert said.periods(whole, lenses.by_period(whole)).text == "The records hold 3 whole months, 2023-01 to 2023-03."
    assert "money" in found.parts["base_periods"].frame
    without = said.periods(audit(money=False), lenses.by_period(audit(money=False))).parts["base_periods"]
    assert [name for name in without.frame if "money" in name] == []
    assert without.caption == "Customers, purchases and money by month"


def test_customers_of_one_period() -> None:
    spread = lenses.spread_of(audit())
    found = said.one_period(audit(), spread, top=Interval(0.4, 0.3, 0.5))
    assert found.text == (
        "In 2023-03 {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of the "
        "money. An average customer of such a base does not exist: plans made for her miss most people and most of the money."
    )
    assert [(part.value, part.label) for part in (found.parts[name] for name in ("active", "bought_once", "top_share"))] == [
        (3, "Customers who bought in the last period"),
        (1.0, "Share of them who bought on one day only"),
        (Interval(0.4, 0.3, 0.5), "Part of the money that the best tenth brought"),
    ]
    assert found.parts["base_spread"].caption == "Customers of 2023-03 by how many days they bought on"
    silent = said.one_period(audit(money=False), spread, top=Absent("There is no money in that period, so nobody brought a part of it."))
    assert silent.text == "In 2023-03 {active} bought. {bought_once} of them bought on one day only."
    assert silent.parts["top_share"].reason == "There is no money in that period, so nobody brought a part of it."
    assert said.one_period(Absent("No whole month."), spread, top=Interval(0.4, 0.3, 0.5)).parts["active"].reason == "No whole month."


SEASON = "The two are different parts of the year, so a season may be all of it."
WHO = "1 customer who bought then and not now took 20 with them; 1 who were won since brought 7."


@pytest.mark.parametrize(
    ("ends", "text", "title"),
    [
        (
            (5.0, 9.0),
            "In 2023-03 **more came than in 2023-02**: {base_change}. That is more than the chance of who buys explains.",
            "2023-03 brought more than 2023-02: who made the difference",
        ),
        (
            (-40.0, -9.0),
            "In 2023-03 **less came than in 2023-02**: {base_change}. That is more than the chance of who buys explains.",
            "2023-03 brought less than 2023-02: who made the difference",
        ),
        (
            (-40.0, 9.0),
            "2023-03 and 2023-02 are **not told apart** by what came: {base_change}, which the chance of who buys may explain.",
            "2023-03 and 2023-02 are not told apart: who gave more, and who less",
        ),
    ],
)
def test_a_change_is_told_by_its_interval(ends: tuple[float, float], text: str, title: str) -> None:
    found = changed(*ends)
    parts = lenses.change(audit()).parts["difference"]
    apart = (
        f"Taken apart, {parts[0]:+,.0f} come from how many customers bought, {parts[1]:+,.0f} from how often each did, and "
        f"{parts[2]:+,.0f} from the money of a purchase."
    ).replace("-", "\N{MINUS SIGN}")
    assert found.text == f"{text} {SEASON} {WHO} {apart}"
    assert found.parts["base_changed"].words.startswith(f"{title}. not now: customers 1, difference ")
    assert found.parts["base_change"].unit == "EUR"
    assert found.parts["base_groups"].caption == "Customers of 2023-02 and of 2023-03"
    assert found.parts["base_changed"].caption == "Customers by what they did in 2023-02 and in 2023-03; how many stands in brackets."


def test_a_change_without_money_season_or_anybody_new() -> None:
    found = changed(1.0, 2.0, money=False, season=False)
    assert found.parts["base_change"].unit == "purchases"
    parts = lenses.change(audit(money=False)).parts["difference"]
    assert found.text.endswith(
        f"1 customer who bought then and not now took 1 with them; 1 who were won since brought 1. Taken apart, {parts[0]:+,.0f} come from "
        f"how many customers bought, and {parts[1]:+,.0f} from how often each did.".replace("-", "\N{MINUS SIGN}")
    )
    assert SEASON not in found.text
    table = lenses.change(audit()).table
    nobody = table.assign(customers=table["customers"].where(table["group"] != "won since", 0))
    assert (
        "1 customer who bought then and not now took 20 with them. **Nobody was won since**: such a base can only shrink."
        in changed(1.0, 2.0, table=nobody).text
    )
    assert said.changed(audit(), Absent("There is no period before, so there is no change."), "EUR").text == (
        "There is no period before, so there is no change."
    )


def test_what_became_of_a_cohort() -> None:
    found = said.kept(audit(), lenses.cohort_table(audit()))
    assert found.text == (
        "Of the 3 won in 2023-01 33% bought again in the month after; in the last month, 2 months later, it was 33%. Shares that fall fast "
        "and then slowly do not say that customers become loyal: who leaves early is no longer among those asked."
    )
    assert found.parts["base_ages"].words.startswith(
        "Of the 3 won in 2023-01, 33% bought in the next month, 33% in the last one seen. 0: share_active 1; "
    )
    assert found.parts["base_ages"].caption == "Share of a cohort that bought in each month after that of its first purchase."
    young = lenses.cohort_table(audit())
    young = young[young["at"] < 2]
    assert (said.kept(audit(), young).text, list(said.kept(audit(), young).parts)) == ("", ["base_cohorts"])


DRIFT = {
    (1.0, 2.0): (
        "At the same age, one month after the first purchase, customers won in 2023-03 had brought **more** than those won in 2023-01: "
        "{cohort_drift} each."
    ),
    (-2.0, -1.0): (
        "At the same age, one month after the first purchase, customers won in 2023-03 had brought **less** than those won in 2023-01: "
        "{cohort_drift} each. A growing base of ever weaker cohorts looks healthy until it stops to grow."
    ),
    (-2.0, 1.0): (
        "At the same age, one month after the first purchase, customers won in 2023-03 and in 2023-01 are **not told apart**: "
        "{cohort_drift} each."
    ),
}


@pytest.mark.parametrize("ends", DRIFT)
def test_later_customers_are_judged_at_one_age(ends: tuple[float, float]) -> None:
    found = said.drift(audit(), lenses.cohorts_at_age(audit()), Drift(Interval(0.5, *ends), "2023-01", "2023-03"), "EUR")
    assert found.text == DRIFT[ends]
    assert found.parts["base_same_age"].caption == (
        "What each cohort had brought, and how many had come again, one month after the first purchase"
    )
    assert said.drift(audit(), pd.DataFrame(), NO_AGE, "EUR").parts["cohort_drift"].reason == NO_AGE.why


def test_who_carries_the_base() -> None:
    found = said.layers(audit(), lenses.cohort_layers(audit()), 0.72, "EUR")
    assert found.text == "Of what came in 2023-03, {known_share} came from customers who had been won before it."
    assert found.parts["base_layers"].words.startswith("Customers won before 2023-03 brought 72% of what came in it. 2023-01 in 2023-01: ")
    assert found.parts["base_layers"].caption == "EUR by month; each colour are the customers whose first purchase lies there."
    nothing = said.layers(audit(money=False), lenses.cohort_layers(audit(money=False)), Absent("Nothing came in 2023-03."), "EUR")
    assert nothing.text == "Nothing came in 2023-03."
    assert nothing.parts["base_layers"].words.startswith("What came by period, and who brought it. ")
    assert nothing.parts["known_share"].reason == "Nothing came in 2023-03."


def test_in_short_says_what_changed_who_carries_it_and_whether_later_ones_are_as_good() -> None:
    found = lenses.change(audit())
    less = found._replace(difference=Interval(-25.0, -40.0, -9.0))
    first = "In 2023-03 **less came than in 2023-02**: {base_change}. That is more than the chance of who buys explains."
    known = "Of what came in 2023-03, {known_share} came from customers who had been won before it."
    drift = Drift(Interval(0.5, 1.0, 2.0), "2023-01", "2023-03")
    assert said.in_short(audit(), less, drifted=drift).text == f"{first} {known} {DRIFT[1.0, 2.0]}"
    table = found.table.assign(customers=found.table["customers"].where(found.table["group"] != "won since", 0))
    assert said.in_short(audit(), less._replace(table=table), drifted=NO_AGE).text == (
        f"{first} **Nobody was won after 2023-02**: such a base can only shrink. {known} Whether newer customers are better or worse than "
        "older ones at the same age cannot be said here: Less than two cohorts of 30 customers are old enough to be compared at one age."
    )


def test_assumptions_are_graded() -> None:
    assert said.assumptions(audit()) == [
        ("a customer begins with the first purchase in the records", "yes", "there is nothing before it", "assumed"),
        ("whole calendar months", "3", "the dates of the records", "measured"),
        ("chance among customers", "each customer's difference is one draw", "no model of purchases", "assumed"),
    ]
