"""Survey answers: read, checked against their scales, and counted. Codes are never guessed to be answers, nor answers to be codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.reading.columns import named_column
from goodwill.data.reading.files import ROW, Fact
from goodwill.data.reading.sources import open_source
from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import ibis
    import pandas as pd

Scale = tuple[int, int]
KINDS = ("intention", "behaviour")
BUILT_IN = ("acsi_2015",)

# Marks that survey tools write for "no answer" and that cannot be an answer.
_NO_ANSWER = ("", "(空)", "（空）", "(跳过)", "（跳过）", "n/a", "na", "nan", "none", "null", "#n/a")
_YES_NO = {"yes": 1, "true": 1, "y": 1, "是": 1, "有": 1, "no": 0, "false": 0, "n": 0, "否": 0, "没有": 0}
# "5", "5.0", "5分", "5 - very satisfied", "5=很满意"
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:分|[-=:：、.]\s*\D+|\s\D+)?\s*")


@dataclass(frozen=True, eq=False, repr=False)
class Survey(Shown):
    """Checked survey answers; made by `read_survey`.

    Attributes
    ----------
    answers : one row per respondent (or per tabulated combination): respondent_id, items, satisfaction, loyalty, segment, weight, count;
        an answer that was not given is missing. Columns that the source does not have are absent; weight and count are then 1.
    items : names of the item columns
    scale, loyalty_scale : lowest and highest answer; items share the scale of satisfaction; (0, 1) is yes or no
    loyalty_kind : "intention" or "behaviour": what the loyalty column is
    source, fingerprint : the source in words and the SHA-256 of its content
    audit : rule, rows, money (never: there is none), done
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
        kind = f"{self.loyalty_kind} {least:g} to {most:g}"
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
    scale: Scale | None = None,
    loyalty_scale: Scale | None = None,
    loyalty_kind: str = "intention",
    missing: Sequence[str] = (),
    reversed_items: Sequence[str] = (),
    labels: Mapping[str, int] | None = None,
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
    scale, loyalty_scale : lowest and highest answer, of 3 to 11 levels; default 1 to 5, and for loyalty the same; (0, 1) for a yes or no
    loyalty_kind : "intention" or "behaviour"
    missing : codes that mean "no answer", such as ["-99", "0"]; a code that is not named is an error, never a low score
    reversed_items : items in which a high answer is bad; they are turned round
    labels : number of each verbal answer, such as {"很满意": 5}
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
    scale = _checked_scale(scale or (1, 5), "scale", smallest=3)
    loyalty_scale = _checked_scale(loyalty_scale or scale, "loyalty_scale", smallest=2)
    opened = open_source(source, encoding)
    columns = [c for c in opened.columns if c]
    told = {
        "satisfaction": satisfaction,
        "loyalty": loyalty,
        "respondent_id": respondent_id,
        "segment": segment,
        "weight": weight,
        "count": count,
    }
    names = {role: named_column(role, name, columns, opened.name) for role, name in told.items() if name}
    names |= {role: role for role in told if role not in names and role in columns}
    for role in ("satisfaction", "loyalty"):
        if role not in names:
            raise DataError(
                f"{opened.name} has no column '{role}'; say which one holds it ({role}=); its columns are {', '.join(columns[:30])}"
            )
    chosen = {item: named_column("items", item, columns, opened.name) for item in items}
    yes_no = [named_column("flags", name, columns, opened.name) for name in flags]
    if recommend:
        names["recommend"] = named_column("recommend", recommend, columns, opened.name)
    loaded = opened.load(list(dict.fromkeys([*names.values(), *chosen.values(), *yes_no])))
    raw = loaded.table.to_pandas()
    where = raw.pop(ROW) if ROW in raw else None
    raw, where, facts = _without_second_headers(raw, where)
    reader = _Reader(opened.name, where, tuple(m.strip().casefold() for m in missing), dict(labels or {}), [*loaded.facts, *facts])
    answers = reader.read(raw, names, chosen, yes_no, scale, loyalty_scale)
    turned = [_known_item(item, chosen) for item in reversed_items]
    for item in turned:
        answers[item] = scale[0] + scale[1] - answers[item]
    if turned:
        reader.facts.append(Fact("reversed items", None, f"turned round: {', '.join(turned)}"))
    return Survey(answers, tuple(chosen), scale, loyalty_scale, loyalty_kind, opened.name, opened.fingerprint, _audit(reader.facts))


def read_scale(text: str) -> Scale | None:
    """A scale as people write it; None for an empty text.

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

    >>> case_file("jd_survey_2015").name
    'jd_survey_2015.csv'
    """
    for parent in Path(__file__).resolve().parents:
        path = parent / "data" / "cases" / f"{name}.csv"
        if path.exists():
            return path
    raise DataError(f"there is no case file '{name}.csv' in data/cases of this checkout; the published figures come with the repository")


def read_case(name: str) -> pd.DataFrame:
    """A table of published figures from `data/cases`; what each means stands in data/README.md."""
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


def _known_item(item: str, chosen: Mapping[str, str]) -> str:
    if item not in chosen:
        raise DataError(f"reversed_items names '{item}', which is none of the items ({', '.join(chosen) or 'none were named'})")
    return item


def _without_second_headers(raw: pd.DataFrame, where: pd.Series | None) -> tuple[pd.DataFrame, pd.Series | None, list[Fact]]:
    """Leave out what survey tools write below the header: question texts and import ids (Qualtrics), "Response" (SurveyMonkey)."""
    head = raw.head(3).astype(str)
    last = -1
    for i in range(len(head)):
        cells = head.iloc[i]
        if cells.str.contains('"ImportId"', regex=False).any() or cells.isin(["Response", "Open-Ended Response"]).any():
            last = i
    if last < 0:
        return raw, where, []
    kept = raw.iloc[last + 1 :].reset_index(drop=True)
    rows = None if where is None else where.iloc[last + 1 :].reset_index(drop=True)
    return kept, rows, [Fact("second header rows of a survey tool", last + 1, "left out")]


@dataclass
class _Reader:
    """Turns columns into numbers and keeps the account of what it did."""

    source: str
    where: pd.Series | None
    missing: tuple[str, ...]
    labels: dict[str, int]
    facts: list[Fact]

    def read(
        self, raw: pd.DataFrame, names: Mapping[str, str], items: Mapping[str, str], flags: list[str], scale: Scale, loyalty_scale: Scale
    ) -> pd.DataFrame:
        import pandas as pd

        if not len(raw):
            raise DataError(f"{self.source} has no rows")
        columns: dict[str, Any] = {}
        if "respondent_id" in names:
            columns["respondent_id"] = self._ids(raw[names["respondent_id"]])
        for item, column in items.items():
            columns[item] = self._answers(raw[column], column, scale)
        columns["satisfaction"] = self._answers(raw[names["satisfaction"]], names["satisfaction"], scale)
        columns["loyalty"] = self._answers(raw[names["loyalty"]], names["loyalty"], loyalty_scale)
        if "recommend" in names:
            columns["recommend"] = self._answers(raw[names["recommend"]], names["recommend"], (0, 10))
        if "segment" in names:
            columns["segment"] = raw[names["segment"]].astype("string").str.strip().fillna("(not stated)").astype(object)
        columns["weight"] = self._sizes(raw, names.get("weight"), whole=False)
        columns["count"] = self._sizes(raw, names.get("count"), whole=True)
        columns |= {name: self._answers(raw[name], name, (0, 1)) for name in flags}
        answers = pd.DataFrame(columns)
        count = answers["count"]
        self.facts.append(Fact("respondents", round(float(count.sum())), "read"))
        for name in ("satisfaction", "loyalty", *(["recommend"] if "recommend" in names else []), *items):
            gaps = float(count[answers[name].isna()].sum())
            self.facts.append(Fact(f"no answer: {name}", round(gaps), "kept; left out where this answer is needed"))
        out = (answers["weight"] == 0) | (count == 0)
        if out.any():
            self.facts.append(Fact("weight or count zero", int(out.sum()), "left out"))
        return answers[~out].reset_index(drop=True)

    def _row(self, i: int) -> str:
        return str(i if self.where is None else self.where.iloc[i])

    def _answers(self, series: pd.Series, name: str, scale: Scale) -> pd.Series:
        """Whole answers on the scale, missing where there is none."""
        import pandas as pd

        texts = series.astype("string").str.strip().fillna("")
        low = texts.str.casefold()
        told = low.isin(self.missing) | low.str.replace(r"\.0+$", "", regex=True).isin(self.missing)
        if told.any():
            self.facts.append(Fact(f"missing codes: {name}", int(told.sum()), "taken as no answer"))
        gone = told | low.isin(_NO_ANSWER)
        numbers = texts.map(lambda text: self._number(text, scale))
        bad = np.flatnonzero((numbers.isna() & ~gone).to_numpy())
        if len(bad):
            shown = texts.iloc[bad[0]]
            raise DataError(
                f"{self.source}: column '{name}' holds text in {len(bad)} of {len(texts)} rows "
                f"(first: row {self._row(bad[0])}, {shown!r}); pass missing=[{shown!r}] if it means no answer, or labels={{{shown!r}: …}}"
            )
        numbers = numbers.mask(gone)
        outside = np.flatnonzero(
            ((numbers < scale[0]) | (numbers > scale[1]) | (numbers != np.floor(numbers))).to_numpy(bool, na_value=False)
        )
        if len(outside):
            value = numbers.iloc[outside[0]]
            declared = "yes or no (0 and 1)" if scale == (0, 1) else f"the scale {scale[0]} to {scale[1]}"
            raise DataError(
                f"{self.source}: column '{name}' holds {value:g} in row {self._row(outside[0])} ({len(outside)} of {len(texts)}), "
                f"which is not on {declared}; pass missing=['{value:g}'] if it is a code for no answer, or correct the scale"
            )
        return pd.Series(numbers.to_numpy(float), index=series.index)

    def _number(self, text: str, scale: Scale) -> float:
        if text in self.labels:
            return float(self.labels[text])
        if scale == (0, 1) and text.casefold() in _YES_NO:
            return float(_YES_NO[text.casefold()])
        match = _NUMBER.fullmatch(text)
        return float(match.group(1)) if match else np.nan

    def _ids(self, series: pd.Series) -> pd.Series:
        ids = series.astype("string").str.strip()
        twice = np.flatnonzero((ids.duplicated() & ids.notna()).to_numpy())
        if len(twice):
            raise DataError(
                f"{self.source}: {len(twice)} respondents answer twice (first: row {self._row(twice[0])}, the same id as before); "
                "keep one row each, or leave out respondent_id when rows are not people"
            )
        return ids.astype(object)

    def _sizes(self, raw: pd.DataFrame, name: str | None, whole: bool) -> Any:
        """Weights or counts: finite, not negative, whole where they count people."""
        import pandas as pd

        if name is None:
            return np.ones(len(raw))
        values = pd.to_numeric(raw[name], errors="coerce").to_numpy(float, na_value=np.nan)
        bad = np.flatnonzero(~np.isfinite(values) | (values < 0) | ((values != np.floor(values)) if whole else False))
        if len(bad):
            rule = "a whole number of respondents" if whole else "a finite number that is not negative"
            raise DataError(
                f"{self.source}: column '{name}' holds {raw[name].iloc[bad[0]]} in row {self._row(bad[0])} "
                f"({len(bad)} such); it must be {rule}"
            )
        if not values.sum() > 0:
            raise DataError(f"{self.source}: column '{name}' is zero everywhere")
        return values


def _audit(facts: Sequence[Fact]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{"rule": f.rule, "rows": f.rows, "money": None, "done": f.done} for f in facts])
