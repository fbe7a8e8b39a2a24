"""What a unit of each lever is worth, on companies whose truth is known: `study(companies, seed)`.

A company of notebook 05 has purchases, a survey of some of its customers and a complaint log. The truth of a lever is what the same company
would bring in the year after its record with the lever moved, per unit; it is taken once for each truth from a company many times as large,
so that it is what customers like these are worth, and no luck of theirs. "null" has nothing that moves leaving; "right" has leaving after
purchases as the notebook assumes, "wrong" has not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd

import goodwill as gw
from benchmarks.truth._portions import PARTS
from goodwill.errors import TooLittle
from goodwill.relationship import levers as room
from goodwill.relationship.answered_histories import answered_histories, lately
from goodwill.relationship.base_value import base_value
from goodwill.relationship.known_truth import MOVED, LeverTruth, lever_truth
from goodwill.relationship.lever_moves import Moves, attribution
from goodwill.relationship.reliability import answer_reliability, lasting_reliability
from goodwill.relationship.satisfaction_dropout import fit_satisfaction_dropout
from goodwill.simulate import AnsweringCompany, answering_company
from goodwill.word_of_mouth.complaint_cost import measured_costs

MARGIN, WEEKS, ASKED, YEAR, LARGE = 0.3, 104.0, 78.0, 52.0, 40_000
FADES, LASTING = 70.0, 0.8  # days in which what has just happened fades; share of satisfaction that lasts
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


def headlines(sold: AnsweringCompany, true: LeverTruth, slow: bool) -> Iterator[tuple[Any, ...]]:
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
        yield f"{name}: worth of one unit", MARGIN * true.worth[name], *found[name].worth
    yield "recovery: in total, per customer", MARGIN * true.total[room.RECOVERY], *(end / there for end in found[room.RECOVERY].total)
    if slow:
        try:
            hour = room.leaving_per_hour(purchases, log, buying.model)
            faster = room.answer_lever(base, measured, hour, rates)
            yield "answers a day faster, per customer", MARGIN * true.total[room.ANSWER], *(end / there for end in faster.total)
        except TooLittle:
            pass
    shared = attribution(Moves(base, found, complaints=rates.dissatisfied))
    yield "all three together, per customer", MARGIN * true.together, *(end / there for end in shared.together)
    table = shared.table.set_index("lever")
    for name in MOVED:
        far = [(end - found[name].total.estimate) / there for end in found[name].total[1:]]
        for what, column, truth in (("part", "part", true.parts), ("last in", "last_in", true.last_in)):
            best = float(table.loc[name, column]) / there
            yield f"{what} of {name} in all three", MARGIN * truth[name], best, best + far[0], best + far[1]


def events_of(transactions: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    """Purchases and complaints by outcome, as events that move an answer for a while."""
    bought = transactions[["customer_id", "date"]].assign(kind="purchase")
    voiced = complaints[["customer_id", "opened", "outcome"]].set_axis(["customer_id", "date", "kind"], axis=1)
    return pd.concat([bought, voiced], ignore_index=True)


@cache
def true_of(name: str, large: int) -> LeverTruth:
    """What is true, from one large company; per unit of margin. Kept beside the portions of the study, as it takes longer than one."""
    kept = PARTS / f"relationship_truth-{''.join(each if each.isalnum() else '_' for each in name)}-{large}.json"
    if kept.exists():
        return LeverTruth(**json.loads(kept.read_text("utf8")))
    found = lever_truth(answering_company("full", customers=large, weeks=WEEKS, seed=999, **(TABLES | TRUTHS[name])), YEAR)
    if large >= LARGE:
        PARTS.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found._asdict()), "utf8")
    return found
