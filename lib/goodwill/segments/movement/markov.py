"""Lifetime value of a Markov chain of customers (Pfeifer & Carraway 2000), when to stop contacting, and what the chain got right.

Pfeifer, P. E. & Carraway, R. L. (2000). Modeling customer relationships as Markov chains. Journal of Interactive Marketing 14(2), 43-55.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import quantile_interval
from goodwill.segments.movement.migration import Migration, filled, migration
from goodwill.segments.movement.paths import Paths
from goodwill.shown import Shown

FloatArray = NDArray[np.float64]


def state_values(transition: ArrayLike, reward: ArrayLike, discount: float, horizon: int | None = None) -> FloatArray:
    """Expected discounted reward from each state: the reward of the present state and of all, or `horizon`, periods to come.

    Parameters
    ----------
    transition : (…, states, states); rows sum to 1, or to less where customers leave the chain for good
    reward : (…, states), money received in a period spent in the state
    discount : per period, such as 0.2
    horizon : periods to come that count; None for all

    Returns
    -------
    (…, states): V = (I - P / (1 + d))^-1 R, or the sum over t = 0 … horizon of (P / (1 + d))^t R

    Raises
    ------
    DataError
        When shapes differ, rows are no probabilities, or the discount is not above 0 without a horizon (above -1 with one).

    Examples
    --------
    The paper's five states, bought last 1, 2, 3, 4 periods ago, and former customer:

    >>> p = [[.3, .7, 0, 0, 0], [.2, 0, .8, 0, 0], [.15, 0, 0, .85, 0], [.05, 0, 0, 0, .95], [0, 0, 0, 0, 1]]
    >>> state_values(p, [36, -4, -4, -4, 0], 0.2).round(4).tolist()
    [52.3196, 5.5538, 1.2508, -1.82, 0.0]
    """
    P, R = _checked(transition, reward)
    if not discount > (0 if horizon is None else -1):
        raise DataError(f"the discount is {discount} per period; without an end of time it must be above 0, else above -1")
    P = P / (1 + discount)
    if horizon is None:
        return np.asarray(np.linalg.solve(np.eye(P.shape[-1]) - P, R[..., None])[..., 0], float)
    value = R
    for _ in range(horizon):
        value = R + (P @ value[..., None])[..., 0]
    return np.asarray(value, float)


@dataclass(frozen=True, eq=False, repr=False)
class Policy(Shown):
    """The best action in each state, the values under it, and the rounds that policy iteration took.

    Examples
    --------
    >>> from goodwill.segments import best_policy
    >>> stay, leave = [[0.9, 0.1], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]
    >>> best_policy({"serve": stay, "drop": leave}, {"serve": [5.0, -1.0], "drop": [6.0, 0.0]}, discount=1.0)
    <Policy actions serve, drop, values (2), rounds 2>
    """

    actions: tuple[str, ...]
    values: FloatArray
    rounds: int


def best_policy(transitions: Mapping[str, ArrayLike], rewards: Mapping[str, ArrayLike], discount: float) -> Policy:
    """Policy iteration (Howard 1960) over finitely many actions, the same ones in every state.

    Parameters
    ----------
    transitions, rewards : by action, as in `state_values`; of equally good actions the one named first is taken
    discount : per period, above 0

    Raises
    ------
    DataError
        When the actions of both differ or an entry cannot be used (see `state_values`).

    Examples
    --------
    >>> stay, leave = [[0.9, 0.1], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]
    >>> found = best_policy({"serve": stay, "drop": leave}, {"serve": [5.0, -1.0], "drop": [0.0, 0.0]}, 0.1)
    >>> found.actions, found.values.round(2).tolist()  # serve who is there, and nobody who has left
    (('serve', 'drop'), [27.5, 0.0])
    """
    if list(transitions) != list(rewards) or not transitions:
        raise DataError(
            f"transitions are given for {', '.join(transitions) or 'nothing'} and rewards for {', '.join(rewards) or 'nothing'}"
        )
    names = list(transitions)
    pairs = [_checked(transitions[name], rewards[name]) for name in names]
    P, R = np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
    states = np.arange(R.shape[1])
    chosen = np.zeros(len(states), int)
    for rounds in itertools.count(1):
        value = state_values(P[chosen, states], R[chosen, states], discount)
        options = R + P @ value / (1 + discount)
        # A different action must be better by more than rounding, or iteration could go round in circles.
        better = options.max(axis=0) > options[chosen, states] + 1e-9 * max(1.0, float(np.abs(value).max()))
        if not better.any():
            return Policy(tuple(names[a] for a in chosen), value, rounds)
        chosen = np.where(better, options.argmax(axis=0), chosen)
    raise AssertionError("unreachable: every round improves a policy, and there are finitely many")


def contact_or_stop(transition: ArrayLike, income: ArrayLike, contact_cost: float, discount: float) -> Policy:
    """In which states to go on contacting customers.

    Who is not contacted is assumed to be lost for good, as in the paper: where customers also buy uncontacted, this stops too late.

    Parameters
    ----------
    transition : (states, states) of contacted customers
    income : (states,) margin received in a period spent in the state, before the cost of contact
    contact_cost : of contacting a customer for one period
    discount : per period

    Examples
    --------
    >>> p = [[.3, .7, 0, 0, 0], [.2, 0, .8, 0, 0], [.15, 0, 0, .85, 0], [.05, 0, 0, 0, .95], [0, 0, 0, 0, 1]]
    >>> contact_or_stop(p, [40, 0, 0, 0, 0], 4, 0.2).actions
    ('contact', 'contact', 'contact', 'stop', 'stop')
    """
    P, income = np.asarray(transition, float), np.asarray(income, float)
    return best_policy({"stop": np.zeros_like(P), "contact": P}, {"stop": income, "contact": income - contact_cost}, discount)


def markov_value(
    moves: Migration,
    reward: ArrayLike,
    discount: float,
    *,
    reward_error: ArrayLike | None = None,
    horizon: int | None = None,
    draws: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """What a customer in each state is still expected to bring, the present window not counted.

    Parameters
    ----------
    moves : from `migration`; its window is the period
    reward, reward_error : (states,) margin per window spent in a state, and its standard error (0 by default)
    discount : per window
    horizon : windows to come that count; None for all

    Returns
    -------
    DataFrame
        state, customers (in the second window), value, lower, upper. The interval holds the uncertainty of the matrix (Dirichlet) and of
        the rewards; not that a chain of order 1 may be the wrong model: print it with `order_test` and `markov_holdout`.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments.movement.migration import migration
    >>> from goodwill.segments.movement.paths import segment_paths
    >>> moves = migration(segment_paths(pd.DataFrame({"2024": ["low"] * 4 + ["high"] * 4, "2025": ["low"] * 3 + ["high"] * 4 + ["low"]})))
    >>> dict(zip(moves.states, markov_value(moves, [0.0, 10.0], 0.0, horizon=1, draws=50)["value"].round(2).tolist()))
    {'low': 2.5, 'high': 7.5}
    """
    R = np.asarray(reward, float)
    error = np.zeros_like(R) if reward_error is None else np.asarray(reward_error, float)
    paid = R + error * np.random.default_rng(seed).standard_normal((draws, len(R)))
    value = state_values(filled(moves), R, discount, horizon) - R
    interval = quantile_interval(value, state_values(moves.draws(draws, seed + 1), paid, discount, horizon) - paid, moves.level)
    n = moves.counts.sum(axis=0) + moves.entry
    columns = {"value": interval.estimate, "lower": interval.lower, "upper": interval.upper}
    return pd.DataFrame({"state": moves.states, "customers": n, **columns})


def markov_forecast(transition: ArrayLike, start: ArrayLike, reward: ArrayLike, windows: int) -> FloatArray:
    """Expected money in each of the next windows from the customers who are there now; shape (…, windows).

    `start` holds the number of customers by state. No one enters: customers won later are not in it.

    >>> markov_forecast([[0.5, 0.5], [0.0, 1.0]], start=[100, 0], reward=[10.0, 0.0], windows=2).tolist()  # half of them leave each time
    [500.0, 250.0]
    """
    P, R = _checked(transition, reward)
    there, money = np.broadcast_to(np.asarray(start, float), R.shape), []
    for _ in range(windows):
        there = np.einsum("...i,...ij->...j", there, P)
        money.append((there * R).sum(axis=-1))
    return np.stack(money, axis=-1)


def markov_holdout(
    paths: Paths, at: int, windows: int, peers: Mapping[str, ArrayLike] | None = None, *, draws: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Money in windows that the chain has not seen, beside what it and others forecast.

    Parameters
    ----------
    paths : with money
    at : the last window the chain may see; the matrix is that from `at` - 1 to `at`, the rewards the mean spend by state of `at`
    windows : how many windows after it to forecast
    peers : forecasts of others for the same customers, by name, one number per window (such as a purchase model's)

    Returns
    -------
    DataFrame
        One row per window and a last row `all`: window, actual (customers who were there in `at` only), Markov with lower and upper
        (parameters only), the peers, and for each forecast `<name> / actual`.

    Examples
    --------
    >>> from datetime import date
    >>> import goodwill as gw
    >>> from goodwill.segments.movement.spend_periods import spend_periods
    >>> periods = spend_periods(gw.read_transactions("cdnow_sample"), date(1997, 9, 30), date(1998, 6, 30))
    >>> found = markov_holdout(periods.paths, periods.last, periods.after, draws=100).set_index("window")
    >>> found["Markov / actual"].round(2).tolist()  # by quarter, and in all
    [0.86, 0.92, 1.27, 0.98]
    """
    if at < 1 or at + windows >= len(paths.windows):
        raise TooLittle(
            f"{windows} windows after window {at} are asked for, and the chain needs one before it; there are {len(paths.windows)}"
        )
    if paths.spend is None:
        raise DataError("the paths carry no money: make them from transactions with an amount")
    moves, start, (reward, error) = migration(paths, at - 1), paths.counts(at), paths.mean_spend(at)
    rng = np.random.default_rng(seed)
    drawn = markov_forecast(moves.draws(draws, seed + 1), start, reward + error * rng.standard_normal((draws, len(reward))), windows)
    there = paths.codes[:, at] >= 0
    actual = paths.spend[there, at + 1 : at + windows + 1].sum(axis=0)
    own = quantile_interval(_with_total(markov_forecast(filled(moves), start, reward, windows)), _with_total(drawn))
    named = [*paths.windows[at + 1 : at + windows + 1], "all"]
    frame = pd.DataFrame({"window": named, "actual": _with_total(actual), "Markov": own.estimate, "lower": own.lower, "upper": own.upper})
    forecasts = {"Markov": own.estimate} | {name: _with_total(np.asarray(peer, float)) for name, peer in (peers or {}).items()}
    for name, forecast in forecasts.items():
        if len(forecast) != windows + 1:
            raise DataError(f"the forecast '{name}' has {len(forecast) - 1} numbers for {windows} windows")
        frame[name] = forecast
        frame[f"{name} / actual"] = forecast / frame["actual"]
    return frame


def purchase_model_money(purchase_model: Any, spend_model: Any, customers: pd.DataFrame, window: float, windows: int) -> FloatArray:
    """Money that a purchase model and a spend model expect of the customers in each of the next windows: a peer for `markov_holdout`.

    Parameters
    ----------
    customers : frequency, recency, T and monetary_value, in the unit of the model, at the end of the last window seen
    window : length of a window in that unit, such as 13 weeks
    windows : how many

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD, GammaGamma
    >>> models = BetaGeoNBD(r=0.25, alpha=4.4, a=0.8, b=2.4, unit="week"), GammaGamma(p=6.25, q=3.74, gamma=15.4)
    >>> customers = pd.DataFrame({"frequency": [2], "recency": [20.0], "T": [30.0], "monetary_value": [25.0]})
    >>> purchase_model_money(*models, customers, window=13.0, windows=2).round(2).tolist()  # less later, since some will have left
    [13.87, 11.93]
    """
    from goodwill.lifetime_value.value import ValueTerms, value_over_time

    terms = ValueTerms(window * windows, margin=1.0, annual_discount_rate=0.0, unit=purchase_model.unit)
    ends = window * np.arange(1, windows + 1)
    return np.diff(value_over_time(purchase_model, spend_model, customers, terms, ends)["value"].to_numpy(), prepend=0.0)


def beside_purchase_model(values: pd.DataFrame, states: Any, purchase_value: ArrayLike) -> pd.DataFrame:
    """The values of `markov_value` beside the mean value that a purchase model expects of the customers in each state.

    Parameters
    ----------
    states, purchase_value : one each per customer: the state in the second window (see `paths.spend_states`), and the
        expected value over the same horizon, with the same margin and discount

    Returns
    -------
    DataFrame
        `values` with the columns purchase_model and ratio (Markov over purchase model); missing for states without customers

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"state": ["low", "high"], "value": [10.0, 30.0]})
    >>> beside_purchase_model(values, ["low", "low", "high"], [8.0, 12.0, 60.0])["ratio"].tolist()
    [1.0, 0.5]
    """
    mean = pd.Series(np.asarray(purchase_value, float)).groupby(np.asarray(states, dtype=object)).mean()
    found = values.assign(purchase_model=values["state"].map(mean))
    return found.assign(ratio=found["value"] / found["purchase_model"])


def _with_total(money: FloatArray) -> FloatArray:
    return np.concatenate([money, money.sum(axis=-1, keepdims=True)], axis=-1)


def _checked(transition: ArrayLike, reward: ArrayLike) -> tuple[FloatArray, FloatArray]:
    P, R = np.asarray(transition, float), np.asarray(reward, float)
    if P.ndim < 2 or P.shape[-1] != P.shape[-2] or R.shape[-1] != P.shape[-1]:
        raise DataError(f"a matrix of shape {P.shape} and rewards of shape {R.shape} do not fit: one row, column and reward per state")
    if not (np.all(P >= 0) and np.all(P.sum(axis=-1) <= 1 + 1e-9)):
        raise DataError("the rows of a transition matrix are probabilities: none negative, their sum at most 1")
    shape = np.broadcast_shapes(P.shape[:-1], R.shape)
    return P, np.broadcast_to(R, shape)
