"""What a policy would have brought, from a randomised trial of its arms: inverse propensity weighting and doubly robust estimates.

One randomised trial values any policy off-line (Hitsch, Misra & Zhang 2024): customers who by chance got what the policy would give them
stand for all others. The doubly robust estimate (Robins, Rotnitzky & Zhao 1994; Dudík, Langford & Li 2011) adds a model of outcomes, here
the mean by segment and arm fitted on the other folds, and stays right when either the propensities or that model are right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
COLUMNS = ("customer_id", "arm", "propensity", "outcome")
FEWEST = 20  # customers in a cell below which it is named as thin
LEFT_ALONE = re.compile(
    r"^(do )?nothing$|^none$|^no$|^(no|not|non|without|kein|keine|keinen|ohne|sans|aucun|aucune|sin|ningun|ninguna|senza|nessuna?) "
    r"|^control\b|\bcontrol( group| arm)?$|^ctrl\b|^kontroll\w*|^hold ?out\b|\bhold ?out( group| arm)?$|^held ?out\b|^placebo\b"
    r"|^untreated\b|^untouched\b|^left alone$|对照|控制组|空白组|对比组|未干预|不干预|^不(发|联系|打扰|处理)"
    r"|^无(短信|邮件|触达|活动|优惠)?$"
)
FEWEST_TO_SEE_ALL = 200  # customers in a segment among whom an arm would hardly be missed by chance


@dataclass(frozen=True, eq=False, repr=False)
class Experiment(Shown):
    """A checked randomised trial.

    Attributes
    ----------
    frame : customer_id, arm and segment (categorical), propensity (of the arm received), outcome [currency], and what else is known
    segments, arms : names; segments best first, the control arm first
    costs : of each arm per customer [currency]
    margin : profit per unit of outcome

    Examples
    --------
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> trial = trial_at_hand("").experiment
    >>> trial, trial.thin.empty
    (<Experiment frame (20,000 × 6), segments (6), arms do_nothing, call, voucher, costs (2 named), margin 1>, True)
    >>> trial.overlap().round(2).iloc[:2]
           segment         arm  customers  share  propensity
    0  private low  do_nothing       1910   0.41         0.4
    1  private low        call       1438   0.31         0.3
    """

    frame: pd.DataFrame
    segments: tuple[str, ...]
    arms: tuple[str, ...]
    costs: Mapping[str, float] = field(default_factory=dict)
    margin: float = 1.0

    @property
    def control(self) -> str:
        return self.arms[0]

    @cached_property
    def net(self) -> Floats:
        """Margin of the outcome less the cost of the arm received [currency]."""
        cost = np.array([self.costs.get(arm, 0.0) for arm in self.arms])
        return self.margin * self.frame["outcome"].to_numpy(float) - cost[self.codes[1]]

    @cached_property
    def codes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number of the segment and of the arm of each customer."""
        segment, arm = (np.asarray(self.frame[name].cat.codes, dtype=np.int64) for name in ("segment", "arm"))
        return segment, arm

    def part(self, rows: NDArray[Any]) -> Experiment:
        """The trial of some rows."""
        return replace(self, frame=self.frame.iloc[rows].reset_index(drop=True))

    def cells(self) -> tuple[Floats, Floats, Floats]:
        """Customers, mean net outcome and its standard error by segment and arm, weighted by inverse propensity; shape (S, A) each."""
        segment, arm = self.codes
        shape = (len(self.segments), len(self.arms))
        cell, weight, net = segment * shape[1] + arm, 1 / self.frame["propensity"].to_numpy(float), self.net
        size = shape[0] * shape[1]
        count, total = np.bincount(cell, minlength=size), np.bincount(cell, weight, size)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.bincount(cell, weight * net, size) / total
            square = np.bincount(cell, weight**2 * (net - mean[cell]) ** 2, size)
            error = np.sqrt(square) / total * np.sqrt(count / (count - 1))
        return count.reshape(shape).astype(float), mean.reshape(shape), error.reshape(shape)

    def overlap(self) -> pd.DataFrame:
        """Customers by segment and arm, the share of the segment, and the smallest propensity: a policy can be valued where all are well
        above 0."""
        import pandas as pd

        grouped = self.frame.groupby(["segment", "arm"], observed=True)["propensity"].agg(["size", "min"]).reset_index()
        every = pd.MultiIndex.from_product([self.segments, self.arms], names=["segment", "arm"])
        table = grouped.set_index(["segment", "arm"]).reindex(every).reset_index()
        table["customers"] = table["size"].fillna(0).astype(int)
        table["share"] = table["customers"] / table.groupby("segment")["customers"].transform("sum").clip(lower=1)
        return table.rename(columns={"min": "propensity"})[["segment", "arm", "customers", "share", "propensity"]]

    @property
    def thin(self) -> pd.DataFrame:
        """Cells of `overlap` with fewer than 20 customers."""
        table = self.overlap()
        return table[table["customers"] < FEWEST]


def control_among(arms: Sequence[str]) -> str:
    """The arm whose name says that it was left alone: control, holdout, no e-mail, nothing, 对照组, and the like.

    Raises
    ------
    DataError
        No name says so, or several do.

    Examples
    --------
    >>> control_among(["Mens E-Mail", "No E-Mail", "Womens E-Mail"])
    'No E-Mail'
    """
    named = [arm for arm in arms if LEFT_ALONE.search(re.sub(r"[\W_]+", " ", arm).strip().lower())]
    if len(named) == 1:
        return named[0]
    why = f"{' and '.join(repr(arm) for arm in named)} both sound like it" if named else "no name says so"
    raise DataError(f"which arm of the trial was left alone? It has {', '.join(map(str, arms))}, and {why}: name it with control_arm.")


def check_experiment(
    frame: pd.DataFrame,
    *,
    segments: tuple[str, ...] | None = None,
    control: str | None = None,
    costs: Mapping[str, float] | None = None,
    margin: float = 1.0,
) -> Experiment:
    """Check the table of a randomised trial.

    Parameters
    ----------
    frame : customer_id, arm, propensity (probability of the arm received, in (0, 1]), outcome; optional segment, past_spend and others
    segments : names, best first; default as they come (sorted). Without a column `segment` all customers are one segment, "all".
    control : the arm that was left alone; default the one whose name says so (see `control_among`)
    costs : of arms per customer [currency]
    margin : profit per unit of outcome

    Raises
    ------
    DataError
        A missing column, a customer twice, a propensity outside (0, 1], missing outcomes, propensities that cannot belong to the arms
        received (over the arms they must add up to 1: the mean of 1 / propensity over the customers of an arm must be near the number
        of all customers), an arm that nobody got, or no arm, or several, whose name says that it was left alone.

    Examples
    --------
    >>> import pandas as pd
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> found = check_experiment(trial, costs={"call": 1.0}, margin=0.5)
    >>> found.control, found.net.tolist()[:2]  # half of the outcome, less what a call costs
    ('control', [1.5, 0.5])
    """
    import pandas as pd

    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        raise DataError(f"the trial has no column {', '.join(repr(name) for name in missing)}; it needs {', '.join(COLUMNS)}")
    table = frame.reset_index(drop=True)
    twice = table["customer_id"].duplicated()
    if twice.any():
        raise DataError(
            f"{int(twice.sum())} customers stand in the trial twice (first: {table['customer_id'].iloc[int(twice.to_numpy().argmax())]})"
        )
    propensity, outcome = table["propensity"].to_numpy(float), table["outcome"].to_numpy(float)
    bad = ~((propensity > 0) & (propensity <= 1))
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(f"column 'propensity' lies outside (0, 1] in {int(bad.sum())} rows (first: row {row}, {propensity[row]:g})")
    if not np.isfinite(outcome).all():
        row = int(np.argmax(~np.isfinite(outcome)))
        raise DataError(f"column 'outcome' holds no number in {int((~np.isfinite(outcome)).sum())} rows (first: row {row}); 0 is a number")
    table = table.assign(arm=table["arm"].astype(str), segment=table["segment"].astype(str) if "segment" in table else "all")
    found = sorted(table["arm"].unique())
    first = control or control_among(found)
    for arm in (first, *(costs or {})):
        if arm not in found:
            raise DataError(f"nobody in the trial got the arm '{arm}'; it has {', '.join(found)}")
    names = tuple(segments) if segments else tuple(sorted(table["segment"].unique()))
    strange = sorted(set(table["segment"].unique()) - set(names))
    if strange:
        raise DataError(f"the trial has customers in {', '.join(strange)}, which is none of the segments {', '.join(names)}")
    arms = (first, *(arm for arm in found if arm != first))
    table["arm"] = pd.Categorical(table["arm"], categories=list(arms))
    table["segment"] = pd.Categorical(table["segment"], categories=list(names))
    experiment = Experiment(table, names, arms, dict(costs or {}), margin)
    _check_propensities(experiment)
    return experiment


def _check_propensities(experiment: Experiment) -> None:
    """E[1(arm) / propensity] is 1 for each arm among the segments where it was tried; five standard errors off cannot be chance. Where
    each arm has one propensity in a segment, they add up to 1 there."""
    frame, (segment, code) = experiment.frame, experiment.codes
    inverse = 1 / frame["propensity"].to_numpy(float)
    for place, arm in enumerate(experiment.arms):
        tried = np.isin(segment, segment[code == place])
        term = np.where(code == place, inverse, 0.0)[tried]
        error = float(term.std(ddof=1)) / np.sqrt(len(term)) if len(term) > 1 else np.inf
        if abs(term.mean() - 1) > max(5 * error, 1e-6):
            raise DataError(
                f"the propensities do not fit the arm '{arm}': its customers stand for {term.mean():.2f} times all customers, not once; "
                "over the arms propensities must add up to 1 for every customer"
            )
    constant = frame.groupby(["segment", "arm"], observed=True)["propensity"].agg(["min", "max"])
    constant = constant.assign(spread=constant["max"] - constant["min"])
    known = constant.groupby(level="segment", observed=True).agg({"min": "sum", "spread": "max"})
    totals = known["min"][known["spread"] < 1e-9]
    off = totals[(totals > 1.01) | ((totals < 0.99) & (frame["segment"].value_counts().reindex(totals.index) >= FEWEST_TO_SEE_ALL))]
    if len(off):
        raise DataError(f"the propensities of the arms add up to {off.iloc[0]:.3f} in segment '{off.index[0]}'; they must add up to 1")


@dataclass(frozen=True)
class PolicyValue:
    """Net outcome per customer under a policy [currency], by two estimators.

    `effective_customers`: how many independent customers the weights are worth (Kish). `notes`: what to know before believing it.

    Examples
    --------
    >>> from goodwill.strategies import policy_value
    >>> from goodwill.strategies.offer import trial_at_hand
    >>> found = policy_value(trial_at_hand("").experiment, {"private high": "call"})
    >>> round(found.doubly_robust, 1), round(found.doubly_robust_se, 1), found.notes
    (35.6, 1.4, ())
    """

    ipw: float
    ipw_se: float
    doubly_robust: float
    doubly_robust_se: float
    effective_customers: float
    notes: tuple[str, ...] = ()


def as_probabilities(experiment: Experiment, policy: Mapping[str, str] | pd.DataFrame) -> Floats:
    """A policy as probabilities of arms, shape (segments, arms).

    Parameters
    ----------
    policy : segment -> arm (who is not named gets the control), or a DataFrame of probabilities with segments as index, arms as columns

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> as_probabilities(check_experiment(trial), {"all": "call"}).tolist()
    [[0.0, 1.0]]
    """
    if isinstance(policy, Mapping):
        chance = np.zeros((len(experiment.segments), len(experiment.arms)))
        for name, arm in policy.items():
            if name not in experiment.segments or arm not in experiment.arms:
                raise DataError(f"the policy gives '{arm}' to '{name}', but the trial has no such segment or arm")
        for s, name in enumerate(experiment.segments):
            chance[s, experiment.arms.index(policy.get(name, experiment.control))] = 1.0
        return chance
    table = policy.reindex(index=list(experiment.segments), columns=list(experiment.arms)).fillna(0.0)
    chance = table.to_numpy(float)
    if set(policy.columns) - set(experiment.arms) or not np.allclose(chance.sum(axis=1), 1.0, atol=1e-6) or (chance < -1e-9).any():
        raise DataError("the policy must give every segment of the trial probabilities of its arms that add up to 1")
    return chance


def policy_scores(experiment: Experiment, policy: Mapping[str, str] | pd.DataFrame, folds: int = 5, seed: int = 1) -> tuple[Floats, Floats]:
    """What each customer adds to the value of the policy: IPW and doubly robust, shape (customers,) each; their means are the estimates.

    Differences between policies are paired: take them customer by customer before averaging.

    >>> import pandas as pd
    >>> from goodwill.strategies import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> weighted, robust = policy_scores(check_experiment(trial), {"all": "call"})
    >>> float(weighted.mean())  # who was called by chance stands for all
    6.0
    """
    chance = as_probabilities(experiment, policy)
    segment, arm = experiment.codes
    net, weight = experiment.net, chance[segment, arm] / experiment.frame["propensity"].to_numpy(float)
    fold = np.random.default_rng(seed).permutation(len(net)) % min(folds, len(net))
    robust = np.empty(len(net))
    for each in range(int(fold.max()) + 1):
        inside = fold == each
        means = outcome_means(experiment.part(np.flatnonzero(~inside))) if (~inside).any() else np.zeros(chance.shape)
        expected = (chance * means).sum(axis=1)[segment[inside]]
        robust[inside] = expected + weight[inside] * (net[inside] - means[segment[inside], arm[inside]])
    return weight * net, robust


def outcome_means(experiment: Experiment) -> Floats:
    """Mean net outcome by segment and arm; a cell that nobody is in takes the mean of its arm, so that the model is never undefined.

    >>> import pandas as pd
    >>> from goodwill.strategies import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> outcome_means(check_experiment(trial)).tolist()  # of the control, then of those called
    [[2.0, 6.0]]
    """
    count, mean, _ = experiment.cells()
    arms = np.nansum(np.where(count > 0, mean, 0.0) * count, axis=0) / np.maximum(count.sum(axis=0), 1.0)
    return np.where(count > 0, mean, arms)


def policy_value(experiment: Experiment, policy: Mapping[str, str] | pd.DataFrame, seed: int = 1) -> PolicyValue:
    """Value a policy that was fixed before these outcomes were seen.

    A policy learned from the same customers claims too much; `goodwill.strategies.split_sample` shows by how much.

    Raises
    ------
    DataError
        A policy that gives customers of a segment an arm that none of them got: no weighting can say what that would do.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.strategies import check_experiment
    >>> trial = pd.DataFrame({"customer_id": range(8), "arm": ["call", "control"] * 4, "outcome": [5, 1, 7, 3, 6, 2, 6, 2]})
    >>> trial["propensity"] = 0.5
    >>> found = policy_value(check_experiment(trial), {"all": "call"})
    >>> found.ipw, found.effective_customers
    (6.0, 4.0)
    """
    chance = as_probabilities(experiment, policy)
    count, _, _ = experiment.cells()
    for s, a in np.argwhere((chance > 0) & (count == 0) & (count.sum(axis=1, keepdims=True) > 0)):
        raise DataError(f"the policy gives '{experiment.arms[a]}' to segment '{experiment.segments[s]}', where nobody in the trial got it")
    ipw, robust = policy_scores(experiment, policy, seed=seed)
    segment, arm = experiment.codes
    weight = chance[segment, arm] / experiment.frame["propensity"].to_numpy(float)
    effective = float(weight.sum() ** 2 / max((weight**2).sum(), 1e-300))
    thin = [
        f"{experiment.arms[a]} in {experiment.segments[s]} ({int(count[s, a])})" for s, a in np.argwhere((chance > 0) & (count < FEWEST))
    ]
    notes = (f"Fewer than {FEWEST} customers of the trial got what the policy would give: {', '.join(thin)}.",) if thin else ()
    root = np.sqrt(len(ipw))
    return PolicyValue(
        float(ipw.mean()), float(ipw.std(ddof=1) / root), float(robust.mean()), float(robust.std(ddof=1) / root), effective, notes
    )
