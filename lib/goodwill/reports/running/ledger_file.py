"""The ledger of a report: what it foretold on each night and what came, one line each in `NAME.ledger.jsonl` beside its history.

Lines are only ever added. What was said first about a window stands: a later run cannot say that it had foretold something else. Nothing
that tidies up removes this file, so a forecast outlives the report that made it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from goodwill.inference.ledger import Forecast, as_plain, in_order, read_forecast
from goodwill.reports.running.history import append_line
from goodwill.reports.running.own_files import is_number
from goodwill.reports.running.what_came import what_came
from goodwill.reports.running.writing import read_object


@dataclass(frozen=True)
class Ledger:
    """All forecasts of a report, with what came where that is known; lines that are not yet in its file; lines that cannot be read."""

    forecasts: tuple[Forecast, ...] = ()
    new: tuple[dict[str, Any], ...] = ()
    damaged: int = 0

    @property
    def open(self) -> tuple[Forecast, ...]:
        """The forecasts of which nobody has said yet what came."""
        return tuple(one for one in self.forecasts if one.came is None)


def ledger_file(folder: Path) -> Path:
    """The ledger of the report in `folder`."""
    return folder.with_name(f"{folder.name}.ledger.jsonl")


def read_ledger(folder: Path) -> Ledger:
    """The ledger of the report in `folder`, in the order in which the forecasts were made; empty where there is none."""
    try:
        lines = [line for line in ledger_file(folder).read_bytes().split(b"\n") if line.strip()]
    except OSError:
        return Ledger()
    told: dict[Any, Forecast] = {}
    came: dict[Any, float] = {}
    damaged = 0
    for line in lines:
        found = _object(line)
        one = read_forecast(found)
        if one is None:
            damaged += 1
        elif is_number(found.get("came")):
            came.setdefault(one.key, float(found["came"]))
        else:
            told.setdefault(one.key, one)
    known = (replace(one, came=came.get(key)) for key, one in told.items())
    return Ledger(tuple(in_order(known)), damaged=damaged)


def with_tonight(ledger: Ledger, made: Iterable[Mapping[str, Any]], came: Iterable[Forecast]) -> Ledger:
    """The ledger with what this run foretells and what it found to have come; what is there already stays as it is."""
    known = {one.key: one for one in ledger.forecasts}
    new: list[dict[str, Any]] = []
    for one in filter(None, map(read_forecast, made)):
        if one.key not in known:
            known[one.key] = one
            new.append(as_plain(one))
    for one in came:
        if one.key in known and known[one.key].came is None:
            known[one.key] = replace(known[one.key], came=one.came)
            new.append(as_plain(one) | {"came": one.came})
    return Ledger(tuple(in_order(known.values())), tuple(new), ledger.damaged)


def keep(folder: Path, ledger: Ledger) -> None:
    """Add the new lines to the file; never an error, because a report is not lost over its ledger."""
    for line in ledger.new:
        append_line(ledger_file(folder), line)


def catch_up(folder: Path) -> Ledger:
    """The ledger with the forecasts of the report as it stands, which a killed run may not have added; adds them."""
    made = read_object(folder / "run.json").get("forecasts")
    ledger = with_tonight(read_ledger(folder), [one for one in made if isinstance(one, dict)] if isinstance(made, list) else [], ())
    keep(folder, ledger)
    return ledger


def came_by(ledger: Ledger, parameters: Mapping[str, Any]) -> tuple[Forecast, ...]:
    """What came of the open forecasts, by the data that a report with these parameters reads (`what_came`)."""
    return what_came(ledger.open, parameters)


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
