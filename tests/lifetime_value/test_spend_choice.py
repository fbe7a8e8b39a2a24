"""Which spend model is used: by the test and by what the hold-out says."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.spend_choice import _reason, choose_spend

SAMPLE = gw.read_transactions("cdnow_sample")


@cache
def summaries() -> tuple[Any, Any]:
    return gw.summarize_purchases(SAMPLE), gw.summarize_purchases(SAMPLE, calibration_end="1997-09-30")


@cache
def few() -> tuple[Any, Any]:
    """The first customers of the sample: not ten came back."""
    log = SAMPLE.to_pandas()
    some = gw.read_transactions(log[log["customer_id"].isin(sorted(log["customer_id"].unique())[:12])])
    return gw.summarize_purchases(some), gw.summarize_purchases(some, calibration_end="1997-09-30")


@cache
def chosen(how: str) -> Any:
    return choose_spend(*summaries(), how)


def test_cdnow_rejects_independence_and_still_foretells_better_with_it() -> None:
    choice = chosen("automatic")
    assert (choice.name, choice.reason, choice.left_out) == ("independent", "foretold no nearer", 0)
    assert choice.p_value < 1e-6
    assert abs(choice.held["independent"] - choice.held["actual"]) < abs(choice.held["dependent"] - choice.held["actual"])
    assert choice.mean_of_new.estimate == pytest.approx(35.81, abs=0.01)


def test_what_is_asked_for_is_used() -> None:
    assert (chosen("independent").name, chosen("independent").reason) == ("independent", "given")
    asked = chosen("by frequency")
    assert (asked.name, asked.reason) == ("by frequency", "given")
    assert asked.other.model == chosen("automatic").fit.model
    assert asked.fit.model == chosen("automatic").other.model


def test_too_few_are_taken_to_be_independent() -> None:
    choice = choose_spend(*few())
    assert (choice.name, choice.reason, choice.p_value, choice.held) == ("independent", "not compared", None, None)
    with pytest.raises(TooLittle, match="Too few customers came back to fit the other spend model"):
        _ = choice.other
    with pytest.raises(TooLittle, match="takes at least 10 customers who came back"):
        choose_spend(*few(), "by frequency")


def test_an_unknown_way_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="spend_model='best'; use one of automatic, independent, by frequency"):
        choose_spend(*summaries(), "best")


@pytest.mark.parametrize(
    ("p", "dependent", "reason"),
    [(0.04, 10.5, "foretold nearer"), (0.04, 12.0, "foretold no nearer"), (0.05, 10.5, "not rejected")],
)
def test_the_dependent_model_needs_the_test_and_the_holdout(p: float, dependent: float, reason: str) -> None:
    held = pd.Series({"actual": 10.0, "independent": 11.0, "dependent": dependent})
    found: Any = SimpleNamespace(p_value=p)
    assert _reason(found, held, "automatic") == reason
    assert _reason(found, None, "automatic") == _reason(None, held, "automatic") == "not compared"
    assert _reason(None, None, "independent") == "given"
