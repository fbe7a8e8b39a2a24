"""What survey tools write beside the answers: further header rows, previews, unfinished answers; and rows that stand there twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from goodwill.data.reading.answer_words import BLANKS, YES_NO
from goodwill.data.reading.answers import plain, texts_of
from goodwill.data.reading.columns import named_column
from goodwill.data.reading.files import Fact
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

PREVIEWS, UNFINISHED = "previews", "unfinished"
FEWEST_EQUAL = 20  # rows that must repeat before a file is said to hold them twice

# Columns that tools write, by header (small letters, no blanks); Qualtrics, LimeSurvey, 问卷星.
_STATUS = ("status", "responsetype", "distributionchannel")
_FINISHED = ("finished", "completed", "complete", "iscomplete")
_SUBMITTED = ("submitdate", "datesubmitted")
_PROGRESS = ("progress",)
_STARTED = ("startdate", "starttime", "recordeddate", "enddate")
_PREVIEW = re.compile(r"preview|test response|^test$|预览|测试")
_STATUS_CODES, _PREVIEW_CODES = {"0", "1", "2", "4", "8", "9", "16", "17", "32", "40", "48"}, {"1", "2", "9", "17"}  # of Qualtrics
_OWN_IDS = (
    *("customer", "customerid", "respondent", "respondentid", "responseid", "id", "userid", "participant", "participantid", "person"),
    *("panelist", "客户", "用户", "编号"),
)


def tool_columns(columns: Sequence[str]) -> list[str]:
    """The columns among these that say of a row what kind of answer it is, or whose it is."""
    known = {*_STATUS, *_FINISHED, *_SUBMITTED, *_PROGRESS, *_STARTED, *_OWN_IDS}
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


def without(raw: pd.DataFrame, leave_out: Sequence[str], columns: Sequence[str], where: str) -> tuple[np.ndarray, list[Fact]]:
    """Which rows stay, and what was left out or could be.

    Parameters
    ----------
    raw : the columns that `tool_columns` and `asked_columns` name, among others
    leave_out : "previews", "unfinished", or a column, a colon and a value that stands in the rows to leave out
    columns : all columns of the source, for messages
    where : name of the source
    """
    stays, facts = np.ones(len(raw), bool), []
    for text in (each for each in leave_out if each not in (PREVIEWS, UNFINISHED)):
        name, value = _column_and_value(text, columns, where)
        out = (texts_of(raw[name]).map(plain) == plain(value)).to_numpy(bool)
        if not out.any():
            raise DataError(f"{where}: leave_out names '{text}', but no row of column '{name}' holds {value!r}; {_seen(raw[name])}")
        facts.append(Fact(f"rows with {name} = {value}", int(out.sum()), "left out as told"))
        stays &= ~out
    for kind, found in {PREVIEWS: _previews(raw), UNFINISHED: _unfinished(raw)}.items():
        if found is None:
            if kind in leave_out:
                raise DataError(f"{where} has no column that tells {kind}; name a column and a value, such as leave_out=['Status:test']")
            continue
        told, found = kind in leave_out, found & stays
        if told or found.any():
            done = "left out as told" if told else f"counted like any other; leave_out=['{kind}'] leaves them out"
            facts.append(Fact(f"{kind} of a survey tool", int(found.sum()), done))
        stays &= ~(found & told)
    if not stays.any():
        raise DataError(f"{where}: leave_out={list(leave_out)} leaves no row; name less")
    return stays, facts


def asked_columns(leave_out: Sequence[str], columns: Sequence[str], where: str) -> list[str]:
    """The columns that `leave_out` names."""
    return [_column_and_value(text, columns, where)[0] for text in leave_out if text not in (PREVIEWS, UNFINISHED)]


def _column_and_value(text: str, columns: Sequence[str], where: str) -> tuple[str, str]:
    for name in sorted(columns, key=len, reverse=True):
        if name and text.startswith(f"{name}:"):
            return name, text[len(name) + 1 :]
    name, colon, value = text.partition(":")
    if not colon:
        raise DataError(f"leave_out names '{text}'; write {PREVIEWS}, {UNFINISHED}, or a column, a colon and a value, as Status:test")
    return named_column("leave_out", name, columns, where), value


def _seen(column: pd.Series) -> str:
    values = texts_of(column).value_counts().head(5)
    return "it holds " + ", ".join(f"{value!r} ({count})" for value, count in values.items())


def _first(raw: pd.DataFrame, names: Sequence[str], made: Callable[[pd.Series], np.ndarray]) -> np.ndarray | None:
    column = next((name for name in raw.columns if _bare(str(name)) in names), None)
    return None if column is None else made(texts_of(raw[column]).map(plain))


def _previews(raw: pd.DataFrame) -> np.ndarray | None:
    marked = []
    for texts in (texts_of(raw[name]).map(plain) for name in raw.columns if _bare(str(name)) in _STATUS):
        coded = texts.isin(_STATUS_CODES).all() and any(_bare(str(name)) in _FINISHED for name in raw.columns)
        marked.append((texts.isin(_PREVIEW_CODES) if coded else texts.str.contains(_PREVIEW)).to_numpy(bool))
    return np.logical_or.reduce(marked) if marked else None


def _unfinished(raw: pd.DataFrame) -> np.ndarray | None:
    said = {**YES_NO, "0": 0, "0.0": 0, "1": 1, "1.0": 1, "unfinished": 0, "incomplete": 0, "partial": 0, "finished": 1, "complete": 1}
    told = _first(raw, _FINISHED, lambda texts: (texts.map(said) == 0).to_numpy() if texts.isin(said.keys()).all() else np.zeros(0, bool))
    if told is not None and len(told):
        return told
    blank = _first(raw, _SUBMITTED, lambda texts: texts.isin(BLANKS).to_numpy())
    if blank is not None:
        return blank
    return _first(raw, _PROGRESS, lambda texts: (~texts.isin(["100", "100.0", "100%", "1", "1.0"])).to_numpy())


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
