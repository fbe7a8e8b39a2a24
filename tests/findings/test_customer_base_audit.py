"""The words of notebook 09, each reached from data."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from tests.findings.told import seen
from tests.lifetime_value.test_base_audit import ROWS, base

from goodwill import lifetime_value as life
from goodwill.findings.finding import Absent, Finding
from goodwill.findings.purchases import customer_base_audit as said
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.base_audit.cohorts import Drift

NO_AGE = Absent("Less than two cohorts of 30 customers are old enough to be compared at one age.")


@cache
def audit(money: bool = True) -> life.BaseAudit:
    found = base(ROWS)
    return found if money else replace(found, has_money=False, cells=found.cells.assign(money=float("nan")))


def changed(lower: float, upper: float, money: bool = True, **other: object) -> Finding:
    found = life.change(audit(money))
    moved = Interval(found.difference.estimate, lower, upper)
    return said.changed(audit(money), found._replace(difference=moved, **other), "EUR")


def test_periods_are_told() -> None:
    found = said.periods(audit(), life.by_period(audit()))
    assert found.text == ("The records hold 3 whole months, 2023-01 to 2023-03. Left out, because only a part of them is there: 2023-04.")
    assert "money" in found.parts["base_periods"].frame
    assert found.parts["base_periods"].caption == "Customers, purchases and money by month"
    without = life.by_period(audit(money=False))
    assert seen(said.periods(replace(audit(money=False), partial=()), without)) == [
        "base_periods: Customers and purchases by month | {} | period, customers, purchases, new, purchases_each | "
        "2023-01, 3, 4, 3, 1.333 / 2023-02, 2, 2, 1, 1 / 2023-03, 3, 3, 1, 1",
        "The records hold 3 whole months, 2023-01 to 2023-03.",
    ]
    two = said.periods(replace(audit(), partial=("2022-12", "2023-04")), life.by_period(audit()))
    assert two.text.endswith("because only a part of them is there: 2022-12, 2023-04.")


SHARES = "{'share_of_customers': '{:.1%}', 'share_of_money': '{:.1%}'}"


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (
            (0.21, 0.5),
            "In 2023-03, {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of "
            "the "
            "money, more than twice its part of the customers: an average hides whom such a base lives from.",
        ),
        (
            (0.11, 0.19),
            "In 2023-03, {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of "
            "the "
            "money, less than twice its part of the customers: such a base lives from many.",
        ),
        (
            (0.19, 0.5),
            "In 2023-03, {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of "
            "the "
            "money, which is not told apart from twice its part of the customers.",
        ),
    ],
)
def test_customers_of_one_period(ends: tuple[float, float], text: str) -> None:
    found = said.one_period(audit(), life.spread_of(audit()), top=Interval(0.4, *ends))
    nobody = " / ".join(f"{bought}, 0, 0, nan, nan" for bought in ("2", "3", "4", "5", "6 or more"))
    assert seen(found) == [
        "active = 3 | Customers who bought in the last period | customers",
        "bought_once = 1 | Share of them who bought on one day only | share",
        f"base_spread: Customers of 2023-03 by how many days they bought on | {SHARES} | bought, customers, share_of_customers, money, "
        f"share_of_money | 1, 3, 1, 25, 1 / {nobody}",
        f"top_share = 0.4 ({ends[0]} to {ends[1]}) | Part of the money that the best tenth brought | share",
        text,
    ]


def test_customers_of_one_period_without_money_or_without_a_period() -> None:
    why = Absent("There is no money in that period, so nobody brought a part of it.")
    silent = said.one_period(audit(money=False), life.spread_of(audit(money=False)), top=why)
    nobody = " / ".join(f"{bought}, 0, 0" for bought in ("2", "3", "4", "5", "6 or more"))
    assert seen(silent)[2:] == [
        f"base_spread: Customers of 2023-03 by how many days they bought on | {SHARES} | bought, customers, share_of_customers | 1, 3, 1 / "
        f"{nobody}",
        f"top_share = None | Part of the money that the best tenth brought | share | {why.why}",
        "In 2023-03, {active} bought. {bought_once} of them bought on one day only.",
    ]
    assert seen(said.one_period(Absent("No whole month."), life.spread_of(audit()), top=Interval(0.4, 0.3, 0.5))) == [
        "active = None | Customers who bought in the last period | No whole month.",
        "bought_once = None | Share of them who bought on one day only | share | No whole month.",
        "top_share = None | Part of the money that the best tenth brought | share | No whole month.",
        "absent: No whole month.",
    ]


SEASON = "The two are different parts of the year, so a season may be all of it."
WHO = "1 customer who bought then and not now took 20 with them; 1 who were won since brought 7."


@pytest.mark.parametrize(
    ("ends", "text", "title"),
    [
        (
            (5.0, 9.0),
            "In 2023-03, **more came than in 2023-02**: {base_change}. That is more than the chance of who buys explains.",
            "2023-03 brought more than 2023-02: who made the difference",
        ),
        (
            (-40.0, -9.0),
            "In 2023-03, **less came than in 2023-02**: {base_change}. That is more than the chance of who buys explains.",
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
    parts = life.change(audit()).parts["difference"]
    apart = (
        f"Taken apart, {parts[0]:+,.0f} come from how many customers bought, {parts[1]:+,.0f} from how often each did, and "
        f"{parts[2]:+,.0f} from the money of a purchase."
    ).replace("-", "\N{MINUS SIGN}")
    assert found.text == f"{text} {SEASON} {WHO} {apart}"
    assert found.parts["base_changed"].words.startswith(f"{title}. not now: customers 1, difference ")
    assert found.parts["base_change"].unit == "EUR"
    assert found.parts["base_change"].label == "What came in 2023-03, less what came in 2023-02"
    assert found.parts["base_parts"].frame["part"].tolist() == ["customers", "purchases of each", "money of a purchase"]
    assert found.parts["base_groups"].caption == "Customers of 2023-02 and of 2023-03"
    assert found.parts["base_parts"].caption == "What made the difference between 2023-02 and 2023-03"
    assert found.parts["base_changed"].caption == "Customers by what they did in 2023-02 and in 2023-03; their number stands in brackets."
    assert found.parts["base_changed"].figure.axes[0].get_xlabel() == "EUR, 2023-03 less 2023-02"


def test_a_change_without_money_season_or_anybody_new() -> None:
    found = changed(1.0, 2.0, money=False, season=False)
    assert found.parts["base_changed"].figure.axes[0].get_xlabel() == "purchases, 2023-03 less 2023-02"
    assert found.parts["base_change"].unit == "purchases"
    parts = life.change(audit(money=False)).parts["difference"]
    assert found.text.endswith(
        f"1 customer who bought then and not now took 1 with them; 1 who were won since brought 1. Taken apart, {parts[0]:+,.0f} come from "
        f"how many customers bought, and {parts[1]:+,.0f} from how often each did.".replace("-", "\N{MINUS SIGN}")
    )
    assert SEASON not in found.text
    table = life.change(audit()).table
    nobody = table.assign(customers=table["customers"].where(table["group"] != "won since", 0))
    assert (
        "1 customer who bought then and not now took 20 with them. **Nobody was won since**: such a base can only shrink."
        in changed(1.0, 2.0, table=nobody).text
    )
    assert said.changed(audit(), Absent("There is no period before, so there is no change."), "EUR").text == (
        "There is no period before, so there is no change."
    )


def test_what_became_of_a_cohort() -> None:
    title = "Of the 3 won in 2023-01, 33% bought in the next month, 33% in the last one seen"
    assert seen(said.kept(audit(), life.cohort_table(audit()))) == [
        "base_cohorts: Each cohort by its age in months | {'share_active': '{:.1%}'} | cohort, age, size, active, purchases, money, "
        "share_active, money_each, so_far | 2023-01, 0, 3, 3, 4, 63, 1, 21, 21 / 2023-01, 1, 3, 1, 1, 20, 0.3333, 6.667, 27.67 / "
        "2023-01, 2, 3, 1, 1, 8, 0.3333, 2.667, 30.33 / 2023-02, 0, 1, 1, 1, 30, 1, 30, 30 / 2023-02, 1, 1, 1, 1, 10, 1, 10, 40 / "
        "2023-03, 0, 1, 1, 1, 7, 1, 7, 7",
        f"base_ages: {title} | Share of a cohort that bought in each month after that of its first purchase. | {title}. 0: share active 1; "
        "1: share active 0.3333; 2: share active 0.3333.",
        "Of the 3 won in 2023-01, 33% bought again in the month after; in the last month, 2 months later, it was 33%. Shares that fall "
        "fast "
        "and then slowly do not say that customers become loyal: who leaves early is no longer among those asked.",
    ]
    assert said.kept(audit(), life.cohort_table(audit())).parts["base_cohorts"].max_rows == 12
    young = life.cohort_table(audit())
    young = young[young["at"] < 2]
    assert (said.kept(audit(), young).text, list(said.kept(audit(), young).parts)) == ("", ["base_cohorts"])
    without = said.kept(audit(money=False), life.cohort_table(audit(money=False))).parts["base_cohorts"]
    assert list(without.frame) == ["cohort", "age", "size", "active", "purchases", "share_active"]


def cohort(name: str, born: int, *active: int) -> list[dict[str, object]]:
    """Rows of a cohort: how many of it bought at each age."""
    size = active[0]
    return [
        {"cohort": name, "born": born, "age": age, "at": born + age, "size": size, "active": there, "share_active": there / size}
        for age, there in enumerate(active)
    ]


@pytest.mark.parametrize(
    ("cohorts", "told"),
    [
        (
            (("a", 40, 10, 8, 4), ("b", 50, 20, 10)),
            "Of the 50 won in b, 40% bought again in the month after; in the last month, 2 months later, it was 20%",
        ),
        (
            (("a", 50, 10, 8, 4), ("b", 50, 20, 10)),
            "Of the 50 won in a, 20% bought again in the month after; in the last month, 3 months later, it was 8%",
        ),
        (
            (("a", 40, 10, 4), ("b", 50, 20)),
            "Of the 40 won in a, 25% bought again in the month after; in the last month, 2 months later, it was 10%",
        ),
        (
            (("a", 1_200, 600, 300), ("b", 9, 9, 9)),
            "Of the 1,200 won in a, 50% bought again in the month after; in the last month, 2 months later, it was 25%",
        ),
    ],
)
def test_the_largest_cohort_with_two_later_periods_is_told_and_of_equal_ones_the_first(cohorts: tuple[tuple], told: str) -> None:
    earlier = [{"cohort": "earlier", "born": -1, "age": float("nan"), "at": 0, "size": 5_000, "active": 9, "share_active": 0.01}]
    table = pd.DataFrame(earlier + [row for born, (name, *active) in enumerate(cohorts) for row in cohort(name, born, *active)])
    assert said.kept(audit(money=False), table).text.split(". Shares")[0] == told


AGE = "What a customer of the newest cohort had brought at the same age, less one of the oldest"
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
    found = said.drift(audit(), life.cohorts_at_age(audit()), Drift(Interval(0.5, *ends), "2023-01", "2023-03"), "EUR")
    assert found.text == DRIFT[ends]
    assert seen(found)[:2] == [
        f"cohort_drift = 0.5 ({ends[0]:.0f} to {ends[1]:.0f}) | {AGE} | EUR",
        "base_same_age: What each cohort had brought, and how many had come again, one month after the first purchase | "
        "{'active': '{:.1%}'} | cohort, size, active, brought, lower, upper | ",
    ]
    assert said.drift(audit(money=False), pd.DataFrame(), Drift(Interval(0.5, *ends), "a", "b"), "EUR").parts["cohort_drift"].unit == (
        "purchases"
    )
    assert seen(said.drift(audit(), pd.DataFrame(), NO_AGE, "EUR")) == [
        f"cohort_drift = None | {AGE} | {NO_AGE.why}",
        f"absent: {NO_AGE.why}",
    ]


LAYER_TABLE = "base_layer_table: What each cohort brought, period by period | {} | cohorts, period, customers, purchases"
KNOWN = "Part of what came in the last period that came from customers won before it"
NOTHING = Absent("Nothing {came} in 2023-03.")


def test_who_carries_the_base() -> None:
    found = seen(said.layers(audit(), life.cohort_layers(audit()), 0.72))
    assert said.layers(audit(), life.cohort_layers(audit()), 0.72).parts["base_layer_table"].max_rows == 12
    assert [found[0], found[1][: len(LAYER_TABLE) + 7], found[2]] == [
        f"known_share = 0.72 | {KNOWN} | share",
        f"{LAYER_TABLE}, money",
        "Of what came in 2023-03, {known_share} came from customers who had been won before it.",
    ]
    rows = "2023-01, 2023-01, 3, 4 / 2023-01, 2023-02, 1, 1 / 2023-01, 2023-03, 1, 1 / 2023-02, 2023-02, 1, 1 / 2023-02, 2023-03, 1, 1"
    assert seen(said.layers(audit(money=False), life.cohort_layers(audit(money=False)), NOTHING)) == [
        f"known_share = None | {KNOWN} | {NOTHING.why}",
        f"{LAYER_TABLE} | {rows} / 2023-03, 2023-03, 1, 1",
        "Nothing {{came}} in 2023-03.",
    ]


FIRST = "In 2023-03, **less came than in 2023-02**: {base_change}. That is more than the chance of who buys explains."


def in_short(money: bool = True, **other: object) -> Finding:
    found = life.change(audit())._replace(difference=Interval(-25.0, -40.0, -9.0))
    table = found.table.assign(customers=found.table["customers"].where(found.table["group"] != "won since", 0))
    given = {"known": 0.72, "drifted": Drift(Interval(0.5, 1.0, 2.0), "2023-01", "2023-03"), **other}
    return said.in_short(audit(money), found if money else found._replace(table=table), life.cohort_layers(audit(money)), "EUR", **given)


def test_in_short_says_what_changed_who_carries_it_and_whether_later_ones_are_as_good() -> None:
    title = "Customers won before 2023-03 brought 72% of what came in it"
    known = "Of what came in 2023-03, {known_share} came from customers who had been won before it."
    assert seen(in_short()) == [
        f"base_layers: {title} | EUR by month; each colour stands for the customers whose first purchase lies there. | {title}. "
        "2023-01 in 2023-01: money 63; 2023-01 in 2023-02: money 20; 2023-01 in 2023-03: money 8; 2023-02 in 2023-02: money 30; "
        "2023-02 in 2023-03: money 10; 2023-03 in 2023-03: money 7.",
        f"{FIRST} {known} {DRIFT[1.0, 2.0]}",
    ]
    assert in_short().parts["base_layers"].figure.axes[0].get_ylabel() == "EUR"
    for ends, text in DRIFT.items():
        assert in_short(drifted=Drift(Interval(0.5, *ends), "2023-01", "2023-03")).text == f"{FIRST} {known} {text}"


def test_in_short_without_money_known_customers_or_cohorts_of_an_age() -> None:
    found = in_short(money=False, known=NOTHING, drifted=Absent("No {two} cohorts."))
    title = "What came by period, and who brought it"
    assert seen(found) == [
        f"base_layers: {title} | Purchases by month; each colour stands for the customers whose first purchase lies there. | {title}. "
        "2023-01 in 2023-01: purchases 4; 2023-01 in 2023-02: purchases 1; 2023-01 in 2023-03: purchases 1; 2023-02 in 2023-02: "
        "purchases 1; 2023-02 in 2023-03: purchases 1; 2023-03 in 2023-03: purchases 1.",
        f"{FIRST} **Nobody was won after 2023-02**: such a base can only shrink. Nothing {{{{came}}}} in 2023-03. Whether newer customers "
        "are better or worse than older ones at the same age cannot be said here: No {{two}} cohorts.",
    ]
    assert found.parts["base_layers"].figure.axes[0].get_ylabel() == "purchases"
    alone = said.in_short(audit(), Absent("No period before."), life.cohort_layers(audit()), "EUR", known=NOTHING, drifted=NO_AGE)
    assert (seen(alone), alone.without) == (["absent: No period before."], {"base_layers": "No period before."})


def test_assumptions_are_graded() -> None:
    assert said.assumptions(audit()) == [
        ("a customer begins with the first purchase in the records", "yes", "there is nothing before it", "assumed"),
        ("whole calendar months", "3", "the dates of the records", "measured"),
        ("chance among customers", "each customer's difference is one draw", "no model of purchases", "assumed"),
    ]
