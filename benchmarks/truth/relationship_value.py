"""What a unit of each lever is worth, on companies whose truth is known: `study(companies, seed)`.

A company of notebook 05 has purchases, a survey of some of its customers and a complaint log. The truth of a lever is what the same company
would bring in the year after its record with the lever moved, per unit; it is taken once for each truth from a company many times as large,
so that it is what customers like these are worth, and no luck of theirs. "null" has nothing that moves leaving; "right" has leaving after
purchases as the notebook assumes, "wrong" has not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.relationship import levers as room
from goodwill.relationship.answered_histories import answered_histories, lately
from goodwill.relationship.base_value import base_value
from goodwill.relationship.lever_moves import Moves, attribution, shapley_parts
from goodwill.relationship.reliability import answer_reliability, lasting_reliability
from goodwill.relationship.satisfaction_dropout import fit_satisfaction_dropout
from goodwill.simulate import AnsweringCompany, answering_company
from goodwill.simulate.lives import SILENT, Redraw
from goodwill.word_of_mouth.complaint_cost import measured_costs

MARGIN, WEEKS, ASKED, YEAR, LARGE = 0.3, 104.0, 78.0, 52.0, 40_000
SOON, FADES, LASTING = 8.0, 70.0, 0.8  # weeks in which complaints are recovered for the worth of one; days in which a shock fades
KEEPS = -0.4  # log odds: the move by which the worth of a customer kept is taken
TABLES = {"prospects": 0, "trial_shares": (), "survey_week": ASKED}
UNBIASED = {"response_satisfaction": 0.0, "response_left": 0.0}
STRONG = {"satisfaction_dropout": -0.8, "outcome_dropout": (-0.8, 0.0, 2.0), "satisfaction_per_answer_day": -0.15}
NULL = {"satisfaction_dropout": 0.0, "silent_dropout": 0.0, "outcome_dropout": (0.0, 0.0, 0.0)}
TRUTHS: dict[str, dict[str, Any]] = {
    "null: nothing moves leaving": NULL,
    "right: answers by chance": UNBIASED,
    "right: default": {},
    "right: strong": STRONG,
    "wrong: leaving at any time": {"dropout": "at any time", "s": 0.6, "beta": 25.0},
    "wrong: moods, lagging": {"mood_spread": 1.0, "lagging": True},
    "wrong: seasons, regular, leavers silent": {"season": 0.3, "regularity": 2.0, "leavers_complain": False},
}
MOVED = ("satisfaction", "recovery", "leaving")  # together; the notebook's names are below
NAMES = {"satisfaction": room.SATISFACTION, "recovery": room.RECOVERY, "leaving": room.RETENTION}


class True_(NamedTuple):
    """What is true of customers of one kind: worth of a unit of each lever, totals per customer, and the amounts that were moved."""

    worth: Mapping[str, float]
    total: Mapping[str, float]
    parts: Mapping[str, float]
    together: float


def study(
    companies: int, seed: int, *, customers: int = 5_000, large: int = LARGE, truths: tuple[str, ...] = tuple(TRUTHS), slow: bool = True
) -> pd.DataFrame:
    """Headlines of so many companies under each truth.

    Parameters
    ----------
    companies : how many under each truth
    seed : of the first one; the others follow
    customers, large : size of each, and of the one that truths are taken from
    truths : names of `TRUTHS`
    slow : also what answer times are worth, which doubles the time

    Returns
    -------
    DataFrame
        headline, truth_name, truth, estimate, lower, upper.
    """
    rows = []
    for name in truths:
        for each in range(companies):
            sold = answering_company("full", customers=customers, weeks=WEEKS, seed=seed + each, **(TABLES | TRUTHS[name]))
            rows += [[headline, name, *found] for headline, *found in headlines(sold, true_of(name, large), slow)]
    return pd.DataFrame(rows, columns=["headline", "truth_name", "truth", "estimate", "lower", "upper"])


def headlines(sold: AnsweringCompany, true: True_, slow: bool) -> Iterator[tuple[Any, ...]]:
    """The headlines of one company, each with its truth."""
    purchases, log = gw.read_transactions(sold.transactions), gw.read_complaints(sold.complaints).cases
    summary = gw.summarize_purchases(purchases, unit="week")
    buying, customers = gw.ModifiedBetaGeoNBD.fit(summary), summary.to_pandas()
    asked = pd.Timestamp(sold.truth.mechanism.start) + pd.Timedelta(days=int(7 * ASKED))
    survey = sold.survey.set_index(sold.survey["respondent_id"].astype(str))
    since = (sold.transactions["date"].max() - asked).days / 7
    said = survey["satisfaction"].astype(float)
    recent = lately(events_of(sold.transactions, sold.complaints), asked, FADES)
    data = answered_histories(customers, said, range(1, 11), recent=recent, since_survey=since)
    items = survey[[item for item, _ in sold.truth.mechanism.items]]
    reliability = lasting_reliability(answer_reliability(items, said), LASTING)
    fit = fit_satisfaction_dropout(data, reliability.estimate, start=buying.model)
    terms = gw.ValueTerms(YEAR, MARGIN, 0.0, "week")
    base = base_value(fit, customers, gw.GammaGamma.fit(summary).model, terms)
    found = room.customer_levers(base, reliability)
    measured = measured_costs(purchases, log, summary, buying, MARGIN, 0.0)
    rates = room.complaint_rates(purchases, log)
    found[room.RECOVERY] = room.recovery_lever(base, measured, rates)
    there = found[room.SATISFACTION].units
    for name in MOVED:
        yield f"{NAMES[name]}: worth of one unit", true.worth[name], *found[NAMES[name]].worth
    yield "recovery: in total, per customer", true.total["recovery"], *(end / there for end in found[room.RECOVERY].total)
    if slow:
        try:
            hour = room.leaving_per_hour(purchases, log, buying.model)
            faster = room.answer_lever(base, measured, hour, rates)
            yield "answers a day faster, per customer", true.total["answer time"], *(end / there for end in faster.total)
        except TooLittle:
            pass
    shared = attribution(Moves(base, found, complaints=rates.dissatisfied))
    yield "all three together, per customer", true.together, *(end / there for end in shared.together)
    parts = shared.table.set_index("lever")["part"] / there
    for name in MOVED:
        part, total = float(parts[NAMES[name]]), found[NAMES[name]].total
        far = [(end - total.estimate) / there for end in total[1:]]
        yield f"part of {NAMES[name]} in all three", true.parts[name], part, part + far[0], part + far[1]


def events_of(transactions: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    """Purchases and complaints by outcome, as events that move an answer for a while."""
    bought = transactions[["customer_id", "date"]].assign(kind="purchase")
    voiced = complaints[["customer_id", "opened", "outcome"]].set_axis(["customer_id", "date", "kind"], axis=1)
    return pd.concat([bought, voiced], ignore_index=True)


@cache
def true_of(name: str, large: int) -> True_:
    """What is true, from one large company."""
    sold = answering_company("full", customers=large, weeks=WEEKS, seed=999, **(TABLES | TRUTHS[name]))
    m = sold.truth.mechanism
    point = 1 / (m.answer_spread * (m.points - 1) * m.satisfaction_loading)
    plain = _Lived.of(sold, {}, WEEKS + YEAR)
    kept = _Lived.of(sold, {"leaving": KEEPS}, WEEKS + YEAR)
    a_point = 0.01 * plain.there / (kept.kept - plain.kept)  # share of that move that keeps one in a hundred
    amounts = {"satisfaction": point, "recovery": 1.0, "leaving": KEEPS * a_point}
    money = {frozenset[str](): 0.0}
    for size in range(1, 4):
        for chosen in combinations(MOVED, size):
            run = _Lived.of(sold, {lever: amounts[lever] for lever in chosen}, WEEKS + YEAR)
            money[frozenset(chosen)] = (run.money - plain.money) / plain.there
    soon, later = (_Lived.of(sold, moves, WEEKS + SOON / 2 + YEAR, SOON) for moves in ({}, {"recovery": 1.0}))
    quick = _Lived.of(sold, {"answer time": -1.0}, WEEKS + YEAR)
    total = {lever: money[frozenset([lever])] for lever in MOVED}
    total["answer time"] = (quick.money - plain.money) / plain.there * room.HOURS / plain.hours
    worth = {"satisfaction": total["satisfaction"], "recovery": (later.money - soon.money) / soon.bad}
    worth["leaving"] = (kept.money - plain.money) / (kept.kept - plain.kept) * 0.01
    parts = shapley_parts(MOVED, lambda moved: money[moved])
    return True_(worth, total, parts, money[frozenset(MOVED)])


class _Lived(NamedTuple):
    """One version of the time after the record: margin, customers there at its beginning and end, dissatisfied complaints, mean hours."""

    money: float
    there: int
    kept: int
    bad: int
    hours: float

    @classmethod
    def of(cls, sold: AnsweringCompany, levers: Mapping[str, float], until: float, lasts: float = np.inf) -> _Lived:
        orders, _ = sold.truth.run(sold.truth.moves(levers, since=WEEKS, lasts=lasts), until=until, redraw=Redraw(WEEKS, 1))
        after = orders[orders["week"] >= WEEKS]
        left = orders.groupby("person")["left"].min().to_numpy()
        voiced = after[(after["ended"] < SILENT) & (after["week"] < WEEKS + lasts)]
        bad, hours = int((voiced["ended"] == 2).sum()), 24 * float(voiced["answer_days"].mean())
        return cls(MARGIN * float(after["amount"].sum()), int((left >= WEEKS).sum()), int((left >= until).sum()), bad, hours)
