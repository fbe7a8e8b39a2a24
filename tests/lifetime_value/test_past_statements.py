from datetime import date

import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.lifetime_value.evidence.past_statements import last_period_statements, money_statement, money_statements, month_ends


@pytest.fixture(scope="module")
def log():
    return read_transactions("cdnow_sample")


@pytest.mark.slow
def test_a_statement_knows_nothing_of_what_came_after_its_date(log):
    rows = log.to_pandas()
    cut = read_transactions(rows[rows["date"].astype("datetime64[ns]") <= "1997-09-30"])
    whole, blind = money_statement(log, date(1997, 9, 30), 13, draws=100), money_statement(cut, date(1997, 9, 30), 13, draws=100)
    assert (blind.estimate, blind.lower, blind.upper) == pytest.approx((whole.estimate, whole.lower, whole.upper))
    assert (blind.came, whole.came is None) == (None, False)


@pytest.mark.slow
def test_what_came_is_the_money_of_the_known_customers_within_the_window(log):
    rows = log.to_pandas().assign(date=lambda frame: frame["date"].astype("datetime64[ns]"))
    born = rows.groupby("customer_id")["date"].transform("min")
    window = (rows["date"] > "1997-02-28") & (rows["date"] <= "1997-05-30") & (born <= "1997-02-28")
    expected = float(rows.loc[window, "amount"].astype(float).sum())
    (said,) = money_statements(log, 13, [date(1997, 2, 28)], draws=100)
    (rule,) = last_period_statements(log, 13, [date(1997, 2, 28)])
    assert said.came == pytest.approx(expected)
    assert rule.came == pytest.approx(expected)


@pytest.mark.slow
def test_margin_and_discount_are_those_of_what_was_said_and_of_what_came(log):
    plain = money_statement(log, date(1997, 9, 30), 13, draws=100)
    profit = money_statement(log, date(1997, 9, 30), 13, margin=0.3, annual_discount_rate=0.15, draws=100)
    assert profit.estimate / plain.estimate == pytest.approx(profit.came / plain.came, rel=0.01)
    assert 0.3 * (1.15 ** (-13 / 52)) < profit.came / plain.came < 0.3


def test_statements_are_made_on_the_last_days_of_months():
    assert month_ends(date(1997, 12, 31), date(1998, 3, 1)) == [date(1997, 12, 31), date(1998, 1, 31), date(1998, 2, 28)]


@pytest.mark.slow
def test_a_year_of_cdnow_was_said_to_bring_249_800_and_brought_300_022():
    """Computed by outside referees, independently of this code: profit at 30 %, discounted at 15 %, of 52 weeks from 1997-06-30."""
    said = money_statement(read_transactions("cdnow"), date(1997, 6, 30), 52, margin=0.3, annual_discount_rate=0.15, draws=300)
    assert said.estimate == pytest.approx(249_800, rel=0.002)
    assert said.came == pytest.approx(300_022, rel=0.002)
    # Ends of an interval from draws, theirs and ours: known to about two per cent.
    assert (said.lower, said.upper) == pytest.approx((236_138, 269_744), rel=0.02)
    assert said.held is False
