"""What survey tools write beside the answers: further header rows, previews, unfinished answers; and rows that stand there twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from goodwill.data.doubts.keep import BLANK, Condition
from goodwill.data.reading.answer_words import YES_NO
from goodwill.data.reading.answers import plain, sizes_of, texts_of
from goodwill.data.reading.files import Fact
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

FEWEST_EQUAL = 20  # rows that must repeat before a file is said to hold them twice

# Columns that tools write, by header (small letters, no blanks); Qualtrics, LimeSurvey, 问卷星.
_STATUS = ("status", "responsetype", "distributionchannel")
_FINISHED = ("finished", "completed", "complete", "iscomplete")
_SUBMITTED = ("submitdate", "datesubmitted")
_STARTED = ("startdate", "starttime", "recordeddate", "enddate")
_SAID = {**YES_NO, "0": 0, "0.0": 0, "1": 1, "1.0": 1, "unfinished": 0, "incomplete": 0, "partial": 0, "finished": 1, "complete": 1}
_PREVIEW = re.compile(r"preview|test response|^test$|预览|测试")
_STATUS_CODES, _PREVIEW_CODES = {"0", "1", "2", "4", "8", "9", "16", "17", "32", "40", "48"}, {"1", "2", "9", "17"}  # of Qualtrics
_OWN_IDS = (
    *("customer", "customerid", "respondent", "respondentid", "responseid", "id", "userid", "participant", "participantid", "person"),
    *("panelist", "客户", "用户", "编号"),
)


def tool_columns(columns: Sequence[str]) -> list[str]:
    """The columns among these that say of a row what kind of answer it is, or whose it is."""
    known = {*_STATUS, *_FINISHED, *_SUBMITTED, *_STARTED, *_OWN_IDS}
    return [name for name in columns if _bare(name) in known]


def _bare(name: str) -> str:
    return re.sub(r"[\s_.\-]", "", name).casefold()


def second_headers(raw: pd.DataFrame) -> int:
    """How many rows below the header are headers too: question texts and import ids (Qualtrics), "Response" (SurveyMonkey)."""
    head = raw.head(3).astype("string").fillna("")
    last = 0
    for place in range(len(head)):
        cells = head.iloc[place]
        if cells.str.contains('"ImportId"', regex=False).any() or cells.isin(["Response", "Open-Ended Response"]).any():
            last = place + 1
    dated = [name for name in raw.columns if _bare(str(name)) in _STARTED]
    if not last and dated and len(head):  # question texts alone: where a day belongs stands a name without a digit
        first = str(head[dated[0]].iloc[0])
        last = int(bool(first) and not re.search(r"\d", first) and bool(re.search(r"\d", str(raw[dated[0]].iloc[-1]))))
    return last


def meant(raw: pd.DataFrame, conditions: Sequence[Condition], where: str) -> tuple[np.ndarray, list[Fact]]:
    """Which rows are meant, and what was left out or could be.

    Parameters
    ----------
    raw : the columns of the conditions and those that `tool_columns` names, among others
    conditions : of `read_conditions`
    where : name of the source
    """
    stays, facts = np.ones(len(raw), bool), []
    for each in conditions:
        out = ~_meets(raw[each.column], each)
        facts.append(Fact(f"keep {each.text}", int((out & stays).sum()), "the other rows, left out as told"))
        stays &= ~out
        if not stays.any():
            seen = texts_of(raw[each.column]).value_counts().head(5)
            held = ", ".join(f"{value!r} ({count})" for value, count in seen.items())
            raise DataError(f"{where}: keep={[each.text]} leaves no row; column '{each.column}' holds {held}")
    for kind, (found, way) in {"previews": _previews(raw), "unfinished answers": _unfinished(raw)}.items():
        if (found & stays).any():
            facts.append(
                Fact(f"{kind} of a survey tool", int((found & stays).sum()), f"counted like the rest; keep={[way]} leaves them out")
            )
    return stays, facts


def _meets(column: pd.Series, condition: Condition) -> np.ndarray:
    """Whether each cell meets a condition; its values are alternatives, compared without regard to case."""
    texts = texts_of(column).map(plain)
    if condition.is_as_written:
        return np.ones(len(texts), bool)
    values = ["" if value.casefold() == BLANK else plain(value) for value in condition.values]
    if condition.sign in ("=", "!="):
        found = texts.isin(values).to_numpy(bool)
        return found if condition.sign == "=" else ~found
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[condition.sign]
    numbers, than = sizes_of(texts.tolist()), sizes_of(values)
    if np.isfinite(than).all():
        return np.logical_or.reduce([compare(numbers, each) for each in than])
    return np.logical_or.reduce([compare(texts.to_numpy(str), each) for each in values])


_Rows = tuple[np.ndarray, str]  # which rows, and the condition that leaves them out


def _previews(raw: pd.DataFrame) -> _Rows:
    for name in (str(each) for each in raw.columns if _bare(str(each)) in _STATUS):
        texts = texts_of(raw[name])
        low = texts.map(plain)
        coded = low.isin(_STATUS_CODES).all() and any(_bare(str(each)) in _FINISHED for each in raw.columns)
        found = (low.isin(_PREVIEW_CODES) if coded else low.str.contains(_PREVIEW)).to_numpy(bool)
        if found.any():
            return found, f"{name}!={'|'.join(texts[found].unique())}"
    return np.zeros(len(raw), bool), ""


def _unfinished(raw: pd.DataFrame) -> _Rows:
    for name in (str(each) for each in raw.columns):
        texts, bare = texts_of(raw[name]), _bare(name)
        low = texts.map(plain)
        if bare in _FINISHED and low.isin(_SAID.keys()).all() and (found := (low.map(_SAID) == 0).to_numpy(bool)).any():
            return found, f"{name}!={'|'.join(texts[found].unique())}"
        if bare in _SUBMITTED and (found := (low == "").to_numpy(bool)).any():
            return found, f"{name}!={BLANK}"
    return np.zeros(len(raw), bool), ""


def repeated_rows(raw: pd.DataFrame, answers: Sequence[str], told_id: str | None) -> list[Fact]:
    """Notes on rows that may stand for one person: a file pasted twice, and ids that come again where none was told."""
    facts = []
    for name in [] if told_id else [each for each in raw.columns if _bare(str(each)) in _OWN_IDS]:
        ids = texts_of(raw[name])
        again = int((ids.duplicated() & (ids != "")).sum())
        if again:
            done = f"counted; column '{name}' names the same one again, so rows may not be people: respondent_id='{name}' checks that"
            facts.append(Fact("rows of one respondent", again, done))
    texts = raw[list(dict.fromkeys(answers))].astype("string").fillna("").to_numpy(str)
    half = len(texts) // 2
    twice = len(texts) % 2 == 0 and half >= FEWEST_EQUAL and len(np.unique(texts[:half], axis=0)) > 1
    if twice and not facts and told_id is None and ((texts[:half] == texts[half:]).all() or (texts[::2] == texts[1::2]).all()):
        done = "counted; every answer stands there twice, as in a file that was pasted twice: then keep one half"
        facts.append(Fact("equal rows", half, done))
    return facts
