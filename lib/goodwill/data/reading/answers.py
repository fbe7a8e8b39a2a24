"""Answers to one question of a survey, written in any usual way, as numbers on its scale; what is no answer is never a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from goodwill.data.reading.answer_words import BLANKS, NO_ANSWERS, YES_NO, known_scale, levels_of
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Scale = tuple[int, int]
MOST_NAMED = 11  # answers that a message lists
MOST_CODED = 0.5  # share of rows that can hold codes for no answer

# "5", "5.0", "4,0", "5分", "5 - very satisfied", "5=很满意"
_NUMBER = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:分|[-–—=:：、.)]\s*(\D+)|\s(\D+))?")
_BEHIND = re.compile(r"\D+[(\[（【]\s*(-?\d+)\s*[)\]）】]|[(\[（【]\s*(-?\d+)\s*[)\]）】]\s*\D+")  # "Satisfied (4)", "(4) satisfied"
_STARS = re.compile(r"([★⭐🌟✭]+)[️\s]*[☆✩]*")
_SOME_STARS = re.compile(r"(\d+)\s*(?:颗?星级?|stars?|★|⭐|sterne?|étoiles?|estrellas?)")


@dataclass(frozen=True)
class Told:
    """What a user says of the answers of all columns, and of single ones: codes for no answer, and numbers of words.

    Examples
    --------
    >>> told = Told.of(["99", "Q1:0"], ["so so:3", "Q2:yes:0"], ["Q1", "Q2"])
    >>> sorted(told.codes("Q1")), sorted(told.codes("Q2")), told.labels("Q2")
    (['0', '99'], ['99'], {'so so': 3.0, 'yes': 0.0})
    """

    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by column; "" for all
    numbers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, missing: Sequence[str], labels: Mapping[str, float] | Sequence[str] | None, columns: Iterable[str]) -> Told:
        """From the texts of parameters; one that begins with the name of a column and a colon is of that column alone."""
        known = sorted(columns, key=len, reverse=True)
        codes: dict[str, set[str]] = {}
        for text in [missing] if isinstance(missing, str) else missing:
            column, code = _of_column(str(text), known)
            codes.setdefault(column, set()).add(plain(code))
        numbers: dict[str, dict[str, float]] = {}
        for column, word, number in _pairs(labels, known):
            numbers.setdefault(column, {})[plain(word)] = number
        return cls({name: frozenset(each) for name, each in codes.items()}, numbers)

    def codes(self, column: str) -> frozenset[str]:
        """The texts that stand for no answer in this column."""
        return self.missing.get("", frozenset()) | self.missing.get(column, frozenset())

    def labels(self, column: str) -> dict[str, float]:
        """The number of each word in this column."""
        return {**self.numbers.get("", {}), **self.numbers.get(column, {})}


def plain(text: str) -> str:
    """A text for comparing: no blanks around, wide signs narrow, letters small."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _of_column(text: str, columns: Iterable[str]) -> tuple[str, str]:
    column = next((name for name in columns if text.startswith(f"{name}:")), "")
    return column, text[len(column) + 1 :] if column else text


def _pairs(labels: Mapping[str, float] | Sequence[str] | None, columns: Iterable[str]) -> list[tuple[str, str, float]]:
    if isinstance(labels, Mapping):
        return [(*_of_column(str(word), columns), float(number)) for word, number in labels.items()]
    pairs = []
    for text in [labels] if isinstance(labels, str) else labels or ():
        word, colon, number = str(text).rpartition(":")
        if not colon or not re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", number):
            raise DataError(f"labels holds {text!r}; write an answer, a colon and its number, such as 'very satisfied:5'")
        pairs.append((*_of_column(word, columns), float(number)))
    return pairs


@dataclass(frozen=True)
class Question:
    """One column of answers: its name in the source, its scale, and what the user says of it."""

    column: str
    scale: Scale
    codes: frozenset[str] = frozenset()
    labels: Mapping[str, float] = field(default_factory=dict)
    parameter: str = ""  # that tells the scale, where one does


@dataclass(frozen=True)
class Answers:
    """The number of each distinct text of a question.

    Attributes
    ----------
    numbers : number by text; texts that are no answer are absent
    coded : texts that the user calls codes for no answer
    unsaid : texts that say themselves that they are no answer, such as "9 - Don't know"
    strange : texts that cannot be read
    words : whether the numbers come from words of a usual scale
    """

    numbers: Mapping[str, float]
    coded: frozenset[str]
    unsaid: frozenset[str]
    strange: tuple[str, ...]
    words: bool = False


def read_answers(texts: Iterable[str], question: Question) -> Answers:
    """Read the distinct texts of one question (trimmed; an empty one is no answer).

    Examples
    --------
    >>> read_answers(["4", "5 - good", "9 - Don't know"], Question("q", (1, 5))).numbers
    {'4': 4.0, '5 - good': 5.0}
    >>> read_answers(["★★★☆☆", "4,0"], Question("q", (1, 5))).numbers
    {'★★★☆☆': 3.0, '4,0': 4.0}
    """
    numbers: dict[str, float] = {}
    coded, unsaid, rest = set(), set(), []
    for text in texts:
        low = plain(text)
        if low in question.labels:
            numbers[text] = question.labels[low]
        elif low in question.codes or re.sub(r"\.0+$", "", low) in question.codes:
            coded.add(text)
        elif low in BLANKS:
            continue
        elif low in NO_ANSWERS or _label(low) in NO_ANSWERS:
            unsaid.add(text)
        elif (number := _number(low, question.scale)) is not None:
            numbers[text] = number
        else:
            rest.append(text)
    placed = known_scale({plain(text) for text in rest}, question.scale[1] - question.scale[0] + 1) if rest else {}
    numbers |= {text: float(question.scale[0] + placed[plain(text)]) for text in rest if placed}
    return Answers(numbers, frozenset(coded), frozenset(unsaid), () if placed else tuple(rest), bool(placed))


def is_yes_or_no(texts: Iterable[str], codes: frozenset[str] = frozenset()) -> bool:
    """Whether all answers among the texts are words of yes and no (a number is none).

    Examples
    --------
    >>> is_yes_or_no(["会", "不会", ""]), is_yes_or_no(["1", "0"])
    (True, False)
    """
    answers = {plain(text) for text in texts} - codes - set(BLANKS) - NO_ANSWERS
    return bool(answers) and answers <= YES_NO.keys()


def _label(low: str) -> str:
    """What stands beside the number of an answer."""
    found = _NUMBER.fullmatch(low)
    return ((found.group(2) or found.group(3) or "") if found else "").strip()


def _number(low: str, scale: Scale) -> float | None:
    if scale == (0, 1) and low in YES_NO:
        return float(YES_NO[low])
    if found := _NUMBER.fullmatch(low):
        return float(found.group(1).replace(",", "."))
    if found := _BEHIND.fullmatch(low) or _SOME_STARS.fullmatch(low):
        return float(next(group for group in found.groups() if group))
    return float(len(found.group(1))) if (found := _STARS.fullmatch(low)) else None


def left_out(texts: Iterable[str], what: str, column: str = "") -> str:
    """How to leave out what cannot be read: by all its texts, since one that is not named would be refused next.

    Examples
    --------
    >>> left_out(["x", "y", "x"], "to leave such rows out", "weight")
    "pass missing=['weight:x', 'weight:y'] to leave such rows out"
    """
    named = list(dict.fromkeys(f"{column}:{text}" if column else text for text in texts))
    if len(named) > MOST_NAMED:
        return f"it holds {len(named)} different ones: pass another column"
    return f"pass missing={named} {what}"


def off_scale(numbers: Mapping[str, float], scale: Scale) -> list[str]:
    """Texts whose number is no level of the scale, the farthest last."""
    off = {text: number for text, number in numbers.items() if not scale[0] <= number <= scale[1] or number != np.floor(number)}
    return sorted(off, key=lambda text: (off[text], text))


def unreadable(question: Question, strange: Sequence[str]) -> str:
    """How to have answers read that hold text: which parameter, for these very texts."""
    named = [plain(text) for text in strange]
    known = [count for count in levels_of(set(named)) if count != question.scale[1] - question.scale[0] + 1]
    if known and len(named) > 1 and len(known) == 1:
        return f"these words are a scale of {known[0]}: pass {question.parameter or 'scale'}='1-{known[0]}'"
    if len(strange) > MOST_NAMED:
        return f"{len(strange)} different texts are no answers to one question: pass another column"
    shown = ", ".join(repr(f"{text}:NUMBER") for text in strange)
    return f"{left_out(strange, 'if that means no answer')}, or say the number of each: labels=[{shown}]"


def misfit(question: Question, numbers: Mapping[str, float], off: Sequence[str], elsewhere: Sequence[Scale], share: float) -> str:
    """How to have answers read that are not on their scale: as a code, on another scale, or as numbers that stand for others.

    Parameters
    ----------
    numbers : number by text; `off` are the texts that are not on the scale, in `share` of the rows
    elsewhere : scales of the other columns, on which a code of this one may be an answer
    """
    values = sorted({*numbers.values()})
    whole = all(value == int(value) for value in values)
    outside = sorted({numbers[text] for text in off})
    codes = [value for value in outside if not 0 <= value <= 10] or (outside if len(outside) == 1 else [])
    codes = codes if whole and share <= MOST_CODED and len(codes) <= MOST_NAMED else []
    inside = [value for value in values if value not in codes or 0 <= value <= 10]
    ways = []
    if codes:
        prefix = f"{question.column}:" if any(low <= value <= high for value in codes for low, high in elsewhere) else ""
        named = ", ".join(repr(f"{prefix}{value:g}") for value in codes)
        ways.append(f"pass missing=[{named}] if it is a code for no answer")
    if whole and question.parameter and inside and inside[0] >= 0 and set(inside) & {*outside}:
        if set(inside) == {0, 1} and question.parameter == "loyalty_scale":
            ways.append("pass loyalty_scale='0-1' if it is a yes or no")
        elif 2 <= inside[-1] - min(inside[0], 1) < MOST_NAMED:
            ways.append(f"pass {question.parameter}='{min(inside[0], 1):g}-{inside[-1]:g}' if that is its scale")
    if not ways and len(values) <= question.scale[1] - question.scale[0] + 1:
        shown = ", ".join(repr(f"{value:g}:{question.scale[0] + place}") for place, value in enumerate(values))
        ways.append(f"say for which level each answer stands, such as labels=[{shown}]")
    return ", or ".join(ways) or "pass another column, or correct the scale"


def sizes_of(texts: Sequence[str], *, whole: bool = False) -> list[float]:
    """Weights or counts of any usual writing, nan where a text is none; one reading of points and commas for the whole column.

    Examples
    --------
    >>> sizes_of(["1,7138", "2"]), sizes_of(["1,000", "950"], whole=True), sizes_of(["1.5", "x"])
    ([1.7138, 2.0], [1000.0, 950.0], [1.5, nan])
    """
    bare = [re.sub(r"[\s']", "", plain(text)) for text in texts]
    commas, others = [text for text in bare if "," in text], [text for text in bare if "," not in text]
    grouped = all(re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text) for text in commas)
    large = whole or any("." in text for text in commas) or any(re.fullmatch(r"\d{3}", text) for text in others)
    if whole and all(re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", text) for text in bare if "." in text):
        bare = [text.replace(".", "") for text in bare]
    if grouped and large:
        bare = [text.replace(",", "") for text in bare]
    elif commas:
        bare = [text.replace(".", "").replace(",", ".") if "," in text else text for text in bare]
    return [float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text) else float("nan") for text in bare]


def texts_of(series: pd.Series) -> pd.Series:
    """The cells of a column as trimmed texts, empty where there is none."""
    return series.astype("string").str.strip().fillna("")
