"""The words of notebook 10 about customers to come, each reached from data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import seen, told

from goodwill import lifetime_value as life
from goodwill.findings.finding import Absent
from goodwill.findings.purchases import newcomers as said
from goodwill.inference.track_record import Statement, TrackRecord, track_record
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.base_audit.cohorts import Drift
from goodwill.lifetime_value.equity.arrivals import PLANNED, Arrivals, planned
from goodwill.lifetime_value.equity.newcomers import Newcomers
from goodwill.lifetime_value.evidence.headline import Headline

TERMS = life.ValueTerms(52, 0.3, 0.15, "week")
END = date(2025, 6, 29)
NOBODY = Absent("All first purchases lie in one quarter.")
DRAWN = pd.DataFrame({"end": [END + timedelta(days=28)], "estimate": [100.0], "lower": [80.0], "upper": [120.0]})


@cache
def counted(growth: float = 0.0, periods: int = 20, season: float = 0.0, piled: bool = False) -> Newcomers:
    """First purchases that follow a growth per year and a season to the last one, so that chance decides nothing."""
    at = np.arange(periods)
    mean = 400 * np.exp(growth * (at - periods) / 13) * (1 + season * np.cos(2 * np.pi * at / 13))
    ends = [END - timedelta(days=28 * (periods - 1 - int(place))) for place in at]
    used = at >= (2 if piled else 0)
    starts = [end - timedelta(days=27) for end in ends]
    table = pd.DataFrame({"start": starts, "end": ends, "newcomers": np.round(mean).astype(int), "used": used})
    births = pd.Series(table["newcomers"].to_numpy(), pd.DatetimeIndex(ends))
    return Newcomers(table, END, "piled" if piled else "even", ends[1] if piled else None, births)


def record(statements: int = 3, held: bool = True) -> TrackRecord:
    ends = (90.0, 110.0) if held else (99.0, 101.0)
    days = [END - timedelta(days=364 * (place + 1)) for place in range(statements)]
    return track_record([Statement(day, day + timedelta(days=364), 100.0, *ends, 105.0) for day in days])


def headline(interval: bool = True, past: TrackRecord | None = None, why: str = "Too few windows have finished.") -> Headline:
    now = Statement(END, END + timedelta(days=364), 1200.0, 1000.0, 1400.0)
    table = pd.DataFrame({"made": [END], "came": [3.0]}) if past else pd.DataFrame()
    return Headline(now, Interval(1200.0, 900.0, 1500.0) if interval else None, None if interval else why, past, table)


def test_what_is_expected_is_told_with_its_record_its_growth_and_its_season() -> None:
    found = said.coming(counted(0.4, 39, 0.4), headline(past=record()), DRAWN, TERMS)
    assert found.text == (
        "Within 52 weeks {newcomers_ahead} are expected to buy for the first time. Said on 3 earlier dates, the model's own interval held "
        "what came on 3 of them. Their number **grew** by {newcomer_growth} a year. Ahead, the growth dies out; after how long is assumed, "
        "not measured. The same weeks of the year are alike in it: a season, which the forecast follows."
    )
    number, growth, past, drawn = told(found)[:4]
    assert number.startswith(
        "newcomers_ahead | Customers who will first buy within 52 weeks | 1200 [900, 1500] customers | grade measured | weakest number of "
        "newcomers | track_record {"
    )
    assert growth.startswith("newcomer_growth | Growth of the number of newcomers | 0.") and growth.endswith("] share")
    assert past == (
        "newcomers_past | The same number foretold on earlier dates, and what came; error: logarithm of what came over what was expected | "
        "made, came"
    )
    assert drawn == (
        "newcomers | More customers come from year to year, and 1,200 are expected within 52 weeks | First purchases in periods of four "
        "weeks, counted back from the last day, and those expected. | More customers come from year to year, and 1,200 are expected within "
        "52 weeks. 2025-07-27: estimate 100, lower 80, upper 120."
    )


def test_a_fall_is_told_as_one_and_its_sign_is_not_told_twice() -> None:
    found = said.coming(counted(-0.4), headline(past=record(1, held=True)), DRAWN, TERMS)
    assert found.text == (
        "Within 52 weeks {newcomers_ahead} are expected to buy for the first time. Said on one earlier date, the model's own interval held "
        "what came. Their number **fell** by {newcomer_fall} a year. Ahead, the fall dies out; after how long is assumed, not measured. "
        "Two years are not there, so a season cannot be told from a trend, and none is in the forecast."
    )
    fall = found.parts["newcomer_fall"]
    assert fall.label == "Fall of the number of newcomers" and fall.unit == "share"
    assert 0 < fall.value.lower < fall.value.estimate < fall.value.upper
    assert told(found)[-2].startswith("newcomers | Fewer customers come from year to year, and 1,200 are expected within 52 weeks |")


def test_without_a_record_no_interval_is_claimed() -> None:
    found = said.coming(counted(0.0, 39), headline(interval=False), Absent("no"), TERMS)
    assert found.text == (
        "Within 52 weeks {newcomers_ahead:value} are expected to buy for the first time. **No interval is claimed.** Too few windows have "
        "finished. If the model were right, it would be 1,000 to 1,400. No such statement has come due in these records. Growth and fall "
        "of their number are **not told apart**: {newcomer_growth} a year. No season is told apart in it."
    )
    number = found.parts["newcomers_ahead"]
    assert (number.interval, number.model_interval, number.reason) == (None, (1000.0, 1400.0), "Too few windows have finished.")
    assert "newcomers" not in found.parts
    one = said.coming(counted(), headline(past=record(1, held=False)), DRAWN, TERMS)
    assert "Said on one earlier date, the model's own interval did not hold what came." in one.text
    assert told(one)[3].startswith("newcomers | 1,200 newcomers are expected within 52 weeks |")


def test_a_pile_that_is_left_out_is_said() -> None:
    found = said.coming(counted(0.0, 20, piled=True), headline(), DRAWN, TERMS)
    assert found.text.endswith(
        " Until 2024-02-11 first purchases pile up, because old customers are seen there for the first time; these periods are left out. "
        "Slow old customers who are first seen later remain, and lift the numbers."
    )


def test_a_number_that_is_given_is_no_forecast() -> None:
    given = planned(1200.0)
    found = said.coming(given, life.newcomers_ahead(given, 364, END), Absent("none"), TERMS)
    assert found.text == "Within 52 weeks {newcomers_ahead:value} will buy for the first time, because that number was given."
    assert told(found)[:2] == [
        "newcomers_ahead | Customers who will first buy within 52 weeks | 1196 customers | grade assumed | weakest number given",
        f"newcomer_growth | Growth of the number of newcomers | none share: {PLANNED}",
    ]
    assert found.without == {"newcomers": PLANNED}


def test_where_nobody_can_be_counted_the_reason_stands_at_each_name() -> None:
    found = said.coming(NOBODY, NOBODY, NOBODY, TERMS)
    assert told(found) == [
        "newcomers_ahead | Customers who will first buy within 52 weeks | none customers: All first purchases lie in one quarter.",
        "newcomer_growth | Growth of the number of newcomers | none share: All first purchases lie in one quarter.",
        "absent: All first purchases lie in one quarter.",
    ]
    assert found.without == {"newcomers": NOBODY.why}
    unknown = said.coming(counted(), Absent("Less than a year."), DRAWN, TERMS)  # counted, but not foretold
    assert unknown.text == "Less than a year." and unknown.parts["newcomers_ahead"].reason == "Less than a year."
    quiet = said.rules(NOBODY, NOBODY)
    assert told(quiet) == [
        "newcomer_rule | The rule without a model that foretold newcomers best | none: All first purchases lie in one quarter."
    ]
    assert quiet.without == {"newcomer_rules": "All first purchases lie in one quarter."}
    few = said.rules(Absent("Two windows are too few."), counted())
    assert told(few)[0] == "newcomer_rule | The rule without a model that foretold newcomers best | none: Two windows are too few."
    assert few.text == "Two windows are too few." and few.without == {"newcomer_rules": "Two windows are too few."}


def scores(lower: float, upper: float) -> life.RuleScores:
    rows = [["this forecast", 8, 1.0, 40.0, 1.0, np.nan, np.nan, np.nan]]
    rows += [[rule, 8, 2.0, miss, np.nan, 5.0, lower, upper] for rule, miss in (("the last one", 50.0), ("the mean", 45.0))]
    columns = ["rule", "windows", "bias", "miss", "held", "worse", "lower", "upper"]
    return life.RuleScores(pd.DataFrame(rows, columns=columns), pd.DataFrame({"made": range(8)}))


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((1.0, 9.0), "Over 8 windows of twelve weeks the forecast missed by less than each of the rules."),
        (
            (-9.0, -1.0),
            "Over 8 windows of twelve weeks **a rule without a model missed by less** than the forecast: the mean. Use it.",
        ),
        (
            (-1.0, 9.0),
            "Over 8 windows of twelve weeks **a rule without a model does as well**: the mean missed by 45 customers in the mean, the "
            "forecast by 40. What the rule lacks is an interval.",
        ),
    ],
)
def test_a_rule_that_does_as_well_is_named(ends: tuple[float, float], text: str) -> None:
    found = said.rules(scores(*ends), counted())
    assert found.text == text
    best, table = seen(found)[:2]
    assert best == "newcomer_rule = the mean | The rule without a model that foretold newcomers best"
    assert table.startswith(
        "newcomer_rules: Newcomers of windows of twelve weeks that do not overlap, foretold from what was known before each | "
        "{'intervals that held': '{:.0%}'} | rule, windows, mean error, mean miss, intervals that held, missed by more, lower, upper | "
        "this forecast, 8, 1, 40, 1, nan, nan, nan / the last one, 8, 2, 50, nan, 5"
    )


def test_a_single_rule_that_foretold_better_is_enough() -> None:
    mixed = scores(1.0, 9.0)
    mixed.table.loc[1, ["lower", "upper"]] = -9.0, -1.0
    assert said.rule_verdict(mixed) == ("worse", "the last one")


NO_DRIFT = Absent("Less than two cohorts are old enough.")
UNKNOWN = "Whether newcomers get better or weaker cannot be said here: Less than two cohorts are old enough."


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        (Interval(30.0, 28.0, 32.0), "Customers who are old enough had brought **more** by that age: {measured_worth}."),
        (Interval(20.0, 18.0, 22.0), "Customers who are old enough had brought **less** by that age: {measured_worth}."),
        (
            Interval(26.0, 24.0, 28.0),
            "Customers who are old enough had brought {measured_worth} by that age, not told apart from it.",
        ),
    ],
)
def test_worth_stands_beside_what_was_measured(measured: Interval, text: str) -> None:
    alone, held = Interval(25.0, 23.0, 27.0), replace(headline(past=record()), interval=Interval(25.0, 20.0, 31.0))
    found = said.worth(held, alone, measured, NO_DRIFT, TERMS, "EUR")
    assert found.text == (
        "A newcomer is expected to bring {newcomer_worth} within 52 weeks of the first purchase, that purchase included. "
        + f"{text} {UNKNOWN}"
    )
    one, other = told(found)[:2]
    assert one.startswith(
        "newcomer_worth | Expected profit from a newcomer within 52 weeks of the first purchase | 25 [20, 31] EUR | grade assumed | "
        "weakest margin | track_record {"
    )
    assert other.startswith("measured_worth | What customers who are old enough had brought by that age |")


def test_worth_without_a_record_and_without_newcomers() -> None:
    alone = Interval(25.0, 23.0, 27.0)
    young = Absent("1 cohorts of four weeks are as old as 52 weeks.")
    found = said.worth(headline(interval=False), alone, young, NO_DRIFT, TERMS, "EUR")
    assert found.text == (
        "A newcomer is expected to bring {newcomer_worth:value} within 52 weeks of the first purchase, that purchase included. **No "
        "interval is claimed.** Too few windows have finished. 1 cohorts of four weeks are as old as 52 weeks. Whether newcomers get "
        "better or weaker cannot be said here: Less than two cohorts are old enough."
    )
    assert found.parts["measured_worth"].reason == young.why
    nobody = said.worth(NOBODY, alone, young, NO_DRIFT, TERMS, "EUR")
    assert nobody.text.startswith(
        "A newcomer is expected to bring {newcomer_worth:value} within 52 weeks of the first purchase, that purchase included. **No "
        "interval is claimed**, since no newcomers are foretold by whom such a statement could be held against its past."
    )
    assert (nobody.parts["newcomer_worth"].value, nobody.parts["newcomer_worth"].reason) == (25.0, NOBODY.why)
    assert nobody.parts["newcomer_worth"].model_interval == (23.0, 27.0)
    nothing = said.worth(NOBODY, NOBODY, NOBODY, NO_DRIFT, TERMS, "EUR")
    assert nothing.parts["measured_worth"].reason == NOBODY.why
    assert nothing.text == NOBODY.why and nothing.parts["newcomer_worth"].value is None


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((1.0, 9.0), "But newcomers are **getting better**: at one age the cohort of 2025 had brought more than that of 2023."),
        ((-9.0, -1.0), "But newcomers are **getting weaker**: at one age the cohort of 2025 had brought less than that of 2023."),
        ((-1.0, 9.0), "Whether newcomers get better or weaker is not told apart: cohorts of 2023 and of 2025, at one age."),
    ],
)
def test_drift_of_cohorts_is_said(ends: tuple[float, float], text: str) -> None:
    assert said.drift_in_words(Drift(Interval(4.0, *ends), "2023", "2025")) == text


def test_a_sure_season_is_sure() -> None:
    assert Arrivals(counted(0.0, 39, 0.4).counts).season > said.SURE > Arrivals(counted(0.0, 39).counts).season
