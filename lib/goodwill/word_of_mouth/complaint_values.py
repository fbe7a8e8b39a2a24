"""What complainers were worth just before they complained, from their histories up to then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases_around import purchases_around
from goodwill.errors import TooLittle
from goodwill.inference.parameters import parameters_of
from goodwill.word_of_mouth.complaint_coin import UNKNOWN, CoinFit
from goodwill.word_of_mouth.complaint_likelihood import LEAST, leaning
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.value import ValueTerms

DRAWS = 50  # of what each complainer would really have brought
LONG_RUN = 1e6  # purchases
MOVE = 0.01  # of the logarithm of a parameter


def value_before_complaints(purchases: Transactions, log: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms) -> pd.DataFrame:
    """What each complainer was still worth just before she complained, from her history up to that day.

    Parameters
    ----------
    purchases : checked purchases with money
    log : checked cases with customer_id, opened and, where known, outcome
    coin : whose purchase model values them, in `terms.unit`
    spend_model : such as a fitted `GammaGamma`
    terms : horizon, margin and discount rate

    Returns
    -------
    DataFrame
        A row per complaint of a customer who had bought: `outcome`, `customer_id`, `frequency`, `recency`, `T`, `probability_alive`;
        `before` (what she is expected to bring if nothing happens), `if_alive` (what a leaver who was still there would have brought),
        `value` (that times the probability of being there, where leavers complain too; all of it where they do not), `at_stake` (`value`
        weighted by how much likelier than the mean complainer she is to leave at the complaint), `variance` (of what she would really
        have brought about `at_stake`, as far as her history leaves it open) and `taken` (its covariance, see `_left_open`).

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.word_of_mouth.complaint_coin import coin_data, fit_coin
    >>> made = gw.company(600, 104, seed=1)
    >>> orders, coin = gw.read_transactions(made.transactions), fit_coin(coin_data(made.transactions, made.complaints))
    >>> spend, terms = gw.GammaGamma.fit(gw.summarize_purchases(orders)).model, gw.ValueTerms(52, 0.3, 0.15, "week")
    >>> found = value_before_complaints(orders, made.complaints, coin, spend, terms)
    >>> len(found), bool(found["at_stake"].mean() < found["before"].mean())  # those likely to leave would have brought less
    (213, True)
    """
    return valued_complainers(complainers_before(purchases, log, terms.unit), coin, spend_model, terms)


def complainers_before(purchases: Transactions, log: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Whoever complained and had bought, as she stood on that day: what she had bought, by this time unit.

    Raises
    ------
    TooLittle
        None of the complaints is by a customer who had bought before.
    """
    import pandas as pd

    around = purchases_around(purchases, log)
    known = around["before"] > 0
    if not known.any():
        raise TooLittle("none of the complaints is by a customer who had bought before")
    around, cases = around[known], log[known]
    scale = DAYS_PER_UNIT[unit]
    table = cases[["outcome"]].copy() if "outcome" in cases else cases[[]].assign(outcome=None)
    table["outcome"] = table["outcome"].fillna(UNKNOWN)
    table["customer_id"] = cases["customer_id"].astype(str)
    table["frequency"] = around["before"].astype(float) - 1
    table["recency"] = (around["latest"] - around["first"]).dt.days / scale
    table["T"] = (cases["opened"].dt.normalize() - around["first"]).dt.days / scale
    table["ahead"] = np.maximum((pd.Timestamp(purchases.last) - cases["opened"].dt.normalize()).dt.days / scale, 0.0)
    table["spend"], table["first_amount"] = around["spend"].astype(float), around["first_amount"].astype(float)
    return table


def valued_complainers(before: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms) -> pd.DataFrame:
    """`value_before_complaints` of what `complainers_before` gives."""
    table, history = before.drop(columns=["spend", "first_amount", "ahead"]), _history(before)
    alive = np.asarray(coin.model.probability_alive(*history))
    each_time = _margin_each_time(before, spend_model, terms)
    table["probability_alive"] = alive
    table["if_alive"] = each_time * _bought_by_leavers(before, coin, terms)
    plain = np.asarray(coin.model.discounted_expected_purchases(terms.rate, *history, horizon=terms.horizon))
    table["before"] = each_time * plain / (1.0 if coin.leavers_complain else np.maximum(alive, 1e-12))
    table["value"] = table["if_alive"] * (alive if coin.leavers_complain else 1.0)
    table["at_stake"] = table["value"] * coin.weights(history[0])
    table["variance"], table["taken"] = _left_open(before, coin, spend_model, terms, alive)
    return table


def _left_open(before: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms, alive: Floats) -> tuple[Floats, Floats]:
    """How far what each would really have brought may lie from `value`: its variance, and its covariance with the slope of the likelihood.

    Over draws of what her history leaves open: whether she was still there, her rate of purchase, her chance to leave, what she spends.

    The chance of leaving is told from those who fell silent, less those who had left before. Of complainers of whom more had been there
    than their histories say, or who buy more often, more come back: they are worth more than is said, and the chance comes out lower, so
    that both are wrong together. Who buys at a rate l and is still there (a is the probability) buys again until the end of the data with
    (1 - q)(1 - exp(-l t)), whose mean over what is known of l is (1 - q) B. The slope of the log-likelihood in q is -1 / (1 - q) if she
    buys and a B / (1 - a (1 - q) B) if not, so that on average it is lower by (1 - exp(-l t)) / (1 - a (1 - q) B) if she was there.
    """
    rng, (x, _, T) = np.random.default_rng(1), _history(before)
    size, living = (DRAWS, len(x)), coin.model._living(x, T)
    rate, leave = rng.gamma(living.r, 1 / living.alpha, size), rng.beta(living.a + leaning(coin.model, coin.lean), living.b, size)
    # What she spends each time, in the long run: the mean of so many purchases that their own chance is nothing.
    each_time = terms.margin * spend_model.draw_spend(np.full(size, LONG_RUN), *_spent(before, spend_model), rng) / LONG_RUN
    decay = rate * leave + terms.rate
    there = (rng.random(size) < alive).astype(float) if coin.leavers_complain else np.ones(size)
    # Who never leaves and does not wait has the whole horizon; a chance to leave may be drawn so small that it is zero.
    time = np.where(decay > 0, -np.expm1(-decay * terms.horizon) / np.where(decay > 0, decay, 1.0), terms.horizon)
    ahead, weight = before["ahead"].to_numpy(float), coin.weights(x)
    brought, returns = each_time * rate * time * there * weight, -there * np.expm1(-rate * ahead) * weight
    buys = -np.expm1(living.r * (np.log(living.alpha) - np.log(living.alpha + ahead)))
    chance = before["outcome"].map(coin.chances).fillna(coin.chances.get("any", 0.0)).to_numpy(float)
    leaves = np.clip(chance * weight, 0.0, 1.0)  # where handling keeps some, of those who never fall silent more would come back than are
    silent = np.maximum(1 - (alive if coin.leavers_complain else 1.0) * (1 - leaves) * buys, LEAST)
    together = ((brought - brought.mean(axis=0)) * returns).mean(axis=0)
    return np.asarray(brought.var(axis=0)), -np.asarray(together / silent)


def at_stake(before: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms) -> pd.Series:
    """The last column of `valued_complainers`, without the others."""
    history = _history(before)
    there = np.asarray(coin.model.probability_alive(*history)) if coin.leavers_complain else 1.0
    each_time = _margin_each_time(before, spend_model, terms)
    return before["frequency"] * 0.0 + each_time * _bought_by_leavers(before, coin, terms) * there * coin.weights(history[0])


def error_of_mean(values: pd.DataFrame) -> float:
    """Standard error of the mean `at_stake` of these complaints: what histories leave open of each customer, at all her complaints alike.

    Parameters
    ----------
    values : rows of `value_before_complaints`

    Examples
    --------
    >>> import pandas as pd
    >>> error_of_mean(pd.DataFrame({"customer_id": ["a", "a", "b", "c"], "variance": [4.0, 4.0, 9.0, 0.0]}))  # (4^2 + 3^2)^.5 / 4
    1.25
    """
    return float(np.sqrt((np.sqrt(values["variance"]).groupby(values["customer_id"]).sum() ** 2).sum())) / len(values)


def slopes_at_stake(before: pd.DataFrame, coin: CoinFit, spend_model: Any, terms: ValueTerms) -> list[pd.Series]:
    """How `at_stake` moves with the logarithm of each parameter of the purchase model, r, alpha, a, b, when `lean` is known."""
    plain, theta = at_stake(before, coin, spend_model, terms), parameters_of(coin.model)
    found = []
    for place in range(len(theta)):
        moved = theta * np.exp(MOVE * (np.arange(len(theta)) == place))
        other = replace(coin, model=type(coin.model)(*moved.tolist(), unit=coin.model.unit))
        found.append((at_stake(before, other, spend_model, terms) - plain) / MOVE)
    return found


def _history(before: pd.DataFrame) -> list[Floats]:
    return [before[name].to_numpy() for name in ("frequency", "recency", "T")]


def _margin_each_time(before: pd.DataFrame, spend_model: Any, terms: ValueTerms) -> Floats:
    return terms.margin * np.asarray(spend_model.expected_spend(*_spent(before, spend_model)))


def _spent(before: pd.DataFrame, spend_model: Any) -> list[Floats]:
    """What a spend model is asked about: frequency, mean spend, and the first amount where the model `uses_first`."""
    spent, frequency = before["spend"].to_numpy(), before["frequency"].to_numpy()
    known = [np.where(spent > 0, frequency, 0.0), np.maximum(spent, 0.0)]
    return [*known, before["first_amount"].to_numpy()] if getattr(spend_model, "uses_first", False) else known


def _bought_by_leavers(before: pd.DataFrame, coin: CoinFit, terms: ValueTerms) -> Floats:
    """Discounted purchases to come of those whom the coin takes, had they stayed.

    They are likelier to leave than others of the same history: their chance to leave is Beta(a + lean, ...).
    """
    leaver, history = replace(coin.model, a=coin.model.a + leaning(coin.model, coin.lean)), _history(before)
    alive = np.maximum(np.asarray(leaver.probability_alive(*history)), 1e-12)
    return np.asarray(leaver.discounted_expected_purchases(terms.rate, *history, horizon=terms.horizon)) / alive
