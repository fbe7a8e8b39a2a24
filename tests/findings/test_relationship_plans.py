"""What the relationship report says of costs, plans and trials, stated in full."""

import pandas as pd
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.relationship import relationship_plans as says
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import Lever, LeverCase, lever_case, plan_break_even, plan_levers, plans_by_share

NONE = Absent("No cost of a lever is stated.")


def case(cost: float, worth: float = 2.0, units: float = 100.0, noise: float = 0.5, name: str = "recovery") -> LeverCase:
    found = Interval(worth, worth - 1, worth + 1)
    lever = Lever(name, "one complaint", found, units, Interval(*(units * end for end in found)), -0.1, "association")
    return lever_case(lever, cost, noise)


def test_levers_that_pay_and_trials_that_would_settle_them() -> None:
    drawn, table, said = told(says.cases([case(1.0), case(5.0, name="satisfaction", units=0.5)], "EUR"))
    assert drawn.startswith("break_even | How much of an association must be effect before a lever pays |")
    assert table == (
        "cases | Cost of a unit, break-even share, chance to pay if all is effect, and units in each arm of a trial (EUR) | lever, "
        "worth, cost, "
        "break-even share, chance, trial, each arm, units enough | {'worth': '{:,.3g}', 'cost': '{:,.3g}', 'break-even share': "
        "'{:.0%}', 'chance': "
        "'{:.0%}'}"
    )
    assert said == (
        "At these costs recovery would pay, associations counted as effects; the break-even share says how much of one must be effect. "
        "A trial by lot that the horizon has units enough for would settle recovery."
    )


def test_levers_of_which_none_pays() -> None:
    drawn, _, said = told(says.cases([case(5.0, units=0.5), case(5.0, worth=-1.0)], "EUR"))
    assert "| No lever pays at these costs, even if all of the association were effect |" in drawn
    assert said == (
        "At these costs no lever would pay even if all of the association were effect. "
        "No lever has units enough within the horizon for a trial that would tell it from nothing."
    )
    assert told(says.cases(NONE, "EUR")) == ["absent: No cost of a lever is stated."]


def test_what_a_budget_buys() -> None:
    assert told(says.plan(plan_levers([case(1.0)], 50.0), 50.0, "EUR")) == [
        "plan_spent | The plan spends | 50 EUR",
        "plan_net | Net gain of the plan, if all of every association is effect | 50 EUR | grade assumed | weakest that the "
        "associations are "
        "effects",
        "plan_pays | Chance that the plan brings more than it costs, if all of every association is effect | 0.9825 share | grade "
        "assumed | weakest that the associations are effects",
        "plan_break_even | Share of the associations that must be effect for the plan to pay | 0.5 share",
        "**Plan.** If all of every association were effect, a budget of 50 EUR is best spent on recovery: {plan_spent} for a net gain of "
        "{plan_net}, and with a chance of {plan_pays} it brings more than it costs. It pays if at least {plan_break_even} of every "
        "association is effect; the table says what is left of it where less is.",
    ]
    assert told(says.plan(plan_levers([case(5.0)], 50.0), 50.0, "EUR"))[2:] == [
        "plan_pays | Chance that the plan brings more than it costs, if all of every association is effect | none share: Nothing is spent.",
        "plan_break_even | Share of the associations that must be effect for the plan to pay | none share: Nothing is spent.",
        "**Plan.** No lever is worth its cost, even if all of every association were effect: of a budget of 50 EUR nothing is spent.",
    ]
    assert told(says.plan(NONE, 50.0, "EUR"))[-1] == "**Plan.** No plan is made: No cost of a lever is stated."


def test_a_plan_of_what_was_tried_by_lot_pays_whatever_the_associations_are() -> None:
    tried = case(1.0, name="call")
    tried = lever_case(tried.lever._replace(grade="effect"), 1.0, 0.5)
    assert told(says.plan(plan_levers([tried], 50.0), 50.0, "EUR"))[-1] == (
        "**Plan.** A budget of 50 EUR is best spent on call: {plan_spent} for a net gain of {plan_net}, and with a chance of "
        "{plan_pays} it brings more than it costs, if all of every association were effect. It pays even if none is: what was tried "
        "by lot pays alone."
    )
    assert plan_break_even(plan_levers([tried], 50.0)) == 0.0
    assert plan_break_even(plan_levers([case(5.0)], 50.0)) == 0.0  # nothing is spent


def test_plans_at_several_shares_stand_in_a_table() -> None:
    table: pd.DataFrame = plans_by_share([case(1.0)], 50.0)
    (line,) = told(says.plans(table, "EUR"))
    assert line.startswith(
        "plans | The best plan if this share of every association is effect: spent on each lever, and in all (EUR) | share,"
    )
    assert told(says.plans(NONE, "EUR")) == ["absent: No cost of a lever is stated."]


def test_all_that_is_shown_of_the_levers_and_their_costs() -> None:
    levers = [case(1.0), case(2.0, name="satisfaction", units=0.5), case(3.0, name="retention", noise=50.0)]
    found = says.cases([*levers, case(5.0, worth=-1.0, name="answer time")], "EUR")
    drawn, _, said = told(found)
    assert drawn == (
        "break_even | How much of an association must be effect before a lever pays | Cost of a unit over its worth: the share of an "
        "association that must be effect for a lever to pay; beyond the line it never does. | Break-even shares. recovery: share 0.5; "
        "satisfaction: share 1; retention: share 1.5; answer time: share without limit."
    )
    rows = found.parts["cases"].frame.astype(object).fillna("none").to_numpy().tolist()
    assert [[row[0], row[3], *row[5:]] for row in rows] == [
        ["recovery", 0.5, "1", "yes"],
        ["satisfaction", 1.0, "1", "no"],
        ["retention", 1.5, "9,812", "no"],
        ["answer time", "none", "no size", "no"],
    ]
    assert said == (
        "At these costs recovery would pay, associations counted as effects; the break-even share says how much of one must be effect. "
        "A trial by lot that the horizon has units enough for would settle recovery."
    )


def test_money_of_a_plan_has_no_decimals_and_shares_are_per_cent() -> None:
    table = says.plans(plans_by_share([case(1.0)], 50.0), "EUR").parts["plans"]
    money = dict.fromkeys(["recovery", "cost", "gain", "net"], "{:,.0f}")
    assert table.formats == money | {"share": "{:.0%}", "loses": "{:.0%}"}
