"""Lots: who is held out, with what chance, and what orders say afterwards; and the two commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import goodwill as gw
from goodwill.cli import main
from goodwill.errors import DataError, TooLittle, UsageError
from goodwill.strategies.catalogue import DO_NOTHING, Effect
from goodwill.strategies.lots import Lots, draw_from_orders, draw_lots, lot_outcomes, read_catalogue_of, read_lots
from goodwill.strategies.plan_file import read_plan

DAY = date(2025, 3, 31)
PLAN = pd.DataFrame({"segment": ["best", "rest", "rest"], "strategy": ["guide", "call", "mail"], "share": [1.0, 0.5, 0.3]})
IDS = np.arange(1000)
SEGMENTS = np.where(IDS < 400, "best", np.where(IDS < 900, "rest", "nobody"))


def drawn(**how) -> Lots:
    return draw_lots(IDS, SEGMENTS, PLAN, drawn=DAY, **how)


def held(lots: Lots) -> set[str]:
    return set(lots.table.loc[lots.table["arm"] == DO_NOTHING, "customer_id"])


def test_each_planned_segment_is_drawn_in_exact_numbers_with_their_chances() -> None:
    lots = drawn(holdout=0.1)
    counts = lots.table.groupby(["segment", "arm"]).size().to_dict()
    # of the 500 rest 10 % are held out, and 20 % of the others are left alone by the plan itself
    assert counts == {
        ("best", "do_nothing"): 40,
        ("best", "guide"): 360,
        ("rest", "call"): 225,
        ("rest", "do_nothing"): 140,
        ("rest", "mail"): 135,
    }
    assert lots.held_out == 180 and set(lots.table["segment"]) == {"best", "rest"}
    for (segment, arm), n in counts.items():
        rows = lots.table[(lots.table["segment"] == segment) & (lots.table["arm"] == arm)]
        assert rows["propensity"].unique() == pytest.approx([n / (400 if segment == "best" else 500)])
    assert lots.table.groupby("segment")["control_chance"].first().tolist() == pytest.approx([0.1, 0.28])
    assert lots.in_lot.all()


def test_the_seed_makes_the_draw_and_another_one_another() -> None:
    assert drawn(seed=3).table.equals(drawn(seed=3).table)
    assert held(drawn(seed=3)) != held(drawn(seed=4))
    assert drawn(seed=3).seed == 3


@pytest.mark.slow
@pytest.mark.parametrize("times", [60, 200])
def test_everybody_is_held_out_as_often_as_the_chance_says(times: int) -> None:
    """Each of 400 customers a tenth of the times, with the spread of chance: from 4 standard errors below it to 6 above."""
    often, spread = np.zeros(400), np.sqrt(times * 0.1 * 0.9)
    for seed in range(times):
        lots = draw_lots(IDS[:400], SEGMENTS[:400], PLAN.iloc[:1], drawn=DAY, seed=seed)
        often += (lots.table["arm"] == DO_NOTHING).to_numpy()
    assert often.mean() == times / 10 and often.min() > times / 10 - 4 * spread and often.max() < times / 10 + 6 * spread
    assert often.std() == pytest.approx(spread, rel=0.15)


def test_who_was_held_out_is_not_held_out_again() -> None:
    first = drawn()
    second = drawn(seed=2, before=[first])
    now = second.table.set_index("customer_id")
    shielded = now.loc[sorted(held(first))]
    best = shielded[shielded["segment"] == "best"]
    assert set(best["arm"]) == {"guide"} and set(best["control_chance"]) == {0.0}
    assert not second.in_lot[second.table["customer_id"].isin(best.index)].any()
    assert ((second.table["segment"] == "best") & (second.table["arm"] == DO_NOTHING)).sum() == 40  # the control group stays as large
    free = now[(now["segment"] == "best") & (now["control_chance"] > 0)]
    assert free["control_chance"].unique() == pytest.approx([40 / 360])


def test_of_several_lots_the_latest_counts_and_a_third_draw_may_hold_out_again() -> None:
    first = drawn()
    second = replace(drawn(seed=2, before=[first]), drawn=date(2025, 6, 30))
    third = drawn(seed=3, before=[second, first])
    assert not held(third) & held(second) & set(third.table.loc[third.table["segment"] == "best", "customer_id"])
    assert held(third) & held(first)


def test_a_control_group_is_kept_where_it_is_asked_for_and_new_customers_are_drawn() -> None:
    first = draw_lots(IDS[:300], SEGMENTS[:300], PLAN.iloc[:1], drawn=DAY)
    again = draw_lots(IDS[:400], SEGMENTS[:400], PLAN.iloc[:1], drawn=DAY, before=[first], same_control=True)
    assert held(first) <= held(again)
    assert len(held(again) - held(first)) == 10  # of the hundred who are new
    assert again.table["control_chance"].unique() == pytest.approx([0.1])
    assert set(again.table.loc[again.table["arm"] == "guide", "propensity"].round(9)) == {0.9}


def test_a_control_group_is_never_more_than_half_of_those_who_may_be_held_out() -> None:
    lots = draw_lots(IDS[:100], SEGMENTS[:100], PLAN.iloc[:1], drawn=DAY, holdout=0.8)
    again = draw_lots(IDS[:100], SEGMENTS[:100], PLAN.iloc[:1], drawn=DAY, holdout=0.8, before=[lots])
    assert lots.held_out == 50 and again.held_out == 25


def test_bad_draws_are_one_sentence() -> None:
    with pytest.raises(DataError, match="the share held out is 0"):
        drawn(holdout=0.0)
    with pytest.raises(DataError, match="no customer twice"):
        draw_lots([1, 1], ["best", "best"], PLAN, drawn=DAY)
    with pytest.raises(DataError, match="the plan is for 'rest', and no customer is in that segment; there are best"):
        draw_lots([1, 2], ["best", "best"], PLAN, drawn=DAY)


HEAD = "customer_id,segment,arm,propensity,control_chance,drawn,seed\n"


def test_lots_are_read_as_they_were_written(tmp_path: Path) -> None:
    lots = draw_lots(["007", "8"], ["best", "best"], PLAN.iloc[:1], drawn=DAY, holdout=0.5, seed=9)
    lots.to_csv(tmp_path / "lots.csv")
    again = read_lots(tmp_path / "lots.csv")
    pd.testing.assert_frame_equal(again.table, lots.table)
    assert (again.drawn, again.seed) == (DAY, 9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("customer_id,arm\n1,a\n", "holds no lots: it has no column segment"),
        (HEAD, "holds no lots: it has no rows"),
        (HEAD + "1,a,b,1.5,0,2025-01-01,1\n", "'propensity' holds something else"),
        (HEAD + "1,a,b,.5,.5,soon,1\n", "'drawn' holds 'soon', and not a day"),
        (HEAD + "1,a,b,.5,.5,2025-01-01,x\n", "'seed' holds something else than a number"),
    ],
)
def test_a_file_that_holds_no_lots_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_lots(tmp_path / "x.csv")
    with pytest.raises(UsageError, match="There is no file"):
        read_lots(tmp_path / "none.csv")


def test_a_plan_is_the_table_of_the_report_or_a_few_lines(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("segment,strategy,share,cost\nbest,guide,1,40\nrest,do_nothing,.2,0\nrest,call,.5,3\n")
    assert read_plan(tmp_path / "plan.csv").to_numpy().tolist() == [["best", "guide", 1.0], ["rest", "call", 0.5]]
    (tmp_path / "plan.yaml").write_text("plan:\n  best: guide\n  rest: {call: .5, mail: .3}\n")
    assert read_plan(tmp_path / "plan.yaml").to_numpy().tolist() == [["best", "guide", 1.0], ["rest", "call", 0.5], ["rest", "mail", 0.3]]
    (tmp_path / "wrong.yaml").write_text("plan: {best: guide}\nscheme: abc\n")
    with pytest.raises(DataError, match="unknown key 'scheme'"):
        read_plan(tmp_path / "wrong.yaml")
    (tmp_path / "empty.yaml").write_text("plan: {}\n")
    with pytest.raises(DataError, match="key 'plan' is empty"):
        read_plan(tmp_path / "empty.yaml")
    (tmp_path / "bare.csv").write_text("segment,strategy\nbest,guide\n")
    assert read_plan(tmp_path / "bare.csv")["share"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("segment\nbest\n", "it has no column strategy"),
        ("segment,strategy,share\nbest,guide,2\n", "the share of 'guide' in 'best' is 2; it must lie above 0"),
        ("segment,strategy,share\nbest,guide,.7\nbest,call,.7\n", "the shares in 'best' add up to 1.4; one customer gets one strategy"),
        ("segment,strategy,share\nbest,guide,.3\nbest,guide,.3\n", "the plan names a strategy twice in a segment"),
        ("segment,strategy,share\nbest,do_nothing,1\n", "the plan treats nobody"),
    ],
)
def test_a_bad_plan_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "plan.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_plan(tmp_path / "plan.csv")


@pytest.mark.slow
def test_a_plan_may_pick_single_customers_of_a_segment(tmp_path: Path) -> None:
    log = gw.read_transactions(gw.company(800, 104, seed=3).transactions)
    customers = gw.summarize_purchases(log).to_pandas()
    segments = gw.segments.learn("abc", customers).assign(customers)
    best = customers.loc[segments == "A", "customer_id"].head(60)
    pd.DataFrame({"customer_id": best, "strategy": "guide"}).to_csv(tmp_path / "picks.csv", index=False)
    plan = read_plan(tmp_path / "picks.csv")
    lots = draw_from_orders(log, plan, drawn=log.last, scheme="abc", holdout=0.2)
    assert set(lots.table["customer_id"]) == set(best.astype(str)) and set(lots.table["segment"]) == {"A"}
    assert lots.held_out == 12 and lots.table["control_chance"].unique() == pytest.approx([0.2])
    with pytest.raises(DataError, match="picks customers of 'A' for more than one strategy"):
        draw_from_orders(log, plan.assign(strategy=["guide", "call"] * 30), drawn=log.last, scheme="abc")
    with pytest.raises(DataError, match=r"1 customers of the plan are not in the orders \(first: nobody\)"):
        draw_from_orders(log, pd.DataFrame({"customer_id": ["nobody"], "strategy": ["guide"]}), drawn=log.last, scheme="abc")


@pytest.mark.parametrize(
    ("rows", "message"), [("7,guide\n7,call\n", "the plan names a customer twice"), ("7,do_nothing\n", "the plan treats nobody")]
)
def test_bad_picks_are_one_sentence(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "picks.csv").write_text("customer_id,strategy\n" + rows)
    with pytest.raises(DataError, match=message):
        read_plan(tmp_path / "picks.csv")


def orders(effect: float = 0.0, seed: int = 1, lots: Lots | None = None, noise: float = 1.0) -> gw.data.Transactions:
    """Everybody orders before the draw by habit, and after it by habit and by what the lots gave."""
    rng = np.random.default_rng(seed)
    habit = rng.gamma(2.0, 20.0, len(IDS))
    before = pd.DataFrame({"customer_id": IDS, "date": "2025-02-01", "amount": habit})
    treated = np.zeros(len(IDS))
    if lots is not None:
        got = lots.table[lots.table["arm"] == "guide"]
        treated[got["customer_id"].astype(int)] = effect
    after = pd.DataFrame({"customer_id": IDS, "date": "2025-05-01", "amount": habit + treated + noise * rng.gamma(1.0, 1.0, len(IDS))})
    return gw.read_transactions(pd.concat([before, after]).round(2))


@pytest.mark.slow
def test_an_effect_is_found_and_past_spend_makes_its_interval_narrow() -> None:
    lots = drawn()
    found = lot_outcomes(lots, orders(6.0, lots=lots), margin=0.5, costs={"guide": 1.0})
    arms = found.arms().table.set_index("arm")
    assert arms.loc["guide", "effect"] == pytest.approx(3.0, abs=0.3)
    assert arms.loc["guide", "upper"] - arms.loc["guide", "lower"] < 1.0  # by the raw spread it would be about nine
    assert arms.loc["guide", "net"] == pytest.approx(arms.loc["guide", "effect"] - 1.0)
    assert (found.first, found.last, found.days, found.left_out) == (date(2025, 4, 1), date(2025, 5, 1), 31, 0)


@pytest.mark.long
def test_where_nothing_works_nothing_is_found() -> None:
    inside = 0
    for seed in range(40):
        lots = drawn(seed=seed)
        row = lot_outcomes(lots, orders(0.0, seed=seed, lots=lots, noise=20.0)).arms().table.set_index("arm").loc["guide"]
        inside += row["lower"] <= 0 <= row["upper"]
    assert inside >= 34


@pytest.mark.slow
def test_those_on_whom_no_lot_decided_are_not_compared() -> None:
    first = drawn()
    second = drawn(seed=2, before=[first])
    found = lot_outcomes(second, orders(6.0, lots=second))
    assert found.left_out == 40  # of the best; of the rest the plan itself leaves some alone by lot
    assert found.experiment.frame["propensity"].between(0.01, 0.99).all()
    assert found.arms().table.set_index("arm").loc["guide", "effect"] == pytest.approx(6.0, abs=0.6)


@pytest.mark.slow
def test_who_ordered_nothing_brought_nothing_and_later_days_can_be_left_out() -> None:
    lots = drawn()
    log = orders(6.0, lots=lots).to_pandas()
    without = gw.read_transactions(log[~((log["customer_id"].astype(int) == 5) & (log["date"].astype(str) > "2025-03-31"))])
    frame = lot_outcomes(lots, without).experiment.frame.set_index("customer_id")
    assert frame.loc["5", "spend"] == 0 and frame.loc["5", "past_spend"] > 0
    early = lot_outcomes(lots, gw.read_transactions(log), until=date(2025, 4, 20)).experiment.frame
    assert early["spend"].sum() == 0


@pytest.mark.slow
def test_too_early_or_wrong_orders_are_one_sentence() -> None:
    lots = drawn()
    with pytest.raises(TooLittle, match="the lots were drawn on 2025-07-01 and the orders end on 2025-05-01; wait"):
        lot_outcomes(replace(lots, drawn=date(2025, 7, 1)), orders())
    with pytest.raises(DataError, match="no customer of the lots is in the orders"):
        lot_outcomes(replace(lots, table=lots.table.assign(customer_id="x" + lots.table["customer_id"])), orders())
    with pytest.raises(TooLittle, match="hold nobody out, or treat nobody"):
        lot_outcomes(replace(lots, table=lots.table[lots.table["arm"] == "guide"]), orders())


CATALOGUE = """
strategies:
  - {id: guide, name: A guide, unit_cost: 1, eligible: [best, others], effects: {frequency: {mean: .1, sd: .05}}}
  - {id: call, name: Call them, unit_cost: 2, eligible: all, effects: {spend: {mean: .1, sd: .05}}}
  - {id: mail, name: Write to them, unit_cost: 0.5, eligible: [rest]}
"""


@pytest.mark.slow
def test_what_was_measured_takes_the_place_of_what_was_assumed(tmp_path: Path) -> None:
    lots = drawn()
    assumed = read_catalogue_of(lots, CATALOGUE)
    assert assumed.segments == ("best", "rest", "others")
    measured, table = lot_outcomes(lots, orders(6.0, lots=lots), margin=0.5).measured(assumed)
    effect = measured.strategy("guide").measured["best"]
    assert effect.mean == pytest.approx(3.0, abs=0.3) and 0 < effect.sd < 0.3
    assert (measured.strategy("guide").grade("best"), measured.strategy("guide").grade("others")) == ("A", "D")
    assert set(zip(table["segment"], table["strategy"], strict=True)) == {("best", "guide"), ("rest", "call"), ("rest", "mail")}
    (tmp_path / "m.yaml").write_text(measured.to_text())
    again = gw.strategies.read_catalogue(tmp_path / "m.yaml", measured.segments)
    assert again.strategy("guide").measured["best"] == Effect(effect.mean, effect.sd)
    assert again.strategy("guide").effects == assumed.strategy("guide").effects  # what was assumed stays for the segments not tried
    with pytest.raises(DataError, match="must be a list"):
        read_catalogue_of(lots, "strategies:\n  a: 1\n")


@pytest.fixture
def goodwill(monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    gw.company(800, 104, seed=3).transactions.to_csv("orders.csv", index=False)
    Path("plan.yaml").write_text("plan:\n  champions: vip_guide\n  at risk: {win_back: .5, call: .5}\n")
    Path("catalogue.yaml").write_text(
        "strategies:\n  - {id: vip_guide, name: Guide, unit_cost: 1, eligible: [champions, at risk]}\n"
        "  - {id: call, name: Call, unit_cost: 1, eligible: all}\n  - {id: win_back, name: Win back, unit_cost: 1, eligible: all}\n"
    )
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.mark.slow
def test_draw_and_outcomes_from_the_command_line(goodwill) -> None:
    done = goodwill(
        "draw", "orders.csv", "--plan", "plan.yaml", "--holdout", ".2", "--seed", "7", "--as-of", "2025-03-31", "--out", "lots.csv"
    )
    assert done.exit_code == 0, done.output
    lots = read_lots("lots.csv")
    assert (
        f"lots.csv: {len(lots.table):,} customers, {lots.held_out:,} of them held out by lot (seed 7, orders until 2025-03-31)."
        in done.output
    )
    assert (lots.drawn, lots.seed) == (DAY, 7) and lots.held_out / len(lots.table) == pytest.approx(0.2, abs=0.02)
    done = goodwill(
        "outcomes",
        "lots.csv",
        "orders.csv",
        "--margin",
        ".3",
        "--cost",
        "vip_guide",
        "1",
        "--catalogue",
        "catalogue.yaml",
        "--out",
        "m.yaml",
    )
    assert done.exit_code == 0, done.output
    assert "2025-04-01 to 2025-12-" in done.output and "On 0 customers no lot decided; they are not compared." in done.output
    assert "m.yaml: measured where at least 20 customers were in each arm; the rest is as it was assumed." in done.output
    assert gw.strategies.read_catalogue("m.yaml", ["champions", "at risk"]).strategy("vip_guide").grade("champions") == "A"


@pytest.mark.slow
def test_a_second_draw_from_the_command_line_spares_the_first_control_group(goodwill) -> None:
    common = ("draw", "orders.csv", "--plan", "plan.yaml", "--out")
    assert goodwill(*common, "first.csv", "--as-of", "2025-03-31").exit_code == 0
    assert goodwill(*common, "next.csv", "--seed", "2", "--before", "first.csv").exit_code == 0
    assert goodwill(*common, "same.csv", "--seed", "2", "--before", "first.csv", "--same-control").exit_code == 0
    first, following, same = (read_lots(name) for name in ("first.csv", "next.csv", "same.csv"))
    assert not held(following) & held(first)
    assert held(first) & set(same.table["customer_id"]) <= held(same)


@pytest.mark.slow
def test_rules_that_were_kept_cut_the_segments(goodwill) -> None:
    customers = gw.summarize_purchases(gw.read_transactions("orders.csv")).to_pandas()
    Path("rules.yaml").write_text(gw.segments.learn("abc", customers).to_text())
    Path("abc.yaml").write_text("plan: {A: call}\n")
    assert goodwill("draw", "orders.csv", "--plan", "abc.yaml", "--rules", "rules.yaml", "--out", "lots.csv").exit_code == 0
    assert set(read_lots("lots.csv").table["segment"]) == {"A"}
    done = goodwill("draw", "orders.csv", "--plan", "abc.yaml", "--rules", "none.yaml", "--out", "lots.csv")
    assert done.exit_code == 2 and "There is no file none.yaml" in done.output


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("draw", "orders.csv", "--plan", "none.csv", "--out", "x.csv"), 2, "There is no file none.csv"),
        (("draw", "orders.csv", "--plan", "plan.yaml", "--out", "x.csv", "--same-control"), 2, "name them with --before"),
        (("draw", "orders.csv", "--plan", "plan.yaml", "--out", "x.csv", "--holdout", "2"), 1, "the share held out is 2.0"),
        (("draw", "orders.csv", "--plan", "plan.yaml", "--out", "x.csv", "--scheme", "rfn"), 1, "did you mean 'rfm'"),
        (("outcomes", "orders.csv", "orders.csv"), 1, "orders.csv holds no lots"),
        (("outcomes", "lots.csv", "orders.csv", "--out", "m.yaml"), 2, "name the one to start from with --catalogue"),
    ],
)
def test_wrong_use_is_one_message(goodwill, arguments: tuple[str, ...], status: int, message: str) -> None:
    done = goodwill(*arguments)
    assert done.exit_code == status, done.output
    assert message in done.output and "Traceback" not in done.output
