"""The files that runs leave for later runs, read by their shape: what does not fit counts as absent, and the next run writes it anew.

A file may have been cut by a full disk, edited by hand, or written by an older version. Nobody who reads one through this module meets a
value of another kind than the one that is expected there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from goodwill.reports.running.writing import read_object

Shape = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    """A finite number: JSON as Python reads it also knows NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def is_plain(value: Any) -> bool:
    """A text, a number, a truth value, or nothing."""
    return value is None or isinstance(value, str | bool) or is_number(value)


def is_time(value: Any) -> bool:
    """A time with its zone, as a run writes it."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def either(*shapes: Shape) -> Shape:
    return lambda value: any(shape(value) for shape in shapes)


def nothing(value: Any) -> bool:
    return value is None


def list_of(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list) and all(map(shape, value))


def names_to(shape: Shape) -> Shape:
    return lambda value: isinstance(value, dict) and all(map(shape, value.values()))


def fields(needed: Mapping[str, Shape], also: Mapping[str, Shape]) -> Shape:
    """A mapping with certain fields, and others that may be there; of any further ones nothing is asked."""

    def fits(value: Any) -> bool:
        if not isinstance(value, dict) or not all(name in value and shape(value[name]) for name, shape in needed.items()):
            return False
        return all(shape(value[name]) for name, shape in also.items() if name in value)

    return fits


def is_interval(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[0] <= value[1]


_maybe_text = either(is_text, nothing)
_values = names_to(either(is_plain, list_of(is_plain)))
_about = names_to(names_to(lambda _: True))
is_record = fields(
    {"value": is_plain, "label": is_text},
    {
        "interval": either(is_interval, nothing),
        "model_interval": either(is_interval, nothing),
        "level": either(is_number, nothing),
        "unit": _maybe_text,
        "reason": _maybe_text,
        "grade": _maybe_text,
        "weakest": _maybe_text,
        "track_record": list_of(names_to(is_plain)),
    },
)
is_run = fields(
    {"started": is_text},
    {
        "status": is_text,
        "reason": is_text,
        "seconds": is_number,
        "results": _about,
        "data": _about,
        "observed": either(names_to(lambda _: True), nothing),
    },
)
has_shape_of_facts = fields(
    {"name": is_text, "title": is_text, "notebook": is_text, "started": is_time, "parameters": _values},
    {
        "seconds": is_number,
        "note": is_text,
        "defaults": _values,
        "given": _values,
        "headline": list_of(is_text),
        "data": _about,
        "tables": _about,
        "figures": _about,
        "files": names_to(is_text),
        "versions": names_to(is_text),
        "key": _maybe_text,
        "base": is_text,
        "library": is_text,
        "notebook_sha256": is_text,
        "cut": list_of(is_text),
        "cut_in_code": lambda value: isinstance(value, bool),
        "forecasts": list_of(names_to(is_plain)),
    },
)


def read_results(folder: Path) -> dict[str, dict[str, Any]]:
    """The records of a report's results.json, all fields there; those of another shape are left out."""
    blank = dict.fromkeys(("interval", "level", "unit", "reason"))
    found = read_object(folder / "results.json")
    records = {name: blank | record for name, record in found.items() if is_record(record)}
    return {name: record for name, record in records.items() if record["interval"] is None or record["level"] is not None}
