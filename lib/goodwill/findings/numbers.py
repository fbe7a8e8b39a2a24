"""Numbers as people read them: sensible digits, thousands separators, units, intervals; and text made safe for Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

MONEY = re.compile(r"[A-Z]{3}\b")
MOST_DIGITS = 4  # of a number, however narrow its interval: no estimate here is known better
MOST_DECIMALS = 12  # shown where two results differ by next to nothing
VAST = 1e15  # from where a number is written with its power of ten
SMALL = 0.001  # below, a bare number says no more than that it is small
MINUS = "\N{MINUS SIGN}"
# A dollar sign that neither Markdown readers nor MathJax (which reads the page afterwards, but not across tags) take for mathematics.
DOLLAR = "<span>&#36;</span>"
ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": DOLLAR} | {sign: "\\" + sign for sign in "\\`*_[]|~#"}


def decimals_for(value: float, interval: tuple[float, float] | None = None, unit: str | None = None) -> int:
    """How many decimals to print: two digits of an interval's half width, at most four of the value, else three; cents at most for money.

    Below zero, so many digits before the point are rounded away.

    Examples
    --------
    >>> decimals_for(1653.4, (1456.0, 1863.0)), decimals_for(0.24259, (0.218, 0.267)), decimals_for(36.0876)
    (-1, 3, 1)
    >>> decimals_for(86.998123, (86.998121, 86.998125)), decimals_for(138_644.1, (101_109.0, 190_089.0), "USD")
    (2, -3)
    >>> decimals_for(96.66, (83.64, 106.90), "USD"), decimals_for(11.19, (6.40, 19.56), "USD")
    (0, 2)
    """
    half_width = abs(interval[1] - interval[0]) / 2 if interval else 0.0
    if abs(value) >= 1000 and 100 <= half_width < math.inf:  # below 100 no digit before the point is in doubt
        return max(1 - math.floor(math.log10(half_width)), 1 - math.floor(math.log10(abs(value))))
    size, digits = (half_width, 1) if 0 < half_width < math.inf else (abs(value), 2)
    decimals = 0 if size == 0 or abs(value) >= 1000 else min(max(digits - math.floor(math.log10(size)), 0), 6)
    if 0 < abs(value) < 1000:  # no mutate: from 1000 on there are no decimals left to lessen
        decimals = min(decimals, max(MOST_DIGITS - 1 - math.floor(math.log10(abs(value))), 0))
    if unit and MONEY.match(unit):
        return 0 if abs(value) >= 1000 or 10 <= half_width < math.inf else 2  # cents say nothing beside tens of doubt
    return decimals


def number(value: float, decimals: int) -> str:
    """A number with thousands separators and a true minus sign.

    Examples
    --------
    >>> number(-1653.44, 1)
    '−1,653.4'
    >>> number(1e200, 0), number(138_644.1, -3)
    ('1e+200', '139,000')
    """
    if decimals < 0:  # no mutate: to round to whole numbers first changes nothing
        value, decimals = float(round(value, decimals)), 0
    if abs(value) >= VAST and math.isfinite(value):
        return f"{value:.3g}".replace("-", MINUS, 1)  # no mutate: no exponent of a vast number has a minus
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS) if float(text.replace(",", "")) else text.lstrip("-")  # no mutate: strips signs, not a text


def with_unit(text: str, unit: str | None) -> str:
    """The unit after a number; a share and a per cent both show the sign."""
    if not unit:
        return text
    return f"{text}%" if unit in ("share", "%") else f"{text} {unit}"


def describe(record: Mapping[str, Any], form: str = "", finest: int | None = None) -> str:
    """A recorded result in words.

    Parameters
    ----------
    record : mapping
        `value`, and optionally `interval`, `level`, `unit`, `reason`. The unit `share` means a fraction shown in per cent.
    form : str
        `""` value, unit and interval; `value` without the interval; `interval` its two ends; `number` the bare number; or a format of
        Python's such as `.4f` for the bare number with so many digits.
    finest : int, optional
        Decimals that are shown even where the interval deserves fewer.

    Examples
    --------
    >>> describe({"value": 0.1421, "interval": [0.121, 0.165], "level": 0.95, "unit": "share"})
    '14.2% (95% interval 12.1% to 16.5%)'
    """
    value, unit = record["value"], record.get("unit")
    if value is None:
        return f"not available ({record['reason'].removesuffix('.')})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    scale = 100 if unit == "share" else 1
    ends = (record["interval"][0] * scale, record["interval"][1] * scale) if record.get("interval") else None
    if isinstance(value, float) and not ends and 0 < abs(value * scale) < SMALL and form in ("", "value", "number"):
        small = f"{'under' if value > 0 else 'over'} {number(math.copysign(SMALL, value), 3)}"  # no mutate: not 0 here
        return small if form == "number" else with_unit(small, unit)
    if form and form not in ("value", "interval", "number"):
        return format(value, form).replace("-", MINUS)
    decimals = 0 if isinstance(value, int) and scale == 1 and not ends else decimals_for(value * scale, ends, unit)
    decimals = decimals if finest is None else max(decimals, finest)
    if form == "number":
        return number(value * scale, decimals)
    main = with_unit(number(value * scale, decimals), unit)
    sign = unit if unit in ("share", "%") else None
    between = " to ".join(with_unit(number(end, decimals), sign) for end in ends) if ends else "no interval"
    if form == "interval":
        return between
    return main if form == "value" or not ends else f"{main} ({record['level'] * 100:g}% interval {between})"


def describe_both(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, str]:
    """Two records of one result in words, with the digits by which they differ even where an interval deserves fewer.

    Examples
    --------
    >>> interval = {"interval": [1456.0, 1863.0], "level": 0.95, "unit": None}
    >>> describe_both({"value": 1655.0, **interval}, {"value": 1653.4, **interval})
    ('1,655 (95% interval 1,456 to 1,863)', '1,653 (95% interval 1,456 to 1,863)')
    """
    scale = 100 if one.get("unit") == other.get("unit") == "share" else 1
    pairs = zip(*([record.get("value"), *(record.get("interval") or ())] for record in (one, other)), strict=False)
    plain = [(a, b) for a, b in pairs if isinstance(a, int | float) and isinstance(b, int | float)]
    gaps = [gap for a, b in plain if 0 < (gap := abs(a - b) * scale) < math.inf]
    finest = min(-math.floor(math.log10(min(gaps))), MOST_DECIMALS) if gaps else None
    return describe(one, finest=finest), describe(other, finest=finest)


def safe_markdown(text: object) -> str:
    """Text that Markdown, HTML and mathematics leave as it is.

    Examples
    --------
    >>> safe_markdown("<b>*1*")
    '&lt;b&gt;\\\\*1\\\\*'
    """
    return "".join(ESCAPED.get(sign, sign) for sign in " ".join(str(text).split()))
