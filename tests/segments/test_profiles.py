"""Profiles of segments: numbers that a plain group-by gives, intervals that hold, and shrinkage."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.segments.cdnow import valued

from goodwill.errors import DataError
from goodwill.inference.shrinkage import shrunken_means, shrunken_rates
from goodwill.segments.profiles import segment_profile


def _spend_classes(customers: pd.DataFrame) -> pd.Categorical:
    return pd.cut(customers["spend"], [-1, 20, 100, 1e6, 1e7], labels=["small", "middle", "large", "nobody"])


@pytest.fixture(scope="module")
def profile() -> pd.DataFrame:
    customers = valued("cdnow_sample")
    return segment_profile(customers, _spend_classes(customers), draws=200)


def test_a_profile_says_what_a_group_by_says(profile: pd.DataFrame) -> None:
    customers = valued("cdnow_sample")
    groups = customers.assign(orders=customers["frequency"] + 1).groupby(_spend_classes(customers), observed=True)
    full = profile.iloc[:3]
    assert full["customers"].tolist() == groups.size().tolist()
    for ours, theirs in (("orders", "orders"), ("sales", "spend"), ("value", "value"), ("next_spend", "spend_holdout")):
        assert full[ours].to_numpy() == pytest.approx(groups[theirs].mean().to_numpy())
    assert full["active"].to_numpy() == pytest.approx(groups["frequency_holdout"].apply(lambda x: (x > 0).mean()).to_numpy())


def test_every_number_lies_in_its_interval(profile: pd.DataFrame) -> None:
    full = profile.iloc[:3]
    measures = [name.removesuffix("_lower") for name in profile.columns if name.endswith("_lower")]
    assert len(measures) == 11
    for name in measures:
        assert (full[f"{name}_lower"] <= full[name] + 1e-12).all() and (full[name] <= full[f"{name}_upper"] + 1e-12).all(), name


def test_shares_add_up(profile: pd.DataFrame) -> None:
    assert profile[["customer_share", "sales_share", "value_share", "next_spend_share"]].sum().to_numpy() == pytest.approx(1)


def test_an_empty_segment_is_shown_and_called_small(profile: pd.DataFrame) -> None:
    assert profile.loc["nobody", "customers"] == 0
    assert profile.loc["nobody", "small"]
    unknown = ["sales", "value", "active", "active_lower", "sales_largest", "next_spend_shrunken"]
    assert np.isnan(profile.loc["nobody", unknown].to_numpy(float)).all()


def test_largest_customers_hold_their_plain_share(profile: pd.DataFrame) -> None:
    spend = np.sort(valued("cdnow_sample")["spend"][lambda s: s > 100])[::-1]
    top = 0.01 * len(spend)
    held = spend[: int(top)].sum() + (top - int(top)) * spend[int(top)]
    assert profile.loc["large", "sales_largest"] == pytest.approx(held / spend.sum())


def test_draws_of_value_make_its_interval() -> None:
    customers = valued("cdnow_sample")
    factor = np.linspace(0.5, 1.5, 201)[:, None]
    found = segment_profile(customers, _spend_classes(customers), value_draws=factor * customers["value"].to_numpy(), draws=50)
    assert (found["value_lower"] / found["value"]).iloc[:3].to_numpy() == pytest.approx(0.525, abs=0.01)


@pytest.mark.slow
def test_bootstrap_intervals_of_a_mean_hold_it_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(7), []
    for k in range(80):
        spend = rng.gamma(2.0, 10.0, 400)
        found = segment_profile(pd.DataFrame({"frequency": 0, "spend": spend}), ["a"] * 200 + ["b"] * 200, draws=150, seed=10 * k)
        held += list((found["sales_lower"] <= 20) & (found["sales_upper"] >= 20))
    assert 0.92 < np.mean(held) < 0.98


@given(st.permutations(range(8)))
def test_the_order_of_customers_changes_no_estimate(order: list[int]) -> None:
    customers = pd.DataFrame({"frequency": range(8), "spend": [5.0, 1, 9, 4, 4, 7, 2, 8]})
    labels = pd.Categorical(list("abababba"))
    one = segment_profile(customers, labels, draws=10)
    two = segment_profile(customers.iloc[order].reset_index(drop=True), labels[order], draws=10)
    assert one[["customers", "orders", "sales", "sales_share"]].equals(two[["customers", "orders", "sales", "sales_share"]])


def test_rates_of_small_segments_move_more_towards_the_common_rate() -> None:
    found = shrunken_rates([5, 50, 500, 30, 4], [10, 200, 1000, 200, 40])
    moved = (found["shrunken"] - found["estimate"]).abs() / (found["estimate"] - found.attrs["mean"]).abs()
    assert moved.iloc[0] > moved.iloc[1] > moved.iloc[2]
    assert ((found["lower"] < found["shrunken"]) & (found["shrunken"] < found["upper"])).all()


def test_equal_true_rates_are_seen_as_equal() -> None:
    k = np.random.default_rng(4).binomial(200, 0.3, 40)
    found = shrunken_rates(k, np.full(40, 200))
    assert found.attrs["between"] < 0.02
    assert found["shrunken"].std() < 0.5 * found["estimate"].std()


def test_shrunken_means_are_nearer_to_the_truth() -> None:
    rng = np.random.default_rng(5)
    truth = rng.normal(10, 1, 60)
    estimate = truth + rng.normal(0, 2, 60)
    found = shrunken_means(estimate, np.full(60, 2.0))
    assert ((found["shrunken"] - truth) ** 2).mean() < 0.5 * ((estimate - truth) ** 2).mean()
    assert ((found["lower"] <= truth) & (truth <= found["upper"])).mean() > 0.85


def test_customers_without_a_segment_are_refused() -> None:
    customers = pd.DataFrame({"frequency": [0, 1], "spend": [1.0, 2.0]})
    with pytest.raises(DataError, match=r"1 of 2 customers have no segment \(first: row 1\)"):
        segment_profile(customers, ["a", None])
    with pytest.raises(DataError, match=r"column 'margin' is missing for 1 of 2 customers \(first: row 1\)"):
        segment_profile(customers.assign(margin=[1.0, None]), ["a", "a"])
    with pytest.raises(DataError, match="1 segments for 2 customers"):
        segment_profile(customers, ["a"])
    with pytest.raises(DataError, match="draws of value have shape"):
        segment_profile(customers, ["a", "a"], value_draws=np.ones((5, 3)))
    with pytest.raises(DataError, match="two segments or more"):
        shrunken_means([1.0], [1.0])


def test_of_one_customer_nobody_knows_how_others_would_vary() -> None:
    found = segment_profile(pd.DataFrame({"frequency": [0, 1, 2], "spend": [1.0, 2.0, 4.0]}), ["a", "b", "b"], draws=50)
    assert found.loc["a", "sales"] == 1
    assert np.isnan(found.loc["a", "sales_lower"])
    assert found.loc["b", "sales_lower"] < 3 < found.loc["b", "sales_upper"]
