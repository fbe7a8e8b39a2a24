"""Dates have one reading, or the file decides, or the caller is asked."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.data.reading.dates import read_dates

MAY_DAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    "text",
    ["2024-05-01", "2024/5/1", "2024.05.01", "20240501", "2024年5月1日", "2024年05月01日", "2024 年 5 月 1 号", "1 May 2024", "May 1, 2024",
     "01-May-2024", "1st May 2024", "20240501134500"],
)  # fmt: skip
def test_forms_with_one_reading_are_read(text: str) -> None:
    assert read_dates([text]).dates == {text: MAY_DAY}


def test_one_day_above_twelve_decides_for_the_whole_column() -> None:
    assert read_dates(["01/05/2024", "13/05/2024"]).dates["01/05/2024"] == MAY_DAY
    assert read_dates(["05/01/2024", "05/13/2024"]).dates["05/01/2024"] == MAY_DAY


def test_both_orders_is_a_question() -> None:
    assert read_dates(["01/05/2024", "02/05/2024"]).question


def test_no_question_where_both_orders_say_the_same() -> None:
    assert not read_dates(["05/05/2024", "06/06/2024"]).question


def test_neither_order_fails() -> None:
    assert read_dates(["13/05/2024", "05/13/2024", "14/05/2024"]).failed == ("05/13/2024",)


def test_excel_serials_count_only_when_the_whole_column_is_serials() -> None:
    # 45413 is 2024-05-01 in Excel's 1900 date system.
    assert read_dates(["45413", "45413.5625"]).dates == {"45413": MAY_DAY, "45413.5625": MAY_DAY}
    assert read_dates(["45413", "2024-05-01"]).failed == ("45413",)
    assert read_dates(["99999"]).failed == ("99999",)


@pytest.mark.parametrize("text", ["2024-02-30", "0000-00-00", "soon", "13 Foo 2024", "2023-02-29"])
def test_what_is_no_date_fails(text: str) -> None:
    assert read_dates([text]).failed == (text,)


def test_a_told_form_is_the_only_form() -> None:
    assert read_dates(["01/05/24"], "%d/%m/%y").dates == {"01/05/24": MAY_DAY}
    assert read_dates(["2024-05-01"], "%d/%m/%Y").failed == ("2024-05-01",)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.dates(date(1990, 1, 1), date(2050, 12, 31)), min_size=1), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_undecided_orders_are_never_read_wrongly(days: list[date], form: str) -> None:
    result = read_dates({d.strftime(form) for d in days})
    assert result.question or all(result.dates[d.strftime(form)] == d for d in days)


@settings(deadline=None, derandomize=True)
@given(st.dates(date(1951, 1, 1), date(2098, 12, 31)))
def test_serials_of_excel_count_days(day: date) -> None:
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert read_dates([str(serial)]).dates[str(serial)] == day
