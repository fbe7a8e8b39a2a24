"""Complaint logs: read, put into order of time, and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.audit import audit_frame
from goodwill.data.reading.answers import MOST_NAMED, Told, left_out, plain
from goodwill.data.reading.columns import named_column
from goodwill.data.reading.files import ROW, Fact
from goodwill.data.reading.moments import Moments, clock_of, far_away, read_moments, same_clock
from goodwill.data.reading.sources import open_source
from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("satisfied", "acceptable", "dissatisfied")
MOMENTS = ("opened", "answered", "closed")
_OPTIONAL = ("complaint_id", "customer_id", "answered", "closed", "outcome", "cause", "channel")
BLANKS = frozenset(("", "nan", "none", "null", "n/a", "nat"))
YEARS_OPEN = 5  # a moment so many years away from all others is asked about
_BAD = re.compile(r"un|not|dis|neg|bad|open|reject|nicht|schlecht|不|未|没|差", re.I)
_USUAL = re.compile(r"open|creat|received|date|submitted|eröffn|eingang|datum|日期|时间|投诉", re.I)


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

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> cases = pd.DataFrame({"customer_id": ["a", "b"], "opened": ["2025-01-05", "2025-02-06"], "outcome": ["satisfied", "dissatisfied"]})
    >>> log = gw.read_complaints(cases)
    >>> log.has_hours, log.cases["outcome"].tolist()
    (False, ['satisfied', 'dissatisfied'])
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
    outcome_words: Mapping[str, str] | Sequence[str] | None = None,
    encoding: str | None = None,
) -> Complaints:
    """Read and check a complaint log, one row per complaint.

    Parameters
    ----------
    source : a path, a DataFrame, an Ibis table, or an address (see `goodwill.read_transactions`)
    complaint_id, customer_id, opened, answered, closed, outcome, cause, channel : columns; default those of these names, all but
        `opened` optional
    date_format : how days are written, such as "%d/%m/%Y"; a time of day may follow; default read from the data
    missing : texts that mean a missing value; of a single column with its name before it, ["closed:open"]
    outcome_words : what the log's own words stand for, such as {"solved": "satisfied"} or ["solved:satisfied"]
    encoding : of a text file

    Raises
    ------
    DataError
        For days that cannot be read or are years away from all others, a complaint that is answered or closed before it was opened, the
        same complaint twice, and words for an outcome that are not known.

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
        near = next((c for c in columns if c not in names.values() and _USUAL.search(c)), None)
        hint = f" Did you mean opened={near!r}?" if near else ""
        raise DataError(
            f"{src.name} has no column 'opened'; say which one holds the day a complaint was made (opened=).{hint} "
            f"Its columns are {', '.join(columns[:30])}."
        )
    loaded = src.load(list(dict.fromkeys(names.values())))
    raw = loaded.table.to_pandas()
    if not len(raw):
        raise DataError(f"{src.name} has no rows")
    where = raw.pop(ROW) if ROW in raw else None
    reader = CaseReader(src.name, where, Told.of(missing, None, [*names.values(), *names]), date_format, [*loaded.facts])
    cases = reader.read(raw, names, words_of(outcome_words))
    moments = [cases[name] for name in MOMENTS if name in cases]
    hours = any((column.dropna() != column.dropna().dt.normalize()).any() for column in moments)
    return Complaints(cases, hours, src.name, src.fingerprint, audit_frame(reader.facts))


@dataclass
class CaseReader:
    """Turns columns into checked ones and keeps the account of what it did."""

    source: str
    where: pd.Series | None
    told: Told
    date_format: str | None
    facts: list[Fact]

    def read(self, raw: pd.DataFrame, names: Mapping[str, str], words: Mapping[str, str]) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, Any] = {}
        moments = {role: self._moments(raw[names[role]], role, names[role]) for role in MOMENTS if role in names}
        for role, name in names.items():
            if role in moments:
                columns[role] = self._on_one_clock(role, moments)
            elif role == "outcome":
                columns[role] = self.outcomes(raw[name], name, words)
            else:
                columns[role] = self.texts(raw[name], role, name).astype(object)
        cases = pd.DataFrame(columns)
        self._far_away(cases, raw, names)
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
                        f"{self.row(before[0])}, opened {case['opened']}, {role} {case[role]}); correct the log or the columns"
                    )
        if "complaint_id" in cases:
            twice = np.flatnonzero((cases["complaint_id"].duplicated() & cases["complaint_id"].notna()).to_numpy())
            if len(twice):
                raise DataError(
                    f"{self.source}: {len(twice)} complaints stand there twice (first: row {self.row(twice[0])}, the same id as before); "
                    "keep one row each, or leave out complaint_id"
                )

    def row(self, i: int) -> str:
        """The number of a row as a person sees it."""
        return str(i if self.where is None else self.where.iloc[i])

    def texts(self, series: pd.Series, role: str, name: str) -> pd.Series:
        """Trimmed texts, missing where there is none and where a code says so."""
        texts = series.astype("string").str.strip()
        none = BLANKS | self.told.codes(role) | self.told.codes(name)
        return texts.mask(np.array([plain(text) in none for text in texts.fillna("")]))

    def _moments(self, series: pd.Series, role: str, name: str) -> Moments:
        """Days with times of day; missing where there is none, and where a day stands for none."""
        import pandas as pd

        if pd.api.types.is_datetime64_any_dtype(series):
            found = clock_of(series)
        else:
            where = f"{self.source}: column '{name}'"
            found = read_moments(self.texts(series, role, name), where, self.row, self.date_format)
        if found.placeholders.any():
            at = np.flatnonzero(found.placeholders)
            done = f"taken as no moment: row {', '.join(self.row(int(i)) for i in at[:5])}"
            self.facts.append(Fact(f"days that stand for none: {role}", len(at), done))
        if found.form and found.form != "moments":
            self.facts.append(Fact(f"date format: {role}", None, f"read as {found.form}"))
        return found

    def _on_one_clock(self, role: str, moments: Mapping[str, Moments]) -> pd.Series:
        """The moments of a role on the clock of the opening; a day without a time is not before the opening on the same day."""
        mine, opened = moments[role], moments["opened"]
        zones = int(np.isfinite(mine.east).sum())
        if zones:
            done = "the clock as written is kept" if role == "opened" else "put on the clock of the opening"
            self.facts.append(Fact(f"time zones: {role}", zones, done))
        at = same_clock(mine, opened)
        same = ~mine.timed & opened.timed & (at.dt.normalize() == opened.at.dt.normalize()).to_numpy(bool)
        if same.any():
            done = f"has a day and no time, that of its opening: taken as {role} at once"
            self.facts.append(Fact(f"same day: {role}", int(same.sum()), done))
        return at.mask(same, opened.at)

    def _far_away(self, cases: pd.DataFrame, raw: pd.DataFrame, names: Mapping[str, str]) -> None:
        """Raise DataError for a moment that is years away from all the others."""
        for role in (each for each in MOMENTS if each in cases):
            known = cases[role].dropna()
            if not len(known) or not cases["opened"].notna().any():
                continue
            late = known[known > cases["opened"].max() + np.timedelta64(365 * YEARS_OPEN, "D")].index.tolist()
            odd = late or [known.index[place] for place in far_away(list(known), YEARS_OPEN)]
            if odd:
                shown, all_such = raw[names[role]].iloc[odd[0]], raw[names[role]].iloc[odd]
                raise DataError(
                    f"{self.source}: column '{names[role]}' holds {shown} in row {self.row(odd[0])}, years away from all other days; "
                    f"correct it, or {left_out(all_such, 'if it stands for no day', names[role])}"
                )

    def outcomes(self, series: pd.Series, name: str, words: Mapping[str, str]) -> pd.Series:
        """One of the three outcomes, or missing."""
        for word, outcome in words.items():
            if outcome not in OUTCOMES:
                raise DataError(f"outcome_words: '{word}' stands for '{outcome}', which is none of {', '.join(OUTCOMES)}")
        texts = self.texts(series, "outcome", name)
        known = {outcome: outcome for outcome in OUTCOMES} | {word.casefold(): outcome for word, outcome in words.items()}
        outcomes = texts.str.casefold().map(known).astype(object)
        strange = np.flatnonzero((outcomes.isna() & texts.notna()).to_numpy())
        if len(strange):
            shown = list(dict.fromkeys(texts.iloc[strange]))
            guess = ", ".join(repr(f"{word}:{OUTCOMES[2] if _BAD.search(word) else OUTCOMES[0]}") for word in shown[:MOST_NAMED])
            way = f"say what each stands for, such as outcome_words=[{guess}], or {left_out(shown, 'where they say nothing')}"
            if len(shown) > MOST_NAMED:
                way = f"it holds {len(shown)} different ones: pass another column"
            raise DataError(
                f"{self.source}: column '{name}' holds {shown[0]!r} in row {self.row(strange[0])} ({len(strange)} such), which is none of "
                f"{', '.join(OUTCOMES)}; {way}"
            )
        return outcomes


def words_of(told: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    """What the words of a log stand for: as a mapping, or as texts such as "solved:satisfied"."""
    if isinstance(told, Mapping):
        return dict(told)
    pairs = [str(text).rpartition(":") for text in ([told] if isinstance(told, str) else told or ())]
    wrong = next((word or outcome for word, colon, outcome in pairs if not colon or not word), None)
    if wrong is not None:
        raise DataError(f"outcome_words holds {wrong!r}; write a word, a colon and an outcome, such as 'solved:satisfied'")
    return {word: outcome.strip() for word, _, outcome in pairs}
