"""What one customer will bring: predictive intervals of purchases and of money, exact but for the discount.

A customer's purchases within a horizon are a mixture: none with the probability of being gone, else those of a new customer whose
distributions the history has updated. Given n of them, gamma-gamma spend adds up to Gamma(p n, nu) with nu ~ Gamma(shape, scale) by the
customer's own history of spend, so that

    total / scale = u,   u / (1 + u) ~ Beta(p n, shape),   expected spend per purchase = p scale / (shape - 1),

and total / expected spend is distributed alike for all customers with one history of times, whatever they spend. Of those who are alive
it does not depend on the time of the last purchase either, so that millions of customers need one distribution for each distinct
(frequency, T). The parameters are taken as known: for a single customer chance is nearly all there is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from goodwill.errors import FitError
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.histories import spend_history
from goodwill.lifetime_value.value import ValueTerms, discounted_within

POINTS = 300  # about as many as a grid has
NEGLIGIBLE = 1e-6  # probability beyond the largest number of purchases that is looked at
MOST = 4_096  # purchases of one customer within the horizon
CELLS = 1_000_000  # histories x numbers of purchases held at a time
# Of log(total spend / expected total): the ends that are told apart, and the step between points, where the distribution is interpolated.
LEAST, FARTHEST, STEP = np.log(0.01), np.log(40.0), 0.05
KEYS = ["frequency", "recency", "T"]


def history_intervals(
    purchase_model: Any, spend_model: Any | None, histories: pd.DataFrame, horizon: float, *, level: float = 0.95
) -> pd.DataFrame:
    """Predictive intervals of each distinct history.

    Parameters
    ----------
    purchase_model : a purchase model with `probability_of_future_purchases` (BG/NBD, MBG/NBD, Pareto/NBD)
    spend_model : a model of spend with `spend_shapes` (such as `goodwill.GammaGamma`), or None without money
    histories : frequency, recency, T in the unit of the model, one row each
    horizon : in that unit

    Returns
    -------
    DataFrame with the index of `histories`: purchases_lower, purchases_upper (whole numbers; at least `level` lies within) and, with a
    spend model, spends_lower, spends_upper: quantiles of the total spend, in multiples of the customer's expected spend per purchase
    (missing where that does not exist).

    Raises
    ------
    FitError
        When the purchase model does not say how probable each number of purchases is.

    Examples
    --------
    >>> import goodwill as gw
    >>> model = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    >>> spend = gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> seen = pd.DataFrame({"frequency": [0, 2, 12], "recency": [0.0, 30.43, 38.0], "T": [38.86, 38.86, 38.86]})
    >>> history_intervals(model, spend, seen, 39.0).round(2)
       purchases_lower  purchases_upper  spends_lower  spends_upper
    0                0                2           0.0          2.01
    1                0                5           0.0          5.94
    2                0               19           0.0         20.10
    """
    if not hasattr(purchase_model, "probability_of_future_purchases"):
        raise FitError(f"{type(purchase_model).__name__} does not say how probable each number of purchases is; score without intervals.")
    alive = np.asarray(purchase_model.probability_alive(*_columns(histories)), float)
    # What the living do depends on frequency and T alone, but of several models on which of them they are alive by.
    same = KEYS if hasattr(purchase_model, "models") else ["frequency", "T"]
    # The latest of each kind is surely enough alive to tell what the living do.
    latest = histories.sort_values("recency", kind="stable").drop_duplicates(same, keep="last")[KEYS]
    mean = np.asarray(purchase_model.expected_purchases(horizon, *_columns(latest)), float)
    kinds = latest.iloc[np.argsort(mean, kind="stable")]  # neighbours need about as many numbers of purchases
    kind = pd.MultiIndex.from_frame(kinds[same]).get_indexer(pd.MultiIndex.from_frame(histories[same]))
    found = _empty(len(histories), spend_model)
    start, numbers = 0, 16
    while start < len(kinds):
        part = kinds.iloc[start : start + max(CELLS // max(numbers, POINTS), 1)]
        chances = _chances_if_alive(purchase_model, part, horizon)
        rows = np.flatnonzero((kind >= start) & (kind < start + len(part)))
        given = _Living(chances, part["frequency"].to_numpy(float), spend_model)
        for name, at in (("lower", (1 - level) / 2), ("upper", (1 + level) / 2)):
            # P(gone) + P(alive) F(value) reaches `at`, where F is the distribution of the living.
            sought = 1 - (1 - at) / np.maximum(alive[rows], 1e-300)
            found[f"purchases_{name}"][rows] = given.purchases(kind[rows] - start, sought)
            if spend_model is not None:
                found[f"spends_{name}"][rows] = given.spends(kind[rows] - start, sought)
        start, numbers = start + len(part), chances.shape[1]
    return pd.DataFrame(found, index=histories.index)


def customer_intervals(
    purchases: Any, spend: Any | None, customers: pd.DataFrame, terms: ValueTerms, *, level: float = 0.95
) -> pd.DataFrame:
    """Predictive intervals of every customer: whole purchases, and money at the margin, discounted as `customer_value` does.

    Parameters
    ----------
    purchases, spend : a fit, or the model itself; spend None without money
    customers : a row each with frequency, recency, T (in `terms.unit`) and, with money, monetary_value
    terms : horizon, margin and discount rate

    Returns
    -------
    DataFrame with the index of `customers`: purchases_lower, purchases_upper and, with money, value_lower, value_upper.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> customers = summary.to_pandas().set_index("customer_id")
    >>> found = customer_intervals(gw.BetaGeoNBD.fit(summary), gw.GammaGamma.fit(summary), customers, terms)
    >>> found.loc["00004"].round(1).to_dict()
    {'purchases_lower': 0.0, 'purchases_upper': 5.0, 'value_lower': 0.0, 'value_upper': 43.1}
    """
    bought, spends = (getattr(given, "model", given) for given in (purchases, spend))
    kinds = customers[KEYS].drop_duplicates()
    place = pd.MultiIndex.from_frame(kinds).get_indexer(pd.MultiIndex.from_frame(customers[KEYS]))
    _, discount = discounted_within(bought, terms.rate, _columns(kinds), terms.horizon)
    found = history_intervals(bought, spends, kinds, terms.horizon, level=level).iloc[place].set_axis(customers.index)
    if spends is None:
        return found
    each = terms.margin * spends.expected_spend(*spend_history(customers, spends)) * discount[place]
    money = {f"value_{end}": each * found[f"spends_{end}"] for end in ("lower", "upper")}
    return found[["purchases_lower", "purchases_upper"]].assign(**money)


def _columns(histories: pd.DataFrame) -> list[FloatArray]:
    return [histories[name].to_numpy(float) for name in KEYS]


def _empty(rows: int, spend_model: Any | None) -> dict[str, NDArray[Any]]:
    names = {"purchases": np.int64} | ({"spends": np.float64} if spend_model is not None else {})
    return {f"{name}_{end}": np.zeros(rows, dtype) for name, dtype in names.items() for end in ("lower", "upper")}


def _chances_if_alive(model: Any, kinds: pd.DataFrame, horizon: float) -> FloatArray:
    """Probability of 0, 1, 2, ... purchases of the living, shape (kinds, numbers), as far as any of them needs."""
    x, recency, T = (column[:, None] for column in _columns(kinds))
    alive = np.asarray(model.probability_alive(x, recency, T), float)
    found, numbers, open_ = np.zeros((len(kinds), 0)), 8, np.arange(len(kinds))
    while True:
        n = np.arange(found.shape[1], numbers, dtype=float)
        more = np.zeros((len(kinds), len(n)))
        more[open_] = model.probability_of_future_purchases(n, horizon, x[open_], recency[open_], T[open_]) / alive[open_]
        if not found.shape[1]:
            more[:, :1] -= 1 / alive - 1  # those who are gone
        found = np.concatenate([found, more], axis=1)
        open_ = np.flatnonzero(found.sum(axis=1) < 1 - NEGLIGIBLE)
        if numbers >= MOST or not len(open_):
            return found
        numbers *= 2


class _Living:
    """Distributions of the living of some kinds: how many purchases, and how much money in multiples of the expected spend."""

    def __init__(self, chances: FloatArray, x: FloatArray, spend_model: Any | None) -> None:
        self.reached = np.cumsum(chances, axis=1)
        if spend_model is None:
            return
        n = np.arange(chances.shape[1], dtype=float)
        p, shape = (np.broadcast_to(np.asarray(value, float), x.shape) for value in spend_model.spend_shapes(x))
        self.none, self.lasts = chances[:, 0], shape > 1
        # Logarithms of the total in multiples of the expected spend, the same for all: customers with one x share what n purchases bring.
        middle = np.log(np.maximum(chances @ n, 1e-12) + 1)
        self.grid = np.arange(middle.min() + LEAST, middle.max() + FARTHEST + STEP, STEP)
        self.totals = np.repeat(self.none[:, None], len(self.grid), axis=1)
        some = np.where(chances > NEGLIGIBLE / 10, chances, 0.0)
        for each in np.unique(x[self.lasts]):
            rows = np.flatnonzero(x == each)
            numbers = np.flatnonzero(some[rows, 1:].any(axis=0)) + 1
            a, b = p[rows[0]], shape[rows[0]]
            u = np.exp(self.grid) * a / (b - 1)  # the total over its scale
            self.totals[rows] += some[np.ix_(rows, numbers)] @ special.betainc(a * n[numbers, None], b, u / (1 + u))

    def purchases(self, kind: NDArray[np.intp], sought: FloatArray) -> NDArray[np.int64]:
        """The smallest number of purchases with at least the sought probability up to it; 0 where that is not positive."""
        found = np.zeros(len(kind), dtype=np.int64)
        for start in range(0, len(kind), max(CELLS // self.reached.shape[1], 1)):
            some = slice(start, start + max(CELLS // self.reached.shape[1], 1))
            found[some] = (self.reached[kind[some]] < sought[some, None] - 1e-9).sum(axis=1)
        return np.minimum(found, self.reached.shape[1] - 1)

    def spends(self, kind: NDArray[np.intp], sought: FloatArray) -> FloatArray:
        """Where the distribution of total spend reaches the sought probability; missing where expected spend does not exist."""
        found = np.where(self.lasts[kind], 0.0, np.nan)
        order = np.argsort(kind, kind="stable")
        order = order[(sought > self.none[kind])[order] & self.lasts[kind[order]]]
        for rows in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
            if len(rows):
                one = kind[rows[0]]
                found[rows] = np.exp(np.interp(sought[rows], self.totals[one], self.grid))
        return found
