"""Customers with what they are expected to bring: the column `value` that profiles, rankings and plans start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import FitError, TooLittle
from goodwill.lifetime_value.purchase_model import untold
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.lifetime_value.value import ValueTerms

WEEKS_BEFORE = 4  # how long ago a customer's value is set beside that of today


@dataclass(frozen=True, eq=False, repr=False)
class Valued(Shown):
    """The customers of a summary with their expected value, and the fits that it came from.

    Attributes
    ----------
    customers : the customers frame with `value` (and what else `customer_value` gives)
    purchases, spend : the fits; None where no model could be fitted
    note : what the value is where it is no forecast, else empty
    purchase_model : name of the purchase model; empty where none could be fitted
    chosen : whether it is the one under which the purchases are likeliest, rather than one that was given
    spend_model : which spend model was chosen (a name of `spend_choice.SPEND_MODELS`); empty where none could be fitted

    Examples
    --------
    >>> import goodwill as gw
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> once = gw.read_transactions(gw.example("orders").drop_duplicates("customer_id"))
    >>> found = gw.lifetime_value.value_customers(gw.summarize_purchases(once), gw.BetaGeoNBD, terms)
    >>> found.customers["value"].round(2).tolist(), found.note.partition(" (")[0]  # nobody came back
    ([3.0, 12.0, 7.5], 'No purchase model could be fitted')
    """

    customers: pd.DataFrame
    purchases: Fit | None
    spend: Fit | None
    terms: ValueTerms
    note: str = ""
    purchase_model: str = ""
    chosen: bool = False
    spend_model: str = ""


def value_customers(summary: PurchaseSummary, model: Any, terms: ValueTerms) -> Valued:
    """Fit a purchase model and the spend model that these data choose (`choose_spend`), and value every customer within the horizon.

    Which purchase model it is matters most for customers who have been silent: if all leave at any time and are taken to leave after
    purchases only, whoever bought little is valued up to twice too high. Which spend model it is matters most for customers who bought
    once: without the first amount all of them are expected to spend alike, so that a segment of small buyers is valued too high. Where the
    data carry no model (too few repeat purchases), the value is the margin of what was spent so far: a ranking, no forecast, and the note
    says so.

    Parameters
    ----------
    summary : with money
    model : class of the purchase model, such as `goodwill.BetaGeoNBD`; None takes that under which these purchases are likeliest
        (`choose_purchases`); one that goes with what is told of customers (`model_by_covariates`)
    terms : horizon, margin and discount rate, in the unit of the summary

    Returns
    -------
    Valued
        One row per customer, with the fits.

    Examples
    --------
    >>> import goodwill as gw
    >>> orders = gw.summarize_purchases(gw.read_transactions(gw.example("orders")))
    >>> found = value_customers(orders, gw.BetaGeoNBD, gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week"))
    >>> found.spend_model, found.customers.set_index("customer_id")["value"].round(1).to_dict()
    ('independent', {'a': 11.4, 'b': 21.8, 'c': 23.5})
    """
    from goodwill.lifetime_value.spend_choice import choose_spend
    from goodwill.lifetime_value.value import customer_value

    customers = summary.to_pandas()
    try:
        name, purchases = _fitted(summary, model)
        choice = choose_spend(summary)
    except (FitError, TooLittle) as error:
        note = f"No purchase model could be fitted ({str(error).rstrip('.')}); the value is the margin of what each customer spent so far."
        return Valued(customers.assign(value=terms.margin * customers["spend"].clip(lower=0)), None, None, terms, note)
    valued = customers.join(customer_value(purchases.model, choice.fit.model, customers, terms))
    chosen = getattr(model, "plain", model) is None
    return Valued(valued, purchases, choice.fit, terms, purchase_model=name, chosen=chosen, spend_model=choice.name)


def revalued(valued: Valued, summary: PurchaseSummary, terms: ValueTerms) -> Valued:
    """The customers of a summary on other terms, by the fits that valued them before."""
    from goodwill.lifetime_value.value import customer_value

    assert valued.purchases is not None and valued.spend is not None
    customers = summary.to_pandas()
    value = customer_value(valued.purchases.model, valued.spend.model, customers, terms)
    return replace(valued, customers=customers.join(value), terms=terms)


def _fitted(summary: PurchaseSummary, model: Any) -> tuple[str, Any]:
    """The purchase model by its name, and its fit."""
    from goodwill.lifetime_value.evidence.comparison import model_name
    from goodwill.lifetime_value.evidence.purchase_choice import choose_purchases

    if model is None:
        return choose_purchases(summary)[:2]
    fit = model.fit(summary)
    return model_name(type(untold(fit).model) if hasattr(model, "told") else model), fit


def customer_table(
    whole: PurchaseSummary, purchases: Fit, spend: Fit, terms: ValueTerms, *, show_ids: bool = False, weeks_before: int = WEEKS_BEFORE
) -> pd.DataFrame:
    """Every customer with what they are expected to bring, its interval, and what was expected some weeks before; the best first.

    Parameters
    ----------
    whole : of all purchases (without a hold-out), in `terms.unit`
    purchases, spend : the fits
    terms : horizon, margin and discount rate
    show_ids : the ids of the source; else customers are numbered by rank
    weeks_before : how long ago the same models are asked once more, of the purchases known then

    Returns
    -------
    DataFrame
        customer, frequency, recency, T, monetary_value; probability_alive (missing under BG/NBD for who never came back, of whom it says 1
        by construction); expected_purchases with purchases_lower and purchases_upper; expected_spend per purchase; value with value_lower
        and value_upper (95 % predictive intervals of this one customer, see `customer_intervals`); value_N_weeks_before, missing for
        customers who came since.

    Examples
    --------
    >>> import goodwill as gw
    >>> whole = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> table = customer_table(whole, gw.BetaGeoNBD.fit(whole), gw.GammaGamma.fit(whole), terms)
    >>> len(table), table["customer"][0], [*table][-4:]
    (2357, 'no. 1', ['value', 'value_lower', 'value_upper', 'value_4_weeks_before'])
    """
    from goodwill.data.purchases import summarize_purchases
    from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
    from goodwill.lifetime_value.customer_intervals import customer_intervals
    from goodwill.lifetime_value.value import customer_value

    customers = whole.to_pandas().set_index("customer_id")
    value = customer_value(purchases, spend, customers, terms)
    wide = customer_intervals(purchases, spend, customers, terms)
    known = customers[["frequency", "recency", "T", "monetary_value"]]
    columns = ["probability_alive", "expected_purchases", "purchases_lower", "purchases_upper", "expected_spend"]
    table = known.join(value).join(wide)[[*known, *columns, "value", "value_lower", "value_upper"]]
    if issubclass(getattr(purchases.model, "plain", type(purchases.model)), BetaGeoNBD):
        table["probability_alive"] = table["probability_alive"].where(known["frequency"] > 0)
    earlier = whole.end - timedelta(weeks=weeks_before)
    name = f"value_{weeks_before}_weeks_before"
    table[name] = np.nan
    if earlier > whole.transactions.first:
        then = summarize_purchases(whole.transactions, unit=whole.unit, grain=whole.grain, end=earlier)
        table[name] = customer_value(purchases, spend, then, terms)["value"].reindex(table.index)
    table = table.sort_values("value", ascending=False, kind="stable")
    ids = table.index.astype(str) if show_ids else [f"no. {rank}" for rank in range(1, len(table) + 1)]
    table.insert(0, "customer", ids)
    return table.reset_index(drop=True)


def iso_value_grid(valued: Valued, most: int = 20, points: int = 60) -> pd.DataFrame:
    """Expected value by repeat purchases (rows, 1 to `most`) and by the time from first to last purchase (columns).

    Of a customer who was first seen when the earliest one was, and spends what the mean repeat buyer does (the iso-value curves of Fader,
    Hardie & Lee 2005, Journal of Marketing Research 42(4)). Of a model that goes with what is told of customers, that without it.

    Raises TooLittle where no model could be fitted.

    Parameters
    ----------
    valued : of `value_customers`
    most : repeat purchases of the last row
    points : columns

    Examples
    --------
    >>> import goodwill as gw
    >>> customers, terms = gw.example("cdnow"), gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> valued = gw.lifetime_value.Valued(customers, gw.BetaGeoNBD.fit(customers), gw.GammaGamma.fit(customers), terms)
    >>> iso_value_grid(valued, most=2, points=3).round(1)
       0.00   19.43  38.86
    1    1.6    6.1    7.8
    2    0.5    9.8   14.9
    """
    import pandas as pd

    if valued.purchases is None or valued.spend is None:
        raise TooLittle(valued.note)
    T = float(valued.customers["T"].max())
    times, counts = np.linspace(0, T, points), np.arange(1, most + 1)
    x, t = (grid.ravel().astype(float) for grid in np.meshgrid(counts, times, indexing="ij"))
    repeats = valued.customers.query("frequency > 0 and monetary_value > 0")
    mean = float(np.average(repeats["monetary_value"], weights=repeats["frequency"]))
    terms = valued.terms
    bought = untold(valued.purchases).model.discounted_expected_purchases(terms.rate, x, t, np.full_like(x, T), horizon=terms.horizon)
    value = terms.margin * valued.spend.model.expected_spend(x, np.full_like(x, mean)) * bought
    return pd.DataFrame(value.reshape(most, points), index=counts, columns=times)
