"""The strategy catalogue: what could be done for which segments, at what cost, with what assumed or measured effect.

A catalogue is a YAML file. What a manager believes stands in it as a mean with a standard deviation (or an 80 % range), graded by where
it comes from: A a randomised trial of one's own, B a published one, C observation, D assumption. "do_nothing" is always there and free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodwill.calendar import DAYS_PER_QUARTER, DAYS_PER_UNIT
from goodwill.errors import DataError
from goodwill.segments.catalogue_file import Place, load, percent_of

if TYPE_CHECKING:
    import pandas as pd

DO_NOTHING = "do_nothing"
EFFECTS = ("retention", "frequency", "spend", "complaint_recovery")
GRADES = {"A": "own randomised trial", "B": "published randomised trial", "C": "observation", "D": "assumption"}
_DAYS = {"week": DAYS_PER_UNIT["week"], "month": DAYS_PER_UNIT["month"], "quarter": DAYS_PER_QUARTER, "year": DAYS_PER_UNIT["year"]}
PERIODS = {period: days / DAYS_PER_UNIT["year"] for period, days in _DAYS.items()}  # in years
TOP_KEYS = ("title", "money", "period", "strategies")
KEYS = (
    *("id", "name", "source", "assumptions", "evidence", "eligible", "unit_cost", "fixed_cost", "cost_period", "effect_period"),
    *(
        "cost_periods_per_effect_period",
        "capacity",
        "reach",
        "effects",
        "carry_over_periods",
        "exclusive_group",
        "service_floor",
        "measured",
    ),
)
STARTER = Path(__file__).with_name("catalogue.yaml")
NORMAL_80 = 1.2815515655446004  # half an 80 % range in standard deviations


@dataclass(frozen=True)
class Effect:
    """A number with its uncertainty: mean and standard deviation."""

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
    """Strategies for some segments, best segment first; `do_nothing` comes first among the strategies."""

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


def read_catalogue(source: str | Path, segments: Sequence[str], order_value: float | None = None) -> Catalogue:
    """Read a catalogue and check all of it.

    Parameters
    ----------
    source : path of a YAML file, or YAML text (anything with a line break)
    segments : names of the segments, best first; `eligible` may also say `all`, or `upper`, `middle`, `lower` for thirds of this order
    order_value : mean spend per purchase [currency]; needed where the file says `money: mean orders`, and turns its costs into money

    Raises
    ------
    DataError
        Naming file, entry and key: an unknown key, a segment that does not exist, a negative cost, a number out of its range, cost and
        effects stated for different periods without `cost_periods_per_effect_period`, and whatever else cannot be meant.

    Examples
    --------
    >>> text = '''
    ... strategies:
    ...   - {id: call, name: Call them, unit_cost: 2, effects: {frequency: {mean: .1, sd: .05}}, eligible: [gold]}
    ... '''
    >>> catalogue = read_catalogue(text, ["gold", "iron"])
    >>> catalogue.ids, catalogue.strategy("call").effects["frequency"]
    (('do_nothing', 'call'), Effect(mean=0.1, sd=0.05))
    """
    names = tuple(str(name) for name in segments)
    if not names or len(set(names)) < len(names):
        raise DataError(f"a catalogue needs segments with different names, best first, and not {list(names)}")
    place, content = load(source)
    place.known(content, TOP_KEYS)
    entries = content.get("strategies")
    if not isinstance(entries, list) or not entries:
        raise place.error("'strategies' must be a list of at least one entry")
    read = [_read_strategy(entry, place, number, names, content.get("period", "year")) for number, entry in enumerate(entries, 1)]
    ids = [each.id for each in read]
    for name in ids:
        if ids.count(name) > 1:
            raise place.error(f"two strategies have the id '{name}'; each needs its own")
    nothing = next((each for each in read if each.id == DO_NOTHING), Strategy(DO_NOTHING, "Do nothing", 0.0, names))
    if nothing.unit_cost or nothing.fixed_cost or nothing.effects or nothing.measured:
        raise place.error(f"strategy '{DO_NOTHING}' costs nothing and has no effect; all others are compared with it")
    catalogue = Catalogue(names, (replace(nothing, eligible=names), *(each for each in read if each.id != DO_NOTHING)))
    _check_floors(catalogue, place)
    if content.get("money") != "mean orders":
        return catalogue
    if order_value is None or not order_value > 0:
        raise place.error(
            f"costs are stated in mean orders, so the mean spend per purchase is needed (order_value), and it is {order_value}"
        )
    return catalogue.scaled(order_value)


def starter_catalogue(segments: Sequence[str], order_value: float) -> Catalogue:
    """Nine strategies that companies of the case texts describe, for any segments; every number in it is an assumption (grade D).

    Costs in the file are stated in mean orders and turned into money by `order_value`, the mean spend per purchase [currency].
    """
    return read_catalogue(STARTER, segments, order_value)


def _read_strategy(entry: Any, place: Place, number: int, segments: tuple[str, ...], period: str) -> Strategy:
    at = place.entry(entry, number)
    at.known(entry, KEYS)
    for key in ("id", "name"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise at.error(f"key '{key}' is missing or no text")
    evidence = str(entry.get("evidence", "D"))
    if evidence not in GRADES:
        raise at.error(f"key 'evidence' is {evidence}; use {', '.join(f'{grade} ({text})' for grade, text in GRADES.items())}")
    if entry["id"] != DO_NOTHING and "unit_cost" not in entry:
        raise at.error("key 'unit_cost' is missing; state the cost per treated customer, if need be 0")
    effect_period, periods = _periods(entry, at, period)
    effects = _effects(entry, at)
    measured = {name: at.effect(value, f"measured: {name}") for name, value in at.mapping(entry, "measured").items()}
    floors = {name: at.number(value, f"service_floor: {name}", 0, 1) for name, value in at.mapping(entry, "service_floor").items()}
    for key, named in (("measured", measured), ("service_floor", floors)):
        at.segments(key, list(named), segments)
    return Strategy(
        id=entry["id"],
        name=entry["name"],
        unit_cost=at.number(entry.get("unit_cost", 0), "unit_cost", 0) * periods,
        fixed_cost=at.number(entry.get("fixed_cost", 0), "fixed_cost", 0),
        eligible=_eligible(entry.get("eligible", "all"), at, segments),
        period=effect_period,
        capacity=None if entry.get("capacity") is None else at.number(entry["capacity"], "capacity", 0),
        reach=at.effect(entry.get("reach", 1), "reach", 0, 1, plain=True),
        effects=effects,
        carry_over_periods=at.number(entry.get("carry_over_periods", 0), "carry_over_periods", 0),
        exclusive_group=str(entry.get("exclusive_group", "one")),
        evidence=evidence,
        service_floor=floors,
        measured=measured,
        source=str(entry.get("source", "")),
        assumptions=str(entry.get("assumptions", "")),
    )


def _periods(entry: Mapping[str, Any], at: Place, default: str) -> tuple[str, float]:
    """The period of the effects, and how many cost periods it holds."""
    effect, cost = str(entry.get("effect_period", default)), str(entry.get("cost_period", default))
    for key, period in (("effect_period", effect), ("cost_period", cost)):
        if period not in PERIODS:
            raise at.error(f"key '{key}' is '{period}'; use {', '.join(PERIODS)}")
    given = entry.get("cost_periods_per_effect_period")
    if given is None and effect != cost:
        raise at.error(
            f"costs are stated per {cost} and effects per {effect}; state both for one period, or say with "
            f"'cost_periods_per_effect_period' how often the cost is paid in one {effect}"
        )
    periods = 1.0 if given is None else at.number(given, "cost_periods_per_effect_period", 0)
    if effect == cost and periods != 1:
        raise at.error(f"costs and effects are both stated per {effect}, yet 'cost_periods_per_effect_period' is {periods:g}")
    return effect, periods


def _effects(entry: Mapping[str, Any], at: Place) -> dict[str, Effect]:
    effects = at.mapping(entry, "effects")
    at.known(effects, EFFECTS, "effects: ")
    least = {"complaint_recovery": 0.0}
    most = {"retention": 1.0, "complaint_recovery": 1.0}
    return {name: at.effect(value, f"effects: {name}", least.get(name, -1.0), most.get(name)) for name, value in effects.items()}


def _eligible(value: Any, at: Place, segments: tuple[str, ...]) -> tuple[str, ...]:
    third = max(1, round(len(segments) / 3))
    middle = segments[third : max(third, len(segments) - third)]
    words = {"all": segments, "upper": segments[:third], "middle": middle, "lower": segments[max(third, len(segments) - third) :]}
    if isinstance(value, str) and value in words:
        return words[value]
    if not isinstance(value, list):
        raise at.error(f"key 'eligible' is {value!r}; use a list of segments, or one of {', '.join(words)}")
    named = [str(name) for name in value]
    at.segments("eligible", named, segments)
    return tuple(name for name in segments if name in named)


def _check_floors(catalogue: Catalogue, place: Place) -> None:
    for each in catalogue.active:
        for segment, share in each.service_floor.items():
            if share > 0 and segment not in each.eligible:
                raise place.error(
                    f"strategy '{each.id}': key 'service_floor' promises it to segment '{segment}', which is not eligible for it"
                )


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
