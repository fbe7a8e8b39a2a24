"""Four of our notebooks run on data to a day, and again on longer data: what the first run foretold is scored, by `goodwill ledger` too."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import goodwill as gw
from goodwill.cli import main
from goodwill.inference.ledger import FOUR_WEEKS
from goodwill.reports.running.ledger_file import read_ledger
from goodwill.reports.sets.batch import Options, run_recipe
from goodwill.reports.sets.recipe import read_recipe

MADE, LAST = date(1997, 12, 31), date(1998, 6, 30)
RECIPE = """\
title: Two runs
reports:
  - {name: value, notebook: customer_lifetime_value, parameters: {data: sales.csv, horizon: 13}}
  - {name: segments, notebook: segment_strategies, parameters: {data: sales.csv, scheme: abc, horizon: 13}}
  - {name: models, notebook: purchase_models_compared, parameters: {data: sales.csv, dates_compared: 2, dates_covered: 3}}
  - {name: contracts, notebook: contracts_and_donations, parameters: {data: contracts.csv, horizon: 3}}
"""
FITTED = 7


def write_contracts(path: Path, last: int) -> pd.DataFrame:
    """Two cohorts, whose tables end at a renewal; one customer in ten leaves at each of the first, one in twenty of the second."""
    cohorts = (("regular", 1000, 0.9), ("premium", 400, 0.95))
    rows = [(cohort, time, round(size * stay**time)) for cohort, size, stay in cohorts for time in range(last + 1)]
    table = pd.DataFrame(rows, columns=["cohort", "time", "customers"])
    table.to_csv(path, index=False)
    return table


@pytest.mark.long
def test_what_four_notebooks_foretell_is_scored_by_a_run_on_longer_data(tmp_path: Path):
    log = gw.read_transactions("cdnow_sample").to_pandas()[["customer_id", "date", "amount"]]
    log["date"] = pd.to_datetime(log["date"]).dt.date
    recipe, folder = tmp_path / "two.yaml", tmp_path / "set"
    recipe.write_text(RECIPE)
    log[log["date"] <= MADE].to_csv(tmp_path / "sales.csv", index=False)
    write_contracts(tmp_path / "contracts.csv", FITTED + 1)
    for grown in (False, True):
        if grown:
            log.to_csv(tmp_path / "sales.csv", index=False)
            there = write_contracts(tmp_path / "contracts.csv", FITTED + 4).set_index(["cohort", "time"])["customers"]
        outcomes = run_recipe(read_recipe(recipe), folder, Options(jobs=1))
        assert [outcome.status for outcome in outcomes] == ["built"] * 4, [outcome.failure for outcome in outcomes]
        known = {name: read_ledger(folder / name).forecasts for name in ("value", "segments", "models", "contracts")}
        assert all(known.values())
        if not grown:
            assert all(one.came is None for each in known.values() for one in each)
    first = log.groupby("customer_id")["date"].min()
    for name in ("value", "segments", "models"):
        said = [one for one in known[name] if one.made == MADE]
        assert {one.days for one in said} >= {FOUR_WEEKS, 91}, name
        for one in said:
            assert one.due <= LAST and one.came is not None, one
            window = log[(log["date"] > MADE) & (log["date"] <= one.due) & log["customer_id"].isin(first.index[first <= MADE])]
            if one.name == "purchases":
                assert one.came == window.groupby("customer_id")["date"].nunique().sum(), one
            if one.name == "value of a segment":
                parts = [each.came or 0.0 for each in said if (each.name, each.due) == (one.name, one.due)]
                assert sum(parts) == pytest.approx(one.margin * window["amount"].sum(), abs=0.01)
        assert all(one.came is None for one in known[name] if one.made == LAST)
    of_contracts = [one for one in known["contracts"] if one.made == FITTED + 1]
    assert {(one.which, one.due) for one in of_contracts} == {(c, FITTED + 1 + far) for c in ("regular", "premium") for far in (1, 3)}
    assert all(one.came == there[one.which, one.due] for one in of_contracts)
    printed = CliRunner().invoke(main, ["ledger", str(recipe), "--out", str(folder), "--forecasts"])
    assert printed.exit_code == 0
    for name in known:
        assert f"\n{name}\n" in f"\n{printed.output}"
    assert printed.output.count(" came, ") >= sum(one.came is not None for each in known.values() for one in each)
    for one in known["value"]:
        if one.made == MADE and one.name == "purchases":
            assert f"    1997-12-31 to {one.due}, purchases: " in printed.output
            assert f"; {int(one.came or 0):,} came, {'inside' if one.statement.held else 'outside'}\n" in printed.output
