"""Stability under new customers, and usefulness out of sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.segments.cdnow import valued

from goodwill.errors import DataError
from goodwill.segments.evidence.stability import adjusted_rand, bootstrap_stability, usefulness
from goodwill.segments.schemes.rules import learn


@dataclass(frozen=True)
class Cuts:
    """Segments by cut points of one column, the smallest first."""

    column: str
    at: tuple[float, ...]

    def assign(self, customers: pd.DataFrame) -> pd.Categorical:
        names = [f"part {k}" for k in range(len(self.at) + 1)]
        return pd.Categorical.from_codes(np.searchsorted(self.at, customers[self.column], side="left"), names)


labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40)


def test_adjusted_rand_matches_the_example_of_hubert_and_arabie() -> None:
    # Steinley (2004), Psychological Methods 9(3), works through a table of 6 objects by the same formula; by hand:
    # cells 2, 1, 1, 2 give 2 pairs together; rows and columns 3 + 3 give 6 pairs each of 15.
    assert adjusted_rand([0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1]) == pytest.approx((2 - 36 / 15) / (6 - 36 / 15))


@settings(deadline=None, derandomize=True)
@given(labels)
def test_adjusted_rand_is_symmetric_and_blind_to_names(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(column) for column in zip(*pairs, strict=True))
    assert adjusted_rand(a, a) == 1
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand(b, a))
    assert adjusted_rand(a, 3 - b) == pytest.approx(adjusted_rand(a, b))


def test_chance_agreement_is_about_zero() -> None:
    rng = np.random.default_rng(1)
    found = [adjusted_rand(rng.integers(3, size=200), rng.integers(4, size=200)) for _ in range(100)]
    assert abs(np.mean(found)) < 0.005


def test_clear_groups_come_back_and_a_cut_through_noise_does_not() -> None:
    rng = np.random.default_rng(2)
    clear = pd.DataFrame({"x": np.concatenate([rng.normal(0, 1, 100), rng.normal(50, 1, 100)])})
    kept = bootstrap_stability(clear, lambda c: Cuts("x", (float(c["x"].mean()),)), draws=20)
    assert kept.adjusted_rand.estimate == 1
    assert kept.table["verdict"].tolist() == ["stable", "stable"] and kept.weak == []
    lost = bootstrap_stability(clear, lambda c: Cuts("x", (float(c["x"].iloc[0]),)), draws=20)
    assert lost.adjusted_rand.estimate < 0.6
    assert lost.weak


def test_a_segment_that_changes_its_name_has_a_match_but_not_the_same_name() -> None:
    class Renamed(Cuts):
        def assign(self, customers: pd.DataFrame) -> pd.Categorical:
            part = super().assign(customers)
            return part if len(learned) == 1 else part.rename_categories({"part 0": "part 1", "part 1": "part 0"})

    learned: list[int] = []

    def learn(customers: pd.DataFrame) -> Renamed:
        learned.append(1)
        return Renamed("x", (0.5,))

    found = bootstrap_stability(pd.DataFrame({"x": [0.0, 0, 1, 1]}), learn, draws=5).table
    assert found["best_match"].tolist() == [1, 1]
    assert found["same_name"].tolist() == [0, 0]


def test_cuts_of_cdnow_by_spend_are_stable_and_its_smallest_rfm_segments_are_not() -> None:
    customers = valued("cdnow_sample")
    kept = bootstrap_stability(customers, lambda c: learn("abc", c), draws=20)
    assert set(kept.table["verdict"]) == {"stable"}
    lost = bootstrap_stability(customers, lambda c: learn("rfm", c), draws=20)
    assert lost.adjusted_rand.estimate < kept.adjusted_rand.estimate
    assert lost.weak


def test_a_cut_by_past_spend_says_something_about_cdnows_next_spend_and_a_coin_nothing() -> None:
    customers = valued("cdnow")
    spend = customers["spend"].to_numpy()
    place = np.argsort(np.argsort(-spend, kind="stable"))
    held = (np.cumsum(np.sort(spend)[::-1]) / spend.sum())[place]
    schemes = {
        "ABC 50/80": np.digitize(held, [0.5, 0.8]),
        "pyramid 20/30/30/20": np.digitize(place / len(spend), [0.2, 0.5, 0.8]),
        "coin": np.random.default_rng(1).integers(2, size=len(spend)),
        "everybody": np.zeros(len(spend), int),
    }
    found = usefulness(schemes, customers["spend_holdout"], trivial=["pyramid 20/30/30/20"], draws=100)
    assert found.loc["ABC 50/80", "r2"] == pytest.approx(0.219, abs=0.02)
    assert found.loc["pyramid 20/30/30/20", "r2"] == pytest.approx(0.170, abs=0.01)
    assert abs(found.loc["coin", "r2"]) < 0.001
    assert found.loc["everybody", "segments"] == 1
    assert found.loc["ABC 50/80", "distinguishable"]
    assert found.attrs["baseline"] == "pyramid 20/30/30/20"


def test_many_segments_of_noise_are_worse_than_none_out_of_sample() -> None:
    rng = np.random.default_rng(3)
    found = usefulness({"noise": rng.integers(100, size=1000), "one": np.zeros(1000, int)}, rng.gamma(1, 1, 1000), trivial=["one"])
    assert found.loc["noise", "r2"] < -0.05
    assert found.index[0] == found.attrs["baseline"] == "one"


def test_bad_questions_get_one_sentence() -> None:
    with pytest.raises(DataError, match="the same for all"):
        usefulness({"a": [1, 2]}, [1, 1])
    with pytest.raises(DataError, match="b: named as trivial"):
        usefulness({"a": [1, 2]}, [1, 2], trivial=["b"])
    with pytest.raises(DataError, match="must be the same customers"):
        adjusted_rand([1], [1, 2])
    with pytest.raises(DataError, match="at least 2"):
        bootstrap_stability(pd.DataFrame({"x": [1.0]}), lambda c: Cuts("x", (0.0,)), draws=1)
