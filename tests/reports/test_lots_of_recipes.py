"""Lots as keys of a recipe: drawn on the night that is due, read when their time is over, and never twice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import ReportError, UsageError
from goodwill.reports.sets.recipe import read_recipe
from goodwill.strategies.catalogue_file import read_catalogue
from goodwill.strategies.lots import read_lots

from .running import Runner, runner

__all__ = ["runner"]

RECIPE = """
title: T
lots:
  - name: letters
    orders: orders.csv
    plan: plan.yaml
    draw: start_of_month
    watch: 4 weeks
    holdout: 0.2
    scheme: abc
    margin: 0.5
    costs: {letter: 1}
    catalogue: catalogue.yaml
reports: [{name: a, notebook: small.ipynb}]
"""
FIRST = date(2024, 1, 1)


def write_orders(folder: Path, until: date, *, letters: frozenset[str] = frozenset(), since: date = FIRST, customers: int = 400) -> None:
    """A tenth of the customers order each day; who got a letter spends 2 more each time from a day on."""
    rng, rows = np.random.default_rng(3), []
    for day in pd.date_range(FIRST, until):
        for customer in rng.choice(customers, customers // 10, replace=False):
            lifted = 2.0 if str(customer) in letters and day.date() >= since else 0.0
            rows.append((customer, day.date(), 5.0 + customer % 7 + lifted))
    pd.DataFrame(rows, columns=["customer_id", "date", "amount"]).to_csv(folder / "orders.csv", index=False)


@pytest.fixture
def shop(runner: Runner) -> Runner:
    """Orders of two months, a plan for the two larger classes, and a catalogue that assumes what a letter does."""
    write_orders(runner.folder, date(2024, 3, 4))
    (runner.folder / "plan.yaml").write_text("plan: {A: letter, B: letter}")
    assumed = "{id: letter, name: A letter, unit_cost: 1, eligible: [A, B], effects: {spend: {mean: .1, sd: .1}}}"
    (runner.folder / "catalogue.yaml").write_text(f"strategies:\n  - {assumed}\n")
    return runner


def told(runner: Runner) -> list[str]:
    return [event["message"] for event in runner.events if event["event"] == "lots"]


def lots_of(runner: Runner) -> list[str]:
    return sorted(path.name for path in (runner.folder / "lots").iterdir())


@pytest.mark.slow
def test_lots_are_drawn_on_the_first_night_of_a_month_and_by_no_other_night(shop: Runner) -> None:
    assert shop.run(RECIPE) == {"a": "built"}
    drawn = shop.folder / "lots" / "letters-2024-03-01.csv"
    lots = read_lots(drawn)
    assert told(shop) == [f"letters: lots for 2024-03-01 were drawn among {len(lots.table)} customers, {lots.held_out} of them held out"]
    assert lots.held_out == pytest.approx(0.2 * len(lots.table), abs=2) and lots.drawn == date(2024, 3, 4)
    before = drawn.read_bytes()
    write_orders(shop.folder, date(2024, 3, 20), customers=500)  # other customers by now
    for night in (date(2024, 3, 5), date(2024, 3, 21)):
        assert shop.run(RECIPE, night)["a"] in ("skipped", "built") and told(shop) == []
    assert drawn.read_bytes() == before and lots_of(shop) == ["letters-2024-03-01.csv", "letters-catalogue.yaml"]


@pytest.mark.slow
def test_lots_that_were_lost_are_drawn_again_as_they_were(shop: Runner) -> None:
    shop.run(RECIPE)
    drawn = shop.folder / "lots" / "letters-2024-03-01.csv"
    before = drawn.read_bytes()
    drawn.unlink()
    shop.run(RECIPE)
    assert drawn.read_bytes() == before


@pytest.mark.slow
def test_outcomes_are_read_once_when_their_time_is_over_and_measure_what_was_assumed(shop: Runner) -> None:
    shop.run(RECIPE)
    kept = shop.folder / "lots" / "letters-catalogue.yaml"
    assert read_catalogue(str(kept), ("A", "B"), 1.0).strategy("letter").grade("A") == "D"
    table = read_lots(shop.folder / "lots" / "letters-2024-03-01.csv").table
    lettered = frozenset(table.loc[table["arm"] == "letter", "customer_id"])
    write_orders(shop.folder, date(2024, 4, 2), letters=lettered, since=date(2024, 3, 5))
    shop.run(RECIPE, date(2024, 4, 1))  # until 31 March: a day is missing
    assert told(shop) == []
    shop.run(RECIPE, date(2024, 4, 2))
    outcomes, drawn = told(shop)
    assert outcomes == "letters: the outcomes of 2024-03-01 were read, until 2024-04-01; effects measured by now: 1"
    assert drawn.startswith("letters: lots for 2024-04-01 were drawn among ")
    arms = pd.read_csv(shop.folder / "lots" / "letters-2024-03-01.outcomes.csv").set_index("arm")
    lower, upper = arms.loc["letter", ["lower", "upper"]]
    assert lower < 0.5 * 2.8 * 2 < upper  # half of 2 more each of 2.8 times in 28 days
    assert read_catalogue(str(kept), ("A", "B"), 1.0).strategy("letter").grade("A") == "A"
    shop.run(RECIPE, date(2024, 4, 2))
    assert told(shop) == []


@pytest.mark.slow
def test_nobody_is_held_out_twice_running(shop: Runner) -> None:
    shop.run(RECIPE)
    write_orders(shop.folder, date(2024, 4, 2))
    shop.run(RECIPE, date(2024, 4, 3))
    first, second = (read_lots(shop.folder / "lots" / f"letters-2024-0{month}-01.csv") for month in (3, 4))
    held = [set(lots.table.loc[(lots.table["arm"] == "do_nothing") & lots.in_lot, "customer_id"]) for lots in (first, second)]
    assert held[0] and held[1] and not held[0] & held[1]


@pytest.mark.slow
def test_who_is_still_watched_is_not_drawn_for_another_trial(shop: Runner) -> None:
    longer = RECIPE.replace("4 weeks", "6 weeks")
    shop.run(longer)
    write_orders(shop.folder, date(2024, 4, 20))
    shop.run(longer, date(2024, 4, 5))
    assert told(shop) == []
    shop.run(longer, date(2024, 4, 21))
    assert [each.partition(" were")[0] for each in told(shop)] == ["letters: the outcomes of 2024-03-01", "letters: lots for 2024-04-01"]


@pytest.mark.slow
def test_a_night_that_is_run_again_later_sees_neither_later_orders_nor_later_lots(shop: Runner) -> None:
    shop.run(RECIPE)
    drawn = (shop.folder / "lots" / "letters-2024-03-01.csv").read_bytes()
    (shop.folder / "lots" / "letters-2024-03-01.csv").rename(shop.folder / "lots" / "letters-2024-06-01.csv")
    write_orders(shop.folder, date(2024, 6, 3))
    shop.run(RECIPE, date(2024, 3, 5))
    assert (shop.folder / "lots" / "letters-2024-03-01.csv").read_bytes() == drawn


@pytest.mark.slow
def test_lots_that_cannot_be_drawn_stop_no_report_and_fail_the_night(shop: Runner) -> None:
    (shop.folder / "plan.yaml").write_text("plan: {Z: letter}")
    with pytest.raises(ReportError, match="The reports stand, but lots letters: the plan is for 'Z', and no customer is in that segment"):
        shop.run(RECIPE)
    assert (shop.set / "a" / "report.html").exists() and (shop.set / "index.html").exists()
    assert shop.events[-1]["exit_status"] == 1


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("draw: start_of_month", "draw: monthly", "'draw' is 'monthly'; write start_of_month, start_of_quarter or another relative date."),
        ("watch: 4 weeks", "watch: a month", "'watch' is 'a month'; write for how long orders count, such as 8 weeks."),
        ("holdout: 0.2", "holdout: 1", "'holdout' is 1; it must lie between 0 and 1, such as 0.1."),
        ("holdout: 0.2", "same_control: perhaps", "'perhaps' must be true or false."),
        ("name: letters", "name: ../letters", "the name '../letters' cannot be a file; use letters, digits, _ and -."),
        ("costs: {letter: 1}", "costs: {letter: free}", "'free' must be a number, not negative."),
        ("plan: plan.yaml", "plans: plan.yaml", "lots has no key 'plans'; did you mean 'plan'?"),
        ("scheme: abc", "columns: {customer: id}", "'columns' has no key 'customer'"),
    ],
)
def test_keys_of_lots_are_checked_before_anything_runs(shop: Runner, key: str, value: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read_recipe(shop.recipe(RECIPE.replace(key, value)), date(2024, 3, 5))
    assert said in str(error.value) and ", line " in str(error.value)


def test_names_of_lots_are_unique_and_columns_are_named(shop: Runner) -> None:
    (entry,) = read_recipe(shop.recipe(RECIPE.replace("scheme: abc", "columns: {customer_id: Kunde}")), date(2024, 3, 5)).lots
    assert dict(entry.columns) == {"customer_id": "Kunde"} and (entry.scheme, entry.watch) == ("rfm", 4)
    block = RECIPE[RECIPE.index("  - name") : RECIPE.index("reports:")]
    with pytest.raises(UsageError, match="two lots have the name 'letters'"):
        read_recipe(shop.recipe(RECIPE.replace(block, 2 * block)), date(2024, 3, 5))


def test_a_control_group_can_be_made_of_others_for_ever() -> None:
    from goodwill.strategies.lots import draw_lots

    plan = pd.DataFrame({"segment": ["a"], "strategy": ["letter"], "share": [1.0]})
    drawn, held = [], set()
    for number in range(15):
        lots = draw_lots(range(100), ["a"] * 100, plan, drawn=FIRST + timedelta(weeks=number), before=drawn, seed=number)
        now = set(lots.table.loc[lots.table["arm"] == "do_nothing", "customer_id"])
        assert len(now) == 10 == lots.held_out and not now & held
        drawn, held = [*drawn, lots], now
