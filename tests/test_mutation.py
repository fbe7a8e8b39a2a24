"""Mutation testing, held against a module made up for it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation import kept, mutants, mutated, put_in, sample

SOURCE = '''"""A module about nothing."""
from functools import cache
from typing import NamedTuple

TITLE = {"better": "{model} misses by {miss:.1f} less than the rule"}


class Value(NamedTuple):
    value: float
    level: float = 0.5


def choose(low: "a type", high=0):
    """A docstring."""
    if low > high:
        raise ValueError("the ends are exchanged")
    return "better" if low and not high else TITLE["better"]


@cache
def twice(x):
    return x * 2  # no mutate: a matter of taste


class Shop:
    def size(self):
        if not self:
            raise TooLittle("Nobody is there.")
        return [1]
'''


def texts() -> list[str]:
    return [mutant.text for mutant in mutants(SOURCE)]


@pytest.mark.parametrize(
    "text",
    [
        "'better' -> 'XXbetter'",
        "'{model} misses by {miss:.1f} less than the rule' -> '{model} XXmisses by {miss:.1f} less than the rule'",
        "'{model} misses by {miss:.1f} less than the rule' -> '{model} misses by {miss:.1f} less XXthan the rule'",
        "'{model} misses by {miss:.1f} less than the rule' -> '{model} misses by {miss:.1f} less than the XXrule'",
        "'{model} misses by {miss:.1f} less than the rule' -> '{model} misses by {miss:.2f} less than the rule'",
        "low > high -> low >= high",
        "low > high -> low <= high",
        "0 -> 1",
        "0.5 -> 1.0",
        "not high -> high",
        "low and (not high) -> low or not high",
        "'Nobody is there.' -> 'Nobody XXis there.'",
    ],
)
def test_words_numbers_and_choices_are_changed(text: str) -> None:
    assert text in texts()


def test_docstrings_types_errors_and_lines_left_alone_are_not_changed() -> None:
    for word in ("docstring", "about", "a type", "exchanged", "x * 2", "NamedTuple", "ValueError"):
        assert not any(word in text for text in texts())


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("made_up_for_mutation")
    made.__file__ = str(tmp_path / "made_up.py")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    exec(compile(SOURCE, made.__file__, "exec"), vars(made))
    return made


def change(module: ModuleType, text: str) -> None:
    put_in(module, mutated(SOURCE, next(mutant for mutant in mutants(SOURCE) if mutant.text == text)))


def test_a_change_reaches_functions_that_are_already_imported(module: ModuleType) -> None:
    choose = module.choose
    assert choose(-1, 0) == "better"
    change(module, "not high -> high")
    assert choose(-1, 0) != "better"


def test_a_change_reaches_tables_classes_and_defaults_that_are_already_imported(module: ModuleType) -> None:
    table, value, shop = module.TITLE, module.Value, module.Shop()
    change(module, "'{model} misses by {miss:.1f} less than the rule' -> '{model} misses by {miss:.2f} less than the rule'")
    assert "{miss:.2f}" in table["better"]
    change(module, "0.5 -> 1.0")
    assert value(3).level == 1.0
    change(module, "1 -> 2")
    assert shop.size() == [2]


def test_a_change_empties_caches(module: ModuleType) -> None:
    twice = module.twice
    assert twice(2) == 4
    put_in(module, ast.parse(SOURCE.replace("x * 2", "x * 3")))
    assert twice(2) == 6


def test_without_a_change_everything_stays(module: ModuleType) -> None:
    put_in(module, ast.parse(SOURCE))
    assert module.choose(-1, 0) == "better" and module.Value(1).level == 0.5


def test_a_table_of_another_module_is_not_emptied(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("another_made_up")
    other.WORDS = {"better": "more"}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, other.__name__, other)
    for _ in range(2):
        put_in(module, ast.parse("from another_made_up import WORDS"))
    assert module.WORDS == {"better": "more"}


def test_a_part_of_the_mutants_is_the_same_for_the_same_seed_and_stays_in_order() -> None:
    found = mutants(SOURCE)
    part = sample(found, 0.5, "1 made_up")
    assert part == sample(found, 0.5, "1 made_up") != sample(found, 0.5, "2 made_up")
    assert len(part) == round(len(found) / 2) and [m.line for m in part] == sorted(m.line for m in part)
    assert sample(found, 1.0, "1 made_up") == found


def test_the_result_of_a_module_takes_the_place_of_its_last_one() -> None:
    first = kept("", {"words": (82, 82, 3), "numbers": (1_139, 139, 0)})
    assert first.splitlines()[2:] == [
        "module                          mutants    tried  survivors",
        "numbers                           1,139      139          0",
        "words                                82       82          3",
    ]
    assert kept(first, {"words": (82, 82, 0)}) == first.replace("         3", "         0")
