"""Robustness values and E-values, against published examples, and money regressed on answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError, TooLittle
from goodwill.inference.uncertainty import Interval
from goodwill.relationship import as_strong_as, e_value, e_value_of_interval, money_association, robustness_value


def test_robustness_values_match_the_published_example_of_cinelli_and_hazlett():
    assert robustness_value(4.18445, 783) == pytest.approx(0.138776, abs=5e-7)
    assert robustness_value(4.18445, 783, share=0.5) == pytest.approx(0.072027, abs=5e-7)
    assert robustness_value(4.18445, 783, share=0.5, alpha=0.05) == pytest.approx(0.004563, abs=5e-7)


def test_an_estimate_that_is_not_told_from_nothing_has_no_robustness_at_95():
    assert robustness_value(1.5, 400, alpha=0.05) == 0.0
    assert robustness_value(0.0, 400) == 0.0


def test_e_values_match_vanderweele_and_ding_2017():
    assert e_value(3.9) == pytest.approx(7.263034, abs=1e-6)
    assert e_value_of_interval(Interval(3.9, 2.4, 6.3)) == pytest.approx((7.263034, 4.233030), abs=1e-6)
    assert e_value(3.0, odds=True, common=True) == pytest.approx(2.858083, abs=1e-6)
    assert e_value(3.0, odds=True) == e_value(3.0)


def test_an_interval_that_holds_one_needs_no_hidden_cause():
    assert e_value_of_interval(Interval(1.5, 0.9, 2.4))[1] == 1.0
    assert e_value_of_interval(Interval(0.5, 0.3, 0.8))[1] == e_value(0.8)


def test_a_cause_as_strong_as_one_that_explains_nothing_changes_nothing():
    assert as_strong_as(2.0, 0.5, 400, 0.0, 0.3).left == 2.0
    assert np.isinf(as_strong_as(2.0, 0.5, 400, 0.6, 0.3).left)


def test_what_cannot_be_is_refused():
    with pytest.raises(DataError, match=r"^1 degrees of freedom, alpha 1, share 1: more than 1, above 0 to 1, above 0 are needed$"):
        robustness_value(2.0, 1)
    with pytest.raises(DataError, match=r"^a ratio is 0; it must be positive$"):
        e_value(0.0)


def records(per_point: float, customers: int = 2_000) -> tuple[pd.DataFrame, pd.Series]:
    """Purchases before and after a survey of everybody; money after it grows by so much a point."""
    rng = np.random.default_rng(1)
    ids, said = np.arange(customers), rng.integers(1, 11, customers)
    before, after = rng.gamma(4, 10, customers), rng.gamma(4, 5, customers) + per_point * said
    dates = pd.to_datetime(["2025-01-01"] * customers + ["2025-09-01"] * customers)
    table = pd.DataFrame({"customer_id": np.r_[ids, ids], "date": dates, "amount": np.r_[before, after]})
    return table, pd.Series(said.astype(float), index=ids.astype(str))


@pytest.mark.parametrize("per_point", [0.0, 2.0])
def test_money_after_an_answer_is_found(per_point):
    table, said = records(per_point)
    found = money_association(table, said, "2025-06-30", margin=0.5)
    assert found.per_point.lower < 0.5 * per_point < found.per_point.upper
    assert found.customers == 2_000
    assert (found.robustness_at_95 > 0) == (per_point > 0)
    assert found.robustness >= found.robustness_at_95


def test_money_needs_time_after_the_survey_and_answers():
    table, said = records(1.0, 60)
    with pytest.raises(TooLittle, match="No purchase is later than the survey, so that money after an answer cannot be compared"):
        money_association(table, said, "2025-12-31", 0.3)
    with pytest.raises(TooLittle, match=r"^10 customers with a purchase before the survey answered it; comparing their money takes 50\.$"):
        money_association(table, said.head(10), "2025-06-30", 0.3)
