"""How many events come within four weeks: the interval holds as often as it claims, and nothing is said of too short a log."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from goodwill.errors import TooLittle
from goodwill.inference.counts_ahead import FEWEST, count_ahead, counts_of
from goodwill.inference.ledger import FOUR_WEEKS, drift

START = date(2024, 1, 1)


def days_of(rng: np.random.Generator, days: int, rate: float) -> list[date]:
    return [START + timedelta(days=int(day)) for day in np.repeat(np.arange(days), rng.poisson(rate, days))]


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.3, 3.0])
def test_of_steady_complaints_the_interval_holds_as_often_as_it_claims(rate: float):
    rng, held = np.random.default_rng(1), 0
    for _ in range(400):
        days = days_of(rng, 364 + FOUR_WEEKS, rate)
        until = START + timedelta(days=363)
        one = count_ahead("complaints", [day for day in days if day <= until], until, label="Complaints", unit="complaints")
        (found,) = counts_of(days, until + timedelta(days=FOUR_WEEKS), [one])
        assert found.came == sum(until < day <= one.due for day in days)
        held += bool(found.statement.held)
    assert 0.92 < held / 400 <= 1


@pytest.mark.slow
def test_steady_complaints_are_marked_falsely_in_few_years():
    rng, alarms = np.random.default_rng(1), 0
    for _ in range(200):
        days, said = days_of(rng, 2 * 364, 1.0), []
        for place in range(13):
            until = START + timedelta(days=363 + FOUR_WEEKS * place)
            one = count_ahead("complaints", [day for day in days if day <= until], until, label="", unit="complaints")
            said += counts_of(days, one.due, [one])
        alarms += drift(said).is_more_than_chance
    assert alarms <= 10


def test_a_window_that_is_not_over_or_a_log_that_began_earlier_is_left_open():
    days = [START + timedelta(days=place) for place in range(200)]
    one = count_ahead("complaints", days, days[-1], label="", unit="complaints")
    assert counts_of(days, one.due - timedelta(days=1), [one]) == []
    assert counts_of(days[1:], one.due, [one]) == []
    assert counts_of([], one.due, [one]) == []


def test_too_short_a_log_says_nothing():
    days = [START + timedelta(days=place) for place in range(FEWEST * FOUR_WEEKS - 1)]
    with pytest.raises(TooLittle, match=r"^5 windows of four weeks are too few to say what the next one brings; 6 are needed\.$"):
        count_ahead("complaints", days, days[-1], label="", unit="complaints")
