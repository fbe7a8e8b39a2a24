"""Adoption against bad word of mouth, with recovery as the control."""

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.adoption import BassDiffusion
from goodwill.word_of_mouth.contested_adoption import ContestedAdoption


def contested(dissatisfied, q_bad=0.76):
    return ContestedAdoption(p=0.03, q_good=0.38, q_bad=q_bad, dissatisfied=dissatisfied)


@pytest.mark.parametrize(
    ("q_bad", "final"),
    [
        (0.38, {0.05: 0.96051401, 0.10: 0.92142735, 0.145: 0.88661138, 0.20: 0.84455382, 0.30: 0.76960359}),
        (0.76, {0.05: 0.92451074, 0.10: 0.85607279, 0.145: 0.79976880, 0.20: 0.73693811, 0.30: 0.63707231}),
    ],
)
def test_final_adoption(q_bad, final):
    computed = [contested(share, q_bad).final_adoption for share in final]
    assert computed == pytest.approx(list(final.values()), abs=6e-9)


def test_final_adoption_when_nobody_recommends():
    adoption = ContestedAdoption(p=0.03, q_good=0, q_bad=1.0, dissatisfied=0.10)
    assert adoption.final_adoption == pytest.approx(0.530662386, abs=6e-10)
    assert adoption.final_adoption == pytest.approx((np.sqrt(1 + 2 * 0.1 / 0.03) - 1) * 0.03 / 0.1)


def test_present_value_against_the_share_dissatisfied():
    ratios = [contested(share).value_ratio(0.10) for share in (0.02, 0.05, 0.10, 0.145, 0.20)]
    assert [round(each, 4) for each in ratios] == [0.9705, 0.9284, 0.8633, 0.8096, 0.7495]


@pytest.mark.parametrize(
    ("recovered", "dissatisfied", "final", "ratio"),
    [(0, 0.150, 0.793796, 0.8039), (0.6, 0.114, 0.838049, 0.8461), (0.9, 0.096, 0.861310, 0.8683)],
)
def test_recovery_as_the_control(recovered, dissatisfied, final, ratio):
    adoption = ContestedAdoption.with_recovery(0.03, 0.38, 0.76, failures=0.15, voice=0.4, recovered=recovered)
    assert adoption.dissatisfied == pytest.approx(dissatisfied)
    assert adoption.final_adoption == pytest.approx(final, abs=6e-7)
    assert adoption.value_ratio(0.10) == pytest.approx(ratio, abs=5e-5)


def test_the_first_integral_holds_along_the_path():
    adoption = contested(0.10)
    n, d = adoption.path([0.5, 3, 10, 60])
    assert d == pytest.approx([adoption.rejecters(each) for each in n], abs=3e-12)


def test_the_series_near_no_recommendation_joins_the_formula():
    near = [ContestedAdoption(0.03, q_good, 1.0, 0.1).rejecters(0.7) for q_good in (4e-6, 6e-6)]
    assert near[0] == pytest.approx(near[1], rel=1e-4)


def test_all_satisfied_is_the_bass_model():
    times = np.array([1.0, 5, 10, 20])
    assert contested(0.0).path(times)[0] == pytest.approx(BassDiffusion(0.03, 0.38).share(times), abs=1e-10)
    assert contested(0.0).final_adoption == 1


def test_without_discounting_the_value_is_the_final_adoption():
    assert contested(0.1).present_value(0) == contested(0.1).final_adoption
    assert contested(0.1).present_value(1e-3) == pytest.approx(contested(0.1).final_adoption, rel=0.02)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contested(1.2), r"dissatisfied adopters is 1\.2"),
        (lambda: ContestedAdoption(0, 0.4, 0.4, 0.1), "p must be positive"),
        (lambda: contested(0.1).present_value(-0.1), "discount rate is -0"),
        (lambda: contested(0.1).path([3, 1]), "times must increase"),
    ],
)
def test_bad_input_is_refused_in_words(call, message):
    with pytest.raises(DataError, match=message):
        call()
