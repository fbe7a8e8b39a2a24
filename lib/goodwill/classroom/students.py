"""The company of one student: its mechanism and its chance follow from a teacher's secret and the student's name, and from nothing else.

The purchases satisfy one of three models that leave no other trace of which it is, so that choosing the model is part of the task; amounts
satisfy Gamma-Gamma. Complaints, answers to a survey and the effects of two strategies are as `goodwill.simulate` makes them. A trial of the
strategies was made in a sister region: the same mechanism, other customers.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.simulate.answering_company import AnsweringCompany, answering_company
from goodwill.simulate.mechanism import Mechanism, Strategy, mechanism

WEEKS = 65.0  # how long the records go back
HORIZON, AHEAD = 26.0, 52.0  # weeks of the forecasts and of what a strategy does; weeks of a value
MARGIN = 0.3  # profit per unit of spend
VISIT_GAIN = 0.2  # by how much a visit raises what a customer spends in the weeks of a value
TRIED = 4_000  # customers of the sister region
KINDS = ("BG/NBD", "MBG/NBD", "Pareto/NBD")
STRATEGIES = ("voucher", "call")
NOTHING = "nothing"


def seed_of(secret: bytes, *what: str) -> int:
    """A seed of 62 bits that nobody without the secret can tell.

    >>> seed_of(b"a", "Ann") == seed_of(b"a", "Ann"), seed_of(b"a", "Ann") == seed_of(b"b", "Ann")
    (True, False)
    """
    return int.from_bytes(hmac.digest(secret, "\n".join(what).encode(), "sha256")[:8], "big") >> 2


def _spread(rng: np.random.Generator, low: float, high: float) -> float:
    """Between two positive numbers, even on the scale of logarithms."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def drawn_mechanism(seed: int) -> Mechanism:
    """The mechanism of a student's company; the ranges are invented, and wide enough to tell two companies from one another."""
    rng = np.random.default_rng(seed)
    kind = KINDS[rng.integers(len(KINDS))]
    r, rate = _spread(rng, 0.6, 1.6), _spread(rng, 0.08, 0.25)
    p, q, spend = _spread(rng, 3, 9), _spread(rng, 3, 6), _spread(rng, 15, 90)
    satisfied, acceptable = rng.uniform(0.3, 0.6), rng.uniform(0.15, 0.3)
    effects = [tuple(float(np.round(rng.uniform(0, most), 3)) for _ in range(2)) for most in (0.3, 0.6)]
    # What a customer spends in the weeks of a strategy if nobody leaves; costs are shares of the profit on it.
    profit = MARGIN * rate * HORIZON * spend
    costs = [float(np.round(profit * rng.uniform(low, high), 2)) for low, high in ((0.02, 0.08), (0.05, 0.15))]
    return mechanism(
        kind,
        r=r,
        alpha=r / rate,
        a=_spread(rng, 0.5, 1.2),
        b=_spread(rng, 3, 8),
        s=_spread(rng, 0.6, 1.2),
        beta=_spread(rng, 25, 60),
        p=p,
        q=q,
        gamma=spend * (q - 1) / p,
        problem_chance=_spread(rng, 0.1, 0.35),
        voice=float(rng.uniform(0.3, 0.7)),
        outcome_shares=(satisfied, acceptable, 1 - satisfied - acceptable),
        answer_centre=float(rng.uniform(0.5, 0.8)),
        strategies=tuple(Strategy(name, cost, effect) for name, cost, effect in zip(STRATEGIES, costs, effects, strict=True)),
        trial_week=int(WEEKS - HORIZON),
        trial_weeks=int(HORIZON),
        segments=(("private", 0.6), ("business", 0.4)),
    )


@dataclass(frozen=True, eq=False)
class StudentCompany:
    """The company of one student: what she is given, and what only the teacher can make again.

    Attributes
    ----------
    company : orders, complaints and survey, with their truth
    sister : the region in which the strategies were on trial

    Examples
    --------
    >>> from goodwill.classroom import student_company
    >>> made = student_company(b"secret", "Ann", customers=60, tried=100)
    >>> type(made.purchases).__name__, made.last_day.date().isoformat(), made.history.columns.tolist()
    ('BetaGeoNBD', '2025-03-30', ['frequency', 'recency', 'T', 'amounts', 'mean_amount'])
    """

    company: AnsweringCompany
    sister: AnsweringCompany

    @property
    def mechanism(self) -> Mechanism:
        return self.company.truth.mechanism

    @cached_property
    def history(self) -> pd.DataFrame:
        """What the orders say of each customer, in weeks: index customer_id; frequency, recency, T, and mean and number of all amounts."""
        orders = self.company.transactions
        daily = orders.groupby(["customer_id", "date"])["amount"].sum().reset_index()
        each = daily.groupby("customer_id")
        first, last = each["date"].min(), each["date"].max()
        recency, age = ((end - first).dt.days / 7 for end in (last, self.last_day))
        columns = {"frequency": each.size() - 1.0, "recency": recency, "T": age}
        return pd.DataFrame(columns | {"amounts": each.size().astype(float), "mean_amount": each["amount"].mean()})

    @property
    def last_day(self) -> pd.Timestamp:
        """The last day of the records."""
        return pd.Timestamp(self.mechanism.start) + pd.Timedelta(days=int(7 * WEEKS) - 1)

    @property
    def segments(self) -> pd.Series:
        """The kind of each customer; the company knows it."""
        return self.company.customers.set_index("customer_id")["segment"]

    @property
    def purchases(self) -> Any:
        """The model of purchases that is true."""
        m = self.mechanism
        if m.dropout == "at any time":
            return ParetoNBD(m.r, m.alpha, m.s, m.beta, unit="week")
        return (ModifiedBetaGeoNBD if m.first_purchase_dropout else BetaGeoNBD)(m.r, m.alpha, m.a, m.b, unit="week")

    @property
    def spend(self) -> GammaGamma:
        """The model of amounts that is true."""
        return GammaGamma(self.mechanism.p, self.mechanism.q, self.mechanism.gamma)

    @cached_property
    def visit_cost(self) -> float:
        """What a visit costs: so much that it pays for about a quarter of the customers, in two digits."""
        worth = float(np.quantile(VISIT_GAIN * MARGIN * self.expected_spend(AHEAD), 0.75))
        return float(f"{worth:.2g}")

    def expected_spend(self, weeks: float) -> FloatArray:
        """Expected spend of each customer in so many weeks after the last day; nobody who sees the orders alone can say it better."""
        seen = self.history
        purchases = self.purchases.expected_purchases(weeks, *(seen[name].to_numpy() for name in ("frequency", "recency", "T")))
        return np.asarray(purchases * self.spend.expected_spend(seen["amounts"], seen["mean_amount"]), float)


def extra_spend(company: AnsweringCompany, week: float, effect: tuple[float, ...]) -> pd.Series:
    """What a strategy adds in its weeks to the expected spend of each customer who is known by `week`, in closed form; index customer_id.

    A customer who is still there buys at m times her rate; who leaves after a purchase with chance p makes (1 - exp(-m rate p H)) / p
    purchases in H weeks, and who leaves at a rate u makes m rate (1 - exp(-u H)) / u.
    """
    m, people = company.truth.mechanism, company.customers
    people = people[people["born"] <= week].set_index("customer_id")
    factor = 1 + people["segment"].map(dict(zip((name for name, _ in m.segments), effect, strict=True))).astype(float)
    horizon, rate, leaving = float(m.trial_weeks), people["rate"], people["leaving"]
    if m.dropout == "at any time":
        purchases = (factor - 1) * rate * -np.expm1(-leaving * horizon) / leaving
    else:
        purchases = (np.expm1(-factor * rate * leaving * horizon) - np.expm1(-rate * leaving * horizon)) / -leaving
    return (purchases * people["mean_spend"]).where(people["left"] > week, 0.0)


def student_company(secret: bytes, name: str, customers: int = 400, tried: int = TRIED) -> StudentCompany:
    """The company of a student; the same secret, name and size make the same company.

    Examples
    --------
    >>> made = student_company(b"only the teacher knows", "Ann", customers=60, tried=100)
    >>> made.company.transactions["customer_id"].nunique(), len(made.sister.experiment)
    (60, 100)
    """
    m = drawn_mechanism(seed_of(secret, name, "mechanism"))
    company = answering_company(m, customers=customers, weeks=WEEKS, seed=seed_of(secret, name, "company"))
    on_trial = {"trial_shares": (0.3, 0.3)}
    sister = answering_company(m, customers=tried, weeks=WEEKS, seed=seed_of(secret, name, "sister"), **on_trial)
    return StudentCompany(company, sister)
