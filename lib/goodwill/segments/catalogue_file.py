"""Reading a strategy catalogue: YAML, safely, with errors that name the file, the entry and the key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodwill.data.held import Held, user_path
from goodwill.errors import DataError

if TYPE_CHECKING:
    from goodwill.segments.strategies import Effect


@dataclass(frozen=True)
class Place:
    """Where in which file something stands, for messages."""

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
        from goodwill.segments.strategies import NORMAL_80, Effect

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
    """The content of a YAML file or text; a key that stands twice is an error, not a silent loss."""
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


def percent_of(effect: Effect) -> str:
    """`+5 % ± 2 %` (one standard deviation)."""
    return f"{100 * effect.mean:+.3g} % ± {100 * effect.sd:.2g} %"
