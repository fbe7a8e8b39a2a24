"""From stated effects to money: what each strategy adds to the lifetime value of each segment's customers, draw by draw.

With D the time that an effect lasts, and value V(t) the discounted margin of purchases up to t under the fitted purchase and spend model:

- frequency f and spend s raise what comes within D: V(D) ((1 + f)(1 + s) - 1);
- retention of d customers in a hundred more at D: those kept are taken to be lost at D / 2 otherwise, so that each brings what a living
  customer brings from D / 2 on, (V(horizon) - V(D / 2)) / alive(D / 2); no more can be kept than would be gone;
- complaint recovery: dissatisfied complainers per customer and period x share made satisfied x the value of one recovery
  (`goodwill.word_of_mouth.damage.RecoveryValue`), whose residual value is that of a living customer of the segment.

Effects hold for the share that is reached. A strategy whose effect was measured in a trial takes that instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.calendar import UNITS_PER_YEAR
from goodwill.errors import DataError
from goodwill.inference.parameters import some_draws
from goodwill.lifetime_value.histories import distinct_histories, history, told_spend
from goodwill.lifetime_value.purchase_model import draws_at_once, of_customers
from goodwill.lifetime_value.value import discounted_within
from goodwill.strategies.incremental_values import IncrementalValue

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.fit import Fit
    from goodwill.lifetime_value.value import ValueTerms
    from goodwill.strategies.catalogue import Catalogue, Effect, Strategy
    from goodwill.word_of_mouth.damage import RecoveryValue

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ComplaintTerms:
    """What complaints have to do with it.

    Attributes
    ----------
    share : dissatisfied complainers per customer and year; one number, or one per segment
    recovery : worth of one recovery; its residual value is replaced by that of the segment's living customers

    Examples
    --------
    >>> from goodwill.word_of_mouth import at_means, given_worth, recovery, recovery_assumptions, told_means
    >>> told = told_means("mean", "dissatisfied")
    >>> terms = ComplaintTerms(0.02, recovery(at_means(recovery_assumptions(*told, given_worth(100.0)))))
    >>> round(float(terms.recovery.total), 1)  # of one recovery, by what is published and assumed, where a customer is worth 100
    34.1
    """

    share: float | Mapping[str, float]
    recovery: RecoveryValue

    def __post_init__(self) -> None:
        for share in self.share.values() if isinstance(self.share, Mapping) else [self.share]:
            if not 0 <= share <= 1:
                raise DataError(f"the share of customers with a dissatisfied complaint in a year is {share}; it lies between 0 and 1")


@dataclass(frozen=True, eq=False)
class SegmentWorth:
    """What the average customer of each segment brings when nothing is done.

    Attributes
    ----------
    segments, customers : names, and numbers of customers, shape (segments,)
    times : moments after the end of the data, in years, ascending; the last is the horizon
    value : discounted margin up to each time per customer [currency], shape (draws, segments, times)
    alive : share who have not left at each time, same shape; at time 0 `alive_now`, shape (draws, segments)

    Examples
    --------
    >>> import numpy as np
    >>> value, alive, now = np.array([[[30.0, 50.0]]]), np.array([[[0.9, 0.8]]]), np.array([[1.0]])
    >>> worth = SegmentWorth(("all",), np.array([100.0]), np.array([0.5, 1.0]), value, alive, now)
    >>> worth.at(0.5)  # within half a year 30 [currency], and nine in ten are still there
    (array([[30.]]), array([[0.9]]))
    """

    segments: tuple[str, ...]
    customers: Floats
    times: Floats
    value: Floats
    alive: Floats
    alive_now: Floats

    def at(self, years: float) -> tuple[Floats, Floats]:
        """Value and share alive at one of the times, shape (draws, segments) each; past the horizon nothing counts."""
        place = int(np.argmin(np.abs(self.times - min(years, self.times[-1]))))
        return self.value[..., place], self.alive[..., place]


def segment_worth(
    purchase_fit: Fit,
    spend_fit: Fit,
    customers: pd.DataFrame,
    segment: Any,
    segments: tuple[str, ...],
    terms: ValueTerms,
    years: list[float],
    draws: int = 200,
    seed: int = 1,
) -> SegmentWorth:
    """Worth per segment from the fitted models, with the uncertainty of their parameters.

    Customers are compressed to distinct histories, expected spend being linear in past spend. The discount enters through the ratio of
    discounted to plain expected purchases at the fitted parameters.

    Parameters
    ----------
    customers : one row each with frequency, recency, T (in `terms.unit`) and monetary_value
    segment : one label per row of `customers`
    segments : all labels, in the order of the result
    years : times that are needed besides the horizon

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> fits, customers = (gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)), summary.to_pandas()
    >>> labels, terms = np.where(customers["frequency"] > 0, "came back", "once"), gw.ValueTerms(52, 0.3, 0.15, "week")
    >>> worth = segment_worth(*fits, customers, labels, ("came back", "once"), terms, years=[1.0], draws=5)
    >>> worth.value[..., -1].mean(axis=0).round().tolist()  # a year's margin of a customer [USD]
    [16.0, 2.0]
    """
    groups, share, counts = _compressed(customers, segment, segments, spend_fit.model, purchase_fit.model)
    per_year = UNITS_PER_YEAR[terms.unit]
    horizon = terms.horizon / per_year
    times = np.array(sorted({min(year, horizon) for year in years} | {horizon}))
    known = history(groups)
    spend_history = told_spend(groups)
    purchases = of_customers(purchase_fit.prediction_draws(draws, seed), groups)
    spend, fitted = spend_fit.prediction_draws(draws, seed + 1), of_customers(purchase_fit.model, groups)
    ratios = [discounted_within(fitted, terms.rate, known, year * per_year)[1] for year in times]
    value, alive, now = (np.empty((draws, len(segments), *more)) for more in ((len(times),), (len(times),), ()))
    step = draws_at_once(purchases, len(groups))
    for start in range(0, draws, step):  # one at a time, or a few: draws x histories need not fit in memory
        bought = some_draws(purchases, slice(start, start + step))
        here = bought.probability_alive(*known)
        ahead = [[ask(year * per_year, *known) for ask in (bought.expected_purchases, bought.probability_alive_at)] for year in times]
        for place in range(len(here)):
            draw = start + place
            profit = terms.margin * np.ravel(some_draws(spend, slice(draw, draw + 1)).expected_spend(*spend_history))
            now[draw] = np.ravel(here[place]) @ share
            for at, ((expected, there), ratio) in enumerate(zip(ahead, ratios, strict=True)):
                value[draw, :, at] = (profit * ratio * np.ravel(expected[place])) @ share
                alive[draw, :, at] = np.ravel(there[place]) @ share
    return SegmentWorth(segments, counts, times, value, alive, now)


def incremental_value(
    catalogue: Catalogue,
    purchase_fit: Fit,
    spend_fit: Fit,
    customers: pd.DataFrame,
    segment: Any,
    terms: ValueTerms,
    *,
    complaints: ComplaintTerms | None = None,
    draws: int = 200,
    seed: int = 1,
) -> IncrementalValue:
    """What every strategy adds, per treated customer of every segment, against doing nothing.

    Parameters
    ----------
    catalogue : `goodwill.strategies.catalogue.read_catalogue`
    purchase_fit, spend_fit : fits of a purchase model and of a spend model
    customers, segment : the customers frame and one segment label per row
    terms : horizon, margin, discount rate and unit
    complaints : what recovery is worth; without it that effect counts as nothing, and the notes say so

    Returns
    -------
    IncrementalValue
        Draws carry the parameters of both models and every stated effect; one stated effect is the same number in all segments of a draw.

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> fits, customers = (gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary)), summary.to_pandas()
    >>> labels, terms = np.where(customers["frequency"] > 0, "came back", "once"), gw.ValueTerms(52, 0.3, 0.15, "week")
    >>> catalogue = gw.strategies.starter_catalogue(("came back", "once"), order_value=35.0)
    >>> added = incremental_value(catalogue, *fits, customers, labels, terms, draws=5)
    >>> added.table()[["segment", "strategy", "gain", "cost"]].round(1).head(2)
         segment     strategy  gain  cost
    0  came back  key_account   1.2   1.8
    1  came back    vip_guide   0.6   0.7
    """
    years = [part * each.years for each in catalogue.active for part in (0.5, 1.0)]
    worth = segment_worth(purchase_fit, spend_fit, customers, segment, catalogue.segments, terms, years, draws, seed)
    return value_of_strategies(catalogue, worth, complaints=complaints, seed=seed + 2)


def value_of_strategies(
    catalogue: Catalogue, worth: SegmentWorth, *, complaints: ComplaintTerms | None = None, seed: int = 1
) -> IncrementalValue:
    """The same from the worth of segments, however it was come by.

    Examples
    --------
    A tenth more purchases, where a customer brings 50 within the year:

    >>> import numpy as np
    >>> from goodwill.strategies import SegmentWorth
    >>> from goodwill.strategies.catalogue_file import read_catalogue
    >>> call = "strategies: [{id: call, name: Call them, unit_cost: 2, effects: {frequency: {mean: .1, sd: 0}}}]\\n"
    >>> value, alive = np.array([[[50.0]]]), np.array([[[0.8]]])
    >>> worth = SegmentWorth(("all",), np.array([100.0]), np.array([1.0]), value, alive, np.array([[1.0]]))
    >>> value_of_strategies(read_catalogue(call, ["all"]), worth).mean.round(6).tolist()
    [[5.0]]
    """
    if worth.segments != catalogue.segments:
        raise DataError(f"the worth is of segments {', '.join(worth.segments)}, the catalogue of {', '.join(catalogue.segments)}")
    rng = np.random.default_rng(seed)
    active = catalogue.active
    gain = np.stack([_gain(each, worth, complaints, rng) for each in active], axis=-1)
    eligible = np.array([[name in each.eligible for each in active] for name in catalogue.segments])
    floors = np.array([[each.service_floor.get(name, 0.0) for each in active] for name in catalogue.segments])
    unheard = [each.id for each in active if "complaint_recovery" in each.effects and complaints is None]
    notes = [f"Nothing is known of complaints, so that their recovery counts as nothing in: {', '.join(unheard)}."] if unheard else []
    horizon = float(worth.times[-1])
    cut = [each.id for each in active if each.years > horizon * (1 + 1e-9) and each.effects]
    if cut:
        notes.append(f"The horizon ({52 * horizon:.0f} weeks) is shorter than the effects of {', '.join(cut)}, which count in part only.")
    if any(each.measured for each in active):
        notes.append("Measured gains are what the outcome of the trial counts, and no more.")
    return IncrementalValue(
        segments=catalogue.segments,
        strategies=tuple(each.id for each in active),
        customers=worth.customers,
        gain=np.where(eligible, gain, 0.0),
        cost=np.tile([each.unit_cost for each in active], (len(catalogue.segments), 1)),
        fixed_cost=np.array([each.fixed_cost for each in active]),
        capacity=np.array([np.inf if each.capacity is None else each.capacity for each in active]),
        eligible=eligible,
        floor=floors,
        groups=tuple(each.exclusive_group for each in active),
        grade=np.array([[each.grade(name) for each in active] for name in catalogue.segments]),
        baseline=worth.value[..., -1].mean(axis=0),
        measured=np.array([[name in each.measured for each in active] for name in catalogue.segments]),
        notes=tuple(notes),
    )


def _gain(strategy: Strategy, worth: SegmentWorth, complaints: ComplaintTerms | None, rng: np.random.Generator) -> Floats:
    """Money per treated customer before cost, shape (draws, segments)."""
    draws = len(worth.value)
    effect = {name: _drawn(each, draws, rng)[:, None] for name, each in strategy.effects.items()}
    reach = np.clip(_drawn(strategy.reach, draws, rng), 0.0, 1.0)[:, None]
    nothing = np.zeros((draws, 1))
    within, _ = worth.at(strategy.years)
    total = within * ((1 + effect.get("frequency", nothing)) * (1 + effect.get("spend", nothing)) - 1)
    if "retention" in effect:
        total = total + _kept_value(strategy, worth, effect["retention"])
    if "complaint_recovery" in effect and complaints is not None:
        total = total + _recovered_value(strategy, worth, complaints, np.clip(effect["complaint_recovery"], 0.0, 1.0))
    total = reach * total
    for name, each in strategy.measured.items():  # from a trial among all who were treated: reach is in it
        total[:, worth.segments.index(name)] = _drawn(each, draws, rng)
    return total


def _drawn(effect: Effect, draws: int, rng: np.random.Generator) -> Floats:
    """Normal draws whose mean and spread are exactly those stated, so that few draws suffice."""
    z = rng.standard_normal(draws)
    if draws > 1:
        z = (z - z.mean()) / z.std()
    return effect.mean + effect.sd * z


def _kept_value(strategy: Strategy, worth: SegmentWorth, points: Floats) -> Floats:
    """Value of customers kept: what a living customer brings from the middle of the effect's time on, times the points."""
    half, alive_half = worth.at(strategy.years / 2)
    _, alive_end = worth.at(strategy.years)
    later = (worth.value[..., -1] - half) / np.maximum(alive_half, 1e-9)
    return np.clip(points, -alive_end, 1 - alive_end) * later


def _recovered_value(strategy: Strategy, worth: SegmentWorth, complaints: ComplaintTerms, recovered: Floats) -> Floats:
    given = complaints.share
    missing = [name for name in worth.segments if isinstance(given, Mapping) and name not in given]
    if missing:
        raise DataError(f"the share of dissatisfied complainers is not given for {', '.join(missing)}")
    share = np.array([given[name] if isinstance(given, Mapping) else given for name in worth.segments])
    living = worth.value[..., -1] / np.maximum(worth.alive_now, 1e-9)
    return share * strategy.years * recovered * _per_segment(complaints.recovery, living).total


def _per_segment(recovery: RecoveryValue, living: Floats) -> RecoveryValue:
    """The recovery with the residual value of each draw and segment; fields that hold draws become columns of that many rows."""
    draws = len(living)
    columns = {}
    for name in recovery.__dataclass_fields__:
        field = np.asarray(getattr(recovery, name), float)
        columns[name] = field if field.ndim == 0 else np.resize(field, draws)[:, None]
    return replace(recovery, **columns | {"residual_value": living})


def _compressed(
    customers: pd.DataFrame, segment: Any, segments: tuple[str, ...], spend_model: Any, purchase_model: Any
) -> tuple[pd.DataFrame, Floats, Floats]:
    """Distinct histories, the share (histories, segments) that each has of a segment's customers, and customers per segment."""
    import pandas as pd

    labels = pd.Categorical(np.asarray(segment, dtype=object), categories=list(segments))
    if len(labels) != len(customers):
        raise DataError(f"there are {len(labels)} segment labels for {len(customers)} customers; one each is needed")
    if (labels.codes < 0).any():
        raise DataError(f"{int((labels.codes < 0).sum())} customers are in none of the segments {', '.join(segments)}")
    groups = distinct_histories(customers, labels.codes, spend_model, purchase_model)
    counts = np.bincount(labels.codes, minlength=len(segments)).astype(float)
    share = np.zeros((len(groups), len(segments)))
    share[np.arange(len(groups)), groups["group"]] = groups["weight"] / counts[groups["group"]]
    return groups, share, counts
