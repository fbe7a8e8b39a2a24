from __future__ import annotations

from pathlib import Path

import pytest

from goodwill.errors import UsageError
from goodwill.reports.recipe import read_recipe

from .conftest import NOTEBOOKS


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("GOODWILL_NOTEBOOKS", str(NOTEBOOKS))

    def write(text: str):
        path = tmp_path / "r.yaml"
        path.write_text(text, "utf-8")
        return read_recipe(path)

    return write


def test_a_recipe_names_reports_with_parameters(recipe):
    found = recipe(
        "title: T\nreports:\n  - {name: a, notebook: whole, parameters: {horizon: 26, tags: [x, 007]}}\n  - {name: b, notebook: error}"
    )
    assert found.title == "T"
    assert [report.name for report in found.reports] == ["a", "b"]
    assert found.reports[0].parameters == {"horizon": "26", "tags": ["x", "007"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reports: []", "no 'title'"),
        ("title: T\nreports: x", "must be a list"),
        ("title: T\nreprts: []", "did you mean 'reports'"),
        ("title: [", "is not YAML"),
        ("- a", "must hold the keys"),
        ("title: T\nreports: [{name: a, notebok: whole}]", "did you mean 'notebook'"),
        ("title: T\nreports: [{name: a, notebook: whle}]", "did you mean 'whole'"),
        ("title: T\nreports: [{name: a, notebook: no/such.ipynb}]", "There is no notebook"),
        ("title: T\nreports: [{name: ../a, notebook: whole}]", "cannot be a folder"),
        ("title: T\nreports: [{name: /a, notebook: whole}]", "cannot be a folder"),
        ("title: T\nreports: [{name: index, notebook: whole}]", "cannot be a folder"),
        ("title: T\nreports: [{name: a, notebook: whole}, {name: A, notebook: whole}]", "two reports have the name 'a'"),
        ("title: T\nreports: [{name: a, notebook: whole, parameters: {horizn: 1}}]", "report 1: whole has no parameter 'horizn'"),
        ("title: T\nreports: [{name: a, notebook: whole, parameters: [1]}]", "must be names with values"),
        ("title: T\nreports: [{name: a, notebook: whole, parameters: {horizon: 0}}]", "more than 0"),
        ("title: !!python/object/apply:os.abort []\nreports: [{name: a, notebook: whole}]", "no 'title'"),
    ],
)
def test_a_recipe_that_is_wrong_says_where(recipe, text: str, message: str):
    with pytest.raises(UsageError) as caught:
        recipe(text)
    assert message in str(caught.value)


def test_a_recipe_that_is_not_there(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_recipe(tmp_path / "none.yaml")
