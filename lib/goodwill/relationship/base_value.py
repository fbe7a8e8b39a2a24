"""What today's customers bring within a horizon when the odds of leaving are moved: the one engine behind every lever.

Whatever keeps customers enters as a shift of the log odds of leaving after a purchase, over the weeks in which it works. Given S, p and
the rate of purchase a customer who is there at T and has bought x times again is expected to buy, by time u after it, at the rate

    (r + x) (alpha + T)^(r + x) / (alpha + T + c(u))^(r + x + 1)        with c(u) the integral of p over the time up to u,

the rate averaged over its gamma distribution (closed form), p and S by quadrature with what the history says of them. With a constant p
and no shift the sum over u is what MBG/NBD expects. Only distinct x and classes of T are computed.

A complaint that ends well takes leavers away otherwise than by odds: where it has a coin of its own, whoever stays at the purchase is
spared a chance that goes with p^lean (`word_of_mouth.complaint_coin`). It enters as a share saved of those who would have stayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from goodwill.errors import DataError
from goodwill.lifetime_value.histories import spend_history
from goodwill.relationship.rival_models import Rival, rivals, spread
from goodwill.relationship.satisfaction_dropout import (
    NUMBERS,
    SLOPE,
    Coined,
    SatisfactionDropout,
    chance_nodes,
    number_class,
    parts_of,
    satisfaction_nodes,
)
from goodwill.relationship.unknown_customers import Opened, opened
from goodwill.shown import Shown
from goodwill.word_of_mouth.complaint_values import DRAWS, LONG_RUN

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.value import ValueTerms

Floats = NDArray[np.float64]
PERIODS = 13  # of the horizon, in each of which shifts are constant; a year in four-week periods
T_CLASSES = 60  # of the time since the first purchase, to which it is rounded here
SMALL = -0.05  # log odds: the move by which a customer kept is valued
FURTHER = 100  # purchases within the horizon beyond which nobody is followed one by one
LEAST = 1e-9  # chance to leave at a purchase, in whose place nothing stands
STEP = 0.05  # of numerical derivatives, in standard errors


class Move(NamedTuple):
    """What is done to leaving, in each period of the horizon; numbers, or shape (periods,).

    Attributes
    ----------
    shift : added to the log odds of leaving at a purchase
    saved : taken from the chance to leave at a purchase, of those who would have stayed at the purchase itself, where p^lean is `level`; it
        goes with how many purchases came before as complaints do (`Coined.ratio`), and is that of a purchase where this is 1
    lean : how `saved` goes with the customer's own chance p
    level : mean of p^lean over complaints

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> half_a_year = [-0.5] * 6 + [0.0] * 7  # thirteen periods
    >>> plain, lasting, fading = made.base.brought(Move(), Move(shift=-0.5), Move(shift=half_a_year))
    >>> plain.money < fading.money < lasting.money
    True
    """

    shift: ArrayLike = 0.0
    saved: ArrayLike = 0.0
    lean: float = 0.0
    level: float = 1.0


STILL = Move()


class Brought(NamedTuple):
    """What is expected of today's customers within the horizon.

    Attributes
    ----------
    money : margin of what they buy, discounted [currency]
    purchases : not discounted
    kept : customers who are still there at its end
    there : customers who are there now

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> (plain,) = made.base.brought(0.0)
    >>> isinstance(plain, Brought), plain.kept < plain.there < made.base.customers  # many have left by now, some more within the year
    (True, True)
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
    histories : their frequency, recency and T
    place : row of `known` of each distinct row, and `known` the distinct (x, T), shape (rows,), (pairs, 2)
    weight : profit and number of customers summed over distinct rows, shape (2, rows)
    squares : squares of the profit of each customer's purchases that her amounts leave possible, in the mean, and of `profit`, summed alike

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> made.base
    <BaseValue 1,200 customers, 30% of what they buy over 52 weeks>
    >>> plain, fewer = made.base.brought(0.0, -0.1)  # log odds of leaving
    >>> plain.money < fewer.money, plain.kept < fewer.kept < plain.there
    (True, True)
    """

    fit: SatisfactionDropout
    profit: Floats
    terms: ValueTerms
    histories: pd.DataFrame
    place: NDArray[np.intp]
    known: Floats
    weight: Floats
    squares: Floats

    def _said(self) -> str:
        return f"{self.customers:,} customers, {self.terms.margin:.0%} of what they buy over {self.terms.horizon:g} {self.terms.unit}s"

    @property
    def customers(self) -> int:
        """Customers who have ever bought."""
        return len(self.profit)

    def brought(self, *moves: ArrayLike | Move, point: Floats | None = None) -> list[Brought]:
        """What they bring when leaving is moved, for each of some moves.

        Parameters
        ----------
        moves : each a `Move`, or the log odds added in each period of the horizon, one number or shape (periods,)
        point : other values of the parameters than those fitted, for derivatives
        """
        at = self.fit.point if point is None else point
        sums, found = self._there(at), []
        for each in moves:
            move = each if isinstance(each, Move) else Move(each)
            money, bought, kept = _expected(at, self.known, move, self.terms, self.fit.coined)
            totals = (sums[0] * money, sums[1] * bought, sums[1] * kept, sums[1])
            found.append(Brought(*(float(total.sum()) for total in totals)))
        return found

    def _there(self, at: Floats) -> Floats:
        """Profit and number of customers who are there, by (x, T) and S, given all that is known of them: (2, pairs, nodes)."""
        chance, sums = self._still(at), np.zeros((2, len(self.known), len(satisfaction_nodes()[1])))
        for one, weight in zip(sums, self.weight, strict=True):
            np.add.at(one, self.place, weight[:, None] * chance)
        return sums

    def _still(self, at: Floats) -> Floats:
        """Chance that a customer of each distinct row is there, with each S: (rows, nodes)."""
        parts, weights = parts_of(self.fit.data, at, self.fit.reliability, self.fit.leaning, self.fit.coined), satisfaction_nodes()[1]
        return np.asarray(parts.alive * weights / np.maximum((parts.alive + parts.gone) @ weights, 1e-300)[:, None])

    @cached_property
    def each_customer(self) -> Floats:
        """What each customer is expected to bring within the horizon if nothing is done, shape (customers,) [currency]."""
        money, _, _ = _expected(self.fit.point, self.known, STILL, self.terms, self.fit.coined)
        return np.asarray(self.profit * (self._still(self.fit.point) * money[self.place]).sum(axis=1)[self.fit.data.rows[1]])

    @cached_property
    def before(self) -> Floats:
        """Expected purchases of the horizon by how many each customer has made before, the first counted: shape (most + 1,).

        How many one customer makes is spread as a geometric distribution about what is expected of her.
        """
        there, (_, bought, _) = self._there(self.fit.point)[1], _expected(self.fit.point, self.known, STILL, self.terms, self.fit.coined)
        x, number = self.known[:, 0].astype(int), there.sum(axis=1)
        mean = (there * bought).sum(axis=1) / np.maximum(number, 1e-300)
        found = np.zeros(int(x.max(initial=0)) + FURTHER + 1)
        again = (mean / (1 + mean))[:, None] ** np.arange(1, FURTHER + 1)
        np.add.at(found, x[:, None] + np.arange(1, FURTHER + 1), number[:, None] * again)
        return found

    @cached_property
    def mean_ratio(self) -> float:
        """`Coined.ratio` at the next purchase, in the mean over the purchases of the horizon."""
        there, (_, bought, _) = self._there(self.fit.point)[1], _expected(self.fit.point, self.known, STILL, self.terms, self.fit.coined)
        number = (there * bought).sum(axis=1)
        return float(number @ self.fit.coined.ratio_at(self.known[:, 0] + 1) / number.sum())

    @cached_property
    def units(self) -> tuple[Floats, Floats]:
        """Money within the horizon, and its covariance by the error of the fit, of: a point of satisfaction for all; one customer in a
        hundred more who is there at the end; a thousandth less chance to leave at each purchase, for all alike."""
        step = self.fit.point_in_spreads

        def totals(point: Floats) -> Floats:
            plain, happier, kept, spared = self.brought(0.0, point[SLOPE] * step, SMALL, Move(saved=0.001), point=point)
            one_in_hundred = (kept.money - plain.money) / (kept.kept - plain.kept) * 0.01 * plain.there
            return np.array([happier.money - plain.money, one_in_hundred, spared.money - plain.money])

        return totals(self.fit.point), self.covariance(totals)

    @cached_property
    def rivals(self) -> list[Rival]:
        """The purchase models that could have been used, and what a customer kept is worth by each."""
        return rivals(self.histories, self.profit, self.terms.horizon)

    @property
    def model_error(self) -> float:
        """Standard error of what a customer kept is worth, as a share of it, from models that fit as well but see leaving otherwise."""
        return spread(self.rivals)

    @cached_property
    def unknown_errors(self) -> Floats:
        """Standard errors of `units` per customer who is there, as shares of them, by what histories leave open of each customer.

        What a unit brings is a mean over customers who are there, or for one in a hundred kept a ratio of two means; a few who buy much
        have most of it (`unknown_customers`).
        """
        point, still, found = self.fit.point, self._still(self.fit.point), []
        (profit, number), (possible, squared) = self.weight, self.squares
        shifts = (Move(point[SLOPE] * self.fit.point_in_spreads or SMALL), Move(SMALL), Move(saved=0.001))
        weight = _known_chances(point, self.known[:, 0], self.fit.coined)
        plain = self._next_leaving(point, STILL)
        for move, per in zip(shifts, ("customer", "kept", "customer"), strict=True):
            each = opened(*self._rates(point), plain, self._next_leaving(point, move), weight, self.terms.horizon)
            of = Opened(*((still * mean[self.place]).sum(axis=1) for mean in each))
            more, there = of.more, still.sum(axis=1)
            base, base2, with_base = (of.kept, of.kept_squared, of.product) if per == "kept" else (there, there, more)
            ratio = float(profit @ more / (number @ base))
            spread = possible @ of.more_squared - 2 * ratio * profit @ with_base + ratio**2 * number @ base2
            spread -= squared @ more**2 - 2 * ratio * profit @ (more * base) + ratio**2 * number @ base**2
            found.append(float(np.sqrt(max(spread, 0.0)) / abs(profit @ more)))
        return np.array(found)

    def _next_leaving(self, point: Floats, move: Move) -> Floats:
        """Chance to leave at the next purchase, by (x, T), p and S, of a move that is the same in all periods."""
        of_class = np.stack([_leaving(point, move, self.fit.coined, number)[0] for number in NUMBERS])
        return np.asarray(of_class[number_class(self.known[:, 0] + 1)])

    def _rates(self, point: Floats) -> tuple[Floats, Floats]:
        """Shape and scale of what is known of the rate of purchase of customers who are there, by (x, T)."""
        r, alpha = np.exp(point[:2])
        return r + self.known[:, 0], alpha + self.known[:, 1]

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

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> base = base_value(made.fit, made.customers, made.spending.model, gw.ValueTerms(26, 0.3, 0.15, "week"))
    >>> base
    <BaseValue 1,200 customers, 30% of what they buy over 26 weeks>
    >>> base.brought(0.0)[0].money < made.base.brought(0.0)[0].money  # half a year brings less than a year
    True
    """
    if len(customers) != len(fit.data.T):
        raise DataError(f"the model knows {len(fit.data.T)} customers and {len(customers)} are given; give those that it was fitted to")
    if terms.unit != fit.data.unit:
        raise DataError(f"the terms count in {terms.unit}s and the model in {fit.data.unit}s; give both in one unit")
    spent = spend_history(customers, spend_model)
    profit = terms.margin * np.asarray(spend_model.expected_spend(*spent), float)
    drawn = spend_model.draw_spend(np.full((DRAWS, len(profit)), LONG_RUN), *spent, np.random.default_rng(1)) / LONG_RUN
    possible = profit**2 + terms.margin**2 * np.asarray(drawn).var(axis=0)  # what she spends each time, in the long run
    first, row, count = fit.data.rows
    coarse = fit.data.T.max() / T_CLASSES
    pairs = np.column_stack([fit.data.frequency[first], np.maximum(np.rint(fit.data.T[first] / coarse), 0.5) * coarse])
    known, place = np.unique(pairs, axis=0, return_inverse=True)
    weight = np.vstack([np.bincount(row, profit, len(first)), count])
    squares = np.vstack([np.bincount(row, each, len(first)) for each in (possible, profit**2)]).astype(float)
    return BaseValue(fit, profit, terms, customers[["frequency", "recency", "T"]], place.ravel(), known, weight, squares)


def _leaving(point: Floats, move: Move, coined: Coined, before: int) -> Floats:
    """Chance to leave at a purchase that so many came before, in each period, or where it is always the same in one, by p and S: (periods,
    chances, nodes)."""
    odds, nodes = chance_nodes(*np.exp(point[2:4]))[0], satisfaction_nodes()[0]
    shift, saved = (each[:, None, None] for each in np.broadcast_arrays(*np.atleast_1d(move.shift, move.saved)))
    saved = saved * coined.ratio_at(before)
    spared = coined.at(odds, before)[:, None] - saved * (special.expit(odds) ** move.lean / move.level)[:, None]
    leave = 1 - (1 - special.expit(odds[:, None] + point[SLOPE] * nodes + shift)) * (1 - spared)
    # Where more is spared than there was, survival may lie above one, so that the mean stays what it is.
    return np.where(np.abs(leave) < LEAST, LEAST, leave)


def _known_chances(point: Floats, x: Floats, coined: Coined) -> Floats:
    """What having stayed at so many purchases says of p, at each S: (histories, chances, nodes)."""
    (odds, weight), nodes = chance_nodes(*np.exp(point[2:4])), satisfaction_nodes()[0]
    stay = np.exp(-np.logaddexp(0.0, odds[:, None] + point[SLOPE] * nodes))
    number, place = np.unique(x.astype(int), return_inverse=True)
    coins = np.cumprod(1 - coined.at(odds, np.arange(number.max(initial=0) + 1)), axis=0)[number]  # (numbers, chances)
    powers = weight[:, None] * coins[:, :, None] * stay ** (number[:, None, None] + 1)
    return np.asarray((powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-300))[place.ravel()])


def _expected(point: Floats, known: Floats, move: Move, terms: ValueTerms, coined: Coined) -> tuple[Floats, Floats, Floats]:
    """Discounted purchases, purchases, and the chance to be there at the end, of customers who are there, at each S: (pairs, nodes)."""
    r, alpha = np.exp(point[:2])
    x, T = known.T
    share_of = _known_chances(point, np.arange(int(x.max(initial=0)) + 1.0), coined)
    # What further complaints do is taken as it is at the next purchase.
    leaving = [_leaving(point, move, coined, number) for number in NUMBERS]
    if terms.rate:  # money of one period is discounted alike
        leaving = [np.broadcast_to(leave, (PERIODS, *leave.shape[1:])) for leave in leaving]
    length = terms.horizon / len(leaving[0])
    discount = np.exp(-terms.rate * (np.arange(len(leaving[0])) + 0.5) * length)
    shape = (len(known), share_of.shape[2])
    money, bought, kept = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    times, time = np.unique(T, return_inverse=True)
    start = (alpha + times)[:, None, None, None]
    once: dict[int, tuple[Floats, Floats]] = {}  # of a class: what one more power multiplies by, and its logarithm
    power, of = np.ones(1), (-1, -1)  # E exp(-rate c) at all times, for a class and a number of purchases
    for each in np.unique(x).astype(int):  # customers with one number of purchases share what is known of p
        at, number = np.flatnonzero(x == each), int(number_class(each + 1))
        share, leave = share_of[each], leaving[number]
        if number not in once:
            ends = np.concatenate([np.zeros((1, *leave.shape[1:])), np.cumsum(leave * length, axis=0)])  # of c(u)
            base = start / (start + ends[None])
            once[number] = base, np.log(base)
        if of == (number, each - 1):
            power *= once[number][0]
        else:
            power = np.exp((r + each) * once[number][1])
        of = number, each
        # The expected purchases of a period: the integral of the rate is exact, because c is linear within it.
        still = power[time[at]]  # (pairs, periods + 1, chances, nodes)
        each_period = np.einsum("ptcn,tcn->ptn", still[:, :-1] - still[:, 1:], share / leave)
        money[at], bought[at] = np.einsum("ptn,t->pn", each_period, discount), each_period.sum(axis=1)
        kept[at] = np.einsum("pcn,cn->pn", still[:, -1], share)
    return money, bought, kept
