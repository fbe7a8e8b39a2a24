from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.errors import UsageError
from goodwill.reports.sets.recipe import NAME, Groups, Recipe, fan_names, read_recipe

from .conftest import NOTEBOOKS
from .running import write_notebook

TODAY = date(2024, 3, 5)


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("GOODWILL_NOTEBOOKS", str(NOTEBOOKS))
    write_notebook(tmp_path / "small.ipynb")

    def write(text: str) -> Recipe:
        path = tmp_path / "r.yaml"
        path.write_text(text, "utf-8")
        return read_recipe(path, TODAY)

    return write


def test_a_recipe_names_reports_with_parameters(recipe):
    found = recipe(
        "title: T\nreports:\n  - {name: a, notebook: whole, parameters: {horizon: 26, tags: [x, 007]}}\n  - {name: b, notebook: error}"
    )
    assert found.title == "T"
    assert [report.name for report in found.reports] == ["a", "b"]
    assert found.reports[0].parameters == {"horizon": "26", "tags": ["x", "007"]}


def test_defaults_go_to_the_notebooks_that_have_them_and_yield_to_a_reports_own(recipe):
    found = recipe(
        "title: T\ndefaults: {horizon: 5, rate: 0.2}\nreports:\n- {name: a, notebook: whole}\n- {name: b, notebook: small.ipynb}\n"
        "- {name: c, notebook: whole, parameters: {horizon: 7}}"
    )
    assert [dict(report.parameters) for report in found.reports] == [
        {"horizon": "5", "rate": "0.2"},
        {"horizon": "5"},
        {"horizon": "7", "rate": "0.2"},
    ]


def test_what_holds_for_all_reports_yields_to_what_one_says(recipe):
    found = recipe(
        "title: T\ntimeout: 60\nexpects: {minimum_rows: 10, through: yesterday}\ntrim_last_day: true\nreports:\n"
        "- {name: a, notebook: small.ipynb}\n"
        "- {name: b, notebook: small.ipynb, timeout: 5, cell_timeout: 2.5, trim_last_day: false, "
        "expects: {minimum_rows: 3, columns: as before}}"
    )
    a, b = found.reports
    assert (a.limits.report, a.limits.cell, a.expects.minimum_rows, a.expects.columns_as_before, a.trim_last_day) == (
        60,
        None,
        10,
        False,
        True,
    )
    assert (b.limits.report, b.limits.cell, b.expects.minimum_rows, b.expects.columns_as_before, b.trim_last_day) == (
        5,
        2.5,
        3,
        True,
        False,
    )
    assert a.expects.through == b.expects.through == date(2024, 3, 4)


def test_relative_dates_are_resolved_in_titles_names_and_parameters(recipe):
    found = recipe(
        "title: 'Up to {yesterday}'\nreports: [{name: 'sales-{end_of_last_month}', notebook: small.ipynb, "
        "title: 'To {end_of_last_month}', parameters: {end: '{end_of_last_month}'}}]"
    )
    report = found.reports[0]
    assert (found.title, report.name, report.title) == ("Up to 2024-03-04", "sales-2024-02-29", "To 2024-02-29")
    assert report.parameters == {"end": "2024-02-29"}


def test_a_fan_out_makes_a_report_of_every_combination(recipe):
    found = recipe(
        "title: T\nreports: [{name: 'v-{region}', notebook: small.ipynb, title: 'Value in {region}', "
        "for_each: {region: [North, South Bank], horizon: [4, 8]}}]"
    )
    assert [report.name for report in found.reports] == ["v-North-4", "v-North-8", "v-South-Bank-4", "v-South-Bank-8"]
    assert found.reports[3].parameters == {"region": "South Bank", "horizon": "8"}
    assert found.reports[3].title == "Value in South Bank"
    assert {report.entry for report in found.reports} == {"v-{region}"}


def test_a_value_of_a_fan_out_may_stand_inside_other_parameters_and_is_never_read_again(recipe):
    found = recipe(
        "title: T\nreports: [{name: 'a-{where}', notebook: small.ipynb, parameters: {data: 'sales-{where}.csv', region: '{where}'}, "
        "for_each: {where: [east, '{today}', '{where} {x} `id`']}}]"
    )
    assert [report.parameters["region"] for report in found.reports] == ["east", "2024-03-05", "{where} {x} `id`"]
    assert found.reports[0].parameters["data"] == "sales-east.csv"


def test_a_fan_out_over_a_column_waits_for_the_data(recipe):
    found = recipe("title: T\nreports: [{name: 'a-{region}', notebook: small.ipynb, for_each: {column: region, of: sales.csv}}]")
    (groups,) = found.reports
    assert isinstance(groups, Groups)
    assert (groups.column, groups.of, groups.template.name) == ("region", "sales.csv", "a-{group}")


NAMES = st.lists(st.text(max_size=200), min_size=1, max_size=30, unique=True)


@settings(deadline=None, derandomize=True)
@given(NAMES)
def test_names_of_a_fan_out_are_folders_of_their_own_whatever_the_values(values: list[str]):
    names = fan_names("v-{group}", [{"group": value} for value in values], TODAY, "r.yaml")
    assert len({name.lower() for name in names}) == len(names)
    assert all(NAME.fullmatch(name) for name in names)
    again = fan_names("v-{group}", [{"group": value} for value in reversed(values)], TODAY, "r.yaml")
    assert again == names[::-1]


def test_values_that_differ_only_in_signs_or_case_get_distinct_names():
    values = ["north", "North", "north!", "../north", "south", "CON", "北", "南"]
    names = fan_names("{group}", [{"group": value} for value in values], TODAY, "r.yaml")
    assert len({name.lower() for name in names}) == len(values)
    assert names[4] == "south"
    assert "con" not in {name.lower() for name in names}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reports: []", "line 1: a recipe has no 'title'"),
        ("title: T\nreports: []", "no 'reports'"),
        ("", "must hold the keys"),
        ("title: T\nreports: x", "line 2: 'reports' must be a list"),
        ("title: T\nreprts: []", "line 2: a recipe has no key 'reprts'; did you mean 'reports'"),
        ("title: [", "is not YAML"),
        ("title: T\nreports:\n  - {name: a, notebook: [}", "line 3 is not YAML"),
        ("- a", "must hold the keys"),
        ("title: T\nreports: [{name: a, notebok: whole}]", "did you mean 'notebook'"),
        ("title: T\nreports:\n- name: a\n  notebook: whle", "line 4: "),
        ("title: T\nreports: [{name: a, notebook: no/such.ipynb}]", "There is no notebook"),
        ("title: T\nreports: [{name: ../a, notebook: whole}]", "cannot be a folder"),
        ("title: T\nreports: [{name: /a, notebook: whole}]", "cannot be a folder"),
        ("title: T\nreports: [{name: index, notebook: whole}]", "cannot be a folder"),
        ("title: T\nreports: [{name: a, notebook: whole}, {name: A, notebook: whole}]", "two reports have the name 'a'"),
        (
            "title: T\nreports: [{name: a, notebook: whole, parameters: {horizn: 1}}]",
            "line 2: whole has no parameter 'horizn'; did you mean 'horizon'",
        ),
        ("title: T\nreports: [{name: a, notebook: whole, parameters: [1]}]", "must be names with values"),
        ("title: T\nreports: [{name: a, notebook: whole, parameters: {horizon: 0}}]", "more than 0"),
        (
            "title: T\nreports:\n- name: a\n  notebook: whole\n  parameters:\n    rate: 0.1\n    horizon: soon",
            "line 7: parameter 'horizon' is 'soon'",
        ),
        ("title: T\nreports:\n- name: a\n  name: b\n  notebook: whole", "line 4: the key 'name' stands twice"),
        ("title: T\nreports: [{name: con, notebook: whole}]", "cannot be a folder"),
        (
            "title: T\ndefaults: {horizn: 1}\nreports: [{name: a, notebook: whole}]",
            "line 2: no notebook of this recipe has the parameter 'horizn'",
        ),
        ("title: T\nreports:\n- {name: a, notebook: whole, parameters: {data: '{yesterdy}'}}", "line 3 has no value in braces 'yesterdy'"),
        ("title: T\ntimeout: soon\nreports: [{name: a, notebook: whole}]", "line 2: 'soon' must be a number of seconds"),
        ("title: T\ntrim_last_day: maybe\nreports: [{name: a, notebook: whole}]", "must be true or false"),
        ("title: T\nkeep: {runs: 0}\nreports: [{name: a, notebook: whole}]", "must be a whole number above 0"),
        ("title: T\nkeep: {weeks: 2}\nreports: [{name: a, notebook: whole}]", "no key 'weeks'"),
        ("title: T\nexpects: {through: soon}\nreports: [{name: a, notebook: whole}]", "'through' is 'soon'"),
        ("title: T\nexpects: {columns: fine}\nreports: [{name: a, notebook: whole}]", "can only be `as before`"),
        (
            "title: T\nreports:\n- name: a\n  notebook: whole\n  expects: {through: yesterday}",
            "line 5: the data of this notebook have no date",
        ),
        ("title: T\nreports: [{name: a, notebook: error, expects: {minimum_rows: 2}}]", "no parameter 'data'"),
        ("title: T\nreports: [{name: a, notebook: whole, for_each: {word: [x, y]}}]", "nothing uses {word}"),
        ("title: T\nreports: [{name: a, notebook: whole, for_each: {horizon: [1, 1]}}]", "each once"),
        ("title: T\nreports: [{name: a, notebook: whole, for_each: {horizon: 1}}]", "must be a list"),
        ("title: T\nreports: [{name: a, notebook: whole, for_each: {horizon: [1, soon]}}]", "'soon'; it must be a whole number"),
        ("title: T\nreports: [{name: a, notebook: whole, for_each: {column: region}}]", "say with 'of'"),
        ("title: T\nreports: [{name: a, notebook: error, for_each: {column: region, of: x.csv}}]", "no parameter 'data'"),
        (
            "title: T\nreports:\n- {name: a, notebook: small.ipynb, for_each: {column: region, of: x.csv, borrow: true}}",
            "line 3: small has no parameters borrow_from and group, and cannot borrow.",
        ),
        (
            "title: T\nreports: [{name: a-4, notebook: whole}, {name: a, notebook: whole, for_each: {horizon: [4]}}]",
            "two reports have the name 'a-4'",
        ),
        ("title: &a [*a]\nreports: []", "holds itself"),
        ("title: T\nreports: [{name: a, notebook: whole, parameters: {tags: {x: 1}}}]", "must be a value or a list of values"),
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


@pytest.mark.slow
def test_an_alias_bomb_is_refused(recipe):
    levels = "\n".join(f"  - &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    with pytest.raises(UsageError, match="more than 100,000 values"):
        recipe(f"title: T\nreports:\n  - &l0 [x]\n{levels}")
