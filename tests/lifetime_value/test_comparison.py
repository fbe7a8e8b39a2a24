"""Models against each other and against rules that cost nothing: the CDNOW hold-out, and worlds in which the answer is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.lifetime_value.logs import log_of

from goodwill.data.purchases import PurchaseSummary, summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.evidence.comparison import (
    PURCHASE_MODELS,
    ModelComparison,
    _rivalries,
    compare_purchase_models,
    holdout_views,
    learned_hiatus,
)


@pytest.fixture(scope="module")
def classic() -> ModelComparison:
    """Calibration 39 weeks, hold-out 39 weeks, as in the papers."""
    return compare_purchase_models(read_transactions("cdnow_sample"), cuts=["1997-09-30"])


@pytest.fixture(scope="module")
def rolling() -> ModelComparison:
    return compare_purchase_models(read_transactions("cdnow_sample"), cuts=4, horizon=13)


@pytest.fixture(scope="module")
def sample() -> PurchaseSummary:
    return summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30")


def test_holdout_table_of_cdnow_is_that_of_btyd(classic: ModelComparison) -> None:
    """Recomputed with BTYD 2.4.3 and BTYDplus 1.2.0 (R), hold-out of 39 weeks, 1,882 purchases."""
    found = classic.by_cut.set_index("forecast")
    assert (found["actual_total"] == 1882).all()
    expected = pd.DataFrame(
        {
            "total": [1665.43, 1653.39, 2930.10, 2457],
            "bias": [-0.115, -0.121, 0.557, 0.306],
            "MAE": [0.754506, 0.785454, 1.023669, 0.897327],
            "RMSE": [1.602849, 1.607982, 2.211918, 1.971046],
            "MSLE": [0.237736, 0.234268, 0.400950, 0.349059],
            "correlation": [0.630222, 0.625647, 0.583944, 0.577230],
        },
        index=["Pareto/NBD", "BG/NBD", "same rate", "same number"],
    )
    for column, tolerance in {"total": 0.1, "bias": 5e-4, "MAE": 5e-5, "RMSE": 5e-5, "MSLE": 5e-5, "correlation": 5e-5}.items():
        np.testing.assert_allclose(found.loc[expected.index, column], expected[column], atol=tolerance, err_msg=column)


@pytest.mark.slow
def test_the_published_two_and_four_per_cent_are_cumulative_since_the_first_week(sample: PurchaseSummary) -> None:
    """Fader, Hardie & Lee (2005): under-forecasts of 2 % and 4 %; the hold-out alone is missed by 7 to 12 %."""
    views = holdout_views({name: PURCHASE_MODELS[name].fit(sample) for name in ("Pareto/NBD", "BG/NBD")}, sample)
    np.testing.assert_allclose(views["cumulative"], [-0.0157, -0.0411], atol=5e-4)
    np.testing.assert_allclose(views["holdout_new"], [-0.073, -0.114], atol=1e-3)
    np.testing.assert_allclose(views["holdout"], [-0.115, -0.121], atol=1e-3)


def test_log_score_is_the_mean_log_probability_of_what_was_bought(classic: ModelComparison, sample: PurchaseSummary) -> None:
    customers, model = sample.to_pandas(), BetaGeoNBD.fit(sample).model
    known = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    chance = model.probability_of_future_purchases(customers["frequency_holdout"].to_numpy(), 39, *known)
    assert classic.table.loc["BG/NBD", "log_score"] == pytest.approx(np.log(chance).mean())
    assert classic.table.loc[["hiatus", "same rate"], "log_score"].isna().all()


@pytest.mark.slow
def test_a_model_without_probabilities_is_scored_by_draws(classic: ModelComparison) -> None:
    def fit(summary: PurchaseSummary) -> SimpleNamespace:
        model = BetaGeoNBD.fit(summary).model
        bare = SimpleNamespace(expected_purchases=model.expected_purchases, draw_purchases=model.draw_purchases)
        return SimpleNamespace(model=bare, warnings=())

    found = compare_purchase_models(read_transactions("cdnow_sample"), {"drawn": SimpleNamespace(fit=fit)}, cuts=["1997-09-30"])
    assert found.table.loc["drawn", "log_score"] == pytest.approx(classic.table.loc["BG/NBD", "log_score"], abs=0.005)
    assert found.table.loc["drawn", "active_correct"] == pytest.approx(classic.table.loc["BG/NBD", "active_correct"], abs=0.005)


@pytest.mark.slow
def test_by_absolute_error_the_hiatus_rule_is_the_one_to_beat(classic: ModelComparison, rolling: ModelComparison) -> None:
    row = classic.lead("MAE", "hiatus")
    assert classic.best_rule == rolling.best_rule == "hiatus"
    assert row["lower"] < 0 < row["upper"] or row["cuts"] == 1
    assert classic.table.loc["hiatus", "bias"] == pytest.approx(-0.48, abs=0.005)
    assert rolling.lead("MAE", "hiatus")["upper"] < 0
    assert (rolling.disjoint, classic.disjoint) == (4, 1)


@pytest.mark.slow
def test_the_best_model_is_always_named_first_and_a_positive_gain_is_its_lead(rolling: ModelComparison) -> None:
    assert (rolling.best, rolling.next_model) == ("MBG/NBD", "BG/NBD")
    row = rolling.lead("log_score", "BG/NBD")
    assert row["gain"] == pytest.approx(rolling.table.loc["MBG/NBD", "log_score"] - rolling.table.loc["BG/NBD", "log_score"])
    assert row["gain"] >= 0
    own = rolling.differences[rolling.differences["against"] == "MBG/NBD"]
    assert own.empty
    for measure in ("MAE", "MSE", "active_correct"):
        rival = rolling.best_rival(measure)
        others = rolling.differences[(rolling.differences["forecast"] == rolling.best) & (rolling.differences["measure"] == measure)]
        assert rival["gain"] == others[~others["against"].isin([*PURCHASE_MODELS, "stacked"])]["gain"].min()


@pytest.mark.slow
def test_the_models_are_stacked_by_what_was_known_at_each_cut(classic: ModelComparison, rolling: ModelComparison) -> None:
    """Each row of weights is of hold-outs that were over; the mixture's mean is theirs, its log score above the worst model's."""
    assert rolling.weights["dates"].to_list() == [0, 1, 2, 3, 4]
    assert rolling.weights.index[-1] == pd.Timestamp("1998-06-30")
    weights = rolling.weights.drop(columns="dates")
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights.iloc[0], 1 / 3)
    shown = rolling.by_cut.pivot(index="cut", columns="forecast", values="total")
    np.testing.assert_allclose(shown["stacked"], (shown[list(weights)] * weights.iloc[:-1]).sum(axis=1))
    scores = rolling.table["log_score"]
    assert scores[list(PURCHASE_MODELS)].min() < scores["stacked"] < 0
    assert rolling.forecast == classic.forecast == "stacked"
    assert rolling.in_use(PURCHASE_MODELS) is rolling.stacked
    assert rolling.stacked is not None and rolling.stacked.weights_on(pd.Timestamp("1998-06-30").date())[1] == 4
    assert rolling.table.index[3] == "stacked" and "stacked" not in rolling.models


@pytest.mark.slow
def test_a_model_alone_is_not_stacked() -> None:
    found = compare_purchase_models(read_transactions("cdnow_sample"), [BetaGeoNBD], cuts=["1997-09-30"])
    assert (found.forecast, found.stacked, found.weights.empty) == ("BG/NBD", None, True)
    assert found.in_use(PURCHASE_MODELS) is BetaGeoNBD


@pytest.mark.slow
def test_a_customers_cuts_stay_together_in_the_interval(rolling: ModelComparison) -> None:
    """Treating customers x cuts as independent would give intervals too narrow."""
    row = rolling.table.loc["BG/NBD"]
    each = rolling.by_cut[rolling.by_cut["forecast"] == "BG/NBD"]
    assert row["MAE_lower"] < row["MAE"] < row["MAE_upper"]
    assert row["MAE"] == pytest.approx(np.average(each["MAE"], weights=each["customers"]))
    assert row["RMSE"] == pytest.approx(np.sqrt(np.average(each["RMSE"] ** 2, weights=each["customers"])))
    assert (each["cut"].nunique(), len(rolling.hiatus)) == (4, 4)


@pytest.mark.slow
def test_differences_are_those_of_the_table(rolling: ModelComparison) -> None:
    gains = rolling.differences.set_index(["forecast", "against", "measure"])["gain"]
    top = rolling.table.index[0]
    assert gains[top, "hiatus", "MAE"] == pytest.approx(rolling.table.loc["hiatus", "MAE"] - rolling.table.loc[top, "MAE"])
    assert set(rolling.differences.loc[rolling.differences["measure"] == "log_score", "against"]) == {*PURCHASE_MODELS, "stacked"} - {top}


@pytest.mark.slow
def test_where_customers_keep_their_rate_the_rule_wins_and_where_they_leave_the_model_does() -> None:
    rng = np.random.default_rng(3)
    steady = log_of(BetaGeoNBD(30.0, 60.0, 0.01, 50.0), rng.uniform(0, 5, 800), until=78)
    found = compare_purchase_models(read_transactions(steady), [BetaGeoNBD], cuts=3, horizon=13)
    pair = found.best_rival("MAE")
    assert found.table.loc["BG/NBD", "bias"] == pytest.approx(0, abs=0.05)
    assert abs(found.table.loc["same rate", "bias"]) < 0.05
    assert pair["against"] == "same rate"
    leaving = log_of(BetaGeoNBD(4.0, 8.0, 1.0, 5.0), rng.uniform(0, 5, 800), until=78)
    found = compare_purchase_models(read_transactions(leaving), [BetaGeoNBD], cuts=3, horizon=13)
    pair = found.best_rival("MSE")
    assert pair["lower"] > 0
    assert pair["cuts_better"] == pair["cuts"] == 3


def test_the_hiatus_limit_is_learned_before_the_cut() -> None:
    """Weekly buyers, half of whom stop in week 20: who was silent for two weeks is gone."""
    days = [("a" if c < 50 else "b", c, 7 * w) for c in range(100) for w in range(40 if c < 50 else 20)]
    frame = pd.DataFrame({"customer_id": [f"{k}{c}" for k, c, _ in days], "date": pd.Timestamp("2025-01-01")})
    frame["date"] += pd.to_timedelta([d for _, _, d in days], unit="D")
    limit = learned_hiatus(read_transactions(frame), pd.Timestamp("2025-09-10").date(), 8)
    assert 0 <= limit < 13


def test_gains_are_held_to_all_rivals_at_once() -> None:
    """Three models with four rules by absolute error: 3 pairs of models and 12 with rules; rules have no log score."""
    names = ["a", "b", "c", "w", "x", "y", "z"]
    assert _rivalries(pd.Series(1.0, index=names), ["a", "b", "c"]) == 15
    assert _rivalries(pd.Series([1.0] * 3 + [np.nan] * 4, index=names), ["a", "b", "c"]) == 3
    assert _rivalries(pd.Series([1.0, np.nan], index=["a", "z"]), ["a"]) == 1
