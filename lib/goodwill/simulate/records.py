"""What the answering company writes down of the lives of its customers: orders, complaints, a survey, a trial."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from goodwill.simulate.lives import SILENT, People
from goodwill.simulate.mechanism import Mechanism
from goodwill.simulate.simulated_company import OUTCOMES, Shares
from goodwill.simulate.streams import ITEMS, FloatArray, Streams

ORDERS_EACH = 100_000  # an order is numbered by its customer and its place with her, so that nobody else's orders move its number


def order_table(m: Mechanism, orders: pd.DataFrame) -> pd.DataFrame:
    """customer_id, date, amount, order_id."""
    seen = orders.sort_values(["week", "person"])
    return pd.DataFrame(
        {
            "customer_id": seen["person"].to_numpy(int) + 1,
            "date": _day(m, seen["week"].to_numpy()),
            "amount": seen["amount"].to_numpy(),
            "order_id": _order_id(seen),
        }
    )


def complaint_log(m: Mechanism, streams: Streams, orders: pd.DataFrame) -> pd.DataFrame:
    """One row per complaint, read when every case is closed."""
    told = orders[orders["ended"] < SILENT].sort_values(["week", "person"])
    who, event, ended = told["person"].to_numpy(int), told["event"].to_numpy(int), told["ended"].to_numpy(int)

    def days(number: FloatArray) -> NDArray[np.timedelta64]:
        return np.floor(number).astype("timedelta64[D]")

    opened = _day(m, told["week"].to_numpy()) + days(m.days_to_complain * streams.exponential("open", who, event))
    answered = opened + days(told["answer_days"].to_numpy())
    log = pd.DataFrame({"complaint_id": _order_id(told), "customer_id": who + 1, "order_id": _order_id(told), "opened": opened})
    log["answered"] = answered
    log["closed"] = answered + days(np.array(m.days_to_close)[ended] * streams.exponential("close", who, event))
    log["outcome"] = np.array(OUTCOMES, dtype=object)[ended]
    log["cause"] = _names(m.causes)[streams.choice("cause", [share for _, share in m.causes], who, event)]
    log["channel"] = _names(m.channels)[streams.choice("channel", [share for _, share in m.channels], who, event)]
    return log.sort_values(["opened", "complaint_id"], ignore_index=True)


def survey_answers(m: Mechanism, streams: Streams, persons: People, orders: pd.DataFrame, weeks: float) -> pd.DataFrame:
    """Whole answers of those who respond; every question is satisfaction on that day seen through its own noise."""
    week = m.survey_week or weeks
    last = orders[orders["week"] <= week].sort_values(["person", "event"]).groupby("person").last()
    who = last.index.to_numpy(int)
    felt = satisfaction_on(m, streams, persons, last, week)
    gone = (last["left"].to_numpy() <= week).astype(float)
    odds = logit(m.response) + m.response_satisfaction * felt + m.response_left * gone
    responds = streams.uniform("responds", who) < expit(odds)
    who, felt, length = who[responds], felt[responds], m.points - 1
    answers: dict[str, NDArray] = {"respondent_id": who + 1}
    questions = (*m.items, ("satisfaction", m.satisfaction_loading), ("loyalty", m.loyalty_loading))
    for number, (name, loading) in enumerate(questions):
        seen = loading * felt + np.sqrt(1 - loading**2) * streams.normal(ITEMS + number, who)
        answer = 1 + length * (m.answer_centre + m.answer_spread * seen)
        answers[name] = np.clip(np.rint(answer), 1, m.points).astype(int)
    return pd.DataFrame(answers | {"segment": _names(m.segments)[persons.segment[who]]})


def satisfaction_on(m: Mechanism, streams: Streams, persons: People, last: pd.DataFrame, week: float) -> FloatArray:
    """Satisfaction in a week of those whose last purchase before it is given (index person)."""
    who = last.index.to_numpy(int)
    kept = np.exp(-m.mood_return * (week - last["week"].to_numpy()))
    lasting = last["after"].to_numpy() - last["mood"].to_numpy()
    return lasting + kept * last["mood"].to_numpy() + m.mood_spread * np.sqrt(1 - kept**2) * streams.normal("survey mood", who)


def experiment_table(
    m: Mechanism, persons: People, arms: NDArray[np.int64], orders: pd.DataFrame, born: FloatArray, weeks: float
) -> pd.DataFrame:
    """The trial: customer_id, segment, past_spend, arm, propensity, outcome (spend while it is watched); empty where there was none."""
    names = ["customer_id", "segment", "past_spend", "arm", "propensity", "outcome"]
    if not m.trial_shares or weeks <= m.trial_week:
        return pd.DataFrame(columns=names)
    who = np.flatnonzero(born <= m.trial_week)
    week = orders["week"].to_numpy()
    past = week < m.trial_week
    watched = ~past & (week < min(m.trial_week + m.trial_weeks, weeks))
    spent, outcome = (
        np.bincount(orders["person"].to_numpy(int), orders["amount"].to_numpy() * counted, len(persons.rate))[who]
        for counted in (past, watched)
    )
    labels = np.array([*(strategy.name for strategy in m.strategies), "do_nothing"], dtype=object)
    shares = np.array([*m.trial_shares, 1 - sum(m.trial_shares)])
    columns = (who + 1, _names(m.segments)[persons.segment[who]], spent.round(2), labels[arms[who]], shares[arms[who]], outcome.round(2))
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def people_table(persons: People, m: Mechanism, orders: pd.DataFrame, born: FloatArray) -> pd.DataFrame:
    """Everybody who became a customer, as only the simulation knows them."""
    who = np.unique(orders["person"].to_numpy(int))
    left = np.full(born.size, np.inf)
    gone = orders[np.isfinite(orders["left"])]
    left[gone["person"].to_numpy(int)] = gone["left"].to_numpy()
    return pd.DataFrame(
        {
            "customer_id": who + 1,
            "prospect": who >= born.size - m.prospects,
            "born": born[who],
            "left": left[who],
            "rate": persons.rate[who],
            "leaving": persons.leaving[who],
            "mean_spend": persons.mean_spend[who],
            "satisfaction": persons.satisfaction[who],
            "segment": _names(m.segments)[persons.segment[who]],
        }
    )


def _day(m: Mechanism, week: FloatArray) -> NDArray[np.datetime64]:
    return np.datetime64(m.start) + np.floor(week * 7).astype("timedelta64[D]")


def _order_id(orders: pd.DataFrame) -> NDArray[np.int64]:
    return (orders["person"].to_numpy(int) + 1) * ORDERS_EACH + orders["event"].to_numpy(int)


def _names(shares: Shares) -> NDArray[np.object_]:
    return np.array([name for name, _ in shares], dtype=object)
