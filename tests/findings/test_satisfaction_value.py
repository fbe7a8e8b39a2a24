"""Every wording about the value of one notch, and what the report assumes."""

import pandas as pd
from tests.findings.told import told

import goodwill as gw
from goodwill import satisfaction as sat
from goodwill.findings.finding import Absent
from goodwill.findings.satisfaction import satisfaction_value as words
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import Joined, WorthByLevel

MONEY = sat.Money(sat.NotchTerms(100, 0.1, 1.0, 0.5), sat.Retention(0.8, 0.4, "a panel"))
NOTHING = {"kind": "intention", "if_loyal": -1, "if_not": -1}
TOP = (5.0, 4.0)
RISING, FLAT = (
    sat.relation(sat.LoyaltyCells.of(range(1, 6), loyal, [200] * 5)) for loyal in ((4, 8, 14, 24, 144), (100, 100, 100, 100, 100))
)
TABLE = pd.DataFrame(
    {"lower_level": [4.0], "upper_level": [5.0], "value": [20.0], "lower": [15.0], "upper": [25.0], "negative": [0.0], "break_even": [20.0]}
)


def test_a_notch_of_which_nothing_is_claimed():
    assert told(words.notches(TABLE, MONEY, TOP, 0.0, "USD", RISING)) == [
        (
            "notches | Value of moving one customer by one level if all of the association were effect (USD; persistence 0.5) | "
            "lower_level, upper_level, value, lower, upper, negative, break_even | {'value': '{:,.1f}', 'lower': '{:,.1f}', "
            "'upper': '{:,.1f}', 'break_even': '{:,.1f}', 'negative': '{:.1%}'}"
        ),
        (
            "notch_at_most | Top notch (4 to 5) if all of the association were effect | 20 [15, 25] USD | grade assumed | weakest "
            "causal share"
        ),
        (
            "notch_claimed | Top notch under the causal share given; also the spend per moved customer up to which it pays | 0 [0, "
            "0] USD | grade assumed | weakest causal share"
        ),
        (
            "share_explored | How much of the association is effect? What moving one customer up the top notch, 4 to 5, would be worth. | "
            "Share that is effect 0% of 0% to 100% | Worth per moved customer, and the most to spend on it: 0.0 USD (0.0 to 0.0)"
        ),
        (
            "The top notch is worth between nothing and {notch_at_most} per moved customer, as the causal share runs from 0 to 1; "
            "no share is claimed here, so no spend is justified by it."
        ),
    ]


def test_nothing_that_is_claimed_of_a_loss_has_no_minus():
    assert told(words.notches(TABLE.assign(lower=-1.0), MONEY, TOP, 0.0, "USD", RISING))[2] == (
        "notch_claimed | Top notch under the causal share given; also the spend per moved customer up to which it pays | 0 [0, "
        "0] USD | grade assumed | weakest causal share"
    )


def test_a_notch_of_which_a_share_is_claimed():
    assert told(words.notches(TABLE, MONEY, TOP, 0.5, "USD", RISING))[2:] == [
        (
            "notch_claimed | Top notch under the causal share given; also the spend per moved customer up to which it pays | 10 "
            "[7.5, 12.5] USD | grade assumed | weakest causal share"
        ),
        (
            "share_explored | How much of the association is effect? What moving one customer up the top notch, 4 to 5, would be worth. | "
            "Share that is effect 50% of 0% to 100% | Worth per moved customer, and the most to spend on it: 10.0 USD (7.5 to 12.5)"
        ),
        (
            "The top notch is worth between nothing and {notch_at_most} per moved customer, as the causal share runs from 0 to 1; "
            "under the share given it is {notch_claimed}, and spend beyond that does not pay."
        ),
    ]


def test_a_notch_without_a_relation_claims_nothing():
    assert told(words.notches(TABLE, MONEY, TOP, 0.5, "USD", FLAT))[-1] == (
        "No increasing relation is shown, so no value is claimed for a move up: the numbers above are what chance and "
        "assumptions make of it."
    )


def test_a_notch_is_worth_what_one_assumes():
    grid = pd.DataFrame({0.0: [0.0, 0.0], 0.5: [5.0, 20.0], 1.0: [10.0, 40.0]}, index=pd.Index([0.0, 1.0], name="persistence"))
    assert told(words.notch_assumptions(grid, TOP, "USD")) == [
        (
            "notch | One notch from 4 to 5 is worth what one assumes: 0 to 40 | Expected value of the top notch per moved customer "
            "by causal share and persistence per period; margin, discount rate and retention as assumed below. | Value of the top "
            "notch by persistence. 0: causal share 0.5 5, causal share 1 10; 1: causal share 0.5 20, causal share 1 40."
        ),
    ]


def test_a_notch_that_may_be_worth_nothing():
    table = TABLE.assign(lower=-1.0)
    assert told(words.notches(table, MONEY, TOP, 0.5, "USD", RISING))[-1] == (
        "Whether the top notch is worth anything these answers do not show: it would be {notch_at_most} per moved customer if "
        "all of the association were effect."
    )


def test_without_money_of_the_users_own_no_value_is_given():
    none = gw.attempt(sat.money_terms, 0, 0.1, -1, **NOTHING)
    table = gw.attempt(lambda: sat.notch_values(None, none.terms, none.retention))
    assert told(words.notches(table, none, TOP, 0.5, "USD", RISING), words.notch_assumptions(table, TOP, "USD")) == [
        (
            "notch_at_most | Top notch if all of the association were effect | none USD: No value in money is given, for nobody "
            "stated the profit of a period (margin); how long a move lasts (persistence); which share of those who intend to stay "
            "does stay (retention_if_loyal); which share of the others stays (retention_if_not). A survey does not tell it."
        ),
        (
            "notch_claimed | Top notch under the causal share given | none USD: No value in money is given, for nobody stated the "
            "profit of a period (margin); how long a move lasts (persistence); which share of those who intend to stay does stay "
            "(retention_if_loyal); which share of the others stays (retention_if_not). A survey does not tell it."
        ),
        (
            "absent: No value in money is given, for nobody stated the profit of a period (margin); how long a move lasts "
            "(persistence); which share of those who intend to stay does stay (retention_if_loyal); which share of the others "
            "stays (retention_if_not). A survey does not tell it."
        ),
    ]


def test_the_reason_that_stands_first_is_said():
    reasons = [Absent("No money."), Absent("No levels."), Absent("No table.")]
    given = [(MONEY, TOP, reasons[2]), (MONEY, reasons[1], reasons[2]), (*reasons[:2], TABLE)]
    said = [told(words.notches(table, money, top, 0.5, "USD", RISING))[-1] for money, top, table in given]
    assert said == ["absent: No table.", "absent: No levels.", "absent: No money."]


LEVELS = pd.DataFrame({"level": [8.0, 9.0], "customers": [40, 30], "worth": [20.0, 25.0], "low": [18.0, 22.0], "high": [22.0, 28.0]})
MORE, LESS, EITHER = Interval(5.0, 1.0, 9.0), Interval(-5.0, -9.0, -1.0), Interval(0.5, -1.0, 2.0)


def worth(step: Interval, point: Interval) -> WorthByLevel:
    steps = pd.DataFrame([[8.0, 9.0, *step]], columns=["lower", "upper", "difference", "low", "high"])
    return WorthByLevel(LEVELS, steps, point, 52.0, Joined("survey", 100, 90, 6, 4))


def test_what_customers_of_each_level_bring_is_measured_and_what_a_point_does_is_assumed():
    assert told(words.by_level(worth(MORE, MORE), "EUR")) == [
        "levels_worth | What customers of each level are expected to bring in 52 weeks (EUR per customer; 95 % intervals) | level, "
        "customers, worth, low, high | {'level': '{:g}', 'customers': '{:,.0f}', 'worth': '{:,.3g}', 'low': '{:,.3g}', 'high': '{:,.3g}'}",
        "step_worth | Expected of customers at 9 beyond those at 8 | 5 [1, 9] EUR | grade measured",
        "satisfaction_point | One point of satisfaction, per customer | 5 [1, 9] EUR | grade assumed | weakest that the association is an "
        "effect",
        "By their purchases, customers who answered 9 are expected to bring {step_worth} more in the next 52 weeks than those who answered "
        "8: that is measured, and an association. One point more of every customer would be worth {satisfaction_point} a customer, if "
        "satisfaction keeps them.",
    ]


def test_levels_that_bring_less_or_are_not_told_apart():
    assert told(words.by_level(worth(LESS, LESS), "EUR"))[-1] == (
        "By their purchases, customers who answered 9 are expected to bring less in the next 52 weeks than those who answered 8, the "
        "difference is {step_worth}: that is measured, and an association. One point more of every customer would cost "
        "{satisfaction_point} a customer: the more satisfied leave more often here."
    )
    assert told(words.by_level(worth(EITHER, EITHER), "EUR"))[-1] == (
        "Whether customers who answered 9 bring more in the next 52 weeks than those who answered 8 their purchases do not show: the "
        "difference is {step_worth}. Whether one point more is worth anything, if satisfaction keeps customers, is not told apart from "
        "nothing: {satisfaction_point} a customer."
    )


def test_without_purchases_nothing_is_said_of_what_levels_bring():
    assert told(words.by_level(Absent("There are no purchases: pass purchases=."), "EUR")) == [
        "step_worth | Expected of customers of the top level beyond those of the next | none EUR: There are no purchases: pass purchases=.",
        "satisfaction_point | One point of satisfaction, per customer | none EUR: There are no purchases: pass purchases=.",
        "What customers of each level bring is not known: {step_worth}.",
    ]


def test_what_is_assumed_of_purchases_is_told_where_they_were_given():
    none = gw.attempt(sat.money_terms, 0, 0.1, -1, **NOTHING)
    valued = {"margin": 0.3, "discount_rate": 0.15, "reliability": 0.85, "lasting": 0.8}
    rows = words.assumptions(sat.Borders(9, 8, 7), "intention", none, none, 0.25, "USD", valued, "shop.csv")
    assert words.assumptions(sat.Borders(9, 8, 7), "intention", none, none, 0.25, "USD", valued) == rows[:6]
    assert [" | ".join(row) for row in rows[6:]] == [
        "profit per unit of spend; what waiting a year costs | 30%; 15% | parameters of this report | assumed",
        "share of what is felt on a day that lasts | 80%, range 20 points either way | parameter of this report | assumed",
        "reliability of an answer to a single question | 0.85 | parameter; items tell it where there are two | assumed",
    ]


def test_what_is_assumed_about_money_is_told_only_with_money():
    none = gw.attempt(sat.money_terms, 0, 0.1, -1, **NOTHING)
    labels = sat.Labels(pd.DataFrame(), pd.DataFrame(), 0.9, None, (0.85, 1.0))
    assert [row[0] for row in words.assumptions(sat.Borders(9, 8, 7), "intention", labels, none, 0.25, "USD")] == [
        "who counts as loyal",
        "borders of the roles",
        "respondents are a random sample of the customers",
        "a bend is told apart",
        "place of a kink",
        "zones",
        "reliability of the answers",
    ]


def test_without_labels_no_reliability_is_assumed():
    none = gw.attempt(sat.money_terms, 0, 0.1, -1, **NOTHING)
    assert [row[0] for row in words.assumptions(sat.Borders(9, 8, 7), "intention", none, none, 0.25, "USD")] == [
        "who counts as loyal",
        "borders of the roles",
        "respondents are a random sample of the customers",
        "a bend is told apart",
        "place of a kink",
        "zones",
    ]


def test_every_assumption_has_its_value_source_and_grade():
    pairs = pd.DataFrame()
    labels = sat.Labels(pairs, pairs, 0.9, None, (0.85, 1.0))
    assert [" | ".join(row) for row in words.assumptions(sat.Borders(9, 8, 7), "intention", labels, MONEY, 0.25, "USD")] == [
        "who counts as loyal | loyalty 9 or more (intention) | top of the scale unless given | assumed",
        "borders of the roles | satisfaction 8, loyalty 7 | three quarters up the scale unless given | assumed",
        "respondents are a random sample of the customers | not checked | see how many answered | assumed",
        "a bend is told apart | gain above 5 in twice the log-likelihood | size study of this project, smooth truths | measured",
        "place of a kink | cut 6.63 of the profile likelihood | coverage study of this project | measured",
        "zones | every number of zones alike beforehand | Barry & Hartigan (1992) | assumed",
        (
            "reliability of the answers | satisfaction 0.85, loyalty 1.00 | parameters of this report, after the answers are cut "
            "to whole ones | assumed"
        ),
        "causal share | 0.25; shown from 0 to 1 | no source supports a value | assumed",
        "persistence of a move | 0.5 per period | parameter of this report | assumed",
        "from answer to staying | 0.8 of the loyal stay, 0.4 of the others | a panel | assumed",
        "margin and discount rate | 100 USD and 0.1 per period | parameters of this report | assumed",
    ]
