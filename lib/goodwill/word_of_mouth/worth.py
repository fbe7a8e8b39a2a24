"""What is at stake in money when a customer may leave or a prospect may not come: from purchases, or as somebody states it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from goodwill.errors import FitError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.purchase_model import untold
from goodwill.lifetime_value.spend_choice import choose_spend
from goodwill.lifetime_value.value import ValueTerms, automatic_horizon, customer_value, total_value_interval

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit


class Worth(NamedTuple):
    """What is at stake in money, each with its interval.

    Examples
    --------
    >>> from goodwill.word_of_mouth import worth_or_stated
    >>> found = worth_or_stated(None, residual_value=200)
    >>> found.residual, found.grade
    (Interval(estimate=200, lower=140.0, upper=260.0), 'assumed')
    """

    residual: Interval  # of an existing customer who has not left
    purchase: Interval  # profit of one purchase
    prospect: Interval  # of a prospect who becomes a customer
    grade: str = "measured"  # of the residual value: measured from purchases, or assumed


def model_of_buying(summary: PurchaseSummary) -> Fit:
    """The MBG/NBD model of purchases, which lets customers leave at the first purchase too.

    Raises
    ------
    TooLittle
        When it cannot be fitted: nobody came back, or there is one customer only.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = model_of_buying(gw.summarize_purchases(gw.read_transactions("cdnow_sample"))).model
    >>> round(found.r, 2), round(found.alpha, 1)
    (0.62, 8.7)
    """
    try:
        return ModifiedBetaGeoNBD.fit(summary)
    except FitError as error:  # what a complaint log shows without purchases does not hang on it
        raise TooLittle(f"No model of purchases can be fitted: {str(error).rstrip('.')}.") from None


def customer_worth(purchase_fit: Any, spend_fit: Any, customers: pd.DataFrame, terms: ValueTerms, seed: int = 1) -> Worth:
    """Money per living customer, per purchase and per newcomer, from fitted models of purchases and of spend.

    The residual value is the total expected value over the expected number of living customers; the newcomer makes her first purchase
    now and then buys as new customers do, within the horizon. Its interval carries the parameters of the purchase model only.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value import ValueTerms
    >>> summary = gw.summarize_purchases(gw.read_transactions(gw.company(150, 104, seed=1).transactions))
    >>> fits = gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)
    >>> found = customer_worth(*fits, summary.to_pandas(), ValueTerms(52, 0.3, 0.15, "week"))
    >>> found.residual.estimate > found.purchase.estimate, found.prospect.estimate > found.purchase.estimate  # more than one purchase
    (True, True)
    """
    alive = float(customer_value(purchase_fit.model, spend_fit.model, customers, terms)["probability_alive"].sum())
    total = total_value_interval(purchase_fit, spend_fit, customers, terms, seed=seed)
    spend = spend_fit.interval_of_mean(lambda model: model.expected_spend(0, 0))
    horizon = terms.horizon
    newcomers = untold(purchase_fit)  # of a prospect nothing is told yet
    later = newcomers.interval_of_mean(lambda model: model.discounted_expected_purchases(terms.rate, 0.0, 0.0, 0.0, horizon=horizon))
    per_purchase = terms.margin * spend.estimate
    return Worth(
        Interval(*(end / alive for end in total)),
        Interval(*(terms.margin * end for end in spend)),
        Interval(*(per_purchase * (1 + end) for end in later)),
    )


def worth_from_purchases(
    summary: PurchaseSummary, purchase_fit: Any, margin: float, discount_rate: float, seed: int = 1, spend: Any = None
) -> Worth:
    """`customer_worth` within a year or the length of the data.

    Parameters
    ----------
    summary : by week
    purchase_fit : of a purchase model to that summary
    margin, discount_rate : profit per unit of spend; what waiting a year costs
    seed : of the draws of the interval
    spend : a fitted model of spend; by default the one that `choose_spend` chooses

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth import model_of_buying
    >>> summary = gw.summarize_purchases(gw.read_transactions(gw.company(150, 104, seed=1).transactions))
    >>> found = worth_from_purchases(summary, model_of_buying(summary), 0.3, 0.15, spend=gw.GammaGamma.fit(summary))
    >>> found.residual.lower < found.residual.estimate < found.residual.upper, found.grade
    (True, 'measured')
    """
    spending = choose_spend(summary).fit if spend is None else spend
    terms = ValueTerms(automatic_horizon(summary.length, "week"), margin, discount_rate, "week")
    return customer_worth(purchase_fit, spending, summary.to_pandas(), terms, seed=seed)


def given_worth(value: float, within: float = 0.3) -> Worth:
    """Worth from one number that somebody gives: a range of 30 % around it for a customer, old or new; no profit of a single purchase.

    >>> found = given_worth(100.0)
    >>> found.residual, found.grade
    (Interval(estimate=100.0, lower=70.0, upper=130.0), 'assumed')
    """
    around = Interval(value, (1 - within) * value, (1 + within) * value)
    return Worth(around, Interval(0.0, 0.0, 0.0), around, "assumed")


def worth_or_stated(estimated: Any, residual_value: float = 0.0, prospect_value: float = 0.0) -> Worth:
    """What is at stake, with the values that somebody states (above zero) in place of those estimated from purchases.

    Parameters
    ----------
    estimated : Worth
        Of `customer_worth`; anything else where there is none, None or what says why.

    Raises
    ------
    TooLittle
        When there is neither an estimate nor a stated residual value; says why there is no estimate.

    Examples
    --------
    >>> worth_or_stated(None, residual_value=200).residual
    Interval(estimate=200, lower=140.0, upper=260.0)
    """
    if not isinstance(estimated, Worth) and not residual_value > 0:
        why = "There are no purchases: pass data=." if estimated is None else str(estimated)
        raise TooLittle(f"{why} Or state what a customer is still worth by residual_value=.")
    found = estimated if isinstance(estimated, Worth) else given_worth(residual_value)
    if residual_value > 0:
        found = found._replace(residual=given_worth(residual_value).residual, grade="assumed")
    if prospect_value > 0:
        found = found._replace(prospect=given_worth(prospect_value).prospect)
    return found
