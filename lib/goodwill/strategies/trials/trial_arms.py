"""The arms of a trial as they came out: sizes against the lots that were drawn, and what each arm did more than the one left alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.inference.uncertainty import normal_quantile
from goodwill.shown import Shown
from goodwill.strategies.policy_value import Experiment

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class TrialArms(Shown):
    """What a trial's file says of its arms.

    Attributes
    ----------
    table : arm, customers, share, drawn (the share that lots would give), cost, effect with lower and upper (margin per customer more than
        under the control, before cost), net (after cost); the control first, whose effect is missing
    control : the arm that was left alone
    sample_ratio_p : how often lots with the stated propensities give sizes as far off as these, or further
    balance_p : how often lots give arms that differ as much in past spend; None where past spend is not known

    Examples
    --------
    >>> from goodwill.strategies import trial_arms
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> found = trial_arms(trial_at_hand("").experiment)
    >>> found.table[["arm", "share", "drawn", "effect", "net"]].round(2)
              arm  share  drawn  effect   net
    0  do_nothing    0.4    0.4     NaN   NaN
    1        call    0.3    0.3    4.44 -1.56
    2     voucher    0.3    0.3   -1.05 -2.05
    >>> round(found.sample_ratio_p, 2)  # sizes are as lots make them
    0.73
    """

    table: pd.DataFrame
    control: str
    sample_ratio_p: float
    balance_p: float | None


def trial_arms(experiment: Experiment, level: float = 0.95) -> TrialArms:
    """Sizes and effects of the arms of a trial, each segment weighing as many customers as it has.

    >>> import pandas as pd
    >>> from goodwill.strategies.policy_value import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> found = trial_arms(check_experiment(trial))
    >>> found.table["arm"].tolist(), found.control
    (['control', 'call'], 'control')
    """
    import pandas as pd

    segment, arm = experiment.codes
    inverse = 1 / experiment.frame["propensity"].to_numpy(float)
    customers = np.bincount(arm, minlength=len(experiment.arms))
    cost = np.array([experiment.costs.get(name, 0.0) for name in experiment.arms])
    effect, error = _effects(experiment, cost)
    reach = normal_quantile(level)
    drawn = customers / np.bincount(arm, inverse, len(experiment.arms))  # the mean propensity of an arm over those who got it, harmonic
    table = pd.DataFrame(
        {
            "arm": experiment.arms,
            "customers": customers,
            "share": customers / len(arm),
            "drawn": drawn,
            "cost": cost,
            "effect": effect,
            "lower": effect - reach * error,
            "upper": effect + reach * error,
            "net": effect - cost,
        }
    )
    return TrialArms(table, experiment.control, _sample_ratio(experiment, segment, arm), _balance(experiment, segment, arm))


def reaching(arms: TrialArms, within: TrialArms, lasting: float) -> TrialArms:
    """Arms whose intervals reach from effects that end with the trial to effects that go on as they were within it.

    Parameters
    ----------
    arms : with the value that a model expects after the trial
    within : of the margin within the trial alone
    lasting : how many times as large an effect is that goes on: (weeks of the trial + weeks that count after it) / weeks of the trial

    Notes
    -----
    A model takes rates for constant, so that a change within the trial shows in what it expects in part: too much of it where the effect
    ends, too little where it lasts. No trial that is over tells which of the two is so.
    """
    ends = [each.table[name] * times for each, times in ((arms, 1.0), (within, 1.0), (within, lasting)) for name in ("lower", "upper")]
    return replace(arms, table=arms.table.assign(lower=np.min(ends, axis=0), upper=np.max(ends, axis=0)))


def _effects(experiment: Experiment, cost: Floats) -> tuple[Floats, Floats]:
    """Margin of each arm more than under the control, before cost, and its standard error; NaN for the control."""
    count, mean, error = experiment.cells()
    gross = mean + cost
    effect, spread = np.full(len(cost), np.nan), np.full(len(cost), np.nan)
    for a in range(1, len(cost)):
        both = (count[:, a] > 1) & (count[:, 0] > 1)
        if both.any():
            weight = count[both].sum(axis=1) / count[both].sum()
            effect[a] = float(weight @ (gross[both, a] - gross[both, 0]))
            spread[a] = float(np.sqrt((weight**2) @ (error[both, a] ** 2 + error[both, 0] ** 2)))
    return effect, spread


def _sample_ratio(experiment: Experiment, segment: NDArray[np.int64], arm: NDArray[np.int64]) -> float:
    """Chi-square of sizes where every arm has one propensity in a segment; else the worst arm of E[1(arm) / propensity] = 1."""
    from scipy.special import chdtrc

    frame = experiment.frame
    cells = frame.groupby(["segment", "arm"], observed=True)["propensity"].agg(["size", "min", "max"])
    if float((cells["max"] - cells["min"]).max()) < 1e-9:
        total = cells.groupby(level="segment", observed=True)["size"].transform("sum")
        expected = total * cells["min"]
        statistic = float(((cells["size"] - expected) ** 2 / expected).sum())
        freedom = len(cells) - cells.index.get_level_values("segment").nunique()
        return float(chdtrc(freedom, statistic)) if freedom else 1.0
    inverse = 1 / frame["propensity"].to_numpy(float)
    found = []
    for place in range(len(experiment.arms)):
        term = np.where(arm == place, inverse, 0.0)[np.isin(segment, segment[arm == place])]
        found.append(_two_sided((term.mean() - 1) / (term.std(ddof=1) / np.sqrt(len(term)))))
    return min(1.0, min(found) * len(found))


def _balance(experiment: Experiment, segment: NDArray[np.int64], arm: NDArray[np.int64]) -> float | None:
    """The arm that differs most from the control in past spend, within segments; times the number of arms (Bonferroni)."""
    frame = experiment.frame
    if "past_spend" not in frame:
        return None
    spent = frame["past_spend"].to_numpy(float)
    within = spent - (np.bincount(segment, spent) / np.maximum(np.bincount(segment), 1))[segment]
    found = []
    for place in range(1, len(experiment.arms)):
        ours, theirs = within[arm == place], within[arm == 0]
        error = float(np.hypot(ours.std(ddof=1) / np.sqrt(len(ours)), theirs.std(ddof=1) / np.sqrt(len(theirs))))
        found.append(_two_sided((ours.mean() - theirs.mean()) / error) if error > 0 else 1.0)
    return min(1.0, min(found) * len(found))


def _two_sided(z: float) -> float:
    return 2 * NormalDist().cdf(-abs(float(z)))
