import numpy as np
import pytest

from goodwill.errors import DataError, FitError
from goodwill.satisfaction.cells import LoyaltyCells, loyalty_cells
from goodwill.satisfaction.curve import FORMS, LoyaltyCurve, binomial_log_likelihood, fit_curves, isotonic, top_ratios

LN6 = np.log(6)
XEROX = LoyaltyCells.of(range(1, 6), (2, 4, 7, 12, 72), [100] * 5)
SKEWED = LoyaltyCells.of(range(1, 6), (1, 3, 12, 50, 202), (50, 80, 170, 420, 280))


@pytest.fixture(scope="module")
def skewed():
    return fit_curves(SKEWED)


@pytest.mark.parametrize(
    ("form", "parameters"), [("exponential", (0.72, LN6)), ("power", (0.72, LN6 / np.log(1.25))), ("market", (0.0, 0.0, LN6, 60.0))]
)
def test_forms_with_six_fold_parameters_have_a_risk_ratio_of_six(form, parameters):
    assert LoyaltyCurve(form, parameters, 1, 5).ratio(5, 4) == pytest.approx(6, rel=1e-9)


def test_six_fold_parameters_are_those_printed():
    assert pytest.approx(1.791759, abs=5e-7) == LN6
    assert pytest.approx(8.0296, abs=5e-5) == LN6 / np.log(1.25)


def test_a_logistic_slope_of_ln_six_is_an_odds_ratio_of_six():
    p4, p5 = LoyaltyCurve("logistic", (-3.0, LN6), 1, 5).probability([4, 5])
    assert p5 / (1 - p5) / (p4 / (1 - p4)) == pytest.approx(6)


def test_counts_of_72_and_12_give_exactly_six_by_themselves_and_under_monotony():
    assert top_ratios(XEROX).loc["risk_ratio", "value"] == pytest.approx(6)
    fitted = isotonic(XEROX)[1]
    assert fitted[4] / fitted[3] == pytest.approx(6)


@pytest.mark.parametrize(
    ("form", "ratio"),
    [("market", 6.001), ("kink", 6.036), ("logistic", 3.593), ("power", 3.777), ("saturating", 3.964), ("exponential", 4.334)],
)
def test_only_a_rich_form_reproduces_the_ratio_of_the_answers(skewed, form, ratio):
    assert top_ratios(SKEWED).loc["risk_ratio", "value"] == pytest.approx(6.060, abs=5e-4)
    assert skewed.curves[form].ratio(5, 4) == pytest.approx(ratio, abs=6e-4)


def test_a_line_that_may_leave_the_scale_of_shares_is_not_maximum_likelihood(skewed):
    """Clipped at 1e-9 the best line has a ratio of 1.483, but gives no chance to an answer that was given; ours stays within 0 and 1."""
    clipped = LoyaltyCurve("linear", (-0.2912115, 0.1509607), 1, 5)
    assert clipped.ratio(5, 4) == pytest.approx(1.483, abs=5e-4)
    assert binomial_log_likelihood(clipped.probability(SKEWED.levels), SKEWED) == -np.inf
    ours = skewed.curves["linear"]
    assert np.isfinite(binomial_log_likelihood(ours.probability(SKEWED.levels), SKEWED))
    assert 0 <= ours.probability(1) < ours.probability(5) <= 1
    assert ours.ratio(5, 4) < 1.5


class TestLimitsOfTheMarketCurve:
    def test_a_floor_of_one_is_constant_loyalty(self):
        curve = LoyaltyCurve("market", (1.0, 0.0, 2.0, 3.0), 1, 5)
        assert curve.ratio(5, 4) == 1

    def test_a_far_threshold_gives_a_ratio_of_e_to_the_k(self):
        assert LoyaltyCurve("market", (0.0, 0.0, 1.7918, 60.0), 1, 5).ratio(5, 4) == pytest.approx(np.exp(1.7918))

    def test_a_sharp_threshold_is_a_step(self):
        assert LoyaltyCurve("market", (0.1, 0.2, 1e4, 3.5), 1, 5).probability([1, 2, 3, 4, 5]) == pytest.approx([0.1, 0.1, 0.1, 0.8, 0.8])

    def test_floor_and_gap_that_add_to_one_leave_the_floor(self):
        assert LoyaltyCurve("market", (0.3, 0.7, 2.0, 3.0), 1, 5).probability([1, 3, 5]) == pytest.approx([0.3] * 3)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("levels", [3, 4, 5, 7, 10, 11])
def test_scales_of_3_to_11_levels(levels):
    s = np.arange(levels)
    n = np.full(levels, 60.0)
    family = fit_curves(LoyaltyCells.of(s, np.round(n * (0.1 + 0.7 * (s / s[-1]) ** 2)), n))
    assert family.table["weight"].sum() == pytest.approx(1)
    average = family.average(np.linspace(s[0], s[-1], 30))
    assert ((average >= 0) & (average <= 1)).all()
    assert set(family.curves) == {form for form, names in FORMS.items() if len(names) < levels}


def test_every_form_is_at_least_as_likely_as_the_constant_it_contains(skewed):
    table = skewed.table.set_index("form")["log_likelihood"]
    assert (table >= table["constant"] - 1e-6).all()
    assert (table <= table["saturated"] + 1e-9).all()


def test_a_true_curve_is_found_again():
    truth = LoyaltyCurve("market", (0.1, 0.05, 1.6, 7.0), 1, 10)
    s = np.arange(1, 11)
    found = fit_curves(LoyaltyCells.of(s, truth.probability(s) * 1e5, np.full(10, 1e5))).curves["market"]
    assert found.parameters == pytest.approx(truth.parameters, rel=0.01)


def test_separable_answers_warn_and_stay_finite():
    family = fit_curves(LoyaltyCells.of(range(1, 6), (0, 0, 0, 20, 30), (10, 10, 10, 20, 30)))
    assert "bounded below" in family.warnings[0]
    assert np.isfinite(family.table["aic"]).all()
    assert np.isfinite([p for curve in family.curves.values() for p in curve.parameters]).all()


def test_small_surveys_are_told_that_the_order_of_forms_means_little():
    assert any("means little" in note for note in fit_curves(XEROX).warnings)


def test_a_level_without_answers_is_a_gap():
    cells = LoyaltyCells.of(range(1, 6), (2, 0, 7, 12, 72), (100, 0, 100, 100, 100))
    frame = cells.to_frame()
    assert np.isnan(frame.loc[1, "loyal_share"])
    assert (frame.loc[1, "lower"], frame.loc[1, "upper"]) == (0, 1)
    assert len(fit_curves(cells).cells.levels) == 4
    with pytest.raises(FitError, match=r"nobody answered 2"):
        top_ratios(cells, 3, 2)


def test_isotonic_fit_of_falling_loyalty_is_one_level():
    _, fitted = isotonic(LoyaltyCells.of(range(1, 6), (90, 70, 50, 30, 10), [100] * 5))
    assert np.ptp(fitted) < 1e-12


class TestCells:
    def test_rows_with_a_gap_are_left_out(self):
        cells = loyalty_cells([1, 2, 2, np.nan, 3], [0, 1, np.nan, 1, 1], levels=[1, 2, 3])
        assert cells.n.tolist() == [1, 1, 1]

    def test_counts_are_people_and_weights_lower_the_effective_number(self):
        counted = loyalty_cells([1, 2], [0, 1], count=[5, 7])
        assert counted.n.tolist() == [5, 7]
        weighted = loyalty_cells([1, 1, 2, 2], [0, 1, 1, 0], weight=[1, 3, 1, 1])
        assert weighted.share == pytest.approx([0.75, 0.5])
        assert weighted.n.tolist() == pytest.approx([1.6, 2])
        assert weighted.respondents.tolist() == [2, 2]

    def test_weights_of_any_unit_give_the_same_cells(self):
        one, other = (loyalty_cells([1, 1, 2, 2], [0, 1, 1, 0], weight=np.array([1, 3, 1, 1]) * unit) for unit in (1, 1000))
        assert np.allclose(one.n, other.n)
        assert np.allclose(one.loyal, other.loyal)

    def test_an_answer_off_the_scale_is_an_error(self):
        with pytest.raises(DataError, match="no level"):
            loyalty_cells([1, 7], [0, 1], levels=[1, 2, 3])

    def test_loyalty_that_is_not_yes_or_no_is_an_error(self):
        with pytest.raises(DataError, match="from which answer on"):
            loyalty_cells([1, 2], [3, 9])

    def test_one_level_only_is_an_error(self):
        with pytest.raises(DataError, match="at least two levels"):
            loyalty_cells([4, 4, 4], [0, 1, 1])


def test_a_kink_on_the_identity_scale_reproduces_the_top_ratio():
    """A line to the three lower levels and a kink between 3 and 4 fit the two upper levels of the skewed counts exactly: 6.060."""
    from scipy.optimize import minimize

    loyal, asked = np.array([1, 3, 12, 50, 202]), np.array([50, 80, 170, 420, 280])
    level = np.arange(1, 6)

    def loss(shape):
        p = np.clip(shape[0] + shape[1] * level + shape[2] * np.maximum(level - shape[3], 0), 1e-9, 1 - 1e-9)
        return -(loyal @ np.log(p) + (asked - loyal) @ np.log1p(-p))

    found = min(
        (
            minimize(
                loss,
                (0.0, 0.02, 0.5, psi),
                method="Nelder-Mead",
                options={"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-12},
            )
            for psi in (3.2, 3.5, 3.9)
        ),
        key=lambda fit: fit.fun,
    )
    base, slope, bend, psi = found.x
    assert 3 < psi < 4
    assert (base + 5 * slope + bend * (5 - psi)) / (base + 4 * slope + bend * (4 - psi)) == pytest.approx(6.060, abs=5e-3)
