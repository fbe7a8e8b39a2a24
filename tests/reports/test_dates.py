from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import UsageError
from goodwill.reports.sets.dates import NAMED, fill, relative_date


@pytest.mark.parametrize(
    ("name", "today", "day"),
    [
        ("today", date(2024, 3, 15), date(2024, 3, 15)),
        ("yesterday", date(2024, 1, 1), date(2023, 12, 31)),
        ("start_of_week", date(2024, 3, 15), date(2024, 3, 11)),
        ("end_of_last_week", date(2024, 3, 17), date(2024, 3, 10)),
        ("end_of_last_month", date(2024, 3, 31), date(2024, 2, 29)),
        ("start_of_last_month", date(2024, 1, 31), date(2023, 12, 1)),
        ("end_of_last_quarter", date(2024, 2, 1), date(2023, 12, 31)),
        ("start_of_quarter", date(2024, 12, 31), date(2024, 10, 1)),
        ("end_of_last_year", date(2024, 2, 29), date(2023, 12, 31)),
        ("today - 7 days", date(2024, 3, 1), date(2024, 2, 23)),
        ("today-1year", date(2024, 2, 29), date(2023, 2, 28)),
        ("end_of_last_month - 3 months", date(2024, 6, 15), date(2024, 2, 29)),
        ("yesterday + 2 weeks", date(2024, 3, 1), date(2024, 3, 14)),
        ("tomorrowish", date(2024, 3, 1), None),
    ],
)
def test_named_days(name: str, today: date, day: date | None):
    assert relative_date(name, today) == day


@settings(deadline=None, derandomize=True)
@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 400), st.sampled_from(["day", "week", "month", "year"]))
def test_a_shift_back_and_no_shift_keep_order(today: date, count: int, unit: str):
    back = relative_date(f"today - {count} {unit}s", today)
    assert back is not None
    assert back <= today
    assert relative_date(f"today + {count} {unit}", back) in (today, *(today - timedelta(days=n) for n in range(1, 4)))


@settings(deadline=None, derandomize=True)
@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_what_has_ended_ends_before_today(today: date):
    for name in NAMED:
        day = NAMED[name](today)
        assert day < today if name.startswith(("end", "yesterday")) else day <= today


def test_dates_in_a_text_are_resolved_and_other_braces_stay():
    text = "{yesterday} to {today}, not {region} {0} {'a': 1} {}"
    assert fill(text, date(2024, 1, 1)) == "2023-12-31 to 2024-01-01, not {region} {0} {'a': 1} {}"


def test_a_value_with_braces_is_not_read_again():
    assert fill("{a} {b}", date(2024, 1, 1), {"a": "{b}{today}", "b": "x"}) == "{b}{today} x"


@pytest.mark.parametrize(
    ("name", "near"), [("yesterdy", "yesterday"), ("regon", "region"), ("end_last_month - 1 day", "end_of_last_month")]
)
def test_a_misspelt_name_is_told(name: str, near: str):
    with pytest.raises(UsageError, match=f"did you mean '{near}'"):
        fill(f"{{{name}}}", date(2024, 1, 1), {"region": "north"})
