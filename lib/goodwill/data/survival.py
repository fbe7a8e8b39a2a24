"""Survival tables of contracts: how many customers of a cohort are still there after 0, 1, 2, … renewals."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pandas as pd

from goodwill.data.held import Held, user_path
from goodwill.data.reading.addresses import shown
from goodwill.data.survey import read_case
from goodwill.errors import DataError
from goodwill.shown import Shown

BUILT_IN = "fader_hardie_2007"


@dataclass(frozen=True, repr=False)
class SurvivalTable(Shown):
    """Columns cohort, time and customers in `table`; `source` in words and `fingerprint` (SHA-256 of the content)."""

    table: pd.DataFrame
    source: str
    fingerprint: str


def read_survival(source: str | Path, *, cohort: str = "", time: str = "", customers: str = "") -> SurvivalTable:
    """Read a survival table.

    Parameters
    ----------
    source : str or Path
        "fader_hardie_2007" (two published cohorts, per cent of 1,000 subscribers over 12 years), or a CSV file with one row per
        cohort and period.
    cohort, time, customers : str, optional
        Names of the columns; by default `cohort` (may be absent: then all is one cohort), `time` (0, 1, 2, …) and `customers`.

    Raises
    ------
    DataError
        For a missing file or column, or cells that hold no whole numbers (names the first row).
    """
    if str(source) == BUILT_IN:
        return _fader_hardie_2007()
    path = user_path(str(source))
    if not path.is_file():
        raise DataError(f"There is no file '{shown(str(source))}'. The built-in table is {BUILT_IN}.")
    held = Held(path)
    with held.unchanged():
        raw = pd.read_csv(path.absolute(), dtype=str, encoding="utf-8-sig")  # of a relative path pandas would read "~" in its own way
    named = {"time": time or "time", "customers": customers or "customers"}
    for parameter, column in named.items():
        if column not in raw:
            raise DataError(f"{path.name} has no column '{column}'; say which with {parameter}=. Its columns are {', '.join(raw.columns)}.")
    if cohort and cohort not in raw:
        raise DataError(f"{path.name} has no column '{cohort}'; its columns are {', '.join(raw.columns)}.")
    numbers = {name: _whole(raw[column], path.name) for name, column in named.items()}
    label = raw.get(cohort or "cohort", "all customers")
    table = in_order(pd.DataFrame({"cohort": label, **numbers}))
    return SurvivalTable(table, path.name, held.fingerprint)


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of each cohort by time, cohorts as they first appear: files hold rows in any order."""
    appears = {cohort: place for place, cohort in enumerate(table["cohort"].unique())}
    return table.sort_values(
        ["cohort", "time"], key=lambda c: c.map(appears) if c.name == "cohort" else c, kind="stable", ignore_index=True
    )


def _whole(column: pd.Series, file: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    bad = numbers.isna() | (numbers < 0) | (numbers != numbers.round())
    if bad.any():
        first = int(bad.to_numpy().argmax())
        raise DataError(
            f"column '{column.name}' of {file} holds no whole number in {int(bad.sum())} of {len(column)} rows "
            f"(first: row {first + 2}, '{column.iloc[first]}'); counts of customers are needed, not shares"
        )
    return numbers.astype(int)


def _fader_hardie_2007() -> SurvivalTable:
    case = read_case("fader_hardie_2007_survival")
    parts = [
        pd.DataFrame({"cohort": name, "time": case["year"], "customers": (case[column] * 10).round().astype(int)})
        for name, column in (("Regular", "regular_percent"), ("High End", "high_end_percent"))
    ]
    table = pd.concat(parts, ignore_index=True)
    fingerprint = sha256(table.to_csv(index=False).encode()).hexdigest()
    return SurvivalTable(table, "Fader & Hardie (2007): two cohorts of 1,000 subscribers", fingerprint)
