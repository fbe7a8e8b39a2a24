"""How many customers made the first tenth of something, where many of them are equal: who stands at the cut shares, and it is said."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import DataError, TooLittle
from goodwill.inference.bootstrap import deal, group_sums
from goodwill.inference.gains import Ordered, curve_draws, ordered, shares_at
from goodwill.inference.uncertainty import Interval, quantile_interval

WHOLE = 1e-9  # so little less than a customer is one


class TopPart(NamedTuple):
    """The customers above a cut; of those who are equal there, some are counted and all of them share what they hold and bring.

    Attributes
    ----------
    customers : how many are counted
    tied, taken : customers who are equal at the cut, and how many of them are counted; 0 and 0 where the cut parts nobody from an equal
    amount : what each of the tied has; that of the last one counted where there are none
    held : share of all amounts
    later : share of what came, with its interval over customers

    Examples
    --------
    >>> from goodwill.segments import top_part
    >>> found = top_part([5.0] * 100, [1.0] * 100, 0.1)
    >>> found.tied, found.taken, found.held, round(found.later.estimate, 2)  # ten of a hundred equals: any ten of them will do
    (100, 10, 0.1, 0.1)
    """

    customers: int
    tied: int
    taken: int
    amount: float
    held: float
    later: Interval


class Tenths(NamedTuple):
    """The first and the last tenth of sales, and the first tenth of the customers; of the last one, the customers above its cut.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import sales_tenths
    >>> customers = pd.DataFrame({"spend": [55.0, 9.0] + [4.0] * 9, "spend_holdout": [10.0, 5.0] + [1.0] * 9})
    >>> found = sales_tenths(customers, draws=50)
    >>> found.first.customers, found.last, found.customers  # one makes the first tenth and more; the last takes three
    (1, 3, 11)
    """

    first: TopPart
    above_last: TopPart
    top: TopPart
    customers: int

    @property
    def last(self) -> int:
        """Customers who made the last tenth of sales."""
        return self.customers - self.above_last.customers


def sales_tenths(customers: pd.DataFrame, *, draws: int = 300, seed: int = 1, level: float = 0.95) -> Tenths:
    """The tenths of sales and of customers by past spend, each customer tied at a cut counted as part of one.

    Parameters
    ----------
    customers : spend, spend_holdout

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"spend": [30.0, 20.0, 10.0] * 10, "spend_holdout": [30.0, 20.0, 10.0] * 10})
    >>> found = sales_tenths(customers, draws=50)
    >>> found.first.customers, found.last, round(found.top.later.estimate, 2)  # two make the first tenth of sales, six the last
    (2, 6, 0.15)
    """
    spend, came = (customers[name].to_numpy(float) for name in ("spend", "spend_holdout"))
    options = {"draws": draws, "seed": seed, "level": level}
    return Tenths(
        top_part(spend, came, 0.1, **options),  # type: ignore[arg-type]
        top_part(spend, came, 0.9, reach=False, **options),  # type: ignore[arg-type]
        top_part(spend, came, 0.1, of="customers", **options),  # type: ignore[arg-type]
        len(customers),
    )


def top_part(
    amounts: ArrayLike,
    came: ArrayLike,
    share: float,
    *,
    of: str = "total",
    reach: bool = True,
    draws: int = 300,
    seed: int = 1,
    level: float = 0.95,
) -> TopPart:
    """The highest customers who make a share of all amounts, or who are a share of all customers.

    A customer who has no equal and does not fit whole is not counted, as in the parts of `sales_decile`.
    The interval of what came draws customers anew. A share of the `total` stays with those who are counted, as a part of `decile_table`
    does; a share of the `customers` is ranked anew in each draw, as by `ranking_table`. With the same draws and seed both agree with these.

    Parameters
    ----------
    amounts : one per customer, such as past spend; what is negative counts as nothing
    came : one per customer, such as later spend
    share : of the `total` of the amounts, or of the `customers`
    reach : of customers who are equal at the cut as many are counted as it takes to reach a share of the total; else as many as fit, so
        that those below make the rest at least

    Examples
    --------
    Of 100 customers who spent the same, ten make the first tenth, and any ten of them will do; of 105 it takes eleven:

    >>> top_part([5.0] * 100, [1.0] * 100, 0.1)[:5], top_part([5.0] * 105, [1.0] * 105, 0.1)[:3]
    ((10, 100, 10, 5.0, 0.1), (11, 105, 11))
    """
    value, later = np.maximum(np.asarray(amounts, float), 0.0), np.asarray(came, float)
    if value.shape != later.shape or not 0 < share < 1 or of not in ("total", "customers"):
        raise DataError(f"{value.size} amounts, {later.size} numbers of what came, and a share of {share} of {of}: they do not fit.")
    if not (value.sum() > 0 and later.sum() > 0):
        raise TooLittle("the amounts, or what came, add up to nothing, so shares of them do not exist.")
    found = ordered(value)
    sizes, each = found.sizes, value[found.order][found.starts]
    weight = each if of == "total" else np.ones(len(each))
    upto = np.cumsum(weight * sizes)
    wanted = share * upto[-1]
    group = int(np.searchsorted(upto, wanted * (1 - WHOLE)))
    above = int(sizes[:group].sum())
    room = (wanted - (upto[group] - weight[group] * sizes[group])) / weight[group]
    tied = reach and of == "total" and sizes[group] > 1
    taken = min(int(np.ceil(room * (1 - WHOLE) - WHOLE) if tied else room * (1 + WHOLE) + WHOLE), int(sizes[group]))
    taken = max(taken, 1 - above)  # one who is larger than the share makes it alone
    member = np.zeros(len(value))
    member[found.order[:above]] = 1.0
    member[found.order[above : above + int(sizes[group])]] = taken / sizes[group]
    parted = 0 < taken < sizes[group]
    last = group if taken else group - 1
    held = float(member @ value / value.sum())
    drawn = _draws_of_part(member, later, draws, seed) if of == "total" else _draws_of_top(found, later, share, draws, seed)
    interval = quantile_interval(float(member @ later / later.sum()), drawn[np.isfinite(drawn)], level)
    return TopPart(above + taken, int(sizes[group]) if parted else 0, taken if parted else 0, float(each[last]), held, interval)


def _draws_of_part(member: np.ndarray, later: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Share of what came with those who are counted, in bootstrap samples of all customers."""
    _, drawn = group_sums(np.column_stack([member * later, later]), np.zeros(len(later), np.int64), 1, draws, seed)
    return np.asarray(drawn[:, 0, 0] / np.where(drawn[:, 0, 1] > 0, drawn[:, 0, 1], np.nan))


def _draws_of_top(found: Ordered, later: np.ndarray, share: float, draws: int, seed: int) -> np.ndarray:
    """Share of what came with the highest share of customers, who are ranked anew in each sample: the same as of a ranking's top."""
    return shares_at(curve_draws(found, later, deal(len(later), draws, seed)), [share])[:, 0]
