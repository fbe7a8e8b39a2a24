"""Do customers buy at regular times? Fits of BG/CNBD-k beside each other, by the likelihood of all gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import ibis
import numpy as np
import pandas as pd

from goodwill.data.purchases import DAYS_PER_UNIT, occasions
from goodwill.errors import DataError
from goodwill.inference.parameters import parameters_of
from goodwill.inference.uncertainty import normal_quantile
from goodwill.lifetime_value.richer.regular_buyers import BetaGeoCNBD, regular_buyers
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.inference.parameters import FloatArray

ROUNDS, SETS, CUSTOMERS = 6, 20, 5_000  # simulated to see what merging within a day feigns, and how many customers in each
LEVEL = 0.9  # two-sided, so that one in twenty data sets of random buyers feigns more


@dataclass(frozen=True, repr=False)
class RegularityChoice(Shown):
    """What `choose_regularity` found.

    Attributes
    ----------
    table : DataFrame
        A row for each k: log_likelihood, of all purchases with their gaps, and gain, what it is above that of k = 1.
    k : int
        The best k, if it gains more than `feigned`; else 1.
    feigned : float
        What merging the purchases of a day (the grain) gives the best k where customers buy at random moments, at most, in 19 of 20 data
        sets; 0 where 1 is the best.
    fits : mapping of k to Fit

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30")
    >>> found = gw.lifetime_value.choose_regularity(summary, ks=(1, 2))
    >>> found.k, found.fits[1].parameters.round(3)  # CDNOW's customers buy at random moments: BG/NBD
    (1, array([0.243, 4.414, 0.793, 2.426]))
    """

    table: pd.DataFrame
    k: int
    feigned: float
    fits: dict[int, Fit]

    @property
    def fit(self) -> Fit:
        """That of the chosen k."""
        return self.fits[self.k]

    def _said(self) -> str:
        return (
            f"k = {self.k} of {', '.join(map(str, self.fits))}; the best gains {self.table['gain'].max():,.1f}, {self.feigned:,.1f} feigned"
        )


def choose_regularity(
    summary: PurchaseSummary, ks: Sequence[int] = (1, 2, 3, 4), *, leave_at_first: bool = False, seed: int = 1
) -> RegularityChoice:
    """Fit BG/CNBD-k (or MBG/CNBD-k) for several k, and take the best unless chance and the merging of days explain it.

    Parameters
    ----------
    summary : PurchaseSummary
        As `summarize_purchases` gives it.
    ks : whole numbers, 1 to 12; 1 is always among them
    leave_at_first : whether customers may leave after their first purchase too
    seed : of the random buyers with whom the best is compared

    Raises
    ------
    DataError
        For a frame without the transactions behind it, which do not tell the gaps.

    Notes
    -----
    Purchases of one day are one occasion: gaps of less are never seen, and who buys at random, but often, seems to avoid them. How much
    likelihood that feigns is found by simulating random buyers, with purchases merged likewise, at rates of which merging leaves what the
    fit of k = 1 shows (indirect inference; Gouriéroux, Monfort & Renault 1993).

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> found = choose_regularity(summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30"), ks=(1, 2, 3))
    >>> found.table["log_likelihood"].round(3).to_list()
    [-9582.429, -9855.327, -10393.565]
    """
    gaps = log_gaps(summary)
    classes = {k: regular_buyers(k, leave_at_first=leave_at_first) for k in sorted({1, *ks})}
    fits = {k: model.fit(summary) for k, model in classes.items()}
    total = pd.Series({k: fit.log_likelihood + (k - 1) * gaps for k, fit in fits.items()}, name="log_likelihood").rename_axis("k")
    table = pd.DataFrame({"log_likelihood": total, "gain": total - total[1]})
    best = int(cast("Any", total.idxmax()))
    if best == 1:
        return RegularityChoice(table, 1, 0.0, fits)
    step = {"day": 1.0, "week": 7.0}[summary.grain] / DAYS_PER_UNIT[summary.unit]
    feigned = feigned_gain(fits[1].model, classes[best], summary.to_pandas()["T"].to_numpy(float), step, seed)
    return RegularityChoice(table, best if float(table["gain"][best]) > feigned else 1, feigned, fits)


def models_to_compare(models: Mapping[str, Any], found: Any) -> dict[str, Any]:
    """The models by name, and with them that of regular buyers where `choose_regularity` chose one.

    Parameters
    ----------
    models : mapping of name to class
    found : RegularityChoice
        Of `choose_regularity`; anything else stands for not known.

    Examples
    --------
    >>> models_to_compare({"none": None}, "too little to tell")
    {'none': None}
    """
    if not isinstance(found, RegularityChoice) or found.k == 1:
        return dict(models)
    return {**models, f"BG/CNBD-{found.k}": type(found.fit.model)}


def log_gaps(summary: PurchaseSummary) -> float:
    """Sum of the logarithms of all gaps between the occasions of a customer, in the unit of the summary.

    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> round(log_gaps(summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")), 3)
    2909.505
    """
    transactions = getattr(summary, "transactions", None)
    if transactions is None:
        raise DataError("a frame of histories does not tell the gaps between purchases; pass what summarize_purchases gives")
    stop = summary.calibration_end or summary.end
    days = occasions(transactions, summary.grain, None, stop)
    if "bought" in days.columns:
        days = days.filter(days.bought)
    before = days.day.lag().over(ibis.window(group_by=days.customer_id, order_by=days.day))
    gap = days.select(days=days.day.epoch_days() - before.epoch_days()).filter(lambda t: t.days > 0)
    found = gap.aggregate(total=gap.days.cast("float64").ln().sum(), count=gap.count()).to_pandas().iloc[0]
    if not found["count"]:
        return 0.0
    return float(found["total"] - found["count"] * np.log(DAYS_PER_UNIT[summary.unit]))


def feigned_gain(model: Any, other: type[BetaGeoCNBD], T: FloatArray, step: float, seed: int) -> float:
    """What a class gains over k = 1 in data of random buyers whose purchases within a step are merged; exceeded in one of 20 data sets.

    Parameters
    ----------
    model : the fit of k = 1 to the merged data
    other : the class that seems better
    T : of the customers, shape (customers,)
    step : within which purchases are merged, in the unit of T
    """
    rng, random = np.random.default_rng(seed), regular_buyers(1, leave_at_first=bool(other.first))
    size = min(len(T), CUSTOMERS)
    seen = np.log(parameters_of(model))
    phi, gains = seen, []
    for place in range(ROUNDS + SETS):
        watched = rng.choice(T, size, replace=False)
        log = random(*np.exp(phi)).simulate_purchases(watched, seed=int(rng.integers(2**31)))
        frame, gaps = merged_histories(log, watched, step, rng)
        if not frame["frequency"].any():
            continue
        one = random.fit(frame)
        if place < ROUNDS:  # the rates of which merging leaves those that the data show
            phi = phi + np.clip(seen - np.log(one.parameters), -1.0, 1.0) / (1 + place / 2)
        else:
            gains.append(other.fit(frame).log_likelihood + (other.k - 1) * gaps - one.log_likelihood)
    share = len(T) / size
    if len(gains) < 2:
        return 0.0
    return max(float(np.mean(gains) * share + normal_quantile(LEVEL) * np.std(gains, ddof=1) * np.sqrt(share)), 0.0)


def merged_histories(log: pd.DataFrame, T: FloatArray, step: float, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """Histories of a log (customer, time since the first purchase), as days tell them; with the sum of the logarithms of the gaps."""
    began = rng.random(len(T))  # at which part of her first day a customer came
    who = log["customer"].to_numpy()
    days = np.floor(log["time"].to_numpy() / step + began[who]).astype(np.int64)
    last = np.floor(T / step).astype(np.int64)
    kept = pd.DataFrame({"customer": who, "day": days})[(days > 0) & (days <= last[who])].drop_duplicates()
    before = kept.groupby("customer")["day"].shift(fill_value=0)
    gaps = float(np.log((kept["day"] - before) * step).sum())
    by = kept.groupby("customer")["day"]
    everybody = np.arange(len(T))
    frequency, recency = by.size().reindex(everybody, fill_value=0), by.max().reindex(everybody, fill_value=0) * step
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": last * step}), gaps
