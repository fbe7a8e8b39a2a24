"""What may be recorded: names, plain values, intervals, grades and track records; anything else is refused with a sentence."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from typing import Any

from goodwill.errors import ReportError
from goodwill.reports.recording.parameters import unknown_name

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
GRADES = ("measured", "published", "assumed")
RESERVED = ("schema",)
# What an entry of a track record may say; `outcome` is what came of this very statement.
_COUNTS = ("statements", "disjoint", "held", "held_model", "level")
TRACK_RECORD = (*_COUNTS, "bias", "mean_absolute_miss", "scale", "horizon", "source", "study", "outcome")


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ReportError(f"{name!r} cannot be the name of a result: use letters, digits and underscores, a letter first.")


def check_text(name: str, **texts: str) -> None:
    for what, text in texts.items():
        if not text.strip():
            raise ReportError(f"{name!r}: the {what} says nothing; a reader needs it.")


def plain(value: Any, name: str) -> Any:
    """A plain Python value, or ReportError: JSON knows no NaN, and neither does a reader."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is not None and not isinstance(value, str | int | float):
        raise ReportError(f"record({name!r}): a {type(value).__name__} is not a single value; record a number, a text or a date.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ReportError(f"record({name!r}): the value is {value}; where no value exists record None with reason=.")
    return value


def ends(interval: Sequence[Any] | None, name: str) -> list[Any] | None:
    """The two ends of an interval as plain numbers."""
    if interval is None:
        return None
    found = [plain(end, name) for end in interval]
    if len(found) != 2 or not all(isinstance(end, int | float) for end in found) or found[0] > found[1]:
        raise ReportError(f"record({name!r}): the interval {found} is not a low and a high end.")
    return found


def graded(grade: str | None, name: str) -> str | None:
    if grade is not None and grade not in GRADES:
        raise ReportError(f"record({name!r}): the grade is {grade!r}; use one of {', '.join(GRADES)}.")
    return grade


def tracked(given: Any, name: str) -> list[dict[str, Any]]:
    """Track records as plain mappings, without what they do not say."""
    entries = [] if given is None else list(given) if isinstance(given, list | tuple) else [given]
    plain_entries = []
    for entry in entries:
        parts = asdict(entry) if is_dataclass(entry) and not isinstance(entry, type) else dict(entry)
        for key in parts:
            if key not in TRACK_RECORD:
                raise ReportError(unknown_name(key, TRACK_RECORD, "part of a track record", f"record({name!r})"))
        plain_entries.append({key: plain(value, name) for key, value in parts.items() if value is not None})
    return plain_entries
