"""A result over the last runs as a small line with its interval as a band, and in words for who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from goodwill.findings.numbers import describe

WIDTH, HEIGHT, EDGE = 100, 24, 3
MAX_RUNS = 24
Run = tuple[float, tuple[float, float] | None]


def sparkline(runs: Sequence[Run], record: Mapping[str, Any]) -> str:
    """The last 24 runs of a result as inline SVG; nothing for fewer than two runs.

    Parameters
    ----------
    runs : sequence of (value, (low, high) or None)
        Oldest first, the current one last.
    record : mapping
        The current record, for its unit.

    Examples
    --------
    >>> sparkline([(1.0, None), (3.0, None)], {"unit": None})
    '<svg class="spark" viewBox="0 0 100 24" role="img"><title>2 runs: first 1.00, last 3.00; lowest 1.00, highest 3.00</title>\
<polyline points="3,21 97,3"/><circle cx="97" cy="3" r="2.5"/></svg>'
    """
    runs = list(runs)[-MAX_RUNS:]
    if len(runs) < 2:
        return ""
    values = [value for value, _ in runs]
    ends = [end for _, pair in runs if pair for end in pair]
    low, high = min(values + ends), max(values + ends)
    across = [round(EDGE + (WIDTH - 2 * EDGE) * i / (len(runs) - 1)) for i in range(len(runs))]

    def down(value: float) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share)

    points = " ".join(f"{x},{down(value)}" for x, value in zip(across, values, strict=True))
    band = ""
    with_ends = [(x, pair) for x, (_, pair) in zip(across, runs, strict=True) if pair]
    if len(with_ends) > 1:
        corners = [f"{x},{down(pair[1])}" for x, pair in with_ends] + [f"{x},{down(pair[0])}" for x, pair in reversed(with_ends)]
        band = f'<polygon points="{" ".join(corners)}"/>'
    line = f'<polyline points="{points}"/><circle cx="{across[-1]}" cy="{down(values[-1])}" r="2.5"/>'
    return f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(_words(values, record))}</title>{band}{line}</svg>'


def _words(values: Sequence[float], record: Mapping[str, Any]) -> str:
    first, last, low, high = (_said(value, record) for value in (values[0], values[-1], min(values), max(values)))
    return f"{len(values)} runs: first {first}, last {last}; lowest {low}, highest {high}"


def _said(value: float, record: Mapping[str, Any]) -> str:
    unit = record.get("unit")
    whole = int(value) if isinstance(record.get("value"), int) and value.is_integer() else value
    return describe({"value": whole, "unit": unit}, "value" if unit in ("share", "%") else "number")
