"""Levers moved together: parts that add up, overlaps, and effects that end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.relationship.small import small, valued

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import (
    ComplaintRates,
    Move,
    Moves,
    Words,
    attribution,
    customer_levers,
    lasting_shares,
    moves_of,
    reliability_of,
    shapley_parts,
)

NAMES = ["a", "b", "c"]
SETS = [frozenset(n for place, n in enumerate(NAMES) if code >> place & 1) for code in range(8)]


@given(st.lists(st.floats(-100, 100), min_size=7, max_size=7))
def test_parts_add_up_to_all_and_are_the_levers_alone_where_they_do_not_meet(values):
    worth = dict(zip(SETS, [0.0, *values], strict=True))
    parts = shapley_parts(NAMES, worth.__getitem__)
    assert sum(parts.values()) == pytest.approx(worth[frozenset(NAMES)], abs=1e-9)
    alone = dict(zip(NAMES, values, strict=False))
    added = shapley_parts(NAMES, lambda moved: sum(alone[name] for name in moved))
    assert added == pytest.approx(alone, abs=1e-9)


@given(st.permutations(NAMES))
def test_the_order_in_which_levers_are_named_does_not_matter(names):
    worth = {each: float(len(each) ** 2 + ("a" in each)) for each in SETS}
    assert shapley_parts(names, worth.__getitem__) == pytest.approx(shapley_parts(NAMES, worth.__getitem__))


def levers():
    return customer_levers(valued(), reliability_of(small().survey, 0.85, 0.8))


@pytest.mark.slow
def test_parts_sum_to_all_and_the_last_one_in_adds_what_is_missing_without_it():
    moves = Moves(valued(), levers())
    found = attribution(moves)
    assert found.table["part"].sum() == pytest.approx(found.together.estimate)
    without = sum(moves.of("retention"))
    last = found.table.set_index("lever").loc["satisfaction", "last_in"]
    assert last == pytest.approx(found.together.estimate - without)
    assert found.interaction == pytest.approx(found.together.estimate - found.table["alone"].sum())
    assert found.together.lower < found.together.estimate < found.together.upper


@pytest.mark.slow
def test_an_effect_that_lasts_half_as_long_brings_less_and_none_brings_nothing():
    whole = sum(Moves(valued(), levers()).of("retention"))
    half = sum(Moves(valued(), levers(), {"retention": 0.5}).of("retention"))
    none = sum(Moves(valued(), levers(), {"retention": 0.0}).of("retention"))
    assert 0 < half < whole
    assert none == pytest.approx(0.0, abs=1e-6)


@pytest.mark.slow
def test_whoever_is_kept_tells_again():
    words = Words(purchase=1.0)
    kept, told = Moves(valued(), levers(), words=words).of("retention")
    assert 0 < told < kept
    assert Moves(valued(), levers()).of("retention") == pytest.approx((kept, 0.0))


def test_what_is_known_of_telling_enters_and_what_is_not_does_not():
    spoken, rates = Interval(3.0, 1.0, 5.0), ComplaintRates(0.02, 0.07)
    words = moves_of(valued(), levers(), lasts={}, spoken=spoken, rates=rates).words
    assert words.recovery == 3.0
    assert words.far == pytest.approx((2 * 1.95996 / 1.64485,) * 2, rel=1e-4)  # of 95 %, from a range of 90 %
    assert moves_of(valued(), levers(), lasts={}).words == Words()
    with pytest.raises(TooLittle, match=r"^No lever is known, so that none can be moved\.$"):
        moves_of(valued(), {}, lasts={})


@pytest.mark.slow
def test_what_is_told_may_lie_anywhere_in_its_range():
    """Of all together: the ends lie as much further away as all that is told may be less or more, 1 to 9 times where 3 is stated."""
    known = levers() | {"recovery": levers()["retention"]._replace(name="recovery", shift=0.0, saved=0.0005)}
    how = {"lasts": {}, "rates": ComplaintRates(0.02, 0.07)}
    sure, ranged = (moves_of(valued(), known, spoken=Interval(3.0, low, high), **how) for low, high in ((3.0, 3.0), (1.0, 9.0)))
    one, other, told = attribution(sure), attribution(ranged), sure.of(*known)[1]
    assert told > 0
    assert other.together.estimate == one.together.estimate
    for side, times in ((1, 2 / 3), (2, 6 / 3)):
        without, reached = (abs(each.together[side] - each.together.estimate) for each in (one, other))
        assert reached == pytest.approx(np.hypot(without, times * told * 1.95996 / 1.64485), rel=1e-3)
    part = other.table.set_index("lever").loc["recovery"]
    assert part["part_high"] - part["part"] > 1.5 * (part["part"] - part["part_low"]) > 0


def test_persistence_that_cannot_be_is_refused():
    with pytest.raises(DataError, match=r"^the effect of 'retention' is said to last for 2 of the horizon; the share lies between"):
        Moves(valued(), levers(), {"retention": 2.0})
    with pytest.raises(
        DataError, match=r"^the effect of 'recovery' lasts for 'long'; write a share of the horizon, such as recovery:0\.5$"
    ):
        lasting_shares(["recovery:long"], ["recovery"])
    with pytest.raises(DataError, match=r"^there is no lever 'speed'; there are: satisfaction, recovery, answer time, retention$"):
        lasting_shares(["speed:0.5"], ["recovery"])
    with pytest.raises(DataError, match=r"^there is no lever to move$"):
        attribution(Moves(valued(), {}))
    assert lasting_shares(["recovery:0.5"], ["retention"]) == {}


@pytest.mark.slow
def test_parts_have_intervals_in_which_every_lever_lies_anywhere_in_its_own():
    table = attribution(Moves(valued(), levers())).table.set_index("lever")
    for column in ("part", "last_in"):
        assert (table[f"{column}_low"] < table[column]).all()
        assert (table[column] < table[f"{column}_high"]).all()
    sure = {name: each._replace(total=Interval(*[each.total.estimate] * 3)) for name, each in levers().items()}
    known = attribution(Moves(valued(), sure))
    assert known.table["part_low"].to_numpy() == pytest.approx(known.table["part"].to_numpy())
    assert known.together.lower == pytest.approx(known.together.upper)
    # What satisfaction may be moves what retention adds last.
    half = {**sure, "satisfaction": levers()["satisfaction"]}
    moved = attribution(Moves(valued(), half)).table.set_index("lever").loc["retention"]
    assert moved["last_in_low"] < moved["last_in"] < moved["last_in_high"]


@pytest.mark.slow
def test_levers_of_complaints_are_moved_by_what_they_spare():
    saved = levers()["retention"]._replace(shift=0.0, saved=0.005)
    alone = Moves(valued(), {"recovery": saved}).of("recovery")[0]
    plain, spared = valued().brought(0.0, Move(saved=0.005))
    assert alone == pytest.approx(spared.money - plain.money)
    half = Moves(valued(), {"recovery": saved}, {"recovery": 0.5}).of("recovery")[0]
    assert 0 < half < alone
    assert attribution(Moves(valued(), {**levers(), "recovery": saved})).table["part"].sum() == pytest.approx(
        sum(Moves(valued(), {**levers(), "recovery": saved}).of("recovery", *levers()))
    )
