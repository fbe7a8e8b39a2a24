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
from dataclasses import make_dataclass
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import FitError
from goodwill.inference.fit import Fit
from goodwill.inference.likelihood import Likelihood, Limit
from goodwill.inference.parameters import FloatArray, parameter_names
from goodwill.inference.rows import purchase_rows
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.histories import history_rows
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.lifetime_value.purchase_model import BuyTillYouDie
from goodwill.lifetime_value.richer.calendars import Calendar, calendar_of
from goodwill.lifetime_value.richer.season_estimates import fitted
from goodwill.lifetime_value.richer.seasonal import in_season, seasonal_class

if TYPE_CHECKING:
    pass

FEWEST = 50  # customers of each kind who came back, below which there is one fit for both
PLAIN: dict[str, Any] = {"BetaGeoNBD": BetaGeoNBD, "ModifiedBetaGeoNBD": ModifiedBetaGeoNBD, "ParetoNBD": ParetoNBD}
OLDER = "older_"  # before the names of the parameters of older customers
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
    without_calendar: ClassVar[Any]
    calendar: ClassVar[Calendar | None]
    leave_at_first: ClassVar[bool]
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
        if cls.calendar is not None:
            if prior is not None:
                raise FitError("a model with a calendar takes no prior on its other parameters; fit it without prior=")
            return fitted(data, cls)
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
        return _class(cls.without_calendar.__name__, cls.until, end, unit, cls.calendar)

    @classmethod
    def under_calendar(cls, calendar: Calendar) -> type[WithOlder]:
        """The class of the same run-in under a calendar, whose factors hold for both kinds of customers."""
        in_season(cls.without_calendar, calendar)  # refuses what takes no calendar
        return _class(cls.without_calendar.__name__, cls.until, cls.end, "", calendar)

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
        return self._kinds[prefix]

    @cached_property
    def _kinds(self) -> dict[str, Any]:
        """The models of those born inside and of the older ones; each looks the days of a calendar up once."""
        own, shared = parameter_names(self.without_calendar), self.calendar.fields if self.calendar else ()
        given = [getattr(self, name) for name in shared]
        return {prefix: self.plain(*(getattr(self, f"{prefix}{name}") for name in own), *given, unit=self.unit) for prefix in ("", OLDER)}

    def by_birth(self, T: ArrayLike) -> list[tuple[NDArray[np.intp], Any]]:
        """The plain models of customers by how long they are known: places and model."""
        older = self.is_older(T)
        return [(np.flatnonzero(some), self._kind(prefix)) for some, prefix in ((~older, ""), (older, OLDER)) if some.any()]

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
        size = len(parameter_names(cls.without_calendar))
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
    model : BetaGeoNBD, ModifiedBetaGeoNBD or ParetoNBD, or one of the first two under a calendar (`in_season`)
    until : last day of the run-in

    Examples
    --------
    >>> import goodwill as gw
    >>> older_apart(gw.BetaGeoNBD, "1997-01-31").__doc__
    'BetaGeoNBD, with parameters of their own for customers first seen up to 1997-01-31.'
    """
    calendar, plain = getattr(model, "calendar", None), getattr(model, "without_calendar", model)
    name = getattr(plain, "__name__", str(plain))
    if PLAIN.get(name) is not plain:
        raise FitError(f"{name} takes no older customers apart; take {', '.join(PLAIN)}")
    return _class(name, pd.Timestamp(str(until)).date(), None, "", calendar)


class InSeason(WithOlder):
    """A model of two kinds of customers under one calendar: time passes for both by the same clock."""

    def elapsed(self, since: ArrayLike, until: ArrayLike) -> FloatArray:
        """Operational time between two moments; see `Seasonal`."""
        return self._kind("").elapsed(since, until)

    def operational(self, recency: ArrayLike, T: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Recency and T of customers as operational time has it."""
        return self._kind("").operational(recency, T)

    def in_own_time(self) -> Any:
        """The model without its calendar, asked about histories in operational time."""
        bound = _class(self.without_calendar.__name__, self.until, self.end, cast("str", self.unit), None)
        threshold = float(self.operational(0.0, self.threshold)[1])
        kind: Any = type(f"{bound.__name__}InOwnTime", (bound,), {"threshold": threshold})
        own = [getattr(self, name) for name in parameter_names(bound)]
        return kind(*own, unit=self.unit)


@cache
def _class(plain: str, until: date, end: date | None, unit: str, calendar: Calendar | None = None) -> type[WithOlder]:
    base = PLAIN[plain]
    shared = calendar.fields if calendar else ()
    names = (*parameter_names(base), *(f"{OLDER}{name}" for name in parameter_names(base)), *shared)
    said = f"; under a calendar: {calendar}" if calendar else ""
    own = {
        "plain": base if calendar is None else seasonal_class(plain, calendar, end),
        "without_calendar": base,
        "calendar": calendar,
        "leave_at_first": base is ModifiedBetaGeoNBD,
        "until": until,
        "end": end,
        "threshold": np.nan if end is None or not unit else (end - until).days / DAYS_PER_UNIT[unit] - SLACK,
        "times": (*base.times, *(f"{OLDER}{name}" for name in base.times)),
        "starts": tuple(
            start | {f"{OLDER}{name}": value for name, value in start.items()} | dict.fromkeys(shared, 1.0) for start in base.starts
        ),
        "limits": base.limits,
        "__doc__": f"{plain}, with parameters of their own for customers first seen up to {until}{said}.",
        "__module__": __name__,
    }
    fields: list[Any] = [*((name, Any) for name in names), ("unit", Any, None)]
    written = "\n".join([str(until), str(end or ""), unit, *(calendar.items if calendar else ())])
    told = b32encode(written.encode()).decode().rstrip("=")
    parent = WithOlder if calendar is None else InSeason
    return cast("type[WithOlder]", make_dataclass(f"WithOlder{plain}_{told}", fields, bases=(parent,), frozen=True, namespace=own))


def __getattr__(name: str) -> Any:
    """The classes by their names, in which the days are written: so fits can be stored, read again and sent to other processes."""
    plain, _, told = name.removeprefix("WithOlder").partition("_")
    if not name.startswith("WithOlder") or plain not in PLAIN or not told:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    until, end, unit, *items = b32decode(told + "=" * (-len(told) % 8)).decode().split("\n")
    return _class(plain, date.fromisoformat(until), date.fromisoformat(end) if end else None, unit, calendar_of(items))
