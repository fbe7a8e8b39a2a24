"""What is offered shows what it is for: an example that runs with the tests (doctest), in rooms where every function has one."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import goodwill as gw

COMPLETE = (  # rooms in which all that can be called has one: functions, and the classes of what they take and return
    "classroom",
    "data",
    "findings",
    "inference",
    "lifetime_value",
    "relationship",
    "reports",
    "satisfaction",
    "segments",
    "simulate",
    "strategies",
    "word_of_mouth",
    "worksheets",
)


def offered(room: Any) -> dict[str, Callable[..., Any]]:
    """What a room lists that can be called and is our own."""
    named = {name: getattr(room, name) for name in dir(room) if not name.startswith("_")}
    return {name: each for name, each in named.items() if callable(each) and getattr(each, "__module__", "").startswith("goodwill.")}


def examples_of(each: Any) -> str:
    """The docstring; of a class also those of what it defines."""
    own = [each.__doc__ or ""]
    if inspect.isclass(each):
        own += [getattr(part, "__func__", part).__doc__ or "" for part in vars(each).values() if hasattr(part, "__doc__")]
    return "\n".join(text for text in own if isinstance(text, str))


def test_every_name_at_the_front_has_an_example_that_runs() -> None:
    at_the_front = offered(gw)
    assert len(at_the_front) > 30
    assert [name for name, each in at_the_front.items() if ">>>" not in examples_of(each)] == []


@pytest.mark.parametrize("room", COMPLETE)
def test_all_that_a_room_offers_has_an_example_that_runs(room: str) -> None:
    callables = offered(importlib.import_module(f"goodwill.{room}"))
    assert callables
    assert [name for name, each in callables.items() if ">>>" not in examples_of(each)] == []


def test_every_figure_has_an_example_that_runs() -> None:
    modules = {name: importlib.import_module(f"goodwill.figures.{name}") for name in dir(gw.figures) if not name.startswith("_")}
    drawn = {f"{name}.{each}": part for name, module in modules.items() for each, part in vars(module).items() if inspect.isroutine(part)}
    own = {
        name: part for name, part in drawn.items() if part.__module__ == f"goodwill.figures.{name.partition('.')[0]}" and "._" not in name
    }
    assert len(own) > 60
    assert [name for name, part in own.items() if ">>>" not in examples_of(part)] == []
