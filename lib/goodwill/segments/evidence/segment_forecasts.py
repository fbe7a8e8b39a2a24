"""What all customers, and those of each segment, will bring when no more is done than so far; and what they brought."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.ledger import FOUR_WEEKS, Forecast
from goodwill.segments.customer_base import customer_base, scheme_options
from goodwill.segments.evidence.value_statements import segment_values

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.tables import Transactions
    from goodwill.segments.customer_base import CustomerBase

DRAWS = 200
NAME = "value of a segment"
BY_VALUE = "pyramid"  # the scheme whose rules need the customers' expected value


def segment_forecasts(base: CustomerBase, scheme: str, segments: Any, purchase_model: str, *, seed: int = 1) -> list[Forecast]:
    """The profit from all customers, and from those who are in each segment today, within four weeks and within the horizon.

    Parameters
    ----------
    base : of `customer_base`
    scheme : of the rules, which were learned at the end of the calibration
    segments : of today's customers, one each in the same order
    purchase_model : one of `goodwill.PURCHASE_MODELS`, or empty, as the base was given it

    Returns
    -------
    list of Forecast
        `purchases` and `value` of all, as `goodwill.lifetime_value.forecasts`; and `value of a segment`, undiscounted, with the segment in
        `which` and in `terms` how the segments are cut.

    Raises
    ------
    TooLittle
        When no purchase model could be fitted.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.segments import customer_base
    >>> from goodwill.segments.evidence.segment_forecasts import NAME
    >>> base = customer_base(gw.read_transactions(gw.company(300, 78, seed=1).transactions))
    >>> segments = gw.segments.learn("abc", base.customers).assign(base.today.customers)
    >>> found = segment_forecasts(base, "abc", segments, "BG/NBD")
    >>> [each.which for each in found if each.name == NAME and (each.due - each.made).days == 28]
    ['A', 'B', 'C']
    """
    from goodwill.lifetime_value.evidence.forecasts import forecasts
    from goodwill.lifetime_value.valued import revalued

    today, whole = base.today, base.whole
    if today.purchases is None or today.spend is None:
        raise TooLittle(today.note)
    said = forecasts(today.purchases, SimpleNamespace(fit=today.spend), whole, today.terms, None, currency=base.currency, seed=seed)
    terms: dict[str, Any] = {"scheme": scheme, "learned": str(base.tested.calibration_end), "model": purchase_model}
    terms |= {"horizon": base.horizon, "discount_rate": today.terms.annual_discount_rate}
    if scheme == BY_VALUE and hasattr(today.purchases, "untold"):  # who is in a segment goes with what is told too
        terms["covariates"] = list(today.purchases.names)
    for days in sorted({FOUR_WEEKS, round(base.horizon * 7)}):
        within = replace(today.terms, horizon=days / 7, annual_discount_rate=0.0)
        for row in segment_values(revalued(today, whole, within), segments, draws=DRAWS, seed=seed).to_dict("records"):
            about: dict[str, Any] = {
                "label": f"Profit from the segment {row['segment']}",
                "unit": base.currency,
                "which": str(row["segment"]),
            }
            about |= {"margin": within.margin, "first": base.transactions.first, "terms": json.dumps(terms)}
            expected, lower, upper = (float(row["customers"] * row[end]) for end in ("expected", "lower", "upper"))
            said.append(Forecast(NAME, whole.end, whole.end + timedelta(days=days), expected, lower, upper, **about))
    return said


def segments_came(transactions: Transactions, said: Iterable[Forecast], told: pd.DataFrame | None = None) -> list[Forecast]:
    """Those of some forecasts of segments whose window the data hold to its last day, with the profit that came.

    Who was in the segment is found again by the same rules: learned on the same day, applied on the day of the forecast. What the plan did
    in between is in what came. Where the rules cut by values that go with covariates, these must be `told` again (`told_of_customers`).
    """
    from goodwill.data.purchases import summarize_purchases

    found, sums = [], dict[tuple[str, Any, Any], Any]()
    for one in said:
        if not isinstance(one.made, date) or not isinstance(one.due, date) or one.due > transactions.last:
            continue
        if one.first is not None and one.first < transactions.first:
            continue
        key = one.terms, one.made, one.due
        if key not in sums:
            try:
                segment = _segments(transactions, json.loads(one.terms), one.made, one.margin, told)
                later = summarize_purchases(transactions, calibration_end=one.made, end=one.due).to_pandas()
                sums[key] = later.set_index("customer_id")["spend_holdout"].groupby(segment).sum()
            except (DataError, FitError, TooLittle, AttributeError, KeyError, RecursionError, TypeError, ValueError):
                sums[key] = None
        if sums[key] is not None and one.which in sums[key]:
            found.append(replace(one, came=one.margin * float(sums[key][one.which])))
    return found


def _segments(transactions: Transactions, terms: Mapping[str, Any], made: date, margin: float, told: Any) -> pd.Series:
    """The segment of each customer who was known on the day of the forecast, by customer_id."""
    import pandas as pd

    from goodwill.lifetime_value.richer.by_covariates import model_by_covariates
    from goodwill.segments.schemes.rules import learn

    cut = date.fromisoformat(terms["learned"])
    about = {"horizon": terms["horizon"], "margin": margin, "discount_rate": terms["discount_rate"]}
    model = terms["model"]
    if "covariates" in terms:
        model = model_by_covariates(model, transactions, terms["covariates"], told[["customer_id", *terms["covariates"]]])
    base = customer_base(transactions, model, calibration_end=cut, end=made, **about)
    rules = learn(terms["scheme"], base.customers, **scheme_options(base, terms["scheme"]))
    people = base.today.customers
    return pd.Series([str(each) for each in rules.assign(people)], index=people["customer_id"])
