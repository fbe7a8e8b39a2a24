import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodwill.errors import DataError, TooLittle
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.curve import LoyaltyCurve
from goodwill.satisfaction.notch import NotchTerms, Retention, assumption_grid, money_terms, moved_value, notch_values, retained_value

ODDS_SIX = LoyaltyCells.of((1, 2, 3, 4, 5), (10, 20, 40, 120, 180), (50, 60, 100, 200, 200))
WHOLE = NotchTerms(margin=100, discount_rate=0.1, causal_share=1.0, persistence=1.0)


@pytest.mark.parametrize(
    ("lower", "upper", "values"),
    [
        (0.12, 0.72, (12.2, 189.5, 177.2)),
        (0.60, 0.90, (120, 450, 330)),
        (0.677, 0.819, (160.0, 291.5, 131.4)),
        (0.90, 0.91, (450, 478.9, 28.9)),
    ],
)
def test_notches_at_ten_per_cent_and_a_margin_of_100(lower, upper, values):
    low, high = retained_value([lower, upper], 100, 0.1)
    assert (low, high, high - low) == pytest.approx(values, abs=0.06)
    assert moved_value(lower, upper, 100, 0.1, 1.0) == pytest.approx(high - low)


def test_a_move_of_which_half_falls_back_each_year_is_worth_about_a_hundred():
    assert moved_value(0.6, 0.9, 100, 0.1, 0.5) == pytest.approx(101.5, abs=0.05)


def test_a_move_that_lasts_no_period_is_worth_only_the_first_renewal():
    assert moved_value(0.6, 0.9, 100, 0.1, 0.0) == pytest.approx((0.9 - 0.6) * (100 + 120) / 1.1)


def test_persistence_agrees_with_simulated_customers():
    rng, n = np.random.default_rng(1), 200_000

    def value(first, later, persistence):
        alive, moved, total = np.ones(n, bool), np.ones(n, bool), np.zeros(n)
        for t in range(1, 120):
            alive &= rng.random(n) < np.where(moved, first, later)
            total += alive * 100 / 1.1**t
            moved &= rng.random(n) < persistence
        return total.mean()

    assert value(0.9, 0.6, 0.5) - 120 == pytest.approx(101.5, abs=1.5)


@given(st.floats(0, 0.99), st.floats(0, 0.99), st.floats(0, 1), st.floats(0.01, 0.5))
def test_equal_levels_are_worth_nothing_and_higher_ones_more(a, b, persistence, discount):
    low, high = sorted((a, b))
    assert moved_value(low, low, 100, discount, persistence) == pytest.approx(0, abs=1e-9)
    assert moved_value(low, high, 100, discount, persistence) >= -1e-9
    assert moved_value(low, high, 100, discount, persistence) <= moved_value(low, high, 100, discount, 1.0) + 1e-9


def test_value_of_one_half_at_no_discount_is_the_margin():
    assert retained_value(0.5, 100, 1e-9) == pytest.approx(100)


def test_value_is_convex_so_that_the_mean_retention_understates_the_mean_value():
    r = np.random.default_rng(1).beta(6, 4, 10_000)
    assert retained_value(r, 100, 0.1).mean() > retained_value(r.mean(), 100, 0.1)


def test_values_of_notches_hold_the_plug_in_and_scale_with_the_causal_share():
    table = notch_values(ODDS_SIX, WHOLE, Retention())
    assert table.iloc[-1]["lower"] < 330 < table.iloc[-1]["upper"]
    half = notch_values(ODDS_SIX, NotchTerms(100, 0.1, 0.5, 1.0), Retention())
    assert np.allclose(half["value"] * 2, table["value"])
    assert notch_values(ODDS_SIX, NotchTerms(100, 0.1, 0.0, 1.0), Retention())["value"].abs().max() == 0


def test_the_same_seed_gives_the_same_value_and_totals_count_moved_customers():
    first, again = (notch_values(ODDS_SIX, WHOLE, Retention(), moved=[0, 0, 0, 50]) for _ in range(2))
    assert first.equals(again)
    assert first["total"].iloc[-1] == pytest.approx(50 * first["value"].iloc[-1])


def test_the_grid_runs_over_both_assumptions():
    grid = assumption_grid(ODDS_SIX, (4.0, 5.0), WHOLE, Retention())
    assert grid.loc[1.0, 1.0] == pytest.approx(notch_values(ODDS_SIX, WHOLE, Retention()).iloc[-1]["value"], rel=0.02)
    assert (grid[0.0] == 0).all()
    assert grid[1.0].is_monotonic_increasing


def test_an_intention_needs_a_stated_mapping():
    mapping = Retention(if_loyal=0.8, if_not=0.3, source="panel of last year")
    assert mapping.of([0, 1]) == pytest.approx([0.3, 0.8])
    assert notch_values(ODDS_SIX, WHOLE, mapping)["value"].iloc[-1] < notch_values(ODDS_SIX, WHOLE, Retention())["value"].iloc[-1]
    with pytest.raises(DataError):
        Retention(if_loyal=1.2)


def test_a_monopoly_notch_is_worth_next_to_nothing():
    curve = LoyaltyCurve("market", (1 - 1e-6, 0.0, 2.0, 3.0), 1, 5)
    r = curve.probability([4, 5])
    assert moved_value(r[0], r[1], 100, 0.1, 1.0) < 0.01


@pytest.mark.parametrize("wrong", [{"discount_rate": 0.0}, {"causal_share": 1.5}, {"persistence": -0.1}])
def test_impossible_terms_are_refused(wrong):
    with pytest.raises(DataError):
        NotchTerms(**{"margin": 100, "discount_rate": 0.1, "causal_share": 0.5, "persistence": 0.5} | wrong)


GIVEN = {"margin": 40.0, "discount_rate": 0.05, "persistence": 0.3, "kind": "intention", "if_loyal": 0.9, "if_not": 0.2}


def test_money_rests_on_what_the_user_states():
    terms, stays = money_terms(**GIVEN)
    assert terms == NotchTerms(40.0, 0.05, 1.0, 0.3)
    assert (stays.if_loyal, stays.if_not) == (0.9, 0.2)


@pytest.mark.parametrize("lacking", ["margin", "persistence", "if_loyal", "if_not"])
def test_nothing_is_put_in_the_place_of_what_is_not_stated(lacking):
    unknown = {"margin": 0.0, "persistence": -1.0, "if_loyal": -1.0, "if_not": -1.0}
    with pytest.raises(TooLittle, match="No value in money is given"):
        money_terms(**GIVEN | {lacking: unknown[lacking]})


def test_a_move_that_does_not_last_and_a_retention_of_none_are_statements():
    terms, stays = money_terms(**GIVEN | {"persistence": 0.0, "if_not": 0.0})
    assert (terms.persistence, stays.if_not) == (0.0, 0.0)


def test_behaviour_is_its_own_retention():
    _, stays = money_terms(**GIVEN | {"kind": "behaviour", "if_loyal": -1.0, "if_not": -1.0})
    assert (stays.if_loyal, stays.if_not) == (1.0, 0.0)
