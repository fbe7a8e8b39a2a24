"""How many complaints come upon a purchase, by how many purchases came before, and how many leave at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.data.tracking import purchase_days
from goodwill.errors import TooLittle
from goodwill.relationship.satisfaction_dropout import NUMBERS, Coined, number_class
from goodwill.word_of_mouth.complaint_likelihood import leaning, mean_power

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.word_of_mouth.complaint_cost import MeasuredCosts

Floats = NDArray[np.float64]
ALIKE = 0.05  # chance below which complaints are not said to end alike


@dataclass(frozen=True, eq=False)
class ComplaintRates:
    """Complaints per purchase in the time of the log.

    Attributes
    ----------
    dissatisfied, any : chance that a purchase is followed by such a complaint
    purchases : that they were counted over
    share_error : standard error, as a share of it, of the share that is dissatisfied, where complaints of customers who have bought little
        and much end alike; NaN where the dissatisfied were counted alone
    by_number : purchases, dissatisfied and all complaints after them, by how many purchases came before: (3, classes of `NUMBERS`)

    Examples
    --------
    >>> rates = ComplaintRates(dissatisfied=0.02, any=0.07, purchases=6_000)
    >>> round(rates.dissatisfied_error, 3)  # of 120 complaints
    0.091
    """

    dissatisfied: float
    any: float
    purchases: float = np.inf
    by_number: Floats | None = None
    share_error: float = np.nan

    @property
    def any_error(self) -> float:
        """Standard error of `any` as a share of it, by chance in the count of complaints."""
        return float(1 / np.sqrt(max(self.any * self.purchases, 1.0)))

    @property
    def dissatisfied_error(self) -> float:
        """The same of `dissatisfied`."""
        if np.isfinite(self.share_error):
            return float(np.hypot(self.any_error, self.share_error))
        return float(1 / np.sqrt(max(self.dissatisfied * self.purchases, 1.0)))

    @property
    def ratio(self) -> tuple[float, ...]:
        """Chance of a complaint by classes of how many purchases came before, to that of all; 1 where there was none of a class."""
        if self.by_number is None or not self.by_number[2].sum() > 0:
            return ()
        seen, _, every = self.by_number
        mean = every.sum() / seen.sum()
        return tuple(float(each) for each in np.where(seen > 0, every / np.maximum(seen, 1.0) / mean, 1.0))

    def ahead(self, before: Floats) -> ComplaintRates:
        """Of purchases that come after other numbers of purchases than those of the log.

        Whether somebody complains may go with how often she has bought. Where how a complaint ends does not (chi-squared at 5 %), the share
        of the dissatisfied is that of all complaints, which is known better.

        Parameters
        ----------
        before : purchases to come by how many come before them, as from `BaseValue.before`
        """
        if self.by_number is None:
            return self
        seen, bad, every = self.by_number
        weight = np.add.reduceat(np.pad(before, (0, max(NUMBERS[-1] + 1 - len(before), 0))), NUMBERS)
        weight = np.where(seen > 0, weight, 0.0)
        if not weight.sum() > 0:
            return self
        share, known = weight / weight.sum(), np.maximum(seen, 1.0)
        asked, counted = float(share @ (every / known)), float(1 / (share**2 @ (1 / known)))
        if not _alike(bad, every):
            return ComplaintRates(float(share @ (bad / known)), asked, counted)
        ended = float(bad.sum() / every.sum())
        return ComplaintRates(ended * asked, asked, counted, share_error=float(np.sqrt((1 - ended) / max(bad.sum(), 1.0))))


def _alike(bad: Floats, every: Floats) -> bool:
    """Whether complaints end alike, whatever number of purchases came before."""
    from scipy.stats import chi2_contingency

    some = every > 0
    table = np.array([bad[some], (every - bad)[some]])
    if not (table.sum(axis=1) > 0).all():
        return bool(every.sum() > 0)
    return some.sum() < 2 or bool(chi2_contingency(table).pvalue >= ALIKE)


def complaint_rates(purchases: Any, log: pd.DataFrame) -> ComplaintRates:
    """How many complaints come upon a purchase, in the days that both tables cover.

    Parameters
    ----------
    purchases : checked transactions
    log : checked cases with customer_id, opened and, where known, outcome; those of strangers do not count

    Raises
    ------
    TooLittle
        No complaint falls into the time of the purchases.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> days = ["2025-01-02", "2025-02-03", "2025-02-04", "2025-03-04"]
    >>> log = pd.DataFrame({"customer_id": list("aabb"), "date": days, "amount": 10})
    >>> cases = pd.DataFrame({"customer_id": ["a"], "opened": pd.to_datetime(["2025-01-02"]), "outcome": ["dissatisfied"]})
    >>> found = complaint_rates(gw.read_transactions(log), cases)
    >>> found.dissatisfied, found.any  # one upon four purchases
    (0.25, 0.25)
    """
    return rates_of(purchase_days(purchases), log)


def rates_of(days: pd.DataFrame, log: pd.DataFrame) -> ComplaintRates:
    """`complaint_rates` from days with a purchase: customer_id, date."""
    import pandas as pd

    days = days.assign(customer_id=days["customer_id"].astype(str), date=days["date"].astype("datetime64[ns]"))
    days = days.sort_values(["date", "customer_id"], ignore_index=True)
    days["before"] = days.groupby("customer_id").cumcount()
    first, last = log["opened"].min().normalize(), days["date"].max()
    within = days[days["date"] >= first]
    cases = log[(log["opened"] <= last) & log["customer_id"].astype(str).isin(set(days["customer_id"]))]
    if cases.empty or within.empty:
        raise TooLittle("No complaint of a customer falls into the time of the purchases.")
    outcome = cases["outcome"] if "outcome" in cases else pd.Series(None, index=cases.index, dtype=object)
    asked = pd.DataFrame({"customer_id": cases["customer_id"].astype(str), "date": cases["opened"].astype("datetime64[ns]")})
    asked = asked.assign(bad=(outcome == "dissatisfied").to_numpy()).sort_values("date")
    upon = pd.merge_asof(asked, days, on="date", by="customer_id").dropna(subset=["before"])
    counted = [within["before"], upon.loc[upon["bad"], "before"], upon["before"]]
    by_number = [np.bincount(number_class(each), minlength=len(NUMBERS)) for each in counted]
    total = float(len(within))
    return ComplaintRates(int(asked["bad"].sum()) / total, len(cases) / total, total, np.array(by_number, float))


def coined_of(measured: MeasuredCosts, rates: ComplaintRates) -> Coined:
    """Leaving at complaints as a chance per purchase: complaints a purchase, times the mean chance to leave at one, where it is above 0.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> coined = coined_of(made.measured, made.rates)
    >>> 0 <= coined.chance < made.rates.any  # of leaving at the complaint about a purchase
    True
    """
    coin = measured.coin
    number = coin.data.complaints
    lean = leaning(coin.model, coin.lean)
    mean = float(number @ list(coin.chances.values()) / number.sum())
    return Coined(rates.any * max(mean, 0.0), lean, mean_power(coin.data, coin.model, lean), rates.ratio)
