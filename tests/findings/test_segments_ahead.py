"""What the value of segments ahead is said to be: every wording, reached from numbers."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from goodwill.findings.finding import Absent, Finding, Table, Value
from goodwill.findings.segments import segments_ahead as ahead

WHY = Absent("Left out here: 7 customers are fewer than 500.")

OWN, PRINTED = ahead.SOURCES["own"], ahead.SOURCES["CDNOW"]


def said(claimed: bool = True) -> pd.DataFrame:
    """Two segments on two dates, of which nothing has come of the last."""
    days, wide = [date(2024, 1, 1)] * 2 + [date(2024, 4, 1)] * 2, [0.5, 4.0] if claimed else [np.nan, np.nan]
    table = pd.DataFrame({"made": days, "segment": ["best", "rest"] * 2, "customers": [10, 90] * 2, "expected": [2.0, 1.0, 3.0, 0.5]})
    table = table.assign(lower=table["expected"] - 0.25, upper=table["expected"] + 0.25, wide_lower=wide[0], wide_upper=wide[1])
    return table.assign(came=[2.1, 0.4, np.nan, np.nan], held_model=[True, False, pd.NA, pd.NA], held=[True, True, pd.NA, pd.NA])


RECORD = {"statements": 14, "held_model": 4, "held": 13, "horizon": "13 weeks", "source": "own past"}


def test_the_value_of_segments_is_said_with_the_interval_that_its_record_makes() -> None:
    found = ahead.values_ahead(said(), RECORD, "USD", OWN)
    assert found.text == (
        "At 1 earlier date the same was said, with rules learned before, and scored by what came. Of 14 statements about a segment "
        "that had "
        "two finished windows of 13 weeks behind them, the interval of the model held 4, the one widened by the record 13. That of "
        "today is "
        "widened in the same way: it holds what customers share and what the model gets wrong about a segment, as far as that was seen."
    )
    label = "Expected margin per customer of 'best', the best segment, within the next 13 weeks"
    ends = {"interval": (0.5, 4.0), "model_interval": (2.75, 3.25)}
    assert found.parts["best_ahead"] == Value(3.0, label, "USD", **ends, grade="assumed", weakest="margin", track_record=RECORD)
    table = found.parts["values_ahead"]
    assert isinstance(table, Table) and table.caption == (
        "Expected margin per customer (USD) within the next 13 weeks: lower and upper are widened by the record of earlier statements; "
        "model_lower and model_upper would hold if the model were right"
    )
    assert table.frame.to_numpy().tolist() == [["best", 10, 3.0, 0.5, 4.0, 2.75, 3.25], ["rest", 90, 0.5, 0.5, 4.0, 0.25, 0.75]]
    assert list(table.frame) == ["segment", "customers", "expected", "lower", "upper", "model_lower", "model_upper"]
    assert table.formats == dict.fromkeys(list(table.frame)[2:], "{:,.2f}")


def test_without_two_finished_windows_no_level_is_claimed() -> None:
    few = {name: value for name, value in RECORD.items() if name != "held"}
    found = ahead.values_ahead(said(claimed=False), few, "USD", PRINTED)
    assert found.text == (
        "At 1 earlier date the same was said, with rules learned before, and scored by what came. Of 14 statements about a segment the "
        "interval of the model held 4. No two windows of 13 weeks were over before any of them, so that no widened interval could "
        "be judged."
    )
    best = found.parts["best_ahead"]
    assert isinstance(best, Value) and (best.interval, best.model_interval, best.grade) == (None, (2.75, 3.25), "published")


def test_earlier_statements_stand_beside_what_came() -> None:
    table = ahead.statements(said(), "USD").parts["value_statements"]
    assert isinstance(table, Table) and table.frame["came"].tolist() == [2.1, 0.4]
    assert list(table.frame)[:3] == ["made", "segment", "customers"]
    assert table.caption == (
        "What segments were expected to bring per customer (USD of margin) at earlier dates, with the interval of the model and the one "
        "widened by what was known on the date, and what came"
    )
    assert table.formats == dict.fromkeys(["expected", "lower", "upper", "wide_lower", "wide_upper", "came"], "{:,.2f}")
    assert ahead.statements(WHY, "USD") == Finding()
    for absent in (ahead.values_ahead(WHY, RECORD, "USD", PRINTED), ahead.values_ahead(said(), WHY, "USD", PRINTED)):
        assert absent.absent == WHY and list(absent.parts) == ["best_ahead"]
        best = Value(None, "Expected margin per customer of the best segment", "USD", grade="published", weakest="margin", reason=WHY.why)
        assert absent.parts["best_ahead"] == best


def test_the_margin_of_the_built_in_records_is_published_and_of_others_assumed() -> None:
    assert ahead.source_of_margin("cdnow_sample", 0.3, 0.15) == PRINTED == ("Fader, Hardie & Lee (2005) for CDNOW", "published")
    assert ahead.source_of_margin("cdnow_sample", 0.4, 0.15) == OWN
    assert ahead.source_of_margin("shop.csv", 0.3, 0.15) == OWN == ("parameters of this report", "assumed")


def valued(*names: str, chosen: bool = True, stated: float = 1.0, warnings: tuple[str, ...] = ()) -> Any:
    """Values under BG/NBD, which go with covariates of these names."""
    told = SimpleNamespace(design=SimpleNamespace(stated=dict.fromkeys(names, stated)))
    fit = SimpleNamespace(names=names, untold=None, warnings=warnings, found=SimpleNamespace(told=told)) if names else SimpleNamespace()
    return SimpleNamespace(purchases=fit, chosen=chosen, purchase_model="BG/NBD")


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (valued(chosen=False), "BG/NBD"),
        (valued(), "BG/NBD, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD"),
        (valued("channel", chosen=False), "BG/NBD, whose rates and leaving go with channel"),
        (
            valued("channel", "age"),
            "BG/NBD, the likeliest of BG/NBD, MBG/NBD and Pareto/NBD, whose rates and leaving go with channel and age",
        ),
        (SimpleNamespace(purchases=None, chosen=True, purchase_model=""), "no model"),
    ],
)
def test_the_model_that_a_report_rests_on_is_named_with_who_chose_it_and_its_covariates(of: Any, said: str) -> None:
    assert ahead.model_assumed(of) == said


def test_the_covariates_that_values_go_with_are_said_with_what_is_not_stated_and_what_told_nobody_apart_in_the_test() -> None:
    def going(now: Any, then: Any) -> str:
        return ahead.going_with(SimpleNamespace(today=now, then=then))  # type: ignore[arg-type]

    assert going(valued(), valued("channel")) == ""
    assert going(valued("channel"), valued("channel")) == "Rates and leaving go with channel."
    assert going(valued("age", stated=0.75), valued("age")) == (
        "Rates and leaving go with age. age is not stated of 25% of the customers, who form a level of their own."
    )
    assert going(valued("channel", "region", "age", warnings=("it lies on a ridge",)), valued("channel")) == (
        "Rates and leaving go with channel, region and age. At the end of the calibration region and age had told no customers apart yet, "
        "so that the test values them without. The fit with covariates warns: it lies on a ridge."
    )
