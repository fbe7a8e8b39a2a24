"""The columns of a survey as one checked table of answers, with the account of what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.reading.answer_words import LEAVING
from goodwill.data.reading.answers import (
    MOST_NAMED,
    Answers,
    Question,
    Scale,
    Told,
    is_yes_or_no,
    left_out,
    misfit,
    off_scale,
    plain,
    read_answers,
    sizes_of,
    texts_of,
    unreadable,
)
from goodwill.data.reading.files import Fact
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

YES_OR_NO: Scale = (0, 1)
RECOMMEND: Scale = (0, 10)
PARAMETERS = {"satisfaction": "scale", "loyalty": "loyalty_scale"}
NOT_STATED = "(not stated)"
# A role that is its own: the column that has it can have no other of these.
OWN = ("satisfaction", "loyalty", "respondent_id", "segment", "weight", "count")


@dataclass(frozen=True)
class Asked:
    """Which column of a source holds what, and how its answers are written.

    Attributes
    ----------
    names : column by role (`OWN`, and recommend); loyalty may be absent
    items, flags : columns of single questions on the scale of satisfaction, and of yes or no
    scale, loyalty_scale : lowest and highest answer; loyalty_scale None where it was not told
    told : codes for no answer, and numbers of words
    reversed : roles or columns in which a high answer is bad
    """

    names: Mapping[str, str]
    items: Mapping[str, str]
    flags: Sequence[str]
    scale: Scale
    loyalty_scale: Scale | None
    told: Told = field(default_factory=Told)
    reversed: Sequence[str] = ()

    @property
    def columns(self) -> list[str]:
        """All columns of the source that are read, each once."""
        return list(dict.fromkeys([*self.names.values(), *self.items.values(), *self.flags]))

    def check(self, source: str) -> None:
        """Raise DataError for a column with two roles, and for one that is turned round and is no answer."""
        mine = [role for role in OWN if role in self.names]
        for place, role in enumerate(mine):
            other = next((each for each in mine[:place] if self.names[each] == self.names[role]), None)
            if other:
                raise DataError(
                    f"{source}: column '{self.names[role]}' is told as {other} and as {role}; that would compare it with itself, so name "
                    f"another column for one of them"
                )
        for name in self.reversed:
            if name not in (*self.items, *self.items.values(), *self._turnable()):
                raise DataError(
                    f"reversed_items names '{name}', which is none of the items ({', '.join(self.items) or 'none were named'}) and not "
                    "satisfaction, loyalty or recommend"
                )

    def _turnable(self) -> list[str]:
        roles = [role for role in ("satisfaction", "loyalty", "recommend") if role in self.names]
        return [*roles, *(self.names[role] for role in roles)]

    def turns(self, role: str, column: str) -> bool:
        """Whether the answers of this column are to be turned round."""
        return role in self.reversed or column in self.reversed


@dataclass
class AnswerTable:
    """Turns columns into numbers; `facts` is the account, `loyalty_scale` what the answers show where it was not told."""

    source: str
    rows: np.ndarray | None
    asked: Asked
    facts: list[Fact]
    loyalty_scale: Scale = YES_OR_NO

    def read(self, raw: pd.DataFrame) -> pd.DataFrame:
        """One row per respondent: ids, items, satisfaction, loyalty, recommend, segment, weight, count, flags."""
        import pandas as pd

        asked, columns = self.asked, dict[str, Any]()
        if "respondent_id" in asked.names:
            columns["respondent_id"] = self._ids(raw[asked.names["respondent_id"]])
        if "loyalty" in asked.names:
            self.loyalty_scale = self._scale_of_loyalty(raw[asked.names["loyalty"]])
        for role, column, scale in self._questions():
            columns[role] = self._answers(raw[column], role, column, scale)
        if "segment" in asked.names:
            columns["segment"] = self._segments(raw[asked.names["segment"]])
        columns |= {role: self._sizes(raw, role) for role in ("weight", "count")}
        columns |= {name: self._answers(raw[name], name, name, YES_OR_NO) for name in asked.flags}
        answers = pd.DataFrame(columns)
        self._account(answers)
        out = (answers["weight"] == 0) | (answers["count"] == 0)
        return answers[~out].reset_index(drop=True)

    def _questions(self) -> list[tuple[str, str, Scale]]:
        """Role, column and scale of each question."""
        names, scale = self.asked.names, self.asked.scale
        found = [(item, column, scale) for item, column in self.asked.items.items()]
        whole = {"satisfaction": scale, "loyalty": self.loyalty_scale, "recommend": RECOMMEND}
        return [*found, *((role, names[role], own) for role, own in whole.items() if role in names)]

    def _row(self, place: int) -> str:
        return str(place if self.rows is None else self.rows[place])

    def _scale_of_loyalty(self, series: pd.Series) -> Scale:
        """The scale that was told; else yes or no where the answers are such words, and that of satisfaction elsewhere."""
        column, told = self.asked.names["loyalty"], self.asked.loyalty_scale
        texts = texts_of(series).unique()
        words = is_yes_or_no(texts, self.asked.told.codes(column) | self.asked.told.codes("loyalty"))
        labels = self.asked.told.labels(column) | self.asked.told.labels("loyalty")
        if plain(column).replace("_", "").replace(" ", "") in LEAVING and not labels and not self.asked.turns("loyalty", column):
            raise DataError(
                f"{self.source}: column '{column}' is taken as loyalty, and its name says who left; pass reversed_items=['{column}'] so "
                f"that a yes is not loyal, or labels=['Yes:1', 'No:0'] if a yes is loyal"
            )
        numbers = {labels[word] for word in {plain(text) for text in texts} & labels.keys()}
        if told is None and words and numbers <= {0.0, 1.0}:
            self.facts.append(Fact("loyalty scale", None, f"column '{column}' holds words of yes and no, so it is read as yes or no"))
            return YES_OR_NO
        return told or self.asked.scale

    def _answers(self, series: pd.Series, role: str, column: str, scale: Scale) -> pd.Series:
        """Whole answers on the scale, missing where there is none."""
        import pandas as pd

        told, texts = self.asked.told, texts_of(series)
        known = set(texts.map(plain))
        labels = {word: number for word, number in (told.labels(role) | told.labels(column)).items() if word in known}
        question = Question(column, scale, told.codes(column) | told.codes(role), labels, PARAMETERS.get(role, ""))
        read = read_answers(texts.unique().tolist(), question)
        self._must_be_read(texts, question, read)
        if read.words:
            order = ", ".join(f"{text} = {number:g}" for text, number in sorted(read.numbers.items(), key=lambda pair: pair[1]))
            self.facts.append(Fact(f"words: {role}", None, f"read as a usual scale: {order}"))
        for kind, found in {"missing codes": read.coded, "said to be no answer": read.unsaid}.items():
            if found:
                shown = f"taken as no answer: {', '.join(sorted(found)[:MOST_NAMED])}"
                self.facts.append(Fact(f"{kind}: {role}", int(texts.isin(found).sum()), shown))
        numbers = texts.map(read.numbers).astype(float)
        if self.asked.turns(role, column):
            numbers = scale[0] + scale[1] - numbers
            self.facts.append(Fact(f"turned round: {role}", int(numbers.notna().sum()), f"{scale[1]} became {scale[0]}, as told"))
        return pd.Series(numbers.to_numpy(float), index=series.index)

    def _must_be_read(self, texts: pd.Series, question: Question, read: Answers) -> None:
        column, scale = question.column, question.scale
        if read.strange:
            at = np.flatnonzero(texts.isin(read.strange).to_numpy())
            first = [texts.iloc[at[0]], *(each for each in read.strange if each != texts.iloc[at[0]])]
            raise DataError(
                f"{self.source}: column '{column}' holds text in {len(at)} of {len(texts)} rows (first: row {self._row(at[0])}, "
                f"{first[0]!r}); {unreadable(question, first)}"
            )
        off = off_scale(read.numbers, scale)
        if off:
            at = np.flatnonzero(texts.isin(off).to_numpy())
            values = list(dict.fromkeys(f"{read.numbers[text]:g}" for text in [texts.iloc[at[0]], *off]))
            more = f": {', '.join(values[:MOST_NAMED])}" if len(values) > 1 else ""
            declared = "yes or no (0 and 1)" if scale == YES_OR_NO else f"the scale {scale[0]} to {scale[1]}"
            others = [own for _, name, own in self._questions() if name != column] + [YES_OR_NO] * bool(self.asked.flags)
            raise DataError(
                f"{self.source}: column '{column}' holds {values[0]} in row {self._row(at[0])} ({len(at)} of {len(texts)}{more}), which is "
                f"not on {declared}; {misfit(question, read.numbers, off, others, len(at) / len(texts))}"
            )

    def _segments(self, series: pd.Series) -> pd.Series:
        column, texts = self.asked.names["segment"], texts_of(series)
        codes = self.asked.told.codes(column) | self.asked.told.codes("segment")
        none = (texts == "") | texts.map(plain).isin(codes)
        if none.any():
            self.facts.append(Fact("no segment", int(none.sum()), f"kept, under the name {NOT_STATED}"))
        return texts.mask(none, NOT_STATED).astype(object)

    def _ids(self, series: pd.Series) -> pd.Series:
        import pandas as pd

        ids = texts_of(series).replace("", pd.NA)
        twice = np.flatnonzero((ids.duplicated() & ids.notna()).to_numpy())
        if len(twice):
            raise DataError(
                f"{self.source}: {len(twice)} respondents answer twice (first: row {self._row(twice[0])}, the same id as before); "
                "keep one row each, or leave out respondent_id when rows are not people"
            )
        return ids.astype(object)

    def _sizes(self, raw: pd.DataFrame, role: str) -> Any:
        """Weights or counts: finite, not negative, whole where they count people."""
        if role not in self.asked.names:
            return np.ones(len(raw))
        column, whole = self.asked.names[role], role == "count"
        texts = texts_of(raw[column])
        gone = texts.map(plain).isin(self.asked.told.codes(column) | self.asked.told.codes(role)).to_numpy(bool)
        values = np.where(gone, 0.0, sizes_of(texts.tolist(), whole=whole))
        bad = np.flatnonzero(~np.isfinite(values) | (values < 0) | ((values != np.floor(values)) if whole else False))
        if len(bad):
            rule = "a whole number of respondents" if whole else "a finite number that is not negative"
            shown = texts.iloc[bad[0]]
            raise DataError(
                f"{self.source}: column '{column}' holds {shown or 'nothing'} in row {self._row(bad[0])} ({len(bad)} such); it must be "
                f"{rule}; {left_out(texts.iloc[bad], 'to leave such rows out', column)}"
            )
        if not values.sum() > 0:
            raise DataError(f"{self.source}: column '{column}' is zero everywhere")
        return values

    def _account(self, answers: pd.DataFrame) -> None:
        """How many answered, what is missing, and what looks as if it were meant otherwise."""
        count = answers["count"]
        self.facts.append(Fact("respondents", round(float(count.sum())), "read"))
        for role, column, scale in self._questions():
            gaps = float(count[answers[role].isna()].sum())
            self.facts.append(Fact(f"no answer: {role}", round(gaps), "kept; left out where this answer is needed"))
            top = answers[role].max()
            if role in ("satisfaction", "loyalty") and scale != YES_OR_NO and scale[0] + 1 < top < scale[1]:
                done = f"column '{column}' ends at {top:g}; if its scale does too: {PARAMETERS[role]}='{scale[0]}-{top:g}'"
                self.facts.append(Fact(f"nobody answered {scale[1]}: {role}", 0, done))
        known = answers.reindex(columns=["satisfaction", "loyalty"]).dropna()
        if len(known) > 1 and (known["satisfaction"] == known["loyalty"]).all():
            done = "satisfaction and loyalty are the same answer in every row; if one was copied from the other, name another column"
            self.facts.append(Fact("equal answers", len(known), done))
        out = (answers["weight"] == 0) | (count == 0)
        if out.any():
            self.facts.append(Fact("weight or count zero", int(out.sum()), "left out"))
