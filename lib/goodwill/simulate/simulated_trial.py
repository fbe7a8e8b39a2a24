"""A randomised trial on the customers of a simulated company, with known effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from goodwill.shown import Shown
from goodwill.simulate.simulated_company import Company, Shares


@dataclass(frozen=True)
class TrialTruth:
    """What is true of a randomised trial on the company's customers. The values are invented.

    Effects are relative changes of the purchase rate of those who have not left, one per segment of `TRIAL_SEGMENTS`.

    Attributes
    ----------
    arms : pairs of name and share of the customers; the first is left alone
    effects : of each other arm on each segment
    costs : of each other arm, per customer [currency]

    Examples
    --------
    >>> import goodwill as gw
    >>> truth = TrialTruth(arms=(("do_nothing", 0.5), ("call", 0.5)), effects=((0.0, 0.0, 0.0, 0.2, 0.2, 0.2),), costs=(6.0,))
    >>> tried = gw.simulate.trial(gw.company(customers=300, weeks=26), truth=truth)
    >>> (tried.truth["call"] / tried.truth["do_nothing"] - 1).round(2).tolist()  # a call works on the business segments alone
    [0.0, 0.0, 0.0, 0.2, 0.2, 0.2]
    """

    arms: Shares = (("do_nothing", 0.4), ("voucher", 0.3), ("call", 0.3))  # propensities, the same for everybody
    effects: tuple[tuple[float, ...], ...] = (  # of each arm but the first, on the rate of each segment
        (0.15, 0.10, 0.05, 0.10, 0.05, 0.0),
        (0.0, 0.05, 0.10, 0.10, 0.30, 0.50),
    )
    costs: tuple[float, ...] = (1.0, 6.0)  # of each arm but the first, per customer [currency]


# Thirds of past spend within each kind of customer.
TRIAL_SEGMENTS = tuple(f"{kind} {third}" for kind in ("private", "business") for third in ("low", "middle", "high"))


@dataclass(frozen=True, eq=False, repr=False)
class Trial(Shown):
    """A randomised trial with known effects.

    Attributes
    ----------
    experiment : DataFrame
        customer_id, segment, past_spend, arm, propensity and outcome (spend within the trial) [currency].
    truth : DataFrame
        Expected spend within the trial per customer, by segment (index) and arm (columns) [currency].
    costs : of each arm but the first, per customer [currency]

    Examples
    --------
    >>> import goodwill as gw
    >>> tried = gw.simulate.trial(gw.company(customers=300, weeks=26))
    >>> tried.costs, tried.truth.columns.tolist()
    ({'voucher': 1.0, 'call': 6.0}, ['do_nothing', 'voucher', 'call'])
    """

    experiment: pd.DataFrame  # customer_id, segment, past_spend [currency], arm, propensity, outcome (spend within the trial) [currency]
    truth: pd.DataFrame  # expected spend within the trial per customer of each segment (index) under each arm (columns) [currency]
    costs: dict[str, float]  # of each arm but the first, per customer [currency]


def trial(simulated: Company, weeks: float = 26, seed: int = 1, truth: TrialTruth | None = None) -> Trial:
    """Randomise the customers of a company whose segments are called private and business, and watch them for some weeks.

    Whoever has left by the end of the company's log buys nothing whatever she gets; nobody else leaves during the trial.

    Parameters
    ----------
    simulated : of `company`
    weeks : how long the trial is watched
    seed : of who gets what, and of what is bought
    truth : the effects; those of `TrialTruth()` unless given

    Examples
    --------
    >>> from goodwill.simulate import company
    >>> tried = trial(company(customers=300, weeks=26))
    >>> list(tried.experiment.columns), tried.truth.shape
    (['customer_id', 'segment', 'past_spend', 'arm', 'propensity', 'outcome'], (6, 3))
    """
    truth = truth or TrialTruth()
    rng, people = np.random.default_rng(seed), simulated.customers
    spent = people.customer_id.map(simulated.transactions.groupby("customer_id").amount.sum()).fillna(0.0)
    third = np.ceil(3 * spent.groupby(people.segment).rank(pct=True)).to_numpy(int) - 1
    group = third + 3 * (people.segment.to_numpy() == "business")
    names, shares = [name for name, _ in truth.arms], np.array([share for _, share in truth.arms])
    arm = rng.choice(len(names), len(people), p=shares)
    change = 1 + np.vstack([np.zeros(len(TRIAL_SEGMENTS)), *truth.effects])
    mean = people.rate.to_numpy() * weeks * people.left_after.isna().to_numpy()
    bought = rng.poisson(mean * change[arm, group])
    # A sum of n gamma amounts of one customer is a gamma amount of n times the shape; of none, nothing.
    amounts = rng.gamma(simulated.truth.p * np.maximum(bought, 1), people.mean_spend.to_numpy() / simulated.truth.p)
    experiment = pd.DataFrame(
        {
            "customer_id": people.customer_id.to_numpy(),
            "segment": np.array(TRIAL_SEGMENTS, dtype=object)[group],
            "past_spend": spent.round(2),
            "arm": np.array(names, dtype=object)[arm],
            "propensity": shares[arm],
            "outcome": np.where(bought > 0, amounts, 0.0).round(2),
        }
    )
    expected = np.bincount(group, mean * people.mean_spend.to_numpy(), len(TRIAL_SEGMENTS)) / np.bincount(
        group, minlength=len(TRIAL_SEGMENTS)
    )
    table = pd.DataFrame(expected[:, None] * change.T, index=pd.Index(TRIAL_SEGMENTS, name="segment"), columns=names)
    return Trial(experiment, table, dict(zip(names[1:], truth.costs, strict=True)))
