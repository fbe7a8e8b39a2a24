"""How long a day, a week, a month, a quarter and a year are: once, for all that counts time.

A year has 365.25 days and a month a twelfth of it, so that twelve months are a year and no leap day is lost.
"""

from __future__ import annotations

DAYS_PER_UNIT = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
DAYS_PER_QUARTER = 3 * DAYS_PER_UNIT["month"]
DAYS_PER_GRAIN = {"day": 1, "week": 7}  # purchases within one grain are one occasion
UNITS_PER_YEAR = {unit: DAYS_PER_UNIT["year"] / days for unit, days in DAYS_PER_UNIT.items()}
