"""The words of notebook 10 about known and coming customers together, each reached from data."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from tests.findings.test_newcomers import NOBODY, TERMS, counted, headline, record, scores
from tests.findings.told import seen, told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases import customer_equity as said
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.base_audit.cohorts import Drift
from goodwill.lifetime_value.equity.arrivals import planned
from goodwill.lifetime_value.equity.customer_equity import Expected
from goodwill.lifetime_value.equity.equity_claims import Equity

KNOWN = Interval(20_000.0, 18_000.0, 22_000.0)


def found(interval: bool = True, cost: float = 5.0, number: float = 1000.0) -> Equity:
    expected = Expected(20_000.0, number, 25_000.0, cost * number)
    ends = Interval(expected.net, 35_000.0, 46_000.0)
    held = headline(interval, record() if interval else None)
    wide = Interval(expected.net, 30_000.0, 52_000.0) if interval else None
    new = Interval(25_000.0, 21_000.0, 29_000.0)
    return Equity(expected, KNOWN, Interval(number, 900.0, 1100.0), new, ends, wide, held.why, held, held, TERMS, cost)


PARTS = [
    "known_value | Of it from customers known today | 2e+04 EUR",
    "newcomer_value | Of it from newcomers, before what winning them costs | 2.5e+04 EUR",
    "acquisition_total | What winning them costs | 5000 EUR",
]


def test_equity_is_told_with_its_parts_and_its_record() -> None:
    finding = said.equity(found(), KNOWN, TERMS, "EUR")
    assert finding.text == (
        "Customers known and to come are expected to bring {customer_equity} within 52 weeks: {known_value:value} from those known today "
        "and {newcomer_value:value} from newcomers, less {acquisition_total:value} for winning them. The same statement was made on 3 "
        "earlier dates; the models' own interval held what came on 3 of them, and the interval given is widened by that record."
    )
    lines = told(finding)
    assert lines[0].startswith(
        "customer_equity | Customer equity of the next 52 weeks: profit from known and coming customers, less what winning them costs | "
        "4e+04 [3e+04, 5.2e+04] EUR | grade assumed | weakest margin | track_record {"
    )
    assert lines[1:4] == PARTS
    assert lines[4] == (
        "equity_past | The same statement on earlier dates, before what winning newcomers costs, and what came; error: logarithm of came "
        "over expected | made, came"
    )
    assert finding.parts["equity_past"].max_rows == 6
    known = finding.parts["known_value"]
    assert finding.parts["customer_equity"].model_interval == (35_000.0, 46_000.0)
    assert finding.parts["newcomer_value"].model_interval == (21_000.0, 29_000.0)
    assert known.reason == "This part is not held against its past by itself; the total is." and known.model_interval == (
        18_000.0,
        22_000.0,
    )


def test_equity_without_a_record_claims_no_interval() -> None:
    finding = said.equity(found(interval=False), KNOWN, TERMS, "EUR")
    assert finding.text == (
        "Customers known and to come are expected to bring {customer_equity:value} within 52 weeks: {known_value:value} from those known "
        "today and {newcomer_value:value} from newcomers, less {acquisition_total:value} for winning them. **No interval is claimed.** Too "
        "few windows have finished. If the models were right, it would be 35,000 to 46,000."
    )
    assert finding.parts["customer_equity"].interval is None and "equity_past" not in finding.parts
    cents = replace(found(interval=False), total=Interval(12.34, 11.26, 13.41), expected=Expected(2.34, 1.0, 10.0, 0.0))
    assert said.equity(cents, KNOWN, TERMS, "EUR").text.endswith("If the models were right, it would be 11 to 13.")


def test_where_nobody_is_foretold_the_known_are_still_valued() -> None:
    finding = said.equity(NOBODY, KNOWN, TERMS, "EUR")
    assert told(finding)[-2:] == ["known_value | Of it from customers known today | 2e+04 EUR", NOBODY.why]
    assert [finding.parts[name].reason for name in ("customer_equity", "newcomer_value", "acquisition_total")] == [NOBODY.why] * 3
    assert said.equity(NOBODY, NOBODY, TERMS, "EUR").parts["known_value"].reason == NOBODY.why


def table(scenario: tuple[bool, bool, bool] = (False, True, True), new: float = 60_000.0) -> pd.DataFrame:
    names = ["years", "horizon", "known", "newcomers", "cost", "equity", "low", "high"]
    rows = [
        [1, 52.18, 20_000.0, 25_000.0, 5_000.0, 40_000.0, 30_000.0, 50_000.0],
        [2, 104.36, 30_000.0, new / 2, 0.0, 30_000 + new / 2, 20_000.0, 99_000.0],
        [3, 156.54, 40_000.0, new, 0.0, 40_000 + new, 20_000.0, 200_000.0],
    ]
    return pd.DataFrame(rows, columns=names).assign(scenario=scenario)


def test_years_beyond_the_record_are_called_scenarios() -> None:
    finding = said.years(table(), 52.18, TERMS, "EUR")
    assert finding.text == (
        "Further ahead than 52 weeks no record reaches: these are **scenarios**, a range over models, over what the trend does, and over "
        "chance."
    )
    one, two, three = (finding.parts[name] for name in ("equity_one_year", "equity_two_years", "equity_three_years"))
    assert [each.label for each in (one, two, three)] == [
        "Customer equity within one year",
        "Customer equity within two years",
        "Customer equity within three years",
    ]
    assert one.reason == "The interval that the record gives is that of customer equity above."
    assert three.reason == "A scenario: 20,000 to 200,000, depending on models, trend and chance; no record reaches so far."
    assert {(each.interval, each.grade, each.weakest) for each in (one, two, three)} == {(None, "assumed", "margin")}
    assert seen(finding)[3].split(" / ")[1].endswith(", scenario")
    assert seen(finding)[3].startswith(
        "equity_years: Customer equity by horizon (EUR); low and high: over purchase models, a trend that stops or goes on, and chance | "
        "{} | years, known, newcomers, cost, equity, low, high, kind | 1, 2e+04, 2.5e+04, 5000, 4e+04, 3e+04, 5e+04, within the "
        "record / 2, "
    )
    none = said.years(table((True, True, True)), 20.0, TERMS, "EUR")
    assert none.text == (
        "No record reaches a year ahead, so all three are **scenarios**: a range over models, over what the trend does, and over chance."
    )
    gone = said.years(NOBODY, 20.0, TERMS, "EUR")
    assert gone.text == "" and gone.parts["equity_two_years"].reason == NOBODY.why and gone.without == {"equity_years": NOBODY.why}


MOVED = pd.DataFrame(
    {
        "what": ["margin", "how many come"],
        "low": ["24%", "a fifth fewer"],
        "high": ["36%", "a fifth more"],
        "at_low": [31_000.0, 36_000.0],
        "at_high": [49_000.0, 44_000.0],
        "apart": [18_000.0, 8_000.0],
    }
)


def test_what_equity_hangs_on_is_named() -> None:
    finding = said.hangs_on(MOVED, found(), 25.0, "EUR")
    assert finding.text == (
        "Most hangs on margin: moved as the table says, it moves equity by 18,000 EUR. Next is how many come. Winning one costs 5.00 EUR, "
        "as it was given; at up to {break_even_cost:value} each, newcomers pay for themselves in that time."
    )
    assert told(finding)[:3] == [
        "break_even_cost | What winning a newcomer may cost before newcomers bring no more within the horizon than they cost | 25 EUR",
        "sensitivity | Customer equity within 52 weeks with one assumption moved at a time (EUR) | what, low, high, at_low, at_high, apart",
        "tornado | What moves customer equity most: margin | Each bar: customer equity with one assumption at its low and at its high "
        "setting, the others as they are. | What moves customer equity most: margin. margin: low 24%, at low 31,000, high 36%, at high "
        "49,000; how many come: low a fifth fewer, at low 36,000, high a fifth more, at high 44,000.",
    ]
    free = said.hangs_on(MOVED, found(cost=0.0), 25.0, "EUR")
    assert free.text.endswith(
        " What winning a newcomer costs was **not given** and is taken as nothing; at up to {break_even_cost:value} each, newcomers pay "
        "for "
        "themselves in that time."
    )
    nobody = said.hangs_on(MOVED, found(), Absent("Nobody is expected to come."), "EUR")
    assert nobody.text.endswith("Next is how many come.")
    assert nobody.parts["break_even_cost"].reason == "Nobody is expected to come."
    little = said.hangs_on(MOVED.assign(apart=[1.84, 0.8]), found(), 25.0, "EUR")
    assert "it moves equity by 2 EUR. Next is" in little.text
    assert "Winning one costs 0.50 EUR, as it was given" in said.hangs_on(MOVED, found(cost=0.5), 25.0, "EUR").text
    gone = said.hangs_on(NOBODY, NOBODY, NOBODY, "EUR")
    assert gone.text == "" and set(gone.without) == {"sensitivity", "tornado"}


def test_what_came_is_shown_where_it_is_known() -> None:
    came = pd.DataFrame({"known": [1.0, 2.0, 3.0], "newcomers": [4.0, 5.0, 6.0], "equity": [45_000.0, 50_000.0, 150_000.0]})
    finding = said.truth(table(), came, "EUR")
    assert finding.text == "On this simulated shop, whose future is known, every range holds what came."
    assert seen(finding)[0].startswith(
        "truth: What came to the simulated shop after its records, beside what they say (EUR) | {} | years, equity, low, high, came, "
        "from_known, from_newcomers, held | 1, 4e+04, 3e+04, 5e+04, 4.5e+04, 1, 4, yes"
    )
    missed = said.truth(table(), came.assign(equity=[10.0, 50_000.0, 1e9]), "EUR")
    assert missed.text == "On this simulated shop, whose future is known, 1 of 3 ranges hold what came."
    assert seen(missed)[0].split(" / ")[0].endswith(", no") and seen(missed)[0].split(" / ")[1].endswith(", yes")
    edge = said.truth(table(), came.assign(equity=[30_000.0, 99_000.0, 1e9]), "EUR")  # an end belongs to its range
    assert edge.text == "On this simulated shop, whose future is known, 2 of 3 ranges hold what came."
    assert said.truth(table(), Absent("not known"), "EUR").text == ""


DRIFT = Drift(Interval(-4.0, -6.0, -2.0), "2023", "2025")


@pytest.mark.parametrize(
    ("ends", "rule"),
    [
        ((1.0, 9.0), "The forecast of how many come missed by less than every rule without a model."),
        ((-9.0, -1.0), "How many come **is foretold better by a rule** without a model: the mean."),
        ((-1.0, 9.0), "How many come is foretold as well by a rule without a model: the mean."),
    ],
)
def test_in_short_says_the_value_its_parts_and_whether_a_rule_does_as_well(ends: tuple[float, float], rule: str) -> None:
    short = said.in_short(found(), KNOWN, counted(), table(), scores(*ends), DRIFT, TERMS, "EUR")
    assert short.text == (
        "Known and coming customers are expected to bring {customer_equity} in the next 52 weeks. Of it {known_value:value} (18,000 to "
        "22,000 if the model is right) come from customers known today; {newcomers_ahead} who are still to come bring the rest. Winning "
        f"them costs {{acquisition_total:value}}, at the cost that was given. {rule} But newcomers are **getting weaker**: at one age the "
        "cohort of 2025 had brought less than that of 2023."
    )
    assert told(short)[0].startswith(
        "equity_by_year | Newcomers are expected to bring more than the known within 3 years | Expected discounted profit within one, "
        "two and three years; "
        "lines: the range over models, trends and chance. | Newcomers are expected to bring more than the known within 3 years. 1: "
        "known 20,000, newcomers "
    )


def test_in_short_without_a_record_without_a_cost_and_with_a_number_given() -> None:
    nothing = Absent("too little")
    short = said.in_short(found(False, 0.0), KNOWN, counted(), table(new=1.0), nothing, nothing, TERMS, "EUR")
    assert short.text == (
        "Known and coming customers are expected to bring {customer_equity:value} in the next 52 weeks. **No interval is claimed**, "
        "because too few such statements have come due in these records. Of it {known_value:value} (18,000 to 22,000 if the model is "
        "right) come from customers known today; {newcomers_ahead} who are still to come bring the rest. What winning them costs was not "
        "given and is not in it: at up to {break_even_cost:value} each, they pay for themselves."
    )
    assert told(short)[0].startswith("equity_by_year | Newcomers are expected to bring less than the known, even within 3 years |")
    given = said.in_short(found(False), KNOWN, planned(100.0), nothing, nothing, nothing, TERMS, "EUR")
    assert given.text.startswith(
        "Known and coming customers are expected to bring {customer_equity:value} in the next 52 weeks. **No interval is claimed**, "
        "because the number of newcomers was given and not foretold."
    )
    assert given.without == {"equity_by_year": "too little"}
    few = said.in_short(found(False, 0.0, 0.6), KNOWN, planned(0.6), table(), nothing, nothing, TERMS, "EUR")
    assert few.text.endswith("each, they pay for themselves.")
    nobody = said.in_short(found(False, 5.0, 0.0), KNOWN, planned(0.0), table(), nothing, nothing, TERMS, "EUR")
    assert nobody.text.endswith("{newcomers_ahead} who are still to come bring the rest.")


def test_what_winning_newcomers_costs_counts_against_what_they_bring() -> None:
    dear = table(new=60_000.0).assign(cost=[0.0, 0.0, 30_000.0])
    short = said.in_short(found(True, 0.5, 1.0), KNOWN, counted(), dear, Absent("few"), Absent("few"), TERMS, "EUR")
    assert told(short)[0].startswith("equity_by_year | Newcomers are expected to bring less than the known, even within 3 years |")
    assert short.text.endswith("Winning them costs {acquisition_total:value}, at the cost that was given.")


def test_newcomers_who_bring_as_much_as_the_known_do_not_bring_more() -> None:
    even = said.in_short(found(), KNOWN, counted(), table(new=40_000.0), NOBODY, NOBODY, TERMS, "EUR")
    assert told(even)[0].startswith("equity_by_year | Newcomers are expected to bring less than the known, even within 3 years |")


def test_in_short_where_newcomers_cannot_be_foretold() -> None:
    short = said.in_short(NOBODY, KNOWN, NOBODY, NOBODY, NOBODY, NOBODY, TERMS, "EUR")
    assert short.text == (
        "**Newcomers cannot be foretold from these records**, so there is no customer equity: All first purchases lie in one quarter. What "
        "can be said is what the customers known today bring in the next 52 weeks: {known_value:value} (18,000 to 22,000 "
        "if the model is right)."
    )
    assert short.without == {"equity_by_year": NOBODY.why}
    nothing = said.in_short(NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, TERMS, "EUR")
    assert nothing.text == "**There is no customer equity**: All first purchases lie in one quarter."


def test_assumptions_are_graded() -> None:
    rows = said.assumptions("BG/NBD", counted(), TERMS, 5.0, "EUR")
    assert rows == [
        ("how many come", "level, trend and season of first purchases", "these records, scored at earlier dates", "measured"),
        ("the trend of arrivals dies out ahead", "half-lives of a quarter to four years, drawn", "no record tells it", "assumed"),
        ("newcomers are like the customers so far", "BG/NBD", "see whether cohorts drift", "assumed"),
        ("a first purchase brings what it did", "mean of the last year's", "these records", "measured"),
        ("cost of winning a newcomer", "5.00 EUR, paid when she comes", "given", "assumed"),
        ("margin", "30% of spend", "given", "assumed"),
        ("discount rate", "15.0% a year, continuous", "given", "assumed"),
        ("horizon", "52.0 weeks", "as far as past statements reach, unless given", "assumed"),
    ]
    given = said.assumptions("BG/NBD", planned(10.0), TERMS, 0.0, "EUR")
    assert given[:2] == [
        ("how many come", "a number of one's own", "given", "assumed"),
        ("newcomers come evenly over the year", "as many as were given", "given", "assumed"),
    ]
    assert given[4] == ("cost of winning a newcomer", "none", "not given", "assumed")
    little = said.assumptions("BG/NBD", counted(), TERMS, 0.5, "EUR")
    assert little[4] == ("cost of winning a newcomer", "0.50 EUR, paid when she comes", "given", "assumed")
