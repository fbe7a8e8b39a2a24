"""The strategy catalogue: what could be done for which segments, at what cost, with what assumed or measured effect.

A catalogue is a YAML file. What a manager believes stands in it as a mean with a standard deviation (or an 80 % range), graded by where
it comes from: A a randomised trial of one's own, B a published one, C observation, D assumption. "do_nothing" is always there and free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from goodwill.calendar import DAYS_PER_QUARTER, DAYS_PER_UNIT
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

DO_NOTHING = "do_nothing"
EFFECTS = ("retention", "frequency", "spend", "complaint_recovery")
GRADES = {"A": "own randomised trial", "B": "published randomised trial", "C": "observation", "D": "assumption"}
_DAYS = {"week": DAYS_PER_UNIT["week"], "month": DAYS_PER_UNIT["month"], "quarter": DAYS_PER_QUARTER, "year": DAYS_PER_UNIT["year"]}
PERIODS = {period: days / DAYS_PER_UNIT["year"] for period, days in _DAYS.items()}  # in years
NORMAL_80 = 1.2815515655446004  # half an 80 % range in standard deviations


@dataclass(frozen=True)
class Effect:
    """A number with its uncertainty: mean and standard deviation.

    Examples
    --------
    >>> Effect(0.05, sd=0.02)  # five per cent more, give or take two
    Effect(mean=0.05, sd=0.02)
    """

    mean: float
    sd: float = 0.0


@dataclass(frozen=True)
class Strategy:
    """One thing that could be done.

    Attributes
    ----------
    unit_cost : per treated customer and effect period [currency]; `fixed_cost` : once, when it is launched at all [currency]
    eligible : segments that it may be used for
    period : the time that cost and effects are stated for: week, month, quarter or year
    capacity : customers who can be treated in a period
    reach : share of the treated who are really reached; effects hold for them, the cost is paid for all
    effects : by name. `retention`: share of customers more who are still there at the end of the effect's time (.02 is two in a hundred);
        `frequency`, `spend`: relative change of the purchase rate and of spend per purchase; `complaint_recovery`: share of dissatisfied
        complainers who are made satisfied
    carry_over_periods : for how many periods the effects last, in full, after the one that is paid for
    exclusive_group : a customer gets at most one strategy of a group; effects of different groups are added up
    evidence : A, B, C or D, see `GRADES`: of the stated effects
    service_floor : smallest share of a segment's customers that must get it
    measured : incremental money per treated customer by segment, from a trial; replaces `effects` there

    Examples
    --------
    >>> from goodwill.strategies import Effect
    >>> call = Strategy("call", "Call them", 2.0, ("best", "new"), period="quarter", carry_over_periods=1, measured={"best": Effect(3)})
    >>> call.years, call.grade("best"), call.grade("new")  # a quarter and one more; where a trial measured it, and where not
    (0.5, 'A', 'D')
    """

    id: str
    name: str
    unit_cost: float
    eligible: tuple[str, ...]
    fixed_cost: float = 0.0
    period: str = "year"
    capacity: float | None = None
    reach: Effect = Effect(1.0)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    carry_over_periods: float = 0.0
    exclusive_group: str = "one"
    evidence: str = "D"
    service_floor: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Effect] = field(default_factory=dict)
    source: str = ""
    assumptions: str = ""

    @property
    def years(self) -> float:
        """How long its effects last [years]."""
        return PERIODS[self.period] * (1 + self.carry_over_periods)

    def grade(self, segment: str) -> str:
        """Evidence of its effect in a segment: A where it was measured in a trial."""
        return "A" if segment in self.measured else self.evidence


@dataclass(frozen=True)
class Catalogue:
    """Strategies for some segments, best segment first; `do_nothing` comes first among the strategies.

    Examples
    --------
    >>> from goodwill.strategies.catalogue_file import starter_catalogue
    >>> catalogue = starter_catalogue(("best", "others"), order_value=40.0)
    >>> catalogue.table()[["id", "eligible", "unit_cost"]].head(3)
                id      eligible  unit_cost
    0   do_nothing  best, others        0.0
    1  key_account          best        2.0
    2    vip_guide          best        0.8
    """

    segments: tuple[str, ...]
    strategies: tuple[Strategy, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.strategies)

    @property
    def active(self) -> tuple[Strategy, ...]:
        """All but doing nothing."""
        return self.strategies[1:]

    def strategy(self, name: str) -> Strategy:
        if name not in self.ids:
            raise DataError(f"there is no strategy '{name}' in the catalogue; it has {', '.join(self.ids)}")
        return self.strategies[self.ids.index(name)]

    def replaced(self, strategy: Strategy) -> Catalogue:
        """The catalogue with one strategy exchanged, by its id."""
        self.strategy(strategy.id)
        return replace(self, strategies=tuple(strategy if each.id == strategy.id else each for each in self.strategies))

    def scaled(self, money: float) -> Catalogue:
        """All costs times `money`: for a catalogue whose costs are stated in mean orders. What was measured stays as it is."""
        return replace(
            self,
            strategies=tuple(
                replace(each, unit_cost=each.unit_cost * money, fixed_cost=each.fixed_cost * money) for each in self.strategies
            ),
        )

    def table(self) -> pd.DataFrame:
        """One row per strategy, effects as text with one standard deviation."""
        import pandas as pd

        rows = [
            {
                "id": each.id,
                "name": each.name,
                "evidence": "" if each.id == DO_NOTHING else "A" if set(each.eligible) <= set(each.measured) else each.evidence,
                "measured_in": ", ".join(each.measured),
                "eligible": ", ".join(each.eligible),
                "unit_cost": each.unit_cost,
                "fixed_cost": each.fixed_cost,
                "period": each.period,
                "capacity": each.capacity,
                "reach": each.reach.mean,
                "effects": "; ".join(f"{name.replace('_', ' ')} {percent_of(effect)}" for name, effect in each.effects.items()) or "none",
                "carry_over_periods": each.carry_over_periods,
                "source": each.source,
            }
            for each in self.strategies
        ]
        return pd.DataFrame(rows)

    def to_text(self) -> str:
        """YAML that `read_catalogue` reads back, exactly."""
        import yaml

        entries = [_as_entry(each) for each in self.active]
        return yaml.safe_dump({"strategies": entries}, sort_keys=False, allow_unicode=True, width=120)


def _as_entry(strategy: Strategy) -> dict[str, Any]:
    def effect(value: Effect) -> dict[str, float]:
        return {"mean": value.mean, "sd": value.sd}

    entry: dict[str, Any] = {name: getattr(strategy, name) for name in ("id", "name", "source", "assumptions", "evidence")}
    entry |= {"eligible": list(strategy.eligible), "unit_cost": strategy.unit_cost, "fixed_cost": strategy.fixed_cost}
    entry |= {"cost_period": strategy.period, "effect_period": strategy.period, "capacity": strategy.capacity}
    entry |= {"reach": effect(strategy.reach), "effects": {name: effect(value) for name, value in strategy.effects.items()}}
    entry |= {"carry_over_periods": strategy.carry_over_periods, "exclusive_group": strategy.exclusive_group}
    entry |= {"service_floor": dict(strategy.service_floor)}
    return entry | {"measured": {name: effect(value) for name, value in strategy.measured.items()}}


def percent_of(effect: Effect) -> str:
    """`+5 % ± 2 %` (one standard deviation).

    >>> from goodwill.strategies import Effect
    >>> percent_of(Effect(0.05, 0.02))
    '+5 % ± 2 %'
    """
    return f"{100 * effect.mean:+.3g} % ± {100 * effect.sd:.2g} %"
