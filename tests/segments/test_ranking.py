"""Rankings of CDNOW's customers on the next 39 weeks, ties shared, and what must hold for any ranking."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.segments.cdnow import valued

import goodwill as gw
from goodwill.errors import DataError
from goodwill.segments.evidence.ranking import (
    gains,
    gains_curve,
    gains_difference,
    ranking_table,
    scores_to_compare,
    top_share,
    trivial_scores,
)


def _scores(customers: pd.DataFrame) -> dict[str, np.ndarray]:
    return {"value": customers["value"], "P(alive)": customers["probability_alive"], **trivial_scores(customers)}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    customers = valued("cdnow")
    return ranking_table(_scores(customers), customers["spend_holdout"])


@pytest.mark.parametrize(
    ("score", "share"),
    [("value", 0.516), ("spend", 0.498), ("frequency", 0.477), ("recency", 0.433), ("P(alive)", 0.028), ("oracle", 0.763), ("random", 0.1)],
)
def test_share_of_holdout_spend_with_the_top_tenth_of_cdnow(table: pd.DataFrame, score: str, share: float) -> None:
    assert table.loc[score, "top"] == pytest.approx(share, abs=5e-4)


def test_a_model_beats_past_spend_a_little_but_not_by_every_measure(table: pd.DataFrame) -> None:
    spend = table.loc["spend"]
    assert spend["difference"] == pytest.approx(-0.017, abs=5e-4)
    assert spend["difference_lower"] == pytest.approx(-0.030, abs=0.004)
    assert spend["difference_upper"] == pytest.approx(-0.007, abs=0.003)
    assert spend["distinguishable"]
    assert spend["gini"] > table.loc["value", "gini"]
    assert table.loc[["value", "spend", "frequency", "recency"], "gini"].to_numpy() == pytest.approx([0.672, 0.696, 0.659, 0.639], abs=1e-3)


def test_on_the_tenth_sample_the_difference_to_past_spend_is_not_distinguishable() -> None:
    customers = valued("cdnow_sample")
    found = ranking_table(_scores(customers), customers["spend_holdout"])
    assert found.loc["spend", "difference"] == pytest.approx(-0.021, abs=0.01)
    assert not found.loc["spend", "distinguishable"]


def test_probability_alive_of_bg_nbd_ranks_worse_than_chance(table: pd.DataFrame) -> None:
    assert table.loc["P(alive)", "lift"] < 1
    assert table.loc["P(alive)", "gini"] == pytest.approx(-0.349, abs=1e-3)
    assert table.loc["P(alive)", "upper"] < 0.1


@pytest.mark.slow
def test_probability_alive_of_pareto_nbd_ranks_well() -> None:
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30")
    customers = summary.to_pandas()
    alive = gw.ParetoNBD.fit(summary).model.probability_alive(*(customers[c].to_numpy() for c in ("frequency", "recency", "T")))
    assert 10 * top_share(alive, customers["spend_holdout"], 0.1) > 3


def test_curves_of_value_and_spend_cross() -> None:
    customers = valued("cdnow_sample")
    band = gains_difference(customers["value"], customers["spend"], customers["spend_holdout"], draws=100)
    assert band["difference"].iloc[[0, -1]].tolist() == [0, 0]
    assert band["difference"].max() > 0 > band["difference"].min()


def test_the_scores_to_compare_hold_value_the_trivial_rules_and_what_a_model_knows() -> None:
    customers = valued("cdnow_sample")
    assert list(scores_to_compare(customers)) == ["value", "recency", "frequency", "spend", "RFM sum", "random", "P(alive)"]
    assert "P(alive)" not in scores_to_compare(customers.drop(columns="probability_alive"))
    assert scores_to_compare(customers)["P(alive)"].tolist() == customers["probability_alive"].tolist()


def test_equal_weeks_computed_differently_are_ties() -> None:
    quiet = np.array([38.857142857142854 - 12.142857142857142, 26.714285714285712])
    assert top_share(-quiet, [1.0, 0.0], 0.5) == 0.5


rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=2, max_size=30)
outcomes = rows.filter(lambda found: sum(y for _, y in found) > 0)


@settings(deadline=None, derandomize=True)
@given(outcomes, st.randoms(use_true_random=False))
def test_order_of_customers_unit_of_money_and_scale_of_score_change_nothing(rows: list[tuple[int, int]], random: object) -> None:
    score, outcome = (np.array(column, float) for column in zip(*rows, strict=True))
    mixed = np.array(random.sample(range(len(rows)), len(rows)))  # type: ignore[attr-defined]
    assert top_share(7 * score[mixed], 100 * outcome[mixed], 0.3) == pytest.approx(top_share(score, outcome, 0.3))


@settings(deadline=None, derandomize=True)
@given(outcomes)
def test_no_ranking_beats_the_oracle_and_random_is_the_diagonal(rows: list[tuple[int, int]]) -> None:
    score, outcome = (np.array(column, float) for column in zip(*rows, strict=True))
    long = gains({"score": score, "random": np.zeros(len(score))}, outcome, points=11)
    curves = long.pivot(index="customers", columns="score", values="outcome")
    assert (curves["oracle"] >= curves["score"] - 1e-12).all()
    assert curves["random"].to_numpy() == pytest.approx(curves.index.to_numpy())
    assert gains_curve(score, outcome).iloc[-1].tolist() == pytest.approx([1, 1])


def test_ranking_by_noise_is_never_called_better() -> None:
    rng = np.random.default_rng(2)
    outcome = rng.gamma(0.3, 50, 2000) * (rng.random(2000) < 0.4)
    found = ranking_table({"value": rng.random(2000), "noise": rng.random(2000)}, outcome)
    assert not found.loc["noise", "distinguishable"]
    assert abs(found.loc["value", "gini"]) < 0.1


def test_where_all_customers_bring_the_same_no_ranking_is_good() -> None:
    found = ranking_table({"value": [3.0, 2, 1, 0]}, [5.0, 5, 5, 5])
    assert found.loc["value", "lift"] == pytest.approx(1)
    assert np.isnan(found.loc["value", "gini"])


def test_bad_scores_get_one_sentence() -> None:
    with pytest.raises(DataError, match="'value' is none of the scores"):
        ranking_table({"spend": [1, 2]}, [1, 2])
    with pytest.raises(DataError, match="one finite number per customer; 1 of 2"):
        ranking_table({"value": [1, np.nan]}, [1, 2])
    with pytest.raises(DataError, match="'value' has 3 numbers for 2 customers"):
        ranking_table({"value": [1, 2, 3]}, [1, 2])
    with pytest.raises(DataError, match="adds up to nothing"):
        top_share([1, 2], [0, 0], 0.5)
    with pytest.raises(DataError, match="between 0 and 1"):
        ranking_table({"value": [1, 2]}, [1, 2], top=0.3)
