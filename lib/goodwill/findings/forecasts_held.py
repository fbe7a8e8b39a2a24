"""How the forecasts of earlier nights have fared, in the words of the report's page, the index and the command line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from goodwill.findings.numbers import describe
from goodwill.findings.words import plural, worded
from goodwill.inference.ledger import ALPHA, Drift, Forecast, by_kind, drift, record_of, smallest_drop
from goodwill.inference.track_record import TrackRecord

RECORD = {
    "one made": "One forecast was made so far; it comes due on {first}.",
    "one made by renewals": "One forecast was made so far; it comes due at renewal {first}.",
    "none due": "None of {made} has come due yet; the first does on {first}.",
    "none due by renewals": "None of {made} has come due yet; the first does at renewal {first}.",
    "one due": "One has come due, and it {held}: {came} came, and {estimate} were expected.",
    "due": "Of {due} that came due {held:,.0f} held ({level:.0%} should), {disjoint} without overlap; the mean miss is {miss}, {bias}.",
}
HELD = {True: "held", False: "did not hold"}
BIAS = {
    "more": "{size} more came than was expected",
    "less": "{size} less came than was expected",
    "as much": "as much came as was expected",
}
DRIFT = {
    "less": "Since {since} {size} less came than was foretold, in {windows} of four weeks: more than chance. "
    "What the forecasts rest on has changed.",
    "more": "Since {since} {size} more came than was foretold, in {windows} of four weeks: more than chance. "
    "What the forecasts rest on has changed.",
    "less than in its season": "Since {since} {size} less came than was foretold and than the season of the year before explains, in "
    "{windows} of four weeks: more than chance. What the forecasts rest on has changed.",
    "more than in its season": "Since {since} {size} more came than was foretold and than the season of the year before explains, in "
    "{windows} of four weeks: more than chance. What the forecasts rest on has changed.",
}
SEEN = {
    "a half": "A fall by {drop} or more would be marked within 13 weeks, in four of five cases.",
    "no half": "At this size a halving cannot be told from chance within 13 weeks: only a fall by {drop} or more would be marked, in four "
    "of five cases.",
    "nothing": "At this size no fall, not even to nothing, can be told from chance within 13 weeks.",
}


@dataclass(frozen=True)
class Account:
    """The forecasts of one kind: what they are of and how far they look, how many were made and came due, and how they fared.

    `drift` is the sentence about a drift that is more than chance, empty where there is none; `seen` says which fall would be marked, of
    those that are asked for drift. `is_part` tells the forecasts of a segment, a cohort or another model from those of the whole report.

    Attributes
    ----------
    name, label, ahead : what is foretold, for people, and how far ahead in words
    made, due, held, disjoint : how many were made, came due, held what came, and do not overlap
    miss : the mean miss, in words
    record : how they have fared, in one sentence
    track : TrackRecord of those that came due; None before
    headline : the recorded result that they are forecasts of

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> made, due = date(2025, 1, 1), date(2025, 1, 29)
    >>> one = gw.inference.Forecast("purchases", made, due, 200.0, 160.0, 240.0, unit="purchases", label="Purchases", came=214.0)
    >>> (account,) = gw.findings.accounts([one])
    >>> account.due, account.held, account.record
    (1, 1, 'One has come due, and it held: 214 came, and 200 were expected.')
    """

    name: str
    label: str
    ahead: str
    made: int
    due: int
    held: int
    disjoint: int
    miss: str
    record: str
    drift: str
    track: TrackRecord | None
    headline: str
    seen: str
    is_part: bool


def accounts(forecasts: Iterable[Forecast]) -> list[Account]:
    """One account for each kind of forecast.

    Those over four weeks and about all that the report is about are asked whether they drift, each at its part of 5 % a year.

    Parameters
    ----------
    forecasts : of all nights

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.inference import Forecast
    >>> one = Forecast("purchases", date(2025, 1, 1), date(2025, 1, 29), 200.0, 160.0, 240.0, unit="purchases", label="Purchases")
    >>> accounts([one])[0].record
    'One forecast was made so far; it comes due on 2025-01-29.'
    """
    kinds = by_kind(forecasts)
    asked = sum(is_short and not which for _, which, is_short in kinds)
    return [_account(made, ALPHA / asked if is_short and not which else None) for (_, which, is_short), made in kinds.items()]


def told_alike(given: Iterable[Account]) -> list[list[Account]]:
    """Neighbouring accounts of which the same is said, together, such as nine segments whose first forecasts are due on one day."""
    return [list(alike) for _, alike in groupby(given, key=lambda one: (one.ahead, one.record, one.drift, one.seen))]


def _account(made: Sequence[Forecast], alpha: float | None) -> Account:
    track, last = record_of(made), made[-1]
    found = drift(made, alpha=alpha) if alpha is not None else None
    return Account(
        last.name,
        last.label or last.name,
        last.ahead,
        len(made),
        sum(one.came is not None for one in made),
        track.held_model if track else 0,
        track.disjoint if track else 0,
        _size(track.mean_absolute_miss, track.scale) if track else "",
        _record(made, track),
        _drift(found, last) if found and found.is_more_than_chance else "",
        track,
        last.headline,
        _seen(last, alpha) if alpha is not None else "",
        bool(last.which),
    )


def _record(made: Sequence[Forecast], track: TrackRecord | None) -> str:
    if track is None:
        first = min(made, key=lambda one: one.due).due
        keys = ("one made", "one made by renewals") if len(made) == 1 else ("none due", "none due by renewals")
        key = keys[not isinstance(first, date)]
        return worded(RECORD, key, made=plural(len(made), "forecast"), first=first)
    if track.statements == 1:
        one = next(each for each in reversed(made) if each.came is not None)
        came, expected = (describe({"value": whole(value), "unit": one.unit}, "number") for value in (one.came, one.estimate))
        return worded(RECORD, "one due", held=HELD[bool(one.statement.held)], came=came, estimate=expected)
    is_less = track.bias < 0  # no mutate: a bias of nothing is "as much" either way
    much = _size(abs(track.bias), track.scale, downwards=is_less)
    key = "as much" if much in ("0%", "0") else "less" if is_less else "more"
    values = {"due": track.statements, "held": track.held_model, "level": track.level, "disjoint": track.disjoint}
    miss = _size(track.mean_absolute_miss, track.scale)
    return worded(RECORD, "due", **values, miss=miss, bias=worded(BIAS, key, size=much))


def whole(value: float | None) -> float | int | None:
    """A count as one, not as a number with decimals."""
    return int(value) if value is not None and float(value).is_integer() else value


def _drift(found: Drift, last: Forecast) -> str:
    windows = plural(found.windows, "window")
    ways = ("less", "more") if last.season_sd is None else ("less than in its season", "more than in its season")
    key = ways[found.ratio >= 1]  # no mutate: what is more than chance is not 1
    return worded(DRIFT, key, since=found.since, size=f"{abs(found.ratio - 1):.0%}", windows=windows)


def _seen(last: Forecast, alpha: float) -> str:
    drop = smallest_drop(last, alpha=alpha)
    if drop is None:
        return worded(SEEN, "nothing")
    is_half = drop <= 0.5  # no mutate: no fall is a half to the last digit
    return worded(SEEN, "a half" if is_half else "no half", drop=f"{drop:.0%}")


def _size(miss: float, scale: str, *, downwards: bool = False) -> str:
    """A miss as a share of what was expected (downwards it is at most all of it), or on its own scale."""
    if scale == "log":
        return f"{1 - math.exp(-miss):.0%}" if downwards else f"{math.expm1(miss):.0%}"
    return describe({"value": miss}, "number")
