"""How strong a hidden cause would have to be to undo an association, and what "as strong as past spend" would do to it.

Cinelli & Hazlett (2020), Making sense of sensitivity: extending omitted variable bias, Journal of the Royal Statistical Society B 82(1),
39-67; VanderWeele & Ding (2017), Sensitivity analysis in observational research: introducing the E-value, Annals of Internal Medicine
167(4), 268-274. Neither makes an association an effect; both say how much has to be believed to doubt it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
FEWEST = 50  # customers with an answer, below which money is not regressed on it


def robustness_value(t: float, freedom: float, *, share: float = 1.0, alpha: float = 1.0) -> float:
    """Share of the residual variance of both cause and outcome that a hidden cause must explain to undo an estimate.

    Parameters
    ----------
    t, freedom : t statistic of the estimate, and residual degrees of freedom
    share : of the estimate that is undone; 1 brings it to nothing
    alpha : 1 for the estimate itself; .05 until it can no longer be told from what is left at 95 %

    Raises
    ------
    DataError
        For one degree of freedom or less, an alpha outside 0 to 1, or a share that is not positive.

    Examples
    --------
    The published example (harm in Darfur and attitudes to peace):

    >>> round(robustness_value(4.18445, 783), 6), round(robustness_value(4.18445, 783, share=0.5, alpha=0.05), 6)
    (0.138776, 0.004563)
    """
    from scipy.stats import t as student

    if not freedom > 1 or not 0 < alpha <= 1 or not share > 0:
        raise DataError(f"{freedom:g} degrees of freedom, alpha {alpha:g}, share {share:g}: more than 1, above 0 to 1, above 0 are needed")
    needed = abs(float(student.ppf(alpha / 2, freedom - 1))) / np.sqrt(freedom - 1)
    f = share * abs(t) / np.sqrt(freedom) - needed
    return 0.0 if f <= 0 else float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def partial_r2(t: float, freedom: float) -> float:
    """Share of the residual variance of the outcome that a variable explains, from its t statistic.

    Parameters
    ----------
    t, freedom : t statistic of the variable, and residual degrees of freedom

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(partial_r2(4.18445, 783), 6)
    0.021873
    """
    return float(t**2 / (t**2 + freedom))


class Benchmark(NamedTuple):
    """What a hidden cause as strong as a known one would do.

    Attributes
    ----------
    with_cause, with_outcome : share of the residual variance of cause and of outcome that it would explain
    left : the estimate that would be left; the other sign says that such a cause would turn it round

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.relationship.as_strong_as(0.09731, 0.02326, 783, 0.009081, 0.109034)  # harm in Darfur, and being female
    >>> isinstance(found, Benchmark), round(found.left, 4)
    (True, 0.0752)
    """

    with_cause: float
    with_outcome: float
    left: float


def as_strong_as(estimate: float, error: float, freedom: float, with_cause: float, with_outcome: float) -> Benchmark:
    """The estimate that is left if a hidden cause is as strong as a known one (Cinelli & Hazlett 2020, section 4.4).

    Parameters
    ----------
    estimate, error, freedom : coefficient, its standard error and residual degrees of freedom
    with_cause, with_outcome : partial R squared of the known cause with the cause, and with the outcome given the cause

    Examples
    --------
    Darfur again, with a cause as strong as being female (partial R squared .009081 and .109034):

    >>> found = as_strong_as(0.09731, 0.02326, 783, 0.009081, 0.109034)
    >>> round(found.with_cause, 5), round(found.with_outcome, 4), round(found.left, 4)
    (0.00916, 0.1246, 0.0752)
    """
    cause = with_cause / (1 - with_cause)
    overlap = np.sqrt(with_cause**2 / (1 - with_cause) ** 2)
    outcome = float(min(((1 + overlap) / np.sqrt(1 - overlap**2)) ** 2 * with_outcome / (1 - with_outcome), 1.0)) if overlap < 1 else 1.0
    if cause >= 1:
        return Benchmark(1.0, outcome, -np.sign(estimate) * np.inf)
    bias = error * np.sqrt(freedom * outcome * cause / (1 - cause))
    return Benchmark(float(cause), outcome, float(estimate - np.sign(estimate) * bias))


def e_value(ratio: float, *, common: bool = False, odds: bool = False) -> float:
    """How strongly a hidden cause must go with both cause and outcome, as risk ratios, to explain a risk ratio away.

    Parameters
    ----------
    ratio : risk ratio, or an odds ratio where `odds`
    common : whether more than 15 % have the outcome, so that the square root of an odds ratio stands for the risk ratio

    Raises
    ------
    DataError
        For a ratio that is not positive.

    Examples
    --------
    >>> round(e_value(3.9), 6), round(e_value(0.8), 2), round(e_value(3.0, odds=True, common=True), 6)
    (7.263034, 1.81, 2.858083)
    """
    if not ratio > 0:
        raise DataError(f"a ratio is {ratio:g}; it must be positive")
    risk = np.sqrt(ratio) if odds and common else ratio
    risk = max(risk, 1 / risk)
    return float(risk + np.sqrt(risk * (risk - 1)))


def e_value_of_interval(ratio: Interval, **options: bool) -> tuple[float, float]:
    """E-values of the estimate, and of the end of its interval that is nearer to 1 (1 where the interval holds 1).

    Parameters
    ----------
    ratio : Interval of a risk ratio
    **options : `common` and `odds`, as in `e_value`

    Examples
    --------
    >>> from goodwill.inference import Interval
    >>> [round(end, 2) for end in e_value_of_interval(Interval(2.0, 1.5, 2.7))]
    [3.41, 2.37]
    """
    near = 1.0 if ratio.lower <= 1 <= ratio.upper else ratio.lower if ratio.lower > 1 else ratio.upper
    return e_value(ratio.estimate, **options), e_value(near, **options)


class MoneyAssociation(NamedTuple):
    """How later money goes with an answer, past money held equal.

    Attributes
    ----------
    per_point : margin within the watched time per point of the answer, with its interval [currency]
    t, freedom : its t statistic and residual degrees of freedom
    robustness, robustness_at_95 : `robustness_value` of the estimate, and until it is not told from nothing
    benchmark : a hidden cause as strong as past spend
    customers : with an answer and a time after it
    weeks : how long money was watched after the answer

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> amounts = gw.relationship.amounts_of(made.purchases)
    >>> found = gw.relationship.money_association(amounts, made.answers.said, "2025-06-30", margin=0.3)
    >>> found.customers, round(found.weeks), round(found.robustness, 3), round(found.benchmark.left, 2)
    (357, 26, 0.07, 0.53)
    """

    per_point: Interval
    t: float
    freedom: float
    robustness: float
    robustness_at_95: float
    benchmark: Benchmark
    customers: int
    weeks: float


def money_association(transactions: pd.DataFrame, answers: pd.Series, asked: Any, margin: float) -> MoneyAssociation:
    """Regress the money after a survey on the answer, on past spend and past purchases (ordinary least squares, robust errors).

    Parameters
    ----------
    transactions : customer_id, date, amount
    answers : by customer id (text)
    asked : day of the survey
    margin : profit per unit of spend

    Raises
    ------
    TooLittle
        Nobody bought after the survey, or fewer than 50 customers answered who had bought before it.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> amounts = gw.relationship.amounts_of(made.purchases)
    >>> found = money_association(amounts, made.answers.said, "2025-06-30", margin=0.3)
    >>> [round(end, 2) for end in found.per_point]  # of margin per point of the answer, in half a year
    [0.66, -0.29, 1.62]
    """
    import pandas as pd

    from goodwill.inference.uncertainty import normal_quantile

    day, ids = pd.Timestamp(asked), transactions["customer_id"].astype(str)
    after = pd.to_datetime(transactions["date"]) > day
    if not after.any():
        raise TooLittle("No purchase is later than the survey, so that money after an answer cannot be compared: a later record will tell.")
    amount = transactions["amount"].astype(float)
    known = answers[answers.notna() & answers.index.isin(ids[~after])]
    if len(known) < FEWEST:
        raise TooLittle(f"{len(known)} customers with a purchase before the survey answered it; comparing their money takes {FEWEST}.")
    spent, times, later = (
        part.groupby(ids).sum().reindex(known.index).fillna(0.0).to_numpy(float)
        for part in (amount.where(~after, 0.0), (~after).astype(float), margin * amount.where(after, 0.0))
    )
    columns = np.column_stack([np.ones(len(known)), known.to_numpy(float), np.log1p(np.maximum(spent, 0.0)), np.log1p(times)])
    beta, robust, plain, freedom = _least_squares(columns, later)
    other, _, others, _ = _least_squares(np.delete(columns, 1, axis=1), known.to_numpy(float))
    with_cause, with_outcome = partial_r2(other[1] / others[1], freedom + 1), partial_r2(beta[2] / plain[2], freedom)
    half = normal_quantile(0.95) * robust[1]
    # The robustness value rests on t; the robust error takes the place of the plain one, as it is what the interval uses.
    t = float(beta[1] / robust[1])
    bench = as_strong_as(float(beta[1]), float(robust[1]), freedom, with_cause, with_outcome)
    weeks = (pd.to_datetime(transactions["date"]).max() - day).days / 7
    values = (robustness_value(t, freedom), robustness_value(t, freedom, alpha=0.05))
    ends = Interval(float(beta[1]), float(beta[1] - half), float(beta[1] + half))
    return MoneyAssociation(ends, t, freedom, *values, bench, len(known), weeks)


def _least_squares(x: Floats, y: ArrayLike) -> tuple[Floats, Floats, Floats, float]:
    """Coefficients, robust errors (HC1), plain errors, degrees of freedom."""
    y = np.asarray(y, float)
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ x.T @ y
    left, freedom = y - x @ beta, float(len(y) - x.shape[1])
    meat = (x * left[:, None] ** 2).T @ x
    robust = np.sqrt(np.maximum(np.diag(inverse @ meat @ inverse) * len(y) / freedom, 1e-300))
    plain = np.sqrt(np.maximum(np.diag(inverse) * float(left @ left) / freedom, 1e-300))
    return beta, robust, plain, freedom
