"""The lifetime-value notebook, unchanged, on a table of PostgreSQL, on a table of Spark's catalog and on Parquet that Spark reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import ibis
import pyarrow.parquet as pq
import pytest
from tests.engines.conftest import SETTINGS

from goodwill.data.reading.sources import read_transactions

pytestmark = pytest.mark.engines
GOODWILL = Path(sys.executable).with_name("goodwill")
SAVE = """
import sys
from pyspark.sql import SparkSession
from goodwill.data.reading.spark import spark_table
spark_table(sys.argv[1], sys.argv[2])
SparkSession.getActiveSession().read.parquet(sys.argv[2]).write.saveAsTable("orders")
"""


def run(data: str, folder: Path) -> dict[str, Any]:
    """The recorded results of a report on these data."""
    command = [str(GOODWILL), "run", "customer_lifetime_value", "-p", "data", data, "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder.parent)  # where Derby writes its log
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text("utf8"))


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "orders.parquet"
    pq.write_table(read_transactions("cdnow_sample").table.to_pyarrow(), path)
    return path


@pytest.fixture(scope="module")
def wanted(parquet: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results of the embedded engine."""
    return run(str(parquet), tmp_path_factory.mktemp("duckdb") / "report")


@pytest.fixture(params=["postgres", "spark_catalog", "spark_parquet"])
def address(request: pytest.FixtureRequest, parquet: Path, tmp_path: Path) -> str:
    if request.param == "spark_parquet":
        return f"pyspark://?{SETTINGS}::{parquet}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        con = ibis.connect(url)
        con.raw_sql("DROP SCHEMA IF EXISTS shop CASCADE")
        con.raw_sql("CREATE SCHEMA shop")
        con.create_table("orders", ibis.memtable(pq.read_table(parquet)), database="shop")
        con.disconnect()
        return f"{url}::shop.orders"
    catalog = f"spark.hadoop.javax.jdo.option.ConnectionURL=jdbc:derby:;databaseName={tmp_path}/metastore;create=true"
    url = f"pyspark://{tmp_path}/warehouse?{SETTINGS}&spark.sql.catalogImplementation=hive&{catalog}"
    subprocess.run([sys.executable, "-c", SAVE, url, str(parquet)], check=True, cwd=tmp_path, capture_output=True)
    return f"{url}::orders"


def test_the_notebook_runs_unchanged_with_equal_results(address: str, wanted: dict[str, Any], tmp_path: Path) -> None:
    found = run(address, tmp_path / "report")
    assert found.keys() == wanted.keys()
    for name, result in wanted.items():
        assert _numbers(found[name]) == pytest.approx(_numbers(result), rel=1e-9), name
        assert isinstance(result.get("value"), (int, float)) or name == "data" or found[name]["value"] == result["value"], name


def _numbers(result: dict[str, Any]) -> list[float]:
    """Value and interval of a result, as far as they are numbers."""
    shown = [result.get("value"), *(result.get("interval") or [])]
    return [float(v) for v in shown if isinstance(v, (int, float)) and not isinstance(v, bool)]
