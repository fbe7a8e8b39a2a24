"""Work sheets on service: which printed promises a log can check, and complaints by a list of codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson

HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
TIMES = ("response_time", "onsite_time", "repair_time", "delivery_time")  # a log shows when they start and end
COUNTS = ("free_checks", "events_per_year", "surveys_per_year", "complaints")  # a year's record shows how many there were
NO_NUMBER = "no number is printed"
A_TERM = "a term that is granted, not a time that is kept: read the contract"
NO_PROMISE = "no promise to customers"


def promise_sheet(levels: pd.DataFrame) -> pd.DataFrame:
    """Printed service levels, each with what would check it.

    Parameters
    ----------
    levels : company, service_en, metric, operator, value_low, value_high, unit, as `gw.read_case("service_levels")`

    Returns
    -------
    DataFrame
        company, service, metric, at_least, at_most [hours where it is a time, else the printed unit], needs ("times of a log", "a year's
        count" or empty) and why_not: why nothing checks it, else empty.

    Examples
    --------
    >>> import goodwill as gw
    >>> sheet = promise_sheet(gw.read_case("service_levels"))
    >>> len(sheet), int((sheet["needs"] != "").sum()), sheet["at_most"].to_list()[:3]
    (23, 14, [1.0, 6.0, 0.5])
    """
    rows = []
    for row in _rows(levels):
        timed, counted = row.metric in TIMES, row.metric in COUNTS
        per = HOURS[row.unit] if timed and row.unit in HOURS else 1.0
        # "At least 3" leaves its end open; what is promised exactly, or at most, has an upper end.
        low, high = (per * float(end) if pd.notna(end) else np.nan for end in (row.value_low, row.value_high))
        known = pd.notna(low) or pd.notna(high)
        why = "" if (timed or counted) and known else NO_NUMBER if not known else NO_PROMISE if row.metric == "course_hours" else A_TERM
        needs = "" if why else "times of a log" if timed else "a year's count"
        rows.append((row.company, row.service_en, row.metric, low, high, needs, why))
    return pd.DataFrame(rows, columns=["company", "service", "metric", "at_least", "at_most", "needs", "why_not"])


def promises_checked(levels: pd.DataFrame, log: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Printed service levels held against a log of times and a year's counts.

    Parameters
    ----------
    levels : as for `promise_sheet`
    log : service (a `service_en` of the levels), start and end (times; an empty end is not over yet), and `count` for what is counted

    Returns
    -------
    DataFrame
        One row per printed level: company, service, kept (share, with lower and upper), cases and note. A time printed as a range is kept
        up to its upper end: nobody complains of a repair that took less. What is not over yet counts as missed from the promised time on,
        and not at all before it (the log ends at its last time). A promise that a log cannot check says why.

    Raises
    ------
    DataError
        A service of the log is not among the levels, or an end lies before its start (names the row).

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"service": "arrive on site", "start": ["2024-05-01 08:00"] * 4,
    ...                     "end": ["2024-05-01 10:00", "2024-05-01 14:00", "2024-05-01 15:00", "2024-05-01 12:30"]})
    >>> promises_checked(gw.read_case("service_levels"), log).query("cases > 0")[["service", "kept", "cases"]].to_dict("records")
    [{'service': 'arrive on site', 'kept': 0.75, 'cases': 4}]
    """
    sheet, times = promise_sheet(levels), _times(log, set(levels["service_en"]))
    rows = []
    for row in _rows(sheet):
        of_it = times[times["service"] == row.service]
        if row.why_not or of_it.empty:
            rows.append((row.company, row.service, np.nan, np.nan, np.nan, 0, row.why_not or "nothing in the log"))
        elif row.needs == "a year's count":
            told = of_it["count"].dropna()
            within = told.ge(row.at_least if pd.notna(row.at_least) else -np.inf) & told.le(
                row.at_most if pd.notna(row.at_most) else np.inf
            )
            rows.append((row.company, row.service, *_kept(within, level), ""))
        else:
            old = of_it["hours"].notna() | (of_it["age"] >= row.at_most)
            kept = of_it.loc[old, "hours"].le(row.at_most)
            note = f"{int((~old).sum())} too young to tell" if not old.all() else ""
            rows.append((row.company, row.service, *_kept(kept, level), note))
    return pd.DataFrame(rows, columns=["company", "service", "kept", "lower", "upper", "cases", "note"])


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    """Rows with their columns as names."""
    yield from table.itertuples()


def _times(log: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    if "service" not in log:
        raise DataError("the log has no column 'service' that says which of the promises each row is about.")
    if strange := sorted(set(log["service"].astype(str)) - known):
        raise DataError(
            f"the log has a service {strange[0]!r} that nobody promised; among the promised are {', '.join(sorted(known)[:3])}, …"
        )
    start, end = (pd.to_datetime(log[name]) if name in log else pd.Series(pd.NaT, index=log.index) for name in ("start", "end"))
    if (wrong := log.index[end < start]).size:
        raise DataError(f"row {wrong[0]} of the log ends before it starts.")
    last = max(start.max(), end.max())
    count = log["count"] if "count" in log else pd.Series(np.nan, index=log.index)
    return pd.DataFrame({"service": log["service"], "hours": _hours(end - start), "age": _hours(last - start), "count": count})


def _hours(time: pd.Series) -> pd.Series:
    return time.dt.total_seconds() / 3_600


def _kept(kept: pd.Series, level: float) -> tuple[float, float, float, int]:
    if kept.empty:
        return np.nan, np.nan, np.nan, 0
    share = wilson(float(kept.sum()), float(len(kept)), level)
    return float(share.estimate), float(share.lower), float(share.upper), len(kept)


def coded(texts: Sequence[str], codes: Mapping[str, Sequence[str]], level: float = 0.95) -> pd.DataFrame:
    """Complaints or reasons by a list of codes, a code being named by words that its texts hold.

    Parameters
    ----------
    texts : what was written of each case, in any language; upper and lower case are the same
    codes : words by code; a text gets the first code of which it holds a word

    Returns
    -------
    DataFrame
        code, count, share, lower, upper, example; the codes in the order given, then "no code": if that is long, the list is the problem.
        Words find what somebody thought of: read a sample of each code before a share is quoted.

    Raises
    ------
    DataError
        No texts, or a code without a word.

    Examples
    --------
    The case's six causes of churn, in its own words, on three notes:

    >>> import goodwill as gw
    >>> causes = gw.read_case("churn_causes").query("kind == 'cause'")
    >>> notes = ["客户说质量不稳定", "sales man left: 员工跳槽带走客户", "moved away"]
    >>> found = coded(notes, {each.item_en: [each.item_zh] for each in causes.itertuples()})
    >>> found["count"].to_list(), found["code"].iloc[-1]
    ([1, 0, 0, 1, 0, 0, 1], 'no code')
    """
    if not len(texts):
        raise DataError("there are no texts to give codes to.")
    for code, words in codes.items():
        if not [word for word in words if word]:
            raise DataError(f"the code {code!r} has no word by which its texts are known.")
    low = [str(text).casefold() for text in texts]
    given = [next((code for code, words in codes.items() if any(word.casefold() in text for word in words)), "no code") for text in low]
    rows = []
    for code in (*codes, "no code"):
        share = wilson(float(given.count(code)), float(len(given)), level)
        rows.append((code, given.count(code), *share, str(texts[given.index(code)]) if code in given else ""))
    return pd.DataFrame(rows, columns=["code", "count", "share", "lower", "upper", "example"])
