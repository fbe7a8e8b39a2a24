"""Complaint logs: read, put into order of time, and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.audit import audit_frame
from goodwill.data.reading.columns import named_column
from goodwill.data.reading.dates import read_dates
from goodwill.data.reading.files import ROW, Fact
from goodwill.data.reading.sources import open_source
from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("satisfied", "acceptable", "dissatisfied")
MOMENTS = ("opened", "answered", "closed")
_OPTIONAL = ("complaint_id", "customer_id", "answered", "closed", "outcome", "cause", "channel")
_CLOCK = re.compile(r"^(.*?)(?:[T\s]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*$")


@dataclass(frozen=True, eq=False, repr=False)
class Complaints(Shown):
    """A checked complaint log; made by `read_complaints`.

    Attributes
    ----------
    cases : one row per complaint, by `opened`: complaint_id, customer_id (texts), opened, answered, closed (moments, missing where it has
        not happened), outcome (satisfied, acceptable, dissatisfied or missing), cause, channel; optional columns that the source does not
        have are absent
    has_hours : whether there are times of day; without them promises in hours cannot be checked
    source, fingerprint : the source in words and the SHA-256 of its content
    audit : rule, rows, money (never: there is none), done
    """

    cases: pd.DataFrame
    has_hours: bool
    source: str
    fingerprint: str | None
    audit: pd.DataFrame

    def _said(self) -> str:
        return f"{self.source}, {len(self.cases):,} cases, {self.first} to {self.last}"

    def to_pandas(self) -> pd.DataFrame:
        """A copy of the cases."""
        return self.cases.copy()

    @property
    def first(self) -> Any:
        """Day of the first complaint."""
        return self.cases["opened"].min().date()

    @property
    def last(self) -> Any:
        """Day of the last moment in the log."""
        return max(self.cases[name].max() for name in MOMENTS if name in self.cases and self.cases[name].notna().any()).date()


def read_complaints(
    source: Any,
    *,
    complaint_id: str | None = None,
    customer_id: str | None = None,
    opened: str | None = None,
    answered: str | None = None,
    closed: str | None = None,
    outcome: str | None = None,
    cause: str | None = None,
    channel: str | None = None,
    date_format: str | None = None,
    missing: Sequence[str] = (),
    outcome_words: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Complaints:
    """Read and check a complaint log, one row per complaint.

    Parameters
    ----------
    source : a path, a DataFrame, an Ibis table, or an address (see `goodwill.read_transactions`)
    complaint_id, customer_id, opened, answered, closed, outcome, cause, channel : columns; default those of these names, all but
        `opened` optional
    date_format : how days are written, such as "%d/%m/%Y"; a time of day may follow; default read from the data
    missing : texts that mean a missing value
    outcome_words : what the log's own words stand for, such as {"solved": "satisfied"}
    encoding : of a text file

    Raises
    ------
    DataError
        For days that cannot be read, a complaint that is answered or closed before it was opened, the same complaint twice, and words for
        an outcome that are not known.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"opened": ["2024-05-01 09:00"], "answered": ["2024-05-01 09:40"], "outcome": ["solved"]})
    >>> read_complaints(log, outcome_words={"solved": "satisfied"}).cases.outcome.tolist()
    ['satisfied']
    """
    told = dict(zip(("opened", *_OPTIONAL), (opened, complaint_id, customer_id, answered, closed, outcome, cause, channel), strict=True))
    src = open_source(source, encoding)
    columns = [c for c in src.columns if c]
    names = {role: named_column(role, name, columns, src.name) for role, name in told.items() if name}
    names |= {role: role for role in told if role not in names and role in columns}
    if "opened" not in names:
        raise DataError(f"{src.name} has no column 'opened'; say which one holds the day a complaint was made (opened=)")
    loaded = src.load(list(dict.fromkeys(names.values())))
    raw = loaded.table.to_pandas()
    if not len(raw):
        raise DataError(f"{src.name} has no rows")
    where = raw.pop(ROW) if ROW in raw else None
    reader = _Reader(src.name, where, tuple(word.strip().casefold() for word in missing), date_format, [*loaded.facts])
    cases = reader.read(raw, names, dict(outcome_words or {}))
    moments = [cases[name] for name in MOMENTS if name in cases]
    hours = any((column.dropna() != column.dropna().dt.normalize()).any() for column in moments)
    return Complaints(cases, hours, src.name, src.fingerprint, audit_frame(reader.facts))


def read_told_counts(
    source: Any,
    *,
    told: str | None = None,
    outcome: str | None = None,
    weight: str | None = None,
    missing: Sequence[str] = (),
    outcome_words: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read how many people complainers say they told: columns told, outcome (missing where unknown) and weight, one row per answer.

    Parameters
    ----------
    source : a path, a DataFrame, an Ibis table, or an address (see `goodwill.read_transactions`)
    told, outcome, weight : columns; default those of these names; outcome and weight are optional
    missing, outcome_words, encoding : as in `read_complaints`

    Raises
    ------
    DataError
        For answers that are no whole numbers from 0 up.

    Examples
    --------
    >>> import pandas as pd
    >>> read_told_counts(pd.DataFrame({"told": ["3", "n/a", "0"]}))["told"].tolist()
    [3.0, 0.0]
    """
    import pandas as pd

    src = open_source(source, encoding)
    columns = [c for c in src.columns if c]
    names = {r: named_column(r, name, columns, src.name) for r, name in (("told", told), ("outcome", outcome), ("weight", weight)) if name}
    names |= {role: role for role in ("told", "outcome", "weight") if role not in names and role in columns}
    if "told" not in names:
        raise DataError(f"{src.name} has no column 'told'; say which one holds the number of people told (told=)")
    raw = src.load(list(dict.fromkeys(names.values()))).table.to_pandas()
    reader = _Reader(src.name, raw.pop(ROW) if ROW in raw else None, tuple(word.strip().casefold() for word in missing), None, [])
    texts = reader._texts(raw[names["told"]])
    counts = pd.to_numeric(texts, errors="coerce").astype(float)
    bad = np.flatnonzero((texts.notna() & (counts.isna() | (counts < 0) | (counts != np.floor(counts)))).to_numpy(bool, na_value=False))
    if len(bad):
        shown = texts.iloc[bad[0]]
        raise DataError(
            f"{src.name}: column '{names['told']}' holds {shown!r} in row {reader._row(bad[0])} ({len(bad)} such); a told-count is a whole "
            f"number from 0 up; pass missing=[{shown!r}] if it means no answer"
        )
    frame = pd.DataFrame({"told": counts})
    frame["outcome"] = reader._outcomes(raw[names["outcome"]], names["outcome"], dict(outcome_words or {})) if "outcome" in names else None
    frame["weight"] = pd.to_numeric(raw[names["weight"]], errors="coerce").fillna(0.0) if "weight" in names else 1.0
    if not counts.notna().any():
        raise DataError(f"{src.name}: nobody answered how many people they told")
    return frame[counts.notna()].reset_index(drop=True)


@dataclass
class _Reader:
    """Turns columns into checked ones and keeps the account of what it did."""

    source: str
    where: pd.Series | None
    missing: tuple[str, ...]
    date_format: str | None
    facts: list[Fact]

    def read(self, raw: pd.DataFrame, names: Mapping[str, str], words: Mapping[str, str]) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, Any] = {}
        for role, name in names.items():
            if role in MOMENTS:
                columns[role] = self._moments(raw[name], name)
            elif role == "outcome":
                columns[role] = self._outcomes(raw[name], name, words)
            else:
                columns[role] = self._texts(raw[name]).astype(object)
        cases = pd.DataFrame(columns)
        self.facts.append(Fact("complaints", len(cases), "read"))
        self._check(cases)
        undated = cases["opened"].isna()
        if undated.any():
            self.facts.append(Fact("no day of opening", int(undated.sum()), "left out"))
        for role in ("answered", "closed", "outcome", "customer_id"):
            if role in cases and cases[role].isna().any():
                self.facts.append(Fact(f"no {role.replace('_id', '')}", int(cases[role].isna().sum()), "kept; left out where it is needed"))
        if undated.all():
            raise DataError(f"{self.source}: no complaint has a day of opening")
        return cases[~undated].sort_values("opened", ignore_index=True, kind="stable")

    def _check(self, cases: pd.DataFrame) -> None:
        for role in ("answered", "closed"):
            if role in cases:
                before = np.flatnonzero((cases[role] < cases["opened"]).to_numpy())
                if len(before):
                    case = cases.iloc[before[0]]
                    raise DataError(
                        f"{self.source}: {len(before)} of {len(cases)} complaints are {role} before they were opened (first: row "
                        f"{self._row(before[0])}, opened {case['opened']}, {role} {case[role]}); correct the log or the columns"
                    )
        if "complaint_id" in cases:
            twice = np.flatnonzero((cases["complaint_id"].duplicated() & cases["complaint_id"].notna()).to_numpy())
            if len(twice):
                raise DataError(
                    f"{self.source}: {len(twice)} complaints stand there twice (first: row {self._row(twice[0])}, the same id as before); "
                    "keep one row each, or leave out complaint_id"
                )

    def _row(self, i: int) -> str:
        return str(i if self.where is None else self.where.iloc[i])

    def _texts(self, series: pd.Series) -> pd.Series:
        texts = series.astype("string").str.strip()
        return texts.mask(texts.str.casefold().isin(("", "nan", "none", "null", "n/a", *self.missing)))

    def _moments(self, series: pd.Series, name: str) -> pd.Series:
        """Days with times of day; missing where there is none."""
        import pandas as pd

        if pd.api.types.is_datetime64_any_dtype(series):
            return (series.dt.tz_localize(None) if series.dt.tz is not None else series).astype("datetime64[us]")
        texts = self._texts(series)
        parts = texts.str.extract(_CLOCK)
        day, clock = parts[0].str.strip(), parts[1]
        known = day.dropna()
        read = read_dates(known.unique().tolist(), self.date_format)
        if read.question:
            raise DataError(f"{self.source}: column '{name}': {read.question}; pass date_format='%d/%m/%Y' or '%m/%d/%Y'")
        if read.failed:
            bad = np.flatnonzero(day.isin(read.failed).to_numpy(bool, na_value=False))
            shown = texts.iloc[bad[0]]
            raise DataError(
                f"{self.source}: column '{name}' holds what is no day in {len(bad)} of {len(texts)} rows (first: row {self._row(bad[0])}, "
                f"{shown!r}); pass date_format= or missing=[{shown!r}]"
            )
        days = pd.to_datetime(day.map(read.dates), errors="raise")
        long = clock.where(clock.str.count(":") != 1, clock + ":00")
        return (days + pd.to_timedelta(long.fillna("0:00:00"))).astype("datetime64[us]")

    def _outcomes(self, series: pd.Series, name: str, words: Mapping[str, str]) -> pd.Series:
        """One of the three outcomes, or missing."""
        for word, outcome in words.items():
            if outcome not in OUTCOMES:
                raise DataError(f"outcome_words: '{word}' stands for '{outcome}', which is none of {', '.join(OUTCOMES)}")
        texts = self._texts(series)
        known = {outcome: outcome for outcome in OUTCOMES} | {word.casefold(): outcome for word, outcome in words.items()}
        outcomes = texts.str.casefold().map(known).astype(object)
        strange = np.flatnonzero((outcomes.isna() & texts.notna()).to_numpy())
        if len(strange):
            shown = texts.iloc[strange[0]]
            raise DataError(
                f"{self.source}: column '{name}' holds {shown!r} in row {self._row(strange[0])} ({len(strange)} such), which is none of "
                f"{', '.join(OUTCOMES)}; pass outcome_words={{{shown!r}: 'satisfied'}} or missing=[{shown!r}]"
            )
        return outcomes
