"""What segments were expected to bring, said again at earlier dates of the same data, held against what came, and widened by that record.

A statement about a segment takes three cuts: its rules are learned at the first, applied to the customers at the second, where a purchase
model values them, and scored at the third by what came in between. The interval of the model holds its parameters and chance. What it
does not hold is what all customers share (a season, a year that turns bad) and what the model gets wrong about a kind of customer, such
as those who bought much and fell silent; only the record knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.errors import DataError, TooLittle
from goodwill.inference.bootstrap import FloatArray
from goodwill.inference.uncertainty import normal_quantile, quantile_interval
from goodwill.segments.profiles import groups_of

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.valued import Valued

FEWEST = 2  # disjoint finished windows from which on a record is one
TAU, DEGREES = 0.15, 2.0  # what a model leaves out before anything is known of it, as a standard deviation of logarithms, and its weight
NOTHING = 0.05  # what came counts as this share of what was expected at the least: nothing at all has no logarithm
DRAWS = 200
LONGEST = 91  # days that a statement looks ahead at most
WINDOWS = 6  # that the data must hold: one to learn in, one until the rules are applied, two to be a record, two to be judged by it
CUSTOMERS = 100  # below which no rules are learned


class Cut(NamedTuple):
    """The three dates of a statement: rules learned up to the first, applied on the second, scored at the third; each day included."""

    learned: date
    made: date
    due: date


def statement_cuts(first: date, last: date, *, horizon: int, every: int) -> list[Cut]:
    """Cuts for statements about `horizon` days, made every so many days, the last one due on the last day of the data.

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
    """
    if valued.purchases is None or valued.spend is None:
        raise TooLittle(valued.note)
    names, codes = groups_of(segments, len(valued.customers))
    size = np.bincount(codes, minlength=len(names)).astype(float)
    totals = _drawn_totals(valued, codes, len(names), draws, seed)
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
    purchase_model: Any,
    margin: float = 0.3,
    by_value: bool = False,
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
    purchase_model : class of the purchase model, such as `goodwill.BetaGeoNBD`
    margin : profit per unit of spend; nothing is discounted, so that what came can be added up
    by_value : whether the rules need the customers' expected `value` (the pyramid does)

    Returns
    -------
    DataFrame
        learned, made, due, segment, customers, and per customer expected, lower, upper (the model's) and came
    """
    from goodwill.data.purchases import summarize_purchases
    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.lifetime_value.valued import value_customers

    parts = []
    for cut in cuts:
        terms = ValueTerms(float((cut.due - cut.made).days) / 7, margin, 0.0, "week")
        past = summarize_purchases(transactions, end=cut.learned)
        taught = value_customers(past, purchase_model, terms).customers if by_value else past.to_pandas()
        window: dict[str, Any] = {"calibration_end": cut.made, "end": cut.due} if cut.due <= transactions.last else {"end": cut.made}
        valued = value_customers(summarize_purchases(transactions, **window), purchase_model, terms)
        if valued.purchases is None or len(taught) < CUSTOMERS:
            continue
        segments = learn(taught).assign(valued.customers)
        table = segment_values(valued, segments, draws=draws, seed=seed, level=level)
        later = valued.customers.get("spend_holdout", pd.Series(np.nan, index=valued.customers.index))
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
    purchase_model: Any,
    margin: float = 0.3,
    every: int | None = None,
    rules: Any = None,
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
    options = {"purchase_model": purchase_model, "margin": margin, "draws": draws, "seed": seed, "level": level}
    options["by_value"] = scheme == "pyramid"
    now = learn if rules is None or options["by_value"] else lambda _: rules
    said = [value_statements(transactions, how, at, **options) for how, at in ((learn, cuts), (now, [Cut(end - ahead, end, end + ahead)]))]
    return widened_by_record(pd.concat(said, ignore_index=True), level=level)


def widened_by_record(statements: pd.DataFrame, *, level: float = 0.95, tau: float = TAU, degrees: float = DEGREES) -> pd.DataFrame:
    """Statements with intervals widened by those that were due when they were made.

    On the scale of logarithms a statement has the variance s² that the model claims, and tau² of what it leaves out. Of the errors e of
    disjoint windows that were over on the day a statement was made, those of all segments together say what segments have in common,

        tau0² = (n tau² + sum over windows of the mean of e² - s² over segments) / (n + windows),

    and those of the own segment move it: tau² = (n tau0² + sum of own e² - s²) / (n + own). Intervals are widened, never moved; the
    quantile is that of a t with (n + own) ((s² + tau²) / tau²)² degrees of freedom (Satterthwaite), since only tau² is estimated.

    Parameters
    ----------
    statements : of `value_statements`, whose intervals have this `level`
    tau, degrees : tau before anything is known, and the windows n that it is worth

    Returns
    -------
    DataFrame
        the statements with error (logarithm of came over expected), held_model, past (disjoint windows behind them), wide_lower,
        wide_upper and held; missing where fewer than two windows were over: nothing is claimed there. Where nothing has come yet, error,
        held_model and held are missing.
    """
    table = statements.copy()
    table["error"] = np.log(np.maximum(table["came"], NOTHING * table["expected"]) / table["expected"])
    has_come = table["came"].notna()
    table["held_model"] = table["came"].between(table["lower"], table["upper"]).where(has_come).astype("boolean")
    table["excess"] = table["error"] ** 2 - _variance(table, np.sign(table["error"]), level)
    rows = [_widened(row, _known(table, row["made"]), level, tau, degrees) for _, row in table.iterrows()]
    wide = pd.DataFrame(rows, columns=["past", "wide_lower", "wide_upper"], index=table.index)
    table = table.drop(columns="excess").join(wide)
    held = (table["wide_lower"] <= table["came"]) & (table["came"] <= table["wide_upper"])
    return table.assign(held=held.where((table["past"] >= FEWEST) & has_come).astype("boolean"))


def record_of(widened: pd.DataFrame, *, level: float = 0.95) -> dict[str, Any]:
    """How the statements have fared, as `goodwill.record(…, track_record=)` takes it: segment-dates that claimed an interval.

    Where none did, all of them, without `held`.
    """
    widened = widened[widened["came"].notna()]
    claims = widened[widened["held"].notna()]
    told, ahead = claims if len(claims) else widened, (widened["due"].iloc[0] - widened["made"].iloc[0]).days
    record = {
        "statements": len(told),
        "disjoint": len(_disjoint(widened)),
        "held_model": int(told["held_model"].sum()),
        "level": level,
        "bias": float(told["error"].mean()),
        "mean_absolute_miss": float(told["error"].abs().mean()),
        "scale": "log",
        "horizon": f"{ahead // 7} weeks" if ahead % 7 == 0 else f"{ahead} days",
        "source": "own past",
    }
    return record | ({"held": int(claims["held"].sum())} if len(claims) else {})


def _drawn_totals(valued: Valued, codes: Any, groups: int, draws: int, seed: int) -> FloatArray:
    """(draws, groups) margin that comes by chance under drawn parameters; the discount enters as in the expected value."""
    from goodwill.inference.fit import some_draws

    customers, terms = valued.customers, valued.terms
    assert valued.purchases is not None and valued.spend is not None
    history = [customers[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    mean = customers["monetary_value"].fillna(0.0).to_numpy(float)
    spending = (np.where(mean > 0, history[0], 0.0), np.where(mean > 0, mean, 0.0))
    plain = valued.purchases.model.expected_purchases(terms.horizon, *history)
    within = valued.purchases.model.discounted_expected_purchases(terms.rate, *history, horizon=terms.horizon)
    counts = terms.margin * np.divide(within, plain, out=np.ones_like(plain), where=plain > 0)
    purchases, spend = valued.purchases.prediction_draws(draws, seed), valued.spend.prediction_draws(draws, seed + 1)
    rng, totals = np.random.default_rng(seed), np.empty((draws, groups))
    for draw in range(draws):
        one = slice(draw, draw + 1)
        bought = some_draws(purchases, one).draw_purchases(terms.horizon, *history, rng)
        brought = some_draws(spend, one).draw_spend(bought, *spending, rng)[0] * counts
        totals[draw] = np.bincount(codes, brought, groups)
    return totals


def _variance(table: Any, side: Any, level: float) -> Any:
    """The variance on the scale of logarithms that the model claims, above (side 1) or below (side -1) what it expects."""
    lower = np.where(np.asarray(table["lower"]) > 0, table["lower"], np.asarray(table["expected"]) ** 2 / table["upper"])
    end = np.where(np.asarray(side) >= 0, table["upper"], lower)
    return (np.log(end / np.asarray(table["expected"])) / normal_quantile(level)) ** 2


def _disjoint(table: pd.DataFrame) -> list[date]:
    """The dates of the most windows that do not overlap, the latest first."""
    chosen: list[tuple[date, date]] = []
    for made, due in sorted(set(zip(table["made"], table["due"], strict=True)), reverse=True):
        if not chosen or due <= chosen[-1][0]:
            chosen.append((made, due))
    return [made for made, _ in chosen]


def _known(table: pd.DataFrame, made: date) -> pd.DataFrame:
    """Statements of disjoint windows that were over on a day."""
    over = table[table["due"] <= made]
    return over[over["made"].isin(_disjoint(over))]


def _widened(row: Any, known: pd.DataFrame, level: float, tau: float, degrees: float) -> tuple[int, float, float]:
    from scipy.special import stdtrit

    windows = known.groupby("made")["excess"].mean()
    if len(windows) < FEWEST:
        return len(windows), np.nan, np.nan
    shared = max((degrees * tau**2 + windows.sum()) / (degrees + len(windows)), 0.0)
    own = known.loc[known["segment"] == row["segment"], "excess"]
    left_out, worth = max((degrees * shared + own.sum()) / (degrees + len(own)), 0.0), degrees + len(own)
    ends = [row["lower"], row["upper"]]
    if left_out > 0:
        for k, side in enumerate((-1, 1)):
            total = float(_variance(row, side, level)) + left_out
            reach = side * stdtrit(worth * (total / left_out) ** 2, 0.5 + level / 2) * np.sqrt(total)
            ends[k] = float(row["expected"] * np.exp(reach))
    return len(windows), min(ends[0], row["lower"]), max(ends[1], row["upper"])
