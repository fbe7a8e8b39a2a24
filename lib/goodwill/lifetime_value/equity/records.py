"""What each day's first buyers brought on each later day: all that past statements about newcomers are held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import occasions, summarize_purchases
from goodwill.errors import TooLittle
from goodwill.inference.ledger import FOUR_WEEKS, YEAR
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.value import ValueTerms

FEWEST_FIRST = 10  # first purchases, below which their mean amount is not known
FEWEST_COHORTS = 3  # periods of first purchases, below which their spread is not


class Came(NamedTuple):
    """What came in a window: money of the customers known before it, number of newcomers, and their money (profit, discounted)."""

    known: float
    number: float
    brought: float


@dataclass(frozen=True, repr=False)
class Brought(Shown):
    """Money by day of the first purchase and day on which it came.

    Attributes
    ----------
    days : DataFrame
        born, day (whole days since `first`), customers (with a purchase or return), money, squares (sum of squared amounts).
    first, last : date

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.data import read_transactions
    >>> from goodwill.lifetime_value import ValueTerms, brought_by_birth
    >>> log = pd.DataFrame({"customer_id": list("aab"), "date": ["2025-01-01", "2025-01-09", "2025-01-09"], "amount": [10, 20, 40]})
    >>> brought = brought_by_birth(read_transactions(log))
    >>> brought.between(date(2025, 1, 1), date(2025, 1, 31), ValueTerms(4, 1.0, 0.0, "week"))
    Came(known=20.0, number=1.0, brought=40.0)
    """

    days: pd.DataFrame
    first: date
    last: date

    def _said(self) -> str:
        return f"{self.days['money'].sum():,.0f} from {self.first} to {self.last}"

    def between(self, made: date, due: date, terms: ValueTerms) -> Came:
        """What came after one day and until another, discounted to the first."""
        start, stop = (made - self.first).days, (due - self.first).days
        rows = self.days[(self.days["day"] > start) & (self.days["day"] <= stop)]
        left = np.exp(-terms.rate * (rows["day"] - start) / DAYS_PER_UNIT[terms.unit])
        money, new = terms.margin * rows["money"] * left, rows["born"] > start
        number = rows.loc[new & (rows["born"] == rows["day"]), "customers"].sum()
        return Came(float(money[~new].sum()), float(number), float(money[new].sum()))

    def cost(self, made: date, due: date, terms: ValueTerms, each: float) -> float:
        """What winning the newcomers of a window cost, discounted to the day before it."""
        start, stop = (made - self.first).days, (due - self.first).days
        firsts = self.days[(self.days["born"] == self.days["day"]) & (self.days["day"] > start) & (self.days["day"] <= stop)]
        return float(each * firsts["customers"] @ np.exp(-terms.rate * (firsts["day"] - start) / DAYS_PER_UNIT[terms.unit]))

    def first_amount(self, until: date, days: int = YEAR) -> Interval:
        """Mean of what a first purchase brought, of those in so many days before a day, with its 95 % interval.

        Raises TooLittle with fewer than ten of them, looking back as far as there are records.
        """
        stop = (until - self.first).days
        firsts = self.days[(self.days["born"] == self.days["day"]) & (self.days["day"] <= stop)]
        late = firsts[firsts["day"] > stop - days]
        used = late if late["customers"].sum() >= FEWEST_FIRST else firsts
        n = float(used["customers"].sum())
        if n < FEWEST_FIRST:
            raise TooLittle(f"{n:.0f} first purchases until {until} are too few to say what one brings; {FEWEST_FIRST} are needed.")
        mean = float(used["money"].sum() / n)
        spread = max(float(used["squares"].sum() / n) - mean**2, 0.0)
        reach = normal_quantile(0.95) * float(np.sqrt(spread / n))
        return Interval(mean, mean - reach, mean + reach)

    def first_variance(self, until: date) -> float:
        """Variance of single first amounts until a day."""
        firsts = self.days[(self.days["born"] == self.days["day"]) & (self.days["day"] <= (until - self.first).days)]
        n = max(float(firsts["customers"].sum()), 1.0)
        return max(float(firsts["squares"].sum() / n - (firsts["money"].sum() / n) ** 2), 0.0)

    def by_age(self, terms: ValueTerms, since: date | None = None) -> Interval:
        """What customers old enough had brought by the age of the horizon, the first purchase included, discounted to it, per customer.

        Parameters
        ----------
        since : customers first seen before this day are left out

        Returns
        -------
        Interval
            Mean over customers; the 95 % interval is that of the spread between cohorts of four weeks.

        Raises
        ------
        TooLittle
            With fewer than three cohorts that are old enough.
        """
        length = terms.horizon * DAYS_PER_UNIT[terms.unit]
        last, start = (self.last - self.first).days - length, (since - self.first).days if since else 0
        rows = self.days[(self.days["born"] <= last) & (self.days["born"] >= start)]
        rows = rows[rows["day"] - rows["born"] <= length]
        left = np.exp(-terms.rate * (rows["day"] - rows["born"]) / DAYS_PER_UNIT[terms.unit])
        table = pd.DataFrame({"cohort": rows["born"] // FOUR_WEEKS, "money": terms.margin * rows["money"] * left})
        table["customers"] = rows["customers"].where(rows["born"] == rows["day"], 0)
        each = table.groupby("cohort").sum()
        if len(each) < FEWEST_COHORTS:
            raise TooLittle(
                f"{len(each)} cohorts of four weeks are as old as {terms.horizon:.0f} {terms.unit}s; {FEWEST_COHORTS} are needed to see "
                "what customers bring by that age."
            )
        from scipy.special import stdtrit

        size = each["customers"].to_numpy(float)
        mean = float(each["money"].sum() / size.sum())
        apart = each["money"].to_numpy() - mean * size  # of a ratio
        error = float(np.sqrt((apart**2).sum() * len(each) / (len(each) - 1)) / size.sum())
        reach = float(stdtrit(len(each) - 1, 0.975)) * error
        return Interval(mean, mean - reach, mean + reach)


def brought_by_birth(transactions: Transactions, *, end: date | str | None = None) -> Brought:
    """Add up purchases by the day of the customer's first one and by their own day; the engine does it.

    Raises
    ------
    TooLittle
        When the records have no money.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import brought_by_birth
    >>> from goodwill.data import read_transactions
    >>> log = pd.DataFrame({"customer_id": list("aab"), "date": ["2025-01-01", "2025-01-09", "2025-01-09"], "amount": [10, 20, 40]})
    >>> brought_by_birth(read_transactions(log)).days[["born", "day", "money"]].values.tolist()
    [[0.0, 0.0, 10.0], [0.0, 8.0, 20.0], [8.0, 8.0, 40.0]]
    """
    if not transactions.has_amount:
        raise TooLittle(f"{transactions.source} has no money: read it with amount= to say what customers are worth.")
    summary = summarize_purchases(transactions, unit="day", end=end)
    each = occasions(transactions, "day", None, summary.end).join(summary.rows.select("customer_id", "birth"), "customer_id")
    each = each.filter(each.day >= each.birth).mutate(amount=lambda t: t.money.cast("float64"))
    days = each.group_by(["birth", "day"]).aggregate(
        customers=lambda t: t.count(), money=lambda t: t.amount.sum(), squares=lambda t: (t.amount * t.amount).sum()
    )
    frame = days.order_by(["birth", "day"]).to_pandas()
    for name, of in (("born", "birth"), ("day", "day")):
        frame[name] = (pd.to_datetime(frame[of]) - pd.Timestamp(transactions.first)).dt.days
    kept = frame[["born", "day", "customers", "money", "squares"]].sort_values(["born", "day"], ignore_index=True)
    return Brought(kept, transactions.first, summary.end)
