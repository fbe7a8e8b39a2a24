import numpy as np
import pandas as pd
import pytest

from goodwill.errors import DataError
from goodwill.segments import abc, cut_table, decile_table, learn, rfm, rfm_cuts, sales_decile


@pytest.fixture(scope="module")
def table(cdnow):
    return decile_table(cdnow, sales_decile(cdnow), draws=400)


def test_the_decile_table_of_cdnow(table):
    """Calibration to September 1997, hold-out the next 39 weeks; whole dollars and percents."""
    assert table["customers"].sum() == 23_570
    assert table["mean_spend"].round().tolist() == [1275, 524, 324, 230, 167, 121, 87, 60, 38, 17]
    assert table["holdout_mean"].iloc[:9].round().tolist() == [693, 259, 142, 109, 80, 50, 40, 25, 14]
    assert (100 * table["active"]).iloc[:9].tolist() == pytest.approx([87, 79, 70, 65, 59, 51, 42, 34, 24], abs=0.6)
    assert (100 * table["share_of_holdout"]).iloc[:5].round(1).tolist() == pytest.approx([12.0, 11.0, 9.7, 10.6, 10.7], abs=0.1)


def test_intervals_hold_their_estimates_and_are_wide_for_few_customers(table):
    for name, (lower, upper) in {
        "holdout_mean": ("holdout_lower", "holdout_upper"),
        "active": ("active_lower", "active_upper"),
        "share_of_holdout": ("share_of_holdout_lower", "share_of_holdout_upper"),
    }.items():
        assert ((table[lower] < table[name]) & (table[name] < table[upper])).all()
    width = (table["holdout_upper"] - table["holdout_lower"]) / table["holdout_mean"]
    assert width.iloc[0] > 0.4 > 0.2 > width.iloc[-1]


def test_in_the_sample_eleven_customers_are_the_first_part_and_bring_half_of_it(sample):
    table = decile_table(sample, sales_decile(sample), draws=400)
    first = table.iloc[0]
    assert first["customers"] == 11
    assert 100 * first["share_of_holdout"] == pytest.approx(4.7, abs=0.1)
    assert first["share_of_holdout_lower"] < 0.03 and first["share_of_holdout_upper"] > 0.06


def test_the_bootstrap_agrees_with_the_standard_error_of_a_mean(cdnow, table):
    place = sales_decile(cdnow).assign(cdnow)
    for part in ("part 3", "part 9"):
        spend = cdnow.loc[place == part, "spend_holdout"]
        error = spend.std() / np.sqrt(len(spend))
        row = table.loc[part]
        assert row["holdout_upper"] - row["holdout_lower"] == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_without_a_hold_out_there_are_no_columns_of_it(cdnow):
    table = decile_table(cdnow[["spend"]], abc(cdnow))
    assert table.columns.tolist() == ["customers", "share", "from_spend", "mean_spend", "share_of_sales"]


def test_an_empty_segment_has_no_means(cdnow):
    later = cdnow[cdnow["spend"] < 500]
    first = decile_table(later, sales_decile(cdnow), draws=50).iloc[0]
    assert first["customers"] == 0
    assert first[["mean_spend", "holdout_mean", "holdout_lower", "active"]].isna().all()


def test_cut_points_are_visible(cdnow):
    shown = cut_table(abc(cdnow))
    assert shown.loc["B", ["from", "below"]].tolist() == [18.93, 49.68]
    assert rfm_cuts(rfm(cdnow))["score"].between(1, 5).all()


@pytest.mark.parametrize("scheme", ["rfm", "abc"])
def test_what_has_no_fixed_cut_says_so(cdnow, scheme):
    with pytest.raises(DataError, match="so there are no cut points to show"):
        cut_table(learn(scheme, cdnow, relative=True) if scheme == "abc" else rfm(cdnow))
    with pytest.raises(DataError, match="only rules of 'rfm'"):
        rfm_cuts(abc(cdnow))


def test_any_scheme_may_be_tabulated():
    customers = pd.DataFrame({"frequency": [0, 1, 4], "recency": [0, 5, 30], "T": 30, "spend": [10.0, 20.0, 90.0]})
    assert decile_table(customers, rfm(customers, bins=3))["customers"].sum() == 3
