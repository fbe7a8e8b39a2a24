"""Survival tables of contracts: how many customers of a cohort are still there after 0, 1, 2, … renewals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from goodwill.data.audit import audit_frame
from goodwill.data.contract_counts import check_counts, counts_of_shares, whole_numbers, wide_form
from goodwill.data.contract_customers import PERIODS, Renewals, count_survivors, left_or_there, renewals_of_days, renewals_of_tenure
from goodwill.data.reading.addresses import shown
from goodwill.data.reading.answer_words import BLANKS
from goodwill.data.reading.answers import Told, plain, texts_of
from goodwill.data.reading.columns import named_column
from goodwill.data.reading.files import ROW, Fact, Source
from goodwill.data.reading.moments import read_moments
from goodwill.data.reading.sources import open_source
from goodwill.data.survey import read_case
from goodwill.errors import DataError
from goodwill.shown import Shown

BUILT_IN = "fader_hardie_2007"
FORMS = (("time", "customers"), ("tenure", "churned"), ("start", "end"))  # of such a table
# Headers (small letters, no blanks) that are usual for a role.
_USUAL: dict[str, tuple[str, ...]] = {
    "cohort": ("cohort", "kohorte", "批次", "队列"),
    "time": ("time", "renewals", "age", "zeit", "期数", "续约次数"),
    "customers": ("customers", "survivors", "subscribers", "kunden", "客户数", "人数"),
    "tenure": ("tenure", "tenuremonths", "monthsascustomer", "months", "duration", "lifetime", "laufzeit", "在网时长", "月数"),
    "churned": ("churned", "churn", "churnlabel", "ischurn", "left", "cancelled", "canceled", "exited", "gekündigt", "流失", "是否流失"),
    "start": ("start", "startdate", "begin", "begindate", "signup", "signupdate", "subscribed", "beginn", "开始日期", "签约日期"),
    "end": ("end", "enddate", "cancelledat", "canceledat", "cancellationdate", "churndate", "ended", "ende", "结束日期", "退订日期"),
}


@dataclass(frozen=True, repr=False)
class SurvivalTable(Shown):
    """Columns cohort, time and customers in `table`; `source` in words, `fingerprint` (SHA-256 of the content), and the `audit`.

    `counted` says that the source itself counts cohorts, and holds no row for each customer.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> found = gw.read_survival(pd.DataFrame({"cohort": "2020", "time": [0, 1, 2], "customers": [1000, 600, 450]}))
    >>> found.counted, found.table["customers"].tolist()
    (True, [1000, 600, 450])
    """

    table: pd.DataFrame
    source: str
    fingerprint: str
    audit: pd.DataFrame = field(default_factory=lambda: audit_frame([]))
    counted: bool = True


def read_survival(
    source: Any,
    *,
    cohort: str = "",
    time: str = "",
    customers: str = "",
    tenure: str = "",
    churned: str = "",
    start: str = "",
    end: str = "",
    period: str = "year",
    started: Sequence[str] = (),
    missing: Sequence[str] = (),
    date_format: str = "",
    encoding: str = "",
) -> SurvivalTable:
    """Read contracts: a row for each cohort and time, or a row for each customer.

    Parameters
    ----------
    source : "fader_hardie_2007" (two published cohorts, per cent of 1,000 subscribers over 12 years), a path, a DataFrame, an Ibis table,
        or an address (see `goodwill.read_transactions`)
    cohort : column with the name of the cohort; default `cohort`, where there is one; else all is one cohort
    time, customers : columns with the number of renewals since the start (0, 1, 2, …) and with how many are still there
    tenure, churned : of a table with a row for each customer: how many periods they have stayed, and whether they left
    start, end : of such a table: the day when the contract began, and when it ended, empty for who is still there
    period : "year", "month" or "week": how long one contract runs, for `start` and `end`
    started : number of customers at the start, where the table holds shares or per cent: ["1000"], or of single cohorts ["Regular:1000"]
    missing : texts that mean a missing value; of a single column with its name before it
    date_format : how days are written; default read from the data
    encoding : of a text file

    Raises
    ------
    DataError
        For a missing column, cells that hold no numbers, and cohorts that cannot be: a time twice, a time left out, more customers than
        before, nobody who leaves. Names cohort, time and row.
    TooLittle
        When no customer has come to a renewal.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"tenure": [1, 2, 2, 2], "churn": ["yes", "yes", "no", "no"]})
    >>> read_survival(rows).table["customers"].tolist()
    [4, 3, 2]
    """
    if isinstance(source, str) and source == BUILT_IN:
        return _fader_hardie_2007()
    opened = _opened(source, encoding)
    told = {"cohort": cohort, "time": time, "customers": customers, "tenure": tenure, "churned": churned, "start": start, "end": end}
    names = _names(opened, told)
    loaded = opened.load(list(dict.fromkeys(names.values())))
    raw = loaded.table.to_pandas()
    if not len(raw):
        raise DataError(f"{opened.name} has no rows")
    cells = _Cells(opened.name, raw.pop(ROW).to_numpy() if ROW in raw else None, names, Told.of(missing, None, [*names.values(), *names]))
    if "time" in names:
        table, facts = cells.counted(raw, list([started] if isinstance(started, str) else started))
    else:
        table, facts = cells.of_customers(raw, period, date_format)
    audit = audit_frame([*loaded.facts, Fact("rows", len(raw), "read"), *facts])
    return SurvivalTable(in_order(table), opened.name, opened.fingerprint or "", audit, counted="time" in names)


def _opened(source: Any, encoding: str) -> Source:
    try:
        return open_source(source, encoding or None)
    except DataError as error:
        if isinstance(source, (str, Path)) and "There is no file" in str(error):
            raise DataError(f"There is no file '{shown(str(source))}'. The built-in table is {BUILT_IN}.") from None
        raise


def _names(opened: Source, told: Mapping[str, str]) -> dict[str, str]:
    """Which column has which role, of one of the three forms of such a table."""
    columns = [name for name in opened.columns if name]
    names = {role: named_column(role, name, columns, opened.name) for role, name in told.items() if name}
    plain_names = {re.sub(r"[\s_\-]", "", name).casefold(): name for name in columns if name not in names.values()}
    for role in (each for each in told if each not in names):
        found = [plain_names[word] for word in _USUAL[role] if word in plain_names]
        if found and found[0] not in names.values():
            names[role] = found[0]
    for form in FORMS:
        if set(form) <= names.keys():
            return {role: name for role, name in names.items() if role in (*form, "cohort")}
    if wide := wide_form(columns):
        raise DataError(f"{opened.name} {wide}")
    half = next(((form, role) for form in FORMS for role in form if role in names), None)
    lacks = next(role for role in half[0] if role not in names) if half else "time"
    raise DataError(
        f"{opened.name} has no column '{lacks}'; say which with {lacks}=. Needed are time= and customers= (a row for each cohort and "
        f"time), or of a row for each customer tenure= and churned=, or start= and end=. Its columns are {', '.join(columns)}. "
        f"{opened.note}".rstrip()
    )


@dataclass(frozen=True)
class _Cells:
    """The cells of a table of contracts, and the rows that they come from."""

    source: str
    rows: np.ndarray | None
    names: Mapping[str, str]
    told: Told

    def row(self, place: int) -> str:
        return str(place if self.rows is None else self.rows[place])

    def texts(self, raw: pd.DataFrame, role: str) -> pd.Series:
        """The trimmed texts of a role, empty where there is none and where a code says so."""
        name = self.names[role]
        texts = texts_of(raw[name])
        gone = texts.map(plain).isin({*BLANKS, *self.told.codes(name), *self.told.codes(role)})
        return texts.mask(gone, "").astype(object).rename(name)

    def labels(self, raw: pd.DataFrame) -> Any:
        """The cohort of each row."""
        if "cohort" not in self.names:
            return np.full(len(raw), "all customers", object)
        return self.texts(raw, "cohort").replace("", "(not stated)").to_numpy(object)

    def counted(self, raw: pd.DataFrame, started: list[str]) -> tuple[pd.DataFrame, list[Fact]]:
        """A table with a row for each cohort and time."""
        time = whole_numbers(self.texts(raw, "time"), self.source, self.row).astype(int)
        there = whole_numbers(self.texts(raw, "customers"), self.source, self.row, shares=True, started=bool(started))
        table = pd.DataFrame({"cohort": self.labels(raw), "time": time, "customers": there})
        check_counts(table, self.source, self.row)
        table, facts = counts_of_shares(table, started, self.source)
        return table.astype({"customers": int}), facts

    def of_customers(self, raw: pd.DataFrame, period: str, date_format: str) -> tuple[pd.DataFrame, list[Fact]]:
        """A table with a row for each customer."""
        if period not in PERIODS:
            raise DataError(f"period={period!r}; use one of {', '.join(PERIODS)}")
        told = {role: self.names[role] for role in ("tenure", "churned", "start") if role in self.names}
        coded = [self.texts(raw, role).eq("") & texts_of(raw[name]).ne("") for role, name in told.items()]
        stays = ~np.logical_or.reduce([each.to_numpy(bool) for each in coded])
        kept = _Cells(self.source, np.arange(len(raw))[stays] if self.rows is None else self.rows[stays], self.names, self.told)
        part = raw[stays].reset_index(drop=True)
        if not len(part):
            raise DataError(f"{self.source}: every row has a missing value that was told; none is left to count")
        facts = [Fact("customers with a missing value", int((~stays).sum()), "left out as told")] if not stays.all() else []
        renewed, ended, more = kept._by_tenure(part) if "tenure" in told else kept._by_days(part, period, date_format)
        table, found = count_survivors(Renewals(renewed, ended, kept.labels(part)))
        return table, [*facts, *more, *found]

    def _by_tenure(self, raw: pd.DataFrame) -> tuple[Any, Any, list[Fact]]:
        ended = left_or_there(self.texts(raw, "churned"), self.names["churned"], self.source, self.row)
        renewed = renewals_of_tenure(self.texts(raw, "tenure"), ended, self.names["tenure"], self.source, self.row)
        return (
            renewed,
            ended,
            [Fact("customers", len(raw), f"{int(ended.sum()):,} of them left; after 3 periods means at renewal 3")],
        )

    def _by_days(self, raw: pd.DataFrame, period: str, date_format: str) -> tuple[Any, Any, list[Fact]]:
        days = {}
        for role in ("start", "end"):
            texts = self.texts(raw, role).replace("", None).astype("string")
            days[role] = read_moments(texts, f"{self.source}: column '{self.names[role]}'", self.row, date_format or None).at.dt.normalize()
        begun, over = days["start"], days["end"]
        odd = np.flatnonzero((begun.isna() | (over < begun)).to_numpy(bool))
        if len(odd):
            what = "has no day of its start" if begun.isna()[odd[0]] else f"ends ({over[odd[0]]:%Y-%m-%d}) before it starts"
            raise DataError(
                f"{self.source}: the contract in row {self.row(int(odd[0]))} {what} ({len(odd)} such); correct it or leave it out"
            )
        until = max(day for day in (begun.max(), over.max()) if not pd.isna(day))
        fact = Fact("customers", len(raw), f"{int(over.notna().sum()):,} of them left; watched until {until:%Y-%m-%d}, the last day there")
        renewed = renewals_of_days(begun, over, period, until)
        due = renewals_of_days(begun, over.mask(over.notna()), period, until)
        ended = over.notna().to_numpy(bool) & (renewed < due)  # who left before a renewal that is still to come is not lost at it yet
        return np.minimum(renewed, due), ended, [fact]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of each cohort by time, cohorts as they first appear: files hold rows in any order."""
    appears = {cohort: place for place, cohort in enumerate(table["cohort"].unique())}
    return table.sort_values(
        ["cohort", "time"], key=lambda c: c.map(appears) if c.name == "cohort" else c, kind="stable", ignore_index=True
    )


def _fader_hardie_2007() -> SurvivalTable:
    case = read_case("fader_hardie_2007_survival")
    parts = [
        pd.DataFrame({"cohort": name, "time": case["year"], "customers": (case[column] * 10).round().astype(int)})
        for name, column in (("Regular", "regular_percent"), ("High End", "high_end_percent"))
    ]
    table = pd.concat(parts, ignore_index=True)
    fingerprint = sha256(table.to_csv(index=False).encode()).hexdigest()
    return SurvivalTable(table, "Fader & Hardie (2007): two cohorts of 1,000 subscribers", fingerprint)
