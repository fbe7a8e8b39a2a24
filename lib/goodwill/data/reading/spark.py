"""Tables that Spark holds: `pyspark://WAREHOUSE?SETTINGS::TABLE`, read where they are."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import ibis

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Of a session of our own on this machine: nothing listens beyond the loopback, and no progress bars in a report.
_ALONE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
_NOT_PLAIN = re.compile(r"[\\*?\[\]{}]")  # Spark reads these as patterns
_QUIET = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}


def spark_table(url: str, table: str) -> ibis.Table:
    """A table of Spark.

    Parameters
    ----------
    url : str
        `pyspark://`, then (optional) the folder of the warehouse, then (optional) `?` and settings of Spark joined by `&`, such as
        `pyspark:///srv/warehouse?spark.master=local[4]&spark.sql.catalogImplementation=hive`. What is not told comes from Spark's own
        configuration, and without any it runs on this machine. A running session is used as it is.
    table : str
        A table of the catalog (`orders`, `shop.orders`), or the address of Parquet files: what holds a slash, such as
        `/data/orders` or `s3a://bucket/orders`.
    """
    try:
        with _unheard():
            session = _session(url)
    except Exception as error:  # of Java or of Spark
        if "JAVA_GATEWAY" in str(error):
            raise RuntimeError("Java did not start: Spark needs Java 17 on the path or in JAVA_HOME") from None
        raise
    con = ibis.pyspark.connect(session)
    if "/" in table:
        return con.read_parquet(_NOT_PLAIN.sub(r"\\\g<0>", table))
    database, _, name = table.rpartition(".")
    return con.table(name, database=database or None)


def _session(url: str) -> SparkSession:
    """The running session, else one with the settings of the address."""
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    if running := SparkSession.getActiveSession():
        return running
    parts = urlsplit(url)
    told: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if folder := parts.netloc + parts.path:
        told["spark.sql.warehouse.dir"] = folder
    conf = SparkConf().setAll(list(told.items()))
    if conf.get("spark.master", "local[*]").startswith("local"):
        told = _ALONE | {"spark.master": "local[*]"} | told
    for key, value in (_QUIET | told).items():
        conf.setIfMissing(key, value)
    return SparkSession.builder.config(conf=conf).getOrCreate()


@contextmanager
def _unheard() -> Iterator[None]:
    """What Java says on standard error while it starts goes nowhere, not into the report; its failures are raised in Python."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
