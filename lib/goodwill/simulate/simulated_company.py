"""A company whose truth is known: purchases, complaints and a survey of the same customers.

The story of one customer, in the order in which `company` draws it:

1. She is born in the first weeks with a first purchase, a purchase rate, a dropout chance, a level of spend and a satisfaction.
2. She buys at exponential intervals (BG/NBD: Fader, Hardie & Lee 2005, Marketing Science 24(2)) and spends a gamma amount each time
   (gamma-gamma: Fader & Hardie 2013, note 025).
3. Any purchase may lead to a complaint, whatever the customer is like; how it is handled is drawn by itself.
4. After every purchase she may leave for good; satisfaction and the handling of a complaint about that purchase multiply the odds. A
   complaint may also be a moment to leave of its own, whatever the purchase did (`leaving_at_complaint`; none unless asked for).
5. At the end some customers answer a survey; their satisfaction carries what their complaints did to it.

Complaints, their outcomes, segments and survey response are independent of all that is before them, so plain comparisons are unbiased.
With every odds multiplier at 1 and `first_purchase_dropout=0` the purchases follow BG/NBD exactly.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.shown import Shown

OUTCOMES = ("satisfied", "acceptable", "dissatisfied")
NO_COMPLAINT = -1
Shares = tuple[tuple[str, float], ...]
ByOutcome = tuple[float, float, float]


@dataclass(frozen=True)
class CompanyTruth:
    """What is true of the simulated company. The values are invented, except those of the spend, which were published for CDNOW.

    A triple holds one value per outcome of a complaint, in the order satisfied, acceptable, dissatisfied. Times are cut to whole days.
    """

    start: date = date(2024, 1, 1)  # first day
    acquisition_weeks: float = 12.0  # first purchases are spread evenly over this time [weeks]

    r: float = 0.8  # shape of the gamma distribution of purchase rates over customers
    alpha: float = 8.0  # its rate; the mean customer buys r / alpha times a week [weeks]
    a: float = 0.7  # first parameter of the beta distribution of dropout chances over customers
    b: float = 4.0  # second one; the mean chance to leave after a purchase is a / (a + b)
    first_purchase_dropout: float = 1.0  # share of the dropout chance that holds after the first purchase; 0 is BG/NBD, 1 is MBG/NBD

    p: float = 6.25  # shape of one customer's amounts
    q: float = 3.74  # shape of the gamma distribution of customers' scales
    gamma: float = 15.44  # its rate; the mean customer spends p gamma / (q - 1) per purchase [currency]

    complaint_chance: float = 0.06  # chance that a purchase leads to a complaint
    outcome_shares: ByOutcome = (0.45, 0.30, 0.25)  # how complaints end
    dropout_odds: ByOutcome = (0.7, 1.0, 3.0)  # odds multiplier on leaving after the purchase complained about; 1 is no effect
    leaving_at_complaint: ByOutcome = (0.0, 0.0, 0.0)  # chance to leave at the moment of the complaint, by how it will end
    leavers_complain: bool = True  # whether those who left at the purchase still complain about it; if not, they go in silence
    satisfaction_shift: ByOutcome = (0.1, 0.0, -0.6)  # what a complaint adds to satisfaction at the survey [standard deviations]
    days_to_complain: float = 4.0  # mean time from purchase to complaint [days]
    days_to_answer: ByOutcome = (1.0, 2.0, 6.0)  # mean time from complaint to first answer [days]
    days_to_close: ByOutcome = (3.0, 5.0, 14.0)  # mean time from first answer to the end of the case [days]
    causes: Shares = (("delivery", 0.4), ("product", 0.3), ("billing", 0.2), ("staff", 0.1))  # shares; no effect on anything
    channels: Shares = (("phone", 0.4), ("e-mail", 0.4), ("shop", 0.2))  # shares; no effect on anything

    satisfaction_dropout_odds: float = 0.8  # odds multiplier on leaving per standard deviation of satisfaction; 1 is no effect
    response_rate: float = 0.4  # share of customers who answer the survey
    points: int = 10  # answers run from 1 to this [5 or 10]
    answer_centre: float = 0.65  # where the mean answer lies on the scale [share of its length]
    answer_spread: float = 0.22  # standard deviation of answers before they are rounded [share of its length]
    items: Shares = (("quality", 0.8), ("service", 0.7), ("delivery", 0.6), ("price", 0.5))  # correlation with latent satisfaction
    satisfaction_loading: float = 0.9  # correlation of the overall answer with latent satisfaction
    loyalty_loading: float = 0.6  # correlation of the intention to buy again with latent satisfaction
    segments: Shares = (("private", 0.7), ("business", 0.3))  # shares; no effect on anything

    def __post_init__(self) -> None:
        for name in ("causes", "channels", "segments", "outcome_shares"):
            total = sum(share[1] if isinstance(share, tuple) else share for share in getattr(self, name))
            if abs(total - 1) > 1e-9:
                raise DataError(f"the shares in {name} add up to {total:.4g}; they must add up to 1")
        if min(*self.dropout_odds, self.satisfaction_dropout_odds) <= 0:
            raise DataError("dropout_odds and satisfaction_dropout_odds must be positive; 1 stands for no effect")
        if not all(0 <= chance <= 1 for chance in self.leaving_at_complaint):
            raise DataError(f"leaving_at_complaint is {self.leaving_at_complaint}; chances lie between 0 and 1")
        if self.points not in (5, 10):
            raise DataError(f"points is {self.points}; a survey scale here has 5 or 10 points")

    @property
    def satisfies(self) -> tuple[str, ...]:
        """The models whose assumptions hold; no model of purchases where satisfaction or complaints move leaving, as by default.

        >>> CompanyTruth().satisfies, CompanyTruth(dropout_odds=(1, 1, 1), satisfaction_dropout_odds=1).satisfies
        (('Gamma-Gamma',), ('MBG/NBD', 'Gamma-Gamma'))
        """
        kinds: dict[float, tuple[str, ...]] = {0: ("BG/NBD",), 1: ("MBG/NBD",)}
        plain = all(odds == 1 for odds in (*self.dropout_odds, self.satisfaction_dropout_odds))
        return (*(kinds.get(self.first_purchase_dropout, ()) if plain else ()), "Gamma-Gamma")


@dataclass(frozen=True, eq=False, repr=False)
class Company(Shown):
    """What the company sees (three tables) and what only the simulation knows (`customers` and `truth`).

    Where complaints are moments to leave, `customers` has the day `left_at_complaint` as well.

    Attributes
    ----------
    transactions, complaints, survey : DataFrame
        As a company would have them.
    customers : DataFrame
        A row per customer: rate of purchase, chance to leave, mean spend, satisfaction, segment, and `left_after`, the order
        after which she left; missing of those who are still there.
    truth : CompanyTruth

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.company(customers=50, weeks=26)
    >>> made
    <Company transactions (127 × 4), complaints (6 × 9), survey (20 × 8), customers (50 × 7), truth CompanyTruth>
    >>> int(made.customers["left_after"].isna().sum())  # who are still there, which no shop sees
    37
    """

    transactions: pd.DataFrame  # customer_id, date, amount [currency], order_id
    complaints: pd.DataFrame  # complaint_id, customer_id, order_id, opened, answered, closed, outcome, cause, channel
    survey: pd.DataFrame  # respondent_id (a customer_id, also of some who left), items, satisfaction, loyalty (an intention), segment
    customers: pd.DataFrame  # customer_id, rate [per week], dropout_chance, mean_spend, satisfaction, segment, left_after (order_id)
    truth: CompanyTruth


def company(customers: int = 2_000, weeks: float = 78, seed: int = 1, truth: CompanyTruth | None = None) -> Company:
    """Simulate a company from its first day.

    Parameters
    ----------
    customers : how many customers are born
    weeks : observed time from `truth.start` [weeks]; the complaint log is read later, when every case is closed
    seed : the same seed and truth give the same company
    truth : what is true of it; default ``CompanyTruth()``

    Raises
    ------
    DataError
        No customers, or a window that ends before the last customer is born.

    Examples
    --------
    >>> small = company(customers=50, weeks=26)
    >>> small.transactions.customer_id.nunique(), list(small.complaints.columns[:3])
    (50, ['complaint_id', 'customer_id', 'order_id'])
    """
    truth = truth or CompanyTruth()
    if customers < 1 or weeks <= truth.acquisition_weeks:
        raise DataError(f"{customers} customers in {weeks:g} weeks: need at least one, and more than {truth.acquisition_weeks:g} weeks")
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"customer_id": np.arange(1, customers + 1), "rate": rng.gamma(truth.r, 1 / truth.alpha, customers)})
    people["dropout_chance"] = rng.beta(truth.a, truth.b, customers)
    people["mean_spend"] = truth.p / rng.gamma(truth.q, 1 / truth.gamma, customers)
    people["satisfaction"] = rng.standard_normal(customers)
    people["segment"] = _draw(rng, truth.segments, customers)
    orders = _orders(people, weeks, truth, rng)
    complaints = _complaints(orders[orders.outcome != NO_COMPLAINT], truth, rng)
    if any(truth.leaving_at_complaint) or not truth.leavers_complain:
        orders, complaints, left = _leave_at_complaints(orders, complaints, truth, rng)
        people["left_at_complaint"] = pd.to_datetime(people.customer_id.map(left))
    people["left_after"] = people.customer_id.map(orders[orders.leaves].set_index("customer_id").order_id).astype("Int64")
    survey = _survey(people, complaints, truth, rng)
    return Company(orders[["customer_id", "date", "amount", "order_id"]], complaints, survey, people, truth)


def _odds_times(chance: NDArray[np.float64], multiplier: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance whose odds are `multiplier` times the odds of `chance`; finite at 0 and 1."""
    return chance * multiplier / (1 - chance + chance * multiplier)


def _draw(rng: np.random.Generator, shares: Shares, size: int) -> NDArray[np.object_]:
    names = np.array([name for name, _ in shares], dtype=object)
    return names[rng.choice(len(names), size, p=[share for _, share in shares])]


def _orders(people: pd.DataFrame, weeks: float, truth: CompanyTruth, rng: np.random.Generator) -> pd.DataFrame:
    """One row per purchase, with the outcome of its complaint and whether the customer left after it."""
    rate, chance, mean_spend = (people[name].to_numpy() for name in ("rate", "dropout_chance", "mean_spend"))
    personal_odds = truth.satisfaction_dropout_odds ** people.satisfaction.to_numpy()
    # The last entry answers to NO_COMPLAINT, which is index -1.
    complaint_odds = np.array([*truth.dropout_odds, 1.0])
    who, week = np.arange(len(people)), rng.uniform(0, truth.acquisition_weeks, len(people))
    exposed, rounds = truth.first_purchase_dropout, []
    while who.size:  # round k holds the k-th purchase of everybody who has one
        complains = rng.random(who.size) < truth.complaint_chance
        outcome = np.where(complains, rng.choice(len(OUTCOMES), who.size, p=truth.outcome_shares), NO_COMPLAINT)
        leaves = rng.random(who.size) < exposed * _odds_times(chance[who], personal_odds[who] * complaint_odds[outcome])
        amount = rng.gamma(truth.p, mean_spend[who] / truth.p).round(2)
        rounds.append(pd.DataFrame({"who": who, "week": week, "amount": amount, "outcome": outcome, "leaves": leaves}))
        week = week + rng.exponential(1 / rate[who])
        stays = ~leaves & (week < weeks)
        who, week, exposed = who[stays], week[stays], 1.0
    orders = pd.concat(rounds).sort_values(["week", "who"], ignore_index=True)
    orders["customer_id"] = people.customer_id.to_numpy()[orders.who]
    orders["date"] = np.datetime64(truth.start) + np.floor(orders.week * 7).to_numpy().astype("timedelta64[D]")
    orders["order_id"] = np.arange(1, len(orders) + 1)
    return orders


def _complaints(orders: pd.DataFrame, truth: CompanyTruth, rng: np.random.Generator) -> pd.DataFrame:
    """The complaint log: one row per order that led to a complaint."""

    def days(mean: float | NDArray[np.float64]) -> NDArray[np.timedelta64]:
        return np.floor(rng.exponential(mean, len(orders))).astype("timedelta64[D]")

    outcome = orders.outcome.to_numpy()
    log = pd.DataFrame({"customer_id": orders.customer_id.to_numpy(), "order_id": orders.order_id.to_numpy()})
    log["opened"] = orders.date.to_numpy() + days(truth.days_to_complain)
    log["answered"] = log.opened + days(np.array(truth.days_to_answer)[outcome])
    log["closed"] = log.answered + days(np.array(truth.days_to_close)[outcome])
    log["outcome"] = np.array(OUTCOMES, dtype=object)[outcome]
    log["cause"] = _draw(rng, truth.causes, len(log))
    log["channel"] = _draw(rng, truth.channels, len(log))
    log = log.sort_values(["opened", "order_id"], ignore_index=True)
    log.insert(0, "complaint_id", np.arange(1, len(log) + 1))
    return log


def _leave_at_complaints(
    orders: pd.DataFrame, complaints: pd.DataFrame, truth: CompanyTruth, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, dict[int, np.datetime64]]:
    """Orders and complaints without those that never came because a complaint was the moment to leave, or because leavers are silent; and
    the day on which each of those left who left at a complaint."""
    gone = orders[orders.leaves].set_index("customer_id").date
    chance = dict(zip(OUTCOMES, truth.leaving_at_complaint, strict=True))
    tossed = rng.random(len(complaints)) < complaints.outcome.map(chance).astype(float).to_numpy()
    ordered = orders.date.to_numpy()[complaints.order_id.to_numpy() - 1]
    gone_by = (pd.to_datetime(complaints.customer_id.map(gone.to_dict())) <= complaints.opened).to_numpy()
    left: dict[int, np.datetime64] = {}
    kept = []
    for i, (customer, opened) in enumerate(zip(complaints.customer_id, complaints.opened.to_numpy(), strict=True)):  # by day of opening
        never = customer in left and ordered[i] > left[customer]
        silent = (customer in left or gone_by[i]) and not truth.leavers_complain
        if never or silent:
            continue
        kept.append(i)
        if tossed[i] and customer not in left:
            left[customer] = opened
    moment = pd.to_datetime(orders.customer_id.map(left))
    stays = moment.isna() | (orders.date <= moment)
    complaints = complaints.iloc[kept].reset_index(drop=True)
    complaints["complaint_id"] = np.arange(1, len(complaints) + 1)
    return orders[stays].reset_index(drop=True), complaints, left


def _survey(people: pd.DataFrame, complaints: pd.DataFrame, truth: CompanyTruth, rng: np.random.Generator) -> pd.DataFrame:
    """Whole answers of those who respond; every question is latent satisfaction seen through its own noise."""
    each = complaints.outcome.map(dict(zip(OUTCOMES, truth.satisfaction_shift, strict=True))).astype(float)
    shift = each.groupby(complaints.customer_id).sum()
    latent = people.satisfaction + people.customer_id.map(shift).fillna(0.0)
    responds = rng.random(len(people)) < truth.response_rate
    felt, length = latent[responds].to_numpy(), truth.points - 1
    answers = {"respondent_id": people.customer_id[responds].to_numpy()}
    for name, loading in (*truth.items, ("satisfaction", truth.satisfaction_loading), ("loyalty", truth.loyalty_loading)):
        seen = loading * felt + np.sqrt(1 - loading**2) * rng.standard_normal(felt.size)
        answer = 1 + length * (truth.answer_centre + truth.answer_spread * seen)
        answers[name] = np.clip(np.rint(answer), 1, truth.points).astype(int)
    return pd.DataFrame(answers | {"segment": people.segment[responds].to_numpy()})
