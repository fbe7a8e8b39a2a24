"""Bass diffusion: fits of three well-known series, profile intervals, and the value of a lost adopter."""

import numpy as np
import pytest

from goodwill.errors import DataError, FitError
from goodwill.word_of_mouth.adoption import DURABLES, BassDiffusion, fit_bass, fit_bass_by_likelihood

AIR_CONDITIONERS, COLOUR_TELEVISION, CLOTHES_DRYERS = DURABLES.values()
SERIES = pytest.mark.parametrize(
    ("adopters", "estimates", "errors", "residual", "explained", "by_likelihood"),
    [
        (AIR_CONDITIONERS, (0.00944, 0.3748, 18_713), (0.00204, 0.0402, 1_411), 184.8, 0.933, (0.00717, 0.4234, 17_639)),
        (COLOUR_TELEVISION, (0.01847, 0.6159, 39_659), (0.00322, 0.0542, 2_267), 437.2, 0.970, (0.01604, 0.6562, 38_629)),
        (CLOTHES_DRYERS, (0.01360, 0.3267, 16_497), (0.00230, 0.0364, 1_234), 145.9, 0.918, (0.01194, 0.3523, 15_947)),
    ],
    ids=["room air conditioners", "colour television", "clothes dryers"],
)


def rounded(model):
    return round(model.p, 5), round(model.q, 4), round(model.market)


@SERIES
def test_interval_least_squares(adopters, estimates, errors, residual, explained, by_likelihood):
    fit = fit_bass(adopters)
    assert fit.form == "interval least squares"
    assert rounded(fit.model) == estimates
    assert (round(fit.standard_errors[0], 5), round(fit.standard_errors[1], 4), round(fit.standard_errors[2])) == errors
    assert (round(fit.residual_error, 1), fit.r_squared) == (residual, pytest.approx(explained, abs=6e-4))


@SERIES
def test_maximum_likelihood(adopters, estimates, errors, residual, explained, by_likelihood):
    fit = fit_bass_by_likelihood(adopters)
    assert fit.form == "maximum likelihood"
    assert rounded(fit.model) == by_likelihood


@pytest.mark.sampled(1)
@SERIES
def test_profile_interval_of_the_market_reaches_further_up_than_down(adopters, estimates, errors, residual, explained, by_likelihood):
    low, high = fit_bass(adopters).market_interval()
    assert low < estimates[2] < high
    assert high - estimates[2] > estimates[2] - low
    assert high > estimates[2] + 1.96 * errors[2]


def test_exact_adoptions_are_fitted_exactly():
    truth = BassDiffusion(0.01, 0.4, 20_000)
    fitted = fit_bass(truth.adoptions(14)).model
    assert (fitted.p, fitted.q, fitted.market) == pytest.approx((0.01, 0.4, 20_000), rel=1e-5)


def test_the_fit_does_not_depend_on_the_unit_of_counting():
    one, thousand = fit_bass(AIR_CONDITIONERS), fit_bass([1000 * each for each in AIR_CONDITIONERS])
    assert thousand.model.market == pytest.approx(1000 * one.model.market, rel=1e-6)
    assert thousand.model.p == pytest.approx(one.model.p, rel=1e-6)


@pytest.mark.slow
def test_profile_intervals_cover_the_market_size_where_wald_intervals_do_not():
    truth, periods, rng = BassDiffusion(0.01, 0.4, 20_000), 12, np.random.default_rng(3)
    profile, wald = [], []
    for _ in range(26):
        fit = fit_bass(truth.adoptions(periods) * (1 + 0.08 * rng.standard_normal(periods)))
        if fit.past_peak:
            low, high = fit.market_interval()
            profile.append(low <= 20_000 <= high)
            wald.append(abs(fit.model.market - 20_000) <= 1.96 * fit.standard_errors[2])
    assert len(profile) >= 20
    assert np.mean(profile) >= 0.82  # three standard errors below 95 %
    assert sum(profile) >= sum(wald)


@pytest.mark.parametrize("years", [5, 6, 8])
def test_before_the_peak_the_market_size_is_refused(years):
    fit = fit_bass(AIR_CONDITIONERS[:years])
    for asked in (lambda: fit.market_size, fit.market_interval):
        with pytest.raises(FitError, match="cannot be learnt before the peak"):
            asked()


def test_a_fitted_peak_inside_rising_data_proves_nothing():
    fit = fit_bass(AIR_CONDITIONERS[:6])
    assert fit.model.peak_time < 6
    assert fit.model.market < 5_000  # a quarter of what twelve years show
    assert not fit.past_peak


def test_three_periods_are_too_few():
    with pytest.raises(DataError, match="has 3 periods; three unknowns need at least 5"):
        fit_bass([100, 300, 400])


@pytest.mark.parametrize("adopters", [[1, 2, -3, 4, 5], [1, 2, np.nan, 4, 5], [0, 0, 0, 0, 0]])
def test_impossible_adoptions_are_refused(adopters):
    with pytest.raises(DataError, match="numbers from 0 up"):
        fit_bass(adopters)


class TestClosedForms:
    bass = BassDiffusion(0.03, 0.38)

    def test_peak(self):
        times = np.linspace(0, 20, 20_001)
        assert times[np.argmax(np.diff(self.bass.share(times)))] == pytest.approx(self.bass.peak_time, abs=2e-3)
        assert self.bass.share(self.bass.peak_time) == pytest.approx((1 - 0.03 / 0.38) / 2)
        assert BassDiffusion(0.4, 0.3).peak_time == 0

    def test_share_at_ten(self):
        assert round(float(self.bass.share(10)), 4) == 0.8128

    def test_the_hazard_is_linear_in_the_share(self):
        step = 1e-5
        for t in (0.5, 4.0, 12.0):
            slope = (self.bass.share(t + step) - self.bass.share(t - step)) / (2 * step)
            assert slope == pytest.approx((0.03 + 0.38 * self.bass.share(t)) * (1 - self.bass.share(t)), rel=1e-7)

    def test_early_growth_is_a_linear_birth_process_with_immigration(self):
        t = 0.02
        assert self.bass.share(t) == pytest.approx(0.03 / 0.35 * np.expm1(0.35 * t), rel=1.5e-4 * 5)
        assert self.bass.share(t / 10) == pytest.approx(0.03 / 0.35 * np.expm1(0.35 * t / 10), rel=1e-4)

    def test_a_lost_adopter_costs_most_early(self):
        times = [0.5, 1, 2, 4, 6, 8, 10, 15]
        lost = self.bass.value_of_lost_adopter(times, rate=0.10)
        assert lost == pytest.approx([1.264, 1.058, 0.737, 0.350, 0.162, 0.0732, 0.0327, 0.0043], abs=8e-4)
        assert (np.diff(lost) < 0).all()

    def test_without_discounting_a_lost_adopter_is_only_delay(self):
        assert self.bass.value_of_lost_adopter([1.0], rate=1e-7)[0] == pytest.approx(0, abs=1e-5)

    def test_a_lost_adopter_by_taking_one_out_of_a_large_market(self):
        from scipy.integrate import solve_ivp

        market, start, rate = 1e6, 2.0, 0.10

        def flow(t, state, talkers_missing):
            n = state[0]
            adopting = (0.03 + 0.38 * (n - talkers_missing) / market) * (market - n)
            return [adopting, np.exp(-rate * (t - start)) * adopting]

        now = [market * self.bass.share(start), 0]
        worth = [solve_ivp(flow, (start, 120), now, args=(gone,), rtol=1e-12, atol=1e-9).y[1, -1] for gone in (0, 100)]
        assert (worth[0] - worth[1]) / 100 == pytest.approx(self.bass.value_of_lost_adopter([start], rate)[0], rel=1e-3)

    def test_impossible_parameters_are_refused(self):
        with pytest.raises(DataError, match="p and the market must be positive"):
            BassDiffusion(0, 0.4)
