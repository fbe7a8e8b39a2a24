"""Inputs with ranges: tornado, global sensitivity and what to learn next."""

import numpy as np
import pytest

from goodwill.errors import DataError
from goodwill.word_of_mouth.assumptions import Assumption, at_means, learn_next, sensitivity, tornado, uncertain_answers


def unknown(name, value, low, high, **more):
    return Assumption(name, value, low, high, "", "a test", "assumed", **more)


LINEAR = [unknown("a", 0, -1, 1), unknown("b", 0, -3, 3), unknown("c", 5, 5, 5)]


def sum_of_all(at):
    return at["a"] + at["b"] + at["c"]


def test_the_belief_is_a_triangle():
    belief = unknown("x", 2, 1, 5)
    levels = (np.arange(100_000) + 0.5) / 100_000
    assert belief.ppf(levels).mean() == pytest.approx((1 + 2 + 5) / 3, abs=1e-4)
    assert belief.ppf(levels).var() == pytest.approx(belief.variance, rel=1e-3)
    assert belief.ppf(np.array([0.0, 1.0])) == pytest.approx([1, 5])


def test_known_inputs_do_not_vary():
    assert (unknown("c", 5, 5, 5).ppf(np.array([0.1, 0.9])) == 5).all()


def test_answers_vary_as_the_inputs_do():
    answers = uncertain_answers(sum_of_all, LINEAR)
    assert answers.mean() == pytest.approx(5, abs=0.01)
    assert answers.var() == pytest.approx(1 / 6 + 9 / 6, rel=0.02)


def test_tornado_puts_the_widest_swing_first():
    assert tornado(sum_of_all, LINEAR)[["name", "swing"]].to_numpy().tolist() == [["b", 6.0], ["a", 2.0], ["c", 0.0]]


def test_sensitivity_of_a_sum_is_the_share_of_variance():
    shares = sensitivity(sum_of_all, LINEAR).set_index("name")
    assert shares.loc["b", "first_order"] == pytest.approx(0.9, abs=0.02)
    assert shares.loc["a", "total"] == pytest.approx(0.1, abs=0.02)
    assert shares.loc["c", "total"] == 0


def test_interplay_shows_in_the_total_share():
    shares = sensitivity(lambda at: at["a"] * at["b"], LINEAR).set_index("name")
    assert shares.loc["a", "first_order"] == pytest.approx(0, abs=0.02)
    assert shares.loc["a", "total"] == pytest.approx(1, abs=0.05)


def test_what_to_learn_next_names_the_study_and_its_sample_size():
    known_share = Assumption("share", 0.5, 0.4, 0.6, "share", "a test", "measured", study="a survey question", answer_variance=0.25)
    effect = Assumption("effect", 0.1, 0.0, 0.2, "share", "a test", "assumed", study="a randomised trial", answer_variance=0.18)
    inputs = [known_share, effect, unknown("price", 10, 10, 10)]
    shares = sensitivity(lambda at: at["price"] * at["effect"] + 0 * at["share"], inputs)
    best = learn_next(inputs, shares).iloc[0]
    assert (best["name"], best["study"]) == ("effect", "a randomised trial")
    assert best["answers_needed"] == np.ceil(9 * 0.18 / effect.variance)
    assert best["narrowing"] == pytest.approx(effect.variance / (effect.variance + 0.18 / 400), abs=0.02)


def test_the_most_plausible_values_have_their_names():
    assert at_means(LINEAR) == {"a": 0, "b": 0, "c": 5}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"value": 4}, "does not lie in its range"),
        ({"unit": "share", "high": 3}, "shares lie between 0 and 1"),
        ({"grade": "guessed"}, "use measured, published or assumed"),
    ],
)
def test_bad_assumptions_are_refused(wrong, message):
    with pytest.raises(DataError, match=message):
        Assumption(**{"name": "x", "value": 0.5, "low": 0, "high": 1, "unit": "share", "source": "", "grade": "assumed"} | wrong)


def test_without_any_range_there_is_no_sensitivity():
    with pytest.raises(DataError, match="nothing to be sensitive to"):
        sensitivity(sum_of_all, [unknown("a", 1, 1, 1), unknown("b", 1, 1, 1), unknown("c", 1, 1, 1)])


def test_where_one_input_is_unknown_all_that_varies_comes_from_it():
    given = [LINEAR[1], LINEAR[2]]
    found = sensitivity(lambda at: at["b"] + at["c"], given, draws=64).set_index("name")
    assert found["total"].to_dict() == found["first_order"].to_dict() == {"b": 1.0, "c": 0.0}
    assert sensitivity(lambda at: at["c"], given, draws=64)["total"].tolist() == [0.0, 0.0]
