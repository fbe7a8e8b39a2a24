"""What a complaint does to a customer's residual value, from purchases joined with a complaint log.

The comparison starts at the complaint (a landmark): who complained is compared from that day on with others who on the same number of
days after their last purchase had bought as often, for about as long, and had not complained. Comparing from the first purchase on
would favour complainers, because whoever buys more has more chances to complain. Even so the difference is an association: whoever
complains may differ from who had the same trouble and kept silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.complaints import OUTCOMES
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.fit import Fit

EXACT_UP_TO = 8  # frequencies up to this are matched exactly, higher ones within a tenth
TENURE_WITHIN = 0.25  # tenure of a match lies within this share of the complainer's, and at least
TENURE_DAYS = 14  # this many days
FEWEST = 20  # matched complaints below which nothing is estimated
STRATA = (0, 1, 2, 4, 8)  # lower ends of the classes of frequency within which the share who left is estimated
CHUNK = 100  # draws of the bootstrap at a time
# What is compared: everybody who complained, and each outcome from the day on which it is known.
COMPARISONS = {"any complaint, from its opening": {"landmark": "opened", "outcome": "any"}} | {
    f"{outcome}, from its end": {"landmark": "closed", "outcome": outcome} for outcome in OUTCOMES
}
MULTIPLIERS = np.exp(np.linspace(-4, 4, 321))  # odds multipliers that are tried


@dataclass(frozen=True)
class ComplaintEffect:
    """What became of complainers, beside customers with the same history at the same moment.

    Attributes
    ----------
    landmark : "opened" or "closed": from when on they are compared
    outcome : the outcome compared, or "any"
    horizon : days within which a customer must buy again to count as returned
    complaints : complaints compared; `unmatched` had no comparable customer, `too_late` lie within `horizon` of the end
    returned, returned_matched : share of complainers, and of their matches, who bought again
    difference : returned - returned_matched, with its interval
    value_lost : 1 - returned / returned_matched: the share of residual value that goes with the complaint
    odds_multiplier : by how much the odds of having left for good are higher, among customers alike in history; infinite or 0 at an end
        that the data do not bound. Where customers differ in ways that the history does not show, the multiplier for one customer lies
        further from 1 than this one.

    Examples
    --------
    >>> from goodwill.inference import Interval
    >>> alike = Interval(-0.05, -0.12, 0.02), Interval(0.08, -0.03, 0.18), Interval(1.3, 0.9, 1.8)
    >>> found = ComplaintEffect("opened", "any", 90, 191, 0, 21, 0.60, 0.65, *alike)
    >>> found.complaints, found.difference.upper > 0  # complaints compared; not told apart from customers like them
    (191, True)
    """

    landmark: str
    outcome: str
    horizon: int
    complaints: int
    unmatched: int
    too_late: int
    returned: float
    returned_matched: float
    difference: Interval
    value_lost: Interval
    odds_multiplier: Interval


def complaint_effect(
    days: pd.DataFrame,
    log: pd.DataFrame,
    fit: Fit,
    *,
    landmark: str = "opened",
    outcome: str = "any",
    horizon: int = 90,
    matches: int = 100,
    end: Any = None,
    draws: int = 1_000,
    seed: int = 1,
) -> ComplaintEffect:
    """Compare complainers from the complaint on with customers of the same frequency, recency and tenure.

    Parameters
    ----------
    days : customer_id and date, as from `purchase_days`; rows of one customer on one day are one purchase
    log : checked cases with customer_id, opened and, for their use, closed and outcome
    fit : of a purchase model whose rates are gamma distributed (`BetaGeoNBD`, `ModifiedBetaGeoNBD`, `ParetoNBD`), with its time unit; its
        rates say how likely somebody who has not left stays away for the horizon by chance
    landmark : "opened", or "closed" when outcomes are compared: an outcome is not known before
    outcome : "any", "satisfied", "acceptable" or "dissatisfied"
    horizon : days to watch after the landmark
    matches : customers compared with each complainer, those of nearest tenure
    end : last day of the data; default the last purchase
    draws, seed : of the bootstrap, which draws customers, complainers and matches alike

    Raises
    ------
    TooLittle
        Fewer than 20 complaints that can be compared, or a log without the columns for it.
    FitError
        A fit that knows no purchase rates or no time unit.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.company(1_500, 104, seed=1)
    >>> fit = gw.ModifiedBetaGeoNBD.fit(gw.summarize_purchases(gw.read_transactions(made.transactions)))
    >>> found = complaint_effect(made.transactions, made.complaints, fit, landmark="closed", outcome="dissatisfied", draws=200)
    >>> found.complaints, round(found.returned, 2), round(found.returned_matched, 2), found.difference.upper < 0
    (100, 0.46, 0.56, True)
    """
    if landmark not in ("opened", "closed"):
        raise DataError(f"the landmark is 'opened' or 'closed', and not '{landmark}'")
    if landmark not in log or "customer_id" not in log:
        raise TooLittle(f"the complaints need the columns customer_id and '{landmark}'")
    if outcome != "any" and landmark == "opened":
        raise DataError("an outcome is not known when a complaint is opened: compare outcomes from landmark='closed' on")
    if horizon < 1 or matches < 1:
        raise DataError(f"the horizon is {horizon} days with {matches} matches; both must be at least 1")
    r, alpha = _rates_in_days(fit)
    spells = spells_of(days, end)
    last = spells.last_day
    _mark_complaints(spells, log)
    exposed = _exposures(spells, log, landmark, outcome)
    watched = exposed[exposed["day"] + horizon <= last]
    kept, pairs = _match(spells, watched, horizon, matches)
    if len(kept) < FEWEST:
        raise TooLittle(
            f"{len(kept)} complaints can be compared (of {len(exposed)} with outcome {outcome}, {len(exposed) - len(watched)} too near the "
            f"end); an estimate needs at least {FEWEST}: shorten the horizon or take a longer log"
        )
    came_back = spells.following[kept["spell"]] <= kept["day"].to_numpy() + horizon
    stays_away = (1 + horizon / (alpha + kept["tenure"].to_numpy())) ** -(r + kept["frequency"].to_numpy())
    weights, shares = _resampled(kept["customer"].to_numpy(), pairs, draws, seed)
    returned, matched = weights @ came_back / weights.sum(1), (weights * shares).sum(1) / weights.sum(1)
    multiplier = _odds_multiplier(weights, came_back, shares, stays_away, kept["frequency"].to_numpy())
    with np.errstate(divide="ignore"):
        lost = 1 - returned / matched
    return ComplaintEffect(
        landmark,
        outcome,
        horizon,
        len(kept),
        len(watched) - len(kept),
        len(exposed) - len(watched),
        float(returned[0]),
        float(matched[0]),
        quantile_interval(returned[0] - matched[0], (returned - matched)[1:]),
        quantile_interval(lost[0], lost[1:]),
        _open_ended(quantile_interval(multiplier[0], multiplier[1:])),
    )


def _rates_in_days(fit: Fit) -> tuple[float, float]:
    """Shape and rate [days] of the gamma distribution of purchase rates."""
    if not {"r", "alpha"} <= set(fit.names):
        raise FitError(f"{type(fit.model).__name__} has no gamma distribution of purchase rates; fit ModifiedBetaGeoNBD or ParetoNBD")
    if fit.unit not in DAYS_PER_UNIT:
        raise FitError("the fit does not say its time unit; fit it to a purchase summary, which carries one")
    return fit.model.r, DAYS_PER_UNIT[fit.unit] * fit.model.alpha


@dataclass(eq=False)
class Spells:
    """Times between purchases, one row per purchase, in days since 1970; sorted by customer and day."""

    customer: Any  # number of the customer
    start: Any
    following: Any  # day of the next purchase, or far away
    frequency: Any  # repeat purchases up to the start
    first: Any  # day of the customer's first purchase
    complained: Any  # day of the first complaint opened in the spell, or far away
    names: Any  # customer ids, sorted
    last_day: int


FAR = 10**7  # days: never


def spells_of(purchases: pd.DataFrame, end: Any) -> Spells:
    import pandas as pd

    days = pd.DataFrame({"customer": purchases["customer_id"].astype(str), "day": _days(purchases["date"])}).drop_duplicates()
    last = int(days["day"].max()) if end is None else int(_days(pd.Series([pd.Timestamp(end)])).iloc[0])
    days = days[days["day"] <= last]
    names, number = np.unique(days["customer"].to_numpy(dtype=object).astype(str), return_inverse=True)
    order = np.lexsort((days["day"].to_numpy(), number))
    customer, start = number[order], days["day"].to_numpy()[order]
    new = np.r_[True, customer[1:] != customer[:-1]]
    following = np.where(np.r_[new[1:], True], FAR, np.r_[start[1:], 0])
    begins = np.flatnonzero(new)
    own_begin = begins[np.cumsum(new) - 1]
    frequency = np.arange(len(start)) - own_begin
    return Spells(customer, start, following, frequency, start[own_begin], np.full(len(start), FAR), names, last)


def _days(moments: Any) -> Any:
    import pandas as pd

    return (pd.to_datetime(moments) - pd.Timestamp(0)).dt.days


def _place(spells: Spells, customer: Any, day: Any) -> Any:
    """Row of the spell in which each day lies; a purchase on that day has begun its spell."""
    key = spells.customer * FAR + spells.start
    return np.searchsorted(key, customer * FAR + day, side="right") - 1


def known_complaints(spells: Spells, complaints: pd.DataFrame, *columns: str, kept: str = "outcome") -> pd.DataFrame:
    """Complaints of customers who have bought, with numbers for customers and days for moments; one more column is kept, if it is there."""
    import pandas as pd

    cases = complaints.dropna(subset=["customer_id", *columns])
    texts = cases["customer_id"].astype(str).to_numpy(dtype=object).astype(str)
    number = np.minimum(np.searchsorted(spells.names, texts), len(spells.names) - 1)
    frame = pd.DataFrame({"customer": number, **{name: _days(cases[name]).to_numpy() for name in columns}})
    if kept in cases:
        frame[kept] = cases[kept].to_numpy()
    frame = frame[spells.names[number] == texts].reset_index(drop=True)
    frame["spell"] = _place(spells, frame["customer"].to_numpy(), frame["opened"].to_numpy())
    return frame[(frame["spell"] >= 0) & (spells.customer[frame["spell"]] == frame["customer"])]


def _mark_complaints(spells: Spells, complaints: pd.DataFrame) -> None:
    cases = known_complaints(spells, complaints, "opened")
    np.minimum.at(spells.complained, cases["spell"].to_numpy(), cases["opened"].to_numpy())


def _exposures(spells: Spells, complaints: pd.DataFrame, landmark: str, outcome: str) -> pd.DataFrame:
    """Complaints by their landmark day, while the purchase before them was still the last: one per time between purchases."""
    cases = known_complaints(spells, complaints, *dict.fromkeys(("opened", landmark)))
    if outcome != "any":
        if "outcome" not in cases:
            raise TooLittle("the complaints have no column 'outcome', so outcomes cannot be compared")
        cases = cases[cases["outcome"] == outcome]
    spell = cases["spell"].to_numpy()
    day = cases[landmark].to_numpy()
    exposed = cases.assign(day=day, since=day - spells.start[spell], frequency=spells.frequency[spell], tenure=day - spells.first[spell])
    still_last = (spells.following[spell] > day) & (day <= spells.last_day)
    return exposed[still_last].sort_values("day").drop_duplicates("spell").reset_index(drop=True)


def _match(spells: Spells, exposed: pd.DataFrame, horizon: int, matches: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The complaints that have a match, and the pairs: number of the complaint, customer matched, whether that one returned."""
    import pandas as pd

    pairs: list[Any] = []
    kept: list[int] = []
    by_frequency = np.argsort(spells.frequency, kind="stable")
    ordered = spells.frequency[by_frequency]
    columns = (exposed[name].to_numpy() for name in ("customer", "frequency", "since", "tenure"))
    for i, (customer, frequency, since, tenure) in enumerate(zip(*columns, strict=True)):
        slack = 0 if frequency <= EXACT_UP_TO else frequency // 10
        ends = np.searchsorted(ordered, [frequency - slack, frequency + slack + 1])
        others = by_frequency[ends[0] : ends[1]]
        day = spells.start[others] + since
        distance = np.abs(day - spells.first[others] - tenure)
        fits = (
            (spells.following[others] > day)
            & (day + horizon <= spells.last_day)
            & (spells.complained[others] > day)
            & (spells.customer[others] != customer)
            & (distance <= max(TENURE_DAYS, TENURE_WITHIN * tenure))
        )
        others, day, distance = others[fits], day[fits], distance[fits]
        if len(others):
            nearest = np.argsort(distance, kind="stable")[:matches]
            returned = spells.following[others[nearest]] <= day[nearest] + horizon
            pairs.append(np.stack([np.full(len(nearest), len(kept)), spells.customer[others[nearest]], returned]))
            kept.append(i)
    table = np.concatenate(pairs, axis=1).T if pairs else np.zeros((0, 3), int)
    return exposed.iloc[kept], pd.DataFrame(table, columns=["complaint", "customer", "returned"])


def _resampled(complainer: Any, pairs: pd.DataFrame, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Bootstrap over customers, who may be complainer and match: weight of each complaint, and share of its matches who returned.

    Both have the shape (1 + draws, complaints); the first row is the data themselves. A complaint without a match in a draw has
    weight 0 there.
    """
    from scipy.sparse import coo_array

    people, place = np.unique(np.concatenate([complainer, pairs["customer"].to_numpy()]), return_inverse=True)
    own, other = place[: len(complainer)], place[len(complainer) :]
    where, shape = (other, pairs["complaint"].to_numpy()), (len(people), len(complainer))
    matches = coo_array((np.ones(len(pairs)), where), shape=shape).tocsr()
    returns = coo_array((pairs["returned"].to_numpy(float), where), shape=shape).tocsr()
    rng = np.random.default_rng(seed)
    weights, shares = [], []
    for first in range(0, 1 + draws, CHUNK):
        drawn = rng.poisson(1.0, (min(CHUNK, 1 + draws - first), len(people))).astype(float)
        if first == 0:
            drawn[0] = 1.0
        number = drawn @ matches
        weights.append(drawn[:, own] * (number > 0))
        shares.append((drawn @ returns) / np.maximum(number, 1.0))
    return np.concatenate(weights), np.concatenate(shares)


def _odds_multiplier(weights: Floats, came_back: Any, shares: Floats, stays_away: Floats, frequency: Any) -> Floats:
    """The multiplier of largest likelihood, for each row of weights.

    In each class of frequency the matches give the share A who have not left: A (1 - s) of them return, where s is the chance to
    stay away although one has not left. Complainers have A / (A + theta (1 - A)) instead.
    """
    stratum = np.searchsorted(STRATA, frequency, side="right")
    likelihood = np.zeros((len(weights), len(MULTIPLIERS)))
    for each in np.unique(stratum):
        inside = stratum == each
        w = weights[:, inside]
        total = np.maximum(w.sum(1), 1e-12)
        could = 1 - w @ stays_away[inside] / total
        matched = (w * shares[:, inside]).sum(1) / total
        alive = np.clip(matched / np.maximum(could, 1e-12), 1e-4, 1 - 1e-4)[:, None]
        back = np.clip(alive / (alive + MULTIPLIERS * (1 - alive)) * could[:, None], 1e-12, 1 - 1e-12)
        came = (w @ came_back[inside])[:, None]
        likelihood += came * np.log(back) + (w.sum(1)[:, None] - came) * np.log(1 - back)
    return MULTIPLIERS[np.argmax(likelihood, axis=1)]


def _open_ended(interval: Interval) -> Interval:
    """An interval that reaches the last multiplier tried has no end there."""
    low, high = interval.lower, interval.upper
    return Interval(interval.estimate, 0.0 if low <= MULTIPLIERS[1] else low, float("inf") if high >= MULTIPLIERS[-2] else high)


def placebo(days: pd.DataFrame, log: pd.DataFrame, *, within: int = 90, end: Any = None) -> Interval:
    """An effect that cannot be: purchases before the complaint, of complainers who will be dissatisfied less those who will be satisfied.

    Nothing that handling does can change what was before it. Where this differs from zero, the two were different customers to begin with,
    and what sets them apart after the complaint is not handling alone.

    Parameters
    ----------
    days, log, end : as in `complaint_effect`
    within : days before the complaint in which purchases are counted

    Returns
    -------
    Interval
        Purchases per complaint, with its normal interval.

    Raises
    ------
    TooLittle
        Fewer than 20 complaints of one of the two, or a log without the columns for it.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.company(600, 104, seed=1)
    >>> found = placebo(made.transactions, made.complaints)
    >>> found.lower < 0 < found.upper  # they were alike before they complained
    True
    """
    if "opened" not in log or "customer_id" not in log or "outcome" not in log:
        raise TooLittle("the complaints need the columns customer_id, opened and outcome")
    spells = spells_of(days, end)
    cases = known_complaints(spells, log, "opened")
    bought = _bought_before(spells, cases["customer"].to_numpy(), cases["opened"].to_numpy(), within)
    groups = [bought[(cases["outcome"] == outcome).to_numpy()] for outcome in ("dissatisfied", "satisfied")]
    if min(map(len, groups)) < FEWEST:
        counts = " and ".join(f"{len(group)} complaints" for group in groups)
        raise TooLittle(f"{counts} of customers who bought ended dissatisfied and satisfied; a comparison needs at least {FEWEST} of each")
    apart = float(groups[0].mean() - groups[1].mean())
    half = normal_quantile(0.95) * float(np.sqrt(sum(group.var(ddof=1) / len(group) for group in groups)))
    return Interval(apart, apart - half, apart + half)


def _bought_before(spells: Spells, customer: Any, day: Any, within: int) -> Any:
    """Days with a purchase among the `within` days up to each day."""
    key = spells.customer * FAR + spells.start
    until, since = (np.searchsorted(key, customer * FAR + moment, side="right") for moment in (day, day - within))
    return until - since


def effect_table(effects: Mapping[str, ComplaintEffect]) -> pd.DataFrame:
    """One row per comparison: complaints, returned, matched, lower and upper (of returned, by the interval of the difference).

    >>> from goodwill.inference import Interval
    >>> from goodwill.word_of_mouth import ComplaintEffect
    >>> found = ComplaintEffect("opened", "any", 90, 191, 0, 21, 0.60, 0.65, *[Interval(-0.05, -0.12, 0.02)] * 3)
    >>> effect_table({"any complaint": found}).round(2).to_dict("list")
    {'comparison': ['any complaint'], 'complaints': [191], 'returned': [0.6], 'matched': [0.65], 'lower': [0.53], 'upper': [0.67]}
    """
    import pandas as pd

    rows = [
        [name, each.complaints, each.returned, each.returned_matched, *(each.returned_matched + np.array(each.difference[1:]))]
        for name, each in effects.items()
    ]
    return pd.DataFrame(rows, columns=["comparison", "complaints", "returned", "matched", "lower", "upper"])


def bounded(interval: Interval) -> Interval:
    """The interval with an open end put at the last multiplier that was tried, for records that hold finite numbers only.

    >>> from goodwill.inference import Interval
    >>> [round(end, 1) for end in bounded(Interval(2.0, 0.5, float("inf")))]
    [2.0, 0.5, 54.6]
    """
    return Interval(interval.estimate, max(interval.lower, float(MULTIPLIERS[0])), min(interval.upper, float(MULTIPLIERS[-1])))
