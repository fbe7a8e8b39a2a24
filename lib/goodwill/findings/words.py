"""Words that findings share: the one verdict of an interval, sentences from a table of wordings, lists, plurals, and tables as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from goodwill.findings.numbers import MINUS, safe_markdown

if TYPE_CHECKING:
    import pandas as pd

UNNUMBERED = {"missing": "none", "endless": "without limit"}  # what stands for a number in words
Verdict: TypeAlias = Literal["better", "worse", "not told apart"]


def verdict(low: float | None, high: float | None, better: Literal["higher", "lower"] = "higher") -> Verdict:
    """What the interval of a difference says: better or worse when it excludes zero, else not told apart.

    Parameters
    ----------
    low, high : float or None
        The interval of (this one minus the other); no interval, or one with an end that is not known, tells nothing apart.
    better : "higher" or "lower"
        Which way is good: a higher profit, a lower error.

    Examples
    --------
    >>> verdict(0.2, 1.4), verdict(0.2, 1.4, better="lower"), verdict(-0.1, 1.4), verdict(None, None)
    ('better', 'worse', 'not told apart', 'not told apart')
    """
    if better not in ("higher", "lower"):
        raise ValueError(f"better is 'higher' or 'lower', not {better!r}")
    if not (_is_known(low) and _is_known(high)):
        return "not told apart"
    assert low is not None and high is not None
    if low > high:
        raise ValueError(f"the interval ({low}, {high}) is not a low and a high end")
    if low <= 0 <= high:
        return "not told apart"
    upwards = low > 0  # no mutate: not 0 here
    return "better" if upwards == (better == "higher") else "worse"


def worded(table: Mapping[Any, str], key: Any, /, **values: Any) -> str:
    """The wording under a key as plain text, for titles, captions and labels; `{name}` and `{name:,.0f}` are filled with the values.

    Examples
    --------
    >>> title = {"better": "{model} misses by {miss:.1f} less", "not told apart": "{model} and the rule are not told apart"}
    >>> worded(title, "better", model="BG/NBD", miss=2.345)
    'BG/NBD misses by 2.3 less'
    """
    return _filled(table[key], values, plain=True)


def sentence(table: Mapping[Any, str], key: Any, /, **values: Any) -> str:
    """The wording under a key as Markdown for the text of a finding.

    The given values are filled in so that Markdown leaves them as they are, whatever they hold. Every other `{name}` stays and stands for
    a recorded value.

    Examples
    --------
    >>> sentence({"most": "**{group}** spends most: {spend_most}."}, "most", group="A_1 {x}")
    '**A\\\\_1 {{x}}** spends most: {spend_most}.'
    """
    return _filled(table[key], values, plain=False)


def listed(words: Sequence[Any], conjunction: str = "and") -> str:
    """Words as a list in a sentence.

    Examples
    --------
    >>> listed(["price"]), listed(["price", "speed"]), listed(["price", "speed", "staff"], "or")
    ('price', 'price and speed', 'price, speed or staff')
    """
    *first, last = [str(word) for word in words] or [""]
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "customer"), plural(1234, "customer"), plural(0, "company", "companies")
    ('1 customer', '1,234 customers', '0 companies')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def table_in_words(title: str, table: pd.DataFrame, columns: list[str]) -> str:
    """The numbers behind a figure as one text: the first column names the row, the others follow.

    What is missing is "none"; what is empty is left out.

    >>> import numpy as np
    >>> import pandas as pd
    >>> table = pd.DataFrame({"label": ["0", "1+"], "actual": [3, 2], "expected": [2.5, 2.52]})
    >>> table_in_words("Buyers by class", table, ["label", "actual", "expected"])
    'Buyers by class. 0: actual 3, expected 2.5; 1+: actual 2, expected 2.52.'
    >>> table_in_words("Rules", pd.DataFrame({"rule": ["hiatus"], "log_score": [np.nan], "cost": [np.inf]}), ["rule", "log_score", "cost"])
    'Rules. hiatus: log score none, cost without limit.'
    """
    cells = ([(str(name).replace("_", " "), _word(row[name])) for name in columns] for _, row in table.iterrows())
    rows = (f"{first}: " + ", ".join(f"{name} {word}" for name, word in rest if word) for (_, first), *rest in cells)
    return f"{title}. " + "; ".join(rows) + "."


def _word(value: Any) -> str:
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and not math.isfinite(value):
        return UNNUMBERED["missing" if math.isnan(value) else "endless"]
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1000  # no mutate: at 1000 both formats write alike
        else f"{value:,.0f}"
        if isinstance(value, int | float)
        else str(value)
    )


def _is_known(end: float | None) -> bool:
    return end is not None and not math.isnan(end)


def _filled(wording: str, values: Mapping[str, Any], *, plain: bool) -> str:
    parts = []
    for literal, name, form, _ in Formatter().parse(wording):
        parts.append(literal if plain else _braced(literal))
        if name is None:
            continue
        if name in values:
            text = _formatted(values[name], form or "")
            parts.append(text if plain else _braced(safe_markdown(text)))
        elif plain:
            raise KeyError(f"the wording {wording!r} needs a value for {name!r}")
        else:
            parts.append(f"{{{name}:{form}}}" if form else f"{{{name}}}")
    return "".join(parts)


def _formatted(value: Any, form: str) -> str:
    text = format(value, form)
    return text.replace("-", MINUS) if isinstance(value, int | float) and not isinstance(value, bool) else text


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
