"""The papers on one company: what they say of the same money is the same number."""

from __future__ import annotations

import pytest
from tests.notebooks.running import THIN, Report, goodwill_run

from goodwill.simulate import answering_company

pytestmark = pytest.mark.long
WEEKS, MARGIN = 104, 0.3
PURCHASES = ("data=purchases.csv",)
LOG, LOYAL = ("complaints=complaints.csv",), ("scale=1-10", "loyalty_scale=1-10", "surveyed=2025-06-30")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    tables = tmp_path_factory.mktemp("company")
    sold = answering_company("full", customers=1_200, weeks=WEEKS, seed=5, prospects=0, trial_shares=(), survey_week=78.0)
    sold.transactions[["customer_id", "date", "amount"]].to_csv(tables / "purchases.csv", index=False)
    sold.complaints.to_csv(tables / "complaints.csv", index=False)
    sold.survey.drop(columns="segment").to_csv(tables / "survey.csv", index=False)
    valued = ("purchase_model=MBG/NBD", "horizon=52")
    answers = ("survey=survey.csv", "scale=1-10", "surveyed=2025-06-30")
    runs: dict[str, tuple[str, ...]] = {
        "01": (*PURCHASES, *valued),
        "02": (*PURCHASES, *LOG),
        "03": ("data=survey.csv", "purchases=purchases.csv", *LOYAL, "examples=False"),
        "04": (*PURCHASES, *valued),
        "10": (*PURCHASES, *valued),
        "05": (*PURCHASES, *LOG, *answers),
        "05 without the log": (*PURCHASES, *answers),
    }
    found = {}
    for page, parameters in runs.items():
        name = page[:2]
        folder = tmp_path_factory.mktemp(f"page{name}")
        for each in tables.iterdir():
            (folder / each.name).write_bytes(each.read_bytes())
        found[page] = goodwill_run(name, folder, *parameters, status=(0, THIN))
    return found


def test_customers_are_worth_the_same(pages: dict[str, Report]) -> None:
    assert pages["04"].value["total_value"] == pytest.approx(pages["01"].value["total_value"], rel=0.02)


def test_known_customers_are_worth_the_same_beside_those_to_come(pages: dict[str, Report]) -> None:
    assert pages["10"].value["known_value"] == pytest.approx(pages["01"].value["total_value"])


def test_a_purchase_leaves_the_same_profit(pages: dict[str, Report]) -> None:
    assert pages["02"].value["purchase_margin"] == pytest.approx(MARGIN * pages["01"].value["mean_spend"], rel=0.01)


def test_a_recovered_complaint_is_worth_the_same_and_so_it_is_if_the_other_answer_holds(pages: dict[str, Report]) -> None:
    complaints, relationship = pages["02"], pages["05"]
    assert relationship.value["recovered_complaint"] == pytest.approx(complaints.value["recovery_value"])
    cost = complaints.value["complaint_cost"]
    gap, leave = complaints.value["recovery_gap"], complaints.value["leave_chance"]
    assert complaints.value["recovery_value"] == pytest.approx(complaints.value["leaver_value"] * gap / 100, rel=0.01)
    assert cost == pytest.approx(complaints.value["leaver_value"] * leave, rel=0.01)


def test_a_point_of_satisfaction_is_worth_the_same_from_the_same_tables(pages: dict[str, Report]) -> None:
    loyalty, relationship = pages["03"].results["satisfaction_point"], pages["05 without the log"].results["satisfaction_point"]
    assert loyalty["value"] == pytest.approx(relationship["value"])
    assert loyalty["interval"] == pytest.approx(relationship["interval"])
    assert loyalty["grade"] == relationship["grade"] == "assumed"
    assert pages["03"].results["step_worth"]["grade"] == "measured"


def test_what_one_must_state_is_not_made_up_and_a_point_has_one_sign(pages: dict[str, Report]) -> None:
    assert pages["03"].value["notch_at_most"] is None
    assert pages["03"].results["notch_at_most"]["reason"]
    point, total = (pages["05"].results[name] for name in ("satisfaction_point", "satisfaction_total"))
    assert (point["value"] > 0) == (total["value"] > 0)
