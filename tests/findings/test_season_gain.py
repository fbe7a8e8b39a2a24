"""Every wording on seasons in the forecast, reached from what was found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.season_gain import season_gain
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.season_gain import SeasonGain


def found(
    gain: tuple[float, float, float] = (0.02, 0.01, 0.03),
    gains: tuple[tuple[float, float, float], ...] = ((0.03, 0.02, 0.04), (0.01, -0.01, 0.03)),
    factors: tuple[tuple[Any, ...], ...] = (("week 1", "01-01", "01-07", True, 0.8, 0.7, 0.9),),
) -> SeasonGain:
    columns = ["date", "until", "came", "plain", "plain_lower", "plain_upper", "season", "season_lower", "season_upper"]
    days = pd.to_datetime(["2024-03-31", "2024-09-30"]), pd.to_datetime(["2024-06-30", "2024-12-30"])
    totals = [(100.0, 120.0, 110.0, 130.0, 102.0, 90.0, 112.0), (300.0, 240.0, 220.0, 260.0, 282.0, 260.0, 301.0)]
    table = pd.DataFrame([(a, b, *row) for a, b, row in zip(*days, totals, strict=True)], columns=columns)
    table[["gain", "lower", "upper"]] = gains
    frame = pd.DataFrame(factors, columns=["name", "first", "last", "estimated", "factor", "lower", "upper"])
    return SeasonGain(table, Interval(*gain), frame, SimpleNamespace(), "the weeks of the year", 13.0, "week", 2)


def test_a_season_that_is_foretold_is_drawn_and_told() -> None:
    shown = season_gain(
        found(factors=(("week 1", "01-01", "01-07", True, 0.8, 0.7, 0.9), ("week 50", "12-10", "12-16", True, 2.5, 2.2, 2.8)))
    )
    assert told(shown)[0] == (
        "seasons | Who knows the season foretells better: totals missed by 5% instead of 20% | Purchases foretold with a calendar and "
        "without, from several dates, with 95 % intervals; right: the factors of the year. | Purchases. 2024-06-30: came 100, season 102, "
        "plain 120; 2024-12-30: came 300, season 282, plain 240."
    )
    assert shown.text == (
        "Under a calendar of the weeks of the year the busiest is week 50 (12-10 to 12-16), 2.50 [2.20, 2.80] times the mean day. "
        "**The forecast that knows the season is better**: its log score is higher by 0.0200 [0.0100, 0.0300] a customer, and on 2 of 2 "
        "dates. It misses the totals by 5%, the plain model by 20%; their intervals held what came on 2 and 0 of the dates (2 hold-outs do "
        "not overlap). Surely better it is from 2024-03-31."
    )
    assert shown.parts["season_gain"].value.estimate == 0.02
    assert shown.parts["season_gain"].label == "Gain of the forecast that knows the season: log score a customer"
    assert shown.parts["season_dates"].caption == (
        "Purchases after each date, as they came and as both forecasts had them; gain: in log score a customer"
    )
    assert shown.parts["season_factors"].caption == "How much busier than the mean day of the year"
    assert shown.parts["season_factors"].max_rows == 80
    assert shown.parts["season_factors"].formats == {"factor": "{:.2f}", "lower": "{:.2f}", "upper": "{:.2f}"}
    assert shown.parts["season_dates"].formats == {
        "came": "{:,.0f}",
        "plain": "{:,.0f}",
        "season": "{:,.0f}",
        "gain": "{:+.4f}",
        "lower": "{:+.4f}",
        "upper": "{:+.4f}",
    }


def test_what_touches_its_border_is_not_sure() -> None:
    shown = season_gain(
        found(
            gains=((0.0, 0.0, 0.04), (0.0, -0.03, 0.0)),
            factors=(("week 1", "01-01", "01-07", True, 1.2, 1.0, 1.4), ("week 50", "12-10", "12-16", True, 1.4, 1.2, 1.6)),
        )
    )
    assert "the busiest is week 50 (12-10 to 12-16), 1.40 [1.20, 1.60] times the mean day." in shown.text
    assert "on 0 of 2 dates" in shown.text and "Surely" not in shown.text


@pytest.mark.parametrize(
    ("gain", "gains", "title", "said"),
    [
        (
            (-0.02, -0.03, -0.01),
            ((-0.03, -0.04, -0.02), (-0.01, -0.03, 0.01)),
            "Who knows the season foretells worse: totals missed by 5% instead of 20%",
            "**The forecast that knows the season is worse**: its log score is lower by 0.0200 [0.0100, 0.0300] a customer, and higher on "
            "0 of 2 dates. It misses the totals by 5%, the plain model by 20%; their intervals held what came on 2 and 0 of the dates "
            "(2 hold-outs do not overlap). Surely worse it is from 2024-03-31.",
        ),
        (
            (0.002, -0.01, 0.014),
            ((0.03, 0.02, 0.04), (-0.02, -0.03, -0.01)),
            "With the season or without: totals missed by 5% and 20%",
            "**The two forecasts are not told apart**: under the calendar the log score changes by +0.0020 [−0.0100, +0.0140] a customer, "
            "and is higher on 1 of 2 dates. It misses the totals by 5%, the plain model by 20%; their intervals held what came on 2 and 0 "
            "of the dates (2 hold-outs do not overlap). Surely better it is from 2024-03-31, surely worse from 2024-09-30.",
        ),
        (
            (0.002, -0.01, 0.014),
            ((0.01, -0.02, 0.04), (-0.02, -0.03, 0.01)),
            "With the season or without: totals missed by 5% and 20%",
            "**The two forecasts are not told apart**: under the calendar the log score changes by +0.0020 [−0.0100, +0.0140] a customer, "
            "and is higher on 1 of 2 dates. It misses the totals by 5%, the plain model by 20%; their intervals held what came on 2 and 0 "
            "of the dates (2 hold-outs do not overlap).",
        ),
    ],
)
def test_a_gain_is_told_by_its_interval(gain: Any, gains: Any, title: str, said: str) -> None:
    shown = season_gain(found(gain, gains))
    assert told(shown)[0].split(" | ")[1] == title
    assert shown.text == (f"Under a calendar of the weeks of the year no part of the year is surely busier than another. {said}")


def test_the_busiest_of_many_is_named_and_days_that_move_have_no_dates() -> None:
    rows = [("week 50", "12-10", "12-16", True, 2.5, 2.2, 2.8), ("Black Friday", "", "", True, 4.0, 3.0, 5.5)]
    assert season_gain(found(factors=tuple(rows))).text.startswith(
        "Under a calendar of the weeks of the year 2 parts of the year are surely busier than the mean day, most of all Black Friday: "
        "4.00 [3.00, 5.50] times."
    )


def test_what_is_missing_is_said() -> None:
    assert season_gain(Absent("The data are too short.")).parts["season_gain"].reason == "The data are too short."
