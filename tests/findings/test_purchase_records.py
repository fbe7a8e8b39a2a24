"""Every wording on the records behind purchase models, reached from data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.data.date_grain import DateGrain
from goodwill.findings.finding import Absent
from goodwill.findings.purchases.purchase_records import (
    calendar,
    dates,
    first_purchases,
    gap_in_words,
    p_in_words,
    pile_in_words,
    regularity,
    season_gap,
)
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.seasons import MONTHS, WEEKDAYS, CalendarProfile, SeasonGap
from goodwill.lifetime_value.evidence.windows import FirstPurchasePile
from goodwill.lifetime_value.richer.regularity import RegularityChoice


def pile(kind: str = "even", ratio: tuple[float, float, float] = (1.1, 0.9, 1.3), p: float = 0.2, until: Any = None) -> FirstPurchasePile:
    starts = pd.date_range("2025-01-06", periods=30, freq="7D")
    periods = pd.DataFrame({"start": starts, "births": np.arange(30) + 5, "expected": 10.0, "lower": 4.0, "upper": 16.0})
    return FirstPurchasePile(kind, Interval(*ratio), p, periods, until, date(2025, 1, 6), 84, 210)


def test_p_values_below_one_in_a_thousand_are_said_to_be_below() -> None:
    assert (p_in_words(0.0009), p_in_words(0.001), p_in_words(0.25)) == ("p < .001", "p = 0.001", "p = 0.250")


def test_first_purchases_are_drawn_with_what_they_say() -> None:
    assert told(first_purchases(pile())) == [
        "first_purchases | First purchases do not pile up at the start | First purchases per period, with the trend of the later half "
        "carried back and the 95 % range of a count. | First purchases. 2025-01-06: births 5; 2025-01-27: births 8; 2025-02-17: births 11; "
        "2025-03-10: births 14; 2025-03-31: births 17; 2025-04-21: births 20; 2025-05-12: births 23; 2025-06-02: births 26; "
        "2025-06-23: births 29; 2025-07-14: births 32.",
        "The first eighth of the time holds 1.10 [0.90, 1.30] times as many first purchases as the later trend gives (p = 0.200): "
        "no pile of old customers shows. Slow ones may still be among the new.",
    ]


@pytest.mark.parametrize(
    ("found", "title", "said"),
    [
        (
            pile("unclear", (np.nan,) * 3, np.nan),
            "Too few first purchases to tell whether they pile up at the start",
            "The data are too short, or first purchases too few, to see whether they pile up at the start.",
        ),
        (
            pile("cohort", (0.67, 0.5, 0.9), 0.996),
            "Customers were chosen by when they first bought: a cohort, without a pile at its start",
            "Nobody is first seen after 2025-03-30, 126 days before the data end: these customers were chosen by when they first bought, "
            "a cohort. Within these 84 days the first eighth holds 0.67 [0.50, 0.90] times as many first purchases as the later trend "
            "gives (p = 0.996), which is no pile. Whether they had bought before 2025-01-06 only its source can say.",
        ),
        (
            pile("cohort", (2.0, 1.01, 3.0), 0.02),
            "A cohort whose start holds more first purchases than its trend: some may be old customers",
            "Nobody is first seen after 2025-03-30, 126 days before the data end: these customers were chosen by when they first bought, "
            "a cohort. Within these 84 days the first eighth holds 2.00 [1.01, 3.00] times as many first purchases as the later trend "
            "gives (p = 0.020), which may be old customers. Whether they had bought before 2025-01-06 only its source can say.",
        ),
        (
            pile("piled", (2.34, 2.0, 2.7), 1e-9, date(2025, 4, 6)),
            "The start holds 2.3 times the first purchases of the later trend: old customers",
            "The first eighth of the time holds 2.34 [2.00, 2.70] times as many first purchases as the later trend gives (p &lt; .001). "
            "Part of these customers are old, and the log begins in the middle of their story; keep only those first seen after "
            "2025-04-06, or later, unless a season or a promotion explains the start.",
        ),
        (
            pile("unclear", (1.5, 0.9, 2.5), 0.08),
            "First purchases are too few to tell whether they pile up at the start",
            "The first eighth of the time holds 1.50 [0.90, 2.50] times as many first purchases as the later trend gives (p = 0.080): "
            "too few to tell whether the log begins in the middle of the story.",
        ),
    ],
    ids=["too few", "cohort", "piled cohort", "piled", "unclear"],
)
def test_each_kind_of_start_has_its_title_and_its_sentence(found: FirstPurchasePile, title: str, said: str) -> None:
    assert pile_in_words(found) == said
    shown = first_purchases(found)
    assert shown.text == said
    assert " ".join(shown.parts["first_purchases"].figure.get_suptitle().split()) == title  # type: ignore[union-attr]


def test_a_cohort_whose_pile_may_be_chance_is_no_pile() -> None:
    assert "which is no pile" in pile_in_words(pile("cohort", (1.5, 1.0, 2.0), 0.05))


def peaks(*occasions: str) -> pd.DataFrame:
    days = pd.date_range("2025-06-18", periods=len(occasions), freq="30D")
    columns = {"date": days, "purchases": 30, "expected": 10.0, "ratio": 3.04, "lower": 2.0, "upper": 4.0, "p_value": 1e-9}
    return pd.DataFrame(columns | {"occasion": list(occasions)})


def profile(flat: bool = True, out: int = 0, named: tuple[str, ...] = (), season: bool = False) -> CalendarProfile:
    ratio = np.array([1.08, 1.0, 1.0, 1.0, 1.0, 0.97, 0.9])
    half = 0.2 if flat else 0.05
    weekdays = pd.DataFrame({"weekday": WEEKDAYS, "purchases": 10, "ratio": ratio, "lower": ratio - half, "upper": ratio + half})
    starts = pd.date_range("2025-01-06", periods=60, freq="7D")
    weeks = pd.DataFrame({"start": starts, "purchases": 70, "level": 70.0, "ratio": 1.0, "sticks_out": np.arange(60) < out})
    weeks["occasion"] = np.where(weeks.index == 1, "New Year", "")
    strength = np.where(np.arange(12) == 10, 1.5, 0.95)
    seasons = pd.DataFrame({"name": MONTHS, "ratio": strength, "lower": strength - 0.1, "upper": strength + 0.1}) if season else None
    return CalendarProfile(weekdays, weeks, pd.DataFrame(), peaks(*named), seasons, 420 / 365.25)


def test_a_calendar_in_which_nothing_sticks_out() -> None:
    assert told(calendar(profile())) == [
        "calendar | No day sticks out; with 14 months of data a season cannot be told from a trend | Repeat purchases per week with their "
        "local level; days that chance does not explain are marked. Right: ratios to the mean, with 95 % intervals. | Repeat purchases by "
        "weekday, ratio to the mean. Monday: ratio 1.08; Tuesday: ratio 1; Wednesday: ratio 1; Thursday: ratio 1; Friday: ratio 1; "
        "Saturday: ratio 0.97; Sunday: ratio 0.9.",
        "No single day sticks out. With 14 months of data a season cannot be told from a trend.",
    ]


@pytest.mark.parametrize(
    ("found", "title", "said"),
    [
        (
            profile(flat=False, out=1, named=("",)),
            "1 day sticks out of 420; with 14 months of data a season cannot be told from a trend",
            "Mondays see 1.08 and Sundays 0.90 times the purchases of a mean day. 1 day sticks out: 2025-06-18 (no known occasion, 3.0 "
            "times). 1 week sticks out, that from 2025-01-06. With 14 months of data a season cannot be told from a trend.",
        ),
        (
            profile(out=4, named=("618", "", "", "")),
            "4 days stick out of 420; with 14 months of data a season cannot be told from a trend",
            "4 days stick out: 2025-06-18 (618, 3.0 times), 2025-07-18 (no known occasion, 3.0 times), 2025-08-17 (no known occasion, 3.0 "
            "times) and 2025-09-16 (no known occasion, 3.0 times). 4 weeks stick out, those from 2025-01-06, 2025-01-13 (New Year), "
            "2025-01-20 and 2025-01-27. With 14 months of data a season cannot be told from a trend.",
        ),
        (
            profile(out=5, named=("618", "", "", "", "")),
            "5 days stick out of 420; with 14 months of data a season cannot be told from a trend",
            "5 days stick out, among them 2025-06-18 (618, 3.0 times), 2025-07-18 (no known occasion, 3.0 times), 2025-08-17 (no known "
            "occasion, 3.0 times) and 2025-09-16 (no known occasion, 3.0 times). 5 weeks stick out, among them those from 2025-01-06, "
            "2025-01-13 (New Year), 2025-01-20 and 2025-01-27. With 14 months of data a season cannot be told from a trend.",
        ),
        (
            profile(season=True),
            "November sees 1.50 times the mean month",
            "No single day sticks out. The strongest month is November, 1.50 [1.40, 1.60] times the mean month.",
        ),
        (
            profile(season=True, named=("618", "618")),
            "November sees 1.50 times the mean month; 618 sticks out",
            "2 days stick out: 2025-06-18 (618, 3.0 times) and 2025-07-18 (618, 3.0 times). The strongest month is November, 1.50 [1.40, "
            "1.60] times the mean month.",
        ),
        (
            profile(season=True, named=("", "618")),
            "November sees 1.50 times the mean month; 618 sticks out",
            "2 days stick out: 2025-06-18 (no known occasion, 3.0 times) and 2025-07-18 (618, 3.0 times). The strongest month is November, "
            "1.50 [1.40, 1.60] times the mean month.",
        ),
        (
            profile(season=True, named=("618", "Double 11", "Christmas")),
            "November sees 1.50 times the mean month; 618 and Double 11 stick out",
            "3 days stick out: 2025-06-18 (618, 3.0 times), 2025-07-18 (Double 11, 3.0 times) and 2025-08-17 (Christmas, 3.0 times). The "
            "strongest month is November, 1.50 [1.40, 1.60] times the mean month.",
        ),
    ],
    ids=["one", "four", "five", "season", "one occasion", "a known one", "occasions"],
)
def test_what_sticks_out_is_named(found: CalendarProfile, title: str, said: str) -> None:
    shown = calendar(found)
    assert shown.text == said
    assert " ".join(shown.parts["calendar"].figure.get_suptitle().split()) == title  # type: ignore[union-attr]


def test_weekdays_differ_only_where_both_ends_do() -> None:
    found = profile(flat=False)
    for column, at in (("lower", 0), ("upper", 6)):
        weekdays = found.weekdays.copy()
        weekdays.loc[at, column] = 1.0
        assert calendar(replace(found, weekdays=weekdays)).text.startswith("No single day")


def test_a_calendar_that_cannot_be_had_says_why() -> None:
    shown = calendar(Absent("Too few days."))
    assert (shown.parts, shown.text, shown.absent) == ({}, "Too few days.", Absent("Too few days."))


def gap(calibration: list[int], holdout: list[int], ratio: Interval | None = None, warns: bool = True) -> SeasonGap:
    months = np.arange(1, 13)
    columns = {"month": months, "name": MONTHS}
    shares = {name: np.isin(months, held) / 12 for name, held in (("calibration", calibration), ("holdout", holdout))}
    return SeasonGap(pd.DataFrame(columns | shares), 0.66, ratio, warns, 18.2)


APART = "Calibration and hold-out lie in different parts of the year (66% of their days are in the same months)."
UNKNOWN = "How much that changes cannot be measured with 18 months of data: a season needs two years."


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (gap([1], [1], warns=False), "Calibration and hold-out cover the year alike (66% of their days are in the same months)."),
        (gap([1, 2], [2, 3, 4]), f"{APART} Only the calibration holds January, and only the hold-out March and April. {UNKNOWN}"),
        (gap([1, 2], [2]), f"{APART} Only the calibration holds January. {UNKNOWN}"),
        (gap([2], [1, 2]), f"{APART} Only the hold-out holds January. {UNKNOWN}"),
        (gap([2], [2]), f"{APART} {UNKNOWN}"),
        (
            gap([2], [2], Interval(1.25, 0.95, 1.5)),
            f"{APART} By season alone a day of the hold-out sees +25% [−5%, +50%] purchases of a day of the calibration; "
            "no model here knows that.",
        ),
    ],
    ids=["alike", "both", "calibration", "hold-out", "neither", "measured"],
)
def test_the_gap_of_seasons_says_what_each_part_lacks(found: SeasonGap, said: str) -> None:
    assert gap_in_words(found) == said
    assert told(season_gap(found)) == [said]


COUNT = (
    "Purchases of one customer within that time have become one, and the models here, which count days, are misled by it. Count by the "
    "{period} instead (purchase_opportunities) and use the model that knows only periods (BetaGeoNBDByPeriod), or, where at most one "
    "purchase fits into a {period}, BetaGeoBetaBinom; or take dates from a source that knows the day."
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (DateGrain("week", "Monday", 7, 1.0, 52), "Every date is a Monday: it stands for a week, and no day of purchase is known."),
        (
            DateGrain("month", "first", 0, 0.984, 28),
            "98% of the dates are the first of a month: they stand for a month, and no day of purchase is known.",
        ),
        (DateGrain("month", "15", 0, 1.0, 28), "Every date is day 15 of a month: it stands for a month, and no day of purchase is known."),
        (
            DateGrain("quarter", "last", 0, 1.0, 28),
            "Every date is the last of a month: it stands for a quarter of the year, and no day of purchase is known.",
        ),
        (
            DateGrain("year", "first", 0, 1.0, 9),
            "Every date is the first of a month: it stands for a year, and no day of purchase is known.",
        ),
    ],
    ids=["week", "month", "15th", "quarter", "year"],
)
def test_coarse_dates_are_told_with_what_to_do(found: DateGrain, said: str) -> None:
    assert dates(found).text == f"{said} {COUNT.format(period=found.kind)}"


def test_a_rhythm_of_days_is_told_and_days_are_not() -> None:
    assert dates(DateGrain("days", "", 5, 1.0, 90)).text == (
        "Every date is 5 days apart from the next: it stands for 5 days, and no day of purchase is known. Purchases of one customer within "
        "that time have become one, and the models here, which count days, are misled by it. Take dates from a source that knows the day."
    )
    assert dates(DateGrain("day", "", 1, 1.0, 365)) == dates(DateGrain("day", "", 1, 0.5, 2))
    assert dates(DateGrain("day", "", 1, 1.0, 365)).text == ""


def test_a_short_log_shows_every_first_purchase_in_words() -> None:
    found = pile()
    short: Any = first_purchases(replace(found, periods=found.periods.head(12))).parts["first_purchases"]
    assert short.words.count("births") == 12


def choice(gains: list[float], feigned: float, k: int) -> RegularityChoice:
    table = pd.DataFrame({"log_likelihood": [-100.0 + gain for gain in gains], "gain": gains}, index=pd.Index([1, 2], name="k"))
    return RegularityChoice(table, k, feigned, {1: SimpleNamespace(n=50.0)})  # type: ignore[dict-item]


def test_a_gap_of_seasons_is_told_otherwise_where_the_model_knows_the_calendar() -> None:
    assert gap_in_words(gap([2], [2], Interval(1.25, 0.95, 1.5)), is_told=True) == (
        f"{APART} By season alone a day of the hold-out sees +25% [−5%, +50%] purchases of a day of the calibration; "
        "the calendar of the model is there to know that."
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            choice([0.0, -20.0], 0.0, 1),
            "By the likelihood of all gaps customers buy **at random moments** rather than at regular times: silence alone says who may "
            "have left, nobody is overdue.",
        ),
        (
            choice([0.0, 20.0], 30.0, 1),
            "Gaps of 2 stages are more likely than random ones, by 20.0 in all, but merging the purchases of a day feigns up to 30.0 of "
            "it: **regular times are not told apart from random moments**.",
        ),
        (
            choice([0.0, 0.5], 30.0, 1),
            "Gaps of 2 stages are more likely than random ones, by 0.5 in all, but merging the purchases of a day feigns up to 30.0 of "
            "it: **regular times are not told apart from random moments**.",
        ),
        (
            choice([0.0, 1220.0], 30.0, 2),
            "**Customers buy at regular times**: gaps of 2 stages are more likely than random ones, by 1,220.0 in all, of which merging "
            "the purchases of a day feigns at most 30.0. Who is overdue is more surely gone than a model of random moments says; "
            "BG/CNBD-2, which knows that, is among the models compared.",
        ),
    ],
)
def test_regular_times_are_told_from_random_moments(found: RegularityChoice, text: str) -> None:
    finding = regularity(found)
    assert finding.text == text
    assert finding.parts["regularity"].value == found.k
    assert finding.parts["regularity"].label == "Stages of a gap between purchases: 1 is at random, more is regular"
    assert finding.parts["regularities"].caption == "Log-likelihood of all purchases with their gaps, by stages of a gap"
    assert finding.parts["regularities"].formats == {"log_likelihood": "{:,.1f}", "gain": "{:,.1f}", "average": "{:+.4f}"}
    assert list(finding.parts["regularities"].frame) == ["k", "log_likelihood", "gain", "average"]
    assert finding.parts["regularities"].frame["average"].tolist() == [gain / 50 for gain in found.table["gain"]]
    assert regularity(Absent("Nobody came back.")).parts["regularity"].reason == "Nobody came back."
