"""The customer-base audit: counts by hand on a few customers, identities on any, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill import lifetime_value as life
from goodwill.data import read_transactions
from goodwill.errors import DataError, TooLittle


def base(rows: list[tuple[str, str, float]], **meant: Any) -> life.BaseAudit:
    """An audit by month of rows (customer, day, money)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    return life.audit_base(read_transactions(frame, **meant), "month")


ROWS = [
    ("a", "2023-01-01", 10.0),
    ("a", "2023-01-09", 5.0),
    ("a", "2023-02-03", 20.0),
    ("b", "2023-01-05", 40.0),
    ("c", "2023-01-20", 8.0),
    ("c", "2023-03-02", 8.0),
    ("d", "2023-02-11", 30.0),
    ("d", "2023-03-31", 10.0),
    ("e", "2023-03-15", 7.0),
    ("f", "2023-04-02", 9.0),
]


def test_periods_are_whole_and_sum_to_the_records() -> None:
    audit = base(ROWS)
    assert (audit.names, audit.partial) == (("2023-01", "2023-02", "2023-03"), ("2023-04",))
    table = life.by_period(audit)
    assert table["customers"].tolist() == [3, 2, 3]
    assert table["new"].tolist() == [3, 1, 1]
    assert table["purchases"].tolist() == [4, 2, 3]
    assert table["money"].tolist() == [63.0, 50.0, 25.0]
    assert repr(audit) == "<BaseAudit 3 whole months, 2023-01 to 2023-03, 5 customers>"


def test_each_customer_stands_in_one_group_of_a_change() -> None:
    found = life.change(base(ROWS))  # March against February: a and d bought then, c, d and e now
    groups = found.table.set_index("group")
    assert groups["customers"].to_dict() == {"not now": 1, "less": 1, "as much or more": 0, "came back": 1, "won since": 1}
    assert groups["difference"].to_dict() == {"not now": -20.0, "less": -20.0, "as much or more": 0.0, "came back": 8.0, "won since": 7.0}
    assert found.difference.estimate == -25.0
    reach = 1.959964 * np.sqrt(20**2 + 20**2 + 8**2 + 7**2)
    assert found.difference.upper == pytest.approx(-25 + reach, rel=1e-6)
    assert (found.earlier, found.later, found.season, found.before, found.now) == ("2023-02", "2023-03", True, 50.0, 25.0)
    assert found.parts["difference"].sum() == pytest.approx(-25.0)


def test_the_same_month_a_year_before_is_taken_where_there_is_one() -> None:
    rows = [("a", f"{year}-{month:02d}-02", 10.0) for year in (2022, 2023) for month in range(1, 13)] + [("b", "2023-12-31", 5.0)]
    found = life.change(base([("x", "2022-01-01", 1.0), *rows]))
    assert (found.earlier, found.later, found.season) == ("2022-12", "2023-12", False)


def test_who_bought_how_often_and_what_the_best_brought() -> None:
    audit = base(ROWS)
    spread = life.spread_of(audit, 0).set_index("bought")
    assert spread["customers"].to_dict() == {"1": 2, "2": 1, "3": 0, "4": 0, "5": 0, "6 or more": 0}
    assert spread.loc["2", "share_of_money"] == pytest.approx(15 / 63)
    top = life.top_share(audit, share=0.5, at=0)  # one customer and a half of three
    assert top.estimate == pytest.approx((40 + 15 / 2) / 63)
    assert top.lower <= top.estimate <= top.upper


@pytest.mark.slow
def test_cohorts_by_age() -> None:
    table = life.cohort_table(base(ROWS))
    january = table[table["cohort"] == "2023-01"]
    assert january["size"].tolist() == [3, 3, 3]
    assert january["active"].tolist() == [3, 1, 1]
    assert january["money_each"].tolist() == pytest.approx([21.0, 20 / 3, 8 / 3])
    assert january["so_far"].tolist() == pytest.approx([21.0, 83 / 3, 91 / 3])
    layers = life.cohort_layers(base(ROWS))
    assert layers.groupby("period")["money"].sum().tolist() == [63.0, 50.0, 25.0]
    assert life.share_of_known(base(ROWS)) == pytest.approx(18 / 25)


@pytest.mark.slow
@given(st.integers(0, 2**31), st.booleans())
def test_whatever_the_records_parts_sum_to_the_whole(seed: int, money: bool) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(5, 60))
    days = [(date(2022, 12, 20) + timedelta(int(day))).isoformat() for day in rng.integers(0, 120, size)]
    frame = pd.DataFrame({"customer_id": rng.integers(0, 12, size).astype(str), "date": days, "amount": rng.gamma(2, 10, size).round(2)})
    frame = pd.concat([frame, pd.DataFrame({"customer_id": ["x", "y"], "date": ["2022-12-20", "2023-04-20"], "amount": [1.0, 1.0]})])
    audit = life.audit_base(read_transactions(frame if money else frame.drop(columns="amount"), once="nothing"), "month")
    table, measure = life.by_period(audit), "money" if money else "purchases"
    try:
        found = life.change(audit)
    except TooLittle:
        return
    assert found.table["difference"].sum() == pytest.approx(found.difference.estimate, abs=1e-9)
    if found.parts["difference"].notna().all():
        assert found.parts["difference"].sum() == pytest.approx(found.difference.estimate, abs=1e-6)
    assert life.cohort_layers(audit).groupby("period")[measure].sum().sum() == pytest.approx(float(table[measure].sum()))
    cohorts = life.cohort_table(audit)
    assert cohorts.groupby("at")["active"].sum().to_dict() == {
        at: int(count) for at, count in enumerate(table["customers"]) if at in set(cohorts["at"])
    }


@pytest.mark.slow
@pytest.mark.parametrize(("pairs", "least", "most"), [(60, 0.86, 1.0), pytest.param(300, 0.91, 0.98, marks=pytest.mark.slow)])
def test_chance_alone_is_seldom_called_a_change(pairs: int, least: float, most: float) -> None:
    """Pairs of months in which 300 customers buy at rates of their own that never change: the interval holds zero in about 95 %.

    Bounds are three standard errors of a share of 95 % among so many pairs.
    """
    rng = np.random.default_rng(3)
    held = []
    for _ in range(pairs):
        bought = rng.poisson(rng.gamma(0.6, 1.0, 300)[:, None], (300, 2))
        customer, at = np.nonzero(bought)
        rows = {"customer": customer, "born": -1, "at": at, "purchases": bought[customer, at], "money": 10.0 * bought[customer, at]}
        found = life.change(life.BaseAudit(pd.DataFrame(rows), ("2023-01", "2023-02"), "month", (), True))
        held.append(found.difference.lower <= 0 <= found.difference.upper)
    assert least <= np.mean(held) <= most


def test_newer_cohorts_are_told_from_older_ones() -> None:
    rng = np.random.default_rng(5)
    rows = []
    for month, level in ((1, 20.0), (2, 20.0), (3, 30.0)):
        for number in range(60):
            rows.append((f"{month}-{number}", f"2023-{month:02d}-{int(rng.integers(1, 28)):02d}", round(float(rng.gamma(9, level / 9)), 2)))
    audit = base([*rows, ("z", "2023-01-01", 1.0), ("z", "2023-04-30", 1.0)])
    cohorts = life.cohorts_at_age(audit)
    assert cohorts["cohort"].tolist() == ["2023-01", "2023-02", "2023-03"]
    found = life.drift_of_cohorts(cohorts)
    assert (found.oldest, found.newest) == ("2023-01", "2023-03")
    assert found.difference.lower > 0
    with pytest.raises(TooLittle, match=r"^Less than two cohorts of 30 customers are old enough to be compared at one age\.$"):
        life.drift_of_cohorts(cohorts.head(1))


def test_what_is_too_little_or_unknown_is_said() -> None:
    few = read_transactions(pd.DataFrame({"customer_id": ["a", "b"], "date": ["2023-01-05", "2023-02-20"], "amount": [1.0, 2.0]}))
    with pytest.raises(TooLittle, match=r"^The records run from 2023-01-05 to 2023-02-20, which holds 0 whole month\(s\); an audit"):
        life.audit_base(few)
    with pytest.raises(DataError, match=r"^period='week'; use one of automatic, year, quarter, month\.$"):
        life.audit_base(few, "week")


@pytest.mark.parametrize(("data", "period"), [("cdnow_sample", "month")])
def test_the_period_of_the_built_in_set(data: str, period: str) -> None:
    assert life.audit_base(read_transactions(data)).period == period


def test_customers_who_were_all_won_before_the_first_whole_period_are_one_layer() -> None:
    audit = base(
        [("a", "2022-12-20", 10.0), ("a", "2023-01-09", 5.0), ("b", "2022-12-05", 4.0), ("b", "2023-02-03", 2.0), ("a", "2023-03-02", 1.0)]
    )
    layers = life.cohort_layers(audit)
    assert layers[["cohorts", "period", "money"]].values.tolist() == [["earlier", "2023-01", 5.0], ["earlier", "2023-02", 2.0]]


@pytest.mark.slow
def test_returns_alone_are_no_customer_base() -> None:
    rows = [("a", "2023-01-01", -10.0), ("b", "2023-03-05", -4.0)]
    with pytest.raises(TooLittle, match="Nothing was bought in the 2 whole months of the records, so there is no customer base to audit"):
        base(rows)
