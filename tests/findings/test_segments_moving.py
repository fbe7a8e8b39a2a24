"""What is said of customers who leave and move: every wording, reached from numbers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value
from goodwill.findings.segments import segments_moving as moving
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval
from goodwill.segments.movement.churn_cost import PointCost, cost_of_lower_churn
from goodwill.segments.movement.migration import Migration, TestResult

WHY = Absent("Left out here: 7 customers are fewer than 500.")
MINUS = "\N{MINUS SIGN}"
ORDER = TestResult("order 1 against 2", 1259.3, 36, 0.0, 0.1)
ALIKE = TestResult("homogeneity", 31.72, 12, 0.0015, 0.1, ("spring", "summer"))


def absent(finding: Finding, *names: str) -> bool:
    """Whether a finding says that it is absent, and gives every one of these values as not available for that reason."""
    parts = finding.parts
    return finding.absent == WHY and tuple(parts) == names and all(part.value is None and part.reason == WHY.why for part in parts.values())


@pytest.fixture
def base() -> SimpleNamespace:
    """As much of a base of customers as is said of it: five of eight customers bought nothing in the hold-out."""
    customers = pd.DataFrame({"frequency_holdout": [0, 0, 0, 0, 0, 2, 3, 1]})
    return SimpleNamespace(
        customers=customers, currency="USD", length=38.9, tested=SimpleNamespace(calibration_end="1997-09-30", end="1998-06-30")
    )


@pytest.fixture
def groups() -> pd.DataFrame:
    table = pd.DataFrame({"group": ["lost", "best"], "customers": [5, 3], "rate": [0.6, 1 / 3], "lower": [0.2, 0.1], "upper": [0.9, 0.8]})
    table.attrs |= {"overall": wilson(4, 8), "spread": 0.166, "p": 0.01}
    return table


@pytest.fixture
def calls() -> pd.DataFrame:
    table = pd.DataFrame({"rule": ["bought lately", "all inactive", "P(alive)"], "correct": [0.773, 0.701, 0.3]})
    table = table.assign(lower=0.1, upper=0.9, sensitivity=0.5, specificity=0.25, difference_upper=[0.1, 0.0, -0.1])
    table.attrs["base"] = "all inactive"
    return table


POINT = cost_of_lower_churn(200, 1000, value=(300.0, 0.1), unit_cost=(5.0, 0.1), prevented=(0.1, 0.03))


def test_the_two_days_are_named(base) -> None:
    assert moving.days(base) == ["at the end of the calibration, 1997-09-30", "today, 1998-06-30"]


def test_churn_says_who_leaves_which_rules_knew_it_and_what_less_would_cost(base, groups, calls) -> None:
    found = moving.churn(base, groups, calls, POINT)
    low, high = (f"{end:,.0f}".replace("-", MINUS) for end in POINT.net[1:])
    assert found.text == (
        "In the hold-out {churn} bought nothing. Churn is 50.0% overall, from 33.3% (best) to 60.0% (lost); apart from chance the groups' "
        "rates differ by about 16.6 points (standard deviation). 'bought lately' is right for 77.3% of customers; calling all inactive is "
        "right for 70.1%. Worse than that: P(alive).\n\nWhat would lowering it cost? To lower churn by 1 percentage point, 10 "
        "customers must "
        "be kept: if the measure prevents 10% of the departures among those treated (assumed), 500 must be treated for 2,500 USD, which "
        "saves "
        f"3,000 USD; net 500 USD (95% interval {low} to {high}): whether it pays is open. Treating is taken to cost a twentieth of a "
        f"mean order (5.00 "
        f"USD), and who "
        "is kept to bring what the active ones brought."
    )
    assert found.parts["churn"] == Value(wilson(5, 8), "Bought nothing in the hold-out", "share")
    table = found.parts["activity"]
    assert isinstance(table, Table) and table.caption == "Rules that say who will buy in the hold-out, and how often they are right"
    assert list(table.frame.columns) == ["rule", "correct", "lower", "upper", "sensitivity", "specificity"]
    assert table.formats == dict.fromkeys(["correct", "lower", "upper", "sensitivity", "specificity"], "{:.1%}")


def test_all_rules_that_are_worse_are_named(calls) -> None:
    worse = calls.assign(difference_upper=[0.1, -0.2, -0.1])
    worse.attrs["base"] = "all inactive"
    assert moving._called(worse) == (
        "'bought lately' is right for 77.3% of customers; calling all inactive is right for 70.1%. Worse than that: all inactive, P(alive)."
    )


def test_of_three_groups_the_first_and_the_last_are_the_ends() -> None:
    groups = pd.DataFrame({"group": ["lost", "middle", "best"], "rate": [0.6, 0.5, 0.3]})
    assert moving._ends(groups) == {"low": 0.3, "lowest": "best", "high": 0.6, "highest": "lost"}


def test_groups_that_differ_by_chance_are_not_told_apart_and_no_rule_need_be_worse(base, groups, calls) -> None:
    groups.attrs["p"] = 0.05
    text = moving.churn(base, groups, calls.head(2), Absent("none of 8 customers churned.")).text
    assert text == (
        "In the hold-out {churn} bought nothing. Churn is 50.0% overall, from 33.3% (best) to 60.0% (lost); 2 groups of this size would "
        "differ as much by chance (p = 0.05). 'bought lately' is right for 77.3% of customers; calling all inactive is right for 70.1%."
        "\n\nWhat would lowering it cost? none of 8 customers churned."
    )


def cost(point: PointCost, base, groups, calls) -> str:
    return moving.churn(base, groups, calls, point).text.split("cost? ")[1]


def test_what_it_costs_is_judged_by_the_interval_of_the_net(base, groups, calls) -> None:
    pays = replace(POINT, net=Interval(500.0, 0.1, 900.0))
    assert cost(pays, base, groups, calls).startswith(
        "To lower churn by 1 percentage point, 10 customers must be kept: if the measure prevents 10% of the departures among those "
        "treated "
        "(assumed), 500 must be treated for 2,500 USD, which saves 3,000 USD; net 500 USD (95% interval 0 to 900): it pays. Treating"
    )
    loses = replace(POINT, points=2.0, net=Interval(-500.0, -900.0, -1.0))
    assert cost(loses, base, groups, calls).startswith(
        "To lower churn by 2 percentage points, 10 customers must be kept: if the measure prevents 10% of the departures among those "
        "treated "
        f"(assumed), 500 must be treated for 2,500 USD, which saves 3,000 USD; net {MINUS}500 USD (95% interval {MINUS}900 to {MINUS}1): "
        f"it does not pay. Treating"
    )
    far = replace(POINT, points=3.0)
    assert cost(far, base, groups, calls).startswith(
        "Churn cannot be lowered by 3 percentage points: if the measure prevents 10% of the departures among those treated (assumed), "
        "treating everybody gives 2.00 points. Treating"
    )


def test_churn_by_segment_is_drawn_from_the_highest(base, groups) -> None:
    drawn = moving.churn_by_segment(base, groups).parts["churn"]
    assert isinstance(drawn, Drawing)
    assert drawn.figure.get_suptitle() == "Churn runs from 33% ('best') to 60% ('lost')"
    assert drawn.figure.axes[0].get_xlabel() == "share without a purchase in the 39 weeks of the hold-out"
    assert (
        drawn.caption == "Share of each segment that bought nothing in the hold-out, 95 % Wilson intervals; the line is the share of all."
    )
    assert drawn.words == (
        "Share without a purchase in the hold-out. lost: customers 5, rate 0.6, lower 0.2, upper 0.9; "
        "best: customers 3, rate 0.3333, lower 0.1, upper 0.8."
    )


@pytest.mark.parametrize("which", range(3))
def test_churn_that_cannot_be_found_is_not_available(base, groups, calls, which: int) -> None:
    given = [base, groups, calls]
    given[which] = WHY
    assert absent(moving.churn(*given, POINT), "churn")
    if which < 2:
        assert moving.churn_by_segment(*given[:2]) == Finding()


def pareto(shares: list[float], missing: int = 0) -> pd.DataFrame:
    table = pd.DataFrame({"cause": list("abcd")[: len(shares)], "cases": [round(100 * share) for share in shares], "share": shares})
    table = table.assign(lower=table["share"], upper=table["share"], cumulative=np.cumsum(shares))
    table.attrs |= {"enough": int((table["cumulative"] < 0.8 - 1e-9).sum()) + 1, "missing": missing}
    return table


def test_causes_are_counted_and_nothing_more() -> None:
    found = moving.causes(pareto([0.6, 0.25, 0.15], missing=2), "log.csv")
    assert found.text == (
        "2 of 3 causes make 85% of the cases. 2 of 102 cases have no cause and are not counted."
        " A count of what was written down says nothing of what would change if a cause went away."
    )
    drawn = found.parts["causes"]
    assert isinstance(drawn, Drawing) and drawn.figure.get_suptitle() == "2 of 3 causes make 85% of what was coded (own log)"
    assert drawn.caption == "Causes as coded (own log), the most frequent first, with 95 % intervals; the line adds them up."
    assert drawn.words.startswith("Causes. a: share 0.6, lower 0.6, upper 0.6, cumulative 0.6; b:")


def test_one_cause_may_be_enough_and_a_simulated_log_is_called_so() -> None:
    found = moving.causes(pareto([0.9, 0.1]), "")
    assert found.text == (
        "1 of 2 causes makes 90% of the cases. A count of what was written down says nothing of what would change if a cause went away."
    )
    drawn = found.parts["causes"]
    assert isinstance(drawn, Drawing)
    assert drawn.caption == (
        "Causes as coded (complaints of a simulated company, to show the form), the most frequent first, with 95 % intervals; "
        "the line adds them up."
    )
    title = " ".join(drawn.figure.get_suptitle().split())
    assert title == "1 of 2 causes makes 90% of what was coded (complaints of a simulated company, to show the form)"


def migration(states: tuple[str, ...] = ("a", "b"), entry: float = 0.0) -> Migration:
    counts = np.zeros((len(states), len(states)))
    counts[:2, :2] = [[30.0, 10.0], [20.0, 40.0]]
    if len(states) > 2:
        counts[0, -1] = 5.0
    arriving = np.array([entry] + [0.0] * (len(states) - 1))
    return Migration(states, counts, np.ones_like(counts, bool), arriving, ("then", "now"))


def moved(found: Migration, now: list[str] | Absent = WHY) -> str:
    return moving.moves(found, now if isinstance(now, Absent) else pd.Categorical(now, ["a", "b", "c"])).text


def test_moves_say_who_stayed_who_came_and_who_left() -> None:
    assert moved(migration()) == (
        "Between the two days {stayed} stayed in their segment. Of 100 customers 70% were in the same state then, and now; no customer "
        "entered, and exit is not observed."
    )
    assert moved(migration(entry=8), ["a"]) == (
        "Between the two days {stayed} stayed in their segment. Nobody is now in b or c. Of 100 customers 70% were in the same state then, "
        "and now; 8 customers entered, and exit is not observed."
    )
    assert moved(migration(("a", "b", "gone"))) == (
        "Between the two days {stayed} stayed in their segment. Of 105 customers 67% were in the same state then, and now; no "
        "customer entered, 5 were counted as gone."
    )
    assert moved(migration(("a", "b", "gone"), entry=8), list("abc")) == (
        "Between the two days {stayed} stayed in their segment. Of 105 customers 67% were in the same state then, and now; 8 "
        "customers entered, 5 were counted as gone."
    )


def test_moves_are_drawn_and_listed() -> None:
    found, listed = moving.moves(migration(), WHY).parts, moving.moves_table(migration()).parts["migration"]
    assert found["stayed"] == Value(0.7, "In the same segment on both days", "share")
    drawn = found["migration"]
    assert isinstance(drawn, Drawing)
    assert drawn.figure.get_suptitle().replace("\n", " ") == "70% of customers are in the same segment a period later (bold)"
    assert drawn.caption == (
        "Customers by segment on two days under the same rules, per cent of each row; ± is half the 95 % interval. Bold: stayed. "
        "New customers came after the first day."
    )
    assert drawn.words.startswith("Largest moves. b: to b, customers 40, probability 0.6667, lower")
    assert isinstance(listed, Table)
    assert listed.caption == "Moves between segments, the largest first, with 95 % intervals (Dirichlet 1/2)"
    assert listed.frame["customers"].tolist() == [40, 30, 20, 10] and listed.max_rows == 12
    assert listed.formats == dict.fromkeys(["probability", "lower", "upper"], "{:.1%}")
    assert absent(moving.moves(WHY, WHY)) and moving.moves_table(WHY) == Finding()


def test_of_many_moves_the_twelve_largest_are_told() -> None:
    counts = np.arange(16.0).reshape(4, 4) + 1
    four = Migration(tuple("abcd"), counts, np.ones((4, 4), bool), np.zeros(4), ("then", "now"))
    drawn = moving.moves(four, WHY).parts["migration"]
    assert isinstance(drawn, Drawing) and drawn.words.count("customers") == 12


PERIODS = SimpleNamespace(days=91, after=3, cuts=[15.0, 40.5])


def high(counts: list[list[float]]) -> Migration:
    """Moves between none, low (where nobody is) and high."""
    square = np.zeros((3, 3))
    square[np.ix_([0, 2], [0, 2])] = counts
    return Migration(("none", "low", "high"), square, np.ones((3, 3), bool), np.zeros(3), ("spring", "summer"))


def test_states_say_who_stays_high_and_what_the_tests_say() -> None:
    chain = high([[50.0, 10.0], [24.0, 16.0]])
    found = moving.states(PERIODS, chain, chain, ORDER, ALIKE)
    assert found.text == (
        "Of the high spenders of one period {high_stays} are high spenders in the next. G2 = 1,259 with 36 degrees of freedom, p &lt; "
        ".0001: where customers come from still matters once it is known where they are, so a chain of order 1 is rejected. G2 = 31.7 "
        "with "
        "12 degrees of freedom, p = .0015: the moves after spring and after summer differ by more than chance."
    )
    value, drawn = found.parts["high_stays"], found.parts["movement"]
    assert isinstance(value, Value) and isinstance(drawn, Drawing)
    assert (value.value, value.label, value.unit) == (0.4, "High spenders of a period who are high in the next", "share")
    assert value.interval == tuple(end[2, 2] for end in chain.bounds)
    assert drawn.figure.get_suptitle() == "Of 40 customers in 'high' 40% are there a period later"
    assert drawn.caption == (
        "Customers by state of spend in two successive periods of 91 days. Bands carry colour and hatching of where they come from; "
        "'gone' is no purchase in two periods running."
    )
    assert drawn.words.startswith("Moves. none: to none, customers 50, probability 0.8333; none: to low")


def test_where_nobody_is_high_nobody_can_stay() -> None:
    found = moving.states(PERIODS, high([[5.0, 1.0], [0.0, 0.0]]), high([[5.0, 1.0], [0.0, 0.0]]), WHY)
    value, drawn = found.parts["high_stays"], found.parts["movement"]
    assert isinstance(value, Value) and (value.value, value.reason) == (None, "nobody was a high spender")
    assert isinstance(drawn, Drawing) and drawn.figure.get_suptitle() == "Of 0 customers in 'high' nobody could stay"
    assert found.text.endswith("are high spenders in the next. Left out here: 7 customers are fewer than 500.")


def test_tests_that_do_not_reject_say_no_more_than_that() -> None:
    assert moving.tested(replace(ORDER, p=1.0)) == (
        "G2 = 1,259 with 36 degrees of freedom, p = 1: nothing speaks against a chain of order 1."
    )
    assert moving.tested(replace(ALIKE, p=0.05)) == (
        "G2 = 31.7 with 12 degrees of freedom, p = .0500: the moves after spring and after summer are not distinguishable."
    )


@pytest.mark.parametrize("which", range(3))
def test_states_that_cannot_be_made_are_not_available(which: int) -> None:
    given = [PERIODS, high([[5.0, 1.0], [1.0, 1.0]]), high([[5.0, 1.0], [1.0, 1.0]])]
    given[which] = WHY
    assert absent(moving.states(*given, ORDER), "high_stays")
    if which < 2:
        assert moving.states_table(*given[:2], "USD") == Finding()


def test_states_in_numbers_name_their_periods_and_cuts() -> None:
    table = moving.states_table(PERIODS, high([[5.0, 1.0], [1.0, 1.0]]), "USD").parts["states"]
    assert isinstance(table, Table) and len(table.frame) == 9
    assert table.caption == (
        "Moves between states of spend per 91 days, spring and summer (low up to 15.00, mid up to 40.50 USD), with 95 % intervals"
    )
    assert table.formats == dict.fromkeys(["probability", "lower", "upper"], "{:.1%}")


def groups_of_three(top: tuple[float, float], lowest: tuple[float, float]) -> pd.DataFrame:
    names = ["highest fourth of buyers", "lowest fourth of buyers"]
    table = pd.DataFrame({"segment": names, "before": [109.0, 20.0], "at": [172.0, 14.0], "after": [97.0, 15.0]})
    for name in ("before", "at", "after"):
        table[f"{name}_lower"], table[f"{name}_upper"] = table[name] - 2, table[name] + 2
    table["change_lower"], table["change_upper"] = zip(top, lowest, strict=True)
    return table


FELL, ROSE, OPEN = (-80.0, -70.0), (0.5, 2.0), (-1.0, 3.0)
SPENT = "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "


@pytest.mark.parametrize(
    ("top", "lowest", "text"),
    [
        (
            FELL,
            ROSE,
            "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
            "A treatment in between would look like a failure here, and like a success with the lowest fourth.",
        ),
        (
            FELL,
            OPEN,
            "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
            "A treatment in between would look like a failure here.",
        ),
        (
            ROSE,
            ROSE,
            "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
            "A treatment in between would look like a success here.",
        ),
        (
            OPEN,
            ROSE,
            "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
            "From the middle period to the last that is no change that these data can tell from none.",
        ),
    ],
)
def test_what_a_treatment_would_look_like_is_judged_by_the_change(top, lowest, text: str) -> None:
    assert moving.regression(groups_of_three(top, lowest), PERIODS, "USD").text == text


def test_regression_is_drawn_and_its_three_means_recorded() -> None:
    found = moving.regression(groups_of_three(FELL, OPEN).assign(expected=[84.0, 16.0]), PERIODS, "USD")
    assert found.parts["top_before"] == Value(109.0, "Spend of the highest fourth of buyers, before", "USD", (107.0, 111.0))
    assert found.parts["top_at"] == Value(172.0, "Spend of the highest fourth of buyers, at", "USD", (170.0, 174.0))
    assert found.parts["top_after"] == Value(97.0, "Spend of the highest fourth of buyers, after", "USD", (95.0, 99.0))
    drawn = found.parts["regression"]
    assert isinstance(drawn, Drawing)
    assert drawn.figure.get_suptitle() == "The highest fourth of buyers goes from 172 to 97 USD, and nobody did anything"
    assert drawn.figure.axes[0].get_ylabel() == "USD per customer and 91 days"
    assert drawn.caption == (
        "Mean spend of customers grouped by the middle period, in the period before, the middle one and the one after (91 days each), "
        "95 % intervals; short lines: what the purchase model foretold for them."
    )
    assert drawn.words.startswith("Spend per customer. highest fourth of buyers: before 109, at 172, after 97, expected 84;")
    assert absent(moving.regression(WHY, PERIODS, "USD"), "top_before", "top_at", "top_after")
    assert absent(moving.regression(groups_of_three(FELL, OPEN), WHY, "USD"), "top_before", "top_at", "top_after")


def outcome(**peers: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"window": ["v", "w", "all"], "actual": [1.0, 1.0, 2.0], "Markov / actual": [0.9, 1.1, 0.975]} | peers)


def test_the_chain_is_an_illustration_where_its_order_is_rejected() -> None:
    worth = pd.DataFrame({"state": ["none"], "value": [1.0]})
    found = moving.markov(worth, outcome(**{"BG/NBD / actual": [0.8, 0.9, 0.83]}), ORDER, PERIODS, "BG/NBD", 0.3, "USD")
    assert found.text == (
        "Over the hold-out the chain expected {markov_ratio:.2f} times what was spent, the purchase model {model_ratio:value} times. "
        "The test above rejects the chain, and other states would give another number: read it as an illustration."
    )
    parts = found.parts
    assert parts["markov_ratio"] == Value(0.975, "Markov chain: expected over actual spend of the hold-out")
    assert parts["model_ratio"] == Value(0.83, "BG/NBD: expected over actual spend of the hold-out")
    assert parts["markov"].caption == (
        "What a Markov chain expects of a customer in each state within 3 periods of 91 days (USD, after a margin of 30%), with 95 % "
        "intervals of its parameters; beside it what the purchase model expects within the hold-out"
    )
    assert parts["markov_holdout"].caption == "Spend of known customers in the hold-out, and what was expected (USD)"


def test_a_chain_that_is_not_rejected_and_has_no_model_beside_it() -> None:
    found = moving.markov(pd.DataFrame({"state": ["none"]}), outcome(), replace(ORDER, p=0.2), PERIODS, "BG/NBD", 0.3, "USD")
    assert found.text == (
        "Over the hold-out the chain expected {markov_ratio:.2f} times what was spent, the purchase model {model_ratio:value} times. "
        "Other states would give another number."
    )
    assert found.parts["model_ratio"].reason == "no purchase model"
    unnamed = moving.markov(pd.DataFrame({"state": ["none"]}), outcome(), ORDER, PERIODS, "", 0.3, "USD")
    assert unnamed.parts["model_ratio"].label == "Purchase model: expected over actual spend of the hold-out"


@pytest.mark.parametrize("which", range(4))
def test_a_chain_that_cannot_be_made_is_not_available(which: int) -> None:
    given = [pd.DataFrame({"state": ["none"]}), outcome(), ORDER, PERIODS]
    given[which] = WHY
    assert absent(moving.markov(*given, "BG/NBD", 0.3, "USD"), "markov_ratio", "model_ratio")


def test_a_p_value_of_one_in_ten_thousand_is_still_written() -> None:
    assert "p = .0001: " in moving.tested(replace(ORDER, p=1e-4)) and "p &lt; .0001: " in moving.tested(replace(ORDER, p=0.99e-4))


def test_what_treating_everybody_just_reaches_can_be_reached(base, groups, calls) -> None:
    just = replace(POINT, points=2.0, reachable=Interval(2.0, 1.0, 3.0))
    assert cost(just, base, groups, calls).startswith("To lower churn by 2 percentage points, 10 customers must be kept: ")


def test_nobody_may_be_counted_as_gone() -> None:
    found = migration(("a", "b", "gone"))
    found.counts[0, -1] = 0.0
    assert moved(found).endswith("no customer entered, 0 were counted as gone.")
