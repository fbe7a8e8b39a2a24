"""Headers are recognised, or asked for; never guessed."""

import pytest

from goodwill.data.reading.columns import match_columns
from goodwill.errors import DataError


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (["customer_id", "date", "amount"], ["customer_id", "date", "amount"]),
        (["Customer ID", "Order Date", "Revenue", "Country"], ["Customer ID", "Order Date", "Revenue"]),
        (["id", "client-id", "purchase_date", "total", "unit_price"], ["client-id", "purchase_date", "total"]),
        (["客户编号", "下单时间", "实付金额(元)"], ["客户编号", "下单时间", "实付金额(元)"]),
        (["用户ID", "日期", "销售额", "商品"], ["用户ID", "日期", "销售额"]),
        (["会员号", "交易日期", "金额"], ["会员号", "交易日期", "金额"]),
        (["user", "date", "price"], ["user", "date", "price"]),
    ],
)
def test_usual_headers_are_recognised(header: list[str], mapping: list[str]) -> None:
    assert list(match_columns(header, {}, "f.csv").values()) == mapping


def test_a_file_without_money_maps_without_amount() -> None:
    assert match_columns(["customer", "date", "shop"], {}, "f.csv") == {"customer_id": "customer", "date": "date"}


def test_the_canonical_name_wins_over_its_aliases() -> None:
    assert match_columns(["customer_id", "client", "date", "order_date", "amount", "total"], {}, "f.csv") == {
        "customer_id": "customer_id",
        "date": "date",
        "amount": "amount",
    }


@pytest.mark.parametrize(
    ("header", "told", "sentence"),
    [
        (
            ["who", "date", "paid"],
            {},
            r"f.csv has no column that is recognised as the customer_id; say which with customer_id=.*'who', 'date'",
        ),
        (["customer", "when", "paid"], {}, "recognised as the date; say which with date="),
        (["customr_id", "date"], {}, r"Did you mean customer_id='customr_id'\?"),
        (["id", "date", "amount"], {}, r"Did you mean customer_id='id'\?"),
        (["client", "buyer", "date"], {}, "several columns that could be the customer_id: 'client', 'buyer'"),
        (["client", "date", "sales", "revenue"], {}, "several columns that could be the amount: 'sales', 'revenue'"),
        (
            ["client", "date", "total"],
            {"amount": "totl"},
            r"no column 'totl' \(amount='totl'\)\. Did you mean amount='total'\?.*'client', 'date'",
        ),
        (["client", "date", "total"], {"amount": "date", "date": "date"}, "named for two things: date, amount"),
        (["00001", "1997-01-01", "11.77"], {}, "first line seems to hold data"),
        (["client", "date", "quantity", "price"], {}, "may be the price of one piece"),
    ],
)
def test_missing_ambiguous_and_misspelt_columns_ask(header: list[str], told: dict[str, str], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        match_columns(header, told, "f.csv")
