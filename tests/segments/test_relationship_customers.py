import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.segments import relationship, transaction_probability


@pytest.fixture(scope="module")
def simulated():
    rng = np.random.default_rng(4)
    true = rng.beta(0.6, 1.4, 20_000)
    frequency = rng.poisson(2, true.size)
    share = rng.binomial(frequency + 1, true) / (frequency + 1)
    return pd.DataFrame({"frequency": frequency, "discount_share": share, "true": true})


def test_the_prior_is_found_again(simulated):
    told = relationship(simulated).settings
    assert told["a"] == pytest.approx(0.6, rel=0.15)
    assert told["b"] == pytest.approx(1.4, rel=0.15)


def test_the_probabilities_are_calibrated(simulated):
    chance = transaction_probability(relationship(simulated), simulated)
    truly = simulated["true"].to_numpy() > 0.5
    for low in (0.0, 0.2, 0.6, 0.8):
        inside = (chance >= low) & (chance < low + 0.2)
        assert truly[inside].mean() == pytest.approx(chance[inside].mean(), abs=0.03)


def test_one_bargain_proves_less_than_ten_and_full_price_speaks_for_a_relationship(simulated):
    seen = pd.DataFrame({"frequency": [0, 9, 9, 0], "discount_share": [1.0, 1.0, 0.0, 0.0]})
    one, ten, loyal, once = transaction_probability(relationship(simulated), seen)
    assert ten > one > once > loyal
    assert list(relationship(simulated).assign(seen)) == ["unsure", "transaction", "relationship", "relationship"]


def test_without_discounts_it_says_that_it_cannot_tell():
    with pytest.raises(DataError, match="purchases alone do not tell transaction customers from relationship customers"):
        relationship(pd.DataFrame({"frequency": [1]}))


def test_a_share_outside_zero_to_one_is_named():
    with pytest.raises(DataError, match=r"holds 40 in row 1: a share of spend lies between 0 and 1"):
        relationship(pd.DataFrame({"frequency": [1, 1], "discount_share": [0.1, 40.0]}))


def test_settings_are_checked():
    with pytest.raises(DataError, match=r"sure=0\.4 between 0.5 and 1"):
        relationship(pd.DataFrame({"frequency": [1], "discount_share": [0.1]}), sure=0.4)
