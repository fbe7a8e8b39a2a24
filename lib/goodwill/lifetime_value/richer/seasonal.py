"""BG/NBD and MBG/NBD whose customers buy more on some days of the year than on others.

A customer's rate on a day is her own rate times the factor of that day, which is the same for everybody and has the mean 1 over a year. Let
operational time pass by as much on a day as its factor says, so that it runs faster where the calendar is busy. By this clock purchases
come at a constant rate, and all closed forms of the plain model hold for histories (x, t_x, T) that are read from it. Only purchases make
customers leave in these two models, so that a busy season brings more purchases, and by them more departures, and nothing else changes.
(Under Pareto/NBD customers leave at any time: by the faster clock they would die faster in December too, which nobody means.)

A model of this kind knows the day on which its data end, from which frequency, recency and T, given in the time of the calendar like
horizons, are placed on the days of the year.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import make_dataclass
from datetime import date, timedelta
from functools import cache, cached_property, partial
from itertools import pairwise
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.errors import FitError
from goodwill.inference.likelihood import Limit
from goodwill.inference.parameters import FloatArray, parameter_names
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.histories import observe, per_distinct
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.purchase_model import BuyTillYouDie, as_floats, check_discounting, check_horizon
from goodwill.lifetime_value.richer.calendars import Calendar, calendar_of, factors_by_day
from goodwill.lifetime_value.richer.season_estimates import fitted

PLAIN: dict[str, type[BuyTillYouDie]] = {"BetaGeoNBD": BetaGeoNBD, "ModifiedBetaGeoNBD": ModifiedBetaGeoNBD}
FURTHEST = 7_306  # days ahead (20 years) whose factors are looked up; beyond, every day is taken for a mean one
BLOCK = 366  # days by which the table of factors grows
STEP, STEPS = 28, 26  # days of a period of discounting, and how many of them are summed one by one (two years)


class Seasonal(BuyTillYouDie):
    """What models with a calendar share; `in_season` gives the class. All methods are vectorised and broadcast.

    Parameters
    ----------
    r, alpha, a, b : float
        Of the plain model, alpha in time units of a mean day.
    week_01 … week_52, and one named after each named day : float
        Their factors before division by the mean of the year; those of `calendar_factors` are divided by it.
    unit : str
        The time unit of alpha, T, recency and horizons, such as "week".

    Notes
    -----
    Arguments as in `BetaGeoNBD`, in the time of the calendar, of customers whose T ends on `end`. New customers
    (`expected_purchases_new_customer`, `probability_of_purchases`) are asked about without a date: they live through mean days.
    """

    plain: ClassVar[type[BuyTillYouDie]]
    without_calendar: ClassVar[type[BuyTillYouDie]]
    calendar: ClassVar[Calendar]
    end: ClassVar[date | None]
    leave_at_first: ClassVar[bool]
    times: ClassVar[tuple[str, ...]] = ("alpha",)
    starts: ClassVar[tuple[dict[str, float], ...]]
    limits: ClassVar[tuple[Limit, ...]] = BetaGeoNBD.limits

    @classmethod
    def fit(cls, data: Any, prior: float | None = None) -> Any:
        """Maximum likelihood from a `PurchaseSummary`; see `goodwill.lifetime_value.fit_with_calendar`."""
        if prior is not None:
            raise FitError("a model with a calendar takes no prior on its other parameters; fit it without prior=")
        return fitted(data, cls)

    @classmethod
    def bound(cls, end: date, unit: str | None = None) -> type[Seasonal]:
        """The class of the same calendar, of data that end on a day, in whatever unit."""
        return seasonal_class(cls.plain.__name__, cls.calendar, end)

    def as_of(self, end: date) -> Seasonal:
        """The same model asked about customers whose histories end on another day."""
        own = {name: getattr(self, name) for name in parameter_names(type(self))}
        return self.bound(end)(**own, unit=self.unit)  # type: ignore[call-arg]

    # The clock

    @cached_property
    def _at_mean_days(self) -> Any:
        """The plain model, in operational time."""
        own = [getattr(self, name) for name in parameter_names(self.plain)]
        return self.plain(*own, unit=self.unit)  # type: ignore[call-arg]

    @cached_property
    def _tables(self) -> dict[tuple[int, int], FloatArray]:
        return {}

    @cached_property
    def _days(self) -> float:
        if self.unit is None or self.end is None:
            raise FitError("this model does not know on which day its data end, or its time unit; fit it to what summarize_purchases gives")
        return DAYS_PER_UNIT[self.unit]

    def _passed(self, days: ArrayLike) -> FloatArray:
        """Operational time, in days, from the end of the data to some days before (negative) or after it."""
        at = np.asarray(days, float)
        inside = np.clip(at, None, FURTHEST)
        low, high = (int(np.floor(f(inside, initial=0.0) / BLOCK)) for f in (np.min, np.max))
        low, high = low * BLOCK, (high + 1) * BLOCK
        if (low, high) not in self._tables:
            _ = self._days
            logs = [np.log(np.asarray(getattr(self, name), float)) for name in self.calendar.fields]
            shape = np.shape(vars(self)["r"])  # the fields are those of the plain model
            beta = np.stack([np.broadcast_to(each, shape).ravel() for each in logs], axis=-1) if logs else np.zeros((1, 0))
            speed = factors_by_day(self.calendar, beta, cast("date", self.end) + timedelta(days=low + 1), high - low)
            table = np.concatenate([np.zeros((len(speed), 1)), np.cumsum(speed, axis=1)], axis=1)
            self._tables[low, high] = table - table[:, -low, None]
        table = self._tables[low, high]
        whole = np.floor(inside)
        place = np.minimum(whole - low, high - low - 1).astype(np.int64)
        share = inside - low - place
        if len(table) == 1:
            start, stop = table[0][place], table[0][place + 1]
        elif place.ndim < 2:
            start, stop = table[:, place], table[:, place + 1]
        else:
            rows = np.arange(len(table))[:, None]
            start, stop = table[rows, place], table[rows, place + 1]
        with np.errstate(invalid="ignore"):
            beyond = np.where(at > FURTHEST, at - FURTHEST, 0.0)
        found = start + share * (stop - start) + beyond
        return found.reshape((-1, 1)) if len(table) > 1 and at.ndim == 0 else found

    def elapsed(self, since: ArrayLike, until: ArrayLike) -> FloatArray:
        """Operational time between two moments, which are given in time units from the end of the data (before it: negative)."""
        since, until = as_floats(since, until)
        return (self._passed(until * self._days) - self._passed(since * self._days)) / self._days

    def operational(self, recency: ArrayLike, T: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Recency and T of customers as operational time has it."""
        t_x, T = as_floats(recency, T)
        born = self._passed(-T * self._days)
        last = np.clip((self._passed((t_x - T) * self._days) - born) / self._days, 0.0, None)
        seen = -born / self._days
        return np.minimum(last, seen), seen

    def _ahead(self, horizon: ArrayLike) -> FloatArray:
        check_horizon(np.asarray(horizon, float))
        return self._passed(np.asarray(horizon, float) * self._days) / self._days

    # The answers, by the plain model at the operational times

    def log_likelihood(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Of each customer, but for the sum of the logarithms of the factors of her days of purchase, which (x, t_x, T) do not tell."""
        return self._at_mean_days.log_likelihood(frequency, *self.operational(recency, T))

    def _log_odds_gone(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        return self._at_mean_days._log_odds_gone(frequency, *self.operational(recency, T))

    def _stay(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        return self._at_mean_days._stay(self._ahead(horizon), x, self.operational(0.0, T)[1])

    def _expected_if_alive(self, horizon: ArrayLike, x: ArrayLike, T: ArrayLike) -> FloatArray:
        return per_distinct(self._expected_of_kinds, horizon, x, T)

    def _expected_of_kinds(self, t: FloatArray, x: FloatArray, T: FloatArray) -> FloatArray:
        return self._at_mean_days._expected_if_alive(self._ahead(t), x, self.operational(0.0, T)[1])

    def expected_purchases_new_customer(self, horizon: ArrayLike) -> FloatArray:
        """Expected repeat purchases in the first `horizon` time units of a customer, on mean days."""
        return self._at_mean_days.expected_purchases_new_customer(horizon)

    def probability_of_purchases(self, n: ArrayLike, horizon: ArrayLike) -> FloatArray:
        """Probability of n repeat purchases in the first `horizon` time units of a customer, on mean days."""
        return self._at_mean_days.probability_of_purchases(n, horizon)

    def probability_of_future_purchases(
        self, n: ArrayLike, horizon: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> FloatArray:
        """Probability of n purchases in (T, T + horizon] of customers with this history."""
        return self._at_mean_days.probability_of_future_purchases(n, self._ahead(horizon), frequency, *self.operational(recency, T))

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: ArrayLike = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T by e^(-rate x time of the calendar since T).

        The plain model's value at operational times, plus what it is off by because purchases of a busy season come at other times of the
        calendar: expected purchases of periods of four weeks, for two years, each times its mean difference of discounts, and of the years
        after them at the mean difference of a year. A flat calendar adds nothing.
        """
        check_discounting(rate_per_unit, horizon)
        alive = self.probability_alive(frequency, recency, T)
        if np.ndim(horizon) == 0:
            given = partial(self._discounted_of_kinds, rate=rate_per_unit)
            return alive * per_distinct(given, horizon, frequency, T)
        horizons, x, T = np.broadcast_arrays(*as_floats(horizon, frequency, T))
        found = np.zeros(np.broadcast_shapes(horizons.shape, np.shape(alive)))
        for one in np.unique(horizons):
            here = horizons == one
            found[..., here] = self._discounted_of_kinds(np.asarray(one), x[here], T[here], rate=rate_per_unit)
        return alive * found

    def _discounted_of_kinds(self, horizon: FloatArray, x: FloatArray, T: FloatArray, rate: float) -> FloatArray:
        model, seen, ahead = self._at_mean_days, self.operational(0.0, T)[1], self._ahead(horizon)
        if rate == 0:
            return model._expected_if_alive(ahead, x, seen)
        total = model._discounted_if_alive(rate, ahead, x, seen)
        days = float(horizon) * self._days
        edges = np.unique(np.minimum(np.arange(STEPS + 1) * float(STEP), days))
        before: Any = 0.0
        for start, stop in pairwise(edges.tolist()):
            upto = model._expected_if_alive(self._ahead(stop / self._days), x, seen)
            total = total + (upto - before) * self._late(rate, start, stop)
            before = upto
        if days > edges[-1]:
            year = self._late(rate, edges[-1], edges[-1] + 365.0, of_discount=True)
            rest = total * 0 + model._discounted_if_alive(rate, ahead, x, seen)
            total = total + (rest - model._discounted_if_alive(rate, self._ahead(edges[-1] / self._days), x, seen)) * year
        return np.fmin(total, model._expected_if_alive(ahead, x, seen))  # steps of four weeks may err by more where a week is all

    def _late(self, rate: float, start: float, stop: float, of_discount: bool = False) -> FloatArray:
        """Mean, over the purchases of some days, of e^(-rate x calendar time) less e^(-rate x operational time); or relative to this."""
        edges = np.linspace(start, stop, max(int(np.ceil(stop - start)), 1) + 1)
        passed = self._passed(edges) / self._days
        weight, own = np.diff(passed, axis=-1), (passed[..., 1:] + passed[..., :-1]) / 2
        true = (edges[1:] + edges[:-1]) / 2 / self._days
        late = np.exp(-rate * true) - np.exp(-rate * own) if not of_discount else np.expm1(rate * (own - true))
        mean = (weight * late).sum(axis=-1) / weight.sum(axis=-1)
        return mean[:, None] if np.ndim(mean) else mean

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon] of customers with this history; exact, without event paths."""
        model, x = self._at_mean_days, np.asarray(frequency, float)
        last, seen = self.operational(recency, T)
        alive = np.asarray(model.probability_alive(x, last, seen))
        active = rng.random(alive.shape) < alive
        drawn = np.zeros(alive.shape, dtype=np.int64)
        ahead = self._ahead(horizon)
        if np.any(ahead > 0):
            living = model._living(x, seen)
            own = [living.r, living.alpha / ahead, living.a, living.b]  # the horizon is the unit
            drawn[active] = type(living)(*(np.broadcast_to(each, alive.shape)[active] for each in own))._draw_new(1.0, rng)
        return drawn

    def simulate_purchases(self, T: ArrayLike, seed: int = 1) -> pd.DataFrame:
        """Logs of repeat purchases of new customers: columns customer (position in T) and time since the first purchase.

        Parameters
        ----------
        T : array, shape (customers,)
            How long each customer is observed, up to the end of the data.
        """
        return self._simulated(np.asarray(T, float), 0.0, seed)

    def simulate(self, T: ArrayLike, horizon: float = 0.0, seed: int = 1) -> pd.DataFrame:
        """Simulated customers: frequency, recency, T and what they buy in the next `horizon` (frequency_holdout)."""
        (T,) = as_floats(T)
        return observe(self._simulated(T, horizon, seed), T, horizon)

    def _simulated(self, T: FloatArray, horizon: float, seed: int) -> pd.DataFrame:
        log = self._at_mean_days.simulate_purchases(self.elapsed(-T, np.asarray(horizon)), seed)
        who, days = log["customer"].to_numpy(), self._days
        grid = np.arange(np.floor(-T.max(initial=0.0) * days), np.ceil(horizon * days) + 1)
        born = self._passed(-T * days)
        at = np.interp(born[who] + log["time"].to_numpy() * days, self._passed(grid), grid) / days
        return pd.DataFrame({"customer": who, "time": np.maximum(at + T[who], 0.0)})


def in_season(model: Any, calendar: Any) -> Any:
    """The class of BG/NBD or MBG/NBD under a calendar, to be fitted, compared and used like the plain model; of no calendar the model.

    Parameters
    ----------
    model : BetaGeoNBD or ModifiedBetaGeoNBD, or a class of `older_apart` of these
    calendar : what `calendar_of` reads, or what it gave

    Raises
    ------
    FitError
        For another model: under Pareto/NBD operational time would let customers die faster in a busy season too.

    Examples
    --------
    >>> import goodwill as gw
    >>> in_season(gw.BetaGeoNBD, ["weeks", "Double 11"]).__doc__
    'BG/NBD under a calendar: the weeks of the year, Double 11.'
    """
    read = calendar_of(calendar)
    if read is None:
        return model
    if hasattr(model, "under_calendar"):
        return model.under_calendar(read)
    name = getattr(model, "__name__", "stacked")
    if name == "ParetoNBD":
        raise FitError(
            "Pareto/NBD takes no calendar: customers leave at any time there, so that they would leave faster in a busy season too; "
            "take BG/NBD or MBG/NBD"
        )
    if PLAIN.get(name) is not model:
        raise FitError(f"{name} takes no calendar; take BG/NBD or MBG/NBD")
    return seasonal_class(name, read, None)


@cache
def seasonal_class(plain: str, calendar: Calendar, end: date | None) -> type[Seasonal]:
    """The class of a plain model, a calendar and the day on which data end."""
    base = PLAIN[plain]
    kind = "BG/NBD" if base is BetaGeoNBD else "MBG/NBD"
    own = {
        "plain": base,
        "without_calendar": base,
        "calendar": calendar,
        "end": end,
        "leave_at_first": base is ModifiedBetaGeoNBD,
        "starts": tuple(start | dict.fromkeys(calendar.fields, 1.0) for start in base.starts),
        "__doc__": f"{kind} under a calendar: {calendar}.",
        "__module__": __name__,
        "__repr__": _said,
    }
    fields: list[Any] = [*((name, Any) for name in (*parameter_names(base), *calendar.fields)), ("unit", Any, None)]
    made = make_dataclass(_class_name(plain, calendar, end), fields, bases=(Seasonal,), frozen=True, repr=False, namespace=own)
    return cast("type[Seasonal]", made)


def _said(self: Seasonal) -> str:
    return f"{self._at_mean_days!r} under a calendar: {self.calendar}"


def _class_name(plain: str, calendar: Calendar, end: date | None) -> str:
    told = "\n".join([end.isoformat() if end else "", *calendar.items])
    return f"Seasonal{plain}_{urlsafe_b64encode(told.encode()).decode().rstrip('=').replace('-', 'ä')}"


def __getattr__(name: str) -> Any:
    """The classes by their names, in which calendar and day are written: so fits can be stored, read again and sent to other processes."""
    plain, _, told = name.removeprefix("Seasonal").partition("_")
    if not name.startswith("Seasonal") or plain not in PLAIN or not told:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    text = urlsafe_b64decode(told.replace("ä", "-") + "=" * (-len(told) % 4)).decode()
    end, *items = text.split("\n")
    calendar = calendar_of(items)
    assert calendar is not None
    return seasonal_class(plain, calendar, date.fromisoformat(end) if end else None)
