"""Every wording of the stacked forecast, reached from data."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from tests.findings.test_purchase_models_compared import EVEN, LOST, WON, compared
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.stacked_forecast import outcome, stacking

COUNT = "Stacked, the models count BG/NBD 58%, MBG/NBD 42% in the forecast after the data, by what they gave to what came after 4 dates. "
WEIGHTS = (
    "stacking_weights | What each model counts in the stacked forecast on each date, and on the last day, learned from hold-outs that were "
    "over by then | index, MBG/NBD, BG/NBD, dates | {'MBG/NBD': '{:.0%}', 'BG/NBD': '{:.0%}'}"
)


@pytest.mark.parametrize(
    ("best_over_stacked", "gain", "said"),
    [
        (
            EVEN,
            "-0.0006 [-0.0021, 0.001]",
            "In log score the stacked forecast and MBG/NBD, the best single model in hindsight, are not told apart: gain −0.0006 "
            "[−0.0021, +0.0010] per customer, better on 1 of 4 dates.",
        ),
        (
            WON,
            "-0.06 [-0.07, -0.05]",
            "In log score the stacked forecast is **worse than MBG/NBD**, the best single model in hindsight: gain −0.0600 [−0.0700, "
            "−0.0500] per customer, better on 0 of 4 dates.",
        ),
        (
            LOST,
            "0.06 [0.05, 0.07]",
            "In log score the stacked forecast is better than MBG/NBD, the best single model in hindsight: gain +0.0600 [+0.0500, +0.0700] "
            "per customer, better on 4 of 4 dates.",
        ),
    ],
    ids=["not told apart", "worse", "better"],
)
def test_the_gain_is_told_from_the_side_of_the_stacked_forecast(best_over_stacked: Any, gain: str, said: str) -> None:
    assert told(stacking(compared(over_stacked=best_over_stacked))) == [
        f"stacked_gain | Lead of all models stacked over the best model in log score per customer | {gain}",
        WEIGHTS,
        COUNT + said,
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((0.01, 0.03, 4, 3), "better"),
        ((0.01, 0.03, 6, 4), "not told apart"),
        ((-0.3, -0.1, 8, 2), "worse"),
        ((-0.3, -0.1, 8, 3), "not told apart"),
        ((0.0, 0.03, 4, 4), "not told apart"),
        ((-0.001, 0.0021, 4, 3), "not told apart"),
    ],
)
def test_a_verdict_needs_the_interval_and_three_of_four_dates(row: tuple[float, ...], said: str) -> None:
    assert outcome(pd.Series(row, index=["lower", "upper", "cuts", "cuts_better"])) == said


def test_one_date_is_said_to_be_one() -> None:
    assert stacking(compared(cuts=1)).text.startswith(
        "Stacked, the models count BG/NBD 58%, MBG/NBD 42% in the forecast after the data, by what they gave to what came after one date. "
    )


def test_two_dates_are_several() -> None:
    assert "by what they gave to what came after 2 dates. " in stacking(compared(cuts=2)).text


def test_what_is_not_stacked_says_why() -> None:
    assert told(stacking(compared(models=("BG/NBD",))), stacking(Absent("Too few."))) == [
        "stacked_gain | Lead of all models stacked over the best model in log score per customer | none: there is no second model",
        "One model alone cannot be stacked: the forecast is that of BG/NBD.",
        "stacked_gain | Lead of all models stacked over the best model in log score per customer | none: Too few.",
        "absent: Too few.",
    ]
