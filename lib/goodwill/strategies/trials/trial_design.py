"""A plan as a randomised trial: who is treated and who is held out, what it could show, and a catalogue with what it measured.

Customers are randomised within each segment, so that each one's propensity is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.uncertainty import normal_quantile
from goodwill.shown import Shown
from goodwill.strategies.catalogue import DO_NOTHING, Catalogue, Effect
from goodwill.strategies.policy_value import FEWEST, Experiment

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.allocation import Plan


def sample_size(difference: float, sd: float, *, sd_control: float | None = None, power: float = 0.8, level: float = 0.95) -> int:
    """Customers per arm to see a difference of means: (z + z_power)^2 (sd^2 + sd_control^2) / difference^2.

    >>> sample_size(0.77, 17.8, sd_control=11.5)
    5946
    """
    if not (difference != 0 and sd > 0 and 0 < power < 1):
        raise DataError(f"a difference of {difference} with sd {sd} and power {power}: need a difference, a positive sd, power in (0, 1)")
    z = normal_quantile(level) + NormalDist().inv_cdf(power)
    return int(np.ceil(z**2 * (sd**2 + (sd if sd_control is None else sd_control) ** 2) / difference**2))


def standard_error(sd: float, size: float, sd_control: float, size_control: float) -> float:
    """Standard error of a difference of two means.

    >>> round(standard_error(17.8, 21_307, 11.5, 21_306), 3)
    0.145
    """
    return float(np.hypot(sd / np.sqrt(size), sd_control / np.sqrt(size_control)))


def power_of(difference: float, error: float, level: float = 0.95) -> float:
    """Probability that a true difference is found significant (normal approximation, both tails).

    >>> round(power_of(difference=2.0, error=0.7), 2), round(power_of(difference=0.0, error=0.7), 2)  # of nothing: one in twenty
    (0.82, 0.05)
    """
    reach, normal = normal_quantile(level), NormalDist()
    return normal.cdf(abs(difference) / error - reach) + normal.cdf(-abs(difference) / error - reach)


@dataclass(frozen=True, eq=False, repr=False)
class TrialPlan(Shown):
    """Who gets what: a table of customer_id, segment, arm (a strategy or do_nothing) and propensity of that arm; and the seed.

    Examples
    --------
    >>> from goodwill.strategies import plan_trial
    >>> from goodwill.strategies.allocation import allocate
    >>> from goodwill.strategies.incremental_values import IncrementalValue
    >>> values = IncrementalValue.stated({"all": 20}, {"call": {"all": 4.0}}, {"call": 1.0})
    >>> found = plan_trial(range(20), ["all"] * 20, allocate(values, budget=10.0), seed=3)  # money for half of them
    >>> found.seed, found.table.groupby("arm")["propensity"].first().round(2).to_dict()
    (3, {'call': 0.4, 'do_nothing': 0.6})
    """

    table: pd.DataFrame
    seed: int


def plan_trial(customer_ids: Any, segment: Any, plan: Plan, *, holdout: float = 0.2, seed: int = 1) -> TrialPlan:
    """Randomise a plan: in each segment its strategies in the plan's proportions, and a hold-out that gets nothing.

    One customer gets one strategy. Where a plan combines strategies of several groups, they stand side by side in the trial. Of a plan
    that picks single customers only those are in the trial whom it picks; of another all customers of the segments that it treats.

    Parameters
    ----------
    customer_ids, segment : one each per customer
    holdout : share held out in each segment, at least; plus those whom the plan leaves alone
    seed : of the randomisation, written to the file

    Raises
    ------
    DataError
        A plan that treats nobody, a hold-out that is no share, or a customer twice.

    Examples
    --------
    >>> from goodwill.strategies.allocation import allocate
    >>> from goodwill.strategies.incremental_values import IncrementalValue
    >>> values = IncrementalValue.stated({"best": 10, "others": 5}, gain={"call": {"best": 3.0, "others": 1.0}}, cost={"call": 2.0})
    >>> lots = plan_trial(range(15), ["best"] * 10 + ["others"] * 5, allocate(values, budget=1000.0), holdout=0.2)
    >>> lots.table["arm"].value_counts().to_dict()  # the others, for whom it does not pay, are in no lots
    {'call': 8, 'do_nothing': 2}
    """
    import pandas as pd

    if not 0 < holdout < 1:
        raise DataError(f"the share held out is {holdout}; it must lie between 0 and 1, such as 0.2")
    ids, labels = np.asarray(customer_ids), np.asarray(segment, dtype=object)
    if len(ids) != len(labels) or len(set(ids.tolist())) < len(ids):
        raise DataError(f"{len(ids)} customers with {len(labels)} segment labels; need one label each and no customer twice")
    strange = ~np.isin(labels.astype(str), plan.values.segments)
    if strange.any():
        raise DataError(f"{int(strange.sum())} customers are in no segment of the plan (first: {labels[int(strange.argmax())]})")
    rng, parts = np.random.default_rng(seed), []
    if plan.choice is not None:
        return TrialPlan(_lots_of_picked(ids, labels, plan, holdout, rng), seed)
    for s, name in enumerate(plan.values.segments):
        members, shares = np.flatnonzero(labels == name), plan.shares[s]
        used = np.flatnonzero(shares > 0)
        if not len(used) or not len(members):
            continue
        wanted = (1 - holdout) * shares[used] / max(1.0, float(shares.sum()))
        counts = whole_numbers(np.concatenate([[1 - wanted.sum()], wanted]) * len(members))
        arms = np.repeat([DO_NOTHING, *(plan.values.strategies[k] for k in used)], counts)
        propensity = np.repeat(counts / len(members), counts)
        parts.append(pd.DataFrame({"customer_id": ids[rng.permutation(members)], "segment": name, "arm": arms, "propensity": propensity}))
    if not parts:
        raise DataError("the plan treats nobody, so there is nothing to try; raise the budget or look at what the strategies cost")
    return TrialPlan(pd.concat(parts, ignore_index=True), seed)


def _lots_of_picked(ids: Any, labels: Any, plan: Plan, holdout: float, rng: np.random.Generator) -> pd.DataFrame:
    """Lots within each segment and set of strategies for which its customers were picked."""
    import pandas as pd

    assert plan.choice is not None
    if len(plan.choice) != len(ids):
        raise DataError(f"the plan picks among {len(plan.choice)} customers, and {len(ids)} are given: give those that it was made for")
    picked, parts = np.flatnonzero((plan.choice >= 0).any(axis=1)), []
    if not len(picked):
        raise DataError("the plan treats nobody, so there is nothing to try; raise the budget or look at what the strategies cost")
    strata: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for place in picked.tolist():
        strata.setdefault((str(labels[place]), tuple(plan.choice[place].tolist())), []).append(place)
    for (name, chosen), rows in strata.items():
        used = [k for k in chosen if k >= 0]
        counts = whole_numbers(np.array([holdout, *[(1 - holdout) / len(used)] * len(used)]) * len(rows))
        arms = np.repeat([DO_NOTHING, *(plan.values.strategies[k] for k in used)], counts)
        members = rng.permutation(rows)
        propensity = np.repeat(counts / len(rows), counts)
        parts.append(pd.DataFrame({"customer_id": ids[members], "segment": name, "arm": arms, "propensity": propensity}))
    return pd.concat(parts, ignore_index=True)


def whole_numbers(parts: Any) -> Any:
    """Whole numbers with the same sum, by largest remainder.

    >>> whole_numbers(np.array([1.4, 2.6, 3.0])).tolist()
    [1, 3, 3]
    """
    floors = np.floor(parts + 1e-9).astype(int)
    missing = round(float(np.sum(parts))) - int(floors.sum())
    floors[np.argsort(floors - parts, kind="stable")[:missing]] += 1
    return floors


def with_measured(catalogue: Catalogue, experiment: Experiment, *, level: float = 0.95) -> tuple[Catalogue, pd.DataFrame]:
    """The catalogue with what a trial measured: grade A where it did, with intervals.

    Parameters
    ----------
    experiment : arms but the control are ids of strategies; outcomes times its margin are money

    Returns
    -------
    Catalogue
        `measured` holds incremental margin per treated customer within the trial's time, by segment; it replaces stated effects there. A
        cell with fewer than 20 customers in either arm stays as it was.
    DataFrame
        segment, strategy, treated, held_out, estimate, lower, upper [currency], grade_before, grade_after

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies.catalogue_file import starter_catalogue
    >>> from goodwill.strategies.policy_value import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(200), "arm": ["win_back", "control"] * 100, "propensity": 0.5, "segment": "lapsed"})
    >>> tried = check_experiment(trial.assign(outcome=[6.0, 2.0, 7.0, 3.0] * 50))
    >>> catalogue, measured = with_measured(starter_catalogue(("best", "lapsed"), order_value=40.0), tried)
    >>> catalogue.strategy("win_back").measured["lapsed"].mean, measured["grade_after"].tolist()
    (4.0, ['A'])
    """
    import pandas as pd

    gross = replace(experiment, costs={})
    count, mean, error = gross.cells()
    reach, rows = normal_quantile(level), []
    for a, arm in enumerate(experiment.arms[1:], 1):
        strategy = catalogue.strategy(arm)
        found = dict(strategy.measured)
        for s, name in enumerate(experiment.segments):
            if name not in catalogue.segments:
                raise DataError(f"the trial has the segment '{name}', which the catalogue does not know")
            if not count[s, a]:
                continue
            before = strategy.grade(name)
            known = min(count[s, a], count[s, 0]) >= FEWEST
            difference, spread = float(mean[s, a] - mean[s, 0]), float(np.hypot(error[s, a], error[s, 0]))
            if known:
                found[name] = Effect(float(difference), spread)
            ends = (difference - reach * spread, difference + reach * spread)
            rows.append([name, arm, int(count[s, a]), int(count[s, 0]), difference, *ends, before, "A" if known else before])
        catalogue = catalogue.replaced(replace(strategy, measured=found))
    rows.sort(key=lambda row: catalogue.segments.index(row[0]))
    columns = ["segment", "strategy", "treated", "held_out", "estimate", "lower", "upper", "grade_before", "grade_after"]
    return catalogue, pd.DataFrame(rows, columns=columns)
