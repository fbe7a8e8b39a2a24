"""Where scores go and where earlier ones stand: a CSV, a Parquet file, or a table of a database."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodwill.data.reading.addresses import scrub, secrets_around, secrets_in, shown
from goodwill.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

FILES = (".csv", ".parquet")
SQLITE = (".sqlite", ".sqlite3", ".db")
MARK = {"customer_id", "probability_alive", "expected_purchases"}  # columns by which a table is known as scores


def check_place(to: str) -> None:
    """Refuse what is no place for scores, before anything is computed.

    Raises
    ------
    DataError
        For another ending, a folder that is not there, or a file that holds something else.
    """
    path, _, table = to.rpartition("::") if "::" in to else (to, "", "")
    if table and "://" in path:
        return  # what stands there is seen when it is opened
    if table and Path(path).suffix not in (".duckdb", *SQLITE):
        raise DataError(
            f"{shown(to)}: a table of scores goes to a .duckdb or .sqlite file, or to an address such as postgres://…/shop::{table}."
        )
    if not table and Path(path).suffix not in FILES:
        raise DataError(f"{shown(to)}: scores go to a path that ends in .csv or .parquet, or to DATABASE::TABLE.")
    if not Path(path).absolute().parent.is_dir():
        raise DataError(f"{path}: there is no folder {Path(path).absolute().parent}; make it first.")
    if not table and Path(path).exists() and not set(_columns(Path(path))) >= MARK:
        raise DataError(f"{path} was not written by a scoring and would be lost; name another file, or remove it yourself.")


def read_scores(place: str) -> pd.DataFrame:
    """Scores written earlier, with the customer id (as text) as index.

    Raises
    ------
    DataError
        When they cannot be read, or are no scores.
    """
    import pandas as pd

    try:
        if "::" in place:
            with _opened(place) as (con, table):
                frame = (
                    pd.read_sql(f'SELECT * FROM "{table}"', con) if isinstance(con, sqlite3.Connection) else con.table(table).to_pandas()
                )
        elif place.endswith(".parquet"):
            frame = pd.read_parquet(place)
        else:
            frame = pd.read_csv(place, dtype={"customer_id": str, "segment": str}, keep_default_na=True)
    except DataError:
        raise
    except Exception as error:  # every reader has its own kinds
        raise DataError(f"{shown(place)} cannot be read as earlier scores ({_reason(error, place)}).") from None
    if not set(frame.columns) >= MARK:
        raise DataError(f"{shown(place)} holds no scores: it has no column {min(MARK - set(frame.columns))}.")
    return frame.assign(customer_id=frame["customer_id"].astype(str)).set_index("customer_id")


def deliver(fresh: Path, to: str) -> None:
    """Put a Parquet file of scores where it belongs, in place of the earlier ones there; it replaces them whole or not at all."""
    if "::" in to:
        _to_table(fresh, to)
        return
    if to.endswith(".csv"):
        import duckdb

        beside = fresh.with_suffix(".csv")
        with duckdb.connect() as con:
            con.read_parquet(str(fresh)).to_csv(str(beside))
        fresh = beside
    fresh.replace(to)


def _to_table(fresh: Path, to: str) -> None:
    import pyarrow.parquet as pq

    from goodwill.lifetime_value.scoring import write_table

    try:
        with _opened(to) as (con, table):
            if isinstance(con, sqlite3.Connection):
                _to_sqlite(fresh, con, table)
            else:
                import ibis

                write_table(ibis.memtable(pq.read_table(fresh)), table, con)
    except DataError:
        raise
    except Exception as error:  # every driver has its own kinds
        raise DataError(f"{shown(to)} cannot be written ({_reason(error, to)}).") from None


def _to_sqlite(fresh: Path, con: sqlite3.Connection, table: str) -> None:
    import pandas as pd

    standing = [row[1] for row in con.execute(f'PRAGMA table_info("{table}")')]
    if standing and not set(standing) >= MARK:
        raise DataError(f"the table {table!r} was not written by a scoring and would be lost; name another one, or drop it yourself.")
    with con:
        pd.read_parquet(fresh).to_sql(table, con, if_exists="replace", index=False)


@contextmanager
def _opened(place: str) -> Iterator[tuple[Any, str]]:
    """The connection and the table of `DATABASE::TABLE`."""
    import ibis

    path, _, table = place.rpartition("::")
    if not path or not table or '"' in table:
        raise DataError(f"{shown(place)}: name the table behind the database, as DATABASE::TABLE.")
    if "://" not in path and Path(path).suffix in SQLITE:
        with closing(sqlite3.connect(path)) as con:
            yield con, table
        return
    found = ibis.connect(path) if "://" in path else ibis.duckdb.connect(path)
    try:
        yield found, table
    finally:
        found.disconnect()


def _columns(path: Path) -> list[str]:
    import pandas as pd
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names if path.suffix == ".parquet" else pd.read_csv(path, nrows=0).columns)
    except Exception:  # whatever it is, it is not ours
        return []


def _reason(error: Exception, place: str) -> str:
    first = str(error).splitlines()[0] if str(error) else "no reason given"
    return f"{type(error).__name__}: {scrub(first, (*secrets_in([place]), *secrets_around(os.environ)))}"
