from datetime import date

import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.lifetime_value.evidence.past_statements import last_period_statements, money_statement, money_statements, month_ends


@pytest.fixture(scope="module")
def log():
    return read_transactions("cdnow_sample")


def test_a_statement_knows_nothing_of_what_came_after_its_date(log):
    rows = log.to_pandas()
    cut = read_transactions(rows[rows["date"].astype("datetime64[ns]") <= "1997-09-30"])
    whole, blind = money_statement(log, date(1997, 9, 30), 13, draws=100), money_statement(cut, date(1997, 9, 30), 13, draws=100)
    assert (blind.estimate, blind.lower, blind.upper) == pytest.approx((whole.estimate, whole.lower, whole.upper))
    assert (blind.came, whole.came is None) == (None, False)


def test_what_came_is_the_money_of_the_known_customers_within_the_window(log):
    rows = log.to_pandas().assign(date=lambda frame: frame["date"].astype("datetime64[ns]"))
    born = rows.groupby("customer_id")["date"].transform("min")
    window = (rows["date"] > "1997-02-28") & (rows["date"] <= "1997-05-30") & (born <= "1997-02-28")
    expected = float(rows.loc[window, "amount"].astype(float).sum())
    (said,) = money_statements(log, 13, [date(1997, 2, 28)], draws=100)
    (rule,) = last_period_statements(log, 13, [date(1997, 2, 28)])
    assert said.came == pytest.approx(expected)
    assert rule.came == pytest.approx(expected)


def test_margin_and_discount_scale_what_was_said_and_what_came_alike(log):
    plain = money_statement(log, date(1997, 9, 30), 13, draws=100)
    profit = money_statement(log, date(1997, 9, 30), 13, margin=0.3, annual_discount_rate=0.15, draws=100)
    assert profit.estimate / plain.estimate == pytest.approx(profit.came / plain.came, rel=0.005)
    assert 0.3 * (1.15 ** (-13 / 52)) < profit.came / plain.came < 0.3


def test_statements_are_made_on_the_last_days_of_months():
    assert month_ends(date(1997, 12, 31), date(1998, 3, 1)) == [date(1997, 12, 31), date(1998, 1, 31), date(1998, 2, 28)]
