"""Every wording on the intervals of a purchase model and their record, reached from data."""

from __future__ import annotations

from typing import Any

import pandas as pd
from tests.findings.told import told

from goodwill.findings.finding import Absent
from goodwill.findings.purchases.purchase_intervals import coverage, next_purchases, record_key
from goodwill.inference.track_record import Prior
from goodwill.lifetime_value.evidence.rolling import RollingCoverage


def covered(cuts: int = 6, record: bool = True) -> RollingCoverage:
    """Hold-outs of 8 weeks every 4 weeks: the model's interval of the total holds on every second date, the widened one always."""
    rows = []
    for number, cut in enumerate(pd.date_range("2025-01-05", periods=cuts, freq="28D")):
        for group in ("total", "0", "1+"):
            came = 100 + 30 * (number % 2)
            past = min(number, 3) if record else min(number, 1)
            rows.append((cut, cut + pd.Timedelta(days=56), group, 50, 100.0, 90.0, 110.0, came, came <= 110, past, 60.0, 140.0, True))
    names = ["cut", "end", "group", "customers", "estimate", "lower", "upper", "actual", "held", "past"]
    names += ["wide_lower", "wide_upper", "wide_held"]
    return RollingCoverage(pd.DataFrame(rows, columns=names), pd.DataFrame(), 8.0, "week", 0.95)


FIGURE = (
    "Interval of the total from each date, as MBG/NBD gives it and widened by its record; dots are what came. Hold-outs "
    "overlap. | Totals by date. 2025-01-05: lower 90, upper 110, actual 100; 2025-02-02: lower 90, upper 110, actual 130."
)
TABLE = (
    "coverage | How often intervals held what came, by group (classes: repeat purchases before the date); intervals of the shares count "
    "only hold-outs that do not overlap | group, cuts, disjoint, held, held_lower, held_upper, later_cuts, later_disjoint, before, "
    "before_lower, before_upper, after, after_lower, after_upper, wider"
)


def test_shares_of_dates_state_their_number_their_interval_and_the_overlap() -> None:
    found = told(coverage(covered(), "MBG/NBD"))
    assert found[:2] == [
        "coverage_before | Dates on which the 95 % interval of the total held | 0.5 [0.09453, 0.9055] share",
        "coverage_after | ... when widened by its own record | 1 [0.3424, 1] share",
    ]
    assert found[2].startswith(
        "rolling_intervals | The interval held the total on 3 of 6 dates; of the last 4 it held 2, and widened by its record 4 | "
        "Interval of the total from each date, as MBG/NBD gives it"
    )
    assert found[3:] == [
        TABLE,
        "Over 6 dates (3 hold-outs of 8 weeks without overlap) the 95% interval of the total held what came on 3, 50% [13%, 87%]. On the 4 "
        "with two or more finished hold-outs behind them (2 without overlap) it held on 2 as the forecast gave it, {coverage_before}, and "
        "on 4 when widened by that record, {coverage_after}. The intervals of these shares count only hold-outs that do not overlap.",
    ]


def test_without_a_record_no_share_is_given_for_later_dates() -> None:
    assert told(coverage(covered(2, record=False), "MBG/NBD")) == [
        "coverage_before | Dates on which the 95 % interval of the total held | none share: too few hold-outs were over in time",
        "coverage_after | ... when widened by its own record | none share: too few hold-outs were over in time",
        f"rolling_intervals | The interval held the total on 1 of 2 dates | {FIGURE}",
        TABLE,
        "Over 2 dates (1 hold-out of 8 weeks without overlap) the 95% interval of the total held what came on 1, 50% [5%, 95%]; too few "
        "hold-outs were over in time to widen a later one.",
    ]


def soon(past: int) -> pd.DataFrame:
    names = ["group", "customers", "estimate", "lower", "upper", "past", "wide_lower", "wide_upper"]
    return pd.DataFrame(
        [("total", 90, 291.2, 254.0, 330.0, past, 200.0, 421.0), ("0", 50, 60.0, 50.0, 70.0, 2, 30.0, 110.0)], columns=names
    )


BY_CLASS = (
    "next_by_class | Purchases expected in the 8 weeks after the data, by repeat purchases so far: the interval of MBG/NBD, and the one "
    "widened by the record of the class | group, customers, estimate, lower, upper, past, wide_lower, wide_upper | {'estimate': '{:,.0f}', "
    "'lower': '{:,.0f}', 'upper': '{:,.0f}', 'past': '{:,.0f}', 'wide_lower': '{:,.0f}', 'wide_upper': '{:,.0f}'}"
)


PRIOR = Prior(tau=0.12, degrees=1.5, source="three other shops")


def test_the_forecast_after_the_data_is_given_with_and_without_its_record() -> None:
    found = next_purchases(soon(2), covered(), "MBG/NBD", PRIOR)
    assert told(found) == [
        "next_purchases | Purchases in the 8 weeks after the data, as MBG/NBD gives them | 291.2 [254, 330] purchases",
        "next_purchases_widened | The same, with the interval widened by its record | 291.2 [200, 421] purchases",
        BY_CLASS,
        "From the end of the data {next_purchases} are expected in a period of that length. With the record taken in: "
        "{next_purchases_widened:interval}. The narrower interval carries the uncertainty of this model's parameters, and chance, but not "
        "that another model may be right. The wider one also carries what the model misses: how far 2 hold-outs in these data fell outside "
        "of what was claimed, and how far forecasts in other data did (12%, worth 1.5 hold-outs; three other shops). The widened interval "
        "serves this horizon only; further ahead it is still too narrow.",
    ]
    widened: Any = found.parts["next_purchases_widened"]
    assert (widened.model_interval, widened.reason) == ((254.0, 330.0), None)


def test_with_one_holdout_behind_it_no_interval_is_claimed() -> None:
    found = next_purchases(soon(1), covered(), "MBG/NBD")
    widened: Any = found.parts["next_purchases_widened"]
    assert widened[:4] == (291.2, "The same, with the interval widened by its record", "purchases", None)
    assert widened.reason == "fewer than two hold-outs without overlap are behind this forecast"
    assert found.text == (
        "From the end of the data {next_purchases} are expected in a period of that length, if what the models assume is right. Fewer "
        "than two hold-outs without overlap are behind it, so that no interval is claimed beyond that."
    )


def test_where_no_model_could_be_fitted_the_values_have_a_reason() -> None:
    absent: Any = Absent("Too few customers.")
    assert told(coverage(absent, absent), next_purchases(absent, absent, absent)) == [
        "coverage_before | Dates on which the 95 % interval of the total held | none share: Too few customers.",
        "coverage_after | ... when widened by its own record | none share: Too few customers.",
        "absent: Too few customers.",
        "next_purchases | Purchases in the time after the data, as the models give them | none purchases: Too few customers.",
        "next_purchases_widened | The same, with the interval widened by its record | none purchases: Too few customers.",
        "absent: Too few customers.",
    ]


def test_all_models_together_are_called_the_stacked_forecast() -> None:
    (drawn,) = (one for one in told(coverage(covered(), "stacked")) if one.startswith("rolling_intervals"))
    assert "| Interval of the total from each date, as the stacked forecast gives it and widened by its record;" in drawn
    found = told(next_purchases(soon(3), covered(), "stacked", PRIOR))
    assert (
        found[0]
        == "next_purchases | Purchases in the 8 weeks after the data, as the stacked forecast gives them | 291.2 [254, 330] purchases"
    )
    assert found[2].startswith(
        "next_by_class | Purchases expected in the 8 weeks after the data, by repeat purchases so far: the interval of the stacked "
        "forecast, and the one widened by the record of the class |"
    )
    assert found[3] == (
        "From the end of the data {next_purchases} are expected in a period of that length. With the record taken in: "
        "{next_purchases_widened:interval}. The narrower interval carries the uncertainty of which model it is (one is drawn for all "
        "customers together), of parameters, and chance. The wider one also carries what all models miss: how far 3 hold-outs in these "
        "data fell outside of what was claimed, and how far forecasts in other data did (12%, worth 1.5 hold-outs; three other shops). "
        "The widened interval serves this horizon only; further ahead it is still too narrow."
    )


def test_two_finished_holdouts_are_a_record() -> None:
    assert [record_key(covered(cuts)) for cuts in (2, 3)] == ["unrecorded", "recorded"]
