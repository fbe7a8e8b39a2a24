"""The headline: as far ahead as its record reaches, and widened by it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import goodwill as gw
from goodwill.lifetime_value.evidence.headline import headline, recorded_horizon, scenarios
from goodwill.lifetime_value.value import ValueTerms, total_value_interval

SAMPLE = gw.read_transactions("cdnow_sample")


@cache
def whole() -> Any:
    return gw.summarize_purchases(SAMPLE)


@cache
def fits() -> dict[str, Any]:
    return {name: model.fit(whole()) for name, model in gw.PURCHASE_MODELS.items()}


@cache
def spend() -> Any:
    return gw.GammaGamma.fit(whole().spend_rows())


@cache
def found(horizon: float) -> Any:
    terms = ValueTerms(horizon, 0.3, 0.15, "week")
    total = total_value_interval(fits()["BG/NBD"], spend(), whole().to_pandas(), terms, draws=200)
    return headline(SAMPLE, whole(), total, terms, gw.BetaGeoNBD, "independent")


def test_two_windows_without_overlap_fit_into_the_last_three_quarters_of_the_data() -> None:
    assert recorded_horizon(77.86, "week") == 29.0
    assert recorded_horizon(400.0, "week") == pytest.approx(365.25 / 7)
    assert recorded_horizon(0.5, "week") == 0.5


@pytest.mark.slow
def test_the_headline_of_the_cdnow_sample_is_widened_by_two_finished_windows() -> None:
    """Half a year ahead the models' intervals held what came on two of three dates; the page had said a year, with 18,341 to 22,321."""
    now = found(29.0)
    assert (now.record.statements, now.record.disjoint, now.record.held_model) == (3, 2, 2)
    assert now.past["came"].round(-2).to_list() == [18200, 16600, 14000]
    assert now.why is None
    assert now.interval.lower < now.now.lower < now.now.estimate == now.interval.estimate < now.now.upper < now.interval.upper
    assert now.interval.upper / now.interval.lower == pytest.approx(1.78, abs=0.15)


@pytest.mark.slow
def test_a_year_ahead_nothing_is_claimed() -> None:
    now = found(52.0)
    assert now.interval is None
    assert "Only 1 statement without overlap that looks 52 weeks ahead had come due by 1998-06-30" in now.why
    assert (now.record.statements, now.record.disjoint) == (1, 1)


@pytest.mark.slow
def test_where_no_window_has_finished_there_is_no_record() -> None:
    now = found(70.0)
    assert (now.interval, now.record, now.past.empty) == (None, None, True)


def test_scenarios_are_a_range_over_models() -> None:
    table = scenarios(fits(), spend(), whole().to_pandas(), ValueTerms(29.0, 0.3, 0.15, "week"))
    assert table["year"].round().to_dict() == {"BG/NBD": 20298.0, "MBG/NBD": 20014.0, "Pareto/NBD": 20971.0}
    assert table["unlimited"].round(-2).to_list() == [90900.0, 90300.0, 104500.0]
    endless = scenarios(fits(), spend(), whole().to_pandas(), ValueTerms(29.0, 0.3, 0.0, "week"))
    assert endless["unlimited"].isna().all() and (endless["year"] > table["year"]).all()
