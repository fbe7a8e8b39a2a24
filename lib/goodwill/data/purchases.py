"""From transactions to one row per customer: frequency, recency, T, monetary value, with a holdout if asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
from ibis.expr.operations import PhysicalTable
from ibis.util import gen_name

from goodwill.calendar import DAYS_PER_GRAIN, DAYS_PER_UNIT
from goodwill.data.reading.files import Fact
from goodwill.data.tables import Transactions, audit_frame
from goodwill.errors import DataError, TooLittle
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class PurchaseSummary(Shown):
    """One row per customer; made by `summarize_purchases`.

    Attributes
    ----------
    table : ibis.Table
        Lazy, in whole grains: `customer_id`, `frequency`, `recency`, `T`, with money `monetary_value` and `spend` (all money of the
        calibration, the first purchase too) and, where returns are netted, `returned` (money given back); `birth` (date of the first
        purchase), and with a holdout `frequency_holdout`, `spend_holdout`, `duration_holdout`.
    unit : {"day", "week", "month", "year"}
        Unit of `recency`, `T` and `duration_holdout` in `to_pandas`, `purchase_rows` and everything fitted from this.
    grain : {"day", "week"}
        Purchases within one grain are one occasion.
    grains_per_unit : float
        7 for days in weeks; 30.4375 for days in months.
    calibration_end, end : date
        Last date of the calibration (None without a holdout) and of the observation.
    source, currency : str
        As in the transactions.

    Examples
    --------
    >>> import goodwill as gw
    >>> customers = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> customers.unit, customers.counts["customers"]
    ('week', 2357)
    >>> customers.to_pandas()[["frequency", "recency", "T"]].head(2).round(2)
       frequency  recency      T
    0          3    49.29  77.86
    1          0     0.00  77.43
    """

    table: ibis.Table
    unit: str
    grain: str
    calibration_end: date | None
    end: date
    source: str
    currency: str
    transactions: Transactions = field(repr=False)

    def _said(self) -> str:
        # Counting is quick here; another engine is not asked just to show a line.
        counted = ""
        if self.table.get_backend().name == "duckdb":
            counted = f"{self.counts['customers']:,} customers ({self.counts['repeaters']:,} came back) "
        kept = f", hold-out from {self.calibration_end}" if self.calibration_end else ""
        return f"[{self.unit}/{self.grain}{f', {self.currency}' if self.currency else ''}] {counted}to {self.end}{kept}"

    def _frame(self) -> pd.DataFrame:
        return self._in_unit(self.rows.drop("birth").limit(5))

    @property
    def grains_per_unit(self) -> float:
        """Grains in one unit."""
        return DAYS_PER_UNIT[self.unit] / DAYS_PER_GRAIN[self.grain]

    @property
    def length(self) -> float:
        """Time from the first date of the data to the end, in the unit: how far back anybody was seen."""
        return (self.end - self.transactions.first).days / DAYS_PER_UNIT[self.unit]

    @property
    def has_amount(self) -> bool:
        """Whether there is money."""
        return self.transactions.has_amount

    def cached(self) -> PurchaseSummary:
        """The same with one row per customer kept as a temporary table of the engine, where several results are wanted of many rows."""
        con = self.table.get_backend()
        if con.name == "pyspark":  # its temporary tables are views, which would be computed again
            return replace(self, table=self.table.cache())
        return replace(self, table=con.create_table(gen_name("summary"), self.table, temp=True))

    @cached_property
    def rows(self) -> ibis.Table:
        """The rows as our engine keeps them from the first question on, since there are always more; of others, as they are."""
        con, is_table = self.table.get_backend(), isinstance(self.table.op(), PhysicalTable)
        return self.table if is_table or not hasattr(con, "kept_for") else con.kept_for(self, self.table)

    def to_pandas(self) -> pd.DataFrame:
        """One row per customer, by id, in the unit."""
        frame = self._in_unit(self.rows.drop("birth").order_by("customer_id"))
        # Engines differ in the order of texts.
        return frame if self.table.get_backend().name == "duckdb" else frame.sort_values("customer_id", ignore_index=True)

    def purchase_rows(self) -> pd.DataFrame:
        """The distinct (`frequency`, `recency`, `T`) in the unit, with the number of customers as `weight`."""
        return self._histories.copy()

    @cached_property
    def _histories(self) -> pd.DataFrame:
        keys = ["frequency", "recency", "T"]
        return self._in_unit(self.rows.group_by(keys).aggregate(weight=lambda t: t.count()).order_by(keys))

    def spend_rows(self, *, width: float = 0.0) -> pd.DataFrame:
        """The distinct (`frequency`, `monetary_value`) of customers with repeat purchases, with their number as `weight`.

        Means of money hardly ever repeat, so that millions of customers give millions of rows. With `width`, such as .001, positive means
        within that share of each other count as one, at their mean: a likelihood changes by about width squared / 24 per customer.
        """
        if not self.has_amount:
            raise TooLittle(f"{self.source} has no money: read it with amount= to model spend.")
        keys = ["frequency", "monetary_value"]
        repeaters = self.rows.filter(self.rows.frequency > 0)
        if not width:
            return repeaters.group_by(keys).aggregate(weight=lambda t: t.count()).order_by(keys).to_pandas()
        mean = repeaters.monetary_value
        positive = mean > ibis.literal(0.0)
        steps = (positive.ifelse(mean, ibis.literal(1.0)).ln() / ibis.literal(float(width))).floor().cast("int64")
        merged = repeaters.group_by(
            frequency=repeaters.frequency, positive=positive, steps=steps, exact=positive.ifelse(ibis.literal(0.0), mean)
        )
        rows = merged.aggregate(monetary_value=lambda t: t.monetary_value.mean(), weight=lambda t: t.count())
        return rows.select(*keys, "weight").order_by(keys).to_pandas()

    @cached_property
    def counts(self) -> dict[str, int]:
        """`customers`, `repeaters` (with a repeat purchase) and `repeat_purchases`, in the calibration."""
        t = self.rows
        found = t.aggregate(customers=t.count(), repeaters=(t.frequency > 0).sum(), repeat_purchases=t.frequency.sum())
        return {k: int(v or 0) for k, v in found.to_pyarrow().to_pylist()[0].items()}

    @cached_property
    def audit(self) -> pd.DataFrame:
        """The audit of the transactions, and what the summary left out."""
        import pandas as pd

        return pd.concat([self.transactions.audit, audit_frame(_left_out(self))], ignore_index=True)

    def _in_unit(self, table: ibis.Table) -> pd.DataFrame:
        frame = table.to_pandas()
        for column in ("recency", "T", "duration_holdout"):
            if column in frame:
                frame[column] = frame[column].astype("float64") / self.grains_per_unit
        return frame


def summarize_purchases(
    transactions: Transactions,
    *,
    unit: str = "week",
    grain: str = "day",
    calibration_end: date | str | None = None,
    end: date | str | None = None,
) -> PurchaseSummary:
    """Summarize the purchases of each customer, as one lazy Ibis expression.

    Parameters
    ----------
    transactions : Transactions
        From `read_transactions`; what it takes (a path, a DataFrame, …) is read by it with the default columns.
    unit : {"day", "week", "month", "year"}
        Unit of time of the result; a month is 30.4375 and a year 365.25 days.
    grain : {"day", "week"}
        Purchases of a customer within one grain are one occasion. Merging within the (calendar, Monday to Sunday) week changes the
        result and is a choice of its own.
    calibration_end : date or str, optional
        Last date of the calibration ("1997-09-30"); what follows up to `end` is the holdout. Customers first seen in the holdout
        are not in the summary.
    end : date or str, optional
        Last date observed; by default the last date in the data. Rows after it are left out, and counted in the audit.

    Returns
    -------
    PurchaseSummary
        `frequency` is the number of repeat occasions, `recency` the time from the first to the last occasion, `T` from the first to
        the end of the calibration, `monetary_value` the mean money per repeat occasion (0 without one); `frequency_holdout` the
        occasions and `spend_holdout` all the money of the holdout.

    Raises
    ------
    DataError
        An unknown unit or grain, or an end outside the data (says their range).

    Notes
    -----
    A day with negative amounts only is no occasion under `returns="net"`. Its money, if after the second occasion, is subtracted from the
    money of the repeat occasions, which `monetary_value` divides by their number; it can become zero or negative, and is not cut. What is
    returned between the first and the second occasion was bought at the first, and is taken from its amount.

    Examples
    --------
    >>> from goodwill.data.reading.sources import read_transactions
    >>> summary = summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    >>> summary.counts
    {'customers': 2357, 'repeaters': 946, 'repeat_purchases': 2457}
    """
    if not isinstance(transactions, Transactions):
        from goodwill.data.reading.sources import read_transactions

        transactions = read_transactions(transactions)
    _check_time(unit, grain)
    calibrated, last = observed_window(transactions, calibration_end, end)
    table = _summary_table(transactions, grain, calibrated, last)
    return PurchaseSummary(table, unit, grain, calibrated, last, transactions.source, transactions.currency, transactions)


def automatic_calibration_end(transactions: Transactions, *, end: date | str | None = None) -> date:
    """The date that halves the observed window, which `end` may close early.

    Parameters
    ----------
    transactions : Transactions
    end : date or str, optional
        Last day that counts.

    Raises
    ------
    DataError
        For an end before the data, and for data of one day.

    Examples
    --------
    >>> from goodwill.data.reading.sources import read_transactions
    >>> automatic_calibration_end(read_transactions("cdnow_sample")).isoformat()
    '1997-09-30'
    """
    _, last = observed_window(transactions, None, end)
    days = (min(last, transactions.last) - transactions.first).days
    if days < 1:
        raise DataError(f"{transactions.source} holds one day only ({transactions.first}): there is nothing to split into two halves.")
    return transactions.first + timedelta(days=days // 2)


def _check_time(unit: str, grain: str) -> None:
    if unit not in DAYS_PER_UNIT:
        raise DataError(f"unit={unit!r}: choose one of {', '.join(DAYS_PER_UNIT)}.")
    if grain not in DAYS_PER_GRAIN:
        raise DataError(f"grain={grain!r}: choose one of {', '.join(DAYS_PER_GRAIN)}.")
    if DAYS_PER_UNIT[unit] < DAYS_PER_GRAIN[grain]:
        raise DataError(f"unit={unit!r} is finer than grain={grain!r}; choose a unit of at least a {grain}.")


def _as_date(value: Any, name: str) -> date | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        raise DataError(f"{name}={value!r} is no date; write it as year-month-day, such as {name}='1997-09-30'.") from None


def observed_window(transactions: Transactions, calibration_end: Any, end: Any) -> tuple[date | None, date]:
    """The two ends, checked against the data."""
    calibrated = _as_date(calibration_end, "calibration_end")
    last = _as_date(end, "end") or transactions.last
    held = f"the data of {transactions.source} run from {transactions.first} to {transactions.last}"
    if last < transactions.first:
        raise DataError(f"end={last} lies before the data: {held}.")
    if calibrated is not None and not transactions.first <= calibrated < min(last, transactions.last):
        until = f", and end={last}" if last != transactions.last else ""
        raise DataError(f"calibration_end={calibrated} leaves no calibration or no holdout: {held}{until}.")
    return calibrated, last


def _truncated(value: Any, grain: str) -> Any:
    return value if grain == "day" else value.truncate("W")


def occasions(transactions: Transactions, grain: str, calibrated: date | None, end: date) -> ibis.Table:
    """Rows merged per customer and grain: `day` (its first date), `money`, `bought`, `held` (in the holdout).

    Parameters
    ----------
    transactions : Transactions
    grain : day or week
    calibrated : last day of the calibration; None without a hold-out
    end : last day that counts

    Returns
    -------
    ibis.Table
        Lazy; `money` and `bought` where there is money.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": ["2025-01-02", "2025-01-02", "2025-01-04"], "amount": [10, 20, 40]})
    >>> days = occasions(gw.read_transactions(log), "day", None, date(2025, 1, 31)).order_by("customer_id").to_pandas()
    >>> days["money"].astype(float).tolist()  # the two rows of a are one purchase
    [30.0, 40.0]
    """
    rows = transactions.table
    if end < transactions.last:
        rows = rows.filter(rows.date <= end)
    keys: dict[str, Any] = {"customer_id": rows.customer_id, "day": _truncated(rows.date, grain)}
    if calibrated is not None and grain != "day":
        keys["held"] = rows.date > calibrated  # a week may lie on both sides
    values: dict[str, Any] = {}
    if transactions.has_amount:
        values["money"] = rows.amount.sum()
    if netted(transactions):
        nothing = ibis.literal(0).cast("decimal(18, 4)")
        values["bought"] = (rows.amount >= nothing).max()
        values["returned"] = rows.amount.sum(where=rows.amount < nothing)
    merged = rows.group_by(**keys).aggregate(**values) if values else rows.select(**keys).distinct()
    if calibrated is not None and grain == "day":
        merged = merged.mutate(held=merged.day > calibrated)
    return merged


def netted(transactions: Transactions) -> bool:
    """Whether there are returns that are taken off their day, so that a day of returns alone is no purchase.

    >>> import goodwill as gw
    >>> netted(gw.read_transactions("cdnow_sample"))  # nobody gave anything back
    False
    """
    return transactions.has_amount and transactions.has_returns and transactions.returns == "net"


def _summary_table(transactions: Transactions, grain: str, calibrated: date | None, end: date) -> ibis.Table:
    """The summary in whole grains."""
    merged = occasions(transactions, grain, calibrated, end)
    held = merged.held if calibrated is not None else None
    bought = merged.bought if netted(transactions) else None
    known = None if held is None else ~held
    occasion = known if bought is None else bought if known is None else known & bought
    stop = calibrated or end
    values: dict[str, Any] = {
        "birth": merged.day.min(where=occasion),
        "latest": merged.day.max(where=occasion),
        "occasions": merged.count() if occasion is None else occasion.sum(),
    }
    if transactions.has_amount:
        values["money"] = merged.money.sum(where=known)
        values["first_money"] = merged.money.argmin(merged.day, where=occasion)
    if bought is not None:
        values["returned"] = merged.returned.sum(where=known)
    if held is not None:
        values["frequency_holdout"] = (held if bought is None else held & bought).sum()
        if transactions.has_amount:
            values["spend_holdout"] = merged.money.sum(where=held)
    customers = merged.group_by("customer_id").aggregate(**values)
    if occasion is not None:
        customers = customers.filter(customers.birth.notnull())
    if bought is not None:
        returned = merged.filter(~bought if known is None else ~bought & known)
        customers = _without_early_returns(customers, returned)
        if transactions.has_amount:
            customers = _with_first_returns(customers, merged.filter(occasion), returned)
    return _columns(customers, transactions.has_amount, grain, stop, end if calibrated is not None else None)


def _without_early_returns(customers: ibis.Table, returned: ibis.Table) -> ibis.Table:
    """Take the money of return days before the first purchase out of `money`."""
    births = customers.select("customer_id", "birth")
    early = returned.join(births, "customer_id").filter(lambda t: t.day < t.birth)
    early = early.group_by("customer_id").aggregate(early=early.money.sum())
    joined = customers.left_join(early, "customer_id")
    none = ibis.literal(0).cast("decimal(38, 4)")
    return joined.select(*customers.columns, "early").mutate(money=lambda t: t.money - t.early.fill_null(none)).drop("early")


def _with_first_returns(customers: ibis.Table, bought: ibis.Table, returned: ibis.Table) -> ibis.Table:
    """Return days before the second purchase belong to the first: their money goes to `first_money`."""
    births = customers.select("customer_id", "birth")
    later = bought.join(births, "customer_id").filter(lambda t: t.day > t.birth)
    second = later.group_by("customer_id").aggregate(second=later.day.min())
    after = returned.join(births, "customer_id").left_join(second, "customer_id")
    after = after.filter(lambda t: (t.day > t.birth) & (t.second.isnull() | (t.day < t.second)))
    given_back = after.group_by("customer_id").aggregate(given_back=after.money.sum())
    joined = customers.left_join(given_back, "customer_id").select(*customers.columns, "given_back")
    none = ibis.literal(0).cast("decimal(38, 4)")
    return joined.mutate(first_money=lambda t: t.first_money + t.given_back.fill_null(none)).drop("given_back")


def _columns(customers: ibis.Table, has_amount: bool, grain: str, stop: date, end: date | None) -> ibis.Table:
    """The field's names, in whole grains."""
    step = DAYS_PER_GRAIN[grain]

    def grains(days: Any) -> Any:
        return days.cast("int64") if step == 1 else (days // step).cast("int64")

    last = ibis.literal(grain_start(stop, grain))
    frequency = (customers.occasions - 1).cast("int64")
    columns: dict[str, Any] = {
        "customer_id": customers.customer_id,
        "frequency": frequency,
        "recency": grains(customers.latest.delta(customers.birth, unit="day")),
        "T": grains(last.delta(customers.birth, unit="day")),
    }
    if has_amount:
        spent = (customers.money - customers.first_money).cast("float64")
        columns["monetary_value"] = (frequency > 0).ifelse(spent / frequency.nullif(0), ibis.literal(0).cast("float64"))
        columns["spend"] = customers.money.cast("float64")
    if "returned" in customers.columns:
        columns["returned"] = -customers.returned.fill_null(ibis.literal(0).cast("decimal(38, 4)")).cast("float64")
    if end is not None:
        columns["frequency_holdout"] = customers.frequency_holdout.cast("int64")
        if has_amount:
            columns["spend_holdout"] = customers.spend_holdout.fill_null(ibis.literal(0).cast("decimal(38, 4)")).cast("float64")
        held = (grain_start(end, grain) - grain_start(stop, grain)).days // step
        columns["duration_holdout"] = ibis.literal(held).cast("int64")
    columns["birth"] = customers.birth
    return customers.select(**columns)


def grain_start(day: date, grain: str) -> date:
    """First date of the grain that holds a date.

    Parameters
    ----------
    day : date
    grain : day or week; weeks begin on Monday

    Examples
    --------
    >>> from datetime import date
    >>> grain_start(date(2026, 1, 1), "week").isoformat(), grain_start(date(2026, 1, 1), "day").isoformat()  # a Thursday, and its Monday
    ('2025-12-29', '2026-01-01')
    """
    return day if grain == "day" else day - timedelta(days=day.weekday())


def _left_out(summary: PurchaseSummary) -> list[Fact]:
    """What of the transactions is not in a summary."""
    t = summary.transactions
    rows, money = t.table, t.has_amount
    after = rows.filter(rows.date > summary.end)
    inside = rows.filter(rows.date <= summary.end)
    new = inside.anti_join(summary.rows, "customer_id")
    facts = []
    for rule, part, done in (
        ("rows after the end", after, f"left out: later than {summary.end}"),
        ("rows of customers not in the summary", new, ""),
    ):
        values: dict[str, Any] = {"rows": part.count(), "customers": part.customer_id.nunique()}
        if money:
            values["money"] = part.amount.sum()
        n = part.aggregate(**values).to_pyarrow().to_pylist()[0]
        until = summary.calibration_end or summary.end
        words = done or f"{n['customers']:,} customers without a purchase until {until}"
        facts.append(Fact(rule, n["rows"], words, float(n["money"] or 0) if money else None))
    window = (
        f"calibration to {summary.calibration_end}, holdout to {summary.end}" if summary.calibration_end else f"observed to {summary.end}"
    )
    return [
        *facts,
        Fact("window", None, f"{window}; time in {summary.unit}s, purchases within one {summary.grain} are one occasion"),
        Fact(
            "customers in the summary",
            None,
            f"{summary.counts['customers']:,}, of them {summary.counts['repeaters']:,} with repeat purchases",
        ),
    ]
