"""Customer equity as it is claimed: made again on earlier dates and widened by what came; further ahead, a range over what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT, UNITS_PER_YEAR
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.ledger import FOUR_WEEKS, Forecast
from goodwill.inference.track_record import (
    Statement,
    disjoint,
    excess,
    scored,
    tau_squared,
    track_record,
    why_not_widened,
    widen_by,
    widened,
)
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.equity.arrivals import PLANNED, TRENDS, Arrivals, Planned
from goodwill.lifetime_value.equity.customer_equity import (
    DRAWS,
    Drawn,
    Expected,
    Known,
    drawn_equity,
    expected_equity,
    known_on,
    newcomer_worth,
)
from goodwill.lifetime_value.equity.newcomers import Newcomers
from goodwill.lifetime_value.evidence.headline import FIRST, STEPS, Headline
from goodwill.lifetime_value.evidence.past_statements import due_date
from goodwill.lifetime_value.value import ValueTerms
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.equity.records import Brought

YEARS = (1, 2, 3)
PAST_DRAWS = 100


@dataclass(frozen=True, repr=False)
class Equity(Shown):
    """What `customer_equity` found.

    Attributes
    ----------
    expected : Expected
        Within the horizon: known, number, brought, cost.
    known, number, brought, total : Interval
        Of the same, with the intervals of the models.
    interval : Interval or None
        Of the total, widened by its record; None where too few windows of this length have finished.
    why : str or None
        Why no interval is claimed.
    record : Headline
        Of the money before the cost of winning newcomers, as it was said on earlier dates.
    worth : Headline
        Of what one newcomer brings within the horizon from her first purchase on; its record is that of the money per newcomer of windows.

    Examples
    --------
    Made by `customer_equity`:

    >>> from goodwill.lifetime_value.equity.customer_equity import Expected
    >>> Expected(known=100.0, number=20.0, brought=60.0, cost=10.0).net
    150.0
    """

    expected: Expected
    known: Interval
    number: Interval
    brought: Interval
    total: Interval
    interval: Interval | None
    why: str | None
    record: Headline
    worth: Headline
    terms: ValueTerms
    cost: float

    def _said(self) -> str:
        return f"{self.expected.net:,.0f} within {self.terms.horizon:.0f} {self.terms.unit}s"


class _Past(NamedTuple):
    """A statement made again: of the money, and of the money per newcomer where some came."""

    gross: Statement
    each: Statement | None


def customer_equity(
    transactions: Transactions,
    brought: Brought,
    found: Newcomers | Planned,
    now: Known,
    terms: ValueTerms,
    model: Any,
    spend: str = "automatic",
    *,
    cost: float = 0.0,
    draws: int = DRAWS,
    seed: int = 1,
) -> Equity:
    """Customer equity within the horizon, held against the same statement on earlier dates of the same records.

    Parameters
    ----------
    brought, found, now : of these records (`brought_by_birth`, `count_newcomers`, `known_on`); a `Planned` number in place of the newcomers
    cost : of winning one newcomer

    Notes
    -----
    Statements are made half a horizon apart, back to the first quarter of the records, of the money before the cost of winning newcomers;
    each takes the models, the spend model and the forecast of newcomers from what was known then. The claimed interval is that of the
    models, each end moved by as much as the record moves that of the money.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> from goodwill.lifetime_value.equity.equity_claims import PLANNED
    >>> from goodwill.lifetime_value import BetaGeoNBD, Planned, ValueTerms, brought_by_birth, known_on
    >>> log, terms = read_transactions("cdnow_sample"), ValueTerms(26, 0.3, 0.15, "week")
    >>> brought, given = brought_by_birth(log), Planned(10.0)
    >>> now = known_on(log, brought, given, BetaGeoNBD, "independent")
    >>> said = customer_equity(log, brought, given, now, terms, BetaGeoNBD, "independent", draws=100)
    >>> said, said.why == PLANNED
    (<Equity 12,024 within 26 weeks>, True)
    """
    said = expected_equity(now, terms, cost, seed=seed)
    drawn = drawn_equity(now, terms, cost, draws=draws, seed=seed)
    total, gross = quantile_interval(said.net, drawn.net), _with_estimate(quantile_interval(said.gross, drawn.gross))
    past = [] if isinstance(found, Planned) else _past(transactions, brought, found, now, terms, model, spend, seed)
    made = Statement(now.made, due_date(now.made, terms.horizon, terms.unit), *gross)
    record = _claimed(made, [one.gross for one in past], PLANNED if isinstance(found, Planned) else None)
    interval = None
    if record.interval is not None:
        moved = [record.interval.lower - gross.lower, record.interval.upper - gross.upper]
        interval = Interval(said.net, min(total.lower, said.net) + moved[0], max(total.upper, said.net) + moved[1])
    return Equity(
        said,
        quantile_interval(said.known, drawn.known),
        quantile_interval(said.number, drawn.number),
        quantile_interval(said.brought, drawn.brought),
        total,
        interval,
        record.why,
        record,
        _worth_claimed(now, terms, [one.each for one in past if one.each], record.why, seed),
        terms,
        cost,
    )


def _with_estimate(given: Interval) -> Interval:
    return Interval(given.estimate, min(given.lower, given.estimate), max(given.upper, given.estimate))


def _claimed(now: Statement, past: list[Statement], never: str | None = None) -> Headline:
    wide, why = (None, never) if never else (widened(now, past), why_not_widened(now, past))
    return Headline(now, wide, why, track_record(past) if past else None, scored(past) if past else pd.DataFrame())


def _worth_claimed(now: Known, terms: ValueTerms, past: list[Statement], why: str | None, seed: int) -> Headline:
    """What a newcomer brings, widened by the errors of the money per newcomer in past windows."""
    worth = _with_estimate(newcomer_worth(now, terms, seed=seed))
    made = Statement(now.made, due_date(now.made, terms.horizon, terms.unit), *worth)
    apart = disjoint(past)
    enough = why is None and len(apart) > 1
    wide = widen_by(made, tau_squared([excess(one) for one in apart])) if enough else None
    why = None if enough else why or why_not_widened(made, past)
    return Headline(made, wide, why, track_record(past) if past else None, scored(past) if past else pd.DataFrame())


def _past(
    transactions: Transactions, brought: Brought, found: Newcomers, now: Known, terms: ValueTerms, model: Any, spend: str, seed: int
) -> list[_Past]:
    days = terms.horizon * DAYS_PER_UNIT[terms.unit]
    length = (now.made - transactions.first).days
    said = []
    for step in range(STEPS):
        before = days * (1 + step / 2)
        if before > length * (1 - FIRST) + 1:
            continue
        made = now.made - timedelta(days=int(np.ceil(before)))
        try:
            arrivals = Arrivals(found.until_day(made))
            then = known_on(transactions, brought, arrivals, model, spend, unit=terms.unit, made=made)
            drawn = drawn_equity(then, terms, draws=PAST_DRAWS, seed=seed)
        except (FitError, DataError):  # too little was known on that day
            continue
        said.append(_held_against(brought, made, expected_equity(then, terms, seed=seed), drawn, terms))
    return [one for one in said if one is not None]


def _held_against(brought: Brought, made: date, expected: Expected, drawn: Drawn, terms: ValueTerms) -> _Past | None:
    due = due_date(made, terms.horizon, terms.unit)
    came = brought.between(made, due, terms)
    money = _with_estimate(quantile_interval(expected.gross, drawn.gross))
    if not (came.known + came.brought > 0 and money.estimate > 0):
        return None
    each = None
    if came.number > 0 and came.brought > 0 and expected.number > 0 and expected.brought > 0 and (drawn.number > 0).any():
        some = drawn.number > 0
        per = _with_estimate(quantile_interval(expected.brought / expected.number, drawn.brought[some] / drawn.number[some]))
        each = Statement(made, due, *per, came.brought / came.number)
    return _Past(Statement(made, due, *money, came.known + came.brought), each)


def _hull(ways: list[float], drawn: Drawn) -> tuple[float, float]:
    """The lowest and the highest of some totals and of an interval."""
    chance = quantile_interval(0.0, drawn.net)
    return min(*ways, chance.lower), max(*ways, chance.upper)


def by_years(models: Mapping[str, Known], terms: ValueTerms, cost: float = 0.0, *, record: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Equity within one, two and three years: expected, and the range over models, trends and chance.

    Parameters
    ----------
    models : what is known, by the name of the purchase model; the first is the one in use
    record : how far ahead the record reaches, in units: longer horizons are scenarios

    Returns
    -------
    DataFrame
        years, horizon, known, newcomers, cost, equity (of the model in use, the trend dying out), low, high (the lowest and the highest
        of all models with the trend stopping today, dying out and going on, and of the 95 % interval of the model in use), scenario
        (whether no record reaches so far).

    Raises
    ------
    TooLittle
        When no model is given.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma, Planned, ValueTerms, known_from
    >>> one = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> known = known_from(BetaGeoNBD(0.24, 4.4, 0.8, 2.4, "week"), GammaGamma(6.25, 3.74, 15.4), one, 30.0, Planned(10.0))
    >>> table = by_years({"BG/NBD": known}, ValueTerms(52, 0.3, 0.15, "week"))
    >>> table["years"].tolist(), table["equity"].is_monotonic_increasing
    ([1, 2, 3], True)
    """
    if not models:
        raise TooLittle("No purchase model could be fitted, so that nothing is said of the years to come.")
    rows = []
    for years in YEARS:
        span = ValueTerms(years * UNITS_PER_YEAR[terms.unit], terms.margin, terms.annual_discount_rate, terms.unit)
        used = next(iter(models.values()))
        best = expected_equity(used, span, cost, seed=seed)
        ways = [expected_equity(known, span, cost, trend=trend, seed=seed).net for known in models.values() for trend in TRENDS]
        low, high = _hull(ways, drawn_equity(used, span, cost, draws=PAST_DRAWS, seed=seed))
        rows.append([years, span.horizon, best.known, best.brought, best.cost, best.net, low, high, span.horizon > record + 0.5])
    return pd.DataFrame(rows, columns=["years", "horizon", "known", "newcomers", "cost", "equity", "low", "high", "scenario"])


def equity_forecasts(found: Newcomers | Planned, ahead: Headline, first: date, *, simulated: bool = False) -> list[Forecast]:
    """How many will come within four weeks, and within the horizon, in the form that a later night holds against what came.

    Raises
    ------
    TooLittle
        When the number is given, which is no forecast, and of a simulated shop, of which nothing more comes.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import Newcomers, newcomers_ahead
    >>> days = pd.date_range("2024-01-01", "2024-12-29", freq="D")
    >>> births, end = pd.Series(4, days), date(2024, 12, 29)
    >>> table = pd.DataFrame({"start": [date(2024, 1, 29)] * 12, "end": [end] * 12, "newcomers": [112] * 12, "used": [True] * 12})
    >>> found = Newcomers(table, end, "even", None, births)
    >>> said = equity_forecasts(found, newcomers_ahead(found, 91), date(2024, 1, 1))
    >>> [(one.name, one.days) for one in said]
    [('newcomers', 28), ('newcomers', 91)]
    """
    if simulated:
        raise TooLittle("The shop is a simulated one: nothing more comes of it.")
    if isinstance(found, Planned):
        raise TooLittle(PLANNED)
    month = _with_estimate(found.arrivals.interval(1.0))
    common: dict[str, Any] = {"label": "Customers who first buy", "unit": "customers", "first": first}
    due = found.end + timedelta(days=FOUR_WEEKS)
    said = [Forecast("newcomers", found.end, due, month.estimate, month.lower, month.upper, **common)]
    if ahead.now.days == FOUR_WEEKS:
        return said
    claimed = ahead.interval or ahead.now
    common |= {"headline": "newcomers_ahead"}
    return [*said, Forecast("newcomers", found.end, ahead.now.due, claimed.estimate, claimed.lower, claimed.upper, **common)]
