"""One base of customers on two days: at the end of the calibration, where rules are learned and tested, and today, where plans are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import TooLittle
from goodwill.segments.evidence.enough_data import Sufficiency, sufficiency
from goodwill.shown import Shown

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.valued import Valued

PLAN = "a plan of strategies"
JUDGED_BY_HOLDOUT = ("a check of the ranking", "movement between groups")


@dataclass(frozen=True, eq=False, repr=False)
class CustomerBase(Shown):
    """The customers of a log of purchases, summarised, valued and judged sufficient or not; made by `customer_base`.

    Attributes
    ----------
    transactions : what was read
    tested : summary until the end of the calibration, with the hold-out beside it
    whole : summary until the end
    gate : which analyses the calibration allows
    then : customers at the end of the calibration, valued within the hold-out
    today : customers at the end, valued within the horizon
    currency : label of the money

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.segments import customer_base
    >>> base = customer_base(gw.read_transactions(gw.example("orders")))
    >>> base.gate.table.loc["a plan of strategies", "why"]  # `base.allowing("a plan of strategies")` raises, and says so
    '3 customers are fewer than 500'
    """

    transactions: Transactions
    tested: PurchaseSummary
    whole: PurchaseSummary
    gate: Sufficiency
    then: Valued
    today: Valued
    currency: str

    @property
    def customers(self) -> pd.DataFrame:
        """The customers at the end of the calibration: history, hold-out (columns with _holdout) and `value` within the hold-out."""
        return self.then.customers

    @property
    def came(self) -> np.ndarray:
        """What each of these customers spent in the hold-out."""
        return self.customers["spend_holdout"].to_numpy(float)

    @property
    def valued(self) -> dict[date, Valued]:
        """The customers as they were valued, by the last day that was known."""
        cut = self.tested.calibration_end
        return {self.whole.end: self.today} | ({cut: self.then} if cut else {})

    @property
    def length(self) -> float:
        """Weeks of the hold-out."""
        return float(self.then.terms.horizon)

    @property
    def horizon(self) -> float:
        """Weeks ahead within which today's customers are valued."""
        return float(self.today.terms.horizon)

    @cached_property
    def today_for_rules(self) -> pd.DataFrame:
        """Today's customers as the rules know customers: `value` within the length of the hold-out, as when the rules were learned.

        A rule that cuts by value, such as the pyramid's, would otherwise lift customers for no more than a longer look ahead.
        """
        from goodwill.lifetime_value.value import customer_value

        now, terms = self.today, self.then.terms
        if now.purchases is None or now.spend is None:
            return now.customers
        if self.then.purchases is None:  # the rules were learned of the margin of what was spent
            return now.customers.assign(value=terms.margin * now.customers["spend"].clip(lower=0))
        found = customer_value(now.purchases.model, now.spend.model, now.customers, terms)
        return now.customers.assign(value=found["value"])

    def allowing(self, analysis: str) -> CustomerBase:
        """This base itself, where it carries an analysis of the gate (see `gate.table`).

        Raises
        ------
        TooLittle
            When it does not: which, and why.
        """
        opening = "No plan is made" if analysis == PLAN else "Left out here"
        why = str(self.gate.table.loc[analysis, "why"])
        if not why and analysis == PLAN and self.today.purchases is None:
            why = self.today.note.rstrip(".")
        if not why and analysis in JUDGED_BY_HOLDOUT and not self.came.sum() > 0:
            why = "nobody bought in the hold-out"
        if why:
            raise TooLittle(f"{opening}: {why}.")
        return self


def customer_base(
    transactions: Transactions,
    purchase_model: Any = "",
    *,
    calibration_end: Any = "",
    end: Any = "",
    horizon: float = 0.0,
    margin: float = 0.3,
    discount_rate: float = 0.15,
    currency: str = "",
) -> CustomerBase:
    """Summarise, value and judge the customers of a log on two days.

    Parameters
    ----------
    transactions : with money
    purchase_model : one of `goodwill.PURCHASE_MODELS`; empty takes, on each of the two days, that under which the purchases known then
        are likeliest; or what `goodwill.lifetime_value.model_by_covariates` gives
    calibration_end : last day that rules and models may see; empty takes half of the observed time
    end : last day that counts; empty takes the last day of the data
    horizon : weeks ahead within which today's customers are valued; 0 takes a year, or the observed time where that is shorter
    margin, discount_rate : profit per unit of spend, and what waiting a year costs
    currency : label of the money; empty takes that of the data

    Examples
    --------
    >>> import goodwill as gw
    >>> base = customer_base(gw.read_transactions("cdnow_sample"))
    >>> len(base.customers), base.length, round(base.horizon)  # customers at the end of the calibration; weeks of hold-out, and ahead
    (2357, 39.0, 52)
    """
    from goodwill.data.purchases import automatic_calibration_end, summarize_purchases
    from goodwill.lifetime_value.evidence.comparison import PURCHASE_MODELS
    from goodwill.lifetime_value.value import ValueTerms, automatic_horizon
    from goodwill.lifetime_value.valued import value_customers

    cut = calibration_end or automatic_calibration_end(transactions, end=end)
    tested = summarize_purchases(transactions, calibration_end=cut, end=end)
    whole = summarize_purchases(transactions, end=end)
    frame, model = tested.to_pandas(), purchase_model
    if isinstance(model, str):
        model = PURCHASE_MODELS[model] if model else None
    ahead = ValueTerms(float(frame["duration_holdout"].iloc[0]), margin, discount_rate, "week")
    from_now = ValueTerms(horizon or automatic_horizon(whole.length, "week"), margin, discount_rate, "week")
    return CustomerBase(
        transactions,
        tested,
        whole,
        sufficiency(frame),
        value_customers(tested, model, ahead),
        value_customers(whole, model, from_now),
        currency or transactions.currency or "currency units",
    )


def scheme_options(base: CustomerBase, scheme: str) -> dict[str, Any]:
    """What `learn` must be given beside the customers: the rule of the longest silence is learned on an inner calibration, cut in half.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.segments import customer_base
    >>> base = customer_base(gw.read_transactions(gw.example("orders")))
    >>> scheme_options(base, "rfm"), list(scheme_options(base, "hiatus"))
    ({}, ['inner'])
    """
    from goodwill.data.purchases import automatic_calibration_end, summarize_purchases

    if scheme != "hiatus":
        return {}
    cut = base.tested.calibration_end
    inner = automatic_calibration_end(base.transactions, end=cut)
    return {"inner": summarize_purchases(base.transactions, calibration_end=inner, end=cut).to_pandas()}
