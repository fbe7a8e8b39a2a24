from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from goodwill.data.survey import read_survey
from goodwill.errors import DataError
from goodwill.satisfaction.labels import _both_below, quadrant_probabilities, quadrant_reliability
from goodwill.satisfaction.roles import (
    OPTIONAL,
    QUADRANTS,
    ROLES,
    customer_roles,
    loyalty_categories,
    quadrant_table,
    quadrants,
    satisfied_from,
    supported_roles,
)


def grid(scale, flags=OPTIONAL):
    levels = range(scale[0], scale[1] + 1)
    rows = product(levels, (False, True), *[(False, True)] * len(flags))
    return pd.DataFrame(rows, columns=["satisfaction", "loyal", *flags])


def test_acsi_2015_quadrants_at_the_eight_eight_cut():
    survey = read_survey("acsi_2015")
    table = quadrant_table(survey.answers["satisfaction"], survey.loyal(8), 8, count=survey.answers["count"])
    assert table["respondents"].tolist() == [4526, 541, 625, 2130]
    assert table["share"].sum() == pytest.approx(1)


@pytest.mark.parametrize("scale", [(1, top) for top in range(3, 12)] + [(0, 10)])
def test_every_combination_of_answers_has_exactly_one_of_the_six_roles(scale):
    table = grid(scale)
    given = customer_roles(table, scale)
    assert given.notna().all()
    assert set(given) == set(ROLES)


def test_the_top_who_are_loyal_and_recommend_are_apostles_unless_terrorist():
    table = grid((1, 5))
    top = table["loyal"] & table["recommends"] & (table["satisfaction"] == 5)
    assert set(customer_roles(table, (1, 5))[top]) == {"apostle"}


def test_having_no_choice_never_turns_a_defector_into_a_hostage():
    table = grid((1, 5))
    given = customer_roles(table, (1, 5))
    assert table["loyal"][given == "hostage"].all()
    assert table["no_choice"][given == "hostage"].all()
    free = customer_roles(table.assign(no_choice=False), (1, 5))
    assert (given[free == "defector"] == "defector").all()


def test_unsatisfied_customers_who_have_a_choice_and_stay_are_loyalists():
    one = pd.DataFrame({"satisfaction": [2], "loyal": [True], **{name: [False] for name in OPTIONAL}})
    assert customer_roles(one, (1, 5)).tolist() == ["loyalist"]


def test_terrorists_were_apostles_and_have_not_been_won_back():
    one = pd.DataFrame({"satisfaction": [1], "loyal": [False], **{name: [True] for name in OPTIONAL}})
    assert customer_roles(one, (1, 5)).tolist() == ["defector"]
    assert customer_roles(one.assign(recovered=False), (1, 5)).tolist() == ["terrorist"]


@pytest.mark.parametrize("used", range(2 ** len(OPTIONAL)))
def test_no_role_is_given_that_the_columns_cannot_support(used):
    flags = [name for i, name in enumerate(OPTIONAL) if used >> i & 1]
    table = grid((1, 5), flags)
    names, missing = supported_roles(list(table))
    assert set(customer_roles(table, (1, 5))) == set(names)
    assert ("hostage" in names) == ("no_choice" in flags)
    assert ("apostle" in names) == ("recommends" in flags)
    assert ("terrorist" in names) == ({"past_apostle", "bad_word_of_mouth"} <= set(flags))
    assert bool(missing) == (set(names) != set(ROLES))


def test_with_satisfaction_and_loyalty_alone_the_roles_are_the_quadrants():
    table = grid((1, 10), [])
    assert customer_roles(table, (1, 10)).tolist() == quadrants(table["satisfaction"], table["loyal"], satisfied_from((1, 10))).tolist()
    assert supported_roles(list(table))[0] == QUADRANTS


def test_missing_answers_have_no_role():
    table = pd.DataFrame({"satisfaction": [np.nan, 5], "loyal": [1.0, np.nan]})
    assert customer_roles(table, (1, 5)).isna().all()
    with pytest.raises(DataError, match="loyal"):
        customer_roles(table.drop(columns="loyal"), (1, 5))


class TestError:
    def pairs(self, reliability=0.8, n=40_000):
        rng = np.random.default_rng(1)
        true = rng.multivariate_normal([6.5, 6.5], [[2.25, 1.46], [1.46, 2.25]], n)
        seen = true + rng.standard_normal((n, 2)) * np.sqrt(2.25 * (1 / reliability - 1))
        return true, np.rint(seen)

    def probabilities(self, seen, reliability):
        return quadrant_probabilities(seen[:, 0], seen[:, 1], (reliability, reliability), satisfied=7, loyal=7)

    def test_membership_probabilities_are_right_when_their_model_is(self):
        true, seen = self.pairs()
        table = quadrant_reliability(self.probabilities(seen, 0.8))
        truth = quadrants(true[:, 0], true[:, 1] >= 6.5, 6.5)
        observed = quadrants(seen[:, 0], seen[:, 1] >= 7, 7)
        assert table.loc["all", "right"] == pytest.approx((truth == observed).mean(), abs=0.015)
        for name in QUADRANTS:
            assert table.loc[name, "true"] == pytest.approx((truth == name).mean(), abs=0.012)

    def test_error_swells_mercenaries_and_hostages(self):
        _, seen = self.pairs()
        table = quadrant_reliability(self.probabilities(seen, 0.8))
        assert (table.loc[["mercenary", "hostage-like"], "seen"] > table.loc[["mercenary", "hostage-like"], "true"]).all()

    def test_the_four_chances_add_up_and_perfect_answers_are_right(self):
        _, seen = self.pairs(n=2000)
        assert np.allclose(self.probabilities(seen, 0.7)[list(QUADRANTS)].sum(axis=1), 1)
        assert quadrant_reliability(self.probabilities(seen, 1.0)).loc["all", "right"] == pytest.approx(1, abs=1e-6)

    def test_reliabilities_below_the_correlation_are_refused(self):
        _, seen = self.pairs(0.99, 2000)
        with pytest.raises(DataError, match="raise the reliabilities"):
            self.probabilities(seen, 0.3)
        with pytest.raises(DataError, match=r"reliability is 1\.2"):
            self.probabilities(seen, 1.2)

    def test_symmetric_errors_of_quadrants_follow_the_arcsine_law(self):
        """At the medians the share off the diagonal is arccos(r)/pi (Sheppard 1899)."""
        r = 0.52
        off = 2 * multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([0, np.inf]) - 2 * multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf(
            [0, 0]
        )
        assert off == pytest.approx(np.arccos(r) / np.pi, abs=1e-6)


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_the_bivariate_normal_is_that_of_scipy(r):
    h, k = np.random.default_rng(1).normal(0, 1.5, (2, 30))
    h[0] = k[1] = h[2] = k[2] = 0
    peer = [multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf(pair) for pair in zip(h, k, strict=True)]
    assert _both_below(h, k, r) == pytest.approx(peer, abs=1e-10)


class TestCategories:
    def test_purchase_trends_give_four_categories_and_non_users_are_absent(self):
        table = loyalty_categories([5, 5, 1, 2, 0], [5, 1, 1, 0, 0])
        assert table["customers"].iloc[:4].tolist() == [1, 1, 1, 1]
        assert table["customers"].iloc[4:].isna().all()
        assert table.index.str.contains("not in purchase records").sum() == 2

    def test_without_any_trend_the_shares_are_those_expected_of_chance(self):
        rng = np.random.default_rng(2)
        rate = rng.gamma(1.5, 2, 20_000)
        table = loyalty_categories(rng.poisson(rate), rng.poisson(rate)).iloc[:4]
        assert np.allclose(table["share"], table["without_trend"], atol=0.01)
