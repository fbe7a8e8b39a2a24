"""What segments were expected to bring, said again at earlier dates of the same data, held against what came, and widened by that record.

A statement about a segment takes three cuts: its rules are learned at the first, applied to the customers at the second, where a purchase
model values them, and scored at the third by what came in between. The interval of the model holds its parameters and chance. What it
does not hold is what all customers share (a season, a year that turns bad) and what the model gets wrong about a kind of customer, such
as those who bought much and fell silent; only the record knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.errors import DataError, TooLittle
from goodwill.inference.track_record import (
    FEWEST,
    FROM_OTHER_DATA,
    Prior,
    Statement,
    TrackRecord,
    disjoint,
    error,
    excess,
    in_words,
    tau_squared,
    widen_by,
)
from goodwill.inference.uncertainty import quantile_interval
from goodwill.segments.profiles import groups_of

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.valued import Valued

NOTHING = 0.05  # what came counts as this share of what was expected at the least: nothing at all has no logarithm
DRAWS = 200
LONGEST = 91  # days that a statement looks ahead at most
WINDOWS = 6  # that the data must hold: one to learn in, one until the rules are applied, two to be a record, two to be judged by it
CUSTOMERS = 100  # below which no rules are learned


class Cut(NamedTuple):
    """The three dates of a statement: rules learned up to the first, applied on the second, scored at the third; each day included.

    Examples
    --------
    >>> from datetime import date
    >>> cut = Cut(learned=date(2024, 5, 3), made=date(2024, 8, 2), due=date(2024, 11, 1))
    >>> (cut.due - cut.made).days
    91
    """

    learned: date
    made: date
    due: date


def statement_cuts(first: date, last: date, *, horizon: int, every: int) -> list[Cut]:
    """Cuts for statements about `horizon` days, made every so many days, the last one due on the last day of the data.

    >>> from datetime import date
    >>> [cut.made.isoformat() for cut in statement_cuts(date(2024, 1, 1), date(2024, 12, 31), horizon=91, every=60)]
    ['2024-08-02', '2024-10-01']

    Raises
    ------
    TooLittle
        When the data hold no three windows: one to learn in, one until the rules are applied, and one to come.
    """
    if horizon < 1 or every < 1:
        raise DataError(f"statements about {horizon} days, made every {every} days: both numbers must be at least 1.")
    cuts = []
    made = last - timedelta(days=horizon)
    while made - timedelta(days=2 * horizon) >= first:
        cuts.append(Cut(made - timedelta(days=horizon), made, made + timedelta(days=horizon)))
        made -= timedelta(days=every)
    if not cuts:
        raise TooLittle(f"the data from {first} to {last} do not hold three windows of {horizon} days.")
    return cuts[::-1]


def segment_values(valued: Valued, segments: Any, *, draws: int = DRAWS, seed: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Expected value per customer of each segment, with the interval of the models: their parameters, and chance in purchases and spend.

    Parameters
    ----------
    valued : customers with the fits that valued them
    segments : one per customer, in the same order

    Returns
    -------
    DataFrame
        segment, customers, expected, lower, upper (money per customer); segments without customers are left out

    Raises
    ------
    TooLittle
        When no purchase model could be fitted.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> valued = gw.lifetime_value.value_customers(summary, gw.BetaGeoNBD, gw.ValueTerms(52, 0.3, 0.15, "week"))
    >>> found = segment_values(valued, gw.segments.learn("abc", valued.customers).assign(valued.customers), draws=50)
    >>> found[["segment", "customers", "expected"]].round(0)
      segment  customers  expected
    0       A        776      22.0
    1       B        805       3.0
    2       C        776       1.0
    """
    if valued.purchases is None or valued.spend is None:
        raise TooLittle(valued.note)
    from goodwill.lifetime_value.value import profit_totals

    names, codes = groups_of(segments, len(valued.customers))
    size = np.bincount(codes, minlength=len(names)).astype(float)
    totals = profit_totals(valued.purchases, valued.spend, valued.customers, valued.terms, draws, seed, codes)
    totals = np.pad(totals, [(0, 0), (0, len(names) - totals.shape[1])])  # of groups at the end without customers
    expected = np.bincount(codes, valued.customers["value"], len(names))
    interval = quantile_interval(expected, totals, level)
    table = pd.DataFrame({"segment": names, "customers": size.astype(int)})
    full = size > 0
    for name, column in zip(("expected", "lower", "upper"), interval, strict=True):
        table[name] = np.divide(column, size, out=np.full(len(size), np.nan), where=full)
    return table[full].reset_index(drop=True)


def value_statements(
    transactions: Transactions,
    learn: Callable[[pd.DataFrame], Any],
    cuts: Sequence[Cut],
    *,
    purchase_model: Any = None,
    margin: float = 0.3,
    by_value: bool = False,
    valued: Mapping[date, Valued] | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """The same statements about the value of segments at each of some cuts, beside the margin that came.

    Parameters
    ----------
    transactions : with money
    learn : from customers to rules, such as `lambda customers: goodwill.segments.learn("rfm", customers)`
    cuts : of one length (see `statement_cuts`); one that is due after the last day of the data says what is expected, and nothing has come.
        Left out are those with fewer than 100 customers to learn from, and those at which no model could be fitted.
    purchase_model : class of the purchase model, such as `goodwill.BetaGeoNBD`; None takes, at each cut, that under which the purchases
        known then are likeliest
    margin : profit per unit of spend; nothing is discounted, so that what came can be added up
    by_value : whether the rules need the customers' expected `value` (the pyramid does)
    valued : the same customers valued before by this purchase model, by the last day that was known (`CustomerBase.valued`): where a
        statement is made on such a day, these fits are used, and no others are made

    Returns
    -------
    DataFrame
        learned, made, due, segment, customers, and per customer expected, lower, upper (the model's) and came

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.segments import statement_cuts
    >>> orders = gw.read_transactions(gw.company(150, 60, seed=1).transactions)
    >>> cuts = statement_cuts(orders.first, orders.last, horizon=91, every=91)[-1:]
    >>> found = value_statements(orders, lambda some: gw.segments.learn("abc", some), cuts, purchase_model=gw.BetaGeoNBD, draws=20)
    >>> found[["learned", "made", "segment", "expected", "came"]].round(0)
          learned        made segment  expected  came
    0  2024-08-22  2024-11-21       A       5.0   9.0
    1  2024-08-22  2024-11-21       B       2.0   3.0
    2  2024-08-22  2024-11-21       C       1.0   1.0
    """
    from goodwill.data.purchases import summarize_purchases
    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.lifetime_value.valued import revalued, value_customers

    parts, before = [], valued or {}
    for cut in cuts:
        terms = ValueTerms(float((cut.due - cut.made).days) / 7, margin, 0.0, "week")
        past = summarize_purchases(transactions, end=cut.learned)
        taught = value_customers(past, purchase_model, terms).customers if by_value else past.to_pandas()
        window: dict[str, Any] = {"calibration_end": cut.made, "end": cut.due} if cut.due <= transactions.last else {"end": cut.made}
        summary, known = summarize_purchases(transactions, **window), before.get(cut.made)
        fitted = known if known is not None and known.purchases is not None else None
        now = revalued(fitted, summary, terms) if fitted else value_customers(summary, purchase_model, terms)
        if now.purchases is None or len(taught) < CUSTOMERS:
            continue
        segments = learn(taught).assign(now.customers)
        table = segment_values(now, segments, draws=draws, seed=seed, level=level)
        later = now.customers.get("spend_holdout", pd.Series(np.nan, index=now.customers.index))
        came = margin * later.groupby(np.asarray(segments, dtype=object)).mean()
        parts.append(table.assign(learned=cut.learned, made=cut.made, due=cut.due, came=table["segment"].map(came)))
    if not parts:
        raise TooLittle("at no cut could a purchase model be fitted to enough customers, so no statement was made.")
    return pd.concat(parts, ignore_index=True)[["learned", "made", "due", *parts[0].columns[:-4], "came"]]


def value_record(
    transactions: Transactions,
    scheme: str,
    *,
    end: date,
    purchase_model: Any = None,
    margin: float = 0.3,
    every: int | None = None,
    rules: Any = None,
    valued: Mapping[date, Valued] | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """What the segments of a scheme are expected to bring from `end` on, widened by the same statements made at earlier cuts.

    Statements look a sixth of the time ahead, a quarter of a year at most, so that there is a record to be judged by.

    Parameters
    ----------
    end : last day that counts
    every : days between two earlier statements; by default windows do not overlap
    rules : applied on `end`, in place of those learned a window before; not for a scheme that cuts by value, whose horizon is another
    others : as in `value_statements`

    Returns
    -------
    DataFrame
        of `widened_by_record`; the last date is `end`, of whose statements nothing has come yet

    Raises
    ------
    TooLittle
        When the data are too short, customers too few, no model could be fitted, or the scheme needs a window of its own at each cut.

    Examples
    --------
    >>> import goodwill as gw
    >>> orders = gw.read_transactions(gw.company(150, 60, seed=1).transactions)
    >>> found = value_record(orders, "abc", end=orders.last, purchase_model=gw.BetaGeoNBD, every=365, draws=20)
    >>> found.groupby("made")["came"].count().tolist()  # of three classes: said once before, and today, of which nothing has come yet
    [3, 0]
    """
    if scheme == "hiatus":
        raise TooLittle("the rule of the longest silence is learned on a window of its own, so nothing is said again at earlier cuts.")
    span = (end - transactions.first).days + 1
    horizon = min(LONGEST, span // WINDOWS // 7 * 7)
    if horizon < 7:
        raise TooLittle(f"{span} days are too few for statements at earlier cuts, which take {WINDOWS} windows of a week or more.")

    def learn(customers: pd.DataFrame) -> Any:
        from goodwill.segments.schemes.rules import learn

        return learn(scheme, customers)

    cuts = statement_cuts(transactions.first, end, horizon=horizon, every=every or horizon)
    ahead = timedelta(days=horizon)
    options = {"purchase_model": purchase_model, "margin": margin, "valued": valued, "draws": draws, "seed": seed, "level": level}
    options["by_value"] = scheme == "pyramid"
    now = learn if rules is None or options["by_value"] else lambda _: rules
    said = [value_statements(transactions, how, at, **options) for how, at in ((learn, cuts), (now, [Cut(end - ahead, end, end + ahead)]))]
    return widened_by_record(pd.concat(said, ignore_index=True), level=level)


def widened_by_record(statements: pd.DataFrame, *, level: float = 0.95, prior: Prior = FROM_OTHER_DATA) -> pd.DataFrame:
    """Statements with intervals widened by those that were due when they were made.

    By the rule of `goodwill.inference.track_record`, in two steps. Of the disjoint windows that were over on the day a statement was made,
    the excess e² - s² of each, averaged over its segments, moves the prior to what segments have in common; and that, worth as much as the
    prior, is moved by the excesses of the own segment. Intervals are widened, never moved.

    Parameters
    ----------
    statements : of `value_statements`, whose intervals have this `level`
    prior : what is left out before anything is known

    Returns
    -------
    DataFrame
        the statements with error (logarithm of came over expected), held_model, past (disjoint windows behind them), wide_lower,
        wide_upper and held; missing where fewer than two windows were over: nothing is claimed there. Where nothing has come yet, error,
        held_model and held are missing.

    Raises
    ------
    TooLittle
        A segment is expected to bring nothing, to which nothing can be compared as a ratio.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> days = [date(2024, month, 1) for month in (1, 4, 7, 10)]
    >>> said = pd.DataFrame({"made": days[:3], "due": days[1:], "segment": "A", "expected": 10.0, "lower": 8.0, "upper": 12.0})
    >>> found = widened_by_record(said.assign(came=[14.0, 15.0, 9.0]))
    >>> found[["past", "wide_lower", "wide_upper", "held"]].round(1)
       past  wide_lower  wide_upper  held
    0     0         NaN         NaN  <NA>
    1     1         NaN         NaN  <NA>
    2     2         4.2        23.9  True
    """
    if not (statements["expected"] > 0).all():
        none = statements.loc[~(statements["expected"] > 0), "segment"].iloc[0]
        raise TooLittle(f"the segment {none!r} is expected to bring nothing, so that what came is no multiple of it.")
    said = [(row.segment, _statement(row)) for row in statements.itertuples()]
    wide = pd.DataFrame(
        [_widened(one, segment, said, level, prior) for segment, one in said],
        columns=["past", "wide_lower", "wide_upper"],
        index=statements.index,
    )
    came, has_come = statements["came"], statements["came"].notna()
    held_model = came.between(statements["lower"], statements["upper"]).where(has_come).astype("boolean")
    missed = [np.nan if one.came is None else error(one) for _, one in said]
    held = came.between(wide["wide_lower"], wide["wide_upper"]).where((wide["past"] >= FEWEST) & has_come).astype("boolean")
    return statements.assign(error=missed, held_model=held_model).join(wide).assign(held=held)


def record_of(widened: pd.DataFrame, *, level: float = 0.95) -> dict[str, Any]:
    """How the statements have fared, as `goodwill.record(…, track_record=)` takes it: segment-dates that claimed an interval.

    Where none did, all of them, without `held`. Raises TooLittle where none has come due.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.segments import widened_by_record
    >>> days = [date(2024, month, 1) for month in (1, 4, 7, 10)]
    >>> said = pd.DataFrame({"made": days[:3], "due": days[1:], "segment": "A", "expected": 10.0, "lower": 8.0, "upper": 12.0})
    >>> found = record_of(widened_by_record(said.assign(came=[14.0, 15.0, 9.0])))
    >>> found["statements"], found["held"], found["held_model"]
    (1, 1, 1)
    """
    came = widened[widened["came"].notna()]
    if came.empty:
        raise TooLittle("no statement has come due, so there is no track record.")
    claims = came[came["held"].notna()]
    told = claims if len(claims) else came
    return TrackRecord(
        statements=len(came),
        disjoint=len(disjoint(_windows(came))),
        claimed=len(claims),
        held=int(claims["held"].sum()) if len(claims) else None,
        held_model=int(came["held_model"].sum()),
        held_model_claimed=int(claims["held_model"].sum()),
        disjoint_claimed=len(disjoint(_windows(claims))),
        level=level,
        bias=float(told["error"].mean()),
        mean_absolute_miss=float(told["error"].abs().mean()),
        scale="log",
        horizon=in_words((came["due"].iloc[0] - came["made"].iloc[0]).days),
    ).as_record()


def _windows(table: pd.DataFrame) -> Iterable[Any]:
    return table[["made", "due"]].itertuples(index=False)


def _statement(row: Any) -> Statement:
    """A row as a statement, whose interval holds what is expected; of nothing at all came a twentieth, which has a logarithm."""
    came = None if pd.isna(row.came) else max(row.came, NOTHING * row.expected)
    return Statement(row.made, row.due, row.expected, min(row.lower, row.expected), max(row.upper, row.expected), came)


def _widened(now: Statement, segment: Any, said: Sequence[tuple[Any, Statement]], level: float, prior: Prior) -> tuple[int, float, float]:
    """How many disjoint windows were over on the day of a statement, and its ends widened by them."""
    over = [(name, one) for name, one in said if one.came is not None and one.due <= now.made]
    windows = [window.made for window in disjoint(one for _, one in over)]
    if len(windows) < FEWEST:
        return len(windows), np.nan, np.nan
    beyond = [(one.made, name, excess(one, level=level)) for name, one in over if one.made in windows]
    shared, _ = tau_squared([float(np.mean([value for day, _, value in beyond if day == made])) for made in windows], prior)
    own = [value for _, name, value in beyond if name == segment]
    wide = widen_by(now, tau_squared(own, replace(prior, tau=sqrt(shared))), level=level)
    return len(windows), wide.lower, wide.upper
