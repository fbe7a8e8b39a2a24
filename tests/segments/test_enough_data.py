import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.segments import sufficiency


def test_cdnow_is_enough_for_everything(cdnow):
    found = sufficiency(cdnow)
    assert found.enough
    assert (found.buyers, round(found.repeaters, 3), found.windows) == (23_570, 0.401, 2)


def test_too_few_buyers_are_told_what_is_still_possible(cdnow):
    found = sufficiency(cdnow.head(300))
    assert found.table["possible"].tolist() == [True, True, False, False, False, False]
    assert found.table["why"].tolist() == ["", "", *["300 customers are fewer than 500"] * 4]


def test_one_window_and_no_repeats_and_no_money_are_told(cdnow):
    once = cdnow[["frequency"]].assign(frequency=0)
    found = sufficiency(once)
    assert (found.windows, found.repeaters) == (1, 0.0)
    for reason in ("there is no second window", "0.0% repeaters are fewer than 5%", "there is no money"):
        assert found.table["why"].str.contains(reason).any()


def test_nobody_allows_nothing():
    found = sufficiency(pd.DataFrame({"frequency": []}))
    assert not found.table["possible"].any()


def test_frequency_is_needed():
    with pytest.raises(DataError, match="column 'frequency' is missing"):
        sufficiency(pd.DataFrame({"spend": [1.0]}))
