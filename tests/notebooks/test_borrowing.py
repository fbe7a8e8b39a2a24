"""The report of a group of thirty customers that leans on the other groups."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.notebooks.sweep import faults, run

import goodwill as gw


@pytest.mark.slow
def test_a_group_of_thirty_has_a_report_that_leans_on_the_others(tmp_path: Path) -> None:
    log = gw.read_transactions("cdnow_sample").to_pandas()
    few = sorted(set(log["customer_id"]))[::78]
    log["region"] = (
        log["customer_id"].astype(int).mod(3).map({0: "north", 1: "south", 2: "west"}).where(~log["customer_id"].isin(few), "isle")
    )
    log.to_csv(tmp_path / "all.csv", index=False)
    log[log["region"] == "isle"].to_csv(tmp_path / "isle.csv", index=False)
    done = run("01", data=str(tmp_path / "isle.csv"), borrow_from=str(tmp_path / "all.csv"), group="region=isle")
    assert not done.stopped
    assert not faults("01", done)
    assert done["customers"] == len(few) == 31
    assert 0 <= done["own_share"] < 0.6
    lower, upper = done.shown["record", "newcomer_year"]["interval"]
    assert lower < 1.45 < upper, "what all of CDNOW is expected to do (Fader, Hardie & Lee 2005): these groups were formed by chance"
    assert "This group leans on 3 other groups" in done.said
