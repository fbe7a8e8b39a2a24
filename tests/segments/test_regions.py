import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.segments import market_stage, region_industry, region_table
from goodwill.segments.schemes.regions import partial_pooling


def accounts(n=3000, seed=2, effect=40.0):
    rng = np.random.default_rng(seed)
    region = rng.choice(["East China", "Southwest", "Central China"], n, p=[0.6, 0.3, 0.1])
    industry = rng.choice(["hotels", "hospitals", "railways"], n, p=[0.75, 0.24, 0.01])
    spend = rng.gamma(2.0, 50.0, n) + effect * (region == "Southwest")
    return pd.DataFrame({"region": region, "industry": industry, "spend": spend})


def test_small_cells_are_pulled_more_and_the_pull_is_shown():
    table = region_table(region_industry(accounts()))
    assert table["customers"].sum() == 3000
    small, large = table.loc[table["customers"].idxmin()], table.loc[table["customers"].idxmax()]
    assert small["shrinkage"] > 0.3 > 0.02 > large["shrinkage"]
    assert (table["lower"] < table["pooled"]).all()
    assert table["pooled"].is_monotonic_decreasing


def test_pooled_means_of_small_cells_are_nearer_the_truth():
    """In 200 worlds with cells of 5 and of 500 customers, whose true means differ by a standard deviation of 10."""
    rng = np.random.default_rng(7)
    count = np.repeat([5.0, 500.0], 10)
    own, pooled = [], []
    for _ in range(200):
        truth = rng.normal(100, 10, count.size)
        mean = rng.normal(truth, 60 / np.sqrt(count))
        within = 3600 * rng.chisquare(count.sum() - count.size)
        found, spread, _ = partial_pooling(count, mean, within)
        own.append((mean - truth)[:10])
        pooled.append((found - truth)[:10])
        assert (spread > 0).all()
    assert np.mean(np.square(pooled)) < 0.25 * np.mean(np.square(own))


def test_cells_without_differences_are_pulled_wholly_together():
    _, _, pulled = partial_pooling(np.array([50.0, 50.0]), np.array([10.0, 10.0]), 5000.0)
    assert pulled.tolist() == [1, 1]


@pytest.mark.parametrize(("count", "mean", "within"), [([3.0], [5.0], 4.0), ([1.0, 1.0], [2.0, 4.0], 0.0), ([2.0, 2.0], [1.0, 1.0], 0.0)])
def test_degenerate_cells_give_finite_means(count, mean, within):
    for values in partial_pooling(np.array(count), np.array(mean), within):
        assert np.isfinite(values).all()


def test_an_unseen_cell_is_other_and_a_gap_is_a_label():
    rules = region_industry(accounts())
    later = pd.DataFrame({"region": ["East China", "Mars", None], "industry": ["hotels", "hotels", "hotels"]})
    assert list(rules.assign(later)) == ["East China / hotels", "other", "other"]
    gaps = accounts().assign(region=lambda frame: frame["region"].where(frame.index > 5, None))
    assert any(name.startswith("not given / ") for name in region_industry(gaps).segments)


def test_the_markets_of_the_sealion_case_have_their_stages():
    table = region_table(region_industry(accounts(), markets=gw.read_case("sealion_market_segments")))
    stages = dict(zip(table["region"], table["stage"], strict=True))
    assert stages == {"East China": "hold", "Southwest": "develop", "Central China": "not characterised"}
    assert market_stage("", "intense") == "not characterised"


def test_few_customers_in_a_cell_are_told():
    assert "cells hold fewer than 30 customers" in region_industry(accounts(300)).notes[0]
