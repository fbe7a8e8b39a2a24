"""Rules that cost nothing as rivals of a purchase model: in purchases and in money, from several dates, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.parameters import FloatArray
from goodwill.inference.uncertainty import normal_quantile
from goodwill.inference.validation import naive_forecasts
from goodwill.lifetime_value.evidence.comparison import learned_hiatus
from goodwill.lifetime_value.evidence.rolling import automatic_rolling_horizon, fit_at, holdout_at, rolling_cuts
from goodwill.lifetime_value.gamma_gamma_by_frequency import positive_spend
from goodwill.lifetime_value.histories import history, spend_history
from goodwill.lifetime_value.spend_choice import choose_spend, fit_spend
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions

LEVEL = 0.95
PARTS = 6  # of the observed time: one is the length of a hold-out, and two go by before the first date
DATES = 4


def rule_forecasts(transactions: Transactions, tested: PurchaseSummary) -> dict[str, FloatArray]:
    """Purchases in the hold-out by rules without a model: same rate, same number, hiatus.

    *hiatus*: who bought within the last c units goes on at the same rate, the others have left; c is learned inside the calibration, so
    that no rule has seen the hold-out (see `compare_purchase_models`).

    Parameters
    ----------
    transactions : Transactions
        The log of `tested`.
    tested : PurchaseSummary
        With a hold-out.

    Returns
    -------
    dict of str to array, shape (customers,)
        By rule, in the order of `tested.to_pandas()`.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> found = rule_forecasts(log, gw.summarize_purchases(log, calibration_end="1997-09-30"))
    >>> {rule: round(float(purchases.sum())) for rule, purchases in found.items()}  # 1,882 came
    {'same rate': 2930, 'same number': 2457, 'hiatus': 985}
    """
    customers = tested.to_pandas()
    length = float(customers["duration_holdout"].iloc[0])
    rules = naive_forecasts(customers, length)
    assert tested.calibration_end is not None
    limit = learned_hiatus(transactions, tested.calibration_end, length, tested.unit, tested.grain)
    recent = (customers["T"] - customers["recency"]).to_numpy(float) <= limit
    return rules | {"hiatus": np.where(recent, rules["same rate"], 0.0)}


@dataclass(frozen=True, repr=False)
class RulesOverDates(Shown):
    """What `rules_over_dates` found.

    Attributes
    ----------
    purchases : DataFrame
        A row per rule, the best first: model, rule: mean absolute errors over the dates; difference (model less rule: below zero the model
        is better) with lower and upper (95 %, see `over_dates`); dates_better (on how many dates the model was better).
    by_date : DataFrame
        A row per date, measure ("purchases" or "money") and rule: model, rule, difference, variance (of the difference, over customers).
    dates : tuple of date
    horizon : length of each hold-out, in units
    spend : name of the spend model, chosen by what was known on the first date; None without money

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> rule = {"model": [0.31], "rule": [0.37], "difference": [-0.06], "lower": [-0.09], "upper": [-0.02], "dates_better": [4]}
    >>> purchases = pd.DataFrame(rule, index=["same rate"])
    >>> found = RulesOverDates(purchases, pd.DataFrame(), (date(1997, 7, 1), date(1997, 10, 2)), horizon=13, spend=None)
    >>> (found.purchases["upper"] < 0).to_dict()  # rules that the model beats by more than chance
    {'same rate': True}
    """

    purchases: pd.DataFrame
    by_date: pd.DataFrame
    dates: tuple[date, ...]
    horizon: float
    spend: str | None

    @property
    def money(self) -> pd.DataFrame:
        """The same in money: expected purchases times expected spend, against each rule's purchases at the customer's own mean spend.

        Raises
        ------
        TooLittle
            When no spend model could be fitted on the first date.
        """
        if self.spend is None:
            raise TooLittle("Too few customers came back and left money early enough to foretell the money of several hold-outs.")
        return over_dates(self.by_date[self.by_date["measure"] == "money"])


def rules_over_dates(transactions: Transactions, whole: PurchaseSummary, model: Any, spend: str = "automatic") -> RulesOverDates:
    """The model against every rule without one, from several dates of the same data, whose hold-outs do not overlap.

    Parameters
    ----------
    transactions, whole : the records, and their summary up to the last day that counts
    model : class of the purchase model, fitted anew on each date
    spend : how the spend model is chosen on the first date (`choose_spend`); it is kept for the later ones, and fitted on each

    Raises
    ------
    TooLittle
        When on none of the dates enough was known for a fit.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> found = rules_over_dates(log, gw.summarize_purchases(log), gw.BetaGeoNBD, "independent")
    >>> found.purchases[["model", "rule"]].round(2).to_dict("index")  # mean absolute errors over four dates
    {'hiatus': {'model': 0.31, 'rule': 0.25}, 'same rate': {'model': 0.31, 'rule': 0.37}, 'same number': {'model': 0.31, 'rule': 1.07}}
    """
    horizon, unit = automatic_rolling_horizon(transactions, whole.unit, PARTS), whole.unit
    first = transactions.first + (transactions.last - transactions.first) * 2 / PARTS
    rows: list[tuple[Any, ...]] = []
    used: list[date] = []
    name = None
    for cut in rolling_cuts(transactions, DATES, horizon, unit, first):
        summary = holdout_at(transactions, cut, horizon, unit, whole.grain)
        try:
            fit = fit_at(model, summary)
        except (TooLittle, FitError):
            continue
        rules = rule_forecasts(transactions, summary)
        customers = summary.to_pandas()
        known = fit.model.expected_purchases(float(customers["duration_holdout"].iloc[0]), *history(customers))
        rows += _errors(cut, "purchases", customers["frequency_holdout"], known, rules)
        name = name if used else _spend_name(summary, spend)
        used.append(cut)
        if name is not None:
            kept = name if isinstance(spend, str) else spend
            rows += _errors(cut, "money", *_money(known, summary, customers, rules, kept))
    if not used:
        raise TooLittle("On none of the dates from which the model could be tested had enough customers come back.")
    found = pd.DataFrame(rows, columns=["date", "measure", "forecast", "model", "rule", "difference", "variance"])
    return RulesOverDates(over_dates(found[found["measure"] == "purchases"]), found, tuple(used), horizon, name)


def over_dates(rows: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Differences by rule and date as one row per rule, with intervals that hold for all rules at once (Bonferroni).

    An interval is the wider of two: that over customers, and Student's over dates, which carries whatever differs between them (a season,
    a campaign). One date alone has the first only.
    """
    from scipy.special import stdtrit

    each, found = 1 - (1 - level) / rows["forecast"].nunique(), {}
    for name, part in rows.groupby("forecast"):
        n, difference = len(part), part["difference"].to_numpy()
        half = normal_quantile(each) * np.sqrt(part["variance"].sum()) / n
        if n > 1:
            half = max(half, stdtrit(n - 1, 0.5 + each / 2) * difference.std(ddof=1) / np.sqrt(n))
        mean = difference.mean()
        found[name] = (part["model"].mean(), part["rule"].mean(), mean, mean - half, mean + half, n, int((difference < 0).sum()))
    columns = ["model", "rule", "difference", "lower", "upper", "dates", "dates_better"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).sort_values("rule", kind="stable").rename_axis("forecast")


def _errors(cut: date, measure: str, came: ArrayLike, model: FloatArray, rules: Mapping[str, FloatArray]) -> list[tuple[Any, ...]]:
    y = np.asarray(came, float)
    own, rows = np.abs(model - y), []
    for name, forecast in rules.items():
        theirs = np.abs(forecast - y)
        gap = own - theirs
        rows.append((cut, measure, name, own.mean(), theirs.mean(), gap.mean(), gap.var(ddof=1) / len(gap)))
    return rows


def _spend_name(summary: PurchaseSummary, spend: Any) -> str | None:
    try:
        return choose_spend(summary, spend).name
    except (DataError, FitError):
        return None


def _money(
    purchases: FloatArray, summary: PurchaseSummary, customers: pd.DataFrame, rules: Mapping[str, FloatArray], spend: Any
) -> tuple[FloatArray, FloatArray, dict[str, FloatArray]]:
    """What came, what the model expected, and what each rule makes of the customer's own mean spend."""
    mean = customers["monetary_value"].fillna(0.0).clip(lower=0).to_numpy(float)
    fit = fit_spend(spend, summary, positive_spend(summary)) if isinstance(spend, str) else spend.fit(summary)
    chosen = fit.model
    expected = purchases * chosen.expected_spend(*spend_history(customers, chosen))
    return customers["spend_holdout"].fillna(0.0).to_numpy(float), expected, {name: rule * mean for name, rule in rules.items()}
