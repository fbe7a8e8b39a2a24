"""Predicted value against what came, by tenth of predicted value; and whether a recalibration learned earlier mends it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import summarize_purchases
from goodwill.errors import FitError, TooLittle
from goodwill.inference.parameters import FloatArray
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.inference.validation import mean_difference
from goodwill.lifetime_value.histories import history
from goodwill.lifetime_value.purchase_model import with_days
from goodwill.lifetime_value.spend_choice import choose_spend
from goodwill.lifetime_value.value import ValueTerms, customer_value, discounted_within

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit

TENTHS = 10


class Tenths(NamedTuple):
    """What `value_tenths` found.

    Attributes
    ----------
    table : DataFrame
        tenth (1 was expected to be the most valuable), customers, predicted, recalibrated, came with lower and upper (95 %), and ratio
        (came over predicted): means per customer.
    made, due : when it was foretold, and the last day of what came
    top_predicted : share of the predicted total with the top tenth
    top_came : Interval
        Share of what came that the same customers brought.
    slope, intercept : of the recalibration, learned from the window before `made`
    gain : Interval
        Mean squared error of the prediction less that of the recalibrated one, over its own size; above zero it helps.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> table = pd.DataFrame({"tenth": [1, 2], "predicted": [18.1, 4.5], "came": [13.2, 3.7]})
    >>> days = {"made": date(1998, 3, 31), "due": date(1998, 6, 30)}
    >>> top = {"top_predicted": 0.63, "top_came": gw.inference.Interval(0.59, 0.51, 0.66)}
    >>> found = Tenths(table, **days, **top, slope=0.88, intercept=0.65, gain=gw.inference.Interval(0.05, 0.01, 0.08))
    >>> found.gain.lower > 0  # the recalibration learned earlier helps
    True
    """

    table: pd.DataFrame
    made: date
    due: date
    top_predicted: float
    top_came: Interval
    slope: float
    intercept: float
    gain: Interval


def value_tenths(transactions: Transactions, whole: PurchaseSummary, terms: ValueTerms, model: Any, spend: str) -> Tenths:
    """Value foretold one horizon before the end of the data against what came, by tenth of what was foretold.

    A recalibration, came = intercept + slope x predicted, is learned two horizons before the end (from what came until one before it),
    applied one horizon before the end, and scored by what came until the end: it has seen nothing of that. The spend model is chosen on
    each of these days, as `spend` says (`choose_spend`).

    Parameters
    ----------
    transactions : Transactions
        With money.
    whole : PurchaseSummary
        Of all purchases up to the last day that counts.
    terms : horizon, margin and discount rate
    model : class of the purchase model
    spend : how the spend model is chosen (`choose_spend`)

    Raises
    ------
    TooLittle
        When too little was known on these days.

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> terms = gw.ValueTerms(horizon=13, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> found = value_tenths(log, gw.summarize_purchases(log), terms, gw.BetaGeoNBD, "independent")
    >>> round(found.top_predicted, 2), round(found.top_came.estimate, 2)  # share of the top tenth, and what it brought
    (0.63, 0.59)
    """
    days = int(np.ceil(terms.horizon * DAYS_PER_UNIT[terms.unit]))
    made, before = (whole.end - timedelta(days=step * days) for step in (1, 2))
    if before <= transactions.first or (before - transactions.first).days < days / 3:
        raise TooLittle("The data do not reach far enough back to learn at one date what is applied at a second and scored at a third.")
    earlier, now = (_foretold(transactions, whole, cut, days, terms, model, spend) for cut in (before, made))
    slope, intercept = _line(*earlier)
    predicted, came = now
    mended = np.clip(intercept + slope * predicted, 0.0, None)
    size = max(float(((predicted - came) ** 2).mean()), 1e-12)
    gain = mean_difference((predicted - came) ** 2 / size, (mended - came) ** 2 / size)
    table = _by_tenth(predicted, mended, came)
    top = np.zeros(len(predicted), bool)
    top[np.argsort(-predicted, kind="stable")[: max(len(predicted) // TENTHS, 1)]] = True
    share = float(predicted[top].sum() / predicted.sum())
    return Tenths(table, made, whole.end, share, _share_of(came, top), slope, intercept, gain)


def _foretold(
    transactions: Transactions, whole: PurchaseSummary, cut: date, days: int, terms: ValueTerms, model: Any, spend: str
) -> tuple[FloatArray, FloatArray]:
    """Value of each customer as foretold on a day, and what they brought within the horizon."""
    summary = summarize_purchases(
        transactions, unit=terms.unit, grain=whole.grain, calibration_end=cut, end=min(cut + timedelta(days=days), whole.end)
    )
    customers = summary.to_pandas()
    try:
        purchases, money = model.fit(with_days(model, summary, customers)), choose_spend(summary, spend).fit
    except (FitError, TooLittle) as error:
        raise TooLittle(f"What was known on {cut} is too little for a value: {error}.") from None
    value = customer_value(purchases.model, money.model, customers, terms)["value"].to_numpy(float)
    came = terms.margin * customers["spend_holdout"].fillna(0.0).to_numpy(float) * _share_left(purchases, customers, terms)
    if not (came.sum() > 0 and value.sum() > 0):
        raise TooLittle(f"Nothing came in the window after {cut}, or nothing was expected.")
    return value, came


def _share_left(purchases: Fit, customers: pd.DataFrame, terms: ValueTerms) -> float:
    """The share of the money of a window that is left after discounting, as the model spreads its purchases over the window."""
    known = history(customers)
    within, _ = discounted_within(purchases.model, terms.rate, known, terms.horizon)
    plain = np.asarray(purchases.model.expected_purchases(terms.horizon, *known), float)
    return float(within.sum() / plain.sum()) if plain.sum() > 0 else 1.0


def _line(predicted: FloatArray, came: FloatArray) -> tuple[float, float]:
    centred = predicted - predicted.mean()
    slope = float(centred @ came / (centred @ centred)) if (centred @ centred) > 0 else 0.0
    return slope, float(came.mean() - slope * predicted.mean())


def _by_tenth(predicted: FloatArray, mended: FloatArray, came: FloatArray) -> pd.DataFrame:
    order = np.argsort(-predicted, kind="stable")
    rows = []
    for tenth, who in enumerate(np.array_split(order, TENTHS), 1):
        if not len(who):  # of fewer customers than tenths
            continue
        mean = float(came[who].mean())
        spread = float(came[who].std(ddof=1)) if len(who) > 1 else 0.0
        half = normal_quantile(0.95) * spread / np.sqrt(len(who)) if spread > 0 else np.nan  # from equal amounts nothing is known of others
        foretold = float(predicted[who].mean())
        ratio = mean / foretold if foretold > 0 else np.nan
        rows.append((tenth, len(who), foretold, float(mended[who].mean()), mean, np.maximum(mean - half, 0.0), mean + half, ratio))
    return pd.DataFrame(rows, columns=["tenth", "customers", "predicted", "recalibrated", "came", "lower", "upper", "ratio"])


def _share_of(came: FloatArray, top: np.ndarray) -> Interval:
    """The share of a sum that some customers hold, with its delta-method interval over customers."""
    share = float(came[top].sum() / came.sum())
    spread = (top - share) * came / came.mean()
    half = normal_quantile(0.95) * float(spread.std(ddof=1)) / np.sqrt(len(came))
    return Interval(share, float(max(share - half, 0.0)), float(min(share + half, 1.0)))
