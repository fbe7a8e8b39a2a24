"""One calendar: lengths that fit each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import goodwill as gw
from goodwill.calendar import DAYS_PER_GRAIN, DAYS_PER_QUARTER, DAYS_PER_UNIT, UNITS_PER_YEAR
from goodwill.strategies.catalogue import PERIODS


def test_twelve_months_four_quarters_and_one_year_are_365_and_a_quarter_days() -> None:
    assert 12 * DAYS_PER_UNIT["month"] == 4 * DAYS_PER_QUARTER == DAYS_PER_UNIT["year"] == 365.25
    assert UNITS_PER_YEAR == {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "year": 1.0}
    assert PERIODS == {"week": 7 / 365.25, "month": 1 / 12, "quarter": 1 / 4, "year": 1.0}


def test_a_grain_is_a_whole_number_of_days_and_as_long_as_its_unit() -> None:
    assert all(isinstance(days, int) and days == DAYS_PER_UNIT[grain] for grain, days in DAYS_PER_GRAIN.items())


@pytest.mark.parametrize("unit", list(DAYS_PER_UNIT))
def test_discounting_a_year_costs_the_annual_rate_in_every_unit(unit: str) -> None:
    assert gw.lifetime_value.discount_rate_per_unit(0.15, unit) * DAYS_PER_UNIT["year"] / DAYS_PER_UNIT[unit] == pytest.approx(
        0.139762, abs=1e-6
    )


def test_the_length_of_a_month_or_a_year_stands_in_the_calendar_only() -> None:
    library = Path(gw.__file__).parent
    code = {path.relative_to(library).as_posix(): path.read_text() for path in library.rglob("*.py")}
    assert [name for name, text in code.items() if re.search(r"\b30\.4375\b|\b365\.25\b", _without_prose(text))] == ["calendar.py"]


def _without_prose(text: str) -> str:
    return re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
