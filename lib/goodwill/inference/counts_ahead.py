"""How many events the next four weeks will bring, by how many the four weeks before them brought: complaints, for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy import stats

from goodwill.errors import TooLittle
from goodwill.inference.ledger import FOUR_WEEKS, YEAR, Forecast

FEWEST = 6  # windows without overlap, below which their spread is not known
MOST = YEAR // FOUR_WEEKS


def count_ahead(name: str, days: Sequence[date], until: date, *, label: str, unit: str, level: float = 0.95) -> Forecast:
    """The number of events in the four weeks after a day, with a predictive interval.

    Parameters
    ----------
    name, label, unit : of the forecast
    days : of the events, one each, shape (events,)
    until : the last day that was seen

    Returns
    -------
    Forecast
        The mean of up to 13 windows of four weeks before that day, all within the time since the first event. The interval is that of one
        more draw from a normal variable whose mean and variance are estimated from them (Student's t with n - 1 degrees of freedom); the
        variance is taken as that of a Poisson count at least.

    Raises
    ------
    TooLittle
        When there are fewer than six windows.

    Examples
    --------
    >>> every_second = [date(2025, 1, 1) + timedelta(days=2 * place) for place in range(120)]
    >>> one = count_ahead("complaints", every_second, every_second[-1], label="Complaints", unit="complaints")
    >>> one.estimate, round(one.lower), round(one.upper)
    (14.0, 5, 23)
    """
    found = np.array([(until - day).days for day in days if day <= until], int)
    windows = min((int(found.max(initial=-1)) + 1) // FOUR_WEEKS, MOST)
    if windows < FEWEST:
        raise TooLittle(f"{windows} windows of four weeks are too few to say what the next one brings; {FEWEST} are needed.")
    counts = np.bincount(found[found < windows * FOUR_WEEKS] // FOUR_WEEKS, minlength=windows)
    mean = float(counts.mean())
    spread = np.sqrt(max(float(counts.var(ddof=1)), mean, 1.0) * (1 + 1 / windows))
    reach = float(stats.t.ppf((1 + level) / 2, windows - 1) * spread)
    about: dict[str, Any] = {"label": label, "unit": unit, "first": min(days)}
    return Forecast(name, until, until + timedelta(days=FOUR_WEEKS), mean, max(mean - reach, 0.0), mean + reach, level, **about)


def counts_of(days: Sequence[date], until: date, said: Iterable[Forecast]) -> list[Forecast]:
    """Those of some forecasts of `count_ahead` whose window is over by `until`, with the number of events that came."""
    found = []
    for one in said:
        made, due = one.made, one.due
        if isinstance(made, date) and isinstance(due, date) and due <= until and days and (one.first is None or one.first >= min(days)):
            found.append(replace(one, came=float(sum(made < day <= due for day in days))))
    return found
