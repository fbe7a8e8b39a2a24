"""How noisy a trial of a plan would be: trials of nothing, drawn on the own history among those whom the plan would have treated.

Those whom a plan treats are not the average customer: they buy more, and vary more. So the noise is taken from them, over weeks that have
passed, with what they had spent before as covariate; and since nothing was done to anybody, every effect that these trials find is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import normal_quantile
from goodwill.shown import Shown
from goodwill.strategies.policy_value import FEWEST

if TYPE_CHECKING:
    from goodwill.segments.customer_base import CustomerBase
    from goodwill.strategies.allocation import Plan

Floats = NDArray[np.float64]
TRIALS = 1_000


@dataclass(frozen=True, eq=False, repr=False)
class Placebo(Shown):
    """The noise of trials of nothing.

    Attributes
    ----------
    customers : among whom they were drawn
    weeks : over which outcomes were counted
    sd_all, sd : standard deviation of the outcome of all customers, and of those who would have been treated [currency]
    sd_adjusted : of the latter with past spend as covariate, from the spread of the differences that the trials found [currency]
    by_segment : the same of each segment's treated, from what past spend leaves unexplained
    false_alarms : share of the trials that found an effect at the 5 % level; .05 where the level keeps its word

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.strategies import placebo
    >>> rng = np.random.default_rng(1)
    >>> past = rng.gamma(2.0, 10.0, 300)
    >>> found = placebo(past, rng.permutation(past), past > 20, np.where(past > 40, "big", "middle"), weeks=13.0, trials=100)
    >>> found.customers, sorted(found.by_segment), found.false_alarms < 0.15
    (120, ['big', 'middle'], True)
    """

    customers: int
    weeks: float
    sd_all: float
    sd: float
    sd_adjusted: float
    by_segment: Mapping[str, float]
    false_alarms: float


def would_be_treated(plan: Plan, customers: Any, segment: Any, seed: int = 1) -> NDArray[np.bool_]:
    """Whom a plan would have treated among the customers of another day: the same share of each segment, by the same ranking."""
    labels = np.asarray(segment, dtype=object).astype(str)
    order = customers[plan.ranked_by].to_numpy(float) if plan.ranked_by else np.random.default_rng(seed).random(len(labels))
    shares = plan.service_table().set_index("segment")["share_served"].to_dict()
    treated = np.zeros(len(labels), dtype=bool)
    for name, share in shares.items():
        members = np.flatnonzero(labels == name)
        treated[members[np.argsort(-order[members], kind="stable")[: round(float(share) * len(members))]]] = True
    return treated


def placebo_trials(plan: Plan, base: CustomerBase, segment: Any, *, seed: int = 1) -> Placebo:
    """Trials of nothing among those whom the plan would have treated at the end of the calibration, judged by the hold-out.

    Parameters
    ----------
    plan : of today's customers
    base : its `then` are the customers at the end of the calibration
    segment : one label for each of them

    Raises
    ------
    TooLittle
        The plan would have treated fewer than 40 of them.

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> base = gw.segments.customer_base(gw.read_transactions("cdnow_sample"))
    >>> values = gw.strategies.IncrementalValue.stated({"came back": 946, "once": 1411}, {"call": {"came back": 9.0}}, {"call": 2.0})
    >>> labels = np.where(base.customers["frequency"] > 0, "came back", "once")
    >>> found = placebo_trials(gw.strategies.allocate(values, 1_000.0), base, labels)
    >>> found.customers, round(found.sd_adjusted / found.sd, 2)  # past spend explains little of what these spend later
    (500, 0.89)
    """
    then = base.customers
    treated = would_be_treated(plan, then, segment, seed)
    margin = base.then.terms.margin
    labels = np.asarray(segment, dtype=object).astype(str)
    return placebo(margin * base.came, then["spend"].to_numpy(float), treated, labels, weeks=base.length, seed=seed)


def placebo(
    outcome: ArrayLike, past: ArrayLike, treated: ArrayLike, segment: ArrayLike, *, weeks: float, trials: int = TRIALS, seed: int = 1
) -> Placebo:
    """The same from arrays: outcome and past spend of every customer, and whether she would have been treated.

    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> past = rng.gamma(2.0, 10.0, 400)
    >>> found = placebo(past + rng.normal(0, 5, 400), past, np.ones(400, bool), np.zeros(400, int), weeks=13.0, trials=200)
    >>> round(found.sd_adjusted / found.sd, 1), found.false_alarms < 0.1  # past spend explains most of what varies
    (0.3, True)
    """
    everybody, before = np.asarray(outcome, float), np.asarray(past, float)
    chosen = np.flatnonzero(np.asarray(treated, bool))
    if everybody.shape != before.shape or everybody.ndim != 1:
        raise DataError(f"{everybody.size} outcomes with {before.size} past spends; need one each per customer")
    if len(chosen) < 2 * FEWEST:
        raise TooLittle(f"The plan would have treated {len(chosen)} customers at the end of the calibration: too few to size a trial by.")
    y, x = everybody[chosen], before[chosen] - before[chosen].mean()
    slope = float(x @ y / (x @ x)) if (x @ x) > 0 else 0.0
    left = y - y.mean() - slope * x
    rng, half = np.random.default_rng(seed), len(chosen) // 2
    found, alarms = np.empty(trials), 0
    for trial in range(trials):
        lot = rng.permutation(len(left))
        ours, theirs = left[lot[:half]], left[lot[half:]]
        found[trial] = ours.mean() - theirs.mean()
        error = np.hypot(ours.std(ddof=1) / np.sqrt(len(ours)), theirs.std(ddof=1) / np.sqrt(len(theirs)))
        alarms += bool(abs(found[trial]) > normal_quantile(0.95) * error)
    adjusted = float(found.std(ddof=1) / np.sqrt(1 / half + 1 / (len(left) - half)))
    names = np.asarray(segment, dtype=object).astype(str)[chosen]
    by_segment = {str(name): float(left[names == name].std(ddof=1)) for name in np.unique(names) if (names == name).sum() >= FEWEST}
    return Placebo(len(chosen), weeks, float(everybody.std(ddof=1)), float(y.std(ddof=1)), adjusted, by_segment, alarms / trials)
