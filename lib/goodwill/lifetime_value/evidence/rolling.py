"""Forecasts from several dates of the same data: how often their intervals held what came, and intervals widened by that record.

What this can and cannot promise. A predictive interval of a model carries the uncertainty of its parameters and chance; that the model is
wrong is not in it, and on real data this is what misses. The record of past cut dates shows how large such misses were, and the rule of
`goodwill.inference.track_record` adds them. But the cuts are few, and their hold-outs overlap: twelve cuts may hold no more than three
hold-outs that do not share purchases, so that a coverage of "10 of 12" is an impression and no estimate with a known error; and only these
three widen an interval. The widening takes the errors of the past for those of the future: a break (a new competitor, a changed price)
that no past cut held is in no interval. A conformal interval would need 19 past cuts without overlap before it could say 95 % at all, so
the record enters as a variance instead, which errors in other data begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import PurchaseSummary, summarize_purchases
from goodwill.data.tables import Transactions
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.prediction import ask, expected_totals, totals_of
from goodwill.inference.proportions import wilson
from goodwill.inference.rows import purchase_rows
from goodwill.inference.track_record import FEWEST, PURCHASES_ELSEWHERE, Statement, disjoint, known_by, widened
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.checks import class_labels
from goodwill.shown import Shown

HALF = 0.5  # of a purchase, added before logarithms are taken, so that zero has one
REPEATERS = 10  # customers who came back, below which no model is fitted at a past date: three parameters and more have to be learned
REFITS = 20  # on each past date whose fit lies on a ridge; what is told is the record of all dates together
REFITS_NOW = 100  # of a fit to all of the data that lies on a ridge, of which one interval is told
MOST = 100_000  # purchases to which the counting of one customer's interval goes


def automatic_rolling_horizon(transactions: Transactions, unit: str = "week", parts: int = 4) -> float:
    """A quarter (or another part) of the observed time, in whole units, at least one.

    Parameters
    ----------
    transactions : Transactions
    unit : day, week, month or year
    parts : into how many the observed time is cut

    Returns
    -------
    float
        In units.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> automatic_rolling_horizon(read_transactions("cdnow_sample"))
    19.0
    """
    return max(1.0, (transactions.last - transactions.first).days // (parts * DAYS_PER_UNIT[unit]))


def rolling_cuts(transactions: Transactions, n: int, horizon: float, unit: str = "week", first: date | None = None) -> list[date]:
    """Dates from which to forecast: n of them, evenly from `first` to the last that leaves a whole hold-out.

    Parameters
    ----------
    transactions : Transactions
    unit : day, week, month or year
    horizon : length of each hold-out, in units
    first : by default a quarter of the observed time after the first date

    Raises
    ------
    TooLittle
        When the data are too short for n different cuts.

    Examples
    --------
    >>> from goodwill.data import read_transactions
    >>> [cut.isoformat() for cut in rolling_cuts(read_transactions("cdnow_sample"), 3, horizon=13)]
    ['1997-05-17', '1997-10-23', '1998-03-31']
    """
    start = first or transactions.first + timedelta(days=(transactions.last - transactions.first).days // 4)
    stop = transactions.last - timedelta(days=round(horizon * DAYS_PER_UNIT[unit]))
    days = (stop - start).days
    if n < 1 or days < n - 1:
        until = f"from {start} to {transactions.last}"
        raise TooLittle(f"{n} cuts, each with a hold-out of {horizon:g} {unit}s, do not fit into the data {until}; take a shorter horizon.")
    return [start + timedelta(days=round(days * k / max(n - 1, 1))) for k in range(n)] if n > 1 else [stop]


def holdout_at(transactions: Transactions, cut: date, horizon: float, unit: str = "week", grain: str = "day") -> PurchaseSummary:
    """The summary as it stood on a date, with the hold-out of this length after it.

    Parameters
    ----------
    transactions : Transactions
    cut : last day of the calibration
    horizon : length of the hold-out, in units
    unit, grain : as in `summarize_purchases`

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.data import read_transactions
    >>> summary = holdout_at(read_transactions("cdnow_sample"), date(1997, 9, 30), horizon=13)
    >>> summary.calibration_end.isoformat(), summary.end.isoformat()
    ('1997-09-30', '1997-12-30')
    """
    end = cut + timedelta(days=round(horizon * DAYS_PER_UNIT[unit]))
    return summarize_purchases(transactions, unit=unit, grain=grain, calibration_end=cut, end=end)


def fit_at(model: Any, summary: PurchaseSummary) -> Fit:
    """Fit a model to what was known on the cut date of a summary; an error says which date it was.

    Parameters
    ----------
    model : class of a purchase model
    summary : PurchaseSummary
        With a hold-out, of which nothing is used.

    Raises
    ------
    TooLittle
        When fewer than `REPEATERS` customers had come back, of whom a group that borrows needs none.
    FitError
        When the model cannot be fitted to what was known.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> summary = gw.lifetime_value.holdout_at(gw.read_transactions("cdnow_sample"), date(1997, 9, 30), horizon=13)
    >>> fit_at(gw.BetaGeoNBD, summary).parameters.round(3)
    array([0.243, 4.414, 0.793, 2.426])
    """
    found = summary.counts["repeaters"]
    if found < REPEATERS and not hasattr(model, "lenders"):
        known = f"{found} of {summary.counts['customers']} customers had come back, and a fit needs {REPEATERS}"
        raise TooLittle(f"What was known on {summary.calibration_end} is not enough: {known}; take a later first date, or fewer dates.")
    try:
        return model.fit(summary)
    except (FitError, TooLittle) as error:
        raise FitError(f"what was known on {summary.calibration_end} is not enough: {error}; take a later first date") from None


def fits_now(transactions: Transactions, models: Mapping[str, Any], unit: str = "week") -> dict[str, Fit]:
    """Models fitted to all of the data, by name, for those who forecast from the same day: on a ridge they share its refits.

    A model for which too little is known is left out.

    >>> import goodwill as gw
    >>> {name: fit.converged for name, fit in fits_now(gw.read_transactions("cdnow_sample"), {"BG/NBD": gw.BetaGeoNBD}).items()}
    {'BG/NBD': True}
    """
    whole, fits = summarize_purchases(transactions, unit=unit), {}
    for name, model in models.items():
        with suppress(FitError, TooLittle):
            fits[name] = fit_at(model, whole)
    return fits


class Holdout(NamedTuple):
    """What lies between a cut date and the last day that is scored."""

    made: date
    due: date


def disjoint_holdouts(cuts: Any, horizon: float, unit: str) -> int:
    """How many of the hold-outs after these dates can be chosen so that no two overlap.

    Parameters
    ----------
    cuts : dates after which the hold-outs begin
    horizon : their length, in units
    unit : day, week, month or year

    Examples
    --------
    >>> disjoint_holdouts(["2025-01-01", "2025-01-15", "2025-02-01"], horizon=4, unit="week")  # the second overlaps both
    2
    """
    length = timedelta(days=round(horizon * DAYS_PER_UNIT[unit]))
    return len(disjoint(Holdout(cut, cut + length) for cut in (pd.Timestamp(each).date() for each in cuts)))


@dataclass(frozen=True, repr=False)
class RollingCoverage(Shown):
    """What the intervals of a model held, over rolling cut dates.

    Attributes
    ----------
    record : DataFrame
        One row per cut and group (`total`, and the frequency classes `0`, `1`, …): cut, end (of the hold-out), group, customers,
        estimate, lower, upper, actual, held; and widened by the hold-outs that were over on the day of the cut: past (how many of them do
        not overlap; below two nothing is widened), wide_lower, wide_upper, wide_held.
    customers : DataFrame
        One row per cut: cut, customers, held (share of the customers whose own interval held their purchases), promised (the mean
        probability of these intervals by the model, more than the level because purchases are whole numbers).
    horizon : float
    unit : str
    level : float
    model : the class of the model, or `StackedModels` that have seen the hold-outs of all these dates

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> log, cuts = gw.read_transactions("cdnow_sample"), [date(1997, 7, 1), date(1997, 9, 30)]
    >>> found = gw.lifetime_value.rolling_coverage(log, cuts=cuts, horizon=13, draws=50)
    >>> found.shares[["cuts", "held", "held_lower", "held_upper"]].astype(float).round(2).tolist()  # from two cuts little is known
    [2.0, 0.5, 0.09, 0.91]
    """

    record: pd.DataFrame
    customers: pd.DataFrame
    horizon: float
    unit: str
    level: float
    model: Any = None

    @property
    def table(self) -> pd.DataFrame:
        """Per group: cuts, disjoint (how many of their hold-outs do not overlap), held (share of all cuts); of the cuts with a record
        behind them: later_cuts, later_disjoint, before and after (shares held, as the model gave the interval and widened), and how many
        times as wide (on the log scale) the interval became: the mean of `wider`. Each share has `_lower` and `_upper`, Wilson's 95 %
        with as many cases as there are hold-outs without overlap; missing where there are none."""
        rows = []
        for name in self.record["group"].unique():
            part = self.record[self.record["group"] == name]
            later = part[part["past"] >= FEWEST]
            width, wide = (np.log((later[high] + 0.5) / (later[low] + 0.5)) for low, high in _ENDS)
            n, late = (disjoint_holdouts(rows["cut"], self.horizon, self.unit) for rows in (part, later))
            row: dict[str, Any] = {"group": name, "cuts": len(part), "disjoint": n} | _share("held", part["held"], n)
            row |= {"later_cuts": len(later), "later_disjoint": late}
            row |= _share("before", later["held"], late) | _share("after", later["wide_held"], late)
            rows.append(row | {"wider": (wide / width).mean()})
        return pd.DataFrame(rows)

    @property
    def totals(self) -> pd.DataFrame:
        """The rows of `record` on the total."""
        return self.record[self.record["group"] == "total"].reset_index(drop=True)

    @property
    def shares(self) -> pd.Series:
        """The row of `table` on the total."""
        table = self.table
        return table[table["group"] == "total"].iloc[0]


def _share(name: str, held: pd.Series, disjoint: int) -> dict[str, float]:
    if not disjoint:
        return dict.fromkeys((name, f"{name}_lower", f"{name}_upper"), np.nan)
    share = float(held.mean())
    _, low, high = wilson(share * disjoint, disjoint)
    return {name: share, f"{name}_lower": float(low), f"{name}_upper": float(high)}


_ENDS = (("lower", "upper"), ("wide_lower", "wide_upper"))


def rolling_coverage(
    transactions: Transactions,
    model: Any = BetaGeoNBD,
    *,
    cuts: int | list[date] = 12,
    horizon: float | None = None,
    unit: str = "week",
    grain: str = "day",
    level: float = 0.95,
    last: int = 3,
    draws: int = 1000,
    seed: int = 1,
) -> RollingCoverage:
    """Fit a model at several dates, and see what its predictive intervals hold: of the total, of frequency classes, of each customer.

    Parameters
    ----------
    transactions : Transactions
    unit, grain : as in `summarize_purchases`
    model : class of a purchase model, or `StackedModels`, whose weights are then learned on the way, at each date from the hold-outs of
        earlier ones that were over by then
    cuts : how many, or the dates themselves
    horizon : length of the hold-outs, in units; by default a tenth of the observed time, so that some are over before the last cuts
    last : the open frequency class at the top

    Notes
    -----
    A customer's interval (smallest whole numbers with at most half of 1 - level beyond each) is counted at the fitted parameters, from
    `probability_of_future_purchases`; for a model without it the shares are missing.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> found = rolling_coverage(gw.read_transactions("cdnow_sample"), cuts=[date(1997, 9, 30)], horizon=13, draws=100)
    >>> found.totals[["customers", "actual", "held"]].to_dict("list")  # more came than expected
    {'customers': [2357], 'actual': [726], 'held': [False]}
    """
    ahead = horizon or automatic_rolling_horizon(transactions, unit, parts=10)
    dates = rolling_cuts(transactions, cuts, ahead, unit) if isinstance(cuts, int) else sorted(cuts)
    learner = model.afresh() if hasattr(model, "afresh") else model
    rows, people = [], []
    for cut in dates:
        summary = holdout_at(transactions, cut, ahead, unit, grain)
        customers, fit = summary.to_pandas(), fit_at(learner, summary)
        customers["class"] = _classes(customers, last)
        length = float(customers["duration_holdout"].iloc[0])
        found = _by_class(fit, customers, length, (draws, REFITS), level, seed)
        actual = customers["frequency_holdout"].groupby(customers["class"]).agg(["size", "sum"])
        actual.loc["total"] = actual.sum()
        for name, row in zip(found.index, found.to_numpy(), strict=True):
            size, came = actual.loc[name].to_numpy()
            rows.append((pd.Timestamp(cut), pd.Timestamp(summary.end), name, size, *row, came))
        people.append((pd.Timestamp(cut), len(customers), *_each_customer(fit.model, customers, length, level)))
        if hasattr(learner, "learn"):
            learner.learn(summary, fit)
    record = pd.DataFrame(rows, columns=["cut", "end", "group", "customers", "estimate", "lower", "upper", "actual"])
    record["held"] = record["actual"].between(record["lower"], record["upper"])
    each = pd.DataFrame(people, columns=["cut", "customers", "held", "promised"])
    return RollingCoverage(_widen(record, level), each, ahead, unit, level, learner)


def next_purchases(
    transactions: Transactions, past: RollingCoverage, *, fits: Iterable[Fit] = (), draws: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Purchases in the time after the data, of all customers and of each frequency class, with the interval that their record widens.

    Parameters
    ----------
    transactions : Transactions
    past : the record of a model on the same data; its model, horizon and classes are taken over
    fits : fits to all of the data (the values of `fits_now`), among which those needed are looked for before they are made

    Returns
    -------
    DataFrame
        A row per group (`total`, then the classes): customers, estimate, lower, upper (as the model gives them), past (hold-outs without
        overlap that are behind it; below two nothing is widened), wide_lower, wide_upper.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> past = gw.lifetime_value.rolling_coverage(log, cuts=[date(1997, 9, 30)], horizon=13, draws=50)
    >>> next_purchases(log, past, draws=50)[["group", "customers", "estimate"]].round()
       group  customers  estimate
    0  total       2357     539.0
    1      0       1218      51.0
    2      1        403      38.0
    3      2        209      42.0
    4     3+        527     407.0
    """
    whole = summarize_purchases(transactions, unit=past.unit)
    customers, fit = whole.to_pandas(), _fit_now(past.model, whole, list(fits))
    last = sum(name != "total" for name in past.record["group"].unique()) - 1
    customers["class"] = _classes(customers, last)
    found = _by_class(fit, customers, past.horizon, (draws, REFITS_NOW), past.level, seed)
    made, rows = transactions.last, []
    due = made + timedelta(days=round(past.horizon * DAYS_PER_UNIT[past.unit]))
    for name, row in zip(found.index, found.to_numpy(), strict=True):
        size = len(customers) if name == "total" else int((customers["class"] == name).sum())
        over = _statements(past.record[past.record["group"] == name])
        rows.append((name, size, *row, *widened_count(count_statement(made, due, Interval(*row)), over, level=past.level)))
    return pd.DataFrame(rows, columns=["group", "customers", "estimate", "lower", "upper", "past", "wide_lower", "wide_upper"])


def _fit_now(model: Any, whole: PurchaseSummary, fits: list[Fit]) -> Any:
    """A model fitted to all of the data, from fits that are there where they are of its class."""

    def of(each: Any) -> Fit:
        return next((known for known in fits if type(known.model) is each), None) or fit_at(each, whole)

    if hasattr(model, "weighed"):
        return model.weighed({name: of(each) for name, each in model.models.items()}, whole.end)
    return of(model)


def _by_class(fit: Any, customers: pd.DataFrame, horizon: float, draws: tuple[int, int], level: float, seed: int) -> pd.DataFrame:
    """Number of purchases in all (`total`) and of each class, from the same simulated futures: estimate, lower, upper."""
    asked, drawn = ask(fit.unit, customers, horizon, "class"), fit.prediction_draws(draws[0], seed, draws[1])
    each = expected_totals(asked, fit.model)
    totals = totals_of(asked, fit.model, drawn, np.random.default_rng(seed), known=fit.converged)
    estimates, totals = np.append(each.sum(), each), np.column_stack([totals.sum(axis=1), totals])
    interval = quantile_interval(estimates, totals, level)
    return pd.DataFrame(interval._asdict(), index=["total", *asked.groups.astype(str)])


def _classes(customers: pd.DataFrame, last: int) -> np.ndarray:
    return np.array(class_labels(last))[np.minimum(customers["frequency"], last)]


def count_statement(made: date, due: date, interval: Interval, came: float | None = None) -> Statement:
    """A forecast of a number of purchases as a statement, each number with half a purchase added, so that zero has a logarithm."""
    estimate, lower, upper = (float(value) + HALF for value in interval)
    return Statement(made, due, estimate, min(lower, estimate), max(upper, estimate), None if came is None else float(came) + HALF)


def widened_count(now: Statement, past: Sequence[Statement], *, level: float = 0.95) -> tuple[int, float, float]:
    """The interval of a number of purchases, widened by past forecasts of the same kind that look as far ahead.

    Parameters
    ----------
    now, past : of `count_statement`; those of the past that were not due when `now` was made are passed over

    Returns
    -------
    past, lower, upper
        How many hold-outs without overlap are behind it, and the ends by the rule of `goodwill.inference.track_record.widened`, which
        begins with how far such forecasts missed in other data (`PURCHASES_ELSEWHERE`): never narrower than those given, and no wider
        where fewer than two are behind it.

    Examples
    --------
    Forecasts that missed by 20 % either way, with intervals of 5 %:

    >>> days = [date(2025, 1, 5), date(2025, 4, 6), date(2025, 7, 6), date(2025, 10, 5), date(2026, 1, 4)]
    >>> given = Interval(1000.0, 950.0, 1050.0)
    >>> past = [count_statement(*days[k : k + 2], given, came) for k, came in enumerate((1200, 830, 1200))]
    >>> [round(end) for end in widened_count(count_statement(*days[3:], given), past)]
    [3, 682, 1467]
    """
    wide = widened(now, past, level=level, prior=PURCHASES_ELSEWHERE) or now
    return len(disjoint(known_by(now, past))), max(wide.lower - HALF, 0.0), wide.upper - HALF


def _statements(record: pd.DataFrame) -> list[Statement]:
    days = zip(record["cut"].dt.date, record["end"].dt.date, strict=True)
    numbers = record[["estimate", "lower", "upper", "actual"]].to_numpy(float)
    return [count_statement(made, due, Interval(*said), came) for (made, due), (*said, came) in zip(days, numbers, strict=True)]


def _widen(record: pd.DataFrame, level: float) -> pd.DataFrame:
    """Each forecast with the record of those of its group that were over on its day."""
    wide = []
    for _, group in record.groupby("group", sort=False):
        said = _statements(group)
        ends = [widened_count(one, said, level=level) for one in said]
        wide.append(pd.DataFrame(ends, columns=["past", "wide_lower", "wide_upper"], index=group.index))
    joined = record.join(pd.concat(wide))
    return joined.assign(wide_held=joined["actual"].between(joined["wide_lower"], joined["wide_upper"]))


def _each_customer(model: Any, customers: pd.DataFrame, horizon: float, level: float) -> tuple[float, float]:
    """Share of the customers whose own interval held what they bought, and the mean probability of these intervals."""
    if not hasattr(model, "probability_of_future_purchases"):
        return np.nan, np.nan
    rows = purchase_rows(customers, group="frequency_holdout")
    history, y = [rows[name].to_numpy() for name in ("frequency", "recency", "T")], rows["group"].to_numpy()
    tail, size = (1 - level) / 2, len(rows)
    held, content, below = np.zeros(size, bool), np.zeros(size), np.zeros(size)
    left = np.arange(size)
    for n in range(MOST):
        chance = model.probability_of_future_purchases(n, horizon, *(column[left] for column in history))
        upto = below[left] + chance
        inside = (upto > tail) & (below[left] < 1 - tail)  # n is neither in the lower nor in the upper tail
        content[left] += np.where(inside, chance, 0.0)
        held[left] |= inside & (y[left] == n)
        below[left] = upto
        left = left[upto < 1 - tail]
        if not left.size:
            break
    weight = rows["weight"].to_numpy() / rows["weight"].sum()
    return float(weight @ held), float(weight @ content)
