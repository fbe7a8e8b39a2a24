from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from goodwill.errors import DataError
from goodwill.reports.sets.expectations import Expectations, Observed, last_whole_day, observe, shortfall

from .running import write_sales

TODAY = date(2024, 3, 5)
FULL = Observed(100, "2024-01-01", "2024-03-04", {"region": 0.01})


@pytest.mark.parametrize(
    ("last", "trim", "end"),
    [
        ("2024-03-04", None, None),  # yesterday is whole
        ("2024-03-05", None, "2024-03-04"),  # today is not over
        ("2024-03-09", None, "2024-03-04"),  # days to come are mistakes or plans
        ("2024-02-20", None, None),  # a feed that stopped ends the observation with it
        ("2024-03-04", True, "2024-03-03"),
        ("2024-02-20", True, "2024-02-19"),
        ("2024-03-05", True, "2024-03-04"),
        ("2024-03-05", False, None),
        (None, True, None),
    ],
)
def test_the_last_day_that_counts(last: str | None, trim: bool | None, end: str | None):
    found = last_whole_day(Observed(1, last, last, {}), TODAY, trim)
    assert (found.isoformat() if found else None) == end


def short(
    expects: Expectations, observed: Observed = FULL, end: date | None = None, before: Observed | None = None, rows: tuple[int, ...] = ()
):
    return shortfall(expects, observed, end, before, rows)


def test_data_that_reach_far_enough_are_fine_and_others_are_not():
    assert short(Expectations(through=date(2024, 3, 4))) == ""
    assert short(Expectations(through=date(2024, 3, 5))) == "the data end on 2024-03-04, before 2024-03-05, the day they should reach."
    trimmed = short(Expectations(through=date(2024, 3, 4)), end=date(2024, 3, 3))
    assert trimmed == "the last whole day of the data is 2024-03-03, before 2024-03-04, the day they should reach."


def test_thin_data_are_told():
    assert short(Expectations(minimum_rows=100)) == ""
    assert "100 rows, fewer than the 101" in short(Expectations(minimum_rows=101))


@pytest.mark.parametrize(
    ("share", "reason"), [(0.01, ""), (0.06, ""), (0.5, "the column 'region' is empty in 50.0% of the rows, before in 1.0%.")]
)
def test_a_column_that_empties_is_told(share: float, reason: str):
    now = Observed(100, None, None, {"region": share})
    assert short(Expectations(columns_as_before=True), now, before=FULL) == reason


def test_a_column_that_goes_is_told_and_a_new_one_is_fine():
    assert "the column 'region' is gone" in short(
        Expectations(columns_as_before=True), Observed(100, None, None, {"other": 0}), before=FULL
    )
    assert short(Expectations(columns_as_before=True), FULL, before=Observed(1, None, None, {})) == ""
    assert short(Expectations(columns_as_before=True)) == ""


@pytest.mark.parametrize(
    ("rows", "within", "is_fine"),
    [((), 0.1, True), ((90, 100, 111), 0.1, True), ((200, 210), 0.5, False), ((40, 50), 0.5, False), ((1,) * 20 + (100,) * 10, 0.1, True)],
)
def test_the_number_of_rows_is_held_against_the_median_of_the_last_ten_runs(rows: tuple[int, ...], within: float, is_fine: bool):
    assert (short(Expectations(rows_within=within), rows=rows) == "") == is_fine


@pytest.mark.slow
def test_a_file_is_observed_as_it_is(tmp_path: Path):
    path = tmp_path / "sales.csv"
    path.write_text("who,when,paid,region\na,2024-01-05,3,n/a\nb,2024-01-07,4,\nb,2024-01-06,5,north\nc,2024-01-06,5,south\n")
    found = observe(str(path), {"customer_id": "who", "date": "when", "amount": "paid", "missing": ["n/a"], "decimal": ""}, dated=True)
    assert (found.rows, found.first, found.last) == (4, "2024-01-05", "2024-01-07")
    assert found.empty == {"who": 0, "when": 0, "paid": 0, "region": 0.5}


def test_a_survey_has_rows_and_columns_but_no_days(tmp_path: Path):
    path = tmp_path / "answers.csv"
    path.write_text("satisfaction,loyalty\n1,2\n3,\n")
    assert observe(str(path), {}, dated=False) == Observed(2, None, None, {"satisfaction": 0, "loyalty": 0.5})


def test_unreadable_data_are_an_error(tmp_path: Path):
    path = tmp_path / "sales.csv"
    path.write_bytes(b"\x00\x01\x02")
    with pytest.raises(DataError):
        observe(str(path), {}, dated=True)
    assert observe(str(write_sales(path)), {}, dated=True).rows == 24
