"""What plans claim and what they deliver: choose on one half of a randomised trial, value on the other, many times.

Choosing the arm with the best estimate in each segment also chooses the luckiest estimates. The half that did not choose tells how much of
the claim was luck. All values are net money per customer more than under the control arm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError, FitError
from goodwill.inference.shrinkage import empirical_bayes
from goodwill.inference.uncertainty import Interval, normal_quantile, quantile_interval
from goodwill.shown import Shown
from goodwill.strategies.per_customer import allocate_customers
from goodwill.strategies.policy_value import Experiment, outcome_means

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
CHOOSING = ("raw", "empirical_bayes")  # pick an arm for every segment
RUNS = ["split", "method", "claimed", "delivered", "difference", "standard_error"]
SIMPLE = ("nobody", "best_arm", "top_past_spenders")
PER_CUSTOMER = "per_customer"  # shrunken effects that grow with past spend within a segment
METHODS = ("empirical_bayes", PER_CUSTOMER, "raw", *SIMPLE)
# Plans of one half are valued by customers who had a part in those of other splits, so that means over splits vary more than those over
# customers: by this factor of the variance, calibrated on 90 simulated trials of 2,000 customers (1.7). It would be 1 if plans were given,
# and 2 by Nadeau & Bengio (2003, Inference for the generalization error).
OVERLAP = 1.75


@dataclass(frozen=True, eq=False, repr=False)
class LearnedPolicy(Shown):
    """Probabilities of arms by segment (index: segments, columns: arms), and what they claim per customer [currency].

    Examples
    --------
    >>> from goodwill.strategies import learn_policy
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> found = learn_policy(trial_at_hand("").experiment, "empirical_bayes").policy
    >>> found.index[found["call"] == 1].tolist()  # who is called
    ['private high', 'business high']
    """

    policy: pd.DataFrame
    claimed: float


def learn_policy(experiment: Experiment, method: str, budget: float | None = None) -> LearnedPolicy:
    """Learn who gets which arm.

    Parameters
    ----------
    method : `raw`, the best estimate of each segment; `empirical_bayes`, the same after shrinking each arm's effects over the segments;
        `nobody`; `best_arm`, the one arm that is best on average, for everybody or a random part of everybody; `top_past_spenders`, the
        same arm from the segment of the highest mean of the column `past_spend` down
    budget : most that may be spent per customer of the trial [currency]; default no limit

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies.policy_value import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> found = learn_policy(check_experiment(trial, costs={"call": 1.0}), "raw")
    >>> round(found.claimed, 6)  # a call brings 4 more and costs 1
    3.0
    """
    import pandas as pd

    if method not in (*CHOOSING, *SIMPLE):
        raise DataError(f"there is no way '{method}' to learn a policy; there are {', '.join((*CHOOSING, *SIMPLE))}")
    if budget is not None and not budget >= 0:
        raise DataError(f"the budget is {budget}; it must not be negative")
    limit = np.inf if budget is None else budget
    weight = np.bincount(experiment.codes[0], minlength=len(experiment.segments)) / len(experiment.frame)
    cost = np.array([experiment.costs.get(arm, 0.0) for arm in experiment.arms[1:]])
    if method in CHOOSING:
        shares, claimed = _chosen(experiment, method, weight, cost, limit)
    else:
        shares, claimed = _one_arm(experiment, method, weight, cost, limit)
    chance = np.column_stack([1 - shares.sum(axis=1), shares])
    return LearnedPolicy(pd.DataFrame(chance, index=list(experiment.segments), columns=list(experiment.arms)), claimed)


def effects(experiment: Experiment) -> tuple[Floats, Floats]:
    """Net effect of each arm but the control by segment, with its standard error; NaN where fewer than two customers are in a cell."""
    count, mean, error = experiment.cells()
    known = (count[:, 1:] > 1) & (count[:, :1] > 1)
    return np.where(known, mean[:, 1:] - mean[:, :1], np.nan), np.where(known, np.hypot(error[:, 1:], error[:, :1]), np.nan)


def shrunken_effects(experiment: Experiment) -> Floats:
    """`effects` after empirical Bayes, arm by arm over the segments.

    What is shrunken is the effect before costs relative to the outcome under the control, which is more alike over segments of little and
    of much spend than money is. That outcome is shrunken first, and taken as at least a tenth of its mean.

    >>> import pandas as pd
    >>> from goodwill.strategies.policy_value import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> shrunken_effects(check_experiment(trial)).round(2).tolist()
    [[4.0]]
    """
    effect, error = effects(experiment)
    _, mean, spread = experiment.cells()
    cost = np.array([experiment.costs.get(arm, 0.0) for arm in experiment.arms[1:]])
    shrunk, level = effect.copy(), np.full(len(effect), np.nan)
    known = np.isfinite(effect).any(axis=1)
    if known.any():
        level[known] = empirical_bayes(mean[known, 0], spread[known, 0]).mean
        level = np.maximum(level, 0.1 * abs(float(np.nanmean(level)))) if np.nanmean(level) > 0 else np.ones(len(effect))
    for arm in range(effect.shape[1]):
        known = np.isfinite(effect[:, arm])
        if known.any():
            relative = empirical_bayes((effect[known, arm] + cost[arm]) / level[known], error[known, arm] / level[known])
            shrunk[known, arm] = relative.mean * level[known] - cost[arm]
    return shrunk


def _chosen(experiment: Experiment, method: str, weight: Floats, cost: Floats, limit: float) -> tuple[Floats, float]:
    net = effects(experiment)[0] if method == "raw" else shrunken_effects(experiment)
    net = np.where(np.isfinite(net), net, -1e12)  # what was hardly tried is not chosen
    plan = allocate_customers(weight[:, None] * (net + cost), weight[:, None] * cost, limit)
    shares = np.zeros(net.shape)
    treated = np.flatnonzero(plan.choice >= 0)
    shares[treated, plan.choice[treated]] = 1.0
    if plan.fractional is not None:
        who, start, end, share = plan.fractional
        shares[who] = 0.0
        if start >= 0:
            shares[who, start] = 1 - share
        shares[who, end] = share
    return shares, float((weight[:, None] * shares * net).sum())


def _one_arm(experiment: Experiment, method: str, weight: Floats, cost: Floats, limit: float) -> tuple[Floats, float]:
    frame = experiment.frame
    tried = experiment.cells()[0][:, 1:] > 0  # an arm can only go to segments where the trial tried it
    means = outcome_means(experiment)
    effect = np.where(tried, means[:, 1:] - means[:, :1], 0.0)
    shares = np.zeros(tried.shape)
    if method == "nobody":
        return shares, 0.0
    full = weight @ tried * cost
    part = np.minimum(1.0, np.divide(limit, full, out=np.full(len(cost), np.inf), where=full > 0))
    best = int(np.argmax(weight @ effect * part))
    if (weight @ effect)[best] <= 0:
        return shares, 0.0
    if method == "best_arm":
        shares[:, best] = part[best] * tried[:, best]
    else:
        if "past_spend" not in frame:
            raise DataError("'top_past_spenders' needs a column past_spend in the trial: what each customer spent before it")
        spent = frame.groupby("segment", observed=False)["past_spend"].mean().reindex(experiment.segments).fillna(-np.inf).to_numpy()
        left = float(part[best] * (weight @ tried[:, best]))
        for s in np.argsort(-spent, kind="stable"):
            if weight[s] > 0 and tried[s, best]:
                shares[s, best] = min(1.0, left / weight[s])
                left = max(0.0, left - weight[s])
    return shares, float((weight * shares[:, best] * effect[:, best]).sum())


def chances(learner: Experiment, judged: Experiment, method: str, budget: float | None = None) -> tuple[float, Floats]:
    """What a way to plan learns from one trial: what it claims per customer, and the chance of each arm for each customer of another.

    Nothing of the other trial is looked at but segments and past spend.
    """
    if method == PER_CUSTOMER:
        claimed, _ = _per_customer(learner, learner, budget)
        return claimed, _per_customer(learner, judged, budget)[1]
    learned = learn_policy(learner, method, budget)
    return learned.claimed, learned.policy.to_numpy()[judged.codes[0]]


def _per_customer(learner: Experiment, judged: Experiment, budget: float | None) -> tuple[float, Floats]:
    segment, _ = judged.codes
    spent = judged.frame["past_spend"].to_numpy(float)
    mean = np.bincount(segment, spent, len(judged.segments)) / np.maximum(np.bincount(segment, minlength=len(judged.segments)), 1)
    relative = np.where(mean[segment] > 0, np.maximum(spent, 0) / np.where(mean > 0, mean, 1.0)[segment], 1.0)
    cost = np.array([learner.costs.get(arm, 0.0) for arm in learner.arms[1:]])
    effect = shrunken_effects(learner) + cost
    gains = np.where(np.isfinite(effect), effect, 0.0)[segment] * relative[:, None]
    plan = allocate_customers(gains, cost, np.inf if budget is None else budget * len(segment))
    chance = np.zeros((len(segment), len(learner.arms)))
    chance[np.arange(len(segment)), plan.choice + 1] = 1.0
    return (plan.gain - plan.cost) / len(segment), chance


@dataclass(frozen=True, eq=False, repr=False)
class SplitSample(Shown):
    """Claimed against delivered.

    Attributes
    ----------
    table : method, claimed and delivered (means over the splits), ratio (claimed / delivered), delivered_low, delivered_high (95 % interval
        that the trial allows; where the truth is known, 80 % of the trials), difference (what the first method delivers more than this
        one) with difference_low and difference_high (its 95 % interval:
        of one split, which overlap, so that their mean is no more certain than a trial of this size allows; of one trial where the truth is
        known), wins (share of splits where the first is better)
    runs : claimed, delivered, difference and standard_error of every split and method
    rival : the simple method that delivers most; empty where none was compared
    best : what the best plan of this kind would bring, where the truth is known; else None
    given : of a trial, how often each customer gets each arm over the splits in which she does not choose, shape (methods, customers, arms)
    errors : of a trial, standard error of what each method delivers [currency]

    Examples
    --------
    >>> from goodwill.strategies import split_sample
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> found = split_sample(trial_at_hand("").experiment, ("raw", "nobody", "best_arm"), splits=3)
    >>> found.rival, [round(float(end), 1) for end in found.delivered("raw")]
    ('nobody', [1.8, -2.0, 5.5])
    """

    table: pd.DataFrame
    runs: pd.DataFrame
    rival: str
    best: float | None = None
    given: Floats | None = None
    errors: Mapping[str, float] = field(default_factory=dict)

    def delivered(self, method: str, level: float = 0.95) -> Interval:
        """What a way to plan delivers, with an interval.

        The variance is that of the mean over customers of what each brings on average over the splits in which she judges, times `OVERLAP`.
        Where the truth is known, the interval holds this share of the trials.
        """
        runs = self.runs.loc[self.runs["method"] == method, "delivered"].to_numpy(float)
        if self.best is not None:
            return quantile_interval(float(runs.mean()), runs, level)
        reach = normal_quantile(level) * self.errors[method]
        return Interval(float(runs.mean()), float(runs.mean()) - reach, float(runs.mean()) + reach)


def usable(methods: Sequence[str], experiment: Experiment, budget: float | None) -> list[str]:
    """Those ways to plan that a trial allows: who spent most needs the column past_spend, and a limit, or everybody gets the best arm."""
    known = "past_spend" in experiment.frame
    able = {"top_past_spenders": known and budget is not None, PER_CUSTOMER: known}
    return [name for name in methods if able.get(name, True)]


def split_sample(
    experiment: Experiment,
    methods: Sequence[str] = METHODS,
    *,
    splits: int = 100,
    budget: float | None = None,
    seed: int = 1,
) -> SplitSample:
    """Claimed and delivered value of ways to plan, on random halves of a trial, stratified by segment and arm.

    Delivered is doubly robust: inverse propensity weighting on the half that did not choose, with the outcome means of the half that did.

    Parameters
    ----------
    methods : the first is held against the others; `top_past_spenders` is left out without a budget, it and `per_customer` without a
        column past_spend
    budget : per customer [currency]

    Raises
    ------
    FitError
        Fewer than 100 customers, of whom no half can teach anything.

    Examples
    --------
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> found = split_sample(trial_at_hand("").experiment, ("empirical_bayes", "raw"), splits=3)
    >>> found.table.set_index("method")[["claimed", "delivered"]].round(2).to_dict("index")
    {'empirical_bayes': {'claimed': 1.48, 'delivered': 1.8}, 'raw': {'claimed': 2.47, 'delivered': 1.75}}
    """
    import pandas as pd

    if len(experiment.frame) < 100 or splits < 1:
        raise FitError(f"{len(experiment.frame)} customers in the trial and {splits} splits; need at least 100 customers and one split")
    methods = usable(methods, experiment, budget)
    rng = np.random.default_rng(seed)
    segment, arm = experiment.codes
    strata = segment * len(experiment.arms) + arm
    rows, given = [], np.zeros((len(methods), len(strata), len(experiment.arms)))
    brought, judged = np.zeros((len(methods), len(strata))), np.zeros(len(strata))
    for split in range(splits):
        order = np.lexsort((rng.random(len(strata)), strata))
        chooses = np.zeros(len(strata), dtype=bool)
        chooses[order[rng.integers(2) :: 2]] = True
        learner, judge = experiment.part(np.flatnonzero(chooses)), experiment.part(np.flatnonzero(~chooses))
        learned = [chances(learner, judge, method, budget) for method in methods]
        scores = _incremental_scores(learner, judge, [chance for _, chance in learned])
        root = np.sqrt(len(judge.frame))
        given[:, ~chooses] += np.stack([chance for _, chance in learned])
        brought[:, ~chooses] += np.stack(scores)
        judged += ~chooses
        for place, (method, (claimed, _)) in enumerate(zip(methods, learned, strict=True)):
            paired = scores[0] - scores[place]
            rows.append([split, method, claimed, scores[place].mean(), paired.mean(), paired.std(ddof=1) / root])
    some = judged > 0
    spread = (brought[:, some] / judged[some]).std(axis=1, ddof=1) * np.sqrt(OVERLAP / some.sum())
    errors = dict(zip(methods, spread.tolist(), strict=True))
    found = replace(_summed_up(pd.DataFrame(rows, columns=RUNS), methods, None), errors=errors)
    ends = [found.delivered(method)[1:] for method in methods]
    table = found.table.assign(delivered_low=[low for low, _ in ends], delivered_high=[high for _, high in ends])
    often = given.sum(axis=2, keepdims=True)
    return replace(found, table=table, given=np.divide(given, often, out=np.zeros_like(given), where=often > 0))


def judged_by_truth(
    experiments: Sequence[Experiment],
    expected: Sequence[Floats],
    methods: Sequence[str] = METHODS,
    *,
    budget: float | None = None,
) -> SplitSample:
    """Claimed value of ways to plan, each learned on a whole trial, and what their plans are truly worth.

    Parameters
    ----------
    experiments : trials of the same arms, drawn anew each time
    expected : of each trial, the expected outcome of each customer under each arm, shape (customers, arms)

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> trial = trial_at_hand("").experiment  # a call costs 6
    >>> truth = np.tile([5.0, 7.0, 6.0], (len(trial.frame), 1))  # in truth it brings 7 where nothing brings 5
    >>> found = judged_by_truth([trial], [truth], ("raw", "nobody"))
    >>> found.table.set_index("method")["delivered"].round(1).to_dict(), round(found.best, 1)
    ({'raw': -1.3, 'nobody': 0.0}, 0.0)
    """
    import pandas as pd

    methods = usable(methods, experiments[0], budget)
    rows, most = [], []
    for number, (experiment, outcome) in enumerate(zip(experiments, expected, strict=True)):
        cost = np.array([experiment.costs.get(arm, 0.0) for arm in experiment.arms])
        more = experiment.margin * (outcome - outcome[:, :1])
        found = [chances(experiment, experiment, method, budget) for method in methods]
        worth = [float((chance * (more - cost)).sum(axis=1).mean()) for _, chance in found]
        for method, (claimed, _), true in zip(methods, found, worth, strict=True):
            rows.append([number, method, claimed, true, worth[0] - true, np.nan])
        most.append(_best_by_segment(experiment, more, cost, budget))
    return _summed_up(pd.DataFrame(rows, columns=RUNS), methods, float(np.mean(most)))


def _best_by_segment(experiment: Experiment, more: Floats, cost: Floats, budget: float | None) -> float:
    """What the best arms of segments would bring per customer, if the truth were known."""
    segment, _ = experiment.codes
    weight = np.bincount(segment, minlength=len(experiment.segments)) / len(segment)
    mean = (
        np.stack([np.bincount(segment, column, len(weight)) for column in more.T], axis=1) / np.maximum(weight * len(segment), 1)[:, None]
    )
    plan = allocate_customers(weight[:, None] * mean[:, 1:], weight[:, None] * cost[1:], np.inf if budget is None else budget)
    return plan.bound - (plan.cost if plan.fractional is None or budget is None else budget)


def _incremental_scores(learner: Experiment, judge: Experiment, policies: list[Floats]) -> list[Floats]:
    """Doubly robust score of each customer of the judging half under each policy, less that under the control."""
    means = outcome_means(learner)
    segment, arm = judge.codes
    rest = (judge.net - means[segment, arm]) / judge.frame["propensity"].to_numpy(float)
    control = np.zeros((len(segment), means.shape[1]))
    control[:, 0] = 1.0
    rows = np.arange(len(segment))
    return [((chance - control) * means[segment]).sum(axis=1) + (chance - control)[rows, arm] * rest for chance in policies]


def _summed_up(runs: pd.DataFrame, methods: Sequence[str], best: float | None) -> SplitSample:
    grouped = runs.groupby("method")
    table = grouped[["claimed", "delivered"]].mean()
    table["ratio"] = table["claimed"] / table["delivered"].where(table["delivered"] > 0)
    table["delivered_low"], table["delivered_high"] = grouped["delivered"].quantile(0.1), grouped["delivered"].quantile(0.9)
    table["difference"] = grouped["difference"].mean()
    if best is None:
        wide = normal_quantile(0.95) * grouped["standard_error"].mean()
        table["difference_low"], table["difference_high"] = table["difference"] - wide, table["difference"] + wide
    else:
        table["difference_low"], table["difference_high"] = grouped["difference"].quantile(0.025), grouped["difference"].quantile(0.975)
    table["wins"] = grouped["difference"].apply(lambda each: float((each > 0).mean()))
    table = table.loc[list(methods)].reset_index()
    simple = table[table["method"].isin(SIMPLE) & (table["method"] != methods[0])]
    rival = "" if simple.empty else str(simple["method"].iloc[int(simple["delivered"].to_numpy().argmax())])
    return SplitSample(table, runs, rival, best)
