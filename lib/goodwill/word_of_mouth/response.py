"""How fast complaints are answered and solved: service levels, time to resolution, staffing, and the path of a complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval, normal_quantile
from goodwill.word_of_mouth.telling import Floats

if TYPE_CHECKING:
    import pandas as pd

HOUR = 1 / 24  # of a day
CLOCKS = ("answered", "closed")


@dataclass(frozen=True)
class ServiceLevel:
    """How often a promised time was kept.

    Attributes
    ----------
    within : the promise [days]
    kept : share of cases that kept it, with its score interval
    cases : cases that are old enough to tell; those still open among them have missed it
    too_young : cases opened less than `within` before the end, left out whether or not they are done already

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.word_of_mouth import service_level
    >>> opened = pd.to_datetime(["2025-01-01", "2025-01-01", "2025-01-09"])
    >>> cases = pd.DataFrame({"opened": opened, "closed": opened + pd.to_timedelta([2, 9, None], unit="D")})
    >>> found = service_level(cases, "closed", within=7.0, end="2025-01-10")
    >>> found.kept.estimate, found.cases, found.too_young
    (0.5, 2, 1)
    """

    within: float
    kept: Interval
    cases: int
    too_young: int


def service_level(cases: pd.DataFrame, clock: str, within: float, end: Any = None, level: float = 0.95) -> ServiceLevel:
    """Share of complaints answered or closed within a promised time.

    Parameters
    ----------
    cases : checked complaints with `opened` and the clock's column, missing where it has not happened yet
    clock : "answered" or "closed"
    within : promised time [days]; an hour is `HOUR`
    end : until when the log was kept; default the last moment in it

    Raises
    ------
    DataError
        A promise of less than a day where the log holds days only, or no case old enough.

    Examples
    --------
    >>> import pandas as pd
    >>> opened = pd.to_datetime(["2025-01-01 09:00", "2025-01-02 09:00", "2025-01-08 09:00"])
    >>> cases = pd.DataFrame({"opened": opened, "answered": opened + pd.to_timedelta([5, 30, None], unit="h")})
    >>> found = service_level(cases, "answered", within=1.0, end="2025-01-08 12:00")
    >>> found.kept.estimate, found.cases, found.too_young  # the last one may still be answered in time
    (0.5, 2, 1)
    """
    opened, done, end = _clock(cases, clock, end)
    if not within > 0:
        raise DataError(f"the promised time is {within} days; it must be positive")
    if within < 1 and not (_has_hours(opened) and (done.isna().all() or _has_hours(done.where(done != opened)))):
        raise DataError(f"the log holds days only, so a {within * 24:g}-hour promise cannot be checked without times of day")
    took = (done - opened).dt.total_seconds().to_numpy() / 86_400
    old_enough = ((end - opened).dt.total_seconds().to_numpy() / 86_400) >= within
    if not old_enough.any():
        raise DataError(f"no complaint was opened {within:g} days or more before the log ends, so the promise cannot be checked yet")
    kept = int((took[old_enough] <= within).sum())
    return ServiceLevel(within, wilson(kept, int(old_enough.sum()), level), int(old_enough.sum()), int((~old_enough).sum()))


def usual_promises(answer_within: float, close_within: float) -> list[tuple[str, str, float]]:
    """The report's own promises [hours], and two that companies have published, as `promises_kept` takes them.

    >>> [within for _, _, within in usual_promises(24, 168)][:2]
    [1.0, 7.0]
    """
    return [
        ("this report's promise: first answer", "answered", answer_within * HOUR),
        ("this report's promise: case closed", "closed", close_within * HOUR),
        ("Sea Lion: answer within 1 hour", "answered", HOUR),
        ("JD, enterprise customers: within 30 minutes", "answered", 0.5 * HOUR),
    ]


def promises_kept(cases: pd.DataFrame, promises: Sequence[tuple[str, str, float]], end: Any = None) -> pd.DataFrame:
    """Several promises at once.

    Parameters
    ----------
    cases : checked complaints
    promises : (whose and what, clock, promised time in days)

    Returns
    -------
    DataFrame with `promise`, `hours`, `kept`, `lower`, `upper`, `cases` and `note`: why it could not be checked, with the shares missing.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.to_datetime(["2025-01-01 09:00", "2025-01-02 09:00"])
    >>> cases = pd.DataFrame({"opened": day, "answered": day + pd.to_timedelta([5, 30], unit="h")})
    >>> promises_kept(cases, [("a day", "answered", 1.0)], end="2025-01-10")["kept"].tolist()
    [0.5]
    """
    import pandas as pd

    rows: list[list[Any]] = []
    for name, clock, within in promises:
        try:
            found = service_level(cases, clock, within, end)
            rows.append([name, within * 24, *found.kept, found.cases, f"{found.too_young} too young to tell" if found.too_young else ""])
        except DataError as reason:
            rows.append([name, within * 24, None, None, None, 0, str(reason)])
    return pd.DataFrame(rows, columns=["promise", "hours", "kept", "lower", "upper", "cases", "note"])


def time_to_resolution(cases: pd.DataFrame, clock: str = "closed", end: Any = None, level: float = 0.95) -> pd.DataFrame:
    """Share of complaints not yet answered (or closed) by days since opening: Kaplan-Meier, open cases censored at the end of the log.

    Returns
    -------
    DataFrame with `days` (0 first), `waiting` (share), `lower`, `upper` (log-log interval of Greenwood's variance) and `at_risk`.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.to_datetime(["2025-01-01", "2025-01-01"])
    >>> cases = pd.DataFrame({"opened": day, "closed": day + pd.to_timedelta([2, 4], unit="D")})
    >>> time_to_resolution(cases, end="2025-01-10")[["days", "waiting"]].to_dict("list")
    {'days': [0.0, 2.0, 4.0], 'waiting': [1.0, 0.5, 0.0]}
    """
    import pandas as pd

    opened, done, end = _clock(cases, clock, end)
    finished = done.notna().to_numpy()
    days = (done.fillna(end) - opened).dt.total_seconds().to_numpy() / 86_400
    times, place = np.unique(days, return_inverse=True)
    events = np.bincount(place, weights=finished)
    at_risk = len(days) - np.concatenate([[0], np.cumsum(np.bincount(place))[:-1]])
    waiting = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(np.where(at_risk > events, events / (at_risk * (at_risk - events)), 0.0))
        width = normal_quantile(level) * np.sqrt(variance) / np.abs(np.log(waiting))
        lower, upper = waiting ** np.exp(width), waiting ** np.exp(-width)
    inside = (waiting > 0) & (waiting < 1)
    lower, upper = np.where(inside, lower, waiting), np.where(inside, upper, waiting)
    first = pd.DataFrame({"days": [0.0], "waiting": [1.0], "lower": [1.0], "upper": [1.0], "at_risk": [len(days)]})
    rest = pd.DataFrame({"days": times, "waiting": waiting, "lower": lower, "upper": upper, "at_risk": at_risk})
    return pd.concat([first, rest[events > 0]], ignore_index=True)


def _clock(cases: pd.DataFrame, clock: str, end: Any) -> tuple[Any, Any, Any]:
    import pandas as pd

    if clock not in CLOCKS:
        raise DataError(f"the clock is '{clock}'; use one of {', '.join(CLOCKS)}")
    if clock not in cases or "opened" not in cases:
        raise DataError(f"the complaints have no column '{clock}' or 'opened', so this time cannot be measured")
    opened, done = cases["opened"], cases[clock]
    if (done < opened).any():
        first = int(np.flatnonzero((done < opened).to_numpy())[0])
        raise DataError(
            f"{int((done < opened).sum())} complaints are {clock} before they are opened (first: case {first + 1}); correct the log"
        )
    last = max(moment for moment in (opened.max(), done.max()) if not pd.isna(moment))
    end = last if end is None else pd.Timestamp(end)
    if end < opened.max():
        raise DataError(f"the log ends on {end:%Y-%m-%d}, but a complaint was opened on {opened.max():%Y-%m-%d}")
    # What happened after the end is not known yet.
    return opened, done.where(done <= end), end


def _has_hours(*columns: Any) -> bool:
    return any((column.dropna() != column.dropna().dt.normalize()).any() for column in columns)


@dataclass(frozen=True)
class CallCentre:
    """Complaints that arrive at random and wait for one of several agents: Erlang's C formula (M/M/s, nobody gives up).

    Attributes
    ----------
    arrivals : complaints per hour
    speed : complaints that one agent handles per hour
    agents : number of agents

    Examples
    --------
    >>> centre = CallCentre(arrivals=40, speed=10, agents=5)
    >>> round(centre.wait_probability, 6), round(centre.answered_within(5 / 60), 6), round(60 * centre.mean_wait, 3)
    (0.554113, 0.759184, 3.325)
    """

    arrivals: float
    speed: float
    agents: int

    def __post_init__(self) -> None:
        if not (self.arrivals > 0 and self.speed > 0 and self.agents >= 1):
            raise DataError(f"arrivals {self.arrivals}, speed {self.speed}, agents {self.agents}: all must be positive")
        if self.arrivals >= self.agents * self.speed:
            needed = int(self.arrivals // self.speed) + 1
            raise DataError(
                f"{self.agents} agents handle {self.agents * self.speed:g} an hour and {self.arrivals:g} arrive: need at least {needed}"
            )

    @property
    def wait_probability(self) -> float:
        """C(s, a): share of complaints that must wait at all."""
        load, blocked = self.arrivals / self.speed, 1.0
        for s in range(1, self.agents + 1):  # Erlang's B by its recursion, which never overflows
            blocked = load * blocked / (s + load * blocked)
        return blocked / (1 - load / self.agents * (1 - blocked))

    @property
    def mean_wait(self) -> float:
        """Mean time until an agent answers [hours]."""
        return self.wait_probability / (self.agents * self.speed - self.arrivals)

    def answered_within(self, hours: float) -> float:
        """P(wait <= hours) = 1 - C exp(-(s mu - lambda) hours)."""
        return 1 - self.wait_probability * exp(-(self.agents * self.speed - self.arrivals) * hours)

    def kept_by_one_more_agent(self, hours: float, intention_gap: float) -> float:
        """Customers per hour whom one more agent would keep, *if* an answer within `hours` made `intention_gap` more of them stay.

        The gap between those answered quickly and the others is one of stated intentions of different people; and a wait in a queue
        is only one part of what they call quick.
        """
        more = CallCentre(self.arrivals, self.speed, self.agents + 1)
        return (more.answered_within(hours) - self.answered_within(hours)) * intention_gap * self.arrivals


def staffing(arrivals: float, speed: float, agents: int, more: int = 4, hours: float = 5 / 60) -> pd.DataFrame:
    """The desk with as many agents as now, and with up to `more` - 1 more.

    Returns
    -------
    DataFrame with `agents`, `must wait`, `quickly` (answered within `hours`) and `mean wait, minutes`.

    Examples
    --------
    >>> staffing(40, 10, 5)["agents"].tolist()
    [5, 6, 7, 8]
    """
    import pandas as pd

    crews = [CallCentre(arrivals, speed, each) for each in range(agents, agents + more)]
    rows = [[each.agents, each.wait_probability, each.answered_within(hours), 60 * each.mean_wait] for each in crews]
    return pd.DataFrame(rows, columns=["agents", "must wait", "quickly", "mean wait, minutes"])


@dataclass(frozen=True, eq=False)
class ResolutionPath:
    """A process of steps with chances, some of which end it: expected visits and where it ends.

    Attributes
    ----------
    steps : names of the passing steps
    ends : names of the steps that end the process
    onward : chances between passing steps; shape (steps, steps)
    ending : chances from passing steps to ends; shape (steps, ends)

    Examples
    --------
    Seven in ten are resolved at once; the others are sent on and asked again:

    >>> import numpy as np
    >>> path = ResolutionPath(("ask",), ("resolved",), onward=np.array([[0.3]]), ending=np.array([[0.7]]))
    >>> round(float(path.visits[0, 0]), 2), round(path.expected_time({"ask": 10.0}), 1)
    (1.43, 14.3)
    """

    steps: tuple[Any, ...]
    ends: tuple[Any, ...]
    onward: Floats
    ending: Floats

    def __post_init__(self) -> None:
        total = self.onward.sum(1) + self.ending.sum(1)
        if (self.onward < 0).any() or (self.ending < 0).any() or not np.allclose(total, 1):
            raise DataError("the chances out of each step must be at least 0 and add up to 1")
        if not np.abs(np.linalg.eigvals(self.onward)).max() < 1 - 1e-12:
            raise DataError("some steps lead round for ever: from each there must be a way to an end")

    @classmethod
    def from_decisions(cls, table: pd.DataFrame, yes: Mapping[int, float]) -> ResolutionPath:
        """From a flow chart: `step`, `type` (action, decision, end), `on_yes`, `on_no`; `yes` gives the chance of yes by decision.

        A decision whose second arrow is missing goes on to the first either way.
        """
        rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
        going = [row for row in rows if row["type"] != "end"]
        passing, ends = tuple(row["step"] for row in going), tuple(row["step"] for row in rows if row["type"] == "end")
        place = {step: i for i, step in enumerate([*passing, *ends])}
        chances = np.zeros((len(passing), len(place)))
        for i, row in enumerate(going):
            known = row["on_no"] == row["on_no"]  # not missing
            chance = yes.get(row["step"]) if known else 1.0
            if chance is None or not 0 <= chance <= 1:
                raise DataError(f"step {row['step']} is a decision: give the chance of yes, between 0 and 1")
            chances[i, place[int(row["on_yes"])]] += chance
            if known:
                chances[i, place[int(row["on_no"])]] += 1 - chance
        return cls(passing, ends, chances[:, : len(passing)], chances[:, len(passing) :])

    @property
    def visits(self) -> Floats:
        """Expected visits to each step (columns) from each step (rows), the start counted: (I - Q)^-1."""
        return np.asarray(np.linalg.inv(np.eye(len(self.steps)) - self.onward))

    @property
    def end_chances(self) -> Floats:
        """Chance of each end (columns) from each step (rows)."""
        return self.visits @ self.ending

    def expected_time(self, minutes: Mapping[Any, float]) -> float:
        """Expected time from the first step to an end, given the time of each step."""
        return float(self.visits[0] @ np.array([minutes.get(step, 0.0) for step in self.steps]))
