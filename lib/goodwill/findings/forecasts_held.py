"""How the forecasts of earlier nights have fared, in the words of the report's page, the index and the command line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goodwill.findings.numbers import describe
from goodwill.findings.words import plural, worded
from goodwill.inference.ledger import ALPHA, Drift, Forecast, by_kind, drift, record_of
from goodwill.inference.track_record import TrackRecord, in_words

RECORD = {
    "none due": "None of {made} has come due yet; the first does on {first}.",
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
}


@dataclass(frozen=True)
class Account:
    """The forecasts of one kind: what they are of and how far they look, how many were made and came due, and how they fared.

    `drift` is the sentence about a drift that is more than chance; empty where there is none.
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


def accounts(forecasts: Iterable[Forecast]) -> list[Account]:
    """One account for each kind of forecast; those over four weeks are asked whether they drift, each at its part of 5 % a year."""
    kinds = by_kind(forecasts)
    asked = sum(is_short for _, is_short in kinds)
    return [_account(made, drift(made, alpha=ALPHA / asked) if is_short else None) for (_, is_short), made in kinds.items()]


def _account(made: Sequence[Forecast], found: Drift | None) -> Account:
    track, last = record_of(made), made[-1]
    return Account(
        last.name,
        last.label or last.name,
        in_words(last.days),
        len(made),
        sum(one.came is not None for one in made),
        track.held_model if track else 0,
        track.disjoint if track else 0,
        _size(track.mean_absolute_miss, track.scale) if track else "",
        _record(made, track),
        _drift(found) if found and found.is_more_than_chance else "",
        track,
        last.headline,
    )


def _record(made: Sequence[Forecast], track: TrackRecord | None) -> str:
    if track is None:
        return worded(RECORD, "none due", made=plural(len(made), "forecast"), first=min(one.due for one in made))
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


def _drift(found: Drift) -> str:
    windows = plural(found.windows, "window")
    is_less = found.ratio < 1  # no mutate: what is more than chance is not 1
    return worded(DRIFT, "less" if is_less else "more", since=found.since, size=f"{abs(found.ratio - 1):.0%}", windows=windows)


def _size(miss: float, scale: str, *, downwards: bool = False) -> str:
    """A miss as a share of what was expected (downwards it is at most all of it), or on its own scale."""
    if scale == "log":
        return f"{1 - math.exp(-miss):.0%}" if downwards else f"{math.expm1(miss):.0%}"
    return describe({"value": miss}, "number")
