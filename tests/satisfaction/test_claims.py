import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.satisfaction.claims import ratio_by_size, six_times


def test_as_a_risk_ratio_it_bounds_the_fours_and_everybody():
    bound = six_times(6, 0.28)
    assert bound["most_at_lower"] == pytest.approx(1 / 6)
    assert bound["most_overall"] == pytest.approx(0.28 + 0.72 / 6) == pytest.approx(0.4)


def test_six_times_more_is_seven_times():
    assert six_times(6, 0.28, wording="times_more")["most_at_lower"] == pytest.approx(1 / 7)


def test_as_odds_sixty_per_cent_against_ninety_will_do():
    implied = six_times(6, 0.28, reading="odds_ratio")
    assert implied["top_when_60%"] == pytest.approx(0.9)
    assert implied["risk_ratio_when_60%"] == pytest.approx(1.5)


def test_no_monotone_loyalty_with_ratio_six_lies_above_the_bound():
    rng = np.random.default_rng(1)
    for _ in range(200):
        p5 = rng.random()
        below = np.sort(rng.random(3)) * p5 / 6
        shares = rng.dirichlet(np.ones(5))
        assert shares @ [*below, p5 / 6, p5] <= six_times(6, shares[4])["most_overall"] + 1e-9


@pytest.mark.parametrize("wrong", [{"factor": 0.5}, {"reading": "hazard"}, {"wording": "twice"}])
def test_other_readings_are_refused(wrong):
    with pytest.raises(DataError):
        six_times(**{"factor": 6, "top_share": 0.3} | wrong)


def test_93_answers_see_a_ratio_of_six_only_as_somewhere_between_three_and_fourteen():
    table = ratio_by_size(0.12, 0.72, (0.42, 0.28), [93, 500, 5000])
    assert table["upper"].iloc[0] / table["lower"].iloc[0] > 4
    assert (table["upper"] / table["lower"]).is_monotonic_decreasing
    assert table["upper"].iloc[2] / table["lower"].iloc[2] < 1.4
