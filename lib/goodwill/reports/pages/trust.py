"""How far a result can be trusted, in the few words that stand below it: its grade, what holds if the model is right, its track record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodwill.findings.numbers import describe

SOURCES = {"own past": "in its own past", "nights": "in earlier nights", "simulation": "in simulated companies"}


def trust_in_words(record: Mapping[str, Any]) -> list[str]:
    """One short line for each thing that a record knows of its trust; none for a record that knows nothing.

    Examples
    --------
    >>> record = {"value": 40.0, "interval": [30.0, 50.0], "level": 0.95, "unit": "USD", "grade": "assumed", "weakest": "margin"}
    >>> trust_in_words(record | {"track_record": [{"statements": 8, "held": 7, "source": "own past", "outcome": 43.0}]})
    ['Assumed: margin', 'What came: 43.00 USD, inside the interval', 'Track record: 7 of 8 held in its own past']
    """
    lines = []
    if grade := record.get("grade"):
        lines.append(f"{grade.capitalize()}: {record['weakest']}" if record.get("weakest") else grade.capitalize())
    if ends := record.get("model_interval"):
        lines.append(f"If the model is right: {describe({**record, 'value': _middle(record, ends), 'interval': ends}, 'interval')}")
    entries = record.get("track_record") or []
    lines += [_what_came(record, entry["outcome"]) for entry in entries if entry.get("outcome") is not None]
    return lines + [f"Track record: {words}" for entry in entries if (words := _fared(entry))]


def _what_came(record: Mapping[str, Any], outcome: Any) -> str:
    came = describe({"value": outcome, "unit": record.get("unit")}, "value")
    ends = record.get("interval")
    if not ends or not isinstance(outcome, int | float):
        return f"What came: {came}"
    return f"What came: {came}, {'inside' if ends[0] <= outcome <= ends[1] else 'outside'} the interval"


def _fared(entry: Mapping[str, Any]) -> str:
    """`7 of 8 held (95% should), 3 of them disjoint, 52 weeks ahead, in its own past`."""
    held, statements = entry.get("held"), entry.get("statements")
    if held is None and entry.get("held_model") is None:
        return ""
    # No statement claimed an interval: what the model's own held is all that there is to tell.
    as_given = " as the model gave them" if held is None else ""
    held = entry["held_model"] if held is None else held
    of_all = f" of {statements:,}" if statements is not None else ""
    words = f"{held:.0%}{of_all} held" if isinstance(held, float) and held <= 1 else f"{held:,.0f}{of_all} held"
    words += as_given
    words += f" ({entry['level']:.0%} should)" if entry.get("level") else ""
    words += f", {entry['disjoint']:,} of them disjoint" if entry.get("disjoint") is not None else ""
    words += f", looking {entry['horizon']} ahead" if entry.get("horizon") is not None else ""
    source = entry.get("source")
    words += f"{',' if ',' in words else ''} {SOURCES.get(source, source)}" if source else ""
    return words + (f" ({entry['study']})" if entry.get("study") else "")


def _middle(record: Mapping[str, Any], ends: Any) -> float:
    """A number to take the digits from, where the value itself does not exist."""
    value = record.get("value")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else (ends[0] + ends[1]) / 2
