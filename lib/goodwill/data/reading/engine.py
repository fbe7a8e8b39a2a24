"""Our DuckDB: it reads files where they lie, and gives nothing that was read from two contents of one file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from weakref import finalize

import ibis
import ibis.backends.duckdb as duckdb
import pyarrow as pa
from ibis.util import gen_name

from goodwill.data.held import Held
from goodwill.data.reading.foreign import told_of


class Engine(duckdb.Backend):
    """Ibis's DuckDB, whose results are checked against the file that it leaves where it is (`held`), before and after each."""

    held: Held | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._left: list[str] = []  # tables whose owners are gone

    def kept_for(self, owner: Any, rows: ibis.Table) -> ibis.Table:
        """What an expression gives as a table of the engine, for as long as its owner lives.

        It is dropped by the next call: when an owner goes is not known, and another result may be on its way then.
        """
        while self._left:
            self.con.execute(f"DROP TABLE {self._left.pop()}")
        name = gen_name("kept")
        table = self.create_table(name, rows, temp=True)
        finalize(owner, self._left.append, name)
        return table

    def execute(self, *expr: Any, **options: Any) -> Any:
        """As Ibis has it."""
        with self.of_one_content():
            return super().execute(*expr, **options)

    def to_pyarrow(self, *expr: Any, **options: Any) -> Any:
        """As Ibis has it."""
        with self.of_one_content():
            return super().to_pyarrow(*expr, **options)

    def to_pyarrow_batches(self, *expr: Any, **options: Any) -> Any:
        """As Ibis has it; the last check comes after the last batch."""
        with self.of_one_content():
            reader = super().to_pyarrow_batches(*expr, **options)
        return pa.RecordBatchReader.from_batches(reader.schema, self._checked(reader)) if self.held else reader

    def to_parquet(self, *where: Any, **options: Any) -> None:
        """As Ibis has it."""
        with self.of_one_content():
            super().to_parquet(*where, **options)

    def create_table(self, *name: Any, **options: Any) -> Any:
        """As Ibis has it."""
        with self.of_one_content():
            return super().create_table(*name, **options)

    def _checked(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        with self.of_one_content():
            yield from reader

    def of_one_content(self) -> AbstractContextManager[None]:
        """What is read inside is of one content of the file that is held, or an error says that it changed."""
        return _one_content(self.held) if self.held else nullcontext()


@contextmanager
def _one_content(held: Held) -> Iterator[None]:
    with held.unchanged(), told_of(held.path.name):
        yield
