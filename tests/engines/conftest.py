"""The three engines that must agree, each with a way to hold a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engines.postgres import server

from goodwill.data.reading.files import connect, store
from goodwill.data.reading.spark import spark_table

# Small data: one partition, and no second plan while a query runs.
SETTINGS = "spark.master=local[2]&spark.sql.shuffle.partitions=1&spark.sql.adaptive.enabled=false"


@dataclass(frozen=True)
class Engine:
    """A name, a connection, and where files for it may lie."""

    name: str
    con: Any
    folder: Path

    def hold(self, rows: pa.Table, name: str = "orders") -> ibis.Table:
        """Put rows into the engine, in place of what had that name."""
        if self.name == "duckdb":
            return store(connect(), rows, name)
        if self.name == "spark":
            path = self.folder / f"{name}-{len(list(self.folder.iterdir()))}"
            path.mkdir()
            pq.write_table(rows, path / "part-0.parquet")
            return spark_table(f"pyspark://{self.folder}/warehouse?{SETTINGS}", str(path))
        self.con.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
        return self.con.create_table(name, ibis.memtable(rows))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def duckdb_engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine("duckdb", None, tmp_path_factory.mktemp("duckdb"))


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    con = ibis.connect(postgres_url)
    yield Engine("postgres", con, tmp_path_factory.mktemp("postgres"))
    con.disconnect()


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("spark")
    yield Engine("spark", None, folder)
    from pyspark.sql import SparkSession

    if session := SparkSession.getActiveSession():
        session.stop()


@pytest.fixture(params=["postgres", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine other than the embedded one, which the others are compared with."""
    return request.getfixturevalue(f"{request.param}_engine")
