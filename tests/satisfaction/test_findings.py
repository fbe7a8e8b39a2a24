import re

import numpy as np
import pytest

from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.findings import (
    headline,
    jump_sentence,
    kink_sentence,
    relation,
    relation_sentence,
    shape_sentence,
    zones_sentence,
)
from goodwill.satisfaction.kink import kink_set
from goodwill.satisfaction.markets import outcome_by_level, share_by_level
from goodwill.satisfaction.turning_points import zone_posterior

XEROX = LoyaltyCells.of(range(1, 6), (4, 8, 14, 24, 144), [200] * 5)
FALLING = LoyaltyCells.of(range(1, 6), (90, 70, 50, 30, 10), [100] * 5)
FLAT = LoyaltyCells.of(range(1, 6), [44] * 5, [50] * 5)
SEPARABLE = LoyaltyCells.of(range(1, 6), (0, 0, 0, 20, 30), (10, 10, 10, 20, 30))
GAP = LoyaltyCells.of(range(1, 6), (4, 0, 14, 24, 144), (200, 0, 200, 200, 200))


def sentences(cells):
    return [
        relation_sentence(cells),
        jump_sentence(cells),
        kink_sentence(kink_set(cells), len(cells.levels)),
        zones_sentence(zone_posterior(cells)),
    ]


def test_the_jump_is_placed_between_levels_and_no_closer():
    assert jump_sentence(XEROX) == "The jump lies between 4 and 5 (95%); its exact place cannot be seen on a 5-point scale."
    assert "between 4 and 5 a 5-point scale shows no place" in kink_sentence(kink_set(XEROX), 5)


def test_falling_loyalty_shows_no_increasing_relation():
    assert relation(FALLING) == "falls"
    assert relation_sentence(FALLING).startswith("These answers show no increasing relation: loyalty falls")
    assert "no jump" in jump_sentence(FALLING)


def test_flat_loyalty_is_one_zone_without_an_increasing_relation():
    assert "no increasing relation" in relation_sentence(FLAT)
    assert "flat one" in relation_sentence(FLAT)
    assert zones_sentence(zone_posterior(FLAT)).startswith("The levels form one zone")
    assert "not needed" in kink_sentence(kink_set(FLAT), 5)


def test_93_answers_do_not_place_a_moderate_jump():
    few = LoyaltyCells.of(range(1, 6), (1, 3, 8, 26, 21), (5, 8, 16, 38, 26))
    assert "these answers cannot say which" in jump_sentence(few)


def test_a_fall_within_a_rise_is_told():
    dented = LoyaltyCells.of(range(1, 6), (20, 160, 60, 180, 190), [200] * 5)
    assert "from 2 to 3 it surely falls" in relation_sentence(dented)


@pytest.mark.parametrize("cells", [XEROX, FALLING, FLAT, SEPARABLE, GAP])
def test_sentences_are_made_for_every_kind_of_data_and_never_speak_of_effects(cells):
    for sentence in sentences(cells):
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert not re.search(r"\b(effect|cause|leads? to|because of|impact|drives?)\b", sentence)


def test_separable_answers_have_their_place_bounded_not_located():
    assert "not located" in kink_sentence(kink_set(SEPARABLE), 5)


def test_chance_alone_rarely_finds_a_rise():
    rng = np.random.default_rng(1)
    found = [relation(LoyaltyCells.of(range(1, 6), rng.binomial(40, 0.5, 5), [40] * 5)) for _ in range(400)]
    assert np.mean([f != "not shown" for f in found]) < 0.09


def test_shapes_are_compared_only_where_the_answers_allow_it():
    rng = np.random.default_rng(1)
    s = np.repeat(np.arange(1, 11), 300)
    answer = np.clip(np.rint(s + rng.standard_normal(len(s))), 1, 10)

    tables = [outcome_by_level(s, outcome, levels=range(1, 11)) for outcome in (answer, (answer >= 9).astype(float))]
    assert shape_sentence(*tables).startswith("The shape depends on the outcome chosen: the upper half of the scale holds 49%")
    few = share_by_level(LoyaltyCells.of(range(1, 6), (1, 1, 2, 2, 3), [5] * 5))
    assert "too few" in shape_sentence(few, few)
    assert "do not rise" in shape_sentence(*[outcome_by_level(s, -answer, levels=range(1, 11))] * 2)


def test_a_headline_is_the_beginning_of_its_sentence():
    assert headline("The jump lies between 4 and 5 (95%); its place cannot be seen.") == "The jump lies between 4 and 5"
    assert headline("Nothing is shown.") == "Nothing is shown"


def test_a_kink_that_may_be_anywhere_is_said_to_be_anywhere():
    found = kink_set(LoyaltyCells.of((1, 2, 3, 4, 5), (5, 0, 15, 40, 90), (25, 0, 45, 70, 100)))
    assert found.needed
    assert "anywhere on the scale" in kink_sentence(found, 5)
