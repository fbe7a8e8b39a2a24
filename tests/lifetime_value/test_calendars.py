"""Calendars: which days a name holds, what is refused, and factors whose mean is 1."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.lifetime_value.evidence.seasons import occasion_of
from goodwill.lifetime_value.richer.calendars import calendar_of, factors_by_day, known_days


def days_of(text: str, first: str, last: str) -> list[str]:
    (named,) = calendar_of([text]).days
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return [str(day) for day in days[named.holds(days)]]


def test_known_names_hold_the_days_that_the_profile_of_peaks_names() -> None:
    days = np.arange(np.datetime64("2023-01-01"), np.datetime64("2026-01-01"))
    for name in known_days():
        (named,) = calendar_of([name]).days
        group = {"Black Friday": {"Thanksgiving", "Black Friday", "Cyber Monday"}}.get(name, {name})
        expected = np.array([occasion_of(day.astype(object)) in group for day in days])
        # A day that belongs to two occasions is counted for the first by the profile, and for both by a calendar.
        assert not (expected & ~named.holds(days)).any(), name
        assert (named.holds(days) & ~expected).sum() == (6 if name == "Christmas" else 0), name  # Double 12 lies within


def test_days_of_ones_own_come_back_every_year_or_not() -> None:
    assert days_of("sale: 02-28..03-01", "2024-01-01", "2025-12-31") == [
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
        "2025-02-28",
        "2025-03-01",
    ]
    assert days_of("turn: 12-31..01-01", "2024-12-30", "2025-01-02") == ["2024-12-31", "2025-01-01"]
    assert days_of("sale: 2024-03-01..2024-03-02, 2025-05-05", "2024-01-01", "2026-12-31") == ["2024-03-01", "2024-03-02", "2025-05-05"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sail", "calendar='sail': known without dates are Valentine's Day, Women's Day (3.8), 618, Double 11, Double 12, Christmas"),
        ("sale: 02-30", "calendar='sale: 02-30': '02-30' are no days; write 03-01..03-07, or 2025-03-01..2025-03-07"),
        ("sale: 2025-03-07..2025-03-01", "'2025-03-07..2025-03-01' are no days"),
        ("Christmas x500", "calendar='Christmas x500': a factor lies between 0.01 and 100; 1 is a day like any other"),
        (": 03-01", "calendar=': 03-01' is not understood; write a name and its days"),
    ],
)
def test_what_is_no_calendar_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(DataError) as error:
        calendar_of([text])
    assert said in str(error.value)


def test_a_name_stands_once() -> None:
    with pytest.raises(DataError, match="each once"):
        calendar_of(["Christmas", "christmas"])


def test_texts_and_calendars_are_the_same() -> None:
    texts = ["weeks", "Double 11", "Black Friday x2.5", "Box 3: 03-01", "sale: 2024-03-01..2024-03-07 + 2025-03-05 x1.25"]
    calendar = calendar_of(texts)
    assert calendar_of(calendar.items) == calendar
    assert [each.name for each in calendar.days] == ["Double 11", "Black Friday", "Box 3", "sale"]
    assert calendar_of("none") is None and calendar_of("estimated").weeks


def test_factors_have_the_mean_one_over_years_and_given_ones_their_ratio() -> None:
    calendar = calendar_of(["weeks", "Christmas x3", "618"])
    logs = np.random.default_rng(1).normal(0, 0.5, 53)
    factors = factors_by_day(calendar, logs, date(2001, 1, 1), 1461)
    assert abs(factors.mean() - 1) < 1e-12
    # A day of week 52 that is Christmas over one that is not.
    year = factors_by_day(calendar, logs, date(2023, 12, 25), 2)
    assert abs(year[0] / year[1] - 3) < 1e-12


def test_a_day_with_a_year_does_not_count_in_the_mean_of_the_year() -> None:
    calendar = calendar_of(["sale: 2024-03-01..2024-03-07 x2"])
    factors = factors_by_day(calendar, np.zeros(0), date(2024, 2, 29), 9)
    np.testing.assert_allclose(factors, [1, *[2] * 7, 1], rtol=1e-12)


def test_a_date_lies_in_the_same_week_in_a_leap_year() -> None:
    calendar, logs = calendar_of(["weeks"]), np.arange(52) / 10
    long, short = (factors_by_day(calendar, logs, date(year, 1, 1), days) for year, days in ((2024, 366), (2023, 365)))
    np.testing.assert_array_equal(np.delete(long, 59), short)
    assert long[59] == long[58] == short[58]  # 29 February, with the 28th


def test_weeks_are_believed_by_their_steps_round_the_year() -> None:
    """A whole year that is higher by one factor has no steps, and only its mean is held near 1, by which factors are divided anyhow."""
    from goodwill.lifetime_value.richer.season_estimates import FIRST, LEVEL, NAMED, _beliefs

    believed = _beliefs(calendar_of(["weeks", "618"]))
    level, step, named = np.append(np.ones(52), 0), np.zeros(53), np.zeros(53)
    step[51], named[52] = 1.0, 1.0
    for beta, expected in ((level, LEVEL**-2), (step, 2 * FIRST**-2 + (LEVEL * 52) ** -2), (named, NAMED**-2)):
        assert abs(beta @ believed.precision @ beta - expected) < 1e-9 * expected
    assert _beliefs(calendar_of(["618", "Double 11"])).precision.shape == (2, 2)
