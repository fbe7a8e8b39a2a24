"""Reading a strategy catalogue: YAML, safely, with errors that name the file, the entry and the key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from goodwill.data.held import Held, user_path
from goodwill.errors import DataError
from goodwill.strategies.catalogue import DO_NOTHING, EFFECTS, GRADES, NORMAL_80, PERIODS, Catalogue, Effect, Strategy

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


@dataclass(frozen=True)
class Place:
    """Where in which file something stands, for messages.

    Examples
    --------
    >>> str(Place("mine.yaml").entry({"id": "call"}, 1).error("key 'unit_cost' is -2; it must not be below 0"))
    "mine.yaml, strategy 'call': key 'unit_cost' is -2; it must not be below 0"
    """

    name: str

    def error(self, text: str) -> DataError:
        return DataError(f"{self.name}: {text}")

    def entry(self, entry: Any, number: int) -> Place:
        if not isinstance(entry, dict):
            raise self.error(f"strategy {number} must hold keys with values, and is {entry!r}")
        return Place(f"{self.name}, strategy '{entry['id']}'" if entry.get("id") else f"{self.name}, strategy {number}")

    def known(self, entry: Any, keys: Sequence[str], prefix: str = "") -> None:
        if not isinstance(entry, dict):
            raise self.error(f"there must be keys here ({', '.join(keys)})")
        for key in entry:
            if key not in keys:
                near = get_close_matches(str(key), keys, 1)
                raise self.error(
                    f"unknown key '{prefix}{key}'; " + (f"do you mean '{near[0]}'?" if near else f"there are {', '.join(keys)}")
                )

    def mapping(self, entry: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = entry.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.error(f"key '{key}' must hold names with values, and is {value!r}")
        return {str(name): each for name, each in (value or {}).items()}

    def segments(self, key: str, named: Sequence[str], segments: Sequence[str]) -> None:
        unknown = [name for name in named if name not in segments]
        if unknown:
            raise self.error(
                f"key '{key}' names {', '.join(repr(name) for name in unknown)}, but there is no such segment, only {', '.join(segments)}"
            )

    def number(self, value: Any, key: str, least: float | None = None, most: float | None = None) -> float:
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise self.error(f"key '{key}' is {value!r}; it must be a number")
        if least is not None and number < least:
            raise self.error(f"key '{key}' is {value}; it must not be below {least:g}")
        if most is not None and number > most:
            raise self.error(f"key '{key}' is {value}; it must not be above {most:g}")
        return number

    def effect(self, value: Any, key: str, least: float | None = None, most: float | None = None, plain: bool = False) -> Effect:
        """A mean with `sd`, or an 80 % range `low` to `high` with or without its mean; a bare number only where `plain`."""
        if plain and not isinstance(value, dict):
            return Effect(self.number(value, key, least, most))
        if not isinstance(value, dict) or not ({"mean", "sd"} <= set(value) or {"low", "high"} <= set(value)):
            raise self.error(f"key '{key}' is {value!r}; give mean and sd, or an 80 % range with low and high: {{mean: .05, sd: .02}}")
        self.known(value, ("mean", "sd", "low", "high"), f"{key}: ")
        number = {name: self.number(each, f"{key}: {name}") for name, each in value.items()}
        if "sd" in number:
            if "low" in number or "high" in number:
                raise self.error(f"key '{key}' gives both sd and a range; give one of them")
            mean, sd = number["mean"], self.number(number["sd"], f"{key}: sd", 0)
        else:
            low, high = number["low"], number["high"]
            mean, sd = number.get("mean", (low + high) / 2), (high - low) / (2 * NORMAL_80)
            if not low <= mean <= high:
                raise self.error(f"key '{key}' runs from {low:g} to {high:g} with mean {mean:g}; the mean must lie between low and high")
        return Effect(self.number(mean, f"{key}: mean", least, most), sd)


def load(source: str | Path) -> tuple[Place, Any]:
    """The content of a YAML file or text; a key that stands twice is an error, not a silent loss.

    Examples
    --------
    >>> place, content = load('''
    ... title: What we could do
    ... period: quarter
    ... ''')
    >>> place, content
    (Place(name='catalogue'), {'title': 'What we could do', 'period': 'quarter'})
    """
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def unique(loader: Any, node: Any) -> dict[Any, Any]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"the key '{twice[0]}' stands twice", node.start_mark)
        return dict(loader.construct_mapping(node, deep=True))

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique)
    is_text = isinstance(source, str) and "\n" in source
    place = Place("catalogue" if is_text else str(source))
    try:
        return place, yaml.load(str(source) if is_text else _text(user_path(str(source))), Loader=Loader)
    except OSError as error:
        raise place.error(f"the catalogue cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise place.error(f"this is not YAML: {' '.join(str(error).split())}") from error


def _text(path: Path) -> str:
    with Held(path).unchanged():
        return path.read_text("utf-8")


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

    >>> found = starter_catalogue(("best", "others"), order_value=40.0)
    >>> len(found.strategies), found.segments  # and nothing to do
    (10, ('best', 'others'))
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
