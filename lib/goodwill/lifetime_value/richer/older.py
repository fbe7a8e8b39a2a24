"""Customers who are older than the log, by parameters of their own.

A log that begins in the middle of the story shows customers as new who are not: they have survived so far, and the frequent ones among
them are seen first. One fit of all of them expects too much of those born inside the log. Left out of the fit, but scored by the parameters
of those born inside, the older ones are expected to buy too little, even by the true parameters, since who has survived is no draw from
what newcomers are drawn from. So they get parameters of their own, as a population that begins anew where the log does: rates and chances
to leave of survivors are again spread about like gamma and beta variables, only others.

What this does not mend: slow old customers are discovered after the run-in too, and taken for newcomers, so that a new customer is
expected to buy too little by the parameters of those born inside.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from dataclasses import dataclass, make_dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.calendar import DAYS_PER_UNIT, UNITS_PER_YEAR
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, parameter_names
from goodwill.inference.rows import purchase_rows
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.windows import first_purchase_pile
from goodwill.lifetime_value.histories import history_rows
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.lifetime_value.purchase_model import BuyTillYouDie
from goodwill.lifetime_value.richer.borrowing import Borrowing
from goodwill.lifetime_value.richer.seasonal import in_season
from goodwill.shown import Shown

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.richer.borrowing import Lenders
    from goodwill.lifetime_value.value import ValueTerms

FEWEST = 50  # customers of each kind who came back, below which there is one fit for both
PLAIN: dict[str, Any] = {"BetaGeoNBD": BetaGeoNBD, "ModifiedBetaGeoNBD": ModifiedBetaGeoNBD, "ParetoNBD": ParetoNBD}
SLACK = 1e-6  # of a time unit, by which T may be off as a sum of floats


class WithOlder(BuyTillYouDie):
    """A purchase model twice: for customers born inside the log, and for those first seen in its run-in; see `older_apart`.

    Parameters
    ----------
    the parameters of the plain model, of customers born inside; and the same with the prefix `older_`
    unit : str

    Notes
    -----
    Arguments as in the plain model, of customers whose T ends on `end`: by T it is known who was first seen up to `until`. Asked about new
    customers, it answers by the parameters of those born inside.
    """

    plain: ClassVar[Any]
    until: ClassVar[date]
    end: ClassVar[date | None]
    threshold: ClassVar[float]
    times: ClassVar[tuple[str, ...]]
    starts: ClassVar[tuple[dict[str, float], ...]]
    limits: ClassVar[tuple[Limit, ...]]

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Fit:
        """A fit of each kind of customers, together; one for all where fewer than 50 of either kind came back.

        Parameters
        ----------
        data : PurchaseSummary

        Raises
        ------
        FitError
            For a frame, which does not tell when its histories end.
        """
        if getattr(data, "transactions", None) is None:
            raise FitError("who is older than the log is known by dates, which a frame does not tell; pass what summarize_purchases gives")
        bound = cls.bound(data.calibration_end or data.end, data.unit)
        rows = purchase_rows(data)
        older = bound.is_older(rows["T"])
        back = rows["weight"].where(rows["frequency"] > 0, 0.0)
        if min(back[older].sum(), back[~older].sum()) < FEWEST:
            return cls.plain.fit(data, prior)
        inside, before = (cls.plain.fit(rows[some], prior) for some in (~older, older))
        size = len(inside.names)
        covariance = np.zeros((2 * size, 2 * size))
        covariance[:size, :size], covariance[size:, size:] = inside.covariance, before.covariance
        columns, weight = history_rows(data)
        scale = dict.fromkeys(bound.times, float(columns[2].max()) / 10)
        return Fit(
            model=bound(*inside.parameters.tolist(), *before.parameters.tolist(), unit=data.unit),  # type: ignore[call-arg]
            covariance=covariance,
            log_likelihood=inside.log_likelihood + before.log_likelihood,
            n=inside.n + before.n,
            converged=inside.converged and before.converged,
            warnings=(*inside.warnings, *(f"of customers older than the log: {each}" for each in before.warnings)),
            condition=max(inside.condition, before.condition),
            problem=Likelihood(bound, columns, weight, bound.starts, scale, bound.limits, data.unit, prior),
        )

    @classmethod
    def bound(cls, end: date, unit: str) -> type[WithOlder]:
        """The class of the same run-in, of data that end on a day and count time in a unit."""
        return _class(cls.plain.__name__, cls.until, end, unit)

    def as_of(self, end: date) -> WithOlder:
        """The same model asked about customers whose histories end on another day."""
        own = {name: getattr(self, name) for name in parameter_names(type(self))}
        return self.bound(end, cast("str", self.unit))(**own, unit=self.unit)  # type: ignore[call-arg]

    @classmethod
    def is_older(cls, T: ArrayLike) -> NDArray[np.bool_]:
        """Whether customers were first seen in the run-in."""
        if cls.end is None:
            raise FitError("this model does not know on which day its data end; fit it to what summarize_purchases gives")
        return np.asarray(T, float) >= cls.threshold

    def _kind(self, prefix: str) -> Any:
        return self.plain(*(getattr(self, f"{prefix}{name}") for name in parameter_names(self.plain)), unit=self.unit)

    def by_birth(self, T: ArrayLike) -> list[tuple[NDArray[np.intp], Any]]:
        """The plain models of customers by how long they are known: places and model."""
        older = self.is_older(T)
        return [(np.flatnonzero(some), self._kind(prefix)) for some, prefix in ((~older, ""), (older, "older_")) if some.any()]

    def _asked(self, what: Any, T: ArrayLike, *columns: ArrayLike, order: tuple[int, ...]) -> Any:
        """What the plain models answer, in the places of their customers; `order` says where T stands among the columns."""
        given = np.broadcast_arrays(*(np.asarray(each, float) for each in (*columns, T)))
        shape, flat = given[0].shape, [np.ravel(each) for each in given]
        draws = np.shape(self.r)[:1]  # type: ignore[attr-defined]
        found: Any = None
        for places, model in self.by_birth(flat[-1]):
            answer = getattr(model, what) if isinstance(what, str) else what(model)
            own = np.asarray(answer(*(flat[place][places] for place in order)))
            if found is None:
                found = np.zeros((*draws, len(flat[-1])), own.dtype)
            found[..., places] = own
        if found is None:
            found = np.zeros((*draws, 0))
        return found if draws else found.reshape(shape)

    def _within(self, what: str, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Any:
        if np.ndim(horizon) > 0:
            return self._asked(what, T, horizon, frequency, recency, order=(0, 1, 2, 3))
        # One horizon for all, so that a plain model answers once for alike histories.
        return self._asked(lambda model: lambda *history: getattr(model, what)(horizon, *history), T, frequency, recency, order=(0, 1, 2))

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Of each customer."""
        return self._asked("log_likelihood", T, frequency, recency, order=(0, 1, 2))

    @classmethod
    def weighted_log_likelihood(cls, columns: tuple[FloatArray, ...], weight: FloatArray) -> Any:
        """The weighted sum of `log_likelihood` and its gradient, as a function of both kinds of parameters."""
        older = cls.is_older(columns[2])
        size = len(parameter_names(cls.plain))
        parts = [
            (place, Likelihood(cls.plain, tuple(each[some] for each in columns), weight[some], ()).objective())
            for place, some in ((0, ~older), (size, older))
            if some.any()
        ]

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray | None]:
            value, gradient, known = 0.0, np.zeros(2 * size), True
            for place, part in parts:
                own, slope = part(theta[place : place + size])
                value += own
                known = known and slope is not None
                if slope is not None:
                    gradient[place : place + size] = slope
            return value, gradient if known else None

        return value_and_gradient

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T."""
        return self._asked("probability_alive", T, frequency, recency, order=(0, 1, 2))

    def probability_alive_at(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T + horizon."""
        return self._within("probability_alive_at", horizon, frequency, recency, T)

    def expected_purchases(self, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon] of customers with this history."""
        return self._within("expected_purchases", horizon, frequency, recency, T)

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer born inside."""
        return self._kind("").expected_purchases_new_customer(horizon)

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer born inside."""
        return self._kind("").probability_of_purchases(n, horizon)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T by e^(-rate x time since T)."""

        def asked(model: Any) -> Any:
            return lambda x, t_x, T: model.discounted_expected_purchases(rate_per_unit, x, t_x, T, horizon=horizon)

        if np.ndim(horizon) > 0:
            every, *given = np.broadcast_arrays(*(np.asarray(each, float) for each in (horizon, frequency, recency, T)))
            found = np.zeros((*np.shape(self.r)[:1], *every.shape))  # type: ignore[attr-defined]
            for one in np.unique(every):
                here = every == one
                x, t_x, until = (each[here] for each in given)
                found[..., here] = self.discounted_expected_purchases(rate_per_unit, x, t_x, until, horizon=float(one))
            return found
        return self._asked(asked, T, frequency, recency, order=(0, 1, 2))

    def probability_of_future_purchases(
        self, n: ArrayLike, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> FloatArray:
        """Probability of n purchases in (T, T + horizon] of customers with this history."""
        if np.ndim(horizon) > 0:
            return self._asked("probability_of_future_purchases", T, n, horizon, frequency, recency, order=(0, 1, 2, 3, 4))

        def asked(model: Any) -> Any:
            return lambda n, *history: model.probability_of_future_purchases(n, horizon, *history)

        return self._asked(asked, T, n, frequency, recency, order=(0, 1, 2, 3))

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history."""
        return self._asked(lambda model: lambda *h: model.draw_purchases(horizon, *h, rng), T, frequency, recency, order=(0, 1, 2))

    def simulate(self, T: ArrayLike, horizon: float = 0.0, seed: int = 1) -> pd.DataFrame:
        """Simulated customers: frequency, recency, T and what they buy in the next `horizon` (frequency_holdout)."""
        T = np.asarray(T, float)
        parts = [model.simulate(T[places], horizon, seed + 7 * k).set_index(places) for k, (places, model) in enumerate(self.by_birth(T))]
        return pd.concat(parts).sort_index()


def older_apart(model: Any, until: date | str) -> type[WithOlder]:
    """The class of a purchase model that has parameters of their own for customers first seen up to a day.

    Parameters
    ----------
    model : BetaGeoNBD, ModifiedBetaGeoNBD or ParetoNBD
    until : last day of the run-in

    Examples
    --------
    >>> import goodwill as gw
    >>> older_apart(gw.BetaGeoNBD, "1997-01-31").__doc__
    'BetaGeoNBD, with parameters of their own for customers first seen up to 1997-01-31.'
    """
    name = getattr(model, "__name__", str(model))
    if PLAIN.get(name) is not model:
        raise FitError(f"{name} takes no older customers apart; take {', '.join(PLAIN)}")
    return _class(name, pd.Timestamp(str(until)).date(), None, "")


def model_for(
    transactions: Transactions,
    model: Any,
    calendar: Any = (),
    *,
    all_new: bool = False,
    end: date | str | None = None,
    lenders: Lenders | None = None,
) -> Any:
    """The class of model that fits a log: under the calendar that is asked for, or, where old customers pile up at its start, with
    parameters of their own for these; else the model itself. Of one group of many, a model that borrows from the others.

    Parameters
    ----------
    all_new : customers are known to have begun inside the log, so that no pile is looked for
    lenders : the groups from which the model borrows

    Raises
    ------
    FitError
        For a calendar, or stacked models, of a group that borrows.

    Examples
    --------
    >>> import goodwill as gw
    >>> model_for(gw.read_transactions("cdnow_sample"), gw.BetaGeoNBD).__name__  # a cohort, without a pile
    'BetaGeoNBD'
    """
    under = in_season(model, calendar)
    if lenders is not None:
        if under is not model or model not in PLAIN.values():
            raise FitError(
                "a group borrows under BG/NBD, MBG/NBD or Pareto/NBD without a calendar; leave out borrow_from=, or name one of these"
            )
        return Borrowing(model, lenders)
    if under is not model:
        return under
    if not all_new and PLAIN.get(getattr(model, "__name__", "stacked")) is model:
        pile = first_purchase_pile(transactions, end=end)
        if pile.until is not None:
            return older_apart(model, pile.until)
    return model


@dataclass(frozen=True, repr=False)
class RunIn(Shown):
    """What `run_in_cost` found.

    Attributes
    ----------
    table : DataFrame
        A row for each way: `one fit` for all customers; `born inside`: fitted to those born inside, all scored by it; `apart`: a fit of
        each kind. Columns purchases with purchases_lower and purchases_upper (in the horizon, of all customers) and, with money, value
        with value_lower and value_upper, and came (with a hold-out).
    until : date
        Last day of the run-in.
    older, inside : int
        Customers first seen in it, and later.
    newcomer : DataFrame
        expected, lower, upper: repeat purchases of a new customer in the horizon, by `one fit` and by `born inside`.
    horizon : float
    unit : str

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> january = gw.lifetime_value.older_apart(gw.BetaGeoNBD, "1997-01-31")  # as if its customers were older
    >>> gw.lifetime_value.run_in_cost(summary, january, horizon=26, draws=20).newcomer.index.tolist()
    ['one fit', 'born inside']
    """

    table: pd.DataFrame
    until: date
    older: int
    inside: int
    newcomer: pd.DataFrame
    horizon: float
    unit: str


def run_in_cost(
    summary: PurchaseSummary,
    kind: type[WithOlder],
    spend: Fit | None = None,
    terms: ValueTerms | None = None,
    *,
    horizon: float = 0.0,
    draws: int = 200,
    seed: int = 1,
) -> RunIn:
    """What it changes to take customers who are older than the log apart from those born inside.

    Parameters
    ----------
    summary : with or without a hold-out
    kind : class of `older_apart`
    spend, terms : a fitted model of spend and the terms of value, where money is wanted
    horizon : in units; by default that of the terms, or a year

    Raises
    ------
    TooLittle
        When fewer than 50 of either kind came back.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> january = gw.lifetime_value.older_apart(gw.BetaGeoNBD, "1997-01-31")  # as if its customers were older
    >>> found = gw.lifetime_value.run_in_cost(summary, january, horizon=26, draws=20)
    >>> found.older, found.inside
    (781, 1576)
    """
    from goodwill.lifetime_value.value import total_value_interval

    if not isinstance(kind, type) or not issubclass(kind, WithOlder):
        raise TooLittle("No pile of first purchases at the start of the data: customers are not taken apart.")
    apart = kind.fit(summary)
    if not isinstance(apart.model, WithOlder):
        raise TooLittle(f"Fewer than {FEWEST} customers first seen up to {kind.until}, or after it, came back: they are not taken apart.")
    horizon = horizon or (terms.horizon if terms else UNITS_PER_YEAR[summary.unit])
    frame = summary.to_pandas()
    older = apart.model.is_older(frame["T"])
    fits = {"one fit": kind.plain.fit(summary), "born inside": kind.plain.fit(frame[~older][["frequency", "recency", "T"]]), "apart": apart}
    rows, new = {}, {}
    for name, fit in fits.items():
        told = fit.predict_interval(frame, horizon, draws=draws, seed=seed).loc["total"]
        row = {"purchases": told["estimate"], "purchases_lower": told["lower"], "purchases_upper": told["upper"]}
        if spend is not None and terms is not None:
            value = total_value_interval(fit, spend, frame, terms, draws=draws, seed=seed)
            row |= {"value": value.estimate, "value_lower": value.lower, "value_upper": value.upper}
        if "frequency_holdout" in frame:
            row["came"] = float(frame["frequency_holdout"].sum())
        rows[name] = row
        if name != "apart":
            found: Interval = fit.interval_of_mean(lambda model: model.expected_purchases_new_customer(horizon), draws=draws, seed=seed)
            new[name] = dict(zip(("expected", "lower", "upper"), map(float, map(np.squeeze, found)), strict=True))
    table, newcomer = (pd.DataFrame.from_dict(each, orient="index").rename_axis("way") for each in (rows, new))
    return RunIn(table, kind.until, int(older.sum()), int((~older).sum()), newcomer, horizon, summary.unit)


@cache
def _class(plain: str, until: date, end: date | None, unit: str) -> type[WithOlder]:
    base = PLAIN[plain]
    names = (*parameter_names(base), *(f"older_{name}" for name in parameter_names(base)))
    own = {
        "plain": base,
        "until": until,
        "end": end,
        "threshold": np.nan if end is None else (end - until).days / DAYS_PER_UNIT[unit] - SLACK,
        "times": (*base.times, *(f"older_{name}" for name in base.times)),
        "starts": tuple(start | {f"older_{name}": value for name, value in start.items()} for start in base.starts),
        "limits": base.limits,
        "__doc__": f"{plain}, with parameters of their own for customers first seen up to {until}.",
        "__module__": __name__,
    }
    fields: list[Any] = [*((name, Any) for name in names), ("unit", Any, None)]
    told = b32encode("\n".join([str(until), str(end or ""), unit]).encode()).decode().rstrip("=")
    return cast("type[WithOlder]", make_dataclass(f"WithOlder{plain}_{told}", fields, bases=(WithOlder,), frozen=True, namespace=own))


def __getattr__(name: str) -> Any:
    """The classes by their names, in which the days are written: so fits can be stored, read again and sent to other processes."""
    plain, _, told = name.removeprefix("WithOlder").partition("_")
    if not name.startswith("WithOlder") or plain not in PLAIN or not told:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    until, end, unit = b32decode(told + "=" * (-len(told) % 8)).decode().split("\n")
    return _class(plain, date.fromisoformat(until), date.fromisoformat(end) if end else None, unit)
