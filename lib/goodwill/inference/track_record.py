"""Past statements made again and held against what came, and intervals widened by that record.

A *statement* is made on a date, about a window that ends on a later one. Made again with the same functions at earlier dates of the same
data, such statements show how far the model errs, which no interval of its own can hold. Statements whose windows overlap share what
came; all are shown, but only windows that do not overlap are counted. An error counts from the day on which it was known: a statement is
widened by those that were due when it was made, and by no others.

On the scale of the error (logarithms for money and counts, points for shares) a statement has the variance s² that its model claims and
the variance tau² of what the model leaves out. Before any own error is known, tau² is what it was in other data (`Prior`); k own errors
e of disjoint windows move it:

    tau² = (n0 tau0² + sum of (e² - s²)) / (n0 + k), no less than zero        with n0 the degrees of freedom that the prior is worth,

and the widened interval is that of a t with the variance s² + tau² and (n0 + k) ((s² + tau²) / tau²)² degrees of freedom (Satterthwaite
1946, since only tau² is estimated). A constant bias is part of tau: intervals are widened, not moved. A break that no past window held
(a new competitor, a changed price) is in no interval.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 2  # disjoint finished windows from which on a record is one: a single miss has no spread
SAME_LENGTH = 0.15  # windows are of one length when they differ by less: calendar months do, by a tenth
SCALES = ("log", "points")


class Window(Protocol):
    """What lies between two days: a `Statement`, or any tuple with these names."""

    @property
    def made(self) -> date: ...
    @property
    def due(self) -> date: ...


W = TypeVar("W", bound=Window)


@dataclass(frozen=True)
class Statement:
    """What was said on one day about a window that ends on another.

    Attributes
    ----------
    made, due : the day it was made, and the last day of its window
    estimate, lower, upper : what was expected, with the interval that the model claims
    came : what came; None as long as that is not known

    Examples
    --------
    >>> from datetime import date
    >>> said = Statement(date(2025, 1, 1), date(2025, 4, 1), estimate=1000.0, lower=950.0, upper=1050.0, came=1200.0)
    >>> said.days, said.held
    (90, False)
    """

    made: date
    due: date
    estimate: float
    lower: float
    upper: float
    came: float | None = None

    def __post_init__(self) -> None:
        if not self.made < self.due:
            raise DataError(f"the statement made on {self.made} is due on {self.due}; it must be due on a later day.")
        if not self.lower <= self.estimate <= self.upper:
            interval = f"[{self.lower:g}, {self.upper:g}]"
            raise DataError(f"the statement made on {self.made} says {self.estimate:g} {interval}; the interval must hold the estimate.")

    @property
    def days(self) -> int:
        """How far it looks ahead."""
        return (self.due - self.made).days

    @property
    def held(self) -> bool | None:
        """Whether the interval held what came; None as long as that is not known."""
        return None if self.came is None else bool(self.lower <= self.came <= self.upper)


@dataclass(frozen=True)
class Prior:
    """The model's own error in other data: `tau`, its standard deviation, worth so many `degrees` of freedom, and where it is from.

    Attributes
    ----------
    tau, degrees : float
    source : str

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> quarters = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1)]
    >>> past = [gw.inference.Statement(*quarters[at:at + 2], 1000.0, 950.0, 1050.0, 1000.0) for at in (0, 1)]
    >>> now = gw.inference.Statement(quarters[2], date(2025, 10, 1), 1000.0, 950.0, 1050.0)
    >>> [round(end) for end in gw.inference.widened(now, past, prior=Prior(tau=0.1, degrees=2.0, source="other shops"))]
    [1000, 830, 1204]
    """

    tau: float
    degrees: float
    source: str


KEPT = Path(__file__).with_name("errors_elsewhere.json")  # written by the commands that stand in it


def _kept(kind: str) -> Prior:
    told = json.loads(KEPT.read_text("utf8"))[kind]
    return Prior(told["tau"], told["degrees"], told["source"])


FROM_OTHER_DATA = _kept("money")
PURCHASES_ELSEWHERE = _kept("purchases")


@dataclass(frozen=True)
class TrackRecord:
    """How past statements of one kind have fared.

    Attributes
    ----------
    statements : how many came due
    disjoint : how many of their windows can be chosen without overlap
    claimed : how many had, on the day they were made, a record to be widened by; only these claim the level
    held : how many of the claimed the widened interval held; None where nothing was claimed
    held_model : how many of all the interval of the model held
    held_model_claimed : how many of the claimed it held
    disjoint_claimed : how many windows of the claimed do not overlap
    level : of both intervals
    bias, mean_absolute_miss : mean of the errors (came against expected: positive when more came), and of their sizes, on the scale
    scale : log (ratios) or points (differences)
    horizon : how far the statements look ahead, in words
    source : own past, nights or simulation
    study : where the record is from, if not from these data

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> months = [date(2025, month, 1) for month in range(1, 6)]
    >>> past = [gw.inference.Statement(*months[at:at + 2], 100.0, 90.0, 110.0, came) for at, came in enumerate([95.0, 120.0, 99.0, 104.0])]
    >>> record = gw.inference.track_record(past)
    >>> record.statements, record.held_model, record.claimed, record.horizon
    (4, 3, 2, '31 days')
    """

    statements: int
    disjoint: int
    claimed: int
    held: int | None
    held_model: int
    held_model_claimed: int
    disjoint_claimed: int
    level: float
    bias: float
    mean_absolute_miss: float
    scale: str
    horizon: str
    source: str = "own past"
    study: str | None = None

    def as_record(self) -> dict[str, Any]:
        """The mapping that `gw.record(…, track_record=)` and `gw.Value` take: of the statements that claim an interval.

        Where none claims one, it is of all, with `held_model` only.
        """
        told = {name: value for name, value in asdict(self).items() if "claimed" not in name and value is not None}
        if not self.claimed:
            return told
        return told | {"statements": self.claimed, "disjoint": self.disjoint_claimed, "held_model": self.held_model_claimed}


def disjoint(windows: Iterable[W]) -> list[W]:
    """The most windows that do not overlap, the latest first taken; in the order of their dates.

    Statements have windows, and so has all that says `made` and `due`.

    >>> from datetime import date
    >>> from goodwill.inference import Statement
    >>> made = [Statement(date(2025, m, 1), date(2025, m + 3, 1), 1.0, 1.0, 1.0) for m in (1, 2, 4, 5)]
    >>> [one.made.month for one in disjoint(made)]
    [2, 5]
    """
    chosen: list[W] = []
    for one in sorted(windows, key=lambda w: (w.made, w.due), reverse=True):
        if not chosen or one.due <= chosen[-1].made:
            chosen.append(one)
    return chosen[::-1]


def known_by(now: Statement, past: Iterable[Statement]) -> list[Statement]:
    """The statements that look as far ahead as this one and were due, with what came, on the day it was made."""
    return [s for s in past if s.came is not None and s.due <= now.made and same_length(s, now)]


def why_not_widened(now: Statement, past: Iterable[Statement]) -> str | None:
    """Why no level is claimed for a statement, in one sentence; None where it is.

    Parameters
    ----------
    now : the statement
    past : statements made before

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.inference import Statement
    >>> now = Statement(date(2025, 7, 1), date(2025, 9, 30), 100.0, 90.0, 110.0)
    >>> why_not_widened(now, [])
    'No statement that looks 13 weeks ahead had come due by 2025-07-01; an interval needs 2 of them without overlap.'
    """
    count = len(disjoint(known_by(now, past)))
    if count >= FEWEST:
        return None
    said = "No statement" if count == 0 else f"Only {count} statement" if count == 1 else f"Only {count} statements"
    alone = " without overlap" if count else ""
    need = f"an interval needs {FEWEST} of them{'' if count else ' without overlap'}"
    return f"{said}{alone} that {'look' if count > 1 else 'looks'} {in_words(now.days)} ahead had come due by {now.made}; {need}."


def widened(
    now: Statement,
    past: Iterable[Statement],
    *,
    level: float = 0.95,
    scale: str = "log",
    prior: Prior | None = FROM_OTHER_DATA,
) -> Interval | None:
    """The interval of a statement widened by the record of those that were due when it was made; None where nothing is claimed.

    Parameters
    ----------
    now : the statement; its interval is of this `level`
    past : statements of the same kind with what came. Those not yet due when `now` was made, or of another length, are passed over, so
        that all statements can be given for each of them
    scale : log for what is compared by ratios (money, counts; positive), points for shares and differences
    prior : the model's error in other data; None to use the own past alone, and on the scale of points give your own

    Returns
    -------
    Interval or None
        Never narrower than the one given. None with fewer than two disjoint windows behind it: `why_not_widened` says so in words.

    Examples
    --------
    Statements of three months that missed by 20 % either way, with intervals of 5 %:

    >>> from datetime import date
    >>> from goodwill.inference import Statement
    >>> quarters = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)]
    >>> past = [Statement(a, b, 1000.0, 950.0, 1050.0, c) for a, b, c in zip(quarters, quarters[1:], (1200.0, 830.0, 1200.0))]
    >>> now = Statement(date(2025, 10, 1), date(2026, 1, 1), 1000.0, 950.0, 1050.0)
    >>> [round(end) for end in widened(now, past, prior=None)]
    [1000, 564, 1773]
    >>> widened(now, past[:1]) is None
    True
    """
    counted = disjoint(known_by(now, past))
    if len(counted) < FEWEST:
        return None
    missed = [excess(s, level=level, scale=scale) for s in counted]
    return widen_by(now, tau_squared(missed, prior), level=level, scale=scale)


def excess(statement: Statement, *, level: float = 0.95, scale: str = "log") -> float:
    """By how much the square of an error is above the variance that the model claims on its side: e² - s², negative where it is below."""
    missed = error(statement, scale)
    return missed**2 - _model_variance(statement, missed, level, scale)


def tau_squared(excesses: Sequence[float], prior: Prior | None = FROM_OTHER_DATA) -> tuple[float, float]:
    """The variance of what the model leaves out, and the degrees of freedom by which it is known, from the `excess` of disjoint statements.

    >>> tau_squared([0.5, 0.0], prior=None)
    (0.25, 2.0)
    """
    start, degrees = (prior.degrees * prior.tau**2, prior.degrees) if prior else (0.0, 0.0)
    return max((start + sum(excesses)) / (degrees + len(excesses)), 0.0), degrees + len(excesses)


def widen_by(now: Statement, tau: tuple[float, float], *, level: float = 0.95, scale: str = "log") -> Interval:
    """The interval of a statement with a variance tau² added, which is known by so many degrees of freedom: the pair of `tau_squared`."""
    from scipy.special import stdtrit

    tau2, degrees = tau
    if tau2 == 0:
        return Interval(now.estimate, now.lower, now.upper)
    ends = []
    for side in (-1, 1):
        total = _model_variance(now, side, level, scale) + tau2
        quantile = stdtrit(degrees * (total / tau2) ** 2, 0.5 + level / 2)
        reach = side * quantile * np.sqrt(total)
        ends.append(float(now.estimate * np.exp(reach) if scale == "log" else now.estimate + reach))
    return Interval(now.estimate, min(ends[0], now.lower), max(ends[1], now.upper))


def error(statement: Statement, scale: str = "log") -> float:
    """What came against what was expected: the logarithm of the ratio, or the difference; positive when more came.

    Raises DataError where nothing came or was expected, which no logarithm compares, and where what came is not known.
    """
    if scale not in SCALES:
        raise DataError(f"a record has the scale log or points, and not {scale!r}")
    if statement.came is None:
        raise DataError(f"what came of the statement made on {statement.made} is not known")
    if scale == "points":
        return statement.came - statement.estimate
    if not (statement.came > 0 and statement.estimate > 0):
        what = f"{statement.estimate:g} was expected and {statement.came:g} came"
        raise DataError(f"the statement made on {statement.made} has no ratio ({what}); use scale='points' or longer windows.")
    return float(np.log(statement.came / statement.estimate))


def interval_score(lower: Any, upper: Any, came: Any, level: float = 0.95) -> Any:
    """The width of an interval plus 2 / (1 - level) times what lies outside of it, lower is better (Gneiting & Raftery 2007, eq. 43).

    Parameters
    ----------
    lower, upper, came : numbers, or arrays of one shape
    level : that the interval claims

    Examples
    --------
    >>> round(interval_score(1.0, 2.0, 2.5), 6)
    21.0
    """
    lower, upper, came = (np.asarray(value, float) for value in (lower, upper, came))
    score = upper - lower + 2 / (1 - level) * (np.maximum(lower - came, 0) + np.maximum(came - upper, 0))
    return score if score.ndim else float(score)


def scored(
    statements: Iterable[Statement], *, level: float = 0.95, scale: str = "log", prior: Prior | None = FROM_OTHER_DATA
) -> pd.DataFrame:
    """Every statement beside what came: made, due, estimate, lower, upper, wide_lower, wide_upper, came, error, held_model, held, past.

    Widened by the `past` disjoint ones that were due when it was made; missing where these are fewer than two. `disjoint` marks the
    windows that the record counts. Statements not yet come are shown, without came and error.

    Parameters
    ----------
    statements : of one length
    level : of the intervals
    scale : "log" for ratios, "points" for differences
    prior : of the model's own error; None for none

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.inference import Statement
    >>> quarters = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)]
    >>> came = (1200.0, 830.0, 1040.0)
    >>> past = [Statement(made, due, 1000.0, 950.0, 1050.0, one) for made, due, one in zip(quarters, quarters[1:], came)]
    >>> scored(past)[["came", "held_model", "past"]].to_dict("list")
    {'came': [1200.0, 830.0, 1040.0], 'held_model': [False, False, True], 'past': [0, 1, 2]}
    """
    import pandas as pd

    said = sorted(statements, key=lambda s: (s.made, s.due))
    counted = set(disjoint(s for s in said if s.came is not None))
    rows = []
    for one in said:
        wide = widened(one, said, level=level, scale=scale, prior=prior)
        ends = (wide.lower, wide.upper) if wide else (np.nan, np.nan)
        held = None if wide is None or one.came is None else bool(wide.lower <= one.came <= wide.upper)
        missed = np.nan if one.came is None else error(one, scale)
        came = np.nan if one.came is None else one.came
        behind = len(disjoint(known_by(one, said)))
        rows.append((one.made, one.due, one.estimate, one.lower, one.upper, *ends, came, missed, one.held, held, behind, one in counted))
    names = ["made", "due", "estimate", "lower", "upper", "wide_lower", "wide_upper", "came", "error", "held_model", "held", "past"]
    return pd.DataFrame(rows, columns=[*names, "disjoint"])


def track_record(
    statements: Iterable[Statement],
    *,
    level: float = 0.95,
    scale: str = "log",
    prior: Prior | None = FROM_OTHER_DATA,
    horizon: str | None = None,
    source: str = "own past",
    study: str | None = None,
) -> TrackRecord:
    """How statements of one length have fared against what came.

    Parameters
    ----------
    statements : of one length; those that have not come due are passed over
    horizon : how far they look ahead, in words; by default their length in weeks, or days
    level : of the intervals
    scale : "log" for ratios, "points" for differences
    prior : of the model's own error; None for none
    source, study : where the record is from, as in `TrackRecord`

    Raises
    ------
    TooLittle
        None has come due.
    DataError
        Their windows are of different lengths.

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.inference import Statement
    >>> quarters = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)]
    >>> past = [Statement(a, b, 1000.0, 950.0, 1050.0, c) for a, b, c in zip(quarters, quarters[1:], (1200.0, 830.0, 1200.0))]
    >>> record = track_record(past)
    >>> record.statements, record.disjoint, record.held_model, record.claimed, record.held
    (3, 3, 0, 1, 1)
    """
    said = sorted((s for s in statements if s.came is not None), key=lambda s: (s.made, s.due))
    if not said:
        raise TooLittle("no statement has come due, so there is no track record; make some at earlier dates.")
    if not all(same_length(said[0], s) for s in said):
        lengths = sorted({s.days for s in said})
        raise DataError(f"the statements look {lengths[0]} to {lengths[-1]} days ahead; a track record is of one length.")
    table = scored(said, level=level, scale=scale, prior=prior)
    claims = table[table["held"].notna()]
    return TrackRecord(
        statements=len(said),
        disjoint=int(table["disjoint"].sum()),
        claimed=len(claims),
        held=int(claims["held"].astype(bool).sum()) if len(claims) else None,
        held_model=int(table["held_model"].sum()),
        held_model_claimed=int(claims["held_model"].sum()),
        disjoint_claimed=len(disjoint(s for s, claims_it in zip(said, table["held"].notna(), strict=True) if claims_it)),
        level=level,
        bias=float(table["error"].mean()),
        mean_absolute_miss=float(table["error"].abs().mean()),
        scale=scale,
        horizon=horizon or in_words(said[0].days),
        source=source,
        study=study,
    )


def in_words(days: int) -> str:
    """A length in weeks where it is one, else in days.

    >>> in_words(91), in_words(30)
    ('13 weeks', '30 days')
    """
    return f"{days // 7} week{'s' if days > 7 else ''}" if days % 7 == 0 else f"{days} days"


def same_length(one: Statement, other: Statement) -> bool:
    return abs(one.days - other.days) <= SAME_LENGTH * other.days


def _model_variance(statement: Statement, side: float, level: float, scale: str) -> float:
    """The variance that the model claims above the estimate, or below it where `side` is negative."""
    end = statement.upper if side >= 0 else statement.lower
    if scale == "points":
        return ((end - statement.estimate) / normal_quantile(level)) ** 2
    # An end at nothing has no logarithm; the other end says as much about the spread.
    if not end > 0:
        end = statement.upper
    return float(np.log(end / statement.estimate) / normal_quantile(level)) ** 2
