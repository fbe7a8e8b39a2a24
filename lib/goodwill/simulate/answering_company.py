"""A company whose truth answers: what would have happened, had one lever been moved?

`answering_company` makes the tables that a company sees, and a `Truth` that can be asked: `truth.do(lever, amount, who)` runs the same
company with one lever moved, and everything that the lever does not touch stays exactly as it was. The equations are on one page,
`docs/simulated_company.md`; which headline of a report is held against which answer stands in `docs/truth.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.shown import Shown
from goodwill.simulate.levers import Moved, moved
from goodwill.simulate.lives import Company, People, Redraw, clock, first_weeks, people
from goodwill.simulate.mechanism import Mechanism, mechanism
from goodwill.simulate.prospects import whole_company
from goodwill.simulate.records import complaint_log, experiment_table, order_table, people_table, survey_answers
from goodwill.simulate.streams import FloatArray, Streams


@dataclass(frozen=True, eq=False, repr=False)
class Answer(Shown):
    """What moving a lever changes.

    Attributes
    ----------
    lever, amount, since : what was moved, by how much, from which week on
    customers : one row per person who was a customer either way (index customer_id): prospect, touched, spend and purchases within the
        weeks asked about, as they are and as they would be (`_moved`), and `change` of spend

    Examples
    --------
    >>> import goodwill as gw
    >>> truth = gw.simulate.answering_company("full", customers=200, weeks=60, seed=1).truth
    >>> answer = truth.do("leaving", -0.5)  # log odds of leaving
    >>> answer.lever, round(answer.own, -1), round(answer.word_of_mouth, -1)
    ('leaving', 2590.0, 3670.0)
    """

    lever: str
    amount: float
    since: float
    customers: pd.DataFrame

    @property
    def total(self) -> float:
        """The change of all money."""
        return float(self.customers["change"].sum())

    @property
    def own(self) -> float:
        """The change of the money of the first customers."""
        return float(self.customers["change"].where(~self.customers["prospect"], 0.0).sum())

    @property
    def word_of_mouth(self) -> float:
        """The change of the money of those whom word of mouth brings or keeps away."""
        return float(self.customers["change"].where(self.customers["prospect"], 0.0).sum())


@dataclass(frozen=True, eq=False)
class Truth:
    """What only the simulation knows of a company, and its answers.

    Attributes
    ----------
    mechanism : every parameter
    number : how many first customers there are
    weeks : how long the company was watched
    seed : with the three above it makes the company
    """

    mechanism: Mechanism
    number: int
    weeks: float
    seed: int

    @property
    def satisfies(self) -> tuple[str, ...]:
        """The models whose assumptions hold; none of purchases where strategies on trial move them within the watched time."""
        held = self.mechanism.satisfies
        trial = self.mechanism.trial_shares and self.weeks > self.mechanism.trial_week
        works = any(any(strategy.rate) or strategy.satisfaction for strategy in self.mechanism.strategies)
        return tuple(name for name in held if name == "Gamma-Gamma") if trial and works else held

    @cached_property
    def streams(self) -> Streams:
        return Streams(self.seed)

    @cached_property
    def persons(self) -> People:
        return people(self.mechanism, self.streams, self.number)

    @cached_property
    def born(self) -> FloatArray:
        """When the first customers make their first purchase [weeks]."""
        u = self.streams.uniform("birth", np.arange(self.number))
        return first_weeks(self.mechanism, u)

    @cached_property
    def arms(self) -> NDArray[np.int64]:
        """The strategy that the trial gives to everybody; -1 for none. Nobody is treated where there is no trial."""
        shares, everybody = self.mechanism.trial_shares, self.number + self.mechanism.prospects
        if not shares:
            return np.full(everybody, -1)
        drawn = self.streams.choice("arm", [1 - sum(shares), *shares], np.arange(everybody)) - 1
        drawn[self.number :] = -1
        known = self.born <= self.mechanism.trial_week
        drawn[: self.number][~known] = -1
        return drawn

    @cached_property
    def lived(self) -> tuple[pd.DataFrame, FloatArray]:
        """All purchases and births of the company as it is."""
        return self.run()

    def run(self, moves: Moved | None = None, *, until: float | None = None, redraw: Redraw = Redraw()) -> tuple[pd.DataFrame, FloatArray]:  # noqa: B008
        """All purchases and births of one version of the company, until a week (by default as long as it was watched)."""
        stop = self.weeks if until is None else until
        moves = moves or Moved({}, self.number + self.mechanism.prospects, treated=self.arms)
        time = clock(self.mechanism, self.persons, moves, int(np.ceil(stop)) + 1)
        return whole_company(Company(self.mechanism, self.streams, self.persons, moves, time, stop, redraw), self.born)

    def do(
        self, lever: str, amount: float, who: ArrayLike | None = None, *, since: float = 0.0, until: float | None = None, futures: int = 0
    ) -> Answer:
        """The same company with a lever moved.

        Parameters
        ----------
        lever, amount : a name of `LEVERS`, or of a strategy (amount 1: it is given)
        who : for whom: customer ids, or a mask over the first customers; by default everybody, prospects too
        since : the lever is moved from this week on; money counts from there
        until : the last week that counts; by default the end of the watched time
        futures : 0 compares what happened with what would have happened by the same chance. A number compares the means over so many
            futures, in both versions drawn anew after `since`: the expected effect on these customers

        Examples
        --------
        >>> from goodwill.simulate import answering_company
        >>> company = answering_company("full", customers=200, weeks=60, seed=1)
        >>> company.truth.do("nothing", 1.0).total
        0.0
        >>> company.truth.do("bad words", -1.0).own
        0.0
        """
        moves = moved(self.mechanism, lever, amount, self._mask(who), since=since, treated=self.arms)
        return self._answer(moves, lever, amount, who, since, until, futures)

    def together(
        self,
        levers: Mapping[str, float],
        who: ArrayLike | None = None,
        *,
        since: float = 0.0,
        until: float | None = None,
        futures: int = 0,
        lasts: float = np.inf,
    ) -> Answer:
        """The same company with several levers moved at once, by name, for so many weeks; otherwise as `do`. No strategies.

        Examples
        --------
        >>> from goodwill.simulate import answering_company
        >>> truth = answering_company("full", customers=200, weeks=60, seed=1).truth
        >>> truth.together({"leaving": 0.0, "problems": 0.0}).total
        0.0
        """
        moves = self.moves(levers, who, since=since, lasts=lasts)
        return self._answer(moves, " + ".join(levers), sum(levers.values()), who, since, until, futures)

    def moves(self, levers: Mapping[str, float], who: ArrayLike | None = None, *, since: float = 0.0, lasts: float = np.inf) -> Moved:
        """Several levers moved from a week on, for so many weeks, for `run`.

        Raises
        ------
        DataError
            A strategy is among them, or a lever that cannot be moved so.
        """
        each = [moved(self.mechanism, name, amount, self._mask(who), since=since) for name, amount in levers.items()]
        if any(one.given.size for one in each):
            raise DataError("a strategy cannot be moved together with levers; ask for it alone.")
        amounts = {name: column for one in each for name, column in one.amounts.items()}
        return Moved(amounts, self.number + self.mechanism.prospects, since, since + lasts, self.arms)

    def _answer(
        self, moves: Moved, lever: str, amount: float, who: ArrayLike | None, since: float, until: float | None, futures: int
    ) -> Answer:
        draws = [Redraw(since, k) for k in range(1, futures + 1)] or [Redraw()]
        stop = self.weeks if until is None else until
        known = self.lived if not futures and until is None else None
        plain = _mean([_money((known or self.run(until=stop, redraw=draw))[0], since) for draw in draws])
        other = _mean([_money(self.run(moves, until=stop, redraw=draw)[0], since) for draw in draws])
        both = plain.join(other, rsuffix="_moved", how="outer").fillna(0.0).sort_index()
        both.insert(0, "prospect", both.index > self.number)
        both.insert(1, "touched", self._mask(who)[both.index - 1])
        return Answer(lever, amount, since, both.assign(change=both["spend_moved"] - both["spend"]))

    def marginal(self, lever: str, who: ArrayLike | None = None, *, step: float = 0.1, **options: Any) -> float:
        """The change of all money per unit of a lever, from half a step each way; for levers that can be moved both ways."""
        up, down = (self.do(lever, sign * step / 2, who, **options).total for sign in (1, -1))
        return (up - down) / step

    def whole(self, lever: str, who: ArrayLike | None = None, **options: Any) -> float:
        """What is there because of a lever that multiplies (problems, harm, good words, bad words …): today less the same without it."""
        return -self.do(lever, -1.0, who, **options).total

    def future(self, horizon: float, *, futures: int = 0) -> pd.DataFrame:
        """What the customers known at the end bring within a horizon after it: spend and purchases, index customer_id.

        With `futures` 0 it is what comes, by the chance that made the company; else the mean over so many futures.
        """
        draws = [Redraw(self.weeks, k) for k in range(1, futures + 1)] or [Redraw()]
        known = np.unique(self.lived[0]["person"].to_numpy(int)) + 1
        brought = _mean([_money(self.run(until=self.weeks + horizon, redraw=draw)[0], self.weeks) for draw in draws])
        return brought.reindex(known, fill_value=0.0)

    def _mask(self, who: ArrayLike | None) -> NDArray[np.bool_]:
        everybody = self.number + self.mechanism.prospects
        if who is None:
            return np.ones(everybody, bool)
        given = np.asarray(who)
        if given.dtype == bool:
            if given.size != self.number:
                raise DataError(f"the mask has {given.size} entries for {self.number} first customers.")
            return np.concatenate([given, np.zeros(self.mechanism.prospects, bool)])
        if given.size and not (given.min() >= 1 and given.max() <= everybody):
            raise DataError(f"customer ids run from 1 to {everybody}, and not from {given.min()} to {given.max()}.")
        mask = np.zeros(everybody, bool)
        mask[given.astype(int) - 1] = True
        return mask


@dataclass(frozen=True, eq=False, repr=False)
class AnsweringCompany(Shown):
    """What the company sees (four tables), and what only the simulation knows (`customers` and `truth`).

    Attributes
    ----------
    transactions, complaints, survey, experiment : DataFrame
        As a company would have them; `experiment` has no row without a trial.
    customers : DataFrame
        A row per person: rate of purchase, leaving, mean spend, satisfaction, segment, and the weeks in which she came and left.
    truth : Truth
        Every parameter, and the answers to what would be if a lever were moved.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.simulate.answering_company("full", customers=200, weeks=60, seed=1)
    >>> made.transactions.columns.tolist(), "left" in made.customers  # when she left only the simulation knows
    (['customer_id', 'date', 'amount', 'order_id'], True)
    """

    transactions: pd.DataFrame  # customer_id, date, amount [currency], order_id
    complaints: pd.DataFrame  # complaint_id, customer_id, order_id, opened, answered, closed, outcome, cause, channel
    survey: pd.DataFrame  # respondent_id (a customer_id), items, satisfaction, loyalty (an intention), segment
    experiment: pd.DataFrame  # customer_id, segment, past_spend, arm, propensity, outcome; empty without a trial within the watched time
    customers: pd.DataFrame  # customer_id, prospect, born, left, rate, leaving, mean_spend, satisfaction, segment
    truth: Truth


def answering_company(
    name: str | Mechanism = "full", *, customers: int = 2_000, weeks: float = 78, seed: int = 1, **changed: Any
) -> AnsweringCompany:
    """Simulate a company whose truth can be asked.

    Parameters
    ----------
    name : "BG/NBD", "MBG/NBD", "Pareto/NBD" (plain ones, as on CDNOW), "nobody leaves", "full", "nothing works", or a `Mechanism`
    customers : how many are born in the first weeks; prospects come on top
    weeks : watched time from the first day
    seed : the same arguments give the same company
    changed : parameters of `Mechanism` that differ: ``season=0.3``, ``regularity=2.0``, …

    Raises
    ------
    DataError
        No customers, a window that ends before the last of them is born, or a parameter that does not exist.

    Examples
    --------
    >>> plain = answering_company("BG/NBD", customers=100, weeks=39)
    >>> plain.truth.satisfies, plain.transactions.customer_id.nunique()
    (('BG/NBD', 'Gamma-Gamma'), 100)
    """
    m = mechanism(name, **changed)
    if customers < 1 or weeks <= m.acquisition_weeks:
        raise DataError(f"{customers} customers in {weeks:g} weeks: need at least one, and more than {m.acquisition_weeks:g} weeks.")
    truth = Truth(m, customers, weeks, seed)
    orders, born = truth.lived
    return AnsweringCompany(
        transactions=order_table(m, orders),
        complaints=complaint_log(m, truth.streams, orders),
        survey=survey_answers(m, truth.streams, truth.persons, orders, weeks),
        experiment=experiment_table(m, truth.persons, truth.arms, orders, truth.born, weeks),
        customers=people_table(truth.persons, m, orders, born),
        truth=truth,
    )


def _money(orders: pd.DataFrame, since: float) -> pd.DataFrame:
    """Spend and purchases after a week; index customer_id."""
    counted = orders["week"] >= since
    grouped = orders["amount"].where(counted, 0.0).groupby(orders["person"].astype(int) + 1)
    bought = counted.astype(float).groupby(orders["person"].astype(int) + 1).sum()
    return pd.DataFrame({"spend": grouped.sum(), "purchases": bought}).rename_axis("customer_id")


def _mean(runs: list[pd.DataFrame]) -> pd.DataFrame:
    if len(runs) == 1:
        return runs[0]
    return pd.concat(runs).groupby(level=0).sum() / len(runs)
