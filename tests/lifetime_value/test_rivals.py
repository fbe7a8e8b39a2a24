"""Rules that cost nothing as rivals of a model: all of them, in purchases and in money."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import normal_quantile
from goodwill.lifetime_value.evidence.rivals import against_rules, money_against_rules, rule_forecasts

SAMPLE = gw.read_transactions("cdnow_sample")


@cache
def tested() -> Any:
    return gw.summarize_purchases(SAMPLE, calibration_end="1997-09-30")


@cache
def fit() -> Any:
    return gw.BetaGeoNBD.fit(tested())


@cache
def rules() -> Any:
    return rule_forecasts(SAMPLE, tested())


def test_on_the_cdnow_sample_the_hiatus_rule_is_not_told_apart_from_the_model_in_purchases() -> None:
    customers = tested().to_pandas()
    expected = fit().model.expected_purchases(39.0, *(customers[name] for name in ("frequency", "recency", "T")))
    table = against_rules(customers["frequency_holdout"], expected, rules())
    assert table.index.to_list() == ["hiatus", "same number", "same rate"]
    assert table["rule"].round(3).to_list() == [0.765, 0.897, 1.024]
    assert table["model"].round(3).to_list() == [0.785] * 3
    assert table.loc["hiatus", "lower"] < 0 < table.loc["hiatus", "upper"]
    assert table.loc["same number", "upper"] < 0


def test_in_money_the_hiatus_rule_is_not_told_apart_either() -> None:
    table = money_against_rules(fit(), tested(), rules(), "independent")
    assert table.loc["hiatus", ["model", "rule"]].round(1).to_list() == [30.4, 29.9]
    assert table.loc["hiatus", "lower"] < 0 < table.loc["hiatus", "upper"]
    assert table.loc["same rate", "upper"] < 0


def test_intervals_hold_for_all_rules_at_once() -> None:
    rng = np.random.default_rng(1)
    came, model = rng.poisson(1.0, 500), np.full(500, 0.9)
    one = against_rules(came, model, {"a": rng.random(500)})
    two = against_rules(came, model, {"a": np.zeros(500), "b": np.ones(500)})
    alone = against_rules(came, model, {"a": np.zeros(500)}).loc["a"]
    ratio = (two.loc["a", "upper"] - two.loc["a", "lower"]) / (alone["upper"] - alone["lower"])
    assert ratio == pytest.approx(normal_quantile(0.975) / normal_quantile(0.95))
    assert one["lower"].iloc[0] < one["difference"].iloc[0] < one["upper"].iloc[0]


def test_the_limit_of_the_hiatus_rule_does_not_see_the_holdout() -> None:
    log = SAMPLE.to_pandas()
    without = gw.read_transactions(log[log["date"] <= log["date"].max().replace(year=1997, month=9, day=30)])
    known = gw.lifetime_value.learned_hiatus(without, tested().calibration_end, 39.0)
    silent = (tested().to_pandas()["T"] - tested().to_pandas()["recency"]).to_numpy()
    assert (rules()["hiatus"][silent > known] == 0).all()
    assert (rules()["hiatus"] <= rules()["same rate"]).all()


def test_money_needs_somebody_who_came_back_with_some() -> None:
    log = SAMPLE.to_pandas()
    free = gw.summarize_purchases(gw.read_transactions(log.assign(amount=0.0)), calibration_end="1997-09-30")
    with pytest.raises(TooLittle, match="no spend to foretell the hold-out with"):
        money_against_rules(fit(), free, rules(), "independent")
