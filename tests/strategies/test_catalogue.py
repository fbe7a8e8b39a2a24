"""Catalogues are read whole or refused with a sentence that names file, entry and key."""

import pytest
import yaml

from goodwill.errors import DataError
from goodwill.strategies.catalogue import DO_NOTHING, EFFECTS, Catalogue, Effect
from goodwill.strategies.catalogue_file import STARTER, read_catalogue, starter_catalogue

SEGMENTS = ("gold", "silver", "iron", "lead")


def entry(**changes: object) -> dict[str, object]:
    plain: dict[str, object] = {"id": "call", "name": "Call them", "unit_cost": 2, "effects": {"frequency": {"mean": 0.1, "sd": 0.05}}}
    return {key: value for key, value in (plain | changes).items() if value is not None}


def read(*entries: dict[str, object], **top: object) -> Catalogue:
    return read_catalogue(yaml.safe_dump({"strategies": list(entries), **top}), SEGMENTS)


def test_do_nothing_is_always_the_first_strategy_and_free():
    for catalogue in (read(entry()), read(entry(), {"id": DO_NOTHING, "name": "Leave them alone", "unit_cost": 0})):
        assert catalogue.ids == (DO_NOTHING, "call")
        assert catalogue.strategies[0].unit_cost == 0 and catalogue.strategies[0].eligible == SEGMENTS


def test_the_starter_catalogue_is_all_assumption_and_says_so():
    catalogue = starter_catalogue(SEGMENTS, order_value=35.0)
    assert len(catalogue.active) == 9
    assert {each.evidence for each in catalogue.active} == {"D"}
    assert all("assumed" in each.assumptions and each.source for each in catalogue.active)
    assert all(each.effects and each.eligible for each in catalogue.active)
    assert {name for each in catalogue.active for name in each.effects} == set(EFFECTS)


def test_costs_in_mean_orders_become_money():
    dear, cheap = starter_catalogue(SEGMENTS, 70.0), starter_catalogue(SEGMENTS, 35.0)
    for one, other in zip(dear.active, cheap.active, strict=True):
        assert one.unit_cost == pytest.approx(2 * other.unit_cost) and one.fixed_cost == pytest.approx(2 * other.fixed_cost)
    with pytest.raises(DataError, match="mean orders"):
        read_catalogue(STARTER, SEGMENTS)


@pytest.mark.parametrize("names", [("one",), ("one", "two"), ("a", "b", "c"), tuple("abcdefghij")])
def test_the_starter_catalogue_fits_any_number_of_segments(names):
    for each in starter_catalogue(names, 1.0).active:
        assert set(each.eligible) <= set(names)


def test_text_of_a_catalogue_reads_back_exactly():
    catalogue = starter_catalogue(SEGMENTS, 35.0)
    assert read_catalogue(catalogue.to_text(), SEGMENTS) == catalogue


def test_thirds_of_the_segments_can_be_meant_by_a_word():
    by_word = {word: read(entry(eligible=word)).strategy("call").eligible for word in ("all", "upper", "middle", "lower")}
    assert by_word == {"all": SEGMENTS, "upper": ("gold",), "middle": ("silver", "iron"), "lower": ("lead",)}


def test_an_eighty_per_cent_range_is_two_and_a_half_standard_deviations_wide():
    effect = read(entry(effects={"spend": {"low": 0.0, "high": 0.1}})).strategy("call").effects["spend"]
    assert effect.mean == pytest.approx(0.05) and effect.sd == pytest.approx(0.1 / 2.563103, rel=1e-6)


def test_costs_per_month_are_converted_when_the_file_says_how():
    months = entry(cost_period="month", effect_period="year", cost_periods_per_effect_period=12)
    assert read(months).strategy("call").unit_cost == 24
    assert read(entry(), period="quarter").strategy("call").years == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost_period": "month"}, "costs are stated per month and effects per year"),
        ({"cost_periods_per_effect_period": 12}, "both stated per year"),
        ({"cost_period": "fortnight"}, "'cost_period' is 'fortnight'"),
        ({"unit_cost": -1}, "'unit_cost' is -1; it must not be below 0"),
        ({"fixed_cost": -5}, "'fixed_cost' is -5"),
        ({"unit_cost": "two"}, "'unit_cost' is 'two'; it must be a number"),
        ({"unit_cost": None}, "'unit_cost' is missing"),
        ({"unit_cost": float("nan")}, "must be a number"),
        ({"capacity": -1}, "'capacity'"),
        ({"eligible": ["gold", "platinum"]}, "'eligible' names 'platinum', but there is no such segment, only gold, silver, iron, lead"),
        ({"eligible": "best"}, "'eligible' is 'best'"),
        ({"service_floor": {"platinum": 0.5}}, "'service_floor' names 'platinum'"),
        ({"service_floor": {"gold": 1.5}}, "'service_floor: gold' is 1.5"),
        ({"service_floor": {"gold": 0.5}, "eligible": ["iron"]}, "promises it to segment 'gold', which is not eligible"),
        ({"effects": {"retention": {"mean": 1.2, "sd": 0.1}}}, "'effects: retention: mean' is 1.2"),
        ({"effects": {"complaint_recovery": {"mean": -0.1, "sd": 0.1}}}, "complaint_recovery"),
        ({"effects": {"spend": 0.05}}, "give mean and sd, or an 80 % range"),
        ({"effects": {"spend": {"mean": 0.05, "sd": -1}}}, "'effects: spend: sd' is -1"),
        ({"effects": {"spend": {"low": 0.1, "high": 0.2, "mean": 0.3}}}, "the mean must lie between"),
        ({"effects": {"spend": {"low": 0.1, "high": 0.2, "sd": 0.3}}}, "both sd and a range"),
        ({"effects": {"frequenzy": {"mean": 0.05, "sd": 0.1}}}, "unknown key 'effects: frequenzy'; do you mean 'frequency'"),
        ({"unit_kost": 3}, "unknown key 'unit_kost'; do you mean 'unit_cost'"),
        ({"evidence": "E"}, "'evidence' is E"),
        ({"reach": 1.5}, "'reach' is 1.5"),
        ({"carry_over_periods": -1}, "carry_over_periods"),
        ({"name": ""}, "'name' is missing"),
    ],
)
def test_what_cannot_be_meant_is_named(changes, message):
    with pytest.raises(DataError) as raised:
        read(entry(**changes))
    assert message in str(raised.value) and "strategy 'call'" in str(raised.value)


def test_errors_name_the_file(tmp_path):
    file = tmp_path / "plans.yaml"
    file.write_text("strategies:\n  - {id: call, name: Call, unit_cost: -2}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"plans\.yaml, strategy 'call': key 'unit_cost' is -2"):
        read_catalogue(file, SEGMENTS)
    with pytest.raises(DataError, match="cannot be read"):
        read_catalogue(tmp_path / "none.yaml", SEGMENTS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("strategies: [\n", "not YAML"),
        ("strategies: []\n", "at least one entry"),
        ("- 1\n- 2\n", "there must be keys here"),
        ("strategies:\n  - id: a\n    name: A\n    unit_cost: 1\n    unit_cost: 2\n", "'unit_cost' stands twice"),
        ("strategies:\n  - !!python/object/apply:os.system ['true']\n", "not YAML"),
        ("strategies:\n  - {id: a, name: A, unit_cost: 1}\n  - {id: a, name: B, unit_cost: 1}\n", "two strategies have the id 'a'"),
        ("strategies:\n  - {id: do_nothing, name: Nothing, unit_cost: 1}\n", "costs nothing"),
    ],
)
def test_files_that_are_no_catalogue_are_refused(text, message):
    with pytest.raises(DataError) as raised:
        read_catalogue(text, SEGMENTS)
    assert message in str(raised.value)


def test_a_measured_effect_is_graded_a_where_it_was_measured():
    strategy = read(entry(measured={"gold": {"mean": 3, "sd": 1}})).strategy("call")
    assert strategy.measured == {"gold": Effect(3.0, 1.0)}
    assert (strategy.grade("gold"), strategy.grade("iron")) == ("A", "D")
