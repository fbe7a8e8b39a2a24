"""The notebook on contracts and donations as its users run it: with nothing, on the published tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.notebooks.running import NOTEBOOKS, Report, goodwill_run, papermill_run


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return goodwill_run("contracts_and_donations", tmp_path_factory.mktemp("published"))


@pytest.mark.slow
def test_reference_numbers_of_the_published_tables(report: Report) -> None:
    value = report.value
    assert (value["model_miss"], value["rule_miss"]) == (pytest.approx(0.0252, abs=1e-4), pytest.approx(0.7329, abs=1e-4))
    low, high = report.results["miss_difference"]["interval"]
    assert low < value["miss_difference"] < high < 0
    assert (value["value_new"], value["value_after_four"]) == (pytest.approx(4.894, abs=0.001), pytest.approx(6.957, abs=0.001))
    assert (value["tenure"], value["renewal_point"]) == (pytest.approx(5.798, abs=0.001), pytest.approx(0.0432, abs=1e-4))
    assert (value["donors"], value["donors_alive"]) == (11_104, pytest.approx(0.6125, abs=1e-4))
    assert (value["gifts_expected"], value["gifts_largest"]) == (pytest.approx(12_884, abs=1), pytest.approx(3.7525, abs=1e-4))


@pytest.mark.slow
def test_every_figure_and_table_is_there(report: Report) -> None:
    assert report.figures == {"survival", "retention", "residual_value", "donors"}
    tables = {"survival_table", "contract_models", "holdout_misses", "contract_values", "donor_model", "assumptions"}
    assert report.tables == tables


@pytest.mark.slow
def test_plain_papermill_from_any_directory_gives_the_same_results(report: Report, tmp_path: Path) -> None:
    assert papermill_run(NOTEBOOKS / "07_contracts_and_donations.ipynb", tmp_path) == report.value
