"""Rules that cost nothing as rivals of a model: all of them, in purchases and in money, from several dates."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import TooLittle
from goodwill.inference.uncertainty import normal_quantile
from goodwill.lifetime_value.evidence.rivals import over_dates, rule_forecasts, rules_over_dates

SAMPLE = gw.read_transactions("cdnow_sample")


@cache
def calibrated() -> Any:
    return gw.summarize_purchases(SAMPLE, calibration_end="1997-09-30")


@cache
def rules() -> Any:
    return rule_forecasts(SAMPLE, calibrated())


@cache
def found() -> Any:
    return rules_over_dates(SAMPLE, gw.summarize_purchases(SAMPLE), gw.BetaGeoNBD)


@pytest.mark.slow
def test_on_the_cdnow_sample_the_model_meets_the_rules_on_four_dates_without_overlap() -> None:
    assert [day.isoformat() for day in found().dates] == ["1997-07-01", "1997-10-02", "1998-01-04", "1998-04-07"]
    assert (found().horizon, found().spend) == (12.0, "independent"), "by July 1997 the gain of the first amount is not beyond chance"
    table = found().purchases
    assert table.index[0] == "hiatus"
    assert table["dates"].to_list() == [4, 4, 4]
    assert table.loc["hiatus", "lower"] > 0, "absolute errors reward who foretells too little"
    assert table.loc["same rate", "upper"] < 0 and table.loc["same rate", "dates_better"] == 4


@pytest.mark.slow
def test_in_money_the_same_rules_are_rivals() -> None:
    table = found().money
    assert table.index[0] == "hiatus"
    assert table.loc["same rate", "upper"] < 0


def by_date(*differences: float, variance: float = 1e-6, rules: tuple[str, ...] = ("a",)) -> pd.DataFrame:
    rows = [(day, rule, 1.0, 1.0 - gap, gap, variance) for rule in rules for day, gap in enumerate(differences)]
    return pd.DataFrame(rows, columns=["date", "forecast", "model", "rule", "difference", "variance"])


def test_the_interval_carries_what_differs_between_dates() -> None:
    """Better by .1 on three dates, worse by .1 on the fourth: over customers alone that would be better beyond doubt."""
    agree, differ = (over_dates(by_date(*each)).loc["a"] for each in ((-0.1, -0.1, -0.1, -0.1), (-0.1, -0.1, -0.1, 0.1)))
    assert agree["upper"] == pytest.approx(-0.1 + normal_quantile(0.95) * 1e-3 / 2)
    assert differ["upper"] == pytest.approx(-0.05 + 3.1824 * 0.1 / 2, abs=1e-4)
    assert (differ["dates"], differ["dates_better"]) == (4, 3)
    alone = over_dates(by_date(-0.1, variance=0.01)).loc["a"]
    assert alone["upper"] == pytest.approx(-0.1 + normal_quantile(0.95) * 0.1), "one date has no spread between dates"


def test_intervals_hold_for_all_rules_at_once() -> None:
    one, two = (over_dates(by_date(-0.1, variance=0.01, rules=names)).loc["a"] for names in (("a",), ("a", "b")))
    assert (two["upper"] - two["lower"]) / (one["upper"] - one["lower"]) == pytest.approx(normal_quantile(0.975) / normal_quantile(0.95))


@pytest.mark.slow
def test_the_limit_of_the_hiatus_rule_does_not_see_the_holdout() -> None:
    log = SAMPLE.to_pandas()
    without = gw.read_transactions(log[log["date"] <= log["date"].max().replace(year=1997, month=9, day=30)])
    known = gw.lifetime_value.learned_hiatus(without, calibrated().calibration_end, 39.0)
    silent = (calibrated().to_pandas()["T"] - calibrated().to_pandas()["recency"]).to_numpy()
    assert (rules()["hiatus"][silent > known] == 0).all()
    assert (rules()["hiatus"] <= rules()["same rate"]).all()


@pytest.mark.slow
def test_money_needs_somebody_who_came_back_with_some() -> None:
    log = SAMPLE.to_pandas()
    free = gw.read_transactions(log.assign(amount=0.0))
    without = rules_over_dates(free, gw.summarize_purchases(free), gw.BetaGeoNBD)
    assert without.spend is None and without.purchases["rule"].to_list() == found().purchases["rule"].to_list()
    with pytest.raises(TooLittle, match="Too few customers came back and left money early enough"):
        _ = without.money


@pytest.mark.slow
def test_without_a_date_on_which_enough_was_known_there_is_no_verdict() -> None:
    log = SAMPLE.to_pandas()
    few = gw.read_transactions(log[log["customer_id"].isin(sorted(log["customer_id"].unique())[:12])])
    with pytest.raises(TooLittle, match="On none of the dates from which the model could be tested"):
        rules_over_dates(few, gw.summarize_purchases(few), gw.BetaGeoNBD)
