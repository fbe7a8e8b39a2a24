"""What today's customers bring within a horizon when the odds of leaving are moved: the one engine behind every lever.

Whatever keeps customers enters as a shift of the log odds of leaving after a purchase, over the weeks in which it works. Given S, p and
the rate of purchase a customer who is there at T and has bought x times again is expected to buy, by time u after it, at the rate

    (r + x) (alpha + T)^(r + x) / (alpha + T + c(u))^(r + x + 1)        with c(u) the integral of p over the time up to u,

the rate averaged over its gamma distribution (closed form), p and S by quadrature with what the history says of them. With a constant p
and no shift the sum over u is what MBG/NBD expects. Only distinct x and classes of T are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.errors import DataError
from goodwill.lifetime_value.histories import spend_history
from goodwill.relationship.satisfaction_dropout import SatisfactionDropout, chance_nodes, parts_of, satisfaction_nodes
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.value import ValueTerms

Floats = NDArray[np.float64]
PERIODS = 13  # of the horizon, in each of which shifts are constant; a year in four-week periods
T_CLASSES = 60  # of the time since the first purchase, to which it is rounded here
STEP = 0.05  # of numerical derivatives, in standard errors


class Brought(NamedTuple):
    """What is expected of today's customers within the horizon.

    Attributes
    ----------
    money : margin of what they buy, discounted [currency]
    purchases : not discounted
    kept : customers who are still there at its end
    there : customers who are there now
    """

    money: float
    purchases: float
    kept: float
    there: float


@dataclass(frozen=True, eq=False, repr=False)
class BaseValue(Shown):
    """The customers of a fit, ready to be valued.

    Attributes
    ----------
    fit : of `fit_satisfaction_dropout`
    profit : margin that one purchase of each customer is expected to bring, shape (customers,) [currency]
    terms : horizon, margin and discount rate
    place : row of `known` of each distinct row, and `known` the distinct (x, T), shape (rows,), (pairs, 2)
    weight : profit and number of customers summed over distinct rows, shape (2, rows)
    """

    fit: SatisfactionDropout
    profit: Floats
    terms: ValueTerms
    place: NDArray[np.intp]
    known: Floats
    weight: Floats

    def _said(self) -> str:
        return f"{self.customers:,} customers, {self.terms.margin:.0%} of what they buy over {self.terms.horizon:g} {self.terms.unit}s"

    @property
    def customers(self) -> int:
        """Customers who have ever bought."""
        return len(self.profit)

    def brought(self, *shifts: ArrayLike, point: Floats | None = None) -> list[Brought]:
        """What they bring when the log odds of leaving are moved, for each of some moves.

        Parameters
        ----------
        shifts : log odds added in each period of the horizon, one number or shape (periods,) each
        point : other values of the parameters than those fitted, for derivatives
        """
        at = self.fit.point if point is None else point
        parts, weights = parts_of(self.fit.data, at, self.fit.reliability, self.fit.leaning), satisfaction_nodes()[1]
        # That she is there, and her S, given all that is known of her.
        chance = parts.alive * weights / np.maximum((parts.alive + parts.gone) @ weights, 1e-300)[:, None]
        sums = np.zeros((2, len(self.known), len(weights)))
        for one, weight in zip(sums, self.weight, strict=True):
            np.add.at(one, self.place, weight[:, None] * chance)
        found = []
        for shift in shifts:
            money, bought, kept = _expected(at, self.known, np.asarray(shift, float), self.terms)
            totals = (sums[0] * money, sums[1] * bought, sums[1] * kept, sums[1])
            found.append(Brought(*(float(total.sum()) for total in totals)))
        return found

    def covariance(self, function: Any) -> Floats:
        """Of one or several numbers that are functions of the point, by the delta method, shape (numbers, numbers)."""
        values, vectors = np.linalg.eigh(self.fit.covariance)
        spread = np.sqrt(np.maximum(values, 0.0))
        use = np.flatnonzero(spread > 1e-9)
        slopes = []
        for each in use:
            step = STEP * spread[each] * vectors[:, each]
            ends = [np.atleast_1d(np.asarray(function(self.fit.point + way * step), float)) for way in (1, -1)]
            slopes.append((ends[0] - ends[1]) / (2 * STEP))
        jacobian = np.array(slopes) if slopes else np.zeros((1, 1))
        return jacobian.T @ jacobian


def base_value(fit: SatisfactionDropout, customers: pd.DataFrame, spend_model: Any, terms: ValueTerms) -> BaseValue:
    """Make the customers of a fit ready to be valued.

    Parameters
    ----------
    fit : to the histories of these customers, in their order
    customers : with frequency and monetary_value
    spend_model : such as a fitted `GammaGamma`
    terms : horizon, margin and discount rate, in the unit of the fit

    Raises
    ------
    DataError
        Other customers than those of the fit, or another unit.
    """
    if len(customers) != len(fit.data.T):
        raise DataError(f"the model knows {len(fit.data.T)} customers and {len(customers)} are given; give those that it was fitted to")
    if terms.unit != fit.data.unit:
        raise DataError(f"the terms count in {terms.unit}s and the model in {fit.data.unit}s; give both in one unit")
    profit = terms.margin * np.asarray(spend_model.expected_spend(*spend_history(customers)), float)
    first, row, count = fit.data.rows
    coarse = fit.data.T.max() / T_CLASSES
    pairs = np.column_stack([fit.data.frequency[first], np.maximum(np.rint(fit.data.T[first] / coarse), 0.5) * coarse])
    known, place = np.unique(pairs, axis=0, return_inverse=True)
    weight = np.vstack([np.bincount(row, profit, len(first)), count])
    return BaseValue(fit, profit, terms, place.ravel(), known, weight)


def _expected(point: Floats, known: Floats, shift: Floats, terms: ValueTerms) -> tuple[Floats, Floats, Floats]:
    """Discounted purchases, purchases, and the chance to be there at the end, of customers who are there, at each S: (pairs, nodes)."""
    r, alpha, a, b = np.exp(point[:4])
    nodes, _ = satisfaction_nodes()
    odds, weight = chance_nodes(a, b)
    base = odds[:, None] + point[4] * nodes  # (chances, nodes)
    x, T = known.T
    stay = np.exp(-np.logaddexp(0.0, base))
    most = int(x.max(initial=0))
    powers = (weight[:, None] * stay ** (np.arange(most + 1)[:, None, None] + 1)) / np.maximum(
        np.einsum("c,xcn->xn", weight, stay ** (np.arange(most + 1)[:, None, None] + 1)), 1e-300
    )[:, None, :]  # what staying so far says of p, (x, chances, nodes)
    leave = special.expit(base + np.broadcast_to(shift, PERIODS)[:, None, None])  # (periods, chances, nodes)
    length = terms.horizon / PERIODS
    ends = np.concatenate([np.zeros((1, *base.shape)), np.cumsum(leave * length, axis=0)])  # of c(u)
    middle = (np.arange(PERIODS) + 0.5) * length
    discount = np.exp(-terms.rate * middle)
    shape = (len(known), nodes.size)
    money, bought, kept = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for each in np.unique(x).astype(int):  # customers with one number of purchases share what is known of p
        at = np.flatnonzero(x == each)
        share = powers[each]
        start = (alpha + T[at])[:, None, None, None]
        # The expected purchases of a period: the integral of the rate is exact, because c is linear within it.
        still = (start / (start + ends[None])) ** (r + each)  # E exp(-rate c), (pairs, periods + 1, chances, nodes)
        within = (still[:, :-1] - still[:, 1:]) / np.maximum(leave, 1e-12)
        each_period = np.einsum("ptcn,cn->ptn", within, share)
        money[at], bought[at] = np.einsum("ptn,t->pn", each_period, discount), each_period.sum(axis=1)
        kept[at] = np.einsum("pcn,cn->pn", still[:, -1], share)
    return money, bought, kept
