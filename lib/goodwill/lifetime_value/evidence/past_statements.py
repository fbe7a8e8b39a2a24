"""What would have been said about the money to come on earlier dates of the same data, held against what came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from goodwill.data.purchases import DAYS_PER_UNIT, summarize_purchases
from goodwill.data.tables import Transactions
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.track_record import Statement
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.purchase_model import with_days
from goodwill.lifetime_value.spend_choice import SPEND_MODELS, choose_spend
from goodwill.lifetime_value.value import ValueTerms, total_value_interval


def month_ends(first: date, last: date) -> list[date]:
    """The last days of the months between two dates, both included.

    >>> from datetime import date
    >>> [day.isoformat() for day in month_ends(date(1997, 1, 1), date(1997, 3, 31))]
    ['1997-01-31', '1997-02-28', '1997-03-31']
    """
    return [day.date() for day in pd.date_range(first, last, freq="ME")]


def due_date(made: date, horizon: float, unit: str = "week") -> date:
    """The last day of a window of so many units after a date."""
    return made + timedelta(days=round(horizon * DAYS_PER_UNIT[unit]))


def money_statement(
    transactions: Transactions,
    made: date,
    horizon: float,
    model: Any = BetaGeoNBD,
    spend_model: Any = GammaGamma,
    *,
    unit: str = "week",
    grain: str = "day",
    margin: float = 1.0,
    annual_discount_rate: float = 0.0,
    level: float = 0.95,
    draws: int = 500,
    seed: int = 1,
) -> Statement:
    """What the customers known on a date were expected to bring within a horizon, by what was known then, and what they brought.

    Parameters
    ----------
    transactions : Transactions
        With money.
    made : the day it is made; nothing later is known to the models
    unit, grain : as in `summarize_purchases`
    model, spend_model : classes of the purchase model and of the spend model, both fitted to what was known on the date; for the spend
        model also what `choose_spend` takes, such as "automatic": it is then chosen by what was known on the date
    horizon : in `unit`s
    margin, annual_discount_rate : as in `ValueTerms`; what came is taken at the same margin, each day of it discounted to the date

    Returns
    -------
    Statement
        `came` is None where the window ends after the data do.

    Raises
    ------
    FitError
        What was known on the date is not enough for a model.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> found = money_statement(gw.read_transactions("cdnow_sample"), date(1997, 9, 30), 13, draws=100)
    >>> round(found.estimate, -2), round(found.came), found.held
    (22800.0, 27873, False)
    """
    due, terms = due_date(made, horizon, unit), ValueTerms(horizon, margin, annual_discount_rate, unit)
    over = due <= transactions.last
    window: dict[str, Any] = {"calibration_end": made, "end": due} if over else {"end": made}
    summary = summarize_purchases(transactions, unit=unit, grain=grain, **window)
    left = share_left(transactions, made, due, terms) if over else 1.0
    if isinstance(spend_model, str):
        spend_model = SPEND_MODELS[choose_spend(summary, spend_model).name]
    options: dict[str, Any] = {"left": left, "level": level, "draws": draws, "seed": seed}
    return money_statement_of(summary.to_pandas(), made, due, terms, model, spend_model, summary=summary, **options)


def money_statement_of(
    customers: pd.DataFrame,
    made: date,
    due: date,
    terms: ValueTerms,
    model: Any = BetaGeoNBD,
    spend_model: Any = GammaGamma,
    *,
    summary: Any = None,
    left: float = 1.0,
    level: float = 0.95,
    draws: int = 500,
    seed: int = 1,
) -> Statement:
    """`money_statement` of customers as they were known on the date.

    A model that knows the calendar is fitted to the `summary` that they are from. With `spend_holdout`, what they
    brought until it was due, of which the share `left` is left after discounting (`share_left`).
    """
    paying = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
    learned = customers if getattr(spend_model, "uses_first", False) else paying
    purchases, spend = _fit_on(made, model, with_days(model, summary, customers)), _fit_on(made, spend_model, learned)
    said = total_value_interval(purchases, spend, customers, terms, level=level, draws=draws, seed=seed)
    if "spend_holdout" not in customers:
        return Statement(made, due, said.estimate, said.lower, said.upper)
    came = terms.margin * float(customers["spend_holdout"].sum()) * left
    return Statement(made, due, said.estimate, said.lower, said.upper, came)


def _fit_on(made: date, model: Any, data: Any) -> Fit:
    try:
        return model.fit_on(made, data) if hasattr(model, "fit_on") else model.fit(data)
    except (FitError, TooLittle) as error:
        raise FitError(f"what was known on {made} is not enough: {error}; make the first statement later.") from None


def share_left(transactions: Transactions, made: date, due: date, terms: ValueTerms) -> float:
    """The share of the money of a window that is left when each day of it is discounted to the date on which the window begins.

    Counted are the customers known on that date.
    """
    if terms.annual_discount_rate == 0:
        return 1.0
    table = transactions.table
    known = table.group_by("customer_id").agg(first=table["date"].min()).filter(lambda each: each["first"].cast("date") <= made)
    later = table.semi_join(known, "customer_id").filter(lambda row: (row["date"].cast("date") > made) & (row["date"].cast("date") <= due))
    days = later.group_by(day=later["date"].cast("date")).agg(money=later["amount"].sum()).to_pandas()
    money = days["money"].astype(float).to_numpy()
    after = (pd.to_datetime(days["day"]) - pd.Timestamp(made)).dt.days.to_numpy() / DAYS_PER_UNIT[terms.unit]
    return float(money @ np.exp(-terms.rate * after) / money.sum()) if money.sum() > 0 else 1.0


def money_statements(
    transactions: Transactions,
    horizon: float,
    dates: Iterable[date],
    model: Any = BetaGeoNBD,
    spend_model: Any = GammaGamma,
    **options: Any,
) -> list[Statement]:
    """`money_statement` on each of some dates.

    Parameters
    ----------
    transactions : Transactions
        With money.
    horizon, model, spend_model : as in `money_statement`
    dates : on which the statements are made
    **options : whatever else `money_statement` takes

    Raises
    ------
    FitError
        What was known on a date is not enough for a model.

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.data import read_transactions
    >>> log = read_transactions("cdnow_sample")
    >>> (one,) = money_statements(log, 13, [date(1997, 9, 30)], draws=100)
    >>> one.due.isoformat(), round(one.estimate), round(one.came), one.held
    ('1997-12-30', 22786, 27873, False)
    """
    return [money_statement(transactions, made, horizon, model, spend_model, **options) for made in dates]


def last_period_statements(transactions: Transactions, horizon: float, dates: Iterable[date], *, unit: str = "week") -> list[Statement]:
    """The rule that needs no model: repeat purchases bring in the next window what they brought in the last one.

    Without an interval of its own: both ends are the estimate. What came is the money of the customers known on the date. First purchases
    are left out of the last window, because nobody who is known makes one in the next.

    Parameters
    ----------
    transactions : Transactions
        With money.
    horizon : length of the windows, in units
    dates : on which the statements are made
    unit : day, week, month or year

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> (found,) = last_period_statements(gw.read_transactions("cdnow_sample"), 13, [date(1997, 9, 30)])
    >>> found.due.isoformat(), round(found.estimate), round(found.came)
    ('1997-12-30', 26629, 27873)
    """
    log = transactions.to_pandas()
    log = log.assign(date=pd.to_datetime(log["date"]), amount=log["amount"].astype(float))
    born = log.groupby("customer_id")["date"].transform("min")
    said = []
    for made in dates:
        due, since = due_date(made, horizon, unit), made - timedelta(days=round(horizon * DAYS_PER_UNIT[unit]))
        known = log[(log["date"] > born) & (born <= pd.Timestamp(made))]
        before, after = (
            float(known.loc[(known["date"] > pd.Timestamp(start)) & (known["date"] <= pd.Timestamp(stop)), "amount"].sum())
            for start, stop in ((since, made), (made, due))
        )
        said.append(Statement(made, due, before, before, before, after if due <= transactions.last else None))
    return said
