"""Forecasts of newcomers at earlier dates of the same records, beside rules that need no model."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from goodwill.errors import TooLittle
from goodwill.inference.ledger import FOUR_WEEKS, HALF
from goodwill.inference.track_record import Statement, scored, track_record, why_not_widened, widened
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.equity.arrivals import PLACES, PLANNED, Arrivals, Planned, exposures
from goodwill.lifetime_value.equity.newcomers import FEWEST, Newcomers
from goodwill.lifetime_value.evidence.headline import Headline

WINDOW = 3  # periods of a scored window: twelve weeks
RULES = ("as many as in the last four weeks", "as many as in the same weeks a year ago", "as many as on average so far")
ENOUGH = 4  # windows, below which rule and model are not compared


class RuleScores(NamedTuple):
    """What `rules_scored` found.

    Attributes
    ----------
    table : DataFrame
        A row for the model (first) and each rule: windows, bias (mean of foretold less came), miss (mean absolute miss), held (share of
        windows that the model's 95 % interval held; missing for rules), worse (mean of the rule's absolute miss less the model's),
        lower, upper (its interval, simultaneous over the rules).
    windows : DataFrame
        made, due, came, estimate, lower, upper, and a column for each rule.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import RuleScores
    >>> table = pd.DataFrame({"rule": ["this forecast", "the last one", "the mean"], "miss": [4.0, 6.0, 5.0]})
    >>> RuleScores(table, pd.DataFrame()).best
    'the mean'
    """

    table: pd.DataFrame
    windows: pd.DataFrame

    @property
    def best(self) -> str:
        """The rule that missed by least."""
        rules = self.table.iloc[1:]
        return str(rules.sort_values("miss", kind="stable")["rule"].iloc[0])


def rules_scored(found: Newcomers | Planned, level: float = 0.95, seed: int = 1) -> RuleScores:
    """Foretell windows of twelve weeks without overlap from what was known before each, and set the misses beside those of three rules.

    Only windows before which a year was known are scored, where there are four of these; else all, without the rule of the year before.

    Raises
    ------
    TooLittle
        With fewer than four such windows after the first six periods, and for a number that is given.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Newcomers
    >>> from datetime import date, timedelta
    >>> from goodwill.lifetime_value.equity.newcomer_scores import RULES
    >>> counts = np.random.default_rng(1).poisson(80, 30)
    >>> ends = [date(2024, 12, 29) - timedelta(days=28 * (29 - at)) for at in range(30)]
    >>> table = pd.DataFrame({"start": ends, "end": ends, "newcomers": counts, "used": True})
    >>> scores = rules_scored(Newcomers(table, ends[-1], "even", None, pd.Series()))
    >>> int(scores.table["windows"].iloc[0]), scores.best in RULES
    (5, True)
    """
    if isinstance(found, Planned):
        raise TooLittle(PLANNED)
    counts = found.counts
    starts = range(len(counts) - WINDOW, FEWEST - 1, -WINDOW)
    late = range(len(counts) - WINDOW, PLACES - 1, -WINDOW)
    starts = late if len(late) >= ENOUGH else starts
    if len(starts) < ENOUGH:
        raise TooLittle(
            f"{len(counts)} periods of four weeks leave {len(starts)} windows of twelve weeks to foretell from what came before; "
            f"{ENOUGH} are needed to compare with rules."
        )
    rows = []
    for at in reversed(starts):
        known, made = counts[:at], found.end - timedelta(days=FOUR_WEEKS * (len(counts) - at))
        said = Arrivals(known).interval(WINDOW, 1000, seed, level=level)
        year_ago = known[at - PLACES : at - PLACES + WINDOW].sum() if at >= PLACES else np.nan
        rules = [WINDOW * known[-1], year_ago, WINDOW * known.mean()]
        rows.append([made, made + timedelta(days=WINDOW * FOUR_WEEKS), counts[at : at + WINDOW].sum(), *said, *rules])
    windows = pd.DataFrame(rows, columns=["made", "due", "came", "estimate", "lower", "upper", *RULES]).dropna(axis=1)
    return RuleScores(_compared(windows, level), windows)


def _compared(windows: pd.DataFrame, level: float) -> pd.DataFrame:
    came, n = windows["came"], len(windows)
    misses = {name: windows[name] - came for name in ["estimate", *(rule for rule in RULES if rule in windows)]}
    own, held = misses["estimate"].abs(), float(((windows["lower"] <= came) & (came <= windows["upper"])).mean())
    quantile = stdtrit(n - 1, 1 - (1 - level) / 2 / (len(misses) - 1))  # Bonferroni over the rules
    rows = []
    for name, miss in misses.items():
        apart = miss.abs() - own
        reach = quantile * apart.std(ddof=1) / np.sqrt(n)
        ends = [np.nan] * 3 if name == "estimate" else [apart.mean(), apart.mean() - reach, apart.mean() + reach]
        rule = "this forecast" if name == "estimate" else name
        rows.append([rule, n, miss.mean(), miss.abs().mean(), held if name == "estimate" else np.nan, *ends])
    return pd.DataFrame(rows, columns=["rule", "windows", "bias", "miss", "held", "worse", "lower", "upper"])


def newcomer_statements(found: Newcomers, days: float, *, level: float = 0.95, seed: int = 1) -> tuple[Statement, list[Statement]]:
    """How many will come within so many days of the last one, and the same said half a window, or twelve weeks, apart in the past, with
    what came; half a newcomer is added to each number, so that none at all has a logarithm.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Newcomers
    >>> from goodwill.lifetime_value.equity.newcomer_scores import newcomer_statements
    >>> days = pd.date_range("2024-01-01", "2024-12-29", freq="D")
    >>> table = pd.DataFrame({"start": days[::28][:13].date, "end": days[27::28].date, "newcomers": [28] * 13, "used": [True] * 13})
    >>> now, past = newcomer_statements(Newcomers(table, date(2024, 12, 29), "even", None, pd.Series(1, days)), 56)
    >>> bool(now.lower < 56.5 < now.upper), [one.came for one in past]
    (True, [56.5, 56.5])
    """
    periods = days / FOUR_WEEKS
    past = []
    day = found.end - timedelta(days=round(days))
    while (day - found.since).days >= FEWEST * FOUR_WEEKS:
        known = found.until_day(day)
        said = Arrivals(known).interval(periods, 1000, seed, level=level)
        past.append(_said(day, days, said, _came(found, day, days)))
        day -= timedelta(days=max(WINDOW * FOUR_WEEKS, round(days / 2)))
    now = _said(found.end, days, found.arrivals.interval(periods, 2000, seed, level=level), None)
    return now, past


def newcomers_ahead(found: Newcomers | Planned, days: float, made: date | None = None, *, level: float = 0.95, seed: int = 1) -> Headline:
    """How many will come within so many days of the last one, held against the same statement half a window, or twelve weeks, apart.

    The interval is that of the model widened by its record (`goodwill.inference.track_record`); where fewer than two windows of this
    length have finished without overlap none is claimed. Half a newcomer is added on both sides before ratios are taken. A number that is
    given counts from the day `made`.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Newcomers
    >>> days = pd.date_range("2024-01-01", "2024-12-29", freq="D")
    >>> table = pd.DataFrame({"start": days[::28][:13].date, "end": days[27::28].date, "newcomers": [28] * 13, "used": [True] * 13})
    >>> found = Newcomers(table, date(2024, 12, 29), "even", None, pd.Series(1, days))
    >>> ahead = newcomers_ahead(found, 56)
    >>> round(ahead.now.estimate), ahead.record.statements, ahead.interval is None
    (56, 2, False)
    """
    if isinstance(found, Planned):
        one = _said(made or date.today(), days, found.interval(days / FOUR_WEEKS, level=level), None)
        return Headline(_unshifted(one), None, PLANNED, None, pd.DataFrame())
    now, past = newcomer_statements(found, days, level=level, seed=seed)
    wide, why = widened(now, past, level=level), why_not_widened(now, past)
    table = scored(past, level=level) if past else pd.DataFrame()
    shifted = [name for name in ("estimate", "lower", "upper", "wide_lower", "wide_upper", "came") if name in table]
    table[shifted] = table[shifted] - HALF
    interval = Interval(*(max(end - HALF, 0.0) for end in wide)) if wide else None
    return Headline(_unshifted(now), interval, why, track_record(past, level=level) if past else None, table)


def coming_periods(found: Newcomers | Planned, days: float, *, draws: int = 2000, level: float = 0.95, seed: int = 1) -> pd.DataFrame:
    """The periods of four weeks to come: end, estimate, lower, upper (of the count), whole ones only.

    Raises
    ------
    TooLittle
        For a number that is given: nothing is foretold.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Newcomers
    >>> days = pd.date_range("2024-01-01", "2024-12-29", freq="D")
    >>> table = pd.DataFrame({"start": days[::28][:13].date, "end": days[27::28].date, "newcomers": [28] * 13, "used": [True] * 13})
    >>> found = Newcomers(table, date(2024, 12, 29), "even", None, pd.Series(1, days))
    >>> coming_periods(found, 56)["estimate"].round().tolist()
    [28.0, 28.0]
    """
    if isinstance(found, Planned):
        raise TooLittle(PLANNED)
    periods = max(int(exposures(days / FOUR_WEEKS).sum()), 1)
    rates = found.arrivals.rates(periods, draws, seed)
    said = quantile_interval(rates.mean(axis=0), np.random.default_rng(seed).poisson(np.minimum(rates, 1e15)), level)
    ends = [found.end + timedelta(days=FOUR_WEEKS * (at + 1)) for at in range(periods)]
    return pd.DataFrame({"end": ends, "estimate": said.estimate, "lower": said.lower, "upper": said.upper})


def _unshifted(one: Statement) -> Statement:
    return Statement(one.made, one.due, one.estimate - HALF, one.lower - HALF, one.upper - HALF)


def _came(found: Newcomers, made: date, days: float) -> float:
    """First purchases in so many days after one."""
    ahead = (pd.DatetimeIndex(found.births.index) - pd.Timestamp(made)).days.to_numpy()
    return float(found.births.to_numpy()[(ahead > 0) & (ahead <= round(days))].sum())


def _said(made: date, days: float, expected: Interval, came: float | None) -> Statement:
    due = made + timedelta(days=round(days))
    low, high = min(expected.lower, expected.estimate), max(expected.upper, expected.estimate)
    return Statement(made, due, expected.estimate + HALF, low + HALF, high + HALF, came if came is None else came + HALF)
