"""Purchases, survey and complaint log of one company, held against each other before anything is estimated from them together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.data.survey import read_scale, read_survey
from goodwill.data.tracking import purchase_days
from goodwill.errors import DataError, TooLittle

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.complaints import Complaints
    from goodwill.data.survey import Survey
    from goodwill.data.tables import Transactions


class Joined(NamedTuple):
    """What joining one table with the purchases gave.

    Attributes
    ----------
    table : "survey" or "complaints"
    rows : in the table
    joined : of them of customers who had bought by then
    strangers : of people who never bought; they are counted and left out
    early : of customers who bought only later, likewise

    Examples
    --------
    >>> found = Joined("survey", rows=100, joined=90, strangers=7, early=3)
    >>> found.rows == found.joined + found.strangers + found.early
    True
    """

    table: str
    rows: int
    joined: int
    strangers: int
    early: int


class Answers(NamedTuple):
    """Answers of customers who had bought by the day of the survey.

    Attributes
    ----------
    said : overall satisfaction by customer id (text)
    levels : of the scale, in order
    asked : day of the survey
    joined : how many could be joined

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> made.answers.said.head(3).to_dict(), made.answers.levels[-1], made.answers.asked.isoformat()
    ({'1': 6.0, '6': 7.0, '8': 4.0}, 10, '2025-06-30')
    """

    said: pd.Series
    levels: tuple[int, ...]
    asked: date
    joined: Joined


def read_answers(source: Any, *, satisfaction: str = "", scale: str = "", segment: str = "", **options: Any) -> Survey:
    """A survey as `gw.read_survey` reads it, without need of a question on loyalty: here loyalty is what customers did.

    Parameters
    ----------
    source : a path or a table, one row per respondent
    satisfaction, segment : columns; "" where they have their usual names
    scale : lowest and highest answer, such as "1-10"; "" takes 1-5
    **options : whatever else `gw.read_survey` takes

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"respondent_id": [7, 8, 9], "satisfaction": [3, 5, 4]})
    >>> read_answers(answers).respondents
    3
    """
    options = {key: value for key, value in options.items() if value not in ("", None)}
    return read_survey(
        source, satisfaction=satisfaction or None, segment=segment or None, loyalty_kind="unasked", scale=read_scale(scale), **options
    )


def survey_day(purchases: Transactions, surveyed: str) -> date:
    """The day of the survey: as given (2025-06-30), or the last day of the purchases.

    Parameters
    ----------
    purchases : checked transactions
    surveyed : year-month-day; "" takes their last day

    Raises
    ------
    DataError
        It is no day, or the purchases do not cover it.

    Examples
    --------
    >>> import goodwill as gw
    >>> purchases = gw.read_transactions("cdnow_sample")
    >>> survey_day(purchases, "1998-01-31").isoformat(), survey_day(purchases, "").isoformat()
    ('1998-01-31', '1998-06-30')
    """
    if not surveyed.strip():
        return purchases.last
    try:
        day = date.fromisoformat(surveyed.strip())
    except ValueError:
        raise DataError(f"the survey is said to be of '{surveyed}'; write its day as year-month-day, such as 2025-06-30") from None
    if not purchases.first <= day <= purchases.last:
        raise DataError(
            f"the survey is of {day}, and the purchases in {purchases.source} run from {purchases.first} to {purchases.last}: the two do "
            "not overlap; give purchases of that time, or the right day (surveyed=)"
        )
    return day


def joined_survey(purchases: Transactions, survey: Survey, asked: date) -> Answers:
    """Answers by customer, and how many could be joined.

    Parameters
    ----------
    purchases, survey : checked tables
    asked : day of the survey; who bought only later does not count

    Raises
    ------
    TooLittle
        The survey has no ids.
    DataError
        None of its respondents has bought.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> from goodwill.relationship import read_answers
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2025-01-02", "2025-03-04"], "amount": [10, 30]})
    >>> answers = read_answers(pd.DataFrame({"respondent_id": ["a", "b", "x"], "satisfaction": [5, 4, 3]}))
    >>> found = joined_survey(gw.read_transactions(log), answers, date(2025, 1, 31))
    >>> found.said.to_dict(), found.joined.strangers, found.joined.early  # x never bought, and b only later
    ({'a': 5.0}, 1, 1)
    """
    answers = survey.answers.dropna(subset=["satisfaction"])
    if "respondent_id" not in answers:
        raise TooLittle(
            f"{survey.source} has no column with the ids of customers (respondent_id=), so that answers cannot be joined with purchases."
        )
    ids = answers["respondent_id"].astype(str)
    first = first_purchases(purchases)
    _require_known(ids, first, f"respondents of the survey ({survey.source})", purchases.source)
    known = ids.isin(first.index).to_numpy()
    early = known & (ids.map(first) > np.datetime64(asked)).to_numpy()
    kept = known & ~early
    said = answers["satisfaction"].astype(float)[kept].set_axis(ids[kept])
    joined = Joined("survey", len(ids), int(kept.sum()), int((~known).sum()), int(early.sum()))
    return Answers(said, tuple(int(level) for level in survey.levels), asked, joined)


def joined_complaints(purchases: Transactions, complaints: Complaints) -> Joined:
    """How many complaints are of customers who had bought.

    Raises
    ------
    TooLittle
        The log has no ids.
    DataError
        None of the complainers has ever bought, or no complaint falls into the time of the purchases.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2025-01-02", "2025-03-04"], "amount": [10, 30]})
    >>> cases = pd.DataFrame({"customer_id": ["a", "x"], "opened": ["2025-01-05", "2025-02-06"]})
    >>> found = joined_complaints(gw.read_transactions(log), gw.read_complaints(cases))
    >>> found.rows, found.joined, found.strangers
    (2, 1, 1)
    """
    cases = complaints.cases
    if "customer_id" not in cases or cases["customer_id"].isna().all():
        raise TooLittle(f"{complaints.source} has no column with the ids of customers (customer_id=), so that complaints cannot be joined.")
    ids = cases["customer_id"].dropna().astype(str)
    first = first_purchases(purchases)
    _require_known(ids, first, f"complaints ({complaints.source})", purchases.source)
    opened = cases["opened"].dropna()
    begins, ends = opened.min().date(), opened.max().date()
    if ends < purchases.first or begins > purchases.last:
        raise DataError(
            f"the complaints in {complaints.source} run from {begins} to {ends} and the purchases in {purchases.source} from "
            f"{purchases.first} to {purchases.last}: the two do not overlap; give both of one time"
        )
    known = ids.isin(first.index)
    early = known & (ids.map(first) > cases.loc[ids.index, "opened"])
    return Joined("complaints", len(cases), int((known & ~early).sum()), len(cases) - int(known.sum()), int(early.sum()))


def lasting_events(purchases: Transactions, log: Any) -> pd.DataFrame:
    """What may move an answer for a while: purchases, and complaints by outcome where there is a log.

    Parameters
    ----------
    purchases : checked transactions
    log : checked cases with customer_id, opened and outcome; anything else than a table stands for no log

    Returns
    -------
    DataFrame
        customer_id, date, kind.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a"], "date": ["2025-01-02"], "amount": [10]})
    >>> cases = pd.DataFrame({"customer_id": ["a"], "opened": pd.to_datetime(["2025-01-05"]), "outcome": ["satisfied"]})
    >>> lasting_events(gw.read_transactions(log), cases)["kind"].tolist()
    ['purchase', 'satisfied']
    """
    import pandas as pd

    bought = purchase_days(purchases).assign(kind="purchase")
    if not isinstance(log, pd.DataFrame) or "customer_id" not in log:
        return bought
    voiced = log.dropna(subset=["customer_id", "opened"])
    kinds = voiced["outcome"].fillna("unknown") if "outcome" in voiced else "unknown"
    events = pd.DataFrame({"customer_id": voiced["customer_id"], "date": voiced["opened"].dt.normalize(), "kind": kinds})
    return pd.concat([bought, events], ignore_index=True)


def amounts_of(purchases: Transactions) -> pd.DataFrame:
    """Money by customer and day, as the engine adds it up: customer_id, date, amount.

    Raises
    ------
    TooLittle
        The purchases have no money.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", "a"], "date": ["2025-01-02", "2025-01-02"], "amount": [10, 20]})
    >>> amounts_of(gw.read_transactions(log))["amount"].tolist()  # one day, one sum
    [30.0]
    """
    if not purchases.has_amount:
        raise TooLittle(f"{purchases.source} has no money, so that nothing can be valued.")
    table = purchases.table
    days = table.group_by(["customer_id", "date"]).aggregate(amount=table["amount"].cast("float64").sum())
    return days.to_pandas().sort_values(["customer_id", "date"], ignore_index=True)


def pairs(given: Sequence[str]) -> dict[str, str]:
    """Texts such as "solved:satisfied" as a mapping.

    Parameters
    ----------
    given : texts with a colon each

    Raises
    ------
    DataError
        A text without a colon.

    Examples
    --------
    >>> pairs(["solved:satisfied", "open: dissatisfied"])
    {'solved': 'satisfied', 'open': 'dissatisfied'}
    """
    for each in given:
        if ":" not in str(each):
            raise DataError(f"'{each}' is no pair; write two words with a colon between them, such as solved:satisfied")
    return {left.strip(): right.strip() for left, right in (str(each).rsplit(":", 1) for each in given)}


def require_one_currency(purchases: Any, currency: str) -> str:
    """The label of the money; an error where the purchases say another than the report does.

    Parameters
    ----------
    purchases : checked transactions; anything else stands for none
    currency : as the report has it; "" takes that of the purchases

    Raises
    ------
    DataError
        Both are known and differ.

    Examples
    --------
    >>> import goodwill as gw
    >>> purchases = gw.read_transactions("cdnow_sample")
    >>> require_one_currency(purchases, ""), require_one_currency(purchases, "USD")
    ('USD', 'USD')
    """
    from goodwill.data.tables import Transactions

    found = purchases.currency if isinstance(purchases, Transactions) else ""
    if found and currency and found.casefold() != currency.casefold():
        raise DataError(
            f"the purchases in {purchases.source} are in {found} and currency= says {currency}; amounts are not converted: give costs in "
            f"{found} and currency={found}, or purchases in {currency}"
        )
    return currency or found or "currency units"


def first_purchases(purchases: Transactions) -> pd.Series:
    """Day of the first purchase by customer id (text)."""
    days = purchase_days(purchases)
    return days.groupby(days["customer_id"].astype(str))["date"].min()


def _require_known(ids: pd.Series, first: pd.Series, whose: str, bought_in: str) -> None:
    """DataError when nobody can be joined, with the reason where ids are only written differently."""
    if ids.isin(first.index).any():
        return
    plain = {_plain(each) for each in first.index}
    alike = sum(_plain(each) in plain for each in ids)
    start = f"none of the {len(ids):,} {whose} is of a customer of {bought_in}"
    if alike:
        theirs = next(each for each in ids if _plain(each) in plain)
        ours = next(each for each in first.index if _plain(each) == _plain(theirs))
        raise DataError(
            f"{start}: ids are written differently ('{theirs}' here, '{ours}' there), and {alike:,} would match without leading zeros, "
            "capitals and spaces; write them alike in both tables"
        )
    firsts = f"first: '{ids.iloc[0]}' here, '{first.index[0]}' there"
    raise DataError(f"{start} ({firsts}); give tables of the same customers, or the right column")


def _plain(one: str) -> str:
    """An id without what tools change in it: case, spaces, leading zeros, a decimal ending.

    >>> [_plain(each) for each in ("007", " A-7 ", "7.0")]
    ['7', 'a-7', '7']
    """
    return one.strip().casefold().removesuffix(".0").lstrip("0") or "0"
