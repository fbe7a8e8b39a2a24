"""Where records come from: built-in sets, files, data frames, databases. The only module that reads."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from goodwill.data.doubts.answers import answered, as_list
from goodwill.data.doubts.meant import what_is_meant
from goodwill.data.held import Held, file_hash, parts_of, user_path
from goodwill.data.reading import files, text_files
from goodwill.data.reading.addresses import Address, read_address, scrub, secrets_around, secrets_in, shown
from goodwill.data.reading.columns import ROLES, match_columns
from goodwill.data.reading.disguised import is_workbook, refuse_disguised
from goodwill.data.reading.files import Fact, Loaded, Source
from goodwill.data.reading.foreign import check_header, told_of
from goodwill.data.reading.spark import spark_table
from goodwill.data.reading.spss import open_spss
from goodwill.data.reading.stage import Options
from goodwill.data.tables import RETURNS, Transactions, check_transactions
from goodwill.errors import DataError

BUILT_IN = ("cdnow", "cdnow_sample")
_TEXT = (".csv", ".tsv", ".txt", ".tab", ".dat")
_SQLITE = (".sqlite", ".sqlite3", ".db", ".db3")
_EXTRAS = {"pyspark": "spark", "postgres": "postgres", "postgresql": "postgres"}


def read_transactions(
    source: Any,
    *,
    customer_id: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    order_id: str | None = None,
    refunded: str | None = None,
    acquired: str | None = None,
    known: Sequence[str] = (),
    keep: Sequence[str] = (),
    once: str = "",
    date_format: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    missing: Sequence[str] = (),
    amount_unit: str | None = None,
    returns: str = "net",
    encoding: str | None = None,
) -> Transactions:
    """Read and check purchase records from anywhere.

    Parameters
    ----------
    source : str, Path, pandas.DataFrame or ibis.Table
        "cdnow" or "cdnow_sample"; a path to CSV (also .gz), TSV, text, Parquet, Excel (`book.xlsx::Sheet`), DuckDB or SQLite
        (`shop.duckdb::orders`); a folder of Parquet files; an Ibis URL (`postgres://host/db::orders`, `…::schema.orders`); a table of
        Spark (`pyspark:///warehouse?spark.master=local[4]::shop.orders`) or Parquet files that Spark reads (`pyspark://::/data/orders`);
        a DataFrame; an Ibis table.
    customer_id, date, amount : str, optional
        Columns of the source; without them the usual headers of some languages are recognised. Without an amount column purchases are
        counted without money.
    quantity : str, optional
        Column with the number of pieces. Where the amount is by its name the price of one (`UnitPrice`, `price`), money is the product;
        else it is carried along.
    order_id : str, optional
        Column of orders, to carry along, and to tell the lines of one order.
    refunded : str, optional
        Column with money given back, which is taken off the amount.
    acquired : str, optional
        Column with the date on which the customer was won (the earliest one counts, where the rows of a customer differ); see
        `customers_acquired_after`.
    known : sequence of str
        Columns that say something of the customer, such as the channel of an order, to carry along under their own names; see
        `goodwill.lifetime_value.told_of_customers`.
    keep : sequence of str
        Which rows are meant: conditions such as "status=completed|shipped", "currency=EUR", "event_type=purchase", "date<=2024-12-31" or
        "amount<=5000", by the columns of the source or the names above, with one of the signs = != < <= > >=; "(blank)" is the empty value.
        "status=*" says that the column is meant as it stands, and nothing is asked about it.
    once : {"", "rows", "orders", "nothing"}
        What counts once: "rows" that are equal in every column, the amount of "orders" that stands on each of their lines, or "nothing";
        empty asks where it matters.
    date_format : str, optional
        `strptime` form of the dates, such as "%d/%m/%Y"; needed only when the whole column can be read in two ways.
    decimal, thousands : str, optional
        Marks inside numbers; needed only when the whole column can be read in two ways.
    missing : sequence of str
        Texts that mean "missing" beside the empty one, such as ["n/a"].
    amount_unit : str, optional
        Unit of the amounts, such as "万元" (every amount times 10,000), "thousand", "million".
    returns : {"net", "drop", "keep"}
        What becomes of negative rows. "net": they are netted into their day. A day with only negative rows is no purchase occasion;
        its money is subtracted from the customer's spend (after the first purchase: mean spend per repeat occasion is the sum of all
        money on days after the first purchase, returns included, over the number of repeat occasions; it may be negative, and nothing
        is cut off at zero); returns before the first purchase belong to purchases that the data do not show and touch nothing.
        A customer with only negative rows is no customer. "drop": negative rows are removed first: they touch neither frequency nor
        money. "keep": a negative row counts like any row: its day is a purchase occasion with that money.
    encoding : str, optional
        Encoding of a text file; otherwise UTF-8 (with or without mark), UTF-16 (with mark) and GB18030 are told apart.

    Returns
    -------
    Transactions
        With `.table`, `.audit`, `.to_pandas()`.

    Raises
    ------
    DataError
        What cannot be interpreted, with column, first offending rows, and the parameter that helps.
    Unclear
        What can be meant in several ways and matters (more than a hundredth of rows or money): all of it in one message, with the
        parameters that answer. What matters less is a line of the audit.

    Examples
    --------
    >>> read_transactions("cdnow_sample").table.count().execute()
    6919
    """
    columns = {"customer_id": customer_id, "date": date, "amount": amount, "quantity": quantity, "refunded": refunded}
    written = {"date_format": date_format, "decimal": decimal, "thousands": thousands, "amount_unit": amount_unit, "encoding": encoding}
    told = columns | {"order_id": order_id, "acquired": acquired} | written | {"returns": returns, "once": once or ""}
    lists = {"keep": as_list(keep), "missing": as_list(missing), "known": as_list(known)}
    return answered(lambda each: _read(source, **each), told | lists)


def _read(
    source: Any,
    *,
    keep: list[str],
    once: str,
    returns: str,
    missing: list[str],
    known: list[str],
    encoding: str | None,
    **told: str | None,
) -> Transactions:
    """`read_transactions` up to the first question."""
    if returns not in RETURNS:
        raise DataError(f"returns={returns!r}: choose one of {', '.join(RETURNS)}.")
    opened = open_source(source, encoding or None)
    columns = [c for c in opened.columns if c]
    roles = {role: told.get(role) for role in ROLES}
    built_in = isinstance(source, str) and source in BUILT_IN
    if built_in:
        roles = {role: name or (role if role in columns else None) for role, name in roles.items()}
    mapping = _mapping(opened, columns, roles)
    tokens = tuple(text for text in missing if text.strip())
    written: dict[str, Any] = {name: told[name] or None for name in ("date_format", "decimal", "thousands", "amount_unit")}
    options = Options(missing=tokens, **written)
    told_of: dict[str, Any] = {"keep": keep, "once": once, "where": opened.name, "is_sure": built_in, "known": known}
    about: dict[str, Any] = {"returns": returns, "source": opened.name, "fingerprint": opened.fingerprint}
    about["currency"] = "USD" if built_in else ""
    loaded = opened.load(columns)
    return check_transactions(loaded, what_is_meant(loaded.table, mapping, **told_of), options, **about)


def _mapping(opened: Source, columns: Sequence[str], roles: Mapping[str, str | None]) -> dict[str, str]:
    """Canonical names to columns; where they are not recognised, the message says where else in the file a table may be."""
    try:
        return match_columns(columns, roles, opened.name)
    except DataError as error:
        if not opened.note:
            raise
        raise DataError(f"{error} {opened.note}") from None


def check_table(source: Any, kind: str = "transactions", **columns: Any) -> Any:
    """The audit of a source, without anything else: what `goodwill check FILE --as transactions` prints.

    Parameters
    ----------
    source : as in `read_transactions`
    kind : what the table is read as
    **columns : as in `read_transactions`

    Returns
    -------
    DataFrame
        rule, rows, money, done.

    Raises
    ------
    DataError
        For another kind, and as `read_transactions`.

    Examples
    --------
    >>> check_table("cdnow_sample").set_index("rule").loc["zero amounts", "rows"].item()
    8
    """
    if kind != "transactions":
        raise DataError(f"There is no check for {kind!r}; use 'transactions'.")
    return read_transactions(source, **columns).audit


def lifetimes_file(name: str) -> Path:
    """A data file inside the installed lifetimes package, which is found but not imported.

    Parameters
    ----------
    name : of the file

    Raises
    ------
    DataError
        When lifetimes is not installed, or does not hold that file.

    Examples
    --------
    >>> lifetimes_file("cdnow_customers_summary.csv").name
    'cdnow_customers_summary.csv'
    """
    spec = importlib.util.find_spec("lifetimes")
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None
    if folder is None or not (folder / "datasets" / name).exists():
        raise DataError(f"The built-in data lie in the package lifetimes, which is not installed with {name}: pip install lifetimes.")
    return folder / "datasets" / name


def open_source(source: Any, encoding: str | None) -> Source:
    """The columns of a path, an address, a DataFrame, an Ibis table or a built-in set, and how to load them; no rows are read yet.

    Raises DataError for what cannot be read, with what can.

    >>> import pandas as pd
    >>> open_source(pd.DataFrame({"who": ["a"], "paid": [1.5]}), None).columns
    ('who', 'paid')
    """
    if isinstance(source, ibis.Table):
        columns = tuple(source.columns)
        return Source("Ibis table", columns, lambda wanted: Loaded(source.select(*wanted), False))
    if type(source).__module__.split(".")[0] == "pandas":
        return _open_frame(source)
    if isinstance(source, str) and source in BUILT_IN:
        return _open_built_in(source)
    if isinstance(source, str) and "://" in source:
        return _open_url(source)
    if isinstance(source, (str, Path)):
        with told_of(_short_name(str(source))):  # a path may be one that the system refuses even to look at
            return _open_path(str(source), encoding)
    raise DataError(f"A source of type {type(source).__name__} cannot be read; pass a path, a URL, a DataFrame or an Ibis table.")


def _open_path(text: str, encoding: str | None) -> Source:
    if not text.strip():
        raise DataError(f"No source is named; pass a path, or one of {', '.join(BUILT_IN)}.")
    name, _, table = text.rpartition("::") if "::" in text else (text, "", "")
    path = user_path(name)
    if path.is_dir():
        if parts_of(path):
            return _held(path, files.open_parquet)
        raise DataError(f"{name} is a folder without Parquet files; name a file in it.")
    if not path.exists():
        near = next((b for b in BUILT_IN if name.replace("-", "_").lower() == b), None)
        if shown(text) != text:
            raise DataError(f"{shown(text)} is no file; write the address of a database as scheme://user:password@host/database::table.")
        hint = f" Did you mean {near!r}?" if near else f" Built-in data sets: {', '.join(BUILT_IN)}."
        raise DataError(f"There is no file {name!r} (looked in {path.absolute().parent}).{hint}")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty.")
    return _held(path, lambda held: _open_file(held, table, encoding))


def _short_name(text: str, most: int = 80) -> str:
    """How a message calls a path: the name of the file, and of a long one its beginning."""
    name = Path(shown(text)).name or text
    name = "".join(sign if sign.isprintable() else "?" for sign in name)
    return name if len(name) <= most else f"{name[:most]}…"


def _held(path: Path, open_one: Callable[[Held], Source]) -> Source:
    """A source of one content: that of its fingerprint, from the first byte that decides how it is read to the last cell."""
    held = Held(path)
    with held.unchanged(), told_of(path.name):
        opened = open_one(held)

    def load(wanted: Sequence[str]) -> Loaded:
        with held.unchanged(), told_of(opened.name):
            return opened.load(wanted)

    return replace(opened, load=load, fingerprint=held.fingerprint)


def _open_file(held: Held, table: str, encoding: str | None) -> Source:
    path = held.path
    with path.open("rb") as f:
        head = f.read(16)
    suffix = path.suffix.lower()
    if head[:4] == b"PAR1":
        return files.open_parquet(held)
    if head[8:12] == b"DUCK":
        return files.open_duckdb(held, table or None)
    if head.startswith(b"SQLite format 3\0"):
        return files.open_sqlite(path, table or None)
    if suffix in files.EXCEL or is_workbook(path):
        return files.open_excel(path, table or None)
    if head[:4] in (b"$FL2", b"$FL3"):
        return open_spss(path)
    refuse_disguised(path)
    if suffix == ".xls":
        raise DataError(f"{path.name} is an old Excel workbook; save it as .xlsx or .csv.")
    if suffix in (".parquet", ".duckdb", *_SQLITE):
        raise DataError(f"{path.name} is not what its name says: its content is no {suffix[1:]} file.")
    if table:
        raise DataError(f"{path.name} is a text file and has no table {table!r}; leave out ::{table}.")
    return text_files.open_text(path, encoding)


def _open_url(text: str) -> Source:
    url, _, table = text.rpartition("::")
    address = read_address(text)
    if address is None:
        raise DataError("What stands before :// is no scheme; write the address as scheme://user:password@host/database::table.")
    engine = address.scheme
    if not url or not address.table:
        raise DataError(f"Name the table behind the address: {address}::TABLE.")
    if engine == "sqlite":
        if not address.is_clear:
            raise DataError(f"{address} is no address of a file; write it as sqlite:///folder/shop.db::TABLE.")
        return open_source(str(address).partition("://")[2], None)
    try:
        if engine == "pyspark":
            found = spark_table(url, table)
        else:
            database, _, name = table.rpartition(".")
            found = ibis.connect(url).table(name, database=database or None)
    except ImportError:
        wanted = f"goodwill[{_EXTRAS[engine]}]" if engine in _EXTRAS else f"ibis-framework[{engine}]"
        raise DataError(f"The packages that open {address} are not installed: pip install '{wanted}'.") from None
    except Exception as error:  # every driver has its own kinds
        raise DataError(f"{address} cannot be opened ({_reason(error, address, text)}).") from None
    return Source(str(address), check_header(found.columns, str(address)), lambda wanted: Loaded(found.select(*wanted), False))


def _reason(error: Exception, address: Address, text: str) -> str:
    """What a driver says, without the secrets; where the address can be read in two ways even its fragments could be one."""
    if not address.is_clear:
        return f"{type(error).__name__}: write the signs / ? # @ : [ ] in a user name or a password as %2F %3F %23 %40 %3A %5B %5D"
    first = str(error).splitlines()[0] if str(error) else "no reason given"
    return f"{type(error).__name__}: {scrub(first, (*secrets_in([text]), *secrets_around(os.environ)))}"


def _open_frame(frame: Any) -> Source:
    if not hasattr(frame, "columns"):
        raise DataError("Pass a DataFrame, not a Series.")
    columns = check_header([str(c) for c in frame.columns], "The DataFrame")
    if not len(frame):
        raise DataError("The DataFrame has no rows.")

    def load(wanted: Sequence[str]) -> Loaded:
        cells, facts = {}, []
        for name in wanted:
            series = frame.iloc[:, columns.index(name)]
            cells[name], zone = _arrow_of_series(series)
            if zone:
                facts.append(Fact("time zones", len(series), f"column {name!r} is in {zone}: the date on the clock there is kept"))
        return Loaded(files.store(files.connect(), files.arrow_table(cells, 0)), True, tuple(facts))

    return Source("DataFrame", columns, load, _frame_hash(frame))


def _arrow_of_series(series: Any) -> tuple[pa.Array, str]:
    """A column as Arrow, and the time zone that was taken off."""
    import pandas as pd

    zone = ""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        zone, series = str(series.dt.tz), series.dt.tz_localize(None)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if isinstance(series.dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    if series.dtype == object:
        return files.arrow_column([None if v is None or v is pd.NaT or v is pd.NA else v for v in series.tolist()]), zone
    array = pa.Array.from_pandas(series)
    return (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array), zone


def _frame_hash(frame: Any) -> str:
    """SHA-256 of names, types and values."""
    import pandas as pd

    digest = hashlib.sha256(repr([(str(c), str(t)) for c, t in zip(frame.columns, frame.dtypes, strict=True)]).encode())
    for position in range(frame.shape[1]):
        series = frame.iloc[:, position]
        try:
            digest.update(pd.util.hash_pandas_object(series, index=False).to_numpy().tobytes())
        except TypeError:  # cells that cannot be hashed, such as lists
            digest.update(repr(series.tolist()).encode())
    return digest.hexdigest()


def _open_built_in(name: str) -> Source:
    """The CDNOW records as they lie in the lifetimes package: blanks between fields, one file with a header and one without."""
    path = lifetimes_file("CDNOW_master.txt" if name == "cdnow" else "CDNOW_sample.txt")

    def load(wanted: Sequence[str]) -> Loaded:
        lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
        rows = lines[1:] if name == "cdnow" else [(r[0], *r[2:]) for r in lines]
        cells = {
            c: pa.array(v, pa.string()) for c, v in zip(("customer_id", "date", "quantity", "amount"), zip(*rows, strict=True), strict=True)
        }
        table = files.arrow_table({c: cells[c] for c in wanted}, 2 if name == "cdnow" else 1)
        return Loaded(files.store(files.connect(), table), True, (Fact("encoding", None, "plain ASCII (fits UTF-8)"),))

    return Source(name, ("customer_id", "date", "quantity", "amount"), load, file_hash(path))
