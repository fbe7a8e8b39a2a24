"""Migration on CDNOW by terciles of second-quarter spend (91-day windows from 1 January 1997), and what simulations must give."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodwill.data.periods import buyer_quantiles, purchases_by_window, window_edges
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.segments.movement.migration import (
    FOR_EVER,
    Migration,
    expected_time,
    homogeneity_test,
    migration,
    order_test,
    stayers,
    steady_state,
)
from goodwill.segments.movement.paths import GONE, Paths, segment_paths, state_paths

CDNOW = np.array([[0.892, 0.043, 0.036, 0.028], [0.689, 0.146, 0.114, 0.051], [0.620, 0.112, 0.152, 0.116], [0.419, 0.072, 0.151, 0.358]])
QUARTERS = window_edges(date(1997, 1, 1), days=91, n=6)
NAMES = ("none", "low", "mid", "high")


def _spend_paths(name: str, **options: Any) -> Paths:
    log = read_transactions(name)
    cuts = buyer_quantiles(purchases_by_window(log, QUARTERS), 1, [1 / 3, 2 / 3])
    return state_paths(log, QUARTERS, cuts, **options)


@pytest.fixture(scope="module")
def full() -> Paths:
    return _spend_paths("cdnow")


@pytest.fixture(scope="module")
def sample() -> Paths:
    return _spend_paths("cdnow_sample")


def _simulated(transition: np.ndarray, customers: int, windows: int, seed: int) -> Paths:
    """Customers of a chain of order 1."""
    rng = np.random.default_rng(seed)
    codes = np.empty((customers, windows), np.int64)
    codes[:, 0] = rng.integers(len(transition), size=customers)
    for at in range(1, windows):
        codes[:, at] = (
            (rng.random(customers)[:, None] > transition.cumsum(axis=1)[codes[:, at - 1]]).sum(axis=1).clip(max=len(transition) - 1)
        )
    return Paths(NAMES[: len(transition)], codes, np.ones(customers), tuple(map(str, range(windows))))


def test_migration_of_cdnow_from_the_second_to_the_third_quarter(full: Paths) -> None:
    moves = migration(full, 1)
    assert moves.probabilities == pytest.approx(CDNOW, abs=0.001)
    lower, upper = moves.bounds
    half = (upper - lower) / 2
    assert half[0].round(3).tolist() == [0.005, 0.003, 0.003, 0.002]
    assert half[1:].min() > 0.0095 and half[1:].max() < 0.0235
    assert steady_state(moves)["share"].to_numpy() == pytest.approx([0.843, 0.054, 0.052, 0.051], abs=0.001)


def test_moves_of_cdnow_are_not_homogeneous_and_not_of_order_one(full: Paths) -> None:
    alike, order = homogeneity_test(full, 1, 3), order_test(full, 2)
    # 31.8 with spend added up in floats; 31.72 in exact cents, of which some equal a cut point.
    assert (alike.statistic, alike.df, alike.p) == (pytest.approx(31.8, abs=0.1), 12, pytest.approx(0.0015, abs=5e-5))
    assert (order.statistic, order.df) == (pytest.approx(1259, abs=0.5), 36)
    assert order.rejected and alike.rejected
    assert (order.compared, alike.compared) == ((), (full.windows[1], full.windows[3]))


def test_the_tenth_sample_cannot_tell_the_quarters_apart_but_still_rejects_order_one(sample: Paths) -> None:
    alike, order = homogeneity_test(sample, 1, 3), order_test(sample, 2)
    assert (alike.statistic, alike.p) == (pytest.approx(13.9, abs=0.05), pytest.approx(0.30, abs=0.005))
    assert (order.statistic, order.p) == (pytest.approx(145, abs=0.5), pytest.approx(5e-15, rel=0.1))
    assert order.rejected and not alike.rejected
    assert order.sparse > 0.5


def test_intervals_hold_the_truth_as_often_as_they_say(full: Paths) -> None:
    rng, n = np.random.default_rng(3), np.array([400, 120, 120, 120])
    held = []
    for _ in range(500):
        counts = np.stack([rng.multinomial(k, row / row.sum()) for k, row in zip(n, CDNOW, strict=True)]).astype(float)
        lower, upper = Migration(NAMES, counts, np.ones((4, 4), bool), np.zeros(4), ("a", "b")).bounds
        truth = CDNOW / CDNOW.sum(axis=1, keepdims=True)
        held.append((lower <= truth) & (truth <= upper))
    assert 0.93 < np.mean(held) < 0.97


def test_draws_agree_with_the_bounds(full: Paths) -> None:
    moves = migration(full, 1)
    lower, upper = np.quantile(moves.draws(4000, seed=2), [0.025, 0.975], axis=0)
    assert np.abs(lower - moves.bounds[0]).max() < 0.002
    assert np.abs(upper - moves.bounds[1]).max() < 0.002


def test_a_chain_of_order_one_is_rejected_one_time_in_twenty() -> None:
    p = [order_test(_simulated(CDNOW / CDNOW.sum(axis=1, keepdims=True), 3000, 3, seed), 0).p for seed in range(200)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09


def test_a_mixture_of_stayers_and_movers_is_noticed() -> None:
    movers = _simulated(np.full((2, 2), 0.5), 2000, 4, seed=1)
    frozen = _simulated(np.eye(2), 2000, 4, seed=2)
    both = Paths(movers.states, np.vstack([movers.codes, frozen.codes]), np.ones(4000), movers.windows)
    assert stayers(movers)["ratio"].to_numpy() == pytest.approx(1, abs=0.15)
    assert (stayers(both)["ratio"] > 1.2).all()


def test_entry_and_exit_stand_in_the_table() -> None:
    paths = _spend_paths("cdnow_sample", exit_after=2)
    table = migration(paths, 2).table()
    assert paths.states[-1] == GONE
    assert set(table.loc[table["from"] == "none", "to"]) == {"low", "mid", "high", "gone"}  # quiet twice is gone
    assert set(table.loc[table["to"] == "gone", "from"]) == {"none", "gone"}
    assert table.groupby("from")["probability"].sum().to_numpy() == pytest.approx(1)
    back = table[(table["from"] == "gone") & (table["to"] != "gone")]
    assert back["customers"].sum() == 118  # of 1,632 who were counted as gone, that many bought in the next quarter


def test_new_customers_enter_by_their_first_state() -> None:
    segments = pd.DataFrame({"spring": ["A", None, "B", "B", None], "summer": ["A", "A", "B", None, None]}, index=list("vwxyz"))
    paths = segment_paths(segments)
    moves = migration(paths)
    assert paths.customers.sum() == 4  # "z" is never a customer
    assert moves.states == ("A", "B", "gone")
    assert moves.entry.tolist() == [1, 0, 0]
    assert moves.counts.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert moves.table()["from"].iloc[0] == "new"
    assert (moves.entry.sum(), moves.left, moves.stayed) == (1, 1, 2 / 3)


def test_expected_time_adds_up_to_the_horizon(full: Paths) -> None:
    times = expected_time(migration(full, 1), 4)
    assert times.filter(like="in ").sum(axis=1).to_numpy() == pytest.approx(4)
    assert times["stay"].to_numpy() == pytest.approx(1 / (1 - np.diagonal(CDNOW)), rel=0.01)
    assert (times["stay_lower"] < times["stay"]).all() and (times["stay"] < times["stay_upper"]).all()


def test_steady_state_says_its_condition(full: Paths) -> None:
    assert steady_state(migration(full, 1)).attrs["label"] == FOR_EVER == "if this matrix stayed for ever and no one entered"


def test_a_steady_state_that_depends_on_the_start_is_refused() -> None:
    closed = Migration(("a", "b"), np.array([[9.0, 0], [0, 9]]), np.eye(2, dtype=bool), np.zeros(2), ("1", "2"))
    with pytest.raises(DataError, match="depends on the start"):
        steady_state(closed)


counts = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3)


@settings(deadline=None, derandomize=True)
@given(counts)
def test_rows_sum_to_one_and_bounds_hold_the_shares(table: list[list[int]]) -> None:
    moves = Migration(("a", "b", "c"), np.array(table, float), np.ones((3, 3), bool), np.zeros(3), ("1", "2"))
    shares, (lower, upper) = moves.probabilities, moves.bounds
    seen = moves.counts.sum(axis=1) > 0
    assert shares[seen].sum(axis=1) == pytest.approx(1)
    assert np.isnan(shares[~seen]).all()
    assert ((lower >= 0) & (lower <= upper) & (upper <= 1)).all()
    assert moves.draws(5).sum(axis=2) == pytest.approx(1)


@given(st.permutations(range(6)))
def test_the_order_of_customers_does_not_matter(order: list[int]) -> None:
    segments = pd.DataFrame(
        {
            "a": pd.Categorical(["x", "x", "y", "z", "z", None], ["x", "y", "z"]),
            "b": pd.Categorical(["x", "y", "y", "z", "x", "y"], ["x", "y", "z"]),
        }
    )
    first, second = migration(segment_paths(segments)), migration(segment_paths(segments.iloc[list(order)]))
    assert first.table().equals(second.table())


def test_bad_questions_get_one_sentence(full: Paths) -> None:
    with pytest.raises(DataError, match="window 6 is asked for"):
        migration(full, 5)
    with pytest.raises(DataError, match="exit_after=1"):
        _spend_paths("cdnow_sample", exit_after=1)
    with pytest.raises(DataError, match="2 cut points make 4 states, and 2 are named"):
        state_paths(read_transactions("cdnow_sample"), QUARTERS, [1.0, 2.0], names=("none", "some"))
    with pytest.raises(DataError, match="three windows"):
        stayers(full, 4)
