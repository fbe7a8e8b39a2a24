"""Text files as they come: encodings, delimiters, quotation, ragged rows, row numbers."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from goodwill.data.reading.sources import read_transactions
from goodwill.errors import DataError

Write = Callable[..., Path]
CHINESE = '会员号,下单时间,实付金额\n00012,2024年5月1日,"1,200.50"\n00013,2024年12月31日,30元\n'


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with byte order mark"), ("utf-16", "UTF-16 by its byte order mark"), ("gb18030", "GB18030")],
)
def test_encodings_are_found_and_named(write: Write, encoding: str, said: str) -> None:
    read = read_transactions(write(CHINESE, encoding=encoding))
    frame = read.to_pandas()
    assert frame.customer_id.tolist() == ["00012", "00013"]
    assert frame.date.dt.strftime("%Y-%m-%d").tolist() == ["2024-05-01", "2024-12-31"]
    assert frame.amount.tolist() == [1200.5, 30]
    assert read.audit.set_index("rule").done["encoding"] == f"read as {said}"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_asks(write: Write, encoding: str) -> None:
    path = write("customer_id,date,amount\na,2024-01-01,1\n", encoding=encoding)
    with pytest.raises(DataError, match=rf"zero byte at offset \d.*encoding='{encoding}'"):
        read_transactions(path)
    assert read_transactions(path, encoding=encoding).to_pandas().amount.tolist() == [1]


def test_bytes_in_no_known_encoding_say_the_offset(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"customer_id,date,amount\n\xff\xfe\xff,2024-01-01,1\n")
    with pytest.raises(DataError, match=r"f.csv holds bytes in no known encoding .* offset 24\)\. Pass encoding="):
        read_transactions(path)


@pytest.mark.slow
def test_western_bytes_are_not_taken_for_chinese(write: Write) -> None:
    path = write("customer_id,date,amount\nMüller,2024-01-01,1\nJoão,2024-01-02,2\n", encoding="cp1252")
    with pytest.raises(DataError, match="no known encoding"):
        read_transactions(path)
    assert set(read_transactions(path, encoding="cp1252").to_pandas().customer_id) == {"Müller", "João"}


def test_a_wrong_encoding_is_refused(write: Write) -> None:
    path = write(CHINESE, encoding="gb18030")
    with pytest.raises(DataError, match="is not in utf-8: the byte at offset 0 does not fit"):
        read_transactions(path, encoding="utf-8")
    with pytest.raises(DataError, match="encoding='klingon' is not known"):
        read_transactions(path, encoding="klingon")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_are_found(write: Write, mark: str) -> None:
    path = write("customer_id,date,amount,note\na,2024-01-01,1.5,x\na,2024-01-02,2,y\n".replace(",", mark), name="f.txt")
    assert read_transactions(path).to_pandas().amount.tolist() == [1.5, 2]


def test_gzip_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(CHINESE.encode("gb18030")))
    assert read_transactions(path).to_pandas().amount.sum() == 1230.5


@pytest.mark.slow
def test_quotes_line_breaks_and_blank_lines_keep_the_row_numbers(write: Write) -> None:
    text = '\ncustomer_id,note,date,amount\r\na,"one, ""two""\nthree",2024-01-01,1\n\nb,,2024-01-02,2\n,,,\nc,x,2024-01-03,oops\n'
    with pytest.raises(DataError, match=r"1 of 3 rows \(first: row 8, 'oops'\)"):
        read_transactions(write(text))
    read = read_transactions(write(text.replace("oops", "3")))
    assert read.audit.set_index("rule").rows["blank lines"] == 2
    assert read.to_pandas().amount.tolist() == [1, 2, 3]


def test_short_rows_are_filled_and_counted(write: Write) -> None:
    read = read_transactions(write("customer_id,date,amount,note\na,2024-01-01,1\nb,2024-01-02,2,x,\n"))
    assert read.audit.set_index("rule").rows["short rows"] == 1
    assert read.to_pandas().customer_id.tolist() == ["a", "b"]


@pytest.mark.sampled(7)
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "f.csv is empty"),
        (" \n\n", "f.csv is empty"),
        ("customer_id,date,amount\n", "f.csv has a header and no rows"),
        ("customer_id,date,date\na,2024-01-01,1\n", "has the column 'date' 2 times in its header"),
        ("customer_id,date,amount\na,2024-01-01,1\nb,2024-01-02,1,234\n", "row 3 has 4 fields and the header 3"),
        ('customer_id,date,amount\na,2024-01-01,1\nb,"2024-01-02,1\n', "cannot be split into fields at line 3"),
        ("customer_id\na\n", "no column that is recognised as the date"),
        (
            "customer_id,date,amount\na,01/05/2024,1\n",
            r"column 'date' of f.csv can be read in two ways.*row 2, '01/05/2024'.*date_format='%d/%m/%Y'",
        ),
        (
            "customer_id,date,amount\na,2024-01-01,1\nb,31.31.2024,1\n",
            r"cannot be read as dates in 1 of 2 rows \(first: row 3, '31.31.2024'\)",
        ),
        ("customer_id,date,amount\n,2024-01-01,1\n", "no usable row: of 1 rows 1 lack an id"),
    ],
)
def test_bad_files_have_one_clear_message(write: Write, text: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_transactions(write(text))


def test_ids_survive_exactly(write: Write) -> None:
    ids = ["007", "9007199254740993", "12345678901234567890", "1e5", " padded ", "1.0"]
    read = read_transactions(write("customer_id,date\n" + "".join(f"{i},2024-01-01\n" for i in ids)))
    assert sorted(read.to_pandas().customer_id) == sorted(i.strip() for i in ids)
    assert read.audit.set_index("rule").rows["ids trimmed"] == 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("date", "zones"),
    [
        ("2024-05-01 23:45:00", 0), ("2024-05-01T23:45:00.123", 0), ("2024-05-01T23:45:00Z", 1), ("2024-05-01 23:45:00+08:00", 1),
        ("20240501T234500Z", 1), ("2024年5月1日 23:45", 0), ("2024年5月1日 下午11时45分", 0), ("2024/5/1 11:45 PM", 0),
        ("1 May 2024 11:45 pm", 0), ("May 1, 2024", 0), ("20240501234500", 0),
    ],
)  # fmt: skip
def test_times_are_cut_and_the_date_on_the_clock_is_kept(write: Write, date: str, zones: int) -> None:
    read = read_transactions(write(f'customer_id;date\na;"{date}"\n'))
    assert read.first.isoformat() == "2024-05-01"
    assert read.audit.set_index("rule").rows["time zones"] == zones


def test_a_told_form_may_hold_a_time(write: Write) -> None:
    path = write("customer_id,date\na,05/01/24 13:45\n")
    assert read_transactions(path, date_format="%m/%d/%y %H:%M").first.isoformat() == "2024-05-01"
    assert read_transactions(path, date_format="%m/%d/%y").first.isoformat() == "2024-05-01"


def test_serial_dates_are_read_and_said(write: Write) -> None:
    read = read_transactions(write("customer_id,date\na,45413\nb,45414.75\n"))
    assert (read.first.isoformat(), read.last.isoformat()) == ("2024-05-01", "2024-05-02")
    assert read.audit.set_index("rule").done["date format"] == "read as Excel serial number"
