"""The data of the tournament, and the dates they are asked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

import goodwill as gw
from goodwill.errors import DataError
from goodwill.simulate.answering_company import answering_company

SEED, REPLICAS = 1907, 2
TRUTHS: dict[str, tuple[str, dict[str, Any]]] = {  # name: the mechanism, and what is changed of it
    "BG/NBD": ("BG/NBD", {}),
    "MBG/NBD": ("MBG/NBD", {}),
    "Pareto/NBD": ("Pareto/NBD", {}),
    "BG/NBD with Christmas": ("BG/NBD", {"season": 0.4, "season_peak": 50.0}),
    "Pareto/NBD with Christmas": ("Pareto/NBD", {"season": 0.4, "season_peak": 50.0}),
    "BG/NBD, rates fall": ("BG/NBD", {"rate_trend": -0.3}),
    "BG/NBD, regular": ("BG/NBD", {"regularity": 3.0, "r": 0.8}),
    "full": ("full", {}),
    "nobody leaves": ("nobody leaves", {}),
}
CUT_OUT = ("BG/NBD", "Pareto/NBD")  # truths of which also a log is kept that begins in the middle of the story


class History(NamedTuple):
    """How customers come, how long the log is, and the weeks of it after which forecasts are asked for."""

    customers: int
    coming: float  # weeks over which they come
    weeks: int
    cuts: tuple[int, ...]
    missing: int = 0  # weeks at the start of the story that the log does not hold


HISTORIES = {
    "cohort": History(1_500, 12.0, 104, (39, 52, 65, 78, 91)),
    "shop": History(2_500, 156.0, 157, (65, 78, 91, 104, 117, 130, 143)),
    "cut out": History(4_200, 260.0, 261, (65, 78, 91, 104, 117, 130, 143), missing=104),
}


class DataSet(NamedTuple):
    """Purchases, the dates they are asked at, and how far ahead; and what is told of customers, if anything.

    `family` names data of one source: a truth, or a company. What was learned of one of a family is no news of another.
    """

    name: str
    family: str
    transactions: Any
    cuts: list[date]
    horizon: float
    told: pd.DataFrame | None = None

    @property
    def kind(self) -> str:
        return "simulated" if self.name.startswith("simulated") else "real"


def data_sets(few: bool = False) -> dict[str, Callable[[], DataSet | None]]:
    """What makes each data set, by its name; one is made after another, so that only one is in memory."""
    made: dict[str, Callable[[], DataSet | None]] = {}
    made["cdnow_sample"] = partial(_cdnow, "cdnow_sample", (39, 52) if few else (26, 39, 52, 65))
    if few:
        return made | {"simulated: BG/NBD, cohort 1": partial(company, "BG/NBD", "cohort", 1, HISTORIES["cohort"]._replace(customers=300))}
    for number in range(1, REPLICAS + 1):
        for how, history in HISTORIES.items():
            for truth in CUT_OUT if history.missing else TRUTHS:
                made[f"simulated: {truth}, {how} {number}"] = partial(company, truth, how, number, history)
    return made | {"cdnow": partial(_cdnow, "cdnow", (26, 39, 52, 65)), "complete_journey": journey}


def _cdnow(name: str, weeks: tuple[int, ...]) -> DataSet:
    log = gw.read_transactions(name)
    return DataSet(name, "cdnow", log, [log.first + timedelta(weeks=w) for w in weeks], 13.0)


def company(truth: str, how: str, number: int, history: History) -> DataSet:
    """A simulated company, of which the log may miss the first weeks."""
    mechanism, changed = TRUTHS[truth]
    seed = SEED + 1000 * number + 100 * list(HISTORIES).index(how) + list(TRUTHS).index(truth)
    shape = {"customers": history.customers, "weeks": history.weeks, "acquisition_weeks": history.coming}
    made = answering_company(mechanism, **shape, seed=seed, trial_shares=(), **changed).transactions[["customer_id", "date", "amount"]]
    begins = made["date"].min() + pd.Timedelta(weeks=history.missing)
    log = gw.read_transactions(made[made["date"] >= begins])
    cuts = [begins.date() + timedelta(weeks=w) for w in history.cuts]
    return DataSet(f"simulated: {truth}, {how} {number}", truth, log, cuts, 13.0)


def journey() -> DataSet | None:
    """The Complete Journey, where the package that carries it is installed."""
    from goodwill.strategies.campaigns import read_complete_journey, read_purchases

    try:
        people = read_complete_journey().demographics
    except DataError:
        return None
    log = read_purchases("complete_journey")
    told = people.rename(columns={"household_id": "customer_id"})[["customer_id", "age", "income"]].astype(str)
    cuts = [log.first + timedelta(weeks=w) for w in (13, 21, 29, 37)]
    return DataSet("complete_journey", "complete_journey", log, cuts, 8.0, told)
