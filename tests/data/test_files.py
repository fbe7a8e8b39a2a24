"""Files that users bring: read as they are meant, or asked about with answers that make them readable; never read wrongly in silence."""

from pathlib import Path
from typing import Any

import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError, Unclear

FILES = Path(__file__).parent / "files" / "transactions"
BASE = (591, 120, 26641.54)


def counts(name: str, **told: Any) -> tuple[int, int, float | None]:
    """Rows used, customers and money."""
    read = read_transactions(FILES / name, **told)
    audit = read.audit.set_index("rule")
    customers = int(read.table.customer_id.nunique().execute())
    return int(audit.rows["rows used"]), customers, float(audit.money["rows used"]) if read.has_amount else None


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("name", "told", "found"),
    [
        ("00_plain.csv", {}, BASE),
        ("05_shopify_continuation_rows.csv", {"customer_id": "Email"}, BASE),
        ("06_preamble_lines.csv", {}, BASE),
        ("11_email_case.csv", {"customer_id": "email"}, BASE),
        ("13_mdy_2digit.csv", {}, BASE),
        ("13b_dmy_dots_no_zeros.csv", {}, BASE),
        ("13d_12hour.csv", {}, BASE),
        ("13f_hour_only.csv", {}, BASE),
        ("13g_excel_serial.csv", {}, BASE),
        ("13i_unix_s.csv", {}, BASE),
        ("13j_french_months.csv", {}, BASE),
        ("13l_iso_tz_mixed.csv", {}, BASE),
        ("13n_long_en.csv", {}, BASE),
        ("14_de.csv", {}, (591, 120, 2664154.0)),
        ("14b_indian.csv", {}, (591, 120, 192307673.0)),
        ("14c_rs.csv", {}, BASE),
        ("14f_swiss.csv", {}, (591, 120, 532830.8)),
        ("14i_cr_dr.csv", {}, BASE),
        ("14n_int_cents.csv", {}, (591, 120, 2664154.0)),
        ("14o_k.csv", {}, (591, 120, 26690.0)),
        ("15_twenty_days.csv", {}, (14, 13, 719.32)),
        ("16_all_bought_once.csv", {}, (120, 120, 5653.22)),
        ("19_nearly_daily.csv", {}, (7061, 40, 84345.4)),
        ("20_spend_without_a_mean.csv", {}, (591, 120, 874409.74)),
        ("22_monthly_subscription.csv", {}, (506, 80, 7590.0)),
        ("24_workbook_named.csv", {}, BASE),
        ("25_cover_sheet.xlsx::Orders", {}, BASE),
        ("28_three_in_ten_return_everything.csv", {}, (748, 120, 20085.53)),
        ("32_yearly_buyers.csv", {}, (821, 300, 66143.69)),
        ("36_leading_zero_ids.csv", {}, BASE),
        ("37_missing_id_words.csv", {}, (472, 116, 21665.24)),
        ("38_nobody_came_back_twice.csv", {}, (497, 400, 58235.85)),
        ("39_no_money_column.csv", {}, (591, 120, None)),
        ("40_gz.csv.gz", {}, BASE),
        ("40e.csv", {}, BASE),
        ("43_three_prices.csv", {}, (2227, 1600, 44890.0)),
        ("s04_mostly_once.csv", {}, (1873, 1500, 75157.48)),
    ],
)
def test_a_file_is_read_as_it_is_meant(name: str, told: dict[str, Any], found: tuple[int, int, float | None]) -> None:
    assert counts(name, **told) == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sentence", "answers", "found"),
    [
        ("01_currency_column_mixed.csv", r"Column 'currency' .* several currencies.*\(rows: EUR 476, JPY 115\)", {"keep": ["currency=EUR"]},
         (476, 96, 20929.14)),
        ("02_status_column.csv", r"\(rows: completed 409, failed 65, cancelled 64, refunded 53\)", {"keep": ["status=completed"]},
         (409, 108, 17913.51)),
        ("03_refunded_amount_column.csv", r"'refunded_amount' .* given back, 5,707.15 in 106 rows", {"refunded": "refunded_amount"},
         (591, 120, 20934.39)),
        ("04_order_total_on_every_line.csv", r"one amount on all lines of an order .* 41,633.67 too much", {"once": "orders"}, BASE),
        ("07_grand_total_row.csv", r"'Grand Total' in 1 row with 26,641.54, .* sums up other rows", {"missing": ["Grand Total"]}, BASE),
        ("08_guest_id.csv", r"'Guest' in 170 rows with 8,133.86, which by its name is no one person", {"missing": ["Guest"]},
         (421, 105, 18507.68)),
        ("09_one_date_in_2203.csv", r"row 52, '2203-02-11'", {"missing": ["2203-02-11"]}, (590, 120, 26618.54)),
        ("09b_default_date_1900.csv", r"1900-01-01 in rows 7 and 11", {"keep": ["date>=2023-01-04"]}, (589, 120, 26560.76)),
        ("10_file_twice.csv", r"591 rows with 26,641.54 that equal an earlier row in every column", {"once": "rows"}, BASE),
        ("13p_month_only.csv", r"it holds months, and a month is no day", {"date_format": "%Y-%m"}, BASE),
        ("13s_all_le_12.csv", r"can be read in two ways", {"date_format": "%d/%m/%Y"}, BASE),
        ("14l_thousand_only.csv", r"can be read in two ways", {"decimal": "."}, (591, 120, 2664128.0)),
        ("23_event_log.csv", r"no purchases: pv, cart, fav \(rows: pv 1,660, cart 190, fav 129, buy 92\)", {"keep": ["behavior_type=buy"]},
         (92, 44, None)),
        ("27_quantity_times_unit_price.csv", r"may be 'UnitPrice' times 'Quantity'", {"amount": "UnitPrice", "quantity": "Quantity"},
         (591, 120, 22051.95)),
        ("31_one_amount_10000_times.csv", r"476,100.00 in row 302, which is 2,178 times the next smaller one", {"keep": ["amount<=218.55"]},
         (590, 120, 26593.93)),
        ("33_headers_blanks_cp1252.csv", r"no known encoding", {"encoding": "cp1252"}, BASE),
        ("42_one_date_five_years_ahead.csv", r"2029-06-01 in row 593, a year and more after", {"keep": ["date<=2024-02-05"]}, BASE),
    ],
)  # fmt: skip
def test_a_file_is_asked_about_and_the_answer_makes_it_readable(
    name: str, sentence: str, answers: dict[str, Any], found: tuple[int, int, float | None]
) -> None:
    with pytest.raises(Unclear, match=sentence) as asked:
        read_transactions(FILES / name)
    assert asked.value.answers == answers
    assert counts(name, **answers) == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "keep", "found"),
    [
        ("01_currency_column_mixed.csv", "currency=*", (591, 120, 934916.14)),
        ("02_status_column.csv", "status=*", BASE),
        ("03_refunded_amount_column.csv", "refunded_amount=*", BASE),
        ("08_guest_id.csv", "customer_id=*", (591, 106, 26641.54)),
        ("12b_ids_in_scientific_notation_some_merged.csv", "customer_id=*", (591, 37, 26641.54)),
        ("31_one_amount_10000_times.csv", "amount=*", (591, 120, 502693.93)),
        ("42_one_date_five_years_ahead.csv", "date=*", (592, 120, 26661.54)),
    ],
)
def test_that_a_column_is_meant_as_it_stands_can_be_said(name: str, keep: str, found: tuple[int, int, float]) -> None:
    assert counts(name, keep=[keep]) == found


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("12b_ids_in_scientific_notation_some_merged.csv", r"37 ids that a spreadsheet has rounded, in 591 rows \(such as '6\.932"),
        ("13q_mixed_formats.csv", r"117 of 591 rows \(first: row 10, '01/18/2023'.* others only month/day/year"),
        ("14h_mixed_signs.csv", r"mixes currencies \(\$ in 471 rows, € in 120 rows\)"),
        ("25_cover_sheet.xlsx", r"'Orders' \(customer_id, date, amount\); name one as 25_cover_sheet.xlsx::Orders"),
        ("40b.zip", r"is a zip archive that holds '40b'; unpack it"),
    ],
)
def test_what_no_parameter_can_mend_is_refused_with_what_can_be_done(name: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_transactions(FILES / name)
