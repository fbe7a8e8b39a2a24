import pandas as pd
import pytest

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError
from goodwill.segments import hiatus


def right(rules, customers):
    return ((rules.assign(customers) == "active") == (customers["frequency_holdout"] > 0)).mean()


def test_half_a_year_of_silence_is_right_for_77_percent_of_the_cdnow_sample(sample):
    assert right(hiatus(sample, h=26), sample) == pytest.approx(0.771, abs=0.0005)


def test_h_is_chosen_inside_the_calibration_and_beats_nobody_there(sample):
    transactions = read_transactions("cdnow_sample")
    inner = summarize_purchases(transactions, calibration_end="1997-05-15", end="1997-09-30").to_pandas()
    rules = hiatus(sample, inner=inner)
    assert rules.settings["h"] == pytest.approx(29 / 7)
    assert "77.6 % right in the inner split of 2,357 customers; calling nobody active answers 75.3 % right" in rules.notes[0]
    assert "its hold-out of 19.7" in rules.notes[0]
    assert right(hiatus(inner, h=rules.settings["h"]), inner) == max(right(hiatus(inner, h=h / 7), inner) for h in range(140))


def test_when_no_h_helps_it_says_so():
    inner = pd.DataFrame({"recency": [9.0, 0.0, 0.0], "T": 10.0, "frequency_holdout": [0, 1, 0]})
    with pytest.raises(DataError, match=r"no h answers better than calling nobody active \(66\.7% of 3 customers"):
        hiatus(inner, inner=inner)


def test_exactly_one_of_h_and_inner(sample):
    for given in ({}, {"h": 4, "inner": sample}):
        with pytest.raises(DataError, match="the real hold-out may not choose it"):
            hiatus(sample, **given)


def test_a_negative_h_is_refused(sample):
    with pytest.raises(DataError, match=r"h=-1\.0: a hiatus cannot be negative"):
        hiatus(sample, h=-1)
