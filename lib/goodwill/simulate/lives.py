"""The lives of the answering company's customers, purchase by purchase: all of them at once, in rounds.

Round k holds the k-th purchase of everybody who has one. Every random number belongs to a person, a process and the number of the
purchase (`streams`), so that nobody's life depends on who else is simulated. Equations: `docs/simulated_company.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, gammainccinv, logit, ndtr

from goodwill.simulate.levers import Moved
from goodwill.simulate.mechanism import Mechanism
from goodwill.simulate.streams import FloatArray, Streams

NO_PROBLEM, SILENT = 4, 3  # what a purchase ended with, after the three outcomes of a complaint
MOST_ROUNDS = 20_000


@dataclass(frozen=True, eq=False)
class People:
    """What everybody is born with, customers first and then prospects; persons are counted from 0."""

    rate: FloatArray  # purchases per week
    leaving: FloatArray  # chance to leave after a purchase, or rate of leaving per week
    mean_spend: FloatArray  # currency per purchase
    satisfaction: FloatArray  # the lasting part
    segment: NDArray[np.intp]


@dataclass(frozen=True)
class Redraw:
    """What happens after a week is drawn again, under another number; replicate 0 is what was."""

    after: float = np.inf
    replicate: int = 0

    def of(self, week: FloatArray) -> NDArray[np.int64]:
        """The replicate to which events of these weeks belong."""
        return np.where(week > self.after, self.replicate, 0)


def people(m: Mechanism, streams: Streams, customers: int) -> People:
    """Everybody's own parameters."""
    who = np.arange(customers + m.prospects)
    draw_rate = streams.normal("rate", who)
    mixed = m.spend_with_rate * draw_rate + np.sqrt(1 - m.spend_with_rate**2) * streams.normal("spend level", who)
    # Upper tails, because they keep their digits: the level of spend is 1 over a gamma variable, high where that is low.
    rate, scale = gammainccinv(m.r, ndtr(-draw_rate)) / m.alpha, gammainccinv(m.q, ndtr(mixed)) / m.gamma
    u = streams.uniform("leaving chance", who)
    return People(np.maximum(rate, 1e-300), _leaving(m, u), m.p / scale, streams.normal("satisfaction", who), _segment(m, streams, who))


def _leaving(m: Mechanism, u: FloatArray) -> FloatArray:
    from scipy.special import betaincinv

    if m.dropout == "never":
        return np.zeros_like(u)
    return betaincinv(m.a, m.b, u) if m.dropout == "after a purchase" else gammainccinv(m.s, u) / m.beta


def _segment(m: Mechanism, streams: Streams, who: NDArray) -> NDArray[np.intp]:
    return streams.choice("segment", [share for _, share in m.segments], who)


def first_weeks(m: Mechanism, u: FloatArray) -> FloatArray:
    """When the first customers come, from uniform numbers: their density is a trend times a yearly wave, integrated tenth by tenth.

    >>> import numpy as np
    >>> from goodwill.simulate import Mechanism
    >>> early, late = first_weeks(Mechanism(acquisition_weeks=104.0, acquisition_trend=0.5), np.array([0.25, 0.75]))
    >>> bool(early > 26) and bool(late > 78)  # more of them come later
    True
    """
    if m.acquisition_trend == 0 and m.acquisition_season == 0:
        return m.acquisition_weeks * u
    edge = np.linspace(0, m.acquisition_weeks, max(int(m.acquisition_weeks * 10), 1) + 1)
    middle = (edge[1:] + edge[:-1]) / 2
    wave = 1 + m.acquisition_season * np.cos(2 * np.pi * (middle - m.acquisition_peak) / 52)
    share = np.concatenate([[0.0], np.cumsum(np.exp(m.acquisition_trend * middle / 52) * wave)])
    return np.interp(u, share / share[-1], edge)


@dataclass(frozen=True, eq=False)
class Clock:
    """The time in which purchases are a Poisson process of rate 1 times one's own: calendar, levers and strategies in it.

    `passed[i, w]` is the time that has passed for person i by the start of week w.
    """

    passed: FloatArray

    def read(self, who: NDArray, week: FloatArray) -> FloatArray:
        """The time passed for some people by some moments."""
        at = np.minimum(week.astype(int), self.passed.shape[1] - 2)
        start = self.passed[who, at]
        return start + (week - at) * (self.passed[who, at + 1] - start)

    def week(self, who: NDArray, time: FloatArray) -> FloatArray:
        """The moments by which these times have passed; infinite after the last week."""
        low, high = np.zeros(len(who), int), np.full(len(who), self.passed.shape[1] - 1)
        while (high - low > 1).any():
            middle = (low + high) // 2
            later = self.passed[who, middle] <= time
            low, high = np.where(later, middle, low), np.where(later, high, middle)
        start, length = self.passed[who, low], self.passed[who, low + 1] - self.passed[who, low]
        share = np.divide(time - start, length, out=np.full(len(who), np.inf), where=length > 0)
        return np.where(time < self.passed[who, -1], low + share, np.inf)


def clock(m: Mechanism, persons: People, moves: Moved, weeks: int) -> Clock:
    """The clock of everybody for so many weeks."""
    who, middle = np.arange(persons.rate.size), np.arange(weeks) + 0.5
    calendar = np.exp(m.rate_trend * middle / 52) * (1 + m.season * np.cos(2 * np.pi * (middle - m.season_peak) / 52))
    table = np.array([list(strategy.rate) for strategy in m.strategies] or [[0.0] * len(m.segments)])
    speed = np.empty((who.size, weeks))
    for week in range(weeks):
        arm = moves.strategy_of(m, who, week)
        effect = np.where(arm >= 0, table[np.maximum(arm, 0), persons.segment], 0.0)
        speed[:, week] = calendar[week] * (1 + moves.amount("rate", who, week)) * (1 + effect)
    return Clock(np.concatenate([np.zeros((who.size, 1)), np.cumsum(speed, axis=1)], axis=1))


@dataclass(frozen=True, eq=False)
class Company:
    """All that the lives of one version of the company depend on."""

    m: Mechanism
    streams: Streams
    persons: People
    moves: Moved
    clock: Clock
    weeks: float
    redraw: Redraw = Redraw()


def lives(c: Company, who: NDArray, born: FloatArray) -> pd.DataFrame:
    """One row per purchase within the weeks of the company, of the people who are born within them.

    Columns: person, event (0 for the first purchase), week, amount, ended (0 to 2 the outcome of a complaint, 3 a silent problem, 4 no
    problem), opened (the week of the complaint, else infinite), answer_days, before and after (satisfaction before and after the
    problem), mood (its part that comes and goes, afterwards), left (the week in which she left before her next purchase, else infinite).
    """
    keep = born < c.weeks
    who, week = who[keep], born[keep]
    event, mood, felt_before, gap = 0, np.zeros(who.size), np.full(who.size, np.nan), np.full(who.size, np.inf)
    leaves_at = np.full(who.size, np.inf)  # the earliest complaint so far that is the moment to leave
    rounds: list[dict[str, np.ndarray]] = []
    while who.size:
        if event > MOST_ROUNDS:
            raise RuntimeError(f"a customer of the simulated company made more than {MOST_ROUNDS:,} purchases")
        row = _purchase(c, who, event, week, mood, gap)
        # At her first purchase nobody has an earlier satisfaction, and answers to today's.
        felt = np.where(np.isnan(felt_before), row["after"], felt_before) if c.m.lagging else row["after"]
        following = _next_purchase(c, who, event, week)
        leaves_at = np.minimum(leaves_at, _complaint_to_leave_at(c, who, event, row))
        left = _left(c, who, event, week, following, felt, row["ended"])
        row["left"] = np.where(leaves_at < np.minimum(following, c.weeks), np.minimum(left, leaves_at), left)
        rounds.append({"person": who, "event": np.full(who.size, event), **(row if c.m.leavers_complain else _silent_leavers(row))})
        stays = np.isinf(row["left"]) & (following < c.weeks)
        gap = (following - week)[stays]
        who, week, mood, felt_before = who[stays], following[stays], row["mood"][stays], row["after"][stays]
        leaves_at = leaves_at[stays]
        event += 1
    names = ["person", "event", "week", "amount", "ended", "opened", "answer_days", "before", "after", "mood", "left"]
    return pd.DataFrame({name: np.concatenate([r[name] for r in rounds]) if rounds else np.zeros(0) for name in names})


def _purchase(c: Company, who: NDArray, event: int, week: FloatArray, mood: FloatArray, gap: FloatArray) -> dict[str, np.ndarray]:
    """A purchase: what she feels, whether there is a problem, whether she complains, how it ends, what it does to her, what she pays."""
    m, again = c.m, c.redraw.of(week)
    kept = np.exp(-m.mood_return * gap)
    mood = kept * mood + m.mood_spread * np.sqrt(1 - kept**2) * c.streams.normal("mood", who, event, again)
    lasting = c.persons.satisfaction[who] + lifted(c, who, week)
    before = lasting + mood
    chance = np.minimum(m.problem_chance * (1 + c.moves.amount("problems", who, week)), 1.0)
    problem = c.streams.uniform("problem", who, event, again) < chance
    voice = logit(m.voice) + m.voice_satisfaction * before + m.voice_purchases * np.log1p(event) + c.moves.amount("voice", who, week)
    complains = problem & (c.streams.uniform("voice", who, event, again) < expit(voice))
    ended = np.where(complains, _outcome(c, who, event, week, again), np.where(problem, SILENT, NO_PROBLEM))
    known = np.minimum(ended, 2)
    days = np.array(m.days_to_answer)[known] * (1 + c.moves.amount("answer time", who, week))
    days = np.where(complains, days * c.streams.exponential("answer", who, event, again), 0.0)
    harm = 1 + c.moves.amount("harm", who, week)
    jump = np.array([*m.outcome_satisfaction, m.silent_satisfaction, 0.0])[ended] + m.satisfaction_per_answer_day * days
    mood = mood + harm * jump
    prices = c.persons.mean_spend[who] * np.exp(m.price_trend * week / 52) * (1 + c.moves.amount("spend", who, week))
    amount = np.round(c.streams.gamma("amount", m.p, who, event, again) / m.p * prices, 2)
    opened = week + m.days_to_complain / 7 * c.streams.exponential("open", who, event, again)
    row = {"week": week, "amount": amount, "ended": ended, "opened": np.where(complains, opened, np.inf), "answer_days": days}
    return row | {"before": before, "after": lasting + mood, "mood": mood}


def _complaint_to_leave_at(c: Company, who: NDArray, event: int, row: dict[str, np.ndarray]) -> FloatArray:
    """The week of the complaint where that is the moment to leave, by its own coin; else infinite."""
    chance = np.array([*c.m.complaint_dropout, 0.0, 0.0])[row["ended"]] + c.m.complaint_dropout_per_day * row["answer_days"]
    chance = chance * (1 + c.moves.amount("harm", who, row["week"]))
    return np.where(c.streams.uniform("coin", who, event, c.redraw.of(row["week"])) < chance, row["opened"], np.inf)


def _silent_leavers(row: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The purchase where those who have left do not complain any more; what the problem did to them stays."""
    gone = row["left"] < row["opened"]
    ended = np.where(gone & (row["ended"] < SILENT), SILENT, row["ended"])
    return row | {"ended": ended, "opened": np.where(gone, np.inf, row["opened"]), "answer_days": np.where(gone, 0.0, row["answer_days"])}


def lifted(c: Company, who: NDArray, week: FloatArray | float) -> FloatArray:
    """What the lever and the strategies add to satisfaction."""
    arm = c.moves.strategy_of(c.m, who, week)
    effects = np.array([*(strategy.satisfaction for strategy in c.m.strategies), 0.0])  # the last answers to -1
    return c.moves.amount("satisfaction", who, week) + effects[arm]


def _outcome(c: Company, who: NDArray, event: int, week: FloatArray, again: NDArray) -> NDArray[np.int64]:
    satisfied, acceptable, _ = c.m.outcome_shares
    better = c.moves.amount("handling", who, week)
    u = c.streams.uniform("outcome", who, event, again)
    first = satisfied + (1 - satisfied) * better
    middle = first + acceptable * (1 - better)
    recovered = u >= 1 - (1 - middle) * c.moves.amount("recovery", who, week)
    return np.where((u < first) | (recovered & (u >= middle)), 0, np.where(u < middle, 1, 2))


def _next_purchase(c: Company, who: NDArray, event: int, week: FloatArray) -> FloatArray:
    """When she would buy next, if she stayed."""
    start = c.clock.read(who, week)
    replicate = c.redraw.of(week)
    following = c.clock.week(who, start + _gap(c, who, c.streams.uniform("gap", who, event, replicate)))
    waits = (week <= c.redraw.after) & (following > c.redraw.after)
    if c.redraw.replicate and waits.any():
        following[waits] = _waited(c, who[waits], event, start[waits])
    return following


def _gap(c: Company, who: NDArray, survival: FloatArray) -> FloatArray:
    """The time between two purchases that is exceeded with this chance."""
    shape = c.m.regularity
    return (-np.log(survival) if shape == 1 else gammainccinv(shape, survival) / shape) / c.persons.rate[who]


def _waited(c: Company, who: NDArray, event: int, start: FloatArray) -> FloatArray:
    """The next purchase drawn again, of those who have waited for it until the redraw: gaps longer than the wait."""
    from scipy.special import gammaincc

    now = np.full(who.size, c.redraw.after)
    waited, shape = (c.clock.read(who, now) - start) * c.persons.rate[who], c.m.regularity
    survival = np.exp(-waited) if shape == 1 else gammaincc(shape, shape * waited)
    u = c.streams.uniform("gap", who, event, c.redraw.replicate)
    return c.clock.week(who, start + _gap(c, who, np.maximum(survival * u, 1e-300)))


def _left(
    c: Company, who: NDArray, event: int, week: FloatArray, following: FloatArray, felt: FloatArray, ended: NDArray[np.int64]
) -> FloatArray:
    """When she left before her next purchase; infinite where she stayed."""
    m, leaving = c.m, c.persons.leaving[who]
    direct = np.array([*m.outcome_dropout, m.silent_dropout, 0.0])[ended] * (1 + c.moves.amount("harm", who, week))
    shift = m.satisfaction_dropout * felt + direct + c.moves.amount("leaving", who, week)
    again = c.redraw.of(week)
    if m.dropout == "at any time":
        at = week + c.streams.exponential("leave", who, event, again) / np.maximum(leaving * np.exp(shift), 1e-300)
        waits = (week <= c.redraw.after) & (np.minimum(at, following) > c.redraw.after)
        if c.redraw.replicate:  # leaving has no memory: from now on it is drawn again
            fresh = c.streams.exponential("leave", who, event, c.redraw.replicate) / np.maximum(leaving * np.exp(shift), 1e-300)
            at = np.where(waits, c.redraw.after + fresh, at)
        return np.where(at < np.minimum(following, c.weeks), at, np.inf)
    odds = np.exp(shift)
    chance = leaving * odds / (1 - leaving + leaving * odds) * (m.first_purchase_dropout if event == 0 else 1.0)
    return np.where(c.streams.uniform("leave", who, event, again) < chance, week, np.inf)
