"""How much to spend on winning customers, and how much on keeping them.

Blattberg & Deighton (1996), Harvard Business Review 74(4): the share of prospects who are won, and of customers who stay, rise with spend
towards a ceiling, a = ceiling (1 - exp(-k spend)). A manager answers four questions: today's spend and rate, and the ceiling, for each.
Pfeifer (2005): at the optimum the marginal cost of winning a customer, the marginal cost of keeping one and her lifetime value are one
number; average costs ("keeping is five times cheaper") say nothing about where the next unit should go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
GRID = 4001  # retention budgets tried at first; then refined by Newton's method on the first-order condition


@dataclass(frozen=True)
class ResponseCurve:
    """Share of people won (or kept) by spend per person: ceiling (1 - exp(-k spend))."""

    ceiling: float
    k: float

    @classmethod
    def from_answer(cls, ceiling: float, spend: float, rate: float) -> ResponseCurve:
        """The curve through what is spent and reached today, below a ceiling.

        >>> curve = ResponseCurve.from_answer(ceiling=0.4, spend=5, rate=0.2)
        >>> round(curve.k, 6), round(curve.rate(5), 6)
        (0.138629, 0.2)
        """
        if not (0 < rate < ceiling <= 1 and spend > 0):
            raise DataError(
                f"the rate today is {rate}, its ceiling {ceiling}, the spend {spend}: need 0 < rate < ceiling <= 1 and a positive spend"
            )
        return cls(ceiling, -float(np.log1p(-rate / ceiling)) / spend)

    def rate(self, spend: Any) -> Any:
        """Share of people won (or kept) at this spend per person."""
        return self.ceiling * -np.expm1(-self.k * np.asarray(spend)) if np.ndim(spend) else float(-self.ceiling * np.expm1(-self.k * spend))

    def marginal_cost(self, spend: float) -> float:
        """Cost of one person more at this spend."""
        return float(np.exp(self.k * spend) / (self.ceiling * self.k))


@dataclass(frozen=True)
class Optimum:
    """The best budgets per prospect and per customer and period, and what they bring.

    Examples
    --------
    >>> from goodwill.strategies import Budgeting, ResponseCurve
    >>> case = Budgeting(50, 0.2, ResponseCurve.from_answer(0.4, 5, 0.2), ResponseCurve.from_answer(0.7, 10, 0.5))
    >>> best = case.optimum()
    >>> round(best.average_acquisition_cost, 1), round(best.average_retention_cost, 1)  # though the last unit of either brings as much
    (33.7, 25.2)
    """

    retention_spend: float
    retention_rate: float
    acquisition_spend: float
    acquisition_rate: float
    lifetime_value: float  # of a customer who has been won, her first margin included [currency]
    customer_equity: float  # per prospect, acquisition paid [currency]
    marginal_acquisition_cost: float
    marginal_retention_cost: float
    average_acquisition_cost: float
    average_retention_cost: float


@dataclass(frozen=True)
class Budgeting:
    """Margin per customer and period [currency], discount rate per period, and the two curves."""

    margin: float
    discount: float
    acquisition: ResponseCurve
    retention: ResponseCurve

    def __post_init__(self) -> None:
        if not (self.margin > 0 and self.discount > 0):
            raise DataError(f"the margin is {self.margin} and the discount rate {self.discount}; both must be positive")

    def lifetime_value(self, retention_spend: Any) -> Any:
        """m + (m r - R) / (1 + d - r): the margin at once, then margin and retention spend of those who stay (Blattberg & Deighton)."""
        r = self.retention.rate(retention_spend)
        return self.margin + (self.margin * r - retention_spend) / (1 + self.discount - r)

    def customer_equity(self, acquisition_spend: Any, retention_spend: Any) -> Any:
        """What one prospect is worth at these budgets: a x lifetime value - A."""
        return self.acquisition.rate(acquisition_spend) * self.lifetime_value(retention_spend) - acquisition_spend

    def optimum(self) -> Optimum:
        """The budgets of highest customer equity.

        The retention budget does not depend on the acquisition budget: it maximises the lifetime value of whoever was won. A budget is 0
        where even the first unit brings less than it costs.

        Examples
        --------
        >>> from goodwill.strategies import ResponseCurve
        >>> case = Budgeting(50, 0.2, ResponseCurve.from_answer(0.4, 5, 0.2), ResponseCurve.from_answer(0.7, 10, 0.5))
        >>> best = case.optimum()
        >>> round(best.lifetime_value, 3), round(best.marginal_acquisition_cost, 3), round(best.marginal_retention_cost, 3)
        (74.147, 74.147, 74.147)
        """
        spend = self._best_retention()
        rate, value = self.retention.rate(spend), float(self.lifetime_value(spend))
        # First-order condition: value x ceiling x k x exp(-k A) = 1.
        steep = value * self.acquisition.ceiling * self.acquisition.k
        winning = float(np.log(steep) / self.acquisition.k) if steep > 1 else 0.0
        won = self.acquisition.rate(winning)
        return Optimum(
            spend,
            rate,
            winning,
            won,
            value,
            won * value - winning,
            self.acquisition.marginal_cost(winning),
            self.retention.marginal_cost(spend),
            winning / won if won > 0 else float("nan"),
            spend / rate if rate > 0 else float("nan"),
        )

    def _best_retention(self) -> float:
        """Where the marginal cost of keeping one equals the lifetime value; bisection, as the difference rises with the spend there."""
        spends = np.linspace(0, 60 / self.retention.k, GRID)
        best = int(np.argmax(self.lifetime_value(spends)))
        if best == 0:
            return 0.0
        low, high = float(spends[best - 1]), float(spends[min(best + 1, GRID - 1)])
        for _ in range(200):
            middle = (low + high) / 2
            if self.retention.marginal_cost(middle) < self.lifetime_value(middle):
                low = middle
            else:
                high = middle
        return (low + high) / 2


@dataclass(frozen=True)
class Answer:
    """A manager's answer about one curve: today's spend per person, today's rate and its ceiling, with how sure she is of the two."""

    spend: float
    rate: float
    ceiling: float
    rate_sd: float = 0.0
    ceiling_sd: float = 0.0

    @classmethod
    def from_list(cls, numbers: Sequence[float], what: str) -> Answer:
        """The answer from three to five numbers in the order of the fields.

        >>> Answer.from_list([5, 0.2, 0.4], "acquisition").ceiling
        0.4
        """
        if not 3 <= len(numbers) <= 5:
            raise DataError(
                f"the answer about {what} holds {len(numbers)} numbers; it needs the spend per person, the share today and the share at "
                "any spend, and may add a standard deviation for each share"
            )
        return cls(*numbers)


def elicited(margin: float, discount: float, acquisition: Answer, retention: Answer, *, draws: int = 1_000, seed: int = 1) -> pd.DataFrame:
    """The optimum under uncertain answers: one row per draw, the fields of `Optimum` as columns.

    Rates and ceilings are drawn from beta distributions with the stated means and standard deviations; where a rate comes out above its
    ceiling, both are drawn again. Take quantiles of the columns, and look how often the budgets differ from today's.

    >>> from goodwill.strategies import Answer
    >>> answers = Answer(spend=5, rate=0.2, ceiling=0.4), Answer(spend=10, rate=0.5, ceiling=0.7)
    >>> elicited(50.0, 0.2, *answers, draws=2)["lifetime_value"].round(3).tolist()  # answers given as sure give one optimum
    [74.147, 74.147]
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    pairs = [_drawn_curves(answer, draws, rng) for answer in (acquisition, retention)]
    rows = [Budgeting(margin, discount, won, kept).optimum() for won, kept in zip(*pairs, strict=True)]
    return pd.DataFrame([vars(row) for row in rows])


def margin_per_year(customers: pd.DataFrame, margin: float) -> float:
    """Margin per customer and year: all spend over all time since first purchases, with T in weeks.

    >>> import pandas as pd
    >>> round(margin_per_year(pd.DataFrame({"spend": [100.0, 30.0], "T": [52.0, 78.0]}), margin=0.5), 1)  # in 2.5 years
    26.1
    """
    from goodwill.lifetime_value.value import UNITS_PER_YEAR

    return margin * float(customers["spend"].sum() / (customers["T"].sum() / UNITS_PER_YEAR["week"]))


@dataclass(frozen=True, eq=False, repr=False)
class BestBudgets(Shown):
    """What spending on acquisition and retention is best, by the answers given.

    Attributes
    ----------
    earned : margin per customer and year [currency]
    acquisition, retention : the answers
    draws : one row per draw of uncertain answers, the fields of `Optimum` as columns
    """

    earned: float
    acquisition: Answer
    retention: Answer
    draws: pd.DataFrame


def best_budgets(acquisition: Sequence[float], retention: Sequence[float], earned: float, discount: float, *, seed: int = 1) -> BestBudgets:
    """The best budgets from two lists of numbers (see `Answer.from_list`).

    Raises
    ------
    TooLittle
        One of the two questions is not answered.

    Examples
    --------
    >>> found = best_budgets([5, 0.2, 0.4], [10, 0.5, 0.7], earned=50.0, discount=0.2)
    >>> found.draws[["acquisition_spend", "retention_spend"]].round(2).iloc[0].to_dict()
    {'acquisition_spend': 10.2, 'retention_spend': 14.94}
    """
    if not (len(acquisition) and len(retention)):
        raise TooLittle(
            "Not answered here: give acquisition_answer and retention_answer, each with the spend per person, the share reached today, "
            "and the share that no spend exceeds."
        )
    won, kept = Answer.from_list(acquisition, "acquisition"), Answer.from_list(retention, "retention")
    return BestBudgets(earned, won, kept, elicited(earned, discount, won, kept, seed=seed))


def _drawn_curves(answer: Answer, draws: int, rng: np.random.Generator) -> list[ResponseCurve]:
    ResponseCurve.from_answer(answer.ceiling, answer.spend, answer.rate)  # the answer itself must make sense
    rate, ceiling = _beta(answer.rate, answer.rate_sd, draws, rng), _beta(answer.ceiling, answer.ceiling_sd, draws, rng)
    for _ in range(1_000):
        wrong = np.flatnonzero((rate >= ceiling) | (rate <= 0))
        if not len(wrong):
            return [ResponseCurve.from_answer(float(c), answer.spend, float(r)) for c, r in zip(ceiling, rate, strict=True)]
        rate[wrong] = _beta(answer.rate, answer.rate_sd, len(wrong), rng)
        ceiling[wrong] = _beta(answer.ceiling, answer.ceiling_sd, len(wrong), rng)
    raise DataError(f"a rate of {answer.rate} ± {answer.rate_sd} is hardly ever below a ceiling of {answer.ceiling} ± {answer.ceiling_sd}")


def _beta(mean: float, sd: float, size: int, rng: np.random.Generator) -> Floats:
    if sd == 0:
        return np.full(size, mean)
    weight = mean * (1 - mean) / sd**2 - 1
    if not weight > 0:
        raise DataError(f"no share has the mean {mean} and the standard deviation {sd}; the standard deviation is too large")
    return rng.beta(mean * weight, (1 - mean) * weight, size)


def equity_curve(case: Budgeting, spends: Floats) -> pd.DataFrame:
    """For a picture: lifetime value by retention spend, and equity by acquisition spend at the best retention; one row per spend.

    >>> import numpy as np
    >>> from goodwill.strategies import Budgeting, ResponseCurve
    >>> case = Budgeting(50, 0.2, ResponseCurve.from_answer(0.4, 5, 0.2), ResponseCurve.from_answer(0.7, 10, 0.5))
    >>> equity_curve(case, np.array([0.0, 10.0]))
       spend  acquisition_rate  retention_rate  lifetime_value  customer_equity
    0    0.0               0.0             0.0       50.000000         0.000000
    1   10.0               0.3             0.5       71.428571        12.244123
    """
    import pandas as pd

    best = case.optimum()
    return pd.DataFrame(
        {
            "spend": spends,
            "acquisition_rate": case.acquisition.rate(spends),
            "retention_rate": case.retention.rate(spends),
            "lifetime_value": case.lifetime_value(spends),
            "customer_equity": case.customer_equity(spends, best.retention_spend),
        }
    )
