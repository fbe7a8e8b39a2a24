"""Forecasts that were made, night after night, and held to account: which came due, how they fared, and whether they drift.

Forecasts of one window's length overlap from night to night and share what came, so only a *chain* of them is counted: the first, then the
first that is made when that one is due, and so on. The chain is fixed before anything comes (each link depends on dates alone), and no
later night changes it.

Whether they drift is asked again on every night, for years. A test for one look would say yes sooner or later of any company. This one is
sequential: an e-process, which under the null is 20 or more *at any time of a year* with probability 1/20 at most (Ville 1939; Ramdas,
Gruenwald, Vovk & Shafer 2023). The miss of window k, on the log scale and in units of its standard deviation, is z_k; under the null it
is standard normal, given what was known when the forecast was made. For a change before window k of unknown direction and size, with
mean misses drawn from N(0, rho²), the evidence after m windows with the sum S is

    L_k = (1 + m rho²)^(-1/2) exp(rho² S² / (2 (1 + m rho²)))          (Robbins 1970)

and the e-process is their mean over the 13 windows of a year in which the change may begin, so that one late in the year is found as soon
as one early. Each year has a budget of its own. The variance is the one that the forecast claims, that of the model's own error in other
data (`FROM_OTHER_DATA`), and that of the season: chance is what such forecasts have missed by where nothing had changed. What the same
weeks of the year before were above or below (`Forecast.season`) is expected again, and no miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.track_record import FROM_OTHER_DATA, Statement, TrackRecord, error, in_words, same_length
from goodwill.inference.uncertainty import normal_quantile

FOUR_WEEKS = 28  # days that a forecast looks ahead in every report, beside the report's own horizon
YEAR = 364  # days: 13 windows of four weeks
RHO = 2.0  # standard deviations: the size of the mean miss that is expected of a change
ALPHA = 0.05  # chance that a company in which nothing changes is marked within a year
PROMPT = 91  # days within which a change should be marked
FOUND = 0.8  # chance of that
LATEST = date.max.toordinal() - 1  # day, or renewal
HALF = 0.5  # added to counts, so that none at all has a logarithm


Clock = date | int  # a day, or a number of renewals


@dataclass(frozen=True)
class Forecast:
    """What a report foretold on one day about a window that ends on another.

    Attributes
    ----------
    name : what is foretold, such as `purchases`; forecasts of one name, `which` and length are held against each other
    made, due : the last day that the report had seen, and the last day of the window; numbers of renewals where a table counts in these
    estimate, lower, upper, level : what is expected, with its interval as it was claimed then
    label, unit : for people
    headline : the recorded result that this is the forecast of; empty where it is none
    margin, annual_discount_rate : what money is taken at, as in `ValueTerms`
    first : the first day of the data as they were then; when they begin later, who was known then cannot be told any more
    came : what came; None as long as that is not known
    which : a segment, a cohort or a model, where the forecast is one among several of its name; only one about all is asked for drift
    season : what the window is above what the forecast says, as a logarithm, because the same window of the year before was
    season_sd : its standard deviation; None where the data are too few to know any season
    terms : what else a later run must know to count again, such as how the segments were cut

    Examples
    --------
    >>> from datetime import date
    >>> made, due = date(2025, 1, 1), date(2025, 1, 29)
    >>> told = Forecast("purchases", made, due, estimate=200.0, lower=160.0, upper=240.0, unit="purchases", came=214.0)
    >>> told.lower <= told.came <= told.upper
    True
    """

    name: str
    made: Clock
    due: Clock
    estimate: float
    lower: float
    upper: float
    level: float = 0.95
    label: str = ""
    unit: str | None = None
    headline: str = ""
    margin: float = 1.0
    annual_discount_rate: float = 0.0
    first: date | None = None
    came: float | None = None
    which: str = ""
    season: float = 0.0
    season_sd: float | None = None
    terms: str = ""

    def __post_init__(self) -> None:
        numbers = (self.lower, self.estimate, self.upper, self.season, self.season_sd or 0.0)
        is_window = isinstance(self.made, date) == isinstance(self.due, date) and 0 <= _place(self.made) < _place(self.due) <= LATEST
        if not is_window or not all(np.isfinite(numbers)) or not 0 < self.level < 1:
            raise DataError(f"the forecast {self.name!r} made on {self.made} must be due later, and be of finite numbers.")

    @property
    def days(self) -> int:
        """How far it looks ahead: in days, or in renewals."""
        return _place(self.due) - _place(self.made)

    @property
    def ahead(self) -> str:
        """The same in words."""
        if isinstance(self.made, date):
            return in_words(self.days)
        return f"{self.days} renewal{'s' if self.days > 1 else ''}"

    @property
    def window(self) -> str:
        """From when to when, in words."""
        return f"{'' if isinstance(self.made, date) else 'renewal '}{self.made} to {self.due}"

    @property
    def is_short(self) -> bool:
        """Whether it is one of those over four weeks."""
        return isinstance(self.made, date) and self.days == FOUR_WEEKS

    @property
    def key(self) -> tuple[str, str, Clock, Clock]:
        """What tells forecasts apart: who says another thing later about the same window on the same data has not said it then."""
        return self.name, self.which, self.made, self.due

    @property
    def statement(self) -> Statement:
        """The same as `track_record` takes it."""
        low, high = min(self.lower, self.estimate), max(self.upper, self.estimate)
        made, due = (date.fromordinal(_place(when) + 1) for when in (self.made, self.due))  # a day stands for a renewal
        return Statement(made, due, self.estimate, low, high, self.came)


@dataclass(frozen=True)
class Drift:
    """Whether forecasts miss by more than chance.

    Attributes
    ----------
    evidence : the e-process at the last window of the year: how much likelier what came is if something has changed
    largest : its largest value so far in the year; above `threshold` the forecasts drift
    threshold : one over the chance of a false alarm
    since : when the window began from which the misses are best explained; None where nothing drifts
    windows : how many windows have come due since
    ratio : what came in them for each unit that was expected, as a geometric mean, the season taken out
    """

    evidence: float
    largest: float
    threshold: float
    since: Clock | None = None
    windows: int = 0
    ratio: float = 1.0

    @property
    def is_more_than_chance(self) -> bool:
        return self.largest >= self.threshold


def chain(forecasts: Iterable[Forecast]) -> list[Forecast]:
    """The forecasts that count: the first, and then each time the first that was made when the one before was due.

    >>> day = date(2026, 1, 1).toordinal()
    >>> nightly = [Forecast("x", date.fromordinal(day + n), date.fromordinal(day + n + 28), 1.0, 0.5, 2.0) for n in range(60)]
    >>> [one.made.isoformat() for one in chain(nightly)]
    ['2026-01-01', '2026-01-29', '2026-02-26']
    """
    chosen: list[Forecast] = []
    for one in in_order(forecasts):
        if not chosen or _place(one.made) >= _place(chosen[-1].due):
            chosen.append(one)
    return chosen


def misses(links: Sequence[Forecast], tau: float = FROM_OTHER_DATA.tau) -> np.ndarray:
    """The misses of forecasts that came due, shape (n,), on the log scale in units of their standard deviation; positive: more came.

    Parameters
    ----------
    tau : standard deviation of the model's own error, on the log scale
    """
    return np.array([_beyond(one) / _spread(one, _beyond(one), tau) for one in links])


def drift(forecasts: Iterable[Forecast], *, tau: float = FROM_OTHER_DATA.tau, alpha: float = ALPHA) -> Drift:
    """Whether the forecasts of one name and length that have come due miss by more than chance, in the present year of the chain.

    Parameters
    ----------
    forecasts : of one name and length; the chain is taken from all, those not yet due included
    tau : as in `misses`
    alpha : chance of a false mark in a year

    Examples
    --------
    Half of what was expected came in the last two of five windows:

    >>> from datetime import date
    >>> from goodwill.inference import Forecast
    >>> day = date(2026, 1, 1).toordinal()
    >>> months = [(date.fromordinal(day + 28 * n), date.fromordinal(day + 28 * n + 28)) for n in range(5)]
    >>> said = [Forecast("x", made, due, 200.0, 170.0, 230.0, came=c) for (made, due), c in zip(months, (190, 210, 205, 100, 98))]
    >>> found = drift(said)
    >>> found.is_more_than_chance, found.since.isoformat(), found.windows, round(found.ratio, 2)
    (True, '2026-03-26', 2, 0.49)
    """
    links = [one for one in chain(forecasts) if one.came is not None]
    threshold = 1 / alpha
    if not links:
        return Drift(1.0, 1.0, threshold)
    first = _place(links[0].made)
    year = (_place(links[-1].made) - first) // YEAR
    links = [one for one in links if (_place(one.made) - first) // YEAR == year]
    z = misses(links, tau)
    paths = [_evidence(z[:count]) for count in range(1, len(z) + 1)]
    starts = YEAR // max(links[0].days, 1) or 1
    values = [(path.sum() + max(starts - len(path), 0)) / max(starts, len(path)) for path in paths]
    if max(values) < threshold:
        return Drift(float(values[-1]), float(max(values)), threshold)
    at = int(np.argmax(values))
    start = int(np.argmax(paths[at]))
    ratio = float(np.exp(np.mean([_beyond(one) for one in links[start:]])))
    return Drift(float(values[-1]), float(max(values)), threshold, links[start].made, len(links) - start, ratio)


def record_of(forecasts: Sequence[Forecast]) -> TrackRecord | None:
    """How the forecasts of one name fared that look as far as the last of them: all that came due, and how many of them are disjoint.

    None where none has come due. Misses are ratios (`log`) where all that came and was expected is positive, else `points`.
    """
    if not forecasts:
        return None
    last = in_order(forecasts)[-1]
    latest = last.statement
    said = [one for one in forecasts if one.came is not None and same_length(one.statement, latest)]
    if not said:
        return None
    scale = "log" if all((one.came or 0) > 0 and one.estimate > 0 for one in said) else "points"
    scored = {one.key for one in said}
    links = sum(one.key in scored for one in chain(forecasts))
    missed = [error(one.statement, scale) for one in said]
    held = sum(bool(one.statement.held) for one in said)
    return TrackRecord(
        statements=len(said),
        disjoint=links,
        claimed=len(said),  # each claimed its interval on the night when it was made
        held=held,
        held_model=held,
        held_model_claimed=held,
        disjoint_claimed=links,
        level=said[-1].level,
        bias=float(np.mean(missed)),
        mean_absolute_miss=float(np.mean(np.abs(missed))),
        scale=scale,
        horizon=last.ahead,
        source="nights",
    )


def _evidence(z: np.ndarray) -> np.ndarray:
    """For a change before each of the windows: how much likelier their misses are with it than without, shape (n,)."""
    sums = np.cumsum(z[::-1])[::-1]
    spread = 1 + RHO**2 * np.arange(len(z), 0, -1)
    return np.asarray(np.exp(np.minimum(RHO**2 * sums**2 / (2 * spread), 700.0)) / np.sqrt(spread))


def smallest_drop(forecast: Forecast, *, tau: float = FROM_OTHER_DATA.tau, alpha: float = ALPHA) -> float | None:
    """The smallest share by which what comes must fall to be marked within 13 weeks in four of five cases; None where no fall would be.

    Parameters
    ----------
    forecast : over four weeks; a change is looked for in forecasts as sure as this one
    tau, alpha : as in `drift`

    Notes
    -----
    A change comes in the middle of a window, on average, so that of 13 weeks two windows and three quarters lie behind it: their misses
    have the sum m d with the standard deviation sqrt(m), d being the fall in standard deviations. The e-process is above its threshold
    where rho² S² / (2 (1 + m rho²)) is above the logarithm of 13 sqrt(1 + m rho²) / alpha.

    Examples
    --------
    >>> made, due = date(2026, 1, 1), date(2026, 1, 29)
    >>> drops = [smallest_drop(Forecast("x", made, due, 100.0, 100 / reach, 100 * reach)) for reach in (1.1, 1.5, 30.0)]
    >>> [drop if drop is None else round(drop, 2) for drop in drops]
    [0.32, 0.5, None]
    """
    behind = (PROMPT - FOUR_WEEKS / 2) / FOUR_WEEKS
    spread = 1 + RHO**2 * behind
    needed = np.sqrt(2 * spread / RHO**2 * np.log(YEAR / FOUR_WEEKS * np.sqrt(spread) / alpha))
    fall = (needed + normal_quantile(2 * FOUND - 1) * np.sqrt(behind)) / behind
    size = float(fall * _spread(forecast, -1.0, tau))
    nothing = -_log_ratio(replace(forecast, came=0.0))
    return -float(np.expm1(-size)) if size < nothing else None


def _beyond(one: Forecast) -> float:
    """By how much the forecast was missed beyond the season."""
    return _log_ratio(one) - one.season


def _spread(one: Forecast, side: float, tau: float) -> float:
    """The standard deviation of a miss to this side, where nothing has changed."""
    return float(np.sqrt(_claimed(one, side) ** 2 + tau**2 + (one.season_sd or 0.0) ** 2))


def _log_ratio(one: Forecast) -> float:
    """The logarithm of what came over what was expected; what is less than a hundredth of it, such as nothing, counts as that."""
    came = 0.0 if one.came is None else one.came
    more = HALF if one.unit == "purchases" else 0.0
    expected = max(one.estimate + more, 1e-12)
    return float(np.log(max(came + more, expected / 100) / expected))


def _claimed(one: Forecast, side: float) -> float:
    """The standard deviation that the forecast claims, on the log scale, towards where it was missed."""
    expected, end = max(one.estimate, 1e-12), one.upper if side >= 0 else one.lower
    reach = abs(np.log(end / expected)) if end > 0 else abs(np.log(max(one.upper, expected * 1.01) / expected))
    return float(reach / normal_quantile(one.level))


def in_order(forecasts: Iterable[Forecast]) -> list[Forecast]:
    """Forecasts by when they were made and are due; those that count renewals apart from those that count days."""
    return sorted(forecasts, key=lambda one: (isinstance(one.made, date), _place(one.made), _place(one.due), one.name, one.which))


def by_kind(forecasts: Iterable[Forecast]) -> dict[tuple[str, str, bool], list[Forecast]]:
    """The forecasts by name and `which`, those over four weeks (True) apart from the others, in the order they were made."""
    kinds: dict[tuple[str, str, bool], list[Forecast]] = {}
    for one in in_order(forecasts):
        kinds.setdefault((one.name, one.which, one.is_short), []).append(one)
    return kinds


def _place(when: Clock) -> int:
    return when.toordinal() if isinstance(when, date) else when


def as_plain(one: Forecast) -> dict[str, Any]:
    """A forecast as JSON holds it, without what came."""
    found = {name: getattr(one, name) for name in Forecast.__dataclass_fields__ if name != "came"}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def read_forecast(found: Any) -> Forecast | None:
    """A forecast from its JSON; None where that is something else."""
    try:
        texts = {name: found.get(name, "") or "" for name in ("label", "headline", "which", "terms")}
        numbers = {name: float(found[name]) for name in ("estimate", "lower", "upper", "level", "margin", "annual_discount_rate")}
        numbers["season"] = float(found.get("season", 0.0))
        days = {name: found[name] if type(found[name]) is int else date.fromisoformat(found[name]) for name in ("made", "due")}
        unit, first, spread = (found.get(name) for name in ("unit", "first", "season_sd"))
        if not isinstance(found["name"], str) or not all(isinstance(text, str) for text in (*texts.values(), unit or "")):
            return None
        known: dict[str, Any] = {**days, **numbers, **texts, "unit": unit, "first": first and date.fromisoformat(first)}
        return Forecast(found["name"], season_sd=None if spread is None else float(spread), **known)
    except (AttributeError, KeyError, TypeError, ValueError, DataError):
        return None
