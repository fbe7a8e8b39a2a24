"""Survey answers: read, checked against their scales, and counted. Codes are never guessed to be answers, nor answers to be codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.audit import audit_frame
from goodwill.data.doubts.keep import Condition, read_conditions
from goodwill.data.reading.answers import Scale, Told
from goodwill.data.reading.columns import named_column
from goodwill.data.reading.files import ROW, Fact, Source
from goodwill.data.reading.sources import open_source
from goodwill.data.reading.survey_tools import meant, repeated_rows, second_headers, tool_columns
from goodwill.data.survey_answers import OWN, AnswerTable, Asked
from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import ibis
    import pandas as pd

KINDS = ("intention", "behaviour", "unasked")
BUILT_IN = ("acsi_2015",)
# Headers that are likely to hold a role, for a hint.
_USUAL = {
    "satisfaction": re.compile(r"satisf|csat|zufried|满意|滿意", re.I),
    "loyalty": re.compile(r"loyal|repurchas|return|again|recommend|nps|retain|renew|churn|wieder|忠诚|再次|推荐|复购", re.I),
}


@dataclass(frozen=True, eq=False, repr=False)
class Survey(Shown):
    """Checked survey answers; made by `read_survey`.

    Attributes
    ----------
    answers : one row per respondent (or per tabulated combination): respondent_id, items, satisfaction, loyalty, segment, weight, count;
        an answer that was not given is missing. Columns that the source does not have are absent; weight and count are then 1.
    items : names of the item columns
    scale, loyalty_scale : lowest and highest answer; items share the scale of satisfaction; (0, 1) is yes or no
    loyalty_kind : "intention" or "behaviour": what the loyalty column is; "unasked" where there is none
    source, fingerprint : the source in words and the SHA-256 of its content
    audit : rule, rows, money (never: there is none), done

    Examples
    --------
    >>> import goodwill as gw
    >>> answers = gw.read_survey("acsi_2015")
    >>> answers
    <Survey acsi_2015, 8,232 answers, satisfaction 1 to 10, loyalty intention 1 to 10>
    >>> answers.levels.tolist()
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    """

    answers: pd.DataFrame
    items: tuple[str, ...]
    scale: Scale
    loyalty_scale: Scale
    loyalty_kind: str
    source: str
    fingerprint: str | None
    audit: pd.DataFrame

    def _said(self) -> str:
        (low, high), (least, most) = self.scale, self.loyalty_scale
        asked = f", {len(self.items)} items" if self.items else ""
        kind = f"{self.loyalty_kind} {least:g} to {most:g}" if self.loyalty_kind != "unasked" else "not asked"
        return f"{self.source}, {self.respondents:,} answers, satisfaction {low:g} to {high:g}, loyalty {kind}{asked}"

    @property
    def table(self) -> ibis.Table:
        """The answers as an Ibis expression."""
        import ibis

        return ibis.memtable(self.answers)

    def to_pandas(self) -> pd.DataFrame:
        """A copy of the answers."""
        return self.answers.copy()

    @property
    def levels(self) -> np.ndarray:
        """All levels of the satisfaction scale, answered or not."""
        return np.arange(self.scale[0], self.scale[1] + 1)

    @property
    def respondents(self) -> int:
        """How many people answered."""
        return round(float(self.answers["count"].sum()))

    def loyal(self, loyal_from: float | None = None) -> np.ndarray:
        """1 where loyalty is at least `loyal_from`, 0 below, nan where it is missing.

        Parameters
        ----------
        loyal_from : first answer that counts as loyal; needed unless loyalty is yes or no
        """
        if self.loyalty_kind == "unasked":
            raise DataError(f"{self.source} was read without a question on loyalty; read it with loyalty= and another loyalty_kind")
        low, high = self.loyalty_scale
        if loyal_from is None:
            if (low, high) != (0, 1):
                raise DataError(f"loyalty was answered on {low} to {high}; say from which answer on somebody counts as loyal (loyal_from)")
            loyal_from = 1
        if not low < loyal_from <= high:
            raise DataError(f"loyal_from is {loyal_from:g}; on a scale of {low} to {high} it must be above {low} and at most {high}")
        y = self.answers["loyalty"].to_numpy(float, na_value=np.nan)
        return np.where(np.isfinite(y), (y >= loyal_from).astype(float), np.nan)


def read_survey(
    source: Any,
    *,
    satisfaction: str | None = None,
    loyalty: str | None = None,
    items: Sequence[str] = (),
    respondent_id: str | None = None,
    segment: str | None = None,
    weight: str | None = None,
    count: str | None = None,
    flags: Sequence[str] = (),
    recommend: str | None = None,
    scale: Scale | str | None = None,
    loyalty_scale: Scale | str | None = None,
    loyalty_kind: str = "intention",
    missing: Sequence[str] = (),
    reversed_items: Sequence[str] = (),
    labels: Mapping[str, float] | Sequence[str] | None = None,
    keep: Sequence[str] = (),
    encoding: str | None = None,
) -> Survey:
    """Read and check a survey: one row per respondent, or a table of counts.

    Parameters
    ----------
    source : "acsi_2015", a path, a DataFrame, an Ibis table, or an address (see `goodwill.read_transactions`)
    satisfaction, loyalty : columns of overall satisfaction and of loyalty; default those of these names
    items : columns of single questions, on the scale of satisfaction
    respondent_id : column of ids; the same id twice is an error
    segment : column of groups (markets, industries, branches)
    weight : column of design weights: they change shares and lower the effective number of answers, they never count people
    count : column that says how many respondents a row stands for
    recommend : column of "would you recommend us?", answered on 0 to 10; it is called recommend in the answers
    flags : further columns of yes or no, such as no_choice, recommends, or a behaviour beside an intention
    scale, loyalty_scale : lowest and highest answer, of 3 to 11 levels, such as (1, 7) or "1-7"; default 1 to 5, and for loyalty the same,
        or yes and no where it is answered in such words; (0, 1) is a yes or no
    loyalty_kind : "intention", "behaviour", or "unasked": no column is read as loyalty
    missing : codes that mean "no answer", such as ["-99", "99"]; of a single column with its name before it, ["Q1:0"]. A code that is not
        named is an error, never a low score
    reversed_items : questions in which a high answer is bad (items, satisfaction, loyalty, recommend, or columns); they are turned round
    labels : number of each verbal answer, such as {"super": 5} or ["super:5"], of a single column ["Q1:super:5"]; the usual English and
        Chinese scales, yes and no, and stars are known
    keep : which rows are meant, as in `goodwill.read_transactions`: ["Finished=True", "Status!=Survey Preview"]
    encoding : of a text file

    Raises
    ------
    DataError
        For answers outside the scale, a loyalty column that is not on its scale, respondents twice, unusable weights or counts.

    Examples
    --------
    >>> survey = read_survey("acsi_2015")
    >>> survey.respondents, survey.scale
    (8232, (1, 10))
    """
    if isinstance(source, str) and source in BUILT_IN:
        return _acsi_2015()
    if loyalty_kind not in KINDS:
        raise DataError(f"loyalty_kind is '{loyalty_kind}'; it is one of {', '.join(KINDS)}")
    levels = _checked_scale(_as_scale(scale) or (1, 5), "scale", smallest=3)
    own = _as_scale(loyalty_scale)
    opened = open_source(source, encoding)
    roles = dict(zip(OWN, (satisfaction, loyalty, respondent_id, segment, weight, count), strict=True)) | {"recommend": recommend}
    if loyalty_kind == "unasked":
        if loyalty:
            raise DataError(f"loyalty is '{loyalty}', and loyalty_kind says that it was not asked; leave out one of the two")
        del roles["loyalty"]
    asked = _asked(opened, roles, items, flags, (levels, own and _checked_scale(own, "loyalty_scale", smallest=2)))
    asked = replace(asked, told=Told.of(missing, labels, [*asked.columns, *roles]), reversed=tuple(reversed_items))
    asked.check(opened.name)
    columns = [c for c in opened.columns if c]
    conditions = read_conditions(keep, columns, asked.names, opened.name)
    beside = [*tool_columns(columns), *(each.column for each in conditions)]
    loaded = opened.load(list(dict.fromkeys([*asked.columns, *beside])))
    raw, where, facts = _rows(loaded.table.to_pandas(), asked, conditions, opened.name)
    table = AnswerTable(opened.name, where, asked, [*loaded.facts, *facts])
    answers = table.read(raw)
    audit, kept = audit_frame(table.facts), (opened.name, opened.fingerprint)
    return Survey(answers, tuple(asked.items), levels, table.loyalty_scale, loyalty_kind, *kept, audit)


def _asked(
    opened: Source, roles: Mapping[str, str | None], items: Sequence[str], flags: Sequence[str], scales: tuple[Scale, Scale | None]
) -> Asked:
    """Which column holds what: as told, else the one of the role's name."""
    columns = [c for c in opened.columns if c]
    names = {role: named_column(role, name, columns, opened.name) for role, name in roles.items() if name}
    names |= {role: role for role in OWN if role in roles and role not in names and role in columns}
    for role in ("satisfaction", "loyalty"):
        if role in roles and role not in names:
            said = _no_column(role, [c for c in columns if c not in names.values()], columns, opened.name)
            raise DataError(f"{said} {opened.note}".strip())
    chosen = {item: named_column("items", item, columns, opened.name) for item in items}
    return Asked(names, chosen, [named_column("flags", name, columns, opened.name) for name in flags], *scales)


def _no_column(role: str, free: Sequence[str], columns: Sequence[str], where: str) -> str:
    near = next((c for c in free if _USUAL[role].search(c)), None)
    hint = f" Did you mean {role}={near!r}?" if near else ""
    return f"{where} has no column '{role}'; say which one holds it ({role}=).{hint} Its columns are {', '.join(columns[:30])}."


def _rows(
    raw: pd.DataFrame, asked: Asked, conditions: Sequence[Condition], where: str
) -> tuple[pd.DataFrame, np.ndarray | None, list[Fact]]:
    """The rows that are answers, their numbers in the source, and what was left out or looks odd."""
    numbers = raw.pop(ROW).to_numpy() if ROW in raw else None
    more = second_headers(raw)
    facts = [Fact("second header rows of a survey tool", more, "left out")] if more else []
    raw, numbers = raw.iloc[more:].reset_index(drop=True), None if numbers is None else numbers[more:]
    if not len(raw):
        raise DataError(f"{where} has no rows")
    stays, found = meant(raw, conditions, where)
    raw, numbers = raw[stays].reset_index(drop=True), None if numbers is None else numbers[stays]
    return raw, numbers, [*facts, *found, *repeated_rows(raw, asked.columns, asked.names.get("respondent_id"))]


def _as_scale(scale: Scale | str | None) -> Scale | None:
    return read_scale(scale) if isinstance(scale, str) else scale


def read_scale(text: str) -> Scale | None:
    """A scale as people write it; None for an empty text.

    Parameters
    ----------
    text : such as "1-5" or "0 to 10"

    Raises
    ------
    DataError
        For anything else.

    Examples
    --------
    >>> read_scale("0-10"), read_scale("1 to 7"), read_scale("")
    ((0, 10), (1, 7), None)
    """
    if not text.strip():
        return None
    match = re.fullmatch(r"\s*(\d+)\s*(?:-|–|to|至|到|\.\.)\s*(\d+)\s*", text)
    if not match:
        raise DataError(f"{text!r} is no scale; write the lowest and the highest answer, such as 1-5 or 0-10")
    return int(match.group(1)), int(match.group(2))


def case_file(name: str) -> Path:
    """The path of a file of published figures, wherever the working directory is.

    Parameters
    ----------
    name : of the file, without its ending

    Raises
    ------
    DataError
        When there is none of that name.

    Examples
    --------
    >>> case_file("jd_survey_2015").name
    'jd_survey_2015.csv'
    """
    for parent in Path(__file__).resolve().parents:
        path = parent / "data" / "cases" / f"{name}.csv"
        if path.exists():
            return path
    raise DataError(f"there is no case file '{name}.csv' in data/cases of this checkout; the published figures come with the repository")


def read_case(name: str) -> pd.DataFrame:
    """A table of published figures from `data/cases`; what each means stands in data/README.md.

    Examples
    --------
    >>> import goodwill as gw
    >>> list(gw.read_case("company_facts").columns)
    ['company', 'as_of', 'metric', 'value', 'unit', 'qualifier', 'note', 'source']
    """
    import pandas as pd

    return pd.read_csv(case_file(name))


def _acsi_2015() -> Survey:
    """Satisfaction and repurchase of four industries (Morgeson, Hult, Sharma & Fornell 2023, Data in Brief 48:109123), as counts."""
    path = case_file("acsi_2015_satisfaction_repurchase")
    survey = read_survey(path, loyalty="repurchase", segment="industry", scale=(1, 10))
    return Survey(survey.answers, (), (1, 10), (1, 10), "intention", "acsi_2015", survey.fingerprint, survey.audit)


def _checked_scale(scale: Scale, name: str, smallest: int) -> Scale:
    low, high = scale
    if int(low) != low or int(high) != high:
        raise DataError(f"{name} is {low:g} to {high:g}; it must run in whole numbers")
    if not smallest <= high - low + 1 <= 11:
        raise DataError(f"{name} is {low:g} to {high:g}, {high - low + 1:g} levels; it must have {smallest} to 11")
    return int(low), int(high)
