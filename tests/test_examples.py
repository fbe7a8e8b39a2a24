"""What is offered shows what it is for: an example that runs with the tests (doctest), in rooms where every function has one."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import runpy
from collections.abc import Callable
from doctest import DocTestParser
from pathlib import Path
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


def lacking(text: str, own: str) -> list[str]:
    """Names that the examples of a docstring use without an import, beside the one that they are an example of."""
    known, used = {*dir(builtins), "_", own}, set[str]()
    for each in DocTestParser().get_examples(text):
        for node in ast.walk(ast.parse(each.source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler):
                known.add(str(node.name))
            elif isinstance(node, ast.arg):
                known.add(node.arg)
            elif isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else known).add(node.id)
    return sorted(used - known)


def test_what_an_example_lacks_is_found() -> None:
    text = ">>> import numpy as np\n>>> share = np.mean([each for each in date(2025, 1, 1).timetuple()])\n>>> mine(share)"
    assert lacking(text, "mine") == ["date"]
    assert lacking(text, "other") == ["date", "mine"]


@pytest.mark.parametrize("room", COMPLETE)
def test_an_example_can_be_copied_with_all_that_it_needs(room: str) -> None:
    for name, each in offered(importlib.import_module(f"goodwill.{room}")).items():
        parts = [getattr(part, "__func__", part) for part in vars(each).values()] if inspect.isclass(each) else []
        docs = [part.__doc__ for part in (each, *parts) if inspect.isroutine(part) or part is each]
        assert [lack for doc in docs for lack in lacking(doc or "", name)] == [], name


def test_every_example_that_is_left_to_the_slow_tests_is_there() -> None:
    """A name that is gone would say of a quick example that it is slow, or of nothing."""
    ours = runpy.run_path(str(Path(__file__).parents[1] / "conftest.py"))
    for name in (*ours["LONG"], *ours["LONG_MODULES"]):
        found = pkgutil.resolve_name(f"goodwill.{name}")
        assert inspect.getdoc(found) or examples_of(found), name
